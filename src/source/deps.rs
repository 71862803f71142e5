//! The modules that a program requires, where the go command has put them: in its module cache. Read only, and never fetched.
//!
//! Versions are those of `go.mod`. Since Go 1.17 it names every module that a build needs; for an older one the requirements of what it
//! requires are followed, as the go command does.

use super::discover::normal;
use super::gomod::{Module, below, lines, read_text, unquote};
use rustc_hash::FxHashMap;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// From this version on a `go.mod` names all modules that its packages are built from.
const PRUNED: (u16, u16) = (1, 17);

/// The modules that some modules require, each of one version.
#[derive(Debug, Default)]
pub struct Dependencies {
    /// By path, in descending order: of modules inside each other the innermost comes first.
    modules: Vec<Required>,
}

#[derive(Debug)]
struct Required {
    path: String,
    dir: PathBuf,
    module: OnceLock<Option<Arc<Module>>>,
}

impl Dependencies {
    /// What `modules` require. Where they do not agree on a version the highest counts, and of modules among themselves none is looked up.
    #[must_use]
    pub fn of(cache: &Path, modules: &[Arc<Module>]) -> Self {
        let mut sorted: Vec<&Arc<Module>> = modules.iter().collect();
        sorted.sort_by(|a, b| a.dir.cmp(&b.dir));
        let mut list = List { cache, versions: BTreeMap::new(), replaced: FxHashMap::default() };
        for module in &sorted {
            if let Some(text) = read_text(&module.dir.join("go.mod")) {
                list.read_replacements(&text, &module.dir);
            }
        }
        for module in &sorted {
            if let Some(text) = read_text(&module.dir.join("go.mod")) {
                list.require(&text, module.go.is_none_or(|version| version < PRUNED));
            }
        }
        let own = |path: &str| sorted.iter().any(|module| module.path == path);
        let required = list.versions.iter().filter(|(path, _)| !own(path));
        let mut modules: Vec<Required> = required
            .map(|(path, version)| Required { path: path.clone(), dir: list.folder(path, version), module: OnceLock::new() })
            .collect();
        modules.sort_by(|a, b| b.path.cmp(&a.path));
        Self { modules }
    }

    /// The modules that may hold the package of an import path, each with the folder in it, best first. Only folders that are there.
    pub fn folders_of<'a>(&'a self, path: &'a str) -> impl Iterator<Item = (Arc<Module>, PathBuf)> + 'a {
        self.modules.iter().filter_map(move |required| {
            let rest = below(path, &required.path)?;
            let module = required.module()?;
            let dir = if rest.is_empty() { module.dir.clone() } else { module.dir.join(rest) };
            dir.is_dir().then_some((module, dir))
        })
    }
}

impl Required {
    /// The module, if its folder is there. What it replaces itself has no say.
    fn module(&self) -> Option<Arc<Module>> {
        let read = || {
            let dir = &self.dir;
            let go = read_text(&dir.join("go.mod")).and_then(|text| Module::parse(&text, dir)).and_then(|module| module.go);
            dir.is_dir().then(|| Arc::new(Module { path: self.path.clone(), dir: dir.clone(), go, others: Vec::new() }))
        };
        self.module.get_or_init(read).clone()
    }
}

/// Where another module stands in for one: a folder, or a path and version.
enum Replacement {
    Folder(PathBuf),
    Module(String, String),
}

/// The build list as it grows.
struct List<'c> {
    cache: &'c Path,
    versions: BTreeMap<String, String>,
    /// By path, and the version if only that one is replaced.
    replaced: FxHashMap<(String, Option<String>), Replacement>,
}

impl List<'_> {
    fn read_replacements(&mut self, text: &str, dir: &Path) {
        for (_, words) in lines(text).into_iter().filter(|(verb, _)| *verb == "replace") {
            let words: Vec<&str> = words.into_iter().map(unquote).collect();
            let Some(arrow) = words.iter().position(|word| *word == "=>") else { continue };
            let new = match &words[arrow + 1..] {
                [path, version] => Replacement::Module((*path).to_owned(), (*version).to_owned()),
                [folder] => Replacement::Folder(normal(&dir.join(folder))),
                _ => continue,
            };
            if let [path, version @ ..] = &words[..arrow] {
                let key = ((*path).to_owned(), version.first().map(|version| (*version).to_owned()));
                self.replaced.entry(key).or_insert(new);
            }
        }
    }

    /// Takes over what the text of a `go.mod` requires; with `all` also what that requires, and so on.
    fn require(&mut self, text: &str, all: bool) {
        let mut todo: Vec<(String, String)> = requirements(text);
        while let Some((path, version)) = todo.pop() {
            let known = self.versions.get(&path);
            if known.is_some_and(|known| compare(known, &version) != Ordering::Less) {
                continue;
            }
            if let Some(text) = all.then(|| self.go_mod(&path, &version)).flatten() {
                todo.extend(requirements(&text));
            }
            self.versions.insert(path, version);
        }
    }

    fn replacement(&self, path: &str, version: &str) -> Option<&Replacement> {
        let exact = self.replaced.get(&(path.to_owned(), Some(version.to_owned())));
        exact.or_else(|| self.replaced.get(&(path.to_owned(), None)))
    }

    /// The `go.mod` of a module, which the cache keeps also where it does not hold the rest.
    fn go_mod(&self, path: &str, version: &str) -> Option<String> {
        let (path, version) = match self.replacement(path, version) {
            Some(Replacement::Folder(dir)) => return read_text(&dir.join("go.mod")),
            Some(Replacement::Module(path, version)) => (path.as_str(), version.as_str()),
            None => (path, version),
        };
        let file = self.cache.join("cache/download").join(escaped(path)).join("@v").join(format!("{}.mod", escaped(version)));
        read_text(&file)
    }

    fn folder(&self, path: &str, version: &str) -> PathBuf {
        let (path, version) = match self.replacement(path, version) {
            Some(Replacement::Folder(dir)) => return dir.clone(),
            Some(Replacement::Module(path, version)) => (path.as_str(), version.as_str()),
            None => (path, version),
        };
        self.cache.join(format!("{}@{}", escaped(path), escaped(version)))
    }
}

