//! From one checked declaration to its normal form.
//!
//! Whatever the source looks like, what comes out has one spelling: see [`crate::ir`]. Lowering asks the checker's answers
//! ([`Info`]) for every name and type, and never a spelling.

mod call;
mod cells;
mod comm;
mod control;
mod expr;
mod literal;
mod loops;
mod normal;
mod place;
mod stmt;
mod switch;
#[cfg(test)]
mod tests;

use crate::ir::{Block, BlockId, Body, Const, Func, Instr, Op, Operand, Pure, Reg, RegInfo, Term};
use crate::source::Span;
use crate::syntax::{Field, Kind, ParsedDecl, child, kind};
use crate::types::{Info, Name, Object, Type, World};
use fixedbitset::FixedBitSet;
use rustc_hash::FxHashMap;
use tree_sitter::Node;
use ustr::ustr;

/// Where a local variable lives.
#[derive(Clone, Copy, Debug)]
enum Var {
    /// In a register.
    Reg(Reg),
    /// In memory; the register points to it.
    Cell(Reg),
}

/// What `break` and `continue` lead to.
struct Target {
    label: Option<Name>,
    exit: BlockId,
    next: Option<BlockId>,
}

/// A function under construction.
struct Builder {
    func: Func,
    block: BlockId,
    vars: FxHashMap<u32, Var>,
    /// Captured locals, in the order of the function's `captures`.
    captured: Vec<u32>,
    targets: Vec<Target>,
    labels: FxHashMap<Name, BlockId>,
    /// The label of the statement that comes next.
    label: Option<Name>,
    /// Locals that hold the results.
    results: Vec<u32>,
    /// Whether the results have names, so that a bare `return` and deferred calls see them.
    named: bool,
    /// Where `fallthrough` leads.
    fallthrough: Option<BlockId>,
}

/// The lowering of one declaration.
struct Lower<'a> {
    world: &'a World,
    parsed: &'a ParsedDecl<'a>,
    info: &'a Info,
    /// Locals that live in memory.
    cells: FixedBitSet,
    /// Whether each round of a `for` loop has its own variables.
    fresh: bool,
    done: Vec<Option<Func>>,
    stack: Vec<Builder>,
    /// What the literal that was lowered last captures.
    last_captured: Vec<u32>,
    name: String,
    /// How many expressions and statements stand in each other here.
    depth: u32,
    /// Whether they were too many: then the declaration is out of view.
    refused: bool,
}

/// Expressions and statements that stand deeper in each other than this are not lowered: no hand writes them, and each takes some of the stack.
const MAX_DEPTH: u32 = 1_000;

impl Lower<'_> {
    /// Goes one deeper; `false` where that is too deep.
    fn descend(&mut self) -> bool {
        self.depth += 1;
        self.refused |= self.depth > MAX_DEPTH;
        self.depth <= MAX_DEPTH
    }
}

/// Lowers a declaration that the checker has looked at: a function or method, or a package's variable, whose "function" stores its
/// initialiser.
///
/// `fresh` tells whether loop variables are new in each round (Go 1.22 and later).
#[must_use]
pub fn lower(world: &World, parsed: &ParsedDecl<'_>, info: &Info, file: u32, fresh: bool) -> Option<Body> {
    let node = parsed.node()?;
    let name = display_name(parsed, node);
    let cells = cells::cells(world, parsed, info, node);
    let mut lower = Lower {
        world,
        parsed,
        info,
        cells,
        fresh,
        done: vec![None],
        stack: Vec::new(),
        last_captured: Vec::new(),
        name: name.clone(),
        depth: 0,
        refused: false,
    };
    match kind(node) {
        Kind::FunctionDeclaration | Kind::MethodDeclaration => lower.function(node, name, 0),
        Kind::VarDeclaration => lower.initialiser(node, name),
        _ => return None,
    }
    if lower.refused {
        return None;
    }
    let funcs = lower.done.into_iter().collect::<Option<Vec<Func>>>()?;
    let mut body = Body { funcs, file };
    body.funcs.iter_mut().for_each(normal::normalise);
    #[cfg(debug_assertions)]
    if let Err(problem) = crate::ir::verify(&body) {
        panic!("lowering of {} made an invalid graph: {problem}", body.funcs[0].name);
    }
    Some(body)
}

