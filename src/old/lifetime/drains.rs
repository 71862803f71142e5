//! Receives from a timer's channel that nothing will be sent on: the timer has fired and been read, was stopped, or has no channel.
//!
//! A timer sends once each time it is set. What the ways through a function do with it is followed with the answers of `Stop`: it says
//! true only for a timer that has not fired, and then nothing comes any more; a false after the value was read leaves nothing to read
//! either. That holds in every version of Go. From 1.23 on, `Stop` also takes back a value that nobody has read.

use super::locks::{Facts, Key, Known, resolve_key};
use crate::old::flow::{Cfg, Exit};
use crate::old::ir::{BlockId, Body, Call, Callee, Comm, Cond, FuncIdx, Op, OpKind, Operand, Place, Proj, Sym, Term};
use crate::old::program::{DeclId, FnId, Package, Target, functions};
use crate::source::Span;
use rustc_hash::FxHashSet;
use smallvec::SmallVec;

/// More states than this, and the function is given up.
const MAX_STATES: usize = 2000;

/// Why nothing will come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Why {
    /// Its value has been received already.
    Received,
    /// It was stopped before it fired.
    Stopped,
    /// It runs a function and has no channel.
    NoChannel,
}

/// A receive that waits for ever.
#[derive(Clone, Debug)]
pub struct Drain {
    /// The function.
    pub id: FnId,
    /// The receive.
    pub recv: Span,
    /// The timer as the code names it.
    pub timer: Key,
    /// Why nothing comes.
    pub why: Why,
    /// Where that happened.
    pub since: Span,
    /// The `Stop` whose answer leads to the receive.
    pub stop: Option<Span>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Timer {
    Set,
    Empty(Why, Span),
}

/// The answer of a `Stop`, the timer, what it was before, and the call.
type Asked = (Place, Key, Option<Timer>, Span);

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct State {
    timers: SmallVec<[(Key, Timer); 1]>,
    /// Answers of `Stop` that nobody has asked about yet, with what the timer was before.
    stops: SmallVec<[Asked; 1]>,
    /// The last `Stop` that said false.
    refused: Option<(Key, Span)>,
    known: Known,
}

impl State {
    fn get(&self, key: &Key) -> Option<Timer> {
        self.timers.iter().find(|(k, _)| k == key).map(|(_, t)| *t)
    }

    fn set(&mut self, key: &Key, timer: Option<Timer>) {
        self.timers.retain(|(k, _)| k != key);
        if let Some(timer) = timer {
            self.timers.push((key.clone(), timer));
            self.timers.sort_unstable();
        }
    }
}

/// Receives of a declaration that nothing will end.
#[must_use]
pub fn drains(package: &Package, decl: DeclId) -> Vec<Drain> {
    let Some(body) = package.body(decl) else { return Vec::new() };
    let facts = Facts::new(package, decl, body);
    let mut out = Vec::new();
    for (id, _) in functions(decl, body) {
        let Some(cfg) = Cfg::new(package, id) else { continue };
        let walk = Walk { package, id, body, cfg, facts: &facts };
        out.extend(walk.run());
    }
    out
}

struct Walk<'w, 'p> {
    package: &'p Package,
    id: FnId,
    body: &'p Body,
    cfg: Cfg<'p>,
    facts: &'w Facts,
}

impl Walk<'_, '_> {
    fn run(&self) -> Vec<Drain> {
        let mut out: Vec<Drain> = Vec::new();
        let mut seen: FxHashSet<(BlockId, State)> = FxHashSet::default();
        let mut todo = vec![(BlockId(0), State::default())];
        while let Some((block, state)) = todo.pop() {
            if !seen.insert((block, state.clone())) {
                continue;
            }
            if seen.len() > MAX_STATES {
                return Vec::new();
            }
            self.block(block, state, &mut todo, &mut out);
        }
        out.retain(|d| !self.is_shared(&d.timer) && !self.is_arranged(d));
        out.sort_by_key(|d| (d.recv, d.why, d.since));
        out.dedup_by_key(|d| d.recv);
        out
    }

