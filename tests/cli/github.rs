//! Workflow commands.

use super::fake::*;
use goleash::lint::Level;
use goleash::report::Format;

fn github(findings: Vec<goleash::lint::Finding>) -> String {
    render(&outcome(findings), Format::Github, Level::Note)
}

#[test]
fn the_whole_report() {
    expect("full.github", &render(&full(), Format::Github, Level::Note));
}

#[test]
fn a_finding_is_one_line_whatever_it_holds() {
    let mut finding = send();
    finding.message = "50% of\r\nit: a, b".to_owned();
    let text = github(vec![finding]);
    let line = text.lines().next().unwrap();
    assert!(line.starts_with("::error file=fetch/fetch.go,line=11,col=4,endLine=11,endColumn=19,title=goleash%3A blocked-send::50%25 of%0D%0Ait: a, b%0A1. "), "{line}");
    assert!(text.lines().nth(1).unwrap().starts_with("Found 1 error"), "{text}");
}

#[test]
fn properties_cannot_be_broken_out_of() {
    let text = github(vec![odd()]);
    assert!(text.starts_with("::notice file=odd dir/a%2Cb%3A100%25 é😀#.go,line=3,col=23,endLine=3,endColumn=40,"), "{text}");
}

#[test]
fn no_columns_over_several_lines() {
    let f = file("a.go", "go func() {\n}()\n");
    let at = span(&f, 0, 15);
    let text = github(vec![finding("blocked-send", Level::Warning, at.clone(), vec![step(at, "here")])]);
    assert!(text.starts_with("::warning file=a.go,line=1,endLine=2,title="), "{text}");
}
