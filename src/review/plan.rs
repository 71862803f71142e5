//! Which line of a diff each finding is told on.

use super::{Change, FileDiff, Line, Point, Remark, Spot};
use std::collections::BTreeSet;

/// Comments beyond these go to the summary: a page with more of them is read by nobody, and services refuse it.
const MOST_COMMENTS: usize = 50;
/// A suggestion replaces all lines from the comment's to the fix's; over more, nobody sees what changes.
const MOST_LINES: u32 = 25;
/// Where it would be more than these, the comment goes to the step next to the fix.
const FEW_LINES: u32 = 8;

/// What there is to tell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// On lines of the diff.
    pub comments: Vec<Comment>,
    /// In the summary.
    pub outside: Vec<Remark>,
    /// Findings that are only counted.
    pub elsewhere: usize,
}

/// How far from the diff a finding may be to be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// On lines that the diff shows.
    Lines,
    /// In files that the diff touches, be it with one step.
    #[default]
    Files,
    /// Anywhere.
    All,
}

/// A finding on a line of the diff.
#[derive(Clone, Debug, PartialEq)]
pub struct Comment {
    /// The finding.
    pub remark: Remark,
    /// The file, from the root of the repository.
    pub path: String,
    /// Its path before.
    pub old_path: String,
    /// The line.
    pub line: u32,
    /// Its number before, where the line has not changed.
    pub old_line: Option<u32>,
    /// What could stand there instead.
    pub suggestion: Option<Suggested>,
}

/// Whole lines, the comment's own among them, and what could stand there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggested {
    /// 1-based.
    pub first: u32,
    /// Not before the first.
    pub last: u32,
    /// Without the last line's end.
    pub text: String,
    /// What it does, as a sentence.
    pub title: String,
}

impl Plan {
    /// Puts findings on the lines of a diff.
    #[must_use]
    pub fn new(remarks: Vec<Remark>, files: &[FileDiff], reach: Reach) -> Self {
        let mut plan = Self::default();
        for remark in remarks {
            match comment(&remark, files) {
                Some(comment) if plan.comments.len() < MOST_COMMENTS => plan.comments.push(comment),
                Some(_) => plan.outside.push(remark),
                None if reach == Reach::All || (reach == Reach::Files && touched(&remark, files)) => plan.outside.push(remark),
                None => plan.elsewhere += 1,
            }
        }
        plan
    }

    /// What is left where some findings have been told, by fingerprint.
    pub(super) fn without(&self, told: &BTreeSet<String>) -> Self {
        let is_new = |remark: &Remark| !told.contains(&remark.fingerprint);
        Self {
            comments: self.comments.iter().filter(|comment| is_new(&comment.remark)).cloned().collect(),
            outside: self.outside.iter().filter(|remark| is_new(remark)).cloned().collect(),
            elsewhere: self.elsewhere,
        }
    }

    /// Moves comments to the summary.
    pub(super) fn move_outside(&mut self, which: impl Fn(&Comment) -> bool) {
        let (moved, kept) = std::mem::take(&mut self.comments).into_iter().partition(which);
        self.comments = kept;
        let moved: Vec<Comment> = moved;
        self.outside.splice(..0, moved.into_iter().map(|comment| comment.remark));
    }

    /// Whether there is nothing to say. What is only counted is not worth a review.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.comments.is_empty() && self.outside.is_empty()
    }

    /// How many findings it tells.
    #[must_use]
    pub fn len(&self) -> usize {
        self.comments.len() + self.outside.len()
    }
}

fn now<'f>(files: &'f [FileDiff], path: &str) -> Option<&'f FileDiff> {
    files.iter().find(|file| file.new.as_deref() == Some(path))
}

fn touched(remark: &Remark, files: &[FileDiff]) -> bool {
    remark.at.iter().chain(&remark.steps).any(|spot| now(files, &spot.path).is_some())
}

