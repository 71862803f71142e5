//! Waits that end only when a goroutine is through: who comes past one knows that what the goroutine ran has returned.
//!
//! `go func() { errc <- s.ListenAndServe() }()` leaves nothing behind where `errc` has been received from. What counts is that all who send
//! on the channel, or close it, do so where the call cannot follow any more; with a group, that the goroutine belongs to it.

use super::effects::{At, Effect};
use super::walk::Walker;
use crate::models::BlockKind;
use crate::old::flow::{Cfg, Exit};
use crate::old::ir::{BlockId, Call, Callee, Comm, FuncIdx, LoopId, LoopKind, OpKind, Operand, Place, Term};
use crate::old::program::{ChanOp, ChanOpKind, ChanWhere, Class, FnId, Package};
use std::rc::Rc;

/// Waits for one another are followed this far: `go func() { wg.Wait(); close(done) }()`.
const MAX_DEPTH: u8 = 2;

/// A goroutine that runs the thing.
#[derive(Clone, Debug)]
pub(super) struct Runner {
    /// What it runs.
    pub(super) body: FnId,
    /// The call in it that holds the thing while it lasts.
    pub(super) runs: At,
    /// The group that it was started in.
    pub(super) group: Option<Place>,
    /// Whether there may be several.
    pub(super) repeated: bool,
}

/// What coming past a wait tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tells {
    /// The goroutine is through.
    Over,
    /// It may be.
    Perhaps,
    /// Nothing.
    Nothing,
}

pub(super) const PERHAPS: &str = "this way waits for what may have been told by the goroutine that runs it";

impl Runner {
    /// What a value from the channel, or its end, tells.
    fn received(&self, package: &Package, id: FnId, ch: &Place, depth: u8) -> Tells {
        let Some(class) = package.class(id.decl, ch).filter(|_| depth < MAX_DEPTH) else { return Tells::Nothing };
        let tells = |op: &&ChanOp| matches!(op.kind, ChanOpKind::Send | ChanOpKind::Close);
        let (after, others): (Vec<_>, Vec<_>) =
            class.ops.iter().filter(tells).partition(|op| self.comes_after(package, op, depth));
        let unseen = class.outside_send.is_some() || class.outside_close.is_some() || class.from_elsewhere;
        match (after.is_empty(), others.is_empty()) {
            (true, _) => Tells::Nothing,
            (false, true) if !unseen && !self.repeated && class.makes().count() == 1 => Tells::Over,
            (false, true) => Tells::Perhaps,
            // Whoever receives once may have heard of another; whoever receives of all of them has heard of this one too.
            (false, false) if unseen || receives_again(package, &class) => Tells::Perhaps,
            (false, false) => Tells::Nothing,
        }
    }

    /// Whether the operation comes only when the goroutine is through with the call.
    fn comes_after(&self, package: &Package, op: &ChanOp, depth: u8) -> bool {
        let (at, deferred) = match op.at {
            ChanWhere::Op(b, i) => ((b, i as usize), false),
            ChanWhere::Deferred(b, i) => ((b, i as usize), true),
            ChanWhere::Case(b, _) | ChanWhere::Range(b) => ((b, usize::MAX), false),
        };
        if op.id == self.body {
            return deferred || self.cannot_follow(package, at);
        }
        if self.defers(package, op.id) {
            return true;
        }
        let Some(cfg) = Cfg::new(package, op.id) else { return false };
        let idom = cfg.dominators();
        let before = |wait: At, at: At| if wait.0 == at.0 { wait.1 < at.1 } else { Cfg::dominates(&idom, wait.0, at.0) };
        let leaves = |b: &BlockId| idom[b.at()].is_some() && cfg.exit(*b) == Some(Exit::Return);
        cfg.func.ops().any(|(b, i, operation)| {
            self.waits(package, op.id, &operation.kind, depth + 1) == Tells::Over
                && if deferred {
                    cfg.func.block_ids().filter(leaves).all(|exit| before((b, i), (exit, usize::MAX)))
                } else {
                    before((b, i), at)
                }
        })
    }

    /// Whether control in the goroutine cannot come to the call any more.
    fn cannot_follow(&self, package: &Package, at: At) -> bool {
        let Some(cfg) = Cfg::new(package, self.body) else { return false };
        let (block, op) = self.runs;
        let again = cfg.succs(at.0).iter().any(|s| cfg.reachable(*s)[block.at()]);
        !again && (at.0 != block || at.1 > op)
    }

    /// Whether the goroutine defers the literal.
    fn defers(&self, package: &Package, id: FnId) -> bool {
        let Some((_, func)) = package.func(self.body).filter(|_| id.decl == self.body.decl) else { return false };
        func.ops().any(|(_, _, op)| matches!(&op.kind, OpKind::Defer(c) if package.resolve(id.decl, c).func() == Some(id)))
    }

    /// What it tells that the operation is done with.
    fn waits(&self, package: &Package, id: FnId, op: &OpKind, depth: u8) -> Tells {
        match op {
            OpKind::Recv { ch, .. } => self.received(package, id, ch, depth),
            OpKind::Call(call) | OpKind::Defer(call) if self.waits_for_group(package, id, call) => {
                if self.repeated {
                    Tells::Perhaps
                } else {
                    Tells::Over
                }
            }
            _ => Tells::Nothing,
        }
    }

