//! Questions to the items of a trace.

use super::traces::{End, Event, Guard, Item, ItemKind, Trace};
use crate::old::program::{ChanOp, ChanOpKind, Class, FnId};
use crate::source::Span;
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

pub(super) fn works(guards: &[Guard], fired: &[usize]) -> bool {
    guards.iter().any(|g| match g {
        Guard::Works => true,
        Guard::Channel(c) => fired.contains(c),
        Guard::Latch => false,
    })
}

/// Whether the event is a send that a latch lets through once, so that how often it happens cannot be told.
pub(super) fn is_latched(event: &Event) -> bool {
    matches!(event, Event::Send(_, guards) if guards.contains(&Guard::Latch))
}

/// Whether all that the spawn does to the channels is to send behind a latch.
pub(super) fn sends_once(ways: &BTreeMap<usize, Vec<Trace>>, spawn: usize, set: &[usize]) -> bool {
    let ways = || ways.get(&spawn).into_iter().flatten();
    let all = |items: &[Item]| {
        !any(items, |e| matches!(e, Event::Send(c, _) if set.contains(c) && !is_latched(e)) || matches!(e, Event::Unknown))
            && !set.iter().any(|c| receives(items, *c))
    };
    let latched = |e: &Event| is_latched(e) && matches!(e, Event::Send(c, _) if set.contains(c));
    ways().any(|w| any(&w.items, latched)) && ways().all(|w| all(&w.items))
}

/// What stands behind a latch happens once in all: in which goroutine, if in any of those in hand, cannot be told.
pub(super) fn latch(items: &mut Vec<Item>, at: FnId, span: Span) {
    let mut other = false;
    for item in items.iter_mut() {
        match &mut item.kind {
            ItemKind::One(Event::Send(_, guards)) => guards.push(Guard::Latch),
            _ => other = true,
        }
    }
    if other {
        items.push(Item { kind: ItemKind::One(Event::Unknown), at, span });
    }
}

/// Calls `f` on each single item, those in loops included.
pub(super) fn collect(items: &[Item], f: &mut impl FnMut(&Item)) {
    for item in items {
        match &item.kind {
            ItemKind::One(_) => f(item),
            ItemKind::Loop { rounds, .. } => rounds.iter().for_each(|r| collect(r, f)),
        }
    }
}

pub(super) fn any(items: &[Item], mut test: impl FnMut(&Event) -> bool) -> bool {
    let mut found = false;
    collect(items, &mut |item| {
        if let ItemKind::One(event) = &item.kind {
            found |= test(event);
        }
    });
    found
}

/// The channels from which every round that sends on one of the set first takes a value, where the owner alone gives those. `None` where
/// some round sends without.
pub(super) fn fed_by(
    rounds: &[Vec<Item>],
    set: &[usize],
    owner: &[Item],
    ways: &BTreeMap<usize, Vec<Trace>>,
) -> Option<Vec<usize>> {
    let sends = |items: &[Item]| set.iter().any(|c| sends_on(items, *c));
    let by_owner =
        |d: usize| !set.contains(&d) && sends_on(owner, d) && !ways.values().flatten().any(|way| sends_on(&way.items, d));
    let mut out: Vec<usize> = Vec::new();
    for round in rounds.iter().filter(|r| sends(r)) {
        let before = round.iter().take_while(|i| !sends(std::slice::from_ref(i)));
        let taken = before.into_iter().find_map(|i| match i.kind {
            ItemKind::One(Event::Recv(d)) if by_owner(d) => Some(d),
            _ => None,
        })?;
        if !out.contains(&taken) {
            out.push(taken);
        }
    }
    Some(out)
}

/// Whether the item is the case of a `select` that something else ends too: who cannot go on there takes another case.
pub(super) fn is_one_of_several(items: &[Item], i: usize) -> bool {
    let before = i.checked_sub(1).and_then(|i| items.get(i));
    before.is_some_and(|item| matches!(&item.kind, ItemKind::One(Event::Choice(choice)) if choice.open))
}

