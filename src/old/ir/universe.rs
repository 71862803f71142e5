//! What Go declares itself, outside every package (the specification's "Predeclared identifiers").

#[rustfmt::skip]
const TYPES: &[&str] = &[
    "any", "bool", "byte", "comparable", "complex128", "complex64", "error", "float32", "float64", "int", "int16", "int32", "int64",
    "int8", "rune", "string", "uint", "uint16", "uint32", "uint64", "uint8", "uintptr",
];

#[rustfmt::skip]
const FUNCTIONS: &[&str] = &[
    "append", "cap", "clear", "close", "complex", "copy", "delete", "imag", "len", "make", "max", "min", "new", "panic", "print",
    "println", "real", "recover",
];

/// Whether the name is a type of the language, where no package declares another.
#[must_use]
pub fn is_predeclared_type(name: &str) -> bool {
    TYPES.contains(&name)
}

/// Whether a call of the name is one of the language's functions or a conversion to one of its types, where no package declares another.
#[must_use]
pub fn is_predeclared_callee(name: &str) -> bool {
    FUNCTIONS.contains(&name) || is_predeclared_type(name)
}
