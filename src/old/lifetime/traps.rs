//! Traps: loops of a goroutine that no live edge leaves.
//!
//! An edge is dead when what it waits for can never happen: a case on a context that nobody can cancel, the end of a range over a
//! channel that nobody closes. A loop from which no way out of the function remains is a trap.

use super::Clue;
use super::guards::{Can, ContextEnd, Signal, can_close, can_receive, context_end, signal};
use crate::models::{BlockKind, ContextOp};
use crate::old::flow::Cfg;
use crate::old::ir::{BlockId, Callee, Comm, Cond, Func, FuncIdx, LoopId, LoopKind, OpKind, Operand, Place, Sym, Term, Ty};
use crate::old::program::{Cell, ChanOpKind, DeclId, FnId, Frame, Origin, Package, Spawn, Target};
use crate::source::Span;
use rustc_hash::FxHashSet;
use std::collections::VecDeque;
use std::rc::Rc;

/// What a trapped goroutine does at the place where it spends its time.
#[derive(Clone, Debug, PartialEq)]
pub enum WaitKind {
    /// A `select`.
    Select,
    /// A receive or a range, with the channel; whether it is a ticker or timer.
    Receive {
        /// The channel.
        ch: Place,
        /// It is a clock's.
        clock: bool,
    },
    /// A send.
    Send(Place),
    /// A call that waits.
    Call(BlockKind),
    /// Nothing: the loop runs hot.
    Busy,
}

/// A loop without a way out.
#[derive(Clone, Debug)]
pub struct Trap {
    /// The function that holds the loop, with the calls that lead there from the spawn.
    pub frame: Rc<Frame>,
    /// The loop.
    pub loop_id: LoopId,
    /// From `for` to before the brace.
    pub head: Span,
    /// Where it waits.
    pub wait: WaitKind,
    /// The bytes of that wait.
    pub wait_span: Span,
    /// Guards that look like a way out and are none, with the reasons.
    pub broken: Vec<Clue>,
    /// `break` statements that can be come to and leave only a `select` or `switch` in the loop.
    pub breaks: Vec<Span>,
}

impl Trap {
    /// The declaration that holds the loop.
    #[must_use]
    pub fn decl(&self) -> DeclId {
        self.frame.id.decl
    }
}

/// The traps that the spawned goroutine can run into.
#[must_use]
pub fn traps(package: &Package, spawn: &Spawn) -> Vec<Trap> {
    traps_without(package, spawn, None)
}

/// The traps that are left when nobody closes, sends on or cancels what lies in fields of the given type.
#[must_use]
pub fn traps_without(package: &Package, spawn: &Spawn, silent: Option<Sym>) -> Vec<Trap> {
    let root = Frame::root(spawn.owner);
    let mut out = Vec::new();
    let search = Search { package, silent, spawn };
    let mut todo: VecDeque<(Rc<Frame>, u8)> =
        spawn.bodies().filter_map(|body| Some((root.call(body, &spawn.call)?, 0))).collect();
    let mut left = MAX_FRAMES;
    // The nearest calls first, so that what the limit costs is the farthest.
    while let Some((frame, depth)) = todo.pop_front().filter(|_| left > 0) {
        left -= 1;
        let mut next = search.visit(&frame, &mut out, depth < MAX_CALLS);
        if depth + 1 == MAX_CALLS {
            // Nothing is called from there any more, so only what loops itself is worth reading.
            next.retain(|frame| package.text(frame.id.decl).contains("for"));
        }
        todo.extend(next.into_iter().map(|frame| (frame, depth + 1)));
    }
    out
}

/// How many calls deep a trap is looked for.
const MAX_CALLS: u8 = 4;

/// How many calls are followed for one spawn: functions that call each other make their number grow with the power of the depth.
const MAX_FRAMES: usize = 1_000;

struct Search<'p> {
    package: &'p Package,
    silent: Option<Sym>,
    spawn: &'p Spawn,
}

struct DeadEdge {
    from: BlockId,
    to: BlockId,
    clues: Vec<Clue>,
}

