//! What a run may write, and what the files of a repository may lead to: nothing outside of it, symbolic links included.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// What makes a folder the top of a tree of code.
const MARKS: [&str; 3] = [".git", "go.work", "go.mod"];

/// A text that a repository names is read no further: a device or an endless pipe must not fill the memory.
pub const MAX_TEXT_BYTES: u64 = 64 << 20;

/// Folders that a run may write in, with all below them.
#[derive(Clone, Debug, Default)]
pub struct Bounds {
    /// Without links.
    tops: Vec<PathBuf>,
}

impl Bounds {
    /// The trees around what was named; the current folder, `root`, where nothing was. A path on the command line may lie anywhere, and its
    /// folders may be links; where a link to a file leads is decided by the file's own folder.
    #[must_use]
    pub fn around(paths: &[PathBuf], root: &Path) -> Self {
        let here = [PathBuf::from(".")];
        let paths = if paths.is_empty() { &here } else { paths };
        let mut tops: Vec<PathBuf> = paths.iter().filter_map(|path| top(&folder_of(&root.join(path)))).collect();
        tops.sort();
        tops.dedup();
        Self { tops }
    }

    /// The tree around a folder.
    #[must_use]
    pub fn of(folder: &Path) -> Self {
        Self { tops: top(folder).into_iter().collect() }
    }

    /// Where a file really lies, if that is inside.
    ///
    /// # Errors
    /// When it is not there, or is outside.
    pub fn resolve(&self, file: &Path) -> io::Result<PathBuf> {
        let real = file.canonicalize()?;
        if self.holds(&real) {
            return Ok(real);
        }
        let target = real.display();
        Err(io::Error::other(format!("leads outside the tree, to {target}")))
    }

    /// The same for a file that is yet to be written. A link that leads nowhere is none.
    ///
    /// # Errors
    /// As [`Bounds::resolve`], and where its folder is not there.
    pub fn resolve_new(&self, file: &Path) -> io::Result<PathBuf> {
        if file.symlink_metadata().is_ok() {
            return self.resolve(file);
        }
        let folder = self.resolve(file.parent().unwrap_or(Path::new(".")))?;
        Ok(file.file_name().map_or(folder.clone(), |name| folder.join(name)))
    }

    /// The text of a file that a repository names, or that goleash looks for in it.
    ///
    /// # Errors
    /// When it is outside, or no file, and as [`read_text`].
    pub fn read(&self, file: &Path) -> io::Result<String> {
        let real = self.resolve(file)?;
        // Asked before it is opened: to open a pipe is to wait for a writer.
        if !real.metadata()?.is_file() {
            return Err(io::Error::other("is not a file"));
        }
        read_text(&real)
    }

    /// Whether a path without links is inside. What git keeps for itself is not.
    fn holds(&self, real: &Path) -> bool {
        let below = self.tops.iter().find_map(|top| real.strip_prefix(top).ok());
        below.is_some_and(|below| below.iter().all(|part| part != ".git"))
    }
}

/// The folder of what a path names: `a/...` is all below `a`.
fn folder_of(path: &Path) -> PathBuf {
    let text = path.to_string_lossy();
    let path = text.strip_suffix("...").map_or(path, Path::new);
    if path.is_dir() { path.to_owned() } else { path.parent().unwrap_or(path).to_owned() }
}

/// The nearest folder at or above this one that is the top of a repository or a module; else the folder itself. Without links.
fn top(folder: &Path) -> Option<PathBuf> {
    let real = folder.canonicalize().ok()?;
    let marked = |at: &&Path| MARKS.iter().any(|mark| at.join(mark).symlink_metadata().is_ok());
    Some(real.ancestors().find(marked).unwrap_or(&real).to_owned())
}

/// The text of a file, within reason.
///
/// # Errors
/// When it cannot be read, is too long or is not UTF-8.
pub fn read_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(path)?.take(MAX_TEXT_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_TEXT_BYTES {
        return Err(io::Error::other(format!("is longer than {} MB", MAX_TEXT_BYTES >> 20)));
    }
    Ok(text)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_tree_ends_at_its_repository_or_module() {
        let dir = tempfile::tempdir().unwrap();
        let base = dir.path().canonicalize().unwrap();
        for folder in ["repo/.git", "repo/a/b", "outside", "module/x", "bare/sub"] {
            std::fs::create_dir_all(base.join(folder)).unwrap();
        }
        for file in ["repo/top.go", "repo/a/b/x.go", "repo/.git/config", "outside/y.go", "module/go.mod", "bare/z.go"] {
            std::fs::write(base.join(file), "").unwrap();
        }
        symlink("../../top.go", base.join("repo/a/up.go")).unwrap();
        symlink("../top.go", base.join("repo/a/inside.go")).unwrap();
        symlink("../../outside/y.go", base.join("repo/a/out.go")).unwrap();
        symlink("../../outside", base.join("repo/a/folder")).unwrap();
        symlink("nowhere", base.join("repo/a/dangling.go")).unwrap();
        let bounds = Bounds::around(&[], &base.join("repo/a"));
        let real = |path: &str| bounds.resolve(&base.join(path)).ok().map(|real| real.strip_prefix(&base).unwrap().to_owned());
        assert_eq!(real("repo/a/b/x.go"), Some("repo/a/b/x.go".into()));
        assert_eq!(real("repo/a/inside.go"), Some("repo/top.go".into()));
        for path in ["repo/a/up.go", "repo/a/out.go", "repo/a/folder/y.go", "repo/.git/config", "outside/y.go", "repo/gone.go"] {
            assert_eq!(real(path), None, "{path}");
        }
        assert!(bounds.resolve_new(&base.join("repo/a/new.json")).is_ok());
        for path in ["repo/a/dangling.go", "repo/a/folder/new.json", "repo/.git/new", "outside/new.json", "repo/none/new.json"] {
            assert!(bounds.resolve_new(&base.join(path)).is_err(), "{path}");
        }
        let named = |path: &str| Bounds::around(&[path.into()], &base);
        assert!(named("bare/...").resolve(&base.join("bare/z.go")).is_ok());
        assert!(named("bare/sub").resolve(&base.join("bare/z.go")).is_err());
        assert!(named("repo/a/folder").resolve(&base.join("outside/y.go")).is_ok(), "a folder that was named may be a link");
        assert!(named("repo/a/out.go").resolve(&base.join("outside/y.go")).is_err(), "a file may not");
        assert!(named("module/x").resolve(&base.join("module/go.mod")).is_ok());
    }

    #[test]
    fn devices_are_not_read() {
        assert!(read_text(Path::new("/dev/zero")).is_err());
        let bounds = Bounds::of(Path::new("/dev"));
        assert_eq!(bounds.read(Path::new("/dev/zero")).unwrap_err().to_string(), "is not a file");
        assert!(bounds.read(Path::new("/dev")).is_err());
    }
}
