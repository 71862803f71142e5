//! What operations read and write, for every pass that asks no more than that.

use super::{Callee, Case, Comm, Op, Operand, Reg, Term};

/// The operands of an operation, by reference of either kind: the arms are the same, what differs is how a list is gone through.
macro_rules! operands {
    ($op:expr, $f:ident, $iter:ident) => {
        match $op {
            Op::Copy { src: a, .. }
            | Op::Load { addr: a, .. }
            | Op::Field { base: a, .. }
            | Op::MakeChan { cap: a, .. }
            | Op::MakeSlice { len: a, .. }
            | Op::ToInterface { val: a, .. }
            | Op::Assert { val: a, .. }
            | Op::Recv { ch: a, .. }
            | Op::Close { ch: a } => $f(a),
            Op::Alloc { .. } | Op::Global { .. } | Op::MakeMap { .. } | Op::RunDefers | Op::Closure { .. } => {}
            Op::Store { addr: a, val: b }
            | Op::Elem { base: a, index: b, .. }
            | Op::MapGet { map: a, key: b, .. }
            | Op::MapAt { map: a, index: b, .. }
            | Op::Send { ch: a, val: b } => {
                $f(a);
                $f(b);
            }
            Op::MapSet { map, key, val } => {
                $f(map);
                $f(key);
                $f(val);
            }
            Op::Pure { args, .. } | Op::Unknown { from: args, .. } | Op::SliceOf { items: args, .. } => args.$iter().for_each($f),
            Op::Slice { base, low, high, .. } => {
                $f(base);
                low.$iter().chain(high.$iter()).for_each($f);
            }
            Op::Append { base, items, spread, .. } => {
                $f(base);
                items.$iter().chain(spread.$iter()).for_each($f);
            }
            Op::MapDelete { map, key } => {
                $f(map);
                key.$iter().for_each($f);
            }
            Op::FuncValue { callee, recv, .. } => {
                if let Callee::Value(value) = callee {
                    $f(value);
                }
                recv.$iter().for_each($f);
            }
            Op::Call { callee, args, .. } | Op::Go { callee, args } | Op::Defer { callee, args } => {
                if let Callee::Value(value) = callee {
                    $f(value);
                }
                args.$iter().for_each($f);
            }
        }
    };
}

impl Op {
    /// Calls `f` with every operand that it reads. Captured variables are read too; they are registers and no operands.
    pub fn uses<'a>(&'a self, mut f: impl FnMut(&'a Operand)) {
        let f = &mut f;
        operands!(self, f, iter);
    }

    /// The same, to change them.
    pub fn uses_mut(&mut self, mut f: impl FnMut(&mut Operand)) {
        let f = &mut f;
        operands!(self, f, iter_mut);
    }

    /// Registers that are read, captured ones included.
    pub fn reads(&self, mut f: impl FnMut(Reg)) {
        self.uses(|operand| operand.reg().into_iter().for_each(&mut f));
        if let Self::Closure { captures, .. } = self {
            captures.iter().copied().for_each(f);
        }
    }

    /// Registers that are written.
    pub fn writes(&self, mut f: impl FnMut(Reg)) {
        match self {
            Self::Copy { dst, .. }
            | Self::Alloc { dst, .. }
            | Self::Global { dst, .. }
            | Self::Load { dst, .. }
            | Self::Field { dst, .. }
            | Self::Elem { dst, .. }
            | Self::Pure { dst, .. }
            | Self::Unknown { dst, .. }
            | Self::MakeChan { dst, .. }
            | Self::MakeMap { dst }
            | Self::MakeSlice { dst, .. }
            | Self::SliceOf { dst, .. }
            | Self::Slice { dst, .. }
            | Self::Append { dst, .. }
            | Self::Closure { dst, .. }
            | Self::FuncValue { dst, .. }
            | Self::ToInterface { dst, .. } => f(*dst),
            Self::MapGet { dst, ok, .. } | Self::Assert { dst, ok, .. } => {
                f(*dst);
                ok.iter().copied().for_each(f);
            }
            Self::MapAt { key, val, .. } => key.iter().chain(val).copied().for_each(f),
            Self::Call { dst, .. } => dst.iter().copied().for_each(f),
            Self::Recv { val, ok, .. } => val.iter().chain(ok).copied().for_each(f),
            Self::Store { .. }
            | Self::MapSet { .. }
            | Self::MapDelete { .. }
            | Self::Go { .. }
            | Self::Defer { .. }
            | Self::RunDefers
            | Self::Send { .. }
            | Self::Close { .. } => {}
        }
    }

