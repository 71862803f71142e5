//! Real findings through the real binary: every format, every option that decides what is shown, every exit code.

use crate::support::{self, Ran};
use serde_json::Value;
use std::path::Path;

/// An error, a sender without a receiver, and a warning, an endless loop.
const LEAKS: &str = "package leaks

import \"time\"

func First(patience time.Duration) int {
	answer := make(chan int)
	go func() {
		answer <- slow()
	}()
	select {
	case n := <-answer:
		return n
	case <-time.After(patience):
		return 0
	}
}

func slow() int { time.Sleep(time.Minute); return 1 }

func Spin(f func()) {
	go func() {
		for {
			f()
		}
	}()
}
";

/// A note: a loop that `main` starts.
const MAIN: &str = "package main

import \"time\"

func main() {
	go func() {
		for {
			time.Sleep(time.Second)
		}
	}()
	select {}
}
";

const CLEAN: &str = "package main

func main() {
	done := make(chan bool)
	go func() { close(done) }()
	<-done
}
";

fn leaky() -> tempfile::TempDir {
    support::folder(&[
        ("go.mod", b"module example.test/m\n\ngo 1.24\n"),
        ("leaks.go", LEAKS.as_bytes()),
        ("cmd/main.go", MAIN.as_bytes()),
        ("sub/clean.go", CLEAN.as_bytes()),
    ])
}

/// 1-based line of the only place where `needle` stands.
fn line(text: &str, needle: &str) -> u64 {
    let found: Vec<usize> = text.lines().enumerate().filter(|(_, text)| text.contains(needle)).map(|(at, _)| at + 1).collect();
    assert_eq!(found.len(), 1, "{needle}");
    found[0] as u64
}

/// Rule, level and line of each finding in a JSON report.
fn told(report: &Value) -> Vec<(String, String, u64)> {
    let tell = |f: &Value| {
        let text = |key: &str| f[key].as_str().unwrap().to_owned();
        (text("rule"), text("level"), f["location"]["start"]["line"].as_u64().unwrap())
    };
    report["findings"].as_array().unwrap().iter().map(tell).collect()
}

fn json(folder: &Path, args: &[&str]) -> (i32, Value) {
    let ran = support::goleash(folder, &[&["--format", "json"], args].concat());
    (ran.code, ran.json())
}

fn levels(folder: &Path, args: &[&str]) -> (i32, Vec<String>) {
    let (code, report) = json(folder, args);
    let mut levels: Vec<String> = told(&report).into_iter().map(|(_, level, _)| level).collect();
    levels.sort();
    (code, levels)
}

#[test]
fn one_finding_of_each_level() {
    let dir = leaky();
    let (code, report) = json(dir.path(), &["--level", "note"]);
    assert_eq!(code, 1);
    let expected = [
        ("unguarded-loop", "note", line(MAIN, "time.Sleep(")),
        ("blocked-send", "error", line(LEAKS, "answer <- slow()")),
        ("unguarded-loop", "warning", line(LEAKS, "for {")),
    ];
    let expected: Vec<_> = expected.into_iter().map(|(rule, level, line)| (rule.to_owned(), level.to_owned(), line)).collect();
    assert_eq!(told(&report), expected);
    assert_eq!(report["problems"], Value::Array(Vec::new()));
    assert_eq!(report["stats"]["files"], 3);
    assert_eq!(report["stats"]["bytes"], (LEAKS.len() + MAIN.len() + CLEAN.len()) as u64);
    for finding in report["findings"].as_array().unwrap() {
        assert!(!finding["steps"].as_array().unwrap().is_empty(), "{finding}");
        assert!(!finding["help"].as_str().unwrap().is_empty(), "{finding}");
        let fingerprint = finding["fingerprint"].as_str().unwrap();
        assert!(fingerprint.len() == 32 && fingerprint.bytes().all(|b| b.is_ascii_hexdigit()), "{finding}");
    }
}

#[test]
fn the_level_decides_what_is_shown_and_what_fails() {
    let dir = leaky();
    assert_eq!(levels(dir.path(), &[]), (1, vec!["error".to_owned(), "warning".to_owned()]));
    assert_eq!(levels(dir.path(), &["--level", "note"]).1.len(), 3);
    assert_eq!(levels(dir.path(), &["--level", "error"]), (1, vec!["error".to_owned()]));
    assert_eq!(levels(dir.path(), &["-l", "error", "--rule", "unguarded-loop"]), (0, Vec::new()));
    assert_eq!(levels(dir.path(), &["-l", "note", "sub"]), (0, Vec::new()));
    let (_, report) = json(dir.path(), &["--level", "error"]);
    assert_eq!(
        report["summary"],
        serde_json::json!({
            "error": 1, "warning": 1, "note": 1, "hidden": 2, "suppressed": 0, "known": 0,
            "rules": [{ "id": "blocked-send", "error": 1, "warning": 0, "note": 0 }],
        })
    );
    let human = support::goleash(dir.path(), &[]).out;
    assert!(human.contains("1 note not shown; --level note shows them."), "{human}");
}

