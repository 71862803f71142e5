//! The verdicts on findings in real code, `corpus/verdicts/*.json`: well formed, sorted, each with a reason. What goleash says of that code
//! is compared by `corpus/verdicts/compare.py`, which needs the checkouts.

use crate::support;
use goleash::lint::Level;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Book {
    repo: String,
    commit: String,
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "that they are there is what is tested")]
struct Entry {
    path: String,
    line: u32,
    rule: String,
    level: Level,
    function: String,
    message: String,
    fingerprint: String,
    found: bool,
    verdict: String,
    reason: String,
    /// `tests` or `code`, where the finding is there in one of the two runs alone.
    only: Option<String>,
}

#[test]
fn verdicts_on_real_code_are_in_order() {
    let folder = support::repository().join("corpus/verdicts");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    assert!(!paths.is_empty());
    for path in paths {
        let at = path.display();
        let book: Book = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap_or_else(|e| panic!("{at}: {e}"));
        assert!(book.repo.split('/').count() == 2, "{at}: repo is owner/name");
        let release = book.commit.starts_with("go1.");
        assert!(book.commit.len() == 40 || release, "{at}: a whole commit, or a release of Go");
        let key = |e: &Entry| (e.path.clone(), e.line, e.rule.clone(), e.fingerprint.clone());
        assert!(book.entries.is_sorted_by_key(key), "{at}: entries are sorted by path, line and rule");
        for entry in &book.entries {
            let place = format!("{at}: {}:{} [{}]", entry.path, entry.line, entry.rule);
            assert!(goleash::rules::metas().iter().any(|meta| meta.id == entry.rule), "{place}: no such rule");
            assert!(["true", "false", "arguable", "unjudged"].contains(&entry.verdict.as_str()), "{place}: {}", entry.verdict);
            assert!(entry.only.as_deref().is_none_or(|o| ["tests", "code"].contains(&o)), "{place}: only {:?}", entry.only);
            assert!(entry.verdict == "unjudged" || !entry.reason.is_empty(), "{place} has no reason");
            assert!(entry.reason.split_whitespace().count() <= 40, "{place}: a few words");
        }
    }
}
