//! Compares outline and parse with what Go's own parser says, declaration by declaration; see `tests/goparser/main.go`.
//!
//! `go run -C tests/goparser . DIR | cargo run --release --example judge -- DIR`
//!
//! For every file that go/parser accepts: the same declarations with the same kinds, receivers, names and byte ranges, no error node in
//! any tree, the same number of calls, sends, selects and so on in each, the same statements at the same places, the same calls of the same
//! bytes with arguments that begin at the same places, and a hit of the scanner for every `go` statement. Exit code 1 and one line for each
//! difference otherwise.
//!
//! Passed over: declarations with `ERROR` in their text. Go's own tests mark so what its parser lets through and its type checker refuses;
//! it is not valid Go, and the grammar need not know it.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use goleash::source::{Decl, DeclKind, Scanner, SourceFile, Span, decode, outline};
use goleash::syntax::{Field, Kind, ParsedDecl, child, children, kind, named, parse_decl};
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
    let hits = Scanner::new(&["go "]).scan(&text);
    let src = SourceFile::new(file.to_owned(), root.join(file), text);
    let mut out: Vec<String> = Vec::new();
    for problem in &outline.problems {
        out.push(format!("{file}:{}: problem: {}", src.line_col(problem.span.start).line, problem.message));
    }
    let mut expected: BTreeMap<usize, Row> = expected.iter().map(|row| (start(row), row.clone())).collect();
    let clause = format!("package\t{}", outline.package);
    if expected.remove(&0).is_none_or(|row| row != clause) {
        out.push(format!("{file}: got {clause}"));
    }
    for decl in &outline.decls {
        let (counts, items, errors) = judged_parse(&src, decl);
        let got = row(decl, &counts);
        let started = got.split(['\t', ',']).find_map(|count| count.strip_prefix("go=")).and_then(|n| n.parse().ok());
        let found = hits.iter().filter(|hit| (decl.span.start..decl.span.end).contains(&hit.at)).count();
        if started.unwrap_or(0) > found {
            out.push(format!("{file}: {found} hits in {got}"));
        }
        let refused_by_go = is_marked_error(&src, decl);
        match expected.remove(&(decl.span.start as usize)) {
            None => out.push(format!("{file}: not there: {got}")),
            Some(row) if !same(&row, &got, !refused_by_go) => {
                let row = row.rsplit_once('\t').map_or(row.as_str(), |(row, _)| row);
                out.push(format!("{file}: expected {row}\n    got {got}"));
            }
            Some(row) if !refused_by_go => {
                let expected = row.rsplit_once('\t').map_or("", |(_, items)| items);
                out.extend(first_other(&src, expected, &items));
            }
            Some(_) => {}
        }
        if !refused_by_go {
            out.extend(errors);
        }
    }
    out.extend(expected.values().map(|row| format!("{file}: missing {row}")));
    out
}

/// Counts of what the tree holds, and what is wrong with it.
fn judged_parse(src: &SourceFile, decl: &Decl) -> (String, Vec<String>, Vec<String>) {
    match parse_decl(src, decl) {
        Err(refusal) => (String::new(), Vec::new(), vec![format!("{}: {}: {refusal}", src.display, decl.names[0])]),
        Ok(parsed) => {
            let error = |span: &Span| {
                let at = src.line_col(span.start);
                format!("{}:{}:{}: error node: {:?}", src.display, at.line, at.col, src.line_text(at.line))
            };
            (count(&parsed.tree), items(&parsed), parsed.errors.iter().map(error).collect())
        }
    }
}

/// The first statement or call in which the two lists differ.
fn first_other(src: &SourceFile, expected: &str, got: &[String]) -> Option<String> {
    let mut got = got.iter().map(String::as_str);
    let mut expected = expected.split_terminator(';');
    loop {
        let (wanted, found) = (expected.next(), got.next());
        if wanted == found {
            wanted?;
            continue;
        }
        let at = [wanted, found].into_iter().flatten().filter_map(|item| item.split(' ').next()?.parse().ok()).min()?;
        let at = src.line_col(at);
        let line = src.line_text(at.line);
        return Some(format!(
            "{}:{}:{}: expected {}, got {}: {line:?}",
            src.display,
            at.line,
            at.col,
            wanted.unwrap_or("nothing"),
            found.unwrap_or("nothing")
        ));
    }
}

