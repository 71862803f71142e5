//! An answer whose body, or whose rows, nobody closes.

use crate::fix::outlives::Held;
use crate::lint::{Context, Family, Fix, Level, Meta, Rule, Sink};
use crate::old::ir::Place;
use crate::old::lifetime::{Clue, Draft};
use crate::old::obligation::limits::{Limit, limit};
use crate::old::obligation::{Acquired, Engine, LossHow, Lost, MarkKind, Words};
use crate::old::program::Frame;

/// The rule.
pub(super) struct UnclosedBody;

static META: Meta = Meta {
    id: "unclosed-body",
    summary: "An HTTP response or a query's rows are not closed on some path",
    level: Level::Error,
    cwe: &[772, 404],
    triggers: TRIGGERS,
    docs: include_str!("README.md"),
    since: "0.1.0",
    family: Family::Duties,
};

const TRIGGERS: &[&str] = &[
    "http.Get(",
    "http.Post(",
    "http.PostForm(",
    ".Do(",
    ".Get(",
    ".NamedQuery(",
    ".NamedQueryContext(",
    ".Post(",
    ".PostForm(",
    ".Query(",
    ".QueryContext(",
    ".Queryx(",
    ".QueryxContext(",
    ".RoundTrip(",
    ".Rows(",
];

/// Packages one of which is imported where an answer or rows can come from.
const LIBRARIES: [&str; 9] = [
    "net/http",
    "database/sql",
    "github.com/jmoiron/sqlx",
    "github.com/jackc/pgx",
    "github.com/jackc/pgx/v4",
    "github.com/jackc/pgx/v5",
    "github.com/jackc/pgx/v5/pgxpool",
    "golang.org/x/net/context/ctxhttp",
    "gorm.io/gorm",
];

/// Further places of one cause that are named.
const MAX_ALSO: usize = 4;

const WORDS: Words = Words { doing: "closing", done: "closed", does: "closes" };

impl Rule for UnclosedBody {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, cx: &Context<'_>, sink: &mut Sink) {
        let package = cx.package;
        // `.Get(` is everywhere; where no file imports a library that answers, none is a call of it.
        if !LIBRARIES.iter().any(|path| package.imports_path(path)) {
            return;
        }
        let engine = Engine::new(package);
        for decl in package.triggered(|t| cx.is_token(t, TRIGGERS)) {
            if !package.wants_findings(decl) {
                continue;
            }
            let mut told: Vec<(Option<Place>, Draft)> = Vec::new();
            for acquired in engine.acquired(decl, &["body", "rows"]) {
                match look(&engine, &acquired) {
                    Ok(draft) => add(&engine, acquired.holder, draft, &mut told),
                    Err(reason) => sink.pass(META.id, || package.location(decl, acquired.span()), || reason),
                }
            }
            told.into_iter().for_each(|(_, draft)| sink.report(draft.finish(package)));
        }
    }
}

/// A test that asks again and again and never closes what it gets in one variable: one cause, told at the first place.
fn add(engine: &Engine<'_>, holder: Option<Place>, draft: Draft, told: &mut Vec<(Option<Place>, Draft)>) {
    let same = |(place, first): &&mut (Option<Place>, Draft)| {
        holder.is_some() && *place == holder && first.at == draft.at && first.level == draft.level
    };
    match told.iter_mut().find(same).filter(|_| engine.package().is_in_test(draft.at)) {
        Some((_, first)) => {
            let label = "this answer is not closed either";
            if first.clues.iter().filter(|c| c.label == label).count() < MAX_ALSO {
                first.clues.push(Clue::new(draft.at.decl, draft.span, label));
            }
        }
        None => told.push((holder, draft)),
    }
}