pub(super) fn ranges(items: &[Item], c: usize) -> bool {
    items.iter().any(|i| match &i.kind {
        ItemKind::Loop { over, rounds, .. } => *over == Some(c) || rounds.iter().any(|r| ranges(r, c)),
        ItemKind::One(_) => false,
    })
}

pub(super) fn receives(items: &[Item], c: usize) -> bool {
    ranges(items, c) || any(items, |e| matches!(e, Event::Recv(d) | Event::Drain(d) if *d == c))
}

pub(super) fn sends_on(items: &[Item], c: usize) -> bool {
    any(items, |e| matches!(e, Event::Send(d, _) if *d == c))
}

/// Whether the items send on the channel, and not in a loop.
pub(super) fn sends_plainly(items: &[Item], c: usize) -> bool {
    items.iter().any(|i| matches!(&i.kind, ItemKind::One(Event::Send(d, _)) if *d == c))
}

pub(super) fn closes(items: &[Item], c: usize) -> bool {
    any(items, |e| matches!(e, Event::Close(d) if *d == c))
}

/// Whether the way closes the channel without first waiting for something that the goroutine does only after its send.
pub(super) fn closes_first(items: &[Item], c: usize, goroutine: &Trace) -> bool {
    let close = items.iter().position(|i| closes(std::slice::from_ref(i), c));
    close.is_some_and(|at| !items[..at].iter().any(|i| waits_for(i, goroutine, c)))
}

pub(super) fn sends_ever(ways: &BTreeMap<usize, Vec<Trace>>, spawn: usize, c: usize) -> bool {
    ways.get(&spawn).into_iter().flatten().any(|w| sends_on(&w.items, c))
}

/// Channels that the owner closes or sends on.
pub(super) fn fired(items: &[Item]) -> Vec<usize> {
    let mut out = Vec::new();
    collect(items, &mut |item| {
        if let ItemKind::One(Event::Close(c) | Event::Send(c, _)) = &item.kind {
            out.push(*c);
        }
    });
    out
}

pub(super) fn started_in(items: &[Item]) -> Vec<usize> {
    let mut out = Vec::new();
    collect(items, &mut |item| {
        if let ItemKind::One(Event::Spawn(s)) = &item.kind
            && !out.contains(s)
        {
            out.push(*s);
        }
    });
    out
}

pub(super) fn items_start(items: &[Item], spawn: usize) -> bool {
    started_in(items).contains(&spawn)
}

/// How often a spawn runs on a way, where it stands in no loop.
pub(super) fn times_started(items: &[Item], spawn: usize) -> Option<usize> {
    let in_loop = items.iter().any(|i| match &i.kind {
        ItemKind::Loop { rounds, .. } => rounds.iter().any(|r| items_start(r, spawn)),
        ItemKind::One(_) => false,
    });
    let plain = items.iter().filter(|i| matches!(&i.kind, ItemKind::One(Event::Spawn(s)) if *s == spawn)).count();
    (!in_loop).then_some(plain)
}

pub(super) fn plain_receives(items: &[Item], c: usize) -> usize {
    items.iter().filter(|i| matches!(&i.kind, ItemKind::One(Event::Recv(d)) if *d == c)).count()
}

/// Whether the item waits for something that the goroutine does only after its (last) send on `c`.
pub(super) fn waits_for(item: &Item, goroutine: &Trace, c: usize) -> bool {
    let last_send = goroutine.items.iter().rposition(|i| sends_on(std::slice::from_ref(i), c));
    let Some(last_send) = last_send else { return false };
    let (before, after) = goroutine.items.split_at(last_send + 1);
    let signals = |part: &[Item], test: &dyn Fn(&Event) -> bool| any(part, test);
    let only_after = |test: &dyn Fn(&Event) -> bool| signals(after, test) && !signals(before, test);
    match &item.kind {
        ItemKind::One(Event::Wait(group)) => only_after(&|e| matches!(e, Event::Done(g) if g == group)),
        ItemKind::One(Event::Recv(d) | Event::Drain(d)) if *d != c => {
            only_after(&|e| matches!(e, Event::Close(x) | Event::Send(x, _) if x == d))
        }
        ItemKind::Loop { over: Some(d), whole: true, .. } if *d != c => only_after(&|e| matches!(e, Event::Close(x) if x == d)),
        ItemKind::Loop { rounds, whole: true, .. } => rounds
            .iter()
            .any(|r| r.iter().any(|i| matches!(&i.kind, ItemKind::One(Event::Recv(d)) if *d != c) && waits_for(i, goroutine, c))),
        _ => false,
    }
}

