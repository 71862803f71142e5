//! Workers that wait for jobs for ever.

use crate::lint::{Context, Family, Level, Meta, Rule, Sink};
use crate::old::ir::Place;
use crate::old::lifetime::balance::Unclosed;
use crate::old::lifetime::guards::{Signal, place_name, signal};
use crate::old::lifetime::traps::{Trap, WaitKind, call_chain, traps};
use crate::old::lifetime::workers::{self, Pool};
use crate::old::lifetime::{Clue, Draft, SPAWN_TOKENS, lasting, spawns, started};
use crate::old::program::{Package, Spawn};

/// The rule.
pub(super) struct UnstoppedWorkers;

static META: Meta = Meta {
    id: "unstopped-workers",
    summary: "Workers wait for jobs that never come, and nothing stops them",
    level: Level::Error,
    cwe: &[772, 833],
    triggers: SPAWN_TOKENS,
    docs: include_str!("README.md"),
    since: "0.1.0",
    family: Family::Channels,
};

impl Rule for UnstoppedWorkers {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, cx: &Context<'_>, sink: &mut Sink) {
        let package = cx.package;
        for spawn in spawns(cx).iter().filter(|s| package.wants_findings(s.owner.decl)) {
            let found = traps(package, spawn);
            for trap in &found {
                if let WaitKind::Receive { ch, clock: false } = &trap.wait {
                    sink.report(unclosed(package, spawn, trap, ch).finish(package));
                }
            }
            if found.is_empty() {
                for pool in workers::handed_in(package, spawn) {
                    sink.report(handed_in(package, spawn, &pool).finish(package));
                }
            }
        }
        for unclosed in &crate::old::lifetime::sheets(cx).unclosed {
            if package.wants_findings(unclosed.at.decl) {
                sink.report(closed_elsewhere(package, &spawns(cx)[unclosed.spawn], unclosed).finish(package));
            }
        }
        for dropped in workers::dropped_owners(package, spawns(cx)) {
            if package.wants_findings(dropped.at.decl) {
                sink.report(dropped_owner(&dropped).finish(package));
            }
        }
    }
}

/// Nobody in view closes the channel, and nobody out of view can.
fn unclosed(package: &Package, spawn: &Spawn, trap: &Trap, ch: &Place) -> Draft {
    let lasting = lasting::once(package, spawn.owner, spawn.block);
    let name = place_name(package, trap.frame.id, ch).map_or("the channel".into(), |n| format!("`{n}`"));
    let mut clues = vec![started(package, spawn)];
    clues.extend(call_chain(&trap.frame).into_iter().map(|(id, span)| Clue::new(id.decl, span, "it calls this")));
    clues.push(Clue::new(trap.decl(), trap.wait_span, format!("it waits here for the next value from {name}")));
    let mut from_library = false;
    if let Signal::Channel(class) = signal(package, &trap.frame, ch) {
        from_library = class.fed_by_library;
        let made =
            class.makes().next().map(|(op, _)| Clue::new(op.id.decl, op.span, format!("{name} is made here; nothing closes it")));
        clues.extend(made);
    }
    clues.extend(trap.broken.iter().cloned());
    let (level, message) = match lasting {
        None if from_library => (Level::Note, format!("this goroutine waits on {name} for as long as the process runs")),
        Some(why) => (Level::Note, format!("this worker waits on {name} as long as the process runs ({why})")),
        None => (Level::Error, format!("this worker waits for ever: nobody closes {name}")),
    };
    Draft {
        rule: META.id,
        level,
        at: trap.frame.id,
        span: trap.wait_span,
        message,
        clues,
        help: if trap.wait_span == trap.head {
            format!("close {name} when no more values come, or give the worker a context or done channel to watch")
        } else {
            // Closing alone would make a plain receive spin.
            format!(
                "select on a context or done channel beside {name} and return; a close alone does not end this loop without `v, ok := <-`"
            )
        },
        fixes: Vec::new(),
    }
}

/// Somebody closes the channel, but not on this way out.
fn closed_elsewhere(package: &Package, spawn: &Spawn, unclosed: &Unclosed) -> Draft {
    let place = unclosed.class.ops.iter().find_map(|o| place_name(package, o.id, &o.place));
    let name = place.map_or("the channel".into(), |n| format!("`{n}`"));
    let who = format!("`{}`", package.fn_name(unclosed.closer));
    let mut clues = vec![started(package, spawn)];
    clues.push(Clue::new(unclosed.at.decl, unclosed.span, format!("it waits here for the next value from {name}")));
    clues.extend(unclosed.close.map(|(id, span)| Clue::new(id.decl, span, format!("{name} is closed here"))));
    let (out, span) = unclosed.way_out;
    clues.push(Clue::new(out.decl, span, format!("{who} leaves here without closing it")));
    let once = lasting::once(package, unclosed.owner, crate::old::ir::BlockId(0)).is_some();
    Draft {
        rule: META.id,
        level: if once { Level::Note } else { Level::Error },
        at: unclosed.at,
        span: unclosed.span,
        message: format!("this worker waits for ever if {who} leaves without closing {name}"),
        clues,
        help: format!("close {name} on every way out, with `defer` right after it is made or the workers are started"),
        fixes: Vec::new(),
    }
}

/// The channel comes from a caller out of view, and the workers have nothing else that could end them.
fn handed_in(package: &Package, spawn: &Spawn, pool: &Pool) -> Draft {
    let clues = vec![
        started(package, spawn),
        Clue::new(pool.at.decl, pool.span, format!("it waits here for the next value from `{}`", pool.name)),
        Clue::new(
            pool.param.decl,
            pool.param_span,
            "only the caller could close it, and nothing here says so or offers another way to stop",
        ),
    ];
    Draft {
        rule: META.id,
        level: if lasting::once(package, spawn.owner, spawn.block).is_some() { Level::Note } else { Level::Warning },
        at: pool.at,
        span: pool.span,
        message: format!("these workers wait for ever unless a caller closes `{}`", pool.name),
        clues,
        help: "take a context and select on `ctx.Done()`, or own the channel and close it in a Stop method".into(),
        fixes: Vec::new(),
    }
}

/// The owner of a type with workers drops it without calling the method that ends them.
fn dropped_owner(dropped: &workers::Dropped) -> Draft {
    Draft {
        rule: META.id,
        level: dropped.level,
        at: dropped.at,
        span: dropped.span,
        message: dropped.message.clone(),
        clues: dropped.clues.clone(),
        help: dropped.help.clone(),
        fixes: Vec::new(),
    }
}
