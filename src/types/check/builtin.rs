//! Predeclared functions, and those of package `unsafe`.

use super::super::consts;
use super::super::info::{Builtin, Const, Mode};
use super::super::ty::{Basic, Type};
use super::super::universe::any;
use super::{Checker, Operand};
use crate::syntax::{Kind, kind, named};
use std::sync::Arc;
use tree_sitter::Node;

impl<'p> Checker<'_, 'p> {
    pub(super) fn builtin(&mut self, builtin: Builtin, args: &[Node<'p>], spread: bool) -> Operand<'p> {
        match builtin {
            Builtin::Make => return self.make(args),
            Builtin::New => return self.new_pointer(args),
            Builtin::Len | Builtin::Cap => return self.len(builtin, args),
            _ => {}
        }
        let mut operands = self.arguments(args);
        let int = Type::Basic(Basic::Int);
        let void = || Operand::new(Mode::Void, Type::Tuple(Arc::new([])));
        match builtin {
            Builtin::Append => self.append(&mut operands, spread),
            Builtin::Copy => {
                self.has_call = true;
                Operand::value(int)
            }
            Builtin::Recover => Operand::value(any()),
            Builtin::Panic => {
                operands.iter_mut().for_each(|operand| self.use_as(operand, &any()));
                void()
            }
            Builtin::Print | Builtin::Println => {
                self.default_all(&mut operands);
                void()
            }
            Builtin::Delete => {
                if let [map, key] = operands.as_mut_slice() {
                    let target = match self.world.core(&map.ty) {
                        Type::Map(key, _) => Type::clone(&key),
                        _ => Type::Unknown,
                    };
                    self.use_as(key, &target);
                }
                void()
            }
            Builtin::Max | Builtin::Min => self.extremum(builtin, operands),
            Builtin::Complex | Builtin::Real | Builtin::Imag => self.complex(builtin, operands),
            _ => void(),
        }
    }

    fn default_all(&mut self, operands: &mut [Operand<'p>]) {
        for operand in operands {
            self.use_default(operand);
        }
    }

    fn make(&mut self, args: &[Node<'p>]) -> Operand<'p> {
        let ty = args.first().map_or(Type::Unknown, |arg| self.typ(*arg));
        for size in args.iter().skip(1) {
            let mut at = self.single(*size);
            self.use_index(&mut at);
        }
        Operand::value(ty)
    }

    /// `new(T)`, and from Go 1.26 `new(x)`.
    fn new_pointer(&mut self, args: &[Node<'p>]) -> Operand<'p> {
        let Some(arg) = args.first() else { return Operand::unknown() };
        let mut operand = self.generic_or_type(*arg);
        if !operand.is_type() {
            self.use_default(&mut operand);
        }
        if operand.is_unknown() { Operand::unknown() } else { Operand::value(Type::Pointer(Arc::new(operand.ty))) }
    }

    fn len(&mut self, builtin: Builtin, args: &[Node<'p>]) -> Operand<'p> {
        let int = Type::Basic(Basic::Int);
        let Some(arg) = args.first() else { return Operand::value(int) };
        let around = std::mem::replace(&mut self.has_call, false);
        let operand = self.single(*arg);
        let called = self.has_call;
        self.has_call |= around;
        if builtin == Builtin::Len
            && let Some(value) = &operand.value
        {
            let value = if let Const::Str(text) = value { Const::Int(text.len() as i128) } else { Const::Other };
            return Operand::constant(int, value);
        }
        let under = self.world.underlying(&operand.ty);
        let array = match &under {
            Type::Pointer(base) => self.world.underlying(base),
            other => other.clone(),
        };
        match array {
            Type::Array(length, _) if !called => {
                Operand::constant(int, length.map_or(Const::Other, |length| Const::Int(i128::from(length))))
            }
            _ => Operand::value(int),
        }
    }

    fn append(&mut self, operands: &mut [Operand<'p>], spread: bool) -> Operand<'p> {
        self.has_call = true;
        let Some((first, rest)) = operands.split_first_mut() else { return Operand::unknown() };
        let slice = first.ty.clone();
        let elem = match self.world.core(&slice) {
            Type::Slice(elem) => Type::clone(&elem),
            _ => Type::Unknown,
        };
        let target = if spread { Type::Slice(Arc::new(elem)) } else { elem };
        for operand in rest {
            if spread && operand.ty.is_untyped() {
                // `append(b, "text"...)`
                self.use_default(operand);
            } else {
                self.use_as(operand, &target);
            }
        }
        if slice.is_untyped() { Operand::unknown() } else { Operand::value(slice) }
    }

    fn extremum(&mut self, builtin: Builtin, mut operands: Vec<Operand<'p>>) -> Operand<'p> {
        let op = if builtin == Builtin::Max { ">" } else { "<" };
        let mut out: Option<Operand<'p>> = None;
        for operand in &mut operands {
            let Some(mut best) = out.take() else {
                out = Some(operand.clone());
                continue;
            };
            let both = (best.value.clone(), operand.value.clone());
            let sum = self.combine("+", &mut best, operand);
            let value = match both {
                (Some(a), Some(b)) => match consts::compare(op, &a, &b) {
                    Some(true) => Some(a),
                    Some(false) => Some(b),
                    None => Some(Const::Other),
                },
                _ => None,
            };
            out = Some(Operand { value, node: None, ..Operand::value(sum.ty) });
        }
        let Some(out) = out else { return Operand::unknown() };
        // What is left untyped takes on the type of the result.
        if !out.is_const() || !out.ty.is_untyped() {
            for operand in &operands {
                if let Some(node) = operand.node {
                    self.update(node, &out.ty);
                }
            }
        }
        Operand { value: out.value, ..Operand::value(out.ty) }
    }

    fn complex(&mut self, builtin: Builtin, mut operands: Vec<Operand<'p>>) -> Operand<'p> {
        if let [x, y] = operands.as_mut_slice() {
            let (left, right) = (x.ty.clone(), y.ty.clone());
            self.convert_untyped(x, &right);
            self.convert_untyped(y, &left);
        }
        let constant = operands.iter().all(Operand::is_const);
        if constant && operands.iter().all(|operand| operand.ty.is_untyped()) {
            let basic = if builtin == Builtin::Complex { Basic::UntypedComplex } else { Basic::UntypedFloat };
            return Operand::constant(Type::Basic(basic), Const::Other);
        }
        self.default_all(&mut operands);
        let Some(first) = operands.first() else { return Operand::unknown() };
        let result = match (builtin, self.world.underlying(&first.ty).as_basic()) {
            (Builtin::Complex, Some(Basic::Float32)) => Basic::Complex64,
            (Builtin::Complex, Some(Basic::Float64)) => Basic::Complex128,
            (Builtin::Real | Builtin::Imag, Some(Basic::Complex64)) => Basic::Float32,
            (Builtin::Real | Builtin::Imag, Some(Basic::Complex128)) => Basic::Float64,
            _ => return Operand::unknown(),
        };
        let value = constant.then_some(Const::Other);
        Operand { value, ..Operand::value(Type::Basic(result)) }
    }

    pub(super) fn call_of_unsafe(&mut self, function: Node<'p>, args: &[Node<'p>]) -> Operand<'p> {
        let name = self.name(Self::name_node(function));
        let around = self.has_call;
        let mut operands = self.arguments(args);
        let elem = |ty: &Type| match self.world.core(ty) {
            Type::Pointer(elem) | Type::Slice(elem) => Some(elem),
            _ => None,
        };
        let first = operands.first().map_or(Type::Unknown, |operand| operand.ty.clone());
        let result = match name.as_str() {
            "Sizeof" | "Alignof" | "Offsetof" => {
                self.has_call = around;
                self.default_all(&mut operands);
                let first = operands.first().map_or(Type::Unknown, |operand| operand.ty.clone());
                return self.size(name.as_str(), &first, args.first().copied());
            }
            "Add" => Some(Type::Basic(Basic::UnsafePointer)),
            "Slice" => elem(&first).map(Type::Slice),
            "SliceData" => elem(&first).map(Type::Pointer),
            "String" => Some(Type::Basic(Basic::String)),
            "StringData" => Some(Type::Pointer(Arc::new(Type::Basic(Basic::Uint8)))),
            _ => None,
        };
        operands.iter_mut().skip(1).for_each(|operand| self.use_index(operand));
        if name == "StringData" {
            self.default_all(&mut operands);
        }
        result.map_or_else(Operand::unknown, Operand::value)
    }

    /// `unsafe.Sizeof` and its kin: constant unless a type parameter decides.
    fn size(&self, name: &str, ty: &Type, arg: Option<Node<'p>>) -> Operand<'p> {
        let uintptr = Type::Basic(Basic::Uintptr);
        let size = match name {
            "Sizeof" => self.world.size_of(ty),
            "Alignof" => self.world.align_of(ty),
            _ => arg.and_then(|mut node| {
                while kind(node) == Kind::ParenthesizedExpression {
                    node = named(node).next()?;
                }
                let selection = self.info.selections.get(&node.id())?;
                self.world.offset_of(selection.recv.deref().0, &selection.path)
            }),
        };
        match size {
            Some(size) => Operand::constant(uintptr, Const::Int(i128::from(size))),
            // Not even whether it is constant is known.
            None => Operand::value(uintptr),
        }
    }
}
