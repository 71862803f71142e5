//! A lock that is never let go, or waited for by who holds it.

mod mend;
mod phrase;

use crate::lint::{Context, Family, Level, Meta, Rule, Sink};
use crate::old::lifetime::locks::{At, Back, Crossed, Found, Held, Kept, Locks, Mode, Opposite, Placed, Twice, Wait};
use crate::old::lifetime::{Clue, Draft};
use crate::old::program::FnId;
use phrase::{advice, locked, name_of};

/// The rule.
pub(super) struct StuckLock;

static META: Meta = Meta {
    id: "stuck-lock",
    summary: "A lock that is never released, or that its holder waits for",
    level: Level::Error,
    cwe: &[833, 667],
    triggers: TRIGGERS,
    docs: include_str!("README.md"),
    since: "0.1.0",
    family: Family::Locks,
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
        let (mut orders, mut crossed) = (Vec::new(), Vec::new());
        for decl in takers {
            for (id, found) in locks.look(decl) {
                orders.extend(found.orders.iter().filter(|o| !o.is_once()).map(|o| Placed { id, order: o.clone() }));
                for back in locks.called_back(id, &found) {
                    if package.wants_findings(back.handed.id.decl) {
                        tell(cx, sink, back.handed, calls_back(&locks, &back));
                    }
                }
                if package.wants_findings(decl) {
                    answers(&locks, id, &found).into_iter().for_each(|(at, answer)| tell(cx, sink, at, answer));
                    for wait in &found.waits {
                        if let Some(answer) = crosses(&locks, wait, &mut crossed) {
                            tell(cx, sink, wait.at, answer);
                        }
                    }
                }
            }
        }
        for (one, other) in each_pair_once(&crossed) {
            tell(cx, sink, one.wait.at, Ok(phrase::waiting(&locks, META.id, one, other)));
        }
        for opposite in locks.opposites(&orders) {
            let at = opposite.one.order.first.at;
            if package.wants_findings(at.id.decl) {
                tell(cx, sink, at, Ok(crosswise(&locks, &opposite)));
            }
        }
    }
}

fn tell(cx: &Context<'_>, sink: &mut Sink, at: At, answer: Result<Draft, String>) {
    match answer {
        Ok(draft) => sink.report(draft.finish(cx.package)),
        Err(reason) => sink.pass(META.id, || cx.package.location(at.id.decl, at.span), || reason),
    }
}

/// What there is to say of one function, with the places.
fn answers(locks: &Locks<'_>, id: FnId, found: &Found) -> Vec<(At, Result<Draft, String>)> {
    // One that goes round and meets itself is told there.
    let meets = |k: &&Kept| found.twice.iter().any(|t| t.take.at == k.held.at && t.take.via.is_empty());
    let kept = found.kept.iter().filter(|k| !meets(k)).map(|k| (k.held.at, keeps(locks, id, k)));
    // What waits inside `once.Do` is another rule's business.
    let twice = once_each(found.twice.iter().filter(|t| t.held.mode != Mode::Once));
    let twice = twice.into_iter().map(|(t, also)| (t.held.at, again(locks, t, &also)));
    let passed = found.passed.iter().map(|(at, reason)| (*at, Err((*reason).to_string())));
    kept.chain(twice).chain(passed).collect()
}

/// Puts a wait under a lock that its partner needs first to the others; otherwise what there is to say of it.
fn crosses(locks: &Locks<'_>, wait: &Wait, all: &mut Vec<Crossed>) -> Option<Result<Draft, String>> {
    let reason = match locks.crossed(wait, |m| m != Mode::Once) {
        Ok(crossed) => match not_for_others(locks, wait.at.id, &crossed.held) {
            Ok(()) => {
                all.push(crossed);
                return None;
            }
            Err(reason) => return Some(Err(reason)),
        },
        Err(reason) => reason,
    };
    Some(locks.subscribed(wait).map(|s| phrase::holds_up(locks, META.id, &s)).ok_or(reason))
}

