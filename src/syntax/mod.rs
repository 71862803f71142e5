//! tree-sitter behind typed accessors: one declaration's text in, a tree with offsets of the file out.
//!
//! Nothing outside this module and `lower` knows the grammar's names.

mod kind;
mod parse;
mod repair;

pub use kind::{Field, Kind, child, children, kind, named};
pub use parse::{ParsedDecl, parse_decl, too_deep};
