//! Files that were named, read to their last declaration.
//!
//! The analysis reads what a question leads to, and so never knows that something else is broken. Who names a file wants to hear of it.

use crate::lint::{Problem, ProblemKind};
use crate::old::program::name_in;
use crate::pipeline::{self, Options};
use crate::source::{SourceFile, decode, outline};
use crate::syntax::parse_decl;
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// What cannot be read as Go in the files among the paths, and in what came through standard input.
pub(super) fn problems(paths: &[PathBuf], root: &Path, projects: &[Options]) -> Vec<Problem> {
    let is_go = |path: &PathBuf| path.extension().is_some_and(|ext| ext == "go") && path.is_file();
    let named: Vec<PathBuf> = paths.iter().map(|path| crate::source::normal(&root.join(path))).filter(is_go).collect();
    let of_path = |path: &PathBuf| {
        let held = projects.iter().find_map(|project| project.overlay.get(path)).map(|text| text.clone().into_bytes());
        // What cannot be read at all is named by the run.
        let Some(bytes) = held.or_else(|| std::fs::read(path).ok()) else { return Vec::new() };
        let shown = path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
        of_text(path.clone(), shown, bytes)
    };
    // Somebody may name all files that there are.
    let threads = projects.first().map_or(0, |project| project.threads);
    let many = || Some(pipeline::pool(threads).ok()?.install(|| named.par_iter().flat_map_iter(of_path).collect()));
    let mut out: Vec<Problem> = match named.as_slice() {
        [] => Vec::new(),
        [one] => of_path(one),
        _ => many().unwrap_or_default(),
    };
    if let Some(bytes) = projects.iter().find_map(|project| project.stdin.clone()) {
        out.extend(of_text("<stdin>".into(), "<stdin>".into(), bytes));
    }
    out
}

fn of_text(path: PathBuf, shown: String, bytes: Vec<u8>) -> Vec<Problem> {
    let (text, _) = decode(bytes, &shown);
    let outline = outline(&text);
    let file = SourceFile::new(shown, path, text);
    let problem = |at: u32, message: String| Problem {
        path: file.display.clone(),
        line: Some(file.line_col(at).line),
        kind: ProblemKind::Syntax,
        message,
    };
    let broken = |decl: &crate::source::Decl| {
        let error = parse_decl(&file, decl).ok()?.errors.first().copied()?;
        Some(problem(error.start, format!("cannot read part of `{}` as Go", name_in(&file, decl))))
    };
    let known = outline.problems.iter().map(|said| problem(said.span.start, said.message.to_owned()));
    known.chain(outline.decls.iter().filter_map(broken)).collect()
}
