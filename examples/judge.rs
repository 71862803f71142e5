//! Compares outline and parse with what Go's own parser says, declaration by declaration; see `tests/goparser/main.go`.
//!
//! `go run -C tests/goparser . DIR | cargo run --release --example judge -- DIR`
//!
//! For every file that go/parser accepts: the same declarations with the same kinds, receivers, names and byte ranges, no error node in
//! any tree, and the same number of calls, sends, selects and so on in each. Exit code 1 and one line for each difference otherwise.

use goleash::source::{Decl, DeclKind, SourceFile, decode, outline};
use goleash::syntax::{Field, Kind, child, children, kind, parse_decl};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::Path;
use std::process::ExitCode;
use tree_sitter::{Node, Tree};

/// One declaration: kind, range, receiver, names, grouped, counts.
type Row = String;

fn main() -> ExitCode {
    let Some(root) = std::env::args().nth(1) else {
        eprintln!("usage: judge DIR");
        return ExitCode::from(2);
    };
    let mut files: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        if let Some((file, row)) = line.split_once('\t') {
            files.entry(file.to_owned()).or_default().push(row.to_owned());
        }
    }
    let differences: Vec<String> =
        files.par_iter().flat_map_iter(|(file, expected)| compare(Path::new(&root), file, expected)).collect();
    for difference in &differences {
        println!("{difference}");
    }
    let rows: usize = files.values().map(Vec::len).sum();
    println!("{} files, {} declarations, {} differences", files.len(), rows - files.len(), differences.len());
    if differences.is_empty() && !files.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn compare(root: &Path, file: &str, expected: &[Row]) -> Vec<String> {
    let bytes = match std::fs::read(root.join(file)) {
        Ok(bytes) => bytes,
        Err(error) => return vec![format!("{file}: {error}")],
    };
    let (text, _) = decode(bytes, file);
    let outline = outline(&text);
    let src = SourceFile::new(file.to_owned(), root.join(file), text);
    let mut out: Vec<String> = Vec::new();
    let mut got = vec![format!("package\t{}", outline.package)];
    for problem in &outline.problems {
        out.push(format!("{file}:{}: problem: {}", src.line_col(problem.span.start).line, problem.message));
    }
    for decl in &outline.decls {
        let counts = match parse_decl(&src, decl) {
            Ok(parsed) => {
                for span in &parsed.errors {
                    let at = src.line_col(span.start);
                    out.push(format!("{file}:{}:{}: error node: {:?}", at.line, at.col, src.line_text(at.line)));
                }
                count(&parsed.tree)
            }
            Err(refusal) => {
                out.push(format!("{file}: {}: {refusal}", decl.names[0]));
                String::new()
            }
        };
        got.push(row(decl, &counts));
    }
    // Declarations are compared by place, so that one that is missing does not make all others differ.
    let mut expected = expected.iter().peekable();
    let mut got = got.iter().peekable();
    loop {
        match (expected.peek(), got.peek()) {
            (None, None) => return out,
            (Some(a), Some(b)) if a == b => {
                expected.next();
                got.next();
            }
            (Some(a), Some(b)) if start(a) == start(b) => {
                out.push(format!("{file}: expected {a}\n    got {b}"));
                expected.next();
                got.next();
            }
            (Some(a), b) if b.is_none_or(|b| start(a) < start(b)) => {
                out.push(format!("{file}: missing {a}"));
                expected.next();
            }
            (_, _) => out.push(format!("{file}: not there {:?}", got.next())),
        }
    }
}

fn start(row: &str) -> usize {
    row.split('\t').nth(1).and_then(|start| start.parse().ok()).unwrap_or(0)
}

fn row(decl: &Decl, counts: &str) -> Row {
    let kind = match decl.kind {
        DeclKind::Func => "func",
        DeclKind::Method => "method",
        DeclKind::Type => "type",
        DeclKind::Var => "var",
        DeclKind::Const => "const",
    };
    let names: Vec<_> = decl.names.iter().map(|name| name.as_str()).collect();
    let recv = decl.recv.map(|recv| recv.as_str()).unwrap_or_default();
    let grouped = u8::from(decl.grouped);
    format!("{kind}\t{}\t{}\t{recv}\t{}\t{grouped}\t{counts}", decl.span.start, decl.span.end, names.join(","))
}

const KEYS: [&str; 25] = [
    "go",
    "defer",
    "funclit",
    "send",
    "recv",
    "select",
    "comm",
    "case",
    "for",
    "range",
    "return",
    "call",
    "complit",
    "if",
    "switch",
    "typeswitch",
    "incdec",
    "assign",
    "label",
    "branch",
    "selector",
    "slice",
    "chan",
    "struct",
    "interface",
];

fn count(tree: &Tree) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut cursor = tree.walk();
    'walk: loop {
        for key in keys(cursor.node()) {
            *counts.entry(key).or_default() += 1;
        }
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                break 'walk;
            }
        }
    }
    let parts: Vec<_> = KEYS.iter().filter_map(|key| counts.get(key).map(|n| format!("{key}={n}"))).collect();
    parts.join(",")
}

fn keys(node: Node<'_>) -> Vec<&'static str> {
    let key = match kind(node) {
        Kind::GoStatement => "go",
        Kind::DeferStatement => "defer",
        Kind::FuncLiteral => "funclit",
        Kind::SendStatement => "send",
        Kind::UnaryExpression if child(node, Field::Operator).is_some_and(|op| op.kind() == "<-") => "recv",
        Kind::SelectStatement => "select",
        Kind::CommunicationCase => "comm",
        Kind::ExpressionCase | Kind::TypeCase => "case",
        Kind::DefaultCase => match node.parent().map(kind) {
            Some(Kind::SelectStatement) => "comm",
            _ => "case",
        },
        Kind::ForStatement => {
            let mut cursor = node.walk();
            if node.children(&mut cursor).any(|part| kind(part) == Kind::RangeClause) { "range" } else { "for" }
        }
        Kind::ReturnStatement => "return",
        Kind::CallExpression | Kind::TypeConversionExpression => "call",
        Kind::LiteralValue => "complit",
        Kind::IfStatement => "if",
        Kind::ExpressionSwitchStatement => "switch",
        Kind::TypeSwitchStatement => {
            return if children(node, Field::Alias).next().is_some() { vec!["typeswitch", "assign"] } else { vec!["typeswitch"] };
        }
        Kind::IncStatement | Kind::DecStatement => "incdec",
        Kind::AssignmentStatement | Kind::ShortVarDeclaration => "assign",
        Kind::ReceiveStatement if child(node, Field::Left).is_some() => "assign",
        Kind::LabeledStatement => "label",
        Kind::BreakStatement | Kind::ContinueStatement | Kind::GotoStatement | Kind::FallthroughStatement => "branch",
        Kind::SelectorExpression | Kind::QualifiedType => "selector",
        Kind::SliceExpression => "slice",
        Kind::ChannelType => "chan",
        Kind::StructType => "struct",
        Kind::InterfaceType => "interface",
        _ => return Vec::new(),
    };
    vec![key]
}
