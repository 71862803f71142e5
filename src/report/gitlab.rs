//! GitLab's code quality report, which merge requests show: a list of issues in a part of Code Climate's form.

use super::{Report, argument, visible};
use crate::lint::{Finding, Level, Problem};
use rustc_hash::FxHashMap;
use serde::Serialize;
use std::io;

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Place,
}

#[derive(Serialize)]
struct Place {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

pub(super) fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut issues: Vec<Issue> = report.shown().map(issue).collect();
    issues.extend(report.outcome.problems.iter().map(problem));
    // GitLab drops an issue whose fingerprint it has seen in the same report.
    let mut seen: FxHashMap<String, usize> = FxHashMap::default();
    for issue in &mut issues {
        let again = seen.entry(issue.fingerprint.clone()).or_default();
        if *again > 0 {
            issue.fingerprint = format!("{}-{again}", issue.fingerprint);
        }
        *again += 1;
    }
    visible::json_pretty(&issues, out)
}

fn issue(finding: &Finding) -> Issue {
    let severity = match finding.level {
        Level::Error => "critical",
        Level::Warning => "major",
        Level::Note => "info",
    };
    let place = Place { path: finding.at.file.display.clone(), lines: Lines { begin: finding.at.start().line } };
    Issue {
        description: argument(finding),
        check_name: finding.rule.to_owned(),
        fingerprint: finding.fingerprint.clone(),
        severity,
        location: place,
    }
}

fn problem(problem: &Problem) -> Issue {
    Issue {
        description: visible::text(&format!("not looked at: {}", problem.message)),
        check_name: "not-looked-at".to_owned(),
        fingerprint: format!("not-looked-at:{}:{}", problem.path, problem.message),
        severity: "minor",
        location: Place { path: problem.path.clone(), lines: Lines { begin: problem.line.unwrap_or(1) } },
    }
}
