//! Who is left to receive from a channel that leaves its function.
//!
//! The balance sheet counts exactly where it can. Here are the other channels: fields, parameters, returned ones. A send on them waits
//! for good if nothing receives at all, or if everybody who receives can leave first.

use super::Clue;
use super::balance::receivers;
use super::guards::{Can, ContextEnd, Signal, can_receive, signal};
use super::handshake::{is_first_of_all, reader_says_so};
use crate::old::flow::Cfg;
use crate::old::ir::{BlockId, Call, Cap, Comm, Cond, Func, LoopId, LoopKind, OpKind, Place, SelectCase, Term, Ty};
use crate::old::program::{ChanOp, ChanOpKind, ChanWhere, Class, FnId, Frame, Origin, Package, Spawn};
use crate::source::Span;
use std::rc::Rc;

/// Why a send may wait for good.
#[derive(Clone, Debug)]
pub enum Why {
    /// Nothing receives.
    NoReceiver,
    /// The channel is given to callers out of view, who may stop reading.
    CallerMayStop(FnId),
    /// Each reader in view can leave first; how, for each.
    ReadersLeave(Vec<Clue>),
}

/// A send of a goroutine that may wait for good.
#[derive(Clone, Debug)]
pub struct Lost {
    /// Index of the spawn.
    pub spawn: usize,
    /// The function that sends, with the calls that lead there.
    pub frame: Rc<Frame>,
    /// The send.
    pub span: Span,
    /// The channel's place there.
    pub place: Place,
    /// The channel.
    pub class: Rc<Class>,
    /// Why.
    pub why: Why,
    /// Further sends of the goroutine on the same channel.
    pub also: Vec<(FnId, Span)>,
}

/// A send that was passed over, and why.
#[derive(Clone, Debug)]
pub struct Passed {
    /// The function.
    pub at: FnId,
    /// The send.
    pub span: Span,
    /// The reason.
    pub reason: String,
}

struct Send {
    frame: Rc<Frame>,
    block: BlockId,
    span: Span,
    place: Place,
}

/// Sends of goroutines on channels that are not local to one function and whose receivers may be gone, and those passed over.
#[must_use]
pub fn lost_sends(package: &Package, spawns: &[Spawn]) -> (Vec<Lost>, Vec<Passed>) {
    let mut out = Vec::new();
    let mut passed = Vec::new();
    for (i, spawn) in spawns.iter().enumerate() {
        let mut sends = Vec::new();
        for frame in spawn.bodies().filter_map(|body| Frame::root(spawn.owner).call(body, &spawn.call)) {
            collect(package, &frame, &mut sends, 0);
        }
        for send in sends {
            match judge(package, &send) {
                Ok((class, why)) => out.push(Lost {
                    spawn: i,
                    frame: send.frame,
                    span: send.span,
                    place: send.place,
                    class,
                    why,
                    also: Vec::new(),
                }),
                Err(reason) => passed.push(Passed { at: send.frame.id, span: send.span, reason }),
            }
        }
    }
    out.sort_by_key(|l| (l.frame.id.decl, l.span, l.spawn));
    out.dedup_by_key(|l| (l.frame.id.decl, l.span));
    (group(out), passed)
}

/// One cause, one finding: the sends of a goroutine on one channel are told of together, at the first of them.
fn group(sends: Vec<Lost>) -> Vec<Lost> {
    let mut out: Vec<Lost> = Vec::new();
    for send in sends {
        match out.iter_mut().find(|l| l.spawn == send.spawn && Rc::ptr_eq(&l.class, &send.class)) {
            Some(first) => first.also.push((send.frame.id, send.span)),
            None => out.push(send),
        }
    }
    out
}

/// Sends without a working guard in a function and those that it calls.
fn collect(package: &Package, frame: &Rc<Frame>, out: &mut Vec<Send>, depth: u8) {
    let Some((_, func)) = package.func(frame.id) else { return };
    for (block, _, op) in func.ops() {
        match &op.kind {
            OpKind::Send { ch, .. } => out.push(Send { frame: Rc::clone(frame), block, span: op.span, place: ch.clone() }),
            OpKind::Call(call) if depth < 3 => {
                for callee in package.callees(frame.id.decl, call).iter() {
                    // What is called last of all has to send itself.
                    if (depth < 2 || package.text(callee.decl).contains("<-"))
                        && let Some(next) = frame.call(*callee, call)
                    {
                        collect(package, &next, out, depth + 1);
                    }
                }
            }
            _ => {}
        }
    }
    for block in func.block_ids() {
        let Term::Select { cases, default: None } = &func.block(block).term else { continue };
        for (i, case) in cases.iter().enumerate() {
            let Comm::Send { ch, .. } = &case.comm else { continue };
            let guarded = cases.iter().enumerate().any(|(j, other)| {
                j != i
                    && match &other.comm {
                        Comm::Recv { ch, .. } => can_receive(package, &signal(package, frame, ch)) == Can::Yes,
                        Comm::Send { .. } => true,
                    }
            });
            if !guarded {
                out.push(Send { frame: Rc::clone(frame), block, span: case.span, place: ch.clone() });
            }
        }
    }
}

