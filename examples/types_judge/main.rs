//! Compares what goleash says of types, constants and callees with what Go's own checker says; see `tests/gotypes/judge.go`.
//!
//! `go run -C tests/gotypes . judge std | cargo run --profile fast --example types_judge -- --std GOROOT/src GOROOT/src`
//!
//! `go run -C tests/gotypes . judge DIR | cargo run --profile fast --example types_judge -- --deps DIR`
//!
//! Each fact is answered equally, as unknown, or differently; exit code 1 if one is answered differently. One line for each difference;
//! with `--unknown` one for each unknown too. `--std SRC` takes Go's source instead of the embedded table, `--deps` reads required modules in
//! the module cache.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod answer;
mod canon;

use answer::{Answers, number};
use goleash::source::{Dependencies, LoadOptions, Module, Modules, Scanner, folder, load_with, module_cache};
use goleash::types::{DiskSources, Pkg, World, stdlib};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// The facts of one file.
struct Facts<'a> {
    file: &'a str,
    package: &'a str,
    lines: Vec<&'a str>,
}

#[derive(Clone, Copy, Default)]
struct Count {
    equal: usize,
    unknown: usize,
    different: usize,
}

struct Options {
    root: PathBuf,
    std: Option<PathBuf>,
    unknown: bool,
    deps: bool,
}

fn main() -> ExitCode {
    let Some(options) = options() else {
        eprintln!("usage: types_judge [--std GOROOT/src] [--deps] [--unknown] DIR");
        return ExitCode::from(2);
    };
    let text = match std::io::read_to_string(std::io::stdin()) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    let (types, files) = facts(&text);
    let mut sources = DiskSources::new(&options.root, options.std.as_deref());
    if options.deps {
        let mut modules = Modules::default();
        let folders = files.iter().filter_map(|file| Some(options.root.join(file.file).parent()?.to_path_buf()));
        let mut of: Vec<_> = folders.filter_map(|dir| modules.of(&dir)).collect();
        of.sort_by(|a, b| a.dir.cmp(&b.dir));
        of.dedup();
        let Some(cache) = module_cache() else {
            eprintln!("there is no module cache");
            return ExitCode::from(2);
        };
        sources = sources.with_deps(Dependencies::of(&cache, &of));
    }
    let mut world = World::new(Box::new(sources));
    if options.std.is_none() {
        world = world.with_std(stdlib::package);
    }
    let pool = rayon::ThreadPoolBuilder::new().stack_size(64 << 20).build();
    let Ok(pool) = pool else { return ExitCode::from(2) };
    let packages = add_packages(&world, &options, &files);
    let results: Vec<_> = pool
        .install(|| files.par_iter().map(|file| judged(&world, &types, &packages, file, options.unknown)).collect::<Vec<_>>());
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    for (lines, of_file) in results {
        for line in lines {
            println!("{line}");
        }
        for (kind, count) in of_file {
            let sum = counts.entry(kind).or_default();
            sum.equal += count.equal;
            sum.unknown += count.unknown;
            sum.different += count.different;
        }
    }
    summary(&counts, files.len())
}

fn options() -> Option<Options> {
    let mut args = std::env::args().skip(1);
    let mut out = Options { root: PathBuf::new(), std: None, unknown: false, deps: false };
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--std" => out.std = Some(std::fs::canonicalize(args.next()?).ok()?),
            "--deps" => out.deps = true,
            "--unknown" => out.unknown = true,
            _ => out.root = std::fs::canonicalize(arg).ok()?,
        }
    }
    (!out.root.as_os_str().is_empty()).then_some(out)
}

