//! What a command looks at: paths, rules, configuration. The same for `check` and whatever else runs the analysis.

use super::failure::Failure;
use crate::config::{self, Project, Settings};
use crate::lint::Level;
use crate::pipeline::Options;
use crate::source::MAX_FILE_BYTES;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Clone, Default, clap::Args)]
pub(super) struct Scope {
    /// Files, folders or patterns such as `./...`; `-` reads one file from standard input [default: the current folder]
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,

    /// Run only these rules (may be repeated)
    #[arg(short, long = "rule", value_name = "ID", value_delimiter = ',')]
    pub(super) rules: Vec<String>,

    /// Leave out paths that match a pattern as in .gitignore (may be repeated)
    #[arg(long, value_name = "GLOB")]
    pub(super) exclude: Vec<String>,

    /// Report on _test.go files too
    #[arg(long)]
    pub(super) tests: bool,

    /// Read types of required modules in Go's module cache, where they are; nothing is fetched
    #[arg(long)]
    pub(super) deps: bool,

    /// The configuration file to use for all paths
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub(super) config: Option<PathBuf>,

    /// Ignore goleash.toml files
    #[arg(long)]
    pub(super) no_config: bool,

    /// Number of threads; 0 means one per core
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) threads: usize,
}

/// The folder that paths are relative to.
pub(super) fn here() -> Result<PathBuf, Failure> {
    std::env::current_dir().map_err(|source| Failure::Read { path: "the current folder".to_owned(), source })
}

impl Scope {
    /// What to run, a project each. `instead` are the paths to use where none is named.
    pub(super) fn options(&self, root: &Path, instead: Option<Vec<PathBuf>>) -> Result<Vec<Options>, Failure> {
        for id in &self.rules {
            super::rule(id)?;
        }
        for glob in &self.exclude {
            // The same reader that will apply it, so that both have one mind of what is a pattern.
            let add = |source| Failure::Glob { glob: glob.clone(), source };
            ignore::gitignore::GitignoreBuilder::new("").add_line(None, glob).map_err(add)?;
        }
        let stdin = self.paths.iter().any(|path| path == Path::new("-"));
        if stdin && self.paths.len() > 1 {
            return Err(Failure::StdinAndPaths);
        }
        let paths = match (self.paths.as_slice(), instead) {
            _ if stdin => Vec::new(),
            ([], Some(paths)) if paths.is_empty() => return Ok(Vec::new()),
            ([], Some(paths)) => paths,
            ([], None) => vec![PathBuf::from(".")],
            (paths, _) => paths.iter().map(|path| super::existing(path)).collect::<Result<_, _>>()?,
        };
        let stdin = if stdin { Some(read_stdin()?) } else { None };
        let options = |project: Project| Options {
            paths: project.paths,
            stdin: stdin.clone(),
            root: root.to_owned(),
            tests: self.tests || project.settings.tests,
            deps: self.deps || project.settings.deps,
            exclude: self.exclude.clone(),
            rules: self.rules.clone(),
            threads: self.threads,
            trace: None,
            level: Level::Note,
            settings: project.settings,
            overlay: Arc::default(),
            baseline: None,
        };
        Ok(projects(self, paths, root)?.into_iter().map(options).collect())
    }
}

/// The paths with the settings that hold for them.
pub(super) fn projects(args: &Scope, paths: Vec<PathBuf>, root: &Path) -> Result<Vec<Project>, Failure> {
    let settings = match &args.config {
        Some(file) => {
            // What is relative in the file is relative to where it lies.
            let path = root.join(file);
            config::load(&path, &file.display().to_string())?
        }
        None if args.no_config => Settings::default(),
        // What comes through standard input belongs to the current folder.
        None if paths.is_empty() => {
            let mut here = config::projects(&[PathBuf::from(".")], root)?;
            here.iter_mut().for_each(|project| project.paths.clear());
            return Ok(here);
        }
        None => return Ok(config::projects(&paths, root)?),
    };
    Ok(vec![Project { settings: Arc::new(settings), paths }])
}

fn read_stdin() -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    // One byte more than will be analysed says that it is too much; a stream without an end must not fill the memory.
    let read = io::stdin().lock().take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|source| Failure::Read { path: "standard input".to_owned(), source })?;
    Ok(bytes)
}
