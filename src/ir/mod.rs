//! The normal form: per function a control-flow graph over few operations, each concept in exactly one spelling.
//!
//! Values live in registers; what is captured, addressed or made of parts lives in memory and is reached by pointers. A receive is one
//! operation, be it an expression, a statement, a comma-ok, a `range` or a case of a `select` with nothing else in it. Conditions are
//! positive: `!`, `!=`, `>`, `>=` and `<=` are turned into their counterparts with the edges swapped.
//!
//! Architecture invariant: nothing here knows the grammar. Only `lower` does.

mod print;
mod verify;
mod visit;

pub use print::print;
pub use verify::verify;

use crate::source::Span;
use crate::types::{FuncId, Name, PkgKey, Type};
use std::sync::Arc;

/// A register of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reg(pub u32);

/// A block of a function, by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlockId(pub u32);

impl Reg {
    /// As an index.
    #[must_use]
    pub fn at(self) -> usize {
        self.0 as usize
    }
}

impl BlockId {
    /// As an index.
    #[must_use]
    pub fn at(self) -> usize {
        self.0 as usize
    }
}

/// A declaration with the function literals in it; the first function is the declaration's own.
#[derive(Clone, Debug)]
pub struct Body {
    /// Its functions.
    pub funcs: Vec<Func>,
    /// The file, as an index into the package's.
    pub file: u32,
}

/// One function: its graph begins at block 0.
#[derive(Clone, Debug)]
pub struct Func {
    /// Its name for people: `(*T).m`, `f`, `f.func1`.
    pub name: String,
    /// Its bytes in the file.
    pub span: Span,
    /// Its parameters, the receiver first.
    pub params: Vec<Reg>,
    /// Registers that hold the captured variables' pointers, in the order of [`Op::Closure::captures`].
    pub captures: Vec<Reg>,
    /// Types of its results.
    pub results: Vec<Type>,
    /// What is known of each register.
    pub regs: Vec<RegInfo>,
    /// Its blocks.
    pub blocks: Vec<Block>,
    /// Whether it defers calls.
    pub defers: bool,
    /// Whether it calls `recover`.
    pub recovers: bool,
}

/// What a register is.
#[derive(Clone, Debug)]
pub struct RegInfo {
    /// The type of what it holds.
    pub ty: Type,
    /// The variable that it is, or whose memory it points to; empty for a temporary.
    pub name: Name,
}

/// Operations in a row, and where they lead.
#[derive(Clone, Debug)]
pub struct Block {
    /// The operations.
    pub ops: Vec<Instr>,
    /// The end.
    pub term: Term,
    /// Bytes of what ends it.
    pub span: Span,
}

/// An operation and its bytes in the file.
#[derive(Clone, Debug)]
pub struct Instr {
    /// What it does.
    pub op: Op,
    /// Where it stands.
    pub span: Span,
}

/// What an operation takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// A register.
    Reg(Reg),
    /// A constant.
    Const(Const),
}

/// A constant operand.
#[derive(Clone, Debug, PartialEq)]
pub enum Const {
    /// `nil`, of any type.
    Nil,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A string.
    Str(Arc<str>),
    /// The zero value of a type.
    Zero(Type),
    /// A constant of which only its text is known: equal texts are equal values.
    Text(Arc<str>),
}

