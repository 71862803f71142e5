//! Pipes: whoever waits at one end stays for ever if nobody closes the other.
//!
//! A pipe by itself is memory. What matters is a goroutine that waits at one end, and a way on which the other end is forgotten: the walk
//! for that end begins where the goroutine is started, since before there is nobody to be left behind. Closing either end wakes both
//! sides, so an end that somebody else closes ends the wait as well.

use super::alias::Aliases;
use super::drain::waits;
use super::effects::Effect;
use super::walk::{Loss, Move, Walked, Walker};
use super::{Acquired, Duty, Engine, Start};
use crate::old::flow::Cfg;
use crate::old::ir::{BlockId, Body, Call, Callee, FuncIdx, OpKind, Operand, Place};
use crate::old::lifetime::lasting;
use crate::old::program::{DeclId, FnId, Site, SiteHow, Target, functions};
use crate::source::Span;
use std::rc::Rc;

/// Functions that an end is handed to are followed this deep.
const MAX_DEPTH: u8 = 3;

/// A wait at one end of a pipe that nothing ends.
#[derive(Clone, Debug)]
pub struct StuckPipe {
    /// Where somebody waits.
    pub wait: PipeWait,
    /// The goroutine that waits: the function that starts it and the statement. `None` where the function that made the pipe waits itself,
    /// or its callers do.
    pub waiter: Option<(FnId, Span)>,
    /// The goroutine that has the other end and forgets it.
    pub holder: Option<Holder>,
    /// Index of the end that is forgotten: 0 or 1.
    pub end: usize,
    /// Where it is forgotten.
    pub loss: Loss,
    /// All ways out of that function which forget it.
    pub left: Vec<Loss>,
    /// Whether other ways close it.
    pub partial: bool,
    /// Whether the function that made the pipe can close this end when it leaves.
    pub own: bool,
    /// Whether what stopped the other side may have closed the pipe itself.
    pub weak: bool,
}

/// A goroutine that has one end.
#[derive(Clone, Debug)]
pub struct Holder {
    /// What it runs.
    pub id: FnId,
    /// The function that starts it.
    pub caller: FnId,
    /// The statement.
    pub span: Span,
}

/// How an end is forgotten.
struct Forgotten {
    loss: Loss,
    left: Vec<Loss>,
    partial: bool,
    holder: Option<Holder>,
    own: bool,
}

/// Somebody waits at one end.
#[derive(Clone, Debug)]
pub struct PipeWait {
    /// The function.
    pub id: FnId,
    /// The call.
    pub span: Span,
    /// The call is code that is not in view, which was given the end.
    pub outside: bool,
    /// It waits until the other end is closed, not only for the next bytes.
    pub to_the_end: bool,
    runner: Runner,
}

/// Who runs a piece of the function that made the pipe.
#[derive(Clone, Debug)]
enum Runner {
    Owner,
    Callers,
    Goroutine(Box<Site>, Option<FuncIdx>),
}

