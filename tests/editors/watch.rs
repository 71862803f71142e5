//! `goleash watch --format json` while files change below it.

use super::{LEAK, MENDED, module};
use crate::support::PATIENCE;
use serde_json::Value;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

pub(super) struct Watch {
    child: Child,
    pub(super) lines: Receiver<Value>,
}

impl Watch {
    pub(super) fn start(dir: &Path, args: &[&str]) -> Self {
        Self::run(Command::new(env!("CARGO_BIN_EXE_goleash")).args(["watch", "--format", "json"]).args(args).current_dir(dir))
    }

    /// Reads what the command prints.
    pub(super) fn run(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let value: Value = serde_json::from_str(&line).unwrap();
                if sender.send(value).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    pub(super) fn next(&self, event: &str) -> Value {
        let line = self.lines.recv_timeout(PATIENCE).unwrap();
        assert_eq!((&line["version"], line["event"].as_str()), (&Value::from(1), Some(event)), "{line}");
        schema(&line);
        line
    }

    fn nothing(&self) {
        let more = self.lines.recv_timeout(Duration::from_millis(400));
        assert!(more.is_err(), "{more:?}");
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Holds a line to what docs/editor.md promises.
pub(super) fn schema(line: &Value) {
    let keys: Vec<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected: Vec<&str> = match line["event"].as_str().unwrap() {
        "snapshot" => vec!["version", "event", "root", "findings", "milliseconds"],
        "added" => vec!["version", "event", "finding", "milliseconds"],
        "removed" => vec!["version", "event", "fingerprint", "milliseconds"],
        "error" => vec!["version", "event", "message"],
        other => panic!("unknown event {other}"),
    };
    expected.sort_unstable();
    assert_eq!(keys, expected);
    let page = fs::read_to_string(crate::support::repository().join("docs/editor.md")).unwrap();
    assert!(keys.iter().all(|key| page.contains(&format!("`{key}`"))), "docs/editor.md lacks one of {keys:?}");
}

#[test]
fn edits_saves_and_renames() {
    let dir = module(&[("a.go", LEAK)]);
    let at = |path: &str| dir.path().join(path);
    let watch = Watch::start(dir.path(), &[]);
    let first = watch.next("snapshot");
    assert_eq!(first["findings"].as_array().unwrap().len(), 1);
    let fingerprint = &first["findings"][0]["fingerprint"];
    fs::write(at("a.go"), MENDED).unwrap();
    assert_eq!(&watch.next("removed")["fingerprint"], fingerprint);
    // An atomic save: a temporary file takes the place of the old one.
    fs::write(at(".a.go.tmp"), LEAK).unwrap();
    fs::rename(at(".a.go.tmp"), at("a.go")).unwrap();
    assert_eq!(&watch.next("added")["finding"]["fingerprint"], fingerprint);
    // A line above moves it.
    fs::write(at("a.go"), LEAK.replace("package m\n", "package m\n\n")).unwrap();
    let moved = watch.next("added");
    assert_eq!(&moved["finding"]["fingerprint"], fingerprint);
    // A new name.
    fs::rename(at("a.go"), at("b.go")).unwrap();
    assert_eq!(watch.next("added")["finding"]["location"]["file"], "b.go");
    // A new folder, and its end.
    fs::create_dir(at("sub")).unwrap();
    fs::write(at("sub/c.go"), LEAK.replace("package m", "package sub").replace("Late", "Later")).unwrap();
    let added = watch.next("added");
    assert_eq!(added["finding"]["location"]["file"], "sub/c.go");
    fs::remove_dir_all(at("sub")).unwrap();
    assert_eq!(watch.next("removed")["fingerprint"], added["finding"]["fingerprint"]);
    // A configuration, wrong at first.
    fs::write(at("goleash.toml"), "[rules.nothing]\nlevel = \"off\"\n").unwrap();
    assert!(watch.next("error")["message"].as_str().unwrap().contains("nothing"));
    // Said once, whatever else changes.
    fs::write(at("other.go"), LEAK.replace("Late", "Other")).unwrap();
    let other = watch.next("added")["finding"]["fingerprint"].clone();
    fs::remove_file(at("other.go")).unwrap();
    assert_eq!(watch.next("removed")["fingerprint"], other);
    fs::write(at("goleash.toml"), "exclude = [\"*.go\"]\n").unwrap();
    assert_eq!(&watch.next("removed")["fingerprint"], fingerprint);
    watch.nothing();
}

#[test]
fn very_much_at_once() {
    let dir = module(&[("a.go", MENDED)]);
    let watch = Watch::start(dir.path(), &[]);
    watch.next("snapshot");
    for i in 0..500 {
        let folder = dir.path().join(format!("p{i}"));
        fs::create_dir(&folder).unwrap();
        for k in 0..20 {
            fs::write(folder.join(format!("f{k}.go")), format!("package p{i}\n\nfunc F{k}() {{}}\n")).unwrap();
        }
    }
    fs::write(dir.path().join("a.go"), LEAK).unwrap();
    watch.next("added");
    watch.nothing();
}

#[test]
fn a_root_that_goes_and_comes() {
    let above = tempfile::tempdir().unwrap();
    let root = above.path().join("m");
    fs::create_dir(&root).unwrap();
    let fill = |text: &str| {
        fs::create_dir_all(&root).unwrap();
        fs::write(root.join("go.mod"), "module m\n").unwrap();
        fs::write(root.join("a.go"), text).unwrap();
    };
    fill(LEAK);
    let watch = Watch::start(above.path(), &["m"]);
    watch.next("snapshot");
    fs::remove_dir_all(&root).unwrap();
    let fingerprint = loop {
        let line = watch.lines.recv_timeout(PATIENCE).unwrap();
        if line["event"] == "removed" {
            break line["fingerprint"].clone();
        }
    };
    fill(LEAK);
    let back = loop {
        let line = watch.lines.recv_timeout(PATIENCE).unwrap();
        if line["event"] == "added" {
            break line["finding"]["fingerprint"].clone();
        }
    };
    assert_eq!(back, fingerprint);
}

#[test]
fn it_ends_with_its_reader() {
    let dir = module(&[("a.go", LEAK)]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_goleash"))
        .args(["watch", "--format", "json"])
        .current_dir(dir.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    output.read_line(&mut String::new()).unwrap();
    drop(output);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
