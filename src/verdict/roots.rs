//! Which functions are explored: those that make a channel, those of which somebody asks, and their callers in the package, a few levels up.

use crate::ir::{Callee, Op};
use crate::lint::Level;
use crate::source::{DeclKind, Location, may_make_channel};
use crate::store::Bodies;
use crate::types::{FuncId, Pkg};
use aho_corasick::AhoCorasick;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// How many levels of callers are explored above the function that makes a channel.
const LEVELS: usize = 3;

/// A wait of which all that the code in view does is known.
#[derive(Debug)]
pub struct Settled {
    /// Where it stands.
    pub at: Location,
    /// What can be said of it at most; `None` if it ends on every way.
    pub most: Option<Level>,
    /// Whether somebody came there from a call that can take long.
    pub slow: bool,
}

/// Functions to explore, those that are called before those that call them.
#[derive(Debug, Default)]
pub(super) struct Roots {
    pub(super) all: Vec<FuncId>,
    /// By a root, the roots that call it.
    callers: FxHashMap<FuncId, Vec<FuncId>>,
}

impl Roots {
    /// Whether a root calls another, be it by others in between.
    pub(super) fn calls(&self, caller: FuncId, callee: FuncId) -> bool {
        let mut seen = FxHashSet::default();
        let mut todo = vec![callee];
        while let Some(func) = todo.pop() {
            for above in self.callers.get(&func).into_iter().flatten() {
                if *above == caller {
                    return true;
                }
                if seen.insert(*above) {
                    todo.push(*above);
                }
            }
        }
        false
    }

    /// The roots of a package. `tests` tells whether functions in test files can be; `asked` are places whose functions are.
    pub(super) fn of(bodies: &Bodies<'_>, pkg: &Arc<Pkg>, tests: bool, asked: &[Location]) -> Self {
        let mut all = Vec::new();
        let mut wave = Vec::new();
        let some = pkg.source.files.iter().any(|unit| unit.requested);
        // Tests run once and end: what they leave behind ends with them.
        for unit in pkg.source.files.iter().filter(|unit| tests || !unit.is_test) {
            let asked: Vec<u32> = asked.iter().filter(|at| Arc::ptr_eq(&at.file, &unit.src)).map(|at| at.span.start).collect();
            for decl in unit.outline.decls.iter().filter(|d| matches!(d.kind, DeclKind::Func | DeclKind::Method)) {
                let id = FuncId { pkg: pkg.key, recv: decl.recv, name: decl.names[0] };
                let text = unit.src.slice(decl.span);
                // Where single files are asked about, what others do is explored as far as they lead there.
                if some && !unit.requested {
                    all.push((id, text));
                    continue;
                }
                let is_asked = asked.iter().any(|at| (decl.span.start..decl.span.end).contains(at));
                if is_asked
                    || may_make_channel(text) && makes_channel(bodies, id)
                    || (text.contains("<-") || text.contains("chan")) && has_channel(bodies, id)
                {
                    wave.push(id);
                }
                all.push((id, text));
            }
        }
        let mut out = Self { all: wave.clone(), callers: FxHashMap::default() };
        let mut seen: FxHashSet<FuncId> = wave.iter().copied().collect();
        let mut calls: FxHashMap<FuncId, Vec<FuncId>> = FxHashMap::default();
        for _ in 0..LEVELS {
            let names: FxHashSet<&str> = wave.iter().map(|f| f.name.as_str()).collect();
            let Ok(named) = AhoCorasick::new(&names) else { break };
            let mut next = Vec::new();
            for (id, _) in all.iter().filter(|(_, text)| named.is_match(text)) {
                let callees = calls.entry(*id).or_insert_with(|| callees(bodies, *id));
                for callee in callees.iter().filter(|callee| *callee != id && wave.contains(callee)) {
                    let above = out.callers.entry(*callee).or_default();
                    if !above.contains(id) {
                        above.push(*id);
                    }
                    if seen.insert(*id) {
                        next.push(*id);
                    }
                }
            }
            out.all.extend(&next);
            wave = next;
        }
        out
    }
}

fn makes_channel(bodies: &Bodies<'_>, id: FuncId) -> bool {
    bodies.get(id).is_some_and(|lowered| {
        let mut ops = lowered.body.funcs.iter().flat_map(|f| &f.blocks).flat_map(|b| &b.ops);
        ops.any(|i| matches!(i.op, Op::MakeChan { .. }))
    })
}

/// Whether a function is handed a channel, or declares one, and does something with it: it may be nil.
fn has_channel(bodies: &Bodies<'_>, id: FuncId) -> bool {
    bodies.get(id).is_some_and(|lowered| {
        let mut ops = lowered.body.funcs.iter().flat_map(|f| &f.blocks).flat_map(|b| &b.ops);
        ops.any(|i| matches!(i.op, Op::Send { .. } | Op::Recv { .. }))
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
