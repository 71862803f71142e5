//! Functions that are handed on and called under a lock: what they take, their callers decide.
//!
//! `func (h *Hub) each(f func(int))` that calls `f` with the lock held is harmless by itself, and so is a literal that takes the lock. Who
//! hands the one to the other waits for itself. The walk notes which parameters are called with what held ([`Run`]); the question goes to the
//! callers from there, because most of them name no lock.

use super::facts::Given;
use super::{At, Found, Held, Key, Locks, Mode, Take};
use crate::old::ir::{Call, Callee, FuncIdx, LocalKind, OpKind, Operand, Place, Proj, Root, Sym};
use crate::old::program::{DeclId, FnId, Target};
use crate::source::Span;

/// A parameter that is called while locks are held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Which.
    pub param: usize,
    /// The call.
    pub at: At,
    /// What is held.
    pub held: Vec<Held>,
}

/// A function handed to one that calls it with a lock held which it takes itself.
#[derive(Clone, Debug)]
pub struct Back {
    /// The lock as it is held where the function is called.
    pub held: Held,
    /// Where it is called.
    pub run: At,
    /// Where it is handed on.
    pub handed: At,
    /// How it takes the lock, as who hands it on names it.
    pub take: Take,
}

impl Locks<'_> {
    /// Functions in view that are handed to this one and take a lock which it holds when it calls them.
    #[must_use]
    pub fn called_back(&self, id: FnId, found: &Found) -> Vec<Back> {
        let mut out: Vec<Back> = Vec::new();
        if id.func != FuncIdx::TOP || found.runs.is_empty() {
            return out;
        }
        let callers = self.package.callers(id);
        for site in &callers.sites {
            let Some(body) = self.package.body(site.caller.decl) else { continue };
            for run in &found.runs {
                let Some(arg) = site.call.args.get(run.param).filter(|_| !site.call.spread) else { continue };
                let takes = self.takes_of(site.caller, &site.call, arg);
                for held in run.held.iter().filter(|h| h.mode != Mode::Once) {
                    let Some(key) = self.map_key(site.caller.decl, body, &site.call, id, &held.key) else { continue };
                    let again =
                        |t: &&Take| t.key == key && t.mode != Mode::Once && (held.mode, t.mode) != (Mode::Read, Mode::Read);
                    let Some(take) = takes.iter().find(again) else { continue };
                    let handed = At { id: site.caller, span: site.call.span };
                    if !out.iter().any(|b| b.handed == handed && b.take.at == take.at) {
                        out.push(Back { held: held.clone(), run: run.at, handed, take: take.clone() });
                    }
                }
            }
        }
        out
    }

    /// The locks that a function takes which is handed on as a value, as the function around names them.
    fn takes_of(&self, at: FnId, call: &Call, arg: &Operand) -> Vec<Take> {
        let Some(Target::Func(run)) = self.package.operand_func(at.decl, arg) else { return Vec::new() };
        let Some(body) = self.package.body(at.decl) else { return Vec::new() };
        if !self.touches(run.decl, 2) {
            return Vec::new();
        }
        // What a variable or a method value binds is told by its place.
        let inner = called_value(call, arg);
        let call = inner.as_ref().unwrap_or(call);
        let summary = self.summary(run, &Given::default());
        let name = |take: &Take| {
            let own = run.decl == at.decl && run.func != FuncIdx::TOP && self.is_around(run, &take.key);
            let key = if own { Some(take.key.clone()) } else { self.map_key(at.decl, body, call, run, &take.key) };
            Some(Take { key: key.filter(|_| own || inner.is_some())?, ..take.clone() })
        };
        summary.takes.iter().filter_map(name).collect()
    }

    /// Whether a key of a literal starts at a variable of the function around, or of the package.
    fn is_around(&self, lit: FnId, key: &Key) -> bool {
        let Some(body) = self.package.body(lit.decl) else { return false };
        key.local().is_none_or(|l| body.local(l).func != lit.func)
    }

    /// Whether a field holds nothing but methods of its own object: `m.onMiss = m.register`.
    pub(super) fn binds_self(&self, method: DeclId, field: Sym) -> bool {
        let mut any = false;
        for decl in self.package.mentions_near(method, field).iter() {
            let Some(body) = self.package.body(*decl) else { continue };
            for (_, _, op) in body.funcs.iter().flat_map(crate::old::ir::Func::ops) {
                let OpKind::Assign { dst, src, .. } = &op.kind else { continue };
                let Some((owner, Proj::Field(name))) = dst.split_last() else { continue };
                if name != field || *src == Operand::Nil {
                    continue;
                }
                match src.place().and_then(Place::split_last) {
                    Some((bound, Proj::Field(_))) if bound == owner => any = true,
                    _ => return false,
                }
            }
        }
        any
    }

    /// The parameter of the declaration that a call calls.
    pub(super) fn called_param(&self, id: FnId, call: &Call) -> Option<usize> {
        let Callee::Value(place) = &call.callee else { return None };
        let local = place.as_local()?;
        let body = self.package.body(id.decl)?;
        if !matches!(body.local(local).kind, LocalKind::Param(_)) || !self.package.writes(id.decl, local).is_empty() {
            return None;
        }
        body.func(FuncIdx::TOP).params.iter().position(|p| *p == local)
    }
}

/// Takes note of a parameter that is called now.
pub(super) fn note(runs: &mut Vec<Run>, param: usize, id: FnId, span: Span, held: &[Held]) {
    let at = At { id, span };
    if !runs.iter().any(|r| r.at == at) {
        runs.push(Run { param, at, held: held.to_vec() });
    }
}

/// A call without arguments of a function or method that is handed on as a value.
pub(super) fn called_value(call: &Call, value: &Operand) -> Option<Call> {
    let place: &Place = value.place()?;
    let callee = match (place.split_last(), place.root) {
        (Some((recv, Proj::Field(name))), _) => Callee::Method { recv, name },
        (None, Root::Global(name)) => Callee::Name(name),
        _ => return None,
    };
    Some(Call { callee, args: Vec::new(), results: smallvec::SmallVec::new(), ..call.clone() })
}
