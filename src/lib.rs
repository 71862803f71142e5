//! goleash reads Go source and asks one question of every goroutine: how does it end?
//!
//! The stages in the order in which a run passes them; [`pipeline`] ties them together:
//! [`source`] (discover, scan, outline) → [`syntax`] (parse one declaration) → the core → [`rules`] → [`lint`] (findings) → [`report`].
//! The core is being replaced: [`old`] is the one that the rules still ask.

pub mod baseline;
pub mod cli;
pub mod config;
pub mod debug;
pub mod effects;
pub mod explore;
pub mod fix;
pub mod flow;
#[doc(hidden)]
pub mod fuzzing;
pub mod git;
pub mod ir;
pub mod lint;
pub mod lower;
pub mod lsp;
pub mod models;
pub mod old;
pub mod pipeline;
pub mod report;
pub mod review;
#[path = "../rules/mod.rs"]
pub mod rules;
pub mod session;
pub mod source;
pub mod store;
pub mod syntax;
pub mod types;
pub mod verdict;
mod words;
