//! Workers: channels handed in by callers, and types that start goroutines which only a method of theirs ends.

use super::traps::{self, call_chain};
use super::{Clue, guards};
use crate::lint::Level;
use crate::old::flow::{Cfg, Exit};
use crate::old::ir::{
    BlockId, Body, Call, Callee, Cond, FuncIdx, LocalId, LocalKind, LoopKind, OpKind, Operand, Place, Root, Sym, Term, Ty,
};
use crate::old::program::exported;
use crate::old::program::{Cell, ChanOpKind, DeclId, FnId, Frame, Package, Spawn};
use crate::source::Span;
use rustc_hash::FxHashSet;
use std::rc::Rc;

/// Workers on a channel that a caller out of view hands in.
#[derive(Clone, Debug)]
pub struct Pool {
    /// The function that receives.
    pub at: FnId,
    /// The receive or range.
    pub span: Span,
    /// The channel's name.
    pub name: String,
    /// The function whose parameter it is.
    pub param: FnId,
    /// The parameter.
    pub param_span: Span,
}

/// A value whose workers go on though its owner has dropped it.
#[derive(Clone, Debug)]
pub struct Dropped {
    /// The function that drops it.
    pub at: FnId,
    /// Where the value was made.
    pub span: Span,
    /// How bad.
    pub level: Level,
    /// One sentence.
    pub message: String,
    /// The argument.
    pub clues: Vec<Clue>,
    /// What to do.
    pub help: String,
}

/// Loops of the goroutine that only the close of a parameter of the function around it would end, where nothing else
/// in view could end them and nobody waits for them.
#[must_use]
pub fn handed_in(package: &Package, spawn: &Spawn) -> Vec<Pool> {
    let Some(body_id) = spawn.body else { return Vec::new() };
    let Some(frame) = Frame::root(spawn.owner).call(body_id, &spawn.call) else { return Vec::new() };
    let Some((body, func)) = package.func(body_id) else { return Vec::new() };
    let mut out = Vec::new();
    for b in func.block_ids() {
        let Term::Loop { id, .. } = &func.block(b).term else { continue };
        let entry = &func.loops[id.at()];
        let LoopKind::Range(Operand::Place(ch)) = &entry.kind else { continue };
        if !traps::is_channel(package, &frame, ch) || entry.parent.is_some() {
            continue;
        }
        let crate::old::program::Origin::Param(owner, local) = package.origin(&frame, ch) else { continue };
        let Some(class) = package.class(body_id.decl, ch) else { continue };
        let closed = class.ops_of(&ChanOpKind::Close).next().is_some();
        if closed || class.outside_close.is_none() || leaves_otherwise(package, func, *id) {
            continue;
        }
        if is_watched(package, body_id, body, func) || has_other_end(package, owner) {
            continue;
        }
        let Some(owner_body) = package.body(owner.decl) else { continue };
        let param = owner_body.local(local);
        out.push(Pool { at: body_id, span: entry.head, name: param.name.to_string(), param: owner, param_span: param.span });
    }
    out
}

/// Whether the loop can be left by something else than the end of its range.
fn leaves_otherwise(package: &Package, func: &crate::old::ir::Func, id: crate::old::ir::LoopId) -> bool {
    let _ = package;
    func.block_ids().filter(|b| func.loop_inside(func.block(*b).in_loop, id) && *b != func.loops[id.at()].header).any(|b| {
        matches!(func.block(b).term, Term::Return(_))
            || func.successors(b).iter().any(|s| !func.loop_inside(func.block(*s).in_loop, id))
    })
}

/// Whether the goroutine tells somebody that it has ended: it closes or sends on another channel after its loop, or counts down a group.
fn is_watched(package: &Package, id: FnId, body: &Body, func: &crate::old::ir::Func) -> bool {
    let tells = |op: &OpKind| match op {
        OpKind::Close { .. } | OpKind::Send { .. } => true,
        OpKind::Call(call) | OpKind::Defer(call) => match &call.callee {
            Callee::Name(name) => *name == "close",
            Callee::Method { recv, name } => {
                *name == "Done" && package.type_kind(&package.ty_of(id.decl, body, recv)).is_some_and(|k| k == "waitgroup")
            }
            _ => false,
        },
        _ => false,
    };
    let lits = crate::old::flow::deferred_literals(func);
    func.ops().any(|(_, _, op)| tells(&op.kind)) || lits.iter().any(|l| body.func(*l).ops().any(|(_, _, op)| tells(&op.kind)))
}

