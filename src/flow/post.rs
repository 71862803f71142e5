//! Which block every way out of another comes through.

use super::predecessors;
use crate::ir::{BlockId, Func, Term};

/// The immediate postdominator of each block: the first one that every way from it to an exit comes through. `None` where ways part for
/// good, and for blocks that lead to no exit. That the process ends is no exit.
///
/// Cooper, Harvey and Kennedy, "A simple, fast dominance algorithm" (2001), on the graph turned round.
#[must_use]
pub fn postdominators(func: &Func) -> Vec<Option<BlockId>> {
    let count = func.blocks.len();
    // One more node stands for the way out.
    let out = count;
    let preds = predecessors(func);
    let leaves = |i: usize| {
        let mut some = false;
        func.blocks[i].term.targets(|_| some = true);
        !some && !matches!(func.blocks[i].term, Term::Dead)
    };
    let exits: Vec<usize> = (0..count).filter(|i| leaves(*i)).collect();
    let order = backwards(&preds, &exits, out);
    let mut rank = vec![usize::MAX; count + 1];
    order.iter().enumerate().for_each(|(i, block)| rank[*block] = i);
    let mut idom = vec![usize::MAX; count + 1];
    idom[out] = out;
    let mut changed = true;
    while changed {
        changed = false;
        for &block in order.iter().rev().filter(|b| **b != out) {
            let mut next = Vec::new();
            func.blocks[block].term.targets(|to| next.push(to.at()));
            if exits.contains(&block) {
                next.push(out);
            }
            let known = next.into_iter().filter(|b| idom[*b] != usize::MAX);
            let Some(new) = known.reduce(|a, b| meet(&idom, &rank, a, b)) else { continue };
            if idom[block] != new {
                idom[block] = new;
                changed = true;
            }
        }
    }
    let name = |i: usize| (i < count).then(|| BlockId(u32::try_from(i).unwrap_or(u32::MAX)));
    (0..count).map(|i| name(idom[i])).collect()
}

/// Blocks that lead to an exit, in postorder from the exits against the edges.
fn backwards(preds: &[Vec<BlockId>], exits: &[usize], out: usize) -> Vec<usize> {
    let before = |block: usize| -> Vec<usize> {
        if block == out { exits.to_vec() } else { preds[block].iter().map(|b| b.at()).collect() }
    };
    let mut seen = vec![false; out + 1];
    seen[out] = true;
    let mut order = Vec::new();
    let mut stack = vec![(out, before(out))];
    while let Some((block, rest)) = stack.last_mut() {
        match rest.pop() {
            Some(next) if !seen[next] => {
                seen[next] = true;
                stack.push((next, before(next)));
            }
            Some(_) => {}
            None => {
                order.push(*block);
                stack.pop();
            }
        }
    }
    order
}

fn meet(idom: &[usize], rank: &[usize], mut a: usize, mut b: usize) -> usize {
    while a != b {
        while rank[a] < rank[b] {
            a = idom[a];
        }
        while rank[b] < rank[a] {
            b = idom[b];
        }
    }
    a
}
