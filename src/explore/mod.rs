//! Who is stuck for good: executes a function and the goroutines that it starts, in every order, by Go's own rules.
//!
//! There is no description of any defect here. A state holds goroutines with their frames, a heap made as it is needed, and what has been
//! assumed about values that are not known. It is explored up to operations that can wait for or wake another goroutine; equal states are
//! visited once. Whoever waits for what nobody holds who can still run is stuck ([`stuck`]).
//!
//! Stateful search over synchronisation points follows SPIN (Holzmann) and CHESS (Musuvathi and others, OSDI 2008).

mod call;
mod canon;
mod carry;
mod client;
mod clobber;
mod collect;
mod dispatch;
mod exec;
mod global;
mod guess;
mod interest;
mod machine;
mod moves;
mod pause;
mod protocol;
mod pure;
mod rights;
mod search;
mod skip;
mod slice;
mod state;
mod stuck;
#[cfg(test)]
mod tests;
mod traits;
mod value;

pub use client::{Maker, Use};
pub use machine::{Cut, Limits};
pub use search::Kind;

use crate::ir::{Body, Op, Operand};
use crate::models::Models;
use crate::source::Span;
use crate::store::Bodies;
use crate::types::{FuncId, PkgKey, World};
use machine::Machine;
use search::{Found, Stuck};
use state::{At, State, What};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

/// How often a root is explored anew when it turns out that more is asked for than was known.
const WIDENINGS: usize = 2;

/// A place in source text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The package.
    pub pkg: PkgKey,
    /// The file, as an index into the package's.
    pub file: u32,
    /// Its bytes.
    pub span: Span,
}

/// A goroutine that is stuck for good.
#[derive(Clone, Debug)]
pub struct Leak {
    /// What it waits with.
    pub kind: Kind,
    /// Where it waits.
    pub at: Place,
    /// The function it waits in, for people.
    pub func: String,
    /// The statement that started it; `None` if it is the one that runs the root.
    pub born: Option<Place>,
    /// Whether it is a call of code out of view, born where what it calls is declared.
    pub caller: bool,
    /// Where what it waits on was made.
    pub made: Option<Place>,
    /// The room of the channel that it waits on.
    pub room: Option<usize>,
    /// What led there, in the order in which it happened.
    pub events: Vec<Step>,
    /// How many of the events had happened when the end became inevitable.
    pub decided: std::ops::Range<usize>,
    /// How much was assumed on the way that the code does not say.
    pub assumed: usize,
    /// Whether it hangs on what nothing in view decides: which of two numbers is greater, or what a computation comes to.
    pub undecided: bool,
    /// Whether nothing can be done with the channel but to wait for it: that is how a program says that it wants to stay.
    pub on_purpose: bool,
    /// Whether it is stuck once the root's caller no longer receives from a channel that it was given; it is not otherwise.
    pub left: bool,
}

/// One thing that happened.
#[derive(Clone, Debug)]
pub struct Step {
    /// Whether the stuck goroutine did it.
    pub own: bool,
    /// The goroutine, numbered in the order in which they were started.
    pub who: usize,
    /// What it did.
    pub what: StepKind,
    /// Where.
    pub at: Place,
    /// The function it was in.
    pub func: Arc<str>,
}

/// What a goroutine did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// Called a function, as code out of view.
    Called,
    /// Made the channel that is waited on.
    Made,
    /// Made something else.
    MadeOther,
    /// Started a goroutine; whether the stuck one.
    Started(bool),
    /// Took a branch.
    Branch(bool),
    /// Chose a case of a `select`.
    Case,
    /// Chose the default.
    Default,
    /// Sent on the channel that is waited on.
    Sent,
    /// Received from it.
    Received,
    /// Closed it, or ended the context.
    Closed,
    /// The same with another channel.
    Other,
    /// Left a function.
    Left,
    /// Had code out of view for a partner.
    Outside,
    /// Something was assumed: a number that is zero, or a timer that is faster than a partner who is ready.
    Assumed,
}

/// How much is known of a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    /// Not every state was visited.
    Part,
    /// All that the code in view does, but code out of view may hold a channel that was waited on.
    Shared,
    /// All.
    Whole,
}

/// What became of a root.
#[derive(Debug)]
pub struct Report {
    /// Goroutines that are stuck, one for each place to wait.
    pub leaks: Vec<Leak>,
    /// Where goroutines waited on channels, and how much is known of it.
    pub waits: BTreeMap<Place, Known>,
    /// Those to which somebody came from a call that can take long.
    pub slow: BTreeSet<Place>,
    /// States visited.
    pub states: usize,
    /// Why not all there are were visited; `None` if they were.
    pub cut: Option<Cut>,
    /// Whether code out of view, or whoever calls the root, has part in what becomes of its channels.
    pub open: bool,
}

/// Explores the functions of one analysis; what is found out about functions on the way serves all.
pub struct Explorer<'a> {
    traits: traits::Traits<'a>,
    limits: Limits,
}

