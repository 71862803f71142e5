//! The ways through one function, with the locks that are held on each.

use super::callbacks::{called_value, note};
use super::facts::{Facts, Given, Known};
use super::summary::{Net, Summary, Take};
use super::{At, Found, Held, Key, LockOp, Locks, Mode, Order, Twice, Wait, WaitKind};
use crate::old::flow::{Cfg, Exit as Leaves};
use crate::old::ir::{BlockId, Body, Call, Callee, Comm, Cond, FuncIdx, LocalKind, OpKind, Operand, Place, Term, Ty};
use crate::old::program::{FnId, Target};
use crate::source::Span;
use rustc_hash::FxHashSet;
use smallvec::SmallVec;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// More states than this, and the function is given up.
const MAX_STATES: usize = 3000;

/// Literals within literals that are followed where they stand.
const MAX_NESTED: u8 = 5;

/// What is so at one point of one way. Copied at every branch, so what is mostly empty takes little room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct State {
    /// Locks held, those of the caller aside.
    pub(super) held: Vec<Held>,
    /// Locks of the caller that were let go.
    pub(super) gone: Vec<(Key, Mode)>,
    /// Locks taken at some time.
    pub(super) took: Vec<Key>,
    /// Locks of which nothing is known any more.
    pub(super) doubt: Vec<Key>,
    /// Attempts that nobody has asked about yet: the answer, the lock.
    tries: Vec<(Place, Held)>,
    known: Known,
    defers: Vec<(BlockId, u32)>,
}

impl State {
    pub(super) fn net_of(&self, key: &Key) -> Net {
        if self.doubt.contains(key) || self.tries.iter().any(|(_, h)| h.key == *key) {
            return Net::Doubt;
        }
        let held = self.held.iter().find(|h| h.key == *key).map(|h| h.mode);
        let gone = self.gone.iter().find(|(k, _)| k == key).map(|(_, m)| *m);
        match (held, gone) {
            (Some(mode), None) => Net::Takes(mode),
            (None, Some(mode)) => Net::Releases(mode),
            (None, None) => Net::None,
            (Some(_), Some(_)) => Net::Doubt,
        }
    }

    fn lose_sight(&mut self, key: &Key) {
        self.held.retain(|h| h.key != *key);
        if !self.doubt.contains(key) {
            self.doubt.push(key.clone());
            self.doubt.sort_unstable();
        }
    }

    fn took(&mut self, key: &Key) {
        if let Err(at) = self.took.binary_search(key) {
            self.took.insert(at, key.clone());
        }
    }
}

/// One way out.
pub(super) struct Exit {
    pub(super) state: State,
    pub(super) span: Span,
    /// Whether the function just comes to its end.
    pub(super) ends: bool,
    /// Whether only constants and own variables are returned.
    pub(super) plain: bool,
    /// Whether what is returned tells of success; `None` where it does not tell.
    pub(super) succeeds: Option<bool>,
}

/// What all ways together show.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) found: Found,
    pub(super) takes: Vec<Take>,
    pub(super) released: Vec<(Key, At)>,
}

/// Walks one function.
pub(super) struct Walker<'l, 'p> {
    locks: &'l Locks<'p>,
    id: FnId,
    body: &'p Body,
    cfg: Rc<Cfg<'p>>,
    facts: Rc<Facts>,
    out: Rc<RefCell<Gathered>>,
    states: Rc<Cell<usize>>,
    nested: u8,
}

type Todo = Vec<(BlockId, usize, State)>;

impl<'l, 'p> Walker<'l, 'p> {
    pub(super) fn new(locks: &'l Locks<'p>, id: FnId) -> Option<Self> {
        let (body, _) = locks.package.func(id)?;
        let cfg = locks.cfg(id)?;
        let facts = locks.facts(id.decl, body);
        Some(Self { locks, id, body, cfg, facts, out: Rc::default(), states: Rc::default(), nested: 0 })
    }

