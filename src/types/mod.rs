//! Types, right or absent: what `go/types` would say of an expression, or that it is not known.
//!
//! Architecture invariant: never a type, callee or constant that differs from Go's own. `tests/gotypes` holds this against `go/types`.

mod info;
pub mod stdlib;
mod ty;

pub use info::{Builtin, Const, FuncId, Info, Local, Mode, NodeKey, Object, Params, Selection, SelectionKind, TypeAndValue};
pub use ty::{Basic, Dir, Field, Interface, Method, Name, Named, PkgKey, Signature, Type, TypeParam};
