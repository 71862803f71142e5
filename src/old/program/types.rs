//! Light types of places: from declarations, first values, signatures, fields, and models for what lies outside.

use super::{DeclId, Package};
use crate::old::ir::{Body, Callee, Def, Dir, FuncIdx, LocalId, Operand, Place, Proj, Root, Sig, Sym, Ty};
use crate::source::DeclKind;
use std::sync::Arc;
use ustr::ustr;

/// How far a chain of definitions is followed for a type.
const MAX_CHAIN: u8 = 24;

/// A field found through embedding.
#[derive(Clone, Debug)]
pub struct FieldRef {
    /// The type of this package that declares the field, or `None` where that lies outside.
    pub owner: Option<Sym>,
    /// The field's own name.
    pub name: Sym,
    /// Its type.
    pub ty: Ty,
}

impl Package {
    /// The right side of a type declaration of this package, aliases and names of names followed.
    #[must_use]
    pub fn underlying(&self, name: Sym) -> Ty {
        let mut name = name;
        for _ in 0..MAX_CHAIN {
            match self.shape(name) {
                Ty::Named { path: None, name: next } if *next != name && !self.named(*next).is_empty() => name = *next,
                other => return other.clone(),
            }
        }
        Ty::Unknown
    }

    /// The declaration of a type of this package.
    #[must_use]
    pub fn type_decl(&self, name: Sym) -> Option<DeclId> {
        self.named(name).iter().copied().find(|d| self.decl(*d).kind == DeclKind::Type)
    }

    /// The right side of the declaration of a type.
    fn shape(&self, name: Sym) -> &Ty {
        self.type_decl(name).map_or(&Ty::Unknown, |d| self.data(d.slot()).type_of(d.index()))
    }

    /// The type without names of this package and pointers around it: what its operations are.
    #[must_use]
    pub fn structure(&self, ty: &Ty) -> Ty {
        match ty {
            Ty::Named { path: None, name } => match self.underlying(*name) {
                Ty::Unknown => ty.clone(),
                Ty::Ptr(inner) => self.structure(&inner),
                other => other,
            },
            Ty::Ptr(inner) => self.structure(inner),
            other => other.clone(),
        }
    }

    /// The field of that name in a type, through pointers and embedded structs.
    #[must_use]
    pub fn field(&self, ty: &Ty, name: Sym) -> Option<FieldRef> {
        self.field_within(ty, name, 0)
    }

    fn field_within(&self, ty: &Ty, name: Sym, depth: u8) -> Option<FieldRef> {
        if depth > 6 {
            return None;
        }
        let (owner, fields) = match ty {
            Ty::Ptr(inner) => return self.field_within(inner, name, depth),
            Ty::Named { path: Some(path), name: type_name } => {
                let text = self.models().field(*path, *type_name, name)?;
                return Some(FieldRef { owner: None, name, ty: parse_type(&text) });
            }
            Ty::Named { path: None, name: type_name } => match self.structure(ty) {
                Ty::Struct(fields) => (Some(*type_name), fields),
                // `type T = pkg.U`, or a name for such a type.
                other @ Ty::Named { .. } if other != *ty => return self.field_within(&other, name, depth + 1),
                _ => return None,
            },
            Ty::Struct(fields) => (None, Arc::clone(fields)),
            _ => return None,
        };
        if let Some(index) = name.strip_prefix('#') {
            let field = fields.get(index.parse::<usize>().ok()?)?;
            return Some(FieldRef { owner, name: field.name, ty: field.ty.clone() });
        }
        if let Some(field) = fields.iter().find(|f| f.name == name) {
            return Some(FieldRef { owner, name, ty: field.ty.clone() });
        }
        fields.iter().filter(|f| f.embedded).find_map(|f| self.field_within(&f.ty, name, depth + 1))
    }

