//! Slots of a semaphore that are not given back.

use crate::lint::Level;
use crate::old::lifetime::guards::place_name;
use crate::old::lifetime::slots::Slot;
use crate::old::lifetime::{Clue, Draft, started};
use crate::old::program::{Package, Spawn};

/// A way on which a slot is kept.
pub(super) fn kept(package: &Package, spawns: &[Spawn], slot: &Slot) -> Draft {
    let (at, span) = slot.taken;
    let name = place_name(package, at, &slot.place).map_or("the channel".into(), |n| format!("`{n}`"));
    let mut clues: Vec<Clue> = super::made(package, &slot.class).into_iter().collect();
    clues.push(Clue::new(at.decl, span, "a slot is taken here; when none is left, this waits until one is given back"));
    clues.extend(slot.spawn.map(|s| started(package, &spawns[s])));
    clues.extend(slot.back.map(|(id, span)| Clue::new(id.decl, span, "other ways give it back here")));
    let (id, out) = slot.out;
    let (keeps, label) = if slot.round {
        ("a round of this loop", "a round can end without giving it back")
    } else {
        ("a way out", "this way out does not give it back")
    };
    clues.push(Clue::new(id.decl, out, label));
    Draft {
        rule: super::META.id,
        level: if slot.sure { Level::Error } else { Level::Warning },
        at,
        span,
        message: format!(
            "this send blocks for ever once all slots of {name} are kept: {keeps} of {} keeps one",
            package.fn_name(id)
        ),
        clues,
        help: "give the slot back on every way out: `defer` the receive right where the work begins".into(),
        fixes: Vec::new(),
    }
}
