//! The walk behind traces: all ways through one function, loops folded.

use super::count::{Count, count_of, length};
use super::facts::{Facts, Repeated};
use super::guards::{Signal, signal};
use super::items::latch;
use super::latches;
use super::traces::{End, Event, Guard, Item, ItemKind, MAX_TRACES, TooMany, Tracer, joined};
use super::traps::is_channel;
use crate::old::flow::{Cfg, Exit};
use crate::old::ir::{
    BlockId, Call, Callee, Comm, Cond, Expr, Func, LoopId, LoopKind, OpKind, Operand, Place, SelectCase, Term, Ty,
};
use crate::old::program::{ChanOpKind, DeclId, Frame, Target};
use crate::source::Span;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::RefCell;
use std::rc::Rc;

/// A way with more events than this is given up: what is seen is kept for every block.
const MAX_ITEMS: usize = 400;

/// Ways with how each stops and what it found out.
pub(super) type Ways = Vec<(Vec<Item>, Stop, Facts)>;

/// A way as far as it has come.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Path {
    items: Vec<Item>,
    defers: Vec<Call>,
    facts: Facts,
}

/// Ways that go on: in which block, and from which operation on.
type Todo = Vec<(Path, BlockId, usize)>;

/// Where a way stops.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Stop {
    /// Back at the header of the loop in hand.
    Round,
    /// Out of the loop in hand, to a block outside.
    Leaves(BlockId),
    /// Out of the function.
    Ends(End),
}

/// The walk through one function.
pub(super) struct Walk<'t, 'p> {
    pub(super) tracer: &'t Tracer<'p>,
    pub(super) frame: Rc<Frame>,
    pub(super) cfg: Cfg<'p>,
    pub(super) func: &'p Func,
    /// Where the channels are made, if the trace starts there: coming back ends it.
    pub(super) start: Option<(BlockId, usize)>,
    /// The conditions worth remembering.
    pub(super) repeated: Rc<Repeated>,
    /// Blocks that are passed once, of those asked about.
    pub(super) latched: RefCell<FxHashMap<BlockId, bool>>,
}

impl Walk<'_, '_> {
    pub(super) fn decl(&self) -> DeclId {
        self.frame.id.decl
    }

    fn item(&self, event: Event, span: Span) -> Item {
        Item { kind: ItemKind::One(event), at: self.frame.id, span }
    }

    /// All ways from a place until the loop in hand comes round, is left, or the function ends.
    pub(super) fn ways(&self, block: BlockId, op: usize, region: Option<LoopId>, facts: Facts) -> Result<Ways, TooMany> {
        let mut out: Ways = Vec::new();
        let mut seen: FxHashSet<(BlockId, Vec<Item>, usize, Facts)> = FxHashSet::default();
        let mut todo: Todo = vec![(Path { facts, ..Path::default() }, block, op)];
        while let Some((path, block, op)) = todo.pop() {
            if out.len() + todo.len() > MAX_TRACES || path.items.len() > MAX_ITEMS {
                return Err(TooMany);
            }
            if !seen.insert((block, path.items.clone(), path.defers.len(), path.facts.clone())) {
                continue;
            }
            for path in self.ops(block, op, path)? {
                self.leave_block(block, path, region, &mut todo, &mut out)?;
            }
        }
        Ok(out)
    }

