//! A goroutine that outlives its request ignores the request's context.

use crate::lint::{Context, Family, Level, Meta, Rule, Sink};
use crate::models::BlockKind;
use crate::old::lifetime::hang::{Slow, What};
use crate::old::lifetime::ignored::{Ignored, NotGiven, ignored, limits_not_given, way_to};
use crate::old::lifetime::{Clue, Draft, spawns, started};
use crate::old::program::{Package, Spawn};

/// The rule.
pub(super) struct IgnoredContext;

static META: Meta = Meta {
    id: "ignored-context",
    summary: "A goroutine outlives its request and ignores the context in scope",
    level: Level::Warning,
    cwe: &[772, 400],
    triggers: TRIGGERS,
    docs: include_str!("README.md"),
    since: "0.1.0",
    family: Family::Channels,
};

/// Those that start a goroutine, and those that set a time limit.
const TRIGGERS: &[&str] = &["go ", ".Go(", "AfterFunc(", "WithTimeout(", "WithDeadline("];

const LIMITS: &[&str] = &["WithTimeout(", "WithDeadline("];

impl Rule for IgnoredContext {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, cx: &Context<'_>, sink: &mut Sink) {
        let package = cx.package;
        let spawns = spawns(cx);
        let (found, passed) = ignored(cx);
        for one in &found {
            sink.report(goroutine(package, &spawns[one.spawn], one).finish(package));
        }
        for (id, span, why) in passed {
            sink.pass(META.id, || package.location(id.decl, span), || why);
        }
        for one in limits_not_given(cx, LIMITS) {
            sink.report(limit(&one).finish(package));
        }
    }
}

fn goroutine(package: &Package, spawn: &Spawn, found: &Ignored) -> Draft {
    let owner = package.fn_name(spawn.owner);
    let slow = &found.slow;
    let mut clues = vec![found.at_hand.clue.clone(), started(package, spawn)];
    clues.extend(way_to(slow));
    clues.push(Clue::new(slow.frame.id.decl, slow.span, waits(slow)));
    clues.extend(slow.reasons.iter().cloned());
    clues.push(Clue::new(spawn.owner.decl, found.way_out, format!("`{owner}` returns here without waiting for it")));
    let with = match &found.at_hand.name {
        Some(name) if found.at_hand.limited => format!("the time limit of `{name}`"),
        Some(name) => format!("`{name}`"),
        None => "the context of its caller".to_string(),
    };
    let what = subject(slow);
    let own = if found.at_hand.limited { "one of its own" } else { "a time limit" };
    let mut message = match slow.what {
        What::Endless => format!("this goroutine outlives `{owner}`: {what} is given a context that never ends, not {with}"),
        What::Unread { remote: false } => {
            format!("this goroutine outlives `{owner}` and takes neither {with} nor {own}: {what} may take long")
        }
        _ => format!("this goroutine outlives `{owner}`, and neither {with} nor {own} bounds {what}"),
    };
    if let Some(because) = &found.because {
        message.push_str(&format!(" ({because})"));
    }
    Draft {
        rule: META.id,
        level: found.level,
        at: found.at,
        span: found.span,
        message,
        clues,
        help: help(slow, found),
        fixes: Vec::new(),
    }
}

fn limit(found: &NotGiven) -> Draft {
    let slow = &found.slow;
    let name = &found.name;
    let mut clues =
        vec![Clue::new(found.at.decl, found.derived, format!("`{name}` sets a time limit here, and no call is given it"))];
    clues.extend(way_to(slow));
    if slow.frame.id != found.at {
        clues.push(Clue::new(found.at.decl, found.span, "it calls this"));
    }
    clues.push(Clue::new(slow.frame.id.decl, slow.span, waits(slow)));
    clues.extend(slow.reasons.iter().cloned());
    Draft {
        rule: META.id,
        level: Level::Warning,
        at: found.at,
        span: found.span,
        message: format!("the time limit of `{name}` does not reach {}: nothing is given that context", subject(slow)),
        clues,
        help: format!("give it `{name}`, or a time limit of its own"),
        fixes: Vec::new(),
    }
}

fn subject(slow: &Slow) -> String {
    match slow.what {
        What::Slot => "the wait for a free slot".into(),
        What::Pause => "a loop that sleeps in each round".into(),
        _ => format!("`{}`", slow.name),
    }
}

fn waits(slow: &Slow) -> String {
    match slow.what {
        What::Library(BlockKind::Process, _) => "it waits here for the other process to end".into(),
        What::Library(BlockKind::Network | BlockKind::Io, _) => "it waits here for as long as the other side likes".into(),
        What::Library(..) => "it waits here".into(),
        What::Endless => "it waits here with a context that never ends".into(),
        What::Pause => "it sleeps here in every round".into(),
        What::Slot => "it waits here for a free slot".into(),
        What::Unread { remote: true } => "its name speaks of another machine, and its code is not in view".into(),
        What::Unread { remote: false } => "its code is not in view: nothing says that it is quick".into(),
    }
}

fn help(slow: &Slow, found: &Ignored) -> String {
    let name = match &found.at_hand.name {
        Some(name) => format!("`{name}`"),
        None => "the context".to_string(),
    };
    match slow.what {
        What::Pause => format!("wait in a `select` on a timer and {name}, and return when the context ends"),
        What::Slot => format!("take the slot in a `select` with a second case on the end of {name}"),
        What::Endless => {
            format!("give it {name}; if the work must go on after the return, `context.WithTimeout(context.WithoutCancel(…), …)`")
        }
        _ => format!(
            "give it {name}, or wait for the goroutine; if it must go on after the return, give it a time limit of its own"
        ),
    }
}
