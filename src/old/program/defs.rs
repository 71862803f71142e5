//! What is written to each local of a declaration: the base of following values back to where they come from.

use crate::old::ir::{Body, Comm, LocalId, LocalKind, OpKind, Operand, Place, Term};
use smallvec::SmallVec;

/// Values written to a whole local (not to a field of it), per local.
pub(crate) struct Defs {
    writes: Vec<SmallVec<[Written; 1]>>,
}

/// One write to a local.
#[derive(Clone, Debug, PartialEq)]
pub enum Written {
    /// An operand.
    Value(Operand),
    /// A new channel.
    Chan,
    /// A result of a call, received, or ranged over: the local's definition says which.
    Other,
}

impl Defs {
    pub(crate) fn new(body: &Body) -> Self {
        let mut writes: Vec<SmallVec<[Written; 1]>> = vec![SmallVec::new(); body.locals.len()];
        let mut add = |place: &Place, written: Written| {
            if let Some(id) = place.as_local() {
                writes[id.at()].push(written);
            }
        };
        for func in &body.funcs {
            for (_, _, op) in func.ops() {
                match &op.kind {
                    OpKind::Assign { dst, src } => add(dst, Written::Value(src.clone())),
                    OpKind::MakeChan { dst, .. } => add(dst, Written::Chan),
                    OpKind::Call(call) => call.results.iter().flatten().for_each(|r| add(r, Written::Other)),
                    OpKind::Recv { dst, ok, .. } => dst.iter().chain(ok).for_each(|p| add(p, Written::Other)),
                    OpKind::Spawn(_) | OpKind::Defer(_) | OpKind::Send { .. } | OpKind::Close { .. } => {}
                }
            }
            for block in &func.blocks {
                let Term::Select { cases, .. } = &block.term else { continue };
                for case in cases {
                    if let Comm::Recv { dst, ok, .. } = &case.comm {
                        dst.iter().chain(ok).for_each(|p| add(p, Written::Other));
                    }
                }
            }
        }
        Self { writes }
    }

    /// Everything written to the local, in the order of the text.
    pub(crate) fn writes(&self, id: LocalId) -> &[Written] {
        self.writes.get(id.at()).map_or(&[], |w| w.as_slice())
    }

    /// The one value that the local ever holds beside nil: a parameter is never one.
    pub(crate) fn single<'b>(&'b self, body: &Body, id: LocalId) -> Option<&'b Written> {
        if !matches!(body.local(id).kind, LocalKind::Var | LocalKind::Temp | LocalKind::Result(_)) {
            return None;
        }
        let mut real = self.writes(id).iter().filter(|w| !matches!(w, Written::Value(Operand::Nil)));
        let first = real.next()?;
        real.next().is_none().then_some(first)
    }

    /// Whether the local is only ever nil: declared and never given a value.
    pub(crate) fn always_nil(&self, body: &Body, id: LocalId) -> bool {
        let writes = self.writes(id);
        body.local(id).kind == LocalKind::Var
            && !writes.is_empty()
            && writes.iter().all(|w| matches!(w, Written::Value(Operand::Nil)))
    }
}