    /// The operations of a block; calls that touch the channels branch into their own ways.
    fn ops(&self, block: BlockId, from: usize, path: Path) -> Result<Vec<Path>, TooMany> {
        let mut ways = vec![path];
        let cut = match self.cfg.exit(block) {
            Some(Exit::Call(i)) => i,
            _ => usize::MAX,
        };
        for (i, op) in self.func.block(block).ops.iter().enumerate().skip(from) {
            if i > cut {
                break;
            }
            match &op.kind {
                OpKind::Send { ch, .. } => {
                    let latch = || if self.is_latched(block) { vec![Guard::Latch] } else { Vec::new() };
                    self.simple(&mut ways, ch, op.span, |c| Event::Send(c, latch()));
                }
                OpKind::Recv { ch, .. } => {
                    self.simple(&mut ways, ch, op.span, Event::Recv);
                    if self.is_latched(block) {
                        self.simple(&mut ways, ch, op.span, |_| Event::Unknown);
                    }
                }
                OpKind::Close { ch } => self.simple(&mut ways, ch, op.span, Event::Close),
                OpKind::Spawn(_) => self.spawned(&mut ways, op.span),
                OpKind::Defer(call) => {
                    if self.is_of_interest(call) {
                        ways.iter_mut().for_each(|w| w.defers.push((**call).clone()));
                    }
                }
                OpKind::Call(call) => {
                    self.spawned(&mut ways, op.span);
                    let more = self.call(call)?;
                    if let Some(mut more) = more {
                        if more.iter().any(|m| !m.is_empty()) && self.is_latched(block) {
                            more.iter_mut().for_each(|m| latch(m, self.frame.id, op.span));
                        }
                        ways = cross(&ways, &more)?;
                    }
                }
                OpKind::MakeChan { .. } | OpKind::Assign { .. } => {}
            }
            ways.iter_mut().for_each(|w| w.facts.pass(op, &self.repeated));
        }
        Ok(ways)
    }

    fn simple(&self, ways: &mut [Path], ch: &Place, span: Span, event: impl Fn(usize) -> Event) {
        if let Some(c) = self.tracer.channel(&self.frame, ch) {
            ways.iter_mut().for_each(|w| w.items.push(self.item(event(c), span)));
        }
    }

    fn spawned(&self, ways: &mut [Path], span: Span) {
        if let Some(s) = self.tracer.package.spawn_at(self.frame.id, span) {
            ways.iter_mut().for_each(|w| w.items.push(self.item(Event::Spawn(s), span)));
        }
    }

    /// Whether the block stands behind a flag or an atomic that lets one through.
    fn is_latched(&self, block: BlockId) -> bool {
        let mut known = self.latched.borrow_mut();
        *known.entry(block).or_insert_with(|| latches::is_latched(self.tracer.package, &self.cfg, block))
    }

    /// What a call does to the channels, as alternatives. `None` for nothing.
    fn call(&self, call: &Call) -> Result<Option<Vec<Vec<Item>>>, TooMany> {
        if let Some(event) = self.group_event(call) {
            return Ok(Some(vec![vec![self.item(event, call.span)]]));
        }
        if call.callee == Callee::Name(ustr::ustr("close"))
            && let Some(c) = call.args.first().and_then(Operand::place).and_then(|p| self.tracer.channel(&self.frame, p))
        {
            return Ok(Some(vec![vec![self.item(Event::Close(c), call.span)]]));
        }
        let target = self.tracer.package.resolve(self.decl(), call);
        let callee = match (&target, target.func()) {
            (_, Some(id)) => Some(id),
            // `once.Do(f)`, `sort.Slice(x, f)`: the argument runs now.
            (t, None) => t
                .model()
                .and_then(|m| m.runs)
                .and_then(|i| call.args.get(i as usize))
                .and_then(|a| self.tracer.package.operand_func(self.decl(), a).and_then(|t| t.func())),
        };
        if callee.is_none() && matches!(target, Target::Dynamic(_) | Target::Unknown) {
            return self.one_of_several(call);
        }
        let Some(callee) = callee.filter(|c| self.tracer.touches(*c)) else { return Ok(None) };
        // A function that calls itself: how often cannot be told.
        let Some(frame) = self.frame.call(callee, call) else {
            return Ok(Some(vec![vec![self.item(Event::Unknown, call.span)]]));
        };
        let traces = self.tracer.traces_within(&frame, None)?;
        let mut ways: Vec<Vec<Item>> = traces.into_iter().filter(|t| matches!(t.end, End::Return(..))).map(|t| t.items).collect();
        // `if s.stopped { return }`: whether a method of the object has anything left to do is up to its state, which is not followed.
        if self.tracer.of_object && ways.len() > 1 && ways.iter().any(Vec::is_empty) {
            ways.iter_mut().for_each(|w| w.push(self.item(Event::Unknown, call.span)));
        }
        if matches!(&target, Target::Model(_, o) if o.path == "sync" && o.recv.is_some_and(|r| r == "Once")) {
            ways.iter_mut().for_each(|w| latch(w, self.frame.id, call.span));
        }
        Ok(Some(ways))
    }

