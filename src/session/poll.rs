//! A look at the files every second, where nobody tells of changes.
//!
//! A file is another one where its time, length or number differs in any way: what is put in its place may well look older than it was.

use notify::event::{Event, EventKind, ModifyKind};
use rustc_hash::FxHashMap;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant, SystemTime};

/// How often files are looked at.
const POLL: Duration = Duration::from_secs(1);

/// The clocks of file systems are no finer than this everywhere: what was written so lately may be written again and look the same.
const YOUNG: Duration = Duration::from_secs(2);

/// Looks at folders and all below them.
pub(super) struct Poller {
    asks: Sender<Ask>,
}

enum Ask {
    Follow(PathBuf, Seen),
    Leave(PathBuf),
}

/// All paths below a folder, and how they looked.
type Seen = FxHashMap<PathBuf, Stamp>;

#[derive(Clone, Copy)]
struct Stamp {
    /// Time, length and number of a file; of a folder, only that it is one.
    look: Option<(SystemTime, u64, u64)>,
    /// Whether it may change and look the same.
    young: bool,
}

impl Stamp {
    const FOLDER: Self = Self { look: None, young: false };

    fn of(file: &Metadata, now: SystemTime) -> Self {
        let time = file.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        // A clock elsewhere may be ahead of ours, and must not make a file young for ever.
        let apart = now.duration_since(time).unwrap_or_else(|ahead| ahead.duration());
        Self { look: Some((time, file.len(), number(file))), young: apart < YOUNG }
    }
}

impl Poller {
    /// Looks from now on, and tells of what came, went or changed.
    pub(super) fn start(tell: Sender<notify::Result<Event>>) -> io::Result<Self> {
        let (asks, asked) = channel();
        let run = move || {
            let mut folders: FxHashMap<PathBuf, Seen> = FxHashMap::default();
            let mut next = Instant::now() + POLL;
            loop {
                match asked.recv_timeout(next.saturating_duration_since(Instant::now())) {
                    Ok(Ask::Follow(dir, seen)) => drop(folders.insert(dir, seen)),
                    Ok(Ask::Leave(dir)) => drop(folders.remove(&dir)),
                    Err(RecvTimeoutError::Disconnected) => return,
                    Err(RecvTimeoutError::Timeout) => {
                        for (dir, seen) in &mut folders {
                            let now = look(dir);
                            let paths = differences(seen, &now);
                            *seen = now;
                            let event = paths.into_iter().fold(Event::new(EventKind::Modify(ModifyKind::Any)), Event::add_path);
                            if !event.paths.is_empty() && tell.send(Ok(event)).is_err() {
                                return;
                            }
                        }
                        next = Instant::now() + POLL;
                    }
                }
            }
        };
        std::thread::Builder::new().name("polling".to_owned()).spawn(run)?;
        Ok(Self { asks })
    }

    /// Follows the folder as it is now. `false` where there is none.
    pub(super) fn follow(&self, dir: &Path) -> bool {
        // The thread ends with this sender, and not before.
        dir.is_dir() && self.asks.send(Ask::Follow(dir.to_owned(), look(dir))).is_ok()
    }

    pub(super) fn leave(&self, dir: &Path) {
        let _ = self.asks.send(Ask::Leave(dir.to_owned()));
    }
}

/// All paths in the folder and below, but for what git keeps.
pub(super) fn below(dir: &Path) -> impl Iterator<Item = PathBuf> {
    look(dir).into_keys()
}

/// What below the folder may have changed since then, or came or went: of the latter, only the folder that it was in is known.
pub(super) fn changed(dir: &Path, since: SystemTime) -> Vec<PathBuf> {
    let late = since.checked_sub(YOUNG).unwrap_or(SystemTime::UNIX_EPOCH);
    below(dir).filter(|path| path.symlink_metadata().is_ok_and(|meta| last(&meta) >= late)).collect()
}

fn look(dir: &Path) -> Seen {
    let now = SystemTime::now();
    let mut seen = Seen::default();
    let mut todo = vec![dir.to_owned()];
    while let Some(dir) = todo.pop() {
        // Whatever cannot be read, or is gone by now, has nothing to tell.
        let Ok(entries) = fs::read_dir(&dir) else { continue };
        for entry in entries.flatten() {
            let (path, kind) = (entry.path(), entry.file_type());
            match kind {
                Ok(kind) if kind.is_dir() && entry.file_name() == ".git" => {
                    // Of all that is in there, this alone says what is looked at.
                    let rules = path.join("info/exclude");
                    if let Ok(file) = rules.metadata() {
                        seen.insert(rules, Stamp::of(&file, now));
                    }
                }
                Ok(kind) if kind.is_dir() => todo.push(path),
                // What a link leads to is what is read; folders behind links are not.
                Ok(_) => {
                    if let Some(file) = path.metadata().ok().filter(Metadata::is_file) {
                        seen.insert(path, Stamp::of(&file, now));
                    }
                }
                Err(_) => {}
            }
        }
        seen.insert(dir, Stamp::FOLDER);
    }
    seen
}

fn differences(old: &Seen, new: &Seen) -> Vec<PathBuf> {
    let changed = |path: &Path, now: &Stamp| old.get(path).is_none_or(|then| then.young || then.look != now.look);
    let mut out: Vec<PathBuf> = new.iter().filter(|(path, now)| changed(path, now)).map(|(path, _)| path.clone()).collect();
    out.extend(old.keys().filter(|path| !new.contains_key(*path)).cloned());
    out.sort();
    out
}

#[cfg(unix)]
fn number(file: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(file)
}

#[cfg(not(unix))]
fn number(_: &Metadata) -> u64 {
    0
}

/// When something last happened to a file, be it that another one was put in its place.
#[cfg(unix)]
fn last(file: &Metadata) -> SystemTime {
    use std::os::unix::fs::MetadataExt as _;
    let changed = u64::try_from(file.ctime()).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_secs(changed)
}

#[cfg(not(unix))]
fn last(file: &Metadata) -> SystemTime {
    file.modified().unwrap_or(SystemTime::UNIX_EPOCH)
}
