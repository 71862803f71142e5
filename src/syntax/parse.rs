//! From the slice of one declaration to its tree.

use super::kind::language;
use super::repair;
use crate::source::{Decl, DeclKind, Refusal, SourceFile, Span};
use std::borrow::Cow;
use std::cell::RefCell;
use tree_sitter::{Node, Parser, Tree};

/// The tree of one declaration. It may hold errors; it always exists.
#[derive(Debug)]
pub struct ParsedDecl<'f> {
    /// The tree; its root is a `source_file` around the declaration.
    pub tree: Tree,
    /// The text that the tree's offsets index: the declaration as it stands in the file, after a keyword for the specs of a group.
    pub text: Cow<'f, str>,
    /// What turns an offset of the tree into one of the file.
    pub base: i64,
    /// The declaration's range in the file.
    pub decl: Span,
    /// Where the text is not Go, as ranges of the file, outermost first and in order.
    pub errors: Vec<Span>,
}

impl ParsedDecl<'_> {
    /// The range of `node` in the file; never more than the declaration.
    #[must_use]
    pub fn span(&self, node: Node<'_>) -> Span {
        Span { start: self.offset(node.start_byte()), end: self.offset(node.end_byte()) }
    }

    /// The text of `node`, as it stands in the file.
    #[must_use]
    pub fn node_text(&self, node: Node<'_>) -> &str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    /// The declaration itself: the first named child of the root.
    #[must_use]
    pub fn node(&self) -> Option<Node<'_>> {
        super::named(self.tree.root_node()).next()
    }

    fn offset(&self, at: usize) -> u32 {
        let at = i64::try_from(at).unwrap_or(i64::MAX).saturating_add(self.base);
        u32::try_from(at).unwrap_or(0).clamp(self.decl.start, self.decl.end)
    }
}

thread_local! {
    static PARSER: RefCell<Parser> = RefCell::new(new_parser());
}

fn new_parser() -> Parser {
    let mut parser = Parser::new();
    // Only a grammar built for another ABI is refused, and a unit test parses with this one.
    let _ = parser.set_language(language());
    parser
}

/// Parses one declaration of `file`.
///
/// # Errors
/// If the declaration is too large or nests too deep, or the parser gives up on it. Broken text is no error: the tree then says where.
pub fn parse_decl<'f>(file: &'f SourceFile, decl: &Decl) -> Result<ParsedDecl<'f>, Refusal> {
    if let Some(refusal) = decl.refusal() {
        return Err(refusal);
    }
    let (text, before) = text(file, decl);
    let base = i64::from(decl.span.start) - i64::try_from(before).unwrap_or(0);
    let tree = tree(text.as_bytes())?;
    let mut parsed = ParsedDecl { tree, text, base, decl: decl.span, errors: Vec::new() };
    parsed.errors = errors(&parsed);
    if !parsed.errors.is_empty() {
        retry(&mut parsed)?;
    }
    Ok(parsed)
}

fn tree(text: &[u8]) -> Result<Tree, Refusal> {
    PARSER.with_borrow_mut(|parser| parser.parse(text, None)).ok_or(Refusal::Effort)
}

/// Parses again what the grammar stumbled on, spelled in a way that it knows, and keeps the better tree.
fn retry(parsed: &mut ParsedDecl<'_>) -> Result<(), Refusal> {
    let Some(respelled) = repair::respell(&parsed.text) else { return Ok(()) };
    let first = std::mem::replace(&mut parsed.tree, tree(&respelled)?);
    let errors = errors(parsed);
    if errors.len() < parsed.errors.len() {
        parsed.errors = errors;
    } else {
        parsed.tree = first;
    }
    Ok(())
}

/// What to parse, and how many bytes of it stand before the declaration's own. The grammar wants a keyword before the spec of a group, and
/// the line end after anything but a function.
fn text<'f>(file: &'f SourceFile, decl: &Decl) -> (Cow<'f, str>, usize) {
    let slice = file.slice(decl.span);
    let keyword = match decl.kind {
        DeclKind::Func | DeclKind::Method => return (Cow::Borrowed(slice), 0),
        _ if !decl.grouped => "",
        DeclKind::Type => "type ",
        DeclKind::Var => "var ",
        DeclKind::Const => "const ",
    };
    (Cow::Owned([keyword, slice, "\n"].concat()), keyword.len())
}

/// Ranges of the outermost error nodes, inside the declaration; walks only subtrees that hold one, and never recurses.
fn errors(parsed: &ParsedDecl<'_>) -> Vec<Span> {
    let mut out = Vec::new();
    let mut cursor = parsed.tree.walk();
    loop {
        let node = cursor.node();
        let bad = node.is_error() || node.is_missing();
        if bad {
            out.push(parsed.span(node));
        }
        if !bad && node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return out;
            }
        }
    }
}

/// The first node of `tree` that lies deeper than `limit`, for passes that recurse. Walks the tree only if it has enough nodes.
#[must_use]
pub fn too_deep(tree: &Tree, limit: u32) -> Option<std::ops::Range<usize>> {
    if tree.root_node().descendant_count() <= limit as usize {
        return None;
    }
    let mut cursor = tree.walk();
    loop {
        if cursor.depth() > limit {
            return Some(cursor.node().byte_range());
        }
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return None;
            }
        }
    }
}
