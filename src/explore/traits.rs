//! What a function does to waiting, roughly and without executing it: enough to know whether a call has to be entered.

use super::carry::is_context;
use super::slice::{Slice, slice};
use super::state::Rights;
use crate::effects::{self, Effect};
use crate::flow::postorder;
use crate::ir::{Body, Callee, Comm, Op, Operand, Term};
use crate::models::Models;
use crate::store::Bodies;
use crate::types::{FuncId, Name, PkgKey, Type, World};
use fixedbitset::FixedBitSet;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

/// How many functions are looked through for one that can wait or wake.
const REACH: usize = 300;
/// How many methods are asked of an interface.
const METHODS: usize = 40;

/// What is known of functions and types, for all explorations of an analysis.
pub(super) struct Traits<'a> {
    pub(super) world: &'a World,
    pub(super) bodies: &'a Bodies<'a>,
    models: &'static Models,
    direct: RefCell<FxHashMap<(usize, u32), Rc<Direct>>>,
    found: RefCell<FxHashMap<(usize, u32), Found>>,
    pub(super) carrying: RefCell<FxHashMap<Type, bool>>,
    /// Whether methods of a declared type or interface wait or wake.
    entering: RefCell<FxHashMap<(PkgKey, Name), bool>>,
    /// Types that are behind interfaces.
    pub(super) implementing: RefCell<FxHashMap<super::dispatch::Question, Rc<super::dispatch::Implementers>>>,
    /// All types behind an interface, as a package sees it.
    pub(super) behind: RefCell<FxHashMap<(PkgKey, Type), Rc<super::dispatch::Implementers>>>,
    pub(super) slices: RefCell<FxHashMap<(usize, u32, u8), Rc<Slice>>>,
    /// Whether a field is written after its object was made, by package and name.
    pub(super) changing: RefCell<FxHashMap<(PkgKey, Name), bool>>,
    /// What functions may do with channels that they hold.
    pub(super) rights: RefCell<FxHashMap<(usize, u32), Rights>>,
    /// The package that is analysed.
    pub(super) home: Cell<Option<PkgKey>>,
    /// Fields and variables whose values decide over waits; `None` where that is not worked out.
    pub(super) interest: RefCell<Option<FxHashSet<Key>>>,
    /// What functions ask for that `prepare` did not come to: they were reached by a way that it does not see.
    pub(super) missed: RefCell<FxHashSet<Key>>,
    /// Whether what calls give is unknown but where it may lead to a primitive. All that can happen still can, and more.
    pub(super) coarse: Cell<bool>,
    /// Bodies that are nobody else's, kept so that no other gets their address.
    made: RefCell<Vec<Arc<Body>>>,
}

/// A field, by the package and name of its type and its number, or a variable of a package, with the greatest number.
pub(super) type Key = (PkgKey, Name, u32);

/// What a function does by itself.
#[derive(Debug, Default)]
struct Direct {
    /// Waits, wakes, starts, or makes what does.
    primitive: bool,
    /// Waits, or starts a goroutine, or calls what is not known.
    waits: bool,
    /// Writes what a branch in front of a wait may ask for.
    tells: bool,
    /// Fields and variables that it writes answers into.
    writes: Vec<Key>,
    /// Calls methods of interfaces, or function values.
    dynamic: bool,
    /// Calls what may take long.
    slow: bool,
    /// Calls what is known to wait for somebody out of view.
    hangs: bool,
    /// Small and without loops.
    simple: bool,
    callees: Vec<FuncId>,
}

/// What a call of a function comes to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    /// Waits, wakes or starts, itself or by what it calls.
    pub(super) primitive: bool,
    /// Waits, itself or by what it calls, or starts what may.
    pub(super) waits: bool,
    /// Calls methods of interfaces, or function values.
    pub(super) dynamic: bool,
    /// May take long.
    pub(super) slow: bool,
    /// Calls what is known to wait for somebody out of view.
    pub(super) hangs: bool,
    /// Small and without loops.
    pub(super) simple: bool,
}

