//! The language server and `watch`, spoken to as an editor does.

mod lsp;
mod storms;
mod watch;
mod wire;

use crate::support::{announce, repository};
use std::process::Command;

/// A function whose goroutine may wait for ever, and how goleash mends it.
const LEAK: &str = "package m\n\nfunc Late(stop chan bool, ask func() int) int {\n\tc := make(chan int)\n\tgo func() { c <- ask() }()\n\tselect {\n\tcase v := <-c:\n\t\treturn v\n\tcase <-stop:\n\t\treturn 0\n\t}\n}\n";

/// The same with room for the one value.
const MENDED: &str = "package m\n\nfunc Late(stop chan bool, ask func() int) int {\n\tc := make(chan int, 1)\n\tgo func() { c <- ask() }()\n\tselect {\n\tcase v := <-c:\n\t\treturn v\n\tcase <-stop:\n\t\treturn 0\n\t}\n}\n";

/// A module with these files.
fn module(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("go.mod"), "module m\n\ngo 1.22\n").unwrap();
    for (path, text) in files {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    dir
}

/// Runs a script that has an editor mend a leak, or says that there is no such editor.
fn mends(script: &str, client: &[&str]) {
    let script = repository().join("tests/editors").join(script);
    let out = Command::new("sh").arg(script).arg(env!("CARGO_BIN_EXE_goleash")).args(client).output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success(), "{text}");
    if text.contains("skipped") {
        announce(&text);
    } else {
        assert!(text.contains("gone"), "{text}");
    }
}

#[test]
fn neovim_mends_a_leak() {
    mends("neovim.sh", &[]);
}

#[test]
fn emacs_mends_a_leak_with_eglot() {
    mends("emacs.sh", &["eglot"]);
}

#[test]
fn emacs_mends_a_leak_with_lsp_mode() {
    mends("emacs.sh", &["lsp-mode"]);
}
