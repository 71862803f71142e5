//! Who lets go of what a field of a type of this package holds.

use super::alias::Aliases;
use super::effects::Effect;
use super::walk::{Move, Walker};
use super::{Acquired, Duty, Engine, Start};
use crate::old::ir::{Body, Callee, Comm, LocalKind, LoopKind, OpKind, Operand, Place, Proj, Sym, Term, Ty};
use crate::old::lower::bare;
use crate::old::program::exported;
use crate::old::program::{DeclId, FnId, functions};
use crate::source::{DeclKind, Span};
use rustc_hash::FxHashSet;
use std::rc::Rc;

/// What the package does with a field, as far as its duty goes.
#[derive(Clone, Debug, Default)]
pub struct FieldUse {
    /// Where it is let go.
    pub releases: Vec<(FnId, Span)>,
    /// Why code that is not followed may let it go.
    pub escapes: Option<String>,
}

impl Engine<'_> {
    /// What the package does with a field that holds such a thing.
    pub(crate) fn field_use(&self, owner: Sym, name: Sym, duty: &Rc<Duty>) -> Rc<FieldUse> {
        let key = (owner, name, duty.kind);
        if let Some(found) = self.fields.borrow().get(&key) {
            return Rc::clone(found);
        }
        let found = Rc::new(self.find_field_use(owner, name, duty));
        self.fields.borrow_mut().insert(key, Rc::clone(&found));
        found
    }

    fn find_field_use(&self, owner: Sym, name: Sym, duty: &Rc<Duty>) -> FieldUse {
        let mut out = FieldUse::default();
        let package = self.package;
        if package.is_name_exported(&owner) && exported(&name) {
            out.escapes = Some(format!("field {}.{name} is exported", bare(&owner)));
            return out;
        }
        if let Ty::Struct(fields) = package.underlying(owner)
            && fields.iter().any(|f| f.embedded && f.name == name)
        {
            out.escapes = Some(format!("it is embedded in {}, whose users can let it go", bare(&owner)));
            return out;
        }
        for decl in package.member_mentions(owner, name).iter().copied() {
            if package.decl(decl).kind != DeclKind::Type {
                self.field_use_in(decl, owner, name, duty, &mut out);
            }
        }
        out
    }

    fn field_use_in(&self, decl: DeclId, owner: Sym, name: Sym, duty: &Rc<Duty>, out: &mut FieldUse) {
        let Some(body) = self.package.body(decl) else { return };
        let seeds = self.field_places(decl, body, owner, name);
        if seeds.is_empty() {
            return;
        }
        let aliases = Rc::new(Aliases::new(self, decl, seeds, duty));
        for (id, func) in functions(decl, body) {
            let Some(walker) = Walker::new(self, id, Rc::clone(&aliases), duty) else { continue };
            for (_, _, op) in func.ops() {
                self.note(walker.effect(&op.kind, op.span), id, op.span, owner, name, out);
            }
            for block in &func.blocks {
                match &block.term {
                    Term::Return(values) => {
                        for value in values {
                            if value.place().is_some_and(|p| aliases.is(p)) {
                                out.escapes.get_or_insert_with(|| format!("{} gives it away", self.package.fn_name(id)));
                            }
                            self.note(
                                walker.value_leaves(value, "a function that lets it go is returned"),
                                id,
                                block.span,
                                owner,
                                name,
                                out,
                            );
                        }
                    }
                    Term::Select { cases, .. } => {
                        for case in cases {
                            if let Comm::Send { value, .. } = &case.comm {
                                self.note(
                                    walker.value_leaves(value, "it is sent over a channel"),
                                    id,
                                    block.span,
                                    owner,
                                    name,
                                    out,
                                );
                            } else if duty.once && aliases.touches(case.comm.ch()) {
                                out.releases.push((id, case.span));
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    fn note(&self, effect: Effect, id: FnId, span: Span, owner: Sym, name: Sym, out: &mut FieldUse) {
        match effect {
            Effect::Release | Effect::Maybe(_) | Effect::Drains(_) | Effect::Taken(_) => out.releases.push((id, span)),
            Effect::Move(Move::Field { owner: o, name: n, .. }) if o == owner && n == name => {}
            Effect::Move(Move::Out(why)) => {
                out.escapes.get_or_insert(why);
            }
            Effect::Move(_) => {
                out.escapes.get_or_insert_with(|| "it is copied to another place".to_string());
            }
            Effect::Stores(all) => all.into_iter().for_each(|to| self.note(Effect::Move(to), id, span, owner, name, out)),
            Effect::Keep | Effect::Lose(_) => {}
        }
    }

    /// The places of a declaration that are the field of some value.
    pub(super) fn field_places(&self, decl: DeclId, body: &Body, owner: Sym, name: Sym) -> Vec<Place> {
        let mut seen: FxHashSet<Place> = FxHashSet::default();
        let mut out = Vec::new();
        let mut look = |place: &Place| {
            let mut at = place.clone();
            loop {
                let Some((base, last)) = at.split_last() else { return };
                if let Proj::Field(last) = last
                    && (last == name || last.starts_with('#'))
                    && seen.insert(at.clone())
                    && self
                        .package
                        .field(&self.package.ty_of(decl, body, &base), last)
                        .is_some_and(|f| f.owner == Some(owner) && f.name == name)
                {
                    out.push(at.clone());
                }
                at = base;
            }
        };
        for func in &body.funcs {
            for (_, _, op) in func.ops() {
                each_place(&op.kind, &mut look);
            }
            for block in &func.blocks {
                match &block.term {
                    Term::Select { cases, .. } => cases.iter().for_each(|c| look(c.comm.ch())),
                    Term::Return(values) => values.iter().filter_map(Operand::place).for_each(&mut look),
                    _ => {}
                }
            }
            for l in &func.loops {
                if let LoopKind::Range(Operand::Place(p)) = &l.kind {
                    look(p);
                }
            }
        }
        out
    }

    /// Whether the acquiring call overwrites a field that surely holds another such thing: its constructor puts one there, and no way from
    /// the function's entry lets it go first.
    #[must_use]
    pub fn replaces(&self, acquired: &Acquired) -> Option<(Sym, Sym)> {
        let holder = acquired.known_as.as_ref()?;
        let (base, Proj::Field(last)) = holder.split_last()? else { return None };
        let body = self.package.body(acquired.id.decl)?;
        let root = base.root_local()?;
        if !matches!(body.local(root).kind, LocalKind::Recv | LocalKind::Param(_)) {
            return None;
        }
        let field = self.package.field(&self.package.ty_of(acquired.id.decl, body, &base), last)?;
        let (owner, name) = (field.owner?, field.name);
        if !self.constructor_sets(owner, name, acquired) {
            return None;
        }
        let start = Start {
            id: acquired.id,
            at: None,
            holder: holder.clone(),
            error: None,
            until: Vec::new(),
            facts: Vec::new(),
            runner: None,
        };
        let walked = self.walk(&start, &acquired.duty)?;
        walked.overwritten.iter().any(|s| s.contains(acquired.call.span)).then_some((owner, name))
    }

    /// Whether some function makes a value of the type with such a thing in the field.
    fn constructor_sets(&self, owner: Sym, name: Sym, acquired: &Acquired) -> bool {
        self.package.member_mentions(owner, name).iter().copied().any(|decl| {
            let Some(body) = self.package.body(decl) else { return false };
            let kinds = [acquired.duty.kind.as_str()];
            let made = self.acquired(decl, &kinds);
            functions(decl, body).any(|(_, func)| {
                func.ops().any(|(_, _, op)| match &op.kind {
                    OpKind::Assign { dst, src: Operand::Place(src) } => {
                        let fresh =
                            dst.root_local().is_some_and(|l| body.local(l).kind == LocalKind::Temp) && dst.path.len() == 1;
                        fresh
                            && made.iter().any(|a| a.holder.as_ref() == Some(src))
                            && self.is_field(decl, body, dst, owner, name)
                    }
                    _ => false,
                })
            })
        })
    }

    fn is_field(&self, decl: DeclId, body: &Body, place: &Place, owner: Sym, name: Sym) -> bool {
        self.field_of(decl, body, place) == Some((owner, name))
    }

    /// The type and field of this package that a place ends in.
    pub(super) fn field_of(&self, decl: DeclId, body: &Body, place: &Place) -> Option<(Sym, Sym)> {
        let (base, Proj::Field(last)) = place.split_last()? else { return None };
        let field = self.package.field(&self.package.ty_of(decl, body, &base), last)?;
        Some((field.owner?, field.name))
    }
}

fn each_place(op: &OpKind, look: &mut impl FnMut(&Place)) {
    match op {
        OpKind::Spawn(call) | OpKind::Defer(call) | OpKind::Call(call) => {
            if let Callee::Method { recv: p, .. } | Callee::Value(p) = &call.callee {
                look(p);
            }
            // `s.cancel()`: what is called may be a field.
            if let Callee::Method { recv, name } = &call.callee {
                look(&recv.field(*name));
            }
            call.args.iter().filter_map(Operand::place).for_each(&mut *look);
            call.results.iter().flatten().for_each(look);
        }
        OpKind::MakeChan { .. } => {}
        OpKind::Send { ch, value } => {
            look(ch);
            value.place().into_iter().for_each(look);
        }
        OpKind::Recv { ch, .. } | OpKind::Close { ch } => look(ch),
        OpKind::Assign { dst, src } => {
            look(dst);
            src.place().into_iter().for_each(look);
        }
    }
}