impl<'a> Traits<'a> {
    pub(super) fn new(world: &'a World, bodies: &'a Bodies<'a>, models: &'static Models) -> Self {
        Self {
            world,
            bodies,
            models,
            direct: RefCell::default(),
            found: RefCell::default(),
            carrying: RefCell::default(),
            entering: RefCell::default(),
            implementing: RefCell::default(),
            behind: RefCell::default(),
            slices: RefCell::default(),
            changing: RefCell::default(),
            rights: RefCell::default(),
            home: Cell::new(None),
            interest: RefCell::default(),
            missed: RefCell::default(),
            coarse: Cell::new(false),
            made: RefCell::default(),
        }
    }

    /// What a function of a library does, if the protocol table or the user says so.
    pub(super) fn effect(&self, func: &FuncId) -> Option<Effect> {
        effects::of(func).or_else(|| {
            let model = self.models.written(func.pkg, func.recv, func.name)?;
            model.no_return.then_some(Effect::NeverReturns)
        })
    }

    /// Whether a call of a function of a body has to be executed for what it does.
    pub(super) fn enters(&self, body: &Arc<Body>, index: u32) -> bool {
        self.unit(body, index).primitive || {
            let direct = self.direct(body, index);
            direct.tells || direct.writes.iter().any(|key| self.asked(key))
        }
    }

    /// The same for a declared function.
    pub(super) fn func_enters(&self, func: FuncId) -> bool {
        self.bodies.get(func).is_some_and(|lowered| self.enters(&lowered.body, 0))
    }

    /// Forgets what hangs on which fields are asked for.
    pub(super) fn forget(&self) {
        self.slices.borrow_mut().clear();
        self.implementing.borrow_mut().clear();
        self.entering.borrow_mut().clear();
    }

    /// The same for some functions alone.
    pub(super) fn forget_slices(&self, funcs: &[(Arc<Body>, u32)]) {
        let funcs: FxHashSet<(usize, u32)> = funcs.iter().map(|(body, index)| (Arc::as_ptr(body) as usize, *index)).collect();
        self.slices.borrow_mut().retain(|(body, index, _), _| !funcs.contains(&(*body, *index)));
        self.implementing.borrow_mut().clear();
        self.entering.borrow_mut().clear();
    }

    /// Whether what matters in a function may be more when more is asked for: it writes such a field, calls who does, or who calls what it is
    /// handed.
    pub(super) fn hangs_on(&self, body: &Arc<Body>, index: u32, keys: &FxHashSet<Key>) -> bool {
        let writes = |direct: &Direct| direct.writes.iter().any(|key| keys.contains(key));
        let direct = self.direct(body, index);
        direct.dynamic
            || writes(&direct)
            || direct
                .callees
                .iter()
                .filter_map(|callee| self.bodies.get(*callee))
                .any(|lowered| writes(&self.direct(&lowered.body, 0)) || self.unit(&lowered.body, 0).dynamic)
    }

    /// Whether what a field or variable holds may decide over a wait.
    pub(super) fn asked(&self, key: &Key) -> bool {
        self.interest.borrow().as_ref().is_none_or(|asked| asked.contains(key))
    }

    /// Whether a function of another package returns soon, as is known without its source. It may still keep what it is handed.
    pub(super) fn quiet(&self, func: &FuncId) -> bool {
        self.home.get() != Some(func.pkg)
            && crate::types::stdlib::package(func.pkg.as_str()).is_some()
            && self.models.function(func.pkg, func.recv, func.name).is_some_and(|model| model.quick)
    }

    /// Whether a call out of view is known to wait for somebody: a peer, a process, a device.
    pub(super) fn hangs(&self, func: &FuncId) -> bool {
        self.models.function(func.pkg, func.recv, func.name).is_some_and(|model| model.blocks.is_some())
    }

    /// The slice of a function of which some results matter.
    pub(super) fn slice(&self, body: &Arc<Body>, index: u32, results: u8) -> Rc<Slice> {
        let key = (Arc::as_ptr(body) as usize, index, results);
        if let Some(known) = self.slices.borrow().get(&key) {
            return Rc::clone(known);
        }
        let made = Rc::new(slice(self, body, index, results));
        if let Some(known) = self.interest.borrow().as_ref() {
            self.missed.borrow_mut().extend(made.asks().iter().copied().filter(|key| !known.contains(key)));
        }
        self.slices.borrow_mut().insert(key, Rc::clone(&made));
        made
    }

