//! Traces: what a function does to a few channels, way by way.
//!
//! A trace is the sequence of events on one way through a function. Loops are folded: a loop that runs to its end is one item with the
//! rounds as alternatives and their number as a symbolic count; a way that leaves a loop early passes one unfinished round. Ways with
//! the same events are one, so a function full of branches that do not touch the channels still has few traces.

use super::count::Count;
use super::guards::{Can, can_receive, signal};
use super::trace_walk::{Stop, Walk};
use crate::flow::Cfg;
use crate::ir::{BlockId, Callee, Comm, OpKind, Operand, Place, Sym};
use crate::program::{Cell, Class, DeclId, FnId, Frame, Origin, Package, Spawn};
use crate::source::Span;
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;
use std::rc::Rc;

/// More ways than this through one function, and it is given up.
pub(super) const MAX_TRACES: usize = 160;

/// What may end a `select` beside a send in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Guard {
    /// A default, a context, a timer, or something not known: always taken as working.
    Works,
    /// Another channel of the same owner: works if the owner closes it or sends on it.
    Channel(usize),
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// A send on a channel, with what else could end the wait.
    Send(usize, Vec<Guard>),
    /// A receive.
    Recv(usize),
    /// Receives until the channel is closed.
    Drain(usize),
    /// A close.
    Close(usize),
    /// A goroutine is started.
    Spawn(usize),
    /// `Wait` on a group.
    Wait(Cell),
    /// `Done` on a group.
    Done(Cell),
    /// Another case of a `select` that waits for one of the channels.
    OtherCase,
    /// A number of receives that cannot be told.
    Unknown,
}

/// One item of a trace.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ItemKind {
    /// An event.
    One(Event),
    /// A loop, with its number of rounds and what a round can do. `over` is the channel that it ranges over.
    Loop {
        /// How many rounds.
        count: Count,
        /// The ways through a round.
        rounds: Rc<Vec<Vec<Item>>>,
        /// The ranged channel.
        over: Option<usize>,
        /// Whether the way goes on by the loop's own end; otherwise by an early exit, after at most `count` rounds.
        whole: bool,
    },
}

/// An item and its place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Item {
    /// What.
    pub kind: ItemKind,
    /// The function.
    pub at: FnId,
    /// The bytes.
    pub span: Span,
}

/// How a trace ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// The function returns here.
    Return(FnId, Span),
    /// The process ends, or the goroutine panics.
    Gone,
    /// The code that made the channels runs again.
    Again(Span),
}

/// One way through a function.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Trace {
    /// What happens, in order.
    pub items: Vec<Item>,
    /// How it ends.
    pub end: End,
}

/// Why no traces could be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany;

/// Traces over a set of channels.
pub struct Tracer<'p> {
    pub(super) package: &'p Package,
    classes: &'p [Rc<Class>],
    cells: FxHashMap<Cell, SmallVec<[usize; 1]>>,
    pub(super) spawns: FxHashMap<(FnId, Span), usize>,
    touching: FxHashSet<FnId>,
}

impl<'p> Tracer<'p> {
    /// A tracer over channels and the package's spawns.
    #[must_use]
    pub fn new(package: &'p Package, classes: &'p [Rc<Class>], spawns: &[Spawn]) -> Self {
        let mut cells: FxHashMap<Cell, SmallVec<[usize; 1]>> = FxHashMap::default();
        for (i, class) in classes.iter().enumerate() {
            for cell in &class.cells {
                cells.entry(cell.clone()).or_default().push(i);
            }
        }
        let mut touching: FxHashSet<FnId> = classes.iter().flat_map(|c| c.ops.iter().map(|o| o.id)).collect();
        // A function that only hands a channel on touches it too.
        let holds = |cell: &Cell| match cell {
            Cell::Local(decl, local) => Some(FnId { decl: *decl, func: package.body(*decl)?.local(*local).func }),
            _ => None,
        };
        touching.extend(classes.iter().flat_map(|c| c.cells.iter().filter_map(holds)));
        let index = spawns.iter().enumerate().map(|(i, s)| ((s.owner, s.span), i)).collect();
        // What starts or calls something that touches the channels touches them too.
        let decls: FxHashSet<DeclId> = touching.iter().map(|id| id.decl).collect();
        for _ in 0..4 {
            for decl in &decls {
                grow(package, *decl, &mut touching);
            }
        }
        Self { package, classes, cells, spawns: index, touching }
    }

    /// Whether the function has anything to do with the channels.
    #[must_use]
    pub fn touches(&self, id: FnId) -> bool {
        self.touching.contains(&id)
    }

