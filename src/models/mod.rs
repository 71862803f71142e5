//! What is known of libraries: which functions acquire and release, block and on what, start their argument, never return.
//!
//! Models stand in TOML beside this module, one file a family of libraries, and users add to them in the same form (`docs/models.md`).
//! They speak of import path, receiver type and name, never of a bare name. A major version in an import path is ignored where no entry
//! names it: `github.com/redis/go-redis/v9` is served by `github.com/redis/go-redis`.

mod derived;
mod embedded;
mod gotype;
mod load;
mod model;
mod vocabulary;

#[cfg(test)]
mod tests;

use std::sync::{Arc, LazyLock, OnceLock};

use ustr::{Ustr, ustr};

use derived::{DerivedShelf, Table};
use embedded::Shelf;
use load::Library;

pub(crate) use load::go_version;
pub use load::{ModelError, SECTIONS};
pub use model::{Acquire, BlockKind, Blocks, Bound, ContextOp, FnModel, Release, TypeModel, VarModel};
pub use vocabulary::Vocabulary;

/// How far `like` is followed from type to type; a circle among a user's types must end.
const MAX_LIKE: usize = 4;

static EMBEDDED: LazyLock<Models> = LazyLock::new(|| Models::over(Table::Embedded));
/// As a name it stands for every method of the receiver, or every function of the package, that has no entry of its own.
static ANY: LazyLock<Ustr> = LazyLock::new(|| ustr("*"));
static QUICK: LazyLock<FnModel> = LazyLock::new(|| FnModel { quick: true, ..FnModel::default() });

/// All that is known of libraries: what goleash brings along and, above it, what the user adds.
#[derive(Debug)]
pub struct Models {
    /// The user's, oldest first.
    added: Vec<Arc<Library>>,
    vocabulary: OnceLock<Vocabulary>,
    tokens: OnceLock<Tokens>,
    derived: Table,
}

/// Calls that the user's models make a rule start from, in the form of the scanner's tokens.
#[derive(Debug, Default)]
pub struct Tokens {
    /// Of functions that acquire something.
    pub acquire: Vec<String>,
    /// Of functions that start a goroutine.
    pub start: Vec<String>,
}

impl Models {
    fn over(derived: Table) -> Self {
        Self { added: Vec::new(), vocabulary: OnceLock::new(), tokens: OnceLock::new(), derived }
    }

