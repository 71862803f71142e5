//! Symbolic counts: how often something happens, as a sum of known quantities.

use crate::old::ir::{Expr, OpKind, Operand, Place};
use crate::old::program::{DeclId, Package, Written};
use ustr::ustr;

/// A quantity that the code names, `len(ids)` or `n`; never negative.
pub type Atom = ustr::Ustr;

/// A number: a constant plus multiples of named quantities, or any number at all.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Count {
    konst: i64,
    terms: Vec<(Atom, i64)>,
    /// Any number, without a bound.
    many: bool,
    /// Nothing can be said, not even whether it is more or less.
    unknown: bool,
}

/// Whether one count can be more than another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exceeds {
    /// It can.
    Yes,
    /// It never is.
    No,
    /// It depends on what the code does not say.
    Unknown,
}

impl Count {
    /// Nothing.
    pub const ZERO: Self = Self { konst: 0, terms: Vec::new(), many: false, unknown: false };

    /// A number.
    #[must_use]
    pub fn constant(n: i64) -> Self {
        Self { konst: n, ..Self::ZERO }
    }

    /// Once for each unit of a named quantity.
    #[must_use]
    pub fn atom(atom: Atom) -> Self {
        Self { terms: vec![(atom, 1)], ..Self::ZERO }
    }

    /// Any number.
    #[must_use]
    pub fn many() -> Self {
        Self { many: true, ..Self::ZERO }
    }

    /// Nothing is known.
    #[must_use]
    pub fn unknown() -> Self {
        Self { unknown: true, ..Self::ZERO }
    }

    /// Whether it is a plain number.
    #[must_use]
    pub fn as_const(&self) -> Option<i64> {
        (self.terms.is_empty() && !self.many && !self.unknown).then_some(self.konst)
    }

    /// Whether it has no bound.
    #[must_use]
    pub fn is_many(&self) -> bool {
        self.many
    }

