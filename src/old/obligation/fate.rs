//! The answer about one acquired thing: let go on every way, lost on one, or gone out of view.

use super::alias::Aliases;
use super::effects::Effect;
use super::piled::Until;
use super::walk::{Loss, LossHow, Move, Walker};
use super::{Acquired, Duty, Engine, Start};
use crate::old::ir::{BlockId, Call, Callee, Cond, FuncIdx, OpKind, Operand, Place, Proj, Root, Sym, Term, Ty};
use crate::old::lifetime::lasting;
use crate::old::lower::bare;
use crate::old::program::{FnId, Site, SiteHow, functions};
use crate::source::Span;
use std::rc::Rc;
use ustr::ustr;

/// Callers of callers are followed this far.
const MAX_CALLERS: u8 = 5;

/// What becomes of an acquired thing.
#[derive(Clone, Debug)]
pub enum Fate {
    /// Every way lets it go, or hands it to somebody who does.
    Released,
    /// Some way in view forgets it.
    Lost(Lost),
    /// Nothing is claimed; the reason.
    Silent(String),
}

/// A way on which a thing is forgotten.
#[derive(Clone, Debug)]
pub struct Lost {
    /// Where the thing goes, in order; the last is where it is forgotten.
    pub marks: Vec<Mark>,
    /// Whether other ways let it go.
    pub partial: bool,
    /// The field that keeps it, if one does.
    pub field: Option<(Sym, Sym)>,
}

impl Lost {
    /// Whether what lets it go is deferred in a loop that goes on until somebody ends it: there is one for each round until then, and no longer.
    #[must_use]
    pub fn until_told(&self) -> bool {
        self.marks.last().is_some_and(|m| m.kind == MarkKind::Forgotten(LossHow::Deferred(Until::Told)))
    }
}

/// One stop on the way of a thing.
#[derive(Clone, Debug)]
pub struct Mark {
    /// The function.
    pub id: FnId,
    /// The bytes.
    pub span: Span,
    /// What happens there.
    pub kind: MarkKind,
}

/// What happens at a stop.
#[derive(Clone, Debug, PartialEq)]
pub enum MarkKind {
    /// A caller receives it.
    Received,
    /// It is stored in the field.
    Stored(Sym, Sym),
    /// It is forgotten.
    Forgotten(LossHow),
    /// The only function that lets the field go is called by nobody.
    Uncalled,
}

