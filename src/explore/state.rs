//! A state of an execution: goroutines with their frames, a heap, and what has been assumed about symbols.
//!
//! States share what they do not change.

use super::value::{ObjId, Path, Sym, Val};
use crate::ir::{BlockId, Body, Reg};
use crate::source::Span;
use crate::types::{PkgKey, Type};
use rustc_hash::FxHashMap;
use std::rc::Rc;
use std::sync::Arc;

/// A place in source text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct At {
    /// The package.
    pub(super) pkg: PkgKey,
    /// The file, as an index into the package's.
    pub(super) file: u32,
    /// Its bytes.
    pub(super) span: Span,
}

/// An object of the heap.
#[derive(Clone, Debug)]
pub(super) struct Obj {
    /// What it is.
    pub(super) kind: ObjKind,
    /// What code out of view may do with it; with memory, what it may do with channels found there.
    pub(super) rights: Rights,
    /// Where it was made.
    pub(super) at: Option<At>,
}

impl Obj {
    /// Whether code out of view may hold it.
    pub(super) fn shared(&self) -> bool {
        self.rights != Rights::NONE
    }
}

/// What may be done with a channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Rights(u8);

impl Rights {
    pub(super) const NONE: Self = Self(0);
    pub(super) const SEND: Self = Self(1);
    pub(super) const RECEIVE: Self = Self(2);
    pub(super) const CLOSE: Self = Self(4);
    pub(super) const ALL: Self = Self(7);
    /// Nothing by itself: that the root's caller was given it, who may stop to use it at any time.
    pub(super) const GIVEN: Self = Self(8);

    /// What of these is there.
    pub(super) fn only(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub(super) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What an object is.
#[derive(Clone, Debug)]
pub(super) enum ObjKind {
    /// Memory that holds a value of a type.
    Cell(Val, Type),
    /// The array behind a slice.
    Array(Vec<Val>, Type),
    /// A channel.
    Chan(Chan),
    /// A map; `open` where it may hold more than is listed.
    Map { entries: Vec<(Val, Val)>, open: bool },
    /// A context with the channel that its end closes, if it has one, and the contexts derived from it.
    Ctx { done: Option<ObjId>, children: Vec<ObjId> },
}

/// A channel.
#[derive(Clone, Debug, Default)]
pub(super) struct Chan {
    /// Its room.
    pub(super) room: usize,
    /// The number that the room is, where the code does not say it.
    pub(super) size: Option<Sym>,
    /// What stands in it.
    pub(super) buffer: Vec<Val>,
    /// Whether it is closed.
    pub(super) closed: bool,
    /// Who may act on it by itself.
    pub(super) waker: Waker,
}

impl Chan {
    /// Whether the code does not say how much room there is.
    pub(super) fn sized(&self) -> bool {
        self.size.is_some()
    }
}

/// What acts on a channel without a goroutine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Waker {
    /// Nothing.
    #[default]
    None,
    /// A timer that sends once.
    Once,
    /// A ticker.
    Ticks,
    /// Something out of view that may close it at any time: the cancellation of a context.
    Closes,
    /// A deadline that closes it.
    Deadline,
}

/// A goroutine.
#[derive(Clone, Debug)]
pub(super) struct Goroutine {
    /// Its frames, the innermost last.
    pub(super) frames: Vec<Frame>,
    /// What it is about to do.
    pub(super) status: Status,
    /// The statement that started it; `None` for the one that runs the root.
    pub(super) born: Option<At>,
    /// A call since its last wait that can take long.
    pub(super) slow: Option<At>,
    /// Whether that is one that is known to wait for somebody out of view.
    pub(super) hangs: bool,
    /// Where it waits, if it does.
    pub(super) stands: Option<At>,
    /// How often code out of view was its partner.
    pub(super) outside: u8,
    /// Whether it has stood in front of the close that it is about to do.
    pub(super) paused: bool,
}

/// What a goroutine is about to do.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Status {
    /// To run on.
    Running,
    /// An operation that can wait.
    At(Wait),
    /// Nothing: it has ended.
    Done,
    /// Not followed any more: whatever it holds may be used.
    Cut,
}

/// An operation that can wait.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Wait {
    /// A send.
    Send {
        /// The channel; a nil channel is none.
        ch: Val,
        /// What is sent.
        val: Val,
    },
    /// A receive.
    Recv {
        /// The channel.
        ch: Val,
        /// Where the value goes.
        val: Option<Reg>,
        /// Where it goes whether there was one.
        ok: Option<Reg>,
    },
    /// A `select`; the cases are those of the block that the frame stands in.
    Select {
        /// The channel and, for sends, the value of each case.
        cases: Vec<(Val, Option<Val>)>,
        /// Whether there is a default.
        default: bool,
    },
    /// Waits for a lock.
    Lock {
        /// The lock.
        lock: (ObjId, Path),
        /// Whether as a reader.
        read: bool,
    },
    /// Stands in front of a close or cancellation that others can notice: they may come first.
    Pause,
    /// Waits for a group's count.
    Group {
        /// The group.
        group: (ObjId, Path),
    },
}

