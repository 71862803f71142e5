//! Sends to goroutines that may have given up.
//!
//! Workers take values from a channel until it is closed, and each of them returns at its first error; or a goroutine serves a channel
//! until it is told to end. Who sends to them does not notice: it waits for a reader that has gone. The balance sheet does not see this
//! where the sender is the owner itself or has a context of its caller to wait for, and [`super::readers`] looks at senders that are
//! goroutines.

use super::balance::receivers;
use super::guards::{Can, can_receive, signal};
use super::handshake::{is_first_of_all, reader_says_so};
use super::readers::{is_end, leaving_case, outermost};
use super::traps::is_channel;
use super::{Clue, count};
use crate::models::ContextOp;
use crate::old::flow::{Cfg, Exit};
use crate::old::ir::{BlockId, Callee, Cap, Comm, Cond, Func, FuncIdx, LoopId, LoopKind, OpKind, Operand, Place, Term, Ty};
use crate::old::program::{ChanOp, ChanOpKind, ChanWhere, Class, FnId, Frame, Origin, Package, Spawn, Target};
use crate::source::Span;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A send to goroutines that can all have left.
#[derive(Clone, Debug)]
pub struct Abandoned {
    /// A goroutine that reads.
    pub spawn: usize,
    /// The function that sends.
    pub at: FnId,
    /// The send.
    pub span: Span,
    /// The channel's place there.
    pub place: Place,
    /// The channel.
    pub class: Rc<Class>,
    /// How each reader can leave.
    pub leaves: Vec<Clue>,
    /// What else the send waits for, which the readers' leaving does not bring about.
    pub guard: Option<Clue>,
    /// Further sends on the channel.
    pub also: Vec<(FnId, Span)>,
}

/// How many calls deep a goroutine's receives are looked for.
const MAX_CALLS: u8 = 2;

/// Why a reader leaves.
enum Cause {
    /// Of its own accord, as at an error.
    Own,
    /// It is told to.
    Told,
}

/// All such sends of the package.
#[must_use]
pub fn abandoned(package: &Package, spawns: &[Spawn]) -> Vec<Abandoned> {
    let mut running: BTreeMap<FnId, usize> = BTreeMap::new();
    for (i, spawn) in spawns.iter().enumerate() {
        for body in spawn.bodies() {
            run(package, body, i, 0, &mut running);
        }
    }
    let mut seen: Vec<Rc<Class>> = Vec::new();
    let mut out = Vec::new();
    for id in running.keys() {
        for place in received(package, *id) {
            let Some(class) = package.class(id.decl, &place) else { continue };
            if seen.iter().any(|c| Rc::ptr_eq(c, &class)) {
                continue;
            }
            seen.push(Rc::clone(&class));
            out.extend(judge(package, spawns, &class, &running));
        }
    }
    out.sort_by_key(|a| (a.at.decl, a.span));
    out
}

fn run(package: &Package, id: FnId, spawn: usize, depth: u8, running: &mut BTreeMap<FnId, usize>) {
    if running.contains_key(&id) {
        return;
    }
    running.insert(id, spawn);
    let Some((_, func)) = package.func(id).filter(|_| depth < MAX_CALLS) else { return };
    for (_, _, op) in func.ops() {
        if let OpKind::Call(call) = &op.kind {
            for callee in package.callees(id.decl, call).iter() {
                run(package, *callee, spawn, depth + 1, running);
            }
        }
    }
}

/// Channels that the function receives from, round after round.
fn received(package: &Package, id: FnId) -> Vec<Place> {
    let Some((_, func)) = package.func(id) else { return Vec::new() };
    let mut out = Vec::new();
    for b in func.block_ids().filter(|b| func.block(*b).in_loop.is_some()) {
        let block = func.block(b);
        for op in &block.ops {
            if let OpKind::Recv { ch, .. } = &op.kind {
                out.push(ch.clone());
            }
        }
        match &block.term {
            Term::Select { cases, .. } => out.extend(cases.iter().filter_map(|c| match &c.comm {
                Comm::Recv { ch, .. } => Some(ch.clone()),
                Comm::Send { .. } => None,
            })),
            Term::Loop { id: l, .. } => match &func.loops[l.at()].kind {
                LoopKind::Range(Operand::Place(p)) if is_channel(package, &Frame::root(id), p) => out.push(p.clone()),
                _ => {}
            },
            _ => {}
        }
    }
    out
}

