//! A pipe with an end that nobody closes while somebody waits at the other, and a command that nobody waits for.

use crate::fix::outlives::{Held, outlives};
use crate::fix::{first_statement, statement_above, statement_below};
use crate::lint::{Context, Family, Fix, Level, Meta, Rule, Safety, Sink};
use crate::old::ir::Place;
use crate::old::lifetime::guards::place_name;
use crate::old::lifetime::{Clue, Draft};
use crate::old::obligation::{Acquired, Engine, LossHow, StuckPipe, Words};
use crate::old::program::{DeclId, Package};

/// The rule.
pub(super) struct UnclosedPipe;

static META: Meta = Meta {
    id: "unclosed-pipe",
    summary: "One end of a pipe is never closed while a goroutine waits at the other",
    level: Level::Error,
    cwe: &[772, 833],
    triggers: TRIGGERS,
    docs: include_str!("README.md"),
    since: "0.1.0",
    family: Family::Duties,
};

const PIPES: &[&str] = &["io.Pipe(", "net.Pipe(", "os.Pipe("];
const COMMANDS: &[&str] = &["exec.Command(", "exec.CommandContext("];
const TRIGGERS: &[&str] = &["io.Pipe(", "net.Pipe(", "os.Pipe(", "exec.Command(", "exec.CommandContext("];

const WORDS: Words = Words { doing: "waiting for", done: "waited for", does: "waits for" };

impl Rule for UnclosedPipe {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, cx: &Context<'_>, sink: &mut Sink) {
        let package = cx.package;
        let engine = Engine::new(package);
        let mut tell = |decl: DeclId, acquired: &Acquired, said: Result<Draft, String>| match said {
            Ok(draft) => sink.report(draft.finish(package)),
            Err(reason) => sink.pass(META.id, || package.location(decl, acquired.span()), || reason),
        };
        for decl in package.triggered(|t| cx.is_token(t, PIPES)).into_iter().filter(|d| package.wants_findings(*d)) {
            for acquired in engine.acquired(decl, &["pipe"]).iter().filter(|a| has_two_ends(a)) {
                tell(decl, acquired, engine.stuck_pipe(acquired).map(|stuck| pipe(&engine, acquired, &stuck)));
            }
        }
        for decl in starters(cx) {
            for acquired in engine.acquired(decl, &["process"]).iter().filter(|a| is_started(a)) {
                tell(decl, acquired, command(&engine, acquired));
            }
        }
    }
}

fn has_two_ends(acquired: &Acquired) -> bool {
    acquired.model.acquires.as_ref().is_some_and(|a| a.also.is_some())
}

fn is_started(acquired: &Acquired) -> bool {
    acquired.model.acquires.as_ref().is_some_and(|a| a.receiver)
}

/// Declarations that may start a command: where one is made, and where the package starts something.
fn starters(cx: &Context<'_>) -> Vec<DeclId> {
    let package = cx.package;
    let mut decls = package.triggered(|t| cx.is_token(t, COMMANDS));
    if decls.is_empty() {
        return decls;
    }
    decls.extend(
        package.own_mentions("Start".into()).into_iter().filter(|d| package.imports(*d).name_of("os/exec".into()).is_some()),
    );
    decls.sort_unstable();
    decls.dedup();
    decls.retain(|d| package.wants_findings(*d));
    decls
}

/// The ends as the code and a reader name them.
struct Ends {
    forgotten: String,
    waits: &'static str,
    wakes: &'static str,
}

fn ends(package: &Package, acquired: &Acquired, end: usize) -> Ends {
    let place = acquired.call.results.get(end).and_then(Option::as_ref);
    let name = place.and_then(|p| place_name(package, acquired.id, p));
    let is = |ty: &str| acquired.model.results.get(end).is_some_and(|t| t == ty);
    let (what, waits, wakes) = if is("*io.PipeWriter") {
        ("the writer", "read", "it waits here until the writer is closed")
    } else if is("*io.PipeReader") {
        ("the reader", "write", "it waits here until somebody reads")
    } else {
        ("the other end", "call", "it waits here until the other end is used or closed")
    };
    Ends { forgotten: name.unwrap_or_else(|| what.to_string()), waits, wakes }
}

