//! `goleash review`.

use super::failure::Failure;
use super::scope::{self, Scope};
use super::{Verdict, output, progress};
use crate::baseline::Baseline;
use crate::git;
use crate::lint::Level;
use crate::pipeline;
use crate::report::{Format, Look, Report, json_pretty};
use crate::review::{self, Asked, Done, Patience, Plan, Reach, Service, Target};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

const NOTES: &str = "\
The token comes only from the environment: GITHUB_TOKEN, or GITLAB_TOKEN, or CI_JOB_TOKEN.

Examples:
  goleash review                                       in a workflow on a pull request
  goleash review leaks.sarif                           findings of an earlier run
  git diff main... | goleash review --diff - --dry-run --repo me/mine --number 7 --commit $(git rev-parse HEAD)";

/// Post the findings on a pull request, on the lines that it changes
#[derive(clap::Args)]
#[command(after_help = NOTES)]
pub(super) struct ReviewArgs {
    /// SARIF logs with the findings; `-` reads one from standard input [default: what a check of the current folder finds]
    #[arg(value_name = "SARIF")]
    logs: Vec<PathBuf>,

    /// The diff of the pull request; `-` reads it from standard input [default: from the service]
    #[arg(long, value_name = "FILE")]
    diff: Option<PathBuf>,

    /// Print the requests instead of sending them; needs no token, and --diff
    #[arg(long, requires = "diff")]
    dry_run: bool,

    /// The service of the pull request [default: from the environment, else github]
    #[arg(long, value_enum)]
    service: Option<Service>,

    /// The repository [default: $GITHUB_REPOSITORY, $CI_PROJECT_PATH]
    #[arg(long, value_name = "OWNER/NAME")]
    repo: Option<String>,

    /// The number of the pull request [default: that of $GITHUB_EVENT_PATH, $CI_MERGE_REQUEST_IID]
    #[arg(long, value_name = "N")]
    number: Option<u64>,

    /// Its newest commit [default: from the environment or the service]
    #[arg(long, value_name = "SHA")]
    commit: Option<String>,

    /// Address of the API [default: $GITHUB_API_URL, $CI_API_V4_URL, or that of github.com or gitlab.com]
    #[arg(long, value_name = "URL")]
    api: Option<String>,

    /// Address of the web pages, for links [default: $GITHUB_SERVER_URL, $CI_SERVER_URL, or github.com or gitlab.com]
    #[arg(long, value_name = "URL")]
    server: Option<String>,

    /// Folder of the repository that the paths of findings are relative to [default: the current folder]
    #[arg(long, value_name = "DIR")]
    prefix: Option<String>,

    /// Leave out findings that are on no line of the diff
    #[arg(long)]
    only_diff: bool,

    /// Also list findings in files that the diff does not touch
    #[arg(long, conflicts_with = "only_diff")]
    all: bool,

    /// The lowest level to post [default: warning, or that of goleash.toml; for SARIF logs, all]
    #[arg(short, long, value_enum)]
    level: Option<Level>,

    /// Exit with 1 if there is a finding on a line of the diff, new or not
    #[arg(long)]
    fail: bool,

    /// Seconds to wait for limits and failures of the service, in total
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    wait_at_most: u64,

    /// Seconds to wait for one response
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    timeout: u64,

    /// The pause before the second try, in milliseconds
    #[arg(long, hide = true, default_value_t = 1000)]
    first_pause: u64,
}

