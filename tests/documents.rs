//! The documents are true: the README's picture is what goleash says of `docs/example`, and links lead somewhere.

use crate::support;
use goleash::lint::Level;
use goleash::pipeline::Options;
use goleash::report::{Format, Look, Report};
use regex::Regex;
use std::fs;
use std::path::{Path, PathBuf};

const BEGIN: &str = "<!-- example:begin -->\n";
const END: &str = "<!-- example:end -->";

#[test]
fn the_picture_in_the_readme_is_real() {
    let readme = support::repository().join("README.md");
    let text = fs::read_to_string(&readme).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (shown, after) = rest.split_once(END).unwrap();
    let picture = format!("\n```\n$ goleash check docs/example\n{}```\n\n", report("docs/example"));
    if shown == picture {
        return;
    }
    assert!(support::update(), "README.md shows something else than goleash says of docs/example; UPDATE=1 cargo test accepts:\n{picture}");
    fs::write(&readme, [before, BEGIN, &picture, END, after].concat()).unwrap();
}

/// What a terminal shows, without colours.
fn report(folder: &str) -> String {
    let root = support::repository();
    let options = Options { level: Level::Warning, ..support::options(&root, &[folder]) };
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
