//! Condition variables that nobody signals, and groups with a limit that their own goroutines run into.

use super::groups::Group;
use super::traces::Tracer;
use crate::old::ir::{Callee, Cond, FuncIdx, LocalKind, OpKind, Operand, Place, Sym, Term};
use crate::old::program::{Cell, DeclId, FnId, Frame, Package, Spawn};
use crate::source::Span;
use rustc_hash::FxHashSet;

/// A condition variable that is waited for and never signalled.
#[derive(Clone, Debug)]
pub struct Unsignalled {
    /// The wait.
    pub wait: (FnId, Span),
    /// Where it is made.
    pub made: (DeclId, Span),
    /// Its name.
    pub name: String,
}

/// A goroutine of a limited group that starts another in the same group.
#[derive(Clone, Debug)]
pub struct Nested {
    /// The inner start, which waits for a place.
    pub start: (FnId, Span),
    /// The spawn of the goroutine around it.
    pub spawn: usize,
    /// The limit.
    pub limit: (FnId, Span),
    /// The limit's number, where it is one.
    pub number: Option<i64>,
    /// The group's name.
    pub name: String,
}

/// Condition variables made in these declarations that nothing in view signals.
#[must_use]
pub fn unsignalled(package: &Package, decls: &[DeclId]) -> Vec<Unsignalled> {
    let mut out: Vec<Unsignalled> = Vec::new();
    for decl in decls {
        let Some(body) = package.body(*decl) else { continue };
        for (_, _, op) in body.funcs.iter().flat_map(crate::old::ir::Func::ops) {
            let OpKind::Call(call) = &op.kind else { continue };
            if !matches!(&call.callee, Callee::Import { path, name } if *path == "sync" && *name == "NewCond") {
                continue;
            }
            let Some(Some(dst)) = call.results.first() else { continue };
            let Some(cell) = package.cell(*decl, body, dst) else { continue };
            let group = Group::of(package, cell);
            let signalled = group.calls("Signal").chain(group.calls("Broadcast")).next().is_some();
            if group.outside.is_some() || signalled {
                continue;
            }
            let Some(wait) = group.calls("Wait").next() else { continue };
            let name = super::guards::place_name(package, wait.id, &wait.place).unwrap_or_else(|| "the condition".into());
            let found = Unsignalled { wait: (wait.id, wait.span), made: (*decl, call.span), name };
            if !out.iter().any(|u| u.wait == found.wait) {
                out.push(found);
            }
        }
    }
    out
}

/// Limits set in these declarations that goroutines of the group can wait for while they hold a place themselves.
#[must_use]
pub fn nested(package: &Package, spawns: &[Spawn], decls: &[DeclId]) -> Vec<Nested> {
    let mut out: Vec<Nested> = Vec::new();
    for decl in decls {
        let Some(body) = package.body(*decl) else { continue };
        for (f, func) in body.funcs.iter().enumerate() {
            let id = FnId { decl: *decl, func: FuncIdx(u32::try_from(f).unwrap_or(u32::MAX)) };
            for (_, _, op) in func.ops() {
                let OpKind::Call(call) = &op.kind else { continue };
                let Callee::Method { recv, name } = &call.callee else { continue };
                if *name != "SetLimit"
                    || !package.is_type(&package.ty_of(*decl, body, recv), "golang.org/x/sync/errgroup", "Group")
                {
                    continue;
                }
                let number = match call.args.first() {
                    Some(Operand::Int(n)) => Some(*n),
                    _ => None,
                };
                if number.is_some_and(|n| n < 0) {
                    continue;
                }
                let Some(cell) = package.cell(*decl, body, recv) else { continue };
                let found = inner_start(package, spawns, cell, recv, id);
                out.extend(found.map(|(start, spawn, name)| Nested { start, spawn, limit: (id, call.span), number, name }));
            }
        }
    }
    out
}

/// A `Go` on the group that one of its own goroutines comes to.
fn inner_start(
    package: &Package,
    spawns: &[Spawn],
    cell: Cell,
    place: &Place,
    at: FnId,
) -> Option<((FnId, Span), usize, String)> {
    let group = Group::of(package, cell.clone());
    let starts: FxHashSet<(FnId, Span)> = group.calls("Go").map(|u| (u.id, u.span)).collect();
    let tracer = Tracer::of_group(package, &cell, &group.names, group.users(package));
    for (i, spawn) in spawns.iter().enumerate().filter(|(_, s)| starts.contains(&(s.owner, s.span))) {
        let _ = tracer.take_visited();
        let Some(body) = spawn.body else { continue };
        tracer.traces(&Frame::root(body), None).ok()?;
        let visited = tracer.take_visited();
        if let Some(inner) = group.calls("Go").find(|u| visited.contains(&u.id)) {
            let name = super::guards::place_name(package, at, place).unwrap_or_else(|| "the group".into());
            return Some(((inner.id, inner.span), i, name));
        }
    }
    None
}

/// A flag that would end the wait for a condition, set where nobody is woken.
#[derive(Clone, Debug)]
pub struct Unwoken {
    /// Where the flag is set.
    pub set: (FnId, Span),
    /// The wait that asks for it.
    pub wait: (FnId, Span),
    /// Where others are woken.
    pub woken: (FnId, Span),
    /// The name of the condition variable.
    pub name: String,
    /// The flag's name.
    pub flag: Sym,
}

