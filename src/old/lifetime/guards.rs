//! Guards: whether what a `select` case, a receive or a range waits for can ever happen.

use super::Clue;
use crate::models::ContextOp;
use crate::old::ir::{Callee, LocalKind, OpKind, Operand, Place, Proj, Root, Ty};
use crate::old::lower::bare;
use crate::old::program::exported;
use crate::old::program::{Cell, ChanOpKind, Class, DeclId, FnId, Frame, Origin, Package, Target};
use std::rc::Rc;

/// Callers that are asked what context they hand in.
const MAX_CALLERS: usize = 6;

/// What a receive waits for.
#[derive(Clone, Debug)]
pub enum Signal {
    /// The end of a context.
    Context(ContextEnd),
    /// A timer that fires by itself.
    Timer,
    /// A ticker: fires again and again, is never closed.
    Ticker,
    /// A channel.
    Channel(Rc<Class>),
    /// A channel that is always nil, with the declaration of the variable.
    Nil(Clue),
    /// Nothing is known.
    Unknown,
}

/// Whether a context can end.
#[derive(Clone, Debug, PartialEq)]
pub enum ContextEnd {
    /// It can, or nothing says that it cannot.
    Can,
    /// It never does, for these reasons.
    Never(Vec<Clue>),
}

/// Whether something can happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Can {
    /// It can, or nothing says that it cannot.
    Yes,
    /// It never does, for these reasons.
    Never(Vec<Clue>),
}

/// What the channel in a place signals.
#[must_use]
pub fn signal(package: &Package, frame: &Rc<Frame>, ch: &Place) -> Signal {
    let decl = frame.id.decl;
    let Some(body) = package.body(decl) else { return Signal::Unknown };
    if let Some(kind) = clock(package, decl, ch) {
        return kind;
    }
    match package.origin(frame, ch) {
        Origin::Nil => {
            let span = ch.root_local().map(|l| body.local(l).span).unwrap_or_default();
            Signal::Nil(Clue::new(decl, span, "the channel is never made: it stays nil, and a nil channel is never ready"))
        }
        Origin::Call { frame: at, call, target: Target::Model(model, _), .. } => match model.context {
            Some(ContextOp::Done) => match &call.callee {
                Callee::Method { recv, .. } => Signal::Context(context_end(package, &at, recv)),
                _ => Signal::Context(ContextEnd::Can),
            },
            _ if model.results.first().is_some_and(|r| *r == "<-chan time.Time") => {
                if matches!(&call.callee, Callee::Import { name, .. } if *name == "Tick") {
                    Signal::Ticker
                } else {
                    Signal::Timer
                }
            }
            _ => Signal::Unknown,
        },
        Origin::MadeChan(decl, local) => Signal::Channel(package.class_of(Cell::Local(decl, local))),
        Origin::Call { target: Target::Func(_), .. }
        | Origin::Field(..)
        | Origin::Global(_)
        | Origin::Param(..)
        | Origin::Variable(..)
        | Origin::Member(..) => class_signal(package, frame, ch),
        _ => Signal::Unknown,
    }
}

fn class_signal(package: &Package, frame: &Rc<Frame>, ch: &Place) -> Signal {
    package.class(frame.id.decl, ch).map_or(Signal::Unknown, Signal::Channel)
}

/// `t.C` of a ticker or timer.
fn clock(package: &Package, decl: DeclId, ch: &Place) -> Option<Signal> {
    let (base, last) = ch.split_last()?;
    if !matches!(last, Proj::Field(name) if name == "C") {
        return None;
    }
    let body = package.body(decl)?;
    match package.type_kind(&package.ty_of(decl, body, &base))?.as_str() {
        "ticker" => Some(Signal::Ticker),
        "timer" => Some(Signal::Timer),
        _ => None,
    }
}

