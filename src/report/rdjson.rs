//! Reviewdog's Diagnostic Format, as one JSON document: <https://github.com/reviewdog/reviewdog/tree/master/proto/rdf>.
//!
//! Columns count bytes from 1, and the end of a range is the first place behind it.

use super::suggestion::suggestion;
use super::{HOME, Report, argument, page, visible};
use crate::lint::{Finding, Level, Problem, Step};
use crate::source::{LineCol, Location};
use serde::Serialize;
use std::io;

#[derive(Serialize)]
struct Document<'a> {
    source: Source,
    diagnostics: Vec<Diagnostic<'a>>,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
    url: &'static str,
}

#[derive(Serialize)]
struct Diagnostic<'a> {
    message: String,
    location: Place<'a>,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Code<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggested>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Related<'a>>,
}

#[derive(Serialize)]
struct Code<'a> {
    value: &'a str,
    url: String,
}

#[derive(Serialize)]
struct Suggested {
    range: Range,
    text: String,
}

#[derive(Serialize)]
struct Related<'a> {
    message: String,
    location: Place<'a>,
}

#[derive(Serialize)]
struct Place<'a> {
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<Range>,
}

#[derive(Serialize)]
struct Range {
    start: Position,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<Position>,
}

#[derive(Serialize)]
struct Position {
    line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
}

pub(super) fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let findings = report.shown().map(diagnostic);
    let problems = report.outcome.problems.iter().map(problem);
    let document = Document { source: Source { name: "goleash", url: HOME }, diagnostics: findings.chain(problems).collect() };
    visible::json_pretty(&document, out)
}

fn diagnostic(finding: &Finding) -> Diagnostic<'_> {
    // Several suggestions are several ways to do it; each has to be one range of the file that the diagnostic is about.
    let suggestions = finding.fixes.iter().filter_map(suggestion).filter(|s| s.at.file.display == finding.at.file.display);
    // What is taken with a click has to be what it looks like.
    let suggestions = suggestions.filter(|s| !visible::is_harmful(&s.text));
    Diagnostic {
        message: argument(finding),
        location: place(&finding.at),
        severity: severity(finding.level),
        code: Some(Code { value: finding.rule, url: page(finding.rule) }),
        suggestions: suggestions.map(|s| Suggested { range: range(&s.at), text: s.text }).collect(),
        related_locations: finding.steps.iter().map(related).collect(),
    }
}

fn problem(problem: &Problem) -> Diagnostic<'_> {
    let start = |line| Range { start: Position { line, column: None }, end: None };
    Diagnostic {
        message: visible::text(&format!("not looked at: {}", problem.message)),
        location: Place { path: &problem.path, range: problem.line.map(start) },
        severity: severity(Level::Warning),
        code: None,
        suggestions: Vec::new(),
        related_locations: Vec::new(),
    }
}

fn severity(level: Level) -> &'static str {
    match level {
        Level::Error => "ERROR",
        Level::Warning => "WARNING",
        Level::Note => "INFO",
    }
}

fn related(step: &Step) -> Related<'_> {
    Related { message: visible::text(&step.label), location: place(&step.at) }
}

fn place(at: &Location) -> Place<'_> {
    Place { path: &at.file.display, range: Some(range(at)) }
}

fn range(at: &Location) -> Range {
    let position = |p: LineCol| Position { line: p.line, column: Some(p.col) };
    Range { start: position(at.start()), end: Some(position(at.end())) }
}
