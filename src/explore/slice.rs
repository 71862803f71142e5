//! What of a function matters to waiting: which registers' values do, and which branches lead round nothing that does.
//!
//! A backward slice (Weiser, "Program slicing", ICSE 1981) whose criteria are the operations that can wait, wake or start a goroutine, hand
//! what holds a primitive to code out of view, or decide over one of these. It is worked out per function without regard to order; a branch
//! that decides over nothing of it is one step to where its ways meet again.

use super::traits::{Key, Traits, effect_matters};
use crate::effects;
use crate::flow::{postdominators, predecessors};
use crate::ir::{BlockId, Body, Callee, Comm, Func, Op, Operand, Pure, Reg, Term};
use crate::types::{FuncId, Type};
use fixedbitset::FixedBitSet;
use std::sync::Arc;

/// Functions with more blocks are executed as they are.
const BLOCKS: usize = 1_500;
/// So are branches with more on their ways.
const REGION: usize = 300;

/// The slice of a function.
#[derive(Debug)]
pub(super) struct Slice {
    relevant: FixedBitSet,
    regions: Vec<Option<Region>>,
    meets: FixedBitSet,
    loops: FixedBitSet,
    blind: FixedBitSet,
    idle: FixedBitSet,
    firsts: Vec<usize>,
    asks: Vec<Key>,
}

/// What lies between a branch and the block where its ways meet, none of which matters.
#[derive(Debug)]
pub(super) struct Region {
    /// Where they meet.
    pub(super) to: BlockId,
    /// The blocks between, in their order.
    pub(super) blocks: Vec<BlockId>,
    /// Whether the branch is one of them: then it is a loop.
    pub(super) again: bool,
    /// Whether it hands values on that may lead to a primitive: then it matters if they do.
    pub(super) hands: bool,
}

/// How much an operation matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    /// Not at all.
    Nothing,
    /// If what it hands on leads to a primitive.
    Hands,
    /// In any case.
    Matters,
}

impl Slice {
    /// Whether the value of a register matters.
    pub(super) fn relevant(&self, reg: Reg) -> bool {
        self.relevant.contains(reg.at())
    }

    /// Whether an operation writes memory for nobody who decides over a wait.
    pub(super) fn idle_store(&self, block: BlockId, op: usize) -> bool {
        self.firsts.get(block.at()).is_some_and(|first| self.idle.contains(first + op))
    }

    /// Whether several ways lead to a block.
    pub(super) fn meets(&self, block: BlockId) -> bool {
        self.meets.contains(block.at())
    }

    /// Fields and variables of packages whose values matter.
    pub(super) fn asks(&self) -> &[Key] {
        &self.asks
    }

    /// Whether a branch decides whether to go round once more.
    pub(super) fn again(&self, block: BlockId) -> bool {
        self.loops.contains(block.at())
    }

    /// Whether it does so over a collection of which nothing is known, not even its type: nobody asked whether there is anything in it.
    pub(super) fn goes_over_unknown(&self, block: BlockId) -> bool {
        self.blind.contains(block.at())
    }

    /// What lies behind a branch that decides over nothing.
    pub(super) fn region(&self, block: BlockId) -> Option<&Region> {
        self.regions.get(block.at()).and_then(Option::as_ref)
    }
}

struct Slicer<'a, 't> {
    traits: &'t Traits<'a>,
    body: &'t Arc<Body>,
    func: &'t Func,
    /// Local memory by the register that points to it.
    cells: FixedBitSet,
    /// That which literals share: others may write and read it.
    captured: FixedBitSet,
    /// The operation that writes a register, where it is only one.
    defs: Vec<Option<(usize, usize)>>,
    writers: Vec<Vec<(usize, usize)>>,
    relevant: FixedBitSet,
    kept: FixedBitSet,
    todo: Vec<Reg>,
    asks: Vec<Key>,
}