fn judge(package: &Package, spawns: &[Spawn], class: &Rc<Class>, running: &BTreeMap<FnId, usize>) -> Option<Abandoned> {
    let unknown = class.outside_recv.is_some() || class.from_elsewhere || class.makes().next().is_none();
    if unknown || class.ops_of(&ChanOpKind::Send).next().is_none() {
        return None;
    }
    let local = class.is_local() && class.makes().count() == 1;
    let mut leaves = Vec::new();
    let mut spawn = None;
    for op in receivers(class) {
        spawn.get_or_insert(*running.get(&op.id)?);
        let way = gives_up(package, op).or_else(|| local.then(|| leaves_at_value(package, op, class)).flatten());
        match way? {
            // With the one context that ends both, the sender is told as well; and who sends to what it has ended itself asks for it,
            // unless others take care not to.
            (Cause::Told, _) if local || !others_take_care(package, class) => return None,
            (_, clue) => leaves.push(clue),
        }
    }
    let spawn = spawn?;
    let mut sends = class.ops_of(&ChanOpKind::Send).filter_map(|op| {
        let guard = if local { waits_alone(package, op, class)? } else { None };
        let alone = local || !running.contains_key(&op.id) && unguarded(package, op);
        let alone = alone && !safe(package, class, op);
        (alone && may_be_full(package, class, op, &spawns[spawn])).then_some((op, guard))
    });
    let (first, guard) = sends.next()?;
    let also = sends.map(|(op, _)| (op.id, op.span)).collect();
    Some(Abandoned {
        spawn,
        at: first.id,
        span: first.span,
        place: first.place.clone(),
        class: Rc::clone(class),
        leaves,
        guard,
        also,
    })
}

/// Whether the send cannot come when the readers have gone, or that does not hold it up: who reads sends himself, or closes the channel when
/// he leaves; it is the first, for which they wait; or it asks whether they are there.
fn safe(package: &Package, class: &Class, op: &ChanOp) -> bool {
    let reads = |id: FnId| receivers(class).all(|r| r.id == id);
    reads(op.id)
        || class.ops_of(&ChanOpKind::Close).any(|c| reads(c.id))
        || is_first_of_all(package, class, op.id, op.at.block(), op.span)
        || reader_says_so(package, class, op.id, op.at.block())
}

/// Whether some send on the channel waits for an end as well.
fn others_take_care(package: &Package, class: &Class) -> bool {
    class.ops_of(&ChanOpKind::Send).any(|op| {
        let ChanWhere::Case(block, _) = op.at else { return false };
        let Some((_, func)) = package.func(op.id) else { return false };
        let Term::Select { cases, .. } = &func.block(block).term else { return false };
        cases.iter().any(|c| is_end(package, &Frame::root(op.id), &c.comm))
    })
}

/// How a reader in a loop can leave: of its own accord if there is such a way.
fn gives_up(package: &Package, op: &ChanOp) -> Option<(Cause, Clue)> {
    let (_, func) = package.func(op.id)?;
    let block = op.at.block();
    let l = func.block(block).in_loop?;
    let l = if op.kind == ChanOpKind::Range { l } else { outermost(func, l) };
    if let Some(clue) = leaves_by_itself(package, op.id, func, l) {
        return Some((Cause::Own, clue));
    }
    let ChanWhere::Case(b, i) = op.at else { return None };
    let Term::Select { cases, .. } = &func.block(b).term else { return None };
    let frame = Frame::root(op.id);
    let others = cases.iter().enumerate().filter(|(j, c)| *j != i as usize && is_end(package, &frame, &c.comm));
    others.into_iter().find_map(|(_, c)| leaving_case(func, op.id, c, l)).map(|clue| (Cause::Told, clue))
}

/// A return inside the loop at an error that is not the end of a context, and after which, had there been none, the next round would begin.
fn leaves_by_itself(package: &Package, id: FnId, func: &Func, l: LoopId) -> Option<Clue> {
    let cfg = Cfg::new(package, id)?;
    let live = cfg.reachable(BlockId(0));
    let inside = |b: BlockId| live[b.at()] && func.loop_inside(func.block(b).in_loop, l);
    func.block_ids().filter(|b| inside(*b)).find_map(|b| {
        let Term::If { cond, then, els } = &func.block(b).term else { return None };
        let (err, failed, well) = match cond {
            Cond::IsNil(p) => (p, *els, *then),
            Cond::Not(inner) => match &**inner {
                Cond::IsNil(p) => (p, *then, *els),
                _ => return None,
            },
            _ => return None,
        };
        let header = func.loops[l.at()].header;
        // Where all is well it goes on: otherwise it is not the error that makes it leave.
        if !is_error(package, id, err) || asks_context(package, id, err) || !cfg.reachable(well)[header.at()] {
            return None;
        }
        let at = return_before(&cfg, failed, header)?;
        Some(Clue::new(id.decl, func.block(at).span, "the reader leaves here at an error"))
    })
}

