//! Reports to be read or passed on as they are: a line each, Markdown, HTML; and the counts.

use super::fake::*;
use goleash::lint::{Finding, Level};
use goleash::report::{Format, Look, Report};
use goleash::source::Span;

const HOSTILE: &str = "<script>alert(1)</script> & \"q\" 'a' @all #1 [x](y) *b* `c <d>` <!-- \u{202e}\u{1b}[31m |";

/// A finding in which every text tries to be more than text.
fn hostile() -> Finding {
    let f = file("a<b>&\"'/|x`](y).go", &format!("package p // {HOSTILE}\n"));
    let mut finding = finding("blocked-send", Level::Error, at(&f, "package"), vec![step(at(&f, "p // "), HOSTILE)]);
    HOSTILE.clone_into(&mut finding.message);
    HOSTILE.clone_into(&mut finding.help);
    HOSTILE.clone_into(&mut finding.function);
    finding
}

fn page(findings: Vec<Finding>) -> String {
    render(&outcome(findings), Format::Html, Level::Note)
}

#[test]
fn whole_reports() {
    expect("full.concise.txt", &render(&full(), Format::Concise, Level::Note));
    expect("full.md", &render(&full(), Format::Markdown, Level::Note));
    expect("full.html", &render(&full(), Format::Html, Level::Note));
    expect("empty.md", &render(&outcome(Vec::new()), Format::Markdown, Level::Warning));
}

#[test]
fn concise_is_a_line_each() {
    let text = render(&full(), Format::Concise, Level::Note);
    assert_eq!(text.lines().count(), 3 + problems().len(), "{text}");
    assert!(text.starts_with("fetch/fetch.go:11:4: error[blocked-send] the goroutine blocks"), "{text}");
    assert_eq!(render(&outcome(Vec::new()), Format::Concise, Level::Note), "");
    let mut finding = send();
    finding.message = "two\nlines\u{1b}[31m".to_owned();
    let text = render(&outcome(vec![finding]), Format::Concise, Level::Note);
    assert_eq!(text, "fetch/fetch.go:11:4: error[blocked-send] two lines\\u{1b}[31m\n");
}

#[test]
fn texts_stay_texts() {
    let html = page(vec![hostile()]);
    let text = render(&outcome(vec![hostile()]), Format::Markdown, Level::Note);
    assert!(!html.contains("<script>alert"), "{html}");
    for text in [&html, &text] {
        assert!(!text.contains('\u{202e}') && !text.contains('\u{1b}'), "{text}");
    }
    // In Markdown it may stand in code, which the hostile backtick makes one of two.
    let code = regex::Regex::new("``[^\n]*``").unwrap();
    let spoken = code.replace_all(&text, "");
    // What stands in `<summary>` is HTML, in which Markdown says nothing.
    let spoken: String = spoken.lines().filter(|line| !line.starts_with("<summary>") || line.contains("<script")).collect();
    for harm in ["<script", "@all", "<!--", "[x](y)*b*"] {
        assert!(!spoken.replace(' ', "").contains(harm), "{harm}: {spoken}");
    }
    assert!(text.contains("](a%3Cb%3E%26%22%27/%7Cx%60%5D%28y%29.go#L1)"), "{text}");
}

/// Tags of a document, in order, without those that have no end.
fn tags(html: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        let (tag, after) = after.split_once('>').unwrap();
        let name: String = tag.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '/' || *c == '!').collect();
        rest = match name.as_str() {
            "style" | "script" => after.split_once(&format!("</{name}>")).unwrap().1,
            _ => after,
        };
        if !["!doctype", "meta", "input", "style", "script"].contains(&name.as_str()) {
            out.push(name);
        }
    }
    out
}

#[test]
fn the_page_is_whole_and_loads_nothing() {
    for html in [
        page(vec![]),
        page(vec![hostile()]),
        render(&full(), Format::Html, Level::Note),
        page((0..300).map(|_| send()).collect()),
    ] {
        let mut open: Vec<String> = Vec::new();
        for tag in tags(&html) {
            match tag.strip_prefix('/') {
                Some(name) => assert_eq!(open.pop().as_deref(), Some(name)),
                None => open.push(tag),
            }
        }
        assert_eq!(open, [""; 0]);
        for what in ["http:", "https:", "src=", "url(", "@import", "<link", "javascript:"] {
            assert!(!html.contains(what), "{what}");
        }
        let mut ids: Vec<&str> = html.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "ids are unique");
        for target in html.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(ids.contains(&target), "{target}");
        }
    }
}

#[test]
fn a_long_page_is_folded() {
    let open = |number: usize| page((0..number).map(|_| send()).collect()).matches("<details open>").count();
    assert_eq!((open(20), open(21)), (20, 0));
}

/// Any span in a nasty text, and a line of a megabyte.
#[test]
fn any_place_can_be_shown() {
    for text in ["", "\n", "a\tb\r\n\t\u{feff}é漢😀\n\n\tx", "\t\t\t", "x\ry\n\u{0}\u{7f}\n"] {
        let f = file("a.go", text);
        for start in 0..=text.len() + 2 {
            for end in start..=text.len() + 2 {
                let (whole, part) = (span(&f, start, end), span(&f, end / 2, end));
                let steps = vec![step(whole.clone(), "one"), step(part, "two")];
                let outcome = outcome(vec![finding("blocked-send", Level::Error, whole, steps)]);
                let html = render(&outcome, Format::Html, Level::Note);
                assert!(html.contains(">1</b>") && html.contains(">2</b>"), "{text:?} {start}..{end}");
                render(&outcome, Format::Markdown, Level::Note);
            }
        }
    }
    let f = file("a.go", &format!("x := \"{}\"; go f()\n", "é".repeat(500_000)));
    let go = at(&f, "go f()");
    let far = vec![step(span(&f, 0, 1), "first"), step(go.clone(), "second")];
    let html = page(vec![finding("blocked-send", Level::Error, go, far)]);
    assert!(html.len() < 30_000 && html.contains(">1</b>") && html.contains(">2</b>"), "{}", html.len());
}

#[test]
fn a_job_summary_stays_below_the_limit() {
    let text = render(&outcome((0..2000).map(|_| send()).collect()), Format::Markdown, Level::Note);
    assert!(
        text.len() < 1 << 20 && text.ends_with(" findings are not listed here.\n"),
        "{}: {}",
        text.len(),
        &text[text.len() - 80..]
    );
}

#[test]
fn counts_are_sorted() {
    let mut note = endless();
    note.level = Level::Note;
    let all = outcome(vec![note, endless(), endless(), send()]);
    let mut bytes = Vec::new();
    Report { outcome: &all, level: Level::Warning, rules: &[] }.write_statistics(Look::default(), &mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let table = "\
        rule            error  warning\n\
        blocked-send        1        -\n\
        unguarded-loop      -        2\n\
        in all              1        2\n\n\
        Found 1 error and 2 warnings in";
    assert!(text.starts_with(table), "{text}");
    let empty = file("a.go", "");
    assert_eq!(span(&empty, 0, 0).span, Span::new(0, 0));
}
