//! What has changed, asked of the `git` command: by lists of arguments, never through a shell, and with names apart by zero bytes.

pub(crate) mod diff;
mod patch;

use crate::lint::Finding;
use crate::source::Location;
use patch::{Lines, Status};
use rustc_hash::FxHashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// All Go files of a repository, wherever the command runs.
const GO_FILES: &str = ":(top,glob)**/*.go";

/// Options that keep a user's configuration from changing the form of a diff.
const DIFF: [&str; 12] = [
    "diff",
    "--raw",
    "--patch",
    "-z",
    "--unified=0",
    "--inter-hunk-context=0",
    "--abbrev=40",
    "--find-renames",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--ignore-submodules",
];

/// Why git could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no such command.
    #[error("cannot run git: {0}")]
    NoCommand(std::io::Error),
    /// The folder is in no repository.
    #[error("{folder} is not in a git repository: {message}")]
    NoRepository {
        /// The folder.
        folder: String,
        /// What git said.
        message: String,
    },
    /// The revision is not known here.
    #[error("git does not know the revision `{revision}`")]
    NoRevision {
        /// The revision.
        revision: String,
        /// Whether the clone has only a part of the history.
        shallow: bool,
    },
    /// Anything else.
    #[error("`git {command}` failed: {message}")]
    Failed {
        /// The first words of the command.
        command: String,
        /// What git said.
        message: String,
    },
}

impl GitError {
    /// What the user can do about it.
    #[must_use]
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::NoRevision { shallow: true, .. } => Some(
                "this clone is shallow; fetch the revision first, or clone with its history (`fetch-depth: 0` in a workflow)",
            ),
            Self::NoRevision { .. } => Some("give a commit, branch or tag; `REV...` is where the current branch left REV"),
            _ => None,
        }
    }
}

/// The lines that have changed, and the texts that are to be looked at in the place of those on disk.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// By real path.
    files: FxHashMap<PathBuf, Lines>,
    /// Texts of the index that differ from the files, or whose files are gone, by path as the analysis spells it.
    pub overlay: FxHashMap<PathBuf, String>,
    /// The folder that the analysis starts from, as it is spelled and as it is.
    root: (PathBuf, PathBuf),
}

impl Changes {
    fn below(root: &Path) -> Self {
        let real = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        Self { root: (root.to_owned(), real), ..Self::default() }
    }