/// `f`, `T.m` or `(*T).m`.
fn display_name(parsed: &ParsedDecl<'_>, node: Node<'_>) -> String {
    let name = child(node, Field::Name).map_or("init", |n| parsed.node_text(n));
    let Some(receiver) = child(node, Field::Receiver) else { return name.to_owned() };
    let text = parsed.node_text(receiver);
    let pointer = text.contains('*');
    let inner = text.trim_matches(['(', ')', ' ', '\t', '\n']);
    let base = inner.split('[').next().unwrap_or_default();
    let base = base.rsplit([' ', '*', '\t']).next().unwrap_or_default();
    if pointer { format!("(*{base}).{name}") } else { format!("{base}.{name}") }
}

impl Lower<'_> {
    /// Lowers a function with its parameters into the place `index` of the body.
    fn function(&mut self, node: Node<'_>, name: String, index: usize) {
        let span = self.parsed.span(node);
        self.stack.push(Builder::new(name, span));
        let params = self.info.signatures.get(&node.id()).cloned().unwrap_or_default();
        for local in params.receiver.iter().chain(&params.params).copied() {
            let reg = self.reg(self.local_type(local), self.info.locals[local as usize].name);
            self.top().func.params.push(reg);
            self.declare_from(local, Operand::Reg(reg), span);
        }
        let named = params.results.iter().any(|&r| !self.info.locals[r as usize].name.is_empty());
        for &local in &params.results {
            let ty = self.local_type(local);
            self.top().func.results.push(ty.clone());
            if named {
                self.declare(local, span);
            }
        }
        self.top().results.clone_from(&params.results);
        self.top().named = named;
        if let Some(body) = child(node, Field::Body) {
            self.statements(body);
            let end = Span { start: span.end.saturating_sub(1).max(span.start), end: span.end };
            self.return_results(None, end);
        }
        self.finish(index);
    }

    /// A package's variable: what its initialiser does.
    fn initialiser(&mut self, node: Node<'_>, name: String) {
        let span = self.parsed.span(node);
        self.stack.push(Builder::new(name, span));
        self.var_declaration(node);
        self.end(Term::Return(Vec::new()), span);
        self.finish(0);
    }

    fn finish(&mut self, index: usize) {
        let Some(builder) = self.stack.pop() else { return };
        self.last_captured = builder.captured;
        self.done[index] = Some(builder.func);
    }

    fn top(&mut self) -> &mut Builder {
        let last = self.stack.len() - 1;
        &mut self.stack[last]
    }

    /// A fresh register.
    fn reg(&mut self, ty: Type, name: Name) -> Reg {
        let regs = &mut self.top().func.regs;
        regs.push(RegInfo { ty, name });
        Reg(u32::try_from(regs.len() - 1).unwrap_or(u32::MAX))
    }

    fn temp(&mut self, ty: Type) -> Reg {
        self.reg(ty, ustr(""))
    }

    fn emit(&mut self, op: Op, span: Span) {
        let top = self.top();
        let block = top.block.at();
        top.func.blocks[block].ops.push(Instr { op, span });
    }

    /// A fresh, empty block.
    fn new_block(&mut self) -> BlockId {
        self.top().new_block()
    }

    /// Ends the current block; what follows is unreachable until another block begins.
    fn end(&mut self, term: Term, span: Span) {
        let dead = self.new_block();
        let top = self.top();
        let block = &mut top.func.blocks[top.block.at()];
        block.term = term;
        block.span = span;
        top.block = dead;
    }

    /// Ends the current block with a jump and goes on in `to`.
    fn go_on(&mut self, to: BlockId, span: Span) {
        self.end(Term::Jump(to), span);
        self.top().block = to;
    }

    fn enter(&mut self, block: BlockId) {
        self.top().block = block;
    }

    /// An operation that gives one value.
    fn value(&mut self, ty: Type, span: Span, make: impl FnOnce(Reg) -> Op) -> Operand {
        let dst = self.temp(ty);
        self.emit(make(dst), span);
        Operand::Reg(dst)
    }

    fn pure(&mut self, what: Pure, args: Vec<Operand>, ty: Type, span: Span) -> Operand {
        self.value(ty, span, |dst| Op::Pure { dst, what, args })
    }

    fn unknown(&mut self, from: Vec<Operand>, ty: Type, span: Span) -> Operand {
        self.value(ty, span, |dst| Op::Unknown { dst, from })
    }

    fn local_type(&self, local: u32) -> Type {
        self.info.locals.get(local as usize).map_or(Type::Unknown, |l| l.ty.clone())
    }

    /// Declares a local with its zero value.
    fn declare(&mut self, local: u32, span: Span) {
        let ty = self.local_type(local);
        self.declare_from(local, Operand::Const(Const::Zero(ty)), span);
    }

    /// Declares a local with a value.
    fn declare_from(&mut self, local: u32, value: Operand, span: Span) {
        let (ty, name) = (self.local_type(local), self.info.locals[local as usize].name);
        let var = if self.cells.contains(local as usize) {
            let cell = self.reg(Type::Pointer(ty.clone().into()), name);
            self.emit(Op::Alloc { dst: cell, ty }, span);
            if !matches!(value, Operand::Const(Const::Zero(_))) {
                self.emit(Op::Store { addr: Operand::Reg(cell), val: value }, span);
            }
            Var::Cell(cell)
        } else {
            let reg = self.reg(ty, name);
            self.emit(Op::Copy { dst: reg, src: value }, span);
            Var::Reg(reg)
        };
        self.top().vars.insert(local, var);
    }

    /// Where a local lives, seen from the function under construction; captured ones are brought in.
    fn var(&mut self, local: u32) -> Option<Var> {
        let level = self.stack.len() - 1;
        self.var_at(local, level)
    }

    fn var_at(&mut self, local: u32, level: usize) -> Option<Var> {
        if let Some(var) = self.stack[level].vars.get(&local) {
            return Some(*var);
        }
        let outer = level.checked_sub(1)?;
        // What is captured lives in memory, so what the outer function has is a pointer.
        self.var_at(local, outer)?;
        let info = self.info.locals.get(local as usize)?;
        let reg = {
            let regs = &mut self.stack[level].func.regs;
            regs.push(RegInfo { ty: Type::Pointer(info.ty.clone().into()), name: info.name });
            Reg(u32::try_from(regs.len() - 1).unwrap_or(u32::MAX))
        };
        let builder = &mut self.stack[level];
        builder.func.captures.push(reg);
        builder.captured.push(local);
        builder.vars.insert(local, Var::Cell(reg));
        Some(Var::Cell(reg))
    }

    /// The type of an expression.
    fn type_of(&self, node: Node<'_>) -> Type {
        self.info.exprs.get(&node.id()).map_or(Type::Unknown, |e| e.ty.clone())
    }

    fn under(&self, ty: &Type) -> Type {
        self.world.underlying(ty)
    }

    fn object(&self, node: Node<'_>) -> Option<&Object> {
        self.info.uses.get(&node.id())
    }

    fn text(&self, node: Node<'_>) -> &str {
        self.parsed.node_text(node)
    }

    fn span(&self, node: Node<'_>) -> Span {
        self.parsed.span(node)
    }
}

impl Builder {
    fn new(name: String, span: Span) -> Self {
        let entry = Block { ops: Vec::new(), term: Term::Dead, span };
        let func = Func {
            name,
            span,
            params: Vec::new(),
            captures: Vec::new(),
            results: Vec::new(),
            regs: Vec::new(),
            blocks: vec![entry],
            defers: false,
            recovers: false,
        };
        Self {
            func,
            block: BlockId(0),
            vars: FxHashMap::default(),
            captured: Vec::new(),
            targets: Vec::new(),
            labels: FxHashMap::default(),
            label: None,
            results: Vec::new(),
            named: false,
            fallthrough: None,
        }
    }

    fn new_block(&mut self) -> BlockId {
        let span = self.func.span;
        self.func.blocks.push(Block { ops: Vec::new(), term: Term::Dead, span });
        BlockId(u32::try_from(self.func.blocks.len() - 1).unwrap_or(u32::MAX))
    }
}
