//! Composite literals.

use super::Lower;
use crate::ir::{Op, Operand};
use crate::source::Span;
use crate::syntax::{Field, Kind, child, kind, named};
use crate::types::Type;
use tree_sitter::Node;

impl Lower<'_> {
    /// The value of `T{…}`.
    pub(super) fn composite(&mut self, node: Node<'_>) -> Operand {
        let ty = self.type_of(node);
        match child(node, Field::Body) {
            Some(body) => self.literal(body, &ty),
            None => self.opaque(node),
        }
    }

    /// A pointer to the value of `T{…}`.
    pub(super) fn allocated(&mut self, node: Node<'_>) -> Operand {
        let ty = self.type_of(node);
        match child(node, Field::Body) {
            Some(body) => self.literal_behind(body, &ty),
            None => self.opaque(node),
        }
    }

    fn literal(&mut self, body: Node<'_>, ty: &Type) -> Operand {
        let span = self.span(body);
        match self.under(ty) {
            Type::Struct(_) | Type::Array(..) => {
                let addr = self.literal_behind(body, ty);
                self.value(ty.clone(), span, |dst| Op::Load { dst, addr })
            }
            Type::Slice(element) => {
                let items: Vec<Operand> = elements(body).map(|(_, value)| self.item(value, &element)).collect();
                self.value(ty.clone(), span, |dst| Op::SliceOf { dst, items })
            }
            Type::Map(key_type, value_type) => {
                let map = self.value(ty.clone(), span, |dst| Op::MakeMap { dst });
                for (key, value) in elements(body) {
                    let Some(key) = key else { continue };
                    let key = self.item(key, &key_type);
                    let val = self.item(value, &value_type);
                    self.emit(Op::MapSet { map: map.clone(), key, val }, span);
                }
                map
            }
            Type::Pointer(inner) => self.literal_behind(body, &inner),
            _ => {
                let items: Vec<Operand> = elements(body).map(|(_, value)| self.item(value, &Type::Unknown)).collect();
                self.unknown(items, ty.clone(), span)
            }
        }
    }

    /// Fresh memory filled as the literal says; the pointer to it.
    fn literal_behind(&mut self, body: Node<'_>, ty: &Type) -> Operand {
        let span = self.span(body);
        let pointer = Type::Pointer(ty.clone().into());
        match self.under(ty) {
            Type::Struct(fields) => {
                let cell = self.value(pointer, span, |dst| Op::Alloc { dst, ty: ty.clone() });
                for (i, (key, value)) in elements(body).enumerate() {
                    let index = match key {
                        Some(key) => {
                            let name = self.text(inner(key));
                            fields.iter().position(|f| f.name == name)
                        }
                        None => Some(i),
                    };
                    let Some((index, field)) = index.and_then(|i| Some((i, fields.get(i)?))) else {
                        self.item(value, &Type::Unknown);
                        continue;
                    };
                    let val = self.item(value, &field.ty);
                    self.set_field(&cell, index, field.ty.clone(), val, span);
                }
                cell
            }
            Type::Array(_, element) => {
                let cell = self.value(pointer, span, |dst| Op::Alloc { dst, ty: ty.clone() });
                for (i, (key, value)) in elements(body).enumerate() {
                    let index = match key {
                        Some(key) => self.expr(inner(key)),
                        None => Operand::int(i64::try_from(i).unwrap_or(0)),
                    };
                    let val = self.item(value, &element);
                    let pointer = Type::Pointer((*element).clone().into());
                    let addr = self.value(pointer, span, |dst| Op::Elem { dst, base: cell.clone(), index });
                    self.emit(Op::Store { addr, val }, span);
                }
                cell
            }
            _ => {
                let val = self.literal(body, ty);
                let cell = self.value(pointer, span, |dst| Op::Alloc { dst, ty: ty.clone() });
                self.emit(Op::Store { addr: cell.clone(), val }, span);
                cell
            }
        }
    }

    fn set_field(&mut self, cell: &Operand, index: usize, ty: Type, val: Operand, span: Span) {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        let addr = self.value(Type::Pointer(ty.into()), span, |dst| Op::Field { dst, base: cell.clone(), index });
        self.emit(Op::Store { addr, val }, span);
    }

    /// One element, whose own literal may leave its type out.
    fn item(&mut self, element: Node<'_>, ty: &Type) -> Operand {
        let node = inner(element);
        if kind(node) == Kind::LiteralValue { self.literal(node, ty) } else { self.expr_as(node, ty) }
    }
}

/// What a literal's element holds.
fn inner(element: Node<'_>) -> Node<'_> {
    if kind(element) == Kind::LiteralElement { named(element).next().unwrap_or(element) } else { element }
}

/// The elements of a literal with their keys.
fn elements<'t>(body: Node<'t>) -> impl Iterator<Item = (Option<Node<'t>>, Node<'t>)> {
    named(body).filter_map(|element| {
        if kind(element) != Kind::KeyedElement {
            return Some((None, element));
        }
        let mut parts = named(element);
        let (key, value) = (parts.next(), parts.next());
        value.map(|value| (key, value))
    })
}
