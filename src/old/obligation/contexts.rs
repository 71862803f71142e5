//! Contexts and the things that hang on them: what a cancel function that is never called leaves behind, and whose end lets a thing go.

use super::facts::{Fact, Known};
use super::walk::Walker;
use super::{Acquired, Engine, Start, requests};
use crate::models::{Bound, ContextOp, FnModel};
use crate::old::flow::Cfg;
use crate::old::ir::{Call, Callee, Cond, LocalId, LoopKind, OpKind, Operand, Place, Term};
use crate::old::lifetime::{Clue, lasting};
use crate::old::program::{FnId, Frame, Origin, Package, Target, functions};
use rustc_hash::FxHashSet;
use std::rc::Rc;
use std::time::Duration;

/// A context whose parents are more than this many steps away is not followed to its root.
const MAX_PARENTS: u8 = 8;

/// What stays when the cancel function of a context is not called, from the mildest to the worst.
#[derive(Clone, Debug, PartialEq)]
pub enum Kept {
    /// Nothing refers to the context: its parent never ends, and keeps no list.
    Nothing,
    /// The end of the function that derived it, which ends the parent.
    Function,
    /// A timer and the place in the parent, until the time has passed; how long where the text says it.
    Timer(Option<Duration>),
    /// The place in the parent, until the request is over.
    Request,
    /// The place in the parent, until the parent ends.
    Parent,
    /// A goroutine of the library.
    Library,
    /// A goroutine that waits for the context and has no other way out.
    Goroutine(Clue),
}

impl Kept {
    fn rank(&self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::Function => 1,
            Self::Timer(_) => 2,
            Self::Request => 3,
            Self::Parent => 4,
            Self::Library | Self::Goroutine(_) => 5,
        }
    }
}

/// The contexts whose end does the same as letting the thing go: the one that the call gives, or that it was given.
pub(super) fn ends(package: &Package, id: FnId, model: &FnModel, call: &Call) -> Vec<Place> {
    let arg = |i: u8| call.args.get(i as usize).and_then(Operand::place).cloned();
    match model.context {
        Some(ContextOp::Derive { parent, result, .. }) => {
            let derived = call.results.get(result as usize).cloned().flatten();
            derived.into_iter().chain(arg(parent)).collect()
        }
        _ => match model.blocks.as_ref().map(|b| b.bound) {
            Some(Bound::Request(i)) => arg(i).and_then(|r| requests::context_of(package, id, &r)).into_iter().collect(),
            _ => model.binds.and_then(arg).into_iter().collect(),
        },
    }
}

/// The derived context is there.
pub(super) fn facts(model: &FnModel, call: &Call) -> Vec<Fact> {
    let Some(ContextOp::Derive { result, .. }) = model.context else { return Vec::new() };
    let derived = call.results.get(result as usize).cloned().flatten();
    derived.into_iter().map(|place| Fact { place, known: Known::NotNil }).collect()
}

impl Walker<'_, '_> {
    /// Whether a receive from the channel means that a context is over whose end lets the thing go.
    pub(super) fn is_end(&self, ch: &Place) -> bool {
        self.asks_context(ch, ContextOp::Done)
    }

    /// Whether the place holds why such a context is over.
    fn is_end_error(&self, place: &Place) -> bool {
        self.asks_context(place, ContextOp::Err)
    }

    /// Whether this outcome of the condition says that the thing is over: its context has ended, or its own end is reached.
    pub(super) fn says_over(&self, cond: &Cond, holds: bool) -> bool {
        match cond {
            Cond::Not(inner) => self.says_over(inner, !holds),
            Cond::IsNil(p) => !holds && (self.is_end_error(p) || self.is_drained(p)),
            Cond::Truth(p) => !holds && self.is_drained(p),
            // `err == io.EOF`
            Cond::Eq(a, b) => holds && [a, b].into_iter().any(|o| o.place().is_some_and(|p| self.is_drained(p))),
            _ => false,
        }
    }

    /// Whether the place holds what a call says that runs the thing to its end: false, or an error.
    fn is_drained(&self, answer: &Place) -> bool {
        if self.duty.drained_by.is_empty() {
            return false;
        }
        match self.engine.package().origin(&Frame::root(self.id), answer) {
            Origin::Call { call, .. } => match &call.callee {
                Callee::Method { recv, name } => self.duty.drained_by.contains(name) && self.aliases.is(recv),
                _ => false,
            },
            _ => false,
        }
    }

    fn asks_context(&self, place: &Place, question: ContextOp) -> bool {
        if self.until.is_empty() {
            return false;
        }
        match self.engine.package().origin(&Frame::root(self.id), place) {
            Origin::Call { call, target: Target::Model(model, _), .. } if model.context == Some(question) => {
                let asked = match &call.callee {
                    Callee::Method { recv, .. } => Some(recv),
                    _ => call.args.first().and_then(Operand::place),
                };
                asked.is_some_and(|a| self.until.contains(a))
            }
            _ => false,
        }
    }
}

