//! What a configuration means for a run.

use super::error::{ConfigError, Text};
use super::{Config, RuleConfig, RuleLevel};
use crate::lint::Level;
use crate::models::Models;
use crate::words;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use toml::Spanned;

/// What holds for the paths that one `goleash.toml` speaks for, or for those that none speaks for.
#[derive(Debug)]
pub struct Settings {
    /// The file, and its path as it is shown.
    pub file: Option<(PathBuf, String)>,
    /// The least severe findings to show.
    pub level: Option<Level>,
    /// Whether test files get findings.
    pub tests: bool,
    /// Whether the module cache is read.
    pub deps: bool,
    /// The Go version, where `go.mod` is not to be asked.
    pub go_version: Option<(u16, u16)>,
    /// Paths without findings.
    pub exclude: Vec<String>,
    /// Findings that are known.
    pub baseline: Option<PathBuf>,
    /// What is known of libraries.
    pub models: &'static Models,
    rules: Levels,
    overrides: Vec<Special>,
}

/// What holds for some paths.
#[derive(Debug)]
struct Special {
    /// The paths, as they are written.
    lines: Vec<String>,
    globs: Gitignore,
    levels: Levels,
}

type Levels = FxHashMap<&'static str, RuleLevel>;

impl Default for Settings {
    fn default() -> Self {
        Self {
            file: None,
            level: None,
            tests: false,
            deps: false,
            go_version: None,
            exclude: Vec::new(),
            baseline: None,
            models: Models::embedded(),
            rules: Levels::default(),
            overrides: Vec::new(),
        }
    }
}

impl Settings {
    /// The folder that the paths in the file are relative to.
    #[must_use]
    pub fn dir(&self) -> Option<&Path> {
        self.file.as_ref().and_then(|(path, _)| path.parent())
    }

    /// What becomes of a finding of a rule in the file at `path`, if it has that level by itself.
    #[must_use]
    pub fn level_of(&self, rule: &str, path: &Path, level: Level) -> Option<Level> {
        let matches = |globs: &Gitignore| {
            let relative = path.strip_prefix(globs.path()).ok();
            relative.is_some_and(|path| globs.matched_path_or_any_parents(path, false).is_ignore())
        };
        let special = self.overrides.iter().rev().filter(|one| one.levels.contains_key(rule)).find(|one| matches(&one.globs));
        let levels = special.map_or(&self.rules, |one| &one.levels);
        levels.get(rule).map_or(Some(level), |asked| asked.of(level))
    }

    /// Whether a rule can say anything anywhere.
    #[must_use]
    pub fn runs(&self, rule: &str) -> bool {
        let on = |levels: &Levels| levels.get(rule).is_some_and(|level| *level != RuleLevel::Off);
        self.rules.get(rule) != Some(&RuleLevel::Off) || self.overrides.iter().any(|one| on(&one.levels))
    }

    /// What the file asks of a rule: everywhere, and for some paths, as they are written there.
    #[must_use]
    pub fn asked(&self, rule: &str) -> (Option<RuleLevel>, Vec<(&[String], RuleLevel)>) {
        let special = self.overrides.iter().filter_map(|one| Some((one.lines.as_slice(), *one.levels.get(rule)?)));
        (self.rules.get(rule).copied(), special.collect())
    }
}

/// Makes settings of a file, or complains.
pub(super) struct Resolver<'a> {
    pub(super) place: &'a Text,
    pub(super) path: &'a Path,
    pub(super) display: &'a str,
}

impl Resolver<'_> {
    pub(super) fn settings(&self, config: Config, models: &'static Models) -> Result<Settings, ConfigError> {
        let dir = self.path.parent().unwrap_or(Path::new("."));
        self.globs(dir, &config.exclude)?;
        let mut overrides = Vec::new();
        for one in &config.overrides {
            let lines = one.paths.iter().map(|line| line.get_ref().clone()).collect();
            overrides.push(Special { lines, globs: self.globs(dir, &one.paths)?, levels: self.levels(&one.rules)? });
        }
        Ok(Settings {
            file: Some((self.path.to_owned(), self.display.to_owned())),
            level: config.level,
            tests: config.tests,
            deps: config.deps,
            go_version: config.go_version,
            rules: self.levels(&config.rules)?,
            exclude: config.exclude.into_iter().map(Spanned::into_inner).collect(),
            baseline: config.baseline.map(|path| self.inside(dir, &path)).transpose()?,
            models,
            overrides,
        })
    }

    /// A path that leads nowhere but into the folder of the file: a repository that somebody checks must not choose what is read or written
    /// elsewhere.
    fn inside(&self, dir: &Path, path: &Spanned<String>) -> Result<PathBuf, ConfigError> {
        let mut depth = 0_usize;
        for part in Path::new(path.get_ref()).components() {
            let deeper = match part {
                Component::Normal(_) => Some(depth + 1),
                Component::CurDir => Some(depth),
                Component::ParentDir => depth.checked_sub(1),
                Component::Prefix(_) | Component::RootDir => None,
            };
            depth = deeper.ok_or_else(|| {
                let message = format!("`{}` is outside of the folder of this file", path.get_ref());
                let help = "only `--baseline` and `goleash baseline --output` take paths elsewhere".to_owned();
                self.place.wrong(path.span(), message, Some(help))
            })?;
        }
        Ok(dir.join(path.get_ref()))
    }

    fn globs(&self, dir: &Path, lines: &[Spanned<String>]) -> Result<Gitignore, ConfigError> {
        let mut builder = GitignoreBuilder::new(dir);
        for line in lines {
            let wrong = |error: ignore::Error| {
                let reason = match error {
                    ignore::Error::Glob { err, .. } => err,
                    other => other.to_string(),
                };
                let help = "patterns are those of .gitignore".to_owned();
                self.place.wrong(line.span(), format!("`{}` is not a pattern: {reason}", line.get_ref()), Some(help))
            };
            builder.add_line(None, line.get_ref()).map_err(wrong)?;
        }
        Ok(builder.build().unwrap_or_else(|_| Gitignore::empty()))
    }

    fn levels(&self, rules: &BTreeMap<Spanned<String>, RuleConfig>) -> Result<Levels, ConfigError> {
        let metas = crate::rules::metas();
        let mut levels = Levels::default();
        for (id, rule) in rules {
            let Some(meta) = metas.iter().find(|meta| meta.id == id.get_ref()) else {
                let near = words::nearest(id.get_ref(), metas.iter().map(|meta| meta.id));
                let help = near.map_or("`goleash rules` lists them all".to_owned(), |near| format!("did you mean `{near}`?"));
                return Err(self.place.wrong(id.span(), format!("no rule has the id `{}`", id.get_ref()), Some(help)));
            };
            levels.insert(meta.id, rule.level);
        }
        Ok(levels)
    }
}
