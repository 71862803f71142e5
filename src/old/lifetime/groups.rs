//! Wait groups and their like: every name that one goes by, and what is done with it.

use crate::old::ir::{BlockId, Body, Call, Callee, Func, FuncIdx, OpKind, Operand, Place, Proj, Root, Sym, Term, Ty};
use crate::old::program::{Cell, DeclId, FnId, Package};
use crate::source::Span;
use rustc_hash::FxHashSet;

/// More names than this, and a group is given up.
const MAX_NAMES: usize = 24;

/// A method called on the group.
#[derive(Clone, Debug)]
pub struct Use {
    /// The function.
    pub id: FnId,
    /// The block.
    pub block: BlockId,
    /// The call.
    pub span: Span,
    /// The method.
    pub name: Sym,
    /// Whether it is deferred.
    pub deferred: bool,
    /// The place by which the group is named there.
    pub place: Place,
    /// The first argument.
    pub arg: Option<Operand>,
}

/// The group handed to a function that takes it by value.
#[derive(Clone, Debug)]
pub struct Copied {
    /// The function that hands it over.
    pub from: FnId,
    /// The call.
    pub span: Span,
    /// The parameter.
    pub param: Cell,
    /// The parameter's place.
    pub param_span: Span,
}

/// A group with everything that is known of it.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// Its names; the first is the one it was asked for by.
    pub names: Vec<Cell>,
    /// What is called on it.
    pub uses: Vec<Use>,
    /// Copies of it.
    pub copies: Vec<Copied>,
    /// Why code out of view may use it.
    pub outside: Option<String>,
}

impl Group {
    /// The group that a cell holds.
    #[must_use]
    pub fn of(package: &Package, cell: Cell) -> Self {
        let mut walk = Walk { package, group: Self::default(), todo: vec![cell], seen: FxHashSet::default() };
        while let Some(next) = walk.todo.pop() {
            if walk.seen.insert(next.clone()) {
                walk.name(&next);
                walk.group.names.push(next);
            }
            if walk.seen.len() > MAX_NAMES {
                walk.group.outside = Some("it goes by too many names".into());
                break;
            }
        }
        walk.group.uses.sort_by_key(|u| (u.id, u.span));
        walk.group.uses.dedup_by_key(|u| (u.id, u.span));
        walk.group
    }

    /// Calls of one method.
    pub fn calls<'g>(&'g self, name: &'g str) -> impl Iterator<Item = &'g Use> {
        self.uses.iter().filter(move |u| u.name == name)
    }

    /// Functions that take part: those that call something on it, and those that only pass it on.
    #[must_use]
    pub fn users(&self, package: &Package) -> FxHashSet<FnId> {
        let holds = |c: &Cell| match c {
            Cell::Local(decl, id) => package.body(*decl).map(|b| FnId { decl: *decl, func: b.local(*id).func }),
            _ => None,
        };
        self.uses.iter().map(|u| u.id).chain(self.names.iter().filter_map(holds)).collect()
    }
}

struct Walk<'p> {
    package: &'p Package,
    group: Group,
    todo: Vec<Cell>,
    seen: FxHashSet<Cell>,
}