    /// All ways out and what was found; `None` where there are too many ways.
    pub(super) fn run(self, given: &Given) -> Option<(Vec<Exit>, Gathered)> {
        let mut start = State::default();
        for (i, value) in given {
            if let Some(param) = self.cfg.func.params.get(*i as usize) {
                self.facts.tell(&Place::local(*param), value, &mut start.known);
            }
        }
        let exits = self.walk(start);
        let done = self.states.get() <= MAX_STATES;
        let gathered = std::mem::take(&mut *self.out.borrow_mut());
        done.then_some((exits, gathered))
    }

    fn walk(&self, start: State) -> Vec<Exit> {
        let mut exits = Vec::new();
        let mut seen: FxHashSet<(BlockId, State)> = FxHashSet::default();
        let mut todo: Todo = vec![(BlockId(0), 0, start)];
        while let Some((block, from, state)) = todo.pop() {
            // Only where ways meet can one come by that was there before.
            if from == 0 && self.cfg.preds(block).len() > 1 && !seen.insert((block, state.clone())) {
                continue;
            }
            self.states.set(self.states.get() + 1);
            if self.states.get() > MAX_STATES {
                break;
            }
            self.block(block, from, state, &mut todo, &mut exits);
        }
        exits
    }

    fn at(&self, span: Span) -> At {
        At { id: self.id, span }
    }

    fn block(&self, block: BlockId, from: usize, mut state: State, todo: &mut Todo, exits: &mut Vec<Exit>) {
        let exit = self.cfg.exit(block);
        for (i, op) in self.cfg.func.block(block).ops.iter().enumerate().skip(from) {
            if exit == Some(Leaves::Call(i)) {
                return;
            }
            match &op.kind {
                OpKind::Call(call) => {
                    let mut after = self.call(call, state);
                    for result in call.results.iter().flatten() {
                        after.iter_mut().for_each(|s| self.write(result, None, s));
                    }
                    let Some(first) = after.pop() else { return };
                    todo.extend(after.into_iter().map(|s| (block, i + 1, s)));
                    state = first;
                }
                OpKind::Defer(_) => {
                    let entry = (block, u32::try_from(i).unwrap_or(u32::MAX));
                    if !state.defers.contains(&entry) {
                        state.defers.push(entry);
                    }
                }
                OpKind::Assign { dst, src } => self.write(dst, Some(src), &mut state),
                OpKind::MakeChan { dst, .. } => self.write(dst, None, &mut state),
                OpKind::Send { ch, .. } => self.waits(&state, op.span, || WaitKind::Send(ch.clone())),
                OpKind::Recv { ch, dst, ok } => {
                    self.waits(&state, op.span, || WaitKind::Recv(ch.clone()));
                    dst.iter().chain(ok).for_each(|p| self.write(p, None, &mut state));
                }
                OpKind::Spawn(_) | OpKind::Close { .. } => {}
            }
        }
        self.leave(block, state, todo, exits);
    }

    fn leave(&self, block: BlockId, state: State, todo: &mut Todo, exits: &mut Vec<Exit>) {
        let entry = self.cfg.func.block(block);
        match &entry.term {
            Term::Return(values) if self.cfg.exit(block) == Some(Leaves::Return) => {
                let end = self.cfg.func.span.end;
                let ends = entry.span.end == end && entry.span.start + 1 == end;
                let plain = values.iter().all(|v| v.place().is_none_or(|p| p.as_local().is_some()) && *v != Operand::Opaque);
                for state in self.run_deferred(state) {
                    exits.push(Exit { state, span: entry.span, ends, plain, succeeds: self.succeeds(values) });
                }
            }
            Term::If { cond, then, els } => {
                let answer = self.facts.answer(self.id.func, block, &state.known);
                for (target, side) in [(*then, true), (*els, false)] {
                    if self.cfg.succs(block).contains(&target) && answer.is_none_or(|a| a == side) {
                        let mut next = state.clone();
                        self.facts.learn(self.id.func, block, side, &mut next.known);
                        settle(cond, side, &mut next);
                        todo.push((target, 0, next));
                    }
                }
            }
            Term::Select { cases, default } => {
                for case in cases {
                    let mut next = state.clone();
                    if let Comm::Recv { dst, ok, .. } = &case.comm {
                        dst.iter().chain(ok).for_each(|p| self.write(p, None, &mut next));
                    }
                    todo.push((case.target, 0, next));
                }
                todo.extend(default.map(|d| (d, 0, state)));
            }
            _ => {
                if let Some((last, rest)) = self.cfg.succs(block).split_last() {
                    todo.extend(rest.iter().map(|s| (*s, 0, state.clone())));
                    todo.push((*last, 0, state));
                }
            }
        }
    }

