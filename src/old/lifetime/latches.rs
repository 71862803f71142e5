//! Latches: branches that are passed once only, or once for all goroutines.
//!
//! `if !sent { ch <- v; sent = true }` sends once however often it is come to, and of all goroutines that ask
//! `won.CompareAndSwap(false, true)` one gets a yes. How often a given goroutine does what stands behind one cannot be told.

use crate::old::flow::Cfg;
use crate::old::ir::{BlockId, Call, Callee, Cond, OpKind, Operand, Place, Term};
use crate::old::program::{Cell, DeclId, FnId, Frame, Origin, Package, Target};
use std::rc::Rc;

/// What a latch does to its atomic.
#[derive(Clone, Debug, PartialEq)]
enum Step {
    /// From one value to another.
    Swap(Operand, Operand),
    /// To a value, whatever it was.
    Set(Operand),
    /// Up or down by a number.
    Count(i64),
    /// A lock that is tried for.
    Lock,
}

/// Whether the block is behind a latch.
pub(super) fn is_latched(package: &Package, cfg: &Cfg<'_>, block: BlockId) -> bool {
    let idom = cfg.dominators();
    cfg.func.block_ids().any(|b| {
        let Term::If { cond, then, els } = &cfg.func.block(b).term else { return false };
        let behind = |side: BlockId| cfg.preds(side) == [b] && Cfg::dominates(&idom, side, block);
        [(*then, true), (*els, false)].into_iter().any(|(side, outcome)| {
            behind(side) && (is_flagged(cfg, &idom, side, cond, outcome) || is_let_through(package, cfg, block, cond, outcome))
        })
    })
}

/// Whether the branch sets the flag that it asks for, so that nobody takes it again.
fn is_flagged(cfg: &Cfg<'_>, idom: &[Option<BlockId>], side: BlockId, cond: &Cond, outcome: bool) -> bool {
    match cond {
        Cond::Not(inner) => is_flagged(cfg, idom, side, inner, !outcome),
        Cond::Truth(flag) => cfg.func.ops().any(|(at, _, op)| {
            matches!(&op.kind, OpKind::Assign { dst, src: Operand::Bool(v) } if dst == flag && *v != outcome)
                && Cfg::dominates(idom, side, at)
        }),
        _ => false,
    }
}

/// Whether the condition turns out so for one who asks, and never again unless somebody sets the atomic back.
fn is_let_through(package: &Package, cfg: &Cfg<'_>, block: BlockId, cond: &Cond, outcome: bool) -> bool {
    let (asked, wanted) = match cond {
        Cond::Not(inner) => return is_let_through(package, cfg, block, inner, !outcome),
        Cond::Truth(place) => (place, Operand::Bool(outcome)),
        Cond::Eq(Operand::Place(place), value) | Cond::Eq(value, Operand::Place(place)) if outcome => (place, value.clone()),
        _ => return false,
    };
    let Some((frame, call, target)) = call_behind(package, &Frame::root(cfg.id), asked, 0) else { return false };
    let Some((place, step)) = step(&target, &call) else { return false };
    let one = match &step {
        Step::Swap(old, new) => {
            wanted == Operand::Bool(true) && old != new && is_fixed(old) && (is_fixed(new) || *old == Operand::Nil)
        }
        Step::Set(new) => is_fixed(new) && is_fixed(&wanted) && wanted != *new,
        Step::Count(_) => matches!(wanted, Operand::Int(_)),
        Step::Lock => wanted == Operand::Bool(true),
    };
    one && !is_own(package, cfg, block, &frame, place) && !is_set_back(package, &frame, place, &step)
}

/// The call that a value comes from; through a function of the code in view that gives its result on.
fn call_behind(package: &Package, frame: &Rc<Frame>, place: &Place, depth: u8) -> Option<(Rc<Frame>, Box<Call>, Target)> {
    let Origin::Call { frame, call, target, index } = package.origin(frame, place) else { return None };
    let Some(callee) = target.func().filter(|_| depth < 2) else { return Some((frame, call, target)) };
    let (_, func) = package.func(callee)?;
    let mut answers = func.blocks.iter().filter_map(|b| match &b.term {
        Term::Return(values) => Some(values.get(index as usize).and_then(Operand::place)),
        _ => None,
    });
    let answer = answers.next()??;
    answers.next().is_none().then_some(())?;
    call_behind(package, &frame.call(callee, &call)?, answer, depth + 1)
}

/// Whether the value is the same each time: a literal, or a name of the package, which is most often that of a constant.
fn is_fixed(value: &Operand) -> bool {
    match value {
        Operand::Int(_) | Operand::Bool(_) | Operand::Nil => true,
        Operand::Place(p) => p.path.is_empty() && p.root_local().is_none(),
        _ => false,
    }
}