impl Walk<'_> {
    fn name(&mut self, cell: &Cell) {
        let package = self.package;
        let decls: Vec<DeclId> = match cell {
            Cell::Local(decl, _) => vec![*decl],
            Cell::Field(owner, name) => package.member_mentions(*owner, *name).to_vec(),
            Cell::Global(name) => package.mentions(*name).to_vec(),
            _ => Vec::new(),
        };
        let reached = match cell {
            Cell::Field(owner, name) => package.is_name_exported(owner) && crate::old::program::exported(name),
            Cell::Global(name) => package.is_name_exported(name),
            Cell::Local(..) => false,
            _ => true,
        };
        if reached {
            self.outside("code of other packages reaches it");
        }
        for decl in decls {
            let Some(body) = package.body(decl) else { continue };
            for (f, func) in body.funcs.iter().enumerate() {
                let id = FnId { decl, func: FuncIdx(u32::try_from(f).unwrap_or(u32::MAX)) };
                self.function(id, body, func, cell);
            }
        }
    }

    fn outside(&mut self, why: &str) {
        self.group.outside.get_or_insert_with(|| why.to_string());
    }

    fn is(&self, decl: DeclId, body: &Body, place: &Place, cell: &Cell) -> bool {
        let could_be = match (cell, place.path.last()) {
            (Cell::Local(d, id), None) => *d == decl && place.root == Root::Local(*id),
            (Cell::Global(name), None) => place.root == Root::Global(*name),
            (Cell::Field(_, name), Some(Proj::Field(last))) => name == last || last.starts_with('#'),
            _ => false,
        };
        could_be && self.package.cell(decl, body, place).as_ref() == Some(cell)
    }

    /// Whether the value is the group, or a method of it.
    fn is_value(&self, decl: DeclId, body: &Body, value: &Operand, cell: &Cell) -> bool {
        let Operand::Place(p) = value else { return false };
        self.is(decl, body, p, cell) || p.split_last().is_some_and(|(base, _)| self.is(decl, body, &base, cell))
    }

    fn function(&mut self, id: FnId, body: &Body, func: &Func, cell: &Cell) {
        for (block, _, op) in func.ops() {
            match &op.kind {
                OpKind::Call(call) => self.call(id, body, block, call, false, cell),
                OpKind::Spawn(call) => self.call(id, body, block, call, false, cell),
                OpKind::Defer(call) => self.call(id, body, block, call, true, cell),
                OpKind::Send { value, .. } if self.is_value(id.decl, body, value, cell) => self.outside("it is sent somewhere"),
                OpKind::Assign { dst, src } => self.assign(id, body, dst, src, cell),
                _ => {}
            }
        }
        for block in &func.blocks {
            if let Term::Return(values) = &block.term
                && values.iter().any(|v| self.is_value(id.decl, body, v, cell))
            {
                self.outside("it is returned");
            }
        }
    }

    fn assign(&mut self, id: FnId, body: &Body, dst: &Place, src: &Operand, cell: &Cell) {
        if self.is(id.decl, body, dst, cell) {
            match src {
                Operand::Place(p) => match self.package.cell(id.decl, body, p) {
                    Some(from @ (Cell::Local(..) | Cell::Field(..))) => self.todo.push(from),
                    _ => self.outside("it comes from elsewhere"),
                },
                Operand::Opaque | Operand::Nil => {}
                _ => self.outside("it comes from elsewhere"),
            }
        } else if self.is_value(id.decl, body, src, cell) {
            let whole = src.place().is_some_and(|p| self.is(id.decl, body, p, cell));
            match self.package.cell(id.decl, body, dst) {
                Some(to @ (Cell::Local(..) | Cell::Field(..))) if whole => self.todo.push(to),
                _ => self.outside("it is stored where its users cannot be seen"),
            }
        }
    }

    fn call(&mut self, id: FnId, body: &Body, block: BlockId, call: &Call, deferred: bool, cell: &Cell) {
        if let Callee::Method { recv, name } = &call.callee
            && self.is(id.decl, body, recv, cell)
        {
            let arg = call.args.first().cloned();
            self.group.uses.push(Use { id, block, span: call.span, name: *name, deferred, place: recv.clone(), arg });
        }
        let makes = matches!(&call.callee, Callee::Import { path, name }
            if (*path == "sync" && *name == "NewCond") || (*path == "golang.org/x/sync/errgroup" && *name == "WithContext"));
        if !makes && call.results.iter().flatten().any(|r| self.is(id.decl, body, r, cell)) {
            self.outside("it comes from a call");
        }
        for (i, arg) in call.args.iter().enumerate() {
            if !self.is_value(id.decl, body, arg, cell) {
                continue;
            }
            let whole = arg.place().is_some_and(|p| self.is(id.decl, body, p, cell));
            let callees = self.package.callees(id.decl, call);
            if callees.is_empty() || !whole {
                self.outside("it is handed to code that is not in view");
            }
            callees.iter().filter(|_| whole).for_each(|callee| self.handed(id, call, i, *callee));
        }
    }

    /// The group is the argument of a call that leads to the function.
    fn handed(&mut self, id: FnId, call: &Call, i: usize, callee: FnId) {
        let param =
            self.package.func(callee).and_then(|(body, func)| (!func.sig.variadic).then_some((body, *func.params.get(i)?)));
        let Some((body, param)) = param else {
            self.outside("it is handed to code that is not in view");
            return;
        };
        let name = Cell::Local(callee.decl, param);
        let ty = self.package.local_type(callee.decl, body, param);
        if matches!(ty, Ty::Named { path: Some(_), .. }) {
            let param_span = body.local(param).span;
            self.group.copies.push(Copied { from: id, span: call.span, param: name, param_span });
        } else {
            self.todo.push(name);
        }
    }
}