    /// The ways through a function, from an operation on or from its entry.
    ///
    /// # Errors
    /// When there are too many.
    pub fn traces(&self, frame: &Rc<Frame>, start: Option<(BlockId, usize)>) -> Result<Vec<Trace>, TooMany> {
        let Some((_, func)) = self.package.func(frame.id) else { return Ok(Vec::new()) };
        let Some(cfg) = Cfg::new(self.package, frame.id) else { return Ok(Vec::new()) };
        let walk = Walk { tracer: self, frame: Rc::clone(frame), cfg, func, start };
        let (block, op) = start.map_or((BlockId(0), 0), |(b, i)| (b, i + 1));
        let region = start.and_then(|(b, _)| func.block(b).in_loop);
        let mut out: Vec<Trace> = Vec::new();
        let mut todo = vec![(Vec::new(), block, op, region)];
        while let Some((items, block, op, region)) = todo.pop() {
            for (more, stop) in walk.ways(block, op, region)? {
                let items = joined(&items, more);
                let end = match stop {
                    Stop::Ends(end) => end,
                    Stop::Round => match region {
                        // The channels are made anew in the next round.
                        Some(l) if start.is_some() => End::Again(func.loops[l.at()].head),
                        _ => continue,
                    },
                    Stop::Leaves(next) => {
                        todo.push((items, next, 0, func.block(next).in_loop));
                        continue;
                    }
                };
                push(&mut out, Trace { items, end })?;
            }
        }
        Ok(out)
    }

    /// The channel in a place, seen from a frame: a parameter may hold one or another.
    pub(super) fn channel(&self, frame: &Rc<Frame>, place: &Place) -> Option<usize> {
        let decl = frame.id.decl;
        let body = self.package.body(decl)?;
        let known = self.cells.get(&self.package.cell(decl, body, place)?)?;
        if let Origin::MadeChan(decl, local) = self.package.origin(frame, place) {
            let made = Cell::Local(decl, local);
            return self.classes.iter().position(|c| c.makes().any(|(op, _)| op.id.decl == decl) && c.cells.contains(&made));
        }
        // Where several may be meant, none can be counted on.
        (known.len() == 1).then(|| known[0])
    }

    pub(super) fn guards(&self, frame: &Rc<Frame>, cases: &[crate::ir::SelectCase], but: usize, default: bool) -> Vec<Guard> {
        let mut out = Vec::new();
        if default {
            out.push(Guard::Works);
        }
        for (i, case) in cases.iter().enumerate().filter(|(i, _)| *i != but) {
            let _ = i;
            match &case.comm {
                Comm::Recv { ch, .. } => match self.channel(frame, ch) {
                    Some(c) => out.push(Guard::Channel(c)),
                    None if can_receive(self.package, &signal(self.package, frame, ch)) == Can::Yes => out.push(Guard::Works),
                    None => {}
                },
                // Another send is as good or bad as this one; one that leads elsewhere may be taken.
                Comm::Send { ch, .. } => {
                    if self.channel(frame, ch).is_none() {
                        out.push(Guard::Works);
                    }
                }
            }
        }
        out
    }
}

fn grow(package: &Package, decl: DeclId, touching: &mut FxHashSet<FnId>) {
    let Some(body) = package.body(decl) else { return };
    for (f, func) in body.funcs.iter().enumerate() {
        let id = FnId { decl, func: crate::ir::FuncIdx(u32::try_from(f).unwrap_or(u32::MAX)) };
        if touching.contains(&id) {
            continue;
        }
        let calls_one = func.ops().any(|(_, _, op)| match &op.kind {
            OpKind::Call(c) | OpKind::Spawn(c) | OpKind::Defer(c) => {
                // Only literals of the same declaration can touch its channels without taking them as arguments.
                let target = match &c.callee {
                    Callee::Lit(_) | Callee::Value(_) | Callee::Name(_) => package.resolve(decl, c).func(),
                    Callee::Method { name, .. } if touching.iter().any(|t| is_method(package, *t, *name)) => {
                        package.resolve(decl, c).func()
                    }
                    _ => c.args.iter().find_map(|a| match a {
                        Operand::Func(f) => Some(FnId { decl, func: *f }),
                        _ => None,
                    }),
                };
                target.is_some_and(|t| touching.contains(&t))
                    || c.args.iter().any(|a| matches!(a, Operand::Func(f) if touching.contains(&FnId { decl, func: *f })))
            }
            _ => false,
        });
        if calls_one {
            touching.insert(id);
        }
    }
}

fn is_method(package: &Package, id: FnId, name: Sym) -> bool {
    let decl = package.decl(id.decl);
    decl.recv.is_some() && decl.names.contains(&name)
}

pub(super) fn joined(head: &[Item], tail: Vec<Item>) -> Vec<Item> {
    let mut out = head.to_vec();
    out.extend(tail);
    out
}

fn push(out: &mut Vec<Trace>, trace: Trace) -> Result<(), TooMany> {
    if !out.contains(&trace) {
        out.push(trace);
    }
    if out.len() > MAX_TRACES { Err(TooMany) } else { Ok(()) }
}

impl Tracer<'_> {
    /// The channel's class.
    #[must_use]
    pub fn class(&self, channel: usize) -> &Class {
        &self.classes[channel]
    }
}