/// A return inside the loop at something about the value received, or that a call says of it: the next one finds a reader less. Not where
/// somebody sends a constant, which may well be what tells it to leave.
fn leaves_at_value(package: &Package, op: &ChanOp, class: &Class) -> Option<(Cause, Clue)> {
    let (_, func) = package.func(op.id)?;
    let l = func.block(op.at.block()).in_loop?;
    let l = if op.kind == ChanOpKind::Range { l } else { outermost(func, l) };
    let value = received_into(func, op)?;
    if !class.ops_of(&ChanOpKind::Send).all(|send| sends_what_comes(package, send)) {
        return None;
    }
    let cfg = Cfg::new(package, op.id)?;
    let live = cfg.reachable(BlockId(0));
    let header = func.loops[l.at()].header;
    let inside = |b: BlockId| live[b.at()] && func.loop_inside(func.block(b).in_loop, l);
    func.block_ids().filter(|b| inside(*b)).find_map(|b| {
        let Term::If { cond, then, els } = &func.block(b).term else { return None };
        if !asks_about(func, cond, &value) {
            return None;
        }
        let (out, _) = [(*then, *els), (*els, *then)].into_iter().find_map(|(side, other)| {
            let at = return_before(&cfg, side, header).filter(|_| !cfg.reachable(side)[header.at()])?;
            cfg.reachable(other)[header.at()].then_some((at, other))
        })?;
        let clue = Clue::new(op.id.decl, func.block(out).span, "the reader leaves here at a value, while more are sent");
        Some((Cause::Own, clue))
    })
}

/// The variable that holds what was received.
fn received_into(func: &Func, op: &ChanOp) -> Option<Place> {
    let block = func.block(op.at.block());
    match op.at {
        ChanWhere::Op(_, i) => match &block.ops.get(i as usize)?.kind {
            OpKind::Recv { dst, .. } => dst.clone(),
            _ => None,
        },
        ChanWhere::Case(_, i) => match &block.term {
            Term::Select { cases, .. } => match &cases.get(i as usize)?.comm {
                Comm::Recv { dst, .. } => dst.clone(),
                Comm::Send { .. } => None,
            },
            _ => None,
        },
        // The round begins with it.
        ChanWhere::Range(b) => match &func.block(b).term {
            Term::Loop { body, .. } => func.block(*body).ops.iter().find_map(|o| match &o.kind {
                OpKind::Assign { dst, src: Operand::Place(src) }
                    if src.split_last().is_some_and(|(base, _)| base == op.place) =>
                {
                    Some(dst.clone())
                }
                _ => None,
            }),
            _ => None,
        },
        ChanWhere::Deferred(..) => None,
    }
}

/// Whether the condition asks about the value: itself, a part of it, or what a call that is handed it answers.
fn asks_about(func: &Func, cond: &Cond, value: &Place) -> bool {
    let is_part = |p: &Place| p.root == value.root && p.path.starts_with(&value.path);
    let answered = |p: &Place| {
        func.ops().any(|(_, _, op)| match &op.kind {
            OpKind::Call(call) => {
                call.results.iter().flatten().any(|r| r == p) && call.args.iter().any(|a| a.place().is_some_and(is_part))
            }
            _ => false,
        })
    };
    match cond {
        Cond::Not(inner) => asks_about(func, inner, value),
        Cond::Truth(p) => is_part(p) || answered(p),
        Cond::IsNil(p) => is_part(p),
        Cond::Eq(a, b) | Cond::Less(a, b) => [a, b].into_iter().any(|v| v.place().is_some_and(is_part)),
        Cond::Const(_) | Cond::Opaque => false,
    }
}

/// Whether what is sent is a variable, or made in each round of a loop: not a constant that means the end.
fn sends_what_comes(package: &Package, send: &ChanOp) -> bool {
    let Some((_, func)) = package.func(send.id) else { return false };
    let block = func.block(send.at.block());
    let value = match send.at {
        ChanWhere::Op(_, i) => match block.ops.get(i as usize).map(|o| &o.kind) {
            Some(OpKind::Send { value, .. }) => value,
            _ => return false,
        },
        ChanWhere::Case(_, i) => match &block.term {
            Term::Select { cases, .. } => match cases.get(i as usize).map(|c| &c.comm) {
                Some(Comm::Send { value, .. }) => value,
                _ => return false,
            },
            _ => return false,
        },
        _ => return false,
    };
    block.in_loop.is_some() && matches!(value, Operand::Place(_) | Operand::Opaque)
}

/// A return that control can come to before the loop's next round: some errors may be passed over, others not.
fn return_before(cfg: &Cfg<'_>, from: BlockId, header: BlockId) -> Option<BlockId> {
    let mut seen = vec![false; cfg.func.blocks.len()];
    let mut todo = vec![from];
    while let Some(b) = todo.pop() {
        if b == header || std::mem::replace(&mut seen[b.at()], true) {
            continue;
        }
        if cfg.exit(b) == Some(Exit::Return) {
            return Some(b);
        }
        todo.extend(cfg.succs(b));
    }
    None
}

