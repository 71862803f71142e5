//! Findings that were there when goleash came, so that only new ones are shown.
//!
//! They are known by their fingerprints, which survive moved lines and renamed files. The same fingerprint twice excuses two findings. A line
//! for each finding, sorted, keeps differences between two versions of the file small.

use crate::config::Settings;
use crate::lint::Finding;
use crate::source::{Bounds, normal, read_text};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The name of the file where nobody says another.
pub const FILE_NAME: &str = "goleash-baseline.json";

const VERSION: u32 = 1;

/// Known findings.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    /// The file, as it is shown.
    pub name: String,
    known: Vec<Known>,
}

/// One finding. All but the fingerprint is for people.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Known {
    /// Relative to the folder of the baseline.
    file: String,
    rule: String,
    function: String,
    message: String,
    fingerprint: String,
}

#[derive(Deserialize)]
struct Document {
    version: u32,
    findings: Vec<Known>,
}

/// Why a baseline cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// It cannot be read.
    #[error("cannot read the baseline {path}: {source}")]
    Unreadable {
        /// Its path.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// What the configuration names leads elsewhere.
    #[error("the baseline {path} {source}")]
    Outside {
        /// Its path.
        path: String,
        /// Where it leads.
        source: io::Error,
    },
    /// A file that is to be written over is none.
    #[error("{path} already exists and is not a baseline")]
    Foreign {
        /// Its path.
        path: String,
    },
    /// It is none.
    #[error("{path}:{line}: not a baseline: {message}")]
    Broken {
        /// Its path.
        path: String,
        /// 1-based.
        line: usize,
        /// What is wrong there.
        message: String,
    },
}

impl Baseline {
    /// The findings as a baseline in that folder.
    #[must_use]
    pub fn of(findings: &[Finding], folder: &Path) -> Self {
        let known = |finding: &Finding| Known {
            file: relative(&finding.at.file.path, folder),
            rule: finding.rule.to_owned(),
            function: finding.function.clone(),
            message: finding.message.clone(),
            fingerprint: finding.fingerprint.clone(),
        };
        let mut known: Vec<Known> = findings.iter().map(known).collect();
        known.sort();
        Self { name: String::new(), known }
    }

    /// Reads a file that the user named. Paths are shown relative to `root`.
    ///
    /// # Errors
    /// When it cannot be read or is no baseline.
    pub fn read(file: &Path, root: &Path) -> Result<Self, BaselineError> {
        let path = shown(file, root);
        let text = read_text(file).map_err(|source| BaselineError::Unreadable { path: path.clone(), source })?;
        Self::parse(&text, path)
    }

    /// Reads the file that a configuration names, if it names one.
    ///
    /// # Errors
    /// As [`Baseline::read`], and when it leads outside the repository.
    pub fn configured(settings: &Settings, root: &Path) -> Result<Option<Arc<Self>>, BaselineError> {
        let Some(file) = &settings.baseline else { return Ok(None) };
        let path = shown(file, root);
        let text = Bounds::of(settings.dir().unwrap_or(root)).read(file);
        let text = text.map_err(|source| match source.raw_os_error() {
            Some(_) => BaselineError::Unreadable { path: path.clone(), source },
            None => BaselineError::Outside { path: path.clone(), source },
        })?;
        Ok(Some(Arc::new(Self::parse(&text, path)?)))
    }

    /// Refuses to write over a file that goleash did not write. A baseline that a merge left broken is one.
    ///
    /// # Errors
    /// When something else is there.
    pub fn may_replace(file: &Path, root: &Path) -> Result<(), BaselineError> {
        // What is no file cannot be lost.
        if !file.metadata().is_ok_and(|meta| meta.is_file()) {
            return Ok(());
        }
        let path = shown(file, root);
        let text = read_text(file).map_err(|source| match source.raw_os_error() {
            Some(_) => BaselineError::Unreadable { path: path.clone(), source },
            None => BaselineError::Foreign { path: path.clone() },
        })?;
        let begins = |text: &str| {
            let rest = text.strip_prefix("{\"version\":")?.trim_start_matches(|c: char| c.is_ascii_digit());
            rest.starts_with(",\"findings\":[").then_some(())
        };
        let head: String = text.chars().take(200).filter(|c| !c.is_whitespace()).collect();
        if text.trim().is_empty() || begins(&head).is_some() || Self::parse(&text, String::new()).is_ok() {
            return Ok(());
        }
        Err(BaselineError::Foreign { path })
    }

