//! Calls that can take long: what a function waits for that nothing bounds.
//!
//! Models say what library functions wait for and what bounds that; `obligation::limits` follows contexts and clients back to where they
//! come from, through the calls that led here. Code that cannot be read is not known to be quick, which is little: it is told apart from
//! what is sure, and a word in its name that speaks of another machine makes the difference between a note and a warning.
//!
//! A lock is not long, and who waits for a group waits for others, whose own waits are looked at instead.

mod pause;
mod stream;

use super::Clue;
use super::guards::{ContextEnd, is_context, operand_context_end, place_name};
use crate::models::{BlockKind, Bound, ContextOp, FnModel};
use crate::old::flow::Cfg;
use crate::old::ir::{BlockId, Call, Callee, Cond, Func, Op, OpKind, Operand, Place, Sym, Term};
use crate::old::lower::bare;
use crate::old::obligation::limits::{Limit, limit};
use crate::old::program::{Cell, ChanOpKind, FnId, Frame, Origin, Outside, Package, Target};
use crate::source::Span;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::{Cell as Counter, RefCell};
use std::rc::Rc;

/// How many calls one question may look into: a goroutine that reaches more code than this is not understood anyway.
const MAX_VISITS: u32 = 400;

/// What a call waits for.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A library function that waits, with the import path of its package.
    Library(BlockKind, Sym),
    /// Code out of view that is given a context which never ends.
    Endless,
    /// It sleeps, round after round, until something has happened.
    Pause,
    /// A slot of a semaphore.
    Slot,
    /// Nothing is known of it; whether its name speaks of another machine.
    Unread {
        /// Its name says so.
        remote: bool,
    },
}

/// A call that can take as long as it likes.
#[derive(Clone, Debug)]
pub struct Slow {
    /// The function that holds the call, with the calls that lead there.
    pub frame: Rc<Frame>,
    /// The block of the call.
    pub block: BlockId,
    /// The call.
    pub span: Span,
    /// The text of what is called.
    pub name: String,
    /// What it waits for.
    pub what: What,
    /// What shows that nothing bounds it.
    pub reasons: Vec<Clue>,
    /// A call on the way was given a context that can end: it is dropped only further on.
    pub dropped: bool,
}

impl Slow {
    /// Whether it is known to wait, and not just not known to be quick.
    #[must_use]
    pub fn is_sure(&self) -> bool {
        !matches!(self.what, What::Unread { .. })
    }

    /// How well founded it is.
    #[must_use]
    pub fn rank(&self) -> u8 {
        match self.what {
            What::Unread { remote: false } => 0,
            What::Unread { remote: true } if self.dropped => 0,
            What::Unread { remote: true } => 2,
            _ if self.dropped => 1,
            _ => 3,
        }
    }
}

/// Functions with nothing in them that could wait, whatever they are called with.
#[derive(Default)]
pub struct QuietMemo(RefCell<FxHashMap<FnId, bool>>);

/// The calls in the function of the frame that can take long, in the order of the text; one that only leads to such a call stands with
/// the frame of the place it leads to. What waits in a library package of `but` is left out.
#[must_use]
pub fn slow_calls(package: &Package, frame: &Rc<Frame>, but: &'static [&'static str]) -> Vec<(Span, Slow)> {
    let Some((_, func)) = package.func(frame.id) else { return Vec::new() };
    let search = Search { but, ..Search::new(package) };
    let mut out: Vec<(Span, Slow)> =
        func.ops().filter_map(|(b, _, op)| Some((op_span(op), search.op(frame, func, b, op)?))).collect();
    out.sort_by_key(|(span, _)| *span);
    out
}

/// What a call in the function of the frame waits for, if it can take long.
#[must_use]
pub fn slow_call(
    package: &Package,
    frame: &Rc<Frame>,
    block: BlockId,
    call: &Call,
    but: &'static [&'static str],
) -> Option<Slow> {
    let (_, func) = package.func(frame.id)?;
    Search { but, ..Search::new(package) }.call(frame, func, block, call)
}

