//! What one operation does with a thing that is held.

use super::walk::{Loss, LossHow, Move, Walked, Walker};
use super::{Duty, Engine, Start, called};
use crate::models::{FnModel, Release};
use crate::old::ir::{BlockId, Call, Callee, FuncIdx, OpKind, Operand, Place, Proj, Sym, Ty};
use crate::old::program::{DeclId, FnId, SiteHow, Target};
use crate::source::Span;
use smallvec::SmallVec;
use std::rc::Rc;
use ustr::ustr;

/// What an operation does with the thing.
#[derive(Clone, Debug)]
pub(super) enum Effect {
    /// Nothing that matters.
    Keep,
    /// Lets it go, now or at the latest when the function leaves.
    Release,
    /// Lets it go on some of its ways.
    Maybe(String),
    /// Reads it, perhaps to its end, which the answer tells.
    Drains(String),
    /// A goroutine lets it go; what that goroutine itself forgets.
    Taken(Option<Loss>),
    /// Hands the duty on.
    Move(Move),
    /// A function that it is handed to stores it, perhaps in several fields.
    Stores(Vec<Move>),
    /// Nothing holds it any more.
    Lose(LossHow),
}

/// How a function is run, as its effect sees it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    Now,
    AtExit,
    Beside,
}

impl Walker<'_, '_> {
    pub(super) fn effect(&self, op: &OpKind, span: Span) -> Effect {
        if let Some(effect) = self.outlasts(op) {
            return effect;
        }
        match op {
            OpKind::Call(call) => self.call(call, Run::Now),
            OpKind::Defer(call) => self.call(call, Run::AtExit),
            OpKind::Spawn(call) => self.call(call, Run::Beside),
            OpKind::Send { value, .. } => self.value_leaves(value, "it is sent over a channel"),
            OpKind::Assign { dst, src } => self.assign(dst, src, span),
            OpKind::Recv { ch, dst, ok } => {
                let written = [dst, ok].into_iter().flatten().any(|p| self.aliases.is_sole(p));
                if written {
                    Effect::Lose(LossHow::Overwritten)
                } else if self.duty.once && self.aliases.is_part(ch) || self.is_end(ch) {
                    Effect::Release
                } else {
                    Effect::Keep
                }
            }
            OpKind::MakeChan { .. } | OpKind::Close { .. } => Effect::Keep,
        }
    }

    fn assign(&self, dst: &Place, src: &Operand, span: Span) -> Effect {
        let holds = src.place().is_some_and(|p| self.aliases.is(p));
        if !holds {
            if self.aliases.is_sole(dst) {
                return Effect::Lose(LossHow::Overwritten);
            }
            return if dst.as_local().is_some() {
                Effect::Keep
            } else {
                self.value_leaves(src, "a function that uses it is stored")
            };
        }
        if self.engine.is_pointee(self.id.decl, dst, &self.duty) {
            return Effect::Move(Move::Out("it is stored through a pointer".to_string()));
        }
        if dst.as_local().is_some() {
            return Effect::Keep;
        }
        self.stored(dst, span).map_or(Effect::Keep, Effect::Move)
    }

    /// Where a place keeps what is put into it.
    pub(super) fn stored(&self, dst: &Place, span: Span) -> Option<Move> {
        if self.aliases.is(dst) {
            return None;
        }
        let package = self.engine.package;
        let Some((base, last)) = dst.split_last() else {
            return Some(Move::Out("it is kept in a variable of the package".to_string()));
        };
        match last {
            Proj::Elem => Some(Move::Out("it is put into a collection".to_string())),
            Proj::Field(name) if name == "#key" => Some(Move::Out("it is the key of a map".to_string())),
            Proj::Field(name) => {
                let field = package.field(&package.ty_of(self.id.decl, self.body, &base), name);
                match field.and_then(|f| Some((f.owner?, f.name))) {
                    Some((owner, name)) => Some(Move::Field { owner, name, at: (self.id, span) }),
                    None => Some(Move::Out("it is stored in a value whose type is not in view".to_string())),
                }
            }
        }
    }