/// A send and a receive that both wait under the lock are one cause: the first of the two, with the other.
fn each_pair_once(all: &[Crossed]) -> Vec<(&Crossed, Option<&Crossed>)> {
    let faces = |a: &Crossed, b: &Crossed| a.partners.iter().any(|p| p.op == b.wait.at);
    let mut out: Vec<(&Crossed, Option<&Crossed>)> = Vec::new();
    for crossed in all {
        let told = out.iter_mut().find(|(one, other)| other.is_none() && faces(one, crossed) && faces(crossed, one));
        match told {
            Some((_, other)) => *other = Some(crossed),
            None => out.push((crossed, None)),
        }
    }
    out
}

/// Where it is taken again, or the call that leads there.
fn primary(twice: &Twice) -> At {
    twice.take.via.first().copied().unwrap_or(twice.take.at)
}

/// Several calls that lead to the same lock are one cause: the first of them, with the others.
fn once_each<'f>(all: impl Iterator<Item = &'f Twice>) -> Vec<(&'f Twice, Vec<At>)> {
    let mut sorted: Vec<&Twice> = all.collect();
    sorted.sort_by_key(|t| primary(t));
    let mut out: Vec<(&'f Twice, Vec<At>)> = Vec::new();
    for twice in sorted {
        let same = |t: &Twice| t.held.at == twice.held.at && t.take.at == twice.take.at && t.take.mode == twice.take.mode;
        match out.iter_mut().find(|(first, _)| same(first)) {
            Some((_, also)) => also.push(primary(twice)),
            None => out.push((twice, Vec::new())),
        }
    }
    out
}

/// A way out that keeps the lock.
fn keeps(locks: &Locks<'_>, id: FnId, kept: &Kept) -> Result<Draft, String> {
    let package = locks.package();
    if let Some(other) = locks.released_elsewhere(id, &kept.held.key) {
        return Err(format!("{} lets it go for others", package.fn_name(other)));
    }
    if kept.released.is_none() {
        locks.meant_to_keep(id, &kept.held)?;
    }
    let name = name_of(locks, &kept.held);
    let function = package.fn_name(id);
    let leaves = if kept.ends { "the function ends here and keeps it" } else { "this way out keeps it" };
    let released = kept.released.map(|at| Clue::new(at.id.decl, at.span, "other ways unlock it here"));
    let which = if released.is_some() { "on a way out" } else { "on every way out" };
    Ok(Draft {
        rule: META.id,
        level: Level::Error,
        at: kept.held.at.id,
        span: kept.held.at.span,
        message: format!("`{name}` stays locked {which} of {function}: whoever locks it next waits for ever"),
        clues: [locked(locks, &kept.held), Clue::new(id.decl, kept.exit, leaves)].into_iter().chain(released).collect(),
        help: format!("unlock `{name}` before this return, or `defer` the unlock right after the lock"),
        fixes: mend::unlock_before(locks, id, kept).into_iter().collect(),
    })
}

/// Whether a lock of one function is the holder's own business: where a literal lets it go without having taken it, it is a signal.
fn not_for_others(locks: &Locks<'_>, id: FnId, held: &Held) -> Result<(), String> {
    // Fields are used all over the package: one function that lets go what it was handed locked would silence all others.
    let is_own = locks.slot(id.decl, &held.key).is_none();
    match locks.released_elsewhere(id, &held.key).filter(|_| is_own) {
        Some(other) => Err(format!("{} lets it go for others", locks.package().fn_name(other))),
        None => Ok(()),
    }
}

/// A lock that the holder waits for.
fn again(locks: &Locks<'_>, twice: &Twice, also: &[At]) -> Result<Draft, String> {
    let (held, take) = (&twice.held, &twice.take);
    not_for_others(locks, held.at.id, held)?;
    let name = name_of(locks, held);
    let round = held.at == take.at && take.via.is_empty();
    let mut clues = vec![locked(locks, held)];
    for call in &take.via {
        clues.push(Clue::new(call.id.decl, call.span, "this is called with the lock held"));
    }
    let (level, message, last) = match (held.mode, take.mode) {
        (Mode::Read, Mode::Read) => {
            let Some(writer) = locks.writer(held) else { return Err("it is locked for reading twice, and nobody writes".into()) };
            clues.push(Clue::new(take.at.id.decl, take.at.span, "and locked for reading again here"));
            clues.push(Clue::new(
                writer.id.decl,
                writer.span,
                "a writer that comes in between waits here, and lets no new reader in",
            ));
            let message =
                format!("`{name}` is locked for reading twice by one goroutine: with a writer in between both wait for ever");
            (Level::Warning, message, None)
        }
        (Mode::Read, Mode::Write) => {
            let message = format!("`{name}` is locked by a goroutine that already holds it for reading: it waits for itself");
            (Level::Error, message, Some("and locked here, which waits for all readers to go"))
        }
        _ => {
            let message = format!("`{name}` is locked again by the goroutine that holds it: it waits for itself");
            (Level::Error, message, Some(if round { "and again in the next round" } else { "and locked again here" }))
        }
    };
    clues.extend(last.map(|label| Clue::new(take.at.id.decl, take.at.span, label)));
    let primary = primary(twice);
    clues.extend(also.iter().filter(|at| **at != primary).map(|at| Clue::new(at.id.decl, at.span, "this call leads there too")));
    let level = if take.sure { level } else { Level::Warning };
    Ok(Draft {
        rule: META.id,
        level,
        at: primary.id,
        span: primary.span,
        message,
        clues,
        help: if round {
            format!("unlock `{name}` at the end of each round; what is deferred waits for the end of the function")
        } else {
            advice(locks, take.via.last().copied(), take.at, &name)
        },
        fixes: Vec::new(),
    })
}

/// A function that is called with a lock held which it takes.
fn calls_back(locks: &Locks<'_>, back: &Back) -> Result<Draft, String> {
    let (held, take) = (&back.held, &back.take);
    not_for_others(locks, held.at.id, held)?;
    let package = locks.package();
    let (name, function) = (name_of(locks, held), package.fn_name(held.at.id));
    let mut clues = vec![
        locked(locks, held),
        Clue::new(back.run.id.decl, back.run.span, "what is handed in is called with the lock held"),
        Clue::new(back.handed.id.decl, back.handed.span, "handed in here"),
    ];
    clues.extend(take.via.iter().map(|call| Clue::new(call.id.decl, call.span, "it calls this")));
    clues.push(Clue::new(take.at.id.decl, take.at.span, "and locks it again here"));
    // Where it stands beside what hands it on, and otherwise the place that does.
    let at = take.via.first().copied().unwrap_or(take.at);
    let at = if at.id.decl == back.handed.id.decl { at } else { back.handed };
    Ok(Draft {
        rule: META.id,
        level: if take.sure { Level::Error } else { Level::Warning },
        at: at.id,
        span: at.span,
        message: format!(
            "{function} calls what it is handed with `{name}` locked, and that locks `{name}` again: it waits for itself"
        ),
        clues,
        help: format!("unlock `{name}` in {function} before it calls what it is handed, or use what needs no lock here"),
        fixes: Vec::new(),
    })
}

/// Two locks in opposite orders.
fn crosswise(locks: &Locks<'_>, opposite: &Opposite) -> Draft {
    let (one, other) = (&opposite.one, &opposite.other);
    let package = locks.package();
    let (a, b) = (name_of(locks, &one.order.first), phrase::taken(locks, one));
    let (c, d) = (name_of(locks, &other.order.first), phrase::taken(locks, other));
    let mut clues = phrase::order(one, &a, &b);
    clues.extend(phrase::order(other, &c, &d));
    let (here, there) = (package.fn_name(one.id), package.fn_name(other.id));
    Draft {
        rule: META.id,
        level: if opposite.together { Level::Error } else { Level::Warning },
        at: one.id,
        span: one.order.then.via.first().unwrap_or(&one.order.then.at).span,
        message: format!("{here} locks `{a}` and then `{b}`, {there} the other way round: side by side each waits for the other"),
        clues,
        help: "take the two locks in the same order everywhere, or let the first go before the second is taken".into(),
        fixes: Vec::new(),
    }
}
