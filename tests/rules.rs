//! Every rule against its own cases: `rules/<name>/testdata` and the examples of `rules/<name>/README.md`.
//!
//! A file in `testdata` is a package of its own; a folder is a package with the files in it and, if it has one, its `go.mod`, or with
//! folders in it a module of several packages. The Go
//! version of a single file is that of a first line `// go 1.22`; without one it is unknown. What a line must be found for stands on it:
//!
//! ```go
//! t := time.NewTicker(d) // want "ticker t"
//! t := time.NewTicker(d) // want error "ticker t" note "another finding"
//! t := time.NewTicker(d) // todo want "a known miss; fails once it is found"
//! ```
//!
//! `x.go.golden` beside `x.go` is the file after all fixes. `UPDATE=1 cargo test` writes it anew where it stands.

use crate::listed::{self, Groups};
use crate::support;
use goleash::fix;
use goleash::lint::suppress;
use goleash::lint::{Finding, Fix, Level, Safety};
use goleash::pipeline::Options;
use regex::Regex;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

mod cases;

/// The test of one case: a file or folder of `rules/<group>/testdata`, or the page of the rule under the name [`PAGE`].
fn case(group: &str, name: &str) {
    let rule = rule_folders().into_iter().find(|rule| rule.dir.ends_with(group)).unwrap_or_else(|| panic!("no rule {group}"));
    let (path, report) = if name == PAGE {
        let path = rule.dir.join("README.md");
        let report = examples(&rule, &fs::read_to_string(&path).unwrap());
        (path, report)
    } else {
        let path = rule.dir.join("testdata").join(name);
        let path = if path.is_dir() { path } else { path.with_extension("go") };
        let report = Case::read(&path).check(rule.id);
        (path, report)
    };
    let shown = shown(&path);
    assert!(report.is_empty(), "{shown}\n{report}  run it: cargo test --test main rules::cases::{group}::{name}\n");
}

/// What the examples on a rule's page are called among its cases.
const PAGE: &str = "readme";

#[test]
fn every_case_is_a_test() {
    let mut groups = Groups::new();
    for rule in rule_folders() {
        let names = groups.entry(rule.id.replace('-', "_")).or_default();
        names.insert(PAGE.to_owned());
        for path in cases(&rule.dir.join("testdata")) {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            assert!(names.insert(name), "{}: another case has this name", shown(&path));
        }
    }
    listed::hold("rules", "The cases of each rule, by the name of its folder", &groups);
}

/// What is wrong with the examples on a rule's page.
fn examples(rule: &RuleFolder, text: &str) -> String {
    let mut report = String::new();
    for (heading, leaks) in [("## Leaks", true), ("## Mended", false)] {
        let problem = match block(text, heading) {
            None => Some("has no block of Go code".to_string()),
            Some(code) => example(rule.id, rule.level, &code, leaks),
        };
        if let Some(problem) = problem {
            let _ = writeln!(report, "  {heading}: {problem}");
        }
    }
    report
}

struct RuleFolder {
    id: &'static str,
    level: Level,
    dir: PathBuf,
}

/// Folders of the rules that have cases. That none lacks them is for the test of the repository's tidiness.
fn rule_folders() -> Vec<RuleFolder> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let folder =
        |m: &&'static goleash::lint::Meta| RuleFolder { id: m.id, level: m.level, dir: root.join(m.id.replace('-', "_")) };
    goleash::rules::metas().iter().map(folder).filter(|r| r.dir.join("testdata").is_dir()).collect()
}

/// Files and folders of cases, sorted.
fn cases(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    found.retain(|p| p.is_dir() || p.extension().is_some_and(|e| e == "go"));
    found.sort();
    found
}

/// All files below a folder: one with a `go.mod` may be a module of several packages.
fn files_below(dir: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            out.extend(files_below(&path));
        } else {
            out.push(path);
        }
    }
    out.sort();
    out
}

