//! Pairs of spellings that mean the same lower to the same graph; snapshots show what each construct becomes.

use crate::source::DeclKind;
use crate::store::Bodies;
use crate::types::{FuncId, MemorySources, World, stdlib};

/// What stands before the function of every pair.
const PRELUDE: &str = "package m\n\nimport (\n\t\"context\"\n\t\"sync\"\n\t\"time\"\n)\n\nvar _ = time.Now\nvar _ context.Context\nvar _ sync.Mutex\n
type T struct {\n\tmu sync.Mutex\n\tch chan int\n\tn int\n\tnext *T\n}
type Named chan int
type I interface{ M(int) int }
func (t *T) M(x int) int { return x }
func (t T) V(x int) int { return x }
func get() (int, error) { return 0, nil }
func one() int { return 1 }
func use(...any) {}
func f(int) {}
func cond() bool { return true }
";

/// The normal form of function `F` with this declaration.
fn form(text: &str) -> String {
    let text = format!("{PRELUDE}\n{text}\n");
    let mut sources = MemorySources::default();
    let source = sources.add("m", &[("a.go", &text)]);
    let world = World::new(Box::new(sources)).with_std(stdlib::package);
    let pkg = world.add(&source);
    let bodies = Bodies::new(&world);
    let decls = &pkg.source.files[0].outline.decls;
    let name = decls.iter().rev().find(|d| d.kind == DeclKind::Func && d.names[0] == "F").map(|d| d.names[0]);
    let id = FuncId { pkg: pkg.key, recv: None, name: name.expect("a function F") };
    let lowered = bodies.get(id).expect("a body");
    crate::ir::print(&lowered.body)
}

/// Bodies of a function with these parameters that mean the same.
const PARAMETERS: &str =
    "ch chan int, done chan bool, xs []int, m map[string]int, n int, t *T, ctx context.Context, a bool, b bool, err error, v any";

