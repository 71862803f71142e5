//! What can be said of types by themselves and by what they stand for.

use super::memo::{Query, ask};
use super::subst::{Substitution, subst};
use super::ty::{Basic, Dir, Interface, Named, Type, TypeParam};
use super::universe::predeclared_underlying;
use super::world::{TypeDecl, World};
use std::sync::Arc;

impl Basic {
    pub(super) fn is_untyped(self) -> bool {
        self >= Self::UntypedBool
    }

    pub(super) fn is_integer(self) -> bool {
        matches!(self as u8, 1..=11) || matches!(self, Self::UntypedInt | Self::UntypedRune)
    }

    pub(super) fn is_unsigned(self) -> bool {
        (Self::Uint..=Self::Uintptr).contains(&self)
    }

    pub(super) fn is_float(self) -> bool {
        matches!(self, Self::Float32 | Self::Float64 | Self::UntypedFloat)
    }

    pub(super) fn is_complex(self) -> bool {
        matches!(self, Self::Complex64 | Self::Complex128 | Self::UntypedComplex)
    }

    pub(super) fn is_numeric(self) -> bool {
        self.is_integer() || self.is_float() || self.is_complex()
    }

    pub(super) fn is_string(self) -> bool {
        matches!(self, Self::String | Self::UntypedString)
    }

    pub(super) fn is_boolean(self) -> bool {
        matches!(self, Self::Bool | Self::UntypedBool)
    }

    /// The type that an untyped constant has by itself.
    pub(super) fn default_type(self) -> Self {
        match self {
            Self::UntypedBool => Self::Bool,
            Self::UntypedInt => Self::Int,
            Self::UntypedRune => Self::Int32,
            Self::UntypedFloat => Self::Float64,
            Self::UntypedComplex => Self::Complex128,
            Self::UntypedString => Self::String,
            other => other,
        }
    }

    /// Bits of an integer type on a 64-bit machine.
    pub(super) fn bits(self) -> u32 {
        match self {
            Self::Int8 | Self::Uint8 => 8,
            Self::Int16 | Self::Uint16 => 16,
            Self::Int32 | Self::Uint32 => 32,
            _ => 64,
        }
    }
}

impl Type {
    /// Whether it is an untyped predeclared type.
    #[must_use]
    pub fn is_untyped(&self) -> bool {
        matches!(self, Self::Basic(basic) if basic.is_untyped())
    }

    /// Whether it and all its parts are known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        match self {
            Self::Unknown | Self::Array(None, _) => false,
            Self::Basic(_) | Self::Param(_) => true,
            Self::Named(named) => named.args.iter().all(Self::is_known),
            Self::Pointer(elem) | Self::Slice(elem) | Self::Array(_, elem) | Self::Chan(_, elem) => elem.is_known(),
            Self::Map(key, value) => key.is_known() && value.is_known(),
            Self::Func(sig) => sig.params.iter().chain(&sig.results).all(Self::is_known),
            Self::Struct(fields) => fields.iter().all(|field| field.ty.is_known()),
            Self::Interface(interface) => {
                let sigs = interface.methods.iter().map(|method| &method.sig);
                !interface.open && sigs.into_iter().all(|sig| sig.params.iter().chain(&sig.results).all(Self::is_known))
            }
            Self::Tuple(types) => types.iter().all(Self::is_known),
        }
    }

    pub(super) fn as_basic(&self) -> Option<Basic> {
        if let Self::Basic(basic) = self { Some(*basic) } else { None }
    }

    /// What a pointer points to, and whether it was one.
    pub(crate) fn deref(&self) -> (&Self, bool) {
        if let Self::Pointer(elem) = self { (elem, true) } else { (self, false) }
    }

    /// The type that an untyped value has by itself; others stay.
    pub(super) fn default_type(&self) -> Self {
        if let Self::Basic(basic) = self { Self::Basic(basic.default_type()) } else { self.clone() }
    }
}

impl World {
    /// What a type stands for: no named type. Type parameters stay.
    #[must_use]
    pub fn underlying(&self, ty: &Type) -> Type {
        let Type::Named(named) = ty else { return ty.clone() };
        if let Some(known) = self.underlying.get(named) {
            return known;
        }
        let found = ask(&self.underlying, Arc::clone(named), Query::Underlying(Arc::clone(named)), || {
            let rhs = self.right_hand_side(named);
            self.underlying(&rhs)
        });
        found.unwrap_or(Type::Unknown)
    }

    fn right_hand_side(&self, named: &Named) -> Type {
        if named.pkg.is_empty() {
            return predeclared_underlying(named.name.as_str());
        }
        if let Some((file, at)) = named.local {
            return self.local_right_hand_side(named, file, at);
        }
        let Some(decl) = self.decl_of(named) else { return Type::Unknown };
        if named.args.is_empty() {
            return decl.rhs.clone();
        }
        subst(&decl.rhs, &Substitution::new(&decl.params, &named.args))
    }