    /// A value goes where it cannot be followed. It matters if it is the thing, or a function that lets the thing go.
    pub(super) fn value_leaves(&self, value: &Operand, why: &str) -> Effect {
        match value {
            Operand::Place(p) if self.aliases.is(p) || self.is_release_value(p) => Effect::Move(Move::Out(why.to_string())),
            _ => match self.literal(value) {
                Some(lit) if self.literal_walk(lit).is_some_and(|w| w.acts()) => Effect::Move(Move::Out(why.to_string())),
                _ => Effect::Keep,
            },
        }
    }

    /// `t.Stop` as a value.
    fn is_release_value(&self, place: &Place) -> bool {
        if self.duty.releases(called()) && self.aliases.is(place) {
            return true;
        }
        let direct = |p: &Place| match p.split_last() {
            Some((base, Proj::Field(name))) => self.duty.releases(name) && self.aliases.is(&base),
            _ => false,
        };
        if direct(place) {
            return true;
        }
        let Some(local) = place.as_local() else { return false };
        matches!(&self.body.local(local).def, crate::old::ir::Def::Value(Operand::Place(p)) if direct(p))
    }

    /// The literal of this declaration that an operand is.
    pub(super) fn literal(&self, value: &Operand) -> Option<FuncIdx> {
        let value = match value {
            Operand::Func(lit) => return Some(*lit),
            Operand::Place(p) if p.as_local().is_some() => value,
            _ => return None,
        };
        let id = self.engine.package.operand_func(self.id.decl, value)?.func()?;
        (id.decl == self.id.decl && id.func != FuncIdx::TOP).then_some(id.func)
    }

    /// The ways through a literal that names the thing; `None` where it does not.
    pub(super) fn literal_walk(&self, lit: FuncIdx) -> Option<Walked> {
        if lit == self.id.func || !self.aliases.named_in(self.body, lit) {
            return None;
        }
        let id = FnId { decl: self.id.decl, func: lit };
        let walked = self.engine.deeper(|| {
            let mut walker = Walker::new(self.engine, id, Rc::clone(&self.aliases), &self.duty)?;
            walker.until.clone_from(&self.until);
            walker.runner.clone_from(&self.runner);
            Some(walker.run())
        });
        Some(walked.flatten().unwrap_or_else(|| Walked::unknown("calls nest too deeply")))
    }

    fn call(&self, call: &Call, run: Run) -> Effect {
        if let Some(effect) = self.own_call(call) {
            return effect;
        }
        let overwritten = call.results.iter().flatten().any(|r| self.aliases.is_sole(r)) && !self.gives_it_back(call);
        let mut effect = self.callee(call, run);
        for (i, arg) in call.args.iter().enumerate() {
            if !matches!(effect, Effect::Keep) {
                break;
            }
            effect = self.argument(call, i, arg, run);
        }
        match effect {
            Effect::Keep if overwritten && run == Run::Now => Effect::Lose(LossHow::Overwritten),
            effect => effect,
        }
    }

    /// `conn = plain(conn)`: the variable holds the thing still, or what stands around it.
    fn gives_it_back(&self, call: &Call) -> bool {
        let given = call.args.iter().enumerate().filter(|(_, a)| a.place().is_some_and(|p| self.aliases.is(p)));
        let target = self.engine.package.resolve(self.id.decl, call);
        given.into_iter().any(|(i, _)| {
            let results: Vec<u32> = match &target {
                Target::Func(id) => self.engine.returned(*id, i, &self.duty),
                Target::Conversion => vec![0],
                Target::Model(model, _) if model.wraps.is_some_and(|w| usize::from(w) == i) => vec![0],
                _ => Vec::new(),
            };
            results.iter().any(|r| call.results.get(*r as usize).is_some_and(|r| r.as_ref().is_some_and(|p| self.aliases.is(p))))
        })
    }

