//! The context that a function has at hand: its own, that of the request it answers, or one with a time limit that it derives.

use super::Clue;
use crate::models::ContextOp;
use crate::old::flow::Cfg;
use crate::old::ir::{BlockId, Body, Callee, Def, FuncIdx, LocalId, OpKind, Operand, Place, Sym};
use crate::old::program::{DeclId, FnId, Package};

/// A context that could be given to what the function calls or starts.
#[derive(Clone, Debug)]
pub struct AtHand {
    /// How the code would write it; `None` where the parameter has no name.
    pub name: Option<String>,
    /// Where it comes from.
    pub clue: Clue,
    /// It is derived here, with a time limit.
    pub limited: bool,
}

/// The context at hand at a byte of the function's block.
#[must_use]
pub fn at_hand(package: &Package, id: FnId, block: BlockId, at: u32) -> Option<AtHand> {
    limited(package, id, block, at).or_else(|| parameter(package, id))
}

/// A context with a time limit that the function derives before the block and whose end it looks at afterwards.
fn limited(package: &Package, id: FnId, block: BlockId, at: u32) -> Option<AtHand> {
    let cfg = Cfg::new(package, id)?;
    let idom = cfg.dominators();
    let (body, func) = package.func(id)?;
    let after = cfg.reachable(block);
    for (b, _, op) in func.ops() {
        let OpKind::Call(call) = &op.kind else { continue };
        let Some(local) = derived(package, id.decl, call) else { continue };
        let before = (b == block || Cfg::dominates(&idom, b, block)) && op.span.end <= at && body.names(local, at);
        let watched = func.ops().any(|(b, _, op)| after[b.at()] && asks(&op.kind, local));
        if before && watched && body.local(local).name != "_" {
            let name = body.local(local).name.to_string();
            let clue = Clue::new(id.decl, op.span, format!("`{name}` sets a time limit here"));
            return Some(AtHand { name: Some(name), clue, limited: true });
        }
    }
    None
}

/// The context with a time limit that a call derives.
#[must_use]
pub fn derived(package: &Package, decl: DeclId, call: &crate::old::ir::Call) -> Option<LocalId> {
    match package.resolve(decl, call).model()?.context? {
        ContextOp::Derive { deadline: true, result, .. } => call.results.get(result as usize)?.as_ref()?.as_local(),
        _ => None,
    }
}

/// Whether the operation asks the context whether it is over.
#[must_use]
pub fn asks(op: &OpKind, ctx: LocalId) -> bool {
    match op {
        OpKind::Call(call) => {
            matches!(&call.callee, Callee::Method { recv, name } if recv.as_local() == Some(ctx) && matches!(name.as_str(), "Done" | "Err"))
        }
        _ => false,
    }
}

/// A parameter of the function, or of the function around a literal that runs in its place.
fn parameter(package: &Package, id: FnId) -> Option<AtHand> {
    let body = package.body(id.decl)?;
    let mut at = id.func;
    loop {
        if let Some(found) = own_parameter(package, id.decl, body, at) {
            return Some(found);
        }
        let parent = body.func(at).parent?;
        if !runs_in_place(package, id.decl, body, at, parent) {
            return None;
        }
        at = parent;
    }
}

fn own_parameter(package: &Package, decl: DeclId, body: &Body, func: FuncIdx) -> Option<AtHand> {
    let entry = body.func(func);
    let found = |local: LocalId, text: Option<String>, label: &str| {
        let clue = Clue::new(decl, body.local(local).span, label);
        AtHand { name: text, clue, limited: false }
    };
    let named = |local: LocalId| Some(body.local(local).name).filter(|n| *n != "_" && *n != "%" && !n.is_empty());
    let mut second = None;
    for param in &entry.params {
        let Def::Typed(ty) = &body.local(*param).def else { continue };
        match package.type_kind(ty).as_ref().map(Sym::as_str) {
            Some("context") => {
                return Some(found(*param, named(*param).map(|n| n.to_string()), "the caller's context comes in here"));
            }
            Some("request") => {
                second = Some(found(
                    *param,
                    named(*param).map(|n| format!("{n}.Context()")),
                    "the request, with its context, comes in here",
                ))
            }
            Some("webcontext") => {
                second = Some(found(*param, named(*param).map(|n| n.to_string()), "the request, with its context, comes in here"))
            }
            _ => {}
        }
    }
    second
}

/// Whether a literal is called, started or deferred where it stands, or by a library function that does so at once.
fn runs_in_place(package: &Package, decl: DeclId, body: &Body, lit: FuncIdx, parent: FuncIdx) -> bool {
    body.func(parent).ops().any(|(_, _, op)| match &op.kind {
        OpKind::Call(call) | OpKind::Spawn(call) | OpKind::Defer(call) => {
            let handed = call.args.iter().any(|a| *a == Operand::Func(lit));
            call.callee == Callee::Lit(lit)
                || handed && package.resolve(decl, call).model().is_some_and(|m| m.starts.is_some() || m.runs.is_some())
        }
        _ => false,
    })
}

/// Whether the local is given to anything: an argument, a field, a channel, a literal that uses it for more than its end.
#[must_use]
pub fn is_given(package: &Package, decl: DeclId, ctx: LocalId) -> bool {
    let Some(body) = package.body(decl) else { return true };
    let place = Place::local(ctx);
    let is = |v: &Operand| v.place() == Some(&place);
    body.funcs.iter().any(|func| {
        func.ops().any(|(_, _, op)| match &op.kind {
            OpKind::Call(c) | OpKind::Spawn(c) | OpKind::Defer(c) => c.args.iter().any(is),
            OpKind::Assign { src, .. } => is(src),
            OpKind::Send { value, .. } => is(value),
            _ => false,
        }) || func.blocks.iter().any(|b| matches!(&b.term, crate::old::ir::Term::Return(values) if values.iter().any(is)))
    })
}