/// The numbered types, and the facts by file.
fn facts(text: &str) -> (Vec<&str>, Vec<Facts<'_>>) {
    let mut types = Vec::new();
    let mut files: Vec<Facts<'_>> = Vec::new();
    for line in text.lines() {
        let (head, rest) = line.split_once('\t').unwrap_or((line, ""));
        if head.starts_with('=') {
            types.push(rest);
        } else if head == "file" {
            let (file, package) = rest.split_once('\t').unwrap_or((rest, ""));
            files.push(Facts { file, package, lines: Vec::new() });
        } else if let Some(file) = files.last_mut() {
            file.lines.push(line);
        }
    }
    for file in &mut files {
        // Go's walk is not always in the order of the text.
        file.lines.sort_by_key(|line| number(line, 1));
    }
    (types, files)
}

/// Packages by file: those of which the facts speak.
fn add_packages(world: &World, options: &Options, files: &[Facts<'_>]) -> HashMap<String, (Arc<Pkg>, usize)> {
    let mut modules = Modules::default();
    let std =
        options.std.as_ref().map(|dir| Arc::new(Module { path: "std".into(), dir: dir.clone(), go: None, others: Vec::new() }));
    let folders: BTreeSet<(PathBuf, &str)> = files
        .iter()
        .map(|file| (options.root.join(file.file).parent().unwrap_or(&options.root).to_path_buf(), file.package))
        .collect();
    let judged: BTreeSet<PathBuf> = files.iter().map(|file| options.root.join(file.file)).collect();
    let mut out = HashMap::new();
    for (dir, path) in folders {
        let module = match &std {
            Some(std) if dir.starts_with(&std.dir) && !dir.starts_with(std.dir.join("cmd")) => Some(Arc::clone(std)),
            _ => modules.of(&dir),
        };
        let Some(input) = folder(&dir, &options.root, true, module) else { continue };
        let loaded = load_with(&input, &Scanner::new(&[]), LoadOptions { keep_all: true, ..LoadOptions::default() });
        for mut package in loaded.packages {
            let external = package.name.ends_with("_test") && package.files.iter().all(|file| file.is_test);
            if external || !package.files.iter().any(|file| judged.contains(&file.src.path)) {
                continue;
            }
            package.import_path = Some(path.to_owned());
            let pkg = world.add(&Arc::new(package));
            for (index, file) in pkg.source.files.iter().enumerate() {
                out.insert(file.src.display.clone(), (Arc::clone(&pkg), index));
            }
        }
    }
    out
}

type Judged<'a> = (Vec<String>, BTreeMap<&'a str, Count>);

fn judged<'a>(
    world: &World,
    types: &[&str],
    packages: &HashMap<String, (Arc<Pkg>, usize)>,
    facts: &Facts<'a>,
    with_unknown: bool,
) -> Judged<'a> {
    let mut lines = Vec::new();
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    let Some((pkg, index)) = packages.get(facts.file) else {
        lines.push(format!("DIFFERENT {}: the file is not found", facts.file));
        counts.entry("file").or_default().different += 1;
        return (lines, counts);
    };
    let src = &pkg.source.files[*index].src;
    let answers = Answers::new(world, Arc::clone(pkg), *index).to(&facts.lines);
    for (fact, got) in facts.lines.iter().zip(answers) {
        let fields: Vec<&str> = fact.split('\t').collect();
        let kind = if fields[0] == "expr" { fields[3] } else { fields[0] };
        let expected = expected(&fields, types);
        // What cgo makes is not looked at, and of a generic function named to be instantiated Go writes the generic type.
        let skipped = |text: &String| text.contains("invalid type") || kind == "selector" && text.starts_with("func[$");
        if expected.iter().any(skipped) {
            continue;
        }
        let count = counts.entry(kind).or_default();
        let verdict = got.as_ref().map_or(Verdict::Unknown, |got| compare(&expected, got, kind == "impl"));
        let word = match verdict {
            Verdict::Equal => {
                count.equal += 1;
                continue;
            }
            Verdict::Unknown => {
                count.unknown += 1;
                if !with_unknown {
                    continue;
                }
                "UNKNOWN"
            }
            Verdict::Different => {
                count.different += 1;
                "DIFFERENT"
            }
        };
        let at = src.line_col(number(fact, 1));
        let end = if fields[0] == "expr" || fields[0] == "callee" { number(fact, 2) } else { number(fact, 1) + 40 };
        let text: String = src.text[number(fact, 1) as usize..].chars().take((end - number(fact, 1)).min(60) as usize).collect();
        let text = text.split('\n').next().unwrap_or_default();
        let got = got.map_or_else(|| "nothing there".to_owned(), |got| got.join(" "));
        lines.push(format!(
            "{word} {}:{}:{} {kind} `{text}`\n    go   {}\n    ours {got}",
            facts.file,
            at.line,
            at.col,
            expected.join(" ")
        ));
    }
    (lines, counts)
}

