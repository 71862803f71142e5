//! From bytes to text, without moving any offset.

use crate::lint::{Problem, ProblemKind};

/// Files above this size are passed over with a message: nobody writes them by hand, and offsets, trees and outputs are sized for less.
pub const MAX_FILE_BYTES: u64 = 64 << 20;

/// The text of a file: a leading byte-order mark becomes spaces and every byte that is not UTF-8 becomes `?`, one for one.
/// Line ends and NUL bytes stay. The problem names the first bad byte.
#[must_use]
pub fn decode(mut bytes: Vec<u8>, display: &str) -> (String, Option<Problem>) {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes[..3].fill(b' ');
    }
    match String::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let first = error.utf8_error().valid_up_to();
            let mut bytes = error.into_bytes();
            let count = blank_invalid(&mut bytes, first);
            let line = memchr::memchr_iter(b'\n', &bytes[..first]).count() + 1;
            let plural = if count == 1 { "1 byte is" } else { &format!("{count} bytes are") };
            let problem = Problem {
                path: display.to_owned(),
                line: Some(u32::try_from(line).unwrap_or(u32::MAX)),
                kind: ProblemKind::Encoding,
                message: format!("{plural} not UTF-8, read as `?`"),
            };
            (String::from_utf8(bytes).unwrap_or_default(), Some(problem))
        }
    }
}

/// Replaces each byte of every invalid sequence from `at` on, and counts them.
fn blank_invalid(bytes: &mut [u8], mut at: usize) -> usize {
    let mut count = 0;
    loop {
        let rest = &bytes[at..];
        let Err(error) = std::str::from_utf8(rest) else { return count };
        let bad = at + error.valid_up_to();
        let len = error.error_len().unwrap_or(bytes.len() - bad);
        bytes[bad..bad + len].fill(b'?');
        count += len;
        at = bad + len;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_becomes_spaces() {
        assert_eq!(decode(b"\xef\xbb\xbfpackage p".to_vec(), "a.go"), ("   package p".to_owned(), None));
    }

    #[test]
    fn bad_bytes_are_replaced_one_for_one_and_named() {
        let (text, problem) = decode(b"a\nb\xff\xe2\x82c\xc3\xa9\0\xf0".to_vec(), "a.go");
        assert_eq!(text, "a\nb???c\u{e9}\0?");
        let problem = problem.unwrap();
        assert_eq!((problem.line, problem.kind), (Some(2), ProblemKind::Encoding));
        assert_eq!(problem.message, "4 bytes are not UTF-8, read as `?`");
    }

    #[test]
    fn nothing_but_bad_bytes() {
        assert_eq!(decode(vec![0xff; 5], "a.go").0, "?????");
        assert_eq!(decode(Vec::new(), "a.go").0, "");
    }
}
