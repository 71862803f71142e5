//! What is known of other places while a thing is held: it decides conditions that are asked later.

use super::alias::Aliases;
use super::walk::Walker;
use super::{Duty, Engine, Start};
use crate::old::ir::{Cond, Func, LocalId, LocalKind, OpKind, Operand, Place, Term};
use crate::old::program::{FnId, Site, functions};

/// More are not followed: which of them hold is kept in one byte.
const MAX_FACTS: usize = 8;

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
        self.facts.iter().take(MAX_FACTS).enumerate().fold(0, |bits, (i, _)| bits | 1 << i)
    }

    /// What each variable of the function holds that is given `true` or `false` and asked for: `done = true … if done { break }`.
    pub(super) fn flags(&self) -> Vec<Fact> {
        let func = self.func();
        let is_own = |l: LocalId| self.body.local(l).kind == LocalKind::Var;
        let mut asked: Vec<LocalId> = func.blocks.iter().filter_map(|b| flag_of(&b.term)).filter(|l| is_own(*l)).collect();
        asked.sort_unstable();
        asked.dedup();
        asked.retain(|l| {
            let place = Place::local(*l);
            let told =
                func.ops().any(|(.., op)| matches!(&op.kind, OpKind::Assign { dst, src: Operand::Bool(true) } if *dst == place));
            let elsewhere = |(id, f): (FnId, &Func)| id != self.id && f.ops().any(|(.., op)| writes(&op.kind, &place));
            told && !functions(self.id.decl, self.body).any(elsewhere)
        });
        let both = |l: LocalId| [true, false].map(|b| Fact { place: Place::local(l), known: Known::Bool(b) });
        asked.into_iter().flat_map(both).collect()
    }

    /// The facts that hold after an operation.
    pub(super) fn facts_after(&self, op: &OpKind, facts: u8) -> u8 {
        let told = match op {
            OpKind::Assign { src: Operand::Bool(b), .. } => Some(Known::Bool(*b)),
            _ => None,
        };
        let written = self.facts.iter().take(MAX_FACTS).enumerate().filter(|(_, f)| writes(op, &f.place));
        written.fold(facts, |bits, (i, f)| if told == Some(f.known) { bits | 1 << i } else { bits & !(1 << i) })
    }

    /// Whether what is known rules out this outcome of the condition.
    pub(super) fn is_ruled_out(&self, cond: &Cond, holds: bool, facts: u8) -> bool {
        let known = |p: &Place| {
            let mut live = self.facts.iter().take(MAX_FACTS).enumerate().filter(|(i, _)| facts & 1 << i != 0);
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

/// The variable that a branch asks for.
fn flag_of(term: &Term) -> Option<LocalId> {
    let Term::If { cond, .. } = term else { return None };
    let mut cond = cond;
    while let Cond::Not(inner) = cond {
        cond = inner;
    }
    match cond {
        Cond::Truth(place) => place.as_local(),
        _ => None,
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
