//! The fixes: the context in scope goes into the request.

use crate::fix::error_check_below;
use crate::lint::{Edit, Fix, Safety};
use crate::old::ir::{Body, Call, Callee};
use crate::old::obligation::limits::context_in_scope;
use crate::old::program::{FnId, Frame, Origin, Package, Target};
use crate::source::{Location, Span};
use std::sync::Arc;

/// The context that the request can be given: it is in scope where the request is made, which may be above the call that sends it.
pub(super) fn context(package: &Package, id: FnId, call: &Call) -> Option<String> {
    let found = |at: u32| context_in_scope(package, id.decl, id.func, at);
    let text = found(call.span.start)?;
    let made = call.args.first().map(|request| package.operand_origin(&Frame::root(id), request));
    match made {
        Some(Origin::Call { frame, call: made, target: Target::Model(_, outside), .. })
            if frame.id == id && outside.path == "net/http" =>
        {
            found(made.span.start).filter(|above| *above == text)
        }
        _ => Some(text),
    }
}

/// Ways to bound the call by the context in scope; none where there is no context.
pub(super) fn fixes(package: &Package, id: FnId, call: &Call) -> Vec<Fix> {
    let Some(ctx) = context(package, id, call) else { return Vec::new() };
    // What cleans up after the context has ended, or is read after the caller ended it, works only without it.
    let safety = Safety::Unsafe("the request, and the reading of its answer, then end with that context");
    let edits = match &call.callee {
        Callee::Import { name, .. } => plain_call(package, id, call, name, &ctx),
        Callee::Method { name, .. } if *name == "Do" => new_request(package, id, call, &ctx),
        _ => None,
    };
    let title = format!("bound the request by {ctx}");
    edits.map(|edits| Fix { title, safety, edits }).into_iter().collect()
}

/// `http.NewRequest(…)` becomes `http.NewRequestWithContext(ctx, …)`, if it stands in the same function.
fn new_request(package: &Package, id: FnId, call: &Call, ctx: &str) -> Option<Vec<Edit>> {
    let Origin::Call { frame, call: made, target: Target::Model(_, outside), .. } =
        package.operand_origin(&Frame::root(id), call.args.first()?)
    else {
        return None;
    };
    if frame.id != id || outside.name != "NewRequest" || outside.path != "net/http" {
        return None;
    }
    let file = &package.file(id.decl).src;
    let after_name = made.callee_span.end as usize;
    let open = after_name + file.text.get(after_name..)?.find('(')? + 1;
    let edit = |at: usize, text: String| Edit { at: Location { file: Arc::clone(file), span: Span::new(at, at) }, text };
    Some(vec![edit(after_name, "WithContext".into()), edit(open, format!("{ctx}, "))])
}

/// `resp, err := http.Get(url)` followed by `if err != nil { … }` becomes a request with the context, checked alike, and `Do`.
fn plain_call(package: &Package, id: FnId, call: &Call, name: &str, ctx: &str) -> Option<Vec<Edit>> {
    let method = match name {
        "Get" => "http.MethodGet",
        "Head" => "http.MethodHead",
        _ => return None,
    };
    let file = &package.file(id.decl).src;
    let text = file.text.as_str();
    let (start, end) = (call.span.start as usize, call.span.end as usize);
    let line_start = text.get(..start)?.rfind('\n')? + 1;
    let left = text.get(line_start..start)?;
    let indent = left.get(..left.len() - left.trim_start().len())?;
    let names = left.trim().strip_suffix(":=")?.trim();
    let err = names.split(',').nth(1)?.trim();
    let url = text.get(start..end)?.split_once('(')?.1.strip_suffix(')')?;
    let url = tight(url);
    let check = error_check_below(&package.location(id.decl, call.span), err)?;
    let check = file.slice(check.span);
    let body = package.body(id.decl)?;
    // `:=` needs a variable that is new.
    if uses_name(body, "req")
        || err == "_"
        || names.starts_with('_')
        || url.contains('\n')
        || !text.get(start..end)?.starts_with("http.")
    {
        return None;
    }
    let new = format!(
        "req, {err} := http.NewRequestWithContext({ctx}, {method}, {url}, nil)\n{indent}{check}\n{indent}{names} := http.DefaultClient.Do(req)"
    );
    let at = Location { file: Arc::clone(file), span: Span::new(line_start + indent.len(), end) };
    Some(vec![Edit { at, text: new }])
}

/// Without blanks around `+`, as gofmt writes an argument that is not the only one.
fn tight(arg: &str) -> String {
    let mut out = String::with_capacity(arg.len());
    for (i, part) in arg.split('"').enumerate() {
        if i > 0 {
            out.push('"');
        }
        if i % 2 == 0 {
            out.push_str(&part.replace(" + ", "+").replace("+ ", "+").replace(" +", "+"))
        } else {
            out.push_str(part)
        }
    }
    // An escaped quote upsets the count: better as it was.
    if arg.contains("\\\"") || arg.contains('`') { arg.to_string() } else { out }
}

fn uses_name(body: &Body, name: &str) -> bool {
    body.locals.iter().any(|l| l.name == name)
}
