//! Traces: what a function does to a few channels, way by way.
//!
//! A trace is the sequence of events on one way through a function. Loops are folded: a loop that runs to its end is one item with the
//! rounds as alternatives and their number as a symbolic count; a way that leaves a loop early passes one unfinished round. Ways with
//! the same events are one, so a function full of branches that do not touch the channels still has few traces.

use super::count::Count;
use super::facts::{Facts, Repeated};
use super::guards::{Can, can_receive, signal};
use super::one_of_few::one_for_all;
use super::trace_walk::{Stop, Walk};
use crate::old::flow::Cfg;
use crate::old::ir::{BlockId, Callee, Cap, Comm, OpKind, Operand, Place, Sym};
use crate::old::program::{Cell, ChanOpKind, Class, DeclId, FnId, Frame, Origin, Package, Spawn, SpawnHow};
use crate::source::Span;
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;
use std::cell::RefCell;
use std::rc::Rc;

/// More ways than this through one function, and it is given up.
pub(super) const MAX_TRACES: usize = 160;
/// More functions than this on the way through others, and it is given up.
const MAX_ENTERED: u32 = 2_000;

/// What may end a `select` beside a send in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Guard {
    /// A default, a context, a timer, or something not known: always taken as working.
    Works,
    /// Another channel of the same owner: works if the owner closes it or sends on it.
    Channel(usize),
    /// No way out: a latch lets one send of all that come here through.
    Latch,
}

/// What a `select` waits for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Choice {
    /// The channels of the owner that it could receive from.
    pub receives: Vec<usize>,
    /// Whether something else may end the wait: a default, a send, a signal that can come.
    pub open: bool,
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
    /// `Add` on a group.
    Add(Cell, Count),
    /// A `select` comes to one of its cases; the case itself follows.
    Choice(Choice),
    /// Another case of a `select` that waits for one of the channels.
    OtherCase,
    /// A branch on how many values the channel holds.
    Peek(usize),
    /// The goroutine runs any number of times for one start.
    Often,
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
    /// Outcomes of conditions that other functions of the declaration look at too.
    pub facts: Facts,
}

/// Why no traces could be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany;

/// Traces over a set of channels.
pub struct Tracer<'p> {
    pub(super) package: &'p Package,
    classes: &'p [Rc<Class>],
    cells: FxHashMap<Cell, SmallVec<[usize; 1]>>,
    touching: FxHashSet<FnId>,
    groups: FxHashMap<Cell, Cell>,
    /// The channels lie in fields of one object.
    pub(super) of_object: bool,
    repeated: RefCell<FxHashMap<DeclId, Rc<Repeated>>>,
    visited: RefCell<FxHashSet<FnId>>,
    forgetful: std::cell::Cell<bool>,
    /// How many functions were gone through: functions that call each other make more chains of calls than can be followed.
    entered: std::cell::Cell<u32>,
    blurred: RefCell<FxHashSet<usize>>,
}

impl<'p> Tracer<'p> {
    /// A tracer over channels; `users` have the object in hands that the channels lie in.
    #[must_use]
    pub fn new(package: &'p Package, classes: &'p [Rc<Class>], users: &FxHashSet<FnId>) -> Self {
        let mut cells: FxHashMap<Cell, SmallVec<[usize; 1]>> = FxHashMap::default();
        for (i, class) in classes.iter().enumerate() {
            for cell in &class.cells {
                cells.entry(cell.clone()).or_default().push(i);
            }
        }
        let mut touching: FxHashSet<FnId> = classes.iter().flat_map(|c| c.ops.iter().map(|o| o.id)).collect();
        touching.extend(users);
        // A function that only hands a channel on touches it too.
        let holds = |cell: &Cell| match cell {
            Cell::Local(decl, local) => Some(FnId { decl: *decl, func: package.body(*decl)?.local(*local).func }),
            _ => None,
        };
        touching.extend(classes.iter().flat_map(|c| c.cells.iter().filter_map(holds)));
        let mut tracer = Self::over(package, classes, cells, touching);
        tracer.of_object = !users.is_empty();
        tracer
    }

    /// A tracer over a group that goes by these names, used in these functions.
    #[must_use]
    pub fn of_group(package: &'p Package, group: &Cell, names: &[Cell], touching: FxHashSet<FnId>) -> Self {
        let mut tracer = Self::over(package, &[], FxHashMap::default(), touching);
        tracer.groups = names.iter().map(|n| (n.clone(), group.clone())).collect();
        tracer
    }

