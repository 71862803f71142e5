//! Paths as URI references.

use std::fmt::Write as _;

/// The reference for a shown path, and whether it is relative to the root of the run.
pub(super) fn of(path: &str) -> (String, bool) {
    let bytes = path.as_bytes();
    let drive = bytes.len() > 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' && matches!(bytes[2], b'/' | b'\\');
    if drive {
        return (format!("file:///{}:{}", &path[..1], escape(&path[2..].replace('\\', "/"))), false);
    }
    if path.starts_with('/') {
        return (format!("file://{}", escape(path)), false);
    }
    (escape(path), true)
}

/// Escapes all but the unreserved characters: a colon in the first folder's name would read as a scheme, and no reader minds the rest.
fn escape(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_names_are_escaped() {
        assert_eq!(of("a b/c:d#é%.go"), ("a%20b/c%3Ad%23%C3%A9%25.go".to_owned(), true));
        assert_eq!(of("<stdin>"), ("%3Cstdin%3E".to_owned(), true));
    }

    #[test]
    fn absolute_paths_are_files() {
        assert_eq!(of("/tmp/x y.go"), ("file:///tmp/x%20y.go".to_owned(), false));
        assert_eq!(of("C:\\src\\x.go"), ("file:///C:/src/x.go".to_owned(), false));
    }
}
