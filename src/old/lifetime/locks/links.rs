//! Opposite orders of locks in two objects that lead to each other: a session that names its manager, a manager that holds its sessions.
//!
//! Which manager a session names is not followed. Where one type has a field that leads to the other, and that one a field or collection
//! that leads back, they are taken to be each other's; of two objects of one type, as nodes of a tree, nothing is said.

use super::orders::{Opposite, Placed};
use super::{Key, Locks};
use crate::old::ir::{Body, Def, LocalKind, Operand, Place, Proj, Root, Sym};
use rustc_hash::FxHashMap;

/// A field of a type that is a lock.
type Lock = (Sym, Sym);

impl Locks<'_> {
    /// Adds the contradicting orders of linked objects to those found so far, each pair of locks once.
    pub(super) fn linked(&self, orders: &[Placed], out: &mut Vec<Opposite>) {
        let mut by_pair: FxHashMap<(Lock, Lock), Vec<&Placed>> = FxHashMap::default();
        for placed in orders {
            if let Some(pair) = self.link(placed) {
                by_pair.entry(pair).or_default().push(placed);
            }
        }
        let mut pairs: Vec<(Lock, Lock)> = by_pair.keys().copied().filter(|(a, b)| a < b).collect();
        pairs.sort_unstable();
        for (a, b) in pairs {
            let (Some(there), Some(back)) = (by_pair.get(&(a, b)), by_pair.get(&(b, a))) else { continue };
            let mut both = there.iter().flat_map(|x| back.iter().map(move |y| (*x, *y)));
            let Some(found) = both.find_map(|(x, y)| self.contradict(false, x, y)) else { continue };
            let known = |o: &Opposite| [&o.one, &o.other].iter().any(|p| p.order.then.at == found.one.order.then.at);
            if !out.iter().any(known) {
                out.push(found);
            }
        }
    }

    /// The two locks of an order, where one object leads to the other.
    fn link(&self, placed: &Placed) -> Option<(Lock, Lock)> {
        let (first, then) = (&placed.order.first.key, &placed.order.then.key);
        let body = self.package().body(placed.id.decl)?;
        let (a, b) = (self.field_of(placed.id.decl, body, first)?, self.field_of(placed.id.decl, body, then)?);
        let linked = by_field(body, first, then) || by_field(body, then, first) || by_range(body, first, then);
        (a.0 != b.0 && linked).then_some((a, b))
    }
}

/// Whether fields lead from the object that the first lock lies in, which others have too, to that of the second.
fn by_field(body: &Body, from: &Key, to: &Key) -> bool {
    let Some((_, holder)) = from.path.split_last() else { return false };
    is_shared(body, from) && to.root == from.root && to.path.len() > from.path.len() && to.path.starts_with(holder)
}

/// Whether the second lock is one of those of all that a collection of the first's object holds. One that is looked up may be taken out of
/// the collection before it is locked.
fn by_range(body: &Body, from: &Key, to: &Key) -> bool {
    let (Some((_, holder)), Some(local)) = (from.path.split_last(), from.local()) else { return false };
    let Some(Def::RangeVal(Operand::Place(over))) = to.local().map(|l| &body.local(l).def) else { return false };
    is_shared(body, from) && over.root == Root::Local(local) && fields(over).starts_with(holder)
}

fn is_shared(body: &Body, key: &Key) -> bool {
    key.local().is_some_and(|l| matches!(body.local(l).kind, LocalKind::Recv | LocalKind::Param(_)))
}

/// The fields of a place, up to the first element.
fn fields(place: &Place) -> Vec<Sym> {
    let name = |step: &Proj| match step {
        Proj::Field(name) if !name.starts_with('#') => Some(*name),
        _ => None,
    };
    place.path.iter().map_while(name).collect()
}
