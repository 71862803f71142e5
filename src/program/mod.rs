//! One package as far as anybody has asked: its declarations by name, their bodies lowered on demand and at most once.
//!
//! Architecture invariant: a declaration is parsed only when a rule starts in it or a question leads to it. Everything here is
//! therefore lazy, and a package is looked at by one thread.

mod callers;
mod calls;
mod class_walk;
mod classes;
mod defs;
mod durations;
mod frames;
mod setting;
mod sources;
mod spawns;
mod stored;
mod types;

pub(crate) use callers::functions;
pub use callers::{Callers, Site, SiteHow};
pub use calls::{Outside, Target};
pub use classes::{Cell, ChanOp, ChanOpKind, ChanWhere, Class};
pub use defs::Written;
pub use frames::{Frame, Origin};
pub use setting::Setting;
pub use sources::Source;
pub use spawns::{Spawn, SpawnHow};

use crate::ir::{Body, Func, FuncIdx, Sym};
use crate::lint::{Problem, ProblemKind};
use crate::lower::{Imports, lower};
use crate::models::Models;
use crate::source::{Decl, DeclKind, FileUnit, Location, PackageSource, Span};
use crate::syntax::parse_decl;
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;
use std::cell::{OnceCell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

/// Index of a declaration in its package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeclId(pub u32);

/// A function or literal of the package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FnId {
    /// The top-level declaration.
    pub decl: DeclId,
    /// The function in it.
    pub func: FuncIdx,
}

struct DeclRef {
    file: u32,
    index: u32,
}

/// A lowered declaration with what is looked up in it often.
pub struct Unit {
    /// The body.
    pub body: Body,
    defs: defs::Defs,
}

/// A Go package under analysis.
pub struct Package {
    src: PackageSource,
    models: &'static Models,
    go: Option<(u16, u16)>,
    decls: Vec<DeclRef>,
    by_name: FxHashMap<Sym, SmallVec<[DeclId; 1]>>,
    methods: FxHashMap<(Sym, Sym), SmallVec<[DeclId; 1]>>,
    imports: Vec<Imports>,
    units: Vec<OnceCell<Option<Box<Unit>>>>,
    types: RefCell<FxHashMap<Sym, types::Shape>>,
    mentions: RefCell<FxHashMap<Sym, Rc<[DeclId]>>>,
    classes: RefCell<FxHashMap<Cell, Rc<Class>>>,
    classes_open: RefCell<FxHashSet<Cell>>,
    no_return: RefCell<FxHashMap<FnId, bool>>,
    spawns: OnceCell<Vec<Spawn>>,
    quiet: crate::lifetime::hang::QuietMemo,
    problems: RefCell<Vec<Problem>>,
    lowered: std::cell::Cell<usize>,
    memo: callers::Memo,
}

impl Package {
    /// A package over its loaded source.
    #[must_use]
    pub fn new(src: PackageSource, models: &'static Models) -> Self {
        let mut decls = Vec::new();
        let mut by_name: FxHashMap<Sym, SmallVec<[DeclId; 1]>> = FxHashMap::default();
        let mut methods: FxHashMap<(Sym, Sym), SmallVec<[DeclId; 1]>> = FxHashMap::default();
        for (f, file) in src.files.iter().enumerate() {
            for (d, decl) in file.outline.decls.iter().enumerate() {
                let id = DeclId(u32::try_from(decls.len()).unwrap_or(u32::MAX));
                decls.push(DeclRef { file: u32::try_from(f).unwrap_or(u32::MAX), index: u32::try_from(d).unwrap_or(u32::MAX) });
                for name in &decl.names {
                    match decl.recv {
                        Some(recv) => methods.entry((recv, *name)).or_default().push(id),
                        None => by_name.entry(*name).or_default().push(id),
                    }
                }
            }
        }
        let file_imports = |file: &FileUnit| {
            let mut imports = Imports::new(&file.outline);
            imports.guess_std(|name| by_name.contains_key(&name));
            imports
        };
        let imports = src.files.iter().map(file_imports).collect();
        let units = decls.iter().map(|_| OnceCell::new()).collect();
        let go = src.module.as_ref().and_then(|m| m.go);
        Self {
            src,
            models,
            go,
            decls,
            by_name,
            methods,
            imports,
            units,
            types: RefCell::default(),
            mentions: RefCell::default(),
            classes: RefCell::default(),
            classes_open: RefCell::default(),
            no_return: RefCell::default(),
            spawns: OnceCell::new(),
            quiet: crate::lifetime::hang::QuietMemo::default(),
            problems: RefCell::default(),
            lowered: std::cell::Cell::new(0),
            memo: callers::Memo::default(),
        }
    }

