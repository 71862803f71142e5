//! Whether a goroutine can outlive the function that starts it: whether that waits for it on every way out.
//!
//! Somebody waits who receives from a channel that the goroutine closes or sends on, or who waits for the group that it belongs to. Where
//! the group or the closed channel belongs to more than this function, somebody elsewhere may wait, and that is as good.

use crate::models::BlockKind;
use crate::old::flow::{Cfg, Exit};
use crate::old::ir::{BlockId, Body, Call, Callee, Comm, Func, FuncIdx, LoopKind, Op, OpKind, Operand, Place, Root, Term};
use crate::old::program::{Cell, Class, DeclId, FnId, Package, Spawn, Target};
use crate::source::Span;
use std::rc::Rc;

/// Who waits for a goroutine.
#[derive(Clone, Debug, PartialEq)]
pub enum Awaited {
    /// The function that starts it, on every way out.
    Here,
    /// Somebody else may; why.
    Elsewhere(String),
    /// The function can leave without it: where.
    Nobody(Span),
}

/// Who waits for the goroutine.
#[must_use]
pub fn awaited(package: &Package, spawn: &Spawn) -> Awaited {
    let mut signs = Signs::default();
    let decl = spawn.owner.decl;
    if let (crate::old::program::SpawnHow::Library(_), Some(call)) = (&spawn.how, spawning_call(package, spawn))
        && let Callee::Method { recv, .. } = &call.callee
    {
        signs.group(package, decl, recv);
    }
    if let crate::old::program::SpawnHow::Wrapper(wrapper) = spawn.how
        && may_wait(package, wrapper)
    {
        return Awaited::Elsewhere("the function that starts it may wait for it".into());
    }
    for body in spawn.bodies() {
        signs.function(package, body, spawn, 0);
    }
    if let Some(reason) = signs.elsewhere {
        return Awaited::Elsewhere(reason);
    }
    signs.relays(package, decl);
    let walk = Walk { package, owner: spawn.owner, signs: &signs };
    match walk.way_out(spawn) {
        Some(span) => Awaited::Nobody(span),
        None => Awaited::Here,
    }
}

/// Whether the function, or a literal in it, waits for anything or counts what it starts.
fn may_wait(package: &Package, wrapper: FnId) -> bool {
    let Some(body) = package.body(wrapper.decl) else { return true };
    body.funcs.iter().flat_map(Func::ops).any(|(_, _, op)| match &op.kind {
        OpKind::Recv { .. } => true,
        OpKind::Call(call) | OpKind::Defer(call) => match &call.callee {
            Callee::Method { recv, .. } => {
                let unread = || package.resolve(wrapper.decl, call).model().is_none();
                is_group(package, wrapper.decl, recv) || matches!(op.kind, OpKind::Defer(_)) && unread()
            }
            _ => false,
        },
        _ => false,
    })
}

fn spawning_call<'p>(package: &'p Package, spawn: &Spawn) -> Option<&'p Call> {
    let (_, func) = package.func(spawn.owner)?;
    match &func.block(spawn.block).ops.get(spawn.op)?.kind {
        OpKind::Call(call) => Some(call),
        _ => None,
    }
}

/// By what others can tell that the goroutine is done.
#[derive(Default)]
struct Signs {
    channels: Vec<Rc<Class>>,
    groups: Vec<Place>,
    elsewhere: Option<String>,
}

impl Signs {
    /// What a function of the goroutine does last: close, send, `Done`.
    fn function(&mut self, package: &Package, id: FnId, spawn: &Spawn, depth: u8) {
        let Some((_, func)) = package.func(id) else { return };
        for block in func.block_ids() {
            if let Term::Select { cases, .. } = &func.block(block).term {
                for case in cases {
                    if let Comm::Send { ch, .. } = &case.comm {
                        self.channel(package, id.decl, ch, false);
                    }
                }
            }
        }
        for (_, _, op) in func.ops() {
            match &op.kind {
                OpKind::Send { ch, .. } => self.channel(package, id.decl, ch, false),
                OpKind::Close { ch } => self.channel(package, id.decl, ch, true),
                OpKind::Defer(call) => {
                    self.call(package, id, call, spawn, depth);
                    self.deferred(package, id, call, spawn);
                }
                OpKind::Call(call) => self.call(package, id, call, spawn, depth),
                // What it starts may be what tells that it is done.
                OpKind::Spawn(call) => {
                    if let (Callee::Lit(lit), true) = (&call.callee, depth < 2) {
                        self.function(package, FnId { decl: id.decl, func: *lit }, spawn, depth + 1);
                    }
                }
                _ => {}
            }
        }
    }

