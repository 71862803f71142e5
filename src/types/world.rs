//! All packages of a run, and what their declarations say. Everything is worked out when somebody first asks.

use super::check::Checker;
use super::info::{Const, FuncId};
use super::memo::{Memo, Query, ask};
use super::pkg::{Pkg, Place};
use super::ty::{Name, Named, PkgKey, Signature, Type};
use crate::source::{Decl, DeclKind, PackageSource, SourceFile, lexer};
use crate::syntax::{ParsedDecl, parse_decl};
use std::fmt;
use std::sync::Arc;

/// Where imported packages come from.
pub trait Sources: Send + Sync {
    /// The package that `path` means in a file of `importer`, and the key under which it goes. `None` if it lies out of view.
    fn import(&self, importer: &Pkg, path: &str) -> Option<(PkgKey, Arc<PackageSource>)>;
}

/// The text of a package of the standard library, bodies left out, by its path.
pub type StdTable = fn(&str) -> Option<&'static str>;

/// A declared function or method.
#[derive(Clone, Debug)]
pub struct FuncDecl {
    /// Its package.
    pub pkg: PkgKey,
    /// Where it is declared.
    pub place: Place,
    /// Its type, without the receiver.
    pub signature: Arc<Signature>,
    /// For a method the type of its receiver, as it is written: maybe a pointer.
    pub receiver: Option<Type>,
    /// The constraints of its type parameters.
    pub constraints: Box<[Type]>,
    /// Whether it has a body.
    pub has_body: bool,
}

/// A declared type.
#[derive(Clone, Debug)]
pub(super) struct TypeDecl {
    /// Its type parameters.
    pub(super) params: Box<[Type]>,
    /// Their constraints.
    pub(super) constraints: Box<[Type]>,
    /// What stands on the right.
    pub(super) rhs: Type,
    /// Whether it is only another name for that.
    pub(super) alias: bool,
}

/// All packages of a run.
pub struct World {
    sources: Box<dyn Sources>,
    std: Option<StdTable>,
    packages: Memo<PkgKey, Arc<Pkg>>,
    imports: Memo<(PkgKey, Name), Option<Arc<Pkg>>>,
    funcs: Memo<(PkgKey, Place), Option<Arc<FuncDecl>>>,
    types: Memo<(PkgKey, Place), Option<Arc<TypeDecl>>>,
    vars: Memo<(PkgKey, Place), Type>,
    consts: Memo<(PkgKey, Place), (Type, Option<Const>)>,
    pub(super) underlying: Memo<Arc<Named>, Type>,
    pub(super) locals: Memo<(PkgKey, u32, u32), Type>,
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").finish_non_exhaustive()
    }
}

impl World {
    /// A world without packages.
    #[must_use]
    pub fn new(sources: Box<dyn Sources>) -> Self {
        Self {
            sources,
            std: None,
            packages: Memo::default(),
            imports: Memo::default(),
            funcs: Memo::default(),
            types: Memo::default(),
            vars: Memo::default(),
            consts: Memo::default(),
            underlying: Memo::default(),
            locals: Memo::default(),
        }
    }

    /// The same, with a table of the standard library behind the sources.
    #[must_use]
    pub fn with_std(mut self, table: StdTable) -> Self {
        self.std = Some(table);
        self
    }

    /// Adds a package to which nobody's import leads, such as a program; returns the one that is there already.
    pub fn add(&self, source: &Arc<PackageSource>) -> Arc<Pkg> {
        self.add_as(key_of(source), source)
    }

    fn add_as(&self, key: PkgKey, source: &Arc<PackageSource>) -> Arc<Pkg> {
        if let Some(known) = self.packages.get(&key) {
            return known;
        }
        self.packages.set(key, Arc::new(Pkg::new(key, Arc::clone(source))))
    }

    /// A package that is there already.
    #[must_use]
    pub fn package(&self, key: PkgKey) -> Option<Arc<Pkg>> {
        self.packages.get(&key)
    }

    /// The package that an import path means in `importer`.
    #[must_use]
    pub fn import(&self, importer: &Pkg, path: Name) -> Option<Arc<Pkg>> {
        let key = (importer.key, path);
        if let Some(known) = self.imports.get(&key) {
            return known;
        }
        let found = match self.sources.import(importer, path.as_str()) {
            Some((key, source)) => Some(self.add_as(key, &source)),
            None => self.std_package(path),
        };
        self.imports.set(key, found)
    }

    /// Packages in view that a package imports, itself or by others, as far as anybody has asked; sorted.
    #[must_use]
    pub fn imported(&self, pkg: &Pkg) -> Vec<PkgKey> {
        let mut out = std::collections::BTreeSet::new();
        let mut todo = vec![pkg.key];
        while let Some(key) = todo.pop() {
            let Some(pkg) = self.package(key) else { continue };
            for import in pkg.source.files.iter().flat_map(|unit| &unit.outline.imports) {
                if let Some(Some(found)) = self.imports.get(&(key, import.path))
                    && out.insert(found.key)
                {
                    todo.push(found.key);
                }
            }
        }
        out.into_iter().collect()
    }

    fn std_package(&self, path: Name) -> Option<Arc<Pkg>> {
        if let Some(known) = self.packages.get(&path) {
            return Some(known);
        }
        let text = self.std?(path.as_str())?;
        let source = super::sources::text_package(path.as_str(), path.as_str(), &[("library.go", text)]);
        Some(self.add_as(path, &Arc::new(source)))
    }

