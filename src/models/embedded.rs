//! The models that goleash brings along. A file is parsed when one of its packages is first asked for: a program uses a few of them.

use std::sync::{LazyLock, OnceLock};

use rustc_hash::FxHashMap;
use ustr::{Ustr, ustr};

use super::load::Library;
use super::vocabulary::Vocabulary;

macro_rules! files {
    ($($name:literal),* $(,)?) => { &[$(($name, include_str!($name))),*] };
}

/// Name and text of each file. No two of them speak of the same package.
pub(super) const FILES: &[(&str, &str)] = files![
    "std-context.toml",
    "std-http.toml",
    "std-net.toml",
    "std-sync.toml",
    "std-time.toml",
];

const VOCABULARY: &str = include_str!("vocabulary.toml");

/// The embedded files, and which packages are in which.
pub(super) struct Shelf {
    index: FxHashMap<Ustr, usize>,
    libraries: Vec<OnceLock<Library>>,
}

static SHELF: LazyLock<Shelf> = LazyLock::new(|| {
    let mut index = FxHashMap::default();
    for (file, (_, text)) in FILES.iter().enumerate() {
        index.extend(paths_in(text).map(|path| (ustr(path), file)));
    }
    Shelf {
        index,
        libraries: FILES.iter().map(|_| OnceLock::new()).collect(),
    }
});

impl Shelf {
    pub(super) fn get() -> &'static Self {
        &SHELF
    }

    pub(super) fn has(&self, path: Ustr) -> bool {
        self.index.contains_key(&path)
    }

    /// The models of the file that speaks of this package.
    pub(super) fn library(&self, path: Ustr) -> Option<&Library> {
        let &file = self.index.get(&path)?;
        Some(self.libraries.get(file)?.get_or_init(|| parse(FILES[file])))
    }
}

/// A test parses every embedded file, so that an error cannot happen here; without models goleash still works, knowing less.
fn parse((name, text): (&str, &str)) -> Library {
    let parsed = Library::parse(text, name, &[]);
    debug_assert!(parsed.is_ok(), "{parsed:?}");
    parsed.unwrap_or_default()
}

pub(super) fn vocabulary() -> Vocabulary {
    parse(("vocabulary.toml", VOCABULARY))
        .vocabulary
        .unwrap_or_default()
}

/// The import paths that a file's entries name: the strings of its `path = …` lines, found without parsing the rest.
pub(super) fn paths_in(text: &str) -> impl Iterator<Item = &str> {
    let mut in_array = false;
    text.lines()
        .filter(move |line| {
            let wanted = in_array || line.starts_with("path = ");
            if wanted {
                in_array = !line.contains(']') && (in_array || line.contains('['));
            }
            wanted
        })
        .flat_map(|line| line.split('"').skip(1).step_by(2))
}
