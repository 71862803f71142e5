//! Calls through interfaces: the types that can stand behind one, where it can be told.
//!
//! Two ways lead there. All that is ever stored in a field or variable may be of a few types; or a few types in view alone have the methods.
//! Where it is one, the call goes there ([`Package::resolve`]); where it is several, [`Package::alternatives`] names them.

use super::mentions::Use;
use super::{Cell, DeclId, FnId, Package, Slot, Target, functions};
use crate::old::ir::{Body, Call, Callee, OpKind, Operand, Place, Root, Sym, Ty};
use crate::source::DeclKind;
use std::rc::Rc;

/// Declarations that are read to know what a field holds.
const MAX_MENTIONS: usize = 12;

/// More types or functions than this behind one call are as good as unknown.
pub(super) const FEW: usize = 4;

impl Package {
    /// The method behind a call through an interface. `None` where it could be one of several.
    pub(super) fn behind_interface(
        &self,
        decl: DeclId,
        body: &Body,
        recv: &Place,
        ty: &Ty,
        name: Sym,
        depth: u8,
    ) -> Option<Target> {
        if depth > 12 {
            return None;
        }
        let concrete = self.only_implementer(ty).or_else(|| self.stored_type(decl, body, recv))?;
        match self.resolve_method(&concrete, name) {
            found @ (Target::Func(_) | Target::Model(..)) => Some(found),
            _ => None,
        }
    }

    /// The one type of all that is put into a field or variable.
    fn stored_type(&self, decl: DeclId, body: &Body, recv: &Place) -> Option<Ty> {
        if let Some(local) = recv.as_local() {
            let super::Written::Value(value) = self.single_write(decl, local)? else { return None };
            return self.concrete(&self.operand_type(decl, body, value));
        }
        only(&self.stored_few_types(&self.cell(decl, body, recv)?))
    }

    /// The types of all that is put into a field or variable of the package; none where that cannot be told, or they are many.
    pub(super) fn stored_few_types(&self, cell: &Cell) -> Rc<[Ty]> {
        if !matches!(cell, Cell::Field(..) | Cell::Global(_)) {
            return Rc::default();
        }
        if let Some(known) = self.stored_types.borrow().get(cell) {
            return Rc::clone(known);
        }
        // While it is worked out nothing is known: what is stored may come from a call through the same field.
        self.stored_types.borrow_mut().insert(cell.clone(), Rc::default());
        let found: Rc<[Ty]> = self.few_mentions(cell).then(|| self.types_in(cell)).flatten().unwrap_or_default().into();
        self.stored_types.borrow_mut().insert(cell.clone(), Rc::clone(&found));
        found
    }

    /// The one function that is ever put into a field: a literal, a function, or a method of the value that the field belongs to.
    pub(super) fn stored_func(&self, decl: DeclId, body: &Body, place: &Place) -> Option<Target> {
        only(&self.stored_few_funcs(&self.cell(decl, body, place)?)).map(Target::Func)
    }

    /// The functions that are ever put into a field or variable of the package; none where that cannot be told, or they are many.
    pub(super) fn stored_few_funcs(&self, cell: &Cell) -> Rc<[FnId]> {
        if !matches!(cell, Cell::Field(..) | Cell::Global(_)) {
            return Rc::default();
        }
        if let Some(known) = self.stored_funcs.borrow().get(cell) {
            return Rc::clone(known);
        }
        // While it is worked out nothing is known, as with types.
        self.stored_funcs.borrow_mut().insert(cell.clone(), Rc::default());
        let found: Rc<[FnId]> = self.few_mentions(cell).then(|| self.funcs_in(cell)).flatten().unwrap_or_default().into();
        self.stored_funcs.borrow_mut().insert(cell.clone(), Rc::clone(&found));
        found
    }

    fn funcs_in(&self, cell: &Cell) -> Option<Vec<FnId>> {
        let mut out = Vec::new();
        for (id, dst, value) in self.stored_at(cell)? {
            let own = match (&value, dst.split_last()) {
                (Operand::Func(_), _) => true,
                (Operand::Place(p), Some((holder, _))) => match p.split_last() {
                    // Another value's method would be taken for one of this value.
                    Some((base, _)) => base == holder,
                    None => matches!(p.root, Root::Global(_)),
                },
                (Operand::Place(p), None) => matches!(p.root, Root::Global(_)) && p.path.is_empty(),
                _ => false,
            };
            push_new(&mut out, self.operand_func(id.decl, &value).and_then(|t| t.func()).filter(|_| own)?)?;
        }
        Some(out)
    }

    /// Whether so few declarations speak of a field that reading them all is worth it: everybody uses `s.logger`.
    fn few_mentions(&self, cell: &Cell) -> bool {
        let mentions = match cell {
            Cell::Field(owner, name) => self.member_mentions(*owner, *name),
            Cell::Global(name) => self.mentions(*name),
            _ => return false,
        };
        mentions.len() <= MAX_MENTIONS
    }

    fn types_in(&self, cell: &Cell) -> Option<Vec<Ty>> {
        let mut types: Vec<Ty> = Vec::new();
        for (id, value) in self.stored(cell)? {
            if matches!(value, Operand::Nil) {
                continue;
            }
            push_new(&mut types, self.concrete(&self.operand_type(id.decl, self.body(id.decl)?, &value))?)?;
        }
        Some(types)
    }

