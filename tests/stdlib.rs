//! Real code that nobody wrote for goleash: Go's own source. Findings are held to verdicts that a person gave, and every declaration in it
//! has to come through lowering whole.
//!
//! The folder is `src` of Go 1.27.3: `GOLEASH_GO_SRC` names it, else `go env GOROOT` does where that Go is of this version. Elsewhere the
//! tests say that they are skipped, and pass.

use crate::support;
use goleash::lint::{Finding, Level};
use goleash::models::Models;
use goleash::old::ir::{self, Body, Comm, OpKind, Term};
use goleash::old::program::{DeclId, Package};
use goleash::pipeline::Options;
use goleash::source::{DeclKind, Scanner, load_text};
use goleash::syntax::{Field, Kind, child, kind, parse_decl};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::process::Command;
use tree_sitter::Tree;

const VERSION: &str = "go1.27.3";

/// Go's `src`, or `None` with a word about it.
fn go_src() -> Option<PathBuf> {
    let found = match std::env::var_os("GOLEASH_GO_SRC") {
        Some(src) => Some(PathBuf::from(src)),
        None => goroot().map(|root| root.join("src")),
    };
    let version = |src: &Path| {
        let text = std::fs::read_to_string(src.parent()?.join("VERSION")).ok()?;
        Some(text.lines().next()?.to_owned())
    };
    match found.as_deref().map(version) {
        Some(Some(version)) if version == VERSION => found,
        Some(version) if std::env::var_os("GOLEASH_GO_SRC").is_some() => {
            panic!("GOLEASH_GO_SRC is no src of {VERSION}: {version:?}")
        }
        _ => {
            support::announce(&format!("stdlib: skipped, the source of {VERSION} is not here; GOLEASH_GO_SRC names its `src`"));
            None
        }
    }
}

fn goroot() -> Option<PathBuf> {
    let output = Command::new("go").args(["env", "GOROOT"]).env("GOTOOLCHAIN", "local").output().ok()?;
    Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim()))
}

/// A finding and what a person thinks of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Judged {
    path: String,
    line: u32,
    rule: String,
    level: Level,
    function: String,
    verdict: Verdict,
    reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    True,
    False,
    Arguable,
    Unjudged,
}

impl Judged {
    fn key(&self) -> (&str, u32, &str, Level, &str) {
        (&self.path, self.line, &self.rule, self.level, &self.function)
    }

    fn new(finding: &Finding) -> Self {
        Self {
            path: finding.at.file.display.clone(),
            line: finding.at.start().line,
            rule: finding.rule.to_owned(),
            level: finding.level,
            function: finding.function.clone(),
            verdict: Verdict::Unjudged,
            reason: String::new(),
        }
    }

    fn told(&self) -> String {
        let Self { path, line, rule, level, function, verdict, reason } = self;
        let verdict = serde_json::to_value(verdict).unwrap();
        let colon = if reason.is_empty() { "" } else { ": " };
        format!("{path}:{line}: {level}[{rule}] in {function} ({}{colon}{reason})", verdict.as_str().unwrap())
    }
}

fn verdicts_path() -> PathBuf {
    support::repository().join("corpus/go-src-verdicts.json")
}

/// One verdict a line, sorted.
fn write_verdicts(list: &[Judged]) {
    let lines: Vec<String> = list.iter().map(|judged| serde_json::to_string(judged).unwrap()).collect();
    std::fs::write(verdicts_path(), format!("[\n{}\n]\n", lines.join(",\n"))).unwrap();
}

#[test]
fn findings_in_go_itself_are_the_judged_ones() {
    let Some(src) = go_src() else { return };
    let outcome = support::check(&Options { threads: 0, ..support::options(&src, &["."]) });
    assert!(outcome.problems.is_empty(), "{:?}", outcome.problems);
    assert!(outcome.stats.files > 3_500, "{:?}", outcome.stats);
    let mut found: Vec<Judged> = outcome.findings.iter().filter(|f| f.level > Level::Note).map(Judged::new).collect();
    found.sort();
    found.dedup();
    let known: Vec<Judged> = serde_json::from_str(&std::fs::read_to_string(verdicts_path()).unwrap()).unwrap();
    if support::update() {
        for judged in &mut found {
            if let Some(known) = known.iter().find(|k| k.key() == judged.key()) {
                judged.clone_from(known);
            }
        }
        found.sort();
        write_verdicts(&found);
        return;
    }
    let mut report = String::new();
    for new in found.iter().filter(|f| known.iter().all(|k| k.key() != f.key())) {
        let _ = writeln!(report, "  new:  {}", new.told());
    }
    for lost in known.iter().filter(|k| found.iter().all(|f| f.key() != k.key())) {
        let _ = writeln!(report, "  lost: {}", lost.told());
    }
    assert!(
        report.is_empty(),
        "findings in {VERSION} differ from corpus/go-src-verdicts.json; \
         `UPDATE=1 cargo test --test main stdlib::` keeps verdicts and adds new findings as unjudged:\n{report}"
    );
}

