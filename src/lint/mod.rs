//! Rules and what they say: metadata, findings, levels, the sink that rules report into.

mod finding;
pub mod fingerprint;
mod order;
mod rule;
pub mod suppress;

pub use finding::{Edit, Finding, Fix, Level, Problem, ProblemKind, Reason, Safety, Step, Withheld};
pub use order::{order, same, sort};
pub use rule::{Context, Family, Meta, Rule, Sink, Trace};
