//! The part of the walk behind a channel class that goes up to callers: what they hand in, and what they get back.

use super::class_walk::Walk;
use super::{DeclId, FnId, Target};
use crate::old::ir::{Body, Call, Callee, FuncIdx, LocalId, LocalKind, OpKind, Operand, Proj, Root, Sym, Ty};
use crate::old::lower::bare;
use crate::source::DeclKind;

/// What callers out of view can do with a channel that they hand in themselves, whatever direction the parameter has.
const ANYTHING: Ty = Ty::Unknown;

impl Walk<'_> {
    /// A parameter is one with what its callers hand in.
    pub(super) fn parameter(&mut self, decl: DeclId, local: LocalId) {
        let package = self.package;
        let Some(body) = package.body(decl) else { return };
        let entry = body.local(local);
        let LocalKind::Param(i) = entry.kind else { return };
        let callee = FnId { decl, func: entry.func };
        if callee.func != FuncIdx::TOP {
            if !self.literal_callers(decl, body, callee, i as usize) {
                self.class.from_elsewhere = true;
                self.class.outside(&ANYTHING, "the function literal that takes it is called out of view");
            }
            return;
        }
        if package.is_exported(decl) {
            self.class.from_elsewhere = true;
            self.class.outside(&ANYTHING, &format!("callers of {} hand it in", package.decl_name(decl)));
        }
        let decided = self.class.from_elsewhere && self.class.is_open();
        if !decided && !self.has_callers(callee) {
            self.class.from_elsewhere = true;
            self.class.outside(&ANYTHING, &format!("{} is called in ways that are not in view", package.decl_name(decl)));
        }
        self.callers(callee, |walk, id, body, call| {
            let arg = call.args.get(i as usize);
            match arg {
                Some(Operand::Place(p)) => match walk.package.cell(id.decl, body, p) {
                    Some(from) => walk.push(from),
                    None => walk.foreign(),
                },
                Some(Operand::Nil) => {}
                _ => walk.foreign(),
            }
        });
    }

    /// Whether every call by the function's name is known to be of it or of another; a method may be called through an interface.
    fn has_callers(&self, callee: FnId) -> bool {
        let package = self.package;
        let Some(name) = package.decl(callee.decl).names.first().copied() else { return false };
        let is_method = package.decl(callee.decl).recv.is_some();
        let mut found = false;
        for decl in package.mentions_near(callee.decl, name).iter().copied() {
            let Some(body) = package.body(decl) else { continue };
            for (_, _, op) in body.funcs.iter().flat_map(crate::old::ir::Func::ops) {
                let (OpKind::Call(call) | OpKind::Spawn(call) | OpKind::Defer(call)) = &op.kind else { continue };
                let by_name = match &call.callee {
                    Callee::Name(n) => name == bare(n),
                    Callee::Method { name: n, .. } => is_method && *n == name,
                    Callee::Value(_) => true,
                    _ => false,
                };
                if !by_name {
                    continue;
                }
                let by_method = is_method && matches!(call.callee, Callee::Method { .. });
                match package.resolve(decl, call) {
                    Target::Func(id) => found |= id == callee,
                    Target::Dynamic(_) | Target::Unknown => {
                        let several = package.alternatives(decl, call);
                        if by_method && several.is_empty() {
                            return false;
                        }
                        found |= several.contains(&callee);
                    }
                    _ => {}
                }
            }
        }
        found
    }

    /// Calls of a literal in its own declaration. False where it is used in another way too.
    fn literal_callers(&mut self, decl: DeclId, body: &Body, callee: FnId, i: usize) -> bool {
        let mut found = false;
        for func in &body.funcs {
            for (_, _, op) in func.ops() {
                let (OpKind::Call(call) | OpKind::Spawn(call) | OpKind::Defer(call)) = &op.kind else { continue };
                if self.package.resolve(decl, call).func() != Some(callee) {
                    continue;
                }
                found = true;
                match call.args.get(i) {
                    Some(Operand::Place(p)) => match self.package.cell(decl, body, p) {
                        Some(from) => self.push(from),
                        None => self.foreign(),
                    },
                    Some(Operand::Nil) => {}
                    _ => self.foreign(),
                }
            }
        }
        found
    }

    /// Every call of a function of the package; a use as a value makes its parameters unknown.
    fn callers(&mut self, callee: FnId, mut each: impl FnMut(&mut Self, FnId, &Body, &Call)) {
        let package = self.package;
        let Some(name) = package.decl(callee.decl).names.first().copied() else { return };
        let named = package.name_near(callee.decl, name);
        for decl in package.mentions_near(callee.decl, name).iter().copied() {
            if package.decl(decl).kind == DeclKind::Type {
                continue;
            }
            let Some(body) = package.body(decl) else { continue };
            for (f, func) in body.funcs.iter().enumerate() {
                let id = FnId { decl, func: FuncIdx(u32::try_from(f).unwrap_or(u32::MAX)) };
                for (_, _, op) in func.ops() {
                    let (OpKind::Call(call) | OpKind::Spawn(call) | OpKind::Defer(call)) = &op.kind else {
                        if uses_value(&op.kind, named, name) {
                            self.class.from_elsewhere = true;
                            self.class.outside(&ANYTHING, "the function that takes it is used as a value");
                        }
                        continue;
                    };
                    if package.may_lead_to(decl, call, callee) {
                        each(self, id, body, call);
                    }
                    if call.args.iter().any(|a| names(a, named, name)) {
                        self.class.from_elsewhere = true;
                        self.class.outside(&ANYTHING, "the function that takes it is used as a value");
                    }
                }
            }
        }
    }

    /// What the calls that brought the channel in get back of it.
    pub(super) fn results_of_entered(&mut self, id: FnId, index: u32) {
        let brought: Vec<(DeclId, Call)> = self.entered.values().flatten().cloned().collect();
        for (decl, call) in brought {
            if !self.package.may_lead_to(decl, &call, id) {
                continue;
            }
            let Some(Some(result)) = call.results.get(index as usize) else { continue };
            let Some(body) = self.package.body(decl) else { continue };
            match self.package.cell(decl, body, result) {
                Some(to) => self.push(to),
                None => self.class.outside(&Ty::Unknown, "it is stored where its users cannot be seen"),
            }
        }
    }

    pub(super) fn callers_of_result(&mut self, id: FnId, index: u32) {
        let package = self.package;
        self.class.returned_by.push(id);
        let Some((_, func)) = package.func(id) else { return };
        let ty = func.sig.results.get(index as usize).cloned().unwrap_or(Ty::Unknown);
        if id.func != FuncIdx::TOP {
            self.class.outside(&ty, "a function literal returns it");
            return;
        }
        if package.is_exported(id.decl) {
            self.class.outside(&ty, &format!("{} gives it to callers out of view", package.decl_name(id.decl)));
        }
        if !self.class.is_open() && !self.has_callers(id) {
            self.class.outside(&ty, &format!("callers of {} are not in view", package.decl_name(id.decl)));
        }
        self.callers(id, |walk, caller, body, call| {
            if let Some(Some(result)) = call.results.get(index as usize)
                && let Some(to) = walk.package.cell(caller.decl, body, result)
            {
                walk.push(to);
            }
        });
    }
}

/// Whether the value is the function of that name in the program, or a method of that name.
fn names(value: &Operand, function: Sym, name: Sym) -> bool {
    value.place().is_some_and(|p| match p.path.last() {
        None => p.root == Root::Global(function),
        Some(last) => *last == Proj::Field(name),
    })
}

fn uses_value(op: &OpKind, function: Sym, name: Sym) -> bool {
    match op {
        OpKind::Assign { src, .. } => names(src, function, name),
        OpKind::Send { value, .. } => names(value, function, name),
        _ => false,
    }
}
