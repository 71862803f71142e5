//! `goleash watch` while much happens at once, or where the system can follow no more: at the end it says what a fresh check says.

use super::lsp::{Editor, count};
use super::watch::{Watch, schema};
use super::{LEAK, MENDED, module};
use crate::support::{PATIENCE, announce, thorough};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

type Findings = BTreeMap<String, Value>;

/// A reader of the events, who knows the findings from them alone.
struct Reader {
    watch: Watch,
    findings: Findings,
    errors: Vec<String>,
}

fn by_fingerprint(findings: &Value) -> Findings {
    let of = |finding: &Value| (finding["fingerprint"].as_str().unwrap().to_owned(), finding.clone());
    findings.as_array().unwrap().iter().map(of).collect()
}

/// What a new process finds.
fn fresh(dir: &Path) -> Findings {
    let out = Command::new(env!("CARGO_BIN_EXE_goleash")).args(["check", "--format", "json"]).current_dir(dir).output().unwrap();
    by_fingerprint(&serde_json::from_slice::<Value>(&out.stdout).unwrap()["findings"])
}

impl Reader {
    fn new(watch: Watch) -> Self {
        let first = watch.next("snapshot");
        let findings = by_fingerprint(&first["findings"]);
        Self { watch, findings, errors: Vec::new() }
    }

    fn take(&mut self, line: &Value) {
        schema(line);
        match line["event"].as_str().unwrap() {
            "added" => {
                let finding = line["finding"].clone();
                self.findings.insert(finding["fingerprint"].as_str().unwrap().to_owned(), finding);
            }
            "removed" => drop(self.findings.remove(line["fingerprint"].as_str().unwrap())),
            "error" => self.errors.push(line["message"].as_str().unwrap().to_owned()),
            other => panic!("{other}"),
        }
    }

    /// Waits until the findings are those of a fresh check, and holds that they stay so.
    fn settles(&mut self, dir: &Path, what: &str) {
        let expected = fresh(dir);
        let begin = Instant::now();
        while self.findings != expected {
            let left = PATIENCE.checked_sub(begin.elapsed()).unwrap_or_default();
            let Ok(line) = self.watch.lines.recv_timeout(left) else {
                let places = |these: &Findings, those: &Findings| -> Vec<String> {
                    let odd = these.iter().filter(|(key, finding)| those.get(*key) != Some(*finding));
                    odd.map(|(_, f)| format!("{}:{}", f["location"]["file"], f["location"]["start"]["line"])).take(5).collect()
                };
                let (more, less) = (places(&self.findings, &expected), places(&expected, &self.findings));
                let (have, errors) = (self.findings.len(), &self.errors);
                panic!("{what}: {have} rather than {}, {more:?} rather than {less:?}, said {errors:?}", expected.len());
            };
            self.take(&line);
        }
        while let Ok(line) = self.watch.lines.recv_timeout(Duration::from_millis(300)) {
            self.take(&line);
        }
        assert!(self.findings == expected, "{what}: it did not stay so");
    }
}

fn git(dir: &Path, words: &[&str]) {
    let fixed = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "core.autocrlf=false"];
    let out = Command::new("git").args(fixed).args(words).current_dir(dir).output().unwrap();
    assert!(out.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&out.stderr));
}

fn named(text: &str, package: &str, function: &str) -> String {
    text.replace("package m", &format!("package {package}")).replace("Late", function)
}

#[test]
fn a_checkout_of_another_branch() {
    let dir = module(&[("a.go", LEAK), ("same/s.go", &named(LEAK, "same", "S")), ("old/deep/er/o.go", &named(LEAK, "er", "O"))]);
    let at = |path: &str| dir.path().join(path);
    git(dir.path(), &["init", "--quiet", "--initial-branch", "one"]);
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "--quiet", "--message", "one"]);
    git(dir.path(), &["checkout", "--quiet", "-b", "two"]);
    fs::write(at("a.go"), MENDED).unwrap();
    fs::remove_dir_all(at("old")).unwrap();
    for i in 0..40 {
        let folder = at(&format!("new{}/inner/p{i}", i % 4));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("n.go"), named(LEAK, &format!("p{i}"), &format!("N{i}"))).unwrap();
    }
    // A file where a folder was, and a leak that only another package makes one.
    fs::write(at("old"), "no folder any more").unwrap();
    fs::write(at("same/t.go"), named(LEAK, "same", "T")).unwrap();
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "--quiet", "--message", "two"]);
    let mut reader = Reader::new(Watch::start(dir.path(), &[]));
    reader.settles(dir.path(), "at first");
    assert_eq!(reader.findings.len(), 42);
    for branch in ["one", "two", "one"] {
        git(dir.path(), &["checkout", "--quiet", branch]);
        reader.settles(dir.path(), branch);
    }
    assert_eq!(reader.findings.len(), 3);
    // There and back before anybody could look, as a rebase does.
    for _ in 0..6 {
        git(dir.path(), &["checkout", "--quiet", "two"]);
        git(dir.path(), &["checkout", "--quiet", "one"]);
    }
    git(dir.path(), &["checkout", "--quiet", "two"]);
    reader.settles(dir.path(), "after many");
    assert_eq!(reader.findings.len(), 42);
    // What is new is followed like the rest.
    fs::write(at("new1/inner/p1/n.go"), named(MENDED, "p1", "N1")).unwrap();
    reader.settles(dir.path(), "in a new folder");
    assert_eq!(reader.findings.len(), 41);
    assert_eq!(reader.errors, Vec::<String>::new());
}