fn requirements(text: &str) -> Vec<(String, String)> {
    let requires = lines(text).into_iter().filter(|(verb, _)| *verb == "require");
    let pairs = requires.filter_map(|(_, words)| match words.as_slice() {
        [path, version] => Some((unquote(path).to_owned(), unquote(version).to_owned())),
        _ => None,
    });
    // A path or version that climbs would lead out of the cache.
    pairs
        .filter(|(path, version)| [path, version].iter().all(|text| !text.split('/').any(|part| matches!(part, ".." | "." | ""))))
        .collect()
}

/// How the cache spells a path or a version, for disks that do not tell capital letters from small ones.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_uppercase() {
            out.push('!');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// The order of semantic versions with a `v` in front. What follows `+` has no say.
fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (parts(a), parts(b));
    a.0.cmp(&b.0).then_with(|| match (a.1, b.1) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(a), Some(b)) => a.split('.').map(identifier).cmp(b.split('.').map(identifier)),
    })
}

/// The three numbers, and what follows the dash.
fn parts(version: &str) -> ([u64; 3], Option<&str>) {
    let version = version.trim_start_matches('v').split('+').next().unwrap_or_default();
    let (numbers, rest) = version.split_once('-').map_or((version, None), |(numbers, rest)| (numbers, Some(rest)));
    let mut out = [0; 3];
    for (out, number) in out.iter_mut().zip(numbers.split('.')) {
        *out = number.parse().unwrap_or(0);
    }
    (out, rest)
}

/// Numbers come before words.
fn identifier(text: &str) -> (bool, u64, &str) {
    match text.parse() {
        Ok(number) => (false, number, ""),
        Err(_) => (true, 0, text),
    }
}

/// The folder of the module cache, as the go command would find it: `GOMODCACHE`, else below the first folder of `GOPATH`, else below the
/// home folder's `go`. `None` if there is no such folder.
#[must_use]
pub fn module_cache() -> Option<PathBuf> {
    let home = env::home_dir();
    let kept = kept_settings(home.as_deref()).and_then(|file| read_text(&file)).unwrap_or_default();
    let cache = cache_folder(|name| env::var(name).ok(), &kept, home.as_deref())?;
    (cache.is_absolute() && cache.is_dir()).then_some(cache)
}

fn cache_folder(variable: impl Fn(&str) -> Option<String>, kept: &str, home: Option<&Path>) -> Option<PathBuf> {
    let setting = |name: &str| {
        let of_file = || kept.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned);
        variable(name).filter(|value| !value.is_empty()).or_else(of_file).filter(|value| !value.is_empty())
    };
    if let Some(cache) = setting("GOMODCACHE") {
        return Some(PathBuf::from(cache));
    }
    let path = setting("GOPATH").and_then(|list| env::split_paths(&list).next()).or_else(|| Some(home?.join("go")))?;
    Some(path.join("pkg/mod"))
}

