//! What runs once and holds everybody up until it comes back: the function of a `sync.Once`, `init`, initialisers of variables.

use super::locks::Locks;
use crate::old::flow::{Cfg, Exit};
use crate::old::ir::{BlockId, Callee, FuncIdx, LoopKind, OpKind, Term};
use crate::old::program::{ChanOpKind, DeclId, FnId, Package, Target, functions};
use crate::source::{DeclKind, Span};

/// Who waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// Every caller of the same `Do`, or of the function that `OnceFunc` and its kind give.
    Callers,
    /// The program: nothing else runs before it is done.
    Program,
}

/// How it never comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Never {
    /// A loop that nothing leaves, or `select {}`.
    Endless(Span),
    /// A receive from a channel that nobody sends on or closes.
    Unheard(Span),
}

/// Code that runs once and does not come back.
#[derive(Clone, Debug)]
pub struct Stuck {
    /// The function that runs.
    pub id: FnId,
    /// Where it is handed over, or its head.
    pub from: Span,
    /// Who waits.
    pub held: Held,
    /// Why it does not come back.
    pub never: Never,
}

/// Code of a declaration that runs once and never comes back.
#[must_use]
pub fn stuck(locks: &Locks<'_>, decl: DeclId) -> Vec<Stuck> {
    let package = locks.package();
    let Some(body) = package.body(decl) else { return Vec::new() };
    let mut out = Vec::new();
    for (id, func) in functions(decl, body) {
        let at_start = id.func == FuncIdx::TOP && is_startup(package, decl);
        if at_start {
            out.extend(never(package, id).map(|never| Stuck { id, from: func.head, held: Held::Program, never }));
        }
        for (_, _, op) in func.ops() {
            let OpKind::Call(call) = &op.kind else { continue };
            let run = match &call.callee {
                Callee::Lit(lit) if at_start => Some((FnId { decl, func: *lit }, Held::Program)),
                _ => once_runs(locks, decl, body, call).map(|run| (run, Held::Callers)),
            };
            let Some((run, held)) = run else { continue };
            let from = Span { start: op.span.start, end: package.head_of(id, op.span).end };
            out.extend(never(package, run).map(|never| Stuck { id: run, from, held, never }));
        }
    }
    out
}

/// Whether the declaration is an `init` function, or initialises variables of the package.
fn is_startup(package: &Package, decl: DeclId) -> bool {
    let entry = package.decl(decl);
    match entry.kind {
        DeclKind::Func => entry.recv.is_none() && entry.names.first().is_some_and(|n| *n == "init"),
        DeclKind::Var => true,
        _ => false,
    }
}

/// The function that a `sync.Once` runs.
fn once_runs(locks: &Locks<'_>, decl: DeclId, body: &crate::old::ir::Body, call: &crate::old::ir::Call) -> Option<FnId> {
    let package = locks.package();
    let run = match &call.callee {
        Callee::Import { path, name } => {
            (*path == "sync" && matches!(name.as_str(), "OnceFunc" | "OnceValue" | "OnceValues")).then(|| call.args.first())??
        }
        _ => locks.once_call(decl, body, call)?.1,
    };
    match package.operand_func(decl, run)? {
        Target::Func(id) => Some(id),
        _ => None,
    }
}

/// Why a function never comes back, if that is so.
fn never(package: &Package, id: FnId) -> Option<Never> {
    let cfg = Cfg::new(package, id)?;
    let func = cfg.func;
    let live = cfg.reachable(BlockId(0));
    if !cfg.can_leave()[0] {
        let found = func.block_ids().filter(|b| live[b.at()]).find_map(|b| match &func.block(b).term {
            Term::Loop { id, .. } if func.loops[id.at()].kind == LoopKind::Forever => Some(func.loops[id.at()].head),
            Term::Select { cases, default: None } if cases.is_empty() => Some(func.block(b).span),
            _ => None,
        });
        return found.map(Never::Endless);
    }
    let idom = cfg.dominators();
    let exits: Vec<BlockId> = func.block_ids().filter(|b| live[b.at()] && cfg.exit(*b) == Some(Exit::Return)).collect();
    func.ops().find_map(|(block, _, op)| {
        let OpKind::Recv { ch, .. } = &op.kind else { return None };
        let always = live[block.at()] && !exits.is_empty() && exits.iter().all(|e| Cfg::dominates(&idom, block, *e));
        let class = package.class(id.decl, ch).filter(|_| always)?;
        let heard = class.ops_of(&ChanOpKind::Send).next().is_some() || class.ops_of(&ChanOpKind::Close).next().is_some();
        let known = class.is_closed_world() && !class.from_elsewhere && !class.fed_by_library && class.makes().next().is_some();
        (known && !heard).then_some(Never::Unheard(op.span))
    })
}
