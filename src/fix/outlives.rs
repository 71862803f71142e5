//! Whether a resource, or a value that was made with it, can still be in use after the function that releases it has returned.
//!
//! A fix that releases a resource when its function returns breaks working code where the caller goes on with something that reads from the
//! resource: a decoder over a body, the channel of a ticker, a client over a connection. The answer here errs on one side only: whatever
//! cannot be followed counts as outliving the function.

use crate::old::ir::{
    Body, Call, Callee, Comm, Def, FuncIdx, LocalId, LocalKind, LoopKind, OpKind, Operand, Place, Root, Sym, Term, Ty,
};
use crate::old::program::{FnId, Package, SiteHow, Target, functions};
use crate::source::Span;
use rustc_hash::FxHashSet;

/// Predeclared types whose values hold no resource.
const PLAIN: [&str; 13] =
    ["bool", "byte", "error", "float64", "int", "int32", "int64", "rune", "string", "uint", "uint32", "uint64", "uint8"];

/// Predeclared functions that keep nothing of their arguments. `append` is lowered to assignments.
const BUILTIN: [&str; 12] =
    ["len", "cap", "copy", "delete", "print", "println", "min", "max", "close", "clear", "panic", "recover"];

/// Packages whose functions without a result only print what they are given.
const PRINTING: [&str; 5] = ["fmt", "log", "log/slog", "testing", "net/http"];

/// Packages whose types keep what they are given, whatever the results say.
const KEEPING: [&str; 6] = ["sync", "sync/atomic", "container/list", "container/heap", "container/ring", "expvar"];

/// How many calls deep a value is followed.
const DEPTH: u8 = 3;

/// What counts as holding the resource.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Values that can refer to it; numbers, strings and errors cannot.
    Values,
    /// Texts and numbers too: the address of a listener is of no use once the listener is closed.
    Texts,
}

/// Whether something that holds one of the seeds, which the call `made` gave, or was made with one, can be used after `owner` has returned.
#[must_use]
pub fn outlives(package: &Package, owner: FnId, made: Span, seeds: &[Place], held: Held) -> bool {
    let locals: Option<FxHashSet<LocalId>> = seeds.iter().map(Place::as_local).collect();
    let Some((locals, body)) = locals.zip(package.body(owner.decl)) else { return true };
    let mut flow = Flow { package, owner, body, locals, held, given_back: false, depth: 0, made: Some(made) };
    // A driver may let such bytes point into its own memory until the rows are closed.
    let raw = |l: usize| {
        package.is_type(
            &package.local_type(owner.decl, body, LocalId(u32::try_from(l).unwrap_or(u32::MAX))),
            "database/sql",
            "RawBytes",
        )
    };
    (0..body.locals.len()).any(raw) || flow.escapes()
}

/// The locals of a declaration that hold the resource or something made with it.
struct Flow<'p> {
    package: &'p Package,
    /// The function at whose end the resource is released.
    owner: FnId,
    body: &'p Body,
    locals: FxHashSet<LocalId>,
    held: Held,
    /// What is returned goes to a caller that is followed too.
    given_back: bool,
    depth: u8,
    /// The call that gave the resource; none where it came as an argument.
    made: Option<Span>,
}