    fn over(
        package: &'p Package,
        classes: &'p [Rc<Class>],
        cells: FxHashMap<Cell, SmallVec<[usize; 1]>>,
        mut touching: FxHashSet<FnId>,
    ) -> Self {
        // What starts or calls something that touches the channels touches them too.
        let decls: FxHashSet<DeclId> = touching.iter().map(|id| id.decl).collect();
        for _ in 0..4 {
            for decl in &decls {
                grow(package, *decl, &mut touching);
            }
        }
        Self {
            package,
            classes,
            cells,
            touching,
            groups: FxHashMap::default(),
            of_object: false,
            repeated: RefCell::default(),
            visited: RefCell::default(),
            forgetful: std::cell::Cell::default(),
            entered: std::cell::Cell::default(),
            blurred: RefCell::default(),
        }
    }

    /// The group that goes by this name.
    pub(super) fn group(&self, cell: Cell) -> Cell {
        self.groups.get(&cell).cloned().unwrap_or(cell)
    }

    /// Whether the place is a name of the group that is followed.
    pub(super) fn is_group(&self, decl: DeclId, place: &Place) -> bool {
        let cell = || self.package.cell(decl, self.package.body(decl)?, place);
        !self.groups.is_empty() && cell().is_some_and(|c| self.groups.contains_key(&c))
    }

    /// The functions through which ways led since this was last asked.
    #[must_use]
    pub fn take_visited(&self) -> FxHashSet<FnId> {
        self.visited.take()
    }

    fn repeated(&self, decl: DeclId) -> Rc<Repeated> {
        let mut known = self.repeated.borrow_mut();
        let entry = known.entry(decl).or_insert_with(|| Rc::new(self.package.body(decl).map(Repeated::new).unwrap_or_default()));
        Rc::clone(entry)
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
        match self.traces_within(frame, start) {
            // Without memory for conditions there are fewer ways to tell apart. Asked again once for the whole, not at each call in it.
            Err(TooMany) if !self.forgetful.replace(true) => {
                let found = self.traces_within(frame, start);
                self.forgetful.set(false);
                found
            }
            found => found,
        }
    }

    /// The ways through a function that is called on the way through another.
    pub(super) fn traces_within(&self, frame: &Rc<Frame>, start: Option<(BlockId, usize)>) -> Result<Vec<Trace>, TooMany> {
        self.visited.borrow_mut().insert(frame.id);
        self.entered.set(self.entered.get() + 1);
        if self.entered.get() > MAX_ENTERED {
            return Err(TooMany);
        }
        let repeated = if self.forgetful.get() { Rc::default() } else { self.repeated(frame.id.decl) };
        self.traces_with(frame, start, &repeated)
    }

    fn traces_with(
        &self,
        frame: &Rc<Frame>,
        start: Option<(BlockId, usize)>,
        repeated: &Rc<Repeated>,
    ) -> Result<Vec<Trace>, TooMany> {
        let Some((_, func)) = self.package.func(frame.id) else { return Ok(Vec::new()) };
        let Some(cfg) = Cfg::new(self.package, frame.id) else { return Ok(Vec::new()) };
        let walk = Walk {
            tracer: self,
            frame: Rc::clone(frame),
            cfg,
            func,
            start,
            repeated: Rc::clone(repeated),
            latched: RefCell::default(),
        };
        let (block, op) = start.map_or((BlockId(0), 0), |(b, i)| (b, i.wrapping_add(1)));
        let region = start.and_then(|(b, _)| func.block(b).in_loop);
        let mut out: Vec<Trace> = Vec::new();
        let mut todo = vec![(Vec::new(), block, op, region, Facts::default())];
        while let Some((items, block, op, region, facts)) = todo.pop() {
            for (more, stop, facts) in walk.ways(block, op, region, facts)? {
                let items = joined(&items, more);
                let end = match stop {
                    Stop::Ends(end) => end,
                    Stop::Round => match region {
                        // The channels are made anew in the next round.
                        Some(l) if start.is_some() => End::Again(func.loops[l.at()].head),
                        _ => continue,
                    },
                    Stop::Leaves(next) => {
                        todo.push((items, next, 0, func.block(next).in_loop, facts));
                        continue;
                    }
                };
                push(&mut out, Trace { items, end, facts: facts.shared(repeated) })?;
            }
        }
        Ok(out)
    }

    /// Indices of the package's spawns whose goroutines touch the channels or the group, in order.
    #[must_use]
    pub fn near(&self) -> Vec<usize> {
        let mut near: Vec<usize> = self.touching.iter().flat_map(|id| self.package.spawns_of(*id)).copied().collect();
        near.sort_unstable();
        near.dedup();
        near
    }

