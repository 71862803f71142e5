//! A timer is drained that has nothing to give.

use crate::lint::{Context, Edit, Family, Fix, Level, Meta, Rule, Safety, Sink};
use crate::old::lifetime::drains::{Drain, Why, drains};
use crate::old::lifetime::{Clue, Draft};
use crate::old::program::Package;
use crate::source::Location;
use std::sync::Arc;

/// The rule.
pub(super) struct UndrainedTimer;

static META: Meta = Meta {
    id: "undrained-timer",
    summary: "A receive from a timer that will not fire again",
    level: Level::Error,
    cwe: &[833],
    triggers: TRIGGERS,
    docs: include_str!("README.md"),
    since: "0.1.0",
    family: Family::Channels,
};

const TRIGGERS: &[&str] = &["NewTimer(", "AfterFunc(", ".Stop("];

impl Rule for UndrainedTimer {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, cx: &Context<'_>, sink: &mut Sink) {
        let package = cx.package;
        for decl in package.triggered(|t| cx.is_token(t, TRIGGERS)) {
            let text = package.text(decl);
            // Without a receive from a field `C` there is nothing to ask.
            if !package.wants_findings(decl) || !text.contains("<-") || !text.contains(".C") {
                continue;
            }
            for drain in drains(package, decl) {
                sink.report(report(package, &drain).finish(package));
            }
        }
    }
}

fn report(package: &Package, drain: &Drain) -> Draft {
    let decl = drain.id.decl;
    let name = package.body(decl).and_then(|body| drain.timer.spell(body)).unwrap_or_else(|| "the timer".into());
    let (since, message) = match drain.why {
        Why::Received => ("its value is received here", format!("`{name}` has fired and been read: this receive waits for ever")),
        Why::Stopped => ("it is stopped here, before it fires", format!("`{name}` is stopped: this receive waits for ever")),
        Why::NoChannel => {
            ("it runs a function and has no channel", format!("`{name}` has no channel: this receive waits for ever"))
        }
    };
    let mut clues = vec![Clue::new(decl, drain.since, since)];
    if let Some(stop) = drain.stop {
        clues.push(Clue::new(decl, stop, "so that `Stop` says false here"));
    }
    clues.push(Clue::new(decl, drain.recv, "and nothing comes any more"));
    let help = match drain.why {
        Why::NoChannel => "take the receive out: `Stop` alone is all that a timer of `AfterFunc` needs".to_string(),
        _ => format!("empty `{name}.C` with a `select` that has a `default`, or, from Go 1.23 on, leave the receive out"),
    };
    let fixes = if drain.why == Why::NoChannel { Vec::new() } else { select(package, drain).into_iter().collect() };
    Draft { rule: META.id, level: Level::Error, at: drain.id, span: drain.recv, message, clues, help, fixes }
}

/// `select { case <-t.C: default: }` for a receive that is a statement on a line of its own.
fn select(package: &Package, drain: &Drain) -> Option<Fix> {
    let file = Arc::clone(&package.file(drain.id.decl).src);
    let (start, end) = (drain.recv.start as usize, drain.recv.end as usize);
    let line = file.text.get(..start)?.rfind('\n').map_or(0, |i| i + 1);
    let indent = file.text.get(line..start)?.to_string();
    let rest = file.text.get(end..)?.lines().next()?.trim();
    let statement = file.text.get(start..end)?.to_string();
    if !indent.trim().is_empty() || !(rest.is_empty() || rest.starts_with("//")) || !statement.starts_with("<-") {
        return None;
    }
    let text = format!("select {{\n{indent}case {statement}:\n{indent}default:\n{indent}}}");
    let edit = Edit { at: Location { file, span: drain.recv }, text };
    // Since Go 1.23 nothing can come after `Stop` has said false; before, the value may be under way.
    let safety = if package.go_at_least(1, 23) {
        Safety::Safe
    } else {
        Safety::Unsafe("before Go 1.23 a value that is under way can still come after it")
    };
    Some(Fix { title: "receive only what is there".into(), safety, edits: vec![edit] })
}
