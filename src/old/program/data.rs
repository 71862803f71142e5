//! What one Go package is by itself, whoever asks: its declarations by name, each lowered at most once in a run.
//!
//! Shared between threads. What depends on who asks (callers, channel classes, answers) is `Package`'s.

use super::carry::{self, Carried, Words};
use super::defs::Defs;
use super::enders::Ending;
use super::mentions::{Finder, Use};
use super::store::Folders;
use crate::lint::{Problem, ProblemKind};
use crate::old::ir::{Body, Sig, Sym, Ty};
use crate::old::lower::{Imports, Names, lower, lower_type};
use crate::source::{Decl, DeclKind, FileUnit, PackageSource, SourceFile, Span};
use crate::syntax::parse_decl;
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use ustr::ustr;

/// Bytes.
const MAX_TABLE: usize = 16 << 10;

struct DeclRef {
    file: u32,
    index: u32,
}

/// A lowered declaration with what is looked up in it often.
pub struct Unit {
    /// The body.
    pub body: Body,
    pub(super) defs: Defs,
}

/// A package's source with what was read of it so far.
pub struct PackageData {
    pub(super) src: Arc<PackageSource>,
    /// What stands before its names in the program: the import path, or for a program one that nobody can import.
    pub(super) key: Option<Sym>,
    folders: Option<Arc<Folders>>,
    decls: Vec<DeclRef>,
    /// By file: how many declarations stand before its first.
    firsts: Vec<usize>,
    by_name: FxHashMap<Sym, SmallVec<[u32; 1]>>,
    methods: FxHashMap<(Sym, Sym), SmallVec<[u32; 1]>>,
    imports: Vec<Imports>,
    in_view: OnceLock<FxHashMap<Sym, Sym>>,
    units: Vec<OnceLock<Option<Arc<Unit>>>>,
    types: Vec<OnceLock<Arc<Ty>>>,
    heads: Vec<OnceLock<Option<Arc<Sig>>>>,
    /// By declaration; empty where there was nothing before.
    carried: Vec<Carried>,
    words: Mutex<Words>,
    pub(super) ending: OnceLock<Ending>,
    /// With the declarations that they are about.
    problems: Mutex<Vec<(u32, Problem)>>,
    lowered: AtomicUsize,
}

/// Length of a function's text up to the brace of its body, where that ends a line as gofmt writes it.
fn head_len(text: &str) -> Option<usize> {
    let mut parens = 0_i32;
    let mut last = None;
    for (i, b) in text.bytes().enumerate() {
        match b {
            b'(' | b'[' => parens += 1,
            b')' | b']' => parens -= 1,
            b'\n' if parens == 0 => return last.filter(|(_, b)| *b == b'{').map(|(at, _)| at),
            _ => {}
        }
        if !b.is_ascii_whitespace() {
            last = Some((i, b));
        }
    }
    None
}

fn key(src: &PackageSource) -> Option<Sym> {
    let file = |path: &str| path.rsplit('/').next().map(str::to_owned);
    let lone = || Some(format!("{}#{}", src.folder_path.as_deref()?, file(&src.files.first()?.src.display)?));
    src.import_path.clone().or_else(lone).map(|key| ustr(&key))
}

impl PackageData {
    /// A package over its loaded source. `before` are packages as they were before a change; the one of the same name may know things
    /// that still hold.
    pub(super) fn succeeding(src: PackageSource, folders: Option<Arc<Folders>>, before: &[Arc<Self>]) -> Self {
        let mut new = Self::new(src, folders);
        if let Some(old) = before.iter().find(|old| old.key == new.key && old.src.name == new.src.name) {
            let carry::Heritage { declarations, words, ending } = carry::carry(&new, old);
            (new.carried, new.words) = (declarations, Mutex::new(words));
            new.ending = ending.map_or_else(OnceLock::new, |decls| OnceLock::from(Ending::of(&new, decls)));
        }
        new
    }

    /// Its source, for the new core.
    pub fn source(&self) -> &Arc<PackageSource> {
        &self.src
    }

    /// Whether any of its declarations may have to do with channels: makes what is no slice and no map, or sends, receives or closes.
    pub fn may_use_channels(&self) -> bool {
        let text = |text: &str| crate::source::may_make_channel(text) || text.contains("<-") || text.contains("chan");
        self.src.files.iter().any(|unit| text(&unit.src.text))
    }