/// Works out a slice; `results` tells which results matter, a bit each.
pub(super) fn slice(traits: &Traits<'_>, body: &Arc<Body>, index: u32, results: u8) -> Slice {
    let func = &body.funcs[index as usize];
    let count = func.regs.len();
    let meets = predecessors(func).iter().enumerate().filter(|(_, before)| before.len() > 1).map(|(i, _)| i).collect();
    if func.blocks.len() > BLOCKS {
        let mut relevant = FixedBitSet::with_capacity(count);
        relevant.insert_range(..);
        let loops = loops(func);
        let blind = FixedBitSet::new();
        return Slice {
            relevant,
            regions: Vec::new(),
            meets,
            loops,
            blind,
            idle: FixedBitSet::new(),
            firsts: Vec::new(),
            asks: Vec::new(),
        };
    }
    let mut writers = vec![Vec::new(); count];
    let mut cells = FixedBitSet::with_capacity(count);
    let mut captured = FixedBitSet::with_capacity(count);
    for reg in &func.captures {
        cells.insert(reg.at());
        captured.insert(reg.at());
    }
    for (b, block) in func.blocks.iter().enumerate() {
        for (i, instr) in block.ops.iter().enumerate() {
            instr.op.writes(|reg| writers[reg.at()].push((b, i)));
            if let Op::Alloc { dst, .. } = &instr.op {
                cells.insert(dst.at());
            }
        }
    }
    for instr in func.blocks.iter().flat_map(|b| &b.ops) {
        if let Op::Closure { captures, .. } = &instr.op {
            captures.iter().for_each(|reg| captured.insert(reg.at()));
        }
    }
    let defs = writers.iter().map(|w| if w.len() == 1 { Some(w[0]) } else { None }).collect();
    let mut slicer = Slicer {
        traits,
        body,
        func,
        cells,
        captured,
        defs,
        writers,
        relevant: FixedBitSet::with_capacity(count),
        kept: FixedBitSet::with_capacity(count),
        todo: Vec::new(),
        asks: Vec::new(),
    };
    slicer.seed(results);
    let regions = slicer.settle();
    let (idle, firsts) = slicer.idle_stores();
    let loops = loops(func);
    let blind = loops.ones().filter(|b| slicer.is_blind(*b)).collect();
    Slice { relevant: slicer.relevant, regions, meets, loops, blind, idle, firsts, asks: slicer.asks }
}

/// The branches that leave a loop on one of their ways.
fn loops(func: &Func) -> FixedBitSet {
    let count = func.blocks.len();
    let before = predecessors(func);
    let order = crate::flow::postorder(func);
    let mut rank = vec![usize::MAX; count];
    order.iter().enumerate().for_each(|(i, block)| rank[block.at()] = i);
    // The smallest loop around each block, by its blocks.
    let mut around: Vec<Option<std::rc::Rc<FixedBitSet>>> = vec![None; count];
    for (b, block) in func.blocks.iter().enumerate().filter(|(b, _)| rank[*b] != usize::MAX) {
        block.term.targets(|head| {
            // An edge to a block that is left later goes back.
            if rank[head.at()] < rank[b] {
                return;
            }
            let mut body = FixedBitSet::with_capacity(count);
            body.insert(head.at());
            let mut todo = vec![BlockId(u32::try_from(b).unwrap_or(u32::MAX))];
            while let Some(at) = todo.pop() {
                if !body.put(at.at()) {
                    todo.extend(before[at.at()].iter().filter(|at| rank[at.at()] != usize::MAX));
                }
            }
            let body = std::rc::Rc::new(body);
            for at in body.ones() {
                let known = &mut around[at];
                if known.as_ref().is_none_or(|known| known.count_ones(..) > body.count_ones(..)) {
                    *known = Some(std::rc::Rc::clone(&body));
                }
            }
        });
    }
    let mut out = FixedBitSet::with_capacity(count);
    for (b, block) in func.blocks.iter().enumerate() {
        if let (Term::If { then, other, .. }, Some(body)) = (&block.term, &around[b]) {
            out.set(b, body.contains(then.at()) != body.contains(other.at()));
        }
    }
    out
}

impl Slicer<'_, '_> {
    fn need(&mut self, operand: &Operand) {
        operand.reg().into_iter().for_each(|reg| self.need_reg(reg));
    }

    fn need_reg(&mut self, reg: Reg) {
        if !self.relevant.put(reg.at()) {
            self.todo.push(reg);
        }
    }

    fn seed(&mut self, results: u8) {
        let func = self.func;
        for block in &func.blocks {
            for instr in &block.ops {
                if self.matters(&instr.op) {
                    self.need_operands(&instr.op);
                }
                // Who shares it may ask for what is in it.
                if let Op::Store { addr, val } = &instr.op
                    && self.cell(addr).is_some_and(|cell| self.captured.contains(cell.at()))
                {
                    self.need(val);
                }
            }
            match &block.term {
                Term::Select { cases, .. } => cases.iter().for_each(|case| match &case.comm {
                    Comm::Send { ch, val } => {
                        self.need(ch);
                        self.need(val);
                    }
                    Comm::Recv { ch, .. } => self.need(ch),
                }),
                Term::Return(values) => {
                    let wanted = values.iter().enumerate().filter(|(i, _)| results & (1 << (*i).min(7)) != 0);
                    wanted.for_each(|(_, value)| self.need(value));
                }
                Term::Jump(_) | Term::If { .. } | Term::Panic(_) | Term::Dead => {}
            }
        }
        self.spread();
    }