#[test]
fn exit_codes() {
    let dir = leaky();
    let code = |args: &[&str]| support::goleash(dir.path(), args).code;
    assert_eq!((code(&[]), code(&["sub"]), code(&["gone"])), (1, 0, 2));
    assert_eq!((code(&["--exit-zero"]), code(&["--exit-zero", "gone"])), (0, 2));
    assert_eq!((code(&["--output", "report"]), code(&["--output", "gone/report"])), (1, 2));
    assert_eq!((code(&["--format", "sarif"]), code(&["--format", "github", "--exit-zero"])), (1, 0));
    let shown = support::goleash(dir.path(), &["--exit-zero"]).out;
    assert!(shown.contains("error[blocked-send]"), "what does not fail is still shown: {shown}");
}

#[test]
fn rules_can_be_chosen() {
    let dir = leaky();
    let rules = |args: &[&str]| {
        let (_, report) = json(dir.path(), &[&["-l", "note"], args].concat());
        told(&report).into_iter().map(|(rule, _, _)| rule).collect::<Vec<_>>()
    };
    assert_eq!(rules(&["--rule", "blocked-send"]), ["blocked-send"]);
    assert_eq!(rules(&["--rule", "unguarded-loop"]), ["unguarded-loop", "unguarded-loop"]);
    assert_eq!(rules(&["--rule", "unguarded-loop,blocked-send"]).len(), 3);
    assert_eq!(rules(&["--rule", "unguarded-loop", "--rule", "blocked-send"]).len(), 3);
}

/// Each finding stands in each format with its rule, its place and every step of its argument.
#[test]
fn every_format_tells_the_same() {
    let dir = leaky();
    let show = |format: &str| support::goleash(dir.path(), &["-l", "note", "--format", format]).out;
    let report: Value = serde_json::from_str(&show("json")).unwrap();
    let sarif: Value = serde_json::from_str(&show("sarif")).unwrap();
    let (human, github) = (show("human"), show("github"));
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(results.len(), findings.len());
    for (finding, result) in findings.iter().zip(results) {
        let (rule, level) = (finding["rule"].as_str().unwrap(), finding["level"].as_str().unwrap());
        let (file, start) = (finding["location"]["file"].as_str().unwrap(), &finding["location"]["start"]);
        let (line, column) = (&start["line"], &start["column"]);
        assert!(human.contains(&format!("{level}[{rule}]: ")), "{human}");
        assert!(human.contains(&format!("--[{file}:{line}:{column} in ")), "{human}");
        let word = if level == "note" { "notice" } else { level };
        let command = github.lines().find(|text| text.starts_with(&format!("::{word} file={file},line={line},col={column},")));
        let command = command.unwrap_or_else(|| panic!("{rule} in line {line}: {github}"));
        assert!(command.contains(&format!("title=goleash%3A {rule}::{}", finding["message"].as_str().unwrap())), "{command}");
        assert_eq!((&result["ruleId"], &result["level"]), (&finding["rule"], &finding["level"]));
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!((&place["artifactLocation"]["uri"], &place["region"]["startLine"]), (&Value::from(file), line));
        let flow = result["codeFlows"][0]["threadFlows"][0]["locations"].as_array().unwrap();
        let steps = finding["steps"].as_array().unwrap();
        assert_eq!(flow.len(), steps.len());
        for (index, (step, stop)) in steps.iter().zip(flow).enumerate() {
            assert_eq!(stop["location"]["physicalLocation"]["region"]["startLine"], step["location"]["start"]["line"]);
            assert!(command.contains(&format!("%0A{}. {file}:{}:", index + 1, step["location"]["start"]["line"])), "{command}");
        }
        assert!(result["partialFingerprints"].as_object().unwrap().values().any(|f| *f == finding["fingerprint"]), "{result}");
    }
    let summary = "Found 1 error, 1 warning and 1 note in 3 files";
    assert!(human.contains(summary) && github.contains(summary), "{human}{github}");
}

