//! Workers: channels handed in by callers, and types that start goroutines which only a method of theirs ends.

use super::traps::{self, call_chain};
use super::{Clue, guards};
use crate::ir::{Body, Callee, FuncIdx, LocalId, LocalKind, LoopKind, OpKind, Operand, Place, Root, Sym, Term, Ty};
use crate::lint::Level;
use crate::program::{Cell, ChanOpKind, DeclId, FnId, Frame, Package, Spawn};
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
        let crate::program::Origin::Param(owner, local) = package.origin(&frame, ch) else { continue };
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
fn leaves_otherwise(package: &Package, func: &crate::ir::Func, id: crate::ir::LoopId) -> bool {
    let _ = package;
    func.block_ids().filter(|b| func.loop_inside(func.block(*b).in_loop, id) && *b != func.loops[id.at()].header).any(|b| {
        matches!(func.block(b).term, Term::Return(_)) || func.successors(b).iter().any(|s| !func.loop_inside(func.block(*s).in_loop, id))
    })
}

/// Whether the goroutine tells somebody that it has ended: it closes or sends on another channel after its loop, or counts down a group.
fn is_watched(package: &Package, id: FnId, body: &Body, func: &crate::ir::Func) -> bool {
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
    let lits = crate::flow::deferred_literals(func);
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
        let only_by_owner = traps::traps(package, spawn).is_empty() && !traps::traps_without(package, spawn, Some(owner)).is_empty();
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
        None => crate::lower::base_name(func.sig.results.first()?)?,
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
    body.funcs.iter().flat_map(crate::ir::Func::ops).any(|(_, _, op)| match &op.kind {
        OpKind::Close { ch } => own_field(ch),
        OpKind::Send { ch, .. } => own_field(ch) && sends_nothing(package, decl, body, ch),
        OpKind::Call(call) | OpKind::Defer(call) => match &call.callee {
            Callee::Name(name) if *name == "close" => call.args.first().and_then(Operand::place).is_some_and(own_field),
            Callee::Value(p) => own_field(p),
            Callee::Method { recv, name } => {
                let field = recv.field(*name);
                (known.contains(name) && package.decl(decl).names.first() != Some(name)) || own_field(&field) && is_cancel(package, decl, body, &field)
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
    for decl in package.mentions(name).iter().copied() {
        let Some(body) = package.body(decl) else { continue };
        for (f, func) in body.funcs.iter().enumerate() {
            let at = FnId { decl, func: FuncIdx(u32::try_from(f).unwrap_or(u32::MAX)) };
            for (block, _, op) in func.ops() {
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
                let unheld = !is_method && !matches!(call.results.first(), Some(Some(_)));
                let dropped = unheld || holder.is_some_and(|local| never_ended(body, local, enders));
                if dropped && super::lasting::once(package, at, block).is_none() {
                    out.push(dropped_at(package, spawn, at, call.span, owner, enders));
                }
            }
        }
    }
}

/// The local, if the value was made in this function and is its own.
fn made_locally(package: &Package, decl: DeclId, recv: &Place) -> Option<LocalId> {
    let local = recv.as_local()?;
    let body = package.body(decl)?;
    let own = matches!(body.local(local).kind, LocalKind::Var) && !matches!(body.local(local).def, crate::ir::Def::Recv(_) | crate::ir::Def::RangeVal(_));
    let root = Frame::root(FnId { decl, func: FuncIdx::TOP });
    let fresh = match package.origin(&Rc::clone(&root), recv) {
        crate::program::Origin::Variable(d, l) => d == decl && matches!(body.local(l).kind, LocalKind::Temp),
        _ => false,
    };
    (own && fresh).then_some(local)
}

/// Whether the local is only used to call methods that do not end its workers.
fn never_ended(body: &Body, local: LocalId, enders: &[Sym]) -> bool {
    let is = |p: &Place| p.root == Root::Local(local);
    let whole = |v: &Operand| v.place().is_some_and(is);
    for func in &body.funcs {
        for (_, _, op) in func.ops() {
            let kept = match &op.kind {
                OpKind::Call(c) | OpKind::Spawn(c) | OpKind::Defer(c) => {
                    c.args.iter().any(whole)
                        || match &c.callee {
                            Callee::Method { recv, name } => is(recv) && (enders.contains(name) || !recv.path.is_empty()),
                            Callee::Value(p) => is(p),
                            _ => false,
                        }
                }
                OpKind::Assign { src, .. } => whole(src),
                OpKind::Send { value, .. } => whole(value),
                _ => false,
            };
            if kept {
                return false;
            }
        }
        let returned = func.blocks.iter().any(|b| matches!(&b.term, Term::Return(values) if values.iter().any(whole)));
        let selected = func.blocks.iter().any(|b| match &b.term {
            Term::Select { cases, .. } => cases.iter().any(|c| is(c.comm.ch())),
            _ => false,
        });
        if returned || selected {
            return false;
        }
    }
    true
}

fn dropped_at(package: &Package, spawn: &Spawn, at: FnId, span: Span, owner: Sym, enders: &[Sym]) -> Dropped {
    let list: Vec<String> = enders.iter().map(|e| format!("`{e}`")).collect();
    let by = list.join(" or ");
    let mut clues = vec![
        Clue::new(at.decl, span, format!("the {owner} is made here, and this function neither keeps it nor calls {by}")),
        super::started(package, spawn),
    ];
    if let Some(trap) = traps::traps_without(package, spawn, Some(owner)).first() {
        clues.extend(call_chain(&trap.frame).into_iter().map(|(id, s)| Clue::new(id.decl, s, "it calls this")));
        clues.push(Clue::new(trap.decl(), trap.wait_span, format!("it waits here, and only {by} would make it leave")));
    }
    Dropped {
        at,
        span,
        level: Level::Error,
        message: format!("the goroutine of this {owner} never ends: its owner never calls {by}"),
        clues,
        help: format!("call {by} when the {owner} is no longer needed, as with `defer`"),
    }
}
