//! Calls that lead to one of a few functions: through an interface with several implementers, through a field, variable or parameter that
//! holds one function or another.
//!
//! What can be called has to be known to the last: whoever follows all of them may then say what none of them does. An interface is
//! known if its name or one of its methods stays in packages whose types are in view, or if all that is stored in the place is.

use super::interfaces::{FEW, interface_name, push_new};
use super::{Cell, DeclId, FnId, Package, Slot, Target, exported};
use crate::old::ir::{Body, Call, Callee, FuncIdx, LocalKind, Operand, Place, Root, Sym, Ty};
use crate::source::DeclKind;
use std::rc::Rc;

/// Methods that types of libraries have too: an interface of nothing else may stand for any of those.
const COMMON: [&str; 22] = [
    "Add", "Cancel", "Close", "Do", "Done", "Err", "Error", "Flush", "Get", "Len", "Lock", "Name", "Read", "Reset", "Run",
    "Start", "Stop", "String", "Unlock", "Value", "Wait", "Write",
];

/// Declarations that are read to know what a variable of the package, or a parameter, holds.
const MAX_READ: usize = 4;

impl Package {
    /// The functions that a call can lead to where it is more than one and all are known; none where [`Package::resolve`] tells the one,
    /// or not all are known.
    #[must_use]
    pub fn alternatives(&self, decl: DeclId, call: &Call) -> Rc<[FnId]> {
        // What calls a function or method by its name leads to that one.
        if matches!(call.callee, Callee::Lit(_) | Callee::Import { .. } | Callee::Opaque) {
            return Rc::default();
        }
        if !matches!(self.resolve(decl, call), Target::Dynamic(_) | Target::Unknown) {
            return Rc::default();
        }
        let key = (decl, call.callee_span);
        if let Some(known) = self.several.borrow().get(&key) {
            return Rc::clone(known);
        }
        // While it is worked out nothing is known: what is stored may be called on the way there.
        self.several.borrow_mut().insert(key, Rc::default());
        let found = self.body(decl).and_then(|body| self.find_alternatives(decl, body, call)).unwrap_or_default();
        self.several.borrow_mut().insert(key, Rc::clone(&found));
        found
    }

    /// The function that a call leads to, or each of the few.
    #[must_use]
    pub fn callees(&self, decl: DeclId, call: &Call) -> Rc<[FnId]> {
        match self.resolve(decl, call) {
            Target::Func(id) => Rc::from([id]),
            Target::Dynamic(_) | Target::Unknown => self.alternatives(decl, call),
            _ => Rc::default(),
        }
    }

    /// Whether the call leads to the function, or may where it can lead to one of a few.
    #[must_use]
    pub fn may_lead_to(&self, decl: DeclId, call: &Call, id: FnId) -> bool {
        match self.resolve(decl, call) {
            Target::Func(found) => found == id,
            Target::Dynamic(_) | Target::Unknown => self.alternatives(decl, call).contains(&id),
            _ => false,
        }
    }

    fn find_alternatives(&self, decl: DeclId, body: &Body, call: &Call) -> Option<Rc<[FnId]>> {
        match &call.callee {
            Callee::Method { recv, name } => {
                let ty = self.ty_of(decl, body, recv);
                match self.resolve_method(&ty, *name) {
                    Target::Dynamic(None) => self.behind_several(decl, body, recv, &ty, *name),
                    Target::Dynamic(Some(_)) => Some(self.stored_few_funcs(&self.cell(decl, body, &recv.field(*name))?)),
                    _ => None,
                }
            }
            Callee::Name(name) => Some(self.global_funcs(*name)),
            Callee::Value(place) => self.held_functions(decl, body, place),
            _ => None,
        }
    }

    fn behind_several(&self, decl: DeclId, body: &Body, recv: &Place, ty: &Ty, name: Sym) -> Option<Rc<[FnId]>> {
        let stored = match recv.as_local() {
            Some(_) => Rc::default(),
            None => self.cell(decl, body, recv).map(|cell| self.stored_few_types(&cell)).unwrap_or_default(),
        };
        let types = if stored.is_empty() { self.few_implementers(interface_name(ty)?) } else { stored };
        let mut out = Vec::new();
        for ty in types.iter() {
            push_new(&mut out, self.resolve_method(ty, name).func()?)?;
        }
        Some(out.into())
    }

    /// The functions that a variable or a parameter can hold.
    fn held_functions(&self, decl: DeclId, body: &Body, place: &Place) -> Option<Rc<[FnId]>> {
        let Some(local) = place.as_local() else {
            return match place.root {
                Root::Global(name) if place.path.is_empty() => Some(self.global_funcs(name)),
                _ => None,
            };
        };
        let mut out = Vec::new();
        for written in self.writes(decl, local) {
            match written {
                super::Written::Value(Operand::Nil) => {}
                super::Written::Value(value @ (Operand::Func(_) | Operand::Place(_))) => {
                    // A method's receiver would be lost.
                    let function = value.place().is_none_or(|p| p.path.is_empty());
                    push_new(&mut out, self.operand_func(decl, value).and_then(|t| t.func()).filter(|_| function)?)?;
                }
                _ => return None,
            }
        }
        match body.local(local).kind {
            LocalKind::Var => {}
            LocalKind::Param(i) => self.handed_in(FnId { decl, func: body.local(local).func }, i as usize, &mut out)?,
            _ => return None,
        }
        out.sort_unstable();
        Some(out.into())
    }

