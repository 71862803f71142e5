//! Where the report goes may be as bad as where the code comes from.

use super::leaking;
use crate::support;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;

/// A folder whose report is longer than any pipe's buffer.
fn many_leaks() -> tempfile::TempDir {
    let functions: String = (0..400).map(|i| leaking(&format!("f{i}"))).collect();
    support::folder(&[("a.go", format!("package p\n{functions}").as_bytes())])
}

const FORMATS: [&str; 4] = ["human", "json", "sarif", "github"];

/// `goleash … | head -1`: the reader has what it wanted.
#[test]
fn a_reader_that_goes_away_early() {
    let dir = many_leaks();
    for format in FORMATS {
        let mut command = support::binary(dir.path(), &["--format", format]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = String::new();
        BufReader::with_capacity(16, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        assert!(!first.is_empty(), "{format}");
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        let summary = format == "github";
        assert!(err.is_empty() || summary && err.starts_with("Found "), "{format}: {err}");
        assert_eq!(child.wait().unwrap().code(), Some(1), "{format}: findings stay findings");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk() {
    let dir = many_leaks();
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    for format in FORMATS {
        let output = support::binary(dir.path(), &["--format", format]).stdout(full()).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{format}: {err}");
        assert!(err.starts_with("error: cannot write to standard output: No space left on device"), "{format}: {err}");

        let ran = support::goleash(dir.path(), &["--format", format, "--output", "/dev/full"]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{format}");
        assert!(ran.err.starts_with("error: cannot write to /dev/full: No space left on device"), "{format}: {}", ran.err);
    }
}

/// What is said beside the report can be lost without harm: the report and the verdict are what counts.
#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_behind_standard_error() {
    let dir = many_leaks();
    for args in [&["--stats", "--format", "json"][..], &["--output", "report.txt"]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = support::binary(dir.path(), args).stderr(full).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}");
    }
    assert!(dir.path().join("report.txt").is_file());
}

#[test]
fn an_output_that_cannot_be() {
    let dir = many_leaks();
    for target in ["none/report.json", ".", "a.go/report.json"] {
        let ran = support::goleash(dir.path(), &["--format", "json", "--output", target]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{target}");
        assert!(ran.err.starts_with(&format!("error: cannot write to {target}: ")), "{target}: {}", ran.err);
    }
}

/// Commands that print, each with the code that it ends with where all is well.
const PRINTING: [(&[&str], i32); 19] = [
    (&["--show-config"], 0),
    (&["--show-files"], 0),
    (&["explain", "--all"], 0),
    (&["rules"], 0),
    (&["rules", "--format", "json"], 0),
    (&["explain", "blocked-send"], 0),
    (&["completions", "bash"], 0),
    (&["man"], 0),
    (&["--version"], 0),
    (&["--help"], 0),
    (&["init", "new"], 0),
    (&["baseline"], 0),
    (&["--diff"], 1),
    (&["--fix"], 0),
    (&["check", "--format", "sarif"], 1),
    (&["watch"], 0),
    (&["watch", "--format", "json"], 0),
    (&["debug", "ir", "a.go"], 0),
    (
        &["review", "none.sarif", "--diff", "none.diff", "--dry-run", "--repo", "a/b", "--number", "1", "--commit", "abcdef0123"],
        0,
    ),
];

const TICKER: &str = "package p\n\nimport \"time\"\n\nfunc f(d time.Duration) {\n\tt := time.NewTicker(d)\n\t<-t.C\n}\n";

fn printing() -> tempfile::TempDir {
    let empty = r#"{"version":"2.1.0","runs":[]}"#.as_bytes();
    let files = [("a.go", TICKER.to_owned()), ("new/x", String::new()), ("none.diff", String::new())];
    let mut files: Vec<(&str, &[u8])> = files.each_ref().map(|(name, text)| (*name, text.as_bytes())).to_vec();
    files.push(("none.sarif", empty));
    support::folder(&files)
}

#[test]
#[cfg(target_os = "linux")]
fn no_command_loses_what_it_prints_on_a_full_disk() {
    for (args, _) in PRINTING {
        let dir = printing();
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = support::binary(dir.path(), args).stdout(full).output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {err}");
        assert!(
            err.ends_with("error: cannot write to standard output: No space left on device (os error 28)\n"),
            "{args:?}: {err}"
        );
    }
}

#[test]
#[cfg(unix)]
fn no_command_prints_where_there_is_no_output() {
    for (args, code) in PRINTING.into_iter().chain([(&["lsp"][..], 0)]) {
        let dir = printing();
        let run = |redirection: &str| {
            let mut command = std::process::Command::new("sh");
            let line = format!("exec \"$0\" \"$@\" {redirection}");
            command.current_dir(dir.path()).args(["-c", &line, env!("CARGO_BIN_EXE_goleash")]).args(args);
            command.stdin(Stdio::null()).output().unwrap()
        };
        let output = run(">&-");
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {err}");
        assert!(err.ends_with("error: cannot write to standard output: it is closed\n"), "{args:?}: {err}");
        // What is thrown away on purpose is another thing, and so is what else is closed.
        let ends = !matches!(args[0], "watch" | "lsp" | "init");
        for redirection in [">/dev/null", "<>/dev/null >&0", "2>&-", "<&-"].into_iter().filter(|_| ends) {
            assert_eq!(run(redirection).status.code(), Some(code), "{args:?} {redirection}");
        }
    }
    // A report that goes to a file needs no standard output.
    let dir = printing();
    let line = "exec \"$0\" --output report.txt >&-";
    let mut command = std::process::Command::new("sh");
    let status = command.current_dir(dir.path()).args(["-c", line, env!("CARGO_BIN_EXE_goleash")]).status().unwrap();
    assert_eq!(status.code(), Some(1));
}

/// `goleash watch | head -1`, in both forms.
#[test]
#[cfg(unix)]
fn a_reader_of_watch_that_goes_away() {
    for format in ["human", "json"] {
        let dir = many_leaks();
        let mut command = support::binary(dir.path(), &["watch", "--format", format]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = String::new();
        BufReader::with_capacity(16, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""), "{format}");
    }
}
