//! The first edition's core: its lowering, its link step and its two engines.
//!
//! Frozen. Nothing here is repaired or adapted: one rule after another moves to the core beside it, and what only that rule used is
//! deleted with it.

pub mod flow;
pub mod ir;
pub mod lifetime;
pub mod lower;
pub mod obligation;
pub mod program;
