//! Visits the states of a root breadth first, each once, and works out which turn made a leak inevitable.

use super::exec::Next;
use super::machine::{Cut, Machine};
use super::moves::{Move, moves};
use super::state::{At, Event, State, Status, Trace, Wait, What};
use super::stuck::{given, stuck};
use super::value::{ObjId, Val};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::VecDeque;
use std::rc::Rc;

/// What tells leaks apart: where a goroutine waits and where it was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) kind: Kind,
    pub(super) stands: At,
    pub(super) born: Option<At>,
}

/// What a goroutine waits with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A send.
    Send,
    /// A receive.
    Receive,
    /// A `select` with several operations.
    Select,
    /// A lock.
    Lock,
    /// A group.
    Group,
}

/// A goroutine that is stuck in a state.
pub(super) struct Stuck {
    pub(super) key: Key,
    /// The goroutine.
    pub(super) g: usize,
    /// The state.
    pub(super) node: usize,
    /// How much was assumed on the way that the code does not say: numbers that are zero, timers that are faster than who is ready.
    pub(super) assumed: usize,
}

/// A state that was visited.
pub(super) struct Node {
    /// What is left of it: its trace.
    pub(super) trace: Option<Rc<Trace>>,
    /// Where it was come from first.
    pub(super) parent: Option<usize>,
    next: Vec<usize>,
    /// Leaks that are there.
    leaks: Vec<Key>,
    /// The state itself, for what has to be looked up in it.
    pub(super) state: Rc<State>,
    /// What could happen in it.
    whole: bool,
}

/// What a search found.
pub(super) struct Found {
    pub(super) nodes: Vec<Node>,
    /// The first state of each leak.
    pub(super) stuck: Vec<Stuck>,
    /// Goroutines that are stuck once the root's caller no longer receives what they send to it.
    pub(super) left: Vec<Stuck>,
}

/// How many states a single move may lead to.
const FORKS: usize = 512;

pub(super) fn search(machine: &Machine<'_>, start: State) -> Found {
    let mut found = Found { nodes: Vec::new(), stuck: Vec::new(), left: Vec::new() };
    let mut known: FxHashMap<u64, usize> = FxHashMap::default();
    let mut first: FxHashMap<Key, usize> = FxHashMap::default();
    let mut queue = VecDeque::new();
    for state in settle(machine, start) {
        add(machine, state, None, &mut found, &mut known, &mut queue);
    }
    while let Some(at) = queue.pop_front() {
        let state = Rc::clone(&found.nodes[at].state);
        let all = moves(&state);
        let leaks = stuck(machine, &state, &all, false);
        leave(machine, &mut found, at, &all, &leaks);
        for &g in &leaks {
            let Some(key) = key_of(&state, g) else { continue };
            found.nodes[at].leaks.push(key);
            let assumed = assumptions(state.trace.as_ref());
            let stuck = Stuck { key, g, node: at, assumed };
            match first.get(&key) {
                None => {
                    first.insert(key, found.stuck.len());
                    found.stuck.push(stuck);
                }
                // The shortest argument of those that assume least.
                Some(&known) if assumed < found.stuck[known].assumed => found.stuck[known] = stuck,
                Some(_) => {}
            }
        }
        let alone = alone(machine, &state, &all);
        let mut fresh = false;
        let first = alone.iter().copied();
        for (i, next) in first.chain((0..all.len()).filter(|i| Some(*i) != alone)).enumerate() {
            // What is independent of everything else is done alone, unless that leads round in a circle.
            if i == 1 && alone.is_some() && fresh {
                break;
            }
            let mut after = (*state).clone();
            machine.apply(&mut after, &all[next], &all);
            for after in settle(machine, after) {
                if found.nodes.len() >= machine.limits.states || machine.work.get() >= machine.limits.work {
                    machine.cut(if found.nodes.len() >= machine.limits.states { Cut::States } else { Cut::Steps });
                    return found;
                }
                fresh |= add(machine, after, Some(at), &mut found, &mut known, &mut queue);
            }
        }
        found.nodes[at].whole = true;
    }
    found
}

/// Notes who is stuck if the root's caller receives nothing more of what it was given.
fn leave(machine: &Machine<'_>, found: &mut Found, node: usize, moves: &[Move], leaks: &[usize]) {
    let state = Rc::clone(&found.nodes[node].state);
    let gives = |g: &usize| !leaks.contains(g) && given(&state, *g).next().is_some();
    if !(0..state.gs.len()).any(|g| gives(&g)) {
        return;
    }
    for g in stuck(machine, &state, moves, true).into_iter().filter(gives) {
        let Some(key) = key_of(&state, g) else { continue };
        let stuck = Stuck { key, g, node, assumed: assumptions(state.trace.as_ref()) };
        match found.left.iter_mut().find(|known| known.key == key) {
            Some(known) if stuck.assumed < known.assumed => *known = stuck,
            Some(_) => {}
            None => found.left.push(stuck),
        }
    }
}

