//! The cancel function of a derived context that is not called on some way out.

mod mend;

use crate::lint::{Context, Family, Level, Meta, Rule, Sink};
use crate::old::lifetime::{Clue, Draft};
use crate::old::obligation::{Acquired, Engine, Kept, LossHow, Lost, MarkKind, Words, tell_of_acquired};
use std::time::Duration;

/// The rule.
pub(super) struct LostCancel;

static META: Meta = Meta {
    id: "lost-cancel",
    summary: "The cancel function of a context is not called on some path",
    level: Level::Error,
    cwe: &[772, 401],
    triggers: TRIGGERS,
    docs: include_str!("README.md"),
    since: "0.1.0",
    family: Family::Duties,
};

const TRIGGERS: &[&str] = &[
    "NotifyContext(",
    "WithCancel(",
    "WithCancelCause(",
    "WithDeadline(",
    "WithDeadlineCause(",
    "WithTimeout(",
    "WithTimeoutCause(",
];

const WORDS: Words = Words { doing: "calling", done: "called", does: "calls" };

/// A context whose time is over sooner than this lets go soon enough.
const SOON: Duration = Duration::from_secs(60);

impl Rule for LostCancel {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, cx: &Context<'_>, sink: &mut Sink) {
        tell_of_acquired(cx, sink, &META, &["cancel"], |engine, acquired| {
            let lost = engine.lost(acquired, "it is called on every way out")?;
            Ok(draft(engine, acquired, &lost))
        });
    }
}

fn draft(engine: &Engine<'_>, acquired: &Acquired, lost: &Lost) -> Draft {
    let kept = engine.kept(acquired);
    let mut clues = vec![Clue::new(acquired.id.decl, acquired.span(), "the context is derived here")];
    clues.extend(engine.clues(lost, WORDS));
    if let Kept::Goroutine(waits) = &kept {
        clues.push(waits.clone());
    }
    let (mut level, harm) = harm(&kept);
    // It is let go in the end, and until then there is one for each round.
    if lost.until_told() {
        level = level.min(Level::Warning);
    }
    Draft {
        rule: META.id,
        level,
        at: acquired.id,
        span: acquired.span(),
        message: format!("{}: {harm}", sentence(engine, acquired, lost)),
        clues,
        help: help(engine, acquired, lost),
        fixes: mend::fix(engine, acquired, lost).into_iter().collect(),
    }
}

/// How bad it is, and what stays.
fn harm(kept: &Kept) -> (Level, &'static str) {
    match kept {
        Kept::Nothing => (Level::Note, "what waits for the context is not told to end"),
        Kept::Function => (Level::Note, "it stays in its parent until this function ends"),
        Kept::Timer(Some(d)) if *d < SOON => (Level::Note, "its timer stays until the time is over"),
        Kept::Timer(_) => (Level::Warning, "its timer stays until the time is over"),
        Kept::Request => (Level::Warning, "the context stays in its parent until the request is over"),
        Kept::Parent => (Level::Error, "the context stays in its parent until that ends"),
        Kept::Library => (Level::Error, "the goroutine that the call started stays"),
        Kept::Goroutine(_) => (Level::Error, "a goroutine waits for the end of the context for ever"),
    }
}

fn sentence(engine: &Engine<'_>, acquired: &Acquired, lost: &Lost) -> String {
    let callee = engine.package().file(acquired.id.decl).src.slice(acquired.call.callee_span);
    let thing = match engine.own_name(acquired) {
        Some(name) => format!("{name} of {callee}"),
        None => format!("the cancel function of {callee}"),
    };
    let Some(last) = lost.marks.last() else { return format!("{thing} is never called") };
    if let Some((owner, field)) = lost.field {
        return match last.kind {
            MarkKind::Uncalled => {
                let only = engine.package().fn_name(last.id);
                format!("{owner}.{field} is called only in {only}, which nothing calls")
            }
            _ => format!("nothing in the package calls {owner}.{field}, the cancel function of {callee}"),
        };
    }
    match last.kind {
        MarkKind::Forgotten(LossHow::Dropped) => format!("{thing} is dropped"),
        MarkKind::Forgotten(LossHow::Overwritten | LossHow::Again(_) | LossHow::Deferred(_)) => {
            format!("{thing} is not called before another one takes its place")
        }
        _ if lost.partial => format!("{thing} is not called on every way out of {}", engine.package().fn_name(last.id)),
        _ => format!("{thing} is never called"),
    }
}

fn help(engine: &Engine<'_>, acquired: &Acquired, lost: &Lost) -> String {
    match (lost.field, engine.own_name(acquired)) {
        (Some((owner, _)), _) => format!("call it in the method that ends the {owner}"),
        (None, Some(name)) => engine
            .in_each_round(acquired, lost, &format!("{name}()"))
            .unwrap_or_else(|| format!("`defer {name}()` right after this, or call it on this way out too")),
        (None, None) => "keep the cancel function and `defer` its call, or hand it to whoever ends the work".into(),
    }
}
