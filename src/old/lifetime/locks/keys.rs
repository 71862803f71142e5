//! Which lock a call is about: places resolved to keys that mean the same object throughout a function.

use super::{Locks, Mode};
use crate::old::ir::{Body, Call, Callee, FuncIdx, LocalId, LocalKind, OpKind, Operand, Place, Proj, Root, Sym, Ty};
use crate::old::program::{DeclId, FnId, Package, Target, Written};
use smallvec::SmallVec;

/// Where a key starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyRoot {
    /// A local of the declaration: receiver, parameter or variable.
    Local(LocalId),
    /// A variable of the package.
    Global(Sym),
    /// A variable of another package.
    Import(Sym, Sym),
}

/// A lock, as one function names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Where the path starts.
    pub root: KeyRoot,
    /// Fields from there.
    pub path: SmallVec<[Sym; 2]>,
}

impl Key {
    fn of(place: &Place) -> Option<Self> {
        let root = match place.root {
            Root::Local(id) => KeyRoot::Local(id),
            Root::Global(name) => KeyRoot::Global(name),
            Root::Import(path, name) => KeyRoot::Import(path, name),
        };
        let mut path = SmallVec::new();
        for step in &place.path {
            match step {
                Proj::Field(name) if !name.starts_with('#') => path.push(*name),
                _ => return None,
            }
        }
        Some(Self { root, path })
    }

    /// Whether writing the place makes the key mean another object.
    #[must_use]
    pub fn moved_by(&self, written: &Place) -> bool {
        Self::of(written)
            .is_some_and(|w| w.root == self.root && w.path.len() < self.path.len().max(1) && self.path.starts_with(&w.path))
    }

    /// The place that it stands for.
    #[must_use]
    pub fn place(&self) -> Place {
        let root = match self.root {
            KeyRoot::Local(id) => Root::Local(id),
            KeyRoot::Global(name) => Root::Global(name),
            KeyRoot::Import(path, name) => Root::Import(path, name),
        };
        Place { root, path: self.path.iter().map(|s| Proj::Field(*s)).collect() }
    }

    /// As a reader of the function would write it.
    #[must_use]
    pub fn spell(&self, body: &Body) -> Option<String> {
        let root: Sym = match self.root {
            KeyRoot::Local(id) => named(body, id)?,
            KeyRoot::Global(name) | KeyRoot::Import(_, name) => name,
        };
        Some(self.path.iter().fold(root.to_string(), |text, step| format!("{text}.{step}")))
    }

    /// The local where it starts.
    #[must_use]
    pub fn local(&self) -> Option<LocalId> {
        match self.root {
            KeyRoot::Local(id) => Some(id),
            _ => None,
        }
    }
}

/// The name of a local, or of the variable that a value without one is put into.
fn named(body: &Body, id: LocalId) -> Option<Sym> {
    if body.local(id).name != "%" {
        return Some(body.local(id).name);
    }
    body.funcs.iter().flat_map(crate::old::ir::Func::ops).find_map(|(_, _, op)| match &op.kind {
        OpKind::Assign { dst, src: Operand::Place(src) } if src.as_local() == Some(id) => {
            dst.as_local().map(|l| body.local(l).name).filter(|name| name != "%" && name != "_")
        }
        _ => None,
    })
}

/// What a call does with a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockOp {
    /// `Lock`, `RLock`
    Take,
    /// `TryLock`, `TryRLock`
    Try,
    /// `Unlock`, `RUnlock`
    Release,
}

/// A call of a method of a lock.
#[derive(Clone, Debug)]
pub struct LockCall {
    /// What it does.
    pub op: LockOp,
    /// For which use.
    pub mode: Mode,
    /// Which lock; `None` where that cannot be told.
    pub key: Option<Key>,
    /// The name of its last field, for comparing with locks that cannot be told.
    pub last: Option<Sym>,
}

fn operation(name: &str) -> Option<(LockOp, Mode)> {
    Some(match name {
        "Lock" => (LockOp::Take, Mode::Write),
        "RLock" => (LockOp::Take, Mode::Read),
        "TryLock" => (LockOp::Try, Mode::Write),
        "TryRLock" => (LockOp::Try, Mode::Read),
        "Unlock" => (LockOp::Release, Mode::Write),
        "RUnlock" => (LockOp::Release, Mode::Read),
        _ => return None,
    })
}

