//! Calls: conversions, predeclared functions, and what is called with which arguments; `go` and `defer`.

use super::Lower;
use crate::ir::{Callee, Const, Op, Operand, Pure, Term, UNRESOLVED};
use crate::source::Span;
use crate::syntax::{Field, Kind, child, kind, named};
use crate::types::{Builtin, FuncId, Mode, Object, SelectionKind, Signature, Type};
use std::sync::Arc;
use tree_sitter::Node;
use ustr::ustr;

/// A call before it is known when it runs.
struct Prepared {
    callee: Callee,
    args: Vec<Operand>,
    results: Vec<Type>,
}

impl Lower<'_> {
    /// The value of a call: its first result.
    pub(super) fn call_value(&mut self, node: Node<'_>) -> Operand {
        let values = self.call(node);
        match values.into_iter().next() {
            Some(value) => value,
            None => Operand::Const(Const::Nil),
        }
    }

    /// A call as a statement.
    pub(super) fn call_statement(&mut self, node: Node<'_>) {
        self.call(node);
    }

    /// Runs a call and gives all its results.
    pub(super) fn call(&mut self, node: Node<'_>) -> Vec<Operand> {
        let Some(function) = child(node, Field::Function) else { return vec![self.opaque(node)] };
        let function = unparen(function);
        match self.info.exprs.get(&function.id()).map(|e| e.mode) {
            Some(Mode::Type) => {
                let operand = arguments(node).next();
                return vec![match operand {
                    Some(operand) => self.conversion(operand, node),
                    None => self.opaque(node),
                }];
            }
            Some(Mode::Builtin(builtin)) => return self.builtin(builtin, node),
            _ => {}
        }
        let span = self.span(node);
        let prepared = self.prepare(function, node);
        let dst: Vec<_> = prepared.results.iter().map(|ty| self.temp(ty.clone())).collect();
        self.emit(Op::Call { dst: dst.clone(), callee: prepared.callee, args: prepared.args }, span);
        dst.into_iter().map(Operand::Reg).collect()
    }

    /// `go f(x)` and `defer f(x)`.
    pub(super) fn later(&mut self, node: Node<'_>, spawn: bool) {
        let span = self.span(node);
        let Some(call) = named(node).next().map(unparen) else { return };
        if kind(call) != Kind::CallExpression {
            self.expr(call);
            return;
        }
        let Some(function) = child(call, Field::Function).map(unparen) else { return };
        let (callee, args) = match self.info.exprs.get(&function.id()).map(|e| e.mode) {
            Some(Mode::Builtin(builtin)) => {
                let args = arguments(call).filter(|n| !self.is_type(*n)).collect::<Vec<_>>();
                let args = args.into_iter().map(|n| self.expr(n)).collect();
                if builtin == Builtin::Recover {
                    self.top().func.recovers = true;
                }
                (Callee::Static(predeclared(builtin)), args)
            }
            Some(Mode::Type) => return,
            _ => {
                let prepared = self.prepare(function, call);
                (prepared.callee, prepared.args)
            }
        };
        if spawn {
            self.emit(Op::Go { callee, args }, span);
        } else {
            self.top().func.defers = true;
            self.emit(Op::Defer { callee, args }, span);
        }
    }

    fn prepare(&mut self, function: Node<'_>, node: Node<'_>) -> Prepared {
        let signature = match self.under(&self.type_of(function)) {
            Type::Func(signature) => signature,
            _ => Arc::default(),
        };
        let known = matches!(self.under(&self.type_of(function)), Type::Func(_));
        let (callee, receiver) = self.callee(function);
        let mut args: Vec<Operand> = receiver.into_iter().collect();
        self.arguments(node, known.then_some(&*signature), &mut args);
        let results = if known {
            signature.results.to_vec()
        } else {
            match self.type_of(node) {
                Type::Tuple(types) => types.to_vec(),
                other => vec![other],
            }
        };
        Prepared { callee, args, results }
    }

    /// What a package out of view calls so: a function, a variable or a type, which nobody here can tell.
    fn out_of_view(&self, function: Node<'_>) -> Option<FuncId> {
        let package = child(function, Field::Operand)?;
        let Some(Object::Package(pkg)) = self.object(package) else { return None };
        let name = ustr(self.text(child(function, Field::Field)?));
        Some(FuncId { pkg: *pkg, recv: None, name })
    }

    /// A method, or a field, of a value whose type is not known; the value comes as its receiver.
    fn unresolved(&mut self, function: Node<'_>) -> Option<(Callee, Option<Operand>)> {
        let (value, field) = (child(function, Field::Operand)?, child(function, Field::Field)?);
        let name = ustr(self.text(field));
        let receiver = self.expr(value);
        Some((Callee::Static(FuncId { pkg: ustr(UNRESOLVED), recv: None, name }), Some(receiver)))
    }

    /// What a call leads to, and the receiver that comes first.
    fn callee(&mut self, function: Node<'_>) -> (Callee, Option<Operand>) {
        match kind(function) {
            Kind::Identifier => {
                if let Some(Object::Func(func)) = self.object(function) {
                    return (Callee::Static(*func), None);
                }
            }
            Kind::SelectorExpression => match self.info.selections.get(&function.id()).cloned() {
                None => {
                    if let Some(field) = child(function, Field::Field)
                        && let Some(Object::Func(func)) = self.object(field)
                    {
                        return (Callee::Static(*func), None);
                    }
                    if let Some(func) = self.out_of_view(function) {
                        return (Callee::Static(func), None);
                    }
                    if let Some(found) = self.unresolved(function) {
                        return found;
                    }
                }
                Some(selection) => match &selection.kind {
                    SelectionKind::Method { func, .. } => {
                        let func = *func;
                        return (Callee::Static(func), Some(self.receiver(function, &selection)));
                    }
                    SelectionKind::Interface => {
                        let receiver = self.receiver(function, &selection);
                        return (self.interface_callee(function, &selection), Some(receiver));
                    }
                    SelectionKind::Expr { func: Some(func), .. } => return (Callee::Static(*func), None),
                    SelectionKind::Expr { func: None, .. } => return (self.interface_callee(function, &selection), None),
                    SelectionKind::Field => {}
                },
            },
            Kind::IndexExpression | Kind::TypeInstantiationExpression => {
                let inner = child(function, Field::Operand).or_else(|| named(function).next());
                let generic = inner.filter(|inner| {
                    let ty = self.type_of(*inner);
                    matches!(self.under(&ty), Type::Func(_))
                });
                if let Some(inner) = generic {
                    return self.callee(unparen(inner));
                }
            }
            _ => {}
        }
        let value = self.expr(function);
        match value {
            Operand::Const(_) => (Callee::Unknown, None),
            value => (Callee::Value(value), None),
        }
    }

    /// The arguments as the function takes them: in interfaces where it wants these, variadic ones in a slice.
    fn arguments(&mut self, node: Node<'_>, signature: Option<&Signature>, out: &mut Vec<Operand>) {
        let span = self.span(node);
        let nodes: Vec<Node<'_>> = arguments(node).filter(|n| !self.is_type(*n)).collect();
        let spread = nodes.last().is_some_and(|n| kind(*n) == Kind::VariadicArgument);
        let mut values: Vec<(Operand, Type)> = Vec::with_capacity(nodes.len());
        if let [only] = nodes.as_slice()
            && let Type::Tuple(types) = self.type_of(*only)
            && kind(unparen(*only)) == Kind::CallExpression
        {
            values.extend(self.call(unparen(*only)).into_iter().zip(types.iter().cloned()));
        } else {
            for node in nodes {
                let inner = if kind(node) == Kind::VariadicArgument { named(node).next().unwrap_or(node) } else { node };
                let value = self.expr(inner);
                values.push((value, self.type_of(inner)));
            }
        }
        let Some(signature) = signature else {
            out.extend(values.into_iter().map(|(value, _)| value));
            return;
        };
        let fixed = signature.params.len() - usize::from(signature.variadic && !signature.params.is_empty());
        let mut rest = Vec::new();
        for (i, (value, from)) in values.into_iter().enumerate() {
            if i < fixed || spread {
                let to = signature.params.get(i).cloned().unwrap_or(Type::Unknown);
                out.push(self.converted(value, &from, &to, span));
            } else {
                let element = match signature.params.last().map(|ty| self.under(ty)) {
                    Some(Type::Slice(element)) => (*element).clone(),
                    _ => Type::Unknown,
                };
                rest.push(self.converted(value, &from, &element, span));
            }
        }
        if signature.variadic && !spread {
            let ty = signature.params.last().cloned().unwrap_or(Type::Unknown);
            if rest.is_empty() {
                out.push(Operand::Const(Const::Nil));
            } else {
                let slice = self.value(ty, span, |dst| Op::SliceOf { dst, items: rest });
                out.push(slice);
            }
        }
    }

    fn builtin(&mut self, builtin: Builtin, node: Node<'_>) -> Vec<Operand> {
        let (ty, span) = (self.type_of(node), self.span(node));
        let nodes: Vec<Node<'_>> = arguments(node).collect();
        let first = nodes.first().copied();
        match (builtin, first) {
            (Builtin::Make, Some(_)) => vec![self.make(&nodes, ty, span)],
            (Builtin::New, Some(first)) => vec![self.new_value(first, ty, span)],
            (Builtin::Append, Some(first)) => vec![self.append(first, &nodes[1..], ty, span)],
            (Builtin::Len | Builtin::Cap, Some(first)) => {
                let what = if builtin == Builtin::Len { Pure::Len } else { Pure::Cap };
                let value = self.expr(first);
                vec![self.pure(what, vec![value], ty, span)]
            }
            (Builtin::Close, Some(first)) => {
                let ch = self.expr(first);
                self.emit(Op::Close { ch }, span);
                Vec::new()
            }
            (Builtin::Panic, _) => {
                let value = first.map(|n| self.expr(n));
                self.end(Term::Panic(value), span);
                Vec::new()
            }
            (Builtin::Delete | Builtin::Clear, Some(first)) => {
                let map = self.expr(first);
                let key = nodes.get(1).map(|n| self.expr(*n));
                self.emit(Op::MapDelete { map, key }, span);
                Vec::new()
            }
            (Builtin::Recover, _) => {
                self.top().func.recovers = true;
                let dst = self.temp(ty);
                self.emit(Op::Call { dst: vec![dst], callee: Callee::Static(predeclared(builtin)), args: Vec::new() }, span);
                vec![dst.into()]
            }
            (Builtin::Print | Builtin::Println, _) => {
                nodes.into_iter().for_each(|n| self.effect(n));
                Vec::new()
            }
            _ => {
                let args: Vec<Operand> = nodes
                    .into_iter()
                    .filter(|n| !self.is_type(*n))
                    .collect::<Vec<_>>()
                    .into_iter()
                    .map(|n| self.expr(n))
                    .collect();
                let name = child(node, Field::Function).map_or_else(|| ustr(""), |n| ustr(self.text(n)));
                vec![self.pure(Pure::Other(name), args, ty, span)]
            }
        }
    }

    fn make(&mut self, nodes: &[Node<'_>], ty: Type, span: Span) -> Operand {
        let size = nodes.get(1).map(|n| self.expr(*n));
        match self.under(&ty) {
            Type::Chan(..) => {
                let cap = size.unwrap_or_else(|| Operand::int(0));
                self.value(ty, span, |dst| Op::MakeChan { dst, cap })
            }
            Type::Map(..) => self.value(ty, span, |dst| Op::MakeMap { dst }),
            Type::Slice(_) => {
                if let Some(capacity) = nodes.get(2) {
                    self.effect(*capacity);
                }
                let len = size.unwrap_or_else(|| Operand::int(0));
                self.value(ty, span, |dst| Op::MakeSlice { dst, len })
            }
            _ => self.unknown(Vec::new(), ty, span),
        }
    }

    /// `new(T)`, and from Go 1.26 `new(x)`.
    fn new_value(&mut self, first: Node<'_>, ty: Type, span: Span) -> Operand {
        let inner = match self.under(&ty) {
            Type::Pointer(inner) => (*inner).clone(),
            _ => Type::Unknown,
        };
        let value = (!self.is_type(first)).then(|| self.expr(first));
        let cell = self.value(ty, span, |dst| Op::Alloc { dst, ty: inner });
        if let Some(val) = value {
            self.emit(Op::Store { addr: cell.clone(), val }, span);
        }
        cell
    }

    fn append(&mut self, first: Node<'_>, rest: &[Node<'_>], ty: Type, span: Span) -> Operand {
        let base = self.expr(first);
        let element = match self.under(&ty) {
            Type::Slice(element) => (*element).clone(),
            _ => Type::Unknown,
        };
        let (mut items, mut spread) = (Vec::new(), None);
        for node in rest {
            if kind(*node) == Kind::VariadicArgument {
                spread = named(*node).next().map(|n| self.expr(n));
            } else {
                items.push(self.expr_as(*node, &element));
            }
        }
        self.value(ty, span, |dst| Op::Append { dst, base, items, spread })
    }
}

/// Predeclared functions that are deferred or started go by their bare names.
fn predeclared(builtin: Builtin) -> FuncId {
    let name = format!("{builtin:?}").to_lowercase();
    FuncId { pkg: ustr(""), recv: None, name: ustr(&name) }
}

/// The nodes between the parentheses of a call.
pub(super) fn arguments<'t>(node: Node<'t>) -> impl Iterator<Item = Node<'t>> {
    child(node, Field::Arguments).into_iter().flat_map(named)
}

/// What stands inside parentheses.
pub(super) fn unparen(mut node: Node<'_>) -> Node<'_> {
    while kind(node) == Kind::ParenthesizedExpression {
        match named(node).next() {
            Some(inner) => node = inner,
            None => break,
        }
    }
    node
}
