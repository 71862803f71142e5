//! Words for locks and the calls that lead to them.

use crate::lint::Level;
use crate::old::lifetime::locks::{At, Crossed, Held, Locks, Mode, Placed, Subscribed, WaitKind, When};
use crate::old::lifetime::{Clue, Draft};

/// The lock as the code names it.
pub(super) fn name_of(locks: &Locks<'_>, held: &Held) -> String {
    let spelled = locks.spell(held.at.id.decl, &held.key);
    match locks.text(held.at) {
        // An alias is told by its right name, and what has none by how it is locked.
        Some(text) if !spelled.contains('.') || spelled == text || spelled.starts_with(&format!("{text}.")) => text,
        _ => spelled,
    }
}

/// The first step: where it is locked.
pub(super) fn locked(locks: &Locks<'_>, held: &Held) -> Clue {
    let how = if held.mode == Mode::Read { "locked for reading" } else { "locked" };
    Clue::new(held.at.id.decl, held.at.span, format!("`{}` is {how} here", name_of(locks, held)))
}

/// The second lock of an order, as the function that holds the first would name it.
pub(super) fn taken(locks: &Locks<'_>, placed: &Placed) -> String {
    let take = &placed.order.then;
    let held = Held { key: take.key.clone(), mode: take.mode, at: take.at };
    if take.via.is_empty() { name_of(locks, &held) } else { locks.spell(placed.id.decl, &take.key) }
}

/// The steps of one order.
pub(super) fn order(placed: &Placed, first: &str, then: &str) -> Vec<Clue> {
    let held = &placed.order.first.at;
    let take = &placed.order.then;
    let mut clues = vec![Clue::new(held.id.decl, held.span, format!("`{first}` is locked here"))];
    clues.extend(take.via.iter().map(|call| Clue::new(call.id.decl, call.span, "this is called with the lock held")));
    clues.push(Clue::new(take.at.id.decl, take.at.span, format!("then `{then}` here")));
    clues
}

/// What to do about a lock that is taken twice.
pub(super) fn advice(locks: &Locks<'_>, call: Option<At>, at: At, name: &str) -> String {
    match call {
        Some(_) => {
            let callee = locks.package().fn_name(at.id);
            format!("unlock `{name}` before the call, or give {callee} a variant for callers that hold the lock")
        }
        None => format!("unlock `{name}` before it is locked again"),
    }
}

/// A send under a lock to those who take the lock when they leave.
pub(super) fn holds_up(locks: &Locks<'_>, rule: &'static str, found: &Subscribed) -> Draft {
    let package = locks.package();
    let (name, at, (back, needs)) = (name_of(locks, &found.held), found.wait.at, found.back);
    let (given, back_name) = (package.fn_name(found.given), package.fn_name(back));
    let clues = vec![
        locked(locks, &found.held),
        Clue::new(at.id.decl, at.span, "and still held while this send waits for who was given the channel"),
        Clue::new(found.given.decl, package.decl(found.given.decl).name_span, format!("`{given}` gives the channel out")),
        Clue::new(needs.id.decl, needs.span, format!("who gives it back with `{back_name}` waits here instead of receiving")),
    ];
    Draft {
        rule,
        level: Level::Warning,
        at: at.id,
        span: at.span,
        message: format!(
            "this send waits with `{name}` locked, which whoever leaves through {back_name} needs: both wait for ever"
        ),
        clues,
        help: format!("unlock `{name}` before sending, or send in a `select` with a `default`"),
        fixes: Vec::new(),
    }
}

/// A wait that the lock held over it makes endless, and the one on the other side if that lock does the same to it.
pub(super) fn waiting(locks: &Locks<'_>, rule: &'static str, crossed: &Crossed, other: Option<&Crossed>) -> Draft {
    let name = name_of(locks, &crossed.held);
    let (what, who) = match crossed.wait.what {
        WaitKind::Send(_) => ("this send", "receive"),
        WaitKind::Recv(_) => ("this receive", "send"),
        WaitKind::Group(_) => ("this Wait", "call `Done`"),
    };
    let at = crossed.wait.at;
    let mut clues =
        vec![locked(locks, &crossed.held), Clue::new(at.id.decl, at.span, format!("and still held while {what} waits"))];
    for partner in &crossed.partners {
        let label = match partner.when {
            When::Always => "the other side needs the lock first",
            When::Between => "the other side locks it between two rounds",
            When::Sometimes => "the other side locks it in some rounds, and may stand here then",
        };
        clues.push(Clue::new(partner.needs.id.decl, partner.needs.span, label));
        let too = if other.is_some_and(|o| o.wait.at == partner.op) { ", and waits with it locked as well" } else { "" };
        let closes = locks.package().file(partner.op.id.decl).src.slice(partner.op.span).starts_with("close(");
        let does = if closes { "close it" } else { who };
        clues.push(Clue::new(partner.op.id.decl, partner.op.span, format!("before it comes to {does} here{too}")));
    }
    let mut help = format!("unlock `{name}` before {what}");
    if other.is_some() {
        help.push_str(" and before what waits for it on the other side");
    }
    let level = if crossed.partners.iter().all(|p| p.when == When::Always) { Level::Error } else { Level::Warning };
    Draft {
        rule,
        level,
        at: at.id,
        span: at.span,
        message: format!("{what} waits with `{name}` locked, and those who would {who} wait for that lock"),
        clues,
        help,
        fixes: Vec::new(),
    }
}