    /// What differs between a revision and the files, untracked ones included. `REV...` is the commit at which the current branch left REV.
    ///
    /// # Errors
    /// When git cannot answer.
    pub fn since(revision: &str, root: &Path) -> Result<Self, GitError> {
        let git = Git::at(root)?;
        let commit = git.commit(revision)?;
        let mut changes = Self::below(root);
        changes.read(&git, &git.run(&[&DIFF, &[commit.as_str(), "--", GO_FILES][..]].concat())?)?;
        let untracked = git.run(&["ls-files", "--others", "--exclude-standard", "--full-name", "-z", "--", GO_FILES])?;
        for name in untracked.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
            changes.files.insert(git.path(name), Lines::All);
        }
        Ok(changes)
    }

    /// What is staged for the next commit; where a file on disk differs or is gone, the staged text is the one to look at.
    ///
    /// # Errors
    /// When git cannot answer.
    pub fn staged(root: &Path) -> Result<Self, GitError> {
        let here = Git { top: root.to_owned() };
        let cached = [&DIFF, &["--cached", "--", GO_FILES][..]].concat();
        let files = ["diff-files", "--raw", "-z", "--abbrev=40", "--ignore-submodules", "--", GO_FILES];
        // Each reads the whole index, and a commit waits for all of them: so beside each other.
        let (git, diff, raw) = std::thread::scope(|scope| {
            let (diff, raw) = (scope.spawn(|| here.run(&cached)), scope.spawn(|| here.run(&files)));
            (Git::at(root), diff.join(), raw.join())
        });
        let git = git?;
        let ended = |joined: std::thread::Result<Result<Vec<u8>, GitError>>| {
            joined.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        let (diff, raw) = (ended(diff)?, ended(raw)?);
        let mut changes = Self::below(root);
        changes.read(&git, &diff)?;
        let (entries, _) = patch::entries(&raw);
        let modified: Vec<_> =
            entries.into_iter().filter(|entry| matches!(entry.status, Status::Changed | Status::Gone)).collect();
        let ids: Vec<&str> = modified.iter().map(|entry| entry.before).collect();
        for (entry, text) in modified.iter().zip(git.blobs(&ids)?) {
            let path = git.path(entry.name);
            let spelled = path.strip_prefix(&changes.root.1).map_or(path.clone(), |below| root.join(below));
            changes.overlay.insert(spelled, String::from_utf8_lossy(&text).into_owned());
        }
        Ok(changes)
    }

    fn read(&mut self, git: &Git, diff: &[u8]) -> Result<(), GitError> {
        let wrong = |error: diff::DiffError| GitError::Failed { command: "diff".to_owned(), message: error.to_string() };
        for (name, lines) in patch::read(diff).map_err(wrong)? {
            self.files.insert(git.path(name), lines);
        }
        Ok(())
    }

    /// The same, once files have new texts: their path, the text before and the new one.
    #[must_use]
    pub fn after<'t>(&self, mended: impl Iterator<Item = (&'t Path, &'t str, &'t str)>) -> Self {
        let mut out = self.clone();
        for (path, old, new) in mended {
            let real = self.keys(path).find(|key| self.files.contains_key(key));
            if let Some(Lines::Runs(runs)) = real.and_then(|key| out.files.get_mut(&key)) {
                *runs = patch::moved(runs, old, new);
            }
        }
        out
    }

    /// How a path may be known.
    fn keys(&self, path: &Path) -> impl Iterator<Item = PathBuf> {
        let (spelled, real) = &self.root;
        // What is gone from disk has no real path of its own.
        let below = path.strip_prefix(spelled).map(|below| real.join(below)).ok();
        let canonical = path.to_owned();
        std::iter::once(path.to_owned()).chain(below).chain(std::iter::once_with(move || canonical.canonicalize().ok()).flatten())
    }

    /// The changed files, by real path, sorted.
    #[must_use]
    pub fn files(&self) -> Vec<&Path> {
        let mut files: Vec<&Path> = self.files.keys().map(PathBuf::as_path).collect();
        files.sort_unstable();
        files
    }

    /// Whether the argument of a finding stands on changed lines, be it with one step.
    #[must_use]
    pub fn touch(&self, finding: &Finding) -> bool {
        std::iter::once(&finding.at).chain(finding.steps.iter().map(|step| &step.at)).any(|at| self.touch_place(at))
    }

    fn touch_place(&self, at: &Location) -> bool {
        let lines = self.keys(&at.file.path).find_map(|key| self.files.get(&key));
        lines.is_some_and(|lines| lines.touch(at.start().line, at.end().line))
    }
}

/// Where a folder lies in its repository, with `/` at the end; empty at its top. `None` where there is none.
#[must_use]
pub fn prefix(folder: &Path) -> Option<String> {
    let out = Git { top: folder.to_owned() }.run(&["rev-parse", "--show-prefix"]).ok()?;
    Some(String::from_utf8_lossy(&out).trim_end_matches('\n').to_owned())
}

/// A repository.
struct Git {
    /// The folder of its files.
    top: PathBuf,
}

impl Git {
    fn at(root: &Path) -> Result<Self, GitError> {
        let here = Self { top: root.to_owned() };
        let out = here.run(&["rev-parse", "--show-toplevel"]).map_err(|error| match error {
            GitError::Failed { message, .. } => GitError::NoRepository { folder: root.display().to_string(), message },
            other => other,
        })?;
        let top = path(out.strip_suffix(b"\n").unwrap_or(&out));
        Ok(Self { top: top.canonicalize().unwrap_or(top) })
    }