/// A call of a function in progress.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    /// Where the function stands.
    pub(super) body: Arc<Body>,
    /// Its package.
    pub(super) pkg: PkgKey,
    /// Which function of the body.
    pub(super) index: u32,
    /// The block.
    pub(super) block: BlockId,
    /// The next operation.
    pub(super) pc: usize,
    /// Registers.
    pub(super) regs: Vec<Val>,
    /// What was deferred, the last one last.
    pub(super) defers: Vec<Deferred>,
    /// How often a block was entered.
    pub(super) visits: Vec<u8>,
    /// Where the caller wants the results.
    pub(super) results: Vec<Reg>,
    /// Whether it unwinds a panic.
    pub(super) panicking: bool,
    /// Whether it was deferred and stops one.
    pub(super) recovering: bool,
    /// What of the function matters.
    pub(super) slice: Rc<super::slice::Slice>,
}

/// A deferred call.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Deferred {
    /// What is called.
    pub(super) callee: Target,
    /// With what.
    pub(super) args: Vec<Val>,
    /// Where it was deferred.
    pub(super) at: At,
}

/// What a call leads to, once its operands are known.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Target {
    /// A declared function.
    Static(crate::types::FuncId),
    /// A method of an interface.
    Interface(Type, crate::types::Name),
    /// A function value.
    Value(Val),
    /// Not known.
    Unknown,
}

/// What happened, newest first.
#[derive(Debug)]
pub(super) struct Trace {
    /// What happened before.
    pub(super) before: Option<Rc<Trace>>,
    /// What happened.
    pub(super) event: Event,
}

/// One thing that happened.
#[derive(Clone, Debug)]
pub(super) struct Event {
    /// The goroutine.
    pub(super) who: usize,
    /// What it did.
    pub(super) what: What,
    /// Where.
    pub(super) at: At,
    /// The function it was in, for people.
    pub(super) func: Arc<str>,
}

/// What a goroutine did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Made an object.
    Made(ObjId),
    /// Started a goroutine.
    Started(usize),
    /// Took a branch on something that is not known; whether it was the true one.
    Branch(bool),
    /// Chose a case of a `select`.
    Case,
    /// Chose the default of a `select`.
    Default,
    /// Sent on a channel.
    Sent(ObjId),
    /// Received from a channel.
    Received(ObjId),
    /// Closed a channel or cancelled a context.
    Closed(ObjId),
    /// Called a function, as code out of view.
    Called,
    /// Left a function.
    Left,
    /// Had code out of view for a partner.
    Outside,
    /// Took a number that is not known for zero.
    Zero,
    /// Took a side in what depends on a computation that is not followed, or on the state that an object was left in.
    Guess,
    /// A timer fired although a partner was ready at once.
    Overtook,
}

/// A state.
#[derive(Clone, Debug)]
pub(super) struct State {
    /// The heap.
    pub(super) heap: Vec<Rc<Obj>>,
    /// Goroutines, in the order in which they were started.
    pub(super) gs: Vec<Rc<Goroutine>>,
    /// What symbols stand for.
    pub(super) bound: Rc<FxHashMap<Sym, Val>>,
    /// Memory of packages' variables.
    pub(super) globals: Rc<FxHashMap<(PkgKey, crate::types::Name), ObjId>>,
    /// What led here.
    pub(super) trace: Option<Rc<Trace>>,
    /// Whether something was assumed on the way. States that assume nothing are told apart from those that do.
    pub(super) assumed: bool,
    /// Whether the process has ended.
    pub(super) over: bool,
}

impl State {
    pub(super) fn alloc(&mut self, kind: ObjKind, shared: bool, at: Option<At>) -> ObjId {
        let rights = if shared { Rights::ALL } else { Rights::NONE };
        self.heap.push(Rc::new(Obj { kind, rights, at }));
        ObjId(u32::try_from(self.heap.len() - 1).unwrap_or(u32::MAX))
    }

    pub(super) fn obj(&self, id: ObjId) -> &Obj {
        &self.heap[id.0 as usize]
    }

    pub(super) fn obj_mut(&mut self, id: ObjId) -> &mut Obj {
        Rc::make_mut(&mut self.heap[id.0 as usize])
    }

    pub(super) fn chan(&self, id: ObjId) -> Option<&Chan> {
        match &self.obj(id).kind {
            ObjKind::Chan(chan) => Some(chan),
            _ => None,
        }
    }

    pub(super) fn chan_mut(&mut self, id: ObjId) -> Option<&mut Chan> {
        match &mut self.obj_mut(id).kind {
            ObjKind::Chan(chan) => Some(chan),
            _ => None,
        }
    }

    pub(super) fn g(&mut self, id: usize) -> &mut Goroutine {
        Rc::make_mut(&mut self.gs[id])
    }

    pub(super) fn push(&mut self, event: Event) {
        self.assumed |= matches!(event.what, What::Zero | What::Guess | What::Overtook);
        let before = self.trace.take();
        self.trace = Some(Rc::new(Trace { before, event }));
    }
}
