//! Valid Go that the grammar does not know, spelled so that it does.
//!
//! Every change keeps the length, and only the parser sees it: the tree's offsets stay the file's, and the text of a node is read from what
//! the author wrote. [`respell`] runs only on a declaration that came out with errors, [`clarify`] only on one in which the grammar may read
//! something else than Go does, without an error: all other code costs a search of its bytes.

use crate::source::Span;
use crate::source::lexer::{Lexer, Tok, Token, is_keyword};

/// `text` in the grammar's spelling, or `None` if nothing in it needs another one.
pub(super) fn respell(text: &str) -> Option<Vec<u8>> {
    let (tokens, markers) = tokens(text);
    let mut out = Respelling { source: text.as_bytes(), tokens: &tokens, text: text.as_bytes().to_vec() };
    // Both sides of a merge conflict are kept: statements one after the other.
    markers.iter().for_each(|marker| out.blank(marker.start as usize, marker.end as usize));
    out.method_type_parameters();
    out.calls_of_new();
    out.comments();
    out.empty_initialisers();
    out.groups_on_one_line();
    out.chained_labels();
    out.methods_of_literal_types();
    out.line_ends();
    out.dereferenced_calls();
    (out.text != text.as_bytes()).then_some(out.text)
}

/// `text` spelled so that the grammar reads what Go reads, or `None` if nothing in it needs that.
///
/// In `f := m[k]` the grammar also reads a type with arguments, after which it takes a line end for a space: a bracket that opens the next line
/// then makes a call or a literal of the two. In `*(*T)(p)` it reads a conversion to a pointer.
pub(super) fn clarify(text: &str) -> Option<Vec<u8>> {
    let has = |part: &str| memchr::memmem::find(text.as_bytes(), part.as_bytes()).is_some();
    if !(may_join(text.as_bytes()) || has("*(") || (has("](") && has("*"))) {
        return None;
    }
    let (tokens, _) = tokens(text);
    let mut out = Respelling { source: text.as_bytes(), tokens: &tokens, text: text.as_bytes().to_vec() };
    out.line_ends();
    out.dereferenced_calls();
    (out.text != text.as_bytes()).then_some(out.text)
}

/// Whether a line begins with an opening bracket where the one before it may end a statement, or a comment may hold a line end. Says yes too
/// often: at strings and comments, which only the lexer knows.
fn may_join(text: &[u8]) -> bool {
    let opens = |at: usize| {
        let blanks = text[at + 1..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let before = || text[..at].trim_ascii_end().last();
        matches!(text.get(at + 1 + blanks), Some(b'(' | b'[' | b'{'))
            && !matches!(before(), None | Some(b',' | b'{' | b'(' | b'['))
    };
    memchr::memchr_iter(b'\n', text).any(opens) || memchr::memmem::find(text, b"/*").is_some()
}

fn tokens(text: &str) -> (Vec<Token>, Vec<Span>) {
    let mut lexer = Lexer::new(text.as_bytes(), 0, false);
    let mut out = Vec::new();
    loop {
        let token = lexer.next();
        if token.tok == Tok::Eof {
            return (out, lexer.markers);
        }
        out.push(token);
    }
}

struct Respelling<'t> {
    source: &'t [u8],
    tokens: &'t [Token],
    text: Vec<u8>,
}

