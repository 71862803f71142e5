//! A goroutine outlives the request or call that started it, and nothing bounds what it does.

use crate::lifetime::traps::traps;
use crate::lifetime::{Clue, Draft, SPAWN_TOKENS, lasting, spawns, started};
use crate::lint::{Context, Level, Meta, Rule, Sink};
use crate::obligation::joins::{Awaited, awaited};
use crate::obligation::limits::{InScope, context_in_scope, tell_of_endless_context};
use crate::obligation::slow::{Proof, Slow, slow};
use crate::program::{Package, Spawn, SpawnHow};
use crate::source::Span;

/// The rule.
pub(super) struct IgnoredContext;

static META: Meta = Meta {
    id: "ignored-context",
    summary: "A goroutine outlives the call that started it, and nothing bounds what it does",
    level: Level::Warning,
    cwe: &[400, 772],
    triggers: SPAWN_TOKENS,
    docs: include_str!("README.md"),
    since: "0.1.0",
};

impl Rule for IgnoredContext {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, cx: &Context<'_>, sink: &mut Sink) {
        let package = cx.package;
        for spawn in spawns(cx).iter().filter(|s| package.wants_findings(s.owner.decl)) {
            let Some(ctx) = context_in_scope(package, spawn.owner.decl, spawn.owner.func, spawn.span.start) else { continue };
            match look(package, spawn, &ctx) {
                Ok(draft) => sink.report(draft.finish(package)),
                Err(why) => sink.pass(META.id, || package.location(spawn.owner.decl, spawn.span), || why),
            }
        }
    }
}

/// What there is to say of a goroutine that is started where a context is at hand, or why nothing is.
fn look(package: &Package, spawn: &Spawn, ctx: &InScope) -> Result<Draft, String> {
    match &spawn.how {
        SpawnHow::Go => {}
        SpawnHow::Library(name) if name.ends_with(".Go") => {}
        SpawnHow::Library(name) => return Err(format!("`{name}` decides when it runs")),
        SpawnHow::Wrapper(id) => return Err(format!("{} may keep track of it", package.fn_name(*id))),
    }
    if let Some(why) = lasting::once(package, spawn.owner, spawn.block) {
        return Err(format!("it lives as long as the process: {why}"));
    }
    let leaves = match awaited(package, spawn) {
        Awaited::Yes => return Err("the function that starts it waits for it".into()),
        Awaited::Elsewhere(why) => return Err(why),
        Awaited::No(span) => span,
    };
    let all = slow(package, spawn);
    let Some(most) = all.iter().map(|s| s.proof).max() else { return Err("nothing in it can take long without a bound".into()) };
    if !traps(package, spawn).is_empty() {
        return Err("it never ends, of which other rules speak".into());
    }
    match all.into_iter().find(|s| s.proof == most) {
        Some(slow) => Ok(draft(package, spawn, ctx, &slow, leaves)),
        None => Err("nothing in it can take long without a bound".into()),
    }
}

fn draft(package: &Package, spawn: &Spawn, ctx: &InScope, slow: &Slow, leaves: Span) -> Draft {
    let decl = spawn.owner.decl;
    let owner = package.fn_name(spawn.owner);
    let (at, span) = slow.chain.first().copied().unwrap_or((slow.id, slow.span));
    let mut clues = vec![Clue::new(decl, ctx.span, "this context ends when its caller does"), started(package, spawn)];
    clues.extend(slow.chain.iter().map(|(id, span)| Clue::new(id.decl, *span, "it calls this")));
    clues.extend(slow.clues.iter().cloned());
    let certain = slow.proof == Proof::Waits;
    let label = if certain { "it can wait here for long" } else { "what this does is not in view" };
    clues.push(Clue::new(slow.id.decl, slow.span, label));
    clues.push(Clue::new(decl, leaves, format!("{owner} leaves here without waiting for it")));
    let reason = match (tell_of_endless_context(&slow.clues), certain) {
        (true, _) => format!("is given a context that never ends, though {} is at hand", ctx.text),
        (false, true) => format!("can take long, and {} does not reach it", ctx.text),
        (false, false) => format!("may take long, and {} does not reach it", ctx.text),
    };
    Draft {
        rule: META.id,
        level: if certain { Level::Warning } else { Level::Note },
        at,
        span,
        message: format!("{} {reason}: this goroutine outlives {owner} without a bound", slow.what),
        clues,
        help: help(ctx),
        fixes: Vec::new(),
    }
}

fn help(ctx: &InScope) -> String {
    let text = &ctx.text;
    format!("hand {text} down to the slow call; if the work must outlive its caller, `context.WithTimeout(context.WithoutCancel({text}), …)`")
}
