//! `goleash check`, which is also what `goleash` alone does.

use super::failure::Failure;
use super::scope::{self, Scope};
use super::{Verdict, mend, output, progress, show, terminal, whole};
use crate::baseline::Baseline;
use crate::fix::tree::Workshop;
use crate::git::Changes;
use crate::lint::{Level, Meta, Reason, Withheld};
use crate::pipeline::{self, Options, Outcome};
use crate::report::{Format, Look, Report};
use crate::source::Bounds;
use clap::ValueEnum as _;
use rustc_hash::FxHashMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(clap::Args)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    scope: Scope,

    /// Output format
    #[arg(short, long, value_enum, default_value_t)]
    format: Format,

    /// The lowest level to show and to fail on [default: warning]
    #[arg(short, long, value_enum)]
    level: Option<Level>,

    /// Show only findings with a step on lines that changed since REV; `REV...` means since the branch left REV
    #[arg(long, value_name = "REV", conflicts_with = "staged")]
    new_from: Option<String>,

    /// Show only findings with a step on staged lines; without a PATH, check only the folders of staged files
    #[arg(long)]
    staged: bool,

    /// Leave out the findings in this file, written by `goleash baseline`
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// Apply the safe fixes, which do not change what correct runs do, and report the rest; with --staged, fix the files on disk that are as
    /// staged: stage them again afterwards
    #[arg(long, group = "mending")]
    fix: bool,

    /// Show what --fix would change, and change nothing
    #[arg(long, group = "mending")]
    diff: bool,

    /// With --fix or --diff: also fixes that may change behaviour
    #[arg(long = "unsafe", requires = "mending")]
    unsafe_too: bool,

    /// Exit with 0 even if there are findings
    #[arg(long)]
    exit_zero: bool,

    /// Write the report to a file, all of it or nothing
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Show how many findings of each rule and level there are, instead of the findings; in JSON `summary.rules` has it in any case
    #[arg(long)]
    statistics: bool,

    /// List the files that would be checked, one a line, and check none
    #[arg(long, group = "instead")]
    show_files: bool,

    /// Show the settings that apply to each PATH and where each comes from, and check nothing
    #[arg(long, group = "instead")]
    show_config: bool,

    /// Print what was checked and how long it took, to standard error
    #[arg(long)]
    stats: bool,

    /// List the places where a rule is silent, and why
    #[arg(long, value_name = "RULE")]
    trace: Option<String>,
}

pub(super) fn run(args: &CheckArgs, color: terminal::Color) -> Result<Verdict, Failure> {
    if args.statistics && !matches!(args.format, Format::Human | Format::Json) {
        let format = args.format.to_possible_value().map_or(String::new(), |value| value.get_name().to_owned());
        return Err(Failure::StatisticsAndFormat { format });
    }
    let root = scope::here()?;
    if args.show_config {
        return show::config(&args.scope, args.level, args.baseline.as_deref(), &root);
    }
    let changes = changes(args, &root)?;
    let projects = options(args, &root, changes)?;
    if args.show_files {
        return show::files(&projects.options);
    }
    let (changes, remark) = (projects.changes, projects.remark);
    let mut projects = projects.options;
    let rules = rules(&projects);
    let level = projects.iter().map(|options| options.level).min().unwrap_or(Level::Warning);
    let check = |projects: &[Options], workshop: &Workshop| {
        let mut outcome = pipeline::run_all(projects, &progress::Bar::new())?;
        if let Some(changes) = &changes {
            // What is mended so far has moved lines.
            let mended = workshop.changed().map(|(path, mended)| (path, mended.old.as_str(), mended.new.as_str()));
            let changes = changes.after(mended);
            outcome.withhold(&Reason::Unchanged, |finding| !changes.touch(finding));
        }
        outcome.remark.clone_from(&remark);
        Ok(outcome)
    };
    let mut outcome = None;
    if args.fix || args.diff {
        if projects.iter().any(|project| project.stdin.is_some()) {
            return Err(Failure::StdinAndFix);
        }
        let (workshop, first, last) =
            mend::rounds(&mut projects, Bounds::around(&args.scope.paths, &root), args.unsafe_too, level, check)?;
        if args.diff {
            mend::diff(&workshop, args.staged, color)?;
            return Ok(verdict(&Report { outcome: &first, level, rules: &rules }, args.exit_zero));
        }
        if !mend::write(&workshop, args.staged, &mend::FIXING) {
            return Ok(Verdict::Failed);
        }
        outcome = Some(last);
    }
    let outcome = match outcome {
        Some(outcome) => outcome,
        None => check(&projects, &Workshop::default())?,
    };
    let mut outcome = outcome;
    outcome.stale = stale(args, &root, &projects, &outcome);
    outcome.problems.extend(whole::problems(&args.scope.paths, &root, &projects));
    outcome.problems.sort();
    outcome.problems.dedup();
    if outcome.remark.is_none() && outcome.stats.files == 0 {
        outcome.remark = only_tests(&projects);
    }
    let report = Report { outcome: &outcome, level, rules: &rules };
    publish(&report, args, color)?;
    Ok(verdict(&report, args.exit_zero))
}