/// One operation.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// `dst = src`
    Copy {
        /// Where to.
        dst: Reg,
        /// What.
        src: Operand,
    },
    /// Fresh memory that holds the zero value of a type.
    Alloc {
        /// The pointer to it.
        dst: Reg,
        /// The type of what it holds.
        ty: Type,
    },
    /// The address of a package's variable.
    Global {
        /// The pointer.
        dst: Reg,
        /// Its package.
        pkg: PkgKey,
        /// Its name.
        name: Name,
    },
    /// Reads memory.
    Load {
        /// Where to.
        dst: Reg,
        /// The pointer.
        addr: Operand,
    },
    /// Writes memory.
    Store {
        /// The pointer.
        addr: Operand,
        /// What.
        val: Operand,
    },
    /// The address of a field.
    Field {
        /// The pointer to the field.
        dst: Reg,
        /// The pointer to the struct.
        base: Operand,
        /// Which field.
        index: u32,
    },
    /// The address of an element of a slice or of an array behind a pointer.
    Elem {
        /// The pointer to the element.
        dst: Reg,
        /// The slice, or the pointer to the array.
        base: Operand,
        /// Which element.
        index: Operand,
    },
    /// A computation without effect; equal operands give equal results.
    Pure {
        /// Where to.
        dst: Reg,
        /// What is computed.
        what: Pure,
        /// From what.
        args: Vec<Operand>,
    },
    /// A value about which nothing is known, each time another one.
    Unknown {
        /// Where to.
        dst: Reg,
        /// What it is made from: objects behind these may be in it.
        from: Vec<Operand>,
    },
    /// A new channel.
    MakeChan {
        /// Where to.
        dst: Reg,
        /// Its room.
        cap: Operand,
    },
    /// A new map.
    MakeMap {
        /// Where to.
        dst: Reg,
    },
    /// A new slice.
    MakeSlice {
        /// Where to.
        dst: Reg,
        /// Its length.
        len: Operand,
    },
    /// A new slice with these elements; the array of a composite literal is a slice's.
    SliceOf {
        /// Where to.
        dst: Reg,
        /// Its elements.
        items: Vec<Operand>,
    },
    /// A part of a slice, array or string.
    Slice {
        /// Where to.
        dst: Reg,
        /// Of what: a slice or string, or the pointer to an array.
        base: Operand,
        /// From where.
        low: Option<Operand>,
        /// To where.
        high: Option<Operand>,
    },
    /// A slice with more behind it.
    Append {
        /// Where to.
        dst: Reg,
        /// The slice.
        base: Operand,
        /// Single elements.
        items: Vec<Operand>,
        /// All elements of another slice.
        spread: Option<Operand>,
    },
    /// Reads a map.
    MapGet {
        /// The value.
        dst: Reg,
        /// Whether it is there.
        ok: Option<Reg>,
        /// The map.
        map: Operand,
        /// The key.
        key: Operand,
    },
    /// The entry of a map that a `range` comes to in a round.
    MapAt {
        /// Its key.
        key: Option<Reg>,
        /// Its value.
        val: Option<Reg>,
        /// The map.
        map: Operand,
        /// Which round.
        index: Operand,
    },
    /// Writes a map.
    MapSet {
        /// The map.
        map: Operand,
        /// The key.
        key: Operand,
        /// The value.
        val: Operand,
    },
    /// Takes a key out of a map; without a key, all of them.
    MapDelete {
        /// The map.
        map: Operand,
        /// The key.
        key: Option<Operand>,
    },
    /// A function literal with what it captures.
    Closure {
        /// Where to.
        dst: Reg,
        /// The function, as an index into [`Body::funcs`].
        func: u32,
        /// Pointers to the captured variables.
        captures: Vec<Reg>,
    },
    /// A function or method as a value; with a receiver it is bound.
    FuncValue {
        /// Where to.
        dst: Reg,
        /// What it calls.
        callee: Callee,
        /// The receiver, if it is bound.
        recv: Option<Operand>,
    },
    /// Puts a value of a concrete type into an interface.
    ToInterface {
        /// Where to.
        dst: Reg,
        /// The value.
        val: Operand,
        /// Its type.
        ty: Type,
    },
    /// Takes a value out of an interface.
    Assert {
        /// Where to.
        dst: Reg,
        /// Whether it is of the type; without it, other types panic.
        ok: Option<Reg>,
        /// The interface.
        val: Operand,
        /// The type asked for.
        ty: Type,
    },
    /// A call.
    Call {
        /// Its results, one register each.
        dst: Vec<Reg>,
        /// What is called.
        callee: Callee,
        /// The arguments, the receiver first; variadic ones in a slice.
        args: Vec<Operand>,
    },
    /// Starts a goroutine.
    Go {
        /// What it runs.
        callee: Callee,
        /// Its arguments.
        args: Vec<Operand>,
    },
    /// Puts a call off until the function is left.
    Defer {
        /// What is called.
        callee: Callee,
        /// Its arguments.
        args: Vec<Operand>,
    },
    /// Runs what was deferred, last first.
    RunDefers,
    /// Sends.
    Send {
        /// The channel.
        ch: Operand,
        /// What.
        val: Operand,
    },
    /// Receives.
    Recv {
        /// Where to.
        val: Option<Reg>,
        /// Whether it was sent, not due to a close.
        ok: Option<Reg>,
        /// The channel.
        ch: Operand,
    },
    /// Closes a channel.
    Close {
        /// The channel.
        ch: Operand,
    },
}

