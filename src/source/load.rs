//! From one folder's files to the Go packages in it: read, scan, outline.

use super::decode::{MAX_FILE_BYTES, decode};
use super::discover::{FileInput, PackageInput};
use super::gomod::Module;
use super::outline::{Outline, header, import_paths, outline};
use super::scan::{Hit, Scanner};
use super::text::SourceFile;
use crate::lint::suppress::WORD;
use crate::lint::{Problem, ProblemKind};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use ustr::Ustr;

/// Bytes of a file that nearly always hold all of its imports.
const HEAD: usize = 8 << 10;

/// One file of a package. A copy shares what was read.
#[derive(Clone, Debug)]
pub struct FileUnit {
    /// Path and text.
    pub src: Arc<SourceFile>,
    /// Its declarations.
    pub outline: Arc<Outline>,
    /// Where the scanner's tokens stand.
    pub hits: Arc<[Hit]>,
    /// Whether it is a `_test.go` file.
    pub is_test: bool,
    /// Whether findings in it are wanted.
    pub requested: bool,
}

/// One Go package: the files of a folder that share a package clause.
#[derive(Debug)]
pub struct PackageSource {
    /// The folder, as it is shown.
    pub dir_display: String,
    /// Name in the package clauses.
    pub name: Ustr,
    /// How other packages import it; `None` outside a module and for programs and external tests, which nobody can import.
    pub import_path: Option<String>,
    /// Import path of its folder, whether or not it can be imported.
    pub folder_path: Option<String>,
    /// The module it belongs to.
    pub module: Option<Arc<Module>>,
    /// Its files, sorted by name.
    pub files: Vec<FileUnit>,
}

/// Files by path. Paths are hashed and compared folder by folder; as plain strings they are found at once.
pub type Kept = FxHashMap<OsString, FileUnit>;

/// How [`load_with`] departs from [`load`].
#[derive(Clone, Copy, Debug, Default)]
pub struct LoadOptions<'a> {
    /// Return packages without a single hit too, for facts about their functions.
    pub keep_all: bool,
    /// Texts that stand in for files on disk, as an editor holds them.
    pub overlay: Option<&'a FxHashMap<PathBuf, String>>,
    /// Files that were read before and have not changed since.
    pub kept: Option<&'a Kept>,
}

/// What a folder holds.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Its packages, by name.
    pub packages: Vec<PackageSource>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// Bytes read, those of packages without a hit included.
    pub bytes: u64,
    /// What the files import, where none of them has a hit: a function of one of these packages may start what they hand to it.
    pub imports: Vec<Ustr>,
    /// Files with findings to look for in which suppressions may stand.
    pub marked: Vec<Arc<SourceFile>>,
}

/// The packages of one folder in which at least one token was found, by name. Others cost a read and a scan, no more.
#[must_use]
pub fn load(input: &PackageInput, scanner: &Scanner) -> Loaded {
    load_with(input, scanner, LoadOptions::default())
}

/// [`load`] with options.
#[must_use]
pub fn load_with(input: &PackageInput, scanner: &Scanner, options: LoadOptions<'_>) -> Loaded {
    let mut problems = Vec::new();
    let mut read_in_all = 0;
    let mut texts = Vec::with_capacity(input.files.len());
    for file in &input.files {
        if let Some(unit) = options.kept.and_then(|kept| kept.get(file.path.as_os_str())) {
            read_in_all += unit.src.text.len() as u64;
            texts.push(Text::kept(file, unit));
            continue;
        }
        let overlaid = options.overlay.and_then(|overlay| overlay.get(&file.path));
        let bytes = match overlaid {
            Some(text) => Ok(text.clone().into_bytes()),
            None => read(file),
        };
        match bytes {
            Ok(bytes) => {
                read_in_all += bytes.len() as u64;
                let (text, problem) = decode(bytes, &file.display);
                problems.extend(problem);
                let (hits, marked) = scanner.scan_beside(&text, WORD);
                texts.push(Text { file, text, hits, marked, kept: None });
            }
            Err(problem) => problems.push(problem),
        }
    }
    let wanted = |text: &Text<'_>| options.keep_all || text.has_hits();
    if !texts.iter().any(wanted) {
        let mut imports: Vec<Ustr> = texts.iter().flat_map(|text| imports_of(text.text())).collect();
        imports.sort_unstable_by_key(Ustr::as_str);
        imports.dedup();
        let marked = texts.into_iter().filter_map(Text::dropped).collect();
        return Loaded { packages: Vec::new(), problems, bytes: read_in_all, imports, marked };
    }
    let mut packages = Vec::new();
    let mut marked = Vec::new();
    for (key, files) in group(texts) {
        if files.iter().any(wanted) {
            packages.push(package(input, key.name, files, &mut problems, &mut marked));
        } else {
            marked.extend(files.into_iter().filter_map(Text::dropped));
        }
    }
    Loaded { packages, problems, bytes: read_in_all, imports: Vec::new(), marked }
}

