//! Who is stuck for good: executes a function and the goroutines that it starts, in every order, by Go's own rules.
//!
//! There is no description of any defect here. A state holds goroutines with their frames, a heap made as it is needed, and what has been
//! assumed about values that are not known. It is explored up to operations that can wait for or wake another goroutine; equal states are
//! visited once. Whoever waits for what nobody holds who can still run is stuck ([`stuck`]).
//!
//! Stateful search over synchronisation points follows SPIN (Holzmann) and CHESS (Musuvathi and others, OSDI 2008).

mod call;
mod canon;
mod collect;
mod exec;
mod global;
mod machine;
mod moves;
mod protocol;
mod pure;
mod search;
mod state;
mod stuck;
#[cfg(test)]
mod tests;
mod value;

pub use machine::Limits;
pub use search::Kind;

use crate::source::Span;
use crate::store::Bodies;
use crate::types::{FuncId, PkgKey, World};
use machine::Machine;
use search::{Found, Stuck};
use state::{At, State, What};
use std::rc::Rc;
use std::sync::Arc;

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

/// What became of a root.
#[derive(Debug)]
pub struct Report {
    /// Goroutines that are stuck, one for each place to wait.
    pub leaks: Vec<Leak>,
    /// States visited.
    pub states: usize,
    /// Whether all there are were visited.
    pub complete: bool,
}

/// Explores a function as a root: with arguments that nothing is known of, called once.
#[must_use]
pub fn explore(world: &World, bodies: &Bodies<'_>, root: FuncId, limits: Limits) -> Option<Report> {
    let lowered = bodies.get(root)?;
    let machine = Machine {
        world,
        bodies,
        syms: value::Syms::default(),
        limits,
        lives: std::cell::RefCell::default(),
        homes: std::cell::RefCell::default(),
        partial: std::cell::Cell::new(false),
    };
    let func = &lowered.body.funcs[0];
    let args = func.params.iter().map(|p| machine.unknown(&func.regs[p.at()].ty)).collect();
    let frame = Machine::new_frame(lowered.pkg, Arc::clone(&lowered.body), 0, &[], args);
    machine.homes.borrow_mut().insert(Arc::as_ptr(&lowered.body) as usize, lowered.pkg);
    let goroutine = state::Goroutine {
        frames: vec![frame],
        status: state::Status::Running,
        born: None,
        slow: None,
        stands: None,
        outside: 0,
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
    let leaks = found.causes(&machine).into_iter().map(|stuck| leak(&found, stuck)).collect();
    Some(Report { leaks, states: found.nodes.len(), complete: found.complete })
}

fn place(at: At) -> Place {
    Place { pkg: at.pkg, file: at.file, span: at.span }
}

fn leak(found: &Found, stuck: &Stuck) -> Leak {
    let node = &found.nodes[stuck.node];
    let state = &node.state;
    let waited = match search::waited(state, stuck.g) {
        Some(value::Val::Chan(obj)) => Some(obj),
        _ => None,
    };
    let events = search::events(node.trace.as_ref());
    let doomed = found.doomed(&stuck.key, stuck.node);
    let until = |i: usize| search::events(found.nodes[i].trace.as_ref()).len();
    let before = found.nodes[doomed].parent.map_or(0, until);
    let is = |obj| Some(obj) == waited;
    let step = |e: &state::Event| {
        let what = match e.what {
            What::Made(obj) => {
                if is(obj) {
                    StepKind::Made
                } else {
                    StepKind::MadeOther
                }
            }
            What::Started(g) => StepKind::Started(g == stuck.g),
            What::Branch(b) => StepKind::Branch(b),
            What::Case => StepKind::Case,
            What::Default => StepKind::Default,
            What::Sent(obj) => {
                if is(obj) {
                    StepKind::Sent
                } else {
                    StepKind::Other
                }
            }
            What::Received(obj) => {
                if is(obj) {
                    StepKind::Received
                } else {
                    StepKind::Other
                }
            }
            What::Closed(obj) => {
                if is(obj) {
                    StepKind::Closed
                } else {
                    StepKind::Other
                }
            }
            What::Left => StepKind::Left,
            What::Outside => StepKind::Outside,
            What::Zero | What::Overtook => StepKind::Assumed,
        };
        Step { own: e.who == stuck.g, who: e.who, what, at: place(e.at), func: Arc::clone(&e.func) }
    };
    let func = state.gs[stuck.g].frames.last().map_or_else(String::new, |f| Machine::func(f).name.clone());
    let room = waited.and_then(|w| state.chan(w)).map(|c| c.room);
    Leak {
        kind: stuck.key.kind,
        at: place(stuck.key.stands),
        func,
        born: stuck.key.born.map(place),
        made: waited.and_then(|w| state.obj(w).at).map(place),
        room,
        events: events.iter().map(step).collect(),
        decided: before..until(doomed),
        assumed: stuck.assumed,
    }
}