    fn call(&mut self, package: &Package, id: FnId, call: &Call, spawn: &Spawn, depth: u8) {
        match package.resolve(id.decl, call) {
            Target::Model(model, outside) => {
                let Callee::Method { recv, .. } = &call.callee else {
                    if let Some(ch) = model.closes_arg.and_then(|i| call.args.get(i as usize)).and_then(Operand::place) {
                        self.channel(package, id.decl, ch, true);
                    }
                    return;
                };
                if outside.name == "Done" && is_group(package, id.decl, recv) {
                    if id.decl == spawn.owner.decl {
                        self.group(package, id.decl, recv);
                    } else {
                        self.handed(package, id, recv, spawn);
                    }
                }
            }
            Target::Func(inner) if depth < 2 => self.function(package, inner, spawn, depth + 1),
            _ if closes(call) => {
                if let Some(ch) = call.args.first().and_then(Operand::place) {
                    self.channel(package, id.decl, ch, true);
                }
            }
            // What one of them does last may be what tells.
            Target::Dynamic(_) | Target::Unknown if depth < 2 => {
                for inner in package.alternatives(id.decl, call).iter() {
                    self.function(package, *inner, spawn, depth + 1);
                }
            }
            _ => {}
        }
    }

    /// A deferred call of code that cannot be read may tell somebody that the goroutine is done: through what it is called on, a channel
    /// it is given, or as a function that came from outside.
    fn deferred(&mut self, package: &Package, id: FnId, call: &Call, spawn: &Spawn) {
        if !matches!(package.resolve(id.decl, call), Target::Outside(_) | Target::Dynamic(_) | Target::Unknown) {
            return;
        }
        let Some(body) = package.body(id.decl) else { return };
        for ch in call.args.iter().filter_map(Operand::place) {
            if matches!(package.structure(&package.ty_of(id.decl, body, ch)), crate::old::ir::Ty::Chan(..)) {
                self.channel(package, id.decl, ch, true);
            }
        }
        let Callee::Method { recv, .. } = &call.callee else { return };
        let inside = |local| spawn.body.is_some_and(|b| b.decl == id.decl && body.is_inside(body.local(local).func, b.func));
        match recv.root_local() {
            Some(local) if inside(local) && id.decl == spawn.owner.decl => {}
            _ if id.decl == spawn.owner.decl => self.group(package, id.decl, recv),
            _ => self.elsewhere = Some("it tells something of its type that it is done".into()),
        }
    }

    /// A group that the body got as a parameter: that of the spawning call, if it is bound there.
    fn handed(&mut self, package: &Package, id: FnId, recv: &Place, spawn: &Spawn) {
        let bound = package.body(id.decl).and_then(|body| {
            let local = body.local(recv.root_local().filter(|_| recv.path.is_empty())?);
            match local.kind {
                crate::old::ir::LocalKind::Param(i) => spawn.call.args.get(i as usize).and_then(Operand::place),
                _ => None,
            }
        });
        match bound {
            Some(place) if spawn.body == Some(id) => self.group(package, spawn.owner.decl, place),
            _ => self.elsewhere = Some("it tells a group of its type that it is done".into()),
        }
    }

    fn group(&mut self, package: &Package, decl: DeclId, place: &Place) {
        let Some(body) = package.body(decl) else { return };
        let place = copied(package, decl, place);
        match place.root_local() {
            Some(local) if place.path.is_empty() && is_own(body, local) => {
                if !self.groups.contains(&place) {
                    self.groups.push(place);
                }
            }
            _ => self.elsewhere = Some("it belongs to a group that others may wait for".into()),
        }
    }

    fn channel(&mut self, package: &Package, decl: DeclId, ch: &Place, closed: bool) {
        let Some(class) = package.class(decl, ch) else { return };
        if closed && !class.cells.iter().all(|c| matches!(c, Cell::Local(..) | Cell::Path(..))) {
            self.elsewhere = Some("it closes a channel that others may wait for".into());
        }
        if !class.returned_by.is_empty() {
            self.elsewhere = Some("it sends on a channel that the caller gets".into());
        }
        if !self.channels.iter().any(|c| Rc::ptr_eq(c, &class)) {
            self.channels.push(class);
        }
    }

