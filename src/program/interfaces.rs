//! Calls through interfaces: the one type that can stand behind one, where it can be told.
//!
//! Two ways lead there. All that is ever stored in a field or variable may be of one type; or one type in view alone has the methods.

use super::mentions::Use;
use super::{Cell, DeclId, FnId, Package, Slot, Target, functions};
use crate::ir::{Body, Call, Callee, OpKind, Operand, Place, Root, Sym, Ty};
use crate::source::DeclKind;
use rustc_hash::FxHashSet;

/// Declarations that are read to know what a field holds.
const MAX_MENTIONS: usize = 12;

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
        let cell @ (Cell::Field(..) | Cell::Global(_)) = self.cell(decl, body, recv)? else { return None };
        if let Some(known) = self.stored_types.borrow().get(&cell) {
            return known.clone();
        }
        // While it is worked out nothing is known: what is stored may come from a call through the same field.
        self.stored_types.borrow_mut().insert(cell.clone(), None);
        let found = self.few_mentions(&cell).then(|| self.one_type(&cell)).flatten();
        self.stored_types.borrow_mut().insert(cell, found.clone());
        found
    }

    /// The one function that is ever put into a field: a literal, a function, or a method of the value that the field belongs to.
    pub(super) fn stored_func(&self, decl: DeclId, body: &Body, place: &Place) -> Option<Target> {
        let cell @ Cell::Field(..) = self.cell(decl, body, place)? else { return None };
        if let Some(known) = self.stored_funcs.borrow().get(&cell) {
            return known.map(Target::Func);
        }
        // While it is worked out nothing is known, as with types.
        self.stored_funcs.borrow_mut().insert(cell.clone(), None);
        let found = self.few_mentions(&cell).then(|| self.one_func(&cell)).flatten();
        self.stored_funcs.borrow_mut().insert(cell, found);
        found.map(Target::Func)
    }

    fn one_func(&self, cell: &Cell) -> Option<FnId> {
        let mut one = None;
        for (id, dst, value) in self.stored_at(cell)? {
            let own = match (&value, dst.split_last()) {
                (Operand::Func(_), _) => true,
                (Operand::Place(p), Some((holder, _))) => match p.split_last() {
                    // Another value's method would be taken for one of this value.
                    Some((base, _)) => base == holder,
                    None => matches!(p.root, Root::Global(_)),
                },
                _ => false,
            };
            let func = self.operand_func(id.decl, &value).and_then(|t| t.func()).filter(|_| own)?;
            if *one.get_or_insert(func) != func {
                return None;
            }
        }
        one
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

    fn one_type(&self, cell: &Cell) -> Option<Ty> {
        let mut types: Vec<Ty> = Vec::new();
        for (id, value) in self.stored(cell)? {
            if matches!(value, Operand::Nil) {
                continue;
            }
            let ty = self.concrete(&self.operand_type(id.decl, self.body(id.decl)?, &value))?;
            if !types.contains(&ty) {
                types.push(ty);
            }
        }
        (types.len() == 1).then(|| types.remove(0))
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
        let name = match ty {
            Ty::Named { path: None, name } => *name,
            Ty::Ptr(inner) => return self.only_implementer(inner),
            _ => return None,
        };
        if let Some(known) = self.implementers.borrow().get(&name) {
            return known.clone();
        }
        let found = self.find_implementer(name);
        self.implementers.borrow_mut().insert(name, found.clone());
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

    fn find_implementer(&self, name: Sym) -> Option<Ty> {
        let Ty::Interface(methods) = self.underlying(name) else { return None };
        let first = methods.first()?;
        let mut slots: Vec<Slot> = vec![0];
        slots.extend(self.locate(name).map(|(slot, _)| slot).filter(|s| *s != 0));
        for key in self.own().imported_keys() {
            slots.extend(self.slot(key).filter(|s| !slots.contains(s)));
        }
        let mut found: Vec<Sym> = Vec::new();
        for slot in slots {
            let data = self.data(slot);
            for owner in data.types_with(*first) {
                let has_all = methods.iter().all(|m| !data.declared_methods(owner, *m).is_empty());
                // What a tool writes to stand in for the type in tests is not what runs.
                let is_generated = |at: &u32| data.file(*at).outline.generated;
                if has_all && !data.declared_methods(owner, *first).iter().any(is_generated) {
                    found.push(data.key.map_or(owner, |key| crate::lower::qualified(key, owner)));
                }
            }
        }
        let distinct: FxHashSet<Sym> = found.iter().copied().collect();
        (distinct.len() == 1).then(|| Ty::Named { path: None, name: found[0] })
    }
}
