//! What bounds a call that waits: a context that can end, a time-out of the client, or nothing.

use crate::models::{Blocks, Bound, ContextOp, FnModel};
use crate::old::ir::{Body, Call, Callee, Def, FuncIdx, LocalId, LocalKind, OpKind, Operand, Place, Proj, Root, Sym, Ty};
use crate::old::lifetime::Clue;
use crate::old::lifetime::guards::{ContextEnd, operand_context_end};
use crate::old::program::{Cell, DeclId, Frame, Origin, Package, Source, Target, functions};
use std::rc::Rc;
use ustr::ustr;

/// Whether something ends a wait when nothing arrives.
#[derive(Clone, Debug)]
pub enum Limit {
    /// It does; what.
    Some(String),
    /// Nothing does; what shows it.
    None(Vec<Clue>),
    /// It cannot be told; why.
    Unknown(String),
}

impl Limit {
    fn unknown(why: &str) -> Self {
        Self::Unknown(why.to_string())
    }

    /// The first limit or doubt among several things of which each may be meant; the clues of the first where all have none.
    fn all(limits: impl IntoIterator<Item = Self>) -> Self {
        let mut none: Option<Vec<Clue>> = None;
        for limit in limits {
            match limit {
                Self::None(clues) => none = Some(none.unwrap_or(clues)),
                other => return other,
            }
        }
        none.map_or_else(|| Self::unknown("where it comes from is not in view"), Self::None)
    }

    /// Either is enough.
    fn or(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Some(_) => self,
            Self::Unknown(why) => match other() {
                Self::Some(what) => Self::Some(what),
                _ => Self::Unknown(why),
            },
            Self::None(mut clues) => match other() {
                Self::None(more) => {
                    clues.splice(0..0, more);
                    Self::None(clues)
                }
                found => found,
            },
        }
    }
}

/// What bounds a call of a library function that can wait.
#[must_use]
pub fn limit(package: &Package, frame: &Rc<Frame>, call: &Call, blocks: &Blocks) -> Limit {
    let own = match blocks.bound {
        Bound::None => Limit::None(Vec::new()),
        Bound::Context(i) => {
            call.args.get(i as usize).map_or_else(|| Limit::unknown("no context is seen"), |a| context(package, frame, a))
        }
        Bound::Request(i) => {
            call.args.get(i as usize).map_or_else(|| Limit::unknown("no request is seen"), |a| request(package, frame, a))
        }
        Bound::Client => receiver(call).map_or_else(|| Limit::unknown("its receiver is not seen"), |r| client(package, frame, r)),
        Bound::Origin => {
            receiver(call).map_or_else(|| Limit::unknown("its receiver is not seen"), |r| made_with(package, frame, r))
        }
        Bound::Duration(_) => Limit::Some("a duration".to_string()),
        Bound::Always => Limit::Some("the library".to_string()),
        Bound::Channel(_) => Limit::Some("a stop channel".to_string()),
        Bound::Deadline | Bound::Stream(_) | Bound::Wrapped => Limit::unknown("its deadline is asked for elsewhere"),
    };
    if !blocks.or_client {
        return own;
    }
    own.or(|| receiver(call).map_or_else(|| Limit::unknown("its receiver is not seen"), |r| client(package, frame, r)))
}

fn receiver(call: &Call) -> Option<&Place> {
    match &call.callee {
        Callee::Method { recv, .. } => Some(recv),
        _ => None,
    }
}

/// Whether the clues speak of a context that never ends, rather than of none at all.
#[must_use]
pub fn tell_of_endless_context(clues: &[Clue]) -> bool {
    clues.iter().any(|c| c.label.contains("never ends"))
}

/// What bounds what takes this context.
#[must_use]
pub fn context(package: &Package, frame: &Rc<Frame>, ctx: &Operand) -> Limit {
    match operand_context_end(package, frame, ctx) {
        ContextEnd::Never(clues) => Limit::None(clues),
        ContextEnd::Can => Limit::Some("a context".to_string()),
    }
}

