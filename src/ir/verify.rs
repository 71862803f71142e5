//! Whether a body is well formed: what lowering promises and every later stage relies on.

use super::{Body, Func, Op, Reg, Term};

/// Checks a body.
///
/// # Errors
/// The first thing that is wrong, with the function it is in.
pub fn verify(body: &Body) -> Result<(), String> {
    for func in &body.funcs {
        function(body, func).map_err(|problem| format!("{}: {problem}", func.name))?;
    }
    Ok(())
}

fn function(body: &Body, func: &Func) -> Result<(), String> {
    if func.blocks.is_empty() {
        return Err("it has no entry".to_owned());
    }
    let count = func.regs.len();
    let check = |reg: Reg| if reg.at() < count { Ok(()) } else { Err(format!("register r{} of {count}", reg.0)) };
    for reg in func.params.iter().chain(&func.captures) {
        check(*reg)?;
    }
    for (i, block) in func.blocks.iter().enumerate() {
        let mut bad = None;
        let mut see = |reg: Reg| {
            if let Err(problem) = check(reg) {
                bad.get_or_insert(problem);
            }
        };
        for instr in &block.ops {
            instr.op.reads(&mut see);
            instr.op.writes(&mut see);
        }
        block.term.reads(&mut see);
        block.term.targets(|to| {
            if to.at() >= func.blocks.len() {
                bad.get_or_insert(format!("b{i} leads to b{}", to.0));
            }
        });
        if let Some(problem) = bad {
            return Err(format!("b{i}: {problem}"));
        }
        for instr in &block.ops {
            operation(body, func, &instr.op).map_err(|problem| format!("b{i}: {problem}"))?;
        }
        if let Term::Return(values) = &block.term
            && !values.is_empty()
            && !func.results.is_empty()
            && values.len() != func.results.len()
        {
            return Err(format!("b{i}: {} values for {} results", values.len(), func.results.len()));
        }
    }
    Ok(())
}

fn operation(body: &Body, func: &Func, op: &Op) -> Result<(), String> {
    match op {
        Op::Closure { func: index, captures, .. } => {
            let Some(literal) = body.funcs.get(*index as usize) else { return Err(format!("no function {index}")) };
            if literal.captures.len() != captures.len() {
                return Err(format!("{} captured, {} wanted", captures.len(), literal.captures.len()));
            }
        }
        Op::Defer { .. } if !func.defers => return Err("a deferred call that is not counted".to_owned()),
        _ => {}
    }
    Ok(())
}
