//! The report for people: each finding as an argument over the source, then the counts.

use super::snippet::{self, Mark, Pen, Snippet};
use super::{Look, Report, counted, grouped, listed, offered, statistics, visible};
use crate::lint::{Finding, Level, Problem, Reason};
use crate::source::{Location, SourceFile};
use owo_colors::Style;
use std::io;
use std::sync::Arc;
use textwrap::{WordSeparator, WordSplitter};

/// Marks with at most so many lines between them stand in one box, with those lines; others in boxes of their own.
const NEAR: u32 = 4;

/// With more findings than this, what would be said of each is said once a rule, and a table closes.
const MANY: usize = 20;

/// Problems shown in full; a broken tree can have thousands.
const PROBLEMS: usize = 10;

pub(super) fn write(report: &Report<'_>, look: Look, out: &mut dyn io::Write) -> io::Result<()> {
    let many = report.shown().count() > MANY;
    let mut named: Vec<&str> = Vec::new();
    for finding in report.shown() {
        let known = named.contains(&finding.rule);
        if !known {
            named.push(finding.rule);
        }
        write_finding(finding, !(many && known), look, out)?;
        writeln!(out)?;
    }
    traces(report, out)?;
    problems(&report.outcome.problems, look, out)?;
    if many {
        statistics::table(report, look, out)?;
        writeln!(out)?;
    }
    summary(report, look, out)
}

/// The counts instead of the findings.
pub(super) fn write_statistics(report: &Report<'_>, look: Look, out: &mut dyn io::Write) -> io::Result<()> {
    if report.shown().next().is_some() {
        statistics::table(report, look, out)?;
        writeln!(out)?;
    }
    traces(report, out)?;
    problems(&report.outcome.problems, look, out)?;
    summary(report, look, out)
}

pub(super) fn styled(style: Style, look: Look) -> Style {
    if look.color { style } else { Style::new() }
}

pub(super) fn level_style(level: Level) -> Style {
    match level {
        Level::Error => Style::new().red().bold(),
        Level::Warning => Style::new().yellow().bold(),
        Level::Note => Style::new().cyan().bold(),
    }
}

pub(super) fn excerpt(at: &Location, look: Look) -> String {
    let line = at.start().line;
    let mark = Mark { span: at.span, label: None, primary: true };
    let lines = (line.saturating_sub(1).max(1), line);
    let snippet = Snippet { file: &at.file, lines, marks: vec![mark], title: position(at), dedent: 0 };
    snippet::draw(&snippet, &pen(Level::Error, look)).unwrap_or_default()
}

fn pen(level: Level, look: Look) -> Pen {
    Pen {
        unicode: look.unicode,
        width: look.width,
        primary: styled(level_style(level), look),
        secondary: styled(Style::new().blue().bold(), look),
        title: styled(Style::new().underline(), look),
        number: styled(Style::new().dimmed(), look),
    }
}

fn write_finding(finding: &Finding, more: bool, look: Look, out: &mut dyn io::Write) -> io::Result<()> {
    let plain = |text: &str| visible::line(text);
    let head = format!("{}[{}]:", finding.level, finding.rule);
    let bold = styled(Style::new().bold(), look);
    let lines = wrapped(&plain(&finding.message), look.width, visible::columns(&head) + 1, 2);
    write!(out, "{}", styled(level_style(finding.level), look).style(&head))?;
    for (index, line) in lines.iter().enumerate() {
        let indent = if index == 0 { " " } else { "  " };
        writeln!(out, "{indent}{}", bold.style(line))?;
    }
    let pen = pen(finding.level, look);
    let groups = groups(finding);
    if groups.first().is_some_and(|group| primary(group).is_none()) {
        // The argument begins elsewhere; where the finding stands is said first all the same.
        writeln!(out, "  --> {}", pen.title.style(headline(finding)))?;
    }
    for group in boxes(finding, &groups) {
        out.write_all(snippet::draw(&group, &pen).map_err(io::Error::other)?.as_bytes())?;
    }
    advice("help", &plain(&finding.help), look, out)?;
    for fix in &finding.fixes {
        advice("fix", &plain(&offered(fix)), look, out)?;
    }
    if more {
        advice("more", &format!("goleash explain {}", finding.rule), look, out)?;
    }
    Ok(())
}

fn advice(word: &str, text: &str, look: Look, out: &mut dyn io::Write) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    let head = format!("  {word}:");
    let column = visible::columns(&head) + 1;
    write!(out, "{}", styled(Style::new().cyan(), look).style(&head))?;
    for (index, line) in wrapped(text, look.width, column, column).iter().enumerate() {
        writeln!(out, "{:indent$}{line}", "", indent = if index == 0 { 1 } else { column })?;
    }
    Ok(())
}

/// `text` in lines that leave room for what stands before the first one and the others.
fn wrapped(text: &str, width: usize, first: usize, rest: usize) -> Vec<String> {
    let (first, rest) = (" ".repeat(first), " ".repeat(rest));
    let options = textwrap::Options::new(width)
        .initial_indent(&first)
        .subsequent_indent(&rest)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation);
    let lines = textwrap::wrap(text, &options);
    lines.iter().map(|line| line.trim_start().to_owned()).collect()
}