impl Search<'_> {
    /// Adds the traps of one function; gives the calls in it that lead on, if they are wanted.
    fn visit(&self, frame: &Rc<Frame>, out: &mut Vec<Trap>, deeper: bool) -> Vec<Rc<Frame>> {
        let package = self.package;
        let Some(mut cfg) = Cfg::new(package, frame.id) else { return Vec::new() };
        let Some((_, func)) = package.func(frame.id) else { return Vec::new() };
        if func.loops.is_empty() {
            return if deeper { self.callees(frame, func, |_| true) } else { Vec::new() };
        }
        let dead = self.dead_edges(frame, func);
        cfg.without(|from, to| dead.iter().any(|d| d.from == from && d.to == to));
        let reach = cfg.reachable(BlockId(0));
        let leave = cfg.can_leave();
        let trapped = |b: BlockId| reach[b.at()] && !leave[b.at()];
        for (i, l) in func.loops.iter().enumerate() {
            let id = LoopId(u32::try_from(i).unwrap_or(u32::MAX));
            let outer = l.parent.is_some_and(|p| trapped(func.loops[p.at()].header) && stays_inside(&cfg, func, p));
            if trapped(l.header) && !outer && stays_inside(&cfg, func, id) {
                let mut trap = describe(package, frame, func, id, &dead);
                trap.breaks = l.weak_breaks.clone();
                trap.breaks.retain(|at| func.block_ids().any(|b| reach[b.at()] && func.block(b).span == *at));
                out.push(trap);
            }
        }
        if deeper { self.callees(frame, func, |b| reach[b.at()] && leave[b.at()]) } else { Vec::new() }
    }

    fn callees(&self, frame: &Rc<Frame>, func: &Func, live: impl Fn(BlockId) -> bool) -> Vec<Rc<Frame>> {
        let mut out = Vec::new();
        for (block, _, op) in func.ops() {
            let OpKind::Call(call) = &op.kind else { continue };
            if live(block) {
                let callees = self.package.callees(frame.id.decl, call);
                out.extend(callees.iter().filter_map(|callee| frame.call(*callee, call)));
            }
        }
        out
    }

    /// What can be received here, leaving out what the silent type would have to do.
    fn can_receive(&self, frame: &Rc<Frame>, ch: &Place) -> Can {
        let signal = signal(self.package, frame, ch);
        if self.is_silent(frame, ch, &signal) {
            return Can::Never(Vec::new());
        }
        can_receive(self.package, &signal)
    }

    fn can_close(&self, frame: &Rc<Frame>, ch: &Place) -> Can {
        let signal = signal(self.package, frame, ch);
        if self.is_silent(frame, ch, &signal) { Can::Never(Vec::new()) } else { can_close(self.package, &signal) }
    }

    fn is_silent(&self, frame: &Rc<Frame>, ch: &Place, signal: &Signal) -> bool {
        let Some(owner) = self.silent else { return false };
        match signal {
            Signal::Channel(class) => {
                class.is_closed_world() && class.cells.iter().any(|c| matches!(c, Cell::Field(o, _) if *o == owner))
            }
            Signal::Context(_) => cancelled_by(self.package, frame, ch, owner),
            _ => false,
        }
    }

    fn dead_edges(&self, frame: &Rc<Frame>, func: &Func) -> Vec<DeadEdge> {
        let mut out = Vec::new();
        let oks = second_values(func);
        for b in func.block_ids() {
            match &func.block(b).term {
                Term::Select { cases, .. } => {
                    for case in cases {
                        let Comm::Recv { ch, .. } = &case.comm else { continue };
                        if let Some(clues) = one_for_all(self.package, self.spawn, frame, ch) {
                            let looks = "this case looks like the way out, but only one of the goroutines comes to it";
                            let clues = [Clue::new(frame.id.decl, case.span, looks)].into_iter().chain(clues).collect();
                            out.push(DeadEdge { from: b, to: case.target, clues });
                        } else if let Can::Never(clues) = self.can_receive(frame, ch) {
                            out.push(DeadEdge { from: b, to: case.target, clues: guard_clues(frame, case.span, clues) });
                        }
                    }
                }
                Term::Loop { id, exit: Some(exit), .. } => {
                    let LoopKind::Range(Operand::Place(p)) = &func.loops[id.at()].kind else { continue };
                    if !is_channel(self.package, frame, p) {
                        continue;
                    }
                    if let Can::Never(clues) = self.can_close(frame, p) {
                        out.push(DeadEdge { from: b, to: *exit, clues });
                    }
                }
                Term::If { cond, then, els } => {
                    if let Some((ok, when_closed)) = closed_test(cond, *then, *els)
                        && oks.contains(&ok)
                        && let Some(clues) = self.never_closed(frame, func, &ok)
                    {
                        out.push(DeadEdge { from: b, to: when_closed, clues });
                    }
                }
                _ => {}
            }
        }
        out
    }

    /// The reasons why the receive that sets `ok` never finds its channel closed. `None` where it may.
    fn never_closed(&self, frame: &Rc<Frame>, func: &Func, ok: &Place) -> Option<Vec<Clue>> {
        let mut found = None;
        let mut consider = |ch: &Place, place: Option<&Place>| {
            if place == Some(ok) {
                found = match (found.take(), self.can_close(frame, ch)) {
                    (None, Can::Never(clues)) => Some(Ok(clues)),
                    _ => Some(Err(())),
                };
            }
        };
        for (_, _, op) in func.ops() {
            match &op.kind {
                OpKind::Recv { ch, ok, .. } => consider(ch, ok.as_ref()),
                // Written otherwise too: a flag of its own.
                OpKind::Assign { dst, .. } if dst == ok => return None,
                _ => {}
            }
        }
        for block in &func.blocks {
            let Term::Select { cases, .. } = &block.term else { continue };
            for case in cases {
                if let Comm::Recv { ch, ok, .. } = &case.comm {
                    consider(ch, ok.as_ref());
                }
            }
        }
        found?.ok()
    }
}

