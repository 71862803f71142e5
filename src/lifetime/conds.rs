//! Condition variables that nobody signals, and groups with a limit that their own goroutines run into.

use super::groups::Group;
use super::traces::Tracer;
use crate::ir::{Callee, OpKind, Operand, Place};
use crate::program::{Cell, DeclId, FnId, Frame, Package, Spawn};
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
        for (_, _, op) in body.funcs.iter().flat_map(crate::ir::Func::ops) {
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
            let id = FnId { decl: *decl, func: crate::ir::FuncIdx(u32::try_from(f).unwrap_or(u32::MAX)) };
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
    let tracer = Tracer::of_group(package, &cell, &group.names, group.users(package), spawns);
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
