//! The declarations of a file without a parse: what is declared, under which names, in which bytes.

mod cut;
mod header;
pub(crate) mod lexer;

pub(super) use header::header;

#[cfg(test)]
mod tests;

use super::text::Span;
use smallvec::SmallVec;
use ustr::Ustr;

/// A declaration whose brackets nest deeper than this is not parsed: what walks its tree may recurse.
pub const MAX_DEPTH: u32 = 1_000;

/// A declaration longer than this is not parsed: its tree would take more memory than the rest of the run.
pub const MAX_DECL_BYTES: usize = 8 << 20;

/// A Go file cut into its top-level declarations. Every file has one, however broken.
#[derive(Clone, Debug, Default)]
pub struct Outline {
    /// Name in the package clause; empty if there is none.
    pub package: Ustr,
    /// Imports in file order.
    pub imports: Vec<Import>,
    /// Declarations in file order. They do not overlap.
    pub decls: Vec<Decl>,
    /// Whether a `// Code generated … DO NOT EDIT.` line stands before the package clause.
    pub generated: bool,
    /// The expression after `//go:build`; without one, the last `// +build` line's.
    pub constraint: Option<String>,
    /// Whether the file imports `"C"`.
    pub cgo: bool,
    /// Where the text is so broken that declarations had to be guessed or left out.
    pub problems: Vec<OutlineProblem>,
}

/// One imported package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Import {
    /// The name given before the path; `.` and `_` stand for themselves.
    pub alias: Option<Ustr>,
    /// The path, without quotes.
    pub path: Ustr,
    /// The import spec.
    pub span: Span,
}

/// What a declaration declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DeclKind {
    /// A function.
    Func,
    /// A function with a receiver.
    Method,
    /// A type, or an alias.
    Type,
    /// One `var` spec.
    Var,
    /// One `const` spec.
    Const,
}

/// One top-level declaration, or one spec of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decl {
    /// What it declares.
    pub kind: DeclKind,
    /// The declared names; `var a, b = f()` has two.
    pub names: SmallVec<[Ustr; 1]>,
    /// The receiver's base type name, without star and type arguments; `None` for what is no method.
    pub recv: Option<Ustr>,
    /// The whole declaration from its keyword, or the one spec of a group.
    pub span: Span,
    /// The first name.
    pub name_span: Span,
    /// Whether it is a spec between the parentheses of a group; the keyword is then not in `span`.
    pub grouped: bool,
    /// Place in its group, which is the value of `iota`.
    pub index: u32,
    /// How deep its brackets nest.
    pub depth: u32,
    /// Whether its brackets do not match, or merge-conflict markers stand in it.
    pub broken: bool,
}

/// Why a declaration is not parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Its brackets nest deeper than [`MAX_DEPTH`].
    #[error("nested more than {MAX_DEPTH} levels deep")]
    Depth,
    /// It is longer than [`MAX_DECL_BYTES`].
    #[error("longer than {} MB", MAX_DECL_BYTES >> 20)]
    Size,
    /// The parser gave up on it: so broken that recovery would take too long.
    #[error("too broken to parse")]
    Effort,
}

impl Decl {
    /// Whether the declaration is too big to be parsed.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        if self.depth > MAX_DEPTH {
            Some(Refusal::Depth)
        } else if self.span.len() > MAX_DECL_BYTES {
            Some(Refusal::Size)
        } else {
            None
        }
    }
}

/// A place where the lexer had to guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutlineProblem {
    /// The bytes that are off.
    pub span: Span,
    /// What is wrong with them.
    pub message: &'static str,
}

impl Outline {
    /// The declaration whose range holds `offset`.
    #[must_use]
    pub fn decl_at(&self, offset: u32) -> Option<usize> {
        let after = self.decls.partition_point(|decl| decl.span.start <= offset);
        let index = after.checked_sub(1)?;
        (offset < self.decls[index].span.end).then_some(index)
    }
}

/// Cuts the text of a Go file into its declarations.
#[must_use]
pub fn outline(text: &str) -> Outline {
    cut::outline(text)
}

/// The import paths in the head of a file, and whether the head reaches past the imports.
#[must_use]
pub fn import_paths(head: &str) -> (Vec<Ustr>, bool) {
    let ends =
        ["\nfunc", "\ntype", "\nvar", "\nconst"].iter().filter_map(|word| memchr::memmem::find(head.as_bytes(), word.as_bytes()));
    let end = ends.min();
    let text = head.get(..end.unwrap_or(head.len())).unwrap_or(head);
    (outline(text).imports.iter().map(|import| import.path).collect(), end.is_some())
}
