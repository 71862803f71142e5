//! Findings that the code itself excuses: `//goleash:ignore RULE reason` and `//nolint:goleash // reason`.
//!
//! `//nolint` and `//nolint:all` excuse too, for they speak to all linters; they are not held to anything, for they speak to others as well.
//!
//! A comment excuses what stands on its line, on the line below if it has a line for itself, in the function that begins there, or, before
//! the package clause, in the file. A finding stands at its own place and at the `go` statement that it is about.

mod read;
mod say;

use super::Finding;
use crate::source::{SourceFile, Span};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// The word that every such comment holds; files are searched for it in the one pass over their bytes.
pub const WORD: &str = "goleash";

/// The word of golangci-lint's comments. Those that do not name goleash are looked for only in files with findings.
const FOREIGN: &str = "nolint";

/// The rule that such comments themselves are held to.
pub const RULE: &str = "bad-suppression";

/// One comment.
#[derive(Debug)]
struct Ignore {
    /// From its slashes to its end.
    span: Span,
    /// The bytes in which it excuses findings.
    scope: Span,
    /// What they are, for a person: `this line`.
    scope_name: &'static str,
    /// The rules that it names, and where; none where it speaks of all.
    rules: Vec<(String, Span)>,
    all: bool,
    /// It speaks to all linters, and not to goleash by its name.
    general: bool,
    reason: String,
    /// A directive of ours that nobody knows.
    unknown: Option<String>,
    /// Blanks stand between the slashes and a directive of ours, which makes it prose.
    spaced: bool,
}

/// What the comments made of the findings of a run.
#[derive(Debug, Default)]
pub struct Judged {
    /// Findings that nothing excuses.
    pub findings: Vec<Finding>,
    /// The others, with the reason that was given.
    pub excused: Vec<(Finding, String)>,
    /// What is wrong with the comments.
    pub own: Vec<Finding>,
}

/// Where goroutines are started: file as it is shown, and first byte.
pub type Starts = FxHashSet<(String, u32)>;

/// The comments of one file, each with the rules that it excused findings of.
struct Held<'m> {
    file: &'m Arc<SourceFile>,
    ignores: Vec<(Ignore, FxHashSet<&'static str>)>,
}

/// Holds findings to the comments of the files that may have some. `ran` tells whether a rule looked at a file, so that it can be said
/// that a comment about it excuses nothing.
#[must_use]
pub fn judge(
    findings: Vec<Finding>,
    marked: &[Arc<SourceFile>],
    starts: &Starts,
    ran: &dyn Fn(&str, &SourceFile) -> bool,
) -> Judged {
    let mut out = Judged::default();
    let mut files: FxHashMap<&str, Held<'_>> = FxHashMap::default();
    let others = with_foreign(&findings);
    for file in marked.iter().chain(&others) {
        let ignores = read::ignores(file).into_iter().map(|ignore| (ignore, FxHashSet::default())).collect();
        files.entry(&file.display).or_insert(Held { file, ignores });
    }
    for finding in findings {
        let mut reason = None;
        for (display, offset) in anchors(&finding, starts) {
            let Some(Held { ignores, .. }) = files.get_mut(display) else { continue };
            for (ignore, used) in ignores.iter_mut().filter(|(ignore, _)| ignore.excuses(finding.rule, offset)) {
                used.insert(finding.rule);
                reason.get_or_insert_with(|| ignore.reason.clone());
            }
        }
        match reason {
            Some(reason) => out.excused.push((finding, reason)),
            None => out.findings.push(finding),
        }
    }
    for Held { file, ignores } in files.values() {
        for (ignore, used) in ignores {
            out.own.extend(say::complaints(file, ignore, used, &|rule| ran(rule, file)));
        }
    }
    out.own.retain(|finding| ran(finding.rule, &finding.at.file));
    out
}

/// The files that findings can be excused in and that hold the word of golangci-lint's comments.
fn with_foreign(findings: &[Finding]) -> Vec<Arc<SourceFile>> {
    let mut seen: FxHashSet<&str> = FxHashSet::default();
    let places = findings.iter().flat_map(|finding| finding.steps.iter().map(|step| &step.at).chain([&finding.at]));
    let files = places.map(|at| &at.file).filter(|file| seen.insert(&file.display));
    files.filter(|file| memchr::memmem::find(file.text.as_bytes(), FOREIGN.as_bytes()).is_some()).cloned().collect()
}

/// The places at which a finding can be excused.
fn anchors<'f>(finding: &'f Finding, starts: &'f Starts) -> impl Iterator<Item = (&'f str, u32)> {
    let steps = finding.steps.iter().map(|step| (step.at.file.display.as_str(), step.at.span.start));
    let started = steps.filter(|(file, start)| starts.contains(&((*file).to_owned(), *start)));
    std::iter::once((finding.at.file.display.as_str(), finding.at.span.start)).chain(started)
}

impl Ignore {
    fn excuses(&self, rule: &str, offset: u32) -> bool {
        let names = self.all || self.rules.iter().any(|(id, _)| id == rule);
        names && self.scope.start <= offset && offset < self.scope.end
    }
}
