//! What a run would look at and by which settings, counts, and words of other tools.

use crate::support::{folder, goleash};

const LEAK: &[u8] = b"package p\n\nfunc leak() int {\n\tc := make(chan int)\n\tgo func() { c <- 1 }()\n\tselect {\n\tcase v := <-c:\n\t\treturn v\n\tdefault:\n\t\treturn 0\n\t}\n}\n";

#[test]
fn words_of_other_tools_lead_to_ours() {
    let dir = folder(&[("a.go", LEAK)]);
    for (args, error, help) in [
        (&["--output-format", "json"][..], "there is no option `--output-format`", "use --format, as in `--format json`"),
        (&["check", "--select=blocked-send"], "there is no option `--select`", "use --rule"),
        (&["--ignore", "blocked-send", "."], "there is no option `--ignore`", "use --rule to name the rules to run"),
        (&["--rules", "x"], "there is no option `--rules`", "use --rule"),
        (&["check", "--severity", "high"], "there is no option `--severity`", "use --level"),
        (&["watch", "--quiet"], "there is no option `--quiet`", "use `--format concise`"),
        (&["fix"], "no such file or folder: fix", "did you mean `goleash check --fix`?"),
        (&["fix", "./..."], "no such file or folder: fix", "did you mean `goleash check --fix`?"),
        (&["lint", "./..."], "no such file or folder: lint", "did you mean `goleash check`?"),
        (&["run"], "no such file or folder: run", "did you mean `goleash check`?"),
        (&["version"], "no such file or folder: version", "did you mean `goleash --version`?"),
        (&["linters"], "no such file or folder: linters", "did you mean `goleash rules`?"),
    ] {
        let ran = goleash(dir.path(), args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}");
        assert!(ran.err.starts_with(&format!("error: {error}\n  help: {help}")), "{args:?}: {}", ran.err);
    }
    // A folder of that name is a folder.
    let dir = folder(&[("fix/a.go", LEAK)]);
    assert_eq!(goleash(dir.path(), &["fix"]).code, 1);
}

#[test]
fn files_that_would_be_looked_at() {
    let dir = folder(&[
        ("goleash.toml", b"exclude = [\"gen/\"]\n"),
        ("b.go", LEAK),
        ("a.go", b"package p\n"),
        ("a_test.go", b"package p\n"),
        ("gen/g.go", b"package gen\n"),
        ("vendor/v/v.go", b"package v\n"),
        ("sub/s.go", b"package sub\n"),
        ("sub/no.txt", b""),
    ]);
    let listed = |args: &[&str]| {
        let ran = goleash(dir.path(), &[&["--show-files"], args].concat());
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{args:?}");
        ran.out
    };
    assert_eq!(listed(&[]), "a.go\nb.go\nsub/s.go\n");
    assert_eq!(listed(&["--tests", "."]), "a.go\na_test.go\nb.go\nsub/s.go\n");
    assert_eq!(listed(&["--exclude", "b.go"]), "a.go\nsub/s.go\n");
    assert_eq!(listed(&["b.go"]), "b.go\n");
    assert_eq!(listed(&["--no-config", "gen", "sub/..."]), "gen/g.go\nsub/s.go\n");
}