/// The statements and calls of a declaration in the order of their bytes, as `items` of goparser writes them.
fn items(parsed: &ParsedDecl<'_>) -> Vec<String> {
    let mut found: Vec<(u32, String)> = Vec::new();
    for node in nodes(&parsed.tree) {
        let start = parsed.span(node).start;
        if matches!(kind(node), Kind::CallExpression | Kind::TypeConversionExpression) {
            found.push((start, call(parsed, node)));
        } else if let Some(name) = statement(node) {
            found.push((start, name.to_owned()));
        }
    }
    found.sort();
    found.into_iter().map(|(start, item)| format!("{start} {item}")).collect()
}

/// Where what is called ends, and where each argument begins.
fn call(parsed: &ParsedDecl<'_>, node: Node<'_>) -> String {
    let callee = [Field::TypeArguments, Field::Function, Field::Type].into_iter().find_map(|field| child(node, field));
    let end = callee.map_or(0, |callee| parsed.span(callee).end);
    let args: Vec<Node<'_>> = match (child(node, Field::Arguments), child(node, Field::Operand)) {
        (Some(list), _) => named(list).collect(),
        (None, operand) => operand.into_iter().collect(),
    };
    let starts = args.into_iter().map(|arg| format!(" {}", parsed.span(arg).start));
    format!("call {end}{}", starts.collect::<String>())
}

fn statement(node: Node<'_>) -> Option<&'static str> {
    Some(match kind(node) {
        Kind::AssignmentStatement | Kind::ShortVarDeclaration => "assign",
        Kind::Block => "block",
        Kind::BreakStatement | Kind::ContinueStatement | Kind::GotoStatement | Kind::FallthroughStatement => "branch",
        Kind::CommunicationCase => "comm",
        Kind::ConstDeclaration | Kind::TypeDeclaration | Kind::VarDeclaration
            if node.parent().is_some_and(|parent| kind(parent) != Kind::SourceFile) =>
        {
            "decl"
        }
        Kind::DecStatement | Kind::IncStatement => "incdec",
        Kind::DefaultCase if node.parent().map(kind) == Some(Kind::SelectStatement) => "comm",
        Kind::DefaultCase | Kind::ExpressionCase | Kind::TypeCase => "case",
        Kind::DeferStatement => "defer",
        Kind::ExpressionStatement => "expr",
        Kind::ExpressionSwitchStatement => "switch",
        Kind::ForStatement => match keys(node).first() {
            Some(&"range") => "range",
            _ => "for",
        },
        Kind::GoStatement => "go",
        Kind::IfStatement => "if",
        Kind::LabeledStatement => "label",
        Kind::ReceiveStatement if child(node, Field::Left).is_none() => "expr",
        Kind::ReceiveStatement => "assign",
        Kind::ReturnStatement => "return",
        Kind::SelectStatement => "select",
        Kind::SendStatement => "send",
        Kind::TypeSwitchStatement => "typeswitch",
        _ => return None,
    })
}

fn is_marked_error(src: &SourceFile, decl: &Decl) -> bool {
    let (first, last) = (src.line_col(decl.span.start).line, src.line_col(decl.span.end).line);
    (first..=last).any(|line| src.line_text(line).contains("ERROR"))
}

/// Whether two rows say the same; `?` stands for a receiver that does not compile.
fn same(expected: &str, got: &str, with_counts: bool) -> bool {
    let fields = if with_counts { 7 } else { 6 };
    expected.split('\t').zip(got.split('\t')).take(fields).all(|(a, b)| a == b || a == "?")
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
    for key in nodes(tree).into_iter().flat_map(keys) {
        *counts.entry(key).or_default() += 1;
    }
    let parts: Vec<_> = KEYS.iter().filter_map(|key| counts.get(key).map(|n| format!("{key}={n}"))).collect();
    parts.join(",")
}

/// All nodes of a tree, the outer ones first.
fn nodes(tree: &Tree) -> Vec<Node<'_>> {
    let mut out = Vec::new();
    let mut cursor = tree.walk();
    'walk: loop {
        out.push(cursor.node());
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                break 'walk;
            }
        }
    }
    out
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