fn add(
    machine: &Machine<'_>,
    state: State,
    parent: Option<usize>,
    found: &mut Found,
    known: &mut FxHashMap<u64, usize>,
    queue: &mut VecDeque<usize>,
) -> bool {
    let fingerprint = machine.fingerprint(&state);
    let before = found.nodes.len();
    let next = *known.entry(fingerprint).or_insert_with(|| {
        let id = found.nodes.len();
        let trace = state.trace.clone();
        let node = Node { trace, parent, next: Vec::new(), leaks: Vec::new(), state: Rc::new(state), whole: false };
        found.nodes.push(node);
        queue.push_back(id);
        id
    });
    if let Some(parent) = parent {
        found.nodes[parent].next.push(next);
    }
    found.nodes.len() > before
}

/// A move that no other can hinder or be hindered by, as nobody else holds what it is about: a persistent set of one (Godefroid, "Partial-Order
/// Methods for the Verification of Concurrent Systems", 1996). The others come later just the same.
fn alone(machine: &Machine<'_>, s: &State, all: &[Move]) -> Option<usize> {
    if all.len() < 2 {
        return None;
    }
    let plain = |g: usize| matches!(s.gs[g].status, Status::At(Wait::Send { .. } | Wait::Recv { .. }));
    let mut holders: Vec<Option<FxHashSet<ObjId>>> = vec![None; s.gs.len()];
    all.iter().position(|next| {
        let (one, other, obj) = match next {
            // What is closed stays so.
            Move::Drained(side, _) if plain(side.g) => return true,
            Move::Meet(a, b, ch) if plain(a.g) && plain(b.g) => (a.g, b.g, *ch),
            Move::Put(a, ch) | Move::Take(a, ch) if plain(a.g) => (a.g, a.g, *ch),
            Move::Lock(g) | Move::Pass(g) => match &s.gs[*g].status {
                Status::At(Wait::Lock { lock: (obj, _), .. } | Wait::Group { group: (obj, _) }) => (*g, *g, *obj),
                _ => return false,
            },
            _ => return false,
        };
        if s.obj(obj).shared() {
            return false;
        }
        (0..s.gs.len()).filter(|g| *g != one && *g != other && s.gs[*g].status != Status::Done).all(|g| {
            let held = holders[g].get_or_insert_with(|| {
                let mut seen = FxHashSet::default();
                machine.holds(s, &s.gs[g], &mut seen);
                seen
            });
            !held.contains(&obj)
        })
    })
}

/// Runs every goroutine that can run to its next wait.
fn settle(machine: &Machine<'_>, state: State) -> Vec<State> {
    let mut out = Vec::new();
    let mut todo = vec![(state, 0_usize)];
    let mut forks = 0;
    let mut seen: FxHashSet<u64> = FxHashSet::default();
    while let Some((mut state, mut steps)) = todo.pop() {
        loop {
            if state.over {
                break;
            }
            let Some(g) = state.gs.iter().position(|g| g.status == Status::Running) else {
                out.push(state);
                break;
            };
            // Ways that part and meet again, or go round, and are the same by then.
            if forks > 0 && machine.at_meeting(&state, g) && !seen.insert(machine.fingerprint(&state)) {
                break;
            }
            steps += 1;
            machine.work.set(machine.work.get() + 1);
            if machine.work.get() > machine.limits.work {
                return out;
            }
            if steps > machine.limits.steps {
                machine.cut(Cut::Steps);
                state.g(g).status = Status::Cut;
                continue;
            }
            match machine.advance(&mut state, g) {
                Next::On | Next::Stop => {}
                Next::Enough => break,
                Next::Over(sym, at) => {
                    let mut other = state.clone();
                    machine.note(&mut other, g, What::Zero, at);
                    Machine::bind(&mut other, sym, Val::Bool(false));
                    todo.push((other, steps));
                    Machine::bind(&mut state, sym, Val::Bool(true));
                    todo.push((state, steps));
                    break;
                }
                Next::Fork(alternatives, at) => {
                    forks += alternatives.len();
                    if forks > FORKS {
                        machine.cut(Cut::Forks);
                        break;
                    }
                    let size = alternatives.len() > 2;
                    for (i, (sym, val)) in alternatives.into_iter().enumerate().rev() {
                        let mut other = state.clone();
                        if size && val == Val::Int(0) {
                            let here = at.unwrap_or_else(|| machine.here(&other, g));
                            machine.note(&mut other, g, What::Zero, here);
                        }
                        // Which type code out of view hands over is its choice.
                        if matches!(val, Val::Iface(_)) {
                            let here = at.unwrap_or_else(|| machine.here(&other, g));
                            machine.note(&mut other, g, What::Outside, here);
                        }
                        if machine.guesses(&other, sym, &val) {
                            let here = at.unwrap_or_else(|| machine.here(&other, g));
                            machine.note(&mut other, g, What::Guess, here);
                        }
                        if let Some(at) = at {
                            machine.note(&mut other, g, What::Branch(i == 0), at);
                        }
                        Machine::bind(&mut other, sym, val);
                        todo.push((other, steps));
                    }
                    break;
                }
            }
        }
    }
    out
}

