//! One package: what its files declare at package level, and what names mean in a file.

use super::build::{EVERYWHERE, Mask, mask};
use super::ty::{Name, PkgKey};
use crate::source::lexer::{Lexer, Tok};
use crate::source::{Decl, DeclKind, PackageSource};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::sync::Arc;

/// Where a package-level name is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Index of the file in the package's files.
    pub file: u32,
    /// Index of the declaration in the file's outline.
    pub decl: u32,
    /// Which of the declaration's names.
    pub index: u32,
}

type Places = SmallVec<[Place; 1]>;

/// One package.
#[derive(Debug)]
pub struct Pkg {
    /// Its key.
    pub key: PkgKey,
    /// Files, texts, outlines.
    pub source: Arc<PackageSource>,
    scope: FxHashMap<Name, Places>,
    methods: FxHashMap<(Name, Name), Places>,
    methods_of: FxHashMap<Name, Vec<Name>>,
    files: Vec<FileScope>,
}

/// The imports of a file, and where it is built.
#[derive(Debug)]
struct FileScope {
    mask: Mask,
    test: bool,
    /// Imports that are given a name.
    named: FxHashMap<Name, Name>,
    /// Paths of imports that are not, with the name that the path suggests.
    unnamed: Vec<(Name, Name)>,
    dots: Vec<Name>,
}

impl Pkg {
    /// The package of some source.
    #[must_use]
    pub fn new(key: PkgKey, source: Arc<PackageSource>) -> Self {
        let files = source.files.iter().map(|file| {
            let mut scope = FileScope {
                mask: mask(file),
                test: file.is_test,
                named: FxHashMap::default(),
                unnamed: Vec::new(),
                dots: Vec::new(),
            };
            for import in &file.outline.imports {
                match import.alias.as_ref().map(Name::as_str) {
                    Some("_") => {}
                    Some(".") => scope.dots.push(import.path),
                    Some(alias) => _ = scope.named.insert(Name::from(alias), import.path),
                    None => scope.unnamed.push((Name::from(suggested(import.path.as_str())), import.path)),
                }
            }
            scope
        });
        let files = files.collect();
        let mut pkg = Self {
            key,
            scope: FxHashMap::default(),
            methods: FxHashMap::default(),
            methods_of: FxHashMap::default(),
            files,
            source: Arc::clone(&source),
        };
        for (file, unit) in source.files.iter().enumerate() {
            for (index, decl) in unit.outline.decls.iter().enumerate() {
                pkg.declare(file, index, decl);
            }
        }
        pkg.sort();
        pkg.rename_receivers();
        pkg
    }

    fn declare(&mut self, file: usize, index: usize, decl: &Decl) {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        for (at, &name) in decl.names.iter().enumerate() {
            let place = Place { file: number(file), decl: number(index), index: number(at) };
            match (decl.kind, decl.recv) {
                (DeclKind::Method, Some(recv)) => {
                    let places = self.methods.entry((recv, name)).or_default();
                    if places.is_empty() {
                        self.methods_of.entry(recv).or_default().push(name);
                    }
                    places.push(place);
                }
                (DeclKind::Method, None) => {}
                (DeclKind::Func, _) if name == "init" => {}
                _ if name == "_" => {}
                _ => self.scope.entry(name).or_default().push(place),
            }
        }
    }

    /// `type a = B` and `func (a) m()`: the method is `B`'s.
    fn rename_receivers(&mut self) {
        let keys: Vec<(Name, Name)> = self.methods.keys().copied().collect();
        for (recv, name) in keys {
            let target = self.receiver(recv);
            if target != recv
                && let Some(places) = self.methods.remove(&(recv, name))
            {
                self.methods.entry((target, name)).or_default().extend(places);
                let names = self.methods_of.entry(target).or_default();
                names.push(name);
                names.sort_by(|a, b| a.as_str().cmp(b.as_str()));
                names.dedup();
            }
        }
    }

