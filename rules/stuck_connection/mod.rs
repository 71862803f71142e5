//! A connection that nobody closes, and the read that waits on it.

use crate::fix::outlives::Held;
use crate::lint::{Context, Family, Fix, Level, Meta, Rule, Sink};
use crate::old::lifetime::{Clue, Draft};
use crate::old::obligation::{Acquired, Engine, LossHow, Lost, MarkKind, Read, Words, tell_of_acquired};
use crate::old::program::Setting;

/// The rule.
pub(super) struct StuckConnection;

static META: Meta = Meta {
    id: "stuck-connection",
    summary: "A connection that is never closed, and the read that waits on it",
    level: Level::Warning,
    cwe: &[772, 404],
    triggers: TRIGGERS,
    docs: include_str!("README.md"),
    since: "0.1.0",
    family: Family::Duties,
};

const TRIGGERS: &[&str] = &[
    "Accept(",
    "AcceptTCP(",
    "AcceptUnix(",
    "Connect(",
    "ConnectConfig(",
    "Dial(",
    "DialConfig(",
    "DialContext(",
    "DialHTTP(",
    "DialHTTPPath(",
    "DialIP(",
    "DialLeader(",
    "DialTCP(",
    "DialTLS(",
    "DialTimeout(",
    "DialUDP(",
    "DialUnix(",
    "DialWithDialer(",
    "FileConn(",
    "FilePacketConn(",
    "Hijack(",
    "ListenIP(",
    "ListenMulticastUDP(",
    "ListenPacket(",
    "ListenUDP(",
    "ListenUnixgram(",
    "NewClient(",
    "Upgrade(",
    "UpgradeHTTP(",
];

const WORDS: Words = Words { doing: "closing", done: "closed", does: "closes" };

impl Rule for StuckConnection {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, cx: &Context<'_>, sink: &mut Sink) {
        tell_of_acquired(cx, sink, &META, &["conn"], look);
    }
}

/// What there is to say of a connection, or why nothing is.
fn look(engine: &Engine<'_>, acquired: &Acquired) -> Result<Draft, String> {
    let lost = engine.lost(acquired, "it is closed on every way out")?;
    let reads = engine.reads(acquired);
    // Who closes it elsewhere meant to close it here too; of what is never closed at all a deadline is the end.
    if !lost.partial && reads.deadline {
        return Err("a deadline ends its reads".into());
    }
    if !lost.partial && reads.bounded && reads.unbounded.is_empty() {
        return Err("the context of its reads ends them".into());
    }
    // A way that forgets to close, beside others that do not, may lie before the reads.
    let stuck = reads.unbounded.iter().filter(|_| !lost.partial).find(|r| waits_apart(engine, acquired, r));
    Ok(match stuck {
        Some(read) => stuck_read(engine, acquired, &lost, read),
        None => unclosed(engine, acquired, &lost),
    })
}

/// Whether the read goes on by itself: in a goroutine, for a request, or in a loop.
fn waits_apart(engine: &Engine<'_>, acquired: &Acquired, read: &Read) -> bool {
    match engine.package().setting(read.id, read.block) {
        Setting::Goroutine(..) | Setting::Handler(_) => true,
        Setting::Loop(id) => id.decl != acquired.id.decl || id == read.id,
        Setting::Plain => false,
    }
}

fn stuck_read(engine: &Engine<'_>, acquired: &Acquired, lost: &Lost, read: &Read) -> Draft {
    let package = engine.package();
    let mut clues = clues(engine, acquired, lost);
    if let Setting::Goroutine(id, span) = package.setting(read.id, read.block) {
        clues.insert(1, Clue::new(id.decl, package.head_of(id, span), "the goroutine that reads is started here"));
    }
    let (never, why) = match read.clues.is_empty() {
        true => ("no deadline", "it waits here until the other side sends or closes"),
        false => ("a context that never ends", "it waits here until the other side sends or closes, whatever its context"),
    };
    clues.extend(read.clues.iter().cloned());
    clues.push(Clue::new(read.id.decl, read.span, why));
    let call = package.file(read.id.decl).src.slice(read.callee);
    let thing = engine.thing(acquired, "connection");
    Draft {
        rule: META.id,
        level: Level::Warning,
        at: read.id,
        span: read.span,
        message: format!("{call} can wait for ever: it has {never}, and {}", unclosed_sentence(engine, lost, &thing)),
        clues,
        help: "`defer` its `Close` where the connection is owned, and set a read deadline before each read".into(),
        fixes: fix(engine, acquired, lost).into_iter().collect(),
    }
}

fn unclosed(engine: &Engine<'_>, acquired: &Acquired, lost: &Lost) -> Draft {
    let thing = engine.thing(acquired, "connection");
    let round = engine.own_name(acquired).and_then(|name| engine.in_each_round(acquired, lost, &closing(acquired, &name)));
    Draft {
        rule: META.id,
        level: Level::Warning,
        at: acquired.id,
        span: acquired.span(),
        message: unclosed_sentence(engine, lost, &thing),
        clues: clues(engine, acquired, lost),
        help: round.unwrap_or_else(|| "`defer` its `Close` after the check of the error, or close it on this way out too".into()),
        fixes: fix(engine, acquired, lost).into_iter().collect(),
    }
}

fn clues(engine: &Engine<'_>, acquired: &Acquired, lost: &Lost) -> Vec<Clue> {
    let mut clues = vec![Clue::new(acquired.id.decl, acquired.span(), "the connection is made here")];
    clues.extend(engine.clues(lost, WORDS));
    clues
}

fn unclosed_sentence(engine: &Engine<'_>, lost: &Lost, thing: &str) -> String {
    if let Some((owner, field)) = lost.field {
        return format!("nothing in the package closes {owner}.{field}");
    }
    let Some(last) = lost.marks.last() else { return format!("nothing closes {thing}") };
    match last.kind {
        MarkKind::Forgotten(LossHow::Overwritten | LossHow::Deferred(_)) => {
            format!("{thing} is not closed before another one takes its place")
        }
        _ if lost.partial => format!("{thing} is not closed on every way out of {}", engine.package().fn_name(last.id)),
        _ => format!("nothing closes {thing}"),
    }
}

/// `defer conn.Close()` after the check of the error, where the function alone uses the connection.
fn fix(engine: &Engine<'_>, acquired: &Acquired, lost: &Lost) -> Option<Fix> {
    let name = engine.own_name(acquired)?;
    let edit = engine.deferred(acquired, lost, &format!("defer {}", closing(acquired, &name)))?;
    Some(Fix {
        title: format!("close {name} when the function returns"),
        safety: engine.at_return(acquired, Held::Values),
        edits: vec![edit],
    })
}

fn closing(acquired: &Acquired, name: &str) -> String {
    format!("{name}.{}()", acquired.duty.released_by.first().map_or("Close", |m| m.as_str()))
}
