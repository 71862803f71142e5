//! The places of one declaration that hold the same thing, whatever the order in which they come to hold it.

use super::{Duty, Engine};
use crate::old::ir::{Body, Call, Callee, FuncIdx, LocalId, OpKind, Operand, Place, Term};
use crate::old::program::{DeclId, Target};
use rustc_hash::FxHashSet;

/// Places that hold the thing, and locals that hold a part of it (`c := t.C`).
#[derive(Clone, Debug)]
pub(crate) struct Aliases {
    places: FxHashSet<Place>,
    parts: FxHashSet<LocalId>,
    /// Places of what a library put around it.
    around: FxHashSet<Place>,
    /// Those of them that end by themselves, before what they stand around does.
    framed: FxHashSet<Place>,
    field: Option<crate::old::ir::Sym>,
}

impl Aliases {
    /// All aliases of the places in a declaration.
    pub(crate) fn new(engine: &Engine<'_>, decl: DeclId, seeds: impl IntoIterator<Item = Place>, duty: &Duty) -> Self {
        let mut out = Self {
            places: seeds.into_iter().collect(),
            parts: FxHashSet::default(),
            around: FxHashSet::default(),
            framed: FxHashSet::default(),
            field: duty.field,
        };
        let Some(body) = engine.package.body(decl) else { return out };
        // A copy of a copy may stand before the copy in the text; few rounds are ever needed.
        for _ in 0..8 {
            let before = out.places.len() + out.parts.len();
            for func in &body.funcs {
                for (_, _, op) in func.ops() {
                    out.learn(engine, decl, body, &op.kind, duty);
                }
            }
            if out.places.len() + out.parts.len() == before {
                break;
            }
        }
        out
    }

    fn learn(&mut self, engine: &Engine<'_>, decl: DeclId, body: &Body, op: &OpKind, duty: &Duty) {
        match op {
            OpKind::Assign { dst, src: Operand::Place(p) } if dst.as_local().is_some() && !engine.is_pointee(decl, dst, duty) => {
                if self.is(p) {
                    self.places.insert(dst.clone());
                    if self.is_around(p) {
                        self.around.insert(dst.clone());
                    }
                    if self.is_framed(p) {
                        self.framed.insert(dst.clone());
                    }
                } else if self.is_part(p) {
                    self.parts.extend(dst.as_local());
                }
            }
            OpKind::Call(call) | OpKind::Spawn(call) | OpKind::Defer(call) => {
                for (i, arg) in call.args.iter().enumerate() {
                    let Operand::Place(p) = arg else { continue };
                    if self.is(p) {
                        self.handed(engine, decl, body, call, i, duty);
                    }
                }
            }
            _ => {}
        }
    }

    /// The thing is an argument: a literal's parameter holds it, a conversion or a wrapper gives it back.
    fn handed(&mut self, engine: &Engine<'_>, decl: DeclId, body: &Body, call: &Call, i: usize, duty: &Duty) {
        match engine.package.resolve(decl, call) {
            Target::Func(id) if id.decl == decl && id.func != FuncIdx::TOP => {
                let func = body.func(id.func);
                if let Some(param) = func.params.get(i).filter(|_| !func.sig.variadic) {
                    self.places.insert(Place::local(*param));
                }
            }
            Target::Func(id) => {
                for result in engine.returned(id, i, duty) {
                    if let Some(Some(place)) = call.results.get(result as usize) {
                        self.places.insert(place.clone());
                    }
                }
            }
            Target::Conversion => self.places.extend(call.results.first().cloned().flatten()),
            Target::Model(model, _) if model.wraps == u8::try_from(i).ok() => {
                self.places.extend(call.results.first().cloned().flatten());
                self.around.extend(call.results.first().cloned().flatten());
                let inner = call.args[i].place().is_some_and(|p| self.is_framed(p));
                if inner || !model.raw {
                    self.framed.extend(call.results.first().cloned().flatten());
                }
            }
            _ => {}
        }
    }