/// On the line of the finding, or else on the first step that changed: the rest of the argument then leads to the finding. With a fix far from
/// there, on the step next to it.
fn comment(remark: &Remark, files: &[FileDiff]) -> Option<Comment> {
    let shown = |spot: &Spot| Some((now(files, &spot.path)?, now(files, &spot.path)?.line(spot.first)?));
    let changed = |(_, line): &(&FileDiff, &Line)| line.old.is_none();
    let here = remark.at.as_ref().and_then(shown);
    let (file, line) = here.or_else(|| remark.steps.iter().find_map(|step| shown(step).filter(changed)))?;
    let beside = || remark.steps.iter().filter_map(shown).filter(|(other, _)| other.new == file.new);
    let suggestion = remark.fixes.iter().find_map(|fix| {
        let from_here = suggest(fix, file, line.new).map(|suggestion| (line, suggestion));
        if from_here.as_ref().is_some_and(|(_, suggestion)| suggestion.last - suggestion.first < FEW_LINES) {
            return from_here;
        }
        let from_steps = beside().filter_map(|(_, line)| Some((line, suggest(fix, file, line.new)?)));
        from_here.into_iter().chain(from_steps).min_by_key(|(_, suggestion)| suggestion.last - suggestion.first)
    });
    let (line, suggestion) = suggestion.map_or((line, None), |(line, suggestion)| (line, Some(suggestion)));
    let path = file.new.clone()?;
    Some(Comment {
        old_path: file.old.clone().unwrap_or_else(|| path.clone()),
        line: line.new,
        old_line: line.old,
        suggestion,
        remark: remark.clone(),
        path,
    })
}

/// The fix as whole lines, if one hunk shows all of them and the comment's.
fn suggest(fix: &Change, file: &FileDiff, line: u32) -> Option<Suggested> {
    if file.new.as_deref() != Some(fix.path.as_str()) {
        return None;
    }
    let first = fix.edits.iter().map(|edit| edit.0.0).chain([line]).min()?;
    let last = fix.edits.iter().map(|edit| edit.1.0).chain([line]).max()?;
    if fix.edits.is_empty() || last - first >= MOST_LINES {
        return None;
    }
    let hunk = file.hunk(first, last)?;
    let lines: Vec<&str> =
        (first..=last).map(|number| hunk.line(number).map(|line| line.text.as_str())).collect::<Option<_>>()?;
    // Services write suggestions with ends of their own, and a file with two kinds of ends is no mended one.
    if lines.iter().any(|text| text.ends_with('\r')) {
        return None;
    }
    let whole = lines.join("\n");
    let offset = |(line, column): Point| {
        let before: usize = lines[..(line - first) as usize].iter().map(|text| text.len() + 1).sum();
        Some(before + byte_of(lines[(line - first) as usize], column)?)
    };
    let (mut text, mut at) = (String::new(), 0);
    for (start, end, new) in &fix.edits {
        let (start, end) = (offset(*start)?, offset(*end)?);
        text.push_str(whole.get(at..start)?);
        text.push_str(new);
        at = end.max(start);
    }
    text.push_str(whole.get(at..)?);
    let text = text.replace("\r\n", "\n");
    Some(Suggested { first, last, text, title: fix.title.clone() })
}

/// Where a column begins, which counts UTF-16 units from 1. One place behind the line's end is a column too.
fn byte_of(line: &str, column: u32) -> Option<usize> {
    let mut left = column.checked_sub(1)? as usize;
    for (at, c) in line.char_indices() {
        if left == 0 {
            return Some(at);
        }
        left = left.checked_sub(c.len_utf16())?;
    }
    (left == 0).then_some(line.len())
}

#[cfg(test)]
mod tests {
    use super::super::parse_diff;
    use super::*;
    use crate::lint::Level;

    const DIFF: &str = "diff --git a/a.go b/a.go\n--- a/a.go\n+++ b/a.go\n@@ -10,4 +10,5 @@\n a😀 := make(chan int)\n+go func() {\n+\tc <- 1\n-x\n }\n y\n@@ -50 +51 @@\n-a\n+b\r\n";

    fn spot(path: &str, line: u32) -> Spot {
        Spot { path: path.to_owned(), first: line, last: line, label: String::new() }
    }

    fn remark(at: Spot, steps: Vec<Spot>) -> Remark {
        let fingerprint = format!("{}{}", at.path, at.first);
        let (rule, message) = ("blocked-send".to_owned(), "Blocks.".to_owned());
        Remark { rule, level: Level::Error, message, at: Some(at), steps, fixes: Vec::new(), fingerprint }
    }