    /// A body that is made up; an equal one that was made before.
    pub(super) fn keep(&self, body: Body) -> Arc<Body> {
        let same = |known: &&Arc<Body>| {
            let (a, b) = (&known.funcs[0], &body.funcs[0]);
            known.file == body.file && a.span == b.span && a.params == b.params && a.blocks[0].ops[0].op == b.blocks[0].ops[0].op
        };
        if let Some(known) = self.made.borrow().iter().find(same) {
            return Arc::clone(known);
        }
        let body = Arc::new(body);
        self.made.borrow_mut().push(Arc::clone(&body));
        body
    }

    /// Keeps a body for as long as something may be known of it.
    pub(super) fn hold(&self, body: Body) -> Arc<Body> {
        let body = Arc::new(body);
        self.made.borrow_mut().push(Arc::clone(&body));
        body
    }

    /// What a call of a declared function comes to; `None` where it is out of view.
    pub(super) fn func(&self, func: FuncId) -> Option<Found> {
        let lowered = self.bodies.get(func)?;
        Some(self.unit(&lowered.body, 0))
    }

    /// The same for a function of a body, with the literals in it.
    pub(super) fn unit(&self, body: &Arc<Body>, index: u32) -> Found {
        let key = (Arc::as_ptr(body) as usize, index);
        if let Some(known) = self.found.borrow().get(&key) {
            return *known;
        }
        let direct = self.direct(body, index);
        let mut found = Found {
            primitive: direct.primitive,
            waits: direct.waits,
            dynamic: direct.dynamic,
            slow: direct.slow,
            hangs: direct.hangs,
            simple: direct.simple,
        };
        let mut seen: FxHashSet<FuncId> = direct.callees.iter().copied().collect();
        let mut todo: VecDeque<FuncId> = direct.callees.iter().copied().collect();
        while let Some(callee) = todo.pop_front() {
            if found.waits {
                break;
            }
            // What is too much to look through may do anything.
            if seen.len() > REACH {
                found.primitive = true;
                found.waits = true;
                break;
            }
            let Some(lowered) = self.bodies.get(callee) else { continue };
            let near = self.direct(&lowered.body, 0);
            found.primitive |= near.primitive;
            found.waits |= near.waits;
            found.slow |= near.slow;
            found.hangs |= near.hangs;
            found.dynamic |= near.dynamic;
            todo.extend(near.callees.iter().filter(|c| seen.insert(**c)));
        }
        self.found.borrow_mut().insert(key, found);
        found
    }

    fn direct(&self, body: &Arc<Body>, index: u32) -> Rc<Direct> {
        let key = (Arc::as_ptr(body) as usize, index);
        if let Some(known) = self.direct.borrow().get(&key) {
            return Rc::clone(known);
        }
        let mut out = Direct::default();
        let mut todo = vec![index];
        let mut loops = false;
        let mut blocks = 0;
        let start = index;
        while let Some(index) = todo.pop() {
            let func = &body.funcs[index as usize];
            let local = own_memory(func, start == 0);
            blocks += func.blocks.len();
            loops |= has_loop(func);
            let keys = keys_of(func);
            for block in &func.blocks {
                let select = matches!(&block.term, Term::Select { .. }) && !self.asks_for_end(func, &block.term);
                out.primitive |= select;
                out.waits |= select;
                for instr in &block.ops {
                    if let Op::Closure { func, .. } = &instr.op {
                        todo.push(*func);
                    }
                    self.operation(func, &keys, &local, &instr.op, &mut out);
                }
            }
        }
        out.slow |= loops;
        out.simple = !loops && blocks <= 12;
        let out = Rc::new(out);
        self.direct.borrow_mut().insert(key, Rc::clone(&out));
        out
    }

