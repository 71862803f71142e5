//! A fix as one replacement: what services that show a suggestion beside a line can take.

use crate::lint::{Edit, Fix};
use crate::source::{Location, Span};
use std::sync::Arc;

/// One range of a file and what should stand there.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// What is replaced.
    pub at: Location,
    /// The new text.
    pub text: String,
}

/// The edits of a fix as one, with what stands between them. `None` where they lie in several files.
#[must_use]
pub fn suggestion(fix: &Fix) -> Option<Suggestion> {
    let file = &fix.edits.first()?.at.file;
    if fix.edits.iter().any(|e| e.at.file.display != file.display) {
        return None;
    }
    let mut edits: Vec<&Edit> = fix.edits.iter().collect();
    edits.sort_by_key(|e| (e.at.span.start, e.at.span.end));
    let start = edits.first()?.at.span.start;
    let (mut text, mut at) = (String::new(), start);
    for edit in edits {
        // Edits of a fix do not overlap; one that did would be no suggestion.
        text.push_str(file.text.get(at as usize..edit.at.span.start as usize)?);
        text.push_str(&edit.text);
        at = edit.at.span.end;
    }
    Some(Suggestion { at: Location { file: Arc::clone(file), span: Span { start, end: at } }, text })
}

impl Suggestion {
    /// The same replacement, of whole lines without the last line's end: GitHub and GitLab replace nothing less.
    #[must_use]
    pub fn whole_lines(&self) -> Self {
        let text = &self.at.file.text;
        let range = self.at.span.range();
        let start = text[..range.start].rfind('\n').map_or(0, |i| i + 1);
        let end = text[range.end..].find('\n').map_or(text.len(), |i| range.end + i);
        let end = if text[..end].ends_with('\r') && end > range.end { end - 1 } else { end };
        let text = [&text[start..range.start], &self.text, &text[range.end..end]].concat();
        Self { at: Location { file: Arc::clone(&self.at.file), span: Span::new(start, end) }, text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::Safety;
    use crate::source::SourceFile;

    fn fix(text: &str, edits: &[(usize, usize, &str)]) -> Fix {
        let file = Arc::new(SourceFile::new("a.go".into(), "a.go".into(), text.into()));
        let edit = |(start, end, text): &(usize, usize, &str)| Edit {
            at: Location { file: Arc::clone(&file), span: Span::new(*start, *end) },
            text: (*text).to_owned(),
        };
        Fix { title: "mend".into(), safety: Safety::Safe, edits: edits.iter().map(edit).collect() }
    }

    #[test]
    fn several_edits_become_one_with_what_stands_between() {
        let one = suggestion(&fix("ab\n\tcd\n", &[(4, 5, "C"), (1, 1, "!")])).unwrap();
        assert_eq!((one.at.span, one.text.as_str()), (Span::new(1, 5), "!b\n\tC"));
        let lines = one.whole_lines();
        assert_eq!((lines.at.span, lines.text.as_str()), (Span::new(0, 6), "a!b\n\tCd"));
    }

    #[test]
    fn line_ends_stay() {
        let lines = suggestion(&fix("a\r\nb\r\n", &[(3, 4, "c")])).unwrap().whole_lines();
        assert_eq!((lines.at.span, lines.text.as_str()), (Span::new(3, 4), "c"));
        let below = suggestion(&fix("a\r\nb\r\n", &[(1, 1, "\r\nx")])).unwrap().whole_lines();
        assert_eq!((below.at.span, below.text.as_str()), (Span::new(0, 1), "a\r\nx"));
    }

    #[test]
    fn nothing_for_several_files() {
        let mut two = fix("ab", &[(0, 1, "x")]);
        two.edits.extend(fix("ab", &[(1, 2, "y")]).edits);
        assert!(suggestion(&two).is_some());
        two.edits[1].at.file = Arc::new(SourceFile::new("b.go".into(), "b.go".into(), "ab".into()));
        assert!(suggestion(&two).is_none() && suggestion(&fix("", &[])).is_none());
    }
}
