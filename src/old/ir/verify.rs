//! The verifier: what must hold of every lowered declaration. Run in debug builds and over whole trees in the tests.

use super::{Body, Comm, Expr, FuncIdx, OpKind, Operand, Place, Root, Term};
use super::{Call, Callee};

/// Checks a body; says what is wrong with the first defect that it meets.
///
/// # Errors
/// A sentence that names the function, block and operation.
pub fn verify(body: &Body) -> Result<(), String> {
    if body.funcs.is_empty() {
        return Err(format!("{}: no function", body.name));
    }
    for f in 0..body.funcs.len() {
        let id = FuncIdx(u32::try_from(f).unwrap_or(u32::MAX));
        verify_func(body, id).map_err(|e| format!("{}.func{f}: {e}", body.name))?;
    }
    Ok(())
}

fn verify_func(body: &Body, id: FuncIdx) -> Result<(), String> {
    let func = body.func(id);
    if func.blocks.is_empty() {
        return Err("no entry block".into());
    }
    if func.parent.is_some_and(|p| p.at() >= id.at()) {
        return Err("a literal comes before the function around it".into());
    }
    for local in func.recv.iter().chain(&func.params).chain(&func.results) {
        if local.at() >= body.locals.len() {
            return Err(format!("parameter l{} is not in the table", local.0));
        }
    }
    for b in func.block_ids() {
        for (i, op) in func.block(b).ops.iter().enumerate() {
            verify_op(body, id, &op.kind).map_err(|e| format!("b{} op {i}: {e}", b.0))?;
        }
        for next in func.successors(b) {
            if next.at() >= func.blocks.len() {
                return Err(format!("b{} leads to b{}, which is not there", b.0, next.0));
            }
        }
        verify_term(body, id, &func.block(b).term).map_err(|e| format!("b{}: {e}", b.0))?;
    }
    for (i, l) in func.loops.iter().enumerate() {
        let ok = matches!(func.block(l.header).term, Term::Loop { id, .. } if id.at() == i);
        if !ok {
            return Err(format!("loop {i}: its header b{} does not carry it", l.header.0));
        }
        if l.parent.is_some_and(|p| p.at() >= i) {
            return Err(format!("loop {i}: listed before the loop around it"));
        }
    }
    Ok(())
}

fn verify_op(body: &Body, id: FuncIdx, op: &OpKind) -> Result<(), String> {
    match op {
        OpKind::Spawn(c) | OpKind::Defer(c) | OpKind::Call(c) => verify_call(body, id, c),
        OpKind::MakeChan { dst, .. } => verify_place(body, id, dst),
        OpKind::Send { ch, value } => verify_place(body, id, ch).and_then(|()| verify_operand(body, id, value)),
        OpKind::Recv { ch, dst, ok } => {
            [Some(ch), dst.as_ref(), ok.as_ref()].into_iter().flatten().try_for_each(|p| verify_place(body, id, p))
        }
        OpKind::Close { ch } => verify_place(body, id, ch),
        OpKind::Assign { dst, src } => verify_place(body, id, dst).and_then(|()| verify_operand(body, id, src)),
    }
}

fn verify_term(body: &Body, id: FuncIdx, term: &Term) -> Result<(), String> {
    let func = body.func(id);
    match term {
        Term::Select { cases, .. } => cases.iter().try_for_each(|c| match &c.comm {
            Comm::Send { ch, value } => verify_place(body, id, ch).and_then(|()| verify_operand(body, id, value)),
            Comm::Recv { ch, .. } => verify_place(body, id, ch),
        }),
        Term::Loop { id: l, .. } if l.at() >= func.loops.len() => Err(format!("loop {} is not in the table", l.0)),
        Term::Return(values) => values.iter().try_for_each(|v| verify_operand(body, id, v)),
        _ => Ok(()),
    }
}

fn verify_call(body: &Body, id: FuncIdx, call: &Call) -> Result<(), String> {
    match &call.callee {
        Callee::Method { recv, .. } | Callee::Value(recv) => verify_place(body, id, recv)?,
        Callee::Lit(f) => verify_lit(body, id, *f)?,
        _ => {}
    }
    call.args.iter().try_for_each(|a| verify_operand(body, id, a))?;
    call.results.iter().flatten().try_for_each(|r| verify_place(body, id, r))
}

fn verify_operand(body: &Body, id: FuncIdx, operand: &Operand) -> Result<(), String> {
    match operand {
        Operand::Place(p) => verify_place(body, id, p),
        Operand::Func(f) => verify_lit(body, id, *f),
        Operand::Expr(e) => match &**e {
            Expr::Len(p) | Expr::Cap(p) => verify_place(body, id, p),
            Expr::Add(a, b) | Expr::Sub(a, b) | Expr::Mul(a, b) => {
                verify_operand(body, id, a).and_then(|()| verify_operand(body, id, b))
            }
        },
        _ => Ok(()),
    }
}

fn verify_lit(body: &Body, id: FuncIdx, lit: FuncIdx) -> Result<(), String> {
    if lit.at() >= body.funcs.len() {
        return Err(format!("func{} is not in the table", lit.0));
    }
    if !body.is_inside(lit, FuncIdx::TOP) || lit.at() <= id.at() && lit == FuncIdx::TOP {
        return Err(format!("func{} is no literal of this declaration", lit.0));
    }
    Ok(())
}

fn verify_place(body: &Body, id: FuncIdx, place: &Place) -> Result<(), String> {
    let Root::Local(local) = place.root else { return Ok(()) };
    let Some(entry) = body.locals.get(local.at()) else {
        return Err(format!("{place} is not in the table"));
    };
    // A literal sees its own variables and those of the functions around it, no others.
    if body.is_inside(id, entry.func) { Ok(()) } else { Err(format!("{place} belongs to func{}", entry.func.0)) }
}