    /// The type that a receiver's name stands for, where that is another one's.
    pub(super) fn receiver(&self, name: Name) -> Name {
        let Some(place) = self.place(name).filter(|place| self.decl(*place).kind == DeclKind::Type && self.is_alias(*place))
        else {
            return name;
        };
        let text = self.source.files[place.file as usize].src.slice(self.decl(place).span);
        let rhs = text.split_once('=').map_or("", |(_, rhs)| rhs.trim());
        let end = rhs.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rhs.len());
        let target = Name::from(&rhs[..end]);
        if self.place(target).is_some() { target } else { name }
    }

    /// The files of linux/amd64 first, tests last.
    fn sort(&mut self) {
        let files = &self.files;
        let key = |place: &Place| {
            let file = &files[place.file as usize];
            (file.test, file.mask.trailing_zeros(), *place)
        };
        for places in self.scope.values_mut().chain(self.methods.values_mut()).filter(|places| places.len() > 1) {
            places.sort_by_key(key);
        }
        for names in self.methods_of.values_mut() {
            names.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        }
    }

    /// The declaration at a place.
    #[must_use]
    pub fn decl(&self, place: Place) -> &Decl {
        &self.source.files[place.file as usize].outline.decls[place.decl as usize]
    }

    /// The declaration that counts for everybody who asks for a name of the package.
    #[must_use]
    pub fn place(&self, name: Name) -> Option<Place> {
        self.scope.get(&name)?.first().copied()
    }

    /// What a name at package level means in one of the files: what is built together with it.
    #[must_use]
    pub fn place_in(&self, file: u32, name: Name) -> Option<Place> {
        self.choose(file, self.scope.get(&name)?)
    }

    /// The method of a type that counts: one that is built together with the type.
    #[must_use]
    pub fn method(&self, recv: Name, name: Name) -> Option<Place> {
        let places = self.methods.get(&(recv, name))?;
        let system = self.place(recv).map_or(EVERYWHERE, |place| self.system(place.file));
        places.iter().find(|place| self.files[place.file as usize].mask & system != 0).copied()
    }

    /// The names of a type's methods on any system, sorted.
    #[must_use]
    pub fn methods_of(&self, recv: Name) -> &[Name] {
        self.methods_of.get(&recv).map_or(&[], Vec::as_slice)
    }

    /// All names at package level, with the declarations that count; in no order.
    pub fn names(&self) -> impl Iterator<Item = (Name, Place)> {
        self.scope.iter().filter_map(|(name, places)| Some((*name, *places.first()?)))
    }

    /// Whether a file is built on linux/amd64.
    #[must_use]
    pub fn is_built(&self, file: u32) -> bool {
        self.files.get(file as usize).is_some_and(|file| file.mask & 1 != 0)
    }

    /// Whether `type A = …` stands there: told without a parse.
    pub(super) fn is_alias(&self, place: Place) -> bool {
        let decl = self.decl(place);
        let text = &self.source.files[place.file as usize].src.text;
        let mut lexer = Lexer::new(text.as_bytes(), decl.name_span.end as usize, false);
        let mut depth = 0_u32;
        loop {
            let token = lexer.next();
            if token.start >= decl.span.end as usize {
                return false;
            }
            match token.tok {
                Tok::Open(b'[') => depth += 1,
                Tok::Open(_) if depth == 0 => return false,
                Tok::Open(_) => depth += 1,
                Tok::Close => {
                    depth = depth.saturating_sub(1);
                }
                Tok::Eof => return false,
                Tok::Other(b'=') if depth == 0 => return true,
                _ if depth == 0 => return false,
                _ => {}
            }
        }
    }

    /// The system that a file is read for.
    pub(super) fn system(&self, file: u32) -> Mask {
        match self.files.get(file as usize) {
            Some(file) if file.mask != 0 => file.mask & file.mask.wrapping_neg(),
            _ => EVERYWHERE,
        }
    }

    /// What a name means to importers that are read for `system`.
    pub(super) fn place_for(&self, system: Mask, name: Name) -> Option<Place> {
        let places = self.scope.get(&name)?;
        let fits = |place: &&Place| self.files[place.file as usize].mask & system != 0;
        places.iter().find(fits).or(places.first()).copied()
    }

    fn choose(&self, file: u32, places: &Places) -> Option<Place> {
        if let [only] = places.as_slice() {
            return Some(*only);
        }
        let here = self.files.get(file as usize)?;
        if let Some(own) = places.iter().find(|place| place.file == file) {
            return Some(*own);
        }
        let system = self.system(file);
        let fits = |place: &&Place| {
            let file = &self.files[place.file as usize];
            file.mask & system != 0 && (here.test || !file.test)
        };
        places.iter().find(fits).or(places.first()).copied()
    }

    /// The path of an import that a file gives this name.
    pub(super) fn named_import(&self, file: u32, name: Name) -> Option<Name> {
        self.files.get(file as usize)?.named.get(&name).copied()
    }

    /// Imports without a name: the one that the path suggests, and the path.
    pub(super) fn unnamed_imports(&self, file: u32) -> &[(Name, Name)] {
        self.files.get(file as usize).map_or(&[], |file| &file.unnamed)
    }

    /// Paths of `import . "path"`.
    pub(super) fn dot_imports(&self, file: u32) -> &[Name] {
        self.files.get(file as usize).map_or(&[], |file| &file.dots)
    }
}

/// The package name that an import path suggests: `a/yaml.v3`, `a/go-yaml`, `a/yaml/v3` all `yaml`.
fn suggested(path: &str) -> &str {
    let version = |part: &str| part.strip_prefix('v').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    let mut parts = path.rsplit('/');
    let mut last = parts.next().unwrap_or(path);
    if version(last) {
        last = parts.next().unwrap_or(last);
    }
    if let Some((stem, end)) = last.rsplit_once('.')
        && (version(end) || end == "go")
    {
        last = stem;
    }
    last.strip_prefix("go-").or_else(|| last.strip_suffix("-go")).unwrap_or(last)
}
