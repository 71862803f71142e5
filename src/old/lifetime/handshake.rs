//! Sends that find their reader there, because of what passed between the two before.

use super::balance::receivers;
use crate::old::flow::Cfg;
use crate::old::ir::{BlockId, Body, Callee, Cond, Op, OpKind, Operand, Place, Term};
use crate::old::program::{Cell, ChanOp, ChanOpKind, Class, DeclId, FnId, Package, functions};
use crate::source::Span;

/// Whether the send is the first on a channel that its function makes, and each reader leaves only after it has received once.
pub(super) fn is_first_of_all(package: &Package, class: &Class, id: FnId, block: BlockId, span: Span) -> bool {
    if !class.makes().all(|(make, _)| make.id == id) {
        return false;
    }
    let Some(cfg) = Cfg::new(package, id) else { return false };
    // What others send before is not seen to come later; while this function has not returned, only it and what it started can send.
    let earlier = |op: &ChanOp| {
        let at = op.at.block();
        op.id.decl == id.decl && (op.id != id || (op.span != span && (cfg.reachable(at)[block.at()] || at == block)))
    };
    !cfg.on_cycle(block)
        && !class.ops_of(&ChanOpKind::Send).any(earlier)
        && receivers(class).all(|op| {
            let Some(cfg) = Cfg::new(package, op.id) else { return false };
            let at = op.at.block();
            let without = cfg.reachable_without(BlockId(0), at);
            at == BlockId(0) || cfg.func.block_ids().all(|b| b == at || !without[b.at()] || cfg.exit(b).is_none())
        })
}

/// Whether the send hangs on a field that the readers' functions write: they may say there that they are about to leave.
pub(super) fn reader_says_so(package: &Package, class: &Class, id: FnId, block: BlockId) -> bool {
    let asked = asked_before(package, id, block);
    !asked.is_empty()
        && receivers(class).all(|op| {
            let Some(body) = package.body(op.id.decl) else { return false };
            let writes = |place: &Place| package.cell(op.id.decl, body, place).is_some_and(|cell| asked.contains(&cell));
            let says = |operation: &Op| match &operation.kind {
                OpKind::Assign { dst, .. } => writes(dst),
                // `atomic.StoreInt64(&s.end, n)`, `s.gone.Store(true)`
                OpKind::Call(call) | OpKind::Defer(call) => match &call.callee {
                    Callee::Method { recv, name } if *name == "Store" => writes(recv),
                    _ => call.args.first().and_then(Operand::place).is_some_and(writes),
                },
                _ => false,
            };
            // What is written round after round does not tell of the end.
            functions(op.id.decl, body)
                .filter(|(inner, _)| body.is_inside(inner.func, op.id.func))
                .any(|(_, func)| func.ops().any(|(b, _, operation)| func.block(b).in_loop.is_none() && says(operation)))
        })
}

/// Fields on which it depends whether the block is come to.
fn asked_before(package: &Package, id: FnId, block: BlockId) -> Vec<Cell> {
    let mut out = Vec::new();
    let Some((body, func)) = package.func(id) else { return out };
    let Some(cfg) = Cfg::new(package, id) else { return out };
    for b in func.block_ids().filter(|b| *b != block) {
        let Term::If { cond, then, els } = &func.block(b).term else { continue };
        let leads = |to: BlockId| to == block || cfg.reachable_without(to, b)[block.at()];
        if leads(*then) != leads(*els) {
            fields_of(package, id.decl, body, cond, &mut out);
        }
    }
    out
}

fn fields_of(package: &Package, decl: DeclId, body: &Body, cond: &Cond, out: &mut Vec<Cell>) {
    let mut add = |place: &Place| out.extend(package.cell(decl, body, place).filter(|c| matches!(c, Cell::Field(..))));
    match cond {
        Cond::Truth(p) | Cond::IsNil(p) => add(p),
        Cond::Eq(a, b) | Cond::Less(a, b) => [a, b].into_iter().filter_map(Operand::place).for_each(add),
        Cond::Not(inner) => fields_of(package, decl, body, inner, out),
        Cond::Const(_) | Cond::Opaque => {}
    }
}