    /// The ways of a goroutine that touches the channels or the group; none that could be told where it starts itself anew or never ends.
    ///
    /// # Errors
    /// When there are too many.
    pub fn goroutine(&self, spawn: &Spawn) -> Result<Option<Vec<Trace>>, TooMany> {
        if !spawn.bodies().any(|b| self.touches(b)) {
            return Ok(None);
        }
        let mut each: Vec<Vec<Trace>> = Vec::new();
        for body in spawn.bodies() {
            let Some(frame) = Frame::root(spawn.owner).call(body, &spawn.call) else { return Ok(Some(Vec::new())) };
            each.push(self.traces(&frame, None)?);
        }
        one_for_all(each.iter().map(|traces| traces.iter().flat_map(|t| &t.items)))?;
        let mut traces = each.concat();
        if self.starts_often(spawn) {
            let often = Item { kind: ItemKind::One(Event::Often), at: spawn.owner, span: spawn.span };
            traces.iter_mut().for_each(|t| t.items.insert(0, often.clone()));
        }
        // `wg.Go(f)` counts up before, and down when f is done.
        if let Some(group) = self.group_of(spawn) {
            let item = |event| Item { kind: ItemKind::One(event), at: spawn.owner, span: spawn.span };
            for trace in &mut traces {
                trace.items.insert(0, item(Event::Add(group.clone(), Count::constant(1))));
                trace.items.push(item(Event::Done(group.clone())));
            }
        }
        Ok(Some(traces))
    }

    /// Whether the function that starts its argument does so in a loop.
    fn starts_often(&self, spawn: &Spawn) -> bool {
        let SpawnHow::Wrapper(id) = &spawn.how else { return false };
        let Some((_, func)) = self.package.func(*id) else { return true };
        func.ops().any(|(b, _, op)| matches!(op.kind, OpKind::Spawn(_)) && func.block(b).in_loop.is_some())
    }

    fn group_of(&self, spawn: &Spawn) -> Option<Cell> {
        if !matches!(spawn.how, SpawnHow::Library(_)) {
            return None;
        }
        let (body, func) = self.package.func(spawn.owner)?;
        let OpKind::Call(call) = &func.block(spawn.block).ops.get(spawn.op)?.kind else { return None };
        let Callee::Method { recv, .. } = &call.callee else { return None };
        Some(self.group(self.package.cell(spawn.owner.decl, body, recv)?))
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
        if known.len() > 1 {
            self.blurred.borrow_mut().extend(known.iter().copied());
            return None;
        }
        Some(known[0])
    }

    /// Channels of which some operation could not be told from that of another.
    #[must_use]
    pub fn blurred(&self) -> FxHashSet<usize> {
        self.blurred.borrow().clone()
    }

    /// Whether anything receives from the channel, or finds room in it.
    pub(super) fn is_received(&self, c: usize) -> bool {
        self.classes[c].ops.iter().any(|o| match &o.kind {
            ChanOpKind::Recv | ChanOpKind::Range => true,
            ChanOpKind::Make(cap) => *cap != Cap::Zero,
            _ => false,
        })
    }

    /// Whether anything sends on the channel or closes it.
    pub(super) fn is_fed(&self, c: usize) -> bool {
        self.classes[c].ops.iter().any(|o| matches!(o.kind, ChanOpKind::Send | ChanOpKind::Close))
    }

    /// Whether the channels are made in this declaration.
    pub(super) fn makes_in(&self, decl: DeclId) -> bool {
        self.classes.iter().any(|c| c.makes().any(|(op, _)| op.id.decl == decl))
    }

    /// What a `select` waits for.
    pub(super) fn choice(&self, frame: &Rc<Frame>, cases: &[crate::old::ir::SelectCase], default: bool) -> Event {
        let mut receives = Vec::new();
        let mut open = default;
        for case in cases {
            match &case.comm {
                Comm::Recv { ch, .. } => match self.channel(frame, ch) {
                    Some(c) => receives.push(c),
                    None => open |= can_receive(self.package, &signal(self.package, frame, ch)) == Can::Yes,
                },
                Comm::Send { .. } => open = true,
            }
        }
        Event::Choice(Choice { receives, open })
    }

    pub(super) fn guards(
        &self,
        frame: &Rc<Frame>,
        cases: &[crate::old::ir::SelectCase],
        but: usize,
        default: bool,
    ) -> Vec<Guard> {
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
        let id = FnId { decl, func: crate::old::ir::FuncIdx(u32::try_from(f).unwrap_or(u32::MAX)) };
        if touching.contains(&id) {
            continue;
        }
        let calls_one = func.ops().any(|(_, _, op)| match &op.kind {
            OpKind::Call(c) | OpKind::Spawn(c) | OpKind::Defer(c) => {
                // Only literals of the same declaration can touch its channels without taking them as arguments.
                let by_callee = match &c.callee {
                    Callee::Lit(_) | Callee::Value(_) | Callee::Name(_) => true,
                    Callee::Method { name, .. } => touching.iter().any(|t| is_method(package, *t, *name)),
                    _ => false,
                };
                by_callee && package.callees(decl, c).iter().any(|t| touching.contains(t))
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