impl Locks<'_> {
    /// What a call does with a lock of the library, if it does.
    pub(super) fn lock_call(&self, decl: DeclId, body: &Body, call: &Call) -> Option<LockCall> {
        let (recv, name) = self.method_of(decl, body, &call.callee)?;
        let (op, mode) = operation(name.as_str())?;
        let ty = self.package.ty_of(decl, body, &recv);
        let Target::Model(_, outside) = self.package.resolve_method(&ty, name) else { return None };
        let kind = self.package.models().type_(outside.path, outside.recv?)?.kind?;
        if !matches!(kind.as_str(), "mutex" | "rwmutex" | "locker") {
            return None;
        }
        let mut place = recv;
        if self.package.type_kind(&ty).is_none() {
            self.embedded(&ty, outside.recv?, 0)?.into_iter().for_each(|step| place = place.field(step));
        }
        // A lock behind an interface could be any; `c.L` of a condition variable is the lock that it was made with.
        let key = if kind == "locker" { self.locker(decl, body, &place) } else { self.key(decl, body, &place) };
        let last = place.path.iter().rev().find_map(|s| match s {
            Proj::Field(name) => Some(*name),
            Proj::Elem => None,
        });
        Some(LockCall { op, mode, key, last })
    }

    /// The `sync.Once` whose `Do` a call is, if it can be told, and what it runs.
    pub(crate) fn once_call<'c>(&self, decl: DeclId, body: &Body, call: &'c Call) -> Option<(Option<Key>, &'c Operand)> {
        let Callee::Method { recv, name } = &call.callee else { return None };
        if *name != "Do" {
            return None;
        }
        let ty = self.package.ty_of(decl, body, recv);
        let Target::Model(_, outside) = self.package.resolve_method(&ty, *name) else { return None };
        if self.package.models().type_(outside.path, outside.recv?)?.kind? != "once" {
            return None;
        }
        let mut place = recv.clone();
        if self.package.type_kind(&ty).is_none() {
            self.embedded(&ty, outside.recv?, 0)?.into_iter().for_each(|step| place = place.field(step));
        }
        Some((self.key(decl, body, &place), call.args.first()?))
    }

    /// Receiver and name of a method that is called, through a variable that holds the method too.
    fn method_of(&self, decl: DeclId, body: &Body, callee: &Callee) -> Option<(Place, Sym)> {
        match callee {
            Callee::Method { recv, name } => Some((recv.clone(), *name)),
            Callee::Value(place) => {
                let local = place.as_local()?;
                let Written::Value(Operand::Place(p)) = self.package.single_write(decl, local)? else { return None };
                let (base, Proj::Field(name)) = p.split_last()? else { return None };
                operation(name.as_str())?;
                let _ = body;
                Some((base, name))
            }
            _ => None,
        }
    }

    /// The embedded fields that lead from a type to the embedded library type of that name.
    fn embedded(&self, ty: &Ty, name: Sym, depth: u8) -> Option<Vec<Sym>> {
        if depth > 4 {
            return None;
        }
        let Ty::Struct(fields) = self.package.structure(ty) else { return None };
        for field in fields.iter().filter(|f| f.embedded) {
            if self.package.type_kind(&field.ty).is_some() {
                if field.name == name {
                    return Some(vec![field.name]);
                }
            } else if let Some(rest) = self.embedded(&field.ty, name, depth + 1) {
                return Some(std::iter::once(field.name).chain(rest).collect());
            }
        }
        None
    }

    /// The embedded fields that lead from a type to the type of this package that declares a method.
    fn promoted(&self, ty: &Ty, owner: Sym, depth: u8) -> Option<Vec<Sym>> {
        if depth > 4 {
            return None;
        }
        if base_name(ty) == Some(owner) {
            return Some(Vec::new());
        }
        let Ty::Struct(fields) = self.package.structure(ty) else { return None };
        fields.iter().filter(|f| f.embedded).find_map(|field| {
            let rest = self.promoted(&field.ty, owner, depth + 1)?;
            Some(std::iter::once(field.name).chain(rest).collect())
        })
    }

    pub(super) fn key(&self, decl: DeclId, body: &Body, place: &Place) -> Option<Key> {
        resolve_key(self.package, decl, body, place)
    }

    /// The lock behind `c.L`: what the condition variable was made with, where the same function shows it.
    fn locker(&self, decl: DeclId, body: &Body, place: &Place) -> Option<Key> {
        let (cond, Proj::Field(last)) = place.split_last()? else { return None };
        if last != "L" {
            return None;
        }
        let local = cond.as_local()?;
        let mut calls = body.funcs.iter().flat_map(crate::old::ir::Func::ops).filter_map(|(_, _, op)| match &op.kind {
            OpKind::Call(call) if call.results.first().is_some_and(|r| r.as_ref().and_then(Place::as_local) == Some(local)) => {
                Some(call)
            }
            _ => None,
        });
        let call = calls.next()?;
        let made = matches!(&call.callee, Callee::Import { path, name } if *path == "sync" && *name == "NewCond");
        self.key(decl, body, call.args.first()?.place()?).filter(|_| made && calls.next().is_none())
    }

    /// A lock of a called function as the caller names it. `None` for what only the called function has.
    pub(super) fn map_key(&self, decl: DeclId, body: &Body, call: &Call, callee: FnId, key: &Key) -> Option<Key> {
        let local = match key.root {
            KeyRoot::Global(_) | KeyRoot::Import(..) => return Some(key.clone()),
            KeyRoot::Local(local) => local,
        };
        let inner = self.package.body(callee.decl)?;
        let entry = inner.local(local);
        if entry.func != callee.func {
            // A variable of the function around the literal.
            return (callee.decl == decl && callee.func != FuncIdx::TOP).then(|| key.clone());
        }
        if !self.package.writes(callee.decl, local).is_empty() || !self.shares(callee.decl, inner, local, key) {
            return None;
        }
        let place = match entry.kind {
            LocalKind::Recv => {
                let Callee::Method { recv, name } = &call.callee else { return None };
                // A field that holds the method: it is bound to whatever object was written there.
                if !self.package.decl(callee.decl).names.contains(name) && !self.binds_self(callee.decl, *name) {
                    return None;
                }
                let ty = self.package.ty_of(decl, body, recv);
                let mut place = recv.clone();
                for step in self.promoted(&ty, inner.recv_type?, 0)? {
                    place = place.field(step);
                }
                place
            }
            LocalKind::Param(i) => {
                let last = inner.func(callee.func).params.len() == i as usize + 1;
                if call.spread || (last && inner.func(callee.func).sig.variadic) {
                    return None;
                }
                call.args.get(i as usize)?.place()?.clone()
            }
            _ => return None,
        };
        let place = key.path.iter().fold(place, |p, step| p.field(*step));
        self.key(decl, body, &place)
    }

    /// Whether a parameter brings in the caller's object and no copy of it.
    fn shares(&self, decl: DeclId, body: &Body, local: LocalId, key: &Key) -> bool {
        let mut ty = self.package.local_type(decl, body, local);
        if matches!(ty, Ty::Ptr(_)) {
            return true;
        }
        for step in &key.path {
            let Some(field) = self.package.field(&ty, *step) else { return false };
            if matches!(field.ty, Ty::Ptr(_)) {
                return true;
            }
            ty = field.ty;
        }
        false
    }

    /// The type and field that a key ends in, whatever object it belongs to.
    pub(super) fn field_of(&self, decl: DeclId, body: &Body, key: &Key) -> Option<(Sym, Sym)> {
        let (last, rest) = key.path.split_last()?;
        let root = match key.root {
            KeyRoot::Local(id) => Root::Local(id),
            KeyRoot::Global(name) => Root::Global(name),
            KeyRoot::Import(..) => return None,
        };
        let base = Place { root, path: rest.iter().map(|s| Proj::Field(*s)).collect() };
        let field = self.package.field(&self.package.ty_of(decl, body, &base), *last)?;
        Some((field.owner?, field.name))
    }
}

