//! The normal form as text, for `goleash debug ir` and tests. Names of variables do not appear: equal graphs print alike.

use super::{Body, Callee, Comm, Const, Func, Op, Operand, Pure, Reg, Term};
use std::fmt::Write as _;

/// Prints every function of a body.
#[must_use]
pub fn print(body: &Body) -> String {
    let mut out = String::new();
    for (i, func) in body.funcs.iter().enumerate() {
        let _ = writeln!(out, "func {i}({}){}", regs(&func.params), captured(func));
        for (b, block) in func.blocks.iter().enumerate() {
            let _ = writeln!(out, "  b{b}:");
            for instr in &block.ops {
                let _ = writeln!(out, "    {}", op(&instr.op));
            }
            let _ = writeln!(out, "    {}", term(&block.term));
        }
    }
    out
}

fn captured(func: &Func) -> String {
    if func.captures.is_empty() { String::new() } else { format!(" captures {}", regs(&func.captures)) }
}

fn reg(reg: Reg) -> String {
    format!("r{}", reg.0)
}

fn regs(list: &[Reg]) -> String {
    list.iter().map(|r| reg(*r)).collect::<Vec<_>>().join(", ")
}

fn opt(list: &[Option<Reg>]) -> String {
    list.iter().map(|r| r.map_or_else(|| "_".to_owned(), reg)).collect::<Vec<_>>().join(", ")
}

fn val(operand: &Operand) -> String {
    match operand {
        Operand::Reg(r) => reg(*r),
        Operand::Const(constant) => match constant {
            Const::Nil => "nil".to_owned(),
            Const::Bool(b) => b.to_string(),
            Const::Int(i) => i.to_string(),
            Const::Str(s) => format!("{s:?}"),
            Const::Zero(ty) => format!("zero({ty})"),
            Const::Text(text) => format!("`{text}`"),
        },
    }
}

fn vals(list: &[Operand]) -> String {
    list.iter().map(val).collect::<Vec<_>>().join(", ")
}

fn callee(callee: &Callee) -> String {
    match callee {
        Callee::Static(func) => func.to_string(),
        Callee::Interface { method, .. } => format!("interface.{method}"),
        Callee::Value(value) => val(value),
        Callee::Unknown => "?".to_owned(),
    }
}

fn pure(what: &Pure, args: &[Operand]) -> String {
    let infix = |sign: &str| args.iter().map(val).collect::<Vec<_>>().join(sign);
    match what {
        Pure::Eq => infix(" == "),
        Pure::Less => infix(" < "),
        Pure::Add => infix(" + "),
        Pure::Sub => infix(" - "),
        Pure::Mul => infix(" * "),
        Pure::Div => infix(" / "),
        Pure::Rem => infix(" % "),
        Pure::Not => format!("not {}", vals(args)),
        Pure::Len => format!("len {}", vals(args)),
        Pure::Cap => format!("cap {}", vals(args)),
        Pure::Convert => format!("convert {}", vals(args)),
        Pure::FieldOf(i) => format!("{}.{i}", vals(args)),
        Pure::StructOf => format!("struct {}", vals(args)),
        Pure::Other(name) => format!("{name} {}", vals(args)),
    }
}

