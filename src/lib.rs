//! goleash reads Go source and asks one question of every goroutine: how does it end?

pub mod lint;
pub mod models;
pub mod source;
pub mod syntax;
