//! A ticker or timer that nobody stops.

use crate::fix::outlives::Held;
use crate::fix::statement_below;
use crate::lint::{Context, Family, Fix, Level, Meta, Rule, Safety, Sink};
use crate::old::lifetime::{Clue, Draft};
use crate::old::obligation::{Acquired, Engine, LossHow, Lost, MarkKind, Words, tell_of_acquired};
use std::time::Duration;

/// The rule.
pub(super) struct UnstoppedTicker;

const RELEASED: &str = "it is stopped on every way out";

static META: Meta = Meta {
    id: "unstopped-ticker",
    summary: "A ticker or timer that is never stopped",
    level: Level::Error,
    cwe: &[772, 401],
    triggers: TRIGGERS,
    docs: include_str!("README.md"),
    since: "0.1.0",
    family: Family::Duties,
};

const TRIGGERS: &[&str] = &["NewTicker(", "NewTimer(", "AfterFunc(", ".Tick(", ".After(", ".TickerFunc("];

const WORDS: Words = Words { doing: "stopping", done: "stopped", does: "stops" };

const COLLECTED: &str = ", though the garbage collector frees it from Go 1.23 on";

/// A timer that fires sooner than this lets go soon enough.
const SOON: Duration = Duration::from_secs(60);

impl Rule for UnstoppedTicker {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, cx: &Context<'_>, sink: &mut Sink) {
        tell_of_acquired(cx, sink, &META, &["ticker", "timer"], look);
    }
}

/// What there is to say of a ticker or timer, or why nothing is.
fn look(engine: &Engine<'_>, acquired: &Acquired) -> Result<Draft, String> {
    let model = acquired.model;
    if acquired.duty.kind == "ticker" {
        ticker(engine, acquired)
    } else if model.starts.is_some() {
        after_func(engine, acquired)
    } else if acquired.duty.released_by.is_empty() {
        after(engine, acquired)
    } else {
        timer(engine, acquired)
    }
}

/// Whether the Go version of the module collects it once nothing refers to it.
fn is_collected(engine: &Engine<'_>, acquired: &Acquired) -> bool {
    let since = acquired.model.acquires.as_ref().and_then(|a| a.gc_since);
    since.is_some_and(|(major, minor)| engine.package().go_at_least(major, minor))
}

fn ticker(engine: &Engine<'_>, acquired: &Acquired) -> Result<Draft, String> {
    let collected = is_collected(engine, acquired);
    let thing = engine.thing(acquired, "ticker");
    if let Some((owner, name)) = engine.replaces(acquired) {
        return Ok(replaced(acquired, &format!("{owner}.{name}"), &thing, collected));
    }
    let lost = engine.lost(acquired, RELEASED)?;
    let mut message = if acquired.duty.released_by.is_empty() {
        format!("{thing} runs on for ever: nothing can stop it")
    } else {
        sentence(engine, &lost, &thing)
    };
    if collected {
        message.push_str(COLLECTED);
    }
    let level = if collected { Level::Note } else { Level::Error };
    Ok(draft(engine, acquired, &lost, level, message))
}

/// A field that holds a ticker gets a new one.
fn replaced(acquired: &Acquired, field: &str, thing: &str, collected: bool) -> Draft {
    let (level, tail) = if collected { (Level::Note, COLLECTED) } else { (Level::Error, "") };
    Draft {
        rule: META.id,
        level,
        at: acquired.id,
        span: acquired.span(),
        message: format!("{thing} is not stopped before another one takes its place{tail}"),
        clues: vec![Clue::new(
            acquired.id.decl,
            acquired.span(),
            format!("{field} holds a running ticker already, which this one replaces"),
        )],
        help: "stop the old ticker first, or `Reset` it to the new interval".into(),
        fixes: Vec::new(),
    }
}

fn timer(engine: &Engine<'_>, acquired: &Acquired) -> Result<Draft, String> {
    if is_collected(engine, acquired) {
        return Err("from Go 1.23 on a timer that nothing refers to is collected".into());
    }
    let lost = engine.lost(acquired, RELEASED)?;
    let message = sentence(engine, &lost, &engine.thing(acquired, "timer"));
    Ok(draft(engine, acquired, &lost, level_of_timer(engine, acquired), message))
}

/// A timer is kept until it fires: how bad that is depends on when it does.
fn level_of_timer(engine: &Engine<'_>, acquired: &Acquired) -> Level {
    let duration = acquired.call.args.iter().find_map(|a| engine.package().duration(acquired.id.decl, a));
    if duration.is_some_and(|d| d < SOON) { Level::Note } else { Level::Warning }
}

fn after(engine: &Engine<'_>, acquired: &Acquired) -> Result<Draft, String> {
    if is_collected(engine, acquired) {
        return Err("from Go 1.23 on a timer that nothing refers to is collected".into());
    }
    let Some(select) = engine.piles_up(acquired) else {
        return Err("no loop makes another one before this one has fired".into());
    };
    let clues = vec![
        Clue::new(acquired.id.decl, acquired.span(), "every round makes a new timer here"),
        Clue::new(acquired.id.decl, select, "another case of the select goes round before it has fired"),
    ];
    Ok(Draft {
        rule: META.id,
        level: level_of_timer(engine, acquired),
        at: acquired.id,
        span: acquired.span(),
        message: "each round of the loop leaves a timer behind until it fires".into(),
        clues,
        help: "make one timer before the loop with `time.NewTimer`, `Reset` it in each round and `defer` its `Stop`".into(),
        fixes: Vec::new(),
    })
}

