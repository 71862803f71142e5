//! Calls: what they lead to, and what they do where a row of the protocol table speaks for them.

use super::exec::Next;
use super::machine::{Cut, Machine, Stop};
use super::protocol::Call;
use super::state::{At, Deferred, Frame, Goroutine, ObjKind, State, Status, Target, What};
use super::value::{FuncVal, Origin, Val};
use crate::effects::{self, Effect};
use crate::ir::{Block, BlockId, Body, Callee, Func, Instr, Op, Operand, Reg, RegInfo, Term, UNRESOLVED};
use crate::source::Span;
use crate::types::{FuncId, PkgKey, SelectionKind, Type};
use std::rc::Rc;
use std::sync::Arc;

/// What a target comes to.
pub(super) enum Resolved {
    /// A function in view, with what it captured.
    Body(PkgKey, Arc<Body>, u32, Box<[Val]>, Vec<Val>),
    /// A row of the table.
    Effect(FuncId, Effect, Vec<Val>),
    /// A predeclared function that was deferred or started.
    Predeclared(FuncId, Vec<Val>),
    /// Cancels a context.
    Cancel(super::value::ObjId),
    /// Out of view.
    Opaque(Vec<Val>),
    /// A call of nil.
    Panics,
}

impl Machine<'_> {
    /// Finds out what a call leads to; the arguments come back with bound receivers in front.
    pub(super) fn resolve_target(&self, s: &State, pkg: PkgKey, target: &Target, args: Vec<Val>) -> Resolved {
        match target {
            Target::Static(func) => self.resolve_static(s, pkg, *func, args),
            Target::Interface(iface, method) => self.resolve_interface(s, pkg, iface, *method, args),
            Target::Value(val) => match self.resolve(s, val) {
                Val::Func(func) => match &*func {
                    FuncVal::Literal { body, index, captures } => {
                        Resolved::Body(self.pkg_of(body, pkg), Arc::clone(body), *index, captures.clone(), args)
                    }
                    FuncVal::Cancel(ctx) => Resolved::Cancel(*ctx),
                    FuncVal::Named { callee, recv } => {
                        let args: Vec<Val> = recv.iter().cloned().chain(args).collect();
                        match callee {
                            Callee::Static(func) => self.resolve_static(s, pkg, *func, args),
                            Callee::Interface { iface, method } => self.resolve_interface(s, pkg, iface, *method, args),
                            _ => Resolved::Opaque(args),
                        }
                    }
                },
                Val::Nil => Resolved::Panics,
                _ => Resolved::Opaque(args),
            },
            Target::Unknown => Resolved::Opaque(args),
        }
    }

    /// The package of a body; literals run in the one that they were written in.
    fn pkg_of(&self, body: &Arc<Body>, fallback: PkgKey) -> PkgKey {
        self.homes.borrow().get(&(Arc::as_ptr(body) as usize)).copied().unwrap_or(fallback)
    }

    fn resolve_static(&self, s: &State, pkg: PkgKey, func: FuncId, args: Vec<Val>) -> Resolved {
        if func.pkg.is_empty() {
            return Resolved::Predeclared(func, args);
        }
        let effect = self.traits.effect(&func);
        match effect {
            Some(effect) if func.pkg != pkg || !matches!(effect, Effect::Quick | Effect::Slow) => {
                Resolved::Effect(func, effect, args)
            }
            _ if self.traits.quiet(&func) && !args.iter().any(|arg| self.gets_at(s, arg)) => {
                Resolved::Effect(func, Effect::Quick, args)
            }
            _ => match self.bodies.get(func) {
                Some(lowered) => {
                    self.homes.borrow_mut().insert(Arc::as_ptr(&lowered.body) as usize, lowered.pkg);
                    Resolved::Body(lowered.pkg, Arc::clone(&lowered.body), 0, Box::default(), args)
                }
                None => Resolved::Opaque(args),
            },
        }
    }

    fn resolve_interface(&self, s: &State, pkg: PkgKey, iface: &Type, method: ustr::Ustr, mut args: Vec<Val>) -> Resolved {
        let Some(recv) = args.first().map(|r| self.resolve(s, r)) else { return Resolved::Opaque(args) };
        if let Some(effect) = effects::of_interface(iface, method) {
            let id = FuncId { pkg: ustr::ustr("context"), recv: None, name: method };
            return Resolved::Effect(id, effect, args);
        }
        match recv {
            Val::Nil => Resolved::Panics,
            Val::Iface(inner) => {
                let Some(selection) = self.world.lookup(&inner.0, method, pkg) else { return Resolved::Opaque(args) };
                let Some((recv, ty)) = self.promoted(s, &inner.1, &inner.0, &selection.path) else {
                    return Resolved::Opaque(args);
                };
                match selection.kind {
                    SelectionKind::Method { func, pointer } => {
                        args[0] = match (&recv, &ty, pointer) {
                            (Val::Ptr(obj, path), Type::Pointer(_), false) => self.load(s, *obj, path),
                            _ => recv,
                        };
                        self.resolve_static(s, pkg, func, args)
                    }
                    SelectionKind::Interface if !selection.path.is_empty() => {
                        args[0] = recv;
                        self.resolve_interface(s, pkg, &ty, method, args)
                    }
                    _ => Resolved::Opaque(args),
                }
            }
            _ => Resolved::Opaque(args),
        }
    }

    /// What embedded fields lead to from a value, and its type.
    fn promoted(&self, s: &State, val: &Val, ty: &Type, path: &[u32]) -> Option<(Val, Type)> {
        let (mut val, mut ty) = (self.resolve(s, val), ty.clone());
        for index in path {
            let base = match self.world.underlying(&ty) {
                Type::Pointer(inner) => (*inner).clone(),
                _ => ty.clone(),
            };
            let inner = self.inner(&base, *index);
            val = match val {
                // The method may want a pointer to the field, or what is in it.
                Val::Ptr(obj, mut at) => {
                    at.push(*index);
                    match self.world.underlying(&inner) {
                        Type::Pointer(_) | Type::Interface(_) => self.load(s, obj, &at),
                        _ => {
                            ty = Type::Pointer(Arc::new(inner));
                            val = Val::Ptr(obj, at);
                            continue;
                        }
                    }
                }
                Val::Agg(parts) => self.resolve(s, parts.get(*index as usize)?),
                _ => return None,
            };
            ty = inner;
        }
        Some((val, ty))
    }

    /// A call whose results go into `dst`. `advance` tells whether the caller goes on behind it.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn call(
        &self,
        s: &mut State,
        g: usize,
        target: Target,
        args: Vec<Val>,
        dst: &[Reg],
        span: Span,
        advance: bool,
    ) -> Result<Next, Stop> {
        let pkg = s.gs[g].frames.last().map_or_else(|| ustr::ustr(""), |f| f.pkg);
        self.choose_implementer(s, pkg, &target, &args)?;
        let step = |s: &mut State| {
            if advance {
                self.frame(s, g).pc += 1;
            }
            Ok(Next::On)
        };
        match self.resolve_target(s, pkg, &target, args) {
            Resolved::Body(pkg, body, index, captures, args) => {
                let results = self.wanted(s, g, dst);
                if !self.has_to_enter(s, g, &body, index, &[&args, &captures], dst) {
                    self.pass_over(s, g, &body, index, dst, span);
                    return step(s);
                }
                if !self.may_enter(s, g, &body, index) {
                    self.cut(Cut::Calls);
                    self.opaque(s, g, &args, dst, span);
                    captures.iter().for_each(|c| self.share(s, c));
                    return step(s);
                }
                step(s)?;
                let mut frame = self.new_frame(pkg, body, index, &captures, args, results);
                frame.results = dst.to_vec();
                s.g(g).frames.push(frame);
                Ok(Next::On)
            }
            Resolved::Effect(func, effect, args) => self.effect(s, g, &Call { func, args: &args, dst, span, advance }, effect),
            Resolved::Predeclared(func, args) => {
                if func.name == "close"
                    && advance
                    && let Some(Val::Chan(obj)) = args.first().map(|ch| self.channel(s, ch))
                    && self.pauses(s, g, obj)
                {
                    return Ok(Next::Stop);
                }
                match func.name.as_str() {
                    "close" => self.close(s, g, args.first().unwrap_or(&Val::Nil), span)?,
                    "panic" => return Err(Stop::Panic),
                    "recover" => self.recover(s, g, dst),
                    _ => {}
                }
                step(s)
            }
            Resolved::Cancel(ctx) => {
                if let (true, ObjKind::Ctx { done: Some(done), .. }) = (advance, &s.obj(ctx).kind)
                    && self.pauses(s, g, *done)
                {
                    return Ok(Next::Stop);
                }
                let at = self.at(s, g, span);
                self.cancel(s, ctx);
                if let ObjKind::Ctx { done: Some(done), .. } = s.obj(ctx).kind {
                    self.note(s, g, What::Closed(done), at);
                }
                step(s)
            }
            Resolved::Opaque(args) => {
                self.out_of_view(s, g, &target, span);
                let func = if let Target::Static(func) = &target { Some(func) } else { None };
                self.clobber(s, func, &args);
                self.opaque(s, g, &args, dst, span);
                step(s)
            }
            Resolved::Panics => Err(Stop::Panic),
        }
    }

    /// What is known of a call out of view by its name alone: whether it waits for somebody, and whether it returns.
    fn out_of_view(&self, s: &mut State, g: usize, target: &Target, span: Span) {
        let Target::Static(func) = target else { return };
        s.g(g).hangs |= self.traits.hangs(func);
        if func.pkg == UNRESOLVED && effects::may_end(func.name) {
            let at = self.at(s, g, span);
            self.note(s, g, What::Guess, at);
        }
    }

    pub(super) fn call_deferred(&self, s: &mut State, g: usize, deferred: Deferred) -> Result<Next, Stop> {
        self.call(s, g, deferred.callee, deferred.args, &[], deferred.at.span, false)
    }

    fn may_enter(&self, s: &State, g: usize, body: &Arc<Body>, index: u32) -> bool {
        let frames = &s.gs[g].frames;
        let same = frames.iter().filter(|f| Arc::ptr_eq(&f.body, body) && f.index == index).count();
        frames.len() < self.limits.frames && same < 2
    }

    /// A call of what is out of view: it may keep what it is handed, and gives anything.
    fn opaque(&self, s: &mut State, g: usize, args: &[Val], dst: &[Reg], span: Span) {
        args.iter().for_each(|a| self.share(s, a));
        let at = self.at(s, g, span);
        s.g(g).slow = Some(at);
        self.unknown_results(s, g, dst);
    }

    pub(super) fn unknown_results(&self, s: &mut State, g: usize, dst: &[Reg]) {
        for reg in dst {
            let ty = s.gs[g].frames.last().map_or(Type::Unknown, |f| Self::func(f).regs[reg.at()].ty.clone());
            let val = self.unknown(&ty);
            self.write(s, g, *reg, val);
        }
    }

    /// A frame at the beginning of a function; `results` tells which of its results matter, a bit each.
    pub(super) fn new_frame(
        &self,
        pkg: PkgKey,
        body: Arc<Body>,
        index: u32,
        captures: &[Val],
        args: Vec<Val>,
        results: u8,
    ) -> Frame {
        let slice = self.traits.slice(&body, index, results);
        let func = &body.funcs[index as usize];
        let mut regs = vec![Val::Nil; func.regs.len()];
        for (reg, val) in func.captures.iter().zip(captures) {
            regs[reg.at()] = val.clone();
        }
        for (reg, val) in func.params.iter().zip(args) {
            regs[reg.at()] = val;
        }
        let visits = vec![0; func.blocks.len()];
        Frame {
            pkg,
            index,
            block: BlockId(0),
            pc: 0,
            regs,
            defers: Vec::new(),
            visits,
            results: Vec::new(),
            panicking: false,
            recovering: false,
            slice,
            body,
        }
    }

    /// Starts a goroutine.
    pub(super) fn spawn(&self, s: &mut State, g: usize, target: Target, args: Vec<Val>, at: At) {
        self.spawn_with(s, g, target, args, at, None);
    }

    /// The same with a call that comes when the function has been left.
    pub(super) fn spawn_with(&self, s: &mut State, g: usize, target: Target, args: Vec<Val>, at: At, last: Option<Deferred>) {
        let alive = s.gs.iter().filter(|g| g.status != Status::Done).count();
        if alive >= self.limits.goroutines || s.gs.len() >= 4 * self.limits.goroutines {
            self.cut(Cut::Goroutines);
            args.iter().for_each(|a| self.share(s, a));
            if let Target::Value(val) = &target {
                self.share(s, val);
            }
            last.iter().flat_map(|l| &l.args).for_each(|a| self.share(s, a));
            return;
        }
        let mut frame = match self.resolve_target(s, at.pkg, &target, args.clone()) {
            Resolved::Body(pkg, body, index, captures, args) => self.new_frame(pkg, body, index, &captures, args, 0),
            _ => self.new_frame(at.pkg, self.traits.keep(thunk(target, args.len(), at)), 0, &[], args, 0),
        };
        frame.defers.extend(last);
        let goroutine = Goroutine {
            frames: vec![frame],
            status: Status::Running,
            born: Some(at),
            slow: None,
            hangs: false,
            stands: None,
            outside: 0,
            paused: false,
        };
        s.gs.push(Rc::new(goroutine));
        let id = s.gs.len() - 1;
        self.note(s, g, What::Started(id), at);
    }

    /// Runs a callback a few times, then goes on behind the call.
    pub(super) fn call_back(
        &self,
        s: &mut State,
        g: usize,
        func: FuncId,
        args: &[Val],
        dst: &[Reg],
        span: Span,
    ) -> Result<(), Stop> {
        let callbacks: Vec<Val> = args.iter().map(|a| self.resolve(s, a)).filter(|a| matches!(a, Val::Func(_))).collect();
        let int = Type::Basic(crate::types::Basic::Int);
        let mut key = callbacks.clone();
        key.push(Val::Int(i64::from(span.start)));
        let count = self.syms.of(Origin::Of(func, key.into()), &int);
        let Some(Val::Int(count)) = s.bound.get(&count).cloned() else { return Err(Stop::Choose(self.sizes_of(s, count))) };
        self.unknown_results(s, g, dst);
        let pkg = s.gs[g].frames.last().map_or_else(|| ustr::ustr(""), |f| f.pkg);
        for callback in callbacks {
            for _ in 0..count {
                if let Resolved::Body(pkg, body, index, captures, _) =
                    self.resolve_target(s, pkg, &Target::Value(callback.clone()), Vec::new())
                {
                    let func = &body.funcs[index as usize];
                    let args = func.params.iter().map(|p| self.unknown(&func.regs[p.at()].ty)).collect();
                    let frame = self.new_frame(pkg, body, index, &captures, args, 0);
                    s.g(g).frames.push(frame);
                }
            }
        }
        Ok(())
    }
}