/// What bounds a thing that was given its context when it was made, as a command.
fn made_with(package: &Package, frame: &Rc<Frame>, place: &Place) -> Limit {
    let sources = package.sources(frame, &Operand::Place(place.clone()));
    Limit::all(sources.into_iter().map(|source| match &source.origin {
        Origin::Call { frame: at, call, target: Target::Model(model, _), .. } => bound_context(package, at, call, model),
        _ => Limit::unknown("where it is made is not in view"),
    }))
}

fn bound_context(package: &Package, frame: &Rc<Frame>, call: &Call, model: &FnModel) -> Limit {
    match model.binds {
        Some(i) => call.args.get(i as usize).map_or_else(|| Limit::unknown("no context is seen"), |a| context(package, frame, a)),
        None => Limit::None(vec![Clue::new(frame.id.decl, call.span, "made without a context")]),
    }
}

/// What bounds a call that sends this request: its context.
#[must_use]
pub fn request(package: &Package, frame: &Rc<Frame>, value: &Operand) -> Limit {
    let sources = package.sources(frame, value);
    // One that takes a context on some way is looked after by somebody.
    let mut limits = Vec::new();
    for source in sources {
        limits.push(match &source.origin {
            Origin::Call { frame: at, call, target: Target::Model(model, outside), .. } => {
                let makes = outside.path == "net/http" && outside.name == "NewRequest";
                if makes || model.binds.is_some() {
                    bound_context(package, at, call, model)
                } else {
                    Limit::unknown("where the request is made is not in view")
                }
            }
            Origin::Variable(decl, local) if is_literal(package, *decl, *local, "Request") => {
                let span = package.body(*decl).map(|b| b.local(*local).span).unwrap_or_default();
                Limit::None(vec![Clue::new(*decl, span, "the request is made without a context")])
            }
            _ => Limit::unknown("where the request is made is not in view"),
        });
    }
    Limit::all(limits)
}

/// Whether the local is a new value of the type of `net/http` that is made in the declaration itself.
fn is_literal(package: &Package, decl: DeclId, local: LocalId, name: &str) -> bool {
    let Some(body) = package.body(decl) else { return false };
    let entry = body.local(local);
    matches!(entry.kind, LocalKind::Temp | LocalKind::Var)
        && matches!(&entry.def, Def::Typed(ty) if is_value_of(package, ty, name, entry.kind))
}

/// A declared variable holds a value only where its type is no pointer.
fn is_value_of(package: &Package, ty: &Ty, name: &str, kind: LocalKind) -> bool {
    match ty {
        Ty::Ptr(_) if kind == LocalKind::Var => false,
        _ => package.is_type(ty, "net/http", name),
    }
}

/// What bounds the calls of an HTTP client.
#[must_use]
pub fn client(package: &Package, frame: &Rc<Frame>, place: &Place) -> Limit {
    let sources = package.sources(frame, &Operand::Place(place.clone()));
    Limit::all(sources.iter().map(|s| client_source(package, s, 0)))
}

fn client_source(package: &Package, source: &Source, depth: u8) -> Limit {
    if depth > 4 {
        return Limit::unknown("the client goes through too many hands");
    }
    match &source.origin {
        Origin::Import(path, name) => imported_client(package, *path, *name),
        Origin::Variable(decl, local) if is_literal(package, *decl, *local, "Client") => literal_client(package, *decl, *local),
        Origin::Field(owner, name) => stored_client(package, &Cell::Field(*owner, *name), depth),
        Origin::Global(name) => stored_client(package, &Cell::Global(*name), depth),
        Origin::Param(..) => Limit::unknown("the client is a parameter"),
        _ => Limit::unknown("where the client is made is not in view"),
    }
}