/// The single send that should end goroutines of which several are started: it wakes one of them. Only for channels that carry no data, made
/// once for all of these goroutines and never closed.
fn one_for_all(package: &Package, spawn: &Spawn, frame: &Rc<Frame>, ch: &Place) -> Option<Vec<Clue>> {
    let (_, owner) = package.func(spawn.owner)?;
    let l = owner.block(spawn.block).in_loop?;
    let Signal::Channel(class) = signal(package, frame, ch) else { return None };
    let unknown = class.outside_send.is_some() || class.outside_close.is_some() || class.from_elsewhere;
    let (make, _) = class.makes().next()?;
    let shared = make.id == spawn.owner && !owner.loop_inside(owner.block(make.at.block()).in_loop, l);
    if unknown || !shared || class.makes().count() != 1 || class.ops_of(&ChanOpKind::Close).next().is_some() {
        return None;
    }
    let body = package.body(make.id.decl)?;
    let carried = match package.structure(&package.ty_of(make.id.decl, body, &make.place)) {
        Ty::Chan(_, elem) => package.structure(&elem),
        _ => return None,
    };
    let mut sends = class.ops_of(&ChanOpKind::Send);
    let send = sends.next().filter(|_| matches!(&carried, Ty::Struct(fields) if fields.is_empty()))?;
    let (_, sender) = package.func(send.id)?;
    if sends.next().is_some() || sender.block(send.at.block()).in_loop.is_some() || send.id.func != FuncIdx::TOP {
        return None;
    }
    let again = package.callers(send.id);
    if again.sites.iter().any(|s| package.func(s.caller).is_some_and(|(_, f)| f.block(s.block).in_loop.is_some())) {
        return None;
    }
    Some(vec![
        Clue::new(make.id.decl, make.span, "all goroutines of the loop share this channel, and nothing closes it"),
        Clue::new(send.id.decl, send.span, "this one send ends one of them"),
    ])
}

/// Places that hold the second value of a receive.
fn second_values(func: &Func) -> FxHashSet<Place> {
    let mut out = FxHashSet::default();
    for block in &func.blocks {
        for op in &block.ops {
            if let OpKind::Recv { ok: Some(ok), .. } = &op.kind {
                out.insert(ok.clone());
            }
        }
        if let Term::Select { cases, .. } = &block.term {
            out.extend(cases.iter().filter_map(|c| match &c.comm {
                Comm::Recv { ok, .. } => ok.clone(),
                Comm::Send { .. } => None,
            }));
        }
    }
    out
}

/// Whether all that control can come to from the loop's header lies in the loop.
fn stays_inside(cfg: &Cfg<'_>, func: &Func, id: LoopId) -> bool {
    let ahead = cfg.reachable(func.loops[id.at()].header);
    func.block_ids().filter(|b| ahead[b.at()]).all(|b| func.loop_inside(func.block(b).in_loop, id))
}

