//! From the paths of a command line to the Go files below them, folder by folder.

use super::gomod::{Module, Modules};
use crate::lint::{Problem, ProblemKind};
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use ignore::{DirEntry, WalkBuilder, WalkState};
use rustc_hash::{FxHashMap, FxHashSet};
use std::fs::FileType;
use std::path::{Component, MAIN_SEPARATOR, Path, PathBuf};
use std::sync::{Arc, mpsc};

/// What to look for, and where.
#[derive(Clone, Debug)]
pub struct DiscoverOptions {
    /// Files, folders and `dir/...` patterns. A folder means the tree below it. Empty means the root.
    pub paths: Vec<PathBuf>,
    /// What relative paths, and the paths shown, are relative to.
    pub root: PathBuf,
    /// Whether `_test.go` files count.
    pub tests: bool,
    /// Patterns in the form of `.gitignore` lines, relative to the root. What they match is not walked into; a file of a package that is
    /// walked stays known to it, but gets no findings. Paths that are named are looked at all the same.
    pub exclude: Vec<String>,
    /// Patterns relative to another folder, which hold for named paths too: a project's own, whoever names the path.
    pub exclude_below: Option<(PathBuf, Vec<String>)>,
    /// Absolute paths of files that are not on disk, whose texts are held elsewhere: they count beside those in their folders, or if named.
    pub held: Vec<PathBuf>,
    /// Threads for the walk; 0 lets the walker choose.
    pub threads: usize,
}

/// One Go file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileInput {
    /// Absolute path.
    pub path: PathBuf,
    /// Path as it is shown.
    pub display: String,
    /// Whether it is a `_test.go` file.
    pub is_test: bool,
    /// Whether findings in it are wanted. Where a single file is named, its siblings are facts only.
    pub requested: bool,
}

/// The Go files of one folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageInput {
    /// The folder, as it is shown; `.` for the root.
    pub dir_display: String,
    /// The folder.
    pub dir: PathBuf,
    /// Its files, sorted by name.
    pub files: Vec<FileInput>,
    /// The module that the folder belongs to.
    pub module: Option<Arc<Module>>,
}

/// Finds the packages. The result depends on the files alone: not on threads, the order of folders, or how a path is spelled.
#[must_use]
pub fn discover(options: &DiscoverOptions) -> (Vec<PackageInput>, Vec<Problem>) {
    let root = normal(&std::path::absolute(&options.root).unwrap_or_else(|_| options.root.clone()));
    let shown_root = root.to_string_lossy().trim_end_matches(MAIN_SEPARATOR).to_owned();
    let exclude_below = match &options.exclude_below {
        Some((dir, lines)) => ignore_lines(dir, lines).0,
        None => Gitignore::empty(),
    };
    let mut search = Search {
        options,
        root,
        shown_root,
        exclude_below,
        listed: FxHashSet::default(),
        walked: Vec::new(),
        found: Vec::new(),
        problems: Vec::new(),
    };
    let here = [PathBuf::from(".")];
    for path in if options.paths.is_empty() { &here } else { options.paths.as_slice() } {
        search.path(path);
    }
    search.held();
    search.finish()
}

/// The Go files of one folder that nobody named, for facts: none of them gets findings. `None` where there are none.
#[must_use]
pub fn folder(dir: &Path, root: &Path, tests: bool, module: Option<Arc<Module>>) -> Option<PackageInput> {
    let shown = |path: &Path| {
        let text = path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace(MAIN_SEPARATOR, "/");
        if text.is_empty() { ".".to_owned() } else { text }
    };
    let mut files: Vec<FileInput> = dir
        .read_dir()
        .ok()?
        .flatten()
        .filter_map(|entry| {
            let path = dir.join(entry.file_name());
            let usable = entry.file_type().is_ok_and(|kind| go_file(&path, kind, tests) == Some(Ok(())));
            usable.then(|| FileInput { display: shown(&path), is_test: is_test(&path), requested: false, path })
        })
        .collect();
    files.sort_by(|a, b| a.display.cmp(&b.display));
    (!files.is_empty()).then(|| PackageInput { dir_display: shown(dir), dir: dir.to_path_buf(), files, module })
}

