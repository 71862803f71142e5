//! What every operation needs: zero values, unknown ones, memory, and what symbols stand for.

use super::state::{At, Chan, Obj, ObjKind, Rights, State, Waker};
use super::traits::Traits;
use super::value::{FuncVal, ObjId, Origin, Path, Sym, Syms, Val};
use crate::ir::{Const, Func, Operand, Pure};
use crate::store::Bodies;
use crate::types::{Dir, Type, World};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// Bounds of one exploration.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// States.
    pub states: usize,
    /// Goroutines at a time.
    pub goroutines: usize,
    /// Frames of a goroutine.
    pub frames: usize,
    /// How often a block is entered in one frame.
    pub visits: u8,
    /// How often, where it is not known whether it has to be.
    pub rounds: u8,
    /// Operations between two waits.
    pub steps: usize,
    /// Operations in all.
    pub work: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { states: 1_000, goroutines: 12, frames: 12, visits: 70, rounds: 4, steps: 10_000, work: 20_000 }
    }
}

/// Why an exploration is not complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cut {
    /// There are more states than are visited.
    States,
    /// Calls nest too deep.
    Calls,
    /// More goroutines run at a time than are followed.
    Goroutines,
    /// A loop goes round too often.
    Loop,
    /// Too much is executed, in all or between two waits.
    Steps,
    /// One step leads to too many states.
    Forks,
}

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::States => "states",
            Self::Calls => "calls",
            Self::Goroutines => "goroutines",
            Self::Loop => "rounds of a loop",
            Self::Steps => "operations",
            Self::Forks => "branches",
        })
    }
}

/// A point of a function: its slice, whether all live registers are meant, block, operation.
pub(super) type Point = (usize, bool, u32, usize);

/// Executes operations.
pub(super) struct Machine<'a> {
    pub(super) world: &'a World,
    pub(super) bodies: &'a Bodies<'a>,
    pub(super) traits: &'a Traits<'a>,
    pub(super) syms: Syms,
    pub(super) limits: Limits,
    /// Live registers, by function and point.
    pub(super) lives: RefCell<FxHashMap<Point, Rc<[u32]>>>,
    /// The packages of bodies, for literals that run elsewhere.
    pub(super) homes: RefCell<FxHashMap<usize, crate::types::PkgKey>>,
    /// Why something was left out, so that silence proves nothing.
    pub(super) partial: std::cell::Cell<Option<Cut>>,
    /// Whether operations whose order others can notice were done in one order only.
    pub(super) loose: std::cell::Cell<bool>,
    /// How many operations were executed.
    pub(super) work: std::cell::Cell<usize>,
}

/// Why an operation cannot be done yet, or never.
#[derive(Debug)]
pub(super) enum Stop {
    /// It panics.
    Panic,
    /// It depends on what a symbol stands for: one of these.
    Choose(Vec<(Sym, Val)>),
}

