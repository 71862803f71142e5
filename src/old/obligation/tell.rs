//! What rules about obligations have in common: look at everything of a kind that the package acquires, and tell.

use super::{Acquired, Engine, Fate, Lost};
use crate::lint::{Context, Meta, Sink};
use crate::old::lifetime::Draft;

/// Asks `look` about everything of these kinds that the package acquires where the rule's tokens stand, and reports what it says, or why
/// it says nothing.
pub fn tell_of_acquired(
    cx: &Context<'_>,
    sink: &mut Sink,
    meta: &'static Meta,
    kinds: &[&str],
    look: impl Fn(&Engine<'_>, &Acquired) -> Result<Draft, String>,
) {
    let package = cx.package;
    let engine = Engine::new(package);
    for decl in package.triggered(|t| cx.is_token(t, meta.triggers)).into_iter().filter(|d| package.wants_findings(*d)) {
        for acquired in engine.acquired(decl, kinds) {
            match look(&engine, &acquired) {
                Ok(draft) => sink.report(draft.finish(package)),
                Err(reason) => sink.pass(meta.id, || package.location(decl, acquired.span()), || reason),
            }
        }
    }
}

impl Engine<'_> {
    /// How a thing is lost.
    ///
    /// # Errors
    /// Why it is not, for `--trace`; `released` is what to say where every way out lets it go.
    pub fn lost(&self, acquired: &Acquired, released: &str) -> Result<Lost, String> {
        match self.fate(acquired) {
            Fate::Lost(lost) => Ok(lost),
            Fate::Released => Err(released.to_owned()),
            Fate::Silent(reason) => Err(reason),
        }
    }
}
