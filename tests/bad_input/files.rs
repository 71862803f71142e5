//! Files and folders that cannot be read, or hold something else than text.

use super::{Said, check, check_stdin, leaking, leaking_file, refused};
use crate::support;
use std::path::Path;

/// A folder with one leak in `leak.go`, and more files.
fn with_leak(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let leak = leaking_file("found");
    support::folder(&[&[("leak.go", leak.as_bytes())], files].concat())
}

fn assert_found(said: &Said) {
    assert_eq!((said.code, said.leaks()), (1, vec!["found"]), "{said:?}");
}

#[test]
fn bytes_that_are_no_text_are_named() {
    let dir = with_leak(&[("bad.go", b"package p\n\nvar x = \"a\xff\xfe\"\n")]);
    let said = check(dir.path(), &["."]);
    assert_found(&said);
    assert_eq!(said.problem("bad.go", "encoding").line, Some(3));
    let human = support::goleash(dir.path(), &["."]).out;
    assert!(human.contains("problem: bad.go:3: 2 bytes are not UTF-8"), "{human}");
}

#[test]
fn findings_around_bad_bytes_stay() {
    let mut text = leaking_file("before").into_bytes();
    text.extend(b"\nvar name\xc3\x28 = \"\xf0\x28\x8c\xbc\"\n");
    text.extend(leaking("after").into_bytes());
    let dir = support::folder(&[("a.go", &text)]);
    let said = check(dir.path(), &["."]);
    assert_eq!(said.leaks(), ["before", "after"], "{said:?}");
    assert_eq!(said.problem("a.go", "encoding").line, Some(11));
    let piped = check_stdin(dir.path(), &["-"], &text);
    assert_eq!((piped.leaks(), piped.problem("<stdin>", "encoding").line), (vec!["before", "after"], Some(11)));
}

#[test]
fn other_encodings_are_named() {
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(leaking_file("lost").encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let dir = with_leak(&[("utf16.go", &utf16), ("binary.go", &[0, 1, 2, 0x80, 0xff, b'\n'].repeat(1000))]);
    let said = check(dir.path(), &["."]);
    assert_found(&said);
    assert_eq!((said.problem("utf16.go", "encoding").line, said.problem("binary.go", "encoding").line), (Some(1), Some(1)));
}

#[test]
fn a_byte_order_mark_and_carriage_returns_change_nothing() {
    let plain = leaking_file("found");
    let line = |text: &str| {
        let dir = support::folder(&[("a.go", text.as_bytes())]);
        let report = support::goleash(dir.path(), &["--format", "json"]).json();
        assert_eq!(report["problems"], serde_json::json!([]));
        let at = &report["findings"][0]["location"]["start"];
        (at["line"].clone(), at["column"].clone(), report["findings"][0]["fingerprint"].clone())
    };
    let expected = line(&plain);
    assert!(expected.0.is_u64(), "{expected:?}");
    assert_eq!(line(&format!("\u{feff}{plain}")), expected);
    assert_eq!(line(&plain.replace('\n', "\r\n")), expected);
    assert_eq!(line(&format!("\u{feff}{}", plain.replace('\n', "\r\n"))), expected);
}

#[test]
fn files_with_next_to_nothing_in_them() {
    let dir = with_leak(&[("empty.go", b""), ("blank.go", b" \n\t\r\n"), ("clause.go", b"package p"), ("word.go", b"package")]);
    let said = check(dir.path(), &["."]);
    assert_found(&said);
    assert_eq!(said.files, 5);
    for name in ["empty.go", "blank.go", "clause.go", "word.go"] {
        let alone = support::folder(&[(name, &std::fs::read(dir.path().join(name)).unwrap())]);
        let said = check(alone.path(), &["."]);
        assert_eq!((said.code, said.files), (0, 1), "{name}: {said:?}");
        let piped = check_stdin(alone.path(), &["-"], &std::fs::read(dir.path().join(name)).unwrap());
        assert_eq!(piped.code, 0, "{name}: {piped:?}");
    }
}

#[test]
fn no_go_files() {
    let dir = support::folder(&[("README.md", b"# hello\n"), ("_off.go", b"package p\n"), ("sub/.hidden.go", b"package p\n")]);
    for args in [&[][..], &["."], &["./..."], &["sub"]] {
        let ran = support::goleash(dir.path(), args);
        assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "No Go files found.\n", ""), "{args:?}");
    }
}

