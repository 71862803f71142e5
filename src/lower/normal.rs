//! What lowering leaves behind is brought into one form: no empty blocks, no copies that only rename, nothing computed that nobody reads,
//! blocks and registers numbered in the order in which they come.

use crate::flow::{Live, live, postorder, predecessors};
use crate::ir::{Block, BlockId, Comm, Func, Op, Operand, Reg, Term};
use fixedbitset::FixedBitSet;

/// Brings a function into its one form.
pub(super) fn normalise(func: &mut Func) {
    if !func.defers {
        for block in &mut func.blocks {
            block.ops.retain(|i| i.op != Op::RunDefers);
        }
    }
    straighten(func);
    for _ in 0..8 {
        let before = size(func);
        coalesce(func);
        propagate(func);
        remove_dead(func);
        straighten(func);
        if size(func) == before {
            break;
        }
    }
    renumber(func);
}

fn size(func: &Func) -> (usize, usize) {
    (func.blocks.len(), func.blocks.iter().map(|b| b.ops.len()).sum())
}

/// Threads jumps through empty blocks, merges blocks that only follow each other, drops what nothing reaches.
fn straighten(func: &mut Func) {
    let forward: Vec<BlockId> = (0..func.blocks.len()).map(|i| final_target(func, id(i))).collect();
    for block in &mut func.blocks {
        block.term.targets_mut(|to| *to = forward[to.at()]);
        if let Term::If { then, other, .. } = &block.term
            && then == other
        {
            block.term = Term::Jump(*then);
        }
    }
    inline_returns(func);
    drop_unreached(func);
    let preds = predecessors(func);
    let mut merged = vec![false; func.blocks.len()];
    for i in 0..func.blocks.len() {
        if merged[i] {
            continue;
        }
        while let Term::Jump(to) = func.blocks[i].term {
            let next = to.at();
            if next == i || next == 0 || preds[next].len() != 1 || merged[next] {
                break;
            }
            merged[next] = true;
            let empty = Block { ops: Vec::new(), term: Term::Dead, span: func.span };
            let tail = std::mem::replace(&mut func.blocks[next], empty);
            let head = &mut func.blocks[i];
            head.ops.extend(tail.ops);
            head.term = tail.term;
            head.span = tail.span;
        }
    }
    drop_unreached(func);
}

/// A jump to a block that only leaves the function is the return itself.
fn inline_returns(func: &mut Func) {
    let leaves = |block: &Block| {
        let plain = |op: &Op| matches!(op, Op::RunDefers | Op::Load { .. } | Op::Copy { .. });
        matches!(block.term, Term::Return(_)) && block.ops.len() <= 4 && block.ops.iter().all(|i| plain(&i.op))
    };
    let tails: Vec<Option<Block>> = func.blocks.iter().map(|b| leaves(b).then(|| b.clone())).collect();
    for block in &mut func.blocks {
        if let Term::Jump(to) = block.term
            && let Some(tail) = &tails[to.at()]
        {
            block.ops.extend(tail.ops.iter().cloned());
            block.term = tail.term.clone();
            block.span = tail.span;
        }
    }
}

fn id(index: usize) -> BlockId {
    BlockId(u32::try_from(index).unwrap_or(u32::MAX))
}

/// Where a jump to a block really leads; a loop of empty blocks stays where it is.
fn final_target(func: &Func, from: BlockId) -> BlockId {
    let mut at = from;
    for _ in 0..func.blocks.len() {
        match func.blocks[at.at()].term {
            Term::Jump(to) if func.blocks[at.at()].ops.is_empty() && to != at => at = to,
            _ => return at,
        }
    }
    from
}

/// Keeps the blocks that the entry reaches, in reverse postorder.
fn drop_unreached(func: &mut Func) {
    let mut order = postorder(func);
    order.reverse();
    let mut place = vec![BlockId(0); func.blocks.len()];
    for (i, block) in order.iter().enumerate() {
        place[block.at()] = id(i);
    }
    let mut old: Vec<Option<Block>> = std::mem::take(&mut func.blocks).into_iter().map(Some).collect();
    func.blocks = order.iter().filter_map(|block| old[block.at()].take()).collect();
    for block in &mut func.blocks {
        block.term.targets_mut(|to| *to = place[to.at()]);
    }
}

/// How often each register is written and read.
struct Counts {
    writes: Vec<u32>,
    reads: Vec<u32>,
}

