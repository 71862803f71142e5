//! Statements: assignments, declarations, returns, jumps.

use super::call::unparen;
use super::{Lower, Var};
use crate::ir::{Const, Op, Operand, Term};
use crate::source::Span;
use crate::syntax::{Field, Kind, child, children, kind, named};
use crate::types::{Basic, Object, Type};
use tree_sitter::Node;
use ustr::ustr;

/// A value and its type before it is put somewhere.
pub(super) type Typed = (Operand, Type);

impl Lower<'_> {
    /// All statements of a block or list.
    pub(super) fn statements(&mut self, block: Node<'_>) {
        for node in named(block) {
            if kind(node) == Kind::StatementList {
                self.statements(node);
            } else {
                self.statement(node);
            }
        }
    }

    pub(super) fn statement(&mut self, node: Node<'_>) {
        if self.descend() {
            self.statement_inside(node);
        }
        self.depth -= 1;
    }

    fn statement_inside(&mut self, node: Node<'_>) {
        if kind(node) != Kind::LabeledStatement
            && !matches!(
                kind(node),
                Kind::ForStatement | Kind::SelectStatement | Kind::ExpressionSwitchStatement | Kind::TypeSwitchStatement
            )
        {
            self.top().label = None;
        }
        match kind(node) {
            Kind::Block | Kind::StatementList => self.statements(node),
            Kind::ExpressionStatement => named(node).for_each(|n| self.effect(n)),
            Kind::ShortVarDeclaration => self.define(node),
            Kind::AssignmentStatement => self.assign(node),
            Kind::IncStatement | Kind::DecStatement => self.step(node),
            Kind::VarDeclaration => self.var_declaration(node),
            Kind::IfStatement => self.if_statement(node),
            Kind::ForStatement => self.for_statement(node),
            Kind::SelectStatement => self.select_statement(node),
            Kind::ExpressionSwitchStatement => self.expression_switch(node),
            Kind::TypeSwitchStatement => self.type_switch(node),
            Kind::SendStatement => self.send_statement(node),
            Kind::GoStatement => self.later(node, true),
            Kind::DeferStatement => self.later(node, false),
            Kind::ReturnStatement => {
                let span = self.span(node);
                let list = named(node).next();
                self.return_results(list, span);
            }
            Kind::LabeledStatement => self.labeled(node),
            Kind::BreakStatement => self.break_statement(node),
            Kind::ContinueStatement => self.continue_statement(node),
            Kind::GotoStatement => self.goto_statement(node),
            Kind::FallthroughStatement => {
                let span = self.span(node);
                if let Some(to) = self.top().fallthrough {
                    self.end(Term::Jump(to), span);
                }
            }
            Kind::ConstDeclaration
            | Kind::TypeDeclaration
            | Kind::EmptyStatement
            | Kind::Comment
            | Kind::FunctionDeclaration
            | Kind::MethodDeclaration => {}
            _ => self.effect(node),
        }
    }

    /// `a, b := …`: what is new is declared, the rest assigned.
    fn define(&mut self, node: Node<'_>) {
        let (Some(left), Some(right)) = (child(node, Field::Left), child(node, Field::Right)) else { return };
        let left: Vec<Node<'_>> = list(left);
        let right = list(right);
        if let ([target], [value]) = (left.as_slice(), right.as_slice())
            && self.define_literal(*target, *value)
        {
            return;
        }
        let values = self.values(&right, left.len());
        for (target, value) in left.into_iter().zip(values) {
            self.define_one(target, value);
        }
    }

    /// `x := T{…}`: the literal's memory is the variable.
    fn define_literal(&mut self, target: Node<'_>, value: Node<'_>) -> bool {
        let value = unparen(value);
        let Some(Object::Local(local)) = self.object(target).cloned() else { return false };
        let info = &self.info.locals[local as usize];
        let in_memory = matches!(self.under(&info.ty), Type::Struct(_) | Type::Array(..));
        let same = info.span == self.span(target) && info.ty == self.type_of(value);
        if kind(value) != Kind::CompositeLiteral || !in_memory || !same {
            return false;
        }
        let Operand::Reg(cell) = self.allocated(value) else { return false };
        self.top().vars.insert(local, Var::Cell(cell));
        true
    }

    /// Declares a name with a value, or assigns to it where it was there before.
    pub(super) fn define_one(&mut self, target: Node<'_>, (value, from): Typed) {
        let span = self.span(target);
        match self.object(target) {
            Some(Object::Local(local)) if self.info.locals[*local as usize].span == span => {
                let local = *local;
                let to = self.local_type(local);
                let value = self.converted(value, &from, &to, span);
                self.declare_from(local, value, span);
            }
            _ => self.store(target, (value, from)),
        }
    }

    /// The values of a list of expressions, of which `wanted` are asked for: calls with several results and comma-ok forms give more
    /// than there are expressions.
    pub(super) fn values(&mut self, right: &[Node<'_>], wanted: usize) -> Vec<Typed> {
        if let [only] = right
            && wanted > 1
        {
            return self.several(*only, wanted);
        }
        let mut out: Vec<Typed> = right
            .iter()
            .map(|node| {
                let value = self.expr(*node);
                (value, self.type_of(*node))
            })
            .collect();
        if out.len() > 1 {
            // All are read before the first is written.
            for ((value, ty), node) in out.iter_mut().zip(right) {
                if matches!(value, Operand::Reg(_)) {
                    let (dst, span) = (self.temp(ty.clone()), self.span(*node));
                    self.emit(Op::Copy { dst, src: value.clone() }, span);
                    *value = Operand::Reg(dst);
                }
            }
        }
        out
    }

    fn several(&mut self, node: Node<'_>, wanted: usize) -> Vec<Typed> {
        let inner = unparen(node);
        let boolean = Type::Basic(Basic::Bool);
        let with_ok = |(value, ok): (Operand, Option<Operand>), ty: Type| {
            let ok = ok.unwrap_or(Operand::Const(Const::Zero(Type::Basic(Basic::Bool))));
            vec![(value, ty), (ok, Type::Basic(Basic::Bool))]
        };
        match kind(inner) {
            Kind::CallExpression => {
                let types = match self.type_of(inner) {
                    Type::Tuple(types) => types.to_vec(),
                    other => vec![other],
                };
                let mut out: Vec<Typed> = self
                    .call(inner)
                    .into_iter()
                    .enumerate()
                    .map(|(i, v)| (v, types.get(i).cloned().unwrap_or(Type::Unknown)))
                    .collect();
                let span = self.span(inner);
                while out.len() < wanted {
                    out.push((self.unknown(Vec::new(), Type::Unknown, span), Type::Unknown));
                }
                out
            }
            Kind::IndexExpression => {
                let ty = self.type_of(inner);
                with_ok(self.map_get(inner, true), ty)
            }
            Kind::TypeAssertionExpression => {
                let ty = self.type_of(inner);
                with_ok(self.assertion(inner, true), ty)
            }
            Kind::UnaryExpression => {
                let (ty, span) = (self.type_of(inner), self.span(inner));
                let Some(operand) = child(inner, Field::Operand) else { return Vec::new() };
                let ch = self.expr(operand);
                let (val, ok) = (self.temp(ty.clone()), self.temp(Type::Basic(Basic::Bool)));
                self.emit(Op::Recv { val: Some(val), ok: Some(ok), ch }, span);
                vec![(Operand::Reg(val), ty), (Operand::Reg(ok), boolean)]
            }
            _ => {
                let span = self.span(inner);
                self.effect(inner);
                (0..wanted).map(|_| (self.unknown(Vec::new(), Type::Unknown, span), Type::Unknown)).collect()
            }
        }
    }

    fn assign(&mut self, node: Node<'_>) {
        let (Some(left), Some(right)) = (child(node, Field::Left), child(node, Field::Right)) else { return };
        let (left, right) = (list(left), list(right));
        let operator = child(node, Field::Operator).map_or("=", |n| n.kind());
        if operator != "=" {
            let (Some(target), Some(value)) = (left.first(), right.first()) else { return };
            let other = self.expr(*value);
            self.update(*target, operator.trim_end_matches('='), other, self.parsed.span(node));
            return;
        }
        let values = self.values(&right, left.len());
        for (target, value) in left.into_iter().zip(values) {
            self.store(target, value);
        }
    }

    /// `x++` and `x--`
    fn step(&mut self, node: Node<'_>) {
        let Some(target) = named(node).next() else { return };
        let operator = if kind(node) == Kind::IncStatement { "+" } else { "-" };
        self.update(target, operator, Operand::int(1), self.parsed.span(node));
    }

    /// `x op= y`
    fn update(&mut self, target: Node<'_>, operator: &str, other: Operand, span: Span) {
        let ty = self.type_of(target);
        if let Some(addr) = self.addr(target) {
            let at = addr.clone();
            let before = self.value(ty.clone(), span, |dst| Op::Load { dst, addr: at });
            let val = self.arithmetic(operator, before, other, ty, span);
            self.emit(Op::Store { addr, val }, span);
            return;
        }
        let before = self.expr(target);
        let value = self.arithmetic(operator, before, other, ty.clone(), span);
        self.store(target, (value, ty));
    }

    /// Puts a value where an expression says.
    pub(super) fn store(&mut self, target: Node<'_>, (value, from): Typed) {
        let target = unparen(target);
        let span = self.span(target);
        if kind(target) == Kind::BlankIdentifier || self.text(target) == "_" {
            return;
        }
        let to = self.type_of(target);
        let val = self.converted(value, &from, &to, span);
        if let Some(Object::Local(local)) = self.object(target).cloned()
            && let Some(Var::Reg(dst)) = self.var(local)
        {
            self.emit(Op::Copy { dst, src: val }, span);
            return;
        }
        if kind(target) == Kind::IndexExpression
            && let (Some(operand), Some(index)) = (child(target, Field::Operand), child(target, Field::Index))
            && let Type::Map(key_type, _) = self.under(&self.type_of(operand))
        {
            let map = self.expr(operand);
            let key = self.expr_as(index, &key_type);
            self.emit(Op::MapSet { map, key, val }, span);
            return;
        }
        match self.addr(target) {
            Some(addr) => self.emit(Op::Store { addr, val }, span),
            // A place that is not known: whoever reads it has the value.
            None => {
                let place = self.opaque(target);
                self.unknown(vec![val, place], Type::Unknown, span);
            }
        }
    }

    /// `var a, b T = …`, one spec or several.
    pub(super) fn var_declaration(&mut self, node: Node<'_>) {
        for spec in named(node) {
            match kind(spec) {
                Kind::VarSpec => self.var_spec(spec),
                Kind::VarSpecList => named(spec).for_each(|spec| self.var_spec(spec)),
                _ => {}
            }
        }
    }

    fn var_spec(&mut self, spec: Node<'_>) {
        let names: Vec<Node<'_>> = children(spec, Field::Name).filter(|n| n.is_named()).collect();
        let right = child(spec, Field::Value).map(list).unwrap_or_default();
        if right.is_empty() {
            for name in names {
                if let Some(Object::Local(local)) = self.object(name) {
                    let (local, span) = (*local, self.span(name));
                    self.declare(local, span);
                }
            }
            return;
        }
        if let ([name], [value]) = (names.as_slice(), right.as_slice())
            && self.define_literal(*name, *value)
        {
            return;
        }
        let values = self.values(&right, names.len());
        for (name, value) in names.into_iter().zip(values) {
            self.define_one(name, value);
        }
    }

    /// Leaves the function: results, then what was deferred, then the end.
    pub(super) fn return_results(&mut self, list_node: Option<Node<'_>>, span: Span) {
        let types = self.top().func.results.clone();
        let (locals, is_named) = (self.top().results.clone(), self.top().named);
        let mut values = Vec::new();
        if let Some(node) = list_node {
            let nodes = if kind(node) == Kind::ExpressionList { list(node) } else { vec![node] };
            for (i, (value, from)) in self.values(&nodes, types.len()).into_iter().enumerate() {
                let to = types.get(i).cloned().unwrap_or(Type::Unknown);
                values.push(self.converted(value, &from, &to, span));
            }
            // Code that does not compile may return more than it declares, or less.
            if !types.is_empty() {
                values.truncate(types.len());
                while values.len() < types.len() {
                    values.push(self.unknown(Vec::new(), Type::Unknown, span));
                }
            }
        }
        if is_named {
            for (local, value) in locals.iter().zip(values.drain(..)) {
                match self.var(*local) {
                    Some(Var::Reg(dst)) => self.emit(Op::Copy { dst, src: value }, span),
                    Some(Var::Cell(cell)) => self.emit(Op::Store { addr: Operand::Reg(cell), val: value }, span),
                    None => {}
                }
            }
        }
        self.emit(Op::RunDefers, span);
        if is_named {
            for (local, ty) in locals.into_iter().zip(types) {
                let value = match self.var(local) {
                    Some(Var::Reg(reg)) => Operand::Reg(reg),
                    Some(Var::Cell(cell)) => self.value(ty, span, |dst| Op::Load { dst, addr: Operand::Reg(cell) }),
                    None => Operand::Const(Const::Nil),
                };
                values.push(value);
            }
        }
        self.end(Term::Return(values), span);
    }

    fn labeled(&mut self, node: Node<'_>) {
        let Some(label) = child(node, Field::Label) else { return };
        let (name, span) = (ustr(self.text(label)), self.span(label));
        let block = self.label_block(name);
        self.go_on(block, span);
        self.top().label = Some(name);
        for statement in named(node).filter(|n| kind(*n) != Kind::LabelName) {
            self.statement(statement);
        }
    }

    fn label_block(&mut self, name: crate::types::Name) -> crate::ir::BlockId {
        if let Some(block) = self.top().labels.get(&name) {
            return *block;
        }
        let block = self.new_block();
        self.top().labels.insert(name, block);
        block
    }

    fn jump_label(&self, node: Node<'_>) -> Option<crate::types::Name> {
        named(node).next().map(|n| ustr(self.text(n)))
    }

    fn break_statement(&mut self, node: Node<'_>) {
        let (label, span) = (self.jump_label(node), self.span(node));
        let target = self.top().targets.iter().rev().find(|t| label.is_none() || t.label == label).map(|t| t.exit);
        if let Some(to) = target {
            self.end(Term::Jump(to), span);
        }
    }

    fn continue_statement(&mut self, node: Node<'_>) {
        let (label, span) = (self.jump_label(node), self.span(node));
        let mut loops = self.top().targets.iter().rev().filter(|t| t.next.is_some());
        let target = loops.find(|t| label.is_none() || t.label == label).and_then(|t| t.next);
        if let Some(to) = target {
            self.end(Term::Jump(to), span);
        }
    }

    fn goto_statement(&mut self, node: Node<'_>) {
        let (label, span) = (self.jump_label(node), self.span(node));
        if let Some(label) = label {
            let to = self.label_block(label);
            self.end(Term::Jump(to), span);
        }
    }
}

/// The expressions of a list, or the one expression that stands in its place.
pub(super) fn list(node: Node<'_>) -> Vec<Node<'_>> {
    if kind(node) == Kind::ExpressionList { named(node).collect() } else { vec![node] }
}
