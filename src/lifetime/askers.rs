//! Receives of goroutines on channels that leave their function, where nothing can ever come.
//!
//! The ledger counts on channels that stay in one function. Here are the others, fields above all, and only the plain question: does
//! anything in view send or close, and can anything out of view?

use super::Clue;
use super::guards::{Can, Signal, can_receive, signal};
use super::traps::traps;
use crate::ir::{BlockId, Comm, LocalKind, OpKind, Place, Term, Ty};
use crate::program::{Cell, ChanOp, ChanOpKind, ChanWhere, FnId, Frame, Package, Spawn};
use crate::source::Span;
use std::rc::Rc;

/// How many calls deep a receive is looked for.
const MAX_CALLS: u8 = 3;

/// A receive, or a `select` of nothing else, that never ends.
#[derive(Clone, Debug)]
pub struct Unanswered {
    /// Index of the spawn; `None` where it is no goroutine that waits, but whoever calls.
    pub spawn: Option<usize>,
    /// The function, with the calls that lead there.
    pub frame: Rc<Frame>,
    /// The wait.
    pub span: Span,
    /// The channel; that of the first case of a `select`.
    pub place: Place,
    /// Why nothing comes.
    pub clues: Vec<Clue>,
}

/// Receives of goroutines that nothing can ever end.
#[must_use]
pub fn unanswered(package: &Package, spawns: &[Spawn]) -> Vec<Unanswered> {
    let mut out: Vec<Unanswered> = Vec::new();
    for (i, spawn) in spawns.iter().enumerate() {
        let mut found = Vec::new();
        for frame in spawn.bodies().filter_map(|body| Frame::root(spawn.owner).call(body, &spawn.call)) {
            collect(package, &frame, &mut found, 0);
        }
        if found.is_empty() {
            continue;
        }
        // Loops that nothing leaves are told of by the rules about loops and workers.
        let trapped: Vec<FnId> = traps(package, spawn).iter().map(|t| t.frame.id).collect();
        for (frame, span, place, clues) in found {
            let known = out.iter().any(|u| u.frame.id == frame.id && u.span == span);
            if !known && !trapped.contains(&frame.id) {
                out.push(Unanswered { spawn: Some(i), frame, span, place, clues });
            }
        }
    }
    for spawn in spawns {
        out.extend(of_type(package, spawn, &out));
    }
    out
}

/// Receives in methods, on channels in fields of the type whose method is started as a goroutine: `<-s.done` of a `Close`, where the
/// goroutine never says that it is done.
fn of_type(package: &Package, spawn: &Spawn, known: &[Unanswered]) -> Vec<Unanswered> {
    let mut out: Vec<Unanswered> = Vec::new();
    let Some(owner) = spawn.body.filter(|b| b.decl.is_own()).and_then(|b| package.body(b.decl)?.recv_type) else { return out };
    let Ty::Struct(fields) = package.underlying(owner) else { return out };
    for field in fields.iter().filter(|f| matches!(package.structure(&f.ty), Ty::Chan(..))) {
        let class = package.class_of(Cell::Field(owner, field.name));
        let waits: Vec<&ChanOp> =
            class.ops.iter().filter(|o| o.kind == ChanOpKind::Recv && matches!(o.at, ChanWhere::Op(..))).collect();
        // What stays nil may be asked for that first.
        let made = class.makes().next().is_some();
        if waits.is_empty() || !made || !class.is_closed_world() || class.from_elsewhere || class.fed_by_library {
            continue;
        }
        let Can::Never(clues) = can_receive(package, &Signal::Channel(Rc::clone(&class))) else { continue };
        for op in waits {
            let told = known.iter().chain(&out).any(|u| u.frame.id == op.id && u.span == op.span);
            if !told && !clues.is_empty() {
                let (frame, clues) = (Frame::root(op.id), clues.clone());
                out.push(Unanswered { spawn: None, frame, span: op.span, place: op.place.clone(), clues });
            }
        }
    }
    out
}

type Found = (Rc<Frame>, Span, Place, Vec<Clue>);

fn collect(package: &Package, frame: &Rc<Frame>, out: &mut Vec<Found>, depth: u8) {
    let Some((_, func)) = package.func(frame.id) else { return };
    for (_, _, op) in func.ops() {
        match &op.kind {
            OpKind::Recv { ch, .. } => {
                if let Some(clues) = never(package, frame, ch) {
                    out.push((Rc::clone(frame), op.span, ch.clone(), clues));
                }
            }
            OpKind::Call(call) if depth < MAX_CALLS => {
                // The last calls are followed for what they receive themselves: most need not be parsed to see that it is nothing.
                let follow = |c: &&FnId| depth + 1 < MAX_CALLS || package.text(c.decl).contains("<-");
                for callee in package.callees(frame.id.decl, call).iter().filter(follow) {
                    if let Some(next) = frame.call(*callee, call) {
                        collect(package, &next, out, depth + 1);
                    }
                }
            }
            _ => {}
        }
    }
    for block in func.block_ids() {
        out.extend(dead_select(package, frame, func, block));
    }
}

/// A `select` without a default of which no case can be chosen.
fn dead_select(package: &Package, frame: &Rc<Frame>, func: &crate::ir::Func, block: BlockId) -> Option<Found> {
    let Term::Select { cases, default: None } = &func.block(block).term else { return None };
    let mut all = Vec::new();
    for case in cases {
        let Comm::Recv { ch, .. } = &case.comm else { return None };
        all.extend(never(package, frame, ch)?);
    }
    let first = cases.first()?.comm.ch().clone();
    Some((Rc::clone(frame), func.block(block).span, first, all))
}

/// Why nothing ever comes, for channels that are not counted.
fn never(package: &Package, frame: &Rc<Frame>, ch: &Place) -> Option<Vec<Clue>> {
    let class = package.class(frame.id.decl, ch)?;
    if class.is_local() && class.makes().count() == 1 || class.cells.iter().any(|c| is_receiver(package, c)) {
        return None;
    }
    match can_receive(package, &signal(package, frame, ch)) {
        Can::Never(clues) if !clues.is_empty() => Some(clues),
        _ => None,
    }
}

/// Whether the cell is the receiver of a method of a channel type: which values it is called on is not followed.
fn is_receiver(package: &Package, cell: &Cell) -> bool {
    let Cell::Local(decl, local) = cell else { return false };
    package.body(*decl).is_some_and(|body| body.local(*local).kind == LocalKind::Recv)
}
