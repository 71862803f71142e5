//! Type expressions.

use super::super::consts;
use super::super::info::{Mode, Params};
use super::super::pkg::Pkg;
use super::super::subst::{Substitution, subst};
use super::super::ty::{Dir, Field as StructField, Interface, Method, Name, Named, PkgKey, Signature, Type};
use super::names::is_exported;
use super::{Checker, Operand};
use crate::syntax::{Field, Kind, child, children, kind, named};
use std::sync::Arc;
use tree_sitter::Node;

/// A signature that is read: its type, and its variables if they were declared.
pub(in super::super) struct ReadSignature {
    pub(in super::super) sig: Signature,
    pub(in super::super) locals: Params,
}

impl<'p> Checker<'_, 'p> {
    /// The type that an expression stands for; [`Type::Unknown`] if it is none.
    pub(in super::super) fn typ(&mut self, node: Node<'p>) -> Type {
        self.depth += 1;
        let ty = if self.depth > super::MAX_DEPTH { Type::Unknown } else { self.typ_inside(node) };
        self.depth -= 1;
        ty
    }

    fn typ_inside(&mut self, node: Node<'p>) -> Type {
        let ty = match kind(node) {
            Kind::TypeIdentifier | Kind::Identifier | Kind::FieldIdentifier | Kind::PackageIdentifier => {
                let operand = self.ident(node);
                if operand.is_type() { operand.ty } else { Type::Unknown }
            }
            Kind::QualifiedType => match (child(node, Field::Package), child(node, Field::Name)) {
                (Some(package), Some(name)) => match self.qualified(package, name) {
                    Some(operand) if operand.is_type() => operand.ty,
                    _ => Type::Unknown,
                },
                _ => Type::Unknown,
            },
            Kind::GenericType => {
                let generic = child(node, Field::Type).map_or(Type::Unknown, |ty| self.typ(ty));
                let args = child(node, Field::TypeArguments).map(|args| self.type_args(args)).unwrap_or_default();
                self.instantiate_type(&generic, args)
            }
            Kind::PointerType => Type::Pointer(Arc::new(self.only_type(node))),
            Kind::ParenthesizedType | Kind::NegatedType | Kind::TypeElem => self.only_type(node),
            Kind::SliceType => Type::Slice(Arc::new(self.typ_of(node, Field::Element))),
            Kind::ArrayType => {
                let length = child(node, Field::Length).and_then(|length| self.array_length(length));
                Type::Array(length, Arc::new(self.typ_of(node, Field::Element)))
            }
            Kind::ImplicitLengthArrayType => Type::Array(None, Arc::new(self.typ_of(node, Field::Element))),
            Kind::MapType => {
                let key = self.typ_of(node, Field::Key);
                Type::Map(Arc::new(key), Arc::new(self.typ_of(node, Field::Value)))
            }
            Kind::ChannelType => Type::Chan(direction(node), Arc::new(self.typ_of(node, Field::Value))),
            Kind::FunctionType => Type::Func(Arc::new(self.signature(node, false).sig)),
            Kind::StructType => self.struct_type(node),
            Kind::InterfaceType => self.interface_type(node),
            _ => {
                let operand = self.expr_or_type(node);
                return if operand.is_type() { operand.ty } else { Type::Unknown };
            }
        };
        self.record_type(node, ty)
    }

    fn typ_of(&mut self, node: Node<'p>, field: Field) -> Type {
        child(node, field).map_or(Type::Unknown, |node| self.typ(node))
    }

    fn only_type(&mut self, node: Node<'p>) -> Type {
        named(node).next().map_or(Type::Unknown, |node| self.typ(node))
    }

    pub(super) fn type_args(&mut self, node: Node<'p>) -> Vec<Type> {
        named(node).map(|arg| self.typ(arg)).collect()
    }

    fn array_length(&mut self, node: Node<'p>) -> Option<u64> {
        let iota = self.iota.take();
        // It stays untyped if it is.
        let length = self.expr(node);
        self.iota = iota;
        u64::try_from(consts::as_int(&length.value?)?).ok()
    }

    /// A generic type with arguments.
    pub(super) fn instantiate_type(&self, generic: &Type, args: Vec<Type>) -> Type {
        let Type::Named(base) = generic else { return Type::Unknown };
        if !base.args.is_empty() || args.is_empty() {
            return Type::Unknown;
        }
        // Asking what the declaration says would not do: it may be the one that is being worked out.
        if self.world.is_alias(base) {
            let Some(decl) = self.world.decl_of(base) else { return Type::Unknown };
            if decl.params.len() != args.len() {
                return Type::Unknown;
            }
            return subst(&decl.rhs, &Substitution::new(&decl.params, &args));
        }
        Type::Named(Arc::new(Named { pkg: base.pkg, name: base.name, args: args.into(), local: base.local }))
    }

    fn struct_type(&mut self, node: Node<'p>) -> Type {
        let mut fields = Vec::new();
        let list = named(node).find(|node| kind(*node) == Kind::FieldDeclarationList);
        for field in list.into_iter().flat_map(named).filter(|node| kind(*node) == Kind::FieldDeclaration) {
            let Some(type_node) = child(field, Field::Type) else { continue };
            let ty = self.typ(type_node);
            let names: Vec<Name> = children(field, Field::Name).filter(Node::is_named).map(|name| self.name(name)).collect();
            if !names.is_empty() {
                fields.extend(names.into_iter().map(|name| self.field(name, ty.clone(), false)));
                continue;
            }
            let pointer = field.child(0).is_some_and(|first| !first.is_named());
            let name = embedded_name(type_node).map_or_else(Name::default, |node| self.name(node));
            let ty = if pointer { Type::Pointer(Arc::new(ty)) } else { ty };
            fields.push(self.field(name, ty, true));
        }
        Type::Struct(fields.into())
    }

    fn field(&self, name: Name, ty: Type, embedded: bool) -> StructField {
        StructField { name, ty, embedded, pkg: owner(self.pkg, name) }
    }

    fn interface_type(&mut self, node: Node<'p>) -> Type {
        let mut out = Interface::default();
        let mut methods = Vec::new();
        for elem in named(node) {
            match kind(elem) {
                Kind::MethodElem => {
                    let Some(name) = child(elem, Field::Name).map(|name| self.name(name)) else { continue };
                    let sig = Arc::new(self.signature(elem, false).sig);
                    methods.push(Method { name, pkg: owner(self.pkg, name), sig });
                }
                Kind::TypeElem => self.interface_elem(elem, &mut out, &mut methods),
                _ => {}
            }
        }
        self.finish_interface(out, methods)
    }

    pub(super) fn finish_interface(&self, mut out: Interface, mut methods: Vec<Method>) -> Type {
        methods.sort_by(|a, b| (a.name.as_str(), a.pkg.as_str()).cmp(&(b.name.as_str(), b.pkg.as_str())));
        methods.dedup_by(|a, b| a.name == b.name && a.pkg == b.pkg);
        out.methods = methods.into();
        Type::Interface(Arc::new(out))
    }

    /// An embedded interface, or type terms.
    pub(super) fn interface_elem(&mut self, elem: Node<'p>, out: &mut Interface, methods: &mut Vec<Method>) {
        let parts: Vec<Node<'p>> = named(elem).collect();
        let tilde = parts.first().is_some_and(|part| kind(*part) == Kind::NegatedType);
        let types: Vec<Type> = parts.iter().map(|part| self.typ(*part)).collect();
        if let ([ty], false) = (types.as_slice(), tilde) {
            match self.world.underlying(ty) {
                Type::Interface(embedded) => {
                    methods.extend(embedded.methods.iter().cloned());
                    out.open |= embedded.open;
                    restrict(out, embedded.constraint, &embedded.terms);
                    return;
                }
                Type::Unknown => {
                    out.open = true;
                    return;
                }
                _ => {}
            }
        }
        let mut terms = Vec::new();
        let mut whole = true;
        for ty in types {
            match self.world.underlying(&ty) {
                Type::Interface(inner) => {
                    whole &= inner.constraint && !inner.terms.is_empty();
                    terms.extend(inner.terms.iter().cloned());
                }
                Type::Unknown => {
                    whole = false;
                    out.open = true;
                }
                _ => terms.push(ty),
            }
        }
        if !whole {
            terms.clear();
        }
        restrict(out, true, &terms);
    }

    /// Parameters and results of anything that has them; with `declare` the variables come into scope.
    pub(in super::super) fn signature(&mut self, node: Node<'p>, declare: bool) -> ReadSignature {
        self.signature_of(node, declare, None)
    }

    /// The same with a receiver: its list and type.
    pub(super) fn signature_of(&mut self, node: Node<'p>, declare: bool, receiver: Option<(Node<'p>, &Type)>) -> ReadSignature {
        let mut sig = Signature::default();
        let mut locals = Params::default();
        let params = child(node, Field::Parameters);
        let (result_list, result_type) = match child(node, Field::Result) {
            Some(result) if kind(result) == Kind::ParameterList => (Some(result), None),
            result => (None, result),
        };
        // The variables are in scope in the body alone: all types come first.
        if let Some(list) = params {
            let (types, variadic) = self.parameter_types(list);
            sig.params = types.into();
            sig.variadic = variadic;
        }
        if let Some(list) = result_list {
            sig.results = self.parameter_types(list).0.into();
        }
        if let Some(result) = result_type {
            sig.results = Box::new([self.typ(result)]);
        }
        if let Some((list, ty)) = receiver {
            locals.receiver = self.declare_parameters(list, std::slice::from_ref(ty)).first().copied();
        }
        if declare {
            locals.params = params.map(|list| self.declare_parameters(list, &sig.params)).unwrap_or_default();
            locals.results = result_list.map(|list| self.declare_parameters(list, &sig.results)).unwrap_or_default();
        }
        if let (Some(result), [ty], true) = (result_type, &*sig.results, declare) {
            let span = self.parsed.span(result);
            locals.results.push(self.new_local(Name::default(), ty.clone(), span));
        }
        ReadSignature { sig, locals }
    }

    /// The types of a parameter list, one for each name, and whether the last takes any number.
    pub(super) fn parameter_types(&mut self, list: Node<'p>) -> (Vec<Type>, bool) {
        let mut types = Vec::new();
        let mut variadic = false;
        for param in named(list).filter(|param| is_parameter(*param)) {
            let mut ty = self.typ_of(param, Field::Type);
            if kind(param) == Kind::VariadicParameterDeclaration {
                ty = Type::Slice(Arc::new(ty));
                variadic = true;
            }
            let mut count = 0;
            for name in children(param, Field::Name).filter(Node::is_named) {
                self.record(name, Mode::Variable, &ty, None);
                count += 1;
            }
            types.extend(std::iter::repeat_n(ty, count.max(1)));
        }
        (types, variadic)
    }

    /// Declares the variables of a parameter list, of which the types are known.
    pub(super) fn declare_parameters(&mut self, list: Node<'p>, types: &[Type]) -> Vec<u32> {
        let mut locals = Vec::with_capacity(types.len());
        for param in named(list).filter(|param| is_parameter(*param)) {
            let ty = |at: usize| types.get(at).cloned().unwrap_or(Type::Unknown);
            let mut any = false;
            for name in children(param, Field::Name).filter(Node::is_named) {
                any = true;
                let ty = ty(locals.len());
                locals.push(self.declare_local(name, ty));
            }
            if !any {
                let span = self.parsed.span(param);
                let ty = ty(locals.len());
                locals.push(self.new_local(Name::default(), ty, span));
            }
        }
        locals
    }

    /// Types as expressions that are values or types.
    pub(super) fn type_operand(&mut self, node: Node<'p>) -> Operand<'p> {
        Operand::ty(self.typ(node))
    }
}

