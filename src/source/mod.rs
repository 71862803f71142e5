//! From paths to the text and the declarations of Go packages.

mod text;

pub use text::{LineCol, Location, SourceFile, Span};
