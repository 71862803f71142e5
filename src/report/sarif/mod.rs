//! SARIF 2.1.0, as code scanning services take it in.
//!
//! Two of its demands shape the rest: paths are URIs relative to `%SRCROOT%`, of which no absolute value is told, so that the same code gives
//! the same bytes on every machine; and columns count UTF-16 units.

mod cwe;
mod log;
mod uri;

use super::markdown::{self, Page};
use super::{HOME, Report, visible};
use crate::lint::{Finding, Fix, Level, Meta, Problem, ProblemKind, Reason, Safety, Step};
use crate::source::{Location, Span};
use log::*;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
const ROOT: &str = "%SRCROOT%";
/// Code that is longer than this, in bytes, is not repeated in the log.
const CONTEXT: usize = 1000;

pub(super) fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let taxa: BTreeSet<u16> = report.rules.iter().flat_map(|meta| meta.cwe).copied().collect();
    let taxa: Vec<u16> = taxa.into_iter().collect();
    let run = Run {
        tool: Tool { driver: driver(report, &taxa) },
        invocations: vec![invocation(&report.outcome.problems)],
        original_uri_base_ids: BTreeMap::from([(
            ROOT,
            UriBase { description: Text::new("The folder in which goleash ran: the root of the repository.") },
        )]),
        results: results(report),
        taxonomies: cwe::taxonomies(&taxa),
        automation_details: AutomationDetails { id: "goleash/" },
        column_kind: "utf16CodeUnits",
    };
    let log = Log { schema: SCHEMA, version: "2.1.0", runs: vec![run] };
    visible::json_pretty(&log, out)
}

fn driver<'a>(report: &Report<'a>, taxa: &[u16]) -> Driver<'a> {
    Driver {
        name: env!("CARGO_PKG_NAME"),
        full_name: concat!("goleash ", env!("CARGO_PKG_VERSION")),
        semantic_version: env!("CARGO_PKG_VERSION"),
        information_uri: HOME,
        short_description: Text::new("Finds goroutines that never end."),
        rules: report.rules.iter().map(|meta| descriptor(meta, taxa)).collect(),
        notifications: notices(&report.outcome.problems).iter().map(|kind| notice(*kind)).collect(),
        supported_taxonomies: if taxa.is_empty() { vec![] } else { vec![cwe::reference()] },
    }
}

fn descriptor<'a>(meta: &'a Meta, taxa: &[u16]) -> Descriptor<'a> {
    let mut tags: Vec<String> = ["concurrency", "goroutine-leak", "reliability"].map(str::to_owned).to_vec();
    tags.extend(meta.cwe.iter().map(|number| format!("external/cwe/cwe-{number:03}")));
    let whole = match markdown::first_paragraph(meta.docs) {
        text if text.is_empty() => sentence(meta.summary),
        text => text,
    };
    let (precision, severity) = match meta.level {
        Level::Error => ("high", "error"),
        Level::Warning => ("medium", "warning"),
        Level::Note => ("low", "recommendation"),
    };
    Descriptor {
        id: meta.id,
        name: pascal_case(meta.id),
        short_description: Text::owned(sentence(meta.summary)),
        full_description: Text::owned(whole),
        help: Help { text: markdown::render(meta.docs, Page { width: None, color: false }), markdown: meta.docs },
        help_uri: super::page(meta.id),
        default_configuration: Configuration { level: meta.level },
        relationships: meta.cwe.iter().filter_map(|number| cwe::relationship(*number, taxa)).collect(),
        properties: Properties { tags, precision, severity },
    }
}