    fn need_operands(&mut self, op: &Op) {
        let mut regs = Vec::new();
        op.reads(|reg| regs.push(reg));
        regs.into_iter().for_each(|reg| self.need_reg(reg));
    }

    /// Goes from what is needed to what it is made of.
    fn spread(&mut self) {
        let func = self.func;
        while let Some(reg) = self.todo.pop() {
            for (b, i) in self.writers[reg.at()].clone() {
                let op = &func.blocks[b].ops[i].op;
                self.need_operands(op);
                self.ask(op);
                let Op::Load { addr, .. } = op else { continue };
                if let Some(cell) = self.cell(addr)
                    && !self.kept.put(cell.at())
                {
                    self.need_stores(cell);
                }
            }
            // A pointer to local memory that goes elsewhere is read there.
            if self.cells.contains(reg.at()) && !self.kept.put(reg.at()) {
                self.need_stores(reg);
            }
        }
    }

    /// Whether a value is a sum or difference: a number that goes on and on.
    fn counts(&self, val: &Operand) -> bool {
        let def = val.reg().and_then(|reg| self.defs[reg.at()]);
        def.is_some_and(|(b, i)| {
            matches!(self.func.blocks[b].ops[i].op, Op::Pure { what: Pure::Add | Pure::Sub | Pure::Mul, .. })
        })
    }

    /// Notes the field or variable that an operation reads.
    fn ask(&mut self, op: &Op) {
        let key = match op {
            Op::Load { addr, .. } => self.key(addr),
            Op::Pure { what: Pure::FieldOf(index), args, .. } => {
                args.first().and_then(|arg| self.ty(arg)).and_then(|ty| field_key(ty, *index))
            }
            _ => None,
        };
        self.asks.extend(key);
    }

    /// The field or variable that an address leads to.
    fn key(&self, addr: &Operand) -> Option<Key> {
        let (b, i) = self.defs[addr.reg()?.at()]?;
        match &self.func.blocks[b].ops[i].op {
            Op::Field { base, index, .. } => match self.ty(base)? {
                Type::Pointer(inner) => field_key(inner, *index),
                _ => None,
            },
            Op::Global { pkg, name, .. } => Some((*pkg, *name, u32::MAX)),
            _ => None,
        }
    }

    /// Whether the condition of a branch is a value that nothing is known of.
    fn is_blind(&self, block: usize) -> bool {
        let Term::If { cond: Operand::Reg(cond), .. } = &self.func.blocks[block].term else { return false };
        self.defs[cond.at()].is_some_and(|(b, i)| matches!(self.func.blocks[b].ops[i].op, Op::Unknown { .. }))
    }

    fn need_stores(&mut self, cell: Reg) {
        let func = self.func;
        for instr in func.blocks.iter().flat_map(|b| &b.ops) {
            if let Op::Store { addr, .. } = &instr.op
                && self.cell(addr) == Some(cell)
            {
                self.need_operands(&instr.op);
            }
        }
    }

    /// The local memory that an address leads into.
    fn cell(&self, addr: &Operand) -> Option<Reg> {
        let mut reg = addr.reg()?;
        loop {
            if self.cells.contains(reg.at()) {
                return Some(reg);
            }
            let (b, i) = self.defs[reg.at()]?;
            reg = match &self.func.blocks[b].ops[i].op {
                Op::Field { base, .. } | Op::Elem { base, .. } => base.reg()?,
                _ => return None,
            };
        }
    }

    /// Finds the branches that decide over nothing; what those that do ask for matters.
    fn settle(&mut self) -> Vec<Option<Region>> {
        let func = self.func;
        let joins = postdominators(func);
        let mut regions: Vec<Option<Region>> = Vec::with_capacity(func.blocks.len());
        for (b, block) in func.blocks.iter().enumerate() {
            let Term::If { cond, .. } = &block.term else {
                regions.push(None);
                continue;
            };
            let region = joins[b].and_then(|to| self.region(b, to));
            if region.is_none() {
                self.need(cond);
            }
            regions.push(region);
        }
        self.spread();
        loop {
            let mut changed = false;
            for (b, block) in func.blocks.iter().enumerate() {
                let (Term::If { cond, .. }, Some(region)) = (&block.term, &regions[b]) else { continue };
                let weight = region.blocks.iter().map(|block| self.block_weight(*block)).max().unwrap_or(Weight::Nothing);
                match weight {
                    Weight::Nothing => continue,
                    Weight::Hands if region.hands => continue,
                    Weight::Hands => {
                        if let Some(region) = &mut regions[b] {
                            region.hands = true;
                        }
                    }
                    Weight::Matters => regions[b] = None,
                }
                self.need(cond);
                changed = true;
            }
            if !changed {
                return regions;
            }
            self.spread();
        }
    }