/// One place that the finding speaks of.
struct Place<'a> {
    at: &'a Location,
    line: u32,
    mark: Mark,
}

/// The boxes of a finding, so that the numbers of its steps ascend from top to bottom: a step that stands above the one before it begins a
/// box of its own.
fn boxes<'a>(finding: &'a Finding, groups: &[Vec<Place<'a>>]) -> Vec<Snippet<'a>> {
    let named = groups.first().is_some_and(|group| primary(group).is_some());
    groups.iter().map(|group| snippet(group, indentation(groups, group), named.then_some(finding))).collect()
}

fn groups(finding: &Finding) -> Vec<Vec<Place<'_>>> {
    let mut groups: Vec<Vec<Place<'_>>> = Vec::new();
    for (index, step) in finding.steps.iter().enumerate() {
        let text = visible::line(&step.label);
        let label = if finding.steps.len() > 1 { format!("{} {text}", index + 1) } else { text };
        // Two steps may speak of the place of the finding: one of them is enough.
        let primary = step.at == finding.at && groups.iter().all(|group| primary(group).is_none());
        let mark = Mark { span: step.at.span, label: Some(label), primary };
        let place = Place { at: &step.at, line: step.at.start().line, mark };
        match groups.last_mut() {
            Some(group) if follows(group, &place) => group.push(place),
            _ => groups.push(vec![place]),
        }
    }
    if groups.iter().all(|group| primary(group).is_none()) {
        let mark = Mark { span: finding.at.span, label: None, primary: true };
        let place = Place { at: &finding.at, line: finding.at.start().line, mark };
        // A place without a number fits wherever its line is.
        match groups.iter_mut().find(|group| near(group, &place)) {
            Some(group) => group.push(place),
            None => groups.insert(0, vec![place]),
        }
    }
    groups
}

/// The place of the finding itself, if it is in this box.
fn primary<'g, 'a>(group: &'g [Place<'a>]) -> Option<&'g Place<'a>> {
    group.iter().find(|place| place.mark.primary)
}

/// Whether a step can stand in a box below those that are in it. On one line the labels are drawn from right to left.
fn follows(group: &[Place<'_>], place: &Place<'_>) -> bool {
    group.last().is_some_and(|last| {
        let below = last.line < place.line && place.line - last.line <= NEAR;
        let left = last.line == place.line && place.at.span.start <= last.at.span.start;
        last.at.file.display == place.at.file.display && (below || left)
    })
}

fn near(group: &[Place<'_>], place: &Place<'_>) -> bool {
    let (first, last) = range(group);
    group[0].at.file.display == place.at.file.display && first <= place.line + NEAR && place.line <= last + NEAR
}

/// The indentation that all boxes of one file have in common, so that they can be read as one text.
fn indentation(groups: &[Vec<Place<'_>>], of: &[Place<'_>]) -> usize {
    let same_file = groups.iter().filter(|group| group[0].at.file.display == of[0].at.file.display);
    let lines = same_file.flat_map(|group| {
        let (first, last) = range(group);
        (first..=last).map(|number| group[0].at.file.line_text(number))
    });
    lines.filter_map(snippet::indentation).min().unwrap_or(0)
}

fn range(group: &[Place<'_>]) -> (u32, u32) {
    let lines = || group.iter().map(|p| p.line);
    (lines().min().unwrap_or(1), lines().max().unwrap_or(1))
}

/// `named` is the finding where this box may say which function it is in.
fn snippet<'a>(group: &[Place<'a>], dedent: usize, named: Option<&Finding>) -> Snippet<'a> {
    let first = primary(group).unwrap_or(&group[0]);
    let file: &'a Arc<SourceFile> = &first.at.file;
    let title = match named.filter(|_| first.mark.primary) {
        Some(finding) => headline(finding),
        None => position(first.at),
    };
    Snippet { file, lines: range(group), marks: group.iter().map(|p| p.mark.clone()).collect(), title, dedent }
}

/// Where the finding stands: place and function.
fn headline(finding: &Finding) -> String {
    let at = position(&finding.at);
    if finding.function.is_empty() { at } else { format!("{at} in {}", visible::line(&finding.function)) }
}

/// `path:line:column`, which terminals and editors turn into a link.
fn position(at: &Location) -> String {
    let start = at.start();
    format!("{}:{}:{}", visible::line(&at.file.display), start.line, start.col)
}

pub(super) fn traces(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    for trace in &report.outcome.traces {
        writeln!(out, "{}: {} is silent: {}", position(&trace.at), trace.rule, visible::line(&trace.reason))?;
    }
    if !report.outcome.traces.is_empty() {
        writeln!(out)?;
    }
    Ok(())
}

