//! Where packages come from: folders on disk, or texts in memory.

use super::pkg::Pkg;
use super::ty::PkgKey;
use super::world::Sources;
use crate::source::{Dependencies, LoadOptions, Module, PackageSource, Scanner, folder, load_text, load_with};
use rustc_hash::FxHashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// A package out of texts: name of the file and text.
#[must_use]
pub fn text_package(path: &str, dir: &str, files: &[(&str, &str)]) -> PackageSource {
    let scanner = Scanner::new(&[]);
    let mut loaded = files.iter().map(|(name, text)| load_text(&format!("{dir}/{name}"), text.as_bytes().to_vec(), &scanner).0);
    let mut package = loaded.next().unwrap_or_else(|| load_text("empty.go", Vec::new(), &scanner).0);
    for mut more in loaded {
        package.files.append(&mut more.files);
    }
    path.clone_into(&mut package.dir_display);
    if package.name != "main" {
        package.import_path = Some(path.to_owned());
    }
    package.folder_path = Some(path.to_owned());
    package
}

/// Packages in memory, by import path.
#[derive(Debug, Default)]
pub struct MemorySources {
    packages: FxHashMap<String, Arc<PackageSource>>,
}

impl MemorySources {
    /// Adds a package.
    pub fn add(&mut self, path: &str, files: &[(&str, &str)]) -> Arc<PackageSource> {
        let package = Arc::new(text_package(path, path, files));
        self.packages.insert(path.to_owned(), Arc::clone(&package));
        package
    }
}

impl Sources for MemorySources {
    fn import(&self, _: &Pkg, path: &str) -> Option<(PkgKey, Arc<PackageSource>)> {
        Some((PkgKey::from(path), Arc::clone(self.packages.get(path)?)))
    }
}

/// A package and its key.
type Kept = Option<(PkgKey, Arc<PackageSource>)>;

/// Packages on disk: in the importer's module, modules that it replaces or works with, `vendor`, and if they are given required modules in
/// the module cache and Go's own source.
#[derive(Debug)]
pub struct DiskSources {
    root: PathBuf,
    /// The module of Go's own source.
    std: Option<Arc<Module>>,
    deps: Option<Dependencies>,
    folders: Mutex<FxHashMap<PathBuf, Kept>>,
}

impl DiskSources {
    /// Packages of modules below `root`; `std` is the `src` folder of a Go installation.
    #[must_use]
    pub fn new(root: &Path, std: Option<&Path>) -> Self {
        let std = std.map(|dir| Arc::new(Module { path: "std".into(), dir: dir.to_path_buf(), go: None, others: Vec::new() }));
        Self { root: root.to_path_buf(), std, deps: None, folders: Mutex::default() }
    }

    /// The same, with modules out of the module cache.
    #[must_use]
    pub fn with_deps(mut self, deps: Dependencies) -> Self {
        self.deps = Some(deps);
        self
    }

    fn look(&self, dir: &Path, path: &str, module: &Arc<Module>, tests: bool) -> Kept {
        let load = || {
            let input = folder(dir, &self.root, tests, Some(Arc::clone(module)))?;
            let options = LoadOptions { keep_all: true, ..LoadOptions::default() };
            let packages = load_with(&input, &Scanner::new(&[]), options).packages;
            // What an import means has files that are built; of several, most.
            let built = |package: &PackageSource| {
                package.files.iter().filter(|file| !file.is_test && super::build::mask(file) & 1 != 0).count()
            };
            let usable = packages.into_iter().filter(|package| package.import_path.is_some());
            let mut package = usable.max_by_key(|package| (built(package), package.files.len()))?;
            let vendored = dir.ends_with(Path::new("vendor").join(path));
            // Go's own modules are no others' dependencies: what they vendor are packages of their own.
            let key = match module.path.as_str() {
                "std" if vendored => format!("vendor/{path}"),
                "cmd" if vendored => format!("cmd/vendor/{path}"),
                _ => path.to_owned(),
            };
            package.import_path = Some(key.clone());
            Some((PkgKey::from(&key), Arc::new(package)))
        };
        if let Some(known) = self.folders.lock().unwrap_or_else(PoisonError::into_inner).get(dir) {
            return known.clone();
        }
        let loaded = load();
        self.folders.lock().unwrap_or_else(PoisonError::into_inner).entry(dir.to_path_buf()).or_insert(loaded).clone()
    }
}

impl Sources for DiskSources {
    fn import(&self, importer: &Pkg, path: &str) -> Option<(PkgKey, Arc<PackageSource>)> {
        let own = importer.source.module.as_ref();
        let in_module = |module: &Arc<Module>| module.folders_of(path).iter().find_map(|dir| self.look(dir, path, module, true));
        let required =
            |deps: &Dependencies| deps.folders_of(path).find_map(|(module, dir)| self.look(&dir, path, &module, false));
        own.and_then(in_module).or_else(|| self.deps.as_ref().and_then(required)).or_else(|| in_module(self.std.as_ref()?))
    }
}
