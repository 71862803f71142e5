//! The control-flow graph of one function as the engines see it: calls that never return end their block, edges can be taken away.

use crate::old::ir::{BlockId, Call, Cond, Func, FuncIdx, OpKind, Term};
use crate::old::program::{FnId, Package, Target};
use smallvec::SmallVec;

/// How a block leaves the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// `return`, or the end of the body.
    Return,
    /// `panic`.
    Panic,
    /// A call that never returns, as `os.Exit`; the index of the operation.
    Call(usize),
}

/// A function's blocks with their real successors.
pub struct Cfg<'p> {
    /// The function.
    pub func: &'p Func,
    /// Its id.
    pub id: FnId,
    succs: Vec<SmallVec<[BlockId; 4]>>,
    preds: Vec<SmallVec<[BlockId; 4]>>,
    exits: Vec<Option<Exit>>,
}

impl<'p> Cfg<'p> {
    /// The graph of a function. `None` where the function was not lowered.
    #[must_use]
    pub fn new(package: &'p Package, id: FnId) -> Option<Self> {
        let (_, func) = package.func(id)?;
        let mut exits = Vec::with_capacity(func.blocks.len());
        let mut succs = Vec::with_capacity(func.blocks.len());
        let cuts = package.cuts_once(id, || cuts(package, id, func));
        for b in func.block_ids() {
            let block = func.block(b);
            let cut = cuts[b.at()].map(|at| at as usize);
            let exit = match (&block.term, cut) {
                (_, Some(i)) => Some(Exit::Call(i)),
                (Term::Return(_), None) => Some(Exit::Return),
                (Term::Panic, None) => Some(Exit::Panic),
                _ => None,
            };
            let next = if exit.is_some() { SmallVec::new() } else { live_successors(func, b) };
            exits.push(exit);
            succs.push(next);
        }
        let mut cfg = Self { func, id, preds: vec![SmallVec::new(); succs.len()], succs, exits };
        cfg.index_preds();
        Some(cfg)
    }

    fn index_preds(&mut self) {
        for p in &mut self.preds {
            p.clear();
        }
        for b in self.func.block_ids() {
            for s in self.succs[b.at()].clone() {
                self.preds[s.at()].push(b);
            }
        }
    }

    /// Takes edges away: those for which `dead(from, nth successor of the terminator, to)` holds.
    pub fn without(&mut self, dead: impl Fn(BlockId, BlockId) -> bool) {
        for b in self.func.block_ids() {
            self.succs[b.at()].retain(|s| !dead(b, *s));
        }
        self.index_preds();
    }

    /// Where control can go.
    #[must_use]
    pub fn succs(&self, b: BlockId) -> &[BlockId] {
        &self.succs[b.at()]
    }

    /// Where control can come from.
    #[must_use]
    pub fn preds(&self, b: BlockId) -> &[BlockId] {
        &self.preds[b.at()]
    }

    /// How the block leaves the function, if it does.
    #[must_use]
    pub fn exit(&self, b: BlockId) -> Option<Exit> {
        self.exits[b.at()]
    }

    /// Blocks that control can come to from `from`, itself included, as flags.
    #[must_use]
    pub fn reachable(&self, from: BlockId) -> Vec<bool> {
        let mut seen = vec![false; self.succs.len()];
        let mut todo = vec![from];
        while let Some(b) = todo.pop() {
            if !std::mem::replace(&mut seen[b.at()], true) {
                todo.extend_from_slice(self.succs(b));
            }
        }
        seen
    }

    /// Blocks that control can come to from `from` without passing `wall`.
    #[must_use]
    pub fn reachable_without(&self, from: BlockId, wall: BlockId) -> Vec<bool> {
        let mut seen = vec![false; self.succs.len()];
        let mut todo = vec![from];
        while let Some(b) = todo.pop() {
            if b != wall && !std::mem::replace(&mut seen[b.at()], true) {
                todo.extend_from_slice(self.succs(b));
            }
        }
        seen
    }

    /// Blocks from which some way out of the function can be reached, as flags.
    #[must_use]
    pub fn can_leave(&self) -> Vec<bool> {
        let mut seen = vec![false; self.succs.len()];
        let mut todo: Vec<BlockId> = self.func.block_ids().filter(|b| self.exit(*b).is_some()).collect();
        while let Some(b) = todo.pop() {
            if !std::mem::replace(&mut seen[b.at()], true) {
                todo.extend_from_slice(self.preds(b));
            }
        }
        seen
    }

    /// Blocks that can be passed more than once in one call: those on a cycle.
    #[must_use]
    pub fn on_cycle(&self, b: BlockId) -> bool {
        self.succs(b).iter().any(|s| self.reachable(*s)[b.at()])
    }

