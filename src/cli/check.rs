//! `goleash check`, which is also what `goleash` alone does.

use super::failure::Failure;
use super::{Verdict, output, progress, terminal};
use crate::config::{self, Project, Settings};
use crate::git::Changes;
use crate::lint::{Level, Meta, Reason};
use crate::pipeline::{self, Options};
use crate::report::{Format, Look, Report};
use crate::source::MAX_FILE_BYTES;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(clap::Args)]
pub(super) struct CheckArgs {
    /// Files, folders or patterns such as `./...`; `-` reads one file from standard input [default: the current folder]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// How to report
    #[arg(short, long, value_enum, default_value_t)]
    format: Format,

    /// The least severe findings to show and to fail on [default: warning]
    #[arg(short, long, value_enum)]
    level: Option<Level>,

    /// Run only these rules (may be repeated)
    #[arg(short, long = "rule", value_name = "ID", value_delimiter = ',')]
    rules: Vec<String>,

    /// Leave out paths that match, as a line of .gitignore would (may be repeated)
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,

    /// Report on _test.go files too
    #[arg(long)]
    tests: bool,

    /// Show only findings of which a step stands on lines that changed since REV; `REV...` is where the branch left REV
    #[arg(long, value_name = "REV", conflicts_with = "staged")]
    new_from: Option<String>,

    /// Show only findings of which a step stands on staged lines; without a PATH, check only the folders of staged files
    #[arg(long)]
    staged: bool,

    /// The configuration to use, whatever path is checked
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    config: Option<PathBuf>,

    /// Use no configuration
    #[arg(long)]
    no_config: bool,

    /// Threads to use; 0 is one for each core
    #[arg(long, value_name = "N", default_value_t = 0)]
    threads: usize,

    /// Exit with 0 though there are findings
    #[arg(long)]
    exit_zero: bool,

    /// Write the report to a file, which is whole or not there
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Print what was looked at and how long it took to standard error
    #[arg(long)]
    stats: bool,

    /// Tell where a rule is silent, and why
    #[arg(long, value_name = "RULE")]
    trace: Option<String>,
}

pub(super) fn run(args: &CheckArgs, color: terminal::Color) -> Result<Verdict, Failure> {
    let root = std::env::current_dir().map_err(|source| Failure::Read { path: "the current folder".to_owned(), source })?;
    let changes = changes(args, &root)?;
    let projects = options(args, root, changes.as_ref())?;
    let rules = rules(&projects);
    let level = projects.iter().map(|options| options.level).min().unwrap_or(Level::Warning);
    let mut outcome = pipeline::run_all(&projects, &progress::Bar::new())?;
    if let Some(changes) = &changes {
        outcome.withhold(&Reason::Unchanged, |finding| !changes.touch(finding));
    }
    let report = Report { outcome: &outcome, level, rules: &rules };
    publish(&report, args, color)?;
    Ok(verdict(&report, args.exit_zero))
}

/// What is not shown does not fail a run either: a verdict that nobody can see the reason for helps no one.
fn verdict(report: &Report<'_>, exit_zero: bool) -> Verdict {
    let found = report.shown().next().is_some();
    if found && !exit_zero { Verdict::Findings } else { Verdict::Clean }
}

/// What to run, a project each.
fn options(args: &CheckArgs, root: PathBuf, changes: Option<&Changes>) -> Result<Vec<Options>, Failure> {
    for id in args.rules.iter().chain(&args.trace) {
        super::rule(id)?;
    }
    for glob in &args.exclude {
        // The same reader that will apply it, so that both have one mind of what is a pattern.
        let add = |source| Failure::Glob { glob: glob.clone(), source };
        ignore::gitignore::GitignoreBuilder::new("").add_line(None, glob).map_err(add)?;
    }
    let stdin = args.paths.iter().any(|path| path == Path::new("-"));
    if stdin && args.paths.len() > 1 {
        return Err(Failure::StdinAndPaths);
    }
    let paths = match args.paths.as_slice() {
        _ if stdin => Vec::new(),
        [] if args.staged => changes.map(|changes| beside(changes, &root)).unwrap_or_default(),
        [] => vec![PathBuf::from(".")],
        paths => paths.iter().map(|path| super::existing(path)).collect::<Result<_, _>>()?,
    };
    if paths.is_empty() && !stdin {
        return Ok(Vec::new());
    }
    let overlay = Arc::new(changes.map(|changes| changes.overlay.clone()).unwrap_or_default());
    let stdin = if stdin { Some(read_stdin()?) } else { None };
    let projects = projects(args, paths, &root)?;
    let options = |project: Project| Options {
        paths: project.paths,
        stdin: stdin.clone(),
        root: root.clone(),
        tests: args.tests || project.settings.tests,
        exclude: args.exclude.clone(),
        rules: args.rules.clone(),
        threads: args.threads,
        trace: args.trace.clone(),
        level: args.level.or(project.settings.level).unwrap_or(Level::Warning),
        settings: project.settings,
        overlay: Arc::clone(&overlay),
    };
    let mut projects: Vec<Options> = projects.into_iter().map(options).collect();
    if args.staged && args.paths.is_empty() {
        for project in projects.iter_mut().filter(|project| !project.tests) {
            project.paths.retain(|path| !path.to_string_lossy().ends_with("_test.go"));
        }
        // No path at all would mean the whole folder.
        projects.retain(|project| !project.paths.is_empty());
    }
    Ok(projects)
}

