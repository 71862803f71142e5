//! Which registers are read later.

use super::{Analysis, Direction, solve};
use crate::ir::{BlockId, Func};
use fixedbitset::FixedBitSet;

/// The live registers of a function at every point.
#[derive(Debug)]
pub struct Live {
    /// What is live at the end of each block, before its terminator has read anything.
    before_term: Vec<FixedBitSet>,
}

struct Problem<'f> {
    func: &'f Func,
}

impl Analysis for Problem<'_> {
    type Fact = FixedBitSet;
    const DIRECTION: Direction = Direction::Backward;

    fn bottom(&self) -> FixedBitSet {
        FixedBitSet::with_capacity(self.func.regs.len())
    }

    fn boundary(&self) -> FixedBitSet {
        self.bottom()
    }

    fn join(&self, into: &mut FixedBitSet, other: &FixedBitSet) {
        into.union_with(other);
    }

    fn block(&self, block: BlockId, fact: &mut FixedBitSet) {
        term(self.func, block, fact);
        let ops = &self.func.blocks[block.at()].ops;
        for i in (0..ops.len()).rev() {
            op(self.func, block, i, fact);
        }
    }
}

fn term(func: &Func, block: BlockId, fact: &mut FixedBitSet) {
    let term = &func.blocks[block.at()].term;
    if let crate::ir::Term::Select { cases, .. } = term {
        // What a case writes is dead before it, if no other successor reads it; a register written by a case is read there alone.
        cases.iter().for_each(|case| case.writes(|reg| fact.set(reg.at(), false)));
    }
    term.reads(|reg| fact.insert(reg.at()));
}

fn op(func: &Func, block: BlockId, index: usize, fact: &mut FixedBitSet) {
    let op = &func.blocks[block.at()].ops[index].op;
    op.writes(|reg| fact.set(reg.at(), false));
    op.reads(|reg| fact.insert(reg.at()));
}

/// Works out what is live in a function.
#[must_use]
pub fn live(func: &Func) -> Live {
    let problem = Problem { func };
    let mut before_term = solve(func, &problem);
    for (i, fact) in before_term.iter_mut().enumerate() {
        term(func, BlockId(u32::try_from(i).unwrap_or(u32::MAX)), fact);
    }
    Live { before_term }
}

impl Live {
    /// What is live before operation `index` of a block; the terminator comes behind the last operation.
    #[must_use]
    pub fn before(&self, func: &Func, block: BlockId, index: usize) -> FixedBitSet {
        let mut fact = self.before_term[block.at()].clone();
        for i in (index..func.blocks[block.at()].ops.len()).rev() {
            op(func, block, i, &mut fact);
        }
        fact
    }
}
