//! A goroutine loops for ever and nothing can make it leave.

mod mend;

use crate::lint::{Context, Family, Level, Meta, Rule, Sink};
use crate::models::BlockKind;
use crate::old::lifetime::traps::{Trap, WaitKind, call_chain, traps};
use crate::old::lifetime::{Clue, Draft, SPAWN_TOKENS, lasting, lost_sends, sheets, spawns, started};
use crate::old::program::{FnId, Package, Spawn};
use crate::source::Span;

/// The rule.
pub(super) struct UnguardedLoop;

static META: Meta = Meta {
    id: "unguarded-loop",
    summary: "A goroutine loops forever and nothing can stop it",
    level: Level::Warning,
    cwe: &[835, 772],
    triggers: SPAWN_TOKENS,
    docs: include_str!("README.md"),
    since: "0.1.0",
    family: Family::Channels,
};

impl Rule for UnguardedLoop {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, cx: &Context<'_>, sink: &mut Sink) {
        let package = cx.package;
        for spawn in spawns(cx) {
            if !package.wants_findings(spawn.owner.decl) {
                continue;
            }
            if spawn.bodies().next().is_none() {
                let at = || package.location(spawn.owner.decl, spawn.span);
                sink.pass(META.id, at, || "what the goroutine runs is not in view".into());
            }
            for trap in traps(package, spawn) {
                if !waits_for_jobs(&trap) && !sends_into_nothing(cx, &trap) {
                    sink.report(draft(package, spawn, &trap).finish(package));
                }
            }
        }
    }
}

/// A plain receive of jobs is rule unstopped-workers' business, unless a guard is there and broken.
fn waits_for_jobs(trap: &Trap) -> bool {
    matches!(&trap.wait, WaitKind::Receive { clock: false, .. })
}

/// A send in the loop that rule blocked-send tells of is the more specific word on the same goroutine.
fn sends_into_nothing(cx: &Context<'_>, trap: &Trap) -> bool {
    let Some((_, func)) = cx.package.func(trap.frame.id) else { return false };
    let whole = func.loops[trap.loop_id.at()].span;
    let in_loop = |id: FnId, span: Span| id == trap.frame.id && whole.contains(span);
    trap.broken.is_empty()
        && (lost_sends(cx).0.iter().any(|l| in_loop(l.frame.id, l.span))
            || sheets(cx).leaks.iter().any(|l| in_loop(l.at, l.span)))
}

fn draft(package: &Package, spawn: &Spawn, trap: &Trap) -> Draft {
    let lasting = lasting::once(package, spawn.owner, spawn.block);
    let level = match (&lasting, trap.broken.is_empty()) {
        (Some(_), _) => Level::Note,
        (None, true) => Level::Warning,
        (None, false) => Level::Error,
    };
    let mut clues = vec![started(package, spawn)];
    clues.extend(call_chain(&trap.frame).into_iter().map(|(id, span)| Clue::new(id.decl, span, "it calls this")));
    clues.push(Clue::new(trap.decl(), trap.head, "this loop has no way out"));
    clues.extend(trap.broken.iter().cloned());
    if trap.wait != WaitKind::Busy {
        clues.push(Clue::new(trap.decl(), trap.wait_span, wait_label(&trap.wait)));
    }
    Draft {
        rule: META.id,
        level,
        at: trap.frame.id,
        span: trap.wait_span,
        message: message(trap, lasting.as_deref()),
        clues,
        help: help(trap, lasting.is_some()),
        fixes: mend::fixes(package, trap),
    }
}

fn wait_label(wait: &WaitKind) -> &'static str {
    match wait {
        WaitKind::Select => "it waits here in every round, and no case leaves the loop",
        WaitKind::Receive { clock: true, .. } => "it waits for the clock here: `Stop` does not close its channel",
        WaitKind::Receive { .. } => "it waits here in every round",
        WaitKind::Send(_) => "it sends here in every round",
        WaitKind::Call(BlockKind::Sleep) => "it sleeps here in every round",
        WaitKind::Call(_) => "it waits in this call in every round",
        WaitKind::Busy => "it never waits",
    }
}

fn message(trap: &Trap, lasting: Option<&str>) -> String {
    match (lasting, trap.broken.is_empty()) {
        (Some(why), _) => format!("this goroutine loops as long as the process runs ({why})"),
        (None, true) => "this goroutine loops for ever: nothing can make it leave".into(),
        (None, false) => "this goroutine loops for ever: its way out does not work".into(),
    }
}

fn help(trap: &Trap, lasting: bool) -> String {
    if lasting {
        return "fine if it is meant to live that long; give it a context if tests or a shutdown should end it".into();
    }
    match (&trap.wait, trap.broken.is_empty()) {
        (_, false) => {
            "make the guard leave the loop: `return`, or `break` with the loop's label, on a signal that somebody gives".into()
        }
        (WaitKind::Receive { clock: true, .. }, _) => {
            "wait in a `select` with a second case on `ctx.Done()` or a done channel that returns".into()
        }
        (WaitKind::Select, _) => "add a case on `ctx.Done()` or a done channel that returns".into(),
        _ => "select on `ctx.Done()` or a done channel in each round, and return when it fires".into(),
    }
}