fn judge(package: &Package, send: &Send) -> Result<(Rc<Class>, Why), String> {
    let decl = send.frame.id.decl;
    let class = package.class(decl, &send.place).ok_or("the channel's place cannot be followed")?;
    // Exploring says which channels are nil where.
    if matches!(package.origin(&send.frame, &send.place), Origin::Nil) || class.is_never_made() {
        return Err("the channel is never made".into());
    }
    if class.is_local() && class.makes().count() == 1 {
        return Err("the channel is local; its sends and receives are counted".into());
    }
    let none = receivers(&class).next().is_none();
    if none && class.outside_recv.is_none() && !class.from_elsewhere && class.makes().next().is_some() && roomless(&class) {
        return Ok((class, Why::NoReceiver));
    }
    let cycle = !is_fresh(package, send) && Cfg::new(package, send.frame.id).is_some_and(|cfg| cfg.on_cycle(send.block));
    if !may_be_full(&class, cycle) {
        return Err("the channel's buffer holds the send".into());
    }
    if class.outside_recv.is_some() {
        let id = given_away(package, &class)?;
        // A function that several call sends each of them on its own channel: not all of those go to callers out of view.
        if let Origin::MadeChan(made, _) = package.origin(&send.frame, &send.place)
            && !class.returned_by.iter().any(|by| by.decl == made)
        {
            return Err("this goroutine's channel stays with the function that made it".into());
        }
        if reads_on_behind_interface(package, id) {
            return Err("who calls through an interface keeps reading".into());
        }
        return Ok((Rc::clone(&class), Why::CallerMayStop(id)));
    }
    if class.from_elsewhere || class.makes().next().is_none() {
        return Err("where the channel is made is not in view".into());
    }
    if is_first_of_all(package, &class, send.frame.id, send.block, send.span) {
        return Err("it is the first send, and no reader leaves before it has received one".into());
    }
    if reader_says_so(package, &class, send.frame.id, send.block) {
        return Err("it asks first for what the reader writes down".into());
    }
    let mut leaves = Vec::new();
    let own = receivers(&class).all(|op| reads_own(package, op, &class));
    for op in receivers(&class) {
        // Who asks with a channel that has room for the answer can leave, and holds nobody up.
        if own && !cycle && has_own_room(op, &class) {
            continue;
        }
        if !cycle && ends_reader(package, op) {
            return Err("the reader leaves only after it has received this signal".into());
        }
        match leaves_first(package, op, &class).or_else(|| once_a_call(package, op, send)) {
            Some(clue) => leaves.push(clue),
            // Who makes a channel for one answer reads that one alone: it matters little what others do with theirs.
            None if own => {}
            None => return Err("a reader in view keeps reading".into()),
        }
    }
    if leaves.is_empty() && own {
        return Err("a reader in view keeps reading".into());
    }
    if leaves.is_empty() { Err("no reader is in view".into()) } else { Ok((class, Why::ReadersLeave(leaves))) }
}

/// Whether the place is another channel in each round: its root is written anew inside the loop of the send.
fn is_fresh(package: &Package, send: &Send) -> bool {
    let Some((_, func)) = package.func(send.frame.id) else { return false };
    let (Some(root), Some(l)) = (send.place.root_local(), func.block(send.block).in_loop) else { return false };
    let root = Place::local(root);
    let l = outermost(func, l);
    let inside = |b: BlockId| func.loop_inside(func.block(b).in_loop, l);
    let by_op = func.ops().any(|(b, _, op)| {
        inside(b)
            && match &op.kind {
                OpKind::Assign { dst, .. } | OpKind::Recv { dst: Some(dst), .. } => *dst == root,
                _ => false,
            }
    });
    by_op
        || func.block_ids().filter(|b| inside(*b)).any(|b| match &func.block(b).term {
            Term::Select { cases, .. } => cases.iter().any(|c| matches!(&c.comm, Comm::Recv { dst: Some(d), .. } if *d == root)),
            _ => false,
        })
}

