//! Fields and methods: what `x.f` is, method sets, and who implements an interface.

use super::info::{FuncId, Selection, SelectionKind};
use super::pkg::Pkg;
use super::subst::{Substitution, subst_signature};
use super::ty::{Interface, Method, Name, Named, PkgKey, Signature, Type};
use super::world::World;
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// What a name selects.
#[derive(Clone, Debug)]
pub(super) enum Lookup {
    Found(Member),
    /// Certainly nothing.
    Missing,
    /// A type on the way is not known, so it could be anything.
    Unknown,
}

/// A field or method.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) selection: Selection,
    /// The field's type, or the method's without receiver.
    pub(super) ty: Type,
    /// Whether a pointer was followed on the way.
    pub(super) indirect: bool,
}

/// A type at one depth of the search.
struct Candidate {
    ty: Type,
    path: Vec<u32>,
    indirect: bool,
    /// It is there more than once, so what it has is ambiguous.
    multiples: bool,
}

/// What was found at one depth.
enum Found {
    Nothing,
    One(Member),
    Several,
}

impl World {
    /// The field or method that `name` selects in a value of type `ty`, asked for in package `from`. Whether the value is addressable is
    /// not asked.
    #[must_use]
    pub fn lookup(&self, ty: &Type, name: Name, from: PkgKey) -> Option<Selection> {
        match self.member(ty, name, from) {
            Lookup::Found(member) => Some(member.selection),
            _ => None,
        }
    }

    /// The type of what a selection of [`World::lookup`] selects: a field's, or a method's without receiver.
    #[must_use]
    pub fn lookup_type(&self, ty: &Type, name: Name, from: PkgKey) -> Option<(Selection, Type)> {
        match self.member(ty, name, from) {
            Lookup::Found(member) => Some((member.selection, member.ty)),
            _ => None,
        }
    }

    pub(super) fn member(&self, ty: &Type, name: Name, from: PkgKey) -> Lookup {
        if name == "_" {
            return Lookup::Missing;
        }
        // `type P *T`: fields, but no methods.
        if let Type::Named(_) = ty
            && let pointer @ Type::Pointer(_) = self.underlying(ty)
        {
            return match self.search(&pointer, ty, name, from) {
                Lookup::Found(member) if member.selection.kind != SelectionKind::Field => Lookup::Missing,
                other => other,
            };
        }
        self.search(ty, ty, name, from)
    }

    fn search(&self, ty: &Type, recv: &Type, name: Name, from: PkgKey) -> Lookup {
        let (base, pointer) = ty.deref();
        if pointer && (matches!(base, Type::Param(_)) || self.is_interface(base)) {
            return Lookup::Missing;
        }
        let mut current = vec![Candidate { ty: base.clone(), path: Vec::new(), indirect: pointer, multiples: false }];
        let mut seen: FxHashSet<Arc<Named>> = FxHashSet::default();
        while !current.is_empty() {
            let mut next = Vec::new();
            let mut found = Found::Nothing;
            for candidate in current {
                if let Type::Named(named) = &candidate.ty
                    && !seen.insert(Arc::clone(named))
                {
                    continue;
                }
                let Some(here) = self.direct(&candidate, recv, name, from, &mut next) else { return Lookup::Unknown };
                if let Some(member) = here {
                    found = match found {
                        Found::Nothing if !candidate.multiples => Found::One(member),
                        _ => Found::Several,
                    };
                }
            }
            match found {
                Found::One(member) => return Lookup::Found(member),
                Found::Several => return Lookup::Missing,
                Found::Nothing => {}
            }
            current = consolidate(next);
        }
        Lookup::Missing
    }

