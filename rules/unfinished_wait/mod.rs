//! A wait for a group, or for a condition, that never ends.

use crate::lint::{Context, Edit, Family, Fix, Level, Meta, Rule, Safety, Sink};
use crate::old::ir::{OpKind, Term};
use crate::old::lifetime::conds::{self, Nested, Unsignalled, Unwoken};
use crate::old::lifetime::starved::{Starved, Why};
use crate::old::lifetime::waits::{self, Fault};
use crate::old::lifetime::{Clue, Draft, SPAWN_TOKENS, spawns, started};
use crate::old::program::{FnId, Package, Spawn};
use crate::source::Span;

/// The rule.
pub(super) struct UnfinishedWait;

const COND: &[&str] = &["NewCond("];
const LIMIT: &[&str] = &[".SetLimit("];

static META: Meta = Meta {
    id: "unfinished-wait",
    summary: "A wait for a group or condition that is never counted down or signalled",
    level: Level::Error,
    cwe: &[833, 772],
    triggers: &[SPAWN_TOKENS[0], SPAWN_TOKENS[1], SPAWN_TOKENS[2], COND[0], LIMIT[0]],
    docs: include_str!("README.md"),
    since: "0.1.0",
    family: Family::Channels,
};

impl Rule for UnfinishedWait {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, cx: &Context<'_>, sink: &mut Sink) {
        let package = cx.package;
        let spawns = spawns(cx);
        let (found, passed) = waits::unfinished(package, spawns);
        for unfinished in &found {
            let draft = draft(package, spawns, &unfinished.name, &unfinished.fault);
            if package.wants_findings(draft.at.decl) {
                sink.report(draft.finish(package));
            }
        }
        for p in &passed {
            sink.pass(META.id, || package.location(p.at.0.decl, p.at.1), || p.reason.clone());
        }
        let conds = package.triggered(|token| cx.is_token(token, COND));
        for found in conds::unsignalled(package, &conds).iter().filter(|u| package.wants_findings(u.wait.0.decl)) {
            sink.report(unsignalled(found).finish(package));
        }
        for found in conds::unwoken(package, &conds).iter().filter(|u| package.wants_findings(u.set.0.decl)) {
            sink.report(unwoken(package, found).finish(package));
        }
        let limits = package.triggered(|token| cx.is_token(token, LIMIT));
        for found in conds::nested(package, spawns, &limits).iter().filter(|n| package.wants_findings(n.start.0.decl)) {
            sink.report(nested(package, spawns, found).finish(package));
        }
    }
}

/// A flag that ends a wait, set where nobody is woken to see it.
fn unwoken(package: &Package, found: &Unwoken) -> Draft {
    let Unwoken { set, wait, woken, name, flag } = found;
    let clues = vec![
        clue(*set, format!("`{flag}` is set here, and {} wakes nobody", package.fn_name(set.0))),
        clue(*wait, format!("who waits here asks for `{flag}` when woken")),
        clue(*woken, "others are woken here"),
    ];
    let message = format!("`{flag}` ends the wait for `{name}`, but whoever waits there is not woken to see it");
    let help = format!("call `{name}.Broadcast()` after `{flag}` is set");
    build(*set, Level::Warning, message, clues, help, Vec::new())
}

fn clue(at: (FnId, Span), label: impl Into<String>) -> Clue {
    Clue::new(at.0.decl, at.1, label)
}

fn draft(package: &Package, spawns: &[Spawn], name: &str, fault: &Fault) -> Draft {
    match fault {
        Fault::Stuck(starved) => stuck(package, spawns, name, starved),
        Fault::Skipped { spawn, out, wait } => {
            let mut clues = vec![clue(*wait, format!("it waits here until all that was added to `{name}` is done"))];
            clues.push(started(package, &spawns[*spawn]));
            clues.push(clue(*out, "the goroutine leaves here without `Done`"));
            let message = format!("this wait never ends if the goroutine leaves without `{name}.Done()`");
            build(*wait, Level::Error, message, clues, defer_help(name), Vec::new())
        }
        Fault::Copy { done, made, wait } => {
            let mut clues = vec![made.clone(), clue(*done, "only the copy is counted down")];
            clues.extend(wait.map(|w| clue(w, "the original is waited for here")));
            let message = format!("this counts down a copy of `{name}`: whoever waits for the original waits for ever");
            let help = "take a pointer, `*sync.WaitGroup`, or use a pointer receiver";
            build(*done, Level::Error, message, clues, help.into(), Vec::new())
        }
        Fault::LateAdd { spawn, add, wait } => {
            let clues = vec![
                started(package, &spawns[*spawn]),
                clue(*add, "only here, when it runs, it is counted"),
                clue(*wait, "who comes here before that does not wait for it"),
            ];
            let message = format!("`{name}.Wait()` can return before this goroutine is counted, and nothing waits for it then");
            let help = format!("call `{name}.Add(1)` before the `go` statement, or start the goroutine with `{name}.Go`");
            build(*add, Level::Warning, message, clues, help, Vec::new())
        }
    }
}

