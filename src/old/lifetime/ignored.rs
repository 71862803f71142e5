//! Goroutines that outlive the function that starts them and wait for something that the context at hand does not bound.

use super::Clue;
use super::guards::{ContextEnd, Signal, is_context, operand_context_end, signal};
use super::hang::{Slow, What, is_quiet_op, slow_call, slow_calls};
use super::outlive::{Awaited, awaited};
use super::scope::{AtHand, asks, at_hand, derived, is_given};
use super::traps::{is_channel, traps};
use super::{lasting, spawns};
use crate::lint::{Context, Level};
use crate::old::flow::Cfg;
use crate::old::ir::{BlockId, Comm, Func, LoopId, LoopKind, OpKind, Operand, Term};
use crate::old::program::{FnId, Frame, Package, Spawn, SpawnHow, functions};
use crate::source::Span;
use std::rc::Rc;

/// Calls to these are rule http-without-context's business.
const ELSEWHERE: &[&str] = &["net/http"];

/// A goroutine that ignores the context at hand.
#[derive(Clone, Debug)]
pub struct Ignored {
    /// Index of the spawn.
    pub spawn: usize,
    /// The context at hand.
    pub at_hand: AtHand,
    /// The function that holds the primary place: the goroutine's own, or that which starts it.
    pub at: FnId,
    /// The slow call, or the call in the goroutine that leads to it.
    pub span: Span,
    /// The slow call.
    pub slow: Slow,
    /// Where the function leaves without the goroutine.
    pub way_out: Span,
    /// How bad.
    pub level: Level,
    /// Why it is no worse than a note, where it is one.
    pub because: Option<String>,
}

/// A slow call that is not given the time limit which its function sets.
#[derive(Clone, Debug)]
pub struct NotGiven {
    /// The function.
    pub at: FnId,
    /// The name of the context with the limit.
    pub name: String,
    /// Where it is derived.
    pub derived: Span,
    /// The slow call in the function, or the one that leads to it.
    pub span: Span,
    /// The slow call.
    pub slow: Slow,
}

/// Why the goroutine of a spawn does not ignore the context, or how it does.
pub fn judge(cx: &Context<'_>, index: usize, spawn: &Spawn) -> Result<Ignored, String> {
    let package = cx.package;
    let at_hand =
        at_hand(package, spawn.owner, spawn.block, spawn.span.start).ok_or("no context is at hand where it is started")?;
    if matches!(&spawn.how, SpawnHow::Library(name) if name == "context.AfterFunc") {
        return Err("it runs when the context is over".into());
    }
    let root = Frame::root(spawn.owner);
    let found = match spawn.body {
        Some(body) => {
            let frame = root.call(body, &spawn.call).ok_or("it starts itself")?;
            // One that waits is not hidden by one before it of which nothing is known.
            best(package, &frame, slow_calls(package, &frame, ELSEWHERE)).map(|(span, slow)| (body, span, slow))
        }
        None => slow_call(package, &root, spawn.block, &spawn.call, ELSEWHERE).map(|slow| (spawn.owner, spawn.call.span, slow)),
    };
    let (at, span, slow) = found.ok_or("nothing in it is known to take long, or the context at hand bounds it")?;
    let way_out = match awaited(package, spawn) {
        Awaited::Here => return Err("the function waits for it on every way out".into()),
        Awaited::Elsewhere(why) => return Err(why),
        Awaited::Nobody(span) => span,
    };
    if !traps(package, spawn).is_empty() {
        return Err("it loops for ever, which is more than waiting long".into());
    }
    let because = excuse(package, spawn, &slow);
    let level = if slow.rank() > 1 && because.is_none() { Level::Warning } else { Level::Note };
    Ok(Ignored { spawn: index, at_hand, at, span, slow, way_out, level, because })
}

/// Why the goroutine may well live on.
fn excuse(package: &Package, spawn: &Spawn, slow: &Slow) -> Option<String> {
    if let Some(why) = lasting::once(package, spawn.owner, spawn.block) {
        return Some(why);
    }
    if package.file(spawn.owner.decl).is_test {
        return Some("it is a test".into());
    }
    if matches!(&spawn.how, SpawnHow::Library(name) if name.ends_with("AfterFunc")) {
        return Some("it is meant to run later".into());
    }
    if slow.dropped {
        return Some("a call on the way is given a context and drops it".into());
    }
    is_worker(package, slow).then(|| "it works until it is told to stop".to_string())
}

/// The best founded of the slow calls, and of these the first.
fn best(package: &Package, frame: &Rc<Frame>, calls: Vec<(Span, Slow)>) -> Option<(Span, Slow)> {
    let working = |slow: &Slow| slow.what != What::Slot || waits_for_more(package, frame.id, slow);
    let mut rest: Vec<(Span, Slow)> = Vec::new();
    for (span, slow) in calls.into_iter().filter(|(_, s)| working(s)) {
        if slow.rank() == 3 {
            return Some((span, slow));
        }
        rest.push((span, slow));
    }
    // What is unknown may take the context in a way that is not seen, where the goroutine has one.
    if rest.is_empty() || uses_context(package, frame) {
        return None;
    }
    let top = rest.iter().map(|(_, s)| s.rank()).max()?;
    rest.into_iter().find(|(_, s)| s.rank() == top)
}

/// Whether there is more to the goroutine than waiting for its turn: only then are slots kept for long.
fn waits_for_more(package: &Package, id: FnId, slot: &Slow) -> bool {
    let Some((_, func)) = package.func(id) else { return false };
    let own = usize::from(slot.frame.id != id);
    func.ops().filter(|(_, _, op)| matches!(op.kind, OpKind::Call(_)) && !is_quiet_op(package, id, op)).count() > own
}