    /// Registers that are written or captured, to change them.
    pub fn regs_mut(&mut self, mut f: impl FnMut(&mut Reg)) {
        match self {
            Self::Copy { dst, .. }
            | Self::Alloc { dst, .. }
            | Self::Global { dst, .. }
            | Self::Load { dst, .. }
            | Self::Field { dst, .. }
            | Self::Elem { dst, .. }
            | Self::Pure { dst, .. }
            | Self::Unknown { dst, .. }
            | Self::MakeChan { dst, .. }
            | Self::MakeMap { dst }
            | Self::MakeSlice { dst, .. }
            | Self::SliceOf { dst, .. }
            | Self::Slice { dst, .. }
            | Self::Append { dst, .. }
            | Self::FuncValue { dst, .. }
            | Self::ToInterface { dst, .. } => f(dst),
            Self::Closure { dst, captures, .. } => {
                captures.iter_mut().for_each(&mut f);
                f(dst);
            }
            Self::MapGet { dst, ok, .. } | Self::Assert { dst, ok, .. } => {
                f(dst);
                ok.iter_mut().for_each(f);
            }
            Self::MapAt { key, val, .. } => key.iter_mut().chain(val).for_each(f),
            Self::Call { dst, .. } => dst.iter_mut().for_each(f),
            Self::Recv { val, ok, .. } => val.iter_mut().chain(ok).for_each(f),
            Self::Store { .. }
            | Self::MapSet { .. }
            | Self::MapDelete { .. }
            | Self::Go { .. }
            | Self::Defer { .. }
            | Self::RunDefers
            | Self::Send { .. }
            | Self::Close { .. } => {}
        }
    }

    /// Whether nothing happens but that registers are written.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        if let Self::Unknown { from, .. } = self {
            // What it is made from is not followed any further, whoever reads the result.
            return from.iter().all(|operand| operand.reg().is_none());
        }
        matches!(
            self,
            Self::Copy { .. }
                | Self::Alloc { .. }
                | Self::Global { .. }
                | Self::Load { .. }
                | Self::Field { .. }
                | Self::Elem { .. }
                | Self::Pure { .. }
                | Self::MakeChan { .. }
                | Self::MakeMap { .. }
                | Self::MakeSlice { .. }
                | Self::SliceOf { .. }
                | Self::Slice { .. }
                | Self::Append { .. }
                | Self::MapGet { .. }
                | Self::MapAt { .. }
                | Self::Closure { .. }
                | Self::FuncValue { .. }
                | Self::ToInterface { .. }
                | Self::Assert { ok: Some(_), .. }
        )
    }
}

impl Term {
    /// Calls `f` with every operand that it reads, to change it.
    pub fn uses_mut(&mut self, mut f: impl FnMut(&mut Operand)) {
        match self {
            Self::Jump(_) | Self::Dead => {}
            Self::If { cond, .. } => f(cond),
            Self::Select { cases, .. } => {
                for case in cases {
                    match &mut case.comm {
                        Comm::Send { ch, val } => {
                            f(ch);
                            f(val);
                        }
                        Comm::Recv { ch, .. } => f(ch),
                    }
                }
            }
            Self::Return(values) => values.iter_mut().for_each(f),
            Self::Panic(value) => value.iter_mut().for_each(f),
        }
    }

    /// Calls `f` with every block that it leads to, to change it.
    pub fn targets_mut(&mut self, mut f: impl FnMut(&mut super::BlockId)) {
        match self {
            Self::Jump(to) => f(to),
            Self::If { then, other, .. } => {
                f(then);
                f(other);
            }
            Self::Select { cases, default } => {
                cases.iter_mut().for_each(|case| f(&mut case.target));
                default.iter_mut().for_each(f);
            }
            Self::Return(_) | Self::Panic(_) | Self::Dead => {}
        }
    }
}

impl Case {
    /// Registers that are read.
    pub fn reads(&self, mut f: impl FnMut(Reg)) {
        match &self.comm {
            Comm::Send { ch, val } => {
                ch.reg().into_iter().for_each(&mut f);
                val.reg().into_iter().for_each(&mut f);
            }
            Comm::Recv { ch, .. } => ch.reg().into_iter().for_each(&mut f),
        }
    }

    /// Registers that are written when it is chosen.
    pub fn writes(&self, f: impl FnMut(Reg)) {
        if let Comm::Recv { val, ok, .. } = &self.comm {
            val.iter().chain(ok).copied().for_each(f);
        }
    }
}

impl Term {
    /// Registers that are read.
    pub fn reads(&self, mut f: impl FnMut(Reg)) {
        match self {
            Self::Jump(_) | Self::Dead => {}
            Self::If { cond, .. } => cond.reg().into_iter().for_each(f),
            Self::Select { cases, .. } => cases.iter().for_each(|case| case.reads(&mut f)),
            Self::Return(values) => values.iter().filter_map(Operand::reg).for_each(f),
            Self::Panic(value) => value.iter().filter_map(Operand::reg).for_each(f),
        }
    }
}
