//! `x.f`: qualified names, fields, methods, method expressions; and what function values with type arguments are.

use super::super::info::{Mode, SelectionKind};
use super::super::members::{Lookup, Member};
use super::super::subst::{Substitution, subst_signature};
use super::super::ty::{Signature, Type};
use super::{Checker, Operand};
use crate::syntax::{Field, Kind, child, kind, named};
use std::sync::Arc;
use tree_sitter::Node;

impl<'p> Checker<'_, 'p> {
    pub(super) fn selector(&mut self, node: Node<'p>) -> Operand<'p> {
        let (Some(base), Some(field)) = (child(node, Field::Operand), child(node, Field::Field)) else {
            return Operand::unknown();
        };
        if kind(base) == Kind::Identifier
            && let Some(operand) = self.qualified(base, field)
        {
            return operand;
        }
        let base = self.expr_or_type(base);
        self.select(node, &base, field)
    }

    /// What `field` selects in `base`, recorded at `node`.
    pub(super) fn select(&mut self, node: Node<'p>, base: &Operand<'p>, field: Node<'p>) -> Operand<'p> {
        if base.is_unknown() || matches!(base.mode, Mode::Builtin(_)) {
            return Operand::unknown();
        }
        let name = self.name(field);
        let Lookup::Found(member) = self.world.member(&base.ty, name, self.pkg.key) else { return Operand::unknown() };
        let Member { mut selection, ty, indirect } = member;
        if base.is_type() {
            let (func, pointer) = match selection.kind {
                SelectionKind::Method { func, pointer } => (Some(func), pointer),
                SelectionKind::Interface => (None, false),
                _ => return Operand::unknown(),
            };
            selection.kind = SelectionKind::Expr { func, pointer };
            if self.recording {
                self.info.selections.insert(node.id(), selection);
            }
            let Type::Func(sig) = ty else { return Operand::unknown() };
            return Operand::value(Type::Func(Arc::new(with_receiver(&base.ty, &sig))));
        }
        let is_field = selection.kind == SelectionKind::Field;
        if self.recording {
            self.info.selections.insert(node.id(), selection);
        }
        let variable = is_field && (base.mode == Mode::Variable || indirect);
        Operand::new(if variable { Mode::Variable } else { Mode::Value }, ty)
    }

    /// The node of a function's name in the expression that it is called by.
    pub(super) fn name_node(node: Node<'p>) -> Node<'p> {
        let inner = match kind(node) {
            Kind::SelectorExpression => child(node, Field::Field),
            Kind::QualifiedType => child(node, Field::Name),
            Kind::IndexExpression => child(node, Field::Operand),
            Kind::GenericType => child(node, Field::Type),
            Kind::ParenthesizedExpression | Kind::ParenthesizedType | Kind::TypeInstantiationExpression => named(node).next(),
            _ => return node,
        };
        inner.map_or(node, |inner| if matches!(kind(node), Kind::SelectorExpression) { inner } else { Self::name_node(inner) })
    }

    /// A generic function with type arguments, of which the last may be missing.
    pub(super) fn instantiate_value(&mut self, base: Node<'p>, operand: &Operand<'p>, args: Vec<Type>) -> Operand<'p> {
        let Type::Func(sig) = &operand.ty else { return Operand::unknown() };
        if args.len() > sig.type_params.len() || args.is_empty() {
            return Operand::unknown();
        }
        let full = if args.len() == sig.type_params.len() { Some(args.clone()) } else { self.infer_rest(sig, &args) };
        match full {
            // The function by itself stays generic, as in `go/types`.
            Some(args) => Operand::value(self.instance(base, sig, &args)),
            None => {
                self.partial.insert(Self::name_node(base).id(), args);
                Operand::value(operand.ty.clone())
            }
        }
    }

    /// The type of a generic function whose type arguments were inferred.
    pub(super) fn instantiated(&mut self, base: Node<'p>, sig: &Arc<Signature>, args: &[Type]) -> Type {
        let ty = self.instance(base, sig, args);
        self.retype(base, &ty);
        ty
    }

    /// The type of a generic function with all its type arguments, which are written down.
    fn instance(&mut self, base: Node<'p>, sig: &Arc<Signature>, args: &[Type]) -> Type {
        let by = Substitution::new(&sig.type_params, args);
        let mut plain = Signature::clone(&subst_signature(sig, &by));
        plain.type_params = Box::default();
        let ty = Type::Func(Arc::new(plain));
        if self.recording {
            let name = Self::name_node(base);
            self.info.instances.insert(name.id(), args.into());
        }
        ty
    }

    /// The function of a call turned out to be of another type than it was by itself.
    fn retype(&mut self, node: Node<'p>, ty: &Type) {
        if !self.recording {
            return;
        }
        let mut at = node;
        loop {
            if let Some(entry) = self.info.exprs.get_mut(&at.id())
                && matches!(entry.ty, Type::Func(_))
            {
                entry.ty = ty.clone();
            }
            let inner = match kind(at) {
                Kind::ParenthesizedExpression | Kind::ParenthesizedType => named(at).next(),
                _ => None,
            };
            let Some(inner) = inner else { return };
            at = inner;
        }
    }
}

/// The type of a method expression: the receiver is the first parameter.
fn with_receiver(recv: &Type, sig: &Signature) -> Signature {
    let mut out = sig.clone();
    out.params = std::iter::once(recv.clone()).chain(sig.params.iter().cloned()).collect();
    out
}