/// Whether the goroutine's function does anything with a context that can end, or with a request.
fn uses_context(package: &Package, frame: &Rc<Frame>) -> bool {
    let Some((body, _)) = package.func(frame.id) else { return true };
    let decl = frame.id.decl;
    let live = |value: &Operand| {
        let ty = package.operand_type(decl, body, value);
        is_context(package, &ty) && operand_context_end(package, frame, value) == ContextEnd::Can
            || package.type_kind(&ty).is_some_and(|k| k == "request" || k == "webcontext")
    };
    functions(decl, body).filter(|(id, _)| body.is_inside(id.func, frame.id.func)).any(|(_, func)| {
        func.ops().any(|(_, _, op)| match &op.kind {
            OpKind::Call(call) | OpKind::Defer(call) | OpKind::Spawn(call) => {
                call.args.iter().any(live)
                    || matches!(&call.callee, crate::old::ir::Callee::Method { recv, .. } if live(&Operand::Place(recv.clone())))
            }
            OpKind::Assign { src, .. } => live(src),
            _ => false,
        })
    })
}

/// Whether the slow call stands in a loop that receives something in each round: it works as long as there is work.
fn is_worker(package: &Package, slow: &Slow) -> bool {
    let mut frame = Rc::clone(&slow.frame);
    let mut block = Some(slow.block);
    loop {
        let Some((_, func)) = package.func(frame.id) else { return false };
        let mut at = block.and_then(|b| func.block(b).in_loop);
        while let Some(id) = at {
            if receives(package, &frame, func, id) {
                return true;
            }
            at = func.loops[id.at()].parent;
        }
        let Some((up, call)) = frame.up.clone() else { return false };
        if up.up.is_none() {
            return false;
        }
        block = block_of(package, up.id, call.span);
        frame = up;
    }
}

fn block_of(package: &Package, id: FnId, call: Span) -> Option<BlockId> {
    let (_, func) = package.func(id)?;
    func.ops().find(|(_, _, op)| matches!(&op.kind, OpKind::Call(c) if c.span == call)).map(|(b, _, _)| b)
}

fn receives(package: &Package, frame: &Rc<Frame>, func: &Func, id: LoopId) -> bool {
    if matches!(&func.loops[id.at()].kind, LoopKind::Range(Operand::Place(p)) if is_channel(package, frame, p)) {
        return true;
    }
    let told = |ch| !matches!(signal(package, frame, ch), Signal::Timer | Signal::Nil(_));
    func.block_ids().filter(|b| func.loop_inside(func.block(*b).in_loop, id)).any(|b| {
        let block = func.block(b);
        block.ops.iter().any(|op| matches!(&op.kind, OpKind::Recv { ch, .. } if told(ch)))
            || matches!(&block.term, Term::Select { cases, .. } if cases.iter().any(|c| matches!(&c.comm, Comm::Recv { ch, .. } if told(ch))))
    })
}

/// Time limits that are set and given to nothing, though a call that nothing else bounds follows.
#[must_use]
pub fn limits_not_given(cx: &Context<'_>, tokens: &[&str]) -> Vec<NotGiven> {
    let package = cx.package;
    let mut out = Vec::new();
    for decl in package.triggered(|t| cx.is_token(t, tokens)) {
        let Some(body) = package.body(decl).filter(|_| package.wants_findings(decl)) else { continue };
        for (id, func) in functions(decl, body) {
            for (block, i, op) in func.ops() {
                let OpKind::Call(call) = &op.kind else { continue };
                let Some(ctx) = derived(package, decl, call) else { continue };
                if is_given(package, decl, ctx) || !func.ops().any(|(_, _, op)| asks(&op.kind, ctx)) {
                    continue;
                }
                if let Some((span, slow)) = slow_after(package, id, block, i) {
                    out.push(NotGiven { at: id, name: body.local(ctx).name.to_string(), derived: op.span, span, slow });
                }
            }
        }
    }
    out
}

/// The first call of the function after the place that is known to wait.
fn slow_after(package: &Package, id: FnId, block: BlockId, op: usize) -> Option<(Span, Slow)> {
    let cfg = Cfg::new(package, id)?;
    let (_, func) = package.func(id)?;
    let reach = cfg.reachable(block);
    let after = |span: Span| {
        func.ops().any(|(b, i, o)| {
            (if b == block { i > op } else { reach[b.at()] }) && matches!(&o.kind, OpKind::Call(c) if c.span == span)
        })
    };
    slow_calls(package, &Frame::root(id), ELSEWHERE)
        .into_iter()
        .find(|(span, slow)| slow.rank() == 3 && slow.what != What::Slot && after(*span))
}

/// The findings on goroutines, and those passed over.
#[must_use]
pub fn ignored(cx: &Context<'_>) -> (Vec<Ignored>, Vec<(FnId, Span, String)>) {
    let mut out = Vec::new();
    let mut passed = Vec::new();
    for (i, spawn) in spawns(cx).iter().enumerate().filter(|(_, s)| cx.package.wants_findings(s.owner.decl)) {
        match judge(cx, i, spawn) {
            Ok(found) => out.push(found),
            Err(why) => passed.push((spawn.owner, spawn.span, why)),
        }
    }
    (out, passed)
}

/// The calls that lead from the goroutine to the slow call, as steps.
#[must_use]
pub fn way_to(slow: &Slow) -> Vec<Clue> {
    super::traps::call_chain(&slow.frame).into_iter().map(|(id, span)| Clue::new(id.decl, span, "it calls this")).collect()
}