pub(super) fn base_name(ty: &Ty) -> Option<Sym> {
    match ty {
        Ty::Ptr(inner) => base_name(inner),
        Ty::Named { path: None, name } => Some(*name),
        _ => None,
    }
}

/// The key of a place: copies of pointers looked through, as long as what they were copied from stays what it is.
pub(crate) fn resolve_key(package: &Package, decl: DeclId, body: &Body, place: &Place) -> Option<Key> {
    let mut place = place.clone();
    for _ in 0..8 {
        let Some(local) = place.root_local() else { break };
        if !matches!(body.local(local).kind, LocalKind::Var | LocalKind::Temp) {
            break;
        }
        let Some(Written::Value(Operand::Place(from))) = package.single_write(decl, local) else { break };
        if Key::of(from).is_none() || written(body, from) {
            break;
        }
        let mut next = from.clone();
        next.path.extend(place.path.iter().copied());
        place = next;
    }
    Key::of(&place)
}

/// Whether a field is given another value somewhere in the declaration. Variables are watched where they are written.
fn written(body: &Body, place: &Place) -> bool {
    !place.path.is_empty()
        && body.funcs.iter().flat_map(crate::old::ir::Func::ops).any(|(_, _, op)| match &op.kind {
            OpKind::Assign { dst, .. } => dst == place,
            OpKind::Call(call) => call.results.iter().flatten().any(|r| r == place),
            OpKind::Recv { dst, .. } => dst.as_ref() == Some(place),
            _ => false,
        })
}
