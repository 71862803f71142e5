//! The exported types, variables and signatures of a package.

use super::text;
use goleash::old::ir::{Sig, Sym, Ty};
use goleash::old::lower::{Names, lower_interface, lower_type};
use goleash::old::program::{DeclId, Package};
use goleash::source::DeclKind;
use goleash::syntax::parse_decl;
use rustc_hash::FxHashMap;

/// What a package declares, by name.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    /// Import path.
    pub(super) path: String,
    /// What its files import.
    pub(super) imports: Vec<Sym>,
    /// All its types, exported or not, by name.
    pub(super) types: Vec<Type>,
    /// Exported variables and their types.
    pub(super) vars: Vec<(Sym, String)>,
    /// Results of functions and of declared methods.
    pub(super) funcs: FxHashMap<(Option<Sym>, Sym), Func>,
}

#[derive(Clone, Debug)]
pub(super) struct Func {
    pub(super) results: Vec<String>,
    /// The parameters, where one is a function.
    pub(super) callbacks: Vec<String>,
}

/// One type declaration.
#[derive(Debug)]
pub(super) struct Type {
    pub(super) name: Sym,
    pub(super) form: Form,
    /// What it embeds, by its text without a star.
    pub(super) embedded: Vec<String>,
}

#[derive(Debug)]
pub(super) enum Form {
    /// `type A = pkg.B`, or a defined type over another named one; whether it is an alias.
    Name(String, bool),
    Struct(Vec<(Sym, String)>),
    Interface(Vec<(Sym, Func)>),
    Other(String),
}

pub(super) fn read(path: &str, package: &Package) -> Shapes {
    let mut out = Shapes { path: path.to_string(), ..Shapes::default() };
    for decl in package.decls() {
        match package.decl(decl).kind {
            DeclKind::Type => out.types.extend(type_of(path, package, decl)),
            DeclKind::Var => vars(path, package, decl, &mut out.vars),
            DeclKind::Func | DeclKind::Method => {
                let Some(body) = package.body(decl) else { continue };
                let Some(name) = package.decl(decl).names.first() else { continue };
                let func = of_signature(&body.funcs[0].sig, path, package);
                out.funcs.entry((package.decl(decl).recv, *name)).or_insert(func);
            }
            DeclKind::Const => {}
        }
    }
    out.types.sort_by_key(|t| t.name.as_str());
    out.vars.sort_by_key(|(name, _)| name.as_str());
    out.vars.dedup_by_key(|(name, _)| *name);
    out
}

fn of_signature(sig: &Sig, path: &str, package: &Package) -> Func {
    let results = sig.results.iter().map(|t| text::of(t, path, package)).collect();
    let params = || sig.params.iter().map(|t| text::of(t, path, package)).collect();
    let calls_back = sig.params.iter().any(|t| matches!(t, Ty::Func(_)));
    Func { results, callbacks: if calls_back { params() } else { Vec::new() } }
}

fn vars(path: &str, package: &Package, decl: DeclId, out: &mut Vec<(Sym, String)>) {
    let Some(body) = package.body(decl) else { return };
    for name in package.decl(decl).names.iter().filter(|n| text::exported(n)) {
        let ty = goleash::old::lower::global_local(body, *name).map(|local| package.local_type(decl, body, local));
        let text = ty.map_or("?".to_string(), |ty| text::of(&ty, path, package));
        if !text.contains('?') {
            out.push((*name, text));
        }
    }
}

fn type_of(path: &str, package: &Package, decl: DeclId) -> Option<Type> {
    let name = *package.decl(decl).names.first()?;
    let parsed = parse_decl(&package.file(decl).src, package.decl(decl)).ok()?;
    // Each package stands alone here, under its bare names.
    let in_view = FxHashMap::default();
    let names = Names { own: None, declares: &|_| false, in_view: &in_view };
    let (ty, alias) = lower_type(&parsed, package.imports(decl), &names)?;
    let show = |ty: &Ty| text::of(ty, path, package);
    let mut embedded = Vec::new();
    let form = match &ty {
        Ty::Struct(fields) => {
            embedded.extend(fields.iter().filter(|f| f.embedded).map(|f| show(&f.ty).trim_start_matches('*').to_string()));
            let open = fields.iter().filter(|f| text::exported(&f.name));
            Form::Struct(open.map(|f| (f.name, show(&f.ty))).filter(|(_, t)| !t.contains('?')).collect())
        }
        Ty::Interface(_) => {
            let methods = lower_interface(&parsed, package.imports(decl), &names).unwrap_or_default();
            embedded.extend(methods.embedded.iter().map(show));
            Form::Interface(methods.named.iter().map(|(n, sig)| (*n, of_signature(sig, path, package))).collect())
        }
        Ty::Named { .. } => Form::Name(show(&ty), alias),
        other => Form::Other(show(other)),
    };
    Some(Type { name, form, embedded })
}
