//! Goes round what does not matter: operations of which nobody asks, branches that decide over nothing, calls that neither wait nor wake.

use super::machine::{Machine, contents, leads_to};
use super::slice::Region;
use super::state::{ObjKind, State, Target};
use super::value::{FuncVal, ObjId, Val};
use crate::effects::Effect;
use crate::ir::{Body, Callee, Op, Operand, Reg};
use crate::source::Span;
use crate::types::{FuncId, Type};
use rustc_hash::FxHashSet;
use std::rc::Rc;
use std::sync::Arc;

/// How many values are looked through for one that is called.
const VALUES: usize = 300;

impl Machine<'_> {
    /// Whether an operation would ask for sizes and the like for the sake of a value that nobody needs.
    pub(super) fn idle(&self, s: &State, g: usize, op: &Op) -> bool {
        let asks = matches!(
            op,
            Op::Elem { .. }
                | Op::Slice { .. }
                | Op::Append { .. }
                | Op::MakeSlice { .. }
                | Op::MapGet { .. }
                | Op::MapAt { .. }
                | Op::Assert { .. }
        );
        let Some(frame) = s.gs[g].frames.last().filter(|_| asks) else { return false };
        let mut needed = false;
        op.writes(|reg| needed |= frame.slice.relevant(reg));
        !needed
    }

    /// Whether a goroutine stands where several ways lead to.
    pub(super) fn at_meeting(&self, s: &State, g: usize) -> bool {
        s.gs[g].frames.last().is_some_and(|frame| frame.pc == 0 && !frame.panicking && frame.slice.meets(frame.block))
    }

    /// What is written where nobody who decides over a wait looks: a count that goes on is any number from then on, so that a round of a
    /// loop is like the one before.
    pub(super) fn written(&self, s: &State, g: usize, place: (ObjId, &[u32]), val: Val) -> Val {
        let Some(frame) = s.gs[g].frames.last() else { return val };
        if !frame.slice.idle_store(frame.block, frame.pc) {
            return val;
        }
        let counts = match (&val, self.load(s, place.0, place.1)) {
            (Val::Int(new), Val::Int(old)) => old != 0 && *new != old,
            (Val::Sym(_), Val::Sym(_)) => true,
            (Val::Int(_), Val::Sym(_)) => true,
            _ => false,
        };
        if counts { self.unknown(&self.type_at(s, place.0, place.1)) } else { val }
    }

    /// Nothing is known of what an operation gives.
    pub(super) fn forget_results(&self, s: &mut State, g: usize, op: &Op) {
        let mut regs = Vec::new();
        op.writes(|reg| regs.push(reg));
        self.unknown_results(s, g, &regs);
    }

    /// Which results of a call matter to the function that the goroutine is in.
    pub(super) fn wanted(&self, s: &State, g: usize, dst: &[Reg]) -> u8 {
        let Some(frame) = s.gs[g].frames.last() else { return 0 };
        let matters = dst.iter().enumerate().filter(|(_, reg)| frame.slice.relevant(**reg));
        matters.fold(0, |all, (i, _)| all | super::bit(i))
    }

    /// Whether a call has to be executed: for what it does, or for a result that is more than the answer to a question.
    pub(super) fn has_to_enter(&self, s: &State, g: usize, body: &Arc<Body>, index: u32, values: &[&[Val]], dst: &[Reg]) -> bool {
        let found = self.traits.unit(body, index);
        if self.traits.enters(body, index) {
            return true;
        }
        let Some(frame) = s.gs[g].frames.last() else { return true };
        let func = Self::func(frame);
        let asked = |reg: &&Reg| frame.slice.relevant(**reg);
        dst.iter()
            .filter(asked)
            .any(|reg| found.simple && !self.traits.coarse.get() || self.traits.carries(&func.regs[reg.at()].ty))
            || found.dynamic && values.iter().any(|values| self.lead_to_calls(s, values))
    }

    /// Whether values lead to a function, or to something with a method, that waits or wakes.
    fn lead_to_calls(&self, s: &State, args: &[Val]) -> bool {
        let mut todo: Vec<Val> = args.to_vec();
        let mut seen: FxHashSet<ObjId> = FxHashSet::default();
        let mut looked = 0;
        while let Some(val) = todo.pop() {
            let val = self.resolve(s, &val);
            looked += 1;
            let enters = match &val {
                Val::Iface(inner) => self.traits.type_enters(&inner.0),
                val => self.calls_back(s, val),
            };
            // What is too much to look through may lead anywhere.
            if enters || looked > VALUES {
                return true;
            }
            leads_to(&val, &mut todo, &mut |obj| if seen.insert(obj) { contents(s.obj(obj)) } else { Vec::new() });
        }
        false
    }

    /// Whether a value is a function that waits or wakes when it is called.
    pub(super) fn calls_back(&self, s: &State, val: &Val) -> bool {
        match self.resolve(s, val) {
            Val::Func(func) => match &*func {
                FuncVal::Literal { body, index, .. } => self.traits.enters(body, *index),
                FuncVal::Named { callee: Callee::Static(func), .. } => self.traits.func_enters(*func),
                FuncVal::Named { .. } => false,
                FuncVal::Cancel(_) => true,
            },
            _ => false,
        }
    }

    /// A call of a function in view that does not matter.
    pub(super) fn pass_over(&self, s: &mut State, g: usize, body: &Arc<Body>, index: u32, dst: &[Reg], span: Span) {
        if self.traits.unit(body, index).slow {
            let at = self.at(s, g, span);
            s.g(g).slow = Some(at);
            s.g(g).hangs |= self.traits.unit(body, index).hangs;
        }
        self.unknown_results(s, g, dst);
    }

    /// Goes to where the ways of a branch meet again, if it decides over nothing; tells whether it did.
    pub(super) fn pass_by(&self, s: &mut State, g: usize, cond: &Operand, span: Span) -> bool {
        let Some(frame) = s.gs[g].frames.last() else { return false };
        let slice = Rc::clone(&frame.slice);
        let Some(region) = slice.region(frame.block) else { return false };
        if !region.again && matches!(self.read(s, g, cond), Val::Bool(_)) {
            return false;
        }
        let body = Arc::clone(&frame.body);
        let index = frame.index as usize;
        if self.calls_in(s, g, &body, index, region) || region.hands && self.hands_in(s, g, &body, index, region) {
            return false;
        }
        for block in &region.blocks {
            for instr in &body.funcs[index].blocks[block.at()].ops {
                self.forget(s, g, &instr.op, span);
            }
        }
        self.jump(s, g, region.to);
        true
    }

    /// Whether a region calls a method or function value that turns out to matter.
    fn calls_in(&self, s: &State, g: usize, body: &Arc<Body>, index: usize, region: &Region) -> bool {
        let pkg = s.gs[g].frames.last().map_or_else(|| ustr::ustr(""), |f| f.pkg);
        let ops = region.blocks.iter().flat_map(|block| &body.funcs[index].blocks[block.at()].ops);
        ops.into_iter().any(|instr| {
            let Op::Call { callee, args, .. } = &instr.op else { return false };
            if matches!(callee, Callee::Static(_) | Callee::Unknown) {
                return false;
            }
            let (target, args) = self.target(s, g, callee, args);
            if let Target::Value(Val::Nil) = target {
                return false;
            }
            match self.resolve_target(s, pkg, &target, args) {
                super::call::Resolved::Body(_, body, index, ..) => self.traits.enters(&body, index),
                super::call::Resolved::Cancel(_) => true,
                _ => false,
            }
        })
    }

    /// Whether a region hands something on by which code out of view, or whoever reads the memory that it is written into, gets at a primitive
    /// that it has not got yet. The operations are tried in order, as far as they do nothing but read.
    fn hands_in(&self, s: &State, g: usize, body: &Arc<Body>, index: usize, region: &Region) -> bool {
        let mut dry = s.clone();
        let ops = region.blocks.iter().flat_map(|block| &body.funcs[index].blocks[block.at()].ops);
        for instr in ops {
            let handed = match &instr.op {
                Op::Store { val, .. } | Op::MapSet { val, .. } => std::slice::from_ref(val),
                Op::Unknown { from, .. } => from,
                Op::Call { args, .. } => args,
                _ => &[],
            };
            if handed.iter().any(|operand| self.gets_at(&dry, &self.read(&dry, g, operand))) {
                return true;
            }
            match &instr.op {
                Op::Store { .. } | Op::MapSet { .. } | Op::MapDelete { .. } | Op::Unknown { .. } | Op::Call { .. } => {
                    self.forget_results(&mut dry, g, &instr.op);
                }
                Op::Copy { .. } | Op::Alloc { .. } | Op::Global { .. } | Op::Load { .. } | Op::Field { .. } => {
                    if self.memory(&mut dry, g, &instr.op, instr.span).is_err() {
                        self.forget_results(&mut dry, g, &instr.op);
                    }
                }
                Op::Closure { .. } | Op::FuncValue { .. } | Op::ToInterface { .. } | Op::Pure { .. } => {
                    self.make_value(&mut dry, g, &instr.op);
                }
                op => {
                    if self.collection(&mut dry, g, op, instr.span).is_err() {
                        self.forget_results(&mut dry, g, op);
                    }
                }
            }
        }
        false
    }

    /// Whether whoever has a value can do something with a primitive that code out of view cannot do.
    pub(super) fn gets_at(&self, s: &State, val: &Val) -> bool {
        let mut todo = vec![val.clone()];
        let mut seen: FxHashSet<ObjId> = FxHashSet::default();
        let mut found = false;
        while let Some(val) = todo.pop() {
            let val = self.resolve(s, &val);
            if matches!(val, Val::Ctx(_)) {
                continue;
            }
            found |= matches!(&val, Val::Func(func) if matches!(**func, FuncVal::Cancel(_)));
            leads_to(&val, &mut todo, &mut |obj| {
                let object = s.obj(obj);
                if object.shared() || !seen.insert(obj) {
                    return Vec::new();
                }
                found |= match &object.kind {
                    ObjKind::Chan(_) => true,
                    ObjKind::Cell(_, ty) => self.traits.carries(ty),
                    _ => false,
                };
                contents(object)
            });
            if found || seen.len() > VALUES {
                return true;
            }
        }
        false
    }

    /// Takes back what is known of what an operation writes; addresses stay.
    fn forget(&self, s: &mut State, g: usize, op: &Op, span: Span) {
        match op {
            Op::Field { base, .. } if matches!(self.read(s, g, base), Val::Ptr(..)) => {
                let _ = self.memory(s, g, op, span);
            }
            Op::Global { .. } | Op::Alloc { .. } => {
                let _ = self.memory(s, g, op, span);
            }
            Op::Closure { .. } => self.make_value(s, g, op),
            Op::Store { addr, .. } => {
                if let Val::Ptr(obj, path) = self.read(s, g, addr) {
                    let val = self.unknown(&self.type_at(s, obj, &path));
                    self.store(s, obj, &path, val);
                }
            }
            Op::MapSet { map, .. } | Op::MapDelete { map, .. } => {
                if let Val::Map(obj) = self.read(s, g, map)
                    && let ObjKind::Map { open, .. } = &mut s.obj_mut(obj).kind
                {
                    *open = true;
                }
            }
            Op::Call { callee, .. } => {
                if self.takes_long(callee) {
                    let at = self.at(s, g, span);
                    s.g(g).slow = Some(at);
                    s.g(g).hangs |= match callee {
                        Callee::Static(func) => {
                            self.traits.hangs(func) || self.traits.func(*func).is_some_and(|found| found.hangs)
                        }
                        _ => false,
                    };
                }
                self.forget_results(s, g, op);
            }
            _ => self.forget_results(s, g, op),
        }
    }

    fn takes_long(&self, callee: &Callee) -> bool {
        let known = |func: &FuncId| match self.traits.effect(func) {
            Some(effect) => effect == Effect::Slow,
            None => self.traits.func(*func).is_none_or(|found| found.slow),
        };
        match callee {
            Callee::Static(func) => !func.pkg.is_empty() && known(func),
            _ => true,
        }
    }

    /// The type of a part of an object.
    pub(super) fn type_at(&self, s: &State, obj: ObjId, path: &[u32]) -> Type {
        let (mut ty, path) = match &s.obj(obj).kind {
            ObjKind::Cell(_, ty) => (ty.clone(), path),
            ObjKind::Array(_, ty) => (ty.clone(), path.get(1..).unwrap_or_default()),
            _ => return Type::Unknown,
        };
        for index in path {
            ty = match self.world.underlying(&ty) {
                Type::Struct(fields) => fields.get(*index as usize).map_or(Type::Unknown, |f| f.ty.clone()),
                Type::Array(_, element) => (*element).clone(),
                _ => Type::Unknown,
            };
        }
        ty
    }
}
