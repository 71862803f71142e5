//! From syntax trees to the intermediate representation.
//!
//! Architecture invariant: this is the only module, beside `syntax`, that knows the names of the grammar's nodes. It resolves what one
//! declaration shows (scopes, imports); everything that needs the package is left to `program`.

mod builder;
mod control;
mod expr;
mod names;
mod stmt;
mod types;

pub use names::{Names, bare, path_of, qualified};
pub(crate) use types::base_name;

use crate::old::ir::{Body, FuncIdx, LocalId, LocalKind, Sig, Sym, Ty};
use crate::source::{Outline, Span};
use crate::syntax::ParsedDecl;
use builder::{Builder, field, named};
use std::sync::Arc;
use tree_sitter::Node;
use types::Param;
use ustr::{Ustr, ustr};

/// The imports of one file, by the name they have in it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Imports {
    named: Vec<(Sym, Sym)>,
    dot: bool,
}

impl Imports {
    /// Reads them off an outline.
    #[must_use]
    pub fn new(outline: &Outline) -> Self {
        let mut named = Vec::new();
        let mut dot = false;
        for import in &outline.imports {
            match import.alias {
                Some(alias) if alias == "." => dot = true,
                Some(alias) if alias == "_" => {}
                Some(alias) => named.push((alias, import.path)),
                None => named.extend(guess_names(&import.path).into_iter().map(|n| (n, import.path))),
            }
        }
        Self { named, dot }
    }

    /// Guesses packages of the standard library for a file that imports nothing at all, as a snippet or a file half typed does.
    /// `taken` tells names that the package declares itself.
    pub fn guess_std(&mut self, taken: impl Fn(Sym) -> bool) {
        if self.named.is_empty() && !self.dot {
            let std = STD_NAMES.iter().map(|(name, path)| (ustr(name), ustr(path)));
            self.named.extend(std.filter(|(name, _)| !taken(*name)));
        }
    }

    /// The import path behind a package name.
    #[must_use]
    pub fn path_of(&self, name: Sym) -> Option<Sym> {
        self.named.iter().find(|(n, _)| *n == name).map(|(_, path)| *path)
    }

    /// The name under which a path is imported, if it is.
    #[must_use]
    pub fn name_of(&self, path: Sym) -> Option<Sym> {
        self.named.iter().find(|(_, p)| *p == path).map(|(n, _)| *n)
    }

    /// Whether a dot import can bring in names that nobody here sees.
    #[must_use]
    pub fn has_dot(&self) -> bool {
        self.dot
    }
}

/// Packages that a snippet is likely to mean.
const STD_NAMES: [(&str, &str); 14] = [
    ("bufio", "bufio"),
    ("context", "context"),
    ("errors", "errors"),
    ("exec", "os/exec"),
    ("fmt", "fmt"),
    ("http", "net/http"),
    ("io", "io"),
    ("log", "log"),
    ("net", "net"),
    ("os", "os"),
    ("runtime", "runtime"),
    ("signal", "os/signal"),
    ("sync", "sync"),
    ("time", "time"),
];

