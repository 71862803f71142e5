//! The yardstick of `benches/run.py`: tree-sitter parses every Go file of a tree, whole, and nothing else is done.
//!
//! `bare_parse check|tests|all DIR [THREADS]`: the files that `goleash check` reads, those that `check --tests` reads, or every file whose
//! name ends in `.go`. Prints how many files and bytes it parsed.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "its output is for the script that runs it")]

use goleash::source::{DiscoverOptions, discover};
use rayon::prelude::*;
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tree_sitter::Parser;

thread_local! {
    static PARSER: RefCell<Parser> = RefCell::new(parser());
}

fn parser() -> Parser {
    let mut parser = Parser::new();
    let language = tree_sitter_go::LANGUAGE.into();
    if let Err(error) = parser.set_language(&language) {
        eprintln!("the grammar does not fit the library: {error}");
    }
    parser
}

fn main() -> ExitCode {
    // `cargo bench` adds a flag of its own.
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let (Some(set), Some(dir)) = (args.first(), args.get(1).map(Path::new)) else {
        println!("benches/run.py runs this; alone: bare_parse check|tests|all DIR [THREADS]");
        return ExitCode::SUCCESS;
    };
    let threads = args.get(2).and_then(|text| text.parse().ok()).unwrap_or(2);
    let files = match set.as_str() {
        "check" => discovered(dir, false),
        "tests" => discovered(dir, true),
        "all" => every_file(dir),
        _ => {
            eprintln!("`{set}` is none of check, tests, all");
            return ExitCode::from(2);
        }
    };
    let pool = match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) => pool,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    let bytes: usize = pool.install(|| files.par_iter().with_max_len(1).map(|path| parse(path)).sum());
    println!("{} {bytes}", files.len());
    ExitCode::SUCCESS
}

/// The size of the file.
fn parse(path: &Path) -> usize {
    let Ok(text) = std::fs::read(path) else { return 0 };
    let tree = PARSER.with_borrow_mut(|parser| parser.parse(&text, None));
    std::hint::black_box(&tree);
    text.len()
}

fn discovered(dir: &Path, tests: bool) -> Vec<PathBuf> {
    let options = DiscoverOptions {
        paths: vec![dir.to_path_buf()],
        root: dir.to_path_buf(),
        tests,
        exclude: Vec::new(),
        exclude_below: None,
        held: Vec::new(),
        threads: 0,
    };
    let (packages, _) = discover(&options);
    packages.into_iter().flat_map(|package| package.files).map(|file| file.path).collect()
}

fn every_file(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                Ok(kind) if kind.is_file() && path.extension().is_some_and(|ext| ext == "go") => files.push(path),
                _ => {}
            }
        }
    }
    files.sort();
    files
}
