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

#[test]
fn methods_have_type_parameters_of_their_own() {
    expect(
        "type Box[T any] struct { v T }\nfunc (b Box[E]) Map[U any](f func(E) U) Box[U] { return Box[U]{} }\nfunc text(i int) string { return \"\" }",
        "b := Box[int]{v: 1}\nc := b.Map(text)\nd := c.v\ne := b.Map[bool]",
        &["b: m.Box[int]", "c: m.Box[string]", "d: string", "e: func(func(int) bool) m.Box[bool]"],
    );
}

#[test]
fn sizes_are_constants() {
    expect(
        "import \"unsafe\"\ntype S struct { a bool; b int32; c string; d struct{} }",
        "var s S\nvar a [unsafe.Sizeof(s)]byte\nvar b [unsafe.Offsetof(s.c)]byte\nvar c [unsafe.Alignof(s.b)]byte",
        &["s: m.S", "a: [32]uint8", "b: [8]uint8", "c: [4]uint8"],
    );
}

#[test]
fn interfaces_are_implemented_by_signature() {
    let text = "package m\ntype I interface { Do(n int) error }\ntype A struct{}\nfunc (A) Do(int) error { return nil }\ntype B struct{}\n\
                func (*B) Do(int) error { return nil }\ntype C struct{}\nfunc (C) Do(string) error { return nil }\ntype D struct{ *B }\n\
                type E struct { gone.T }\ntype F struct { I }\n";
    let mut sources = MemorySources::default();
    let source = sources.add("m", &[("a.go", text)]);
    let world = World::new(Box::new(sources));
    let pkg = world.add(&source);
    let named = |name: &str| Named { pkg: pkg.key, name: name.into(), args: Box::default(), local: None };
    let Type::Interface(interface) = world.underlying(&Type::Named(named("I").into())) else { panic!("no interface") };
    let (found, sure) = world.implementers(&interface, std::slice::from_ref(&pkg));
    let shown: Vec<String> = found.iter().map(|(ty, pointer)| format!("{}{ty}", if *pointer { "*" } else { "" })).collect();
    assert_eq!(shown, ["m.A", "*m.B", "m.D", "m.F"]);
    assert!(!sure, "what E embeds is not in view");
}

#[test]
fn the_files_of_the_first_system_count() {
    let mut sources = MemorySources::default();
    let files = [
        ("a_windows.go", "package m\ntype T struct { w int }\nfunc F() string { return \"\" }\nvar inside = F()\nvar t T\n"),
        ("a_linux.go", "package m\ntype T struct { l int }\nfunc F() int { return 1 }\n"),
        ("b.go", "package m\nvar x = F()\nvar y = T{}.l\n"),
        ("c_windows.go", "package m\nvar z = F()\n"),
    ];
    let source = sources.add("m", &files);
    let world = World::new(Box::new(sources));
    let pkg = world.add(&source);
    let of = |name: &str| world.var(pkg.key, name.into()).to_string();
    assert_eq!([of("x"), of("y"), of("z"), of("inside"), of("t")], ["int", "int", "string", "string", "?"]);
}