    /// Whether the values returned tell of success: a nil error, `true`, something that is not nil.
    fn succeeds(&self, values: &[Operand]) -> Option<bool> {
        let sig = &self.cfg.func.sig;
        let (last, ty) = (values.last()?, sig.results.last()?);
        let is = |name: &str| matches!(ty, Ty::Named { path: None, name: n } if *n == name);
        match last {
            Operand::Nil if is("error") => Some(true),
            // What another call gives may be nil.
            Operand::Place(p) if p.as_local().is_some_and(|l| self.body.local(l).kind == LocalKind::Temp) => None,
            _ if is("error") => Some(false),
            Operand::Bool(b) => Some(*b),
            Operand::Nil => Some(false),
            _ if matches!(ty, Ty::Ptr(_) | Ty::Func(_)) => Some(true),
            _ => None,
        }
    }

    fn waits(&self, state: &State, span: Span, what: impl FnOnce() -> WaitKind) {
        if state.held.is_empty() {
            return;
        }
        let at = self.at(span);
        let mut out = self.out.borrow_mut();
        if !out.found.waits.iter().any(|w| w.at == at) {
            out.found.waits.push(Wait { at, what: what(), held: state.held.clone() });
        }
    }

    /// A place gets another value.
    fn write(&self, place: &Place, value: Option<&Operand>, state: &mut State) {
        self.facts.assign(place, value, &mut state.known);
        state.held.retain(|h| !h.key.moved_by(place));
        state.took.retain(|k| !k.moved_by(place));
        state.gone.retain(|(k, _)| !k.moved_by(place));
        state.tries.retain(|(answer, h)| answer != place && !h.key.moved_by(place));
    }

    /// What was deferred, last first.
    fn run_deferred(&self, mut state: State) -> Vec<State> {
        let defers = std::mem::take(&mut state.defers);
        let mut states = vec![state];
        for (block, op) in defers.into_iter().rev() {
            let Some(OpKind::Defer(call)) = self.cfg.func.block(block).ops.get(op as usize).map(|o| &o.kind) else { continue };
            states = states.into_iter().flat_map(|s| self.call(call, s)).collect();
        }
        states
    }

    /// What a call makes of the state: none where it never comes back.
    fn call(&self, call: &Call, mut state: State) -> SmallVec<[State; 1]> {
        if let Some(lock) = self.locks.lock_call(self.id.decl, self.body, call) {
            let at = self.at(call.span);
            match (lock.op, lock.key) {
                (LockOp::Take, Some(key)) => {
                    let take = Take { key, mode: lock.mode, at, via: Vec::new(), sure: true };
                    if !self.take(take, &mut state) {
                        return SmallVec::new();
                    }
                }
                (LockOp::Release, Some(key)) => self.release(key, lock.mode, at, &mut state),
                (LockOp::Release, None) => {
                    let keys: Vec<Key> = state.held.iter().map(|h| h.key.clone()).collect();
                    keys.iter()
                        .filter(|k| lock.last.is_none() || k.path.last().copied() == lock.last)
                        .for_each(|k| state.lose_sight(k));
                }
                (LockOp::Try, Some(key)) => {
                    let held = Held { key, mode: lock.mode, at };
                    match call.results.first().and_then(Option::as_ref) {
                        Some(answer) => {
                            self.write(answer, None, &mut state);
                            state.tries.push((answer.clone(), held));
                        }
                        None => state.lose_sight(&held.key),
                    }
                }
                (_, None) => {}
            }
            return SmallVec::from_iter([state]);
        }
        if let Callee::Lit(lit) = call.callee {
            return self.inline(lit, state);
        }
        if let Some((key, run)) = self.locks.once_call(self.id.decl, self.body, call) {
            return self.once(call, key, run, state);
        }
        match self.locks.effect_of(self.id, call, &state.known, !state.held.is_empty()) {
            Some((summary, callee)) => self.apply(call, callee, &summary, state),
            None => {
                if !state.held.is_empty() {
                    if let Some(param) = self.locks.called_param(self.id, call) {
                        note(&mut self.out.borrow_mut().found.runs, param, self.id, call.span, &state.held);
                    }
                    self.library(call, &state);
                }
                SmallVec::from_iter([state])
            }
        }
    }

