//! Calls of methods of interfaces whose value is not known: which types it can have.

use super::carry::is_context;
use super::machine::{Machine, Stop};
use super::state::{State, Target};
use super::traits::Traits;
use super::value::{Origin, Val};
use crate::ir::Pure;
use crate::types::{Basic, Name, PkgKey, SelectionKind, Type};
use std::rc::Rc;
use std::sync::Arc;

/// How many types are tried for an interface.
const TYPES: usize = 3;

/// The package that asks, the interface, the method, and whether what is handed over matters if it is called.
pub(super) type Question = (PkgKey, Type, Name, bool);

/// The types of an interface whose method matters.
#[derive(Debug, Default)]
pub(super) struct Implementers {
    /// The types, pointers where the pointer implements it.
    types: Vec<Type>,
    /// Whether a value can be of no other.
    closed: bool,
}

impl Machine<'_> {
    /// Asks for the type of an unknown receiver, if one of those in view does something with it or with what it is handed.
    pub(super) fn choose_implementer(&self, s: &State, pkg: PkgKey, target: &Target, args: &[Val]) -> Result<(), Stop> {
        let Target::Interface(iface, method) = target else { return Ok(()) };
        let Some(Val::Sym(recv)) = args.first().map(|arg| self.resolve(s, arg)) else { return Ok(()) };
        if is_context(iface) {
            return Ok(());
        }
        let calls = args[1..].iter().any(|arg| self.calls_back(s, arg));
        let found = self.traits.implementers(pkg, iface, *method, calls);
        if found.types.is_empty() {
            return Ok(());
        }
        let other = self
            .syms
            .of(Origin::Pure(Pure::Other(ustr::ustr("out of view")), [Val::Sym(recv)].into()), &Type::Basic(Basic::Bool));
        if s.bound.contains_key(&other) {
            return Ok(());
        }
        let value = |ty: &Type| Val::Iface(Arc::new((ty.clone(), self.unknown(ty))));
        let mut all: Vec<_> = found.types.iter().map(|ty| (recv, value(ty))).collect();
        if !found.closed {
            all.push((other, Val::Bool(true)));
        }
        Err(Stop::Choose(all))
    }
}

impl Traits<'_> {
    /// Whether a call of a method of an interface may come to a function in view that matters to waiting.
    pub(super) fn dispatches(&self, iface: &Type, method: Name) -> bool {
        match iface {
            Type::Named(named) if !is_context(iface) => !self.implementers(named.pkg, iface, method, false).types.is_empty(),
            _ => false,
        }
    }

    /// The types that a call of a method of an interface may come to.
    pub(super) fn dispatched(&self, iface: &Type, method: Name) -> Vec<Type> {
        match iface {
            Type::Named(named) if !is_context(iface) => self.implementers(named.pkg, iface, method, true).types.clone(),
            _ => Vec::new(),
        }
    }

    /// The types in view that a value of an interface can have, if what its method does matters to waiting, or if `calls` and it calls what it
    /// is handed.
    fn implementers(&self, pkg: PkgKey, iface: &Type, method: Name, calls: bool) -> Rc<Implementers> {
        let Type::Named(named) = iface else { return Rc::default() };
        if named.pkg.is_empty() || crate::types::stdlib::package(named.pkg.as_str()).is_some() {
            return Rc::default();
        }
        let key = (pkg, iface.clone(), method, calls);
        if let Some(known) = self.implementing.borrow().get(&key) {
            return Rc::clone(known);
        }
        // While it is asked for itself there is none.
        self.implementing.borrow_mut().insert(key.clone(), Rc::default());
        let found = Rc::new(self.find_implementers(pkg, iface, method, calls));
        self.implementing.borrow_mut().insert(key, Rc::clone(&found));
        found
    }

    fn find_implementers(&self, pkg: PkgKey, iface: &Type, method: Name, calls: bool) -> Implementers {
        let all = self.behind(pkg, iface);
        let matters = |ty: &Type| {
            let found = self.world.lookup(ty, method, pkg);
            match found.map(|found| found.kind) {
                Some(SelectionKind::Method { func, .. }) => {
                    self.func_enters(func) || calls && self.func(func).is_some_and(|found| found.dynamic)
                }
                _ => false,
            }
        };
        if !all.types.iter().any(matters) {
            return Implementers::default();
        }
        // One that does nothing stands for all that do nothing, if others can.
        let types =
            if all.closed { all.types.clone() } else { all.types.iter().filter(|ty| matters(ty)).take(TYPES).cloned().collect() };
        Implementers { types, closed: all.closed }
    }

    /// All types in view that implement an interface, whatever they do.
    fn behind(&self, pkg: PkgKey, iface: &Type) -> Rc<Implementers> {
        let (Type::Named(named), Type::Interface(interface)) = (iface, self.world.underlying(iface)) else {
            return Rc::default();
        };
        let key = (pkg, iface.clone());
        if let Some(known) = self.behind.borrow().get(&key) {
            return Rc::clone(known);
        }
        let mut packages: Vec<_> = self.world.package(named.pkg).into_iter().collect();
        if pkg != named.pkg {
            packages.extend(self.world.package(pkg));
        }
        let (all, sure) = self.world.implementers(&interface, &packages);
        let hidden = interface.methods.iter().any(|method| !method.name.as_str().starts_with(char::is_uppercase));
        let local = !named.name.as_str().starts_with(char::is_uppercase) && pkg == named.pkg;
        let closed = sure && (hidden || local) && all.len() <= TYPES;
        let types = all.into_iter().map(|(ty, pointer)| if pointer { Type::Pointer(Arc::new(ty)) } else { ty }).collect();
        let found = Rc::new(Implementers { types, closed });
        self.behind.borrow_mut().insert(key, Rc::clone(&found));
        found
    }
}
