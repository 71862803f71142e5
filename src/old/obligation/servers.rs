//! Servers that goroutines run: who shuts them down, and which method ends the type that owns them.
//!
//! Owners are found, not listed: a type has an end if one of its methods lets go of something that a field of it holds.

use super::alias::Aliases;
use super::effects::Effect;
use super::over::Runner;
use super::walk::{Move, Walker};
use super::{Acquired, Engine, Fate, Lost, Start};
use crate::models::{BlockKind, Release};
use crate::old::flow::Cfg;
use crate::old::ir::{Callee, FuncIdx, LocalKind, OpKind, Operand, Place, Sym, Ty};
use crate::old::lifetime::lasting;
use crate::old::program::{DeclId, FnId, Setting, SiteHow, Target, functions};
use crate::source::Span;
use std::rc::Rc;

/// A server that goes on when its owner is gone.
#[derive(Clone, Debug)]
pub struct Serving {
    /// The function and statement that start the goroutine which serves.
    pub started: (FnId, Span),
    /// A way on which it is forgotten, where others shut it down.
    pub lost: Option<Lost>,
    /// The type that owns it, and the place where a method of that type lets go of something else.
    pub owner: Option<(Sym, FnId, Span)>,
}

impl Engine<'_> {
    /// A server that nothing shuts down though its owner has an end; or why nothing is said of it.
    ///
    /// # Errors
    /// The reason why nothing is said.
    pub fn serving(&self, acquired: &Acquired) -> Result<Serving, String> {
        let holder = acquired.holder.clone().ok_or("nothing is known to hold it")?;
        let started = self.started(acquired).ok_or("no goroutine runs it")?;
        if lasting::once(self.package, started.id, started.block).is_some() {
            return Err("it is started once and lives as long as the process".into());
        }
        let at = (started.id, started.span);
        let body = self.package.body(acquired.id.decl).ok_or("the function cannot be read")?;
        if let Some((owner, name)) = self.field_of(acquired.id.decl, body, &holder) {
            return self.served_by_field(acquired, owner, name, at);
        }
        let local = holder.as_local().filter(|l| body.local(*l).kind == LocalKind::Var);
        let Some(local) = local.filter(|_| started.id.decl == acquired.id.decl) else {
            return Err("what holds it comes from elsewhere".into());
        };
        if body.local(local).func != started.id.func {
            return Err("a variable of the function around keeps it".into());
        }
        let mut released = false;
        for effect in self.effects_on(acquired.id.decl, &holder, acquired) {
            match effect {
                Effect::Move(Move::Field { owner, name, .. }) => return self.served_by_field(acquired, owner, name, at),
                Effect::Move(Move::Out(why)) | Effect::Maybe(why) => return Err(why),
                Effect::Move(_) | Effect::Stores(_) => return Err("it is kept elsewhere".into()),
                Effect::Release | Effect::Taken(_) => released = true,
                Effect::Keep | Effect::Drains(_) | Effect::Lose(_) => {}
            }
        }
        if released {
            let start = Start {
                id: started.id,
                at: Some((started.block, started.op)),
                holder,
                error: None,
                until: Vec::new(),
                facts: Vec::new(),
                runner: self.served_in(acquired, &started).map(Rc::new),
            };
            return match self.follow(&start, started.span, &acquired.duty, 0) {
                Fate::Lost(lost) => Ok(Serving { started: at, lost: Some(lost), owner: None }),
                Fate::Released => Err("it is shut down on every way out".into()),
                Fate::Silent(why) => Err(why),
            };
        }
        // Nothing holds it when the function is left: no method can end it any more.
        let owner = self.owner_of(started.id.decl).ok_or("its function belongs to no type that has an end")?;
        self.owned(acquired, owner, at)
    }

    fn served_by_field(&self, acquired: &Acquired, owner: Sym, name: Sym, at: (FnId, Span)) -> Result<Serving, String> {
        let used = self.field_use(owner, name, &acquired.duty);
        match (&used.escapes, used.releases.is_empty()) {
            (Some(why), _) => Err(why.clone()),
            (None, false) => Err(format!("a function of the package shuts {owner}.{name} down")),
            (None, true) => self.owned(acquired, owner, at),
        }
    }

    fn owned(&self, acquired: &Acquired, owner: Sym, at: (FnId, Span)) -> Result<Serving, String> {
        let (id, span) = self.end_of(owner).ok_or_else(|| format!("{owner} has no method that ends it"))?;
        // What ends the listener ends the server with it.
        if acquired.call.args.iter().filter_map(Operand::place).any(|p| self.is_let_go(acquired.id.decl, p)) {
            return Err("its listener may be closed elsewhere".into());
        }
        Ok(Serving { started: at, lost: None, owner: Some((owner, id, span)) })
    }

    /// Whether a listener is more than a variable of the function: a field or a parameter, which somebody else closes.
    fn is_let_go(&self, decl: DeclId, place: &Place) -> bool {
        let Some(body) = self.package.body(decl) else { return true };
        place.as_local().is_none_or(|l| matches!(body.local(l).kind, LocalKind::Param(_) | LocalKind::Recv))
    }

    /// Where the goroutine that runs the server is started.
    fn started(&self, acquired: &Acquired) -> Option<StartedAt> {
        let (_, func) = self.package.func(acquired.id)?;
        let op = &func.block(acquired.block).ops[acquired.op];
        if let OpKind::Spawn(_) = op.kind {
            return Some(StartedAt { id: acquired.id, block: acquired.block, op: acquired.op, span: op.span });
        }
        let waits = acquired.model.blocks.as_ref().is_some_and(|b| b.kind == BlockKind::Forever);
        let sites = self.package.callers(acquired.id);
        let [site] = sites.sites.as_slice() else { return None };
        (waits && site.how == SiteHow::Spawn).then_some(StartedAt {
            id: site.caller,
            block: site.block,
            op: site.op,
            span: site.span,
        })
    }

    /// The goroutine that runs it, if more than the call that serves.
    fn served_in(&self, acquired: &Acquired, started: &StartedAt) -> Option<Runner> {
        let (_, func) = self.package.func(started.id)?;
        let group = match &func.block(started.block).ops.get(started.op)?.kind {
            OpKind::Call(call) => match &call.callee {
                Callee::Method { recv, .. } => Some(recv.clone()),
                _ => None,
            },
            _ => None,
        };
        let repeated = Cfg::new(self.package, started.id)?.on_cycle(started.block);
        (acquired.id != started.id).then_some(Runner { body: acquired.id, runs: (acquired.block, acquired.op), group, repeated })
    }

    /// What the operations of a declaration do with what a place holds.
    fn effects_on(&self, decl: DeclId, holder: &Place, acquired: &Acquired) -> Vec<Effect> {
        let Some(body) = self.package.body(decl) else { return Vec::new() };
        let aliases = Rc::new(Aliases::new(self, decl, [holder.clone()], &acquired.duty));
        let mut out = Vec::new();
        for (id, func) in functions(decl, body) {
            let Some(walker) = Walker::new(self, id, Rc::clone(&aliases), &acquired.duty) else { continue };
            out.extend(func.ops().map(|(_, _, op)| walker.effect(&op.kind, op.span)));
            for block in &func.blocks {
                if let crate::old::ir::Term::Return(values) = &block.term
                    && values.iter().filter_map(Operand::place).any(|p| aliases.is(p))
                {
                    out.push(Effect::Move(Move::Out("its caller gets it".into())));
                }
            }
        }
        out
    }

    /// The type that a declaration belongs to: that of its receiver, or the one of this package that a constructor returns.
    fn owner_of(&self, decl: DeclId) -> Option<Sym> {
        let (body, func) = self.package.func(FnId { decl, func: FuncIdx::TOP })?;
        let name = match func.recv {
            Some(_) => body.recv_type?,
            None => crate::old::lower::base_name(func.sig.results.first()?)?,
        };
        self.package.type_decl(name).map(|_| name)
    }

    /// Where a method of the type that others call to end it lets go of something that the type holds.
    #[must_use]
    pub fn end_of(&self, owner: Sym) -> Option<(FnId, Span)> {
        self.package.methods_of(owner).into_iter().filter(|m| self.looks_like_an_end(*m)).find_map(|m| self.lets_go(m, owner, 0))
    }

    /// Exported, takes a context at most, and answers with an error at most.
    fn looks_like_an_end(&self, decl: DeclId) -> bool {
        let Some((body, func)) = self.package.func(FnId { decl, func: FuncIdx::TOP }) else { return false };
        let exported = body.name.chars().next().is_some_and(char::is_uppercase);
        let is = |ty: &Ty, name: &str| matches!(ty, Ty::Named { name: n, .. } if *n == name);
        exported
            && func.sig.params.iter().all(|ty| is(ty, "Context"))
            && func.sig.results.iter().all(|ty| is(ty, "error"))
            && func.sig.results.len() <= 1
    }

    fn lets_go(&self, decl: DeclId, owner: Sym, depth: u8) -> Option<(FnId, Span)> {
        let body = self.package.body(decl)?;
        // To unlock is no end.
        let own = |p: &Place| {
            let kind = self.package.type_kind(&self.package.ty_of(decl, body, p));
            self.field_of(decl, body, p).is_some_and(|(o, _)| o == owner)
                && !kind.is_some_and(|k| matches!(k.as_str(), "mutex" | "rwmutex"))
        };
        for (id, func) in functions(decl, body) {
            for (_, _, op) in func.ops() {
                let found = match &op.kind {
                    OpKind::Close { ch } => own(ch),
                    OpKind::Call(call) | OpKind::Defer(call) => {
                        let recv = match &call.callee {
                            Callee::Method { recv, name } => Some((recv, recv.field(*name))),
                            _ => None,
                        };
                        let is_cancel = |p: &Place| {
                            own(p) && self.package.type_kind(&self.package.ty_of(decl, body, p)).is_some_and(|k| k == "cancel")
                        };
                        match self.package.resolve(decl, call) {
                            Target::Model(model, _) => {
                                model.releases == Some(Release::Receiver) && recv.as_ref().is_some_and(|(r, _)| own(r))
                            }
                            Target::Func(callee) if callee.func == FuncIdx::TOP && depth < 2 => {
                                let same = self.package.decl(callee.decl).recv == Some(owner) && callee.decl != decl;
                                if let Some(found) = same.then(|| self.lets_go(callee.decl, owner, depth + 1)).flatten() {
                                    return Some(found);
                                }
                                false
                            }
                            _ => {
                                recv.is_some_and(|(_, field)| is_cancel(&field))
                                    || matches!(&call.callee, Callee::Value(p) if is_cancel(p))
                                    || matches!(&call.callee, Callee::Name(n) if *n == "close")
                                        && call.args.first().and_then(Operand::place).is_some_and(own)
                            }
                        }
                    }
                    _ => false,
                };
                if found {
                    return Some((id, op.span));
                }
            }
        }
        None
    }

    /// Whether a parameter holds the thing: the caller has it as well.
    #[must_use]
    pub fn is_callers(&self, acquired: &Acquired) -> bool {
        let local = acquired.holder.as_ref().and_then(Place::root_local);
        let Some((body, local)) = self.package.body(acquired.id.decl).zip(local) else { return false };
        acquired.holder.as_ref().is_some_and(|h| h.path.is_empty()) && matches!(body.local(local).kind, LocalKind::Param(_))
    }

    /// Whether a call is made again and again: in a loop, or for each request.
    #[must_use]
    pub fn runs_again(&self, acquired: &Acquired) -> bool {
        let is_test = |decl| self.package.file(decl).src.display.ends_with("_test.go");
        match self.package.setting(acquired.id, acquired.block) {
            // A test that runs through a table says nothing of how the code is used.
            Setting::Loop(id) => is_test(acquired.id.decl) || !is_test(id.decl),
            Setting::Handler(_) => true,
            Setting::Goroutine(..) | Setting::Plain => false,
        }
    }
}

/// Where a goroutine is started.
struct StartedAt {
    id: FnId,
    block: crate::old::ir::BlockId,
    op: usize,
    span: Span,
}
