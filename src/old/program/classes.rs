//! Channel classes: all places that copies, parameters, returns, fields and globals make one, and what is done there.
//!
//! Found on demand from one place outwards. The text of the package narrows where to look (a field can only be touched by a
//! declaration that holds its name), lowering makes it sure. `class_walk` does the walking.

use super::class_walk::Walk;
use super::{DeclId, FnId, Package};
use crate::old::ir::{BlockId, Body, Cap, Dir, LocalId, Place, Proj, Root, Sym, Ty};
use crate::source::Span;
use std::rc::Rc;

/// Something that can hold a channel.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cell {
    /// A local of a declaration.
    Local(DeclId, LocalId),
    /// A field of a type of this package, whichever value it belongs to.
    Field(Sym, Sym),
    /// A package-level variable.
    Global(Sym),
    /// A field of a struct without a name, by the place in its declaration.
    Path(DeclId, Place),
    /// A result of a function.
    Result(FnId, u32),
    /// Any element (or key) of a collection.
    Elem(Box<Cell>),
}

/// Where in a function an operation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChanWhere {
    /// An operation of a block.
    Op(BlockId, u32),
    /// A case of the `select` that ends the block.
    Case(BlockId, u32),
    /// The header of a loop that ranges over the channel.
    Range(BlockId),
    /// A deferred call.
    Deferred(BlockId, u32),
}

impl ChanWhere {
    /// The block.
    #[must_use]
    pub fn block(self) -> BlockId {
        match self {
            Self::Op(b, _) | Self::Case(b, _) | Self::Range(b) | Self::Deferred(b, _) => b,
        }
    }
}

/// What is done with the channel.
#[derive(Clone, Debug, PartialEq)]
pub enum ChanOpKind {
    /// It is made, with that capacity.
    Make(Cap),
    /// A value is sent.
    Send,
    /// A value is received.
    Recv,
    /// It is ranged over.
    Range,
    /// It is closed.
    Close,
}

/// One operation on a channel of the class.
#[derive(Clone, Debug)]
pub struct ChanOp {
    /// The function it stands in.
    pub id: FnId,
    /// Where in it.
    pub at: ChanWhere,
    /// What it does.
    pub kind: ChanOpKind,
    /// The bytes, in the declaration's file.
    pub span: Span,
    /// The place by which the channel is named there.
    pub place: Place,
}

/// A class with everything that is known of it.
#[derive(Clone, Debug, Default)]
pub struct Class {
    /// The places.
    pub cells: Vec<Cell>,
    /// What the package does with it, in order.
    pub ops: Vec<ChanOp>,
    /// Why code out of view may send on it.
    pub outside_send: Option<String>,
    /// Why code out of view may receive from it.
    pub outside_recv: Option<String>,
    /// Why code out of view may close it.
    pub outside_close: Option<String>,
    /// Values other than new channels that flow in: nil, or a channel from elsewhere (then outside use is set too).
    pub from_elsewhere: bool,
    /// A library sends on it of its own accord, as `signal.Notify` does.
    pub fed_by_library: bool,
    /// Whether this is one channel, from where it is made, and not all that a place may hold.
    pub object: bool,
    /// Whether not everything that it flows through was followed, because code out of view may do anything with it.
    pub(super) partial: bool,
    /// Functions of the package that give the channel to their caller.
    pub returned_by: Vec<FnId>,
}

impl Class {
    /// Whether nothing out of view can touch it.
    #[must_use]
    pub fn is_closed_world(&self) -> bool {
        self.outside_send.is_none() && self.outside_recv.is_none() && self.outside_close.is_none()
    }