/// The names a package of that import path is likely to have: nothing here reads the package itself.
fn guess_names(path: &str) -> Vec<Ustr> {
    let mut parts = path.rsplit('/');
    let mut last = parts.next().unwrap_or(path);
    let is_version = |s: &str| s.len() > 1 && s.starts_with('v') && s[1..].bytes().all(|b| b.is_ascii_digit());
    if is_version(last)
        && let Some(before) = parts.next()
    {
        last = before;
    }
    if let Some((name, version)) = last.rsplit_once('.')
        && is_version(version)
    {
        last = name;
    }
    let mut names = vec![ustr(last)];
    let bare = last.strip_prefix("go-").or_else(|| last.strip_suffix("-go")).or_else(|| last.strip_suffix(".go")).unwrap_or(last);
    for candidate in [bare, bare.rsplit('-').next().unwrap_or(bare), &bare.replace('-', "_"), &bare.replace('-', "")] {
        let name = ustr(candidate);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// What lowering gives.
#[derive(Debug)]
pub struct Lowered {
    /// The declaration's functions.
    pub body: Body,
    /// Where nesting was too deep to go on; the rest was lowered.
    pub too_deep: Option<Span>,
}

/// Lowers a function, method or variable declaration. `None` where the tree holds none, as in code that is too broken.
#[must_use]
pub fn lower(parsed: &ParsedDecl, imports: &Imports, names: &Names<'_>) -> Option<Lowered> {
    let root = parsed.tree.root_node();
    let decl = named(root)
        .into_iter()
        .find(|n| matches!(n.kind(), "function_declaration" | "method_declaration" | "var_declaration" | "const_declaration"))?;
    let text: &str = parsed.text.as_ref();
    let name = field(decl, "name").map(|n| ustr(text.get(n.byte_range()).unwrap_or("")));
    let mut b = Builder::new(text, parsed.base, imports, names, name.unwrap_or_else(|| ustr("var")));
    match decl.kind() {
        "var_declaration" | "const_declaration" => b.lower_globals(decl),
        _ => b.lower_func(decl),
    }
    Some(Lowered { body: b.body, too_deep: b.too_deep })
}

/// The light type behind a type declaration (the right side), and whether it is an alias.
#[must_use]
pub fn lower_type(parsed: &ParsedDecl, imports: &Imports, names: &Names<'_>) -> Option<(Ty, bool)> {
    let root = parsed.tree.root_node();
    let decl = named(root).into_iter().find(|n| n.kind() == "type_declaration")?;
    let spec = named(decl).into_iter().find(|n| matches!(n.kind(), "type_spec" | "type_alias"))?;
    let mut b = Builder::new(parsed.text.as_ref(), parsed.base, imports, names, ustr("type"));
    b.push_scope();
    b.bind_type_params(field(spec, "type_parameters"));
    let ty = b.ty(field(spec, "type")?);
    Some((ty, spec.kind() == "type_alias"))
}

/// What an interface type asks for.
#[derive(Debug, Default)]
pub struct Methods {
    /// The methods that it names.
    pub named: Vec<(Sym, Sig)>,
    /// The types that it embeds.
    pub embedded: Vec<Ty>,
}

/// The methods of an interface type. `None` where the declaration is no
/// interface.
#[must_use]
pub fn lower_interface(parsed: &ParsedDecl, imports: &Imports, names: &Names<'_>) -> Option<Methods> {
    let root = parsed.tree.root_node();
    let decl = named(root).into_iter().find(|n| n.kind() == "type_declaration")?;
    let spec = named(decl).into_iter().find(|n| matches!(n.kind(), "type_spec" | "type_alias"))?;
    let mut b = Builder::new(parsed.text.as_ref(), parsed.base, imports, names, ustr("type"));
    b.push_scope();
    b.bind_type_params(field(spec, "type_parameters"));
    let interface = field(spec, "type").filter(|t| t.kind() == "interface_type")?;
    let (mut methods, mut embedded) = (Vec::new(), Vec::new());
    for element in named(interface) {
        match (element.kind(), field(element, "name")) {
            ("method_elem", Some(name)) => {
                let (params, results, variadic) = b.signature(element);
                let types = |list: Vec<Param>| list.into_iter().map(|p| p.ty).collect();
                methods.push((b.sym(name), Sig { params: types(params), results: types(results), variadic }));
            }
            ("type_elem", _) => {
                if let [one] = named(element).as_slice() {
                    embedded.push(b.ty(*one));
                }
            }
            _ => {}
        }
    }
    Some(Methods { named: methods, embedded })
}

impl Builder<'_> {
    fn lower_func(&mut self, decl: Node<'_>) {
        let body = field(decl, "body");
        let head = body.map_or_else(|| self.span(decl), |b| self.span_before(decl, b));
        let span = self.span(decl);
        let idx = self.begin_func(span, head);
        self.bind_type_params(field(decl, "type_parameters"));
        if let Some(receiver) = field(decl, "receiver") {
            self.bind_receiver(receiver, idx);
        }
        self.bind_signature(decl, idx);
        if let Some(block) = body {
            // Parameters and results belong to the block of the body: `:=` there writes them, it does not hide them.
            self.statements(block);
        }
        let end = Span::new((span.end as usize).saturating_sub(1), span.end as usize);
        self.finish_func(end);
    }

    fn bind_receiver(&mut self, list: Node<'_>, idx: FuncIdx) {
        // The type arguments of a generic receiver are names of its own.
        for generic in named(list).into_iter().filter_map(|p| field(p, "type")) {
            self.bind_receiver_type_params(generic);
        }
        let Some(param) = self.param_list(list).0.into_iter().next() else { return };
        self.body.recv_type = base_name(&param.ty);
        let local = self.declare(param.name, LocalKind::Recv, param.span, Self::typed(param.ty));
        self.body.funcs[idx.at()].recv = Some(local);
    }

    fn bind_receiver_type_params(&mut self, ty: Node<'_>) {
        let inner = if ty.kind() == "pointer_type" { ty.named_child(0) } else { Some(ty) };
        let Some(args) = inner.filter(|t| t.kind() == "generic_type").and_then(|t| field(t, "type_arguments")) else { return };
        for elem in named(args) {
            let name = self.sym(elem);
            self.bind(name, builder::Entry::Type(Ty::Unknown));
        }
    }

    /// Declares parameters and results of a function or literal.
    pub(super) fn bind_signature(&mut self, n: Node<'_>, idx: FuncIdx) {
        let (params, results, variadic) = self.signature(n);
        let sig = Sig {
            params: params.iter().map(|p| p.ty.clone()).collect(),
            results: results.iter().map(|p| p.ty.clone()).collect(),
            variadic,
        };
        let params = self.bind_params(params, LocalKind::Param);
        let results = self.bind_params(results, LocalKind::Result);
        let func = &mut self.body.funcs[idx.at()];
        func.sig = Arc::new(sig);
        func.params = params;
        func.results = results;
    }

    fn bind_params(&mut self, list: Vec<Param>, kind: fn(u32) -> LocalKind) -> Vec<LocalId> {
        let bind = |(i, p): (usize, Param)| {
            let kind = kind(u32::try_from(i).unwrap_or(u32::MAX));
            self.declare(p.name, kind, p.span, Self::typed(p.ty))
        };
        list.into_iter().enumerate().map(bind).collect()
    }

    /// `var x = …` at the top level: an initialiser is a function that writes the package's variables.
    fn lower_globals(&mut self, decl: Node<'_>) {
        let span = self.span(decl);
        self.begin_func(span, span);
        for spec in named(decl).into_iter().flat_map(|n| if n.kind() == "var_spec_list" { named(n) } else { vec![n] }) {
            self.global_spec(spec);
        }
        self.finish_func(span);
    }
}

/// The stand-in for a package-level variable in its declaration's body: its definition gives the variable's type.
#[must_use]
pub fn global_local(body: &Body, name: Sym) -> Option<LocalId> {
    let name = bare(&name);
    let at = body.locals.iter().position(|l| l.name == name && l.kind == LocalKind::Var && l.func == FuncIdx::TOP)?;
    Some(LocalId(u32::try_from(at).unwrap_or(u32::MAX)))
}
