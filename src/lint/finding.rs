//! What a rule says: a finding is an argument, made of steps that a reader can check one by one.

use crate::source::Location;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How sure and how bad. The order is the order of severity: `Note < Warning < Error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The guard is missing, but the harm is bounded or the goroutine is meant to live as long as the process.
    Note,
    /// Something outside the code decides whether a wait ends.
    Warning,
    /// A path in the visible code leaves the goroutine blocked or the resource held, and nothing ends that.
    Error,
}

impl Level {
    /// The lower-case word for the level, as every output writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One checkable step of the argument, in the order in which it is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The code that the step speaks of; it may lie in another file than the finding.
    pub at: Location,
    /// A short clause: `started here`, `waits here`, `the only receiver is here`.
    pub label: String,
}

/// Whether an edit may be applied without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safety {
    /// Ends the leak and keeps the behaviour of correct runs: nothing that the analysis cannot see could make that untrue.
    Safe,
    /// May change behaviour or leave the leak. A clause without a full stop says what to look at.
    Unsafe(&'static str),
}

impl Safety {
    /// `safe` or `unsafe`, as every output writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe(_) => "unsafe",
        }
    }

    /// Why a person should look; nothing where nobody need.
    #[must_use]
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Self::Safe => None,
            Self::Unsafe(why) => Some(why),
        }
    }
}

impl fmt::Display for Safety {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Safe => f.write_str("safe"),
            Self::Unsafe(why) => write!(f, "unsafe: {why}"),
        }
    }
}

/// A replacement of one range of bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// What is replaced; an empty range inserts.
    pub at: Location,
    /// The new text.
    pub text: String,
}

/// A way to mend the finding by machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// What it does, as a command: `stop the ticker when the function returns`.
    pub title: String,
    /// Whether it may be applied unseen.
    pub safety: Safety,
    /// Edits that do not overlap, in file order.
    pub edits: Vec<Edit>,
}

/// One finding of one rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Id of the rule, with dashes.
    pub rule: &'static str,
    /// Severity.
    pub level: Level,
    /// One sentence without a full stop: what never ends, and why.
    pub message: String,
    /// Where the goroutine waits or the resource is held.
    pub at: Location,
    /// The argument. Never empty.
    pub steps: Vec<Step>,
    /// What to do, in one or two sentences.
    pub help: String,
    /// Mechanical ways to do it, best first.
    pub fixes: Vec<Fix>,
    /// Qualified name of the enclosing function as Go prints it: `(*Server).Serve`, `main`.
    pub function: String,
    /// Survives unrelated edits above, and a renamed file; hexadecimal. Filled in by the pipeline.
    pub fingerprint: String,
}

/// A finding that is not shown, though its level is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Withheld {
    /// The finding.
    pub finding: Finding,
    /// Why it is not shown.
    pub reason: Reason,
}

/// Why a finding is not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A comment in the code excuses it, with these words.
    Suppressed(String),
    /// It is in the baseline of that name.
    Known(String),
    /// Its argument stands on lines that have not changed.
    Unchanged,
}

/// Something that kept goleash from looking at all it was given.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// Path as it is shown.
    pub path: String,
    /// 1-based line, where there is one.
    pub line: Option<u32>,
    /// How much was lost.
    pub kind: ProblemKind,
    /// What happened, for a person.
    pub message: String,
}

/// How much a [`Problem`] cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemKind {
    /// Part of a file could not be parsed; the rest was analysed.
    Syntax,
    /// The file has bytes that are not UTF-8; it was analysed with those bytes blanked.
    Encoding,
    /// A file or folder could not be read, and was not analysed.
    Unreadable,
    /// The analysis itself failed on a declaration: a defect of goleash.
    Internal,
    /// A file was passed over on purpose (too large).
    Skipped,
}