/// A call that may never come back before the send is reached, or that gives the value to send: somebody who waits for the value may wait
/// for good. The span is that of the send or of the `select` case.
#[must_use]
pub fn before_send(package: &Package, frame: &Rc<Frame>, send: Span) -> Option<Clue> {
    let (_, func) = package.func(frame.id)?;
    let cfg = Cfg::new(package, frame.id)?;
    let is_send = |op: &Op| matches!(op.kind, OpKind::Send { .. }) && op.span == send;
    let by_op = func.ops().find(|(_, _, op)| is_send(op)).map(|(b, i, _)| (b, i));
    let by_case = || {
        func.block_ids().find_map(|b| match &func.block(b).term {
            Term::Select { cases, .. } if cases.iter().any(|c| c.span == send) => Some((b, func.block(b).ops.len())),
            _ => None,
        })
    };
    let (at, index) = by_op.or_else(by_case)?;
    let search = Search::new(package);
    let earlier = |b: BlockId, i: usize| (b == at && i < index) || (b != at && cfg.reachable(b)[at.at()]);
    let found = func.ops().filter(|(b, i, _)| earlier(*b, *i)).filter_map(|(b, _, op)| search.op(frame, func, b, op));
    let slow = found.filter(|s| s.rank() > 0).max_by_key(Slow::rank)?;
    let at =
        super::traps::call_chain(&slow.frame).into_iter().find(|(id, _)| *id == frame.id).unwrap_or((slow.frame.id, slow.span));
    Some(Clue::new(at.0.decl, at.1, format!("`{}` may never come back: nothing bounds it", slow.name)))
}

fn op_span(op: &Op) -> Span {
    match &op.kind {
        OpKind::Call(call) => call.span,
        _ => op.span,
    }
}

struct Search<'p> {
    package: &'p Package,
    visits: Counter<u32>,
    but: &'static [&'static str],
}

impl<'p> Search<'p> {
    fn new(package: &'p Package) -> Self {
        Self { package, visits: Counter::new(0), but: &[] }
    }

    /// What the function waits for: the first of what is best founded.
    fn function(&self, frame: &Rc<Frame>) -> Option<Slow> {
        self.visits.set(self.visits.get() + 1);
        if self.visits.get() > MAX_VISITS || is_quiet(self.package, frame.id) {
            return None;
        }
        let (_, func) = self.package.func(frame.id)?;
        let mut best: Option<Slow> = None;
        let mut ops: Vec<(BlockId, &Op)> = func.ops().map(|(b, _, op)| (b, op)).collect();
        ops.sort_by_key(|(_, op)| op.span);
        for (block, op) in ops {
            let Some(slow) = self.op(frame, func, block, op) else { continue };
            if slow.rank() == 3 {
                return Some(slow);
            }
            if best.as_ref().is_none_or(|b| slow.rank() > b.rank()) {
                best = Some(slow);
            }
        }
        best
    }

    fn op(&self, frame: &Rc<Frame>, func: &Func, block: BlockId, op: &Op) -> Option<Slow> {
        match &op.kind {
            OpKind::Call(call) => self.call(frame, func, block, call),
            OpKind::Recv { ch, .. } => {
                let reasons = pause::timer(self.package, frame, func, block, ch)?;
                Some(self.slow(frame, block, op.span, What::Pause, reasons))
            }
            OpKind::Send { ch, .. } => {
                let reasons = slot(self.package, frame, ch)?;
                Some(self.slow(frame, block, op.span, What::Slot, reasons))
            }
            _ => None,
        }
    }

    fn call(&self, frame: &Rc<Frame>, func: &Func, block: BlockId, call: &Call) -> Option<Slow> {
        let made = |what, reasons| Some(self.slow_call(frame, block, call, what, reasons));
        match self.package.resolve(frame.id.decl, call) {
            Target::Func(id) => self.enter(frame, id, call),
            Target::Model(model, outside) => match self.modelled(frame, func, block, call, model, outside)? {
                Found::Here(what, reasons) => made(what, reasons),
                Found::Inside(slow) => Some(slow),
            },
            Target::Conversion => None,
            target => {
                if let Callee::Value(place) = &call.callee
                    && let Origin::Func(id) = self.package.origin(frame, place)
                {
                    return self.enter(frame, id, call);
                }
                let (what, reasons) = unread(self.package, frame, func, call, &target)?;
                // Where the name alone speaks, those behind it are asked.
                self.several(frame, call).unwrap_or_else(|| made(what, reasons))
            }
        }
    }

    /// A call that leads to one of a few functions, where all of them wait or none does: it waits for what the first does.
    fn several(&self, frame: &Rc<Frame>, call: &Call) -> Option<Option<Slow>> {
        let several = self.package.alternatives(frame.id.decl, call);
        let mut found = several.iter().map(|id| self.enter(frame, *id, call));
        let first = found.next()?;
        found.all(|other| other.is_some() == first.is_some()).then_some(first)
    }

