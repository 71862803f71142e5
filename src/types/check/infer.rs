//! Type arguments that are not written: from the arguments of a call, and from constraints.

use super::super::members::Lookup;
use super::super::subst::{Substitution, subst, subst_signature};
use super::super::ty::{Interface, Method, Name, PkgKey, Signature, Type, TypeParam};
use super::super::world::World;
use super::{Checker, Operand, call::param};
use std::sync::Arc;
use tree_sitter::Node;

/// Rounds of inference: each that learns nothing is the last.
const MAX_ROUNDS: usize = 20;

/// Type parameters under names that nobody else uses, and what is known of them.
struct Unifier<'w> {
    world: &'w World,
    from: PkgKey,
    vars: Vec<Type>,
    found: Vec<Option<Type>>,
    depth: u32,
}

impl<'w> Unifier<'w> {
    fn new(world: &'w World, from: PkgKey) -> Self {
        Self { world, from, vars: Vec::new(), found: Vec::new(), depth: 0 }
    }

    /// Adds variables for the type parameters of a signature; returns the first's number.
    fn add(&mut self, count: usize) -> usize {
        let first = self.vars.len();
        for index in first..first + count {
            let param = TypeParam {
                owner: (PkgKey::default(), Name::from("?")),
                index: u32::try_from(index).unwrap_or(0),
                name: Name::from("?"),
            };
            self.vars.push(Type::Param(Arc::new(param)));
            self.found.push(None);
        }
        first
    }

    fn var(&self, ty: &Type) -> Option<usize> {
        match ty {
            Type::Param(param) if param.owner.0.is_empty() && param.owner.1 == "?" => Some(self.root(param.index as usize)),
            _ => None,
        }
    }

    /// The variable that speaks for all that were found to be the same.
    fn root(&self, var: usize) -> usize {
        let mut at = var;
        while let Some(Some(Type::Param(param))) = self.found.get(at)
            && param.owner.0.is_empty()
            && param.owner.1 == "?"
        {
            at = param.index as usize;
        }
        at
    }

    /// Makes two types the same, as far as the variables allow. `exact` is whether they have to be identical; else one has to be assignable to
    /// the other.
    fn unify(&mut self, x: &Type, y: &Type, exact: bool) -> bool {
        if x == y || *x == Type::Unknown || *y == Type::Unknown {
            return true;
        }
        self.depth += 1;
        let same = self.depth < 60 && self.unify_inside(x, y, exact);
        self.depth -= 1;
        same
    }

    fn unify_inside(&mut self, x: &Type, y: &Type, exact: bool) -> bool {
        match (self.var(x), self.var(y)) {
            (Some(a), Some(b)) if a == b => return true,
            (Some(a), Some(b)) => match (self.found[a].clone(), self.found[b].clone()) {
                (Some(x), Some(y)) => return self.unify(&x, &y, exact),
                (None, _) => {
                    self.found[a] = Some(self.vars[b].clone());
                    return true;
                }
                (Some(_), None) => {
                    self.found[b] = Some(self.vars[a].clone());
                    return true;
                }
            },
            (Some(var), None) => return self.unify_var(var, y, exact),
            (None, Some(var)) => return self.unify_var(var, x, exact),
            (None, None) => {}
        }
        // A type parameter of the function around is what its constraint says it is.
        for (param, other) in [(x, y), (y, x)] {
            if matches!(param, Type::Param(_)) && !matches!(other, Type::Param(_)) {
                let core = self.world.core(param);
                if core != Type::Unknown {
                    return self.unify(&core, other, false);
                }
            }
        }
        let named = |ty: &Type| matches!(ty, Type::Named(_));
        // One of them is a type literal: what the other stands for counts.
        if !exact && named(x) != named(y) && !matches!((x, y), (Type::Param(_), _) | (_, Type::Param(_))) {
            let (a, b) = (self.world.underlying(x), self.world.underlying(y));
            let interfaces = matches!(a, Type::Interface(_)) || matches!(b, Type::Interface(_));
            if !interfaces {
                return self.unify_structure(&a, &b, exact);
            }
        }
        if !exact && let Some(same) = self.unify_interface(x, y) {
            return same;
        }
        self.unify_structure(x, y, exact)
    }