    /// Whether the place holds the thing itself.
    pub(crate) fn is(&self, place: &Place) -> bool {
        if self.places.contains(place) {
            return true;
        }
        // `resp.Body` is as good as `resp`.
        match (self.field, place.split_last()) {
            (Some(field), Some((base, crate::old::ir::Proj::Field(last)))) => last == field && self.places.contains(&base),
            _ => false,
        }
    }

    /// Whether the place holds what a library put around the thing.
    pub(crate) fn is_around(&self, place: &Place) -> bool {
        self.around.contains(place)
    }

    /// Whether what the place holds has an end of its own, as a packed stream.
    pub(crate) fn is_framed(&self, place: &Place) -> bool {
        self.framed.contains(place)
    }

    /// Whether the place is something in the thing, as `t.C`, or a copy of that.
    pub(crate) fn is_part(&self, place: &Place) -> bool {
        if place.root_local().is_some_and(|l| self.parts.contains(&l)) {
            return true;
        }
        let mut base = place.clone();
        while let Some((up, _)) = base.split_last() {
            if self.is(&up) {
                return true;
            }
            base = up;
        }
        false
    }

    /// Whether the place is the thing or something in it.
    pub(crate) fn touches(&self, place: &Place) -> bool {
        self.is(place) || self.is_part(place)
    }

    /// Whether this place is the only one that holds the thing.
    pub(crate) fn is_sole(&self, place: &Place) -> bool {
        self.places.len() == 1 && self.places.contains(place)
    }

    /// Whether an operation names the thing.
    pub(crate) fn used_by(&self, op: &OpKind) -> bool {
        places_of(op).into_iter().any(|p| self.touches(p)) || self.is_called_by(op)
    }

    /// `s.cancel()` where the field is the thing.
    fn is_called_by(&self, op: &OpKind) -> bool {
        let (OpKind::Spawn(call) | OpKind::Defer(call) | OpKind::Call(call)) = op else { return false };
        matches!(&call.callee, Callee::Method { recv, name } if self.is(&recv.field(*name)))
    }

    /// Places that are whole locals of functions around or beside the given one.
    pub(crate) fn outside(&self, body: &Body, func: FuncIdx) -> Option<LocalId> {
        let mut found: Vec<LocalId> = self.places.iter().filter_map(Place::as_local).collect();
        found.sort_unstable();
        found.into_iter().find(|l| !body.is_inside(body.local(*l).func, func))
    }

    /// Whether a function or a literal inside it names the thing.
    pub(crate) fn named_in(&self, body: &Body, func: FuncIdx) -> bool {
        let inside = |i: usize| body.is_inside(FuncIdx(u32::try_from(i).unwrap_or(u32::MAX)), func);
        body.funcs.iter().enumerate().filter(|(i, _)| inside(*i)).any(|(_, f)| {
            f.ops().any(|(_, _, op)| self.used_by(&op.kind))
                || f.blocks.iter().any(|b| term_places(&b.term).into_iter().any(|p| self.touches(p)))
                || f.loops
                    .iter()
                    .any(|l| matches!(&l.kind, crate::old::ir::LoopKind::Range(Operand::Place(p)) if self.touches(p)))
        })
    }
}

/// All places that an operation names.
fn places_of(op: &OpKind) -> Vec<&Place> {
    match op {
        OpKind::Spawn(call) | OpKind::Defer(call) | OpKind::Call(call) => {
            let callee = match &call.callee {
                Callee::Method { recv, .. } | Callee::Value(recv) => Some(recv),
                _ => None,
            };
            callee.into_iter().chain(call.args.iter().filter_map(Operand::place)).collect()
        }
        OpKind::MakeChan { .. } => Vec::new(),
        OpKind::Send { ch, value } => std::iter::once(ch).chain(value.place()).collect(),
        OpKind::Recv { ch, .. } | OpKind::Close { ch } => vec![ch],
        OpKind::Assign { src, .. } => src.place().into_iter().collect(),
    }
}

fn term_places(term: &Term) -> Vec<&Place> {
    match term {
        Term::Select { cases, .. } => cases.iter().map(|c| c.comm.ch()).collect(),
        Term::Return(values) => values.iter().filter_map(Operand::place).collect(),
        _ => Vec::new(),
    }
}