    fn global_funcs(&self, name: Sym) -> Rc<[FnId]> {
        // A conversion to a type looks the same, and who else converts is no short question.
        if !self.named(name).iter().any(|d| self.decl(*d).kind == DeclKind::Var) {
            return Rc::default();
        }
        // Hooks for tests and the like are named all over the package.
        if self.mentions(name).len() > MAX_READ { Rc::default() } else { self.stored_few_funcs(&Cell::Global(name)) }
    }

    /// The functions that the callers of a function hand in, if all are in view.
    fn handed_in(&self, id: FnId, param: usize, out: &mut Vec<FnId>) -> Option<()> {
        if id.func != FuncIdx::TOP || self.is_exported(id.decl) {
            return None;
        }
        let name = self.decl(id.decl).names.first()?;
        if self.mentions_near(id.decl, *name).len() > MAX_READ {
            return None;
        }
        let callers = self.callers(id);
        if callers.hidden.is_some() || callers.sites.is_empty() || callers.sites.len() > 2 * FEW {
            return None;
        }
        for site in &callers.sites {
            match site.call.args.get(param).filter(|_| !site.call.spread)? {
                Operand::Nil => {}
                // Functions of the package alone: what a literal or a method value binds belongs to one caller.
                value @ Operand::Place(p) if p.path.is_empty() && matches!(p.root, Root::Global(_)) => {
                    push_new(out, self.operand_func(site.caller.decl, value)?.func()?)?;
                }
                _ => return None,
            }
        }
        Some(())
    }

    /// The types behind an interface, if there are few and none can lie out of view.
    fn few_implementers(&self, name: Sym) -> Rc<[Ty]> {
        // Distinct from what `implementers` keeps: here a type that only may have all methods counts as well.
        if let Some(known) = self.few.borrow().get(&name) {
            return Rc::clone(known);
        }
        self.few.borrow_mut().insert(name, Rc::default());
        let found: Rc<[Ty]> = self.find_few(name).unwrap_or_default().into();
        self.few.borrow_mut().insert(name, Rc::clone(&found));
        found
    }

    fn find_few(&self, name: Sym) -> Option<Vec<Ty>> {
        let Ty::Interface(methods) = self.underlying(name) else { return None };
        let (own, _) = self.locate(name)?;
        let sealed = methods.iter().any(|m| !exported(m));
        if !sealed && (self.is_name_exported(&name) || methods.iter().all(|m| COMMON.contains(&m.as_str()))) {
            return None;
        }
        let mut slots: Vec<Slot> = vec![own];
        if !sealed {
            let mut near = vec![own];
            if exported(&name) {
                near.extend(self.importers(own).iter().copied());
            }
            for slot in near {
                let imported = self.data(slot).imported_keys().into_iter().filter_map(|key| self.slot(key));
                slots.extend(std::iter::once(slot).chain(imported));
            }
        }
        slots.sort_unstable();
        slots.dedup();
        let mut found: Vec<Ty> = Vec::new();
        for slot in slots {
            let data = self.data(slot);
            let mut owners: Vec<Sym> = methods.iter().flat_map(|m| data.types_with(*m)).collect();
            owners.sort_unstable_by_key(Sym::as_str);
            owners.dedup();
            for owner in owners {
                let name = data.key.map_or(owner, |key| crate::old::lower::qualified(key, owner));
                let ty = Ty::Named { path: None, name };
                if self.implements(&ty, name, &methods)? && !self.is_generated(slot, owner, &methods) {
                    push_new(&mut found, ty)?;
                }
            }
        }
        Some(found)
    }

    /// Whether a type has all methods; `None` where some may come from an embedded type out of view.
    fn implements(&self, ty: &Ty, name: Sym, methods: &[Sym]) -> Option<bool> {
        let missing = |m: &Sym| self.resolve_method(ty, *m).func().is_none();
        if !methods.iter().any(missing) {
            return Some(true);
        }
        match self.underlying(name) {
            Ty::Struct(fields) if fields.iter().any(|f| f.embedded && self.is_opaque(&f.ty)) => None,
            _ => Some(false),
        }
    }

    /// Whether an embedded field may bring in methods that cannot be told.
    fn is_opaque(&self, ty: &Ty) -> bool {
        matches!(self.structure(ty), Ty::Unknown | Ty::Interface(_) | Ty::Named { .. })
    }

    fn is_generated(&self, slot: Slot, owner: Sym, methods: &[Sym]) -> bool {
        let data = self.data(slot);
        methods.iter().flat_map(|m| data.declared_methods(owner, *m)).any(|at| data.file(*at).outline.generated)
    }
}
