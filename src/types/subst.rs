//! Type parameters replaced by types.

use super::ty::{Field, Interface, Method, Named, Signature, Type, TypeParam};
use std::sync::Arc;

/// What takes the place of which parameter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Substitution<'a> {
    params: &'a [Type],
    args: &'a [Type],
}

impl<'a> Substitution<'a> {
    pub(super) fn new(params: &'a [Type], args: &'a [Type]) -> Self {
        Self { params, args }
    }

    fn get(&self, param: &TypeParam) -> Option<&'a Type> {
        let same = |other: &Type| matches!(other, Type::Param(other) if other.owner == param.owner && other.index == param.index);
        // Lists of type parameters are short, and usually whole lists are replaced.
        let guess = param.index as usize;
        let at = if self.params.get(guess).is_some_and(same) { guess } else { self.params.iter().position(same)? };
        self.args.get(at)
    }
}

/// `ty` with its type parameters replaced.
pub(super) fn subst(ty: &Type, by: &Substitution<'_>) -> Type {
    if by.params.is_empty() { ty.clone() } else { changed(ty, by).unwrap_or_else(|| ty.clone()) }
}

/// A signature with its type parameters replaced.
pub(super) fn subst_signature(sig: &Arc<Signature>, by: &Substitution<'_>) -> Arc<Signature> {
    if by.params.is_empty() { Arc::clone(sig) } else { signature(sig, by).map_or_else(|| Arc::clone(sig), Arc::new) }
}

/// `None` if nothing in it changes.
fn changed(ty: &Type, by: &Substitution<'_>) -> Option<Type> {
    let inner = |ty: &Arc<Type>| changed(ty, by).map(Arc::new);
    Some(match ty {
        Type::Unknown | Type::Basic(_) => return None,
        Type::Param(param) => by.get(param)?.clone(),
        Type::Named(named) => {
            let args = list(&named.args, by)?;
            Type::Named(Arc::new(Named { args: args.into(), ..Named::clone(named) }))
        }
        Type::Pointer(elem) => Type::Pointer(inner(elem)?),
        Type::Slice(elem) => Type::Slice(inner(elem)?),
        Type::Array(length, elem) => Type::Array(*length, inner(elem)?),
        Type::Chan(dir, elem) => Type::Chan(*dir, inner(elem)?),
        Type::Map(key, value) => {
            let (new_key, new_value) = (inner(key), inner(value));
            if new_key.is_none() && new_value.is_none() {
                return None;
            }
            Type::Map(new_key.unwrap_or_else(|| Arc::clone(key)), new_value.unwrap_or_else(|| Arc::clone(value)))
        }
        Type::Func(sig) => Type::Func(Arc::new(signature(sig, by)?)),
        Type::Tuple(types) => Type::Tuple(list(types, by)?.into()),
        Type::Struct(fields) => {
            let types: Vec<Option<Type>> = fields.iter().map(|field| changed(&field.ty, by)).collect();
            if types.iter().all(Option::is_none) {
                return None;
            }
            let fields = fields.iter().zip(types);
            Type::Struct(
                fields.map(|(field, ty)| Field { ty: ty.unwrap_or_else(|| field.ty.clone()), ..field.clone() }).collect(),
            )
        }
        Type::Interface(interface) => Type::Interface(Arc::new(of_interface(interface, by)?)),
    })
}

fn list(types: &[Type], by: &Substitution<'_>) -> Option<Vec<Type>> {
    let new: Vec<Option<Type>> = types.iter().map(|ty| changed(ty, by)).collect();
    if new.iter().all(Option::is_none) {
        return None;
    }
    Some(new.into_iter().zip(types).map(|(new, old)| new.unwrap_or_else(|| old.clone())).collect())
}

fn signature(sig: &Signature, by: &Substitution<'_>) -> Option<Signature> {
    let (params, results) = (list(&sig.params, by), list(&sig.results, by));
    if params.is_none() && results.is_none() {
        return None;
    }
    Some(Signature {
        params: params.map_or_else(|| sig.params.clone(), Into::into),
        results: results.map_or_else(|| sig.results.clone(), Into::into),
        variadic: sig.variadic,
        type_params: sig.type_params.clone(),
    })
}

fn of_interface(interface: &Interface, by: &Substitution<'_>) -> Option<Interface> {
    let terms = list(&interface.terms, by);
    let sigs: Vec<Option<Signature>> = interface.methods.iter().map(|method| signature(&method.sig, by)).collect();
    if terms.is_none() && sigs.iter().all(Option::is_none) {
        return None;
    }
    let methods = interface.methods.iter().zip(sigs);
    let methods =
        methods.map(|(method, sig)| Method { sig: sig.map_or_else(|| Arc::clone(&method.sig), Arc::new), ..method.clone() });
    Some(Interface {
        methods: methods.collect(),
        constraint: interface.constraint,
        terms: terms.map_or_else(|| interface.terms.clone(), Into::into),
        open: interface.open,
    })
}
