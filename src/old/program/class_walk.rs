//! The walk that finds a channel class: from one place to all that may be the same channel.

use super::classes::{Cell, ChanOp, ChanOpKind, ChanWhere, Class};
use super::{DeclId, FnId, Package, Target};
use crate::old::ir::{BlockId, Body, Call, Callee, Comm, FuncIdx, LoopKind, OpKind, Operand, Place, Proj, Root, Term, Ty};
use crate::old::lower::bare;
use crate::source::Span;
use rustc_hash::{FxHashMap, FxHashSet};
use ustr::ustr;

/// A class of more places than this is given up: it flows everywhere.
const MAX_CELLS: usize = 60;

/// A walk in progress.
pub(super) struct Walk<'p> {
    pub(super) package: &'p Package,
    pub(super) class: Class,
    seen: FxHashSet<Cell>,
    todo: Vec<Cell>,
    /// Whether one channel is followed from where it is made, rather than all that a place may hold.
    object: bool,
    /// Parameters that the channel came into, with the calls that brought it: what else they take is another channel.
    pub(super) entered: FxHashMap<Cell, Vec<(DeclId, Call)>>,
    /// Whether a place came up that may be the one looked for, of a value whose type is not known.
    maybe: std::cell::Cell<bool>,
}

impl<'p> Walk<'p> {
    /// Follows the channel from a cell.
    pub(super) fn run(package: &'p Package, cell: Cell) -> Class {
        let object = package.makes(&cell);
        let (class, seen, entered) = (Class::default(), FxHashSet::default(), FxHashMap::default());
        let mut walk = Self { package, class, seen, todo: Vec::new(), object, entered, maybe: std::cell::Cell::new(false) };
        walk.push(cell);
        while let Some(next) = walk.todo.pop() {
            if walk.seen.len() > MAX_CELLS {
                walk.class.outside(&Ty::Unknown, "it flows through too many places to follow");
                break;
            }
            walk.cell(&next);
            // Code out of view may do anything with it: what else it flows through adds nothing.
            if walk.class.from_elsewhere && walk.class.is_open() {
                walk.class.partial = true;
                break;
            }
        }
        let mut class = walk.class;
        class.cells = walk.seen.into_iter().collect();
        class.object = object;
        class
    }

    /// The channel comes into a parameter.
    fn enter(&mut self, from: DeclId, call: &Call, param: Cell) {
        if self.object {
            self.entered.entry(param.clone()).or_default().push((from, call.clone()));
        }
        self.push(param);
    }

    /// Whether a function has the channel from a call that is followed.
    fn is_entered(&self, id: FnId) -> bool {
        self.entered.keys().any(|cell| match cell {
            Cell::Local(decl, local) => {
                *decl == id.decl && self.package.body(id.decl).is_some_and(|b| b.local(*local).func == id.func)
            }
            _ => false,
        })
    }

    pub(super) fn push(&mut self, cell: Cell) {
        if self.seen.insert(cell.clone()) {
            self.todo.push(cell);
        }
    }

    fn cell(&mut self, cell: &Cell) {
        self.exposure(cell);
        match cell {
            Cell::Elem(inner) => self.elements(inner),
            // Values of a struct type without a name are copied in ways that are not followed.
            Cell::Path(..) => self.foreign(),
            _ => {}
        }
        for decl in self.decls(cell) {
            self.scan(decl, cell);
        }
        match cell {
            Cell::Local(decl, id) if !self.entered.contains_key(cell) => self.parameter(*decl, *id),
            Cell::Result(id, index) if self.is_entered(*id) => self.results_of_entered(*id, *index),
            Cell::Result(id, index) => self.callers_of_result(*id, *index),
            _ => {}
        }
    }

    /// Whatever may be the same collection has the same elements.
    fn elements(&mut self, inner: &Cell) {
        let Some(base) = self.package.class_within(inner.clone()) else {
            self.foreign();
            return;
        };
        for other in &base.cells {
            self.push(Cell::Elem(Box::new(other.clone())));
        }
        if base.from_elsewhere || !base.is_closed_world() {
            self.foreign();
        }
    }

