//! Who waits for what never comes: receives that outnumber the sends, on channels that stay in one function, and groups that are never
//! counted down.
//!
//! A wait is reported where the count comes out even if all goes well, and does not on a way that stands in the code; or where it never
//! does.

use super::count::Exceeds;
use super::items::{any, collect, started_in, way_out_of};
use super::ledger::{Ledger, Pause, Thing, Turn, pauses, place_of};
use super::traces::{End, Event, Item, ItemKind, Trace};
use crate::old::ir::FuncIdx;
use crate::old::program::{Cell, ChanOpKind, Class, FnId, Package};
use crate::source::Span;
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Why nothing comes.
#[derive(Clone, Debug, PartialEq)]
pub enum Why {
    /// Nothing sends on the channel or closes it.
    NoSender,
    /// The range would end with a close, and there is none.
    NeverClosed,
    /// More is taken than given, whatever happens.
    TooFew,
    /// The goroutine of that spawn leaves here without giving what it gives on its other ways.
    Skipped(usize, FnId, Span),
    /// A case that was chosen instead, and the way out behind it.
    Instead(usize, FnId, Span),
    /// A round of this loop can pass without giving.
    Round(FnId, Span),
    /// The owner leaves here.
    OwnerLeaves(FnId, Span),
    /// It would give itself what it waits for, further down here.
    Itself(FnId, Span),
    /// The owner waits here for the goroutine first.
    OwnerWaits(FnId, Span),
}

impl Why {
    /// Whether it tells of the channel alone, and of nobody who could have done better.
    fn is_plain(&self) -> bool {
        matches!(self, Self::NoSender | Self::NeverClosed | Self::TooFew)
    }
}

/// A wait that does not end.
#[derive(Clone, Debug)]
pub struct Starved {
    /// What is waited for.
    pub thing: Thing,
    /// The channel, where it is one.
    pub class: Option<Rc<Class>>,
    /// The function that waits.
    pub at: FnId,
    /// The wait.
    pub span: Span,
    /// The spawn of the goroutine that waits; `None` where the owner does.
    pub spawn: Option<usize>,
    /// Whether it ranges over the channel.
    pub range: bool,
    /// Why.
    pub why: Why,
    /// The owner.
    pub owner: FnId,
}

/// One function with the goroutines that it starts.
pub(super) struct Scene<'a> {
    pub package: &'a Package,
    pub classes: &'a [Rc<Class>],
    /// Functions through which ways of the owner, and of what it starts, lead.
    pub seen: FxHashSet<FnId>,
    pub owner: FnId,
    pub owner_ways: &'a [Trace],
    pub ways: &'a BTreeMap<usize, Vec<Trace>>,
    /// Channels that cannot be told from others everywhere.
    pub blurred: FxHashSet<usize>,
    /// Where a group is looked at and no channel: the group, and the functions that use it.
    pub group: Option<(&'a Cell, &'a FxHashSet<FnId>)>,
}

