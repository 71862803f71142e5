//! Closes and cancellations are no waits, and still others may come first: who looks whether a channel is closed can look before.

use super::call::Resolved;
use super::machine::Machine;
use super::state::{ObjKind, State, Status, Wait};
use super::value::{ObjId, Val};
use rustc_hash::FxHashSet;

impl Machine<'_> {
    /// Stands still in front of a close, if others who can go on hold the channel and it has not stood there already.
    pub(super) fn pauses(&self, s: &mut State, g: usize, obj: ObjId) -> bool {
        if s.gs[g].paused {
            s.g(g).paused = false;
            return false;
        }
        if s.chan(obj).is_none_or(|chan| chan.closed) {
            return false;
        }
        let noticed = (0..s.gs.len()).filter(|other| *other != g && s.gs[*other].status != Status::Done).any(|other| {
            let mut held = FxHashSet::default();
            self.holds(s, &s.gs[other], &mut held);
            held.contains(&obj)
        });
        if noticed {
            s.g(g).status = Status::At(Wait::Pause);
        }
        noticed
    }

    /// The same in front of a deferred call that closes or cancels.
    pub(super) fn pauses_at_defer(&self, s: &mut State, g: usize) -> bool {
        let Some(frame) = s.gs[g].frames.last() else { return false };
        let Some(deferred) = frame.defers.last() else { return false };
        let obj = match self.resolve_target(s, frame.pkg, &deferred.callee, deferred.args.clone()) {
            Resolved::Cancel(ctx) => match s.obj(ctx).kind {
                ObjKind::Ctx { done, .. } => done,
                _ => None,
            },
            Resolved::Predeclared(func, args) if func.name == "close" => match args.first().map(|ch| self.resolve(s, ch)) {
                Some(Val::Chan(obj)) => Some(obj),
                _ => None,
            },
            _ => None,
        };
        obj.is_some_and(|obj| self.pauses(s, g, obj))
    }
}
