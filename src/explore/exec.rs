//! Runs one goroutine up to its next wait, an operation at a time.

use super::machine::{Cut, Machine, Stop};
use super::state::{At, Chan, Deferred, Event, Frame, ObjKind, State, Status, Target, Wait, What};
use super::value::{FuncVal, Sym, Val};
use crate::ir::{BlockId, Callee, Comm, Op, Operand, Reg, Term};
use crate::source::Span;
use crate::types::Type;
use std::sync::Arc;

/// What comes of running on.
pub(super) enum Next {
    /// It goes on.
    On,
    /// It stands at a wait, has ended, or is cut.
    Stop,
    /// It goes round in a loop that nobody knows the end of, and has done so often enough.
    Enough,
    /// It goes over a collection of which nothing is known: this tells whether there is anything in it.
    Over(Sym, At),
    /// It depends on a symbol; whether the program asked for it in a branch there.
    Fork(Vec<(Sym, Val)>, Option<At>),
}

impl Machine<'_> {
    /// Runs one operation of a goroutine.
    pub(super) fn advance(&self, s: &mut State, g: usize) -> Next {
        let goroutine = &s.gs[g];
        let Some(frame) = goroutine.frames.last() else {
            return self.ended(s, g);
        };
        let func = Self::func(frame);
        if frame.panicking {
            return self.unwind(s, g);
        }
        let block = &func.blocks[frame.block.at()];
        let body = Arc::clone(&frame.body);
        let (index, at, pc) = (frame.index as usize, frame.block.at(), frame.pc);
        let result = if pc < block.ops.len() {
            let instr = &body.funcs[index].blocks[at].ops[pc];
            self.op(s, g, &instr.op, instr.span)
        } else {
            let block = &body.funcs[index].blocks[at];
            self.term(s, g, &block.term, block.span)
        };
        match result {
            Ok(next) => next,
            Err(Stop::Panic) => {
                self.frame(s, g).panicking = true;
                Next::On
            }
            Err(Stop::Choose(alternatives)) => Next::Fork(alternatives, None),
        }
    }

    fn ended(&self, s: &mut State, g: usize) -> Next {
        s.g(g).status = Status::Done;
        Next::Stop
    }

    pub(super) fn frame<'s>(&self, s: &'s mut State, g: usize) -> &'s mut Frame {
        let frames = &mut s.g(g).frames;
        let last = frames.len() - 1;
        &mut frames[last]
    }

    /// The function that a goroutine is in.
    pub(super) fn here(&self, s: &State, g: usize) -> At {
        let span = s.gs[g].frames.last().map_or(Span { start: 0, end: 0 }, |f| Self::func(f).span);
        self.at(s, g, span)
    }

    /// Where a span of the current frame stands.
    pub(super) fn at(&self, s: &State, g: usize, span: Span) -> At {
        match s.gs[g].frames.last() {
            Some(frame) => At { pkg: frame.pkg, file: frame.body.file, span },
            None => s.gs[g].born.unwrap_or(At { pkg: ustr::ustr(""), file: 0, span }),
        }
    }

    pub(super) fn note(&self, s: &mut State, g: usize, what: What, at: At) {
        let func = match s.gs[g].frames.last() {
            Some(frame) => Self::func(frame).name.as_str().into(),
            None => Arc::from(""),
        };
        s.push(Event { who: g, what, at, func });
    }

    pub(super) fn read(&self, s: &State, g: usize, operand: &Operand) -> Val {
        match s.gs[g].frames.last() {
            Some(frame) => self.get(s, &frame.regs, operand),
            None => Val::Nil,
        }
    }

    pub(super) fn write(&self, s: &mut State, g: usize, reg: Reg, val: Val) {
        self.frame(s, g).regs[reg.at()] = val;
    }

    /// Whether the block that a goroutine stands in was entered as often as one is where nothing tells when to stop.
    fn often(&self, s: &State, g: usize) -> bool {
        s.gs[g].frames.last().is_some_and(|frame| frame.visits[frame.block.at()] > self.limits.rounds)
    }

    fn step(&self, s: &mut State, g: usize) -> Next {
        self.frame(s, g).pc += 1;
        Next::On
    }

    fn reg_type(&self, s: &State, g: usize, reg: Reg) -> Type {
        s.gs[g].frames.last().map_or(Type::Unknown, |f| Self::func(f).regs[reg.at()].ty.clone())
    }

    /// Goes on in another block.
    pub(super) fn jump(&self, s: &mut State, g: usize, to: BlockId) -> Next {
        let limit = self.limits.visits;
        let frame = self.frame(s, g);
        frame.block = to;
        frame.pc = 0;
        let visits = &mut frame.visits[to.at()];
        *visits = visits.saturating_add(1);
        if *visits > limit {
            self.cut(Cut::Loop);
            s.g(g).status = Status::Cut;
            return Next::Stop;
        }
        Next::On
    }

    /// Stands still at an operation that can wait.
    pub(super) fn wait(&self, s: &mut State, g: usize, wait: Wait, span: Span) -> Next {
        let at = self.at(s, g, span);
        let goroutine = s.g(g);
        goroutine.status = Status::At(wait);
        goroutine.stands = Some(at);
        Next::Stop
    }

    fn op(&self, s: &mut State, g: usize, op: &Op, span: Span) -> Result<Next, Stop> {
        if self.idle(s, g, op) {
            self.forget_results(s, g, op);
            return Ok(self.step(s, g));
        }
        match op {
            Op::MakeChan { dst, cap } => return self.make_chan(s, g, *dst, cap, span),
            Op::Assert { dst, ok, val, ty } => self.assert(s, g, *dst, *ok, val, ty)?,
            Op::Call { dst, callee, args } => {
                let (target, args) = self.target(s, g, callee, args);
                let at = self.at_call(s, g, span, &target);
                if at.span != span {
                    self.note(s, g, What::Called, at);
                }
                return self.call(s, g, target, args, dst, span, true);
            }
            Op::Go { callee, args } => {
                let (target, args) = self.target(s, g, callee, args);
                let at = self.at_call(s, g, span, &target);
                self.spawn(s, g, target, args, at);
            }
            Op::Defer { callee, args } => {
                let (callee, args) = self.target(s, g, callee, args);
                let at = self.at(s, g, span);
                self.frame(s, g).defers.push(Deferred { callee, args, at });
            }
            Op::RunDefers => {
                if self.pauses_at_defer(s, g) {
                    return Ok(Next::Stop);
                }
                if let Some(deferred) = self.frame(s, g).defers.pop() {
                    return self.call_deferred(s, g, deferred);
                }
            }
            Op::Send { ch, val } => {
                let (ch, val) = (self.read(s, g, ch), self.read(s, g, val));
                let ch = self.channel(s, &ch);
                return Ok(self.wait(s, g, Wait::Send { ch, val }, span));
            }
            Op::Recv { val, ok, ch } => {
                let ch = self.read(s, g, ch);
                let ch = self.channel(s, &ch);
                return Ok(self.wait(s, g, Wait::Recv { ch, val: *val, ok: *ok }, span));
            }
            Op::Close { ch } => {
                let ch = self.read(s, g, ch);
                if let Val::Chan(obj) = self.channel(s, &ch)
                    && self.pauses(s, g, obj)
                {
                    return Ok(Next::Stop);
                }
                self.close(s, g, &ch, span)?;
            }
            Op::Closure { .. } | Op::FuncValue { .. } | Op::ToInterface { .. } | Op::Pure { .. } | Op::Unknown { .. } => {
                self.make_value(s, g, op);
            }
            Op::Copy { .. } | Op::Alloc { .. } | Op::Global { .. } | Op::Load { .. } | Op::Store { .. } | Op::Field { .. } => {
                self.memory(s, g, op, span)?;
            }
            other => self.collection(s, g, other, span)?,
        }
        Ok(self.step(s, g))
    }

    /// Registers and memory.
    pub(super) fn memory(&self, s: &mut State, g: usize, op: &Op, span: Span) -> Result<(), Stop> {
        match op {
            Op::Copy { dst, src } => {
                let val = self.read(s, g, src);
                self.write(s, g, *dst, val);
            }
            Op::Alloc { dst, ty } => {
                let at = self.at(s, g, span);
                let val = self.zero(ty);
                let obj = s.alloc(ObjKind::Cell(val, ty.clone()), false, Some(at));
                self.write(s, g, *dst, Val::to(obj));
            }
            Op::Global { dst, pkg, name } => {
                let obj = self.global(s, *pkg, *name);
                self.write(s, g, *dst, Val::to(obj));
            }
            Op::Load { dst, addr } => {
                let pointer = self.read(s, g, addr);
                let (obj, path) = self.place(s, &pointer)?;
                let val = self.load(s, obj, &path);
                self.write(s, g, *dst, val);
            }
            Op::Store { addr, val } => {
                let (pointer, val) = (self.read(s, g, addr), self.read(s, g, val));
                let (obj, path) = self.place(s, &pointer)?;
                let val = self.written(s, g, (obj, &path), val);
                self.store(s, obj, &path, val);
            }
            Op::Field { dst, base, index } => {
                let pointer = self.read(s, g, base);
                let (obj, mut path) = self.place(s, &pointer)?;
                path.push(*index);
                self.write(s, g, *dst, Val::Ptr(obj, path));
            }
            _ => {}
        }
        Ok(())
    }

    /// Values out of others, without memory.
    pub(super) fn make_value(&self, s: &mut State, g: usize, op: &Op) {
        match op {
            Op::Pure { dst, what, args } => {
                let args: Vec<Val> = args.iter().map(|a| self.read(s, g, a)).collect();
                let ty = self.reg_type(s, g, *dst);
                let val = self.pure(s, what, &args, &ty);
                self.write(s, g, *dst, val);
            }
            Op::Unknown { dst, from } => {
                for operand in from {
                    let val = self.read(s, g, operand);
                    let ty = operand.reg().map_or(Type::Unknown, |reg| self.reg_type(s, g, reg));
                    self.share_as(s, &val, &ty);
                }
                let ty = self.reg_type(s, g, *dst);
                let val = self.unknown(&ty);
                self.write(s, g, *dst, val);
            }
            Op::Closure { dst, func, captures } => {
                let frame = self.frame(s, g);
                let captures = captures.iter().map(|r| frame.regs[r.at()].clone()).collect();
                let body = Arc::clone(&frame.body);
                let val = Val::Func(Arc::new(FuncVal::Literal { body, index: *func, captures }));
                self.write(s, g, *dst, val);
            }
            Op::FuncValue { dst, callee, recv } => {
                let recv = recv.as_ref().map(|r| self.read(s, g, r));
                let val = Val::Func(Arc::new(FuncVal::Named { callee: callee.clone(), recv }));
                self.write(s, g, *dst, val);
            }
            Op::ToInterface { dst, val, ty } => {
                let val = match self.read(s, g, val) {
                    val @ (Val::Iface(_) | Val::Ctx(_)) => val,
                    val => Val::Iface(Arc::new((ty.clone(), val))),
                };
                self.write(s, g, *dst, val);
            }
            _ => {}
        }
    }

    fn make_chan(&self, s: &mut State, g: usize, dst: Reg, cap: &Operand, span: Span) -> Result<Next, Stop> {
        // Its operand is not yet looked up where it is a symbol that a size was chosen for.
        let size = match (cap, s.gs[g].frames.last()) {
            (Operand::Reg(reg), Some(frame)) => match frame.regs[reg.at()] {
                Val::Sym(sym) => Some(sym),
                _ => None,
            },
            _ => None,
        };
        let room = match self.read(s, g, cap) {
            Val::Int(n) if n < 0 => return Err(Stop::Panic),
            Val::Int(n) => usize::try_from(n).unwrap_or(usize::MAX),
            Val::Sym(sym) => return Err(Stop::Choose(self.sizes_of(s, sym))),
            _ => 0,
        };
        let at = self.at(s, g, span);
        let obj = s.alloc(ObjKind::Chan(Chan { room, size, ..Chan::default() }), false, Some(at));
        self.note(s, g, What::Made(obj), at);
        self.write(s, g, dst, Val::Chan(obj));
        Ok(self.step(s, g))
    }

    fn assert(&self, s: &mut State, g: usize, dst: Reg, ok: Option<Reg>, val: &Operand, ty: &Type) -> Result<(), Stop> {
        let to_interface = matches!(self.world.underlying(ty), Type::Interface(_));
        let (holds, result) = match self.read(s, g, val) {
            Val::Nil => (Some(false), None),
            Val::Iface(inner) if !to_interface => {
                if inner.0 == *ty {
                    (Some(true), Some(inner.1.clone()))
                } else {
                    (Some(false), None)
                }
            }
            other @ Val::Iface(_) => (None, Some(other)),
            _ => (None, None),
        };
        let is = match (holds, ok) {
            (Some(false), None) => return Err(Stop::Panic),
            (Some(b), _) => b,
            (None, None) => true,
            (None, Some(_)) => {
                let known = self.read(s, g, val);
                let name = ustr::ustr(&format!("is {ty}"));
                let cond = self.pure(s, &crate::ir::Pure::Other(name), &[known], &Type::Basic(crate::types::Basic::Bool));
                match cond {
                    Val::Bool(b) => b,
                    Val::Sym(sym) => return Err(Stop::Choose(vec![(sym, Val::Bool(true)), (sym, Val::Bool(false))])),
                    _ => true,
                }
            }
        };
        let value = match result {
            Some(result) if is => result,
            _ if is => {
                let known = self.read(s, g, val);
                let name = ustr::ustr(&format!("as {ty}"));
                self.pure(s, &crate::ir::Pure::Other(name), &[known], ty)
            }
            _ => self.zero(ty),
        };
        self.write(s, g, dst, value);
        if let Some(ok) = ok {
            self.write(s, g, ok, Val::Bool(is));
        }
        Ok(())
    }

    pub(super) fn target(&self, s: &State, g: usize, callee: &Callee, args: &[Operand]) -> (Target, Vec<Val>) {
        let args = args.iter().map(|a| self.read(s, g, a)).collect();
        let target = match callee {
            Callee::Static(func) => Target::Static(*func),
            Callee::Interface { iface, method } => Target::Interface(iface.clone(), *method),
            Callee::Value(value) => Target::Value(self.read(s, g, value)),
            Callee::Unknown => Target::Unknown,
        };
        (target, args)
    }

    fn term(&self, s: &mut State, g: usize, term: &Term, span: Span) -> Result<Next, Stop> {
        Ok(match term {
            Term::Jump(to) => self.jump(s, g, *to),
            Term::If { cond, then, other } if self.pass_by(s, g, cond, span) => {
                let _ = (then, other);
                Next::On
            }
            Term::If { cond, then, other } => match self.read(s, g, cond) {
                Val::Bool(b) => self.jump(s, g, if b { *then } else { *other }),
                // More rounds are like more goroutines or a greater size: nothing new comes of them.
                Val::Sym(_) if self.often(s, g) => Next::Enough,
                Val::Sym(sym) => {
                    let again = s.gs[g].frames.last().is_some_and(|frame| frame.slice.again(frame.block));
                    let first = |frame: &Frame| frame.slice.goes_over_unknown(frame.block) && frame.visits[frame.block.at()] <= 1;
                    if s.gs[g].frames.last().is_some_and(first) {
                        Next::Over(sym, self.at(s, g, span))
                    } else {
                        Next::Fork(self.alternatives(s, sym, again), Some(self.at(s, g, span)))
                    }
                }
                _ => self.jump(s, g, *other),
            },
            Term::Select { cases, default } => {
                let mut waits = Vec::with_capacity(cases.len());
                for case in cases {
                    let (ch, val) = match &case.comm {
                        Comm::Send { ch, val } => (self.read(s, g, ch), Some(self.read(s, g, val))),
                        Comm::Recv { ch, .. } => (self.read(s, g, ch), None),
                    };
                    waits.push((self.channel(s, &ch), val));
                }
                self.wait(s, g, Wait::Select { cases: waits, default: default.is_some() }, span)
            }
            Term::Return(values) => {
                let values: Vec<Val> = values.iter().map(|v| self.read(s, g, v)).collect();
                // What stands for the caller, as the count of a group that a function was started in.
                if let Some(deferred) = self.frame(s, g).defers.pop() {
                    return self.call_deferred(s, g, deferred);
                }
                let at = self.at(s, g, span);
                let name = &self.frame(s, g).body.funcs[0].name;
                if !name.is_empty() && name != super::client::CLIENT {
                    self.note(s, g, What::Left, at);
                }
                self.leave(s, g, &values)
            }
            Term::Panic(_) => return Err(Stop::Panic),
            Term::Dead => {
                s.over = true;
                Next::Stop
            }
        })
    }

    /// Leaves the innermost frame with its results.
    pub(super) fn leave(&self, s: &mut State, g: usize, values: &[Val]) -> Next {
        let Some(frame) = s.g(g).frames.pop() else { return Next::Stop };
        if s.gs[g].frames.is_empty() {
            if g == 0 {
                let types = &Self::func(&frame).results;
                values.iter().enumerate().for_each(|(i, v)| self.give(s, v, types.get(i).unwrap_or(&Type::Unknown)));
            }
            return self.ended(s, g);
        }
        for (reg, val) in frame.results.iter().zip(values) {
            self.write(s, g, *reg, val.clone());
        }
        Next::On
    }

    /// A panic goes on through a frame: what it deferred runs first, and may recover.
    fn unwind(&self, s: &mut State, g: usize) -> Next {
        let frame = self.frame(s, g);
        if let Some(deferred) = frame.defers.pop() {
            if recovers(&deferred) {
                frame.panicking = false;
                // What follows is the rest of the deferred calls and a return with whatever the results hold.
                let rest: Vec<Deferred> = std::mem::take(&mut frame.defers);
                return self.recovered(s, g, deferred, rest);
            }
            return match self.call_deferred(s, g, deferred) {
                Ok(next) => next,
                Err(_) => Next::On,
            };
        }
        s.g(g).frames.pop();
        if s.gs[g].frames.is_empty() {
            s.over = true;
            return Next::Stop;
        }
        self.frame(s, g).panicking = true;
        Next::On
    }

    fn recovered(&self, s: &mut State, g: usize, first: Deferred, rest: Vec<Deferred>) -> Next {
        // The frame ends in a block that runs what is left and returns: its first return, with results that are not known.
        let frame = self.frame(s, g);
        let func = Self::func(frame);
        let exit = func.blocks.iter().position(|b| matches!(b.term, Term::Return(_)));
        let Some(exit) = exit else {
            s.g(g).status = Status::Cut;
            return Next::Stop;
        };
        let ops = func.blocks[exit].ops.iter().position(|i| i.op == Op::RunDefers).unwrap_or(0);
        let types: Vec<Type> = func.regs.iter().map(|r| r.ty.clone()).collect();
        let unknown: Vec<Val> = types.iter().map(|ty| self.zero(ty)).collect();
        let frame = self.frame(s, g);
        frame.block = BlockId(u32::try_from(exit).unwrap_or(0));
        frame.pc = ops;
        frame.defers = rest;
        for (reg, val) in frame.regs.iter_mut().zip(unknown) {
            if *reg == Val::Nil {
                *reg = val;
            }
        }
        let depth = s.gs[g].frames.len();
        let next = self.call_deferred(s, g, first).unwrap_or(Next::On);
        if let Some(frame) = s.g(g).frames.get_mut(depth) {
            frame.recovering = true;
        }
        next
    }

    /// What `recover` gives: nil, unless there is a panic to stop.
    pub(super) fn recover(&self, s: &mut State, g: usize, dst: &[Reg]) {
        let Some(reg) = dst.first() else { return };
        if !s.gs[g].frames.last().is_some_and(|frame| frame.recovering) {
            self.write(s, g, *reg, Val::Nil);
            return;
        }
        self.unknown_results(s, g, dst);
        if let Some(Val::Sym(sym)) = s.gs[g].frames.last().map(|frame| frame.regs[reg.at()].clone()) {
            let nil = self.is_nil_sym(sym);
            Self::bind(s, nil, Val::Bool(false));
        }
    }
}

fn recovers(deferred: &Deferred) -> bool {
    match &deferred.callee {
        Target::Value(Val::Func(func)) => match &**func {
            FuncVal::Literal { body, index, .. } => body.funcs[*index as usize].recovers,
            _ => false,
        },
        _ => false,
    }
}
