//! `defer cancel()` below the call that derives the context.

use crate::fix::outlives::{Held, outlives};
use crate::fix::{name_for_blank, statement_below};
use crate::lint::{Fix, Safety};
use crate::models::ContextOp;
use crate::old::obligation::{Acquired, Engine, LossHow, Lost, MarkKind};

/// The fix, where the cancel function is this function's own.
pub(super) fn fix(engine: &Engine<'_>, acquired: &Acquired, lost: &Lost) -> Option<Fix> {
    let last = &lost.marks.last()?.kind;
    let package = engine.package();
    let at = package.location(acquired.id.decl, acquired.span());
    let mut edits = Vec::new();
    let name = match engine.own_name(acquired) {
        None if *last == MarkKind::Forgotten(LossHow::Dropped) && acquired.holder.is_none() => {
            let taken = |name: &str| package.text(acquired.id.decl).contains(name);
            let name = ["cancel", "cancelCtx", "stop"].into_iter().find(|n| !taken(n))?;
            edits.push(name_for_blank(&at, name)?);
            name.to_string()
        }
        Some(name) => name,
        None => return None,
    };
    let own = lost.marks.iter().all(|m| m.id == acquired.id) && lost.field.is_none();
    let again = matches!(last, MarkKind::Forgotten(LossHow::Again(_) | LossHow::Overwritten | LossHow::Deferred(_)));
    if !own
        || again
        || acquired.holder.is_some() && !engine.is_private(acquired)
        || engine.is_repeated(acquired)
        || engine.gives_context(acquired)
    {
        return None;
    }
    let call = if acquired.model.results.get(1).is_some_and(|r| r.ends_with("CancelCauseFunc")) { "(nil)" } else { "()" };
    edits.push(statement_below(&at, &format!("defer {name}{call}"))?);
    let safety = safety(engine, acquired);
    Some(Fix { title: format!("call {name} when the function returns"), safety, edits })
}

/// Whether nothing is left that the end of the context could break.
fn safety(engine: &Engine<'_>, acquired: &Acquired) -> Safety {
    let package = engine.package();
    let derived = match acquired.model.context {
        Some(ContextOp::Derive { result, .. }) => acquired.call.results.get(result as usize).cloned().flatten(),
        _ => None,
    };
    if derived.is_none_or(|ctx| outlives(package, acquired.id, acquired.span(), &[ctx], Held::Values)) {
        return Safety::Unsafe("what was given the context may still need it after the return");
    }
    // Only the return from `main` is the program's end.
    let ends = package.is_main() && package.fn_name(acquired.id) == "main";
    let signals = package.file(acquired.id.decl).src.slice(acquired.call.callee_span).ends_with("NotifyContext");
    if signals && !ends {
        return Safety::Unsafe("from then on such a signal does what it does by default, which may end the program");
    }
    Safety::Safe
}
