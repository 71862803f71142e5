//! Listeners, servers and signal channels that nobody lets go.

use crate::fix::outlives::Held;
use crate::fix::statement_below;
use crate::lint::{Context, Family, Fix, Level, Meta, Rule, Safety, Sink};
use crate::old::lifetime::guards::place_name;
use crate::old::lifetime::{Clue, Draft};
use crate::old::obligation::{Acquired, Engine, LossHow, Lost, MarkKind, Serving, Words, tell_of_acquired};
use crate::old::program::Package;

/// The rule.
pub(super) struct UnreleasedListener;

const RELEASED: &str = "it is let go on every way out";

static META: Meta = Meta {
    id: "unreleased-listener",
    summary: "A listener, server or signal channel that is never released",
    level: Level::Warning,
    cwe: &[772, 404],
    triggers: TRIGGERS,
    docs: include_str!("README.md"),
    since: "0.1.0",
    family: Family::Duties,
};

const TRIGGERS: &[&str] = &[
    ".Listen(",
    "FileListener(",
    "ListenAndServe(",
    "ListenAndServeTLS(",
    "ListenTCP(",
    "ListenUnix(",
    "NewServer(",
    "NewTLSServer(",
    "NewUnstartedServer(",
    "signal.Notify(",
    ".Serve(",
    ".ServeTLS(",
];

const CLOSED: Words = Words { doing: "closing", done: "closed", does: "closes" };
const STOPPED: Words = Words { doing: "stopping", done: "stopped", does: "stops" };
const SHUT: Words = Words { doing: "stopping", done: "shut down", does: "shuts down" };

impl Rule for UnreleasedListener {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, cx: &Context<'_>, sink: &mut Sink) {
        tell_of_acquired(cx, sink, &META, &["listener", "server", "signal"], look);
    }
}

fn look(engine: &Engine<'_>, acquired: &Acquired) -> Result<Draft, String> {
    let runs = acquired.model.acquires.as_ref().is_some_and(|a| a.receiver);
    match acquired.duty.kind.as_str() {
        "signal" => signal(engine, acquired),
        "server" if runs => engine.serving(acquired).map(|serving| server(engine, acquired, &serving)),
        "server" => made(engine, acquired, "test server"),
        _ => made(engine, acquired, "listener"),
    }
}

/// A program that gives up takes everything with it: what a package `main` forgets on the way out is less sure to stay.
fn level_of_way(package: &Package, partial: bool) -> Level {
    if partial && !package.is_main() { Level::Error } else { Level::Warning }
}

/// A listener, or a server of `httptest`, that is closed by its `Close`.
fn made(engine: &Engine<'_>, acquired: &Acquired, kind: &str) -> Result<Draft, String> {
    let package = engine.package();
    let lost = engine.lost(acquired, RELEASED)?;
    let in_test = package.file(acquired.id.decl).src.display.ends_with("_test.go");
    let level = match (in_test, lost.partial) {
        (true, false) => Level::Note,
        (true, true) => Level::Warning,
        (false, partial) => level_of_way(package, partial && lost.field.is_none() && !lost.until_told()),
    };
    let thing = engine.thing(acquired, kind);
    let message = match (lost.field, lost.marks.last()) {
        (Some((owner, field)), _) => format!("nothing in the package closes {owner}.{field}"),
        (None, Some(last))
            if matches!(last.kind, MarkKind::Forgotten(LossHow::Again(_) | LossHow::Overwritten | LossHow::Deferred(_))) =>
        {
            format!("{thing} is not closed before another one takes its place")
        }
        (None, Some(last)) if lost.partial => format!("{thing} is not closed on every way out of {}", package.fn_name(last.id)),
        _ => format!("nothing closes {thing}"),
    };
    let mut clues = vec![Clue::new(acquired.id.decl, acquired.span(), "it listens from here on")];
    clues.extend(engine.clues(&lost, CLOSED));
    let round = engine.own_name(acquired).and_then(|name| engine.in_each_round(acquired, &lost, &format!("{name}.Close()")));
    Ok(Draft {
        rule: META.id,
        level,
        at: acquired.id,
        span: acquired.span(),
        message,
        clues,
        help: match lost.field {
            Some((owner, _)) => format!("close it in the method that ends the {owner}"),
            None => round
                .unwrap_or_else(|| "`defer` its `Close` after the check of the error, or close it on this way out too".into()),
        },
        fixes: close(engine, acquired, &lost).into_iter().collect(),
    })
}