    fn unify_var(&mut self, var: usize, ty: &Type, exact: bool) -> bool {
        let Some(known) = self.found[var].clone() else {
            self.found[var] = Some(ty.clone());
            return true;
        };
        if !self.unify(&known, ty, exact) {
            return false;
        }
        // A name says more than what it stands for; a channel of both directions more than one of one.
        let better = match (&known, ty) {
            (Type::Named(_), _) => false,
            (_, Type::Named(_)) => true,
            (Type::Chan(a, _), Type::Chan(b, _)) => *a != super::super::ty::Dir::Both && *b == super::super::ty::Dir::Both,
            (Type::Unknown, _) => true,
            _ => false,
        };
        if better {
            self.found[var] = Some(ty.clone());
        }
        true
    }

    /// One is an interface that the other has to implement: its methods have the same types.
    fn unify_interface(&mut self, x: &Type, y: &Type) -> Option<bool> {
        let interface = |ty: &Type| match self.world.underlying(ty) {
            Type::Interface(interface) if !matches!(ty, Type::Param(_)) => Some(interface),
            _ => None,
        };
        let (asked, other) = match (interface(x), interface(y)) {
            (Some(a), None) => (a, y),
            (None, Some(b)) => (b, x),
            (Some(a), Some(b)) if a.methods.len() <= b.methods.len() && !same_origin(x, y) => (a, y),
            (Some(_), Some(b)) if !same_origin(x, y) => (b, x),
            _ => return None,
        };
        for method in &asked.methods {
            if let Lookup::Found(member) = self.world.member(other, method.name, self.from)
                && !self.unify(&Type::Func(Arc::clone(&method.sig)), &member.ty, true)
            {
                return Some(false);
            }
        }
        Some(true)
    }

    fn unify_structure(&mut self, x: &Type, y: &Type, exact: bool) -> bool {
        match (x, y) {
            (Type::Named(a), Type::Named(b)) => {
                let same = a.pkg == b.pkg && a.name == b.name && a.local == b.local && a.args.len() == b.args.len();
                same && self.unify_all(&a.args, &b.args)
            }
            (Type::Pointer(a), Type::Pointer(b)) | (Type::Slice(a), Type::Slice(b)) => self.unify(a, b, true),
            (Type::Array(m, a), Type::Array(n, b)) => (m == n || m.is_none() || n.is_none()) && self.unify(a, b, true),
            (Type::Map(a, b), Type::Map(c, d)) => self.unify(a, c, true) && self.unify(b, d, true),
            (Type::Chan(m, a), Type::Chan(n, b)) => (!exact || m == n) && self.unify(a, b, true),
            (Type::Func(a), Type::Func(b)) => {
                let same = a.variadic == b.variadic && a.params.len() == b.params.len() && a.results.len() == b.results.len();
                same && self.unify_all(&a.params, &b.params) && self.unify_all(&a.results, &b.results)
            }
            (Type::Struct(a), Type::Struct(b)) => {
                a.len() == b.len()
                    && a.iter()
                        .zip(b.iter())
                        .all(|(a, b)| a.name == b.name && a.embedded == b.embedded && self.unify(&a.ty, &b.ty, true))
            }
            (Type::Interface(a), Type::Interface(b)) => self.unify_methods(a, b),
            _ => x == y,
        }
    }

    fn unify_methods(&mut self, a: &Interface, b: &Interface) -> bool {
        let pair = |(a, b): (&Method, &Method)| {
            a.name == b.name && self.unify(&Type::Func(Arc::clone(&a.sig)), &Type::Func(Arc::clone(&b.sig)), true)
        };
        a.methods.len() == b.methods.len() && a.methods.iter().zip(&b.methods).all(pair)
    }

    fn unify_all(&mut self, a: &[Type], b: &[Type]) -> bool {
        a.iter().zip(b).all(|(a, b)| self.unify(a, b, true))
    }