    /// The type itself, if it is declared in view and no interface.
    fn concrete(&self, ty: &Ty) -> Option<Ty> {
        match ty {
            Ty::Ptr(inner) => self.concrete(inner),
            Ty::Named { path: None, name } => {
                self.type_decl(*name)?;
                (!matches!(self.underlying(*name), Ty::Interface(_) | Ty::Unknown)).then(|| ty.clone())
            }
            Ty::Named { path: Some(path), name } => {
                self.models().type_(*path, *name).filter(|model| !model.interface)?;
                Some(ty.clone())
            }
            _ => None,
        }
    }

    /// The one type with all methods of an interface among the package, the interface's own and those that the package imports.
    fn only_implementer(&self, ty: &Ty) -> Option<Ty> {
        only(&self.implementers(interface_name(ty)?))
    }

    /// The types with all methods of an interface among the package, the interface's own and those that the package imports; none where
    /// they are many.
    pub(super) fn implementers(&self, name: Sym) -> Rc<[Ty]> {
        if let Some(known) = self.implementers.borrow().get(&name) {
            return Rc::clone(known);
        }
        let found: Rc<[Ty]> = self.find_implementers(name).unwrap_or_default().into();
        self.implementers.borrow_mut().insert(name, Rc::clone(&found));
        found
    }

    /// Calls of a method through an interface of the package or of one that it imports, as far as they stand beside that interface: the
    /// declaration that calls, and the call.
    #[must_use]
    pub fn calls_through_interfaces(&self, id: DeclId) -> Vec<(FnId, Call)> {
        let decl = self.decl(id);
        let (Some(method), Some(owner)) = (decl.names.first().copied(), decl.recv) else {
            return Vec::new();
        };
        let mut slots: Vec<Slot> = vec![id.slot()];
        slots.extend(self.data(id.slot()).imported_keys().into_iter().filter_map(|key| self.slot(key)));
        let mut out = Vec::new();
        for slot in slots {
            if !self.asks_for(slot, method, (id.slot(), owner)) {
                continue;
            }
            let users: Vec<DeclId> =
                self.mentions_in(slot, method, Use::Member).iter().copied().filter(|d| d.slot() == slot).collect();
            for user in users {
                let Some(body) = self.body(user) else { continue };
                for (caller, func) in functions(user, body) {
                    for (_, _, op) in func.ops() {
                        let OpKind::Call(call) = &op.kind else { continue };
                        let is_it = matches!(&call.callee, Callee::Method { name, .. } if *name == method);
                        let leads_here = |t: &Target| match t {
                            Target::Func(f) => f.decl == id,
                            other => matches!(other, Target::Dynamic(_) | Target::Unknown),
                        };
                        if is_it && leads_here(&self.resolve(user, call)) {
                            out.push((caller, (**call).clone()));
                        }
                    }
                }
            }
        }
        out
    }

    /// Whether a package declares an interface with that method, all of whose methods the type has.
    fn asks_for(&self, slot: Slot, method: Sym, (of, owner): (Slot, Sym)) -> bool {
        let has = |m: &Sym| !self.data(of).declared_methods(owner, *m).is_empty();
        self.mentions_in(slot, method, Use::Word)
            .iter()
            .filter(|d| d.slot() == slot && self.decl(**d).kind == DeclKind::Type)
            .any(|d| {
                let names = self.decl(*d).names.iter().map(|n| self.name_near(*d, *n));
                names.map(|n| self.underlying(n)).any(|ty| match ty {
                    Ty::Interface(methods) => methods.contains(&method) && methods.iter().all(has),
                    _ => false,
                })
            })
    }

    fn find_implementers(&self, name: Sym) -> Option<Vec<Ty>> {
        let Ty::Interface(methods) = self.underlying(name) else { return None };
        let first = methods.first()?;
        let mut slots: Vec<Slot> = vec![0];
        slots.extend(self.locate(name).map(|(slot, _)| slot).filter(|s| *s != 0));
        for key in self.own().imported_keys() {
            slots.extend(self.slot(key).filter(|s| !slots.contains(s)));
        }
        let mut found: Vec<Ty> = Vec::new();
        for slot in slots {
            let data = self.data(slot);
            for owner in data.types_with(*first) {
                let has_all = methods.iter().all(|m| !data.declared_methods(owner, *m).is_empty());
                // What a tool writes to stand in for the type in tests is not what runs.
                let is_generated = |at: &u32| data.file(*at).outline.generated;
                if has_all && !data.declared_methods(owner, *first).iter().any(is_generated) {
                    let name = data.key.map_or(owner, |key| crate::old::lower::qualified(key, owner));
                    push_new(&mut found, Ty::Named { path: None, name })?;
                }
            }
        }
        Some(found)
    }
}

/// The name of an interface type of the program.
pub(super) fn interface_name(ty: &Ty) -> Option<Sym> {
    match ty {
        Ty::Named { path: None, name } => Some(*name),
        Ty::Ptr(inner) => interface_name(inner),
        _ => None,
    }
}

fn only<T: Clone>(list: &[T]) -> Option<T> {
    match list {
        [one] => Some(one.clone()),
        _ => None,
    }
}

/// Adds what is not there yet; `None` when there are too many.
pub(super) fn push_new<T: PartialEq>(list: &mut Vec<T>, item: T) -> Option<()> {
    if !list.contains(&item) {
        list.push(item);
    }
    (list.len() <= FEW).then_some(())
}
