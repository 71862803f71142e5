//! All packages of a run, each read at most once, whichever thread asks first.
//!
//! A package is either one that the run is about, or one that a question about another leads to: by import path, through `go.mod`,
//! `replace`, `go.work` and `vendor`.

use super::Asked;
use super::data::PackageData;
use super::importers::{Importers, imports_in};
use crate::models::Models;
use crate::old::ir::Sym;
use crate::source::{Kept, LoadOptions, Loaded, Module, Modules, PackageInput, PackageSource, Scanner, folder, load_with};
use rustc_hash::{FxHashMap, FxHashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use ustr::{Ustr, ustr};

/// Where the packages of import paths lie.
pub(super) struct Folders {
    models: &'static Models,
    known: Mutex<FxHashMap<(PathBuf, Ustr), Option<Found>>>,
    modules: Mutex<Modules>,
    /// Folders by the import path that their own module gives them.
    by_key: Mutex<FxHashMap<Ustr, PathBuf>>,
}

#[derive(Clone)]
struct Found {
    key: Ustr,
}

impl Folders {
    fn new(models: &'static Models) -> Self {
        Self { models, known: Mutex::default(), modules: Mutex::default(), by_key: Mutex::default() }
    }

    /// The import path by which the package goes that a module imports by `path`, if its source is to be read: it lies in a folder in
    /// view, and no model speaks for it.
    pub(super) fn key_of(&self, module: &Module, path: Sym) -> Option<Sym> {
        if self.models.knows(path) {
            return None;
        }
        let asked = (module.dir.clone(), path);
        if let Some(known) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&asked) {
            return known.as_ref().map(|f| f.key);
        }
        let found = self.find(module, path);
        let key = found.as_ref().map(|f| f.key);
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(asked, found);
        key
    }

    fn find(&self, module: &Module, path: Sym) -> Option<Found> {
        let dir = module.folders_of(&path).into_iter().find(|dir| dir.is_dir())?;
        let vendored = dir.starts_with(module.dir.join("vendor"));
        let key = if vendored { path } else { ustr(&self.module_of(&dir)?.import_path_of(&dir)?) };
        self.by_key.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_insert(dir);
        Some(Found { key })
    }

    pub(super) fn module_of(&self, dir: &Path) -> Option<Arc<Module>> {
        self.modules.lock().unwrap_or_else(PoisonError::into_inner).of(dir)
    }

    fn dir_of(&self, key: Sym) -> Option<PathBuf> {
        self.by_key.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned()
    }
}

/// One folder: what the run looks at in it, and what others want to know of it.
#[derive(Default)]
struct Place {
    /// Its packages, if any rule can start in one of them.
    looked_at: OnceLock<Arc<LoadedPackages>>,
    /// Those in which none can, for facts.
    others: OnceLock<Vec<Arc<PackageData>>>,
    /// Files as they were read before the folder changed, but for those that changed.
    kept: Kept,
    /// Its packages before the folder changed.
    before: Vec<Arc<PackageData>>,
}

/// The packages of one folder.
#[derive(Default)]
pub struct LoadedPackages {
    /// Those in which a rule can start, by name.
    pub packages: Vec<Arc<PackageData>>,
    /// What could not be read.
    pub problems: Vec<crate::lint::Problem>,
    /// Bytes read.
    pub bytes: u64,
    /// What the files import, where no rule can start in any of them.
    pub imports: Vec<Ustr>,
    /// Files in which suppressions may stand.
    pub marked: Vec<Arc<crate::source::SourceFile>>,
}

/// All packages of a run.
pub struct Store {
    folders: Arc<Folders>,
    scanner: Scanner,
    root: PathBuf,
    tests: bool,
    go: Option<(u16, u16)>,
    overlay: Arc<FxHashMap<PathBuf, String>>,
    inputs: FxHashMap<PathBuf, PackageInput>,
    places: Mutex<FxHashMap<PathBuf, Arc<Place>>>,
    importers: Mutex<FxHashMap<PathBuf, Arc<OnceLock<Importers>>>>,
}

