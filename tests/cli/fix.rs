//! `--fix` and `--diff`: what is written, what is left as it is, and that every rule's fixes hold together.

use super::fake;
use crate::support::{self, folder, goleash};
use goleash::fix::tree::{self, Workshop};
use goleash::lint::{Edit, Finding, Fix, Level, Safety, fingerprint};
use goleash::source::{Bounds, Location, SourceFile, Span};
use rustc_hash::FxHashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const TICKER: &str = "package p\n\nimport \"time\"\n\nfunc f(d time.Duration) {\n\tt := time.NewTicker(d)\n\t<-t.C\n}\n";
const MENDED: &str =
    "package p\n\nimport \"time\"\n\nfunc f(d time.Duration) {\n\tt := time.NewTicker(d)\n\tdefer t.Stop()\n\t<-t.C\n}\n";

fn read(path: impl AsRef<Path>) -> String {
    String::from_utf8(fs::read(path).unwrap()).unwrap()
}

#[test]
fn what_is_safe_is_mended() {
    let dir = folder(&[("a.go", TICKER.as_bytes()), ("b/b.go", MENDED.as_bytes())]);
    let diff = goleash(dir.path(), &["--diff"]);
    assert_eq!(diff.code, 1);
    let expected = "--- a/a.go\n+++ b/a.go\n@@ -4,5 +4,6 @@\n \n func f(d time.Duration) {\n \tt := time.NewTicker(d)\n+\tdefer t.Stop()\n \t<-t.C\n }\n";
    assert_eq!((diff.out.as_str(), diff.err.as_str()), (expected, "1 finding in 1 file would be fixed.\n"));
    assert!(goleash(dir.path(), &["--diff", "--color", "always"]).out.contains("\u{1b}[32m+\tdefer t.Stop()"));
    assert_eq!(read(dir.path().join("a.go")), TICKER);
    let ran = goleash(dir.path(), &["--fix"]);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (0, "Fixed: a.go:6: unstopped-ticker: stop t when the function returns\nFixed 1 finding in 1 file.\n")
    );
    assert_eq!(read(dir.path().join("a.go")), MENDED);
    let again = goleash(dir.path(), &["--fix"]);
    assert_eq!((again.code, again.err.as_str()), (0, "Fixed 0 findings in 0 files.\n"));
    assert_eq!(goleash(dir.path(), &["--diff"]).out, "");
    assert_eq!(goleash(dir.path(), &["--unsafe"]).code, 2);
    assert_eq!(goleash(dir.path(), &["--fix", "-"]).code, 2);
}

#[test]
fn line_ends_and_marks_stay() {
    let crlf = TICKER.replace('\n', "\r\n");
    let dir =
        folder(&[("a.go", crlf.as_bytes()), ("b.go", format!("\u{feff}{}", TICKER.replace("func f", "func g")).as_bytes())]);
    assert_eq!(goleash(dir.path(), &["--fix"]).code, 0);
    assert_eq!(read(dir.path().join("a.go")), MENDED.replace('\n', "\r\n"));
    assert_eq!(read(dir.path().join("b.go")), format!("\u{feff}{}", MENDED.replace("func f", "func g")));
}

