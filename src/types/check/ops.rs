//! Operators.

use super::super::consts;
use super::super::info::{Const, Mode};
use super::super::ty::{Basic, Dir, Type};
use super::{Checker, Operand};
use crate::syntax::{Field, Kind, child, kind};
use std::sync::Arc;
use tree_sitter::Node;

pub(super) fn is_comparison(op: &str) -> bool {
    matches!(op, "==" | "!=" | "<" | "<=" | ">" | ">=")
}

pub(super) fn is_shift(op: &str) -> bool {
    matches!(op, "<<" | ">>" | "<<=" | ">>=")
}

impl<'p> Checker<'_, 'p> {
    pub(super) fn unary(&mut self, node: Node<'p>) -> Operand<'p> {
        // As the author wrote it: the tree may have another operator for a star.
        let op = child(node, Field::Operator).map_or("", |op| self.text(op));
        let Some(inner) = child(node, Field::Operand) else { return Operand::unknown() };
        match op {
            "*" => {
                let operand = self.expr_or_type(inner);
                if operand.is_type() {
                    return Operand::ty(Type::Pointer(Arc::new(operand.ty)));
                }
                match self.world.core(&operand.ty) {
                    Type::Pointer(elem) => Operand::variable(Type::clone(&elem)),
                    _ => Operand::unknown(),
                }
            }
            "&" => {
                let operand = self.expr(inner);
                if operand.is_unknown() { Operand::unknown() } else { Operand::value(Type::Pointer(Arc::new(operand.ty))) }
            }
            "<-" => {
                self.has_call = true;
                let operand = self.expr(inner);
                match self.world.core(&operand.ty) {
                    Type::Chan(Dir::Both | Dir::Recv, elem) => Operand::value(Type::clone(&elem)),
                    _ => Operand::unknown(),
                }
            }
            _ => {
                let operand = self.expr(inner);
                let basic = self.world.underlying(&operand.ty).as_basic();
                let value = operand.value.as_ref().map(|value| consts::unary(op, value, basic));
                Operand { value, ..Operand::value(operand.ty) }
            }
        }
    }

    /// A chain of binary operators. The left spine is walked, not recursed into.
    pub(super) fn binary(&mut self, node: Node<'p>) -> Operand<'p> {
        let mut spine = vec![node];
        let mut left = child(node, Field::Left);
        while let Some(inner) = left.filter(|inner| kind(*inner) == Kind::BinaryExpression) {
            spine.push(inner);
            left = child(inner, Field::Left);
        }
        let mut operand = left.map_or_else(Operand::unknown, |left| self.expr(left));
        while let Some(node) = spine.pop() {
            let right = child(node, Field::Right);
            let mut other = right.map_or_else(Operand::unknown, |right| self.expr(right));
            let op = child(node, Field::Operator).map_or("", |op| op.kind());
            operand = self.combine(op, &mut operand, &mut other);
            operand.node = Some(node);
            if !spine.is_empty() {
                self.record(node, operand.mode, &operand.ty, operand.value.as_ref());
            }
        }
        operand
    }

    /// `x op y`
    pub(super) fn combine(&mut self, op: &str, x: &mut Operand<'p>, y: &mut Operand<'p>) -> Operand<'p> {
        if is_shift(op) {
            return self.shift(op, x, y);
        }
        if self.may_convert(x, y) {
            let (left, right) = (x.ty.clone(), y.ty.clone());
            self.match_type(x, &right);
            self.match_type(y, &left);
        }
        if is_comparison(op) {
            return self.comparison(op, x, y);
        }
        if x.is_unknown() && !y.ty.is_untyped() {
            return Operand::value(y.ty.clone());
        }
        if x.is_unknown() || (y.is_unknown() && x.ty.is_untyped()) {
            return Operand::unknown();
        }
        if y.is_unknown() {
            return Operand::value(x.ty.clone());
        }
        if x.ty != y.ty {
            return Operand::unknown();
        }
        let value = match (&x.value, &y.value) {
            (Some(a), Some(b)) => Some(consts::binary(op, a, b, self.world.all_basic(&x.ty, Basic::is_integer))),
            _ => None,
        };
        let mut out = Operand { value, ..Operand::value(x.ty.clone()) };
        // What does not fit was worked out wrong or is no Go.
        if let (Some(value), Some(basic)) = (&out.value, self.world.underlying(&x.ty).as_basic()) {
            out.value = Some(consts::represent(value, basic).unwrap_or(Const::Other));
        }
        out
    }

    fn match_type(&mut self, operand: &mut Operand<'p>, other: &Type) {
        if operand.ty.is_untyped() {
            if *other == Type::Unknown {
                if let Some(node) = operand.node {
                    self.update(node, &Type::Unknown);
                }
                return;
            }
            self.convert_untyped(operand, other);
        }
    }

    fn may_convert(&self, x: &Operand<'p>, y: &Operand<'p>) -> bool {
        let untyped = |operand: &Operand<'p>| operand.ty.is_untyped();
        if !untyped(x) && !untyped(y) {
            return false;
        }
        let interface = |operand: &Operand<'p>| !matches!(operand.ty, Type::Param(_)) && self.world.is_interface(&operand.ty);
        if x.is_unknown() || y.is_unknown() || interface(x) || interface(y) {
            return true;
        }
        let all = |operand: &Operand<'p>, holds: fn(Basic) -> bool| self.world.all_basic(&operand.ty, holds);
        if all(x, Basic::is_boolean) != all(y, Basic::is_boolean) || all(x, Basic::is_string) != all(y, Basic::is_string) {
            return x.is_nil() || y.is_nil();
        }
        !matches!(self.world.underlying(&x.ty), Type::Pointer(_)) || y.is_nil()
    }

    fn comparison(&mut self, op: &str, x: &mut Operand<'p>, y: &mut Operand<'p>) -> Operand<'p> {
        let bool = Type::Basic(Basic::UntypedBool);
        if let (Some(a), Some(b)) = (&x.value, &y.value) {
            let value = consts::compare(op, a, b).map_or(Const::Other, Const::Bool);
            return Operand::constant(bool, value);
        }
        for operand in [x, y] {
            if let Some(node) = operand.node.filter(|_| operand.ty.is_untyped()) {
                let ty = operand.ty.default_type();
                self.update(node, &ty);
            }
        }
        Operand::value(bool)
    }

    fn shift(&mut self, op: &str, x: &mut Operand<'p>, y: &mut Operand<'p>) -> Operand<'p> {
        let op = op.trim_end_matches('=');
        if x.is_const() && y.is_const() {
            if x.ty.is_untyped() && !self.world.all_basic(&x.ty, Basic::is_integer) {
                x.ty = Type::Basic(Basic::UntypedInt);
            }
            let value = match (&x.value, &y.value) {
                (Some(a), Some(b)) => consts::shift(op, a, b),
                _ => Const::Other,
            };
            let fits = self.world.underlying(&x.ty).as_basic().and_then(|basic| consts::represent(&value, basic));
            return Operand::constant(x.ty.clone(), fits.unwrap_or(Const::Other));
        }
        // Constant counts stay untyped.
        if y.ty.is_untyped() && !y.is_const() {
            self.convert_untyped(y, &Type::Basic(Basic::Uint));
        }
        if y.is_unknown() && x.is_const() && x.ty.is_untyped() {
            // Whether it is constant is not known, and so neither its type.
            if let Some(node) = x.node {
                self.update(node, &Type::Unknown);
            }
            return Operand::unknown();
        }
        if x.is_const() && x.ty.is_untyped() {
            // It takes the type that the whole shift takes on, and is no constant any more.
            if let Some(node) = x.node.filter(|_| self.recording)
                && let Some(entry) = self.info.exprs.get_mut(&node.id())
            {
                entry.mode = Mode::Value;
            }
        }
        Operand::value(x.ty.clone())
    }
}