fn op(op: &Op) -> String {
    match op {
        Op::Copy { dst, src } => format!("{} = {}", reg(*dst), val(src)),
        Op::Alloc { dst, ty } => format!("{} = alloc {ty}", reg(*dst)),
        Op::Global { dst, pkg, name } => format!("{} = global {pkg}.{name}", reg(*dst)),
        Op::Load { dst, addr } => format!("{} = load {}", reg(*dst), val(addr)),
        Op::Store { addr, val: value } => format!("store {} to {}", val(value), val(addr)),
        Op::Field { dst, base, index } => format!("{} = field {index} of {}", reg(*dst), val(base)),
        Op::Elem { dst, base, index } => format!("{} = element {} of {}", reg(*dst), val(index), val(base)),
        Op::Pure { dst, what, args } => format!("{} = {}", reg(*dst), pure(what, args)),
        Op::Unknown { dst, from } => format!("{} = unknown({})", reg(*dst), vals(from)),
        Op::MakeChan { dst, cap } => format!("{} = chan {}", reg(*dst), val(cap)),
        Op::MakeMap { dst } => format!("{} = map", reg(*dst)),
        Op::MakeSlice { dst, len } => format!("{} = slice {}", reg(*dst), val(len)),
        Op::SliceOf { dst, items } => format!("{} = slice of [{}]", reg(*dst), vals(items)),
        Op::Slice { dst, base, low, high } => {
            let bound = |b: &Option<Operand>| b.as_ref().map(val).unwrap_or_default();
            format!("{} = {}[{}:{}]", reg(*dst), val(base), bound(low), bound(high))
        }
        Op::Append { dst, base, items, spread } => {
            let spread = spread.as_ref().map(|s| format!(", {}...", val(s))).unwrap_or_default();
            format!("{} = append {} [{}]{spread}", reg(*dst), val(base), vals(items))
        }
        Op::MapGet { dst, ok, map, key } => format!("{} = {}[{}]", opt(&[Some(*dst), *ok]), val(map), val(key)),
        Op::MapAt { key, val: value, map, index } => {
            format!("{} = entry {} of {}", opt(&[*key, *value]), val(index), val(map))
        }
        Op::MapSet { map, key, val: value } => format!("{}[{}] = {}", val(map), val(key), val(value)),
        Op::MapDelete { map, key } => format!("delete {} {}", val(map), key.as_ref().map(val).unwrap_or_default()),
        Op::Closure { dst, func, captures } => format!("{} = closure {func} [{}]", reg(*dst), regs(captures)),
        Op::FuncValue { dst, callee: c, recv } => {
            let recv = recv.as_ref().map(|r| format!(" on {}", val(r))).unwrap_or_default();
            format!("{} = function {}{recv}", reg(*dst), callee(c))
        }
        Op::ToInterface { dst, val: value, ty } => format!("{} = interface {} of {ty}", reg(*dst), val(value)),
        Op::Assert { dst, ok, val: value, ty } => format!("{} = {} as {ty}", opt(&[Some(*dst), *ok]), val(value)),
        Op::Call { dst, callee: c, args } => {
            let dst = if dst.is_empty() { String::new() } else { format!("{} = ", regs(dst)) };
            format!("{dst}call {}({})", callee(c), vals(args))
        }
        Op::Go { callee: c, args } => format!("go {}({})", callee(c), vals(args)),
        Op::Defer { callee: c, args } => format!("defer {}({})", callee(c), vals(args)),
        Op::RunDefers => "run deferred".to_owned(),
        Op::Send { ch, val: value } => format!("send {} on {}", val(value), val(ch)),
        Op::Recv { val: value, ok, ch } => format!("{} = receive {}", opt(&[*value, *ok]), val(ch)),
        Op::Close { ch } => format!("close {}", val(ch)),
    }
}

fn term(term: &Term) -> String {
    match term {
        Term::Jump(to) => format!("jump b{}", to.0),
        Term::If { cond, then, other } => format!("if {} b{} else b{}", val(cond), then.0, other.0),
        Term::Select { cases, default } => {
            let mut parts: Vec<String> = cases
                .iter()
                .map(|case| match &case.comm {
                    Comm::Send { ch, val: value } => format!("send {} on {} b{}", val(value), val(ch), case.target.0),
                    Comm::Recv { val: value, ok, ch } => {
                        format!("{} = receive {} b{}", opt(&[*value, *ok]), val(ch), case.target.0)
                    }
                })
                .collect();
            parts.extend(default.map(|to| format!("default b{}", to.0)));
            format!("select {{ {} }}", parts.join("; "))
        }
        Term::Return(values) => format!("return {}", vals(values)).trim_end().to_owned(),
        Term::Panic(value) => format!("panic {}", value.as_ref().map(val).unwrap_or_default()).trim_end().to_owned(),
        Term::Dead => "dead".to_owned(),
    }
}
