//! goleash reads Go source and asks one question of every goroutine: how does it end?

pub mod flow;
pub mod ir;
pub mod lint;
pub mod lower;
pub mod models;
pub mod program;
pub mod source;
pub mod syntax;