#[test]
fn a_named_path_that_is_not_there() {
    let dir = with_leak(&[]);
    let err = refused(dir.path(), &["leak.go", "gone.go"]);
    assert_eq!(err, "error: no such file or folder: gone.go\n");
    assert_eq!(refused(dir.path(), &["./gone/..."]), "error: no such file or folder: ./gone/...\n");
    assert!(refused(dir.path(), &["leak.go/..."]).starts_with("error: cannot read leak.go/...: "));
    assert!(refused(dir.path(), &[""]).starts_with("error: a value is required"));
}

#[test]
fn bad_names_of_rules_and_patterns() {
    let dir = with_leak(&[]);
    assert!(
        refused(dir.path(), &["--rule", "blocked-sent"])
            .starts_with("error: no rule has the id `blocked-sent`\n  help: did you mean")
    );
    assert!(refused(dir.path(), &["--exclude", "a{b"]).starts_with("error: `a{b` is not a pattern: "));
    assert!(refused(dir.path(), &["--exclude", "[z-a]"]).starts_with("error: `[z-a]` is not a pattern: "));
    for unmatched in ["", "#", "!", "*.txt", "leak.go/"] {
        assert_found(&check(dir.path(), &["--exclude", unmatched]));
    }
    assert_eq!(check(dir.path(), &["--exclude", "*.go"]).findings, []);
}

#[test]
fn a_huge_file_costs_itself_alone() {
    let dir = with_leak(&[]);
    // Nothing but a length: the file system does not store it.
    std::fs::File::create(dir.path().join("huge.go")).unwrap().set_len(100 << 20).unwrap();
    let said = check(dir.path(), &["."]);
    assert_found(&said);
    assert_eq!(said.problem("huge.go", "skipped").message, "not analysed: 104857600 bytes, more than 64 MB");
    let named = check(dir.path(), &["huge.go"]);
    assert_eq!((named.code, named.problem("huge.go", "skipped").line), (0, None));
}

#[test]
fn a_large_file_is_read_to_its_end() {
    let function = "\nfunc filler(a, b int) int {\n\tif a > b {\n\t\treturn a - b\n\t}\n\treturn b\n}\n";
    let mut text = leaking_file("first");
    text.push_str(&function.repeat((50 << 20) / function.len()));
    text.push_str(&leaking("last"));
    let dir = support::folder(&[("large.go", text.as_bytes())]);
    let said = check(dir.path(), &["."]);
    assert_eq!((said.leaks(), said.problems.len()), (vec!["first", "last"], 0));
}

#[test]
fn too_much_on_standard_input() {
    let dir = support::folder(&[]);
    let said = check_stdin(dir.path(), &["-"], &b"// fill\n".repeat((65 << 20) / 8));
    assert_eq!((said.code, said.problem("<stdin>", "skipped").line), (0, None));
}

#[test]
fn standard_input_is_one_file() {
    let dir = with_leak(&[]);
    let said = check_stdin(dir.path(), &["-"], leaking_file("piped").as_bytes());
    assert_eq!((said.code, said.findings), (1, vec![("<stdin>".to_owned(), "piped.func1".to_owned())]));
    assert_eq!(check_stdin(dir.path(), &["-"], b"").code, 0);
    assert!(refused(dir.path(), &["-", "leak.go"]).starts_with("error: `-` means standard input"));
}

#[test]
fn a_file_that_is_not_go() {
    let dir = with_leak(&[("notes.txt", b"go f()\n")]);
    assert!(refused(dir.path(), &["notes.txt", "leak.go"]).starts_with("error: notes.txt is not a Go file\n"));
}

