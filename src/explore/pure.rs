//! Pure operations, and the questions that a branch on an unknown value asks.

use super::machine::Machine;
use super::state::{ObjKind, State};
use super::value::{Origin, Sym, Val};
use crate::ir::Pure;
use crate::types::{Basic, Type};

impl Machine<'_> {
    /// The result of a pure operation, or the symbol that stands for it.
    pub(super) fn pure(&self, s: &State, what: &Pure, args: &[Val], ty: &Type) -> Val {
        if let Some(val) = self.computed(s, what, args) {
            return val;
        }
        let sym = self.syms.of(Origin::Pure(what.clone(), args.into()), ty);
        match s.bound.get(&sym) {
            Some(bound) => bound.clone(),
            None => Val::Sym(sym),
        }
    }

    fn computed(&self, s: &State, what: &Pure, args: &[Val]) -> Option<Val> {
        match (what, args) {
            (Pure::Eq, [a, b]) => equal(a, b).map(Val::Bool),
            (Pure::Less, [Val::Int(a), Val::Int(b)]) => Some(Val::Bool(a < b)),
            (Pure::Not, [Val::Bool(b)]) => Some(Val::Bool(!b)),
            (Pure::Add, [Val::Int(a), Val::Int(b)]) => a.checked_add(*b).map(Val::Int),
            (Pure::Sub, [Val::Int(a), Val::Int(b)]) => a.checked_sub(*b).map(Val::Int),
            (Pure::Mul, [Val::Int(a), Val::Int(b)]) => a.checked_mul(*b).map(Val::Int),
            (Pure::Div, [Val::Int(a), Val::Int(b)]) => a.checked_div(*b).map(Val::Int),
            (Pure::Rem, [Val::Int(a), Val::Int(b)]) => a.checked_rem(*b).map(Val::Int),
            (Pure::Other(name), [Val::Int(a), Val::Int(b)]) if name == "max" => Some(Val::Int(*a.max(b))),
            (Pure::Other(name), [Val::Int(a), Val::Int(b)]) if name == "min" => Some(Val::Int(*a.min(b))),
            (Pure::Convert, [val @ (Val::Int(_) | Val::Bool(_) | Val::Str(_))]) => Some(val.clone()),
            (Pure::Len, [val]) => self.length(s, val),
            (Pure::Cap, [Val::Chan(ch)]) => s.chan(*ch).filter(|_| !s.obj(*ch).shared()).and_then(|c| int(c.room)),
            (Pure::FieldOf(i), [Val::Agg(parts)]) => parts.get(*i as usize).cloned(),
            (Pure::FieldOf(i), [Val::Sym(sym)]) => {
                let ty = match self.world.underlying(&self.syms.ty(*sym)) {
                    Type::Struct(fields) => fields.get(*i as usize).map_or(Type::Unknown, |f| f.ty.clone()),
                    _ => Type::Unknown,
                };
                Some(self.part(*sym, *i, &ty))
            }
            _ => None,
        }
    }

    fn length(&self, s: &State, val: &Val) -> Option<Val> {
        match val {
            Val::Nil => Some(Val::Int(0)),
            Val::Slice(_, _, len) => Some(Val::Int(i64::from(*len))),
            Val::Str(text) => int(text.len()),
            Val::Agg(parts) => int(parts.len()),
            Val::Chan(ch) => s.chan(*ch).filter(|_| !s.obj(*ch).shared()).and_then(|c| int(c.buffer.len())),
            Val::Map(map) => match &s.obj(*map).kind {
                ObjKind::Map { entries, open: false } => int(entries.len()),
                _ => None,
            },
            Val::Ptr(obj, path) => match self.load(s, *obj, path) {
                Val::Agg(parts) => int(parts.len()),
                _ => None,
            },
            _ => None,
        }
    }

    /// What a boolean symbol can stand for: bindings, one of which holds. Where it is asked `again` and again, as by a loop, numbers are chosen.
    pub(super) fn alternatives(&self, s: &State, cond: Sym, again: bool) -> Vec<(Sym, Val)> {
        let plain = vec![(cond, Val::Bool(true)), (cond, Val::Bool(false))];
        let Origin::Pure(what, args) = self.syms.origin(cond) else { return plain };
        let args: Vec<Val> = args.iter().map(|a| self.resolve(s, a)).collect();
        match (what, args.as_slice()) {
            (Pure::Not, [Val::Sym(inner)]) => self.alternatives(s, *inner, again),
            // Nobody hands on no context.
            (Pure::Eq, [Val::Sym(sym), Val::Nil]) if super::carry::is_context(&self.syms.ty(*sym)) => {
                vec![(cond, Val::Bool(false))]
            }
            (Pure::Eq, [Val::Sym(sym), Val::Nil]) => vec![(*sym, Val::Nil), (cond, Val::Bool(false))],
            (Pure::Eq, [Val::Sym(sym), constant @ (Val::Int(_) | Val::Str(_) | Val::Bool(_))]) => {
                vec![(*sym, constant.clone()), (cond, Val::Bool(false))]
            }
            (Pure::Less, [Val::Int(k), Val::Sym(n)]) if self.is_integer(*n) => match self.bounds(s, *n) {
                (least, _) if least > *k => vec![(cond, Val::Bool(true))],
                (_, most) if most <= *k => vec![(cond, Val::Bool(false))],
                _ if again => self.sizes(s, *n, *k, k.saturating_add(1)),
                _ => plain,
            },
            (Pure::Less, [Val::Sym(n), Val::Int(k)]) if self.is_integer(*n) => match self.bounds(s, *n) {
                (_, most) if most < *k => vec![(cond, Val::Bool(true))],
                (least, _) if least >= *k => vec![(cond, Val::Bool(false))],
                _ if again => self.sizes(s, *n, k.saturating_sub(1), *k),
                _ => plain,
            },
            _ => plain,
        }
    }

    /// What is compared with a number is one, if its type is not known.
    fn is_integer(&self, sym: Sym) -> bool {
        self.syms.ty(sym) == Type::Unknown
            || matches!(self.world.underlying(&self.syms.ty(sym)), Type::Basic(basic) if basic <= Basic::Uintptr && basic >= Basic::Int)
    }

    /// Values that a size can have, where one has to be known.
    pub(super) fn sizes_of(&self, s: &State, sym: Sym) -> Vec<(Sym, Val)> {
        self.sizes(s, sym, 0, 1)
    }

    /// Small numbers; where a bound is asked for that is none, one on each side of it. Those that `min` and `max` leave out are left out.
    fn sizes(&self, s: &State, sym: Sym, below: i64, above: i64) -> Vec<(Sym, Val)> {
        let numbers: &[i64] = match below {
            -1 => &[-1, 0, 1, 2],
            0..=2 => &[0, 1, 2, 3],
            _ => &[below, above],
        };
        let (least, most) = self.bounds(s, sym);
        let within: Vec<i64> = numbers.iter().copied().filter(|n| (least..=most).contains(n)).collect();
        let numbers = if within.is_empty() { vec![least.max(0).min(most)] } else { within };
        numbers.into_iter().map(|n| (sym, Val::Int(n))).collect()
    }

    /// The least and the greatest number that a symbol can stand for, by what it is made of and by the answers that were given.
    fn bounds(&self, s: &State, sym: Sym) -> (i64, i64) {
        let (mut least, mut most) = match self.syms.origin(sym) {
            Origin::Pure(Pure::Len | Pure::Cap, _) => (0, i64::MAX),
            Origin::Pure(Pure::Other(name), args) => {
                let numbers = args.iter().filter_map(|arg| match self.resolve(s, arg) {
                    Val::Int(n) => Some(n),
                    _ => None,
                });
                match name.as_str() {
                    "max" => (numbers.max().unwrap_or(i64::MIN), i64::MAX),
                    "min" => (i64::MIN, numbers.min().unwrap_or(i64::MAX)),
                    _ => (i64::MIN, i64::MAX),
                }
            }
            _ => (i64::MIN, i64::MAX),
        };
        for (known, val) in s.bound.iter() {
            let Val::Bool(holds) = val else { continue };
            let Origin::Pure(Pure::Less, args) = self.syms.origin(*known) else { continue };
            match (&args[..], holds) {
                ([Val::Int(k), Val::Sym(n)], true) if *n == sym => least = least.max(k.saturating_add(1)),
                ([Val::Int(k), Val::Sym(n)], false) if *n == sym => most = most.min(*k),
                ([Val::Sym(n), Val::Int(k)], true) if *n == sym => most = most.min(k.saturating_sub(1)),
                ([Val::Sym(n), Val::Int(k)], false) if *n == sym => least = least.max(*k),
                _ => {}
            }
        }
        (least, most)
    }
}