fn imported_client(package: &Package, path: Sym, name: Sym) -> Limit {
    match package.models().var_model(path, name) {
        Some(var) if var.timeout => Limit::Some(format!("the time-out of {name}")),
        Some(_) if path == "net/http" && !sets_timeout(package, &|_, _, p| p.root == Root::Import(path, name)) => {
            Limit::None(Vec::new())
        }
        _ => Limit::unknown("the client belongs to another package"),
    }
}

/// Whether any declaration gives the client in such a place a time-out.
fn sets_timeout(package: &Package, is: &dyn Fn(DeclId, &Body, &Place) -> bool) -> bool {
    package.own_mentions(ustr("Timeout")).iter().any(|decl| {
        let Some(body) = package.body(*decl) else { return false };
        body.funcs.iter().flat_map(crate::old::ir::Func::ops).any(|(_, _, op)| match &op.kind {
            OpKind::Assign { dst, src } => match dst.split_last() {
                Some((base, Proj::Field(last))) => last == "Timeout" && *src != Operand::Int(0) && is(*decl, body, &base),
                _ => false,
            },
            _ => false,
        })
    })
}

fn stored_client(package: &Package, cell: &Cell, depth: u8) -> Limit {
    let same = |decl: DeclId, body: &Body, p: &Place| package.cell(decl, body, p).as_ref() == Some(cell);
    if sets_timeout(package, &same) {
        return Limit::Some("its Timeout".to_string());
    }
    Limit::all(package.stored_sources(cell).iter().map(|s| client_source(package, s, depth + 1)))
}

/// A client that a declaration makes: what the same declaration sets on it.
fn literal_client(package: &Package, decl: DeclId, local: LocalId) -> Limit {
    let Some(body) = package.body(decl) else { return Limit::unknown("the function cannot be read") };
    let span = body.local(local).span;
    let mut transport = Limit::None(Vec::new());
    for (id, func) in functions(decl, body) {
        for (_, _, op) in func.ops() {
            match &op.kind {
                OpKind::Assign { dst, src } => {
                    let Some((base, Proj::Field(field))) = dst.split_last() else { continue };
                    if !package.is_type(&package.ty_of(decl, body, &base), "net/http", "Client") {
                        continue;
                    }
                    if field == "Timeout" && *src != Operand::Int(0) {
                        return Limit::Some("its Timeout".to_string());
                    }
                    if field == "Transport" {
                        transport = transport_limit(package, &Frame::root(id), src);
                    }
                }
                OpKind::Call(call) if configures(package, decl, body, call, local) => {
                    return Limit::unknown("a function that it is handed to may set its time-out");
                }
                _ => {}
            }
        }
    }
    match transport {
        Limit::None(_) => Limit::None(vec![Clue::new(decl, span, "the client is made without a Timeout")]),
        other => other,
    }
}

/// Whether the call hands the client to code that speaks of a time-out: functions of the package that do, and options.
fn configures(package: &Package, decl: DeclId, body: &Body, call: &Call, local: LocalId) -> bool {
    let takes = call.args.iter().filter_map(Operand::place).any(|p| {
        p.root_local() == Some(local)
            || p.as_local()
                .is_some_and(|l| matches!(&body.local(l).def, Def::Value(Operand::Place(q)) if q.as_local() == Some(local)))
    });
    takes
        && match package.resolve(decl, call) {
            Target::Func(id) => package.own_mentions(ustr("Timeout")).contains(&id.decl),
            Target::Dynamic(_) | Target::Unknown => true,
            _ => false,
        }
}

/// What a transport bounds. Waiting for the answer's head is most of it; dialling and handshakes are not.
fn transport_limit(package: &Package, frame: &Rc<Frame>, value: &Operand) -> Limit {
    let sources = package.sources(frame, value);
    if sources.is_empty() {
        return Limit::None(Vec::new());
    }
    Limit::all(sources.iter().map(|source| match &source.origin {
        Origin::Import(path, name) if *path == "net/http" && *name == "DefaultTransport" => Limit::None(Vec::new()),
        Origin::Variable(decl, local) if is_literal(package, *decl, *local, "Transport") => literal_transport(package, *decl),
        Origin::Call { frame, target: Target::Model(_, outside), .. }
            if outside.path == "net/http" && outside.name == "Clone" =>
        {
            literal_transport(package, frame.id.decl)
        }
        _ => Limit::unknown("its transport is not in view"),
    }))
}

