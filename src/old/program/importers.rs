//! Which packages of a module import which: the way from a function to callers in other packages.
//!
//! Worked out for a whole module at once, the first time that somebody asks; the files are read as far as their imports go.

use super::store::Folders;
use crate::source::{MAX_FILE_BYTES, Module, import_paths};
use ignore::{DirEntry, WalkBuilder, WalkState};
use rustc_hash::{FxHashMap, FxHashSet};
use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use ustr::Ustr;

/// Bytes of a file that are read first: nearly always enough for its imports.
const HEAD: usize = 4 << 10;

/// Folders by the packages that their files import.
#[derive(Default)]
pub(super) struct Importers {
    folders: FxHashMap<Ustr, Vec<PathBuf>>,
    /// What each file imports of the module and its neighbours, by folder and name; plain strings are found quicker than paths.
    files: FxHashMap<OsString, FxHashMap<OsString, Vec<Ustr>>>,
}

impl Importers {
    /// Reads the imports of every file of the module that is no test.
    pub(super) fn of(folders: &Folders, module: &Arc<Module>, overlay: &FxHashMap<PathBuf, String>) -> Self {
        let (sender, receiver) = mpsc::channel();
        // Threads of its own: those of the run may wait for the answer.
        WalkBuilder::new(&module.dir)
            .hidden(false)
            .git_global(false)
            .threads(0)
            .filter_entry(may_hold_code)
            .build_parallel()
            .run(|| {
                let (sender, mut buffer) = (sender.clone(), vec![0; HEAD]);
                Box::new(move |entry| {
                    if let Some(found) = entry.ok().and_then(|entry| path_and_imports(&entry, &mut buffer, overlay)) {
                        // The receiver outlives the walk.
                        let _ = sender.send(found);
                    }
                    WalkState::Continue
                })
            });
        drop(sender);
        let mut out = Self::default();
        for (path, imports) in receiver {
            let keys: Vec<Ustr> = imports.into_iter().filter_map(|import| folders.key_of(module, import)).collect();
            let Some(dir) = path.parent() else { continue };
            for key in &keys {
                out.folders.entry(*key).or_default().push(dir.to_path_buf());
            }
            let name = path.file_name().unwrap_or_default().to_owned();
            out.files.entry(dir.as_os_str().to_owned()).or_default().insert(name, keys);
        }
        for dirs in out.folders.values_mut() {
            dirs.sort_unstable();
            dirs.dedup();
        }
        out
    }

    /// Whether the file is one of those that count.
    pub(super) fn knows(&self, file: &Path) -> bool {
        let (Some(dir), Some(name)) = (file.parent(), file.file_name()) else { return false };
        self.files.get(dir.as_os_str()).is_some_and(|files| files.contains_key(name))
    }

    /// What the files of a folder import of packages in view.
    pub(super) fn imported_in(&self, dir: &Path) -> impl Iterator<Item = Ustr> + '_ {
        self.files.get(dir.as_os_str()).into_iter().flat_map(|files| files.values().flatten().copied())
    }

    /// Takes in what a file imports now; `None` if it is no more.
    pub(super) fn update(&mut self, file: &Path, keys: Option<Vec<Ustr>>) {
        let (Some(dir), Some(name)) = (file.parent(), file.file_name()) else { return };
        let files = self.files.entry(dir.as_os_str().to_owned()).or_default();
        let old = match keys {
            Some(keys) => {
                let before = files.insert(name.to_owned(), keys.clone()).unwrap_or_default();
                before.into_iter().chain(keys).collect()
            }
            None => files.remove(name).unwrap_or_default(),
        };
        let now: FxHashSet<Ustr> = self.imported_in(dir).collect();
        for key in old {
            let dirs = self.folders.entry(key).or_default();
            dirs.retain(|at| at != dir);
            if now.contains(&key) {
                dirs.push(dir.to_path_buf());
                dirs.sort_unstable();
            }
        }
    }

    /// Folders with a file that imports the package.
    pub(super) fn folders(&self, key: Ustr) -> &[PathBuf] {
        self.folders.get(&key).map_or(&[], Vec::as_slice)
    }
}

fn may_hold_code(entry: &DirEntry) -> bool {
    let name = entry.file_name().as_encoded_bytes();
    let skipped = name.starts_with(b"_") || name.starts_with(b".") || name == b"vendor" || name == b"testdata";
    entry.depth() == 0 || !(skipped && entry.file_type().is_some_and(|kind| kind.is_dir()))
}

fn path_and_imports(entry: &DirEntry, buffer: &mut [u8], overlay: &FxHashMap<PathBuf, String>) -> Option<(PathBuf, Vec<Ustr>)> {
    let name = entry.file_name().as_encoded_bytes();
    let is_go = name.ends_with(b".go") && !name.ends_with(b"_test.go") && !name.starts_with(b"_") && !name.starts_with(b".");
    if !is_go || !entry.file_type().is_some_and(|kind| kind.is_file()) {
        return None;
    }
    let imports = match overlay.get(entry.path()) {
        Some(text) => import_paths(text).0,
        None => imports_of(entry.path(), buffer)?,
    };
    Some((entry.path().to_path_buf(), imports))
}

/// What a file imports, as far as it can be read.
pub(super) fn imports_in(path: &Path) -> Option<Vec<Ustr>> {
    imports_of(path, &mut vec![0; HEAD])
}

/// `buffer` takes the head of the file.
fn imports_of(path: &Path, buffer: &mut [u8]) -> Option<Vec<Ustr>> {
    let mut file = std::fs::File::open(path).ok()?;
    let mut len = 0;
    while len < buffer.len() {
        match file.read(&mut buffer[len..]).ok()? {
            0 => break,
            n => len += n,
        }
    }
    let head = &buffer[..len];
    // A head may end within a character.
    let valid = std::str::from_utf8(head).map_or_else(|error| error.valid_up_to(), str::len);
    let (paths, whole) = import_paths(std::str::from_utf8(&head[..valid]).unwrap_or_default());
    if whole || valid == len && len < buffer.len() {
        return Some(paths);
    }
    let mut bytes = head.to_vec();
    // The limit of a file that is analysed holds here too.
    file.take(MAX_FILE_BYTES).read_to_end(&mut bytes).ok()?;
    Some(import_paths(&String::from_utf8_lossy(&bytes)).0)
}
