//! Waits under a lock whose partner needs the same lock first: both then wait for ever.

use super::orders::Who;
use super::{At, Held, Key, LockOp, Locks, Mode, Wait, WaitKind};
use crate::old::flow::Cfg;
use crate::old::ir::{BlockId, Body, Call, Callee, Cap, OpKind, Place};
use crate::old::lifetime::groups::Group;
use crate::old::program::{Cell, ChanOp, ChanOpKind, Class, DeclId, FnId, SiteHow, functions};
use std::rc::Rc;

/// Whether a key of another function is the lock in question.
type Test<'s> = Box<dyn Fn(&Key) -> bool + 's>;

/// A partner that cannot come.
#[derive(Clone, Debug)]
pub struct Partner {
    /// What it would do: the receive, the send, the call of `Done`.
    pub op: At,
    /// Where it takes the lock before.
    pub needs: At,
    /// On which of its ways.
    pub when: When,
}

/// On which of a partner's ways the lock is taken before it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// On each of them.
    Always,
    /// Between two rounds of a loop, in each of which it comes.
    Between,
    /// In some rounds of its loop.
    Sometimes,
}

/// A wait that the held lock itself makes endless.
#[derive(Clone, Debug)]
pub struct Crossed {
    /// The wait.
    pub wait: Wait,
    /// The lock.
    pub held: Held,
    /// Those who would end the wait, one for each.
    pub partners: Vec<Partner>,
}

