//! A goroutine receives, and nobody is left to send or close.

use crate::fix::guard::done_case;
use crate::lint::{Context, Family, Level, Meta, Rule, Sink};
use crate::old::lifetime::askers::{self, Unanswered};
use crate::old::lifetime::guards::place_name;
use crate::old::lifetime::replies;
use crate::old::lifetime::starved::{Starved, Why};
use crate::old::lifetime::traps::call_chain;
use crate::old::lifetime::{Clue, Draft, SPAWN_TOKENS, lasting, spawns, started};
use crate::old::program::{ChanOpKind, Class, Frame, Package, Spawn};

/// The rule.
pub(super) struct BlockedReceive;

static META: Meta = Meta {
    id: "blocked-receive",
    summary: "A goroutine waits for a value that nothing sends any more",
    level: Level::Error,
    cwe: &[833, 772],
    triggers: SPAWN_TOKENS,
    docs: include_str!("README.md"),
    since: "0.1.0",
    family: Family::Channels,
};

impl Rule for BlockedReceive {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, cx: &Context<'_>, sink: &mut Sink) {
        let package = cx.package;
        // Counted first: channels of one function must be known as such before classes join them with what others hand in.
        let sheets = crate::old::lifetime::sheets(cx);
        let unanswered_all = askers::unanswered(package, spawns(cx));
        let told = |s: &Starved| unanswered_all.iter().any(|u| u.frame.id == s.at && u.span == s.span);
        for starved in &sheets.starved {
            if let Some(class) = starved.class.as_deref().filter(|_| package.wants_findings(starved.at.decl) && !told(starved)) {
                counted(package, spawns(cx), starved, class, sink);
            }
        }
        for found in unanswered_all.iter().filter(|u| package.wants_findings(u.frame.id.decl)) {
            sink.report(unanswered(package, found.spawn.map(|s| &spawns(cx)[s]), found).finish(package));
        }
        for found in replies::skipped(package, spawns(cx)).iter().filter(|u| package.wants_findings(u.wait.id.decl)) {
            sink.report(no_reply(package, &spawns(cx)[found.spawn], found).finish(package));
        }
    }
}

/// An answer that the server skips.
fn no_reply(package: &Package, server: &Spawn, found: &replies::Unanswered) -> Draft {
    let (wait, server_name) = (&found.wait, package.fn_name(found.taken.0));
    let name = place_name(package, wait.id, &wait.place).map_or("the channel".into(), |n| format!("`{n}`"));
    let at = |(id, span): (crate::old::program::FnId, crate::source::Span), label: String| Clue::new(id.decl, span, label);
    let mut clues: Vec<Clue> = made(&found.class, &name).into_iter().collect();
    clues.push(Clue::new(wait.id.decl, wait.span, "it waits here for the answer"));
    clues.push(started(package, server));
    clues.push(at(found.taken, format!("`{server_name}` takes the request here")));
    clues.push(at(found.answer, "it is answered here on other ways".into()));
    clues.push(at(found.skip, "this way goes on to the next request without an answer".into()));
    Draft {
        rule: META.id,
        level: Level::Error,
        at: wait.id,
        span: wait.span,
        message: format!("this receive blocks for ever if `{server_name}` goes on to the next request without answering"),
        clues,
        help: "answer on each way through the round, with an error if there is nothing else to say, or close the channel".into(),
        fixes: Vec::new(),
    }
}

fn channel_name(package: &Package, class: &Class) -> String {
    let named = class.ops.iter().find_map(|o| place_name(package, o.id, &o.place));
    named.map_or("the channel".into(), |n| format!("`{n}`"))
}

fn made(class: &Class, name: &str) -> Option<Clue> {
    class.makes().next().map(|(op, _)| Clue::new(op.id.decl, op.span, format!("{name} is made here")))
}

/// Nothing is ever done with the channel but to wait: that is how a program says that it wants to stay.
fn stays_on_purpose(class: &Class) -> bool {
    class.ops.iter().all(|o| matches!(o.kind, ChanOpKind::Make(_) | ChanOpKind::Recv))
}