fn shown(path: &Path) -> String {
    let path = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(path);
    path.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// What a line says that it must be found for.
struct Want {
    file: String,
    line: u32,
    level: Option<Level>,
    pattern: Regex,
    todo: bool,
    /// What its fixes must be called: `safe`, `unsafe`, or `none` where there is none.
    fix: Option<String>,
    met: bool,
}

struct Case {
    path: PathBuf,
    /// Name and text of each file.
    files: Vec<(String, String)>,
}

impl Case {
    fn read(path: &Path) -> Self {
        let paths = if path.is_dir() { files_below(path) } else { vec![path.to_path_buf()] };
        let base = if path.is_dir() { path } else { path.parent().unwrap() };
        let name = |p: &Path| {
            let parts = p.strip_prefix(base).unwrap().components().map(|c| c.as_os_str().to_string_lossy());
            parts.collect::<Vec<_>>().join("/")
        };
        let golden = |p: &PathBuf| p.extension().is_none_or(|e| e != "golden");
        let files = paths.iter().filter(|p| golden(p)).map(|p| (name(p), fs::read_to_string(p).unwrap())).collect();
        Self { path: path.to_path_buf(), files }
    }

    /// What is wrong with the rule's findings; empty if nothing is.
    fn check(&self, rule: &str) -> String {
        let mut wants: Vec<Want> = self.files.iter().flat_map(|(name, text)| wants(name, text)).collect();
        let findings = findings(rule, &self.files);
        let mut report = String::new();
        for finding in &findings {
            let (file, line) = (&finding.at.file.display, finding.at.start().line);
            let met = wants.iter_mut().find(|w| {
                !w.met
                    && w.file == *file
                    && w.line == line
                    && w.level.is_none_or(|l| l == finding.level)
                    && w.pattern.is_match(&finding.message)
            });
            match met {
                Some(want) => {
                    want.met = true;
                    let safe = finding.fixes.iter().any(|fix| fix.safety == Safety::Safe);
                    let got = if finding.fixes.is_empty() { "none" } else { ["unsafe", "safe"][usize::from(safe)] };
                    if let Some(fix) = want.fix.as_deref().filter(|fix| *fix != got) {
                        let _ = writeln!(report, "  {file}:{line}: expected fix {fix}, got {got}");
                    }
                }
                None => {
                    let _ = writeln!(report, "  {file}:{line}: expected nothing, got {}: {}", finding.level, finding.message);
                }
            }
        }
        for want in &wants {
            let level = want.level.map_or(String::new(), |l| format!("{l} "));
            let text = format!("{}:{}: expected {level}{:?}", want.file, want.line, want.pattern.as_str());
            match (want.todo, want.met) {
                (false, false) => {
                    let _ = writeln!(report, "  {text}, got nothing of the kind");
                }
                (true, true) => {
                    let _ = writeln!(report, "  {text} is found now: take the `todo` away");
                }
                _ => {}
            }
        }
        for (name, text) in &self.files {
            report.push_str(&self.check_golden(name, text, &findings));
        }
        report
    }

    fn check_golden(&self, name: &str, text: &str, findings: &[Finding]) -> String {
        let dir = if self.path.is_dir() { self.path.as_path() } else { self.path.parent().unwrap() };
        let golden = dir.join(format!("{name}.golden"));
        let Ok(expected) = fs::read_to_string(&golden) else { return String::new() };
        let fixes: Vec<&Fix> = findings.iter().filter(|f| f.at.file.display == name).filter_map(|f| f.fixes.first()).collect();
        let got = fix::apply(name, text, &fixes).text;
        if got == expected {
            return String::new();
        }
        if support::update() {
            fs::write(&golden, got).unwrap();
            return String::new();
        }
        let at = got
            .lines()
            .zip(expected.lines())
            .position(|(g, e)| g != e)
            .unwrap_or_else(|| got.lines().count().min(expected.lines().count()));
        let line = |text: &str| text.lines().nth(at).unwrap_or("the end of the file").to_string();
        format!("  {name}.golden:{}: expected {:?}, got {:?} (UPDATE=1 accepts it)\n", at + 1, line(&expected), line(&got))
    }
}

/// The comments of a file that say what must be found.
fn wants(file: &str, text: &str) -> Vec<Want> {
    let comment =
        Regex::new(r#"// (todo )?want ((?:(?:(?:error|warning|note) )?"(?:[^"\\]|\\.)*" ?)+)(?:fix (safe|unsafe|none))?"#)
            .unwrap();
    let single = Regex::new(r#"(?:(error|warning|note) )?"((?:[^"\\]|\\.)*)""#).unwrap();
    let mut out = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let Some(found) = comment.captures(line) else {
            assert!(!line.contains("// want"), "{file}:{}: cannot read this: {line}", i + 1);
            continue;
        };
        for one in single.captures_iter(&found[2]) {
            let level = one.get(1).map(|l| match l.as_str() {
                "error" => Level::Error,
                "warning" => Level::Warning,
                _ => Level::Note,
            });
            let pattern = Regex::new(&one[2]).unwrap();
            let line = u32::try_from(i + 1).unwrap();
            let fix = found.get(3).map(|fix| fix.as_str().to_owned());
            out.push(Want { file: file.to_string(), line, level, pattern, todo: found.get(1).is_some(), fix, met: false });
        }
    }
    out
}

/// The findings of one rule in the files as one package, as a user would get them.
fn findings(rule: &str, files: &[(String, String)]) -> Vec<Finding> {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        if let Some(version) = text.lines().next().and_then(|l| l.strip_prefix("// go ")) {
            fs::write(dir.path().join("go.mod"), format!("module example.com/p\n\ngo {version}\n")).unwrap();
        }
    }
    // Which comment suppresses nothing is known when all rules have run.
    let rules = if rule == suppress::RULE { Vec::new() } else { vec![rule.to_string()] };
    let options = Options { tests: true, rules, ..support::options(dir.path(), &["."]) };
    let mut outcome = support::check(&options);
    assert!(outcome.problems.is_empty(), "{:?}", outcome.problems);
    outcome.findings.retain(|finding| finding.rule == rule);
    outcome.findings
}

/// The first block of Go code under a heading.
fn block(text: &str, heading: &str) -> Option<String> {
    let section = text.split_once(&format!("{heading}\n"))?.1;
    let section = section.split("\n## ").next()?;
    let code = section.split_once("```go\n")?.1;
    Some(code.split_once("```")?.0.to_string())
}

/// What is wrong with an example.
fn example(rule: &str, usual: Level, code: &str, leaks: bool) -> Option<String> {
    if !code.lines().any(|l| l.starts_with("package ")) {
        return Some("is no whole file: it needs a package clause".to_string());
    }
    let found = findings(rule, &[("example.go".to_string(), code.to_string())]);
    match (leaks, found.iter().find(|f| f.level >= usual.min(Level::Warning))) {
        (true, None) => Some("is not found".to_string()),
        (false, Some(f)) => Some(format!("is found on line {}: {}", f.at.start().line, f.message)),
        _ => None,
    }
}

/// Where a round of a loop forgets what it acquired is a step of its own: the `continue`, or the brace.
#[test]
fn a_round_is_told_where_it_ends() {
    let found = support::goleash(&support::repository(), &["-f", "json", "rules/unclosed_body/testdata/rounds.go"]).json();
    let lines = |finding: &serde_json::Value| -> Vec<u64> {
        finding["steps"].as_array().unwrap().iter().filter_map(|step| step["location"]["start"]["line"].as_u64()).collect()
    };
    let found = found["findings"].as_array().unwrap();
    assert_eq!((lines(&found[0]), lines(&found[1])), (vec![13, 18], vec![27, 34]));
    assert!(found[0]["help"].as_str().unwrap().contains("before this `continue`"), "{}", found[0]["help"]);
}

/// A suggestion names a context only where it is in scope: not one that is declared below the request.
#[test]
fn help_names_no_context_before_it_is_declared() {
    let found = support::goleash(&support::repository(), &["-f", "json", "rules/http_without_context/testdata/scope.go"]).json();
    let helps = found["findings"].as_array().unwrap().iter().filter(|finding| finding["rule"] == "http-without-context");
    let named: Vec<bool> = helps.map(|finding| finding["help"].as_str().unwrap().contains("NewRequestWithContext(")).collect();
    assert_eq!(named, [true, false, false]);
}