/// A file found, maybe more than once.
struct Found {
    file: FileInput,
    /// Length of the folder in `file.display`, without the slash.
    dir: usize,
}

impl Found {
    /// Folder first, or `a/b.go` would stand among the files of `a/b`.
    fn key(&self) -> (&str, &str, &Path) {
        (&self.file.display[..self.dir], &self.file.display[self.dir..], &self.file.path)
    }
}

/// What is said of pipes, sockets and devices.
const NO_FILE: &str = "neither a file nor a folder";

struct Search<'o> {
    options: &'o DiscoverOptions,
    root: PathBuf,
    /// The root as text, without a slash at its end.
    shown_root: String,
    exclude_below: Gitignore,
    /// Folders of named files that are listed, and whether with tests.
    listed: FxHashSet<(PathBuf, bool)>,
    /// Folders of which the whole tree is looked at.
    walked: Vec<PathBuf>,
    found: Vec<Found>,
    problems: Vec<Problem>,
}

impl Search<'_> {
    fn path(&mut self, given: &Path) {
        let spelled = given.to_string_lossy();
        let (base, tree) = match spelled.strip_suffix("...") {
            Some("") => (Path::new("."), true),
            Some(base) if base.ends_with(['/', MAIN_SEPARATOR]) => (Path::new(base), true),
            _ => (given, false),
        };
        let path = self.absolute(base);
        match path.metadata() {
            Ok(meta) if meta.is_dir() => self.walk(&path),
            Ok(_) if tree => self.problem(&spelled, "not a folder"),
            Ok(meta) if meta.is_file() && path.extension().is_some_and(|ext| ext == "go") => self.file(&path),
            Ok(meta) if meta.is_file() => self.problem(&spelled, "not a Go file"),
            Ok(_) => self.problem(&spelled, NO_FILE),
            Err(_) if self.options.held.contains(&path) => self.file(&path),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => self.problem(&spelled, "no such file or folder"),
            Err(error) => self.problem(&spelled, &format!("cannot be read: {error}")),
        }
    }

    /// `path` below the root as the root is spelled, even if it was named through a link.
    fn absolute(&self, path: &Path) -> PathBuf {
        let path = normal(&self.root.join(path));
        if path.starts_with(&self.root) {
            return path;
        }
        let real = |path: &Path| path.canonicalize().ok();
        match (real(&path), real(&self.root)) {
            (Some(path), Some(root)) if path.starts_with(&root) => {
                normal(&self.root.join(path.strip_prefix(&root).unwrap_or(&path)))
            }
            _ => path,
        }
    }

    /// A named file, and its package for the facts.
    fn file(&mut self, path: &Path) {
        let Some(dir) = path.parent() else { return };
        let tests = self.options.tests || is_test(path);
        let new = self.listed.insert((dir.to_path_buf(), tests));
        match dir.read_dir() {
            Ok(_) if !new => {}
            Ok(entries) => {
                for entry in entries.flatten() {
                    let sibling = dir.join(entry.file_name());
                    if entry.file_type().is_ok_and(|kind| go_file(&sibling, kind, tests) == Some(Ok(()))) {
                        self.add(sibling, false);
                    }
                }
            }
            // A file that is held may be all that is left of its folder.
            Err(_) if self.options.held.iter().any(|held| held == path) => {}
            Err(error) => self.problem(&self.display(dir), &format!("cannot be listed: {error}")),
        }
        self.add(path.to_path_buf(), !is_below(&self.exclude_below, path));
    }

    /// Files that are held belong to their folders like all others.
    fn held(&mut self) {
        let held = &self.options.held;
        if held.is_empty() {
            return;
        }
        let mut folders: FxHashMap<PathBuf, bool> = FxHashMap::default();
        for found in &self.found {
            let folder = found.file.path.parent().unwrap_or(&self.root);
            *folders.entry(folder.to_owned()).or_default() |= found.file.requested;
        }
        let exclude = self.excluded();
        for path in held.iter().filter(|path| is_go_name(path, self.options.tests)) {
            // A tree that is walked has folders of which nothing is left on disk.
            let walked = self.walked.iter().filter_map(|top| path.parent()?.strip_prefix(top).ok());
            let in_tree = walked.into_iter().any(|below| !below.iter().any(|part| is_passed_over(part.as_encoded_bytes())));
            let Some(near) = path.parent().and_then(|dir| folders.get(dir)).copied().or(in_tree.then_some(true)) else {
                continue;
            };
            self.add(path.clone(), near && !is_below(&exclude, path) && !is_below(&self.exclude_below, path));
        }
    }

    fn walk(&mut self, top: &Path) {
        self.walked.push(top.to_path_buf());
        let exclude = self.excluded();
        let skip = [exclude.clone(), self.exclude_below.clone()];
        let mut builder = WalkBuilder::new(top);
        builder
            // Whether a name counts is the go command's to say, below.
            .hidden(false)
            // What the user keeps outside the project must not change the result.
            .git_global(false)
            .threads(self.options.threads)
            .filter_entry(move |entry| !is_skipped_dir(entry, &skip));
        let (sender, receiver) = mpsc::channel();
        let tests = self.options.tests;
        builder.build_parallel().run(|| {
            let sender = sender.clone();
            Box::new(move |entry| {
                let item = match entry {
                    Ok(entry) => match entry.file_type().and_then(|kind| go_file(entry.path(), kind, tests)) {
                        Some(readable) => Ok((entry.into_path(), readable)),
                        None => return WalkState::Continue,
                    },
                    Err(error) => Err(error),
                };
                // The receiver outlives the walk.
                let _ = sender.send(item);
                WalkState::Continue
            })
        });
        drop(sender);
        for item in receiver {
            match item {
                Ok((path, readable)) => {
                    let requested = !exclude.matched(&path, false).is_ignore() && !is_below(&self.exclude_below, &path);
                    match readable {
                        Ok(()) => self.add(path, requested),
                        Err(reason) if requested => self.problem(&self.display(&path), &reason),
                        Err(_) => {}
                    }
                }
                Err(error) => self.walk_error(&error, top),
            }
        }
    }

    fn excluded(&mut self) -> Gitignore {
        let (globs, problems) = ignore_lines(&self.root, &self.options.exclude);
        self.problems.extend(problems);
        globs
    }

    fn walk_error(&mut self, error: &ignore::Error, top: &Path) {
        let path = error_path(error).unwrap_or(top);
        let reason = error.io_error().map_or_else(|| error.to_string(), std::io::Error::to_string);
        self.problem(&self.display(path), &format!("cannot be read: {reason}"));
    }

    fn add(&mut self, path: PathBuf, requested: bool) {
        let display = self.display(&path);
        let dir = display.rfind('/').unwrap_or(0);
        let is_test = is_test(&path);
        self.found.push(Found { file: FileInput { path, display, is_test, requested }, dir });
    }

    /// `path` relative to the root if it lies below, else absolute; always with `/`.
    fn display(&self, path: &Path) -> String {
        let text = path.to_string_lossy();
        let shown = match text.strip_prefix(&self.shown_root) {
            Some("") => ".",
            Some(rest) => rest.strip_prefix(MAIN_SEPARATOR).unwrap_or(&text),
            None => &text,
        };
        if cfg!(windows) { shown.replace('\\', "/") } else { shown.to_owned() }
    }

    fn problem(&mut self, path: &str, message: &str) {
        let message = message.to_owned();
        self.problems.push(Problem { path: path.to_owned(), line: None, kind: ProblemKind::Unreadable, message });
    }

    fn finish(mut self) -> (Vec<PackageInput>, Vec<Problem>) {
        self.found.sort_unstable_by(|a, b| a.key().cmp(&b.key()));
        self.found.dedup_by(|later, first| {
            let same = later.file.path == first.file.path;
            first.file.requested |= same && later.file.requested;
            same
        });
        let mut modules = Modules::default();
        let mut packages: Vec<PackageInput> = Vec::new();
        for Found { file, .. } in self.found.drain(..) {
            let Some(dir) = file.path.parent() else { continue };
            match packages.last_mut().filter(|package| package.dir.as_os_str() == dir.as_os_str()) {
                Some(package) => package.files.push(file),
                None => packages.push(PackageInput {
                    dir_display: String::new(),
                    dir: dir.to_path_buf(),
                    files: vec![file],
                    module: None,
                }),
            }
        }
        packages.retain(|package| package.files.iter().any(|file| file.requested));
        for package in &mut packages {
            package.dir_display = self.display(&package.dir);
            package.module = modules.of(&package.dir);
        }
        packages.sort_by(|a, b| a.dir_display.cmp(&b.dir_display));
        self.problems.sort();
        self.problems.dedup();
        (packages, self.problems)
    }
}

