//! `Wait` on a group that is never counted down.

use super::Clue;
use super::groups::Group;
use super::items::collect;
use super::ledger::{Ledger, Thing, Turn};
use super::starved::{Scene, Starved, led_through};
use super::traces::{End, Event, Item, ItemKind, Trace, Tracer};
use crate::old::ir::{BlockId, Body, Call, FuncIdx, LocalId, LocalKind, OpKind, Sym, Ty};
use crate::old::program::{Cell, DeclId, FnId, Frame, Package, SiteHow, Spawn};
use crate::source::Span;
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

/// What is wrong with a group.
#[derive(Clone, Debug)]
pub enum Fault {
    /// A wait that does not end.
    Stuck(Starved),
    /// A goroutine leaves here without counting down, as it does on its other ways; somebody waits there.
    Skipped {
        /// The spawn.
        spawn: usize,
        /// The way out.
        out: (FnId, Span),
        /// The wait.
        wait: (FnId, Span),
    },
    /// A function counts a copy down: who waits and where it was handed over.
    Copy {
        /// The count.
        done: (FnId, Span),
        /// Where the copy is made, and how.
        made: Clue,
        /// The wait for the original.
        wait: Option<(FnId, Span)>,
    },
    /// `Add` runs in the goroutine that is to be waited for.
    LateAdd {
        /// The spawn.
        spawn: usize,
        /// The `Add`.
        add: (FnId, Span),
        /// The wait.
        wait: (FnId, Span),
    },
}

/// A fault with the group's name.
#[derive(Clone, Debug)]
pub struct Unfinished {
    /// The group, for messages.
    pub name: String,
    /// What.
    pub fault: Fault,
}

/// A group that was passed over.
#[derive(Clone, Debug)]
pub struct Passed {
    /// Where it is.
    pub at: (FnId, Span),
    /// Why.
    pub reason: String,
}

/// Whether the type is a `sync.WaitGroup`, or a pointer to one.
fn is_group(package: &Package, ty: &Ty) -> bool {
    package.is_type(ty, "sync", "WaitGroup")
}

/// All groups of the package that are used where goroutines are started.
#[must_use]
pub fn unfinished(package: &Package, spawns: &[Spawn]) -> (Vec<Unfinished>, Vec<Passed>) {
    let mut out = Vec::new();
    let mut passed = Vec::new();
    let mut fields: FxHashSet<(Sym, Sym)> = FxHashSet::default();
    let mut decls: Vec<DeclId> = spawns.iter().map(|s| s.owner.decl).collect();
    decls.dedup();
    for decl in decls {
        let Some(body) = package.body(decl) else { continue };
        for (i, local) in body.locals.iter().enumerate() {
            let id = LocalId(u32::try_from(i).unwrap_or(u32::MAX));
            if local.kind == LocalKind::Var && is_group(package, &package.local_type(decl, body, id)) {
                local_group(package, spawns, decl, id, &mut out, &mut passed);
            }
        }
        for (owner, field) in counted_up(package, decl, body, true) {
            if fields.insert((owner, field)) {
                field_group(package, spawns, owner, field, &mut out);
            }
        }
    }
    (out, passed)
}

/// The groups in fields that a declaration counts up, be it in a function of the package that it calls.
fn counted_up(package: &Package, decl: DeclId, body: &Body, follow: bool) -> Vec<(Sym, Sym)> {
    let mut out = Vec::new();
    for (_, _, op) in body.funcs.iter().flat_map(crate::old::ir::Func::ops) {
        let call: &Call = match &op.kind {
            OpKind::Call(call) => call,
            OpKind::Defer(call) => call,
            _ => continue,
        };
        if let crate::old::ir::Callee::Method { recv, name } = &call.callee
            && *name == "Add"
            && is_group(package, &package.ty_of(decl, body, recv))
        {
            if let Some(Cell::Field(owner, field)) = package.cell(decl, body, recv) {
                out.push((owner, field));
            }
            continue;
        }
        if follow
            && let Some(callee) = package.resolve(decl, call).func().filter(|f| f.decl != decl && f.func == FuncIdx::TOP)
            && package.text(callee.decl).contains(".Add(")
            && let Some(body) = package.body(callee.decl)
        {
            out.extend(counted_up(package, callee.decl, body, false));
        }
    }
    out
}

/// Whether the function counts the group up, or calls one that does.
fn adds_to(package: &Package, group: &Group, id: FnId) -> bool {
    let adders: Vec<FnId> = group.calls("Add").map(|u| u.id).collect();
    let calls = |call: &Call| package.resolve(id.decl, call).func().is_some_and(|f| adders.contains(&f));
    let Some((_, func)) = package.func(id) else { return false };
    adders.contains(&id) || func.ops().any(|(_, _, op)| matches!(&op.kind, OpKind::Call(call) if calls(call)))
}