/// The function that gives the channel to callers out of view, if that is the only way it leaves the package.
fn given_away(package: &Package, class: &Class) -> Result<FnId, String> {
    let reason = class.outside_recv.clone().unwrap_or_default();
    if class.from_elsewhere || class.outside_send.is_some() && !class.returned_by.iter().any(|id| package.is_exported(id.decl)) {
        return Err(reason);
    }
    class
        .returned_by
        .iter()
        .copied()
        .find(|id| package.is_exported(id.decl) && reason.contains("gives it to callers"))
        .ok_or(reason)
}

fn roomless(class: &Class) -> bool {
    class.makes().all(|(_, cap)| *cap == Cap::Zero)
}

/// Whether a send can find the buffer full.
fn may_be_full(class: &Class, cycle: bool) -> bool {
    class.makes().any(|(_, cap)| match cap {
        Cap::Zero => true,
        Cap::Const(_) => cycle,
        Cap::Expr(_) => false,
    }) || class.makes().next().is_none()
}

/// How the reader can leave while a sender still sends. `None` where it reads on until the channel is closed, or where that is not its decision.
fn leaves_first(package: &Package, op: &ChanOp, class: &Class) -> Option<Clue> {
    let (_, func) = package.func(op.id)?;
    let block = op.at.block();
    let Some(l) = func.block(block).in_loop else { return one_shot(package, func, op, class) };
    // The loop that comes back to this receive, from the inside out.
    match op.kind {
        ChanOpKind::Range => early_exit(package, op, func, l, class),
        _ => match op.at {
            ChanWhere::Case(b, i) => {
                other_case(func, op.id, b, i as usize, l).or_else(|| early_exit(package, op, func, outermost(func, l), class))
            }
            _ => early_exit(package, op, func, outermost(func, l), class),
        },
    }
}

/// Whether the receive stands in the function that made the very channel.
fn reads_own(package: &Package, op: &ChanOp, class: &Class) -> bool {
    let made_here = |(make, _): (&ChanOp, &Cap)| make.id == op.id;
    class.makes().any(made_here) && matches!(package.origin(&Frame::root(op.id), &op.place), Origin::MadeChan(..))
}

/// Whether a caller in view, which knows the function through an interface alone, reads the channel to its end.
fn reads_on_behind_interface(package: &Package, id: FnId) -> bool {
    package.calls_through_interfaces(id.decl).iter().any(|(caller, call)| {
        let results = call.results.iter().flatten();
        let mut classes = results.filter_map(|r| package.class(caller.decl, r));
        classes.any(|class| receivers(&class).any(|op| op.id.decl == caller.decl && leaves_first(package, op, &class).is_none()))
    })
}

/// Whether the function that receives made its channel with room for a value.
fn has_own_room(op: &ChanOp, class: &Class) -> bool {
    let mut made_here = class.makes().filter(|(make, _)| make.id == op.id).peekable();
    made_here.peek().is_some() && made_here.all(|(_, cap)| matches!(cap, Cap::Const(_)))
}

/// Whether the channel tells its reader to leave, and nothing else does: the one send that does so finds it there.
fn ends_reader(package: &Package, op: &ChanOp) -> bool {
    let Some((body, func)) = package.func(op.id) else { return false };
    let carries_nothing = match package.structure(&package.ty_of(op.id.decl, body, &op.place)) {
        Ty::Chan(_, elem) => match package.structure(&elem) {
            Ty::Struct(fields) => fields.is_empty(),
            Ty::Named { path: None, name } => name == "bool",
            _ => false,
        },
        _ => false,
    };
    let (ChanWhere::Case(block, i), true) = (op.at, carries_nothing) else { return false };
    let Term::Select { cases, .. } = &func.block(block).term else { return false };
    let Some(cfg) = Cfg::new(package, op.id) else { return false };
    let others = cases.iter().enumerate().filter(|(j, _)| *j != i as usize);
    // Every other case comes back to the select, and cannot leave before.
    let target = cases[i as usize].target;
    others.map(|(_, c)| c.target).all(|t| {
        let reach = cfg.reachable_without(t, block);
        !reach[target.at()] && func.block_ids().all(|b| !reach[b.at()] || cfg.exit(b).is_none())
    })
}