/// Name, one spelling, another.
const PAIRS: &[(&str, &str, &str)] = &[
    ("receive in an expression or a statement", "x := <-ch; f(x)", "f(<-ch)"),
    ("receive with a type", "var x int = <-ch; f(x)", "x := <-ch; f(x)"),
    ("parentheses around a receive", "f((<-ch))", "f(<-ch)"),
    ("parentheses around a channel", "<-(ch)", "<-ch"),
    ("range over a channel or comma-ok", "for x := range ch { f(x) }", "for { x, ok := <-ch; if !ok { break }; f(x) }"),
    ("comma-ok in an if", "for { if x, ok := <-ch; ok { f(x) } else { break } }", "for x := range ch { f(x) }"),
    ("comma-ok with assignment", "var x int; var ok bool; x, ok = <-ch; if ok { f(x) }", "x, ok := <-ch; if ok { f(x) }"),
    ("a select of one receive", "select { case x := <-ch: f(x) }", "x := <-ch; f(x)"),
    ("a select of one send", "select { case ch <- 1: }", "ch <- 1"),
    ("a select of one comma-ok", "select { case x, ok := <-ch: use(x, ok) }", "x, ok := <-ch; use(x, ok)"),
    ("an unused value of a select case", "select { case _ = <-ch: case <-done: }", "select { case <-ch: case <-done: }"),
    ("a select with only a default", "select { default: f(1) }", "f(1)"),
    (
        "assignment in a select case",
        "var x int; select { case x = <-ch: f(x); case <-done: }",
        "select { case x := <-ch: f(x); case <-done: }",
    ),
    ("an empty else", "if a { f(1) } else { }", "if a { f(1) }"),
    ("a negated condition", "if !a { f(1) } else { f(2) }", "if a { f(2) } else { f(1) }"),
    ("a doubled negation", "if !!a { f(1) }", "if a { f(1) }"),
    ("not equal", "if err != nil { f(1) } else { f(2) }", "if err == nil { f(2) } else { f(1) }"),
    ("nil on the left", "if nil != err { f(1) }", "if err != nil { f(1) }"),
    ("a constant on the left", "if 3 == n { f(1) }", "if n == 3 { f(1) }"),
    ("greater", "if n > 3 { f(1) }", "if 3 < n { f(1) }"),
    ("greater or equal", "if n >= 3 { f(1) } else { f(2) }", "if n < 3 { f(2) } else { f(1) }"),
    ("less or equal", "if n <= 3 { f(1) } else { f(2) }", "if n > 3 { f(2) } else { f(1) }"),
    ("compared with true", "if a == true { f(1) }", "if a { f(1) }"),
    ("compared with false", "if a == false { f(1) }", "if !a { f(1) }"),
    ("an early return", "if a { return }; f(1)", "if !a { f(1) }"),
    ("else after return", "if a { return } else { f(1) }", "if a { return }; f(1)"),
    ("and, as two ifs", "if a && b { f(1) }", "if a { if b { f(1) } }"),
    ("De Morgan", "if !(a && b) { f(1) } else { f(2) }", "if a && b { f(2) } else { f(1) }"),
    (
        "a switch without a tag",
        "switch { case a: f(1); case b: f(2); default: f(3) }",
        "if a { f(1) } else if b { f(2) } else { f(3) }",
    ),
    ("a switch over true", "switch true { case a: f(1) }", "if a { f(1) }"),
    ("a switch with a tag", "switch n { case 1: f(1); case 2: f(2) }", "if n == 1 { f(1) } else if n == 2 { f(2) }"),
    ("a default that stands first", "switch n { default: f(3); case 1: f(1) }", "switch n { case 1: f(1); default: f(3) }"),
    ("break at the end of a case", "switch n { case 1: f(1); break }", "switch n { case 1: f(1) }"),
    ("fallthrough", "switch n { case 1: fallthrough; case 2: f(2) }", "switch n { case 1, 2: f(2) }"),
    ("a loop without a condition", "for true { f(1) }", "for { f(1) }"),
    ("a loop with a condition", "for { if !cond() { break }; f(1) }", "for cond() { f(1) }"),
    ("an empty init and post", "for ; cond(); { f(1) }", "for cond() { f(1) }"),
    ("counting with range", "for i := range n { f(i) }", "for i := 0; i < n; i++ { f(i) }"),
    ("counting without a variable", "for range n { f(1) }", "for i := 0; i < n; i++ { f(1) }"),
    ("counting down the line", "for i := 0; n > i; i += 1 { f(i) }", "for i := 0; i < n; i++ { f(i) }"),
    ("indices of a slice", "for i := range xs { f(i) }", "for i := 0; i < len(xs); i++ { f(i) }"),
    ("elements of a slice", "for _, x := range xs { f(x) }", "for i := range xs { f(xs[i]) }"),
    ("elements with an index", "for i, x := range xs { _ = i; f(x) }", "for _, x := range xs { f(x) }"),
    ("continue at the end", "for _, x := range xs { f(x); continue }", "for _, x := range xs { f(x) }"),
    ("continue against else", "for _, x := range xs { if a { continue }; f(x) }", "for _, x := range xs { if !a { f(x) } }"),
    ("a labelled break", "L: for { for { break L } }; f(1)", "for { break }; f(1)"),
    ("a labelled continue", "L: for cond() { for { continue L } }", "for cond() { }"),
    ("goto for a loop", "top: f(1); goto top", "for { f(1) }"),
    ("var against :=", "var x = one(); f(x)", "x := one(); f(x)"),
    ("a declaration and an assignment", "var x int; x = one(); f(x)", "x := one(); f(x)"),
    ("several at once", "var (x, y = one(), 2); use(x, y)", "x, y := one(), 2; use(x, y)"),
    ("an alias of a variable", "c := ch; c <- 1", "ch <- 1"),
    ("a conversion to a named channel", "Named(ch) <- 1", "ch <- 1"),
    ("increment", "n++; f(n)", "n += 1; f(n)"),
    ("increment in full", "n = n + 1; f(n)", "n++; f(n)"),
    ("blocks", "{ { f(1) } }; f(2)", "f(1); f(2)"),
    ("empty statements", ";; f(1);", "f(1)"),
    ("a method expression", "(*T).M(t, 1)", "t.M(1)"),
    ("a pointer followed by hand", "(*t).n = 1", "t.n = 1"),
    ("the address of what a pointer leads to", "(&*t).M(1)", "t.M(1)"),
    ("a value receiver through a pointer", "(*t).V(1)", "t.V(1)"),
    ("new and a literal", "p := new(T); p.n = 1; p.M(1)", "p := &T{}; p.n = 1; p.M(1)"),
    ("fields of a literal", "p := &T{n: 1}; p.M(1)", "p := &T{}; p.n = 1; p.M(1)"),
    ("a declared struct", "var s T; s.n = 1; s.M(1)", "s := T{}; s.n = 1; s.M(1)"),
    (
        "keys of a literal",
        "p := &T{sync.Mutex{}, ch, 1, nil}; use(p)",
        "p := &T{mu: sync.Mutex{}, ch: ch, n: 1, next: nil}; use(p)",
    ),
    ("zero room", "c := make(chan int, 0); c <- 1", "c := make(chan int); c <- 1"),
    ("a constant room", "const k = 1 + 1; c := make(chan int, k); c <- 1", "c := make(chan int, 2); c <- 1"),
    ("iota", "const (k = iota; l); c := make(chan int, l); c <- 1", "c := make(chan int, 1); c <- 1"),
    ("length of an array", "var k [3]int; c := make(chan int, len(k)); c <- 1", "c := make(chan int, 3); c <- 1"),
    ("a variable of a literal that is called", "g := func() { f(1) }; go g()", "go func() { f(1) }()"),
    ("a deferred variable of a literal", "g := func() { f(1) }; defer g()", "defer func() { f(1) }()"),
    ("parentheses around a literal", "go (func() { f(1) })()", "go func() { f(1) }()"),
    ("a multiple result", "x, e := get(); use(x, e)", "var x int; var e error; x, e = get(); use(x, e)"),
    ("a result handed on", "use(get())", "x, e := get(); use(x, e)"),
    ("an unused result", "_, e := get(); use(e)", "var e error; _, e = get(); use(e)"),
    ("a map read with comma-ok", "if x, ok := m[\"k\"]; ok { f(x) }", "x, ok := m[\"k\"]; if ok { f(x) }"),
    ("a context asked in a select or not", "select { case <-ctx.Done(): }", "<-ctx.Done()"),
    ("a type switch of one type", "switch x := v.(type) { case int: f(x) }", "if x, ok := v.(int); ok { f(x) }"),
    ("unreachable code", "return; f(1)", "return"),
    ("a constant condition", "if false { f(1) }; f(2)", "f(2)"),
    ("an unused computation", "x := n + 1; _ = x; f(1)", "f(1)"),
];

