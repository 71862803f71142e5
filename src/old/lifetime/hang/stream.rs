//! What bounds reading from and writing to a connection: a deadline that somebody sets, or somebody who closes it.
//!
//! Only a connection that is made in view is judged. One that came in through a parameter or a field has an owner elsewhere.

use crate::models::{Blocks, Bound};
use crate::old::flow::deferred_literals;
use crate::old::ir::{Body, Call, Callee, FuncIdx, LocalId, OpKind, Operand, Place};
use crate::old::lifetime::Clue;
use crate::old::obligation::limits::Limit;
use crate::old::program::{DeclId, Frame, Origin, Package, Target, Written};
use std::rc::Rc;

/// What bounds the call, where it is bound by a stream. `None` where it is not.
pub(super) fn limit(package: &Package, frame: &Rc<Frame>, call: &Call, blocks: &Blocks) -> Option<Limit> {
    let receiver = || match &call.callee {
        Callee::Method { recv, .. } => Some(Operand::Place(recv.clone())),
        _ => None,
    };
    let stream = match blocks.bound {
        Bound::Deadline | Bound::Wrapped => receiver(),
        Bound::Stream(i) => call.args.get(i as usize).cloned(),
        _ => return None,
    };
    Some(stream.map_or_else(unknown, |s| of(package, frame, &s, 0)))
}

fn unknown() -> Limit {
    Limit::Unknown("where the stream is opened is not in view".to_string())
}

fn of(package: &Package, frame: &Rc<Frame>, stream: &Operand, depth: u8) -> Limit {
    if depth > 4 {
        return unknown();
    }
    let mut found = None;
    for source in package.sources(frame, stream) {
        let one = match &source.origin {
            Origin::Call { frame: at, call, index, target: Target::Model(model, _) } => match (model.wraps, &model.acquires) {
                (Some(i), _) => call.args.get(i as usize).map_or_else(unknown, |inner| of(package, at, inner, depth + 1)),
                (None, Some(a)) if a.kind == "conn" && u32::from(a.result) == *index => connection(package, at, call, *index),
                _ => unknown(),
            },
            _ => unknown(),
        };
        match one {
            Limit::None(clues) => found = Some(clues),
            other => return other,
        }
    }
    found.map_or_else(unknown, Limit::None)
}

/// What bounds a connection that the call opens.
fn connection(package: &Package, frame: &Rc<Frame>, call: &Call, index: u32) -> Limit {
    let decl = frame.id.decl;
    let Some(body) = package.body(decl) else { return unknown() };
    let Some(conn) = call.results.get(index as usize).and_then(Option::as_ref).and_then(Place::as_local) else {
        return unknown();
    };
    for (f, func) in body.funcs.iter().enumerate() {
        let own = FuncIdx(u32::try_from(f).unwrap_or(u32::MAX)) == frame.id.func || is_deferred(body, frame.id.func, f);
        for (_, _, op) in func.ops() {
            let verdict = match &op.kind {
                OpKind::Call(c) | OpKind::Spawn(c) => used(package, decl, body, c, conn, own),
                OpKind::Defer(c) => used(package, decl, body, c, conn, true),
                OpKind::Assign { dst, src } if is(package, decl, src.place(), conn) && dst.as_local().is_none() => {
                    Some(unknown())
                }
                OpKind::Send { value, .. } if is(package, decl, value.place(), conn) => Some(unknown()),
                _ => None,
            };
            if let Some(verdict) = verdict {
                return verdict;
            }
        }
    }
    Limit::None(vec![Clue::new(decl, call.span, "the connection is opened here, and nobody sets a deadline on it")])
}

/// What the use of the connection in a call says, if anything.
fn used(package: &Package, decl: DeclId, body: &Body, call: &Call, conn: LocalId, own: bool) -> Option<Limit> {
    let target = package.resolve(decl, call);
    if let Callee::Method { recv, name } = &call.callee
        && is(package, decl, Some(recv), conn)
    {
        if target.model().is_some_and(|m| m.deadline || m.write_deadline) {
            return Some(Limit::Some("a deadline".to_string()));
        }
        let closes = target.model().is_some_and(|m| m.releases.is_some()) || name == "Close";
        return (closes && !own).then(|| Limit::Some("somebody who closes it".to_string()));
    }
    if !call.args.iter().any(|a| is(package, decl, a.place(), conn)) {
        return None;
    }
    match target {
        Target::Model(model, _) if model.stores.is_empty() => None,
        Target::Func(id)
            if id.decl != decl && !package.text(id.decl).contains("Deadline") && !package.text(id.decl).contains("Close") =>
        {
            None
        }
        Target::Func(id) if id.decl == decl && body.funcs.get(id.func.at()).is_some() => None,
        Target::Conversion => None,
        _ => Some(unknown()),
    }
}

/// Whether the place is the local, or a copy of it.
fn is(package: &Package, decl: DeclId, place: Option<&Place>, conn: LocalId) -> bool {
    let Some(local) = place.and_then(Place::as_local) else { return false };
    local == conn
        || matches!(package.single_write(decl, local), Some(Written::Value(Operand::Place(p))) if p.as_local() == Some(conn))
}

fn is_deferred(body: &Body, func: FuncIdx, literal: usize) -> bool {
    deferred_literals(body.func(func)).iter().any(|f| f.at() == literal)
}