#[test]
fn modules_on_disk_find_each_other() {
    let root = tempfile::tempdir().unwrap();
    let files = [
        ("go.mod", "module a.b/m\n\nreplace x.y/z => ./other\n"),
        (
            "main.go",
            "package m\nimport (\n\t\"a.b/m/sub\"\n\t\"x.y/z\"\n\t\"v.w/v\"\n)\nvar a = sub.A\nvar b = z.B\nvar c = v.C\n",
        ),
        ("sub/s.go", "package sub\nvar A = true\n"),
        ("sub/s_test.go", "package sub_test\nvar A = 1\n"),
        ("other/go.mod", "module x.y/z\n"),
        ("other/z.go", "package z\nvar B = 'b'\n"),
        ("vendor/v.w/v/v.go", "package v\nvar C = \"c\"\n"),
    ];
    for (path, text) in files {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let module = crate::source::Modules::default().of(root.path());
    let input = crate::source::folder(root.path(), root.path(), true, module).unwrap();
    let options = crate::source::LoadOptions { keep_all: true, ..crate::source::LoadOptions::default() };
    let loaded = crate::source::load_with(&input, &crate::source::Scanner::new(&[]), options);
    let world = World::new(Box::new(DiskSources::new(root.path(), None)));
    let pkg = world.add(&std::sync::Arc::new(loaded.packages.into_iter().next().unwrap()));
    let of = |name: &str| world.var(pkg.key, name.into()).to_string();
    assert_eq!([of("a"), of("b"), of("c")], ["bool", "int32", "string"]);
}

/// Long and deep code is walked without running out of stack, and broken code without a panic.
#[test]
fn odd_shapes_are_survived() {
    let chain = format!(
        "package m\nvar long = 1{}\nvar deep = {}1\nvar dots = x{}\n",
        " + 1".repeat(50_000),
        "-".repeat(9_000).replace("--", "-+"),
        ".f()".repeat(9_000)
    );
    let work = move || {
        let found = variables(&chain, &[]);
        assert_eq!(found, ["long: int", "deep: ?", "dots: ?"]);
    };
    std::thread::Builder::new().stack_size(32 << 20).spawn(work).unwrap().join().unwrap();
    let text = include_str!("../../tests/goparser/odd/statements.go");
    for at in (0..text.len()).filter(|&at| text.is_char_boundary(at)).step_by(37) {
        let mut sources = MemorySources::default();
        let source = sources.add("m", &[("a.go", &text[..at])]);
        let world = World::new(Box::new(sources));
        let pkg = world.add(&source);
        let unit = &pkg.source.files[0];
        for decl in &unit.outline.decls {
            if let Ok(parsed) = parse_decl(&unit.src, decl) {
                let _ = check(&world, &pkg, 0, &parsed);
            }
        }
    }
}

/// Types that go round in circles are cut, whoever is asked first.
#[test]
fn circles_are_cut() {
    let text = "package m\ntype A B\ntype B A\ntype C = *C\ntype D struct { D }\nvar x = y\nvar y = x\nconst k = l\nconst l = k\n\
                type E interface { F; m() }\ntype F interface { E }\ntype G [len(g)]int\nvar g G\nvar d = D{}.D.D\nvar f E\nvar h = f.m\n";
    let found = variables(text, &[]);
    assert_eq!(found, ["x: ?", "y: ?", "k: ? = None", "l: ? = None", "g: m.G", "d: m.D", "f: m.E", "h: func()"]);
}

/// What the comparison with `go/types` once found different or unknown.
#[test]
fn spellings_that_look_like_others() {
    expect(
        "import \"unsafe\"\ntype lcs []int\nfunc (lcs lcs) push(x int) lcs { return lcs }\ntype Token uint\ntype token = Token\nfunc (i token) String() string { return \"\" }\n\
         func Compare[S ~[]E, E any](a, b S) int { return 0 }\nfunc Sort[S ~[]E, E any](x S, cmp func(a, b E) int) S { return x }\n\
         func Has[S ~[]E, E any](s S, v E) E { return v }\nfunc Tail[S ~[]E, E any](s S) S { t := Has(s[1:], s[0]); _ = t; return s }\n\
         type ptr struct{ p unsafe.Pointer }\nconst one, two = 1, one + 1\nvar three, four = 3.0, three",
        "var v ptr\na := *(*[]byte)(v.p)\nb := (*[4]int)(v.p)\nvar w *ptr\nc := new(*w)\nvar m map[string]func(int, bool) error\nd := m[\"x\"](1, true)\n\
         e := lcs{}.push(1)\nf := Token(1).String()\ng := Sort([][]uintptr{}, Compare)\nh := Has([]byte{}, '.')\ni := [two]bool{}\nj := four\n\
         var k, l []int\nk[l[k[0]]] = 1\niota := 'x'\nn := iota",
        &[
            "v: m.ptr",
            "a: []uint8",
            "b: *[4]int",
            "w: *m.ptr",
            "c: *m.ptr",
            "m: map[string]func(int, bool) error",
            "d: error",
            "e: m.lcs",
            "f: string",
            "g: [][]uintptr",
            "h: uint8",
            "i: [2]bool",
            "j: float64",
            "k: []int",
            "l: []int",
            "iota: int32",
            "n: int32",
        ],
    );
}
