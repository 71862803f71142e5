//! Rules and what they say: metadata, findings, levels, the sink that rules report into.

mod finding;
mod rule;

pub use finding::{Edit, Finding, Fix, Level, Problem, ProblemKind, Safety, Step};
pub use rule::{Context, Meta, Rule, Sink, Trace};