fn assumptions(trace: Option<&Rc<Trace>>) -> usize {
    std::iter::successors(trace, |t| t.before.as_ref())
        .filter(|t| matches!(t.event.what, What::Zero | What::Guess | What::Overtook))
        .count()
}

fn key_of(state: &State, g: usize) -> Option<Key> {
    let goroutine = &state.gs[g];
    let kind = match &goroutine.status {
        Status::At(Wait::Send { .. }) => Kind::Send,
        Status::At(Wait::Recv { .. }) => Kind::Receive,
        Status::At(Wait::Select { .. }) => Kind::Select,
        Status::At(Wait::Lock { .. }) => Kind::Lock,
        Status::At(Wait::Group { .. }) => Kind::Group,
        _ => return None,
    };
    Some(Key { kind, stands: goroutine.stands?, born: goroutine.born })
}

impl Found {
    /// The leaks that are no mere consequence of another: nobody else who is stuck in the same state could end the wait. Of goroutines
    /// that wait for each other one speaks for all, senders first.
    pub(super) fn causes(&self, machine: &Machine<'_>) -> Vec<&Stuck> {
        self.stuck.iter().filter(|stuck| !self.is_consequence(machine, stuck)).collect()
    }

    fn is_consequence(&self, machine: &Machine<'_>, one: &Stuck) -> bool {
        let state = &self.nodes[one.node].state;
        let holds = |g: usize, of: usize| {
            let mut seen = FxHashSet::default();
            machine.holds(state, &state.gs[g], &mut seen);
            super::stuck::waits_for(&state.gs[of].status).iter().any(|obj| seen.contains(obj))
        };
        self.nodes[one.node].leaks.iter().any(|key| {
            let other = (0..state.gs.len()).find(|g| *g != one.g && key_of(state, *g) == Some(*key));
            let Some(other) = other.filter(|_| *key != one.key) else { return false };
            holds(other, one.g) && (!holds(one.g, other) || (key.kind, other) < (one.key.kind, one.g))
        })
    }

    /// The states that lead to one, the first one first.
    pub(super) fn path(&self, node: usize) -> Vec<usize> {
        let mut out = vec![node];
        let mut at = node;
        while let Some(parent) = self.nodes[at].parent {
            out.push(parent);
            at = parent;
        }
        out.reverse();
        out
    }

    /// The state on a leak's path from which every way leads to it; what happened on the way into that state decided it.
    pub(super) fn doomed(&self, key: &Key, node: usize) -> usize {
        let mut good = vec![false; self.nodes.len()];
        let mut todo: Vec<usize> = Vec::new();
        let mut back: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        for (i, from) in self.nodes.iter().enumerate() {
            from.next.iter().for_each(|to| back[*to].push(i));
            // A state that was not looked at to the end may go on well.
            let ends_well = (from.next.is_empty() || !from.whole) && !from.leaks.contains(key);
            if ends_well {
                good[i] = true;
                todo.push(i);
            }
        }
        while let Some(at) = todo.pop() {
            for &from in &back[at] {
                if !good[from] {
                    good[from] = true;
                    todo.push(from);
                }
            }
        }
        let path = self.path(node);
        path.iter().copied().find(|i| !good[*i]).unwrap_or(node)
    }
}

/// The events of a trace, oldest first.
pub(super) fn events(trace: Option<&Rc<Trace>>) -> Vec<Event> {
    let mut out = Vec::new();
    let mut at = trace;
    while let Some(trace) = at {
        out.push(trace.event.clone());
        at = trace.before.as_ref();
    }
    out.reverse();
    out
}
