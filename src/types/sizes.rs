//! Sizes in memory, as Go's own compiler lays values out on a 64-bit machine.

use super::ty::{Basic, Field, Type};
use super::world::World;

/// Types inside each other beyond this are no Go: they would contain themselves.
const MAX_DEPTH: u32 = 100;

impl World {
    /// Bytes of a value; `None` where a part of it is not known, or depends on a type parameter.
    pub(super) fn size_of(&self, ty: &Type) -> Option<u64> {
        self.layout(ty, 0).map(|(size, _)| size)
    }

    /// What the address of a value is a multiple of.
    pub(super) fn align_of(&self, ty: &Type) -> Option<u64> {
        self.layout(ty, 0).map(|(_, align)| align)
    }

    /// Where the field at `path` begins, fields of embedded structs by their way.
    pub(super) fn offset_of(&self, ty: &Type, path: &[u32]) -> Option<u64> {
        let mut ty = ty.clone();
        let mut sum = 0_u64;
        for &index in path {
            let Type::Struct(fields) = self.underlying(&ty) else { return None };
            let index = index as usize;
            sum = sum.checked_add(*self.offsets(&fields, 0)?.0.get(index)?)?;
            ty = fields[index].ty.clone();
        }
        Some(sum)
    }

    /// Size and alignment.
    fn layout(&self, ty: &Type, depth: u32) -> Option<(u64, u64)> {
        if depth > MAX_DEPTH {
            return None;
        }
        Some(match self.underlying(ty) {
            Type::Basic(basic) => {
                let size = basic_size(basic)?;
                // Strings and complex numbers are pairs.
                let align = match basic {
                    Basic::Complex64 => 4,
                    _ => size.min(8),
                };
                (size, align)
            }
            Type::Pointer(_) | Type::Map(..) | Type::Chan(..) | Type::Func(_) => (8, 8),
            Type::Slice(_) => (24, 8),
            Type::Interface(_) => (16, 8),
            Type::Array(length, elem) => {
                let (size, align) = self.layout(&elem, depth + 1)?;
                (size.checked_mul(length?)?, align)
            }
            Type::Struct(fields) => {
                let (offsets, end, align) = self.offsets(&fields, depth)?;
                // A last field without size gets a byte, so that its address is inside.
                let padded = end + u64::from(end > 0 && offsets.last() == Some(&end));
                (padded.checked_next_multiple_of(align)?, align)
            }
            Type::Unknown | Type::Named(_) | Type::Param(_) | Type::Tuple(_) => return None,
        })
    }

    /// Where each field begins, where the last ends, and the largest alignment.
    fn offsets(&self, fields: &[Field], depth: u32) -> Option<(Vec<u64>, u64, u64)> {
        let (mut offsets, mut end, mut largest) = (Vec::with_capacity(fields.len()), 0_u64, 1);
        for field in fields {
            let (size, align) = self.layout(&field.ty, depth + 1)?;
            let start = end.checked_next_multiple_of(align)?;
            offsets.push(start);
            end = start.checked_add(size)?;
            largest = largest.max(align);
        }
        Some((offsets, end, largest))
    }
}

fn basic_size(basic: Basic) -> Option<u64> {
    Some(match basic {
        Basic::Bool | Basic::Int8 | Basic::Uint8 => 1,
        Basic::Int16 | Basic::Uint16 => 2,
        Basic::Int32 | Basic::Uint32 | Basic::Float32 => 4,
        Basic::Complex128 | Basic::String => 16,
        _ if basic.is_untyped() => return None,
        _ => 8,
    })
}