/// The file in which `go env -w` keeps settings.
fn kept_settings(home: Option<&Path>) -> Option<PathBuf> {
    match env::var("GOENV") {
        Ok(off) if off == "off" => return None,
        Ok(file) if !file.is_empty() => return Some(PathBuf::from(file)),
        _ => {}
    }
    let folder = if cfg!(windows) {
        PathBuf::from(env::var_os("AppData")?)
    } else if cfg!(target_os = "macos") {
        home?.join("Library/Application Support")
    } else {
        let set = env::var_os("XDG_CONFIG_HOME").filter(|folder| !folder.is_empty());
        set.map_or_else(|| home.map(|home| home.join(".config")), |folder| Some(PathBuf::from(folder)))?
    };
    Some(folder.join("go/env"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, file: &str, text: &str) {
        let path = root.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn module(root: &Path, text: &str) -> Arc<Module> {
        write(root, "main/go.mod", text);
        Arc::new(Module::parse(text, &root.join("main")).unwrap())
    }

    fn found(deps: &Dependencies, root: &Path, path: &str) -> Vec<String> {
        let shown = |dir: PathBuf| dir.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
        deps.folders_of(path).map(|(module, dir)| format!("{} {}", module.path, shown(dir))).collect()
    }

    #[test]
    fn a_package_is_found_in_the_version_that_is_required() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        write(root, "cache/x.y/!big@v1.2.0/sub/a.go", "package sub\n");
        write(root, "cache/x.y/!big@v1.3.0/sub/a.go", "package sub\n");
        write(root, "cache/x.y/!big/sub@v0.1.0/go.mod", "module x.y/Big/sub\ngo 1.22\nreplace x.y/z => ../../../evil\n");
        let main = module(
            root,
            "module m\ngo 1.21\nrequire (\n\tx.y/Big v1.2.0 // indirect\n\tx.y/Big/sub v0.1.0\n\tx.y/none v1.0.0\n)\n",
        );
        let deps = Dependencies::of(&root.join("cache"), &[main]);
        let expected = ["x.y/Big/sub cache/x.y/!big/sub@v0.1.0", "x.y/Big cache/x.y/!big@v1.2.0/sub"];
        assert_eq!(found(&deps, root, "x.y/Big/sub"), expected);
        assert!(found(&deps, root, "x.y/none").is_empty() && found(&deps, root, "x.y/Bigger").is_empty());
        let (sub, _) = deps.folders_of("x.y/Big/sub").next().unwrap();
        assert_eq!((sub.go, sub.others.len()), (Some((1, 22)), 0));
    }

    #[test]
    fn replacements_lead_elsewhere() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        write(root, "cache/fork@v1.0.0-pre/a.go", "package a\n");
        write(root, "local/a.go", "package a\n");
        write(root, "cache/c@v1.0.0/a.go", "package a\n");
        let text = "module m\ngo 1.21\nrequire a v1.1.0\nrequire b v1.0.0\nrequire c v1.0.0\n\
                    replace (\n\ta => fork v1.0.0-pre\n\tb v1.0.0 => ../local\n\tc v0.9.0 => ../local\n)\n";
        let deps = Dependencies::of(&root.join("cache"), &[module(root, text)]);
        assert_eq!(found(&deps, root, "a"), ["a cache/fork@v1.0.0-pre"]);
        assert_eq!(found(&deps, root, "b"), ["b local"]);
        assert_eq!(found(&deps, root, "c"), ["c cache/c@v1.0.0"]);
    }

    /// `go.mod` files before Go 1.17 name what is imported directly alone.
    #[test]
    fn an_old_module_asks_what_its_requirements_require() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        write(root, "cache/cache/download/a/@v/v1.0.0.mod", "module a\nrequire b v1.1.0\n");
        write(root, "cache/b@v1.0.0/b.go", "package b\n");
        write(root, "cache/b@v1.1.0/b.go", "package b\n");
        let old = "module m\ngo 1.16\nrequire (\n\tb v1.0.0\n\ta v1.0.0\n)\n";
        let deps = Dependencies::of(&root.join("cache"), &[module(root, old)]);
        assert_eq!(found(&deps, root, "b"), ["b cache/b@v1.1.0"]);
        let new = old.replace("1.16", "1.17");
        let deps = Dependencies::of(&root.join("cache"), &[module(root, &new)]);
        assert_eq!(found(&deps, root, "b"), ["b cache/b@v1.0.0"]);
    }

    #[test]
    fn requirements_stay_inside_the_cache() {
        assert!(requirements("module m\nrequire ../../etc v1.0.0\nrequire a ../v1\nrequire /etc v1.0.0\n").is_empty());
    }

    #[test]
    fn versions_have_an_order() {
        let sorted = [
            "v0.0.0-20190101000000-abc",
            "v0.9.0",
            "v1.0.0-alpha",
            "v1.0.0-alpha.1",
            "v1.0.0-rc.2",
            "v1.0.0-rc.10",
            "v1.0.0",
            "v1.10.0",
        ];
        for pair in sorted.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
        assert_eq!(compare("v2.0.0+incompatible", "v2.0.0"), Ordering::Equal);
    }

    #[test]
    fn the_cache_is_where_the_go_command_has_it() {
        let folder = |variables: &[(&str, &str)], kept: &str| {
            let variable = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            cache_folder(variable, kept, Some(Path::new("/home/a"))).unwrap()
        };
        assert_eq!(folder(&[], ""), Path::new("/home/a/go/pkg/mod"));
        assert_eq!(folder(&[("GOPATH", "/p")], ""), Path::new("/p/pkg/mod"));
        assert_eq!(folder(&[("GOPATH", "/p"), ("GOMODCACHE", "/c")], ""), Path::new("/c"));
        assert_eq!(folder(&[("GOPATH", "")], "GOFLAGS=-x\nGOPATH=/q\n"), Path::new("/q/pkg/mod"));
        assert_eq!(folder(&[("GOMODCACHE", "/c")], "GOMODCACHE=/d\n"), Path::new("/c"));
    }
}