    /// `once.Do(run)`: held while it runs, and not run again if it has run.
    fn once(&self, call: &Call, key: Option<Key>, run: &Operand, mut state: State) -> SmallVec<[State; 1]> {
        let at = self.at(call.span);
        // Who comes second waits for the first to end, and runs nothing.
        let mut skipped = state.clone();
        if let Some(key) = &key {
            let take = Take { key: key.clone(), mode: Mode::Once, at, via: Vec::new(), sure: true };
            let stuck = self.note(&take, &state);
            self.record(&take);
            if stuck {
                return SmallVec::new();
            }
            skipped.took(key);
            state.took(key);
            state.held.push(Held { key: key.clone(), mode: Mode::Once, at });
        }
        let mut out = match run {
            Operand::Func(lit) => self.inline(*lit, state),
            value => {
                let inner = called_value(call, value);
                match inner.as_ref().and_then(|c| Some((c, self.locks.effect_of(self.id, c, &state.known, true)?))) {
                    Some((inner, (summary, callee))) => self.apply(inner, callee, &summary, state),
                    None => SmallVec::from_iter([state]),
                }
            }
        };
        for after in &mut out {
            after.held.retain(|h| h.mode != Mode::Once || Some(&h.key) != key.as_ref());
        }
        if !out.contains(&skipped) {
            out.push(skipped);
        }
        out
    }

    /// A library function that runs its argument, or waits, under a lock.
    fn library(&self, call: &Call, state: &State) {
        let Target::Model(model, outside) = self.locks.package.resolve(self.id.decl, call) else { return };
        if outside.path == "sync" && outside.recv.is_some_and(|r| r == "WaitGroup") && outside.name == "Wait" {
            if let Callee::Method { recv, .. } = &call.callee {
                self.waits(state, call.span, || WaitKind::Group(recv.clone()));
            }
            return;
        }
        let arg = model.runs.and_then(|i| call.args.get(i as usize));
        let Some(Target::Func(run)) = arg.and_then(|a| self.locks.package.operand_func(self.id.decl, a)) else { return };
        if run.decl != self.id.decl || run.func == FuncIdx::TOP {
            return;
        }
        let summary = self.locks.summary(run, &Given::default());
        for take in &summary.takes {
            if let Some(key) = self.locks.map_key(self.id.decl, self.body, call, run, &take.key) {
                let via = std::iter::once(self.at(call.span)).chain(take.via.iter().copied()).collect();
                self.note(&Take { key, via, sure: false, ..take.clone() }, state);
            }
        }
    }

    /// A literal that runs where it stands.
    fn inline(&self, lit: FuncIdx, mut state: State) -> SmallVec<[State; 1]> {
        let id = FnId { decl: self.id.decl, func: lit };
        let cfg = self.locks.cfg(id).filter(|_| self.nested < MAX_NESTED);
        let Some(cfg) = cfg else {
            self.states.set(MAX_STATES + 1);
            return SmallVec::new();
        };
        let inner = Walker {
            locks: self.locks,
            id,
            body: self.body,
            cfg,
            facts: Rc::clone(&self.facts),
            out: Rc::clone(&self.out),
            states: Rc::clone(&self.states),
            nested: self.nested + 1,
        };
        let defers = std::mem::take(&mut state.defers);
        let mut out: SmallVec<[State; 1]> = SmallVec::new();
        for exit in inner.walk(state) {
            let state = State { defers: defers.clone(), ..exit.state };
            if !out.contains(&state) {
                out.push(state);
            }
        }
        out
    }