#[cfg(unix)]
#[test]
fn links_and_files_that_may_not_be_written() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let dir = folder(&[("real/x.txt", TICKER.as_bytes()), ("p/a.go", b"package p\n"), ("q/b.go", TICKER.as_bytes())]);
    symlink(dir.path().join("real/x.txt"), dir.path().join("p/link.go")).unwrap();
    fs::set_permissions(dir.path().join("real/x.txt"), fs::Permissions::from_mode(0o640)).unwrap();
    fs::set_permissions(dir.path().join("q/b.go"), fs::Permissions::from_mode(0o444)).unwrap();
    let ran = goleash(dir.path(), &["--fix"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let title = "unstopped-ticker: stop t when the function returns";
    let expected = format!(
        "Fixed: p/link.go:6: {title}\nFixed 1 finding in 1 file.\nNot fixed: q/b.go:6: unstopped-ticker: q/b.go is read-only\n"
    );
    assert_eq!(ran.err, expected);
    assert_eq!(read(dir.path().join("real/x.txt")), MENDED);
    assert!(dir.path().join("p/link.go").is_symlink());
    assert_eq!(fs::metadata(dir.path().join("real/x.txt")).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(read(dir.path().join("q/b.go")), TICKER);
}

/// What lies outside the tree is not written, however it is reached.
#[cfg(unix)]
#[test]
fn links_out_of_the_tree() {
    use std::os::unix::fs::symlink;
    let files = [("outside/x.go", TICKER), ("repo/go.mod", "module example.com/p\n\ngo 1.22\n"), ("repo/p/a.go", TICKER)];
    let dir = folder(&files.map(|(name, text)| (name, text.as_bytes())));
    let (repo, outside) = (dir.path().join("repo"), dir.path().join("outside"));
    symlink("../../outside/x.go", repo.join("p/out.go")).unwrap();
    symlink("p/a.go", repo.join("a.go")).unwrap();
    symlink("../outside", repo.join("linked")).unwrap();
    let at = outside.canonicalize().unwrap().join("x.go");
    let refused =
        |file: &str| format!("Not fixed: {file}:6: unstopped-ticker: {file} leads outside the tree, to {}\n", at.display());
    let title = "unstopped-ticker: stop t when the function returns";
    for args in [&["--diff"][..], &["--diff", "p/out.go"]] {
        let ran = goleash(&repo, args);
        assert!(ran.err.ends_with(&refused("p/out.go")) && !ran.out.contains("out.go"), "{ran:?}");
    }
    let ran = goleash(&repo, &["--fix"]);
    // Both names of the one file are looked at with the fix in it.
    assert_eq!(ran.err, format!("Fixed: a.go:6: {title}\nFixed 1 finding in 1 file.\n{}", refused("p/out.go")));
    assert_eq!((ran.code, ran.out.matches("error[unstopped-ticker]").count()), (1, 1), "{}", ran.out);
    assert_eq!((read(repo.join("p/a.go")), read(outside.join("x.go"))), (MENDED.to_owned(), TICKER.to_owned()));
    assert!(repo.join("a.go").is_symlink());
    // What the user names may lie anywhere; what git has staged is not named by the user.
    let git = |args: &[&str]| {
        let named = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
        assert!(Command::new("git").current_dir(&repo).args(named).args(args).output().unwrap().status.success(), "{args:?}");
    };
    fs::remove_file(repo.join("linked")).unwrap();
    fs::create_dir(repo.join("linked")).unwrap();
    fs::write(repo.join("linked/x.go"), TICKER).unwrap();
    git(&["init", "-q"]);
    git(&["add", "linked/x.go"]);
    fs::remove_dir_all(repo.join("linked")).unwrap();
    symlink("../outside", repo.join("linked")).unwrap();
    goleash(&repo, &["--fix", "--staged"]);
    assert_eq!(read(outside.join("x.go")), TICKER);
    assert_eq!(goleash(&repo, &["--fix", "../outside"]).code, 0);
    assert_eq!(read(outside.join("x.go")), MENDED);
}

#[cfg(unix)]
#[test]
fn a_path_that_leads_elsewhere_meanwhile() {
    use std::os::unix::fs::symlink;
    const TEXT: &str = "package p\n\nfunc f() {\n\tgood.leak()\n}\n";
    let dir = folder(&[("in/d/a.go", TEXT.as_bytes()), ("out/a.go", TEXT.as_bytes())]);
    let path = dir.path().join("in/d/a.go");
    let check = |workshop: &Workshop| {
        let texts = workshop.overlay(&FxHashMap::default());
        Ok::<_, ()>(leaks(&path, texts.get(&path).map_or(TEXT, |text| text)))
    };
    let (workshop, ..) = tree::mend(Bounds::of(&dir.path().join("in")), true, check, |found| found.iter().collect()).unwrap();
    let (_, mended) = workshop.changed().next().unwrap();
    fs::rename(dir.path().join("in/d"), dir.path().join("in/was")).unwrap();
    symlink(dir.path().join("out"), dir.path().join("in/d")).unwrap();
    assert_eq!(tree::write(&path, mended).unwrap_err().to_string(), "it was moved meanwhile");
    assert_eq!((read(dir.path().join("in/was/a.go")), read(dir.path().join("out/a.go"))), (TEXT.to_owned(), TEXT.to_owned()));
    assert_eq!(fs::read_dir(dir.path().join("out")).unwrap().count(), 1, "nothing is left lying about");
}

#[test]
fn what_is_not_utf_8_is_left_as_it_is() {
    let bytes = [TICKER.as_bytes(), b"// \xff\n"].concat();
    let dir = folder(&[("a.go", &bytes)]);
    let ran = goleash(dir.path(), &["--fix"]);
    assert!(ran.err.contains("Not fixed: a.go:6: unstopped-ticker: a.go is not UTF-8"), "{}", ran.err);
    assert_eq!(fs::read(dir.path().join("a.go")).unwrap(), bytes);
}

/// What a rule says that calls every `leak()` a finding and offers to put a line above it; only a line before a `leak()` called `good` helps.
fn leaks(path: &Path, text: &str) -> Vec<Finding> {
    let file = std::sync::Arc::new(SourceFile::new("a.go".to_owned(), path.to_owned(), text.to_owned()));
    let found = text.match_indices("leak()").filter(|(at, _)| !text[..*at].replace('\r', "").ends_with("mended()\n\tgood."));
    let finding = |(at, _): (usize, &str)| {
        let at = Location { file: std::sync::Arc::clone(&file), span: Span::new(at, at + 6) };
        let line = text[..at.span.start as usize].rfind('\n').unwrap() + 1;
        let edit = Edit { at: Location { span: Span::new(line, line), ..at.clone() }, text: "\tmended()\n".to_owned() };
        let fix = Fix { title: "say that it is mended".to_owned(), safety: Safety::Safe, edits: vec![edit] };
        let steps = vec![fake::step(at.clone(), "here")];
        Finding { fixes: vec![fix], ..fake::finding("blocked-send", Level::Error, at, steps) }
    };
    let mut found: Vec<Finding> = found.map(finding).collect();
    fingerprint::assign(&mut found);
    found
}

#[test]
fn what_does_not_help_is_taken_back() {
    let text = "package p\n\nfunc f() {\n\tbad.leak()\n\tgood.leak()\n\tbad.leak()\n\tgood.leak()\n}\n";
    for text in [text.to_owned(), text.replace('\n', "\r\n")] {
        let plain = |text: &str| text.replace("\r\n", "\n");
        let dir = folder(&[("a.go", text.as_bytes())]);
        let path = dir.path().join("a.go");
        let mut looks = 0;
        let check = |workshop: &Workshop| {
            looks += 1;
            let texts = workshop.overlay(&FxHashMap::default());
            Ok::<_, ()>(leaks(&path, texts.get(&path).unwrap_or(&text)))
        };
        let (workshop, first, last) = tree::mend(Bounds::of(dir.path()), false, check, |found| found.iter().collect()).unwrap();
        assert_eq!((first.len(), last.len(), workshop.mended), (4, 2, 2));
        let (_, mended) = workshop.changed().next().unwrap();
        let expected =
            "package p\n\nfunc f() {\n\tbad.leak()\n\tmended()\n\tgood.leak()\n\tbad.leak()\n\tmended()\n\tgood.leak()\n}\n";
        assert_eq!(plain(&mended.new), expected);
        assert!(last.iter().all(|finding| workshop.is_useless(finding, &finding.fixes[0])));
        let told: Vec<_> = workshop.useless().map(|(title, useless)| (title, useless.rule, useless.at.start().line)).collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(looks < 6, "{looks}");
    }
}

/// gofmt, where one is: on the path, or where `GOFMT` says.
fn gofmt() -> Option<PathBuf> {
    let path = PathBuf::from(std::env::var_os("GOFMT").unwrap_or_else(|| "gofmt".into()));
    Command::new(&path).arg("-h").output().is_ok().then_some(path)
}

/// What gofmt would change.
fn unformatted(gofmt: &Path, dir: &Path) -> String {
    let out = Command::new(gofmt).args(["-l", "-e", "."]).current_dir(dir).output().unwrap();
    String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned()
}

/// Each case of each rule: the result parses, is formatted where it was, a second run changes nothing, and what was mended is gone.
#[test]
fn every_fix_of_every_rule_holds() {
    let gofmt = gofmt();
    if gofmt.is_none() {
        support::announce("skipped: there is no gofmt to hold fixes to");
    }
    let mut wrong = Vec::new();
    let mut mended = 0;
    let goldens = fs::read_dir(support::repository().join("rules")).unwrap().map(|entry| entry.unwrap().path().join("testdata"));
    let cases = goldens.filter(|dir| dir.is_dir()).flat_map(|dir| fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()));
    let mut cases: Vec<_> = cases.filter(|path| path.extension().is_some_and(|ext| ext == "go")).collect();
    cases.sort();
    let some = support::thorough(4, 1);
    for case in cases.into_iter().step_by(some) {
        let text = read(&case);
        let dir = folder(&[("case.go", text.as_bytes())]);
        if let Some(version) = text.lines().next().and_then(|line| line.strip_prefix("// go ")) {
            fs::write(dir.path().join("go.mod"), format!("module example.com/p\n\ngo {version}\n")).unwrap();
        }
        let formatted = gofmt.as_deref().map(|gofmt| unformatted(gofmt, dir.path()));
        let before = goleash(dir.path(), &["-f", "json", "-l", "note"]).json()["findings"].as_array().unwrap().len();
        let ran = goleash(dir.path(), &["--fix", "--unsafe", "-l", "note", "-f", "json"]);
        let count = ran.err.lines().filter(|line| line.starts_with("Fixed: ")).count();
        assert!(ran.err.contains(&format!("Fixed {count} finding")), "{}", ran.err);
        mended += count;
        let after = ran.json()["findings"].as_array().unwrap().len();
        let name = case.strip_prefix(support::repository()).unwrap().display().to_string();
        if after + count > before {
            wrong.push(format!("{name}: {before} findings, {count} mended, {after} left"));
        }
        // A fix that moves the wait elsewhere is taken back, and so is one where another of the same finding holds.
        let excused = |line: &str| {
            let place = line.trim_start_matches("Not fixed: ").split([' ']).take(2).collect::<Vec<_>>().join(" ");
            line.contains("gives way to another finding") || ran.err.contains(&format!("\nFixed: {place}: "))
        };
        if ran.err.lines().any(|line| line.starts_with("Not fixed") && !excused(line)) {
            wrong.push(format!("{name}: {}", ran.err));
        }
        let again = goleash(dir.path(), &["--diff", "--unsafe", "-l", "note"]);
        if !again.out.is_empty() {
            wrong.push(format!("{name}: does not come to rest:\n{}", again.out));
        }
        if let (Some(gofmt), Some("")) = (&gofmt, formatted.as_deref()) {
            let now = unformatted(gofmt, dir.path());
            if !now.is_empty() {
                wrong.push(format!("{name}: not formatted any more: {now}"));
            }
        }
    }
    assert!(mended > 20, "only {mended} findings mended");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
