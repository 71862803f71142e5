//! The few lines of `go.mod` and `go.work` that matter here: the module's path, its Go version, and where other modules lie.

use super::discover::normal;
use rustc_hash::FxHashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One Go module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// The path that imports of its packages begin with.
    pub path: String,
    /// The folder of its `go.mod`.
    pub dir: PathBuf,
    /// Major and minor version of the `go` line.
    pub go: Option<(u16, u16)>,
    /// Modules that lie in folders: those that a `replace` line puts there, and those of the same `go.work`.
    pub others: Vec<(String, PathBuf)>,
}

impl Module {
    /// Reads the text of a `go.mod`. `None` without a `module` line.
    #[must_use]
    pub fn parse(text: &str, dir: &Path) -> Option<Self> {
        let mut path = None;
        let mut go = None;
        let mut others = Vec::new();
        for (verb, values) in lines(text) {
            match (verb, values.as_slice()) {
                ("module", [value, ..]) if path.is_none() => path = Some(unquote(value).to_owned()),
                ("go", [value, ..]) if go.is_none() => go = version(value),
                ("replace", values) => others.extend(replaced(values, dir)),
                _ => {}
            }
        }
        path.map(|path| Self { path, dir: dir.to_path_buf(), go, others })
    }

    /// Folders in which the package of an import path may lie, best first: in this module, in one that lies in a folder, in `vendor`.
    #[must_use]
    pub fn folders_of(&self, path: &str) -> Vec<PathBuf> {
        let mut out = Vec::new();
        if let Some(rest) = below(path, &self.path) {
            out.push(self.dir.join(rest));
        } else if self.path == "std" {
            out.push(self.dir.join(path));
        }
        // Of modules inside each other the innermost holds the package.
        let mut others: Vec<_> =
            self.others.iter().filter_map(|(m, dir)| below(path, m).map(|rest| (m.len(), dir.join(rest)))).collect();
        others.sort_by(|a, b| b.cmp(a));
        out.extend(others.into_iter().map(|(_, dir)| dir));
        out.push(self.dir.join("vendor").join(path));
        out
    }

    /// The import path of the package in `dir`, a folder of this module. The modules `std` and `cmd` are Go's own: packages of the
    /// first are imported without its name.
    #[must_use]
    pub fn import_path_of(&self, dir: &Path) -> Option<String> {
        let rest = dir.strip_prefix(&self.dir).ok()?;
        let mut parts: Vec<_> = rest.iter().map(|part| part.to_string_lossy()).collect();
        if self.path != "std" || parts.is_empty() {
            parts.insert(0, self.path.as_str().into());
        }
        Some(parts.join("/"))
    }
}

/// What is left of an import path below a module's, if it lies there.
pub(super) fn below<'p>(path: &'p str, module: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(module)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

/// Verbs and their words, with the verb of a group before each of its lines.
pub(super) fn lines(text: &str) -> Vec<(&str, Vec<&str>)> {
    let mut out = Vec::new();
    let mut block = "";
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or_default();
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [] => {}
            [")", ..] => block = "",
            [verb, "(", ..] => block = verb,
            [verb, rest @ ..] if block.is_empty() => out.push((*verb, rest.to_vec())),
            words => out.push((block, words.to_vec())),
        }
    }
    out
}

/// `old v1 => ../new`: a module that lies in a folder. Others are not on this disk as far as anybody here knows.
fn replaced(words: &[&str], dir: &Path) -> Option<(String, PathBuf)> {
    let arrow = words.iter().position(|w| *w == "=>")?;
    let target = unquote(words.get(arrow + 1)?);
    (target.starts_with("./") || target.starts_with("../")).then(|| (unquote(words[0]).to_owned(), normal(&dir.join(target))))
}

/// The modules that the nearest `go.work` in the folder or above it uses.
fn workspace(dir: &Path) -> Vec<(String, PathBuf)> {
    let Some((at, text)) = dir.ancestors().find_map(|at| Some((at, read_text(&at.join("go.work"))?))) else { return Vec::new() };
    let mut out = Vec::new();
    for (verb, words) in lines(&text) {
        match (verb, words.as_slice()) {
            ("use", [folder, ..]) => {
                let folder = normal(&at.join(unquote(folder)));
                let module = read_text(&folder.join("go.mod")).and_then(|text| Module::parse(&text, &folder));
                out.extend(module.map(|m| (m.path, folder)));
            }
            ("replace", words) => out.extend(replaced(words, at)),
            _ => {}
        }
    }
    out
}

pub(super) fn unquote(text: &str) -> &str {
    text.trim_matches(['"', '`'])
}

/// `1.23`, `1.23.4` and `1.23rc1` are all 1.23.
fn version(text: &str) -> Option<(u16, u16)> {
    let (major, rest) = text.split_once('.')?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    Some((major.parse().ok()?, rest[..digits].parse().ok()?))
}

/// Finds the module of a folder, reading each `go.mod` once.
#[derive(Debug, Default)]
pub struct Modules {
    known: FxHashMap<PathBuf, Option<Arc<Module>>>,
}