impl std::fmt::Debug for Explorer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Explorer").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl<'a> Explorer<'a> {
    /// One that has explored nothing yet.
    #[must_use]
    pub fn new(world: &'a World, bodies: &'a Bodies<'a>, models: &'static Models, limits: Limits) -> Self {
        Self { traits: traits::Traits::new(world, bodies, models), limits }
    }

    /// Explores a function as a root: with arguments that nothing is known of, called once. `None` if it has no body in view, or nothing
    /// waits in it. It may cost a share of the work that the limits allow: one of so many.
    #[must_use]
    pub fn explore(&self, root: FuncId, share: usize) -> Option<Report> {
        let lowered = self.traits.bodies.get(root)?;
        if !self.traits.unit(&lowered.body, 0).waits {
            return None;
        }
        let limits = Limits { work: self.limits.work / share.max(1), ..self.limits };
        Some(self.run(lowered.pkg, &lowered.body, carried(&self.traits, &lowered.body), limits))
    }

    /// Explores the first function of a body; `results` tells which of its results matter, a bit each.
    fn run(&self, pkg: PkgKey, body: &Arc<Body>, results: u8, limits: Limits) -> Report {
        let mut report = self.run_once(pkg, body, results, limits);
        // The set of what is asked for only grows, and rarely more than once.
        for _ in 0..WIDENINGS {
            if !self.widen() {
                return report;
            }
            report = self.run_once(pkg, body, results, limits);
        }
        if self.widen() {
            report.waits.values_mut().for_each(|known| *known = Known::Part);
            report.leaks.iter_mut().for_each(|leak| leak.undecided = true);
        }
        report
    }

    fn run_once(&self, pkg: PkgKey, body: &Arc<Body>, results: u8, limits: Limits) -> Report {
        let machine = Machine {
            world: self.traits.world,
            bodies: self.traits.bodies,
            traits: &self.traits,
            syms: value::Syms::default(),
            limits,
            lives: std::cell::RefCell::default(),
            homes: std::cell::RefCell::default(),
            partial: std::cell::Cell::new(None),
            work: std::cell::Cell::new(0),
            loose: std::cell::Cell::new(false),
        };
        let func = &body.funcs[0];
        let args = func.params.iter().map(|p| machine.unknown(&func.regs[p.at()].ty)).collect();
        let frame = machine.new_frame(pkg, Arc::clone(body), 0, &[], args, results);
        machine.homes.borrow_mut().insert(Arc::as_ptr(body) as usize, pkg);
        let goroutine = state::Goroutine {
            frames: vec![frame],
            status: state::Status::Running,
            born: None,
            slow: None,
            hangs: false,
            stands: None,
            outside: 0,
            paused: false,
        };
        let start = State {
            heap: Vec::new(),
            gs: vec![Rc::new(goroutine)],
            bound: Rc::default(),
            globals: Rc::default(),
            trace: None,
            assumed: false,
            over: false,
        };
        let found = search::search(&machine, start);
        let mut leaks: Vec<Leak> = found.causes(&machine).into_iter().map(|stuck| leak(&machine, &found, stuck, false)).collect();
        let gone = found.left.iter().filter(|one| !found.stuck.iter().any(|known| known.key == one.key));
        leaks.extend(gone.map(|one| leak(&machine, &found, one, true)));
        let waits = waits(&found, machine.partial.get().is_none() && !machine.loose.get());
        let standing = found.nodes.iter().flat_map(|node| &node.state.gs).filter(|g| g.hangs);
        let slow = standing.filter_map(|g| g.stands.map(place)).collect();
        let open = found.nodes.iter().any(|node| is_open(&node.state));
        Report { leaks, waits, slow, states: found.nodes.len(), cut: machine.partial.get(), open }
    }
}

/// The results of a body that may lead to primitives, a bit each: what a root returns goes out of view.
fn carried(traits: &traits::Traits<'_>, body: &Body) -> u8 {
    let results = body.funcs[0].results.iter().enumerate();
    results.filter(|(_, ty)| traits.carries(ty)).fold(0, |all, (i, _)| all | bit(i))
}

/// Whether a goroutine stands at a `select` without cases, or at a receive from a channel with which its function does nothing else.
fn waits_only(state: &State, g: usize) -> bool {
    if matches!(&state.gs[g].status, state::Status::At(state::Wait::Select { cases, .. }) if cases.is_empty()) {
        return true;
    }
    let Some(frame) = state.gs[g].frames.last() else { return false };
    let func = Machine::func(frame);
    let ops = || func.blocks.iter().flat_map(|block| &block.ops).map(|instr| &instr.op);
    let block = &func.blocks[frame.block.at()];
    let Some(Op::Recv { ch: Operand::Reg(reg), .. }) = block.ops.get(frame.pc).map(|instr| &instr.op) else { return false };
    let made = ops().any(|op| matches!(op, Op::MakeChan { dst, .. } if dst == reg));
    let used = |op: &Op| {
        let mut reads = false;
        op.reads(|read| reads |= read == *reg);
        reads && !matches!(op, Op::Recv { .. })
    };
    let mut ends = false;
    func.blocks.iter().for_each(|block| block.term.reads(|read| ends |= read == *reg));
    made && !ends && !ops().any(used)
}