/// The patterns of these lines, and what is wrong with the others.
fn ignore_lines(dir: &Path, lines: &[String]) -> (Gitignore, Vec<Problem>) {
    let mut builder = GitignoreBuilder::new(dir);
    let mut problems = Vec::new();
    for line in lines {
        if let Err(error) = builder.add_line(None, line) {
            let message = format!("exclude pattern `{line}` is not valid: {error}");
            problems.push(Problem { path: line.clone(), line: None, kind: ProblemKind::Unreadable, message });
        }
    }
    (builder.build().unwrap_or_else(|_| Gitignore::empty()), problems)
}

/// Whether the patterns match a path or a folder that it lies in.
fn is_below(globs: &Gitignore, path: &Path) -> bool {
    let relative = path.strip_prefix(globs.path()).ok();
    !globs.is_empty() && relative.is_some_and(|path| globs.matched_path_or_any_parents(path, false).is_ignore())
}

/// Folders below a named one that the go command passes over in `./...`, and what the user excludes.
fn is_skipped_dir(entry: &DirEntry, exclude: &[Gitignore]) -> bool {
    if entry.depth() == 0 || !entry.file_type().is_some_and(|kind| kind.is_dir()) {
        return false;
    }
    let name = entry.file_name().as_encoded_bytes();
    is_passed_over(name) || exclude.iter().any(|globs| globs.matched(entry.path(), true).is_ignore())
}