    /// The type of a place in a body.
    #[must_use]
    pub fn ty_of(&self, decl: DeclId, body: &Body, place: &Place) -> Ty {
        self.place_ty(decl, body, place, 0)
    }

    fn place_ty(&self, decl: DeclId, body: &Body, place: &Place, depth: u8) -> Ty {
        if depth > MAX_CHAIN {
            return Ty::Unknown;
        }
        let mut ty = match place.root {
            Root::Local(id) => self.local_ty(decl, body, id, depth + 1),
            Root::Global(name) => self.global_ty(name, depth + 1),
            Root::Import(path, name) => self.models().var(path, name).map_or(Ty::Unknown, |t| parse_type(&t)),
        };
        for step in &place.path {
            ty = match step {
                Proj::Field(name) => self.field(&ty, *name).map_or(Ty::Unknown, |f| f.ty),
                Proj::Elem => match self.structure(&ty) {
                    Ty::Seq(elem) | Ty::Map(_, elem) | Ty::Chan(_, elem) => (*elem).clone(),
                    _ => Ty::Unknown,
                },
            };
        }
        ty
    }

    /// The type of a local.
    #[must_use]
    pub fn local_type(&self, decl: DeclId, body: &Body, id: LocalId) -> Ty {
        self.local_ty(decl, body, id, 0)
    }

    fn local_ty(&self, decl: DeclId, body: &Body, id: LocalId, depth: u8) -> Ty {
        if depth > MAX_CHAIN {
            return Ty::Unknown;
        }
        match &body.local(id).def {
            Def::None => Ty::Unknown,
            Def::Typed(ty) => ty.clone(),
            Def::Value(value) => self.operand_ty(decl, body, value, depth + 1),
            Def::Call(callee, i) => self.result_ty(decl, body, callee, *i as usize, depth + 1),
            Def::Recv(ch) => match self.structure(&self.place_ty(decl, body, ch, depth + 1)) {
                Ty::Chan(_, elem) => (*elem).clone(),
                _ => Ty::Unknown,
            },
            Def::RangeKey(over) => match self.structure(&self.operand_ty(decl, body, over, depth + 1)) {
                Ty::Chan(_, elem) => (*elem).clone(),
                Ty::Map(key, _) => (*key).clone(),
                Ty::Seq(_) => Ty::Named { path: None, name: ustr("int") },
                _ => Ty::Unknown,
            },
            Def::RangeVal(over) => match self.structure(&self.operand_ty(decl, body, over, depth + 1)) {
                Ty::Seq(elem) | Ty::Map(_, elem) => (*elem).clone(),
                _ => Ty::Unknown,
            },
        }
    }

    /// The type of an operand.
    #[must_use]
    pub fn operand_type(&self, decl: DeclId, body: &Body, value: &Operand) -> Ty {
        self.operand_ty(decl, body, value, 0)
    }

    fn operand_ty(&self, decl: DeclId, body: &Body, value: &Operand, depth: u8) -> Ty {
        match value {
            Operand::Place(p) => self.place_ty(decl, body, p, depth + 1),
            Operand::Int(_) | Operand::Expr(_) => Ty::Named { path: None, name: ustr("int") },
            Operand::Str(_) => Ty::Named { path: None, name: ustr("string") },
            Operand::Bool(_) => Ty::Named { path: None, name: ustr("bool") },
            Operand::Func(f) => Ty::Func(Arc::clone(&body.func(*f).sig)),
            Operand::Nil | Operand::Opaque => Ty::Unknown,
        }
    }

    fn global_ty(&self, name: Sym, depth: u8) -> Ty {
        if depth > MAX_CHAIN {
            return Ty::Unknown;
        }
        let Some(id) = self.named(name).iter().copied().find(|d| self.decl(*d).kind != DeclKind::Type) else {
            return Ty::Unknown;
        };
        if matches!(self.decl(id).kind, DeclKind::Func) {
            return self.data(id.slot()).signature(id.index()).map_or(Ty::Unknown, |sig| Ty::Func(Arc::clone(sig)));
        }
        let Some(body) = self.body(id) else { return Ty::Unknown };
        match crate::old::lower::global_local(body, name) {
            Some(local) => self.local_ty(id, body, local, depth + 1),
            None => Ty::Unknown,
        }
    }