/// The table of what the standard library exports is what Go's own checker says of its source.
#[test]
fn the_table_of_types_is_current() {
    let Some(src) = go_src() else { return };
    let root = src.parent().unwrap();
    let go = root.join("bin/go");
    if !go.is_file() {
        support::announce(&format!("stdlib: skipped, there is no {}", go.display()));
        return;
    }
    let tool = support::repository().join("tests/gotypes");
    let output = Command::new(go)
        .arg("run")
        .arg("-C")
        .arg(tool)
        .args([".", "export"])
        .env("GOROOT", root)
        .env("GOTOOLCHAIN", "local")
        .output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let derived = String::from_utf8(output.stdout).unwrap();
    let path = support::repository().join("src/types/derived/std.txt");
    if support::update() {
        std::fs::write(path, derived).unwrap();
        return;
    }
    let known = std::fs::read_to_string(path).unwrap();
    let changed = derived.lines().zip(known.lines()).find(|(new, old)| new != old);
    assert!(
        derived == known,
        "src/types/derived/std.txt is not what the source of {VERSION} gives; `UPDATE=1 cargo test --test main stdlib::the_table` writes it \
         anew. First difference: {changed:?}"
    );
}

/// The list of verdicts is in order, and gives a reason for each.
#[test]
fn verdicts_have_reasons() {
    let text = std::fs::read_to_string(verdicts_path()).unwrap();
    let known: Vec<Judged> = serde_json::from_str(&text).unwrap();
    assert!(known.is_sorted(), "UPDATE=1 sorts corpus/go-src-verdicts.json");
    for judged in &known {
        assert!(judged.verdict == Verdict::Unjudged || !judged.reason.is_empty(), "{} has no reason", judged.told());
        assert!(judged.reason.split_whitespace().count() <= 30, "{}: a few words", judged.told());
    }
    let count = |verdict| known.iter().filter(|judged| judged.verdict == verdict).count();
    let [right, wrong, arguable, unjudged] = [Verdict::True, Verdict::False, Verdict::Arguable, Verdict::Unjudged].map(count);
    support::announce(&format!("findings in {VERSION}: {right} true, {wrong} false, {arguable} arguable, {unjudged} unjudged"));
}

/// What a file gave.
#[derive(Default)]
struct Lowered {
    functions: usize,
    defects: Vec<String>,
}

/// Every declaration of every file, testdata and broken code included, is lowered and passes the verifier.
#[test]
fn every_declaration_of_go_is_lowered() {
    let Some(src) = go_src() else { return };
    let walk = ignore::WalkBuilder::new(&src).standard_filters(false).build();
    let mut files: Vec<PathBuf> =
        walk.map(|entry| entry.unwrap().into_path()).filter(|path| path.extension().is_some_and(|e| e == "go")).collect();
    files.retain(|path| path.is_file());
    files.sort();
    assert!(files.len() > 8_000, "{} files", files.len());
    // All of them take a minute in a debug build; who names the folder has that time.
    let sample = cfg!(debug_assertions) && std::env::var_os("GOLEASH_GO_SRC").is_none();
    if sample {
        files = files.into_iter().step_by(10).collect();
    }
    let pool = rayon::ThreadPoolBuilder::new().stack_size(32 << 20).build().unwrap();
    let lowered: Vec<Lowered> = pool.install(|| files.par_iter().map(|path| lower_file(&src, path)).collect());
    let defects: Vec<&String> = lowered.iter().flat_map(|l| &l.defects).collect();
    let functions: usize = lowered.iter().map(|l| l.functions).sum();
    support::announce(&format!("lowered {functions} functions of {} files of {VERSION}", files.len()));
    let list: String = defects.iter().take(20).fold(String::new(), |mut list, defect| {
        let _ = writeln!(list, "  {defect}");
        list
    });
    assert!(defects.is_empty(), "{} declarations are not lowered as they should:\n{list}", defects.len());
    assert!(functions > if sample { 15_000 } else { 300_000 }, "{functions} functions");
}