    /// A package over its loaded source.
    pub(super) fn new(src: PackageSource, folders: Option<Arc<Folders>>) -> Self {
        let mut decls = Vec::new();
        let mut firsts = Vec::with_capacity(src.files.len());
        let mut by_name: FxHashMap<Sym, SmallVec<[u32; 1]>> = FxHashMap::default();
        let mut methods: FxHashMap<(Sym, Sym), SmallVec<[u32; 1]>> = FxHashMap::default();
        for (f, file) in src.files.iter().enumerate() {
            firsts.push(decls.len());
            for (d, decl) in file.outline.decls.iter().enumerate() {
                let id = u32::try_from(decls.len()).unwrap_or(u32::MAX);
                decls.push(DeclRef { file: u32::try_from(f).unwrap_or(u32::MAX), index: u32::try_from(d).unwrap_or(u32::MAX) });
                for name in &decl.names {
                    match decl.recv {
                        Some(recv) => methods.entry((recv, *name)).or_default().push(id),
                        None => by_name.entry(*name).or_default().push(id),
                    }
                }
            }
        }
        // A snippet leaves its imports out; a file of a package that has some elsewhere uses none.
        let snippet = src.files.iter().all(|file| file.outline.imports.is_empty());
        let file_imports = |file: &FileUnit| {
            let mut imports = Imports::new(&file.outline);
            if snippet {
                imports.guess_std(|name| by_name.contains_key(&name));
            }
            imports
        };
        let imports = src.files.iter().map(file_imports).collect();
        Self {
            key: key(&src),
            units: decls.iter().map(|_| OnceLock::new()).collect(),
            types: decls.iter().map(|_| OnceLock::new()).collect(),
            heads: decls.iter().map(|_| OnceLock::new()).collect(),
            src: Arc::new(src),
            folders,
            decls,
            firsts,
            by_name,
            methods,
            imports,
            carried: Vec::new(),
            words: Mutex::default(),
            in_view: OnceLock::new(),
            ending: OnceLock::new(),
            problems: Mutex::default(),
            lowered: AtomicUsize::new(0),
        }
    }

    /// How many declarations there are.
    #[must_use]
    pub fn declarations(&self) -> usize {
        self.decls.len()
    }

    /// The folder, as it is shown.
    #[must_use]
    pub fn dir_display(&self) -> &str {
        &self.src.dir_display
    }

    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.decls.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn decl(&self, index: u32) -> &Decl {
        let at = &self.decls[index as usize];
        &self.src.files[at.file as usize].outline.decls[at.index as usize]
    }

    pub(super) fn file(&self, index: u32) -> &FileUnit {
        &self.src.files[self.decls[index as usize].file as usize]
    }

    pub(super) fn imports(&self, index: u32) -> &Imports {
        &self.imports[self.decls[index as usize].file as usize]
    }

    pub(super) fn imports_path(&self, path: Sym) -> bool {
        self.imports.iter().any(|i| i.name_of(path).is_some())
    }

    pub(super) fn text(&self, index: u32) -> &str {
        self.file(index).src.slice(self.decl(index).span)
    }

    /// Declarations of that name, as the package writes it, that are no methods.
    pub(super) fn named(&self, name: Sym) -> &[u32] {
        self.by_name.get(&name).map_or(&[], |v| v.as_slice())
    }

    /// Methods of that name on the type, by the text alone.
    pub(super) fn declared_methods(&self, recv: Sym, name: Sym) -> &[u32] {
        self.methods.get(&(recv, name)).map_or(&[], |v| v.as_slice())
    }

    /// All methods of the type.
    pub(super) fn methods_of(&self, recv: Sym) -> Vec<u32> {
        let mut out: Vec<u32> =
            self.methods.iter().filter(|((r, _), _)| *r == recv).flat_map(|(_, ids)| ids.iter().copied()).collect();
        out.sort_unstable();
        out
    }

    /// Types of the package with a method of that name, in order.
    pub(super) fn types_with(&self, method: Sym) -> Vec<Sym> {
        let mut out: Vec<Sym> = self.methods.keys().filter(|(_, m)| *m == method).map(|(r, _)| *r).collect();
        out.sort_unstable_by_key(Sym::as_str);
        out
    }

