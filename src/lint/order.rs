//! The one order of findings, so that the same input gives the same bytes whatever the threads did.

use super::Finding;

/// Sorts by file, place, rule; then by level and message, so that no two different findings compare as equal.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(order);
}

/// The order of two findings.
#[must_use]
pub fn order(a: &Finding, b: &Finding) -> std::cmp::Ordering {
    let key = |f: &'_ Finding| (f.at.span, f.rule, std::cmp::Reverse(f.level));
    a.at.file.display.cmp(&b.at.file.display).then_with(|| key(a).cmp(&key(b))).then_with(|| a.message.cmp(&b.message))
}

/// Whether two findings of one file say the same.
#[must_use]
pub fn same(a: &Finding, b: &Finding) -> bool {
    (a.rule, a.at.span, a.level, &a.message) == (b.rule, b.at.span, b.level, &b.message)
}