fn lower_file(src: &Path, path: &Path) -> Lowered {
    let mut out = Lowered::default();
    let display = path.strip_prefix(src).unwrap().display().to_string();
    let Ok(bytes) = std::fs::read(path) else { return out };
    let (source, _) = load_text(&display, bytes, &Scanner::new(&[]));
    // Go's own tests of its parser are full of code that is wrong on purpose.
    let odd = display.contains("testdata");
    let package = Package::new(source, Models::embedded());
    for id in package.decls() {
        let at = || format!("{display}:{}: {}", package.location(id, package.decl(id).span).start().line, package.decl_name(id));
        match std::panic::catch_unwind(AssertUnwindSafe(|| inspect(&package, id, !odd))) {
            Ok(Some(Ok(functions))) => out.functions += functions,
            Ok(Some(Err(defect))) => out.defects.push(format!("{}: {defect}", at())),
            Ok(None) if package.decl(id).kind == DeclKind::Type || package.is_table(id) || odd => {}
            Ok(None) => out.defects.push(format!("{}: nothing is left of it", at())),
            Err(_) => out.defects.push(format!("{}: panicked", at())),
        }
    }
    if !odd {
        out.defects
            .extend(package.take_problems().into_iter().map(|p| format!("{}:{}: {}", p.path, p.line.unwrap_or(0), p.message)));
    }
    out
}

/// Verifies, prints and counts one declaration. `None` where there is no body; else its functions, or what is wrong.
fn inspect(package: &Package, id: DeclId, count: bool) -> Option<Result<usize, String>> {
    let body = package.body(id)?;
    let counted = || {
        ir::verify(body)?;
        assert!(!ir::print(body).is_empty());
        if !count {
            return Ok(());
        }
        let parsed = parse_decl(&package.file(id).src, package.decl(id)).map_err(|refusal| refusal.to_string())?;
        let (expected, got) = (Counts::of_tree(&parsed.tree), Counts::of_body(body));
        if parsed.errors.is_empty() && expected != got {
            Err(format!("stands there: {expected:?}, lowered: {got:?}"))
        } else {
            Ok(())
        }
    };
    Some(counted().map(|()| body.funcs.len()))
}

/// What may not get lost on the way from the tree to the IR.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    spawns: usize,
    defers: usize,
    sends: usize,
    receives: usize,
    selects: usize,
    loops: usize,
    literals: usize,
}

impl Counts {
    fn of_tree(tree: &Tree) -> Self {
        let mut counts = Self::default();
        let mut cursor = tree.walk();
        'walk: loop {
            let node = cursor.node();
            match kind(node) {
                Kind::GoStatement => counts.spawns += 1,
                Kind::DeferStatement => counts.defers += 1,
                Kind::SendStatement => counts.sends += 1,
                Kind::UnaryExpression if child(node, Field::Operator).is_some_and(|op| op.kind() == "<-") => counts.receives += 1,
                Kind::SelectStatement => counts.selects += 1,
                Kind::ForStatement => counts.loops += 1,
                Kind::FuncLiteral => counts.literals += 1,
                _ => {}
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
        counts
    }

    fn of_body(body: &Body) -> Self {
        let mut counts = Self { literals: body.funcs.len() - 1, ..Self::default() };
        for func in &body.funcs {
            counts.loops += func.loops.len();
            for (_, _, op) in func.ops() {
                match op.kind {
                    OpKind::Spawn(_) => counts.spawns += 1,
                    OpKind::Defer(_) => counts.defers += 1,
                    OpKind::Send { .. } => counts.sends += 1,
                    OpKind::Recv { .. } => counts.receives += 1,
                    _ => {}
                }
            }
            for block in &func.blocks {
                let Term::Select { cases, .. } = &block.term else { continue };
                counts.selects += 1;
                let sends = cases.iter().filter(|case| matches!(case.comm, Comm::Send { .. })).count();
                counts.sends += sends;
                counts.receives += cases.len() - sends;
            }
        }
        counts
    }
}
