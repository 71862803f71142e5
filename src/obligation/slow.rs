//! What in a goroutine can take long, and whether a context or another bound ends it.

use super::limits::{Limit, context, limit, request};
use crate::flow::Cfg;
use crate::ir::{BlockId, Body, Call, Callee, Cap, Func, OpKind, Operand, Place, Root, Ty};
use crate::lifetime::Clue;
use crate::lifetime::guards::is_context;
use crate::models::{BlockKind, Blocks, Bound, FnModel};
use crate::program::{ChanOpKind, Class, FnId, Frame, Origin, Package, Spawn, Target};
use crate::source::Span;
use std::rc::Rc;

/// Calls are followed this far from the goroutine's own code: further on, its context is no longer what a reader would think of.
const MAX_CHAIN: usize = 4;

/// How much is known of a call that can take long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proof {
    /// Nothing is known of the called function.
    Unreadable,
    /// Its code, a model, or the context that it takes says that it waits.
    Waits,
}

/// A call or wait that can take long and that nothing bounds.
#[derive(Clone, Debug)]
pub struct Slow {
    /// How much is known.
    pub proof: Proof,
    /// The function that holds the wait.
    pub id: FnId,
    /// The wait.
    pub span: Span,
    /// What is called, in the source's words.
    pub what: String,
    /// Calls that lead from the goroutine's own code to the wait, outermost first.
    pub chain: Vec<(FnId, Span)>,
    /// Clues that a context given to it never ends.
    pub clues: Vec<Clue>,
}

/// All that can take long in the goroutine, in the order of the text, calls followed.
#[must_use]
pub fn slow(package: &Package, spawn: &Spawn) -> Vec<Slow> {
    let mut search = Search { package, out: Vec::new(), seen: Vec::new(), tokens: Vec::new(), deferred: Vec::new() };
    let root = Frame::root(spawn.owner);
    match spawn.body {
        Some(body) => {
            if let Some(frame) = root.call(body, &spawn.call) {
                search.visit(&frame, false, &mut Vec::new());
            }
        }
        // `go http.Get(url)`
        None => search.call(&root, &spawn.call, spawn.span, false, &mut Vec::new()),
    }
    search.semaphores();
    search.out
}

struct Search<'p> {
    package: &'p Package,
    out: Vec<Slow>,
    seen: Vec<FnId>,
    /// Sends of tokens, each with the channel's class: semaphores if the goroutine takes its token back.
    tokens: Vec<(Slow, Rc<Class>)>,
    /// Functions that run when the goroutine leaves.
    deferred: Vec<FnId>,
}

type Chain = Vec<(FnId, Span)>;

