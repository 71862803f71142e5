//! One package as far as anybody has asked, with those that it uses: declarations by name, bodies lowered on demand and at most once.
//!
//! Architecture invariant: a declaration is parsed only when a rule starts in it or a question leads to it. Everything here is
//! therefore lazy. A package is looked at by one thread; what it reads of itself and of others (`data`, `store`) is shared by all.

mod callers;
mod calls;
mod carry;
mod class_callers;
mod class_walk;
mod classes;
mod data;
mod defs;
mod durations;
mod enders;
mod frames;
mod importers;
mod interfaces;
mod mentions;
mod setting;
mod several;
mod sources;
mod spawns;
mod store;
mod stored;
mod types;

pub use callers::{Callers, Site, SiteHow, functions};
pub use calls::{Outside, Target};
pub use classes::{Cell, ChanOp, ChanOpKind, ChanWhere, Class};
pub(crate) use data::name_in;
pub use data::{PackageData, Unit};
pub use defs::Written;
#[cfg(test)]
pub(crate) use enders::{CHAINED, STEMS};
pub use frames::{Frame, Origin};
pub use setting::Setting;
pub use sources::Source;
pub use spawns::{Spawn, SpawnHow};
pub use store::{LoadedPackages, Store};

use crate::models::Models;
use crate::old::ir::{Body, Func, FuncIdx, Sym, Ty};
use crate::old::lower::{Imports, bare, path_of, qualified};
use crate::source::{Decl, DeclKind, FileUnit, Location, PackageSource, Span};
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;
use std::cell::{OnceCell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use ustr::ustr;

/// A declaration: the package that holds it, as this one numbers them, and its index there. Those of the package itself come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeclId(pub u32);

/// Bits of a [`DeclId`] that count declarations.
const INDEX_BITS: u32 = 20;

impl DeclId {
    fn new(slot: Slot, index: u32) -> Self {
        Self(slot << INDEX_BITS | index)
    }

    fn slot(self) -> Slot {
        self.0 >> INDEX_BITS
    }

    fn index(self) -> u32 {
        self.0 & ((1 << INDEX_BITS) - 1)
    }

    /// Whether the declaration belongs to the package under analysis, not to one that it uses.
    #[must_use]
    pub fn is_own(self) -> bool {
        self.slot() == 0
    }
}

/// Number of a package among those that one analysis has come to; 0 is the package under analysis.
type Slot = u32;

/// A function or literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FnId {
    /// The top-level declaration.
    pub decl: DeclId,
    /// The function in it.
    pub func: FuncIdx,
}

/// What an analysis has asked of others.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Packages that it looked into or wanted to, by the path they go by.
    pub packages: FxHashSet<Sym>,
    /// Packages whose importers it wanted to know.
    pub importers: FxHashSet<Sym>,
}

impl Asked {
    /// Takes in what another analysis asked.
    pub fn add(&mut self, other: Self) {
        self.packages.extend(other.packages);
        self.importers.extend(other.importers);
    }
}

/// Declarations that hold a word, by package, word and how it stands there.
type Mentions = FxHashMap<(Slot, Sym, mentions::Use), Rc<[DeclId]>>;

/// Functions that calls may lead to, by the declaration and the bytes of the callee.
type Alternatives = FxHashMap<(DeclId, Span), Rc<[FnId]>>;

/// A Go package under analysis, and what it needs of others.
pub struct Package {
    store: Arc<Store>,
    models: &'static Models,
    go: Option<(u16, u16)>,
    slots: elsa::FrozenVec<Arc<PackageData>>,
    slot_of: RefCell<FxHashMap<Sym, Option<Slot>>>,
    /// Packages that were not brought in because no rule can start in them.
    untriggered: RefCell<FxHashSet<Sym>>,
    names: RefCell<FxHashMap<Sym, Option<(Slot, Sym)>>>,
    importers: RefCell<FxHashMap<Slot, Rc<[Slot]>>>,
    mentions: RefCell<Mentions>,
    classes: RefCell<FxHashMap<Cell, Rc<Class>>>,
    classes_open: RefCell<FxHashSet<Cell>>,
    no_return: RefCell<FxHashMap<FnId, bool>>,
    cuts: RefCell<FxHashMap<FnId, Rc<[Option<u32>]>>>,
    stored_types: RefCell<FxHashMap<Cell, Rc<[Ty]>>>,
    stored_funcs: RefCell<FxHashMap<Cell, Rc<[FnId]>>>,
    implementers: RefCell<FxHashMap<Sym, Rc<[Ty]>>>,
    several: RefCell<Alternatives>,
    few: RefCell<FxHashMap<Sym, Rc<[Ty]>>>,
    spawns: OnceCell<Vec<Spawn>>,
    /// Indices of spawns by what they run.
    runs: OnceCell<FxHashMap<FnId, Vec<usize>>>,
    quiet: crate::old::lifetime::hang::QuietMemo,
    memo: callers::Memo,
}

