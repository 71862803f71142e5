//! `goleash baseline`.

use super::failure::Failure;
use super::scope::{self, Scope};
use super::{Verdict, ignore, output, progress};
use crate::baseline::{Baseline, BaselineError, FILE_NAME};
use crate::lint::Level;
use crate::pipeline;
use crate::report::plain;
use crate::source::Bounds;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(super) struct BaselineArgs {
    #[command(flatten)]
    scope: Scope,

    /// The file to write [default: that of goleash.toml, or goleash-baseline.json]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Only remove findings that are no longer found
    #[arg(long)]
    prune: bool,

    /// Write a comment `//goleash:ignore RULE reason` above each finding into the code, instead of a baseline
    #[arg(long, requires = "reason", conflicts_with_all = ["output", "prune"])]
    add_ignore: bool,

    /// With --add-ignore: why the findings may stay
    #[arg(long, value_name = "TEXT", requires = "add_ignore")]
    reason: Option<String>,

    /// With --add-ignore: the lowest level to write a comment for [default: warning]
    #[arg(short, long, value_enum, requires = "add_ignore")]
    level: Option<Level>,
}

pub(super) fn run(args: &BaselineArgs) -> Result<Verdict, Failure> {
    let root = scope::here()?;
    if args.scope.paths.iter().any(|path| path == Path::new("-")) {
        return Err(Failure::StdinAndBaseline);
    }
    let projects = args.scope.options(&root, None)?;
    if let Some(reason) = args.reason.as_deref().filter(|_| args.add_ignore) {
        return ignore::add(projects, Bounds::around(&args.scope.paths, &root), args.level, reason);
    }
    let configured = projects.iter().find_map(|project| Some((project.settings.baseline.clone()?, project.settings.dir()?)));
    let chosen = args.output.as_ref().map(|file| root.join(file));
    let named = configured.clone().unwrap_or_else(|| (root.join(FILE_NAME), &root));
    let file = chosen.clone().unwrap_or_else(|| named.0.clone());
    let shown = plain(&file.strip_prefix(&root).unwrap_or(&file).display().to_string());
    let may_write = || {
        if chosen.is_none() {
            // Only what is named on the command line may lie anywhere.
            let outside = |source| BaselineError::Outside { path: shown.clone(), source };
            Bounds::of(named.1).resolve_new(&file).map_err(outside)?;
        }
        Baseline::may_replace(&file, &root)
    };
    may_write()?;
    // An old one is not asked when a new one is written, so a broken one can be replaced.
    let old = if args.prune { Some(Baseline::read(&file, &root)?) } else { None };
    let outcome = pipeline::run_all(&projects, &progress::Bar::new())?;
    let found = Baseline::of(&outcome.findings, file.parent().unwrap_or(&root));
    let (baseline, said) = match old {
        None => {
            let said = format!("Wrote {} to {shown}.", said(found.len(), "finding"));
            (found, said)
        }
        Some(old) => {
            let before = old.len();
            let below: Vec<PathBuf> = projects.iter().flat_map(|p| p.paths.iter().map(|path| root.join(path))).collect();
            let kept = old.pruned(&found, file.parent().unwrap_or(&root), &below);
            let said = format!("Removed {} from {shown}; {} left.", said(before - kept.len(), "finding"), kept.len());
            (kept, said)
        }
    };
    // The analysis takes its time.
    may_write()?;
    output::file(&file, |out| baseline.write(out))?;
    output::stdout(|out| {
        writeln!(out, "{said}")?;
        if configured.is_none() {
            writeln!(
                out,
                "`goleash check --baseline {shown}` shows only what is new; so does `baseline = \"{shown}\"` in goleash.toml."
            )?;
        }
        Ok(())
    })?;
    Ok(Verdict::Clean)
}

fn said(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
