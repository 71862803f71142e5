//! The one data-flow driver, and the questions that every engine asks of a graph: what is live, in which order blocks come, who precedes whom.
//!
//! The driver is the classic worklist algorithm over a join semilattice (Kildall, "A unified approach to global program optimization",
//! POPL 1973).

mod live;
mod post;

pub use live::{Live, live};
pub use post::postdominators;

use crate::ir::{BlockId, Func};

/// Which way facts travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the entry on.
    Forward,
    /// From the exits back.
    Backward,
}

/// A data-flow problem.
pub trait Analysis {
    /// A fact at one point; `join` must be commutative, associative and idempotent.
    type Fact: Clone + PartialEq;
    /// Which way facts travel.
    const DIRECTION: Direction;
    /// What holds where nothing has come in yet.
    fn bottom(&self) -> Self::Fact;
    /// What holds at the entry, or for backward problems at every exit.
    fn boundary(&self) -> Self::Fact;
    /// Takes `other` into `into`.
    fn join(&self, into: &mut Self::Fact, other: &Self::Fact);
    /// What a whole block makes of a fact.
    fn block(&self, block: BlockId, fact: &mut Self::Fact);
}

/// Solves a problem; the fact of each block is the one on its incoming side: at its start, or for backward problems at its end.
pub fn solve<A: Analysis>(func: &Func, analysis: &A) -> Vec<A::Fact> {
    let order = postorder(func);
    let preds = predecessors(func);
    let mut facts = vec![analysis.bottom(); func.blocks.len()];
    let mut rank = vec![usize::MAX; func.blocks.len()];
    let sequence: Vec<BlockId> = match A::DIRECTION {
        Direction::Forward => order.iter().rev().copied().collect(),
        Direction::Backward => order,
    };
    for (i, block) in sequence.iter().enumerate() {
        rank[block.at()] = i;
    }
    let mut waiting: std::collections::BTreeSet<usize> = (0..sequence.len()).collect();
    match A::DIRECTION {
        Direction::Forward => analysis.join(&mut facts[0], &analysis.boundary()),
        Direction::Backward => {
            for (i, block) in func.blocks.iter().enumerate() {
                let mut exit = true;
                block.term.targets(|_| exit = false);
                if exit {
                    analysis.join(&mut facts[i], &analysis.boundary());
                }
            }
        }
    }
    while let Some(next) = waiting.pop_first() {
        let block = sequence[next];
        let mut fact = facts[block.at()].clone();
        analysis.block(block, &mut fact);
        let mut reach = |to: BlockId| {
            if rank[to.at()] == usize::MAX {
                return;
            }
            let before = facts[to.at()].clone();
            analysis.join(&mut facts[to.at()], &fact);
            if facts[to.at()] != before {
                waiting.insert(rank[to.at()]);
            }
        };
        match A::DIRECTION {
            Direction::Forward => func.blocks[block.at()].term.targets(&mut reach),
            Direction::Backward => preds[block.at()].iter().copied().for_each(&mut reach),
        }
    }
    facts
}

/// Blocks in postorder from the entry; those that nothing reaches are left out.
#[must_use]
pub fn postorder(func: &Func) -> Vec<BlockId> {
    let mut seen = vec![false; func.blocks.len()];
    let mut out = Vec::with_capacity(func.blocks.len());
    let mut stack: Vec<(BlockId, Vec<BlockId>)> = Vec::new();
    let successors = |block: BlockId| {
        let mut to = Vec::new();
        func.blocks[block.at()].term.targets(|t| to.push(t));
        to
    };
    if !func.blocks.is_empty() {
        seen[0] = true;
        // Taken from the end: the first successor is gone into last and so comes first in reverse postorder.
        stack.push((BlockId(0), successors(BlockId(0))));
    }
    while let Some((block, rest)) = stack.last_mut() {
        match rest.pop() {
            Some(next) if !seen[next.at()] => {
                seen[next.at()] = true;
                stack.push((next, successors(next)));
            }
            Some(_) => {}
            None => {
                out.push(*block);
                stack.pop();
            }
        }
    }
    out
}

/// The blocks that lead to each block, in order.
#[must_use]
pub fn predecessors(func: &Func) -> Vec<Vec<BlockId>> {
    let mut out = vec![Vec::new(); func.blocks.len()];
    for (i, block) in func.blocks.iter().enumerate() {
        let from = BlockId(u32::try_from(i).unwrap_or(u32::MAX));
        block.term.targets(|to| {
            if out[to.at()].last() != Some(&from) {
                out[to.at()].push(from);
            }
        });
    }
    out
}
