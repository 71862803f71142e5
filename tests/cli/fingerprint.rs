//! Fingerprints and the order of findings.

use super::fake::*;
use goleash::lint::{Finding, Level, fingerprint, sort};

fn wait(path: &str, text: &str, nth_send: usize) -> Finding {
    let f = file(path, text);
    finding("blocked-send", Level::Error, nth(&f, "ch <- 1", nth_send), vec![])
}

fn print(finding: Finding) -> String {
    prints(vec![finding]).remove(0)
}

fn prints(mut findings: Vec<Finding>) -> Vec<String> {
    fingerprint::assign(&mut findings);
    findings.into_iter().map(|f| f.fingerprint).collect()
}

#[test]
fn stays_when_the_code_moves() {
    let here = print(wait("a.go", "\tch <- 1\n", 0));
    assert_eq!(here.len(), 32);
    assert!(here.bytes().all(|b| b.is_ascii_hexdigit()));
    assert_eq!(print(wait("b/c.go", "\n\n// more\n    ch <- 1  \r\n", 0)), here, "moved, renamed, indented, CRLF");
    assert_eq!(print(wait("a.go", "\tch <- 1 // why\n", 0)), here, "a remark");
    let reworded = Finding { message: "other words".to_owned(), level: Level::Note, ..wait("a.go", "\tch <- 1\n", 0) };
    assert_eq!(print(reworded), here, "reworded");
}

/// Part of every baseline in use: a change here makes all of them stale.
#[test]
fn stays_between_versions() {
    assert_eq!(print(wait("a.go", "\tch <- 1\n", 0)), "a87afcb8e224dfccbf632cf9d7ca4f4c");
}

#[test]
fn differs_when_the_code_does() {
    let base = || wait("a.go", "\tch <- 1\n", 0);
    let here = print(base());
    assert_ne!(print(Finding { rule: "unguarded-loop", ..base() }), here, "another rule");
    assert_ne!(print(Finding { function: "g".to_owned(), ..base() }), here, "another function");
    assert_ne!(print(wait("a.go", "\tch <- 1 + 1\n", 0)), here, "another line");
}

#[test]
fn equal_findings_are_numbered_by_place() {
    let text = "\tch <- 1\n\tch <- 1\n";
    let both = prints(vec![wait("a.go", text, 0), wait("a.go", text, 1)]);
    assert_ne!(both[0], both[1]);
    let swapped = prints(vec![wait("a.go", text, 1), wait("a.go", text, 0)]);
    assert_eq!([&swapped[1], &swapped[0]], [&both[0], &both[1]], "whatever order they come in");
    assert!(both.contains(&print(wait("a.go", "\tch <- 1\n", 0))), "with one mended, the other is no news");
}

#[test]
fn order_is_path_then_place_then_rule() {
    let text = "\tch <- 1\n\tch <- 1\n";
    let mut findings = vec![
        wait("b.go", text, 0),
        wait("a.go", text, 1),
        Finding { rule: "unguarded-loop", ..wait("a.go", text, 0) },
        wait("a.go", text, 0),
    ];
    sort(&mut findings);
    let order: Vec<_> = findings.iter().map(|f| (f.at.file.display.as_str(), f.at.start().line, f.rule)).collect();
    let expected =
        [("a.go", 1, "blocked-send"), ("a.go", 1, "unguarded-loop"), ("a.go", 2, "blocked-send"), ("b.go", 1, "blocked-send")];
    assert_eq!(order, expected);
}
