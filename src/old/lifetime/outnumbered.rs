//! The owner's own sends: more of them than all others together ever receive.
//!
//! Counted as well as it can turn out: every goroutine started before goes the way on which it receives most. What is sent beyond that and
//! the capacity waits for ever, as the second `s.stop <- true` of a `Stop` that is called twice does.

use super::count::{Count, Exceeds};
use super::items::any;
use super::ledger::{Ledger, Thing, Turn};
use super::sheets::{Leak, Why};
use super::traces::{Event, ItemKind, Trace};
use crate::old::program::{ChanOpKind, Class, FnId};
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What is known when the owner's ways are looked at.
pub(super) struct Scene<'a> {
    pub classes: &'a [Rc<Class>],
    pub owner: FnId,
    pub ways: &'a BTreeMap<usize, Vec<Trace>>,
    /// Functions that the ways lead through.
    pub seen: &'a FxHashSet<FnId>,
    /// Channels of which some operation could not be told from that of another.
    pub blurred: FxHashSet<usize>,
}

impl Scene<'_> {
    /// The first send of the way that nothing is left to receive.
    pub(super) fn outnumbered(&self, way: &Trace, capacity: impl Fn(usize) -> Count) -> Option<Leak> {
        for (i, item) in way.items.iter().enumerate() {
            let ItemKind::One(Event::Send(c, guards)) = &item.kind else { continue };
            if !guards.is_empty() || !self.is_in_view(*c) || self.is_sent_by_others(*c) {
                continue;
            }
            let items = &way.items[..=i];
            // A close ends the wait, if only by a panic; whoever looks how much is in there knows better.
            if any(items, |e| matches!(e, Event::Close(d) | Event::Peek(d) if d == c) || matches!(e, Event::Unknown)) {
                continue;
            }
            let thing = Thing::Room(*c);
            let ledger = Ledger { thing: &thing, ways: self.ways };
            let left = ledger.net(items, &Turn::default()).minus(&capacity(*c));
            if left.exceeds_zero() != Exceeds::Yes || left.as_const().is_none() {
                continue;
            }
            let receives = |o: &&crate::old::program::ChanOp| matches!(o.kind, ChanOpKind::Recv | ChanOpKind::Range);
            let received = self.classes[*c].ops.iter().filter(receives).map(|o| (o.id, o.span)).collect();
            return Some(Leak {
                class: Rc::clone(&self.classes[*c]),
                at: item.at,
                span: item.span,
                spawn: None,
                why: Why::Outnumbered,
                owner: self.owner,
                instead: Vec::new(),
                answered: false,
                received,
                left,
                sent: Count::constant(0),
                also: Vec::new(),
                beside: Vec::new(),
                may_agree: false,
            });
        }
        None
    }

    /// Who receives may well take theirs, or they come later.
    fn is_sent_by_others(&self, c: usize) -> bool {
        self.ways.values().flatten().any(|w| any(&w.items, |e| matches!(e, Event::Send(d, _) if *d == c)))
    }

    /// Whether the ways lead through everything that receives from the channel.
    fn is_in_view(&self, c: usize) -> bool {
        let ops = &self.classes[c].ops;
        let mut readers = ops.iter().filter(|o| matches!(o.kind, ChanOpKind::Recv | ChanOpKind::Range)).peekable();
        // A channel that nobody receives from at all is told of elsewhere.
        readers.peek().is_some() && readers.all(|o| self.seen.contains(&o.id)) && !self.blurred.contains(&c)
    }
}
