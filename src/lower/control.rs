//! Conditions and `if`.

use super::Lower;
use super::call::unparen;
use crate::ir::{BlockId, Const, Operand, Pure, Term};
use crate::syntax::{Field, Kind, child, kind};
use crate::types::{Basic, Type};
use tree_sitter::Node;

impl Lower<'_> {
    /// Goes to `yes` where the condition holds, else to `no`. Negations only swap the edges.
    pub(super) fn condition(&mut self, node: Node<'_>, yes: BlockId, no: BlockId) {
        if self.descend() {
            self.condition_inside(node, yes, no);
        }
        self.depth -= 1;
    }

    fn condition_inside(&mut self, node: Node<'_>, yes: BlockId, no: BlockId) {
        let node = unparen(node);
        let span = self.span(node);
        let operator = child(node, Field::Operator).map_or("", |n| n.kind());
        match kind(node) {
            Kind::UnaryExpression if operator == "!" => {
                if let Some(operand) = child(node, Field::Operand) {
                    return self.condition(operand, no, yes);
                }
            }
            Kind::BinaryExpression if matches!(operator, "&&" | "||") => {
                if let (Some(left), Some(right)) = (child(node, Field::Left), child(node, Field::Right)) {
                    let middle = self.new_block();
                    if operator == "&&" {
                        self.condition(left, middle, no);
                    } else {
                        self.condition(left, yes, middle);
                    }
                    self.enter(middle);
                    return self.condition(right, yes, no);
                }
            }
            Kind::BinaryExpression if matches!(operator, "==" | "!=" | "<" | ">" | "<=" | ">=") => {
                if let (Some(left), Some(right)) = (child(node, Field::Left), child(node, Field::Right))
                    && self.info.exprs.get(&node.id()).is_none_or(|e| e.value.is_none())
                {
                    let (left, right) = (self.expr(left), self.expr(right));
                    return self.compare(operator, left, right, (yes, no), span);
                }
            }
            _ => {}
        }
        let cond = self.expr(node);
        self.branch(cond, yes, no, span);
    }

    fn compare(
        &mut self,
        operator: &str,
        left: Operand,
        right: Operand,
        (yes, no): (BlockId, BlockId),
        span: crate::source::Span,
    ) {
        let (positive, swap) = match operator {
            "!=" => ("==", true),
            ">=" => ("<", true),
            "<=" => (">", true),
            other => (other, false),
        };
        let (yes, no) = if swap { (no, yes) } else { (yes, no) };
        // A comparison with a boolean constant is the other operand or its negation.
        if positive == "==" {
            for (value, constant) in [(&left, &right), (&right, &left)] {
                if let Operand::Const(Const::Bool(b)) = constant {
                    let (yes, no) = if *b { (yes, no) } else { (no, yes) };
                    let value = value.clone();
                    return self.branch(value, yes, no, span);
                }
            }
        }
        let cond = self.arithmetic(positive, left, right, Type::Basic(Basic::Bool), span);
        self.branch(cond, yes, no, span);
    }

    /// Branches on a value.
    pub(super) fn branch(&mut self, cond: Operand, yes: BlockId, no: BlockId, span: crate::source::Span) {
        let term = match cond {
            Operand::Const(Const::Bool(b)) => Term::Jump(if b { yes } else { no }),
            cond => Term::If { cond, then: yes, other: no },
        };
        self.end(term, span);
    }

    /// Whether two operands are equal, as a branch.
    pub(super) fn branch_equal(&mut self, a: Operand, b: Operand, yes: BlockId, no: BlockId, span: crate::source::Span) {
        self.compare("==", a, b, (yes, no), span);
    }

    pub(super) fn if_statement(&mut self, node: Node<'_>) {
        let span = self.span(node);
        if let Some(init) = child(node, Field::Initializer) {
            self.statement(init);
        }
        let (then, join) = (self.new_block(), self.new_block());
        let alternative = child(node, Field::Alternative);
        let other = if alternative.is_some() { self.new_block() } else { join };
        match child(node, Field::Condition) {
            Some(condition) => self.condition(condition, then, other),
            None => {
                let cond = self.pure(Pure::Other(ustr::ustr("?")), Vec::new(), Type::Basic(Basic::Bool), span);
                self.branch(cond, then, other, span);
            }
        }
        self.enter(then);
        if let Some(block) = child(node, Field::Consequence) {
            self.statements(block);
        }
        self.end(Term::Jump(join), span);
        if let Some(alternative) = alternative {
            self.enter(other);
            self.statement(alternative);
            self.end(Term::Jump(join), span);
        }
        self.enter(join);
    }
}
