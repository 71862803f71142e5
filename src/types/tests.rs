//! What the checker says of small programs: `x: T` for every local variable and every package-level one, in the order of the file.

use super::*;
use crate::syntax::parse_decl;

/// Every variable of package `m` with its type, with other packages beside it.
fn variables(text: &str, others: &[(&str, &str)]) -> Vec<String> {
    let mut sources = MemorySources::default();
    let source = sources.add("m", &[("a.go", text)]);
    for (path, text) in others {
        sources.add(path, &[("x.go", text)]);
    }
    let world = World::new(Box::new(sources));
    let pkg = world.add(&source);
    let mut out = Vec::new();
    let unit = &pkg.source.files[0];
    for decl in &unit.outline.decls {
        let parsed = parse_decl(&unit.src, decl).unwrap();
        assert_eq!(parsed.errors, [], "{:?}", decl.names);
        let info = check(&world, &pkg, 0, &parsed);
        if decl.kind == crate::source::DeclKind::Var {
            out.extend(decl.names.iter().map(|name| format!("{name}: {}", world.var(pkg.key, *name))));
        }
        if decl.kind == crate::source::DeclKind::Const {
            let constant = |name: &Name| world.constant(pkg.key, *name).unwrap();
            out.extend(decl.names.iter().map(|name| format!("{name}: {} = {:?}", constant(name).0, constant(name).1)));
        }
        out.extend(
            info.locals
                .iter()
                .filter(|local| !local.name.is_empty() && local.name != "_")
                .map(|local| format!("{}: {}", local.name, local.ty)),
        );
    }
    out
}

/// The types of the local variables of a function body.
#[track_caller]
fn expect(before: &str, body: &str, wanted: &[&str]) {
    let text = format!("package m\n{before}\nfunc main() {{\n{body}\n}}\n");
    let all = variables(&text, &[]);
    let found = &all[all.len().saturating_sub(wanted.len())..];
    assert_eq!(found, wanted, "all: {all:?}");
}

#[test]
fn literals_and_operators() {
    expect(
        "",
        "a := 1\nb := 'x'\nc := 1.5\nd := \"s\"\ne := a < 2\nf := 1 << a\nvar g int8 = 3\nh := g + 1\ni := -g\nj := &h\nk := *j\nl := 1 + 2.0\nm := 'a' + 1",
        &[
            "a: int",
            "b: int32",
            "c: float64",
            "d: string",
            "e: bool",
            "f: int",
            "g: int8",
            "h: int8",
            "i: int8",
            "j: *int8",
            "k: int8",
            "l: float64",
            "m: int32",
        ],
    );
}

#[test]
fn fields_methods_and_embedding() {
    expect(
        "type A struct { n int; next *A }\nfunc (a *A) Get(i int) (string, error) { return \"\", nil }\ntype B struct { *A; m map[string][]A }\n\
         type I interface { Get(int) (string, error) }",
        "var b B\na := b.n\nc := b.next.next\nd, err := b.Get(1)\ne := b.Get\nf := b.m[\"x\"][0]\ng, ok := b.m[\"y\"]\nh := (*A).Get\nvar i I = b\nj, _ := i.Get(2)",
        &[
            "b: m.B",
            "a: int",
            "c: *m.A",
            "d: string",
            "err: error",
            "e: func(int) (string, error)",
            "f: m.A",
            "g: []m.A",
            "ok: bool",
            "h: func(*m.A, int) (string, error)",
            "i: m.I",
            "j: string",
        ],
    );
}

#[test]
fn statements_declare() {
    expect(
        "func two() (int, error) { return 0, nil }",
        "for i := range 3 { _ = i }\nfor k, v := range map[string]int8{} { _, _ = k, v }\nfor i, r := range \"s\" { _, _ = i, r }\n\
         ch := make(chan *int, 1)\nfor p := range ch { _ = p }\nselect { case q, ok := <-ch: _, _ = q, ok }\n\
         var x any\nswitch y := x.(type) { case nil: case int: case string, bool: default: _ = y }\n\
         a, err := two()\nb, err := two()\nif c := b; c > 0 { d := c; _ = d }\nfor f := range func(yield func(rune) bool) {} { _ = f }",
        &[
            "i: int",
            "k: string",
            "v: int8",
            "i: int",
            "r: int32",
            "ch: chan *int",
            "p: *int",
            "q: *int",
            "ok: bool",
            "x: interface {}",
            "y: interface {}",
            "y: int",
            "y: interface {}",
            "y: interface {}",
            "a: int",
            "err: error",
            "b: int",
            "c: int",
            "d: int",
            "yield: func(int32) bool",
            "f: int32",
        ],
    );
}

#[test]
fn constants() {
    let text = "package m\nconst (\n\tA = iota * 10\n\tB\n\tC, D = iota, \"x\"\n)\nconst E uint8 = 1 << 3\nconst F = len(\"abc\") + int(E)\n\
                type T int\nconst (\n\tG T = iota + 1\n\tH\n)\nvar arr [F + 2]int\nconst L = len(arr)\n";
    let wanted = [
        "A: untyped int = Some(Int(0))",
        "B: untyped int = Some(Int(10))",
        "C: untyped int = Some(Int(2))",
        "D: untyped string = Some(Str(\"x\"))",
        "E: uint8 = Some(Int(8))",
        "F: int = Some(Int(11))",
        "G: m.T = Some(Int(1))",
        "H: m.T = Some(Int(2))",
        "arr: [13]int",
        "L: int = Some(Int(13))",
    ];
    assert_eq!(variables(text, &[]), wanted);
}

#[test]
fn generics() {
    expect(
        "type List[T any] struct { head *node[T] }\ntype node[T any] struct { v T; next *node[T] }\nfunc (l *List[E]) First() E { return l.head.v }\n\
         func Map[T, U any](xs []T, f func(T) U) []U { return nil }\nfunc Keys[M ~map[K]V, K comparable, V any](m M) []K { return nil }\n\
         type Set map[string]bool\nfunc Max[T int | float64](a, b T) T { return a }",
        "var l List[int8]\na := l.First()\nb := l.head.next.v\nc := Map([]int{1}, func(i int) string { return \"\" })\nd := Keys(Set{})\n\
         e := Max(1, 2.5)\nf := Max[int]\ng := List[string]{}.head",
        &[
            "l: m.List[int8]",
            "a: int8",
            "b: int8",
            "i: int",
            "c: []string",
            "d: []string",
            "e: float64",
            "f: func(int, int) int",
            "g: *m.node[string]",
        ],
    );
}

#[test]
fn imports_and_what_lies_out_of_view() {
    let text = "package m\nimport (\n\t\"x.y/go-lib\"\n\tother \"x.y/gone\"\n\t. \"x.y/dot\"\n)\nvar a = lib.New()\nvar b = other.New()\n\
                var c = a.Do(b)\nvar d = Dotted\nvar e = b.f + 1\nvar f, g = other.Two(1)\n";
    let others = [
        ("x.y/go-lib", "package lib\ntype T struct{}\nfunc New() *T { return nil }\nfunc (*T) Do(x any) (r int) { return }\n"),
        ("x.y/dot", "package dot\nvar Dotted = 'x'\n"),
    ];
    let wanted = ["a: *x.y/go-lib.T", "b: ?", "c: int", "d: int32", "e: ?", "f: ?", "g: ?"];
    assert_eq!(variables(text, &others), wanted);
}
