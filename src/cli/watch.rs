//! `goleash watch`: a check that goes on.

use super::failure::Failure;
use super::scope::{self, Scope};
use super::{Verdict, output, terminal};
use crate::baseline::Baseline;
use crate::lint::{Finding, Level};
use crate::pipeline::{Options, Outcome};
use crate::report::{Format, Report, finding_as_json, json_line, plain};
use crate::session::{Follower, Heard, Session};
use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// Goes up when a reader of the last version could be misled.
const VERSION: u32 = 1;

/// So long it waits for notices before it looks whether a folder is gone or its reader is.
const PATIENCE: Duration = Duration::from_millis(700);

/// The output of `watch`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum WatchFormat {
    /// The whole report after each change, for people
    #[default]
    Human,
    /// One JSON object a line, for programs
    Json,
}

#[derive(clap::Args)]
pub(super) struct WatchArgs {
    #[command(flatten)]
    scope: Scope,

    /// Output format
    #[arg(short, long, value_enum, default_value_t)]
    format: WatchFormat,

    /// The lowest level to show [default: warning]
    #[arg(short, long, value_enum)]
    level: Option<Level>,

    /// Milliseconds without a change before a change is checked
    #[arg(long, value_name = "MS", default_value_t = 30)]
    debounce: u64,

    /// Poll the files every second instead of using notices of the system; network folders need this
    #[arg(long)]
    poll: bool,
}

pub(super) fn run(args: WatchArgs, color: terminal::Color) -> Result<Verdict, Failure> {
    let root = scope::here()?;
    if args.scope.paths.iter().any(|path| path == Path::new("-")) {
        return Err(Failure::StdinAndWatch);
    }
    let quiet = Duration::from_millis(args.debounce);
    let (format, poll) = (args.format, args.poll);
    let args = Arc::new(args);
    // A wrong configuration is an error at the start, and a message later.
    let top = folders(&options(&args, &args.scope, &root)?, &root);
    let (mut begin, mut read) = (Instant::now(), SystemTime::now());
    // Followed before it is read, so that no change falls between the two.
    let mut follower = Follower::new(&top, poll);
    let again = (Arc::clone(&args), root.clone());
    let mut session = Session::open(Box::new(move || still(&again.0, &again.1).map_err(|failure| failure.to_string())))?;
    follower.set_folders(&followed(&session, &top), read);
    let mut screen = Screen { format, color, shown: None, root, message: follower.remark(), trouble: None };
    let mut what = String::new();
    loop {
        if !screen.show(&session, &what, begin.elapsed())? {
            return Ok(Verdict::Clean);
        }
        loop {
            let heard = follower.wait(quiet, PATIENCE);
            (begin, read) = (Instant::now(), SystemTime::now());
            let changed = match heard {
                Heard::Nothing if reader_is_gone() => return Ok(Verdict::Clean),
                Heard::Nothing => false,
                Heard::Everything => {
                    what = "everything".to_owned();
                    session.reload();
                    true
                }
                Heard::Changed(paths) => {
                    what = named(&paths, &screen.root);
                    session.apply(&paths)
                }
            };
            if !changed {
                continue;
            }
            follower.set_folders(&followed(&session, &top), read);
            screen.message = follower.remark().or(screen.message.take());
            if format == WatchFormat::Json && !session.is_settled() && !screen.show(&session, &what, begin.elapsed())? {
                return Ok(Verdict::Clean);
            }
            session.settle();
            break;
        }
    }
}

fn options(args: &WatchArgs, scope: &Scope, root: &Path) -> Result<Vec<Options>, Failure> {
    let mut options = scope.options(root, None)?;
    for project in &mut options {
        project.level = args.level.or(project.settings.level).unwrap_or(Level::Warning);
        project.baseline = Baseline::configured(&project.settings, root)?;
    }
    Ok(options)
}

/// The same for what is there still: a path that is gone for the moment is waited for.
fn still(args: &WatchArgs, root: &Path) -> Result<Vec<Options>, Failure> {
    let mut scope = args.scope.clone();
    scope.paths.retain(|path| path.to_string_lossy().ends_with("...") || root.join(path).exists());
    if scope.paths.is_empty() && !args.scope.paths.is_empty() {
        return Ok(Vec::new());
    }
    options(args, &scope, root)
}

/// All that has to be followed: what was named, be it gone, and the modules around it.
fn followed(session: &Session, top: &[PathBuf]) -> Vec<PathBuf> {
    let mut out = session.folders();
    out.extend(top.iter().filter(|dir| !session.folders().iter().any(|above| dir.starts_with(above))).cloned());
    out
}

/// The folders that were named, before it is known which modules they belong to.
fn folders(options: &[Options], root: &Path) -> Vec<PathBuf> {
    let named = options.iter().flat_map(|project| &project.paths);
    let mut out: Vec<PathBuf> = named
        .filter_map(|path| {
            let text = path.to_string_lossy();
            let path = crate::source::normal(&root.join(text.strip_suffix("...").unwrap_or(&text)));
            if path.is_dir() { Some(path) } else { path.parent().map(Path::to_path_buf) }
        })
        .collect();
    out.sort();
    out.dedup();
    out
}

