//! Light types as the text that models use.

use goleash::old::ir::{Dir, Sig, Sym, Ty, is_predeclared_type};
use goleash::old::program::Package;

/// The type, names of the package by their import path; `?` for what is not known.
pub(super) fn of(ty: &Ty, path: &str, package: &Package) -> String {
    let inner = |ty: &Ty| of(ty, path, package);
    match ty {
        Ty::Unknown => "?".to_string(),
        Ty::Named { path: Some(other), name } => format!("{other}.{name}"),
        Ty::Named { path: None, name } if is_predeclared(*name, package) => name.to_string(),
        Ty::Named { path: None, name } => format!("{path}.{name}"),
        Ty::Ptr(to) => format!("*{}", inner(to)),
        Ty::Chan(Dir::Both, elem) => format!("chan {}", inner(elem)),
        Ty::Chan(Dir::SendOnly, elem) => format!("chan<- {}", inner(elem)),
        Ty::Chan(Dir::RecvOnly, elem) => format!("<-chan {}", inner(elem)),
        Ty::Seq(elem) => format!("[]{}", inner(elem)),
        Ty::Map(key, value) => format!("map[{}]{}", inner(key), inner(value)),
        Ty::Func(sig) => format!("func{}", signature(sig, path, package)),
        Ty::Struct(fields) if fields.is_empty() => "struct{}".to_string(),
        Ty::Interface(methods) if methods.is_empty() => "any".to_string(),
        Ty::Struct(_) | Ty::Interface(_) => "?".to_string(),
    }
}

fn signature(sig: &Sig, path: &str, package: &Package) -> String {
    let list = |types: &[Ty]| types.iter().map(|t| of(t, path, package)).collect::<Vec<_>>();
    let results = list(&sig.results);
    let given = match results.as_slice() {
        [] => String::new(),
        [one] => format!(" {one}"),
        several => format!(" ({})", several.join(", ")),
    };
    format!("({}){given}", list(&sig.params).join(", "))
}

/// Whether the name is Go's own, and not one that the package gives another meaning.
pub(super) fn is_predeclared(name: Sym, package: &Package) -> bool {
    is_predeclared_type(&name) && package.named(name).is_empty()
}

pub(super) fn exported(name: &str) -> bool {
    name.chars().next().is_some_and(char::is_uppercase)
}
