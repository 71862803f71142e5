//! What the standard library exports: its packages as Go source without bodies, out of a table that Go's own checker wrote.
//!
//! `tests/gotypes` derives the table. Variables and constants have their types and values written out, parameters have no names, unexported
//! declarations are there where exported ones are made of them.

use rustc_hash::FxHashMap;
use std::sync::OnceLock;

const TABLE: &str = include_str!("derived/std.txt");

/// The declarations of a package, or `None` if the standard library has none of that path.
#[must_use]
pub fn package(path: &str) -> Option<&'static str> {
    static INDEX: OnceLock<FxHashMap<&str, &str>> = OnceLock::new();
    INDEX.get_or_init(|| packages().collect()).get(path).copied()
}

/// The release of Go that the table was derived from: `go1.27.3`.
#[must_use]
pub fn release() -> &'static str {
    TABLE.lines().next().unwrap_or_default()
}

/// Path and text of every package, sorted by path.
pub fn packages() -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut rest = TABLE.split_once('\n').map_or("", |(_, rest)| rest);
    std::iter::from_fn(move || {
        let (head, after) = rest.strip_prefix("package ")?.split_once('\n')?;
        let (path, length) = head.rsplit_once(' ')?;
        let (text, next) = after.split_at_checked(length.parse().ok()?)?;
        rest = next;
        Some((path, text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Scanner, load_text};

    #[test]
    fn a_package_is_found_by_its_path() {
        let text = package("sync").unwrap();
        assert!(text.starts_with("package sync\n") && text.contains("\nfunc(*WaitGroup)Go(func())\n"), "{text}");
        assert_eq!(package("sync/none"), None);
        assert!(release().starts_with("go1."), "{}", release());
    }

    #[test]
    fn the_whole_table_is_read() {
        let heads: usize = packages().map(|(path, text)| format!("package {path} {}\n", text.len()).len() + text.len()).sum();
        assert_eq!(heads + release().len() + 1, TABLE.len());
        let paths: Vec<&str> = packages().map(|(path, _)| path).collect();
        assert!(paths.is_sorted() && paths.len() > 150, "{paths:?}");
    }

    #[test]
    fn every_import_of_the_table_is_in_it() {
        for (path, text) in packages() {
            for import in text.lines().filter(|line| line.starts_with("import ")) {
                let imported = import.split('"').nth(1).unwrap();
                assert!(imported == "unsafe" || package(imported).is_some(), "{path} imports {imported}");
            }
        }
    }

    /// Each line but the clause and the imports is a declaration of its own.
    #[test]
    fn every_line_of_the_table_is_a_declaration() {
        for (path, text) in packages() {
            let (source, problems) = load_text(path, text.as_bytes().to_vec(), &Scanner::new(&[]));
            let lines = text.lines().filter(|line| !line.starts_with("import ")).count() - 1;
            assert!(problems.is_empty() && source.files[0].outline.decls.len() == lines, "{path}");
        }
    }
}
