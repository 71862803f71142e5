//! Whether room in a channel is all that its senders need.

use crate::lint::Safety;
use crate::old::flow::Cfg;
use crate::old::ir::{Call, Callee, OpKind, Term};
use crate::old::lifetime::balance::Leak;
use crate::old::program::{ChanOp, ChanOpKind, ChanWhere, FnId, Package, Spawn};
use rustc_hash::FxHashMap;

/// What room for the values of this leak may leave or change.
///
/// It is safe where each sender is a goroutine that is started once for each channel, all that they can ever send fits, and a sender does nothing
/// more after its send: otherwise it would go on before its value is received.
pub(super) fn safety(package: &Package, spawns: &[Spawn], leak: &Leak) -> Safety {
    let room = leak.sent.as_const().unwrap_or(0);
    if total(package, spawns, leak).is_none_or(|total| total > room) {
        return Safety::Unsafe("more may be sent than there is room for");
    }
    if leak.class.ops_of(&ChanOpKind::Send).any(|send| !is_last(package, leak, send)) {
        return Safety::Unsafe("the sender then goes on before its value is received");
    }
    Safety::Safe
}

/// How many values all senders together can send on one channel, at most; `None` where that cannot be told.
fn total(package: &Package, spawns: &[Spawn], leak: &Leak) -> Option<i64> {
    let class = &leak.class;
    let (make, _) = class.makes().next().filter(|_| class.makes().count() == 1)?;
    if !class.is_local() || class.from_elsewhere || class.fed_by_library || !leak.beside.is_empty() {
        return None;
    }
    let mut senders: FxHashMap<FnId, Vec<&ChanOp>> = FxHashMap::default();
    for send in class.ops_of(&ChanOpKind::Send) {
        senders.entry(send.id).or_default().push(send);
    }
    let mut total = 0;
    for (id, sends) in senders {
        let mut started = spawns.iter().filter(|spawn| spawn.bodies().any(|body| body == id));
        let spawn = started.next().filter(|spawn| spawn.owner == make.id && spawn.body == Some(id))?;
        let owner = Cfg::new(package, spawn.owner)?;
        let again = owner
            .succs(spawn.block)
            .iter()
            .any(|next| *next != make.at.block() && owner.reachable_without(*next, make.at.block())[spawn.block.at()]);
        if started.next().is_some() || again && spawn.block != make.at.block() {
            return None;
        }
        total += at_most(&Cfg::new(package, id)?, &sends)?;
    }
    Some(total)
}

/// How many of the sends one run of the function makes at most.
fn at_most(cfg: &Cfg<'_>, sends: &[&ChanOp]) -> Option<i64> {
    // A case of a `select` is there for a receiver that may not come; room changes which case is taken.
    let plain = sends.iter().all(|send| matches!(send.at, ChanWhere::Op(..)) && !cfg.on_cycle(send.at.block()));
    let other = |a: usize, b: usize| a != b && cfg.reachable(sends[a].at.block())[sends[b].at.block().at()];
    let both = (0..sends.len()).any(|a| (0..sends.len()).any(|b| other(a, b)));
    plain.then(|| if both { i64::try_from(sends.len()).unwrap_or(i64::MAX) } else { 1 })
}

/// Whether nothing that somebody could see follows the send in its function but other sends, the closing of a channel and `Done` of a group.
fn is_last(package: &Package, leak: &Leak, send: &ChanOp) -> bool {
    let Some(cfg) = Cfg::new(package, send.id) else { return false };
    let ChanWhere::Op(block, index) = send.at else { return false };
    let tells = |call: &Call| match &call.callee {
        Callee::Method { name, .. } => *name == "Done" && call.args.is_empty(),
        Callee::Name(name) => *name == "close",
        _ => false,
    };
    let silent = |op: &OpKind| match op {
        OpKind::Close { .. } => true,
        OpKind::Send { ch, .. } => leak.class.ops_of(&ChanOpKind::Send).any(|send| send.place == *ch),
        OpKind::Assign { dst, .. } => dst.as_local().is_some_and(|local| {
            package.func(send.id).is_some_and(|(body, _)| body.is_inside(body.local(local).func, send.id.func))
        }),
        OpKind::Call(call) => tells(call),
        _ => false,
    };
    let deferred = cfg.func.ops().all(|(_, _, op)| match &op.kind {
        OpKind::Defer(call) => tells(call),
        _ => true,
    });
    let after = cfg.reachable(block);
    let waits = |b: usize| matches!(cfg.func.blocks[b].term, Term::Select { .. } | Term::Loop { .. });
    let rest = cfg.func.block(block).ops.iter().skip(index as usize + 1).all(|op| silent(&op.kind));
    let below = cfg.func.block_ids().filter(|b| *b != block && after[b.at()]);
    deferred && rest && below.into_iter().all(|b| !waits(b.at()) && cfg.func.block(b).ops.iter().all(|op| silent(&op.kind)))
}