    fn region(&self, from: usize, to: BlockId) -> Option<Region> {
        let func = self.func;
        let mut seen = vec![false; func.blocks.len()];
        let mut blocks = Vec::new();
        let mut todo = Vec::new();
        func.blocks[from].term.targets(|next| todo.push(next));
        while let Some(block) = todo.pop() {
            if block == to || std::mem::replace(&mut seen[block.at()], true) {
                continue;
            }
            blocks.push(block);
            let term = &func.blocks[block.at()].term;
            if blocks.len() > REGION || !matches!(term, Term::Jump(_) | Term::If { .. } | Term::Dead) {
                return None;
            }
            term.targets(|next| todo.push(next));
        }
        blocks.sort_unstable();
        Some(Region { to, again: seen[from], blocks, hands: false })
    }

    /// Stores of which nobody who decides over a wait asks, by their numbers among all operations; and the numbers of the blocks' first ones.
    fn idle_stores(&self) -> (FixedBitSet, Vec<usize>) {
        let func = self.func;
        let count = func.blocks.iter().map(|block| block.ops.len()).sum();
        let mut idle = FixedBitSet::with_capacity(count);
        let mut firsts = Vec::with_capacity(func.blocks.len());
        let mut next = 0;
        for block in &func.blocks {
            firsts.push(next);
            for instr in &block.ops {
                idle.set(next, matches!(instr.op, Op::Store { .. }) && !self.matters(&instr.op));
                next += 1;
            }
        }
        (idle, firsts)
    }

    fn block_weight(&self, block: BlockId) -> Weight {
        self.func.blocks[block.at()].ops.iter().map(|instr| self.weight(&instr.op)).max().unwrap_or(Weight::Nothing)
    }

    fn matters(&self, op: &Op) -> bool {
        self.weight(op) != Weight::Nothing
    }

    /// Whether an operation matters by what it does, or by what it gives.
    fn weight(&self, op: &Op) -> Weight {
        let mut gives = false;
        op.writes(|reg| gives |= self.relevant.contains(reg.at()));
        let hands = |handed: bool| if handed { Weight::Hands } else { Weight::Nothing };
        let matters = |so: bool| if so { Weight::Matters } else { Weight::Nothing };
        let effect = match op {
            Op::Send { .. } | Op::Recv { .. } | Op::Close { .. } | Op::Go { .. } | Op::RunDefers => Weight::Matters,
            Op::Store { addr, val } => match self.cell(addr) {
                Some(cell) if !self.captured.contains(cell.at()) => matters(self.kept.contains(cell.at())),
                Some(cell) if self.kept.contains(cell.at()) => Weight::Matters,
                Some(_) => matters(self.telling(val)),
                None => self.store_weight(addr, val),
            },
            Op::MapSet { val, .. } => hands(self.carries(val)),
            Op::MapDelete { map, .. } => hands(self.carries(map)),
            Op::Unknown { from, .. } => hands(from.iter().any(|operand| self.carries(operand))),
            Op::Call { callee, args, .. } => self.call(callee, args),
            Op::Defer { callee, args } => match callee {
                Callee::Static(_) => matters(self.call(callee, args) != Weight::Nothing),
                _ => Weight::Matters,
            },
            _ => Weight::Nothing,
        };
        if gives { Weight::Matters } else { effect }
    }

    /// A store into memory that others see: of what leads to a primitive, or of an answer that somebody asks for.
    fn store_weight(&self, addr: &Operand, val: &Operand) -> Weight {
        let asked = self.key(addr).map(|key| self.traits.asked(&key));
        if asked == Some(true) && !self.counts(val) {
            return Weight::Matters;
        }
        if self.carries(val) {
            return Weight::Hands;
        }
        if asked.is_none() && self.telling(val) { Weight::Matters } else { Weight::Nothing }
    }

    fn ty(&self, operand: &Operand) -> Option<&Type> {
        operand.reg().map(|reg| &self.func.regs[reg.at()].ty)
    }

