//! Receives of goroutines on channels that leave their function, where nothing can ever come.
//!
//! The ledger counts on channels that stay in one function. Here are the others, fields above all, and only the plain question: does
//! anything in view send or close, and can anything out of view?

use super::Clue;
use super::guards::{Can, Signal, can_receive, signal};
use super::traps::traps;
use crate::old::flow::Cfg;
use crate::old::ir::{BlockId, Comm, LocalKind, OpKind, Place, Term, Ty};
use crate::old::program::{Cell, ChanOp, ChanOpKind, ChanWhere, FnId, Frame, Package, Spawn};
use crate::source::Span;
use std::rc::Rc;

/// How many calls deep a receive is looked for.
const MAX_CALLS: usize = 3;

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
    /// Whether the goroutine waits for what it does itself when it ends.
    pub own_end: bool,
}

/// Receives of goroutines that nothing can ever end.
#[must_use]
pub fn unanswered(package: &Package, spawns: &[Spawn]) -> Vec<Unanswered> {
    let mut out: Vec<Unanswered> = Vec::new();
    for (i, spawn) in spawns.iter().enumerate() {
        let mut found = Vec::new();
        for frame in spawn.bodies().filter_map(|body| Frame::root(spawn.owner).call(body, &spawn.call)) {
            collect(package, &mut Way { start: Rc::clone(&frame), calls: Vec::new() }, &frame, &mut found);
        }
        if found.is_empty() {
            continue;
        }
        // Loops that nothing leaves are told of by the rules about loops and workers.
        let trapped: Vec<FnId> = traps(package, spawn).iter().map(|t| t.frame.id).collect();
        for Found { frame, span, place, clues, own_end } in found {
            let known = out.iter().any(|u| u.frame.id == frame.id && u.span == span);
            if !known && !trapped.contains(&frame.id) {
                out.push(Unanswered { spawn: Some(i), frame, span, place, clues, own_end });
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
                let place = op.place.clone();
                out.push(Unanswered { spawn: None, frame, span: op.span, place, clues, own_end: false });
            }
        }
    }
    out
}

struct Found {
    frame: Rc<Frame>,
    span: Span,
    place: Place,
    clues: Vec<Clue>,
    own_end: bool,
}

/// The way from where a goroutine begins.
struct Way {
    start: Rc<Frame>,
    /// The calls that lead on, by function and block.
    calls: Vec<(FnId, BlockId)>,
}

impl Way {
    /// Whether each function on the way, the first aside, comes to what leads on, and the last to the block, whatever it is asked to do.
    fn is_sure(&self, package: &Package, last: (FnId, BlockId)) -> bool {
        self.calls.iter().chain([&last]).filter(|(id, _)| *id != self.start.id).all(|(id, block)| {
            Cfg::new(package, *id).is_some_and(|cfg| {
                let around = cfg.reachable_without(BlockId(0), *block);
                cfg.func.block_ids().all(|b| b == *block || !around[b.at()] || cfg.exit(b).is_none())
            })
        })
    }
}

/// Collects from a function that the goroutine comes to.
fn collect(package: &Package, way: &mut Way, frame: &Rc<Frame>, out: &mut Vec<Found>) {
    let depth = way.calls.len();
    let Some((_, func)) = package.func(frame.id) else { return };
    for (block, _, op) in func.ops() {
        match &op.kind {
            OpKind::Recv { ch, .. } => {
                let never = never(package, frame, ch).map(|clues| (clues, false));
                if let Some((clues, own_end)) = never.or_else(|| Some((vec![own_end(package, way, frame, block, ch)?], true))) {
                    out.push(Found { frame: Rc::clone(frame), span: op.span, place: ch.clone(), clues, own_end });
                }
            }
            OpKind::Call(call) if depth < MAX_CALLS => {
                // The last calls are followed for what they receive themselves: most need not be parsed to see that it is nothing.
                let follow = |c: &&FnId| depth + 1 < MAX_CALLS || package.text(c.decl).contains("<-");
                for callee in package.callees(frame.id.decl, call).iter().filter(follow) {
                    if let Some(next) = frame.call(*callee, call) {
                        way.calls.push((frame.id, block));
                        collect(package, way, &next, out);
                        way.calls.pop();
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
fn dead_select(package: &Package, frame: &Rc<Frame>, func: &crate::old::ir::Func, block: BlockId) -> Option<Found> {
    let Term::Select { cases, default: None } = &func.block(block).term else { return None };
    let mut all = Vec::new();
    for case in cases {
        let Comm::Recv { ch, .. } = &case.comm else { return None };
        all.extend(never(package, frame, ch)?);
    }
    let first = cases.first()?.comm.ch().clone();
    Some(Found { frame: Rc::clone(frame), span: func.block(block).span, place: first, clues: all, own_end: false })
}

/// Whether a channel in a field is closed by the goroutine itself alone, when it ends: then it cannot wait for that before.
fn own_end(package: &Package, way: &Way, frame: &Rc<Frame>, block: BlockId, ch: &Place) -> Option<Clue> {
    let start = &way.start;
    let class = package.class(frame.id.decl, ch)?;
    let field = class.cells.iter().any(|c| matches!(c, Cell::Field(..)));
    if !field || !class.is_closed_world() || class.from_elsewhere || class.fed_by_library || class.makes().next().is_none() {
        return None;
    }
    let mut ends = class.ops.iter().filter(|o| matches!(o.kind, ChanOpKind::Send | ChanOpKind::Close));
    let end = ends.next().filter(|o| o.kind == ChanOpKind::Close && o.id == start.id && ends.next().is_none())?;
    let deferred = matches!(end.at, ChanWhere::Deferred(..));
    // The same object, by what holds it where the goroutine is started.
    let holder = |frame: &Rc<Frame>, place: &Place| package.origin(frame, &place.split_last()?.0).into_holder();
    let same = holder(frame, ch).is_some_and(|h| Some(h) == holder(start, &end.place));
    (deferred && same && way.is_sure(package, (frame.id, block)))
        .then(|| Clue::new(end.id.decl, end.span, "only the goroutine itself closes it, and that when it ends"))
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
