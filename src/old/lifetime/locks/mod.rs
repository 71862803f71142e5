//! Locks: which are held where, on every way through a function and through the functions that it calls.
//!
//! [`Locks::look`] walks the functions of a declaration (`walk`) with the set of locks that are held, keyed by places that mean one
//! object for the whole function (`keys`). What a called function does with locks comes from its summary (`summary`), which is the same
//! walk, made once. Conditions that are asked twice agree (`facts`). Most declarations need none of it: a look at their text (`glance`)
//! tells that each lock is let go at once and nothing that could lock is called in between.
//!
//! Architecture invariant: a lock whose holder cannot be told, or that may be let go out of view, is *in doubt*, and nothing is said of it.

mod callbacks;
mod facts;
mod glance;
mod judge;
mod keys;
mod links;
mod orders;
mod subscribers;
mod summary;
mod waits;
mod walk;

pub use callbacks::{Back, Run};
pub(crate) use facts::{Facts, Known};
pub use judge::Slot;
pub(crate) use keys::resolve_key;
pub use keys::{Key, KeyRoot, LockCall, LockOp};
pub use orders::{Opposite, Placed};
pub use subscribers::Subscribed;
pub use summary::{Net, Summary, Take};
pub use waits::{Crossed, Partner, When};

use crate::old::flow::Cfg;
use crate::old::ir::{Body, FuncIdx, OpKind, Operand};
use crate::old::program::{DeclId, FnId, Package, functions};
use crate::source::Span;
use facts::Given;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// How a lock is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// Alone: `Lock`.
    Write,
    /// Together with other readers: `RLock`.
    Read,
    /// By the one call of `sync.Once.Do` that runs, for which all others wait.
    Once,
}

/// A place in the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct At {
    /// The function.
    pub id: FnId,
    /// The bytes.
    pub span: Span,
}

/// A lock that is held.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Held {
    /// Which.
    pub key: Key,
    /// How.
    pub mode: Mode,
    /// Where it was taken, or the call of a function that returns with it.
    pub at: At,
}

/// A lock taken while it is held already.
#[derive(Clone, Debug)]
pub struct Twice {
    /// As it is held.
    pub held: Held,
    /// How it is taken again, seen from the holder.
    pub take: Take,
}

/// A way out that keeps a lock.
#[derive(Clone, Debug)]
pub struct Kept {
    /// As it is held.
    pub held: Held,
    /// The `return`, or the end of the function.
    pub exit: Span,
    /// Whether the function just comes to its end there.
    pub ends: bool,
    /// Whether what is returned there needs nothing that the lock guards: constants and variables of the function.
    pub plain: bool,
    /// Where another way lets it go; none where every way keeps it.
    pub released: Option<At>,
}

/// One lock taken while another is held.
#[derive(Clone, Debug)]
pub struct Order {
    /// The one that is held.
    pub first: Held,
    /// The one that is taken.
    pub then: Take,
    /// All that is held.
    pub with: Vec<Key>,
}

impl Order {
    /// Whether a `sync.Once` is one of the two.
    #[must_use]
    pub fn is_once(&self) -> bool {
        self.first.mode == Mode::Once || self.then.mode == Mode::Once
    }
}

/// An operation that can wait for ever while locks are held.
#[derive(Clone, Debug)]
pub struct Wait {
    /// Where it stands.
    pub at: At,
    /// What waits.
    pub what: WaitKind,
    /// What is held.
    pub held: Vec<Held>,
}

/// What waits under a lock.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum WaitKind {
    /// A send.
    Send(crate::old::ir::Place),
    /// A receive.
    Recv(crate::old::ir::Place),
    /// `Wait` of a group.
    Group(crate::old::ir::Place),
}

