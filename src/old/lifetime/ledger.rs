//! Takes against gives: what somebody waits for, less what others bring, on one way.
//!
//! A receive takes and a send gives; for a group, `Add` takes and `Done` gives, and `Wait` is over when they come out even. All is counted
//! twice: as well as it can turn out, which tells what the code means, and with one deviation, which tells where it fails.

use super::count::{Count, Exceeds};
use super::items::{any, is_latched};
use super::traces::{Event, Item, ItemKind, Trace};
use crate::old::program::Cell;
use std::collections::BTreeMap;

/// What is waited for.
#[derive(Clone, Debug, PartialEq)]
pub enum Thing {
    /// A value on one of these channels, or their close.
    Channels(Vec<usize>),
    /// All that was added to the group.
    Group(Cell),
    /// Room for a value in the channel: a send takes, a receive gives.
    Room(usize),
}

impl Thing {
    /// What the event takes, or gives as less than nothing.
    fn amount(&self, event: &Event) -> Count {
        match (self, event) {
            (Self::Channels(set), Event::Send(c, _)) if set.contains(c) && is_latched(event) => Count::unknown(),
            (Self::Room(r), Event::Send(c, _)) if r == c && is_latched(event) => Count::unknown(),
            (Self::Channels(set), Event::Recv(c)) if set.contains(c) => Count::constant(1),
            (Self::Channels(set), Event::Send(c, _)) if set.contains(c) => Count::constant(-1),
            (Self::Group(g), Event::Add(h, n)) if g == h => n.clone(),
            (Self::Group(g), Event::Done(h)) if g == h => Count::constant(-1),
            (Self::Room(r), Event::Send(c, _)) if r == c => Count::constant(1),
            (Self::Room(r), Event::Recv(c)) if r == c => Count::constant(-1),
            (Self::Room(r), Event::Drain(c)) if r == c => Count::unknown(),
            (_, Event::Unknown | Event::Often) => Count::unknown(),
            _ => Count::ZERO,
        }
    }

    fn takes(&self, event: &Event) -> bool {
        match (self, event) {
            (Self::Channels(set), Event::Recv(c) | Event::Drain(c)) => set.contains(c),
            (Self::Group(g), Event::Add(h, _)) => g == h,
            _ => false,
        }
    }

    /// Whether the event gives what is waited for.
    pub(super) fn is_given_by(&self, event: &Event) -> bool {
        match (self, event) {
            (Self::Channels(set), Event::Send(c, _) | Event::Close(c)) => set.contains(c),
            (Self::Group(g), Event::Done(h)) => g == h,
            _ => false,
        }
    }

    /// Whether the items take anything.
    pub(super) fn is_taken_in(&self, items: &[Item]) -> bool {
        any(items, |e| self.takes(e)) || self.is_ranged_in(items)
    }

    fn is_ranged_in(&self, items: &[Item]) -> bool {
        items.iter().any(|i| match &i.kind {
            ItemKind::Loop { over, rounds, .. } => self.is_over(*over) || rounds.iter().any(|r| self.is_ranged_in(r)),
            ItemKind::One(_) => false,
        })
    }

    fn is_over(&self, over: Option<usize>) -> bool {
        matches!((self, over), (Self::Channels(set), Some(c)) if set.contains(&c))
    }

    /// Whether somebody looked how many values one of its channels holds.
    pub(super) fn is_peeked_in(&self, items: &[Item]) -> bool {
        any(items, |e| matches!((self, e), (Self::Channels(set), Event::Peek(c)) if set.contains(c)))
    }

    /// Whether one of its channels is closed in the items.
    pub(super) fn is_closed_in(&self, items: &[Item]) -> bool {
        any(items, |e| matches!((self, e), (Self::Channels(set), Event::Close(c)) if set.contains(c)))
    }
}

/// How the open choices of a count are made.
#[derive(Clone, Default)]
pub(super) struct Turn<'a> {
    /// Goroutines whose way is fixed.
    pub picks: Vec<(usize, &'a [Item])>,
}

/// Counts for one thing.
pub(super) struct Ledger<'a> {
    pub thing: &'a Thing,
    pub ways: &'a BTreeMap<usize, Vec<Trace>>,
}

