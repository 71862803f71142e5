//! goleash reads Go source and asks one question of every goroutine: how does it end?
//!
//! The stages in the order in which a run passes them; [`pipeline`] ties them together:
//! [`source`] (discover, scan, outline) → [`syntax`] (parse one declaration) → [`lower`] → [`ir`] → [`program`] (link) → [`flow`] and
//! the engines [`lifetime`] and [`obligation`] → [`rules`] → [`lint`] (findings) → [`report`].

pub mod baseline;
pub mod cli;
pub mod config;
pub mod debug;
pub mod derive;
pub mod fix;
pub mod flow;
pub mod git;
pub mod ir;
pub mod lifetime;
pub mod lint;
pub mod lower;
pub mod lsp;
pub mod models;
pub mod obligation;
pub mod pipeline;
pub mod program;
pub mod report;
pub mod review;
#[path = "../rules/mod.rs"]
pub mod rules;
pub mod session;
pub mod source;
pub mod syntax;
mod words;
