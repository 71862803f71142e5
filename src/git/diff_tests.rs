//! Diffs with everything that git and others write.

use super::{FileDiff, parse};
use std::fmt::Write as _;

/// `old > new: 1/1=text 2+text;` — numbers now and before, and what stands there.
fn told(files: &[FileDiff]) -> String {
    let mut out = String::new();
    for file in files {
        let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "none".to_owned());
        let _ = write!(out, "{} > {}:", name(&file.old), name(&file.new));
        for hunk in file.hunks.iter().filter(|hunk| !hunk.lines.is_empty()) {
            for line in &hunk.lines {
                let before = line.old.map_or("+".to_owned(), |old| format!("/{old}="));
                let _ = write!(out, " {}{before}{}", line.new, line.text.escape_debug());
            }
            out.push(';');
        }
        out.push('\n');
    }
    out
}

fn read(text: &str) -> String {
    told(&parse(text).unwrap())
}

#[test]
fn lines_have_both_numbers() {
    let text = "diff --git a/x.go b/x.go\nindex 1..2 100644\n--- a/x.go\n+++ b/x.go\n@@ -3,3 +5,4 @@ func f() {\n a\n--- gone\n+++ new\n+\n b\n@@ -20 +22 @@\n-c\n+d\n";
    assert_eq!(read(text), "x.go > x.go: 5/3=a 6+++ new 7+ 8/5=b; 22+d;\n");
}

#[test]
fn new_deleted_renamed_copied_and_binary_files() {
    let text = "\
diff --git a/new.go b/new.go\nnew file mode 100644\nindex 0..1\n--- /dev/null\n+++ b/new.go\n@@ -0,0 +1,2 @@\n+a\n+b\n\\ No newline at end of file
diff --git a/old.go b/old.go\ndeleted file mode 100644\nindex 1..0\n--- a/old.go\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b
diff --git a/a/x.go b/b b/x.go\nsimilarity index 90%\nrename from a/x.go\nrename to b b/x.go\n--- a/a/x.go\n+++ b/b b/x.go\t\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file
diff --git a/p.go b/q.go\nsimilarity index 100%\ncopy from p.go\ncopy to q.go
diff --git a/i.png b/i.png\nindex 1..2 100644\nBinary files a/i.png and b/i.png differ
diff --git a/j.png b/j.png\nindex 1..2 100644\nGIT binary patch\nliteral 3\nKcmZQz@\n\nliteral 2\nKcmZQ\n
diff --git a/empty.go b/empty.go\nnew file mode 100644\nindex 0..0
diff --git a/mode.sh b/mode.sh\nold mode 100644\nnew mode 100755\n";
    let expected = "\
none > new.go: 1+a 2+b;\nold.go > none:\na/x.go > b b/x.go: 1+b;\np.go > q.go:\ni.png > i.png:\nj.png > j.png:
none > empty.go:\nmode.sh > mode.sh:\n";
    assert_eq!(read(text), expected);
}

#[test]
fn names_in_quotes_and_without_letters() {
    let text = "\
diff --git \"a/\\303\\244 \\\"q\\\"\\t.go\" \"b/\\303\\244 \\\"q\\\"\\t.go\"\n--- \"a/\\303\\244 \\\"q\\\"\\t.go\"\n+++ \"b/\\303\\244 \\\"q\\\"\\t.go\"\n@@ -1 +1 @@\n-a\n+b
diff --git src/x.go src/x.go\n--- src/x.go\n+++ src/x.go\n@@ -1 +1 @@\n-a\n+b
diff --git i/w.go w/w.go\n--- i/w.go\n+++ w/w.go\n@@ -1 +1 @@\n-a\n+b\n";
    assert_eq!(read(text), "ä \"q\"\t.go > ä \"q\"\t.go: 1+b;\nsrc/x.go > src/x.go: 1+b;\nw.go > w.go: 1+b;\n");
}

#[test]
fn carriage_returns_stay_in_the_text() {
    let text = "diff --git a/x.go b/x.go\n--- a/x.go\n+++ b/x.go\n@@ -1,2 +1,3 @@\n a\r\n+b\r\n\r\n";
    assert_eq!(read(text), "x.go > x.go: 1/1=a\\r 2+b\\r 3/2=;\n");
    // A mail program may have changed the ends of all lines.
    let all = text.replace("\r\n", "\n").replace('\n', "\r\n");
    assert!(read(&all).starts_with("x.go > x.go: 1/1=a\\r"));
}

#[test]
fn hunks_of_merges() {
    let text = "diff --cc x.go\nindex 1,2..3\n--- a/x.go\n+++ b/x.go\n@@@ -1,3 -1,3 +1,4 @@@\n  a\n- b\n -c\n++d\n +e\n+ f\n";
    assert_eq!(read(text), "x.go > x.go: 1+a 2+d 3+e 4+f;\n");
}

#[test]
fn what_others_write() {
    let plain =
        "Only in b: y\ndiff -u a/x.go b/x.go\n--- a/x.go\t2026-01-01 10:00\n+++ b/x.go\t2026-01-02 10:00\n@@ -1 +1 @@\n-a\n+b\n";
    assert_eq!(read(plain), "x.go > x.go: 1+b;\n");
    let mail = "From 1234\nSubject: [PATCH] x\n\n---\n x.go | 2 +-\n\ndiff --git a/x.go b/x.go\n--- a/x.go\n+++ b/x.go\n@@ -1 +1 @@\n-a\n+b\n-- \n2.47\n";
    assert_eq!(read(mail), "x.go > x.go: 1+b;\n");
    assert_eq!(read(""), "");
    assert_eq!(read("nothing of the kind\n"), "");
}

#[test]
fn half_a_diff_is_refused() {
    let at = |text: &str| parse(text).unwrap_err().to_string();
    let head = "diff --git a/x b/x\n--- a/x\n+++ b/x\n";
    assert!(at(&format!("{head}@@ -1,3 +1,3 @@\n a\n")).contains("line 5"), "{}", at(&format!("{head}@@ -1,3 +1,3 @@\n a\n")));
    assert!(at(&format!("{head}@@ -1,3 @@\n a\n")).contains("head of this hunk"));
    assert!(at(&format!("{head}@@ -1 +1,2 @@\n a\n b\n")).contains("longer"));
    assert!(at(&format!("{head}@@ -1 +1 @@\nxa\n")).contains("neither"));
    assert!(at("@@ -1 +1 @@\n-a\n+b\n").contains("name of its file"));
    // Numbers that leave no room for the lines behind them.
    for ranges in ["-1 +4294967295,2", "-4294967295,4294967295 +1", "-4294967296 +1"] {
        assert!(at(&format!("{head}@@ {ranges} @@\n a\n b\n")).contains("head of this hunk"), "{ranges}");
    }
    assert!(at(&format!("{head}@@ -4294967294 +4294967295,0 @@\n+a\n")).contains("longer"));
    assert!(at(&format!("{head}@@ -1 +1 @@\né\n")).contains("sign"));
}
