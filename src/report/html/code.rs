//! The code that a finding speaks of, file by file, with its places marked and numbered.

use super::super::escape;
use crate::lint::Finding;
use crate::source::{SourceFile, Span};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

/// Lines shown around each place.
const AROUND: u32 = 2;

/// A line is cut around its marks after so many bytes: generated code has lines of a megabyte.
const LONGEST: usize = 400;

/// A place in a line: bytes of the line, number of the step, whether it is the place of the finding itself.
struct Mark {
    start: usize,
    end: usize,
    step: Option<usize>,
    first: bool,
}

/// The anchor of a step.
pub(super) fn id(finding: usize, step: usize) -> String {
    format!("f{finding}s{}", step + 1)
}

/// Writes a figure for each file, in the order in which the steps come to them.
pub(super) fn write(number: usize, finding: &Finding, out: &mut String) {
    let mut files: Vec<&Arc<SourceFile>> = Vec::new();
    for at in finding.steps.iter().map(|step| &step.at).chain([&finding.at]) {
        if files.iter().all(|file| file.display != at.file.display) {
            files.push(&at.file);
        }
    }
    for file in files {
        let name = escape::html(&file.display);
        // A region that scrolls has to be reached with the keyboard.
        let _ = write!(out, "<figure><figcaption class=\"place\">{name}</figcaption><pre tabindex=\"0\" aria-label=\"{name}\">");
        lines(number, finding, file, out);
        out.push_str("</pre></figure>\n");
    }
}

fn lines(number: usize, finding: &Finding, file: &SourceFile, out: &mut String) {
    let marks = marks(finding, file);
    let last = u32::try_from(file.text.lines().count()).unwrap_or(u32::MAX).max(1);
    let wanted: BTreeSet<u32> = marks
        .iter()
        .flat_map(|(line, _)| line.saturating_sub(AROUND).max(1)..=line.saturating_add(AROUND).min(last.max(*line)))
        .collect();
    let indent = wanted.iter().filter_map(|&line| indentation(file.line_text(line))).min().unwrap_or(0);
    let mut before = None;
    for line in wanted {
        if before.is_some_and(|before| before + 1 < line) {
            out.push_str("<span class=\"row gap\" data-line=\"\">…</span>");
        }
        before = Some(line);
        let here: Vec<&Mark> = marks.iter().filter(|(at, _)| *at == line).map(|(_, mark)| mark).collect();
        let _ = write!(out, "<span class=\"row\" data-line=\"{line}\">");
        row(number, file.line_text(line), indent, &here, out);
        out.push_str("</span>");
    }
}

/// The places in a file, each with its line. Only the first line of a place is marked.
fn marks(finding: &Finding, file: &SourceFile) -> Vec<(u32, Mark)> {
    let mark = |span: Span, step: Option<usize>, first: bool| {
        let line = file.line_col(span.start).line;
        let (begin, text) = (file.line_start(line), file.line_text(line));
        let start = floor(text, (span.start as usize).saturating_sub(begin));
        let end = floor(text, (span.end as usize).saturating_sub(begin)).max(start);
        (line, Mark { start, end, step, first })
    };
    let steps = finding.steps.iter().enumerate().filter(|(_, step)| step.at.file.display == file.display);
    let mut out: Vec<_> = steps.map(|(index, step)| mark(step.at.span, Some(index), step.at == finding.at)).collect();
    if finding.at.file.display == file.display && out.iter().all(|(_, mark)| !mark.first) {
        out.push(mark(finding.at.span, None, true));
    }
    out
}

/// Bytes of white space before the code; nothing for a line without any.
fn indentation(line: &str) -> Option<usize> {
    let code = line.trim_start_matches(['\t', ' ']);
    (!code.trim().is_empty()).then(|| line.len() - code.len())
}

fn row(number: usize, line: &str, indent: usize, marks: &[&Mark], out: &mut String) {
    let first = marks.iter().map(|mark| mark.start).min().unwrap_or(0);
    let blank = line.len() - line.trim_start_matches(['\t', ' ']).len();
    let mut from = indent.min(blank);
    let mut to = line.len();
    if to - from > LONGEST {
        from = from.max(floor(line, first.saturating_sub(LONGEST / 4)));
        to = floor(line, (from + LONGEST).min(to));
    }
    let mut bounds: Vec<usize> = marks.iter().flat_map(|mark| [mark.start, mark.end]).map(|at| at.clamp(from, to)).collect();
    bounds.extend([from, to]);
    bounds.sort_unstable();
    bounds.dedup();
    if from > blank {
        out.push('…');
    }
    for (index, &at) in bounds.iter().enumerate() {
        for step in marks.iter().filter(|mark| mark.start.clamp(from, to) == at).filter_map(|mark| mark.step) {
            let _ = write!(out, "<b class=\"step\" id=\"{}\">{}</b>", id(number, step), step + 1);
        }
        let Some(&next) = bounds.get(index + 1) else { continue };
        let text = escape::html(line.get(at..next).unwrap_or_default());
        let over = || marks.iter().filter(|mark| mark.start <= at && next <= mark.end);
        match (over().next(), over().any(|mark| mark.first)) {
            (None, _) => out.push_str(&text),
            (_, true) => out.push_str(&format!("<mark class=\"first\">{text}</mark>")),
            (_, false) => out.push_str(&format!("<mark>{text}</mark>")),
        }
    }
    if to < line.len() {
        out.push('…');
    }
}

/// The last boundary between characters that is not after `at`.
fn floor(line: &str, at: usize) -> usize {
    (0..=at.min(line.len())).rev().find(|&at| line.is_char_boundary(at)).unwrap_or(0)
}
