//! What goleash's checker says of the places that Go's spoke of.

use crate::canon::{canon, named_path, value};
use goleash::source::DeclKind;
use goleash::syntax::{Field, Kind, ParsedDecl, child, children, kind, named, parse_decl};
use goleash::types::{
    Builtin, FuncId, Info, Interface, Mode, Name, Object, Pkg, Place, Selection, SelectionKind, Type, World, check,
};
use std::collections::HashMap;
use std::sync::Arc;
use tree_sitter::Node;

/// A file with what is known of its declarations, one after the other.
pub(crate) struct Answers<'w> {
    world: &'w World,
    pkg: Arc<Pkg>,
    file: usize,
}

/// One declaration after it was checked.
struct Checked<'a> {
    world: &'a World,
    pkg: &'a Arc<Pkg>,
    file: usize,
    decl: usize,
    parsed: &'a ParsedDecl<'a>,
    info: Info,
    nodes: HashMap<(u32, u32), Vec<Node<'a>>>,
}

impl<'w> Answers<'w> {
    pub(crate) fn new(world: &'w World, pkg: Arc<Pkg>, file: usize) -> Self {
        Self { world, pkg, file }
    }

    /// The answers to facts, each `KIND\tSTART\t…`, of which those of one declaration follow each other. `None` where there is no such place.
    pub(crate) fn to(&self, facts: &[&str]) -> Vec<Option<Vec<String>>> {
        let unit = &self.pkg.source.files[self.file];
        let mut out = Vec::with_capacity(facts.len());
        let mut rest = facts;
        while let Some(first) = rest.first() {
            let Some(decl) = unit.outline.decl_at(number(first, 1)) else {
                out.push(None);
                rest = &rest[1..];
                continue;
            };
            let span = unit.outline.decls[decl].span;
            let count = rest.iter().take_while(|fact| (span.start..span.end).contains(&number(fact, 1))).count();
            let (these, after) = rest.split_at(count);
            rest = after;
            let Ok(parsed) = parse_decl(&unit.src, &unit.outline.decls[decl]) else {
                out.extend(these.iter().map(|_| None));
                continue;
            };
            let file = u32::try_from(self.file).unwrap_or(u32::MAX);
            let info = check(self.world, &self.pkg, file, &parsed);
            let mut nodes: HashMap<_, Vec<_>> = HashMap::new();
            let mut todo = vec![parsed.tree.root_node()];
            while let Some(node) = todo.pop() {
                let span = parsed.span(node);
                nodes.entry((span.start, span.end)).or_default().push(node);
                todo.extend(named(node));
            }
            let checked = Checked { world: self.world, pkg: &self.pkg, file: self.file, decl, parsed: &parsed, info, nodes };
            out.extend(these.iter().map(|fact| checked.answer(fact)));
        }
        out
    }
}

/// A field of a fact as a number.
pub(crate) fn number(fact: &str, field: usize) -> u32 {
    fact.split('\t').nth(field).and_then(|text| text.parse().ok()).unwrap_or(u32::MAX)
}

impl<'a> Checked<'a> {
    fn answer(&self, fact: &str) -> Option<Vec<String>> {
        let fields: Vec<&str> = fact.split('\t').collect();
        let (start, end) = (number(fact, 1), number(fact, 2));
        match fields[0] {
            "var" => Some(vec![canon(&self.var(start, fields[2]))]),
            "implicit" => {
                let clause = self.nodes.iter().filter(|((at, _), _)| *at == start).flat_map(|(_, nodes)| nodes);
                let local = clause.filter_map(|node| self.info.implicits.get(&node.id())).next()?;
                Some(vec![canon(&self.info.locals[*local as usize].ty)])
            }
            "const" => Some(self.constant(start, fields[2])),
            "func" => Some(vec![canon(&self.func(fields[2]))]),
            "expr" => {
                let answer = self.at(start, end).find_map(|node| self.info.exprs.get(&node.id()));
                let Some(answer) = answer else { return Some(vec!["?".to_owned(), "?".to_owned()]) };
                let ty = match answer.mode {
                    Mode::Void => Type::Tuple(Arc::new([])),
                    _ => answer.ty.clone(),
                };
                Some(vec![canon(&ty), value(answer.value.as_ref(), &self.world.underlying(&answer.ty))])
            }
            "callee" => Some(vec![self.callee(self.call(start, end)?)]),
            "inst" => {
                let name = called_name(callee_node(self.call(start, end)?)?)?;
                let types = self.info.instances.get(&name.id())?;
                Some(types.iter().map(canon).collect())
            }
            "impl" => Some(vec![self.implementers(self.call(start, end)?)]),
            _ => None,
        }
    }

