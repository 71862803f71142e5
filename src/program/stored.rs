//! What is ever put into a field or a package-level variable.

use super::{Cell, FnId, Package};
use crate::ir::{FuncIdx, OpKind, Operand};

impl Package {
    /// Every value that the package puts into a field or variable, with the function that does it. `None` where code out of view
    /// can put others there, or where a value cannot be named.
    #[must_use]
    pub fn stored(&self, cell: &Cell) -> Option<Vec<(FnId, Operand)>> {
        let exported = |s: &crate::ir::Sym| s.chars().next().is_some_and(char::is_uppercase) && !self.is_main();
        let name = match cell {
            Cell::Field(owner, name) if !(exported(owner) && exported(name)) => *name,
            Cell::Global(name) if !exported(name) => *name,
            _ => return None,
        };
        let mut out = Vec::new();
        for decl in self.mentions(name).iter().copied() {
            let Some(body) = self.body(decl) else { continue };
            for (f, func) in body.funcs.iter().enumerate() {
                let id = FnId { decl, func: FuncIdx(u32::try_from(f).unwrap_or(u32::MAX)) };
                for (_, _, op) in func.ops() {
                    match &op.kind {
                        OpKind::Assign { dst, src }
                            if *src != Operand::Nil && self.cell(decl, body, dst).as_ref() == Some(cell) =>
                        {
                            out.push((id, src.clone()));
                        }
                        OpKind::Recv { dst: Some(dst), .. } if self.cell(decl, body, dst).as_ref() == Some(cell) => return None,
                        _ => {}
                    }
                }
            }
        }
        Some(out)
    }
}
