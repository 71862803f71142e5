//! Suggestions on all cases of the rules: what a click on one leaves behind is what the fix is.

use crate::support;
use goleash::lint::{Finding, Level};
use goleash::report::{Format, Look, Report, suggestion};
use goleash::review::{FileDiff, Hunk, Line, Plan, Reach, Suggested, read_sarif};
use std::path::{Path, PathBuf};

#[test]
fn a_suggestion_does_what_the_fix_does() {
    let (mut suggested, mut fixable) = (0, 0);
    let some = support::thorough(5, 1);
    for path in cases().into_iter().step_by(some) {
        let text = std::fs::read_to_string(&path).unwrap();
        let (folder, name) = (path.parent().unwrap(), path.file_name().unwrap().to_str().unwrap());
        let outcome = support::check(&support::options(folder, &[name]));
        let report = Report { outcome: &outcome, level: Level::Note, rules: &goleash::rules::metas() };
        let mut log = Vec::new();
        report.write(Format::Sarif, Look::default(), &mut log).unwrap();
        let remarks = read_sarif(&[(name.to_owned(), log)], "").unwrap();
        assert_eq!(remarks.len(), outcome.findings.len(), "{}", path.display());
        fixable += outcome.findings.iter().filter(|finding| !finding.fixes.is_empty()).count();
        for comment in Plan::new(remarks, &[all_new(name, &text)], Reach::Files).comments {
            let finding = outcome.findings.iter().find(|f| f.fingerprint == comment.remark.fingerprint).unwrap();
            if let Some(suggestion) = &comment.suggestion {
                let clicked = click(&text, suggestion);
                assert!(mended(finding, &text).contains(&clicked), "{}:{}\n{clicked}", path.display(), comment.line);
                suggested += 1;
            }
        }
    }
    assert!(suggested > 20 / some && suggested * 2 > fixable, "{suggested} suggestions for {fixable} findings with fixes");
}

/// The single files among the rules' cases.
fn cases() -> Vec<PathBuf> {
    let rules = support::repository().join("rules");
    let list =
        |folder: &Path| -> Vec<PathBuf> { folder.read_dir().into_iter().flatten().map(|entry| entry.unwrap().path()).collect() };
    let mut cases: Vec<PathBuf> = list(&rules).iter().flat_map(|rule| list(&rule.join("testdata"))).collect();
    cases.retain(|path| path.extension().is_some_and(|ext| ext == "go") && path.is_file());
    cases.sort();
    cases
}

/// A diff that brings the file.
fn all_new(name: &str, text: &str) -> FileDiff {
    let line = |(index, text): (usize, &str)| Line { new: u32::try_from(index).unwrap() + 1, old: None, text: text.to_owned() };
    let lines = text.strip_suffix('\n').unwrap_or(text).split('\n').enumerate().map(line).collect();
    FileDiff { old: None, new: Some(name.to_owned()), hunks: vec![Hunk { start: 1, lines }] }
}

/// The file after the suggestion was taken.
fn click(text: &str, suggestion: &Suggested) -> String {
    let mut lines: Vec<&str> = text.split('\n').collect();
    lines.splice(suggestion.first as usize - 1..suggestion.last as usize, [suggestion.text.as_str()]);
    lines.join("\n")
}

/// The file after each of the finding's fixes.
fn mended(finding: &Finding, text: &str) -> Vec<String> {
    let mend = |fix| {
        let whole = suggestion(fix)?;
        let mut text = text.to_owned();
        text.replace_range(whole.at.span.range(), &whole.text);
        Some(text)
    };
    finding.fixes.iter().filter_map(mend).collect()
}
