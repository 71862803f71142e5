//! Which fields and variables of packages hold answers that decide over waits: a write of one that nobody asks for does not matter.
//!
//! What is asked in a slice depends on which writes matter in others, so both are worked out together, to a fixpoint, over all functions that
//! the roots lead to.

use super::Explorer;
use super::traits::Key;
use crate::ir::{Body, Callee, Op, Reg};
use crate::types::{FuncId, PkgKey, SelectionKind, Type};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// With more functions than this every answer is taken for asked.
const FUNCTIONS: usize = 4_000;

/// Functions of bodies, with the results that matter.
type Seen = FxHashMap<(usize, u32), (Arc<Body>, u8)>;

impl Explorer<'_> {
    /// Works out what matters in the functions that some roots lead to. It has to be called with all that are explored, before the first
    /// is; `home` is the package that is analysed. `coarse` tells whether answers of functions are taken for unknown: what is not found then
    /// is not there, what is found may be.
    pub fn prepare(&self, home: PkgKey, roots: impl IntoIterator<Item = FuncId>, coarse: bool) {
        self.traits.coarse.set(coarse);
        self.traits.home.set(Some(home));
        let mut seen = Seen::default();
        let mut todo = Vec::new();
        *self.traits.interest.borrow_mut() = Some(FxHashSet::default());
        self.traits.forget();
        for root in roots {
            if let Some(lowered) = self.traits.bodies.get(root) {
                let results = super::carried(&self.traits, &lowered.body);
                visit(&mut seen, &mut todo, &lowered.body, 0, results);
            }
        }
        loop {
            let mut asked: FxHashSet<Key> = FxHashSet::default();
            while let Some((body, index)) = todo.pop() {
                if seen.len() > FUNCTIONS {
                    *self.traits.interest.borrow_mut() = None;
                    self.traits.forget();
                    return;
                }
                let results = seen[&(Arc::as_ptr(&body) as usize, index)].1;
                asked.extend(self.traits.slice(&body, index, results).asks());
                self.callees(&body, index, results, &mut |body, index, results| {
                    visit(&mut seen, &mut todo, body, index, results);
                });
            }
            let mut fresh = asked;
            if let Some(known) = self.traits.interest.borrow_mut().as_mut() {
                fresh.retain(|key| known.insert(*key));
            }
            self.traits.missed.borrow_mut().clear();
            if fresh.is_empty() {
                return;
            }
            let affected = |body: &Arc<Body>, index: u32| self.traits.hangs_on(body, index, &fresh);
            todo.extend(
                seen.iter()
                    .filter(|((_, index), (body, _))| affected(body, *index))
                    .map(|((_, i), (body, _))| (Arc::clone(body), *i)),
            );
            self.traits.forget_slices(&todo);
        }
    }

    /// Takes what was missed into account; whether anything was, so that explorations since then have passed over writes that matter.
    pub(super) fn widen(&self) -> bool {
        let missed = std::mem::take(&mut *self.traits.missed.borrow_mut());
        if missed.is_empty() {
            return false;
        }
        if let Some(known) = self.traits.interest.borrow_mut().as_mut() {
            known.extend(missed);
        }
        self.traits.forget();
        true
    }

    /// What a function leads to, with the results that it needs.
    fn callees(&self, body: &Arc<Body>, index: u32, results: u8, visit: &mut dyn FnMut(&Arc<Body>, u32, u8)) {
        let slice = self.traits.slice(body, index, results);
        let func = &body.funcs[index as usize];
        let mut go = |callee: FuncId, results: u8| {
            if self.traits.effect(&callee).is_none()
                && !self.traits.quiet(&callee)
                && let Some(lowered) = self.traits.bodies.get(callee)
                && (results != 0 || self.traits.enters(&lowered.body, 0) || self.traits.unit(&lowered.body, 0).dynamic)
            {
                visit(&lowered.body, 0, results);
            }
        };
        let mut literals = Vec::new();
        for instr in func.blocks.iter().flat_map(|block| &block.ops) {
            match &instr.op {
                Op::Closure { func, .. } => literals.push(*func),
                Op::FuncValue { callee: Callee::Static(callee), .. } => go(*callee, u8::MAX),
                Op::Go { callee, .. } | Op::Defer { callee, .. } => self.targets(callee, 0, &mut go),
                Op::Call { dst, callee, .. } => {
                    let counts = |reg: &Reg| !self.traits.coarse.get() || self.traits.carries(&func.regs[reg.at()].ty);
                    let wanted = dst.iter().enumerate().filter(|(_, reg)| slice.relevant(**reg) && counts(reg));
                    self.targets(callee, wanted.fold(0, |all, (i, _)| all | super::bit(i)), &mut go);
                }
                _ => {}
            }
        }
        literals.into_iter().for_each(|index| visit(body, index, u8::MAX));
    }

    fn targets(&self, callee: &Callee, results: u8, go: &mut dyn FnMut(FuncId, u8)) {
        match callee {
            Callee::Static(func) => go(*func, results),
            Callee::Interface { iface: iface @ Type::Named(named), method } => {
                for ty in self.traits.dispatched(iface, *method).iter() {
                    if let Some(found) = self.traits.world.lookup(ty, *method, named.pkg)
                        && let SelectionKind::Method { func, .. } = found.kind
                    {
                        go(func, results);
                    }
                }
            }
            _ => {}
        }
    }
}

fn visit(seen: &mut Seen, todo: &mut Vec<(Arc<Body>, u32)>, body: &Arc<Body>, index: u32, results: u8) {
    let known = seen.entry((Arc::as_ptr(body) as usize, index));
    let mut fresh = false;
    let known = known.or_insert_with(|| {
        fresh = true;
        (Arc::clone(body), results)
    });
    if fresh || known.1 | results != known.1 {
        known.1 |= results;
        todo.push((Arc::clone(body), index));
    }
}
