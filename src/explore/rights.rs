//! What a function does with the channels that it holds, whoever calls it: code out of view that holds the function can do no more.

use super::state::Rights;
use super::traits::Traits;
use crate::ir::{Body, Callee, Comm, Func, Op, Operand, Term};
use crate::types::{FuncId, Type};
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// How many functions are looked through.
const REACH: usize = 60;

impl Traits<'_> {
    /// What a function of a body does with channels, with the literals in it and what it calls.
    pub(super) fn rights(&self, body: &Arc<Body>, index: u32) -> Rights {
        let key = (Arc::as_ptr(body) as usize, index);
        if let Some(known) = self.rights.borrow().get(&key) {
            return *known;
        }
        let mut seen = FxHashSet::default();
        let mut todo = vec![(Arc::clone(body), index)];
        let mut all = Rights::NONE;
        while let Some((body, index)) = todo.pop() {
            // What is too much to look through may do anything.
            if all == Rights::ALL || seen.len() > REACH {
                all = Rights::ALL;
                break;
            }
            if !seen.insert((Arc::as_ptr(&body) as usize, index)) {
                continue;
            }
            let func = &body.funcs[index as usize];
            for block in &func.blocks {
                for instr in &block.ops {
                    all = all.and(self.operation_rights(func, &instr.op));
                    match &instr.op {
                        Op::Closure { func, .. } => todo.push((Arc::clone(&body), *func)),
                        Op::Call { callee: Callee::Static(callee), .. }
                        | Op::Go { callee: Callee::Static(callee), .. }
                        | Op::Defer { callee: Callee::Static(callee), .. }
                        | Op::FuncValue { callee: Callee::Static(callee), .. } => {
                            if self.effect(callee).is_none()
                                && let Some(lowered) = self.bodies.get(*callee)
                            {
                                todo.push((Arc::clone(&lowered.body), 0));
                            }
                        }
                        _ => {}
                    }
                }
                all = all.and(self.end_rights(func, &block.term));
            }
        }
        self.rights.borrow_mut().insert(key, all);
        all
    }

    fn end_rights(&self, func: &Func, term: &Term) -> Rights {
        match term {
            Term::Select { cases, .. } => cases.iter().fold(Rights::NONE, |all, case| {
                all.and(match &case.comm {
                    Comm::Send { val, .. } => self.sending(func, val),
                    Comm::Recv { .. } => Rights::RECEIVE,
                })
            }),
            Term::Return(values) if values.iter().any(|val| self.operand_carries(func, val)) => Rights::ALL,
            _ => Rights::NONE,
        }
    }

    fn operation_rights(&self, func: &Func, op: &Op) -> Rights {
        let escapes = |operands: &[Operand]| {
            if operands.iter().any(|val| self.operand_carries(func, val)) { Rights::ALL } else { Rights::NONE }
        };
        match op {
            Op::Send { val, .. } => self.sending(func, val),
            Op::Recv { .. } => Rights::RECEIVE,
            Op::Close { .. } => Rights::CLOSE,
            Op::Store { val, .. } | Op::MapSet { val, .. } => escapes(std::slice::from_ref(val)),
            Op::Unknown { from, .. } => escapes(from),
            Op::Call { callee, args, .. } | Op::Go { callee, args } | Op::Defer { callee, args } => match callee {
                Callee::Static(callee) => self.static_rights(func, *callee, args),
                // What is called may be a function that was captured, which does what it does.
                Callee::Interface { iface, .. } if self.interface_enters(iface) => Rights::ALL,
                Callee::Value(_) | Callee::Interface { .. } | Callee::Unknown => escapes(args),
            },
            _ => Rights::NONE,
        }
    }

    fn static_rights(&self, func: &Func, callee: FuncId, args: &[Operand]) -> Rights {
        if callee.pkg.is_empty() {
            return if callee.name == "close" { Rights::CLOSE } else { Rights::NONE };
        }
        let known = self.effect(&callee).is_some() || self.bodies.get(callee).is_some();
        if known || !args.iter().any(|val| self.operand_carries(func, val)) { Rights::NONE } else { Rights::ALL }
    }

    /// Who sends what leads to channels hands them on.
    fn sending(&self, func: &Func, val: &Operand) -> Rights {
        if self.operand_carries(func, val) { Rights::ALL } else { Rights::SEND }
    }

    fn operand_carries(&self, func: &Func, operand: &Operand) -> bool {
        let ty: Option<&Type> = operand.reg().map(|reg| &func.regs[reg.at()].ty);
        ty.is_some_and(|ty| self.carries(ty))
    }
}