/// What to say of a run that looked at nothing because all there is are tests.
fn only_tests(projects: &[Options]) -> Option<String> {
    let found = projects.iter().any(|project| !Options { tests: true, ..project.clone() }.discover().0.is_empty());
    found.then(|| "No Go files found other than tests, which --tests looks at".to_owned())
}

/// How many entries of the baselines are found no more, of those that this run could have found.
fn stale(args: &CheckArgs, root: &Path, projects: &[Options], outcome: &Outcome) -> usize {
    let known = |finding: &Withheld| matches!(finding.reason, Reason::Known(_));
    let mut used: FxHashMap<&str, usize> = FxHashMap::default();
    for withheld in outcome.withheld.iter().filter(|w| known(w)) {
        *used.entry(&withheld.finding.fingerprint).or_default() += 1;
    }
    let of = |project: &Options| {
        let baseline = project.baseline.as_ref()?;
        let named = args.baseline.as_ref().map(|file| root.join(file));
        let folder = named.as_ref().or(project.settings.baseline.as_ref())?.parent()?.to_owned();
        let below: Vec<PathBuf> = project.paths.iter().map(|path| root.join(path)).collect();
        let could = |rule: &str, file: &Path| {
            let text = file.to_string_lossy();
            project.wants(rule) && (project.tests || !text.ends_with("_test.go")) && project.exclude.is_empty()
        };
        Some(baseline.stale(&used, &folder, &below, &could))
    };
    projects.iter().filter_map(of).sum()
}

/// What is not shown does not fail a run either: a verdict that nobody can see the reason for helps no one.
fn verdict(report: &Report<'_>, exit_zero: bool) -> Verdict {
    let found = report.shown().next().is_some();
    if found && !exit_zero { Verdict::Findings } else { Verdict::Clean }
}

/// What to run, a project each, and the changes that it is run for.
struct Plan {
    options: Vec<Options>,
    changes: Option<Changes>,
    /// What to say where nothing has changed.
    remark: Option<String>,
}

fn options(args: &CheckArgs, root: &Path, mut changes: Option<Changes>) -> Result<Plan, Failure> {
    if let Some(id) = &args.trace {
        super::rule(id)?;
    }
    let staged_alone = args.staged && args.scope.paths.is_empty();
    let beside = changes.as_ref().filter(|_| staged_alone).map(|changes| beside(changes, root));
    let none = beside.as_ref().is_some_and(Vec::is_empty) || changes.as_ref().is_some_and(|changes| changes.files().is_empty());
    let remark = none.then(|| match &args.new_from {
        Some(revision) => format!("No Go file has changed since `{revision}`"),
        None => "No Go file is staged here".to_owned(),
    });
    let mut options = args.scope.options(root, beside)?;
    let overlay = Arc::new(changes.as_mut().map(|changes| std::mem::take(&mut changes.overlay)).unwrap_or_default());
    for project in &mut options {
        project.trace.clone_from(&args.trace);
        project.level = args.level.or(project.settings.level).unwrap_or(Level::Warning);
        project.overlay = Arc::clone(&overlay);
        project.baseline = match &args.baseline {
            Some(file) => Some(Arc::new(Baseline::read(&root.join(file), root)?)),
            None => Baseline::configured(&project.settings, root)?,
        };
        if staged_alone && !project.tests {
            project.paths.retain(|path| !path.to_string_lossy().ends_with("_test.go"));
        }
    }
    // No path at all would mean the whole folder.
    options.retain(|project| !project.paths.is_empty() || project.stdin.is_some());
    Ok(Plan { options, changes, remark })
}