    /// Whether a value may lead to a primitive. What is put into an interface is what it was before.
    fn carries(&self, operand: &Operand) -> bool {
        let Some(reg) = operand.reg() else { return false };
        if let Some((b, i)) = self.defs[reg.at()] {
            match &self.func.blocks[b].ops[i].op {
                Op::ToInterface { ty, .. } => return self.traits.carries(ty),
                Op::SliceOf { items, .. } if items.len() <= 16 => return items.iter().any(|item| self.carries(item)),
                Op::Load { addr, .. } if self.name_is_context(addr) => return false,
                Op::Closure { .. } | Op::FuncValue { .. } | Op::MakeChan { .. } => return true,
                _ => {}
            }
        }
        self.traits.carries(&self.func.regs[reg.at()].ty)
    }

    /// Whether who is handed a value may wait or wake by calling it or a method of it.
    fn calls(&self, operand: &Operand) -> bool {
        self.carries(operand) || self.ty(operand).is_some_and(|ty| self.traits.interface_enters(ty))
    }

    fn name_is_context(&self, addr: &Operand) -> bool {
        matches!(self.ty(addr), Some(Type::Pointer(inner)) if super::carry::is_context(inner))
    }

    /// Whether a value that is written into memory others see may be asked for by a branch in front of a wait.
    fn telling(&self, val: &Operand) -> bool {
        match val {
            Operand::Reg(_) => self.carries(val) || self.ty(val).is_some_and(|ty| self.traits.flag(ty)),
            Operand::Const(constant) => matches!(constant, crate::ir::Const::Bool(_) | crate::ir::Const::Nil),
        }
    }

    fn call(&self, callee: &Callee, args: &[Operand]) -> Weight {
        let matters = |so: bool| if so { Weight::Matters } else { Weight::Nothing };
        let handing = |args: &[Operand]| {
            if self.is_given_memory(args) {
                Weight::Matters
            } else if args.iter().any(|arg| self.carries(arg)) {
                Weight::Hands
            } else {
                Weight::Nothing
            }
        };
        match callee {
            Callee::Static(func) => self.static_call(func, args),
            Callee::Interface { iface, method } => match effects::of_interface(iface, *method) {
                Some(effect) => matters(effect_matters(effect)),
                None if self.traits.dispatches(iface, *method) => Weight::Matters,
                None => handing(args.get(1..).unwrap_or_default()),
            },
            Callee::Value(value) => {
                let literal =
                    value.reg().and_then(|reg| self.defs[reg.at()]).and_then(|(b, i)| match &self.func.blocks[b].ops[i].op {
                        Op::Closure { func, .. } => Some(*func),
                        _ => None,
                    });
                match literal {
                    Some(index) => matters(self.traits.enters(self.body, index)),
                    None => handing(args),
                }
            }
            Callee::Unknown => handing(args),
        }
    }

    /// Whether a call is given the address of memory that matters.
    fn is_given_memory(&self, args: &[Operand]) -> bool {
        args.iter().any(|arg| {
            let inner = arg.reg().and_then(|reg| self.defs[reg.at()]).and_then(|(b, i)| match &self.func.blocks[b].ops[i].op {
                Op::ToInterface { val, .. } => Some(val),
                _ => None,
            });
            self.cell(inner.unwrap_or(arg)).is_some_and(|cell| self.kept.contains(cell.at()))
        })
    }

    fn static_call(&self, func: &FuncId, args: &[Operand]) -> Weight {
        let matters = |so: bool| if so { Weight::Matters } else { Weight::Nothing };
        if func.pkg.is_empty() {
            return matters(matches!(func.name.as_str(), "close" | "panic"));
        }
        if let Some(effect) = self.traits.effect(func) {
            return matters(effect_matters(effect) || self.is_given_memory(args));
        }
        let hands = |so: bool| if so { Weight::Hands } else { Weight::Nothing };
        if self.traits.quiet(func) && self.is_given_memory(args) {
            return Weight::Matters;
        }
        if self.traits.quiet(func) {
            return hands(args.iter().any(|arg| self.carries(arg)));
        }
        match self.traits.func(*func) {
            Some(_) if self.traits.func_enters(*func) => Weight::Matters,
            Some(found) => hands(found.dynamic && args.iter().any(|arg| self.calls(arg))),
            None if self.is_given_memory(args) => Weight::Matters,
            None => hands(args.iter().any(|arg| self.carries(arg))),
        }
    }
}

/// The field of a struct type.
pub(super) fn field_key(ty: &Type, index: u32) -> Option<Key> {
    match ty {
        Type::Named(named) => Some((named.pkg, named.name, index)),
        _ => None,
    }
}
