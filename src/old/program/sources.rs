//! All that a value may be: through the functions of the package that return it and the variables that hold one of several.

use super::{Cell, DeclId, FnId, Frame, Origin, Package, Target, functions};
use crate::old::ir::{Call, LocalId, LocalKind, OpKind, Operand, Place, Proj, Term};
use std::rc::Rc;

/// Functions that return what functions return are followed this far.
const MAX_DEPTH: u8 = 6;

/// One of the things that a value may be, seen from a frame.
#[derive(Clone, Debug)]
pub struct Source {
    /// The frame in which the origin stands.
    pub frame: Rc<Frame>,
    /// The origin; never nil.
    pub origin: Origin,
}

impl Package {
    /// What an operand may be. Nil is left out: what is nil is not used.
    #[must_use]
    pub fn sources(&self, frame: &Rc<Frame>, value: &Operand) -> Vec<Source> {
        let mut out = Vec::new();
        self.gather_sources(frame, value, 0, &mut out);
        out
    }

    fn gather_sources(&self, frame: &Rc<Frame>, value: &Operand, depth: u8, out: &mut Vec<Source>) {
        let origin = self.operand_origin(frame, value);
        match origin {
            Origin::Nil => {}
            Origin::Call { frame: at, call, index, target: Target::Func(id) } if depth < MAX_DEPTH => {
                let inner = at.call(id, &call);
                let found = inner.map(|inner| self.returned_sources(&inner, index as usize, depth, out));
                if found != Some(true) {
                    let origin = Origin::Call { frame: Rc::clone(&at), call, index, target: Target::Func(id) };
                    out.push(Source { frame: at, origin });
                }
            }
            Origin::Variable(decl, local) if depth < MAX_DEPTH => {
                let frame = self.frame_of(frame, decl);
                if !self.written_sources(&frame, decl, local, depth, out) {
                    out.push(Source { frame, origin: Origin::Variable(decl, local) });
                }
            }
            Origin::Call { frame: at, .. } => {
                let origin = self.operand_origin(frame, value);
                out.push(Source { frame: at, origin });
            }
            origin => out.push(Source { frame: Rc::clone(frame), origin }),
        }
    }

    /// The frame on the way up that stands in the declaration.
    fn frame_of(&self, frame: &Rc<Frame>, decl: DeclId) -> Rc<Frame> {
        let mut at = frame;
        while at.id.decl != decl {
            match &at.up {
                Some((up, _)) => at = up,
                None => return Frame::root(FnId { decl, func: crate::old::ir::FuncIdx::TOP }),
            }
        }
        Rc::clone(at)
    }

    /// What a function returns; whether it is in view.
    fn returned_sources(&self, frame: &Rc<Frame>, index: usize, depth: u8, out: &mut Vec<Source>) -> bool {
        let Some((_, func)) = self.func(frame.id) else { return false };
        let mut found = false;
        for block in &func.blocks {
            if let Term::Return(values) = &block.term
                && let Some(value) = values.get(index)
            {
                found = true;
                self.gather_sources(frame, value, depth + 1, out);
            }
        }
        found
    }

    /// What is written to a variable that holds several values; whether there is anything.
    fn written_sources(&self, frame: &Rc<Frame>, decl: DeclId, local: LocalId, depth: u8, out: &mut Vec<Source>) -> bool {
        let Some(body) = self.body(decl) else { return false };
        if body.local(local).kind != LocalKind::Var {
            return false;
        }
        let place = Place::local(local);
        let mut found = false;
        for (_, func) in functions(decl, body) {
            for (_, _, op) in func.ops() {
                match &op.kind {
                    // A declaration without a value.
                    OpKind::Assign { dst, src: Operand::Opaque } if *dst == place => {}
                    OpKind::Assign { dst, src } if *dst == place => {
                        found = true;
                        self.gather_sources(frame, src, depth + 1, out);
                    }
                    OpKind::Call(call) => {
                        let Some(index) = call.results.iter().position(|r| r.as_ref() == Some(&place)) else { continue };
                        found = true;
                        self.call_sources(frame, call, index, out);
                    }
                    _ => {}
                }
            }
        }
        found
    }

    /// What the package itself puts into a field or variable; code out of view may put other things there.
    #[must_use]
    pub fn stored_sources(&self, cell: &Cell) -> Vec<Source> {
        let (name, mentions) = match cell {
            Cell::Field(owner, name) => (*name, self.member_mentions(*owner, *name)),
            Cell::Global(name) => (*name, self.mentions(*name)),
            _ => return Vec::new(),
        };
        let mut out = Vec::new();
        for decl in mentions.iter().copied() {
            let Some(body) = self.body(decl) else { continue };
            let is =
                |p: &Place| p.path.last().is_none_or(|l| *l != Proj::Elem) && self.cell(decl, body, p).as_ref() == Some(cell);
            for (id, func) in functions(decl, body) {
                let frame = Frame::root(id);
                for (_, _, op) in func.ops() {
                    match &op.kind {
                        OpKind::Assign { dst, src: Operand::Opaque } if is(dst) => {
                            // `var c http.Client`: its stand-in has its type.
                            let local = crate::old::lower::global_local(body, name).filter(|_| matches!(cell, Cell::Global(_)));
                            let origin = local.map_or(Origin::Unknown, |l| Origin::Variable(decl, l));
                            out.push(Source { frame: Rc::clone(&frame), origin });
                        }
                        OpKind::Assign { dst, src } if is(dst) => self.gather_sources(&frame, src, 1, &mut out),
                        OpKind::Call(call) => {
                            let Some(index) = call.results.iter().flatten().position(is) else { continue };
                            self.call_sources(&frame, call, index, &mut out);
                        }
                        _ => {}
                    }
                }
            }
        }
        out
    }

    fn call_sources(&self, frame: &Rc<Frame>, call: &Call, index: usize, out: &mut Vec<Source>) {
        let target = self.resolve(frame.id.decl, call);
        if let Target::Func(id) = target
            && let Some(inner) = frame.call(id, call)
            && self.returned_sources(&inner, index, 1, out)
        {
            return;
        }
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        let origin = Origin::Call { frame: Rc::clone(frame), call: Box::new(call.clone()), index, target };
        out.push(Source { frame: Rc::clone(frame), origin });
    }
}
