//! Hearing of changes on disk: the system's notices, or a look every second where the system has none to give.
//!
//! Architecture invariant: what happened before [`Follower::wait`] returns is in what it returns, or will be told by the next call. So a
//! folder that comes is followed before anybody reads it, and whatever makes notices get lost is `Heard::Everything`.

use super::poll::{self, Poller};
use notify::event::{CreateKind, EventKind, ModifyKind};
use notify::{Config, ErrorKind, Event, RecommendedWatcher, RecursiveMode, Watcher as _};
use rustc_hash::{FxHashMap, FxHashSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant, SystemTime};

/// A burst of changes is waited for no longer than this.
const BURST: Duration = Duration::from_millis(500);

/// Whether the system tells of folders one by one, so that those that come have to be asked for.
const ONE_BY_ONE: bool = cfg!(not(any(target_os = "macos", windows)));

/// What was heard.
#[derive(Debug)]
pub enum Heard {
    /// Something happened to these paths.
    Changed(Vec<PathBuf>),
    /// Too much happened to tell what.
    Everything,
    /// Nothing, for as long as was waited.
    Nothing,
}

/// Who tells of changes.
enum Teller {
    System(RecommendedWatcher),
    Poller(Poller),
    /// Not even a thread could be started.
    Nobody,
}

/// Follows folders.
pub struct Follower {
    teller: Teller,
    notices: Receiver<notify::Result<Event>>,
    sender: Sender<notify::Result<Event>>,
    folders: Vec<PathBuf>,
    /// Folders that are not there, or no more.
    missing: FxHashSet<PathBuf>,
    /// Which folders the others are. Where somebody stands in one that goes, the system does not tell of its end.
    known: FxHashMap<PathBuf, Identity>,
    /// What may have changed before it was followed.
    pending: Vec<PathBuf>,
    /// What the user should know.
    remark: Option<String>,
}

/// What notices told.
#[derive(Default)]
struct Told {
    paths: FxHashSet<PathBuf>,
    /// What may be a folder that was not there before.
    came: FxHashSet<PathBuf>,
    /// Whether some were lost.
    lost: bool,
    /// Why no more will come of some folders.
    limit: Option<String>,
}

impl Follower {
    /// Follows these folders and all below them.
    #[must_use]
    pub fn new(folders: &[PathBuf], poll: bool) -> Self {
        let (sender, notices) = channel();
        let tell = sender.clone();
        let config = Config::default().with_follow_symlinks(false);
        // Who no longer listens has ended.
        let system = (!poll).then(|| RecommendedWatcher::new(move |notice| drop(tell.send(notice)), config));
        let mut follower = Self {
            teller: Teller::Nobody,
            notices,
            sender,
            folders: Vec::new(),
            missing: FxHashSet::default(),
            known: FxHashMap::default(),
            pending: Vec::new(),
            remark: None,
        };
        match system {
            Some(Ok(watcher)) => follower.teller = Teller::System(watcher),
            Some(Err(error)) => follower.look_instead(&format!("the system tells of no changes ({})", cause(&error))),
            None => follower.look(),
        }
        follower.renew(folders);
        follower
    }

    /// What the user should know since this was last asked, as that files are polled.
    pub fn remark(&mut self) -> Option<String> {
        self.remark.take()
    }

    /// Follows these folders from now on. They were read no earlier than `since`; what changed in between is told by the next
    /// [`Follower::wait`].
    pub fn set_folders(&mut self, folders: &[PathBuf], since: SystemTime) {
        if self.folders != folders {
            for dir in self.renew(folders) {
                self.pending.extend(poll::changed(&dir, since));
            }
        }
    }

    /// Follows these folders, and says which of them are new.
    fn renew(&mut self, folders: &[PathBuf]) -> Vec<PathBuf> {
        for gone in self.folders.clone().iter().filter(|dir| !folders.contains(dir)) {
            self.leave(gone);
        }
        let old = std::mem::replace(&mut self.folders, folders.to_vec());
        let new: Vec<PathBuf> = folders.iter().filter(|dir| !old.contains(dir)).cloned().collect();
        for dir in &new {
            self.follow(dir);
        }
        new
    }

    fn follow(&mut self, dir: &Path) {
        if let Some(identity) = identity(dir) {
            self.known.insert(dir.to_path_buf(), identity);
        }
        let there = match &mut self.teller {
            Teller::Poller(poller) => poller.follow(dir),
            Teller::System(watcher) => match watch(watcher, dir) {
                Ok(there) => there,
                Err(reason) => return self.look_instead(&reason),
            },
            Teller::Nobody => true,
        };
        if !there {
            self.missing.insert(dir.to_path_buf());
        }
    }

    fn leave(&mut self, dir: &Path) {
        match &mut self.teller {
            // It may be gone already.
            Teller::System(watcher) => drop(watcher.unwatch(dir)),
            Teller::Poller(poller) => poller.leave(dir),
            Teller::Nobody => {}
        }
    }

    /// Polls from now on, for a reason.
    fn look_instead(&mut self, reason: &str) {
        self.remark = Some(format!("{reason}; files are looked at every second instead"));
        self.look();
    }

    fn look(&mut self) {
        match Poller::start(self.sender.clone()) {
            Ok(poller) => self.teller = Teller::Poller(poller),
            Err(error) => {
                self.teller = Teller::Nobody;
                self.remark = Some(format!("changes of files are not seen: {error}"));
            }
        }
        for dir in self.folders.clone() {
            self.follow(&dir);
        }
    }