    /// Immediate dominators by the iterative algorithm of Cooper, Harvey and Kennedy (2001). The entry is its own; unreached blocks have none.
    #[must_use]
    pub fn dominators(&self) -> Vec<Option<BlockId>> {
        let order = self.postorder();
        let mut number = vec![usize::MAX; self.succs.len()];
        for (i, b) in order.iter().enumerate() {
            number[b.at()] = i;
        }
        let entry = BlockId(0);
        let mut idom: Vec<Option<BlockId>> = vec![None; self.succs.len()];
        idom[entry.at()] = Some(entry);
        let mut changed = true;
        while changed {
            changed = false;
            for b in order.iter().rev().copied().filter(|b| *b != entry) {
                let mut new = None;
                for p in self.preds(b).iter().copied().filter(|p| idom[p.at()].is_some()) {
                    new = Some(new.map_or(p, |n| intersect(&idom, &number, n, p)));
                }
                if new.is_some() && idom[b.at()] != new {
                    idom[b.at()] = new;
                    changed = true;
                }
            }
        }
        idom
    }

    fn postorder(&self) -> Vec<BlockId> {
        let mut out = Vec::new();
        let mut seen = vec![false; self.succs.len()];
        let mut stack = vec![(BlockId(0), 0)];
        seen[0] = true;
        while let Some((b, i)) = stack.pop() {
            match self.succs(b).get(i) {
                Some(next) => {
                    stack.push((b, i + 1));
                    if !std::mem::replace(&mut seen[next.at()], true) {
                        stack.push((*next, 0));
                    }
                }
                None => out.push(b),
            }
        }
        out
    }

    /// Whether every way from the entry to `b` passes `a`.
    #[must_use]
    pub fn dominates(idom: &[Option<BlockId>], a: BlockId, b: BlockId) -> bool {
        let mut at = b;
        loop {
            if at == a {
                return true;
            }
            match idom[at.at()] {
                Some(up) if up != at => at = up,
                _ => return false,
            }
        }
    }
}

/// By block, the first call that never comes back.
fn cuts(package: &Package, id: FnId, func: &Func) -> Vec<Option<u32>> {
    let ends = |op: &crate::old::ir::Op| matches!(&op.kind, OpKind::Call(call) if never_returns(package, id, call));
    func.blocks.iter().map(|b| b.ops.iter().position(ends).and_then(|at| u32::try_from(at).ok())).collect()
}

/// Whether a call never comes back: a model says so, or each way through the function ends in such a call.
fn never_returns(package: &Package, at: FnId, call: &Call) -> bool {
    if !package.may_be_ender(&call.callee) {
        return false;
    }
    match package.resolve(at.decl, call) {
        Target::Model(model, _) => model.no_return,
        Target::Func(callee) => package.no_return_once(callee, || {
            if !package.may_never_return(callee) {
                return false;
            }
            let Some(cfg) = Cfg::new(package, callee) else { return false };
            let live = cfg.reachable(BlockId(0));
            let mut ends = cfg.func.block_ids().filter(|b| live[b.at()]).filter_map(|b| cfg.exit(b)).peekable();
            ends.peek().is_some() && ends.all(|e| matches!(e, Exit::Call(_)))
        }),
        _ => false,
    }
}

fn intersect(idom: &[Option<BlockId>], number: &[usize], mut a: BlockId, mut b: BlockId) -> BlockId {
    while a != b {
        while number[a.at()] < number[b.at()] {
            a = idom[a.at()].unwrap_or(a);
        }
        while number[b.at()] < number[a.at()] {
            b = idom[b.at()].unwrap_or(b);
        }
    }
    a
}

/// Successors without branches that a constant condition rules out.
fn live_successors(func: &Func, b: BlockId) -> SmallVec<[BlockId; 4]> {
    match &func.block(b).term {
        Term::If { cond: Cond::Const(true), then, .. } => SmallVec::from_slice(&[*then]),
        Term::If { cond: Cond::Const(false), els, .. } => SmallVec::from_slice(&[*els]),
        _ => func.successors(b),
    }
}

/// Literals of the declaration that run when the function leaves: `defer func() { … }()`.
#[must_use]
pub fn deferred_literals(func: &Func) -> Vec<FuncIdx> {
    func.ops()
        .filter_map(|(_, _, op)| match &op.kind {
            OpKind::Defer(call) => match call.callee {
                crate::old::ir::Callee::Lit(f) => Some(f),
                _ => None,
            },
            _ => None,
        })
        .collect()
}
