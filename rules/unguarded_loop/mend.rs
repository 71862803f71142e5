//! Ways out: a label for the `break` that leaves too little, or the end of a context.

use crate::fix::guard::done_case;
use crate::lint::{Edit, Fix, Safety};
use crate::old::ir::{Loop, Term};
use crate::old::lifetime::traps::Trap;
use crate::old::program::Package;
use crate::source::Span;

/// The fix: where a `break` was meant to leave, that it does.
pub(super) fn fixes(package: &Package, trap: &Trap) -> Vec<Fix> {
    let Some((_, func)) = package.func(trap.frame.id) else { return Vec::new() };
    let entry = &func.loops[trap.loop_id.at()];
    let fix = if entry.weak_breaks.is_empty() {
        done_case(package, &trap.frame, &[trap.wait_span])
    } else {
        labelled(package, trap, entry)
    };
    fix.into_iter().collect()
}

/// The loop gets a label, and each `break` that was meant for it names it: those that are all that a `case` of a `select` does in the end, or
/// the only one.
fn labelled(package: &Package, trap: &Trap, entry: &Loop) -> Option<Fix> {
    let (_, func) = package.func(trap.frame.id)?;
    let ends_case = |at: &Span| {
        func.blocks.iter().any(|block| match &block.term {
            Term::Select { cases, .. } => cases.iter().any(|case| func.block(case.target).span == *at),
            _ => false,
        })
    };
    let mut meant: Vec<Span> = trap.breaks.iter().filter(|at| ends_case(at)).copied().collect();
    if let ([], [only]) = (meant.as_slice(), entry.weak_breaks.as_slice()) {
        meant.extend(trap.breaks.iter().filter(|at| *at == only));
    }
    let file = &package.file(trap.decl()).src;
    let text = file.text.as_str();
    let at = |start: u32, end: u32| package.location(trap.decl(), Span { start, end });
    let mut edits = Vec::new();
    let label = match entry.label {
        Some(label) => label.to_string(),
        None => {
            let taken = package.text(trap.decl());
            let name = ["loop", "rounds", "forever", "out"].into_iter().find(|name| !taken.contains(name))?;
            let line = text.get(..entry.head.start as usize)?.rfind('\n')? + 1;
            let indent = text.get(line..entry.head.start as usize).filter(|before| before.trim().is_empty())?;
            // Labels stand one step to the left of what they name.
            let before = indent.strip_suffix('\t').unwrap_or_default();
            let line = u32::try_from(line).ok()?;
            edits.push(Edit { at: at(line, line), text: format!("{before}{name}:\n") });
            name.to_owned()
        }
    };
    let first = meant.first()?;
    let title = format!("leave the loop with {}", if meant.len() == 1 { "this `break`" } else { "these `break`s" });
    debug_assert!(file.slice(*first) == "break", "a weak break has no label");
    edits.extend(meant.iter().map(|span| Edit { at: at(span.end, span.end), text: format!(" {label}") }));
    edits.sort_by_key(|edit| edit.at.span.start);
    Some(Fix { title, safety: Safety::Unsafe("what stands below the loop runs then"), edits })
}
