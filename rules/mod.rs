//! The rules, one folder each.

pub mod blocked_send;
pub mod unguarded_loop;

use crate::lint::Meta;

/// The cards of all rules, by id.
#[must_use]
pub fn metas() -> Vec<&'static Meta> {
    vec![&blocked_send::META, &unguarded_loop::META]
}
