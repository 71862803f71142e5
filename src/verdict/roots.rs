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
pub(super) struct Roots<'a> {
    bodies: &'a Bodies<'a>,
    /// All functions that can be roots, with their texts.
    candidates: Vec<(FuncId, &'a str)>,
    /// Those that are, or were.
    seen: FxHashSet<FuncId>,
    /// By a function, what it calls.
    calls: FxHashMap<FuncId, Vec<FuncId>>,
    /// By a root, the roots that call it.
    callers: FxHashMap<FuncId, Vec<FuncId>>,
    /// Those to explore next.
    pub(super) wave: Vec<FuncId>,
    level: usize,
}

impl<'a> Roots<'a> {
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

    /// The first roots of a package. `tests` tells whether functions in test files can be; `asked` are places whose functions are.
    pub(super) fn of(bodies: &'a Bodies<'a>, pkg: &'a Pkg, tests: bool, asked: &[Location]) -> Self {
        let mut candidates = Vec::new();
        let mut wave = Vec::new();
        let some = pkg.source.files.iter().any(|unit| unit.requested);
        // Tests run once and end: what they leave behind ends with them.
        for unit in pkg.source.files.iter().filter(|unit| tests || !unit.is_test) {
            let asked: Vec<u32> = asked.iter().filter(|at| Arc::ptr_eq(&at.file, &unit.src)).map(|at| at.span.start).collect();
            for decl in unit.outline.decls.iter().filter(|d| matches!(d.kind, DeclKind::Func | DeclKind::Method)) {
                let id = FuncId { pkg: pkg.key, recv: decl.recv, name: decl.names[0] };
                let text = unit.src.slice(decl.span);
                candidates.push((id, text));
                // Where single files are asked about, what others do is explored as far as they lead there.
                if some && !unit.requested {
                    continue;
                }
                let is_asked = asked.iter().any(|at| (decl.span.start..decl.span.end).contains(at));
                if is_asked
                    || may_make_channel(text) && makes_channel(bodies, id)
                    || (text.contains("<-") || text.contains("chan")) && has_channel(bodies, id)
                {
                    wave.push(id);
                }
            }
        }
        let seen = wave.iter().copied().collect();
        Self { bodies, candidates, seen, calls: FxHashMap::default(), callers: FxHashMap::default(), wave, level: 0 }
    }

    /// Goes on to the functions that call some of the roots and are none yet.
    pub(super) fn climb(&mut self, open: &FxHashSet<FuncId>) {
        self.wave.clear();
        self.level += 1;
        if self.level > LEVELS || open.is_empty() {
            return;
        }
        let names: FxHashSet<&str> = open.iter().map(|f| f.name.as_str()).collect();
        let Ok(named) = AhoCorasick::new(&names) else { return };
        for (id, _) in self.candidates.iter().filter(|(_, text)| named.is_match(text)) {
            let callees = self.calls.entry(*id).or_insert_with(|| callees(self.bodies, *id));
            for callee in callees.iter().filter(|callee| *callee != id && open.contains(callee)) {
                let above = self.callers.entry(*callee).or_default();
                if !above.contains(id) {
                    above.push(*id);
                }
                if self.seen.insert(*id) {
                    self.wave.push(*id);
                }
            }
        }
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
