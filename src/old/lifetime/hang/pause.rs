//! Sleeping round after round: short in itself, and without an end together with the loop around it.

use super::{asks_context, given_context};
use crate::models::{Blocks, Bound};
use crate::old::flow::Cfg;
use crate::old::ir::{BlockId, Call, Callee, Comm, Cond, Func, LoopId, LoopKind, OpKind, Operand, Place, Term};
use crate::old::lifetime::Clue;
use crate::old::lifetime::guards::{Can, Signal, can_receive, signal};
use crate::old::program::{Frame, Package, Written};
use std::rc::Rc;

/// Why a call that sleeps goes on without a bound: the loop around it.
pub(super) fn sleep(
    package: &Package,
    frame: &Rc<Frame>,
    func: &Func,
    block: BlockId,
    call: &Call,
    blocks: &Blocks,
) -> Option<Vec<Clue>> {
    let time = match blocks.bound {
        Bound::Duration(i) => call.args.get(i as usize),
        _ => None,
    };
    looping(package, frame, func, block, time.is_some_and(|t| grows(package, frame, t)))
}

/// The same of `<-time.After(d)`.
pub(super) fn timer(package: &Package, frame: &Rc<Frame>, func: &Func, block: BlockId, ch: &Place) -> Option<Vec<Clue>> {
    func.block(block).in_loop?;
    matches!(signal(package, frame, ch), Signal::Timer).then(|| looping(package, frame, func, block, false))?
}

/// Whether the duration is not fixed and is computed anew from itself, as the pauses of a retry are.
fn grows(package: &Package, frame: &Rc<Frame>, time: &Operand) -> bool {
    let Operand::Place(place) = time else { return false };
    let (Some(local), None) = (place.as_local(), package.duration(frame.id.decl, time)) else { return false };
    let Some(body) = package.body(frame.id.decl) else { return false };
    let named = body.local(local).name != "%";
    named && package.writes(frame.id.decl, local).iter().any(|w| matches!(w, Written::Value(Operand::Expr(_) | Operand::Opaque)))
}

fn looping(package: &Package, frame: &Rc<Frame>, func: &Func, block: BlockId, grows: bool) -> Option<Vec<Clue>> {
    let mut at = func.block(block).in_loop;
    // A pause before the function returns is in the loop's text and not in its rounds.
    if at.is_none() || !Cfg::new(package, frame.id).is_some_and(|cfg| cfg.on_cycle(block)) {
        return None;
    }
    let mut endless = None;
    while let Some(id) = at {
        let entry = &func.loops[id.at()];
        if is_bounded(package, frame, func, id) {
            return None;
        }
        match &entry.kind {
            // So many rounds, and each a little longer than the last.
            LoopKind::Count(_) if !grows => return None,
            LoopKind::Cond(cond) if !grows && counts(func, id, cond) => return None,
            LoopKind::Range(_) => return None,
            _ => endless = Some(entry.head),
        }
        at = entry.parent;
    }
    endless.map(|head| vec![Clue::new(frame.id.decl, head, "and this loop goes round for as long as it takes")])
}

/// Whether the condition compares with a number what the loop itself writes: `for tries < 5 { …; tries++ }`.
fn counts(func: &Func, id: LoopId, cond: &Cond) -> bool {
    let written = |p: &Place| {
        func.ops().any(|(b, _, op)| {
            matches!(&op.kind, OpKind::Assign { dst, .. } if dst == p) && func.loop_inside(func.block(b).in_loop, id)
        })
    };
    match cond {
        Cond::Not(inner) => counts(func, id, inner),
        Cond::Less(a, b) | Cond::Eq(a, b) => match (a, b) {
            (Operand::Place(p), Operand::Int(_)) | (Operand::Int(_), Operand::Place(p)) => written(p),
            (Operand::Place(p), Operand::Place(q)) => written(p) != written(q),
            _ => false,
        },
        _ => false,
    }
}

/// Whether something in the loop looks at a context, a signal or the clock, or is given a context and so may tell of its end.
fn is_bounded(package: &Package, frame: &Rc<Frame>, func: &Func, id: LoopId) -> bool {
    func.block_ids().filter(|b| func.loop_inside(func.block(*b).in_loop, id)).any(|b| {
        let asks = func.block(b).ops.iter().any(|op| match &op.kind {
            OpKind::Call(call) => {
                asks_context(package, frame.id, call) || reads_clock(call) || given_context(package, frame, call)
            }
            _ => false,
        });
        asks || match &func.block(b).term {
            Term::Select { cases, .. } => cases.iter().any(|c| is_signal(package, frame, &c.comm)),
            _ => false,
        }
    })
}

fn is_signal(package: &Package, frame: &Rc<Frame>, comm: &Comm) -> bool {
    let Comm::Recv { ch, .. } = comm else { return false };
    let signal = signal(package, frame, ch);
    !matches!(signal, Signal::Timer | Signal::Ticker) && can_receive(package, &signal) == Can::Yes
}

/// A loop that compares the time has a deadline of its own.
fn reads_clock(call: &Call) -> bool {
    matches!(&call.callee, Callee::Import { path, name } if path == "time" && matches!(name.as_str(), "Now" | "Since" | "Until"))
}