    fn group_event(&self, call: &Call) -> Option<Event> {
        let Callee::Method { recv, name } = &call.callee else { return None };
        if !matches!(name.as_str(), "Wait" | "Done" | "Add") {
            return None;
        }
        let package = self.tracer.package;
        let body = package.body(self.decl())?;
        let kind = package.type_kind(&package.ty_of(self.decl(), body, recv))?;
        if kind != "waitgroup" && kind != "errgroup" {
            return None;
        }
        let group = self.tracer.group(package.cell(self.decl(), body, recv)?);
        Some(match name.as_str() {
            "Wait" => Event::Wait(group),
            "Done" => Event::Done(group),
            _ => match call.args.first() {
                // `Add(-1)` is another way to say Done.
                Some(Operand::Int(-1)) => Event::Done(group),
                Some(n) => Event::Add(group, count_of(package, self.decl(), n)),
                None => return None,
            },
        })
    }

    fn is_of_interest(&self, call: &Call) -> bool {
        match &call.callee {
            Callee::Name(name) if *name == "close" => true,
            Callee::Method { .. } if self.group_event(call).is_some() => true,
            _ => self.tracer.package.callees(self.decl(), call).iter().any(|f| self.tracer.touches(*f)),
        }
    }

    fn leave_block(
        &self,
        block: BlockId,
        path: Path,
        region: Option<LoopId>,
        todo: &mut Todo,
        out: &mut Ways,
    ) -> Result<(), TooMany> {
        match self.cfg.exit(block) {
            Some(Exit::Return) => {
                let end = End::Return(self.frame.id, self.func.block(block).span);
                self.end(path, &end, out)?;
                return Ok(());
            }
            Some(_) => {
                out.push((path.items, Stop::Ends(End::Gone), path.facts));
                return Ok(());
            }
            None => {}
        }
        match &self.func.block(block).term {
            Term::Select { cases, default } => return self.select(block, cases, *default, path, region, todo, out),
            Term::If { cond, then, els } => {
                for (next, outcome) in [(*then, true), (*els, false)] {
                    // What was found out before rules the branch out, or an edge that is never taken does.
                    if self.holds(cond).or(path.facts.says(cond)) == Some(!outcome) || !self.cfg.succs(block).contains(&next) {
                        continue;
                    }
                    let mut path = path.clone();
                    path.items = self.note_counter(block, next, region, path.items);
                    path.items.extend(self.peeked(cond).map(|c| self.item(Event::Peek(c), self.func.block(block).span)));
                    path.facts.learn(cond, outcome, &self.repeated);
                    self.note_closed(cond, outcome, &mut path.items);
                    self.go(next, path, region, todo, out)?;
                }
                return Ok(());
            }
            _ => {}
        }
        for next in self.cfg.succs(block).to_vec() {
            self.go(next, path.clone(), region, todo, out)?;
        }
        Ok(())
    }

    /// The function returns: what was deferred runs.
    fn end(&self, path: Path, end: &End, out: &mut Ways) -> Result<(), TooMany> {
        let facts = path.facts.clone();
        for items in self.run_defers(path)? {
            out.push((items, Stop::Ends(end.clone()), facts.clone()));
        }
        Ok(())
    }

    /// What is known of the condition whatever the way: what is followed here is not nil.
    fn holds(&self, cond: &Cond) -> Option<bool> {
        match cond {
            Cond::Not(inner) => self.holds(inner).map(|b| !b),
            Cond::IsNil(p) if self.tracer.is_group(self.decl(), p) => Some(false),
            Cond::IsNil(p) => self.tracer.channel(&self.frame, p).map(|_| false),
            _ => None,
        }
    }