fn pipe(engine: &Engine<'_>, acquired: &Acquired, stuck: &StuckPipe) -> Draft {
    let package = engine.package();
    let ends = ends(package, acquired, stuck.end);
    let (name, wait) = (&ends.forgotten, &stuck.wait);
    let forgetter = package.fn_name(stuck.loss.id);
    let collected = acquired.model.acquires.as_ref().is_some_and(|a| a.gc_since.is_some());
    let never = match (stuck.partial, stuck.loss.how) {
        (true, _) => format!("if `{forgetter}` leaves without closing `{name}`"),
        (false, LossHow::Again(_) | LossHow::Overwritten | LossHow::Deferred(_)) => {
            format!("because `{name}` is not closed before another one takes its place")
        }
        (false, _) => format!("because nothing closes `{name}`"),
    };
    let message = if wait.is_callers() {
        format!("whoever reads what `{}` returns waits for ever {never}", package.fn_name(acquired.id))
    } else if wait.outside {
        format!("what is handed a pipe here can wait for ever {never}")
    } else {
        let tail = if collected { ", until the collector does" } else { "" };
        format!("this {} waits for ever {never}{tail}", ends.waits)
    };
    let sure = !wait.outside && !stuck.weak && !collected;
    Draft {
        rule: META.id,
        level: if sure { Level::Error } else { Level::Warning },
        at: wait.id,
        span: wait.span,
        message,
        clues: clues(package, acquired, stuck, &ends),
        help: help(engine, acquired, stuck, name),
        fixes: tells(engine, acquired, stuck, name).into_iter().chain(fix(package, acquired, stuck, name)).collect(),
    }
}

fn clues(package: &Package, acquired: &Acquired, stuck: &StuckPipe, ends: &Ends) -> Vec<Clue> {
    let (wait, loss, name) = (&stuck.wait, &stuck.loss, &ends.forgotten);
    let mut clues = vec![Clue::new(acquired.id.decl, acquired.span(), "the pipe is made here")];
    if let Some((id, span)) = stuck.waiter {
        clues.push(Clue::new(id.decl, package.head_of(id, span), "the goroutine that waits is started here"));
    }
    if let Some(holder) = &stuck.holder {
        let span = package.head_of(holder.caller, holder.span);
        clues.push(Clue::new(holder.caller.decl, span, format!("this goroutine has `{name}`")));
    }
    if !wait.is_callers() {
        clues.push(Clue::new(wait.id.decl, wait.span, ends.wakes));
    }
    let label = match loss.how {
        LossHow::Returns => format!("returns here without closing `{name}`"),
        LossHow::Ends => format!("{} ends here without closing `{name}`", package.fn_name(loss.id)),
        LossHow::Again(_) => format!("the next round makes another pipe, and `{name}` is not closed"),
        LossHow::Deferred(_) => format!("closing `{name}` is deferred to the end of the function, and the loop goes on"),
        LossHow::Overwritten => format!("another value takes the place of `{name}` here"),
        LossHow::Dropped => "nothing keeps this end".to_string(),
    };
    clues.push(Clue::new(loss.id.decl, loss.span, label));
    clues
}

/// Whether the forgotten end is a writer whose `Close` tells whoever reads that this was all.
fn ends_the_data(acquired: &Acquired, stuck: &StuckPipe) -> bool {
    acquired.model.results.get(stuck.end).is_some_and(|ty| ty == "*io.PipeWriter")
}

fn help(engine: &Engine<'_>, acquired: &Acquired, stuck: &StuckPipe, name: &str) -> String {
    if !ends_the_data(acquired, stuck) {
        return format!("`defer {name}.Close()` in the function that uses it last, or close it on this way out too");
    }
    match engine.error_at(&stuck.loss) {
        Some(error) => format!(
            "`{name}.CloseWithError({error})` on this way out too: after a plain `Close` what was read passes for all there is"
        ),
        None => format!(
            "close `{name}` on every way out, by `{name}.CloseWithError(err)` where something failed: after a plain `Close` what was read passes for all there is"
        ),
    }
}