/// Whether a receive of this signal can ever complete.
#[must_use]
pub fn can_receive(package: &Package, signal: &Signal) -> Can {
    match signal {
        Signal::Context(ContextEnd::Never(clues)) => Can::Never(clues.clone()),
        Signal::Nil(clue) => Can::Never(vec![clue.clone()]),
        Signal::Channel(class) if class.is_never_made() => Can::Never(declared(package, class)),
        Signal::Channel(class) => {
            let fed = class.ops.iter().any(|o| matches!(o.kind, ChanOpKind::Send | ChanOpKind::Close));
            if fed || class.outside_send.is_some() || class.outside_close.is_some() {
                return Can::Yes;
            }
            Can::Never(made(package, class, "the channel is made here, and nothing in the package sends on it or closes it"))
        }
        _ => Can::Yes,
    }
}

/// Whether a range over this signal can ever end.
#[must_use]
pub fn can_close(package: &Package, signal: &Signal) -> Can {
    match signal {
        Signal::Ticker | Signal::Timer => Can::Never(Vec::new()),
        Signal::Nil(clue) => Can::Never(vec![clue.clone()]),
        Signal::Channel(class) if class.is_never_made() => Can::Never(declared(package, class)),
        Signal::Channel(class) => {
            if class.ops_of(&ChanOpKind::Close).next().is_some() || class.outside_close.is_some() {
                return Can::Yes;
            }
            Can::Never(made(package, class, "the channel is made here, and nothing in the package closes it"))
        }
        _ => Can::Yes,
    }
}

/// Where the field or variable that nobody ever fills is declared.
#[must_use]
pub fn declared(package: &Package, class: &Class) -> Vec<Clue> {
    let label = "nobody ever puts a channel here: it stays nil, and a nil channel is never ready";
    class.cells.iter().find_map(|c| cell_span(package, c)).map(|(decl, span)| Clue::new(decl, span, label)).into_iter().collect()
}

fn cell_span(package: &Package, cell: &Cell) -> Option<(DeclId, crate::source::Span)> {
    match cell {
        Cell::Field(owner, name) => {
            let decl = package.type_decl(*owner)?;
            let Ty::Struct(fields) = package.underlying(*owner) else { return None };
            fields.iter().find(|f| f.name == *name).map(|f| (decl, f.span))
        }
        Cell::Global(name) => package.named(*name).first().map(|d| (*d, package.decl(*d).name_span)),
        Cell::Local(decl, id) => Some((*decl, package.body(*decl)?.local(*id).span)),
        _ => None,
    }
}

fn made(_package: &Package, class: &Class, label: &str) -> Vec<Clue> {
    class.makes().take(1).map(|(op, _)| Clue::new(op.id.decl, op.span, label)).collect()
}

/// Whether the context in a place can end.
#[must_use]
pub fn context_end(package: &Package, frame: &Rc<Frame>, ctx: &Place) -> ContextEnd {
    end_within(package, frame, ctx, 0)
}

/// Whether the context that an operand holds can end.
#[must_use]
pub fn operand_context_end(package: &Package, frame: &Rc<Frame>, ctx: &Operand) -> ContextEnd {
    match ctx {
        Operand::Place(p) => context_end(package, frame, p),
        _ => ContextEnd::Can,
    }
}

