//! Lowered functions by name, each lowered at most once.

use crate::ir::Body;
use crate::syntax::parse_decl;
use crate::types::{FuncId, Name, Pkg, PkgKey, Place, World, check};
use elsa::FrozenMap;
use std::sync::Arc;

/// A lowered function and the package it stands in.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// The package.
    pub pkg: PkgKey,
    /// The function and the literals in it.
    pub body: Arc<Body>,
}

/// The lowered functions of one analysis.
pub struct Bodies<'a> {
    world: &'a World,
    known: FrozenMap<FuncId, Box<Option<Lowered>>>,
    variables: FrozenMap<(PkgKey, Name), Box<Option<Lowered>>>,
}

impl std::fmt::Debug for Bodies<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bodies").field("known", &self.known.len()).finish_non_exhaustive()
    }
}

impl<'a> Bodies<'a> {
    /// None yet.
    #[must_use]
    pub fn new(world: &'a World) -> Self {
        Self { world, known: FrozenMap::new(), variables: FrozenMap::new() }
    }

    /// A function's body; `None` where there is none in view.
    pub fn get(&self, func: FuncId) -> Option<&Lowered> {
        if let Some(known) = self.known.get(&func) {
            return known.as_ref();
        }
        let lowered = self.lower(func);
        self.known.insert(func, Box::new(lowered)).as_ref()
    }

    fn lower(&self, func: FuncId) -> Option<Lowered> {
        let pkg = self.world.package(func.pkg)?;
        let decl = self.world.func(func)?;
        if !decl.has_body {
            return None;
        }
        self.declaration(&pkg, decl.place)
    }

    /// What the initialiser of a package's variable does; `None` where it has none in view.
    pub fn initialiser(&self, pkg: PkgKey, name: Name) -> Option<&Lowered> {
        if let Some(known) = self.variables.get(&(pkg, name)) {
            return known.as_ref();
        }
        let lowered = self.world.package(pkg).and_then(|pkg| {
            let place = pkg.place(name)?;
            self.declaration(&pkg, place)
        });
        self.variables.insert((pkg, name), Box::new(lowered)).as_ref()
    }

    fn declaration(&self, pkg: &Arc<Pkg>, place: Place) -> Option<Lowered> {
        let fresh = pkg.source.module.as_ref().and_then(|m| m.go).is_none_or(|go| go >= (1, 22));
        let unit = pkg.source.files.get(place.file as usize)?;
        let parsed = parse_decl(&unit.src, unit.outline.decls.get(place.decl as usize)?).ok()?;
        let info = check(self.world, pkg, place.file, &parsed);
        let body = crate::lower::lower(self.world, &parsed, &info, place.file, fresh)?;
        Some(Lowered { pkg: pkg.key, body: Arc::new(body) })
    }
}