    /// A type of a function is known once its function was checked.
    fn local_right_hand_side(&self, named: &Named, file: u32, at: u32) -> Type {
        let key = (named.pkg, file, at);
        let found = ask(&self.locals, key, Query::Local(named.pkg, file, at), || {
            let Some(pkg) = self.package(named.pkg) else { return Type::Unknown };
            let Some(unit) = pkg.source.files.get(file as usize) else { return Type::Unknown };
            let decl = unit.outline.decl_at(at).map(|index| &unit.outline.decls[index]);
            let parsed = decl.and_then(|decl| crate::syntax::parse_decl(&unit.src, decl).ok());
            let Some(parsed) = parsed else { return Type::Unknown };
            let _ = super::check::check(self, &pkg, file, &parsed);
            self.locals.get(&key).unwrap_or(Type::Unknown)
        });
        found.unwrap_or(Type::Unknown)
    }

    pub(super) fn decl_of(&self, named: &Named) -> Option<Arc<TypeDecl>> {
        if named.local.is_some() || named.pkg.is_empty() {
            return None;
        }
        let pkg = self.package(named.pkg)?;
        self.type_at(&pkg, pkg.place(named.name)?)
    }

    /// Whether a declared type is only another name.
    pub(super) fn is_alias(&self, named: &Named) -> bool {
        let pkg = self.package(named.pkg).filter(|_| named.local.is_none());
        pkg.is_some_and(|pkg| pkg.place(named.name).is_some_and(|place| pkg.is_alias(place)))
    }

    /// The constraint of a type parameter, as an interface.
    #[must_use]
    pub fn constraint(&self, param: &TypeParam) -> Option<Arc<Interface>> {
        let pkg = self.package(param.owner.0)?;
        let name = param.owner.1.as_str();
        let index = param.index as usize;
        let ty = if let Some((recv, method)) = name.split_once('.') {
            let place = pkg.method(recv.into(), method.into())?;
            self.func_at(&pkg, place)?.constraints.get(index)?.clone()
        } else {
            let place = pkg.place(param.owner.1)?;
            match self.func_at(&pkg, place) {
                Some(func) => func.constraints.get(index)?.clone(),
                None => self.type_at(&pkg, place)?.constraints.get(index)?.clone(),
            }
        };
        match self.underlying(&ty) {
            Type::Interface(interface) => Some(interface),
            _ => None,
        }
    }

    /// What a type stands for, and for a type parameter the one type that all its types stand for. Channels of one direction count as
    /// one.
    #[must_use]
    pub fn core(&self, ty: &Type) -> Type {
        let Type::Param(param) = ty else { return self.underlying(ty) };
        let Some(interface) = self.constraint(param) else { return Type::Unknown };
        self.core_of_terms(&interface.terms)
    }

    pub(super) fn core_of_terms(&self, terms: &[Type]) -> Type {
        let mut terms = terms.iter().map(|term| self.underlying(term));
        let Some(mut core) = terms.next() else { return Type::Unknown };
        for term in terms {
            core = match (core, term) {
                (Type::Chan(a, elem), Type::Chan(b, other)) if elem == other && (a == b || a == Dir::Both || b == Dir::Both) => {
                    Type::Chan(if a == Dir::Both { b } else { a }, elem)
                }
                (a, b) if a == b => a,
                _ => return Type::Unknown,
            };
        }
        core
    }

    /// The types that a type parameter can stand for, if they are listed; for any other type itself.
    pub(super) fn type_set(&self, ty: &Type) -> Vec<Type> {
        match ty {
            Type::Param(param) => self.constraint(param).map(|interface| interface.terms.to_vec()).unwrap_or_default(),
            other => vec![other.clone()],
        }
    }

    /// Whether it is a type of interface values; a type parameter is none.
    #[must_use]
    pub fn is_interface(&self, ty: &Type) -> bool {
        matches!(self.underlying(ty), Type::Interface(_))
    }

    /// Whether all types that it can be are predeclared ones of which `holds` is true. An unknown type is not.
    pub(super) fn all_basic(&self, ty: &Type, holds: impl Fn(Basic) -> bool) -> bool {
        match ty {
            Type::Param(_) => {
                let set = self.type_set(ty);
                !set.is_empty() && set.iter().all(|term| self.underlying(term).as_basic().is_some_and(&holds))
            }
            _ => self.underlying(ty).as_basic().is_some_and(holds),
        }
    }

    /// Whether two types are identical; `None` where a part of them is not known.
    #[must_use]
    pub fn identical(&self, a: &Type, b: &Type) -> Option<bool> {
        (a.is_known() && b.is_known()).then(|| a == b)
    }
}
