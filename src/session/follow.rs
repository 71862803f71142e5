//! Hearing of changes on disk: the system's notices, or a look every second where the system has no more of them to give.

use notify::{Config, ErrorKind, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher};
use rustc_hash::FxHashSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// How often files are looked at where nobody tells of changes.
const POLL: Duration = Duration::from_secs(1);

/// A burst of changes is waited for no longer than this.
const BURST: Duration = Duration::from_millis(500);

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

/// Follows folders.
pub struct Follower {
    watcher: Box<dyn Watcher + Send>,
    notices: Receiver<notify::Result<notify::Event>>,
    sender: Sender<notify::Result<notify::Event>>,
    polling: bool,
    folders: Vec<PathBuf>,
    /// Folders that are not there, or no more.
    missing: FxHashSet<PathBuf>,
}

impl Follower {
    /// Follows these folders and all below them. With it comes what the user should know, as that files are polled.
    ///
    /// # Errors
    /// When neither way of following works.
    pub fn new(folders: &[PathBuf], poll: bool) -> notify::Result<(Self, Option<String>)> {
        let (sender, notices) = channel();
        let mut follower = Self {
            watcher: watcher(&sender, poll)?,
            notices,
            sender,
            polling: poll,
            folders: Vec::new(),
            missing: FxHashSet::default(),
        };
        let said = follower.set_folders(folders)?;
        Ok((follower, said))
    }

    /// Follows these folders from now on.
    ///
    /// # Errors
    /// As [`Follower::new`].
    pub fn set_folders(&mut self, folders: &[PathBuf]) -> notify::Result<Option<String>> {
        if self.folders == folders {
            return Ok(None);
        }
        for gone in self.folders.iter().filter(|dir| !folders.contains(dir)) {
            // It may be gone already.
            let _ = self.watcher.unwatch(gone);
        }
        let old = std::mem::replace(&mut self.folders, folders.to_vec());
        let new: Vec<PathBuf> = self.folders.iter().filter(|dir| !old.contains(dir)).cloned().collect();
        for dir in new {
            if let Some(said) = self.follow(&dir)? {
                return Ok(Some(said));
            }
        }
        Ok(None)
    }

    fn follow(&mut self, dir: &Path) -> notify::Result<Option<String>> {
        match self.watcher.watch(dir, RecursiveMode::Recursive) {
            Ok(()) => Ok(None),
            Err(_) if !dir.exists() => {
                self.missing.insert(dir.to_path_buf());
                Ok(None)
            }
            Err(error) if !self.polling => {
                let reason = match error.kind {
                    ErrorKind::MaxFilesWatch => "the system's limit of watched folders is reached".to_owned(),
                    _ => error.to_string(),
                };
                self.polling = true;
                self.watcher = watcher(&self.sender, true)?;
                for dir in self.folders.clone() {
                    if self.watcher.watch(&dir, RecursiveMode::Recursive).is_err() {
                        self.missing.insert(dir);
                    }
                }
                Ok(Some(format!("{reason}; files are looked at every second instead")))
            }
            Err(error) => Err(error),
        }
    }

    /// Waits for changes, and until none came for `quiet`.
    pub fn wait(&mut self, quiet: Duration, at_most: Duration) -> Heard {
        let returned: Vec<PathBuf> = self.missing.iter().filter(|dir| dir.exists()).cloned().collect();
        for dir in &returned {
            self.missing.remove(dir);
            // Whatever keeps it from being followed now is said when it is looked at.
            let _ = self.follow(dir);
        }
        if !returned.is_empty() {
            return Heard::Everything;
        }
        let mut paths = FxHashSet::default();
        let mut all = false;
        match self.notices.recv_timeout(at_most) {
            Ok(notice) => all |= take(notice, &mut paths),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return self.lost(),
        }
        let begin = Instant::now();
        while begin.elapsed() < BURST {
            match self.notices.recv_timeout(quiet) {
                Ok(notice) => all |= take(notice, &mut paths),
                Err(_) => break,
            }
        }
        // A folder that something happened to itself may be another one of that name by now, which nobody follows yet.
        let replaced: Vec<PathBuf> = self.folders.iter().filter(|dir| paths.contains(*dir) && dir.is_dir()).cloned().collect();
        for dir in &replaced {
            let _ = self.watcher.unwatch(dir);
            let _ = self.follow(dir);
        }
        if all || !replaced.is_empty() {
            self.lost();
            return Heard::Everything;
        }
        if paths.is_empty() {
            return self.lost();
        }
        let mut paths: Vec<PathBuf> = paths.into_iter().collect();
        paths.sort();
        match self.lost() {
            Heard::Nothing => Heard::Changed(paths),
            all => all,
        }
    }

    /// Whether a folder that was followed has gone.
    fn lost(&mut self) -> Heard {
        let gone: Vec<PathBuf> =
            self.folders.iter().filter(|dir| !self.missing.contains(*dir) && !dir.exists()).cloned().collect();
        for dir in &gone {
            // The system has dropped it by itself.
            let _ = self.watcher.unwatch(dir);
        }
        let any = !gone.is_empty();
        self.missing.extend(gone);
        if any { Heard::Everything } else { Heard::Nothing }
    }
}

fn watcher(sender: &Sender<notify::Result<notify::Event>>, poll: bool) -> notify::Result<Box<dyn Watcher + Send>> {
    let sender = sender.clone();
    // Who no longer listens has ended.
    let tell = move |notice| drop(sender.send(notice));
    Ok(if poll {
        Box::new(PollWatcher::new(tell, Config::default().with_poll_interval(POLL))?)
    } else {
        Box::new(RecommendedWatcher::new(tell, Config::default().with_follow_symlinks(false))?)
    })
}

/// Takes in the paths of a notice. Tells whether notices were lost.
fn take(notice: notify::Result<notify::Event>, paths: &mut FxHashSet<PathBuf>) -> bool {
    match notice {
        Ok(event) if event.need_rescan() => true,
        // Reading is no change; what goleash itself reads would keep it busy for ever.
        Ok(event) if event.kind.is_access() => false,
        Ok(event) => {
            paths.extend(event.paths);
            false
        }
        Err(_) => true,
    }
}
