//! Places: pointers to what can be assigned to, and what lies behind selectors and indices.

use super::{Lower, Var};
use crate::ir::{Op, Operand, Pure};
use crate::source::Span;
use crate::syntax::{Field, Kind, child, kind, named};
use crate::types::{Object, Selection, SelectionKind, Type};
use tree_sitter::Node;
use ustr::ustr;

impl Lower<'_> {
    /// The pointer to a variable; `None` for what has no address: a value, or a local in a register.
    pub(super) fn addr(&mut self, node: Node<'_>) -> Option<Operand> {
        let place = if self.descend() { self.addr_inside(node) } else { None };
        self.depth -= 1;
        place
    }

    fn addr_inside(&mut self, node: Node<'_>) -> Option<Operand> {
        let span = self.span(node);
        match kind(node) {
            Kind::ParenthesizedExpression => self.addr(named(node).next()?),
            Kind::Identifier => match self.object(node).cloned()? {
                Object::Local(local) => match self.var(local)? {
                    Var::Cell(cell) => Some(Operand::Reg(cell)),
                    Var::Reg(_) => None,
                },
                Object::Var { pkg, name } => {
                    let ty = Type::Pointer(self.type_of(node).into());
                    Some(self.value(ty, span, |dst| Op::Global { dst, pkg, name }))
                }
                _ => None,
            },
            Kind::UnaryExpression if child(node, Field::Operator).is_some_and(|n| n.kind() == "*") => {
                let operand = child(node, Field::Operand)?;
                Some(self.expr(operand))
            }
            Kind::SelectorExpression => match self.info.selections.get(&node.id()).cloned() {
                Some(selection) if selection.kind == SelectionKind::Field => {
                    let base = self.pointer_to(child(node, Field::Operand)?)?;
                    Some(self.follow(base, &selection, span))
                }
                Some(_) => None,
                None => {
                    let field = child(node, Field::Field)?;
                    let Object::Var { pkg, name } = self.object(field).cloned()? else { return None };
                    let ty = Type::Pointer(self.type_of(node).into());
                    Some(self.value(ty, span, |dst| Op::Global { dst, pkg, name }))
                }
            },
            Kind::IndexExpression => self.element(node),
            _ => None,
        }
    }

    fn element(&mut self, node: Node<'_>) -> Option<Operand> {
        let span = self.span(node);
        let (operand, index) = (child(node, Field::Operand)?, child(node, Field::Index)?);
        let ty = Type::Pointer(self.type_of(node).into());
        let base = match self.under(&self.type_of(operand)) {
            Type::Slice(_) | Type::Pointer(_) => self.expr(operand),
            Type::Array(..) => self.addr(operand)?,
            _ => return None,
        };
        let index = self.expr(index);
        Some(self.value(ty, span, |dst| Op::Elem { dst, base, index }))
    }

    /// A pointer to the struct that an expression is, or that it points to.
    fn pointer_to(&mut self, node: Node<'_>) -> Option<Operand> {
        if matches!(self.under(&self.type_of(node)), Type::Pointer(_)) {
            return Some(self.expr(node));
        }
        self.addr(node)
    }

    /// From a pointer to a struct through embedded fields to the last of the selection's path.
    fn follow(&mut self, base: Operand, selection: &Selection, span: Span) -> Operand {
        let mut at = base;
        let mut ty = selection.recv.clone();
        for (i, &index) in selection.path.iter().enumerate() {
            if i > 0 && matches!(self.under(&ty), Type::Pointer(_)) {
                let pointer = at;
                at = self.value(ty.clone(), span, |dst| Op::Load { dst, addr: pointer });
            }
            ty = self.field_type(&ty, index);
            let base = at;
            at = self.value(Type::Pointer(ty.clone().into()), span, |dst| Op::Field { dst, base, index });
        }
        at
    }

    /// The type of a struct's field, or of what a pointer points to.
    fn field_type(&self, ty: &Type, index: u32) -> Type {
        let mut under = self.under(ty);
        if let Type::Pointer(inner) = &under {
            under = self.under(inner);
        }
        match under {
            Type::Struct(fields) => fields.get(index as usize).map_or(Type::Unknown, |f| f.ty.clone()),
            _ => Type::Unknown,
        }
    }

    /// A field of a struct that is no variable.
    pub(super) fn field_of_value(&mut self, node: Node<'_>, selection: &Selection) -> Operand {
        let span = self.span(node);
        let Some(operand) = child(node, Field::Operand) else { return self.opaque(node) };
        let mut at = self.expr(operand);
        let mut ty = selection.recv.clone();
        for &index in &selection.path {
            let behind_pointer = matches!(self.under(&ty), Type::Pointer(_));
            let field = self.field_type(&ty, index);
            let base = at;
            at = if behind_pointer {
                let addr = self.value(Type::Pointer(field.clone().into()), span, |dst| Op::Field { dst, base, index });
                self.value(field.clone(), span, |dst| Op::Load { dst, addr })
            } else {
                self.pure(Pure::FieldOf(index), vec![base], field.clone(), span)
            };
            ty = field;
        }
        at
    }

    /// The receiver that a method is called with: embedded fields followed, address taken or pointer followed as the method wants.
    pub(super) fn receiver(&mut self, node: Node<'_>, selection: &Selection) -> Operand {
        let span = self.span(node);
        let Some(operand) = child(node, Field::Operand) else { return self.opaque(node) };
        let wants_pointer = matches!(selection.kind, SelectionKind::Method { pointer: true, .. });
        let mut last = selection.recv.clone();
        for &index in &selection.path {
            last = self.field_type(&last, index);
        }
        let is_pointer = matches!(self.under(&last), Type::Pointer(_)) && !matches!(selection.kind, SelectionKind::Interface);
        if selection.path.is_empty() {
            if wants_pointer && !is_pointer {
                return match self.addr(operand) {
                    Some(addr) => addr,
                    None => self.boxed(operand),
                };
            }
            let value = self.expr(operand);
            return self.dereferenced(value, wants_pointer, is_pointer, &last, span);
        }
        let Some(base) = self.pointer_to(operand) else { return self.field_of_value(node, selection) };
        let addr = self.follow(base, selection, span);
        if wants_pointer && !is_pointer {
            return addr;
        }
        let value = self.value(last.clone(), span, |dst| Op::Load { dst, addr });
        self.dereferenced(value, wants_pointer, is_pointer, &last, span)
    }

    fn dereferenced(&mut self, value: Operand, wants_pointer: bool, is_pointer: bool, ty: &Type, span: Span) -> Operand {
        let Type::Pointer(inner) = self.under(ty) else { return value };
        if wants_pointer || !is_pointer {
            return value;
        }
        self.value((*inner).clone(), span, |dst| Op::Load { dst, addr: value })
    }

    /// A pointer to a fresh copy of a value, for a method with a pointer receiver on what has no address.
    fn boxed(&mut self, operand: Node<'_>) -> Operand {
        let (ty, span) = (self.type_of(operand), self.span(operand));
        let val = self.expr(operand);
        let cell = self.value(Type::Pointer(ty.clone().into()), span, |dst| Op::Alloc { dst, ty });
        self.emit(Op::Store { addr: cell.clone(), val }, span);
        cell
    }

    /// `a[i]` as a value: an element, a map's value, a byte of a string, or a generic function that is instantiated.
    pub(super) fn index(&mut self, node: Node<'_>) -> Operand {
        let (ty, span) = (self.type_of(node), self.span(node));
        let (Some(operand), Some(index)) = (child(node, Field::Operand), child(node, Field::Index)) else {
            return self.opaque(node);
        };
        match self.under(&self.type_of(operand)) {
            Type::Map(..) => self.map_get(node, false).0,
            Type::Slice(_) | Type::Pointer(_) => match self.addr(node) {
                Some(addr) => self.value(ty, span, |dst| Op::Load { dst, addr }),
                None => self.opaque(node),
            },
            Type::Array(..) => match self.addr(node) {
                Some(addr) => self.value(ty, span, |dst| Op::Load { dst, addr }),
                None => {
                    let args = vec![self.expr(operand), self.expr(index)];
                    self.pure(Pure::Other(ustr("index")), args, ty, span)
                }
            },
            Type::Func(_) => self.expr(operand),
            _ => {
                let args = vec![self.expr(operand), self.expr(index)];
                self.pure(Pure::Other(ustr("index")), args, ty, span)
            }
        }
    }

    /// `m[k]`; with `comma_ok` also whether it is there.
    pub(super) fn map_get(&mut self, node: Node<'_>, comma_ok: bool) -> (Operand, Option<Operand>) {
        let span = self.span(node);
        let (Some(operand), Some(index)) = (child(node, Field::Operand), child(node, Field::Index)) else {
            return (self.opaque(node), None);
        };
        let Type::Map(key_type, value_type) = self.under(&self.type_of(operand)) else { return (self.opaque(node), None) };
        let map = self.expr(operand);
        let key = self.expr_as(index, &key_type);
        let dst = self.temp((*value_type).clone());
        let ok = comma_ok.then(|| self.temp(Type::Basic(crate::types::Basic::Bool)));
        self.emit(Op::MapGet { dst, ok, map, key }, span);
        (Operand::Reg(dst), ok.map(Operand::Reg))
    }

    /// `a[i:j]`
    pub(super) fn slice(&mut self, node: Node<'_>) -> Operand {
        let (ty, span) = (self.type_of(node), self.span(node));
        let Some(operand) = child(node, Field::Operand) else { return self.opaque(node) };
        let base = match self.under(&self.type_of(operand)) {
            Type::Array(..) => match self.addr(operand) {
                Some(addr) => addr,
                None => return self.opaque(node),
            },
            _ => self.expr(operand),
        };
        let low = child(node, Field::Start).map(|n| self.expr(n));
        let high = child(node, Field::End).map(|n| self.expr(n));
        if low.is_none() && high.is_none() && !matches!(self.under(&self.type_of(operand)), Type::Array(..) | Type::Pointer(_)) {
            return base;
        }
        self.value(ty, span, |dst| Op::Slice { dst, base, low, high })
    }
}
