//! Applying the edits of fixes to a text, and the edits that fixes of several rules are made of.

pub mod guard;
pub mod outlives;
pub mod scope;
pub mod tree;

use crate::lint::{Edit, Fix};
use crate::source::{Location, Span};
use std::sync::Arc;

/// A text after fixes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The new text.
    pub text: String,
    /// How many fixes went in.
    pub fixes: usize,
    /// How many were left out, because they overlap with one that went in or do not fit the text.
    pub left_out: usize,
}

/// Applies to the text of the file shown as `display` what the fixes say of it, in the order given: of two that overlap the first goes in.
///
/// A fix goes in as a whole or not at all. Fixes that speak of other files too must be applied to all of them by the caller, or to none.
#[must_use]
pub fn apply(display: &str, text: &str, fixes: &[&Fix]) -> Applied {
    let mut taken: Vec<&Edit> = Vec::new();
    let mut applied = 0;
    for fix in fixes {
        let edits: Vec<&Edit> = fix.edits.iter().filter(|e| e.at.file.display == display).collect();
        let fits = edits.iter().all(|e| text.get(e.at.span.range()).is_some());
        // The same edit twice, as an import that two fixes add, is one edit.
        let new: Vec<&Edit> = edits.into_iter().filter(|e| !taken.contains(e)).collect();
        let overlaps = new.iter().enumerate().any(|(i, a)| taken.iter().chain(&new[..i]).any(|b| overlap(a, b)));
        if fits && !overlaps {
            taken.extend(new);
            applied += 1;
        }
    }
    taken.sort_by_key(|e| (e.at.span.start, e.at.span.end));
    let mut out = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for edit in taken {
        let range = edit.at.span.range();
        out.push_str(text.get(at..range.start).unwrap_or(""));
        out.push_str(&edit.text);
        at = range.end;
    }
    out.push_str(text.get(at..).unwrap_or(""));
    Applied { text: out, fixes: applied, left_out: fixes.len() - applied }
}

/// An edit that puts a statement on a line of its own below the one that ends with `at`, indented alike.
///
/// `None` where something follows on the line, as the brace of an `if` or the rest of an expression: there is no room for a statement.
#[must_use]
pub fn statement_below(at: &Location, statement: &str) -> Option<Edit> {
    let text = &at.file.text;
    let (start, end) = (at.span.start as usize, at.span.end as usize);
    let rest = text.get(end..)?;
    let line_end = end + rest.find('\n')?;
    let tail = text.get(end..line_end)?.trim();
    if !tail.is_empty() && !tail.starts_with("//") {
        return None;
    }
    let line_start = text.get(..start)?.rfind('\n').map_or(0, |i| i + 1);
    let line = text.get(line_start..start)?;
    let indent: &str = line.get(..line.len() - line.trim_start().len())?;
    let here = if text.get(..line_end)?.ends_with('\r') { line_end - 1 } else { line_end };
    let newline = if here < line_end { "\r\n" } else { "\n" };
    let at = Location { file: Arc::clone(&at.file), span: Span::new(here, here) };
    Some(Edit { at, text: format!("{newline}{indent}{statement}") })
}

/// An edit that puts a statement on a line of its own above the one that begins with `at`, indented alike.
///
/// `None` where something stands before that on the line.
#[must_use]
pub fn statement_above(at: &Location, statement: &str) -> Option<Edit> {
    let start = at.span.start as usize;
    let before = at.file.text.get(..start)?;
    let indent = before.get(before.rfind('\n')? + 1..)?;
    let here = Location { file: Arc::clone(&at.file), span: Span::new(start, start) };
    indent.trim().is_empty().then(|| Edit { at: here, text: format!("{statement}\n{indent}") })
}

/// An edit that gives the last `_` before a `:=` a name: the call at `at` is the right side of the statement.
///
/// `None` where the statement is another one: `=` cannot declare a name.
#[must_use]
pub fn name_for_blank(at: &Location, name: &str) -> Option<Edit> {
    let before = at.file.text.get(..at.span.start as usize)?.trim_end_matches(' ');
    let left = before.strip_suffix(":=")?.trim_end_matches(' ').strip_suffix('_')?;
    if !left.trim_end_matches(' ').ends_with(',') {
        return None;
    }
    let start = u32::try_from(left.len()).ok()?;
    let at = Location { file: Arc::clone(&at.file), span: Span { start, end: start + 1 } };
    Some(Edit { at, text: name.to_string() })
}

/// An edit that puts a statement first into the body of the function with this head, indented as what stands there.
///
/// `None` where the body does not begin on a line of its own.
#[must_use]
pub fn first_statement(head: &Location, statement: &str) -> Option<Edit> {
    let text = &head.file.text;
    let end = head.span.end as usize;
    let rest = text.get(end..)?;
    let brace = rest.find('{').filter(|at| rest.get(..*at).is_some_and(|between| between.trim().is_empty()))?;
    let (line, below) = rest.get(brace + 1..)?.split_once('\n')?;
    if !line.trim().is_empty() && !line.trim().starts_with("//") {
        return None;
    }
    let first = below.lines().next()?;
    let indent = first.get(..first.len() - first.trim_start().len()).filter(|_| !first.trim().is_empty())?;
    let here = u32::try_from(end + brace + 1 + line.trim_end_matches('\r').len()).ok()?;
    let newline = if line.ends_with('\r') { "\r\n" } else { "\n" };
    let at = Location { file: Arc::clone(&head.file), span: Span { start: here, end: here } };
    Some(Edit { at, text: format!("{newline}{indent}{statement}") })
}