/// What the walks through a function found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Locks taken twice.
    pub twice: Vec<Twice>,
    /// Locks kept.
    pub kept: Vec<Kept>,
    /// Locks taken under others.
    pub orders: Vec<Order>,
    /// Waits under locks.
    pub waits: Vec<Wait>,
    /// Parameters called under locks.
    pub runs: Vec<Run>,
    /// Locks of which nothing is said, and why.
    pub passed: Vec<(At, &'static str)>,
}

/// Follows locks through one package and remembers what it found.
pub struct Locks<'p> {
    package: &'p Package,
    /// Declarations in which a lock may be taken.
    takers: FxHashSet<DeclId>,
    touches: RefCell<FxHashMap<DeclId, (bool, u8)>>,
    names: glance::Names,
    values: glance::Values,
    facts: RefCell<FxHashMap<DeclId, Rc<Facts>>>,
    cfgs: RefCell<FxHashMap<FnId, Option<Rc<Cfg<'p>>>>>,
    summaries: RefCell<summary::Memo>,
    open: RefCell<FxHashMap<(FnId, Given), summary::Open>>,
    log: RefCell<Vec<(FnId, Given)>>,
    depth: Cell<u8>,
    /// How many more times functions that call themselves are looked at again: knots of many could go on for ever.
    rounds: Cell<u16>,
}

impl<'p> Locks<'p> {
    /// An engine over a package. `takers` are the declarations whose text takes a lock.
    #[must_use]
    pub fn new(package: &'p Package, takers: &[DeclId]) -> Self {
        Self {
            package,
            takers: takers.iter().copied().collect(),
            touches: RefCell::default(),
            names: glance::Names::default(),
            values: glance::Values::default(),
            facts: RefCell::default(),
            cfgs: RefCell::default(),
            summaries: RefCell::default(),
            open: RefCell::default(),
            log: RefCell::default(),
            depth: Cell::new(0),
            rounds: Cell::new(20),
        }
    }

