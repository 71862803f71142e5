//! Type expressions to light types.

use super::builder::{Builder, Entry, field, fields, named};
use crate::old::ir::{Def, Dir, Field, Sig, Sym, Ty};
use std::sync::Arc;
use tree_sitter::Node;
use ustr::ustr;

/// A parameter as declared.
pub(super) struct Param {
    pub(super) name: Sym,
    pub(super) span: crate::source::Span,
    pub(super) ty: Ty,
}

impl Builder<'_> {
    /// The light type of a type expression.
    pub(super) fn ty(&mut self, n: Node<'_>) -> Ty {
        if !self.enter(n) {
            return Ty::Unknown;
        }
        let ty = self.ty_inner(n);
        self.leave();
        ty
    }

    fn ty_inner(&mut self, n: Node<'_>) -> Ty {
        match n.kind() {
            "type_identifier" | "identifier" => self.named_type(self.sym(n)),
            "qualified_type" => self.qualified(n),
            "selector_expression" => match (field(n, "operand"), field(n, "field")) {
                (Some(p), Some(name)) => self.imported(self.sym(p), self.sym(name)),
                _ => Ty::Unknown,
            },
            "generic_type" => field(n, "type").map_or(Ty::Unknown, |t| self.ty(t)),
            "pointer_type" => self.first_type(n).map_or(Ty::Unknown, |t| Ty::Ptr(Arc::new(t))),
            "parenthesized_type" | "negated_type" | "parenthesized_expression" => self.first_type(n).unwrap_or(Ty::Unknown),
            "array_type" | "slice_type" | "implicit_length_array_type" => {
                let elem = field(n, "element").map_or(Ty::Unknown, |t| self.ty(t));
                Ty::Seq(Arc::new(elem))
            }
            "map_type" => {
                let key = field(n, "key").map_or(Ty::Unknown, |t| self.ty(t));
                let value = field(n, "value").map_or(Ty::Unknown, |t| self.ty(t));
                Ty::Map(Arc::new(key), Arc::new(value))
            }
            "channel_type" => {
                let elem = field(n, "value").map_or(Ty::Unknown, |t| self.ty(t));
                Ty::Chan(channel_dir(n), Arc::new(elem))
            }
            "function_type" => {
                let (params, results, variadic) = self.signature(n);
                let types = |list: Vec<Param>| list.into_iter().map(|p| p.ty).collect();
                Ty::Func(Arc::new(Sig { params: types(params), results: types(results), variadic }))
            }
            "struct_type" => Ty::Struct(self.struct_fields(n).into()),
            "interface_type" => {
                let methods = named(n).into_iter().filter(|m| m.kind() == "method_elem");
                let names: Vec<Sym> = methods.filter_map(|m| field(m, "name")).map(|m| self.sym(m)).collect();
                Ty::Interface(names.into())
            }
            "unary_expression" => match (field(n, "operator").map(|o| self.text_of(o)), field(n, "operand")) {
                (Some("*"), Some(t)) => Ty::Ptr(Arc::new(self.ty(t))),
                _ => Ty::Unknown,
            },
            _ => Ty::Unknown,
        }
    }

    fn first_type(&mut self, n: Node<'_>) -> Option<Ty> {
        let inner = n.named_child(0)?;
        Some(self.ty(inner))
    }

    pub(super) fn named_type(&self, name: Sym) -> Ty {
        match self.lookup(name) {
            Some(Entry::Type(ty)) => ty.clone(),
            _ => Ty::Named { path: None, name: self.names.own(name) },
        }
    }

    fn qualified(&self, n: Node<'_>) -> Ty {
        match (field(n, "package"), field(n, "name")) {
            (Some(p), Some(name)) => self.imported(self.sym(p), self.sym(name)),
            _ => Ty::Unknown,
        }
    }

    fn imported(&self, package: Sym, name: Sym) -> Ty {
        self.imports.path_of(package).map_or(Ty::Unknown, |path| match self.names.imported(path, name) {
            Some(name) => Ty::Named { path: None, name },
            None => Ty::Named { path: Some(path), name },
        })
    }

    fn struct_fields(&mut self, n: Node<'_>) -> Vec<Field> {
        let mut out = Vec::new();
        let lists = named(n).into_iter().filter(|c| c.kind() == "field_declaration_list");
        for decl in lists.flat_map(named).filter(|d| d.kind() == "field_declaration") {
            let Some(type_node) = field(decl, "type") else { continue };
            let ty = self.ty(type_node);
            let names = fields(decl, "name");
            let span = self.span(decl);
            if names.is_empty() {
                let pointer = decl.child(0).is_some_and(|c| c.kind() == "*");
                let ty = if pointer { Ty::Ptr(Arc::new(ty)) } else { ty };
                out.push(Field {
                    name: base_name(&ty).map_or_else(|| ustr("_"), |n| ustr(super::bare(&n))),
                    ty,
                    embedded: true,
                    span,
                });
            } else {
                for name in names {
                    let span = self.span(name);
                    out.push(Field { name: self.sym(name), ty: ty.clone(), embedded: false, span });
                }
            }
        }
        out
    }

    /// Parameters, results and whether the last parameter is variadic.
    pub(super) fn signature(&mut self, n: Node<'_>) -> (Vec<Param>, Vec<Param>, bool) {
        let (params, variadic) = field(n, "parameters").map(|p| self.param_list(p)).unwrap_or_default();
        let results = match field(n, "result") {
            Some(r) if r.kind() == "parameter_list" => self.param_list(r).0,
            Some(r) => vec![Param { name: ustr("_"), span: self.span(r), ty: self.ty(r) }],
            None => Vec::new(),
        };
        (params, results, variadic)
    }

    pub(super) fn param_list(&mut self, n: Node<'_>) -> (Vec<Param>, bool) {
        let mut out = Vec::new();
        let mut variadic = false;
        for p in named(n) {
            let Some(type_node) = field(p, "type") else { continue };
            let mut ty = self.ty(type_node);
            if p.kind() == "variadic_parameter_declaration" {
                variadic = true;
                ty = Ty::Seq(Arc::new(ty));
            }
            let names = fields(p, "name");
            if names.is_empty() {
                out.push(Param { name: ustr("_"), span: self.span(p), ty });
            } else {
                for name in names {
                    out.push(Param { name: self.sym(name), span: self.span(name), ty: ty.clone() });
                }
            }
        }
        (out, variadic)
    }

    /// Brings type parameters into scope as types that nothing is known of.
    pub(super) fn bind_type_params(&mut self, list: Option<Node<'_>>) {
        for decl in list.into_iter().flat_map(named) {
            for name in fields(decl, "name") {
                let name = self.sym(name);
                self.bind(name, Entry::Type(Ty::Unknown));
            }
        }
    }

    /// `type T …` inside a function.
    pub(super) fn local_type(&mut self, n: Node<'_>) {
        for spec in named(n) {
            let (Some(name), Some(ty)) = (field(spec, "name"), field(spec, "type")) else { continue };
            let name = self.sym(name);
            // The name is in scope in its own definition; what a recursive type says of itself is of no interest.
            self.bind(name, Entry::Type(Ty::Unknown));
            self.push_scope();
            self.bind_type_params(field(spec, "type_parameters"));
            let ty = self.ty(ty);
            self.pop_scope(spec);
            self.bind(name, Entry::Type(ty));
        }
    }

    /// The definition of a variable with that declared type.
    pub(super) fn typed(ty: Ty) -> Def {
        if ty == Ty::Unknown { Def::None } else { Def::Typed(ty) }
    }
}

/// The name of a named type, through pointers.
pub(crate) fn base_name(ty: &Ty) -> Option<Sym> {
    match ty {
        Ty::Named { name, .. } => Some(*name),
        Ty::Ptr(inner) => base_name(inner),
        _ => None,
    }
}

fn channel_dir(n: Node<'_>) -> Dir {
    match (n.child(0).map(|c| c.kind()), n.child(1).map(|c| c.kind())) {
        (Some("<-"), _) => Dir::RecvOnly,
        (_, Some("<-")) => Dir::SendOnly,
        _ => Dir::Both,
    }
}
