//! A goroutine sends on a channel whose receiver can be gone.

mod room;
mod slots;

use crate::fix::guard::done_case;
use crate::lint::{Context, Edit, Family, Fix, Level, Meta, Rule, Sink};
use crate::old::lifetime::abandoned::{Abandoned, abandoned};
use crate::old::lifetime::balance::{self, FanIn, Leak, receivers};
use crate::old::lifetime::guards::place_name;
use crate::old::lifetime::hang;
use crate::old::lifetime::readers::{self, Lost};
use crate::old::lifetime::traces::End;
use crate::old::lifetime::traps::call_chain;
use crate::old::lifetime::{Clue, Draft, SPAWN_TOKENS, lasting, spawns, started};
use crate::old::program::{Class, FnId, Frame, Package, Spawn};
use crate::source::Span;
use std::rc::Rc;

/// The rule.
pub(super) struct BlockedSend;

static META: Meta = Meta {
    id: "blocked-send",
    summary: "A goroutine sends on a channel whose receiver can return first",
    level: Level::Error,
    cwe: &[833, 772],
    triggers: SPAWN_TOKENS,
    docs: include_str!("README.md"),
    since: "0.1.0",
    family: Family::Channels,
};

impl Rule for BlockedSend {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, cx: &Context<'_>, sink: &mut Sink) {
        let package = cx.package;
        let spawns = spawns(cx);
        let sheets = crate::old::lifetime::sheets(cx);
        let (lost, passed) = crate::old::lifetime::lost_sends(cx);
        let (slots, unclear) = crate::old::lifetime::slots::kept(package, spawns);
        for slot in slots.iter().filter(|s| package.wants_findings(s.taken.0.decl)) {
            sink.report(slots::kept(package, spawns, slot).finish(package));
        }
        // Channels in fields are asked about in both ways, and how the reader leaves says more than a count.
        let told = |l: &Leak| {
            lost.iter().any(|o| o.frame.id.decl == l.at.decl && o.span == l.span)
                || slots.iter().any(|s| s.taken == (l.at, l.span))
        };
        // Where the goroutine waits before that for a channel that the same way out leaves open, it never comes to the send.
        let counts = |l: &&Leak| package.wants_findings(l.at.decl) && !told(l) && !sheets.is_behind_range(package, l);
        let gone = abandoned(package, spawns);
        for leak in sheets.leaks.iter().filter(counts) {
            let counted = counted(package, spawns, leak);
            // Where others read, how they leave says more than the count does.
            let plain = leak.received.is_empty() && leak.instead.is_empty();
            let left = gone.iter().find(|a| plain && (a.at, a.span) == (leak.at, leak.span));
            let draft = match left {
                // That the sender gives up with its caller's context does not mend it.
                Some(left) => Draft { level: counted.level, ..given_up(package, &spawns[left.spawn], left) },
                None => counted,
            };
            sink.report(draft.finish(package));
        }
        for fan_in in sheets.fan_ins.iter().filter(|f| package.wants_findings(f.at.decl)) {
            sink_fan_in(package, &spawns[fan_in.spawn], fan_in, sink);
        }
        for g in &sheets.given_up {
            sink.pass(META.id, || package.location(g.owner.decl, g.span), || g.reason.into());
        }
        for lost in lost.iter().filter(|l| package.wants_findings(l.frame.id.decl)) {
            sink.report(lost_send(package, &spawns[lost.spawn], lost).finish(package));
        }
        for left in gone.iter().filter(|a| package.wants_findings(a.at.decl)) {
            // Counted already, and with more to say.
            if !sheets.leaks.iter().any(|l| Rc::ptr_eq(&l.class, &left.class) || l.at == left.at && l.span == left.span) {
                sink.report(given_up(package, &spawns[left.spawn], left).finish(package));
            }
        }
        for p in passed.iter().chain(&unclear) {
            sink.pass(META.id, || package.location(p.at.decl, p.span), || p.reason.clone());
        }
    }
}

