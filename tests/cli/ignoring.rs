//! `goleash baseline --add-ignore`.

use crate::support::{folder, goleash};
use std::fs;

fn leak(name: &str) -> String {
    format!(
        "func {name}(f func() int) int {{\n\tc := make(chan int)\n\tgo func() {{ c <- f() }}()\n\tselect {{\n\tcase v := <-c:\n\t\treturn \
         v\n\tdefault:\n\t\treturn 0\n\t}}\n}}\n"
    )
}

fn add(dir: &std::path::Path, more: &[&str]) -> crate::support::Ran {
    goleash(dir, &[&["baseline", "--add-ignore", "--reason", "was there before goleash"], more].concat())
}

#[test]
fn a_comment_stands_above_each_finding() {
    let text = format!("package p\n\n{}\n{}", leak("a"), leak("b"));
    let crlf = text.replace("package p", "package sub").replace('\n', "\r\n");
    let dir = folder(&[("a.go", text.as_bytes()), ("sub/b.go", crlf.as_bytes()), ("sub/clean.go", b"package sub\n")]);
    assert_eq!(goleash(dir.path(), &[]).code, 1);
    let ran = add(dir.path(), &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.err.starts_with("Suppressed: a.go:5: blocked-send\n") && ran.err.ends_with("Suppressed 4 findings in 2 files.\n"),
        "{ran:?}"
    );
    let comment = "\t//goleash:ignore blocked-send was there before goleash\n";
    let after = text.replace("\tgo func", &format!("{comment}\tgo func"));
    assert_eq!(fs::read_to_string(dir.path().join("a.go")).unwrap(), after);
    let after = after.replace("package p", "package sub").replace('\n', "\r\n");
    assert_eq!(fs::read_to_string(dir.path().join("sub/b.go")).unwrap(), after);
    let ran = goleash(dir.path(), &[]);
    assert!(ran.code == 0 && ran.out.contains("4 findings suppressed by comments"), "{}", ran.out);
    let ran = add(dir.path(), &[]);
    assert_eq!((ran.code, ran.err.as_str()), (0, "Suppressed 0 findings in 0 files.\n"));
}

#[test]
fn several_rules_of_one_line_share_a_comment() {
    let code = "package p\n\nimport (\n\t\"net/http\"\n\t\"time\"\n)\n\nfunc f(d time.Duration) {\n\tt := time.NewTicker(d); resp, err := http.Get(\"x\")\n\t<-t.C\n\tif err == nil {\n\t\tprintln(resp.Status)\n\t}\n}\n";
    let dir = folder(&[("go.mod", b"module p\n\ngo 1.20\n"), ("a.go", code.as_bytes())]);
    let found = goleash(dir.path(), &["-f", "json", "--level", "note"]).json();
    let rules: std::collections::BTreeSet<&str> =
        found["findings"].as_array().unwrap().iter().map(|f| f["rule"].as_str().unwrap()).collect();
    assert!(rules.len() > 1, "{rules:?}");
    assert_eq!(add(dir.path(), &["--level", "note"]).code, 0);
    let text = fs::read_to_string(dir.path().join("a.go")).unwrap();
    assert_eq!(text.matches("//goleash:ignore").count(), 1, "{text}");
    assert_eq!(goleash(dir.path(), &["--level", "note"]).code, 0, "{text}");
}

#[test]
fn a_reason_is_required() {
    let text = format!("package p\n\n{}", leak("a"));
    let dir = folder(&[("a.go", text.as_bytes())]);
    assert_eq!(goleash(dir.path(), &["baseline", "--add-ignore"]).code, 2);
    assert_eq!(goleash(dir.path(), &["baseline", "--reason", "x"]).code, 2);
    for reason in ["", "  ", "--", ", lost-cancel x", "\u{1b}[31m"] {
        let ran = goleash(dir.path(), &["baseline", "--add-ignore", "--reason", reason]);
        assert_eq!(ran.code, 2, "{reason:?}: {}", ran.err);
    }
    assert_eq!(fs::read_to_string(dir.path().join("a.go")).unwrap(), text);
    // A reason of several lines becomes one.
    assert_eq!(goleash(dir.path(), &["baseline", "--add-ignore", "--reason", "one\n two"]).code, 0);
    assert!(fs::read_to_string(dir.path().join("a.go")).unwrap().contains("//goleash:ignore blocked-send one two\n"));
}

#[test]
fn what_cannot_be_suppressed_is_left_and_named() {
    // The place lies in a line that begins within a string, where a comment would be part of it.
    let string = "package p\n\nfunc g(f func(string) int) int {\n\tc := make(chan int)\n\tgo func() {\n\t\tprintln(`x\n`); c <- 1\n\t}()\n\tselect {\n\tcase v := <-c:\n\t\treturn v\n\tdefault:\n\t\treturn 0\n\t}\n}\n";
    let dir = folder(&[("sub/b.go", string.as_bytes())]);
    let before = goleash(dir.path(), &["-f", "json"]).json()["findings"].as_array().unwrap().len();
    assert_eq!(before, 1);
    let ran = add(dir.path(), &[]);
    assert!(ran.err.contains("Suppressed 0 findings in 0 files.\n"), "{}", ran.err);
    assert_eq!(
        ran.err.matches("Not suppressed: sub/b.go:7: blocked-send is still there after \"suppress blocked-send\"").count(),
        1,
        "{}",
        ran.err
    );
    assert_eq!(fs::read_to_string(dir.path().join("sub/b.go")).unwrap(), string);
}

#[test]
fn documentation_stays_documentation() {
    let code = "package p\n\n// F waits.\nfunc F(c chan int) func() { return func() { go func() { for { <-c } }() } }\n";
    let dir = folder(&[("a.go", code.as_bytes())]);
    let ran = add(dir.path(), &["--level", "note"]);
    let text = fs::read_to_string(dir.path().join("a.go")).unwrap();
    if text != code {
        assert!(text.contains("// F waits.\n//\n//goleash:ignore "), "{text}");
    }
    assert_eq!(ran.code, 0, "{}", ran.err);
}

/// What holds for fixes holds here: nothing outside the tree is written.
#[cfg(unix)]
#[test]
fn links_out_of_the_tree_are_not_followed() {
    let text = format!("package p\n\n{}", leak("a"));
    let outside = folder(&[("a.go", text.as_bytes())]);
    let dir = folder(&[("go.mod", b"module p\n"), ("b.go", b"package p\n")]);
    std::os::unix::fs::symlink(outside.path().join("a.go"), dir.path().join("a.go")).unwrap();
    let ran = add(dir.path(), &["a.go"]);
    assert_eq!(fs::read_to_string(outside.path().join("a.go")).unwrap(), text, "{}", ran.err);
    assert!(ran.err.contains("Not suppressed: a.go:5: blocked-send"), "{}", ran.err);
}