    /// `go func() { wg.Wait(); close(done) }()`: who waits for `done` waits for the group.
    fn relays(&mut self, package: &Package, decl: DeclId) {
        let Some(body) = package.body(decl) else { return };
        for _ in 0..3 {
            let before = self.channels.len();
            for func in &body.funcs {
                for (_, _, op) in func.ops() {
                    let (OpKind::Spawn(call) | OpKind::Call(call)) = &op.kind else { continue };
                    let lit = match (&call.callee, call.args.first()) {
                        (Callee::Lit(lit), _) | (_, Some(Operand::Func(lit))) => *lit,
                        _ => continue,
                    };
                    let inner = body.func(lit);
                    if !inner.ops().any(|(_, _, op)| self.is_wait(package, decl, op)) {
                        continue;
                    }
                    for (_, _, op) in inner.ops() {
                        match &op.kind {
                            OpKind::Send { ch, .. } | OpKind::Close { ch } => self.channel(package, decl, ch, false),
                            _ => {}
                        }
                    }
                }
            }
            if self.channels.len() == before {
                return;
            }
        }
    }

    /// Whether the operation waits for the goroutine.
    fn is_wait(&self, package: &Package, decl: DeclId, op: &Op) -> bool {
        match &op.kind {
            OpKind::Recv { ch, .. } => self.is_channel(package, decl, ch),
            OpKind::Call(call) => self.waits_in(package, decl, call),
            _ => false,
        }
    }

    fn is_channel(&self, package: &Package, decl: DeclId, ch: &Place) -> bool {
        !self.channels.is_empty()
            && package.class(decl, ch).is_some_and(|class| self.channels.iter().any(|c| Rc::ptr_eq(c, &class)))
    }

    fn waits_in(&self, package: &Package, decl: DeclId, call: &Call) -> bool {
        match package.resolve(decl, call) {
            Target::Model(model, _) => {
                let waits = model.blocks.as_ref().is_some_and(|b| b.kind == BlockKind::Wait);
                let Callee::Method { recv, .. } = &call.callee else { return false };
                waits && self.groups.contains(&copied(package, decl, recv))
            }
            // A group of a type that cannot be read: any call on it may be the one that waits.
            Target::Outside(_) | Target::Dynamic(_) | Target::Unknown => {
                matches!(&call.callee, Callee::Method { recv, .. } if self.groups.contains(&copied(package, decl, recv)))
            }
            // A function that is given the group or the channel, or a literal that waits.
            Target::Func(id) => {
                let Some((_, func)) = package.func(id) else { return false };
                if id.decl == decl {
                    return func.ops().any(|(_, _, op)| match &op.kind {
                        OpKind::Recv { ch, .. } => self.is_channel(package, decl, ch),
                        OpKind::Call(inner) if id.func != FuncIdx::TOP => {
                            matches!(&inner.callee, Callee::Method { recv, .. } if self.groups.contains(&copied(package, decl, recv)))
                                && package.resolve(decl, inner).model().is_some_and(|m| m.blocks.as_ref().is_some_and(|b| b.kind == BlockKind::Wait))
                        }
                        _ => false,
                    }) || ranges(self, package, decl, func);
                }
                let given_group =
                    call.args.iter().filter_map(Operand::place).any(|p| self.groups.contains(&copied(package, decl, p)));
                let waits = |op: &Op| match &op.kind {
                    OpKind::Recv { ch, .. } => self.is_channel(package, id.decl, ch),
                    OpKind::Call(inner) => {
                        given_group
                            && package
                                .resolve(id.decl, inner)
                                .model()
                                .is_some_and(|m| m.blocks.as_ref().is_some_and(|b| b.kind == BlockKind::Wait))
                    }
                    _ => false,
                };
                func.ops().any(|(_, _, op)| waits(op)) || ranges(self, package, id.decl, func)
            }
            _ => false,
        }
    }
}