/// A function that does nothing but call what a goroutine was started with, where that is no function in view.
fn thunk(target: Target, args: usize, at: At) -> Body {
    let reg = |i: usize| Reg(u32::try_from(i).unwrap_or(u32::MAX));
    let mut params: Vec<Reg> = (0..args).map(reg).collect();
    let mut regs = vec![RegInfo { ty: Type::Unknown, name: ustr::ustr("") }; args];
    let callee = match target {
        Target::Static(func) => Callee::Static(func),
        Target::Interface(iface, method) => Callee::Interface { iface, method },
        Target::Value(_) | Target::Unknown => {
            regs.push(RegInfo { ty: Type::Unknown, name: ustr::ustr("") });
            params.push(reg(args));
            Callee::Unknown
        }
    };
    let call = Op::Call { dst: Vec::new(), callee, args: (0..args).map(|i| Operand::Reg(reg(i))).collect() };
    let block = Block { ops: vec![Instr { op: call, span: at.span }], term: Term::Return(Vec::new()), span: at.span };
    let func = Func {
        name: String::new(),
        span: at.span,
        params,
        captures: Vec::new(),
        results: Vec::new(),
        regs,
        blocks: vec![block],
        defers: false,
        recovers: false,
    };
    Body { funcs: vec![func], file: at.file }
}
