//! Rules against the corpus: programs of which the Go runtime has said where their goroutines stay.
//!
//! The leaking variant must be found on a proven line, at its primary place or in a step; the mended one must be silent but for notes.

use goleash::lint::Level;
use goleash::pipeline::{Options, Progress, run};
use serde::Deserialize;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
struct Entry {
    rule: String,
    case: String,
    variant: String,
    file: String,
    #[serde(default)]
    goroutines: Vec<Goroutine>,
    #[serde(default)]
    cause_lines: Vec<u32>,
    expect_level: Option<Level>,
}

#[derive(Deserialize)]
struct Goroutine {
    lines: Vec<u32>,
    created_line: u32,
}

struct Quiet;

impl Progress for Quiet {
    fn start(&self, _total: usize) {}
    fn tick(&self) {}
    fn finish(&self) {}
}

/// Runs only the cases whose path holds the value of the variable `CASE`.
#[test]
fn proven_lines_are_found() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("corpus/proved.json")).unwrap();
    let entries: Vec<Entry> = serde_json::from_str(&text).unwrap();
    let mut failures = String::new();
    for entry in entries {
        let built = root.join("rules").join(entry.rule.replace('-', "_")).join("testdata").is_dir();
        if !built || std::env::var("CASE").is_ok_and(|only| !entry.file.contains(&only)) {
            continue;
        }
        if let Some(problem) = check(root, &entry) {
            let _ = write!(failures, "\n{}: {problem}", entry.file);
            let _ = write!(failures, "\n  run it: CASE={} cargo test --test main corpus::", entry.file);
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

fn check(root: &Path, entry: &Entry) -> Option<String> {
    let options = Options {
        paths: vec![PathBuf::from(&entry.file)],
        stdin: None,
        root: root.to_path_buf(),
        tests: false,
        exclude: Vec::new(),
        rules: vec![entry.rule.clone()],
        threads: 1,
        trace: None,
        level: Level::Note,
    };
    let findings = run(&options, &Quiet).unwrap().findings;
    let shown = |f: &goleash::lint::Finding| format!("{}: {}: {}", f.at.start().line, f.level, f.message);
    if entry.variant == "mended" {
        return findings.iter().find(|f| f.level > Level::Note).map(|f| format!("expected nothing, got {}", shown(f)));
    }
    let proven: Vec<u32> = entry.goroutines.iter().flat_map(|g| &g.lines).chain(&entry.cause_lines).copied().collect();
    let level = entry.expect_level.unwrap_or(Level::Warning);
    let on_proven = findings.iter().find(|f| {
        f.level == level
            && std::iter::once(&f.at).chain(f.steps.iter().map(|s| &s.at)).any(|at| proven.contains(&at.start().line))
    });
    let created: Vec<u32> = entry.goroutines.iter().map(|g| g.created_line).collect();
    match on_proven {
        Some(_) => None,
        None => {
            let got: Vec<String> = findings.iter().map(shown).collect();
            Some(format!(
                "{}: expected a {level} on one of the lines {proven:?} (started on {created:?}), got {got:?}",
                entry.case
            ))
        }
    }
}
