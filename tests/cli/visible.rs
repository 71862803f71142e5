//! Characters that hide or reorder what is read: no output passes them on as they are.

use super::fake::{self, at, file, finding, outcome, step};
use crate::support::{self, folder, goleash};
use clap::ValueEnum as _;
use goleash::lint::{Edit, Finding, Fix, Level, Problem, ProblemKind, Safety, Trace};
use goleash::pipeline::Outcome;
use goleash::report::{Format, Look, Report};
use serde_json::Value;

/// Directions, widths, controls of both sets, tags, a letter without a shape.
const HARM: &str = "\u{202e}\u{202a}\u{2066}\u{2069}\u{200b}\u{200d}\u{200f}\u{61c}\u{ad}\u{2060}\u{feff}\u{2028}\u{180e}\u{fff9}\u{e0041}\u{7f}\u{9b}\u{85}\u{1b}\u{3164}";

fn assert_harmless(what: &str, out: &str) {
    let found: Vec<char> = out.chars().filter(|c| HARM.contains(*c)).collect();
    assert!(found.is_empty(), "{what} passes on {found:?}: {out}");
}

/// A finding with them in everything that can hold text.
fn everywhere() -> Outcome {
    let source = file(&format!("d{HARM}/a{HARM}.go"), &format!("package p\n\nvar s = wait(\"{HARM}\") // {HARM}\nvar t = 1\n"));
    let place = at(&source, "wait");
    let edit = Edit { at: at(&source, "var t"), text: format!("var {HARM}") };
    let mut out = outcome(vec![Finding {
        message: format!("message{HARM} `code{HARM}`"),
        help: format!("help{HARM}"),
        function: format!("f{HARM}"),
        fixes: vec![Fix { title: format!("title{HARM}"), safety: Safety::Safe, edits: vec![edit] }],
        ..finding("blocked-send", Level::Error, place.clone(), vec![step(place.clone(), &format!("label{HARM}"))])
    }]);
    out.problems = vec![Problem {
        path: format!("p{HARM}.go"),
        line: Some(1),
        kind: ProblemKind::Syntax,
        message: format!("problem{HARM}"),
    }];
    out.traces = vec![Trace { at: place, rule: "blocked-send", reason: format!("reason{HARM}") }];
    out.remark = Some(format!("remark{HARM}"));
    out
}

#[test]
fn in_all_reports() {
    let outcome = everywhere();
    for format in Format::value_variants() {
        let out = fake::render(&outcome, *format, Level::Note);
        assert_harmless(&format!("{format:?}"), &out);
        // The drawing of source has one replacement character each.
        assert!(out.contains("202e"), "{format:?} does not tell what stands there: {out}");
    }
    let report = Report { outcome: &outcome, level: Level::Note, rules: &[] };
    let mut beside = Vec::new();
    report.write_summary(Look::default(), &mut beside).unwrap();
    report.write_traces(&mut beside).unwrap();
    assert_harmless("what is said beside a report", &String::from_utf8(beside).unwrap());
}

#[test]
fn what_programs_read_is_exact() {
    let outcome = everywhere();
    let json = |format| serde_json::from_str::<Value>(&fake::render(&outcome, format, Level::Note)).unwrap();
    let found = &json(Format::Json)["findings"][0];
    assert_eq!(found["message"], format!("message{HARM} `code{HARM}`"));
    assert_eq!(found["location"]["file"], format!("d{HARM}/a{HARM}.go"));
    let sarif = &json(Format::Sarif)["runs"][0]["results"][0];
    let inserted = &sarif["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"];
    assert_eq!(*inserted, format!("var {HARM}"));
    // What services show of it is readable.
    let message = sarif["message"]["text"].as_str().unwrap();
    assert!(message.contains("essage\\u{202e}"), "{message}");
    assert_harmless("a message of SARIF", message);
    let gitlab = &json(Format::Gitlab)[0];
    assert_harmless("GitLab's description", gitlab["description"].as_str().unwrap());
    assert_eq!(gitlab["location"]["path"], format!("d{HARM}/a{HARM}.go"));
    let rdjson = &json(Format::Rdjson)["diagnostics"][0];
    assert_harmless("reviewdog's message", rdjson["message"].as_str().unwrap());
    assert!(rdjson.get("suggestions").is_none(), "what nobody can see is not offered: {rdjson}");
}

