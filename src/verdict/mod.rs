//! What an exploration found as findings: which rule speaks, how sure it is, and the argument in steps.
//!
//! A rule is a mapping from a wait and its cause to an id, a level and words; see `design`: nothing is found here.

mod channels;
mod clients;
mod roots;
#[cfg(test)]
mod tests;
mod words;

pub use channels::{Findings, channels};
pub use roots::Settled;

use crate::explore::{Kind, Leak, StepKind};
use crate::lint::{Finding, Level, Step};
use crate::source::Location;
use crate::types::World;
use std::sync::Arc;

/// The rule for sends.
pub const BLOCKED_SEND: &str = "blocked-send";
/// The rule for receives, and for a `select` of several operations.
pub const BLOCKED_RECEIVE: &str = "blocked-receive";

/// What of a finding of the rules for channels stands, once its wait was followed in every order: its level at most, or `None` if it does
/// not. Calls out of view are taken to return, so a warning about somebody who called one before is no other opinion.
#[must_use]
pub fn stands(finding: &Finding, settled: &[Settled]) -> Option<Level> {
    if !matches!(finding.rule, BLOCKED_SEND | BLOCKED_RECEIVE) {
        return Some(finding.level);
    }
    let most = settled
        .iter()
        .filter(|settled| meets(&settled.at, &finding.at) && (!settled.slow || finding.level == Level::Error))
        .map(|settled| settled.most)
        .max();
    match most {
        Some(None) => None,
        Some(Some(Level::Note)) => Some(Level::Note),
        None | Some(Some(_)) => Some(finding.level),
    }
}

/// Whether others of the same package speak of the wait of a finding already: the more specific rule does.
#[must_use]
pub fn told(finding: &Finding, others: &[Finding]) -> bool {
    others.iter().any(|other| meets(&finding.at, &other.at) || other.steps.iter().any(|step| meets(&finding.at, &step.at)))
}

/// Whether two places begin on one line, as the runtime would print them: a `select` holds other waits.
fn meets(a: &Location, b: &Location) -> bool {
    Arc::ptr_eq(&a.file, &b.file) && a.start().line == b.start().line
}

/// The finding of a leak, if a rule for channels speaks of it.
#[must_use]
pub fn finding(world: &World, leak: &Leak) -> Option<Finding> {
    let rule = match leak.kind {
        Kind::Send => BLOCKED_SEND,
        _ if leak.left => BLOCKED_SEND,
        Kind::Receive | Kind::Select => BLOCKED_RECEIVE,
        Kind::Lock | Kind::Group => return None,
    };
    if leak.undecided || leak.on_purpose {
        return None;
    }
    let at = location(world, &leak.at)?;
    let steps = words::steps(world, leak);
    if steps.is_empty() {
        return None;
    }
    Some(Finding {
        rule,
        level: level(world, leak),
        message: words::message(world, leak),
        at,
        steps,
        help: words::help(leak),
        fixes: Vec::new(),
        function: leak.func.clone(),
        fingerprint: String::new(),
    })
}

/// Another place at which the goroutine of a finding can be stuck.
fn also(finding: &mut Finding, other: &Finding) {
    let known = finding.at == other.at || finding.steps.iter().any(|step| step.at == other.at);
    if !known && finding.steps.iter().filter(|step| step.label == ALSO).count() < 3 {
        finding.steps.push(Step { at: other.at.clone(), label: ALSO.to_owned() });
    }
}

const ALSO: &str = "it can wait here as well";

/// Whether a file helps tests: it is none, and imports what they need.
fn for_tests(world: &World, place: &crate::explore::Place) -> bool {
    let pkg = world.package(place.pkg);
    let unit = pkg.as_ref().and_then(|pkg| pkg.source.files.get(place.file as usize));
    unit.is_some_and(|unit| !unit.is_test && unit.outline.imports.iter().any(|import| import.path == "testing"))
}

/// Error where the code alone leads there; warning where code out of view may stop, or had a part in it; note where something had to be
/// assumed.
fn level(world: &World, leak: &Leak) -> Level {
    if leak.assumed > 0 || for_tests(world, &leak.at) {
        Level::Note
    } else if leak.left || leak.caller || leak.events.iter().any(|e| e.what == StepKind::Outside) {
        Level::Warning
    } else {
        Level::Error
    }
}

fn location(world: &World, place: &crate::explore::Place) -> Option<Location> {
    let pkg = world.package(place.pkg)?;
    // What stands for a library is nobody's code.
    if pkg.source.module.is_none() && crate::types::stubs::library(place.pkg.as_str()).is_some() {
        return None;
    }
    let unit = pkg.source.files.get(place.file as usize)?;
    Some(Location { file: Arc::clone(&unit.src), span: place.span })
}

fn step(world: &World, place: &crate::explore::Place, label: String) -> Option<Step> {
    Some(Step { at: location(world, place)?, label })
}