fn channel_name(package: &Package, class: &Class) -> String {
    let named = class.ops.iter().find_map(|o| place_name(package, o.id, &o.place));
    named.map_or("the channel".into(), |n| format!("`{n}`"))
}

fn made(package: &Package, class: &Class) -> Option<Clue> {
    let (op, cap) = class.makes().next()?;
    let room = match cap {
        crate::old::ir::Cap::Zero => "the channel is made here, without a buffer".to_string(),
        crate::old::ir::Cap::Const(n) => format!("the channel is made here, with room for {n}"),
        crate::old::ir::Cap::Expr(_) => "the channel is made here, with a buffer".to_string(),
    };
    let _ = package;
    Some(Clue::new(op.id.decl, op.span, room))
}

fn counted(package: &Package, spawns: &[Spawn], leak: &Leak) -> Draft {
    let name = channel_name(package, &leak.class);
    let owner = format!("`{}`", package.fn_name(leak.owner));
    let spawn = leak.spawn.map(|s| &spawns[s]);
    let mut clues: Vec<Clue> = made(package, &leak.class).into_iter().collect();
    clues.extend(spawn.map(|s| started(package, s)));
    let unread = receivers(&leak.class).next().is_none();
    let elsewhere = receivers(&leak.class).any(|r| r.id != leak.owner);
    clues.push(Clue::new(leak.at.decl, leak.span, "it waits here until somebody receives"));
    clues.extend(leak.also.iter().take(3).map(|(id, span)| Clue::new(id.decl, *span, "this send can wait for ever as well")));
    let receive = |(id, span): &(FnId, Span)| Clue::new(id.decl, *span, format!("`{}` receives here", package.fn_name(*id)));
    clues.extend(leak.received.iter().map(receive));
    let case = if leak.answered {
        format!("when this case is chosen, the goroutine goes on to its next send, and nothing is received from {name}")
    } else {
        "when this case is chosen, nothing is received".to_string()
    };
    clues.extend(leak.instead.iter().map(|(id, span)| Clue::new(id.decl, *span, case.clone())));
    let message = match &leak.why {
        balance::Why::WayOut(End::Return(id, span)) => {
            if !unread {
                let after = if elsewhere { "and too few receives are left" } else { "and nobody receives any more" };
                clues.push(Clue::new(id.decl, *span, format!("{owner} leaves here, {after}")));
            }
            match (unread, leak.received.is_empty()) {
                (false, true) if elsewhere => format!("this send blocks for ever: more is sent on {name} than is received"),
                (true, _) => format!("this send blocks for ever: nothing receives from {name}"),
                (false, true) => format!("this send blocks for ever if {owner} leaves without receiving from {name}"),
                (false, false) => {
                    format!("this send blocks for ever: more is sent on {name} than {owner} receives before it leaves")
                }
            }
        }
        balance::Why::WayOut(_) => {
            format!("this send blocks for ever: the next round makes a new {name} and nobody receives from this one")
        }
        balance::Why::WaitsFirst(id, span, false) => {
            clues.push(Clue::new(id.decl, *span, format!("{owner} waits for the goroutine here")));
            if unread {
                format!("this send blocks for ever: nothing receives from {name}")
            } else {
                format!("this send blocks for ever: more is sent on {name} than is received")
            }
        }
        balance::Why::WaitsFirst(id, span, true) => {
            clues.push(Clue::new(id.decl, *span, format!("{owner} waits for the goroutine here, before it receives")));
            format!("this send blocks for ever: {owner} waits for the goroutine before it receives from {name}")
        }
        balance::Why::Outnumbered => format!("this send blocks for ever: more is sent on {name} than is ever received"),
        balance::Why::BeforeReader => format!("this send blocks for ever: nothing can receive from {name} yet"),
    };
    let once = lasting::once(package, leak.owner, crate::old::ir::BlockId(0)).is_some();
    let level = match (once, leak.may_agree) {
        (true, _) => Level::Note,
        (_, true) => Level::Warning,
        _ => Level::Error,
    };
    let help = if leak.answered {
        format!("return after the first answer, give {name} a buffer of one, or send in a `select` with `ctx.Done()`")
    } else if leak.sent.as_const() == Some(1) {
        format!("give {name} a buffer of one, so that the send never waits, or send in a `select` with `ctx.Done()`")
    } else if !leak.beside.is_empty() {
        let others: Vec<String> = leak.beside.iter().map(|class| channel_name(package, class)).collect();
        format!("give {name} and {} room for what is sent on each, or send in a `select` with `ctx.Done()`", others.join(" and "))
    } else {
        format!(
            "give {name} room for everything that is sent, receive until it is closed, or send in a `select` with `ctx.Done()`"
        )
    };
    Draft {
        rule: META.id,
        level,
        at: leak.at,
        span: leak.span,
        message,
        clues,
        help,
        fixes: buffer_fix(package, spawns, leak).into_iter().chain(guard_fix(package, spawn, leak)).collect(),
    }
}

