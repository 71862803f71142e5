//! Control flow: `if`, `for`, `switch`, `select`, labels and jumps.

use super::builder::{Builder, Target, field, fields, named};
use crate::old::ir::{BlockId, Comm, Cond, Def, Expr, LoopKind, OpKind, Operand, Place, SelectCase, Term};
use crate::source::Span;
use tree_sitter::Node;

impl Builder<'_> {
    /// Statements that `break` can leave.
    pub(super) fn control(&mut self, n: Node<'_>) {
        match n.kind() {
            "for_statement" => self.for_statement(n),
            "select_statement" => self.select(n),
            "expression_switch_statement" => self.switch(n),
            _ => self.type_switch(n),
        }
    }

    pub(super) fn if_statement(&mut self, n: Node<'_>) {
        let span = self.span(n);
        self.push_scope();
        if let Some(init) = field(n, "initializer") {
            self.simple(init);
        }
        let (then, els, after) = (self.new_block(span), self.new_block(span), self.new_block(span));
        if let Some(cond) = field(n, "condition") {
            self.cond(cond, then, els);
        } else {
            self.seal(Term::Switch(vec![then, els]), span, then);
        }
        self.f().cur = then;
        if let Some(body) = field(n, "consequence") {
            self.block(body);
        }
        self.jump_to(after, span);
        self.f().cur = els;
        if let Some(alternative) = field(n, "alternative") {
            self.statement(alternative);
        }
        self.jump_to(after, span);
        self.pop_scope(n);
    }

    /// Ends the current block with the condition: `&&`, `||` and `!` become control flow. The current block is then undefined.
    fn cond(&mut self, n: Node<'_>, then: BlockId, els: BlockId) {
        if !self.enter(n) {
            let span = self.span(n);
            self.seal(Term::If { cond: Cond::Opaque, then, els }, span, then);
            return;
        }
        let op = field(n, "operator").map(|o| self.text_of(o));
        match (n.kind(), op) {
            ("parenthesized_expression", _) if n.named_child(0).is_some() => {
                if let Some(inner) = n.named_child(0) {
                    self.cond(inner, then, els);
                }
            }
            ("unary_expression", Some("!")) => {
                if let Some(inner) = field(n, "operand") {
                    self.cond(inner, els, then);
                }
            }
            ("binary_expression", Some(op @ ("&&" | "||"))) => {
                let span = self.span(n);
                let middle = self.new_block(span);
                let (Some(left), Some(right)) = (field(n, "left"), field(n, "right")) else { return self.leave() };
                if op == "&&" {
                    self.cond(left, middle, els);
                } else {
                    self.cond(left, then, middle);
                }
                self.f().cur = middle;
                self.cond(right, then, els);
            }
            _ => {
                let span = self.span(n);
                let cond = self.atom(n);
                self.seal(Term::If { cond, then, els }, span, then);
            }
        }
        self.leave();
    }

    /// A condition without `&&`, `||` and `!`.
    fn atom(&mut self, n: Node<'_>) -> Cond {
        if n.kind() == "binary_expression" {
            let op = field(n, "operator").map_or("", |o| self.text_of(o));
            let left = field(n, "left").map_or(Operand::Opaque, |l| self.expr(l));
            let right = field(n, "right").map_or(Operand::Opaque, |r| self.expr(r));
            return compare(op, left, right);
        }
        match self.expr(n) {
            Operand::Bool(b) => Cond::Const(b),
            Operand::Place(p) => Cond::Truth(p),
            _ => Cond::Opaque,
        }
    }

    fn for_statement(&mut self, n: Node<'_>) {
        let Some(body) = field(n, "body") else { return };
        let span = self.span(n);
        let head = self.span_before(n, body);
        let clause = named(n).into_iter().find(|c| c.id() != body.id());
        self.push_scope();
        match clause {
            Some(c) if c.kind() == "range_clause" => self.range_loop(c, body, head, span),
            Some(c) if c.kind() == "for_clause" => {
                let init = field(c, "initializer");
                if let Some(init) = init {
                    self.simple(init);
                }
                // Only a counter that starts in this loop has a start that is known.
                let counts = init.is_some_and(|i| i.kind() == "short_var_declaration");
                self.plain_loop((field(c, "condition"), field(c, "update"), counts), body, head, span);
            }
            cond => self.plain_loop((cond, None, false), body, head, span),
        }
        self.pop_scope(n);
    }

    fn plain_loop(&mut self, clause: (Option<Node<'_>>, Option<Node<'_>>, bool), body: Node<'_>, head: Span, span: Span) {
        let (cond, update, counts) = clause;
        let after = self.new_block(span);
        let header = self.new_block(head);
        self.jump_to(header, head);
        let id = self.new_loop(header, LoopKind::Forever, head, span);
        let label = self.f().label.take();
        self.f().loops[id.at()].label = label;
        let outer = self.f().in_loop.replace(id);
        self.f().blocks[header.at()].in_loop = Some(id);
        let start = self.new_block(span);
        let post = self.new_block(head);
        let cond = cond.filter(|c| self.text_of(*c) != "true");
        let rounds = cond.zip(update).filter(|_| counts).and_then(|(c, u)| self.rounds(c, u));
        if let Some((count, _)) = &rounds {
            self.f().loops[id.at()].kind = LoopKind::Count(count.clone());
            self.seal(Term::Loop { id, body: start, exit: Some(after) }, head, start);
        } else if let Some(cond) = cond {
            let test = self.new_block(head);
            self.seal(Term::Loop { id, body: test, exit: None }, head, test);
            self.cond(cond, start, after);
            let seen = match &self.f().blocks[test.at()].term {
                Term::If { cond, .. } => cond.clone(),
                _ => Cond::Opaque,
            };
            self.f().loops[id.at()].kind = LoopKind::Cond(seen);
        } else {
            self.seal(Term::Loop { id, body: start, exit: None }, head, start);
        }
        self.f().cur = start;
        self.loop_body(body, label, after, post);
        self.jump_to(post, span);
        if let Some(update) = update {
            self.simple(update);
        }
        self.seal(Term::Jump(header), head, after);
        self.f().in_loop = outer;
        if let Some((_, variable)) = rounds {
            self.check_count(id, &variable, after, post);
        }
    }

    fn loop_body(&mut self, body: Node<'_>, label: Option<crate::old::ir::Sym>, brk: BlockId, cont: BlockId) {
        self.f().targets.push(Target { label, brk, cont: Some(cont) });
        let next_case = self.f().next_case.take();
        self.block(body);
        self.f().next_case = next_case;
        self.f().targets.pop();
    }

    fn range_loop(&mut self, clause: Node<'_>, body: Node<'_>, head: Span, span: Span) {
        let over = field(clause, "right").map_or(Operand::Opaque, |r| self.expr(r));
        let left = field(clause, "left").map(named).unwrap_or_default();
        let declares = !left.is_empty() && {
            let mut cursor = clause.walk();
            clause.children(&mut cursor).any(|c| c.kind() == ":=")
        };
        let after = self.new_block(span);
        let header = self.new_block(head);
        self.jump_to(header, head);
        let id = self.new_loop(header, LoopKind::Range(over.clone()), head, span);
        let label = self.f().label.take();
        self.f().loops[id.at()].label = label;
        let outer = self.f().in_loop.replace(id);
        self.f().blocks[header.at()].in_loop = Some(id);
        let start = self.new_block(span);
        self.seal(Term::Loop { id, body: start, exit: Some(after) }, head, start);
        self.range_targets(&left, &over, declares, clause);
        self.loop_body(body, label, after, header);
        self.seal(Term::Jump(header), head, after);
        self.f().in_loop = outer;
    }

    /// The number of rounds of `i < n; i++` and its like, and the variable that counts.
    fn rounds(&mut self, cond: Node<'_>, update: Node<'_>) -> Option<(Operand, Place)> {
        if cond.kind() != "binary_expression" {
            return None;
        }
        let up = match update.kind() {
            "inc_statement" => true,
            "dec_statement" => false,
            _ => return None,
        };
        let counter = update.named_child(0).filter(|c| c.kind() == "identifier")?;
        let local = self.lookup_local(self.sym(counter))?;
        let (left, right) = (field(cond, "left")?, field(cond, "right")?);
        if left.kind() != "identifier" || self.lookup_local(self.sym(left)) != Some(local) || contains_call(right) {
            return None;
        }
        let start = match &self.body.local(local).def {
            Def::Value(v) => v.clone(),
            _ => return None,
        };
        let bound = self.expr(right);
        let op = field(cond, "operator").map(|o| self.text_of(o))?;
        let count = match (up, op, start) {
            (true, "<" | "!=", Operand::Int(0)) | (true, "<=", Operand::Int(1)) => bound,
            (true, "<" | "!=", Operand::Int(a)) => minus(bound, a)?,
            (true, "<=", Operand::Int(a)) => minus(bound, a.checked_sub(1)?)?,
            (false, ">" | "!=", from) if bound == Operand::Int(0) => from,
            (false, ">=", from) if bound == Operand::Int(1) => from,
            (false, ">=", from) if bound == Operand::Int(0) => minus(from, -1)?,
            _ => return None,
        };
        matches!(count, Operand::Int(_) | Operand::Place(_) | Operand::Expr(_)).then(|| (count, Place::local(local)))
    }

    /// A loop counts only where its body leaves the counter and the bound alone.
    fn check_count(&mut self, id: crate::old::ir::LoopId, counter: &Place, after: BlockId, post: BlockId) {
        let LoopKind::Count(bound) = self.f().loops[id.at()].kind.clone() else { return };
        let header = self.f().loops[id.at()].header;
        let mut bases = vec![counter.clone()];
        collect_places(&bound, &mut bases);
        let f = self.f();
        let last = f.blocks.len();
        let written =
            (header.at()..last).filter(|b| *b != after.at() && *b != post.at()).flat_map(|b| &f.blocks[b].ops).any(|op| {
                let writes = |p: &Place| bases.iter().any(|b| b == p);
                match &op.kind {
                    OpKind::Assign { dst, .. } | OpKind::MakeChan { dst, .. } => writes(dst),
                    OpKind::Call(call) => call.results.iter().flatten().any(writes),
                    OpKind::Recv { dst, .. } => dst.as_ref().is_some_and(writes),
                    _ => false,
                }
            });
        if written {
            f.loops[id.at()].kind = LoopKind::Cond(Cond::Opaque);
        }
    }

    fn switch(&mut self, n: Node<'_>) {
        let span = self.span(n);
        self.push_scope();
        let label = self.f().label.take();
        if let Some(init) = field(n, "initializer") {
            self.simple(init);
        }
        let tag = field(n, "value");
        let value = tag.map(|t| self.expr(t));
        let after = self.new_block(span);
        self.f().targets.push(Target { label, brk: after, cont: None });
        let cases: Vec<Node<'_>> =
            named(n).into_iter().filter(|c| matches!(c.kind(), "expression_case" | "default_case")).collect();
        let bodies: Vec<BlockId> = cases.iter().map(|_| self.new_block(span)).collect();
        let mut default = after;
        for (case, body) in cases.iter().zip(&bodies) {
            if case.kind() == "default_case" {
                default = *body;
                continue;
            }
            for test in field(*case, "value").map(named).unwrap_or_default() {
                let next = self.new_block(span);
                match &value {
                    None => self.cond(test, *body, next),
                    Some(value) => {
                        let other = self.expr(test);
                        let test_span = self.span(test);
                        self.seal(
                            Term::If { cond: compare("==", value.clone(), other), then: *body, els: next },
                            test_span,
                            next,
                        );
                    }
                }
                self.f().cur = next;
            }
        }
        self.jump_to(default, span);
        self.case_bodies(&cases, &bodies, after);
        self.f().targets.pop();
        self.f().cur = after;
        self.pop_scope(n);
    }

    fn case_bodies(&mut self, cases: &[Node<'_>], bodies: &[BlockId], after: BlockId) {
        for (i, (case, body)) in cases.iter().zip(bodies).enumerate() {
            let span = self.span(*case);
            self.f().cur = *body;
            let outer = self.f().next_case;
            self.f().next_case = bodies.get(i + 1).copied();
            self.push_scope();
            self.clause_body(*case);
            self.pop_scope(*case);
            self.f().next_case = outer;
            self.jump_to(after, span);
        }
    }

    /// The statements of a case clause, without its tests.
    fn clause_body(&mut self, case: Node<'_>) {
        for child in named(case) {
            if child.kind() == "statement_list" {
                self.statements(child);
            } else if child.kind().ends_with("_statement") && field(case, "communication").is_none_or(|c| c.id() != child.id()) {
                self.statement(child);
            }
        }
    }

    fn type_switch(&mut self, n: Node<'_>) {
        let span = self.span(n);
        self.push_scope();
        let label = self.f().label.take();
        if let Some(init) = field(n, "initializer") {
            self.simple(init);
        }
        let value = field(n, "value").map_or(Operand::Opaque, |v| self.expr(v));
        let alias = field(n, "alias").and_then(|a| a.named_child(0)).filter(|a| a.kind() == "identifier");
        let after = self.new_block(span);
        self.f().targets.push(Target { label, brk: after, cont: None });
        let cases: Vec<Node<'_>> = named(n).into_iter().filter(|c| matches!(c.kind(), "type_case" | "default_case")).collect();
        let bodies: Vec<BlockId> = cases.iter().map(|_| self.new_block(span)).collect();
        let mut targets = bodies.clone();
        if !cases.iter().any(|c| c.kind() == "default_case") {
            targets.push(after);
        }
        self.seal(Term::Switch(targets), span, after);
        for (case, body) in cases.iter().zip(&bodies) {
            let case_span = self.span(*case);
            self.f().cur = *body;
            self.push_scope();
            if let Some(alias) = alias {
                let types = fields(*case, "type");
                let def = match types.as_slice() {
                    [one] => Self::typed(self.ty(*one)),
                    _ => self.def_of(&value),
                };
                let (name, at) = (self.sym(alias), self.span(alias));
                let id = self.declare(name, crate::old::ir::LocalKind::Var, at, def);
                self.emit(OpKind::Assign { dst: Place::local(id), src: value.clone() }, at);
            }
            self.clause_body(*case);
            self.pop_scope(*case);
            self.jump_to(after, case_span);
        }
        self.f().targets.pop();
        self.f().cur = after;
        self.pop_scope(n);
    }

    fn select(&mut self, n: Node<'_>) {
        let span = self.span(n);
        let head = Span::new(span.start as usize, span.start as usize + "select".len());
        let label = self.f().label.take();
        let clauses: Vec<Node<'_>> =
            named(n).into_iter().filter(|c| matches!(c.kind(), "communication_case" | "default_case")).collect();
        let after = self.new_block(span);
        let mut cases = Vec::new();
        let mut default = None;
        let mut bodies = Vec::new();
        for clause in clauses {
            let target = self.new_block(span);
            if clause.kind() == "default_case" {
                default = Some(target);
                bodies.push((clause, target, None));
                continue;
            }
            let Some(comm_node) = field(clause, "communication") else { continue };
            let at = self.span(comm_node);
            // Channels and values of all cases are evaluated before any of them is chosen.
            let Some((comm, pending)) = self.communication(comm_node) else { continue };
            cases.push(SelectCase { comm, target, span: at });
            bodies.push((clause, target, Some(pending)));
        }
        self.seal(Term::Select { cases, default }, head, after);
        self.f().targets.push(Target { label, brk: after, cont: None });
        for (clause, target, pending) in bodies {
            let clause_span = self.span(clause);
            self.f().cur = target;
            self.push_scope();
            for (name, id) in pending.into_iter().flatten() {
                self.bind(name, super::builder::Entry::Local(id));
            }
            self.clause_body(clause);
            self.pop_scope(clause);
            self.jump_to(after, clause_span);
        }
        self.f().targets.pop();
        self.f().cur = after;
    }

    fn communication(&mut self, n: Node<'_>) -> Option<(Comm, Vec<(crate::old::ir::Sym, crate::old::ir::LocalId)>)> {
        if n.kind() == "send_statement" {
            let (ch, value) = self.send_parts(n)?;
            return Some((Comm::Send { ch, value }, Vec::new()));
        }
        let mut right = field(n, "right")?;
        while right.kind() == "parenthesized_expression" {
            right = right.named_child(0)?;
        }
        let operand = field(right, "operand")?;
        let ch = self.place_or_temp(operand);
        let left = field(n, "left").map(named).unwrap_or_default();
        let declares = {
            let mut cursor = n.walk();
            n.children(&mut cursor).any(|c| c.kind() == ":=")
        };
        let mark = self.pending.len();
        let dst = left.first().and_then(|l| self.target(*l, declares, Def::Recv(ch.clone())));
        let ok = left.get(1).and_then(|l| self.target(*l, declares, Def::None));
        let pending = self.pending.split_off(mark);
        Some((Comm::Recv { ch, dst, ok }, pending))
    }

    pub(super) fn labeled(&mut self, n: Node<'_>) {
        let Some(label) = field(n, "label") else { return };
        let (name, span) = (self.sym(label), self.span(label));
        let block = self.label_block(name, span);
        self.jump_to(block, span);
        self.f().blocks[block.at()].in_loop = self.f().in_loop;
        let inner = named(n).into_iter().find(|c| c.id() != label.id());
        if let Some(inner) = inner {
            self.f().label = Some(name);
            self.statement(inner);
            self.f().label = None;
        }
    }

    fn label_block(&mut self, name: crate::old::ir::Sym, span: Span) -> BlockId {
        if let Some(block) = self.f().labels.get(&name) {
            return *block;
        }
        let block = self.new_block(span);
        self.f().labels.insert(name, block);
        block
    }

    pub(super) fn branch(&mut self, n: Node<'_>) {
        let span = self.span(n);
        let label = n.named_child(0).map(|l| self.sym(l));
        let target = match (n.kind(), label) {
            ("goto_statement", Some(label)) => Some(self.label_block(label, span)),
            ("fallthrough_statement", _) => self.f().next_case,
            ("break_statement", None) => {
                let loops = self.f().in_loop;
                let target = self.f().targets.last();
                let weak = target.is_some_and(|t| t.cont.is_none());
                let brk = target.map(|t| t.brk);
                if let (true, Some(l)) = (weak, loops) {
                    self.f().loops[l.at()].weak_breaks.push(span);
                }
                brk
            }
            ("break_statement", label) => self.f().targets.iter().rev().find(|t| t.label == label).map(|t| t.brk),
            ("continue_statement", None) => self.f().targets.iter().rev().find_map(|t| t.cont),
            (_, label) => self.f().targets.iter().rev().find(|t| t.label == label).and_then(|t| t.cont),
        };
        match target {
            Some(block) => self.end(Term::Jump(block), span),
            None => self.end(Term::Dead, span),
        }
    }
}

