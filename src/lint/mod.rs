//! Rules and what they say: metadata, findings, levels, the sink that rules report into.

mod finding;
pub mod fingerprint;
mod order;
mod rule;

pub use finding::{Edit, Finding, Fix, Level, Problem, ProblemKind, Safety, Step};
pub use order::{same, sort};
pub use rule::{Context, Meta, Rule, Sink, Trace};