impl Store {
    /// A store over what was discovered. `root` is what displayed paths are relative to; `tests` tells whether test files are facts.
    #[must_use]
    pub fn new(models: &'static Models, scanner: Scanner, inputs: &[PackageInput], root: &Path, tests: bool) -> Self {
        let folders = Arc::new(Folders::new(models));
        let inputs: FxHashMap<PathBuf, PackageInput> = inputs.iter().map(|i| (i.dir.clone(), i.clone())).collect();
        let root = std::path::absolute(root).unwrap_or_else(|_| root.to_path_buf());
        Self {
            folders,
            scanner,
            root,
            tests,
            go: None,
            overlay: Arc::default(),
            inputs,
            places: Mutex::default(),
            importers: Mutex::default(),
        }
    }

    /// The same, with a Go version that counts for every package, whatever its `go.mod` says.
    #[must_use]
    pub fn with_go(self, go: Option<(u16, u16)>) -> Self {
        Self { go, ..self }
    }

    /// The same, with texts that stand in for files on disk.
    #[must_use]
    pub fn with_overlay(self, overlay: Arc<FxHashMap<PathBuf, String>>) -> Self {
        Self { overlay, ..self }
    }

    pub(super) fn go(&self) -> Option<(u16, u16)> {
        self.go
    }

    /// A store that no folder is known to: for a package that stands alone.
    #[must_use]
    pub fn empty(models: &'static Models) -> Self {
        Self::new(models, Scanner::new(&[]), &[], Path::new("."), false)
    }

