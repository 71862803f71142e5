//! The intermediate representation: per function a control-flow graph over the few operations that matter to a goroutine's life.
//!
//! One [`Body`] is one top-level declaration with all the function literals inside it. They share one table of locals, so that a
//! captured variable is simply the same [`LocalId`] in the literal: capture needs no analysis of its own.
//!
//! Architecture invariant: nothing here knows the grammar. Only `lower` does.

mod place;
mod print;
mod universe;
mod verify;

pub use place::{Callee, Cond, Expr, Operand, Place, Proj, Root};
pub use print::print;
pub use universe::{is_predeclared_callee, is_predeclared_type};
pub use verify::verify;

use crate::source::Span;
use smallvec::SmallVec;
use std::sync::Arc;
use ustr::Ustr;

/// An interned name.
pub type Sym = Ustr;

/// Index of a local in [`Body::locals`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LocalId(pub u32);

/// Index of a block in [`Func::blocks`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlockId(pub u32);

/// Index of a function in [`Body::funcs`]; 0 is the declaration itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FuncIdx(pub u32);

/// Index of a loop in [`Func::loops`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LoopId(pub u32);

impl BlockId {
    /// As an index.
    #[must_use]
    pub fn at(self) -> usize {
        self.0 as usize
    }
}

impl LocalId {
    /// As an index.
    #[must_use]
    pub fn at(self) -> usize {
        self.0 as usize
    }
}

impl FuncIdx {
    /// The declaration's own function.
    pub const TOP: Self = Self(0);
    /// As an index.
    #[must_use]
    pub fn at(self) -> usize {
        self.0 as usize
    }
}

impl LoopId {
    /// As an index.
    #[must_use]
    pub fn at(self) -> usize {
        self.0 as usize
    }
}

/// Which ends of a channel its type allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dir {
    /// `chan T`
    Both,
    /// `chan<- T`
    SendOnly,
    /// `<-chan T`
    RecvOnly,
}

/// A light type: what declarations say, no more.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ty {
    /// Not known.
    Unknown,
    /// A named type; `path` is the import path, or `None` for this package and the predeclared types.
    Named {
        /// Import path of the package that declares it.
        path: Option<Sym>,
        /// Its name.
        name: Sym,
    },
    /// `*T`
    Ptr(Arc<Ty>),
    /// `chan T` and its directions.
    Chan(Dir, Arc<Ty>),
    /// Slices and arrays; what is kept is the element.
    Seq(Arc<Ty>),
    /// `map[K]V`
    Map(Arc<Ty>, Arc<Ty>),
    /// A function type.
    Func(Arc<Sig>),
    /// A struct type.
    Struct(Arc<[Field]>),
    /// An interface type with its method names.
    Interface(Arc<[Sym]>),
}

/// A field of a struct type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Field {
    /// Its name; for an embedded field the type's base name.
    pub name: Sym,
    /// Its type.
    pub ty: Ty,
    /// Whether it is embedded, so that its fields and methods are promoted.
    pub embedded: bool,
    /// The field's own bytes in the file.
    pub span: Span,
}

/// Parameter and result types of a function.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Sig {
    /// Parameters in order, one for each name.
    pub params: Vec<Ty>,
    /// Results in order.
    pub results: Vec<Ty>,
    /// Whether the last parameter is `...T` (its type is then the slice).
    pub variadic: bool,
}

/// What a local is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocalKind {
    /// The receiver.
    Recv,
    /// The parameter with that index.
    Param(u32),
    /// The result with that index, named or not.
    Result(u32),
    /// Declared in the body.
    Var,
    /// Made by lowering for a value without a name.
    Temp,
}

/// Where a local got its first value; the source of its type when none is declared.
#[derive(Clone, Debug, PartialEq)]
pub enum Def {
    /// Nothing is known.
    None,
    /// Its type is declared.
    Typed(Ty),
    /// It was made from this operand.
    Value(Operand),
    /// It is the result with that index of a call.
    Call(Box<Callee>, u32),
    /// It was received from the channel.
    Recv(Place),
    /// It is the first variable of a `range` over the place.
    RangeKey(Operand),
    /// It is the second variable of a `range` over the place.
    RangeVal(Operand),
}

/// A variable, parameter or unnamed value.
#[derive(Clone, Debug)]
pub struct Local {
    /// Its name, `_`, or a number after `%` for what has none.
    pub name: Sym,
    /// What it is.
    pub kind: LocalKind,
    /// The function that declares it.
    pub func: FuncIdx,
    /// Where it is declared, or the expression that it stands for.
    pub span: Span,
    /// Where its first value comes from.
    pub def: Def,
    /// Where its name goes out of scope; 0 where it never comes into one.
    pub scope_end: u32,
}

