//! What is read from outside, one function for each kind: for the fuzzers in `fuzz/` and the test that mutates its seeds. No part of the API.
//!
//! Each panics if something is wrong with what came of the bytes, not only if the reading of them panics.

use crate::lint::suppress;
use crate::lsp::wire::{Heard, Said, Wire};
use crate::models::{Models, SECTIONS};
use crate::old::{ir, program::Package};
use crate::source::{DeclKind, Location, Scanner, SourceFile, Span, decode, import_paths, load_text};
use crate::store::Bodies;
use crate::types::{FuncId, MemorySources, World, stubs};
use crate::{config, review};
use std::path::Path;
use std::sync::Arc;

/// A name and what it runs.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: [Target; 8] = [
    ("outline", outline),
    ("lower", lower),
    ("core", core),
    ("configuration", configuration),
    ("suppressions", suppressions),
    ("sarif", sarif),
    ("diff", diff),
    ("wire", wire),
];

fn go_file(bytes: &[u8]) -> String {
    decode(bytes.to_vec(), "a.go").0
}

fn assert_in(text: &str, span: Span) {
    assert!(text.get(span.range()).is_some(), "{span:?} is not in a text of {} bytes", text.len());
}

/// Declarations lie in the text, in order, and do not overlap.
pub fn outline(bytes: &[u8]) {
    let text = go_file(bytes);
    let outline = crate::source::outline(&text);
    for decl in &outline.decls {
        assert_in(&text, decl.span);
        assert_in(&text, decl.name_span);
    }
    for pair in outline.decls.windows(2) {
        assert!(pair[0].span.end <= pair[1].span.start, "{pair:?} overlap");
    }
    for problem in &outline.problems {
        assert_in(&text, problem.span);
    }
    let _ = import_paths(&text);
    let src = SourceFile::new("a.go".to_owned(), "a.go".into(), text);
    for decl in &outline.decls {
        let _ = crate::syntax::parse_decl(&src, decl);
    }
}

/// What is lowered passes the verifier.
pub fn lower(bytes: &[u8]) {
    let (source, _) = load_text("a.go", bytes.to_vec(), &Scanner::new(&[]));
    let package = Package::new(source, Models::embedded());
    for id in package.decls() {
        let Some(body) = package.body(id) else { continue };
        if let Err(defect) = ir::verify(body) {
            panic!("{}: {defect}\n{}", package.decl_name(id), ir::print(body));
        }
    }
}

/// The same of the core that takes its place: what it checks and lowers passes its verifier.
pub fn core(bytes: &[u8]) {
    let text = go_file(bytes);
    let mut sources = MemorySources::default();
    let source = sources.add("m", &[("a.go", &text)]);
    let world = World::new(Box::new(sources)).with_std(stubs::library);
    let pkg = world.add(&source);
    let bodies = Bodies::new(&world);
    for decl in &source.files[0].outline.decls {
        let Some(name) = decl.names.first().filter(|_| matches!(decl.kind, DeclKind::Func | DeclKind::Method)) else { continue };
        let Some(lowered) = bodies.get(FuncId { pkg: pkg.key, recv: decl.recv, name: *name }) else { continue };
        if let Err(defect) = crate::ir::verify(&lowered.body) {
            panic!("{name}: {defect}\n{}", crate::ir::print(&lowered.body));
        }
    }
}

/// Complaints point into the text.
pub fn configuration(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let (path, display) = (Path::new("/p/goleash.toml"), "goleash.toml");
    // Models of a configuration live as long as the process, which would run out of memory here.
    let keys: Vec<String> = text.parse::<toml::Table>().map(|table| table.keys().cloned().collect()).unwrap_or_default();
    if keys.iter().any(|key| SECTIONS.contains(&key.as_str())) {
        let foreign: Vec<&str> = keys.iter().map(String::as_str).filter(|key| !SECTIONS.contains(key)).collect();
        let _ = Models::embedded().extend_within(text, display, &foreign);
        return;
    }
    match config::parse(text, path, display) {
        Ok(settings) => {
            let level = settings.level_of("blocked-send", Path::new("/p/a/b.go"), crate::lint::Level::Error);
            assert!(level.is_some() || !text.is_empty());
            assert!(settings.baseline.is_none_or(|file| crate::source::normal(&file).starts_with("/p")), "a baseline elsewhere");
        }
        Err(error) => {
            if let Some(at) = error.at() {
                let _ = crate::report::excerpt(at, crate::report::Look::default());
            }
            assert!(!error.to_string().is_empty());
        }
    }
}

/// Complaints about comments point into the text.
pub fn suppressions(bytes: &[u8]) {
    let text = go_file(bytes);
    let src = Arc::new(SourceFile::new("a.go".to_owned(), "a.go".into(), text));
    let judged = suppress::judge(Vec::new(), &[Arc::clone(&src)], &suppress::Starts::default(), &|_, _| true);
    let all = judged.own.iter().flat_map(|finding| {
        let edits = finding.fixes.iter().flat_map(|fix| fix.edits.iter().map(|edit| &edit.at));
        std::iter::once(&finding.at).chain(finding.steps.iter().map(|step| &step.at)).chain(edits)
    });
    for Location { file, span } in all {
        assert_in(&file.text, *span);
        let _ = (file.line_col(span.start), file.line_col(span.end));
    }
}

/// Findings of a SARIF log are placed on a diff.
pub fn sarif(bytes: &[u8]) {
    const DIFF: &str = "diff --git a/a.go b/a.go\n--- a/a.go\n+++ b/a.go\n@@ -1,2 +1,3 @@\n package p\n+\n var x = 1\n";
    let Ok(remarks) = review::read_sarif(&[("log".to_owned(), bytes.to_vec())], "sub") else { return };
    let files = review::parse_diff(DIFF).unwrap_or_default();
    let _ = review::Plan::new(remarks, &files, review::Reach::All);
}

/// Lines of a diff are found by their numbers.
pub fn diff(bytes: &[u8]) {
    let Ok(files) = review::parse_diff(&String::from_utf8_lossy(bytes)) else { return };
    for file in &files {
        for line in file.hunks.iter().flat_map(|hunk| &hunk.lines) {
            assert!(file.line(line.new).is_some(), "line {} is not found", line.new);
        }
    }
}

/// A stream of messages ends, whatever is in it, and has an answer for all that is no message.
pub fn wire(bytes: &[u8]) {
    // The first byte is the size of the pieces that it comes in.
    let Some((size, rest)) = bytes.split_first() else { return };
    let mut wire = Wire::new(std::io::BufReader::with_capacity(usize::from(*size).max(1), rest));
    let mut heard = 0;
    while let Ok(Some(message)) = wire.next() {
        heard += 1;
        assert!(heard <= bytes.len(), "more messages than bytes");
        let mut out = Vec::new();
        if let Heard::Bad(complaint) = message {
            assert!(Said::Complaint(complaint).write(&mut out).is_ok());
            let answer = out.windows(4).position(|end| end == b"\r\n\r\n").map(|end| &out[end + 4..]).unwrap_or_default();
            assert!(serde_json::from_slice::<serde_json::Value>(answer).is_ok_and(|answer| answer["error"]["code"].is_i64()));
        }
    }
}
