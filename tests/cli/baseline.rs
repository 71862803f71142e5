//! `goleash baseline` and what `check` makes of it.

use crate::support::{folder, goleash};
use goleash::baseline::Baseline;
use std::fs;

fn leak(name: &str) -> String {
    format!(
        "func {name}(f func() int) int {{\n\tc := make(chan int)\n\tgo func() {{ c <- f() }}()\n\tselect {{\n\tcase v := <-c:\n\t\treturn \
         v\n\tdefault:\n\t\treturn 0\n\t}}\n}}\n"
    )
}

fn file(leaks: &[&str]) -> String {
    format!("package p\n\n{}", leaks.iter().map(|name| leak(name)).collect::<Vec<_>>().join("\n"))
}

fn found(ran: &crate::support::Ran) -> Vec<String> {
    ran.json()["findings"].as_array().unwrap().iter().map(|f| f["function"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn only_what_is_new_is_shown() {
    let dir = folder(&[("a.go", file(&["a", "b"]).as_bytes()), ("sub/c.go", file(&["a"]).as_bytes())]);
    let ran = goleash(dir.path(), &["baseline"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.starts_with("Wrote 3 findings to goleash-baseline.json.\n"), "{}", ran.out);
    let check = || goleash(dir.path(), &["-f", "json", "--baseline", "goleash-baseline.json"]);
    assert_eq!(found(&check()), [""; 0]);
    assert_eq!(check().json()["summary"]["known"], 3);
    // Lines move, a file is renamed, and a third of the same kind comes.
    fs::rename(dir.path().join("a.go"), dir.path().join("b.go")).unwrap();
    fs::write(dir.path().join("b.go"), format!("// A comment.\n{}", file(&["new", "b", "a"]))).unwrap();
    assert_eq!(found(&check()), ["new.func1"]);
    fs::create_dir(dir.path().join("more")).unwrap();
    fs::write(dir.path().join("more/a.go"), file(&["a"])).unwrap();
    assert_eq!(found(&check()).len(), 2, "two are excused, not three");
    fs::write(dir.path().join("goleash.toml"), "baseline = \"goleash-baseline.json\"\n").unwrap();
    let ran = goleash(&dir.path().join("sub"), &[]);
    assert!(ran.code == 0 && ran.out.contains("1 finding of the baseline not shown."), "{}", ran.out);
    let sarif = goleash(dir.path(), &["-f", "sarif"]).json();
    let states: Vec<&str> =
        sarif["runs"][0]["results"].as_array().unwrap().iter().map(|r| r["baselineState"].as_str().unwrap()).collect();
    assert_eq!(states, ["new", "new", "unchanged", "unchanged", "unchanged"]);
}

#[test]
fn pruning_takes_out_what_is_gone() {
    let dir = folder(&[("a.go", file(&["a", "b"]).as_bytes()), ("sub/c.go", file(&["c", "d"]).as_bytes())]);
    goleash(dir.path(), &["baseline"]);
    fs::write(dir.path().join("a.go"), file(&["a", "new"])).unwrap();
    fs::write(dir.path().join("sub/c.go"), file(&["c"])).unwrap();
    let said = |args: &[&str]| goleash(dir.path(), args).out.lines().next().unwrap_or_default().to_owned();
    let check = |more: &[&str]| goleash(dir.path(), &[&["--baseline", "goleash-baseline.json"], more].concat()).out;
    let all = "2 entries of the baseline are found no more; `goleash baseline --prune` takes them out.\n";
    assert!(check(&[]).ends_with(all), "{}", check(&[]));
    assert!(check(&["sub"]).ends_with("1 entry of the baseline is found no more; `goleash baseline --prune` takes it out.\n"));
    assert!(!check(&["--rule", "lost-cancel"]).contains("no more"), "what was not looked for is not missed");
    assert_eq!(said(&["baseline", "--prune", "sub"]), "Removed 1 finding from goleash-baseline.json; 3 left.");
    assert_eq!(said(&["baseline", "--prune"]), "Removed 1 finding from goleash-baseline.json; 2 left.");
    assert_eq!(found(&goleash(dir.path(), &["-f", "json", "--baseline", "goleash-baseline.json"])), ["new.func1"]);
    fs::remove_file(dir.path().join("sub/c.go")).unwrap();
    assert_eq!(said(&["baseline", "--prune"]), "Removed 1 finding from goleash-baseline.json; 1 left.");
}

#[test]
fn a_broken_one_is_named_with_its_line() {
    let dir = folder(&[("a.go", file(&["a"]).as_bytes())]);
    let check = |text: Option<&str>| {
        if let Some(text) = text {
            fs::write(dir.path().join("b.json"), text).unwrap();
        }
        let ran = goleash(dir.path(), &["--baseline", "b.json"]);
        assert_eq!(ran.code, 2);
        ran.err.lines().next().unwrap_or_default().to_owned()
    };
    assert!(check(None).starts_with("error: cannot read the baseline b.json: "));
    assert_eq!(check(Some("{\n  \"version\": 1,\n<<<<<<<\n")), "error: b.json:3: not a baseline: key must be a string");
    assert_eq!(
        check(Some("{\n  \"version\": 2,\n  \"findings\": []\n}")),
        "error: b.json:2: not a baseline: its version is 2, but this goleash supports 1"
    );
    assert!(
        check(Some("{\n  \"version\": 1,\n  \"findings\": [\n    {\"file\": 1}]}"))
            .starts_with("error: b.json:4: not a baseline: invalid type")
    );
    assert!(check(Some("")).starts_with("error: b.json:1: not a baseline: "));
    // Writing a new one needs no old one that can be read.
    assert_eq!(goleash(dir.path(), &["baseline", "--output", "b.json"]).code, 0);
    assert_eq!(goleash(dir.path(), &["--baseline", "b.json"]).code, 0);
}

#[test]
fn what_goleash_did_not_write_is_not_written_over() {
    let lock = "{\n  \"version\": 1,\n  \"dependencies\": {}\n}\n";
    let files = [("a.go", file(&["a"])), ("b.json", lock.to_owned()), ("goleash.toml", "baseline = \"b.json\"\n".to_owned())];
    let dir = folder(&files.each_ref().map(|(name, text)| (*name, text.as_bytes())));
    let path = dir.path().join("b.json");
    let foreign = "error: b.json already exists and is not a baseline\n  help: remove it, or name another file with --output\n";
    let told = |args: &[&str]| goleash(dir.path(), &[&["baseline"], args].concat()).err;
    for args in [&[][..], &["--output", "b.json"]] {
        for text in [lock.as_bytes(), b"#!/bin/sh\n", b"\xff\xfe", b"{}", b"[]"] {
            fs::write(&path, text).unwrap();
            assert_eq!(told(args), foreign, "{args:?} {}", String::from_utf8_lossy(text));
            assert_eq!(fs::read(&path).unwrap(), text);
        }
    }
    // What a merge made of a baseline, or what an older goleash wrote, is written anew.
    for text in ["", "{\n  \"version\": 1,\n  \"findings\": [\n<<<<<<< HEAD\n", "{\"version\":0,\"findings\":[3]}"] {
        fs::write(&path, text).unwrap();
        assert_eq!(told(&[]), "", "{text}");
        assert!(Baseline::read(&path, dir.path()).is_ok_and(|written| written.len() == 1), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn a_configuration_writes_and_reads_nothing_elsewhere() {
    use std::os::unix::fs::symlink;
    let dir = folder(&[
        ("repo/a.go", file(&["a"]).as_bytes()),
        ("repo/go.mod", b"module p\n"),
        ("outside/b.json", b""),
        ("k.toml", b"[oops]\n"),
    ]);
    let (repo, outside) = (dir.path().join("repo"), dir.path().join("outside"));
    let advice = "only `--baseline` and `goleash baseline --output` take paths elsewhere";
    let refused = |args: &[&str], message: &str| {
        let ran = goleash(&repo, args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
        assert!(ran.err.starts_with(&format!("error: {message}")) && ran.err.contains(advice), "{}", ran.err);
    };
    let everything = || {
        let names = |folder| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
        (names(&outside), fs::read(outside.join("b.json")).unwrap())
    };
    let before = everything();
    let absolute = outside.join("new.json").display().to_string();
    for named in ["../outside/new.json", "../outside/b.json", "sub/../../new.json", absolute.as_str()] {
        fs::write(repo.join("goleash.toml"), format!("baseline = '{named}'\n")).unwrap();
        refused(&["baseline"], &format!("goleash.toml:1:12: `{named}` is outside of the folder of this file"));
        refused(&[], "goleash.toml:1:12: ");
    }
    symlink("../outside", repo.join("linked")).unwrap();
    symlink("../outside/b.json", repo.join("link.json")).unwrap();
    symlink("../outside/new.json", repo.join("dangling.json")).unwrap();
    symlink("/dev/zero", repo.join("endless.json")).unwrap();
    for (named, why) in [("linked/b.json", "leads outside the tree"), ("link.json", "leads outside the tree")] {
        fs::write(repo.join("goleash.toml"), format!("baseline = '{named}'\n")).unwrap();
        refused(&["baseline"], &format!("the baseline {named} {why}, to "));
        refused(&["baseline", "--prune"], &format!("the baseline {named} {why}, to "));
        refused(&[], &format!("the baseline {named} {why}, to "));
    }
    for named in ["linked/new.json", "dangling.json", "endless.json"] {
        fs::write(repo.join("goleash.toml"), format!("baseline = '{named}'\n")).unwrap();
        refused(&["baseline"], &format!("the baseline {named} "));
    }
    fs::remove_file(repo.join("goleash.toml")).unwrap();
    symlink("../outside/b.json", repo.join("goleash-baseline.json")).unwrap();
    refused(&["baseline"], "the baseline goleash-baseline.json leads outside the tree, to ");
    assert_eq!(everything(), before);
    // What the user names may lie anywhere.
    assert_eq!(goleash(&repo, &["baseline", "--output", "../outside/b.json"]).code, 0);
    assert_eq!(goleash(&repo, &["--baseline", "../outside/b.json"]).code, 0);
    // A complaint about a configuration shows a line of it: none from elsewhere.
    symlink("../k.toml", repo.join("goleash.toml")).unwrap();
    let ran = goleash(&repo, &[]);
    assert!(ran.code == 2 && ran.err.contains("leads outside the tree") && !ran.err.contains("oops"), "{}", ran.err);
    assert!(goleash(&repo, &["--config", "goleash.toml"]).err.contains("oops"));
    let ran = goleash(&repo, &["init", "--force"]);
    assert_eq!((ran.code, ran.err.as_str()), (2, "error: goleash.toml is a symbolic link\n  help: remove it first\n"));
}
