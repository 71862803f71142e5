//! What is known of other places while a thing is held: it decides conditions that are asked later.

use super::alias::Aliases;
use super::walk::Walker;
use super::{Duty, Engine, Start};
use crate::ir::{Cond, OpKind, Operand, Place, Term};
use crate::program::Site;

/// What a place holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    Nil,
    NotNil,
    Bool(bool),
}

/// Something known from the moment at which the thing is acquired until the place is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fact {
    pub(super) place: Place,
    pub(super) known: Known,
}

impl Walker<'_, '_> {
    /// The facts that hold at the start, as bits.
    pub(super) fn all_facts(&self) -> u8 {
        self.facts.iter().take(8).enumerate().fold(0, |bits, (i, _)| bits | 1 << i)
    }

    /// The facts that still hold after an operation.
    pub(super) fn facts_after(&self, op: &OpKind, facts: u8) -> u8 {
        let gone = self.facts.iter().take(8).enumerate().filter(|(_, f)| writes(op, &f.place));
        gone.fold(facts, |bits, (i, _)| bits & !(1 << i))
    }

    /// Whether what is known rules out this outcome of the condition.
    pub(super) fn is_ruled_out(&self, cond: &Cond, holds: bool, facts: u8) -> bool {
        let known = |p: &Place| {
            let mut live = self.facts.iter().take(8).enumerate().filter(|(i, _)| facts & 1 << i != 0);
            live.find(|(_, f)| f.place == *p).map(|(_, f)| f.known)
        };
        match cond {
            Cond::Not(inner) => self.is_ruled_out(inner, !holds, facts),
            Cond::IsNil(p) => match known(p) {
                Some(Known::Nil) => !holds,
                Some(Known::NotNil) => holds,
                _ => false,
            },
            Cond::Truth(p) => known(p).is_some_and(|k| k == Known::Bool(!holds)),
            _ => false,
        }
    }
}

/// Whether an operation writes the place.
pub(super) fn writes(op: &OpKind, place: &Place) -> bool {
    match op {
        OpKind::Call(call) => call.results.iter().flatten().any(|r| r == place),
        OpKind::Assign { dst, .. } => dst == place,
        OpKind::Recv { dst, ok, .. } => dst.iter().chain(ok).any(|p| p == place),
        _ => false,
    }
}

impl Engine<'_> {
    /// What a caller knows of the other results when it is given the thing: `return nil, nil, false` does not give it.
    pub(super) fn returned_facts(&self, from: &Start, result: u32, duty: &Duty, site: &Site) -> Vec<Fact> {
        let Some((_, func)) = self.package.func(from.id) else { return Vec::new() };
        let aliases = Aliases::new(self, from.id.decl, [from.holder.clone()], duty);
        let gives = |values: &&Vec<Operand>| values.get(result as usize).and_then(Operand::place).is_some_and(|p| aliases.is(p));
        let returns: Vec<&Vec<Operand>> = func
            .blocks
            .iter()
            .filter_map(|b| match &b.term {
                Term::Return(values) => Some(values),
                _ => None,
            })
            .filter(gives)
            .collect();
        let Some(first) = returns.first() else { return Vec::new() };
        let place_of = |i: usize| site.call.results.get(i).cloned().flatten();
        let facts = first.iter().enumerate().filter_map(|(i, value)| {
            let known = match value {
                Operand::Nil => Known::Nil,
                Operand::Bool(b) => Known::Bool(*b),
                _ => return None,
            };
            let place = place_of(i).filter(|_| returns.iter().all(|r| r.get(i) == Some(value)))?;
            Some(Fact { place, known })
        });
        facts.collect()
    }
}
