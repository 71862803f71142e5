//! What an exploration found as findings: which rule speaks, how sure it is, and the argument in steps.
//!
//! A rule is a mapping from a wait and its cause to an id, a level and words; see `design`: nothing is found here.

mod roots;
mod words;

pub use roots::{Findings, channels};

use crate::explore::{Kind, Leak, StepKind};
use crate::lint::{Finding, Level, Step};
use crate::source::Location;
use crate::types::World;
use std::sync::Arc;

/// The finding of a leak, if a rule for channels speaks of it.
#[must_use]
pub fn finding(world: &World, leak: &Leak) -> Option<Finding> {
    let rule = match leak.kind {
        Kind::Send => "blocked-send",
        Kind::Receive | Kind::Select => "blocked-receive",
        Kind::Lock | Kind::Group => return None,
    };
    let at = location(world, &leak.at)?;
    let steps = words::steps(world, leak);
    if steps.is_empty() {
        return None;
    }
    Some(Finding {
        rule,
        level: level(leak),
        message: words::message(leak),
        at,
        steps,
        help: words::help(leak),
        fixes: Vec::new(),
        function: leak.func.clone(),
        fingerprint: String::new(),
    })
}

/// Error where the code alone leads there; warning where code out of view had a part in it; note where something had to be assumed.
fn level(leak: &Leak) -> Level {
    if leak.assumed > 0 {
        Level::Note
    } else if leak.events.iter().any(|e| e.what == StepKind::Outside) {
        Level::Warning
    } else {
        Level::Error
    }
}

fn location(world: &World, place: &crate::explore::Place) -> Option<Location> {
    let pkg = world.package(place.pkg)?;
    let unit = pkg.source.files.get(place.file as usize)?;
    Some(Location { file: Arc::clone(&unit.src), span: place.span })
}

fn step(world: &World, place: &crate::explore::Place, label: String) -> Option<Step> {
    Some(Step { at: location(world, place)?, label })
}
