//! What else the package does with a lock: who lets it go for others, who takes it to write.

use super::facts::Given;
use super::{At, Held, Key, KeyRoot, LockCall, LockOp, Locks, Mode, Net};
use crate::old::ir::{Body, Callee, FuncIdx, LocalKind, OpKind, Sym};
use crate::old::program::{DeclId, FnId, functions};
use rustc_hash::FxHashSet;
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
            let names = |b: &Body, f: &crate::old::ir::Func| {
                f.ops().any(|(_, _, op)| match &op.kind {
                    OpKind::Call(c) | OpKind::Defer(c) => self
                        .lock_call(decl, b, c)
                        .and_then(|l| l.key.filter(|_| l.op == LockOp::Release))
                        .is_some_and(|k| same(decl, &k)),
                    _ => false,
                })
            };
            for (id, func) in functions(decl, body) {
                if id == at || !names(body, func) || (id.func != FuncIdx::TOP && self.runs_in_place(decl, body, id.func)) {
                    continue;
                }
                let summary = self.summary(id, &Given::default());
                let lets_go = |(k, n): &(Key, Net)| matches!(n, Net::Releases(_) | Net::Doubt) && same(decl, k);
                if summary.unknown || (summary.net.iter().any(lets_go) && summary.found.kept.iter().all(|k| k.released.is_none()))
                {
                    return Some(id);
                }
            }
        }
        None
    }

    /// Whether a function that always returns with the lock is meant to: who calls it, or code out of view, may let it go.
    ///
    /// # Errors
    /// Then the reason is given.
    pub fn meant_to_keep(&self, at: FnId, held: &Held) -> Result<(), String> {
        let package = self.package;
        let name = || self.spell(at.decl, &held.key);
        if held.at.id != at {
            return Err("it calls what returns with the lock, and is looked at there".into());
        }
        let is_main =
            at.func == FuncIdx::TOP && package.is_main() && package.decl(at.decl).names.first().is_some_and(|n| n == "main");
        if is_main {
            return Err("the process ends with it".into());
        }
        let Some(slot) = self.slot(at.decl, &held.key) else {
            let Some(body) = package.body(at.decl) else { return Err("its source is not in view".into()) };
            let own = held.key.local().is_some_and(|l| body.local(l).kind == LocalKind::Var);
            if !own {
                return Err(format!("who handed `{}` in may let it go", name()));
            }
            // What others may call or not is no reason for alarm; a goroutine is there to come to its lock.
            let started = |id: FnId| {
                body.funcs.iter().flat_map(crate::old::ir::Func::ops).any(|(_, _, op)| match &op.kind {
                    OpKind::Spawn(call) => call.callee == Callee::Lit(id.func),
                    _ => false,
                })
            };
            let beside = |id: FnId, func| id != at && started(id) && self.does(id, func, |l| l.key.as_ref() == Some(&held.key));
            let waits = functions(at.decl, body).into_iter().any(|(id, func)| beside(id, func));
            return if waits { Ok(()) } else { Err(format!("no goroutine is left that would lock `{}`", name())) };
        };
        let open = match slot {
            Slot::Field(owner, field) => crate::old::program::exported(&field) && package.may_be_used_outside(owner),
            Slot::Global(name) => package.is_name_exported(&name),
        };
        if open {
            return Err(format!("code out of view may let `{}` go", name()));
        }
        let callers = self.led_to(at.decl);
        for decl in self.users(at.decl, &held.key, slot) {
            let Some(body) = package.body(decl) else { continue };
            let ours = |l: &LockCall| l.key.as_ref().is_none_or(|k| self.slot(decl, k) == Some(slot));
            for (id, func) in functions(decl, body) {
                let lets_go =
                    |l: &LockCall| l.op == LockOp::Release && ours(l) && (id != at || l.key.as_ref() != Some(&held.key));
                let takes = || self.does(id, func, |l| l.op != LockOp::Release && ours(l));
                // Under another name, or for whoever calls it: from the function itself, or by a pair of `lock` and `unlock`.
                let for_others = || id == at || callers.contains(&decl) || !takes() && !self.gets_it_from_calls(id, slot);
                if self.does(id, func, lets_go) && for_others() {
                    return Err(format!("{} lets it go for others", package.fn_name(id)));
                }
            }
        }
        Ok(())
    }

    /// Whether the function lets go only what functions that it calls took.
    fn gets_it_from_calls(&self, id: FnId, slot: Slot) -> bool {
        let summary = self.summary(id, &Given::default());
        let is_it = |k: &Key| self.slot(id.decl, k) == Some(slot);
        !summary.unknown
            && summary.takes.iter().any(|t| is_it(&t.key))
            && !summary.net.iter().any(|(k, n)| is_it(k) && *n != Net::None)
    }

    /// Declarations that may call a function, or what calls it, as far as their texts tell.
    fn led_to(&self, decl: DeclId) -> FxHashSet<DeclId> {
        let mut out = FxHashSet::default();
        let mut todo = vec![(decl, 0)];
        while let Some((at, depth)) = todo.pop() {
            for name in self.package.decl(at).names.iter().filter(|_| depth < 3) {
                let users = self.package.mentions_near(at, *name);
                todo.extend(users.iter().filter(|u| out.insert(**u)).map(|u| (*u, depth + 1)));
            }
        }
        out.remove(&decl);
        out
    }

    /// Whether a function calls a method of a lock that passes the test.
    fn does(&self, id: FnId, func: &crate::old::ir::Func, test: impl Fn(&LockCall) -> bool) -> bool {
        let Some(body) = self.package.body(id.decl) else { return false };
        func.ops().any(|(_, _, op)| match &op.kind {
            OpKind::Call(c) | OpKind::Defer(c) | OpKind::Spawn(c) => self.lock_call(id.decl, body, c).is_some_and(|l| test(&l)),
            _ => false,
        })
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
