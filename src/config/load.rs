//! Finding a `goleash.toml` and reading it.

use super::error::{ConfigError, Text};
use super::settings::Resolver;
use super::{Config, Settings};
use crate::models::{Models, SECTIONS};
use crate::source::{Bounds, read_text};
use rustc_hash::FxHashMap;
use serde::Deserialize as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// The name of the file.
pub const FILE_NAME: &str = "goleash.toml";

/// The file that speaks for a path: the one in its folder, or in the nearest folder above that has one.
#[must_use]
pub fn find(path: &Path) -> Option<PathBuf> {
    let path = crate::source::normal(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
    let folder = if path.is_dir() { path.as_path() } else { path.parent()? };
    folder.ancestors().map(|at| at.join(FILE_NAME)).find(|file| file.is_file())
}

/// Reads a file. `display` is its path as complaints show it.
///
/// # Errors
/// When it cannot be read, or says something that has no meaning.
pub fn load(path: &Path, display: &str) -> Result<Settings, ConfigError> {
    let unreadable = |source| ConfigError::Unreadable { path: display.to_owned(), source };
    let text = read_text(path).map_err(unreadable)?;
    parse(&text, path, display)
}

/// The same for a file that was found and not named. It belongs to the repository, and what lies elsewhere is not read for it: a complaint
/// shows the line that it is about.
fn load_found(path: &Path, display: &str) -> Result<Settings, ConfigError> {
    let unreadable = |source| ConfigError::Unreadable { path: display.to_owned(), source };
    let text = Bounds::of(path.parent().unwrap_or(Path::new("."))).read(path).map_err(unreadable)?;
    parse(&text, path, display)
}

/// Paths with the settings that hold for them.
#[derive(Debug)]
pub struct Project {
    /// The settings.
    pub settings: Arc<Settings>,
    /// Files, folders and patterns, as they were given.
    pub paths: Vec<PathBuf>,
}

/// Finds the settings of each path. Paths are relative to `root`, and those with the same file make one project, in the order of the paths.
///
/// # Errors
/// As [`load`].
pub fn projects(paths: &[PathBuf], root: &Path) -> Result<Vec<Project>, ConfigError> {
    let mut projects: Vec<Project> = Vec::new();
    for path in paths {
        let text = path.to_string_lossy();
        let folder = text.strip_suffix("...").map(|base| if base.is_empty() { Path::new(".") } else { Path::new(base) });
        let file = find(&root.join(folder.unwrap_or(path)));
        let is_it = |project: &&mut Project| project.settings.file.as_ref().map(|(file, _)| file) == file.as_ref();
        if let Some(known) = projects.iter_mut().find(is_it) {
            known.paths.push(path.clone());
            continue;
        }
        let settings = match file {
            Some(file) => load_found(&file, &shown(&file, root))?,
            None => Settings::default(),
        };
        projects.push(Project { settings: Arc::new(settings), paths: vec![path.clone()] });
    }
    Ok(projects)
}

fn shown(file: &Path, root: &Path) -> String {
    file.strip_prefix(root).unwrap_or(file).to_string_lossy().into_owned()
}

/// Reads the text of a file that lies, or would lie, at `path`.
///
/// # Errors
/// When it says something that has no meaning.
pub fn parse(text: &str, path: &Path, display: &str) -> Result<Settings, ConfigError> {
    let place = Text::new(path, display, text);
    let mut document = toml::de::DeTable::parse(text).map_err(|error| place.toml(&error, &[]))?;
    let keys: Vec<String> = document.get_ref().keys().map(|key| key.get_ref().to_string()).collect();
    for section in SECTIONS {
        document.get_mut().remove(*section);
    }
    let config = Config::deserialize(toml::de::Deserializer::from(document)).map_err(|error| place.toml(&error, SECTIONS))?;
    let models = if keys.iter().any(|key| SECTIONS.contains(&key.as_str())) {
        let foreign: Vec<&str> = keys.iter().map(String::as_str).filter(|key| !SECTIONS.contains(key)).collect();
        models(text, display, &foreign).map_err(|error| place.wrong(place.word(error.offset), error.message, None))?
    } else {
        Models::embedded()
    };
    Resolver { place: &place, path, display }.settings(config, models)
}

/// The embedded models with those of a text. They live as long as the process, so that any number of analyses can share them; the same text
/// read again gives the same ones.
fn models(text: &str, display: &str, foreign: &[&str]) -> Result<&'static Models, crate::models::ModelError> {
    static KNOWN: LazyLock<Mutex<FxHashMap<String, &'static Models>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(models) = known.get(text) {
        return Ok(models);
    }
    let models: &'static Models = Box::leak(Box::new(Models::embedded().extend_within(text, display, foreign)?));
    known.insert(text.to_owned(), models);
    Ok(models)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::Level;

    fn read(text: &str) -> Result<Settings, ConfigError> {
        parse(text, Path::new("/p/goleash.toml"), "goleash.toml")
    }

    fn complaint(text: &str) -> (String, String) {
        let error = read(text).unwrap_err();
        (error.to_string(), error.help().unwrap_or_default().to_owned())
    }

    #[test]
    fn everything_can_be_said() {
        let text = "level = \"note\"\ntests = true\ndeps = true\ngo-version = \"1.22\"\nexclude = [\"gen/\"]\nbaseline = \"b.json\"\n\
                    [rules.blocked-send]\nlevel = \"warning\"\n[rules]\nlost-cancel.level = \"off\"\n\
                    [[override]]\npaths = [\"old/\"]\nrules.blocked-send.level = \"off\"\n\
                    [[function]]\npath = \"example.com/x\"\nname = \"Die\"\nno_return = true\n";
        let settings = read(text).unwrap();
        assert_eq!(
            (settings.level, settings.tests, settings.deps, settings.go_version),
            (Some(Level::Note), true, true, Some((1, 22)))
        );
        assert_eq!(settings.baseline.as_deref(), Some(Path::new("/p/b.json")));
        let level = |rule, path: &str, level| settings.level_of(rule, Path::new(path), level);
        assert_eq!(level("blocked-send", "/p/a.go", Level::Error), Some(Level::Warning));
        assert_eq!(level("blocked-send", "/p/a.go", Level::Note), Some(Level::Note));
        assert_eq!(level("blocked-send", "/p/old/b/a.go", Level::Error), None);
        assert_eq!(level("lost-cancel", "/p/a.go", Level::Error), None);
        assert_eq!(level("stuck-lock", "/p/a.go", Level::Error), Some(Level::Error));
        assert!(settings.models.function("example.com/x".into(), None, "Die".into()).is_some_and(|model| model.no_return));
    }

    #[test]
    fn what_has_no_meaning_is_pointed_at() {
        let near = |word: &str| format!("did you mean `{word}`?");
        assert_eq!(
            complaint("tests = true\nexlude = []\n"),
            ("goleash.toml:2:1: there is no key `exlude` here".into(), near("exclude"))
        );
        assert_eq!(
            complaint("[[funktion]]\nname = \"x\"\n"),
            ("goleash.toml:1:3: there is no key `funktion` here".into(), near("function"))
        );
        assert_eq!(complaint("level = \"warn\"\n"), ("goleash.toml:1:9: there is no value `warn` here".into(), near("warning")));
        assert_eq!(
            complaint("[rules.bloked-send]\nlevel = \"off\"\n"),
            ("goleash.toml:1:8: no rule has the id `bloked-send`".into(), near("blocked-send"))
        );
        assert_eq!(complaint("[rules.blocked-send]\nlvl = \"off\"\n").0, "goleash.toml:2:1: there is no key `lvl` here");
        assert!(complaint("exclude = [\"a\", \"a{b\"]\n").0.starts_with("goleash.toml:1:17: `a{b` is not a pattern"));
        assert_eq!(complaint("go-version = \"new\"\n").0, "goleash.toml:1:14: `new` is not a Go version such as \"1.23\"");
        let says =
            |text, message: &str, help: &str| assert_eq!(complaint(text), (format!("goleash.toml:{message}"), help.into()));
        let bare = "strings are quoted; `true`, `false` and numbers are not";
        says("level = note\n", &format!("1:9: {bare}"), "");
        says("tests = yes\n", &format!("1:9: {bare}"), "");
        says("tests = 1\n", "1:9: `tests` takes `true` or `false`", "as in `tests = true`");
        let level = "2:9: `level` takes one of `error`, `warning`, `note` and `off`, in quotes";
        says("[rules.stuck-lock]\nlevel = 3\n", level, "as in `level = \"warning\"`");
        says("exclude = \"gen\"\n", "1:11: `exclude` takes a list", "as in `exclude = [\"gen\"]`");
        says("go-version = 1.22\n", "1:14: `go-version` takes a string in quotes", "as in `go-version = \"1.22\"`");
        says("exclude = [3]\n", "1:12: expected a string in quotes", "");
        says("exclude = [\n 3]\n", "2:2: expected a string in quotes", "");
        says("rules = 3\n", "1:9: `rules` takes a table", "as in `[rules]`");
        says("[override]\npaths = []\n", "1:1: `override` takes a list of tables", "as in `[[override]]`");
        let inside = "only `--baseline` and `goleash baseline --output` take paths elsewhere";
        for path in ["/etc/known.json", "../known.json", "a/../../known.json"] {
            let message = format!("goleash.toml:1:12: `{path}` is outside of the folder of this file");
            assert_eq!(complaint(&format!("baseline = \"{path}\"\n")), (message, inside.to_owned()));
        }
        assert!(complaint("tests = \n").0.starts_with("goleash.toml:1:9: "));
        assert!(complaint("tests = true\n[[function]]\npath = \"a/b\"\nnam = \"x\"\n").0.starts_with("goleash.toml:4:1: "));
    }

    #[test]
    fn the_nearest_file_speaks_for_a_path() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("a/b")).unwrap();
        std::fs::write(dir.path().join(FILE_NAME), "").unwrap();
        std::fs::write(dir.path().join("a").join(FILE_NAME), "").unwrap();
        assert_eq!(find(&dir.path().join("a/b/x.go")), Some(dir.path().join("a").join(FILE_NAME)));
        assert_eq!(find(dir.path()), Some(dir.path().join(FILE_NAME)));
    }
}
