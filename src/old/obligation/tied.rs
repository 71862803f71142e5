//! What hangs on a derived context.

use super::{Acquired, Engine};
use crate::old::ir::{Operand, Term};
use crate::old::lifetime::guards::is_context;

impl Engine<'_> {
    /// Whether the function gives the derived context itself away: to end it with the function would break what others do with it.
    #[must_use]
    pub fn gives_context(&self, acquired: &Acquired) -> bool {
        let Some((body, func)) = self.package.func(acquired.id) else { return true };
        let is =
            |v: &Operand| v.place().is_some_and(|p| is_context(self.package, &self.package.ty_of(acquired.id.decl, body, p)));
        func.blocks.iter().any(|b| matches!(&b.term, Term::Return(values) if values.iter().any(is)))
    }
}