    fn parse(text: &str, path: String) -> Result<Self, BaselineError> {
        let broken = |line, message| BaselineError::Broken { path: path.clone(), line, message };
        let document: Document = serde_json::from_str(text).map_err(|error| {
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or_default().to_owned();
            broken(error.line().max(1), message)
        })?;
        if document.version != VERSION {
            let line = text.lines().position(|line| line.contains("\"version\"")).map_or(1, |at| at + 1);
            let message = format!("its version is {}, but this goleash supports {VERSION}", document.version);
            return Err(broken(line, message));
        }
        Ok(Self { name: path, known: document.findings })
    }

    /// How many findings there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// How often each fingerprint is excused.
    #[must_use]
    pub fn counts(&self) -> FxHashMap<&str, usize> {
        let mut counts: FxHashMap<&str, usize> = FxHashMap::default();
        for known in &self.known {
            *counts.entry(&known.fingerprint).or_default() += 1;
        }
        counts
    }

    /// What of it is still found; and what lies in files that are there and that nobody looked at now: those below `paths` were.
    #[must_use]
    pub fn pruned(self, found: &Self, folder: &Path, paths: &[PathBuf]) -> Self {
        let mut counts = found.counts();
        let looked_at = |file: &Path| paths.iter().any(|path| file.starts_with(tree(path)));
        let mut known = self.known;
        known.retain(|known| {
            let file = normal(&folder.join(&known.file));
            match counts.get_mut(known.fingerprint.as_str()) {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    true
                }
                _ => !looked_at(&file) && file.exists(),
            }
        });
        Self { name: self.name, known }
    }

    /// How many entries stand for nothing that was found, though it `could` have been: `used` are the findings that the baseline excused.
    #[must_use]
    pub fn stale(
        &self,
        used: &FxHashMap<&str, usize>,
        folder: &Path,
        paths: &[PathBuf],
        could: &dyn Fn(&str, &Path) -> bool,
    ) -> usize {
        let mut used = used.clone();
        let is_stale = |known: &&Known| match used.get_mut(known.fingerprint.as_str()) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => {
                let file = normal(&folder.join(&known.file));
                paths.iter().any(|path| file.starts_with(tree(path))) && could(&known.rule, &file)
            }
        };
        self.known.iter().filter(is_stale).count()
    }

    /// Writes it.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        writeln!(out, "{{\n  \"version\": {VERSION},\n  \"findings\": [")?;
        for (index, known) in self.known.iter().enumerate() {
            let comma = if index + 1 < self.known.len() { "," } else { "" };
            writeln!(out, "    {}{comma}", crate::report::json_line(known)?)?;
        }
        writeln!(out, "  ]\n}}")
    }
}

fn shown(file: &Path, root: &Path) -> String {
    file.strip_prefix(root).unwrap_or(file).display().to_string()
}

/// The folder of a pattern: `a/...` is all below `a`.
fn tree(path: &Path) -> PathBuf {
    let text = path.to_string_lossy();
    normal(text.strip_suffix("...").map_or(path, Path::new))
}

/// The path from a folder to a file, with `/`.
fn relative(file: &Path, folder: &Path) -> String {
    let (file, folder) = (normal(file), normal(folder));
    let common = file.components().zip(folder.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(common).map(|_| "..".into());
    let down = file.components().skip(common).map(|part| part.as_os_str().to_string_lossy());
    up.chain(down).collect::<Vec<_>>().join("/")
}
