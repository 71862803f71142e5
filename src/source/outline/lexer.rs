//! Just enough of Go's lexical grammar to find where declarations begin and end.
//!
//! Two speeds: token by token between declarations and in their heads, and [`Lexer::group`] for everything between brackets, which
//! is nearly all of a file. The second looks at no token; it counts brackets and steps over strings and comments.

use crate::source::Span;
use memchr::{memchr, memchr3, memmem};

/// What a token is, as far as cutting declarations needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tok {
    /// An identifier or keyword.
    Word,
    /// A number, string or rune.
    Literal,
    /// `(`, `[` or `{`: the byte.
    Open(u8),
    /// `)`, `]` or `}`.
    Close,
    /// A semicolon, written or implied by the end of a line.
    Semi,
    /// Any other byte.
    Other(u8),
    /// The end of the text.
    Eof,
}

/// One token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) tok: Tok,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// How a bracket group ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// At its closing bracket.
    Closed,
    /// Never: the next declaration begins first, here. Or the text ends.
    Cut(usize),
}

/// What the start of a line tells about the structure around it.
enum LineStart {
    /// A function declaration. No well-formed Go has one inside brackets.
    Func,
    /// `type`, `var`, `const` or `import`: a declaration in formatted code, maybe a local one elsewhere.
    Keyword,
    /// A merge-conflict marker.
    Marker,
    /// Nothing.
    Plain,
}

/// A cursor over the text of one file.
#[derive(Debug)]
pub(crate) struct Lexer<'t> {
    bytes: &'t [u8],
    /// Where the next token is looked for.
    pub(crate) at: usize,
    /// Whether the token before can end a statement, so that a line end implies a semicolon.
    ends_statement: bool,
    /// Whether a function declaration at the start of a line ends a raw string. Only sensible once a raw string is known not to close:
    /// strings and code may then have swapped places for the rest of the file.
    distrust_raw: bool,
    /// Start of the first raw string or comment that never closes, or that is taken not to.
    pub(crate) unclosed: Option<usize>,
    /// Whether it is known that no comment closes any more, so that nobody looks for the end twice.
    no_comment_end: bool,
    /// Up to here a keyword at the start of a line ends a group at once, because brackets are known not to match. Without it, a file of
    /// nothing but open brackets would be read again from every keyword.
    eager_until: usize,
    /// Lines that are merge-conflict markers.
    pub(crate) markers: Vec<Span>,
}

const OPEN: i8 = 1;
const CLOSE: i8 = -1;
/// A byte that may begin a string, a comment or a line.
const SPECIAL: i8 = 2;

/// How each byte changes the nesting.
static STEP: [i8; 256] = {
    let mut table = [0; 256];
    table[b'(' as usize] = OPEN;
    table[b'[' as usize] = OPEN;
    table[b'{' as usize] = OPEN;
    table[b')' as usize] = CLOSE;
    table[b']' as usize] = CLOSE;
    table[b'}' as usize] = CLOSE;
    table[b'"' as usize] = SPECIAL;
    table[b'`' as usize] = SPECIAL;
    table[b'\'' as usize] = SPECIAL;
    table[b'/' as usize] = SPECIAL;
    table[b'\n' as usize] = SPECIAL;
    table
};

impl<'t> Lexer<'t> {
    pub(crate) fn new(bytes: &'t [u8], at: usize, distrust_raw: bool) -> Self {
        let mut lexer = Self {
            bytes,
            at,
            ends_statement: false,
            distrust_raw,
            unclosed: None,
            no_comment_end: false,
            eager_until: 0,
            markers: Vec::new(),
        };
        if at == 0 && is_marker(bytes, 0) {
            lexer.skip_marker(0);
        }
        lexer
    }

    /// Makes `at` the place of the next token, and the start of a statement.
    pub(crate) fn restart(&mut self, at: usize) {
        self.at = at;
        self.ends_statement = false;
    }

