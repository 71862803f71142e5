//! Where a fix can put what lets a thing go.

use super::facts::writes;
use super::{Acquired, Engine, Loss, LossHow, Lost, MarkKind, Round};
use crate::fix::outlives::{Held, outlives};
use crate::fix::{statement_below, statement_below_check};
use crate::lint::{Edit, Safety};
use crate::old::flow::Cfg;
use crate::old::ir::{BlockId, Cond, OpKind, Place, Term, Ty};
use crate::old::lifetime::guards::place_name;
use crate::old::program::FnId;

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

    /// Whether a resource can be released when the function that acquired it returns: nothing that was made with it may live on.
    #[must_use]
    pub fn at_return(&self, acquired: &Acquired, held: Held) -> Safety {
        let seeds: Vec<Place> = acquired.holder.iter().cloned().collect();
        if seeds.is_empty() || outlives(self.package, acquired.id, acquired.span(), &seeds, held) {
            return Safety::Unsafe("what was made with it may still be used after the return");
        }
        Safety::Safe
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

    /// The name of the error that is known not to be nil where a way out returns, of several the one that was asked for last.
    #[must_use]
    pub fn error_at(&self, loss: &Loss) -> Option<String> {
        let (body, func) = self.package.func(loss.id)?;
        let cfg = Cfg::new(self.package, loss.id)?;
        let returns = |b: &BlockId| func.block(*b).span == loss.span && matches!(func.block(*b).term, Term::Return(_));
        let block = func.block_ids().find(returns)?;
        let idom = cfg.dominators();
        let mut found: Option<(BlockId, String)> = None;
        for asks in func.block_ids().filter(|b| Cfg::dominates(&idom, *b, block)) {
            let Term::If { cond, then, els } = &func.block(asks).term else { continue };
            let (place, side) = match cond {
                Cond::IsNil(place) => (place, *els),
                Cond::Not(inner) => match &**inner {
                    Cond::IsNil(place) => (place, *then),
                    _ => continue,
                },
                _ => continue,
            };
            let Some(local) = place.as_local() else { continue };
            let ty = self.package.ty_of(loss.id.decl, body, place);
            let is_error = matches!(&ty, Ty::Named { path: None, name } if *name == "error")
                || func.ops().any(|(_, _, op)| self.gives_error(loss.id, &op.kind, place));
            let only = cfg.preds(side).len() == 1 && Cfg::dominates(&idom, side, block);
            // Another error may be in the variable by then.
            let after = cfg.reachable(side);
            let kept =
                || !func.ops().any(|(b, _, op)| after[b.at()] && Cfg::dominates(&idom, side, b) && writes(&op.kind, place));
            if is_error && only && kept() && body.names(local, loss.span.start) {
                let later = found.as_ref().is_none_or(|(before, _)| Cfg::dominates(&idom, *before, asks));
                found = if later { Some((asks, body.local(local).name.to_string())) } else { found };
            }
        }
        found.map(|(_, name)| name)
    }

    /// Whether the place is a result of the call that the models know for an error.
    fn gives_error(&self, id: FnId, op: &OpKind, place: &Place) -> bool {
        let OpKind::Call(call) = op else { return false };
        let Some(index) = call.results.iter().position(|r| r.as_ref() == Some(place)) else { return false };
        self.package.resolve(id.decl, call).model().and_then(|m| m.results.get(index)).is_some_and(|ty| ty == "error")
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
