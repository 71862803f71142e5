//! The binary from outside: arguments, exit codes, pipes and full disks.

use assert_cmd::Command;
use std::path::Path;

/// goleash in an empty folder, deaf to the environment of whoever runs the tests.
fn goleash(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_goleash"));
    command.current_dir(folder);
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM", "CI"] {
        command.env_remove(name);
    }
    command
}

struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn ran(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

fn run(args: &[&str]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    ran(goleash(folder.path()).args(args))
}

#[test]
fn nothing_found_is_success_and_said() {
    for args in [&[][..], &["."], &["./..."], &["check"], &["check", "./..."], &["check", "--level", "note", "."]] {
        let ran = run(args);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{args:?}");
        assert_eq!(ran.out, "No Go files found.\n", "{args:?}");
    }
}

#[test]
fn a_folder_of_tests_alone_is_told_as_such() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a_test.go"), "package a\n").unwrap();
    let said = |args: &[&str]| ran(goleash(folder.path()).args(args)).out;
    assert_eq!(said(&["check"]), "No Go files found other than tests, which --tests looks at.\n");
    assert_eq!(said(&["check", "--tests"]), "No goroutine leaks found in 1 file (0 functions, 0 goroutines looked at).\n");
}

#[test]
fn formats_work_without_the_command() {
    let value: serde_json::Value = serde_json::from_str(&run(&["--format", "json", "./..."]).out).unwrap();
    assert_eq!(value["version"], 1);
    let value: serde_json::Value = serde_json::from_str(&run(&["check", "-f", "sarif"]).out).unwrap();
    assert_eq!(value["version"], "2.1.0");
}

