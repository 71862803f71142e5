//! Statements.

use super::super::info::{Const, Object};
use super::super::ty::{Basic, Dir, Signature, Type};
use super::ops::is_shift;
use super::scope::Entry;
use super::{Checker, Operand};
use crate::syntax::{Field, Kind, child, kind, named};
use tree_sitter::Node;

impl<'p> Checker<'_, 'p> {
    /// A function's body. Its parameters are in the same scope.
    pub(super) fn body(&mut self, block: Node<'p>, results: Vec<Type>) {
        self.results.push(results);
        let depth = std::mem::take(&mut self.depth);
        self.statements(block);
        self.depth = depth;
        self.results.pop();
    }

    fn block(&mut self, node: Node<'p>) {
        self.scopes.open();
        self.statements(node);
        self.scopes.close();
    }

    /// The statements below a block or a case.
    fn statements(&mut self, node: Node<'p>) {
        for inner in named(node) {
            if kind(inner) == Kind::StatementList {
                named(inner).for_each(|statement| self.statement(statement));
            }
        }
    }

    fn statement(&mut self, node: Node<'p>) {
        self.nested += 1;
        if self.nested <= super::MAX_DEPTH {
            self.statement_inside(node);
        }
        self.nested -= 1;
    }

    fn statement_inside(&mut self, node: Node<'p>) {
        match kind(node) {
            Kind::Block => self.block(node),
            Kind::ExpressionStatement | Kind::GoStatement | Kind::DeferStatement | Kind::IncStatement | Kind::DecStatement => {
                if let Some(inner) = named(node).next() {
                    let mut operand = self.expr(inner);
                    if operand.ty.is_untyped() {
                        self.use_default(&mut operand);
                    }
                }
            }
            Kind::SendStatement => self.send(node),
            Kind::AssignmentStatement => self.assignment(node),
            Kind::ShortVarDeclaration => {
                if let (Some(left), Some(right)) = (child(node, Field::Left), child(node, Field::Right)) {
                    self.short_vars(left, right);
                }
            }
            Kind::VarDeclaration => self.local_vars(node),
            Kind::ConstDeclaration => self.local_consts(node),
            Kind::TypeDeclaration => {
                let specs = named(node).filter(|spec| matches!(kind(*spec), Kind::TypeSpec | Kind::TypeAlias));
                specs.for_each(|spec| self.local_type(spec));
            }
            Kind::ReturnStatement => self.return_values(node),
            Kind::IfStatement => self.if_statement(node),
            Kind::ForStatement => self.for_statement(node),
            Kind::ExpressionSwitchStatement => self.expression_switch(node),
            Kind::TypeSwitchStatement => self.type_switch(node),
            Kind::SelectStatement => named(node).for_each(|case| self.select_case(case)),
            Kind::LabeledStatement => {
                for inner in named(node) {
                    if kind(inner) == Kind::LabelName { self.record_use(inner, Object::Label) } else { self.statement(inner) }
                }
            }
            Kind::BreakStatement | Kind::ContinueStatement | Kind::GotoStatement => {
                named(node).for_each(|label| self.record_use(label, Object::Label));
            }
            _ => {}
        }
    }

    fn send(&mut self, node: Node<'p>) {
        let channel = child(node, Field::Channel).map_or_else(Operand::unknown, |channel| self.expr(channel));
        let Some(value) = child(node, Field::Value) else { return };
        let mut value = self.single(value);
        let target = match self.world.core(&channel.ty) {
            Type::Chan(Dir::Both | Dir::Send, elem) => Type::clone(&elem),
            _ => Type::Unknown,
        };
        self.use_as(&mut value, &target);
    }

    fn assignment(&mut self, node: Node<'p>) {
        let (Some(left), Some(right)) = (child(node, Field::Left), child(node, Field::Right)) else { return };
        let op = child(node, Field::Operator).map_or("=", |op| op.kind());
        if op == "=" {
            return self.assign(left, right);
        }
        let (Some(left), Some(right)) = (named(left).next(), named(right).next()) else { return };
        let mut x = self.expr(left);
        let mut y = self.single(right);
        if is_shift(op) {
            self.combine(op, &mut x, &mut y);
            return;
        }
        let target = x.ty.clone();
        self.combine(op.trim_end_matches('='), &mut x, &mut y);
        if y.ty.is_untyped() {
            self.use_as(&mut y, &target);
        }
    }

    /// `a, b = x, y`
    fn assign(&mut self, left: Node<'p>, right: Node<'p>) {
        let targets: Vec<Option<Type>> = named(left).map(|node| self.target(node)).collect();
        self.assign_all(right, &targets);
    }

    /// The type of what is assigned to; `None` for `_`.
    fn target(&mut self, node: Node<'p>) -> Option<Type> {
        if kind(node) == Kind::Identifier && self.text(node) == "_" {
            return None;
        }
        Some(self.expr(node).ty)
    }

    /// Values assigned to variables of the given types, or to ones that take theirs from them; returns the types of the variables.
    pub(super) fn assign_all(&mut self, values: Node<'p>, targets: &[Option<Type>]) -> Vec<Type> {
        let list = kind(values) == Kind::ExpressionList;
        let nodes: Vec<Node<'p>> = if list { named(values).collect() } else { vec![values] };
        if let ([only], true) = (nodes.as_slice(), targets.len() > 1) {
            return self.assign_several(*only, targets);
        }
        let mut out = Vec::with_capacity(targets.len());
        for (index, node) in nodes.into_iter().enumerate() {
            let mut operand = self.single(node);
            match targets.get(index) {
                Some(Some(target)) => {
                    self.use_as(&mut operand, target);
                    out.push(target.clone());
                }
                _ => {
                    self.use_default(&mut operand);
                    out.push(if operand.is_nil() { Type::Unknown } else { operand.ty });
                }
            }
        }
        while out.len() < targets.len() {
            out.push(targets[out.len()].clone().unwrap_or(Type::Unknown));
        }
        out
    }

    /// `a, b := f()`, and the comma-ok forms.
    fn assign_several(&mut self, node: Node<'p>, targets: &[Option<Type>]) -> Vec<Type> {
        let mut operand = self.expr(node);
        let types: Vec<Type> = match &operand.ty {
            Type::Tuple(types) => types.to_vec(),
            _ if targets.len() == 2 && is_comma_ok(node) => vec![operand.ty.clone(), Type::Basic(Basic::Bool)],
            _ => {
                self.use_as(&mut operand, &Type::Unknown);
                Vec::new()
            }
        };
        let types = targets.iter().enumerate().map(|(index, target)| match target {
            Some(ty) => ty.clone(),
            None => types.get(index).cloned().unwrap_or(Type::Unknown),
        });
        types.collect()
    }

    /// `a, b := x, y`: what the innermost scope declares already is assigned to.
    fn short_vars(&mut self, left: Node<'p>, right: Node<'p>) {
        let names: Vec<Node<'p>> = named(left).collect();
        let targets: Vec<Option<Type>> = names.iter().map(|name| self.redeclared(*name)).collect();
        let types = self.assign_all(right, &targets);
        let new: Vec<bool> = targets.iter().map(Option::is_none).collect();
        self.declare_all(&names, &new, types);
    }

    /// The type of a variable that a short declaration only assigns to.
    fn redeclared(&mut self, node: Node<'p>) -> Option<Type> {
        let name = self.name(node);
        let Some(Entry::Local(local)) = self.scopes.get_innermost(name) else { return None };
        let local = *local;
        let ty = self.info.locals.get(local as usize)?.ty.clone();
        self.record_use(node, Object::Local(local));
        self.record(node, super::super::info::Mode::Variable, &ty, None);
        Some(ty)
    }

    fn declare_all(&mut self, names: &[Node<'p>], new: &[bool], types: Vec<Type>) {
        for ((name, new), ty) in names.iter().zip(new).zip(types) {
            // Predeclared names have kinds of their own, and can be declared all the same.
            let identifier = matches!(kind(*name), Kind::Identifier | Kind::Iota | Kind::Nil | Kind::True | Kind::False);
            if *new && identifier {
                self.declare_local(*name, ty);
            }
        }
    }

    fn return_values(&mut self, node: Node<'p>) {
        let Some(list) = named(node).next() else { return };
        let results = self.results.last().cloned().unwrap_or_default();
        let count = named(list).count();
        if count == 1 && results.len() > 1 {
            if let Some(only) = named(list).next() {
                self.expr(only);
            }
            return;
        }
        let targets: Vec<Option<Type>> = results.into_iter().map(Some).collect();
        self.assign_all(list, &targets);
    }

    fn if_statement(&mut self, node: Node<'p>) {
        let mut open = 0;
        let mut node = node;
        // A chain of `else if` can be as long as a file.
        loop {
            self.scopes.open();
            open += 1;
            if let Some(init) = child(node, Field::Initializer) {
                self.statement(init);
            }
            if let Some(condition) = child(node, Field::Condition) {
                self.single(condition);
            }
            if let Some(block) = child(node, Field::Consequence) {
                self.block(block);
            }
            match child(node, Field::Alternative) {
                Some(next) if kind(next) == Kind::IfStatement => node = next,
                Some(block) => break self.block(block),
                None => break,
            }
        }
        (0..open).for_each(|_| self.scopes.close());
    }

    fn for_statement(&mut self, node: Node<'p>) {
        self.scopes.open();
        for part in named(node) {
            match kind(part) {
                Kind::ForClause => {
                    if let Some(init) = child(part, Field::Initializer) {
                        self.statement(init);
                    }
                    if let Some(condition) = child(part, Field::Condition) {
                        self.single(condition);
                    }
                    if let Some(update) = child(part, Field::Update) {
                        self.statement(update);
                    }
                }
                Kind::RangeClause => self.range(part),
                Kind::Block => self.block(part),
                _ => _ = self.single(part),
            }
        }
        self.scopes.close();
    }

    fn range(&mut self, node: Node<'p>) {
        let mut over = child(node, Field::Right).map_or_else(Operand::unknown, |right| self.single(right));
        let left: Vec<Node<'p>> = child(node, Field::Left).into_iter().flat_map(named).collect();
        let declares = has_token(node, ":=");
        let untyped_number = over.ty.is_untyped() && self.world.all_basic(&over.ty, Basic::is_numeric);
        if declares || left.is_empty() {
            // A constant string stays untyped.
            if untyped_number {
                self.use_default(&mut over);
            }
            let types = self.ranged(&over.ty);
            let types: Vec<Type> =
                left.iter().enumerate().map(|(at, _)| types.get(at).cloned().unwrap_or(Type::Unknown)).collect();
            self.declare_all(&left, &vec![true; left.len()], types);
            return;
        }
        let targets: Vec<Option<Type>> = left.into_iter().map(|node| self.target(node)).collect();
        match targets.first() {
            Some(Some(target)) if untyped_number => self.use_as(&mut over, target),
            _ if untyped_number => self.use_default(&mut over),
            _ => {}
        }
    }

    /// What a `range` over a value of this type gives.
    fn ranged(&self, ty: &Type) -> Vec<Type> {
        let int = Type::Basic(Basic::Int);
        match self.world.core(ty) {
            Type::Basic(basic) if basic.is_string() => vec![int, Type::Basic(Basic::Int32)],
            Type::Basic(basic) if basic.is_integer() => vec![ty.clone()],
            Type::Array(_, elem) | Type::Slice(elem) => vec![int, Type::clone(&elem)],
            Type::Pointer(base) => match self.world.underlying(&base) {
                Type::Array(_, elem) => vec![int, Type::clone(&elem)],
                _ => Vec::new(),
            },
            Type::Map(key, value) => vec![Type::clone(&key), Type::clone(&value)],
            Type::Chan(_, elem) => vec![Type::clone(&elem)],
            Type::Func(sig) => yielded(&sig).unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    fn expression_switch(&mut self, node: Node<'p>) {
        self.scopes.open();
        if let Some(init) = child(node, Field::Initializer) {
            self.statement(init);
        }
        let tag = child(node, Field::Value).map(|value| {
            let mut tag = self.single(value);
            self.use_default(&mut tag);
            tag
        });
        let tag = tag.unwrap_or_else(|| Operand::constant(Type::Basic(Basic::Bool), Const::Bool(true)));
        for case in named(node).filter(|case| matches!(kind(*case), Kind::ExpressionCase | Kind::DefaultCase)) {
            self.scopes.open();
            for value in child(case, Field::Value).into_iter().flat_map(named) {
                let mut value = self.single(value);
                let mut tag = tag.clone();
                self.combine("==", &mut value, &mut tag);
            }
            self.statements(case);
            self.scopes.close();
        }
        self.scopes.close();
    }

    fn type_switch(&mut self, node: Node<'p>) {
        self.scopes.open();
        if let Some(init) = child(node, Field::Initializer) {
            self.statement(init);
        }
        let value = child(node, Field::Value).map_or_else(Operand::unknown, |value| self.single(value));
        let alias = child(node, Field::Alias).and_then(|list| named(list).next());
        for case in named(node).filter(|case| matches!(kind(*case), Kind::TypeCase | Kind::DefaultCase)) {
            self.scopes.open();
            let types: Vec<Option<Type>> =
                crate::syntax::children(case, Field::Type).filter(Node::is_named).map(|ty| self.case_type(ty)).collect();
            if let Some(alias) = alias {
                let ty = match types.as_slice() {
                    [Some(ty)] => ty.clone(),
                    _ => value.ty.clone(),
                };
                let name = self.name(alias);
                let local = self.new_local(name, ty, self.parsed.span(alias));
                self.scopes.declare(name, Entry::Local(local));
                if self.recording {
                    self.info.implicits.insert(case.id(), local);
                }
            }
            self.statements(case);
            self.scopes.close();
        }
        self.scopes.close();
    }

    /// The type of a case; `None` for `nil`.
    fn case_type(&mut self, node: Node<'p>) -> Option<Type> {
        if self.text(node) == "nil" && self.expr_or_type(node).is_nil() {
            return None;
        }
        Some(self.typ(node))
    }

    fn select_case(&mut self, case: Node<'p>) {
        if !matches!(kind(case), Kind::CommunicationCase | Kind::DefaultCase) {
            return;
        }
        self.scopes.open();
        if let Some(communication) = child(case, Field::Communication) {
            match (kind(communication), child(communication, Field::Left), child(communication, Field::Right)) {
                (Kind::SendStatement, ..) => self.send(communication),
                (_, Some(left), Some(right)) if has_token(communication, ":=") => self.short_vars(left, right),
                (_, Some(left), Some(right)) => self.assign(left, right),
                (_, None, Some(right)) => _ = self.expr(right),
                _ => {}
            }
        }
        self.statements(case);
        self.scopes.close();
    }
}

/// What an iterator function hands to its `yield`.
fn yielded(sig: &Signature) -> Option<Vec<Type>> {
    match &*sig.params {
        [Type::Func(yields)] if sig.results.is_empty() => Some(yields.params.to_vec()),
        _ => None,
    }
}

/// Whether an expression can give a second value that tells whether there was a first.
fn is_comma_ok(node: Node<'_>) -> bool {
    match kind(node) {
        Kind::ParenthesizedExpression => named(node).next().is_some_and(is_comma_ok),
        Kind::IndexExpression | Kind::TypeAssertionExpression => true,
        Kind::UnaryExpression => child(node, Field::Operator).is_some_and(|op| op.kind() == "<-"),
        _ => false,
    }
}

fn has_token(node: Node<'_>, token: &str) -> bool {
    let mut cursor = node.walk();
    node.children(&mut cursor).any(|child| !child.is_named() && child.kind() == token)
}
