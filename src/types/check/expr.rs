//! Expressions.

use super::super::consts;
use super::super::info::{Const, Mode};
use super::super::ty::{Basic, Type};
use super::{Checker, MAX_DEPTH, Operand};
use crate::syntax::{Field, Kind, child, kind, named};
use std::sync::Arc;
use tree_sitter::Node;

impl<'p> Checker<'_, 'p> {
    /// A value.
    pub(in super::super) fn expr(&mut self, node: Node<'p>) -> Operand<'p> {
        let operand = self.expr_or_type(node);
        if operand.is_type() { self.unknown_at(node) } else { operand }
    }

    /// A single value: the first of several is none.
    pub(super) fn single(&mut self, node: Node<'p>) -> Operand<'p> {
        let mut operand = self.expr(node);
        if matches!(operand.ty, Type::Tuple(_)) {
            operand.ty = Type::Unknown;
        }
        operand
    }

    /// A value or a type; written down.
    pub(super) fn expr_or_type(&mut self, node: Node<'p>) -> Operand<'p> {
        self.depth += 1;
        let mut operand = if self.depth > MAX_DEPTH { Operand::unknown() } else { self.inside(node) };
        self.depth -= 1;
        operand.node = Some(node);
        self.record(node, operand.mode, &operand.ty, operand.value.as_ref());
        operand
    }

    fn inside(&mut self, node: Node<'p>) -> Operand<'p> {
        match kind(node) {
            Kind::Identifier
            | Kind::TypeIdentifier
            | Kind::PackageIdentifier
            | Kind::Nil
            | Kind::True
            | Kind::False
            | Kind::Iota => self.ident(node),
            Kind::ParenthesizedExpression => named(node).next().map_or_else(Operand::unknown, |inner| self.expr_or_type(inner)),
            Kind::IntLiteral => self.literal(node, Basic::UntypedInt, consts::int_literal),
            Kind::FloatLiteral => self.literal(node, Basic::UntypedFloat, consts::float_literal),
            Kind::RuneLiteral => self.literal(node, Basic::UntypedRune, consts::rune_literal),
            Kind::ImaginaryLiteral => self.literal(node, Basic::UntypedComplex, |_| Const::Other),
            Kind::InterpretedStringLiteral => self.literal(node, Basic::UntypedString, consts::string_literal),
            Kind::RawStringLiteral => self.literal(node, Basic::UntypedString, |text| {
                let inner = text.strip_prefix('`').and_then(|text| text.strip_suffix('`')).unwrap_or_default();
                Const::Str(Arc::from(inner.replace('\r', "")))
            }),
            Kind::FuncLiteral => self.func_literal(node),
            Kind::CompositeLiteral => self.composite(node),
            Kind::SelectorExpression => self.selector(node),
            Kind::IndexExpression => self.index(node),
            Kind::SliceExpression => self.slice(node),
            Kind::TypeAssertionExpression => {
                if let Some(operand) = child(node, Field::Operand) {
                    self.expr(operand);
                }
                Operand::value(child(node, Field::Type).map_or(Type::Unknown, |ty| self.typ(ty)))
            }
            Kind::CallExpression => self.call(node),
            Kind::TypeConversionExpression => self.type_conversion(node),
            Kind::TypeInstantiationExpression => self.type_instantiation(node),
            Kind::GenericType | Kind::QualifiedType => self.generic_or_type(node),
            Kind::UnaryExpression => self.unary(node),
            Kind::BinaryExpression => self.binary(node),
            Kind::ArrayType
            | Kind::ChannelType
            | Kind::FunctionType
            | Kind::InterfaceType
            | Kind::MapType
            | Kind::ParenthesizedType
            | Kind::PointerType
            | Kind::SliceType
            | Kind::StructType => self.type_operand(node),
            _ => Operand::unknown(),
        }
    }

    fn literal(&mut self, node: Node<'p>, basic: Basic, value: impl Fn(&str) -> Const) -> Operand<'p> {
        Operand::constant(Type::Basic(basic), value(self.text(node)))
    }

    fn func_literal(&mut self, node: Node<'p>) -> Operand<'p> {
        self.scopes.open();
        let read = self.signature(node, self.bodies);
        if self.bodies {
            self.info.signatures.insert(node.id(), read.locals);
            let (has_call, iota) = (self.has_call, self.iota.take());
            if let Some(body) = child(node, Field::Body) {
                self.body(body, read.sig.results.to_vec());
            }
            self.has_call = has_call;
            self.iota = iota;
        }
        self.scopes.close();
        Operand::value(Type::Func(Arc::new(read.sig)))
    }

    fn index(&mut self, node: Node<'p>) -> Operand<'p> {
        let (Some(base), Some(index)) = (child(node, Field::Operand), child(node, Field::Index)) else {
            return Operand::unknown();
        };
        let operand = self.expr_or_type(base);
        if operand.is_type() {
            let arg = self.typ(index);
            return Operand::ty(self.instantiate_type(&operand.ty, vec![arg]));
        }
        if let Type::Func(sig) = &operand.ty {
            if sig.type_params.is_empty() {
                return Operand::unknown();
            }
            let arg = self.typ(index);
            return self.instantiate_value(base, &operand, vec![arg]);
        }
        let at = self.single(index);
        self.element(&operand, at)
    }

    /// `x[i]`
    fn element(&mut self, operand: &Operand<'p>, mut at: Operand<'p>) -> Operand<'p> {
        let under = self.world.underlying(&operand.ty);
        if let Type::Map(key, value) = &under {
            self.use_as(&mut at, key);
            return Operand::new(Mode::MapIndex, Type::clone(value));
        }
        let (mode, elem) = match &under {
            Type::Basic(basic) if basic.is_string() => (Mode::Value, Type::Basic(Basic::Uint8)),
            Type::Array(_, elem) => {
                let mode = if operand.mode == Mode::Variable { Mode::Variable } else { Mode::Value };
                (mode, Type::clone(elem))
            }
            Type::Slice(elem) => (Mode::Variable, Type::clone(elem)),
            Type::Pointer(base) => match self.world.underlying(base) {
                Type::Array(_, elem) => (Mode::Variable, Type::clone(&elem)),
                _ => (Mode::Unknown, Type::Unknown),
            },
            Type::Param(_) => return self.element_of_param(&operand.ty, &mut at),
            _ => (Mode::Unknown, Type::Unknown),
        };
        if elem == Type::Unknown && mode == Mode::Unknown {
            self.use_as(&mut at, &Type::Unknown);
            return Operand::unknown();
        }
        self.use_index(&mut at);
        Operand::new(mode, elem)
    }

    /// An index or a length: an untyped constant becomes an `int`.
    pub(super) fn use_index(&mut self, at: &mut Operand<'p>) {
        if at.ty.is_untyped() {
            self.convert_untyped(at, &Type::Basic(Basic::Int));
        }
    }

    fn element_of_param(&mut self, ty: &Type, at: &mut Operand<'p>) -> Operand<'p> {
        let mut found: Option<(Mode, Type)> = None;
        for term in self.world.type_set(ty) {
            let one = match self.world.underlying(&term) {
                Type::Basic(basic) if basic.is_string() => (Mode::Value, Type::Basic(Basic::Uint8)),
                Type::Array(_, elem) | Type::Slice(elem) => (Mode::Variable, Type::clone(&elem)),
                Type::Pointer(base) => match self.world.underlying(&base) {
                    Type::Array(_, elem) => (Mode::Variable, Type::clone(&elem)),
                    _ => return Operand::unknown(),
                },
                Type::Map(key, elem) => {
                    self.use_as(at, &key);
                    (Mode::MapIndex, Type::clone(&elem))
                }
                _ => return Operand::unknown(),
            };
            found = match found {
                None => Some(one),
                Some((mode, elem)) if elem == one.1 => Some((if mode == one.0 { mode } else { Mode::Value }, elem)),
                Some(_) => return Operand::unknown(),
            };
        }
        self.use_index(at);
        found.map_or_else(Operand::unknown, |(mode, elem)| Operand::new(mode, elem))
    }

    fn slice(&mut self, node: Node<'p>) -> Operand<'p> {
        let base = child(node, Field::Operand);
        let mut operand = base.map_or_else(Operand::unknown, |base| self.expr(base));
        for field in [Field::Start, Field::End, Field::Capacity] {
            if let Some(bound) = child(node, field) {
                let mut at = self.single(bound);
                self.use_index(&mut at);
            }
        }
        if operand.ty.is_untyped() {
            self.convert_untyped(&mut operand, &Type::Basic(Basic::String));
        }
        let sliced = |elem: &Arc<Type>| Operand::value(Type::Slice(Arc::clone(elem)));
        match &self.world.underlying(&operand.ty) {
            Type::Basic(basic) if basic.is_string() => Operand::value(operand.ty),
            Type::Slice(_) | Type::Param(_) => Operand::value(operand.ty),
            Type::Array(_, elem) => sliced(elem),
            Type::Pointer(base) => match &self.world.underlying(base) {
                Type::Array(_, elem) => sliced(elem),
                _ => Operand::unknown(),
            },
            _ => Operand::unknown(),
        }
    }

    /// `List[int, string]` as an expression.
    fn type_instantiation(&mut self, node: Node<'p>) -> Operand<'p> {
        let mut parts = named(node);
        let Some(base) = parts.next() else { return Operand::unknown() };
        let operand = self.generic_or_type(base);
        if !operand.is_type() && !matches!(operand.ty, Type::Func(_)) {
            let Some(index) = parts.next() else { return Operand::unknown() };
            let at = self.generic_or_type(index);
            return if at.is_type() { Operand::unknown() } else { self.element(&operand, at) };
        }
        let args: Vec<Type> = parts.map(|arg| self.typ(arg)).collect();
        if operand.is_type() {
            return Operand::ty(self.instantiate_type(&operand.ty, args));
        }
        self.instantiate_value(base, &operand, args)
    }

    /// `[]byte(x)`: the grammar takes any type there, so also what is a call.
    fn type_conversion(&mut self, node: Node<'p>) -> Operand<'p> {
        let (Some(ty), Some(operand)) = (child(node, Field::Type), child(node, Field::Operand)) else {
            return Operand::unknown();
        };
        if kind(ty) == Kind::PointerType {
            return self.pointed_conversion(node, ty, operand);
        }
        let target = self.generic_or_type(ty);
        if target.is_type() {
            let mut operand = self.single(operand);
            return self.conversion(&target.ty, &mut operand);
        }
        let args = vec![operand];
        self.call_of(ty, target, &args, false)
    }

    /// `*(*T)(x)`: the grammar takes the first star for a part of the type. It is the value of `(*T)(x)` that is pointed to.
    fn pointed_conversion(&mut self, node: Node<'p>, ty: Node<'p>, operand: Node<'p>) -> Operand<'p> {
        let (mut stars, mut inner) = (0, ty);
        while kind(inner) == Kind::PointerType {
            let Some(next) = named(inner).next() else { return Operand::unknown() };
            (stars, inner) = (stars + 1, next);
        }
        let target = self.generic_or_type(inner);
        let mut value = if target.is_type() {
            let mut operand = self.single(operand);
            self.conversion(&target.ty, &mut operand)
        } else {
            self.call_of(inner, target, &[operand], false)
        };
        for _ in 0..stars {
            value = match self.world.core(&value.ty) {
                Type::Pointer(elem) => Operand::variable(Type::clone(&elem)),
                _ => Operand::unknown(),
            };
        }
        Operand { node: Some(node), ..value }
    }

    /// A type, or a value that looks like one to the grammar: a generic function with type arguments, what `new(*x)` copies.
    pub(super) fn generic_or_type(&mut self, node: Node<'p>) -> Operand<'p> {
        match kind(node) {
            Kind::GenericType => {
                let Some(base) = child(node, Field::Type) else { return Operand::unknown() };
                let operand = self.value_or_type(base);
                let list = child(node, Field::TypeArguments);
                if let Some(index) = list.filter(|_| !operand.is_type() && !matches!(operand.ty, Type::Func(_))) {
                    let out = self.element_of_list(&operand, index);
                    self.record(node, out.mode, &out.ty, None);
                    return Operand { node: Some(node), ..out };
                }
                let args = list.map(|args| self.type_args(args)).unwrap_or_default();
                let out = if operand.is_type() {
                    Operand::ty(self.instantiate_type(&operand.ty, args))
                } else {
                    self.instantiate_value(base, &operand, args)
                };
                self.record(node, out.mode, &out.ty, None);
                Operand { node: Some(node), ..out }
            }
            Kind::TypeIdentifier | Kind::QualifiedType => self.value_or_type(node),
            Kind::ParenthesizedType | Kind::PointerType | Kind::TypeElem => {
                let Some(inner) = named(node).next() else { return Operand::unknown() };
                let mut out = self.generic_or_type(inner);
                if kind(node) == Kind::PointerType {
                    out = match (out.is_type(), self.world.core(&out.ty)) {
                        (true, _) => Operand::ty(Type::Pointer(Arc::new(out.ty))),
                        (false, Type::Pointer(elem)) => Operand::variable(Type::clone(&elem)),
                        _ => Operand::unknown(),
                    };
                }
                self.record(node, out.mode, &out.ty, None);
                Operand { node: Some(node), ..out }
            }
            _ => self.expr_or_type(node),
        }
    }

    /// `x[i]` of which the grammar took `x` for a generic type and `i` for its argument.
    pub(super) fn element_of_list(&mut self, operand: &Operand<'p>, list: Node<'p>) -> Operand<'p> {
        let Some(index) = named(list).next() else { return Operand::unknown() };
        let at = self.generic_or_type(index);
        if at.is_type() { Operand::unknown() } else { self.element(operand, at) }
    }

    /// A name that the grammar took for a type's.
    fn value_or_type(&mut self, node: Node<'p>) -> Operand<'p> {
        let operand = match (kind(node), child(node, Field::Package), child(node, Field::Name)) {
            (Kind::QualifiedType, Some(package), Some(name)) => match self.qualified(package, name) {
                Some(operand) => operand,
                None => {
                    let base = self.expr_or_type(package);
                    self.select(node, &base, name)
                }
            },
            _ => self.expr_or_type(node),
        };
        self.record(node, operand.mode, &operand.ty, operand.value.as_ref());
        Operand { node: Some(node), ..operand }
    }
}