    /// A call of the thing's own methods, or of the thing.
    fn own_call(&self, call: &Call) -> Option<Effect> {
        match &call.callee {
            Callee::Method { recv, name } => {
                let holder = self.aliases.is(recv) || self.duty.field.is_some_and(|f| self.aliases.is(&recv.field(f)));
                if !holder {
                    // A field that is itself called: `s.cancel()`.
                    let called = self.duty.releases(called()) && self.aliases.is(&recv.field(*name));
                    return called.then_some(Effect::Release);
                }
                if self.duty.releases(*name) {
                    return self.reaches_through(recv, *name).then_some(Effect::Release);
                }
                // `resp.Write(w)` closes the body when it is sent.
                if self.duty.field.is_some() && self.lets_go(recv, *name) {
                    return Some(Effect::Release);
                }
                // Whoever asks for the result is followed to where it says that the end is reached.
                let asked = call.results.iter().any(Option::is_some);
                if self.duty.drained_by.contains(name) {
                    let why = format!("`{name}` may run it to its end");
                    return match (self.duty.is_pipe(), asked) {
                        (true, _) => Some(Effect::Drains(why)),
                        (false, true) => None,
                        (false, false) => Some(Effect::Maybe(why)),
                    };
                }
                None
            }
            Callee::Value(place) if self.duty.releases(called()) && self.aliases.is(place) => Some(Effect::Release),
            Callee::Value(place) if self.is_release_value(place) => Some(Effect::Release),
            _ => None,
        }
    }

    /// Whether a method that lets go of the receiver lets go of the thing: of what only stands around it, as a compressor, it may not.
    fn reaches_through(&self, recv: &Place, method: Sym) -> bool {
        if !self.aliases.is_around(recv) {
            return true;
        }
        self.method_model(recv, method).is_none_or(|model| model.releases.is_some())
    }

    /// Whether a model says that the method lets go of its receiver.
    fn lets_go(&self, recv: &Place, method: Sym) -> bool {
        self.method_model(recv, method).is_some_and(|model| model.releases == Some(Release::Receiver))
    }

