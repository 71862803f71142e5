//! Memory that a call out of view is given the address of: it may hold anything afterwards, as far as code of another package can write it.

use super::machine::Machine;
use super::state::{ObjKind, State};
use super::value::{ObjId, Path, Val};
use crate::types::{FuncId, Type};

/// Packages of the standard library whose functions read what they are given, but for these prefixes of names.
const READERS: &[(&str, &[&str])] = &[("fmt", &["Sscan", "Fscan", "Scan"]), ("log", &[]), ("log/slog", &[]), ("errors", &["As"])];

impl Machine<'_> {
    /// Forgets what is in the memory that a function out of view is given; `None` where the function is not known.
    pub(super) fn clobber(&self, s: &mut State, func: Option<&FuncId>, args: &[Val]) {
        let reads = |func: &FuncId| {
            let found = READERS.iter().find(|(pkg, _)| func.pkg == *pkg);
            found.is_some_and(|(_, writers)| !writers.iter().any(|name| func.name.starts_with(name)))
        };
        if func.is_some_and(reads) {
            return;
        }
        for arg in args {
            let mut val = self.resolve(s, arg);
            while let Val::Iface(inner) = &val {
                val = self.resolve(s, &inner.1.clone());
            }
            if let Val::Ptr(obj, path) = val {
                self.forget_memory(s, obj, &path);
            }
        }
    }

    fn forget_memory(&self, s: &mut State, obj: ObjId, path: &Path) {
        if !matches!(s.obj(obj).kind, ObjKind::Cell(..)) {
            return;
        }
        let ty = self.type_at(s, obj, path);
        let val = self.load(s, obj, path);
        if let Some(any) = self.overwritten(&val, &ty) {
            self.store(s, obj, path, any);
        }
    }

    /// A value after somebody in another package had its address; `None` if it is what it was. Fields that are not exported are out of reach,
    /// and nobody replaces a channel, a function or a lock.
    fn overwritten(&self, val: &Val, ty: &Type) -> Option<Val> {
        if let Type::Named(named) = ty
            && matches!(named.pkg.as_str(), "sync" | "sync/atomic")
        {
            return None;
        }
        match (self.world.underlying(ty), val) {
            (Type::Chan(..) | Type::Func(_), _) => None,
            (Type::Struct(fields), Val::Agg(parts)) => {
                let mut changed = false;
                let parts = parts.iter().zip(fields.iter()).map(|(part, field)| {
                    let exported = field.name.as_str().starts_with(char::is_uppercase);
                    let any = if exported { self.overwritten(part, &field.ty) } else { None };
                    changed |= any.is_some();
                    any.unwrap_or_else(|| part.clone())
                });
                let parts = parts.collect();
                changed.then_some(Val::Agg(parts))
            }
            (_, Val::Sym(_) | Val::Ptr(..) | Val::Chan(_) | Val::Ctx(_) | Val::Func(_)) => None,
            (Type::Unknown, _) => None,
            (_, _) => Some(self.unknown(ty)),
        }
    }
}
