//! Which packages of a module import which: the way from a function to callers in other packages.
//!
//! Worked out for a whole module at once, the first time that somebody asks; the files are read as far as their imports go.

use super::store::Folders;
use crate::source::{MAX_FILE_BYTES, Module, import_paths};
use ignore::WalkBuilder;
use rustc_hash::FxHashMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use ustr::Ustr;

/// Bytes of a file that are read first: nearly always enough for its imports.
const HEAD: usize = 8 << 10;

/// Folders by the packages that their files import.
#[derive(Default)]
pub(super) struct Importers {
    folders: FxHashMap<Ustr, Vec<PathBuf>>,
}

impl Importers {
    /// Reads the imports of every file of the module that is no test.
    pub(super) fn of(folders: &Folders, module: &Arc<Module>) -> Self {
        let mut out = Self::default();
        let mut walk = WalkBuilder::new(&module.dir);
        walk.hidden(false).git_global(false).sort_by_file_name(std::ffi::OsStr::cmp).filter_entry(|entry| {
            let name = entry.file_name().as_encoded_bytes();
            let skipped = name.starts_with(b"_") || name.starts_with(b".") || name == b"vendor" || name == b"testdata";
            entry.depth() == 0 || !(skipped && entry.file_type().is_some_and(|kind| kind.is_dir()))
        });
        for entry in walk.build().flatten() {
            let name = entry.file_name().as_encoded_bytes();
            let is_go =
                name.ends_with(b".go") && !name.ends_with(b"_test.go") && !name.starts_with(b"_") && !name.starts_with(b".");
            if is_go && entry.file_type().is_some_and(|kind| kind.is_file()) {
                out.file(folders, module, entry.path());
            }
        }
        out
    }

    fn file(&mut self, folders: &Folders, module: &Arc<Module>, path: &Path) {
        let (Some(imports), Some(dir)) = (imports_of(path), path.parent()) else { return };
        for import in imports {
            let Some(key) = folders.key_of(module, import) else { continue };
            let dirs = self.folders.entry(key).or_default();
            if dirs.last().is_none_or(|last| last != dir) {
                dirs.push(dir.to_path_buf());
            }
        }
    }

    /// Folders with a file that imports the package.
    pub(super) fn folders(&self, key: Ustr) -> &[PathBuf] {
        self.folders.get(&key).map_or(&[], Vec::as_slice)
    }
}

fn imports_of(path: &Path) -> Option<Vec<Ustr>> {
    let mut file = std::fs::File::open(path).ok()?;
    let mut bytes = vec![0; HEAD];
    let mut len = 0;
    while len < bytes.len() {
        match file.read(&mut bytes[len..]).ok()? {
            0 => break,
            n => len += n,
        }
    }
    bytes.truncate(len);
    let (paths, whole) = import_paths(&String::from_utf8_lossy(&bytes));
    if whole || len < HEAD {
        return Some(paths);
    }
    // The limit of a file that is analysed holds here too.
    file.take(MAX_FILE_BYTES).read_to_end(&mut bytes).ok()?;
    Some(import_paths(&String::from_utf8_lossy(&bytes)).0)
}