pub(super) fn run(args: &ReviewArgs) -> Result<Verdict, Failure> {
    let root = scope::here()?;
    let stdin = |path: &Path| path == Path::new("-");
    if args.logs.iter().chain(&args.diff).filter(|path| stdin(path)).count() > 1 {
        return Err(Failure::StdinTwice);
    }
    let target = target(args)?;
    // A failure to read the diff should not wait for the analysis.
    let diff = match &args.diff {
        Some(path) => String::from_utf8_lossy(&read(path, &root)?).into_owned(),
        None => review::fetch_diff(&target, patience(args))?,
    };
    let files = review::parse_diff(&diff).map_err(review::ReviewError::from)?;
    let logs = if args.logs.is_empty() {
        vec![("the report".to_owned(), check(args, &root)?)]
    } else {
        let log = |path: &PathBuf| Ok((path.display().to_string(), read(path, &root)?));
        args.logs.iter().map(log).collect::<Result<_, Failure>>()?
    };
    let prefix = args.prefix.clone().or_else(|| git::prefix(&root)).unwrap_or_default();
    let mut remarks = review::read_sarif(&logs, &prefix)?;
    remarks.retain(|remark| args.level.is_none_or(|level| remark.level >= level));
    let reach = match (args.only_diff, args.all) {
        (true, _) => Reach::Lines,
        (_, true) => Reach::All,
        _ => Reach::Files,
    };
    let plan = Plan::new(remarks, &files, reach);
    if args.dry_run {
        rehearse(&plan, &target)?;
    } else {
        let done = review::post(&plan, &target, patience(args))?;
        output::stdout(|out| writeln!(out, "{}", said(done)))?;
    }
    Ok(if args.fail && !plan.comments.is_empty() { Verdict::Findings } else { Verdict::Clean })
}

fn target(args: &ReviewArgs) -> Result<Target, Failure> {
    let asked = Asked {
        service: args.service,
        api: args.api.clone(),
        server: args.server.clone(),
        repository: args.repo.clone(),
        number: args.number,
        commit: args.commit.clone(),
    };
    let target = Target::find(&asked, &|name| std::env::var(name).ok())?;
    if args.dry_run && target.commit.is_none() {
        return Err(Failure::NoCommit);
    }
    Ok(target)
}

fn patience(args: &ReviewArgs) -> Patience {
    Patience {
        at_most: Duration::from_secs(args.wait_at_most),
        first_pause: Duration::from_millis(args.first_pause),
        timeout: Duration::from_secs(args.timeout),
    }
}

fn read(path: &Path, root: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |name: String| move |source| Failure::Read { path: name, source };
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map_err(failed("standard input".to_owned()))?;
        return Ok(bytes);
    }
    std::fs::read(root.join(path)).map_err(failed(path.display().to_string()))
}

/// Runs the analysis over the current folder as `goleash check` would, into SARIF.
fn check(args: &ReviewArgs, root: &Path) -> Result<Vec<u8>, Failure> {
    let mut projects = Scope::default().options(root, None)?;
    for project in &mut projects {
        project.level = args.level.or(project.settings.level).unwrap_or(Level::Warning);
        project.baseline = Baseline::configured(&project.settings, root)?;
    }
    let level = projects.iter().map(|options| options.level).min().unwrap_or(Level::Warning);
    let outcome = pipeline::run_all(&projects, &progress::Bar::new())?;
    let rules = crate::rules::metas();
    let mut bytes = Vec::new();
    let report = Report { outcome: &outcome, level, rules: &rules };
    let write = |source| Failure::Write { target: "memory".to_owned(), source };
    report.write(Format::Sarif, Look::default(), &mut bytes).map_err(write)?;
    Ok(bytes)
}

fn rehearse(plan: &Plan, target: &Target) -> Result<(), Failure> {
    output::stdout(|out| {
        let requests = review::rehearse(plan, target);
        for (method, address, body) in &requests {
            writeln!(out, "{method} {address}")?;
            json_pretty(body, out)?;
        }
        if requests.is_empty() {
            writeln!(out, "Nothing to post.")?;
        }
        Ok(())
    })
}

fn said(done: Done) -> String {
    let Done { commented, summarised, edited, known } = done;
    let mut parts = Vec::new();
    let comments = |number: usize| if number == 1 { "1 comment".to_owned() } else { format!("{number} comments") };
    if commented + summarised > 0 {
        parts.push(format!("Posted {} and {summarised} in the summary.", comments(commented)));
    } else {
        parts.push("Nothing new to post.".to_owned());
    }
    if edited > 0 {
        parts.push(format!("Updated {}.", comments(edited)));
    }
    if known > 0 {
        parts.push(format!("{known} posted before."));
    }
    parts.join(" ")
}
