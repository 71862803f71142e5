//! The few lines of `go.mod` that matter here: the module's path and its Go version.

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
}

impl Module {
    /// Reads the text of a `go.mod`. `None` without a `module` line.
    #[must_use]
    pub fn parse(text: &str, dir: &Path) -> Option<Self> {
        let mut path = None;
        let mut go = None;
        let mut block = "";
        for line in text.lines() {
            let line = line.split("//").next().unwrap_or_default();
            let mut words = line.split_whitespace();
            let Some(mut verb) = words.next() else { continue };
            let mut value = words.next();
            if verb == ")" {
                block = "";
                continue;
            }
            if value == Some("(") {
                block = verb;
                continue;
            }
            if !block.is_empty() {
                value = Some(verb);
                verb = block;
            }
            match (verb, value) {
                ("module", Some(value)) if path.is_none() => path = Some(unquote(value).to_owned()),
                ("go", Some(value)) if go.is_none() => go = version(value),
                _ => {}
            }
        }
        path.map(|path| Self { path, dir: dir.to_path_buf(), go })
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

fn unquote(text: &str) -> &str {
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
pub(crate) struct Modules {
    known: FxHashMap<PathBuf, Option<Arc<Module>>>,
}

impl Modules {
    /// The module of the nearest `go.mod` in `dir`, an absolute path, or above it.
    pub(crate) fn of(&mut self, dir: &Path) -> Option<Arc<Module>> {
        let mut found = None;
        let mut fresh = Vec::new();
        for at in dir.ancestors() {
            if let Some(known) = self.known.get(at) {
                found = known.clone();
                break;
            }
            fresh.push(at);
            if let Some(module) = read(at) {
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
    let path = dir.join("go.mod");
    // A pipe of that name would never end.
    if !path.metadata().is_ok_and(|meta| meta.is_file()) {
        return None;
    }
    let bytes = std::fs::read(path).ok()?;
    Module::parse(&String::from_utf8_lossy(&bytes), dir)
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
    fn import_paths() {
        let module = |path: &str| Module { path: path.into(), dir: "/m".into(), go: None };
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
