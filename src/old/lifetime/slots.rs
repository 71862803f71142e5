//! Semaphores: channels with room whose values nobody looks at. Who sends takes a slot, who receives gives it back.
//!
//! Counted are not sends against receives but each way against the others: one that takes a slot and leaves without giving it back, where
//! others do, keeps it for good. When as many are kept as there is room, every sender waits for ever.
//!
//! Architecture invariant: nothing is said of a semaphore that some function gives back without having taken it, unless it is a goroutine
//! started by whoever took it: then it is handed on by design.

use super::count::{Count, Exceeds, count_of};
use super::items::{any, is_latched};
use super::readers::Passed;
use super::traces::{End, Event, Item, ItemKind, TooMany, Trace, Tracer};
use crate::old::ir::{Cap, Comm, Func, FuncIdx, OpKind, Place, Term};
use crate::old::program::{Cell, ChanOp, ChanOpKind, ChanWhere, Class, DeclId, FnId, Frame, Package, Spawn, functions};
use crate::source::Span;
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;
use std::rc::Rc;

/// How a slot is taken in the text: what is sent says nothing.
const TAKE: &str = "<- struct{}{}";

/// A way on which a slot is kept.
#[derive(Clone, Debug)]
pub struct Slot {
    /// The semaphore.
    pub class: Rc<Class>,
    /// Its place where the slot is taken.
    pub place: Place,
    /// Where it is taken.
    pub taken: (FnId, Span),
    /// The goroutine that is to give it back, where another takes it.
    pub spawn: Option<usize>,
    /// Where other ways give it back.
    pub back: Option<(FnId, Span)>,
    /// The way out that does not, or the loop of which a round ends without.
    pub out: (FnId, Span),
    /// `out` is a loop.
    pub round: bool,
    /// Whether there are more senders than slots for sure.
    pub sure: bool,
}

/// All slots that are kept in the package, and semaphores that were passed over.
#[must_use]
pub fn kept(package: &Package, spawns: &[Spawn]) -> (Vec<Slot>, Vec<Passed>) {
    let (mut out, mut passed) = (Vec::new(), Vec::new());
    if spawns.is_empty() {
        return (out, passed);
    }
    let mut seen: FxHashSet<(FnId, Span)> = FxHashSet::default();
    for decl in package.own_holding(TAKE) {
        for (id, span, place) in sends(package, decl) {
            let Some(class) = package.class(decl, &place).filter(|c| is_semaphore(package, c)) else { continue };
            let Some(first) = class.ops.first().filter(|o| !seen.contains(&(o.id, o.span))) else { continue };
            seen.insert((first.id, first.span));
            match Semaphore::look(package, spawns, &class) {
                Ok(found) => out.extend(found),
                Err(reason) => passed.push(Passed { at: id, span, reason: reason.into() }),
            }
        }
    }
    (out, passed)
}

/// Sends of a declaration.
fn sends(package: &Package, decl: DeclId) -> Vec<(FnId, Span, Place)> {
    let Some(body) = package.body(decl) else { return Vec::new() };
    let of = |(id, func): (FnId, &Func)| {
        let plain = func.ops().filter_map(|(_, _, op)| match &op.kind {
            OpKind::Send { ch, .. } => Some((id, op.span, ch.clone())),
            _ => None,
        });
        let cases = func.blocks.iter().flat_map(|b| match &b.term {
            Term::Select { cases, .. } => cases.as_slice(),
            _ => &[],
        });
        let cases = cases.filter_map(|case| match &case.comm {
            Comm::Send { ch, .. } => Some((id, case.span, ch.clone())),
            Comm::Recv { .. } => None,
        });
        plain.chain(cases).collect::<Vec<_>>()
    };
    functions(decl, body).flat_map(of).collect()
}