/// The `if err != nil { … }` on the lines right below the statement that ends with `at`, if the statement ends its line and the check has no
/// `else`.
#[must_use]
pub fn error_check_below(at: &Location, err: &str) -> Option<Location> {
    let (_, check, tail) = check_below(at, err)?;
    tail.is_empty().then_some(check)
}

/// How a statement comes to stand where an error is known to be nil.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// The edit.
    pub edit: Edit,
    /// Whether it is right only if the branch for the error leaves.
    pub leaves: bool,
}

/// An edit that puts a statement behind the check of the error right below the statement that ends with `at`: below it, first into its `else`,
/// or between it and the `if` that its `else` asks, which becomes one of its own.
#[must_use]
pub fn statement_below_check(at: &Location, err: &str, statement: &str) -> Option<Checked> {
    let (indent, check, tail) = check_below(at, err)?;
    let end = check.span.end as usize;
    let place = |start: usize, end: usize| Location { file: Arc::clone(&check.file), span: Span::new(start, end) };
    match tail {
        "" => Some(Checked { edit: statement_below(&check, statement)?, leaves: true }),
        " else {" => {
            let below = end + tail.len();
            Some(Checked { edit: Edit { at: place(below, below), text: format!("\n{indent}\t{statement}") }, leaves: false })
        }
        _ if tail.starts_with(" else if ") && tail.ends_with('{') => {
            let text = format!("\n{indent}{statement}\n{indent}");
            Some(Checked { edit: Edit { at: place(end, end + " else ".len()), text }, leaves: true })
        }
        _ => None,
    }
}

/// The check of the error on the lines right below: how far it is indented, its bytes up to the brace that ends the branch for the error, and
/// what follows that on its line.
fn check_below<'t>(at: &'t Location, err: &str) -> Option<(&'t str, Location, &'t str)> {
    let text = at.file.text.as_str();
    let (start, end) = (at.span.start as usize, at.span.end as usize);
    let line = text.get(..start)?.rfind('\n').map_or(0, |i| i + 1);
    let line = text.get(line..start)?;
    let indent = line.get(..line.len() - line.trim_start().len())?;
    let (rest, below) = text.get(end..)?.split_once('\n')?;
    if !rest.trim().is_empty() && !rest.trim().starts_with("//") {
        return None;
    }
    let from = end + rest.len() + 1;
    let mut lines = below.split_inclusive('\n');
    let first = lines.next()?;
    if first.trim_end() != format!("{indent}if {err} != nil {{") {
        return None;
    }
    let mut to = from + first.len();
    for line in lines.take(20) {
        if let Some(tail) = line.strip_prefix(indent).and_then(|line| line.strip_prefix('}')) {
            let span = Span::new(from + indent.len(), to + indent.len() + 1);
            let tail = if tail.trim_start().starts_with("//") { "" } else { tail.trim_end() };
            return Some((indent, Location { file: Arc::clone(&at.file), span }, tail));
        }
        to += line.len();
    }
    None
}

/// Whether two edits touch the same bytes. Two insertions at one place do: which goes first would be chance.
fn overlap(a: &Edit, b: &Edit) -> bool {
    let (a, b) = (a.at.span, b.at.span);
    a.start < b.end && b.start < a.end || (a.start == b.start && (a.is_empty() || b.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::apply;
    use crate::lint::{Edit, Fix, Safety};
    use crate::source::{Location, SourceFile, Span};
    use std::path::PathBuf;
    use std::sync::Arc;

    fn fix(file: &Arc<SourceFile>, edits: &[(usize, usize, &str)]) -> Fix {
        let edit = |(start, end, text): &(usize, usize, &str)| Edit {
            at: Location { file: Arc::clone(file), span: Span::new(*start, *end) },
            text: (*text).to_string(),
        };
        Fix { title: String::new(), safety: Safety::Safe, edits: edits.iter().map(edit).collect() }
    }

    fn file(text: &str) -> Arc<SourceFile> {
        Arc::new(SourceFile::new("a.go".to_string(), PathBuf::from("a.go"), text.to_string()))
    }

    #[test]
    fn edits_go_in_whatever_their_order() {
        let f = file("one two three");
        let done = apply("a.go", &f.text, &[&fix(&f, &[(8, 13, "3"), (0, 3, "1")]), &fix(&f, &[(4, 4, "and ")])]);
        assert_eq!((done.text.as_str(), done.fixes, done.left_out), ("1 and two 3", 2, 0));
    }

    #[test]
    fn of_two_that_overlap_the_first_goes_in() {
        let f = file("one two");
        let done = apply("a.go", &f.text, &[&fix(&f, &[(0, 3, "1")]), &fix(&f, &[(2, 5, "x"), (6, 7, "y")])]);
        assert_eq!((done.text.as_str(), done.fixes, done.left_out), ("1 two", 1, 1));
    }

    #[test]
    fn an_edit_beyond_the_text_is_left_out() {
        let f = file("é");
        let done = apply("a.go", &f.text, &[&fix(&f, &[(1, 1, "x")]), &fix(&f, &[(9, 9, "x")])]);
        assert_eq!((done.text.as_str(), done.left_out), ("é", 2));
    }
}