    /// What a type has by itself; what it embeds goes into `next`. `None` where that cannot be told.
    fn direct(&self, at: &Candidate, recv: &Type, name: Name, from: PkgKey, next: &mut Vec<Candidate>) -> Option<Option<Member>> {
        let selection = |kind, path: Vec<u32>| Selection { kind, recv: recv.clone(), path, owner: at.ty.clone() };
        if let Type::Named(named) = &at.ty
            && let Some((func, pointer, sig)) = self.declared_method(named, name, from)
        {
            let selection = selection(SelectionKind::Method { func, pointer }, at.path.clone());
            return Some(Some(Member { selection, ty: Type::Func(sig?), indirect: at.indirect }));
        }
        let under = match &at.ty {
            Type::Param(param) => Type::Interface(self.constraint(param)?),
            other => self.underlying(other),
        };
        match under {
            Type::Struct(fields) => {
                for (index, field) in (0_u32..).zip(fields.iter()) {
                    let path = || at.path.iter().copied().chain([index]).collect::<Vec<_>>();
                    if field.name == name && (field.pkg.is_empty() || field.pkg == from) {
                        let selection = selection(SelectionKind::Field, path());
                        return Some(Some(Member { selection, ty: field.ty.clone(), indirect: at.indirect }));
                    }
                    if field.embedded {
                        let (ty, pointer) = field.ty.deref();
                        let indirect = at.indirect || pointer;
                        next.push(Candidate { ty: ty.clone(), path: path(), indirect, multiples: at.multiples });
                    }
                }
                Some(None)
            }
            Type::Interface(interface) => {
                let method = interface.methods.iter().find(|m| m.name == name && (m.pkg.is_empty() || m.pkg == from));
                match method {
                    Some(method) => {
                        let selection = selection(SelectionKind::Interface, at.path.clone());
                        Some(Some(Member { selection, ty: Type::Func(Arc::clone(&method.sig)), indirect: at.indirect }))
                    }
                    None if interface.open => None,
                    None => Some(None),
                }
            }
            Type::Unknown => None,
            _ => Some(None),
        }
    }

    /// The method that a named type declares, whether its receiver is a pointer, and its type if that is known.
    fn declared_method(&self, named: &Named, name: Name, from: PkgKey) -> Option<(FuncId, bool, Option<Arc<Signature>>)> {
        if named.local.is_some() || named.pkg.is_empty() {
            return None;
        }
        if !super::check::is_exported(name) && named.pkg != from {
            return None;
        }
        let pkg = self.package(named.pkg)?;
        let place = pkg.method(named.name, name)?;
        let id = FuncId { pkg: named.pkg, recv: Some(named.name), name };
        let Some(func) = self.func_at(&pkg, place) else { return Some((id, true, None)) };
        let pointer = matches!(func.receiver, Some(Type::Pointer(_)));
        let sig = if named.args.is_empty() {
            Arc::clone(&func.signature)
        } else {
            let decl = self.decl_of(named)?;
            subst_signature(&func.signature, &Substitution::new(&decl.params, &named.args))
        };
        Some((id, pointer, Some(sig)))
    }

    /// The methods that a value of type `ty` has, by name; `None` if some are not known.
    #[must_use]
    pub fn method_set(&self, ty: &Type) -> Option<Vec<(Method, Selection)>> {
        let mut names = Vec::new();
        self.method_names(ty, &mut FxHashSet::default(), &mut names)?;
        names.sort_by(|a: &(Name, PkgKey), b| (a.0.as_str(), a.1.as_str()).cmp(&(b.0.as_str(), b.1.as_str())));
        names.dedup();
        let mut out = Vec::new();
        for (name, pkg) in names {
            match self.member(ty, name, pkg) {
                Lookup::Unknown => return None,
                Lookup::Missing => {}
                Lookup::Found(member) => {
                    let Type::Func(sig) = &member.ty else { continue };
                    if callable(&member, ty) && member.selection.kind != SelectionKind::Field {
                        out.push((Method { name, pkg, sig: Arc::clone(sig) }, member.selection));
                    }
                }
            }
        }
        Some(out)
    }

