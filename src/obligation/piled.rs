//! What is deferred inside a loop that goes on: it runs when the function ends, and until then every round leaves one more behind.

use super::walk::Walker;
use crate::flow::Exit;
use crate::ir::{BlockId, Comm, Term};

/// How long what is deferred waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Until {
    /// The loop has no way out: it never runs.
    Never,
    /// Until somebody tells the function to end, as services are told: a case of a `select` that asks for no value.
    Told,
}

impl Walker<'_, '_> {
    /// How long a call that is deferred in the block waits while the start comes round again; `None` where the loop may just end.
    pub(super) fn piles_up(&self, block: BlockId) -> Option<Until> {
        let (start, _) = self.start?;
        let seen = self.cfg.reachable(block);
        if !seen[start.at()] || !self.cfg.on_cycle(start) {
            return None;
        }
        // The defer must belong to the loop: what only follows it runs once.
        if !self.cfg.reachable(start)[block.at()] {
            return None;
        }
        if !self.leaves_from(&seen) {
            return Some(Until::Never);
        }
        self.stays_unless_told(block).then_some(Until::Told)
    }

    fn leaves_from(&self, seen: &[bool]) -> bool {
        let leaves = |b: &BlockId| matches!(self.cfg.exit(*b), Some(Exit::Return | Exit::Panic));
        self.func().block_ids().filter(|b| seen[b.at()]).any(|b| leaves(&b))
    }

    /// Whether no way out remains without the cases that only tell of an end.
    fn stays_unless_told(&self, from: BlockId) -> bool {
        let mut seen = vec![false; self.func().blocks.len()];
        let mut todo = vec![from];
        while let Some(block) = todo.pop() {
            if std::mem::replace(&mut seen[block.at()], true) {
                continue;
            }
            match &self.func().block(block).term {
                Term::Select { cases, default } => {
                    let tells = |comm: &Comm| matches!(comm, Comm::Recv { dst: None, ok: None, .. });
                    todo.extend(cases.iter().filter(|c| !tells(&c.comm) || !self.only_leaves(c.target)).map(|c| c.target));
                    todo.extend(*default);
                }
                _ => todo.extend(self.cfg.succs(block)),
            }
        }
        !self.leaves_from(&seen)
    }

    fn only_leaves(&self, block: BlockId) -> bool {
        self.start.is_some_and(|(start, _)| !self.cfg.reachable(block)[start.at()])
    }
}
