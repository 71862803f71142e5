//! One JSON document. Its form is a promise: `docs/json-schema.md` says what may change, `docs/goleash-report.schema.json` what stands in it.

use super::statistics::{self, Counts};
use super::{Report, visible};
use crate::lint::Trace;
use crate::lint::{Edit, Finding, Fix, Level, Problem, Reason, Step};
use crate::source::{LineCol, Location};
use serde::Serialize;
use std::io;

/// Goes up when a reader of the last version could be misled; new keys do not raise it.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    tool: Tool,
    findings: Vec<JsonFinding<'a>>,
    problems: &'a [Problem],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    traces: Vec<JsonTrace<'a>>,
    summary: Summary,
    stats: JsonStats,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    rule: &'a str,
    level: Level,
    message: &'a str,
    function: &'a str,
    fingerprint: &'a str,
    location: JsonLocation<'a>,
    steps: Vec<JsonStep<'a>>,
    help: &'a str,
    fixes: Vec<JsonFix<'a>>,
}

#[derive(Serialize)]
struct JsonStep<'a> {
    label: &'a str,
    location: JsonLocation<'a>,
}

#[derive(Serialize)]
struct JsonFix<'a> {
    title: &'a str,
    safety: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    unsafe_because: Option<&'static str>,
    edits: Vec<JsonEdit<'a>>,
}

#[derive(Serialize)]
struct JsonEdit<'a> {
    location: JsonLocation<'a>,
    text: &'a str,
}

#[derive(Serialize)]
struct JsonLocation<'a> {
    file: &'a str,
    start: Point,
    end: Point,
}

#[derive(Serialize)]
struct Point {
    line: u32,
    column: u32,
    utf16_column: u32,
    offset: u32,
}

#[derive(Serialize)]
struct JsonTrace<'a> {
    rule: &'a str,
    location: JsonLocation<'a>,
    reason: &'a str,
}

#[derive(Serialize)]
struct Summary {
    error: usize,
    warning: usize,
    note: usize,
    hidden: usize,
    suppressed: usize,
    known: usize,
    /// What is shown, by rule.
    rules: Vec<RuleCounts>,
}

#[derive(Serialize)]
struct RuleCounts {
    id: &'static str,
    error: usize,
    warning: usize,
    note: usize,
}

#[derive(Serialize)]
struct JsonStats {
    files: usize,
    bytes: u64,
    packages: usize,
    declarations: usize,
    functions: usize,
    goroutines: usize,
}

/// One finding as it stands in the report.
pub(super) fn one(finding: &Finding) -> serde_json::Value {
    serde_json::to_value(self::finding(finding)).unwrap_or_default()
}

pub(super) fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let outcome = report.outcome;
    let stats = &outcome.stats;
    let document = Document {
        version: VERSION,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        findings: report.shown().map(finding).collect(),
        problems: &outcome.problems,
        traces: outcome.traces.iter().map(trace).collect(),
        summary: Summary {
            error: report.count(Level::Error),
            warning: report.count(Level::Warning),
            note: report.count(Level::Note),
            hidden: report.hidden(),
            known: report.withheld(|reason| matches!(reason, Reason::Known(_))),
            suppressed: report.withheld(|reason| matches!(reason, Reason::Suppressed(_))),
            rules: statistics::counts(report).iter().map(by_rule).collect(),
        },
        stats: JsonStats {
            files: stats.files,
            bytes: stats.bytes,
            packages: stats.packages,
            declarations: stats.declarations,
            functions: stats.functions,
            goroutines: stats.goroutines,
        },
    };
    visible::json_pretty(&document, out)
}

fn by_rule(counts: &Counts) -> RuleCounts {
    let [error, warning, note] = counts.levels;
    RuleCounts { id: counts.rule, error, warning, note }
}

fn trace(trace: &Trace) -> JsonTrace<'_> {
    JsonTrace { rule: trace.rule, location: location(&trace.at), reason: &trace.reason }
}

fn finding(finding: &Finding) -> JsonFinding<'_> {
    JsonFinding {
        rule: finding.rule,
        level: finding.level,
        message: &finding.message,
        function: &finding.function,
        fingerprint: &finding.fingerprint,
        location: location(&finding.at),
        steps: finding.steps.iter().map(step).collect(),
        help: &finding.help,
        fixes: finding.fixes.iter().map(fix).collect(),
    }
}

fn step(step: &Step) -> JsonStep<'_> {
    JsonStep { label: &step.label, location: location(&step.at) }
}

fn fix(fix: &Fix) -> JsonFix<'_> {
    JsonFix {
        title: &fix.title,
        safety: fix.safety.as_str(),
        unsafe_because: fix.safety.reason(),
        edits: fix.edits.iter().map(edit).collect(),
    }
}

fn edit(edit: &Edit) -> JsonEdit<'_> {
    JsonEdit { location: location(&edit.at), text: &edit.text }
}

fn location(at: &Location) -> JsonLocation<'_> {
    let point = |p: LineCol, offset| Point { line: p.line, column: p.col, utf16_column: p.utf16, offset };
    JsonLocation { file: &at.file.display, start: point(at.start(), at.span.start), end: point(at.end(), at.span.end) }
}