fn int(n: usize) -> Option<Val> {
    i64::try_from(n).ok().map(Val::Int)
}

/// Sizes that are not known are less than this, or this.
pub(super) const SIZES: usize = 3;

/// Whether two values are equal, if that is known.
pub(super) fn equal(a: &Val, b: &Val) -> Option<bool> {
    match (a, b) {
        (Val::Sym(a), Val::Sym(b)) if a == b => Some(true),
        (Val::Sym(_), _) | (_, Val::Sym(_)) => None,
        (Val::Nil, Val::Nil) => Some(true),
        (Val::Nil, _) | (_, Val::Nil) => Some(false),
        (Val::Iface(a), Val::Iface(b)) => {
            if a.0 == b.0 {
                equal(&a.1, &b.1)
            } else {
                Some(false)
            }
        }
        (Val::Iface(a), b) | (b, Val::Iface(a)) => equal(&a.1, b),
        (Val::Agg(a), Val::Agg(b)) if a.len() == b.len() => {
            let mut all = Some(true);
            for (a, b) in a.iter().zip(b.iter()) {
                match equal(a, b) {
                    Some(false) => return Some(false),
                    None => all = None,
                    Some(true) => {}
                }
            }
            all
        }
        (Val::Func(_), Val::Func(_)) => None,
        (a, b) => Some(a == b),
    }
}