/// One text that is no file of a package on disk, as a package of its own.
#[must_use]
pub fn load_text(display: &str, bytes: Vec<u8>, scanner: &Scanner) -> (PackageSource, Vec<Problem>) {
    let is_test = display.ends_with("_test.go");
    let file = FileInput { path: PathBuf::from(display), display: display.to_owned(), is_test, requested: true };
    let input = PackageInput { dir_display: ".".to_owned(), dir: PathBuf::from("."), files: Vec::new(), module: None };
    let mut problems = Vec::new();
    let bytes = if bytes.len() as u64 > MAX_FILE_BYTES {
        problems.push(too_large(&file, bytes.len() as u64));
        Vec::new()
    } else {
        bytes
    };
    let (text, problem) = decode(bytes, display);
    problems.extend(problem);
    let (hits, marked) = scanner.scan_beside(&text, WORD);
    let name = header(&text).package;
    let package =
        package(&input, name, vec![Text { file: &file, text, hits, marked, kept: None }], &mut problems, &mut Vec::new());
    (package, problems)
}

/// A file read and scanned.
struct Text<'i> {
    file: &'i FileInput,
    text: String,
    hits: Vec<Hit>,
    marked: bool,
    /// The file as it was read before; then there is no text.
    kept: Option<FileUnit>,
}

impl<'i> Text<'i> {
    fn kept(file: &'i FileInput, unit: &FileUnit) -> Self {
        let marked = memchr::memmem::find(unit.src.text.as_bytes(), WORD.as_bytes()).is_some();
        Self { file, text: String::new(), hits: Vec::new(), marked, kept: Some(unit.clone()) }
    }

    fn text(&self) -> &str {
        self.kept.as_ref().map_or(&self.text, |unit| &unit.src.text)
    }

    fn has_hits(&self) -> bool {
        self.kept.as_ref().map_or(!self.hits.is_empty(), |unit| !unit.hits.is_empty())
    }

    /// The name in its package clause, and its build constraint.
    fn head(&self) -> (Ustr, Option<String>) {
        match &self.kept {
            Some(unit) => (unit.outline.package, unit.outline.constraint.clone()),
            None => {
                let header = header(&self.text);
                (header.package, header.constraint)
            }
        }
    }

    /// What is left of a file in which no rule can start.
    fn dropped(self) -> Option<Arc<SourceFile>> {
        if let Some(unit) = self.kept {
            return (self.marked && self.file.requested).then_some(unit.src);
        }
        if self.marked && self.file.requested {
            return Some(Arc::new(SourceFile::new(self.file.display.clone(), self.file.path.clone(), self.text)));
        }
        self.recycle();
        None
    }

    fn recycle(self) {
        const KEPT: usize = 256;
        const KEPT_BYTES: usize = 1 << 20;
        let mut bytes = self.text.into_bytes();
        BUFFERS.with_borrow_mut(|buffers| {
            if buffers.len() < KEPT && bytes.capacity() <= KEPT_BYTES {
                bytes.clear();
                buffers.push(bytes);
            }
        });
    }
}

thread_local! {
    /// Most files hold no token and are dropped at once; their memory is kept, because fresh pages cost more than reading into them.
    static BUFFERS: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

fn read(file: &FileInput) -> Result<Vec<u8>, Problem> {
    let mut bytes = BUFFERS.with_borrow_mut(Vec::pop).unwrap_or_default();
    let problem = |error: &std::io::Error| Problem {
        path: file.display.clone(),
        line: None,
        kind: ProblemKind::Unreadable,
        message: format!("cannot be read: {error}"),
    };
    let mut handle = File::open(&file.path).map_err(|error| problem(&error))?;
    let size = handle.metadata().map_err(|error| problem(&error))?.len();
    if size > MAX_FILE_BYTES {
        return Err(too_large(file, size));
    }
    bytes.reserve(usize::try_from(size).unwrap_or(0) + 1);
    // A file that grows while it is read must not fill the memory.
    handle.by_ref().take(MAX_FILE_BYTES).read_to_end(&mut bytes).map_err(|error| problem(&error))?;
    Ok(bytes)
}

fn too_large(file: &FileInput, size: u64) -> Problem {
    let message = format!("not analysed: {size} bytes, more than {} MB", MAX_FILE_BYTES >> 20);
    Problem { path: file.display.clone(), line: None, kind: ProblemKind::Skipped, message }
}

/// The import paths of a file.
fn imports_of(text: &str) -> Vec<Ustr> {
    let mut head = text.len().min(HEAD);
    while !text.is_char_boundary(head) {
        head -= 1;
    }
    let (paths, whole) = import_paths(&text[..head]);
    if whole || head == text.len() { paths } else { import_paths(text).0 }
}

/// What makes files one package.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    name: Ustr,
    /// Set for a file that the go command leaves out of every package: it is a program of its own.
    alone: Option<String>,
}

