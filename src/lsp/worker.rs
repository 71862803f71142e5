//! The thread that analyses. It takes whatever has gathered since it last looked, so that of several texts of a file only the newest counts.

use crate::baseline::Baseline;
use crate::config;
use crate::lint::{Finding, Level};
use crate::pipeline::Options;
use crate::session::Session;
use crossbeam_channel::Sender;
use rustc_hash::{FxHashMap, FxHashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::SystemTime;

/// What there is to take in.
#[derive(Default)]
pub(super) struct Work {
    /// Folders of the workspace, if they changed, and the level that the client asks for.
    pub(super) roots: Option<(Vec<PathBuf>, Option<Level>)>,
    /// Texts of open files with their versions; `None` where a file was closed.
    pub(super) texts: FxHashMap<PathBuf, Option<(i32, String)>>,
    /// Paths that something happened to.
    pub(super) paths: FxHashSet<PathBuf>,
    /// Whether too much happened to tell.
    pub(super) everything: bool,
    /// What the user should know of how files are followed.
    pub(super) remark: Option<String>,
}

/// Where work gathers.
#[derive(Default)]
pub(super) struct Inbox {
    work: Mutex<Option<Work>>,
    bell: Condvar,
}

impl Inbox {
    pub(super) fn put(&self, add: impl FnOnce(&mut Work)) {
        let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        add(work.get_or_insert_with(Work::default));
        self.bell.notify_one();
    }

    fn take(&self) -> Work {
        let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(work) = work.take() {
                return work;
            }
            work = self.bell.wait(work).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn is_empty(&self) -> bool {
        self.work.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }
}

/// What the analysis has to say.
pub(super) enum Said {
    /// The findings in a file, and the version of the open text that they are about.
    Findings { path: PathBuf, version: Option<i32>, findings: Vec<Finding> },
    /// Something that the user should know.
    Trouble(String),
    /// The folders that are looked at, and since when.
    Folders(Vec<PathBuf>, SystemTime),
}

pub(super) struct Worker {
    pub(super) inbox: Arc<Inbox>,
    pub(super) out: Sender<Said>,
    roots: Vec<PathBuf>,
    level: Option<Level>,
    /// One for each folder of the workspace, and for each open file outside them.
    sessions: Vec<(PathBuf, Session)>,
    open: FxHashMap<PathBuf, (i32, String)>,
    told: FxHashMap<PathBuf, (Option<i32>, Vec<Finding>)>,
    trouble: Option<String>,
}

impl Worker {
    pub(super) fn new(inbox: Arc<Inbox>, out: Sender<Said>) -> Self {
        Self {
            inbox,
            out,
            roots: Vec::new(),
            level: None,
            sessions: Vec::new(),
            open: FxHashMap::default(),
            told: FxHashMap::default(),
            trouble: None,
        }
    }

    /// Works until nobody listens.
    pub(super) fn run(mut self) {
        loop {
            let work = self.inbox.take();
            self.take_in(work);
            if !self.tell() {
                return;
            }
            // What waits is more urgent than what a change may have made different elsewhere.
            if self.inbox.is_empty()
                && self.sessions.iter_mut().fold(false, |any, (_, session)| any | session.settle())
                && !self.tell()
            {
                return;
            }
        }
    }

    fn take_in(&mut self, work: Work) {
        if let Some(remark) = work.remark {
            // The end of the server is seen when findings are told.
            let _ = self.out.send(Said::Trouble(remark));
        }
        let mut paths: Vec<PathBuf> = work.paths.into_iter().collect();
        for (path, text) in work.texts {
            for (_, session) in &mut self.sessions {
                session.lay_over(&path, text.as_ref().map(|(_, text)| text.clone()));
            }
            paths.push(path.clone());
            match text {
                Some(text) => self.open.insert(path, text),
                None => self.open.remove(&path),
            };
        }
        if let Some((roots, level)) = work.roots {
            self.roots = roots;
            self.level = level;
            self.sessions.clear();
            for root in self.roots.clone() {
                self.add(root, PathBuf::from("."));
            }
        }
        for (_, session) in &mut self.sessions {
            if work.everything {
                session.reload();
            } else {
                session.apply(&paths);
            }
        }
        let mut outside: Vec<PathBuf> = self.open.keys().cloned().collect();
        outside.sort();
        for path in outside {
            if !self.sessions.iter().any(|(root, session)| path.starts_with(root) || session.is_input(&path)) {
                let module = path.ancestors().skip(1).find(|dir| dir.join("go.mod").is_file());
                match (module.map(Path::to_path_buf), path.parent()) {
                    (Some(module), _) => self.add(module, PathBuf::from(".")),
                    (None, Some(dir)) => self.add(dir.to_path_buf(), path.clone()),
                    _ => {}
                }
            }
        }
    }

    fn add(&mut self, root: PathBuf, path: PathBuf) {
        let (level, at) = (self.level, root.clone());
        let Ok(mut session) = Session::empty(Box::new(move || options(&at, &path, level))) else { return };
        for (path, (_, text)) in &self.open {
            session.lay_over(path, Some(text.clone()));
        }
        let since = SystemTime::now();
        session.reload();
        self.sessions.push((root, session));
        let folders = self.sessions.iter().flat_map(|(_, session)| session.folders()).collect();
        let _ = self.out.send(Said::Folders(folders, since));
    }

    /// Tells what is different now. `false` when nobody listens.
    fn tell(&mut self) -> bool {
        let mut now: FxHashMap<PathBuf, Vec<Finding>> = FxHashMap::default();
        for (_, session) in &self.sessions {
            let level = session.level();
            for finding in session.outcome().findings.into_iter().filter(|finding| finding.level >= level) {
                let of_file = now.entry(finding.at.file.path.clone()).or_default();
                if !of_file.iter().any(|known| crate::lint::same(known, &finding)) {
                    of_file.push(finding);
                }
            }
        }
        let mut paths: Vec<PathBuf> = now.keys().chain(self.told.keys()).chain(self.open.keys()).cloned().collect();
        paths.sort();
        paths.dedup();
        for path in paths {
            let findings = now.remove(&path).unwrap_or_default();
            let version = self.open.get(&path).map(|(version, _)| *version);
            if self.told.get(&path).is_some_and(|told| told.0 == version && same(&told.1, &findings)) {
                continue;
            }
            if findings.is_empty() && version.is_none() {
                self.told.remove(&path);
            } else {
                self.told.insert(path.clone(), (version, findings.clone()));
            }
            if self.out.send(Said::Findings { path, version, findings }).is_err() {
                return false;
            }
        }
        let trouble = self.sessions.iter().find_map(|(_, session)| session.trouble().map(str::to_owned));
        if trouble != self.trouble {
            self.trouble.clone_from(&trouble);
            if let Some(trouble) = trouble {
                return self.out.send(Said::Trouble(trouble)).is_ok();
            }
        }
        true
    }
}

/// Whether findings read alike: the text below equal bytes may have moved to other lines.
fn same(a: &[Finding], b: &[Finding]) -> bool {
    let places = |finding: &Finding| {
        let steps = finding.steps.iter().map(|step| (step.at.start().line, step.at.start().utf16));
        let at = finding.at.start();
        std::iter::once((at.line, at.utf16)).chain(steps).collect::<Vec<_>>()
    };
    a == b && a.iter().zip(b).all(|(a, b)| places(a) == places(b))
}

fn options(root: &Path, path: &Path, level: Option<Level>) -> Result<Vec<Options>, String> {
    let projects = config::projects(&[path.to_path_buf()], root).map_err(|error| error.to_string())?;
    let mut out = Vec::new();
    for project in projects {
        let baseline = Baseline::configured(&project.settings, root);
        out.push(Options {
            paths: project.paths,
            stdin: None,
            root: root.to_owned(),
            tests: project.settings.tests,
            deps: project.settings.deps,
            exclude: Vec::new(),
            rules: Vec::new(),
            threads: 0,
            trace: None,
            level: level.or(project.settings.level).unwrap_or(Level::Warning),
            settings: project.settings,
            overlay: Arc::default(),
            baseline: baseline.map_err(|error| error.to_string())?,
        });
    }
    Ok(out)
}
