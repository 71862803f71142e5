//! Process lifetime: what runs once, started by `main` or `init`, is meant to live as long as the program.

use crate::old::flow::Cfg;
use crate::old::ir::{BlockId, Callee, FuncIdx, OpKind, Operand, Place};
use crate::old::program::{DeclId, FnId, Package, Target};
use crate::source::DeclKind;

/// Whether an operation happens at most once in the life of the process, and who sees to that.
#[must_use]
pub fn once(package: &Package, id: FnId, block: BlockId) -> Option<String> {
    let mut seen = Vec::new();
    once_at(package, id, block, &mut seen)
}

fn once_at(package: &Package, id: FnId, block: BlockId, seen: &mut Vec<FnId>) -> Option<String> {
    if Cfg::new(package, id)?.on_cycle(block) {
        return None;
    }
    once_fn(package, id, seen)
}

/// Whether the function runs at most once.
fn once_fn(package: &Package, id: FnId, seen: &mut Vec<FnId>) -> Option<String> {
    if seen.contains(&id) || seen.len() > 12 {
        return None;
    }
    seen.push(id);
    let found = if id.func == FuncIdx::TOP { once_decl(package, id.decl, seen) } else { once_literal(package, id, seen) };
    seen.pop();
    found
}

fn once_decl(package: &Package, decl: DeclId, seen: &mut Vec<FnId>) -> Option<String> {
    let outline = package.decl(decl);
    let name = outline.names.first()?;
    match outline.kind {
        DeclKind::Var | DeclKind::Const => return Some("a package-level variable starts it".into()),
        DeclKind::Func if name == "init" => return Some("`init` starts it".into()),
        DeclKind::Func if name == "main" && package.in_program(decl) => return Some("`main` starts it".into()),
        DeclKind::Type => return None,
        _ => {}
    }
    // Code out of view may call it too; what the module itself does with it tells how it is meant.
    let callers = package.module_mentions(decl, *name);
    let id = FnId { decl, func: FuncIdx::TOP };
    let mut reason = None;
    let mut calls = 0;
    for caller in callers.into_iter().filter(|c| package.decl(*c).kind != DeclKind::Type) {
        let body = package.body(caller)?;
        for (f, func) in body.funcs.iter().enumerate() {
            let at = FnId { decl: caller, func: FuncIdx(u32::try_from(f).unwrap_or(u32::MAX)) };
            for (block, _, op) in func.ops() {
                let (OpKind::Call(call) | OpKind::Spawn(call) | OpKind::Defer(call)) = &op.kind else {
                    if let OpKind::Assign { src, .. } = &op.kind
                        && is_value_of(package, caller, src, id)
                    {
                        return None;
                    }
                    continue;
                };
                if call.args.iter().any(|a| is_value_of(package, caller, a, id)) {
                    let arg_once = runs_once(package, caller, call)?;
                    reason = Some(arg_once);
                    calls += 1;
                }
                if package.resolve(caller, call).func() == Some(id) {
                    calls += 1;
                    reason = Some(once_at(package, at, block, seen)?);
                }
            }
        }
    }
    // Called from two places that each run once is still a handful of goroutines, not a leak that grows.
    if (1..=3).contains(&calls) { reason } else { None }
}

fn is_value_of(package: &Package, decl: DeclId, value: &Operand, id: FnId) -> bool {
    matches!(value, Operand::Place(_)) && package.operand_func(decl, value).and_then(|t| t.func()) == Some(id)
}

/// `once.Do(f)` runs its argument once.
fn runs_once(package: &Package, decl: DeclId, call: &crate::old::ir::Call) -> Option<String> {
    let Target::Model(_, outside) = package.resolve(decl, call) else { return None };
    let is_once = outside.path == "sync" && (outside.recv.is_some_and(|r| r == "Once") || outside.name.starts_with("Once"));
    if !is_once {
        return None;
    }
    // Only a package-level Once is one for the process; a field's is one for each value.
    match &call.callee {
        Callee::Method { recv: Place { root: crate::old::ir::Root::Global(_), path }, .. } if path.is_empty() => {
            Some("a package-level `sync.Once` starts it".into())
        }
        _ => None,
    }
}

fn once_literal(package: &Package, id: FnId, seen: &mut Vec<FnId>) -> Option<String> {
    let body = package.body(id.decl)?;
    let mut reason = None;
    let mut uses = 0;
    for (f, func) in body.funcs.iter().enumerate() {
        let at = FnId { decl: id.decl, func: FuncIdx(u32::try_from(f).unwrap_or(u32::MAX)) };
        for (block, _, op) in func.ops() {
            let (OpKind::Call(call) | OpKind::Spawn(call) | OpKind::Defer(call)) = &op.kind else { continue };
            if package.resolve(id.decl, call).func() == Some(id) {
                uses += 1;
                reason = Some(once_at(package, at, block, seen)?);
            }
            for arg in &call.args {
                if package.operand_func(id.decl, arg).and_then(|t| t.func()) != Some(id) {
                    continue;
                }
                uses += 1;
                let starts_it = package.resolve(id.decl, call).model().is_some_and(|m| m.starts.is_some() || m.runs.is_some());
                reason = match runs_once(package, id.decl, call) {
                    Some(once) => Some(once),
                    None if starts_it => Some(once_at(package, at, block, seen)?),
                    None => return None,
                };
            }
        }
    }
    if uses == 1 { reason } else { None }
}
