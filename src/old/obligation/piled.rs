//! Loops: where a round ends that forgets what it acquired, and what is deferred inside a loop that goes on. That runs when the function ends,
//! and until then every round leaves one more behind.

use super::walk::{LossHow, Walker};
use crate::old::flow::Exit;
use crate::old::ir::{BlockId, Comm, Cond, LoopId, LoopKind, Operand, Place, Term, Ty};
use crate::source::Span;

/// How a round ends that forgets what it acquired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Round {
    /// By a `continue`.
    Continue,
    /// At the brace of the loop.
    Ends,
    /// The text has no one place for it.
    Unseen,
}

/// How long what is deferred waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Until {
    /// The loop has no way out: it never runs.
    Never,
    /// Until somebody tells the function to end, as services are told: a case of a `select` that asks for no value, the close of a channel that
    /// the loop ranges over, or an error.
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

    /// The block that ended the round, once control comes from this one: a jump to where the next round of a loop around the start begins.
    pub(super) fn round(&self, block: BlockId, before: Option<BlockId>) -> Option<BlockId> {
        let entry = self.func().block(block);
        if !self.around_start().any(|id| self.within(block, id)) {
            return None;
        }
        let Term::Jump(to) = entry.term else { return before };
        let ends = |id: LoopId| {
            let lap = &self.func().loops[id.at()];
            // What counts the rounds stands between the last statement and the head, and has the bytes of the head.
            let counts = |b: BlockId| {
                let block = self.func().block(b);
                b != lap.header && block.span == lap.head && matches!(block.term, Term::Jump(to) if to == lap.header)
            };
            self.within(block, id) && (to == lap.header && !(counts(block) && before.is_some()) || counts(to))
        };
        if self.around_start().any(ends) { Some(block) } else { before }
    }

    /// Where the round ended, and how.
    pub(super) fn end_of_round(&self, block: Option<BlockId>) -> Option<(Span, LossHow)> {
        let block = block?;
        let span = self.func().block(block).span;
        let implicit = |id: &LoopId| {
            let lap = &self.func().loops[id.at()];
            span == lap.head || span == lap.span
        };
        Some(match self.around_start().find(implicit) {
            Some(id) => {
                let end = self.func().loops[id.at()].span.end;
                (Span { start: end.saturating_sub(1), end }, LossHow::Again(Round::Ends))
            }
            None => (span, LossHow::Again(Round::Continue)),
        })
    }

    /// The loops around the start, from the inside out.
    fn around_start(&self) -> impl Iterator<Item = LoopId> {
        let innermost = self.start.and_then(|(start, _)| self.func().block(start).in_loop);
        std::iter::successors(innermost, |id| self.func().loops[id.at()].parent)
    }

    fn within(&self, block: BlockId, id: LoopId) -> bool {
        let innermost = self.func().block(block).in_loop;
        std::iter::successors(innermost, |id| self.func().loops[id.at()].parent).any(|inner| inner == id)
    }

    /// Whether no way out remains without those that only tell of an end.
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
                // A channel is closed when its work is over, and an error is no end that a loop comes to by itself.
                Term::Loop { id, body, exit: Some(exit) } if self.ranges_over_channel(*id) && self.only_leaves(*exit) => {
                    todo.push(*body)
                }
                Term::If { cond, then, els } => {
                    let fails = |holds: bool, to: BlockId| self.is_error(cond, holds) && self.only_leaves(to);
                    todo.extend(
                        [(true, *then), (false, *els)].into_iter().filter(|(holds, to)| !fails(*holds, *to)).map(|(_, to)| to),
                    );
                }
                _ => todo.extend(self.cfg.succs(block)),
            }
        }
        !self.leaves_from(&seen)
    }

    fn ranges_over_channel(&self, id: LoopId) -> bool {
        let LoopKind::Range(Operand::Place(over)) = &self.func().loops[id.at()].kind else { return false };
        let package = self.engine.package;
        matches!(package.structure(&package.ty_of(self.id.decl, self.body, over)), Ty::Chan(..))
    }

    /// Whether the condition, with this outcome, says that there is an error.
    fn is_error(&self, cond: &Cond, holds: bool) -> bool {
        let is_error = |p: &Place| {
            let ty = self.engine.package.ty_of(self.id.decl, self.body, p);
            matches!(ty, Ty::Named { path: None, name } if name == "error") || self.error.as_ref() == Some(p)
        };
        match cond {
            Cond::Not(inner) => self.is_error(inner, !holds),
            Cond::IsNil(p) => !holds && is_error(p),
            _ => false,
        }
    }

    fn only_leaves(&self, block: BlockId) -> bool {
        self.start.is_some_and(|(start, _)| !self.cfg.reachable(block)[start.at()])
    }
}
