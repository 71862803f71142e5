//! `check --show-files` and `--show-config`: what a run would look at, and by which settings.

use super::failure::Failure;
use super::scope::{self, Scope};
use super::{Verdict, output};
use crate::config::{RuleLevel, Settings};
use crate::lint::{Level, Meta};
use crate::pipeline::Options;
use crate::report::plain;
use std::path::{Path, PathBuf};

/// Where a setting comes from that nobody has set.
const DEFAULT: &str = "default";

/// The files, in the order in which they are looked at.
pub(super) fn files(projects: &[Options]) -> Result<Verdict, Failure> {
    let mut files: Vec<String> = Vec::new();
    for project in projects {
        if project.stdin.is_some() {
            files.push("<stdin>".to_owned());
            continue;
        }
        let (packages, _) = project.discover();
        files.extend(
            packages.into_iter().flat_map(|package| package.files).filter(|file| file.requested).map(|file| file.display),
        );
    }
    files.sort();
    files.dedup();
    output::stdout(|out| files.iter().try_for_each(|file| writeln!(out, "{}", plain(file))))?;
    Ok(Verdict::Clean)
}

/// A setting: its name, its value, where it comes from.
type Line = (String, String, String);

/// The settings of each path.
pub(super) fn config(scope: &Scope, level: Option<Level>, baseline: Option<&Path>, root: &Path) -> Result<Verdict, Failure> {
    let given = if scope.paths.is_empty() { vec![PathBuf::from(".")] } else { scope.paths.clone() };
    let mut blocks: Vec<String> = Vec::new();
    for path in given {
        let one = Scope { paths: vec![path.clone()], ..scope.clone() };
        for project in one.settings(root)? {
            let lines = lines(&one, &project, level, baseline, root, &root.join(&path));
            blocks.push(block(&path.display().to_string(), &lines));
        }
    }
    output::stdout(|out| out.write_all(blocks.join("\n").as_bytes()))?;
    Ok(Verdict::Clean)
}

fn block(path: &str, lines: &[Line]) -> String {
    let plain_line = |(name, value, origin): &Line| (name.clone(), plain(value), plain(origin));
    let lines: Vec<Line> = lines.iter().map(plain_line).collect();
    let width = |of: fn(&Line) -> &String| lines.iter().map(|line| of(line).chars().count()).max().unwrap_or(0);
    let (first, second) = (width(|line| &line.0), width(|line| &line.1));
    let mut text = format!("{}\n", plain(path));
    for (name, value, origin) in lines {
        text.push_str(&format!("  {name:first$}  {value:second$}  {origin}\n"));
    }
    text
}

fn lines(
    scope: &Scope,
    settings: &Settings,
    level: Option<Level>,
    baseline: Option<&Path>,
    root: &Path,
    path: &Path,
) -> Vec<Line> {
    let file = settings.file.as_ref().map(|(_, shown)| shown.clone()).unwrap_or_default();
    let line = |name: &str, value: &str, origin: &str| (name.to_owned(), value.to_owned(), origin.to_owned());
    let set = |is: bool| if is { file.as_str() } else { DEFAULT };
    let found = match (&scope.config, scope.no_config, settings.file.is_some()) {
        (Some(_), ..) => line("configuration", &file, "--config"),
        (_, true, _) => line("configuration", "none", "--no-config"),
        (_, _, true) => line("configuration", &file, "in the folder of the path, or the nearest one above that has one"),
        _ => line("configuration", "none", "no goleash.toml in the folder of the path or above"),
    };
    let mut out = vec![found];
    out.push(match (level, settings.level) {
        (Some(level), _) => line("level", level.as_str(), "--level"),
        (None, Some(level)) => line("level", level.as_str(), &file),
        (None, None) => line("level", Level::Warning.as_str(), DEFAULT),
    });
    let tests = (scope.tests || settings.tests).to_string();
    out.push(line("tests", &tests, if scope.tests { "--tests" } else { set(settings.tests) }));
    let deps = (scope.deps || settings.deps).to_string();
    out.push(line("deps", &deps, if scope.deps { "--deps" } else { set(settings.deps) }));
    let go = settings.go_version.map(|(major, minor)| format!("{major}.{minor}"));
    out.push(line("go-version", go.as_deref().unwrap_or("as go.mod says"), set(go.is_some())));
    if settings.exclude.is_empty() && scope.exclude.is_empty() {
        out.push(line("exclude", "nothing", DEFAULT));
    }
    out.extend(settings.exclude.iter().map(|glob| line("exclude", glob, &file)));
    out.extend(scope.exclude.iter().map(|glob| line("exclude", glob, "--exclude")));
    out.push(match (baseline, &settings.baseline) {
        (Some(file), _) => line("baseline", &file.display().to_string(), "--baseline"),
        (None, Some(path)) => line("baseline", &path.strip_prefix(root).unwrap_or(path).display().to_string(), &file),
        (None, None) => line("baseline", "none", DEFAULT),
    });
    let threads = if scope.threads == 0 { "one for each core".to_owned() } else { scope.threads.to_string() };
    out.push(line("threads", &threads, if scope.threads == 0 { DEFAULT } else { "--threads" }));
    for meta in crate::rules::metas() {
        out.extend(rule(meta, scope, settings, path));
    }
    out
}

/// What holds for a rule, and what else holds for some paths below.
fn rule(meta: &Meta, scope: &Scope, settings: &Settings, path: &Path) -> Vec<Line> {
    let name = format!("rule {}", meta.id);
    if !scope.rules.is_empty() && !scope.rules.iter().any(|id| id == meta.id) {
        return vec![(name, "off".to_owned(), "not among --rule".to_owned())];
    }
    let file = settings.file.as_ref().map(|(_, shown)| shown.clone()).unwrap_or_default();
    let (everywhere, special) = settings.asked(meta.id);
    let word = |level: Option<RuleLevel>| match level {
        Some(level) => level.as_str().to_owned(),
        None => format!("as found, mostly {}", meta.level),
    };
    // Of a single file it can be said which of the overrides holds.
    if path.is_file() && !special.is_empty() {
        let becomes = |level| settings.level_of(meta.id, path, level);
        let holds = match (becomes(Level::Error), becomes(Level::Warning)) {
            (None, _) => Some(RuleLevel::Off),
            (Some(Level::Note), _) => Some(RuleLevel::Note),
            (Some(Level::Warning), _) => Some(RuleLevel::Warning),
            (_, Some(Level::Error)) => Some(RuleLevel::Error),
            _ => None,
        };
        let origin = if holds == everywhere { file } else { format!("{file}, override") };
        return vec![(name, word(holds), origin)];
    }
    let origin = if everywhere.is_some() { file.clone() } else { DEFAULT.to_owned() };
    let mut out = vec![(name.clone(), word(everywhere), origin)];
    let below = |(lines, level): (&[String], RuleLevel)| {
        (name.clone(), word(Some(level)), format!("{file}, override for {}", lines.join(", ")))
    };
    out.extend(special.into_iter().map(below));
    out
}

impl Scope {
    /// The settings alone, without a look at the files.
    fn settings(&self, root: &Path) -> Result<Vec<std::sync::Arc<Settings>>, Failure> {
        for id in &self.rules {
            super::rule(id)?;
        }
        let stdin = self.paths == [PathBuf::from("-")];
        let paths =
            if stdin { Vec::new() } else { self.paths.iter().map(|path| super::existing(path)).collect::<Result<_, _>>()? };
        Ok(scope::projects(self, paths, root)?.into_iter().map(|project| project.settings).collect())
    }
}
