//! `--new-from` and `--staged` in real repositories.

use crate::support::{Ran, folder, goleash};
use std::fs;
use std::path::Path;
use std::process::Command;

fn leak(name: &str) -> String {
    format!(
        "func {name}(f func() int) int {{\n\tc := make(chan int)\n\tgo func() {{ c <- f() }}()\n\tselect {{\n\tcase v := <-c:\n\t\treturn v\n\tdefault:\n\t\treturn 0\n\t}}\n}}\n"
    )
}

fn git(dir: &Path, args: &[&str]) {
    let mut command = Command::new("git");
    let identity =
        ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false"];
    command
        .current_dir(dir)
        .args(identity)
        .args(args)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null");
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"] {
        command.env_remove(name);
    }
    let out = command.output().unwrap();
    assert!(out.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&out.stderr));
}

/// A repository with a leak that is old.
fn repository() -> tempfile::TempDir {
    let old = format!("package p\n\n{}", leak("old"));
    let dir = folder(&[("a.go", old.as_bytes()), ("sub/b c.go", old.as_bytes())]);
    git(dir.path(), &["init", "-q"]);
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "-qm", "old"]);
    dir
}

fn found(ran: &Ran) -> Vec<String> {
    let json = ran.json();
    let shown =
        |f: &serde_json::Value| format!("{} {}", f["location"]["file"].as_str().unwrap(), f["function"].as_str().unwrap());
    json["findings"].as_array().unwrap().iter().map(shown).collect()
}

fn append(path: &Path, text: &str) {
    let old = fs::read_to_string(path).unwrap();
    fs::write(path, format!("{old}\n{text}")).unwrap();
}

#[test]
fn only_what_changed_is_shown() {
    let dir = repository();
    let new_from = |folder: &Path, rev: &str| goleash(folder, &["-f", "json", "--new-from", rev]);
    assert_eq!(found(&new_from(dir.path(), "HEAD")), [""; 0]);
    append(&dir.path().join("sub/b c.go"), &leak("modified"));
    fs::write(dir.path().join("sub/é\tnew.go"), format!("package p\n\n{}", leak("untracked"))).unwrap();
    let expected = ["sub/b c.go modified.func1", "sub/é\tnew.go untracked.func1"];
    assert_eq!(found(&new_from(dir.path(), "HEAD")), expected);
    assert_eq!(found(&new_from(&dir.path().join("sub"), "HEAD")), expected.map(|f| f.trim_start_matches("sub/").to_owned()));
    // Renamed and committed, seen from the commit before and in another worktree.
    git(dir.path(), &["mv", "a.go", "z.go"]);
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "-qm", "new"]);
    assert_eq!(found(&new_from(dir.path(), "HEAD~1")), expected);
    assert_eq!(found(&new_from(dir.path(), "HEAD")), [""; 0]);
    let other = tempfile::tempdir().unwrap();
    let tree = other.path().join("tree");
    git(dir.path(), &["worktree", "add", "-q", tree.to_str().unwrap(), "-b", "side"]);
    append(&tree.join("z.go"), &leak("side"));
    assert_eq!(found(&new_from(&tree, "HEAD")), ["z.go side.func1"]);
    assert_eq!(found(&new_from(&tree, "main...")), ["z.go side.func1"]);
    let human = goleash(dir.path(), &["--new-from", "HEAD"]);
    assert!(human.code == 0 && human.out.contains("4 findings away from the changed lines not shown."), "{}", human.out);
}

#[test]
fn a_step_on_a_changed_line_is_enough() {
    let dir = repository();
    let path = dir.path().join("a.go");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("make(chan int)", "make(chan int, 0)")).unwrap();
    assert_eq!(found(&goleash(dir.path(), &["-f", "json", "--new-from", "HEAD"])), ["a.go old.func1"]);
    // A line that is gone counts where it was.
    let with = text
        .replace("\tselect {", "\tdefer println()\n\tselect {")
        .replace("default:\n\t\treturn 0", "default:\n\t\tprintln()\n\t\treturn 0");
    fs::write(&path, &with).unwrap();
    git(dir.path(), &["commit", "-qam", "with"]);
    fs::write(&path, with.replace("\t\tprintln()\n", "")).unwrap();
    assert_eq!(found(&goleash(dir.path(), &["-f", "json", "--new-from", "HEAD"])), ["a.go old.func1"]);
}