impl Machine<'_> {
    /// Tells that something is left out; the first reason counts.
    pub(super) fn cut(&self, why: Cut) {
        if self.partial.get().is_none() {
            self.partial.set(Some(why));
        }
    }

    /// The zero value of a type.
    pub(super) fn zero(&self, ty: &Type) -> Val {
        self.zero_in(ty, &mut Vec::new())
    }

    /// The same within a struct or array. A type that is part of itself is no Go, but may be written.
    fn zero_in(&self, ty: &Type, around: &mut Vec<Type>) -> Val {
        if let Type::Named(named) = ty
            && let Some(val) = primitive(named.pkg.as_str(), named.name.as_str())
                .or_else(|| fresh_atomic(named.pkg.as_str(), named.name.as_str()))
        {
            return val;
        }
        if matches!(ty, Type::Named(_)) {
            if around.contains(ty) {
                return Val::Sym(self.syms.fresh(ty));
            }
            around.push(ty.clone());
        }
        let zero = match self.world.underlying(ty) {
            Type::Basic(basic) => zero_of(basic),
            Type::Struct(fields) => Val::Agg(fields.iter().map(|f| self.zero_in(&f.ty, around)).collect()),
            Type::Array(Some(n), element) if n <= 16 => {
                let zero = self.zero_in(&element, around);
                Val::Agg((0..n).map(|_| zero.clone()).collect())
            }
            Type::Unknown | Type::Param(_) | Type::Array(..) | Type::Tuple(_) => Val::Sym(self.syms.fresh(ty)),
            _ => Val::Nil,
        };
        if matches!(ty, Type::Named(_)) {
            around.pop();
        }
        zero
    }

    /// A part of a value of which nothing is known. Structs are taken apart only where one of their fields is written.
    pub(super) fn part(&self, of: Sym, index: u32, ty: &Type) -> Val {
        if let Type::Named(named) = ty
            && let Some(val) = primitive(named.pkg.as_str(), named.name.as_str())
        {
            return val;
        }
        Val::Sym(self.syms.of(Origin::Part(of, Some(index)), ty))
    }

    /// What is behind a pointer of which nothing is known.
    pub(super) fn pointee(&self, of: Sym, ty: &Type) -> Val {
        if let Type::Named(named) = ty
            && let Some(val) = primitive(named.pkg.as_str(), named.name.as_str())
        {
            return val;
        }
        Val::Sym(self.syms.of(Origin::Part(of, None), ty))
    }

    /// A fresh value of which nothing is known.
    pub(super) fn unknown(&self, ty: &Type) -> Val {
        Val::Sym(self.syms.fresh(ty))
    }

    /// The type of a field or element.
    pub(super) fn inner(&self, ty: &Type, index: u32) -> Type {
        match self.world.underlying(ty) {
            Type::Struct(fields) => fields.get(index as usize).map_or(Type::Unknown, |f| f.ty.clone()),
            Type::Array(_, element) => (*element).clone(),
            _ => Type::Unknown,
        }
    }

    /// Writes into a value of a type.
    fn set_in(&self, val: &Val, ty: &Type, path: &[u32], new: Val) -> Val {
        let Some((first, rest)) = path.split_first() else { return new };
        let parts: Vec<Val> = match val {
            Val::Agg(parts) => parts.to_vec(),
            Val::Sym(sym) => match self.world.underlying(ty) {
                Type::Struct(fields) => {
                    let part =
                        |(i, f): (usize, &crate::types::Field)| self.part(*sym, u32::try_from(i).unwrap_or(u32::MAX), &f.ty);
                    fields.iter().enumerate().map(part).collect()
                }
                _ => return val.clone(),
            },
            other => return other.clone(),
        };
        let mut parts = parts;
        if let Some(part) = parts.get_mut(*first as usize) {
            *part = self.set_in(part, &self.inner(ty, *first), rest, new);
        }
        Val::Agg(parts.into())
    }

    /// What an operand holds.
    pub(super) fn get(&self, s: &State, regs: &[Val], operand: &Operand) -> Val {
        match operand {
            Operand::Reg(reg) => self.resolve(s, &regs[reg.at()]),
            Operand::Const(constant) => match constant {
                Const::Nil => Val::Nil,
                Const::Bool(b) => Val::Bool(*b),
                Const::Int(i) => Val::Int(*i),
                Const::Str(text) | Const::Text(text) => Val::Str(Arc::clone(text)),
                Const::Zero(ty) => self.zero(ty),
            },
        }
    }

    /// What a value stands for by now.
    pub(super) fn resolve(&self, s: &State, val: &Val) -> Val {
        let Val::Sym(sym) = val else { return val.clone() };
        if let Some(bound) = s.bound.get(sym) {
            return bound.clone();
        }
        if let Origin::Pure(what, args) = self.syms.origin(*sym) {
            let now: Vec<Val> = args.iter().map(|a| self.resolve(s, a)).collect();
            if now[..] != args[..] {
                return self.pure(s, &what, &now, &self.syms.ty(*sym));
            }
        }
        val.clone()
    }

    /// Lets a symbol stand for a value.
    pub(super) fn bind(s: &mut State, sym: Sym, val: Val) {
        Rc::make_mut(&mut s.bound).insert(sym, val);
    }

    /// The symbol that tells whether a value is nil.
    pub(super) fn is_nil_sym(&self, sym: Sym) -> Sym {
        let origin = Origin::Pure(Pure::Eq, [Val::Sym(sym), Val::Nil].into());
        self.syms.of(origin, &Type::Basic(crate::types::Basic::Bool))
    }

    /// Where a pointer leads. An unknown one leads to an object out of view, made now.
    pub(super) fn place(&self, s: &mut State, pointer: &Val) -> Result<(ObjId, Path), Stop> {
        match self.resolve(s, pointer) {
            Val::Ptr(obj, path) => Ok((obj, path)),
            Val::Nil => Err(Stop::Panic),
            Val::Sym(sym) => {
                let inner = match self.world.underlying(&self.syms.ty(sym)) {
                    Type::Pointer(inner) => (*inner).clone(),
                    _ => Type::Unknown,
                };
                let val = self.pointee(sym, &inner);
                let obj = s.alloc(ObjKind::Cell(val, inner), true, None);
                Self::bind(s, sym, Val::to(obj));
                let nil = self.is_nil_sym(sym);
                Self::bind(s, nil, Val::Bool(false));
                Ok((obj, Path::new()))
            }
            _ => Err(Stop::Panic),
        }
    }

    /// Reads memory.
    pub(super) fn load(&self, s: &State, obj: ObjId, path: &[u32]) -> Val {
        let (val, mut ty) = match &s.obj(obj).kind {
            ObjKind::Cell(val, ty) => (val.clone(), ty.clone()),
            ObjKind::Array(items, ty) => {
                let Some((first, rest)) = path.split_first() else { return Val::Sym(self.syms.fresh(&Type::Unknown)) };
                let item = items.get(*first as usize).cloned().unwrap_or_else(|| self.zero(ty));
                return self.inside(s, item, ty.clone(), rest);
            }
            _ => return Val::Sym(self.syms.fresh(&Type::Unknown)),
        };
        ty = self.world.underlying(&ty);
        self.inside(s, val, ty, path)
    }

    fn inside(&self, s: &State, mut val: Val, mut ty: Type, path: &[u32]) -> Val {
        for index in path {
            val = self.resolve(s, &val);
            let inner = self.inner(&ty, *index);
            val = match val {
                Val::Agg(parts) => match parts.get(*index as usize) {
                    Some(part) => part.clone(),
                    None => return self.unknown(&inner),
                },
                Val::Sym(sym) => self.part(sym, *index, &inner),
                _ => return self.unknown(&inner),
            };
            ty = inner;
        }
        self.resolve(s, &val)
    }

    /// Writes memory. What is written into an object that code out of view holds, it holds too.
    pub(super) fn store(&self, s: &mut State, obj: ObjId, path: &[u32], val: Val) {
        let rights = s.obj(obj).rights;
        self.hand(s, &val, rights);
        match &mut s.obj_mut(obj).kind {
            ObjKind::Cell(old, ty) => *old = self.set_in(old, ty, path, val),
            ObjKind::Array(items, ty) => {
                if let Some((first, rest)) = path.split_first()
                    && let Some(item) = items.get_mut(*first as usize)
                {
                    *item = self.set_in(item, ty, rest, val);
                }
            }
            _ => {}
        }
    }

    /// Hands a value to code out of view: everything that it leads to may be used there.
    pub(super) fn share(&self, s: &mut State, val: &Val) {
        self.hand(s, val, Rights::ALL);
    }

    /// The same for a value of a type: a channel of one direction can be used in that alone.
    pub(super) fn share_as(&self, s: &mut State, val: &Val, ty: &Type) {
        self.hand(s, val, self.usable(ty));
    }

    /// The same for a result of the root, which its caller is given.
    pub(super) fn give(&self, s: &mut State, val: &Val, ty: &Type) {
        let channel = matches!(self.world.underlying(ty), Type::Chan(..));
        let rights = self.usable(ty);
        self.hand(s, val, if channel { rights.and(Rights::GIVEN) } else { rights });
    }

    fn usable(&self, ty: &Type) -> Rights {
        match self.world.underlying(ty) {
            Type::Chan(Dir::Send, _) => Rights::SEND.and(Rights::CLOSE),
            Type::Chan(Dir::Recv, _) => Rights::RECEIVE,
            _ => Rights::ALL,
        }
    }

    /// Lets code out of view do something with the channels that a value leads to. A function does with them what it does.
    pub(super) fn hand(&self, s: &mut State, val: &Val, rights: Rights) {
        if rights == Rights::NONE {
            return;
        }
        let mut todo = vec![(val.clone(), rights)];
        while let Some((val, rights)) = todo.pop() {
            let val = self.resolve(s, &val);
            let mut rights = rights;
            match &val {
                // Who has a context cannot end it; who has its cancel function can.
                Val::Ctx(_) => continue,
                Val::Func(func) => match &**func {
                    FuncVal::Cancel(ctx) => {
                        Self::cancellable(s, *ctx);
                        continue;
                    }
                    FuncVal::Literal { body, index, .. } => {
                        rights = self.traits.rights(body, *index).and(rights.only(Rights::GIVEN))
                    }
                    FuncVal::Named { .. } => rights = Rights::ALL,
                },
                _ => {}
            }
            let mut next = Vec::new();
            leads_to(&val, &mut next, &mut |obj| {
                let known = s.obj(obj).rights;
                if known.has(rights) {
                    return Vec::new();
                }
                s.obj_mut(obj).rights = known.and(rights);
                contents(s.obj(obj))
            });
            todo.extend(next.into_iter().map(|val| (val, rights)));
        }
    }

    /// Code out of view may end the context at any time.
    fn cancellable(s: &mut State, ctx: ObjId) {
        if let ObjKind::Ctx { done: Some(done), .. } = s.obj(ctx).kind
            && let Some(chan) = s.chan_mut(done)
            && chan.waker == Waker::None
        {
            chan.waker = Waker::Closes;
        }
    }

    /// The channel that a value is; an unknown one is a channel out of view, made now.
    pub(super) fn channel(&self, s: &mut State, val: &Val) -> Val {
        match self.resolve(s, val) {
            Val::Sym(sym) => {
                let chan = s.alloc(ObjKind::Chan(Chan::default()), true, None);
                Self::bind(s, sym, Val::Chan(chan));
                let nil = self.is_nil_sym(sym);
                Self::bind(s, nil, Val::Bool(false));
                Val::Chan(chan)
            }
            other => other,
        }
    }

    /// A channel that something other than a goroutine acts on.
    pub(super) fn woken(s: &mut State, waker: Waker, room: usize, at: At) -> ObjId {
        s.alloc(ObjKind::Chan(Chan { room, waker, ..Chan::default() }), false, Some(at))
    }

    /// Where a frame's function stands.
    pub(super) fn func(frame: &super::state::Frame) -> &Func {
        &frame.body.funcs[frame.index as usize]
    }
}