    /// A declared function or method.
    #[must_use]
    pub fn func(&self, id: FuncId) -> Option<Arc<FuncDecl>> {
        let pkg = self.package(id.pkg)?;
        let place = match id.recv {
            Some(recv) => pkg.method(recv, id.name)?,
            None => pkg.place(id.name)?,
        };
        self.func_at(&pkg, place)
    }

    /// The function or method declared at a place.
    #[must_use]
    pub fn func_at(&self, pkg: &Arc<Pkg>, place: Place) -> Option<Arc<FuncDecl>> {
        let key = (pkg.key, place);
        let compute = || {
            let decl = pkg.decl(place);
            if !matches!(decl.kind, DeclKind::Func | DeclKind::Method) {
                return None;
            }
            let file = &pkg.source.files[place.file as usize].src;
            let head = head(file, decl);
            let parsed = parse_decl(file, &head).ok()?;
            let mut checker = Checker::new(self, pkg, place.file, &parsed, decl);
            let mut func = checker.func_decl(place)?;
            func.has_body = head.span.end < decl.span.end;
            Some(Arc::new(func))
        };
        ask(&self.funcs, key, Query::Func(pkg.key, place), compute)?
    }

    pub(super) fn type_at(&self, pkg: &Arc<Pkg>, place: Place) -> Option<Arc<TypeDecl>> {
        let compute = || self.parsed(pkg, place, |checker| checker.type_decl(place).map(Arc::new)).flatten();
        ask(&self.types, (pkg.key, place), Query::Type(pkg.key, place), compute)?
    }

    /// The type of a variable at package level.
    #[must_use]
    pub fn var(&self, pkg: PkgKey, name: Name) -> Type {
        let Some(pkg) = self.package(pkg) else { return Type::Unknown };
        pkg.place(name).map_or(Type::Unknown, |place| self.var_at(&pkg, place))
    }

    pub(super) fn var_at(&self, pkg: &Arc<Pkg>, place: Place) -> Type {
        let compute = || {
            let types = self.parsed(pkg, place, |checker| checker.var_decl(Some(place.index))).unwrap_or_default();
            types.into_iter().nth(place.index as usize).unwrap_or(Type::Unknown)
        };
        ask(&self.vars, (pkg.key, place), Query::Var(pkg.key, place), compute).unwrap_or(Type::Unknown)
    }

    /// The type and value of a constant at package level.
    #[must_use]
    pub fn constant(&self, pkg: PkgKey, name: Name) -> Option<(Type, Option<Const>)> {
        let pkg = self.package(pkg)?;
        let place = pkg.place(name)?;
        (pkg.decl(place).kind == DeclKind::Const).then(|| self.const_at(&pkg, place))
    }

    pub(super) fn const_at(&self, pkg: &Arc<Pkg>, place: Place) -> (Type, Option<Const>) {
        let compute = || {
            let values = self.parsed(pkg, place, |checker| checker.const_decl(Some(place.index))).unwrap_or_default();
            values.into_iter().nth(place.index as usize).unwrap_or((Type::Unknown, None))
        };
        ask(&self.consts, (pkg.key, place), Query::Const(pkg.key, place), compute).unwrap_or((Type::Unknown, None))
    }

    /// Parses a declaration and has a checker look at it.
    pub(super) fn parsed<R>(&self, pkg: &Arc<Pkg>, place: Place, look: impl FnOnce(&mut Checker<'_, '_>) -> R) -> Option<R> {
        let file = &pkg.source.files[place.file as usize].src;
        let decl = pkg.decl(place);
        let parsed: ParsedDecl<'_> = parse_decl(file, decl).ok()?;
        Some(look(&mut Checker::new(self, pkg, place.file, &parsed, decl)))
    }
}

/// The key of a package to which no import leads, or its import path.
fn key_of(source: &PackageSource) -> PkgKey {
    if let Some(path) = &source.import_path {
        return PkgKey::from(path);
    }
    let folder = source.folder_path.as_deref().unwrap_or(&source.dir_display);
    let first = source.files.first();
    // Files that the go command builds with no others.
    if let Some(file) = first.filter(|file| file.outline.constraint.as_deref() == Some("ignore")) {
        return PkgKey::from(&file.src.display);
    }
    if source.name.ends_with("_test") {
        return PkgKey::from(&format!("{folder}_test"));
    }
    PkgKey::from(folder)
}

/// A function's declaration without its body, which costs little to parse.
fn head(file: &SourceFile, decl: &Decl) -> Decl {
    let text = file.text.as_bytes();
    let mut lexer = lexer::Lexer::new(text, decl.span.start as usize, false);
    let mut depth = 0_u32;
    let mut literal_type = false;
    let mut head = decl.clone();
    loop {
        let token = lexer.next();
        if token.start >= decl.span.end as usize {
            return head;
        }
        match token.tok {
            lexer::Tok::Eof => return head,
            lexer::Tok::Open(b'{') if depth == 0 && !literal_type => {
                head.span.end = u32::try_from(token.start).unwrap_or(decl.span.end);
                return head;
            }
            lexer::Tok::Open(_) => depth += 1,
            lexer::Tok::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        literal_type = matches!(&text[token.start..token.end], b"struct" | b"interface");
    }
}
