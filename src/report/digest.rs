//! A summary in Markdown: for the page of a CI job, a comment or a file of the repository.
//!
//! The steps of a finding are folded away. Links are relative to the folder goleash ran in.

use super::statistics::{LEVELS, counts};
use super::{Look, Report, escape, human, offered};
use crate::lint::{Finding, Level, Problem};
use crate::source::Location;
use std::fmt::Write as _;
use std::io;

/// GitHub takes no job summary of more than a mebibyte, and shows none of it then.
const LONGEST: usize = 1_000_000;

/// Code beside a step is cut after so many characters.
const CODE: usize = 160;

pub(super) fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut text = String::from("## goleash\n\n");
    let mut summary = Vec::new();
    human::summary(report, Look::default(), &mut summary)?;
    for line in String::from_utf8_lossy(&summary).lines() {
        let _ = writeln!(text, "{}\n", escape::markdown(line));
    }
    table(report, &mut text);
    problems(&report.outcome.problems, &mut text);
    let all: Vec<&Finding> = report.shown().collect();
    for (index, finding) in all.iter().enumerate() {
        let entry = entry(finding);
        if text.len() + entry.len() > LONGEST {
            let _ = writeln!(text, "{} are not listed here.", super::counted(all.len() - index, "more finding"));
            break;
        }
        text.push_str(&entry);
    }
    out.write_all(text.trim_end().as_bytes())?;
    writeln!(out)
}

fn table(report: &Report<'_>, out: &mut String) {
    let counts = counts(report);
    if counts.is_empty() {
        return;
    }
    let levels: Vec<usize> = (0..LEVELS.len()).filter(|&at| LEVELS[at] >= report.level).collect();
    out.push_str("| rule |");
    levels.iter().for_each(|&at| out.push_str(&format!(" {} |", LEVELS[at])));
    out.push_str(" what it finds |\n| --- |");
    levels.iter().for_each(|_| out.push_str(" ---: |"));
    out.push_str(" --- |\n");
    for counts in &counts {
        let meta = report.rules.iter().find(|meta| meta.id == counts.rule);
        let _ = write!(out, "| [{}]({}) |", counts.rule, super::page(counts.rule));
        levels.iter().for_each(|&at| out.push_str(&format!(" {} |", counts.levels[at])));
        let _ = writeln!(out, " {} |", meta.map_or(String::new(), |meta| escape::markdown(meta.summary)));
    }
    out.push('\n');
}

fn problems(problems: &[Problem], out: &mut String) {
    if problems.is_empty() {
        return;
    }
    let said = super::counted(problems.len(), "problem");
    let _ = writeln!(out, "<details>\n<summary>{said}: code that may not have been looked at</summary>\n");
    for problem in problems.iter().take(100) {
        let line = problem.line.map_or(String::new(), |line| format!(":{line}"));
        let _ = writeln!(out, "- {}: {}", escape::code(&format!("{}{line}", problem.path)), escape::markdown(&problem.message));
    }
    if problems.len() > 100 {
        let _ = writeln!(out, "- and {}", super::counted(problems.len() - 100, "more problem"));
    }
    out.push_str("\n</details>\n\n");
}

/// One finding. What stands in `<summary>` is HTML, for Markdown is not read there.
fn entry(finding: &Finding) -> String {
    let mut out = String::new();
    let icon = match finding.level {
        Level::Error => "\u{1f534}",
        Level::Warning => "\u{1f7e1}",
        Level::Note => "\u{1f535}",
    };
    let message = escape::html_with_code(&finding.message);
    let _ = writeln!(
        out,
        "<details>\n<summary>{icon} <b>{}</b> {} <code>{}</code>: {message}</summary>\n",
        finding.level,
        finding.rule,
        escape::html(&place(&finding.at))
    );
    let function = if finding.function.is_empty() { String::new() } else { format!(" in {}", escape::code(&finding.function)) };
    let _ = writeln!(out, "{}{function}\n", linked(&finding.at));
    for (index, step) in finding.steps.iter().enumerate() {
        let _ = writeln!(out, "{}. {}: {}", index + 1, linked(&step.at), escape::markdown(&step.label));
        let code = line_of(&step.at);
        if !code.is_empty() {
            let _ = writeln!(out, "   <br>{}", escape::code(&code));
        }
    }
    if !finding.help.is_empty() {
        let _ = writeln!(out, "\n**help**: {}", escape::markdown(&finding.help));
    }
    for fix in &finding.fixes {
        let _ = writeln!(out, "\n**fix**: {}", escape::markdown(&offered(fix)));
    }
    out.push_str("\n</details>\n\n");
    out
}

fn place(at: &Location) -> String {
    let start = at.start();
    format!("{}:{}:{}", at.file.display, start.line, start.col)
}

fn linked(at: &Location) -> String {
    format!("[{}]({}#L{})", escape::markdown(&place(at)), escape::link(&at.file.display), at.start().line)
}

/// The first line of a place, without its indentation.
fn line_of(at: &Location) -> String {
    let line = at.file.line_text(at.start().line).trim();
    match line.char_indices().nth(CODE) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}
