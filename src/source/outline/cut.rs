//! From tokens to declarations, in text that may be broken anywhere.
//!
//! A declaration ends where the grammar says. If its brackets do not match, it ends where the next one surely begins: an error stays in
//! its declaration. What lies between declarations and is none is named as a problem.

use super::header::header;
use super::lexer::{End, Lexer, Tok, Token, is_keyword};
use super::{Decl, DeclKind, Import, Outline, OutlineProblem};
use crate::source::Span;
use smallvec::SmallVec;
use ustr::Ustr;

/// More problems than this say no more about a file.
const MAX_PROBLEMS: usize = 20;

/// Cuts the text of a Go file into its declarations.
pub(super) fn outline(text: &str) -> Outline {
    let mut cutter = Cutter::new(text, false);
    cutter.file();
    if let Some(at) = cutter.lexer.unclosed {
        cutter = Cutter::new(text, true);
        cutter.file();
        cutter.lexer.unclosed.get_or_insert(at);
    }
    cutter.finish()
}

struct Cutter<'t> {
    text: &'t str,
    lexer: Lexer<'t>,
    out: Outline,
    /// Start of a run of text that is no declaration.
    junk: Option<usize>,
    /// End of the last token that was not trivia.
    last: usize,
}

/// A declaration in the making.
struct Draft {
    kind: DeclKind,
    names: SmallVec<[Ustr; 1]>,
    recv: Option<Ustr>,
    start: usize,
    name: Token,
    grouped: bool,
    index: u32,
    depth: u32,
}

/// Where the tokens of a declaration end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// Where they should.
    Complete,
    /// Early: the next declaration or the end of the text came first.
    Broken,
}

impl<'t> Cutter<'t> {
    fn new(text: &'t str, distrust_raw: bool) -> Self {
        let header = header(text);
        let out =
            Outline { package: header.package, constraint: header.constraint, generated: header.generated, ..Outline::default() };
        let lexer = Lexer::new(text.as_bytes(), header.end, distrust_raw);
        Self { text, lexer, out, junk: None, last: header.end }
    }

    fn file(&mut self) {
        loop {
            let token = self.lexer.next();
            match token.tok {
                Tok::Eof => break,
                Tok::Semi => {}
                Tok::Word if self.begins_decl(token) => {
                    self.end_junk();
                    self.last = token.end;
                    match self.word(token) {
                        "func" => self.func(token.start),
                        "import" => self.import(token.start),
                        "package" => self.package(token),
                        "type" => self.specs(DeclKind::Type, token.start),
                        "var" => self.specs(DeclKind::Var, token.start),
                        _ => self.specs(DeclKind::Const, token.start),
                    }
                }
                _ => self.junk_statement(token),
            }
        }
        self.end_junk();
    }

    fn finish(mut self) -> Outline {
        if let Some(at) = self.lexer.unclosed {
            let raw = self.text.as_bytes().get(at) == Some(&b'`');
            self.broken_at(at, at + 1, if raw { "raw string never closes" } else { "comment never closes" });
        }
        for span in std::mem::take(&mut self.lexer.markers) {
            self.broken_at(span.start as usize, span.end as usize, "merge-conflict marker");
        }
        self.out.problems.sort_by_key(|problem| problem.span);
        self.out.problems.truncate(MAX_PROBLEMS);
        self.out.cgo = self.out.imports.iter().any(|import| import.path == "C");
        self.out
    }

