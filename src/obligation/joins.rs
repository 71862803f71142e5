//! Whether a function waits for a goroutine that it starts, on every way out.

use crate::flow::{Cfg, Exit};
use crate::ir::{BlockId, Body, Call, Callee, Comm, Func, FuncIdx, LocalKind, LoopKind, OpKind, Operand, Place, Root, Term};
use crate::program::{FnId, Package, Spawn, SpawnHow, functions};
use crate::source::Span;

/// Whether somebody waits for a goroutine.
#[derive(Clone, Debug)]
pub enum Awaited {
    /// The function that starts it waits on every way out.
    Yes,
    /// It does not on this way out.
    No(Span),
    /// Somebody else may; who.
    Elsewhere(String),
}

/// By what a goroutine tells that it is done, in the names of the function that starts it.
#[derive(Default)]
struct Signals {
    groups: Vec<Place>,
    chans: Vec<Place>,
}

/// Whether the function that starts the goroutine waits for it before it leaves.
#[must_use]
pub fn awaited(package: &Package, spawn: &Spawn) -> Awaited {
    let Some((body, func)) = package.func(spawn.owner) else { return Awaited::Elsewhere("the function cannot be read".into()) };
    let signals = signals(package, spawn, body);
    for group in &signals.groups {
        if !is_own(body, group, spawn.owner.func) {
            return Awaited::Elsewhere("a WaitGroup of somebody else counts it".into());
        }
    }
    let returned = func.blocks.iter().any(|b| match &b.term {
        Term::Return(values) => values.iter().filter_map(Operand::place).any(|p| signals.chans.contains(p)),
        _ => false,
    });
    if returned {
        return Awaited::Elsewhere("the caller gets the channel on which it answers".into());
    }
    match leaves_without(package, spawn, body, func, &signals) {
        Some(span) => Awaited::No(span),
        None => Awaited::Yes,
    }
}

/// Whether the place starts at a variable that the function itself declares.
fn is_own(body: &Body, place: &Place, func: FuncIdx) -> bool {
    place.root_local().is_some_and(|l| {
        let entry = body.local(l);
        entry.func == func && matches!(entry.kind, LocalKind::Var | LocalKind::Temp)
    })
}

fn signals(package: &Package, spawn: &Spawn, owner: &Body) -> Signals {
    let mut out = Signals::default();
    if let SpawnHow::Library(_) = spawn.how
        && let Some(op) = owner.func(spawn.owner.func).block(spawn.block).ops.get(spawn.op)
        && let OpKind::Call(call) = &op.kind
        && let Callee::Method { recv, .. } = &call.callee
    {
        out.groups.push(recv.clone());
    }
    let Some(id) = spawn.body else { return out };
    let Some(body) = package.body(id.decl) else { return out };
    let mut add = |list: fn(&mut Signals) -> &mut Vec<Place>, place: &Place| {
        if let Some(place) = in_owner(body, id, &spawn.call, place, spawn.owner) {
            list(&mut out).push(place);
        }
    };
    for (inner, func) in functions(id.decl, body).filter(|(inner, _)| body.is_inside(inner.func, id.func)) {
        for (_, _, op) in func.ops() {
            match &op.kind {
                OpKind::Call(call) | OpKind::Defer(call) => {
                    if matches!(&call.callee, Callee::Name(name) if *name == "close")
                        && let Some(ch) = call.args.first().and_then(Operand::place)
                    {
                        add(|s| &mut s.chans, ch);
                    }
                    if let Callee::Method { recv, name } = &call.callee
                        && *name == "Done"
                        && package.type_kind(&package.ty_of(inner.decl, body, recv)).is_some_and(|k| k == "waitgroup")
                    {
                        add(|s| &mut s.groups, recv);
                    }
                }
                OpKind::Send { ch, .. } | OpKind::Close { ch } => add(|s| &mut s.chans, ch),
                _ => {}
            }
        }
        for block in &func.blocks {
            let Term::Select { cases, .. } = &block.term else { continue };
            for case in cases {
                if let Comm::Send { ch, .. } = &case.comm {
                    add(|s| &mut s.chans, ch);
                }
            }
        }
    }
    out
}

