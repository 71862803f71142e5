//! Code that runs once for everybody and does not come back.

use crate::lint::{Context, Family, Level, Meta, Rule, Sink};
use crate::old::lifetime::locks::{Crossed, Found, Locks, Mode, Opposite, Placed, Twice};
use crate::old::lifetime::startup::{Held, Never, Stuck, stuck};
use crate::old::lifetime::{Clue, Draft};
use crate::old::program::{DeclId, FnId, Package};
use crate::source::DeclKind;
use rustc_hash::FxHashSet;

/// The rule.
pub(super) struct BlockedOnce;

static META: Meta = Meta {
    id: "blocked-once",
    summary: "Code that runs once, and that others wait for, never returns",
    level: Level::Error,
    cwe: &[833, 835],
    triggers: TRIGGERS,
    docs: include_str!("README.md"),
    since: "0.1.0",
    family: Family::Locks,
};

const TRIGGERS: &[&str] = &[".Do(", ".OnceFunc(", ".OnceValue(", ".OnceValues("];

const DO: &[&str] = &[".Do("];

const START: &[&str] = &[".OnceFunc(", ".OnceValue(", ".OnceValues("];

impl Rule for BlockedOnce {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, cx: &Context<'_>, sink: &mut Sink) {
        let package = cx.package;
        let onces = once_names(package);
        let doers = if onces.is_empty() { Vec::new() } else { package.triggered(|t| cx.is_token(t, DO)) };
        let doers: Vec<DeclId> = doers.into_iter().filter(|d| runs_once(package.text(*d), &onces)).collect();
        let locks = Locks::new(package, &doers);
        let mut orders = Vec::new();
        for decl in doers.iter().copied().filter(|d| locks.once_needs_reading(*d)) {
            for (id, found) in locks.look_closely(decl) {
                orders.extend(found.orders.iter().map(|o| Placed { id, order: o.clone() }));
                if package.wants_findings(decl) {
                    drafts(&locks, &found).into_iter().for_each(|d| sink.report(d.finish(package)));
                }
            }
        }
        // Who holds a lock that is taken inside a `Do` may come to that `Do`.
        if orders.iter().any(|o| o.order.first.mode == Mode::Once) {
            for decl in package.own_holding("Lock()") {
                let found = locks.look(decl);
                orders.extend(found.iter().flat_map(|(id, f)| f.orders.iter().map(|o| Placed { id: *id, order: o.clone() })));
            }
        }
        for opposite in locks.opposites(&orders).iter().filter(|o| o.one.order.is_once() || o.other.order.is_once()) {
            if package.wants_findings(opposite.one.id.decl) {
                sink.report(crosswise(&locks, opposite).finish(package));
            }
        }
        let mut startups: Vec<DeclId> = package.triggered(|t| cx.is_token(t, START));
        startups.extend(doers);
        startups.extend(package.own_holding("}()").into_iter().filter(|d| package.decl(*d).kind == DeclKind::Var));
        startups.extend(package.own_named("init".into()).into_iter().filter(|d| package.decl(*d).kind == DeclKind::Func));
        startups.sort_unstable();
        startups.dedup();
        for decl in startups {
            if package.wants_findings(decl) && may_wait(package.text(decl)) {
                stuck(&locks, decl).iter().for_each(|s| sink.report(endless(s).finish(package)));
            }
        }
    }
}

/// Names that stand before the type of a `sync.Once`, as far as the text tells.
fn once_names(package: &Package) -> FxHashSet<String> {
    let mut out = FxHashSet::default();
    for decl in package.own_mentions(ustr::ustr("Once")).iter() {
        for line in package.text(*decl).lines() {
            let Some(at) = line.find("sync.Once") else { continue };
            let words = line[..at].split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty());
            out.extend(words.map(str::to_string));
            // Embedded, it is called through whatever holds it.
            if line[..at].trim().trim_start_matches('*').is_empty() {
                out.insert(String::new());
            }
        }
    }
    out
}

/// Whether the `Do` of one of these is called in the text.
fn runs_once(text: &str, onces: &FxHashSet<String>) -> bool {
    let embedded = onces.contains("");
    text.match_indices(".Do(").any(|(at, _)| {
        let name = text[..at].rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("");
        embedded || onces.contains(name)
    })
}

/// Whether the text holds anything that could wait.
fn may_wait(text: &str) -> bool {
    text.contains("<-") || text.contains("for {") || text.contains("select {")
}

fn drafts(locks: &Locks<'_>, found: &Found) -> Vec<Draft> {
    let again = found.twice.iter().filter(|t| t.held.mode == Mode::Once).map(|t| again(locks, t));
    let waits = found.waits.iter().filter_map(|w| locks.crossed(w, |m| m == Mode::Once).ok()).map(|c| waiting(locks, &c));
    again.chain(waits).collect()
}

