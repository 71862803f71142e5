//! Declarations: functions, types, variables, constants; at package level and inside functions.

use super::super::info::{Const, FuncId, Mode, Object, Params};
use super::super::pkg::Place;
use super::super::ty::{Interface, Name, Named, Type, TypeParam};
use super::super::world::{FuncDecl, TypeDecl};
use super::scope::Entry;
use super::{Checker, Operand};
use crate::source::lexer::{Lexer, Tok};
use crate::source::{DeclKind, SourceFile, outline};
use crate::syntax::{Field, Kind, child, children, kind, named, parse_decl};
use std::path::PathBuf;
use std::sync::Arc;
use tree_sitter::Node;

/// Types and values of the names of a spec.
type Values = Vec<(Type, Option<Const>)>;

impl<'p> Checker<'_, 'p> {
    /// Walks the whole declaration.
    pub(super) fn declaration(&mut self, place: Place) {
        let Some(node) = self.parsed.node() else { return };
        match kind(node) {
            Kind::FunctionDeclaration | Kind::MethodDeclaration => self.function(node, place),
            Kind::TypeDeclaration => _ = self.type_decl(place),
            Kind::VarDeclaration => _ = self.var_decl(None),
            Kind::ConstDeclaration => _ = self.const_decl(None),
            _ => {}
        }
    }

    fn function(&mut self, node: Node<'p>, place: Place) {
        self.scopes.open();
        let Some((func, locals)) = self.func_head(node, place) else { return };
        if let Some(name) = child(node, Field::Name) {
            let recv = self.decl.recv.map(|recv| self.pkg.receiver(recv));
            let id = FuncId { pkg: self.pkg.key, recv, name: self.name(name) };
            self.record_use(name, Object::Func(id));
            self.record(name, Mode::Value, &Type::Func(Arc::clone(&func.signature)), None);
        }
        self.info.signatures.insert(node.id(), locals);
        if let Some(body) = child(node, Field::Body) {
            self.body(body, func.signature.results.to_vec());
        }
        self.scopes.close();
    }

    /// The signature of the function or method that is declared here.
    pub(in super::super) fn func_decl(&mut self, place: Place) -> Option<FuncDecl> {
        self.scopes.open();
        let node = self.parsed.node()?;
        Some(self.func_head(node, place)?.0)
    }

    fn func_head(&mut self, node: Node<'p>, place: Place) -> Option<(FuncDecl, Params)> {
        if !matches!(kind(node), Kind::FunctionDeclaration | Kind::MethodDeclaration) {
            return None;
        }
        let name = *self.decl.names.first()?;
        let receiver_node = child(node, Field::Receiver);
        let mut receiver = None;
        if let Some(list) = receiver_node {
            self.receiver_params(list);
            receiver = self.parameter_types(list).0.into_iter().next();
        }
        let owner = match self.decl.recv {
            Some(recv) if receiver_node.is_some() => Name::from(&format!("{recv}.{name}")),
            _ => name,
        };
        let (type_params, constraints) = match child(node, Field::TypeParameters) {
            Some(list) => self.type_params(list, owner),
            None if receiver_node.is_some() => self.method_type_params(node, owner).unwrap_or_default(),
            None => (Vec::new(), Vec::new()),
        };
        let mut read = self.signature_of(node, true, receiver_node.zip(receiver.as_ref()));
        read.sig.type_params = type_params.into();
        let func = FuncDecl {
            pkg: self.pkg.key,
            place,
            signature: Arc::new(read.sig),
            receiver,
            constraints: constraints.into(),
            has_body: true,
        };
        Some((func, read.locals))
    }

    /// `func (l *List[T]) …`: `T` is the type's own parameter under the name that it has here.
    fn receiver_params(&mut self, list: Node<'p>) {
        let Some(mut node) = named(list).next().and_then(|param| child(param, Field::Type)) else { return };
        while matches!(kind(node), Kind::PointerType | Kind::ParenthesizedType) {
            let Some(inner) = named(node).next() else { return };
            node = inner;
        }
        if kind(node) != Kind::GenericType {
            return;
        }
        let Some(base) = child(node, Field::Type) else { return };
        let name = self.name(base);
        let Some(place) = self.pkg.place_in(self.file, name) else { return };
        let decl = self.world.type_at(self.pkg, place);
        let args = child(node, Field::TypeArguments);
        for (index, arg) in args.into_iter().flat_map(named).enumerate() {
            let node = if kind(arg) == Kind::TypeElem { named(arg).next().unwrap_or(arg) } else { arg };
            let ty = decl.as_ref().and_then(|decl| decl.params.get(index)).cloned();
            // A name that nobody gave has its place all the same.
            let name = self.name(node);
            self.scopes.declare(name, Entry::Type(ty.unwrap_or(Type::Unknown)));
        }
    }

    /// The type parameters of a method, from Go 1.27. The grammar does not know them, so they are blank in the tree and parsed by themselves.
    fn method_type_params(&mut self, node: Node<'p>, owner: Name) -> Option<(Vec<Type>, Vec<Type>)> {
        let rest = self.parsed.text.get(child(node, Field::Name)?.end_byte()..)?;
        if !rest.trim_start().starts_with('[') {
            return None;
        }
        let mut lexer = Lexer::new(rest.as_bytes(), 0, false);
        let mut depth = 0_usize;
        let end = loop {
            let token = lexer.next();
            match token.tok {
                Tok::Open(_) => depth += 1,
                Tok::Close if depth <= 1 => break token.end,
                Tok::Close => depth -= 1,
                Tok::Eof => return None,
                _ => {}
            }
        };
        let text = format!("package p\nfunc _{}()\n", rest[..end].trim_start());
        let outline = outline(&text);
        let decl = outline.decls.first()?;
        let file = SourceFile::new(String::new(), PathBuf::new(), text);
        let parsed = parse_decl(&file, decl).ok()?;
        let mut inner = Checker::new(self.world, self.pkg, self.file, &parsed, decl);
        inner.scopes = std::mem::take(&mut self.scopes);
        let list = parsed.node().and_then(|node| child(node, Field::TypeParameters));
        let params = list.map(|list| inner.type_params(list, owner));
        self.scopes = inner.scopes;
        params
    }

    /// Brings type parameters into scope; returns them and their constraints.
    pub(super) fn type_params(&mut self, list: Node<'p>, owner: Name) -> (Vec<Type>, Vec<Type>) {
        let mut params = Vec::new();
        let mut declared = Vec::new();
        for decl in named(list).filter(|node| kind(*node) == Kind::TypeParameterDeclaration) {
            let names: Vec<Node<'p>> = children(decl, Field::Name).filter(Node::is_named).collect();
            for name_node in &names {
                let name = self.name(*name_node);
                let index = u32::try_from(params.len()).unwrap_or(u32::MAX);
                let param = Type::Param(Arc::new(TypeParam { owner: (self.pkg.key, owner), index, name }));
                self.scopes.declare(name, Entry::Type(param.clone()));
                self.record_use(*name_node, Object::Type(param.clone()));
                params.push(param);
            }
            declared.push((names.len(), child(decl, Field::Type)));
        }
        let mut constraints = Vec::new();
        for (count, node) in declared {
            let constraint = node.map_or(Type::Unknown, |node| self.constraint(node));
            constraints.extend(std::iter::repeat_n(constraint, count));
        }
        (params, constraints)
    }

    /// An interface, or a union that stands for one.
    fn constraint(&mut self, node: Node<'p>) -> Type {
        let parts: Vec<Node<'p>> = named(node).collect();
        if let [part] = parts.as_slice()
            && kind(*part) != Kind::NegatedType
        {
            let ty = self.typ(*part);
            if matches!(self.world.underlying(&ty), Type::Interface(_) | Type::Unknown) {
                return ty;
            }
        }
        let (mut out, mut methods) = (Interface::default(), Vec::new());
        self.interface_elem(node, &mut out, &mut methods);
        self.finish_interface(out, methods)
    }

    /// The type that is declared here, at package level.
    pub(in super::super) fn type_decl(&mut self, _: Place) -> Option<TypeDecl> {
        let node = self.parsed.node()?;
        let spec = named(node).find(|node| matches!(kind(*node), Kind::TypeSpec | Kind::TypeAlias))?;
        let alias = kind(spec) == Kind::TypeAlias;
        self.scopes.open();
        let name_node = child(spec, Field::Name)?;
        let name = self.name(name_node);
        let (params, constraints) = match child(spec, Field::TypeParameters) {
            Some(list) => self.type_params(list, name),
            None => (Vec::new(), Vec::new()),
        };
        let rhs = child(spec, Field::Type).map_or(Type::Unknown, |node| self.typ(node));
        self.scopes.close();
        let this = if alias { rhs.clone() } else { self.package_type(name) };
        self.record_use(name_node, Object::Type(this));
        Some(TypeDecl { params: params.into(), constraints: constraints.into(), rhs, alias })
    }

    fn package_type(&self, name: Name) -> Type {
        Type::Named(Arc::new(Named { pkg: self.pkg.key, name, args: Box::default(), local: None }))
    }

    /// A type declared inside a function.
    pub(super) fn local_type(&mut self, spec: Node<'p>) {
        let (Some(name_node), Some(type_node)) = (child(spec, Field::Name), child(spec, Field::Type)) else { return };
        let name = self.name(name_node);
        if kind(spec) == Kind::TypeAlias {
            let ty = self.typ(type_node);
            self.record_use(name_node, Object::Type(ty.clone()));
            self.scopes.declare(name, Entry::Type(ty));
            return;
        }
        let at = self.parsed.span(spec).start;
        let ty = Type::Named(Arc::new(Named { pkg: self.pkg.key, name, args: Box::default(), local: Some((self.file, at)) }));
        self.record_use(name_node, Object::Type(ty.clone()));
        self.scopes.declare(name, Entry::Type(ty));
        if child(spec, Field::TypeParameters).is_some() {
            return;
        }
        let rhs = self.typ(type_node);
        self.world.locals.set((self.pkg.key, self.file, at), rhs);
    }

    /// The `var` spec at package level.
    pub(in super::super) fn var_decl(&mut self, only: Option<u32>) -> Vec<Type> {
        let Some(node) = self.parsed.node() else { return Vec::new() };
        self.scopes.open();
        let mut types = Vec::new();
        for spec in specs(node, Kind::VarSpec) {
            types = self.var_spec(spec, only);
            for (name_node, ty) in children(spec, Field::Name).filter(Node::is_named).zip(&types) {
                let name = self.name(name_node);
                self.record_use(name_node, Object::Var { pkg: self.pkg.key, name });
                self.record(name_node, Mode::Variable, ty, None);
            }
        }
        self.scopes.close();
        types
    }

    /// The types of the variables of a spec, from its type or its values; or only of one of them: another may be made of it.
    fn var_spec(&mut self, spec: Node<'p>, only: Option<u32>) -> Vec<Type> {
        let count = children(spec, Field::Name).filter(Node::is_named).count();
        let ty = child(spec, Field::Type).map(|node| self.typ(node));
        // Whose type is written needs its values only when all is walked.
        let values = child(spec, Field::Value).filter(|_| ty.is_none() || self.bodies);
        let Some(values) = values else { return vec![ty.unwrap_or(Type::Unknown); count] };
        if let (Some(only), true) = (only, count > 1 && named(values).count() == count) {
            let mut types = vec![Type::Unknown; count];
            let index = only as usize;
            if let (Some(value), Some(place)) = (named(values).nth(index), types.get_mut(index)) {
                *place = self.assign_all(value, &[None]).pop().unwrap_or(Type::Unknown);
            }
            return types;
        }
        let targets = vec![ty; count];
        self.assign_all(values, &targets)
    }

    /// `var` inside a function.
    pub(super) fn local_vars(&mut self, node: Node<'p>) {
        for spec in specs(node, Kind::VarSpec) {
            let types = self.var_spec(spec, None);
            let names: Vec<Node<'p>> = children(spec, Field::Name).filter(Node::is_named).collect();
            for (name, ty) in names.into_iter().zip(types) {
                let local = self.declare_local(name, ty.clone());
                self.record_use(name, Object::Local(local));
            }
        }
    }

    /// The `const` spec at package level.
    pub(in super::super) fn const_decl(&mut self, only: Option<u32>) -> Values {
        let Some(node) = self.parsed.node() else { return Vec::new() };
        let Some(spec) = named(node).find(|node| kind(*node) == Kind::ConstSpec) else { return Vec::new() };
        self.scopes.open();
        self.iota = Some(i128::from(self.decl.index));
        let values = match child(spec, Field::Value) {
            Some(_) => self.const_values(spec, only),
            None => self.repeated(only).unwrap_or_default(),
        };
        self.iota = None;
        for (name, (ty, value)) in children(spec, Field::Name).filter(Node::is_named).zip(&values) {
            self.record_use(name, Object::Const);
            self.record(name, Mode::Value, ty, value.as_ref());
        }
        self.scopes.close();
        values
    }

    /// The values of the spec before this one that has some, worked out again for this place in the group.
    fn repeated(&self, only: Option<u32>) -> Option<Values> {
        let unit = &self.pkg.source.files[self.file as usize];
        let decls = &unit.outline.decls;
        let mut at = decls.partition_point(|decl| decl.span.start < self.decl.span.start);
        loop {
            at = at.checked_sub(1)?;
            let decl = &decls[at];
            if decl.kind != DeclKind::Const || !decl.grouped {
                return None;
            }
            if memchr::memchr(b'=', unit.src.slice(decl.span).as_bytes()).is_some() {
                break;
            }
            if decl.index == 0 {
                return None;
            }
        }
        let place = Place { file: self.file, decl: u32::try_from(at).ok()?, index: 0 };
        let iota = self.iota;
        self.world.parsed(self.pkg, place, |checker| {
            checker.iota = iota;
            let spec = checker.parsed.node().and_then(|node| named(node).find(|node| kind(*node) == Kind::ConstSpec));
            spec.map(|spec| checker.const_values(spec, only)).unwrap_or_default()
        })
    }

    /// The values of a spec, or only one of them: another may be made of it.
    fn const_values(&mut self, spec: Node<'p>, only: Option<u32>) -> Values {
        let ty = child(spec, Field::Type).map(|node| self.typ(node));
        let values: Vec<Node<'p>> = child(spec, Field::Value).into_iter().flat_map(named).collect();
        let mut out = Vec::new();
        for (index, node) in (0..).zip(values) {
            if only.is_some_and(|only| only != index) {
                out.push((Type::Unknown, None));
                continue;
            }
            let mut value = self.expr(node);
            if let Some(ty) = &ty {
                self.use_as(&mut value, ty);
            }
            out.push((value.ty, value.value));
        }
        out
    }

    /// `const` inside a function.
    pub(super) fn local_consts(&mut self, node: Node<'p>) {
        let mut last = None;
        let around = self.iota;
        for (index, spec) in named(node).filter(|node| kind(*node) == Kind::ConstSpec).enumerate() {
            self.iota = i128::try_from(index).ok();
            let has_values = child(spec, Field::Value).is_some();
            if has_values {
                last = Some(spec);
            }
            let recording = self.recording;
            self.recording = recording && has_values;
            let values = last.map(|spec| self.const_values(spec, None)).unwrap_or_default();
            self.recording = recording;
            let names: Vec<Node<'p>> = children(spec, Field::Name).filter(Node::is_named).collect();
            for (index, name_node) in names.into_iter().enumerate() {
                let (ty, value) = values.get(index).cloned().unwrap_or((Type::Unknown, None));
                self.record_use(name_node, Object::Const);
                self.record(name_node, Mode::Value, &ty, value.as_ref());
                let name = self.name(name_node);
                self.scopes.declare(name, Entry::Const(ty, value));
            }
        }
        self.iota = around;
    }

    /// A value that nothing is known of, for a node.
    pub(super) fn unknown_at(&mut self, node: Node<'p>) -> Operand<'p> {
        Operand { node: Some(node), ..Operand::unknown() }
    }
}

/// The specs of a `var` declaration, grouped or not.
fn specs(node: Node<'_>, wanted: Kind) -> Vec<Node<'_>> {
    let mut out = Vec::new();
    for part in named(node) {
        if kind(part) == wanted {
            out.push(part);
        } else if kind(part) == Kind::VarSpecList {
            out.extend(named(part).filter(|node| kind(*node) == wanted));
        }
    }
    out
}
