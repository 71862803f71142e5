//! One box of annotated source.
//!
//! What is drawn is not the file's text: the lines of the box have their tabs laid out, common indentation gone and are cut around what is
//! marked where they are too long. That way a line of a megabyte, a control character or two marks on the same bytes cannot spoil the
//! picture.

use super::drawing::{self, Line, Placed};
use super::visible::{self, TAB};
use crate::source::{SourceFile, Span};
use owo_colors::Style;
use std::fmt;
use std::ops::Range;

/// Code to point at. Only its first line is marked: the rest of a loop or a closure is seldom news, and always long.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    /// The bytes in the file.
    pub(super) span: Span,
    /// What to say of it; nothing for a bare underline.
    pub(super) label: Option<String>,
    /// Whether it is the place of the finding itself.
    pub(super) primary: bool,
}

/// What to draw.
pub(super) struct Snippet<'a> {
    pub(super) file: &'a SourceFile,
    /// 1-based, inclusive.
    pub(super) lines: (u32, u32),
    pub(super) marks: Vec<Mark>,
    /// Stands in the frame.
    pub(super) title: String,
    /// Columns of indentation to leave out.
    pub(super) dedent: usize,
}

/// How to draw it.
#[derive(Clone)]
pub(super) struct Pen {
    pub(super) unicode: bool,
    pub(super) width: usize,
    /// For the mark of the finding itself.
    pub(super) primary: Style,
    /// For the other marks.
    pub(super) secondary: Style,
    /// For the title.
    pub(super) title: Style,
    /// For line numbers.
    pub(super) number: Style,
}

/// Draws the box, with a line end after each line.
pub(super) fn draw(snippet: &Snippet<'_>, pen: &Pen) -> Result<String, fmt::Error> {
    let number_width = snippet.lines.1.to_string().len();
    // ` 42 | `
    let margin = number_width + 4;
    let room = pen.width.saturating_sub(margin).max(20);
    let draw_line = |number: u32| {
        let marks: Vec<&Mark> = snippet.marks.iter().filter(|m| snippet.file.line_col(m.span.start).line == number).collect();
        let row = Row::lay_out(snippet.file, number, &marks, snippet.dedent, room, pen.unicode);
        let mut placed = untangle(row.place(&marks));
        for mark in &mut placed {
            let column = |byte: usize| visible::columns(&row.text[..byte]);
            let stem = usize::midpoint(column(mark.range.start), column(mark.range.end));
            mark.labels = wrap_labels(&mark.labels, room.saturating_sub(stem + 4));
        }
        Line { number, text: row.text, marks: placed }
    };
    let lines: Vec<Line> = (snippet.lines.0..=snippet.lines.1).map(draw_line).collect();
    drawing::draw(&snippet.title, &lines, pen)
}

/// Width of the indentation of a line, in columns; nothing for a blank line.
pub(super) fn indentation(line: &str) -> Option<usize> {
    let mut columns = 0;
    for c in line.chars() {
        match c {
            '\t' => columns += TAB - columns % TAB,
            ' ' => columns += 1,
            _ => return Some(columns),
        }
    }
    None
}

/// One line as it is shown, and the way from the file's bytes to its own.
struct Row {
    text: String,
    /// Offset in the file's line → offset in `text`, ascending in both.
    map: Vec<(usize, usize)>,
    /// Where the line starts in the file.
    start: usize,
    /// Length of the file's line, without its end.
    length: usize,
}

/// A character of the file's line.
struct Cell {
    at: usize,
    c: char,
    /// Columns it covers, from the left edge of the line.
    columns: Range<usize>,
}

impl Row {
    fn lay_out(file: &SourceFile, number: u32, marks: &[&Mark], dedent: usize, room: usize, unicode: bool) -> Self {
        let line = file.line_text(number);
        let cells = cells(line);
        let start = file.line_start(number);
        let mut row = Self { text: String::with_capacity(line.len()), map: Vec::new(), start, length: line.len() };
        let cut = cells.iter().take_while(|c| c.columns.end <= dedent && matches!(c.c, ' ' | '\t')).count();
        let left = cells.get(cut).map_or(0, |c| c.columns.start);
        let total = cells.last().map_or(0, |c| c.columns.end);
        let ranges: Vec<Range<usize>> = marks.iter().map(|m| row.columns_of(m.span, &cells, left, total)).collect();
        let ellipsis = if unicode { "…" } else { "..." };
        let keep = keep(left..total, &ranges, room, visible::columns(ellipsis));
        let mut skipping = false;
        for cell in &cells[cut..] {
            let kept = keep.iter().any(|k| k.start <= cell.columns.start && cell.columns.end <= k.end);
            if kept || !skipping {
                row.map.push((cell.at, row.text.len()));
            }
            match (kept, cell.c) {
                (true, '\t') => row.text.extend(cell.columns.clone().map(|_| ' ')),
                (true, c) => row.text.push(visible::printable(c)),
                (false, _) if !skipping => row.text.push_str(ellipsis),
                (false, _) => {}
            }
            skipping = !kept;
        }
        row.map.push((line.len(), row.text.len()));
        row
    }

