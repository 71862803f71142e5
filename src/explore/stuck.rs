//! Who is stuck for good: a goroutine that waits for what nobody holds who can still run, or be woken by somebody who can.
//!
//! This is the criterion of the runtime's goroutine-leak profile: reachability from what can run decides.

use super::machine::Machine;
use super::moves::{Move, Side};
use super::state::{Rights, State, Status, Wait, Waker};
use super::value::{ObjId, Val};
use rustc_hash::FxHashSet;

/// Goroutines that are stuck for good in a state. `left` tells whether the caller of the root has stopped to receive what it was given.
pub(super) fn stuck(machine: &Machine<'_>, s: &State, moves: &[Move], left: bool) -> Vec<usize> {
    let blocked: Vec<usize> = (0..s.gs.len()).filter(|g| matches!(s.gs[*g].status, Status::At(_))).collect();
    let mut alive: Vec<bool> = s.gs.iter().map(|g| matches!(g.status, Status::Running | Status::Cut)).collect();
    for next in moves.iter().filter(|next| !left || !matches!(next, Move::World(side, ch) if gives(s, *side, *ch))) {
        alive[next.who()] = true;
        if let Some(partner) = next.partner() {
            alive[partner] = true;
        }
    }
    if blocked.iter().all(|g| alive[*g]) {
        return Vec::new();
    }
    for &g in &blocked {
        alive[g] |= outside_can_wake(s, &s.gs[g].status, left);
    }
    let mut held: FxHashSet<ObjId> = FxHashSet::default();
    let mut counted = vec![false; s.gs.len()];
    loop {
        let mut changed = false;
        for g in 0..s.gs.len() {
            if alive[g] && !counted[g] {
                counted[g] = true;
                machine.holds(s, &s.gs[g], &mut held);
                changed = true;
            }
        }
        for &g in &blocked {
            if !alive[g] && waits_for(&s.gs[g].status).iter().any(|obj| held.contains(obj)) {
                alive[g] = true;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    blocked.into_iter().filter(|g| !alive[*g]).collect()
}

/// The channels at which a goroutine stands to send, and which the root's caller was given.
pub(super) fn given(s: &State, g: usize) -> impl Iterator<Item = ObjId> {
    let sends: Vec<&Val> = match &s.gs[g].status {
        Status::At(Wait::Send { ch, .. }) => vec![ch],
        Status::At(Wait::Select { cases, .. }) => cases.iter().filter(|(_, val)| val.is_some()).map(|(ch, _)| ch).collect(),
        _ => Vec::new(),
    };
    sends.into_iter().filter_map(|ch| match ch {
        Val::Chan(ch) if s.obj(*ch).rights.has(Rights::GIVEN) => Some(*ch),
        _ => None,
    })
}

/// Whether a move is such a send.
fn gives(s: &State, side: Side, ch: ObjId) -> bool {
    let sends = match &s.gs[side.g].status {
        Status::At(Wait::Send { .. }) => true,
        Status::At(Wait::Select { cases, .. }) => cases.get(side.case).is_some_and(|(_, val)| val.is_some()),
        _ => false,
    };
    sends && s.obj(ch).rights.has(Rights::GIVEN)
}

/// Whether code out of view, a timer or the end of a context can end the wait.
fn outside_can_wake(s: &State, status: &Status, left: bool) -> bool {
    let can = |ch: &Val, partner: Rights| match ch {
        Val::Chan(ch) if left && partner == SENDS && s.obj(*ch).rights.has(Rights::GIVEN) => false,
        Val::Chan(ch) => {
            s.obj(*ch).rights.meets(partner) || s.chan(*ch).is_some_and(|chan| chan.waker != Waker::None && partner != SENDS)
        }
        _ => false,
    };
    const SENDS: Rights = Rights::RECEIVE;
    let receives = Rights::SEND.and(Rights::CLOSE);
    match status {
        Status::At(Wait::Send { ch, .. }) => can(ch, SENDS),
        Status::At(Wait::Recv { ch, .. }) => can(ch, receives),
        Status::At(Wait::Select { cases, .. }) => {
            cases.iter().any(|(ch, val)| can(ch, if val.is_some() { SENDS } else { receives }))
        }
        Status::At(Wait::Lock { lock: (obj, _), .. } | Wait::Group { group: (obj, _) }) => s.obj(*obj).shared(),
        _ => false,
    }
}

/// Objects of which any could end the wait.
pub(super) fn waits_for(status: &Status) -> Vec<ObjId> {
    let chan = |val: &Val| match val {
        Val::Chan(ch) => Some(*ch),
        _ => None,
    };
    match status {
        Status::At(Wait::Send { ch, .. } | Wait::Recv { ch, .. }) => chan(ch).into_iter().collect(),
        Status::At(Wait::Select { cases, .. }) => cases.iter().filter_map(|(ch, _)| chan(ch)).collect(),
        Status::At(Wait::Lock { lock: (obj, _), .. } | Wait::Group { group: (obj, _) }) => vec![*obj],
        _ => Vec::new(),
    }
}