    /// The next token.
    pub(crate) fn next(&mut self) -> Token {
        loop {
            let start = self.at;
            let Some(&byte) = self.bytes.get(start) else { return self.at_end() };
            match byte {
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'\n' => {
                    self.at += 1;
                    if is_marker(self.bytes, self.at) {
                        self.skip_marker(self.at);
                    }
                    if std::mem::take(&mut self.ends_statement) {
                        return Token { tok: Tok::Semi, start, end: start };
                    }
                }
                b'/' if self.bytes.get(start + 1) == Some(&b'/') => self.at = self.line_end(start),
                b'/' if self.bytes.get(start + 1) == Some(&b'*') => {
                    self.at = self.after_comment(start);
                    let lines = memchr(b'\n', &self.bytes[start..self.at]).is_some();
                    if lines && std::mem::take(&mut self.ends_statement) {
                        return Token { tok: Tok::Semi, start, end: start };
                    }
                }
                _ => return self.token(start, byte),
            }
        }
    }

    fn at_end(&mut self) -> Token {
        let tok = if std::mem::take(&mut self.ends_statement) { Tok::Semi } else { Tok::Eof };
        Token { tok, start: self.at, end: self.at }
    }

    fn token(&mut self, start: usize, byte: u8) -> Token {
        let (tok, end, ends_statement) = match byte {
            b'(' | b'[' | b'{' => (Tok::Open(byte), start + 1, false),
            b')' | b']' | b'}' => (Tok::Close, start + 1, true),
            b';' => (Tok::Semi, start + 1, false),
            b'"' => (Tok::Literal, self.after_string(start), true),
            b'`' => (Tok::Literal, self.after_raw(start), true),
            b'\'' => (Tok::Literal, self.after_rune(start), true),
            b'0'..=b'9' => (Tok::Literal, self.after_number(start), true),
            _ if is_word(byte) => {
                let end = self.after_word(start);
                (Tok::Word, end, !continues_after(&self.bytes[start..end]))
            }
            b'+' | b'-' if self.bytes.get(start + 1) == Some(&byte) => (Tok::Other(byte), start + 2, true),
            _ => (Tok::Other(byte), start + 1, false),
        };
        self.at = end;
        self.ends_statement = ends_statement;
        Token { tok, start, end }
    }

    /// Steps over the rest of a bracket group whose opening bracket was the last token. Tells how it ends, and how deep it nests.
    pub(crate) fn group(&mut self) -> (End, u32) {
        let bytes = self.bytes;
        let (mut depth, mut deepest) = (1_i32, 1_i32);
        let mut keyword = None;
        let mut at = self.at;
        while let Some(&byte) = bytes.get(at) {
            let step = STEP[usize::from(byte)];
            if step != SPECIAL {
                depth += i32::from(step);
                deepest = deepest.max(depth);
                at += 1;
                if depth == 0 {
                    self.at = at;
                    self.ends_statement = true;
                    return (End::Closed, deepest.unsigned_abs());
                }
                continue;
            }
            at = match byte {
                b'\n' => match self.line_start(at + 1) {
                    LineStart::Plain => at + 1,
                    LineStart::Marker => {
                        self.skip_marker(at + 1);
                        self.at
                    }
                    LineStart::Keyword if at + 1 >= self.eager_until => {
                        keyword.get_or_insert(at + 1);
                        at + 1
                    }
                    LineStart::Keyword | LineStart::Func => return (self.cut(keyword, at + 1), deepest.unsigned_abs()),
                },
                b'"' => self.after_string(at),
                b'`' => self.after_raw(at),
                b'\'' => self.after_rune(at),
                _ => match bytes.get(at + 1) {
                    Some(b'/') => self.line_end(at),
                    Some(b'*') => self.after_comment(at),
                    _ => at + 1,
                },
            };
        }
        (self.cut(keyword, bytes.len()), deepest.unsigned_abs())
    }

    /// Ends a group that does not close before `at`: there, or at the first line that began with a keyword.
    fn cut(&mut self, keyword: Option<usize>, at: usize) -> End {
        let cut = keyword.unwrap_or(at);
        self.eager_until = self.eager_until.max(at);
        self.restart(cut);
        End::Cut(cut)
    }