fn local_group(
    package: &Package,
    spawns: &[Spawn],
    decl: DeclId,
    id: LocalId,
    out: &mut Vec<Unfinished>,
    passed: &mut Vec<Passed>,
) {
    let Some(body) = package.body(decl) else { return };
    let local = body.local(id);
    let owner = FnId { decl, func: local.func };
    let group = Group::of(package, Cell::Local(decl, id));
    let name = local.name.to_string();
    let at = (owner, local.span);
    if let Some(reason) = &group.outside {
        passed.push(Passed { at, reason: reason.clone() });
        return;
    }
    if !group.copies.is_empty() {
        copies(package, &name, &group, out);
        return;
    }
    let Some(start) = declared(package, owner, id).filter(|_| group.names.iter().all(|n| matches!(n, Cell::Local(..)))) else {
        passed.push(Passed { at, reason: "where it is made is not in view".into() });
        return;
    };
    let cell = Cell::Local(decl, id);
    let users = group.users(package);
    let tracer = Tracer::of_group(package, &cell, &group.names, users.clone());
    let Some((ways, roots)) = goroutines(&tracer, spawns) else {
        passed.push(Passed { at, reason: "there are too many ways through its goroutines".into() });
        return;
    };
    let Ok(owner_ways) = tracer.traces(&Frame::root(owner), Some(start)) else {
        passed.push(Passed { at, reason: "there are too many ways through this function".into() });
        return;
    };
    let seen = led_through(tracer.take_visited(), &owner_ways, &ways, &roots);
    let counters: FxHashSet<FnId> = group.uses.iter().map(|u| u.id).collect();
    let watched = Some((&cell, &counters));
    let scene = Scene {
        package,
        classes: &[],
        seen,
        owner,
        owner_ways: &owner_ways,
        ways: &ways,
        blurred: FxHashSet::default(),
        group: watched,
    };
    let stuck = scene.starved();
    let quiet = stuck.is_empty();
    out.extend(stuck.into_iter().map(|s| Unfinished { name: name.clone(), fault: Fault::Stuck(s) }));
    if quiet {
        late_adds(&name, &group, &cell, &owner_ways, &ways, out);
    }
}

/// The operation that declares the local.
fn declared(package: &Package, owner: FnId, id: LocalId) -> Option<(BlockId, usize)> {
    let (_, func) = package.func(owner)?;
    func.ops().find_map(|(block, i, op)| match &op.kind {
        OpKind::Assign { dst, .. } if dst.as_local() == Some(id) => Some((block, i)),
        OpKind::Call(call) if call.results.iter().flatten().any(|r| r.as_local() == Some(id)) => Some((block, i)),
        _ => None,
    })
}

type Ways = (BTreeMap<usize, Vec<Trace>>, BTreeMap<usize, FxHashSet<FnId>>);

fn goroutines(tracer: &Tracer<'_>, spawns: &[Spawn]) -> Option<Ways> {
    let mut ways = BTreeMap::new();
    let mut roots = BTreeMap::new();
    for i in tracer.near() {
        if let Some(found) = tracer.goroutine(&spawns[i]).ok()? {
            ways.insert(i, found);
            roots.insert(i, tracer.take_visited());
        }
    }
    Some((ways, roots))
}

/// Functions that take the group by value and count it down.
fn copies(package: &Package, name: &str, group: &Group, out: &mut Vec<Unfinished>) {
    let wait = group.calls("Wait").next().map(|u| (u.id, u.span));
    for copy in &group.copies {
        let inner = Group::of(package, copy.param.clone());
        let Some(done) = inner.calls("Done").next() else { continue };
        let made = Clue::new(copy.from.decl, copy.span, format!("`{name}` is handed over by value here: a copy"));
        let fault = Fault::Copy { done: (done.id, done.span), made, wait };
        if !out.iter().any(|u| matches!(&u.fault, Fault::Copy { done: d, .. } if *d == (done.id, done.span))) {
            out.push(Unfinished { name: name.to_string(), fault });
        }
    }
}

