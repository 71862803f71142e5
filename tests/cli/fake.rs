//! Made-up findings over files that exist only in memory.

use goleash::lint::{Edit, Finding, Fix, Level, Meta, Problem, ProblemKind, Safety, Step, Trace, fingerprint, sort};
use goleash::pipeline::{Outcome, Stats};
use goleash::report::{Format, Look, Report};
use goleash::source::{Location, SourceFile, Span};
use std::path::Path;
use std::sync::Arc;

/// Cards of their own, so that no expected file changes with a rule's documentation.
const RULES: [&Meta; 2] = [
    &Meta {
        id: "blocked-send",
        summary: "A goroutine sends and nobody receives",
        level: Level::Error,
        cwe: &[833, 772],
        triggers: &["go"],
        docs: "# blocked-send\n\nA goroutine sends on a channel,\nand `nobody` receives.\n\n## Leaks\n\n```go\nfunc f() {\n\tch <- 1\n}\n```\n",
        since: "0.1.0",
        family: goleash::lint::Family::Duties,
    },
    &Meta {
        id: "unguarded-loop",
        summary: "A goroutine loops for ever",
        level: Level::Warning,
        cwe: &[772, 9999],
        triggers: &["go"],
        docs: "# unguarded-loop\n",
        since: "0.1.0",
        family: goleash::lint::Family::Duties,
    },
];

pub(super) const FETCH: &str = r#"package fetch

import "context"

