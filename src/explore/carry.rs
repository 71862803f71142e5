//! What values of a type lead to: primitives, answers, fields that change.

use super::traits::Traits;
use crate::types::{Basic, Name, PkgKey, Type};
use rustc_hash::FxHashSet;

/// How deep a type is looked into for a primitive.
const DEPTH: usize = 5;

impl Traits<'_> {
    /// Whether a value of the type may lead to what wakes somebody: a channel, a group, a function.
    pub(super) fn carries(&self, ty: &Type) -> bool {
        if let Some(known) = self.carrying.borrow().get(ty) {
            return *known;
        }
        let found = self.leads(ty, DEPTH, &mut FxHashSet::default());
        self.carrying.borrow_mut().insert(ty.clone(), found);
        found
    }

    fn leads(&self, ty: &Type, depth: usize, seen: &mut FxHashSet<Type>) -> bool {
        if depth == 0 {
            return false;
        }
        match ty {
            Type::Basic(_) => false,
            Type::Chan(..) | Type::Func(_) => true,
            // What comes from out of view leads to what was handed there, which is known by then.
            Type::Unknown => false,
            Type::Param(_) => true,
            Type::Pointer(inner) | Type::Slice(inner) | Type::Array(_, inner) => self.leads(inner, depth, seen),
            Type::Map(key, val) => self.leads(key, depth, seen) || self.leads(val, depth, seen),
            Type::Tuple(parts) => parts.iter().any(|part| self.leads(part, depth, seen)),
            Type::Struct(fields) => fields.iter().any(|field| self.leads(&field.ty, depth - 1, seen)),
            Type::Interface(interface) => interface.methods.is_empty(),
            Type::Named(named) => {
                if is_context(ty) || named.pkg.is_empty() {
                    return false;
                }
                if named.pkg == "sync" {
                    return named.name == "WaitGroup";
                }
                if crate::types::stdlib::package(named.pkg.as_str()).is_some() {
                    return matches!(self.world.underlying(ty), Type::Chan(..) | Type::Func(_));
                }
                if !seen.insert(ty.clone()) {
                    return false;
                }
                let under = self.world.underlying(ty);
                match under {
                    // What a module's own interface holds is hardly a channel; what it does is asked at the call.
                    Type::Interface(_) => false,
                    under => self.leads(&under, depth, seen),
                }
            }
        }
    }

    /// Whether a value of the type has a channel in it.
    pub(super) fn has_channel(&self, ty: &Type) -> bool {
        self.has_channel_in(ty, 3)
    }

    fn has_channel_in(&self, ty: &Type, depth: usize) -> bool {
        if depth == 0 {
            return false;
        }
        match self.world.underlying(ty) {
            Type::Chan(..) => true,
            Type::Pointer(inner) | Type::Slice(inner) | Type::Array(_, inner) | Type::Map(_, inner) => {
                self.has_channel_in(&inner, depth)
            }
            Type::Struct(fields) => fields.iter().any(|field| match &field.ty {
                Type::Named(named) if named.pkg.is_empty() || crate::types::stdlib::package(named.pkg.as_str()).is_some() => {
                    false
                }
                Type::Interface(_) => false,
                ty => !self.world.is_interface(ty) && self.has_channel_in(ty, depth - 1),
            }),
            _ => false,
        }
    }

    /// Whether some statement of a package may write a field of this name: then what it holds is the state that an object was left in. Fields
    /// of packages out of view change.
    pub(super) fn changes(&self, pkg: PkgKey, field: Name) -> bool {
        if let Some(known) = self.changing.borrow().get(&(pkg, field)) {
            return *known;
        }
        let found = self.world.package(pkg).is_none_or(|pkg| {
            let name = format!(".{field}");
            pkg.source.files.iter().any(|unit| writes(&unit.src.text, &name))
        });
        self.changing.borrow_mut().insert((pkg, field), found);
        found
    }

    /// Whether values of the type answer questions: booleans and errors.
    pub(super) fn flag(&self, ty: &Type) -> bool {
        match self.world.underlying(ty) {
            Type::Basic(basic) => basic == Basic::Bool,
            Type::Interface(_) => matches!(ty, Type::Named(named) if named.pkg.is_empty() && named.name == "error"),
            _ => false,
        }
    }
}

/// Whether a text assigns to a selector, counts it up or down, or takes its address.
fn writes(text: &str, selector: &str) -> bool {
    memchr::memmem::find_iter(text.as_bytes(), selector.as_bytes()).any(|at| {
        let rest = &text[at + selector.len()..];
        if rest.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
            return false;
        }
        let line = rest.split(['\n', ';', '{']).next().unwrap_or_default();
        let rest = line.trim_start();
        let operator = rest.trim_start_matches(['+', '-', '*', '/', '%', '|', '&', '^', '<', '>']);
        let assigned = operator.starts_with('=') && !rest.starts_with("==") && !rest.starts_with("<=") && !rest.starts_with(">=");
        // One of several on the left.
        let among = rest.starts_with(',') && line.split_once('=').is_some_and(|(_, right)| !right.starts_with('='));
        let before = text[..at].trim_end_matches(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
        assigned || among || rest.starts_with("++") || rest.starts_with("--") || before.ends_with('&')
    })
}

/// `context.Context`: who has one cannot end it.
pub(super) fn is_context(ty: &Type) -> bool {
    matches!(ty, Type::Named(named) if named.pkg == "context" && named.name == "Context")
}