/// Whether the context behind `ch` (its done channel) is one that only a cancel function in a field of the type ends.
fn cancelled_by(package: &Package, frame: &Rc<Frame>, ch: &Place, owner: Sym) -> bool {
    let Origin::Call { frame: at, call, .. } = package.origin(frame, ch) else { return false };
    let Callee::Method { recv, .. } = &call.callee else { return false };
    let made_here = |frame: &Rc<Frame>, ctx: &Place| -> bool {
        let Origin::Call { frame: at, call, target: Target::Model(model, _), .. } = package.origin(frame, ctx) else {
            return false;
        };
        let Some(ContextOp::Derive { cancellable: true, deadline: false, cancel: Some(cancel), parent, .. }) = model.context
        else {
            return false;
        };
        let root = match call.args.get(parent as usize) {
            Some(Operand::Place(p)) => matches!(context_end(package, &at, p), ContextEnd::Never(_)),
            _ => false,
        };
        let Some(Some(cancel)) = call.results.get(cancel as usize) else { return false };
        root && held_by(package, at.id.decl, cancel, owner)
    };
    match package.origin(&at, recv) {
        Origin::Field(o, name) if o == owner => package.stored(&Cell::Field(o, name)).is_some_and(|values| {
            !values.is_empty() && values.iter().all(|(id, value)| value.place().is_some_and(|p| made_here(&Frame::root(*id), p)))
        }),
        _ => made_here(&at, recv),
    }
}

/// Whether the local is put into a field of the type and used nowhere else.
fn held_by(package: &Package, decl: DeclId, cancel: &Place, owner: Sym) -> bool {
    let Some(body) = package.body(decl) else { return false };
    let mut stored = false;
    for func in &body.funcs {
        for (_, _, op) in func.ops() {
            match &op.kind {
                OpKind::Assign { dst, src } if src.place() == Some(cancel) => match package.cell(decl, body, dst) {
                    Some(Cell::Field(o, _)) if o == owner => stored = true,
                    _ => return false,
                },
                OpKind::Call(c) | OpKind::Spawn(c) | OpKind::Defer(c) => {
                    let called = matches!(&c.callee, Callee::Value(p) if p == cancel);
                    if called || c.args.iter().any(|a| a.place() == Some(cancel)) {
                        return false;
                    }
                }
                _ => {}
            }
        }
    }
    stored
}

fn guard_clues(frame: &Rc<Frame>, span: Span, clues: Vec<Clue>) -> Vec<Clue> {
    let mut all = vec![Clue::new(frame.id.decl, span, "this case looks like the way out, but it can never be chosen")];
    all.extend(clues);
    all
}

/// `if !ok` after `v, ok := <-ch`: the edge that is taken when the channel is closed.
fn closed_test(cond: &Cond, then: BlockId, els: BlockId) -> Option<(Place, BlockId)> {
    match cond {
        Cond::Truth(p) => Some((p.clone(), els)),
        Cond::Not(inner) => match &**inner {
            Cond::Truth(p) => Some((p.clone(), then)),
            _ => None,
        },
        _ => None,
    }
}

/// Whether the place holds a channel.
#[must_use]
pub fn is_channel(package: &Package, frame: &Rc<Frame>, place: &Place) -> bool {
    let Some(body) = package.body(frame.id.decl) else { return false };
    matches!(package.structure(&package.ty_of(frame.id.decl, body, place)), Ty::Chan(..))
}

fn describe(package: &Package, frame: &Rc<Frame>, func: &Func, id: LoopId, dead: &[DeadEdge]) -> Trap {
    let entry = &func.loops[id.at()];
    let (wait, wait_span) = find_wait(package, frame, func, id).unwrap_or((WaitKind::Busy, entry.head));
    let inside = |b: BlockId| func.loop_inside(func.block(b).in_loop, id);
    let mut broken = Vec::new();
    for edge in dead.iter().filter(|e| inside(e.from)) {
        // The end of the range itself is no guard that somebody wrote: the rule tells of it in its own words.
        let is_header = matches!(&func.block(edge.from).term, Term::Loop { .. });
        if !is_header && (leads_out(func, edge.to, id) || is_done_like(edge)) {
            broken.extend(edge.clues.iter().cloned());
        }
    }
    for span in &entry.weak_breaks {
        broken.push(Clue::new(frame.id.decl, *span, "this `break` leaves only the `select` or `switch`, not the loop"));
    }
    broken.extend(ignored_ends(package, frame, func, id));
    Trap { frame: Rc::clone(frame), loop_id: id, head: entry.head, wait, wait_span, broken, breaks: Vec::new() }
}

fn is_done_like(edge: &DeadEdge) -> bool {
    edge.clues.len() > 1
}

/// Whether control that comes to `to` would leave the loop.
fn leads_out(func: &Func, to: BlockId, id: LoopId) -> bool {
    let mut seen = vec![false; func.blocks.len()];
    let mut todo = vec![to];
    let header = func.loops[id.at()].header;
    while let Some(b) = todo.pop() {
        if b == header || std::mem::replace(&mut seen[b.at()], true) {
            continue;
        }
        if !func.loop_inside(func.block(b).in_loop, id) || matches!(func.block(b).term, Term::Return(_) | Term::Panic) {
            return true;
        }
        todo.extend(func.successors(b));
    }
    false
}

