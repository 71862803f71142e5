//! What a project asks of goleash: `goleash.toml`, where it is found, and what it comes to.
//!
//! [`Config`] is the file as it is written, [`Settings`] what it means for a run. Both are plain values: the command line reads them once,
//! and whatever follows files for longer reads them again when the file changes.

mod error;
mod load;
mod settings;
mod starter;

pub use error::ConfigError;
pub use load::{FILE_NAME, Project, find, load, parse, projects};
pub use settings::Settings;
pub use starter::STARTER;

use crate::lint::Level;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// The settings of goleash for one project. Models of libraries stand beside them: `[[function]]`, `[[type]]`, `[[var]]`, `[[package]]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The least severe findings to show and to fail on. The default is `warning`; `--level` goes before it.
    pub level: Option<Level>,
    /// Whether `_test.go` files get findings too. The default is false.
    pub tests: bool,
    /// Whether types of required modules are read in Go's module cache, as far as they are there. The default is false.
    pub deps: bool,
    /// The Go version that the code is built with, as `"1.23"`. The default is what `go.mod` says.
    #[serde(deserialize_with = "crate::models::go_version")]
    pub go_version: Option<(u16, u16)>,
    /// Paths that get no findings, as lines of `.gitignore` in the folder of this file.
    pub exclude: Vec<Spanned<String>>,
    /// A file that `goleash baseline` wrote, in the folder of this file or below it: the findings in it are not shown.
    pub baseline: Option<Spanned<String>>,
    /// How severe the findings of a rule are, by its id.
    pub rules: BTreeMap<Spanned<String>, RuleConfig>,
    /// Other settings for some paths; of several that match, the last one that speaks of a rule holds.
    #[serde(rename = "override")]
    pub overrides: Vec<Override>,
}

/// What is asked of one rule.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RuleConfig {
    /// `error` or `warning` for all findings of the rule but notes, `note` for all, or `off`.
    pub level: RuleLevel,
}

/// How severe the findings of a rule are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleLevel {
    /// Warnings count as errors.
    Error,
    /// Errors count as warnings.
    Warning,
    /// All findings are notes, which are shown only if asked for.
    Note,
    /// The rule says nothing.
    Off,
}

/// Settings for some paths.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Override {
    /// The paths, as lines of `.gitignore` in the folder of this file.
    pub paths: Vec<Spanned<String>>,
    /// How severe the findings of a rule are there, by its id.
    pub rules: BTreeMap<Spanned<String>, RuleConfig>,
}

impl RuleLevel {
    /// The word for it in the file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
            Self::Off => "off",
        }
    }

    /// What becomes of a finding of that level. Notes stay notes: the harm they tell of is bounded, whatever a project thinks of a rule.
    #[must_use]
    pub fn of(self, level: Level) -> Option<Level> {
        match (self, level) {
            (Self::Off, _) => None,
            (Self::Note, _) | (_, Level::Note) => Some(Level::Note),
            (Self::Error, _) => Some(Level::Error),
            (Self::Warning, _) => Some(Level::Warning),
        }
    }
}
