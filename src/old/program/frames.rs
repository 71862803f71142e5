//! Following a value back to where it comes from, through the calls that led here.

use super::defs::Written;
use super::{DeclId, FnId, Package, Target};
use crate::old::ir::{Body, Call, Callee, LocalId, LocalKind, OpKind, Operand, Place, Proj, Root, Sym};
use std::rc::Rc;

/// One function on the way, and the call that led into it.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The function.
    pub id: FnId,
    /// The frame of the caller and the call, if it is known.
    pub up: Option<(Rc<Frame>, Rc<Call>)>,
    depth: u8,
}

impl Frame {
    /// A frame that nothing is known above.
    #[must_use]
    pub fn root(id: FnId) -> Rc<Self> {
        Rc::new(Self { id, up: None, depth: 0 })
    }

    /// The frame of a function called from this one. `None` where the chain is too long or comes back to itself.
    #[must_use]
    pub fn call(self: &Rc<Self>, id: FnId, call: &Call) -> Option<Rc<Self>> {
        let mut at = Some(self);
        while let Some(frame) = at {
            if frame.id == id {
                return None;
            }
            at = frame.up.as_ref().map(|(up, _)| up);
        }
        (self.depth < 8).then(|| Rc::new(Self { id, up: Some((Rc::clone(self), Rc::new(call.clone()))), depth: self.depth + 1 }))
    }

    /// How many calls lie between this frame and its root.
    #[must_use]
    pub fn depth(&self) -> u8 {
        self.depth
    }
}

/// Where a value comes from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// A channel made into this local.
    MadeChan(DeclId, LocalId),
    /// The result with that index of a call.
    Call {
        /// The frame in which the call stands.
        frame: Rc<Frame>,
        /// The call.
        call: Box<Call>,
        /// Which result.
        index: u32,
        /// What it calls.
        target: Target,
    },
    /// A field of a type of this package.
    Field(Sym, Sym),
    /// A field, named last, of a value whose own place is given: library types and structs without a name.
    Member(Rc<Frame>, Place),
    /// A package-level variable.
    Global(Sym),
    /// A variable of another package.
    Import(Sym, Sym),
    /// A parameter or receiver that no known call binds.
    Param(FnId, LocalId),
    /// A variable that holds several values, or one that is not followed.
    Variable(DeclId, LocalId),
    /// Always nil.
    Nil,
    /// A function literal.
    Func(FnId),
    /// A constant or something computed.
    Plain,
    /// Nothing is known.
    Unknown,
}

impl Origin {
    /// The one variable that holds the value, where there is one.
    #[must_use]
    pub fn into_holder(self) -> Option<(DeclId, LocalId)> {
        match self {
            Self::Param(FnId { decl, .. }, local) | Self::Variable(decl, local) => Some((decl, local)),
            _ => None,
        }
    }
}

impl Package {
    /// Where the value in a place comes from, seen from a frame.
    #[must_use]
    pub fn origin(&self, frame: &Rc<Frame>, place: &Place) -> Origin {
        let mut frame = Rc::clone(frame);
        let mut place = place.clone();
        for _ in 0..32 {
            match self.origin_step(&frame, &place) {
                Step::Done(origin) => return origin,
                Step::Next(f, p) => (frame, place) = (f, p),
            }
        }
        Origin::Unknown
    }

    /// Where an operand comes from.
    #[must_use]
    pub fn operand_origin(&self, frame: &Rc<Frame>, value: &Operand) -> Origin {
        match value {
            Operand::Place(p) => self.origin(frame, p),
            Operand::Nil => Origin::Nil,
            Operand::Func(func) => Origin::Func(FnId { decl: frame.id.decl, func: *func }),
            Operand::Int(_) | Operand::Str(_) | Operand::Bool(_) | Operand::Expr(_) => Origin::Plain,
            Operand::Opaque => Origin::Unknown,
        }
    }