/// A place of the goroutine as the function that starts it names it.
fn in_owner(body: &Body, id: FnId, call: &Call, place: &Place, owner: FnId) -> Option<Place> {
    let Root::Local(local) = place.root else { return Some(place.clone()) };
    let entry = body.local(local);
    let bound = match entry.kind {
        LocalKind::Param(i) if entry.func == id.func => call.args.get(i as usize).and_then(Operand::place).cloned(),
        LocalKind::Recv if entry.func == id.func => match &call.callee {
            Callee::Method { recv, .. } => Some(recv.clone()),
            Callee::Value(place) => place.split_last().map(|(base, _)| base),
            _ => None,
        },
        // A captured variable is the same in both.
        _ if id.decl == owner.decl && !body.is_inside(entry.func, id.func) => return Some(place.clone()),
        _ => None,
    };
    let mut bound = bound?;
    bound.path.extend(place.path.iter().copied());
    Some(bound)
}

/// The nearest way out after the spawn on which nobody waits.
fn leaves_without(package: &Package, spawn: &Spawn, body: &Body, func: &Func, signals: &Signals) -> Option<Span> {
    let cfg = Cfg::new(package, spawn.owner)?;
    let joins = |op: &OpKind| joins(package, spawn.owner, body, op, signals);
    let idom = cfg.dominators();
    let deferred = func.ops().any(|(b, i, op)| {
        let earlier = if b == spawn.block { i < spawn.op } else { Cfg::dominates(&idom, b, spawn.block) };
        earlier && matches!(op.kind, OpKind::Defer(_)) && joins(&op.kind)
    });
    if deferred {
        return None;
    }
    let looped = joining_loops(func, &joins, signals);
    let mut seen = vec![false; func.blocks.len()];
    let mut todo = std::collections::VecDeque::from([(spawn.block, spawn.op + 1)]);
    while let Some((b, from)) = todo.pop_front() {
        let block = func.block(b);
        if block.ops.iter().skip(from).any(|op| joins(&op.kind)) {
            continue;
        }
        if cfg.exit(b) == Some(Exit::Return) {
            return Some(block.span);
        }
        let next: Vec<BlockId> = match &block.term {
            Term::Loop { id, .. } if looped.contains(&id.at()) => Vec::new(),
            Term::Select { cases, default } => {
                let others = cases.iter().filter(|c| !signals.chans.contains(c.comm.ch())).map(|c| c.target);
                others.chain(*default).collect()
            }
            _ => cfg.succs(b).to_vec(),
        };
        for n in next {
            if !std::mem::replace(&mut seen[n.at()], true) {
                todo.push_back((n, 0));
            }
        }
    }
    None
}

/// Loops that receive what the goroutines send: their rounds are as many as the goroutines, one hopes, and rule blocked-send counts.
fn joining_loops(func: &Func, joins: &dyn Fn(&OpKind) -> bool, signals: &Signals) -> Vec<usize> {
    let ranges = func.loops.iter().enumerate().filter(|(_, l)| matches!(&l.kind, LoopKind::Range(Operand::Place(p)) if signals.chans.contains(p)));
    let mut out: Vec<usize> = ranges.map(|(i, _)| i).collect();
    for block in &func.blocks {
        if let Some(l) = block.in_loop
            && block.ops.iter().any(|op| joins(&op.kind))
            && matches!(func.loops[l.at()].kind, LoopKind::Count(_) | LoopKind::Range(_))
        {
            out.push(l.at());
        }
    }
    out
}

/// Whether an operation waits for the goroutine: for its group, for what it sends, or by a function that does.
fn joins(package: &Package, id: FnId, body: &Body, op: &OpKind, signals: &Signals) -> bool {
    match op {
        OpKind::Recv { ch, .. } => signals.chans.contains(ch),
        OpKind::Call(call) | OpKind::Defer(call) => {
            if let Callee::Method { recv, name } = &call.callee
                && *name == "Wait"
                && signals.groups.contains(recv)
            {
                return true;
            }
            // A group or channel that is handed on may be waited for there.
            let handed = call.args.iter().filter_map(Operand::place).any(|p| signals.groups.contains(p));
            handed || package.resolve(id.decl, call).func().is_some_and(|f| f.decl == id.decl && waits_inside(body, f.func, signals))
        }
        _ => false,
    }
}

/// Whether a literal of the same declaration waits for the goroutine somewhere.
fn waits_inside(body: &Body, func: FuncIdx, signals: &Signals) -> bool {
    func != FuncIdx::TOP
        && body.func(func).ops().any(|(_, _, op)| match &op.kind {
            OpKind::Recv { ch, .. } => signals.chans.contains(ch),
            OpKind::Call(call) => {
                matches!(&call.callee, Callee::Method { recv, name } if *name == "Wait" && signals.groups.contains(recv))
            }
            _ => false,
        })
}