/// The sends of a goroutine give up when a context is done.
fn guard_fix(package: &Package, spawn: Option<&Spawn>, leak: &Leak) -> Option<Fix> {
    let spawn = spawn.filter(|s| s.body == Some(leak.at))?;
    let frame = Frame::root(spawn.owner).call(leak.at, &spawn.call)?;
    let also = leak.also.iter().map(|(id, span)| (*id == leak.at).then_some(*span));
    let waits: Vec<Span> = std::iter::once(Some(leak.span)).chain(also).collect::<Option<_>>()?;
    done_case(package, &frame, &waits)
}

/// Room for a known number of late sends.
fn buffer_fix(package: &Package, spawns: &[Spawn], leak: &Leak) -> Option<Fix> {
    let sent = leak.sent.as_const().filter(|n| (1..=4).contains(n))?;
    leak.spawn?;
    let (op, cap) = leak.class.makes().next()?;
    let text = package.file(op.id.decl).src.slice(op.span);
    if *cap != crate::old::ir::Cap::Zero || !text.ends_with(')') || text.contains(',') {
        return None;
    }
    let at = Span { start: op.span.end - 1, end: op.span.end - 1 };
    let edit = Edit { at: package.location(op.id.decl, at), text: format!(", {sent}") };
    Some(Fix {
        title: format!("make room for {sent} in the channel"),
        safety: room::safety(package, spawns, leak),
        edits: vec![edit],
    })
}

/// The reader waits for every sender, and a sender may never come to its send: then the others, and the reader, wait with it.
fn sink_fan_in(package: &Package, spawn: &Spawn, fan_in: &FanIn, sink: &mut Sink) {
    let at = || package.location(fan_in.at.decl, fan_in.span);
    let frame = spawn.body.filter(|b| *b == fan_in.at).and_then(|b| Frame::root(spawn.owner).call(b, &spawn.call));
    let Some(hangs) = frame.and_then(|f| hang::before_send(package, &f, fan_in.span)) else {
        sink.pass(META.id, at, || "sends and receives come out even, and nothing is known that could hold a sender up".into());
        return;
    };
    let name = channel_name(package, &fan_in.class);
    let owner = format!("`{}`", package.fn_name(fan_in.owner));
    let mut clues: Vec<Clue> = made(package, &fan_in.class).into_iter().collect();
    clues.push(started(package, spawn));
    clues.push(hangs);
    clues.push(Clue::new(fan_in.at.decl, fan_in.span, "only then it sends here"));
    clues.push(Clue::new(
        fan_in.receive.0.decl,
        fan_in.receive.1,
        format!("{owner} waits here for every one of them, and for nothing else"),
    ));
    let once = lasting::once(package, fan_in.owner, crate::old::ir::BlockId(0)).is_some();
    let draft = Draft {
        rule: META.id,
        level: if once { Level::Note } else { Level::Warning },
        at: fan_in.at,
        span: fan_in.span,
        message: format!("if one of these goroutines hangs before it sends, {owner} waits on {name} for ever"),
        clues,
        help: format!(
            "bound the slow call with a context, give {name} room for every result, and receive in a `select` with `ctx.Done()`"
        ),
        fixes: Vec::new(),
    };
    sink.report(draft.finish(package));
}

