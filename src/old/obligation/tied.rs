//! What hangs on a derived context: whether any of it outlives the function that derives it.

use super::{Acquired, Engine};
use crate::models::ContextOp;
use crate::old::ir::{Body, Call, Callee, FuncIdx, LocalId, OpKind, Operand, Place, Sym, Term, Ty};
use crate::old::lifetime::guards::is_context;
use crate::old::program::{DeclId, FnId, SiteHow, Target, functions};
use rustc_hash::FxHashSet;

/// Predeclared types whose values hang on nothing.
const PLAIN: [&str; 13] =
    ["bool", "byte", "error", "float64", "int", "int32", "int64", "rune", "string", "uint", "uint32", "uint64", "uint8"];

/// The locals of a declaration that hold the context or something made with it.
struct Tied<'e, 'p> {
    engine: &'e Engine<'p>,
    decl: DeclId,
    body: &'p Body,
    locals: FxHashSet<LocalId>,
}

impl Engine<'_> {
    /// Whether the function gives the derived context itself away: to end it with the function would break what others do with it.
    #[must_use]
    pub fn gives_context(&self, acquired: &Acquired) -> bool {
        let Some((body, func)) = self.package.func(acquired.id) else { return true };
        let is =
            |v: &Operand| v.place().is_some_and(|p| is_context(self.package, &self.package.ty_of(acquired.id.decl, body, p)));
        func.blocks.iter().any(|b| matches!(&b.term, Term::Return(values) if values.iter().any(is)))
    }

    /// Whether nothing that hangs on the derived context is left when the function returns: ending the context there changes nothing.
    #[must_use]
    pub fn context_stays(&self, acquired: &Acquired) -> bool {
        let Some(ContextOp::Derive { result, .. }) = acquired.model.context else { return false };
        let derived = acquired.call.results.get(result as usize).cloned().flatten();
        let Some(derived) = derived.as_ref().and_then(Place::as_local) else { return false };
        let Some(body) = self.package.body(acquired.id.decl) else { return false };
        let mut tied =
            Tied { engine: self, decl: acquired.id.decl, body, locals: std::iter::once(derived).collect::<FxHashSet<_>>() };
        loop {
            let before = tied.locals.len();
            if !tied.pass(acquired.id) {
                return false;
            }
            if tied.locals.len() == before {
                return true;
            }
        }
    }
}

impl Tied<'_, '_> {
    fn is(&self, place: &Place) -> bool {
        place.root_local().is_some_and(|l| self.locals.contains(&l))
    }

    fn holds(&self, value: &Operand) -> bool {
        match value {
            Operand::Place(p) => self.is(p),
            Operand::Func(lit) => self.named_in(*lit),
            _ => false,
        }
    }

    fn named_in(&self, lit: FuncIdx) -> bool {
        functions(self.decl, self.body).filter(|(id, _)| self.body.is_inside(id.func, lit)).any(|(_, func)| {
            func.ops().any(|(_, _, op)| match &op.kind {
                OpKind::Call(call) | OpKind::Spawn(call) | OpKind::Defer(call) => self.takes(call),
                OpKind::Assign { src, .. } => self.holds(src),
                OpKind::Send { value, .. } => self.holds(value),
                OpKind::Recv { ch, .. } => self.is(ch),
                _ => false,
            }) || func.blocks.iter().any(|b| matches!(&b.term, Term::Return(values) if values.iter().any(|v| self.holds(v))))
        })
    }

    fn takes(&self, call: &Call) -> bool {
        let callee = match &call.callee {
            Callee::Method { recv, .. } | Callee::Value(recv) => self.is(recv),
            Callee::Lit(lit) => self.named_in(*lit),
            _ => false,
        };
        callee || call.args.iter().any(|a| self.holds(a))
    }

    /// Learns what else hangs on the context; false where some of it leaves the function.
    fn pass(&mut self, owner: FnId) -> bool {
        for (id, func) in functions(self.decl, self.body) {
            for (_, _, op) in func.ops() {
                let stays = match &op.kind {
                    OpKind::Assign { dst, src } if self.holds(src) => self.learn(dst),
                    OpKind::Send { value, .. } => !self.holds(value),
                    OpKind::Spawn(call) => !self.takes(call),
                    OpKind::Call(call) if self.takes(call) => self.handed(call),
                    _ => true,
                };
                if !stays {
                    return false;
                }
            }
            let returned = func.blocks.iter().any(|b| match &b.term {
                Term::Return(values) => values.iter().any(|v| self.holds(v)),
                _ => false,
            });
            if returned && id == owner {
                return false;
            }
        }
        true
    }

    fn learn(&mut self, dst: &Place) -> bool {
        match dst.as_local() {
            Some(local) if self.is_plain(&self.engine.package().local_type(self.decl, self.body, local)) => true,
            Some(local) => {
                self.locals.insert(local);
                true
            }
            // A part of a value that is this function's own.
            None => match dst.root_local() {
                Some(local) if self.body.local(local).kind == crate::old::ir::LocalKind::Temp => {
                    self.locals.insert(local);
                    true
                }
                _ => false,
            },
        }
    }

    /// A call that takes the context, or what was made with it: whether it keeps none of it.
    fn handed(&mut self, call: &Call) -> bool {
        let package = self.engine.package();
        let keeps = match package.resolve(self.decl, call) {
            Target::Model(model, _) => model.starts.is_some() || !model.stores.is_empty(),
            Target::Func(id) => {
                let Some((_, func)) = package.func(id) else { return false };
                func.ops().any(|(_, _, op)| matches!(op.kind, OpKind::Spawn(_)))
            }
            Target::Conversion => false,
            Target::Outside(_) | Target::Dynamic(_) | Target::Unknown => true,
        };
        let literals = (0..call.args.len()).filter(|i| matches!(call.args[*i], Operand::Func(_)) && self.holds(&call.args[*i]));
        let runs_now = |i: usize| package.argument_use(self.decl, call, i) == Some(SiteHow::Call);
        if keeps || literals.into_iter().any(|i| !runs_now(i)) {
            return false;
        }
        call.results.iter().flatten().cloned().collect::<Vec<_>>().iter().all(|r| self.learn(r))
    }

    fn is_plain(&self, ty: &Ty) -> bool {
        let plain = |name: &Sym| PLAIN.contains(&name.as_str()) && self.engine.package().named(*name).is_empty();
        match ty {
            Ty::Named { path: None, name } => plain(name),
            Ty::Seq(inner) => self.is_plain(inner),
            _ => false,
        }
    }
}