    fn path(&self, name: &[u8]) -> PathBuf {
        let joined = self.top.join(path(name));
        // What a link points to is what is read.
        joined.canonicalize().unwrap_or(joined)
    }

    fn commit(&self, revision: &str) -> Result<String, GitError> {
        let verify = |revision: &str| {
            let commit = format!("{revision}^{{commit}}");
            let out = self.run(&["rev-parse", "--verify", "--quiet", "--end-of-options", &commit]).ok()?;
            Some(String::from_utf8_lossy(&out).trim().to_owned()).filter(|id| !id.is_empty())
        };
        let found = match revision.strip_suffix("...") {
            Some(base) => verify(base).and_then(|base| {
                let out = self.run(&["merge-base", &base, "HEAD"]).ok()?;
                verify(String::from_utf8_lossy(&out).trim())
            }),
            None => verify(revision),
        };
        found.ok_or_else(|| {
            let shallow = self.run(&["rev-parse", "--is-shallow-repository"]).is_ok_and(|out| out.starts_with(b"true"));
            GitError::NoRevision { revision: revision.to_owned(), shallow }
        })
    }

    /// The contents of blobs, in the order of their ids.
    fn blobs(&self, ids: &[&str]) -> Result<Vec<Vec<u8>>, GitError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        // Ids are not names: a line each is safe.
        let out = self.run_with(&["cat-file", "--batch"], format!("{}\n", ids.join("\n")).into_bytes())?;
        let mut rest = out.as_slice();
        let mut blobs = Vec::new();
        for id in ids {
            let broken = || GitError::Failed { command: "cat-file".to_owned(), message: format!("no object {id}") };
            let end = rest.iter().position(|byte| *byte == b'\n').ok_or_else(broken)?;
            let head = String::from_utf8_lossy(&rest[..end]).into_owned();
            let size: usize = head.rsplit(' ').next().and_then(|size| size.parse().ok()).ok_or_else(broken)?;
            blobs.push(rest.get(end + 1..end + 1 + size).ok_or_else(broken)?.to_vec());
            rest = rest.get(end + 2 + size..).unwrap_or_default();
        }
        Ok(blobs)
    }

    fn run(&self, args: &[&str]) -> Result<Vec<u8>, GitError> {
        self.run_with(args, Vec::new())
    }

    fn run_with(&self, args: &[&str], input: Vec<u8>) -> Result<Vec<u8>, GitError> {
        let mut command = Command::new("git");
        // Names are told from the top of the repository, whatever a user's configuration says of the folder that git runs in.
        command.args(["-c", "diff.relative=false"]).args(args).current_dir(&self.top);
        command
            .stdin(if input.is_empty() { Stdio::null() } else { Stdio::piped() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // Nothing is written, so nothing needs a lock that somebody else may want; messages are for people, not to be read.
        command.env("GIT_OPTIONAL_LOCKS", "0").env("LC_ALL", "C");
        let mut child = command.spawn().map_err(GitError::NoCommand)?;
        let stdin = child.stdin.take();
        // Beside reading what comes, or both sides would wait for room in a pipe.
        let writer = stdin.map(|mut stdin| std::thread::spawn(move || stdin.write_all(&input)));
        let output = child.wait_with_output().map_err(GitError::NoCommand)?;
        if let Some(writer) = writer {
            let _ = writer.join();
        }
        if output.status.success() {
            return Ok(output.stdout);
        }
        let message = String::from_utf8_lossy(&output.stderr);
        let message = message.lines().find(|line| !line.trim().is_empty()).unwrap_or("no reason given");
        let message = message.trim_start_matches("fatal: ").to_owned();
        Err(GitError::Failed { command: args.iter().take(1).copied().collect(), message })
    }
}

#[cfg(unix)]
fn path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}
