//! goleash reads Go source and asks one question of every goroutine: how does it end?

pub mod cli;
pub mod debug;
pub mod lint;
pub mod pipeline;
pub mod report;
#[path = "../rules/mod.rs"]
pub mod rules;
pub mod source;
