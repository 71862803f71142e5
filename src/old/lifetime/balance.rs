//! The balance sheet: on channels that stay in one function, sends are counted against receives on every way out.
//!
//! For each way through the owner (a [`Trace`]) and each way through a goroutine that it started, the sends that must find a receiver
//! are added up symbolically and the receives taken off. What is left over beyond the capacity waits for ever.

use super::count::{Count, Exceeds, count_of};
pub use super::items::receivers;
use super::items::{
    awaits_each, closes, closes_before_range, closes_first, collect, fed_by, fired, is_all_seen, is_latched, is_one_of_several,
    items_start, leaves_early, outlasts, plain_receives, range_over, receives, sends_ever, sends_on, sends_once, sends_plainly,
    started_in, times_started, waits_for, way_out_of, works,
};
use super::objects::{Owned, holders, leads_through, owned};
use super::outnumbered;
pub use super::sheets::{FanIn, GivenUp, Leak, Sheets, Unclosed, Why};
use super::sheets::{keep, one_for_each_cause};
use super::starved::{Scene, led_through};
use super::traces::{End, Event, Guard, Item, ItemKind, TooMany, Trace, Tracer};
use crate::old::ir::{Cap, Comm, FuncIdx, SelectCase, Term, Ty};
use crate::old::program::{ChanOpKind, ChanWhere, Class, DeclId, FnId, Frame, Package, Spawn};
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A function with more channels, goroutines and events than this, multiplied, is not counted.
const MAX_WORK: usize = 200_000;

/// Counts on every channel that stays in one function.
#[must_use]
pub fn sheets(package: &Package, spawns: &[Spawn]) -> Sheets {
    let mut out = Sheets::default();
    let decls: FxHashSet<DeclId> = spawns.iter().map(|s| s.owner.decl).collect();
    let mut decls: Vec<DeclId> = decls.into_iter().collect();
    decls.sort_unstable();
    let objects = holders(package, spawns);
    let locals = decls.into_iter().flat_map(|d| local_channels(package, d));
    for Owned { owner, start, classes, users } in locals.chain(objects.into_iter().flat_map(|d| owned(package, d))) {
        let tracer = Tracer::new(package, &classes, &users);
        let sheet = Sheet { package, spawns, classes: &classes, owner, users: &users, tracer };
        if sheet.fill(start, &mut out) == Err(TooMany) {
            let reason = "there are too many ways through this function to count on each";
            let span = classes.iter().find_map(|c| c.makes().next()).map(|(op, _)| op.span).unwrap_or_default();
            out.given_up.push(GivenUp { owner, span, reason });
        }
    }
    out.leaks.sort_by_key(|l| (l.at.decl, l.span, l.at.func));
    out.unclosed.sort_by_key(|l| (l.at.decl, l.span, l.at.func));
    out.unclosed.dedup_by_key(|l| (l.at, l.span));
    out
}

/// Channels that one function of the declaration makes at one place and that stay in view, by function and loop.
fn local_channels(package: &Package, decl: DeclId) -> Vec<Owned> {
    let mut groups: BTreeMap<(FnId, Option<u32>), Vec<Rc<Class>>> = BTreeMap::new();
    let Some(body) = package.body(decl) else { return Vec::new() };
    for (f, func) in body.funcs.iter().enumerate() {
        let owner = FnId { decl, func: FuncIdx(u32::try_from(f).unwrap_or(u32::MAX)) };
        for (block, _, op) in func.ops() {
            let crate::old::ir::OpKind::MakeChan { dst, ty, .. } = &op.kind else { continue };
            // `make(T)` of a map or slice with a name: following it as if it were a channel would lead through half of the package.
            if !matches!(package.structure(ty), Ty::Chan(..) | Ty::Unknown | Ty::Named { path: Some(_), .. }) {
                continue;
            }
            let Some(class) = package.class(decl, dst) else { continue };
            if !class.is_local() || class.makes().count() != 1 {
                continue;
            }
            let group = groups.entry((owner, func.block(block).in_loop.map(|l| l.0))).or_default();
            if !group.iter().any(|c| Rc::ptr_eq(c, &class)) {
                group.push(class);
            }
        }
    }
    let first = |classes: &[Rc<Class>]| {
        let op = classes.iter().filter_map(|c| c.makes().next()).map(|(op, _)| op).min_by_key(|op| op.span)?;
        if let ChanWhere::Op(block, index) = op.at { Some((block, index as usize)) } else { None }
    };
    let group = |((owner, _), classes): ((FnId, Option<u32>), Vec<Rc<Class>>)| {
        Some(Owned { owner, start: first(&classes)?, classes, users: FxHashSet::default() })
    };
    groups.into_iter().filter_map(group).collect()
}