/// A single receive in a `select`: another case leaves without it. By the function that made the channel for this one answer that is
/// any other case; elsewhere it is the end of something, because after a time-out the next call may well receive.
fn one_shot(package: &Package, func: &Func, op: &ChanOp, class: &Class) -> Option<Clue> {
    let ChanWhere::Case(block, i) = op.at else { return None };
    let cfg = Cfg::new(package, op.id)?;
    let Term::Select { cases, default } = &func.block(block).term else { return None };
    let made_for = is_made_for(package, op, class);
    // Whoever looks once more for his answer on that way takes what came in between.
    let looks = |b: BlockId| made_for && receivers(class).any(|o| o.id == op.id && o.at.block() == b);
    let again = |from: BlockId| {
        let reach = cfg.reachable(from);
        func.block_ids().any(|b| reach[b.at()] && (b == block || looks(b)))
    };
    let mut others = cases.iter().enumerate().filter(|(j, c)| *j != i as usize && !again(c.target)).map(|(_, c)| c);
    if !class.makes().all(|(make, _)| make.id == op.id) && !reads_own(package, op, class) && !made_for {
        let frame = Frame::root(op.id);
        let end = others.find(|c| is_end(package, &frame, &c.comm))?;
        return Some(Clue::new(op.id.decl, end.span, "when this case is chosen, nothing is received here any more"));
    }
    let other = others.next().map(|c| c.span);
    let by_default = default.filter(|d| !again(*d)).map(|_| func.block(block).span);
    other.or(by_default).map(|span| Clue::new(op.id.decl, span, "when this case is chosen, the answer is no longer awaited"))
}

/// Whether the receiver has its channel from a call, just before, of the function that makes it: `p := c.register()`, then `<-p.reply`.
fn is_made_for(package: &Package, op: &ChanOp, class: &Class) -> bool {
    let (Some(root), Some((_, func))) = (op.place.root_local().map(Place::local), package.func(op.id)) else { return false };
    let makers = |call: &Call| {
        let callee = package.resolve(op.id.decl, call).func();
        class.makes().next().is_some() && class.makes().all(|(make, _)| Some(make.id) == callee)
    };
    let mut writers = func.ops().filter_map(|(_, _, o)| match &o.kind {
        OpKind::Call(call) if call.results.iter().flatten().any(|r| *r == root) => Some(makers(call)),
        OpKind::Assign { dst, .. } | OpKind::Recv { dst: Some(dst), .. } if *dst == root => Some(false),
        _ => None,
    });
    writers.next() == Some(true) && writers.next().is_none()
}

/// Whether a case waits for something that ends once and for all: a context, or a channel that somebody closes.
pub(super) fn is_end(package: &Package, frame: &Rc<Frame>, comm: &Comm) -> bool {
    let Comm::Recv { ch, .. } = comm else { return false };
    match signal(package, frame, ch) {
        Signal::Context(end) => end == ContextEnd::Can,
        // What carries values may be closed as well; while it carries them it ends nothing.
        Signal::Channel(class) => {
            let carries = class.outside_send.is_some() || class.ops_of(&ChanOpKind::Send).next().is_some();
            !carries && class.ops_of(&ChanOpKind::Close).next().is_some()
        }
        _ => false,
    }
}

/// A receive that takes one value each time its function is called, while the sender can be told to end and does not listen here: nothing
/// says that anybody calls once more after that.
fn once_a_call(package: &Package, op: &ChanOp, send: &Send) -> Option<Clue> {
    let (_, reader) = package.func(op.id)?;
    let plain = matches!(op.at, ChanWhere::Op(..)) && reader.block(op.at.block()).in_loop.is_none();
    if !plain || op.id.decl == send.frame.id.decl {
        return None;
    }
    let (_, func) = package.func(send.frame.id)?;
    let l = outermost(func, func.block(send.block).in_loop?);
    let told = func.block_ids().filter(|b| func.loop_inside(func.block(*b).in_loop, l)).any(|b| {
        let Term::Select { cases, .. } = &func.block(b).term else { return false };
        cases.iter().any(|c| is_end(package, &send.frame, &c.comm) && leaving_case(func, send.frame.id, c, l).is_some())
    });
    told.then(|| {
        Clue::new(op.id.decl, op.span, "this takes one value for each call; the goroutine may be told to end before the next")
    })
}

pub(super) fn outermost(func: &Func, l: LoopId) -> LoopId {
    let mut at = l;
    while let Some(up) = func.loops[at.at()].parent {
        at = up;
    }
    at
}

