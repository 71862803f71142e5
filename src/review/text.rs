//! The words of a review, as Markdown that GitHub and GitLab both read.
//!
//! Messages quote the code under review, which its author controls: outside of code spans nothing of it may be taken for markup, a mention or HTML.

use super::{Comment, Plan, Remark, Service, Spot, Target, marker};
use crate::lint::Level;
use crate::report;
use crate::report::escape::{link as path_of_link, longest_run, markdown as plain};
use std::fmt::Write as _;

/// Services refuse bodies of more than 65,536 characters.
const LONGEST: usize = 60_000;

/// The body of a comment on a line. Without `suggest`, a fix is only named: its lines are not those of the comment.
pub(super) fn comment(comment: &Comment, target: &Target, commit: &str, suggest: bool) -> String {
    let whole = |commit: &str, suggest: bool| {
        let mut out = head(&comment.remark);
        steps(&comment.remark.steps, target, commit, &mut out);
        fix(comment, target.service, suggest, &mut out);
        out
    };
    // Half a suggestion would take code away.
    let suggest = suggest && whole(commit, true).len() <= LONGEST;
    let write = |commit: &str| whole(commit, suggest);
    // The links change with every push, and that alone is no reason to touch a comment.
    let digest = marker::digest(&write(""));
    format!("{}{digest}{}", marker::fingerprints([&comment.remark]), cut(&write(commit)))
}

/// What stands above the comments: how many they are, and the findings that are on no line of the diff.
pub(super) fn summary(plan: &Plan, target: &Target, commit: &str) -> String {
    let mut out = marker::fingerprints(&plan.outside);
    let comments: Vec<&Remark> = plan.comments.iter().map(|comment| &comment.remark).collect();
    if comments.is_empty() {
        out.push_str("**goleash** has found nothing new on the lines of this diff.\n");
    } else {
        let _ = writeln!(out, "**goleash** has found {} on the lines of this diff.", counted(&comments));
    }
    if !plan.outside.is_empty() {
        let outside: Vec<&Remark> = plan.outside.iter().collect();
        let _ = write!(out, "\n<details>\n<summary>{} outside of it</summary>\n\n", counted(&outside));
        let room = LONGEST.saturating_sub(out.len());
        out.push_str(&list(&outside, target, commit, room));
        out.push_str("\n</details>\n");
    }
    if plan.elsewhere > 0 {
        let are = if plan.elsewhere == 1 { "is" } else { "are" };
        let _ = writeln!(out, "\n{} in other files {are} not listed.", findings(plan.elsewhere));
    }
    out
}

fn list(remarks: &[&Remark], target: &Target, commit: &str, room: usize) -> String {
    let mut out = String::new();
    for (index, remark) in remarks.iter().enumerate() {
        let place = remark.at.as_ref().map_or(String::new(), |at| format!("{}: ", link(at, target, commit)));
        let mut entry = format!("- {place}{}\n", head(remark).trim_end());
        let mut argument = String::new();
        steps(&remark.steps, target, commit, &mut argument);
        for step in argument.lines().filter(|line| !line.is_empty()) {
            let _ = writeln!(entry, "  {step}");
        }
        if out.len() + entry.len() > room {
            let _ = writeln!(out, "\n{} more are not listed.", findings(remarks.len() - index));
            break;
        }
        out.push_str(&entry);
    }
    out
}

fn head(remark: &Remark) -> String {
    let rule = match crate::rules::metas().iter().find(|meta| meta.id == remark.rule) {
        Some(meta) => format!("[{}]({})", meta.id, report::page(meta.id)),
        None => plain(&remark.rule),
    };
    format!("**{} {rule}**: {}\n\n", remark.level, plain(&remark.message))
}

fn steps(steps: &[Spot], target: &Target, commit: &str, out: &mut String) {
    for (index, step) in steps.iter().enumerate() {
        let _ = writeln!(out, "{}. {}: {}", index + 1, link(step, target, commit), plain(&step.label));
    }
}

fn fix(comment: &Comment, service: Service, suggest: bool, out: &mut String) {
    let Some(suggestion) = &comment.suggestion else {
        if let Some(fix) = comment.remark.fixes.first() {
            let _ = write!(out, "\nA fix: {}\n", plain(&fix.title));
        }
        return;
    };
    let _ = write!(out, "\nA fix: {}\n", plain(&suggestion.title));
    // What is taken with a click has to be what it looks like.
    if !suggest || report::is_harmful(&suggestion.text) {
        return;
    }
    let reach = match service {
        Service::Github => String::new(),
        // GitLab counts from the line of the comment.
        Service::Gitlab => format!(":-{}+{}", comment.line - suggestion.first, suggestion.last - comment.line),
    };
    let fence = "`".repeat(longest_run(&suggestion.text, '`').max(2) + 1);
    let _ = write!(out, "\n{fence}suggestion{reach}\n{}\n{fence}\n", suggestion.text);
}

/// `best.go:12`, which leads to the line at the commit.
fn link(spot: &Spot, target: &Target, commit: &str) -> String {
    let name = spot.path.rsplit('/').next().unwrap_or(&spot.path);
    let name = plain(name);
    let (path, tree) = (path_of_link(&spot.path), target.service.tree());
    let last = if spot.last > spot.first { format!("-{}{}", target.service.line_sign(), spot.last) } else { String::new() };
    format!("[{name}:{}]({}/{tree}/{commit}/{path}#L{}{last})", spot.first, target.web, spot.first)
}

/// `1 error and 2 warnings`.
fn counted(remarks: &[&Remark]) -> String {
    let of = |level| remarks.iter().filter(|remark| remark.level == level).count();
    let levels = [(Level::Error, "error"), (Level::Warning, "warning"), (Level::Note, "note")];
    let parts: Vec<String> = levels
        .iter()
        .map(|(level, noun)| (of(*level), noun))
        .filter(|(n, _)| *n > 0)
        .map(|(n, noun)| report::counted(n, noun))
        .collect();
    report::listed(&parts)
}

fn findings(number: usize) -> String {
    report::counted(number, "finding")
}

fn cut(text: &str) -> String {
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    // Not within a line: what is cut off there could be the end of a code span.
    let end = text.as_bytes()[..LONGEST].iter().rposition(|byte| *byte == b'\n').unwrap_or(0);
    format!("{}\n\nThe rest is too long to be shown.\n", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_end_with_a_line() {
        let long = "0123456789\n".repeat(10_000);
        let short = cut(&long);
        assert!(short.len() < LONGEST + 100 && short.contains("9\n\nThe rest"), "{}", short.len());
        assert_eq!(cut("x"), "x");
    }
}
