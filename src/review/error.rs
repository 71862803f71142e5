//! What can keep a review from being posted, each with what the user can do about it.

use std::time::Duration;

/// Why there is no review. No message holds a token.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// The diff cannot be read.
    #[error(transparent)]
    Diff(#[from] super::DiffError),
    /// A file of findings cannot be read.
    #[error("{name} is not a SARIF log that goleash can read: {message}")]
    Sarif {
        /// The file.
        name: String,
        /// What is wrong with it.
        message: String,
    },
    /// Nothing says where to post.
    #[error("the {what} to review is not known")]
    Unknown {
        /// What is missing.
        what: &'static str,
        /// How to say it.
        help: &'static str,
    },
    /// Something that says where to post makes no sense.
    #[error("{what}: {message}")]
    Wrong {
        /// The flag or variable.
        what: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// The service does not know the token, or there is none.
    #[error("{service} does not accept the token: {message}")]
    Unauthorized {
        /// `GitHub` or `GitLab`.
        service: &'static str,
        /// What it said.
        message: String,
    },
    /// The token may not do that.
    #[error("{service} does not allow this: {message}")]
    Forbidden {
        /// `GitHub` or `GitLab`.
        service: &'static str,
        /// What it said.
        message: String,
    },
    /// The service knows no such thing, or does not show it to this token.
    #[error("{service} does not find {path}")]
    NotFound {
        /// `GitHub` or `GitLab`.
        service: &'static str,
        /// The address, without the host.
        path: String,
    },
    /// The service asks to wait for longer than was allowed.
    #[error("{reason}; that would take {} s more than the {} s that --wait-at-most allows", over.as_secs_f64().ceil(), at_most.as_secs())]
    TooLong {
        /// Why there is something to wait for.
        reason: String,
        /// How much is missing.
        over: Duration,
        /// What is allowed in all.
        at_most: Duration,
    },
    /// Nothing comes back, however often it is tried.
    #[error("{service} cannot be reached: {message}")]
    Unreachable {
        /// `GitHub` or `GitLab`.
        service: &'static str,
        /// What happened last.
        message: String,
    },
    /// Any other answer.
    #[error("{service} answered {status} to {path}: {message}")]
    Rejected {
        /// `GitHub` or `GitLab`.
        service: &'static str,
        /// The HTTP status, or 0 where the answer itself was not understood.
        status: u16,
        /// The address, without the host.
        path: String,
        /// What it said.
        message: String,
    },
}

impl ReviewError {
    /// What the user can do about it.
    #[must_use]
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Unknown { help, .. } => Some(help),
            Self::Unauthorized { service: "GitLab", .. } => {
                Some("set GITLAB_TOKEN to a token with the scope `api`; --dry-run needs none")
            }
            Self::Unauthorized { .. } => Some("set GITHUB_TOKEN, as `github.token` in a workflow; --dry-run needs none"),
            Self::Forbidden { service: "GitLab", .. } => Some("the token needs the scope `api` and at least the role Reporter"),
            Self::Forbidden { .. } => {
                Some("the job needs `permissions: pull-requests: write`; workflows on pull requests from forks do not get it")
            }
            Self::NotFound { .. } => Some("--repo and --number name the pull request; the token may not be allowed to see it"),
            Self::Rejected { status: 406, .. } => {
                Some("the diff is too large for the service: pass one: `git diff BASE...HEAD | goleash review --diff -`")
            }
            Self::TooLong { .. } => Some("run it again later, or allow more with --wait-at-most"),
            _ => None,
        }
    }
}