impl Scene<'_> {
    /// All waits that do not end, one for each place.
    pub(super) fn starved(&self) -> Vec<Starved> {
        let mut out: Vec<Starved> = Vec::new();
        for way in self.owner_ways {
            for pause in self.pauses(&way.items) {
                if let Some(why) = self.owner_waits(way, &pause) {
                    self.keep(&mut out, way, &way.items, pause, None, why);
                }
            }
            if way.end == End::Gone || self.ends_process(way) {
                continue;
            }
            for spawn in started_in(&way.items) {
                for goroutine in self.ways.get(&spawn).into_iter().flatten() {
                    for pause in self.pauses(&goroutine.items) {
                        if let Some(why) = self.goroutine_waits(way, spawn, goroutine, &pause) {
                            self.keep(&mut out, way, &goroutine.items, pause, Some(spawn), why);
                        }
                    }
                }
            }
        }
        out
    }

    fn pauses(&self, items: &[Item]) -> Vec<Pause> {
        let mut out = pauses(items);
        out.retain(|p| match (&p.thing, &self.group) {
            (Thing::Group(g), Some((group, _))) => g == *group,
            (Thing::Channels(_), None) => true,
            _ => false,
        });
        out
    }

    fn keep(&self, out: &mut Vec<Starved>, _way: &Trace, items: &[Item], pause: Pause, spawn: Option<usize>, why: Why) {
        let (at, span) = place_of(items, &pause);
        let class = match &pause.thing {
            Thing::Channels(set) => set.first().map(|c| Rc::clone(&self.classes[*c])),
            Thing::Group(_) | Thing::Room(_) => None,
        };
        // One cause, one finding: who stands at the first wait never comes to the second.
        let same = |s: &Starved| s.spawn == spawn && s.why == why && (s.thing == pause.thing || !why.is_plain());
        let known = out.iter().any(|s| s.at == at && s.span == span || same(s));
        if !known {
            out.push(Starved { thing: pause.thing, class, at, span, spawn, range: pause.range, why, owner: self.owner });
        }
    }

    fn owner_waits(&self, way: &Trace, pause: &Pause) -> Option<Why> {
        let thing = &pause.thing;
        if !self.in_view(thing) {
            return None;
        }
        let before = &way.items[..pause.until];
        let started = started_in(before);
        let channels = matches!(thing, Thing::Channels(_));
        if thing.is_closed_in(before) || thing.is_peeked_in(before) || channels && started.iter().any(|s| self.takes(*s, thing)) {
            return None;
        }
        let closers: Vec<usize> = started.iter().copied().filter(|s| self.closes(*s, thing)).collect();
        if pause.range {
            return self.range_waits(way, pause, &started, &closers);
        }
        let ledger = Ledger { thing, ways: self.ways };
        let best = Turn::default();
        let net = ledger.net(before, &best);
        if closers.is_empty() {
            match net.exceeds_zero() {
                Exceeds::Yes => return self.too_few(way, pause, &ledger),
                Exceeds::Unknown => return None,
                Exceeds::No => {}
            }
            for (item, less) in ledger.bad_rounds(before, &best) {
                if net.plus(&less).exceeds_zero() == Exceeds::Yes {
                    return Some(Why::Round(item.at, item.span));
                }
            }
        }
        for spawn in &started {
            if closers.iter().any(|c| c != spawn) {
                continue;
            }
            for culprit in self.ways.get(spawn).into_iter().flatten() {
                if self.closed_by(thing, &culprit.items, 0) || !self.can_fail(way, pause, *spawn, culprit) {
                    continue;
                }
                let net = net.plus(&ledger.shortfall(*spawn, &culprit.items, &best));
                if net.exceeds_zero() == Exceeds::Yes {
                    return self.leaves(*spawn, culprit);
                }
                for (item, less) in ledger.bad_rounds(&culprit.items, &best) {
                    if closers.is_empty() && net.plus(&less).exceeds_zero() == Exceeds::Yes {
                        return Some(Why::Round(item.at, item.span));
                    }
                }
            }
        }
        None
    }

    /// A range of the owner: does somebody close on every way?
    fn range_waits(&self, way: &Trace, pause: &Pause, started: &[usize], closers: &[usize]) -> Option<Why> {
        let thing = &pause.thing;
        let span = way.items[pause.item].span;
        let left_early = self
            .owner_ways
            .iter()
            .any(|w| w.items.iter().any(|i| i.span == span && matches!(&i.kind, ItemKind::Loop { whole: false, .. })));
        let Thing::Channels(set) = thing else { return None };
        match closers {
            [] => {
                let closed = set.iter().any(|c| self.classes[*c].ops_of(&ChanOpKind::Close).next().is_some());
                // Where the loop counts and leaves by itself, it wants no close.
                (!closed && !left_early).then_some(Why::NeverClosed)
            }
            [one] if started.contains(one) => {
                let ways = self.ways.get(one).into_iter().flatten();
                ways.filter(|w| !self.closed_by(thing, &w.items, 0) && self.can_fail(way, pause, *one, w))
                    .find_map(|w| self.leaves(*one, w))
            }
            _ => None,
        }
    }

    fn goroutine_waits(&self, way: &Trace, spawn: usize, goroutine: &Trace, pause: &Pause) -> Option<Why> {
        let thing = &pause.thing;
        if matches!(thing, Thing::Group(_)) {
            return self.goroutine_waits_for_group(way, spawn, goroutine, pause);
        }
        // Ranges that nobody ends are told of where workers are looked at.
        if pause.range || !self.in_view(thing) || !way.facts.agree(&goroutine.facts) {
            return None;
        }
        let before = &goroutine.items[..pause.until];
        let sync = way.items.iter().position(|i| self.awaits(i, goroutine, pause));
        let items = sync.map_or(way.items.as_slice(), |i| &way.items[..i]);
        let started = started_in(items);
        let others = || started.iter().copied().filter(|s| *s != spawn);
        if thing.is_closed_in(items)
            || thing.is_closed_in(before)
            || thing.is_peeked_in(before)
            || others().any(|s| self.closes(s, thing))
        {
            return None;
        }
        if thing.is_taken_in(&way.items) || others().any(|s| self.takes(s, thing)) {
            return None;
        }
        let ledger = Ledger { thing, ways: self.ways };
        let turn = Turn { picks: vec![(spawn, before)] };
        if !started.contains(&spawn) {
            return None;
        }
        let net = ledger.net(items, &turn);
        if net.exceeds_zero() == Exceeds::Yes {
            // A round of the loop that waits may send as well.
            if sync.is_some_and(|i| any(&way.items[i..=i], |e| thing.is_given_by(e))) {
                return None;
            }
            if let Some(i) = sync {
                return Some(Why::OwnerWaits(way.items[i].at, way.items[i].span));
            }
            if !self.has_giver(thing) {
                return Some(Why::NoSender);
            }
            // Only where some way of the owner gives enough does the count mean anything.
            let even = |w: &Trace| {
                started_in(&w.items).contains(&spawn)
                    && (thing.is_closed_in(&w.items) || ledger.wanting(&w.items, &turn) == Exceeds::No)
            };
            return match self.owner_ways.iter().any(even) {
                true => way_out_of(way, self.owner).map(|(at, span)| Why::OwnerLeaves(at, span)),
                false if net.as_const().is_some() => Some(Why::TooFew),
                false => None,
            };
        }
        if sync.is_some() || net.exceeds_zero() != Exceeds::No {
            return None;
        }
        for other in others() {
            for culprit in self.ways.get(&other).into_iter().flatten() {
                let silent = !matches!(culprit.end, End::Return(..)) || self.closed_by(thing, &culprit.items, 0);
                if silent || !way.facts.agree(&culprit.facts) || culprit.waits_outside() {
                    continue;
                }
                let net = net.plus(&ledger.shortfall(other, &culprit.items, &turn));
                if net.exceeds_zero() == Exceeds::Yes && self.leaves_alone(goroutine, pause, culprit) {
                    return self.leaves(other, culprit);
                }
            }
        }
        None
    }

    /// A goroutine that waits for a group: for itself, or for one that need not count down.
    fn goroutine_waits_for_group(&self, way: &Trace, spawn: usize, goroutine: &Trace, pause: &Pause) -> Option<Why> {
        let thing = &pause.thing;
        if !self.in_view(thing) || !way.facts.agree(&goroutine.facts) {
            return None;
        }
        let ledger = Ledger { thing, ways: self.ways };
        let best = Turn::default();
        let net = ledger.net(&way.items, &best);
        if net.exceeds_zero() != Exceeds::No {
            return None;
        }
        // What it counts down after its wait, it waits for itself.
        let (before, after) = goroutine.items.split_at(pause.until);
        let own = after.iter().find(|i| matches!(&i.kind, ItemKind::One(e) if thing.is_given_by(e)));
        if let Some(own) = own
            && ledger.net(&way.items, &Turn { picks: vec![(spawn, before)] }).exceeds_zero() == Exceeds::Yes
        {
            return Some(Why::Itself(own.at, own.span));
        }
        if let Some((item, _)) =
            ledger.bad_rounds(&way.items, &best).into_iter().find(|(_, less)| net.plus(less).exceeds_zero() == Exceeds::Yes)
        {
            return Some(Why::Round(item.at, item.span));
        }
        for other in started_in(&way.items).into_iter().filter(|s| *s != spawn) {
            for culprit in self.ways.get(&other).into_iter().flatten() {
                let returns = matches!(culprit.end, End::Return(..)) && way.facts.agree(&culprit.facts);
                if returns && net.plus(&ledger.shortfall(other, &culprit.items, &best)).exceeds_zero() == Exceeds::Yes {
                    return self.leaves(other, culprit);
                }
            }
        }
        None
    }

    /// Whether the culprit gives nothing else that could have told the waiting goroutine.
    fn leaves_alone(&self, goroutine: &Trace, pause: &Pause, culprit: &Trace) -> bool {
        let before = &goroutine.items[..pause.until];
        let mut told = false;
        collect(&culprit.items, &mut |item| {
            if let ItemKind::One(Event::Send(c, _) | Event::Close(c)) = &item.kind {
                told |= Thing::Channels(vec![*c]).is_taken_in(before);
            }
        });
        !told
    }

    /// Whether the goroutine can go this way while the owner waits at the pause, without the owner knowing of it.
    fn can_fail(&self, way: &Trace, pause: &Pause, spawn: usize, culprit: &Trace) -> bool {
        if !matches!(culprit.end, End::Return(..)) || !way.facts.agree(&culprit.facts) {
            return false;
        }
        let before = &way.items[..pause.item];
        // What it receives must have been given to it by then.
        let fed = |c: usize| {
            any(&way.items[..pause.until], |e| matches!(e, Event::Send(d, _) | Event::Close(d) if *d == c))
                || started_in(before).iter().any(|s| {
                    let mut ways = self.ways.get(s).into_iter().flatten();
                    *s != spawn && ways.any(|w| any(&w.items, |e| matches!(e, Event::Send(d, _) | Event::Close(d) if *d == c)))
                })
        };
        let mut possible = true;
        collect(&culprit.items, &mut |item| {
            if let ItemKind::One(Event::Recv(c)) = &item.kind {
                possible &= pause.thing == Thing::Channels(vec![*c]) || fed(*c);
            }
        });
        if !possible {
            return false;
        }
        // Where the owner has heard of the goroutine, it may know better than to wait.
        let here = way.items[pause.item].span;
        let mut ways = self.ways.get(&spawn).into_iter().flatten();
        let gives = |test: &dyn Fn(&Event) -> bool| any(&culprit.items, test);
        let heard = before.iter().find(|item| match &item.kind {
            ItemKind::One(Event::Recv(c)) => gives(&|e| matches!(e, Event::Send(d, _) | Event::Close(d) if d == c)),
            ItemKind::One(Event::Wait(g)) => gives(&|e| matches!(e, Event::Done(h) if g == h)),
            ItemKind::Loop { rounds, over, .. } => {
                over.is_some_and(|c| gives(&|e| matches!(e, Event::Send(d, _) | Event::Close(d) if *d == c)))
                    || rounds.iter().any(|r| {
                        any(r, |e| match e {
                            Event::Recv(c) => gives(&|e| matches!(e, Event::Send(d, _) | Event::Close(d) if d == c)),
                            Event::Wait(g) => gives(&|e| matches!(e, Event::Done(h) if g == h)),
                            _ => false,
                        })
                    })
            }
            ItemKind::One(_) => false,
        });
        let Some(heard) = heard.map(|i| i.span) else { return ways.next().is_some() };
        let passes = |w: &Trace, span: Span| w.items.iter().any(|i| i.span == span);
        self.owner_ways.iter().filter(|w| passes(w, heard) && w.end != End::Gone).all(|w| passes(w, here))
    }

    /// The culprit's way out, or the case that was chosen instead of giving.
    fn leaves(&self, spawn: usize, culprit: &Trace) -> Option<Why> {
        let End::Return(at, span) = &culprit.end else { return None };
        let mut instead = None;
        collect(&culprit.items, &mut |item| {
            if matches!(&item.kind, ItemKind::One(Event::OtherCase)) {
                instead = Some((item.at, item.span));
            }
        });
        Some(match instead {
            Some((at, span)) => Why::Instead(spawn, at, span),
            None => Why::Skipped(spawn, *at, *span),
        })
    }

    /// More is taken than given. Said only where no branch of the owner could know better than to wait, or where it never is enough.
    fn too_few(&self, way: &Trace, pause: &Pause, ledger: &Ledger<'_>) -> Option<Why> {
        let thing = &pause.thing;
        if matches!(thing, Thing::Channels(_)) && !self.has_giver(thing) {
            return Some(Why::NoSender);
        }
        let here = way.items[pause.item].span;
        let until = |w: &Trace| w.items.iter().position(|i| i.span == here).map(|i| i + pause.until - pause.item);
        let taken = |w: &Trace, until: usize| -> Vec<Span> {
            w.items[..until].iter().filter(|i| thing.is_taken_in(std::slice::from_ref(i))).map(|i| i.span).collect()
        };
        let mine = taken(way, pause.until);
        let mut always = true;
        let mut never = true;
        for other in self.owner_ways.iter().filter(|w| w.end != End::Gone) {
            let Some(until) = until(other) else {
                always = false;
                continue;
            };
            let until = until.min(other.items.len());
            always &= taken(other, until) == mine;
            let net = ledger.net(&other.items[..until], &Turn::default());
            never &= net.as_const().is_some_and(|n| n > 0);
        }
        (always || never)
            .then_some(Why::TooFew)
            .filter(|_| ledger.net(&way.items[..pause.until], &Turn::default()).as_const().is_some())
    }

    /// Whether the item waits for something that the goroutine does only after its pause.
    fn awaits(&self, item: &Item, goroutine: &Trace, pause: &Pause) -> bool {
        let (before, after) = goroutine.items.split_at(pause.until);
        let only_after = |test: &dyn Fn(&Event) -> bool| any(after, test) && !any(before, test);
        match &item.kind {
            ItemKind::One(Event::Wait(group)) => only_after(&|e| matches!(e, Event::Done(g) if g == group)),
            ItemKind::One(Event::Recv(d)) => only_after(&|e| matches!(e, Event::Close(x) | Event::Send(x, _) if x == d)),
            ItemKind::Loop { over: Some(d), whole: true, .. } => only_after(&|e| matches!(e, Event::Close(x) if x == d)),
            _ => false,
        }
    }

    fn takes(&self, spawn: usize, thing: &Thing) -> bool {
        self.ways.get(&spawn).into_iter().flatten().any(|w| thing.is_taken_in(&w.items))
    }

    fn closes(&self, spawn: usize, thing: &Thing) -> bool {
        self.ways.get(&spawn).into_iter().flatten().any(|w| self.closed_by(thing, &w.items, 0))
    }

    /// Whether one of the channels is closed in the items, or by what is started there.
    fn closed_by(&self, thing: &Thing, items: &[Item], depth: u8) -> bool {
        thing.is_closed_in(items)
            || depth < 4
                && started_in(items)
                    .iter()
                    .any(|s| self.ways.get(s).into_iter().flatten().any(|w| self.closed_by(thing, &w.items, depth + 1)))
    }

    fn has_giver(&self, thing: &Thing) -> bool {
        let Thing::Channels(set) = thing else { return true };
        set.iter().any(|c| self.classes[*c].ops.iter().any(|o| matches!(o.kind, ChanOpKind::Send | ChanOpKind::Close)))
    }

    /// Whether the ways of the owner, and of all that it starts, lead to everything that sends on the channels or closes them.
    fn in_view(&self, thing: &Thing) -> bool {
        let Thing::Channels(set) = thing else { return self.group.is_some_and(|(_, users)| users.is_subset(&self.seen)) };
        set.iter().all(|c| {
            let mut givers = self.classes[*c].ops.iter().filter(|o| matches!(o.kind, ChanOpKind::Send | ChanOpKind::Close));
            !self.blurred.contains(c) && givers.all(|o| self.seen.contains(&o.id))
        })
    }

    /// Whether the way's end is that of the whole process.
    pub(super) fn ends_process(&self, way: &Trace) -> bool {
        let End::Return(at, _) = &way.end else { return false };
        self.package.is_main() && at.func == FuncIdx::TOP && self.package.decl(at.decl).names.first().is_some_and(|n| n == "main")
    }
}

impl Trace {
    /// Whether the way leads through a case that something out of view decides.
    fn waits_outside(&self) -> bool {
        any(&self.items, |e| matches!(e, Event::OtherCase))
    }
}

/// What the ways of a function, and of the goroutines that they start, lead through; `roots` tells it for each spawn.
pub(super) fn led_through(
    owner: FxHashSet<FnId>,
    owner_ways: &[Trace],
    ways: &BTreeMap<usize, Vec<Trace>>,
    roots: &BTreeMap<usize, FxHashSet<FnId>>,
) -> FxHashSet<FnId> {
    let mut out = owner;
    let mut todo: Vec<usize> = owner_ways.iter().flat_map(|w| started_in(&w.items)).collect();
    let mut done: FxHashSet<usize> = FxHashSet::default();
    while let Some(spawn) = todo.pop() {
        if done.insert(spawn) {
            out.extend(roots.get(&spawn).into_iter().flatten().copied());
            todo.extend(ways.get(&spawn).into_iter().flatten().flat_map(|w| started_in(&w.items)));
        }
    }
    out
}
