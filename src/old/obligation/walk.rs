//! The ways from where a thing is first held to where the function is left, and what becomes of the thing on each.

use super::alias::Aliases;
use super::effects::{At, Effect};
use super::facts::{Fact, writes};
use super::over::{PERHAPS, Runner, Tells};
use super::piled::{Round, Until};
use super::{Duty, Engine};
use crate::old::flow::{Cfg, Exit};
use crate::old::ir::{BlockId, Body, Callee, Comm, Cond, Func, FuncIdx};
use crate::old::ir::{LocalKind, LoopKind, OpKind, Operand, Place, Sym, Term, Ty};
use crate::old::program::FnId;
use crate::source::Span;
use rustc_hash::FxHashSet;
use std::collections::VecDeque;
use std::rc::Rc;

/// How the thing is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LossHow {
    /// The function returns.
    Returns,
    /// The function comes to its end.
    Ends,
    /// The next round of a loop acquires another one.
    Again(Round),
    /// The variable gets another value.
    Overwritten,
    /// The next round of a loop acquires another one, and what lets it go was deferred.
    Deferred(Until),
    /// Nothing ever held it.
    Dropped,
}

/// A way out that forgets the thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Loss {
    /// The function.
    pub id: FnId,
    /// The statement.
    pub span: Span,
    /// How.
    pub how: LossHow,
    /// Whether it was read from or written to on the way.
    pub used: bool,
}

/// Where the duty goes.
#[derive(Clone, Debug, PartialEq)]
pub enum Move {
    /// To the callers, through the result with that index.
    Return(u32),
    /// To a type of this package, whose field holds it.
    Field {
        /// The type.
        owner: Sym,
        /// The field.
        name: Sym,
        /// Where it is stored.
        at: (FnId, Span),
    },
    /// To a variable of the function around.
    Captured,
    /// Out of view; the reason.
    Out(String),
}

/// What becomes of a thing on the ways through a function.
#[derive(Clone, Debug, Default)]
pub struct Walked {
    /// The shortest way out that forgets it.
    pub lost: Option<Loss>,
    /// All ways out that forget it, the shortest first.
    pub left: Vec<Loss>,
    /// All places where it is overwritten.
    pub overwritten: Vec<Span>,
    /// Whether some way lets it go.
    pub released: bool,
    /// Where the duty goes on other ways.
    pub moves: Vec<Move>,
    /// Why nothing can be said of some way.
    pub unknown: Option<String>,
}

impl Walked {
    pub(super) fn unknown(why: &str) -> Self {
        Self { unknown: Some(why.to_string()), ..Self::default() }
    }

    /// Whether some way does more than use it.
    pub(super) fn acts(&self) -> bool {
        self.released || self.unknown.is_some() || !self.moves.is_empty()
    }

    /// Whether no way out was found.
    pub(super) fn never_leaves(&self) -> bool {
        self.lost.is_none() && !self.acts()
    }
}

/// Who else may let it go at the end of the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Cover {
    Nobody,
    /// A field of a type has it, and that type owes.
    Kept,
    Perhaps,
    /// It was read, perhaps to its end.
    Drained,
    Goroutine,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct State {
    /// Whether the error still is that of the acquiring call.
    error: bool,
    /// Whether it is sure that the call succeeded: its error is nil, or the thing is used.
    sure: bool,
    /// Which of the walk's facts still hold.
    facts: u8,
    /// Whether it was read from or written to.
    used: bool,
    /// Whether a call that lets it go was deferred in a loop that goes on.
    deferred: bool,
    /// The block that ended the round.
    round: Option<BlockId>,
    cover: Cover,
}

/// Walks one function.
pub(super) struct Walker<'e, 'p> {
    pub(super) engine: &'e Engine<'p>,
    pub(super) id: FnId,
    pub(super) body: &'p Body,
    pub(super) aliases: Rc<Aliases>,
    pub(super) duty: Rc<Duty>,
    pub(super) error: Option<Place>,
    /// Contexts whose end lets it go.
    pub(super) until: Vec<Place>,
    pub(super) facts: Vec<Fact>,
    pub(super) runner: Option<Rc<Runner>>,
    pub(super) start: Option<At>,
    pub(super) cfg: Cfg<'p>,
}

/// What one walk gathers.
#[derive(Default)]
struct Gathered {
    walked: Walked,
    /// What a goroutine that lets it go forgets itself, and whether this function leaves that to the goroutine.
    beside: Option<(Loss, bool)>,
    perhaps: Option<String>,
    drained: Option<String>,
    deferred: Option<(Span, Until)>,
    seen: FxHashSet<(BlockId, State)>,
    todo: VecDeque<(BlockId, usize, State)>,
}

