//! The missing unlock, put in.

use crate::lint::{Edit, Fix, Safety};
use crate::old::ir::LocalKind;
use crate::old::lifetime::locks::{Kept, KeyRoot, Locks, Mode};
use crate::old::program::FnId;
use crate::source::{Location, Span};
use std::sync::Arc;

/// The unlock before a `return` that stands alone on its line.
pub(super) fn unlock_before(locks: &Locks<'_>, id: FnId, kept: &Kept) -> Option<Fix> {
    if kept.ends || kept.held.at.id != id {
        return None;
    }
    let package = locks.package();
    let body = package.body(id.decl)?;
    // Only what is known in the whole function can be named there.
    let known = match kept.held.key.root {
        KeyRoot::Local(local) => matches!(body.local(local).kind, LocalKind::Recv | LocalKind::Param(_)),
        KeyRoot::Global(_) | KeyRoot::Import(..) => true,
    };
    let name = super::name_of(locks, &kept.held);
    if !known || name.contains(' ') {
        return None;
    }
    let unlock = if kept.held.mode == Mode::Read { "RUnlock" } else { "Unlock" };
    let file = Arc::clone(&package.file(id.decl).src);
    let start = kept.exit.start as usize;
    let line = file.text.get(..start)?.rfind('\n').map_or(0, |i| i + 1);
    let indent = file.text.get(line..start)?;
    if !indent.trim().is_empty() {
        return None;
    }
    let text = format!("{name}.{unlock}()\n{indent}");
    let safety = safety(locks, id, kept, &name, unlock);
    let edit = Edit { at: Location { file, span: Span::new(start, start) }, text };
    Some(Fix { title: format!("unlock `{name}` before this return"), safety, edits: vec![edit] })
}

/// Whether the unlock is this function's own business, and nothing that is returned needs the lock. An unlock too many ends the program.
fn safety(locks: &Locks<'_>, id: FnId, kept: &Kept, name: &str, unlock: &str) -> Safety {
    if !kept.plain {
        return Safety::Unsafe("what is returned is then read without the lock");
    }
    let package = locks.package();
    let own = package.text(id.decl);
    // A deferred call that asks whether the lock is held, or a literal that unlocks it, may do so here as well.
    let others = own.contains("defer ") || own.contains("func(");
    let lock = unlock.replace("Unlock", "Lock");
    let field = name.rsplit('.').next().unwrap_or(name);
    let (unlock, lock) = (format!("{field}.{unlock}("), format!("{field}.{lock}("));
    // A function that unlocks without having locked does so for others: perhaps for who calls this one.
    let for_others = |decl| match package.text(decl).find(&unlock) {
        Some(at) => package.text(decl).find(&lock).is_none_or(|locked| locked > at),
        None => false,
    };
    // Of an embedded lock, `s.Unlock()`, every other name of its owner would have to be known.
    let embedded = !name.contains('.') && matches!(kept.held.key.root, KeyRoot::Local(_));
    let seen_elsewhere = embedded || field.chars().next().is_some_and(char::is_uppercase);
    if kept.released.is_none() || others || seen_elsewhere || package.decls().any(for_others) {
        return Safety::Unsafe("another function may count on the lock, or unlock it");
    }
    Safety::Safe
}
