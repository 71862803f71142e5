//! A `case <-ctx.Done()` beside a wait that nothing else ends, where a context is in scope.

use super::scope::declared_before;
use crate::lint::{Edit, Fix, Safety};
use crate::models::ContextOp;
use crate::old::flow::Cfg;
use crate::old::ir::{Body, Call, Callee, Func, LocalKind, Loop, LoopKind, OpKind, Operand, Place, SelectCase, Term, Ty};
use crate::old::lifetime::guards::{ContextEnd, Signal, context_end, is_context, signal};
use crate::old::program::{Frame, Origin, Package, Target};
use crate::source::Span;
use std::rc::Rc;

/// What a guard may change.
const LEAVES_EARLY: &str = "what is waited for is lost if the context ends first";

/// The function leaves when its context is over, wherever it now waits for something else. All of these places are guarded, or none.
///
/// `None` where no context that can end is in scope, where leaving early would skip what others wait for, or where the statement has a form that
/// cannot be rewritten without knowing types.
#[must_use]
pub fn done_case(package: &Package, frame: &Rc<Frame>, waits: &[Span]) -> Option<Fix> {
    let first = waits.first()?;
    let (body, func) = package.func(frame.id)?;
    let ctx = context_at(package, frame, body, waits)?;
    let leave = leave(body, func, &ctx, first.start)?;
    let guard = Guard { package, frame, func, text: &package.file(frame.id.decl).src.text, ctx: &ctx, leave: &leave };
    let mut edits = Vec::new();
    for wait in waits {
        if guard.skips_a_duty(*wait) || guard.tells_of_the_end(*wait) {
            return None;
        }
        edits.extend(guard.edits(*wait)?);
    }
    edits.sort_by_key(|edit| (edit.at.span.start, edit.at.span.end));
    Some(Fix { title: format!("leave when {ctx} is done"), safety: Safety::Unsafe(LEAVES_EARLY), edits })
}

/// How the code names the context that is in scope at all waits: the innermost one that can end and has no time limit of its own, which would be
/// meant for something else.
fn context_at(package: &Package, frame: &Rc<Frame>, body: &Body, waits: &[Span]) -> Option<String> {
    let mut best: Option<((bool, u32), String)> = None;
    for (index, local) in (0..).zip(&body.locals) {
        let id = crate::old::ir::LocalId(index);
        if local.kind == LocalKind::Temp || local.scope_end == 0 || !body.is_inside(frame.id.func, local.func) {
            continue;
        }
        let ty = package.ty_of(frame.id.decl, body, &Place::local(id));
        let own = is_context(package, &ty);
        let in_scope = |at: u32| body.names(id, at) && declared_before(package, frame.id.decl, id, at);
        let request = !own && package.is_type(&ty, "net/http", "Request");
        if !(own || request) || !waits.iter().all(|wait| in_scope(wait.start)) || own && !ends(package, frame, &Place::local(id))
        {
            continue;
        }
        let rank = (own, local.span.start);
        if best.as_ref().is_none_or(|(known, _)| *known < rank) {
            let text = if own { local.name.to_string() } else { format!("{}.Context()", local.name) };
            best = Some((rank, text));
        }
    }
    best.map(|(_, text)| text)
}

fn ends(package: &Package, frame: &Rc<Frame>, ctx: &Place) -> bool {
    let limited = match package.origin(frame, ctx) {
        Origin::Call { target: Target::Model(model, _), .. } => {
            matches!(model.context, Some(ContextOp::Derive { deadline: true, .. }))
        }
        _ => false,
    };
    !limited && context_end(package, frame, ctx) == ContextEnd::Can
}

/// The statement that leaves the function.
fn leave(body: &Body, func: &Func, ctx: &str, at: u32) -> Option<String> {
    match func.sig.results.as_slice() {
        [] => Some("return".to_owned()),
        [Ty::Named { path: None, name }] if *name == "error" => Some(format!("return {ctx}.Err()")),
        // Results with names are returned by themselves, unless another variable hides one.
        _ => func.results.iter().all(|result| body.names(*result, at)).then(|| "return".to_owned()),
    }
}

/// What the guard is made of.
struct Guard<'a> {
    package: &'a Package,
    frame: &'a Rc<Frame>,
    func: &'a Func,
    text: &'a str,
    ctx: &'a str,
    leave: &'a str,
}