/// A channel with room, of which every use is in view and no value is ever looked at.
fn is_semaphore(package: &Package, class: &Class) -> bool {
    let drops = |op: &ChanOp| {
        let Some((_, func)) = package.func(op.id) else { return false };
        match op.at {
            ChanWhere::Op(b, i) => {
                matches!(func.block(b).ops.get(i as usize).map(|o| &o.kind), Some(OpKind::Recv { dst: None, ok: None, .. }))
            }
            ChanWhere::Case(b, i) => match &func.block(b).term {
                Term::Select { cases, .. } => {
                    matches!(cases.get(i as usize).map(|c| &c.comm), Some(Comm::Recv { dst: None, ok: None, .. }))
                }
                _ => false,
            },
            ChanWhere::Range(_) | ChanWhere::Deferred(..) => false,
        }
    };
    let plain = class.ops.iter().all(|op| match &op.kind {
        ChanOpKind::Make(cap) => *cap != Cap::Zero,
        ChanOpKind::Send => true,
        ChanOpKind::Recv => drops(op),
        ChanOpKind::Range | ChanOpKind::Close => false,
    });
    let single = !class.cells.iter().any(|c| matches!(c, Cell::Elem(_)));
    let both = class.makes().next().is_some() && class.ops_of(&ChanOpKind::Recv).next().is_some();
    plain && single && both && class.is_closed_world() && !class.from_elsewhere && !class.fed_by_library
}

/// One semaphore with the ways of all that use it.
struct Semaphore<'p> {
    package: &'p Package,
    class: &'p Rc<Class>,
    ways: BTreeMap<usize, Vec<Trace>>,
    /// Ways of the functions that are no goroutines.
    roots: Vec<Vec<Trace>>,
}