impl Locks<'_> {
    /// Whether the partners of a wait need a lock that the waiting goroutine holds in a way that counts. The reason where they do not.
    pub fn crossed(&self, wait: &Wait, counts: impl Fn(Mode) -> bool) -> Result<Crossed, String> {
        let mut reason = String::from("no partner is in view");
        for held in wait.held.iter().filter(|h| counts(h.mode)) {
            let partners = match &wait.what {
                WaitKind::Group(place) => self.finishers(wait, place, held),
                WaitKind::Send(place) => self.partners(wait, place, held, true),
                WaitKind::Recv(place) => self.partners(wait, place, held, false),
            };
            match partners {
                Ok(partners) => return Ok(Crossed { wait: wait.clone(), held: held.clone(), partners }),
                Err(why) => reason = why,
            }
        }
        Err(reason)
    }

    fn partners(&self, wait: &Wait, place: &Place, held: &Held, sends: bool) -> Result<Vec<Partner>, String> {
        let decl = wait.at.id.decl;
        let class = self.package.class(decl, place).ok_or("the channel cannot be followed")?;
        let ops = counterparts(&class, sends)?;
        let mut out = Vec::new();
        for op in ops {
            if op.id == wait.at.id {
                return Err("the same function has the other side too".into());
            }
            let related = self.same_object(decl, place, &held.key, op.id.decl, &op.place);
            let related = related.ok_or("the channel and the lock are not seen to belong together")?;
            let needs = self.needs(op, wait.at.id, held.mode, &related);
            out.push(needs.ok_or("a partner can come without the lock")?);
        }
        if out.is_empty() { Err("nobody in view is on the other side".into()) } else { Ok(out) }
    }

    /// What the lock is for the function on the other side of the channel: a test for its keys.
    fn same_object<'s>(&'s self, decl: DeclId, place: &Place, key: &Key, other: DeclId, there: &Place) -> Option<Test<'s>> {
        let who = self.who(decl, key)?;
        if let Who::Local(_, key) = who {
            return (other == decl).then(|| Box::new(move |k: &Key| *k == key) as Test<'s>);
        }
        let (here, over) = (self.key(decl, self.package.body(decl)?, place)?, self.key(other, self.package.body(other)?, there)?);
        let global = |k: &Key| k.local().is_none();
        // Fields of one object on both sides, or a lock that there is only one of.
        let same = global(key) || (here.root == key.root && !here.path.is_empty()) || (decl == other && here.local().is_some());
        let root = over.root;
        let captured = decl == other && key.local().is_some_and(|_| here.root != key.root);
        let key = key.clone();
        same.then(|| {
            Box::new(move |k: &Key| {
                if captured {
                    return *k == key;
                }
                self.who(other, k).as_ref() == Some(&who) && (k.local().is_none() || k.root == root)
            }) as Test<'s>
        })
    }

    /// Whether the function takes the lock before it comes to the operation.
    fn needs(&self, op: &ChanOp, waiter: FnId, over: Mode, is: &dyn Fn(&Key) -> bool) -> Option<Partner> {
        let body = self.package.body(op.id.decl)?;
        let cfg = self.cfg(op.id)?;
        let idom = cfg.dominators();
        let at = op.at.block();
        let index = match op.at {
            crate::old::program::ChanWhere::Op(_, i) | crate::old::program::ChanWhere::Deferred(_, i) => i as usize,
            _ => usize::MAX,
        };
        let partner = |needs: At, when: When| Partner { op: At { id: op.id, span: op.span }, needs, when };
        // What is deferred comes behind everything.
        let deferred = matches!(op.at, crate::old::program::ChanWhere::Deferred(..));
        let (mut between, mut sometimes) = (None, None);
        let started = self.started_at(op.id, waiter);
        for (block, i, operation) in cfg.func.ops() {
            let OpKind::Call(call) = &operation.kind else { continue };
            // What it takes before it starts the goroutine that waits, it has then.
            if started.is_some_and(|(b, at)| if b == block { i < at } else { !cfg.reachable(b)[block.at()] }) {
                continue;
            }
            let Some(taken) = self.takes_here(op.id, body, call, over, is) else { continue };
            let before = if block == at { i < index } else { Cfg::dominates(&idom, block, at) };
            if before {
                return Some(partner(taken, When::Always));
            }
            // A receiver in a loop locks between two rounds.
            let again = cfg.reachable(block)[at.at()] && every_round(&cfg, &idom, at, block);
            if again {
                between.get_or_insert(taken);
            }
            // A goroutine that goes round may stand at the lock in any round.
            if cfg.on_cycle(block) && (deferred || cfg.reachable(block)[at.at()]) && self.is_run(op.id) {
                sometimes.get_or_insert(taken);
            }
        }
        let between = between.map(|taken| partner(taken, When::Between));
        between.or_else(|| sometimes.map(|taken| partner(taken, When::Sometimes)))
    }

    /// Whether a goroutine runs the function.
    fn is_run(&self, id: FnId) -> bool {
        self.is_spawned(id) || self.package.callers(id).sites.iter().any(|s| s.how == SiteHow::Spawn)
    }

    /// Where the function starts the other one as a goroutine.
    fn started_at(&self, id: FnId, waiter: FnId) -> Option<(BlockId, usize)> {
        let (_, func) = self.package.func(id)?;
        func.ops().find_map(|(block, i, op)| match &op.kind {
            OpKind::Spawn(call) if self.package.resolve(id.decl, call).func() == Some(waiter) => Some((block, i)),
            _ => None,
        })
    }

    /// Where a call takes the lock for sure, in a way that whoever holds it as `over` keeps it from.
    fn takes_here(&self, id: FnId, body: &Body, call: &Call, over: Mode, is: &dyn Fn(&Key) -> bool) -> Option<At> {
        let kept_out = |mode: Mode| over != Mode::Read || mode != Mode::Read;
        if let Some(lock) = self.lock_call(id.decl, body, call) {
            let takes = lock.op == LockOp::Take && kept_out(lock.mode) && lock.key.as_ref().is_some_and(is);
            return takes.then_some(At { id, span: call.span });
        }
        if let Some((key, _)) = self.once_call(id.decl, body, call) {
            return key.as_ref().is_some_and(is).then_some(At { id, span: call.span });
        }
        let (summary, callee) = self.effect_of(id, call, &super::facts::Known::default(), true)?;
        let taken = summary
            .takes
            .iter()
            .find(|t| t.sure && kept_out(t.mode) && self.map_key(id.decl, body, call, callee, &t.key).as_ref().is_some_and(is));
        taken.map(|_| At { id, span: call.span })
    }

    /// Goroutines that a group waits for and that take the lock before they are done: one is enough.
    fn finishers(&self, wait: &Wait, place: &Place, held: &Held) -> Result<Vec<Partner>, String> {
        let decl = wait.at.id.decl;
        let body = self.package.body(decl).ok_or("not read")?;
        let group = self.key(decl, body, place).ok_or("the group cannot be told")?;
        for (id, func) in functions(decl, body) {
            if id == wait.at.id || !self.is_spawned(id) {
                continue;
            }
            let same = |place: &Place| self.key(decl, body, place).as_ref() == Some(&group);
            let done = func.ops().find_map(|(block, i, op)| match &op.kind {
                OpKind::Call(c) => is_done(c, &same).then_some((block, i, op.span, false)),
                OpKind::Defer(c) => is_done(c, &same).then_some((block, i, op.span, true)),
                _ => None,
            });
            let started = self.started_by_group(decl, body, id, &same);
            let Some((block, index, span, deferred)) = done.or_else(|| started.map(|span| (BlockId(0), 0, span, true))) else {
                continue;
            };
            if let Some((needs, when)) = self.before_done(id, body, held.mode, &|k| *k == held.key, (block, index), deferred) {
                return Ok(vec![Partner { op: At { id, span }, needs, when }]);
            }
        }
        self.finishers_elsewhere(wait, place, held).ok_or_else(|| "no goroutine in view needs the lock before it is done".into())
    }

    /// The same for methods that run as goroutines, where group and lock are fields of one object.
    fn finishers_elsewhere(&self, wait: &Wait, place: &Place, held: &Held) -> Option<Vec<Partner>> {
        let decl = wait.at.id.decl;
        let cell @ Cell::Field(..) = self.package.cell(decl, self.package.body(decl)?, place)? else { return None };
        let group = Group::of(self.package, cell);
        for done in group.calls("Done").filter(|u| u.id.decl != decl) {
            let Some(is) = self.same_object(decl, place, &held.key, done.id.decl, &done.place).filter(|_| self.is_run(done.id))
            else {
                continue;
            };
            let body = self.package.body(done.id.decl)?;
            let (_, func) = self.package.func(done.id)?;
            let index = func.block(done.block).ops.iter().position(|o| o.span == done.span).unwrap_or(0);
            if let Some((needs, when)) = self.before_done(done.id, body, held.mode, &*is, (done.block, index), done.deferred) {
                return Some(vec![Partner { op: At { id: done.id, span: done.span }, needs, when }]);
            }
        }
        None
    }

    fn before_done(
        &self,
        id: FnId,
        body: &Body,
        over: Mode,
        is: &dyn Fn(&Key) -> bool,
        done: (BlockId, usize),
        deferred: bool,
    ) -> Option<(At, When)> {
        let cfg = self.cfg(id)?;
        let idom = cfg.dominators();
        let sure = deferred && self.summary(id, &super::facts::Given::default()).takes.iter().any(|t| t.sure && is(&t.key));
        let mut sometimes = None;
        for (block, i, op) in cfg.func.ops() {
            let OpKind::Call(call) = &op.kind else { continue };
            let Some(at) = self.takes_here(id, body, call, over, is) else { continue };
            let before = if block == done.0 { i < done.1 } else { Cfg::dominates(&idom, block, done.0) };
            if before || sure {
                return Some((at, When::Always));
            }
            if deferred && cfg.on_cycle(block) {
                sometimes.get_or_insert(at);
            }
        }
        sometimes.map(|at| (at, When::Sometimes))
    }

    /// `wg.Go(func() { … })` with that literal.
    fn started_by_group(
        &self,
        decl: DeclId,
        body: &Body,
        id: FnId,
        same: &dyn Fn(&Place) -> bool,
    ) -> Option<crate::source::Span> {
        body.funcs.iter().flat_map(crate::old::ir::Func::ops).find_map(|(_, _, op)| match &op.kind {
            OpKind::Call(call) => {
                let Callee::Method { recv, name } = &call.callee else { return None };
                let runs = |arg| self.package.operand_func(decl, arg).and_then(|t| t.func()) == Some(id);
                (*name == "Go" && same(recv) && call.args.first().is_some_and(runs)).then_some(call.callee_span)
            }
            _ => None,
        })
    }
}

