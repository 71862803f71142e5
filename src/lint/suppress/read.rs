//! From comments to what they excuse.

use super::{FOREIGN, Ignore, WORD};
use crate::source::{DeclKind, SourceFile, Span, comments_with, outline};

/// The suppressions in a file, in order.
pub(super) fn ignores(file: &SourceFile) -> Vec<Ignore> {
    let text = file.text.as_str();
    let mut comments = comments_with(text, WORD);
    comments.lines.extend(comments_with(text, FOREIGN).lines);
    comments.lines.sort_by_key(|span| span.start);
    comments.lines.dedup();
    let mut out: Vec<Ignore> = comments.lines.iter().filter_map(|span| directive(text, *span)).collect();
    if out.is_empty() {
        return out;
    }
    let outline = outline(text);
    // Nobody writes there.
    if outline.generated {
        return Vec::new();
    }
    let functions: Vec<Span> = outline
        .decls
        .iter()
        .filter(|decl| matches!(decl.kind, DeclKind::Func | DeclKind::Method | DeclKind::Var) && !decl.grouped)
        .map(|decl| decl.span)
        .collect();
    for ignore in &mut out {
        let line = target(file, ignore.span, comments.code);
        let function = functions.iter().find(|span| file.line_col(span.start).line == line);
        (ignore.scope, ignore.scope_name) = if line <= file.line_col(Span::new(comments.code, comments.code).start).line {
            (Span::new(0, text.len()), "in this file")
        } else if let Some(function) = function {
            (Span::new(file.line_start(line), function.end as usize), "in this function")
        } else {
            (Span::new(file.line_start(line), file.line_start(line + 1)), "on this line")
        };
    }
    out
}

/// The line that a comment speaks of: its own, or the next line that is no comment if it has nothing else on its own.
fn target(file: &SourceFile, comment: Span, code: usize) -> u32 {
    let line = file.line_col(comment.start).line;
    let before = file.text.get(file.line_start(line)..comment.start as usize).unwrap_or_default();
    if !before.trim().is_empty() {
        return line;
    }
    if (comment.start as usize) < code {
        return 0;
    }
    let mut next = line + 1;
    while file.line_text(next).trim_start().starts_with("//") {
        next += 1;
    }
    next
}

/// What a comment says, if it is one of these.
fn directive(text: &str, span: Span) -> Option<Ignore> {
    let body = text.get(span.range())?.strip_prefix("//")?;
    let at = span.start as usize + 2;
    let ignore = |rules, all, reason: &str, unknown| Ignore {
        span,
        scope: Span::default(),
        scope_name: "",
        rules,
        all,
        general: false,
        reason: said(reason).to_owned(),
        unknown,
        spaced: false,
    };
    if is_meant(body) {
        return Some(Ignore { spaced: true, ..ignore(Vec::new(), false, "", None) });
    }
    if let Some(rest) = body.strip_prefix("goleash:") {
        let verb = rest.split(char::is_whitespace).next().unwrap_or_default();
        if verb != "ignore" {
            return Some(ignore(Vec::new(), false, "", Some(verb.to_owned())));
        }
        let (rules, reason) = names(&rest[verb.len()..], at + "goleash:".len() + verb.len());
        return Some(ignore(rules, false, reason, None));
    }
    // golangci-lint's own form, read as it reads it: spaces and more slashes may stand before it, and words that are no list of linters
    // behind it.
    let rest = body.trim_start_matches(['/', ' ', '\t']).strip_prefix(FOREIGN)?;
    let Some(list) = rest.strip_prefix(':') else {
        let general = rest.is_empty() || rest.starts_with([' ', '\t']);
        return general.then(|| Ignore { general, ..ignore(Vec::new(), true, rest, None) });
    };
    let (linters, reason) = list.split_once("//").unwrap_or((list, ""));
    let names = |word: &str| linters.split(',').any(|linter| linter.trim().eq_ignore_ascii_case(word));
    let (ours, general) = (names(WORD), names("all"));
    (ours || general).then(|| Ignore { general: !ours, ..ignore(Vec::new(), true, reason, None) })
}

/// Whether only blanks keep a comment from being one of these, and it is clear that it was meant as one: it ends after the word, or rules of
/// such names follow.
fn is_meant(body: &str) -> bool {
    let rest = body.trim_start();
    let Some(after) = rest.strip_prefix("goleash:").and_then(|rest| rest.trim_start().strip_prefix("ignore")) else {
        return false;
    };
    let (rules, _) = names(after, 0);
    let known = |id: &str| crate::rules::metas().iter().any(|meta| meta.id == id);
    let is_word = after.is_empty() || after.starts_with(char::is_whitespace);
    rest.len() < body.len() && is_word && rules.iter().all(|(id, _)| known(id))
}

/// The ids at the start of a text, apart by commas, and what follows them.
fn names(text: &str, at: usize) -> (Vec<(String, Span)>, &str) {
    let mut out = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let len = rest.find(|c: char| c.is_whitespace() || c == ',').unwrap_or(rest.len());
        let start = at + text.len() - rest.len();
        if len > 0 && !rest.starts_with("//") {
            out.push((rest[..len].to_owned(), Span::new(start, start + len)));
            rest = &rest[len..];
        }
        match rest.trim_start().strip_prefix(',') {
            Some(more) => rest = more,
            None => return (out, rest),
        }
    }
}

/// The reason without the signs that people put before it.
fn said(reason: &str) -> &str {
    let reason = reason.trim().trim_start_matches(['/', '-', ':', '–', '—']).trim();
    if reason.contains(char::is_alphanumeric) { reason } else { "" }
}