    fn method_model(&self, recv: &Place, method: Sym) -> Option<&'static FnModel> {
        let package = self.engine.package;
        match package.resolve_method(&package.ty_of(self.id.decl, self.body, recv), method) {
            Target::Model(model, _) => Some(model),
            _ => None,
        }
    }

    /// What the called function does with the thing if it is a literal that captures it.
    fn callee(&self, call: &Call, run: Run) -> Effect {
        let target = self.engine.package.resolve(self.id.decl, call);
        match target.func() {
            Some(id) if id.decl == self.id.decl && id.func != FuncIdx::TOP => match self.literal_walk(id.func) {
                Some(walked) => effect_of(&walked, run, &self.duty),
                None => Effect::Keep,
            },
            _ => Effect::Keep,
        }
    }

    fn argument(&self, call: &Call, i: usize, arg: &Operand, run: Run) -> Effect {
        let package = self.engine.package;
        if let Some(lit) = self.literal(arg) {
            let Some(walked) = self.literal_walk(lit) else { return Effect::Keep };
            return match package.argument_use(self.id.decl, call, i) {
                Some(SiteHow::Spawn) => effect_of(&walked, Run::Beside, &self.duty),
                Some(SiteHow::Call) => effect_of(&walked, run, &self.duty),
                Some(SiteHow::Defer) => effect_of(&walked, Run::AtExit, &self.duty),
                None if walked.acts() => Effect::Maybe("a function that lets it go is handed on".to_string()),
                None => Effect::Keep,
            };
        }
        let Operand::Place(place) = arg else { return Effect::Keep };
        let target = package.resolve(self.id.decl, call);
        // A function that the thing itself is, as a cancel function, is followed into functions in view like any other thing.
        let follows = self.aliases.is(place) && matches!(target, Target::Func(_) | Target::Conversion);
        if self.is_release_value(place) && !follows {
            return match package.argument_use(self.id.decl, call, i) {
                Some(SiteHow::Spawn) => Effect::Taken(None),
                Some(SiteHow::Call | SiteHow::Defer) => Effect::Release,
                None => Effect::Maybe("its release is handed on as a function".to_string()),
            };
        }
        if !self.aliases.is(place) {
            return Effect::Keep;
        }
        let index = u8::try_from(i).ok();
        match target {
            // A literal's parameter is an alias: the callee's effect has been asked for.
            Target::Func(id) if id.decl == self.id.decl && id.func != FuncIdx::TOP => Effect::Keep,
            Target::Func(id) => match self.engine.parameter(id, i, &self.duty, &self.contexts_in(call)) {
                Some(walked) => effect_of(&walked, run, &self.duty),
                None => Effect::Move(Move::Out(format!("what `{}` does with it cannot be followed", self.text(call)))),
            },
            Target::Conversion => Effect::Keep,
            Target::Model(model, _) if model.closes_arg == index || model.releases == index.map(Release::Arg) => Effect::Release,
            Target::Model(model, _) if model.drains == index && self.duty.drained_by.contains(&read()) => {
                let why = format!("`{}` may read it to its end", self.text(call));
                let asked = call.results.last().is_some_and(Option::is_some);
                match (self.duty.is_pipe(), model.may_stop && asked) {
                    (false, _) => Effect::Maybe(why),
                    (true, true) => Effect::Drains(why),
                    (true, false) => Effect::Release,
                }
            }
            Target::Model(model, _) if index.is_some_and(|i| model.stores.contains(&i)) => {
                Effect::Move(Move::Out(format!("`{}` keeps it", self.text(call))))
            }
            Target::Model(model, _) if only_quick(model) => Effect::Maybe(format!("`{}` may keep it", self.text(call))),
            Target::Model(..) => Effect::Keep,
            Target::Outside(_) | Target::Dynamic(_) | Target::Unknown => self.several(call, i, run).unwrap_or_else(|| {
                Effect::Move(Move::Out(format!("it is handed to `{}`, which is not in view", self.text(call))))
            }),
        }
    }

    /// The thing is handed to one of a few functions, which all let it go, or all leave it to the caller.
    fn several(&self, call: &Call, i: usize, run: Run) -> Option<Effect> {
        let several = self.engine.package.alternatives(self.id.decl, call);
        let contexts = self.contexts_in(call);
        let effect = |id: &FnId| {
            let inner = id.decl != self.id.decl || id.func == FuncIdx::TOP;
            let walked = self.engine.parameter(*id, i, &self.duty, &contexts).filter(|_| inner)?;
            Some(effect_of(&walked, run, &self.duty)).filter(|e| matches!(e, Effect::Release | Effect::Keep))
        };
        let mut effects = several.iter().map(effect);
        let first = effects.next()??;
        let releases = matches!(first, Effect::Release);
        effects.all(|e| e.is_some_and(|e| matches!(e, Effect::Release) == releases)).then_some(first)
    }

    /// The arguments that are contexts whose end lets the thing go.
    fn contexts_in(&self, call: &Call) -> SmallVec<[usize; 2]> {
        let is = |a: &Operand| a.place().is_some_and(|p| self.until.contains(p));
        call.args.iter().enumerate().filter(|(_, a)| is(a)).map(|(i, _)| i).collect()
    }

    fn text(&self, call: &Call) -> String {
        self.engine.package.file(self.id.decl).src.slice(call.callee_span).to_string()
    }
}

/// The drained-by word of models for things that are let go when they are read to their end.
fn read() -> Sym {
    ustr("Read")
}

/// Whether nothing is known of a function but that it does memory work: a container does, and so does a logger.
fn only_quick(model: &FnModel) -> bool {
    model.quick && model.wraps.is_none() && model.blocks.is_none() && !model.deadline && !model.write_deadline
}