impl Gathered {
    fn moved(&mut self, to: Move) {
        match to {
            Move::Out(why) => {
                self.walked.unknown.get_or_insert(why);
            }
            to if !self.walked.moves.contains(&to) => self.walked.moves.push(to),
            _ => {}
        }
    }

    fn go(&mut self, block: BlockId, state: State) {
        if self.seen.insert((block, state)) {
            self.todo.push_back((block, 0, state));
        }
    }
}

impl<'e, 'p> Walker<'e, 'p> {
    pub(super) fn new(engine: &'e Engine<'p>, id: FnId, aliases: Rc<Aliases>, duty: &Rc<Duty>) -> Option<Self> {
        let (body, _) = engine.package.func(id)?;
        let cfg = Cfg::new(engine.package, id)?;
        Some(Self {
            engine,
            id,
            body,
            aliases,
            duty: Rc::clone(duty),
            error: None,
            until: Vec::new(),
            facts: Vec::new(),
            runner: None,
            start: None,
            cfg,
        })
    }

    pub(super) fn func(&self) -> &'p Func {
        self.cfg.func
    }

    pub(super) fn run(mut self) -> Walked {
        let mut out = Gathered::default();
        let known = self.known_conditions();
        let cover = match self.before(&mut out) {
            Some(cover) => cover,
            None => return Walked { released: true, ..Walked::default() },
        };
        let (error, used) = (self.error.is_some(), self.is_used_beside());
        let facts = self.all_facts();
        self.facts.extend(self.flags());
        let state = State { error, sure: !error, facts, used, deferred: false, round: None, cover };
        match self.start {
            Some((block, op)) => out.todo.push_back((block, op + 1, state)),
            None => out.go(BlockId(0), state),
        }
        while let Some((block, from, state)) = out.todo.pop_front() {
            self.block(block, from, state, &known, &mut out);
        }
        if out.walked.lost.is_none()
            && let Some((loss, true)) = out.beside
        {
            out.walked.lost = Some(loss);
        }
        out.walked
    }

    /// What was deferred or started before the thing was held and lets it go. `None` where a deferred call surely does.
    fn before(&self, out: &mut Gathered) -> Option<Cover> {
        let mut cover = Cover::Nobody;
        let Some((block, op)) = self.start else { return Some(cover) };
        let idom = self.cfg.dominators();
        for (b, i, operation) in self.func().ops() {
            let later = match &operation.kind {
                OpKind::Defer(_) | OpKind::Spawn(_) => true,
                // `t.Cleanup(func() { … })`
                OpKind::Call(call) => call.args.iter().any(|a| self.literal(a).is_some()),
                _ => false,
            };
            if !later {
                continue;
            }
            let earlier = if b == block { i < op } else { Cfg::dominates(&idom, b, block) };
            if !earlier {
                continue;
            }
            match self.effect(&operation.kind, operation.span) {
                Effect::Release => return None,
                Effect::Maybe(why) => {
                    cover = Cover::Perhaps;
                    out.perhaps.get_or_insert(why);
                }
                Effect::Taken(_) => cover = Cover::Goroutine,
                Effect::Move(Move::Out(why)) => {
                    cover = Cover::Perhaps;
                    out.perhaps.get_or_insert(why);
                }
                _ => {}
            }
        }
        Some(cover)
    }

    fn block(&self, block: BlockId, from: usize, mut state: State, known: &[(Cond, bool)], out: &mut Gathered) {
        let exit = self.cfg.exit(block);
        for (i, op) in self.func().block(block).ops.iter().enumerate().skip(from) {
            if exit == Some(Exit::Call(i)) {
                return;
            }
            if self.start == Some((block, i)) {
                let (span, how) = match out.deferred.filter(|_| state.deferred) {
                    Some((span, until)) => (span, LossHow::Deferred(until)),
                    None => self.end_of_round(state.round).unwrap_or((op.span, LossHow::Again(Round::Unseen))),
                };
                self.lose(span, how, State { deferred: false, ..state }, out);
                return;
            }
            if self.error.as_ref().is_some_and(|e| writes(&op.kind, e)) {
                state.error = false;
            }
            state.facts = self.facts_after(&op.kind, state.facts);
            state.used = state.used || self.duty.is_pipe() && self.waits_on(&op.kind);
            match self.effect(&op.kind, op.span) {
                Effect::Keep => state.sure = state.sure || self.aliases.used_by(&op.kind),
                Effect::Release => {
                    if matches!(op.kind, OpKind::Defer(_))
                        && let Some(until) = self.piles_up(block)
                    {
                        out.deferred.get_or_insert((op.span, until));
                        state.deferred = true;
                        continue;
                    }
                    out.walked.released = true;
                    return;
                }
                Effect::Maybe(why) => {
                    state.cover = Cover::Perhaps;
                    out.perhaps.get_or_insert(why);
                }
                Effect::Drains(why) => {
                    if state.cover == Cover::Nobody {
                        state.cover = Cover::Drained;
                    }
                    out.drained.get_or_insert(why);
                }
                Effect::Taken(None) => {
                    out.walked.released = true;
                    return;
                }
                Effect::Taken(Some(_)) if state.cover == Cover::Goroutine => {
                    state.cover = Cover::Perhaps;
                    out.perhaps.get_or_insert_with(|| "two goroutines let it go on some ways".to_string());
                }
                Effect::Taken(Some(loss)) => {
                    state.cover = Cover::Goroutine;
                    out.walked.released = true;
                    out.beside.get_or_insert((loss, false));
                }
                Effect::Move(to @ Move::Field { .. }) => {
                    out.moved(to);
                    state.cover = Cover::Kept;
                }
                Effect::Stores(all) => {
                    all.into_iter().for_each(|to| out.moved(to));
                    state.cover = Cover::Kept;
                }
                Effect::Move(to) => {
                    out.moved(to);
                    return;
                }
                Effect::Lose(how) => {
                    self.lose(op.span, how, state, out);
                    return;
                }
            }
        }
        self.leave(block, state, known, out);
    }

    fn lose(&self, span: Span, how: LossHow, state: State, out: &mut Gathered) {
        if state.deferred {
            out.walked.released = true;
            return;
        }
        if how == LossHow::Overwritten && state.cover == Cover::Nobody {
            out.walked.overwritten.push(span);
        }
        match state.cover {
            Cover::Kept => {}
            // What the goroutine forgets is forgotten where this function does not let it go either.
            Cover::Goroutine => out.beside.iter_mut().for_each(|(_, met)| *met = true),
            Cover::Nobody if !state.sure => {
                out.walked.unknown.get_or_insert_with(|| "the error of the call is not looked at on this way".to_string());
            }
            Cover::Perhaps => {
                let why = out.perhaps.clone().unwrap_or_default();
                out.walked.unknown.get_or_insert(why);
            }
            Cover::Drained => {
                out.walked.released = true;
                out.walked.unknown.get_or_insert(out.drained.clone().unwrap_or_default());
            }
            Cover::Nobody => {
                let loss = Loss { id: self.id, span, how, used: state.used };
                if !out.walked.left.iter().any(|other| other.span == span) {
                    out.walked.left.push(loss.clone());
                }
                out.walked.lost.get_or_insert(loss);
            }
        }
    }

    fn leave(&self, block: BlockId, state: State, known: &[(Cond, bool)], out: &mut Gathered) {
        let entry = self.func().block(block);
        let state = State { round: self.round(block, state.round), ..state };
        match &entry.term {
            Term::Return(values) if self.cfg.exit(block) == Some(Exit::Return) => self.returns(entry.span, values, state, out),
            Term::If { cond, then, els } => {
                for (target, holds) in [(*then, true), (*els, false)] {
                    let possible =
                        self.cfg.succs(block).contains(&target) && !known.iter().any(|(c, v)| c == cond && *v != holds);
                    let possible = possible && !self.is_ruled_out(cond, holds, state.facts);
                    if possible && !self.duty.is_pipe() && self.says_over(cond, holds) {
                        out.walked.released = true;
                        continue;
                    }
                    if possible && !self.means_nothing_held(block, cond, holds, state) {
                        let sure = state.sure || self.asks_error(cond, state);
                        self.go_on(block, target, cond, holds, State { sure, ..state }, out);
                    }
                }
            }
            Term::Select { cases, .. } => {
                for case in cases {
                    match &case.comm {
                        Comm::Send { value, .. } => {
                            if let Effect::Move(to) = self.value_leaves(value, "it is sent over a channel") {
                                out.moved(to);
                                continue;
                            }
                        }
                        Comm::Recv { ch, .. } if self.duty.once && self.aliases.touches(ch) || self.is_end(ch) => {
                            out.walked.released = true;
                            continue;
                        }
                        Comm::Recv { ch, .. } if self.told_by(ch) != Tells::Nothing => {
                            self.comes_past(self.told_by(ch), case.target, state, out);
                            continue;
                        }
                        Comm::Recv { ch, .. } if state.cover == Cover::Nobody && self.answers_release(ch) => {
                            out.perhaps.get_or_insert_with(|| "this way is told to end where it is let go".to_string());
                            out.go(case.target, State { cover: Cover::Perhaps, ..state });
                            continue;
                        }
                        Comm::Recv { .. } => {}
                    }
                    out.go(case.target, state);
                }
                if let Term::Select { default: Some(target), .. } = &entry.term {
                    out.go(*target, state);
                }
            }
            Term::Loop { id, body, exit } => {
                let kind = &self.func().loops[id.at()].kind;
                if let (LoopKind::Cond(cond), Some(exit)) = (kind, exit) {
                    self.go_on(block, *body, cond, true, state, out);
                    self.go_on(block, *exit, cond, false, state, out);
                    return;
                }
                self.comes_past(self.told_in_round(kind), *body, state, out);
                // Nobody closes the channel of a ticker or of the signal package: ranging over it has no end.
                let endless = matches!(kind, LoopKind::Range(Operand::Place(p))
                    if self.aliases.touches(p) && (matches!(self.duty.kind.as_str(), "ticker" | "signal") || self.duty.once));
                if let Some(exit) = exit.filter(|_| !endless) {
                    self.comes_past(self.told_at_end(*id), exit, state, out);
                }
            }
            _ => self.cfg.succs(block).iter().for_each(|s| out.go(*s, state)),
        }
    }

    /// Goes on behind a wait for the goroutine which runs the thing.
    fn comes_past(&self, told: Tells, target: BlockId, state: State, out: &mut Gathered) {
        match told {
            Tells::Over => out.walked.released = true,
            Tells::Perhaps if state.cover == Cover::Nobody => {
                out.perhaps.get_or_insert_with(|| PERHAPS.to_string());
                out.go(target, State { cover: Cover::Perhaps, ..state });
            }
            _ => out.go(target, state),
        }
    }

    /// Whether the channel belongs to something that is spoken to where the thing is let go, `consumer.Stop()` beside `t.Stop()`: a signal
    /// of code out of view, which may come only after that.
    fn answers_release(&self, ch: &Place) -> bool {
        let Some((owner, _)) = ch.split_last().filter(|_| !self.aliases.touches(ch)) else { return false };
        let ty = match self.engine.package.ty_of(self.id.decl, self.body, &owner) {
            Ty::Ptr(inner) => (*inner).clone(),
            ty => ty,
        };
        if !matches!(ty, Ty::Named { path: Some(_), .. } | Ty::Unknown) {
            return false;
        }
        let speaks =
            |op: &OpKind| matches!(op, OpKind::Call(c) if matches!(&c.callee, Callee::Method { recv, .. } if *recv == owner));
        self.func().block_ids().any(|b| {
            let ops = &self.func().block(b).ops;
            let first = ops.iter().position(|op| matches!(self.effect(&op.kind, op.span), Effect::Release));
            first.is_some_and(|i| ops[i..].iter().any(|op| speaks(&op.kind)))
        })
    }

    fn returns(&self, span: Span, values: &[Operand], state: State, out: &mut Gathered) {
        for (i, value) in values.iter().enumerate() {
            // A goroutine that lets it go owes: what the caller gets is for other uses.
            if state.cover != Cover::Goroutine && value.place().is_some_and(|p| self.aliases.is(p)) {
                out.moved(Move::Return(u32::try_from(i).unwrap_or(u32::MAX)));
                return;
            }
            if let Effect::Move(to) = self.value_leaves(value, "a function that lets it go is returned") {
                out.moved(to);
                return;
            }
        }
        // A literal that only captures the thing leaves it where it was.
        if self.start.is_some() && self.aliases.outside(self.body, self.id.func).is_some() {
            out.moved(Move::Captured);
            return;
        }
        if self.ends_process() {
            out.walked.unknown.get_or_insert_with(|| "the process ends there".to_string());
            return;
        }
        let how = if span == self.end_span() { LossHow::Ends } else { LossHow::Returns };
        self.lose(span, how, state, out);
    }

    /// Whether the process ends with the function.
    fn ends_process(&self) -> bool {
        let decl = self.engine.package.decl(self.id.decl);
        let main = decl.recv.is_none() && decl.names.first().is_some_and(|n| n == "main");
        main && self.id.func == FuncIdx::TOP && self.engine.package.in_program(self.id.decl)
    }

    /// The closing brace.
    fn end_span(&self) -> Span {
        let end = self.func().span.end;
        Span { start: end.saturating_sub(1), end }
    }

    /// Whether the way with this outcome of the condition is one on which nothing is held: the call failed, or the holder is nil.
    fn means_nothing_held(&self, block: BlockId, cond: &Cond, holds: bool, state: State) -> bool {
        let is_error = |p: &Place| state.error && self.error.as_ref() == Some(p);
        match cond {
            Cond::Not(inner) => self.means_nothing_held(block, inner, !holds, state),
            Cond::IsNil(p) if is_error(p) => !holds,
            Cond::IsNil(p) => holds && self.aliases.is(p),
            // `err == io.EOF`
            Cond::Eq(a, b) => holds && [a, b].into_iter().any(|o| o.place().is_some_and(is_error)),
            // `errors.Is(err, …)`
            Cond::Truth(p) => holds && state.error && self.tells_of_error(block, p),
            _ => false,
        }
    }

    /// Goes on to a block, unless the answer that leads there says that the thing was read to its end.
    fn go_on(&self, block: BlockId, target: BlockId, cond: &Cond, holds: bool, state: State, out: &mut Gathered) {
        let at_end = (state.cover == Cover::Drained).then(|| self.at_end(block, cond, holds)).flatten();
        match at_end {
            Some(true) => out.walked.released = true,
            Some(false) => out.go(target, State { cover: Cover::Nobody, ..state }),
            None => out.go(target, state),
        }
    }

    /// Whether the condition asks for the acquiring call's error: the way on which there is none goes on.
    fn asks_error(&self, cond: &Cond, state: State) -> bool {
        match cond {
            Cond::Not(inner) => self.asks_error(inner, state),
            Cond::IsNil(p) => state.error && self.error.as_ref() == Some(p),
            _ => false,
        }
    }

    fn tells_of_error(&self, block: BlockId, answer: &Place) -> bool {
        self.func().block(block).ops.iter().any(|op| match &op.kind {
            OpKind::Call(call) => {
                call.results.first().is_some_and(|r| r.as_ref() == Some(answer))
                    && matches!(&call.callee, Callee::Import { path, .. } if *path == "errors")
                    && call.args.first().and_then(Operand::place) == self.error.as_ref()
            }
            _ => false,
        })
    }

    /// Conditions that are known at the start and whose parts nobody writes later: a function that asks twice gets the same answer.
    fn known_conditions(&self) -> Vec<(Cond, bool)> {
        let Some((start, _)) = self.start else { return Vec::new() };
        let idom = self.cfg.dominators();
        let mut out = Vec::new();
        for block in self.func().block_ids() {
            let Term::If { cond, then, els } = &self.func().block(block).term else { continue };
            if matches!(cond, Cond::Opaque | Cond::Const(_)) || block == start || !self.is_stable(cond) {
                continue;
            }
            for (side, value) in [(*then, true), (*els, false)] {
                // A block that only this branch leads to.
                if self.cfg.preds(side).len() == 1 && Cfg::dominates(&idom, side, start) {
                    out.push((cond.clone(), value));
                }
            }
        }
        out
    }

    fn is_stable(&self, cond: &Cond) -> bool {
        let mut places = Vec::new();
        places_of(cond, &mut places);
        !places.is_empty()
            && places.iter().all(|p| {
                let is_variable = p.as_local().is_some_and(|l| self.body.local(l).kind == LocalKind::Var);
                let writes = self.func().ops().filter(|(_, _, op)| match &op.kind {
                    OpKind::Assign { dst, .. } => dst == *p,
                    OpKind::Call(call) => call.results.iter().flatten().any(|r| r == *p),
                    OpKind::Recv { dst, ok, .. } => dst.iter().chain(ok).any(|d| d == *p),
                    _ => false,
                });
                // A variable's own first value comes before any question about it.
                !self.aliases.touches(p) && writes.count() <= usize::from(is_variable)
            })
    }
}

fn places_of<'c>(cond: &'c Cond, out: &mut Vec<&'c Place>) {
    match cond {
        Cond::Truth(p) | Cond::IsNil(p) => out.push(p),
        Cond::Eq(a, b) | Cond::Less(a, b) => out.extend(a.place().into_iter().chain(b.place())),
        Cond::Not(inner) => places_of(inner, out),
        Cond::Const(_) | Cond::Opaque => {}
    }
}
