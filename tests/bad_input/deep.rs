//! Nesting beyond all sense. What is too deep to be analysed is named; the functions around it keep their findings; no stack overflows.

use super::{check, leaking, leaking_file};
use crate::support;

fn depth() -> usize {
    support::thorough(40_000, 100_000)
}

/// Whether goleash has to say that it passed something over.
#[derive(Clone, Copy, PartialEq)]
enum Loss {
    Named,
    /// Flat for goleash however deep it looks, or of no interest to any rule.
    None,
}

fn survives(name: &str, middle: &str, loss: Loss) {
    let text = format!("{}\n{middle}\n{}", leaking_file("before"), leaking("after"));
    let dir = support::folder(&[("a.go", text.as_bytes())]);
    let said = check(dir.path(), &["."]);
    assert_eq!(said.leaks(), ["before", "after"], "{name}: {:?}", said.problems);
    assert_eq!(!said.problems.is_empty(), loss == Loss::Named, "{name}: {:?}", said.problems);
    if loss == Loss::Named {
        assert!(said.problems.iter().all(|p| p.path == "a.go" && p.line.is_some()), "{name}: {:?}", said.problems);
    }
    // This runs on the main thread, which has the least stack.
    let ran = support::goleash(dir.path(), &["debug", "ir", "a.go"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{name}");
    assert!(!ran.out.contains("DEFECT"), "{name}: {}", ran.out.lines().find(|l| l.contains("DEFECT")).unwrap());
}

/// A function whose body starts a goroutine and waits on a channel, so that the rules and the exploration have a reason to look into it.
fn body(statements: &str) -> String {
    format!("func deep(x int) {{\n\tch := make(chan int)\n\tgo func() {{ ch <- 1 }}()\n\tgo g()\n{statements}\n\t<-ch\n}}\n")
}

/// The same without the channel.
fn plain(statements: &str) -> String {
    format!("func deep(x int) {{\n\tgo g()\n{statements}\n}}\n")
}

fn nested(open: &str, inner: &str, close: &str) -> String {
    format!("{}{inner}{}", open.repeat(depth()), close.repeat(depth()))
}

#[test]
fn every_kind_of_bracket() {
    for (name, open, close) in [("parentheses", "(", ")"), ("brackets", "x[", "]"), ("braces", "T{", "}"), ("calls", "h(", ")")] {
        survives(name, &body(&format!("\tx = {}", nested(open, "1", close))), Loss::Named);
    }
    survives("mixed", &body(&format!("\tx = {}", nested("h([]T{a[", "1", "]})"))), Loss::Named);
}

#[test]
fn brackets_that_stay_open() {
    for open in ["(", "[", "{", "{\n", "([{", "h(func() {\n"] {
        survives(open, &body(&open.repeat(depth())), Loss::Named);
    }
    // What is cut off by a brace loses its partner further down.
    for close in [")", "]", "}", "}\n", ")]}"] {
        survives(close, &plain(&close.repeat(depth())), Loss::Named);
    }
}

#[test]
fn statements_in_statements() {
    survives("blocks", &body(&nested("{\n", "", "}\n")), Loss::Named);
    survives("ifs", &body(&nested("if x > 0 {\n", "", "}\n")), Loss::Named);
    survives("fors", &body(&nested("for {\n", "", "}\n")), Loss::Named);
    survives("selects", &body(&nested("select {\ndefault:\n", "", "}\n")), Loss::Named);
    survives("switches", &body(&nested("switch {\ncase x > 0:\n", "", "}\n")), Loss::Named);
}

#[test]
fn functions_in_functions() {
    survives("goroutines", &body(&nested("go func() {\n", "", "}()\n")), Loss::Named);
    survives("deferred", &body(&nested("defer func() {\n", "", "}()\n")), Loss::Named);
    survives("arguments", &body(&format!("\th({})", nested("func() { h(", "", ")}"))), Loss::Named);
}

#[test]
fn chains_of_else() {
    let arms: String = (0..depth() / 4).map(|i| format!("if x == {i} {{\n\th()\n}} else ")).collect();
    survives("else if", &body(&format!("\t{arms}{{\n\th()\n}}")), Loss::Named);
    let labels: String = (0..depth()).map(|i| format!("L{i}:\n")).collect();
    survives("labels", &body(&format!("{labels}\th()")), Loss::Named);
}

#[test]
fn chains_of_operators() {
    survives("sums", &body(&format!("\tx = {}1", "1 + ".repeat(depth()))), Loss::None);
    survives("sums of calls", &body(&format!("\tx = {}1", "h() * ".repeat(depth() / 4))), Loss::None);
    survives("strings", &body(&format!("\ts = {}\"\"", "\"a\" + ".repeat(depth()))), Loss::None);
    survives("conditions", &body(&format!("\tif {}x == 1 {{\n\t\th()\n\t}}", "x > 2 && ".repeat(depth() / 4))), Loss::Named);
    for prefix in ["!", "- ", "^", "<-", "*", "&"] {
        survives(prefix, &body(&format!("\ty := {}x", prefix.repeat(depth()))), Loss::Named);
    }
}

#[test]
fn chains_of_selectors() {
    survives("fields", &body(&format!("\tx{} = 1", ".y".repeat(depth()))), Loss::Named);
    survives("method", &body(&format!("\tx{}()", ".y".repeat(depth()))), Loss::Named);
    survives("methods", &body(&format!("\tx{}", ".y()".repeat(depth()))), Loss::Named);
    survives("indices", &body(&format!("\tx{} = 1", "[0]".repeat(depth()))), Loss::Named);
    survives("calls of calls", &body(&format!("\tx{}", "()".repeat(depth()))), Loss::Named);
    survives("assertions", &body(&format!("\tx = x{}", ".(T)".repeat(depth()))), Loss::Named);
}

#[test]
fn types_of_types() {
    for prefix in ["*", "[]", "chan ", "<-chan ", "map[int]", "func() ", "[4]"] {
        let declared = format!("func deep(x {}int) {{\n\tgo g(x)\n\tx <- nil\n}}\n", prefix.repeat(depth()));
        survives(prefix, &declared, Loss::Named);
        survives(
            prefix,
            &format!("type T {}int\n\nfunc user(x T) {{\n\tgo x()\n\tx <- nil\n}}\n", prefix.repeat(depth())),
            Loss::None,
        );
    }
    let structs = format!("type T {}\n\nfunc user(x T) {{\n\tgo x.a.a()\n\tx.a <- 1\n}}\n", nested("struct { a ", "int", " }"));
    survives("structs", &structs, Loss::None);
    let generic = format!("type T = {}\n\nfunc user(x T) {{\n\tgo x.a()\n\tx.a <- 1\n}}\n", nested("G[", "int", "]"));
    survives("type arguments", &generic, Loss::None);
}
