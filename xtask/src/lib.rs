//! What makes the checked-in tables of goleash. It is built only when it is asked for: `cargo xtask`.

pub mod derive;