impl Ledger<'_> {
    /// What is still wanting at the end of the items.
    pub(super) fn wanting(&self, items: &[Item], turn: &Turn<'_>) -> Exceeds {
        self.net(items, turn).exceeds_zero()
    }

    /// Takes less gives, if all goes as well as it can.
    pub(super) fn net(&self, items: &[Item], turn: &Turn<'_>) -> Count {
        self.within(items, turn, 0)
    }

    /// How much less comes if one goroutine of the spawn goes that way instead of its best.
    pub(super) fn shortfall(&self, spawn: usize, way: &[Item], turn: &Turn<'_>) -> Count {
        self.within(way, turn, 1).minus(&self.goroutine(spawn, turn, 0))
    }

    /// How much less comes if one round of a loop goes its worst way instead of its best, with that loop.
    pub(super) fn bad_rounds<'i>(&self, items: &'i [Item], turn: &Turn<'_>) -> Vec<(&'i Item, Count)> {
        let mut out = Vec::new();
        for item in items {
            let ItemKind::Loop { rounds, .. } = &item.kind else { continue };
            let gives = |r: &Vec<Item>| any(r, |e| matches!(e, Event::Spawn(_)) || self.thing.is_given_by(e));
            if rounds.iter().any(gives) && !rounds.iter().all(gives) {
                let each = || rounds.iter().map(|r| self.within(r, turn, 0));
                let (worst, best) = (each().reduce(Count::max), each().reduce(Count::min));
                out.extend(worst.zip(best).map(|(w, b)| (item, w.minus(&b))));
            }
        }
        out
    }

    fn within(&self, items: &[Item], turn: &Turn<'_>, depth: u8) -> Count {
        let mut net = Count::ZERO;
        for item in items {
            let part = match &item.kind {
                ItemKind::One(Event::Spawn(s)) => self.goroutine(*s, turn, depth),
                ItemKind::One(event) => self.thing.amount(event),
                ItemKind::Loop { count, rounds, over, whole } => {
                    let each = rounds.iter().map(|r| self.within(r, turn, depth)).reduce(Count::min).unwrap_or(Count::ZERO);
                    if matches!((self.thing, over), (Thing::Room(r), Some(c)) if r == c) {
                        // As many as are sent.
                        return Count::unknown();
                    }
                    // Rounds that balance balance however many they are.
                    if each == Count::ZERO || self.thing.is_over(*over) {
                        Count::ZERO
                    } else if *whole {
                        count.times(&each)
                    } else {
                        // Left early: how much was taken or given by then is not known.
                        Count::unknown()
                    }
                }
            };
            net = net.plus(&part);
        }
        net
    }

    /// One goroutine on its fixed way, or on the one that gives most.
    fn goroutine(&self, spawn: usize, turn: &Turn<'_>, depth: u8) -> Count {
        if depth > 4 {
            return Count::unknown();
        }
        if let Some((_, way)) = turn.picks.iter().find(|(s, _)| *s == spawn) {
            return self.within(way, turn, depth + 1);
        }
        let Some(ways) = self.ways.get(&spawn) else { return Count::ZERO };
        // One that never ends, or starts itself anew, gives what cannot be told.
        ways.iter().map(|w| self.within(&w.items, turn, depth + 1)).reduce(Count::min).unwrap_or(Count::unknown())
    }
}

/// A place of a way at which it waits.
pub(super) struct Pause {
    pub thing: Thing,
    /// The item to blame.
    pub item: usize,
    /// What has happened once the wait is over ends before this item.
    pub until: usize,
    /// It waits for the close alone.
    pub range: bool,
}

/// Where a way waits with nothing beside that could end the wait.
pub(super) fn pauses(items: &[Item]) -> Vec<Pause> {
    let mut out = Vec::new();
    let mut i = 0;
    while i < items.len() {
        let until = i + 1;
        let early_range = |c: usize| {
            i.checked_sub(1).is_some_and(|p| matches!(&items[p].kind, ItemKind::Loop { over: Some(d), .. } if *d == c))
        };
        match &items[i].kind {
            ItemKind::One(Event::Choice(choice)) => {
                let receives = matches!(items.get(until).map(|n| &n.kind), Some(ItemKind::One(Event::Recv(_))));
                if !choice.open && receives {
                    let thing = Thing::Channels(choice.receives.clone());
                    out.push(Pause { thing, item: i, until: until + 1, range: false });
                }
                i = until;
            }
            ItemKind::One(Event::Recv(c)) if !early_range(*c) => {
                out.push(Pause { thing: Thing::Channels(vec![*c]), item: i, until, range: false });
            }
            ItemKind::One(Event::Wait(group)) => {
                out.push(Pause { thing: Thing::Group(group.clone()), item: i, until, range: false });
            }
            ItemKind::Loop { over: Some(c), whole: true, .. } => {
                out.push(Pause { thing: Thing::Channels(vec![*c]), item: i, until, range: true });
            }
            ItemKind::Loop { rounds, whole: true, .. } => {
                // Every round must come to the same wait.
                let mut each = rounds.iter().map(|r| pauses(r).into_iter().find(|p| !p.range).map(|p| p.thing));
                if let Some(Some(thing)) = each.next()
                    && matches!(thing, Thing::Channels(_))
                    && each.all(|t| t.as_ref() == Some(&thing))
                {
                    out.push(Pause { thing, item: i, until, range: false });
                }
            }
            _ => {}
        }
        i += 1;
    }
    out
}

/// The receive behind a pause, for the reader: that of the first round in a loop.
pub(super) fn place_of(items: &[Item], pause: &Pause) -> (crate::old::program::FnId, crate::source::Span) {
    let item = &items[pause.item];
    if let (ItemKind::Loop { rounds, .. }, false) = (&item.kind, pause.range)
        && let Some(round) = rounds.first()
        && let Some(inner) = pauses(round).into_iter().find(|p| p.thing == pause.thing)
    {
        return place_of(round, &inner);
    }
    (item.at, item.span)
}
