//! `switch`, over values and over types: a chain of branches.

use super::stmt::list;
use super::{Lower, Target};
use crate::ir::{BlockId, Const, Op, Operand, Term};
use crate::source::Span;
use crate::syntax::{Field, Kind, child, children, kind, named};
use crate::types::{Basic, Type};
use tree_sitter::Node;

impl Lower<'_> {
    pub(super) fn expression_switch(&mut self, node: Node<'_>) {
        let label = self.top().label.take();
        let span = self.span(node);
        if let Some(init) = child(node, Field::Initializer) {
            self.statement(init);
        }
        let tag = child(node, Field::Value).map(|value| {
            let operand = self.expr(value);
            if matches!(operand, Operand::Const(_)) {
                return operand;
            }
            // A tag is read once, whatever the cases do.
            let (dst, span) = (self.temp(self.type_of(value)), self.span(value));
            self.emit(Op::Copy { dst, src: operand }, span);
            Operand::Reg(dst)
        });
        let exit = self.new_block();
        let clauses: Vec<Node<'_>> =
            named(node).filter(|n| matches!(kind(*n), Kind::ExpressionCase | Kind::DefaultCase)).collect();
        let bodies: Vec<BlockId> = clauses.iter().map(|_| self.new_block()).collect();
        let mut fallback = exit;
        for (clause, body) in clauses.iter().zip(&bodies) {
            if kind(*clause) == Kind::DefaultCase {
                fallback = *body;
                continue;
            }
            for value in children(*clause, Field::Value).flat_map(list).filter(|n| n.is_named()) {
                let next = self.new_block();
                let at = self.span(value);
                match &tag {
                    Some(tag) => {
                        let (tag, value) = (tag.clone(), self.expr(value));
                        self.branch_equal(tag, value, *body, next, at);
                    }
                    None => self.condition(value, *body, next),
                }
                self.enter(next);
            }
        }
        self.end(Term::Jump(fallback), span);
        self.top().targets.push(Target { label, exit, next: None });
        for (i, clause) in clauses.iter().enumerate() {
            let before = self.top().fallthrough;
            self.top().fallthrough = bodies.get(i + 1).copied();
            self.clause(*clause, bodies[i], exit, span);
            self.top().fallthrough = before;
        }
        self.top().targets.pop();
        self.enter(exit);
    }

    fn clause(&mut self, clause: Node<'_>, body: BlockId, exit: BlockId, span: Span) {
        self.enter(body);
        named(clause).filter(|n| kind(*n) == Kind::StatementList).for_each(|list| self.statements(list));
        self.end(Term::Jump(exit), span);
    }

    pub(super) fn type_switch(&mut self, node: Node<'_>) {
        let label = self.top().label.take();
        let span = self.span(node);
        if let Some(init) = child(node, Field::Initializer) {
            self.statement(init);
        }
        let Some(value) = child(node, Field::Value) else { return };
        let subject = self.expr(value);
        let subject_type = self.type_of(value);
        let exit = self.new_block();
        let clauses: Vec<Node<'_>> = named(node).filter(|n| matches!(kind(*n), Kind::TypeCase | Kind::DefaultCase)).collect();
        let bodies: Vec<BlockId> = clauses.iter().map(|_| self.new_block()).collect();
        let mut fallback = None;
        for (i, clause) in clauses.iter().enumerate() {
            if kind(*clause) == Kind::DefaultCase {
                fallback = Some(i);
                continue;
            }
            let types: Vec<Node<'_>> = children(*clause, Field::Type).filter(|n| n.is_named()).collect();
            let single = types.len() == 1;
            for asked in types {
                let next = self.new_block();
                let value = self.case_type(asked, &subject, bodies[i], next);
                if single {
                    self.bind_at(*clause, bodies[i], value, asked);
                }
                self.enter(next);
            }
            if !single {
                self.bind_subject(*clause, bodies[i], &subject, &subject_type);
            }
        }
        let to = fallback.map_or(exit, |i| bodies[i]);
        self.end(Term::Jump(to), span);
        if let Some(i) = fallback {
            self.bind_subject(clauses[i], bodies[i], &subject, &subject_type);
        }
        self.top().targets.push(Target { label, exit, next: None });
        for (clause, body) in clauses.iter().zip(&bodies) {
            self.clause(*clause, *body, exit, span);
        }
        self.top().targets.pop();
        self.enter(exit);
    }

    /// Branches on whether the subject is of one type of a case, and gives the value as that type.
    fn case_type(&mut self, asked: Node<'_>, subject: &Operand, yes: BlockId, no: BlockId) -> Operand {
        let span = self.span(asked);
        if self.text(asked) == "nil" {
            self.branch_equal(subject.clone(), Operand::Const(Const::Nil), yes, no, span);
            return subject.clone();
        }
        let ty = self.type_of(asked);
        let (dst, ok) = (self.temp(ty.clone()), self.temp(Type::Basic(Basic::Bool)));
        self.emit(Op::Assert { dst, ok: Some(ok), val: subject.clone(), ty }, span);
        self.branch(Operand::Reg(ok), yes, no, span);
        Operand::Reg(dst)
    }

    /// Declares a clause's variable at the start of its body.
    fn bind_at(&mut self, clause: Node<'_>, body: BlockId, value: Operand, at: Node<'_>) {
        let Some(local) = self.info.implicits.get(&clause.id()).copied() else { return };
        let back = self.top().block;
        self.enter(body);
        let span = self.span(at);
        self.declare_from(local, value, span);
        self.top().block = back;
    }

    fn bind_subject(&mut self, clause: Node<'_>, body: BlockId, subject: &Operand, ty: &Type) {
        let Some(local) = self.info.implicits.get(&clause.id()).copied() else { return };
        let back = self.top().block;
        self.enter(body);
        let span = self.span(clause);
        let to = self.local_type(local);
        let value = self.converted(subject.clone(), ty, &to, span);
        self.declare_from(local, value, span);
        self.top().block = back;
    }
}
