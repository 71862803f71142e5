//! A lock that is never let go, or waited for by who holds it.

mod mend;

use crate::lifetime::locks::{At, Held, Kept, Locks, Mode, Twice};
use crate::lifetime::{Clue, Draft};
use crate::lint::{Context, Level, Meta, Rule, Sink};
use crate::program::FnId;

/// The rule.
pub(super) struct StuckLock;

static META: Meta = Meta {
    id: "stuck-lock",
    summary: "A lock that is kept, or waited for by who holds it",
    level: Level::Error,
    cwe: &[833, 667],
    triggers: TRIGGERS,
    docs: include_str!("README.md"),
    since: "0.2.0",
};

const TRIGGERS: &[&str] = &[".Lock(", ".RLock("];

impl Rule for StuckLock {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, cx: &Context<'_>, sink: &mut Sink) {
        let package = cx.package;
        let takers = package.triggered(|t| cx.is_token(t, TRIGGERS));
        let locks = Locks::new(package, &takers);
        for decl in takers {
            if !package.wants_findings(decl) {
                continue;
            }
            for (id, found) in locks.look(decl) {
                // One that goes round and meets itself is told there.
                let meets = |k: &&Kept| found.twice.iter().any(|t| t.take.at == k.held.at && t.take.via.is_empty());
                let kept = found.kept.iter().filter(|k| !meets(k)).map(|k| (k.held.at, keeps(&locks, id, k)));
                let twice = found.twice.iter().map(|t| (t.held.at, again(&locks, t)));
                for (at, answer) in kept.chain(twice) {
                    match answer {
                        Ok(draft) => sink.report(draft.finish(package)),
                        Err(reason) => sink.pass(META.id, || package.location(at.id.decl, at.span), || reason),
                    }
                }
            }
        }
    }
}

/// The lock as the code names it.
fn name_of(locks: &Locks<'_>, held: &Held) -> String {
    let spelled = locks.spell(held.at.id.decl, &held.key);
    match locks.text(held.at) {
        Some(text) if spelled == text || spelled.starts_with(&format!("{text}.")) => text,
        _ => spelled,
    }
}

fn locked(locks: &Locks<'_>, held: &Held) -> Clue {
    let how = if held.mode == Mode::Read { "locked for reading" } else { "locked" };
    Clue::new(held.at.id.decl, held.at.span, format!("`{}` is {how} here", name_of(locks, held)))
}

/// A way out that keeps the lock.
fn keeps(locks: &Locks<'_>, id: FnId, kept: &Kept) -> Result<Draft, String> {
    let package = locks.package();
    if let Some(other) = locks.released_elsewhere(id, &kept.held.key) {
        return Err(format!("{} lets it go for others", package.fn_name(other)));
    }
    let name = name_of(locks, &kept.held);
    let function = package.fn_name(id);
    let leaves = if kept.ends { "the function ends here and keeps it" } else { "this way out keeps it" };
    Ok(Draft {
        rule: META.id,
        level: Level::Error,
        at: kept.held.at.id,
        span: kept.held.at.span,
        message: format!("`{name}` stays locked on a way out of {function}: whoever locks it next waits for ever"),
        clues: vec![
            locked(locks, &kept.held),
            Clue::new(id.decl, kept.exit, leaves),
            Clue::new(kept.released.id.decl, kept.released.span, "other ways unlock it here"),
        ],
        help: format!("unlock `{name}` before this return, or `defer` the unlock right after the lock"),
        fixes: mend::unlock_before(locks, id, kept).into_iter().collect(),
    })
}

/// A lock that the holder waits for.
fn again(locks: &Locks<'_>, twice: &Twice) -> Result<Draft, String> {
    let (held, take) = (&twice.held, &twice.take);
    let name = name_of(locks, held);
    let mut clues = vec![locked(locks, held)];
    for call in &take.via {
        clues.push(Clue::new(call.id.decl, call.span, "this is called with the lock held"));
    }
    let (level, message, last) = match (held.mode, take.mode) {
        (Mode::Read, Mode::Read) => {
            let Some(writer) = locks.writer(held) else { return Err("it is locked for reading twice, and nobody writes".into()) };
            clues.push(Clue::new(take.at.id.decl, take.at.span, "and locked for reading again here"));
            clues.push(Clue::new(writer.id.decl, writer.span, "a writer that comes in between waits here, and lets no new reader in"));
            let message = format!("`{name}` is locked for reading twice by one goroutine: with a writer in between both wait for ever");
            (Level::Warning, message, None)
        }
        (Mode::Read, Mode::Write) => {
            let message = format!("`{name}` is locked by a goroutine that already holds it for reading: it waits for itself");
            (Level::Error, message, Some("and locked here, which waits for all readers to go"))
        }
        (Mode::Write, _) => {
            let message = format!("`{name}` is locked again by the goroutine that holds it: it waits for itself");
            (Level::Error, message, Some("and locked again here"))
        }
    };
    clues.extend(last.map(|label| Clue::new(take.at.id.decl, take.at.span, label)));
    let primary = take.via.first().copied().unwrap_or(take.at);
    let level = if take.sure { level } else { Level::Warning };
    Ok(Draft {
        rule: META.id,
        level,
        at: primary.id,
        span: primary.span,
        message,
        clues,
        help: advice(locks, take.via.last().copied(), take.at, &name),
        fixes: Vec::new(),
    })
}

fn advice(locks: &Locks<'_>, call: Option<At>, at: At, name: &str) -> String {
    match call {
        Some(_) => {
            let callee = locks.package().fn_name(at.id);
            format!("unlock `{name}` before the call, or give {callee} a variant for callers that hold the lock")
        }
        None => format!("unlock `{name}` before it is locked again"),
    }
}
