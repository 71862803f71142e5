//! What else the package does with a lock: who lets it go for others, who takes it to write.

use super::facts::Given;
use super::{At, Held, Key, KeyRoot, LockOp, Locks, Mode, Net};
use crate::ir::{Body, OpKind, Sym};
use crate::program::{DeclId, FnId, functions};
use std::rc::Rc;

/// A lock by where it is declared, whichever object it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    /// A field of a type of the package.
    Field(Sym, Sym),
    /// A variable of the package.
    Global(Sym),
}

impl Locks<'_> {
    /// Where the lock of a key is declared.
    #[must_use]
    pub fn slot(&self, decl: DeclId, key: &Key) -> Option<Slot> {
        let body = self.package.body(decl)?;
        match key.root {
            KeyRoot::Global(name) if key.path.is_empty() => Some(Slot::Global(name)),
            _ => self.field_of(decl, body, key).map(|(owner, name)| Slot::Field(owner, name)),
        }
    }

    /// Functions that can touch a lock. An embedded one is not named where its methods are called.
    fn users(&self, decl: DeclId, key: &Key, slot: Slot) -> Vec<DeclId> {
        let mut out = match slot {
            Slot::Field(owner, name) => self.package.member_mentions(owner, name).to_vec(),
            Slot::Global(name) => self.package.mentions(name).to_vec(),
        };
        if key.path.last().is_some_and(|l| matches!(l.as_str(), "Mutex" | "RWMutex")) {
            out.extend(self.takers.iter().copied());
        }
        out.push(decl);
        out.sort_unstable();
        out.dedup();
        out
    }

    /// A function that lets the lock go without having taken it: the lock is handed on by design.
    #[must_use]
    pub fn released_elsewhere(&self, at: FnId, key: &Key) -> Option<FnId> {
        let slot = self.slot(at.decl, key);
        let users = slot.map_or_else(|| vec![at.decl], |slot| self.users(at.decl, key, slot));
        let same = |decl: DeclId, k: &Key| match slot {
            Some(_) => self.slot(decl, k) == slot,
            // A variable of a function: only the literals beside it know it.
            None => decl == at.decl && k == key,
        };
        for decl in users {
            let Some(body) = self.package.body(decl) else { continue };
            let names = |b: &Body, f: &crate::ir::Func| {
                f.ops().any(|(_, _, op)| match &op.kind {
                    OpKind::Call(c) | OpKind::Defer(c) => self
                        .lock_call(decl, b, c)
                        .and_then(|l| l.key.filter(|_| l.op == LockOp::Release))
                        .is_some_and(|k| same(decl, &k)),
                    _ => false,
                })
            };
            for (id, func) in functions(decl, body) {
                if id == at
                    || !names(body, func)
                    || (id.func != crate::ir::FuncIdx::TOP && self.runs_in_place(decl, body, id.func))
                {
                    continue;
                }
                let summary = self.summary(id, &Given::default());
                let lets_go = |(k, n): &(Key, Net)| matches!(n, Net::Releases(_) | Net::Doubt) && same(decl, k);
                if summary.unknown || (summary.net.iter().any(lets_go) && summary.found.kept.is_empty()) {
                    return Some(id);
                }
            }
        }
        None
    }

    /// A place that takes the lock alone.
    #[must_use]
    pub fn writer(&self, held: &Held) -> Option<At> {
        let decl = held.at.id.decl;
        let slot = self.slot(decl, &held.key);
        let users: Rc<[DeclId]> = match slot {
            Some(slot) => self.users(decl, &held.key, slot).into(),
            None => Rc::from([decl]),
        };
        for user in users.iter().copied() {
            let Some(body) = self.package.body(user) else { continue };
            for (id, func) in functions(user, body) {
                let found = func.ops().find_map(|(_, _, op)| match &op.kind {
                    OpKind::Call(c) | OpKind::Defer(c) => {
                        let lock = self.lock_call(user, body, c)?;
                        let key = lock.key.filter(|_| lock.op == LockOp::Take && lock.mode == Mode::Write)?;
                        let same = match slot {
                            Some(_) => self.slot(user, &key) == slot,
                            None => key == held.key,
                        };
                        same.then_some(c.span)
                    }
                    _ => None,
                });
                if let Some(span) = found {
                    return Some(At { id, span });
                }
            }
        }
        None
    }
}
