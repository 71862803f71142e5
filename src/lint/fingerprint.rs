//! A name for a finding that survives edits elsewhere in the file, a renamed file and a reworded message.

use super::Finding;
use crate::source::comments_with;
use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_128;

/// Fills in the fingerprint of every finding.
///
/// It hashes the rule, the enclosing function and the words of the line the finding stands on, but for a comment. Findings that agree in all of these are
/// numbered in the order of path and place; when one of them is mended the others keep a fingerprint that was known before, so that a
/// baseline does not call them new.
pub fn assign(findings: &mut [Finding]) {
    let mut order: Vec<usize> = (0..findings.len()).collect();
    order.sort_by(|&a, &b| place(&findings[a]).cmp(&place(&findings[b])));
    let mut seen: FxHashMap<String, u32> = FxHashMap::default();
    for index in order {
        let finding = &mut findings[index];
        let key = key(finding);
        let ordinal = seen.entry(key.clone()).or_insert(0);
        finding.fingerprint = format!("{:032x}", xxh3_128(format!("{key}\0{ordinal}").as_bytes()));
        *ordinal += 1;
    }
}

fn place(finding: &Finding) -> (&str, crate::source::Span, &str) {
    (&finding.at.file.display, finding.at.span, &finding.message)
}

/// The parts stand apart by a zero byte, which no Go source holds, so that no two different triples make one key.
fn key(finding: &Finding) -> String {
    let line = finding.at.file.line_text(finding.at.start().line);
    // What is said behind the code changes nothing about it.
    let end = comments_with(line, "").lines.first().map_or(line.len(), |comment| comment.start as usize);
    let words: Vec<&str> = line[..end].split_whitespace().collect();
    format!("{}\0{}\0{}", finding.rule, finding.function, words.join(" "))
}
