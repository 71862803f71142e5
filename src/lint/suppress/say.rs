//! What is wrong with a suppression.

use super::{Ignore, RULE};
use crate::lint::{Edit, Finding, Fix, Level, Safety, Step};
use crate::source::{Location, SourceFile, Span};
use crate::words::nearest;
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// What is wrong with a comment, the most important thing first. `ran` tells whether a rule looked at the file.
pub(super) fn complaints(
    file: &Arc<SourceFile>,
    ignore: &Ignore,
    used: &FxHashSet<&'static str>,
    ran: &dyn Fn(&str) -> bool,
) -> Vec<Finding> {
    if ignore.general {
        return Vec::new();
    }
    let say = |span: Span, message: String, label: &str, help: String| complaint(file, span, message, label, help);
    if ignore.spaced {
        let message = "this suppression is none: a blank stands between `//` and `goleash:ignore`".to_owned();
        let help = "write `//goleash:ignore RULE reason`".to_owned();
        return vec![say(ignore.span, message, "it has no effect", help)];
    }
    if let Some(word) = &ignore.unknown {
        let help = "write `//goleash:ignore RULE reason`".to_owned();
        return vec![say(ignore.span, format!("goleash knows no comment `//goleash:{word}`"), "it has no effect", help)];
    }
    if ignore.rules.is_empty() && !ignore.all {
        let help = "name the rules, apart by commas, and give the reason: `//goleash:ignore RULE reason`".to_owned();
        return vec![say(ignore.span, "this suppression names no rule".to_owned(), "it has no effect", help)];
    }
    let mut out = Vec::new();
    let metas = crate::rules::metas();
    let known = |id: &str| metas.iter().any(|meta| meta.id == id);
    for (id, span) in ignore.rules.iter().filter(|(id, _)| !known(id)) {
        let near = nearest(id, metas.iter().map(|meta| meta.id));
        let help = near.map_or("`goleash rules` lists them all".to_owned(), |near| format!("did you mean `{near}`?"));
        out.push(say(*span, format!("no rule has the id `{id}`"), "it suppresses nothing", help));
    }
    if ignore.reason.is_empty() {
        let form = if ignore.all { "//nolint:goleash // reason" } else { "//goleash:ignore RULE reason" };
        let help = format!("say why the finding is none, for whoever reads it next: `{form}`");
        out.push(say(ignore.span, "this suppression gives no reason".to_owned(), "nothing stands behind it", help));
    }
    let idle: Vec<&(String, Span)> =
        ignore.rules.iter().filter(|(id, _)| known(id) && ran(id) && !used.contains(id.as_str())).collect();
    let help = "take it away, or put it where the finding or its `go` statement stands".to_owned();
    let label = |what: &str| format!("there is no {what} {}", ignore.scope_name);
    if ignore.all {
        if used.is_empty() && metas.iter().all(|meta| ran(meta.id)) {
            let mut finding = say(ignore.span, "this suppression suppresses nothing".to_owned(), &label("finding"), help);
            finding.fixes.extend(removal(file, ignore));
            out.push(finding);
        }
        return out;
    }
    let alone = idle.len() == ignore.rules.len();
    for (id, span) in idle {
        let message = format!("this suppression of `{id}` suppresses nothing");
        let mut finding = say(*span, message, &label("finding of the rule"), help.clone());
        if alone && ignore.rules.len() == 1 {
            finding.fixes.extend(removal(file, ignore));
        }
        out.push(finding);
    }
    out
}

fn complaint(file: &Arc<SourceFile>, span: Span, message: String, label: &str, help: String) -> Finding {
    let at = Location { file: Arc::clone(file), span };
    Finding {
        rule: RULE,
        level: Level::Warning,
        message,
        steps: vec![Step { at: at.clone(), label: label.to_owned() }],
        at,
        help,
        fixes: Vec::new(),
        function: String::new(),
        fingerprint: String::new(),
    }
}

/// Takes the comment away, with its line if nothing else stands there. Not where golangci-lint is spoken to as well.
fn removal(file: &Arc<SourceFile>, ignore: &Ignore) -> Option<Fix> {
    let text = file.text.get(ignore.span.range())?;
    if ignore.all && text.contains(',') {
        return None;
    }
    let line = file.line_col(ignore.span.start).line;
    let (start, next) = (file.line_start(line), file.line_start(line + 1));
    let before = file.text.get(start..ignore.span.start as usize)?;
    let span = match before.trim_end().len() {
        0 => Span::new(start, next),
        kept => Span::new(start + kept, ignore.span.end as usize),
    };
    let edit = Edit { at: Location { file: Arc::clone(file), span }, text: String::new() };
    Some(Fix { title: "take the comment away".to_owned(), safety: Safety::Safe, edits: vec![edit] })
}