    fn waits_for_group(&self, package: &Package, id: FnId, call: &Call) -> bool {
        let Callee::Method { recv, name } = &call.callee else { return false };
        let waits = |call| {
            let model = package.resolve(id.decl, call).model();
            model.and_then(|m| m.blocks.as_ref()).is_some_and(|b| b.kind == BlockKind::Wait)
        };
        id.decl == self.body.decl
            && name == "Wait"
            && waits(call)
            && (self.group.as_ref() == Some(recv) || self.is_done_with(package, recv))
    }

    /// Whether the goroutine tells the group when it is through.
    fn is_done_with(&self, package: &Package, group: &Place) -> bool {
        let Some((body, _)) = package.func(self.body) else { return false };
        let says = |call: &Call| matches!(&call.callee, Callee::Method { recv, name } if *name == "Done" && recv == group);
        let inside = crate::old::program::functions(self.body.decl, body);
        inside.filter(|(id, _)| *id == self.body || self.defers(package, *id)).any(|(id, func)| {
            func.ops().any(|(b, i, op)| match &op.kind {
                OpKind::Defer(call) => id == self.body && says(call),
                OpKind::Call(call) => says(call) && (id != self.body || self.cannot_follow(package, (b, i))),
                _ => false,
            })
        })
    }
}

/// Whether somebody receives from the channel more than once.
fn receives_again(package: &Package, class: &Class) -> bool {
    let receives = |op: &&ChanOp| matches!(op.kind, ChanOpKind::Recv | ChanOpKind::Range);
    let again =
        |op: &ChanOp| op.kind == ChanOpKind::Range || Cfg::new(package, op.id).is_none_or(|cfg| cfg.on_cycle(op.at.block()));
    let all: Vec<&ChanOp> = class.ops.iter().filter(receives).collect();
    all.len() > 1 || all.into_iter().any(again)
}

impl Walker<'_, '_> {
    /// What a receive from the channel tells of the goroutine that runs the thing.
    pub(super) fn told_by(&self, ch: &Place) -> Tells {
        self.runner.as_ref().map_or(Tells::Nothing, |r| r.received(self.engine.package, self.id, ch, 0))
    }

    /// What it tells that a round of the loop begins.
    pub(super) fn told_in_round(&self, kind: &LoopKind) -> Tells {
        match kind {
            LoopKind::Range(Operand::Place(ch)) if self.runner.is_some() => self.told_by(ch),
            _ => Tells::Nothing,
        }
    }

    /// What it tells that a loop has come to its end: a channel that it ranges over does, and the rounds of a count may all have waited.
    pub(super) fn told_at_end(&self, id: LoopId) -> Tells {
        let func = self.func();
        let told = self.told_in_round(&func.loops[id.at()].kind);
        if told != Tells::Nothing || self.runner.is_none() {
            return told;
        }
        let inside = func.blocks.iter().filter(|b| func.loop_inside(b.in_loop, id));
        let waits =
            inside.flat_map(|b| &b.ops).any(|op| matches!(op.kind, OpKind::Recv { .. }) && self.outlasts(&op.kind).is_some());
        if waits { Tells::Perhaps } else { Tells::Nothing }
    }

    /// An operation after which the goroutine that runs the thing is through.
    pub(super) fn outlasts(&self, op: &OpKind) -> Option<Effect> {
        let runner = self.runner.as_ref()?;
        match runner.waits(self.engine.package, self.id, op, 0) {
            Tells::Over => return Some(Effect::Release),
            Tells::Perhaps => return Some(Effect::Maybe(PERHAPS.to_string())),
            Tells::Nothing => {}
        }
        let (OpKind::Call(call) | OpKind::Defer(call)) = op else { return None };
        self.hands_on(runner, call).then(|| Effect::Maybe(PERHAPS.to_string()))
    }

    /// Whether the call may wait for the goroutine: what would tell is its argument, or a literal that it runs waits.
    fn hands_on(&self, runner: &Rc<Runner>, call: &Call) -> bool {
        let package = self.engine.package;
        let tells = |p: &Place| {
            let channel = matches!(package.structure(&package.ty_of(self.id.decl, self.body, p)), crate::old::ir::Ty::Chan(..));
            channel && runner.received(package, self.id, p, 0) != Tells::Nothing
                || runner.group.as_ref() == Some(p)
                || runner.is_done_with(package, p)
        };
        let target = package.resolve(self.id.decl, call).func();
        let called = target.filter(|id| id.decl == self.id.decl && id.func != FuncIdx::TOP).map(|id| id.func);
        let lits = called.into_iter().chain(call.args.iter().filter_map(|a| self.literal(a)));
        let closes = matches!(&call.callee, Callee::Name(name) if *name == "close");
        !closes && call.args.iter().filter_map(Operand::place).any(tells)
            || lits.into_iter().any(|lit| self.waits_in(runner, FnId { decl: self.id.decl, func: lit }))
    }

    fn waits_in(&self, runner: &Rc<Runner>, id: FnId) -> bool {
        let package = self.engine.package;
        let Some((_, func)) = package.func(id).filter(|_| id != runner.body) else { return false };
        let told = |ch: &Place| runner.received(package, id, ch, 0) != Tells::Nothing;
        func.ops().any(|(_, _, op)| runner.waits(package, id, &op.kind, 0) != Tells::Nothing)
            || func.blocks.iter().any(|b| match &b.term {
                Term::Select { cases, .. } => cases.iter().any(|c| matches!(&c.comm, Comm::Recv { ch, .. } if told(ch))),
                Term::Loop { id, .. } => matches!(&func.loops[id.at()].kind, LoopKind::Range(Operand::Place(p)) if told(p)),
                _ => false,
            })
    }
}