#[test]
fn spellings_that_mean_the_same_lower_to_the_same_graph() {
    assert!(PAIRS.len() >= 60);
    let mut different = String::new();
    for (name, one, other) in PAIRS {
        let function = |body: &str| form(&format!("func F({PARAMETERS}) {{ {body} }}"));
        let (one, other) = (function(one), function(other));
        if one != other {
            different += &format!("{name}:\n{one}\nagainst\n{other}\n");
        }
    }
    assert!(different.is_empty(), "{different}");
}

#[test]
fn results_are_the_same_with_and_without_names() {
    let one = form("func F(ch chan int) int { x := <-ch; return x }");
    let other = form("func F(ch chan int) (r int) { r = <-ch; return }");
    assert_eq!(one, other);
    let one = form("func F(ch chan int) (int, error) { return <-ch, nil }");
    let other = form("func F(ch chan int) (r int, err error) { r, err = <-ch, nil; return r, err }");
    assert_eq!(one, other);
}

#[test]
fn deferred_calls_run_at_every_exit() {
    let text = form("func F(a bool, ch chan int) { defer close(ch); if a { return }; ch <- 1 }");
    assert_eq!(text.matches("run deferred").count(), 2, "{text}");
    assert_eq!(text.matches("defer close").count(), 1, "{text}");
}

#[test]
fn what_is_captured_lives_in_memory_and_is_fresh_in_each_round() {
    let text = form("func F(n int) { for i := 0; i < n; i++ { go func() { f(i) }() } }");
    assert_eq!(text.matches("alloc int").count(), 2, "one before the loop and one for each next round:\n{text}");
    let text = form("func F(n int) { x := n; f(x) }");
    assert!(!text.contains("alloc"), "{text}");
}

#[test]
fn long_sums_do_not_nest() {
    let sum = vec!["n"; 20_000].join(" + ");
    let text = form(&format!("func F(n int) int {{ return {sum} }}"));
    assert_eq!(text.matches(" + ").count(), 19_999);
}

#[test]
fn a_return_has_as_many_values_as_are_declared() {
    for text in [
        "func F() error { return 0, nil }",
        "func F() (err error) { return 0, nil }",
        "func F() { return 0, nil }",
        "func F() (int, int, error) { return 0, nil }",
        "func F() (a, b int, err error) { return 0, nil }",
    ] {
        let _ = form(text);
    }
}
