//! Views into the analysis for those who work on it: `goleash debug …`.

use crate::models::Models;
use crate::old::program::Package;
use crate::pipeline::Error;
use crate::source::{Scanner, load_text};
use std::fmt::Write as _;
use std::path::Path;

/// The functions of a file as lowering leaves them, each with the verifier's word where it objects.
///
/// # Errors
/// When the file cannot be read.
pub fn ir(path: &Path) -> Result<String, Error> {
    let display = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|source| Error::Unreadable { path: display.clone(), source })?;
    let (source, _) = load_text(&display, bytes, &Scanner::new(&[]));
    let package = Package::new(source, Models::embedded());
    let mut out = String::new();
    for decl in package.decls() {
        let Some(body) = package.body(decl) else { continue };
        out.push_str(&crate::old::ir::print(body));
        if let Err(defect) = crate::old::ir::verify(body) {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "  DEFECT {defect}");
        }
    }
    Ok(out)
}

/// What the new core makes of a folder or file: the normal form of every function, or what its exploration as a root finds.
///
/// `explore` names the functions to explore, or none for the normal form; `.` stands for all.
///
/// # Errors
/// When the folder cannot be read.
pub fn core(path: &Path, explore: Option<&str>) -> Result<String, Error> {
    use crate::source::DeclKind;
    use crate::types::{DiskSources, FuncId, World, stubs};
    let mut out = String::new();
    let root = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let (inputs, _) = crate::source::discover(&crate::source::DiscoverOptions {
        paths: vec![root.clone()],
        root: root.clone(),
        tests: false,
        exclude: Vec::new(),
        exclude_below: None,
        held: Vec::new(),
        threads: 1,
    });
    let world = World::new(Box::new(DiskSources::new(&root, None))).with_std(stubs::library);
    for input in &inputs {
        let options = crate::source::LoadOptions { keep_all: true, ..crate::source::LoadOptions::default() };
        for source in crate::source::load_with(input, &Scanner::new(&[]), options).packages {
            let pkg = world.add(&std::sync::Arc::new(source));
            if explore == Some("findings") {
                told(&mut out, &crate::verdict::channels(&world, &pkg, Models::embedded(), false, &[]));
                continue;
            }
            let bodies = crate::store::Bodies::new(&world);
            let explorer = crate::explore::Explorer::new(&world, &bodies, Models::embedded(), crate::explore::Limits::default());
            for unit in &pkg.source.files {
                for decl in unit.outline.decls.iter().filter(|d| matches!(d.kind, DeclKind::Func | DeclKind::Method)) {
                    let id = FuncId { pkg: pkg.key, recv: decl.recv, name: decl.names[0] };
                    if let Some(only) = explore {
                        if only == "." || id.to_string().ends_with(only) {
                            explored(&mut out, &world, &explorer, id);
                        }
                    } else if let Some(lowered) = bodies.get(id) {
                        let _ = write!(out, "{id}\n{}", crate::ir::print(&lowered.body));
                    }
                }
            }
        }
    }
    Ok(out)
}

fn explored(out: &mut String, world: &crate::types::World, explorer: &crate::explore::Explorer<'_>, id: crate::types::FuncId) {
    explorer.prepare(id.pkg, [id], false);
    let Some(report) = explorer.explore(id, 1) else { return };
    let _ = writeln!(
        out,
        "{id}: {} states{}",
        report.states,
        report.cut.map_or_else(String::new, |cut| format!(", not all: {cut:?}"))
    );
    let line = |at: &crate::explore::Place| {
        let pkg = world.package(at.pkg);
        let unit = pkg.as_ref().and_then(|p| p.source.files.get(at.file as usize));
        unit.map_or_else(|| "?".to_owned(), |u| format!("{}:{}", u.src.display, u.src.line_col(at.span.start).line))
    };
    for (at, known) in &report.waits {
        let _ = writeln!(out, "  wait {} {known:?}", line(at));
    }
    for leak in &report.leaks {
        let _ = writeln!(
            out,
            "  {:?} at {} in {}, started {:?} assumed {}",
            leak.kind,
            line(&leak.at),
            leak.func,
            leak.born.as_ref().map(line),
            leak.assumed
        );
        for (i, step) in leak.events.iter().enumerate() {
            let mark = if leak.decided.contains(&i) { "*" } else { " " };
            let _ = writeln!(out, "   {mark} g{} {:?} {} {}", step.who, step.what, line(&step.at), step.func);
        }
    }
}

fn told(out: &mut String, found: &crate::verdict::Findings) {
    for finding in found.findings.iter().chain(&found.left) {
        let line = |at: &crate::source::Location| format!("{}:{}", at.file.display, at.start().line);
        let _ = writeln!(
            out,
            "{} {:?} [{}] {} in {}",
            line(&finding.at),
            finding.level,
            finding.rule,
            finding.message,
            finding.function
        );
        for step in &finding.steps {
            let _ = writeln!(out, "    {}: {}", line(&step.at), step.label);
        }
    }
    for (root, states, cut) in &found.roots {
        let _ = writeln!(out, "ROOT {root} {states}{}", cut.map_or_else(String::new, |cut| format!(" partial: {cut:?}")));
    }
}