    /// Whether nothing is known of it.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.unknown
    }

    /// The sum.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        self.combine(other, 1)
    }

    /// The difference.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        self.combine(other, -1)
    }

    fn combine(&self, other: &Self, sign: i64) -> Self {
        let mut out = self.clone();
        out.konst = out.konst.saturating_add(other.konst.saturating_mul(sign));
        out.unknown |= other.unknown || (sign < 0 && other.many);
        out.many |= other.many && sign > 0;
        for (atom, n) in &other.terms {
            out.add_term(*atom, n.saturating_mul(sign));
        }
        out
    }

    fn add_term(&mut self, atom: Atom, n: i64) {
        match self.terms.iter_mut().find(|(a, _)| *a == atom) {
            Some((_, m)) => *m = m.saturating_add(n),
            None => self.terms.push((atom, n)),
        }
        self.terms.retain(|(_, n)| *n != 0);
        self.terms.sort_by(|a, b| a.0.as_str().cmp(b.0.as_str()));
    }

    /// The product, exact where one side is a number.
    #[must_use]
    pub fn times(&self, other: &Self) -> Self {
        if self.as_const() == Some(0) || other.as_const() == Some(0) {
            return Self::ZERO;
        }
        if self.unknown || other.unknown {
            return Self::unknown();
        }
        let (factor, rest) = match (self.as_const(), other.as_const()) {
            (Some(n), _) => (n, other),
            (_, Some(n)) => (n, self),
            _ if self.sign() == Some(1) && other.sign() == Some(1) => return Self::many(),
            _ => return Self::unknown(),
        };
        match factor {
            0 => Self::ZERO,
            n if rest.many && n > 0 => Self::many(),
            _ if rest.many => Self::unknown(),
            n => Self {
                konst: rest.konst.saturating_mul(n),
                terms: rest.terms.iter().map(|(a, m)| (*a, m.saturating_mul(n))).collect(),
                ..Self::ZERO
            },
        }
    }

    /// 1 where it cannot be negative, -1 where it cannot be positive, 0 where it is nothing; `None` where it can be either.
    fn sign(&self) -> Option<i8> {
        if self.unknown {
            return None;
        }
        let up = self.many || self.konst > 0 || self.terms.iter().any(|(_, n)| *n > 0);
        let down = self.konst < 0 || self.terms.iter().any(|(_, n)| *n < 0);
        match (up, down) {
            (true, false) => Some(1),
            (false, true) => Some(-1),
            (false, false) => Some(0),
            (true, true) => None,
        }
    }

    /// Whether it can be more than nothing. A sum of positive and negative quantities is left open; `len(x) - 1` is not: x can be long.
    #[must_use]
    pub fn exceeds_zero(&self) -> Exceeds {
        if self.unknown {
            return Exceeds::Unknown;
        }
        if self.many {
            return Exceeds::Yes;
        }
        let negative = self.terms.iter().any(|(_, n)| *n < 0);
        let positive = self.terms.iter().any(|(_, n)| *n > 0);
        match (positive, negative) {
            (true, false) => Exceeds::Yes,
            (true, true) => Exceeds::Unknown,
            (false, _) if self.konst <= 0 => Exceeds::No,
            (false, false) => Exceeds::Yes,
            (false, true) => Exceeds::Unknown,
        }
    }

    /// The larger of two, where one always is; otherwise not known.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        if self == other {
            return self;
        }
        if self.unknown || other.unknown {
            return Self::unknown();
        }
        match self.minus(&other).sign() {
            Some(-1) => other,
            Some(_) => self,
            None if self.many || other.many => Self::many(),
            None => Self::unknown(),
        }
    }

    /// The smaller of two, where one always is; otherwise not known.
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        if self == other {
            return self;
        }
        if self.unknown || other.unknown {
            return Self::unknown();
        }
        if self.many != other.many {
            return if self.many { other } else { self };
        }
        match self.minus(&other).sign() {
            Some(-1) => self,
            Some(_) => other,
            None => Self::unknown(),
        }
    }

    /// This, or nothing if this is less than nothing.
    #[must_use]
    pub fn or_zero(self) -> Self {
        match self.sign() {
            Some(-1) => Self::ZERO,
            _ => self,
        }
    }

    /// The count as people say it: `2`, `len(ids)`, `any number`.
    #[must_use]
    pub fn describe(&self) -> String {
        if self.many || self.unknown {
            return "any number".into();
        }
        let mut parts: Vec<String> = Vec::new();
        for (atom, n) in &self.terms {
            let name = atom.rsplit_once('|').map_or(atom.as_str(), |(_, name)| name);
            parts.push(if *n == 1 { name.to_string() } else { format!("{n}×{name}") });
        }
        if self.konst != 0 || parts.is_empty() {
            parts.push(self.konst.to_string());
        }
        parts.join(" + ")
    }
}

/// The value of an operand as a count, seen from a declaration.
#[must_use]
pub fn count_of(package: &Package, decl: DeclId, value: &Operand) -> Count {
    operand(package, decl, value, 0)
}

fn operand(package: &Package, decl: DeclId, value: &Operand, depth: u8) -> Count {
    if depth > 8 {
        return Count::many();
    }
    match value {
        Operand::Int(n) => Count::constant(*n),
        Operand::Place(p) => match single(package, decl, p) {
            Some(next @ (Operand::Int(_) | Operand::Place(_) | Operand::Expr(_))) => operand(package, decl, &next, depth + 1),
            _ => constant(package, p).unwrap_or_else(|| Count::atom(atom(package, decl, p, ""))),
        },
        Operand::Expr(e) => match &**e {
            Expr::Len(p) => length(package, decl, p, depth + 1),
            Expr::Cap(p) => Count::atom(atom(package, decl, p, "cap")),
            Expr::Add(a, b) => operand(package, decl, a, depth + 1).plus(&operand(package, decl, b, depth + 1)),
            Expr::Sub(a, b) => operand(package, decl, a, depth + 1).minus(&operand(package, decl, b, depth + 1)),
            Expr::Mul(a, b) => operand(package, decl, a, depth + 1).times(&operand(package, decl, b, depth + 1)),
        },
        _ => Count::many(),
    }
}