    /// Waits for changes, and until none came for `quiet`.
    pub fn wait(&mut self, quiet: Duration, at_most: Duration) -> Heard {
        let returned: Vec<PathBuf> = self.missing.iter().filter(|dir| dir.exists()).cloned().collect();
        for dir in &returned {
            self.missing.remove(dir);
            self.follow(dir);
        }
        if !returned.is_empty() {
            return Heard::Everything;
        }
        let mut told = Told { paths: self.pending.drain(..).collect(), ..Told::default() };
        let at_most = if told.paths.is_empty() { at_most } else { quiet };
        match self.notices.recv_timeout(at_most) {
            Ok(notice) => told.take(notice),
            Err(_) if !told.paths.is_empty() => {}
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return self.lost(),
        }
        let begin = Instant::now();
        while begin.elapsed() < BURST {
            match self.notices.recv_timeout(quiet) {
                Ok(notice) => told.take(notice),
                Err(_) => break,
            }
        }
        let anew = self.keep_up(&mut told);
        match self.lost() {
            Heard::Nothing if anew => Heard::Everything,
            Heard::Nothing if told.paths.is_empty() => Heard::Nothing,
            Heard::Nothing => {
                let mut paths: Vec<PathBuf> = told.paths.into_iter().collect();
                paths.sort();
                Heard::Changed(paths)
            }
            all => all,
        }
    }

    /// Follows what is there now. Tells whether something may have happened that nobody told of.
    fn keep_up(&mut self, told: &mut Told) -> bool {
        if let Some(reason) = &told.limit {
            self.look_instead(reason);
            return true;
        }
        // A folder that something happened to itself may be another one of that name by now, which nobody follows yet.
        let again = |dir: &&PathBuf| (told.lost || told.paths.contains(*dir)) && dir.is_dir();
        let again: Vec<PathBuf> = self.folders.iter().filter(again).cloned().collect();
        for dir in &again {
            if told.paths.contains(dir) {
                self.leave(dir);
            }
            self.follow(dir);
        }
        if told.lost || !again.is_empty() {
            return true;
        }
        let mut came: Vec<&PathBuf> = told.came.iter().filter(|path| is_folder(path)).collect();
        came.sort();
        // One below another comes with it.
        came.dedup_by(|below, above| below.starts_with(above));
        for dir in came {
            let Teller::System(watcher) = &mut self.teller else { break };
            match watch(watcher, dir) {
                // What was written into it before it was followed, nobody has told of.
                Ok(_) => told.paths.extend(poll::below(dir)),
                Err(reason) => {
                    self.look_instead(&reason);
                    return true;
                }
            }
        }
        false
    }

    /// Whether a folder that was followed has gone, be there another in its place.
    fn lost(&mut self) -> Heard {
        let is_gone = |dir: &&PathBuf| !self.missing.contains(*dir) && self.known.get(*dir) != identity(dir).as_ref();
        let gone: Vec<PathBuf> = self.folders.iter().filter(is_gone).cloned().collect();
        for dir in &gone {
            // The system has dropped it by itself.
            self.leave(dir);
        }
        let any = !gone.is_empty();
        self.missing.extend(gone);
        if any { Heard::Everything } else { Heard::Nothing }
    }
}

impl Told {
    fn take(&mut self, notice: notify::Result<Event>) {
        match notice {
            Ok(event) if event.need_rescan() => self.lost = true,
            // Reading is no change; what goleash itself reads would keep it busy for ever.
            Ok(event) if event.kind.is_access() => {}
            Ok(event) => {
                let may_come = matches!(
                    event.kind,
                    EventKind::Create(CreateKind::Folder | CreateKind::Any) | EventKind::Modify(ModifyKind::Name(_))
                );
                if ONE_BY_ONE && may_come {
                    self.came.extend(event.paths.iter().cloned());
                }
                self.paths.extend(event.paths);
            }
            Err(error) if matches!(error.kind, ErrorKind::MaxFilesWatch) => self.limit = Some(cause(&error)),
            Err(_) => self.lost = true,
        }
    }
}

/// Has the system tell of the folder. `false` where there is none; an error is for people.
fn watch(watcher: &mut RecommendedWatcher, dir: &Path) -> Result<bool, String> {
    // Something below may go while it is walked.
    const TRIES: usize = 5;
    let mut last = None;
    for _ in 0..TRIES {
        match watcher.watch(dir, RecursiveMode::Recursive) {
            Ok(()) => return Ok(true),
            Err(_) if !dir.exists() => return Ok(false),
            Err(error) if matches!(error.kind, ErrorKind::PathNotFound) => last = Some(error),
            Err(error) => return Err(cause(&error)),
        }
    }
    Err(last.as_ref().map(cause).unwrap_or_default())
}

/// Why the system does not tell of changes, in a few words.
fn cause(error: &notify::Error) -> String {
    match &error.kind {
        ErrorKind::MaxFilesWatch => "the system's limit of watched folders is reached".to_owned(),
        ErrorKind::Io(error) => error.to_string(),
        _ => error.to_string(),
    }
}

/// What tells a folder from another one of its name.
type Identity = (u64, u64);

#[cfg(unix)]
fn identity(dir: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    dir.metadata().ok().map(|meta| (meta.dev(), meta.ino()))
}

#[cfg(not(unix))]
fn identity(dir: &Path) -> Option<Identity> {
    dir.exists().then_some((0, 0))
}

/// Whether it is a folder that is looked into.
fn is_folder(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|meta| meta.is_dir()) && !path.iter().any(|part| part == ".git")
}
