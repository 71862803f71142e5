//! What the rows of the protocol table do to a state.

use super::exec::Next;
use super::machine::{Machine, Stop};
use super::state::{At, Deferred, ObjKind, State, Status, Target, Wait, Waker, What};
use super::value::{FuncVal, ObjId, Val};
use crate::effects::Effect;
use crate::ir::{Pure, Reg};
use crate::source::Span;
use crate::types::{FuncId, Type};
use std::sync::Arc;
use ustr::ustr;

/// A call that a row of the table speaks for.
pub(super) struct Call<'c> {
    /// What is called.
    pub(super) func: FuncId,
    /// With what.
    pub(super) args: &'c [Val],
    /// Where the results go.
    pub(super) dst: &'c [Reg],
    /// Where it stands.
    pub(super) span: Span,
    /// Whether the caller goes on behind it; deferred calls have nothing behind them.
    pub(super) advance: bool,
}

impl Call<'_> {
    fn arg(&self, index: usize) -> Val {
        self.args.get(index).cloned().unwrap_or(Val::Nil)
    }
}

impl Machine<'_> {
    /// Does what a row says; the caller's frame stands at the call until it is done.
    pub(super) fn effect(&self, s: &mut State, g: usize, call: &Call<'_>, effect: Effect) -> Result<Next, Stop> {
        match effect {
            Effect::NeverReturns => {
                s.over = true;
                return Ok(Next::Stop);
            }
            Effect::Calls => return self.callbacks(s, g, call),
            Effect::Lock { .. } | Effect::GroupWait => return self.waiting(s, g, call, effect),
            Effect::OnceDo => {
                let (obj, path) = self.place(s, &call.arg(0))?;
                if self.load(s, obj, &path) == Val::Int(0) {
                    self.store(s, obj, &path, Val::Int(1));
                    return self.call(s, g, Target::Value(call.arg(1)), Vec::new(), &[], call.span, call.advance);
                }
            }
            Effect::Quick => {
                self.clobber(s, Some(&call.func), call.args);
                self.unknown_results(s, g, call.dst);
            }
            Effect::Slow => {
                self.clobber(s, Some(&call.func), call.args);
                s.g(g).slow = Some(self.at(s, g, call.span));
                self.unknown_results(s, g, call.dst);
            }
            Effect::NewError => {
                self.unknown_results(s, g, call.dst);
                self.not_nil_result(s, g, call.dst);
            }
            Effect::AtomicLoad | Effect::AtomicStore | Effect::AtomicAdd | Effect::AtomicSwap | Effect::AtomicCompareAndSwap => {
                self.atomic(s, g, effect, call)?
            }
            Effect::TryLock { .. } | Effect::Unlock { .. } | Effect::GroupAdd | Effect::GroupDone | Effect::GroupGo => {
                self.counting(s, g, call, effect)?
            }
            Effect::After
            | Effect::Tick
            | Effect::NewTimer { .. }
            | Effect::StopTimer
            | Effect::ResetTimer { .. }
            | Effect::AfterFunc => {
                self.timers(s, g, call, effect)?;
            }
            Effect::Background
            | Effect::WithoutCancel
            | Effect::WithValue
            | Effect::WithCancel
            | Effect::WithDeadline
            | Effect::Done
            | Effect::Err => self.contexts(s, g, call, effect),
        }
        self.behind(s, g, call);
        Ok(Next::On)
    }

    fn behind(&self, s: &mut State, g: usize, call: &Call<'_>) {
        if call.advance {
            self.frame(s, g).pc += 1;
        }
    }

    fn callbacks(&self, s: &mut State, g: usize, call: &Call<'_>) -> Result<Next, Stop> {
        // Frames of the callbacks go on top of the caller's, which then stands behind the call.
        self.behind(s, g, call);
        if let Err(stop) = self.call_back(s, g, call.func, call.args, call.dst, call.span) {
            if call.advance {
                self.frame(s, g).pc -= 1;
            }
            return Err(stop);
        }
        Ok(Next::On)
    }

    fn waiting(&self, s: &mut State, g: usize, call: &Call<'_>, effect: Effect) -> Result<Next, Stop> {
        let place = self.place(s, &call.arg(0))?;
        self.behind(s, g, call);
        let wait = match effect {
            Effect::Lock { read } => Wait::Lock { lock: place, read },
            _ => Wait::Group { group: place },
        };
        Ok(self.wait(s, g, wait, call.span))
    }

    /// Locks are released and groups counted at once: nobody is hindered by it.
    fn counting(&self, s: &mut State, g: usize, call: &Call<'_>, effect: Effect) -> Result<(), Stop> {
        match effect {
            Effect::Unlock { read } => {
                let (obj, path) = self.place(s, &call.arg(0))?;
                let held = self.load(s, obj, &path);
                let free = match (held, read) {
                    (Val::Int(n), true) if n > 0 => Val::Int(n - 1),
                    _ => Val::Int(0),
                };
                self.store(s, obj, &path, free);
            }
            Effect::GroupAdd => self.count(s, &call.arg(0), &call.arg(1))?,
            Effect::GroupDone => self.count(s, &call.arg(0), &Val::Int(-1))?,
            Effect::GroupGo => {
                self.count(s, &call.arg(0), &Val::Int(1))?;
                let at = self.at(s, g, call.span);
                let done = FuncId { pkg: ustr("sync"), recv: Some(ustr("WaitGroup")), name: ustr("Done") };
                let last = Deferred { callee: Target::Static(done), args: vec![call.arg(0)], at };
                self.spawn_with(s, g, Target::Value(call.arg(1)), Vec::new(), at, Some(last));
            }
            Effect::TryLock { read } => {
                let (obj, path) = self.place(s, &call.arg(0))?;
                let held = match self.load(s, obj, &path) {
                    Val::Int(n) => n,
                    _ => 0,
                };
                let free = held == 0 || read && held > 0;
                if free {
                    self.store(s, obj, &path, Val::Int(if read { held.saturating_add(1) } else { -1 }));
                }
                self.loose.set(true);
                self.result(s, g, call.dst, 0, Val::Bool(free));
            }
            _ => self.unknown_results(s, g, call.dst),
        }
        Ok(())
    }

    fn timers(&self, s: &mut State, g: usize, call: &Call<'_>, effect: Effect) -> Result<(), Stop> {
        let at = self.at(s, g, call.span);
        match effect {
            Effect::After | Effect::Tick => {
                let waker = if effect == Effect::After { Waker::Once } else { Waker::Ticks };
                let chan = Self::woken(s, waker, 1, at);
                self.result(s, g, call.dst, 0, Val::Chan(chan));
            }
            Effect::NewTimer { ticks } => self.timer(s, g, call.dst, ticks, at),
            Effect::StopTimer | Effect::ResetTimer { .. } => {
                let next = match effect {
                    Effect::ResetTimer { ticks: true } => Waker::Ticks,
                    Effect::ResetTimer { ticks: false } => Waker::Once,
                    _ => Waker::None,
                };
                match self.set_timer(s, &call.arg(0), next)? {
                    Some(before) => self.result(s, g, call.dst, 0, Val::Bool(before != Waker::None)),
                    None => self.unknown_results(s, g, call.dst),
                }
            }
            _ => {
                self.unknown_results(s, g, call.dst);
                self.spawn(s, g, Target::Value(call.arg(1)), Vec::new(), at);
            }
        }
        Ok(())
    }

    fn contexts(&self, s: &mut State, g: usize, call: &Call<'_>, effect: Effect) {
        let at = self.at(s, g, call.span);
        match effect {
            Effect::Background | Effect::WithoutCancel => {
                let ctx = s.alloc(ObjKind::Ctx { done: None, children: Vec::new() }, false, Some(at));
                self.result(s, g, call.dst, 0, Val::Ctx(ctx));
            }
            Effect::WithValue => self.result(s, g, call.dst, 0, call.arg(0)),
            Effect::WithCancel => self.derive(s, g, &call.arg(0), call.dst, Waker::None, at),
            Effect::WithDeadline => self.derive(s, g, &call.arg(0), call.dst, Waker::Deadline, at),
            Effect::Done => {
                let ctx = self.context(s, &call.arg(0), at);
                let val = match ctx.map(|c| s.obj(c).kind.clone()) {
                    Some(ObjKind::Ctx { done: Some(done), .. }) => Val::Chan(done),
                    _ => Val::Nil,
                };
                self.result(s, g, call.dst, 0, val);
            }
            _ => self.context_err(s, g, &call.arg(0), call.dst, at),
        }
    }

    /// The first result, which nothing else is known of, is not nil.
    fn not_nil_result(&self, s: &mut State, g: usize, dst: &[Reg]) {
        if let Some(reg) = dst.first()
            && let Val::Sym(sym) = s.gs[g].frames.last().map_or(Val::Nil, |f| f.regs[reg.at()].clone())
        {
            let nil = self.is_nil_sym(sym);
            Self::bind(s, nil, Val::Bool(false));
        }
    }

    /// An operation on an atomic variable, which no other goroutine comes between.
    fn atomic(&self, s: &mut State, g: usize, effect: Effect, call: &Call<'_>) -> Result<(), Stop> {
        let arg = |i: usize| call.arg(i);
        let (obj, path) = self.place(s, &arg(0))?;
        let before = self.load(s, obj, &path);
        let int = Type::Basic(crate::types::Basic::Int);
        let (after, result) = match effect {
            Effect::AtomicStore => (Some(arg(1)), Val::Nil),
            Effect::AtomicSwap => (Some(arg(1)), before),
            Effect::AtomicAdd => {
                let sum = self.pure(s, &Pure::Add, &[before, self.resolve(s, &arg(1))], &int);
                (Some(sum.clone()), sum)
            }
            Effect::AtomicCompareAndSwap => {
                let boolean = Type::Basic(crate::types::Basic::Bool);
                match self.pure(s, &Pure::Eq, &[before, self.resolve(s, &arg(1))], &boolean) {
                    Val::Bool(true) => (Some(arg(2)), Val::Bool(true)),
                    Val::Sym(sym) => return Err(Stop::Choose(self.alternatives(s, sym, false))),
                    _ => (None, Val::Bool(false)),
                }
            }
            _ => (None, before),
        };
        if let Some(after) = after {
            if s.gs.iter().filter(|g| g.status != Status::Done).count() > 1 {
                self.loose.set(true);
            }
            self.store(s, obj, &path, after);
        }
        self.result(s, g, call.dst, 0, result);
        Ok(())
    }

    fn result(&self, s: &mut State, g: usize, dst: &[Reg], index: usize, val: Val) {
        if let Some(reg) = dst.get(index) {
            self.write(s, g, *reg, val);
        }
    }

    /// The context that a value is; one that is not known is ended by code out of view at some time.
    fn context(&self, s: &mut State, val: &Val, at: At) -> Option<ObjId> {
        match self.resolve(s, val) {
            Val::Ctx(ctx) => Some(ctx),
            Val::Sym(sym) => {
                let done = Self::woken(s, Waker::Closes, 0, at);
                let ctx = s.alloc(ObjKind::Ctx { done: Some(done), children: Vec::new() }, false, None);
                Self::bind(s, sym, Val::Ctx(ctx));
                let nil = self.is_nil_sym(sym);
                Self::bind(s, nil, Val::Bool(false));
                Some(ctx)
            }
            _ => None,
        }
    }

    fn derive(&self, s: &mut State, g: usize, parent: &Val, dst: &[Reg], waker: Waker, at: At) {
        let parent = self.context(s, parent, at);
        let done = Self::woken(s, waker, 0, at);
        let ctx = s.alloc(ObjKind::Ctx { done: Some(done), children: Vec::new() }, false, Some(at));
        let mut ended = false;
        if let Some(parent) = parent {
            let parent_done = match &mut s.obj_mut(parent).kind {
                ObjKind::Ctx { done, children } => {
                    children.push(ctx);
                    *done
                }
                _ => None,
            };
            ended = parent_done.and_then(|d| s.chan(d)).is_some_and(|c| c.closed);
            // What ends the parent from out of view ends this one too.
            let outside = parent_done.and_then(|d| s.chan(d)).map_or(Waker::None, |c| c.waker);
            if waker == Waker::None
                && outside != Waker::None
                && let Some(chan) = s.chan_mut(done)
            {
                chan.waker = outside;
            }
        }
        if ended {
            self.cancel(s, ctx);
        }
        self.result(s, g, dst, 0, Val::Ctx(ctx));
        self.result(s, g, dst, 1, Val::Func(Arc::new(FuncVal::Cancel(ctx))));
    }

    fn context_err(&self, s: &mut State, g: usize, ctx: &Val, dst: &[Reg], at: At) {
        let ctx = self.context(s, ctx, at);
        let done = match ctx.map(|c| s.obj(c).kind.clone()) {
            Some(ObjKind::Ctx { done: Some(done), .. }) => s.chan(done).cloned(),
            _ => None,
        };
        match done {
            Some(chan) if chan.closed => {
                self.unknown_results(s, g, dst);
                self.not_nil_result(s, g, dst);
            }
            Some(chan) if chan.waker != Waker::None => self.unknown_results(s, g, dst),
            _ => self.result(s, g, dst, 0, Val::Nil),
        }
    }

    /// Ends a context and those derived from it.
    pub(super) fn cancel(&self, s: &mut State, ctx: ObjId) {
        let mut todo = vec![ctx];
        while let Some(ctx) = todo.pop() {
            if let ObjKind::Ctx { done, children } = s.obj(ctx).kind.clone() {
                todo.extend(children);
                if let Some(chan) = done.and_then(|d| s.chan_mut(d)) {
                    chan.closed = true;
                }
            }
        }
    }

    /// Closes a channel.
    pub(super) fn close(&self, s: &mut State, g: usize, ch: &Val, span: Span) -> Result<(), Stop> {
        let at = self.at(s, g, span);
        match self.channel(s, ch) {
            Val::Chan(obj) => {
                let shared = s.obj(obj).shared();
                let Some(chan) = s.chan_mut(obj) else { return Ok(()) };
                if chan.closed && !shared {
                    return Err(Stop::Panic);
                }
                chan.closed = true;
                self.note(s, g, What::Closed(obj), at);
                Ok(())
            }
            Val::Nil => Err(Stop::Panic),
            _ => Ok(()),
        }
    }

    fn timer(&self, s: &mut State, g: usize, dst: &[Reg], ticks: bool, at: At) {
        let Some(reg) = dst.first() else { return };
        let ty = s.gs[g].frames.last().map_or(Type::Unknown, |f| Self::func(f).regs[reg.at()].ty.clone());
        let inner = match self.world.underlying(&ty) {
            Type::Pointer(inner) => (*inner).clone(),
            _ => return self.unknown_results(s, g, dst),
        };
        let chan = Self::woken(s, if ticks { Waker::Ticks } else { Waker::Once }, 1, at);
        let timer = self.zero(&inner);
        let obj = s.alloc(ObjKind::Cell(timer, inner.clone()), false, Some(at));
        if let Some(index) = self.timer_field(&inner) {
            self.store(s, obj, &[index], Val::Chan(chan));
        }
        self.result(s, g, dst, 0, Val::to(obj));
    }

    /// The field `C` of a timer.
    fn timer_field(&self, ty: &Type) -> Option<u32> {
        match self.world.underlying(ty) {
            Type::Struct(fields) => fields.iter().position(|f| f.name == "C").and_then(|i| u32::try_from(i).ok()),
            _ => None,
        }
    }

    /// Lets a timer be stopped or run again, and gives what it was, if that is known. What was not received yet comes no more.
    fn set_timer(&self, s: &mut State, timer: &Val, next: Waker) -> Result<Option<Waker>, Stop> {
        let (obj, mut path) = self.place(s, timer)?;
        let ty = match &s.obj(obj).kind {
            ObjKind::Cell(_, ty) => ty.clone(),
            _ => return Ok(None),
        };
        if !path.is_empty() {
            return Ok(None);
        }
        if let Some(index) = self.timer_field(&ty) {
            path.push(index);
            if let Val::Chan(chan) = self.load(s, obj, &path)
                && let Some(chan) = s.chan_mut(chan)
            {
                return Ok(Some(std::mem::replace(&mut chan.waker, next)));
            }
        }
        Ok(None)
    }

    fn count(&self, s: &mut State, group: &Val, by: &Val) -> Result<(), Stop> {
        let (obj, path) = self.place(s, group)?;
        let by = match self.resolve(s, by) {
            Val::Int(n) => n,
            Val::Sym(sym) => return Err(Stop::Choose(self.sizes_of(s, sym))),
            _ => 0,
        };
        let Val::Int(before) = self.load(s, obj, &path) else { return Ok(()) };
        let after = before.saturating_add(by);
        // Others may have counted up a group that code out of view holds.
        if after < 0 && !s.obj(obj).shared() {
            return Err(Stop::Panic);
        }
        self.store(s, obj, &path, Val::Int(after.max(0)));
        Ok(())
    }
}