    /// The timer whose channel a place is.
    fn timer_of(&self, channel: &Place) -> Option<Key> {
        let key = resolve_key(self.package, self.id.decl, self.body, channel)?;
        let (last, rest) = key.path.split_last()?;
        let timer = Key { root: key.root, path: rest.iter().copied().collect() };
        (*last == "C" && self.is_timer(&timer.place())).then_some(timer)
    }

    fn is_timer(&self, place: &Place) -> bool {
        let ty = self.package.ty_of(self.id.decl, self.body, place);
        self.package.type_kind(&ty).is_some_and(|k| k == "timer")
    }

    fn block(&self, block: BlockId, mut state: State, todo: &mut Vec<(BlockId, State)>, out: &mut Vec<Drain>) {
        let exit = self.cfg.exit(block);
        for (i, op) in self.cfg.func.block(block).ops.iter().enumerate() {
            if exit == Some(Exit::Call(i)) || !self.op(op, &mut state, out) {
                return;
            }
        }
        match &self.cfg.func.block(block).term {
            Term::If { cond, then, els } => {
                let answer = self.facts.answer(self.id.func, block, &state.known);
                for (target, side) in [(*then, true), (*els, false)] {
                    if !self.cfg.succs(block).contains(&target) || answer.is_some_and(|a| a != side) {
                        continue;
                    }
                    let mut next = state.clone();
                    self.facts.learn(self.id.func, block, side, &mut next.known);
                    if settle(cond, side, &mut next) {
                        todo.push((target, next));
                    }
                }
            }
            Term::Select { cases, default } => {
                for case in cases {
                    let mut next = state.clone();
                    if let Comm::Recv { ch, dst, ok } = &case.comm {
                        if let Some(key) = self.timer_of(ch) {
                            // A case that cannot come is not a way.
                            if matches!(next.get(&key), Some(Timer::Empty(..))) {
                                continue;
                            }
                            next.set(&key, Some(Timer::Empty(Why::Received, case.span)));
                        }
                        dst.iter().chain(ok).for_each(|p| self.write(p, None, &mut next));
                    }
                    todo.push((case.target, next));
                }
                todo.extend(default.map(|d| (d, state)));
            }
            _ => self.cfg.succs(block).iter().for_each(|s| todo.push((*s, state.clone()))),
        }
    }

    /// False where control goes no further.
    fn op(&self, op: &Op, state: &mut State, out: &mut Vec<Drain>) -> bool {
        match &op.kind {
            OpKind::Recv { ch, dst, ok } => {
                if let Some(timer) = self.timer_of(ch) {
                    if let Some(Timer::Empty(why, since)) = state.get(&timer) {
                        let stop = state.refused.as_ref().filter(|(k, _)| *k == timer).map(|(_, s)| *s);
                        out.push(Drain { id: self.id, recv: op.span, timer, why, since, stop });
                        return false;
                    }
                    state.set(&timer, Some(Timer::Empty(Why::Received, op.span)));
                }
                dst.iter().chain(ok).for_each(|p| self.write(p, None, state));
            }
            OpKind::Assign { dst, src } => self.write(dst, Some(src), state),
            OpKind::MakeChan { dst, .. } => self.write(dst, None, state),
            OpKind::Call(call) => {
                self.call(call, op.span, state);
            }
            OpKind::Spawn(call) | OpKind::Defer(call) => self.hand_out(call, state),
            OpKind::Send { value, .. } => self.leaves(value, state),
            OpKind::Close { .. } => {}
        }
        true
    }