/// Goroutines that count up themselves, which somebody waits for who may come first.
fn late_adds(
    name: &str,
    group: &Group,
    cell: &Cell,
    owner_ways: &[Trace],
    ways: &BTreeMap<usize, Vec<Trace>>,
    out: &mut Vec<Unfinished>,
) {
    let Some(wait) = group.calls("Wait").next().map(|u| (u.id, u.span)) else { return };
    let thing = Thing::Group(cell.clone());
    let ledger = Ledger { thing: &thing, ways };
    for (spawn, list) in ways {
        // One that the owner has counted can count others: it is not done yet.
        let balanced = |w: &Trace| ledger.net(&w.items, &Turn::default()).as_const() == Some(0);
        let started = owner_ways.iter().any(|w| super::items::started_in(&w.items).contains(spawn));
        if !started || list.is_empty() || !list.iter().all(balanced) {
            continue;
        }
        let mut add = None;
        for way in list {
            collect(&way.items, &mut |item: &Item| {
                if matches!(&item.kind, ItemKind::One(Event::Add(g, _)) if g == cell) {
                    add.get_or_insert((item.at, item.span));
                }
            });
        }
        // `wg.Go` stands where it is started, and counts before.
        if let Some(add) = add.filter(|a| group.calls("Add").any(|u| (u.id, u.span) == *a)) {
            let fault = Fault::LateAdd { spawn: *spawn, add, wait };
            out.push(Unfinished { name: name.to_string(), fault });
        }
    }
}

/// A group in a field: goroutines that count it down on some ways and not on others.
fn field_group(package: &Package, spawns: &[Spawn], owner: Sym, field: Sym, out: &mut Vec<Unfinished>) {
    let cell = Cell::Field(owner, field);
    let group = Group::of(package, cell.clone());
    let Some(wait) = group.calls("Wait").next().map(|u| (u.id, u.span)) else { return };
    if group.outside.is_some() || !group.copies.is_empty() {
        return;
    }
    by_value_receivers(package, &group, field, wait, out);
    let mut users = group.users(package);
    // Methods of its own may count for whoever calls them.
    for used in group.calls("Done").filter(|u| u.id.func == FuncIdx::TOP) {
        users.extend(package.callers(used.id).sites.iter().filter(|s| s.how != SiteHow::Spawn).map(|s| s.caller));
    }
    let tracer = Tracer::of_group(package, &cell, &group.names, users);
    let Some((ways, roots)) = goroutines(&tracer, spawns) else { return };
    let thing = Thing::Group(cell);
    let ledger = Ledger { thing: &thing, ways: &ways };
    let name = group.calls("Wait").next().and_then(|u| super::guards::place_name(package, u.id, &u.place));
    let name = name.unwrap_or_else(|| field.to_string());
    for (spawn, list) in &ways {
        let adds = adds_to(package, &group, spawns[*spawn].owner);
        // Somebody else may count down for it.
        let own = |u: &super::groups::Use| {
            roots.get(spawn).is_some_and(|r| r.contains(&u.id))
                || roots.iter().any(|(s, r)| s != spawn && r.contains(&u.id) && !r.iter().any(|f| roots[spawn].contains(f)))
        };
        if !adds || !group.calls("Done").all(own) {
            continue;
        }
        let net = |w: &Trace| ledger.net(&w.items, &Turn::default()).as_const();
        let best = list.iter().map(net).min().flatten();
        let culprit = list.iter().find(|w| {
            best == Some(-1) && net(w) == Some(0) && matches!(w.end, End::Return(..)) && list.iter().all(|w| net(w).is_some())
        });
        if let Some(End::Return(at, span)) = culprit.map(|w| &w.end) {
            let fault = Fault::Skipped { spawn: *spawn, out: (*at, *span), wait };
            out.push(Unfinished { name: name.clone(), fault });
        }
    }
}

/// Methods that have the group by value with their receiver, and count the copy down.
fn by_value_receivers(package: &Package, group: &Group, field: Sym, wait: (FnId, Span), out: &mut Vec<Unfinished>) {
    for done in group.calls("Done") {
        let Some(body) = package.body(done.id.decl) else { continue };
        let Some(recv) = done.place.root_local().filter(|l| body.local(*l).kind == LocalKind::Recv) else { continue };
        let by_value = matches!(package.local_type(done.id.decl, body, recv), Ty::Named { .. });
        let in_place = matches!(package.ty_of(done.id.decl, body, &done.place), Ty::Named { .. });
        if by_value && in_place && done.place.path.len() == 1 {
            let (id, span) = (FnId { decl: done.id.decl, func: FuncIdx::TOP }, body.local(recv).span);
            let made = Clue::new(id.decl, span, "the receiver is a value: each call works on a copy");
            let fault = Fault::Copy { done: (done.id, done.span), made, wait: Some(wait) };
            out.push(Unfinished { name: field.to_string(), fault });
        }
    }
}