/// Whether the function takes something else by which its goroutines could be ended.
fn has_other_end(package: &Package, owner: FnId) -> bool {
    let Some((body, func)) = package.func(owner) else { return true };
    func.params.iter().chain(&func.recv).any(|p| {
        let ty = package.local_type(owner.decl, body, *p);
        let done = matches!(package.structure(&ty), Ty::Chan(_, elem) if matches!(&*elem, Ty::Struct(f) if f.is_empty()));
        done || guards::is_context(package, &ty) || package.type_kind(&ty).is_some_and(|k| k == "waitgroup" || k == "errgroup")
    })
}

/// Values whose constructor starts goroutines that only a method of theirs ends, dropped by a visible owner that never calls it.
#[must_use]
pub fn dropped_owners(package: &Package, spawns: &[Spawn]) -> Vec<Dropped> {
    let mut out = Vec::new();
    let mut seen: FxHashSet<(FnId, Sym)> = FxHashSet::default();
    for spawn in spawns {
        let Some(owner) = owning_type(package, spawn) else { continue };
        let constructor = FnId { decl: spawn.owner.decl, func: FuncIdx::TOP };
        if !seen.insert((constructor, owner)) {
            continue;
        }
        let only_by_owner =
            traps::traps(package, spawn).is_empty() && !traps::traps_without(package, spawn, Some(owner)).is_empty();
        if !only_by_owner {
            continue;
        }
        let enders = enders(package, owner);
        if enders.is_empty() {
            continue;
        }
        drops(package, spawn, constructor, owner, &enders, &mut out);
    }
    out
}

/// The type of this package whose value the spawning function returns, or whose method it is.
fn owning_type(package: &Package, spawn: &Spawn) -> Option<Sym> {
    let (body, func) = package.func(FnId { decl: spawn.owner.decl, func: FuncIdx::TOP })?;
    let name = match func.recv {
        Some(_) => body.recv_type?,
        None => crate::old::lower::base_name(func.sig.results.first()?)?,
    };
    package.type_decl(name).map(|_| name)
}

/// Methods of the type that close one of its channels, send on one that carries nothing, or call one of its cancel functions.
fn enders(package: &Package, owner: Sym) -> Vec<Sym> {
    let mut out: Vec<Sym> = Vec::new();
    let methods = package.methods_of(owner);
    // Twice: a Close that calls stop, which closes the channel.
    for _ in 0..2 {
        for decl in &methods {
            let Some(name) = package.decl(*decl).names.first().copied() else { continue };
            if !out.contains(&name) && ends(package, *decl, owner, &out) {
                out.push(name);
            }
        }
    }
    out
}

fn ends(package: &Package, decl: DeclId, owner: Sym, known: &[Sym]) -> bool {
    let Some(body) = package.body(decl) else { return false };
    let own_field = |p: &Place| matches!(package.cell(decl, body, p), Some(Cell::Field(o, _)) if o == owner);
    body.funcs.iter().flat_map(crate::old::ir::Func::ops).any(|(_, _, op)| match &op.kind {
        OpKind::Close { ch } => own_field(ch),
        OpKind::Send { ch, .. } => own_field(ch) && sends_nothing(package, decl, body, ch),
        OpKind::Call(call) | OpKind::Defer(call) => match &call.callee {
            Callee::Name(name) if *name == "close" => call.args.first().and_then(Operand::place).is_some_and(own_field),
            Callee::Value(p) => own_field(p),
            Callee::Method { recv, name } => {
                let field = recv.field(*name);
                (known.contains(name) && package.decl(decl).names.first() != Some(name))
                    || own_field(&field) && is_cancel(package, decl, body, &field)
            }
            _ => false,
        },
        _ => false,
    })
}

fn sends_nothing(package: &Package, decl: DeclId, body: &Body, ch: &Place) -> bool {
    matches!(package.structure(&package.ty_of(decl, body, ch)), Ty::Chan(_, elem) if matches!(&*elem, Ty::Struct(f) if f.is_empty()))
}

fn is_cancel(package: &Package, decl: DeclId, body: &Body, place: &Place) -> bool {
    let ty = package.ty_of(decl, body, place);
    package.type_kind(&ty).is_some_and(|k| k == "cancel") || matches!(package.structure(&ty), Ty::Func(_))
}