/// Whether a way that receives from the channel finds another one closed, which is closed only after the goroutine has sent.
pub(super) fn outlasts(items: &[Item], goroutine: &Trace, c: usize, ways: &BTreeMap<usize, Vec<Trace>>) -> bool {
    items.iter().enumerate().any(|(i, item)| {
        let ItemKind::One(Event::Drain(d)) = item.kind else { return false };
        let mut closers = started_in(items).into_iter().flat_map(|s| ways.get(&s).into_iter().flatten()).filter_map(|w| {
            let close = w.items.iter().position(|i| closes(std::slice::from_ref(i), d))?;
            Some(w.items[..close].iter().any(|i| waits_for(i, goroutine, c)))
        });
        d != c && receives(&items[..i], c) && closers.next() == Some(true) && closers.all(|waits| waits)
    })
}

/// Whether the way itself closes the channel before it ranges over it.
pub(super) fn closes_before_range(items: &[Item], c: usize) -> bool {
    let range = items.iter().position(|i| ranges(std::slice::from_ref(i), c)).unwrap_or(items.len());
    closes(&items[..range], c)
}

/// The first range over a channel that runs until it is closed.
pub(super) fn range_over(items: &[Item], c: usize) -> Option<(FnId, Span)> {
    items.iter().find_map(|i| match &i.kind {
        ItemKind::Loop { over: Some(d), whole: true, .. } if *d == c => Some((i.at, i.span)),
        ItemKind::Loop { rounds, .. } => rounds.iter().find_map(|r| range_over(r, c)),
        ItemKind::One(_) => None,
    })
}

pub(super) fn way_out_of(way: &Trace, owner: FnId) -> Option<(FnId, Span)> {
    match &way.end {
        End::Return(at, span) => Some((*at, *span)),
        End::Again(span) => Some((owner, *span)),
        End::Gone => None,
    }
}

/// The receive of a loop that runs to its end with one plain receive from the channel in every round and no other case beside it.
pub(super) fn awaits_each(item: &Item, c: usize) -> Option<(FnId, Span)> {
    let ItemKind::Loop { rounds, over, whole: true, .. } = &item.kind else { return None };
    if *over == Some(c) {
        return Some((item.at, item.span));
    }
    let plain = |round: &Vec<Item>| {
        // A case that ends the process or the test is no round, and a way out of the wait all the same.
        let other = round.iter().any(|i| match &i.kind {
            ItemKind::One(Event::OtherCase) => true,
            ItemKind::One(Event::Choice(choice)) => choice.open,
            _ => false,
        });
        let receive = round.iter().find(|i| matches!(i.kind, ItemKind::One(Event::Recv(d)) if d == c));
        receive.filter(|_| !other).map(|i| (i.at, i.span))
    };
    let first = rounds.first().and_then(plain)?;
    rounds.iter().all(|r| plain(r).is_some()).then_some(first)
}

/// A loop that receives from the channel and is left before its own end.
pub(super) fn leaves_early(item: &Item, c: usize) -> bool {
    matches!(&item.kind, ItemKind::Loop { over, rounds, whole: false, .. } if *over == Some(c) || rounds.iter().any(|r| receives(r, c)))
}

/// Operations of a class that receive.
pub fn receivers(class: &Class) -> impl Iterator<Item = &ChanOp> {
    class.ops.iter().filter(|o| matches!(o.kind, ChanOpKind::Recv | ChanOpKind::Range))
}

/// Whether all that receives from the channel or closes it stands in a function through which ways lead. A literal that is returned, kept
/// in a field or handed to code out of view runs when others see fit.
pub(super) fn is_all_seen(class: &Class, seen: &FxHashSet<FnId>) -> bool {
    receivers(class).chain(class.ops_of(&ChanOpKind::Close)).all(|op| seen.contains(&op.id))
}