/// Whether the function receives in a range or a `select`.
fn ranges(signs: &Signs, package: &Package, decl: DeclId, func: &Func) -> bool {
    let cases = |b: &crate::old::ir::Block| match &b.term {
        Term::Select { cases, .. } => {
            cases.iter().any(|c| matches!(&c.comm, Comm::Recv { ch, .. } if signs.is_channel(package, decl, ch)))
        }
        _ => false,
    };
    func.loops.iter().any(|l| matches!(&l.kind, LoopKind::Range(Operand::Place(p)) if signs.is_channel(package, decl, p)))
        || func.blocks.iter().any(cases)
}

fn closes(call: &Call) -> bool {
    matches!(&call.callee, Callee::Name(name) if name == "close")
}

fn is_group(package: &Package, decl: DeclId, place: &Place) -> bool {
    let Some(body) = package.body(decl) else { return false };
    package.type_kind(&package.ty_of(decl, body, place)).is_some_and(|k| k == "waitgroup" || k == "errgroup")
}

/// A local of the declaration that is no parameter.
fn is_own(body: &Body, local: crate::old::ir::LocalId) -> bool {
    matches!(body.local(local).kind, crate::old::ir::LocalKind::Var | crate::old::ir::LocalKind::Temp)
}

/// The place that a copy stands for.
fn copied(package: &Package, decl: DeclId, place: &Place) -> Place {
    let mut place = place.clone();
    for _ in 0..6 {
        let Some(local) = place.as_local() else { return place };
        match package.single_write(decl, local) {
            Some(crate::old::program::Written::Value(Operand::Place(p))) if matches!(p.root, Root::Local(_)) => place = p.clone(),
            _ => return place,
        }
    }
    place
}

struct Walk<'p> {
    package: &'p Package,
    owner: FnId,
    signs: &'p Signs,
}

impl Walk<'_> {
    /// Where the owner leaves without having waited, if it can.
    fn way_out(&self, spawn: &Spawn) -> Option<Span> {
        let cfg = Cfg::new(self.package, self.owner)?;
        let func = cfg.func;
        let idom = cfg.dominators();
        let deferred = |b: BlockId, i: usize, op: &Op| {
            matches!(&op.kind, OpKind::Defer(call) if self.defers_wait(call))
                && (b == spawn.block && i < spawn.op || b != spawn.block && Cfg::dominates(&idom, b, spawn.block))
        };
        if func.ops().any(|(b, i, op)| deferred(b, i, op)) {
            return None;
        }
        let mut seen = vec![false; func.blocks.len()];
        let mut todo = vec![(spawn.block, spawn.op + 1)];
        while let Some((b, from)) = todo.pop() {
            let block = func.block(b);
            if from == 0 && std::mem::replace(&mut seen[b.at()], true) {
                continue;
            }
            if block.ops.iter().skip(from).any(|op| self.waits(op)) {
                continue;
            }
            match cfg.exit(b) {
                Some(Exit::Return) => return Some(block.span),
                Some(_) => continue,
                None => {}
            }
            todo.extend(cfg.succs(b).iter().filter(|s| !self.edge_waits(func, b, **s)).map(|s| (*s, 0)));
        }
        None
    }

    fn waits(&self, op: &Op) -> bool {
        self.signs.is_wait(self.package, self.owner.decl, op) || matches!(&op.kind, OpKind::Defer(call) if self.defers_wait(call))
    }

    fn defers_wait(&self, call: &Call) -> bool {
        self.signs.waits_in(self.package, self.owner.decl, call)
    }

    /// A case that receives, a range over the channel, or the end of a loop in which each round receives.
    fn edge_waits(&self, func: &Func, from: BlockId, to: BlockId) -> bool {
        let decl = self.owner.decl;
        match &func.block(from).term {
            Term::Select { cases, .. } => cases.iter().any(|c| {
                c.target == to && matches!(&c.comm, Comm::Recv { ch, .. } if self.signs.is_channel(self.package, decl, ch))
            }),
            Term::Loop { id, exit, .. } if *exit == Some(to) => {
                let entry = &func.loops[id.at()];
                let ranges =
                    matches!(&entry.kind, LoopKind::Range(Operand::Place(p)) if self.signs.is_channel(self.package, decl, p));
                ranges
                    || func.ops().any(|(b, _, op)| {
                        func.loop_inside(func.block(b).in_loop, *id)
                            && matches!(&op.kind, OpKind::Recv { ch, .. } if self.signs.is_channel(self.package, decl, ch))
                    })
            }
            _ => false,
        }
    }
}