/// Flags that end the waits for condition variables made in these declarations, set by functions that wake nobody.
#[must_use]
pub fn unwoken(package: &Package, decls: &[DeclId]) -> Vec<Unwoken> {
    let mut out: Vec<Unwoken> = Vec::new();
    for decl in decls {
        let Some(body) = package.body(*decl) else { continue };
        for (_, _, op) in body.funcs.iter().flat_map(crate::old::ir::Func::ops) {
            let OpKind::Call(call) = &op.kind else { continue };
            let makes = matches!(&call.callee, Callee::Import { path, name } if *path == "sync" && *name == "NewCond");
            let cell = call.results.first().and_then(Option::as_ref).and_then(|dst| package.cell(*decl, body, dst));
            let Some(cell) = cell.filter(|_| makes) else { continue };
            let group = Group::of(package, cell);
            if group.outside.is_none() {
                flags_unwoken(package, &group, &mut out);
            }
        }
    }
    out.sort_by_key(|u| u.set);
    out.dedup_by_key(|u| u.set);
    out
}

fn flags_unwoken(package: &Package, group: &Group, out: &mut Vec<Unwoken>) {
    let wakes: FxHashSet<DeclId> = group.calls("Signal").chain(group.calls("Broadcast")).map(|u| u.id.decl).collect();
    let Some(woken) = group.calls("Broadcast").chain(group.calls("Signal")).next() else { return };
    for wait in group.calls("Wait") {
        let Some((body, func)) = package.func(wait.id) else { continue };
        let Some(l) = func.block(wait.block).in_loop else { continue };
        for b in func.block_ids().filter(|b| func.loop_inside(func.block(*b).in_loop, l)) {
            let Term::If { cond, then, els } = &func.block(b).term else { continue };
            let (flag, then, els) = match cond {
                Cond::Truth(p) => (p, then, els),
                Cond::Not(inner) => match &**inner {
                    Cond::Truth(p) => (p, els, then),
                    _ => continue,
                },
                _ => continue,
            };
            let leaves = |to: &crate::old::ir::BlockId| !func.loop_inside(func.block(*to).in_loop, l);
            let Some(cell @ Cell::Field(owner, name)) = package.cell(wait.id.decl, body, flag) else { continue };
            if leaves(then) == leaves(els) || package.is_name_exported(&owner) && crate::old::program::exported(&name) {
                continue;
            }
            for set in set_to(package, &cell, leaves(then)) {
                if set.0.decl != wait.id.decl && !wakes_around(package, set.0, &wakes) {
                    let label =
                        super::guards::place_name(package, wait.id, &wait.place).unwrap_or_else(|| "the condition".into());
                    let (wait, woken) = ((wait.id, wait.span), (woken.id, woken.span));
                    out.push(Unwoken { set, wait, woken, name: label, flag: name });
                }
            }
        }
    }
}

/// Where a flag of an object that others have too is set to that value.
fn set_to(package: &Package, cell: &Cell, value: bool) -> Vec<(FnId, Span)> {
    let Cell::Field(owner, name) = cell else { return Vec::new() };
    let mut out = Vec::new();
    for decl in package.member_mentions(*owner, *name).iter().copied() {
        let Some(body) = package.body(decl) else { continue };
        let shared = |p: &Place| {
            p.root_local().is_some_and(|l| matches!(body.local(l).kind, LocalKind::Recv | LocalKind::Param(_)))
                && package.cell(decl, body, p).as_ref() == Some(cell)
        };
        for (id, func) in crate::old::program::functions(decl, body) {
            let sets = func.ops().filter(
                |(_, _, op)| matches!(&op.kind, OpKind::Assign { dst, src: Operand::Bool(v) } if *v == value && shared(dst)),
            );
            out.extend(sets.map(|(_, _, op)| (id, op.span)));
        }
    }
    out
}

/// Whether the function, one that it calls, or one of its callers wakes somebody.
fn wakes_around(package: &Package, id: FnId, wakes: &FxHashSet<DeclId>) -> bool {
    let top = FnId { decl: id.decl, func: FuncIdx::TOP };
    let callers = package.callers(top);
    let up = callers.sites.iter().any(|s| wakes_below(package, s.caller.decl, wakes, 1));
    up || callers.hidden.is_some() && !package.is_exported(id.decl) && callers.sites.is_empty()
        || wakes_below(package, id.decl, wakes, 2)
}

fn wakes_below(package: &Package, decl: DeclId, wakes: &FxHashSet<DeclId>, depth: u8) -> bool {
    if wakes.contains(&decl) {
        return true;
    }
    let Some(body) = package.body(decl).filter(|_| depth > 0) else { return false };
    body.funcs.iter().flat_map(crate::old::ir::Func::ops).any(|(_, _, op)| match &op.kind {
        OpKind::Call(call) | OpKind::Defer(call) | OpKind::Spawn(call) => {
            package.callees(decl, call).iter().any(|id| wakes_below(package, id.decl, wakes, depth - 1))
        }
        _ => false,
    })
}