/// A package-level constant.
fn constant(package: &Package, place: &Place) -> Option<Count> {
    let crate::old::ir::Root::Global(name) = place.root else { return None };
    if !place.path.is_empty() {
        return None;
    }
    let decl = package.named(name).first().copied().filter(|d| package.decl(*d).kind == crate::source::DeclKind::Const)?;
    let body = package.body(decl)?;
    body.funcs.first()?.ops().find_map(|(_, _, op)| match &op.kind {
        OpKind::Assign { dst, src: Operand::Int(n) } if *dst == Place::global(name) => Some(Count::constant(*n)),
        _ => None,
    })
}

/// How many elements a collection has: by its `make`, its literal, or by its name.
#[must_use]
pub fn length(package: &Package, decl: DeclId, place: &Place, depth: u8) -> Count {
    if depth > 8 {
        return Count::many();
    }
    if let Some(known) = known_length(package, decl, place) {
        return operand(package, decl, &known, depth + 1);
    }
    match single(package, decl, place) {
        Some(Operand::Place(p)) => length(package, decl, &p, depth + 1),
        _ => Count::atom(atom(package, decl, place, "len")),
    }
}

fn known_length(package: &Package, decl: DeclId, place: &Place) -> Option<Operand> {
    let body = package.body(decl)?;
    let slot = place.field(ustr("#len"));
    body.funcs.iter().flat_map(crate::old::ir::Func::ops).find_map(|(_, _, op)| match &op.kind {
        OpKind::Assign { dst, src } if *dst == slot => Some(src.clone()),
        _ => None,
    })
}

/// The one operand that a local ever holds.
fn single(package: &Package, decl: DeclId, place: &Place) -> Option<Operand> {
    let local = place.as_local()?;
    match package.single_write(decl, local)? {
        Written::Value(value) => Some(value.clone()),
        _ => None,
    }
}

/// The name of a quantity: unique in the package, with what people read after the bar.
fn atom(package: &Package, decl: DeclId, place: &Place, what: &str) -> Atom {
    let name = super::guards::place_name(package, crate::old::program::FnId { decl, func: crate::old::ir::FuncIdx::TOP }, place);
    let name = name.unwrap_or_else(|| "its length".into());
    let shown = if what.is_empty() { name } else { format!("{what}({name})") };
    ustr(&format!("{}:{place}:{what}|{shown}", decl.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n() -> Count {
        Count::atom(ustr("1:l0:len|len(ids)"))
    }

    #[test]
    fn equal_counts_cancel() {
        assert_eq!(n().minus(&n()).exceeds_zero(), Exceeds::No);
        assert_eq!(n().plus(&Count::constant(1)).minus(&n()).exceeds_zero(), Exceeds::Yes);
    }

    #[test]
    fn a_quantity_can_be_more_than_a_number() {
        assert_eq!(n().minus(&Count::constant(1)).exceeds_zero(), Exceeds::Yes);
        assert_eq!(Count::constant(1).minus(&n()).exceeds_zero(), Exceeds::Unknown);
    }

    #[test]
    fn different_quantities_are_left_open() {
        let m = Count::atom(ustr("1:l1:|m"));
        assert_eq!(n().minus(&m).exceeds_zero(), Exceeds::Unknown);
    }

    #[test]
    fn any_number_minus_any_number_is_unknown() {
        assert_eq!(Count::many().minus(&Count::many()).exceeds_zero(), Exceeds::Unknown);
        assert_eq!(Count::many().minus(&Count::constant(3)).exceeds_zero(), Exceeds::Yes);
    }

    #[test]
    fn counts_read_well() {
        assert_eq!(n().plus(&Count::constant(1)).describe(), "len(ids) + 1");
    }
}