/// Whether a state has more goroutines or room than sizes that are not known go up to: what needs a greater size does not come up.
fn crowded(state: &State) -> bool {
    let roomy =
        |obj: &Rc<state::Obj>| matches!(&obj.kind, state::ObjKind::Chan(chan) if !chan.sized() && chan.room >= pure::SIZES);
    let alike = |g: &Rc<state::Goroutine>| {
        g.born.is_some() && state.gs.iter().filter(|other| other.born == g.born).count() >= pure::SIZES
    };
    let chosen =
        state.bound.values().any(|val| matches!(val, value::Val::Int(n) if usize::try_from(*n).is_ok_and(|n| n >= pure::SIZES)));
    state.heap.iter().any(roomy) || !chosen && state.gs.iter().any(alike)
}

/// Whether code out of view holds a channel that was made, or one that somebody waits on.
fn is_open(state: &State) -> bool {
    let shared = |obj: &value::ObjId| state.obj(*obj).shared();
    let made = |obj: &Rc<state::Obj>| obj.at.is_some() && obj.shared() && matches!(obj.kind, state::ObjKind::Chan(_));
    state.heap.iter().any(made) || state.gs.iter().any(|g| stuck::waits_for(&g.status).iter().any(shared))
}

/// Where goroutines waited on channels in the states that were visited.
fn waits(found: &Found, whole: bool) -> BTreeMap<Place, Known> {
    let mut out = BTreeMap::new();
    for state in found.nodes.iter().map(|node| &node.state) {
        for g in &state.gs {
            let (state::Status::At(wait), Some(at)) = (&g.status, g.stands) else { continue };
            if matches!(wait, state::Wait::Lock { .. } | state::Wait::Group { .. } | state::Wait::Pause) {
                continue;
            }
            let shared = stuck::waits_for(&g.status).iter().any(|obj| state.obj(*obj).shared());
            let known = match (whole && !crowded(state), shared) {
                (false, _) => Known::Part,
                (true, true) => Known::Shared,
                (true, false) => Known::Whole,
            };
            let least = out.entry(place(at)).or_insert(known);
            *least = known.min(*least);
        }
    }
    out
}

/// The bit of a result; those from the eighth on share one.
fn bit(index: usize) -> u8 {
    1 << index.min(7)
}

fn place(at: At) -> Place {
    Place { pkg: at.pkg, file: at.file, span: at.span }
}

fn leak(machine: &Machine<'_>, found: &Found, stuck: &Stuck, left: bool) -> Leak {
    let node = &found.nodes[stuck.node];
    let state = &node.state;
    let given = || stuck::given(state, stuck.g).next();
    let waited = if left { given() } else { stuck::waits_for(&state.gs[stuck.g].status).first().copied() };
    let events = search::events(node.trace.as_ref());
    let doomed = found.doomed(&stuck.key, stuck.node);
    let until = |i: usize| search::events(found.nodes[i].trace.as_ref()).len();
    let before = found.nodes[doomed].parent.map_or(0, until);
    let is = |obj| Some(obj) == waited;
    let step = |e: &state::Event| {
        let what = match e.what {
            What::Made(obj) if is(obj) => StepKind::Made,
            What::Made(_) => StepKind::MadeOther,
            What::Started(g) => StepKind::Started(g == stuck.g),
            What::Branch(b) => StepKind::Branch(b),
            What::Case => StepKind::Case,
            What::Default => StepKind::Default,
            What::Sent(obj) if is(obj) => StepKind::Sent,
            What::Received(obj) if is(obj) => StepKind::Received,
            What::Closed(obj) if is(obj) => StepKind::Closed,
            What::Sent(_) | What::Received(_) | What::Closed(_) => StepKind::Other,
            What::Called => StepKind::Called,
            What::Left => StepKind::Left,
            What::Outside => StepKind::Outside,
            What::Zero | What::Guess | What::Overtook => StepKind::Assumed,
        };
        Step { own: e.who == stuck.g, who: e.who, what, at: place(e.at), func: Arc::clone(&e.func) }
    };
    let room_of = waited.filter(|_| stuck.key.kind == Kind::Send).and_then(|w| state.chan(w)).and_then(|c| c.size);
    let incomparable = room_of.is_some_and(|size| machine.sizes_beside(state, size));
    let func = state.gs[stuck.g].frames.last().map_or_else(String::new, |f| Machine::func(f).name.clone());
    let room = waited.and_then(|w| state.chan(w)).map(|c| c.room);
    Leak {
        kind: stuck.key.kind,
        at: place(stuck.key.stands),
        func,
        born: stuck.key.born.map(place),
        caller: events.iter().any(|e| e.what == What::Started(stuck.g) && &*e.func == client::CLIENT),
        made: waited.and_then(|w| state.obj(w).at).map(place),
        room,
        events: events.iter().map(step).collect(),
        decided: before..until(doomed),
        assumed: stuck.assumed,
        undecided: incomparable || events.iter().any(|e| e.what == What::Guess),
        on_purpose: waits_only(state, stuck.g),
        left,
    }
}
