//! `goleash baseline --add-ignore`: a comment above each finding that says why it may stay.
//!
//! The comments go the way of all fixes: into the texts in memory, which are looked at again. One after which its finding is still there, as in
//! generated code, is taken out, and files are written with the limits that fixes have.

use super::failure::Failure;
use super::{Verdict, mend, progress};
use crate::lint::suppress::RULE;
use crate::lint::{Edit, Finding, Fix, Level, Safety};
use crate::pipeline::{self, Options, Outcome};
use crate::source::{Bounds, Location, Span};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

/// Writes the comments.
pub(super) fn add(mut projects: Vec<Options>, bounds: Bounds, level: Option<Level>, reason: &str) -> Result<Verdict, Failure> {
    let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    // A comma would make a rule of it, and what begins with other signs loses them.
    if !reason.starts_with(char::is_alphanumeric) || reason.contains(char::is_control) {
        return Err(Failure::NoReason { reason });
    }
    let levels = projects.iter().map(|project| level.or(project.settings.level).unwrap_or(Level::Warning));
    let level = levels.min().unwrap_or(Level::Warning);
    let (workshop, ..) = mend::rounds(&mut projects, bounds, false, level, |projects, _| {
        let mut outcome = pipeline::run_all(projects, &progress::Bar::new())?;
        offer(&mut outcome, level, &reason);
        Ok(outcome)
    })?;
    Ok(if mend::write(&workshop, false, &mend::SUPPRESSING) { Verdict::Clean } else { Verdict::Failed })
}

/// Gives each finding one fix: the comment. Findings of one line share one.
fn offer(outcome: &mut Outcome, level: Level, reason: &str) {
    let mut rules: FxHashMap<(PathBuf, u32), BTreeSet<&'static str>> = FxHashMap::default();
    let key = |finding: &Finding| (finding.at.file.path.clone(), finding.at.start().line);
    // What is wrong with a suppression is no matter for another one.
    let wanted = |finding: &Finding| finding.level >= level && finding.rule != RULE;
    for finding in outcome.findings.iter().filter(|finding| wanted(finding)) {
        rules.entry(key(finding)).or_default().insert(finding.rule);
    }
    for finding in &mut outcome.findings {
        finding.fixes.clear();
        if let Some(rules) = rules.get(&key(finding)).filter(|_| finding.level >= level && finding.rule != RULE) {
            let rules: Vec<&str> = rules.iter().copied().collect();
            finding.fixes.push(comment(&finding.at, &rules.join(","), reason));
        }
    }
}

/// The comment on a line of its own, above the place.
fn comment(at: &Location, rules: &str, reason: &str) -> Fix {
    let file = &at.file;
    let number = at.start().line;
    let (start, line) = (file.line_start(number), file.line_text(number));
    let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
    // gofmt sets directives in a function's documentation off by an empty line of it.
    let above = if number > 1 { file.line_text(number - 1).trim_start() } else { "" };
    let documented = indent.is_empty() && above.starts_with("// ");
    let apart = if documented { "//\n" } else { "" };
    let text = format!("{apart}{indent}//goleash:ignore {rules} {reason}\n");
    let edit = Edit { at: Location { file: Arc::clone(file), span: Span::new(start, start) }, text };
    Fix { title: format!("suppress {rules}"), safety: Safety::Safe, edits: vec![edit] }
}