/// What the ways through a function mean for the one that runs it.
fn effect_of(walked: &Walked, run: Run, duty: &Duty) -> Effect {
    if run == Run::Beside {
        // A goroutine that lets it go on some way owns it, and so does one that never ends: but for one that waits for signals, which is
        // what is left behind.
        let owns = walked.never_leaves() && duty.kind != "signal";
        return if walked.acts() || owns { Effect::Taken(walked.lost.clone()) } else { Effect::Keep };
    }
    if let Some(why) = &walked.unknown {
        return if walked.released { Effect::Maybe(why.clone()) } else { Effect::Move(Move::Out(why.clone())) };
    }
    let stored: Vec<Move> = walked.moves.iter().filter(|m| !matches!(m, Move::Return(_))).cloned().collect();
    match (stored.is_empty(), walked.released, walked.lost.is_some()) {
        (false, ..) => Effect::Stores(stored),
        (true, true, false) => Effect::Release,
        (true, true, true) => Effect::Maybe("a function that it is handed to lets it go on some ways only".to_string()),
        (true, false, _) => Effect::Keep,
    }
}

impl Engine<'_> {
    /// Whether a write to this local goes through the pointer that it holds: places follow pointers silently, but what lies behind one is
    /// not this function's.
    pub(super) fn is_pointee(&self, decl: DeclId, place: &Place, duty: &Duty) -> bool {
        let Some((local, body)) = place.as_local().zip(self.package.body(decl)) else { return false };
        let Ty::Ptr(inner) = self.package.local_type(decl, body, local) else { return false };
        let is_interface = |ty: &Ty| match ty {
            Ty::Named { path: Some(path), name } => self.package.models().type_(*path, *name).is_some_and(|t| t.interface),
            _ => false,
        };
        duty.releases(called()) || matches!(*inner, Ty::Ptr(_)) || is_interface(&inner)
    }

    /// The ways through a function that takes the thing as a parameter. `None` where that cannot be told.
    pub(crate) fn parameter(&self, id: FnId, i: usize, duty: &Rc<Duty>, until: &[usize]) -> Option<Rc<Walked>> {
        let key = (id, i, duty.kind, SmallVec::from_slice(until));
        if let Some(known) = self.params.borrow().get(&key) {
            // A function that hands it to itself adds nothing.
            return known.clone();
        }
        self.params.borrow_mut().insert(key.clone(), None);
        let found = self.deeper(|| self.walk_parameter(id, i, duty, until)).flatten().map(Rc::new);
        self.params.borrow_mut().insert(key, found.clone());
        found
    }

    fn walk_parameter(&self, id: FnId, i: usize, duty: &Rc<Duty>, until: &[usize]) -> Option<Walked> {
        let (_, func) = self.package.func(id)?;
        let last = func.params.len().checked_sub(1)?;
        if func.sig.variadic && i >= last {
            return None;
        }
        let param = Place::local(*func.params.get(i)?);
        let until = until.iter().filter_map(|i| func.params.get(*i)).map(|p| Place::local(*p)).collect();
        let start = Start { id, at: None, holder: param, error: None, until, facts: Vec::new(), runner: None };
        self.walk(&start, duty)
    }

    /// The results through which a function gives back what it took as a parameter.
    pub(super) fn returned(&self, id: FnId, i: usize, duty: &Duty) -> Vec<u32> {
        let Some(walked) = self.parameter(id, i, &Rc::new(duty.clone()), &[]) else { return Vec::new() };
        let index = |m: &Move| match m {
            Move::Return(i) => Some(*i),
            _ => None,
        };
        walked.moves.iter().filter_map(index).collect()
    }

    /// The ways on which a thing can go from where it is first held.
    pub(super) fn walk(&self, start: &Start, duty: &Rc<Duty>) -> Option<Walked> {
        let aliases = super::alias::Aliases::new(self, start.id.decl, [start.holder.clone()], duty);
        let mut walker = Walker::new(self, start.id, Rc::new(aliases), duty)?;
        walker.error = start.error.clone();
        walker.until.clone_from(&start.until);
        walker.runner.clone_from(&start.runner);
        walker.facts.clone_from(&start.facts);
        walker.start = start.at;
        Some(walker.run())
    }
}

/// Where an operation stands.
pub(super) type At = (BlockId, usize);
