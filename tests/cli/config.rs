//! `goleash.toml`: what it changes, where it is found, and what is said of mistakes in it.

use crate::support::{folder, goleash, goleash_with};

const LEAK: &str = "package p\n\nimport \"time\"\n\nfunc leak() int {\n\tc := make(chan int)\n\tgo func() { c <- work() }()\n\tselect {\n\tcase v := \
                    <-c:\n\t\treturn v\n\tcase <-time.After(time.Second):\n\t\treturn 0\n\t}\n}\n";

fn rules(ran: &crate::support::Ran) -> Vec<String> {
    let json = ran.json();
    let findings = json["findings"].as_array().unwrap().iter();
    let shown = |f: &serde_json::Value| {
        format!("{} {} {}", f["location"]["file"].as_str().unwrap(), f["level"].as_str().unwrap(), f["rule"].as_str().unwrap())
    };
    findings.map(shown).collect()
}

#[test]
fn levels_and_excluded_paths() {
    let config = "exclude = [\"/gen/\"]\n[rules.blocked-send]\nlevel = \"warning\"\n[[override]]\npaths = [\"old/\"]\nrules.blocked-send.level = \"off\"\n";
    let leak = LEAK.as_bytes();
    let files =
        [("a.go", leak), ("old/a.go", leak), ("gen/a.go", leak), ("sub/b/a.go", leak), ("goleash.toml", config.as_bytes())];
    let dir = folder(&files);
    let found = ["a.go warning blocked-send", "sub/b/a.go warning blocked-send"];
    assert_eq!(rules(&goleash(dir.path(), &["-f", "json"])), found);
    // From below, the file above still speaks, and its paths mean the same.
    assert_eq!(
        rules(&goleash(&dir.path().join("sub"), &["-f", "json", ".."])),
        ["../a.go", "b/a.go"].map(|f| match f {
            "b/a.go" => "b/a.go warning blocked-send".to_owned(),
            _ => format!("{} warning blocked-send", dir.path().canonicalize().unwrap().join("a.go").display()),
        })
    );
    // What the project leaves out is left out though a hook names it.
    assert_eq!(rules(&goleash(dir.path(), &["-f", "json", "gen/a.go"])), [""; 0]);
    assert_eq!(rules(&goleash(dir.path(), &["-f", "json", "gen"])), [""; 0]);
    let without = goleash(dir.path(), &["-f", "json", "--no-config"]);
    assert_eq!(rules(&without).len(), 4);
    let ran = goleash_with(dir.path(), &["-f", "json", "-"], leak);
    assert_eq!(rules(&ran), ["<stdin> warning blocked-send"]);
}

#[test]
fn each_path_has_its_own_file() {
    let leak = LEAK.as_bytes();
    let off = b"[rules.blocked-send]\nlevel = \"off\"\n";
    let dir = folder(&[("a/a.go", leak), ("b/b.go", leak), ("a/goleash.toml", off), ("b/goleash.toml", b"level = \"error\"\n")]);
    assert_eq!(rules(&goleash(dir.path(), &["-f", "json", "a", "b"])), ["b/b.go error blocked-send"]);
    assert_eq!(rules(&goleash(dir.path(), &["-f", "json", "--config", "a/goleash.toml", "a", "b"])), [""; 0]);
}

#[test]
fn tests_level_and_go_version() {
    let test = LEAK.replace("func leak", "func TestLeak");
    let dir = folder(&[("a_test.go", test.as_bytes()), ("goleash.toml", b"tests = true\n")]);
    assert_eq!(rules(&goleash(dir.path(), &["-f", "json"])).len(), 1);
    let ticker = b"package p\n\nimport \"time\"\n\nfunc f() {\n\tt := time.NewTicker(time.Second)\n\t<-t.C\n}\n";
    let dir = folder(&[("a.go", ticker), ("goleash.toml", b"level = \"note\"\n")]);
    assert_eq!(goleash(dir.path(), &[]).code, 1);
    assert_eq!(goleash(dir.path(), &["--rule", "unstopped-ticker", "--level", "note"]).code, 1);
    std::fs::write(dir.path().join("goleash.toml"), "go-version = \"1.23\"\n").unwrap();
    assert_eq!(goleash(dir.path(), &["--rule", "unstopped-ticker"]).code, 0);
}