    fn origin_step(&self, frame: &Rc<Frame>, place: &Place) -> Step {
        let Some(unit) = self.unit(frame.id.decl) else { return Step::Done(Origin::Unknown) };
        if !place.path.is_empty() {
            return self.path_step(frame, &unit.body, place);
        }
        let local = match place.root {
            Root::Global(name) => return Step::Done(Origin::Global(name)),
            Root::Import(path, name) => return Step::Done(Origin::Import(path, name)),
            Root::Local(local) => local,
        };
        let entry = unit.body.local(local);
        match entry.kind {
            LocalKind::Param(_) | LocalKind::Recv => self.bound(frame, &unit.body, local),
            _ if unit.defs.always_nil(&unit.body, local) => Step::Done(Origin::Nil),
            _ => match unit.defs.single(&unit.body, local) {
                Some(Written::Value(Operand::Place(p))) => Step::Next(Rc::clone(frame), p.clone()),
                // Declared without a value: it holds the zero value of its type, which its fields are set on.
                Some(Written::Value(Operand::Opaque)) => Step::Done(Origin::Variable(frame.id.decl, local)),
                Some(Written::Value(value)) => Step::Done(self.operand_origin(frame, value)),
                Some(Written::Chan) => Step::Done(Origin::MadeChan(frame.id.decl, local)),
                Some(Written::Other) => Step::Done(self.call_origin(frame, &unit.body, local)),
                None => Step::Done(Origin::Variable(frame.id.decl, local)),
            },
        }
    }

    fn path_step(&self, frame: &Rc<Frame>, body: &Body, place: &Place) -> Step {
        let Some((base, last)) = place.split_last() else { return Step::Done(Origin::Unknown) };
        let Proj::Field(name) = last else { return Step::Done(Origin::Unknown) };
        if let Some(field) = self.field(&self.ty_of(frame.id.decl, body, &base), name)
            && let Some(owner) = field.owner
        {
            return Step::Done(Origin::Field(owner, field.name));
        }
        // A struct without a name, or a library's: look through copies of the base.
        if let Some(local) = base.as_local()
            && let Some(unit) = self.unit(frame.id.decl)
        {
            match body.local(local).kind {
                LocalKind::Param(_) | LocalKind::Recv => {
                    if let Step::Next(f, p) = self.bound(frame, body, local) {
                        return Step::Next(f, p.then(last));
                    }
                }
                _ => {
                    if let Some(Written::Value(Operand::Place(p))) = unit.defs.single(body, local) {
                        return Step::Next(Rc::clone(frame), p.then(last));
                    }
                }
            }
        }
        Step::Done(Origin::Member(Rc::clone(frame), place.clone()))
    }

    /// What the call that led here put into a parameter.
    fn bound(&self, frame: &Rc<Frame>, body: &Body, local: LocalId) -> Step {
        let owner = FnId { decl: frame.id.decl, func: body.local(local).func };
        let unbound = Step::Done(Origin::Param(owner, local));
        // A parameter that the body writes holds more than what came in.
        if self.unit(frame.id.decl).is_some_and(|u| !u.defs.writes(local).is_empty()) {
            return Step::Done(Origin::Variable(frame.id.decl, local));
        }
        let mut at = frame;
        while at.id != owner {
            match &at.up {
                Some((up, _)) => at = up,
                None => return unbound,
            }
        }
        let Some((up, call)) = &at.up else { return unbound };
        match body.local(local).kind {
            LocalKind::Recv => match &call.callee {
                Callee::Method { recv, .. } => Step::Next(Rc::clone(up), recv.clone()),
                _ => unbound,
            },
            LocalKind::Param(i) => match call.args.get(i as usize) {
                Some(Operand::Place(p)) => Step::Next(Rc::clone(up), p.clone()),
                Some(Operand::Opaque) | None => unbound,
                Some(value) => Step::Done(self.operand_origin(up, value)),
            },
            _ => unbound,
        }
    }

    fn call_origin(&self, frame: &Rc<Frame>, body: &Body, local: LocalId) -> Origin {
        for func in &body.funcs {
            for (_, _, op) in func.ops() {
                let OpKind::Call(call) = &op.kind else { continue };
                let index = call.results.iter().position(|r| r.as_ref().and_then(Place::as_local) == Some(local));
                if let Some(index) = index {
                    let target = self.resolve(frame.id.decl, call);
                    if matches!(target, Target::Conversion)
                        && let Some(arg) = call.args.first()
                    {
                        return self.operand_origin(frame, arg);
                    }
                    let index = u32::try_from(index).unwrap_or(u32::MAX);
                    return Origin::Call { frame: Rc::clone(frame), call: call.clone(), index, target };
                }
            }
        }
        Origin::Variable(frame.id.decl, local)
    }
}

enum Step {
    Done(Origin),
    Next(Rc<Frame>, Place),
}
