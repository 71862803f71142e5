//! Hidden comments at the beginning of what goleash posts: by them it knows again what it has told.
//!
//! Only the lines before any text count, so that no message and no quotation can pose as one.

use super::Remark;
use std::fmt::Write as _;
use xxhash_rust::xxh3::xxh3_64;

const FINGERPRINT: &str = "<!-- goleash:fingerprint:";
const DIGEST: &str = "<!-- goleash:text:";
const END: &str = " -->";

/// The marker of findings, a line each.
pub(super) fn fingerprints<'r>(remarks: impl IntoIterator<Item = &'r Remark>) -> String {
    remarks.into_iter().fold(String::new(), |mut out, remark| {
        let _ = writeln!(out, "{FINGERPRINT}{}{END}", remark.fingerprint);
        out
    })
}

/// The marker by which a changed text is known, a line.
pub(super) fn digest(text: &str) -> String {
    format!("{DIGEST}{:016x}{END}\n", xxh3_64(text.as_bytes()))
}

/// What the markers of a body say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Marks<'b> {
    pub(super) fingerprints: Vec<&'b str>,
    pub(super) digest: Option<&'b str>,
}

/// Reads the markers of a body.
pub(super) fn read(body: &str) -> Marks<'_> {
    let mut marks = Marks::default();
    for line in body.lines() {
        let line = line.trim_end();
        let value = |prefix: &str| line.strip_prefix(prefix)?.strip_suffix(END);
        if let Some(print) = value(FINGERPRINT) {
            marks.fingerprints.push(print);
        } else if let Some(digest) = value(DIGEST) {
            marks.digest = Some(digest);
        } else {
            break;
        }
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_first_counts() {
        let body = format!("{FINGERPRINT}a{END}\r\n{FINGERPRINT}b{END}\n{}text\n{FINGERPRINT}c{END}\n", digest("x"));
        let marks = read(&body);
        assert_eq!(marks.fingerprints, ["a", "b"]);
        assert_eq!(marks.digest.map(str::len), Some(16));
        assert_eq!(read(&format!("> {body}")), Marks::default());
        assert_ne!(digest("x"), digest("y"));
    }
}