impl Engine<'_> {
    /// What becomes of the thing.
    #[must_use]
    pub fn fate(&self, acquired: &Acquired) -> Fate {
        if lasting::once(self.package, acquired.id, acquired.block).is_some() {
            return Fate::Silent("it is made once and lives as long as the process".to_string());
        }
        if acquired.passed_on {
            return Fate::Silent("it is handed on with the other results of the call".to_string());
        }
        let Some(holder) = acquired.holder.clone() else {
            if self.always_fails(acquired.id, (acquired.block, acquired.op), acquired.error.as_ref(), &acquired.duty) {
                return Fate::Silent("the way on is one on which the call has failed".to_string());
            }
            let mark = Mark { id: acquired.id, span: acquired.span(), kind: MarkKind::Forgotten(LossHow::Dropped) };
            return Fate::Lost(Lost { marks: vec![mark], partial: false, field: None });
        };
        let start = Start {
            id: acquired.id,
            at: Some((acquired.block, acquired.op)),
            holder,
            error: acquired.error.clone(),
            until: acquired.until.clone(),
            facts: acquired.facts.clone(),
            runner: None,
        };
        self.follow(&start, acquired.span(), &acquired.duty, 0)
    }

    pub(super) fn follow(&self, start: &Start, span: Span, duty: &Rc<Duty>, depth: u8) -> Fate {
        if depth > MAX_CALLERS {
            return Fate::Silent("it is handed through too many callers".to_string());
        }
        if !start.holder.path.is_empty() || start.holder.root_local().is_none() {
            return self.kept_in(start, span, duty);
        }
        if self.is_pointee(start.id.decl, &start.holder, duty) {
            return Fate::Silent("it is stored through a pointer".to_string());
        }
        let Some(walked) = self.walk(start, duty) else { return Fate::Silent("the function cannot be read".to_string()) };
        if let Some(loss) = walked.lost.clone() {
            return Fate::Lost(Lost { marks: vec![forgotten(&loss)], partial: walked.acts(), field: None });
        }
        let mut answer = walked.unknown.clone().map_or(Fate::Released, Fate::Silent);
        if walked.never_leaves() {
            return Fate::Silent("the function never leaves while it holds it".to_string());
        }
        // Several fields may hold it, of which one is enough to let it go; so may a field and the caller.
        let (mut lost_field, mut lost_elsewhere) = (None, None);
        let (mut kept, mut kept_by_field) = (false, false);
        for to in &walked.moves {
            let field = matches!(to, Move::Field { .. });
            match self.moved(start, to, duty, depth) {
                lost @ Fate::Lost(_) if field => lost_field = lost_field.or(Some(lost)),
                lost @ Fate::Lost(_) => lost_elsewhere = lost_elsewhere.or(Some(lost)),
                Fate::Silent(why) => (answer, kept, kept_by_field) = (Fate::Silent(why), true, kept_by_field || field),
                Fate::Released => (kept, kept_by_field) = (true, kept_by_field || field),
            }
        }
        if let Some(lost) = lost_elsewhere.filter(|_| !kept_by_field) {
            return lost;
        }
        match lost_field {
            Some(lost) if !kept && matches!(answer, Fate::Released) => lost,
            _ => answer,
        }
    }

    fn moved(&self, start: &Start, to: &Move, duty: &Rc<Duty>, depth: u8) -> Fate {
        match to {
            Move::Return(i) => self.returned_to_callers(start, *i, duty, depth),
            Move::Field { owner, name, at } => {
                if self.released_beside(start, duty) {
                    return Fate::Silent("the function that stores it lets it go too".to_string());
                }
                self.field_fate(*owner, *name, *at, duty)
            }
            Move::Captured => Fate::Silent("a variable of the function around keeps it".to_string()),
            Move::Out(why) => Fate::Silent(why.clone()),
        }
    }

    /// The thing goes straight into a field or a variable of the package.
    fn kept_in(&self, start: &Start, span: Span, duty: &Rc<Duty>) -> Fate {
        let holder = &start.holder;
        let Some((base, last)) = holder.split_last() else {
            return Fate::Silent(match holder.root {
                Root::Global(name) => format!("variable {} of the package keeps it", bare(&name)),
                _ => "a variable of another package keeps it".to_string(),
            });
        };
        let Proj::Field(last) = last else { return Fate::Silent("it is put into a collection".to_string()) };
        let Some(body) = self.package.body(start.id.decl) else { return Fate::Silent("the function cannot be read".to_string()) };
        let field = self.package.field(&self.package.ty_of(start.id.decl, body, &base), last);
        match field.and_then(|f| Some((f.owner?, f.name))) {
            Some((owner, name)) => self.field_fate(owner, name, (start.id, span), duty),
            None => Fate::Silent("it is stored in a value whose type is not in view".to_string()),
        }
    }

    fn field_fate(&self, owner: Sym, name: Sym, at: (FnId, Span), duty: &Rc<Duty>) -> Fate {
        let used = self.field_use(owner, name, duty);
        if let Some(why) = &used.escapes {
            return Fate::Silent(why.clone());
        }
        let stored = Mark { id: at.0, span: at.1, kind: MarkKind::Stored(owner, name) };
        let Some((first, span)) = used.releases.first().copied() else {
            return Fate::Lost(Lost { marks: vec![stored], partial: false, field: Some((owner, name)) });
        };
        if used.releases.iter().any(|(id, _)| self.can_be_called(*id, at.0)) {
            return Fate::Released;
        }
        let uncalled = Mark { id: first, span, kind: MarkKind::Uncalled };
        Fate::Lost(Lost { marks: vec![stored, uncalled], partial: true, field: Some((owner, name)) })
    }

    /// Whether anything that can run calls the function. A function that is being looked from calls itself, so to speak.
    fn can_be_called(&self, id: FnId, from: FnId) -> bool {
        if id.decl == from.decl || id.func != FuncIdx::TOP {
            return true;
        }
        let decl = self.package.decl(id.decl);
        let name = decl.names.first().map_or("", |n| n.as_str());
        if decl.recv.is_none() && matches!(name, "main" | "init") {
            return true;
        }
        let callers = self.package.callers(id);
        callers.hidden.is_some() || callers.sites.iter().any(|s| s.caller.decl != id.decl)
    }

    /// Whether the declaration that acquired the thing lets it go under its own name somewhere.
    fn released_beside(&self, start: &Start, duty: &Rc<Duty>) -> bool {
        let aliases = Rc::new(Aliases::new(self, start.id.decl, [start.holder.clone()], duty));
        let Some(body) = self.package.body(start.id.decl) else { return false };
        functions(start.id.decl, body).any(|(id, func)| {
            let Some(walker) = Walker::new(self, id, Rc::clone(&aliases), duty) else { return false };
            func.ops().any(|(_, _, op)| {
                matches!(walker.effect(&op.kind, op.span), Effect::Release | Effect::Maybe(_) | Effect::Taken(_))
            })
        })
    }

    fn returned_to_callers(&self, from: &Start, result: u32, duty: &Rc<Duty>, depth: u8) -> Fate {
        let id = from.id;
        let callers = self.package.callers(id);
        let mut answer = match &callers.hidden {
            Some(why) => Fate::Silent(why.clone()),
            None if callers.sites.is_empty() => Fate::Silent("nothing in view calls the function that returns it".to_string()),
            None => Fate::Released,
        };
        for site in &callers.sites {
            match self.at_site(from, site, result, duty, depth) {
                Fate::Lost(mut lost) => {
                    lost.marks.insert(0, Mark { id: site.caller, span: site.call.span, kind: MarkKind::Received });
                    return Fate::Lost(lost);
                }
                silent @ Fate::Silent(_) => answer = silent,
                Fate::Released => {}
            }
        }
        answer
    }

    fn at_site(&self, from: &Start, site: &Site, result: u32, duty: &Rc<Duty>, depth: u8) -> Fate {
        if site.how != SiteHow::Call {
            return Fate::Silent("a goroutine or a deferred call drops it".to_string());
        }
        if lasting::once(self.package, site.caller, site.block).is_some() {
            return Fate::Silent("it is made once and lives as long as the process".to_string());
        }
        if self.package.func(from.id).is_some_and(|(_, f)| super::is_passed_on(&site.call, f.sig.results.len())) {
            return Fate::Silent("it is handed on with the other results of the call".to_string());
        }
        let Some(holder) = site.call.results.get(result as usize).cloned().flatten() else {
            let error = self.error_of(from.id, site);
            if self.always_fails(site.caller, (site.block, site.op), error.as_ref(), duty) {
                return Fate::Silent("the way on is one on which the call has failed".to_string());
            }
            let mark = Mark { id: site.caller, span: site.call.span, kind: MarkKind::Forgotten(LossHow::Dropped) };
            return Fate::Lost(Lost { marks: vec![mark], partial: false, field: None });
        };
        let until = self.returned_contexts(from).filter_map(|i| site.call.results.get(i).cloned().flatten()).collect();
        let error = self.error_of(from.id, site);
        let facts = self.returned_facts(from, result, duty, site);
        let start = Start { id: site.caller, at: Some((site.block, site.op)), holder, error, until, facts, runner: None };
        self.follow(&start, site.call.span, duty, depth + 1)
    }

    /// Whether the function goes on only where the call has failed: a test that wants the error drops the thing, and there is none.
    fn always_fails(&self, id: FnId, at: super::effects::At, error: Option<&Place>, duty: &Rc<Duty>) -> bool {
        let Some(error) = error else { return false };
        if self.is_expected(id, at, error) {
            return true;
        }
        // Nothing holds the thing: a place that no code names stands for it.
        let nowhere = Place { root: Root::Import(ustr(""), ustr("_")), path: smallvec::SmallVec::new() };
        let start = Start {
            id,
            at: Some(at),
            holder: nowhere,
            error: Some(error.clone()),
            until: Vec::new(),
            facts: Vec::new(),
            runner: None,
        };
        self.walk(&start, duty).is_some_and(|w| w.lost.is_none() && w.unknown.is_none())
    }

    /// Whether a test hands the error to a function that is not known to want none: `require.Error`, a helper of its own.
    fn is_expected(&self, id: FnId, at: super::effects::At, error: &Place) -> bool {
        let Some((_, func)) = self.package.func(id).filter(|_| self.package.is_in_test(id)) else { return false };
        let is = |a: &Operand| a.place() == Some(error);
        let asks = |call: &Call| matches!(&call.callee, Callee::Method { recv, .. } if recv == error);
        // The next that is done with the error, on the way straight on.
        let after = func.ops().filter(|(b, i, _)| *b == at.0 && *i > at.1);
        let next = after.map(|(.., op)| op).find(|op| match &op.kind {
            OpKind::Call(call) => asks(call) || call.args.iter().any(is) || call.results.iter().flatten().any(|r| r == error),
            OpKind::Assign { dst, src } => dst == error || is(src),
            _ => false,
        });
        let Some(next) = next else { return self.fails_without(id, at.0, error) };
        let OpKind::Call(call) = &next.kind else { return false };
        // `err.Error()` takes it that there is one.
        if asks(call) {
            return true;
        }
        let Some(asked) = call.args.iter().position(is) else { return false };
        let wants_nil = self.package.resolve(id.decl, call).model().and_then(|m| m.wants_nil);
        wants_nil.is_none_or(|i| i as usize != asked)
    }

    /// Whether the block ends in a branch on the error, and the test reports a failure where there is none.
    fn fails_without(&self, id: FnId, block: BlockId, error: &Place) -> bool {
        let Some((body, func)) = self.package.func(id) else { return false };
        let Term::If { cond, then, els } = &func.block(block).term else { return false };
        let without = match cond {
            Cond::IsNil(p) if p == error => then,
            Cond::Not(inner) if **inner == Cond::IsNil(error.clone()) => els,
            _ => return false,
        };
        func.block(*without).ops.iter().any(|op| {
            let OpKind::Call(call) = &op.kind else { return false };
            let Callee::Method { recv, name } = &call.callee else { return false };
            let is_test = || self.package.type_kind(&self.package.ty_of(id.decl, body, recv)).is_some_and(|k| k == "test");
            matches!(name.as_str(), "Error" | "Errorf" | "Fail") && is_test()
        })
    }

    /// The place of the call's error, if the called function's last result is one.
    fn error_of(&self, callee: FnId, site: &Site) -> Option<Place> {
        let (_, func) = self.package.func(callee)?;
        let last = func.sig.results.len().checked_sub(1)?;
        let is_error = func.sig.results[last] == Ty::Named { path: None, name: ustr("error") };
        site.call.results.get(last).filter(|_| is_error).cloned().flatten()
    }
}

fn forgotten(loss: &Loss) -> Mark {
    Mark { id: loss.id, span: loss.span, kind: MarkKind::Forgotten(loss.how) }
}
