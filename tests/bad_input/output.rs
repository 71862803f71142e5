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
