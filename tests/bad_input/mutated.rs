//! The entry points of the fuzzers, on seeds mutated by the same dice every time: a defect that comes in is seen here, before a fuzzer runs.

use super::damage::Dice;
use crate::support;
use goleash::fuzzing::TARGETS;
use std::path::Path;

/// Files with an extension below a folder of the repository, or the folder of each rule's cases.
fn seeds_in(folder: &str, extension: &str) -> Vec<Vec<u8>> {
    let walk = ignore::WalkBuilder::new(support::repository().join(folder)).standard_filters(false).build();
    let is_one = |path: &Path| path.extension().is_some_and(|found| found == extension) && path.is_file();
    let mut paths: Vec<_> = walk.map(|entry| entry.unwrap().into_path()).filter(|path| is_one(path)).collect();
    paths.sort();
    let seeds: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
    assert!(!seeds.is_empty(), "no seeds in {folder}");
    seeds
}

const DIFF: &str = "diff --git a/a.go b/b.go\nsimilarity index 90%\nrename from a.go\nrename to b.go\n--- a/a.go\n+++ b/b.go\n@@ -1,3 +1,4 @@ func f() {\n a\n-b\n+c\n+d\n e\n\\ No newline at end of file\ndiff --git \"a/\\303\\244\" \"b/\\303\\244\"\nnew file mode 100644\n--- /dev/null\n+++ \"b/\\303\\244\"\n@@ -0,0 +1 @@\n+x\n";

fn seeds(target: &str) -> (Vec<Vec<u8>>, &'static [&'static str], usize) {
    const GO: &[&str] = &[
        "{", "}", "(", ")", "\"", "`", "'", "/*", "*/", "//", "\n", "func ", "go ", "<-", "select {", "case ", "[", "]", ":",
        ";", "\0",
    ];
    match target {
        "outline" => (seeds_in("rules", "go"), GO, 400),
        "lower" | "core" => (seeds_in("rules", "go"), GO, 150),
        "suppressions" => {
            let words = &["//goleash:ignore ", "//nolint:goleash", "//nolint", " reason", ",", "blocked-send", "\n", "\r\n", "`"];
            (seeds_in("rules/bad_suppression/testdata", "go"), words, 400)
        }
        "configuration" => {
            let words =
                &["[", "]", "=", "\"", "[[override]]\n", "rules.", "level = ", "baseline = ", "../", "'''", "\n", ".", "{"];
            let page = std::fs::read_to_string(support::repository().join("docs/configuration.md")).unwrap();
            let example = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap().as_bytes().to_vec();
            ([seeds_in("src/models", "toml"), vec![example; 40]].concat(), words, 400)
        }
        "sarif" => {
            (seeds_in("tests/cli/expected", "sarif"), &["{", "}", "[", "]", ",", "null", "4294967296", "-1", "\\ud800"], 500)
        }
        "diff" => (vec![DIFF.as_bytes().to_vec()], &["@@ ", "+", "-", "\n", "\"", "\\", "4294967295", ",", "diff --git "], 3000),
        "wire" => {
            let framed = |body: &str| format!("\u{7}Content-Length: {}\r\n\r\n{body}", body.len());
            let one = framed(r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"a":[1,{}]}}"#);
            let words = &["Content-Length: ", "\r\n", "\r\n\r\n", "9", "{", "}", "[", "18446744073709551615", ":"];
            (vec![format!("{one}{}{one}", framed("[]")).into_bytes()], words, 3000)
        }
        other => panic!("no seeds for {other}"),
    }
}

/// A few bytes out, a few in, pieces moved, words of the form put in.
fn mutated(seed: &[u8], words: &[&str], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=dice.below(6) {
        let at = dice.below(bytes.len() + 1);
        let end = (at + 1 + dice.below(24)).min(bytes.len());
        match dice.below(6) {
            0 => drop(bytes.drain(at..end)),
            1 => bytes.truncate(at.max(1)),
            2 if at < bytes.len() => bytes[at] = u8::try_from(dice.below(256)).unwrap(),
            3 => {
                let piece = bytes[at..end].to_vec();
                let to = dice.below(bytes.len() + 1);
                bytes.splice(to..to, piece);
            }
            _ => {
                let word = words[dice.below(words.len())];
                bytes.splice(at..at, word.bytes());
            }
        }
    }
    bytes
}

fn runs(target: &str) {
    let (_, run) = TARGETS.into_iter().find(|(name, _)| *name == target).unwrap();
    let (seeds, words, count) = seeds(target);
    let mut dice = Dice(0x5eed_0f02);
    for seed in seeds.iter().take(20) {
        run(seed);
    }
    for round in 0..count {
        let bytes = mutated(&seeds[dice.below(seeds.len())], words, &mut dice);
        if std::panic::catch_unwind(|| run(&bytes)).is_err() {
            let path = std::env::temp_dir().join(format!("goleash-mutated-{target}"));
            std::fs::write(&path, &bytes).unwrap();
            panic!("round {round} of {target} fails; its input is in {}", path.display());
        }
    }
}

#[test]
fn every_target_has_a_test() {
    let names = TARGETS.map(|(name, _)| name);
    assert_eq!(names, ["outline", "lower", "core", "configuration", "suppressions", "sarif", "diff", "wire"]);
    for name in names {
        let target = support::repository().join(format!("fuzz/fuzz_targets/{name}.rs"));
        assert!(target.is_file(), "{}", target.display());
    }
}

#[test]
fn outline() {
    runs("outline");
}

#[test]
fn lower() {
    runs("lower");
}

#[test]
fn core() {
    runs("core");
}

#[test]
fn configuration() {
    runs("configuration");
}

#[test]
fn suppressions() {
    runs("suppressions");
}

#[test]
fn sarif() {
    runs("sarif");
}

#[test]
fn diff() {
    runs("diff");
}

#[test]
fn wire() {
    runs("wire");
}
