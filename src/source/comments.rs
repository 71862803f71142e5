//! The line comments of a file that hold a word, told from strings by the lexer.

use super::outline::lexer::{Lexer, Tok};
use super::text::Span;
use memchr::memmem;

/// Where the code of a file begins, and its line comments.
#[derive(Debug, Default)]
pub struct Comments {
    /// The first token: `package` in a file that is whole.
    pub code: usize,
    /// The comments, from their slashes to the end of the line, in order.
    pub lines: Vec<Span>,
}

/// The line comments of `text` that hold `word`.
#[must_use]
pub fn comments_with(text: &str, word: &str) -> Comments {
    let mut lexer = Lexer::new(text.as_bytes(), 0, false);
    let mut out = Comments { code: text.len(), lines: Vec::new() };
    let mut from = 0;
    loop {
        let token = lexer.next();
        // A semicolon may be one that the end of a line implies, which stands before a comment or behind it.
        if token.tok == Tok::Semi {
            continue;
        }
        between(text, from, token.start, word, &mut out.lines);
        if token.tok == Tok::Eof {
            return out;
        }
        out.code = out.code.min(token.start);
        from = token.end;
    }
}

/// The line comments in a gap between two tokens.
fn between(text: &str, mut from: usize, to: usize, word: &str, out: &mut Vec<Span>) {
    let find = |from: usize, what: &str| memmem::find(&text.as_bytes()[from..to], what.as_bytes()).map(|at| from + at);
    while let Some(start) = find(from, "/") {
        let end = if text[start..to].starts_with("/*") {
            find(start + 2, "*/").map_or(to, |at| at + 2)
        } else if text[start..to].starts_with("//") {
            let end = find(start, "\n").unwrap_or(to);
            let comment = text[start..end].trim_end();
            if comment.contains(word) {
                out.push(Span::new(start, start + comment.len()));
            }
            end
        } else {
            start + 1
        };
        from = end;
    }
}

#[cfg(test)]
mod tests {
    use super::comments_with;

    #[test]
    fn strings_and_block_comments_are_none() {
        let text = "// x a\n/* // x b */ package p // x c\r\nvar s = \"// x d\" + `\n// x e\n` // x f\n/*\n// x g\n*/ // y\n'\\'' // x h";
        let comments = comments_with(text, "x");
        let found: Vec<&str> = comments.lines.iter().map(|span| &text[span.range()]).collect();
        assert_eq!(found, ["// x a", "// x c", "// x f", "// x h"]);
        assert!(text[comments.code..].starts_with("package"));
    }
}