/// What Go's checker said, types in full.
fn expected(fields: &[&str], types: &[&str]) -> Vec<String> {
    let ty = |number: &str| number.parse::<usize>().ok().and_then(|n| types.get(n)).map_or("", |text| *text).to_owned();
    let text = |index: usize| (*fields.get(index).unwrap_or(&"")).to_owned();
    match fields[0] {
        "var" | "func" => vec![ty(fields[3])],
        "implicit" => vec![ty(fields[2])],
        "const" => vec![ty(fields[3]), text(4)],
        "expr" => vec![ty(fields[4]), text(5)],
        "callee" => match fields[3].strip_prefix("interface ").and_then(|rest| rest.split_once(' ')) {
            Some((owner, name)) => vec![format!("interface {} {name}", ty(owner))],
            None => vec![text(3)],
        },
        "inst" => fields[3].split(',').map(ty).collect(),
        _ => vec![text(4)],
    }
}

#[derive(PartialEq, Eq)]
enum Verdict {
    Equal,
    Unknown,
    Different,
}

/// `list`: names with commas between them, after which a `?` says that there may be more.
fn compare(expected: &[String], got: &[String], list: bool) -> Verdict {
    if expected == got {
        return Verdict::Equal;
    }
    if expected.len() != got.len() {
        return Verdict::Different;
    }
    let mut out = Verdict::Equal;
    for (expected, got) in expected.iter().zip(got) {
        if let Some(sure) = got.strip_suffix('?').filter(|_| list) {
            let part = sure.split(',').filter(|name| !name.is_empty()).all(|name| expected.split(',').any(|other| other == name));
            out = if part { Verdict::Unknown } else { return Verdict::Different };
            continue;
        }
        // Go works out what is too large for goleash, and goleash may not know a value that Go knows.
        if expected == got || expected == "?" {
            continue;
        }
        if got == "-" || got.contains('?') && fits(expected, got) {
            out = Verdict::Unknown;
        } else {
            return Verdict::Different;
        }
    }
    out
}

/// Whether a text is what another is with something in the place of each `?`.
fn fits(whole: &str, holes: &str) -> bool {
    let mut parts = holes.split('?');
    let (Some(first), Some(last)) = (parts.next(), parts.next_back()) else { return whole == holes };
    let Some(mut rest) = whole.strip_prefix(first).and_then(|rest| rest.strip_suffix(last)) else { return false };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    true
}

fn summary(counts: &BTreeMap<&str, Count>, files: usize) -> ExitCode {
    let mut all = Count::default();
    println!("{:<10}{:>10}{:>10}{:>10}{:>10}", "", "equal", "unknown", "different", "known");
    #[allow(clippy::cast_precision_loss, reason = "a share for people")]
    let row = |name: &str, count: Count| {
        let share = 100.0 * (1.0 - count.unknown as f64 / (count.equal + count.unknown + count.different).max(1) as f64);
        println!("{name:<10}{:>10}{:>10}{:>10}{share:>9.2}%", count.equal, count.unknown, count.different);
    };
    for (kind, count) in counts {
        row(kind, *count);
        all.equal += count.equal;
        all.unknown += count.unknown;
        all.different += count.different;
    }
    row("all", all);
    println!("{files} files");
    if all.different == 0 && all.equal > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
