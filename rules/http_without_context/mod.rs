//! A call to another machine that nothing bounds.

mod mend;

use crate::lint::{Context, Family, Level, Meta, Rule, Sink};
use crate::models::BlockKind;
use crate::old::ir::{BlockId, Call, Callee, OpKind, Operand};
use crate::old::lifetime::{Clue, Draft};
use crate::old::obligation::limits::{Limit, limit, request, tell_of_endless_context};
use crate::old::program::{FnId, Frame, Package, Setting, SiteHow, Target, functions};
use crate::source::Span;
use std::rc::Rc;

/// The rule.
pub(super) struct HttpWithoutContext;

static META: Meta = Meta {
    id: "http-without-context",
    summary: "A call to another machine without a context, time-out or deadline",
    level: Level::Warning,
    cwe: &[400, 772],
    triggers: TRIGGERS,
    docs: include_str!("README.md"),
    since: "0.1.0",
    family: Family::Duties,
};

const TRIGGERS: &[&str] =
    &["http.Get(", "http.Head(", "http.Post(", "http.PostForm(", ".Do(", ".Get(", ".Head(", ".Post(", ".PostForm("];

impl Rule for HttpWithoutContext {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, cx: &Context<'_>, sink: &mut Sink) {
        let package = cx.package;
        // `.Get(` is everywhere; where no file of the package imports the library, none is a call of its client.
        if !package.imports_path("net/http") {
            return;
        }
        for decl in package.triggered(|t| cx.is_token(t, TRIGGERS)) {
            // A test server answers, or the test fails.
            let is_local = package.file(decl).is_test && package.imports(decl).name_of("net/http/httptest".into()).is_some();
            if !package.wants_findings(decl) || is_local {
                continue;
            }
            let Some(body) = package.body(decl) else { continue };
            for (id, func) in functions(decl, body) {
                for (block, _, op) in func.ops() {
                    let (OpKind::Call(call) | OpKind::Spawn(call) | OpKind::Defer(call)) = &op.kind else { continue };
                    let at = Place { id, block, spawned: matches!(op.kind, OpKind::Spawn(_)).then_some(op.span) };
                    match look(package, &at, call) {
                        Some(Ok(draft)) => sink.report(draft.finish(package)),
                        Some(Err(why)) => sink.pass(META.id, || package.location(decl, call.span), || why),
                        None => {}
                    }
                }
            }
        }
    }
}

/// Where a call stands.
struct Place {
    id: FnId,
    block: BlockId,
    /// The `go` statement, if the call itself is what it starts.
    spawned: Option<Span>,
}

/// `None` where the call is none of HTTP.
fn look(package: &Package, at: &Place, call: &Call) -> Option<Result<Draft, String>> {
    let Target::Model(model, outside) = package.resolve(at.id.decl, call) else { return None };
    let blocks = model.blocks.as_ref().filter(|b| b.kind == BlockKind::Network)?;
    let is_client = outside.recv.is_none_or(|r| r == "Client");
    if outside.path != "net/http" || !is_client {
        return None;
    }
    let frame = Frame::root(at.id);
    let found = match limit(package, &frame, call, blocks) {
        Limit::Unknown(why) => match request_of_callers(package, at.id, call) {
            Some(clues) => with_client(package, &frame, call, clues),
            None => Limit::Unknown(why),
        },
        known => known,
    };
    Some(match found {
        Limit::None(clues) => Ok(draft(package, at, call, clues)),
        Limit::Some(what) => Err(format!("{what} bounds it")),
        Limit::Unknown(why) => Err(why),
    })
}

/// A request that is a parameter, where a caller in view makes it without a context.
fn request_of_callers(package: &Package, id: FnId, call: &Call) -> Option<Vec<Clue>> {
    let value @ Operand::Place(_) = call.args.first()? else { return None };
    package.callers(id).sites.iter().filter(|s| s.how == SiteHow::Call).find_map(|site| {
        let frame = Frame::root(site.caller).call(id, &site.call)?;
        match request(package, &frame, value) {
            Limit::None(mut clues) => {
                clues.push(Clue::new(site.caller.decl, site.call.span, "and handed on here"));
                Some(clues)
            }
            _ => None,
        }
    })
}

/// The request has no limit; what of the client?
fn with_client(package: &Package, frame: &Rc<Frame>, call: &Call, mut clues: Vec<Clue>) -> Limit {
    let Callee::Method { recv, .. } = &call.callee else { return Limit::None(clues) };
    match crate::old::obligation::limits::client(package, frame, recv) {
        Limit::None(client) => {
            clues.splice(0..0, client);
            Limit::None(clues)
        }
        other => other,
    }
}

fn draft(package: &Package, at: &Place, call: &Call, mut clues: Vec<Clue>) -> Draft {
    let text = package.file(at.id.decl).src.slice(call.callee_span);
    let setting = match at.spawned {
        Some(span) => Setting::Goroutine(at.id, span),
        None => package.setting(at.id, at.block),
    };
    // A test waits no longer than the run of the tests, which has a time limit of its own.
    let bounded = package.is_main() && setting == Setting::Plain || package.is_in_test(at.id);
    let level = if bounded { Level::Note } else { Level::Warning };
    match setting {
        Setting::Goroutine(id, span) => {
            clues.insert(0, Clue::new(id.decl, package.head_of(id, span), "the goroutine is started here"))
        }
        Setting::Handler(id) if id != at.id => {
            clues.insert(0, Clue::new(id.decl, package.decl(id.decl).name_span, "it works for the request that this answers"));
        }
        _ => {}
    }
    clues.push(Clue::new(at.id.decl, call.span, "it waits here for as long as the other side likes"));
    let plain = matches!(call.callee, Callee::Import { .. });
    let message = match (plain, tell_of_endless_context(&clues)) {
        (true, _) => format!("{text} has no time limit: the default client waits as long as the other side likes"),
        (false, true) => format!("{text} has no time limit: its context never ends, and its client has no Timeout"),
        (false, false) => format!("{text} has no time limit: neither its request nor its client has one"),
    };
    let help = match mend::context(package, at.id, call) {
        Some(ctx) => format!("make the request with `http.NewRequestWithContext({ctx}, …)`, or give the client a Timeout"),
        None => "give the client a Timeout, or the request a context with a deadline".to_string(),
    };
    let fixes = mend::fixes(package, at.id, call);
    Draft { rule: META.id, level, at: at.id, span: call.span, message, clues, help, fixes }
}