#[test]
fn ten_thousand_files_change_at_once() {
    let dir = module(&[("a.go", MENDED)]);
    let write = |text: &str| {
        for i in 0..100 {
            let folder = dir.path().join(format!("p{i}"));
            fs::create_dir_all(&folder).unwrap();
            for k in 0..100 {
                let what = if k == 7 {
                    named(text, &format!("p{i}"), &format!("F{k}"))
                } else {
                    format!("package p{i}\n\n// {k} {}\n", text.len())
                };
                fs::write(folder.join(format!("f{k}.go")), what).unwrap();
            }
        }
    };
    write(MENDED);
    let mut reader = Reader::new(Watch::start(dir.path(), &[]));
    write(LEAK);
    reader.settles(dir.path(), "rewritten");
    assert_eq!(reader.findings.len(), 100);
    for i in 0..50 {
        fs::remove_dir_all(dir.path().join(format!("p{i}"))).unwrap();
        fs::rename(dir.path().join(format!("p{}", i + 50)), dir.path().join(format!("q{i}"))).unwrap();
    }
    reader.settles(dir.path(), "removed and renamed");
    assert_eq!(reader.findings.len(), 50);
    fs::write(dir.path().join("q3/f7.go"), named(MENDED, "p53", "F7")).unwrap();
    fs::write(dir.path().join("q4/f8.go"), named(LEAK, "p54", "F8")).unwrap();
    reader.settles(dir.path(), "after the storm");
    assert_eq!(reader.findings.len(), 50);
    assert_eq!(reader.errors, Vec::<String>::new());
}

#[test]
fn how_editors_and_systems_write() {
    let dir = module(&[("a.go", MENDED), ("b.go", &named(MENDED, "m", "Other"))]);
    let at = |path: &str| dir.path().join(path);
    let mut reader = Reader::new(Watch::start(dir.path(), &[]));
    for round in 0..5 {
        for (text, expected) in [(LEAK, 1), (MENDED, 0)] {
            // Beside it and over it; over it with a backup; in place; carriage returns; a byte order mark.
            match round {
                0 => {
                    fs::write(at("a.go~tmp"), text).unwrap();
                    fs::rename(at("a.go~tmp"), at("a.go")).unwrap();
                }
                1 => {
                    fs::rename(at("a.go"), at("a.go~")).unwrap();
                    fs::write(at("a.go"), text).unwrap();
                    fs::remove_file(at("a.go~")).unwrap();
                }
                2 => fs::write(at("a.go"), text).unwrap(),
                3 => fs::write(at("a.go"), text.replace('\n', "\r\n")).unwrap(),
                _ => fs::write(at("a.go"), format!("\u{feff}{}", text.replace('\n', "\r\n"))).unwrap(),
            }
            reader.settles(dir.path(), &format!("round {round}"));
            assert_eq!(reader.findings.len(), expected, "round {round}");
        }
    }
    // The folder that it was started in goes, and another one comes.
    let path = dir.keep();
    fs::remove_dir_all(&path).unwrap();
    fs::create_dir(&path).unwrap();
    fs::write(path.join("go.mod"), "module m\n").unwrap();
    fs::write(path.join("a.go"), LEAK).unwrap();
    reader.settles(&path, "another root");
    assert_eq!(reader.findings.len(), 1);
    fs::write(path.join("a.go"), MENDED).unwrap();
    reader.settles(&path, "in another root");
    assert_eq!((reader.findings.len(), reader.errors.len()), (0, 0), "{:?}", reader.errors);
    fs::remove_dir_all(&path).unwrap();
}

/// How to start a command of goleash where the system gives no more than so many watched folders or watchers; `None` where that cannot be had.
fn limited(dir: &Path, limit: &str, command: &str) -> Option<Command> {
    let within = |script: &str| {
        let mut shell = Command::new("unshare");
        shell.args(["--user", "--map-root-user", "sh", "-c", script, env!("CARGO_BIN_EXE_goleash")]).current_dir(dir);
        shell
    };
    if !within(&format!("echo {limit}")).output().is_ok_and(|out| out.status.success()) {
        announce("skipped: a limit of watched folders needs a user namespace");
        return None;
    }
    Some(within(&format!("echo {limit} && exec \"$0\" {command}")))
}

#[test]
fn an_editor_is_told_that_no_folder_more_can_be_watched() {
    let dir = module(&[("b/b.go", MENDED)]);
    let Some(mut command) = limited(dir.path(), "1 > /proc/sys/user/max_inotify_watches", "lsp") else { return };
    let editor = Editor::run(&mut command, dir.path(), &json!({}));
    assert!(editor.shown().contains("looked at every second"));
    fs::write(dir.path().join("b/b.go"), LEAK).unwrap();
    editor.diagnostics("b/b.go", count(1));
    assert_eq!(editor.close(), Some(0));
}

