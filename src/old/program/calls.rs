//! What a call calls.

use super::defs::Written;
use super::{DeclId, FnId, Package};
use crate::models::FnModel;
use crate::old::ir::{Body, Call, Callee, FuncIdx, Operand, Place, Proj, Root, Sig, Sym, Ty};
use crate::source::DeclKind;
use std::sync::Arc;

/// A function whose source is not in view: import path, receiver type and name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Outside {
    /// Import path.
    pub path: Sym,
    /// Receiver type of a method.
    pub recv: Option<Sym>,
    /// Its name.
    pub name: Sym,
}

/// What a callee stands for.
#[derive(Clone, Debug)]
pub enum Target {
    /// A function or literal of this package.
    Func(FnId),
    /// A library function with a model.
    Model(&'static FnModel, Outside),
    /// A library function without one.
    Outside(Outside),
    /// A function value, or a method of an interface, that could be several; its signature where the type says it.
    Dynamic(Option<Arc<Sig>>),
    /// A conversion: the value stays what it is.
    Conversion,
    /// Nothing is known.
    Unknown,
}

impl Target {
    /// The function, if its source is in view.
    #[must_use]
    pub fn func(&self) -> Option<FnId> {
        match self {
            Self::Func(id) => Some(*id),
            _ => None,
        }
    }

    /// The model, if there is one.
    #[must_use]
    pub fn model(&self) -> Option<&'static FnModel> {
        match self {
            Self::Model(model, _) => Some(model),
            _ => None,
        }
    }
}

impl Package {
    /// What a call in a function of the declaration calls.
    #[must_use]
    pub fn resolve(&self, decl: DeclId, call: &Call) -> Target {
        let Some(body) = self.body(decl) else { return Target::Unknown };
        self.resolve_at(decl, body, &call.callee, 0)
    }

    pub(super) fn resolve_at(&self, decl: DeclId, body: &Body, callee: &Callee, depth: u8) -> Target {
        if depth > 20 {
            return Target::Unknown;
        }
        match callee {
            Callee::Name(name) => self.resolve_name(decl, *name),
            Callee::Import { path, name } => self.resolve_import(*path, *name),
            Callee::Method { recv, name } => {
                let ty = self.ty_of(decl, body, recv);
                match self.resolve_method(&ty, *name) {
                    Target::Dynamic(None) => {
                        self.behind_interface(decl, body, recv, &ty, *name, depth).unwrap_or(Target::Dynamic(None))
                    }
                    Target::Dynamic(Some(sig)) => {
                        self.stored_func(decl, body, &recv.field(*name)).unwrap_or(Target::Dynamic(Some(sig)))
                    }
                    found => found,
                }
            }
            Callee::Lit(func) => Target::Func(FnId { decl, func: *func }),
            Callee::Value(place) => self.resolve_value(decl, body, place, depth + 1),
            Callee::Opaque => Target::Unknown,
        }
    }

    fn resolve_name(&self, from: DeclId, name: Sym) -> Target {
        let Some(id) = self.alternative(from, &self.named(name)) else { return Target::Unknown };
        match self.decl(id).kind {
            DeclKind::Func | DeclKind::Method => Target::Func(FnId { decl: id, func: FuncIdx::TOP }),
            DeclKind::Type => Target::Conversion,
            DeclKind::Var | DeclKind::Const => Target::Dynamic(None),
        }
    }

    /// Of declarations that build tags choose between, the one that is built together with `from`: in the same file, else under the
    /// same condition, else the first.
    fn alternative(&self, from: DeclId, list: &[DeclId]) -> Option<DeclId> {
        if list.len() < 2 {
            return list.first().copied();
        }
        let same_file = list.iter().copied().find(|d| std::ptr::eq(self.file(*d), self.file(from)));
        let condition = |d: DeclId| (platform(&self.file(d).src.display), self.file(d).outline.constraint.as_deref());
        let same_condition = || list.iter().copied().find(|d| condition(*d) == condition(from));
        same_file.or_else(same_condition).or(list.first().copied())
    }

    fn resolve_import(&self, path: Sym, name: Sym) -> Target {
        if let Some(model) = self.models().function(path, None, name) {
            return Target::Model(model, Outside { path, recv: None, name });
        }
        if self.models().type_(path, name).is_some() {
            return Target::Conversion;
        }
        Target::Outside(Outside { path, recv: None, name })
    }

    /// The method of that name on a type, through pointers and embedded fields.
    #[must_use]
    pub fn resolve_method(&self, ty: &Ty, name: Sym) -> Target {
        self.method_within(ty, name, 0)
    }

