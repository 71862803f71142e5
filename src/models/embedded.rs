//! The models that goleash brings along. A file is parsed when one of its packages is first asked for: a program uses a few of them.

use std::sync::{LazyLock, OnceLock};

use memchr::memmem;
use rustc_hash::FxHashMap;
use ustr::Ustr;

use super::load::Library;
use super::vocabulary::Vocabulary;

macro_rules! files {
    ($($name:literal),* $(,)?) => { &[$(($name, include_str!($name))),*] };
}

/// Name and text of each file. No two of them speak of the same package.
pub(super) const FILES: &[(&str, &str)] = files![
    "brokers.toml",
    "clock.toml",
    "databases.toml",
    "errgroup.toml",
    "grpc.toml",
    "kubernetes.toml",
    "logging.toml",
    "messaging.toml",
    "observability.toml",
    "quick.toml",
    "redis.toml",
    "services.toml",
    "std-context.toml",
    "std-database.toml",
    "std-encoding.toml",
    "std-http.toml",
    "std-httputil.toml",
    "std-io.toml",
    "std-log.toml",
    "std-net.toml",
    "std-os.toml",
    "std-protocols.toml",
    "std-quick.toml",
    "std-runtime.toml",
    "std-sync.toml",
    "std-testing.toml",
    "std-time.toml",
    "testing.toml",
    "web.toml",
    "websocket.toml",
];

const VOCABULARY: &str = include_str!("vocabulary.toml");

/// The embedded files, and which packages are in which.
pub(super) struct Shelf {
    index: FxHashMap<&'static str, usize>,
    libraries: Vec<OnceLock<Library>>,
}

static SHELF: LazyLock<Shelf> = LazyLock::new(|| {
    let mut index = FxHashMap::default();
    for (file, (_, text)) in FILES.iter().enumerate() {
        index.extend(paths_in(text).map(|path| (path, file)));
    }
    Shelf { index, libraries: FILES.iter().map(|_| OnceLock::new()).collect() }
});

impl Shelf {
    pub(super) fn get() -> &'static Self {
        &SHELF
    }

    /// The models of the file that speaks of this package.
    pub(super) fn library(&self, path: Ustr) -> Option<&Library> {
        let &file = self.index.get(path.as_str())?;
        Some(self.libraries.get(file)?.get_or_init(|| parse(FILES[file])))
    }

    /// Whether some file speaks of this package.
    pub(super) fn knows(&self, path: &str) -> bool {
        self.index.contains_key(path)
    }
}

/// A test parses every embedded file, so that an error cannot happen here; without models goleash still works, knowing less.
fn parse((name, text): (&str, &str)) -> Library {
    let parsed = Library::parse(text, name, &[]);
    debug_assert!(parsed.is_ok(), "{parsed:?}");
    parsed.unwrap_or_default()
}

pub(super) fn vocabulary() -> Vocabulary {
    parse(("vocabulary.toml", VOCABULARY)).vocabulary.unwrap_or_default()
}

/// The import paths that a file's entries name: the strings of its `path = …` lines, found without parsing the rest.
pub(super) fn paths_in(text: &'static str) -> impl Iterator<Item = &'static str> {
    memmem::find_iter(text.as_bytes(), "\npath = ").flat_map(|newline| {
        let value = text.get(newline + "\npath = ".len()..).unwrap_or_default();
        let end = if value.starts_with('[') { value.find(']') } else { value.find('\n') };
        value.get(..end.unwrap_or(value.len())).unwrap_or_default().split('"').skip(1).step_by(2)
    })
}