    fn fix(edits: &[(Point, Point, &str)]) -> Change {
        let edits = edits.iter().map(|(start, end, text)| (*start, *end, (*text).to_owned())).collect();
        Change { title: "Mend.".to_owned(), path: "a.go".to_owned(), edits }
    }

    fn suggested(change: &Change, line: u32) -> Option<Suggested> {
        suggest(change, &parse_diff(DIFF).unwrap()[0], line)
    }

    #[test]
    fn each_finding_has_its_line() {
        let files = parse_diff(DIFF).unwrap();
        let remarks = vec![
            remark(spot("a.go", 12), Vec::new()),
            remark(spot("a.go", 13), Vec::new()),
            remark(spot("a.go", 30), vec![spot("a.go", 13), spot("a.go", 11)]),
            remark(spot("a.go", 31), vec![spot("a.go", 13)]),
            remark(spot("b.go", 1), vec![spot("a.go", 31)]),
            remark(spot("b.go", 2), Vec::new()),
        ];
        let plan = Plan::new(remarks.clone(), &files, Reach::Files);
        let lines: Vec<_> = plan.comments.iter().map(|comment| (comment.line, comment.old_line)).collect();
        assert_eq!(lines, [(12, None), (13, Some(12)), (11, None)]);
        assert_eq!((plan.outside.len(), plan.elsewhere), (2, 1));
        let all = Plan::new(remarks.clone(), &files, Reach::All);
        assert_eq!((all.outside.len(), all.elsewhere), (3, 0));
        let few = Plan::new(remarks, &files, Reach::Lines);
        assert_eq!((few.outside.len(), few.elsewhere), (0, 3));
        let told = BTreeSet::from(["a.go12".to_owned(), "a.go31".to_owned()]);
        assert_eq!(plan.without(&told).len(), 3);
    }

    #[test]
    fn a_far_fix_takes_the_comment_with_it() {
        let lines: String = (1..=30).map(|n| format!("+line {n}\n")).collect();
        let files = parse_diff(&format!("--- /dev/null\n+++ b/a.go\n@@ -0,0 +1,30 @@\n{lines}")).unwrap();
        let place = |steps: Vec<Spot>, line: u32| {
            let mended = fix(&[((line, 1), (line, 1), "x ")]);
            let remark = Remark { fixes: vec![mended], ..remark(spot("a.go", 2), steps) };
            let comment = Plan::new(vec![remark], &files, Reach::Files).comments.remove(0);
            (comment.line, comment.suggestion.map(|s| (s.first, s.last)))
        };
        let steps = || vec![spot("b.go", 20), spot("a.go", 19), spot("a.go", 21)];
        assert_eq!(place(steps(), 9), (2, Some((2, 9))));
        assert_eq!(place(steps(), 20), (19, Some((19, 20))));
        assert_eq!(place(steps(), 29), (21, Some((21, 29))));
        assert_eq!(place(Vec::new(), 20), (2, Some((2, 20))));
        assert_eq!(place(Vec::new(), 30), (2, None));
    }

    #[test]
    fn a_suggestion_is_whole_lines_of_one_hunk() {
        let one = suggested(&fix(&[((10, 8), (10, 22), "make(chan int, 1)")]), 12).unwrap();
        assert_eq!((one.first, one.last), (10, 12));
        assert_eq!(one.text, "a😀 := make(chan int, 1)\ngo func() {\n\tc <- 1");
        let two = suggested(&fix(&[((11, 1), (12, 1), ""), ((12, 8), (12, 8), "\r\n\tdone()")]), 12).unwrap();
        assert_eq!(two.text, "\tc <- 1\n\tdone()");
        assert_eq!(suggested(&fix(&[((9, 1), (9, 2), "")]), 12), None, "above the hunk");
        assert_eq!(suggested(&fix(&[((51, 1), (51, 2), "")]), 12), None, "another hunk");
        assert_eq!(suggested(&fix(&[((51, 1), (51, 2), "")]), 51), None, "a carriage return");
        assert_eq!(suggested(&fix(&[((10, 3), (10, 4), "")]), 10), None, "within a character");
        assert_eq!(suggested(&fix(&[((10, 1), (10, 99), "")]), 10), None, "behind the line");
        assert_eq!(suggested(&fix(&[]), 10), None);
    }
}
