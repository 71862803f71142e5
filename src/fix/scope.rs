//! Which variables a suggestion can name at a place.

use crate::old::ir::{LocalId, LocalKind, OpKind, Place};
use crate::old::program::{DeclId, Package};

/// Whether a local has its value before the byte `at`: the statement that declares it has ended there, or it is a parameter.
///
/// `Body::names` alone says yes inside that statement too, where the name is not in scope yet.
#[must_use]
pub fn declared_before(package: &Package, decl: DeclId, local: LocalId, at: u32) -> bool {
    let Some(body) = package.body(decl) else { return false };
    let entry = body.local(local);
    if matches!(entry.kind, LocalKind::Param(_) | LocalKind::Recv | LocalKind::Result(_)) {
        return true;
    }
    let writes = |op: &OpKind| {
        let is = |place: &Place| place.as_local() == Some(local);
        match op {
            OpKind::Call(call) => call.results.iter().flatten().any(is),
            OpKind::Assign { dst, .. } | OpKind::MakeChan { dst, .. } => is(dst),
            OpKind::Recv { dst, ok, .. } => dst.iter().chain(ok).any(is),
            _ => false,
        }
    };
    let ops = body.funcs.iter().flat_map(crate::old::ir::Func::ops);
    let first = ops.filter(|(_, _, op)| op.span.end > entry.span.start && writes(&op.kind)).map(|(_, _, op)| op.span).min();
    first.map_or(entry.span.end < at, |first| first.end <= at)
}
