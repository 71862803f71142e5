//! Every place where the package starts a goroutine: `go`, library functions that start their argument, and wrappers of both.

use super::mentions::Use;
use super::{DeclId, FnId, Package, Slot, Target};
use crate::old::ir::{BlockId, Call, FuncIdx, LocalKind, OpKind, Operand, Root};
use crate::source::{DeclKind, Span};
use rustc_hash::{FxHashMap, FxHashSet};
use std::rc::Rc;

/// How a goroutine is started.
#[derive(Clone, Debug, PartialEq)]
pub enum SpawnHow {
    /// A `go` statement.
    Go,
    /// A library function that starts its argument, by its name for messages.
    Library(String),
    /// A function of this package that starts its argument.
    Wrapper(FnId),
}

/// One place that starts a goroutine.
#[derive(Clone, Debug)]
pub struct Spawn {
    /// The function in which it stands.
    pub owner: FnId,
    /// The block.
    pub block: BlockId,
    /// Index of the operation in the block.
    pub op: usize,
    /// The statement.
    pub span: Span,
    /// How.
    pub how: SpawnHow,
    /// The function that the goroutine runs, if it can be told and its source is in view.
    pub body: Option<FnId>,
    /// The functions one of which it runs, where it is not always the same.
    pub several: Rc<[FnId]>,
    /// What the goroutine runs.
    pub target: Target,
    /// The call that binds the body's parameters: that of the `go` statement, or one without arguments.
    pub call: Call,
}

impl Spawn {
    /// The functions that the goroutine can run, as far as they are in view.
    pub fn bodies(&self) -> impl Iterator<Item = FnId> {
        self.body.into_iter().chain(self.several.iter().copied())
    }
}

impl Package {
    /// All places that start a goroutine, in the order of files and text. `go_tokens` tells the scanner's tokens that can start one.
    #[must_use]
    pub fn spawns(&self, go_tokens: impl Fn(u16) -> bool) -> &[Spawn] {
        self.spawns.get_or_init(|| self.find_spawns(&self.triggered(go_tokens)))
    }

    /// Index of the spawn at that place, of those that [`Package::spawns`] told.
    #[must_use]
    pub fn spawn_at(&self, owner: FnId, span: Span) -> Option<usize> {
        // They are sorted by this.
        self.spawns.get()?.binary_search_by_key(&(owner.decl, span, owner.func), |s| (s.owner.decl, s.span, s.owner.func)).ok()
    }

    /// Indices of the spawns that can run the function, of those that [`Package::spawns`] told, in order.
    #[must_use]
    pub fn spawns_of(&self, body: FnId) -> &[usize] {
        let runs = self.runs.get_or_init(|| {
            let mut runs: FxHashMap<FnId, Vec<usize>> = FxHashMap::default();
            for (i, spawn) in self.spawns.get().into_iter().flatten().enumerate() {
                spawn.bodies().for_each(|body| runs.entry(body).or_default().push(i));
            }
            runs
        });
        runs.get(&body).map_or(&[], Vec::as_slice)
    }

    fn find_spawns(&self, start: &[DeclId]) -> Vec<Spawn> {
        let mut out = Vec::new();
        let mut wrappers: Vec<(FnId, usize)> = Vec::new();
        for decl in start {
            self.spawns_in(*decl, &mut out, &mut wrappers);
        }
        wrappers.extend(self.foreign_wrappers());
        // A wrapper's callers start goroutines too, and may be wrappers themselves.
        let mut done: FxHashSet<FnId> = FxHashSet::default();
        while let Some((wrapper, param)) = wrappers.pop() {
            if done.insert(wrapper) {
                self.wrapped_spawns(wrapper, param, &mut out, &mut wrappers);
            }
        }
        out.sort_by_key(|s| (s.owner.decl, s.span, s.owner.func));
        out.dedup_by_key(|s| (s.owner, s.span));
        out
    }

    /// Functions of imported packages that start a parameter.
    fn foreign_wrappers(&self) -> Vec<(FnId, usize)> {
        let mut out = Vec::new();
        for key in self.own().imported_keys() {
            let Some(slot) = self.slot_if_triggered(key) else { continue };
            for decl in self.starters(slot) {
                self.spawns_in(decl, &mut Vec::new(), &mut out);
            }
        }
        out.retain(|(id, _)| exported_name(self, *id));
        out
    }

    /// The package's import path, if one of its exported functions starts a function that it is handed.
    #[must_use]
    pub fn starts_for_others(&self) -> Option<crate::old::ir::Sym> {
        let key = self.own().key.filter(|_| self.own().src.import_path.is_some())?;
        let mut out = Vec::new();
        for decl in self.starters(0) {
            self.spawns_in(decl, &mut Vec::new(), &mut out);
        }
        out.iter().any(|(id, _)| exported_name(self, *id)).then_some(key)
    }

