//! What stands before the declarations: comments that are instructions, and the package clause.

use super::lexer::{Lexer, Tok, is_keyword};
use memchr::{memchr, memmem};
use ustr::Ustr;

/// What stands before the declarations.
#[derive(Clone, Debug, Default)]
pub(crate) struct Header {
    /// Name in the package clause; empty if it is missing.
    pub(crate) package: Ustr,
    /// See [`super::Outline::constraint`].
    pub(crate) constraint: Option<String>,
    /// See [`super::Outline::generated`].
    pub(crate) generated: bool,
    /// Where the rest of the file begins.
    pub(super) end: usize,
}

/// Reads a file up to its package clause.
pub(crate) fn header(text: &str) -> Header {
    let mut out = Header::default();
    let mut plus_build = None;
    let mut lexer = Lexer::new(text.as_bytes(), 0, false);
    let token = lexer.next();
    comments(&text[..token.start], &mut out, &mut plus_build);
    out.end = token.start;
    out.constraint = out.constraint.or(plus_build);
    if token.tok != Tok::Word || &text[token.start..token.end] != "package" {
        return out;
    }
    let name = lexer.next();
    if name.tok == Tok::Word && !is_keyword(&text.as_bytes()[name.start..name.end]) {
        out.package = Ustr::from(&text[name.start..name.end]);
        out.end = name.end;
    } else {
        out.end = token.end;
    }
    out
}

fn comments(text: &str, out: &mut Header, plus_build: &mut Option<String>) {
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            at += memmem::find(&rest.as_bytes()[2..], b"*/").map_or(rest.len(), |len| len + 4);
            continue;
        }
        let len = memchr(b'\n', rest.as_bytes()).map_or(rest.len(), |len| len + 1);
        if rest.starts_with("//") {
            let line = rest[..len].trim_end_matches(['\n', '\r']);
            line_comment(line, at == 0 || text.as_bytes()[at - 1] == b'\n', out, plus_build);
            at += len;
        } else {
            // One character at a time up to the next comment or line.
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
}

fn line_comment(line: &str, column_0: bool, out: &mut Header, plus_build: &mut Option<String>) {
    const GENERATED: (&str, &str) = ("// Code generated ", " DO NOT EDIT.");
    let long_enough = line.len() >= GENERATED.0.len() + GENERATED.1.len();
    out.generated |= column_0 && long_enough && line.starts_with(GENERATED.0) && line.ends_with(GENERATED.1);
    if let Some(rest) = line.strip_prefix("//go:build").filter(|rest| rest.starts_with([' ', '\t'])) {
        out.constraint = Some(rest.trim().to_owned());
    } else if let Some(rest) = line[2..].trim().strip_prefix("+build").filter(|rest| rest.starts_with([' ', '\t'])) {
        *plus_build = Some(rest.trim().to_owned());
    }
}
