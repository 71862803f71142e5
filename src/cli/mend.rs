//! `goleash check --fix` and `--diff`.

use super::failure::Failure;
use super::{output, terminal};
use crate::fix::tree::{self, Place, Workshop};
use crate::lint::Level;
use crate::pipeline::{Options, Outcome};
use crate::report::{plain, plain_text};
use crate::source::Bounds;
use owo_colors::{OwoColorize as _, Style};
use rustc_hash::FxHashSet;
use similar::TextDiff;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::sync::Arc;

/// What happens to findings, in words.
pub(super) struct Deed {
    done: &'static str,
    not: &'static str,
    /// Whether it is worth saying by what.
    titled: bool,
}

pub(super) const FIXING: Deed = Deed { done: "Fixed", not: "Not fixed", titled: true };
pub(super) const SUPPRESSING: Deed = Deed { done: "Suppressed", not: "Not suppressed", titled: false };

/// Mends in memory until nothing is left to mend, and gives what the last run found. `check` runs the analysis
/// over the texts so far.
pub(super) fn rounds(
    projects: &mut [Options],
    bounds: Bounds,
    unsafe_too: bool,
    level: Level,
    mut check: impl FnMut(&[Options], &Workshop) -> Result<Outcome, Failure>,
) -> Result<(Workshop, Outcome, Outcome), Failure> {
    let under: Vec<_> = projects.iter().map(|project| Arc::clone(&project.overlay)).collect();
    let look = |workshop: &Workshop| {
        for (project, under) in projects.iter_mut().zip(&under) {
            project.overlay = Arc::new(workshop.overlay(under));
        }
        check(projects, workshop)
    };
    let (workshop, first, mut last) = tree::mend(bounds, unsafe_too, look, |outcome| {
        outcome.findings.iter().filter(|finding| finding.level >= level).collect()
    })?;
    for finding in &mut last.findings {
        let at = finding.clone();
        finding.fixes.retain(|fix| !workshop.is_useless(&at, fix));
    }
    Ok((workshop, first, last))
}

/// Writes the files, and names what was fixed and what was not. What cannot be written is named and left as it is.
pub(super) fn write(workshop: &Workshop, staged: bool, deed: &Deed) -> bool {
    let (mut files, mut failed, mut text) = (0, FxHashSet::default(), String::new());
    for (path, mended) in workshop.changed() {
        match tree::write(path, mended) {
            Ok(()) => files += 1,
            Err(error) => {
                failed.insert(mended.display.as_str());
                let _ = writeln!(text, "error: cannot write {}: {error}", plain(&mended.display));
            }
        }
    }
    for place in workshop.fixed() {
        let title = if deed.titled { format!(": {}", plain(&place.title)) } else { String::new() };
        let _ = if failed.contains(place.file.as_str()) {
            writeln!(text, "{}: {}", deed.not, named(place))
        } else {
            writeln!(text, "{}: {}{title}", deed.done, named(place))
        };
    }
    if failed.is_empty() {
        let _ = writeln!(text, "{} {} in {}.", deed.done, counted(workshop.mended, "finding"), counted(files, "file"));
    }
    if staged && files > 0 {
        text.push_str("The staged texts are unchanged: `git add` the fixed files.\n");
    }
    say(workshop, staged, deed, text);
    failed.is_empty()
}

/// Shows what would be written.
pub(super) fn diff(workshop: &Workshop, staged: bool, color: terminal::Color) -> Result<(), Failure> {
    let color = color.on_stdout();
    // A patch is exact where a program reads it, and harmless where a person does.
    let terminal = std::io::stdout().is_terminal();
    let mut text = String::new();
    let mut files = 0;
    for (_, mended) in workshop.changed() {
        files += 1;
        let diff = TextDiff::from_lines(&mended.old, &mended.new);
        let (old, new) = (format!("a/{}", mended.display), format!("b/{}", mended.display));
        let diff = diff.unified_diff().context_radius(3).header(&old, &new).to_string();
        for line in diff.split_inclusive('\n') {
            let style = match line.as_bytes() {
                _ if !color => Style::new(),
                [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => Style::new().bold(),
                [b'+', ..] => Style::new().green(),
                [b'-', ..] => Style::new().red(),
                [b'@', ..] => Style::new().cyan(),
                _ => Style::new(),
            };
            let bare = line.trim_end_matches(['\n', '\r']);
            let end = &line[bare.len()..];
            let bare = if terminal { Cow::Owned(plain_text(bare)) } else { Cow::Borrowed(bare) };
            let _ = write!(text, "{}{end}", bare.style(style));
        }
    }
    output::stdout(|out| out.write_all(text.as_bytes()))?;
    let said = format!("{} in {} would be fixed.\n", counted(workshop.mended, "finding"), counted(files, "file"));
    say(workshop, staged, &FIXING, said);
    Ok(())
}

fn say(workshop: &Workshop, staged: bool, deed: &Deed, mut text: String) {
    let here = std::env::current_dir().unwrap_or_default();
    for (place, path, reason) in workshop.refused() {
        let reason = match reason {
            tree::DIFFERS if staged => "differs between disk and index; stage all of it, or fix it without --staged",
            reason => reason,
        };
        let file = path.strip_prefix(&here).unwrap_or(path).display().to_string();
        let _ = writeln!(text, "{}: {}: {} {}", deed.not, named(place), plain(&file), plain(reason));
    }
    for (title, useless) in workshop.useless() {
        let place = plain(&useless.at.file.display);
        let (line, rule) = (useless.at.start().line, useless.rule);
        let why = if useless.other { "gives way to another finding with" } else { "is still there after" };
        let _ = writeln!(text, "{}: {place}:{line}: {rule} {why} \"{title}\", which was reverted", deed.not);
    }
    super::check::to_stderr(|out| out.write_all(text.as_bytes()));
}

fn named(place: &Place) -> String {
    format!("{}:{}: {}", plain(&place.file), place.line, place.rule)
}

fn counted(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