impl Engine<'_> {
    /// A wait at one of the pipe's ends that a way in view leaves without an end; or why none is claimed.
    ///
    /// # Errors
    /// The reason why nothing is said.
    pub fn stuck_pipe(&self, acquired: &Acquired) -> Result<StuckPipe, String> {
        if lasting::once(self.package, acquired.id, acquired.block).is_some() {
            return Err("it is made once and lives as long as the process".into());
        }
        let also = acquired.model.acquires.as_ref().and_then(|a| Some((a.result, a.also?))).ok_or("it has one end only")?;
        let end = |i: u8| acquired.call.results.get(i as usize).cloned().flatten().filter(|p| p.as_local().is_some());
        let (Some(first), Some(second)) = (end(also.0), end(also.1)) else {
            return Err("an end of it goes straight to another place".into());
        };
        let ends = [first, second];
        let mut why = "nobody is seen to wait at either end".to_string();
        // Who reads to the end stays more often than who writes: the forgotten writer comes first.
        for end in [1, 0] {
            match self.stuck_at(acquired, &ends, end) {
                Ok(Some(stuck)) => return Ok(stuck),
                Ok(None) => {}
                Err(reason) => why = reason,
            }
        }
        Err(why)
    }

    /// A wait at the other end that this end, forgotten on some way, does not end.
    fn stuck_at(&self, acquired: &Acquired, ends: &[Place; 2], end: usize) -> Result<Option<StuckPipe>, String> {
        let (mine, other) = (&ends[end], &ends[1 - end]);
        let duty = self.duty_of_end(acquired, end);
        let other_duty = self.duty_of_end(acquired, 1 - end);
        let mut waits = Vec::new();
        let other_aliases = Rc::new(Aliases::new(self, acquired.id.decl, [other.clone()], &other_duty));
        self.waits_in(acquired, &other_aliases, &other_duty, &mut waits);
        if waits.is_empty() && end == 1 && self.is_returned(acquired, other, &other_duty) {
            let span = acquired.span();
            waits.push(PipeWait { id: acquired.id, span, outside: true, to_the_end: true, runner: Runner::Callers });
        }
        let mut why = None;
        for wait in waits {
            if let Some(reason) = self.ended_at_its_own_end(acquired, &wait, &other_aliases, &other_duty) {
                why.get_or_insert(reason);
                continue;
            }
            match self.forgotten(acquired, mine, &duty, &wait) {
                Ok(Forgotten { loss, left, partial, holder, own }) if wait.to_the_end || !loss.used => {
                    let waiter = match &wait.runner {
                        Runner::Goroutine(site, _) => Some((site.caller, site.span)),
                        Runner::Owner | Runner::Callers => None,
                    };
                    let weak = end == 0 && loss.used && self.may_have_stopped(&loss, acquired, mine, &duty);
                    return Ok(Some(StuckPipe { wait, waiter, holder, end, loss, left, partial, own, weak }));
                }
                Ok(_) => {
                    why.get_or_insert("what was read or written may be all".to_string());
                }
                Err(reason) => {
                    why.get_or_insert(reason);
                }
            }
        }
        why.map_or(Ok(None), Err)
    }

    /// Only what is read can be read to its end.
    fn duty_of_end(&self, acquired: &Acquired, end: usize) -> Rc<Duty> {
        let reads = acquired.model.results.get(end).is_none_or(|ty| ty != "*io.PipeWriter");
        let mut duty = (*acquired.duty).clone();
        if !reads || duty.drained_by.is_empty() {
            duty.kind = "pipe writer".into();
            // No method has this name: it has no end to come to, but its use is noted.
            duty.drained_by = std::iter::once("".into()).collect();
        }
        Rc::new(duty)
    }

    fn is_returned(&self, acquired: &Acquired, end: &Place, duty: &Rc<Duty>) -> bool {
        let start = Start {
            id: acquired.id,
            at: Some((acquired.block, acquired.op)),
            holder: end.clone(),
            error: None,
            until: Vec::new(),
            facts: Vec::new(),
            runner: None,
        };
        self.walk(&start, duty).is_some_and(|w| w.moves.iter().any(|m| matches!(m, Move::Return(_))))
    }

    /// Calls of the declaration, and of functions of the package that it hands the end to, which wait at the end.
    fn waits_in(&self, acquired: &Acquired, aliases: &Rc<Aliases>, duty: &Duty, out: &mut Vec<PipeWait>) {
        let decl = acquired.id.decl;
        let Some(body) = self.package.body(decl) else { return };
        for (id, func) in functions(decl, body) {
            for (block, op, operation) in func.ops() {
                let (call, spawned) = match &operation.kind {
                    OpKind::Call(call) => (call, None),
                    OpKind::Spawn(call) => {
                        let site =
                            Site { caller: id, block, op, how: SiteHow::Spawn, call: (**call).clone(), span: operation.span };
                        (call, Some(Runner::Goroutine(Box::new(site), None)))
                    }
                    _ => continue,
                };
                let Some(wait) = self.wait_of(id, block, call, aliases, duty, 0) else { continue };
                let Some(runner) = spawned.or_else(|| self.runner(acquired, id, 0)) else { continue };
                // In another package it is that package's business how it reads.
                let (id, span) = if wait.id.decl.is_own() { (wait.id, wait.span) } else { (id, call.span) };
                out.push(PipeWait { id, span, runner, ..wait });
            }
        }
    }

    fn wait_of(&self, id: FnId, block: BlockId, call: &Call, aliases: &Aliases, duty: &Duty, depth: u8) -> Option<PipeWait> {
        let package = self.package;
        let again = || Cfg::new(package, id).is_some_and(|cfg| cfg.on_cycle(block));
        let wait = |outside, to_the_end| PipeWait { id, span: call.span, outside, to_the_end, runner: Runner::Owner };
        let index = call.args.iter().position(|a| a.place().is_some_and(|p| aliases.is(p)));
        match package.resolve(id.decl, call) {
            Target::Model(model, _) if waits(package, id.decl, call, aliases) => {
                // What unpacks a stream stops where the stream ends, whatever becomes of the writer.
                let own = matches!(&call.callee, Callee::Method { recv, .. } if aliases.is_framed(recv));
                let framed = own || call.args.iter().filter_map(Operand::place).any(|p| aliases.is_framed(p));
                let reads = duty.kind != "pipe writer";
                Some(wait(false, (model.drains.is_some() || again()) && !(reads && framed)))
            }
            Target::Func(callee) if callee.func == FuncIdx::TOP && depth < MAX_DEPTH => {
                let (body, func) = package.func(callee)?;
                let param = Place::local(*func.params.get(index?)?);
                let inner = Aliases::new(self, callee.decl, [param], duty);
                self.first_wait(callee.decl, body, &inner, duty, depth + 1)
            }
            Target::Outside(_) | Target::Dynamic(_) | Target::Unknown if index.is_some() => Some(wait(true, true)),
            _ => None,
        }
    }

    fn first_wait(&self, decl: DeclId, body: &Body, aliases: &Aliases, duty: &Duty, depth: u8) -> Option<PipeWait> {
        let mut found = functions(decl, body).flat_map(|(id, func)| {
            func.ops().filter_map(move |(block, _, op)| match &op.kind {
                OpKind::Call(call) => self.wait_of(id, block, call, aliases, duty, depth),
                _ => None,
            })
        });
        let first = found.next()?;
        Some(found.find(|w| w.to_the_end && !w.outside).filter(|_| !first.to_the_end).unwrap_or(first))
    }

    /// Who runs a function of the declaration: the function that made the pipe, or one goroutine that it starts.
    fn runner(&self, acquired: &Acquired, id: FnId, depth: u8) -> Option<Runner> {
        if id == acquired.id {
            return Some(Runner::Owner);
        }
        let callers = self.package.callers(id);
        let [site] = callers.sites.as_slice() else { return None };
        if callers.hidden.is_some() || site.caller.decl != id.decl || depth > MAX_DEPTH {
            return None;
        }
        match site.how {
            SiteHow::Spawn if site.caller == acquired.id => Some(Runner::Goroutine(Box::new(site.clone()), Some(id.func))),
            SiteHow::Spawn => None,
            SiteHow::Call | SiteHow::Defer => self.runner(acquired, site.caller, depth + 1),
        }
    }

    /// Why the wait may end by itself: somebody else than the one who waits closes its own end, or it has a deadline.
    fn ended_at_its_own_end(
        &self,
        acquired: &Acquired,
        wait: &PipeWait,
        aliases: &Rc<Aliases>,
        duty: &Rc<Duty>,
    ) -> Option<String> {
        let decl = acquired.id.decl;
        let body = self.package.body(decl)?;
        for (id, func) in functions(decl, body) {
            let walker = Walker::new(self, id, Rc::clone(aliases), duty)?;
            let mine = match &wait.runner {
                Runner::Goroutine(_, Some(lit)) => body.is_inside(id.func, *lit),
                Runner::Goroutine(_, None) => false,
                Runner::Owner | Runner::Callers => matches!(self.runner(acquired, id, 0), Some(Runner::Owner)),
            };
            for (_, _, op) in func.ops() {
                if let OpKind::Call(call) = &op.kind
                    && self.package.resolve(decl, call).model().is_some_and(|m| m.deadline || m.write_deadline)
                    && aliases.used_by(&op.kind)
                {
                    return Some("its calls have a deadline".into());
                }
                if mine && op.span.contains(wait.span) || wait.is_callers() {
                    continue;
                }
                let effect = walker.effect(&op.kind, op.span);
                // Whoever waits closes its own end when it is too late, and what it hands the end to before it waits is done by then.
                let late = matches!(effect, Effect::Release) || matches!(wait.runner, Runner::Goroutine(..));
                if mine && late || wait.starts(op.span) {
                    continue;
                }
                match effect {
                    Effect::Release | Effect::Maybe(_) | Effect::Taken(_) => {
                        return Some("somebody else closes the end where it waits".into());
                    }
                    Effect::Move(Move::Out(why)) => return Some(why),
                    Effect::Move(_) | Effect::Stores(_) => return Some("the end where it waits is kept elsewhere".into()),
                    Effect::Keep | Effect::Drains(_) | Effect::Lose(_) => {}
                }
            }
        }
        None
    }

    /// The way on which this end is forgotten while somebody waits at the other.
    fn forgotten(&self, acquired: &Acquired, end: &Place, duty: &Rc<Duty>, wait: &PipeWait) -> Result<Forgotten, String> {
        let aliases = Rc::new(Aliases::new(self, acquired.id.decl, [end.clone()], duty));
        let walker = Walker::new(self, acquired.id, Rc::clone(&aliases), duty).ok_or("the function cannot be read")?;
        let mut why = None;
        if let Runner::Goroutine(site, lit) = &wait.runner {
            if lit.and_then(|lit| walker.literal_walk(lit)).is_some_and(|w| w.acts()) {
                return Err("the goroutine that waits has both ends".into());
            }
            if let Some(reason) = self.gone_before(acquired, &walker, site) {
                return Err(reason);
            }
            let start = Start {
                id: acquired.id,
                at: Some((site.block, site.op)),
                holder: end.clone(),
                error: None,
                until: Vec::new(),
                facts: Vec::new(),
                runner: None,
            };
            let walked = self.walk(&start, duty).ok_or("the function cannot be read")?;
            if let Some(loss) = walked.lost.clone().filter(|l| l.id == acquired.id) {
                let own = walked.moves.is_empty() && walked.unknown.is_none();
                return Ok(Forgotten { loss, partial: walked.acts(), left: walked.left, holder: None, own });
            }
            why = walked.unknown;
        }
        let beside = self.holders(acquired, &walker, wait);
        let [(holder, walked)] = beside.as_slice() else {
            return Err(why.unwrap_or_else(|| "it is closed on every way out".into()));
        };
        if let Some(unknown) = &walked.unknown {
            return Err(unknown.clone());
        }
        let Some(loss) = walked.lost.clone().filter(|_| walked.moves.is_empty()) else {
            return Err("the goroutine that has the other end closes it on every way out".into());
        };
        match self.closed_beside(acquired, holder, &aliases, duty, wait) {
            Some(reason) => Err(reason),
            None => {
                let (left, holder) = (walked.left.clone(), Some(holder.clone()));
                Ok(Forgotten { loss, left, partial: walked.released, holder, own: false })
            }
        }
    }

    /// Why the end may be somebody else's before the goroutine is started.
    fn gone_before(&self, acquired: &Acquired, walker: &Walker<'_, '_>, site: &Site) -> Option<String> {
        let cfg = Cfg::new(self.package, acquired.id)?;
        walker.func().ops().find_map(|(block, i, op)| {
            let earlier = if block == site.block { i < site.op } else { cfg.reachable(block)[site.block.at()] };
            if !earlier || (block, i) == (acquired.block, acquired.op) {
                return None;
            }
            match walker.effect(&op.kind, op.span) {
                Effect::Move(Move::Out(why)) | Effect::Maybe(why) => Some(why),
                Effect::Move(_) | Effect::Stores(_) => Some("it is kept elsewhere before the goroutine is started".into()),
                Effect::Release => Some("it is closed before the goroutine is started".into()),
                Effect::Taken(_) | Effect::Keep | Effect::Drains(_) | Effect::Lose(_) => None,
            }
        })
    }

    /// The goroutines that the function which made the pipe starts with this end, beside the one that waits at the other.
    fn holders(&self, acquired: &Acquired, walker: &Walker<'_, '_>, wait: &PipeWait) -> Vec<(Holder, Walked)> {
        let decl = acquired.id.decl;
        let Some(body) = self.package.body(decl) else { return Vec::new() };
        let mut out = Vec::new();
        for (id, _) in functions(decl, body).filter(|(id, _)| id.func != FuncIdx::TOP) {
            let Some(Runner::Goroutine(site, Some(lit))) = self.runner(acquired, id, 0) else { continue };
            if lit != id.func || wait.starts(site.span) {
                continue;
            }
            if let Some(walked) = walker.literal_walk(lit) {
                out.push((Holder { id, caller: site.caller, span: site.span }, walked));
            }
        }
        for (_, _, op) in walker.func().ops() {
            let OpKind::Spawn(call) = &op.kind else { continue };
            let Some(callee) = self.package.resolve(decl, call).func().filter(|f| f.func == FuncIdx::TOP) else { continue };
            for (i, arg) in call.args.iter().enumerate() {
                if arg.place().is_some_and(|p| walker.aliases.is(p)) && !wait.starts(op.span) {
                    let walked = self.parameter(callee, i, &walker.duty, &[]);
                    let walked = walked.map_or_else(|| Walked::unknown("calls nest too deeply"), |w| (*w).clone());
                    out.push((Holder { id: callee, caller: acquired.id, span: op.span }, walked));
                }
            }
        }
        out
    }

    /// Why somebody else than the goroutine that has an end may close it in time.
    fn closed_beside(
        &self,
        acquired: &Acquired,
        holder: &Holder,
        aliases: &Rc<Aliases>,
        duty: &Rc<Duty>,
        wait: &PipeWait,
    ) -> Option<String> {
        let decl = acquired.id.decl;
        let body = self.package.body(decl)?;
        for (id, func) in functions(decl, body) {
            if holder.id.decl == decl && body.is_inside(id.func, holder.id.func) {
                continue;
            }
            let walker = Walker::new(self, id, Rc::clone(aliases), duty)?;
            for (_, _, op) in func.ops() {
                let late = matches!(op.kind, OpKind::Defer(_)) && matches!(wait.runner, Runner::Owner) && id == acquired.id;
                if op.span == holder.span || late {
                    continue;
                }
                match walker.effect(&op.kind, op.span) {
                    Effect::Keep | Effect::Drains(_) | Effect::Lose(_) => {}
                    Effect::Move(Move::Out(why)) => return Some(why),
                    _ => return Some("somebody else closes it too".into()),
                }
            }
            let gives_away = func.blocks.iter().any(|b| match &b.term {
                crate::old::ir::Term::Return(values) => values.iter().filter_map(Operand::place).any(|p| aliases.is(p)),
                _ => false,
            });
            if gives_away {
                return Some("its caller gets it".into());
            }
        }
        None
    }

    /// Whether the function that forgets the reader copies from it: what stops a copy may be the error that the writer closed it with.
    fn may_have_stopped(&self, loss: &Loss, acquired: &Acquired, end: &Place, duty: &Rc<Duty>) -> bool {
        let aliases = Rc::new(Aliases::new(self, acquired.id.decl, [end.clone()], duty));
        let Some(walker) = Walker::new(self, loss.id, aliases, duty) else { return true };
        walker.func().ops().any(|(_, _, op)| match &op.kind {
            OpKind::Call(call) => {
                let copies = self.package.resolve(loss.id.decl, call).model().is_some_and(|m| m.drains.is_some());
                copies && matches!(walker.effect(&op.kind, op.span), Effect::Drains(_))
            }
            _ => false,
        })
    }
}

impl PipeWait {
    /// Whether the statement starts the goroutine that waits.
    fn starts(&self, span: Span) -> bool {
        matches!(&self.runner, Runner::Goroutine(site, _) if site.span == span)
    }

    /// Whether callers wait that are not in view.
    #[must_use]
    pub fn is_callers(&self) -> bool {
        matches!(self.runner, Runner::Callers)
    }
}
