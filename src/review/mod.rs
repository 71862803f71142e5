//! Findings as a review of a pull request: comments on the lines of its diff, and a summary of the rest.
//!
//! The findings come out of SARIF, be it a file or what a run writes into memory, so there is one way for both. [`parse_diff`] tells which lines
//! can carry a comment, [`Plan`] puts each finding on one, [`text`] writes it down, and [`github`] and [`gitlab`] post it.
//!
//! Architecture Invariant: nothing is posted before what is there has been looked at, and every try begins with that look. So a request whose
//! outcome is not clear (no answer, an error of the server) can be tried again and is never done twice. Hidden markers tell what is there.

mod error;
mod github;
mod gitlab;
mod http;
mod marker;
mod plan;
mod sarif;
mod target;
mod text;

pub use crate::git::diff::{DiffError, FileDiff, Hunk, Line, parse as parse_diff};
pub use error::ReviewError;
pub use http::Patience;
pub use plan::{Comment, Plan, Reach, Suggested};
pub use sarif::read as read_sarif;
pub use target::{Asked, Service, Target, Token};

use crate::lint::Level;

/// A finding, as a review needs it.
#[derive(Clone, Debug, PartialEq)]
pub struct Remark {
    /// Id of the rule.
    pub rule: String,
    /// Severity.
    pub level: Level,
    /// What never ends and why, and what to do.
    pub message: String,
    /// Where it is, if that is in the repository.
    pub at: Option<Spot>,
    /// The argument.
    pub steps: Vec<Spot>,
    /// Ways to mend it, best first.
    pub fixes: Vec<Change>,
    /// Knows it again on the next push.
    pub fingerprint: String,
}

/// Lines of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// From the root of the repository.
    pub path: String,
    /// 1-based.
    pub first: u32,
    /// Not before the first.
    pub last: u32,
    /// What happens there.
    pub label: String,
}

/// A fix in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it does, as a sentence.
    pub title: String,
    /// From the root of the repository.
    pub path: String,
    /// What is replaced, from and to, and by what; in order.
    pub edits: Vec<(Point, Point, String)>,
}

/// A line and a column in UTF-16 units, both from 1.
pub type Point = (u32, u32);

/// What a review came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Comments on lines that were posted.
    pub commented: usize,
    /// Findings that the summary tells.
    pub summarised: usize,
    /// Comments whose text was brought up to date.
    pub edited: usize,
    /// Findings that somebody had been told before.
    pub known: usize,
}

/// The diff of the pull request, from the service.
///
/// # Errors
/// When the service does not give it.
pub fn fetch_diff(target: &Target, patience: Patience) -> Result<String, ReviewError> {
    match target.service {
        Service::Github => github::Github::new(target, patience)?.diff(),
        Service::Gitlab => gitlab::Gitlab::new(target, patience)?.diff(),
    }
}

/// Posts what nobody has been told yet.
///
/// # Errors
/// When the service does not take it.
pub fn post(plan: &Plan, target: &Target, patience: Patience) -> Result<Done, ReviewError> {
    match target.service {
        Service::Github => github::Github::new(target, patience)?.review(plan),
        Service::Gitlab => gitlab::Gitlab::new(target, patience)?.review(plan),
    }
}

/// The requests that would be sent if nothing had been posted yet: method, address and JSON. Nothing is sent.
#[must_use]
pub fn rehearse(plan: &Plan, target: &Target) -> Vec<(&'static str, String, serde_json::Value)> {
    match target.service {
        Service::Github => github::rehearse(plan, target),
        Service::Gitlab => gitlab::rehearse(plan, target),
    }
}
