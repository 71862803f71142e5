//! Variables of packages.

use super::machine::Machine;
use super::state::{ObjKind, State};
use super::value::{ObjId, Origin, Val};
use crate::effects::Effect;
use crate::ir::{Callee, Op};
use crate::types::{FuncId, Name, PkgKey, Type};
use std::rc::Rc;
use std::sync::Arc;

impl Machine<'_> {
    /// The memory of a package's variable. Other code may change it at any time, so what it holds is not known, but for what is written
    /// once where it is declared.
    pub(super) fn global(&self, s: &mut State, pkg: PkgKey, name: Name) -> ObjId {
        if let Some(obj) = s.globals.get(&(pkg, name)) {
            return *obj;
        }
        let ty = self.world.var(pkg, name);
        let sym = self.syms.of(Origin::Of(FuncId { pkg, recv: None, name }, Arc::default()), &ty);
        let val = self.pointee(sym, &ty);
        if let Val::Sym(sym) = val
            && self.is_error_value(pkg, name, &ty)
        {
            let nil = self.is_nil_sym(sym);
            Self::bind(s, nil, Val::Bool(false));
        }
        let obj = s.alloc(ObjKind::Cell(val, ty), true, None);
        Rc::make_mut(&mut s.globals).insert((pkg, name), obj);
        obj
    }

    /// Whether a variable is an error that is made where it is declared, as `var ErrFull = errors.New("full")`: a constant in all but name.
    /// Exported errors of packages without bodies are such.
    fn is_error_value(&self, pkg: PkgKey, name: Name, ty: &Type) -> bool {
        if !matches!(ty, Type::Named(named) if named.pkg.is_empty() && named.name == "error") {
            return false;
        }
        if crate::types::stdlib::package(pkg.as_str()).is_some() {
            return true;
        }
        let Some(lowered) = self.bodies.initialiser(pkg, name) else { return false };
        let makes = |op: &Op| matches!(op, Op::Call { callee: Callee::Static(func), .. } if self.traits.effect(func) == Some(Effect::NewError));
        lowered.body.funcs[0].blocks.iter().flat_map(|b| &b.ops).any(|i| makes(&i.op))
    }
}
