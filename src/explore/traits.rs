//! What a function does to waiting, roughly and without executing it: enough to know whether a call has to be entered.

use super::slice::{Slice, slice};
use super::state::Rights;
use crate::effects::{self, Effect};
use crate::flow::postorder;
use crate::ir::{Body, Callee, Op, Term};
use crate::models::Models;
use crate::store::Bodies;
use crate::types::{Basic, FuncId, Name, PkgKey, Type, World};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

/// How many functions are looked through for one that can wait or wake.
const REACH: usize = 300;
/// How many methods are asked of an interface.
const METHODS: usize = 40;
/// How deep a type is looked into for a primitive.
const DEPTH: usize = 5;

/// What is known of functions and types, for all explorations of an analysis.
pub(super) struct Traits<'a> {
    pub(super) world: &'a World,
    pub(super) bodies: &'a Bodies<'a>,
    models: &'static Models,
    direct: RefCell<FxHashMap<(usize, u32), Rc<Direct>>>,
    found: RefCell<FxHashMap<(usize, u32), Found>>,
    carrying: RefCell<FxHashMap<Type, bool>>,
    /// Whether methods of a declared type or interface wait or wake.
    entering: RefCell<FxHashMap<(PkgKey, Name), bool>>,
    /// Types that are behind interfaces.
    pub(super) implementing: RefCell<FxHashMap<super::dispatch::Question, Rc<super::dispatch::Implementers>>>,
    pub(super) slices: RefCell<FxHashMap<(usize, u32, u8), Rc<Slice>>>,
    /// Whether a field is written after its object was made, by package and name.
    changing: RefCell<FxHashMap<(PkgKey, Name), bool>>,
    /// What functions may do with channels that they hold.
    pub(super) rights: RefCell<FxHashMap<(usize, u32), Rights>>,
    /// The package that is analysed.
    pub(super) home: Cell<Option<PkgKey>>,
    /// Fields and variables whose values decide over waits; `None` where that is not worked out.
    pub(super) interest: RefCell<Option<FxHashSet<Key>>>,
    /// What functions ask for that `prepare` did not come to: they were reached by a way that it does not see.
    pub(super) missed: RefCell<FxHashSet<Key>>,
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
            slices: RefCell::default(),
            changing: RefCell::default(),
            rights: RefCell::default(),
            home: Cell::new(None),
            interest: RefCell::default(),
            missed: RefCell::default(),
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
        while let Some(index) = todo.pop() {
            let func = &body.funcs[index as usize];
            blocks += func.blocks.len();
            loops |= has_loop(func);
            let keys = keys_of(func);
            for block in &func.blocks {
                let select = matches!(block.term, Term::Select { .. });
                out.primitive |= select;
                out.waits |= select;
                for instr in &block.ops {
                    if let Op::Closure { func, .. } = &instr.op {
                        todo.push(*func);
                    }
                    self.operation(func, &keys, &instr.op, &mut out);
                }
            }
        }
        out.slow |= loops;
        out.simple = !loops && blocks <= 12;
        let out = Rc::new(out);
        self.direct.borrow_mut().insert(key, Rc::clone(&out));
        out
    }

    fn operation(&self, func: &crate::ir::Func, keys: &FxHashMap<crate::ir::Reg, Key>, op: &Op, out: &mut Direct) {
        match op {
            Op::MakeChan { .. } | Op::Close { .. } => out.primitive = true,
            Op::Send { .. } | Op::Recv { .. } | Op::Go { .. } => {
                out.primitive = true;
                out.waits = true;
            }
            Op::Store { addr, val } => {
                let (carries, tells) = match val {
                    crate::ir::Operand::Reg(reg) => {
                        let ty = &func.regs[reg.at()].ty;
                        (self.carries(ty), self.flag(ty))
                    }
                    crate::ir::Operand::Const(constant) => (false, matches!(constant, crate::ir::Const::Bool(_))),
                };
                match addr.reg().and_then(|reg| keys.get(&reg)) {
                    Some(key) => out.writes.push(*key),
                    _ => out.tells |= tells,
                }
                out.tells |= carries;
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

    /// Whether a value of the type may lead to what wakes somebody: a channel, a group, a function.
    pub(super) fn carries(&self, ty: &Type) -> bool {
        if let Some(known) = self.carrying.borrow().get(ty) {
            return *known;
        }
        let found = self.leads(ty, DEPTH, &mut FxHashSet::default());
        self.carrying.borrow_mut().insert(ty.clone(), found);
        found
    }

    fn leads(&self, ty: &Type, depth: usize, seen: &mut FxHashSet<Type>) -> bool {
        if depth == 0 {
            return false;
        }
        match ty {
            Type::Basic(_) => false,
            Type::Chan(..) | Type::Func(_) => true,
            // What comes from out of view leads to what was handed there, which is known by then.
            Type::Unknown => false,
            Type::Param(_) => true,
            Type::Pointer(inner) | Type::Slice(inner) | Type::Array(_, inner) => self.leads(inner, depth, seen),
            Type::Map(key, val) => self.leads(key, depth, seen) || self.leads(val, depth, seen),
            Type::Tuple(parts) => parts.iter().any(|part| self.leads(part, depth, seen)),
            Type::Struct(fields) => fields.iter().any(|field| self.leads(&field.ty, depth - 1, seen)),
            Type::Interface(interface) => interface.methods.is_empty(),
            Type::Named(named) => {
                if is_context(ty) || named.pkg.is_empty() {
                    return false;
                }
                if named.pkg == "sync" {
                    return named.name == "WaitGroup";
                }
                if crate::types::stdlib::package(named.pkg.as_str()).is_some() {
                    return matches!(self.world.underlying(ty), Type::Chan(..) | Type::Func(_));
                }
                if !seen.insert(ty.clone()) {
                    return false;
                }
                let under = self.world.underlying(ty);
                match under {
                    // What a module's own interface holds is hardly a channel; what it does is asked at the call.
                    Type::Interface(_) => false,
                    under => self.leads(&under, depth, seen),
                }
            }
        }
    }

    /// Whether a value of the type has a channel in it.
    pub(super) fn has_channel(&self, ty: &Type) -> bool {
        self.has_channel_in(ty, 3)
    }

    fn has_channel_in(&self, ty: &Type, depth: usize) -> bool {
        if depth == 0 {
            return false;
        }
        match self.world.underlying(ty) {
            Type::Chan(..) => true,
            Type::Pointer(inner) | Type::Slice(inner) | Type::Array(_, inner) | Type::Map(_, inner) => {
                self.has_channel_in(&inner, depth)
            }
            Type::Struct(fields) => fields.iter().any(|field| match &field.ty {
                Type::Named(named) if named.pkg.is_empty() || crate::types::stdlib::package(named.pkg.as_str()).is_some() => {
                    false
                }
                Type::Interface(_) => false,
                ty => !self.world.is_interface(ty) && self.has_channel_in(ty, depth - 1),
            }),
            _ => false,
        }
    }

    /// Whether some statement of a package may write a field of this name: then what it holds is the state that an object was left in. Fields
    /// of packages out of view change.
    pub(super) fn changes(&self, pkg: PkgKey, field: Name) -> bool {
        if let Some(known) = self.changing.borrow().get(&(pkg, field)) {
            return *known;
        }
        let found = self.world.package(pkg).is_none_or(|pkg| {
            let name = format!(".{field}");
            pkg.source.files.iter().any(|unit| writes(&unit.src.text, &name))
        });
        self.changing.borrow_mut().insert((pkg, field), found);
        found
    }

    /// Whether values of the type answer questions: booleans and errors.
    pub(super) fn flag(&self, ty: &Type) -> bool {
        match self.world.underlying(ty) {
            Type::Basic(basic) => basic == Basic::Bool,
            Type::Interface(_) => matches!(ty, Type::Named(named) if named.pkg.is_empty() && named.name == "error"),
            _ => false,
        }
    }
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

/// Whether a text assigns to a selector, counts it up or down, or takes its address.
fn writes(text: &str, selector: &str) -> bool {
    memchr::memmem::find_iter(text.as_bytes(), selector.as_bytes()).any(|at| {
        let rest = &text[at + selector.len()..];
        if rest.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
            return false;
        }
        let line = rest.split(['\n', ';', '{']).next().unwrap_or_default();
        let rest = line.trim_start();
        let operator = rest.trim_start_matches(['+', '-', '*', '/', '%', '|', '&', '^', '<', '>']);
        let assigned = operator.starts_with('=') && !rest.starts_with("==") && !rest.starts_with("<=") && !rest.starts_with(">=");
        // One of several on the left.
        let among = rest.starts_with(',') && line.split_once('=').is_some_and(|(_, right)| !right.starts_with('='));
        let before = text[..at].trim_end_matches(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
        assigned || among || rest.starts_with("++") || rest.starts_with("--") || before.ends_with('&')
    })
}

/// `context.Context`: who has one cannot end it.
pub(super) fn is_context(ty: &Type) -> bool {
    matches!(ty, Type::Named(named) if named.pkg == "context" && named.name == "Context")
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