/// Cases on the end of a context, or on a channel that somebody closes, after which the loop goes round again.
fn ignored_ends(package: &Package, frame: &Rc<Frame>, func: &Func, id: LoopId) -> Vec<Clue> {
    let mut out = Vec::new();
    for b in func.block_ids().filter(|b| func.loop_inside(func.block(*b).in_loop, id)) {
        let Term::Select { cases, .. } = &func.block(b).term else { continue };
        for case in cases {
            let Comm::Recv { ch, dst, ok } = &case.comm else { continue };
            let says = match signal(package, frame, ch) {
                Signal::Context(ContextEnd::Can) => "the end of the context is noticed here, and the loop goes round again",
                Signal::Channel(class)
                    if dst.is_none()
                        && ok.is_none()
                        && carries_nothing(package, frame, ch)
                        && class.ops.iter().any(|o| o.kind == ChanOpKind::Close) =>
                {
                    "the close of the channel is noticed here, and the loop goes round again"
                }
                _ => continue,
            };
            let weak = func.loops[id.at()].weak_breaks.iter().any(|w| case_holds(func, case.target, *w));
            if !weak {
                out.push(Clue::new(frame.id.decl, case.span, says));
            }
        }
    }
    out
}

fn case_holds(func: &Func, target: BlockId, at: Span) -> bool {
    func.block(target).span.contains(at)
}

fn carries_nothing(package: &Package, frame: &Rc<Frame>, ch: &Place) -> bool {
    let Some(body) = package.body(frame.id.decl) else { return false };
    match package.structure(&package.ty_of(frame.id.decl, body, ch)) {
        Ty::Chan(_, elem) => matches!(&*elem, Ty::Struct(fields) if fields.is_empty()),
        _ => false,
    }
}

/// Where the loop spends its time: a select before a receive before a send before a call that waits.
fn find_wait(package: &Package, frame: &Rc<Frame>, func: &Func, id: LoopId) -> Option<(WaitKind, Span)> {
    let inside: Vec<BlockId> = func.block_ids().filter(|b| func.loop_inside(func.block(*b).in_loop, id)).collect();
    if let LoopKind::Range(Operand::Place(p)) = &func.loops[id.at()].kind
        && is_channel(package, frame, p)
    {
        let entry = &func.loops[id.at()];
        return Some((receive_kind(package, frame, p), entry.head));
    }
    for b in &inside {
        if let Term::Select { default: None, cases } = &func.block(*b).term
            && !cases.is_empty()
        {
            return Some((WaitKind::Select, func.block(*b).span));
        }
    }
    let ops = || inside.iter().flat_map(|b| &func.block(*b).ops);
    for op in ops() {
        if let OpKind::Recv { ch, .. } = &op.kind {
            return Some((receive_kind(package, frame, ch), op.span));
        }
    }
    for op in ops() {
        let OpKind::Call(call) = &op.kind else { continue };
        if let Some(blocks) = package.resolve(frame.id.decl, call).model().and_then(|m| m.blocks.as_ref()) {
            return Some((WaitKind::Call(blocks.kind), op.span));
        }
    }
    for op in ops() {
        if let OpKind::Send { ch, .. } = &op.kind {
            return Some((WaitKind::Send(ch.clone()), op.span));
        }
    }
    // A loop inside the loop may be where it waits.
    for b in &inside {
        if let Term::Loop { id: inner, .. } = &func.block(*b).term
            && *inner != id
            && let LoopKind::Range(Operand::Place(p)) = &func.loops[inner.at()].kind
            && is_channel(package, frame, p)
        {
            return Some((receive_kind(package, frame, p), func.loops[inner.at()].head));
        }
    }
    None
}

fn receive_kind(package: &Package, frame: &Rc<Frame>, ch: &Place) -> WaitKind {
    let clock = matches!(signal(package, frame, ch), Signal::Ticker | Signal::Timer);
    WaitKind::Receive { ch: ch.clone(), clock }
}

/// The calls that lead from the spawn to the trap, as steps.
#[must_use]
pub fn call_chain(frame: &Rc<Frame>) -> Vec<(FnId, Span)> {
    let mut out = Vec::new();
    let mut at = frame;
    while let Some((up, call)) = &at.up {
        // The first call is the spawn itself, which has a step of its own.
        if up.up.is_some() {
            out.push((up.id, call.span));
        }
        at = up;
    }
    out.reverse();
    out
}