    /// Whether a `select` only asks whether contexts have ended: nobody is woken by that, and nobody waits.
    fn asks_for_end(&self, func: &crate::ir::Func, term: &Term) -> bool {
        let Term::Select { cases, default: Some(_) } = term else { return false };
        let ended = |ch: &Operand| {
            let mut ops = func.blocks.iter().flat_map(|block| &block.ops);
            ops.any(|instr| match &instr.op {
                Op::Call { dst, callee, .. } if dst.first().copied() == ch.reg() => match callee {
                    Callee::Interface { iface, method } => effects::of_interface(iface, *method) == Some(Effect::Done),
                    Callee::Static(callee) => self.effect(callee) == Some(Effect::Done),
                    _ => false,
                },
                _ => false,
            })
        };
        cases.iter().all(|case| matches!(&case.comm, Comm::Recv { ch, .. } if ch.reg().is_some() && ended(ch)))
    }

    fn operation(
        &self,
        func: &crate::ir::Func,
        keys: &FxHashMap<crate::ir::Reg, Key>,
        local: &FixedBitSet,
        op: &Op,
        out: &mut Direct,
    ) {
        match op {
            Op::MakeChan { .. } | Op::Close { .. } => out.primitive = true,
            Op::Send { .. } | Op::Recv { .. } | Op::Go { .. } => {
                out.primitive = true;
                out.waits = true;
            }
            Op::Store { addr, val } => {
                let (carries, tells) = match val {
                    Operand::Reg(reg) => {
                        let ty = &func.regs[reg.at()].ty;
                        (self.carries(ty), self.flag(ty))
                    }
                    Operand::Const(constant) => (false, matches!(constant, crate::ir::Const::Bool(_))),
                };
                match addr.reg().map(|reg| (keys.get(&reg), local.contains(reg.at()))) {
                    // Who is led to a primitive by the field asks for it.
                    Some((Some(key), _)) => out.writes.push(*key),
                    Some((None, true)) => {}
                    _ => out.tells |= tells || carries,
                }
            }
            Op::MapSet { val, .. } => out.tells |= val.reg().is_some_and(|reg| self.carries(&func.regs[reg.at()].ty)),
            Op::Call { callee, .. } | Op::Defer { callee, .. } => match callee {
                Callee::Static(callee) => match self.effect(callee) {
                    Some(effect) => {
                        out.primitive |= wakes(effect);
                        out.waits |= matches!(effect, Effect::GroupGo | Effect::AfterFunc | Effect::GroupWait);
                        out.tells |= matches!(
                            effect,
                            Effect::AtomicStore | Effect::AtomicAdd | Effect::AtomicSwap | Effect::AtomicCompareAndSwap
                        );
                        out.slow |= effect == Effect::Slow;
                    }
                    None if callee.pkg.is_empty() || self.quiet(callee) => {}
                    None if self.bodies.get(*callee).is_some() => out.callees.push(*callee),
                    None => {
                        out.slow = true;
                        out.hangs |= self.hangs(callee);
                    }
                },
                _ => {
                    out.slow = true;
                    out.dynamic = true;
                }
            },
            _ => {}
        }
    }

    /// Whether some method of a type in view waits or wakes.
    pub(super) fn type_enters(&self, ty: &Type) -> bool {
        let named = match ty {
            Type::Named(named) => named,
            Type::Pointer(inner) => match &**inner {
                Type::Named(named) => named,
                _ => return false,
            },
            _ => return false,
        };
        let key = (named.pkg, named.name);
        if let Some(known) = self.entering.borrow().get(&key) {
            return *known;
        }
        // While it is asked of itself it does not.
        self.entering.borrow_mut().insert(key, false);
        let found = self.world.package(named.pkg).is_some_and(|pkg| {
            let decls = pkg.source.files.iter().flat_map(|unit| &unit.outline.decls);
            let methods = decls.filter(|decl| decl.recv == Some(named.name));
            methods.flat_map(|decl| &decl.names).any(|name| {
                let id = FuncId { pkg: named.pkg, recv: Some(named.name), name: *name };
                self.func_enters(id)
            })
        });
        self.entering.borrow_mut().insert(key, found);
        found
    }