    /// What a function waits for that this call calls.
    fn enter(&self, frame: &Rc<Frame>, id: FnId, call: &Call) -> Option<Slow> {
        let mut slow = self.function(&frame.call(id, call)?)?;
        slow.dropped |= given_context(self.package, frame, call);
        Some(slow)
    }

    fn modelled(
        &self,
        frame: &Rc<Frame>,
        func: &Func,
        block: BlockId,
        call: &Call,
        model: &FnModel,
        outside: Outside,
    ) -> Option<Found> {
        let run = model.runs.and_then(|i| call.args.get(i as usize));
        if let Some(Target::Func(id)) = run.and_then(|arg| self.package.operand_func(frame.id.decl, arg))
            && let Some(slow) = frame.call(id, &argless(call)).and_then(|inner| self.function(&inner))
        {
            return Some(Found::Inside(slow));
        }
        let blocks = model.blocks.as_ref().filter(|_| !model.quick && !self.but.contains(&outside.path.as_str()))?;
        // Loops over what closing the connection would end are rule stuck-connection's business.
        if !self.but.is_empty() && !blocks.ended_by.is_empty() && func.block(block).in_loop.is_some() {
            return None;
        }
        if matches!(blocks.kind, BlockKind::Sleep) && !matches!(blocks.bound, Bound::Context(_) | Bound::Channel(_)) {
            return pause::sleep(self.package, frame, func, block, call, blocks).map(|reasons| Found::Here(What::Pause, reasons));
        }
        // A lock is short; a server is meant to run; who waits for a group waits for its members.
        let own = matches!(blocks.kind, BlockKind::Network | BlockKind::Process | BlockKind::Recv | BlockKind::Io);
        let reasons =
            match stream::limit(self.package, frame, call, blocks).unwrap_or_else(|| limit(self.package, frame, call, blocks)) {
                Limit::None(reasons) => reasons,
                Limit::Unknown(_) if blocks.bound == Bound::Client && nobody_fills(self.package, frame, call) => Vec::new(),
                Limit::Some(_) | Limit::Unknown(_) => return None,
            };
        let endless = matches!(blocks.bound, Bound::Context(_));
        // Files on this machine are quick enough: what is read from and written to must be known to be more than that.
        let far = !matches!(blocks.kind, BlockKind::Io | BlockKind::Recv) || !matches!(blocks.bound, Bound::None);
        ((own && far) || (endless && blocks.kind == BlockKind::Wait))
            .then_some(Found::Here(What::Library(blocks.kind, outside.path), reasons))
    }

    fn slow_call(&self, frame: &Rc<Frame>, block: BlockId, call: &Call, what: What, reasons: Vec<Clue>) -> Slow {
        let mut slow = self.slow(frame, block, call.span, what, reasons);
        slow.name = callee_text(self.package, frame.id, call);
        slow
    }

    fn slow(&self, frame: &Rc<Frame>, block: BlockId, span: Span, what: What, reasons: Vec<Clue>) -> Slow {
        let name = self.package.file(frame.id.decl).src.slice(span).lines().next().unwrap_or_default().to_string();
        Slow { frame: Rc::clone(frame), block, span, name, what, reasons, dropped: false }
    }
}

/// Whether the receiver is a field that only this package can fill, and does not: whatever a test puts there, no time-out is in view.
fn nobody_fills(package: &Package, frame: &Rc<Frame>, call: &Call) -> bool {
    let Callee::Method { recv, .. } = &call.callee else { return false };
    match package.origin(frame, recv) {
        Origin::Field(owner, name) => package.stored(&Cell::Field(owner, name)).is_some_and(|values| values.is_empty()),
        _ => false,
    }
}

enum Found {
    Here(What, Vec<Clue>),
    Inside(Slow),
}

/// The call by which a library function runs its argument: it binds no parameters.
fn argless(call: &Call) -> Call {
    Call { args: Vec::new(), callee: Callee::Opaque, ..call.clone() }
}

/// What is called, as the text has it, on one line.
#[must_use]
pub fn callee_text(package: &Package, id: FnId, call: &Call) -> String {
    let text = package.file(id.decl).src.slice(call.callee_span);
    let line = text.lines().next().unwrap_or_default().trim_end_matches(['.', ' ']);
    let chain = text.lines().count() > 1 || line.len() > 60;
    match &call.callee {
        Callee::Method { name, .. } | Callee::Name(name) | Callee::Import { name, .. } if chain => bare(name).to_string(),
        _ => line.to_string(),
    }
}