#[test]
fn no_folder_more_can_be_watched() {
    let dir = module(&[("a.go", MENDED), ("b/b.go", &named(MENDED, "b", "B")), ("c/c.go", &named(MENDED, "c", "C"))]);
    // At once; later, when folders come; and where there is no watcher at all.
    for limit in [
        "2 > /proc/sys/user/max_inotify_watches",
        "4 > /proc/sys/user/max_inotify_watches",
        "0 > /proc/sys/user/max_inotify_instances",
    ] {
        let Some(mut command) = limited(dir.path(), limit, "watch --format json") else { return };
        let mut reader = Reader::new(Watch::run(&mut command));
        for name in ["d/d", "e", "f"] {
            let folder = dir.path().join(name);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("x.go"), named(LEAK, "x", "X")).unwrap();
        }
        reader.settles(dir.path(), limit);
        // Twice in one second, and one that looks older than what was there.
        for name in ["d/d", "e"] {
            fs::write(dir.path().join(name).join("x.go"), named(MENDED, "x", "X")).unwrap();
        }
        reader.settles(dir.path(), limit);
        assert_eq!(reader.findings.len(), 1, "{limit}");
        fs::write(dir.path().join("b/old"), named(LEAK, "b", "B")).unwrap();
        let old = fs::File::options().write(true).open(dir.path().join("b/old")).unwrap();
        old.set_modified(std::time::SystemTime::now() - Duration::from_secs(3600)).unwrap();
        fs::rename(dir.path().join("b/old"), dir.path().join("b/b.go")).unwrap();
        reader.settles(dir.path(), limit);
        assert_eq!(reader.findings.len(), 2, "{limit}");
        assert!(reader.errors.iter().any(|said| said.contains("every second")), "{limit}: {:?}", reader.errors);
        for name in ["d", "e", "f"] {
            fs::remove_dir_all(dir.path().join(name)).unwrap();
        }
        fs::write(dir.path().join("b/b.go"), named(MENDED, "b", "B")).unwrap();
        reader.settles(dir.path(), limit);
        assert!(reader.findings.is_empty());
    }
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn one_of<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        (!of.is_empty()).then(|| of[self.below(of.len())].clone())
    }
}

/// Folders and Go files below, the folder itself first.
fn entries(dir: &Path, folders: &mut Vec<PathBuf>, files: &mut Vec<PathBuf>) {
    folders.push(dir.to_path_buf());
    let mut all: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    for path in all {
        if path.is_dir() {
            entries(&path, folders, files);
        } else if path.extension().is_some_and(|ext| ext == "go") {
            files.push(path);
        }
    }
}

/// Does one thing to a tree, or nothing where that cannot be done.
fn meddle(root: &Path, dice: &mut Dice, count: usize) -> Option<()> {
    let (mut folders, mut files) = (Vec::new(), Vec::new());
    entries(root, &mut folders, &mut files);
    let text = |dice: &mut Dice| named(if dice.below(3) > 0 { LEAK } else { MENDED }, "p", &format!("F{count}"));
    let name = |dice: &mut Dice| ["a", "b", "c", "d"][dice.below(4)];
    let (any, some) = (dice.one_of(&folders)?, dice.one_of(&folders[1..]));
    match dice.below(10) {
        0..=2 => {
            let deep = any.join(name(dice)).join(name(dice));
            fs::create_dir_all(&deep).ok()?;
            fs::write(deep.join("x.go"), text(dice)).ok()
        }
        3 | 4 => fs::write(dice.one_of(&files)?, text(dice)).ok(),
        5 => fs::remove_file(dice.one_of(&files)?).ok(),
        6 => fs::remove_dir_all(some?).ok(),
        7 => fs::rename(some?, any.join(name(dice))).ok(),
        8 => {
            // Two change places.
            let (one, between) = (some?, root.join("between"));
            let other = folders[1..].iter().find(|dir| !dir.starts_with(&one) && !one.starts_with(dir))?;
            fs::rename(&one, &between).ok()?;
            fs::rename(other, &one).ok()?;
            fs::rename(&between, other).ok()
        }
        _ => fs::rename(dice.one_of(&files)?, any.join("y.go")).ok(),
    }
}

#[test]
fn folders_come_go_and_change_places_at_random() {
    for (seed, args) in [(1, &["--debounce", "1"][..]), (2, &[])] {
        let (dir, mut dice) = (module(&[("a.go", LEAK)]), Dice(seed));
        let mut count = 0;
        let mut reader = Reader::new(Watch::start(dir.path(), args));
        for round in 0..thorough(8, 25) {
            for _ in 0..=dice.below(20) {
                count += 1;
                let _ = meddle(dir.path(), &mut dice, count);
                if dice.below(5) == 0 {
                    std::thread::sleep(Duration::from_millis(u64::try_from(dice.below(60)).unwrap()));
                }
            }
            reader.settles(dir.path(), &format!("seed {seed}, round {round}"));
        }
        assert_eq!(reader.errors, Vec::<String>::new());
    }
}
