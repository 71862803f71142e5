//! The printer behind `goleash debug ir`.

use super::{Body, Cap, Comm, Func, LoopKind, Op, OpKind, Term};
use std::fmt::Write;

/// The body as text, one block after the other; the same input gives the same text.
#[must_use]
pub fn print(body: &Body) -> String {
    let mut out = String::new();
    for (i, func) in body.funcs.iter().enumerate() {
        let recv = body.recv_type.map(|r| format!("({r}) ")).unwrap_or_default();
        let name = if i == 0 { format!("{recv}{}", body.name) } else { format!("{recv}{}.func{i}", body.name) };
        let params: Vec<String> =
            func.recv.iter().chain(&func.params).map(|p| format!("l{}:{}", p.0, body.local(*p).name)).collect();
        // Writing to a String cannot fail.
        let _ = writeln!(out, "func {name}({})", params.join(", "));
        print_func(&mut out, func);
    }
    out
}

fn print_func(out: &mut String, func: &Func) {
    for (i, block) in func.blocks.iter().enumerate() {
        if matches!(block.term, Term::Dead) && block.ops.is_empty() {
            continue;
        }
        let within = block.in_loop.map(|l| format!(" ; loop {}", l.0)).unwrap_or_default();
        let _ = writeln!(out, "  b{i}:{within}");
        for op in &block.ops {
            let _ = writeln!(out, "    {}", print_op(op));
        }
        let _ = writeln!(out, "    {}", print_term(func, &block.term));
    }
}

fn print_call(call: &super::Call) -> String {
    let args: Vec<String> = call.args.iter().map(ToString::to_string).collect();
    let results: Vec<String> = call.results.iter().map(|r| r.as_ref().map_or("_".into(), ToString::to_string)).collect();
    let lhs = if results.is_empty() { String::new() } else { format!("{} = ", results.join(", ")) };
    format!("{lhs}{}({}{})", call.callee, args.join(", "), if call.spread { "..." } else { "" })
}

fn print_op(op: &Op) -> String {
    match &op.kind {
        OpKind::Spawn(call) => format!("go {}", print_call(call)),
        OpKind::Defer(call) => format!("defer {}", print_call(call)),
        OpKind::Call(call) => format!("call {}", print_call(call)),
        OpKind::MakeChan { dst, cap, .. } => match cap {
            Cap::Zero => format!("{dst} = make chan"),
            Cap::Const(n) => format!("{dst} = make chan {n}"),
            Cap::Expr(e) => format!("{dst} = make chan {e}"),
        },
        OpKind::Send { ch, value } => format!("send {ch} <- {value}"),
        OpKind::Recv { ch, dst, ok } => {
            let name = |p: &Option<super::Place>| p.as_ref().map_or("_".into(), ToString::to_string);
            format!("recv {}, {} = <-{ch}", name(dst), name(ok))
        }
        OpKind::Close { ch } => format!("close {ch}"),
        OpKind::Assign { dst, src } => format!("{dst} = {src}"),
    }
}

fn print_term(func: &Func, term: &Term) -> String {
    match term {
        Term::Jump(b) => format!("jump b{}", b.0),
        Term::If { cond, then, els } => format!("if {cond} then b{} else b{}", then.0, els.0),
        Term::Switch(targets) => {
            let list: Vec<String> = targets.iter().map(|b| format!("b{}", b.0)).collect();
            format!("switch {}", list.join(" "))
        }
        Term::Select { cases, default } => {
            let mut list: Vec<String> = cases
                .iter()
                .map(|c| match &c.comm {
                    Comm::Send { ch, value } => format!("[{ch} <- {value}] b{}", c.target.0),
                    Comm::Recv { ch, .. } => format!("[<-{ch}] b{}", c.target.0),
                })
                .collect();
            list.extend(default.map(|d| format!("default b{}", d.0)));
            format!("select {}", list.join(" "))
        }
        Term::Loop { id, body, exit } => {
            let kind = match &func.loops[id.at()].kind {
                LoopKind::Forever => "forever".to_string(),
                LoopKind::Cond(c) => format!("while {c}"),
                LoopKind::Count(n) => format!("count {n}"),
                LoopKind::Range(x) => format!("range {x}"),
            };
            let exit = exit.map_or("never".to_string(), |b| format!("b{}", b.0));
            format!("loop {} {kind}: b{} exit {exit}", id.0, body.0)
        }
        Term::Return(values) => {
            let list: Vec<String> = values.iter().map(ToString::to_string).collect();
            format!("return {}", list.join(", "))
        }
        Term::Panic => "panic".into(),
        Term::Dead => "dead".into(),
    }
}