    fn at(&self, start: u32, end: u32) -> impl Iterator<Item = &Node<'a>> {
        // Innermost nodes were found last.
        self.nodes.get(&(start, end)).into_iter().flatten().rev()
    }

    fn call(&self, start: u32, end: u32) -> Option<Node<'a>> {
        let calls = [Kind::CallExpression, Kind::TypeConversionExpression];
        self.at(start, end).find(|node| calls.contains(&kind(**node))).copied()
    }

    fn var(&self, start: u32, name: &str) -> Type {
        if let Some(local) = self.info.locals.iter().find(|local| local.span.start == start) {
            return local.ty.clone();
        }
        match self.pkg.source.files[self.file].outline.decls[self.decl].kind {
            DeclKind::Var => self.world.var(self.pkg.key, name.into()),
            _ => Type::Unknown,
        }
    }

    fn constant(&self, start: u32, name: &str) -> Vec<String> {
        let known = match self.pkg.source.files[self.file].outline.decls[self.decl].kind {
            DeclKind::Const => self.world.constant(self.pkg.key, name.into()),
            _ => {
                let end = start + u32::try_from(name.len()).unwrap_or(0);
                let answer = self.at(start, end).find_map(|node| self.info.exprs.get(&node.id()));
                answer.map(|answer| (answer.ty.clone(), answer.value.clone()))
            }
        };
        match known {
            Some((ty, constant)) => vec![canon(&ty), value(constant.as_ref(), &self.world.underlying(&ty))],
            None => vec!["?".to_owned(), "?".to_owned()],
        }
    }

    fn func(&self, name: &str) -> Type {
        let recv = self.pkg.source.files[self.file].outline.decls[self.decl].recv;
        let func = self.world.func(FuncId { pkg: self.pkg.key, recv, name: name.into() });
        func.map_or(Type::Unknown, |func| Type::Func(Arc::clone(&func.signature)))
    }

    fn callee(&self, call: Node<'a>) -> String {
        let Some(function) = callee_node(call) else { return "?".to_owned() };
        match self.info.exprs.get(&function.id()).map(|answer| answer.mode) {
            Some(Mode::Type) => return "conversion".to_owned(),
            Some(Mode::Builtin(builtin)) => return format!("builtin {}", builtin_name(builtin, self.parsed.node_text(function))),
            _ => {}
        }
        let Some(name) = called_name(function) else {
            let known = self.info.exprs.get(&function.id()).is_some_and(|answer| answer.ty != Type::Unknown);
            return if known { "value" } else { "?" }.to_owned();
        };
        let selector = name.parent().filter(|parent| kind(*parent) == Kind::SelectorExpression);
        if let Some(selection) = selector.and_then(|selector| self.info.selections.get(&selector.id())) {
            return selected(selection, self.parsed.node_text(name));
        }
        match self.info.uses.get(&name.id()) {
            Some(Object::Func(id)) => format!("func {}.{}", id.pkg, id.name),
            Some(Object::Local(_) | Object::Var { .. }) => "value".to_owned(),
            Some(Object::Builtin(builtin)) => format!("builtin {}", builtin_name(*builtin, self.parsed.node_text(name))),
            Some(Object::Type(_)) => "conversion".to_owned(),
            _ => "?".to_owned(),
        }
    }

    /// Whether Go was asked about the files that declare a type and those of its methods that an interface has.
    fn is_judged(&self, name: Name, interface: &Interface) -> bool {
        let seen = |place: Place| self.pkg.is_built(place.file) && !self.pkg.source.files[place.file as usize].is_test;
        let methods = interface.methods.iter().filter_map(|method| self.pkg.method(name, method.name));
        self.pkg.place(name).into_iter().chain(methods).all(seen)
    }

    fn implementers(&self, call: Node<'a>) -> String {
        let owner = callee_node(call).and_then(called_name).and_then(|name| name.parent());
        let Some(selection) = owner.and_then(|selector| self.info.selections.get(&selector.id())) else { return "?".to_owned() };
        let Type::Interface(interface) = self.world.underlying(&selection.owner) else { return "?".to_owned() };
        let (found, sure) = self.world.implementers(&interface, &[Arc::clone(self.pkg)]);
        let mut names: Vec<String> = found
            .iter()
            .filter_map(|(ty, pointer)| match ty {
                Type::Named(named) if self.is_judged(named.name, &interface) => {
                    Some(format!("{}{}", if *pointer { "*" } else { "" }, named.name))
                }
                _ => None,
            })
            .collect();
        names.sort();
        if !sure {
            names.push("?".to_owned());
        }
        names.join(",")
    }
}

fn selected(selection: &Selection, name: &str) -> String {
    match selection.kind {
        SelectionKind::Field => "value".to_owned(),
        SelectionKind::Method { func, .. } | SelectionKind::Expr { func: Some(func), .. } => {
            match (&selection.owner, func.recv) {
                (Type::Named(named), Some(_)) => format!("method {}.{}", named_path(named), func.name),
                (_, recv) => format!("method {}.{}.{}", func.pkg, recv.unwrap_or_default(), func.name),
            }
        }
        SelectionKind::Interface | SelectionKind::Expr { func: None, .. } => {
            format!("interface {} {name}", canon(&selection.owner))
        }
    }
}

/// What stands before the parentheses of a call, without parentheses of its own.
fn callee_node(call: Node<'_>) -> Option<Node<'_>> {
    let mut node = child(call, Field::Function).or_else(|| child(call, Field::Type))?;
    while kind(node) == Kind::ParenthesizedExpression {
        node = named(node).find(|inner| kind(*inner) != Kind::Comment)?;
    }
    Some(node)
}

/// The identifier by which a function is called, explicit type arguments left out.
fn called_name(function: Node<'_>) -> Option<Node<'_>> {
    match kind(function) {
        Kind::Identifier | Kind::TypeIdentifier => Some(function),
        // What stands before type arguments looks like a type to the grammar.
        Kind::QualifiedType => child(function, Field::Name),
        Kind::GenericType => called_name(child(function, Field::Type)?),
        Kind::SelectorExpression => child(function, Field::Field),
        Kind::IndexExpression => called_name(child(function, Field::Operand)?),
        Kind::TypeInstantiationExpression => called_name(children(function, Field::Type).next()?),
        Kind::ParenthesizedExpression => called_name(named(function).find(|inner| kind(*inner) != Kind::Comment)?),
        _ => None,
    }
}

fn builtin_name(builtin: Builtin, text: &str) -> String {
    match builtin {
        // One of several functions of that package.
        Builtin::Unsafe => text.rsplit('.').next().unwrap_or(text).to_owned(),
        other => format!("{other:?}").to_lowercase(),
    }
}
