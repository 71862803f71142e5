//! Places (access paths), operands, callees and conditions.

use super::{FuncIdx, LocalId, Sym};
use smallvec::SmallVec;
use std::fmt;

/// Where an access path starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Root {
    /// A local, parameter, captured variable or unnamed value.
    Local(LocalId),
    /// A variable of this package (or a function, as a value).
    Global(Sym),
    /// A variable or function of another package: import path and name.
    Import(Sym, Sym),
}

/// One step of an access path. Pointers are followed silently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Proj {
    /// `.name`; for the nth value of a literal without keys, `#n`.
    Field(Sym),
    /// Any element of a collection.
    Elem,
}

/// An access path: `base.field`, `queue[i].done`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Where it starts.
    pub root: Root,
    /// The steps from there.
    pub path: SmallVec<[Proj; 2]>,
}

impl Place {
    /// The local itself.
    #[must_use]
    pub fn local(id: LocalId) -> Self {
        Self { root: Root::Local(id), path: SmallVec::new() }
    }

    /// The package's variable.
    #[must_use]
    pub fn global(name: Sym) -> Self {
        Self { root: Root::Global(name), path: SmallVec::new() }
    }

    /// One step further.
    #[must_use]
    pub fn then(&self, step: Proj) -> Self {
        let mut path = self.path.clone();
        path.push(step);
        Self { root: self.root, path }
    }

    /// The field of this place.
    #[must_use]
    pub fn field(&self, name: Sym) -> Self {
        self.then(Proj::Field(name))
    }

    /// The local, if the place is one and nothing more.
    #[must_use]
    pub fn as_local(&self) -> Option<LocalId> {
        match self.root {
            Root::Local(id) if self.path.is_empty() => Some(id),
            _ => None,
        }
    }

    /// The local where the path starts.
    #[must_use]
    pub fn root_local(&self) -> Option<LocalId> {
        match self.root {
            Root::Local(id) => Some(id),
            _ => None,
        }
    }

    /// The place without its last step, and that step.
    #[must_use]
    pub fn split_last(&self) -> Option<(Self, Proj)> {
        let (last, rest) = self.path.split_last()?;
        Some((Self { root: self.root, path: SmallVec::from_slice(rest) }, *last))
    }
}

/// Arithmetic that counts and capacities are made of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Expr {
    /// `len(x)`
    Len(Place),
    /// `cap(x)`
    Cap(Place),
    /// `a + b`
    Add(Operand, Operand),
    /// `a - b`
    Sub(Operand, Operand),
    /// `a * b`
    Mul(Operand, Operand),
}

/// A value that an operation uses.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operand {
    /// What the place holds.
    Place(Place),
    /// A whole number.
    Int(i64),
    /// A string literal, with its quotes.
    Str(Sym),
    /// `true` or `false`
    Bool(bool),
    /// `nil`
    Nil,
    /// A function literal.
    Func(FuncIdx),
    /// Arithmetic.
    Expr(Box<Expr>),
    /// Anything else.
    Opaque,
}

impl Operand {
    /// The place, if it is one.
    #[must_use]
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::Place(p) => Some(p),
            _ => None,
        }
    }
}

/// What a call calls, as far as the text of one declaration tells.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Callee {
    /// A function (or type: a conversion) of this package, or a predeclared function.
    Name(Sym),
    /// A function (or type) of another package.
    Import {
        /// Import path.
        path: Sym,
        /// Its name.
        name: Sym,
    },
    /// `recv.name(…)`: a method, or a field that holds a function.
    Method {
        /// The receiver.
        recv: Place,
        /// The method.
        name: Sym,
    },
    /// A function literal called at once.
    Lit(FuncIdx),
    /// A variable that holds a function.
    Value(Place),
    /// Anything else.
    Opaque,
}

/// A condition, as far as it is understood. `&&`, `||` and `!` are control flow.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Cond {
    /// Always so.
    Const(bool),
    /// The place holds true.
    Truth(Place),
    /// The place is nil.
    IsNil(Place),
    /// The two are equal.
    Eq(Operand, Operand),
    /// The first is less than the second.
    Less(Operand, Operand),
    /// The opposite.
    Not(Box<Cond>),
    /// Not understood.
    Opaque,
}

impl Cond {
    /// The opposite condition.
    #[must_use]
    pub fn negate(self) -> Self {
        match self {
            Self::Const(b) => Self::Const(!b),
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.root {
            Root::Local(id) => write!(f, "l{}", id.0)?,
            Root::Global(name) => write!(f, "@{name}")?,
            Root::Import(path, name) => write!(f, "{path}.{name}")?,
        }
        for step in &self.path {
            match step {
                Proj::Field(name) => write!(f, ".{name}")?,
                Proj::Elem => f.write_str("[]")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Place(p) => write!(f, "{p}"),
            Self::Int(n) => write!(f, "{n}"),
            Self::Str(s) => write!(f, "{s}"),
            Self::Bool(b) => write!(f, "{b}"),
            Self::Nil => f.write_str("nil"),
            Self::Func(id) => write!(f, "func{}", id.0),
            Self::Expr(e) => match &**e {
                Expr::Len(p) => write!(f, "len({p})"),
                Expr::Cap(p) => write!(f, "cap({p})"),
                Expr::Add(a, b) => write!(f, "({a} + {b})"),
                Expr::Sub(a, b) => write!(f, "({a} - {b})"),
                Expr::Mul(a, b) => write!(f, "({a} * {b})"),
            },
            Self::Opaque => f.write_str("?"),
        }
    }
}

impl fmt::Display for Callee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(n) => write!(f, "{n}"),
            Self::Import { path, name } => write!(f, "{path}.{name}"),
            Self::Method { recv, name } => write!(f, "{recv}.{name}"),
            Self::Lit(id) => write!(f, "func{}", id.0),
            Self::Value(p) => write!(f, "*{p}"),
            Self::Opaque => f.write_str("?"),
        }
    }
}

impl fmt::Display for Cond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Const(b) => write!(f, "{b}"),
            Self::Truth(p) => write!(f, "{p}"),
            Self::IsNil(p) => write!(f, "{p} == nil"),
            Self::Eq(a, b) => write!(f, "{a} == {b}"),
            Self::Less(a, b) => write!(f, "{a} < {b}"),
            Self::Not(c) => write!(f, "!({c})"),
            Self::Opaque => f.write_str("?"),
        }
    }
}