/// A channel's capacity as its `make` says it.
#[derive(Clone, Debug, PartialEq)]
pub enum Cap {
    /// `make(chan T)` or `make(chan T, 0)`.
    Zero,
    /// A number.
    Const(i64),
    /// Something computed.
    Expr(Operand),
}

/// A call: an operation of its own, the target of a `go` or of a `defer`.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// What is called.
    pub callee: Callee,
    /// Arguments in order.
    pub args: Vec<Operand>,
    /// Where the results go, in order; `None` where one is dropped. Empty where all are.
    pub results: SmallVec<[Option<Place>; 2]>,
    /// Whether the last argument is spread with `...`.
    pub spread: bool,
    /// The whole call expression.
    pub span: Span,
    /// The callee's bytes, for labels.
    pub callee_span: Span,
}

/// What an operation does.
#[derive(Clone, Debug, PartialEq)]
pub enum OpKind {
    /// `go f(x)`
    Spawn(Box<Call>),
    /// `defer f(x)`: runs on every way out from here on.
    Defer(Box<Call>),
    /// A call in place.
    Call(Box<Call>),
    /// `dst = make(chan T, cap)`
    MakeChan {
        /// What holds the new channel.
        dst: Place,
        /// Its capacity.
        cap: Cap,
        /// Its type.
        ty: Ty,
    },
    /// `ch <- value`
    Send {
        /// The channel.
        ch: Place,
        /// What is sent.
        value: Operand,
    },
    /// `dst, ok = <-ch`
    Recv {
        /// The channel.
        ch: Place,
        /// Where the value goes.
        dst: Option<Place>,
        /// Where the second value goes.
        ok: Option<Place>,
    },
    /// `close(ch)`
    Close {
        /// The channel.
        ch: Place,
    },
    /// `dst = src`
    Assign {
        /// What is written.
        dst: Place,
        /// The value.
        src: Operand,
    },
}

/// An operation with its bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Op {
    /// What it does.
    pub kind: OpKind,
    /// The statement or expression that it came from.
    pub span: Span,
}

/// What a `select` case waits for.
#[derive(Clone, Debug, PartialEq)]
pub enum Comm {
    /// `case ch <- v`
    Send {
        /// The channel.
        ch: Place,
        /// What is sent.
        value: Operand,
    },
    /// `case v, ok := <-ch`
    Recv {
        /// The channel.
        ch: Place,
        /// Where the value goes.
        dst: Option<Place>,
        /// Where the second value goes.
        ok: Option<Place>,
    },
}

impl Comm {
    /// The channel of the case.
    #[must_use]
    pub fn ch(&self) -> &Place {
        match self {
            Self::Send { ch, .. } | Self::Recv { ch, .. } => ch,
        }
    }
}

/// One case of a `select`.
#[derive(Clone, Debug, PartialEq)]
pub struct SelectCase {
    /// What it waits for.
    pub comm: Comm,
    /// Where control goes when it happens.
    pub target: BlockId,
    /// The `case` clause's communication, without its body.
    pub span: Span,
}

/// How a block ends.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// To another block.
    Jump(BlockId),
    /// Two ways.
    If {
        /// The condition.
        cond: Cond,
        /// Where a true condition leads.
        then: BlockId,
        /// Where a false one leads.
        els: BlockId,
    },
    /// One of several ways, none of which can be told (type switches).
    Switch(Vec<BlockId>),
    /// Waits for one of the cases.
    Select {
        /// The cases in order.
        cases: Vec<SelectCase>,
        /// The `default` clause.
        default: Option<BlockId>,
    },
    /// A loop's header decides on another round.
    Loop {
        /// Which loop.
        id: LoopId,
        /// The first block of a round.
        body: BlockId,
        /// Where the loop leads when its own header ends it; absent for `for {}`.
        exit: Option<BlockId>,
    },
    /// Leaves the function with these values.
    Return(Vec<Operand>),
    /// `panic(…)`
    Panic,
    /// Nothing comes here; what is left of a block after a jump.
    Dead,
}

/// How a loop decides on another round.
#[derive(Clone, Debug, PartialEq)]
pub enum LoopKind {
    /// `for {}`
    Forever,
    /// `for cond {}`; blocks evaluate the condition before the header.
    Cond(Cond),
    /// `for i := a; i < bound; i++` where the body writes neither; the bound is the number of rounds.
    Count(Operand),
    /// `for … := range x`; whether x is a collection, a channel, a number or a function is the type's business.
    Range(Operand),
}