    fn place(&self, dir: &Path) -> Arc<Place> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = places.get(dir) {
            return Arc::clone(place);
        }
        let place = Arc::new(Place::default());
        places.insert(dir.to_path_buf(), Arc::clone(&place));
        place
    }

    /// The packages of a folder that the run is about.
    pub fn looked_at(&self, input: &PackageInput) -> Arc<LoadedPackages> {
        let place = self.place(&input.dir);
        Arc::clone(place.looked_at.get_or_init(|| {
            let Loaded { packages, problems, bytes, imports, marked } = load_with(
                input,
                &self.scanner,
                LoadOptions { overlay: Some(&self.overlay), kept: Some(&place.kept), ..LoadOptions::default() },
            );
            let packages = packages.into_iter().map(|src| self.data(src, &place.before)).collect();
            Arc::new(LoadedPackages { packages, problems, bytes, imports, marked })
        }))
    }

    /// The packages of a folder without any token of a rule, if it imports one of these: their functions start what they are handed.
    pub fn started_elsewhere(&self, input: &PackageInput, starters: &FxHashSet<Sym>) -> Vec<Arc<PackageData>> {
        let loaded = self.looked_at(input);
        if !loaded.imports.iter().any(|path| starters.contains(path)) {
            return Vec::new();
        }
        self.packages_in(&input.dir)
    }

    /// Packages that a folder without any token of a rule imports and that the run does not look at by itself.
    pub fn imported_from_outside(&self, input: &PackageInput) -> Vec<Arc<PackageData>> {
        let Some(module) = &input.module else { return Vec::new() };
        let keys = self.looked_at(input).imports.iter().filter_map(|path| self.folders.key_of(module, *path)).collect::<Vec<_>>();
        let outside = |key: &Sym| self.folders.dir_of(*key).is_some_and(|dir| !self.inputs.contains_key(&dir));
        keys.into_iter().filter(outside).filter_map(|key| self.imported(key)).collect()
    }

    /// A package that stands in no folder.
    pub fn lone(&self, src: PackageSource) -> Arc<PackageData> {
        self.data(src, &[])
    }

    fn data(&self, src: PackageSource, before: &[Arc<PackageData>]) -> Arc<PackageData> {
        Arc::new(PackageData::succeeding(src, Some(Arc::clone(&self.folders)), before))
    }

    /// The package of an import path in view.
    pub(super) fn imported(&self, key: Sym) -> Option<Arc<PackageData>> {
        let dir = self.folders.dir_of(key)?;
        let is_it = |data: &&Arc<PackageData>| data.key == Some(key);
        // What the run looks at anyway is not read twice.
        if let Some(input) = self.inputs.get(&dir)
            && let Some(found) = self.looked_at(input).packages.iter().find(is_it)
        {
            return Some(Arc::clone(found));
        }
        let place = self.place(&dir);
        let others = place.others.get_or_init(|| self.load_others(key, &dir));
        others.iter().find(is_it).cloned()
    }

    /// The package that an import path means in a module, for the new core: the path that it goes by, and its source.
    pub fn source(&self, module: &Module, path: &str) -> Option<(Sym, Arc<PackageSource>)> {
        let key = self.folders.key_of(module, ustr(path))?;
        Some((key, Arc::clone(self.imported(key)?.source())))
    }

    /// Whether a rule may start in the package: not known before the run has looked at its folder, if it does.
    pub(super) fn may_trigger(&self, key: Sym) -> bool {
        let input = self.folders.dir_of(key).and_then(|dir| self.inputs.get(&dir));
        input.is_none_or(|input| self.looked_at(input).packages.iter().any(|d| d.key == Some(key)))
    }

    /// All packages of a folder, for facts.
    fn packages_in(&self, dir: &Path) -> Vec<Arc<PackageData>> {
        let mut out = Vec::new();
        if let Some(input) = self.inputs.get(dir) {
            out.extend(self.looked_at(input).packages.iter().cloned());
        }
        let key = self.folders.module_of(dir).and_then(|m| m.import_path_of(dir)).map_or(Ustr::default(), |path| ustr(&path));
        out.extend(self.place(dir).others.get_or_init(|| self.load_others(key, dir)).iter().cloned());
        out
    }

    /// The packages of a folder in which no rule can start.
    fn load_others(&self, key: Sym, dir: &Path) -> Vec<Arc<PackageData>> {
        let known = self.inputs.get(dir).map(|input| self.looked_at(input));
        let input = match self.inputs.get(dir) {
            Some(input) => Some(input.clone()),
            None => folder(dir, &self.root, self.tests, self.folders.module_of(dir)),
        };
        let Some(mut input) = input else { return Vec::new() };
        // What is known is not read again.
        let in_known = |known: &Arc<LoadedPackages>| {
            known.packages.iter().flat_map(|data| &data.src.files).map(|unit| unit.src.path.clone().into_os_string()).collect()
        };
        let read: FxHashSet<OsString> = known.as_ref().map(in_known).unwrap_or_default();
        input.files.retain(|f| !f.is_test && !read.contains(f.path.as_os_str()));
        if input.files.is_empty() {
            return Vec::new();
        }
        let place = self.place(dir);
        let loaded = load_with(
            &input,
            &self.scanner,
            LoadOptions { keep_all: true, overlay: Some(&self.overlay), kept: Some(&place.kept) },
        );
        let is_known = |src: &PackageSource| known.as_ref().is_some_and(|k| k.packages.iter().any(|d| d.src.name == src.name));
        let mut packages: Vec<PackageSource> = loaded.packages.into_iter().filter(|src| !is_known(src)).collect();
        // Of several packages in a folder the one with most files is the one that is built. A vendored one goes by its path below `vendor`.
        packages.sort_by_key(|p| std::cmp::Reverse(p.files.len()));
        let mut first = known.is_none_or(|k| k.packages.iter().all(|d| d.src.import_path.is_none()));
        for src in &mut packages {
            if src.import_path.is_some() {
                src.import_path = std::mem::take(&mut first).then(|| key.to_string());
            }
        }
        packages.into_iter().map(|src| self.data(src, &place.before)).collect()
    }

    /// The packages of the module that import the one of that path, in the order of their folders.
    pub(super) fn importers(&self, module: &Arc<Module>, key: Sym) -> Vec<Arc<PackageData>> {
        let cell = {
            let mut known = self.importers.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(module.dir.clone()).or_default())
        };
        let importers = cell.get_or_init(|| Importers::of(&self.folders, module, &self.overlay));
        let imports = |data: &Arc<PackageData>| data.imports_key(key);
        importers.folders(key).iter().flat_map(|dir| self.packages_in(dir)).filter(imports).collect()
    }

    /// Puts a text over a file, or takes it away.
    pub fn lay_over(&mut self, path: &Path, text: Option<String>) {
        let overlay = Arc::make_mut(&mut self.overlay);
        match text {
            Some(text) => overlay.insert(path.to_path_buf(), text),
            None => overlay.remove(path),
        };
    }

    fn has_file(&self, file: &Path) -> bool {
        let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(place) = file.parent().and_then(|dir| places.get(dir)) else { return false };
        let looked_at = place.looked_at.get().into_iter().flat_map(|loaded| loaded.packages.iter());
        let mut packages = looked_at.chain(place.others.get().into_iter().flatten());
        packages.any(|data| data.src.files.iter().any(|unit| unit.src.path == file))
    }

    /// Takes in what a folder of the run holds now.
    pub fn renew_input(&mut self, input: PackageInput) {
        self.inputs.insert(input.dir.clone(), input);
    }

    /// Whether anything was read so far of a folder or what lies below.
    #[must_use]
    pub fn has_read_below(&self, dir: &Path) -> bool {
        self.places.lock().unwrap_or_else(PoisonError::into_inner).keys().any(|at| at.starts_with(dir))
    }

    /// Whether the file was read for facts, its imports at least.
    #[must_use]
    pub fn counts(&self, file: &Path) -> bool {
        if self.has_file(file) {
            return true;
        }
        let importers = self.importers.lock().unwrap_or_else(PoisonError::into_inner);
        importers.values().any(|cell| cell.get().is_some_and(|importers| importers.knows(file)))
    }

    /// Drops what was read of a folder, because these files in it changed. Tells what questions the change may answer differently.
    pub fn forget(&mut self, dir: &Path, files: &FxHashSet<PathBuf>) -> Asked {
        let mut touched = Asked::default();
        {
            let by_key = self.folders.by_key.lock().unwrap_or_else(PoisonError::into_inner);
            touched.packages.extend(by_key.iter().filter(|(_, at)| *at == dir).map(|(key, _)| *key));
        }
        let places = self.places.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = places.remove(dir) {
            let mut kept = place.kept.clone();
            let looked_at = place.looked_at.get().into_iter().flat_map(|loaded| loaded.packages.iter());
            let mut before: Vec<Arc<PackageData>> = looked_at.chain(place.others.get().into_iter().flatten()).cloned().collect();
            for data in &before {
                touched.packages.extend(data.key);
                kept.extend(data.src.files.iter().map(|unit| (unit.src.path.clone().into(), unit.clone())));
            }
            for file in files {
                kept.remove(file.as_os_str());
            }
            let is_again =
                |old: &&Arc<PackageData>| before.iter().any(|data| (data.key, data.src.name) == (old.key, old.src.name));
            let unasked: Vec<Arc<PackageData>> = place.before.iter().filter(|old| !is_again(old)).cloned().collect();
            before.extend(unasked);
            places.insert(dir.to_path_buf(), Arc::new(Place { kept, before, ..Place::default() }));
        }
        let module = self.folders.module_of(dir);
        let importers = self.importers.get_mut().unwrap_or_else(PoisonError::into_inner);
        for importers in importers.values_mut().filter_map(Arc::get_mut).filter_map(OnceLock::get_mut) {
            touched.importers.extend(importers.imported_in(dir));
            let input = self.inputs.get(dir);
            let is_input = |path: &Path| input.is_some_and(|input| input.files.iter().any(|f| f.path == path && !f.is_test));
            for file in files {
                if !importers.knows(file) && !is_input(file) {
                    continue;
                }
                let imports = match self.overlay.get(file) {
                    Some(text) => Some(crate::source::import_paths(text).0),
                    None => imports_in(file),
                };
                let key = |path: Sym| module.as_ref().and_then(|module| self.folders.key_of(module, path));
                importers.update(file, imports.map(|paths| paths.into_iter().filter_map(key).collect()));
            }
            touched.importers.extend(importers.imported_in(dir));
        }
        touched
    }

    /// Everything that was read, in no order.
    pub fn all(&self) -> Vec<Arc<PackageData>> {
        let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out: Vec<Arc<PackageData>> = Vec::new();
        for place in places.values() {
            let looked_at = place.looked_at.get().into_iter().flat_map(|l| l.packages.iter());
            out.extend(looked_at.chain(place.others.get().into_iter().flatten()).cloned());
        }
        out
    }
}