impl<'p> Semaphore<'p> {
    fn look(package: &'p Package, spawns: &[Spawn], class: &'p Rc<Class>) -> Result<Vec<Slot>, &'static str> {
        const MANY: &str = "there are too many ways through the functions that use the semaphore";
        let classes = std::slice::from_ref(class);
        let tracer = Tracer::new(package, classes, &FxHashSet::default());
        let mut ways = BTreeMap::new();
        for i in tracer.near() {
            if let Some(found) = tracer.goroutine(&spawns[i]).map_err(|TooMany| MANY)? {
                ways.insert(i, found);
            }
        }
        let mut decls: Vec<DeclId> = class.ops.iter().map(|o| o.id.decl).collect();
        decls.dedup();
        let is_run = |id: &FnId| package.spawns_of(*id).iter().any(|i| spawns[*i].body == Some(*id));
        let mut roots = Vec::new();
        for id in decls.into_iter().map(|decl| FnId { decl, func: FuncIdx::TOP }).filter(|id| !is_run(id)) {
            roots.push(tracer.traces(&Frame::root(id), None).map_err(|TooMany| MANY)?);
        }
        let visited = tracer.take_visited();
        let uses = || class.ops.iter().filter(|o| !matches!(o.kind, ChanOpKind::Make(_)));
        if !uses().all(|o| visited.contains(&o.id)) || !tracer.blurred().is_empty() {
            return Err("not every use of the semaphore can be followed");
        }
        let semaphore = Self { package, class, ways, roots };
        semaphore.is_handed_on()?;
        let room = semaphore.is_short()?;
        let mut out = semaphore.by_goroutines();
        let units = semaphore.roots.iter().chain(semaphore.ways.values());
        out.extend(units.flat_map(|unit| semaphore.by_ways(unit)));
        out.sort_by_key(|slot| (slot.taken, slot.out));
        out.dedup_by_key(|slot| slot.taken);
        out.iter_mut().for_each(|slot| slot.sure = room == Exceeds::Yes);
        Ok(out)
    }

    /// Whether a function gives back what it has not taken.
    fn is_handed_on(&self) -> Result<(), &'static str> {
        let started = |s: usize| {
            let mut all = self.roots.iter().chain(self.ways.values()).flatten();
            all.any(|way| any(&way.items, |e| matches!(e, Event::Spawn(t) if *t == s)))
        };
        let by_root = self.roots.iter().flatten().all(|way| self.low(&way.items).is_some_and(|n| n >= 0));
        let by_spawn = self.ways.iter().all(|(s, ways)| {
            let low = ways.iter().map(|w| self.low(&w.items)).reduce(|a, b| Some(a?.min(b?))).flatten();
            low.is_some_and(|n| n >= 0 || n == -1 && started(*s))
        });
        if by_root && by_spawn { Ok(()) } else { Err("a slot is given back elsewhere than where it is taken") }
    }

    /// Whether there can be more senders than slots.
    fn is_short(&self) -> Result<Exceeds, &'static str> {
        if !self.class.is_local() {
            // A field is used as often as its methods are called.
            return Ok(Exceeds::Yes);
        }
        let room = self.class.makes().next().map_or(Count::ZERO, |(op, cap)| match cap {
            Cap::Zero => Count::ZERO,
            Cap::Const(n) => Count::constant(*n),
            Cap::Expr(value) => count_of(self.package, op.id.decl, value),
        });
        let sent = self.roots.iter().flatten().map(|w| self.sent(&w.items, 0)).reduce(Count::max).unwrap_or(Count::ZERO);
        match sent.minus(&room).exceeds_zero() {
            Exceeds::No => Err("the semaphore has room for all that is ever sent"),
            more => Ok(more),
        }
    }

    /// How often anybody sends.
    fn sent(&self, items: &[Item], depth: u8) -> Count {
        items.iter().fold(Count::ZERO, |sum, item| {
            sum.plus(&match &item.kind {
                ItemKind::One(Event::Send(..)) => Count::constant(1),
                ItemKind::One(Event::Unknown | Event::Often) => Count::unknown(),
                ItemKind::One(Event::Spawn(s)) if depth < 4 => {
                    let ways = self.ways.get(s).into_iter().flatten();
                    ways.map(|w| self.sent(&w.items, depth + 1)).reduce(Count::max).unwrap_or(Count::ZERO)
                }
                ItemKind::One(_) => Count::ZERO,
                ItemKind::Loop { count, rounds, .. } => {
                    count.times(&rounds.iter().map(|r| self.sent(r, depth)).reduce(Count::max).unwrap_or(Count::ZERO))
                }
            })
        })
    }

    /// Slots taken less slots given back, those of goroutines on their best way included.
    fn net(&self, items: &[Item]) -> Option<i64> {
        self.within(items, 0, &|rounds| rounds.iter().all(|r| *r == Some(0)).then_some(0))
    }

    /// The same, where a loop may take any number.
    fn low(&self, items: &[Item]) -> Option<i64> {
        self.within(items, 0, &|rounds| rounds.iter().all(|r| r.is_some_and(|n| n >= 0)).then_some(0))
    }

    fn within(&self, items: &[Item], depth: u8, fold: &dyn Fn(&[Option<i64>]) -> Option<i64>) -> Option<i64> {
        let mut net = 0;
        for item in items {
            net += match &item.kind {
                ItemKind::One(event) if is_latched(event) => return None,
                ItemKind::One(Event::Send(..)) => 1,
                ItemKind::One(Event::Recv(_)) => -1,
                ItemKind::One(Event::Drain(_) | Event::Unknown | Event::Often | Event::Peek(_)) => return None,
                ItemKind::One(Event::Spawn(s)) => match self.ways.get(s) {
                    Some(_) if depth > 3 => return None,
                    Some(ways) => {
                        let each = ways.iter().map(|w| self.within(&w.items, depth + 1, fold));
                        each.reduce(|a, b| Some(a?.min(b?))).flatten()?
                    }
                    None => 0,
                },
                ItemKind::One(_) => 0,
                ItemKind::Loop { rounds, .. } => fold(&rounds.iter().map(|r| self.within(r, depth, fold)).collect::<Vec<_>>())?,
            };
        }
        Some(net)
    }

    /// Ways of one function that take a slot and keep it, where others give it back.
    fn by_ways(&self, ways: &[Trace]) -> Vec<Slot> {
        let mut out = Vec::new();
        let balanced = |items: &[Item]| takes(items).is_some() && self.net(items) == Some(0);
        let leaks = |items: &[Item]| takes(items).is_some() && self.net(items) == Some(1);
        let mut back = ways.iter().find(|w| balanced(&w.items)).and_then(|w| self.given(&w.items));
        for way in ways {
            each_loop(&way.items, &mut |item, rounds| {
                let Some(given) = rounds.iter().find(|r| balanced(r)).and_then(|r| self.given(r)) else { return };
                back.get_or_insert(given);
                if let Some(round) = rounds.iter().find(|r| leaks(r)) {
                    out.extend(self.slot(round, Some(given), (item.at, item.span), true));
                }
            });
        }
        for way in ways.iter().filter(|w| back.is_some() && leaks(&w.items)) {
            // When the function that makes it has left, nobody comes for another slot.
            if let End::Return(at, span) = &way.end
                && !self.class.makes().any(|(make, _)| make.id == *at)
            {
                out.extend(self.slot(&way.items, back, (*at, *span), false));
            }
        }
        out
    }

    /// Goroutines that give back, on some ways and not on others, what whoever starts them has taken.
    fn by_goroutines(&self) -> Vec<Slot> {
        let mut out = Vec::new();
        for (s, ways) in &self.ways {
            let nets: Option<Vec<i64>> = ways.iter().map(|w| self.net(&w.items)).collect();
            let Some(nets) = nets.filter(|n| n.iter().min() == Some(&-1)) else { continue };
            let back = ways.iter().zip(&nets).find(|(_, n)| **n == -1).and_then(|(w, _)| self.given(&w.items));
            let keeps = ways.iter().zip(&nets).find_map(|(w, n)| match &w.end {
                End::Return(at, span) if *n == 0 && takes(&w.items).is_none() => Some((*at, *span)),
                _ => None,
            });
            let Some(keeps) = keeps else { continue };
            let mut level = |items: &[Item]| {
                let starts = items.iter().any(|i| matches!(&i.kind, ItemKind::One(Event::Spawn(t)) if t == s));
                if starts && self.net(items) == Some(0) {
                    out.extend(self.slot(items, back, keeps, false).map(|slot| Slot { spawn: Some(*s), ..slot }));
                }
            };
            for way in self.roots.iter().chain(self.ways.values()).flatten() {
                level(&way.items);
                each_loop(&way.items, &mut |_, rounds| rounds.iter().for_each(|r| level(r)));
            }
        }
        out
    }

    fn slot(&self, items: &[Item], back: Option<(FnId, Span)>, out: (FnId, Span), round: bool) -> Option<Slot> {
        let taken = takes(items)?;
        let op = self.class.ops_of(&ChanOpKind::Send).find(|o| (o.id, o.span) == taken)?;
        Some(Slot { class: Rc::clone(self.class), place: op.place.clone(), taken, spawn: None, back, out, round, sure: false })
    }

    /// Where a way gives a slot back.
    fn given(&self, items: &[Item]) -> Option<(FnId, Span)> {
        let direct = items.iter().find(|i| matches!(&i.kind, ItemKind::One(Event::Recv(_)))).map(|i| (i.at, i.span));
        direct.or_else(|| {
            items.iter().find_map(|i| match &i.kind {
                ItemKind::One(Event::Spawn(s)) => self.ways.get(s)?.iter().find_map(|w| self.given(&w.items)),
                _ => None,
            })
        })
    }
}

/// Where the items take a slot, loops in them aside.
fn takes(items: &[Item]) -> Option<(FnId, Span)> {
    items.iter().find(|i| matches!(&i.kind, ItemKind::One(Event::Send(..)))).map(|i| (i.at, i.span))
}

fn each_loop(items: &[Item], f: &mut dyn FnMut(&Item, &[Vec<Item>])) {
    for item in items {
        if let ItemKind::Loop { rounds, .. } = &item.kind {
            f(item, rounds);
            rounds.iter().for_each(|r| each_loop(r, f));
        }
    }
}