    /// Code of other packages reaches exported fields and variables.
    fn exposure(&mut self, cell: &Cell) {
        let package = self.package;
        match cell {
            Cell::Field(owner, name) if super::exported(name) && package.is_name_exported(owner) => {
                let ty = self.package.field(&Ty::Named { path: None, name: *owner }, *name).map_or(Ty::Unknown, |f| f.ty);
                self.class.outside(&ty, &format!("field {}.{name} is exported", bare(owner)));
            }
            Cell::Global(name) if package.is_name_exported(name) => {
                self.class.outside(&Ty::Unknown, &format!("variable {} is exported", bare(name)));
            }
            Cell::Elem(inner) => self.exposure(inner),
            _ => {}
        }
    }

    /// Declarations that can touch the cell.
    fn decls(&self, cell: &Cell) -> Vec<DeclId> {
        match cell {
            Cell::Local(decl, _) | Cell::Path(decl, _) => vec![*decl],
            Cell::Global(name) => self.package.mentions(*name).to_vec(),
            Cell::Field(owner, name) => {
                let mut out = self.package.member_mentions(*owner, *name).to_vec();
                // A literal without keys fills the field without naming it.
                let literal = format!("{}{{", bare(owner));
                out.extend(self.package.mentions(*owner).iter().filter(|d| self.package.text(**d).contains(&literal)));
                out.sort_unstable();
                out.dedup();
                out
            }
            Cell::Result(id, _) => vec![id.decl],
            Cell::Elem(inner) => self.decls(inner),
        }
    }

    fn is(&self, decl: DeclId, body: &Body, place: &Place, cell: &Cell) -> bool {
        // The last name settles most comparisons without asking for a type.
        let could_be = match (cell, place.path.last()) {
            (Cell::Local(d, id), None) => *d == decl && place.root == Root::Local(*id),
            (Cell::Global(name), None) => place.root == Root::Global(*name),
            (Cell::Field(_, name), Some(Proj::Field(last))) => name == last || last.starts_with('#'),
            (Cell::Path(..), Some(Proj::Field(_))) => true,
            (Cell::Elem(_), Some(Proj::Elem)) => true,
            (Cell::Elem(_), Some(Proj::Field(last))) => *last == "#key",
            _ => false,
        };
        if !could_be {
            return false;
        }
        let found = self.package.cell(decl, body, place);
        if found.is_none()
            && let Some((base, Proj::Field(_))) = place.split_last()
            && self.package.ty_of(decl, body, &base) == Ty::Unknown
        {
            self.maybe.set(true);
        }
        found.as_ref() == Some(cell)
    }

    fn scan(&mut self, decl: DeclId, cell: &Cell) {
        let package = self.package;
        let Some(body) = package.body(decl) else { return };
        for (f, func) in body.funcs.iter().enumerate() {
            let id = FnId { decl, func: FuncIdx(u32::try_from(f).unwrap_or(u32::MAX)) };
            for (block, index, op) in func.ops() {
                let at = ChanWhere::Op(block, u32::try_from(index).unwrap_or(u32::MAX));
                self.scan_op(id, body, at, op, cell);
            }
            for block in func.block_ids() {
                self.scan_term(id, body, block, cell);
            }
        }
        if self.maybe.take() {
            self.class.from_elsewhere = true;
            let why =
                format!("a field of that name is used in {} on a value of a type that is not known", package.decl_name(decl));
            self.class.outside(&Ty::Unknown, &why);
        }
    }

    fn op(&mut self, id: FnId, at: ChanWhere, kind: ChanOpKind, span: Span, place: &Place) {
        self.class.ops.push(ChanOp { id, at, kind, span, place: place.clone() });
    }