impl Engine<'_> {
    /// The results through which a function gives back the contexts whose end lets the thing go.
    pub(super) fn returned_contexts(&self, from: &Start) -> impl Iterator<Item = usize> + use<> {
        let mut found: Vec<usize> = Vec::new();
        if let Some((_, func)) = self.package.func(from.id) {
            for block in &func.blocks {
                let Term::Return(values) = &block.term else { continue };
                let given = |v: &Operand| v.place().is_some_and(|p| from.until.contains(p));
                found.extend(values.iter().enumerate().filter(|(_, v)| given(v)).map(|(i, _)| i));
            }
        }
        found.sort_unstable();
        found.dedup();
        found.into_iter()
    }

    /// What stays if the cancel function of a derived context is not called.
    #[must_use]
    pub fn kept(&self, acquired: &Acquired) -> Kept {
        let Some(ContextOp::Derive { parent, result, deadline, .. }) = acquired.model.context else { return Kept::Nothing };
        if acquired.model.acquires.as_ref().is_some_and(|a| a.goroutine) {
            return Kept::Library;
        }
        if deadline {
            let duration = acquired.call.args.iter().find_map(|a| self.package.duration(acquired.id.decl, a));
            return Kept::Timer(duration);
        }
        let frame = Frame::root(acquired.id);
        let parent = match acquired.call.args.get(parent as usize) {
            Some(Operand::Place(p)) => self.parent(&frame, p, acquired, 0),
            _ => Kept::Parent,
        };
        match parent {
            Kept::Nothing => {
                let derived = acquired.call.results.get(result as usize).cloned().flatten();
                derived.and_then(|d| self.waiter(acquired, &d)).map_or(Kept::Nothing, Kept::Goroutine)
            }
            other => other,
        }
    }

    /// How long the parent of a context may live: what it keeps of a child that is not cancelled.
    fn parent(&self, frame: &Rc<Frame>, ctx: &Place, acquired: &Acquired, depth: u8) -> Kept {
        if depth > MAX_PARENTS {
            return Kept::Parent;
        }
        let sources = self.package.sources(frame, &Operand::Place(ctx.clone()));
        let made = sources.into_iter().filter_map(|source| match source.origin {
            // A variable that holds parent and child in turn.
            Origin::Call { call, .. } if call.span == acquired.call.span => None,
            Origin::Call { frame: at, call, target: Target::Model(model, _), .. } => {
                Some(self.made_by(&at, &call, model, acquired, depth))
            }
            Origin::Variable(decl, local) if decl == acquired.id.decl => self.rewritten(frame, local, acquired, depth),
            _ => Some(Kept::Parent),
        });
        // Which of several it is cannot be told: the mildest claim holds for all.
        made.min_by_key(Kept::rank).unwrap_or(Kept::Parent)
    }

    /// What a parameter holds that the function writes: what it came with, or what another call made of that.
    fn rewritten(&self, frame: &Rc<Frame>, local: LocalId, acquired: &Acquired, depth: u8) -> Option<Kept> {
        let body = self.package.body(acquired.id.decl)?;
        let place = Place::local(local);
        let made = functions(acquired.id.decl, body).flat_map(|(_, func)| func.ops()).filter_map(|(_, _, op)| match &op.kind {
            OpKind::Call(call) if call.span < acquired.call.span && call.results.contains(&Some(place.clone())) => {
                let model = self.package.resolve(acquired.id.decl, call).model()?;
                Some(self.made_by(frame, call, model, acquired, depth + 1))
            }
            _ => None,
        });
        Some(made.min_by_key(Kept::rank).unwrap_or(Kept::Parent))
    }

    fn made_by(&self, at: &Rc<Frame>, call: &Call, model: &FnModel, acquired: &Acquired, depth: u8) -> Kept {
        match model.context {
            Some(ContextOp::Root | ContextOp::WithoutCancel { .. }) => Kept::Nothing,
            Some(ContextOp::Carried) => Kept::Request,
            Some(ContextOp::Derive { deadline: true, .. }) => {
                Kept::Timer(call.args.iter().find_map(|a| self.package.duration(at.id.decl, a)))
            }
            Some(ContextOp::Derive { cancel: Some(c), .. }) if self.ends_here(at.id, call, c, acquired) => Kept::Function,
            Some(ContextOp::Derive { parent, cancellable, .. }) => {
                let up = match call.args.get(parent as usize) {
                    Some(Operand::Place(p)) => self.parent(at, p, acquired, depth + 1),
                    _ => Kept::Parent,
                };
                // A context that somebody can cancel keeps a list, whatever its own parent does.
                if cancellable && up == Kept::Nothing { Kept::Parent } else { up }
            }
            _ => Kept::Parent,
        }
    }

    /// Whether a context ends with the function, and lets the thing go with it.
    #[must_use]
    pub fn ends_with_function(&self, acquired: &Acquired) -> bool {
        let Some((_, func)) = self.package.func(acquired.id) else { return false };
        // What a variable holds of several contexts cannot be told: the last one made before counts.
        acquired.until.iter().any(|ctx| {
            let makes = func.ops().filter_map(|(_, _, op)| match &op.kind {
                OpKind::Call(call) if call.span < acquired.call.span && call.results.contains(&Some(ctx.clone())) => Some(call),
                _ => None,
            });
            makes.max_by_key(|call| call.span).is_some_and(|call| {
                match self.package.resolve(acquired.id.decl, call).model().and_then(|m| m.context) {
                    Some(ContextOp::Derive { cancel: Some(c), .. }) => self.ends_here(acquired.id, call, c, acquired),
                    _ => false,
                }
            })
        })
    }

    /// Whether the function defers the end of the parent: whatever hangs on it is gone when the function is.
    fn ends_here(&self, id: FnId, call: &Call, cancel: u8, acquired: &Acquired) -> bool {
        let Some(cancel) = call.results.get(cancel as usize).cloned().flatten() else { return false };
        let Some((_, func)) = self.package.func(id) else { return false };
        id == acquired.id
            && func.ops().any(|(_, _, op)| match &op.kind {
                OpKind::Defer(call) => call.callee == Callee::Value(cancel.clone()),
                _ => false,
            })
    }

    /// Where a goroutine that the function starts waits for the context, if nothing else lets it leave.
    fn waiter(&self, acquired: &Acquired, ctx: &Place) -> Option<Clue> {
        let (package, id) = (self.package, acquired.id);
        let (_, func) = package.func(id)?;
        let mut seen: FxHashSet<FnId> = FxHashSet::default();
        for (block, _, op) in func.ops() {
            let OpKind::Spawn(call) = &op.kind else { continue };
            let Some(body) = package.resolve(id.decl, call).func() else { continue };
            if !seen.insert(body) || lasting::once(package, id, block).is_some() {
                continue;
            }
            let Some(frame) = Frame::root(id).call(body, call) else { continue };
            if let Some(clue) = self.waits_only_for(&frame, acquired, ctx) {
                return Some(clue);
            }
        }
        None
    }

    fn waits_only_for(&self, frame: &Rc<Frame>, acquired: &Acquired, ctx: &Place) -> Option<Clue> {
        let (package, id) = (self.package, frame.id);
        let is = |ch: &Place| match package.origin(frame, ch) {
            Origin::Call { frame: at, call, target: Target::Model(model, _), .. } if model.context == Some(ContextOp::Done) => {
                let Callee::Method { recv, .. } = &call.callee else { return false };
                recv == ctx && at.id.decl == acquired.id.decl
                    || match package.origin(&at, recv) {
                        Origin::Call { call, .. } => call.span == acquired.call.span,
                        Origin::Variable(decl, local) => decl == acquired.id.decl && ctx.as_local() == Some(local),
                        _ => false,
                    }
            }
            _ => false,
        };
        let cfg = Cfg::new(package, id)?;
        let live = cfg.reachable(crate::old::ir::BlockId(0));
        for (block, _, op) in cfg.func.ops() {
            match &op.kind {
                OpKind::Recv { ch, .. } if live[block.at()] && is(ch) => {
                    return Some(Clue::new(id.decl, op.span, "this goroutine waits for the end of the context"));
                }
                _ => {}
            }
        }
        for block in cfg.func.block_ids().filter(|b| live[b.at()]) {
            let Term::Select { cases, default: None } = &cfg.func.block(block).term else { continue };
            let Some(case) = cases.iter().find(|c| is(c.comm.ch())) else { continue };
            let mut without = Cfg::new(package, id)?;
            without.without(|from, to| from == block && cases.iter().any(|c| c.target == to && is(c.comm.ch())));
            if !without.can_leave()[block.at()] && !ends_by_range(&without, block) {
                return Some(Clue::new(id.decl, case.span, "this goroutine waits for the end of the context"));
            }
        }
        None
    }
}

/// Whether the block lies in a loop over a collection or channel, which has an end of its own.
fn ends_by_range(cfg: &Cfg<'_>, block: crate::old::ir::BlockId) -> bool {
    let around = cfg.func.block(block).in_loop;
    around.is_some_and(|l| !matches!(cfg.func.loops[l.at()].kind, LoopKind::Forever))
}
