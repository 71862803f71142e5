//! Small programs whose stuck goroutines are known: each wait that never ends ends in `// stuck`, all others must not be reported.

use super::{Explorer, Limits};
use crate::source::DeclKind;
use crate::store::Bodies;
use crate::types::{FuncId, MemorySources, World, stubs};

const HEAD: &str = "package m\n\nimport (\n\t\"context\"\n\t\"encoding/json\"\n\t\"errors\"\n\t\"fmt\"\n\t\"sync\"\n\t\"sync/atomic\"\n\t\"time\"\n)\n
var _ context.Context\nvar _ = json.Valid\nvar _ = fmt.Sprint\nvar _ = errors.New\nvar _ sync.Mutex\nvar _ atomic.Int32\nvar _ = time.Now\nvar errFull = errors.New(\"full\")
func fetch(int) (int, error)\nfunc slow() int\nfunc keep(any)\n";

/// Lines on which the functions named `F` say that a goroutine is stuck, without assumptions.
fn stuck(program: &str) -> Vec<usize> {
    let text = format!("{HEAD}{program}");
    let mut sources = MemorySources::default();
    let source = sources.add("m", &[("a.go", &text)]);
    let world = World::new(Box::new(sources)).with_std(stubs::library);
    let pkg = world.add(&source);
    let bodies = Bodies::new(&world);
    let mut lines = Vec::new();
    let unit = &pkg.source.files[0];
    for decl in unit.outline.decls.iter().filter(|d| d.kind == DeclKind::Func && d.names[0] == "F") {
        let id = FuncId { pkg: pkg.key, recv: None, name: decl.names[0] };
        let report = Explorer::new(&world, &bodies, crate::models::Models::embedded(), Limits::default())
            .explore(id, 1)
            .expect("F has a body");
        let sure = report.leaks.iter().filter(|leak| leak.assumed == 0 && !leak.left);
        lines.extend(sure.map(|leak| unit.src.line_col(leak.at.span.start).line as usize));
    }
    lines.sort_unstable();
    lines
}

#[track_caller]
fn check(program: &str) {
    let head = HEAD.lines().count();
    let marked: Vec<usize> =
        program.lines().enumerate().filter(|(_, l)| l.ends_with("// stuck")).map(|(i, _)| head + i + 1).collect();
    assert_eq!(stuck(program), marked, "lines of the file; the program begins on line {}:\n{program}", head + 1);
}

#[test]
fn a_reader_that_leaves_strands_the_sender() {
    check(
        "func F(ctx context.Context) (int, error) {\n\tch := make(chan int)\n\tgo func() {\n\t\tch <- slow() // stuck\n\t}()\n\tselect {\n\tcase v := <-ch:\n\t\treturn v, nil\n\tcase <-ctx.Done():\n\t\treturn 0, ctx.Err()\n\t}\n}",
    );
    check(
        "func F(ctx context.Context) (int, error) {\n\tch := make(chan int, 1)\n\tgo func() {\n\t\tch <- slow()\n\t}()\n\tselect {\n\tcase v := <-ch:\n\t\treturn v, nil\n\tcase <-ctx.Done():\n\t\treturn 0, ctx.Err()\n\t}\n}",
    );
}

#[test]
fn who_looks_whether_a_channel_is_closed_can_look_before() {
    let program = |end: &str| {
        format!(
            "func F() {{\n\tdone := make(chan int)\n\tout := make(chan int)\n\tgo func() {{\n\t\tselect {{\n\t\tcase <-done:\n\t\t\treturn\n\t\tdefault:\n\t\t}}\n\t\tout <- 1 // stuck\n\t}}()\n{end}\n}}"
        )
    };
    check(&program("\tclose(done)"));
    check(&program("\tdefer close(done)"));
    check(&program("\tend := func() { close(done) }\n\tend()"));
    check(&program("\tclose(done)\n\tselect {\n\tcase <-out:\n\tdefault:\n\t}"));
    let fixed = program("\tclose(done)").replace("out := make(chan int)", "out := make(chan int, 1)").replace(" // stuck", "");
    check(&fixed);
}

#[test]
fn an_error_between_start_and_receive() {
    check(
        "func F() error {\n\tch := make(chan int)\n\tgo func() {\n\t\tch <- 1 // stuck\n\t}()\n\tif _, err := fetch(1); err != nil {\n\t\treturn err\n\t}\n\t<-ch\n\treturn nil\n}",
    );
    check(
        "func F() error {\n\tch := make(chan int)\n\tgo func() {\n\t\tch <- 1\n\t}()\n\tdefer func() { <-ch }()\n\tif _, err := fetch(1); err != nil {\n\t\treturn err\n\t}\n\treturn nil\n}",
    );
}

#[test]
fn how_a_function_is_started_does_not_matter() {
    for start in [
        "go func() { send(ch) }()",
        "go send(ch)",
        "f := func() { send(ch) }\n\tgo f()",
        "f := send\n\tgo f(ch)",
        "var wg sync.WaitGroup\n\twg.Go(func() { send(ch) })",
        "time.AfterFunc(time.Second, func() { send(ch) })",
    ] {
        let leaking =
            format!("func send(c chan<- int) {{\n\tc <- 1 // stuck\n}}\nfunc F() {{\n\tch := make(chan int)\n\t{start}\n}}");
        check(&leaking);
        check(&leaking.replace(" // stuck", "").replace("make(chan int)", "make(chan int, 1)"));
    }
}

#[test]
fn a_fan_out_and_a_fan_in_over_the_same_slice_agree() {
    check(
        "func F(xs []int) {\n\tch := make(chan int)\n\tfor _, x := range xs {\n\t\tgo func() { ch <- x }()\n\t}\n\tfor range xs {\n\t\t<-ch\n\t}\n}",
    );
    check(
        "func F(xs []int) {\n\tch := make(chan int, len(xs))\n\tfor _, x := range xs {\n\t\tgo func() { ch <- x }()\n\t}\n\t<-ch\n}",
    );
    check(
        "func F(xs []int) {\n\tch := make(chan int)\n\tfor _, x := range xs {\n\t\tgo func() {\n\t\t\tch <- x // stuck\n\t\t}()\n\t}\n\tif len(xs) > 0 {\n\t\t<-ch\n\t}\n}",
    );
}

#[test]
fn a_range_ends_when_the_channel_is_closed() {
    check(
        "func F(xs []int) {\n\tjobs := make(chan int)\n\tgo func() {\n\t\tfor j := range jobs { // stuck\n\t\t\t_ = j\n\t\t}\n\t}()\n\tfor _, x := range xs {\n\t\tjobs <- x\n\t}\n}",
    );
    check(
        "func F(xs []int) {\n\tjobs := make(chan int)\n\tgo func() {\n\t\tfor j := range jobs {\n\t\t\t_ = j\n\t\t}\n\t}()\n\tdefer close(jobs)\n\tfor _, x := range xs {\n\t\tjobs <- x\n\t}\n}",
    );
}

#[test]
fn a_nil_check_on_a_channel_is_believed() {
    check(
        "func F(a bool) {\n\tvar ch chan int\n\tif a {\n\t\tch = make(chan int, 1)\n\t}\n\tif ch != nil {\n\t\tch <- 1\n\t}\n}",
    );
    check("func F() {\n\tvar ch chan int\n\tgo func() {\n\t\tch <- 1 // stuck\n\t}()\n}");
}

#[test]
fn requests_carry_their_replies() {
    check(
        "type req struct {\n\tn int\n\treply chan int\n}\nfunc F(stop chan bool) {\n\treqs := make(chan req)\n\tgo func() {\n\t\tfor {\n\t\t\tselect {\n\t\t\tcase r := <-reqs:\n\t\t\t\tr.reply <- r.n\n\t\t\tcase <-stop:\n\t\t\t\treturn\n\t\t\t}\n\t\t}\n\t}()\n\tr := req{1, make(chan int, 1)}\n\tselect {\n\tcase reqs <- r:\n\tcase <-stop:\n\t}\n}",
    );
    check(
        "type req struct {\n\tn int\n\treply chan int\n}\nfunc F() {\n\treqs := make(chan req)\n\tgo func() {\n\t\tr := <-reqs\n\t\tif r.n > 0 {\n\t\t\tr.reply <- r.n // stuck\n\t\t}\n\t}()\n\treqs <- req{1, make(chan int)}\n}",
    );
}

#[test]
fn closures_queued_on_a_channel_are_run() {
    check(
        "func F() {\n\tq := make(chan func(), 1)\n\tout := make(chan int)\n\tgo func() {\n\t\tfor f := range q {\n\t\t\tf()\n\t\t}\n\t}()\n\tq <- func() {\n\t\tout <- 1 // stuck\n\t}\n\tclose(q)\n}",
    );
    check(
        "func F() int {\n\tq := make(chan func(), 1)\n\tout := make(chan int)\n\tgo func() {\n\t\tfor f := range q {\n\t\t\tf()\n\t\t}\n\t}()\n\tq <- func() {\n\t\tout <- 1\n\t}\n\tclose(q)\n\treturn <-out\n}",
    );
}

#[test]
fn two_locks_in_opposite_orders() {
    let program = |second: &str| {
        format!(
            "type pair struct{{ a, b sync.Mutex }}\nfunc F() {{\n\tp := &pair{{}}\n\tvar wg sync.WaitGroup\n\twg.Go(func() {{\n\t\tp.a.Lock()\n\t\tslow()\n\t\tp.b.Lock()\n\t\tp.b.Unlock()\n\t\tp.a.Unlock()\n\t}})\n\twg.Go(func() {{\n{second}\n\t}})\n}}"
        )
    };
    let opposite = program("\t\tp.b.Lock()\n\t\tp.a.Lock()\n\t\tp.a.Unlock()\n\t\tp.b.Unlock()");
    assert_eq!(stuck(&opposite).len(), 1, "one of the two speaks for both");
    let same = program("\t\tp.a.Lock()\n\t\tp.b.Lock()\n\t\tp.b.Unlock()\n\t\tp.a.Unlock()");
    assert_eq!(stuck(&same), Vec::<usize>::new());
}

#[test]
fn a_group_that_an_error_leaves_counted() {
    check(
        "func F() error {\n\tvar wg sync.WaitGroup\n\twg.Add(2)\n\tgo func() { defer wg.Done() }()\n\tgo func() {\n\t\twg.Wait() // stuck\n\t}()\n\tif _, err := fetch(1); err != nil {\n\t\treturn err\n\t}\n\twg.Done()\n\treturn nil\n}",
    );
    check(
        "func F() {\n\tvar wg sync.WaitGroup\n\tfor i := range 3 {\n\t\twg.Add(1)\n\t\tgo func() { defer wg.Done(); fetch(i) }()\n\t}\n\twg.Wait()\n}",
    );
}

#[test]
fn what_code_out_of_view_holds_is_not_judged() {
    check("func F() {\n\tch := make(chan int)\n\tkeep(ch)\n\tgo func() { ch <- 1 }()\n}");
    check("func F() <-chan int {\n\tch := make(chan int)\n\tgo func() { ch <- 1 }()\n\treturn ch\n}");
    check("type T struct{ ch chan int }\nfunc F(t *T) {\n\tt.ch = make(chan int)\n\tgo func() { t.ch <- 1 }()\n}");
    check("func F(ch chan int) {\n\tgo func() { ch <- 1 }()\n}");
    check("func F() {\n\tch := make(chan int)\n\tunseen.Handler = func() { close(ch) }\n\t<-ch\n}");
    check("func F() {\n\tch := make(chan int)\n\ts := &unseen.Server{Done: ch}\n\tgo s.Serve()\n\t<-ch\n}");
    check("func F() {\n\tch := make(chan int)\n\tunseen.Map[ch] = 1\n\t<-ch\n}");
}

#[test]
fn errors_that_are_made_are_not_nil() {
    check(
        "func step(n int) error {\n\tif n > 3 {\n\t\treturn errFull\n\t}\n\treturn nil\n}\nfunc F(n int) error {\n\tfail := make(chan error)\n\tdone := make(chan int)\n\tgo func() {\n\t\tif err := step(n); err != nil {\n\t\t\tfail <- err\n\t\t\treturn\n\t\t}\n\t\tdone <- 1\n\t}()\n\tif n > 3 {\n\t\treturn <-fail\n\t}\n\t<-done\n\treturn nil\n}",
    );
}

#[test]
fn a_timer_that_is_faster_than_who_is_ready_is_an_assumption() {
    check(
        "func F() {\n\tch := make(chan int)\n\tgo func() { ch <- 1 }()\n\tselect {\n\tcase <-ch:\n\tcase <-time.After(time.Second):\n\t}\n}",
    );
    check(
        "func F() {\n\tch := make(chan int)\n\tgo func() {\n\t\tch <- slow() // stuck\n\t}()\n\tselect {\n\tcase <-ch:\n\tcase <-time.After(time.Second):\n\t}\n}",
    );
}

#[test]
fn a_panic_that_nobody_recovers_leaves_no_process() {
    check(
        "func F() {\n\tch := make(chan int)\n\tgo func() { ch <- 1 }()\n\tif _, err := fetch(1); err != nil {\n\t\tpanic(err)\n\t}\n\t<-ch\n}",
    );
    check(
        "func F() {\n\tch := make(chan int)\n\tdefer func() { recover() }()\n\tgo func() {\n\t\tch <- 1 // stuck\n\t}()\n\tif _, err := fetch(1); err != nil {\n\t\tpanic(err)\n\t}\n\t<-ch\n}",
    );
}

#[test]
fn flags_and_atomics_are_remembered() {
    check("func F(a bool) {\n\tch := make(chan int)\n\tif a {\n\t\tgo func() { ch <- 1 }()\n\t}\n\tif a {\n\t\t<-ch\n\t}\n}");
    check("func F() {\n\tvar on atomic.Bool\n\tch := make(chan int)\n\tif on.Load() {\n\t\tch <- 1\n\t}\n\ton.Store(true)\n}");
}

#[test]
fn the_turn_that_decides_is_named() {
    let text = format!(
        "{HEAD}func F(ctx context.Context) error {{\n\tch := make(chan int)\n\tgo func() {{ ch <- slow() }}()\n\tselect {{\n\tcase <-ch:\n\t\treturn nil\n\tcase <-ctx.Done():\n\t\treturn ctx.Err()\n\t}}\n}}"
    );
    let mut sources = MemorySources::default();
    let source = sources.add("m", &[("a.go", &text)]);
    let world = World::new(Box::new(sources)).with_std(stubs::library);
    let pkg = world.add(&source);
    let found = crate::verdict::channels(&world, &pkg, crate::models::Models::embedded(), false, &[]);
    let [finding] = found.findings.as_slice() else { panic!("{:?}", found.findings) };
    let head = HEAD.lines().count();
    let steps: Vec<(usize, &str)> = finding.steps.iter().map(|s| (s.at.start().line as usize - head, s.label.as_str())).collect();
    let expected = [
        (2, "the channel is made here, without a buffer"),
        (3, "the goroutine is started here"),
        (3, "it waits here until the value is received"),
        (7, "this case is chosen"),
        (8, "`F` leaves here"),
    ];
    assert_eq!(steps, expected);
    assert_eq!(finding.rule, "blocked-send");
}

#[test]
fn what_waits_on_purpose_is_on_purpose() {
    let purpose = |program: &str| {
        let text = format!("{HEAD}{program}");
        let mut sources = MemorySources::default();
        let source = sources.add("m", &[("a.go", &text)]);
        let world = World::new(Box::new(sources)).with_std(stubs::library);
        let pkg = world.add(&source);
        crate::verdict::channels(&world, &pkg, crate::models::Models::embedded(), false, &[]).findings.len()
    };
    assert_eq!(
        purpose(
            "func F(stop chan bool) {\n\tdone := make(chan bool)\n\tgo func() { close(done) }()\n\tselect {\n\tcase <-done:\n\tcase <-stop:\n\t\tselect {}\n\t}\n}"
        ),
        0
    );
    assert_eq!(purpose("func F() {\n\tgo slow()\n\tstay := make(chan bool)\n\t<-stay\n}"), 0);
    assert_eq!(purpose("func F() {\n\tgo slow()\n\tdone := make(chan bool)\n\tgo func() { <-done }()\n}"), 1);
    // What is given is not what was made here.
    let given = "type late struct{}\nfunc (late) Error() string\nfunc F(work func() error) {\n\terrc := make(chan error, 1)\n\tgo func() { errc <- work() }()\n\tif err := <-errc; err == (late{}) {\n\t\t<-errc\n\t}\n}";
    assert_eq!(purpose(given), 0);
}

/// Who is given the address of a value may write what others can write of it.
#[test]
fn memory_that_is_given_away_may_hold_anything() {
    let program = |give: &str, mark: &str| {
        format!(
            "type frame struct {{ Last bool; seen bool }}\n\nfunc F() {{\n\tch := make(chan int)\n\tgo func() {{\n\t\tvar f frame\n\t\t{give}\n\t\tif f.Last || f.seen {{\n\t\t\treturn\n\t\t}}\n\t\tch <- 1\n\t}}()\n\t<-ch{mark}\n}}"
        )
    };
    check(&program("_ = json.Unmarshal(nil, &f)", " // stuck"));
    check(&program("fmt.Println(&f)", ""));
    check(&program("given(&f)", " // stuck").replace("func F()", "func given(*frame)\n\nfunc F()"));
    check(&program("", ""));
    // A call by an interface is no different.
    let decoder = "type decoder interface{ Decode(any) error }\nvar d decoder\n\nfunc F()";
    check(&program("_ = d.Decode(&f)", " // stuck").replace("func F()", decoder));
}
