//! Positions as editors count them, and texts that change piece by piece.

use super::protocol::{ContentChange, Position, Range};
use crate::source::{LineCol, Location};

/// What a column counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16,
}

impl Encoding {
    /// The range of a place in the text that was looked at.
    pub(super) fn range(self, at: &Location) -> Range {
        Range { start: self.position(at.start()), end: self.position(at.end()) }
    }

    fn position(self, at: LineCol) -> Position {
        let column = if self == Self::Utf8 { at.col } else { at.utf16 };
        Position { line: at.line.saturating_sub(1), character: column.saturating_sub(1) }
    }

    /// The byte that a position means; past the end of a line or the text it is that end.
    pub(super) fn offset(self, text: &str, at: Position) -> usize {
        let mut start = 0;
        for _ in 0..at.line {
            match memchr::memchr(b'\n', &text.as_bytes()[start..]) {
                Some(end) => start += end + 1,
                None => return text.len(),
            }
        }
        let line = &text[start..];
        let line = line.find('\n').map_or(line, |end| &line[..end]);
        let mut units = at.character as usize;
        for (byte, c) in line.char_indices() {
            let len = if self == Self::Utf8 { c.len_utf8() } else { c.len_utf16() };
            if units < len {
                return start + byte;
            }
            units -= len;
        }
        start + line.len()
    }

    /// Takes in a change, of a range or of all.
    pub(super) fn change(self, text: &mut String, change: ContentChange) {
        let Some(range) = change.range else {
            *text = change.text;
            return;
        };
        let (start, end) = (self.offset(text, range.start), self.offset(text, range.end));
        text.replace_range(start..end.max(start), &change.text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, character: u32) -> Position {
        Position { line, character }
    }

    #[test]
    fn columns_count_units() {
        let text = "a\nx😀y\r\nz";
        assert_eq!(Encoding::Utf16.offset(text, at(1, 3)), text.find('y').unwrap());
        assert_eq!(Encoding::Utf8.offset(text, at(1, 5)), text.find('y').unwrap());
        // In the middle of a character is at its start; beyond the line is at its end.
        assert_eq!(Encoding::Utf16.offset(text, at(1, 2)), 3);
        assert_eq!(Encoding::Utf16.offset(text, at(0, 99)), 1);
        assert_eq!(Encoding::Utf16.offset(text, at(99, 0)), text.len());
    }

    #[test]
    fn changes_come_piece_by_piece() {
        let mut text = "one\n😀 two\n".to_owned();
        let change = |start, end, text: &str| ContentChange { range: Some(Range { start, end }), text: text.to_owned() };
        Encoding::Utf16.change(&mut text, change(at(1, 3), at(1, 6), "2"));
        Encoding::Utf16.change(&mut text, change(at(0, 0), at(1, 0), ""));
        assert_eq!(text, "😀 2\n");
        Encoding::Utf16.change(&mut text, ContentChange { range: None, text: "x".into() });
        assert_eq!(text, "x");
    }
}