    /// Whether the word at `start` is the first thing on its line.
    pub(crate) fn at_column_0(&self, start: usize) -> bool {
        start == 0 || self.bytes.get(start - 1) == Some(&b'\n')
    }

    /// Whether a function declaration begins at `start`, which is a `func`.
    pub(crate) fn is_func_decl(&self, start: usize) -> bool {
        is_func_decl(&self.bytes[start..])
    }

    fn line_start(&self, at: usize) -> LineStart {
        // Nearly every line of a body begins with a tab, a brace or its end.
        let keyword = match self.bytes.get(at) {
            Some(b'f') if is_func_decl(&self.bytes[at..]) => return LineStart::Func,
            Some(b'<' | b'=' | b'>' | b'|') if is_marker(self.bytes, at) => return LineStart::Marker,
            Some(b't') => b"type".as_slice(),
            Some(b'v') => b"var",
            Some(b'c') => b"const",
            Some(b'i') => b"import",
            _ => return LineStart::Plain,
        };
        let rest = self.bytes[at..].strip_prefix(keyword);
        let ends = rest.is_some_and(|rest| rest.first().is_some_and(|&byte| !is_word(byte)));
        if ends { LineStart::Keyword } else { LineStart::Plain }
    }

    fn skip_marker(&mut self, at: usize) {
        let end = self.line_end(at);
        self.markers.push(Span::new(at, end));
        self.at = end;
    }

    fn line_end(&self, at: usize) -> usize {
        memchr(b'\n', &self.bytes[at..]).map_or(self.bytes.len(), |len| at + len)
    }

    fn after_word(&self, at: usize) -> usize {
        self.bytes[at..].iter().position(|&byte| !is_word(byte)).map_or(self.bytes.len(), |len| at + len)
    }

    /// `1.` is a whole number too.
    fn after_number(&self, at: usize) -> usize {
        let rest = &self.bytes[at..];
        rest.iter().position(|&byte| !is_word(byte) && byte != b'.').map_or(self.bytes.len(), |len| at + len)
    }

    /// A string that does not close ends with its line.
    fn after_string(&self, start: usize) -> usize {
        let mut at = start + 1;
        loop {
            let Some(len) = self.bytes.get(at..).and_then(|rest| memchr3(b'"', b'\\', b'\n', rest)) else {
                return self.bytes.len();
            };
            at += len;
            match self.bytes[at] {
                b'"' => return at + 1,
                b'\n' => return at,
                // What is escaped may be a quote, but no line end.
                _ if self.bytes.get(at + 1) == Some(&b'\n') => return at + 1,
                _ => at += 2,
            }
        }
    }

    /// A quote that begins no rune is a byte of its own.
    fn after_rune(&self, start: usize) -> usize {
        const LONGEST_ESCAPE: usize = r"'\U0010FFFF'".len();
        let rest = &self.bytes[start + 1..];
        let len = match rest.first() {
            Some(b'\\') => {
                let window = &rest[..rest.len().min(LONGEST_ESCAPE)];
                window.get(2..).and_then(|tail| memchr(b'\'', tail)).map(|len| len + 2)
            }
            Some(b'\n' | b'\'') | None => None,
            Some(&first) => Some(utf8_len(first)).filter(|&len| rest.get(len) == Some(&b'\'')),
        };
        len.map_or(start + 1, |len| start + 2 + len)
    }

    fn after_raw(&mut self, start: usize) -> usize {
        let close = memchr(b'`', &self.bytes[start + 1..]).map(|len| start + 1 + len);
        if close.is_none() {
            self.unclosed.get_or_insert(start);
        }
        let end = close.map_or(self.bytes.len(), |close| close + 1);
        let cut = if self.distrust_raw { self.next_func_line(start, end) } else { None };
        if cut.is_some() {
            self.unclosed.get_or_insert(start);
        }
        cut.unwrap_or(end)
    }