/// A server that a goroutine runs.
fn server(engine: &Engine<'_>, acquired: &Acquired, serving: &Serving) -> Draft {
    let package = engine.package();
    let thing = engine.thing(acquired, "server");
    let (id, span) = serving.started;
    let mut clues = vec![Clue::new(id.decl, package.head_of(id, span), "the goroutine that serves is started here")];
    if span != acquired.span() {
        clues.push(Clue::new(acquired.id.decl, acquired.span(), "it serves here until the server is shut down"));
    }
    let (level, message, help) = match (&serving.owner, &serving.lost) {
        (Some((owner, end, at)), _) => {
            let ends = package.fn_name(*end);
            clues.push(Clue::new(end.decl, *at, format!("{ends} ends this, and the server serves on")));
            let message = format!("{thing} serves on after the {owner} has ended: nothing shuts it down");
            (Level::Warning, message, format!("shut it down where the {owner} ends"))
        }
        (None, lost) => {
            let partial = lost.as_ref().is_some_and(|l| l.partial);
            clues.extend(lost.iter().flat_map(|l| engine.clues(l, SHUT)));
            let message = format!("{thing} is not shut down on every way out of {}", package.fn_name(id));
            (level_of_way(package, partial), message, "shut it down on this way out too, or `defer` its `Close`".to_string())
        }
    };
    Draft { rule: META.id, level, at: acquired.id, span: acquired.span(), message, clues, help, fixes: Vec::new() }
}

/// A channel that the signal package sends to until `signal.Stop`.
fn signal(engine: &Engine<'_>, acquired: &Acquired) -> Result<Draft, String> {
    let package = engine.package();
    if engine.is_callers(acquired) {
        return Err("its caller has the channel, and can take it back".into());
    }
    let lost = engine.lost(acquired, RELEASED)?;
    let repeated = engine.runs_again(acquired);
    let name = acquired.holder.as_ref().and_then(|h| place_name(package, acquired.id, h)).unwrap_or_else(|| "the channel".into());
    let level = if lost.partial || repeated { Level::Warning } else { Level::Note };
    let function = lost.marks.last().map_or_else(|| package.fn_name(acquired.id), |m| package.fn_name(m.id));
    let message = match lost.field {
        Some((owner, field)) => format!("nothing takes {owner}.{field} back from the signal package"),
        None => format!("{name} stays registered for signals after `{function}` has returned"),
    };
    let mut clues = vec![Clue::new(acquired.id.decl, acquired.span(), "the signal package keeps the channel from here on")];
    clues.extend(engine.clues(&lost, STOPPED));
    let own = lost.field.is_none() && lost.marks.iter().all(|m| m.id == acquired.id);
    let edit =
        own.then(|| statement_below(&package.location(acquired.id.decl, acquired.span()), &format!("defer signal.Stop({name})")));
    let fix = edit.flatten().map(|edit| Fix {
        title: format!("take {name} back when the function returns"),
        // A second interrupt, while the program ends in good order, finds no handler then.
        safety: Safety::Unsafe("from then on such a signal does what it does by default, which may end the program"),
        edits: vec![edit],
    });
    Ok(Draft {
        rule: META.id,
        level,
        at: acquired.id,
        span: acquired.span(),
        message,
        clues,
        help: format!("`defer signal.Stop({name})` below, or take a context from `signal.NotifyContext`"),
        fixes: fix.into_iter().collect(),
    })
}

/// `defer l.Close()` after the check of the error, where the function alone uses it.
fn close(engine: &Engine<'_>, acquired: &Acquired, lost: &Lost) -> Option<Fix> {
    let name = engine.own_name(acquired)?;
    let edit = engine.deferred(acquired, lost, &format!("defer {name}.Close()"))?;
    Some(Fix {
        title: format!("close {name} when the function returns"),
        safety: engine.at_return(acquired, Held::Texts),
        edits: vec![edit],
    })
}