struct Sheet<'p> {
    package: &'p Package,
    spawns: &'p [Spawn],
    classes: &'p [Rc<Class>],
    owner: FnId,
    users: &'p FxHashSet<FnId>,
    tracer: Tracer<'p>,
}

/// What a way adds up to on a set of channels.
#[derive(Clone, Debug)]
struct Net {
    count: Count,
    drained: bool,
}

impl Net {
    const ZERO: Self = Self { count: Count::ZERO, drained: false };

    fn unknown() -> Self {
        Self { count: Count::unknown(), drained: false }
    }

    fn add(&mut self, other: &Self) {
        self.count = self.count.plus(&other.count);
        self.drained |= other.drained;
    }
}

struct Choice<'a> {
    /// The channels counted.
    set: &'a [usize],
    /// The spawn whose way is fixed, and that way.
    culprit: usize,
    way: &'a Trace,
    /// All ways of each spawn.
    ways: &'a BTreeMap<usize, Vec<Trace>>,
    /// Channels that the owner closes or sends on, on this way.
    fired: &'a [usize],
    /// The owner's whole way.
    items: &'a [Item],
    /// What the spawn sends stands behind a latch: it is one in all, and what others send there too is none more.
    once: bool,
}

impl Sheet<'_> {
    fn fill(&self, start: (crate::old::ir::BlockId, usize), sheets: &mut Sheets) -> Result<(), TooMany> {
        let mut ways: BTreeMap<usize, Vec<Trace>> = BTreeMap::new();
        let mut roots = BTreeMap::new();
        for i in self.tracer.near() {
            if let Some(found) = self.tracer.goroutine(&self.spawns[i])? {
                ways.insert(i, found);
                roots.insert(i, self.tracer.take_visited());
            }
        }
        let frame = Frame::root(self.owner);
        let owner_ways = self.tracer.traces(&frame, Some(start))?;
        let items: usize = owner_ways.iter().map(|w| w.items.len()).sum();
        let weighed: usize = ways.values().map(Vec::len).sum();
        // Each goroutine's way is weighed against each of the owner's, channel by channel.
        if items.saturating_mul(weighed).saturating_mul(self.classes.len()) > MAX_WORK {
            return Err(TooMany);
        }
        let seen = led_through(self.tracer.take_visited(), &owner_ways, &ways, &roots);
        if !leads_through(self.users, self.classes, &seen) {
            return Ok(());
        }
        let mut out: Vec<Leak> = Vec::new();
        let (classes, blurred) = (self.classes, self.tracer.blurred());
        let owners = outnumbered::Scene { classes, owner: self.owner, ways: &ways, seen: &seen, blurred };
        for way in &owner_ways {
            if let Some(leak) = self.before_reader(way, &ways).filter(|l| is_all_seen(&l.class, &seen)) {
                keep(&mut out, leak);
                continue;
            }
            if let Some(leak) = owners.outnumbered(way, |c| self.capacity(c)).filter(|_| !self.ends_process(way)) {
                keep(&mut out, leak);
            }
            for spawn in started_in(&way.items) {
                for goroutine in ways.get(&spawn).into_iter().flatten() {
                    self.weigh(way, spawn, goroutine, &ways, &mut out);
                }
                self.ranges_left(way, spawn, &ways, &mut sheets.unclosed);
                self.fan_ins(way, spawn, &ways, &mut sheets.fan_ins);
            }
        }
        out.retain(|l| is_all_seen(&l.class, &seen));
        let scene = Scene {
            package: self.package,
            classes: self.classes,
            seen,
            owner: self.owner,
            owner_ways: &owner_ways,
            ways: &ways,
            blurred: self.tracer.blurred(),
            group: None,
        };
        let mut starved = scene.starved();
        // A goroutine that is stuck sending is told of there.
        starved.retain(|s| !out.iter().any(|l| s.class.as_ref().is_some_and(|c| Rc::ptr_eq(c, &l.class))));
        sheets.starved.extend(starved);
        sheets.fan_ins.retain(|f| !out.iter().any(|l| Rc::ptr_eq(&l.class, &f.class)));
        sheets.leaks.extend(one_for_each_cause(out));
        Ok(())
    }

    /// Channels on which the owner waits, round after round and for nothing else, for goroutines that it started in a loop.
    fn fan_ins(&self, way: &Trace, spawn: usize, ways: &BTreeMap<usize, Vec<Trace>>, out: &mut Vec<FanIn>) {
        if times_started(&way.items, spawn).is_some() {
            return;
        }
        for (c, class) in self.classes.iter().enumerate() {
            // After the owner's own close a range takes what is there and waits for nobody.
            let open = way.items.iter().position(|i| closes(std::slice::from_ref(i), c)).unwrap_or(way.items.len());
            let receive = way.items[..open].iter().find_map(|item| awaits_each(item, c));
            let mut send = None;
            for goroutine in ways.get(&spawn).into_iter().flatten() {
                collect(&goroutine.items, &mut |item| {
                    if matches!(&item.kind, ItemKind::One(Event::Send(d, guards)) if *d == c && guards.is_empty()) {
                        send.get_or_insert((item.at, item.span));
                    }
                });
            }
            let known = out.iter().any(|f| Rc::ptr_eq(&f.class, class));
            if let (Some(receive), Some((at, span)), false) = (receive, send, known) {
                out.push(FanIn { class: Rc::clone(class), at, span, spawn, receive, owner: self.owner });
            }
        }
    }

    /// Ranges of a goroutine over channels that this way of the owner, and all that it starts, can leave open.
    fn ranges_left(&self, way: &Trace, spawn: usize, ways: &BTreeMap<usize, Vec<Trace>>, out: &mut Vec<Unclosed>) {
        if way.end == End::Gone {
            return;
        }
        for (c, class) in self.classes.iter().enumerate() {
            // A channel that nobody closes at all is told of where the goroutine is looked at alone.
            let Some(close) = class.ops_of(&ChanOpKind::Close).next() else { continue };
            // After its own close a range takes what is there and ends.
            let open = |w: &&Trace| !closes_before_range(&w.items, c);
            let ranging = ways.get(&spawn).into_iter().flatten().filter(open).find_map(|w| range_over(&w.items, c));
            let Some((at, span)) = ranging else { continue };
            if closes(&way.items, c) || self.ends_process(way) {
                continue;
            }
            let closers: Vec<usize> = started_in(&way.items)
                .into_iter()
                .filter(|s| *s != spawn && ways.get(s).is_some_and(|list| list.iter().any(|w| closes(&w.items, c))))
                .collect();
            let leaving = |w: &Trace| matches!(w.end, End::Return(..)) && !closes(&w.items, c);
            let way_out = match closers.as_slice() {
                [] => way_out_of(way, self.owner),
                // The closing goroutine itself leaves on some way without closing.
                [one] => ways.get(one).into_iter().flatten().find(|w| leaving(w)).and_then(|w| way_out_of(w, self.owner)),
                _ => None,
            };
            let Some(way_out) = way_out else { continue };
            let close = Some((close.id, close.span));
            let closer = way_out.0;
            out.push(Unclosed { class: Rc::clone(class), at, span, spawn, closer, way_out, close, owner: self.owner });
        }
    }

    /// The owner's own send that comes before anything that could receive it.
    fn before_reader(&self, way: &Trace, ways: &BTreeMap<usize, Vec<Trace>>) -> Option<Leak> {
        for (c, class) in self.classes.iter().enumerate() {
            let Some(cap) = self.capacity(c).as_const() else { continue };
            let mut sent = 0;
            for item in &way.items {
                match &item.kind {
                    ItemKind::One(Event::Spawn(s)) => {
                        // What is started may receive, or start what does.
                        let reads = ways.get(s).is_none_or(|list| {
                            list.is_empty() || list.iter().any(|w| receives(&w.items, c)) || self.starts_more(*s)
                        });
                        if reads {
                            break;
                        }
                    }
                    ItemKind::One(Event::Recv(d) | Event::Drain(d)) if *d == c => sent -= 1,
                    ItemKind::One(Event::Send(d, guards)) if *d == c && guards.is_empty() => {
                        sent += 1;
                        if sent > cap {
                            return Some(Leak {
                                class: Rc::clone(class),
                                at: item.at,
                                span: item.span,
                                spawn: None,
                                why: Why::BeforeReader,
                                owner: self.owner,
                                instead: Vec::new(),
                                answered: false,
                                received: Vec::new(),
                                left: Count::constant(1),
                                sent: Count::constant(sent),
                                also: Vec::new(),
                                beside: Vec::new(),
                                may_agree: false,
                            });
                        }
                    }
                    ItemKind::Loop { .. } => break,
                    ItemKind::One(_) => {}
                }
            }
        }
        None
    }

    fn starts_more(&self, spawn: usize) -> bool {
        self.spawns[spawn].bodies().next().is_none()
    }

    fn weigh(&self, way: &Trace, spawn: usize, goroutine: &Trace, ways: &BTreeMap<usize, Vec<Trace>>, out: &mut Vec<Leak>) {
        if matches!(way.end, End::Gone) {
            return;
        }
        let fired = fired(&way.items);
        let sends: Vec<usize> = (0..self.classes.len()).filter(|c| self.must_send(&goroutine.items, *c, &fired)).collect();
        for c in sends {
            // What the owner waits for after the goroutine's send has let the goroutine past it, or holds both.
            let sync = way.items.iter().position(|item| waits_for(item, goroutine, c));
            // A `select` that could receive the send as well does not wait for what comes after it.
            if sync.is_some_and(|i| self.receives_beside(&way.items[i], c) || is_one_of_several(&way.items, i)) {
                continue;
            }
            let items = sync.map_or(way.items.as_slice(), |i| &way.items[..i]);
            if !items_start(items, spawn) {
                continue;
            }
            if !self.feasible(items, spawn, goroutine, c, ways) || outlasts(items, goroutine, c, ways) {
                continue;
            }
            let once = sends_once(ways, spawn, &[c]);
            let choice = Choice { set: &[c], culprit: spawn, way: goroutine, ways, fired: &fired, items, once };
            let mut net = self.net(items, &choice);
            if once {
                net.count = net.count.plus(&Count::constant(1));
            }
            let cap = self.capacity(c);
            if net.drained || net.count.minus(&cap).exceeds_zero() != Exceeds::Yes {
                continue;
            }
            // Room that was computed may well be enough for a number that is not.
            if net.count.is_many() && cap.as_const().is_none() {
                continue;
            }
            // A close wakes a waiting sender, if only to make it panic.
            let closers = started_in(&way.items).into_iter().filter(|s| *s != spawn);
            let closed_by = |s: usize| ways.get(&s).is_some_and(|l| l.iter().any(|w| closes_first(&w.items, c, goroutine)));
            if closes_first(items, c, goroutine) || closers.into_iter().any(closed_by) {
                continue;
            }
            let all: Vec<usize> = (0..self.classes.len()).filter(|d| sends_ever(ways, spawn, *d)).collect();
            if all.len() > 1 {
                let choice = Choice { set: &all, ..choice };
                let total = self.net(items, &choice);
                if !total.drained && total.count.minus(&cap).exceeds_zero() != Exceeds::Yes {
                    continue;
                }
            }
            let why = match sync {
                Some(i) => Why::WaitsFirst(way.items[i].at, way.items[i].span, receives(&way.items[i..], c)),
                None if self.ends_process(way) => continue,
                None => Why::WayOut(way.end.clone()),
            };
            if let Some(leak) = self.leak(c, spawn, goroutine, items, why, &net.count, &fired) {
                keep(out, leak);
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one finding")]
    fn leak(
        &self,
        c: usize,
        spawn: usize,
        goroutine: &Trace,
        items: &[Item],
        why: Why,
        net: &Count,
        fired: &[usize],
    ) -> Option<Leak> {
        let mut sends = Vec::new();
        collect(&goroutine.items, &mut |item| {
            if let ItemKind::One(Event::Send(d, guards)) = &item.kind
                && *d == c
                && !works(guards, fired)
            {
                sends.push((item.at, item.span));
            }
        });
        let mut received = Vec::new();
        let (mut instead, mut answered) = (Vec::new(), false);
        collect(items, &mut |item| match &item.kind {
            ItemKind::One(Event::Recv(d)) if *d == c => received.push((item.at, item.span)),
            ItemKind::One(Event::OtherCase) => instead.push((item.at, item.span)),
            ItemKind::One(Event::Recv(d)) if sends_plainly(&goroutine.items, *d) && self.receives_beside(item, c) => {
                instead.push((item.at, item.span));
                answered = true;
            }
            _ => {}
        });
        let left = net.minus(&self.capacity(c));
        // With one goroutine and a known number of receives, it is the send after those that waits.
        let passed = usize::try_from(self.capacity(c).as_const().unwrap_or(0)).unwrap_or(0) + received.len();
        let (at, span) = sends.get(passed).or(sends.last()).copied()?;
        let loops = goroutine
            .items
            .iter()
            .any(|i| matches!(&i.kind, ItemKind::Loop { rounds, .. } if rounds.iter().any(|r| sends_on(r, c))));
        let may_agree = loops && instead.is_empty() && !received.is_empty() && matches!(why, Why::WayOut(_));
        Some(Leak {
            class: Rc::clone(&self.classes[c]),
            at,
            span,
            spawn: Some(spawn),
            why,
            owner: self.owner,
            instead,
            answered,
            received,
            left,
            sent: net.clone(),
            also: Vec::new(),
            beside: Vec::new(),
            may_agree,
        })
    }

    /// Whether the item is a case of a `select` of which another case receives from the channel.
    fn receives_beside(&self, item: &Item, c: usize) -> bool {
        let Some((_, func)) = self.package.func(item.at) else { return false };
        func.blocks.iter().any(|b| match &b.term {
            Term::Select { cases, .. } => {
                let ours = |case: &SelectCase| {
                    matches!(case.comm, Comm::Recv { .. })
                        && self.tracer.channel(&Frame::root(item.at), case.comm.ch()) == Some(c)
                };
                cases.iter().any(|case| case.span == item.span) && cases.iter().any(ours)
            }
            _ => false,
        })
    }

    /// Whether the way's end is that of the whole process.
    fn ends_process(&self, way: &Trace) -> bool {
        let End::Return(at, _) = &way.end else { return false };
        self.package.is_main() && at.func == FuncIdx::TOP && self.package.decl(at.decl).names.first().is_some_and(|n| n == "main")
    }

    fn capacity(&self, c: usize) -> Count {
        let Some((op, cap)) = self.classes[c].makes().next() else { return Count::ZERO };
        match cap {
            Cap::Zero => Count::ZERO,
            Cap::Const(n) => Count::constant(*n),
            Cap::Expr(value) => count_of(self.package, op.id.decl, value),
        }
    }

    fn must_send(&self, items: &[Item], c: usize, fired: &[usize]) -> bool {
        let mut found = false;
        collect(items, &mut |item| {
            if let ItemKind::One(Event::Send(d, guards)) = &item.kind {
                found |= *d == c && !works(guards, fired);
            }
        });
        found
    }

    /// Whether the owner can have received on its other channels what it did, if the goroutine went this way.
    fn feasible(&self, items: &[Item], spawn: usize, goroutine: &Trace, c: usize, ways: &BTreeMap<usize, Vec<Trace>>) -> bool {
        for d in (0..self.classes.len()).filter(|d| *d != c) {
            let received = plain_receives(items, d);
            if received == 0 || closes(items, d) {
                continue;
            }
            let others =
                ways.iter().any(|(s, list)| *s != spawn && list.iter().any(|w| sends_on(&w.items, d) || closes(&w.items, d)));
            let owner_feeds = sends_on(items, d);
            if others || owner_feeds || times_started(items, spawn) != Some(1) {
                continue;
            }
            if !sends_on(&goroutine.items, d) && !closes(&goroutine.items, d) {
                return false;
            }
        }
        true
    }

    /// What the items add up to on the choice's channels: sends that must be received, less receives.
    fn net(&self, items: &[Item], choice: &Choice<'_>) -> Net {
        let mut net = Net::ZERO;
        for item in items {
            match &item.kind {
                ItemKind::One(event) => net.add(&self.event_net(event, choice)),
                ItemKind::Loop { count, rounds, over, whole } => {
                    if let (Some(c), true) = (over, *whole)
                        && choice.set.contains(c)
                    {
                        net.drained |= choice.set.len() == 1;
                        continue;
                    }
                    let each = rounds.iter().map(|r| self.net(r, choice)).reduce(max).unwrap_or(Net::ZERO);
                    let mut count_each = each.count;
                    if over.is_some_and(|c| choice.set.contains(&c)) {
                        count_each = count_each.minus(&Count::constant(1));
                    }
                    let total = if *whole { count.times(&count_each) } else { count.times(&count_each.or_zero()) };
                    net.add(&Net { count: total, drained: each.drained });
                }
            }
        }
        net
    }

    fn event_net(&self, event: &Event, choice: &Choice<'_>) -> Net {
        let one = |n: i64| Net { count: Count::constant(n), drained: false };
        match event {
            Event::Send(c, _) if choice.set.contains(c) && is_latched(event) => Net::unknown(),
            Event::Send(c, _) if choice.set.contains(c) => one(1),
            Event::Recv(c) if choice.set.contains(c) => one(-1),
            Event::Drain(c) if choice.set.contains(c) => Net { count: Count::ZERO, drained: true },
            Event::Unknown => Net::unknown(),
            Event::Spawn(s) if choice.once && sends_once(choice.ways, *s, choice.set) => Net::ZERO,
            Event::Spawn(s) if *s == choice.culprit => self.goroutine_net(&choice.way.items, choice),
            Event::Spawn(s) if self.reads_untold(*s, choice) => Net::unknown(),
            Event::Spawn(s) => {
                let ways = choice.ways.get(s).into_iter().flatten();
                ways.map(|w| self.goroutine_net(&w.items, choice)).reduce(max).unwrap_or(Net::ZERO)
            }
            _ => Net::ZERO,
        }
    }

    /// Whether a goroutine of which no way can be told, as one that starts itself anew, receives from a channel in hand.
    fn reads_untold(&self, spawn: usize, choice: &Choice<'_>) -> bool {
        let spawn_reads = |op: &crate::old::program::ChanOp| self.spawns[spawn].bodies().any(|body| body == op.id);
        let reads = |c: &usize| receivers(&self.classes[*c]).any(spawn_reads);
        choice.ways.get(&spawn).is_some_and(Vec::is_empty) && choice.set.iter().any(reads)
    }

    /// What one goroutine adds: its sends without a working guard, less its receives.
    fn goroutine_net(&self, items: &[Item], choice: &Choice<'_>) -> Net {
        let mut net = Net::ZERO;
        for item in items {
            match &item.kind {
                ItemKind::One(Event::Send(c, guards)) if choice.set.contains(c) => {
                    if !works(guards, choice.fired) {
                        let latched = guards.contains(&Guard::Latch);
                        net.count = net.count.plus(&if latched { Count::unknown() } else { Count::constant(1) });
                    }
                }
                ItemKind::One(event) => net.add(&self.event_net(event, choice)),
                ItemKind::Loop { count, rounds, over, whole } => {
                    if let Some(c) = over
                        && choice.set.contains(c)
                    {
                        net.drained |= *whole;
                        continue;
                    }
                    let each = rounds.iter().map(|r| self.goroutine_net(r, choice)).reduce(max).unwrap_or(Net::ZERO);
                    // Rounds over a channel of the owner are as many as the owner sends there, shared by all that range over it.
                    let count = over.map_or_else(|| self.fed(count, rounds, choice), |d| self.owner_sends(choice.items, d));
                    let each_count = if *whole { each.count } else { each.count.or_zero() };
                    let count = if over.is_some() { share(count, choice) } else { count };
                    // A producer that goes on while its own condition holds may well send more than a reader takes who leaves early.
                    let early = choice.set.iter().any(|c| choice.items.iter().any(|i| leaves_early(i, *c)));
                    let count = if count.is_unknown() && early { Count::many() } else { count };
                    net.add(&Net { count: count.times(&each_count), drained: each.drained });
                }
            }
        }
        net
    }

    /// The rounds of a loop that can send: where each of them first takes a value that the owner alone gives, no more than it gave.
    fn fed(&self, count: &Count, rounds: &[Vec<Item>], choice: &Choice<'_>) -> Count {
        let Some(feeding) = fed_by(rounds, choice.set, choice.items, choice.ways) else { return count.clone() };
        feeding.iter().map(|d| self.owner_sends(choice.items, *d)).reduce(|a, b| a.plus(&b)).unwrap_or_else(|| count.clone())
    }

    /// How often the owner sends on a channel on its way.
    fn owner_sends(&self, items: &[Item], d: usize) -> Count {
        let mut count = Count::ZERO;
        for item in items {
            match &item.kind {
                ItemKind::One(Event::Send(c, _)) if *c == d => count = count.plus(&Count::constant(1)),
                ItemKind::Loop { count: n, rounds, .. } => {
                    let each = rounds.iter().map(|r| self.owner_sends(r, d)).reduce(Count::max).unwrap_or(Count::ZERO);
                    count = count.plus(&n.times(&each));
                }
                ItemKind::One(_) => {}
            }
        }
        count
    }
}

/// Rounds shared by several goroutines: the spawn's own count multiplies them once more, so one goroutine's share is left unknown
/// unless it is started once.
fn share(count: Count, choice: &Choice<'_>) -> Count {
    if times_started(choice.items, choice.culprit) == Some(1) { count } else { Count::unknown() }
}

fn max(a: Net, b: Net) -> Net {
    if a.drained != b.drained {
        return if a.drained { b } else { a };
    }
    Net { count: a.count.max(b.count), drained: a.drained }
}