    /// A receive whose second answer is no: the channel is closed, and all that was sent on it before has been taken.
    fn note_closed(&self, cond: &Cond, outcome: bool, items: &mut [Item]) {
        let asked = match cond {
            Cond::Not(inner) => return self.note_closed(inner, !outcome, items),
            Cond::Truth(place) if !outcome => place,
            _ => return,
        };
        let is_asked = |ok: &Option<Place>| ok.as_ref() == Some(asked);
        let by_op = self.func.ops().filter_map(|(_, _, op)| match &op.kind {
            OpKind::Recv { ch, ok, .. } if is_asked(ok) => Some((ch, op.span)),
            _ => None,
        });
        let by_case = self.func.blocks.iter().flat_map(|b| match &b.term {
            Term::Select { cases, .. } => cases.as_slice(),
            _ => &[],
        });
        let by_case = by_case.filter_map(|case| match &case.comm {
            Comm::Recv { ch, ok, .. } if is_asked(ok) => Some((ch, case.span)),
            _ => None,
        });
        for (ch, span) in by_op.chain(by_case) {
            let Some(c) = self.tracer.channel(&self.frame, ch) else { continue };
            let last = items.iter_mut().rev().find(|i| i.span == span && i.kind == ItemKind::One(Event::Recv(c)));
            if let Some(item) = last {
                item.kind = ItemKind::One(Event::Drain(c));
            }
        }
    }

    /// The channel whose length the condition asks for.
    fn peeked(&self, cond: &Cond) -> Option<usize> {
        match cond {
            Cond::Not(inner) => self.peeked(inner),
            Cond::Eq(a, b) | Cond::Less(a, b) => [a, b].into_iter().find_map(|v| match v {
                Operand::Expr(e) => match &**e {
                    Expr::Len(p) => self.tracer.channel(&self.frame, p),
                    _ => None,
                },
                _ => None,
            }),
            _ => None,
        }
    }

    /// A branch on a number that the loop in hand counts itself: how many rounds passed before it is not known.
    fn note_counter(&self, block: BlockId, next: BlockId, region: Option<LoopId>, mut items: Vec<Item>) -> Vec<Item> {
        let Some(region) = region else { return items };
        let Term::If { cond, .. } = &self.func.block(block).term else { return items };
        let leaves = !self.func.loop_inside(self.func.block(next).in_loop, region) || self.cfg.exit(next).is_some();
        if leaves && compares_counter(cond, |p| self.is_written(p, region)) {
            items.push(self.item(Event::Unknown, self.func.block(block).span));
        }
        items
    }

    fn is_written(&self, place: &Place, region: LoopId) -> bool {
        self.func.ops().any(|(b, _, op)| {
            matches!(&op.kind, OpKind::Assign { dst, src: Operand::Opaque } if dst == place)
                && self.func.loop_inside(self.func.block(b).in_loop, region)
        })
    }

    #[expect(clippy::too_many_arguments, reason = "one step of the walk")]
    fn select(
        &self,
        block: BlockId,
        cases: &[SelectCase],
        default: Option<BlockId>,
        mut path: Path,
        region: Option<LoopId>,
        todo: &mut Todo,
        out: &mut Ways,
    ) -> Result<(), TooMany> {
        let ours = |c: &SelectCase| self.tracer.channel(&self.frame, c.comm.ch());
        let of_interest = cases.iter().any(|c| ours(c).is_some());
        path.facts.waited();
        if of_interest {
            let choice = self.tracer.choice(&self.frame, cases, default.is_some());
            path.items.push(self.item(choice, self.func.block(block).span));
        }
        for (i, case) in cases.iter().enumerate() {
            let mut path = path.clone();
            match (ours(case), &case.comm) {
                // Nobody could take it, and another send of the same `select` can be taken.
                (Some(c), Comm::Send { .. }) if !self.tracer.is_received(c) && cases.iter().any(|o| self.is_taken_send(o)) => {
                    continue;
                }
                (Some(c), Comm::Send { .. }) => {
                    let mut guards = self.tracer.guards(&self.frame, cases, i, default.is_some());
                    if self.is_latched(block) {
                        guards.push(Guard::Latch);
                    }
                    path.items.push(self.item(Event::Send(c, guards), case.span));
                }
                // Nothing ever comes from it, and something may from another one.
                (Some(c), Comm::Recv { .. }) if !self.tracer.is_fed(c) && cases.iter().any(|o| self.is_fed_receive(o)) => {
                    continue;
                }
                (Some(c), Comm::Recv { .. }) => path.items.push(self.item(Event::Recv(c), case.span)),
                (None, Comm::Recv { ch, .. }) => {
                    // A case that can never be chosen is no way.
                    if matches!(signal(self.tracer.package, &self.frame, ch), Signal::Nil(_)) {
                        continue;
                    }
                    if of_interest {
                        path.items.push(self.item(Event::OtherCase, case.span));
                    }
                }
                (None, Comm::Send { .. }) => {
                    if of_interest {
                        path.items.push(self.item(Event::OtherCase, case.span));
                    }
                }
            }
            if let Comm::Recv { dst, ok, .. } = &case.comm {
                dst.iter().chain(ok).for_each(|p| path.facts.forget(p));
            }
            self.go(case.target, path, region, todo, out)?;
        }
        if let Some(default) = default {
            if of_interest {
                path.items.push(self.item(Event::OtherCase, self.func.block(block).span));
            }
            self.go(default, path, region, todo, out)?;
        }
        Ok(())
    }