fn problems(problems: &[Problem], look: Look, out: &mut dyn io::Write) -> io::Result<()> {
    let head = styled(Style::new().magenta().bold(), look);
    for problem in problems.iter().take(PROBLEMS) {
        let line = problem.line.map_or(String::new(), |line| format!(":{line}"));
        let place = format!("{}{line}", visible::line(&problem.path));
        writeln!(out, "{} {place}: {}", head.style("problem:"), visible::line(&problem.message))?;
    }
    if problems.len() > PROBLEMS {
        writeln!(out, "... and {}; --format json lists them all", counted(problems.len() - PROBLEMS, "more problem"))?;
    }
    if !problems.is_empty() {
        writeln!(out)?;
    }
    Ok(())
}

/// The closing lines: what was found, what was looked at, what was not shown.
pub(super) fn summary(report: &Report<'_>, look: Look, out: &mut dyn io::Write) -> io::Result<()> {
    let stats = &report.outcome.stats;
    let levels = [Level::Error, Level::Warning, Level::Note];
    let name = |level: Level| (report.count(level) > 0).then(|| counted(report.count(level), level.as_str()));
    let shown: Vec<String> = levels.into_iter().filter(|&l| l >= report.level).filter_map(name).collect();
    let found = if shown.is_empty() { "No goroutine leaks found".to_owned() } else { format!("Found {}", listed(&shown)) };
    let verdict = match (shown.is_empty(), report.count(Level::Error)) {
        (true, _) if stats.files > 0 => Style::new().green().bold(),
        (false, 1..) => Style::new().red().bold(),
        _ => Style::new().yellow().bold(),
    };
    let time = if look.time { format!(", {}", seconds(stats.elapsed)) } else { String::new() };
    if stats.files == 0 && shown.is_empty() {
        let remark = report.outcome.remark.as_deref().unwrap_or("No Go files found");
        writeln!(out, "{}.", styled(verdict, look).style(visible::line(remark)))?;
    } else {
        if let Some(remark) = &report.outcome.remark {
            writeln!(out, "{}.", visible::line(remark))?;
        }
        let files = counted(stats.files, "file");
        let looked =
            format!("({}, {} looked at{time})", counted(stats.functions, "function"), counted(stats.goroutines, "goroutine"));
        writeln!(out, "{} in {files} {looked}.", styled(verdict, look).style(&found))?;
    }
    let hidden: Vec<Level> = levels.into_iter().filter(|&l| l < report.level && report.count(l) > 0).collect();
    if let Some(least) = hidden.last() {
        let names: Vec<String> = hidden.iter().filter_map(|&level| name(level)).collect();
        writeln!(out, "{} not shown; --level {least} shows them.", listed(&names))?;
    }
    let suppressed = report.withheld(|reason| matches!(reason, Reason::Suppressed(_)));
    if suppressed > 0 {
        writeln!(out, "{} suppressed by comments in the code.", counted(suppressed, "finding"))?;
    }
    let known = report.withheld(|reason| matches!(reason, Reason::Known(_)));
    if known > 0 {
        writeln!(out, "{} of the baseline not shown.", counted(known, "finding"))?;
    }
    match report.outcome.stale {
        0 => {}
        1 => writeln!(out, "1 entry of the baseline is found no more; `goleash baseline --prune` takes it out.")?,
        n => writeln!(out, "{n} entries of the baseline are found no more; `goleash baseline --prune` takes them out.")?,
    }
    let unchanged = report.withheld(|reason| *reason == Reason::Unchanged);
    if unchanged > 0 {
        writeln!(out, "{} away from the changed lines not shown.", counted(unchanged, "finding"))?;
    }
    let problems = report.outcome.problems.len();
    if problems > 0 {
        writeln!(out, "Because of {} some code may not have been looked at.", counted(problems, "problem"))?;
    }
    Ok(())
}

fn seconds(time: std::time::Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

/// How much was looked at, and where the time went, a phase a line.
pub(super) fn stats(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let stats = &report.outcome.stats;
    let (files, packages) = (counted(stats.files, "file"), counted(stats.packages, "package"));
    writeln!(
        out,
        "{files}, {packages}, {} bytes, {}",
        grouped(usize::try_from(stats.bytes).unwrap_or(usize::MAX)),
        counted(stats.declarations, "declaration")
    )?;
    let explored = &stats.explored;
    if !explored.states.is_empty() {
        let given_up: usize = explored.given_up.values().sum();
        let why: Vec<String> = explored.given_up.iter().map(|(why, count)| format!("{why} {count}")).collect();
        let why = if why.is_empty() { String::new() } else { format!(" ({})", why.join(", ")) };
        writeln!(
            out,
            "explored {}: half in {} or fewer, 99 of 100 in {}; {given_up} given up{why}",
            counted(explored.states.len(), "root"),
            counted(explored.percentile(50), "state"),
            explored.percentile(99),
        )?;
    }
    for (phase, time) in &stats.phases {
        writeln!(out, "{phase:>12} {:>9.3} s", time.as_secs_f64())?;
    }
    writeln!(out, "{:>12} {:>9.3} s", "in all", stats.elapsed.as_secs_f64())
}
