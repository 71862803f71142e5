//! Durations that the text settles.

use super::{DeclId, Package};
use crate::old::ir::{Body, Def, Expr, LocalKind, Operand, Place, Root};
use crate::source::DeclKind;
use std::time::Duration;

/// Constants that are made of constants are followed this far.
const MAX_DEPTH: u8 = 12;

impl Package {
    /// The duration that an operand stands for: constants of package `time`, this package and the function, and arithmetic with them.
    #[must_use]
    pub fn duration(&self, decl: DeclId, value: &Operand) -> Option<Duration> {
        let nanos = self.nanos(decl, value, 0)?;
        u64::try_from(nanos).ok().map(Duration::from_nanos)
    }

    fn nanos(&self, decl: DeclId, value: &Operand, depth: u8) -> Option<i64> {
        if depth > MAX_DEPTH {
            return None;
        }
        match value {
            Operand::Int(n) => Some(*n),
            Operand::Expr(expr) => {
                let of = |v| self.nanos(decl, v, depth + 1);
                match &**expr {
                    Expr::Add(a, b) => of(a)?.checked_add(of(b)?),
                    Expr::Sub(a, b) => of(a)?.checked_sub(of(b)?),
                    Expr::Mul(a, b) => of(a)?.checked_mul(of(b)?),
                    Expr::Len(_) | Expr::Cap(_) => None,
                }
            }
            Operand::Place(place) => self.place_nanos(decl, place, depth),
            _ => None,
        }
    }

    fn place_nanos(&self, decl: DeclId, place: &Place, depth: u8) -> Option<i64> {
        if !place.path.is_empty() {
            return None;
        }
        match place.root {
            Root::Import(path, name) if path == "time" => unit(&name),
            Root::Import(..) => None,
            Root::Global(name) => {
                let id = self.named(name).iter().copied().find(|d| self.decl(*d).kind == DeclKind::Const)?;
                let body = self.body(id)?;
                let local = crate::old::lower::global_local(body, name)?;
                self.defined(id, body, local, depth)
            }
            Root::Local(local) => {
                let body = self.body(decl)?;
                (body.local(local).kind != LocalKind::Recv).then(|| self.defined(decl, body, local, depth))?
            }
        }
    }

    fn defined(&self, decl: DeclId, body: &Body, local: crate::old::ir::LocalId, depth: u8) -> Option<i64> {
        // A variable that is written again is no constant.
        match &body.local(local).def {
            Def::Value(value) if self.is_written_once(decl, local) => self.nanos(decl, value, depth + 1),
            _ => None,
        }
    }

    fn is_written_once(&self, decl: DeclId, local: crate::old::ir::LocalId) -> bool {
        self.unit(decl).is_some_and(|u| u.defs.writes(local).len() <= 1)
    }
}

fn unit(name: &str) -> Option<i64> {
    Some(match name {
        "Nanosecond" => 1,
        "Microsecond" => 1_000,
        "Millisecond" => 1_000_000,
        "Second" => 1_000_000_000,
        "Minute" => 60_000_000_000,
        "Hour" => 3_600_000_000_000,
        _ => return None,
    })
}