/// A function that runs later by itself needs no `Stop`, unless it was to guard something that is over.
fn after_func(engine: &Engine<'_>, acquired: &Acquired) -> Result<Draft, String> {
    let lost = engine.lost(acquired, RELEASED)?;
    let mut thing = engine.thing(acquired, "timer");
    if let Some((owner, _)) = lost.field {
        let Some(end) = engine.ending_method(owner) else {
            return Err(format!("it fires once, and {owner} has no method that ends it"));
        };
        let message = format!("{thing} still fires after {owner} is closed: nothing stops it");
        let mut draft = draft(engine, acquired, &lost, level_of_timer(engine, acquired), message);
        draft.clues.push(Clue::new(
            end,
            engine.package().decl(end).name_span,
            format!("{} does not stop it", engine.package().decl_name(end)),
        ));
        return Ok(draft);
    }
    let Some(work) = engine.guarded_work(acquired) else {
        return Err("it fires once, and nothing that it could guard follows".into());
    };
    if thing.starts_with("the ") {
        thing = "the timer of this AfterFunc".into();
    }
    let name = engine.package().fn_name(acquired.id);
    let mut draft = draft(
        engine,
        acquired,
        &lost,
        level_of_timer(engine, acquired),
        format!("{thing} still fires after {name} has returned"),
    );
    draft.clues.insert(1, Clue::new(acquired.id.decl, work, "what it guards"));
    draft.help = "keep the timer and `defer` its `Stop`, so that it does not fire when the work is over".into();
    Ok(draft)
}

fn sentence(engine: &Engine<'_>, lost: &Lost, thing: &str) -> String {
    if let Some((owner, field)) = lost.field {
        return format!("{thing} is never stopped: nothing in the package stops {owner}.{field}");
    }
    let Some(last) = lost.marks.last() else { return format!("{thing} is never stopped") };
    let name = engine.package().fn_name(last.id);
    match last.kind {
        MarkKind::Forgotten(LossHow::Dropped) => format!("{thing} is never stopped: nothing keeps it"),
        MarkKind::Forgotten(LossHow::Overwritten | LossHow::Again(_) | LossHow::Deferred(_)) => {
            format!("{thing} is not stopped before another one takes its place")
        }
        _ if lost.partial => format!("{thing} is not stopped on every way out of {name}"),
        _ => format!("{thing} is never stopped"),
    }
}

fn draft(engine: &Engine<'_>, acquired: &Acquired, lost: &Lost, level: Level, message: String) -> Draft {
    let level = if lost.until_told() { level.min(Level::Warning) } else { level };
    let mut clues = vec![Clue::new(acquired.id.decl, acquired.span(), "made here")];
    clues.extend(engine.clues(lost, WORDS));
    let fix = fix(engine, acquired, lost);
    let name = engine.own_name(acquired);
    let help = match (lost.field, &name) {
        (Some((owner, _)), _) => format!("stop it in the method that ends the {owner}"),
        (None, _) if acquired.duty.released_by.is_empty() => "use `time.NewTicker` and `defer` its `Stop`".into(),
        (None, Some(name)) => engine
            .in_each_round(acquired, lost, &format!("{name}.Stop()"))
            .unwrap_or_else(|| format!("`defer {name}.Stop()` where it is made, or stop it on this way out too")),
        (None, None) => "keep it in a variable and `defer` its `Stop`".into(),
    };
    Draft { rule: META.id, level, at: acquired.id, span: acquired.span(), message, clues, help, fixes: fix.into_iter().collect() }
}

/// `defer t.Stop()` below the creation, where the function alone uses the ticker.
fn fix(engine: &Engine<'_>, acquired: &Acquired, lost: &Lost) -> Option<Fix> {
    let own = lost.marks.iter().all(|m| m.id == acquired.id) && lost.field.is_none();
    let again =
        matches!(lost.marks.last()?.kind, MarkKind::Forgotten(LossHow::Again(_) | LossHow::Overwritten | LossHow::Deferred(_)));
    // `time.Tick` gives a channel, which nothing stops.
    let stoppable = acquired.duty.released_by.iter().any(|method| method == "Stop");
    if !own || again || !stoppable || !engine.is_private(acquired) {
        return None;
    }
    let name = engine.own_name(acquired)?;
    let edit = statement_below(&engine.package().location(acquired.id.decl, acquired.span()), &format!("defer {name}.Stop()"))?;
    // The timer of `AfterFunc`.
    let safety = if acquired.model.starts.is_some() {
        Safety::Unsafe("its function may be meant to run after the return")
    } else {
        engine.at_return(acquired, Held::Values)
    };
    Some(Fix { title: format!("stop {name} when the function returns"), safety, edits: vec![edit] })
}