/// Findings that a comment or a baseline excuses are told too, as such: a service then knows that they are not mended.
fn results<'a>(report: &Report<'a>) -> Vec<ResultObject<'a>> {
    let mut results: Vec<ResultObject<'a>> = report.shown().map(|finding| result(finding, report.rules)).collect();
    let mut known = Vec::new();
    for withheld in report.outcome.withheld.iter().filter(|w| w.finding.level >= report.level) {
        let suppression = match &withheld.reason {
            Reason::Suppressed(reason) => Suppression { kind: "inSource", justification: reason.clone() },
            Reason::Known(name) => Suppression { kind: "external", justification: format!("Known: it stands in {name}.") },
            Reason::Unchanged => continue,
        };
        known.push((results.len(), matches!(withheld.reason, Reason::Known(_))));
        results.push(ResultObject { suppressions: vec![suppression], ..result(&withheld.finding, report.rules) });
    }
    // Where one result has a state, all must.
    if report.outcome.compared {
        for (index, result) in results.iter_mut().enumerate() {
            let is_known = known.contains(&(index, true));
            result.baseline_state = Some(if is_known { "unchanged" } else { "new" });
        }
    }
    results
}

fn result<'a>(finding: &'a Finding, rules: &[&'static Meta]) -> ResultObject<'a> {
    let steps = || finding.steps.iter();
    let mut text = sentence(&finding.message);
    if !finding.help.is_empty() {
        text.push(' ');
        text.push_str(&sentence(&finding.help));
    }
    let related = steps().enumerate().map(|(index, step)| place(&step.at, Some(index + 1), Some(&step.label)));
    let flow = ThreadFlow { locations: steps().map(flow_location).collect() };
    ResultObject {
        rule_id: finding.rule,
        rule_index: rules.iter().position(|meta| meta.id == finding.rule),
        level: finding.level,
        message: Text::owned(no_links(text)),
        locations: vec![primary(finding)],
        related_locations: related.collect(),
        code_flows: if finding.steps.is_empty() { vec![] } else { vec![CodeFlow { thread_flows: vec![flow] }] },
        partial_fingerprints: BTreeMap::from([("goleashFingerprint/v1", finding.fingerprint.as_str())]),
        fixes: finding.fixes.iter().map(fix).collect(),
        suppressions: Vec::new(),
        baseline_state: None,
    }
}

fn flow_location(step: &Step) -> FlowLocation<'_> {
    FlowLocation { location: place(&step.at, None, Some(&step.label)) }
}

fn place<'a>(at: &Location, id: Option<usize>, message: Option<&'a str>) -> Place<'a> {
    let physical = Physical { artifact_location: artifact(&at.file.display), region: Some(region(at)), context_region: None };
    Place {
        id,
        physical_location: physical,
        logical_locations: None,
        message: message.map(|text| Text::owned(no_links(sentence(text)))),
    }
}

/// The place of the finding itself, with its code and the lines around it for readers who do not have the file.
fn primary<'a>(finding: &'a Finding) -> Place<'a> {
    let at = &finding.at;
    let mut place = place(at, None, None);
    place.logical_locations = (!finding.function.is_empty()).then(|| vec![Logical { name: &finding.function, kind: "function" }]);
    let (first, last) = (at.start().line.saturating_sub(1).max(1), at.end().line + 1);
    let start = at.file.line_start(first);
    let around = Span::new(start, at.file.line_start(last + 1).max(start));
    if around.len() <= CONTEXT {
        let context = Location { file: Arc::clone(&at.file), span: around };
        let snippet = |at: &Location| Some(Content { text: at.file.slice(at.span).to_owned() });
        place.physical_location.context_region = Some(Region { snippet: snippet(&context), ..region(&context) });
        if !at.span.is_empty() {
            place.physical_location.region = Some(Region { snippet: snippet(at), ..region(at) });
        }
    }
    place
}

fn artifact(path: &str) -> Artifact {
    let (uri, relative) = uri::of(path);
    Artifact { uri, uri_base_id: relative.then_some(ROOT) }
}

fn region(at: &Location) -> Region {
    let (start, end) = (at.start(), at.end());
    Region {
        start_line: start.line,
        start_column: Some(start.utf16),
        end_line: Some(end.line),
        end_column: Some(end.utf16),
        snippet: None,
    }
}

