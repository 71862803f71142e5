//! An analysis that goes on: what a run found is kept, and what changes is looked at again, with all that may be found differently for it.
//!
//! Architecture invariant: after [`Session::settle`] the outcome is that of a fresh run over the same files. What a package's analysis asked
//! of others is recorded (`program::Asked`); a change drops the packages of the folder it is in, and the analyses that asked for them.
//! Whatever changes which folders there are, or what an import path means, starts anew.

mod follow;
mod poll;
mod project;

pub use follow::{Follower, Heard};

use crate::lint::Level;
use crate::pipeline::{self, Error, Options, Outcome};
use project::Project;
use rustc_hash::{FxHashMap, FxHashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Tells what to look at; asked again when a configuration changes.
pub type Plan = Box<dyn Fn() -> Result<Vec<Options>, String> + Send>;

/// Files that say what there is to look at, and how.
const GOVERNORS: [&str; 6] = ["go.mod", "go.work", "modules.txt", crate::config::FILE_NAME, ".gitignore", ".ignore"];

/// Findings that follow the files.
pub struct Session {
    plan: Plan,
    pool: rayon::ThreadPool,
    projects: Vec<Project>,
    overlay: FxHashMap<PathBuf, String>,
    /// Go files that are none of the run's, as far as anybody has seen them change.
    noted: FxHashSet<PathBuf>,
    trouble: Option<String>,
}

/// What some changes ask for.
#[derive(Default)]
struct Changes {
    anew: bool,
    /// Whether files came or went.
    list: bool,
    files: FxHashSet<PathBuf>,
}

impl Session {
    /// Looks at everything once.
    ///
    /// # Errors
    /// When the threads cannot be started.
    pub fn open(plan: Plan) -> Result<Self, Error> {
        let mut session = Self::empty(plan)?;
        session.reload();
        Ok(session)
    }

    /// A session that has looked at nothing before its first [`Session::reload`].
    ///
    /// # Errors
    /// When the threads cannot be started.
    pub fn empty(plan: Plan) -> Result<Self, Error> {
        let pool = pipeline::pool(0)?;
        let (overlay, noted) = (FxHashMap::default(), FxHashSet::default());
        Ok(Self { plan, pool, projects: Vec::new(), overlay, noted, trouble: None })
    }

    /// Looks at everything again. A configuration that cannot be read leaves things as they are, and is the session's trouble.
    pub fn reload(&mut self) {
        let mut options = match (self.plan)() {
            Ok(options) => options,
            Err(trouble) => {
                self.trouble = Some(trouble);
                return;
            }
        };
        self.trouble = None;
        self.noted.clear();
        let overlay = Arc::new(self.overlay.clone());
        options.iter_mut().for_each(|options| options.overlay = Arc::clone(&overlay));
        self.projects = self.pool.install(|| options.into_iter().map(Project::open).collect());
    }

    /// Why the configuration on disk is not the one that holds.
    #[must_use]
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// Puts a text over a file, as an editor holds it, or takes it away. [`Session::apply`] then has to hear of the path.
    pub fn lay_over(&mut self, path: &Path, text: Option<String>) {
        for project in &mut self.projects {
            project.lay_over(path, text.clone());
        }
        match text {
            Some(text) => self.overlay.insert(path.to_path_buf(), text),
            None => self.overlay.remove(path),
        };
    }

    /// Takes in that something happened to these paths, and looks at the folders of changed files again. What else may be found differently
    /// waits for [`Session::settle`]. Tells whether anything had to be looked at.
    pub fn apply(&mut self, paths: &[PathBuf]) -> bool {
        let mut changes = Changes::default();
        for path in paths {
            self.sort_out(path, &mut changes);
        }
        if !changes.anew && changes.list {
            changes.anew = !self.relist(&mut changes.files);
        }
        if changes.anew {
            self.reload();
            let noted: Vec<PathBuf> = changes.files.into_iter().filter(|path| !self.is_input(path) && path.is_file()).collect();
            self.noted.extend(noted);
            return true;
        }
        if changes.files.is_empty() {
            return false;
        }
        let mut by_dir: FxHashMap<PathBuf, FxHashSet<PathBuf>> = FxHashMap::default();
        for file in changes.files {
            if let Some(dir) = file.parent() {
                by_dir.entry(dir.to_path_buf()).or_default().insert(file);
            }
        }
        let (pool, projects) = (&self.pool, &mut self.projects);
        let whole = pool.install(|| projects.iter_mut().all(|project| project.change(&by_dir)));
        if !whole {
            self.reload();
        }
        true
    }

    /// Looks at what earlier changes may have made different elsewhere. Tells whether there was any.
    pub fn settle(&mut self) -> bool {
        let (pool, projects) = (&self.pool, &mut self.projects);
        pool.install(|| projects.iter_mut().map(Project::settle).fold(false, |any, one| any | one))
    }

    /// Whether [`Session::settle`] has something to do.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.projects.iter().all(Project::is_settled)
    }

    /// All that is found now.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let mut all = Outcome::default();
        let least = self.projects.iter().map(|project| project.options.level).min();
        for project in &self.projects {
            let mut outcome = project.outcome();
            if least.is_some_and(|level| level < project.options.level) {
                outcome.findings.retain(|finding| finding.level >= project.options.level);
            }
            all.add(outcome);
        }
        if self.projects.len() > 1 {
            all.tidy();
        }
        all
    }

    /// The least level that is of interest.
    #[must_use]
    pub fn level(&self) -> Level {
        self.projects.iter().map(|project| project.options.level).min().unwrap_or(Level::Warning)
    }

    /// The folders to watch: what is looked at, and the modules around it.
    #[must_use]
    pub fn folders(&self) -> Vec<PathBuf> {
        let mut all: Vec<PathBuf> = self.projects.iter().flat_map(Project::folders).collect();
        all.sort();
        let mut out: Vec<PathBuf> = Vec::new();
        for dir in all {
            if !out.iter().any(|above| dir.starts_with(above)) {
                out.push(dir);
            }
        }
        out
    }

    /// Whether the file is one that gets findings.
    #[must_use]
    pub fn is_input(&self, path: &Path) -> bool {
        self.projects.iter().any(|project| project.has(path))
    }

    fn sort_out(&self, path: &Path, changes: &mut Changes) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.iter().any(|part| part == ".git") {
            changes.anew |= path.ends_with("info/exclude");
        } else if GOVERNORS.contains(&&*name) || self.projects.iter().any(|project| project.is_governed_by(path)) {
            changes.anew = true;
        } else if name.ends_with(".go") && !path.is_dir() {
            self.sort_out_file(path, changes);
        } else if !path.exists() {
            changes.anew |= self.projects.iter().any(|project| project.reaches_below(path));
        } else if path.is_dir() {
            // One that is known may be another one by now, with other files.
            let known = self.projects.iter().any(|project| project.reaches_below(path));
            changes.list |= known;
            changes.anew |= !known && holds_code(path);
        }
    }

    fn sort_out_file(&self, path: &Path, changes: &mut Changes) {
        let exists = self.overlay.contains_key(path) || path.is_file();
        if !self.projects.iter().any(|project| project.may_hold(path)) {
            return;
        }
        if self.is_input(path) {
            changes.list |= !exists;
            changes.files.insert(path.to_path_buf());
        } else if exists {
            let known = self.noted.contains(path) || self.projects.iter().any(|project| project.counts(path));
            changes.list |= !known;
            changes.files.insert(path.to_path_buf());
        } else {
            changes.anew |= self.noted.contains(path) || self.projects.iter().any(|project| project.counts(path));
        }
    }

    /// Finds the files again. `false` where that asks for more than to look at single folders; `files` takes those that came or went.
    fn relist(&mut self, files: &mut FxHashSet<PathBuf>) -> bool {
        let known: FxHashSet<PathBuf> = files.iter().filter(|path| self.is_input(path)).cloned().collect();
        let whole = self.projects.iter_mut().all(|project| project.relist(files));
        // A file that is none of the run's may still be a fact for it.
        let unknown = |path: &PathBuf| {
            !known.contains(path)
                && !self.is_input(path)
                && !self.noted.contains(path)
                && !self.projects.iter().any(|project| project.counts(path))
        };
        whole && !files.iter().any(unknown)
    }
}

/// Whether a folder, which nobody knew, has Go files in it or below.
fn holds_code(dir: &Path) -> bool {
    let walk = ignore::WalkBuilder::new(dir).standard_filters(false).build();
    walk.flatten().any(|entry| entry.path().extension().is_some_and(|ext| ext == "go"))
}

#[cfg(test)]
mod tests;
