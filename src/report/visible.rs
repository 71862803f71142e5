//! Text from outside, made safe and measurable for a terminal.

use unicode_width::UnicodeWidthChar;

/// A tab in Go source moves to the next multiple of this; eight would push gofmt's code out of an 80-column window.
pub(super) const TAB: usize = 4;

/// Whether a character could move the cursor, change colours or reorder what is read: file names and source are not to be trusted with that.
fn harmful(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The character as it may be printed.
pub(super) fn printable(c: char) -> char {
    if harmful(c) { '\u{fffd}' } else { c }
}

/// A line of text as it may be printed; line ends and tabs become spaces.
pub(crate) fn line(text: &str) -> String {
    text.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { printable(c) }).collect()
}

/// Columns that a character takes on a terminal.
pub(super) fn width(c: char) -> usize {
    printable(c).width().unwrap_or(0)
}

/// Columns that a string takes on a terminal.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}
