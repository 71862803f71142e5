//! `docs/adopting.md`, command by command, as a team would type it.

use crate::support::{announce, repository};
use std::path::Path;
use std::process::Command;

/// A module with an error and a warning in it.
const SHOP: &str = "package shop

import (
	\"context\"
	\"time\"
)

func Price(ctx context.Context, ask func() int) int {
	ch := make(chan int)
	go func() {
		ch <- ask()
	}()
	select {
	case v := <-ch:
		return v
	case <-ctx.Done():
		return 0
	}
}

func renew(load func()) {
	t := time.NewTicker(time.Minute)
	for range t.C {
		load()
	}
}

func Start(load func()) {
	go renew(load)
}
";

fn shell(folder: &Path, command: &str) -> (i32, String) {
    let bin = Path::new(env!("CARGO_BIN_EXE_goleash")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    let ran = Command::new("bash")
        .args(["-c", command])
        .current_dir(folder)
        .env("PATH", path)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    let text = [ran.stdout, ran.stderr].concat();
    (ran.status.code().unwrap_or(-1), String::from_utf8_lossy(&text).into_owned())
}

/// The lines of the page's `sh` blocks, and the exit code that each is said to end with.
fn commands(page: &str) -> Vec<(String, i32)> {
    let mut out = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        if line.starts_with("```") {
            inside = line == "```sh";
        } else if inside {
            let (command, comment) = line.split_once(" # ").unwrap_or((line, ""));
            let code = comment.trim().strip_prefix("exit code ").map_or(0, |rest| rest[..1].parse().unwrap());
            out.push((command.trim().to_owned(), code));
        }
    }
    out
}

#[test]
#[cfg(unix)]
fn every_command_of_the_page_does_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let shop = folder.path().join("shop");
    std::fs::create_dir(&shop).unwrap();
    std::fs::write(shop.join("shop.go"), SHOP).unwrap();
    std::fs::write(shop.join("go.mod"), "module example.com/shop\n\ngo 1.23\n").unwrap();
    let start = "git init --quiet --initial-branch main && git config user.name Ada && git config user.email ada@example.com \
                 && git add . && git commit --quiet --message start";
    let (code, said) = shell(&shop, start);
    assert_eq!(code, 0, "{said}");
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/adopting.md")).unwrap();
    let commands = commands(&page);
    assert!(commands.len() > 15, "{commands:?}");
    for (command, wanted) in &commands {
        let (code, said) = shell(&shop, command);
        assert_eq!(code, *wanted, "{command}\n{said}");
    }
    // The hook said no: nothing of the leak is left.
    let (_, log) = shell(&shop, "git log --format=%s && git status --short");
    assert_eq!(log.lines().collect::<Vec<_>>(), ["goleash: known findings", "start", "?? goleash.sarif"], "{log}");
}

/// Has a tool that runs hooks refuse a leak, or says that there is no such tool.
#[cfg(unix)]
fn refuses(tool: &str) {
    let (code, said) = shell(&repository(), &format!("sh tests/hooks.sh '{}' {tool}", env!("CARGO_BIN_EXE_goleash")));
    assert_eq!(code, 0, "{said}");
    if said.contains("skipped: ") {
        announce(&said);
    } else {
        assert!(said.contains("accepted: the rest"), "{said}");
    }
}

#[test]
#[cfg(unix)]
fn lefthook_refuses_a_leak() {
    refuses("lefthook");
}

#[test]
#[cfg(unix)]
fn pre_commit_refuses_a_leak() {
    refuses("pre-commit");
}
