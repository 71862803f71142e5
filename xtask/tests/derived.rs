//! The checked-in table is what Go's source gives.
//!
//! The folder is `src` of Go 1.27.3: `GOLEASH_GO_SRC` names it. Without it the test says that it is skipped, and passes.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed, which is what it is for")]

use std::io::Write as _;
use std::path::{Path, PathBuf};

const VERSION: &str = "go1.27.3";

fn go_src() -> Option<PathBuf> {
    let Some(src) = std::env::var_os("GOLEASH_GO_SRC").map(PathBuf::from) else {
        // What the macros print is only shown for failed tests.
        let _ = writeln!(std::io::stderr().lock(), "xtask: skipped, GOLEASH_GO_SRC does not name the `src` of {VERSION}");
        return None;
    };
    let version = std::fs::read_to_string(src.parent().unwrap().join("VERSION")).unwrap_or_default();
    assert_eq!(version.lines().next(), Some(VERSION), "GOLEASH_GO_SRC is no `src` of it");
    Some(src)
}

/// The table of what the standard library waits for is what its source gives, and the hand-written models agree with it.
#[test]
fn the_table_is_current() {
    let Some(src) = go_src() else { return };
    let derived = xtask::derive::derive(&src);
    assert!(derived.contradictions.is_empty(), "{}", derived.contradictions.join("\n"));
    let counts = derived.counts;
    assert!(counts.functions > 5_000 && counts.unknown - counts.blanket < 100, "{counts:?}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/models/derived/std.txt");
    if std::env::var_os("UPDATE").is_some_and(|value| !value.is_empty() && value != "0") {
        std::fs::write(path, derived.table).unwrap();
        return;
    }
    let known = std::fs::read_to_string(path).unwrap();
    let changed = derived.table.lines().zip(known.lines()).find(|(new, old)| new != old);
    assert!(
        derived.table == known,
        "src/models/derived/std.txt is not what the source of {VERSION} gives; `UPDATE=1 cargo test --package xtask` writes it anew. \
         First difference: {changed:?}"
    );
}