fn compare(op: &str, left: Operand, right: Operand) -> Cond {
    let equal = |l: Operand, r: Operand| match (l, r) {
        (Operand::Place(p), Operand::Nil) | (Operand::Nil, Operand::Place(p)) => Cond::IsNil(p),
        (Operand::Place(p), Operand::Bool(b)) | (Operand::Bool(b), Operand::Place(p)) => {
            if b {
                Cond::Truth(p)
            } else {
                Cond::Truth(p).negate()
            }
        }
        (Operand::Opaque, _) | (_, Operand::Opaque) => Cond::Opaque,
        (l, r) => Cond::Eq(l, r),
    };
    match op {
        "==" => equal(left, right),
        "!=" => match equal(left, right) {
            Cond::Opaque => Cond::Opaque,
            cond => cond.negate(),
        },
        "<" => Cond::Less(left, right),
        ">" => Cond::Less(right, left),
        "<=" => Cond::Less(right, left).negate(),
        ">=" => Cond::Less(left, right).negate(),
        _ => Cond::Opaque,
    }
}

fn minus(bound: Operand, n: i64) -> Option<Operand> {
    match bound {
        Operand::Int(b) => b.checked_sub(n).map(Operand::Int),
        Operand::Place(_) | Operand::Expr(_) => Some(Operand::Expr(Box::new(Expr::Sub(bound, Operand::Int(n))))),
        _ => None,
    }
}

fn collect_places(operand: &Operand, out: &mut Vec<Place>) {
    match operand {
        Operand::Place(p) => out.push(p.clone()),
        Operand::Expr(e) => match &**e {
            Expr::Len(p) | Expr::Cap(p) => out.push(p.clone()),
            Expr::Add(a, b) | Expr::Sub(a, b) | Expr::Mul(a, b) => {
                collect_places(a, out);
                collect_places(b, out);
            }
        },
        _ => {}
    }
}

fn contains_call(n: Node<'_>) -> bool {
    // `len(x)` and `cap(x)` are fine: they are what bounds are made of.
    if n.kind() == "call_expression" {
        let plain = field(n, "function").is_some_and(|f| f.kind() == "identifier" && f.end_byte() - f.start_byte() == 3);
        return !plain;
    }
    let mut cursor = n.walk();
    let children: Vec<Node<'_>> = n.named_children(&mut cursor).collect();
    children.into_iter().any(contains_call)
}
