//! Code out of view that uses a type as one would: it makes a value, calls methods of it one after the other or at the same time, reads what it
//! is given, and stops. Such a use is a function like any other, put together here.

use super::state::{At, State, Target};
use super::{Explorer, Limits, Report};
use crate::ir::{Block, BlockId, Body, Callee, Const, Func, Instr, Op, Operand, Pure, Reg, RegInfo, Term};
use crate::source::Span;
use crate::types::{Basic, FuncId, Name, Named, SelectionKind, Type, World};
use std::sync::Arc;
use ustr::ustr;

/// The name of a function that stands for code out of view.
pub(super) const CLIENT: &str = "(caller)";

/// How code out of view comes by a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Maker {
    /// A function returns it, or a pointer to it, first.
    Func(FuncId),
    /// It declares a variable of a struct type.
    Zero(Arc<Named>),
}

/// A call of a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Use {
    /// The method.
    pub method: Name,
    /// Whether other calls come while it is in progress.
    pub aside: bool,
}

impl<'a> Explorer<'a> {
    /// Explores what becomes of the goroutines of a value that is used as told, and then never again. `None` where that cannot be put
    /// together.
    #[must_use]
    pub fn explore_use(&self, maker: &Maker, uses: &[Use]) -> Option<Report> {
        let pkg = match maker {
            Maker::Func(func) => func.pkg,
            Maker::Zero(named) => named.pkg,
        };
        let body = Writer::new(self.traits.world).write(maker, uses)?;
        let body = self.traits.hold(body);
        // Many uses are tried, so each is short.
        let work = if self.traits.coarse.get() { 2_500 } else { 6_000 };
        let limits = Limits { states: 300, work, ..self.limits };
        Some(self.run(pkg, &body, 0, limits))
    }

    /// Whether a method of what a maker makes waits, wakes, starts a goroutine, or sets what others ask for.
    #[must_use]
    pub fn concerns(&self, maker: &Maker, method: Name) -> bool {
        let world = self.traits.world;
        let Some(ty) = made(world, maker) else { return false };
        match world.lookup(&ty, method, ustr("")).map(|found| found.kind) {
            Some(SelectionKind::Method { func, .. }) => self.traits.func_enters(func),
            _ => false,
        }
    }

    /// Whether what a maker makes has channels, by its type.
    #[must_use]
    pub fn has_channels(&self, maker: &Maker) -> bool {
        made(self.traits.world, maker).is_some_and(|ty| self.traits.has_channel(&ty))
    }
}

/// The type of the value that a maker gives: a pointer to what was declared.
fn made(world: &World, maker: &Maker) -> Option<Type> {
    let ty = match maker {
        Maker::Func(func) => world.func(*func)?.signature.results.first()?.clone(),
        Maker::Zero(named) => Type::Named(Arc::clone(named)),
    };
    Some(match world.underlying(&ty) {
        Type::Pointer(_) => ty,
        _ => Type::Pointer(Arc::new(ty)),
    })
}

/// Writes a use down.
struct Writer<'a> {
    world: &'a World,
    regs: Vec<RegInfo>,
    ops: Vec<Instr>,
    blocks: Vec<Block>,
    span: Span,
}

impl<'a> Writer<'a> {
    fn new(world: &'a World) -> Self {
        Self { world, regs: Vec::new(), ops: Vec::new(), blocks: Vec::new(), span: Span { start: 0, end: 0 } }
    }

    fn write(mut self, maker: &Maker, uses: &[Use]) -> Option<Body> {
        let (file, value) = self.make(maker)?;
        let ty = made(self.world, maker)?;
        self.open_fields(maker, &ty, value);
        for one in uses {
            self.call(&ty, value, *one)?;
        }
        self.end(Term::Return(Vec::new()));
        let func = Func {
            name: CLIENT.to_owned(),
            span: self.span,
            params: Vec::new(),
            captures: Vec::new(),
            results: Vec::new(),
            regs: self.regs,
            blocks: self.blocks,
            defers: false,
            recovers: false,
        };
        Some(Body { funcs: vec![func], file })
    }

    fn reg(&mut self, ty: &Type) -> Reg {
        self.regs.push(RegInfo { ty: ty.clone(), name: ustr("") });
        Reg(u32::try_from(self.regs.len() - 1).unwrap_or(u32::MAX))
    }

    fn push(&mut self, op: Op) {
        self.ops.push(Instr { op, span: self.span });
    }

    fn end(&mut self, term: Term) {
        let ops = std::mem::take(&mut self.ops);
        self.blocks.push(Block { ops, term, span: self.span });
    }

    /// Values of which nothing is known.
    fn unknown(&mut self, types: &[Type]) -> Vec<Operand> {
        let mut out = Vec::with_capacity(types.len());
        for ty in types {
            let dst = self.reg(ty);
            self.push(Op::Unknown { dst, from: Vec::new() });
            out.push(dst.into());
        }
        out
    }

