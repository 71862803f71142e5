//! What can be known of the standard library from its own source: the table in `src/models/derived`.
//!
//! Every function of every package is read once into steps (`facts`): what it waits for itself, and what it calls with what. A fixed
//! point over all of them (`solve`) says what each can wait for. Together with the types (`shape`) it is written down, one line an
//! exported name (`emit`).
//!
//! What hand-written models say is taken for true on the way and never looked into. Where nothing can be said the reason is kept, and
//! the table holds the types alone.

mod build;
mod emit;
mod facts;
mod shape;
mod solve;
mod text;

use goleash::models::Models;
use goleash::old::program::Package;
use goleash::source::{DiscoverOptions, LoadOptions, PackageSource, Scanner, discover, load_with};
use rayon::prelude::*;
use std::path::Path;

pub use emit::Counts;

/// What a run over a tree of sources gives.
#[derive(Debug)]
pub struct Derived {
    /// The table.
    pub table: String,
    /// How many functions it speaks of.
    pub counts: Counts,
    /// Each exported function of which nothing could be said, with the reason.
    pub unknown: Vec<(String, String)>,
    /// What contradicts a hand-written model.
    pub contradictions: Vec<String>,
}

impl Derived {
    /// The counts, what is not known and what contradicts, for people.
    #[must_use]
    pub fn summary(&self) -> String {
        let Counts { functions, written, quick, waits, unknown, blanket } = self.counts;
        let mut out = format!(
            "{functions} functions: {written} written by hand; of the rest {quick} quick, {waits} wait, {unknown} unknown \
             ({blanket} of them in packages or types called quick by hand)\n"
        );
        out.extend(self.contradictions.iter().map(|c| format!("contradiction: {c}\n")));
        out.extend(self.unknown.iter().map(|(name, why)| format!("unknown: {name}: {why}\n")));
        out
    }
}

/// Derives the table from the `src` of a Go release. Two rounds: what a call gives is known from the first on.
#[must_use]
pub fn derive(src: &Path) -> Derived {
    let first = round(src, Models::without_derived(), None).0;
    let models: &'static Models = Box::leak(Box::new(Models::with_derived(&first.table)));
    round(src, models, None).0
}

/// Why a function waits, or why nothing is known of it: the calls that lead there. `name` is `path.Name` or `path.Type.Name`;
/// several are parted by commas.
#[must_use]
pub fn why(src: &Path, name: &str) -> String {
    let first = round(src, Models::without_derived(), None).0;
    let models: &'static Models = Box::leak(Box::new(Models::with_derived(&first.table)));
    round(src, models, Some(name)).1
}

fn round(src: &Path, models: &'static Models, asked: Option<&str>) -> (Derived, String) {
    let read: Vec<(shape::Shapes, Vec<facts::Node>)> = packages(src)
        .into_par_iter()
        .map(|(path, source)| {
            let imports = source.files.iter().flat_map(|f| f.outline.imports.iter().map(|i| i.path)).collect();
            let package = Package::new(source, models);
            (shape::Shapes { imports, ..shape::read(&path, &package) }, facts::read(&path, &package))
        })
        .collect();
    let (shapes, nodes): (Vec<_>, Vec<_>) = read.into_iter().unzip();
    let solved = solve::Solved::new(&shapes, nodes.into_iter().flatten().collect(), models);
    let told = asked.map(|names| names.split(',').map(|name| solved.why(name)).collect()).unwrap_or_default();
    (emit::emit(&shapes, &solved, models), told)
}

/// The packages of the tree with the files that are built together, by import path.
fn packages(src: &Path) -> Vec<(String, PackageSource)> {
    let options = DiscoverOptions {
        paths: vec![src.to_path_buf(), src.join("vendor")],
        root: src.to_path_buf(),
        tests: false,
        exclude: Vec::new(),
        exclude_below: None,
        held: Vec::new(),
        threads: 0,
    };
    let scanner = Scanner::new(&[]);
    let (folders, _) = discover(&options);
    let wanted = |dir: &str| !dir.starts_with("cmd") && dir != "builtin" && dir != ".";
    let mut out: Vec<(String, PackageSource)> = folders
        .par_iter()
        .filter(|folder| wanted(&folder.dir_display))
        .flat_map_iter(|folder| {
            let path = folder.dir_display.trim_start_matches("vendor/").to_string();
            let loaded = load_with(folder, &scanner, LoadOptions { keep_all: true, ..LoadOptions::default() });
            loaded.packages.into_iter().map(move |package| (path.clone(), package))
        })
        .filter_map(|(path, mut package)| {
            package.files.retain(|f| !f.is_test && build::is_built(&f.src.display, f.outline.constraint.as_deref()));
            // Without a path each package stands alone, under its bare names.
            (package.import_path, package.folder_path) = (None, None);
            (!package.files.is_empty() && package.name != "main").then_some((path, package))
        })
        .collect();
    out.sort_by(|a, b| a.0.cmp(&b.0));
    out
}

/// Whether other code may import the package.
fn importable(path: &str) -> bool {
    let first = path.split('/').next().unwrap_or_default();
    !path.split('/').any(|part| part == "internal") && !first.contains('.')
}
