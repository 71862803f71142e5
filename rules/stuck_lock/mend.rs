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
    let safety = if kept.plain { Safety::Safe } else { Safety::Unsafe };
    let edit = Edit { at: Location { file, span: Span::new(start, start) }, text };
    Some(Fix { title: format!("unlock `{name}` before this return"), safety, edits: vec![edit] })
}