/// What a call of `sync` or `sync/atomic` does, and to what.
fn step<'c>(target: &Target, call: &'c Call) -> Option<(&'c Place, Step)> {
    let (Target::Model(_, outside) | Target::Outside(outside)) = target else { return None };
    let (place, name, args) = match (&call.callee, outside.path.as_str()) {
        (Callee::Method { recv, .. }, "sync/atomic" | "sync") => (recv, outside.name.as_str(), call.args.as_slice()),
        (_, "sync/atomic") => {
            // `CompareAndSwapInt32(&x, 0, 1)`: the same names with a type behind them.
            let (first, rest) = call.args.split_first()?;
            let name = outside.name.as_str();
            let stem = ["CompareAndSwap", "Swap", "Add", "Store"].into_iter().find(|s| name.starts_with(s))?;
            (first.place()?, stem, rest)
        }
        _ => return None,
    };
    let step = match (name, args) {
        ("CompareAndSwap", [old, new]) => Step::Swap(old.clone(), new.clone()),
        ("Swap" | "Store", [new]) => Step::Set(new.clone()),
        ("Add", [Operand::Int(n)]) => Step::Count(*n),
        ("Add", _) => Step::Set(Operand::Opaque),
        ("TryLock", []) => Step::Lock,
        ("Unlock", []) => Step::Set(Operand::Nil),
        _ => return None,
    };
    Some((place, step))
}

/// Whether the atomic is made anew each time the function comes to the block.
fn is_own(package: &Package, cfg: &Cfg<'_>, block: BlockId, frame: &Rc<Frame>, place: &Place) -> bool {
    let (Some(local), true) = (place.root_local(), frame.id == cfg.id) else { return false };
    let Some(body) = package.body(cfg.id.decl).filter(|b| b.local(local).func == cfg.id.func) else { return false };
    let made = |at: &BlockId| cfg.func.block(*at).in_loop;
    let declared = cfg.func.ops().find_map(|(at, _, op)| match &op.kind {
        OpKind::Assign { dst, .. } if dst.as_local() == Some(local) => Some(at),
        _ => None,
    });
    let is_param = !matches!(body.local(local).kind, crate::old::ir::LocalKind::Var | crate::old::ir::LocalKind::Temp);
    !is_param && declared.is_some_and(|at| made(&at) == made(&block))
}

/// Whether some code in view sets the atomic back, so that another one is let through.
fn is_set_back(package: &Package, frame: &Rc<Frame>, place: &Place, latch: &Step) -> bool {
    let decl = frame.id.decl;
    let Some(cell) = package.body(decl).and_then(|body| package.cell(decl, body, place)) else { return false };
    let decls = match &cell {
        Cell::Field(owner, field) => package.member_mentions(*owner, *field).to_vec(),
        Cell::Global(name) => package.mentions(*name).to_vec(),
        _ => vec![decl],
    };
    decls.into_iter().any(|d| sets_back(package, d, &cell, latch))
}

fn sets_back(package: &Package, decl: DeclId, cell: &Cell, latch: &Step) -> bool {
    let Some(body) = package.body(decl) else { return false };
    body.funcs.iter().enumerate().any(|(f, func)| {
        let id = FnId { decl, func: crate::old::ir::FuncIdx(u32::try_from(f).unwrap_or(u32::MAX)) };
        func.ops().any(|(block, _, op)| {
            let (OpKind::Call(call) | OpKind::Defer(call) | OpKind::Spawn(call)) = &op.kind else { return false };
            let Some((place, step)) = step(&package.resolve(decl, call), call) else { return false };
            // Who declares it sets it before it starts, as `left.Store(int32(len(ids)))` does.
            let declares = matches!(cell, Cell::Local(_, l) if body.local(*l).func == id.func);
            let at_first = declares && func.block(block).in_loop.is_none();
            !at_first && undoes(latch, &step) && package.cell(decl, body, place).as_ref() == Some(cell)
        })
    })
}

/// Whether a step can let another one through.
fn undoes(latch: &Step, step: &Step) -> bool {
    match (latch, step) {
        (Step::Lock, step) => *step == Step::Set(Operand::Nil),
        (Step::Count(by), Step::Count(n)) => by.signum() != n.signum(),
        (Step::Swap(old, _), Step::Swap(_, to) | Step::Set(to)) => to == old || !is_fixed(to),
        (Step::Swap(Operand::Int(from), Operand::Int(to)), Step::Count(n)) => to.checked_add(*n) == Some(*from),
        (Step::Set(to), Step::Swap(_, other) | Step::Set(other)) => other != to,
        (_, Step::Lock) => false,
        _ => true,
    }
}
