//! The report for people.

use super::fake::*;
use goleash::lint::{Finding, Level};
use goleash::report::{Format, Look};
use goleash::source::Span;

fn human(findings: Vec<Finding>) -> String {
    render(&outcome(findings), Format::Human, Level::Note)
}

#[test]
fn steps_of_one_file_stand_in_few_boxes() {
    expect("send.txt", &human(vec![send()]));
}

#[test]
fn steps_in_other_files_have_boxes_of_their_own() {
    expect("endless.txt", &human(vec![endless()]));
}

#[test]
fn everything_at_once_with_unicode() {
    let look = Look { unicode: true, width: 80, ..Look::default() };
    expect("full-unicode.txt", &render_with(&full(), Format::Human, Level::Note, look));
}

#[test]
fn colours_are_the_only_difference() {
    let plain = render(&full(), Format::Human, Level::Note);
    let colored = render_with(&full(), Format::Human, Level::Note, Look { color: true, width: 80, ..Look::default() });
    assert!(!plain.contains('\u{1b}'), "escape codes without colours: {plain:?}");
    assert!(colored.contains("\u{1b}["));
    assert_eq!(strip(&colored), plain);
}

fn strip(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        out.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    out + rest
}

#[test]
fn what_is_below_the_level_is_counted() {
    let text = render(&full(), Format::Human, Level::Error);
    assert!(!text.contains("warning[") && !text.contains("note["), "{text}");
    assert!(text.contains("Found 1 error in 1,234 files (321 functions, 42 goroutines looked at).\n"), "{text}");
    assert!(text.contains("1 warning and 1 note not shown; --level note shows them.\n"), "{text}");
    let text = render(&outcome(vec![endless()]), Format::Human, Level::Error);
    assert!(
        text.contains("No goroutine leaks found in 1,234 files") && text.contains("1 warning not shown; --level warning"),
        "{text}"
    );
}

#[test]
fn nothing_to_look_at_is_said() {
    let empty = goleash::pipeline::Outcome::default();
    assert_eq!(render(&empty, Format::Human, Level::Warning), "No Go files found.\n");
}

#[test]
fn many_problems_do_not_bury_the_findings() {
    let mut outcome = outcome(vec![]);
    outcome.problems = (0..500).map(|_| problems().swap_remove(0)).collect();
    let text = render(&outcome, Format::Human, Level::Warning);
    assert!(text.lines().count() < 20 && text.contains("490 more problems"), "{text}");
}

#[test]
fn two_steps_on_one_line() {
    let f = file("a.go", "func f() {\n\tgo func() { ch <- get(1) }(); return <-ch\n}\n");
    let steps = vec![
        step(at(&f, "go func() { ch <- get(1) }()"), "started here"),
        step(at(&f, "ch <- get(1)"), "waits here"),
        step(at(&f, "return <-ch"), "leaves here"),
        step(at(&f, "<-ch"), "the only receiver"),
    ];
    expect("one-line.txt", &human(vec![finding("blocked-send", Level::Error, at(&f, "ch <- get(1)"), steps)]));
}

/// Every order of five places, two of them in one line and one in another file.
#[test]
fn steps_stand_in_the_order_of_their_numbers() {
    let (f, g) = (
        file("a.go", "func f() {\n\tgo func() { ch <- 1 }()\n\n\tone()\n\n\n\n\n\n\ttwo()\n}\n"),
        file("b.go", "func g() { f() }\n"),
    );
    let places = [at(&f, "go func() { ch <- 1 }()"), at(&f, "ch <- 1"), at(&f, "one()"), at(&f, "two()"), at(&g, "f()")];
    for code in 0..5_usize.pow(5) {
        let order: Vec<usize> = (0..5).map(|digit| code / 5_usize.pow(digit) % 5).collect();
        if (0..5).any(|place| !order.contains(&place)) {
            continue;
        }
        for primary in 0..5 {
            let steps = order.iter().map(|&place| step(places[place].clone(), "x")).collect();
            let text = human(vec![finding("blocked-send", Level::Error, places[primary].clone(), steps)]);
            let found: Vec<usize> = (1..=5).map(|number| text.find(&format!(" {number} x\n")).unwrap()).collect();
            assert!(found.is_sorted(), "{order:?}\n{text}");
            let start = places[primary].start();
            let headline = format!("{}:{}:{} in f", places[primary].file.display, start.line, start.col);
            let first = text.lines().find(|line| line.contains("go:")).unwrap();
            assert!(first.contains(&headline) && text.matches(" in f").count() == 1, "{headline}\n{text}");
        }
    }
}

#[test]
fn a_long_report_folds() {
    let many = |number: usize| {
        let mut all: Vec<Finding> = (0..number).map(|_| send()).collect();
        all.push(endless());
        human(all)
    };
    let few = many(19);
    assert_eq!(few.matches("  more: goleash explain blocked-send\n").count(), 19);
    assert!(!few.contains("in all"), "{few}");
    let folded = many(20);
    for rule in ["blocked-send", "unguarded-loop"] {
        assert_eq!(folded.matches(&format!("  more: goleash explain {rule}\n")).count(), 1, "{folded}");
    }
    let table = "\n\
        rule            error  warning  note\n\
        blocked-send       20        -     -\n\
        unguarded-loop      -        1     -\n\
        in all             20        1     0\n\n\
        Found 20 errors and 1 warning in 1,234 files";
    assert!(folded.contains(table), "{folded}");
}

