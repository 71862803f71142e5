//! Engine 2: obligations. What a call acquires must be let go on every way out, or move on to somebody who lets it go.
//!
//! [`Engine::fate`] follows one acquired thing: along the paths of the function that acquired it (`walk`), through the functions of the
//! package that it is handed to, out to the callers that it is returned to, and into the fields that hold it (`fields`). [`limits`] asks
//! what bounds a call that waits for another machine, `reads` where a connection is read from, `clocks` what timers leave behind.
//!
//! Architecture invariant: what leaves the view of the analysis is [`Fate::Silent`], with the reason. Only a path that stands in the
//! visible code is [`Fate::Lost`].

mod alias;
mod clocks;
mod contexts;
mod drain;
mod effects;
mod facts;
mod fate;
mod fields;
pub mod limits;
mod mend;
mod over;
mod phrase;
mod piled;
mod pipes;
mod reads;
mod requests;
mod servers;
mod tell;
mod tied;
mod walk;

pub use contexts::Kept;
pub use fate::{Fate, Lost, Mark, MarkKind};
pub use fields::FieldUse;
pub use phrase::Words;
pub use piled::{Round, Until};
pub use pipes::{Holder, PipeWait, StuckPipe};
pub use reads::{Read, Reads};
pub use servers::Serving;
pub use tell::tell_of_acquired;
pub use walk::{Loss, LossHow, Move, Walked};

use facts::Fact;

use crate::models::{Acquire, FnModel};
use crate::old::ir::{BlockId, Call, Callee, Op, OpKind, Operand, Place, Sym};
use crate::old::program::{DeclId, FnId, Package, functions};
use crate::source::Span;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use ustr::ustr;

/// How deep calls are followed into functions that the thing is handed to.
const MAX_CALLS: u8 = 6;

/// What must be let go, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// What it is: `ticker`, `conn` …
    pub kind: Sym,
    /// Methods that let it go; `call` where it is itself a function that is called.
    pub released_by: SmallVec<[Sym; 2]>,
    /// Methods that let it go by running into its end.
    pub drained_by: SmallVec<[Sym; 2]>,
    /// The field of the holder whose methods these are.
    pub field: Option<Sym>,
    /// Whether a value received from its channel ends it, as with a timer.
    pub once: bool,
}

impl Duty {
    fn new(acquire: &Acquire) -> Self {
        Self {
            kind: acquire.kind,
            released_by: acquire.released_by.iter().copied().collect(),
            drained_by: acquire.drained_by.iter().copied().collect(),
            field: acquire.field,
            once: acquire.kind == "timer",
        }
    }

    /// Whether it is an end of a pipe: of these it matters how far they were read, on each way by itself.
    fn is_pipe(&self) -> bool {
        matches!(self.kind.as_str(), "pipe" | "pipe writer")
    }

    fn releases(&self, method: Sym) -> bool {
        self.released_by.contains(&method)
    }
}

/// A call that acquires something.
#[derive(Clone, Debug)]
pub struct Acquired {
    /// The function in which the call stands.
    pub id: FnId,
    /// The block.
    pub block: BlockId,
    /// Index of the operation in the block.
    pub op: usize,
    /// The call.
    pub call: Call,
    /// What the models say of the called function.
    pub model: &'static FnModel,
    /// What holds the thing; `None` where the result is dropped at once.
    pub holder: Option<Place>,
    /// The place that a reader knows it by: the holder, or the field that it is put into at once.
    pub known_as: Option<Place>,
    /// The error that says, when it is not nil, that nothing was acquired.
    pub error: Option<Place>,
    /// Contexts whose end lets it go as well.
    pub until: Vec<Place>,
    /// What is known of other places once it is acquired.
    pub(crate) facts: Vec<Fact>,
    /// Whether all results of the call are the arguments of another one: `f(g())`.
    pub(crate) passed_on: bool,
    /// What must be done.
    pub duty: Rc<Duty>,
}

impl Acquired {
    /// The acquiring call's bytes.
    #[must_use]
    pub fn span(&self) -> Span {
        self.call.span
    }
}