fn counts(func: &Func) -> Counts {
    let mut out = Counts { writes: vec![0; func.regs.len()], reads: vec![0; func.regs.len()] };
    func.params.iter().chain(&func.captures).for_each(|reg| out.writes[reg.at()] += 1);
    for block in &func.blocks {
        for instr in &block.ops {
            instr.op.reads(|reg| out.reads[reg.at()] += 1);
            instr.op.writes(|reg| out.writes[reg.at()] += 1);
        }
        block.term.reads(|reg| out.reads[reg.at()] += 1);
        if let Term::Select { cases, .. } = &block.term {
            cases.iter().for_each(|case| case.writes(|reg| out.writes[reg.at()] += 1));
        }
    }
    out
}

/// `t = op; x = t` becomes `x = op` where nothing else reads `t`.
fn coalesce(func: &mut Func) {
    let counts = counts(func);
    for block in &mut func.blocks {
        let mut i = 1;
        while i < block.ops.len() {
            let (before, after) = block.ops.split_at_mut(i);
            let mut gone = false;
            if let (Some(last), Op::Copy { dst, src: Operand::Reg(temp) }) = (before.last_mut(), &after[0].op)
                && counts.writes[temp.at()] == 1
                && counts.reads[temp.at()] == 1
                && temp != dst
            {
                let mut writes = false;
                last.op.writes(|reg| writes |= reg == *temp);
                let mut also = false;
                last.op.writes(|reg| also |= reg == *dst);
                if writes && !also {
                    last.op.regs_mut(|reg| {
                        if reg == temp {
                            *reg = *dst;
                        }
                    });
                    gone = true;
                }
            }
            if gone {
                block.ops.remove(i);
            } else {
                i += 1;
            }
        }
    }
}

/// Replaces what only renames: a register that is written once, by a copy of a constant or of a register that is written once.
fn propagate(func: &mut Func) {
    let counts = counts(func);
    let once = |reg: Reg| counts.writes[reg.at()] == 1;
    let mut alias: Vec<Option<Operand>> = vec![None; func.regs.len()];
    for block in &func.blocks {
        for instr in &block.ops {
            if let Op::Copy { dst, src } = &instr.op
                && once(*dst)
                && src.reg().is_none_or(once)
                && src.reg() != Some(*dst)
            {
                alias[dst.at()] = Some(src.clone());
            }
        }
    }
    rounds(func, &counts, &mut alias);
    if alias.iter().all(Option::is_none) {
        return;
    }
    let resolve = |operand: &mut Operand| {
        for _ in 0..alias.len() {
            match operand.reg().and_then(|reg| alias[reg.at()].clone()) {
                Some(next) => *operand = next,
                None => break,
            }
        }
    };
    for block in &mut func.blocks {
        for instr in &mut block.ops {
            instr.op.uses_mut(resolve);
            if let Op::Closure { captures, .. } = &mut instr.op {
                for reg in captures {
                    let mut operand = Operand::Reg(*reg);
                    resolve(&mut operand);
                    *reg = operand.reg().unwrap_or(*reg);
                }
            }
        }
        block.term.uses_mut(resolve);
        if let Term::If { cond: Operand::Const(crate::ir::Const::Bool(b)), then, other } = block.term {
            block.term = Term::Jump(if b { then } else { other });
        }
    }
}

/// `i = count` at the top of a round, where `i` is written nowhere else and the count changes only where the round is over: `i` is the count.
fn rounds(func: &Func, counts: &Counts, alias: &mut [Option<Operand>]) {
    for block in &func.blocks {
        for instr in &block.ops {
            let Op::Copy { dst, src: Operand::Reg(count) } = &instr.op else { continue };
            if counts.writes[dst.at()] != 1 || counts.writes[count.at()] != 2 || alias[dst.at()].is_some() {
                continue;
            }
            if steps_after_last_use(func, *count, *dst) {
                alias[dst.at()] = Some(Operand::Reg(*count));
            }
        }
    }
}

/// Whether the register `dst` is dead wherever `count` is written.
fn steps_after_last_use(func: &Func, count: Reg, dst: Reg) -> bool {
    let live = live(func);
    for (b, block) in func.blocks.iter().enumerate() {
        for (i, instr) in block.ops.iter().enumerate() {
            let mut written = false;
            instr.op.writes(|reg| written |= reg == count);
            if written && live.before(func, id(b), i + 1).contains(dst.at()) {
                return false;
            }
        }
    }
    true
}

