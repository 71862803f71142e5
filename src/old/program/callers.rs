//! Who calls a function: the sites in view, and whether it is used in ways that hide others.

use super::{DeclId, FnId, Package, Target};
use crate::old::ir::{BlockId, Body, Call, Callee, Func, FuncIdx, OpKind, Operand, Place, Proj, Root, Sym, Term, Ty};
use crate::old::lower::bare;
use crate::source::{DeclKind, Span};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::cell::RefCell;
use std::rc::Rc;

/// How a function is run from a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteHow {
    /// The caller waits for it.
    Call,
    /// It runs in a goroutine of its own.
    Spawn,
    /// It runs when the caller leaves.
    Defer,
}

/// One place that calls a function.
#[derive(Clone, Debug)]
pub struct Site {
    /// The function in which it stands.
    pub caller: FnId,
    /// The block.
    pub block: BlockId,
    /// Index of the operation in the block.
    pub op: usize,
    /// How.
    pub how: SiteHow,
    /// The call, with the arguments that bind the function's parameters; without any where a library calls it.
    pub call: Call,
    /// The statement.
    pub span: Span,
}

/// All that is known of a function's callers.
#[derive(Clone, Debug, Default)]
pub struct Callers {
    /// Those in view, in the order of files and text.
    pub sites: Vec<Site>,
    /// Why there may be more.
    pub hidden: Option<String>,
}

/// What was asked before.
#[derive(Default)]
pub(super) struct Memo {
    callers: RefCell<FxHashMap<FnId, Rc<Callers>>>,
}

impl Package {
    /// Who calls the function.
    #[must_use]
    pub fn callers(&self, id: FnId) -> Rc<Callers> {
        if let Some(found) = self.memo.callers.borrow().get(&id) {
            return Rc::clone(found);
        }
        let found = Rc::new(self.find_callers(id));
        self.memo.callers.borrow_mut().insert(id, Rc::clone(&found));
        found
    }

    fn find_callers(&self, id: FnId) -> Callers {
        let mut out = Callers::default();
        let decl = self.decl(id.decl);
        let Some(name) = decl.names.first().copied() else { return out };
        if id.func != FuncIdx::TOP {
            self.callers_in(id.decl, id, name, &mut out);
            return out;
        }
        if self.is_exported(id.decl) {
            out.hidden = Some(format!("{} can be called from other packages", self.decl_name(id.decl)));
        } else if decl.kind == DeclKind::Method && name.chars().next().is_some_and(char::is_uppercase) {
            out.hidden = Some(format!("{} can be called through an interface", self.decl_name(id.decl)));
        }
        for user in self.mentions_near(id.decl, name).iter().copied() {
            if self.decl(user).kind == DeclKind::Type {
                if decl.kind == DeclKind::Method && self.is_interface(user) {
                    out.hidden.get_or_insert_with(|| format!("{} can be called through an interface", self.decl_name(id.decl)));
                }
            } else {
                self.callers_in(user, id, name, &mut out);
            }
        }
        out
    }

    fn is_interface(&self, decl: DeclId) -> bool {
        self.decl(decl).names.first().is_some_and(|n| matches!(self.underlying(self.name_near(decl, *n)), Ty::Interface(_)))
    }

    fn callers_in(&self, user: DeclId, id: FnId, name: Sym, out: &mut Callers) {
        let Some(body) = self.body(user) else { return };
        for (f, func) in body.funcs.iter().enumerate() {
            let caller = FnId { decl: user, func: FuncIdx(u32::try_from(f).unwrap_or(u32::MAX)) };
            for (block, op, operation) in func.ops() {
                let (how, call) = match &operation.kind {
                    OpKind::Call(call) => (SiteHow::Call, call),
                    OpKind::Spawn(call) => (SiteHow::Spawn, call),
                    OpKind::Defer(call) => (SiteHow::Defer, call),
                    // A literal in a variable is found where the variable is called or handed on.
                    OpKind::Assign { dst, src: Operand::Func(_) } if dst.as_local().is_some() => continue,
                    OpKind::Assign { src: value, .. } | OpKind::Send { value, .. } => {
                        self.note_value(body, caller, id, name, value, out);
                        continue;
                    }
                    _ => continue,
                };
                let site = |how, call| Site { caller, block, op, how, call, span: operation.span };
                if could_call(&call.callee, id, name) && self.resolve(user, call).func() == Some(id) {
                    out.sites.push(site(how, (**call).clone()));
                }
                for (i, arg) in call.args.iter().enumerate() {
                    if !self.is_function(body, user, id, name, arg) {
                        continue;
                    }
                    match self.argument_use(user, call, i) {
                        Some(how) => out.sites.push(site(how, run_by_library(arg, call))),
                        None => out.hidden = Some(format!("{} is handed on as a value", self.fn_name(id))),
                    }
                }
            }
            for block in &func.blocks {
                if let Term::Return(values) = &block.term {
                    values.iter().for_each(|v| self.note_value(body, caller, id, name, v, out));
                }
            }
        }
    }