fn literal_transport(package: &Package, decl: DeclId) -> Limit {
    let Some(body) = package.body(decl) else { return Limit::unknown("its transport is not in view") };
    for (_, func) in functions(decl, body) {
        for (_, _, op) in func.ops() {
            let OpKind::Assign { dst, src } = &op.kind else { continue };
            let Some((base, Proj::Field(field))) = dst.split_last() else { continue };
            if !package.is_type(&package.ty_of(decl, body, &base), "net/http", "Transport") {
                continue;
            }
            match field.as_str() {
                "ResponseHeaderTimeout" => return Limit::Some("the ResponseHeaderTimeout of its transport".to_string()),
                "DialContext" | "Dial" | "DialTLS" | "DialTLSContext" if !is_dialer(package, decl, body, src) => {
                    return Limit::unknown("its transport dials by itself");
                }
                _ => {}
            }
        }
    }
    Limit::None(Vec::new())
}

/// `dialer.DialContext` of a `net.Dialer`: bounds the dialling alone.
fn is_dialer(package: &Package, decl: DeclId, body: &Body, value: &Operand) -> bool {
    value
        .place()
        .and_then(Place::split_last)
        .is_some_and(|(base, _)| package.is_type(&package.ty_of(decl, body, &base), "net", "Dialer"))
}

/// How code names the context in scope in a function of a declaration, `ctx` or `r.Context()`: a parameter, a request's, or one that is derived before `before`.
#[must_use]
pub fn context_in_scope(package: &Package, decl: DeclId, func: FuncIdx, before: u32) -> Option<String> {
    let body = package.body(decl)?;
    let mut at = Some(func);
    while let Some(idx) = at {
        let entry = body.func(idx);
        for param in &entry.params {
            let local = body.local(*param);
            let Def::Typed(ty) = &local.def else { continue };
            if local.name == "_" || !body.names(*param, before) {
                continue;
            }
            if package.is_type(ty, "context", "Context") {
                return Some(local.name.to_string());
            }
            if package.is_type(ty, "net/http", "Request") {
                return Some(format!("{}.Context()", local.name));
            }
        }
        at = entry.parent;
    }
    derived(package, decl, body, func, before)
}

/// A context that the function has derived and whose end it watches itself: one that is derived for something else bounds nothing here.
fn derived(package: &Package, decl: DeclId, body: &Body, func: FuncIdx, before: u32) -> Option<String> {
    body.func(func).ops().find_map(|(_, _, op)| {
        let OpKind::Call(call) = &op.kind else { return None };
        let model = package.resolve(decl, call).model()?;
        let Some(ContextOp::Derive { cancellable: true, result, .. }) = model.context else { return None };
        let local = call.results.get(result as usize)?.as_ref()?.as_local()?;
        let entry = body.local(local);
        (call.span.end <= before
            && entry.kind == LocalKind::Var
            && body.names(local, before)
            && watches(package, decl, body, func, local))
        .then(|| entry.name.to_string())
    })
}

/// Whether the function asks for the done channel of the context.
fn watches(package: &Package, decl: DeclId, body: &Body, func: FuncIdx, ctx: LocalId) -> bool {
    body.func(func).ops().any(|(_, _, op)| match &op.kind {
        OpKind::Call(call) => {
            matches!(&call.callee, Callee::Method { recv, .. } if recv.as_local() == Some(ctx))
                && package.resolve(decl, call).model().is_some_and(|m| m.context == Some(ContextOp::Done))
        }
        _ => false,
    })
}