impl Search<'_> {
    /// `within`: a function on the way here uses a context that can end.
    fn visit(&mut self, frame: &Rc<Frame>, within: bool, chain: &mut Chain) {
        // A function that is called twice is slow once; what its parameters are may differ, but rarely does.
        if self.seen.contains(&frame.id) || chain.len() > MAX_CHAIN {
            return;
        }
        self.seen.push(frame.id);
        let Some((body, func)) = self.package.func(frame.id) else { return };
        let Some(cfg) = Cfg::new(self.package, frame.id) else { return };
        let reach = cfg.reachable(BlockId(0));
        let guarded = within || self.is_guarded(frame, body, func);
        for (block, _, op) in func.ops() {
            if !reach[block.at()] {
                continue;
            }
            match &op.kind {
                OpKind::Call(call) => self.op(frame, call, guarded, || cfg.on_cycle(block), chain),
                OpKind::Send { ch, .. } => self.token(frame, ch, op.span, chain),
                OpKind::Defer(call) => self.deferred.extend(self.package.resolve(frame.id.decl, call).func()),
                _ => {}
            }
        }
    }

    fn op(&mut self, frame: &Rc<Frame>, call: &Call, guarded: bool, in_loop: impl Fn() -> bool, chain: &mut Chain) {
        let target = self.package.resolve(frame.id.decl, call);
        if let Target::Func(id) = target {
            if let Some(inner) = frame.call(id, call) {
                chain.push((frame.id, call.span));
                self.visit(&inner, guarded, chain);
                chain.pop();
            }
            return;
        }
        // A loop that sleeps between its rounds takes as long as it has rounds.
        let sleeps = target.model().and_then(|m| m.blocks.as_ref()).is_some_and(|b| b.kind == BlockKind::Sleep);
        if sleeps && !guarded && in_loop() {
            let what = self.text(frame, call);
            self.push(Proof::Waits, frame, call.span, what, Vec::new(), chain);
            return;
        }
        self.call(frame, call, call.span, guarded, chain);
    }

    fn call(&mut self, frame: &Rc<Frame>, call: &Call, span: Span, guarded: bool, chain: &mut Chain) {
        let what = self.text(frame, call);
        match self.package.resolve(frame.id.decl, call) {
            Target::Func(id) => {
                if let Some(inner) = frame.call(id, call) {
                    self.visit(&inner, guarded, chain);
                }
            }
            Target::Model(model, _) => {
                if let Some(clues) = self.modelled(frame, call, model, guarded) {
                    self.push(Proof::Waits, frame, span, what, clues, chain);
                }
            }
            Target::Conversion => {}
            Target::Outside(_) | Target::Dynamic(_) | Target::Unknown => self.unreadable(frame, call, span, what, guarded, chain),
        }
    }

    /// A library function: slow if it waits for something far and nothing ends that.
    fn modelled(&self, frame: &Rc<Frame>, call: &Call, model: &FnModel, guarded: bool) -> Option<Vec<Clue>> {
        let blocks = model.blocks.as_ref()?;
        if self.is_given_connection(frame, call) {
            return None;
        }
        if !matches!(blocks.kind, BlockKind::Network | BlockKind::Io | BlockKind::Process | BlockKind::Recv) {
            return None;
        }
        match limit(self.package, frame, call, blocks) {
            Limit::Some(_) => None,
            Limit::None(clues) if !clues.is_empty() && !guarded => Some(clues),
            // Whoever has a context at hand and uses it is taken to look after his connections too, by deadlines or by closing them.
            _ if guarded || self.sets_deadline(frame.id) => None,
            // A stream may be a file or a buffer.
            Limit::None(_) if blocks.kind != BlockKind::Io => Some(Vec::new()),
            _ => self.is_far(frame, call, blocks).then(Vec::new),
        }
    }

    /// Whether the receiver is a connection that the goroutine has not made.
    fn is_given_connection(&self, frame: &Rc<Frame>, call: &Call) -> bool {
        let (Callee::Method { recv, .. }, Some(body)) = (&call.callee, self.package.body(frame.id.decl)) else { return false };
        let kind = self.package.type_kind(&self.package.ty_of(frame.id.decl, body, recv));
        kind.is_some_and(|k| k == "conn") && !self.is_connection(frame, recv, 0)
    }

    /// Whether what is read from or written to is a connection.
    fn is_far(&self, frame: &Rc<Frame>, call: &Call, blocks: &Blocks) -> bool {
        let place = match (blocks.bound, &call.callee) {
            (Bound::Stream(i), _) => call.args.get(i as usize).and_then(Operand::place),
            (Bound::Deadline | Bound::Wrapped | Bound::None, Callee::Method { recv, .. }) => Some(recv),
            _ => None,
        };
        place.is_some_and(|p| self.is_connection(frame, p, 0))
    }

    /// Whether the place is a connection, or something around one, that the goroutine itself has made. One that it is handed is ended by
    /// whoever closes it: that is rule stuck-connection's question.
    fn is_connection(&self, frame: &Rc<Frame>, place: &Place, depth: u8) -> bool {
        let Some(body) = self.package.body(frame.id.decl) else { return false };
        let captured = place.root_local().is_some_and(|l| !body.is_inside(body.local(l).func, frame.id.func));
        if captured || depth > 4 {
            return false;
        }
        match self.package.origin(frame, place) {
            Origin::Call { frame: at, call, target: Target::Model(model, _), .. } if at.depth() > 0 => {
                let wrapped = model.wraps.and_then(|i| call.args.get(i as usize)).and_then(Operand::place);
                let is_conn = model.acquires.as_ref().is_some_and(|a| a.kind == "conn");
                is_conn || wrapped.is_some_and(|p| self.is_connection(&at, p, depth + 1))
            }
            _ => false,
        }
    }

    fn sets_deadline(&self, id: FnId) -> bool {
        self.package.func(id).is_some_and(|(_, func)| {
            func.ops().any(|(_, _, op)| match &op.kind {
                OpKind::Call(call) => self.package.resolve(id.decl, call).model().is_some_and(|m| m.deadline),
                _ => false,
            })
        })
    }

    /// A function whose code is not in view.
    fn unreadable(&mut self, frame: &Rc<Frame>, call: &Call, span: Span, what: String, guarded: bool, chain: &Chain) {
        let Some(body) = self.package.body(frame.id.decl) else { return };
        let name = what.rsplit('.').next().unwrap_or("");
        let vocabulary = self.package.models().vocabulary();
        // `context.Background()` is given to many functions that only wrap it, log or build something.
        if vocabulary.is_local(name) {
            return;
        }
        for arg in &call.args {
            let ty = self.package.operand_type(frame.id.decl, body, arg);
            // What takes a context, or a request, says that it can take long.
            let found = if is_context(self.package, &ty) {
                context(self.package, frame, arg)
            } else if self.package.type_kind(&ty).is_some_and(|k| k == "request") {
                request(self.package, frame, arg)
            } else if self.carries_context(frame, arg, &ty) {
                Limit::Some("a context".to_string())
            } else {
                continue;
            };
            if let Limit::None(clues) = found
                && !guarded
            {
                self.push(Proof::Waits, frame, span, what, clues, chain);
            }
            return;
        }
        if guarded || self.is_light(frame, body, call) {
            return;
        }
        let proof = if vocabulary.is_remote(name) { Proof::Waits } else { Proof::Unreadable };
        self.push(proof, frame, span, what, Vec::new(), chain);
    }

    /// Whether an argument of unknown type comes from a call that took a context: that is a context too, as a rule.
    fn carries_context(&self, frame: &Rc<Frame>, arg: &Operand, ty: &Ty) -> bool {
        let Origin::Call { frame: at, call, .. } = self.package.operand_origin(frame, arg) else { return false };
        let Some(body) = self.package.body(at.id.decl).filter(|_| *ty == Ty::Unknown) else { return false };
        call.args.iter().any(|a| is_context(self.package, &self.package.operand_type(at.id.decl, body, a)))
    }

    /// Whether an unreadable call is none to wonder about: of the standard library, of which the models name what waits, a conversion, or
    /// a cancel function.
    fn is_light(&self, frame: &Rc<Frame>, body: &Body, call: &Call) -> bool {
        let package = self.package;
        let of_library = |path: &str| !path.split('/').next().unwrap_or("").contains('.');
        match (&call.callee, package.resolve(frame.id.decl, call)) {
            (Callee::Opaque, _) => true,
            (_, Target::Outside(outside)) if of_library(&outside.path) && package.imports_path(&outside.path) => true,
            (Callee::Method { recv, .. }, Target::Unknown) if matches!(recv.root, Root::Import(path, _) if of_library(&path)) => true,
            (Callee::Value(p), _) => package.type_kind(&package.ty_of(frame.id.decl, body, p)).is_some_and(|k| k == "cancel"),
            (Callee::Method { recv, name }, _) => {
                package.type_kind(&package.ty_of(frame.id.decl, body, &recv.field(*name))).is_some_and(|k| k == "cancel")
            }
            _ => false,
        }
    }

    /// Whether the function itself uses a context that can end.
    fn is_guarded(&self, frame: &Rc<Frame>, body: &Body, func: &Func) -> bool {
        let package = self.package;
        let ends = |p: &Place| is_context(package, &package.ty_of(frame.id.decl, body, p)) && matches!(context(package, frame, &Operand::Place(p.clone())), Limit::Some(_));
        func.ops().any(|(_, _, op)| match &op.kind {
            OpKind::Call(call) | OpKind::Defer(call) => {
                let recv = match &call.callee {
                    Callee::Method { recv, .. } => Some(recv),
                    _ => None,
                };
                recv.into_iter().chain(call.args.iter().filter_map(Operand::place)).any(ends)
            }
            _ => false,
        })
    }

    /// A send on a buffered channel of tokens waits for a free slot, if it is a semaphore.
    fn token(&mut self, frame: &Rc<Frame>, ch: &Place, span: Span, chain: &Chain) {
        let package = self.package;
        let Some(body) = package.body(frame.id.decl) else { return };
        let empty = match package.structure(&package.ty_of(frame.id.decl, body, ch)) {
            Ty::Chan(_, elem) => matches!(&*elem, Ty::Struct(fields) if fields.is_empty()),
            _ => false,
        };
        // The function looks after its own sends, if it has a context.
        let Some(class) = package.class(frame.id.decl, ch).filter(|_| empty) else { return };
        let buffered = class.makes().next().is_some() && class.makes().all(|(_, cap)| *cap != Cap::Zero);
        let own = package.func(frame.id).is_some_and(|(_, func)| self.is_guarded(frame, body, func));
        if buffered && !own {
            let what = format!("the send on {}", package.file(frame.id.decl).src.slice(span).split("<-").next().unwrap_or("").trim());
            let slow = Slow { proof: Proof::Waits, id: frame.id, span, what, chain: chain.clone(), clues: Vec::new() };
            self.tokens.push((slow, class));
        }
    }

    /// A channel of tokens is a semaphore where the goroutine that sends takes its token back.
    fn semaphores(&mut self) {
        for (slow, class) in std::mem::take(&mut self.tokens) {
            let back = class.ops_of(&ChanOpKind::Recv).any(|op| self.seen.contains(&op.id) || self.deferred.contains(&op.id));
            if back {
                self.out.push(slow);
            }
        }
    }

    fn text(&self, frame: &Rc<Frame>, call: &Call) -> String {
        self.package.file(frame.id.decl).src.slice(call.callee_span).to_string()
    }

    fn push(&mut self, proof: Proof, frame: &Rc<Frame>, span: Span, what: String, clues: Vec<Clue>, chain: &Chain) {
        self.out.push(Slow { proof, id: frame.id, span, what, chain: chain.clone(), clues });
    }
}
