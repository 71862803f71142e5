//! A goroutine loops for ever and nothing can make it leave.

use crate::lint::{Context, Level, Meta, Rule, Sink};

/// The rule.
pub(super) struct UnguardedLoop;

static META: Meta = Meta {
    id: "unguarded-loop",
    summary: "A goroutine loops for ever and nothing can make it leave",
    level: Level::Warning,
    cwe: &[835, 772],
    triggers: crate::lifetime::SPAWN_TOKENS,
    docs: include_str!("README.md"),
    since: "0.1.0",
};

impl Rule for UnguardedLoop {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, _cx: &Context<'_>, _sink: &mut Sink) {}
}
