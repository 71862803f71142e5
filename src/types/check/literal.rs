//! Composite literals.

use super::super::info::{Const, Mode};
use super::super::ty::{Field as StructField, Type};
use super::{Checker, Operand};
use crate::syntax::{Field, Kind, child, kind, named};
use std::sync::Arc;
use tree_sitter::Node;

impl<'p> Checker<'_, 'p> {
    pub(super) fn composite(&mut self, node: Node<'p>) -> Operand<'p> {
        let (Some(type_node), Some(body)) = (child(node, Field::Type), child(node, Field::Body)) else {
            return Operand::unknown();
        };
        let ty = self.typ(type_node);
        let (length, whole) = self.literal_body(body, &ty);
        let Type::Array(None, elem) = &ty else { return Operand::value(ty) };
        if kind(type_node) != Kind::ImplicitLengthArrayType {
            return Operand::value(ty);
        }
        let ty = Type::Array(length.filter(|_| whole), Arc::clone(elem));
        self.record_type(type_node, ty.clone());
        Operand::value(ty)
    }

    /// What stands between the braces of a literal of type `ty`; returns how long an array of it is, and whether that is certain.
    fn literal_body(&mut self, body: Node<'p>, ty: &Type) -> (Option<u64>, bool) {
        self.depth += 1;
        let out = if self.depth > super::MAX_DEPTH { (None, false) } else { self.literal_elements(body, ty) };
        self.depth -= 1;
        out
    }

    fn literal_elements(&mut self, body: Node<'p>, ty: &Type) -> (Option<u64>, bool) {
        match self.world.core(ty) {
            Type::Struct(fields) => {
                self.struct_literal(body, &fields);
                (None, false)
            }
            Type::Array(_, elem) | Type::Slice(elem) => self.array_literal(body, &elem),
            Type::Map(key, value) => {
                for entry in named(body) {
                    if let (Some(k), Some(v)) = (child(entry, Field::Key), child(entry, Field::Value)) {
                        self.literal_element(k, &key);
                        self.literal_element(v, &value);
                    }
                }
                (None, false)
            }
            _ => {
                for entry in named(body) {
                    self.unknown_element(entry);
                }
                (None, false)
            }
        }
    }

    fn struct_literal(&mut self, body: Node<'p>, fields: &[StructField]) {
        for (index, entry) in named(body).enumerate() {
            if kind(entry) != Kind::KeyedElement {
                let ty = fields.get(index).map_or(Type::Unknown, |field| field.ty.clone());
                self.literal_element(entry, &ty);
                continue;
            }
            let (Some(key), Some(value)) = (child(entry, Field::Key), child(entry, Field::Value)) else { continue };
            let name = self.name(key);
            let field = fields.iter().find(|field| field.name == name && (field.pkg.is_empty() || field.pkg == self.pkg.key));
            self.literal_element(value, &field.map_or(Type::Unknown, |field| field.ty.clone()));
        }
    }

    fn array_literal(&mut self, body: Node<'p>, elem: &Type) -> (Option<u64>, bool) {
        let (mut next, mut length, mut whole) = (0_u64, 0, true);
        for entry in named(body) {
            let mut value = entry;
            if kind(entry) == Kind::KeyedElement {
                let (Some(key), Some(inner)) = (child(entry, Field::Key), child(entry, Field::Value)) else { continue };
                value = inner;
                let at = match named(key).next().filter(|_| kind(key) == Kind::LiteralElement) {
                    Some(inner) => {
                        let mut at = self.single(inner);
                        self.use_index(&mut at);
                        at.value
                    }
                    None => None,
                };
                match at {
                    Some(Const::Int(at)) => next = u64::try_from(at).unwrap_or(0),
                    _ => whole = false,
                }
            }
            self.literal_element(value, elem);
            next = next.saturating_add(1);
            length = length.max(next);
        }
        (Some(length), whole)
    }

    /// One value: an expression, or a literal that leaves out its type.
    fn literal_element(&mut self, node: Node<'p>, ty: &Type) {
        let inner = if kind(node) == Kind::LiteralElement { named(node).next() } else { Some(node) };
        let Some(inner) = inner else { return };
        if kind(inner) != Kind::LiteralValue {
            let mut operand = self.single(inner);
            self.use_as(&mut operand, ty);
            return;
        }
        // `{…}` for an element of type `*T` is `&T{…}`.
        let base = match self.world.core(ty) {
            Type::Pointer(base) => Type::clone(&base),
            _ => ty.clone(),
        };
        self.literal_body(inner, &base);
        let mode = if *ty == Type::Unknown { Mode::Unknown } else { Mode::Value };
        self.record(inner, mode, ty, None);
    }

    /// Part of a literal of an unknown type: what looks like a field's name could be one.
    fn unknown_element(&mut self, entry: Node<'p>) {
        if kind(entry) == Kind::KeyedElement {
            if let Some(key) = child(entry, Field::Key)
                && named(key).next().is_none_or(|inner| kind(inner) != Kind::Identifier)
            {
                self.literal_element(key, &Type::Unknown);
            }
            if let Some(value) = child(entry, Field::Value) {
                self.literal_element(value, &Type::Unknown);
            }
            return;
        }
        self.literal_element(entry, &Type::Unknown);
    }
}
