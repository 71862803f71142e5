//! What is known of the request whose answer is held.

use super::{Acquired, Engine};
use crate::models::Bound;
use crate::old::flow::Cfg;
use crate::old::ir::{BlockId, Call, Callee, Def, LocalId, Op, OpKind, Operand, Place, Root, Ty};
use crate::old::program::{DeclId, FnId, Frame, Origin, Package, Source, Target};

/// A request that was made further up than this is not looked for.
const MAX_BLOCKS: usize = 16;

/// The call that made the request, where it stands in the same declaration.
fn made(package: &Package, id: FnId, request: &Place) -> Option<(Box<Call>, Option<u8>)> {
    match package.origin(&Frame::root(id), request) {
        Origin::Call { frame, call, target: Target::Model(model, _), .. } if frame.id.decl == id.decl => {
            Some((call, model.binds))
        }
        _ => None,
    }
}

/// The call that gave the request last before it is used, where the same statements always come before: by a library, or by a function that is
/// told what to ask for.
fn last_made(package: &Package, acquired: &Acquired, request: &Place) -> Option<Call> {
    let cfg = Cfg::new(package, acquired.id)?;
    let live = cfg.reachable(BlockId(0));
    let mut request = request.clone();
    let (mut block, mut upto) = (acquired.block, acquired.op);
    for _ in 0..MAX_BLOCKS {
        for op in cfg.func.block(block).ops[..upto].iter().rev() {
            match &op.kind {
                OpKind::Call(call) if call.results.iter().flatten().any(|r| *r == request) => return Some((**call).clone()),
                OpKind::Assign { dst, src } if *dst == request => request = src.place()?.clone(),
                _ => {}
            }
        }
        let mut before = cfg.preds(block).iter().copied().filter(|b| live[b.at()]);
        let (Some(one), None) = (before.next(), before.next()) else { return None };
        (block, upto) = (one, cfg.func.block(one).ops.len());
    }
    None
}

/// The context that a request was made with.
pub(super) fn context_of(package: &Package, id: FnId, request: &Place) -> Option<Place> {
    let (call, binds) = made(package, id, request)?;
    call.args.get(binds? as usize)?.place().cloned()
}

impl Engine<'_> {
    /// Whether the request asks for the head alone: its answer has no body.
    #[must_use]
    pub fn asks_for_head(&self, acquired: &Acquired) -> bool {
        let Some(Bound::Request(i)) = acquired.model.blocks.as_ref().map(|b| b.bound) else { return false };
        let Some(request) = acquired.call.args.get(i as usize).and_then(Operand::place) else { return false };
        let last = || last_made(self.package, acquired, request);
        let Some(call) = made(self.package, acquired.id, request).map(|(call, _)| *call).or_else(last) else { return false };
        call.args.iter().any(|a| match a {
            Operand::Str(text) => text == "\"HEAD\"",
            Operand::Place(p) => matches!(p.root, Root::Import(path, name) if path == "net/http" && name == "MethodHead"),
            _ => false,
        })
    }

    /// Whether a test asks a `RoundTripper` of which no network is seen: its answer may well be made by the test, without a body.
    #[must_use]
    pub fn may_be_made_up(&self, acquired: &Acquired) -> bool {
        let Callee::Method { recv, name } = &acquired.call.callee else { return false };
        if *name != "RoundTrip" || !self.package.is_in_test(acquired.id) {
            return false;
        }
        let Some(body) = self.package.body(acquired.id.decl) else { return true };
        let ty = self.package.ty_of(acquired.id.decl, body, recv);
        let real = |ty: &Ty| match ty {
            Ty::Ptr(inner) => self.package.is_type(inner, "net/http", "Transport"),
            ty => self.package.is_type(ty, "net/http", "Transport"),
        };
        let by_default = |source: &Source| matches!(source.origin, Origin::Import(path, _) if path == "net/http");
        !real(&ty) && !self.package.sources(&Frame::root(acquired.id), &Operand::Place(recv.clone())).iter().all(by_default)
    }

    /// Whether a test has servers of its own, and none of their handlers writes a body: there is nothing to close in what they answer.
    #[must_use]
    pub fn is_answered_emptily(&self, acquired: &Acquired) -> bool {
        let decl = acquired.id.decl;
        let Some(body) = self.package.body(decl).filter(|_| self.package.is_in_test(acquired.id)) else { return false };
        let is_writer = |p: &LocalId| match &body.local(*p).def {
            Def::Typed(ty) => self.package.type_kind(ty).is_some_and(|k| k == "responsewriter"),
            _ => false,
        };
        let writers: Vec<LocalId> = body.funcs.iter().flat_map(|f| f.params.iter().copied()).filter(is_writer).collect();
        !writers.is_empty()
            && !body.funcs.iter().flat_map(crate::old::ir::Func::ops).any(|(.., op)| self.may_write(decl, op, &writers))
    }

    /// Whether an operation may put something into an answer's body: it does more than set its head.
    fn may_write(&self, decl: DeclId, op: &Op, writers: &[LocalId]) -> bool {
        let is_writer = |p: &Place| p.root_local().is_some_and(|l| writers.contains(&l));
        let holds = |value: &Operand| value.place().is_some_and(is_writer);
        match &op.kind {
            OpKind::Call(call) | OpKind::Defer(call) | OpKind::Spawn(call) => {
                let on_it = match &call.callee {
                    Callee::Method { recv, name } if is_writer(recv) => !matches!(name.as_str(), "Header" | "WriteHeader"),
                    _ => false,
                };
                let sets_head = || match self.package.resolve(decl, call) {
                    Target::Model(_, o) | Target::Outside(o) => o.name == "SetCookie",
                    Target::Func(f) => self.package.decl(f.decl).names.first().is_some_and(|n| n == "SetCookie"),
                    _ => false,
                };
                on_it || call.args.iter().any(holds) && !sets_head()
            }
            OpKind::Assign { src, .. } | OpKind::Send { value: src, .. } => holds(src),
            _ => false,
        }
    }

    /// Whether the receiver of the acquiring call is of a kind that the models name.
    #[must_use]
    pub fn comes_from(&self, acquired: &Acquired, kind: &str) -> bool {
        let Callee::Method { recv, .. } = &acquired.call.callee else { return false };
        let Some(body) = self.package.body(acquired.id.decl) else { return false };
        self.package.type_kind(&self.package.ty_of(acquired.id.decl, body, recv)).is_some_and(|k| k == kind)
    }
}
