//! Small packages and what is said of them: each wait that never ends ends in `// stuck`, all others must not be reported.

use crate::lint::Level;
use crate::models::Models;
use crate::types::{MemorySources, World, stubs};

/// Lines of warnings and errors.
fn explored(program: &str) -> super::Findings {
    let text = format!("package m\n\n{program}");
    let mut sources = MemorySources::default();
    let source = sources.add("m", &[("a.go", &text)]);
    let world = World::new(Box::new(sources)).with_std(stubs::library);
    let pkg = world.add(&source);
    super::channels(&world, &pkg, Models::embedded(), false, &[])
}

fn findings(program: &str) -> Vec<usize> {
    let found = explored(program);
    let told = found.findings.iter().filter(|finding| finding.level >= Level::Warning);
    let mut lines: Vec<usize> = told.map(|finding| finding.at.start().line as usize).collect();
    lines.sort_unstable();
    lines
}

#[track_caller]
fn check(program: &str) {
    let marked: Vec<usize> =
        program.lines().enumerate().filter(|(_, line)| line.ends_with("// stuck")).map(|(i, _)| i + 3).collect();
    assert_eq!(findings(program), marked, "lines of the file; the program begins on line 3:\n{program}");
}

/// A worker that its owner's end reaches, unless another method took away what the end closes.
#[test]
fn an_end_has_to_reach_what_every_method_started() {
    let program = |start: &str| {
        format!(
            "type Pump struct {{\n\tjobs chan int\n\tquit chan struct{{}}\n}}\n
func New() *Pump {{\n\tp := &Pump{{jobs: make(chan int), quit: make(chan struct{{}})}}\n\tgo p.run(p.quit)\n\treturn p\n}}\n
func (p *Pump) run(quit chan struct{{}}) {{\n\tfor {{\n\t\tselect {{{start}\n\t\tcase <-p.jobs:\n\t\tcase <-quit:\n\t\t\treturn\n\t\t}}\n\t}}\n}}\n
func (p *Pump) Stop() {{ close(p.quit) }}\n"
        )
    };
    let restarts = "\nfunc (p *Pump) Restart() {\n\tp.quit = make(chan struct{})\n\tgo p.run(p.quit)\n}\n";
    let again = "\nfunc (p *Pump) Restart() {\n\tclose(p.quit)\n\tp.quit = make(chan struct{})\n\tgo p.run(p.quit)\n}\n";
    check(&program(""));
    check(&(program(" // stuck") + restarts));
    check(&(program("") + again));
}

/// The same without a function that makes the value, and with the worker as a literal.
#[test]
fn values_without_a_constructor_are_used_too() {
    let program = |quit: &str| {
        format!(
            "type Clock struct {{\n\tquit chan struct{{}}\n}}\n
func (c *Clock) Start() {{\n\tc.quit = make(chan struct{{}})\n\tquit := {quit}\n\tgo func() {{\n\t\tout := make(chan int)\n\t\tselect {{\n\t\tcase out <- 1:\n\t\tcase <-quit:\n\t\t}}\n\t}}()\n}}\n
func (c *Clock) Stop() {{ close(c.quit) }}\n"
        )
    };
    check(&program("c.quit"));
}

#[test]
fn a_method_of_an_interface_may_be_any_in_view() {
    let program = |wanted: &str, mark: &str| {
        format!(
            "type Source interface{{ Each(func(int) bool) error }}\n\ntype list []int\n
func (l list) Each(f func(int) bool) error {{\n\tfor _, x := range l {{\n\t\tif !f(x) {{\n\t\t\treturn nil\n\t\t}}\n\t}}\n\treturn nil\n}}\n
type Sum struct{{ source Source }}\n\nfunc good(int) error\n
func (s *Sum) All() error {{\n\tall := make(chan int)\n\tgo func() {{\n\t\tdefer close(all)\n\t\t_ = s.source.Each(func(x int) bool {{\n\t\t\tall <- x{mark}\n\t\t\treturn true\n\t\t}})\n\t}}()
\tfor x := range all {{\n\t\tif err := good(x); err != nil {{\n\t\t\t{wanted}\n\t\t}}\n\t}}\n\treturn nil\n}}\n"
        )
    };
    check(&program("return err", " // stuck"));
    check(&program("continue", ""));
    check(&program("for range all {\n\t\t\t}\n\t\t\treturn err", ""));
}