#[test]
fn steps_that_start_together_share_a_mark() {
    let f = file("a.go", "x := <-results.C\n");
    let steps = vec![step(at(&f, "<-results"), "waits here"), step(at(&f, "<-results.C"), "and here again, in the same place")];
    expect("same-start.txt", &human(vec![finding("blocked-send", Level::Error, at(&f, "<-results.C"), steps)]));
}

#[test]
fn a_finding_off_its_steps_is_underlined() {
    let f = file("a.go", "func f() {\n\tgo g()\n\n\t<-done\n}\n");
    let steps = vec![step(at(&f, "go g()"), "started here"), step(at(&f, "g()"), "this runs")];
    expect("off-steps.txt", &human(vec![finding("blocked-send", Level::Warning, at(&f, "<-done"), steps)]));
}

#[test]
fn long_lines_are_cut_around_the_marks() {
    let mut line = "\tvar table = []string{".to_owned();
    for i in 0..400 {
        line.push_str(&format!("\"entry {i}\", "));
        match i {
            200 => line.push_str("<-first(), "),
            390 => line.push_str("<-second(), "),
            _ => {}
        }
    }
    let f = file("generated/table.go", &format!("package p\n\nfunc f() {{\n{line}}}\n\tgo f()\n}}\n"));
    let all = span(&f, line.find("var").unwrap() + 23, f.text.find("\tgo f").unwrap());
    let steps = vec![
        step(at(&f, "<-first()"), "waits here, for a value that nobody ever sends to this channel any more"),
        step(at(&f, "<-second()"), "then here"),
        step(at(&f, "go f()"), "started here"),
    ];
    let text = human(vec![finding("blocked-send", Level::Error, at(&f, "<-first()"), steps)]);
    expect("long-line.txt", &text);
    let whole = human(vec![finding("blocked-send", Level::Error, all.clone(), vec![step(all, "all of it")])]);
    for line in text.lines().chain(whole.lines()) {
        assert!(line.chars().count() <= 80, "{} columns: {line}", line.chars().count());
    }
    expect("long-mark.txt", &whole);
}

#[test]
fn wide_characters_and_tabs_keep_marks_in_place() {
    let f = file("a.go", "func f() {\n\tlog(\"漢字かな\",\t\"😀\")\t; go wait(\"é\")\n\t}\n");
    let steps = vec![step(at(&f, "\"漢字かな\""), "wide"), step(at(&f, "wait(\"é\")"), "waits here")];
    expect("wide.txt", &human(vec![finding("blocked-send", Level::Error, at(&f, "go wait(\"é\")"), steps)]));
}

#[test]
fn terminals_are_safe_from_source_and_names() {
    let f = file("a\u{1b}]0;x\u{7}.go", "go f(\"\u{1b}[31m\u{202e}\rred\")\n");
    let mut finding = finding("blocked-send", Level::Error, at(&f, "go"), vec![step(at(&f, "go"), "here\u{1b}[2J\nand there")]);
    finding.message = "bad\u{9b}1m\nmessage".to_owned();
    let text = human(vec![finding]);
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
    assert!(!text.contains('\u{202e}'), "{text:?}");
}

#[test]
fn crlf_looks_like_lf() {
    let unix = human(vec![{
        let mut finding = endless();
        for at in std::iter::once(&mut finding.at).chain(finding.steps.iter_mut().map(|s| &mut s.at)) {
            let removed = at.file.text[..at.span.start as usize].matches('\r').count();
            let text = at.file.text.replace('\r', "");
            at.span = Span::new(at.span.start as usize - removed, at.span.end as usize - removed);
            at.file = file(&at.file.display, &text);
        }
        finding
    }]);
    assert_eq!(human(vec![endless()]), unix);
}

/// Every pair of offsets in a nasty text: nothing may panic, and the finding must always be there.
#[test]
fn every_span_renders() {
    let texts = ["", "\n", "\r\n", "a\tb\r\n\t\u{feff}é漢😀\n\n\tx", "no end", "\t\t\t", "x\ry\n\u{0}\u{7f}\n"];
    for text in texts {
        let f = file("a.go", text);
        for start in 0..=text.len() + 2 {
            for end in start..=text.len() + 2 {
                let (whole, part) = (span(&f, start, end), span(&f, end / 2, end));
                let steps = vec![step(whole.clone(), "one"), step(part, "two"), step(span(&f, 0, 0), "three")];
                for unicode in [false, true] {
                    let look = Look { unicode, width: 40, ..Look::default() };
                    let outcome = outcome(vec![finding("blocked-send", Level::Error, whole.clone(), steps.clone())]);
                    let shown = render_with(&outcome, Format::Human, Level::Note, look);
                    let stands = ["1 one", "2 two", "3 three"].map(|number| shown.find(number));
                    let ascending = stands.iter().all(Option::is_some) && stands.is_sorted();
                    assert!(ascending, "{text:?} {start}..{end}\n{shown}");
                }
            }
        }
    }
}
