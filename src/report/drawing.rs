//! The picture of annotated code: a frame, numbered lines, underlines and their labels.
//!
//! The crates that draw such pictures bring line breaking for all scripts along, or decide themselves what is cut and wrapped. By the time a
//! text comes here all of that is done: it has no tabs, fits the frame, and no two marks of a line overlap.

use super::snippet::Pen;
use super::visible;
use owo_colors::{OwoColorize as _, Style};
use std::fmt::{self, Write as _};
use std::ops::Range;

/// A line as it is shown.
pub(super) struct Line {
    /// Its number in the file.
    pub(super) number: u32,
    pub(super) text: String,
    /// From left to right, apart from each other.
    pub(super) marks: Vec<Placed>,
}

/// A mark in a line as it is shown.
pub(super) struct Placed {
    /// Bytes of the line's text; an empty range is a place between two characters.
    pub(super) range: Range<usize>,
    /// Lines of text below the underline.
    pub(super) labels: Vec<String>,
    /// Whether it is the place of the finding itself.
    pub(super) primary: bool,
}

/// The characters that a frame is made of.
struct Strokes {
    horizontal: char,
    vertical: char,
    /// The frame beside what is no line of the file.
    gap: char,
    top: char,
    bottom: char,
    /// From an underline down to the label.
    stem: char,
    underline: char,
    /// Below a place between two characters.
    place: char,
    /// From the underline to a label, and to one of several lines.
    corner: char,
    branch: char,
}

const UNICODE: Strokes = Strokes {
    horizontal: '─',
    vertical: '│',
    gap: '·',
    top: '╭',
    bottom: '╰',
    stem: '┬',
    underline: '─',
    place: '▲',
    corner: '╰',
    branch: '┤',
};

const ASCII: Strokes = Strokes {
    horizontal: '-',
    vertical: '|',
    gap: ':',
    top: '-',
    bottom: '\\',
    stem: '|',
    underline: '^',
    place: '^',
    corner: '\\',
    branch: '|',
};

/// Draws the lines in a frame that the title stands in, with a line end after each line.
pub(super) fn draw(title: &str, lines: &[Line], pen: &Pen) -> Result<String, fmt::Error> {
    let strokes = if pen.unicode { &UNICODE } else { &ASCII };
    let width = lines.last().map_or(0, |line| line.number).to_string().len();
    let mut frame = Frame { out: String::new(), width, strokes, pen };
    frame.draw(title, lines)?;
    Ok(frame.out)
}

struct Frame<'a> {
    out: String,
    /// Of the line numbers.
    width: usize,
    strokes: &'a Strokes,
    pen: &'a Pen,
}

impl Frame<'_> {
    fn draw(&mut self, title: &str, lines: &[Line]) -> fmt::Result {
        let Strokes { horizontal, vertical, top, bottom, .. } = *self.strokes;
        let width = self.width;
        writeln!(self.out, "{:1$}{top}{horizontal}[{2}]", "", width + 2, title.style(self.pen.title))?;
        for line in lines {
            writeln!(self.out, " {:width$} {vertical} {}", line.number.style(self.pen.number), line.text)?;
            if !line.marks.is_empty() {
                self.marks(line)?;
            }
        }
        let edge = String::from(horizontal).repeat(4);
        writeln!(self.out, "{:1$}{bottom}{edge}", "", width + 2)
    }

    fn margin(&mut self) -> fmt::Result {
        write!(self.out, " {:1$} {2} ", "", self.width, self.strokes.gap)
    }

    /// The underlines, and below them the labels. Those on the right come first, so that no stem runs through a text.
    fn marks(&mut self, line: &Line) -> fmt::Result {
        self.margin()?;
        let mut stems = Vec::with_capacity(line.marks.len());
        let mut drawn = 0;
        for mark in &line.marks {
            let column = |byte: usize| visible::columns(&line.text[..byte]);
            let start = column(mark.range.start).max(drawn);
            let end = column(mark.range.end).max(start + 1);
            let stem = usize::midpoint(start, end);
            let under = |columns: usize| String::from(self.strokes.underline).repeat(columns);
            let middle = match (mark.range.is_empty(), mark.labels.is_empty()) {
                (true, _) => self.strokes.place,
                (false, true) => self.strokes.underline,
                (false, false) => self.strokes.stem,
            };
            let style = style_of(self.pen, mark);
            let underline = format!("{}{middle}{}", under(stem - start), under(end - stem - 1));
            write!(self.out, "{:1$}{2}", "", start - drawn, underline.style(style))?;
            stems.push((stem, style));
            drawn = end;
        }
        self.out.push('\n');
        for (index, mark) in line.marks.iter().enumerate().rev() {
            for (row, label) in mark.labels.iter().enumerate() {
                self.label(&stems[..=index], row, mark.labels.len(), label)?;
            }
        }
        Ok(())
    }

    /// One line of the last stem's label.
    fn label(&mut self, stems: &[(usize, Style)], row: usize, rows: usize, label: &str) -> fmt::Result {
        let Strokes { horizontal, vertical, corner, branch, .. } = *self.strokes;
        self.margin()?;
        let mut drawn = 0;
        for (index, (stem, style)) in stems.iter().enumerate() {
            write!(self.out, "{:1$}", "", stem - drawn)?;
            drawn = stem + 1;
            if index + 1 < stems.len() {
                write!(self.out, "{}", vertical.style(*style))?;
                continue;
            }
            let line = match (row, rows) {
                (_, 1) => format!("{corner}{horizontal}{horizontal} {label}"),
                (0, _) => format!("{corner}{horizontal}{branch} {label}"),
                _ => format!("  {vertical} {label}"),
            };
            writeln!(self.out, "{}", line.style(*style))?;
        }
        Ok(())
    }
}

fn style_of(pen: &Pen, mark: &Placed) -> Style {
    if mark.primary { pen.primary } else { pen.secondary }
}