/// Those on the other side of a channel. The reason where not all of them are known, or there is a buffer.
fn counterparts(class: &Rc<Class>, sends: bool) -> Result<Vec<&ChanOp>, String> {
    if !class.is_closed_world() || class.from_elsewhere || class.fed_by_library {
        return Err("code out of view may be on the other side".into());
    }
    if sends && class.makes().any(|(_, cap)| *cap != Cap::Zero) {
        return Err("the channel has a buffer".into());
    }
    if class.makes().next().is_none() {
        return Err("nobody makes the channel".into());
    }
    let wanted = |kind: &ChanOpKind| match kind {
        ChanOpKind::Recv | ChanOpKind::Range => sends,
        ChanOpKind::Send | ChanOpKind::Close => !sends,
        ChanOpKind::Make(_) => false,
    };
    Ok(class.ops.iter().filter(|o| wanted(&o.kind)).collect())
}

fn is_done(call: &Call, same: &dyn Fn(&Place) -> bool) -> bool {
    matches!(&call.callee, Callee::Method { recv, name } if *name == "Done" && same(recv))
}

/// Whether the operation at `at` comes again after `block`, and each round passes `block`.
fn every_round(cfg: &Cfg<'_>, idom: &[Option<BlockId>], at: BlockId, block: BlockId) -> bool {
    if !cfg.on_cycle(at) || !Cfg::dominates(idom, at, block) {
        return false;
    }
    // Without the block no way leads from the operation back to itself.
    let mut seen = vec![false; cfg.func.blocks.len()];
    let mut todo: Vec<BlockId> = cfg.succs(at).to_vec();
    while let Some(b) = todo.pop() {
        if b == block || std::mem::replace(&mut seen[b.at()], true) {
            continue;
        }
        if b == at {
            return false;
        }
        todo.extend_from_slice(cfg.succs(b));
    }
    true
}