impl Modules {
    /// The module of the nearest `go.mod` in `dir`, an absolute path, or above it.
    pub fn of(&mut self, dir: &Path) -> Option<Arc<Module>> {
        let mut found = None;
        let mut fresh = Vec::new();
        for at in dir.ancestors() {
            if let Some(known) = self.known.get(at) {
                found = known.clone();
                break;
            }
            fresh.push(at);
            if let Some(mut module) = read(at) {
                module.others.extend(workspace(at));
                found = Some(Arc::new(module));
                break;
            }
        }
        for at in fresh {
            self.known.insert(at.to_path_buf(), found.clone());
        }
        found
    }
}

fn read(dir: &Path) -> Option<Module> {
    Module::parse(&read_text(&dir.join("go.mod"))?, dir)
}

pub(super) fn read_text(path: &Path) -> Option<String> {
    // A pipe of that name would never end.
    if !path.metadata().is_ok_and(|meta| meta.is_file()) {
        return None;
    }
    Some(String::from_utf8_lossy(&std::fs::read(path).ok()?).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (String, Option<(u16, u16)>) {
        let module = Module::parse(text, Path::new("/m")).unwrap();
        (module.path, module.go)
    }

    #[test]
    fn versions() {
        assert_eq!(parse("module a.b/c\n\ngo 1.23\n"), ("a.b/c".into(), Some((1, 23))));
        assert_eq!(parse("module a // x\r\ngo 1.23.4 // y\r\n").1, Some((1, 23)));
        assert_eq!(parse("module a\ngo 1.21rc2\ntoolchain go1.24.0\n").1, Some((1, 21)));
        assert_eq!(parse("module a\ngo one\n").1, None);
        assert_eq!(parse("// go 1.20\nmodule a\n").1, None);
        assert_eq!(Module::parse("go 1.20\n", Path::new("/m")), None);
    }

    #[test]
    fn blocks_and_quotes() {
        assert_eq!(parse("module (\n\t\"a/b\"\n)\nrequire (\n\tgo 1.1\n)\ngo 1.22"), ("a/b".into(), Some((1, 22))));
    }

    #[test]
    fn modules_in_folders() {
        let text = "module a.b/c\nreplace (\n\tx.y/z v1.0.0 => ../z\n\tx.y/w => x.y/v v1.2.3\n)\nreplace x.y/z/deep => ./deep\n";
        let module = Module::parse(text, Path::new("/m")).unwrap();
        let first = |path: &str| module.folders_of(path).remove(0);
        assert_eq!(first("a.b/c/d"), Path::new("/m/d"));
        assert_eq!(first("a.b/c"), Path::new("/m"));
        assert_eq!(first("x.y/z/q"), Path::new("/z/q"));
        assert_eq!(first("x.y/z/deep/q"), Path::new("/m/deep/q"));
        assert_eq!(first("x.y/w"), Path::new("/m/vendor/x.y/w"));
        assert_eq!(first("a.b/cd"), Path::new("/m/vendor/a.b/cd"));
    }

    #[test]
    fn a_workspace_names_its_modules() {
        let root = tempfile::tempdir().unwrap();
        for (dir, name) in [("one", "m.n/one"), ("two", "m.n/two")] {
            std::fs::create_dir_all(root.path().join(dir)).unwrap();
            std::fs::write(root.path().join(dir).join("go.mod"), format!("module {name}\n")).unwrap();
        }
        std::fs::write(root.path().join("go.work"), "go 1.23\nuse (\n\t./one\n\t./two\n)\n").unwrap();
        let module = Modules::default().of(&root.path().join("one")).unwrap();
        assert_eq!(module.folders_of("m.n/two/p")[0], root.path().join("two/p"));
    }

    #[test]
    fn import_paths() {
        let module = |path: &str| Module { path: path.into(), dir: "/m".into(), go: None, others: Vec::new() };
        assert_eq!(module("a/b").import_path_of(Path::new("/m/x/y")).as_deref(), Some("a/b/x/y"));
        assert_eq!(module("a/b").import_path_of(Path::new("/m")).as_deref(), Some("a/b"));
        assert_eq!(module("a/b").import_path_of(Path::new("/n")), None);
        assert_eq!(module("std").import_path_of(Path::new("/m/net/http")).as_deref(), Some("net/http"));
    }

    #[test]
    fn a_nested_module_wins() {
        let root = tempfile::tempdir().unwrap();
        let deep = root.path().join("a/b/c");
        std::fs::create_dir_all(&deep).unwrap();
        std::fs::write(root.path().join("go.mod"), "module outer\n").unwrap();
        std::fs::write(root.path().join("a/b/go.mod"), "module inner\n").unwrap();
        let mut modules = Modules::default();
        assert_eq!(modules.of(&deep).unwrap().path, "inner");
        assert_eq!(modules.of(&root.path().join("a")).unwrap().path, "outer");
        assert_eq!(modules.of(&deep).unwrap().import_path_of(&deep).as_deref(), Some("inner/c"));
    }
}
