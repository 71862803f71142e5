//! A comment that is to suppress a finding and does not, or does not say why.

use crate::lint::{Context, Family, Level, Meta, Rule, Sink, suppress};

/// The rule.
pub(super) struct BadSuppression;

static META: Meta = Meta {
    id: suppress::RULE,
    summary: "A comment that suppresses nothing, or does not say why",
    level: Level::Warning,
    cwe: &[1116],
    triggers: &[suppress::WORD],
    docs: include_str!("README.md"),
    since: "0.1.0",
    family: Family::Duties,
};

impl Rule for BadSuppression {
    fn meta(&self) -> &'static Meta {
        &META
    }

    /// Only when all findings of a run are there it can be said which comment suppresses none: `lint::suppress` does.
    fn check(&self, _: &Context<'_>, _: &mut Sink) {}
}