#[test]
fn a_mistyped_command_is_explained() {
    let ran = run(&["chek"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert_eq!(ran.err, "error: no such file or folder: chek\n  help: did you mean `goleash check`?\n");
    assert_eq!(run(&["checks.go"]).err, "error: no such file or folder: checks.go\n");
    let ran = run(&["src/none/..."]);
    assert_eq!((ran.code, ran.err.as_str()), (2, "error: no such file or folder: src/none/...\n"));
}

#[test]
fn options_may_stand_before_the_command() {
    for args in [
        &["--format", "json", "check", "."][..],
        &["-fjson", "--exit-zero", "check"],
        &["--color=never", "-l", "note", "check", "-f", "json"],
        &["--color", "always", "rules", "--format", "json"],
    ] {
        let ran = run(args);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{args:?}");
        assert!(serde_json::from_str::<serde_json::Value>(&ran.out).is_ok(), "{args:?}: {}", ran.out);
    }
    let folder = tempfile::tempdir().unwrap();
    let ran = ran(goleash(folder.path()).args(["-o", "check", "."]));
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "here it is the name of a file");
    assert!(folder.path().join("check").is_file());
}

#[test]
fn an_unknown_rule_is_explained() {
    for args in
        [["check", "--rule", "blocked-sned"], ["--trace", "blocked-sned", "."], ["--rule", "blocked-send,blocked-sned", "."]]
    {
        let ran = run(&args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}");
        assert!(
            ran.err.starts_with("error: no rule has the id `blocked-sned`\n  help: did you mean `blocked-send`?"),
            "{}",
            ran.err
        );
    }
    let ran = run(&["explain", "qqqqqq"]);
    assert_eq!((ran.code, ran.err.as_str()), (2, "error: no rule has the id `qqqqqq`\n  help: `goleash rules` lists them all\n"));
}

#[test]
fn a_bad_pattern_is_explained() {
    let ran = run(&["--exclude", "gen/", "--exclude", "a{b"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.starts_with("error: `a{b` is not a pattern: "), "{}", ran.err);
}

#[test]
fn wrong_arguments_fail_with_code_2() {
    for args in [&["--format", "xml"][..], &["--frobnicate"], &["-", "a.go"], &["explain"], &["--threads", "-1"]] {
        let ran = run(args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}");
        assert!(ran.err.starts_with("error: "), "{args:?}: {}", ran.err);
    }
}

#[test]
fn standard_input_is_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let ran = ran(goleash(folder.path()).args(["check", "-"]).write_stdin("package p\n"));
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
}

#[test]
fn help_and_version_go_to_standard_output() {
    for args in [&["--help"][..], &["-h"], &["help"], &["check", "--help"]] {
        let ran = run(args);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{args:?}");
        assert!(ran.out.contains("Usage: goleash") && ran.out.contains("Exit codes:"), "{}", ran.out);
    }
    let ran = run(&["--version"]);
    assert_eq!((ran.code, ran.out), (0, format!("goleash {}\n", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn rules_can_be_listed_and_explained() {
    let listed = run(&["rules"]);
    assert_eq!((listed.code, listed.err.as_str()), (0, ""));
    let value: serde_json::Value = serde_json::from_str(&run(&["rules", "--format", "json"]).out).unwrap();
    let metas = goleash::rules::metas();
    assert_eq!(value["rules"].as_array().unwrap().len(), metas.len());
    for meta in metas {
        assert!(listed.out.lines().any(|line| line.starts_with(meta.id) && line.ends_with(meta.summary)), "{}", listed.out);
        assert_eq!(run(&["explain", meta.id]).out, meta.docs);
        let shown = run(&["explain", meta.id, "--color", "always"]).out;
        assert!(shown.contains("\u{1b}[1m") && !shown.contains("```"), "{shown}");
    }
}

#[test]
fn colours_obey_the_user() {
    let folder = tempfile::tempdir().unwrap();
    let colored = |args: &[&str], env: &[(&str, &str)]| {
        let mut command = goleash(folder.path());
        for (name, value) in env {
            command.env(name, value);
        }
        ran(command.args(args)).out.contains('\u{1b}')
    };
    assert!(!colored(&["."], &[]), "a pipe gets none");
    assert!(colored(&["--color", "always", "."], &[("NO_COLOR", "1")]), "the argument wins");
    assert!(colored(&["."], &[("CLICOLOR_FORCE", "1")]));
    assert!(!colored(&["."], &[("CLICOLOR_FORCE", "0")]));
    assert!(!colored(&["."], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]), "NO_COLOR wins over CLICOLOR_FORCE");
    assert!(!colored(&["--color", "never", "."], &[("CLICOLOR_FORCE", "1")]));
}

#[test]
fn the_report_can_go_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.json");
    std::fs::write(&path, "old, and much longer than what takes its place".repeat(100)).unwrap();
    let written = ran(goleash(folder.path()).args(["-f", "json", "-o", "report.json"]));
    assert_eq!((written.code, written.out.as_str(), written.err.as_str()), (0, "", "No Go files found.\n"));
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap()["version"], 1);
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["report.json"], "no temporary file stays");

    for (target, words) in
        [("none/report.json", "error: cannot write to none/report.json: "), (".", "error: cannot write to .: ")]
    {
        let failed = ran(goleash(folder.path()).args(["-o", target]));
        assert_eq!(failed.code, 2);
        assert!(failed.err.starts_with(words), "{}", failed.err);
    }
}

#[test]
fn statistics_go_to_standard_error() {
    let ran = run(&["--stats", "--format", "json"]);
    assert!(ran.err.contains("in all"), "{}", ran.err);
    assert!(serde_json::from_str::<serde_json::Value>(&ran.out).is_ok());
}

#[cfg(target_os = "linux")]
mod linux {
    use super::*;
    use std::io::Read as _;
    use std::process::{Command as Process, Stdio};

    #[test]
    fn a_full_disk_is_an_error() {
        for args in [&["--help"][..], &["--version"], &["rules"], &["explain", "blocked-send"], &["-f", "sarif"], &["."]] {
            let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
            let mut process = Process::new(env!("CARGO_BIN_EXE_goleash"));
            let folder = tempfile::tempdir().unwrap();
            let output = process.current_dir(folder.path()).args(args).stdout(full).output().unwrap();
            let err = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{args:?}: {err}");
            assert!(err.starts_with("error: cannot write to standard output: No space left on device"), "{args:?}: {err}");
        }
        let ran = run(&["-o", "/dev/full"]);
        assert_eq!(ran.code, 2);
        assert!(ran.err.starts_with("error: cannot write to /dev/full: No space left"), "{}", ran.err);
    }

    #[test]
    fn a_closed_pipe_is_no_error() {
        for args in [&["rules"][..], &["--help"], &["-f", "sarif"]] {
            let folder = tempfile::tempdir().unwrap();
            let mut process = Process::new(env!("CARGO_BIN_EXE_goleash"));
            let process = process.current_dir(folder.path()).args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut child = process.spawn().unwrap();
            // The reader is gone before the first byte: a race only in the harmless direction.
            drop(child.stdout.take());
            let mut err = String::new();
            child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
            assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""), "{args:?}");
        }
    }

    #[test]
    fn a_new_report_is_readable_as_any_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(ran(goleash(folder.path()).args(["-o", "report.txt"])).code, 0);
        std::fs::write(folder.path().join("plain.txt"), "").unwrap();
        let mode = |name: &str| folder.path().join(name).metadata().unwrap().permissions().mode();
        assert_eq!(mode("report.txt"), mode("plain.txt"));
    }
}