/// The readers are goroutines that can all have left, and the sender does not notice.
fn given_up(package: &Package, readers: &Spawn, left: &Abandoned) -> Draft {
    let name = place_name(package, left.at, &left.place).map_or("the channel".into(), |n| format!("`{n}`"));
    let mut clues: Vec<Clue> = made(package, &left.class).into_iter().collect();
    clues.push(Clue { label: "a goroutine that reads is started here".into(), ..started(package, readers) });
    clues.extend(left.leaves.iter().take(4).cloned());
    clues.push(Clue::new(left.at.decl, left.span, "it waits here until somebody receives"));
    clues.extend(left.guard.clone());
    clues.extend(left.also.iter().take(3).map(|(id, span)| Clue::new(id.decl, *span, "it can wait here as well")));
    let once = lasting::once(package, readers.owner, readers.block).is_some();
    Draft {
        rule: META.id,
        level: if once { Level::Note } else { Level::Warning },
        at: left.at,
        span: left.span,
        message: format!("this send blocks for ever once every reader of {name} has left"),
        clues,
        help: "send in a `select` with what ends when a reader leaves: the context of the group, or one that the readers cancel"
            .into(),
        fixes: Vec::new(),
    }
}

fn lost_send(package: &Package, spawn: &Spawn, lost: &Lost) -> Draft {
    let name = place_name(package, lost.frame.id, &lost.place).map_or("the channel".into(), |n| format!("`{n}`"));
    let mut clues = vec![started(package, spawn)];
    clues.extend(made(package, &lost.class));
    clues.extend(call_chain(&lost.frame).into_iter().map(|(id, span)| Clue::new(id.decl, span, "it calls this")));
    clues.push(Clue::new(lost.frame.id.decl, lost.span, "it waits here until somebody receives"));
    clues.extend(lost.also.iter().take(3).map(|(id, span)| Clue::new(id.decl, *span, "it can wait here as well")));
    let (level, message) = match &lost.why {
        readers::Why::NoReceiver => (Level::Error, format!("this send blocks for ever: nothing receives from {name}")),
        readers::Why::CallerMayStop(id) => {
            let head = package.func(*id).map(|(_, f)| f.head).unwrap_or_default();
            clues.push(Clue::new(id.decl, head, "callers get the channel from here, and may stop receiving"));
            (Level::Warning, format!("this send blocks for ever when the caller of `{}` stops receiving", package.fn_name(*id)))
        }
        readers::Why::ReadersLeave(how) => {
            clues.extend(how.iter().take(4).cloned());
            (Level::Warning, format!("this send blocks for ever once the reader of {name} has left"))
        }
    };
    let level = if lasting::once(package, spawn.owner, spawn.block).is_some() { Level::Note } else { level };
    let also = lost.also.iter().map(|(id, span)| (*id == lost.frame.id).then_some(*span));
    let waits: Option<Vec<Span>> = std::iter::once(Some(lost.span)).chain(also).collect();
    let fixes = waits.and_then(|waits| done_case(package, &lost.frame, &waits)).into_iter().collect();
    Draft {
        rule: META.id,
        level,
        at: lost.frame.id,
        span: lost.span,
        message,
        clues,
        help: "send in a `select` with a second case on `ctx.Done()` or a done channel that returns".into(),
        fixes,
    }
}
