//! Findings as bytes: for people, for machines, for the services that show them beside the code.
//!
//! Architecture Invariant: a report depends on the [`Report`] and its [`Look`] alone. No clock, no environment and no path of this machine
//! gets in, so the same input gives the same bytes.

mod concise;
mod digest;
mod drawing;
pub(crate) mod escape;
mod github;
mod gitlab;
mod html;
mod human;
mod json;
pub mod markdown;
mod rdjson;
mod sarif;
mod snippet;
mod statistics;
mod suggestion;
mod visible;
mod xml;

pub use suggestion::{Suggestion, suggestion};
pub(crate) use visible::{is_harmful, json_line, json_pretty, line as plain, text as plain_text};

use crate::lint::{Finding, Fix, Level, Meta, Reason};
use crate::pipeline::Outcome;
use crate::source::Location;
use std::fmt::Write as _;
use std::io;

/// Where the project lives; SARIF and `--help` point there.
pub const HOME: &str = "https://github.com/goleash/goleash";

/// The form of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Annotated source, for people
    #[default]
    Human,
    /// A line each: path:line:column: level[rule] message
    Concise,
    /// A summary with the steps folded away, for the page of a CI job
    Markdown,
    /// A page for a browser, in one file that loads nothing
    Html,
    /// One JSON document, versioned and documented
    Json,
    /// SARIF 2.1.0, for code scanning services
    Sarif,
    /// Workflow commands, which GitHub shows as annotations
    Github,
    /// A code quality report, which GitLab shows in merge requests
    Gitlab,
    /// Reviewdog's Diagnostic Format, as one JSON document
    Rdjson,
    /// Checkstyle's XML, which many CI servers read
    Checkstyle,
    /// JUnit's XML: each finding a failed test
    Junit,
}

/// How a report for people looks.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Whether ANSI colours are wanted.
    pub color: bool,
    /// Whether lines are drawn with more than ASCII.
    pub unicode: bool,
    /// Columns to fill.
    pub width: usize,
    /// Whether the summary says how long the run took, which differs from run to run.
    pub time: bool,
}

impl Default for Look {
    fn default() -> Self {
        // Wide enough for most lines of Go; a pipe has no width of its own.
        Self { color: false, unicode: false, width: 100, time: false }
    }
}

/// A finding as the JSON report has it.
#[must_use]
pub fn finding_as_json(finding: &Finding) -> serde_json::Value {
    json::one(finding)
}

/// What there is to report.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// What the run found.
    pub outcome: &'a Outcome,
    /// Findings below this level are counted and not shown.
    pub level: Level,
    /// The rules that ran, by id.
    pub rules: &'a [&'static Meta],
}

impl<'a> Report<'a> {
    /// The findings to show, in order.
    pub fn shown(&self) -> impl Iterator<Item = &'a Finding> + Clone + use<'a> {
        let level = self.level;
        self.outcome.findings.iter().filter(move |f| f.level >= level)
    }

    /// How many findings of a level there are, shown or not.
    #[must_use]
    pub fn count(&self, level: Level) -> usize {
        self.outcome.findings.iter().filter(|f| f.level == level).count()
    }

    /// How many findings of the level that is shown, or above, something excuses.
    #[must_use]
    pub fn withheld(&self, which: impl Fn(&Reason) -> bool) -> usize {
        self.outcome.withheld.iter().filter(|w| w.finding.level >= self.level && which(&w.reason)).count()
    }

    /// How many findings are below the level that is shown.
    #[must_use]
    pub fn hidden(&self) -> usize {
        self.outcome.findings.iter().filter(|f| f.level < self.level).count()
    }

    /// Writes the report.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, format: Format, look: Look, out: &mut dyn io::Write) -> io::Result<()> {
        match format {
            Format::Human => human::write(self, look, out),
            Format::Concise => concise::write(self, out),
            Format::Markdown => digest::write(self, out),
            Format::Html => html::write(self, out),
            Format::Json => json::write(self, out),
            Format::Sarif => sarif::write(self, out),
            Format::Github => github::write(self, out),
            Format::Gitlab => gitlab::write(self, out),
            Format::Rdjson => rdjson::write(self, out),
            Format::Checkstyle => xml::checkstyle(self, out),
            Format::Junit => xml::junit(self, out),
        }
    }

    /// Writes how many findings of each rule and level there are, for people, instead of the findings.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write_statistics(&self, look: Look, out: &mut dyn io::Write) -> io::Result<()> {
        human::write_statistics(self, look, out)
    }

    /// Writes the closing lines of the report for people by themselves, for when the report went elsewhere.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write_summary(&self, look: Look, out: &mut dyn io::Write) -> io::Result<()> {
        human::summary(self, look, out)
    }

    /// Writes how much was looked at and where the time went. It differs from run to run, so no report contains it.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write_stats(&self, out: &mut dyn io::Write) -> io::Result<()> {
        human::stats(self, out)
    }

    /// Writes why places were passed over, for formats that have no room for it.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write_traces(&self, out: &mut dyn io::Write) -> io::Result<()> {
        human::traces(self, out)
    }
}

/// The lines of a text around a place, with the place marked.
#[must_use]
pub fn excerpt(at: &Location, look: Look) -> String {
    human::excerpt(at, look)
}

/// A finding as plain text that may be shown: the message, the steps, the help, a line each.
fn argument(finding: &Finding) -> String {
    let mut text = finding.message.clone();
    for (index, step) in finding.steps.iter().enumerate() {
        let start = step.at.start();
        let _ = write!(text, "\n{}. {}:{}:{}: {}", index + 1, step.at.file.display, start.line, start.col, step.label);
    }
    if !finding.help.is_empty() {
        let _ = write!(text, "\nhelp: {}", finding.help);
    }
    visible::escaped(&text, &['\n', '\r', '\t'])
}

/// A fix in words: what it does, and whether it may be applied unseen.
fn offered(fix: &Fix) -> String {
    format!("{} ({})", fix.title, fix.safety)
}

/// Where a rule's page stands.
#[must_use]
pub fn page(rule: &str) -> String {
    format!("{HOME}/blob/main/rules/{}/README.md", rule.replace('-', "_"))
}

/// `1 error`, `2 errors`.
pub(crate) fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(number))
}

/// `8,087`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [init @ .., last] => format!("{} and {last}", init.join(", ")),
    }
}