#[test]
fn in_reviews() {
    let log = fake::render(&everywhere(), Format::Sarif, Level::Note);
    // A log that somebody else wrote quotes the code as it is.
    let raw = log.replace("\\\\u{202e}", "\u{202e}").replace("\\\\u{200b}", "\u{200b}").replace("\\\\u{3164}", "\u{3164}");
    assert!(raw.contains("essage\u{202e}"), "{raw}");
    let name = format!("d{HARM}/a{HARM}.go");
    let quoted: String =
        name.bytes().map(|b| if b.is_ascii_graphic() { (b as char).to_string() } else { format!("\\{b:03o}") }).collect();
    let diff = format!(
        "diff --git \"a/{quoted}\" \"b/{quoted}\"\n--- \"a/{quoted}\"\n+++ \"b/{quoted}\"\n@@ -1,2 +1,4 @@\n package p\n \n+var s = wait(\"{HARM}\") // {HARM}\n+var t = 1\n"
    );
    let dir = folder(&[("log.sarif", log.as_bytes()), ("raw.sarif", raw.as_bytes()), ("diff", diff.as_bytes())]);
    for service in ["github", "gitlab"] {
        for log in ["log.sarif", "raw.sarif"] {
            let words =
                ["--dry-run", "--repo", "me/mine", "--number", "7", "--commit", "0123456789012345678901234567890123456789"];
            let ran = goleash(dir.path(), &[&["review", log, "--diff", "diff", "--service", service][..], &words].concat());
            assert_eq!(ran.code, 0, "{ran:?}");
            assert_harmless("a rehearsal", &ran.out);
            let bodies: Vec<String> = ran
                .out
                .split_inclusive("\n}\n")
                .filter_map(|request| serde_json::from_str::<Value>(&request[request.find('{')?..]).ok())
                .flat_map(|body| texts(&body))
                .collect();
            let bodies: Vec<&String> = bodies.iter().filter(|body| body.contains("goleash:")).collect();
            assert!(bodies.iter().any(|body| body.contains("\\\\u{202e}")), "{log}: {}", ran.out);
            for body in bodies {
                assert_harmless("a comment", body);
                assert!(!body.contains("```suggestion"), "{body}");
            }
        }
    }
}

/// All texts in a document.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::Object(map) => map.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn in_complaints_and_file_names() {
    let dir = folder(&[("a.go", b"package p\n")]);
    // Arguments of the system have no zeros in them, and names no slashes.
    let bad = format!("x{HARM}\u{1b}[31m\r");
    for args in [
        &[bad.as_str()][..],
        &["--rule", &bad],
        &["--exclude", &format!("{{{bad}")],
        &["--trace", &bad],
        &["--baseline", &bad],
        &["--config", &bad],
        &["--format", &bad],
        &["--output", &format!("{bad}/x")],
        &[&format!("--{bad}")],
        &["explain", &bad],
        &["completions", &bad],
        &["init", &bad],
        &["watch", &bad],
        &["lsp", &bad],
        &["review", &bad, "--diff", &bad, "--dry-run", "--repo", "a/b", "--number", "1", "--commit", "1"],
        &["--new-from", &bad],
    ] {
        for color in [&[][..], &["--color", "always"]] {
            let mut command = support::binary(dir.path(), &[args, color].concat());
            let output = command.env("CLICOLOR_FORCE", "1").output().unwrap();
            let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
            assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
            let found: Vec<char> = said.chars().filter(|c| HARM.contains(*c) && *c != '\u{1b}').collect();
            assert!(found.is_empty() && !said.contains("\u{1b}[31m\r") && !said.contains('\r'), "{args:?}: {said:?}");
        }
    }
    #[cfg(unix)]
    {
        let name = format!("n{HARM}");
        std::fs::create_dir(dir.path().join(&name)).unwrap();
        for args in [&["init", &name][..], &["baseline", "--output", &format!("{name}/b.json")]] {
            let ran = goleash(dir.path(), args);
            assert_eq!(ran.code, 0, "{ran:?}");
            assert_harmless("what was written", &ran.out);
        }
        let leak = "package p\n\nimport \"time\"\n\nfunc f(d time.Duration) {\n\tt := time.NewTicker(d)\n\t<-t.C\n}\n";
        std::fs::write(dir.path().join(&name).join(format!("{name}.go")), leak).unwrap();
        for args in [&["--diff"][..], &["--fix"], &["baseline"]] {
            let ran = goleash(dir.path(), args);
            let out = if args == ["--diff"] { String::new() } else { ran.out };
            assert_harmless("a run", &format!("{out}{}", ran.err));
        }
    }
}