#[test]
fn goleash_alone_is_check() {
    let dir = leaky();
    let run = |args: &[&str]| {
        let Ran { code, out, err } = support::goleash(dir.path(), args);
        (code, out, err)
    };
    let expected = run(&["check", "."]);
    assert_eq!(expected.0, 1);
    for args in [&[][..], &["."], &["check"], &["./..."], &["check", "./..."], &["leaks.go", "cmd", "sub"]] {
        assert_eq!(run(args), expected, "{args:?}");
    }
    assert_eq!(run(&["--level", "error"]), run(&["check", "--level", "error"]));
    assert_eq!(run(&["--level", "error"]), run(&["--level", "error", "check"]));
}

#[test]
fn a_named_file_has_its_package_for_the_facts() {
    let stop = "package p\n\nfunc (w *Worker) Stop() { close(w.done) }\n";
    let work = "package p\n\ntype Worker struct{ done chan struct{}; f func() }\n\nfunc New(f func()) *Worker {\n\tw := &Worker{done: make(chan struct{}), f: f}\n\t\
                go w.run()\n\treturn w\n}\n\nfunc (w *Worker) run() {\n\tfor {\n\t\tselect {\n\t\tcase <-w.done:\n\t\t\treturn\n\t\tdefault:\n\t\t\tw.f()\n\t\t}\n\t}\n}\n";
    let dir = support::folder(&[("work.go", work.as_bytes()), ("stop.go", stop.as_bytes())]);
    assert_eq!(levels(dir.path(), &["-l", "note", "work.go"]), (0, Vec::new()));
    std::fs::remove_file(dir.path().join("stop.go")).unwrap();
    assert_eq!(levels(dir.path(), &["-l", "note", "work.go"]).0, 1, "nobody closes `done` now");
}

#[test]
fn a_trace_tells_why_a_rule_is_silent() {
    let dir = support::folder(&[("a.go", b"package p\n\nimport \"other.test/other\"\n\nfunc f() {\n\tgo other.Run()\n}\n")]);
    let (code, report) = json(dir.path(), &["--trace", "unguarded-loop"]);
    assert_eq!(code, 0);
    let traces = report["traces"].as_array().unwrap();
    assert_eq!(traces.len(), 1, "{report}");
    assert_eq!((&traces[0]["rule"], &traces[0]["location"]["start"]["line"]), (&Value::from("unguarded-loop"), &Value::from(6)));
    for (format, on_stdout) in [("human", true), ("sarif", false), ("github", false)] {
        let ran = support::goleash(dir.path(), &["--trace", "unguarded-loop", "--format", format]);
        let text = if on_stdout { &ran.out } else { &ran.err };
        assert!(text.contains("a.go:6:2: unguarded-loop is silent: "), "{format}: {ran:?}");
    }
    assert!(json(dir.path(), &[]).1.get("traces").is_none(), "nobody asked");
}

#[test]
fn every_rule_is_explained() {
    let dir = support::folder(&[]);
    for meta in goleash::rules::metas() {
        let ran = support::goleash(dir.path(), &["explain", meta.id]);
        assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, meta.docs, ""), "{}", meta.id);
        let styled = support::goleash(dir.path(), &["explain", meta.id, "--color", "always"]);
        assert!(styled.out.contains(meta.id) && styled.out.contains('\u{1b}'), "{}", styled.out);
    }
    assert_eq!(support::goleash(dir.path(), &["explain", "no-such-rule"]).code, 2);
}

#[test]
fn debug_ir_prints_functions() {
    let dir = leaky();
    let ran = support::goleash(dir.path(), &["debug", "ir", "leaks.go"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    for name in ["func First(", "func First.func1(", "func slow(", "func Spin(", "func Spin.func1("] {
        assert!(ran.out.contains(name), "{name}: {}", ran.out);
    }
    for operation in ["go ", "send ", "make chan", "select [", "loop 0 forever", "return "] {
        assert!(ran.out.contains(operation), "{operation}: {}", ran.out);
    }
    assert!(!ran.out.contains("DEFECT"), "{}", ran.out);
    assert_eq!(support::goleash(dir.path(), &["debug", "ir", "gone.go"]).code, 2);
}

#[test]
fn generated_files_and_tests_are_facts_only() {
    let generated = format!("// Code generated by hand. DO NOT EDIT.\n\n{LEAKS}");
    let dir = support::folder(&[("gen/gen.go", generated.as_bytes()), ("test/a_test.go", LEAKS.as_bytes())]);
    assert_eq!(levels(dir.path(), &[]), (0, Vec::new()));
    let (code, report) = json(dir.path(), &["--tests"]);
    assert_eq!(code, 1);
    assert!(report["findings"].as_array().unwrap().iter().all(|f| f["location"]["file"] == "test/a_test.go"), "{report}");
}
