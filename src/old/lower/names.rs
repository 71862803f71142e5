//! One name space for the whole program: what a package declares is called by its import path and its name.
//!
//! A name without a path is predeclared, or belongs to a package that nobody can import: a lone file, an external test. So a lowered
//! declaration means the same whoever asks for it, and packages can share it.

use crate::old::ir::Sym;
use rustc_hash::FxHashMap;
use ustr::ustr;

/// How the names in one package's text become names of the program.
pub struct Names<'a> {
    /// The package's import path, if it has one.
    pub own: Option<Sym>,
    /// Whether the package declares the name.
    pub declares: &'a dyn Fn(Sym) -> bool,
    /// Import paths whose source can be read, and the import paths that those packages go by.
    pub in_view: &'a FxHashMap<Sym, Sym>,
}

impl Names<'_> {
    /// A name that no scope and no import explains.
    #[must_use]
    pub fn own(&self, name: Sym) -> Sym {
        match self.own {
            Some(path) if (self.declares)(name) => qualified(path, name),
            _ => name,
        }
    }

    /// A name of an imported package, if that package's source can be read.
    #[must_use]
    pub fn imported(&self, path: Sym, name: Sym) -> Option<Sym> {
        self.in_view.get(&path).map(|key| qualified(*key, name))
    }
}

/// The name of what a package declares, in the program.
#[must_use]
pub fn qualified(path: Sym, name: Sym) -> Sym {
    let mut text = String::with_capacity(path.len() + 1 + name.len());
    text.push_str(&path);
    text.push('.');
    text.push_str(&name);
    ustr(&text)
}

/// The name as its own package writes it.
#[must_use]
pub fn bare(name: &Sym) -> &'static str {
    let text = name.as_str();
    // Go's names hold no dot, so the last one ends the path.
    text.rfind('.').map_or(text, |dot| &text[dot + 1..])
}

/// The import path before a name, if there is one.
#[must_use]
pub fn path_of(name: &Sym) -> Option<&'static str> {
    name.as_str().rsplit_once('.').map(|(path, _)| path)
}