    /// What the constraints of type parameters tell of them and of others.
    fn constraints(&mut self, first: usize, params: &[Type]) {
        let fresh = self.vars[first..first + params.len()].to_vec();
        let by = Substitution::new(params, &fresh);
        for _ in 0..MAX_ROUNDS {
            let before = self.found.clone();
            for (at, param) in params.iter().enumerate() {
                let Type::Param(param) = param else { continue };
                let Some(interface) = self.world.constraint(param) else { continue };
                self.constraint(first + at, &interface, &by);
            }
            if before == self.found {
                return;
            }
        }
    }

    fn constraint(&mut self, var: usize, interface: &Interface, by: &Substitution<'_>) {
        let var = self.root(var);
        let known = self.found[var].clone().filter(|ty| *ty != Type::Unknown);
        let core = self.world.core_of_terms(&interface.terms);
        if core != Type::Unknown {
            let core = subst(&core, by);
            match &known {
                Some(known) => {
                    let under = match self.var(known) {
                        Some(_) => known.clone(),
                        None => self.world.core(known),
                    };
                    self.unify(&under, &core, false);
                }
                None if interface.terms.len() == 1 => self.found[var] = Some(subst(&interface.terms[0], by)),
                None => {}
            }
            return;
        }
        let Some(known) = known.filter(|known| self.var(known).is_none()) else { return };
        for method in &interface.methods {
            if let Lookup::Found(member) = self.world.member(&known, method.name, method.pkg) {
                self.unify(&Type::Func(subst_signature(&method.sig, by)), &member.ty, true);
            }
        }
    }

    /// The types found, without variables in them; `None` if one is missing.
    fn solved(&mut self) -> Option<()> {
        for _ in 0..MAX_ROUNDS {
            let known: Vec<Type> =
                self.vars.iter().zip(&self.found).map(|(var, ty)| ty.as_ref().unwrap_or(var).clone()).collect();
            let by = Substitution::new(&self.vars, &known);
            let next: Vec<Option<Type>> = self.found.iter().map(|ty| ty.as_ref().map(|ty| subst(ty, &by))).collect();
            if next == self.found {
                break;
            }
            self.found = next;
        }
        Some(())
    }

    /// The type arguments of the parameters from `first` on.
    fn args(&self, first: usize, count: usize) -> Option<Vec<Type>> {
        self.found[first..first + count].iter().map(|ty| ty.clone().filter(|ty| !self.mentions_var(ty))).collect()
    }

    fn mentions_var(&self, ty: &Type) -> bool {
        let unknown = vec![Type::Unknown; self.vars.len()];
        subst(ty, &Substitution::new(&self.vars, &unknown)) != *ty
    }
}

fn same_origin(x: &Type, y: &Type) -> bool {
    matches!((x, y), (Type::Named(a), Type::Named(b)) if a.pkg == b.pkg && a.name == b.name && a.local == b.local)
}