    fn method_names(&self, ty: &Type, seen: &mut FxHashSet<Type>, out: &mut Vec<(Name, PkgKey)>) -> Option<()> {
        let (base, _) = ty.deref();
        if !seen.insert(base.clone()) {
            return Some(());
        }
        let owner = |name: Name, pkg: PkgKey| if super::check::is_exported(name) { PkgKey::default() } else { pkg };
        if let Type::Named(named) = base
            && let Some(pkg) = self.package(named.pkg).filter(|_| named.local.is_none())
        {
            out.extend(pkg.methods_of(named.name).iter().map(|&name| (name, owner(name, named.pkg))));
        }
        match self.underlying(base) {
            Type::Unknown => None,
            Type::Struct(fields) => {
                fields.iter().filter(|field| field.embedded).try_for_each(|field| self.method_names(&field.ty, seen, out))
            }
            Type::Interface(interface) => {
                out.extend(interface.methods.iter().map(|method| (method.name, method.pkg)));
                (!interface.open).then_some(())
            }
            _ => Some(()),
        }
    }

    /// Whether a value of type `ty` has all methods of an interface, with the same signatures. `None` where that hangs on something that
    /// is not known.
    #[must_use]
    pub fn implements(&self, ty: &Type, interface: &Interface) -> Option<bool> {
        let mut sure = !interface.open;
        for method in &interface.methods {
            match self.member(ty, method.name, method.pkg) {
                Lookup::Missing => return Some(false),
                Lookup::Unknown => sure = false,
                Lookup::Found(member) => {
                    if member.selection.kind == SelectionKind::Field || !callable(&member, ty) {
                        return Some(false);
                    }
                    match self.identical(&member.ty, &Type::Func(Arc::clone(&method.sig))) {
                        Some(true) => {}
                        Some(false) => return Some(false),
                        None => sure = false,
                    }
                }
            }
        }
        sure.then_some(true)
    }

    /// The types among those that `packages` declare which implement an interface: for each whether it is the pointer to it that does
    /// (if the type itself does, so does the pointer). In a fixed order. Generic types and interfaces are left out. The second is whether
    /// that is all: of every other type it is known that it does not.
    #[must_use]
    pub fn implementers(&self, interface: &Interface, packages: &[Arc<Pkg>]) -> (Vec<(Type, bool)>, bool) {
        let mut out = Vec::new();
        let mut sure = true;
        for pkg in packages {
            let mut names: Vec<_> =
                pkg.names().filter(|(_, place)| pkg.decl(*place).kind == crate::source::DeclKind::Type).collect();
            names.sort_by_key(|(_, place)| *place);
            for (name, place) in names {
                let Some(decl) = self.type_at(pkg, place) else {
                    sure = false;
                    continue;
                };
                if decl.alias || !decl.params.is_empty() {
                    continue;
                }
                let ty = Type::Named(Arc::new(Named { pkg: pkg.key, name, args: Box::default(), local: None }));
                if self.is_interface(&ty) {
                    continue;
                }
                let pointer = Type::Pointer(Arc::new(ty.clone()));
                match (self.implements(&ty, interface), self.implements(&pointer, interface)) {
                    (Some(true), _) => out.push((ty, false)),
                    (_, Some(true)) => out.push((ty, true)),
                    (Some(false), Some(false)) => {}
                    _ => sure = false,
                }
            }
        }
        (out, sure)
    }
}

/// Whether a method found in `ty` is in its method set: one with a pointer receiver needs a pointer on the way.
pub(super) fn callable(member: &Member, ty: &Type) -> bool {
    match member.selection.kind {
        SelectionKind::Method { pointer: true, .. } => member.indirect || matches!(ty, Type::Pointer(_)),
        _ => true,
    }
}

/// Types that are embedded more than once at the same depth become one, of which everything is ambiguous.
fn consolidate(mut list: Vec<Candidate>) -> Vec<Candidate> {
    if list.len() < 2 {
        return list;
    }
    let mut out: Vec<Candidate> = Vec::with_capacity(list.len());
    let mut at = rustc_hash::FxHashMap::default();
    for candidate in list.drain(..) {
        if !matches!(candidate.ty, Type::Named(_)) {
            out.push(candidate);
            continue;
        }
        match at.get(&candidate.ty) {
            Some(&index) => {
                let earlier: &mut Candidate = &mut out[index];
                earlier.multiples = true;
            }
            None => {
                at.insert(candidate.ty.clone(), out.len());
                out.push(candidate);
            }
        }
    }
    out
}
