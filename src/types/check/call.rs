//! Calls of functions, and conversions that look like calls.

use super::super::info::{Builtin, Mode};
use super::super::ty::{Signature, Type};
use super::{Checker, Operand};
use crate::syntax::{Field, Kind, child, kind, named};
use std::sync::Arc;
use tree_sitter::Node;

impl<'p> Checker<'_, 'p> {
    pub(super) fn call(&mut self, node: Node<'p>) -> Operand<'p> {
        let (Some(function), Some(list)) = (child(node, Field::Function), child(node, Field::Arguments)) else {
            return Operand::unknown();
        };
        let mut args: Vec<Node<'p>> = named(list).collect();
        let mut spread = false;
        if let Some(last) = args.last_mut().filter(|last| kind(**last) == Kind::VariadicArgument) {
            spread = true;
            if let Some(inner) = named(*last).next() {
                *last = inner;
            }
        }
        let mut fun = self.expr_or_type(function);
        let generic = fun.clone();
        let explicit = child(node, Field::TypeArguments);
        if let Some(list) = explicit {
            let new = if fun.is_type() {
                let type_args = self.type_args(list);
                Operand::ty(self.instantiate_type(&fun.ty, type_args))
            } else if matches!(fun.ty, Type::Func(_)) {
                let type_args = self.type_args(list);
                self.instantiate_value(function, &fun, type_args)
            } else {
                self.element_of_list(&fun, list)
            };
            fun = Operand { node: Some(function), ..new };
        }
        if fun.is_type() {
            let Some(arg) = args.first() else { return Operand::unknown() };
            let mut operand = self.single(*arg);
            return self.conversion(&fun.ty, &mut operand);
        }
        match fun.mode {
            Mode::Builtin(Builtin::Unsafe) => self.call_of_unsafe(function, &args),
            Mode::Builtin(builtin) => self.builtin(builtin, &args, spread),
            _ => {
                let result = self.call_of(function, fun, &args, spread);
                if explicit.is_some() {
                    // No node stands for the function with its type arguments; by itself it is generic.
                    self.record(function, generic.mode, &generic.ty, None);
                }
                result
            }
        }
    }

    /// A call of a function value.
    pub(super) fn call_of(&mut self, function: Node<'p>, fun: Operand<'p>, args: &[Node<'p>], spread: bool) -> Operand<'p> {
        let sig = match self.world.core(&fun.ty) {
            Type::Func(sig) => Some(sig),
            _ => None,
        };
        let mut operands = self.arguments(args);
        self.has_call = true;
        let sig = match sig {
            Some(sig) if !sig.type_params.is_empty() => self.infer_call(function, &sig, &mut operands, spread),
            other => other,
        };
        let Some(sig) = sig else {
            for operand in &mut operands {
                self.use_as(operand, &Type::Unknown);
            }
            if matches!(fun.ty, Type::Func(_)) {
                self.record(function, Mode::Unknown, &Type::Unknown, None);
            }
            return Operand::unknown();
        };
        for (index, operand) in operands.iter_mut().enumerate() {
            let target = param(&sig, index, spread).unwrap_or(Type::Unknown);
            self.use_as(operand, &target);
        }
        match &*sig.results {
            [] => Operand::new(Mode::Void, Type::Tuple(Arc::new([]))),
            [one] => Operand::value(one.clone()),
            several => Operand::value(Type::Tuple(several.into())),
        }
    }

    /// The arguments of a call; the results of a call that gives several are as many.
    pub(super) fn arguments(&mut self, args: &[Node<'p>]) -> Vec<Operand<'p>> {
        if let [only] = args {
            let operand = self.expr(*only);
            return match &operand.ty {
                Type::Tuple(types) => types.iter().map(|ty| Operand::value(ty.clone())).collect(),
                _ => vec![operand],
            };
        }
        args.iter().map(|arg| self.single(*arg)).collect()
    }
}

/// The type of the parameter that takes the argument at `index`.
pub(super) fn param(sig: &Signature, index: usize, spread: bool) -> Option<Type> {
    let last = sig.params.len().checked_sub(1)?;
    if sig.variadic && index >= last && !spread {
        return match &sig.params[last] {
            Type::Slice(elem) => Some(Type::clone(elem)),
            _ => None,
        };
    }
    sig.params.get(index).cloned()
}