fn is_passed_over(folder: &[u8]) -> bool {
    folder.starts_with(b"_") || folder.starts_with(b".") || folder == b"vendor" || folder == b"testdata"
}

/// Whether the name is a Go file's; if so, why it cannot be read if it cannot. The go command follows links to files, not to folders.
fn go_file(path: &Path, kind: FileType, tests: bool) -> Option<Result<(), String>> {
    if !is_go_name(path, tests) {
        return None;
    }
    if kind.is_file() {
        return Some(Ok(()));
    }
    match path.metadata() {
        Ok(meta) if meta.is_dir() => None,
        Ok(meta) if meta.is_file() => Some(Ok(())),
        // A pipe would never end.
        Ok(_) => Some(Err(NO_FILE.to_owned())),
        Err(error) => Some(Err(format!("cannot be read: {error}"))),
    }
}

fn is_go_name(path: &Path, tests: bool) -> bool {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    name.ends_with(b".go") && !name.starts_with(b"_") && !name.starts_with(b".") && (tests || !is_test(path))
}

fn is_test(path: &Path) -> bool {
    path.file_name().unwrap_or_default().as_encoded_bytes().ends_with(b"_test.go")
}

fn error_path(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => error_path(err),
        ignore::Error::Partial(errors) => errors.iter().find_map(error_path),
        _ => None,
    }
}

