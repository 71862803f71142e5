//! Values of a concrete execution in which some are not known.
//!
//! What is not known is a symbol. The same question about the same symbols gets the same answer: results of pure operations over symbols
//! are symbols of their own, shared by all who ask.

use crate::ir::{Body, Callee, Pure};
use crate::types::{FuncId, Type};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::cell::RefCell;
use std::sync::Arc;

/// An object of the heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ObjId(pub(super) u32);

/// A symbol: a value that is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Sym(pub(super) u32);

/// From an object to a part of it.
pub(super) type Path = SmallVec<[u32; 3]>;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Val {
    /// Nil, of any type.
    Nil,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A string, or the text of another constant.
    Str(Arc<str>),
    /// Not known.
    Sym(Sym),
    /// A pointer into an object.
    Ptr(ObjId, Path),
    /// A channel.
    Chan(ObjId),
    /// A map.
    Map(ObjId),
    /// A slice: its array, where it begins, how long it is.
    Slice(ObjId, u32, u32),
    /// A function.
    Func(Arc<FuncVal>),
    /// A context.
    Ctx(ObjId),
    /// A value in an interface.
    Iface(Arc<(Type, Val)>),
    /// A struct or array.
    Agg(Arc<[Val]>),
}

/// A function value.
#[derive(Clone, Debug)]
pub(super) enum FuncVal {
    /// A literal with what it captured.
    Literal {
        /// Where it stands.
        body: Arc<Body>,
        /// Which function of the body.
        index: u32,
        /// Pointers to the captured variables.
        captures: Box<[Val]>,
    },
    /// A declared function, a method or a method of an interface, perhaps bound to a receiver.
    Named {
        /// What it calls.
        callee: Callee,
        /// The receiver.
        recv: Option<Val>,
    },
    /// Cancels a context.
    Cancel(ObjId),
}

impl PartialEq for FuncVal {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Literal { body: a, index: i, captures: c }, Self::Literal { body: b, index: j, captures: d }) => {
                Arc::ptr_eq(a, b) && i == j && c == d
            }
            (Self::Named { callee: a, recv: c }, Self::Named { callee: b, recv: d }) => a == b && c == d,
            (Self::Cancel(a), Self::Cancel(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for FuncVal {}

impl std::hash::Hash for FuncVal {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        match self {
            Self::Literal { index, captures, .. } => (index, captures).hash(state),
            Self::Named { recv, .. } => recv.hash(state),
            Self::Cancel(ctx) => ctx.hash(state),
        }
    }
}

/// Where a symbol comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Origin {
    /// Out of view.
    Fresh(u32),
    /// A pure operation over others.
    Pure(Pure, Arc<[Val]>),
    /// A part of one, by its index; or what is behind it, if it is a pointer.
    Part(Sym, Option<u32>),
    /// What a named call on it always gives (`ctx.Done()`).
    Of(FuncId, Arc<[Val]>),
}

/// All symbols of an exploration.
#[derive(Debug, Default)]
pub(super) struct Syms {
    table: RefCell<Table>,
}

#[derive(Debug, Default)]
struct Table {
    known: FxHashMap<Origin, Sym>,
    list: Vec<(Origin, Type)>,
    fresh: u32,
}

impl Syms {
    /// The symbol of an origin; its type counts where it is new.
    pub(super) fn of(&self, origin: Origin, ty: &Type) -> Sym {
        let mut table = self.table.borrow_mut();
        if let Some(sym) = table.known.get(&origin) {
            return *sym;
        }
        let sym = Sym(u32::try_from(table.list.len()).unwrap_or(u32::MAX));
        table.list.push((origin.clone(), ty.clone()));
        table.known.insert(origin, sym);
        sym
    }

    /// A symbol that is like no other.
    pub(super) fn fresh(&self, ty: &Type) -> Sym {
        let next = {
            let mut table = self.table.borrow_mut();
            table.fresh += 1;
            table.fresh
        };
        self.of(Origin::Fresh(next), ty)
    }

    pub(super) fn origin(&self, sym: Sym) -> Origin {
        self.table.borrow().list[sym.0 as usize].0.clone()
    }

    pub(super) fn ty(&self, sym: Sym) -> Type {
        self.table.borrow().list[sym.0 as usize].1.clone()
    }
}

impl Val {
    /// A pointer to a whole object.
    pub(super) fn to(obj: ObjId) -> Self {
        Self::Ptr(obj, Path::new())
    }
}
