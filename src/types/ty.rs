//! Types as plain values: two types are identical in Go's sense if and only if the values are equal.
//!
//! A named type is its name. What it stands for is asked of the [`World`](super::World), so values are never cyclic and nothing is resolved
//! before somebody asks.

use std::sync::Arc;
use ustr::Ustr;

/// A name in source text.
pub type Name = Ustr;

/// The key of a package: its import path, or for what nobody can import a text of its own.
pub type PkgKey = Ustr;

/// A Go type, or that nothing is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// Not known: a part of it lies out of view, or the code is wrong.
    Unknown,
    /// A predeclared type, typed or untyped. `any`, `error` and `comparable` are [`Type::Interface`] and [`Type::Named`].
    Basic(Basic),
    /// A declared type.
    Named(Arc<Named>),
    /// `*T`
    Pointer(Arc<Type>),
    /// `[]T`
    Slice(Arc<Type>),
    /// `[N]T`; `None` where the length is not known.
    Array(Option<u64>, Arc<Type>),
    /// `map[K]V`
    Map(Arc<Type>, Arc<Type>),
    /// `chan T` and its directions.
    Chan(Dir, Arc<Type>),
    /// A function type.
    Func(Arc<Signature>),
    /// A struct type.
    Struct(Arc<[Field]>),
    /// An interface type.
    Interface(Arc<Interface>),
    /// A type parameter.
    Param(Arc<TypeParam>),
    /// The results of a call that gives several, or none.
    Tuple(Arc<[Type]>),
}

/// Which ends of a channel its type allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dir {
    /// `chan T`
    Both,
    /// `chan<- T`
    Send,
    /// `<-chan T`
    Recv,
}

/// A predeclared type. `byte` is `Uint8`, `rune` is `Int32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Basic {
    Bool,
    Int,
    Int8,
    Int16,
    Int32,
    Int64,
    Uint,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Uintptr,
    Float32,
    Float64,
    Complex64,
    Complex128,
    String,
    UnsafePointer,
    UntypedBool,
    UntypedInt,
    UntypedRune,
    UntypedFloat,
    UntypedComplex,
    UntypedString,
    UntypedNil,
}

/// A declared type by its name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Named {
    /// Its package; empty for `error` and `comparable`.
    pub pkg: PkgKey,
    /// Its name.
    pub name: Name,
    /// Type arguments, if it is generic.
    pub args: Box<[Type]>,
    /// For a type declared inside a function: file (an index into the package's files) and offset in bytes of its spec.
    pub local: Option<(u32, u32)>,
}

/// A field of a struct.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Field {
    /// Its name; for an embedded field the type's.
    pub name: Name,
    /// Its type.
    pub ty: Type,
    /// Whether it is embedded.
    pub embedded: bool,
    /// The package it is declared in, for a name that is not exported; else empty. Part of the identity, as in Go.
    pub pkg: PkgKey,
}

/// A function type. Receivers are no part of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Signature {
    /// Parameters in order, one for each name. The last of a variadic function is a slice.
    pub params: Box<[Type]>,
    /// Results in order.
    pub results: Box<[Type]>,
    /// Whether the last parameter is `...T`.
    pub variadic: bool,
    /// Type parameters of a generic function that is not instantiated.
    pub type_params: Box<[Type]>,
}

/// An interface type.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Interface {
    /// All methods, embedded ones included, sorted by name.
    pub methods: Box<[Method]>,
    /// Whether it has type terms (`~int | string`, `comparable`): then it is a constraint and no type of values.
    pub constraint: bool,
    /// The terms, where they are a plain union: the types of which a type parameter's core type is found.
    pub terms: Box<[Type]>,
    /// Whether a part that it embeds is not known, so that it may have more methods.
    pub open: bool,
}

/// A method of an interface.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Method {
    /// Its name.
    pub name: Name,
    /// The package it is declared in, for a name that is not exported; else empty.
    pub pkg: PkgKey,
    /// Its type.
    pub sig: Arc<Signature>,
}

/// A type parameter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TypeParam {
    /// What declares it: package, and for methods and functions their name (`T.m`, `f`), for types theirs.
    pub owner: (PkgKey, Name),
    /// Its place in the list.
    pub index: u32,
    /// Its name, for people.
    pub name: Name,
}