impl Package {
    /// A package that stands alone.
    #[must_use]
    pub fn new(src: PackageSource, models: &'static Models) -> Self {
        Self::within(Arc::new(PackageData::new(src, None)), Arc::new(Store::empty(models)), models)
    }

    /// A package among those of a run.
    #[must_use]
    pub fn within(data: Arc<PackageData>, store: Arc<Store>, models: &'static Models) -> Self {
        let go = store.go().or_else(|| data.src.module.as_ref().and_then(|m| m.go));
        let slot_of = data.key.iter().map(|key| (*key, Some(0))).collect();
        let slots = elsa::FrozenVec::new();
        slots.push(data);
        Self {
            store,
            models,
            go,
            slots,
            slot_of: RefCell::new(slot_of),
            untriggered: RefCell::default(),
            names: RefCell::default(),
            importers: RefCell::default(),
            mentions: RefCell::default(),
            classes: RefCell::default(),
            classes_open: RefCell::default(),
            no_return: RefCell::default(),
            cuts: RefCell::default(),
            stored_types: RefCell::default(),
            stored_funcs: RefCell::default(),
            implementers: RefCell::default(),
            several: RefCell::default(),
            few: RefCell::default(),
            spawns: OnceCell::new(),
            runs: OnceCell::new(),
            quiet: crate::old::lifetime::hang::QuietMemo::default(),
            memo: callers::Memo::default(),
        }
    }

    fn data(&self, slot: Slot) -> &PackageData {
        // Slots are handed out by `slot`, which puts a package into each.
        &self.slots[slot as usize]
    }

    fn own(&self) -> &PackageData {
        self.data(0)
    }

    /// The package of that import path, brought in if it is in view.
    fn slot(&self, key: Sym) -> Option<Slot> {
        if let Some(known) = self.slot_of.borrow().get(&key) {
            return *known;
        }
        match self.store.imported(key) {
            Some(data) => self.bring(data),
            None => {
                self.slot_of.borrow_mut().insert(key, None);
                None
            }
        }
    }

    /// [`Package::slot`], but not where the run has found no token of any rule in the package.
    fn slot_if_triggered(&self, key: Sym) -> Option<Slot> {
        if self.slot_of.borrow().contains_key(&key) || self.store.may_trigger(key) {
            return self.slot(key);
        }
        self.untriggered.borrow_mut().insert(key);
        None
    }

    /// What this analysis has asked of other packages so far: when none of it changes, its findings stay what they are.
    #[must_use]
    pub fn asked(&self) -> Asked {
        let mut asked = Asked { packages: self.slot_of.borrow().keys().copied().collect(), importers: FxHashSet::default() };
        asked.packages.extend(self.untriggered.borrow().iter().copied());
        asked.importers.extend(self.importers.borrow().keys().filter_map(|slot| self.data(*slot).key));
        asked
    }

    /// Packages in view that import a package, brought in.
    fn importers(&self, slot: Slot) -> Rc<[Slot]> {
        if let Some(known) = self.importers.borrow().get(&slot) {
            return Rc::clone(known);
        }
        let data = self.data(slot);
        let found = match (data.key, &data.src.module) {
            (Some(key), Some(module)) if data.src.import_path.is_some() => self.store.importers(module, key),
            _ => Vec::new(),
        };
        let slots: Rc<[Slot]> = found.into_iter().filter_map(|data| self.bring(data)).collect();
        self.importers.borrow_mut().insert(slot, Rc::clone(&slots));
        slots
    }

