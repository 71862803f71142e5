//! Untyped values and the types that they take on, as `go/types` records them.

use super::super::consts::represent;
use super::super::info::Const;
use super::super::ty::{Basic, Type};
use super::{Checker, Operand};
use crate::syntax::{Field, Kind, child, kind, named};
use tree_sitter::Node;

impl<'p> Checker<'_, 'p> {
    /// The value is assigned to something of type `target`, which gives an untyped one its type.
    pub(in super::super) fn use_as(&mut self, operand: &mut Operand<'p>, target: &Type) {
        if !operand.ty.is_untyped() {
            self.use_function_as(operand, target);
            return;
        }
        if *target == Type::Unknown {
            return self.settle(operand, &Type::Unknown, None);
        }
        let interface = !matches!(target, Type::Param(_)) && self.world.is_interface(target);
        let target = if interface { operand.ty.default_type() } else { target.clone() };
        self.convert_untyped(operand, &target);
    }

    /// The value stands where its own type counts: `x := 1`.
    pub(super) fn use_default(&mut self, operand: &mut Operand<'p>) {
        let target = operand.ty.default_type();
        self.convert_untyped(operand, &target);
    }

    /// Gives an untyped value the type `target`, if it can have it.
    pub(super) fn convert_untyped(&mut self, operand: &mut Operand<'p>, target: &Type) {
        if !operand.ty.is_untyped() || *target == Type::Unknown {
            return;
        }
        let Some((ty, value)) = self.implicit(operand, target) else { return self.settle(operand, &Type::Unknown, None) };
        if ty != operand.ty || value != operand.value {
            self.settle(operand, &ty, value);
        }
    }

    fn settle(&mut self, operand: &mut Operand<'p>, ty: &Type, value: Option<Const>) {
        operand.ty = ty.clone();
        operand.value = value;
        if let Some(node) = operand.node {
            self.update(node, ty);
            if self.recording
                && let Some(entry) = self.info.exprs.get_mut(&node.id())
            {
                entry.value.clone_from(&operand.value);
            }
        }
    }

    /// Type and value of an untyped operand as one of type `target`; `None` if it cannot be one.
    fn implicit(&self, operand: &Operand<'p>, target: &Type) -> Option<(Type, Option<Const>)> {
        let own = operand.ty.as_basic()?;
        let keep = || Some((target.clone(), operand.value.clone()));
        if let Some(other) = target.as_basic().filter(|basic| basic.is_untyped()) {
            if own == Basic::UntypedNil || other == Basic::UntypedNil {
                return (own == other).then(keep)?;
            }
            if own.is_numeric() && other.is_numeric() {
                return Some((Type::Basic(own.max(other)), operand.value.clone()));
            }
            return (own == other).then(keep)?;
        }
        if matches!(target, Type::Param(_)) {
            return keep();
        }
        match self.world.underlying(target) {
            Type::Basic(basic) => {
                if let Some(value) = &operand.value {
                    return Some((target.clone(), Some(represent(value, basic)?)));
                }
                match own {
                    Basic::UntypedNil => (basic == Basic::UnsafePointer).then(|| (operand.ty.clone(), None)),
                    Basic::UntypedBool => basic.is_boolean().then(keep)?,
                    Basic::UntypedString => basic.is_string().then(keep)?,
                    _ => basic.is_numeric().then(keep)?,
                }
            }
            Type::Interface(interface) => {
                if own == Basic::UntypedNil {
                    return Some((operand.ty.clone(), None));
                }
                interface.methods.is_empty().then(|| (operand.ty.default_type(), operand.value.clone()))
            }
            Type::Pointer(_) | Type::Func(_) | Type::Slice(_) | Type::Map(..) | Type::Chan(..) => {
                (own == Basic::UntypedNil).then(|| (operand.ty.clone(), None))
            }
            _ => None,
        }
    }

    /// Writes down the type that an untyped expression took on, in what it is made of too.
    pub(super) fn update(&mut self, node: Node<'p>, ty: &Type) {
        if !self.recording {
            return;
        }
        let mut node = node;
        // The left spine is walked, not recursed into: it can be as long as a file.
        loop {
            let Some(entry) = self.info.exprs.get_mut(&node.id()) else { return };
            if !entry.ty.is_untyped() {
                return;
            }
            entry.ty = ty.clone();
            let constant = entry.value.is_some();
            let next = match kind(node) {
                Kind::ParenthesizedExpression => named(node).next(),
                Kind::UnaryExpression if !constant => child(node, Field::Operand),
                Kind::BinaryExpression if !constant => {
                    let op = child(node, Field::Operator).map_or("", |op| op.kind());
                    if super::ops::is_comparison(op) {
                        return;
                    }
                    if !super::ops::is_shift(op)
                        && let Some(right) = child(node, Field::Right)
                    {
                        self.update(right, ty);
                    }
                    child(node, Field::Left)
                }
                _ => return,
            };
            let Some(next) = next else { return };
            node = next;
        }
    }

    /// `T(x)`
    pub(super) fn conversion(&mut self, target: &Type, operand: &mut Operand<'p>) -> Operand<'p> {
        let const_target = self.world.underlying(target).as_basic().filter(|basic| *basic != Basic::UnsafePointer);
        let mut value = None;
        if let (Some(constant), Some(basic)) = (&operand.value, const_target) {
            value = self.constant_conversion(constant, &operand.ty, basic);
        }
        let constant_fails = operand.is_const() && const_target.is_some() && value.is_none();
        if operand.ty.is_untyped() {
            let mut last = target.clone();
            let interface = !matches!(target, Type::Param(_)) && self.world.is_interface(target);
            let plain_constant = operand.is_const() && const_target.is_none();
            let number_as_text = operand.is_const()
                && self.world.all_basic(&operand.ty, Basic::is_integer)
                && self.world.all_basic(target, Basic::is_string);
            if *target == Type::Unknown {
                last = Type::Unknown;
            } else if number_as_text {
                last = operand.ty.clone();
            } else if interface || plain_constant || operand.is_nil() {
                last = operand.ty.default_type();
            }
            if let Some(node) = operand.node {
                self.update(node, &last);
            }
        }
        if constant_fails && *target != Type::Unknown {
            return Operand::unknown();
        }
        Operand { value, ..Operand::value(target.clone()) }
    }

    fn constant_conversion(&self, value: &Const, from: &Type, to: Basic) -> Option<Const> {
        if let Some(value) = represent(value, to) {
            return Some(value);
        }
        let integer = self.world.all_basic(from, Basic::is_integer);
        match value {
            Const::Int(n) if to.is_string() && integer => {
                let c = u32::try_from(*n).ok().and_then(char::from_u32).unwrap_or('\u{fffd}');
                Some(Const::Str(c.to_string().into()))
            }
            _ => None,
        }
    }
}