    /// The package.
    #[must_use]
    pub fn package(&self) -> &'p Package {
        self.package
    }

    /// What the functions of a declaration do wrong with locks. Literals that run where they stand are looked at there.
    #[must_use]
    pub fn look(&self, decl: DeclId) -> Vec<(FnId, Rc<Found>)> {
        if self.needs_reading(decl) { self.look_closely(decl) } else { Vec::new() }
    }

    /// The same, whatever the text promises.
    #[must_use]
    pub fn look_closely(&self, decl: DeclId) -> Vec<(FnId, Rc<Found>)> {
        let mut out = Vec::new();
        let Some(body) = self.package.body(decl) else { return out };
        for (id, _) in functions(decl, body) {
            if id.func != FuncIdx::TOP && self.runs_in_place(decl, body, id.func) {
                continue;
            }
            out.push((id, self.found(id)));
        }
        out
    }

    /// Whether a literal is called or deferred right where it stands, or run there by `once.Do`.
    fn runs_in_place(&self, decl: DeclId, body: &Body, lit: FuncIdx) -> bool {
        body.func(lit).parent.is_some_and(|parent| {
            body.func(parent).ops().any(|(_, _, op)| match &op.kind {
                OpKind::Call(call) | OpKind::Defer(call) => {
                    call.callee == crate::old::ir::Callee::Lit(lit)
                        || call.args.first() == Some(&Operand::Func(lit)) && self.once_call(decl, body, call).is_some()
                }
                _ => false,
            })
        })
    }

    fn cfg(&self, id: FnId) -> Option<Rc<Cfg<'p>>> {
        if let Some(known) = self.cfgs.borrow().get(&id) {
            return known.clone();
        }
        let cfg = Cfg::new(self.package, id).map(Rc::new);
        self.cfgs.borrow_mut().insert(id, cfg.clone());
        cfg
    }

    fn facts(&self, decl: DeclId, body: &Body) -> Rc<Facts> {
        if let Some(known) = self.facts.borrow().get(&decl) {
            return Rc::clone(known);
        }
        let facts = Rc::new(Facts::new(self.package, decl, body));
        self.facts.borrow_mut().insert(decl, Rc::clone(&facts));
        facts
    }

    /// Locks of a function that code which runs elsewhere lets go: a literal that is handed on, a goroutine, `mu.Unlock` as a value.
    fn handed_off(&self, id: FnId, key: &Key) -> bool {
        let Some(body) = self.package.body(id.decl) else { return true };
        for (other, func) in functions(id.decl, body) {
            if other != id && other.func != FuncIdx::TOP && !self.runs_in_place(id.decl, body, other.func) {
                let does = func.ops().any(|(_, _, op)| match &op.kind {
                    OpKind::Call(c) | OpKind::Defer(c) => self
                        .lock_call(id.decl, body, c)
                        .is_some_and(|l| l.op == LockOp::Release && l.key.as_ref().is_none_or(|k| k == key)),
                    _ => false,
                });
                let balanced = || self.summary(other, &Given::default()).net_of(key) == Net::None;
                if does && !balanced() {
                    return true;
                }
            }
        }
        body.funcs.iter().flat_map(crate::old::ir::Func::ops).any(|(_, _, op)| self.hands_off(id, body, &op.kind, key))
            || body.funcs.iter().flat_map(|f| &f.blocks).any(|b| match &b.term {
                crate::old::ir::Term::Return(values) => values.iter().any(|v| self.is_unlock_value(id.decl, body, v, key)),
                _ => false,
            })
    }

    fn hands_off(&self, id: FnId, body: &Body, op: &OpKind, key: &Key) -> bool {
        let decl = id.decl;
        match op {
            OpKind::Spawn(call) => {
                self.lock_call(decl, body, call).is_some_and(|l| l.op == LockOp::Release)
                    || self.effect_of(id, call, &Known::default(), true).is_some_and(|(sum, callee)| {
                        sum.unknown
                            || sum
                                .net
                                .iter()
                                .any(|(k, _)| self.map_key(decl, body, call, callee, k).is_none_or(|mapped| mapped == *key))
                    })
                    || call.args.iter().any(|a| self.is_unlock_value(decl, body, a, key))
            }
            OpKind::Call(call) | OpKind::Defer(call) => call.args.iter().any(|a| self.is_unlock_value(decl, body, a, key)),
            OpKind::Assign { src, .. } | OpKind::Send { value: src, .. } => self.is_unlock_value(decl, body, src, key),
            _ => false,
        }
    }

    /// `mu.Unlock`, not called.
    fn is_unlock_value(&self, decl: DeclId, body: &Body, value: &Operand, key: &Key) -> bool {
        let Some((base, crate::old::ir::Proj::Field(name))) = value.place().and_then(crate::old::ir::Place::split_last) else {
            return false;
        };
        matches!(name.as_str(), "Unlock" | "RUnlock")
            && self.key(decl, body, &base).is_none_or(|k| k == *key || k.path.len() < key.path.len())
    }

    /// The source text of the lock that a place in the code takes: `s.mu`.
    #[must_use]
    pub fn text(&self, at: At) -> Option<String> {
        let text = self.package.file(at.id.decl).src.slice(at.span);
        let (base, _) = text.rsplit_once('(')?;
        let (base, method) = base.rsplit_once('.')?;
        // The call of a function that returns with a lock names another thing.
        let direct = matches!(method, "Lock" | "RLock" | "TryLock" | "TryRLock");
        (direct && base.len() < 40 && !base.contains('\n')).then(|| base.trim().to_string())
    }

    /// The lock as a reader of that function would write it, from its key.
    #[must_use]
    pub fn spell(&self, decl: DeclId, key: &Key) -> String {
        let spelled = self.package.body(decl).and_then(|body| key.spell(body));
        // A lock of something without a name is known by its field.
        let field = || key.path.last().map_or_else(|| "mutex".to_string(), ToString::to_string);
        spelled.map_or_else(field, |text| self.package.shown(text))
    }
}
