//! Sends under a lock to those who were given a channel, where giving it back takes the same lock.
//!
//! Who wants no more values comes to the lock while the sender holds it and waits for him to receive: both wait for good.

use super::{At, Held, Locks, Mode, Wait, WaitKind};
use crate::old::ir::{Cap, FuncIdx, Ty};
use crate::old::program::{ChanOpKind, FnId, exported};

/// A send that may wait for somebody who is on his way out.
#[derive(Clone, Debug)]
pub struct Subscribed {
    /// The send.
    pub wait: Wait,
    /// The lock.
    pub held: Held,
    /// The function that gives the channel out.
    pub given: FnId,
    /// The one that takes it back, and where it takes the lock.
    pub back: (FnId, At),
}

impl Locks<'_> {
    /// Whether a send under a lock waits for callers out of view that come to the lock first when they leave.
    #[must_use]
    pub fn subscribed(&self, wait: &Wait) -> Option<Subscribed> {
        let WaitKind::Send(place) = &wait.what else { return None };
        let (package, decl) = (self.package, wait.at.id.decl);
        let class = package.class(decl, place)?;
        let in_view = class.ops.iter().any(|o| matches!(o.kind, ChanOpKind::Recv | ChanOpKind::Range));
        let roomless = class.makes().next().is_some() && class.makes().all(|(_, cap)| *cap == Cap::Zero);
        if in_view || !roomless || class.outside_recv.is_none() {
            return None;
        }
        let Ty::Chan(_, elem) = package.structure(&package.ty_of(decl, package.body(decl)?, place)) else { return None };
        let owner = package.body(decl)?.recv_type?;
        let given = class.returned_by.iter().copied().find(|id| {
            id.func == FuncIdx::TOP
                && package.is_exported(id.decl)
                && package.body(id.decl).is_some_and(|b| b.recv_type == Some(owner))
        })?;
        for held in wait.held.iter().filter(|h| h.mode != Mode::Once) {
            let Some(who) = self.who(decl, &held.key) else { continue };
            for method in package.methods_of(owner) {
                let id = FnId { decl: method, func: FuncIdx::TOP };
                if method == decl || method == given.decl || !package.decl(method).names.iter().any(exported) {
                    continue;
                }
                let Some((_, func)) = package.func(id) else { continue };
                let takes_back = |ty: &Ty| matches!(package.structure(ty), Ty::Chan(_, e) if e == elem);
                if !func.sig.params.iter().any(takes_back) || !self.touches(method, 2) {
                    continue;
                }
                let summary = self.summary(id, &super::facts::Given::default());
                let clash = |mode: Mode| mode != Mode::Read || held.mode != Mode::Read;
                let again =
                    summary.takes.iter().find(|t| t.sure && clash(t.mode) && self.who(method, &t.key).as_ref() == Some(&who));
                if let Some(take) = again {
                    return Some(Subscribed { wait: wait.clone(), held: held.clone(), given, back: (id, take.at) });
                }
            }
        }
        None
    }
}
