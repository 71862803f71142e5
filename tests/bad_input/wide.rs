//! Sizes that no analysis of one function may answer with the square or worse of its time: many statements, names, cases, calls.

use super::{check, leaking, leaking_file};
use crate::support;
use std::fmt::Write as _;

fn many() -> usize {
    support::thorough(5_000, 20_000)
}

/// Text made of numbered pieces.
fn numbered(count: usize, piece: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut text, i| {
        let _ = text.write_str(&piece(i));
        text
    })
}

fn survives(name: &str, middle: &str) {
    let text = format!("{}\n{middle}\n{}", leaking_file("before"), leaking("after"));
    let dir = support::folder(&[("a.go", text.as_bytes())]);
    let said = check(dir.path(), &["."]);
    for leak in ["before", "after"] {
        assert!(said.leaks().contains(&leak), "{name}: {leak} is lost");
    }
    assert!(said.problems.is_empty(), "{name}: {:?}", said.problems);
}

fn body(statements: &str) -> String {
    format!("func wide(x int, ch chan int) {{\n\tgo g(ch)\n{statements}\n}}\n")
}

#[test]
fn statements() {
    survives("sends", &body(&"\tch <- 1\n".repeat(many())));
    survives("spawns", &body(&"\tgo g(x)\n".repeat(many())));
    survives("ifs", &body(&"\tif x > 1 {\n\t\th()\n\t}\n".repeat(many())));
    survives("variables", &body(&numbered(many(), |i| format!("\tv{} := v{i}\n", i + 1))));
    survives("gotos", &body(&numbered(many() / 4, |i| format!("L{i}:\n\tif x == {i} {{\n\t\tgoto L{}\n\t}}\n", i + 1))));
}

#[test]
fn cases() {
    survives("switch", &body(&format!("\tswitch x {{\n{}\t}}", numbered(many(), |i| format!("\tcase {i}:\n\t\th()\n")))));
    survives("select", &body(&format!("\tselect {{\n{}\t}}", "\tcase <-ch:\n\t\th()\n".repeat(many()))));
    survives("elements", &body(&format!("\ty := []int{{{}}}", "1, ".repeat(many() * 10))));
    survives("arguments", &body(&format!("\th({}1)", "x, ".repeat(many() * 10))));
}

#[test]
fn declarations() {
    survives("functions", &numbered(many(), |i| format!("\nfunc f{i}() {{\n\tgo f{}()\n}}\n", i + 1)));
    survives("variables", &numbered(many(), |i| format!("\nvar v{i} = v{}\n", i + 1)));
    survives("types", &numbered(many(), |i| format!("\ntype T{i} T{}\n", i + 1)));
    survives("fields", &format!("type T struct {{\n{}}}\n", numbered(many(), |i| format!("\tf{i} chan int\n"))));
    survives("embedded", &numbered(many(), |i| format!("\ntype T{i} struct{{ T{} }}\n", i + 1)));
}

#[test]
fn names_that_lead_in_circles() {
    survives(
        "circles",
        "type T struct{ T; *U }\ntype U struct{ T }\ntype A B\ntype B A\ntype C = D\ntype D = C\ntype F func(F) F\ntype M map[M]M\n\
         var u = w\nvar w = u\nvar f = func() { f() }\n\
         func user(t T, a A, c C, f F, m M) {\n\tgo t.run()\n\tgo a.run()\n\tgo c()\n\tgo f(f)(f)\n\tgo m[m].x()\n\tt.ch <- 1\n\ta <- 1\n}\n\
         func rec() { go rec(); rec() }\nfunc ping() { go pong() }\nfunc pong() { go ping() }\n\
         func x() { go u(); go w(); for { x := x; x() } }\n",
    );
}

/// Functions that all call each other make more chains of calls than anybody can follow.
#[test]
fn functions_that_call_each_other() {
    let all = support::thorough(30, 60);
    let calls = numbered(all, |i| format!("\tf{i}(ch)\n"));
    let functions = numbered(all, |i| format!("\nfunc f{i}(ch chan int) {{\n{calls}}}\n"));
    survives("calls", &format!("{functions}\nfunc user() {{\n\tgo f0(make(chan int))\n}}\n"));
    let sending = numbered(all, |i| format!("\nfunc f{i}(ch chan int) {{\n\tch <- 1\n{calls}\t<-ch\n}}\n"));
    let locking = numbered(all, |i| {
        format!("\nfunc f{i}() {{\n\tmu.Lock()\n{}\tmu.Unlock()\n}}\n", numbered(all, |j| format!("\tf{j}()\n")))
    });
    survives("locks", &format!("var mu sync.Mutex\n{locking}"));
    survives("sends", &format!("{sending}\nfunc user() {{\n\tch := make(chan int)\n\tgo f0(ch)\n\t<-ch\n}}\n"));
}

#[test]
fn channels_and_goroutines() {
    let pair = |i: usize| format!("\tc{i} := make(chan int)\n\tgo func() {{\n\t\tc{i} <- 1\n\t}}()\n\t<-c{i}\n");
    survives("pairs", &format!("func f() {{\n{}}}\n", numbered(100, pair)));
    survives(
        "senders",
        &format!("func f() {{\n\tch := make(chan int)\n{}\t<-ch\n}}\n", "\tgo func() {\n\t\tch <- 1\n\t}()\n".repeat(200)),
    );
    survives(
        "branches",
        &format!(
            "func f(x int) {{\n\tch := make(chan int)\n\tgo func() {{\n{}\t}}()\n\t<-ch\n}}\n",
            "\t\tif x > 1 {\n\t\t\tch <- 1\n\t\t}\n".repeat(200)
        ),
    );
    survives(
        "returns",
        &format!(
            "func f(x int) {{\n\tch := make(chan int)\n\tgo func() {{\n\t\tch <- 1\n\t}}()\n{}\t<-ch\n}}\n",
            "\tif x > 1 {\n\t\treturn\n\t}\n".repeat(2000)
        ),
    );
    let method = |i: usize| format!("\nfunc (t *T) f{i}() {{\n\tgo func() {{\n\t\tt.ch <- 1\n\t}}()\n}}\n");
    survives(
        "one field",
        &format!(
            "type T struct{{ ch chan int }}\n{}\nfunc (t *T) read() {{\n\tfor range t.ch {{\n\t}}\n}}\n",
            numbered(1000, method)
        ),
    );
    survives(
        "deferred",
        &format!(
            "func f() {{\n\tch := make(chan int)\n\tgo func() {{\n{}\t}}()\n\t<-ch\n}}\n",
            "\t\tdefer func() { ch <- 1 }()\n".repeat(500)
        ),
    );
}