    /// Makes the value; gives the file of what makes it, and the register.
    fn make(&mut self, maker: &Maker) -> Option<(u32, Reg)> {
        let func = match maker {
            Maker::Zero(named) => {
                let pkg = self.world.package(named.pkg)?;
                let place = pkg.place(named.name)?;
                self.span = pkg.decl(place).name_span;
                let ty = Type::Named(Arc::clone(named));
                let dst = self.reg(&Type::Pointer(Arc::new(ty.clone())));
                self.push(Op::Alloc { dst, ty });
                return Some((place.file, dst));
            }
            Maker::Func(func) => func,
        };
        let decl = self.world.func(*func)?;
        let pkg = self.world.package(func.pkg)?;
        self.span = pkg.decl(decl.place).name_span;
        let args = self.unknown(&decl.signature.params);
        let dst: Vec<Reg> = decl.signature.results.iter().map(|ty| self.reg(ty)).collect();
        self.push(Op::Call { dst: dst.clone(), callee: Callee::Static(*func), args });
        if let (true, Some(last), Some(ty)) = (dst.len() > 1, dst.last(), decl.signature.results.last()) {
            self.leave_if_failed(*last, ty);
        }
        let first = *dst.first()?;
        let ty = decl.signature.results.first()?;
        if matches!(self.world.underlying(ty), Type::Pointer(_)) {
            return Some((decl.place.file, first));
        }
        let address = self.reg(&Type::Pointer(Arc::new(ty.clone())));
        self.push(Op::Alloc { dst: address, ty: ty.clone() });
        self.push(Op::Store { addr: address.into(), val: first.into() });
        Some((decl.place.file, address))
    }

    /// Goes on only if an error is nil, or a second result says that all is well.
    fn leave_if_failed(&mut self, result: Reg, ty: &Type) {
        let boolean = Type::Basic(Basic::Bool);
        let error = matches!(ty, Type::Named(named) if named.pkg.is_empty() && named.name == "error");
        let cond = if error {
            let cond = self.reg(&boolean);
            self.push(Op::Pure { dst: cond, what: Pure::Eq, args: vec![result.into(), Operand::Const(Const::Nil)] });
            cond
        } else if *ty == boolean {
            result
        } else {
            return;
        };
        let here = u32::try_from(self.blocks.len()).unwrap_or(u32::MAX);
        self.end(Term::If { cond: cond.into(), then: BlockId(here + 2), other: BlockId(here + 1) });
        self.end(Term::Return(Vec::new()));
    }

    /// What exported fields hold may be used, and set before anything is called where the value is declared.
    fn open_fields(&mut self, maker: &Maker, ty: &Type, value: Reg) {
        let Type::Pointer(inner) = self.world.underlying(ty) else { return };
        let Type::Struct(fields) = self.world.underlying(&inner) else { return };
        for (index, field) in fields.iter().enumerate().filter(|(_, f)| f.name.as_str().starts_with(char::is_uppercase)) {
            let dst = self.reg(&Type::Pointer(Arc::new(field.ty.clone())));
            self.push(Op::Field { dst, base: value.into(), index: u32::try_from(index).unwrap_or(u32::MAX) });
            if matches!(maker, Maker::Zero(_)) {
                if matches!(field.ty, Type::Named(_)) && matches!(self.world.underlying(&field.ty), Type::Struct(_)) {
                    continue;
                }
                let given = self.unknown(std::slice::from_ref(&field.ty)).remove(0);
                self.push(Op::Store { addr: dst.into(), val: given });
                continue;
            }
            let read = self.reg(&field.ty);
            self.push(Op::Load { dst: read, addr: dst.into() });
            let seen = self.reg(&Type::Unknown);
            self.push(Op::Unknown { dst: seen, from: vec![read.into()] });
        }
    }

    fn call(&mut self, ty: &Type, value: Reg, one: Use) -> Option<()> {
        let (callee, signature, by_value) = self.method(ty, one.method)?;
        let receiver = if by_value {
            let Type::Pointer(inner) = self.world.underlying(ty) else { return None };
            let read = self.reg(&inner);
            self.push(Op::Load { dst: read, addr: value.into() });
            read
        } else {
            value
        };
        let mut args = vec![Operand::Reg(receiver)];
        args.extend(self.unknown(&signature.params));
        if one.aside {
            self.push(Op::Go { callee, args });
            return Some(());
        }
        let dst: Vec<Reg> = signature.results.iter().map(|ty| self.reg(ty)).collect();
        let from = dst.iter().map(|reg| Operand::Reg(*reg)).collect();
        self.push(Op::Call { dst, callee, args });
        let seen = self.reg(&Type::Unknown);
        self.push(Op::Unknown { dst: seen, from });
        Some(())
    }

    /// What a call of a method leads to, its type, and whether the receiver is no pointer.
    fn method(&self, ty: &Type, name: Name) -> Option<(Callee, Arc<crate::types::Signature>, bool)> {
        let found = self.world.lookup(ty, name, ustr("")).filter(|found| found.path.is_empty())?;
        let SelectionKind::Method { func, pointer } = found.kind else { return None };
        Some((Callee::Static(func), Arc::clone(&self.world.func(func)?.signature), !pointer))
    }
}

impl super::machine::Machine<'_> {
    /// Where a call stands: calls of code out of view stand where what they call is declared.
    pub(super) fn at_call(&self, s: &State, g: usize, span: Span, target: &Target) -> At {
        let at = self.at(s, g, span);
        if s.gs[g].frames.last().is_none_or(|frame| Self::func(frame).name != CLIENT) {
            return at;
        }
        let Target::Static(func) = target else { return at };
        let (Some(decl), Some(pkg)) = (self.world.func(*func), self.world.package(func.pkg)) else { return at };
        At { pkg: func.pkg, file: decl.place.file, span: pkg.decl(decl.place).name_span }
    }
}
