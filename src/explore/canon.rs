//! When two states are the same, and what goroutines still hold: both look at live registers alone.

use super::machine::{Machine, contents, leads_to};
use super::state::{Frame, Goroutine, ObjKind, State, Status, Target, Wait};
use super::value::{FuncVal, ObjId, Origin, Sym, Val};
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use std::hash::{Hash, Hasher};
use std::rc::Rc;
use std::sync::Arc;

/// Numbers objects and symbols in the order in which a walk comes to them.
struct Canon<'m, 's> {
    machine: &'m Machine<'m>,
    state: &'s State,
    objects: FxHashMap<ObjId, u32>,
    symbols: FxHashMap<Sym, u32>,
    todo: Vec<ObjId>,
    hasher: FxHasher,
}

impl Machine<'_> {
    /// Registers of a frame that are read later; all of them, or those that matter.
    pub(super) fn live(&self, frame: &Frame, all: bool) -> Rc<[u32]> {
        let key = (Rc::as_ptr(&frame.slice) as usize, all, frame.block.0, frame.pc);
        if let Some(known) = self.lives.borrow().get(&key) {
            return Rc::clone(known);
        }
        let func = Self::func(frame);
        let set = crate::flow::live(func).before(func, frame.block, frame.pc);
        let matters = |i: &u32| all || frame.slice.relevant(crate::ir::Reg(*i));
        let list: Rc<[u32]> = set.ones().map(|i| u32::try_from(i).unwrap_or(u32::MAX)).filter(matters).collect();
        self.lives.borrow_mut().insert(key, Rc::clone(&list));
        list
    }

    /// A number that equal states share.
    pub(super) fn fingerprint(&self, state: &State) -> u64 {
        let mut canon = Canon {
            machine: self,
            state,
            objects: FxHashMap::default(),
            symbols: FxHashMap::default(),
            todo: Vec::new(),
            hasher: FxHasher::default(),
        };
        state.assumed.hash(&mut canon.hasher);
        for g in &state.gs {
            canon.goroutine(g);
        }
        canon.heap();
        canon.facts();
        canon.hasher.finish()
    }

    /// Objects that a goroutine holds.
    pub(super) fn holds(&self, s: &State, g: &Goroutine, seen: &mut FxHashSet<ObjId>) {
        let mut todo = Vec::new();
        for frame in &g.frames {
            for reg in self.live(frame, true).iter() {
                todo.push(frame.regs[*reg as usize].clone());
            }
            for deferred in &frame.defers {
                if let Target::Value(val) = &deferred.callee {
                    todo.push(val.clone());
                }
                todo.extend(deferred.args.iter().cloned());
            }
        }
        match &g.status {
            Status::At(Wait::Send { ch, val }) => todo.extend([ch.clone(), val.clone()]),
            Status::At(Wait::Recv { ch, .. }) => todo.push(ch.clone()),
            Status::At(Wait::Select { cases, .. }) => {
                todo.extend(cases.iter().flat_map(|(ch, val)| std::iter::once(ch.clone()).chain(val.clone())));
            }
            Status::At(Wait::Lock { lock: (obj, _), .. } | Wait::Group { group: (obj, _) }) => todo.push(Val::to(*obj)),
            Status::At(Wait::Pause) | Status::Running | Status::Done | Status::Cut => {}
        }
        self.reach(s, todo, seen);
    }

    /// Objects that values lead to.
    pub(super) fn reach(&self, s: &State, mut todo: Vec<Val>, seen: &mut FxHashSet<ObjId>) {
        while let Some(val) = todo.pop() {
            let val = self.resolve(s, &val);
            leads_to(&val, &mut todo, &mut |obj| if seen.insert(obj) { contents(s.obj(obj)) } else { Vec::new() });
        }
    }
}

impl Canon<'_, '_> {
    fn goroutine(&mut self, g: &Goroutine) {
        std::mem::discriminant(&g.status).hash(&mut self.hasher);
        if g.status == Status::Done {
            return;
        }
        g.born.hash(&mut self.hasher);
        (g.slow.is_some(), g.hangs).hash(&mut self.hasher);
        for frame in &g.frames {
            (Arc::as_ptr(&frame.body) as usize, frame.index, frame.block, frame.pc, frame.panicking).hash(&mut self.hasher);
            for reg in self.machine.live(frame, false).iter() {
                reg.hash(&mut self.hasher);
                self.val(&frame.regs[*reg as usize]);
            }
            for deferred in &frame.defers {
                deferred.at.hash(&mut self.hasher);
                if let Target::Value(val) = &deferred.callee {
                    self.val(val);
                }
                deferred.args.iter().for_each(|a| self.val(a));
            }
        }
        match &g.status {
            Status::At(Wait::Send { ch, val }) => {
                self.val(ch);
                self.val(val);
            }
            Status::At(Wait::Recv { ch, .. }) => self.val(ch),
            Status::At(Wait::Select { cases, .. }) => {
                for (ch, val) in cases {
                    self.val(ch);
                    val.iter().for_each(|v| self.val(v));
                }
            }
            Status::At(Wait::Lock { lock: (obj, path), .. } | Wait::Group { group: (obj, path) }) => {
                self.object(*obj);
                path.hash(&mut self.hasher);
            }
            _ => {}
        }
    }