/// What there is to say of an answer, or why nothing is.
fn look(engine: &Engine<'_>, acquired: &Acquired) -> Result<Draft, String> {
    if engine.asks_for_head(acquired) {
        return Err("the answer to HEAD has no body".into());
    }
    if engine.may_be_made_up(acquired) {
        return Err("the test may have made the answer itself".into());
    }
    if engine.is_answered_emptily(acquired) {
        return Err("the handlers of the test write no body".into());
    }
    if engine.comes_from(acquired, "tx") {
        return Err("the end of the transaction closes its rows".into());
    }
    let lost = engine.lost(acquired, "it is closed on every way out")?;
    let (mut level, until, bounds) = bounds(engine, acquired);
    if lost.until_told() {
        level = level.min(Level::Warning);
    }
    let is_body = acquired.duty.kind == "body";
    let made = if is_body { "the answer comes with a body here" } else { "the rows hold a connection from here on" };
    let mut clues = vec![Clue::new(acquired.id.decl, acquired.span(), made)];
    clues.extend(bounds);
    clues.extend(engine.clues(&lost, WORDS));
    let keeps = if is_body { "its connection and the goroutines that serve it stay" } else { "its connection stays taken" };
    let name = engine.own_name(acquired);
    let close = format!("{}{}.Close()", name.as_deref().unwrap_or("it"), if is_body { ".Body" } else { "" });
    Ok(Draft {
        rule: META.id,
        level,
        at: acquired.id,
        span: acquired.span(),
        message: format!("{}: {keeps}{until}", sentence(engine, acquired, &lost)),
        clues,
        help: match &name {
            Some(_) => engine
                .in_each_round(acquired, &lost, &close)
                .unwrap_or_else(|| format!("`defer {close}` after the check of the error, or call it on this way out too")),
            None => "keep it in a variable and `defer` its closing after the check of the error".into(),
        },
        fixes: fix(engine, acquired, &lost, &close).into_iter().collect(),
    })
}

/// What else ends the answer, how bad it is therefore, and what shows that nothing does.
fn bounds(engine: &Engine<'_>, acquired: &Acquired) -> (Level, &'static str, Vec<Clue>) {
    if engine.ends_with_function(acquired) {
        return (Level::Note, " until the function ends its context", Vec::new());
    }
    let frame = Frame::root(acquired.id);
    match acquired.model.blocks.as_ref().map(|b| limit(engine.package(), &frame, &acquired.call, b)) {
        Some(Limit::None(clues)) => (Level::Error, "", clues),
        Some(Limit::Some(_)) => (Level::Warning, " until its context or its time is over", Vec::new()),
        _ => (Level::Warning, "", Vec::new()),
    }
}

fn sentence(engine: &Engine<'_>, acquired: &Acquired, lost: &Lost) -> String {
    let thing = if acquired.duty.kind == "body" {
        match engine.own_name(acquired) {
            Some(name) => format!("{name}.Body"),
            None => engine.thing(acquired, "body"),
        }
    } else {
        match engine.own_name(acquired) {
            Some(name) => format!("the result in {name}"),
            None => engine.thing(acquired, "result"),
        }
    };
    if let Some((owner, field)) = lost.field {
        return format!("nothing in the package closes {owner}.{field}");
    }
    let Some(last) = lost.marks.last() else { return format!("{thing} is never closed") };
    match last.kind {
        MarkKind::Forgotten(LossHow::Dropped) => format!("{thing} is dropped without being closed"),
        MarkKind::Forgotten(LossHow::Overwritten | LossHow::Again(_) | LossHow::Deferred(_)) => {
            format!("{thing} is not closed before another one takes its place")
        }
        _ if lost.partial => format!("{thing} is not closed on every way out of {}", engine.package().fn_name(last.id)),
        _ => format!("{thing} is never closed"),
    }
}

/// `defer resp.Body.Close()` after the check of the error, where the function alone uses the answer.
fn fix(engine: &Engine<'_>, acquired: &Acquired, lost: &Lost, close: &str) -> Option<Fix> {
    let edit = engine.deferred(acquired, lost, &format!("defer {close}"))?;
    Some(Fix {
        title: format!("call {close} when the function returns"),
        safety: engine.at_return(acquired, Held::Values),
        edits: vec![edit],
    })
}