    /// Whether all its places are locals.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.is_closed_world() && self.cells.iter().all(|c| matches!(c, Cell::Local(..)))
    }

    /// Whether nobody ever makes it: what holds it stays nil.
    #[must_use]
    pub fn is_never_made(&self) -> bool {
        self.makes().next().is_none() && !self.from_elsewhere && self.outside_send.is_none()
    }

    /// Operations of one kind.
    pub fn ops_of(&self, kind: &ChanOpKind) -> impl Iterator<Item = &ChanOp> {
        self.ops.iter().filter(move |o| o.kind == *kind)
    }

    /// Places where it is made.
    pub fn makes(&self) -> impl Iterator<Item = (&ChanOp, &Cap)> {
        self.ops.iter().filter_map(|o| match &o.kind {
            ChanOpKind::Make(cap) => Some((o, cap)),
            _ => None,
        })
    }

    /// Whether code out of view may do everything with it.
    pub(super) fn is_open(&self) -> bool {
        self.outside_send.is_some() && self.outside_close.is_some() && self.outside_recv.is_some()
    }

    pub(super) fn outside(&mut self, ty: &Ty, why: &str) {
        let (send, recv) = match ty {
            Ty::Chan(Dir::SendOnly, _) => (true, false),
            Ty::Chan(Dir::RecvOnly, _) => (false, true),
            _ => (true, true),
        };
        if send {
            self.outside_send.get_or_insert_with(|| why.to_string());
            self.outside_close.get_or_insert_with(|| why.to_string());
        }
        if recv {
            self.outside_recv.get_or_insert_with(|| why.to_string());
        }
    }
}

impl Package {
    /// The class of the channel in a place. `None` where the place itself cannot be followed.
    #[must_use]
    pub fn class(&self, decl: DeclId, place: &Place) -> Option<Rc<Class>> {
        let body = self.body(decl)?;
        let cell = self.cell(decl, body, place)?;
        Some(self.class_of(cell))
    }

    /// The class of a cell.
    #[must_use]
    pub fn class_of(&self, cell: Cell) -> Rc<Class> {
        self.class_within(cell).unwrap_or_default()
    }

    /// The class of a cell; `None` where it is being worked out already, as with collections that hold themselves.
    pub(super) fn class_within(&self, cell: Cell) -> Option<Rc<Class>> {
        if let Some(class) = self.classes.borrow().get(&cell) {
            return Some(Rc::clone(class));
        }
        if !self.classes_open.borrow_mut().insert(cell.clone()) {
            return None;
        }
        let mut class = Walk::run(self, cell.clone());
        class.cells.sort();
        class.ops.sort_by_key(|o| (o.id, o.at, o.span));
        class.ops.dedup_by_key(|o| (o.id, o.at, o.span));
        class.returned_by.sort_unstable();
        class.returned_by.dedup();
        let class = Rc::new(class);
        let mut cache = self.classes.borrow_mut();
        // What an object is, and how far a class was followed, depends on where one starts: an answer must not depend on who asks first.
        let shared = !class.object && !class.partial;
        for member in class.cells.iter().filter(|member| shared && !self.makes(member)) {
            cache.insert(member.clone(), Rc::clone(&class));
        }
        self.classes_open.borrow_mut().remove(&cell);
        cache.insert(cell, Rc::clone(&class));
        Some(class)
    }

    /// Whether a channel is made into this local, and nothing else is put there.
    pub(super) fn makes(&self, cell: &Cell) -> bool {
        matches!(cell, Cell::Local(decl, local) if matches!(self.single_write(*decl, *local), Some(super::Written::Chan)))
    }

    /// What a place is to classes. `None` for fields of library types and variables of other packages.
    #[must_use]
    pub fn cell(&self, decl: DeclId, body: &Body, place: &Place) -> Option<Cell> {
        let Some((base, last)) = place.split_last() else {
            return match place.root {
                Root::Local(id) => Some(Cell::Local(decl, id)),
                Root::Global(name) => Some(Cell::Global(name)),
                Root::Import(..) => None,
            };
        };
        match last {
            Proj::Elem => self.cell(decl, body, &base).map(|c| Cell::Elem(Box::new(c))),
            Proj::Field(name) if name == "#key" => self.cell(decl, body, &base).map(|c| Cell::Elem(Box::new(c))),
            Proj::Field(name) => {
                let ty = self.ty_of(decl, body, &base);
                match self.field(&ty, name) {
                    Some(field) => match field.owner {
                        Some(owner) => Some(Cell::Field(owner, field.name)),
                        None if matches!(self.structure(&ty), Ty::Struct(_)) => Some(Cell::Path(decl, place.clone())),
                        None => None,
                    },
                    None => None,
                }
            }
        }
    }
}