fn draft(level: Level, at: FnId, span: crate::source::Span, message: String, clues: Vec<Clue>, help: &str) -> Draft {
    Draft { rule: META.id, level, at, span, message, clues, help: help.into(), fixes: Vec::new() }
}

/// `once.Do` within itself.
fn again(locks: &Locks<'_>, twice: &Twice) -> Draft {
    let (held, take) = (&twice.held, &twice.take);
    let package = locks.package();
    let name = locks.spell(held.at.id.decl, &held.key);
    let mut clues = vec![Clue::new(held.at.id.decl, package.head_of(held.at.id, held.at.span), format!("`{name}` runs this"))];
    clues.extend(take.via.iter().map(|call| Clue::new(call.id.decl, call.span, "which calls this")));
    clues.push(Clue::new(take.at.id.decl, package.head_of(take.at.id, take.at.span), "and that waits for the first `Do` to end"));
    let primary = take.via.first().copied().unwrap_or(take.at);
    let level = if take.sure { Level::Error } else { Level::Warning };
    let message = format!("`{name}` runs already when this calls its `Do`: it waits for itself");
    let help = "call what needs no `Do` inside it, or move the call behind it";
    draft(level, primary.id, package.head_of(primary.id, primary.span), message, clues, help)
}

fn waiting(locks: &Locks<'_>, crossed: &Crossed) -> Draft {
    let (at, held) = (crossed.wait.at, &crossed.held);
    let package = locks.package();
    let name = locks.spell(held.at.id.decl, &held.key);
    let what = match crossed.wait.what {
        crate::old::lifetime::locks::WaitKind::Send(_) => "this send",
        crate::old::lifetime::locks::WaitKind::Recv(_) => "this receive",
        crate::old::lifetime::locks::WaitKind::Group(_) => "this Wait",
    };
    let mut clues = vec![
        Clue::new(held.at.id.decl, package.head_of(held.at.id, held.at.span), format!("`{name}` runs this")),
        Clue::new(at.id.decl, at.span, format!("{what} keeps it running")),
    ];
    for partner in &crossed.partners {
        let needs = package.head_of(partner.needs.id, partner.needs.span);
        clues.push(Clue::new(partner.needs.id.decl, needs, "the other side waits for it first"));
        clues.push(Clue::new(partner.op.id.decl, partner.op.span, "before it comes here"));
    }
    let message = format!("{what} waits inside `{name}`, and those who would end it wait for `{name}` to be done");
    draft(Level::Error, at.id, at.span, message, clues, "move the wait behind the `Do`")
}

fn crosswise(locks: &Locks<'_>, opposite: &Opposite) -> Draft {
    let package = locks.package();
    let mut clues = Vec::new();
    for placed in [&opposite.one, &opposite.other] {
        let (first, then) = (&placed.order.first, &placed.order.then);
        let name = locks.spell(first.at.id.decl, &first.key);
        clues.push(Clue::new(first.at.id.decl, package.head_of(first.at.id, first.at.span), format!("`{name}` is entered here")));
        clues.extend(then.via.iter().map(|c| Clue::new(c.id.decl, c.span, "and this is called in it")));
        let inner = locks.spell(placed.id.decl, &then.key);
        clues.push(Clue::new(then.at.id.decl, package.head_of(then.at.id, then.at.span), format!("then `{inner}` here")));
    }
    let one = &opposite.one;
    let (a, b) = (locks.spell(one.id.decl, &one.order.first.key), locks.spell(one.id.decl, &one.order.then.key));
    let message = format!("`{a}` and `{b}` are entered in both orders: side by side each waits for the other");
    let span = one.order.then.via.first().unwrap_or(&one.order.then.at).span;
    draft(Level::Note, one.id, span, message, clues, "take the lock outside of the `Do` everywhere, or nowhere")
}

fn endless(stuck: &Stuck) -> Draft {
    let who = match stuck.held {
        Held::Callers => "everybody who calls it waits",
        Held::Program => "the program waits for it before `main`",
    };
    let (span, message, why) = match stuck.never {
        Never::Endless(at) => {
            (stuck.from, format!("this never comes back, and {who} for ever"), (at, "nothing leads out of here"))
        }
        Never::Unheard(at) => {
            (at, format!("nobody ends this wait, and {who} for ever"), (at, "nobody sends on this channel or closes it"))
        }
    };
    let clues = vec![Clue::new(stuck.id.decl, stuck.from, "this runs once"), Clue::new(stuck.id.decl, why.0, why.1)];
    draft(Level::Error, stuck.id, span, message, clues, "start a goroutine for what goes on for ever")
}
