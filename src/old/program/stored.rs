//! What is ever put into a field or a package-level variable.

use super::{Cell, FnId, Package};
use crate::old::ir::{FuncIdx, OpKind, Operand, Place};

impl Package {
    /// Every value that the package puts into a field or variable, with the function that does it. `None` where code out of view
    /// can put others there, or where a value cannot be named.
    #[must_use]
    pub fn stored(&self, cell: &Cell) -> Option<Vec<(FnId, Operand)>> {
        Some(self.stored_at(cell)?.into_iter().map(|(id, _, value)| (id, value)).collect())
    }

    /// The same, with the place that is written.
    pub(super) fn stored_at(&self, cell: &Cell) -> Option<Vec<(FnId, Place, Operand)>> {
        let mentions = match cell {
            Cell::Field(owner, name) if !(self.is_name_exported(owner) && super::exported(name)) => {
                self.member_mentions(*owner, *name)
            }
            Cell::Global(name) if !self.is_name_exported(name) => self.mentions(*name),
            _ => return None,
        };
        let mut out = Vec::new();
        for decl in mentions.iter().copied() {
            let Some(body) = self.body(decl) else { continue };
            for (f, func) in body.funcs.iter().enumerate() {
                let id = FnId { decl, func: FuncIdx(u32::try_from(f).unwrap_or(u32::MAX)) };
                for (_, _, op) in func.ops() {
                    match &op.kind {
                        OpKind::Assign { dst, src }
                            if *src != Operand::Nil && self.cell(decl, body, dst).as_ref() == Some(cell) =>
                        {
                            out.push((id, dst.clone(), src.clone()));
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
