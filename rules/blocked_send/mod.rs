//! A goroutine sends, and the receiver can be gone.

use crate::lint::{Level, Meta};

/// The card.
pub const META: Meta = Meta {
    id: "blocked-send",
    summary: "A goroutine sends on a channel whose receiver can be gone",
    level: Level::Error,
    cwe: &[833, 772],
    triggers: &["go"],
    docs: include_str!("README.md"),
    since: "0.1.0",
};