impl Flow<'_> {
    /// Follows the values until nothing new holds the resource.
    fn escapes(&mut self) -> bool {
        loop {
            let before = self.locals.len();
            self.declared();
            if self.pass() {
                return true;
            }
            if self.locals.len() == before {
                return false;
            }
        }
    }

    /// Variables of a `range` over what holds the resource: no operation writes them.
    fn declared(&mut self) {
        for index in 0..self.body.locals.len() {
            let local = LocalId(u32::try_from(index).unwrap_or(u32::MAX));
            let ranged = match &self.body.local(local).def {
                Def::RangeKey(over) | Def::RangeVal(over) => self.holds(over, None),
                _ => false,
            };
            if ranged && !self.is_plain(&self.package.local_type(self.owner.decl, self.body, local)) {
                self.locals.insert(local);
            }
        }
    }

    /// One look at every function of the declaration.
    fn pass(&mut self) -> bool {
        let decl = self.owner.decl;
        functions(decl, self.body).any(|(id, func)| {
            func.ops().any(|(_, _, op)| self.operation(&op.kind, op.span.range()))
                || func.blocks.iter().any(|block| match &block.term {
                    Term::Return(values) => {
                        let inner = id != self.owner && self.body.is_inside(id.func, self.owner.func);
                        !inner && !self.given_back && values.iter().any(|v| self.leaves(id, v, block.span.range()))
                    }
                    Term::Select { cases, .. } => cases.iter().any(|case| match &case.comm {
                        Comm::Send { value, .. } => self.holds(value, Some(case.span.range())),
                        Comm::Recv { ch, dst, .. } => self.is(ch) && dst.as_ref().is_some_and(|dst| self.learn(dst)),
                    }),
                    _ => false,
                })
                // A function that hands out its values one by one, as an iterator does, hands them to code that is followed.
                || func.loops.iter().any(|l| matches!(&l.kind, LoopKind::Range(Operand::Func(lit)) if self.named_in(*lit)))
        })
    }

    /// Whether a returned value holds the resource. What is plain by its type does not.
    fn leaves(&self, id: FnId, value: &Operand, text: std::ops::Range<usize>) -> bool {
        let held = self.holds(value, Some(text));
        let ty = self.package.operand_type(id.decl, self.body, value);
        held && !self.is_plain(&ty)
    }

    fn operation(&mut self, op: &OpKind, text: std::ops::Range<usize>) -> bool {
        match op {
            OpKind::Assign { dst, src } => self.holds(src, Some(text)) && self.learn(dst),
            OpKind::Send { value, .. } => self.holds(value, Some(text)),
            OpKind::Recv { ch, dst: Some(dst), .. } => self.is(ch) && self.learn(dst),
            OpKind::Spawn(call) => self.takes(call) && !self.is_owner(call),
            // What was deferred before the resource was there runs after it was released.
            OpKind::Defer(call) => {
                self.takes(call) && (self.made.is_some_and(|made| text.start < made.start as usize) || self.handed(call))
            }
            OpKind::Call(call) if Some(call.span) == self.made => false,
            OpKind::Call(call) => self.takes(call) && self.handed(call),
            _ => false,
        }
    }

    /// Whether the call starts the function that releases the resource itself.
    fn is_owner(&self, call: &Call) -> bool {
        matches!(call.callee, Callee::Lit(lit) if lit == self.owner.func) && call.args.is_empty()
    }

    fn is(&self, place: &Place) -> bool {
        place.root_local().is_some_and(|l| self.locals.contains(&l))
    }

    /// Whether the operand holds the resource; of what lowering does not keep, the text tells.
    fn holds(&self, value: &Operand, text: Option<std::ops::Range<usize>>) -> bool {
        match value {
            Operand::Place(place) => self.is(place),
            Operand::Func(lit) => self.named_in(*lit),
            Operand::Opaque | Operand::Expr(_) => {
                let text = text.and_then(|range| self.package.file(self.owner.decl).src.text.get(range)).unwrap_or_default();
                self.names().any(|name| words(text).any(|word| word == name.as_str()))
            }
            Operand::Int(_) | Operand::Str(_) | Operand::Bool(_) | Operand::Nil => false,
        }
    }

    fn names(&self) -> impl Iterator<Item = Sym> + '_ {
        self.locals.iter().map(|l| self.body.local(*l)).filter(|l| l.kind != LocalKind::Temp).map(|l| l.name)
    }

    /// Whether a literal, or one inside it, uses what holds the resource.
    fn named_in(&self, lit: FuncIdx) -> bool {
        let takes = |op: &OpKind, text: std::ops::Range<usize>| match op {
            OpKind::Call(call) | OpKind::Spawn(call) | OpKind::Defer(call) => self.takes(call),
            OpKind::Assign { src, dst } => self.holds(src, Some(text)) || self.is(dst),
            OpKind::Send { ch, value } => self.is(ch) || self.holds(value, Some(text)),
            OpKind::Recv { ch, .. } | OpKind::Close { ch } => self.is(ch),
            OpKind::MakeChan { .. } => false,
        };
        functions(self.owner.decl, self.body).filter(|(id, _)| self.body.is_inside(id.func, lit)).any(|(_, func)| {
            func.ops().any(|(_, _, op)| takes(&op.kind, op.span.range()))
                || func.blocks.iter().any(|block| match &block.term {
                    Term::Return(values) => values.iter().any(|v| self.holds(v, Some(block.span.range()))),
                    Term::Select { cases, .. } => cases.iter().any(|case| self.is(case.comm.ch())),
                    _ => false,
                })
                || func.loops.iter().any(|l| matches!(&l.kind, LoopKind::Range(Operand::Place(place)) if self.is(place)))
        })
    }

    fn takes(&self, call: &Call) -> bool {
        self.takes_as_callee(call) || call.args.iter().any(|a| self.holds(a, Some(call.span.range())))
    }

    fn takes_as_callee(&self, call: &Call) -> bool {
        match &call.callee {
            Callee::Method { recv, .. } | Callee::Value(recv) => self.is(recv),
            Callee::Lit(lit) => self.named_in(*lit),
            _ => false,
        }
    }

    /// The place holds the resource from now on. Tells whether it is one that the function does not own.
    fn learn(&mut self, dst: &Place) -> bool {
        let Root::Local(root) = dst.root else { return true };
        let local = self.body.local(root);
        let ty = self.package.local_type(self.owner.decl, self.body, root);
        if dst.path.is_empty() && self.is_plain(&ty) {
            return false;
        }
        let own = self.body.is_inside(local.func, self.owner.func);
        let owned = match local.kind {
            LocalKind::Temp => true,
            LocalKind::Var => own && dst.path.is_empty() && !self.may_be_pointee(&ty),
            LocalKind::Result(_) => own && self.given_back,
            LocalKind::Recv | LocalKind::Param(_) => false,
        };
        if owned || self.locals.contains(&root) && (dst.path.is_empty() || own && local.kind == LocalKind::Var) {
            self.locals.insert(root);
            return false;
        }
        true
    }

    /// Whether a write to such a variable may go through the pointer that it holds: places follow pointers silently.
    fn may_be_pointee(&self, ty: &Ty) -> bool {
        let Ty::Ptr(inner) = ty else { return false };
        matches!(**inner, Ty::Ptr(_)) || matches!(self.package.structure(inner), Ty::Interface(_))
    }

    /// A call that is given what holds the resource. Tells whether it may keep it; if not, its results may hold it.
    fn handed(&mut self, call: &Call) -> bool {
        let decl = self.owner.decl;
        let keeps = match self.package.resolve(decl, call) {
            // An accepted connection does not hang on its listener.
            Target::Model(_, outside) if outside.path == "net" && outside.name.starts_with("Accept") => return false,
            Target::Model(model, outside) => {
                let args = call.args.iter().any(|a| self.holds(a, Some(call.span.range())));
                let silent = model.results.is_empty() && !PRINTING.contains(&outside.path.as_str());
                let setter =
                    outside.name.starts_with("Set") || outside.name.starts_with("Register") || outside.name.starts_with("Handle");
                let runs_on = matches!(outside.name.as_str(), "Start" | "AfterFunc" | "Fd" | "SyscallConn" | "Hijack");
                model.starts.is_some()
                    || model.defers.is_some()
                    || !model.stores.is_empty()
                    || runs_on
                    || args && (silent || setter || KEEPING.contains(&outside.path.as_str()))
                    || self.literals_stay(call)
            }
            Target::Func(id) if id.decl == decl && id.func != FuncIdx::TOP => {
                for (param, arg) in self.body.func(id.func).params.iter().zip(&call.args) {
                    if self.holds(arg, None) {
                        self.locals.insert(*param);
                    }
                }
                call.args.len() > self.body.func(id.func).params.len()
            }
            Target::Func(id) => self.kept_by(id, call),
            Target::Conversion => false,
            Target::Unknown => !self.is_builtin(call),
            Target::Outside(_) | Target::Dynamic(_) => true,
        };
        keeps || call.results.iter().flatten().cloned().collect::<Vec<_>>().iter().any(|result| self.learn(result))
    }

    fn is_builtin(&self, call: &Call) -> bool {
        matches!(call.callee, Callee::Name(name) if BUILTIN.contains(&name.as_str()) && self.package.named(name).is_empty())
    }

    /// Whether a literal that uses the resource is handed on to run later.
    fn literals_stay(&self, call: &Call) -> bool {
        (0..call.args.len()).any(|i| {
            let value = &call.args[i];
            let function = match value {
                Operand::Func(_) => true,
                Operand::Place(p) => matches!(self.package.ty_of(self.owner.decl, self.body, p), Ty::Func(_)),
                _ => false,
            };
            function && self.holds(value, None) && self.package.argument_use(self.owner.decl, call, i) != Some(SiteHow::Call)
        })
    }

    /// Whether a function in view keeps what the call gives it.
    fn kept_by(&self, id: FnId, call: &Call) -> bool {
        let Some((body, func)) = self.package.func(id).filter(|_| self.depth < DEPTH) else { return true };
        let mut locals = FxHashSet::default();
        for (index, arg) in call.args.iter().enumerate() {
            if !self.holds(arg, None) {
                continue;
            }
            // A literal is run by somebody who is not followed.
            let last = func.params.len().saturating_sub(1);
            match func.params.get(if func.sig.variadic { index.min(last) } else { index }) {
                Some(param) if !matches!(arg, Operand::Func(_)) => locals.insert(*param),
                _ => return true,
            };
        }
        if self.takes_as_callee(call) {
            match func.recv {
                Some(recv) => locals.insert(recv),
                None => return true,
            };
        }
        let mut inner = Flow {
            package: self.package,
            owner: id,
            body,
            locals,
            held: self.held,
            given_back: true,
            depth: self.depth + 1,
            made: None,
        };
        inner.escapes()
    }

    fn is_plain(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Named { path: None, name } if self.held == Held::Texts => {
                matches!(name.as_str(), "bool" | "error") && self.package.named(*name).is_empty()
            }
            Ty::Named { path: None, name } => PLAIN.contains(&name.as_str()) && self.package.named(*name).is_empty(),
            Ty::Named { path: Some(path), name } => *path == "time" && matches!(name.as_str(), "Time" | "Duration"),
            Ty::Seq(inner) => self.is_plain(inner),
            _ => false,
        }
    }
}

/// The names in a piece of code.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
}
