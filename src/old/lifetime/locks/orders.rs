//! Two locks, taken in one order here and in the other there.
//!
//! Each goroutine may then hold what the other one wants. Only pairs count that are the same two objects as far as the code shows:
//! variables of the package, fields of one receiver or parameter, variables of one function that goroutines share.

use super::keys::base_name;
use super::{Key, KeyRoot, Locks, Mode, Order};
use crate::old::ir::{LocalKind, OpKind, Sym};
use crate::old::program::{DeclId, FnId, functions};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// Which lock, across functions.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Who {
    /// A variable of the package.
    Global(Sym),
    /// By the type that the function has in hand, and the fields from there.
    Path(Sym, SmallVec<[Sym; 2]>),
    /// A variable of one declaration.
    Local(DeclId, Key),
}

/// One order, and where it stands.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The function that holds the first lock.
    pub id: FnId,
    /// The order.
    pub order: Order,
}

/// Two orders that contradict each other.
#[derive(Clone, Debug)]
pub struct Opposite {
    /// One, in the order of the text.
    pub one: Placed,
    /// The other.
    pub other: Placed,
    /// Whether goroutines in view run them side by side.
    pub together: bool,
}

impl Locks<'_> {
    /// Contradicting orders among those found, each pair of locks once.
    #[must_use]
    pub fn opposites(&self, orders: &[Placed]) -> Vec<Opposite> {
        let mut by_pair: FxHashMap<(Who, Who), Vec<&Placed>> = FxHashMap::default();
        for placed in orders {
            if let Some(pair) = self.pair(placed) {
                by_pair.entry(pair).or_default().push(placed);
            }
        }
        let mut pairs: Vec<&(Who, Who)> = by_pair.keys().filter(|(a, b)| a < b).collect();
        pairs.sort_unstable();
        let mut out = Vec::new();
        for (a, b) in pairs {
            let (Some(there), Some(back)) = (by_pair.get(&(a.clone(), b.clone())), by_pair.get(&(b.clone(), a.clone()))) else {
                continue;
            };
            let found = there.iter().flat_map(|x| back.iter().map(move |y| (*x, *y))).find_map(|(x, y)| self.oppose(a, x, y));
            out.extend(found);
        }
        self.linked(orders, &mut out);
        out
    }

    fn oppose(&self, who: &Who, x: &Placed, y: &Placed) -> Option<Opposite> {
        self.contradict(matches!(who, Who::Local(..)), x, y)
    }

    /// Two orders of the same pair of locks; `local` if these are variables of one function.
    pub(super) fn contradict(&self, local: bool, x: &Placed, y: &Placed) -> Option<Opposite> {
        // What is taken only under some condition may never meet the other.
        if !x.order.then.sure || !y.order.then.sure {
            return None;
        }
        let clash = |held: Mode, wanted: Mode| held != Mode::Read || wanted != Mode::Read;
        if !clash(x.order.first.mode, y.order.then.mode) || !clash(y.order.first.mode, x.order.then.mode) || self.gated(x, y) {
            return None;
        }
        let (spawned_x, spawned_y) = (self.is_spawned(x.id), self.is_spawned(y.id));
        // One goroutine that takes them one way and then the other waits for nobody.
        let same_place = x.id == y.id || (local && !spawned_x && !spawned_y);
        if same_place {
            return None;
        }
        let together = local;
        let (one, other) = if x.order.first.at.span <= y.order.first.at.span || x.id.decl != y.id.decl { (x, y) } else { (y, x) };
        let (one, other) = if one.id.decl <= other.id.decl { (one, other) } else { (other, one) };
        Some(Opposite { one: one.clone(), other: other.clone(), together })
    }

    /// Whether a third lock lets only one of them in at a time.
    fn gated(&self, x: &Placed, y: &Placed) -> bool {
        let gates = |p: &Placed| -> Vec<Who> {
            let pair = [&p.order.first.key, &p.order.then.key];
            p.order.with.iter().filter(|k| !pair.contains(k)).filter_map(|k| self.who(p.id.decl, k)).collect()
        };
        let others = gates(y);
        gates(x).iter().any(|g| others.contains(g))
    }

    fn pair(&self, placed: &Placed) -> Option<(Who, Who)> {
        let (first, then) = (&placed.order.first.key, &placed.order.then.key);
        let body = self.package.body(placed.id.decl)?;
        let is_global = |k: &Key| matches!(k.root, KeyRoot::Global(_));
        let own = |k: &Key| k.path.is_empty() && k.local().is_some_and(|l| body.local(l).kind == LocalKind::Var);
        let related = first.root == then.root || is_global(first) || is_global(then) || (own(first) && own(then));
        if !related {
            return None;
        }
        // A fresh object is nobody else's yet.
        let shared = |k: &Key| {
            k.local().is_none_or(|l| matches!(body.local(l).kind, LocalKind::Recv | LocalKind::Param(_)) || k.path.is_empty())
        };
        if !shared(first) || !shared(then) {
            return None;
        }
        let pair = (self.who(placed.id.decl, first)?, self.who(placed.id.decl, then)?);
        (pair.0 != pair.1).then_some(pair)
    }

    pub(super) fn who(&self, decl: DeclId, key: &Key) -> Option<Who> {
        let local = match key.root {
            KeyRoot::Global(name) if key.path.is_empty() => return Some(Who::Global(name)),
            KeyRoot::Local(local) => local,
            _ => return None,
        };
        let body = self.package.body(decl)?;
        if key.path.is_empty() {
            return (body.local(local).kind == LocalKind::Var).then(|| Who::Local(decl, key.clone()));
        }
        let ty = base_name(&self.package.local_type(decl, body, local))?;
        Some(Who::Path(ty, key.path.clone()))
    }

    /// Whether a goroutine in view runs the function itself.
    pub(super) fn is_spawned(&self, id: FnId) -> bool {
        let Some(body) = self.package.body(id.decl) else { return false };
        functions(id.decl, body).any(|(_, func)| {
            func.ops().any(|(_, _, op)| match &op.kind {
                OpKind::Spawn(call) => self.package.resolve(id.decl, call).func() == Some(id),
                OpKind::Call(call) => call.args.iter().enumerate().any(|(i, arg)| {
                    self.package.argument_use(id.decl, call, i) == Some(crate::old::program::SiteHow::Spawn)
                        && self.package.operand_func(id.decl, arg).and_then(|t| t.func()) == Some(id)
                }),
                _ => false,
            })
        })
    }
}
