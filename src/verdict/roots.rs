//! Which functions are explored: those that make a channel, and their callers in the package, a few levels up.

use super::finding;
use crate::explore::{Limits, explore};
use crate::ir::{Callee, Op};
use crate::lint::Finding;
use crate::source::DeclKind;
use crate::store::Bodies;
use crate::types::{FuncId, Pkg, World};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many levels of callers are explored above the function that makes a channel.
const LEVELS: usize = 2;

/// What the rules for channels find in a package, and how much was explored for it.
#[derive(Debug, Default)]
pub struct Findings {
    /// The findings, one for each place where a goroutine waits.
    pub findings: Vec<Finding>,
    /// States visited, by root.
    pub roots: Vec<(FuncId, usize, bool)>,
}

/// Explores what concerns channels in a package.
#[must_use]
pub fn channels(world: &World, pkg: &Arc<Pkg>) -> Findings {
    let bodies = Bodies::new(world);
    let mut out = Findings::default();
    let mut found: BTreeMap<(String, u32), Finding> = BTreeMap::new();
    for root in roots(&bodies, pkg) {
        let Some(report) = explore(world, &bodies, root, Limits::default()) else { continue };
        out.roots.push((root, report.states, report.complete));
        for leak in &report.leaks {
            let Some(finding) = finding(world, leak) else { continue };
            let key = (finding.at.file.display.clone(), finding.at.span.start);
            match found.get(&key) {
                Some(known)
                    if (known.level, usize::MAX - known.steps.len()) >= (finding.level, usize::MAX - finding.steps.len()) => {}
                _ => {
                    found.insert(key, finding);
                }
            }
        }
    }
    out.findings = found.into_values().collect();
    out
}

/// Functions that make channels, in the order of the files, then their callers.
fn roots(bodies: &Bodies<'_>, pkg: &Arc<Pkg>) -> Vec<FuncId> {
    let mut all = Vec::new();
    let mut wave = Vec::new();
    for unit in &pkg.source.files {
        for decl in unit.outline.decls.iter().filter(|d| matches!(d.kind, DeclKind::Func | DeclKind::Method)) {
            let id = FuncId { pkg: pkg.key, recv: decl.recv, name: decl.names[0] };
            all.push((id, unit.src.slice(decl.span)));
        }
    }
    for (id, text) in &all {
        // No channel is made without this word.
        if text.contains("make") && makes_channel(bodies, *id) {
            wave.push(*id);
        }
    }
    let mut seen: FxHashSet<FuncId> = wave.iter().copied().collect();
    let mut out = wave.clone();
    let mut calls: FxHashMap<FuncId, Vec<FuncId>> = FxHashMap::default();
    for _ in 0..LEVELS {
        let names: FxHashSet<&str> = wave.iter().map(|f| f.name.as_str()).collect();
        let mut next = Vec::new();
        for (id, text) in &all {
            if seen.contains(id) || !names.iter().any(|name| text.contains(name)) {
                continue;
            }
            let callees = calls.entry(*id).or_insert_with(|| callees(bodies, *id));
            if callees.iter().any(|c| wave.contains(c)) {
                seen.insert(*id);
                next.push(*id);
            }
        }
        out.extend(&next);
        wave = next;
    }
    out
}

fn makes_channel(bodies: &Bodies<'_>, id: FuncId) -> bool {
    bodies.get(id).is_some_and(|lowered| {
        let mut ops = lowered.body.funcs.iter().flat_map(|f| &f.blocks).flat_map(|b| &b.ops);
        ops.any(|i| matches!(i.op, Op::MakeChan { .. }))
    })
}

fn callees(bodies: &Bodies<'_>, id: FuncId) -> Vec<FuncId> {
    let Some(lowered) = bodies.get(id) else { return Vec::new() };
    let ops = lowered.body.funcs.iter().flat_map(|f| &f.blocks).flat_map(|b| &b.ops);
    let called = |op: &Op| match op {
        Op::Call { callee: Callee::Static(func), .. }
        | Op::Go { callee: Callee::Static(func), .. }
        | Op::Defer { callee: Callee::Static(func), .. } => Some(*func),
        _ => None,
    };
    ops.filter_map(|i| called(&i.op)).collect()
}