    fn is_taken_send(&self, case: &SelectCase) -> bool {
        matches!(&case.comm, Comm::Send { ch, .. } if self.tracer.channel(&self.frame, ch).is_some_and(|c| self.tracer.is_received(c)))
    }

    fn is_fed_receive(&self, case: &SelectCase) -> bool {
        matches!(&case.comm, Comm::Recv { ch, .. } if self.tracer.channel(&self.frame, ch).is_some_and(|c| self.tracer.is_fed(c)))
    }

    /// Goes on to a block: round the loop in hand, out of it, into a new loop, or straight on.
    fn go(&self, next: BlockId, path: Path, region: Option<LoopId>, todo: &mut Todo, out: &mut Ways) -> Result<(), TooMany> {
        if let Some(l) = region {
            if next == self.func.loops[l.at()].header {
                out.push((path.items, Stop::Round, path.facts));
                return Ok(());
            }
            if !self.func.loop_inside(self.func.block(next).in_loop, l) {
                // What was deferred inside a loop is seldom of interest; on the way out of the region it would be lost.
                let facts = path.facts.clone();
                let rest = if path.defers.is_empty() { vec![path.items] } else { self.run_defers(path)? };
                out.extend(rest.into_iter().map(|i| (i, Stop::Leaves(next), facts.clone())));
                return Ok(());
            }
        }
        if self.start.is_some_and(|(b, _)| b == next) && region.is_none() {
            out.push((path.items, Stop::Ends(End::Again(self.func.block(next).span)), path.facts));
            return Ok(());
        }
        let inner = self.func.block(next).in_loop.filter(|l| self.func.loops[l.at()].header == next && Some(*l) != region);
        match inner {
            Some(l) => self.enter_loop(l, next, path, region, todo, out),
            None => {
                todo.push((path, next, 0));
                Ok(())
            }
        }
    }

    fn enter_loop(
        &self,
        l: LoopId,
        header: BlockId,
        mut path: Path,
        region: Option<LoopId>,
        todo: &mut Todo,
        out: &mut Ways,
    ) -> Result<(), TooMany> {
        let Term::Loop { body, exit, .. } = self.func.block(header).term else { return Ok(()) };
        let entry = &self.func.loops[l.at()];
        let (count, over) = self.rounds(&entry.kind);
        self.forget_written(l, &mut path.facts);
        let ways = self.ways(body, 0, Some(l), path.facts.clone())?;
        let rounds: Vec<Vec<Item>> = dedup(ways.iter().filter(|(_, s, _)| *s == Stop::Round).map(|(i, ..)| i.clone()));
        let quiet = over.is_none() && rounds.iter().all(Vec::is_empty);
        let rounds = Rc::new(rounds);
        let folded = |whole: bool, count: Count| Item {
            kind: ItemKind::Loop { count, rounds: Rc::clone(&rounds), over, whole },
            at: self.frame.id,
            span: entry.head,
        };
        let mut after_ways = Vec::new();
        for (more, stop, facts) in dedup(ways.into_iter().filter(|(_, s, _)| *s != Stop::Round)) {
            // Conditional loops leave by a branch of their own: that is their end, not an early exit.
            let whole = matches!((&entry.kind, &stop), (LoopKind::Cond(_), Stop::Leaves(_))) && more.is_empty();
            let mut items = path.items.clone();
            if !quiet {
                let count = if whole { Count::unknown() } else { count.clone() };
                items.push(folded(whole, count));
            }
            if let Some(c) = over {
                items.push(self.item(Event::Recv(c), entry.head));
            }
            items.extend(more);
            after_ways.push((Path { items, defers: path.defers.clone(), facts }, stop));
        }
        if let Some(exit) = exit {
            if !quiet {
                path.items.push(folded(true, count));
            }
            after_ways.push((path, Stop::Leaves(exit)));
        }
        for (path, stop) in after_ways {
            match stop {
                Stop::Leaves(next) => self.go(next, path, region, todo, out)?,
                Stop::Ends(end @ End::Return(..)) => self.end(path, &end, out)?,
                stop => out.push((path.items, stop, path.facts)),
            }
        }
        Ok(())
    }

