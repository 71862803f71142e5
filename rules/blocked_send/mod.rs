//! A goroutine sends on a channel whose receiver can be gone.

use crate::lint::{Context, Level, Meta, Rule, Sink};

/// The rule.
pub(super) struct BlockedSend;

static META: Meta = Meta {
    id: "blocked-send",
    summary: "A goroutine sends on a channel whose receiver can be gone",
    level: Level::Error,
    cwe: &[833, 772],
    triggers: crate::lifetime::SPAWN_TOKENS,
    docs: include_str!("README.md"),
    since: "0.1.0",
};

impl Rule for BlockedSend {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn check(&self, _cx: &Context<'_>, _sink: &mut Sink) {}
}