/// What a [`Op::Pure`] computes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pure {
    /// `a == b`
    Eq,
    /// `a < b`
    Less,
    /// `!a`
    Not,
    /// `a + b`
    Add,
    /// `a - b`
    Sub,
    /// `a * b`
    Mul,
    /// `a / b`
    Div,
    /// `a % b`
    Rem,
    /// `len(a)`
    Len,
    /// `cap(a)`
    Cap,
    /// A conversion that keeps integers what they are.
    Convert,
    /// A field of a struct that is no variable.
    FieldOf(u32),
    /// A struct value of its fields.
    StructOf,
    /// Any other operation, by its text.
    Other(Name),
}

/// The package of a method of a type that is not known.
pub const UNRESOLVED: &str = "?";

/// What a call leads to.
#[derive(Clone, Debug, PartialEq)]
pub enum Callee {
    /// A declared function or method, the receiver is the first argument.
    Static(FuncId),
    /// A method of the value in an interface, which is the first argument.
    Interface {
        /// The interface's type.
        iface: Type,
        /// The method's name.
        method: Name,
    },
    /// A function value.
    Value(Operand),
    /// What is not known.
    Unknown,
}

/// How a block ends.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// Goes on elsewhere.
    Jump(BlockId),
    /// One of two ways.
    If {
        /// A boolean.
        cond: Operand,
        /// Where to if it is true.
        then: BlockId,
        /// Where to if it is not.
        other: BlockId,
    },
    /// Waits for one of several channel operations; blocks for ever without any.
    Select {
        /// The operations.
        cases: Vec<Case>,
        /// Where to if none can be done at once.
        default: Option<BlockId>,
    },
    /// Leaves the function; what was deferred has run.
    Return(Vec<Operand>),
    /// Panics.
    Panic(Option<Operand>),
    /// Never reached, or the program ends.
    Dead,
}

/// A case of a `select`.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// What it does.
    pub comm: Comm,
    /// Where it leads.
    pub target: BlockId,
    /// Bytes of the operation.
    pub span: Span,
}

/// The operation of a `select` case.
#[derive(Clone, Debug, PartialEq)]
pub enum Comm {
    /// Sends.
    Send {
        /// The channel.
        ch: Operand,
        /// What.
        val: Operand,
    },
    /// Receives.
    Recv {
        /// Where to.
        val: Option<Reg>,
        /// Whether it was sent.
        ok: Option<Reg>,
        /// The channel.
        ch: Operand,
    },
}

impl Operand {
    /// The register, if it is one.
    #[must_use]
    pub fn reg(&self) -> Option<Reg> {
        match self {
            Self::Reg(reg) => Some(*reg),
            Self::Const(_) => None,
        }
    }

    /// An integer.
    #[must_use]
    pub fn int(value: i64) -> Self {
        Self::Const(Const::Int(value))
    }
}

impl From<Reg> for Operand {
    fn from(reg: Reg) -> Self {
        Self::Reg(reg)
    }
}

impl Term {
    /// Calls `f` with every block that it leads to.
    pub fn targets(&self, mut f: impl FnMut(BlockId)) {
        match self {
            Self::Jump(to) => f(*to),
            Self::If { then, other, .. } => {
                f(*then);
                f(*other);
            }
            Self::Select { cases, default } => {
                cases.iter().for_each(|case| f(case.target));
                if let Some(to) = default {
                    f(*to);
                }
            }
            Self::Return(_) | Self::Panic(_) | Self::Dead => {}
        }
    }
}
