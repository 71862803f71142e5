//! What can keep a command from doing its work, each with what the user can do about it.

use crate::baseline::BaselineError;
use crate::config::ConfigError;
use crate::git::GitError;
use crate::pipeline;
use crate::review::ReviewError;
use crate::source::Location;
use std::io;

#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("no such file or folder: {path}")]
    NoSuchPath {
        path: String,
        /// The command that the path looks like.
        command: Option<String>,
    },
    #[error("{path} is not a Go file")]
    NotGo { path: String },
    #[error("cannot read {path}: {source}")]
    Read { path: String, source: io::Error },
    #[error("no rule has the id `{id}`")]
    UnknownRule { id: String, nearest: Option<String> },
    #[error("`-` means standard input and cannot be combined with paths")]
    StdinAndPaths,
    #[error("`{glob}` is not a pattern: {source}")]
    Glob { glob: String, source: ignore::Error },
    #[error("cannot write to {target}: {source}")]
    Write { target: String, source: io::Error },
    #[error("{path} already exists")]
    Exists { path: String },
    #[error("{path} is a symbolic link")]
    Link { path: String },
    #[error("--new-from and --staged need files: `-` has no history")]
    StdinAndGit,
    #[error("--fix and --diff need files: standard input cannot be fixed")]
    StdinAndFix,
    #[error("a baseline needs files: `-` has no path")]
    StdinAndBaseline,
    #[error("`-` cannot be watched")]
    StdinAndWatch,
    #[error("`goleash watch` changes no files: it does not support {option}")]
    WatchAndFix { option: String },
    #[error("there is no option `{typed}`")]
    ForeignOption { typed: String, advice: &'static str },
    #[error("--statistics works with the formats human and json, not with `{format}`")]
    StatisticsAndFormat { format: String },
    #[error("--reason needs words that say why the findings may stay: `{reason}` has none")]
    NoReason { reason: String },
    #[error("the language server stopped: {0}")]
    Server(String),
    #[error(transparent)]
    Baseline(#[from] BaselineError),
    #[error(transparent)]
    Git(#[from] GitError),
    #[error("standard input cannot be read twice")]
    StdinTwice,
    #[error("the newest commit of the pull request is not known")]
    NoCommit,
    #[error(transparent)]
    Review(#[from] ReviewError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Pipeline(#[from] pipeline::Error),
}

impl Failure {
    /// The text that is to blame.
    pub(super) fn at(&self) -> Option<&Location> {
        match self {
            Self::Config(error) => error.at(),
            _ => None,
        }
    }

    pub(super) fn advice(&self) -> Option<String> {
        match self {
            Self::NoSuchPath { command: Some(command), .. } => Some(format!("did you mean `goleash {command}`?")),
            Self::NotGo { .. } => Some("name files that end in `.go`, or folders".to_owned()),
            Self::UnknownRule { nearest: Some(id), .. } => Some(format!("did you mean `{id}`? `goleash rules` lists them all")),
            Self::UnknownRule { .. } => Some("`goleash rules` lists them all".to_owned()),
            Self::WatchAndFix { option } => Some(format!(
                "run `goleash {}` beside it; watch sees what it changes",
                if option == "--unsafe" { "--fix --unsafe" } else { option }
            )),
            Self::ForeignOption { advice, .. } => Some((*advice).to_owned()),
            Self::StatisticsAndFormat { .. } => Some("`markdown` and `html` begin with the counts anyway".to_owned()),
            Self::NoReason { .. } => Some("as in --reason \"was there before goleash, see issue 12\"".to_owned()),
            Self::StdinAndPaths => Some("run goleash once for each".to_owned()),
            Self::Glob { .. } => Some("--exclude takes patterns as .gitignore does".to_owned()),
            Self::Exists { .. } => Some("--force overwrites it".to_owned()),
            Self::Link { .. } => Some("remove it first".to_owned()),
            Self::Baseline(BaselineError::Outside { .. }) => {
                Some("only `--baseline` and `goleash baseline --output` take paths elsewhere".to_owned())
            }
            Self::Baseline(BaselineError::Foreign { .. }) => Some("remove it, or name another file with --output".to_owned()),
            Self::Baseline(BaselineError::Unreadable { .. }) => Some("`goleash baseline` writes it".to_owned()),
            Self::Baseline(_) => Some("`goleash baseline` writes it again".to_owned()),
            Self::Git(error) => error.help().map(str::to_owned),
            Self::Review(error) => error.help().map(str::to_owned),
            Self::StdinTwice => Some("name a file for the findings or for the diff".to_owned()),
            Self::NoCommit => Some("give --commit SHA: --dry-run does not ask the service".to_owned()),
            Self::Config(error) => error.help().map(str::to_owned),
            Self::StdinAndGit
            | Self::StdinAndWatch
            | Self::Server(_)
            | Self::StdinAndFix
            | Self::StdinAndBaseline
            | Self::NoSuchPath { .. }
            | Self::Read { .. }
            | Self::Write { .. }
            | Self::Pipeline(_) => None,
        }
    }
}
