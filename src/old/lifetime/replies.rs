//! Requests that carry the channel for their answer, and a server that goes on to the next without one.
//!
//! Who asks waits for good then. Only ways count on which the server does nothing with the request: neither hands it on, nor decides by
//! what it says. A kind of request that wants no answer is told by its fields.

use crate::old::flow::Cfg;
use crate::old::ir::{
    Block, BlockId, Callee, Comm, Cond, Def, FuncIdx, LocalId, LoopId, LoopKind, Op, OpKind, Operand, Place, Proj, Sym, Term, Ty,
};
use crate::old::program::{Cell, ChanOp, ChanOpKind, ChanWhere, Class, FnId, Package, Spawn};
use crate::source::Span;
use rustc_hash::FxHashSet;
use std::rc::Rc;

/// An answer that may never come.
#[derive(Clone, Debug)]
pub struct Unanswered {
    /// Index of the server's spawn.
    pub spawn: usize,
    /// The wait for the answer.
    pub wait: ChanOp,
    /// The channel.
    pub class: Rc<Class>,
    /// Where the server takes the request.
    pub taken: (FnId, Span),
    /// Where it answers on another way.
    pub answer: (FnId, Span),
    /// Where it goes on without.
    pub skip: (FnId, Span),
}

/// A request in the hands of a server.
struct Request<'p> {
    package: &'p Package,
    id: FnId,
    cfg: Cfg<'p>,
    /// The variable that holds it.
    local: LocalId,
    /// Where the way begins.
    start: (BlockId, usize),
    /// The header of the loop that takes one request after the other.
    header: BlockId,
    taken: Span,
}

/// Waits for an answer that servers of the package may skip.
#[must_use]
pub fn skipped(package: &Package, spawns: &[Spawn]) -> Vec<Unanswered> {
    let mut out: Vec<Unanswered> = Vec::new();
    let mut seen: FxHashSet<FnId> = FxHashSet::default();
    for (i, spawn) in spawns.iter().enumerate() {
        for body in spawn.bodies() {
            let called = package.func(body).map(|(_, func)| {
                func.ops().filter_map(|(_, _, op)| match &op.kind {
                    OpKind::Call(call) => Some(call),
                    _ => None,
                })
            });
            let inner: Vec<FnId> = match called {
                // A literal that does no more than call the server.
                Some(calls) if body.func != FuncIdx::TOP => calls.flat_map(|c| package.callees(body.decl, c).to_vec()).collect(),
                _ => Vec::new(),
            };
            for id in std::iter::once(body).chain(inner) {
                if seen.insert(id) && package.text(id.decl).contains("<-") {
                    requests(package, id).iter().for_each(|request| request.skips(i, &mut out));
                }
            }
        }
    }
    out.sort_by_key(|u| (u.wait.id, u.wait.span));
    out.dedup_by_key(|u| (u.wait.id, u.wait.span));
    out
}

/// What the function receives round after round.
fn requests<'p>(package: &'p Package, id: FnId) -> Vec<Request<'p>> {
    let mut out = Vec::new();
    let Some((_, func)) = package.func(id) else { return out };
    let mut add = |local: Option<LocalId>, start: (BlockId, usize), l: Option<LoopId>, taken: Span| {
        if let (Some(local), Some(l), Some(cfg)) = (local, l, Cfg::new(package, id)) {
            out.push(Request { package, id, cfg, local, start, header: func.loops[l.at()].header, taken });
        }
    };
    for (b, i, op) in func.ops() {
        if let OpKind::Recv { dst: Some(dst), .. } = &op.kind {
            add(dst.as_local(), (b, i + 1), func.block(b).in_loop, op.span);
        }
    }
    for b in func.block_ids() {
        match &func.block(b).term {
            Term::Select { cases, .. } => {
                for case in cases {
                    if let Comm::Recv { dst: Some(dst), .. } = &case.comm {
                        add(dst.as_local(), (case.target, 0), func.block(b).in_loop, case.span);
                    }
                }
            }
            Term::Loop { id: l, body, .. } => {
                let LoopKind::Range(Operand::Place(over)) = &func.loops[l.at()].kind else { continue };
                // A round begins with the value.
                if let Some(OpKind::Assign { dst, src: Operand::Place(src) }) = func.block(*body).ops.first().map(|o| &o.kind)
                    && src.split_last().is_some_and(|(base, _)| base == *over)
                {
                    add(dst.as_local(), (*body, 1), Some(*l), func.loops[l.at()].head);
                }
            }
            _ => {}
        }
    }
    out
}