    fn call(&self, call: &Call, span: Span, state: &mut State) {
        if let Callee::Method { recv, name } = &call.callee
            && self.is_timer(recv)
            && let Some(key) = resolve_key(self.package, self.id.decl, self.body, recv)
        {
            match name.as_str() {
                "Reset" => state.set(&key, Some(Timer::Set)),
                "Stop" => match call.results.first().and_then(Option::as_ref) {
                    Some(answer) => {
                        self.write(answer, None, state);
                        let before = state.get(&key);
                        state.stops.push((answer.clone(), key, before, span));
                    }
                    // Whether it had fired nobody asks.
                    None if !matches!(state.get(&key), Some(Timer::Empty(..))) => state.set(&key, None),
                    None => {}
                },
                _ => state.set(&key, None),
            }
            if *name == "Reset" {
                call.results.iter().flatten().for_each(|r| self.write(r, None, state));
            }
            return;
        }
        self.hand_out(call, state);
        call.results.iter().flatten().for_each(|r| self.write(r, None, state));
        let Target::Model(model, outside) = self.package.resolve(self.id.decl, call) else { return };
        let made = model.acquires.as_ref().is_some_and(|a| a.kind == "timer") && outside.path == "time";
        if let Some(Some(result)) = call.results.first()
            && made
            && self.is_timer(result)
            && let Some(key) = resolve_key(self.package, self.id.decl, self.body, result)
        {
            let timer = if model.starts.is_some() { Timer::Empty(Why::NoChannel, span) } else { Timer::Set };
            state.set(&key, Some(timer));
        }
    }

    /// What is called may set the timer again.
    fn hand_out(&self, call: &Call, state: &mut State) {
        call.args.iter().for_each(|a| self.leaves(a, state));
        if state.timers.iter().all(|(k, _)| k.path.is_empty()) {
            return;
        }
        let callee = match self.package.resolve(self.id.decl, call) {
            Target::Func(callee) if callee.decl != self.id.decl || callee.func == FuncIdx::TOP => callee,
            _ => return,
        };
        let text = self.package.text(callee.decl);
        state.timers.retain(|(k, _)| k.path.last().is_none_or(|name| !text.contains(name.as_str())));
    }

    fn leaves(&self, value: &Operand, state: &mut State) {
        let Some(key) = value.place().and_then(|p| resolve_key(self.package, self.id.decl, self.body, p)) else { return };
        state.set(&key, None);
    }

    fn write(&self, place: &Place, value: Option<&Operand>, state: &mut State) {
        self.facts.assign(place, value, &mut state.known);
        state.stops.retain(|(answer, ..)| answer != place);
        let moved = |k: &Key| k.moved_by(place) || k.place() == *place;
        let from = value.and_then(Operand::place).and_then(|p| resolve_key(self.package, self.id.decl, self.body, p));
        let timer = from.and_then(|k| state.get(&k));
        state.timers.retain(|(k, _)| !moved(k));
        if let Some(timer) = timer
            && let Some(key) = resolve_key(self.package, self.id.decl, self.body, place)
        {
            state.set(&key, Some(timer));
        }
    }

    /// Whether something that runs at another time sets the timer again.
    fn is_shared(&self, timer: &Key) -> bool {
        let is = |p: &Place| resolve_key(self.package, self.id.decl, self.body, p).as_ref() == Some(timer);
        let others = || functions(self.id.decl, self.body).filter(|(id, _)| *id != self.id);
        let here = others().flat_map(|(_, f)| f.ops()).any(|(_, _, op)| match &op.kind {
            OpKind::Assign { dst, .. } => is(dst),
            kind => resets(kind, &is),
        });
        let Some(field) = timer.path.last().copied() else { return here };
        here || self.mentions(field).into_iter().filter(|d| *d != self.id.decl).any(|d| {
            let Some(body) = self.package.body(d) else { return false };
            let named = |p: &Place| p.path.last() == Some(&Proj::Field(field));
            functions(d, body).flat_map(|(_, f)| f.ops()).any(|(_, _, op)| resets(&op.kind, &named))
        })
    }

