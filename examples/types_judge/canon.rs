//! Types and constants in the words of `tests/gotypes/canon.go`. What is not known is `?`.

use goleash::types::{Basic, Const, Dir, Interface, Named, Signature, Type};
use std::fmt::Write as _;

/// The text of a type.
pub(crate) fn canon(ty: &Type) -> String {
    let mut out = String::new();
    write_type(ty, &mut out);
    out
}

fn write_type(ty: &Type, out: &mut String) {
    match ty {
        Type::Unknown => out.push('?'),
        Type::Basic(basic) => out.push_str(name_of(*basic)),
        Type::Named(named) => write_named(named, out),
        Type::Pointer(to) => wrapped("*", to, "", out),
        Type::Slice(element) => wrapped("[]", element, "", out),
        Type::Array(length, element) => {
            let length = length.map_or_else(|| "?".to_owned(), |length| length.to_string());
            let _ = write!(out, "[{length}]");
            write_type(element, out);
        }
        Type::Map(key, value) => {
            wrapped("map[", key, "]", out);
            write_type(value, out);
        }
        Type::Chan(Dir::Both, element) => wrapped("chan(", element, ")", out),
        Type::Chan(Dir::Send, element) => wrapped("chan<-(", element, ")", out),
        Type::Chan(Dir::Recv, element) => wrapped("<-chan(", element, ")", out),
        Type::Func(signature) => {
            out.push_str("func");
            write_signature(signature, out);
        }
        Type::Struct(fields) => {
            out.push_str("struct{");
            for field in fields.iter() {
                let _ = write!(out, "{}{} ", if field.embedded { "!" } else { "" }, field.name);
                wrapped("", &field.ty, ";", out);
            }
            out.push('}');
        }
        Type::Interface(interface) => write_interface(interface, out),
        Type::Param(param) => {
            let _ = write!(out, "${}", param.name);
        }
        Type::Tuple(types) => write_tuple(types, false, out),
    }
}

fn wrapped(before: &str, ty: &Type, after: &str, out: &mut String) {
    out.push_str(before);
    write_type(ty, out);
    out.push_str(after);
}

fn write_named(named: &Named, out: &mut String) {
    out.push_str(&named_path(named));
    for (i, arg) in named.args.iter().enumerate() {
        wrapped(if i == 0 { "[" } else { "," }, arg, "", out);
    }
    if !named.args.is_empty() {
        out.push(']');
    }
}

/// Path and name of a declared type, and its place if it is local.
pub(crate) fn named_path(named: &Named) -> String {
    let mut out = if named.pkg.is_empty() { named.name.to_string() } else { format!("{}.{}", named.pkg, named.name) };
    if let Some((_, offset)) = named.local {
        let _ = write!(out, "@{offset}");
    }
    out
}

fn write_interface(interface: &Interface, out: &mut String) {
    out.push_str("interface{");
    let mut methods: Vec<_> = interface.methods.iter().collect();
    methods.sort_by_key(|method| (method.name.as_str(), method.pkg.as_str()));
    for method in methods {
        out.push_str(&method.name);
        write_signature(&method.sig, out);
        out.push(';');
    }
    out.push_str(if interface.open { "?" } else { "" });
    out.push_str(if interface.constraint { "~" } else { "" });
    out.push('}');
}

fn write_signature(signature: &Signature, out: &mut String) {
    for (i, param) in signature.type_params.iter().enumerate() {
        wrapped(if i == 0 { "[" } else { "," }, param, "", out);
    }
    if !signature.type_params.is_empty() {
        out.push(']');
    }
    write_tuple(&signature.params, signature.variadic, out);
    write_tuple(&signature.results, false, out);
}

fn write_tuple(types: &[Type], variadic: bool, out: &mut String) {
    out.push('(');
    for (i, ty) in types.iter().enumerate() {
        out.push_str(if i > 0 { "," } else { "" });
        out.push_str(if variadic && i + 1 == types.len() { "..." } else { "" });
        write_type(ty, out);
    }
    out.push(')');
}

fn name_of(basic: Basic) -> &'static str {
    match basic {
        Basic::Bool => "bool",
        Basic::Int => "int",
        Basic::Int8 => "int8",
        Basic::Int16 => "int16",
        Basic::Int32 => "int32",
        Basic::Int64 => "int64",
        Basic::Uint => "uint",
        Basic::Uint8 => "uint8",
        Basic::Uint16 => "uint16",
        Basic::Uint32 => "uint32",
        Basic::Uint64 => "uint64",
        Basic::Uintptr => "uintptr",
        Basic::Float32 => "float32",
        Basic::Float64 => "float64",
        Basic::Complex64 => "complex64",
        Basic::Complex128 => "complex128",
        Basic::String => "string",
        Basic::UnsafePointer => "unsafe.Pointer",
        Basic::UntypedBool => "untyped bool",
        Basic::UntypedInt => "untyped int",
        Basic::UntypedRune => "untyped rune",
        Basic::UntypedFloat => "untyped float",
        Basic::UntypedComplex => "untyped complex",
        Basic::UntypedString => "untyped string",
        Basic::UntypedNil => "untyped nil",
    }
}

/// The text of a constant whose underlying type is `ty`; `-` for what is none.
pub(crate) fn value(value: Option<&Const>, ty: &Type) -> String {
    let float = matches!(ty, Type::Basic(Basic::Float32 | Basic::Float64 | Basic::UntypedFloat));
    let complex = matches!(ty, Type::Basic(Basic::Complex64 | Basic::Complex128 | Basic::UntypedComplex));
    match value {
        None => "-".to_owned(),
        Some(_) if complex => "?".to_owned(),
        Some(Const::Other) => "?".to_owned(),
        Some(Const::Bool(bool)) => bool.to_string(),
        #[allow(clippy::cast_precision_loss, reason = "the value that a float constant has")]
        Some(Const::Int(int)) if float => scientific(*int as f64),
        Some(Const::Int(int)) => int.to_string(),
        Some(Const::Float(number)) => scientific(*number),
        Some(Const::Str(text)) => quoted(text.as_bytes()),
    }
}

/// As Go's `%.12e`: a sign and two digits at least in the exponent.
fn scientific(number: f64) -> String {
    let text = format!("{number:.12e}");
    let Some((digits, exponent)) = text.split_once('e') else { return text };
    let (sign, exponent) = exponent.strip_prefix('-').map_or(("+", exponent), |exponent| ("-", exponent));
    format!("{digits}e{sign}{exponent:0>2}")
}

fn quoted(bytes: &[u8]) -> String {
    let mut out = format!("{}:", bytes.len());
    for &byte in bytes.iter().take(40) {
        if (b'!'..0x7f).contains(&byte) && byte != b'%' {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02x}");
        }
    }
    out
}