    /// Whether a method of an interface may be one that waits or wakes: one of that name in the interface's own package is.
    pub(super) fn interface_enters(&self, ty: &Type) -> bool {
        let Type::Named(named) = ty else { return matches!(ty, Type::Interface(_)) };
        if is_context(ty) || named.pkg.is_empty() || crate::types::stdlib::package(named.pkg.as_str()).is_some() {
            return false;
        }
        let Type::Interface(interface) = self.world.underlying(ty) else { return false };
        let key = (named.pkg, named.name);
        if let Some(known) = self.entering.borrow().get(&key) {
            return *known;
        }
        self.entering.borrow_mut().insert(key, false);
        let found = self.world.package(named.pkg).is_some_and(|pkg| {
            let decls = pkg.source.files.iter().flat_map(|unit| &unit.outline.decls).filter(|decl| decl.recv.is_some());
            let called = decls.filter(|decl| interface.methods.iter().any(|method| decl.names.contains(&method.name)));
            called.take(METHODS).any(|decl| {
                let id = FuncId { pkg: named.pkg, recv: decl.recv, name: decl.names[0] };
                self.func_enters(id)
            })
        });
        self.entering.borrow_mut().insert(key, found);
        found
    }
}

/// Registers that lead to memory which a function makes, and nobody else sees but who is handed it; `whole` where what it captured is its own
/// too, as that of literals in a declaration.
fn own_memory(func: &crate::ir::Func, whole: bool) -> FixedBitSet {
    let mut out = FixedBitSet::with_capacity(func.regs.len());
    if whole {
        func.captures.iter().for_each(|reg| out.insert(reg.at()));
    }
    for instr in func.blocks.iter().flat_map(|block| &block.ops) {
        match &instr.op {
            Op::Alloc { dst, .. } => out.insert(dst.at()),
            Op::Field { dst, base, .. } | Op::Elem { dst, base, .. }
                if base.reg().is_some_and(|base| out.contains(base.at())) =>
            {
                out.insert(dst.at());
            }
            _ => {}
        }
    }
    out
}

/// The fields and variables that registers lead to.
fn keys_of(func: &crate::ir::Func) -> FxHashMap<crate::ir::Reg, Key> {
    let mut out = FxHashMap::default();
    for instr in func.blocks.iter().flat_map(|block| &block.ops) {
        let found = match &instr.op {
            Op::Field { dst, base, index } => match base.reg().map(|base| &func.regs[base.at()].ty) {
                Some(Type::Pointer(inner)) => super::slice::field_key(inner, *index).map(|key| (*dst, key)),
                _ => None,
            },
            Op::Global { dst, pkg, name } => Some((*dst, (*pkg, *name, u32::MAX))),
            _ => None,
        };
        out.extend(found);
    }
    out
}

fn wakes(effect: Effect) -> bool {
    !matches!(
        effect,
        Effect::Quick
            | Effect::Slow
            | Effect::NewError
            | Effect::NeverReturns
            | Effect::Background
            | Effect::WithValue
            | Effect::WithoutCancel
            | Effect::Err
            | Effect::Done
            | Effect::Lock { .. }
            | Effect::Unlock { .. }
            | Effect::TryLock { .. }
            | Effect::Calls
            | Effect::AtomicLoad
            | Effect::AtomicStore
            | Effect::AtomicAdd
            | Effect::AtomicSwap
            | Effect::AtomicCompareAndSwap
    )
}

fn has_loop(func: &crate::ir::Func) -> bool {
    let order = postorder(func);
    let mut rank = vec![usize::MAX; func.blocks.len()];
    order.iter().enumerate().for_each(|(i, block)| rank[block.at()] = i);
    let mut found = false;
    for block in &order {
        // An edge to a block that is left later goes back.
        func.blocks[block.at()].term.targets(|to| found |= rank[to.at()] >= rank[block.at()]);
    }
    found
}

/// Whether a row of the protocol table does something that others can notice.
pub(super) fn effect_matters(effect: Effect) -> bool {
    !matches!(
        effect,
        Effect::Quick
            | Effect::Slow
            | Effect::NewError
            | Effect::Background
            | Effect::WithValue
            | Effect::WithoutCancel
            | Effect::Done
            | Effect::Err
            | Effect::After
            | Effect::Tick
            | Effect::AtomicLoad
    )
}