/// Values inside an object.
pub(super) fn contents(obj: &Obj) -> Vec<Val> {
    match &obj.kind {
        ObjKind::Cell(val, _) => vec![val.clone()],
        ObjKind::Array(items, _) => items.clone(),
        ObjKind::Chan(chan) => chan.buffer.clone(),
        ObjKind::Map { entries, .. } => entries.iter().flat_map(|(k, v)| [k.clone(), v.clone()]).collect(),
        ObjKind::Ctx { done, children } => {
            done.iter().map(|d| Val::Chan(*d)).chain(children.iter().map(|c| Val::Ctx(*c))).collect()
        }
    }
}

/// Goes one step from a value: `enter` is asked for each object and gives what to go on with.
pub(super) fn leads_to(val: &Val, todo: &mut Vec<Val>, enter: &mut impl FnMut(ObjId) -> Vec<Val>) {
    match val {
        Val::Ptr(obj, _) | Val::Chan(obj) | Val::Map(obj) | Val::Slice(obj, ..) | Val::Ctx(obj) => todo.extend(enter(*obj)),
        Val::Func(func) => match &**func {
            FuncVal::Literal { captures, .. } => todo.extend(captures.iter().cloned()),
            FuncVal::Named { recv, .. } => todo.extend(recv.iter().cloned()),
            FuncVal::Cancel(ctx) => todo.push(Val::Ctx(*ctx)),
        },
        Val::Iface(inner) => todo.push(inner.1.clone()),
        Val::Agg(parts) => todo.extend(parts.iter().cloned()),
        Val::Nil | Val::Bool(_) | Val::Int(_) | Val::Str(_) | Val::Sym(_) => {}
    }
}

/// The value that stands for a primitive of the standard library: what it counts.
fn primitive(pkg: &str, name: &str) -> Option<Val> {
    match (pkg, name) {
        ("sync", "Mutex" | "RWMutex" | "WaitGroup" | "Once") => Some(Val::Int(0)),
        _ => None,
    }
}

/// The value that stands for a fresh atomic variable.
fn fresh_atomic(pkg: &str, name: &str) -> Option<Val> {
    if pkg != "sync/atomic" {
        return None;
    }
    Some(match name {
        "Bool" => Val::Bool(false),
        "Pointer" | "Value" => Val::Nil,
        _ => Val::Int(0),
    })
}

fn zero_of(basic: crate::types::Basic) -> Val {
    use crate::types::Basic;
    match basic {
        Basic::Bool | Basic::UntypedBool => Val::Bool(false),
        Basic::String | Basic::UntypedString => Val::Str("".into()),
        Basic::UnsafePointer | Basic::UntypedNil => Val::Nil,
        Basic::Float32 | Basic::Float64 | Basic::UntypedFloat => Val::Str("0".into()),
        Basic::Complex64 | Basic::Complex128 | Basic::UntypedComplex => Val::Str("(0+0i)".into()),
        _ => Val::Int(0),
    }
}