fn is_parameter(node: Node<'_>) -> bool {
    matches!(kind(node), Kind::ParameterDeclaration | Kind::VariadicParameterDeclaration)
}

/// The set of types becomes smaller. Only one restriction is kept by its terms.
fn restrict(out: &mut Interface, constraint: bool, terms: &[Type]) {
    if !constraint {
        return;
    }
    if !terms.is_empty() {
        out.terms = if out.terms.is_empty() {
            terms.into()
        } else {
            out.terms.iter().filter(|term| terms.contains(term)).cloned().collect()
        };
    }
    out.constraint = true;
}

/// The package that a name which is not exported belongs to.
fn owner(pkg: &Pkg, name: Name) -> PkgKey {
    if is_exported(name) { PkgKey::default() } else { pkg.key }
}

fn embedded_name(node: Node<'_>) -> Option<Node<'_>> {
    match kind(node) {
        Kind::TypeIdentifier => Some(node),
        Kind::QualifiedType => child(node, Field::Name),
        Kind::GenericType => embedded_name(child(node, Field::Type)?),
        _ => None,
    }
}

fn direction(node: Node<'_>) -> Dir {
    let mut cursor = node.walk();
    let tokens: Vec<&str> = node.children(&mut cursor).filter(|child| !child.is_named()).map(|child| child.kind()).collect();
    match tokens.as_slice() {
        ["<-", ..] => Dir::Recv,
        ["chan", "<-"] => Dir::Send,
        _ => Dir::Both,
    }
}
