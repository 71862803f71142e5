//! How many findings of each rule there are: the table that closes a long report, and that `--statistics` asks for.

use super::human::{level_style, styled};
use super::{Look, Report, grouped};
use crate::lint::Level;
use owo_colors::Style;
use std::io;

/// The levels, most severe first.
pub(super) const LEVELS: [Level; 3] = [Level::Error, Level::Warning, Level::Note];

/// The findings of one rule by level, in the order of [`LEVELS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) rule: &'static str,
    pub(super) levels: [usize; 3],
}

/// What is shown, by rule: those with the most errors first, then warnings, then notes, then by name.
pub(super) fn counts(report: &Report<'_>) -> Vec<Counts> {
    let mut all: Vec<Counts> = Vec::new();
    for finding in report.shown() {
        let at = all.iter().position(|counts| counts.rule == finding.rule).unwrap_or_else(|| {
            all.push(Counts { rule: finding.rule, levels: [0; 3] });
            all.len() - 1
        });
        for (count, level) in all[at].levels.iter_mut().zip(LEVELS) {
            *count += usize::from(level == finding.level);
        }
    }
    all.sort_by(|a, b| b.levels.cmp(&a.levels).then(a.rule.cmp(b.rule)));
    all
}

/// The table as text: a rule a line, a level a column, and what they come to. Levels that are not shown have no column.
pub(super) fn table(report: &Report<'_>, look: Look, out: &mut dyn io::Write) -> io::Result<()> {
    let counts = counts(report);
    let levels: Vec<usize> = (0..LEVELS.len()).filter(|&at| LEVELS[at] >= report.level).collect();
    let total = |at: usize| counts.iter().map(|counts| counts.levels[at]).sum::<usize>();
    let first = counts.iter().map(|counts| counts.rule.len()).max().unwrap_or(0).max("in all".len());
    let width = |at: usize| LEVELS[at].as_str().len().max(grouped(total(at)).len());
    let row = |name: &str, style: Style, cell: &dyn Fn(usize) -> (String, Style), out: &mut dyn io::Write| {
        write!(out, "{}", style.style(format!("{name:first$}")))?;
        for &at in &levels {
            let (text, style) = cell(at);
            write!(out, "  {}", style.style(format!("{text:>width$}", width = width(at))))?;
        }
        writeln!(out)
    };
    let dim = styled(Style::new().dimmed(), look);
    row("rule", dim, &|at| (LEVELS[at].as_str().to_owned(), dim), out)?;
    for counts in &counts {
        let cell = |at: usize| match counts.levels[at] {
            0 => ("-".to_owned(), dim),
            number => (grouped(number), styled(level_style(LEVELS[at]), look)),
        };
        row(counts.rule, Style::new(), &cell, out)?;
    }
    row("in all", styled(Style::new().bold(), look), &|at| (grouped(total(at)), styled(Style::new().bold(), look)), out)
}