    fn columns_of(&self, span: Span, cells: &[Cell], left: usize, total: usize) -> Range<usize> {
        let (start, end) = self.in_line(span);
        let column = |byte: usize| cells.get(cells.partition_point(|c| c.at < byte)).map_or(total, |c| c.columns.start).max(left);
        column(start)..column(end)
    }

    /// The part of a span that lies in this line, as offsets in the line.
    fn in_line(&self, span: Span) -> (usize, usize) {
        let start = (span.start as usize).saturating_sub(self.start).min(self.length);
        let end = (span.end as usize).saturating_sub(self.start).min(self.length);
        (start, end.max(start))
    }

    fn place(&self, marks: &[&Mark]) -> Vec<Placed> {
        let to_text = |byte: usize| {
            let index = self.map.partition_point(|&(at, _)| at <= byte);
            self.map.get(index.wrapping_sub(1)).map_or(0, |&(_, out)| out)
        };
        // An end inside a part that was cut takes the dots in, to show that there is more.
        let end_in_text = |byte: usize| {
            let index = self.map.partition_point(|&(at, _)| at < byte);
            self.map.get(index).map_or(self.text.len(), |&(_, out)| out)
        };
        marks
            .iter()
            .map(|mark| {
                let (start, end) = self.in_line(mark.span);
                let first = to_text(start);
                let last = if end > start { end_in_text(end).max(first) } else { first };
                Placed { range: first..last, labels: mark.label.clone().into_iter().collect(), primary: mark.primary }
            })
            .collect()
    }
}

fn cells(line: &str) -> Vec<Cell> {
    let mut column = 0;
    line.char_indices()
        .map(|(at, c)| {
            let width = if c == '\t' { TAB - column % TAB } else { visible::width(c) };
            column += width;
            Cell { at, c, columns: column - width..column }
        })
        .collect()
}

/// Which columns of an over-long line to show: all if they fit, else what is marked and as much around it as there is room for.
fn keep(line: Range<usize>, marks: &[Range<usize>], room: usize, ellipsis: usize) -> Vec<Range<usize>> {
    if line.len() <= room {
        return vec![line];
    }
    if marks.is_empty() {
        let end = line.start + room - ellipsis;
        return Vec::from([Range { end, ..line }]);
    }
    let mut chosen = Vec::new();
    for (around, longest) in [(40, 80), (30, 60), (20, 40), (15, 30), (10, 20), (5, 15), (2, 10), (0, 8)] {
        let mut wanted: Vec<_> = marks
            .iter()
            .map(|m| {
                let end = m.end.max(m.start + 1).min(m.start + longest);
                m.start.saturating_sub(around).max(line.start)..(end + around).min(line.end)
            })
            .collect();
        wanted.sort_by_key(|w| w.start);
        chosen = merge(&wanted, &line, ellipsis);
        let dots = chosen.len() - 1
            + usize::from(chosen.first().is_some_and(|c| c.start > line.start))
            + usize::from(chosen.last().is_some_and(|c| c.end < line.end));
        if chosen.iter().map(Range::len).sum::<usize>() + dots * ellipsis <= room {
            break;
        }
    }
    chosen
}

/// Joins ranges between which dots would take as much room as the text.
fn merge(wanted: &[Range<usize>], line: &Range<usize>, ellipsis: usize) -> Vec<Range<usize>> {
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in wanted {
        let start = if range.start <= line.start + ellipsis { line.start } else { range.start };
        let end = if range.end + ellipsis >= line.end { line.end } else { range.end };
        match merged.last_mut() {
            Some(last) if start <= last.end + ellipsis => last.end = last.end.max(end),
            _ => merged.push(start..end),
        }
    }
    merged
}

/// Marks of one line so that no two overlap, which cannot be drawn: what starts together shares one mark, and what reaches into the
/// next mark ends there.
fn untangle(mut marks: Vec<Placed>) -> Vec<Placed> {
    // Stable: what starts together keeps the order in which it came.
    marks.sort_by_key(|m| m.range.start);
    let mut apart: Vec<Placed> = Vec::new();
    for mark in marks {
        if let Some(last) = apart.last_mut() {
            if last.range.start == mark.range.start {
                last.range.end = last.range.end.max(mark.range.end);
                last.labels.extend(mark.labels);
                last.primary |= mark.primary;
                continue;
            }
            last.range.end = last.range.end.min(mark.range.start);
        }
        apart.push(mark);
    }
    apart
}

fn wrap_labels(labels: &[String], room: usize) -> Vec<String> {
    let options = textwrap::Options::new(room.max(24))
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .subsequent_indent("  ");
    labels.iter().flat_map(|label| textwrap::wrap(label, &options)).map(Into::into).collect()
}
