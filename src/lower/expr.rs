//! Expressions: from a syntax node to the operand that holds its value.

use super::{Lower, Var};
use crate::ir::{Callee, Const, Op, Operand, Pure};
use crate::syntax::{Field, Kind, child, kind, named};
use crate::types::{self, Mode, Object, SelectionKind, Type};
use std::sync::Arc;
use tree_sitter::Node;
use ustr::ustr;

impl Lower<'_> {
    /// The value of an expression.
    pub(super) fn expr(&mut self, node: Node<'_>) -> Operand {
        let value = if self.descend() { self.expr_inside(node) } else { Operand::Const(Const::Nil) };
        self.depth -= 1;
        value
    }

    fn expr_inside(&mut self, node: Node<'_>) -> Operand {
        if let Some(constant) = self.constant(node) {
            return Operand::Const(constant);
        }
        match kind(node) {
            Kind::ParenthesizedExpression => match named(node).next() {
                Some(inner) => self.expr(inner),
                None => self.opaque(node),
            },
            Kind::Identifier => self.name(node),
            Kind::Nil => Operand::Const(Const::Nil),
            Kind::SelectorExpression => self.selector(node),
            Kind::CallExpression => self.call_value(node),
            Kind::UnaryExpression => self.unary(node),
            Kind::BinaryExpression => self.binary(node),
            Kind::FuncLiteral => self.closure(node),
            Kind::CompositeLiteral => self.composite(node),
            Kind::IndexExpression => self.index(node),
            Kind::SliceExpression => self.slice(node),
            Kind::TypeAssertionExpression => self.assertion(node, false).0,
            Kind::TypeConversionExpression => match child(node, Field::Operand) {
                Some(operand) => self.conversion(operand, node),
                None => self.opaque(node),
            },
            Kind::TypeInstantiationExpression => match named(node).next() {
                Some(inner) => self.expr(inner),
                None => self.opaque(node),
            },
            _ => self.opaque(node),
        }
    }

    /// A value of which nothing is known. What the expressions below the node hold may be in it, and is not followed any further.
    pub(super) fn opaque(&mut self, node: Node<'_>) -> Operand {
        let (ty, span) = (self.type_of(node), self.span(node));
        let mut from = Vec::new();
        for part in named(node) {
            let is_value = self.info.exprs.get(&part.id()).is_some_and(|e| e.value.is_none() && e.mode != Mode::Type);
            if is_value || matches!(kind(part), Kind::FuncLiteral | Kind::CallExpression) {
                from.push(self.expr(part));
            }
        }
        self.unknown(from, ty, span)
    }

    /// The constant that an expression is.
    fn constant(&self, node: Node<'_>) -> Option<Const> {
        let value = self.info.exprs.get(&node.id())?.value.as_ref()?;
        Some(match value {
            types::Const::Bool(b) => Const::Bool(*b),
            types::Const::Int(i) => match i64::try_from(*i) {
                Ok(i) => Const::Int(i),
                Err(_) => Const::Text(i.to_string().into()),
            },
            types::Const::Str(s) => Const::Str(Arc::clone(s)),
            types::Const::Float(f) => Const::Text(f.to_string().into()),
            types::Const::Other => Const::Text(self.text(node).into()),
        })
    }

    fn name(&mut self, node: Node<'_>) -> Operand {
        let (ty, span) = (self.type_of(node), self.span(node));
        match self.object(node).cloned() {
            Some(Object::Local(local)) => match self.var(local) {
                Some(Var::Reg(reg)) => Operand::Reg(reg),
                Some(Var::Cell(cell)) => self.value(ty, span, |dst| Op::Load { dst, addr: Operand::Reg(cell) }),
                None => self.unknown(Vec::new(), ty, span),
            },
            Some(Object::Var { pkg, name }) => {
                let addr = self.value(Type::Pointer(ty.clone().into()), span, |dst| Op::Global { dst, pkg, name });
                self.value(ty, span, |dst| Op::Load { dst, addr })
            }
            Some(Object::Func(func)) => {
                self.value(ty, span, |dst| Op::FuncValue { dst, callee: Callee::Static(func), recv: None })
            }
            Some(Object::Nil) => Operand::Const(Const::Nil),
            _ => self.unknown(Vec::new(), ty, span),
        }
    }

    /// `x.f`: a qualified name, a field, a method value or a method expression.
    fn selector(&mut self, node: Node<'_>) -> Operand {
        let (ty, span) = (self.type_of(node), self.span(node));
        let Some(selection) = self.info.selections.get(&node.id()).cloned() else {
            return match child(node, Field::Field) {
                Some(field) if self.object(field).is_some() => self.name_of_package(field, ty, span),
                _ => self.opaque(node),
            };
        };
        match &selection.kind {
            SelectionKind::Field => match self.addr(node) {
                Some(addr) => self.value(ty, span, |dst| Op::Load { dst, addr }),
                None => self.field_of_value(node, &selection),
            },
            SelectionKind::Method { func, .. } => {
                let recv = self.receiver(node, &selection);
                let callee = Callee::Static(*func);
                self.value(ty, span, |dst| Op::FuncValue { dst, callee, recv: Some(recv) })
            }
            SelectionKind::Interface => {
                let recv = self.receiver(node, &selection);
                let callee = self.interface_callee(node, &selection);
                self.value(ty, span, |dst| Op::FuncValue { dst, callee, recv: Some(recv) })
            }
            SelectionKind::Expr { func: Some(func), .. } => {
                let callee = Callee::Static(*func);
                self.value(ty, span, |dst| Op::FuncValue { dst, callee, recv: None })
            }
            SelectionKind::Expr { func: None, .. } => {
                let callee = self.interface_callee(node, &selection);
                self.value(ty, span, |dst| Op::FuncValue { dst, callee, recv: None })
            }
        }
    }

    pub(super) fn interface_callee(&self, node: Node<'_>, selection: &types::Selection) -> Callee {
        let method = child(node, Field::Field).map_or_else(|| ustr(""), |f| ustr(self.text(f)));
        Callee::Interface { iface: selection.owner.clone(), method }
    }

    fn name_of_package(&mut self, field: Node<'_>, ty: Type, span: crate::source::Span) -> Operand {
        match self.object(field).cloned() {
            Some(Object::Var { pkg, name }) => {
                let addr = self.value(Type::Pointer(ty.clone().into()), span, |dst| Op::Global { dst, pkg, name });
                self.value(ty, span, |dst| Op::Load { dst, addr })
            }
            Some(Object::Func(func)) => {
                self.value(ty, span, |dst| Op::FuncValue { dst, callee: Callee::Static(func), recv: None })
            }
            _ => self.unknown(Vec::new(), ty, span),
        }
    }

    fn unary(&mut self, node: Node<'_>) -> Operand {
        let (ty, span) = (self.type_of(node), self.span(node));
        let Some(operand) = child(node, Field::Operand) else { return self.opaque(node) };
        match child(node, Field::Operator).map(|n| n.kind()) {
            Some("&") => self.address_of(operand, node),
            Some("*") => {
                let addr = self.expr(operand);
                self.value(ty, span, |dst| Op::Load { dst, addr })
            }
            Some("<-") => {
                let ch = self.expr(operand);
                let dst = self.temp(ty);
                self.emit(Op::Recv { val: Some(dst), ok: None, ch }, span);
                Operand::Reg(dst)
            }
            Some("!") => {
                let value = self.expr(operand);
                self.pure(Pure::Not, vec![value], ty, span)
            }
            Some("-") => {
                let value = self.expr(operand);
                self.pure(Pure::Sub, vec![Operand::int(0), value], ty, span)
            }
            Some("+") => self.expr(operand),
            Some(other) => {
                let value = self.expr(operand);
                self.pure(Pure::Other(ustr(other)), vec![value], ty, span)
            }
            None => self.opaque(node),
        }
    }

    /// `&x`, also of a composite literal.
    fn address_of(&mut self, operand: Node<'_>, node: Node<'_>) -> Operand {
        let mut inner = operand;
        while kind(inner) == Kind::ParenthesizedExpression {
            match named(inner).next() {
                Some(next) => inner = next,
                None => return self.opaque(node),
            }
        }
        if kind(inner) == Kind::CompositeLiteral {
            return self.allocated(inner);
        }
        match self.addr(inner) {
            Some(addr) => addr,
            None => self.opaque(node),
        }
    }

    fn binary(&mut self, node: Node<'_>) -> Operand {
        let operator = child(node, Field::Operator).map_or("", |n| n.kind());
        if matches!(operator, "&&" | "||") {
            return self.short_circuit(node);
        }
        // Long sums lean to the left; a loop over the spine keeps the stack flat.
        let mut spine = vec![node];
        while let Some(left) = spine.last().and_then(|n| child(*n, Field::Left))
            && kind(left) == Kind::BinaryExpression
            && self.constant(left).is_none()
            && !matches!(child(left, Field::Operator).map(|n| n.kind()), Some("&&" | "||"))
        {
            spine.push(left);
        }
        let Some(first) = spine.last().and_then(|n| child(*n, Field::Left)) else { return self.opaque(node) };
        let mut value = self.expr(first);
        for node in spine.into_iter().rev() {
            let Some(right) = child(node, Field::Right) else { return self.opaque(node) };
            let other = self.expr(right);
            value = self.operation(node, value, other);
        }
        value
    }

    fn operation(&mut self, node: Node<'_>, left: Operand, right: Operand) -> Operand {
        let (ty, span) = (self.type_of(node), self.span(node));
        let operator = child(node, Field::Operator).map_or("", |n| n.kind());
        self.arithmetic(operator, left, right, ty, span)
    }

    /// The result of a binary operator that is no `&&` or `||`.
    pub(super) fn arithmetic(
        &mut self,
        operator: &str,
        left: Operand,
        right: Operand,
        ty: Type,
        span: crate::source::Span,
    ) -> Operand {
        let boolean = || Type::Basic(types::Basic::Bool);
        let (what, args, negate) = match operator {
            "==" => (Pure::Eq, in_order(left, right), false),
            "!=" => (Pure::Eq, in_order(left, right), true),
            "<" => (Pure::Less, vec![left, right], false),
            ">" => (Pure::Less, vec![right, left], false),
            "<=" => (Pure::Less, vec![right, left], true),
            ">=" => (Pure::Less, vec![left, right], true),
            "+" => (Pure::Add, vec![left, right], false),
            "-" => (Pure::Sub, vec![left, right], false),
            "*" => (Pure::Mul, vec![left, right], false),
            "/" => (Pure::Div, vec![left, right], false),
            "%" => (Pure::Rem, vec![left, right], false),
            other => (Pure::Other(ustr(other)), vec![left, right], false),
        };
        let result = self.pure(what, args, if negate { boolean() } else { ty }, span);
        if negate { self.pure(Pure::Not, vec![result], boolean(), span) } else { result }
    }

    /// `a && b` as a value: control flow that leaves a boolean.
    fn short_circuit(&mut self, node: Node<'_>) -> Operand {
        let (ty, span) = (self.type_of(node), self.span(node));
        let dst = self.temp(ty);
        let (yes, no, join) = (self.new_block(), self.new_block(), self.new_block());
        self.condition(node, yes, no);
        self.enter(yes);
        self.emit(Op::Copy { dst, src: Operand::Const(Const::Bool(true)) }, span);
        self.go_on(join, span);
        self.enter(no);
        self.emit(Op::Copy { dst, src: Operand::Const(Const::Bool(false)) }, span);
        self.go_on(join, span);
        Operand::Reg(dst)
    }

    /// A function literal with pointers to what it captures.
    fn closure(&mut self, node: Node<'_>) -> Operand {
        let (ty, span) = (self.type_of(node), self.span(node));
        let index = self.done.len();
        self.done.push(None);
        let name = format!("{}.func{index}", self.name);
        self.function(node, name, index);
        let captured = std::mem::take(&mut self.last_captured);
        let mut captures = Vec::with_capacity(captured.len());
        for local in captured {
            match self.var(local) {
                Some(Var::Cell(reg) | Var::Reg(reg)) => captures.push(reg),
                None => return self.opaque(node),
            }
        }
        let func = u32::try_from(index).unwrap_or(u32::MAX);
        self.value(ty, span, |dst| Op::Closure { dst, func, captures })
    }

    /// `x.(T)`; with `comma_ok` also whether it is one.
    pub(super) fn assertion(&mut self, node: Node<'_>, comma_ok: bool) -> (Operand, Option<Operand>) {
        let span = self.span(node);
        let (Some(operand), Some(asked)) = (child(node, Field::Operand), child(node, Field::Type)) else {
            return (self.opaque(node), None);
        };
        let val = self.expr(operand);
        let ty = self.type_of(asked);
        let dst = self.temp(ty.clone());
        let ok = comma_ok.then(|| self.temp(Type::Basic(types::Basic::Bool)));
        self.emit(Op::Assert { dst, ok, val, ty }, span);
        (Operand::Reg(dst), ok.map(Operand::Reg))
    }

    /// `T(x)`: what it is made from stays what it is, but into an interface it is wrapped.
    pub(super) fn conversion(&mut self, operand: Node<'_>, node: Node<'_>) -> Operand {
        let (to, span) = (self.type_of(node), self.span(node));
        let from = self.type_of(operand);
        let value = self.expr(operand);
        self.converted(value, &from, &to, span)
    }

    /// A value of one type as one of another, explicitly or by assignment.
    pub(super) fn converted(&mut self, value: Operand, from: &Type, to: &Type, span: crate::source::Span) -> Operand {
        let (under_from, under_to) = (self.under(from), self.under(to));
        match (&under_from, &under_to) {
            (Type::Interface(_) | Type::Unknown, Type::Interface(_)) => value,
            (_, Type::Interface(_)) if !matches!(value, Operand::Const(Const::Nil)) => {
                let ty = from.clone();
                self.value(to.clone(), span, |dst| Op::ToInterface { dst, val: value, ty })
            }
            (Type::Basic(a), Type::Basic(b)) if a != b && !matches!(value, Operand::Const(_)) => {
                self.pure(Pure::Convert, vec![value], to.clone(), span)
            }
            (Type::Basic(_), Type::Slice(_)) | (Type::Slice(_), Type::Basic(_)) => {
                self.pure(Pure::Other(ustr("convert")), vec![value], to.clone(), span)
            }
            _ => value,
        }
    }

    /// The value of an expression where one of type `to` is wanted.
    pub(super) fn expr_as(&mut self, node: Node<'_>, to: &Type) -> Operand {
        let value = self.expr(node);
        let from = self.type_of(node);
        self.converted(value, &from, to, self.parsed.span(node))
    }

    /// Evaluates for what happens alone.
    pub(super) fn effect(&mut self, node: Node<'_>) {
        if kind(node) == Kind::CallExpression {
            self.call_statement(node);
        } else {
            self.expr(node);
        }
    }

    /// Whether an expression is a type.
    pub(super) fn is_type(&self, node: Node<'_>) -> bool {
        self.info.exprs.get(&node.id()).is_some_and(|e| e.mode == Mode::Type)
    }
}

/// Equality does not care for the order of its operands: constants come last.
fn in_order(left: Operand, right: Operand) -> Vec<Operand> {
    if matches!(left, Operand::Const(_)) && matches!(right, Operand::Reg(_)) { vec![right, left] } else { vec![left, right] }
}