    fn after_comment(&mut self, start: usize) -> usize {
        let close = if self.no_comment_end { None } else { memmem::find(&self.bytes[start + 2..], b"*/") };
        match close {
            Some(len) => start + 2 + len + 2,
            None => {
                self.no_comment_end = true;
                self.unclosed.get_or_insert(start);
                let end = self.bytes.len();
                self.next_func_line(start, end).unwrap_or(end)
            }
        }
    }

    /// The line end before the first function declaration that begins a line between the two offsets.
    fn next_func_line(&self, start: usize, end: usize) -> Option<usize> {
        let found = memmem::find_iter(&self.bytes[start..end], b"\nfunc").map(|at| start + at);
        found.into_iter().find(|&at| is_func_decl(&self.bytes[at + 1..]))
    }
}

/// Whether `byte` can be part of an identifier. All of Unicode beyond ASCII counts: what is no letter there is an error anyway.
pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn utf8_len(first: u8) -> usize {
    match first {
        0..0xc0 => 1,
        0xc0..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    }
}

/// Keywords after which a statement goes on in the next line.
fn continues_after(word: &[u8]) -> bool {
    is_keyword(word) && !matches!(word, b"break" | b"continue" | b"fallthrough" | b"return")
}

pub(crate) fn is_keyword(word: &[u8]) -> bool {
    // Only lower-case words of 2 to 11 letters are worth comparing.
    matches!(word.len(), 2..=11)
        && word[0].is_ascii_lowercase()
        && matches!(
            word,
            b"break"
                | b"case"
                | b"chan"
                | b"const"
                | b"continue"
                | b"default"
                | b"defer"
                | b"else"
                | b"fallthrough"
                | b"for"
                | b"func"
                | b"go"
                | b"goto"
                | b"if"
                | b"import"
                | b"interface"
                | b"map"
                | b"package"
                | b"range"
                | b"return"
                | b"select"
                | b"struct"
                | b"switch"
                | b"type"
                | b"var"
        )
}

/// Whether the line that begins at `at` is a merge-conflict marker.
fn is_marker(bytes: &[u8], at: usize) -> bool {
    const LEN: usize = 7;
    let Some(line) = bytes.get(at..) else { return false };
    let Some(&first) = line.first().filter(|byte| matches!(byte, b'<' | b'=' | b'>' | b'|')) else { return false };
    line.len() >= LEN
        && line[..LEN].iter().all(|&byte| byte == first)
        && line.get(LEN).is_none_or(|byte| byte.is_ascii_whitespace())
}

/// Whether `text` begins with `func`, a name and a parameter list, or a receiver before these: a form that only a declaration has.
fn is_func_decl(text: &[u8]) -> bool {
    let Some(rest) = text.strip_prefix(b"func") else { return false };
    let blank = blanks(rest);
    let mut rest = &rest[blank..];
    let method = rest.first() == Some(&b'(');
    if method {
        let Some(len) = balanced(rest) else { return false };
        rest = &rest[len..];
        rest = &rest[blanks(rest)..];
    } else if blank == 0 {
        return false;
    }
    let name = rest.iter().position(|&byte| !is_word(byte)).unwrap_or(rest.len());
    if name == 0 || is_keyword(&rest[..name]) || rest[0].is_ascii_digit() {
        return false;
    }
    rest = &rest[name..];
    rest = &rest[blanks(rest)..];
    match rest.first() {
        Some(b'(') => true,
        Some(b'[') if !method => true,
        // A literal may return a generic type: `func (x int) Pair[K, V] {`.
        Some(b'[') => balanced(rest).is_some_and(|len| rest[len..].get(blanks(&rest[len..])) == Some(&b'(')),
        _ => false,
    }
}

fn blanks(text: &[u8]) -> usize {
    text.iter().position(|byte| !matches!(byte, b' ' | b'\t')).unwrap_or(text.len())
}

/// Length of the bracket group that `text` begins with, if it lies on one line: receivers and type parameters do, and looking further would
/// cost too much in a file of open brackets.
fn balanced(text: &[u8]) -> Option<usize> {
    let mut depth = 0;
    for (at, &byte) in text.iter().enumerate() {
        match STEP[usize::from(byte)] {
            SPECIAL => return None,
            step => depth += step,
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}