    fn scan_op(&mut self, id: FnId, body: &Body, at: ChanWhere, op: &crate::old::ir::Op, cell: &Cell) {
        let is = |walk: &Self, p: &Place| walk.is(id.decl, body, p, cell);
        match &op.kind {
            OpKind::MakeChan { dst, cap, ty } => {
                if is(self, dst) && self.is_channel(ty) {
                    self.op(id, at, ChanOpKind::Make(cap.clone()), op.span, dst);
                }
            }
            OpKind::Send { ch, value } => {
                if is(self, ch) {
                    self.op(id, at, ChanOpKind::Send, op.span, ch);
                }
                self.sent(id, body, ch, value, cell);
            }
            OpKind::Recv { ch, dst, .. } => {
                if is(self, ch) {
                    self.op(id, at, ChanOpKind::Recv, op.span, ch);
                }
                if dst.as_ref().is_some_and(|d| is(self, d)) {
                    self.received(id, body, ch);
                }
            }
            OpKind::Close { ch } => {
                if is(self, ch) {
                    self.op(id, at, ChanOpKind::Close, op.span, ch);
                }
            }
            OpKind::Assign { dst, src } => self.assign(id, body, dst, src, cell),
            OpKind::Call(call) => self.call(id, body, at, call, cell),
            OpKind::Spawn(call) => self.call(id, body, at, call, cell),
            OpKind::Defer(call) => {
                let at = match at {
                    ChanWhere::Op(b, i) => ChanWhere::Deferred(b, i),
                    other => other,
                };
                self.call(id, body, at, call, cell);
            }
        }
    }

    fn is_channel(&self, ty: &Ty) -> bool {
        matches!(self.package.structure(ty), Ty::Chan(..) | Ty::Unknown | Ty::Named { path: Some(_), .. })
    }

    /// A channel sent over a channel of this package comes out where that one is received.
    fn sent(&mut self, id: FnId, body: &Body, ch: &Place, value: &Operand, cell: &Cell) {
        let Operand::Place(p) = value else { return };
        let carrier = || self.package.cell(id.decl, body, ch).map(|c| Cell::Elem(Box::new(c)));
        if self.is(id.decl, body, p, cell) {
            match carrier() {
                Some(elem) => {
                    self.push(elem);
                    self.class.outside(&Ty::Unknown, "it is sent over another channel");
                }
                None => self.class.outside(&Ty::Unknown, "it is sent over another channel"),
            }
        }
    }

    fn received(&mut self, id: FnId, body: &Body, ch: &Place) {
        let _ = (id, body, ch);
        self.class.from_elsewhere = true;
        self.class.outside(&Ty::Unknown, "it was received from another channel");
    }

    fn assign(&mut self, id: FnId, body: &Body, dst: &Place, src: &Operand, cell: &Cell) {
        if self.is(id.decl, body, dst, cell) {
            match src {
                Operand::Place(p) => match self.package.cell(id.decl, body, p) {
                    Some(from) => self.push(from),
                    None => self.foreign(),
                },
                Operand::Nil => {}
                // What a map says of a channel that is its key is none.
                Operand::Bool(_) | Operand::Int(_) | Operand::Str(_) => {}
                _ => self.foreign(),
            }
        } else if let Operand::Place(p) = src
            && self.is(id.decl, body, p, cell)
        {
            match self.package.cell(id.decl, body, dst) {
                Some(to) => self.push(to),
                None => {
                    let ty = self.package.ty_of(id.decl, body, p);
                    self.class.outside(&ty, "it is stored where its users cannot be seen");
                }
            }
        }
    }

    pub(super) fn foreign(&mut self) {
        self.class.from_elsewhere = true;
        self.class.outside(&Ty::Unknown, "it comes from code out of view");
    }

    fn scan_term(&mut self, id: FnId, body: &Body, block: BlockId, cell: &Cell) {
        let func = body.func(id.func);
        match &func.block(block).term {
            Term::Select { cases, .. } => {
                for (i, case) in cases.iter().enumerate() {
                    let at = ChanWhere::Case(block, u32::try_from(i).unwrap_or(u32::MAX));
                    let is_it = self.is(id.decl, body, case.comm.ch(), cell);
                    match &case.comm {
                        Comm::Send { ch, value } => {
                            if is_it {
                                self.op(id, at, ChanOpKind::Send, case.span, ch);
                            }
                            self.sent(id, body, ch, value, cell);
                        }
                        Comm::Recv { ch, dst, .. } => {
                            if is_it {
                                self.op(id, at, ChanOpKind::Recv, case.span, ch);
                            }
                            if dst.as_ref().is_some_and(|d| self.is(id.decl, body, d, cell)) {
                                self.received(id, body, ch);
                            }
                        }
                    }
                }
            }
            Term::Loop { id: l, .. } => {
                let entry = &func.loops[l.at()];
                if let LoopKind::Range(Operand::Place(p)) = &entry.kind
                    && self.is(id.decl, body, p, cell)
                {
                    self.op(id, ChanWhere::Range(block), ChanOpKind::Range, entry.head, p);
                }
            }
            Term::Return(values) => self.returned(id, body, values, cell),
            _ => {}
        }
    }

