//! `select` and sends.

use super::stmt::list;
use super::{Lower, Target};
use crate::ir::{BlockId, Case, Comm, Op, Operand, Reg, Term};
use crate::source::Span;
use crate::syntax::{Field, Kind, child, kind, named};
use crate::types::{Basic, Type};
use tree_sitter::Node;

/// One clause before its body is lowered.
struct Clause<'t> {
    node: Node<'t>,
    comm: Option<(Comm, Span)>,
    /// Where the received value goes, and whether `:=` declares it.
    targets: Vec<Node<'t>>,
    define: bool,
    val: Option<Reg>,
    ok: Option<Reg>,
    element: Type,
    body: BlockId,
}

impl Lower<'_> {
    pub(super) fn send_statement(&mut self, node: Node<'_>) {
        let span = self.span(node);
        let (Some(channel), Some(value)) = (child(node, Field::Channel), child(node, Field::Value)) else { return };
        let ch = self.expr(channel);
        let val = self.expr_as(value, &self.element_of(channel));
        self.emit(Op::Send { ch, val }, span);
    }

    fn element_of(&self, channel: Node<'_>) -> Type {
        match self.under(&self.type_of(channel)) {
            Type::Chan(_, element) => (*element).clone(),
            _ => Type::Unknown,
        }
    }

    pub(super) fn select_statement(&mut self, node: Node<'_>) {
        let label = self.top().label.take();
        let span = self.span(node);
        let exit = self.new_block();
        let mut default = None;
        let mut clauses = Vec::new();
        for node in named(node) {
            let body = match kind(node) {
                Kind::CommunicationCase | Kind::DefaultCase => self.new_block(),
                _ => continue,
            };
            if kind(node) == Kind::DefaultCase {
                default = Some(body);
            }
            clauses.push(self.clause_head(node, body));
        }
        self.wait(&mut clauses, default, span);
        self.top().targets.push(Target { label, exit, next: None });
        for clause in &clauses {
            self.enter(clause.body);
            self.received(clause);
            named(clause.node).filter(|n| kind(*n) == Kind::StatementList).for_each(|list| self.statements(list));
            self.end(Term::Jump(exit), span);
        }
        self.top().targets.pop();
        self.enter(exit);
    }

    /// The wait itself. One operation without a default is no choice: it is the operation.
    fn wait(&mut self, clauses: &mut [Clause<'_>], default: Option<BlockId>, span: Span) {
        let comms: Vec<&Clause<'_>> = clauses.iter().filter(|c| c.comm.is_some()).collect();
        if let ([only], None) = (comms.as_slice(), default)
            && let Some((comm, at)) = only.comm.clone()
        {
            let body = only.body;
            let op = match comm {
                Comm::Send { ch, val } => Op::Send { ch, val },
                Comm::Recv { val, ok, ch } => Op::Recv { val, ok, ch },
            };
            self.emit(op, at);
            self.end(Term::Jump(body), span);
            return;
        }
        if let (true, Some(default)) = (comms.is_empty(), default) {
            self.end(Term::Jump(default), span);
            return;
        }
        let case = |c: &&Clause<'_>| c.comm.clone().map(|(comm, span)| Case { comm, target: c.body, span });
        let cases = comms.iter().filter_map(case).collect();
        self.end(Term::Select { cases, default }, span);
    }

    fn clause_head<'t>(&mut self, node: Node<'t>, body: BlockId) -> Clause<'t> {
        let mut clause =
            Clause { node, comm: None, targets: Vec::new(), define: false, val: None, ok: None, element: Type::Unknown, body };
        let Some(communication) = child(node, Field::Communication) else { return clause };
        let at = self.span(communication);
        if kind(communication) == Kind::SendStatement {
            if let (Some(channel), Some(value)) = (child(communication, Field::Channel), child(communication, Field::Value)) {
                let ch = self.expr(channel);
                let val = self.expr_as(value, &self.element_of(channel));
                clause.comm = Some((Comm::Send { ch, val }, at));
            }
            return clause;
        }
        let right = child(communication, Field::Right).map(super::call::unparen);
        let Some(channel) = right.and_then(|n| child(n, Field::Operand)) else { return clause };
        clause.element = self.element_of(channel);
        let ch = self.expr(channel);
        if let Some(left) = child(communication, Field::Left) {
            clause.targets = list(left);
            let mut cursor = communication.walk();
            clause.define = communication.children(&mut cursor).any(|n| n.kind() == ":=");
        }
        clause.val = (!clause.targets.is_empty()).then(|| self.temp(clause.element.clone()));
        clause.ok = (clause.targets.len() > 1).then(|| self.temp(Type::Basic(Basic::Bool)));
        clause.comm = Some((Comm::Recv { val: clause.val, ok: clause.ok, ch }, at));
        clause
    }

    /// Puts what was received where the case wants it.
    fn received(&mut self, clause: &Clause<'_>) {
        let values = [(clause.val, clause.element.clone()), (clause.ok, Type::Basic(Basic::Bool))];
        for (target, (reg, ty)) in clause.targets.iter().zip(values) {
            let Some(reg) = reg else { continue };
            if clause.define {
                self.define_one(*target, (Operand::Reg(reg), ty));
            } else {
                self.store(*target, (Operand::Reg(reg), ty));
            }
        }
    }
}
