//! Input as bad as it gets, through the real binary: nothing may panic, hang, lose a finding elsewhere or be passed over without a word.

mod broken;
mod damage;
mod deep;
mod files;
mod mutated;
mod output;
mod wide;

use crate::support;
use std::path::Path;

/// A function with a leak that needs nothing around it.
fn leaking(name: &str) -> String {
    format!("\nfunc {name}(f func()) {{\n\tgo func() {{\n\t\tfor {{\n\t\t\tf()\n\t\t}}\n\t}}()\n}}\n")
}

/// A file with such a function.
fn leaking_file(name: &str) -> String {
    format!("package p\n{}", leaking(name))
}

/// What a run said, from its JSON report.
#[derive(Debug)]
struct Said {
    code: i32,
    /// File and function of each finding, in the order of the report.
    findings: Vec<(String, String)>,
    problems: Vec<Problem>,
    files: u64,
}

#[derive(Debug)]
struct Problem {
    path: String,
    line: Option<u64>,
    kind: String,
    message: String,
}

impl Said {
    /// Functions with a leak of [`leaking`], without the name of the literal in them.
    fn leaks(&self) -> Vec<&str> {
        self.findings.iter().filter_map(|(_, function)| function.strip_suffix(".func1")).collect()
    }

    /// The first problem of that kind with that file.
    fn problem(&self, path: &str, kind: &str) -> &Problem {
        let found = self.problems.iter().find(|p| p.path == path && p.kind == kind);
        found.unwrap_or_else(|| panic!("no {kind} problem names {path}: {self:?}"))
    }
}

fn check(folder: &Path, args: &[&str]) -> Said {
    check_stdin(folder, args, b"")
}

fn check_stdin(folder: &Path, args: &[&str], stdin: &[u8]) -> Said {
    let ran = support::goleash_with(folder, &[&["--format", "json"], args].concat(), stdin);
    assert!(ran.code != 2, "{args:?}: {ran:?}");
    let report = ran.json();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let list = |name: &str| report[name].as_array().unwrap().iter();
    let findings = list("findings").map(|f| (text(&f["location"]["file"]), text(&f["function"]))).collect();
    let problems = list("problems").map(|p| Problem {
        path: text(&p["path"]),
        line: p["line"].as_u64(),
        kind: text(&p["kind"]),
        message: text(&p["message"]),
    });
    let said = Said { code: ran.code, findings, problems: problems.collect(), files: report["stats"]["files"].as_u64().unwrap() };
    assert!(said.problems.iter().all(|p| p.kind != "internal"), "{args:?}: {said:?}");
    said
}

/// A command that must fail before it looks at anything, and its complaint.
fn refused(folder: &Path, args: &[&str]) -> String {
    let ran = support::goleash(folder, args);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}: {ran:?}");
    ran.err
}
