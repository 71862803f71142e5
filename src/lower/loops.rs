//! Loops: all are a head that asks, a body, and a step back to the head.

use super::stmt::list;
use super::{Lower, Target, Var};
use crate::ir::{BlockId, Op, Operand, Pure, Reg, Term};
use crate::source::Span;
use crate::syntax::{Field, Kind, child, kind, named};
use crate::types::{Basic, Object, Type};
use tree_sitter::Node;

/// The blocks of a loop.
struct Blocks {
    head: BlockId,
    body: BlockId,
    step: BlockId,
    exit: BlockId,
}

impl Lower<'_> {
    pub(super) fn for_statement(&mut self, node: Node<'_>) {
        let label = self.top().label.take();
        let span = self.span(node);
        let body = child(node, Field::Body);
        let clause = named(node).find(|n| Some(n.id()) != body.map(|b| b.id()));
        match clause.map(|c| (kind(c), c)) {
            Some((Kind::RangeClause, clause)) => self.range(clause, body, label, span),
            Some((Kind::ForClause, clause)) => self.three_parts(clause, body, label, span),
            condition => {
                let blocks = self.blocks();
                self.go_on(blocks.head, span);
                match condition {
                    Some((_, condition)) => self.condition(condition, blocks.body, blocks.exit),
                    None => self.end(Term::Jump(blocks.body), span),
                }
                self.rounds(&blocks, body, label, span);
                self.end(Term::Jump(blocks.head), span);
                self.enter(blocks.exit);
            }
        }
    }

    fn blocks(&mut self) -> Blocks {
        Blocks { head: self.new_block(), body: self.new_block(), step: self.new_block(), exit: self.new_block() }
    }

    /// The body of a loop; what comes next is the step.
    fn rounds(&mut self, blocks: &Blocks, body: Option<Node<'_>>, label: Option<crate::types::Name>, span: Span) {
        self.enter(blocks.body);
        self.finish_rounds(blocks, body, label, span);
    }

    /// The same where something already stands in the body's block.
    fn finish_rounds(&mut self, blocks: &Blocks, body: Option<Node<'_>>, label: Option<crate::types::Name>, span: Span) {
        self.top().targets.push(Target { label, exit: blocks.exit, next: Some(blocks.step) });
        if let Some(body) = body {
            self.statements(body);
        }
        self.top().targets.pop();
        self.go_on(blocks.step, span);
    }

    fn three_parts(&mut self, clause: Node<'_>, body: Option<Node<'_>>, label: Option<crate::types::Name>, span: Span) {
        if let Some(init) = child(clause, Field::Initializer) {
            self.statement(init);
        }
        let own: Vec<u32> = self.loop_variables(clause);
        let blocks = self.blocks();
        self.go_on(blocks.head, span);
        match child(clause, Field::Condition) {
            Some(condition) => self.condition(condition, blocks.body, blocks.exit),
            None => self.end(Term::Jump(blocks.body), span),
        }
        self.rounds(&blocks, body, label, span);
        if self.fresh {
            own.into_iter().for_each(|local| self.renew(local, span));
        }
        if let Some(update) = child(clause, Field::Update) {
            self.statement(update);
        }
        self.end(Term::Jump(blocks.head), span);
        self.enter(blocks.exit);
    }

    /// Variables that the first part of a loop declares.
    fn loop_variables(&self, clause: Node<'_>) -> Vec<u32> {
        let Some(init) = child(clause, Field::Initializer).filter(|n| kind(*n) == Kind::ShortVarDeclaration) else {
            return Vec::new();
        };
        let names = child(init, Field::Left).map(list).unwrap_or_default();
        let local = |node: Node<'_>| match self.object(node) {
            Some(Object::Local(local)) => Some(*local),
            _ => None,
        };
        names.into_iter().filter_map(local).collect()
    }

    /// A captured variable of the loop is another one in the next round.
    fn renew(&mut self, local: u32, span: Span) {
        let Some(Var::Cell(cell)) = self.var(local) else { return };
        let ty = self.local_type(local);
        let val = self.value(ty.clone(), span, |dst| Op::Load { dst, addr: Operand::Reg(cell) });
        self.emit(Op::Alloc { dst: cell, ty }, span);
        self.emit(Op::Store { addr: Operand::Reg(cell), val }, span);
    }

    fn range(&mut self, clause: Node<'_>, body: Option<Node<'_>>, label: Option<crate::types::Name>, span: Span) {
        let Some(right) = child(clause, Field::Right) else { return };
        let targets = child(clause, Field::Left).map(list).unwrap_or_default();
        let define = clause.child_by_field_name("left").is_none() || self.defines(clause);
        let ty = self.type_of(right);
        let over = self.expr(right);
        let over = self.kept(over, ty.clone(), span);
        let (key, val) = (targets.first().copied(), targets.get(1).copied());
        let round = Round { key, val, define, body, label, span };
        match self.under(&ty) {
            Type::Chan(_, element) => self.range_channel(over, &element, &round),
            Type::Basic(basic) if basic != Basic::String && basic != Basic::UntypedString => {
                self.counted(&round, &over.clone(), |_, _| over, |_, _| None);
            }
            Type::Map(key_type, value_type) => self.range_map(&over, &key_type, &value_type, &round),
            Type::Slice(element) => self.range_elements(over, &element, &round),
            Type::Array(_, element) => self.range_elements(over, &element, &round),
            Type::Pointer(inner) if matches!(self.under(&inner), Type::Array(..)) => {
                let element = match self.under(&inner) {
                    Type::Array(_, element) => (*element).clone(),
                    _ => Type::Unknown,
                };
                self.range_elements(over, &element, &round);
            }
            Type::Basic(_) => {
                let element = Type::Basic(Basic::Int32);
                self.counted(
                    &round,
                    &over,
                    |lower, at| lower.length(&over, at),
                    |lower, _| Some((lower.unknown(Vec::new(), element.clone(), span), element.clone())),
                );
            }
            _ => self.range_unknown(over, &round),
        }
    }

    fn defines(&self, clause: Node<'_>) -> bool {
        let mut cursor = clause.walk();
        clause.children(&mut cursor).any(|n| n.kind() == ":=")
    }

    /// What a `range` reads is read once, whatever happens to the variable.
    fn kept(&mut self, value: Operand, ty: Type, span: Span) -> Operand {
        if matches!(value, Operand::Const(_)) {
            return value;
        }
        let dst = self.temp(ty);
        self.emit(Op::Copy { dst, src: value }, span);
        Operand::Reg(dst)
    }

    fn length(&mut self, of: &Operand, span: Span) -> Operand {
        self.pure(Pure::Len, vec![of.clone()], Type::Basic(Basic::Int), span)
    }

    fn range_channel(&mut self, ch: Operand, element: &Type, round: &Round<'_>) {
        let blocks = self.blocks();
        self.go_on(blocks.head, round.span);
        let val = round.key.map(|_| self.temp(element.clone()));
        let ok = self.temp(Type::Basic(Basic::Bool));
        let at = round.head_span(self);
        self.emit(Op::Recv { val, ok: Some(ok), ch }, at);
        self.branch(Operand::Reg(ok), blocks.body, blocks.exit, at);
        self.enter(blocks.body);
        if let (Some(target), Some(val)) = (round.key, val) {
            self.assign_round(target, (Operand::Reg(val), element.clone()), round.define);
        }
        self.finish_rounds(&blocks, round.body, round.label, round.span);
        self.end(Term::Jump(blocks.head), round.span);
        self.enter(blocks.exit);
    }

    fn assign_round(&mut self, target: Node<'_>, value: (Operand, Type), define: bool) {
        if define {
            self.define_one(target, value);
        } else {
            self.store(target, value);
        }
    }

    fn range_elements(&mut self, over: Operand, element: &Type, round: &Round<'_>) {
        let (base, span) = (over.clone(), round.span);
        self.counted(
            round,
            &over,
            |lower, at| lower.length(&base, at),
            |lower, index| {
                let pointer = Type::Pointer(element.clone().into());
                let addr = lower.value(pointer, span, |dst| Op::Elem { dst, base: over.clone(), index });
                Some((lower.value(element.clone(), span, |dst| Op::Load { dst, addr }), element.clone()))
            },
        );
    }

    fn range_map(&mut self, over: &Operand, key_type: &Type, value_type: &Type, round: &Round<'_>) {
        let blocks = self.blocks();
        let index = self.counter(round.span);
        self.go_on(blocks.head, round.span);
        let bound = self.length(over, round.span);
        self.head(index, bound, &blocks, round.span);
        self.enter(blocks.body);
        let key = round.key.map(|_| self.temp(key_type.clone()));
        let val = round.val.map(|_| self.temp(value_type.clone()));
        self.emit(Op::MapAt { key, val, map: over.clone(), index: Operand::Reg(index) }, round.span);
        if let (Some(target), Some(key)) = (round.key, key) {
            self.assign_round(target, (Operand::Reg(key), key_type.clone()), round.define);
        }
        if let (Some(target), Some(val)) = (round.val, val) {
            self.assign_round(target, (Operand::Reg(val), value_type.clone()), round.define);
        }
        self.finish_rounds(&blocks, round.body, round.label, round.span);
        self.next_round(index, &blocks, round.span);
    }

    fn counter(&mut self, span: Span) -> Reg {
        let index = self.temp(Type::Basic(Basic::Int));
        self.emit(Op::Copy { dst: index, src: Operand::int(0) }, span);
        index
    }

    fn head(&mut self, index: Reg, bound: Operand, blocks: &Blocks, span: Span) {
        let cond = self.pure(Pure::Less, vec![Operand::Reg(index), bound], Type::Basic(Basic::Bool), span);
        self.branch(cond, blocks.body, blocks.exit, span);
    }

    fn next_round(&mut self, index: Reg, blocks: &Blocks, span: Span) {
        let next = self.pure(Pure::Add, vec![Operand::Reg(index), Operand::int(1)], Type::Basic(Basic::Int), span);
        self.emit(Op::Copy { dst: index, src: next }, span);
        self.end(Term::Jump(blocks.head), span);
        self.enter(blocks.exit);
    }

    /// A loop that counts from 0 up to a bound; the key is the count.
    fn counted(
        &mut self,
        round: &Round<'_>,
        _over: &Operand,
        bound: impl FnOnce(&mut Self, Span) -> Operand,
        value: impl FnOnce(&mut Self, Operand) -> Option<(Operand, Type)>,
    ) {
        let blocks = self.blocks();
        let index = self.counter(round.span);
        self.go_on(blocks.head, round.span);
        let bound = bound(self, round.span);
        self.head(index, bound, &blocks, round.span);
        self.enter(blocks.body);
        if let Some(target) = round.key {
            self.assign_round(target, (Operand::Reg(index), Type::Basic(Basic::Int)), round.define);
        }
        if let Some(target) = round.val
            && let Some(value) = value(self, Operand::Reg(index))
        {
            self.assign_round(target, value, round.define);
        }
        self.finish_rounds(&blocks, round.body, round.label, round.span);
        self.next_round(index, &blocks, round.span);
    }

    /// Over an iterator function, or what is not known: any number of rounds with any values.
    fn range_unknown(&mut self, over: Operand, round: &Round<'_>) {
        let blocks = self.blocks();
        self.go_on(blocks.head, round.span);
        let cond = self.unknown(vec![over.clone()], Type::Basic(Basic::Bool), round.span);
        self.branch(cond, blocks.body, blocks.exit, round.span);
        self.enter(blocks.body);
        for target in [round.key, round.val].into_iter().flatten() {
            let ty = match self.object(target) {
                Some(Object::Local(local)) => self.local_type(*local),
                _ => self.type_of(target),
            };
            let value = self.unknown(vec![over.clone()], ty.clone(), round.span);
            self.assign_round(target, (value, ty), round.define);
        }
        self.finish_rounds(&blocks, round.body, round.label, round.span);
        self.end(Term::Jump(blocks.head), round.span);
        self.enter(blocks.exit);
    }
}

/// What a `range` loop does in a round.
struct Round<'t> {
    key: Option<Node<'t>>,
    val: Option<Node<'t>>,
    define: bool,
    body: Option<Node<'t>>,
    label: Option<crate::types::Name>,
    span: Span,
}

impl Round<'_> {
    /// The loop's head, without its body: where a receive stands.
    fn head_span(&self, lower: &Lower<'_>) -> Span {
        match self.body {
            Some(body) => {
                let end = lower.span(body).start;
                Span { start: self.span.start, end: end.max(self.span.start) }
            }
            None => self.span,
        }
    }
}
