//! What packagers put beside the binary.

use std::process::Command;

fn goleash(args: &[&str]) -> Vec<u8> {
    let ran = Command::new(env!("CARGO_BIN_EXE_goleash")).args(args).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    ran.stdout
}

#[test]
fn completions_know_commands_options_and_values() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = String::from_utf8(goleash(&["completions", shell])).unwrap();
        // Not all shells are told the values of options.
        let words = if matches!(shell, "bash" | "fish" | "zsh") {
            &["explain", "new-from", "sarif"][..]
        } else {
            &["explain", "new-from"]
        };
        for word in words {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn a_manual_page_for_every_command() {
    let folder = tempfile::tempdir().unwrap();
    goleash(&["man", folder.path().join("new").to_str().unwrap()]);
    let mut pages: Vec<String> =
        folder.path().join("new").read_dir().unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    pages.sort();
    for page in ["goleash.1", "goleash-check.1", "goleash-explain.1"] {
        assert!(pages.iter().any(|p| p == page), "{page} in {pages:?}");
    }
    assert!(!pages.iter().any(|p| p.contains("debug")), "{pages:?}");
    let main = String::from_utf8(goleash(&["man"])).unwrap();
    assert!(main.starts_with(".ie") || main.contains(".TH goleash 1"), "{main}");
}
