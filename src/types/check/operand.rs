//! What an expression turned out to be.

use super::super::info::{Builtin, Const, Mode};
use super::super::ty::Type;
use tree_sitter::Node;

/// An expression with its type, mode and value.
#[derive(Clone, Debug)]
pub(in super::super) struct Operand<'t> {
    pub(in super::super) node: Option<Node<'t>>,
    pub(in super::super) mode: Mode,
    pub(in super::super) ty: Type,
    /// Set for constants.
    pub(in super::super) value: Option<Const>,
}

impl Operand<'_> {
    pub(super) fn new(mode: Mode, ty: Type) -> Self {
        Self { node: None, mode, ty, value: None }
    }

    /// Nothing is known.
    pub(super) fn unknown() -> Self {
        Self::new(Mode::Unknown, Type::Unknown)
    }

    /// A value; of an unknown type it is still one.
    pub(super) fn value(ty: Type) -> Self {
        Self::new(Mode::Value, ty)
    }

    pub(super) fn variable(ty: Type) -> Self {
        Self::new(Mode::Variable, ty)
    }

    pub(super) fn constant(ty: Type, value: Const) -> Self {
        Self { value: Some(value), ..Self::new(Mode::Value, ty) }
    }

    pub(super) fn ty(ty: Type) -> Self {
        Self::new(if ty == Type::Unknown { Mode::Unknown } else { Mode::Type }, ty)
    }

    pub(super) fn builtin(builtin: Builtin) -> Self {
        Self::new(Mode::Builtin(builtin), Type::Unknown)
    }

    pub(super) fn is_type(&self) -> bool {
        self.mode == Mode::Type
    }

    pub(super) fn is_unknown(&self) -> bool {
        self.ty == Type::Unknown
    }

    pub(super) fn is_nil(&self) -> bool {
        self.ty == Type::Basic(super::super::ty::Basic::UntypedNil)
    }

    pub(super) fn is_const(&self) -> bool {
        self.value.is_some()
    }
}
