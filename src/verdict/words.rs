//! The words of a finding, by the kind of its cause.

use super::step;
use crate::explore::{Kind, Leak, StepKind};
use crate::lint::Step;
use crate::types::World;

/// One sentence: what never ends, and why.
pub(super) fn message(world: &World, leak: &Leak) -> String {
    let what = match leak.kind {
        Kind::Send => "this send blocks forever",
        Kind::Receive => "this receive blocks forever",
        Kind::Select => "this select blocks forever",
        Kind::Lock => "this lock is never released",
        Kind::Group => "this wait never ends",
    };
    let partner = if leak.kind == Kind::Send { "receives" } else { "sends or closes" };
    if let Some(giver) = giver(leak) {
        return format!("{what} when the caller of `{}` stops receiving", giver.func);
    }
    match (leak.room, leaver(leak)) {
        (None, _) if leak.made.is_none() && leak.kind != Kind::Select => {
            let name = channel(world, leak).unwrap_or_else(|| "the channel".to_owned());
            format!("{what}: {name} is nil")
        }
        (_, Some(func)) => format!("{what} if `{func}` leaves here without it: nobody {partner} any more"),
        _ => format!("{what}: nobody {partner}"),
    }
}

/// What the code calls the channel of a plain send or receive.
fn channel(world: &World, leak: &Leak) -> Option<String> {
    let at = super::location(world, &leak.at)?;
    let text = at.file.slice(at.span);
    let name = if leak.kind == Kind::Send { text.split("<-").next()? } else { text.split("<-").nth(1)? };
    let name = name.trim();
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_');
    (!name.is_empty() && name.chars().all(plain)).then(|| format!("`{name}`"))
}

/// The function whose end took the last partner away.
fn leaver(leak: &Leak) -> Option<&str> {
    let decided = leak.events.get(leak.decided.clone()).unwrap_or_default();
    decided.iter().rev().find(|e| !e.own && e.what == StepKind::Left && !e.func.is_empty()).map(|e| &*e.func)
}

/// The return that gives the caller of the root the channel, where all hangs on what that caller does.
fn giver(leak: &Leak) -> Option<&crate::explore::Step> {
    leak.events.iter().rev().find(|e| leak.left && e.who == 0 && e.what == StepKind::Left)
}

/// What to do about it.
pub(super) fn help(leak: &Leak) -> String {
    match leak.kind {
        _ if leak.left => "let the caller end it: take a context, and send in a select with a case for its end".to_owned(),
        Kind::Send if leak.room.is_none() => "make the channel before it is used".to_owned(),
        Kind::Send => {
            "give the channel room for every send, receive on every path, or send in a select with a case that ends".to_owned()
        }
        _ => "close the channel or send on it on every path, or receive in a select with a case that ends".to_owned(),
    }
}

/// The argument, in the order in which it happens.
pub(super) fn steps(world: &World, leak: &Leak) -> Vec<Step> {
    let mut out = Vec::new();
    if let Some(made) = &leak.made {
        let room = match leak.room {
            Some(0) => "without a buffer".to_owned(),
            Some(n) => format!("with room for {n}"),
            None => String::new(),
        };
        out.extend(step(world, made, format!("the channel is made here, {room}")));
    }
    if let Some(born) = &leak.born {
        let label = if leak.caller { "a caller is in this method" } else { "the goroutine is started here" };
        out.extend(step(world, born, label.to_owned()));
    }
    let verb = match leak.kind {
        Kind::Send => "it waits here until the value is received",
        Kind::Receive => "it waits here for a value or a close",
        Kind::Select => "it waits here for one of the cases",
        Kind::Lock => "it waits here for the lock",
        Kind::Group => "it waits here for the count to reach zero",
    };
    out.extend(step(world, &leak.at, verb.to_owned()));
    if let Some(giver) = giver(leak) {
        let label = format!("`{}` gives its caller the channel here; nobody else receives from it", giver.func);
        out.extend(step(world, &giver.at, label));
        return out;
    }
    let decided = leak.events.get(leak.decided.clone()).unwrap_or_default();
    let turns: Vec<_> = decided.iter().filter(|e| said(e.what)).collect();
    // The last turns are the ones that matter; what came long before led there on every path.
    for event in turns.iter().skip(turns.len().saturating_sub(4)) {
        let label = match event.what {
            StepKind::Branch(true) => "this condition holds".to_owned(),
            StepKind::Branch(false) => "this condition does not hold".to_owned(),
            StepKind::Case => "this case is chosen".to_owned(),
            StepKind::Default => "the default is chosen, since no case is ready".to_owned(),
            StepKind::Sent => "this send comes first".to_owned(),
            StepKind::Received => "this receive takes the last value that it takes".to_owned(),
            StepKind::Closed => "this closes the channel".to_owned(),
            StepKind::Called => "a caller calls this".to_owned(),
            StepKind::Left => format!("`{}` leaves here", event.func),
            _ => continue,
        };
        out.extend(step(world, &event.at, label));
    }
    out.dedup_by(|a, b| a.at == b.at && a.label == b.label);
    out
}

fn said(what: StepKind) -> bool {
    matches!(
        what,
        StepKind::Branch(_)
            | StepKind::Case
            | StepKind::Default
            | StepKind::Sent
            | StepKind::Received
            | StepKind::Closed
            | StepKind::Called
            | StepKind::Left
    )
}
