//! From the stops of a lost thing to the clues of a finding.

use super::{Acquired, Engine, LossHow, Lost, Mark, MarkKind, Round, Until};
use crate::old::flow::Cfg;
use crate::old::ir::{FuncIdx, LocalKind, OpKind, Operand};
use crate::old::lifetime::{Clue, guards};

/// The words for letting go of one kind of thing.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// `stopping`
    pub doing: &'static str,
    /// `stopped`
    pub done: &'static str,
    /// `stops`
    pub does: &'static str,
}

impl Engine<'_> {
    /// The thing as a reader knows it: `ticker t`, `the ticker of time.Tick`.
    #[must_use]
    pub fn thing(&self, acquired: &Acquired, kind: &str) -> String {
        match acquired.known_as.as_ref().and_then(|h| guards::place_name(self.package, acquired.id, h)) {
            Some(name) => format!("{kind} {name}"),
            None => {
                let callee = self.package.file(acquired.id.decl).src.slice(acquired.call.callee_span);
                format!("the {kind} of {callee}")
            }
        }
    }

    /// The name of the variable of the acquiring function that holds the thing.
    #[must_use]
    pub fn own_name(&self, acquired: &Acquired) -> Option<String> {
        let local = acquired.holder.as_ref()?.as_local()?;
        let entry = self.package.body(acquired.id.decl)?.local(local);
        (entry.kind == LocalKind::Var && entry.func == acquired.id.func).then(|| entry.name.to_string())
    }

    /// The stops of a lost thing, in order, as clues.
    #[must_use]
    pub fn clues(&self, lost: &Lost, words: Words) -> Vec<Clue> {
        let last = lost.marks.len().saturating_sub(1);
        let step = |(i, mark): (usize, &Mark)| Clue::new(mark.id.decl, mark.span, self.label(mark, i == last, words));
        lost.marks.iter().enumerate().map(step).collect()
    }

    fn label(&self, mark: &Mark, last: bool, words: Words) -> String {
        let Words { doing, done, does } = words;
        let function = self.package.fn_name(mark.id);
        match &mark.kind {
            MarkKind::Received => format!("{function} gets it here"),
            MarkKind::Stored(owner, name) if last => format!("stored in {owner}.{name}, which no code of the package {does}"),
            MarkKind::Stored(owner, name) => format!("stored in {owner}.{name}"),
            MarkKind::Uncalled => format!("{done} only here, and nothing calls {function}"),
            MarkKind::Forgotten(how) => match how {
                LossHow::Returns => format!("returns here without {doing} it"),
                LossHow::Ends => format!("{function} ends here without {doing} it"),
                LossHow::Again(Round::Continue) => format!("goes on to the next round here without {doing} it"),
                LossHow::Again(Round::Ends) => format!("the round ends here without {doing} it"),
                LossHow::Again(Round::Unseen) => "the next round makes another one".to_string(),
                LossHow::Deferred(Until::Never) => {
                    "deferred to the end of the function, which this loop never comes to".to_string()
                }
                LossHow::Deferred(Until::Told) => {
                    "deferred to the end of the function: each round of this loop leaves another one until then".to_string()
                }
                LossHow::Overwritten => "another value takes its place here".to_string(),
                LossHow::Dropped => format!("nothing keeps it, so it can never be {done}"),
            },
        }
    }

    /// Whether the call stands in a loop.
    #[must_use]
    pub fn is_repeated(&self, acquired: &Acquired) -> bool {
        Cfg::new(self.package, acquired.id).is_none_or(|cfg| cfg.on_cycle(acquired.block))
    }

    /// Whether the function that acquired the thing is done with it when it leaves: it stands in no loop, and no goroutine, literal or
    /// other owner has it.
    #[must_use]
    pub fn is_private(&self, acquired: &Acquired) -> bool {
        let Some(holder) = &acquired.holder else { return false };
        if self.is_repeated(acquired) {
            return false;
        }
        let start = super::Start {
            id: acquired.id,
            at: Some((acquired.block, acquired.op)),
            holder: holder.clone(),
            error: acquired.error.clone(),
            until: acquired.until.clone(),
            facts: acquired.facts.clone(),
            runner: None,
        };
        if self.walk(&start, &acquired.duty).is_none_or(|w| w.unknown.is_some() || !w.moves.is_empty()) {
            return false;
        }
        let Some(body) = self.package.body(acquired.id.decl) else { return false };
        let aliases = super::alias::Aliases::new(self, acquired.id.decl, [holder.clone()], &acquired.duty);
        let literals = 1..body.funcs.len();
        let captured = literals
            .filter_map(|i| u32::try_from(i).ok())
            .map(FuncIdx)
            .any(|lit| lit != acquired.id.func && body.is_inside(lit, acquired.id.func) && aliases.named_in(body, lit));
        let spawned = body.func(acquired.id.func).ops().any(|(_, _, op)| match &op.kind {
            OpKind::Spawn(call) => call.args.iter().filter_map(Operand::place).any(|p| aliases.touches(p)),
            _ => false,
        });
        !captured && !spawned
    }
}