/// What git says has changed, if anybody asked.
fn changes(args: &CheckArgs, root: &Path) -> Result<Option<Changes>, Failure> {
    let asked = args.staged || args.new_from.is_some();
    if asked && args.paths.iter().any(|path| path == Path::new("-")) {
        return Err(Failure::StdinAndGit);
    }
    Ok(match &args.new_from {
        Some(revision) => Some(Changes::since(revision, root)?),
        None if args.staged => Some(Changes::staged(root)?),
        None => None,
    })
}

/// The Go files in the folders of those that changed below `root`: a finding may stand in a neighbour.
fn beside(changes: &Changes, root: &Path) -> Vec<PathBuf> {
    let real = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let mut folders: Vec<&Path> = changes.files().iter().filter_map(|file| file.parent()?.strip_prefix(&real).ok()).collect();
    folders.dedup();
    // What the walk of a tree passes over.
    let passed_over = |name: &str| name.starts_with(['_', '.']) || matches!(name, "vendor" | "testdata");
    folders.retain(|folder| !folder.iter().any(|part| passed_over(&part.to_string_lossy())));
    let entries = folders.into_iter().filter_map(|folder| Some((folder, root.join(folder).read_dir().ok()?)));
    let mut files: Vec<PathBuf> = entries
        .flat_map(|(folder, entries)| entries.flatten().map(|entry| folder.join(entry.file_name())).collect::<Vec<_>>())
        .filter(|path| {
            path.extension().is_some_and(|ext| ext == "go")
                && !path.file_name().is_some_and(|name| passed_over(&name.to_string_lossy()))
                && root.join(path).is_file()
        })
        .collect();
    files.sort();
    files.dedup();
    files
}

/// The cards of the rules that will run, in the registry's order.
fn rules(projects: &[Options]) -> Vec<&'static Meta> {
    crate::rules::metas().into_iter().filter(|meta| projects.iter().any(|options| options.wants(meta.id))).collect()
}

/// The paths with the settings that hold for them.
fn projects(args: &CheckArgs, paths: Vec<PathBuf>, root: &Path) -> Result<Vec<Project>, Failure> {
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

fn publish(report: &Report<'_>, args: &CheckArgs, color: terminal::Color) -> Result<(), Failure> {
    match args.output.as_deref().filter(|path| *path != Path::new("-")) {
        None => {
            let look = terminal::look(color);
            output::stdout(|out| report.write(args.format, look, out))?;
        }
        Some(path) => {
            let look = Look { color: color.in_file(), ..Default::default() };
            output::file(path, |out| report.write(args.format, look, out))?;
            to_stderr(|out| report.write_summary(Look::default(), out));
        }
    }
    if matches!(args.format, Format::Sarif | Format::Github) {
        to_stderr(|out| report.write_traces(out));
    }
    if args.stats {
        to_stderr(|out| report.write_stats(out));
    }
    Ok(())
}

/// What is said beside the report is not worth failing for.
fn to_stderr(write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) {
    let mut err = io::BufWriter::new(io::stderr().lock());
    let _ = write(&mut err).and_then(|()| err.flush());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::Finding;
    use crate::pipeline::Outcome;
    use crate::source::{Location, SourceFile, Span};

    #[test]
    fn the_verdict_follows_the_level() {
        let file = SourceFile::new("a.go".into(), "a.go".into(), "go f()".into());
        let finding = Finding {
            rule: "blocked-send",
            level: Level::Warning,
            message: String::new(),
            at: Location { file: Arc::new(file), span: Span::new(0, 2) },
            steps: Vec::new(),
            help: String::new(),
            fixes: Vec::new(),
            function: String::new(),
            fingerprint: String::new(),
        };
        let outcome = Outcome { findings: vec![finding], ..Outcome::default() };
        let verdict = |level, exit_zero| verdict(&Report { outcome: &outcome, level, rules: &[] }, exit_zero);
        assert_eq!(verdict(Level::Note, false), Verdict::Findings);
        assert_eq!(verdict(Level::Warning, false), Verdict::Findings);
        assert_eq!(verdict(Level::Error, false), Verdict::Clean);
        assert_eq!(verdict(Level::Note, true), Verdict::Clean);
    }
}
