//! What several test modules need: the pipeline without a bar, the binary without the caller's environment, time limits.

use goleash::lint::Level;
use goleash::pipeline::{self, Options, Outcome, Progress};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// One of two sizes of a test: the great one where time is taken (`GOLEASH_THOROUGH` is set, as `.ci/run` does), the small one where somebody
/// waits.
pub(crate) fn thorough(small: usize, great: usize) -> usize {
    if std::env::var_os("GOLEASH_THOROUGH").is_some() { great } else { small }
}

/// Generous: a hang lasts for ever, and a busy machine must not look like one.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// The folder of the repository.
pub(crate) fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Whether expected files are to be written anew: `UPDATE=1 cargo test`.
pub(crate) fn update() -> bool {
    std::env::var_os("UPDATE").is_some_and(|value| !value.is_empty() && value != "0")
}

/// Says something that is seen in a passing run too: what the macros print is only shown for failed tests.
pub(crate) fn announce(text: &str) {
    let _ = std::io::stderr().lock().write_all(format!("{}\n", text.trim_end()).as_bytes());
}

struct Unwatched;

impl Progress for Unwatched {
    fn start(&self, _: usize) {}
    fn tick(&self) {}
    fn finish(&self) {}
}

/// All rules at level note over `paths`, which are relative to `root`.
pub(crate) fn options(root: &Path, paths: &[&str]) -> Options {
    Options {
        paths: paths.iter().map(PathBuf::from).collect(),
        stdin: None,
        root: root.to_path_buf(),
        tests: false,
        deps: false,
        exclude: Vec::new(),
        rules: Vec::new(),
        threads: 1,
        trace: None,
        level: Level::Note,
        settings: std::sync::Arc::default(),
        overlay: std::sync::Arc::default(),
        baseline: None,
    }
}

pub(crate) fn check(options: &Options) -> Outcome {
    pipeline::run(options, &Unwatched).unwrap()
}

/// What the binary left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Standard output as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Runs the binary in `folder`, deaf to the environment of whoever runs the tests. Panics if it is killed by a signal or takes too long.
pub(crate) fn goleash(folder: &Path, args: &[&str]) -> Ran {
    goleash_with(folder, args, b"")
}

/// [`goleash`] with something on standard input.
pub(crate) fn goleash_with(folder: &Path, args: &[&str], stdin: &[u8]) -> Ran {
    let mut command = assert_cmd::Command::from(binary(folder, args));
    let output = command.write_stdin(stdin).timeout(PATIENCE).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    let code = output.status.code().unwrap_or_else(|| panic!("goleash {args:?} died or took more than {PATIENCE:?}: {err}"));
    assert!(!err.contains("panicked at"), "goleash {args:?} panicked: {err}");
    assert!(!out.contains("please report this"), "goleash {args:?} failed inside: {out}");
    Ran { code, out, err }
}

/// The binary as a command that has yet to run.
pub(crate) fn binary(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_goleash"));
    command.current_dir(folder).args(args).stdin(Stdio::null());
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM", "CI"] {
        command.env_remove(name);
    }
    command
}

/// Writes files into a fresh folder; names may have folders in them.
pub(crate) fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    dir
}