/// The edits by file, in the order in which the files come up.
fn fix(fix: &Fix) -> FixObject {
    let mut changes: Vec<Change> = Vec::new();
    for edit in &fix.edits {
        let place = artifact(&edit.at.file.display);
        let replacement = Replacement { deleted_region: region(&edit.at), inserted_content: Content { text: edit.text.clone() } };
        match changes.iter_mut().find(|change| change.artifact_location == place) {
            Some(change) => change.replacements.push(replacement),
            None => changes.push(Change { artifact_location: place, replacements: vec![replacement] }),
        }
    }
    let title = match fix.safety {
        Safety::Safe => fix.title.clone(),
        Safety::Unsafe(why) => format!("{} (unsafe: {why})", fix.title),
    };
    FixObject { description: Text::owned(sentence(&title)), artifact_changes: changes }
}

/// The kinds of problem that came up, in their own order.
fn notices(problems: &[Problem]) -> Vec<ProblemKind> {
    let kinds: BTreeSet<ProblemKind> = problems.iter().map(|problem| problem.kind).collect();
    kinds.into_iter().collect()
}

/// GitHub asks of notifications what it asks of rules: a description and help for each.
fn notice(kind: ProblemKind) -> Notice {
    let (id, name, description, help) = match kind {
        ProblemKind::Syntax => (
            "syntax",
            "SyntaxNotUnderstood",
            "Part of a file could not be parsed; the rest was analysed.",
            "Mend the syntax error, or tell goleash's authors if the Go compiler accepts the file.",
        ),
        ProblemKind::Encoding => (
            "encoding",
            "TextNotUtf8",
            "A file has bytes that are not UTF-8; it was analysed with those bytes blanked.",
            "Save the file as UTF-8, as the Go specification asks.",
        ),
        ProblemKind::Unreadable => (
            "unreadable",
            "FileNotRead",
            "A file or folder could not be read, and was not analysed.",
            "Check its permissions, or leave it out with --exclude.",
        ),
        ProblemKind::Internal => (
            "internal",
            "AnalysisFailed",
            "The analysis failed on a declaration, which was not analysed.",
            "This is a defect of goleash: please tell its authors.",
        ),
        ProblemKind::Skipped => (
            "skipped",
            "FilePassedOver",
            "A file was passed over on purpose, for its size.",
            "Nothing, if the file is generated; else split it.",
        ),
    };
    Notice {
        id,
        name,
        short_description: Text::new(description),
        full_description: Text::new(description),
        help: Text::new(help),
    }
}

fn invocation(problems: &[Problem]) -> Invocation {
    let kinds = notices(problems);
    let notification = |problem| notification(problem, &kinds);
    Invocation { execution_successful: true, tool_execution_notifications: problems.iter().map(notification).collect() }
}

fn notification(problem: &Problem, kinds: &[ProblemKind]) -> Notification {
    let index = kinds.iter().position(|kind| *kind == problem.kind).unwrap_or(0);
    let physical = Physical {
        artifact_location: artifact(&problem.path),
        region: problem.line.map(|line| Region { start_line: line, ..Region::default() }),
        context_region: None,
    };
    let level = match problem.kind {
        ProblemKind::Unreadable | ProblemKind::Internal => Level::Error,
        ProblemKind::Syntax | ProblemKind::Encoding => Level::Warning,
        ProblemKind::Skipped => Level::Note,
    };
    Notification {
        descriptor: DescriptorReference { id: notice(problem.kind).id, index },
        level,
        message: Text::owned(sentence(&problem.message)),
        locations: vec![Place { id: None, physical_location: physical, logical_locations: None, message: None }],
    }
}

/// As text that no reader takes for a link to a related location: `f[int](1)` would be one.
fn no_links(text: String) -> String {
    if text.contains("](") { text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]") } else { text }
}

/// With a capital and a full stop, as services show it on its own.
fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let stop = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{stop}", chars.as_str())
}

fn pascal_case(id: &str) -> String {
    id.split('-').map(|word| sentence(word).trim_end_matches('.').to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_whole() {
        assert_eq!(sentence("waits here"), "Waits here.");
        assert_eq!(sentence("Done?"), "Done?");
        assert_eq!(pascal_case("http-without-context"), "HttpWithoutContext");
    }
}