fn end_within(package: &Package, frame: &Rc<Frame>, ctx: &Place, depth: u8) -> ContextEnd {
    if depth > 12 {
        return ContextEnd::Can;
    }
    match package.origin(frame, ctx) {
        Origin::Call { target: Target::Func(_), .. } => returned_end(package, frame, ctx, depth),
        Origin::Param(id, local) => handed_in_end(package, id, local, depth),
        Origin::Call { frame: at, call, target: Target::Model(model, _), .. } => {
            let parent = |i: u8| match call.args.get(i as usize) {
                Some(Operand::Place(p)) => end_within(package, &at, p, depth + 1),
                _ => ContextEnd::Can,
            };
            match model.context {
                Some(ContextOp::Root) => never(at.id.decl, call.span, "this context never ends"),
                Some(ContextOp::WithoutCancel { .. }) => {
                    never(at.id.decl, call.span, "`WithoutCancel` gives a context that never ends")
                }
                Some(ContextOp::Derive { deadline: true, .. }) => ContextEnd::Can,
                Some(ContextOp::Derive { parent: p, cancellable: true, cancel: Some(c), .. }) => {
                    if cancel_is_used(package, at.id.decl, call.results.get(c as usize).and_then(Option::as_ref)) {
                        return ContextEnd::Can;
                    }
                    match parent(p) {
                        ContextEnd::Never(mut clues) => {
                            clues.push(Clue::new(
                                at.id.decl,
                                call.span,
                                "and nobody calls the cancel function of the one derived from it",
                            ));
                            ContextEnd::Never(clues)
                        }
                        can => can,
                    }
                }
                Some(ContextOp::Derive { parent: p, cancellable: false, .. }) => parent(p),
                _ => ContextEnd::Can,
            }
        }
        Origin::Global(name) => stored_end(package, &Cell::Global(name), depth),
        Origin::Field(owner, name) => stored_end(package, &Cell::Field(owner, name), depth),
        _ => ContextEnd::Can,
    }
}

fn never(decl: DeclId, span: crate::source::Span, label: &str) -> ContextEnd {
    ContextEnd::Never(vec![Clue::new(decl, span, label)])
}

/// A context that a function in view returns ends unless each that it may return does not.
fn returned_end(package: &Package, frame: &Rc<Frame>, ctx: &Place, depth: u8) -> ContextEnd {
    let sources = package.sources(frame, &Operand::Place(ctx.clone()));
    let each = sources.iter().map(|source| match &source.origin {
        Origin::Call { frame: at, call, index, target: Target::Model(..) } => {
            match call.results.get(*index as usize).and_then(Option::as_ref) {
                Some(result) => end_within(package, at, result, depth + 2),
                None => root_end(package, at, call),
            }
        }
        _ => ContextEnd::Can,
    });
    all_never(each)
}

/// What a call that is returned straight away gives: `return context.Background()`.
fn root_end(package: &Package, at: &Rc<Frame>, call: &crate::old::ir::Call) -> ContextEnd {
    match package.resolve(at.id.decl, call).model().and_then(|m| m.context) {
        Some(ContextOp::Root) => never(at.id.decl, call.span, "this context never ends"),
        _ => ContextEnd::Can,
    }
}

/// A context that callers hand in ends unless all of them are in view and none hands in one that does.
fn handed_in_end(package: &Package, id: FnId, local: crate::old::ir::LocalId, depth: u8) -> ContextEnd {
    let Some((body, _)) = package.func(id) else { return ContextEnd::Can };
    let LocalKind::Param(index) = body.local(local).kind else { return ContextEnd::Can };
    let callers = package.callers(id);
    if callers.hidden.is_some() || callers.sites.len() > MAX_CALLERS {
        return ContextEnd::Can;
    }
    all_never(callers.sites.iter().map(|site| match site.call.args.get(index as usize) {
        Some(Operand::Place(p)) => end_within(package, &Frame::root(site.caller), p, depth + 3),
        _ => ContextEnd::Can,
    }))
}

fn all_never(each: impl Iterator<Item = ContextEnd>) -> ContextEnd {
    let mut clues = Vec::new();
    for end in each {
        match end {
            ContextEnd::Never(more) => clues.extend(more),
            ContextEnd::Can => return ContextEnd::Can,
        }
    }
    if clues.is_empty() { ContextEnd::Can } else { ContextEnd::Never(clues) }
}

