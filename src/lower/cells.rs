//! Which locals live in memory: those that a literal captures, whose address is taken, or that are made of parts.

use crate::syntax::{Field, Kind, ParsedDecl, child, kind, named};
use crate::types::{Info, Object, SelectionKind, Type, World};
use fixedbitset::FixedBitSet;
use rustc_hash::FxHashMap;
use tree_sitter::Node;

struct Scan<'a> {
    world: &'a World,
    parsed: &'a ParsedDecl<'a>,
    info: &'a Info,
    /// The literal that each local is declared in, 0 for the declaration itself.
    home: FxHashMap<u32, usize>,
    cells: FixedBitSet,
}

/// The locals that need memory of their own.
pub(super) fn cells(world: &World, parsed: &ParsedDecl<'_>, info: &Info, node: Node<'_>) -> FixedBitSet {
    let mut scan = Scan { world, parsed, info, home: FxHashMap::default(), cells: FixedBitSet::with_capacity(info.locals.len()) };
    for (i, local) in info.locals.iter().enumerate() {
        if matches!(world.underlying(&local.ty), Type::Struct(_) | Type::Array(..)) {
            scan.cells.insert(i);
        }
    }
    scan.homes(node);
    scan.walk(node);
    scan.cells
}

impl Scan<'_> {
    /// Finds the innermost literal around each local's declaration.
    fn homes(&mut self, node: Node<'_>) {
        let mut literals = Vec::new();
        let mut stack = vec![node];
        while let Some(node) = stack.pop() {
            if kind(node) == Kind::FuncLiteral {
                literals.push((self.parsed.span(node), node.id()));
            }
            stack.extend(named(node));
        }
        literals.sort_by_key(|(span, _)| (span.start, std::cmp::Reverse(span.end)));
        // The last one that begins before the local and holds it is the innermost; literals nest, so a stack finds it.
        let mut order: Vec<usize> = (0..self.info.locals.len()).collect();
        order.sort_by_key(|&i| self.info.locals[i].span.start);
        let mut open: Vec<(u32, usize)> = Vec::new();
        let mut next = 0;
        for i in order {
            let at = self.info.locals[i].span.start;
            while next < literals.len() && literals[next].0.start <= at {
                let (span, id) = literals[next];
                while open.last().is_some_and(|(end, _)| *end <= span.start) {
                    open.pop();
                }
                open.push((span.end, id));
                next += 1;
            }
            while open.last().is_some_and(|(end, _)| *end <= at) {
                open.pop();
            }
            let home = open.last().map_or(0, |(_, id)| *id);
            self.home.insert(u32::try_from(i).unwrap_or(u32::MAX), home);
        }
    }

    fn walk(&mut self, node: Node<'_>) {
        let mut stack = vec![(node, 0)];
        while let Some((node, mut literal)) = stack.pop() {
            match kind(node) {
                Kind::FuncLiteral => literal = node.id(),
                Kind::Identifier => {
                    if let Some(Object::Local(local)) = self.info.uses.get(&node.id())
                        && self.home.get(local).is_some_and(|home| *home != literal)
                    {
                        self.cells.insert(*local as usize);
                    }
                }
                Kind::UnaryExpression => {
                    let operator = child(node, Field::Operator).map(|n| n.kind());
                    if operator == Some("&")
                        && let Some(operand) = child(node, Field::Operand)
                    {
                        self.addressed(operand);
                    }
                }
                Kind::SelectorExpression => {
                    let pointer = self.info.selections.get(&node.id()).is_some_and(|s| {
                        matches!(s.kind, SelectionKind::Method { pointer: true, .. })
                            && !matches!(self.world.underlying(&s.recv), Type::Pointer(_))
                    });
                    if pointer && let Some(operand) = child(node, Field::Operand) {
                        self.addressed(operand);
                    }
                }
                _ => {}
            }
            stack.extend(named(node).map(|child| (child, literal)));
        }
    }

    /// The local that an addressed expression is a part of.
    fn addressed(&mut self, mut node: Node<'_>) {
        loop {
            match kind(node) {
                Kind::Identifier => {
                    if let Some(Object::Local(local)) = self.info.uses.get(&node.id()) {
                        self.cells.insert(*local as usize);
                    }
                    return;
                }
                Kind::ParenthesizedExpression => match named(node).next() {
                    Some(inner) => node = inner,
                    None => return,
                },
                Kind::SelectorExpression | Kind::IndexExpression => match child(node, Field::Operand) {
                    Some(inner) if !self.leads_elsewhere(inner) => node = inner,
                    _ => return,
                },
                _ => return,
            }
        }
    }

    /// Whether a part of the operand is no part of the variable: it lies behind a pointer or in a slice.
    fn leads_elsewhere(&self, operand: Node<'_>) -> bool {
        let ty = self.info.exprs.get(&operand.id()).map_or(Type::Unknown, |e| self.world.underlying(&e.ty));
        matches!(ty, Type::Pointer(_) | Type::Slice(_) | Type::Map(..))
    }
}