/// What git says has changed, if anybody asked.
fn changes(args: &CheckArgs, root: &Path) -> Result<Option<Changes>, Failure> {
    let asked = args.staged || args.new_from.is_some();
    if asked && args.scope.paths.iter().any(|path| path == Path::new("-")) {
        return Err(Failure::StdinAndGit);
    }
    Ok(match &args.new_from {
        Some(revision) => Some(Changes::since(revision, root)?),
        None if args.staged => Some(Changes::staged(root)?),
        None => None,
    })
}

/// The Go files in the folders of those that changed below `root`, on disk or staged alone: a finding may stand in a neighbour.
fn beside(changes: &Changes, root: &Path) -> Vec<PathBuf> {
    let real = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let mut folders: Vec<&Path> = changes.files().iter().filter_map(|file| file.parent()?.strip_prefix(&real).ok()).collect();
    folders.dedup();
    // What the walk of a tree passes over.
    let passed_over = |name: &str| name.starts_with(['_', '.']) || matches!(name, "vendor" | "testdata");
    folders.retain(|folder| !folder.iter().any(|part| passed_over(&part.to_string_lossy())));
    let staged = changes.overlay.keys().filter_map(|path| path.strip_prefix(root).ok());
    let gone = staged.filter(|path| {
        let name = path.file_name().is_some_and(|name| !passed_over(&name.to_string_lossy()));
        name && path.parent().is_some_and(|folder| folders.contains(&folder)) && !root.join(path).exists()
    });
    let gone: Vec<PathBuf> = gone.map(Path::to_owned).collect();
    let entries = folders.into_iter().filter_map(|folder| Some((folder, root.join(folder).read_dir().ok()?)));
    let listed = entries
        .flat_map(|(folder, entries)| entries.flatten().map(|entry| folder.join(entry.file_name())).collect::<Vec<_>>())
        .filter(|path| {
            path.extension().is_some_and(|ext| ext == "go")
                && !path.file_name().is_some_and(|name| passed_over(&name.to_string_lossy()))
                && root.join(path).is_file()
        });
    let mut files: Vec<PathBuf> = listed.chain(gone).collect();
    files.sort();
    files.dedup();
    files
}

/// The cards of the rules that will run, in the registry's order.
fn rules(projects: &[Options]) -> Vec<&'static Meta> {
    crate::rules::metas().into_iter().filter(|meta| projects.iter().any(|options| options.wants(meta.id))).collect()
}

fn publish(report: &Report<'_>, args: &CheckArgs, color: terminal::Color) -> Result<(), Failure> {
    let write = |look: Look, out: &mut dyn io::Write| match args.format {
        Format::Human if args.statistics => report.write_statistics(look, out),
        format => report.write(format, look, out),
    };
    match args.output.as_deref().filter(|path| *path != Path::new("-")) {
        None => {
            let look = terminal::look(color);
            output::stdout(|out| write(look, out))?;
            if args.format == Format::Concise {
                // There a line is a finding, and nothing else is.
                to_stderr(|out| report.write_summary(Look::default(), out));
            }
        }
        Some(path) => {
            let look = Look { color: color.in_file(), ..Default::default() };
            output::file(path, |out| write(look, out))?;
            to_stderr(|out| report.write_summary(Look::default(), out));
        }
    }
    if !matches!(args.format, Format::Human | Format::Json) {
        to_stderr(|out| report.write_traces(out));
    }
    if args.stats {
        to_stderr(|out| report.write_stats(out));
    }
    Ok(())
}

/// What is said beside the report is not worth failing for.
pub(super) fn to_stderr(write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) {
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
