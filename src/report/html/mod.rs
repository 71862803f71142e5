//! A page for a browser: one file that loads nothing and works without a network. Each finding stands with its code, and its steps beside it.
//!
//! Architecture Invariant: all that comes from the code goes through [`escape::html`]. The page's own policy forbids everything but its own
//! style and script.

mod code;

use super::statistics::{LEVELS, counts};
use super::{Look, Report, escape, human, offered};
use crate::lint::{Finding, Problem};
use crate::source::Location;
use std::fmt::Write as _;
use std::io;

/// With more findings than this they are folded, for a page that can be overlooked.
const MANY: usize = 20;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

pub(super) fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut summary = Vec::new();
    human::summary(report, Look::default(), &mut summary)?;
    let summary = String::from_utf8_lossy(&summary);
    let mut lines = summary.lines();
    let verdict = escape::html(lines.next().unwrap_or_default());
    let title = verdict.split(" (").next().unwrap_or_default();
    let version = env!("CARGO_PKG_VERSION");
    writeln!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"generator\" content=\"goleash {version}\">\n<title>goleash: {title}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#findings\">Skip to the findings</a>\n\
         <header>\n<h1>goleash</h1>\n<p class=\"verdict\">{verdict}</p>"
    )?;
    for line in lines {
        writeln!(out, "<p class=\"soft\">{}</p>", escape::html_with_code(line))?;
    }
    writeln!(out, "</header>")?;
    let mut text = String::new();
    table(report, &mut text);
    problems(&report.outcome.problems, &mut text);
    filters(report, &mut text);
    out.write_all(text.as_bytes())?;
    writeln!(out, "<main id=\"findings\">")?;
    let open = if report.shown().count() > MANY { "" } else { " open" };
    for (index, finding) in report.shown().enumerate() {
        out.write_all(article(index + 1, finding, open).as_bytes())?;
    }
    writeln!(
        out,
        "</main>\n<footer><p>goleash {version}. <code>goleash explain RULE</code> says more about a rule.</p></footer>\n\
         <script>\n{SCRIPT}</script>\n</body>\n</html>"
    )
}

fn table(report: &Report<'_>, out: &mut String) {
    let counts = counts(report);
    if counts.is_empty() {
        return;
    }
    let levels: Vec<usize> = (0..LEVELS.len()).filter(|&at| LEVELS[at] >= report.level).collect();
    out.push_str("<section>\n<h2>By rule</h2>\n<div class=\"scroll\">\n<table>\n<thead><tr><th scope=\"col\">rule</th>");
    for &at in &levels {
        let _ = write!(out, "<th scope=\"col\" class=\"number\">{}</th>", LEVELS[at]);
    }
    out.push_str("<th scope=\"col\">what it finds</th></tr></thead>\n<tbody>\n");
    for counts in &counts {
        let _ = write!(out, "<tr><th scope=\"row\">{}</th>", counts.rule);
        for &at in &levels {
            let _ = write!(out, "<td class=\"number\">{}</td>", counts.levels[at]);
        }
        let meta = report.rules.iter().find(|meta| meta.id == counts.rule);
        let _ = writeln!(out, "<td>{}</td></tr>", meta.map_or(String::new(), |meta| escape::html_with_code(meta.summary)));
    }
    out.push_str("</tbody>\n<tfoot><tr><th scope=\"row\">in all</th>");
    for &at in &levels {
        let _ = write!(out, "<td class=\"number\">{}</td>", counts.iter().map(|counts| counts.levels[at]).sum::<usize>());
    }
    out.push_str("<td></td></tr></tfoot>\n</table>\n</div>\n</section>\n");
}

fn problems(problems: &[Problem], out: &mut String) {
    if problems.is_empty() {
        return;
    }
    let said = super::counted(problems.len(), "problem");
    let _ = writeln!(out, "<details>\n<summary>{said}: code that may not have been looked at</summary>\n<ul>");
    for problem in problems {
        let line = problem.line.map_or(String::new(), |line| format!(":{line}"));
        let (path, message) = (escape::html(&problem.path), escape::html_with_code(&problem.message));
        let _ = writeln!(out, "<li><span class=\"place\">{path}{line}</span> {message}</li>");
    }
    out.push_str("</ul>\n</details>\n");
}

/// What needs the script is hidden until it runs.
fn filters(report: &Report<'_>, out: &mut String) {
    let counts = counts(report);
    if counts.is_empty() {
        return;
    }
    out.push_str(
        "<form hidden role=\"search\" aria-label=\"Findings\">\n\
         <label>Search <input type=\"search\" name=\"search\" autocomplete=\"off\"></label>\n\
         <label>Rule <select name=\"rule\"><option value=\"\">all</option>",
    );
    let mut rules: Vec<&str> = counts.iter().map(|counts| counts.rule).collect();
    rules.sort_unstable();
    for rule in rules {
        let _ = write!(out, "<option>{rule}</option>");
    }
    out.push_str("</select></label>\n<fieldset aria-label=\"Level\">");
    for level in LEVELS.into_iter().filter(|level| *level >= report.level) {
        let _ = write!(out, "<label><input type=\"checkbox\" name=\"level\" value=\"{level}\" checked> {level}</label>");
    }
    out.push_str(
        "</fieldset>\n<button type=\"button\" id=\"open\">Open all</button> <button type=\"button\" id=\"close\">Close all</button> \
         <button type=\"reset\">Reset</button>\n<span id=\"count\" class=\"soft\" role=\"status\"></span>\n</form>\n",
    );
}

fn article(number: usize, finding: &Finding, open: &str) -> String {
    let (level, rule) = (finding.level, finding.rule);
    let function = if finding.function.is_empty() { String::new() } else { format!(" in {}", escape::html(&finding.function)) };
    let mut out = format!(
        "<article class=\"{level}\" data-level=\"{level}\" data-rule=\"{rule}\" aria-labelledby=\"f{number}\">\n<details{open}>\n\
         <summary><span class=\"level\">{level}</span> <span class=\"soft\">{rule}</span> <h3 id=\"f{number}\">{}</h3> \
         <span class=\"place\">{}{function}</span></summary>\n<div class=\"body\">\n<div class=\"code\">\n",
        escape::html_with_code(&finding.message),
        place(&finding.at),
    );
    code::write(number, finding, &mut out);
    out.push_str("</div>\n<div class=\"steps\">\n<ol>\n");
    for (index, step) in finding.steps.iter().enumerate() {
        let id = code::id(number, index);
        let _ = writeln!(
            out,
            "<li data-step=\"{id}\"><a href=\"#{id}\">{}</a> <span class=\"place\">{}</span></li>",
            escape::html_with_code(&step.label),
            place(&step.at)
        );
    }
    out.push_str("</ol>\n");
    if !finding.help.is_empty() {
        let _ = writeln!(out, "<p><b>help</b> {}</p>", escape::html_with_code(&finding.help));
    }
    for fix in &finding.fixes {
        let _ = writeln!(out, "<p><b>fix</b> {}</p>", escape::html_with_code(&offered(fix)));
    }
    out.push_str("</div>\n</div>\n</details>\n</article>\n");
    out
}

fn place(at: &Location) -> String {
    let start = at.start();
    format!("{}:{}:{}", escape::html(&at.file.display), start.line, start.col)
}
