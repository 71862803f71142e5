//! Workflow commands: GitHub shows each as an annotation on the changed lines.

use super::{Report, argument, human, visible};
use crate::lint::{Finding, Level, Problem};
use std::fmt::Write as _;
use std::io;

pub(super) fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    for finding in report.shown() {
        writeln!(out, "{}", command(finding))?;
    }
    for problem in &report.outcome.problems {
        writeln!(out, "{}", problem_command(problem))?;
    }
    human::summary(report, super::Look::default(), out)
}

fn command(finding: &Finding) -> String {
    let word = match finding.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let (start, end) = (finding.at.start(), finding.at.end());
    let mut place = format!("file={},line={}", property(&finding.at.file.display), start.line);
    // GitHub drops columns, with a complaint, where an annotation covers more than one line.
    if start.line == end.line {
        let _ = write!(place, ",col={},endLine={},endColumn={}", start.utf16, end.line, end.utf16);
    } else {
        let _ = write!(place, ",endLine={}", end.line);
    }
    let title = property(&format!("goleash: {}", finding.rule));
    format!("::{word} {place},title={title}::{}", data(&argument(finding)))
}

fn problem_command(problem: &Problem) -> String {
    let line = problem.line.map_or(String::new(), |line| format!(",line={line}"));
    format!("::warning file={}{line},title=goleash%3A not looked at::{}", property(&problem.path), data(&problem.message))
}

/// As the toolkit's `escapeData`, for a log that is shown on a terminal too.
fn data(text: &str) -> String {
    visible::legal(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// As the toolkit's `escapeProperty`.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