/// The case of a `select`, if it leaves the loop.
pub(super) fn leaving_case(func: &Func, id: FnId, case: &SelectCase, l: LoopId) -> Option<Clue> {
    let header = func.loops[l.at()].header;
    // Straight out: what the case does before it leaves does not matter, as long as it does not go round.
    let mut at = case.target;
    for _ in 0..16 {
        if matches!(func.block(at).term, Term::Return(_)) || !func.loop_inside(func.block(at).in_loop, l) {
            return Some(Clue::new(id.decl, case.span, "the reader leaves when this case is chosen"));
        }
        match func.successors(at).as_slice() {
            [next] if *next != header => at = *next,
            _ => return None,
        }
    }
    None
}

/// Another case of the same `select` that leaves the loop.
fn other_case(func: &Func, id: FnId, block: BlockId, i: usize, l: LoopId) -> Option<Clue> {
    let Term::Select { cases, .. } = &func.block(block).term else { return None };
    cases.iter().enumerate().filter(|(j, _)| *j != i).find_map(|(_, case)| leaving_case(func, id, case, l))
}

/// A way out of the loop other than its own end.
fn early_exit(package: &Package, op: &ChanOp, func: &Func, l: LoopId, class: &Class) -> Option<Clue> {
    let cfg = Cfg::new(package, op.id)?;
    let entry = &func.loops[l.at()];
    let is_test = |b: BlockId| matches!(func.block(b).term, Term::If { .. }) && matches!(entry.kind, LoopKind::Cond(_));
    let inside = |b: BlockId| func.loop_inside(func.block(b).in_loop, l);
    // A channel that each round makes for itself is left behind only by a way out between its make and the receive.
    let made = class.makes().find(|(make, _)| make.id == op.id && inside(make.at.block())).map(|(make, _)| make.at.block());
    let live = match made.filter(|_| reads_own(package, op, class)) {
        Some(make) => between(&cfg, make, &[op.at.block(), entry.header]),
        None => cfg.reachable(BlockId(0)),
    };
    let closed = closed_edges(package, op, func, class);
    func.block_ids().filter(|b| live[b.at()] && *b != entry.header && inside(*b)).find_map(|b| {
        let returns = matches!(func.block(b).term, Term::Return(_));
        // A loop's own condition is how it counts what it awaits, not a way out before the end.
        let leaves = returns || !is_test(b) && cfg.succs(b).iter().any(|s| !inside(*s));
        (leaves && !closed.iter().any(|c| is_only_way(&cfg, *c, b)))
            .then(|| Clue::new(op.id.decl, func.block(b).span, "the reader can leave its loop here"))
    })
}

/// The blocks that can be reached from one without passing others.
fn between(cfg: &Cfg<'_>, from: BlockId, walls: &[BlockId]) -> Vec<bool> {
    let mut seen = vec![false; cfg.func.blocks.len()];
    let mut todo = vec![from];
    while let Some(b) = todo.pop() {
        if std::mem::replace(&mut seen[b.at()], true) {
            continue;
        }
        todo.extend(cfg.succs(b).iter().filter(|s| !walls.contains(s)));
    }
    seen
}

fn is_only_way(cfg: &Cfg<'_>, side: BlockId, to: BlockId) -> bool {
    Cfg::dominates(&cfg.dominators(), side, to)
}

/// Blocks in which another channel of the reader's is known to be closed, where whoever closes that one closes this one too, and at once:
/// all that was to be sent has been.
fn closed_edges(package: &Package, op: &ChanOp, func: &Func, class: &Class) -> Vec<BlockId> {
    let closes: Vec<(FnId, BlockId)> = class.ops_of(&ChanOpKind::Close).map(|o| (o.id, o.at.block())).collect();
    if closes.is_empty() {
        return Vec::new();
    }
    let cases = func.blocks.iter().flat_map(|b| match &b.term {
        Term::Select { cases, .. } => cases.as_slice(),
        _ => &[],
    });
    let told: Vec<&Place> = cases
        .filter_map(|case| match &case.comm {
            Comm::Recv { ch, ok: Some(ok), .. } => Some((ch, ok)),
            _ => None,
        })
        .filter(|(ch, _)| {
            let other = package.class(op.id.decl, ch);
            other.is_some_and(|c| c.ops_of(&ChanOpKind::Close).any(|o| closes.contains(&(o.id, o.at.block()))))
        })
        .map(|(_, ok)| ok)
        .collect();
    let side = |b: BlockId| match &func.block(b).term {
        Term::If { cond: Cond::Truth(p), els, .. } if told.contains(&p) => Some(*els),
        Term::If { cond: Cond::Not(inner), then, .. } => match &**inner {
            Cond::Truth(p) if told.contains(&p) => Some(*then),
            _ => None,
        },
        _ => None,
    };
    func.block_ids().filter_map(side).collect()
}