    fn result_ty(&self, decl: DeclId, body: &Body, callee: &Callee, i: usize, depth: u8) -> Ty {
        if depth > MAX_CHAIN {
            return Ty::Unknown;
        }
        if let Callee::Name(name) = callee
            && self.type_decl(*name).is_some()
        {
            return Ty::Named { path: None, name: *name };
        }
        match self.resolve_at(decl, body, callee, depth + 1) {
            super::Target::Func(id) => {
                let of = |sig: &Arc<Sig>| sig.results.get(i).cloned();
                let found = if id.func == FuncIdx::TOP {
                    self.data(id.decl.slot()).signature(id.decl.index()).and_then(of)
                } else {
                    self.func(id).and_then(|(_, func)| of(&func.sig))
                };
                found.unwrap_or(Ty::Unknown)
            }
            super::Target::Model(_, o) | super::Target::Outside(o) => {
                self.models().result(o.path, o.recv, o.name, i).map_or(Ty::Unknown, |t| parse_type(&t))
            }
            super::Target::Dynamic(sig) => sig.and_then(|s| s.results.get(i).cloned()).unwrap_or(Ty::Unknown),
            super::Target::Conversion | super::Target::Unknown => Ty::Unknown,
        }
    }

    /// Whether the type is that of the library, directly or through a pointer.
    #[must_use]
    pub fn is_type(&self, ty: &Ty, path: &str, name: &str) -> bool {
        match ty {
            Ty::Ptr(inner) => self.is_type(inner, path, name),
            Ty::Named { path: Some(p), name: n } => *p == path && *n == name,
            Ty::Named { path: None, name: n } => match self.shape(*n) {
                // Only an alias or a defined type over it; both keep the meaning for our purposes.
                Ty::Named { path: Some(p), name: m } => *p == path && *m == name,
                _ => false,
            },
            _ => false,
        }
    }

    /// The kind that the models give a type, as "ticker", "context", "waitgroup".
    #[must_use]
    pub fn type_kind(&self, ty: &Ty) -> Option<Sym> {
        match ty {
            Ty::Ptr(inner) => self.type_kind(inner),
            Ty::Named { path: Some(path), name } => self.models().type_(*path, *name)?.kind,
            Ty::Named { path: None, name } => match self.shape(*name) {
                inner @ Ty::Named { path: Some(_), .. } => self.type_kind(inner),
                _ => None,
            },
            _ => None,
        }
    }
}

/// A type text of the models: Go's syntax with full import paths before the last dot.
#[must_use]
pub(super) fn parse_type(text: &str) -> Ty {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix('*') {
        return Ty::Ptr(Arc::new(parse_type(rest)));
    }
    for (prefix, dir) in [("<-chan ", Dir::RecvOnly), ("chan<- ", Dir::SendOnly), ("chan ", Dir::Both)] {
        if let Some(rest) = text.strip_prefix(prefix) {
            return Ty::Chan(dir, Arc::new(parse_type(rest)));
        }
    }
    if let Some(rest) = text.strip_prefix("[]") {
        return Ty::Seq(Arc::new(parse_type(rest)));
    }
    if text.starts_with("func(") {
        return Ty::Func(Arc::new(Sig::default()));
    }
    if text.starts_with(['[', '(']) || text.starts_with("map[") || text.contains(['{', ' ', '?']) || text.is_empty() {
        return Ty::Unknown;
    }
    match text.rsplit_once('.') {
        Some((path, name)) => Ty::Named { path: Some(ustr(path)), name: ustr(name) },
        None => Ty::Named { path: None, name: ustr(text) },
    }
}
