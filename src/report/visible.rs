//! Text from outside, made safe and measurable for whoever reads it.
//!
//! File names, source and what quotes it may hold characters that move the cursor, hide or reorder what stands around them. In texts for
//! people they are written as `\u{202e}`; in drawn source, where columns count, each is one replacement character; in JSON they are JSON's own
//! escapes, so that the value is exact and the bytes are harmless.

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};
use std::io;
use unicode_width::UnicodeWidthChar;

/// A tab in Go source moves to the next multiple of this; eight would push gofmt's code out of an 80-column window.
pub(super) const TAB: usize = 4;

/// Whether a character is not what it looks like: controls, what changes the direction of text, what takes no room. Of those that take no room,
/// accents and what chooses between two looks of a character stay.
pub(crate) fn harmful(c: char) -> bool {
    c.is_control()
        || matches!(c,
            // Format characters (category Cf), and the separators of lines and paragraphs.
            '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}' | '\u{8e2}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
            // Letters without a shape, which names in Go may have.
            | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}' | '\u{ffa0}')
}

/// Whether a text of several lines has a character of that kind.
pub(crate) fn is_harmful(text: &str) -> bool {
    text.chars().any(|c| harmful(c) && !matches!(c, '\n' | '\r' | '\t'))
}

/// The character as it may be printed where it has one column.
pub(super) fn printable(c: char) -> char {
    if harmful(c) { '\u{fffd}' } else { c }
}

/// A text as it may be printed, with the characters that `keep` says.
pub(crate) fn escaped(text: &str, keep: &[char]) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if harmful(c) && !keep.contains(&c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// A text of several lines as it may be printed.
pub(crate) fn text(text: &str) -> String {
    escaped(text, &['\n', '\t'])
}

/// A line of text as it may be printed; line ends and tabs become spaces.
pub(crate) fn line(text: &str) -> String {
    escaped(&text.replace(['\n', '\r', '\t'], " "), &[])
}

/// Columns that a character takes on a terminal.
pub(super) fn width(c: char) -> usize {
    printable(c).width().unwrap_or(0)
}

/// Columns that a string takes on a terminal.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

/// Writes a JSON document for programs and people.
pub(crate) fn json_pretty(value: &impl Serialize, out: &mut dyn io::Write) -> io::Result<()> {
    let formatter = Escaping { pretty: Some(PrettyFormatter::new()) };
    value.serialize(&mut Serializer::with_formatter(&mut *out, formatter))?;
    writeln!(out)
}

/// A JSON value on one line.
pub(crate) fn json_line(value: &impl Serialize) -> serde_json::Result<String> {
    let mut out = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut out, Escaping { pretty: None }))?;
    // The serializer writes strings, and so does the formatter.
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// Writes JSON as serde_json does, but harmful characters as escapes.
struct Escaping {
    pretty: Option<PrettyFormatter<'static>>,
}

/// Hands on to the formatter that is asked for.
macro_rules! hand_on {
    ($($name:ident($($arg:ident: $of:ty),*);)*) => {
        $(fn $name<W: ?Sized + io::Write>(&mut self, out: &mut W, $($arg: $of),*) -> io::Result<()> {
            match &mut self.pretty {
                Some(pretty) => pretty.$name(out, $($arg),*),
                None => CompactFormatter.$name(out, $($arg),*),
            }
        })*
    };
}

impl Formatter for Escaping {
    hand_on! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        begin_object_value();
        end_object_value();
    }

    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        if !is_harmful(fragment) {
            return out.write_all(fragment.as_bytes());
        }
        for c in fragment.chars() {
            if harmful(c) {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
            } else {
                out.write_all(c.encode_utf8(&mut [0; 4]).as_bytes())?;
            }
        }
        Ok(())
    }
}

/// A text as a line of XML or of a log may hold it: what no XML 1.0 document may hold is replaced.
pub(super) fn legal(text: &str) -> String {
    escaped(text, &['\n', '\r', '\t']).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reorders_or_hides_is_seen() {
        assert_eq!(line("a\u{202e}b\u{200b}\n\tc\u{9b}31m\u{1b}[0m"), "a\\u{202e}b\\u{200b}  c\\u{9b}31m\\u{1b}[0m");
        assert_eq!(text("a\u{2066}\r\n\tb\u{3164}"), "a\\u{2066}\\u{d}\n\tb\\u{3164}");
        assert_eq!(line("häß日本👩é❤️"), "häß日本👩é❤️");
        assert!(!is_harmful("\ta\r\n") && is_harmful("\u{e0041}"));
    }

    #[test]
    fn json_stays_what_it_says() {
        let value = serde_json::json!({ "a\u{202e}": ["\u{e0041}\u{7f}\n\"é", 1, {}, []], "b": null });
        let mut pretty = Vec::new();
        json_pretty(&value, &mut pretty).unwrap();
        let pretty = String::from_utf8(pretty).unwrap();
        assert!(pretty.contains("\"a\\u202e\"") && pretty.contains("\\udb40\\udc41\\u007f\\n\\\"é"), "{pretty}");
        let line = json_line(&value).unwrap();
        for text in [&pretty, &line] {
            assert_eq!(serde_json::from_str::<serde_json::Value>(text).unwrap(), value);
            assert!(!is_harmful(text));
        }
        assert_eq!(line, "{\"a\\u202e\":[\"\\udb40\\udc41\\u007f\\n\\\"é\",1,{},[]],\"b\":null}");
        let plain = serde_json::json!({ "a": [1, { "b": "c" }], "d": [] });
        let mut same = Vec::new();
        json_pretty(&plain, &mut same).unwrap();
        assert_eq!(String::from_utf8(same).unwrap(), format!("{}\n", serde_json::to_string_pretty(&plain).unwrap()));
    }
}
