//! What is wrong with a `goleash.toml`, and where in it.

use crate::source::{Location, SourceFile, Span};
use std::path::Path;
use std::sync::Arc;

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// Its path.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// It says something that has no meaning.
    #[error("{}:{}:{}: {message}", at.file.display, at.start().line, at.start().col)]
    Wrong {
        /// The place.
        at: Location,
        /// What is wrong there.
        message: String,
        /// What was probably meant.
        help: Option<String>,
    },
}

impl ConfigError {
    /// What the user can do about it.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        match self {
            Self::Unreadable { .. } => None,
            Self::Wrong { help, .. } => help.as_deref(),
        }
    }

    /// The place in the file, where there is one.
    #[must_use]
    pub fn at(&self) -> Option<&Location> {
        match self {
            Self::Unreadable { .. } => None,
            Self::Wrong { at, .. } => Some(at),
        }
    }
}

/// The text of a configuration, for complaints about it.
pub(super) struct Text {
    file: Arc<SourceFile>,
}

impl Text {
    pub(super) fn new(path: &Path, display: &str, text: &str) -> Self {
        Self { file: Arc::new(SourceFile::new(display.to_owned(), path.to_owned(), text.to_owned())) }
    }

    pub(super) fn wrong(&self, span: std::ops::Range<usize>, message: String, help: Option<String>) -> ConfigError {
        let at = Location { file: Arc::clone(&self.file), span: Span::new(span.start, span.end) };
        ConfigError::Wrong { at, message, help }
    }

    /// The word that begins at an offset.
    pub(super) fn word(&self, start: usize) -> std::ops::Range<usize> {
        let rest = self.file.text.get(start..).unwrap_or_default();
        let len = rest.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(rest.len());
        start..start + len
    }

    /// A complaint of the TOML reader. It names the words that it knows, so the one that was meant is probably among them.
    pub(super) fn toml(&self, error: &toml::de::Error, more: &[&str]) -> ConfigError {
        let text = error.message();
        let (mut message, mut help) = (text.to_owned(), None);
        if let Some((what, word, mut known)) = unknown(text) {
            // What stands beside the settings stands at the top, where overrides do.
            if known.contains(&"override") {
                known.extend(more);
            }
            message = format!("there is no {what} `{word}` here");
            help = Some(match crate::words::nearest(word, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it can be {}", one_of(&known)),
            });
        }
        let span = error.span().unwrap_or(0..0);
        // A bare word is read as the beginning of `nan`, `inf`, `true` or a number.
        let bare = self.file.text.get(span.start..).and_then(|rest| rest.lines().next()).unwrap_or("").trim();
        let unread = ["invalid", "string values must be quoted"].iter().any(|start| text.starts_with(start));
        if unread && bare.starts_with(|c: char| c.is_ascii_alphabetic()) && self.key_before(span.start).is_some() {
            (message, help) = ("strings are quoted; `true`, `false` and numbers are not".to_owned(), None);
        }
        if let Some((kind, example)) = wanted(text) {
            (message, help) = match self.key_before(span.start).as_deref() {
                None => (format!("expected {kind}"), None),
                Some("override") => ("`override` takes a list of tables".to_owned(), Some("as in `[[override]]`".to_owned())),
                Some(key) => {
                    let given = self.file.text.get(span.clone()).unwrap_or_default().trim_matches(['"', '\'']);
                    let example = example.replace("KEY", key).replace("VALUE", given);
                    (format!("`{key}` takes {kind}"), Some(format!("as in `{example}`")))
                }
            };
        }
        self.wrong(span, message, help)
    }

    /// The key that the value at an offset belongs to, or the name of the table that begins there.
    fn key_before(&self, start: usize) -> Option<String> {
        let before = self.file.text.get(..start)?;
        let line = before.rsplit('\n').next().unwrap_or_default();
        if let Some((key, between)) = line.split_once('=') {
            // Within a list or a table it is another thing that is wanted.
            return between.trim().is_empty().then(|| key.trim().to_owned());
        }
        let here = self.file.text.get(start..)?.lines().next()?;
        let name = here.trim_start_matches('[').split(']').next()?.trim();
        (line.trim().is_empty() && here.starts_with('[') && !name.is_empty()).then(|| name.to_owned())
    }
}

/// A key or value that the TOML reader does not know, and those that it does.
fn unknown(text: &str) -> Option<(&'static str, &str, Vec<&str>)> {
    if let Some((word, known)) =
        text.strip_prefix("unexpected keys in table: ").and_then(|rest| rest.split_once(", available keys: "))
    {
        return Some(("key", word.split(", ").next()?, known.split(", ").collect()));
    }
    let what = [("unknown field", "key"), ("unknown variant", "value")].into_iter().find(|(kind, _)| text.starts_with(kind))?.1;
    let mut words = text.split('`').skip(1).step_by(2);
    Some((what, words.next()?, words.collect()))
}

/// What the reader of a type would take, and an example: its own words speak of Rust.
fn wanted(text: &str) -> Option<(&'static str, &'static str)> {
    if text == "wanted string or table" {
        return Some(("one of `error`, `warning`, `note` and `off`, in quotes", "KEY = \"warning\""));
    }
    let (_, expected) = text.strip_prefix("invalid type: ")?.rsplit_once(", expected ")?;
    Some(match expected {
        "a boolean" => ("`true` or `false`", "KEY = true"),
        "a string" => ("a string in quotes", "KEY = \"VALUE\""),
        "a sequence" => ("a list", "KEY = [\"VALUE\"]"),
        "a map" => ("a table", "[KEY]"),
        "struct RuleConfig" => ("a table", "KEY.level = \"off\""),
        _ => return None,
    })
}

/// `a`, `a or b`, `a, b or c`.
fn one_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [init @ .., last] => format!("{} or {last}", init.join(", ")),
    }
}