fn drops(package: &Package, spawn: &Spawn, constructor: FnId, owner: Sym, enders: &[Sym], out: &mut Vec<Dropped>) {
    let Some(name) = package.decl(constructor.decl).names.first().copied() else { return };
    let is_method = package.decl(constructor.decl).recv.is_some();
    for decl in package.mentions_near(constructor.decl, name).iter().copied() {
        let Some(body) = package.body(decl) else { continue };
        for (f, func) in body.funcs.iter().enumerate() {
            let at = FnId { decl, func: FuncIdx(u32::try_from(f).unwrap_or(u32::MAX)) };
            for (block, index, op) in func.ops() {
                let OpKind::Call(call) = &op.kind else { continue };
                if package.resolve(decl, call).func() != Some(constructor) {
                    continue;
                }
                let holder = match (&call.callee, is_method) {
                    (Callee::Method { recv, .. }, true) => made_locally(package, decl, recv),
                    (_, false) => match call.results.first() {
                        Some(Some(p)) => p.as_local(),
                        _ => None,
                    },
                    _ => None,
                };
                if super::lasting::once(package, at, block).is_some() {
                    continue;
                }
                if hands_out_an_end(package, constructor, call) {
                    continue;
                }
                let unheld = !is_method && !is_held(call.results.first(), body);
                if unheld && wants_the_error(func, body, call) {
                    continue;
                }
                let way_out = holder.and_then(|local| dropped_on(package, at, (block, index), local, enders));
                if unheld || way_out.is_some() {
                    out.push(dropped_at(package, spawn, at, (call.span, way_out), owner, enders));
                } else if let Some((holder_type, field)) = holder.and_then(|l| kept_in(package, decl, l))
                    && !field_ended(package, holder_type, field, enders)
                {
                    out.push(forgotten_in(package, spawn, at, call.span, (holder_type, field), owner, enders));
                }
            }
        }
    }
}

fn is_held(result: Option<&Option<Place>>, body: &Body) -> bool {
    let named = |p: &Place| p.as_local().is_none_or(|l| body.local(l).name != "_");
    result.is_some_and(|r| r.as_ref().is_some_and(named))
}

/// Whether the constructor gives a function beside the value, and the caller keeps it: it may well be what ends the workers.
fn hands_out_an_end(package: &Package, constructor: FnId, call: &Call) -> bool {
    let Some((_, func)) = package.func(constructor) else { return false };
    let is_func = |ty: &Ty| matches!(package.structure(ty), Ty::Func(_)) || package.type_kind(ty).is_some_and(|k| k == "cancel");
    func.sig.results.iter().zip(&call.results).skip(1).any(|(ty, kept)| kept.is_some() && is_func(ty))
}

/// Whether a caller who throws the value away keeps the error and tests it nowhere, but gives it to a call: one that expects it, as a test does
/// of a constructor that has to fail.
fn wants_the_error(func: &crate::old::ir::Func, body: &Body, call: &Call) -> bool {
    if call.results.len() < 2 || !is_held(call.results.last(), body) {
        return false;
    }
    let Some(Some(error)) = call.results.last() else { return false };
    let tested = func.block_ids().any(|b| func.successors(b).iter().any(|next| fails(func, b, *next, error)));
    let given = func.ops().any(|(_, _, op)| match &op.kind {
        OpKind::Call(c) => c.args.iter().any(|a| a.place() == Some(error)),
        _ => false,
    });
    given && !tested
}

/// The field of a type of this package that the value goes into, and nowhere else.
fn kept_in(package: &Package, decl: DeclId, local: LocalId) -> Option<(Sym, Sym)> {
    let body = package.body(decl)?;
    let mut found = None;
    for (_, _, op) in body.funcs.iter().flat_map(crate::old::ir::Func::ops) {
        let whole = |v: &Operand| v.place().is_some_and(|p| p.as_local() == Some(local));
        match &op.kind {
            OpKind::Assign { dst, src } if whole(src) => match package.cell(decl, body, dst) {
                Some(Cell::Field(owner, name)) if found.is_none() => found = Some((owner, name)),
                _ => return None,
            },
            OpKind::Call(c) | OpKind::Spawn(c) | OpKind::Defer(c) if c.args.iter().any(whole) => return None,
            OpKind::Send { value, .. } if whole(value) => return None,
            _ => {}
        }
    }
    let returned = body.funcs.iter().flat_map(|f| &f.blocks).any(|b| match &b.term {
        Term::Return(values) => values.iter().any(|v| v.place().is_some_and(|p| p.as_local() == Some(local))),
        _ => false,
    });
    found.filter(|(owner, name)| !(returned || package.is_name_exported(owner) && exported(name)))
}