impl<'p> Checker<'_, 'p> {
    /// The signature of a generic function for the arguments of a call.
    pub(super) fn infer_call(
        &mut self,
        function: Node<'p>,
        sig: &Arc<Signature>,
        operands: &mut [Operand<'p>],
        spread: bool,
    ) -> Option<Arc<Signature>> {
        let explicit = self.partial.remove(&Self::name_node(function).id()).unwrap_or_default();
        let mut unifier = Unifier::new(self.world, self.pkg.key);
        let count = sig.type_params.len();
        unifier.add(count);
        for (index, ty) in explicit.into_iter().enumerate() {
            unifier.found[index] = Some(ty);
        }
        let fresh = unifier.vars.clone();
        let renamed = subst_signature(sig, &Substitution::new(&sig.type_params, &fresh));
        let mut generic = Vec::new();
        for (index, operand) in operands.iter().enumerate() {
            let Some(target) = param(&renamed, index, spread) else { continue };
            match &operand.ty {
                Type::Func(other) if !other.type_params.is_empty() => {
                    let first = unifier.add(other.type_params.len());
                    let fresh = unifier.vars[first..].to_vec();
                    let mut plain = Signature::clone(&subst_signature(other, &Substitution::new(&other.type_params, &fresh)));
                    plain.type_params = Box::default();
                    generic.push((index, first, Arc::clone(other), target, Type::Func(Arc::new(plain))));
                }
                ty if ty.is_untyped() => {}
                ty => {
                    if !unifier.unify(&target, ty, false) {
                        return None;
                    }
                }
            }
        }
        for (_, _, _, target, ty) in &generic {
            if !unifier.unify(target, ty, false) {
                return None;
            }
        }
        unifier.constraints(0, &sig.type_params);
        self.untyped_arguments(&mut unifier, &renamed, operands, spread);
        unifier.constraints(0, &sig.type_params);
        for (_, first, other, ..) in &generic {
            unifier.constraints(*first, &other.type_params);
        }
        unifier.solved()?;
        let args = unifier.args(0, count)?;
        for (index, first, other, ..) in generic {
            if let (Some(args), Some(node)) = (unifier.args(first, other.type_params.len()), operands[index].node) {
                operands[index].ty = self.instantiated(node, &other, &args);
            }
        }
        match self.instantiated(function, sig, &args) {
            Type::Func(sig) => Some(sig),
            _ => None,
        }
    }

    /// Untyped constants count where nothing else tells a parameter: the largest kind of all.
    fn untyped_arguments(&self, unifier: &mut Unifier<'_>, sig: &Signature, operands: &[Operand<'p>], spread: bool) {
        let mut kinds = vec![None; unifier.vars.len()];
        for (index, operand) in operands.iter().enumerate() {
            let Some(target) = param(sig, index, spread) else { continue };
            let Some(var) = unifier.var(&target).filter(|var| unifier.found[*var].is_none()) else { continue };
            if let Some(basic) = operand.ty.as_basic().filter(|basic| basic.is_untyped() && !operand.is_nil()) {
                kinds[var] = kinds[var].max(Some(basic));
            }
        }
        for (var, basic) in kinds.into_iter().enumerate() {
            if let Some(basic) = basic {
                unifier.found[var] = Some(Type::Basic(basic.default_type()));
            }
        }
    }

    /// The type arguments that follow from those written and the constraints.
    pub(super) fn infer_rest(&self, sig: &Signature, explicit: &[Type]) -> Option<Vec<Type>> {
        let mut unifier = Unifier::new(self.world, self.pkg.key);
        unifier.add(sig.type_params.len());
        for (index, ty) in explicit.iter().enumerate() {
            unifier.found[index] = Some(ty.clone());
        }
        unifier.constraints(0, &sig.type_params);
        unifier.solved()?;
        unifier.args(0, sig.type_params.len())
    }

    /// A generic function is assigned to something of a function type, which tells its type arguments.
    pub(super) fn use_function_as(&mut self, operand: &mut Operand<'p>, target: &Type) {
        let Type::Func(sig) = &operand.ty else { return };
        if sig.type_params.is_empty() {
            return;
        }
        let sig = Arc::clone(sig);
        let Type::Func(wanted) = self.world.core(target) else { return };
        let mut unifier = Unifier::new(self.world, self.pkg.key);
        unifier.add(sig.type_params.len());
        let fresh = unifier.vars.clone();
        if let Some(node) = operand.node {
            for (index, ty) in self.partial.remove(&Self::name_node(node).id()).unwrap_or_default().into_iter().enumerate() {
                unifier.found[index] = Some(ty);
            }
        }
        let mut plain = Signature::clone(&subst_signature(&sig, &Substitution::new(&sig.type_params, &fresh)));
        plain.type_params = Box::default();
        if !unifier.unify(&Type::Func(Arc::new(plain)), &Type::Func(wanted), false) {
            return;
        }
        unifier.constraints(0, &sig.type_params);
        if unifier.solved().is_some()
            && let (Some(args), Some(node)) = (unifier.args(0, sig.type_params.len()), operand.node)
        {
            operand.ty = self.instantiated(node, &sig, &args);
        }
    }
}
