//! From the slice of one declaration to its tree.

use super::kind::language;
use super::repair;
use crate::source::{Decl, DeclKind, Refusal, SourceFile, Span};
use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::ControlFlow;
use tree_sitter::{Node, ParseOptions, ParseState, Parser, Tree};

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
    let tree = match repair::clarify(&text) {
        Some(clarified) => tree(&clarified)?,
        None => tree(text.as_bytes())?,
    };
    let mut parsed = ParsedDecl { tree, text, base, decl: decl.span, errors: Vec::new() };
    parsed.errors = errors(&parsed);
    if !parsed.errors.is_empty() {
        retry(&mut parsed);
    }
    Ok(parsed)
}

/// Parses `text`, unless recovery from its errors takes too long. Effort is counted, not timed, so that every run gives up at the same place.
fn tree(text: &[u8]) -> Result<Tree, Refusal> {
    /// The parser calls back every 100 steps. Ordinary code takes 8 calls for each 1,000 bytes, the densest 32; text that makes recovery
    /// quadratic takes thousands.
    const CALLS_PER_KB: usize = 64;
    const CALLS_AT_LEAST: usize = 1_000;
    const CALLS_AT_MOST: usize = 100_000;
    let mut left = (CALLS_AT_LEAST + text.len() / 1_000 * CALLS_PER_KB).min(CALLS_AT_MOST);
    let mut progress = |_: &ParseState| {
        left = left.saturating_sub(1);
        if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    PARSER.with_borrow_mut(|parser| {
        let options = ParseOptions::new().progress_callback(&mut progress);
        let tree = parser.parse_with_options(&mut |at, _| text.get(at..).unwrap_or_default(), None, Some(options));
        if tree.is_none() {
            // Or the next parse would go on with this text.
            parser.reset();
        }
        tree.ok_or(Refusal::Effort)
    })
}

/// Parses again what the grammar stumbled on, spelled in a way that it knows, and keeps the better tree.
fn retry(parsed: &mut ParsedDecl<'_>) {
    let Some(respelled) = repair::respell(&parsed.text) else { return };
    let Ok(second) = tree(&respelled) else { return };
    let first = std::mem::replace(&mut parsed.tree, second);
    let errors = errors(parsed);
    if errors.len() < parsed.errors.len() {
        parsed.errors = errors;
    } else {
        parsed.tree = first;
    }
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
    // The cursor's own count of its depth is linear in it.
    let mut depth = 0;
    loop {
        if depth > limit {
            return Some(cursor.node().byte_range());
        }
        if cursor.goto_first_child() {
            depth += 1;
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return None;
            }
            depth -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Field, Kind, child, kind, named};
    use super::*;
    use crate::source::outline;
    use std::time::{Duration, Instant};

    fn file(text: &str) -> SourceFile {
        SourceFile::new("a.go".into(), "a.go".into(), text.into())
    }

    /// Error texts of the last declaration in `text`, and a look at its parse.
    fn parse(text: &str, look: impl FnOnce(&ParsedDecl<'_>)) -> Vec<String> {
        let file = file(text);
        let outline = outline(text);
        let parsed = parse_decl(&file, outline.decls.last().unwrap()).unwrap();
        look(&parsed);
        parsed.errors.iter().map(|&span| file.slice(span).to_owned()).collect()
    }

    fn find<'t>(node: Node<'t>, wanted: Kind) -> Option<Node<'t>> {
        if kind(node) == wanted { Some(node) } else { named(node).find_map(|child| find(child, wanted)) }
    }

    #[test]
    fn offsets_are_the_files_with_and_without_a_group() {
        let text = "package p\n\nvar (\n\ta = 1\n\tb = f(c)\n)\n";
        let errors = parse(text, |parsed| {
            let call = find(parsed.node().unwrap(), Kind::CallExpression).unwrap();
            assert_eq!(&text[parsed.span(call).range()], "f(c)");
            assert_eq!(parsed.node_text(child(call, Field::Function).unwrap()), "f");
            assert_eq!(kind(parsed.node().unwrap()), Kind::VarDeclaration);
            assert_eq!(&text[parsed.span(parsed.node().unwrap()).range()], "b = f(c)");
        });
        assert!(errors.is_empty());
        for text in [
            "package p\nfunc f() { g(é) }",
            "package p\nconst (\n\ta = iota\n\tb\n)",
            "package p\ntype T int // c",
            "package p\nvar x T",
        ] {
            assert!(parse(text, |parsed| assert!(parsed.node().is_some())).is_empty(), "{text}");
        }
    }

    #[test]
    fn an_error_has_its_place() {
        let text = "package p\nfunc f() {\n\tx := 1\n\ty := := 2\n\tgo g()\n}\n";
        let errors = parse(text, |parsed| assert!(find(parsed.node().unwrap(), Kind::GoStatement).is_some()));
        assert_eq!(errors, [":="]);
    }

    #[test]
    fn what_the_grammar_does_not_know_is_respelled_unseen() {
        let errors = parse("package p\nfunc (t *T) m[U any](x U) { go f(new(x + 1)) }", |parsed| {
            let call = find(find(parsed.node().unwrap(), Kind::ArgumentList).unwrap(), Kind::CallExpression).unwrap();
            assert_eq!(parsed.node_text(call), "new(x + 1)");
            assert_eq!(parsed.node_text(child(call, Field::Function).unwrap()), "new");
            assert!(find(call, Kind::BinaryExpression).is_some());
        });
        assert!(errors.is_empty());
    }

    #[test]
    fn both_sides_of_a_conflict_are_kept() {
        let text = "package p\nfunc f() {\n<<<<<<< HEAD\n\tgo a()\n=======\n\tgo b()\n>>>>>>> it's\n}\n";
        let errors = parse(text, |parsed| {
            let list = find(parsed.node().unwrap(), Kind::StatementList).unwrap();
            assert_eq!(named(list).map(kind).collect::<Vec<_>>(), [Kind::GoStatement, Kind::GoStatement]);
        });
        assert!(errors.is_empty());
    }

    #[test]
    fn method_expressions_of_literal_types_and_odd_groups_parse() {
        for body in [
            "_ = struct{ T }.M",
            "go interface{ M() }.M(x)",
            "var (a int)",
            "var (a = 1; b int)\n\tx()",
            "const (A = 1; B)",
            "if ; x {\n\t}",
        ] {
            assert_eq!(parse(&format!("package p\nfunc f() {{\n\t{body}\n}}"), |_| {}), [""; 0], "{body}");
        }
    }

    #[test]
    fn endless_recovery_is_given_up() {
        let text = format!("package p\nfunc f() {{\n{}\n}}\nfunc g() {{}}\n", "if { } else ".repeat(4_000));
        let file = file(&text);
        let outline = outline(&text);
        let start = Instant::now();
        assert_eq!(parse_decl(&file, &outline.decls[0]).err(), Some(Refusal::Effort));
        assert!(start.elapsed() < Duration::from_secs(30));
        assert!(parse_decl(&file, &outline.decls[1]).unwrap().errors.is_empty());
    }

    #[test]
    fn deep_trees_without_brackets_are_found() {
        let text = format!("package p\nvar x = {}1\n", "-".repeat(50_000).replace("--", "-+"));
        let file = file(&text);
        let parsed = parse_decl(&file, &outline(&text).decls[0]).unwrap();
        assert!(too_deep(&parsed.tree, 1_000).is_some());
        assert!(too_deep(&parsed.tree, 60_000).is_none());
        assert!(parse("package p\nfunc f() { g() }", |parsed| assert!(too_deep(&parsed.tree, 100).is_none())).is_empty());
    }

    /// What the judge compares with go/parser, without Go at hand.
    #[test]
    fn valid_go_has_no_errors() {
        for text in [
            include_str!("../../tests/goparser/odd/crlf.go"),
            include_str!("../../tests/goparser/odd/joins.go"),
            include_str!("../../tests/goparser/odd/layout.go"),
            include_str!("../../tests/goparser/odd/statements.go"),
            include_str!("../../tests/goparser/odd/types.go"),
        ] {
            let file = file(text);
            for decl in outline(text).decls {
                let parsed = parse_decl(&file, &decl).unwrap();
                let errors: Vec<_> =
                    parsed.errors.iter().map(|&span| (file.slice(span), file.line_col(span.start).line)).collect();
                assert_eq!(errors, [], "{:?}", decl.names);
            }
        }
    }

    /// A tree without its text: kinds and ranges, but for semicolons and line ends.
    fn shape(node: Node<'_>, out: &mut Vec<String>) {
        out.push(format!("{} {:?}", node.kind(), node.byte_range()));
        named(node).for_each(|child| shape(child, out));
    }

    /// Statements end where Go ends them: after each of these a line end says what a semicolon says, whatever the next line begins with.
    #[test]
    fn a_line_end_ends_a_statement() {
        let statements = |text: &str| text.lines().map(|line| line.replace("\\n", "\n")).collect::<Vec<_>>();
        let last = statements(include_str!("../../tests/goparser/joins/last.txt"));
        let first = statements(include_str!("../../tests/goparser/joins/first.txt"));
        let mut wrong = Vec::new();
        for (last, first) in last.iter().flat_map(|last| first.iter().map(move |first| (last, first))) {
            for between in ["\n", "\n\n\t", " \n", "\r\n", "// c\n", " /* c */\n", "\n// c\n\t", "\n/* c */ ", "/* c\n */"] {
                // Each spelling of a line end before what opens with a bracket; the plain one before all.
                if between != "\n" && !first.starts_with(['(', '[', '{', '-']) {
                    continue;
                }
                let with = |between: &str| {
                    let text = format!("package p\nfunc f() {{\n{last}{between}{first}\n}}\n");
                    let mut out = Vec::new();
                    let errors = parse(&text, |parsed| shape(parsed.node().unwrap(), &mut out));
                    (out, errors)
                };
                let semicolon = format!(";{:width$}", "", width = between.len() - 1);
                if with(between) != with(&semicolon) {
                    wrong.push(format!("{last:?} {between:?} {first:?}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{} joined: {:#?}", wrong.len(), &wrong[..wrong.len().min(40)]);
    }

    /// A star before a conversion or a call is no part of the type.
    #[test]
    fn a_star_before_a_call_is_an_operator() {
        for (text, callee) in [
            ("*(*[]byte)(p)", "(*[]byte)"),
            ("**(*T)(p)", "(*T)"),
            ("*(f)(p)", "(f)"),
            ("*f[int](p)", "f[int]"),
            ("*q.F[*int, string](p)", "q.F[*int, string]"),
            ("a + *(*int)(p)", "(*int)"),
        ] {
            let whole = format!("package p\nfunc f() {{\n\tx := {text}\n}}\n");
            let errors = parse(&whole, |parsed| {
                let root = parsed.node().unwrap();
                let call = find(root, Kind::CallExpression).or_else(|| find(root, Kind::TypeConversionExpression)).unwrap();
                let parts = [Field::TypeArguments, Field::Function, Field::Type];
                let end = parts.into_iter().find_map(|part| child(call, part)).unwrap().end_byte();
                assert_eq!(&parsed.text[call.start_byte()..end], callee, "{text}");
                let star = call.parent().unwrap();
                assert_eq!((kind(star), parsed.node_text(child(star, Field::Operator).unwrap())), (Kind::UnaryExpression, "*"));
            });
            assert_eq!(errors, [""; 0], "{text}");
        }
        assert!(repair::clarify("func f(a *G[T], b *(T)) *G[T] { return a * (b)(c) * d[e](g) }").is_none());
    }

    #[test]
    fn every_truncation_parses() {
        let text = include_str!("../../tests/goparser/odd/statements.go");
        for at in (0..text.len()).filter(|&at| text.is_char_boundary(at)).step_by(37) {
            let file = file(&text[..at]);
            if let Some(decl) = outline(&file.text).decls.last() {
                let parsed = parse_decl(&file, decl).unwrap();
                assert!(parsed.errors.iter().all(|&span| decl.span.contains(span)));
            }
        }
    }
}