/// Whether anything in the package ends what lies in the field, or takes it elsewhere.
fn field_ended(package: &Package, owner: Sym, field: Sym, enders: &[Sym]) -> bool {
    package.member_mentions(owner, field).iter().any(|decl| {
        let Some(body) = package.body(*decl) else { return false };
        let is = |p: &Place| package.cell(*decl, body, p) == Some(Cell::Field(owner, field));
        let read = |v: &Operand| v.place().is_some_and(is);
        let by_term = body.funcs.iter().flat_map(|f| &f.blocks).any(|b| matches!(&b.term, Term::Return(v) if v.iter().any(read)));
        by_term
            || body.funcs.iter().flat_map(crate::old::ir::Func::ops).any(|(_, _, op)| match &op.kind {
                OpKind::Call(c) | OpKind::Spawn(c) | OpKind::Defer(c) => {
                    c.args.iter().any(read)
                        || matches!(&c.callee, Callee::Method { recv, name } if enders.contains(name) && is(recv))
                }
                OpKind::Assign { src, .. } => read(src),
                OpKind::Send { value, .. } => read(value),
                OpKind::Close { ch } => ch.split_last().is_some_and(|(base, _)| is(&base)),
                _ => false,
            })
    })
}

fn forgotten_in(package: &Package, spawn: &Spawn, at: FnId, span: Span, held: (Sym, Sym), owner: Sym, enders: &[Sym]) -> Dropped {
    let by = names(enders);
    let (holder, field) = held;
    let held_in = holder;
    let mut clues = vec![Clue::new(at.decl, span, format!("the {owner} is made here and kept in {held_in}.{field}"))];
    clues.extend(arguments(package, spawn, owner, &by));
    for method in ["Close", "Stop", "Shutdown", "close", "stop", "shutdown"] {
        if let Some(decl) = package.declared_methods(holder, ustr::ustr(method)).first() {
            clues.push(Clue::new(*decl, package.decl(*decl).name_span, format!("`{method}` of {held_in} does not call {by}")));
            break;
        }
    }
    Dropped {
        at,
        span,
        level: Level::Error,
        message: format!("the goroutine of this {owner} never ends: nothing calls {by} on {held_in}.{field}"),
        clues,
        help: format!("call {by} where the {held_in} is closed"),
    }
}

/// The local, if the value was made in this function and is its own.
fn made_locally(package: &Package, decl: DeclId, recv: &Place) -> Option<LocalId> {
    let local = recv.as_local()?;
    let body = package.body(decl)?;
    let own = matches!(body.local(local).kind, LocalKind::Var)
        && !matches!(body.local(local).def, crate::old::ir::Def::Recv(_) | crate::old::ir::Def::RangeVal(_));
    let root = Frame::root(FnId { decl, func: FuncIdx::TOP });
    let fresh = match package.origin(&Rc::clone(&root), recv) {
        crate::old::program::Origin::Variable(d, l) => d == decl && matches!(body.local(l).kind, LocalKind::Temp),
        _ => false,
    };
    (own && fresh).then_some(local)
}

/// What an operation does with the value in a local.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// Nothing, or nothing that matters.
    None,
    /// It ends the workers now, or on every way out from here on.
    Ends,
    /// It goes where its end is not in view.
    Escapes,
}

/// The way out on which the value in the local is dropped while its workers go on. `Some(None)` where there is no such place to show.
fn dropped_on(package: &Package, at: FnId, made: (BlockId, usize), local: LocalId, enders: &[Sym]) -> Option<Span> {
    let (body, func) = package.func(at)?;
    let cfg = Cfg::new(package, at)?;
    let error = error_of(func, made);
    let mut seen = vec![false; func.blocks.len()];
    let mut todo = vec![(made.0, made.1 + 1)];
    let mut way_out = None;
    while let Some((b, from)) = todo.pop() {
        if from == 0 && std::mem::replace(&mut seen[b.at()], true) {
            continue;
        }
        match block_use(body, func, b, from, local, enders) {
            Use::Escapes => return None,
            Use::Ends => continue,
            Use::None => {}
        }
        if let Some(exit) = cfg.exit(b) {
            if exit == Exit::Return {
                way_out.get_or_insert(func.block(b).span);
            }
            continue;
        }
        for next in cfg.succs(b) {
            if !error.as_ref().is_some_and(|e| fails(func, b, *next, e)) {
                todo.push((*next, 0));
            }
        }
    }
    way_out
}

/// The error that came with the value.
fn error_of(func: &crate::old::ir::Func, made: (BlockId, usize)) -> Option<Place> {
    match &func.block(made.0).ops.get(made.1)?.kind {
        OpKind::Call(call) if call.results.len() > 1 => call.results.last()?.clone(),
        _ => None,
    }
}

