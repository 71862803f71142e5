//! What a rule is: its metadata and the function that asks the engines.

use super::{Finding, Level};
use crate::old::lifetime::{Answers, SPAWN_TOKENS};
use crate::old::program::Package;
use crate::source::Location;

/// What is known of a rule without running it.
#[derive(Debug)]
pub struct Meta {
    /// The id: the folder's name with dashes.
    pub id: &'static str,
    /// One line: what it finds.
    pub summary: &'static str,
    /// The level that its findings usually have.
    pub level: Level,
    /// CWE numbers of the defect.
    pub cwe: &'static [u16],
    /// Tokens without one of which no declaration can start a finding. See `source::Scanner` for their form.
    pub triggers: &'static [&'static str],
    /// The rule's page, in Markdown.
    pub docs: &'static str,
    /// The version of goleash that brought the rule.
    pub since: &'static str,
    /// Which of the engines it asks most.
    pub family: Family,
}

/// Rules that ask the same engine. What it found out for one of them it need not find out again, so one thread runs them all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Who sends, receives and closes.
    Channels,
    /// Which locks are held.
    Locks,
    /// What has to be closed, stopped or cancelled, and what bounds a call.
    Duties,
}

/// A rule: metadata and a check over one package.
pub trait Rule: Sync {
    /// What is known of it without running it.
    fn meta(&self) -> &'static Meta;
    /// Looks at a package and reports into the sink.
    fn check(&self, cx: &Context<'_>, sink: &mut Sink);
}

/// What a rule sees of the run.
pub struct Context<'p> {
    /// The package.
    pub package: &'p Package,
    /// The tokens of the run's scanner, by number.
    pub tokens: &'p [&'static str],
    /// What several rules ask of the lifetime engine, answered once.
    pub answers: Answers,
}

impl<'p> Context<'p> {
    /// A context over a package.
    #[must_use]
    pub fn new(package: &'p Package, tokens: &'p [&'static str]) -> Self {
        Self { package, tokens, answers: Answers::default() }
    }

    /// Whether a scanner's token is one of these, or one that the user's models put beside them.
    #[must_use]
    pub fn is_token(&self, token: u16, wanted: &[&str]) -> bool {
        self.tokens.get(token as usize).is_some_and(|t| wanted.contains(t) || self.is_users(t, wanted))
    }
}

impl Context<'_> {
    /// What starts goroutines belongs to who asks for these; what acquires something to all others, who ask for its kind afterwards.
    fn is_users(&self, token: &str, wanted: &[&str]) -> bool {
        let own = self.package.models().tokens();
        let own = if wanted.contains(&SPAWN_TOKENS[0]) { &own.start } else { &own.acquire };
        own.iter().any(|t| t == token)
    }
}

/// Why a place was passed over.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The place.
    pub at: Location,
    /// The rule.
    pub rule: &'static str,
    /// The reason, for a person.
    pub reason: String,
}

/// Takes what rules say.
#[derive(Debug, Default)]
pub struct Sink {
    /// Findings so far.
    pub findings: Vec<Finding>,
    /// Places passed over, where a trace is wanted.
    pub traces: Vec<Trace>,
    trace: Option<String>,
}

impl Sink {
    /// A sink that keeps traces of that rule.
    #[must_use]
    pub fn new(trace: Option<String>) -> Self {
        Self { trace, ..Self::default() }
    }

    /// Takes a finding. One without steps is no argument and is refused.
    pub fn report(&mut self, finding: Finding) {
        debug_assert!(!finding.steps.is_empty(), "{} reports without steps", finding.rule);
        if !finding.steps.is_empty() {
            self.findings.push(finding);
        }
    }

    /// Notes why a place was passed over, if anybody asked for that rule.
    pub fn pass(&mut self, rule: &'static str, at: impl FnOnce() -> Location, reason: impl FnOnce() -> String) {
        if self.trace.as_deref() == Some(rule) {
            self.traces.push(Trace { at: at(), rule, reason: reason() });
        }
    }
}
