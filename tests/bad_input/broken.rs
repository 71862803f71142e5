//! Code that is not Go yet, or not Go any more: what is whole in it keeps its findings, and what is not is named.

use super::{check, leaking, leaking_file};
use crate::support;

/// Checks that `middle` costs no function around it, and gives the problems that are named for it.
fn between(middle: &str) -> Vec<String> {
    let text = format!("{}\n{middle}\n{}", leaking_file("before"), leaking("after"));
    let dir = support::folder(&[("a.go", text.as_bytes()), ("b.go", leaking_file("elsewhere").as_bytes())]);
    let said = check(dir.path(), &["."]);
    for name in ["before", "after", "elsewhere"] {
        assert!(said.leaks().contains(&name), "{name} is lost beside {middle:?}: {said:?}");
    }
    let lines = 9..=u64::try_from(text.lines().count()).unwrap();
    for problem in &said.problems {
        let inside = problem.line.is_some_and(|line| lines.contains(&line));
        assert!(problem.path == "a.go" && inside, "{middle:?}: {problem:?}");
    }
    said.problems.into_iter().map(|p| p.message).collect()
}

#[test]
fn half_a_function() {
    for middle in [
        "func half() {\n\tif x {\n\t\treturn",
        "func half() {\n\tgo func() {\n\t\tfor {",
        "func half(a int, b",
        "func (s *S",
        "func (s *S) half() {",
        "func half() {\n\tx := []int{1, 2,",
        "func half() {\n\tselect {\n\tcase <-ctx.Done():",
        "func half() {\n\tch <- ",
        "func",
        "type T struct {\n\ta int",
        "type T interface {",
        "var x = map[string]int{",
        "const (\n\tA = iota\n\tB",
        "import (\n\t\"fmt\"",
    ] {
        assert!(!between(middle).is_empty(), "{middle:?} is not named");
    }
}

#[test]
fn braces_too_few_and_too_many() {
    for middle in [
        "func f() {\n\tif a {\n\t\tb()\n\n\tc()\n}",
        "func f() {\n\tfor {\n}",
        "func f() {\n\ta()\n}\n}",
        "func f() {\n\ta()\n}}}\n)]",
        "func f() {\n\ta(b[c)\n}",
        "func f() {\n\tgo func() {\n\t\tfor {\n\t\t\ta()\n\t}()\n}",
        "func f() {\n\tswitch x {\n\tcase 1:\n\t\ta()\n\n}",
    ] {
        assert!(!between(middle).is_empty(), "{middle:?} is not named");
    }
}

#[test]
fn merge_markers() {
    for middle in [
        "func f() {\n<<<<<<< HEAD\n\ta()\n=======\n\tb()\n>>>>>>> topic\n}",
        "<<<<<<< HEAD\nfunc f() {\n\ta()\n=======\nfunc f(x int) {\n\tb()\n>>>>>>> topic\n}",
        "<<<<<<< HEAD\n||||||| base\nvar x = 1\n=======\nvar x = 2\n>>>>>>> topic",
        "func f() {\n<<<<<<< HEAD\n\tgo func() {\n\t\tfor {\n=======\n\tgo func() {\n\t\tfor x {\n>>>>>>> topic\n\t\t}\n\t}()\n}",
    ] {
        let named = between(middle);
        assert!(named.iter().any(|message| message == "merge-conflict marker"), "{middle:?}: {named:?}");
    }
}

#[test]
fn strings_and_comments_that_never_close() {
    for middle in [
        "func f() {\n\tgo a(\"open)\n}",
        "func f() {\n\tgo a('open)\n}",
        "func f() {\n\ta(`open)\n}",
        "func f() {\n\t/* open\n}",
        "var x = `open",
        "/* open",
        "func f() {\n\ta('''')\n\tb(\"\\\")\n}",
    ] {
        assert!(!between(middle).is_empty(), "{middle:?} is not named");
    }
}

#[test]
fn text_that_was_never_go() {
    for middle in [
        "def f():\n    return 1",
        "Lorem ipsum dolor sit amet, consectetur adipiscing elit.",
        "{\"json\": [1, 2, {\"a\": null}]}",
        "fn main() { println!(\"{}\", 'a'); }",
        "\u{1F600} \u{0}\u{1}\u{7f} \u{feff}",
        "func half",
        "func f() {\n\ta('open)\n}",
        "func 1abc() {}",
        "func f() { go }",
        "func f() { go 1 }",
        "func f() { go go f() }",
        "func f() { defer go f() }",
        "func f() { select { case: default: default: } }",
        "func f() { for ;;;; {} }",
        "func f() { <-<-<- }",
        "func f() { ch <- <- <- x }",
        "func f() { break; continue; fallthrough; goto; goto L; break L }",
        "func f() { L: L: for { continue L; goto L } }",
        "func f() { if ; { } else if { } else else { } }",
        "func f() { x, y := <-ch, 1, 2; a, b, c = f() }",
        "func f() { var (x int; y = ; z) }",
        "func f(a, , b ...int, ...) (x, y,) {}",
        "func f[T any, ]() {}",
        "func f() { close(); close(a, b); make(); make(chan); new(); len(); panic(); append() }",
        "func f() { for range {} ; for range ch ; for x := range {} }",
        "type T struct { T; *T; chan T; f func( }",
    ] {
        between(middle);
    }
}

/// Nothing but a broken file still is a file that was looked at.
#[test]
fn a_file_without_a_whole_declaration() {
    for text in [
        "package p\nfunc f() {",
        "func",
        "}",
        "package p; import",
        "package p\n\n<<<<<<< HEAD\n",
        "/*",
        "`",
        "\"",
        "package p\nvar (",
    ] {
        let dir = support::folder(&[("a.go", text.as_bytes())]);
        let said = check(dir.path(), &["."]);
        assert_eq!((said.code, said.files), (0, 1), "{text:?}");
    }
}

/// The package clause may be what is missing.
#[test]
fn a_file_without_a_package_clause() {
    for text in [leaking("found"), format!("pakcage p\n{}", leaking("found")), format!("package\n{}", leaking("found"))] {
        let dir = support::folder(&[("a.go", text.as_bytes())]);
        assert_eq!(check(dir.path(), &["."]).leaks(), ["found"], "{text:?}");
        assert_eq!(check(dir.path(), &["a.go"]).leaks(), ["found"], "{text:?}");
    }
}