/// What code out of view is handed tells what it can do: it can receive from `<-chan`, and call a function that sends.
#[test]
fn who_can_only_send_wakes_no_sender() {
    let program = |ty: &str, mark: &str| {
        format!(
            "func Jobs() ({ty}, error) {{\n\tch := make(chan int)\n\tgo func() {{\n\t\tch <- 1{mark}\n\t}}()\n\treturn ch, nil\n}}\n"
        )
    };
    check(&program("<-chan int", ""));
    check(&program("chan int", ""));
    check(&program("chan<- int", " // stuck"));
    check(
        "func Jobs() func() {\n\tch := make(chan int)\n\tgo func() {\n\t\tch <- 1 // stuck\n\t}()\n\treturn func() { ch <- 2 }\n}\n",
    );
    check(
        "func Jobs() func() int {\n\tch := make(chan int)\n\tgo func() {\n\t\tch <- 1\n\t}()\n\treturn func() int { return <-ch }\n}\n",
    );
}

/// A caller that is given a channel may stop to receive from it, unless it can end the goroutine otherwise.
#[test]
fn callers_that_stop_receiving_strand_the_sender() {
    let program = |send: &str| {
        format!(
            "import \"context\"\n\nfunc next() int\n
func Jobs(ctx context.Context, stop chan bool) <-chan int {{\n\tch := make(chan int)\n\tgo func() {{\n\t\tfor {{\n{send}\n\t\t}}\n\t}}()\n\treturn ch\n}}\n"
        )
    };
    let said = |text: &str| explored(text).left.into_iter().map(|f| (f.level, f.message)).collect::<Vec<_>>();
    let plain = program("\t\t\tch <- next()");
    let message = "this send blocks forever when the caller of `Jobs` stops receiving".to_owned();
    assert_eq!(said(&plain), [(Level::Warning, message)]);
    for end in ["<-ctx.Done()", "<-stop"] {
        let ends = program(&format!("\t\t\tselect {{\n\t\t\tcase ch <- next():\n\t\t\tcase {end}:\n\t\t\t\treturn\n\t\t\t}}"));
        assert_eq!(said(&ends), []);
    }
    // Who is not exported has its callers in view.
    assert_eq!(said(&plain.replace("Jobs", "jobs")), []);
}

/// A group of `errgroup` ends its context at the first error, and waits for all.
#[test]
fn groups_of_errgroup_wait_and_end_their_context() {
    let program = |send: &str| {
        format!(
            "import (\n\t\"context\"\n\t\"golang.org/x/sync/errgroup\"\n)\n\nfunc get(int) (int, error)\n
func All(ctx context.Context, n int) error {{\n\tout := make(chan int)\n\tg, ctx := errgroup.WithContext(ctx)\n\tg.Go(func() error {{\n\t\tv, err := get(1)\n\t\tif err != nil {{\n\t\t\treturn err\n\t\t}}
{send}\n\t\treturn nil\n\t}})\n\tg.Go(func() error {{\n\t\t_, err := get(2)\n\t\tif err != nil {{\n\t\t\treturn err\n\t\t}}\n\t\t<-out\n\t\treturn nil\n\t}})\n\treturn g.Wait()\n}}\n"
        )
    };
    let found = findings(&program("\t\tout <- v"));
    assert!(!found.is_empty(), "a member that fails leaves the other waiting");
    let safe = program("\t\tselect {\n\t\tcase out <- v:\n\t\tcase <-ctx.Done():\n\t\t}");
    let safe = safe.replace("\t\t<-out\n", "\t\tselect {\n\t\tcase <-out:\n\t\tcase <-ctx.Done():\n\t\t}\n");
    assert_eq!(findings(&safe), [] as [usize; 0]);
}

/// A method of a type that is not known may be one that ends the process.
#[test]
fn what_may_end_the_process_is_not_known_to_return() {
    let program = |call: &str, mark: &str| {
        format!(
            "import \"example.org/log\"\n\nvar logger = log.New()\n\nfunc ready() bool\n
func F() {{\n\tch := make(chan int)\n\tgo func() {{\n\t\tch <- 1{mark}\n\t}}()\n\tif !ready() {{\n\t\t{call}\n\t\treturn\n\t}}\n\t<-ch\n}}\n"
        )
    };
    check(&program("logger.Fatalf(\"no\")", ""));
    check(&program("logger.Warnf(\"no\")", " // stuck"));
}

/// Answers to questions about one number go together.
#[test]
fn comparisons_of_one_number_agree() {
    let program = |bound: &str, mark: &str| {
        format!(
            "func F(n int) {{\n\tch := make(chan int)\n\tif n > 0 {{\n\t\tgo func() {{ ch <- 1 }}(){mark}\n\t}}\n\tif n >= {bound} {{\n\t\t<-ch\n\t}}\n}}\n"
        )
    };
    assert_eq!(findings(&program("1", "")), [] as [usize; 0]);
    assert!(!findings(&program("2", "")).is_empty());
}