    /// What a loop writes is not known any more at the start of a round, nor after the last.
    fn forget_written(&self, l: LoopId, facts: &mut Facts) {
        let inside = |b: BlockId| self.func.loop_inside(self.func.block(b).in_loop, l);
        for (_, _, op) in self.func.ops().filter(|(b, ..)| inside(*b)) {
            facts.pass(op, &Repeated::default());
        }
        for block in self.func.block_ids().filter(|b| inside(*b)) {
            let Term::Select { cases, .. } = &self.func.block(block).term else { continue };
            for case in cases {
                if let Comm::Recv { dst, ok, .. } = &case.comm {
                    dst.iter().chain(ok).for_each(|p| facts.forget(p));
                }
            }
        }
    }

    /// How many rounds a loop has, and the channel that it ranges over.
    fn rounds(&self, kind: &LoopKind) -> (Count, Option<usize>) {
        let package = self.tracer.package;
        match kind {
            LoopKind::Forever => (Count::many(), None),
            LoopKind::Cond(_) => (Count::unknown(), None),
            LoopKind::Count(n) => (count_of(package, self.decl(), n), None),
            LoopKind::Range(Operand::Place(p)) => {
                if let Some(c) = self.tracer.channel(&self.frame, p) {
                    return (Count::many(), Some(c));
                }
                if is_channel(package, &self.frame, p) {
                    // What the declaration itself feeds has as many rounds as that.
                    let class = package.class(self.decl(), p);
                    let fed = class.is_some_and(|c| c.ops_of(&ChanOpKind::Send).any(|o| self.tracer.makes_in(o.id.decl)));
                    return (if fed { Count::unknown() } else { Count::many() }, None);
                }
                let Some(body) = package.body(self.decl()) else { return (Count::unknown(), None) };
                match package.structure(&package.ty_of(self.decl(), body, p)) {
                    Ty::Named { path: None, name } if name == "int" => {
                        (count_of(package, self.decl(), &Operand::Place(p.clone())), None)
                    }
                    _ => (length(package, self.decl(), p, 0), None),
                }
            }
            LoopKind::Range(n) => (count_of(package, self.decl(), n), None),
        }
    }

    /// Runs what was deferred, last first.
    fn run_defers(&self, path: Path) -> Result<Vec<Vec<Item>>, TooMany> {
        let defers = path.defers;
        let mut ways = vec![Path { defers: Vec::new(), ..path }];
        for call in defers.iter().rev() {
            if let Some(more) = self.call(call)? {
                ways = cross(&ways, &more)?;
            }
        }
        Ok(ways.into_iter().map(|w| w.items).collect())
    }
}

fn cross(ways: &[Path], more: &[Vec<Item>]) -> Result<Vec<Path>, TooMany> {
    let mut out = Vec::new();
    for way in ways {
        for tail in more {
            out.push(Path { items: joined(&way.items, tail.clone()), defers: way.defers.clone(), facts: way.facts.clone() });
        }
    }
    let out = dedup(out.into_iter());
    if out.len() > MAX_TRACES { Err(TooMany) } else { Ok(out) }
}

fn dedup<T: PartialEq>(list: impl Iterator<Item = T>) -> Vec<T> {
    let mut out: Vec<T> = Vec::new();
    for item in list {
        if !out.contains(&item) {
            out.push(item);
        }
    }
    out
}

/// Whether the condition compares a place that `counts`.
fn compares_counter(cond: &Cond, counts: impl Fn(&Place) -> bool + Copy) -> bool {
    match cond {
        Cond::Not(inner) => compares_counter(inner, counts),
        Cond::Eq(a, b) | Cond::Less(a, b) => [a, b].into_iter().any(|v| match v {
            Operand::Place(p) => counts(p),
            _ => false,
        }),
        _ => false,
    }
}