/// What a call of code that cannot be read waits for, as far as can be said. One that takes a context says by that that it can take long.
fn unread(package: &Package, frame: &Rc<Frame>, func: &Func, call: &Call, target: &Target) -> Option<(What, Vec<Clue>)> {
    // A name is a hint in the code under review, whose writers chose it; through another package it is hearsay.
    if !is_own_all_the_way(frame) {
        return None;
    }
    let body = package.body(frame.id.decl)?;
    let name = called_name(call)?;
    if is_predeclared(package, call, name) {
        return None;
    }
    let words = package.models().vocabulary();
    if words.is_local(&name) {
        return None;
    }
    if let Callee::Method { recv, .. } = &call.callee
        && package
            .type_kind(&package.ty_of(frame.id.decl, body, recv))
            .is_some_and(|k| matches!(k.as_str(), "logger" | "span" | "test" | "context"))
    {
        return None;
    }
    let context = call.args.iter().find(|a| takes_context(package, frame, a));
    let remote = words.is_remote(&name);
    let Some(context) = context else {
        // What gives no error hardly calls anybody.
        return (remote || can_fail(func, call, target)).then_some((What::Unread { remote }, Vec::new()));
    };
    let derives = call
        .results
        .iter()
        .flatten()
        .any(|r| context.place() == Some(r) || is_context(package, &package.ty_of(frame.id.decl, body, r)));
    if derives {
        return None;
    }
    match operand_context_end(package, frame, context) {
        ContextEnd::Can => None,
        ContextEnd::Never(reasons) if remote || can_fail(func, call, target) => Some((What::Endless, reasons)),
        ContextEnd::Never(reasons) => Some((What::Unread { remote: false }, reasons)),
    }
}

/// Whether no call on the way here stands in another package.
fn is_own_all_the_way(frame: &Frame) -> bool {
    frame.id.decl.is_own() && frame.up.as_ref().is_none_or(|(up, _)| is_own_all_the_way(up))
}

/// Whether the call is given a context that can end.
fn given_context(package: &Package, frame: &Rc<Frame>, call: &Call) -> bool {
    call.args.iter().any(|a| takes_context(package, frame, a) && operand_context_end(package, frame, a) == ContextEnd::Can)
}

fn takes_context(package: &Package, frame: &Rc<Frame>, value: &Operand) -> bool {
    let Some(body) = package.body(frame.id.decl) else { return false };
    is_context(package, &package.operand_type(frame.id.decl, body, value))
}

/// Whether the call gives an error: a second result, or one that is tested, handed on or thrown away on purpose. What only logs or counts
/// gives none, and takes a context for the values in it.
fn can_fail(func: &Func, call: &Call, target: &Target) -> bool {
    if let Target::Dynamic(Some(sig)) = target {
        return sig.results.len() > 1
            || sig
                .results
                .first()
                .is_some_and(|ty| matches!(ty, crate::old::ir::Ty::Named { path: None, name } if name == "error"));
    }
    match call.results.as_slice() {
        [] => false,
        [None] => true,
        [Some(place)] => func.blocks.iter().any(|b| {
            let is = |value: &Operand| value.place() == Some(place);
            let used = match &b.term {
                Term::If { cond, .. } => tests_nil(cond, place),
                Term::Return(values) => values.last().is_some_and(is),
                _ => false,
            };
            used || b.ops.iter().any(|op| matches!(&op.kind, OpKind::Send { value, .. } if is(value)))
        }),
        _ => true,
    }
}

fn tests_nil(cond: &Cond, place: &Place) -> bool {
    match cond {
        Cond::IsNil(p) => p == place,
        Cond::Not(inner) => tests_nil(inner, place),
        _ => false,
    }
}

fn called_name(call: &Call) -> Option<Sym> {
    match &call.callee {
        Callee::Name(name) | Callee::Import { name, .. } | Callee::Method { name, .. } => Some(ustr::ustr(bare(name))),
        Callee::Value(place) => match place.split_last() {
            Some((_, crate::old::ir::Proj::Field(name))) => Some(name),
            _ => match place.root {
                crate::old::ir::Root::Global(name) | crate::old::ir::Root::Import(_, name) => Some(ustr::ustr(bare(&name))),
                crate::old::ir::Root::Local(_) => Some(ustr::ustr("")),
            },
        },
        Callee::Lit(_) | Callee::Opaque => None,
    }
}