// All gets every URL, or gives up with ctx.
func All(ctx context.Context, urls []string) ([]string, error) {
	results := make(chan string)
	for _, u := range urls {
		go func() {
			body := get(u)
			results <- body
		}()
	}

	// Sort them as they come.
	// The order of the input does not matter.
	// Neither do duplicates.
	var all []string
	seen := map[string]bool{}
	for range urls {
		select {
		case body := <-results:
			if !seen[body] {
				all = append(all, body)
			}
			seen[body] = true
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return all, nil
}
"#;

pub(super) const TICKER: &str = "package poll\r\n\r\nfunc (p *Poller) run() {\r\n\tt := time.NewTicker(p.every)\r\n\tfor {\r\n\t\t<-t.C\r\n\t\tp.poll()\r\n\t}\r\n}\r\n";

pub(super) const SERVER: &str = "package main\n\nfunc main() {\n\tp := &Poller{every: time.Second}\n\tgo p.run()\n\tserve()\n}\n";

pub(super) fn file(name: &str, text: &str) -> Arc<SourceFile> {
    Arc::new(SourceFile::new(name.to_owned(), name.into(), text.to_owned()))
}

/// The `nth` place (from 0) at which `needle` stands.
pub(super) fn nth(file: &Arc<SourceFile>, needle: &str, nth: usize) -> Location {
    let (start, _) = file.text.match_indices(needle).nth(nth).unwrap_or_else(|| panic!("{needle:?} in {}", file.display));
    Location { file: Arc::clone(file), span: Span::new(start, start + needle.len()) }
}

pub(super) fn at(file: &Arc<SourceFile>, needle: &str) -> Location {
    nth(file, needle, 0)
}

pub(super) fn span(file: &Arc<SourceFile>, start: usize, end: usize) -> Location {
    Location { file: Arc::clone(file), span: Span::new(start, end) }
}

pub(super) fn step(at: Location, label: &str) -> Step {
    Step { at, label: label.to_owned() }
}

pub(super) fn finding(rule: &'static str, level: Level, at: Location, steps: Vec<Step>) -> Finding {
    Finding {
        rule,
        level,
        message: "the goroutine never ends, for nobody wakes it".to_owned(),
        at,
        steps,
        help: "Let it end.".to_owned(),
        fixes: Vec::new(),
        function: "f".to_owned(),
        fingerprint: String::new(),
    }
}

/// The send that an early return leaves over.
pub(super) fn send() -> Finding {
    let f = file("fetch/fetch.go", FETCH);
    let steps = vec![
        step(at(&f, "make(chan string)"), "the channel is unbuffered"),
        step(at(&f, "go func() {"), "started here, once for each of `urls`"),
        step(at(&f, "results <- body"), "waits here until somebody receives"),
        step(at(&f, "<-results"), "the only receive is here"),
        step(at(&f, "return nil, ctx.Err()"), "after this return nobody receives any more"),
    ];
    Finding {
        message: "the goroutine blocks for good on `results <- body` when `ctx` is done before every result is received"
            .to_owned(),
        help:
            "Give the channel room for every result (`make(chan string, len(urls))`), or send in a `select` with `<-ctx.Done()`."
                .to_owned(),
        fixes: vec![Fix {
            title: "make room for every result".to_owned(),
            safety: Safety::Safe,
            edits: vec![Edit { at: at(&f, "make(chan string)"), text: "make(chan string, len(urls))".to_owned() }],
        }],
        function: "All".to_owned(),
        ..finding("blocked-send", Level::Error, at(&f, "results <- body"), steps)
    }
}

/// The loop in one file that another file starts.
pub(super) fn endless() -> Finding {
    let (main, poll) = (file("cmd/server/main.go", SERVER), file("internal/poll/poll.go", TICKER));
    let steps = vec![
        step(at(&main, "go p.run()"), "started here"),
        step(at(&poll, "for {"), "loops here, with no way out"),
        step(at(&poll, "<-t.C"), "waits here for each tick"),
    ];
    let insert = |at: Location| Location { span: Span { start: at.span.end, ..at.span }, ..at };
    Finding {
        message: "the goroutine loops for ever: nothing can make it leave".to_owned(),
        help: "Take a context and return when it is done.".to_owned(),
        fixes: vec![Fix {
            title: "stop the ticker when the function returns".to_owned(),
            safety: Safety::Unsafe("a reason"),
            edits: vec![Edit { at: insert(at(&poll, "time.NewTicker(p.every)")), text: "\r\n\tdefer t.Stop()".to_owned() }],
        }],
        function: "(*Poller).run".to_owned(),
        ..finding("unguarded-loop", Level::Warning, at(&poll, "for {"), steps)
    }
}

/// A note, in a file whose name needs every kind of escape, after a character that is one column wide, four bytes and two UTF-16 units.
pub(super) fn odd() -> Finding {
    let f = file("odd dir/a,b:100% é😀#.go", "package odd\n\nvar s = \"😀\"; var c = wait(\"a\\tb\", \"ü\")\n");
    let steps = vec![step(at(&f, "wait(\"a\\tb\", \"ü\")"), "waits here")];
    Finding { function: String::new(), ..finding("unguarded-loop", Level::Note, at(&f, "wait(\"a\\tb\", \"ü\")"), steps) }
}

pub(super) fn outcome(mut findings: Vec<Finding>) -> Outcome {
    sort(&mut findings);
    fingerprint::assign(&mut findings);
    let stats = Stats {
        files: 1234,
        bytes: 5_678_901,
        packages: 56,
        declarations: 7890,
        functions: 321,
        goroutines: 42,
        ..Stats::default()
    };
    Outcome { findings, stats, ..Outcome::default() }
}

pub(super) fn problems() -> Vec<Problem> {
    let problem =
        |path: &str, line, kind, message: &str| Problem { path: path.to_owned(), line, kind, message: message.to_owned() };
    vec![
        problem("a b/broken.go", Some(7), ProblemKind::Syntax, "the declaration of `serve` could not be parsed"),
        problem("bad\u{1b}[31m.go", None, ProblemKind::Unreadable, "permission denied"),
        problem("latin1.go", Some(3), ProblemKind::Encoding, "bytes that are not UTF-8 were passed over"),
    ]
}

/// Everything at once.
pub(super) fn full() -> Outcome {
    let mut outcome = outcome(vec![odd(), endless(), send()]);
    outcome.problems = problems();
    let reason = "the channel is handed to `reflect.ValueOf`, which cannot be followed".to_owned();
    outcome.traces = vec![Trace { at: at(&file("fetch/other.go", FETCH), "results <- body"), rule: "blocked-send", reason }];
    outcome
}

pub(super) fn render(outcome: &Outcome, format: Format, level: Level) -> String {
    render_with(outcome, format, level, Look { width: 80, ..Look::default() })
}

pub(super) fn render_with(outcome: &Outcome, format: Format, level: Level, look: Look) -> String {
    let mut bytes = Vec::new();
    Report { outcome, level, rules: &RULES }.write(format, look, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Holds `actual` to a file in `tests/cli/expected`; `UPDATE=1` accepts what is new. The version reads
/// 0.0.0 there, so that a release changes no file.
pub(super) fn expect(name: &str, actual: &str) {
    let actual = &actual.replace(env!("CARGO_PKG_VERSION"), "0.0.0");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/expected").join(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, actual).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == *actual,
        "{} differs; UPDATE=1 cargo test --test main cli:: accepts it\n--- expected\n{expected}\n--- got\n{actual}",
        path.display()
    );
}
