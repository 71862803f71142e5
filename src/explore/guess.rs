//! Which answers the code does not give: taking them is an assumption.

use super::machine::Machine;
use super::state::State;
use super::value::{Origin, Sym, Val};
use crate::ir::Pure;
use crate::types::Type;
use rustc_hash::FxHashSet;

impl Machine<'_> {
    /// Whether letting a symbol stand for a value takes a side in what depends on a computation that is not followed, as one of two numbers
    /// of which one is computed from the other, or on the state that an object was left in.
    pub(super) fn guesses(&self, s: &State, sym: Sym, val: &Val) -> bool {
        match self.syms.origin(sym) {
            Origin::Pure(what @ (Pure::Eq | Pure::Less), args) => {
                let nil = what == Pure::Eq && args.contains(&Val::Nil);
                let computed = args.iter().any(|arg| matches!(arg, Val::Sym(sym) if self.computed_from(*sym)));
                let state = args.iter().any(|arg| matches!(arg, Val::Sym(sym) if self.is_state(*sym)));
                if nil {
                    // That one of several is nil is seldom meant.
                    return *val == Val::Bool(true)
                        && args.iter().any(|arg| matches!(arg, Val::Sym(sym) if self.is_element(*sym)));
                }
                // What code out of view gives is hardly a value that was made here.
                let own = |arg: &Val| matches!(arg, Val::Iface(_) | Val::Agg(_) | Val::Ptr(..) | Val::Chan(_) | Val::Func(_));
                if what == Pure::Eq && *val == Val::Bool(true) && args.iter().any(own) {
                    return true;
                }
                // That a sum is just that number is a coincidence.
                let coincidence = what == Pure::Eq
                    && *val == Val::Bool(true)
                    && args.iter().any(|arg| matches!(arg, Val::Sym(sym) if self.adds(*sym)));
                state || coincidence || computed && self.asked_before(s, sym)
            }
            Origin::Pure(..) => self.computed_from(sym) && self.asked_before(s, sym),
            Origin::Part(..) if *val == Val::Nil && (self.is_element(sym) || self.is_variable(sym)) => true,
            Origin::Part(..) => self.is_state(sym) && !matches!(val, Val::Bool(false) | Val::Int(0) | Val::Nil),
            Origin::Fresh(_) | Origin::Of(..) => false,
        }
    }

    /// Whether a symbol is what a package's variable holds: that it was never set is a state of the process.
    fn is_variable(&self, sym: Sym) -> bool {
        matches!(self.syms.origin(sym), Origin::Part(of, None) if matches!(self.syms.origin(of), Origin::Of(func, args) if args.is_empty() && func.recv.is_none()))
    }

    /// Whether a symbol is an element of a slice.
    fn is_element(&self, sym: Sym) -> bool {
        matches!(self.syms.origin(sym), Origin::Part(of, Some(_)) if matches!(self.world.underlying(&self.syms.ty(of)), Type::Slice(_)))
    }

    /// Whether a number is a sum, difference or product.
    fn adds(&self, sym: Sym) -> bool {
        match self.syms.origin(sym) {
            Origin::Pure(Pure::Add | Pure::Sub | Pure::Mul | Pure::Div, _) => true,
            Origin::Pure(Pure::Convert, args) => args.iter().any(|arg| matches!(arg, Val::Sym(sym) if self.adds(*sym))),
            _ => false,
        }
    }

    /// Whether other sizes were chosen than one and those that come from the same values.
    pub(super) fn sizes_beside(&self, s: &State, size: Sym) -> bool {
        let mut own = FxHashSet::default();
        self.leaves(size, &mut own);
        s.bound.iter().filter(|(sym, val)| **sym != size && matches!(val, Val::Int(_))).any(|(sym, _)| {
            let mut other = FxHashSet::default();
            self.leaves(*sym, &mut other);
            own.is_disjoint(&other)
        })
    }

    /// Whether of all values that a symbol comes from something else is taken for known: then the answers may not go together. One that is free
    /// can be such that they do.
    fn asked_before(&self, s: &State, sym: Sym) -> bool {
        let mut own = FxHashSet::default();
        self.leaves(sym, &mut own);
        let mut others = FxHashSet::default();
        s.bound.keys().filter(|known| **known != sym).for_each(|known| self.leaves(*known, &mut others));
        own.is_subset(&others)
    }

    /// The values that a symbol is computed from.
    fn leaves(&self, sym: Sym, out: &mut FxHashSet<Sym>) {
        match self.syms.origin(sym) {
            Origin::Pure(_, args) => {
                args.iter().for_each(|arg| {
                    if let Val::Sym(sym) = arg {
                        self.leaves(*sym, out);
                    }
                });
            }
            _ => {
                out.insert(sym);
            }
        }
    }

    /// Whether a number is computed from others that are not known.
    fn computed_from(&self, sym: Sym) -> bool {
        match self.syms.origin(sym) {
            Origin::Pure(Pure::Add | Pure::Sub | Pure::Mul | Pure::Div | Pure::Rem, _) => true,
            Origin::Pure(Pure::Convert, args) => args.iter().any(|arg| matches!(arg, Val::Sym(sym) if self.computed_from(*sym))),
            _ => false,
        }
    }

    /// Whether a symbol is a field that is written after its object was made.
    fn is_state(&self, sym: Sym) -> bool {
        let Origin::Part(of, Some(index)) = self.syms.origin(sym) else { return false };
        let ty = self.syms.ty(of);
        let Type::Named(named) = &ty else { return false };
        match self.world.underlying(&ty) {
            Type::Struct(fields) => fields.get(index as usize).is_some_and(|field| self.traits.changes(named.pkg, field.name)),
            _ => false,
        }
    }
}
