//! Where a fix can put what lets a thing go.

use super::{Acquired, Engine, LossHow, Lost, MarkKind, Round};
use crate::fix::{statement_below, statement_below_check};
use crate::flow::Cfg;
use crate::ir::{Cond, Term};
use crate::lifetime::guards::place_name;
use crate::lint::Edit;

impl Engine<'_> {
    /// An edit that puts `defer …` where the thing is known to be there and before every way on which it is forgotten.
    ///
    /// `None` where somebody else than the function that acquired the thing has it, or where the text has no such place.
    #[must_use]
    pub fn deferred(&self, acquired: &Acquired, lost: &Lost, statement: &str) -> Option<Edit> {
        let own = lost.marks.iter().all(|m| m.id == acquired.id) && lost.field.is_none();
        let again = matches!(
            lost.marks.last()?.kind,
            MarkKind::Forgotten(LossHow::Again(_) | LossHow::Overwritten | LossHow::Deferred(_))
        );
        if !own || again || self.own_name(acquired).is_none() || !self.is_private(acquired) {
            return None;
        }
        let at = self.package.location(acquired.id.decl, acquired.span());
        let Some(error) = &acquired.error else { return statement_below(&at, statement) };
        let checked = statement_below_check(&at, &place_name(self.package, acquired.id, error)?, statement)?;
        (!checked.leaves || self.leaves_on_error(acquired)).then_some(checked.edit)
    }

    /// What to do about a thing that a round of a loop acquires and forgets; `None` where no loop is about it. A `defer` in a loop would keep what
    /// every round acquires until the function ends.
    #[must_use]
    pub fn in_each_round(&self, acquired: &Acquired, lost: &Lost, close: &str) -> Option<String> {
        let last = lost.marks.last().filter(|m| m.id == acquired.id && lost.field.is_none())?;
        let MarkKind::Forgotten(how) = last.kind else { return None };
        if !self.is_repeated(acquired) {
            return None;
        }
        let own = "or make the round a function of its own that defers it";
        Some(match how {
            LossHow::Dropped => return None,
            LossHow::Deferred(_) => format!("call `{close}` at the end of the round, {own}"),
            LossHow::Overwritten => format!("call `{close}` before another value takes its place, {own}"),
            LossHow::Again(Round::Continue) => format!("call `{close}` before this `continue` too, {own}"),
            _ if !lost.partial => format!("call `{close}` in each round, {own}"),
            LossHow::Again(_) => format!("call `{close}` on this way through the round too, {own}"),
            LossHow::Returns | LossHow::Ends => format!("call `{close}` on this way out too, {own}"),
        })
    }

    /// Whether the branch that follows the call where it failed leads nowhere that the other one leads too.
    fn leaves_on_error(&self, acquired: &Acquired) -> bool {
        let Some((cfg, error)) = Cfg::new(self.package, acquired.id).zip(acquired.error.as_ref()) else { return false };
        let Term::If { cond, then, els } = &cfg.func.block(acquired.block).term else { return false };
        let is_error = |cond: &Cond| matches!(cond, Cond::IsNil(p) if p == error);
        let (failed, passed) = match cond {
            Cond::Not(inner) if is_error(inner) => (*then, *els),
            cond if is_error(cond) => (*els, *then),
            _ => return false,
        };
        !cfg.reachable(failed).iter().zip(cfg.reachable(passed)).any(|(failed, passed)| *failed && passed)
    }
}
