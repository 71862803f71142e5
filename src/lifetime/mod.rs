//! Engine 1: what wakes a goroutine that waits.

/// Tokens that can start a goroutine, for the scanner.
pub const SPAWN_TOKENS: &[&str] = &["go ", ".Go(", "AfterFunc("];