/// Drops silent operations whose results nobody reads.
fn remove_dead(func: &mut Func) {
    let live = live(func);
    let mut gone: Vec<Vec<usize>> = Vec::with_capacity(func.blocks.len());
    for (b, block) in func.blocks.iter().enumerate() {
        let mut dead = Vec::new();
        let mut after = live.before(func, id(b), block.ops.len());
        for (i, instr) in block.ops.iter().enumerate().rev() {
            let to_itself = matches!(&instr.op, Op::Copy { dst, src: Operand::Reg(src) } if src == dst);
            if to_itself {
                dead.push(i);
                continue;
            }
            let mut needed = !instr.op.is_silent();
            instr.op.writes(|reg| needed |= after.contains(reg.at()));
            if !needed {
                dead.push(i);
                continue;
            }
            instr.op.writes(|reg| after.set(reg.at(), false));
            instr.op.reads(|reg| after.insert(reg.at()));
        }
        gone.push(dead);
    }
    drop_unread_results(func, &live);
    for (block, dead) in func.blocks.iter_mut().zip(gone) {
        // From the back: indices before stay what they are.
        for i in dead {
            block.ops.remove(i);
        }
    }
}

/// Receives whose value or comma-ok nobody reads do not write it.
fn drop_unread_results(func: &mut Func, live: &Live) {
    let mut unread: Vec<(usize, usize, bool, bool)> = Vec::new();
    let mut cases: Vec<(usize, usize, bool, bool)> = Vec::new();
    for (b, block) in func.blocks.iter().enumerate() {
        let dead = |reg: &Option<Reg>, after: &FixedBitSet| reg.is_some_and(|reg| !after.contains(reg.at()));
        for (i, instr) in block.ops.iter().enumerate() {
            if let Op::Recv { val, ok, .. } = &instr.op {
                let after = live.before(func, id(b), i + 1);
                unread.push((b, i, dead(val, &after), dead(ok, &after)));
            }
        }
        if let Term::Select { cases: list, .. } = &block.term {
            for (i, case) in list.iter().enumerate() {
                if let Comm::Recv { val, ok, .. } = &case.comm {
                    let after = live.before(func, case.target, 0);
                    cases.push((b, i, dead(val, &after), dead(ok, &after)));
                }
            }
        }
    }
    let clear = |val: &mut Option<Reg>, ok: &mut Option<Reg>, no_val: bool, no_ok: bool| {
        *val = val.filter(|_| !no_val);
        *ok = ok.filter(|_| !no_ok);
    };
    for (b, i, no_val, no_ok) in unread {
        if let Op::Recv { val, ok, .. } = &mut func.blocks[b].ops[i].op {
            clear(val, ok, no_val, no_ok);
        }
    }
    for (b, i, no_val, no_ok) in cases {
        if let Term::Select { cases, .. } = &mut func.blocks[b].term
            && let Comm::Recv { val, ok, .. } = &mut cases[i].comm
        {
            clear(val, ok, no_val, no_ok);
        }
    }
}

/// Numbers registers in the order in which the blocks mention them, parameters first.
fn renumber(func: &mut Func) {
    let mut place: Vec<Option<Reg>> = vec![None; func.regs.len()];
    let mut order: Vec<Reg> = Vec::new();
    let mut see = |reg: Reg| {
        if place[reg.at()].is_none() {
            place[reg.at()] = Some(Reg(u32::try_from(order.len()).unwrap_or(u32::MAX)));
            order.push(reg);
        }
    };
    func.params.iter().chain(&func.captures).copied().for_each(&mut see);
    for block in &func.blocks {
        for instr in &block.ops {
            instr.op.reads(&mut see);
            instr.op.writes(&mut see);
        }
        block.term.reads(&mut see);
        if let Term::Select { cases, .. } = &block.term {
            cases.iter().for_each(|case| case.writes(&mut see));
        }
    }
    let to = |reg: &mut Reg| *reg = place[reg.at()].unwrap_or(*reg);
    let operand = |operand: &mut Operand| {
        if let Operand::Reg(reg) = operand {
            to(reg);
        }
    };
    func.params.iter_mut().chain(&mut func.captures).for_each(to);
    for block in &mut func.blocks {
        for instr in &mut block.ops {
            instr.op.uses_mut(operand);
            instr.op.regs_mut(to);
        }
        block.term.uses_mut(operand);
        if let Term::Select { cases, .. } = &mut block.term {
            for case in cases {
                if let Comm::Recv { val, ok, .. } = &mut case.comm {
                    val.iter_mut().chain(ok).for_each(to);
                }
            }
        }
    }
    func.regs = order.into_iter().map(|reg| func.regs[reg.at()].clone()).collect();
}
