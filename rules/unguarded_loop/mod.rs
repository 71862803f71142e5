//! A goroutine loops for ever and nothing can make it leave.

use crate::lint::{Level, Meta};

/// The card.
pub const META: Meta = Meta {
    id: "unguarded-loop",
    summary: "A goroutine loops for ever and nothing can make it leave",
    level: Level::Warning,
    cwe: &[835, 772],
    triggers: &["go"],
    docs: include_str!("README.md"),
    since: "0.1.0",
};