/// `path` without `.` and `..`, by its spelling alone.
pub(crate) fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// A folder with the given files, each a Go file or, by its name, a `go.mod` or `.gitignore`.
    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        dir
    }

    fn options(root: &Path, paths: &[&str]) -> DiscoverOptions {
        let paths = paths.iter().map(PathBuf::from).collect();
        DiscoverOptions {
            paths,
            root: root.to_path_buf(),
            tests: false,
            exclude: Vec::new(),
            exclude_below: None,
            held: Vec::new(),
            threads: 2,
        }
    }

    /// Display paths; in parentheses what is facts only.
    fn files(options: &DiscoverOptions) -> Vec<String> {
        let (packages, problems) = discover(options);
        assert_eq!(problems, []);
        let show = |file: &FileInput| if file.requested { file.display.clone() } else { format!("({})", file.display) };
        packages.iter().flat_map(|package| package.files.iter().map(show)).collect()
    }

    const TREE: &[(&str, &str)] = &[
        ("go.mod", "module m.x/y\ngo 1.23\n"),
        ("b.go", ""),
        ("a.go", ""),
        ("a_test.go", ""),
        ("a_linux.go", ""),
        ("README.md", ""),
        ("_c.go", ""),
        (".d.go", ""),
        ("z/e.go", ""),
        ("z-1/f.go", ""),
        ("cmd/tool/g.go", ""),
        ("vendor/v/h.go", ""),
        ("z/testdata/i.go", ""),
        ("_x/j.go", ""),
        (".y/k.go", ""),
        ("nested/go.mod", "module other\n"),
        ("nested/sub/l.go", ""),
        ("only_test/m_test.go", ""),
    ];

    const FOUND: &[&str] = &["a.go", "a_linux.go", "b.go", "cmd/tool/g.go", "nested/sub/l.go", "z/e.go", "z-1/f.go"];

    #[test]
    fn however_the_path_is_spelled() {
        let dir = tree(TREE);
        let root = dir.path();
        let absolute = root.to_string_lossy().into_owned();
        let pattern = format!("{absolute}/...");
        for paths in [
            &[][..],
            &["."],
            &["./"],
            &["./..."],
            &["..."],
            &[&absolute],
            &[&pattern],
            &["z/.."],
            &[".", "z", "./z/e.go"],
            &["z", "."],
        ] {
            assert_eq!(files(&options(root, paths)), FOUND, "{paths:?}");
        }
        for threads in [0, 1, 7] {
            assert_eq!(files(&DiscoverOptions { threads, ..options(root, &[]) }), FOUND);
        }
    }

    #[test]
    fn tests_count_when_asked_for() {
        let dir = tree(TREE);
        let found = files(&DiscoverOptions { tests: true, ..options(dir.path(), &[]) });
        assert!(found.contains(&"a_test.go".to_owned()) && found.contains(&"only_test/m_test.go".to_owned()));
        assert_eq!(files(&options(dir.path(), &["only_test/m_test.go"])), ["only_test/m_test.go"]);
    }

    #[test]
    fn a_named_file_has_its_package_for_the_facts() {
        let dir = tree(TREE);
        assert_eq!(files(&options(dir.path(), &["b.go"])), ["(a.go)", "(a_linux.go)", "b.go"]);
        assert_eq!(files(&options(dir.path(), &["a_test.go"])), ["(a.go)", "(a_linux.go)", "a_test.go", "(b.go)"]);
        assert_eq!(files(&options(dir.path(), &["_c.go"])), ["_c.go", "(a.go)", "(a_linux.go)", "(b.go)"]);
    }

    #[test]
    fn a_folder_that_is_named_is_looked_into() {
        let dir = tree(TREE);
        assert_eq!(
            files(&options(dir.path(), &["vendor", "z/testdata", "_x/...", ".y"])),
            [".y/k.go", "_x/j.go", "vendor/v/h.go", "z/testdata/i.go"]
        );
    }

    #[test]
    fn outside_the_root_paths_are_absolute() {
        let dir = tree(TREE);
        let expected = format!("{}/z/e.go", dir.path().display());
        assert_eq!(files(&options(&dir.path().join("cmd"), &["../z"])), [expected]);
    }

    #[test]
    fn modules() {
        let dir = tree(TREE);
        let (packages, _) = discover(&options(dir.path(), &[]));
        let import = |package: &PackageInput| package.module.as_ref().unwrap().import_path_of(&package.dir).unwrap();
        let shown: Vec<_> = packages.iter().map(|package| (package.dir_display.as_str(), import(package))).collect();
        let expected =
            [(".", "m.x/y"), ("cmd/tool", "m.x/y/cmd/tool"), ("nested/sub", "other/sub"), ("z", "m.x/y/z"), ("z-1", "m.x/y/z-1")];
        assert_eq!(shown, expected.map(|(dir, path)| (dir, path.to_owned())));
    }

    #[test]
    fn what_is_excluded_is_fact_or_not_walked() {
        let dir = tree(TREE);
        let exclude = ["a_*.go", "/z/", "cmd/**"].map(str::to_owned).to_vec();
        let found = files(&DiscoverOptions { exclude, ..options(dir.path(), &[]) });
        assert_eq!(found, ["a.go", "(a_linux.go)", "b.go", "nested/sub/l.go", "z-1/f.go"]);
        let (_, problems) = discover(&DiscoverOptions { exclude: vec!["a{b".into()], ..options(dir.path(), &[]) });
        assert!(problems[0].message.contains("exclude pattern `a{b` is not valid"), "{problems:?}");
    }

    #[test]
    fn gitignore_is_respected() {
        let dir =
            tree(&[(".git/config", ""), (".gitignore", "gen/\n*.pb.go\n"), ("a.go", ""), ("b.pb.go", ""), ("gen/c.go", "")]);
        assert_eq!(files(&options(dir.path(), &[])), ["a.go"]);
    }

    #[test]
    fn what_is_not_there_is_named() {
        let dir = tree(TREE);
        let (packages, problems) = discover(&options(dir.path(), &["nope", "nope/...", "README.md", "a.go/...", "z"]));
        assert_eq!(packages.len(), 1);
        let shown: Vec<_> = problems.iter().map(|problem| (problem.path.as_str(), problem.message.as_str())).collect();
        assert_eq!(
            shown,
            [
                ("README.md", "not a Go file"),
                ("a.go/...", "not a folder"),
                ("nope", "no such file or folder"),
                ("nope/...", "no such file or folder"),
            ]
        );
    }

    #[cfg(unix)]
    #[test]
    fn links_to_files_count_and_loops_do_not_hang() {
        use std::os::unix::fs::symlink;
        let dir = tree(&[("a/a.go", ""), ("b/b.go", "")]);
        symlink(dir.path(), dir.path().join("a/loop")).unwrap();
        symlink("../b/b.go", dir.path().join("a/linked.go")).unwrap();
        assert_eq!(files(&options(dir.path(), &[])), ["a/a.go", "a/linked.go", "b/b.go"]);
        symlink(dir.path(), dir.path().join("b/here")).unwrap();
        assert_eq!(files(&options(dir.path(), &["b/here/a/a.go"])), ["b/here/a/a.go", "(b/here/a/linked.go)"]);
    }

    #[test]
    #[cfg(unix)]
    fn links_to_nowhere_are_named() {
        use std::os::unix::fs::symlink;
        let dir = tree(&[("a/a.go", "")]);
        symlink("nowhere.go", dir.path().join("a/dangling.go")).unwrap();
        symlink("self.go", dir.path().join("a/self.go")).unwrap();
        let (packages, problems) = discover(&options(dir.path(), &[]));
        assert_eq!(packages.len(), 1);
        let named: Vec<&str> = problems.iter().map(|p| p.path.as_str()).collect();
        assert_eq!(named, ["a/dangling.go", "a/self.go"]);
    }
}