    fn returned(&mut self, id: FnId, body: &Body, values: &[Operand], cell: &Cell) {
        for (i, value) in values.iter().enumerate() {
            let result = Cell::Result(id, u32::try_from(i).unwrap_or(u32::MAX));
            let Operand::Place(p) = value else {
                if result == *cell && !matches!(value, Operand::Nil) {
                    self.foreign();
                }
                continue;
            };
            if self.is(id.decl, body, p, cell) {
                self.push(result);
            } else if result == *cell {
                match self.package.cell(id.decl, body, p) {
                    Some(from) => self.push(from),
                    None => self.foreign(),
                }
            }
        }
    }

    fn call(&mut self, id: FnId, body: &Body, at: ChanWhere, call: &Call, cell: &Cell) {
        for (i, result) in call.results.iter().enumerate() {
            if result.as_ref().is_some_and(|r| self.is(id.decl, body, r, cell)) {
                self.result_of(id.decl, body, call, i);
            }
        }
        for (i, arg) in call.args.iter().enumerate() {
            let Operand::Place(p) = arg else { continue };
            if self.is(id.decl, body, p, cell) {
                self.argument(id, body, at, call, i, p);
            }
        }
    }

    fn result_of(&mut self, decl: DeclId, body: &Body, call: &Call, i: usize) {
        match self.package.resolve(decl, call) {
            Target::Func(id) => self.push(Cell::Result(id, u32::try_from(i).unwrap_or(u32::MAX))),
            Target::Conversion => match call.args.first() {
                Some(Operand::Place(p)) => match self.package.cell(decl, body, p) {
                    Some(from) => self.push(from),
                    None => self.foreign(),
                },
                _ => self.foreign(),
            },
            _ => {
                let several = self.package.alternatives(decl, call);
                if several.is_empty() {
                    self.foreign();
                }
                several.iter().for_each(|id| self.push(Cell::Result(*id, u32::try_from(i).unwrap_or(u32::MAX))));
            }
        }
    }

    fn argument(&mut self, id: FnId, body: &Body, at: ChanWhere, call: &Call, i: usize, p: &Place) {
        if call.callee == Callee::Name(ustr("close")) && self.package.named(ustr("close")).is_empty() {
            self.op(id, at, ChanOpKind::Close, call.span, p);
            return;
        }
        let package = self.package;
        match package.resolve(id.decl, call) {
            Target::Func(callee) => self.follow_into(id.decl, call, i, callee),
            Target::Conversion => {
                for result in call.results.iter().flatten() {
                    if let Some(to) = package.cell(id.decl, body, result) {
                        self.push(to);
                    }
                }
            }
            Target::Model(model, _) if model.sends_on == u8::try_from(i).ok() => {
                let why = format!("`{}` sends on it", self.text(id, call));
                self.class.outside_send.get_or_insert(why);
                self.class.fed_by_library = true;
            }
            // A function that is done at once has nothing to keep it in; the receiver of a method has.
            Target::Model(model, outside) if model.quick && outside.recv.is_none() => {}
            _ => {
                let several = package.alternatives(id.decl, call);
                several.iter().for_each(|callee| self.follow_into(id.decl, call, i, *callee));
                if several.is_empty() {
                    let ty = package.ty_of(id.decl, body, p);
                    let why = format!("it is handed to `{}`", self.text(id, call));
                    self.class.outside(&ty, &why);
                }
            }
        }
    }

    fn follow_into(&mut self, from: DeclId, call: &Call, i: usize, callee: FnId) {
        let Some((_, func)) = self.package.func(callee) else { return };
        let last = func.params.len().saturating_sub(1);
        if func.sig.variadic && i >= last {
            if let Some(param) = func.params.get(last) {
                let whole = Cell::Local(callee.decl, *param);
                self.enter(from, call, if call.spread { whole } else { Cell::Elem(Box::new(whole)) });
            }
        } else if let Some(param) = func.params.get(i) {
            self.enter(from, call, Cell::Local(callee.decl, *param));
        }
    }

    fn text(&self, id: FnId, call: &Call) -> &'p str {
        self.package.file(id.decl).src.slice(call.callee_span)
    }
}