/// Whether the edge is taken only when the error is set: then there is no value.
fn fails(func: &crate::old::ir::Func, from: BlockId, to: BlockId, error: &Place) -> bool {
    let Term::If { cond, then, els } = &func.block(from).term else { return false };
    match cond {
        Cond::IsNil(p) => p == error && to == *els,
        Cond::Not(inner) => matches!(&**inner, Cond::IsNil(p) if p == error) && to == *then,
        _ => false,
    }
}

fn block_use(body: &Body, func: &crate::old::ir::Func, b: BlockId, from: usize, local: LocalId, enders: &[Sym]) -> Use {
    for op in func.block(b).ops.iter().skip(from) {
        match op_use(body, &op.kind, local, enders) {
            Use::None => {}
            found => return found,
        }
    }
    let whole = |v: &Operand| v.place().is_some_and(|p| p.root == Root::Local(local));
    match &func.block(b).term {
        Term::Return(values) if values.iter().any(whole) => Use::Escapes,
        _ => Use::None,
    }
}

fn op_use(body: &Body, op: &OpKind, local: LocalId, enders: &[Sym]) -> Use {
    let is = |p: &Place| p.root == Root::Local(local);
    let whole = |v: &Operand| v.place().is_some_and(|p| is(p) && p.path.is_empty());
    match op {
        OpKind::Call(c) | OpKind::Spawn(c) | OpKind::Defer(c) => {
            let by_name = match &c.callee {
                Callee::Method { recv, name } if is(recv) => Some(*name),
                _ => None,
            };
            if by_name.is_some_and(|n| enders.contains(&n)) {
                return Use::Ends;
            }
            // `close(v.jobs)` by hand, now or deferred.
            if matches!(&c.callee, Callee::Name(n) if *n == "close") && c.args.iter().any(|a| a.place().is_some_and(is)) {
                return Use::Ends;
            }
            if c.args.iter().any(whole) || matches!(&c.callee, Callee::Value(p) if is(p)) {
                return Use::Escapes;
            }
            // A literal that mentions the value may end it; whether and when is looked at one level deep.
            let lits = c.args.iter().filter_map(|a| match a {
                Operand::Func(f) => Some(*f),
                _ => None,
            });
            let called = match c.callee {
                Callee::Lit(f) => Some(f),
                _ => None,
            };
            for lit in lits.chain(called) {
                for (_, _, inner) in body.func(lit).ops() {
                    match op_use(body, &inner.kind, local, enders) {
                        Use::Ends if called == Some(lit) => return Use::Ends,
                        Use::None => {}
                        _ => return Use::Escapes,
                    }
                }
            }
            Use::None
        }
        OpKind::Assign { src, .. } if whole(src) => Use::Escapes,
        OpKind::Assign { src: Operand::Func(f), .. } => {
            let uses = body.func(*f).ops().any(|(_, _, inner)| op_use(body, &inner.kind, local, enders) != Use::None);
            if uses { Use::Escapes } else { Use::None }
        }
        OpKind::Send { value, .. } if whole(value) => Use::Escapes,
        OpKind::Close { ch } if is(ch) => Use::Ends,
        _ => Use::None,
    }
}

fn names(enders: &[Sym]) -> String {
    let list: Vec<String> = enders.iter().map(|e| format!("`{e}`")).collect();
    list.join(" or ")
}

/// The steps that show what goes on without the call.
fn arguments(package: &Package, spawn: &Spawn, owner: Sym, by: &str) -> Vec<Clue> {
    let mut clues = vec![super::started(package, spawn)];
    if let Some(trap) = traps::traps_without(package, spawn, Some(owner)).first() {
        clues.extend(call_chain(&trap.frame).into_iter().map(|(id, s)| Clue::new(id.decl, s, "it calls this")));
        clues.push(Clue::new(trap.decl(), trap.wait_span, format!("it waits here, and only {by} would make it leave")));
    }
    clues
}

fn dropped_at(package: &Package, spawn: &Spawn, at: FnId, made: (Span, Option<Span>), owner: Sym, enders: &[Sym]) -> Dropped {
    let by = names(enders);
    let mut clues = vec![Clue::new(at.decl, made.0, format!("the {owner} is made here"))];
    clues.extend(arguments(package, spawn, owner, &by));
    clues.extend(
        made.1.map(|span| Clue::new(at.decl, span, format!("`{}` leaves here without calling {by}", package.fn_name(at)))),
    );
    Dropped {
        at,
        span: made.0,
        level: Level::Error,
        message: format!("the goroutine of this {owner} never ends: `{}` can leave without calling {by}", package.fn_name(at)),
        clues,
        help: format!("call {by} when the {owner} is no longer needed, as with `defer`"),
    }
}
