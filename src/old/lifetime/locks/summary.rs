//! What a function does with locks as its callers see it, worked out once.

use super::facts::{Given, Known};
use super::walk::{Exit, Walker};
use super::{At, Found, Kept, Key, Locks, Mode};
use crate::old::ir::{Call, Callee, Operand, Place};
use crate::old::program::{FnId, Target};
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// How deep calls are followed from the function that is looked at.
const DEEP: u8 = 5;

/// The level of the function that is looked at itself.
const TOP: u8 = 1;

/// A lock that a function takes while it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Take {
    /// Which, as the function names it.
    pub key: Key,
    /// How.
    pub mode: Mode,
    /// Where it is taken.
    pub at: At,
    /// The calls that lead there, outermost first.
    pub via: Vec<At>,
    /// Whether each way through on which nothing fails takes it.
    pub sure: bool,
}

/// What a call of the function leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Net {
    /// The lock is as it was.
    None,
    /// The caller holds it now.
    Takes(Mode),
    /// The caller holds it no longer.
    Releases(Mode),
    /// One or the other.
    Doubt,
}

/// What callers need to know of a function.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Locks that it takes itself or through calls, those aside that it had let go before.
    pub takes: Vec<Take>,
    /// What a call leaves behind; locks that are not named are as they were.
    pub net: Vec<(Key, Net)>,
    /// There were too many ways.
    pub unknown: bool,
    /// What is wrong in it.
    pub found: Rc<Found>,
}

impl Summary {
    /// What a call does to a lock.
    #[must_use]
    pub fn net_of(&self, key: &Key) -> Net {
        if self.unknown {
            return Net::Doubt;
        }
        self.net.iter().find(|(k, _)| k == key).map_or(Net::None, |(_, n)| *n)
    }

    fn same(&self, other: &Self) -> bool {
        self.unknown == other.unknown && self.net == other.net && self.takes == other.takes
    }
}

/// Summaries, with the level that they were made on.
pub(super) type Memo = FxHashMap<(FnId, Given), (Rc<Summary>, u8)>;

/// A summary in the making: what it is taken to be until then, and whether anybody asked.
pub(super) struct Open {
    assumed: Rc<Summary>,
    asked: bool,
}

