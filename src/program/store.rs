//! All packages of a run, each read at most once, whichever thread asks first.
//!
//! A package is either one that the run is about, or one that a question about another leads to: by import path, through `go.mod`,
//! `replace`, `go.work` and `vendor`.

use super::data::PackageData;
use crate::ir::Sym;
use crate::models::Models;
use crate::source::{LoadOptions, Loaded, Module, Modules, PackageInput, PackageSource, Scanner, folder, load_with};
use rustc_hash::FxHashMap;
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

    fn module_of(&self, dir: &Path) -> Option<Arc<Module>> {
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
    /// The package that others import, for facts.
    imported: OnceLock<Option<Arc<PackageData>>>,
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
}

/// All packages of a run.
pub struct Store {
    folders: Arc<Folders>,
    scanner: Scanner,
    root: PathBuf,
    tests: bool,
    inputs: FxHashMap<PathBuf, PackageInput>,
    places: Mutex<FxHashMap<PathBuf, Arc<Place>>>,
}

impl Store {
    /// A store over what was discovered. `root` is what displayed paths are relative to; `tests` tells whether test files are facts.
    #[must_use]
    pub fn new(models: &'static Models, scanner: Scanner, inputs: &[PackageInput], root: &Path, tests: bool) -> Self {
        let folders = Arc::new(Folders::new(models));
        let inputs: FxHashMap<PathBuf, PackageInput> = inputs.iter().map(|i| (i.dir.clone(), i.clone())).collect();
        let root = std::path::absolute(root).unwrap_or_else(|_| root.to_path_buf());
        Self { folders, scanner, root, tests, inputs, places: Mutex::default() }
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
            let Loaded { packages, problems, bytes } = load_with(input, &self.scanner, LoadOptions::default());
            let packages = packages.into_iter().map(|src| self.data(src)).collect();
            Arc::new(LoadedPackages { packages, problems, bytes })
        }))
    }

    /// A package that stands in no folder.
    pub fn lone(&self, src: PackageSource) -> Arc<PackageData> {
        self.data(src)
    }

    fn data(&self, src: PackageSource) -> Arc<PackageData> {
        Arc::new(PackageData::new(src, Some(Arc::clone(&self.folders))))
    }

    /// The package of an import path in view.
    pub(super) fn imported(&self, key: Sym) -> Option<Arc<PackageData>> {
        let dir = self.folders.dir_of(key)?;
        let place = self.place(&dir);
        place.imported.get_or_init(|| self.load_imported(key, &dir)).clone()
    }

    fn load_imported(&self, key: Sym, dir: &Path) -> Option<Arc<PackageData>> {
        let is_it = |data: &Arc<PackageData>| data.key == Some(key) && data.src.name != "main";
        // What the run looks at anyway is not read twice.
        if let Some(input) = self.inputs.get(dir)
            && let Some(found) = self.looked_at(input).packages.iter().find(|d| is_it(d))
        {
            return Some(Arc::clone(found));
        }
        let mut input = match self.inputs.get(dir) {
            Some(input) => input.clone(),
            None => folder(dir, &self.root, self.tests, self.folders.module_of(dir))?,
        };
        input.files.retain(|f| !f.is_test);
        let loaded = load_with(&input, &self.scanner, LoadOptions { keep_all: true, overlay: None });
        let mut packages = loaded.packages;
        for src in &mut packages {
            // A vendored package goes by its path below `vendor`.
            if src.import_path.is_some() {
                src.import_path = Some(key.to_string());
            }
        }
        // Of several packages in a folder the one with most files is the one that is built.
        packages
            .into_iter()
            .filter(|p| p.name != "main" && p.import_path.is_some())
            .max_by_key(|p| p.files.len())
            .map(|src| self.data(src))
    }

    /// Everything that was read, in no order.
    pub fn all(&self) -> Vec<Arc<PackageData>> {
        let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out: Vec<Arc<PackageData>> = Vec::new();
        for place in places.values() {
            let looked_at = place.looked_at.get().into_iter().flat_map(|l| l.packages.iter());
            let imported = place.imported.get().into_iter().flatten();
            for data in looked_at.chain(imported) {
                if !out.iter().rev().take(4).any(|d| Arc::ptr_eq(d, data)) {
                    out.push(Arc::clone(data));
                }
            }
        }
        out
    }
}