/// Where holding begins.
#[derive(Clone, Debug)]
pub(crate) struct Start {
    id: FnId,
    /// After this operation; `None` from the function's entry on.
    at: Option<(BlockId, usize)>,
    holder: Place,
    error: Option<Place>,
    until: Vec<Place>,
    facts: Vec<Fact>,
    /// The goroutine that runs it: when that is through, nothing is left.
    runner: Option<Rc<over::Runner>>,
}

/// Key of a parameter's walk: the function, the parameter, the kind of thing, the parameters that are contexts whose end lets it go.
type ParamKey = (FnId, usize, Sym, SmallVec<[usize; 2]>);

/// Follows obligations through one package and remembers what it found.
pub struct Engine<'p> {
    package: &'p Package,
    params: RefCell<FxHashMap<ParamKey, Option<Rc<Walked>>>>,
    fields: RefCell<FxHashMap<(Sym, Sym, Sym), Rc<FieldUse>>>,
    depth: Cell<u8>,
}

impl<'p> Engine<'p> {
    /// An engine over a package.
    #[must_use]
    pub fn new(package: &'p Package) -> Self {
        Self { package, params: RefCell::default(), fields: RefCell::default(), depth: Cell::new(0) }
    }

    /// The package.
    #[must_use]
    pub fn package(&self) -> &'p Package {
        self.package
    }

    /// Everything of these kinds that the functions of a declaration acquire, in the order of the text.
    #[must_use]
    pub fn acquired(&self, decl: DeclId, kinds: &[&str]) -> Vec<Acquired> {
        let mut out = Vec::new();
        let Some(body) = self.package.body(decl) else { return out };
        for (id, func) in functions(decl, body) {
            for (block, op, operation) in func.ops() {
                let call = match &operation.kind {
                    OpKind::Call(call) | OpKind::Spawn(call) => call,
                    _ => continue,
                };
                let Some(model) = self.package.resolve(decl, call).model() else { continue };
                // What only stands around something else owes nothing of its own.
                let own = model.acquires.as_ref().filter(|_| model.wraps.is_none());
                let Some(acquire) = own.filter(|a| kinds.contains(&a.kind.as_str())) else { continue };
                // A goroutine drops its results; what was there before, as a server that it runs, goes on.
                if matches!(operation.kind, OpKind::Spawn(_)) && !acquire.receiver {
                    continue;
                }
                let result = |i: Option<u8>| call.results.get(i? as usize).cloned().flatten();
                let holder = match (acquire.arg, &call.callee) {
                    (Some(arg), _) => call.args.get(arg as usize).and_then(Operand::place).cloned(),
                    (None, Callee::Method { recv, .. }) if acquire.receiver => Some(recv.clone()),
                    (None, _) => result(Some(acquire.result)),
                };
                let error = result(acquire.fails_with);
                let duty = Rc::new(Duty::new(acquire));
                let until = contexts::ends(self.package, id, model, call);
                let facts = contexts::facts(model, call);
                let passed_on = is_passed_on(call, model.results.len());
                let known_as =
                    holder.as_ref().map(|h| put_into(&func.block(block).ops[op + 1..], h).unwrap_or_else(|| h.clone()));
                out.push(Acquired {
                    id,
                    block,
                    op,
                    call: (**call).clone(),
                    model,
                    holder,
                    known_as,
                    error,
                    until,
                    facts,
                    passed_on,
                    duty,
                });
            }
        }
        out.sort_by_key(|a| (a.call.span, a.id));
        out
    }

    /// Runs one level deeper; `None` where that is too deep.
    fn deeper<T>(&self, run: impl FnOnce() -> T) -> Option<T> {
        if self.depth.get() >= MAX_CALLS {
            return None;
        }
        self.depth.set(self.depth.get() + 1);
        let out = run();
        self.depth.set(self.depth.get() - 1);
        Some(out)
    }
}

/// Where the next operations put what a place holds.
fn put_into(ops: &[Op], holder: &Place) -> Option<Place> {
    ops.iter().find_map(|op| match &op.kind {
        OpKind::Assign { dst, src } if src.place() == Some(holder) => Some(dst.clone()),
        _ => None,
    })
}

/// Whether the results of a call, of which there are several, become one temporary: they are handed to another call together.
fn is_passed_on(call: &Call, results: usize) -> bool {
    results > 1 && call.results.len() == 1
}

/// The released-by word of models for things that are themselves called.
fn called() -> Sym {
    ustr("call")
}