    /// Whether conditions arrange that it is set again where it has to be: some ways from the one receive to the other set it, and only a
    /// condition leads to the `Stop`. The two may well belong together.
    fn is_arranged(&self, drain: &Drain) -> bool {
        let block_of = |span: Span| {
            let op = self.cfg.func.ops().find(|(_, _, op)| op.span == span).map(|(b, ..)| b);
            op.or_else(|| {
                self.cfg.func.block_ids().find_map(|b| match &self.cfg.func.block(b).term {
                    Term::Select { cases, .. } => cases.iter().find(|c| c.span == span).map(|c| c.target),
                    _ => None,
                })
            })
        };
        let Some((since, end)) = block_of(drain.since).zip(drain.stop.and_then(|s| self.stop_block(s))) else { return false };
        let is = |p: &Place| resolve_key(self.package, self.id.decl, self.body, p).as_ref() == Some(&drain.timer);
        let sets = |b: BlockId| self.cfg.func.block(b).ops.iter().any(|op| resets(&op.kind, &is));
        // Blocks between the two, the Stop itself left out.
        let mut seen = vec![false; self.cfg.func.blocks.len()];
        let mut todo = vec![since];
        let mut between = false;
        while let Some(b) = todo.pop() {
            if b == end || std::mem::replace(&mut seen[b.at()], true) {
                continue;
            }
            between |= sets(b) && self.comes_to(b, end, since);
            todo.extend_from_slice(self.cfg.succs(b));
        }
        between && self.is_conditional(end)
    }

    fn stop_block(&self, stop: Span) -> Option<BlockId> {
        self.cfg.func.ops().find(|(_, _, op)| matches!(&op.kind, OpKind::Call(c) if c.span == stop)).map(|(b, ..)| b)
    }

    /// Whether a condition of the same loop decides whether control comes to the block.
    fn is_conditional(&self, block: BlockId) -> bool {
        let idom = self.cfg.dominators();
        let round = self.cfg.func.block(block).in_loop;
        self.cfg.func.block_ids().any(|b| {
            let asks = b != block
                && matches!(self.cfg.func.block(b).term, Term::If { .. })
                && self.cfg.func.block(b).in_loop == round
                && Cfg::dominates(&idom, b, block);
            asks && self.cfg.succs(b).iter().any(|s| !self.comes_to(*s, block, b))
        })
    }

    /// Whether control comes from one block to another without passing a third.
    fn comes_to(&self, from: BlockId, to: BlockId, without: BlockId) -> bool {
        let mut seen = vec![false; self.cfg.func.blocks.len()];
        let mut todo = vec![from];
        while let Some(b) = todo.pop() {
            if b == to {
                return true;
            }
            if b != without && !std::mem::replace(&mut seen[b.at()], true) {
                todo.extend_from_slice(self.cfg.succs(b));
            }
        }
        false
    }

    fn mentions(&self, field: Sym) -> Vec<DeclId> {
        self.package.mentions_near(self.id.decl, field).to_vec()
    }
}

/// Whether an operation sets a timer again.
fn resets(op: &OpKind, is: &dyn Fn(&Place) -> bool) -> bool {
    match op {
        OpKind::Call(c) | OpKind::Defer(c) | OpKind::Spawn(c) => {
            matches!(&c.callee, Callee::Method { recv, name } if *name == "Reset" && is(recv))
        }
        _ => false,
    }
}

/// The answer of `Stop` is asked for. False where the way cannot be.
fn settle(cond: &Cond, side: bool, state: &mut State) -> bool {
    let (place, said) = match cond {
        Cond::Not(inner) => return settle(inner, !side, state),
        Cond::Truth(place) => (place, side),
        _ => return true,
    };
    let Some(at) = state.stops.iter().position(|(answer, ..)| answer == place) else { return true };
    let (_, key, before, span) = state.stops.remove(at);
    match (before, said) {
        // It had fired, or been stopped: Stop says false.
        (Some(Timer::Empty(why, _)), true) => return why == Why::NoChannel,
        (Some(Timer::Empty(..)), false) => {}
        (_, true) => state.set(&key, Some(Timer::Empty(Why::Stopped, span))),
        (_, false) => state.set(&key, None),
    }
    if !said {
        state.refused = Some((key, span));
    }
    true
}
