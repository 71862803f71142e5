//! What an identifier means where it stands.

use super::super::info::{Builtin, FuncId, Mode, Object};
use super::super::pkg::{Pkg, Place};
use super::super::ty::{Basic, Name, Named, PkgKey, Type};
use super::super::universe::{Universe, universe};
use super::scope::Entry;
use super::{Checker, Operand};
use crate::source::DeclKind;
use std::sync::Arc;
use tree_sitter::Node;

/// What a name means.
pub(in super::super) enum Meaning {
    /// Something inside the declaration.
    Entry(Entry),
    /// An imported package, if it is in view.
    Import(PkgKey, Option<Arc<Pkg>>),
    /// Something at package level, of this package or of one whose names are all imported.
    Decl(Arc<Pkg>, Place),
    /// Something predeclared.
    Universe(Universe),
    /// Nothing that is in view.
    Missing,
}

impl<'p> Checker<'_, 'p> {
    pub(super) fn meaning(&self, name: Name) -> Meaning {
        if let Some(entry) = self.scopes.get(name) {
            return Meaning::Entry(entry.clone());
        }
        if let Some(path) = self.pkg.named_import(self.file, name) {
            return self.imported(path);
        }
        let suggested = self.pkg.unnamed_imports(self.file).iter().filter(|(suggested, _)| *suggested == name);
        for (_, path) in suggested {
            let found = self.imported(*path);
            if matches!(&found, Meaning::Import(_, pkg) if pkg.as_ref().is_none_or(|pkg| pkg.source.name == name)) {
                return found;
            }
        }
        if let Some(place) = self.pkg.place_in(self.file, name) {
            return Meaning::Decl(Arc::clone(self.pkg), place);
        }
        self.far(name)
    }

    /// What is asked for last: names that come with imports, and predeclared ones.
    fn far(&self, name: Name) -> Meaning {
        let exported = is_exported(name);
        for path in self.pkg.dot_imports(self.file) {
            if !exported {
                break;
            }
            let Some(pkg) = self.world.import(self.pkg, *path) else { return Meaning::Missing };
            if let Some(place) = pkg.place(name) {
                return Meaning::Decl(pkg, place);
            }
        }
        if let Some(found) = universe(name.as_str()) {
            return Meaning::Universe(found);
        }
        for (suggested, path) in self.pkg.unnamed_imports(self.file) {
            if *suggested != name
                && let Some(pkg) = self.world.import(self.pkg, *path)
                && pkg.source.name == name
            {
                return Meaning::Import(pkg.key, Some(pkg));
            }
        }
        Meaning::Missing
    }

    fn imported(&self, path: Name) -> Meaning {
        if path == "C" || path == "unsafe" {
            return Meaning::Import(path, None);
        }
        match self.world.import(self.pkg, path) {
            Some(pkg) => Meaning::Import(pkg.key, Some(pkg)),
            None => Meaning::Import(path, None),
        }
    }

    /// An identifier as an expression or type.
    pub(super) fn ident(&mut self, node: Node<'p>) -> Operand<'p> {
        let name = self.name(node);
        if name == "_" {
            return Operand::unknown();
        }
        match self.meaning(name) {
            Meaning::Entry(Entry::Local(local)) => {
                self.record_use(node, Object::Local(local));
                let ty = self.info.locals.get(local as usize).map_or(Type::Unknown, |local| local.ty.clone());
                Operand::variable(ty)
            }
            Meaning::Entry(Entry::Const(ty, value)) => {
                self.record_use(node, Object::Const);
                Operand { value, ..Operand::value(ty) }
            }
            Meaning::Entry(Entry::Type(ty)) => {
                self.record_use(node, Object::Type(ty.clone()));
                Operand::ty(ty)
            }
            Meaning::Import(key, _) => {
                self.record_use(node, Object::Package(key));
                Operand::unknown()
            }
            Meaning::Decl(pkg, place) => self.declared(node, &pkg, place),
            Meaning::Universe(found) => self.predeclared(node, found),
            Meaning::Missing => Operand::unknown(),
        }
    }

    fn predeclared(&mut self, node: Node<'p>, found: Universe) -> Operand<'p> {
        let (object, operand) = match found {
            Universe::Type(ty) => (Object::Type(ty.clone()), Operand::ty(ty)),
            Universe::Const(basic, value) => (Object::Const, Operand::constant(Type::Basic(basic), value)),
            Universe::Iota => match self.iota {
                Some(iota) => {
                    (Object::Const, Operand::constant(Type::Basic(Basic::UntypedInt), super::super::info::Const::Int(iota)))
                }
                None => return Operand::unknown(),
            },
            Universe::Nil => (Object::Nil, Operand::value(Type::Basic(Basic::UntypedNil))),
            Universe::Builtin(builtin) => (Object::Builtin(builtin), Operand::builtin(builtin)),
        };
        self.record_use(node, object);
        operand
    }

    /// Something at package level, used at `node`.
    pub(super) fn declared(&mut self, node: Node<'p>, pkg: &Arc<Pkg>, place: Place) -> Operand<'p> {
        let decl = pkg.decl(place);
        let Some(&name) = decl.names.get(place.index as usize) else { return Operand::unknown() };
        match decl.kind {
            DeclKind::Func => {
                self.record_use(node, Object::Func(FuncId { pkg: pkg.key, recv: None, name }));
                let func = self.world.func_at(pkg, place);
                Operand::value(func.map_or(Type::Unknown, |func| Type::Func(Arc::clone(&func.signature))))
            }
            DeclKind::Var => {
                self.record_use(node, Object::Var { pkg: pkg.key, name });
                Operand::variable(self.world.var_at(pkg, place))
            }
            DeclKind::Const => {
                self.record_use(node, Object::Const);
                let (ty, value) = self.world.const_at(pkg, place);
                Operand { value, ..Operand::value(ty) }
            }
            DeclKind::Type => {
                let ty = self.declared_type(pkg, place, name);
                self.record_use(node, Object::Type(ty.clone()));
                Operand::ty(ty)
            }
            DeclKind::Method => Operand::unknown(),
        }
    }

    /// The type that a name at package level stands for. Type arguments are still missing.
    fn declared_type(&self, pkg: &Arc<Pkg>, place: Place, name: Name) -> Type {
        // The types of another system that have the same name cannot be told apart from these by name.
        if pkg.place(name) != Some(place) {
            return Type::Unknown;
        }
        if pkg.is_alias(place) {
            let Some(decl) = self.world.type_at(pkg, place) else { return Type::Unknown };
            if decl.params.is_empty() {
                return decl.rhs.clone();
            }
        }
        Type::Named(Arc::new(Named { pkg: pkg.key, name, args: Box::default(), local: None }))
    }

    /// `pkg.Name`, recorded at the node of the name; `None` if `package` is no imported package.
    pub(super) fn qualified(&mut self, package: Node<'p>, member: Node<'p>) -> Option<Operand<'p>> {
        let name = self.name(package);
        if self.scopes.get(name).is_some() {
            return None;
        }
        let Meaning::Import(key, pkg) = self.meaning(name) else { return None };
        self.record_use(package, Object::Package(key));
        let member_name = self.name(member);
        let Some(pkg) = pkg else {
            return Some(if key == "unsafe" { self.of_unsafe(member, member_name) } else { Operand::unknown() });
        };
        if !is_exported(member_name) {
            return Some(Operand::unknown());
        }
        let place = pkg.place_for(self.pkg.system(self.file), member_name);
        Some(place.map_or_else(Operand::unknown, |place| self.declared(member, &pkg, place)))
    }

    fn of_unsafe(&mut self, node: Node<'p>, name: Name) -> Operand<'p> {
        if name == "Pointer" {
            let ty = Type::Basic(Basic::UnsafePointer);
            self.record_use(node, Object::Type(ty.clone()));
            return Operand::ty(ty);
        }
        self.record_use(node, Object::Builtin(Builtin::Unsafe));
        Operand { mode: Mode::Builtin(Builtin::Unsafe), ..Operand::unknown() }
    }
}

/// Whether a name begins with an upper-case letter.
pub(in super::super) fn is_exported(name: Name) -> bool {
    name.chars().next().is_some_and(char::is_uppercase)
}
