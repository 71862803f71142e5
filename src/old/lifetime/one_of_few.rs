//! Ways through a call that leads to one of a few functions.

use super::trace_walk::Walk;
use super::traces::{End, Event, Item, ItemKind, TooMany};
use crate::old::ir::Call;
use rustc_hash::FxHashSet;

impl Walk<'_, '_> {
    /// A call that leads to one of a few functions: the ways of each.
    pub(super) fn one_of_several(&self, call: &Call) -> Result<Option<Vec<Vec<Item>>>, TooMany> {
        let several = self.tracer.package.alternatives(self.decl(), call);
        if !several.iter().any(|f| self.tracer.touches(*f)) {
            return Ok(None);
        }
        let mut each: Vec<Vec<Vec<Item>>> = Vec::new();
        for callee in several.iter() {
            let frame = self.frame.call(*callee, call).filter(|_| self.tracer.touches(*callee));
            let traces = frame.map(|frame| self.tracer.traces_within(&frame, None)).transpose()?.unwrap_or_default();
            each.push(traces.into_iter().filter(|t| matches!(t.end, End::Return(..))).map(|t| t.items).collect());
        }
        one_for_all(each.iter().map(|ways| ways.iter().flatten()))?;
        Ok(Some(each.concat()))
    }
}

/// Of several functions that may run here each has to do the same things, or what is meant to happen cannot be told.
pub(super) fn one_for_all<'i, I: Iterator<Item = &'i Item>>(mut each: impl Iterator<Item = I>) -> Result<(), TooMany> {
    fn gather(item: &Item, out: &mut FxHashSet<(std::mem::Discriminant<Event>, Option<usize>)>) {
        match &item.kind {
            ItemKind::One(event) => {
                let channel = match event {
                    Event::Send(c, _) | Event::Recv(c) | Event::Drain(c) | Event::Close(c) => Some(*c),
                    _ => None,
                };
                out.insert((std::mem::discriminant(event), channel));
            }
            ItemKind::Loop { rounds, .. } => rounds.iter().flatten().for_each(|i| gather(i, out)),
        }
    }
    let done = |items: I| {
        let mut out = FxHashSet::default();
        items.for_each(|item| gather(item, &mut out));
        out
    };
    let first = each.next().map(done);
    if each.all(|other| Some(done(other)) == first) { Ok(()) } else { Err(TooMany) }
}
