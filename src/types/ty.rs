//! Types as plain values: two types are identical in Go's sense if and only if the values are equal.
//!
//! A named type is its name. What it stands for is asked of the [`World`](super::World), so values are never cyclic and nothing is resolved
//! before somebody asks.

use std::fmt;
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

/// As `go/types` prints them, with full package paths, without the names of parameters and tags; `?` for what is not known.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("?"),
            Self::Basic(basic) => f.write_str(basic.name()),
            Self::Named(named) => write!(f, "{named}"),
            Self::Pointer(elem) => write!(f, "*{elem}"),
            Self::Slice(elem) => write!(f, "[]{elem}"),
            Self::Array(Some(length), elem) => write!(f, "[{length}]{elem}"),
            Self::Array(None, elem) => write!(f, "[?]{elem}"),
            Self::Map(key, value) => write!(f, "map[{key}]{value}"),
            Self::Chan(Dir::Both, elem) if matches!(**elem, Self::Chan(Dir::Recv, _)) => write!(f, "chan ({elem})"),
            Self::Chan(Dir::Both, elem) => write!(f, "chan {elem}"),
            Self::Chan(Dir::Send, elem) => write!(f, "chan<- {elem}"),
            Self::Chan(Dir::Recv, elem) => write!(f, "<-chan {elem}"),
            Self::Func(sig) => write!(f, "func{sig}"),
            Self::Struct(fields) => {
                f.write_str("struct{")?;
                for (index, field) in fields.iter().enumerate() {
                    let separator = if index == 0 { "" } else { "; " };
                    match field.embedded {
                        true => write!(f, "{separator}{}", field.ty)?,
                        false => write!(f, "{separator}{} {}", field.name, field.ty)?,
                    }
                }
                f.write_str("}")
            }
            Self::Interface(interface) => write!(f, "{interface}"),
            Self::Param(param) => f.write_str(param.name.as_str()),
            Self::Tuple(types) => write!(f, "({})", List(types)),
        }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.pkg.is_empty() {
            write!(f, "{}.", self.pkg)?;
        }
        f.write_str(self.name.as_str())?;
        if self.args.is_empty() {
            Ok(())
        } else {
            write!(f, "[{}]", self.args.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
        }
    }
}

/// What follows `func`.
impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(")?;
        for (index, param) in self.params.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            match param {
                Type::Slice(elem) if self.variadic && index + 1 == self.params.len() => write!(f, "{separator}...{elem}")?,
                other => write!(f, "{separator}{other}")?,
            }
        }
        match &*self.results {
            [] => f.write_str(")"),
            [one] => write!(f, ") {one}"),
            several => write!(f, ") ({})", List(several)),
        }
    }
}

impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = self.methods.iter().map(|method| format!("{}{}", method.name, method.sig)).collect();
        if !self.terms.is_empty() {
            parts.push(self.terms.iter().map(ToString::to_string).collect::<Vec<_>>().join("|"));
        } else if self.constraint {
            parts.push("comparable".to_owned());
        }
        if self.open {
            parts.push("?".to_owned());
        }
        if parts.is_empty() { f.write_str("interface {}") } else { write!(f, "interface{{{}}}", parts.join("; ")) }
    }
}

struct List<'a>(&'a [Type]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, ty) in self.0.iter().enumerate() {
            write!(f, "{}{ty}", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl Basic {
    /// Its name in Go.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Int8 => "int8",
            Self::Int16 => "int16",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::Uint => "uint",
            Self::Uint8 => "uint8",
            Self::Uint16 => "uint16",
            Self::Uint32 => "uint32",
            Self::Uint64 => "uint64",
            Self::Uintptr => "uintptr",
            Self::Float32 => "float32",
            Self::Float64 => "float64",
            Self::Complex64 => "complex64",
            Self::Complex128 => "complex128",
            Self::String => "string",
            Self::UnsafePointer => "unsafe.Pointer",
            Self::UntypedBool => "untyped bool",
            Self::UntypedInt => "untyped int",
            Self::UntypedRune => "untyped rune",
            Self::UntypedFloat => "untyped float",
            Self::UntypedComplex => "untyped complex",
            Self::UntypedString => "untyped string",
            Self::UntypedNil => "untyped nil",
        }
    }
}
