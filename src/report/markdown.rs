//! The little Markdown that rule documents use, for a terminal and for plain-text fields.
//!
//! It knows headings, paragraphs, lists, tables (shown as they are), fenced code, `code` and **bold**. Anything else passes through.

use super::visible;
use owo_colors::Style;
use std::fmt::Write as _;
use textwrap::{WordSeparator, WordSplitter};

/// How to render.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Columns to wrap at; `None` leaves paragraphs on one line each.
    pub width: Option<usize>,
    /// Whether ANSI colours are wanted.
    pub color: bool,
}

/// Renders a document.
#[must_use]
pub fn render(markdown: &str, page: Page) -> String {
    let mut out = String::new();
    let mut paragraph = String::new();
    let mut code = false;
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            flush(&mut paragraph, page, &mut out);
            code = !code;
            continue;
        }
        if code {
            let dim = if page.color { Style::new().cyan() } else { Style::new() };
            // A styled empty string would leave escape codes on blank lines.
            let text: String = line.chars().map(|c| if c == '\t' { '\t' } else { visible::printable(c) }).collect();
            let text = text.replace('\t', "    ");
            let _ = if text.trim().is_empty() { writeln!(out) } else { writeln!(out, "    {}", dim.style(text)) };
            continue;
        }
        let text = line.trim();
        let heading = text.trim_start_matches('#');
        if text.is_empty() {
            flush(&mut paragraph, page, &mut out);
            out.push('\n');
        } else if heading.len() < text.len() && heading.starts_with(' ') {
            flush(&mut paragraph, page, &mut out);
            let bold = if page.color { Style::new().bold() } else { Style::new() };
            let _ = writeln!(out, "{}", bold.style(inline(heading.trim(), Page { color: false, ..page })));
        } else if text.starts_with('|') {
            flush(&mut paragraph, page, &mut out);
            let _ = writeln!(out, "{}", visible::line(text));
        } else {
            if bullet(text).is_some() {
                flush(&mut paragraph, page, &mut out);
            }
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(text);
        }
    }
    flush(&mut paragraph, page, &mut out);
    out
}

/// The document's first paragraph as plain text, without the heading.
#[must_use]
pub fn first_paragraph(markdown: &str) -> String {
    let body: Vec<&str> = markdown.lines().skip_while(|line| line.trim().is_empty() || line.starts_with('#')).collect();
    let lines: Vec<&str> = body.into_iter().take_while(|line| !line.trim().is_empty()).map(str::trim).collect();
    inline(&lines.join(" "), Page { width: None, color: false })
}

/// The marker of a list item, with its blank: `* `, `- `, `12. `.
fn bullet(text: &str) -> Option<&str> {
    let (marker, _) = text.split_once(' ')?;
    let number = marker.strip_suffix('.').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    (marker == "*" || marker == "-" || number).then(|| &text[..=marker.len()])
}

fn flush(paragraph: &mut String, page: Page, out: &mut String) {
    if paragraph.is_empty() {
        return;
    }
    let text = visible::line(&std::mem::take(paragraph));
    let indent = " ".repeat(bullet(&text).map_or(0, str::len));
    let text = inline(&text, page);
    let Some(width) = page.width else {
        let _ = writeln!(out, "{text}");
        return;
    };
    let options = textwrap::Options::new(width)
        .subsequent_indent(&indent)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation);
    // textwrap gives escape codes no width.
    let _ = writeln!(out, "{}", textwrap::fill(&text, &options));
}

/// Code and bold spans. With colours the marks go; without, only those of bold do, for a code mark tells where a name ends.
fn inline(text: &str, page: Page) -> String {
    let mut out = String::new();
    for (index, part) in text.split('`').enumerate() {
        let code = index % 2 == 1;
        match (code, page.color) {
            (true, true) => out.push_str(&Style::new().cyan().style(part).to_string()),
            (true, false) => {
                let _ = write!(out, "`{part}`");
            }
            (false, _) => out.push_str(&bold(part, page.color)),
        }
    }
    out
}

fn bold(text: &str, color: bool) -> String {
    let mut out = String::new();
    for (index, part) in text.split("**").enumerate() {
        if index % 2 == 1 && color {
            out.push_str(&Style::new().bold().style(part).to_string());
        } else {
            out.push_str(part);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOC: &str = "# some-rule\n\nA **bold** word and `code x`, on\ntwo lines.\n\n```go\nif x {\n\ty()\n}\n```\n\n* one point that\n  goes on\n* two\n";

    #[test]
    fn plain_text_keeps_code_and_joins_lines() {
        let text = render(DOC, Page { width: Some(30), color: false });
        assert_eq!(
            text,
            "some-rule\n\nA bold word and `code x`, on\ntwo lines.\n\n    if x {\n        y()\n    }\n\n* one point that goes on\n* two\n"
        );
    }

    #[test]
    fn list_items_wrap_under_their_text() {
        let text = render("- one two three four\n- five\n", Page { width: Some(12), color: false });
        assert_eq!(text, "- one two\n  three four\n- five\n");
    }

    #[test]
    fn colours_replace_the_marks() {
        let text = render(DOC, Page { width: Some(60), color: true });
        assert!(text.contains("\u{1b}[1mbold\u{1b}[0m") && !text.contains("**") && !text.contains('`'), "{text:?}");
    }

    #[test]
    fn the_first_paragraph_is_one_line() {
        assert_eq!(first_paragraph(DOC), "A bold word and `code x`, on two lines.");
        assert_eq!(first_paragraph("# only a heading"), "");
    }
}