/// Whether the place holds an error: by its type, or as the last result of a call whose types are not in view.
fn is_error(package: &Package, id: FnId, place: &Place) -> bool {
    let Some(body) = package.body(id.decl) else { return false };
    match package.ty_of(id.decl, body, place) {
        Ty::Named { path: None, name } => name == "error",
        Ty::Unknown => match package.origin(&Frame::root(id), place) {
            Origin::Call { call, index, .. } => index as usize + 1 == call.results.len(),
            _ => false,
        },
        _ => false,
    }
}

fn asks_context(package: &Package, id: FnId, err: &Place) -> bool {
    match package.origin(&Frame::root(id), err) {
        Origin::Call { target: Target::Model(model, _), .. } => model.context == Some(ContextOp::Err),
        _ => false,
    }
}

/// Whether the send waits for the readers and nothing else, or for a context from outside that their leaving does not end: then that is
/// told. `None` where something may free it.
fn waits_alone(package: &Package, op: &ChanOp, class: &Class) -> Option<Option<Clue>> {
    let ChanWhere::Case(block, i) = op.at else { return Some(None) };
    let (_, func) = package.func(op.id)?;
    let Term::Select { cases, default: None } = &func.block(block).term else { return None };
    let mut guard = None;
    for (_, case) in cases.iter().enumerate().filter(|(j, _)| *j != i as usize) {
        let Comm::Recv { ch, .. } = &case.comm else { return None };
        // In another function its context may be one that the owner derived and the readers cancel.
        if !class.makes().all(|(make, _)| make.id.decl == op.id.decl) || !from_caller(package, op.id, ch) {
            return None;
        }
        guard =
            Some(Clue::new(op.id.decl, case.span, "this context is the caller's: that the readers have left does not end it"));
    }
    Some(guard)
}

/// Whether the done channel is that of a context which came in as a parameter, as it is.
fn from_caller(package: &Package, id: FnId, done: &Place) -> bool {
    let Origin::Call { frame, call, target: Target::Model(model, _), .. } = package.origin(&Frame::root(id), done) else {
        return false;
    };
    let Callee::Method { recv, .. } = &call.callee else { return false };
    model.context == Some(ContextOp::Done)
        && matches!(package.origin(&frame, recv), Origin::Param(at, _) if at.func == FuncIdx::TOP && at.decl == id.decl)
}

fn unguarded(package: &Package, op: &ChanOp) -> bool {
    let ChanWhere::Case(block, i) = op.at else { return true };
    let Some((_, func)) = package.func(op.id) else { return false };
    let Term::Select { cases, default: None } = &func.block(block).term else { return false };
    let frame = Frame::root(op.id);
    !cases.iter().enumerate().any(|(j, other)| {
        j != i as usize
            && match &other.comm {
                Comm::Recv { ch, .. } => can_receive(package, &signal(package, &frame, ch)) == Can::Yes,
                Comm::Send { .. } => true,
            }
    })
}

/// Whether the send can find the buffer full: there is none, or it comes round, and the room is a number or that of the readers.
fn may_be_full(package: &Package, class: &Class, op: &ChanOp, reader: &Spawn) -> bool {
    let round = package.func(op.id).is_some_and(|(_, f)| f.block(op.at.block()).in_loop.is_some()) || is_callback(package, op.id);
    class.makes().all(|(make, cap)| match cap {
        Cap::Zero => true,
        Cap::Const(_) => round,
        Cap::Expr(room) => {
            let count = |v: &Operand| count::count_of(package, make.id.decl, v);
            let same = |n: &Operand| n == room || !count(room).is_unknown() && count(room) == count(n);
            round && make.id == reader.owner && readers_bound(package, reader).is_some_and(|n| same(&n))
        }
    })
}

/// How many readers are started, if in a counted loop.
fn readers_bound(package: &Package, reader: &Spawn) -> Option<Operand> {
    let (_, func) = package.func(reader.owner)?;
    match &func.loops[func.block(reader.block).in_loop?.at()].kind {
        LoopKind::Count(n) | LoopKind::Range(n) => Some(n.clone()),
        _ => None,
    }
}

/// Whether the function is a literal handed to a call, which may run it often.
fn is_callback(package: &Package, id: FnId) -> bool {
    id.func != FuncIdx::TOP
        && package.body(id.decl).is_some_and(|body| {
            body.funcs.iter().flat_map(Func::ops).any(|(_, _, op)| match &op.kind {
                OpKind::Call(c) => c.args.iter().any(|a| matches!(a, Operand::Func(f) if *f == id.func)),
                _ => false,
            })
        })
}
