//! Checkstyle and `JUnit`: what CI servers other than GitHub's read.

use super::{Report, argument, visible};
use crate::lint::{Finding, Level, Problem};
use quick_xml::Writer;
use quick_xml::escape::escape;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesDecl, BytesStart, BytesText, Event};
use quick_xml::name::QName;
use std::io;

/// Checkstyle's report: files with their errors.
pub(super) fn checkstyle(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    document(out, |xml| {
        element(xml, "checkstyle", &[("version", "4.3")], |xml| {
            let mut lines: Vec<(&str, Line)> = report.shown().map(|f| (f.at.file.display.as_str(), line(f))).collect();
            lines.extend(report.outcome.problems.iter().map(|p| (p.path.as_str(), problem_line(p))));
            // Findings are in the order of files; problems follow, and go where their file is.
            lines.sort_by(|a, b| a.0.cmp(b.0));
            lines.chunk_by(|a, b| a.0 == b.0).try_for_each(|group| {
                element(xml, "file", &[("name", group[0].0)], |xml| group.iter().try_for_each(|(_, line)| write_line(xml, line)))
            })
        })
    })
}

struct Line {
    line: u32,
    column: u32,
    severity: &'static str,
    message: String,
    source: String,
}

fn line(finding: &Finding) -> Line {
    let severity = match finding.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "info",
    };
    let start = finding.at.start();
    Line {
        line: start.line,
        column: start.col,
        severity,
        message: argument(finding),
        source: format!("goleash.{}", finding.rule),
    }
}

fn problem_line(problem: &Problem) -> Line {
    let message = format!("not looked at: {}", problem.message);
    Line { line: problem.line.unwrap_or(1), column: 1, severity: "warning", message, source: "goleash.not-looked-at".to_owned() }
}

fn write_line(xml: &mut Xml<'_>, line: &Line) -> io::Result<()> {
    let (number, column) = (line.line.to_string(), line.column.to_string());
    let attributes = [
        ("line", number.as_str()),
        ("column", &column),
        ("severity", line.severity),
        ("message", &line.message),
        ("source", &line.source),
    ];
    xml.write_event(Event::Empty(start("error", &attributes)))
}

/// `JUnit`'s report: each finding is a failed test of its file. Without findings there is one test, which passed.
pub(super) fn junit(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let failures = report.shown().count();
    let errors = report.outcome.problems.len();
    let tests = (failures + errors).max(1).to_string();
    let (failures, errors) = (failures.to_string(), errors.to_string());
    let counts = [("name", "goleash"), ("tests", tests.as_str()), ("failures", &failures), ("errors", &errors)];
    document(out, |xml| {
        element(xml, "testsuites", &counts, |xml| {
            element(xml, "testsuite", &counts, |xml| {
                if tests == "1" && failures == "0" && errors == "0" {
                    xml.write_event(Event::Empty(start(
                        "testcase",
                        &[("name", "every goroutine ends"), ("classname", "goleash")],
                    )))?;
                }
                report.shown().try_for_each(|finding| failure(xml, finding))?;
                report.outcome.problems.iter().try_for_each(|problem| error(xml, problem))
            })
        })
    })
}

fn failure(xml: &mut Xml<'_>, finding: &Finding) -> io::Result<()> {
    let at = finding.at.start();
    let line = at.line.to_string();
    let name = format!("{} in {} at {}:{}", finding.rule, finding.function, at.line, at.col);
    let file = finding.at.file.display.as_str();
    element(xml, "testcase", &[("name", &name), ("classname", file), ("file", file), ("line", &line)], |xml| {
        let text = argument(finding);
        element(xml, "failure", &[("message", &finding.message), ("type", finding.level.as_str())], |xml| {
            xml.write_event(Event::Text(BytesText::new(&visible::legal(&text))))
        })
    })
}

fn error(xml: &mut Xml<'_>, problem: &Problem) -> io::Result<()> {
    let line = problem.line.unwrap_or(1).to_string();
    element(
        xml,
        "testcase",
        &[("name", "not looked at"), ("classname", &problem.path), ("file", &problem.path), ("line", &line)],
        |xml| xml.write_event(Event::Empty(start("error", &[("message", &problem.message), ("type", "not-looked-at")]))),
    )
}

type Xml<'o> = Writer<&'o mut dyn io::Write>;

fn document(out: &mut dyn io::Write, content: impl FnOnce(&mut Xml<'_>) -> io::Result<()>) -> io::Result<()> {
    let mut xml = Writer::new_with_indent(out, b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    content(&mut xml)?;
    writeln!(xml.get_mut())
}

fn element<'o>(
    xml: &mut Xml<'o>,
    name: &str,
    attributes: &[(&str, &str)],
    content: impl FnOnce(&mut Xml<'o>) -> io::Result<()>,
) -> io::Result<()> {
    let start = start(name, attributes);
    xml.write_event(Event::Start(start.borrow()))?;
    content(xml)?;
    xml.write_event(Event::End(start.to_end()))
}

fn start<'n>(name: &'n str, attributes: &[(&str, &str)]) -> BytesStart<'n> {
    let mut out = BytesStart::new(name);
    for (key, value) in attributes {
        // A reader would take a bare line end in an attribute for a space.
        let value = escape(visible::legal(value)).replace('\n', "&#10;").replace('\t', "&#9;");
        out.push_attribute(Attribute { key: QName(key), value: value.into() });
    }
    out
}