#[test]
fn what_is_staged_is_what_is_looked_at() {
    let dir = repository();
    let staged = |folder: &Path| goleash(folder, &["-f", "json", "--staged"]);
    assert_eq!(found(&staged(dir.path())), [""; 0]);
    assert_eq!(goleash(dir.path(), &["--staged"]).out, "No Go file is staged here.\n");
    assert!(goleash(dir.path(), &["--staged", "."]).out.contains("No Go file is staged here.\n"));
    assert!(goleash(dir.path(), &["--new-from", "HEAD"]).out.contains("No Go file has changed since `HEAD`.\n"));
    append(&dir.path().join("a.go"), &leak("staged"));
    git(dir.path(), &["add", "a.go"]);
    append(&dir.path().join("a.go"), &leak("unstaged"));
    append(&dir.path().join("sub/b c.go"), &leak("unstaged"));
    assert_eq!(found(&staged(dir.path())), ["a.go staged.func1"]);
    assert_eq!(found(&staged(&dir.path().join("sub"))), [""; 0], "other folders are not the current one's");
    // Mended on disk, but what would be committed still leaks.
    fs::write(dir.path().join("a.go"), "package p\n").unwrap();
    assert_eq!(found(&staged(dir.path())), ["a.go staged.func1"]);
    let json = staged(dir.path()).json();
    assert_eq!(json["stats"]["files"], 1, "only the folders of staged files are looked at");
    // Gone from disk, but not from what would be committed.
    fs::remove_file(dir.path().join("a.go")).unwrap();
    assert_eq!(found(&staged(dir.path())), ["a.go staged.func1"]);
    assert_eq!(found(&goleash(dir.path(), &["-f", "json", "--staged", "."])), ["a.go staged.func1"]);
    git(dir.path(), &["add", "sub"]);
    fs::remove_dir_all(dir.path().join("sub")).unwrap();
    assert_eq!(found(&staged(dir.path())), ["a.go staged.func1", "sub/b c.go unstaged.func1"]);
    assert_eq!(goleash(dir.path(), &["--staged"]).err, "");
    // Before the first commit everything is new.
    let dir = folder(&[("a.go", format!("package p\n\n{}", leak("first")).as_bytes()), ("a_test.go", b"package p\n")]);
    git(dir.path(), &["init", "-q"]);
    git(dir.path(), &["add", "."]);
    assert_eq!(found(&staged(dir.path())), ["a.go first.func1"]);
}

#[test]
fn what_git_cannot_tell_is_said() {
    let dir = repository();
    let ran = goleash(dir.path(), &["--new-from", "nowhere"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.starts_with("error: git does not know the revision `nowhere`\n  help: give a commit"), "{}", ran.err);
    let ran = goleash(dir.path(), &["--new-from", "--output=x"]);
    assert_eq!(ran.code, 2);
    assert!(!dir.path().join("x").exists());
    fs::write(dir.path().join("c.go"), "package p\n").unwrap();
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "-qm", "second"]);
    let clone = tempfile::tempdir().unwrap();
    let url = format!("file://{}", dir.path().display());
    git(clone.path(), &["clone", "-q", "--depth", "1", &url, "c"]);
    let ran = goleash(&clone.path().join("c"), &["--new-from", "HEAD~1"]);
    assert!(ran.code == 2 && ran.err.contains("this clone is shallow"), "{}", ran.err);
    let plain = folder(&[("a.go", b"package p\n")]);
    let ran = goleash(plain.path(), &["--staged"]);
    assert!(ran.code == 2 && ran.err.contains("is not in a git repository"), "{}", ran.err);
    let ran = goleash(dir.path(), &["--staged", "-"]);
    assert!(ran.code == 2 && ran.err.contains("`-` has no history"), "{}", ran.err);
}

const TICKS: &str = "func NAME(d time.Duration) {\n\tt := time.NewTicker(d)\n\t<-t.C\n}\n";

#[test]
fn only_what_changed_is_mended() {
    let ticks = |name: &str| TICKS.replace("NAME", name);
    let mended = |name: &str| ticks(name).replace("\t<-", "\tdefer t.Stop()\n\t<-");
    let head = "package p\n\nimport \"time\"\n\n";
    let old = format!("{head}{}\n{}", ticks("one"), ticks("two"));
    let dir = folder(&[("a.go", old.as_bytes())]);
    git(dir.path(), &["init", "-q"]);
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "-qm", "old"]);
    let path = dir.path().join("a.go");
    let new = format!("{head}{}{}\n{}\n{}", ticks("zero"), ticks("half"), ticks("one"), ticks("two"));
    fs::write(&path, &new).unwrap();
    // After the first round the lines of `one` are where those of `half` were.
    let expected = format!("{head}{}{}\n{}\n{}", mended("zero"), mended("half"), ticks("one"), ticks("two"));
    let ran = goleash(dir.path(), &["--fix", "--new-from", "HEAD"]);
    let title = "unstopped-ticker: stop t when the function returns";
    let fixed = format!("Fixed: a.go:6: {title}\nFixed: a.go:10: {title}\nFixed 2 findings in 1 file.\n");
    assert_eq!((ran.code, ran.err.as_str()), (0, fixed.as_str()), "{}", ran.out);
    assert_eq!(fs::read_to_string(&path).unwrap(), expected);
    // What is staged and on disk alike is mended on disk, and has to be staged again.
    fs::write(&path, &new).unwrap();
    git(dir.path(), &["add", "."]);
    let ran = goleash(dir.path(), &["--fix", "--staged"]);
    let staged = format!("{fixed}The staged texts are unchanged: `git add` the fixed files.\n");
    assert_eq!((ran.code, ran.err), (0, staged), "{}", ran.out);
    assert_eq!(fs::read_to_string(&path).unwrap(), expected);
    // What is not all staged is left as it is: the fix of one text is none of the other.
    let ran = goleash(dir.path(), &["--fix", "--staged"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains(": unstopped-ticker: a.go differs between disk and index"), "{}", ran.err);
    assert_eq!(fs::read_to_string(&path).unwrap(), expected);
}
