//! What a checked declaration says of its syntax: the type and value of every expression, and what every name stands for.

use super::ty::{Name, PkgKey, Type};
use crate::source::Span;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// A syntax node of the declaration's tree, by tree-sitter's id.
pub type NodeKey = usize;

/// The answers for one declaration.
#[derive(Clone, Debug, Default)]
pub struct Info {
    /// Type, mode and value of expressions (type expressions too). Parentheses have an entry of their own.
    ///
    /// The grammar has quirks that a node's kind does not show, and for which the entries are right all the same: a
    /// `type_conversion_expression` may be a call of a generic function (`f[*T](x)`; then its type has no entry of [`Mode::Type`]); `*(*T)(x)` is one
    /// conversion to `**T` in the tree, and means the value that `(*T)(x)` points to; `x[i]` may be a `generic_type`.
    pub exprs: FxHashMap<NodeKey, TypeAndValue>,
    /// What identifiers stand for, where they are used and where they are declared (the entry is that of the identifier's node).
    pub uses: FxHashMap<NodeKey, Object>,
    /// What `x.f` selects, by the selector expression's node; qualified names (`pkg.F`) are in `uses` by their field node.
    pub selections: FxHashMap<NodeKey, Selection>,
    /// Type arguments of a generic function that is used, inferred ones included, by the node of the function's name (identifier, or the
    /// field of a qualified name or selector).
    pub instances: FxHashMap<NodeKey, Arc<[Type]>>,
    /// Variables that have no identifier of their own: the one of each clause in `switch x := y.(type)`, by the node of the clause.
    pub implicits: FxHashMap<NodeKey, u32>,
    /// All local variables, in the order of their declarations; parameters of the declaration first (receiver, parameters, results; unnamed
    /// ones too), those of literals where these stand.
    pub locals: Vec<Local>,
    /// Parameters, by the node of the declaration or of the function literal: receiver, parameters, results, each an index into `locals`.
    pub signatures: FxHashMap<NodeKey, Params>,
}

/// The variables of a function's signature, as indices into [`Info::locals`].
#[derive(Clone, Debug, Default)]
pub struct Params {
    /// The receiver.
    pub receiver: Option<u32>,
    /// Parameters in order, one for each name; unnamed ones have a local too.
    pub params: Vec<u32>,
    /// Results in order; unnamed ones have a local too.
    pub results: Vec<u32>,
}

/// A local variable.
#[derive(Clone, Debug)]
pub struct Local {
    /// Its name; empty or `_` if it has none.
    pub name: Name,
    /// Its type.
    pub ty: Type,
    /// Where it is declared, in bytes of the file.
    pub span: Span,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeAndValue {
    /// Its type. Untyped constants have the type that they take on where they stand, as in `go/types`; `Tuple` for calls with none or several
    /// results; comma-ok forms have the type of the value alone.
    pub ty: Type,
    /// How it can be used.
    pub mode: Mode,
    /// Its value, if it is constant.
    pub value: Option<Const>,
}

/// How an expression can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A value.
    Value,
    /// A variable: its address can be taken.
    Variable,
    /// An element of a map.
    MapIndex,
    /// A type.
    Type,
    /// A predeclared function.
    Builtin(Builtin),
    /// No value: a call without results.
    Void,
    /// Not known.
    Unknown,
}

/// A predeclared function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Builtin {
    Append,
    Cap,
    Clear,
    Close,
    Complex,
    Copy,
    Delete,
    Imag,
    Len,
    Make,
    Max,
    Min,
    New,
    Panic,
    Print,
    Println,
    Real,
    Recover,
    /// A function of package `unsafe`.
    Unsafe,
}

/// A constant's value.
#[derive(Clone, Debug, PartialEq)]
pub enum Const {
    /// A boolean.
    Bool(bool),
    /// An integer or rune that fits.
    Int(i128),
    /// A float.
    Float(f64),
    /// A string.
    Str(Arc<str>),
    /// A constant whose value is not worked out (complex, or too large).
    Other,
}

/// What a name stands for.
#[derive(Clone, Debug, PartialEq)]
pub enum Object {
    /// A local variable, by its index in [`Info::locals`].
    Local(u32),
    /// A variable of a package.
    Var {
        /// Its package.
        pkg: PkgKey,
        /// Its name.
        name: Name,
    },
    /// A constant, local or of a package; its value is in [`Info::exprs`].
    Const,
    /// A function of a package.
    Func(FuncId),
    /// A type.
    Type(Type),
    /// An imported package.
    Package(PkgKey),
    /// A predeclared function.
    Builtin(Builtin),
    /// `nil`
    Nil,
    /// A label.
    Label,
}

/// A declared function or method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FuncId {
    /// Its package.
    pub pkg: PkgKey,
    /// For a method the name of the receiver's type (or of the interface that declares it).
    pub recv: Option<Name>,
    /// Its name.
    pub name: Name,
}

/// What `x.f` selects.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// What kind of thing it is.
    pub kind: SelectionKind,
    /// The type of `x`, or for a method expression the type it is of.
    pub recv: Type,
    /// The embedded fields on the way, outermost first, by index in their structs, and for a field its own index as the last. Pointers on the
    /// way are followed silently.
    pub path: Vec<u32>,
    /// The type that declares the method, after the path was followed, without pointer. For an interface's method it is the interface.
    pub owner: Type,
}

/// What kind of thing a selector selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SelectionKind {
    /// A field.
    Field,
    /// A method of a declared type: this function is called.
    Method {
        /// The method.
        func: FuncId,
        /// Whether its receiver is a pointer.
        pointer: bool,
    },
    /// A method of an interface: which function is called depends on what is in `x`.
    Interface,
    /// `T.m`: a function whose first parameter is the receiver; static or of an interface.
    Expr {
        /// The method, or `None` for an interface's.
        func: Option<FuncId>,
        /// Whether the method's receiver is a pointer.
        pointer: bool,
    },
}

impl std::fmt::Display for FuncId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.pkg.is_empty() {
            write!(f, "{}.", self.pkg)?;
        }
        if let Some(recv) = self.recv {
            write!(f, "{recv}.")?;
        }
        write!(f, "{}", self.name)
    }
}
