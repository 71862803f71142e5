//! Same input, same bytes out: whatever the threads, the spelling of the paths, the folder goleash runs in, the order in which the file
//! system lists files.

use crate::support;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// All that is found and how it is told apart stands in the first; the others draw the same outcome, so one look at each is enough where many
/// runs are compared.
const FORMATS: [&str; 4] = ["json", "human", "sarif", "github"];

/// The formats that are compared: all of them where time is taken.
fn formats() -> &'static [&'static str] {
    &FORMATS[..support::thorough(1, FORMATS.len())]
}

fn corpus() -> PathBuf {
    support::repository().join("corpus")
}

/// The report of a run with notes, on standard output and standard error.
fn report(folder: &Path, format: &str, args: &[&str]) -> String {
    let ran = support::goleash(folder, &[&["--level", "note", "--format", format], args].concat());
    assert_eq!(ran.code, 1, "{args:?}: the corpus has findings: {}", ran.err);
    format!("{}\n---\n{}", ran.out, ran.err)
}

/// The report of a plain run over the corpus, which all others are held to: made once for all tests.
fn expected(format: &str) -> &'static str {
    static KNOWN: [OnceLock<String>; FORMATS.len()] = [const { OnceLock::new() }; FORMATS.len()];
    let at = FORMATS.iter().position(|known| *known == format).unwrap();
    KNOWN[at].get_or_init(|| report(&corpus(), format, &["."]))
}

fn assert_same(expected: &str, got: &str, what: &str) {
    if expected == got {
        return;
    }
    let (mut ours, mut theirs) = (expected.lines(), got.lines());
    let mut line = 1;
    let (ours, theirs) = loop {
        match (ours.next(), theirs.next()) {
            (Some(a), Some(b)) if a == b => line += 1,
            pair => break pair,
        }
    };
    panic!("{what}: the report differs in line {line}\n  expected: {ours:?}\n  got:      {theirs:?}");
}

#[test]
fn the_number_of_threads_changes_nothing() {
    for &format in formats() {
        let counts = ["8", "1", "2", "8", "1", "2"];
        let counts = &counts[..if format == FORMATS[0] { support::thorough(3, counts.len()) } else { 1 }];
        for threads in counts {
            let got = report(&corpus(), format, &["--threads", threads]);
            assert_same(expected(format), &got, &format!("{format}, {threads} threads"));
        }
    }
}

#[test]
fn the_spelling_of_paths_changes_nothing() {
    let absolute = corpus().display().to_string();
    let pattern = format!("{absolute}/...");
    let mut folders: Vec<String> =
        std::fs::read_dir(corpus()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    folders.retain(|name| corpus().join(name).is_dir());
    folders.sort_by(|a, b| b.cmp(a));
    let spelled: Vec<&str> = folders.iter().map(String::as_str).collect();
    let twice: Vec<&str> = [&spelled[..], &["."]].concat();
    let spellings =
        [&twice[..], &[&pattern], &["prove/../."], &["./..."], &["..."], &["./"], &["../corpus"], &[], &[&absolute], &spelled];
    for &format in formats() {
        let some = &spellings[..if format == FORMATS[0] { support::thorough(3, spellings.len()) } else { 1 }];
        for paths in some {
            assert_same(expected(format), &report(&corpus(), format, paths), &format!("{format}, {paths:?}"));
        }
    }
}

#[test]
fn the_order_of_the_folder_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let copy = dir.path().join("a copy/elsewhere");
    copy_backwards(&corpus(), &copy);
    for &format in formats() {
        assert_same(expected(format), &report(&copy, format, &["."]), &format!("{format}, in a copy of the corpus"));
    }
}

fn copy_backwards(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    let mut entries: Vec<_> = std::fs::read_dir(from).unwrap().map(Result::unwrap).collect();
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.file_name()));
    for entry in entries {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_backwards(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Paths are shown as seen from the folder goleash runs in; nothing else changes with it.
#[test]
fn the_folder_goleash_runs_in_changes_paths_alone() {
    let elsewhere = tempfile::tempdir().unwrap();
    let absolute = corpus().display().to_string();
    // The other formats draw the path into lines of limited width, or encode it.
    for (folder, path, prefix) in [
        (support::repository(), "corpus", "corpus/".to_owned()),
        (support::repository(), "./corpus/...", "corpus/".to_owned()),
        (elsewhere.path().to_owned(), absolute.as_str(), format!("{absolute}/")),
        (corpus().join("prove"), "..", format!("{absolute}/")),
    ] {
        let shown = report(&folder, "json", &[path]);
        let seen_from_corpus = shown
            .replace(&format!("\"file\": \"{prefix}"), "\"file\": \"")
            .replace(&format!("\"path\": \"{prefix}"), "\"path\": \"");
        assert_same(expected("json"), &seen_from_corpus, &format!("{path} from {}", folder.display()));
    }
    let shown = report(&support::repository(), "human", &["corpus"]);
    assert_same(
        expected("human"),
        &shown.replace("--[corpus/", "--[").replace("--> corpus/", "--> "),
        "human, from the folder above",
    );
}

#[cfg(unix)]
#[test]
fn a_linked_folder_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let link = dir.path().join("link");
    std::os::unix::fs::symlink(corpus(), &link).unwrap();
    for &format in formats() {
        let absolute = link.display().to_string();
        let some = [absolute.as_str(), ".", "./..."];
        let some = &some[..if format == FORMATS[0] { support::thorough(1, some.len()) } else { 1 }];
        for path in some {
            assert_same(expected(format), &report(&link, format, &[path]), &format!("{format}, {path} through a link"));
        }
    }
}

#[test]
fn the_report_in_a_file_is_the_one_on_the_screen() {
    let dir = tempfile::tempdir().unwrap();
    for &format in formats() {
        let path = dir.path().join(format);
        let ran = support::goleash(&corpus(), &["--level", "note", "--format", format, "--output", path.to_str().unwrap()]);
        assert_eq!(ran.code, 1, "{}", ran.err);
        let printed = expected(format).split("\n---\n").next().unwrap();
        assert_same(printed, &std::fs::read_to_string(path).unwrap(), &format!("{format} in a file"));
    }
}