    /// What is known of libraries.
    #[must_use]
    pub fn models(&self) -> &'static Models {
        self.models
    }

    /// The package's name.
    #[must_use]
    pub fn name(&self) -> Sym {
        self.src.name
    }

    /// Whether the package is a program.
    #[must_use]
    pub fn is_main(&self) -> bool {
        self.src.name == "main"
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

    /// All declarations, in the order of files and text.
    pub fn decls(&self) -> impl Iterator<Item = DeclId> + use<> {
        (0..u32::try_from(self.decls.len()).unwrap_or(u32::MAX)).map(DeclId)
    }

    /// The declaration's outline.
    #[must_use]
    pub fn decl(&self, id: DeclId) -> &Decl {
        let at = &self.decls[id.0 as usize];
        &self.src.files[at.file as usize].outline.decls[at.index as usize]
    }

    /// The file that holds the declaration.
    #[must_use]
    pub fn file(&self, id: DeclId) -> &FileUnit {
        &self.src.files[self.decls[id.0 as usize].file as usize]
    }

    /// The imports of the declaration's file.
    #[must_use]
    pub fn imports(&self, id: DeclId) -> &Imports {
        &self.imports[self.decls[id.0 as usize].file as usize]
    }

    /// Whether any file of the package imports the path.
    #[must_use]
    pub fn imports_path(&self, path: &str) -> bool {
        let path = ustr::ustr(path);
        self.imports.iter().any(|i| i.name_of(path).is_some())
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

    /// Whether findings about this declaration are wanted: its file was asked for and no tool wrote it.
    #[must_use]
    pub fn wants_findings(&self, id: DeclId) -> bool {
        let file = self.file(id);
        file.requested && !file.outline.generated
    }

    /// Declarations of that name that are no methods.
    #[must_use]
    pub fn named(&self, name: Sym) -> &[DeclId] {
        self.by_name.get(&name).map_or(&[], |v| v.as_slice())
    }

    /// Methods of that name on the type, by the text alone (no promotion).
    #[must_use]
    pub fn declared_methods(&self, recv: Sym, name: Sym) -> &[DeclId] {
        self.methods.get(&(recv, name)).map_or(&[], |v| v.as_slice())
    }

    /// All methods of the type.
    #[must_use]
    pub fn methods_of(&self, recv: Sym) -> Vec<DeclId> {
        let mut out: Vec<DeclId> =
            self.methods.iter().filter(|((r, _), _)| *r == recv).flat_map(|(_, ids)| ids.iter().copied()).collect();
        out.sort_unstable();
        out
    }

    /// The lowered declaration. `None` for types and for what is too broken.
    #[must_use]
    pub fn unit(&self, id: DeclId) -> Option<&Unit> {
        self.units[id.0 as usize].get_or_init(|| self.lower_decl(id).map(Box::new)).as_deref()
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
    pub fn single_write(&self, decl: DeclId, local: crate::ir::LocalId) -> Option<&Written> {
        let unit = self.unit(decl)?;
        unit.defs.single(&unit.body, local)
    }

    /// All writes to a variable as a whole.
    #[must_use]
    pub fn writes(&self, decl: DeclId, local: crate::ir::LocalId) -> &[Written] {
        self.unit(decl).map_or(&[], |u| u.defs.writes(local))
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

    fn lower_decl(&self, id: DeclId) -> Option<Unit> {
        let decl = self.decl(id);
        if decl.kind == DeclKind::Type {
            return None;
        }
        let parsed = match parse_decl(&self.file(id).src, decl) {
            Ok(parsed) => parsed,
            Err(refusal) => {
                self.problem(id, decl.span, ProblemKind::Skipped, refusal.to_string());
                return None;
            }
        };
        if let Some(error) = parsed.errors.first() {
            self.problem(id, *error, ProblemKind::Syntax, format!("cannot read part of `{}` as Go", self.decl_name(id)));
        }
        let lowered = lower(&parsed, self.imports(id))?;
        if let Some(at) = lowered.too_deep {
            let text = format!("`{}` nests too deeply here; what lies inside was passed over", self.decl_name(id));
            self.problem(id, at, ProblemKind::Skipped, text);
        }
        self.lowered.set(self.lowered.get() + lowered.body.funcs.len());
        debug_assert!(crate::ir::verify(&lowered.body).is_ok(), "{:?}", crate::ir::verify(&lowered.body));
        let defs = defs::Defs::new(&lowered.body);
        Some(Unit { body: lowered.body, defs })
    }

    fn problem(&self, id: DeclId, at: Span, kind: ProblemKind, message: String) {
        let file = &self.file(id).src;
        let line = Some(file.line_col(at.start).line);
        self.problems.borrow_mut().push(Problem { path: file.display.clone(), line, kind, message });
    }

    /// What kept parts of the package from being read, so far.
    #[must_use]
    pub fn take_problems(&self) -> Vec<Problem> {
        std::mem::take(&mut *self.problems.borrow_mut())
    }

    /// What is known so far of functions in which nothing can wait.
    pub(crate) fn quiet_memo(&self) -> &crate::lifetime::hang::QuietMemo {
        &self.quiet
    }

    /// How many functions were lowered so far.
    #[must_use]
    pub fn lowered(&self) -> usize {
        self.lowered.get()
    }

    /// The declaration's name as Go prints it: `main`, `(*Server).Serve`.
    #[must_use]
    pub fn decl_name(&self, id: DeclId) -> String {
        let decl = self.decl(id);
        let name = decl.names.first().map_or("_", |n| n.as_str());
        match decl.recv {
            // Whether the receiver is a pointer stands in the text before the name.
            Some(recv) => {
                let head = self.file(id).src.slice(Span { start: decl.span.start, end: decl.name_span.start });
                if head.contains('*') { format!("(*{recv}).{name}") } else { format!("{recv}.{name}") }
            }
            None => name.to_string(),
        }
    }

    /// The function's name as Go prints it; literals as `name.func1`.
    #[must_use]
    pub fn fn_name(&self, id: FnId) -> String {
        let name = self.decl_name(id.decl);
        if id.func == FuncIdx::TOP { name } else { format!("{name}.func{}", id.func.0) }
    }

    /// Declarations whose text holds the identifier, in order. The text is searched, nothing is parsed.
    #[must_use]
    pub fn mentions(&self, name: Sym) -> Rc<[DeclId]> {
        if let Some(found) = self.mentions.borrow().get(&name) {
            return Rc::clone(found);
        }
        let finder = memchr::memmem::Finder::new(name.as_bytes());
        let found: Rc<[DeclId]> = self.decls().filter(|d| mentions_word(self.text(*d), &finder, name.len())).collect();
        self.mentions.borrow_mut().insert(name, Rc::clone(&found));
        found
    }

    /// Whether the declaration can be reached from other packages: its name is exported. A method of a type that is not exported
    /// counts too: its values leave the package as interfaces.
    #[must_use]
    pub fn is_exported(&self, id: DeclId) -> bool {
        if self.is_main() {
            return false;
        }
        let decl = self.decl(id);
        let exported = |s: &Sym| s.chars().next().is_some_and(char::is_uppercase);
        decl.names.iter().any(exported)
    }

    /// Functions of the given trigger tokens: declarations that hold one, in order.
    #[must_use]
    pub fn triggered(&self, wanted: impl Fn(u16) -> bool) -> Vec<DeclId> {
        let mut out = Vec::new();
        let mut next = 0_u32;
        for file in &self.src.files {
            let mut hits = file.hits.iter().filter(|h| wanted(h.token)).peekable();
            for decl in &file.outline.decls {
                let id = DeclId(next);
                next += 1;
                while hits.peek().is_some_and(|h| h.at < decl.span.start) {
                    hits.next();
                }
                let inside = hits.peek().is_some_and(|h| h.at < decl.span.end);
                if inside && decl.kind != DeclKind::Type {
                    out.push(id);
                }
            }
        }
        out
    }
}

fn mentions_word(text: &str, finder: &memchr::memmem::Finder<'_>, len: usize) -> bool {
    let bytes = text.as_bytes();
    let word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80);
    finder.find_iter(bytes).any(|at| {
        let before = at.checked_sub(1).and_then(|b| bytes.get(b));
        !word(before) && !word(bytes.get(at + len))
    })
}