impl Guard<'_> {
    /// Whether something that others wait for is done below the wait, and not by a deferred call.
    fn skips_a_duty(&self, wait: Span) -> bool {
        let duty = |call: &Call| match &call.callee {
            Callee::Method { name, .. } => {
                matches!(name.as_str(), "Done" | "Unlock" | "RUnlock") && call.args.is_empty() && {
                    let model = self.package.resolve(self.frame.id.decl, call);
                    model.model().is_none_or(|m| m.context.is_none())
                }
            }
            _ => false,
        };
        self.func.ops().any(|(_, _, op)| {
            op.span.start >= wait.end
                && match &op.kind {
                    OpKind::Close { .. } => true,
                    OpKind::Call(call) => duty(call),
                    _ => false,
                }
        })
    }

    /// Whether the wait is there only once a context is done: what is sent then says so, and would get lost.
    fn tells_of_the_end(&self, wait: Span) -> bool {
        let Some((at, _, _)) = self.func.ops().find(|(_, _, op)| op.span == wait) else { return false };
        if self.text.get(wait.range()).is_some_and(|text| text.contains(&format!("{}.Err()", self.ctx))) {
            return true;
        }
        let Some(cfg) = Cfg::new(self.package, self.frame.id) else { return false };
        let idom = cfg.dominators();
        let over = |ch: &Place| matches!(signal(self.package, self.frame, ch), Signal::Context(_));
        self.func.blocks.iter().any(|block| match &block.term {
            Term::Select { cases, .. } => cases.iter().any(|c| Cfg::dominates(&idom, c.target, at) && over(c.comm.ch())),
            _ => false,
        })
    }

    fn edits(&self, wait: Span) -> Option<Vec<Edit>> {
        if let Some(l) = self.func.loops.iter().find(|l| l.head == wait) {
            return self.range(l);
        }
        for block in &self.func.blocks {
            let Term::Select { cases, default: None } = &block.term else { continue };
            if block.span == wait || cases.iter().any(|case| case.span == wait) {
                let ends = |ch: &Place| match signal(self.package, self.frame, ch) {
                    Signal::Context(end) => Some(end),
                    _ => None,
                };
                return match cases.iter().find_map(|case| Some((case, ends(case.comm.ch())?))) {
                    None => self.case_in(block.span),
                    Some((case, ContextEnd::Can)) => self.leave_in(case),
                    Some((_, ContextEnd::Never(_))) => None,
                };
            }
        }
        let (_, _, op) = self.func.ops().find(|(_, _, op)| op.span == wait)?;
        match &op.kind {
            OpKind::Send { .. } => self.around(wait),
            OpKind::Recv { .. } => self.around(wait),
            OpKind::Call(call) => self.sleep(call),
            _ => None,
        }
    }

    /// One case more in a `select`, as the first.
    fn case_in(&self, select: Span) -> Option<Vec<Edit>> {
        let indent = self.indent(select.start)?;
        let below = self.below_brace(select.end)?;
        Some(vec![self.insert(below, self.done(indent))])
    }

    /// The case that hears of the end leaves at its own end.
    fn leave_in(&self, case: &SelectCase) -> Option<Vec<Edit>> {
        let key = case.span.start.checked_sub(5)?;
        let indent = self.indent(key)?;
        let clause =
            self.func.blocks.iter().map(|block| block.span).find(|span| span.start == key && span.contains(case.span))?;
        let text = self.text.get(clause.range())?.trim_end();
        let end = self.line_end(key + u32::try_from(text.len()).ok()?)?;
        Some(vec![self.insert(end, format!("\n{indent}\t{}", self.leave))])
    }

    /// `case <-ctx.Done():` and what it does, as whole lines.
    fn done(&self, indent: &str) -> String {
        format!("{indent}case <-{}.Done():\n{indent}\t{}\n", self.ctx, self.leave)
    }

    /// A statement becomes a case of a `select` of its own.
    fn around(&self, statement: Span) -> Option<Vec<Edit>> {
        let line = self.text.get(..statement.start as usize)?.rfind('\n')? + 1;
        let before = self.text.get(line..statement.start as usize)?;
        let target = before.trim_start();
        let whole = self.text.get(statement.range())?;
        // `v := <-c` would keep its variable in the case.
        let writes =
            target.strip_suffix(" = ").is_some_and(|left| left.chars().all(|c| c.is_alphanumeric() || "_., ".contains(c)));
        let declares = whole.split_once("<-").is_some_and(|(left, _)| left.contains(":="));
        if !(target.is_empty() || writes) || declares {
            return None;
        }
        let indent = before.get(..before.len() - target.len())?;
        let start = u32::try_from(line + indent.len()).ok()?;
        let open = format!("select {{\n{}{indent}case ", self.done(indent));
        let end = self.line_end(statement.end)?;
        if end == statement.end {
            return Some(vec![self.insert(start, open), self.insert(end, format!(":\n{indent}}}"))]);
        }
        Some(vec![
            self.insert(start, open),
            self.insert(statement.end, ":".to_owned()),
            self.insert(end, format!("\n{indent}}}")),
        ])
    }

    /// `time.Sleep(d)` becomes a wait for the clock or the context.
    fn sleep(&self, call: &Call) -> Option<Vec<Edit>> {
        let sleeps = matches!(&call.callee, Callee::Import { path, name } if *path == "time" && *name == "Sleep");
        // Before Go 1.23 the timer of `time.After` stays until it fires.
        if !sleeps || !self.package.go_at_least(1, 23) {
            return None;
        }
        let mut edits = self.around(call.span)?;
        edits.first_mut()?.text.push_str("<-");
        let name = Span { start: call.callee_span.end.checked_sub(5)?, end: call.callee_span.end };
        edits.insert(1, Edit { at: self.package.location(self.frame.id.decl, name), text: "After".to_owned() });
        Some(edits)
    }

    /// `for range t.C` becomes an endless loop that waits for the clock or the context.
    fn range(&self, l: &Loop) -> Option<Vec<Edit>> {
        let LoopKind::Range(Operand::Place(ch)) = &l.kind else { return None };
        if !matches!(signal(self.package, self.frame, ch), Signal::Ticker) {
            return None;
        }
        let indent = self.indent(l.head.start)?;
        let head = self.text.get(l.head.range())?;
        let (left, over) = head.strip_prefix("for ")?.split_once("range ")?;
        let mut over = over.trim().to_owned();
        let mut new_head = "for".to_owned();
        if over.contains(['(', '{']) {
            // `time.Tick(d)` is asked for once, and nobody could stop it.
            let made = over.strip_prefix("time.Tick(")?;
            let taken = self.package.text(self.frame.id.decl);
            let name = ["ticker", "ticks", "clock"].into_iter().find(|name| !taken.contains(name))?;
            if l.label.is_some() {
                return None;
            }
            new_head = format!("{name} := time.NewTicker({made}\n{indent}defer {name}.Stop()\n{indent}for");
            over = format!("{name}.C");
        }
        let below = self.below_brace(l.head.end)?;
        let head = Edit { at: self.package.location(self.frame.id.decl, l.head), text: new_head };
        let open = format!("{indent}\tselect {{\n{}", self.done(&format!("{indent}\t")));
        if left.trim().is_empty() {
            return Some(vec![head, self.insert(below, format!("{open}{indent}\tcase <-{over}:\n{indent}\t}}\n"))]);
        }
        let name = left.trim().strip_suffix(":=")?.trim();
        let close = self.text.get(..l.span.end as usize)?.rfind('\n')? + 1;
        let inner = self.text.get(below as usize..close)?;
        // What spans lines and is no code cannot be moved to the right.
        if name == "_" || inner.contains(['`', '\r']) || inner.contains("/*") {
            return None;
        }
        let mut moved: String =
            inner.split_inclusive('\n').map(|line| if line == "\n" { line.into() } else { format!("\t{line}") }).collect();
        moved = format!("{open}{indent}\tcase {name} := <-{over}:\n{moved}{indent}\t}}\n");
        let at = self.package.location(self.frame.id.decl, Span::new(below as usize, close));
        Some(vec![head, Edit { at, text: moved }])
    }

    /// The blanks before a statement that begins its line.
    fn indent(&self, start: u32) -> Option<&str> {
        let line = self.text.get(..start as usize)?.rfind('\n')? + 1;
        self.text.get(line..start as usize).filter(|before| before.trim().is_empty())
    }

    /// Where the line below the next brace begins, if the brace ends its line.
    fn below_brace(&self, from: u32) -> Option<u32> {
        let rest = self.text.get(from as usize..)?;
        let line = rest.split_inclusive('\n').next().filter(|line| line.ends_with('\n'))?;
        let after = line.trim_start().strip_prefix('{')?.trim();
        (after.is_empty() || after.starts_with("//")).then_some(from + u32::try_from(line.len()).ok()?)
    }

    /// Where the line of a statement ends, if nothing but a comment follows there.
    fn line_end(&self, end: u32) -> Option<u32> {
        let rest = self.text.get(end as usize..)?.lines().next()?;
        let room = rest.trim().is_empty() || rest.trim().starts_with("//");
        Some(end + u32::try_from(rest.len()).ok()?).filter(|_| room)
    }

    fn insert(&self, at: u32, text: String) -> Edit {
        Edit { at: self.package.location(self.frame.id.decl, Span { start: at, end: at }), text }
    }
}
