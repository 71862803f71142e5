//! Where a connection is read from, and whether anything bounds those reads.

use super::alias::Aliases;
use super::limits::{Limit, limit};
use super::{Acquired, Duty, Engine};
use crate::models::{BlockKind, Blocks, Bound};
use crate::old::ir::{BlockId, Call, Callee, FuncIdx, OpKind, Operand, Place};
use crate::old::program::{DeclId, FnId, Frame, Target, functions};
use crate::source::{DeclKind, Span};
use rustc_hash::FxHashSet;
use std::rc::Rc;

/// A connection that goes through more declarations than this is not followed further.
const MAX_DECLS: usize = 40;

/// How calls that write are named; all others read.
const WRITES: [&str; 7] = ["Write", "Fprint", "Print", "Flush", "Ping", "Send", "Encode"];

/// One read.
#[derive(Clone, Debug)]
pub struct Read {
    /// The function.
    pub id: FnId,
    /// The block.
    pub block: BlockId,
    /// The call.
    pub span: Span,
    /// The called function's bytes.
    pub callee: Span,
    /// Clues that its context never ends, where it takes one.
    pub clues: Vec<crate::old::lifetime::Clue>,
}

/// What the package does with a connection.
#[derive(Clone, Debug, Default)]
pub struct Reads {
    /// Reads that nothing of their own bounds, in the order in which they are come upon.
    pub unbounded: Vec<Read>,
    /// Whether there are reads that a context or a duration bounds.
    pub bounded: bool,
    /// Whether somebody sets a deadline for reads.
    pub deadline: bool,
}

type Todo = Vec<(DeclId, Vec<Place>)>;

impl Engine<'_> {
    /// Where the package reads from an acquired connection.
    #[must_use]
    pub fn reads(&self, acquired: &Acquired) -> Reads {
        let mut out = Reads::default();
        let mut seen: FxHashSet<(DeclId, Vec<Place>)> = FxHashSet::default();
        let mut todo: Todo = acquired.holder.iter().map(|h| (acquired.id.decl, vec![h.clone()])).collect();
        while let Some((decl, seeds)) = todo.pop() {
            if seen.len() < MAX_DECLS && seen.insert((decl, seeds.clone())) {
                self.reads_in(decl, seeds, &acquired.duty, &mut out, &mut todo);
            }
        }
        out.unbounded.sort_by_key(|r| (r.id, r.span));
        out.unbounded.dedup_by_key(|r| (r.id, r.span));
        out
    }

    fn reads_in(&self, decl: DeclId, seeds: Vec<Place>, duty: &Rc<Duty>, out: &mut Reads, todo: &mut Todo) {
        let package = self.package;
        let Some(body) = package.body(decl) else { return };
        let aliases = Aliases::new(self, decl, seeds, duty);
        for (id, func) in functions(decl, body) {
            for (block, _, op) in func.ops() {
                match &op.kind {
                    OpKind::Call(call) | OpKind::Spawn(call) | OpKind::Defer(call) => {
                        self.read_by(id, block, call, &aliases, out);
                        self.read_inside(decl, call, &aliases, todo);
                    }
                    OpKind::Assign { dst, src } if src.place().is_some_and(|p| aliases.is(p)) => {
                        let Some((owner, name)) = self.field_of(decl, body, dst) else { continue };
                        for user in package
                            .member_mentions(owner, name)
                            .iter()
                            .copied()
                            .filter(|d| package.decl(*d).kind != DeclKind::Type)
                        {
                            let Some(user_body) = package.body(user) else { continue };
                            let places = self.field_places(user, user_body, owner, name);
                            if !places.is_empty() {
                                todo.push((user, places));
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// A call that reads from the connection, or sets its deadline.
    fn read_by(&self, id: FnId, block: BlockId, call: &Call, aliases: &Aliases, out: &mut Reads) {
        let Target::Model(model, outside) = self.package.resolve(id.decl, call) else { return };
        let own = matches!(&call.callee, Callee::Method { recv, .. } if aliases.is(recv));
        let arg = call.args.iter().position(|a| a.place().is_some_and(|p| aliases.is(p)));
        if own && model.deadline {
            out.deadline = true;
        }
        let Some(blocks) = model.blocks.as_ref().filter(|b| reads_from(b, own, arg)) else { return };
        if WRITES.iter().any(|w| outside.name.starts_with(w)) || model.releases.is_some() {
            return;
        }
        let clues = match limit(self.package, &Frame::root(id), call, blocks) {
            Limit::Some(_) => {
                out.bounded = true;
                return;
            }
            Limit::None(clues) => clues,
            Limit::Unknown(_) => Vec::new(),
        };
        out.unbounded.push(Read { id, block, span: call.span, callee: call.callee_span, clues });
    }

    /// Functions of the package that the connection is handed to.
    fn read_inside(&self, decl: DeclId, call: &Call, aliases: &Aliases, todo: &mut Todo) {
        for (i, arg) in call.args.iter().enumerate() {
            let Operand::Place(p) = arg else { continue };
            if !aliases.is(p) {
                continue;
            }
            let Some(callee) = self.package.resolve(decl, call).func().filter(|f| f.func == FuncIdx::TOP) else { continue };
            let Some((_, func)) = self.package.func(callee) else { continue };
            let last = func.params.len().saturating_sub(1);
            if let Some(param) = func.params.get(i).filter(|_| !(func.sig.variadic && i >= last)) {
                todo.push((callee.decl, vec![Place::local(*param)]));
            }
        }
    }
}

/// Whether the call waits for what comes from the connection: as its receiver, or as the argument that it reads.
fn reads_from(blocks: &Blocks, own: bool, arg: Option<usize>) -> bool {
    if !matches!(blocks.kind, BlockKind::Network | BlockKind::Io) {
        return false;
    }
    match blocks.bound {
        Bound::Stream(i) => arg == Some(i as usize),
        Bound::Deadline | Bound::Wrapped | Bound::None => own,
        // A read of a connection that is an argument: `wsjson.Read(ctx, conn, &v)`.
        Bound::Context(i) => own || arg.is_some_and(|a| a != i as usize),
        _ => false,
    }
}