#[test]
fn a_model_of_ones_own() {
    let code = b"package p\n\nimport \"example.com/q\"\n\nfunc f(bad bool) int {\n\tc := make(chan int)\n\tgo func() { c <- work() }()\n\tif bad \
                 {\n\t\tq.Die()\n\t\treturn 0\n\t}\n\treturn <-c\n}\n";
    let dir = folder(&[("a.go", code)]);
    assert_eq!(rules(&goleash(dir.path(), &["-f", "json"])), ["a.go error blocked-send"]);
    for word in ["model", "function"] {
        let model = format!("[[{word}]]\npath = \"example.com/q\"\nname = \"Die\"\nno_return = true\n");
        std::fs::write(dir.path().join("goleash.toml"), model).unwrap();
        assert_eq!(rules(&goleash(dir.path(), &["-f", "json"])), [""; 0]);
    }
}

#[test]
fn mistakes_are_pointed_at() {
    let dir = folder(&[("a.go", LEAK.as_bytes()), ("goleash.toml", b"tests = true\nexlude = [\"gen\"]\n")]);
    let ran = goleash(dir.path(), &["."]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    let lines: Vec<&str> = ran.err.lines().collect();
    assert_eq!(lines[0], "error: goleash.toml:2:1: there is no key `exlude` here");
    assert!(ran.err.contains("exlude = [\"gen\"]"), "{}", ran.err);
    assert_eq!(lines.last(), Some(&"  help: did you mean `exclude`?"));
    let ran = goleash(dir.path(), &["--config", "none.toml"]);
    assert!(ran.code == 2 && ran.err.starts_with("error: cannot read none.toml: "), "{}", ran.err);
}

#[test]
fn init_writes_a_file_once() {
    let dir = folder(&[("a.go", LEAK.as_bytes())]);
    let ran = goleash(dir.path(), &["init"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert_eq!(goleash(dir.path(), &["check"]).code, 1);
    std::fs::write(dir.path().join("goleash.toml"), "tests = true\n").unwrap();
    let ran = goleash(dir.path(), &["init"]);
    assert_eq!(ran.err, "error: goleash.toml already exists\n  help: --force overwrites it\n");
    assert_eq!(ran.code, 2);
    assert_eq!(goleash(dir.path(), &["init", "--force"]).code, 0);
    assert!(std::fs::read_to_string(dir.path().join("goleash.toml")).unwrap().starts_with("#:schema "));
}

#[test]
fn models_of_ones_own_are_looked_for_by_their_names() {
    let config = "[[model]]\npath = \"example.com/lib\"\nname = \"Lend\"\nresults = [\"*example.com/lib.Loan\"]\nacquires = { kind = \"ticker\", released_by = [\"Return\"] }\n\n\
                  [[model]]\npath = \"example.com/lib\"\nname = \"Behind\"\nparams = [\"func()\"]\nstarts = 0\n";
    let code = "package p\n\nimport \"example.com/lib\"\n\nfunc lend() {\n\tl := lib.Lend()\n\tl.Use()\n}\n\n";
    let start = "package p\n\nimport \"example.com/lib\"\n\nfunc start(in chan int) {\n\tlib.Behind(func() {\n\t\tfor {\n\t\t\tselect {\n\t\t\tcase <-in:\n\t\t\t}\n\t\t}\n\t})\n}\n";
    let dir = folder(&[("a.go", code.as_bytes()), ("sub/b.go", start.as_bytes()), ("goleash.toml", config.as_bytes())]);
    let found = ["a.go error unstopped-ticker", "sub/b.go warning unguarded-loop"];
    assert_eq!(rules(&goleash(dir.path(), &["-f", "json"])), found);
    assert_eq!(rules(&goleash(dir.path(), &["-f", "json", "--no-config"])), [""; 0]);
}