    /// The number of a package here.
    fn bring(&self, data: Arc<PackageData>) -> Option<Slot> {
        let key = data.key?;
        if let Some(known) = self.slot_of.borrow().get(&key) {
            return *known;
        }
        let slot = Slot::try_from(self.slots.len()).ok().filter(|s| *s < 1 << (32 - INDEX_BITS));
        let slot = slot.filter(|_| data.len() < 1 << INDEX_BITS);
        if slot.is_some() {
            self.slots.push(data);
        }
        self.slot_of.borrow_mut().insert(key, slot);
        slot
    }

    /// The package that a name of the program belongs to, and the name as that package writes it.
    fn locate(&self, name: Sym) -> Option<(Slot, Sym)> {
        let Some(path) = path_of(&name) else { return self.own().key.is_none().then_some((0, name)) };
        if let Some(known) = self.names.borrow().get(&name) {
            return *known;
        }
        let found = self.slot(ustr(path)).map(|slot| (slot, ustr(bare(&name))));
        self.names.borrow_mut().insert(name, found);
        found
    }

    /// What is known of libraries.
    #[must_use]
    pub fn models(&self) -> &'static Models {
        self.models
    }

    /// The package's name.
    #[must_use]
    pub fn name(&self) -> Sym {
        self.own().src.name
    }

    /// Whether the package is a program.
    #[must_use]
    pub fn is_main(&self) -> bool {
        self.own().src.name == "main"
    }

    /// The Go version of its module, where there is a `go.mod` that says so.
    #[must_use]
    pub fn go_version(&self) -> Option<(u16, u16)> {
        self.go
    }

    /// Whether the module asks for at least that Go version. Unknown counts as older.
    #[must_use]
    pub fn go_at_least(&self, major: u16, minor: u16) -> bool {
        self.go.is_some_and(|v| v >= (major, minor))
    }

    /// All declarations of the package itself, in the order of files and text.
    pub fn decls(&self) -> impl Iterator<Item = DeclId> + use<> {
        (0..self.own().len()).map(DeclId)
    }

    /// The declaration's outline.
    #[must_use]
    pub fn decl(&self, id: DeclId) -> &Decl {
        self.data(id.slot()).decl(id.index())
    }

    /// The file that holds the declaration.
    #[must_use]
    pub fn file(&self, id: DeclId) -> &FileUnit {
        self.data(id.slot()).file(id.index())
    }

    /// The imports of the declaration's file.
    #[must_use]
    pub fn imports(&self, id: DeclId) -> &Imports {
        self.data(id.slot()).imports(id.index())
    }

    /// Whether any file of the package imports the path.
    #[must_use]
    pub fn imports_path(&self, path: &str) -> bool {
        self.own().imports_path(ustr(path))
    }

    /// The head of a statement: what stands on it up to the body of the literal that it starts.
    #[must_use]
    pub fn head_of(&self, id: FnId, span: Span) -> Span {
        let Some(body) = self.body(id.decl) else { return span };
        let inner = body.funcs.iter().skip(1).find(|f| span.start <= f.head.start && f.head.end <= span.end);
        inner.map_or(span, |f| Span { start: span.start, end: f.head.end })
    }

    /// The text of a declaration.
    #[must_use]
    pub fn text(&self, id: DeclId) -> &str {
        self.file(id).src.slice(self.decl(id).span)
    }

    /// A range of the declaration's file, as findings want it.
    #[must_use]
    pub fn location(&self, id: DeclId, span: Span) -> Location {
        Location { file: Arc::clone(&self.file(id).src), span }
    }

    /// Whether findings about this declaration are wanted: its file was asked for and no tool wrote it. One about another package's
    /// declaration is told where this package leads there, which [`Package::wants_finding_at`] judges.
    #[must_use]
    pub fn wants_findings(&self, id: DeclId) -> bool {
        let file = self.file(id);
        !id.is_own() || file.requested && !file.outline.generated
    }

    /// Whether a finding at that place is this package's to tell.
    #[must_use]
    pub fn wants_finding_at(&self, at: &Location) -> bool {
        let is_it = |f: &&FileUnit| Arc::ptr_eq(&f.src, &at.file);
        self.own().src.files.iter().find(is_it).is_some_and(|f| f.requested && !f.outline.generated)
    }

    /// Declarations of that name in the program that are no methods.
    #[must_use]
    pub fn named(&self, name: Sym) -> SmallVec<[DeclId; 1]> {
        let Some((slot, name)) = self.locate(name) else { return SmallVec::new() };
        self.data(slot).named(name).iter().map(|i| DeclId::new(slot, *i)).collect()
    }

    /// Declarations of the package itself of that name, as it writes it, that are no methods.
    #[must_use]
    pub fn own_named(&self, name: Sym) -> Vec<DeclId> {
        self.own().named(name).iter().map(|i| DeclId(*i)).collect()
    }

    /// Methods of that name on the type, by the text alone (no promotion).
    #[must_use]
    pub fn declared_methods(&self, recv: Sym, name: Sym) -> SmallVec<[DeclId; 1]> {
        let Some((slot, recv)) = self.locate(recv) else { return SmallVec::new() };
        self.data(slot).declared_methods(recv, name).iter().map(|i| DeclId::new(slot, *i)).collect()
    }

    /// All methods of the type.
    #[must_use]
    pub fn methods_of(&self, recv: Sym) -> Vec<DeclId> {
        let Some((slot, recv)) = self.locate(recv) else { return Vec::new() };
        self.data(slot).methods_of(recv).into_iter().map(|i| DeclId::new(slot, i)).collect()
    }

    /// The name in the program of something that the declaration's package declares.
    #[must_use]
    pub fn name_near(&self, decl: DeclId, name: Sym) -> Sym {
        self.data(decl.slot()).key.map_or(name, |key| qualified(key, name))
    }

    /// The lowered declaration. `None` for types and for what is too broken.
    #[must_use]
    pub fn unit(&self, id: DeclId) -> Option<&Unit> {
        self.data(id.slot()).unit(id.index())
    }

    /// Whether the declaration is a table of data, which is not read: it has no [`Package::body`].
    #[must_use]
    pub fn is_table(&self, id: DeclId) -> bool {
        self.data(id.slot()).is_table(id.index())
    }

    /// The body of a declaration.
    #[must_use]
    pub fn body(&self, id: DeclId) -> Option<&Body> {
        self.unit(id).map(|u| &u.body)
    }

    /// The function with its body. Ids come from lowered declarations, so this is `None` only for a bodyless top.
    #[must_use]
    pub fn func(&self, id: FnId) -> Option<(&Body, &Func)> {
        let body = self.body(id.decl)?;
        body.funcs.get(id.func.at()).map(|f| (body, f))
    }

    /// The one write that gives a variable its value, where there is just one beside nil. Never for parameters.
    #[must_use]
    pub fn single_write(&self, decl: DeclId, local: crate::old::ir::LocalId) -> Option<&Written> {
        let unit = self.unit(decl)?;
        unit.defs.single(&unit.body, local)
    }

    /// All writes to a variable as a whole.
    #[must_use]
    pub fn writes(&self, decl: DeclId, local: crate::old::ir::LocalId) -> &[Written] {
        self.unit(decl).map_or(&[], |u| u.defs.writes(local))
    }

    /// Where the blocks of a function are cut off, worked out once.
    pub(crate) fn cuts_once(&self, id: FnId, answer: impl FnOnce() -> Vec<Option<u32>>) -> Rc<[Option<u32>]> {
        if let Some(known) = self.cuts.borrow().get(&id) {
            return Rc::clone(known);
        }
        let found: Rc<[Option<u32>]> = answer().into();
        self.cuts.borrow_mut().insert(id, Rc::clone(&found));
        found
    }

    /// An answer about a function that is worked out once; while it is, it is taken to be false.
    pub(crate) fn no_return_once(&self, id: FnId, answer: impl FnOnce() -> bool) -> bool {
        if let Some(known) = self.no_return.borrow().get(&id) {
            return *known;
        }
        self.no_return.borrow_mut().insert(id, false);
        let found = answer();
        self.no_return.borrow_mut().insert(id, found);
        found
    }

    /// What is known so far of functions in which nothing can wait.
    pub(crate) fn quiet_memo(&self) -> &crate::old::lifetime::hang::QuietMemo {
        &self.quiet
    }

    /// What kept parts of the package from being read, so far.
    #[must_use]
    pub fn take_problems(&self) -> Vec<crate::lint::Problem> {
        self.own().take_problems()
    }

    /// The declaration's name as Go prints it: `main`, `(*Server).Serve`; with its package's name before that if it is another.
    #[must_use]
    pub fn decl_name(&self, id: DeclId) -> String {
        let data = self.data(id.slot());
        let name = data.decl_name(id.index());
        if id.is_own() { name } else { format!("{}.{name}", data.src.name) }
    }

    /// The function's name as Go prints it; literals as `name.func1`.
    #[must_use]
    pub fn fn_name(&self, id: FnId) -> String {
        let name = self.decl_name(id.decl);
        if id.func == FuncIdx::TOP { name } else { format!("{name}.func{}", id.func.0) }
    }

    /// Whether the declaration belongs to a program.
    #[must_use]
    pub fn in_program(&self, decl: DeclId) -> bool {
        self.data(decl.slot()).src.name == "main"
    }

    /// Whether the declaration can be reached from packages out of view: its name is exported. A method of a type that is not exported
    /// counts too: its values leave the package as interfaces.
    #[must_use]
    pub fn is_exported(&self, id: DeclId) -> bool {
        self.is_open(id.slot()) && self.decl(id).names.iter().any(exported)
    }

    /// Whether code out of view can use a name of the program.
    #[must_use]
    pub fn is_name_exported(&self, name: &Sym) -> bool {
        exported(name) && self.locate(*name).is_none_or(|(slot, _)| self.is_open(slot))
    }

    /// Whether code out of view can hold values of a type of the program.
    #[must_use]
    pub fn may_be_used_outside(&self, name: Sym) -> bool {
        self.locate(name).is_none_or(|(slot, _)| self.is_open(slot))
    }

    /// A text for people: names of the program without their import paths, those of other packages with their package's name.
    #[must_use]
    pub fn shown(&self, text: String) -> String {
        let mut text = text;
        for (slot, data) in self.slots.iter().enumerate() {
            let Some(key) = data.key.filter(|key| text.contains(key.as_str())) else { continue };
            let name = if slot == 0 { String::new() } else { format!("{}.", data.src.name) };
            text = renamed(&text, &format!("{key}."), &name);
        }
        text
    }

    /// Whether packages out of view can import a package.
    fn is_open(&self, slot: Slot) -> bool {
        let data = self.data(slot);
        // The go command lets nobody outside the folder around `internal` import what lies below it.
        let internal = |path: &str| path.split('/').any(|part| part == "internal");
        data.src.name != "main" && !data.src.import_path.as_deref().is_some_and(internal)
    }

    /// Functions of the given trigger tokens: declarations that hold one, in order.
    #[must_use]
    pub fn triggered(&self, wanted: impl Fn(u16) -> bool) -> Vec<DeclId> {
        let mut out = Vec::new();
        for (at, file) in self.own().src.files.iter().enumerate() {
            let first = self.own().first_of(at);
            let decls = &file.outline.decls;
            let mut next = 0;
            for hit in file.hits.iter().filter(|h| wanted(h.token)) {
                // Hits stand in the order of the text: no declaration is looked at twice.
                next += decls[next..].partition_point(|decl| decl.span.end <= hit.at);
                let Some(decl) = decls.get(next) else { break };
                if hit.at >= decl.span.start {
                    out.extend(u32::try_from(first + next).ok().filter(|_| decl.kind != DeclKind::Type).map(DeclId));
                    next += 1;
                }
            }
        }
        out
    }
}

/// Whether a name, with or without a path, begins with a capital.
pub(crate) fn exported(name: &Sym) -> bool {
    bare(name).chars().next().is_some_and(char::is_uppercase)
}

/// The text with `to` for each `from` that no longer word ends with: a module may be called `x`, and contexts end in one too.
fn renamed(text: &str, from: &str, to: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(from) {
        let (before, behind) = rest.split_at(at);
        let whole = !before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '/' | '.' | '-'));
        out.push_str(before);
        out.push_str(if whole { to } else { from });
        rest = &behind[from.len()..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_whole_paths_are_renamed() {
        assert_eq!(super::renamed("x.T waits for ctx.Done() of x.y", "x.", ""), "T waits for ctx.Done() of y");
        assert_eq!(super::renamed("`ex.com/p.T` and `other.ex.com/p.T`", "ex.com/p.", "p."), "`p.T` and `other.ex.com/p.T`");
    }
}