/// What changed, for a line on the screen.
fn named(paths: &[PathBuf], root: &Path) -> String {
    let counts = |path: &&PathBuf| path.extension().is_some_and(|ext| ext == "go" || ext == "mod" || ext == "toml");
    let shown: Vec<&PathBuf> = paths.iter().filter(counts).collect();
    let name = |path: &Path| plain(&path.strip_prefix(root).unwrap_or(path).display().to_string());
    match shown.as_slice() {
        [] => paths.first().map(|path| name(path)).unwrap_or_default(),
        [one] => name(one),
        [first, rest @ ..] => format!("{} and {} more", name(first), rest.len()),
    }
}

/// Where results are shown, and what stands there.
struct Screen {
    format: WatchFormat,
    color: terminal::Color,
    /// Findings by fingerprint, once there was a first snapshot.
    shown: Option<BTreeMap<String, Finding>>,
    root: PathBuf,
    /// What the user should know beside findings.
    message: Option<String>,
    /// What is wrong with the configuration, as it was told last.
    trouble: Option<String>,
}

impl Screen {
    /// `false` once nobody reads any more.
    fn show(&mut self, session: &Session, what: &str, took: Duration) -> Result<bool, Failure> {
        let outcome = session.outcome();
        match self.format {
            WatchFormat::Human => self.draw(session, &outcome, what, took),
            WatchFormat::Json => self.tell(session, &outcome, took),
        }
    }

    fn draw(&mut self, session: &Session, outcome: &Outcome, what: &str, took: Duration) -> Result<bool, Failure> {
        let level = session.level();
        let report = Report { outcome, level, rules: &crate::rules::metas() };
        let look = terminal::look(self.color);
        let terminal = io::stdout().is_terminal();
        let read = output::read_by_somebody(|out| {
            if terminal {
                // Clear the screen and go to its top; what was scrolled away is the user's.
                out.write_all(b"\x1b[2J\x1b[H")?;
            }
            report.write(Format::Human, crate::report::Look { time: false, ..look }, out)?;
            let after = if what.is_empty() { String::new() } else { format!("{what} changed, ") };
            writeln!(out, "[{after}checked in {} ms; waiting for changes]", took.as_millis())?;
            // What was cleared away is said again, and nothing else.
            let trouble = session.trouble().filter(|said| terminal || self.trouble.as_deref() != Some(*said));
            for said in [trouble, self.message.as_deref()].into_iter().flatten() {
                writeln!(out, "[{}]", plain(said))?;
            }
            if !terminal {
                writeln!(out)?;
            }
            Ok(())
        })?;
        self.trouble = session.trouble().map(str::to_owned);
        Ok(read)
    }

    fn tell(&mut self, session: &Session, outcome: &Outcome, took: Duration) -> Result<bool, Failure> {
        let level = session.level();
        let now: BTreeMap<String, Finding> = outcome
            .findings
            .iter()
            .filter(|finding| finding.level >= level)
            .map(|finding| (finding.fingerprint.clone(), finding.clone()))
            .collect();
        let milliseconds = (took.as_secs_f64() * 1e6).round() / 1e3;
        let mut lines = Vec::new();
        match &self.shown {
            None => {
                let findings: Vec<_> = now.values().map(finding_as_json).collect();
                let root = self.root.display().to_string();
                lines.push(serde_json::json!({
                    "version": VERSION, "event": "snapshot", "root": root, "findings": findings, "milliseconds": milliseconds,
                }));
            }
            Some(shown) => {
                for key in shown.keys().filter(|key| !now.contains_key(*key)) {
                    lines.push(serde_json::json!({
                        "version": VERSION, "event": "removed", "fingerprint": key, "milliseconds": milliseconds,
                    }));
                }
                for (_, finding) in now.iter().filter(|(key, finding)| shown.get(*key).is_none_or(|old| moved(old, finding))) {
                    lines.push(serde_json::json!({
                        "version": VERSION, "event": "added", "finding": finding_as_json(finding), "milliseconds": milliseconds,
                    }));
                }
            }
        }
        let trouble = session.trouble().filter(|said| self.trouble.as_deref() != Some(*said));
        for said in [trouble, self.message.as_deref()].into_iter().flatten() {
            lines.push(serde_json::json!({ "version": VERSION, "event": "error", "message": said }));
        }
        self.message = None;
        self.trouble = session.trouble().map(str::to_owned);
        self.shown = Some(now);
        output::read_by_somebody(|out| {
            lines.iter().try_for_each(|line| writeln!(out, "{}", json_line(line).map_err(io::Error::from)?))
        })
    }
}

/// Whether a finding reads differently now.
fn moved(old: &Finding, new: &Finding) -> bool {
    let same_files = Arc::ptr_eq(&old.at.file, &new.at.file)
        && old.steps.len() == new.steps.len()
        && old.steps.iter().zip(&new.steps).all(|(a, b)| Arc::ptr_eq(&a.at.file, &b.at.file));
    !(same_files && old == new) && finding_as_json(old) != finding_as_json(new)
}

/// Whether the reading end of the pipe was closed.
#[cfg(unix)]
fn reader_is_gone() -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let out = io::stdout();
    let mut asked = [PollFd::new(&out, PollFlags::empty())];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut asked, Some(&now)).is_ok() && asked[0].revents().intersects(PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL)
}

#[cfg(not(unix))]
fn reader_is_gone() -> bool {
    false
}
