//! How long the first stages take on a tree: `cargo run --release --example measure -- DIR [THREADS]`.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use goleash::source::{DiscoverOptions, LoadOptions, PackageInput, Scanner, discover, load_with, outline};
use rayon::prelude::*;
use std::path::PathBuf;
use std::time::Instant;

/// About as many tokens as the rules have.
const TOKENS: &[&str] = &[
    "go ",
    ".Go(",
    ".TryGo(",
    "NewTicker(",
    "NewTimer(",
    "AfterFunc(",
    "time.Tick(",
    "time.After(",
    "http.Get(",
    "http.Post(",
    "http.Head(",
    "http.PostForm(",
    ".Do(",
    "WithCancel(",
    "WithTimeout(",
    "WithDeadline(",
    "WithCancelCause(",
    ".Query(",
    ".QueryContext(",
    "net.Dial(",
    "net.Listen(",
    "net.DialTimeout(",
    "ListenAndServe(",
    "signal.Notify(",
    "os.Open(",
    "os.Create(",
    "gzip.NewReader(",
    "io.Pipe(",
    "errgroup.WithContext(",
    "sync.NewCond(",
    "grpc.Dial(",
    "grpc.NewClient(",
    "sql.Open(",
    ".Prepare(",
    ".BeginTx(",
    ".Subscribe(",
    "NewWatcher(",
    "StartCPUProfile(",
];

fn main() {
    let mut args = std::env::args().skip(1);
    let Some(dir) = args.next() else { return };
    let threads = args.next().and_then(|n| n.parse().ok()).unwrap_or(2);
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().ok();
    let options = DiscoverOptions {
        paths: vec![PathBuf::from(&dir)],
        root: PathBuf::from(&dir),
        tests: true,
        exclude: Vec::new(),
        exclude_below: None,
        held: Vec::new(),
        threads,
    };
    for round in 0..5 {
        let start = Instant::now();
        let (packages, problems) = discover(&options);
        let found = start.elapsed();
        let files: usize = packages.iter().map(|package| package.files.len()).sum();
        println!("round {round}: {} folders, {files} files, {} problems: {found:.1?}", packages.len(), problems.len());
        for (name, tokens, keep_all) in [
            ("read                  ", &[][..], false),
            ("read + scan           ", &["tokenthatstandsnowhere("][..], false),
            ("read + scan + outline ", TOKENS, false),
            ("the same, all packages", TOKENS, true),
        ] {
            let scanner = Scanner::new(tokens);
            let start = Instant::now();
            let options = LoadOptions { keep_all, ..LoadOptions::default() };
            let counts: Vec<_> = packages
                .par_iter()
                .map(|package| {
                    let packages = load_with(package, &scanner, options).packages;
                    let files = || packages.iter().flat_map(|package| &package.files);
                    let bytes: usize = files().map(|file| file.src.text.len()).sum();
                    let decls: usize = files().map(|file| file.outline.decls.len()).sum();
                    (files().count(), bytes, decls, files().map(|file| file.hits.len()).sum::<usize>())
                })
                .collect();
            let took = start.elapsed();
            let sum = counts.iter().fold((0, 0, 0, 0), |a, b| (a.0 + b.0, a.1 + b.1, a.2 + b.2, a.3 + b.3));
            println!(
                "  {name} {took:>9.1?}: kept {} files, {:.1} MB, {} declarations, {} hits",
                sum.0,
                sum.1 as f64 / 1e6,
                sum.2,
                sum.3
            );
        }
        alone(&packages);
    }
}

/// Scan and outline by themselves, on texts in memory.
fn alone(packages: &[PackageInput]) {
    let files = packages.par_iter().flat_map_iter(|package| &package.files);
    let texts: Vec<String> = files.filter_map(|file| std::fs::read_to_string(&file.path).ok()).collect();
    let bytes: usize = texts.iter().map(String::len).sum();
    let scanner = Scanner::new(TOKENS);
    let start = Instant::now();
    let hits: usize = texts.par_iter().map(|text| scanner.scan(text).len()).sum();
    let scanned = start.elapsed();
    let start = Instant::now();
    let decls: usize = texts.par_iter().map(|text| outline(text).decls.len()).sum();
    let outlined = start.elapsed();
    println!(
        "  alone, {:.1} MB: scan {scanned:.1?} ({hits} hits), outline {outlined:.1?} ({decls} declarations)",
        bytes as f64 / 1e6
    );
}