fn group(texts: Vec<Text<'_>>) -> Vec<(Key, Vec<Text<'_>>)> {
    let mut groups: BTreeMap<(String, Option<String>), (Key, Vec<Text<'_>>)> = BTreeMap::new();
    let mut nameless = Vec::new();
    for text in texts {
        let (package, constraint) = text.head();
        if package.is_empty() {
            nameless.push(text);
            continue;
        }
        let alone = (constraint.as_deref() == Some("ignore")).then(|| text.file.display.clone());
        let sort = (package.to_string(), alone.clone());
        groups.entry(sort).or_insert_with(|| (Key { name: package, alone }, Vec::new())).1.push(text);
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    // A file whose clause is missing or broken goes where most files of the folder are: its declarations are still facts.
    if !nameless.is_empty() {
        let largest = (0..groups.len()).max_by_key(|&index| (groups[index].1.len(), usize::MAX - index));
        match largest {
            Some(index) => groups[index].1.extend(nameless),
            None => groups.push((Key { name: Ustr::default(), alone: None }, nameless)),
        }
    }
    for (_, files) in &mut groups {
        files.sort_by(|a, b| a.file.display.cmp(&b.file.display));
    }
    groups
}

fn package(
    input: &PackageInput,
    name: Ustr,
    texts: Vec<Text<'_>>,
    problems: &mut Vec<Problem>,
    marked: &mut Vec<Arc<SourceFile>>,
) -> PackageSource {
    let mut files = Vec::with_capacity(texts.len());
    for text in texts {
        let FileInput { is_test, requested, .. } = *text.file;
        let (src, outline, hits) = match text.kept {
            Some(unit) => (unit.src, unit.outline, unit.hits),
            None => {
                let mut exact = text.text;
                // Buffers come from a pool and are larger than what they hold.
                exact.shrink_to_fit();
                let src = SourceFile::new(text.file.display.clone(), text.file.path.clone(), exact);
                let outline = Arc::new(outline(&src.text));
                (Arc::new(src), outline, text.hits.into())
            }
        };
        problems.extend(outline.problems.iter().map(|problem| Problem {
            path: src.display.clone(),
            line: Some(src.line_col(problem.span.start).line),
            kind: ProblemKind::Syntax,
            message: problem.message.to_owned(),
        }));
        if text.marked && requested && !outline.generated {
            marked.push(Arc::clone(&src));
        }
        files.push(FileUnit { src, outline, hits, is_test, requested });
    }
    let external = name.ends_with("_test") && files.iter().all(|file| file.is_test);
    let folder_path = input.module.as_ref().and_then(|module| module.import_path_of(&input.dir));
    let import_path = folder_path.clone().filter(|_| !external && name != "main");
    PackageSource { dir_display: input.dir_display.clone(), name, import_path, folder_path, module: input.module.clone(), files }
}

#[cfg(test)]
mod tests {
    use super::super::discover::{DiscoverOptions, discover};
    use super::*;
    use std::fs;
    use std::path::Path;

    fn input(files: &[(&str, &[u8])]) -> (tempfile::TempDir, PackageInput) {
        let dir = tempfile::tempdir().unwrap();
        for (path, bytes) in files {
            fs::write(dir.path().join(path), bytes).unwrap();
        }
        let (packages, problems) = discover(&options(dir.path()));
        assert_eq!(problems, []);
        (dir, packages.into_iter().next().unwrap())
    }

    fn options(root: &Path) -> DiscoverOptions {
        DiscoverOptions {
            paths: Vec::new(),
            root: root.to_path_buf(),
            tests: true,
            exclude: Vec::new(),
            exclude_below: None,
            held: Vec::new(),
            threads: 1,
        }
    }

    fn scanner() -> Scanner {
        Scanner::new(&["go ", ".Go("])
    }

    fn shown(packages: &[PackageSource]) -> Vec<String> {
        let files =
            |package: &PackageSource| package.files.iter().map(|file| file.src.display.clone()).collect::<Vec<_>>().join(" ");
        packages.iter().map(|package| format!("{}: {}", package.name, files(package))).collect()
    }

    const GO: &[u8] = b"package p\nfunc f() {\n\tgo f()\n}\n";

    #[test]
    fn one_folder_can_hold_several_packages() {
        let files: &[(&str, &[u8])] = &[
            ("go.mod", b"module m\n"),
            ("a.go", GO),
            ("b.go", b"package p\n"),
            ("a_test.go", b"package p\n"),
            ("x_test.go", b"package p_test\nfunc f() { go f() }\n"),
            ("gen.go", b"//go:build ignore\n\npackage main\nfunc main() { go f() }\n"),
            ("gen2.go", b"//go:build ignore\n\npackage main\nfunc main() { go f() }\n"),
            ("tool.go", b"package tool\n"),
            ("broken.go", b"packag p\nfunc f() {\n\tgo f()\n}\n"),
        ];
        let (_dir, input) = input(files);
        let Loaded { packages, problems, .. } = load(&input, &scanner());
        let expected = ["main: gen.go", "main: gen2.go", "p: a.go a_test.go b.go broken.go", "p_test: x_test.go"];
        assert_eq!(shown(&packages), expected);
        assert_eq!(packages[2].import_path.as_deref(), Some("m"));
        assert_eq!(packages[3].import_path, None);
        assert!(packages[2].files[1].is_test);
        assert_eq!(problems.len(), 1);
        assert_eq!((problems[0].path.as_str(), problems[0].line), ("broken.go", Some(1)));
        let Loaded { packages, .. } = load_with(&input, &scanner(), LoadOptions { keep_all: true, ..LoadOptions::default() });
        assert_eq!(shown(&packages)[4], "tool: tool.go");
    }

    #[test]
    fn no_hit_no_package() {
        let (_dir, input) = input(&[("a.go", b"package p\n// go f()\n"), ("b.go", b"package p\nfunc (((\n")]);
        assert!(load(&input, &scanner()).packages.is_empty());
        assert!(load(&input, &scanner()).problems.is_empty());
    }

    #[test]
    fn a_file_of_nothing_but_broken_code_is_a_package() {
        let (_dir, input) = input(&[("a.go", b"func f() {\n\tgo f()\n")]);
        let Loaded { packages, problems, .. } = load(&input, &scanner());
        assert_eq!(shown(&packages), [": a.go"]);
        assert_eq!(packages[0].files[0].outline.decls.len(), 1);
        assert_eq!(problems[0].message, "brackets do not match");
    }

    #[test]
    fn overlays_stand_in_for_files() {
        let (_dir, input) = input(&[("a.go", b"package p\n")]);
        let overlay = FxHashMap::from_iter([(input.files[0].path.clone(), String::from_utf8(GO.to_vec()).unwrap())]);
        let Loaded { packages, .. } =
            load_with(&input, &scanner(), LoadOptions { overlay: Some(&overlay), ..LoadOptions::default() });
        assert_eq!(packages[0].files[0].hits.len(), 1);
    }

    #[test]
    fn problems_with_files_are_named_and_the_rest_is_loaded() {
        let (dir, input) =
            input(&[("a.go", GO), ("bad.go", b"package p\n\nvar x = \"\xff\"\n"), ("gone.go", b""), ("large.go", b"")]);
        fs::remove_file(dir.path().join("gone.go")).unwrap();
        File::create(dir.path().join("large.go")).unwrap().set_len(MAX_FILE_BYTES + 1).unwrap();
        let Loaded { packages, problems, .. } = load(&input, &scanner());
        assert_eq!(shown(&packages), ["p: a.go bad.go"]);
        let shown: Vec<_> = problems.iter().map(|problem| (problem.path.as_str(), problem.kind, problem.line)).collect();
        assert_eq!(
            shown,
            [
                ("bad.go", ProblemKind::Encoding, Some(3)),
                ("gone.go", ProblemKind::Unreadable, None),
                ("large.go", ProblemKind::Skipped, None),
            ]
        );
        assert_eq!(problems[2].message, "not analysed: 67108865 bytes, more than 64 MB");
    }

    #[test]
    fn text_from_standard_input() {
        let (package, problems) = load_text("<stdin>", GO.to_vec(), &scanner());
        assert_eq!((package.name.as_str(), package.files.len(), problems), ("p", 1, Vec::new()));
        assert_eq!(package.files[0].src.display, "<stdin>");
        let (package, problems) = load_text("x.go", b"\xff".to_vec(), &scanner());
        assert_eq!((package.name.as_str(), package.files[0].src.text.as_str(), problems.len()), ("", "?", 2));
    }
}