fn is_predeclared(package: &Package, call: &Call, name: Sym) -> bool {
    matches!(call.callee, Callee::Name(n) if n == name)
        && crate::old::ir::is_predeclared_callee(&name)
        && package.named(name).is_empty()
}

/// A send without a guard that takes a slot: nothing is sent but the fact, the channel has room, and it belongs to more than one function.
fn slot(package: &Package, frame: &Rc<Frame>, ch: &Place) -> Option<Vec<Clue>> {
    let body = package.body(frame.id.decl)?;
    let crate::old::ir::Ty::Chan(_, elem) = package.structure(&package.ty_of(frame.id.decl, body, ch)) else { return None };
    if !matches!(&*elem, crate::old::ir::Ty::Struct(fields) if fields.is_empty()) {
        return None;
    }
    let class = package.class(frame.id.decl, ch)?;
    let shared = class.cells.iter().any(|c| matches!(c, Cell::Field(..) | Cell::Global(_)));
    let roomy = class.makes().next().is_some()
        && class.makes().all(|(_, cap)| !matches!(cap, crate::old::ir::Cap::Zero | crate::old::ir::Cap::Const(..=1)));
    let given_back = class.ops.iter().any(|o| o.kind == ChanOpKind::Recv);
    if !(shared && roomy && given_back && class.is_closed_world()) {
        return None;
    }
    let name = place_name(package, frame.id, ch).map_or("the channel".to_string(), |n| format!("`{n}`"));
    let made = class
        .makes()
        .next()
        .map(|(op, _)| Clue::new(op.id.decl, op.span, format!("{name} has room for so many at a time, and no more")));
    Some(made.into_iter().collect())
}

/// Whether nothing in the function can wait, whatever it is called with.
#[must_use]
pub fn is_quiet(package: &Package, id: FnId) -> bool {
    Quiet { package, open: FxHashSet::default() }.function(id).0
}

/// Whether the operation cannot wait.
#[must_use]
pub fn is_quiet_op(package: &Package, id: FnId, op: &Op) -> bool {
    Quiet { package, open: FxHashSet::default() }.op(id, op).0
}

struct Quiet<'p> {
    package: &'p Package,
    open: FxHashSet<FnId>,
}

impl Quiet<'_> {
    /// The answer, and whether it is final: one that took a function still being looked at for quiet holds only as long as that one is.
    fn function(&mut self, id: FnId) -> (bool, bool) {
        let memo = self.package.quiet_memo();
        if let Some(known) = memo.0.borrow().get(&id) {
            return (*known, true);
        }
        if self.open.len() > 200 {
            return (false, false);
        }
        if !self.open.insert(id) {
            return (true, false);
        }
        let mut answer = (true, true);
        if let Some((_, func)) = self.package.func(id) {
            for (_, _, op) in func.ops() {
                let (quiet, last) = self.op(id, op);
                answer = (answer.0 && quiet, answer.1 && last);
                if !quiet {
                    break;
                }
            }
        }
        self.open.remove(&id);
        let last = answer.1 || !answer.0 || self.open.is_empty();
        if last {
            memo.0.borrow_mut().insert(id, answer.0);
        }
        (answer.0, last)
    }

    fn op(&mut self, id: FnId, op: &Op) -> (bool, bool) {
        let call = match &op.kind {
            OpKind::Send { .. } | OpKind::Recv { .. } => return (false, true),
            OpKind::Call(call) => call,
            _ => return (true, true),
        };
        match self.package.resolve(id.decl, call) {
            Target::Func(callee) => self.function(callee),
            Target::Conversion => (true, true),
            Target::Model(model, _) => {
                if let Some(Target::Func(run)) =
                    model.runs.and_then(|i| call.args.get(i as usize)).and_then(|arg| self.package.operand_func(id.decl, arg))
                {
                    let inner = self.function(run);
                    if !inner.0 {
                        return inner;
                    }
                }
                let waits = model
                    .blocks
                    .as_ref()
                    .is_some_and(|b| !matches!(b.bound, Bound::Always) && !matches!(b.kind, BlockKind::Lock));
                (model.quick || !waits, true)
            }
            _ => (called_name(call).is_some_and(|name| is_predeclared(self.package, call, name)), true),
        }
    }
}

/// Whether a call asks a context, or something like it, whether it is over.
fn asks_context(package: &Package, id: FnId, call: &Call) -> bool {
    let asks = package.resolve(id.decl, call).model().and_then(|m| m.context);
    matches!(asks, Some(ContextOp::Done | ContextOp::Err))
}
