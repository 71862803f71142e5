//! The documents are true: the README's picture is what goleash says of the example, figures are those of the corpus, and links
//! lead somewhere. `UPDATE=1 cargo test` writes picture and figures anew.

use crate::support;
use goleash::lint::Level;
use goleash::pipeline::Options;
use goleash::report::{Format, Look, Report};
use regex::Regex;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn the_picture_in_the_readme_is_real() {
    let file = "docs/example/best.go";
    expect("README.md", "example", &format!("```\n$ goleash check {file}\n{}```", report(file)));
}

#[test]
fn the_figures_on_precision_are_those_of_the_corpus() {
    expect("docs/precision.md", "proof", &proof());
}

/// Scripts fill these: benches/tables.py and corpus/verdicts/compare.py.
#[test]
fn the_marks_that_scripts_write_between_are_there() {
    // Other tests may be writing these files.
    if support::update() {
        return;
    }
    let marks = [
        ("README.md", "cost"),
        ("docs/performance.md", "bench"),
        ("docs/performance.md", "watch"),
        ("docs/performance.md", "staged"),
        ("docs/precision.md", "verdicts"),
    ];
    for (document, marker) in marks {
        let text = fs::read_to_string(support::repository().join(document)).unwrap();
        for end in ["begin", "end"] {
            let mark = format!("<!-- {marker}:{end} -->");
            assert_eq!(text.matches(&mark).count(), 1, "{document}: {mark}");
        }
    }
}

#[test]
fn the_readme_is_short() {
    let lines = fs::read_to_string(support::repository().join("README.md")).unwrap().lines().count();
    assert!(lines < 200, "README.md has {lines} lines; what not everybody needs has its place in docs/");
}

/// Holds what stands in a document between two markers to a text.
fn expect(document: &str, marker: &str, text: &str) {
    let path = support::repository().join(document);
    let page = fs::read_to_string(&path).unwrap();
    let (begin, end) = (format!("<!-- {marker}:begin -->\n"), format!("<!-- {marker}:end -->"));
    let (before, rest) = page.split_once(&begin).unwrap();
    let (shown, after) = rest.split_once(&end).unwrap();
    let current = format!("{text}\n");
    if shown == current {
        return;
    }
    assert!(
        support::update(),
        "{document} is not current between the marks of {marker}; UPDATE=1 cargo test accepts:\n{current}"
    );
    fs::write(&path, [before, &begin, &current, &end, after].concat()).unwrap();
}

/// How many cases the runtime proved, how many of them goleash gets wrong, and what its findings in Go's own source are worth.
fn proof() -> String {
    let read = |name: &str| fs::read_to_string(support::repository().join("corpus").join(name)).unwrap();
    let list = |name: &str| serde_json::from_str::<Vec<serde_json::Value>>(&read(name)).unwrap();
    let count = |list: &[serde_json::Value], key: &str, value: &str| list.iter().filter(|entry| entry[key] == value).count();
    let proved = list("proved.json");
    let gaps = read("known-gaps.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#')).count();
    let judged = list("go-src-verdicts.json");
    let verdict = |name| count(&judged, "verdict", name);
    let right = match gaps {
        0 => "goleash gets all of them right".to_owned(),
        _ => format!("goleash is wrong about {gaps} of them"),
    };
    format!(
        "- In [corpus/](../corpus/README.md) are {} leaking programs and {} fixed ones, judged by the Go runtime.\n  \
         {right}, which says little: they were written together with it.\n\
         - In Go's own source (1.27.3, without tests) it has {} findings at warning or above, each judged by hand: {} true, {} false, {}\n  \
         arguable, {} not judged yet. [corpus/go-src-verdicts.json](../corpus/go-src-verdicts.json) has the reasons.",
        count(&proved, "variant", "leaking"),
        count(&proved, "variant", "mended"),
        judged.len(),
        verdict("true"),
        verdict("false"),
        verdict("arguable"),
        verdict("unjudged"),
    )
}

/// What a terminal shows, without colours.
fn report(path: &str) -> String {
    let root = support::repository();
    let options = Options { level: Level::Warning, ..support::options(&root, &[path]) };
    let outcome = support::check(&options);
    let metas = goleash::rules::metas();
    let report = Report { outcome: &outcome, level: options.level, rules: &metas };
    let mut bytes = Vec::new();
    report.write(Format::Human, Look { unicode: true, ..Look::default() }, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn links_between_documents_lead_somewhere() {
    let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    let mut dead = Vec::new();
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        let targets = link.captures_iter(&text).map(|found| found[1].split('#').next().unwrap_or_default().to_owned());
        for target in targets.filter(|target| !target.is_empty() && !target.contains("://")) {
            if !document.parent().unwrap().join(&target).exists() {
                dead.push(format!("{}: {target}", document.display()));
            }
        }
    }
    assert!(dead.is_empty(), "{}", dead.join("\n"));
}

/// The Markdown files of the folders that hold any.
fn documents() -> Vec<PathBuf> {
    let root = support::repository();
    let rules = fs::read_dir(root.join("rules")).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let folders = [root.clone(), root.join("docs"), root.join("corpus")].into_iter().chain(rules);
    let files = folders.flat_map(|folder| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>());
    files.filter(|path| path.extension() == Some(Path::new("md").as_os_str())).collect()
}