    /// The hand-written models alone, for deriving the rest.
    #[must_use]
    pub fn without_derived() -> &'static Self {
        static WRITTEN: LazyLock<Models> = LazyLock::new(|| Models::over(Table::None));
        &WRITTEN
    }

    /// The hand-written models with another derived table.
    #[must_use]
    pub fn with_derived(table: &str) -> Self {
        Self::over(Table::Own(Arc::new(DerivedShelf::new(table.to_string().into()))))
    }

    /// The models that goleash brings along.
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// These models with those of a TOML text above them. `origin` is the name of the text in errors.
    ///
    /// An entry of the text replaces the one of the same key as a whole; words are added to the vocabulary.
    ///
    /// # Errors
    /// If the text is not TOML, has a key that no model has, a type that is not one, or says something twice.
    pub fn extend(&self, toml_text: &str, origin: &str) -> Result<Self, ModelError> {
        self.extend_within(toml_text, origin, &[])
    }

    /// As [`Models::extend`], of a file that also holds things which are no models, under the top-level keys `foreign`.
    ///
    /// # Errors
    /// As [`Models::extend`].
    pub fn extend_within(&self, toml_text: &str, origin: &str, foreign: &[&str]) -> Result<Self, ModelError> {
        let library = Library::parse(toml_text, origin, foreign)?;
        let added = self.added.iter().cloned().chain([Arc::new(library)]).collect();
        Ok(Self { added, vocabulary: OnceLock::new(), tokens: OnceLock::new(), derived: self.derived.clone() })
    }

    /// What is known of a function, or of a method of type `recv`.
    ///
    /// Where nothing is said of a method, what its type is `like` is asked; then what was derived from its source; last, whether the
    /// type or the package is quick as a whole.
    pub fn function(&self, path: Ustr, recv: Option<Ustr>, name: Ustr) -> Option<&FnModel> {
        let derived = || self.derived.package(path)?.functions.get(&(recv, name)).filter(|f| f.told).map(|f| &f.model);
        self.written(path, recv, name).or_else(derived).or_else(|| self.blanket(path, recv).then(|| &*QUICK))
    }

    /// The same, of what a person wrote about this very function.
    pub fn written(&self, path: Ustr, recv: Option<Ustr>, name: Ustr) -> Option<&FnModel> {
        self.listed(path, recv, name, MAX_LIKE)
    }

    /// Whether a person calls the whole type or package quick.
    pub fn blanket(&self, path: Ustr, recv: Option<Ustr>) -> bool {
        let quick_type = recv.and_then(|recv| self.written_type(path, recv)).is_some_and(|model| model.quick);
        let quick_package = || self.find(path, |library, path| library.packages.get(&path).copied().flatten());
        quick_type || quick_package().unwrap_or(false)
    }

    /// The user's functions that no rule has a token for.
    pub fn tokens(&self) -> &Tokens {
        self.tokens.get_or_init(|| {
            let named = |which: fn(&FnModel) -> bool| {
                let functions = self.added.iter().flat_map(|library| &library.functions);
                // A name that stands for all names is no word to look for.
                let names = functions.filter(|((_, _, name), model)| *name != *ANY && which(model));
                let mut tokens: Vec<String> = names.map(|((_, _, name), _)| format!("{name}(")).collect();
                tokens.sort_unstable();
                tokens.dedup();
                tokens
            };
            Tokens { acquire: named(|model| model.acquires.is_some()), start: named(|model| model.starts.is_some()) }
        })
    }

    /// Whether the user says of some function of that name that it never returns: what goleash brings along is known by parts of names.
    pub(crate) fn user_says_ends(&self, name: Ustr) -> bool {
        let ends = |library: &Arc<Library>| library.functions.iter().any(|((_, _, n), model)| *n == name && model.no_return);
        self.added.iter().any(ends)
    }

    /// The type of a result, as Go text: of functions of which nothing else is known, too.
    pub fn result(&self, path: Ustr, recv: Option<Ustr>, name: Ustr, index: usize) -> Option<Ustr> {
        let written = self.written(path, recv, name).and_then(|model| model.results.get(index).copied());
        written.or_else(|| self.derived.package(path)?.functions.get(&(recv, name))?.model.results.get(index).copied())
    }

    /// What is known of a type.
    pub fn type_(&self, path: Ustr, name: Ustr) -> Option<&TypeModel> {
        self.written_type(path, name).or_else(|| self.derived.package(path)?.types.get(&name))
    }

    fn written_type(&self, path: Ustr, name: Ustr) -> Option<&TypeModel> {
        self.find(path, |library, path| library.types.get(&(path, name))).map(|model| &**model)
    }

    /// The type of a field, as Go text.
    pub fn field(&self, path: Ustr, name: Ustr, field: Ustr) -> Option<Ustr> {
        let written = self.written_type(path, name).and_then(|model| model.fields.get(&field).copied());
        written.or_else(|| self.derived.package(path)?.types.get(&name)?.fields.get(&field).copied())
    }

    /// The type of a package-level variable, as Go text.
    pub fn var(&self, path: Ustr, name: Ustr) -> Option<Ustr> {
        self.var_model(path, name).map(|model| model.ty)
    }

    /// What is known of a package-level variable.
    pub fn var_model(&self, path: Ustr, name: Ustr) -> Option<&VarModel> {
        let written = self.find(path, |library, path| library.vars.get(&(path, name)));
        written.or_else(|| self.derived.package(path)?.vars.get(&name))
    }

    /// Is anything known of this package?
    pub fn knows(&self, path: Ustr) -> bool {
        // Asked of every import there is, so no embedded file is parsed for it.
        let at = |path: Ustr| {
            let added = self.added.iter().any(|library| library.packages.contains_key(&path));
            added || Shelf::get().knows(path.as_str())
        };
        at(path) || without_version(path.as_str()).is_some_and(|short| at(ustr(&short)))
    }

    /// The words for calls that nothing else is known of.
    pub fn vocabulary(&self) -> &Vocabulary {
        self.vocabulary.get_or_init(|| {
            let mut words = embedded::vocabulary();
            for added in self.added.iter().filter_map(|library| library.vocabulary.as_ref()) {
                words.add(added);
            }
            words
        })
    }

    fn listed(&self, path: Ustr, recv: Option<Ustr>, name: Ustr, depth: usize) -> Option<&FnModel> {
        let look = |name| self.find(path, |library, path| library.functions.get(&(path, recv, name))).map(|model| &**model);
        look(name).or_else(|| self.inherited(path, recv?, name, depth)).or_else(|| look(*ANY))
    }

    /// What is known of a method through the type that its receiver's type is like.
    fn inherited(&self, path: Ustr, recv: Ustr, name: Ustr, depth: usize) -> Option<&FnModel> {
        let (path, base) = gotype::split(self.type_(path, recv)?.like?.as_str())?;
        self.listed(ustr(path), Some(ustr(base)), name, depth.checked_sub(1)?)
    }

    /// The newest answer about a package among the user's models and the embedded ones: under its own path, else without its version.
    fn find<'a, T>(&'a self, path: Ustr, look: impl Fn(&'a Library, Ustr) -> Option<T>) -> Option<T> {
        let at = |path: Ustr| {
            let added = self.added.iter().rev().find_map(|library| look(library, path));
            added.or_else(|| look(Shelf::get().library(path)?, path))
        };
        at(path).or_else(|| at(ustr(&without_version(path.as_str())?)))
    }
}

/// `x/v2/y` → `x/y`, `gopkg.in/x.v3` → `gopkg.in/x`; nothing where no version stands in the path.
fn without_version(path: &str) -> Option<String> {
    // The common path has none, and lookups are many.
    if !path.contains("/v") && !path.contains(".v") {
        return None;
    }
    let version = |text: &str| text.strip_prefix('v').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    let segments = path.split('/').filter(|segment| !version(segment));
    let names = segments.map(|segment| match segment.rsplit_once('.') {
        Some((name, tail)) if version(tail) => name,
        _ => segment,
    });
    Some(names.collect::<Vec<_>>().join("/")).filter(|short| short.len() < path.len())
}