impl Respelling<'_> {
    fn word(&self, index: usize) -> &[u8] {
        self.tokens.get(index).map_or(b"", |token| &self.source[token.start..token.end])
    }

    fn tok(&self, index: usize) -> Tok {
        self.tokens.get(index).map_or(Tok::Eof, |token| token.tok)
    }

    fn blank(&mut self, start: usize, end: usize) {
        self.text[start..end].fill(b' ');
    }

    /// The index after the group that opens at `index`.
    fn after_group(&self, index: usize) -> usize {
        let mut depth = 0_usize;
        for at in index..self.tokens.len() {
            match self.tok(at) {
                Tok::Open(_) => depth += 1,
                Tok::Close => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return at + 1;
            }
        }
        self.tokens.len()
    }

    /// Go 1.27's `func (r *T) M[U any](x U)`: the list of type parameters becomes blank. Nothing asks for it.
    fn method_type_parameters(&mut self) {
        if self.word(0) != b"func" || self.tok(1) != Tok::Open(b'(') {
            return;
        }
        let list = self.after_group(1) + 1;
        if self.tok(list) == Tok::Open(b'[') {
            let end = self.after_group(list);
            if let (Some(first), Some(last)) = (self.tokens.get(list), self.tokens.get(end - 1)) {
                self.blank(first.start, last.end);
            }
        }
    }

    /// Go 1.26's `new(x + 1)`, and functions of one's own with the names `new` and `make`: the grammar wants a type in there. Under another
    /// name it is a call like any other.
    fn calls_of_new(&mut self) {
        for index in 0..self.tokens.len() {
            let other: &[u8] = match self.word(index) {
                b"new" => b"neW",
                b"make" => b"makE",
                _ => continue,
            };
            if self.tok(index + 1) == Tok::Open(b'(') && !self.begins_with_type(index + 2) {
                let Token { start, end, .. } = self.tokens[index];
                self.text[start..end].copy_from_slice(other);
            }
        }
    }

    /// Whether the tokens from `index` on are a type and then a comma or closing bracket.
    fn begins_with_type(&self, mut index: usize) -> bool {
        // The brackets that are open, without those of which the contents do not matter.
        let mut open = Vec::new();
        if self.tok(index) == Tok::Close {
            return true;
        }
        loop {
            let Some((after, complete)) = self.type_part(index, &mut open) else { return false };
            index = after;
            if !complete {
                continue;
            }
            loop {
                match (self.tok(index), open.last()) {
                    (Tok::Close | Tok::Other(b','), None) => return true,
                    (Tok::Close, Some(_)) => {
                        open.pop();
                        index += 1;
                    }
                    (Tok::Other(b','), Some(b'[')) => {
                        index += 1;
                        break;
                    }
                    _ => return false,
                }
            }
        }
    }

    /// The index after one part of a type, and whether the type can end there. `None` if no type goes on like this.
    fn type_part(&self, index: usize, open: &mut Vec<u8>) -> Option<(usize, bool)> {
        let part = match (self.tok(index), self.word(index)) {
            (_, b"chan") if self.word(index + 1) == b"<" && self.word(index + 2) == b"-" => (index + 3, false),
            (Tok::Other(b'*'), _) | (_, b"chan") => (index + 1, false),
            (Tok::Other(b'<'), _) if self.word(index + 1) == b"-" && self.word(index + 2) == b"chan" => (index + 3, false),
            (Tok::Open(b'['), _) => (self.after_group(index), false),
            (_, b"map") => (self.after_group(index + 1), false),
            (Tok::Open(b'('), _) => {
                open.push(b'(');
                (index + 1, false)
            }
            (_, b"func") => {
                let after = self.after_group(index + 1);
                match self.tok(after) {
                    Tok::Close | Tok::Other(b',') => (after, true),
                    Tok::Open(b'(') => (self.after_group(after), true),
                    _ => (after, false),
                }
            }
            (_, b"struct" | b"interface") => (self.after_group(index + 1), true),
            (Tok::Word, word) if !is_keyword(word) => {
                let name = if self.tok(index + 1) == Tok::Other(b'.') { index + 2 } else { index };
                if self.tok(name + 1) == Tok::Open(b'[') {
                    open.push(b'[');
                    (name + 2, false)
                } else {
                    (name + 1, true)
                }
            }
            _ => return None,
        };
        Some(part)
    }

    /// A comment over several lines ends a statement as a line end does; the grammar takes it for a blank. Only its line ends stay.
    fn comments(&mut self) {
        let mut from = 0;
        for token in self.tokens {
            let gap = from.min(token.start)..token.start;
            if memchr::memchr(b'\n', &self.source[gap.clone()]).is_some() {
                self.text[gap].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
            }
            from = token.end;
        }
    }

    /// A line end that Go takes for a semicolon, before an opening bracket or in a comment: the semicolon stands right behind the statement.
    fn line_ends(&mut self) {
        for index in 1..self.tokens.len() {
            let Token { tok, start, end } = self.tokens[index];
            let Some(next) = self.tokens.get(index + 1).filter(|_| tok == Tok::Semi && start == end) else { continue };
            let (from, to) = (self.tokens[index - 1].end, next.start);
            if !matches!(next.tok, Tok::Open(_)) && memchr::memmem::find(&self.source[from..to], b"/*").is_none() {
                continue;
            }
            // Behind a comment the semicolon would be part of it.
            self.text[from..to].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
            self.text[from] = b';';
        }
    }

    /// `*(*T)(p)` and `*f[T](x)`: the grammar takes a star before what may be a type for a part of it. An ampersand is none; which operator it
    /// is says the text.
    fn dereferenced_calls(&mut self) {
        for index in 0..self.tokens.len() {
            let operand = |at: usize| match self.tok(at) {
                Tok::Word => !is_keyword(self.word(at)) || self.word(at) == b"chan" || self.word(at) == b"map",
                Tok::Literal | Tok::Close => true,
                _ => false,
            };
            if self.tok(index) != Tok::Other(b'*') || index > 0 && operand(index - 1) {
                continue;
            }
            let after = match self.tok(index + 1) {
                Tok::Open(b'(') => self.after_group(index + 1),
                Tok::Word => {
                    let name = if self.tok(index + 2) == Tok::Other(b'.') { index + 3 } else { index + 1 };
                    match self.tok(name + 1) {
                        Tok::Open(b'[') => self.after_group(name + 1),
                        _ => continue,
                    }
                }
                _ => continue,
            };
            if self.tok(after) == Tok::Open(b'(') {
                self.text[self.tokens[index].start] = b'&';
            }
        }
    }

    /// `L: M: }`: the grammar has no empty statement after the second label.
    fn chained_labels(&mut self) {
        let label = |at: usize| self.tok(at) == Tok::Word && self.tok(at + 1) == Tok::Other(b':');
        let chains = (2..self.tokens.len()).filter(|&at| label(at - 2) && label(at) && self.tok(at + 2) == Tok::Close);
        for at in chains.collect::<Vec<_>>() {
            let end = self.tokens[at + 1].end;
            if self.source.get(end).is_some_and(u8::is_ascii_whitespace) {
                self.text[end] = b';';
            }
        }
    }

    /// `struct{ T }.Method`: only a name can stand before the dot. It becomes one that nobody declares.
    fn methods_of_literal_types(&mut self) {
        for index in 0..self.tokens.len() {
            if !matches!(self.word(index), b"struct" | b"interface") {
                continue;
            }
            let after = self.after_group(index + 1);
            if self.tok(after) == Tok::Other(b'.')
                && let (Some(first), Some(last)) = (self.tokens.get(index), self.tokens.get(after - 1))
            {
                self.text[first.start..last.end].fill(b'_');
            }
        }
    }

    /// `if ; x {` and `switch ; x {`: the semicolon becomes blank.
    fn empty_initialisers(&mut self) {
        for index in 1..self.tokens.len() {
            if self.tok(index) == Tok::Semi && matches!(self.word(index - 1), b"if" | b"switch") {
                let Token { start, end, .. } = self.tokens[index];
                self.blank(start, end);
            }
        }
    }

    /// `var (x int; y int)` on one line: the grammar wants a semicolon before the bracket. One spec needs no brackets; after several, the
    /// bracket moves into the blanks behind it.
    fn groups_on_one_line(&mut self) {
        for index in 1..self.tokens.len() {
            if self.tok(index) != Tok::Open(b'(') || !matches!(self.word(index - 1), b"var" | b"const") {
                continue;
            }
            let after = self.after_group(index);
            let (open, close) = (self.tokens[index], self.tokens[after - 1]);
            if after == index + 2 || close.tok != Tok::Close {
                continue;
            }
            if !(index..after).any(|at| self.tok(at) == Tok::Semi) {
                self.blank(open.start, open.end);
                self.blank(close.start, close.end);
            } else if after >= 2 && self.tok(after - 2) != Tok::Semi {
                self.move_close(close.start);
            }
        }
    }

    /// `) ` becomes `;)`, and what follows still ends the statement.
    fn move_close(&mut self, close: usize) {
        let rest = &self.source[close + 1..];
        let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b';')).count();
        let moved: &[u8] = match (blanks, rest.get(blanks)) {
            (0, _) => return,
            (1, Some(b'}')) => b";)",
            (1, _) => return,
            _ => b";)\n",
        };
        self.text[close..close + moved.len()].copy_from_slice(moved);
    }
}
