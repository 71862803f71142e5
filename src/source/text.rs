//! A source file's text, byte ranges in it, and the way from bytes to lines and columns.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// A half-open range of byte offsets into one file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The range `start..end`, in bytes.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { start: clamp(start), end: clamp(end) }
    }

    /// Length in bytes.
    #[must_use]
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether the range holds no byte.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// Whether `other` lies wholly inside this range.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The range as `usize` indices.
    #[must_use]
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A place in the text as people count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineCol {
    /// 1-based line.
    pub line: u32,
    /// 1-based column in bytes, as the go command prints it.
    pub col: u32,
    /// 1-based column in UTF-16 code units, as SARIF and LSP (plus one) count it.
    pub utf16: u32,
}

/// One Go file, read once. The text is always valid UTF-8: the reader replaces bad bytes one for one, so that offsets are the file's own.
#[derive(Debug)]
pub struct SourceFile {
    /// Path as it is shown: relative to the root of the run, `/` between folders on every system.
    pub display: String,
    /// Path as it can be opened.
    pub path: PathBuf,
    /// The text, with a leading byte-order mark blanked out and `\r\n` kept.
    pub text: String,
    lines: OnceLock<Vec<u32>>,
}

impl SourceFile {
    /// A file with the given display path, real path and text.
    #[must_use]
    pub fn new(display: String, path: PathBuf, text: String) -> Self {
        Self { display, path, text, lines: OnceLock::new() }
    }

    /// The real path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let mut starts = vec![0];
            starts.extend(memchr::memchr_iter(b'\n', self.text.as_bytes()).map(|i| u32::try_from(i + 1).unwrap_or(u32::MAX)));
            starts
        })
    }

    /// Line and columns of a byte offset; an offset past the end counts as the end.
    #[must_use]
    pub fn line_col(&self, offset: u32) -> LineCol {
        let offset = self.floor_char(offset as usize);
        let starts = self.line_starts();
        let line = starts.partition_point(|&s| s as usize <= offset).max(1);
        let start = starts[line - 1] as usize;
        let utf16: usize = self.text[start..offset].chars().map(char::len_utf16).sum();
        let one_based = |n: usize| u32::try_from(n + 1).unwrap_or(u32::MAX);
        LineCol { line: one_based(line - 1), col: one_based(offset - start), utf16: one_based(utf16) }
    }

    /// Text of a 1-based line, without its line end. Empty past the end.
    #[must_use]
    pub fn line_text(&self, line: u32) -> &str {
        let starts = self.line_starts();
        let Some(&start) = starts.get((line as usize).wrapping_sub(1)) else { return "" };
        let end = starts.get(line as usize).map_or(self.text.len(), |&e| e as usize);
        self.text[start as usize..end].trim_end_matches(['\n', '\r'])
    }

    /// Offset of the first byte of a 1-based line; the end of the text for a line past the end.
    #[must_use]
    pub fn line_start(&self, line: u32) -> usize {
        self.line_starts().get((line as usize).wrapping_sub(1)).map_or(self.text.len(), |&start| start as usize)
    }

    /// The text of a range; an end inside a character is moved back to its start.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        let start = self.floor_char(span.start as usize);
        let end = self.floor_char(span.end as usize).max(start);
        &self.text[start..end]
    }

    fn floor_char(&self, offset: usize) -> usize {
        let mut at = offset.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

/// A range in a file that outlives the analysis of its package.
#[derive(Clone, Debug)]
pub struct Location {
    /// The file; findings keep the few files alive that they speak of.
    pub file: Arc<SourceFile>,
    /// The bytes meant.
    pub span: Span,
}

impl Location {
    /// Where the range starts.
    #[must_use]
    pub fn start(&self) -> LineCol {
        self.file.line_col(self.span.start)
    }

    /// Where the range ends.
    #[must_use]
    pub fn end(&self) -> LineCol {
        self.file.line_col(self.span.end)
    }
}

impl PartialEq for Location {
    fn eq(&self, other: &Self) -> bool {
        self.file.display == other.file.display && self.span == other.span
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> SourceFile {
        SourceFile::new("a.go".into(), "a.go".into(), text.into())
    }

    #[test]
    fn columns_count_bytes_and_utf16_units() {
        let f = file("x\ny := \"😀\" + z\r\n");
        let z = f.text.find('z').unwrap();
        assert_eq!(f.line_col(u32::try_from(z).unwrap()), LineCol { line: 2, col: 15, utf16: 13 });
        assert_eq!(f.line_text(2), "y := \"😀\" + z");
        assert_eq!(f.line_text(9), "");
    }

    #[test]
    fn offsets_past_the_end_and_inside_a_character_are_clamped() {
        let f = file("é");
        assert_eq!(f.line_col(1).col, 1);
        assert_eq!(f.line_col(99).col, 3);
        assert_eq!(f.slice(Span { start: 1, end: 2 }), "é");
    }
}