fn counted(package: &Package, spawns: &[Spawn], starved: &Starved, class: &Class, sink: &mut Sink) {
    let name = channel_name(package, class);
    let owner = format!("`{}`", package.fn_name(starved.owner));
    let at = || package.location(starved.at.decl, starved.span);
    if starved.spawn.is_none() && starved.why == Why::NoSender && stays_on_purpose(class) {
        sink.pass(META.id, at, || "nothing is done with the channel but to wait: that is on purpose".into());
        return;
    }
    let mut clues: Vec<Clue> = made(class, &name).into_iter().collect();
    clues.extend(starved.spawn.map(|s| started(package, &spawns[s])));
    let mut level = Level::Error;
    let message = match &starved.why {
        Why::NoSender => format!("this receive blocks for ever: nothing sends on {name} or closes it"),
        Why::NeverClosed => format!("this range never ends: nobody closes {name}"),
        Why::TooFew => format!("this receive blocks for ever: more is received from {name} than is sent"),
        Why::Skipped(spawn, id, span) => {
            clues.push(started(package, &spawns[*spawn]));
            clues.push(Clue::new(id.decl, *span, format!("the goroutine leaves here without sending on {name} or closing it")));
            if starved.range {
                format!("this range never ends if the goroutine leaves without closing {name}")
            } else {
                format!("this receive blocks for ever if the goroutine leaves without sending on {name}")
            }
        }
        Why::Instead(spawn, id, span) => {
            level = Level::Warning;
            clues.push(started(package, &spawns[*spawn]));
            clues.push(Clue::new(id.decl, *span, format!("when this case is chosen, nothing is sent on {name}")));
            format!("this receive blocks for ever if the goroutine gives up sending on {name}")
        }
        Why::Round(id, span) => {
            clues.push(Clue::new(id.decl, *span, format!("a round of this loop can pass without a send on {name}")));
            format!("this receive blocks for ever: fewer values can be sent on {name} than are received")
        }
        Why::OwnerLeaves(id, span) => {
            clues.push(Clue::new(id.decl, *span, format!("{owner} leaves here without sending on {name} or closing it")));
            format!("this receive blocks for ever if {owner} leaves without sending on {name}")
        }
        Why::Itself(id, span) | Why::OwnerWaits(id, span) => {
            clues.push(Clue::new(id.decl, *span, format!("{owner} waits for the goroutine here, before it sends")));
            format!("this receive blocks for ever: {owner} waits for the goroutine before it sends on {name}")
        }
    };
    let receives = if starved.range { "it waits here for the next value" } else { "it waits here for a value" };
    clues.insert(clues.len().min(usize::from(starved.spawn.is_some()) + 1), Clue::new(starved.at.decl, starved.span, receives));
    let sends = class.ops.iter().filter(|o| o.kind == ChanOpKind::Send).take(2);
    clues.extend(sends.map(|o| Clue::new(o.id.decl, o.span, format!("{name} is sent on here"))));
    // A program that waits on purpose is no leak; one that waits for its own goroutines in vain hangs.
    let kept = starved.why == Why::NoSender && lasting::once(package, starved.owner, crate::old::ir::BlockId(0)).is_some();
    let help = match &starved.why {
        _ if starved.range => format!("close {name} once nothing more is sent on it, after the senders are done"),
        Why::TooFew | Why::Round(..) => format!("receive from {name} as often as is sent, or close it after the last send"),
        Why::OwnerWaits(..) => format!("send on {name} before waiting for the goroutine"),
        _ => format!("close {name} with `defer` where it is sent on, or receive in a `select` with `ctx.Done()`"),
    };
    let spawn = starved.spawn.map(|s| &spawns[s]);
    let frame = match spawn {
        Some(spawn) if spawn.body == Some(starved.at) => Frame::root(spawn.owner).call(starved.at, &spawn.call),
        _ => Some(Frame::root(starved.at)),
    };
    // Where somebody sends after all, who no longer receives would leave the sender waiting.
    let frame = frame.filter(|_| matches!(starved.why, Why::NoSender | Why::TooFew));
    let draft = Draft {
        rule: META.id,
        level: if kept { Level::Note } else { level },
        at: starved.at,
        span: starved.span,
        message,
        clues,
        help,
        fixes: frame.and_then(|frame| done_case(package, &frame, &[starved.span])).into_iter().collect(),
    };
    sink.report(draft.finish(package));
}

/// On a channel that others share, or on none at all.
fn unanswered(package: &Package, spawn: Option<&Spawn>, found: &Unanswered) -> Draft {
    let id = found.frame.id;
    let name = place_name(package, id, &found.place).map_or("the channel".into(), |n| format!("`{n}`"));
    let mut clues: Vec<Clue> = spawn.map(|s| started(package, s)).into_iter().collect();
    clues.extend(call_chain(&found.frame).into_iter().map(|(id, span)| Clue::new(id.decl, span, "it calls this")));
    clues.push(Clue::new(id.decl, found.span, "it waits here for a value"));
    clues.extend(found.clues.iter().cloned());
    let once = spawn.is_some_and(|s| lasting::once(package, s.owner, s.block).is_some());
    Draft {
        rule: META.id,
        level: if once { Level::Note } else { Level::Error },
        at: id,
        span: found.span,
        message: if found.own_end {
            format!("this receive blocks for ever: the goroutine waits for {name}, which it closes itself when it ends")
        } else {
            format!("this receive blocks for ever: nothing can ever come from {name}")
        },
        clues,
        help: if found.own_end {
            "let the goroutine leave without waiting for itself: what it calls here is for others".into()
        } else {
            format!("close {name} or send on it, or receive in a `select` with `ctx.Done()`")
        },
        fixes: done_case(package, &found.frame, &[found.span]).into_iter().filter(|_| !found.own_end).collect(),
    }
}