fn build(at: (FnId, Span), level: Level, message: String, clues: Vec<Clue>, help: String, fixes: Vec<Fix>) -> Draft {
    Draft { rule: META.id, level, at: at.0, span: at.1, message, clues, help, fixes }
}

fn defer_help(name: &str) -> String {
    format!("put `defer {name}.Done()` first in the goroutine, so that it is counted down on every way out")
}

fn stuck(package: &Package, spawns: &[Spawn], name: &str, starved: &Starved) -> Draft {
    let at = (starved.at, starved.span);
    let mut clues: Vec<Clue> = starved.spawn.map(|s| started(package, &spawns[s])).into_iter().collect();
    clues.push(clue(at, format!("it waits here until all that was added to `{name}` is done")));
    let mut fixes = Vec::new();
    let (message, help) = match &starved.why {
        Why::Skipped(spawn, id, span) | Why::Instead(spawn, id, span) => {
            clues.push(started(package, &spawns[*spawn]));
            clues.push(clue((*id, *span), format!("the goroutine leaves here without `{name}.Done()`")));
            fixes.extend(defer_fix(package, &spawns[*spawn], name));
            (format!("this wait never ends if the goroutine leaves without `{name}.Done()`"), defer_help(name))
        }
        Why::Round(id, span) => {
            clues.push(clue((*id, *span), "a round of this loop can pass without what is added being done"));
            let help = format!("call `{name}.Add(1)` right before each goroutine is started, not for all of them at once");
            (format!("this wait never ends: more can be added to `{name}` than is done"), help)
        }
        Why::Itself(id, span) => {
            clues.push(clue((*id, *span), format!("it would count `{name}` down only here, after its wait")));
            let help = format!("wait for `{name}` in a goroutine that is not counted in it");
            (format!("this wait never ends: the goroutine is itself counted in `{name}`"), help)
        }
        _ => {
            let help = format!("add to `{name}` as often as `Done` is called");
            (format!("this wait never ends: more is added to `{name}` than is ever done"), help)
        }
    };
    build(at, Level::Error, message, clues, help, fixes)
}

/// `defer wg.Done()` at the top of the goroutine, instead of the call that ends it.
fn defer_fix(package: &Package, spawn: &Spawn, name: &str) -> Option<Fix> {
    let id = spawn.body.filter(|b| b.decl == spawn.owner.decl)?;
    let (_, func) = package.func(id)?;
    let text = format!("{name}.Done()");
    let src = &package.file(id.decl).src;
    let mut calls = func.ops().filter(|(_, _, op)| matches!(op.kind, OpKind::Call(_)) && src.slice(op.span) == text);
    let (block, index, op) = calls.next()?;
    let last = func.block(block);
    let is_last = index + 1 == last.ops.len() && matches!(last.term, Term::Return(_));
    let plain = calls.next().is_none() && func.params.is_empty();
    // Only the last statement of the function: what follows it would run before `Done` then.
    let after = src.slice(Span { start: op.span.end, end: func.span.end });
    if !is_last || !plain || after.trim() != "}" {
        return None;
    }
    let head = src.slice(Span { start: func.head.end, end: op.span.start });
    let brace = func.head.end + u32::try_from(head.find('{')?).ok()?;
    let line_start = src.text.get(..op.span.start as usize)?.rfind('\n')? + 1;
    let indent = src.text.get(line_start..op.span.start as usize).filter(|t| t.trim().is_empty())?;
    let line_end = op.span.end as usize + src.text.get(op.span.end as usize..)?.find('\n')? + 1;
    let at = |start: usize, end: usize| package.location(id.decl, Span::new(start, end));
    let edits = vec![
        Edit { at: at(brace as usize + 1, brace as usize + 1), text: format!("\n{indent}defer {text}") },
        Edit { at: at(line_start, line_end), text: String::new() },
    ];
    // The group may say that a stage is ready, and not that somebody is through.
    let safety = Safety::Unsafe("what waits then goes on where the goroutine has failed, too");
    Some(Fix { title: format!("defer `{text}`"), safety, edits })
}

fn unsignalled(found: &Unsignalled) -> Draft {
    let name = &found.name;
    let clues = vec![
        Clue::new(found.made.0, found.made.1, "the condition is made here"),
        clue(found.wait, "it waits here for `Signal` or `Broadcast`, and nothing calls either"),
    ];
    let message = format!("this wait never ends: nothing signals `{name}`");
    let help = format!("call `{name}.Broadcast()` or `{name}.Signal()` where what is waited for changes");
    build(found.wait, Level::Error, message, clues, help, Vec::new())
}

fn nested(package: &Package, spawns: &[Spawn], found: &Nested) -> Draft {
    let name = &found.name;
    let clues = vec![
        clue(found.limit, format!("`{name}` runs no more goroutines than this at a time")),
        started(package, &spawns[found.spawn]),
        clue(found.start, "it waits here for a place, and holds one itself"),
    ];
    let level = if found.number == Some(1) { Level::Error } else { Level::Warning };
    let message = format!("this start blocks for ever once all places of `{name}` are held by goroutines that come to it");
    let help = format!("start nested work in a group of its own, or use `{name}.TryGo` and do the work in place where it fails");
    build(found.start, level, message, clues, help, Vec::new())
}