    fn method_within(&self, ty: &Ty, name: Sym, depth: u8) -> Target {
        if depth > 6 {
            return Target::Unknown;
        }
        match ty {
            Ty::Ptr(inner) => self.method_within(inner, name, depth),
            Ty::Named { path: Some(path), name: type_name } => {
                let outside = Outside { path: *path, recv: Some(*type_name), name };
                match self.models().function(*path, Some(*type_name), name) {
                    Some(model) => Target::Model(model, outside),
                    None => Target::Outside(outside),
                }
            }
            Ty::Named { path: None, name: type_name } => {
                if let Some(id) = self.declared_methods(*type_name, name).first() {
                    // Methods know no caller here; with several alternatives the first stands for all.
                    return Target::Func(FnId { decl: *id, func: FuncIdx::TOP });
                }
                match self.underlying(*type_name) {
                    inner @ Ty::Named { path: Some(_), .. } => self.method_within(&inner, name, depth + 1),
                    Ty::Struct(fields) => self.promoted(&fields, name, depth),
                    Ty::Interface(_) => Target::Dynamic(None),
                    _ => Target::Unknown,
                }
            }
            Ty::Struct(fields) => self.promoted(fields, name, depth),
            Ty::Interface(_) => Target::Dynamic(None),
            _ => Target::Unknown,
        }
    }

    fn promoted(&self, fields: &[crate::old::ir::Field], name: Sym, depth: u8) -> Target {
        if let Some(field) = fields.iter().find(|f| f.name == name) {
            return match self.structure(&field.ty) {
                Ty::Func(sig) => Target::Dynamic(Some(sig)),
                _ => Target::Unknown,
            };
        }
        for field in fields.iter().filter(|f| f.embedded) {
            match self.method_within(&field.ty, name, depth + 1) {
                // A type outside claims every name; only a model makes it sure.
                Target::Unknown | Target::Outside(_) => {}
                found => return found,
            }
        }
        Target::Unknown
    }

    fn resolve_value(&self, decl: DeclId, body: &Body, place: &Place, depth: u8) -> Target {
        if let Some(func) = self.func_value(decl, body, place, depth) {
            return func;
        }
        match self.structure(&self.ty_of(decl, body, place)) {
            Ty::Func(sig) => Target::Dynamic(Some(sig)),
            _ => Target::Dynamic(None),
        }
    }

    /// The one function that a place holds, if that can be told.
    fn func_value(&self, decl: DeclId, body: &Body, place: &Place, depth: u8) -> Option<Target> {
        if depth > 20 {
            return None;
        }
        if let Some(local) = place.as_local() {
            let unit = self.unit(decl)?;
            return match unit.defs.single(body, local)? {
                Written::Value(value) => self.func_operand(decl, body, value, depth + 1),
                _ => None,
            };
        }
        if let (Root::Global(name), true) = (place.root, place.path.is_empty()) {
            return match self.resolve_name(decl, name) {
                Target::Func(id) => Some(Target::Func(id)),
                _ => None,
            };
        }
        if let (Root::Import(path, name), true) = (place.root, place.path.is_empty()) {
            return match self.resolve_import(path, name) {
                Target::Conversion => None,
                target => Some(target),
            };
        }
        // A method value: `s.run` where the type has a method and no field of that name.
        let (base, last) = place.split_last()?;
        let Proj::Field(name) = last else { return None };
        match self.resolve_method(&self.ty_of(decl, body, &base), name) {
            found @ (Target::Func(_) | Target::Model(..)) => Some(found),
            _ => None,
        }
    }

    /// The function that an operand is: a literal, a function's name, a method value, a variable that holds one of these.
    #[must_use]
    pub fn operand_func(&self, decl: DeclId, value: &Operand) -> Option<Target> {
        let body = self.body(decl)?;
        self.func_operand(decl, body, value, 0)
    }

    fn func_operand(&self, decl: DeclId, body: &Body, value: &Operand, depth: u8) -> Option<Target> {
        match value {
            Operand::Func(func) => Some(Target::Func(FnId { decl, func: *func })),
            Operand::Place(place) => self.func_value(decl, body, place, depth),
            _ => None,
        }
    }
}

/// The end of a file name that ties it to a system or processor: `_linux`, `_windows_amd64`.
fn platform(display: &str) -> Option<&str> {
    let name = display.rsplit('/').next()?.strip_suffix(".go")?;
    name.find('_').map(|at| &name[at..])
}
