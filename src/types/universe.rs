//! The predeclared names.

use super::info::{Builtin, Const};
use super::ty::{Basic, Interface, Method, Name, Named, PkgKey, Signature, Type};
use std::sync::{Arc, OnceLock};

/// What a predeclared name stands for.
#[derive(Clone, Debug)]
pub(super) enum Universe {
    Type(Type),
    Const(Basic, Const),
    Iota,
    Nil,
    Builtin(Builtin),
}

/// What a name stands for that nobody declares.
pub(super) fn universe(name: &str) -> Option<Universe> {
    let basic = match name {
        "bool" => Basic::Bool,
        "int" => Basic::Int,
        "int8" => Basic::Int8,
        "int16" => Basic::Int16,
        "int32" | "rune" => Basic::Int32,
        "int64" => Basic::Int64,
        "uint" => Basic::Uint,
        "uint8" | "byte" => Basic::Uint8,
        "uint16" => Basic::Uint16,
        "uint32" => Basic::Uint32,
        "uint64" => Basic::Uint64,
        "uintptr" => Basic::Uintptr,
        "float32" => Basic::Float32,
        "float64" => Basic::Float64,
        "complex64" => Basic::Complex64,
        "complex128" => Basic::Complex128,
        "string" => Basic::String,
        _ => return other(name),
    };
    Some(Universe::Type(Type::Basic(basic)))
}

fn other(name: &str) -> Option<Universe> {
    let builtin = match name {
        "true" => return Some(Universe::Const(Basic::UntypedBool, Const::Bool(true))),
        "false" => return Some(Universe::Const(Basic::UntypedBool, Const::Bool(false))),
        "iota" => return Some(Universe::Iota),
        "nil" => return Some(Universe::Nil),
        "any" => return Some(Universe::Type(any())),
        "error" | "comparable" => return Some(Universe::Type(predeclared(name))),
        "append" => Builtin::Append,
        "cap" => Builtin::Cap,
        "clear" => Builtin::Clear,
        "close" => Builtin::Close,
        "complex" => Builtin::Complex,
        "copy" => Builtin::Copy,
        "delete" => Builtin::Delete,
        "imag" => Builtin::Imag,
        "len" => Builtin::Len,
        "make" => Builtin::Make,
        "max" => Builtin::Max,
        "min" => Builtin::Min,
        "new" => Builtin::New,
        "panic" => Builtin::Panic,
        "print" => Builtin::Print,
        "println" => Builtin::Println,
        "real" => Builtin::Real,
        "recover" => Builtin::Recover,
        _ => return None,
    };
    Some(Universe::Builtin(builtin))
}

/// `any`
pub(super) fn any() -> Type {
    static ANY: OnceLock<Type> = OnceLock::new();
    ANY.get_or_init(|| Type::Interface(Arc::default())).clone()
}

/// `error` and `comparable`
fn predeclared(name: &str) -> Type {
    Type::Named(Arc::new(Named { pkg: PkgKey::default(), name: Name::from(name), args: Box::default(), local: None }))
}

/// What `error` and `comparable` stand for.
pub(super) fn predeclared_underlying(name: &str) -> Type {
    let mut interface = Interface::default();
    if name == "error" {
        let string = Signature { results: Box::new([Type::Basic(Basic::String)]), ..Signature::default() };
        interface.methods = Box::new([Method { name: Name::from("Error"), pkg: PkgKey::default(), sig: Arc::new(string) }]);
    } else {
        interface.constraint = true;
    }
    Type::Interface(Arc::new(interface))
}