    fn word(&self, token: Token) -> &'t str {
        self.text.get(token.start..token.end).unwrap_or_default()
    }

    fn name(&self, token: Token) -> Option<Ustr> {
        let word = self.word(token);
        let fits = token.tok == Tok::Word && !is_keyword(word.as_bytes());
        fits.then(|| Ustr::from(word))
    }

    fn next(&mut self) -> Token {
        let token = self.lexer.next();
        if !matches!(token.tok, Tok::Semi | Tok::Eof) {
            self.last = token.end;
        }
        token
    }

    /// Gives `token` back; it will begin a statement.
    fn put_back(&mut self, token: Token, last: usize) {
        self.lexer.restart(token.start);
        self.last = last;
    }

    /// Whether the word at the start of a statement begins a declaration. After junk, which may be the rest of a body whose brace
    /// closed too early, `var` and its like must stand at the start of a line to count.
    fn begins_decl(&self, token: Token) -> bool {
        match self.word(token) {
            "func" => true,
            "type" | "var" | "const" | "import" | "package" => self.junk.is_none() || self.lexer.at_column_0(token.start),
            _ => false,
        }
    }

    /// Whether `token`, in the midst of a declaration, shows that the next one has begun.
    fn interrupts(&self, token: Token) -> bool {
        if token.tok != Tok::Word {
            return false;
        }
        match self.word(token) {
            "type" | "var" | "const" | "import" | "package" => true,
            "func" => self.lexer.at_column_0(token.start) && self.lexer.is_func_decl(token.start),
            _ => false,
        }
    }

    /// Steps over a statement that is no declaration.
    fn junk_statement(&mut self, first: Token) {
        self.junk.get_or_insert(first.start);
        self.last = first.end;
        let mut token = first;
        loop {
            match token.tok {
                Tok::Open(_) if self.group().0 == Stop::Broken => return,
                Tok::Semi | Tok::Eof => return,
                _ => {}
            }
            let last = self.last;
            token = self.next();
            if self.interrupts(token) {
                return self.put_back(token, last);
            }
        }
    }

    fn end_junk(&mut self) {
        if let Some(start) = self.junk.take() {
            self.problem(start, self.last, "not part of any declaration");
        }
    }

    fn problem(&mut self, start: usize, end: usize, message: &'static str) {
        self.out.problems.push(OutlineProblem { span: Span::new(start, end), message });
    }

    fn broken_at(&mut self, start: usize, end: usize, message: &'static str) {
        self.problem(start, end, message);
        if let Some(index) = self.out.decl_at(Span::new(start, end).start) {
            self.out.decls[index].broken = true;
        }
    }

    /// Steps over a group whose opening bracket was the last token.
    fn group(&mut self) -> (Stop, u32) {
        let (end, depth) = self.lexer.group();
        match end {
            End::Closed => {
                self.last = self.lexer.at;
                (Stop::Complete, depth)
            }
            End::Cut(at) => {
                self.last = self.text.as_bytes()[..at].trim_ascii_end().len().max(self.last);
                (Stop::Broken, depth)
            }
        }
    }

    fn package(&mut self, keyword: Token) {
        let token = self.next();
        let name = self.name(token);
        match name {
            Some(name) if self.out.package.is_empty() => self.out.package = name,
            Some(_) => {}
            None => {
                self.put_back(token, keyword.end);
                self.junk.get_or_insert(keyword.start);
            }
        }
    }

    fn import(&mut self, start: usize) {
        let last = self.last;
        let token = self.next();
        if token.tok != Tok::Open(b'(') {
            self.put_back(token, last);
            if !self.interrupts(token) {
                self.import_spec();
            }
            return;
        }
        loop {
            let last = self.last;
            let token = self.next();
            match token.tok {
                Tok::Close => return,
                Tok::Semi => {}
                Tok::Eof => return self.problem(start, self.last, "group never closes"),
                _ if self.interrupts(token) => {
                    self.put_back(token, last);
                    return self.problem(start, last, "group never closes");
                }
                _ => {
                    self.put_back(token, last);
                    self.import_spec();
                }
            }
        }
    }

    /// One import, up to the semicolon or bracket after it. Takes at least one token.
    fn import_spec(&mut self) {
        let first = self.next();
        let (mut token, mut alias) = (first, None);
        if matches!(token.tok, Tok::Word | Tok::Other(b'.')) && !self.interrupts(token) {
            alias = Some(Ustr::from(self.word(token)));
            token = self.next();
        }
        if token.tok == Tok::Literal {
            let path = Ustr::from(self.word(token).trim_matches(['"', '`']));
            self.out.imports.push(Import { alias, path, span: Span::new(first.start, token.end) });
        } else if token.tok == Tok::Close || (self.interrupts(token) && token.start != first.start) {
            self.lexer.restart(token.start);
        }
    }

    fn func(&mut self, start: usize) {
        let keyword_end = self.last;
        let mut token = self.next();
        let (mut recv, mut depth) = (None, 0);
        let method = token.tok == Tok::Open(b'(');
        if method {
            match self.receiver() {
                Some(name) => recv = name,
                None => return self.broken_head(start),
            }
            token = self.next();
        }
        let Some(name) = self.name(token) else {
            if self.interrupts(token) || matches!(token.tok, Tok::Close | Tok::Eof) {
                self.put_back(token, keyword_end);
                return self.broken_head(start);
            }
            self.junk = Some(start);
            return self.junk_statement(token);
        };
        let kind = if method { DeclKind::Method } else { DeclKind::Func };
        let names = SmallVec::from_elem(name, 1);
        let (stop, deep) = self.func_rest();
        depth = deep.max(depth);
        self.push(Draft { kind, names, recv, start, name: token, grouped: false, index: 0, depth }, stop);
    }

    fn broken_head(&mut self, start: usize) {
        self.junk = Some(start);
    }

    /// Type parameters, parameters, results and body.
    fn func_rest(&mut self) -> (Stop, u32) {
        let mut depth = 0;
        let mut before = 0..0;
        loop {
            let last = self.last;
            let token = self.next();
            match token.tok {
                Tok::Semi => return (Stop::Complete, depth),
                Tok::Eof => return (Stop::Complete, depth),
                Tok::Close => return (Stop::Broken, depth),
                Tok::Open(bracket) => {
                    let (stop, deep) = self.group();
                    depth = depth.max(deep);
                    let is_type = matches!(&self.text[before.clone()], "struct" | "interface");
                    if stop == Stop::Broken || (bracket == b'{' && !is_type) {
                        return (stop, depth);
                    }
                }
                _ if self.interrupts(token) => {
                    self.put_back(token, last);
                    return (Stop::Broken, depth);
                }
                _ => {}
            }
            before = token.start..token.end;
        }
    }

    /// The receiver's base type: the last name outside brackets. `None` if the list does not close.
    fn receiver(&mut self) -> Option<Option<Ustr>> {
        let mut name = None;
        let mut parens = 1;
        loop {
            let last = self.last;
            let token = self.next();
            match token.tok {
                Tok::Open(b'(') => parens += 1,
                Tok::Open(_) if self.group().0 == Stop::Broken => return None,
                Tok::Close => {
                    parens -= 1;
                    if parens == 0 {
                        return Some(name);
                    }
                }
                Tok::Eof => return None,
                Tok::Word if self.interrupts(token) => {
                    self.put_back(token, last);
                    return None;
                }
                Tok::Word => name = self.name(token).or(name),
                _ => {}
            }
        }
    }

    /// What follows `type`, `var` or `const`.
    fn specs(&mut self, kind: DeclKind, start: usize) {
        let last = self.last;
        let token = self.next();
        if token.tok != Tok::Open(b'(') {
            if self.interrupts(token) || matches!(token.tok, Tok::Semi | Tok::Eof) {
                self.put_back(token, last);
                return self.broken_head(start);
            }
            self.spec(kind, start, token, None);
            return;
        }
        let mut index = 0;
        loop {
            let last = self.last;
            let token = self.next();
            match token.tok {
                Tok::Close => return,
                Tok::Semi => {}
                Tok::Eof => return self.problem(start, self.last, "group never closes"),
                _ if self.interrupts(token) => {
                    self.put_back(token, last);
                    return self.problem(start, last, "group never closes");
                }
                _ => {
                    self.spec(kind, token.start, token, Some(index));
                    index += 1;
                }
            }
        }
    }

    /// One spec that begins with `first`, up to its semicolon or the bracket that ends the group.
    fn spec(&mut self, kind: DeclKind, start: usize, first: Token, index: Option<u32>) {
        let Some(name) = self.name(first) else {
            return self.junk_spec(start, first);
        };
        let mut names = SmallVec::from_elem(name, 1);
        let (mut depth, mut in_names) = (0, kind != DeclKind::Type);
        let stop = loop {
            let last = self.last;
            let token = self.next();
            match token.tok {
                Tok::Semi | Tok::Eof => break Stop::Complete,
                Tok::Close => {
                    self.put_back(token, last);
                    break if index.is_some() { Stop::Complete } else { Stop::Broken };
                }
                Tok::Open(_) => {
                    in_names = false;
                    let (stop, deep) = self.group();
                    depth = depth.max(deep);
                    if stop == Stop::Broken {
                        break stop;
                    }
                }
                Tok::Other(b',') => {}
                _ if self.interrupts(token) => {
                    self.put_back(token, last);
                    break Stop::Broken;
                }
                // Names go on after a comma only: in `a, b T` the type follows none.
                Tok::Word if in_names && self.text.as_bytes().get(last.wrapping_sub(1)) == Some(&b',') => {
                    names.extend(self.name(token));
                }
                _ => in_names = false,
            }
        };
        let draft =
            Draft { kind, names, recv: None, start, name: first, grouped: index.is_some(), index: index.unwrap_or(0), depth };
        self.push(draft, stop);
    }

    /// A spec that begins with no name: steps over it.
    fn junk_spec(&mut self, start: usize, first: Token) {
        let mut token = first;
        loop {
            match token.tok {
                Tok::Semi | Tok::Eof => break,
                Tok::Open(_) if self.group().0 == Stop::Broken => break,
                _ => {}
            }
            let last = self.last;
            token = self.next();
            if token.tok == Tok::Close || self.interrupts(token) {
                self.put_back(token, last);
                break;
            }
        }
        self.problem(start, self.last, "not part of any declaration");
    }

    fn push(&mut self, draft: Draft, stop: Stop) {
        let span = Span::new(draft.start, self.last);
        let broken = stop == Stop::Broken;
        if broken {
            self.problem(draft.start, draft.name.end, "brackets do not match");
        }
        self.out.decls.push(Decl {
            kind: draft.kind,
            names: draft.names,
            recv: draft.recv,
            span,
            name_span: Span::new(draft.name.start, draft.name.end),
            grouped: draft.grouped,
            index: draft.index,
            depth: draft.depth,
            broken,
        });
    }
}