#[test]
fn a_file_that_is_named_is_read_whole() {
    let dir = with_leak(&[("odd.go", b"package p\n\nfunc (s *S) N() {\n\tx := = 3\n}\n")]);
    let said = check(dir.path(), &["odd.go", "leak.go"]);
    assert_found(&said);
    let problem = said.problem("odd.go", "syntax");
    assert_eq!((problem.line, problem.message.as_str()), (Some(4), "cannot read part of `(*S).N` as Go"));
    // In a tree, what no rule asks for is not read.
    assert!(check(dir.path(), &["."]).problems.is_empty());
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::process::Command;

    fn pipe(path: &Path) {
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    }

    #[test]
    fn what_is_called_go_and_is_no_file() {
        let dir = with_leak(&[("folder.go/inside.go", leaking_file("inside").as_bytes())]);
        let at = |name: &str| dir.path().join(name);
        symlink("nowhere", at("dangling.go")).unwrap();
        symlink("self.go", at("self.go")).unwrap();
        symlink("folder.go", at("link.go")).unwrap();
        pipe(&at("pipe.go"));
        let said = check(dir.path(), &["."]);
        assert_eq!(said.leaks(), ["inside", "found"], "{said:?}");
        let named: Vec<&str> = said.problems.iter().map(|p| p.path.as_str()).collect();
        assert_eq!(named, ["dangling.go", "pipe.go", "self.go"], "{said:?}");
        assert!(said.problems.iter().all(|p| p.kind == "unreadable"), "{said:?}");
        assert_eq!(said.problem("pipe.go", "unreadable").message, "neither a file nor a folder");
        // Excluded, they are of no interest.
        assert_eq!(check(dir.path(), &["--exclude", "*.go", "--exclude", "!leak.go"]).problems.len(), 0);
    }

    #[test]
    fn named_paths_that_cannot_be_read_are_refused() {
        let dir = with_leak(&[]);
        symlink("nowhere", dir.path().join("dangling.go")).unwrap();
        symlink("self.go", dir.path().join("self.go")).unwrap();
        pipe(&dir.path().join("pipe.go"));
        assert_eq!(refused(dir.path(), &["leak.go", "dangling.go"]), "error: no such file or folder: dangling.go\n");
        assert!(refused(dir.path(), &["self.go"]).starts_with("error: cannot read self.go: "));
        for name in ["pipe.go", "/dev/null"] {
            assert_eq!(refused(dir.path(), &[name]), format!("error: cannot read {name}: neither a file nor a folder\n"));
        }
        assert!(refused(dir.path(), &["debug", "ir", "pipe.go"]).starts_with("error: cannot read pipe.go: "));
    }

    #[test]
    fn modes_that_forbid_reading() {
        let dir = with_leak(&[("secret.go", b"package p\n"), ("locked/a.go", leaking_file("inside").as_bytes())]);
        let forbid = |name: &str, mode| {
            std::fs::set_permissions(dir.path().join(name), std::fs::Permissions::from_mode(mode)).unwrap();
        };
        forbid("secret.go", 0o000);
        forbid("locked", 0o000);
        if std::fs::read(dir.path().join("secret.go")).is_ok() {
            support::announce("modes_that_forbid_reading: nothing forbids root to read");
        } else {
            let said = check(dir.path(), &["."]);
            assert_found(&said);
            let named: Vec<&str> = said.problems.iter().map(|p| p.path.as_str()).collect();
            assert_eq!(named, ["locked", "secret.go"], "{said:?}");
            for name in ["secret.go", "locked", "locked/...", "locked/a.go"] {
                assert!(refused(dir.path(), &[name]).starts_with(&format!("error: cannot read {name}: ")));
            }
        }
        // The folder has to go away when the test is over.
        forbid("locked", 0o755);
    }

    #[test]
    fn links_that_lead_back() {
        let dir = with_leak(&[("sub/deeper/leak.go", leaking_file("deeper").as_bytes())]);
        symlink(".", dir.path().join("here")).unwrap();
        symlink("..", dir.path().join("sub/up")).unwrap();
        symlink("../../sub", dir.path().join("sub/deeper/sub")).unwrap();
        symlink("../leak.go", dir.path().join("sub/again.go")).unwrap();
        let said = check(dir.path(), &["."]);
        let files: Vec<&str> = said.findings.iter().map(|(file, _)| file.as_str()).collect();
        // A link to a file is a file, as the go command sees it; links to folders are not followed.
        assert_eq!(files, ["leak.go", "sub/again.go", "sub/deeper/leak.go"], "{said:?}");
        let through = check(dir.path(), &["here"]);
        assert_eq!(through.findings.len(), 3, "{through:?}");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn names_that_are_no_text() {
        use std::os::unix::ffi::OsStrExt as _;
        let dir = with_leak(&[]);
        for name in [&b"\xff\xfe.go"[..], b"new\nline.go", b"\x1b[31mred.go", b"quote\".go", b"sp ace.go", b"-.go"] {
            std::fs::write(dir.path().join(std::ffi::OsStr::from_bytes(name)), leaking_file("odd")).unwrap();
        }
        let said = check(dir.path(), &["."]);
        assert_eq!(said.findings.len(), 7, "{said:?}");
        for format in ["human", "sarif", "github"] {
            let ran = support::goleash(dir.path(), &["--format", format]);
            assert_eq!(ran.code, 1, "{ran:?}");
            assert!(!ran.out.contains('\u{1b}'), "{format} passes control characters on: {}", ran.out);
        }
    }
}