/// A loop of the source.
#[derive(Clone, Debug)]
pub struct Loop {
    /// The block whose terminator is the loop's [`Term::Loop`].
    pub header: BlockId,
    /// The kind.
    pub kind: LoopKind,
    /// From `for` to before the brace.
    pub head: Span,
    /// The whole statement.
    pub span: Span,
    /// The loop around it in the same function.
    pub parent: Option<LoopId>,
    /// `break` statements in it that leave only a `select` or `switch`.
    pub weak_breaks: Vec<Span>,
    /// The label that stands before it.
    pub label: Option<Sym>,
}

/// A basic block.
#[derive(Clone, Debug)]
pub struct Block {
    /// Operations in order.
    pub ops: Vec<Op>,
    /// How it ends.
    pub term: Term,
    /// Bytes of the statement that ends it.
    pub span: Span,
    /// The innermost loop whose body it belongs to. A header belongs to its own loop.
    pub in_loop: Option<LoopId>,
}

/// A function or function literal.
#[derive(Clone, Debug)]
pub struct Func {
    /// The function around a literal.
    pub parent: Option<FuncIdx>,
    /// The receiver.
    pub recv: Option<LocalId>,
    /// Parameters in order.
    pub params: Vec<LocalId>,
    /// Results in order.
    pub results: Vec<LocalId>,
    /// Types of the parameters and results.
    pub sig: Arc<Sig>,
    /// Blocks; 0 is the entry.
    pub blocks: Vec<Block>,
    /// Loops in the order of the source.
    pub loops: Vec<Loop>,
    /// The whole function.
    pub span: Span,
    /// From `func` to before the body.
    pub head: Span,
}

/// One lowered top-level declaration.
#[derive(Clone, Debug)]
pub struct Body {
    /// The function's name; for a variable declaration its first name.
    pub name: Sym,
    /// Base type of the receiver.
    pub recv_type: Option<Sym>,
    /// Locals of all functions of the declaration.
    pub locals: Vec<Local>,
    /// The declaration's function, then its literals.
    pub funcs: Vec<Func>,
}

impl Body {
    /// The local.
    #[must_use]
    pub fn local(&self, id: LocalId) -> &Local {
        &self.locals[id.at()]
    }

    /// The function.
    #[must_use]
    pub fn func(&self, id: FuncIdx) -> &Func {
        &self.funcs[id.at()]
    }

    /// Whether the local's name means it at that byte of a function inside which it is declared.
    #[must_use]
    pub fn names(&self, id: LocalId, at: u32) -> bool {
        let covers = |l: &Local| l.span.start < at && at < l.scope_end;
        let local = self.local(id);
        let hides = |l: &Local| l.name == local.name && l.span.start > local.span.start && covers(l);
        covers(local) && !self.locals.iter().any(hides)
    }

    /// Whether `inner` is `outer` or a literal somewhere inside it.
    #[must_use]
    pub fn is_inside(&self, inner: FuncIdx, outer: FuncIdx) -> bool {
        let mut at = Some(inner);
        while let Some(f) = at {
            if f == outer {
                return true;
            }
            at = self.func(f).parent;
        }
        false
    }
}

impl Func {
    /// The block.
    #[must_use]
    pub fn block(&self, id: BlockId) -> &Block {
        &self.blocks[id.at()]
    }

    /// Where control can go from a block, in order.
    #[must_use]
    pub fn successors(&self, id: BlockId) -> SmallVec<[BlockId; 4]> {
        match &self.block(id).term {
            Term::Jump(b) => SmallVec::from_slice(&[*b]),
            Term::If { then, els, .. } => SmallVec::from_slice(&[*then, *els]),
            Term::Switch(targets) => targets.iter().copied().collect(),
            Term::Select { cases, default } => cases.iter().map(|c| c.target).chain(*default).collect(),
            Term::Loop { body, exit, .. } => std::iter::once(*body).chain(*exit).collect(),
            Term::Return(_) | Term::Panic | Term::Dead => SmallVec::new(),
        }
    }

    /// All operations with the block they stand in.
    pub fn ops(&self) -> impl Iterator<Item = (BlockId, usize, &Op)> {
        self.blocks.iter().enumerate().flat_map(|(b, block)| {
            let id = BlockId(u32::try_from(b).unwrap_or(u32::MAX));
            block.ops.iter().enumerate().map(move |(i, op)| (id, i, op))
        })
    }

    /// Block ids in order.
    pub fn block_ids(&self) -> impl Iterator<Item = BlockId> + use<> {
        (0..u32::try_from(self.blocks.len()).unwrap_or(u32::MAX)).map(BlockId)
    }

    /// Whether the loop `inner` is `outer` or lies inside it.
    #[must_use]
    pub fn loop_inside(&self, inner: Option<LoopId>, outer: LoopId) -> bool {
        let mut at = inner;
        while let Some(l) = at {
            if l == outer {
                return true;
            }
            at = self.loops[l.at()].parent;
        }
        false
    }
}