/// A context in a field or variable ends unless every value ever put there does not.
fn stored_end(package: &Package, cell: &Cell, depth: u8) -> ContextEnd {
    let Some(values) = package.stored(cell) else { return ContextEnd::Can };
    all_never(values.into_iter().map(|(id, value)| match &value {
        Operand::Place(p) => end_within(package, &Frame::root(id), p, depth + 3),
        _ => ContextEnd::Can,
    }))
}

/// Whether a cancel function is ever called, or goes where that cannot be told.
fn cancel_is_used(package: &Package, decl: DeclId, cancel: Option<&Place>) -> bool {
    let Some(cancel) = cancel else { return false };
    let Some(body) = package.body(decl) else { return true };
    for func in &body.funcs {
        for (_, _, op) in func.ops() {
            let used = match &op.kind {
                OpKind::Call(c) | OpKind::Spawn(c) | OpKind::Defer(c) => {
                    matches!(&c.callee, Callee::Value(p) if p == cancel)
                        || matches!(&c.callee, Callee::Method { recv, name } if recv.field(*name) == *cancel)
                        || c.args.iter().any(|a| a.place() == Some(cancel))
                }
                OpKind::Assign { dst, src } if src.place() == Some(cancel) => match package.cell(decl, body, dst) {
                    Some(Cell::Field(owner, name)) => field_is_used(package, owner, name),
                    _ => true,
                },
                OpKind::Send { value, .. } => value.place() == Some(cancel),
                _ => false,
            };
            if used {
                return true;
            }
        }
        let returned = func.blocks.iter().any(|b| match &b.term {
            crate::old::ir::Term::Return(values) => values.iter().any(|v| v.place() == Some(cancel)),
            _ => false,
        });
        if returned {
            return true;
        }
    }
    match package.cell(decl, body, cancel) {
        Some(Cell::Field(owner, name)) => field_is_used(package, owner, name),
        Some(Cell::Local(..)) => false,
        _ => true,
    }
}

/// Whether anything reads or calls the field.
fn field_is_used(package: &Package, owner: crate::old::ir::Sym, name: crate::old::ir::Sym) -> bool {
    if package.is_name_exported(&owner) && exported(&name) {
        return true;
    }
    package.member_mentions(owner, name).iter().any(|decl| {
        let Some(body) = package.body(*decl) else { return false };
        let is = |p: &Place| package.cell(*decl, body, p) == Some(Cell::Field(owner, name));
        let reads = |v: &Operand| v.place().is_some_and(is);
        body.funcs.iter().flat_map(crate::old::ir::Func::ops).any(|(_, _, op)| match &op.kind {
            OpKind::Call(c) | OpKind::Spawn(c) | OpKind::Defer(c) => {
                c.args.iter().any(reads)
                    || match &c.callee {
                        Callee::Value(p) => is(p),
                        Callee::Method { recv, name: method } => *method == name && is(&recv.field(*method)),
                        _ => false,
                    }
            }
            OpKind::Assign { src, .. } => reads(src),
            _ => false,
        })
    })
}

/// Whether the operand is a `context.Context`.
#[must_use]
pub fn is_context(package: &Package, ty: &Ty) -> bool {
    package.is_type(ty, "context", "Context")
}

/// A name for the channel or variable in messages, as the text has it.
#[must_use]
pub fn place_name(package: &Package, id: FnId, place: &Place) -> Option<String> {
    let body = package.body(id.decl)?;
    let mut name = match place.root {
        Root::Local(l) => {
            let local = body.local(l);
            if local.name == "%" || local.name == "_" { return None } else { local.name.to_string() }
        }
        Root::Global(n) => bare(&n).to_string(),
        Root::Import(path, n) => format!("{}.{n}", path.rsplit('/').next().unwrap_or("")),
    };
    for step in &place.path {
        match step {
            Proj::Field(f) if f.starts_with('#') => return None,
            Proj::Field(f) => {
                name.push('.');
                name.push_str(f);
            }
            Proj::Elem => name.push_str("[…]"),
        }
    }
    Some(name)
}