    /// How a library function runs its argument, where a model says it.
    #[must_use]
    pub fn argument_use(&self, decl: DeclId, call: &Call, arg: usize) -> Option<SiteHow> {
        let model = self.resolve(decl, call).model()?;
        let is = |n: Option<u8>| n.is_some_and(|n| n as usize == arg);
        if is(model.starts) {
            Some(SiteHow::Spawn)
        } else if is(model.runs) {
            Some(SiteHow::Call)
        } else if is(model.defers) {
            Some(SiteHow::Defer)
        } else {
            None
        }
    }

    fn note_value(&self, body: &Body, at: FnId, id: FnId, name: Sym, value: &Operand, out: &mut Callers) {
        if !self.is_function(body, at.decl, id, name, value) {
            return;
        }
        out.hidden.get_or_insert_with(|| format!("{} is used as a value", self.fn_name(id)));
    }

    /// Whether the operand is the function itself.
    fn is_function(&self, body: &Body, decl: DeclId, id: FnId, name: Sym, value: &Operand) -> bool {
        match value {
            Operand::Func(lit) => id == FnId { decl, func: *lit },
            Operand::Place(place) if id.func != FuncIdx::TOP => {
                decl == id.decl && place.as_local().is_some() && self.operand_func(decl, value).and_then(|t| t.func()) == Some(id)
            }
            Operand::Place(place) if id.func == FuncIdx::TOP => match place.path.last() {
                None => place.root == Root::Global(self.name_near(id.decl, name)) && self.decl(id.decl).recv.is_none(),
                Some(Proj::Field(last)) if *last == name => self.is_method_value(body, decl, id, place),
                Some(_) => false,
            },
            _ => false,
        }
    }

    fn is_method_value(&self, body: &Body, decl: DeclId, id: FnId, place: &Place) -> bool {
        if self.decl(id.decl).recv.is_none() {
            return false;
        }
        let Some((base, Proj::Field(name))) = place.split_last() else { return false };
        match self.resolve_method(&self.ty_of(decl, body, &base), name) {
            Target::Func(found) => found == id,
            // Of a type that is not known it may be.
            Target::Unknown | Target::Dynamic(_) => true,
            _ => false,
        }
    }
}

/// Whether the text of a callee can stand for the function: settles most calls without asking for a type.
fn could_call(callee: &Callee, id: FnId, name: Sym) -> bool {
    match callee {
        Callee::Name(n) => id.func == FuncIdx::TOP && name == bare(n),
        Callee::Method { name: n, .. } => id.func == FuncIdx::TOP && *n == name,
        Callee::Lit(lit) => id.func == *lit,
        Callee::Value(_) => true,
        Callee::Import { .. } | Callee::Opaque => false,
    }
}

/// A call without arguments, as a library makes it.
fn run_by_library(arg: &Operand, call: &Call) -> Call {
    let callee = match arg {
        Operand::Func(lit) => Callee::Lit(*lit),
        Operand::Place(place) => Callee::Value(place.clone()),
        _ => Callee::Opaque,
    };
    Call { callee, args: Vec::new(), results: SmallVec::new(), spread: false, span: call.span, callee_span: call.callee_span }
}

/// Functions of a declaration with their ids.
pub fn functions(decl: DeclId, body: &Body) -> impl Iterator<Item = (FnId, &Func)> {
    body.funcs.iter().enumerate().map(move |(f, func)| (FnId { decl, func: FuncIdx(u32::try_from(f).unwrap_or(u32::MAX)) }, func))
}