/// `pw.CloseWithError(err)` before each return that forgets the writer, where each has an error at hand.
fn tells(engine: &Engine<'_>, acquired: &Acquired, stuck: &StuckPipe, name: &str) -> Option<Fix> {
    let package = engine.package();
    let local = acquired.call.results.get(stuck.end)?.as_ref()?.as_local()?;
    let mut edits = Vec::new();
    for loss in stuck.left.iter().filter(|_| ends_the_data(acquired, stuck)) {
        let (body, _) = package.func(loss.id).filter(|_| loss.id.decl == acquired.id.decl && loss.how == LossHow::Returns)?;
        if !body.names(local, loss.span.start) {
            return None;
        }
        let statement = format!("{name}.CloseWithError({})", engine.error_at(loss)?);
        edits.push(statement_above(&package.location(loss.id.decl, loss.span), &statement)?);
    }
    let title = format!("close {name} with the error");
    // The writer is done with where its function returns, unless something that writes through it lives on.
    let ends = stuck.left.first()?.id;
    let safety = if stuck.left.iter().any(|loss| loss.id != ends)
        || outlives(package, ends, acquired.span(), &[Place::local(local)], Held::Values)
    {
        Safety::Unsafe("something else may still write to it")
    } else {
        Safety::Safe
    };
    (!edits.is_empty()).then_some(Fix { title, safety, edits })
}

/// `defer pw.Close()` first in the goroutine that has the end, or below the pipe where its function has it alone.
fn fix(package: &Package, acquired: &Acquired, stuck: &StuckPipe, name: &str) -> Option<Fix> {
    let statement = format!("defer {name}.Close()");
    let edit = match &stuck.holder {
        Some(holder) if holder.id.decl == acquired.id.decl => {
            let (_, func) = package.func(holder.id)?;
            first_statement(&package.location(holder.id.decl, func.head), &statement)
        }
        None if stuck.own
            && !matches!(stuck.loss.how, LossHow::Again(_) | LossHow::Overwritten | LossHow::Deferred(_))
            && acquired.error.is_none() =>
        {
            statement_below(&package.location(acquired.id.decl, acquired.span()), &statement)
        }
        _ => None,
    }?;
    let owner = stuck.holder.as_ref().map_or(acquired.id, |holder| holder.id);
    let seed = acquired.call.results.get(stuck.end).cloned().flatten();
    // Only of the reading end of `io.Pipe` it is known that a reader reads from it, and that a writer is told that nobody does any more.
    let reads = acquired.model.results.get(stuck.end).is_some_and(|ty| ty == "*io.PipeReader");
    let safety = if !reads {
        Safety::Unsafe("what was written before something failed then passes for all there is")
    } else if seed.is_none_or(|seed| outlives(package, owner, acquired.span(), &[seed], Held::Values)) {
        Safety::Unsafe("something else may still read from it")
    } else {
        Safety::Safe
    };
    Some(Fix { title: format!("close {name} when its function returns"), safety, edits: vec![edit] })
}

/// A command that is started and not waited for: its process stays in the system's table, its copying goroutines until it ends.
fn command(engine: &Engine<'_>, acquired: &Acquired) -> Result<Draft, String> {
    let named = |p: &Place| place_name(engine.package(), acquired.id, p).is_some();
    if !acquired.holder.iter().chain(&acquired.known_as).any(named) {
        return Err("no variable holds it: it is fired and forgotten".into());
    }
    let lost = engine.lost(acquired, "it is waited for on every way out")?;
    let package = engine.package();
    let thing = engine.thing(acquired, "command");
    let message = match (lost.field, lost.partial, lost.marks.last()) {
        (Some((owner, field)), ..) => format!("nothing in the package waits for {owner}.{field}, so its process is never let go"),
        (None, true, Some(last)) => format!("{thing} is not waited for on every way out of {}", package.fn_name(last.id)),
        _ => format!("{thing} is started and never waited for, so its process is never let go"),
    };
    let mut clues = vec![Clue::new(acquired.id.decl, acquired.span(), "the command is started here")];
    clues.extend(engine.clues(&lost, WORDS));
    Ok(Draft {
        rule: META.id,
        level: if lost.partial { Level::Error } else { Level::Warning },
        at: acquired.id,
        span: acquired.span(),
        message,
        clues,
        help: "call its `Wait` on this way too (after `Process.Kill()` where it should not go on), in a goroutine if need be"
            .into(),
        fixes: Vec::new(),
    })
}