    fn object(&mut self, obj: ObjId) {
        let next = u32::try_from(self.objects.len()).unwrap_or(u32::MAX);
        let number = *self.objects.entry(obj).or_insert_with(|| {
            self.todo.push(obj);
            next
        });
        number.hash(&mut self.hasher);
    }

    fn heap(&mut self) {
        let mut at = 0;
        while at < self.todo.len() {
            let obj = self.state.obj(self.todo[at]);
            at += 1;
            obj.rights.hash(&mut self.hasher);
            match &obj.kind {
                ObjKind::Cell(val, _) => self.val(val),
                ObjKind::Array(items, _) => items.iter().for_each(|i| self.val(i)),
                ObjKind::Chan(chan) => {
                    (chan.room, chan.closed, chan.waker, chan.buffer.len()).hash(&mut self.hasher);
                    chan.buffer.iter().for_each(|v| self.val(v));
                }
                ObjKind::Map { entries, open } => {
                    (open, entries.len()).hash(&mut self.hasher);
                    for (key, val) in entries {
                        self.val(key);
                        self.val(val);
                    }
                }
                ObjKind::Ctx { done, children } => {
                    done.iter().for_each(|d| self.object(*d));
                    children.iter().for_each(|c| self.object(*c));
                }
            }
        }
    }

    fn val(&mut self, val: &Val) {
        let val = self.machine.resolve(self.state, val);
        std::mem::discriminant(&val).hash(&mut self.hasher);
        match &val {
            Val::Nil => {}
            Val::Bool(b) => b.hash(&mut self.hasher),
            Val::Int(i) => i.hash(&mut self.hasher),
            Val::Str(text) => text.hash(&mut self.hasher),
            Val::Sym(sym) => self.symbol(*sym),
            Val::Ptr(obj, path) => {
                path.hash(&mut self.hasher);
                self.object(*obj);
            }
            Val::Chan(obj) | Val::Map(obj) | Val::Ctx(obj) => self.object(*obj),
            Val::Slice(obj, offset, len) => {
                (offset, len).hash(&mut self.hasher);
                self.object(*obj);
            }
            Val::Func(func) => match &**func {
                FuncVal::Literal { body, index, captures } => {
                    (Arc::as_ptr(body) as usize, index).hash(&mut self.hasher);
                    captures.iter().for_each(|c| self.val(c));
                }
                FuncVal::Named { recv, .. } => recv.iter().for_each(|r| self.val(r)),
                FuncVal::Cancel(ctx) => self.object(*ctx),
            },
            Val::Iface(inner) => {
                inner.0.hash(&mut self.hasher);
                self.val(&inner.1);
            }
            Val::Agg(parts) => parts.iter().for_each(|p| self.val(p)),
        }
    }

    fn symbol(&mut self, sym: Sym) {
        if let Some(number) = self.symbols.get(&sym) {
            number.hash(&mut self.hasher);
            return;
        }
        let number = u32::try_from(self.symbols.len()).unwrap_or(u32::MAX);
        self.symbols.insert(sym, number);
        number.hash(&mut self.hasher);
        match self.machine.syms.origin(sym) {
            Origin::Fresh(_) => {}
            Origin::Pure(what, args) => {
                what.hash(&mut self.hasher);
                args.iter().for_each(|a| self.val(a));
            }
            Origin::Part(of, index) => {
                index.hash(&mut self.hasher);
                self.symbol(of);
            }
            Origin::Of(func, args) => {
                func.hash(&mut self.hasher);
                args.iter().for_each(|a| self.val(a));
            }
        }
    }

    /// What is assumed about pure operations over symbols that the state still knows.
    fn facts(&mut self) {
        let mut known: Vec<(Vec<u32>, u64)> = Vec::new();
        for (sym, val) in self.state.bound.iter() {
            let Origin::Pure(what, args) = self.machine.syms.origin(*sym) else { continue };
            let numbers: Option<Vec<u32>> = args
                .iter()
                .filter_map(|a| match a {
                    Val::Sym(sym) => Some(self.symbols.get(sym).copied()),
                    _ => None,
                })
                .collect();
            let Some(numbers) = numbers.filter(|n| !n.is_empty()) else { continue };
            let mut hasher = FxHasher::default();
            what.hash(&mut hasher);
            for arg in args.iter().filter(|a| matches!(a, Val::Int(_) | Val::Str(_) | Val::Bool(_) | Val::Nil)) {
                arg.hash(&mut hasher);
            }
            match val {
                Val::Bool(b) => b.hash(&mut hasher),
                Val::Int(n) => n.hash(&mut hasher),
                Val::Str(text) => text.hash(&mut hasher),
                other => std::mem::discriminant(other).hash(&mut hasher),
            }
            known.push((numbers, hasher.finish()));
        }
        known.sort();
        known.hash(&mut self.hasher);
    }
}