    /// What it declares beside methods, in no order.
    pub(super) fn names(&self) -> impl Iterator<Item = Sym> + '_ {
        self.by_name.keys().copied()
    }

    /// What the files import, by file.
    pub(super) fn file_imports(&self) -> &[Imports] {
        &self.imports
    }

    /// Which file a declaration stands in.
    pub(super) fn file_of(&self, index: u32) -> usize {
        self.decls[index as usize].file as usize
    }

    /// How many declarations stand before the first of a file.
    pub(super) fn first_of(&self, file: usize) -> usize {
        self.firsts[file]
    }

    /// What is known of a declaration by itself so far.
    pub(super) fn known(&self, index: u32) -> Carried {
        let at = index as usize;
        let kept = self.carried.get(at);
        Carried {
            unit: self.units[at].get().cloned().flatten().or_else(|| kept?.unit.clone()),
            ty: self.types[at].get().cloned().or_else(|| kept?.ty.clone()),
            head: self.heads[at].get().cloned().flatten().or_else(|| kept?.head.clone()),
        }
    }

    /// Whether the declaration's text holds a word. A type declaration holds it anyhow or not at all.
    pub(super) fn holds(&self, index: u32, finder: &Finder<'_>, used: Use) -> bool {
        finder.holds(self.text(index), used.within(self.decl(index).kind))
    }

    /// Where words stand, as far as anybody asked.
    pub(super) fn words(&self) -> Words {
        self.words.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Declarations whose text holds a word, in order; looked for once.
    pub(super) fn holders(&self, name: Sym, used: Use) -> Arc<[u32]> {
        let lock = || self.words.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(&(name, used)) {
            return Arc::clone(known);
        }
        let finder = Finder::new(&name);
        let mut found = Vec::new();
        for (file, first) in self.src.files.iter().zip(&self.firsts) {
            let decls = finder.decls(&file.src.text, &file.outline.decls, used);
            found.extend(decls.filter_map(|at| u32::try_from(first + at).ok()));
        }
        match lock().entry((name, used)) {
            Entry::Occupied(known) => Arc::clone(known.get()),
            Entry::Vacant(free) => Arc::clone(free.insert(found.into())),
        }
    }

    /// The packages in view that this one imports, in order.
    pub(super) fn imported_keys(&self) -> Vec<Sym> {
        let mut out: Vec<Sym> = self.in_view().values().copied().collect();
        out.sort_unstable_by_key(Sym::as_str);
        out
    }

    /// The lowered declaration. `None` for types and for what is too broken.
    pub(super) fn unit(&self, index: u32) -> Option<&Unit> {
        let unit = self.units[index as usize].get_or_init(|| {
            let kept = self.carried.get(index as usize).and_then(|carried| carried.unit.clone());
            let unit = kept.or_else(|| self.lower_decl(index).map(Arc::new));
            self.lowered.fetch_add(unit.as_ref().map_or(0, |unit| unit.body.funcs.len()), Ordering::Relaxed);
            unit
        });
        unit.as_deref()
    }

    /// The signature of a function, read off its head where the rest is not needed: most callees are asked for nothing else.
    pub(super) fn signature(&self, index: u32) -> Option<&Arc<Sig>> {
        if let Some(lowered) = self.units[index as usize].get() {
            return lowered.as_ref().map(|unit| &unit.body.funcs[0].sig);
        }
        let kept = || self.carried.get(index as usize).and_then(|carried| carried.head.clone());
        let head = self.heads[index as usize].get_or_init(|| kept().or_else(|| self.lower_head(index)));
        match head {
            Some(sig) => Some(sig),
            None => self.unit(index).map(|unit| &unit.body.funcs[0].sig),
        }
    }

    fn lower_head(&self, index: u32) -> Option<Arc<Sig>> {
        let decl = self.decl(index);
        let len = head_len(self.text(index)).filter(|_| !decl.broken)?;
        let mut head = decl.clone();
        head.span.end = head.span.start + u32::try_from(len).ok()?;
        let parsed = parse_decl(&self.file(index).src, &head).ok().filter(|parsed| parsed.errors.is_empty())?;
        let lowered = self.with_names(|names| lower(&parsed, self.imports(index), names))?;
        Some(Arc::clone(&lowered.body.funcs.first()?.sig))
    }

    /// The right side of a type declaration.
    pub(super) fn type_of(&self, index: u32) -> &Ty {
        self.types[index as usize].get_or_init(|| {
            if let Some(kept) = self.carried.get(index as usize).and_then(|carried| carried.ty.clone()) {
                return kept;
            }
            let parsed = parse_decl(&self.file(index).src, self.decl(index)).ok();
            let lowered = parsed.and_then(|parsed| self.with_names(|names| lower_type(&parsed, self.imports(index), names)));
            Arc::new(lowered.map_or(Ty::Unknown, |(ty, _)| ty))
        })
    }

    /// Whether the package imports the one that goes by that path.
    pub(super) fn imports_key(&self, key: Sym) -> bool {
        self.in_view().values().any(|k| *k == key)
    }

    fn with_names<T>(&self, run: impl FnOnce(&Names<'_>) -> T) -> T {
        let in_view = self.in_view();
        let declares = |name: Sym| self.by_name.contains_key(&name);
        run(&Names { own: self.key, declares: &declares, in_view })
    }

    /// The imports whose source can be read, and the paths by which their packages go.
    pub(super) fn in_view(&self) -> &FxHashMap<Sym, Sym> {
        self.in_view.get_or_init(|| self.imports_in_view())
    }

    fn imports_in_view(&self) -> FxHashMap<Sym, Sym> {
        let (Some(folders), Some(module)) = (&self.folders, &self.src.module) else { return FxHashMap::default() };
        let mut out = FxHashMap::default();
        for import in self.src.files.iter().flat_map(|f| &f.outline.imports) {
            if !out.contains_key(&import.path)
                && let Some(key) = folders.key_of(module, import.path)
            {
                out.insert(import.path, key);
            }
        }
        out
    }

    fn lower_decl(&self, index: u32) -> Option<Unit> {
        let decl = self.decl(index);
        if decl.kind == DeclKind::Type || self.is_table(index) {
            return None;
        }
        let parsed = match parse_decl(&self.file(index).src, decl) {
            Ok(parsed) => parsed,
            Err(refusal) => {
                self.problem(index, decl.span, ProblemKind::Skipped, refusal.to_string());
                return None;
            }
        };
        if let Some(error) = parsed.errors.first() {
            self.problem(index, *error, ProblemKind::Syntax, format!("cannot read part of `{}` as Go", self.decl_name(index)));
        }
        let lowered = self.with_names(|names| lower(&parsed, self.imports(index), names))?;
        if let Some(at) = lowered.too_deep {
            let text = format!("`{}` nests too deeply here; what lies inside was passed over", self.decl_name(index));
            self.problem(index, at, ProblemKind::Skipped, text);
        }
        debug_assert!(crate::old::ir::verify(&lowered.body).is_ok(), "{:?}", crate::old::ir::verify(&lowered.body));
        let defs = Defs::new(&lowered.body);
        Some(Unit { body: lowered.body, defs })
    }

    /// A variable that holds so much and starts nothing is a table. A parse of it would say no more, and some fill megabytes.
    pub(super) fn is_table(&self, index: u32) -> bool {
        let decl = self.decl(index);
        let hits = &self.file(index).hits;
        decl.kind == DeclKind::Var && decl.span.len() > MAX_TABLE && {
            let first = hits.partition_point(|h| h.at < decl.span.start);
            hits.get(first).is_none_or(|h| h.at >= decl.span.end)
        }
    }

    fn problem(&self, index: u32, at: Span, kind: ProblemKind, message: String) {
        let file = self.file(index);
        // What is wrong with a neighbour is its own run's business.
        if file.requested {
            let line = Some(file.src.line_col(at.start).line);
            let problem = Problem { path: file.src.display.clone(), line, kind, message };
            self.problems.lock().unwrap_or_else(PoisonError::into_inner).push((index, problem));
        }
    }

    /// What kept parts of the package from being read, so far, in no order.
    #[must_use]
    pub fn take_problems(&self) -> Vec<Problem> {
        let taken = std::mem::take(&mut *self.problems.lock().unwrap_or_else(PoisonError::into_inner));
        taken.into_iter().map(|(_, problem)| problem).collect()
    }

    /// The same, left where it is.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let problems = self.problems.lock().unwrap_or_else(PoisonError::into_inner);
        problems.iter().map(|(_, problem)| problem.clone()).collect()
    }

    /// Declarations with which something is wrong.
    pub(super) fn broken(&self) -> FxHashSet<u32> {
        self.problems.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|(index, _)| *index).collect()
    }

    /// How many functions were lowered so far.
    #[must_use]
    pub fn lowered(&self) -> usize {
        self.lowered.load(Ordering::Relaxed)
    }

    pub(super) fn decl_name(&self, index: u32) -> String {
        name_in(&self.file(index).src, self.decl(index))
    }
}

/// The name of a declaration of a file as Go prints it.
pub(crate) fn name_in(file: &SourceFile, decl: &Decl) -> String {
    let name = decl.names.first().map_or("_", |n| n.as_str());
    match decl.recv {
        // Whether the receiver is a pointer stands in the text before the name.
        Some(recv) => {
            let head = file.slice(Span { start: decl.span.start, end: decl.name_span.start });
            if head.contains('*') { format!("(*{recv}).{name}") } else { format!("{recv}.{name}") }
        }
        None => name.to_string(),
    }
}