    /// Exported functions of a package that take a function and may start a goroutine, by the text alone.
    fn starters(&self, slot: Slot) -> Vec<DeclId> {
        let data = self.data(slot);
        let may_start = |i: &u32| {
            let decl = data.decl(*i);
            let text = data.text(*i);
            let head = text.find('{').map_or(text, |brace| &text[..brace]);
            matches!(decl.kind, DeclKind::Func | DeclKind::Method)
                && decl.names.iter().any(super::exported)
                && memchr::memmem::find_iter(head.as_bytes(), b"func").nth(1).is_some()
        };
        let mut may: Vec<u32> =
            ["go ", ".Go("].iter().flat_map(|part| data.holders(ustr::ustr(part), Use::Part).to_vec()).collect();
        may.sort_unstable();
        may.dedup();
        may.iter().filter(|i| may_start(i)).map(|i| DeclId::new(slot, *i)).collect()
    }

    fn spawns_in(&self, decl: DeclId, out: &mut Vec<Spawn>, wrappers: &mut Vec<(FnId, usize)>) {
        let Some(body) = self.body(decl) else { return };
        for (f, func) in body.funcs.iter().enumerate() {
            let owner = FnId { decl, func: FuncIdx(u32::try_from(f).unwrap_or(u32::MAX)) };
            for (block, op, operation) in func.ops() {
                let (call, how) = match &operation.kind {
                    OpKind::Spawn(call) => ((**call).clone(), SpawnHow::Go),
                    OpKind::Call(call) => match self.library_start(decl, call) {
                        Some((inner, name)) => (inner, SpawnHow::Library(name)),
                        None => continue,
                    },
                    _ => continue,
                };
                let target = self.resolve(decl, &call);
                let several = self.alternatives(decl, &call);
                self.note_wrapper(owner, &call, wrappers);
                out.push(Spawn { owner, block, op, span: operation.span, how, body: target.func(), several, target, call });
            }
        }
    }

    /// The call of the argument that a library function starts.
    fn library_start(&self, decl: DeclId, call: &Call) -> Option<(Call, String)> {
        let Target::Model(model, outside) = self.resolve(decl, call) else { return None };
        let arg = call.args.get(model.starts? as usize)?;
        let name = match outside.recv {
            Some(recv) => format!("{recv}.{}", outside.name),
            None => format!("{}.{}", outside.path.rsplit('/').next().unwrap_or(""), outside.name),
        };
        Some((call_of(arg, call), name))
    }

    /// Notes that a goroutine runs a parameter of the function around it, directly or inside a literal.
    fn note_wrapper(&self, owner: FnId, call: &Call, wrappers: &mut Vec<(FnId, usize)>) {
        let Some(body) = self.body(owner.decl) else { return };
        let mut note = |value: &crate::old::ir::Place| {
            if let Root::Local(local) = value.root
                && value.path.is_empty()
                && body.local(local).func == FuncIdx::TOP
                && let LocalKind::Param(i) = body.local(local).kind
            {
                wrappers.push((FnId { decl: owner.decl, func: FuncIdx::TOP }, i as usize));
            }
        };
        match &call.callee {
            crate::old::ir::Callee::Value(place) => note(place),
            crate::old::ir::Callee::Lit(lit) => {
                for (_, _, op) in body.func(*lit).ops() {
                    if let OpKind::Call(inner) | OpKind::Defer(inner) = &op.kind
                        && let crate::old::ir::Callee::Value(place) = &inner.callee
                    {
                        note(place);
                    }
                }
            }
            _ => {}
        }
    }

    fn wrapped_spawns(&self, wrapper: FnId, param: usize, out: &mut Vec<Spawn>, wrappers: &mut Vec<(FnId, usize)>) {
        let Some(name) = self.decl(wrapper.decl).names.first().copied() else { return };
        // What other packages start is told when they are looked at.
        for decl in self.own_mentions(name) {
            let Some(body) = self.body(decl) else { continue };
            for (f, func) in body.funcs.iter().enumerate() {
                let owner = FnId { decl, func: FuncIdx(u32::try_from(f).unwrap_or(u32::MAX)) };
                for (block, op, operation) in func.ops() {
                    let OpKind::Call(call) = &operation.kind else { continue };
                    if self.resolve(decl, call).func() != Some(wrapper) {
                        continue;
                    }
                    let Some(arg) = call.args.get(param) else { continue };
                    let inner = call_of(arg, call);
                    let target = self.resolve(decl, &inner);
                    let several = self.alternatives(decl, &inner);
                    self.note_wrapper(owner, &inner, wrappers);
                    let how = SpawnHow::Wrapper(wrapper);
                    let span = operation.span;
                    out.push(Spawn { owner, block, op, span, how, body: target.func(), several, target, call: inner });
                }
            }
        }
    }
}

fn exported_name(package: &Package, id: FnId) -> bool {
    package.decl(id.decl).names.iter().any(super::exported)
}

/// A call without arguments of the function that an argument is.
fn call_of(arg: &Operand, call: &Call) -> Call {
    let callee = match arg {
        Operand::Func(lit) => crate::old::ir::Callee::Lit(*lit),
        Operand::Place(place) => crate::old::ir::Callee::Value(place.clone()),
        _ => crate::old::ir::Callee::Opaque,
    };
    Call {
        callee,
        args: Vec::new(),
        results: smallvec::SmallVec::new(),
        spread: false,
        span: call.span,
        callee_span: call.callee_span,
    }
}