    /// Takes note of a lock that is taken now: twice, under others. Answers whether it was held already so that this waits for ever.
    fn note(&self, take: &Take, state: &State) -> bool {
        let mut stuck = false;
        let mut out = self.out.borrow_mut();
        for held in &state.held {
            if held.key == take.key {
                if !out.found.twice.iter().any(|t| t.held.key == held.key && t.take.at == take.at && t.take.via == take.via) {
                    out.found.twice.push(Twice { held: held.clone(), take: take.clone() });
                }
                stuck |= take.sure && (held.mode != Mode::Read || take.mode != Mode::Read);
            } else if !out.found.orders.iter().any(|o| o.first.key == held.key && o.then.key == take.key) {
                let with = state.held.iter().map(|h| h.key.clone()).collect();
                out.found.orders.push(Order { first: held.clone(), then: take.clone(), with });
            }
        }
        stuck
    }

    /// Takes a lock. False where that waits for ever.
    fn take(&self, take: Take, state: &mut State) -> bool {
        // The caller's lock, let go for a while.
        if let Some(at) = state.gone.iter().position(|(k, _)| *k == take.key) {
            state.gone.remove(at);
            return true;
        }
        if state.doubt.contains(&take.key) {
            return true;
        }
        let stuck = self.note(&take, state);
        self.record(&take);
        state.took(&take.key);
        state.held.push(Held { key: take.key, mode: take.mode, at: take.at });
        !stuck
    }

    fn record(&self, take: &Take) {
        let mut out = self.out.borrow_mut();
        if !out.takes.iter().any(|t| t.key == take.key && t.mode == take.mode) {
            out.takes.push(take.clone());
        }
    }

    fn release(&self, key: Key, mode: Mode, at: At, state: &mut State) {
        if let Some(i) = state.held.iter().rposition(|h| h.key == key) {
            state.held.remove(i);
            let mut out = self.out.borrow_mut();
            if !out.released.iter().any(|(k, _)| *k == key) {
                out.released.push((key, at));
            }
        } else if !state.doubt.contains(&key) && !state.gone.iter().any(|(k, _)| *k == key) {
            state.gone.push((key, mode));
            state.gone.sort_unstable();
        }
    }

    /// A function of the package is called.
    fn apply(&self, call: &Call, callee: FnId, summary: &Summary, mut state: State) -> SmallVec<[State; 1]> {
        let at = self.at(call.span);
        if summary.unknown {
            let keys: Vec<Key> = state.held.iter().map(|h| h.key.clone()).collect();
            keys.iter().for_each(|k| state.lose_sight(k));
        }
        let map = |key: &Key| self.locks.map_key(self.id.decl, self.body, call, callee, key);
        for take in &summary.takes {
            let Some(key) = map(&take.key) else { continue };
            if state.doubt.contains(&key) || state.gone.iter().any(|(k, _)| *k == key) {
                continue;
            }
            let via = std::iter::once(at).chain(take.via.iter().copied()).collect();
            let take = Take { key, via, ..take.clone() };
            if self.note(&take, &state) {
                return SmallVec::new();
            }
            self.record(&take);
            if take.sure {
                state.took(&take.key);
            }
        }
        for (key, net) in &summary.net {
            let Some(key) = map(key) else {
                if matches!(net, Net::Releases(_) | Net::Doubt) {
                    let last = key.path.last();
                    let same: Vec<Key> = state.held.iter().map(|h| h.key.clone()).filter(|k| k.path.last() == last).collect();
                    same.iter().for_each(|k| state.lose_sight(k));
                }
                continue;
            };
            match net {
                Net::None => {}
                Net::Doubt => state.lose_sight(&key),
                Net::Releases(mode) => self.release(key, *mode, at, &mut state),
                Net::Takes(_) if state.doubt.contains(&key) => {}
                Net::Takes(mode) => state.held.push(Held { key, mode: *mode, at }),
            }
        }
        SmallVec::from_iter([state])
    }
}

/// The answer to an attempt is asked for.
fn settle(cond: &Cond, side: bool, state: &mut State) {
    match cond {
        Cond::Not(inner) => settle(inner, !side, state),
        Cond::Truth(place) => {
            if let Some(at) = state.tries.iter().position(|(answer, _)| answer == place) {
                let (_, held) = state.tries.remove(at);
                if side && !state.doubt.contains(&held.key) {
                    state.took(&held.key);
                    state.held.push(held);
                }
            }
        }
        _ => {}
    }
}