impl Locks<'_> {
    /// The summary of a function called with some constants.
    pub(super) fn summary(&self, id: FnId, given: &Given) -> Rc<Summary> {
        let key = (id, given.clone());
        let level = self.depth.get().max(TOP) + 1;
        // One that was made further down knows less of what it calls.
        if let Some((known, at)) = self.summaries.borrow().get(&key)
            && *at <= level
        {
            return Rc::clone(known);
        }
        if let Some(open) = self.open.borrow_mut().get_mut(&key) {
            open.asked = true;
            return Rc::clone(&open.assumed);
        }
        if level > DEEP {
            return Rc::default();
        }
        let before = self.depth.replace(level);
        let mut assumed: Rc<Summary> = Rc::default();
        let mut made = Rc::clone(&assumed);
        // A function that comes back to itself is looked at again with what the first look found.
        for _ in 0..3 {
            let mark = self.log.borrow().len();
            self.open.borrow_mut().insert(key.clone(), Open { assumed: Rc::clone(&assumed), asked: false });
            made = Rc::new(self.make(id, given));
            let asked = self.open.borrow_mut().remove(&key).is_some_and(|o| o.asked);
            if !asked || made.same(&assumed) || self.rounds.get() == 0 {
                break;
            }
            self.rounds.set(self.rounds.get() - 1);
            let stale: Vec<(FnId, Given)> = self.log.borrow_mut().drain(mark..).collect();
            let mut memo = self.summaries.borrow_mut();
            stale.iter().for_each(|k| drop(memo.remove(k)));
            assumed = Rc::clone(&made);
        }
        self.depth.set(before);
        self.log.borrow_mut().push(key.clone());
        self.summaries.borrow_mut().insert(key, (Rc::clone(&made), level));
        made
    }

    /// What is wrong in a function. What it calls with no lock held matters to its callers alone, and is mostly left out.
    pub(super) fn found(&self, id: FnId) -> Rc<Found> {
        let before = self.depth.replace(TOP);
        let made = self.make(id, &Given::default());
        self.depth.set(before);
        made.found
    }

    fn make(&self, id: FnId, given: &Given) -> Summary {
        let Some(walker) = Walker::new(self, id) else { return Summary::default() };
        let Some((exits, gathered)) = walker.run(given) else {
            let head = self.package.func(id).map(|(_, f)| f.head).unwrap_or_default();
            let passed = vec![(At { id, span: head }, "there are too many ways through this function")];
            let found = Rc::new(Found { passed, ..Found::default() });
            return Summary { unknown: true, found, ..Summary::default() };
        };
        let mut net = Vec::new();
        let mut found = gathered.found;
        let mut keys: Vec<&Key> = Vec::new();
        for exit in &exits {
            let state = &exit.state;
            let all = state.held.iter().map(|h| &h.key).chain(state.gone.iter().map(|(k, _)| k)).chain(&state.doubt);
            keys.extend(all);
        }
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            let mut effect = exits.iter().map(|e| e.state.net_of(key)).reduce(|a, b| if a == b { a } else { Net::Doubt });
            if matches!(effect, Some(Net::Takes(_) | Net::Doubt)) && self.handed_off(id, key) {
                effect = Some(Net::Doubt);
                let taken = exits.iter().find_map(|e| e.state.held.iter().find(|h| h.key == *key));
                found.passed.extend(taken.map(|h| (h.at, "code that runs elsewhere may let it go")));
            } else if effect == Some(Net::Doubt)
                && let Some(kept) = kept(&exits, key, &gathered.released)
            {
                found.kept.push(kept);
            } else if let Some(Net::Takes(_)) = effect {
                found.kept.extend(kept_for_good(&exits, key));
            }
            net.extend(effect.map(|e| (key.clone(), e)));
        }
        if !found.twice.is_empty() {
            found.twice.retain(|t| !self.handed_off(id, &t.held.key));
        }
        let mut takes = gathered.takes;
        for take in &mut takes {
            // A function that fails on the way there is no excuse: the next time it does not.
            let mut well = exits.iter().filter(|e| e.succeeds != Some(false)).peekable();
            take.sure = well.peek().is_some() && well.all(|e| e.state.took.contains(&take.key));
        }
        Summary { takes, net, unknown: false, found: Rc::new(found) }
    }

    /// The summary of what a call calls, if its source is in view and it has to do with locks.
    pub(super) fn effect_of(&self, at: FnId, call: &Call, known: &Known, holds: bool) -> Option<(Rc<Summary>, FnId)> {
        let depth = self.depth.get();
        let within = if depth <= TOP && !holds { 0 } else { DEEP.saturating_sub(depth.max(TOP)) - u8::from(depth < DEEP) };
        if let Callee::Name(name) = &call.callee
            && self.package.named(*name).iter().all(|d| !self.touches(*d, within))
        {
            return None;
        }
        let Target::Func(callee) = self.package.resolve(at.decl, call) else { return None };
        if !self.touches(callee.decl, within) {
            return None;
        }
        let body = self.package.body(at.decl)?;
        let args: Vec<Option<Operand>> = {
            let facts = self.facts(at.decl, body);
            call.args.iter().map(|a| facts.constant(a, known)).collect()
        };
        Some((self.summary(callee, &self.given(callee, &args)), callee))
    }

    /// Constants that a call hands to parameters which the function asks about.
    fn given(&self, callee: FnId, args: &[Option<Operand>]) -> Given {
        let mut out = Given::new();
        if args.iter().all(Option::is_none) {
            return out;
        }
        let Some((body, func)) = self.package.func(callee) else { return out };
        let facts = self.facts(callee.decl, body);
        for (i, (arg, param)) in args.iter().zip(&func.params).enumerate() {
            if let Some(value) = arg.as_ref().filter(|_| facts.asks(&Place::local(*param))) {
                out.push((u32::try_from(i).unwrap_or(u32::MAX), value.clone()));
            }
        }
        out
    }
}

/// A way out that keeps the lock, where another that took it too let it go.
fn kept(exits: &[Exit], key: &Key, released: &[(Key, At)]) -> Option<Kept> {
    if exits.iter().any(|e| e.state.doubt.contains(key)) {
        return None;
    }
    let keeps = |e: &&Exit| e.state.held.iter().any(|h| h.key == *key);
    let lets_go = |e: &&Exit| e.state.took.contains(key) && !keeps(e);
    // A lock that comes with success and is let go on failure is handed to the caller.
    let discriminates = exits.iter().filter(keeps).all(|e| e.succeeds != Some(false))
        && exits.iter().filter(lets_go).all(|e| e.succeeds == Some(false));
    if discriminates || !exits.iter().any(|e| lets_go(&e)) {
        return None;
    }
    let exit = exits.iter().filter(keeps).min_by_key(|e| e.span)?;
    let held = exit.state.held.iter().find(|h| h.key == *key)?.clone();
    let (_, released) = released.iter().find(|(k, _)| k == key)?;
    Some(Kept { held, exit: exit.span, ends: exit.ends, plain: exit.plain, released: Some(*released) })
}

/// The first way out of a function that returns with the lock whichever way it goes.
fn kept_for_good(exits: &[Exit], key: &Key) -> Option<Kept> {
    let exit = exits.iter().min_by_key(|e| e.span)?;
    let held = exit.state.held.iter().find(|h| h.key == *key)?.clone();
    Some(Kept { held, exit: exit.span, ends: exit.ends, plain: exit.plain, released: None })
}