#[test]
fn settings_and_where_they_come_from() {
    let toml = b"level = \"note\"\nexclude = [\"gen/\"]\nbaseline = \"b.json\"\n[rules.lost-cancel]\nlevel = \"off\"\n\
        [[override]]\npaths = [\"old/\"]\nrules.blocked-send.level = \"note\"\n";
    let dir = folder(&[("goleash.toml", toml), ("a.go", LEAK), ("old/o.go", LEAK), ("b.json", b"no baseline is read")]);
    let shown = |args: &[&str]| {
        let ran = goleash(dir.path(), &[&["--show-config"], args].concat());
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{args:?}");
        let words = |line: &str| line.split("  ").map(str::trim).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" | ");
        ran.out.lines().map(words).collect::<Vec<_>>()
    };
    let has = |lines: &[String], line: &str| assert!(lines.iter().any(|l| l == line), "{line}\n{lines:#?}");
    let all = shown(&[]);
    assert_eq!(all[0], ".");
    for line in [
        "configuration | goleash.toml | in the folder of the path, or the nearest one above that has one",
        "level | note | goleash.toml",
        "tests | false | default",
        "deps | false | default",
        "go-version | as go.mod says | default",
        "exclude | gen/ | goleash.toml",
        "baseline | b.json | goleash.toml",
        "rule lost-cancel | off | goleash.toml",
        "rule blocked-send | as found, mostly error | default",
        "rule blocked-send | note | goleash.toml, override for old/",
    ] {
        has(&all, line);
    }
    let told = shown(&["--level", "error", "--tests", "--deps", "--exclude", "x/", "--rule", "blocked-send", "old/o.go"]);
    for line in [
        "old/o.go",
        "level | error | --level",
        "tests | true | --tests",
        "deps | true | --deps",
        "exclude | x/ | --exclude",
        "rule blocked-send | note | goleash.toml, override",
        "rule stuck-lock | off | not among --rule",
    ] {
        has(&told, line);
    }
    has(&shown(&["a.go"]), "rule blocked-send | as found, mostly error | goleash.toml");
    has(&shown(&["--no-config"]), "configuration | none | --no-config");
    assert_eq!(shown(&["a.go", "old"]).iter().filter(|line| line.starts_with("configuration")).count(), 2);
    assert_eq!(goleash(dir.path(), &["--show-config", "none.go"]).code, 2);
}

#[test]
fn counts_instead_of_findings() {
    let dir = folder(&[("a.go", LEAK)]);
    let ran = goleash(dir.path(), &["--statistics"]);
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(
        ran.out.starts_with(
            "rule          error  warning\nblocked-send      1        -\nin all            1        0\n\nFound 1 error"
        ),
        "{}",
        ran.out
    );
    assert!(!ran.out.contains("a.go"), "{}", ran.out);
    for more in [&["--statistics"][..], &[]] {
        let json = goleash(dir.path(), &[&["-f", "json"], more].concat()).json();
        assert_eq!(json["summary"]["rules"], serde_json::json!([{"id": "blocked-send", "error": 1, "warning": 0, "note": 0}]));
    }
    let ran = goleash(dir.path(), &["--statistics", "-f", "sarif"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.starts_with("error: --statistics works with the formats human and json, not with `sarif`\n"), "{}", ran.err);
}

#[test]
fn concise_leaves_standard_output_to_findings() {
    let dir = folder(&[("a.go", LEAK)]);
    let ran = goleash(dir.path(), &["-f", "concise"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.starts_with("a.go:5:14: error[blocked-send] ") && ran.out.lines().count() == 1, "{}", ran.out);
    assert!(ran.err.starts_with("Found 1 error in 1 file"), "{}", ran.err);
}

#[test]
fn all_pages_in_one_stream() {
    let dir = folder(&[]);
    let ran = goleash(dir.path(), &["explain", "--all"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let pages: Vec<&str> = goleash::rules::metas().iter().map(|meta| meta.docs).collect();
    assert_eq!(ran.out, pages.join("\n"));
    assert_eq!(goleash(dir.path(), &["explain"]).code, 2);
    assert_eq!(goleash(dir.path(), &["explain", "--all", "blocked-send"]).code, 2);
}

/// No rule can have come with a version that is yet to come.
#[test]
fn the_list_of_rules_agrees_with_the_version() {
    let dir = folder(&[]);
    let version = goleash(dir.path(), &["--version"]).out;
    let listed = goleash(dir.path(), &["rules", "--format", "json"]).json();
    let tool = format!("{} {}\n", listed["tool"]["name"].as_str().unwrap(), listed["tool"]["version"].as_str().unwrap());
    assert_eq!(tool, version);
    let parts = |text: &str| -> Vec<u32> { text.trim().split('.').map(|part| part.parse().unwrap()).collect() };
    let now = parts(version.strip_prefix("goleash ").unwrap());
    for rule in listed["rules"].as_array().unwrap() {
        assert!(parts(rule["since"].as_str().unwrap()) <= now, "{rule}");
    }
}
