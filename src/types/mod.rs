//! Types, right or absent: what `go/types` would say of an expression, or that it is not known.
//!
//! [`World`] holds the packages of a run; [`check`] walks one declaration. Whatever hangs on code out of view, or is no valid Go, is
//! [`Type::Unknown`]; nothing is reported.
//!
//! Architecture invariant: never a type, callee or constant that differs from Go's own. `tests/gotypes` holds this against `go/types`.

mod build;
mod check;
mod consts;
mod info;
mod members;
mod memo;
mod pkg;
mod predicates;
mod sizes;
mod sources;
pub mod stdlib;
pub mod stubs;
mod subst;
#[cfg(test)]
mod tests;
mod ty;
mod universe;
mod world;

pub use check::check;
pub use info::{Builtin, Const, FuncId, Info, Local, Mode, NodeKey, Object, Params, Selection, SelectionKind, TypeAndValue};
pub use pkg::{Pkg, Place};
pub use sources::{DiskSources, MemorySources, text_package};
pub use ty::{Basic, Dir, Field, Interface, Method, Name, Named, PkgKey, Signature, Type, TypeParam};
pub use world::{FuncDecl, Sources, StdTable, World};