impl Request<'_> {
    fn skips(&self, spawn: usize, out: &mut Vec<Unanswered>) {
        let package = self.package;
        let Some(body) = package.body(self.id.decl) else { return };
        let ty = package.local_type(self.id.decl, body, self.local);
        let Ty::Struct(fields) = package.structure(&ty) else { return };
        for field in fields.iter().filter(|f| matches!(package.structure(&f.ty), Ty::Chan(..))) {
            let Some(owner) = package.field(&ty, field.name).and_then(|f| f.owner) else { continue };
            let class = package.class_of(Cell::Field(owner, field.name));
            if !class.is_closed_world() || class.from_elsewhere {
                continue;
            }
            let answers = |op: &&ChanOp| {
                matches!(op.kind, ChanOpKind::Send | ChanOpKind::Close)
                    && op.id == self.id
                    && op.place.root_local() == Some(self.local)
            };
            let Some(answer) = class.ops.iter().find(answers) else { continue };
            let waits = class.ops_of(&ChanOpKind::Recv).filter(|op| matches!(op.at, ChanWhere::Op(..)) && op.id != self.id);
            // Who makes the channel for his question waits for his answer alone.
            let mut waits = waits.filter(|op| class.makes().any(|(make, _)| make.id == op.id)).peekable();
            if waits.peek().is_none() {
                continue;
            }
            let Some(skip) = self.way_past(field.name) else { continue };
            for wait in waits {
                out.push(Unanswered {
                    spawn,
                    wait: wait.clone(),
                    class: Rc::clone(&class),
                    taken: (self.id, self.taken),
                    answer: (answer.id, answer.span),
                    skip: (self.id, skip),
                });
            }
        }
    }

    /// Where a round ends on which nothing is done with the request.
    fn way_past(&self, field: Sym) -> Option<Span> {
        let mut seen = vec![false; self.cfg.func.blocks.len()];
        let mut todo = vec![self.start];
        while let Some((b, from)) = todo.pop() {
            let block = self.cfg.func.block(b);
            if self.cfg.exit(b).is_some() || block.ops.iter().skip(from).any(|op| self.uses(op, field)) || !self.passes(block) {
                continue;
            }
            for next in self.cfg.succs(b) {
                if *next == self.header {
                    return Some(block.span);
                }
                if !std::mem::replace(&mut seen[next.at()], true) {
                    todo.push((*next, 0));
                }
            }
        }
        None
    }

    /// Whether the operation does something with the request beside reading what it says.
    fn uses(&self, op: &Op, field: Sym) -> bool {
        let matters = |p: &Place| {
            p.root_local() == Some(self.local)
                && match p.path.first() {
                    Some(Proj::Field(name)) => *name == field || !self.is_plain(p),
                    _ => true,
                }
        };
        let value = |v: &Operand| matches!(v, Operand::Func(_)) || v.place().is_some_and(matters);
        match &op.kind {
            OpKind::Call(call) | OpKind::Spawn(call) | OpKind::Defer(call) => {
                let callee = match &call.callee {
                    Callee::Lit(_) => true,
                    Callee::Method { recv, .. } => recv.root_local() == Some(self.local),
                    Callee::Value(p) => matters(p),
                    _ => false,
                };
                callee || call.args.iter().any(value) || call.results.iter().flatten().any(matters)
            }
            OpKind::Send { ch, value: sent } => matters(ch) || value(sent),
            OpKind::Recv { ch, dst, .. } => matters(ch) || dst.as_ref().is_some_and(matters),
            OpKind::Close { ch } => matters(ch),
            OpKind::Assign { dst, src } => matters(dst) || value(src),
            OpKind::MakeChan { dst, .. } => matters(dst),
        }
    }

    /// Whether a field is text, a number or the like, which leads to nothing else.
    fn is_plain(&self, place: &Place) -> bool {
        let Some(body) = self.package.body(self.id.decl) else { return false };
        match self.package.structure(&self.package.ty_of(self.id.decl, body, place)) {
            Ty::Named { path: None, name } => name != "any" && name != "error",
            Ty::Seq(_) => true,
            _ => false,
        }
    }

    /// Whether the way goes on here by itself, not by what the request says or by something that is not understood.
    fn passes(&self, block: &Block) -> bool {
        match &block.term {
            Term::If { cond, .. } => !self.asks(cond),
            Term::Switch(_) | Term::Select { .. } => false,
            _ => true,
        }
    }

    fn asks(&self, cond: &Cond) -> bool {
        match cond {
            Cond::Truth(p) | Cond::IsNil(p) => self.is_of_request(p),
            Cond::Eq(a, b) | Cond::Less(a, b) => [a, b].into_iter().any(|v| match v {
                Operand::Place(p) => self.is_of_request(p),
                Operand::Expr(e) => match &**e {
                    crate::old::ir::Expr::Len(p) => self.is_of_request(p),
                    _ => true,
                },
                _ => false,
            }),
            Cond::Not(inner) => self.asks(inner),
            Cond::Const(_) => false,
            Cond::Opaque => true,
        }
    }

    /// Whether the place is of the request, or was worked out from it.
    fn is_of_request(&self, place: &Place) -> bool {
        let Some(local) = place.root_local() else { return false };
        if local == self.local {
            return true;
        }
        let Some(body) = self.package.body(self.id.decl) else { return true };
        let of_it = |p: &Place| p.root_local() == Some(self.local);
        if matches!(&body.local(local).def, Def::Value(Operand::Place(p)) if of_it(p)) {
            return true;
        }
        self.cfg.func.ops().any(|(_, _, op)| match &op.kind {
            OpKind::Call(call) => {
                let gives = call.results.iter().flatten().any(|r| r.root_local() == Some(local));
                let is_error = || matches!(self.package.local_type(self.id.decl, body, local), Ty::Named { path: None, name } if name == "error");
                gives && call.args.iter().filter_map(Operand::place).any(of_it) && !is_error()
            }
            _ => false,
        })
    }
}
