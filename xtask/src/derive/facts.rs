//! One function as a list of steps: what it waits for itself, and what it calls with what. Nothing here looks beyond the function.

use super::text;
use goleash::old::flow::Cfg;
use goleash::old::ir::{Body, Call, Callee, FuncIdx, LocalKind, LoopKind, OpKind, Operand, Place, Root, Sym, Term, Ty};
use goleash::old::program::{Cell, DeclId, FnId, Frame, Origin, Package, Target, functions};
use goleash::source::{DeclKind, Span};
use ustr::ustr;

/// A function: import path, receiver type, name, and which literal in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) path: Sym,
    pub(super) recv: Option<Sym>,
    pub(super) name: Sym,
    pub(super) lit: u32,
}

/// Where a value of interest comes from, seen from a declaration's own function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Src {
    /// A parameter, or something in it.
    Param(u8),
    /// The receiver, or something in it.
    Recv,
    /// A function.
    Func(Key),
    /// A buffer in memory: nobody waits for it.
    Memory,
    /// Anything else.
    Other,
}

/// What a step calls.
#[derive(Clone, Debug)]
pub(super) enum Dest {
    /// A function with a name, or a literal.
    Func(Key),
    /// A function value that came in.
    Callback(Src),
    /// A method of an interface: path, type, method.
    Interface(Sym, Sym, Sym),
    /// A method of something whose type is not known.
    Any(Sym),
    /// One of several functions.
    OneOf(Vec<Key>),
    /// It cannot be told; why.
    Unknown(String),
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    /// A channel operation that can wait.
    Channel,
    Call {
        dest: Dest,
        recv: Src,
        args: Vec<Src>,
    },
    /// A function value that came in is run in a goroutine.
    Start(Src),
}

/// A function with its steps.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) key: Key,
    /// Steps with the line of each.
    pub(super) steps: Vec<(Step, u32)>,
    /// It has a body.
    pub(super) readable: bool,
    pub(super) no_return: bool,
}

pub(super) fn read(path: &str, package: &Package) -> Vec<Node> {
    let reader = Reader { path: ustr(path), package };
    let mut out = Vec::new();
    for decl in package.decls() {
        if matches!(package.decl(decl).kind, DeclKind::Func | DeclKind::Method | DeclKind::Var)
            && let Some(body) = package.body(decl)
        {
            for (id, _) in functions(decl, body) {
                out.push(reader.node(id, body));
            }
        }
    }
    out
}

struct Reader<'p> {
    path: Sym,
    package: &'p Package,
}

impl Reader<'_> {
    fn key(&self, id: FnId) -> Key {
        let decl = self.package.decl(id.decl);
        let name = decl.names.first().copied().unwrap_or_default();
        // Declarations of variables hold literals too.
        Key { path: self.path, recv: decl.recv, name, lit: id.func.0 }
    }

    fn node(&self, id: FnId, body: &Body) -> Node {
        let func = body.func(id.func);
        let mut node = Node { key: self.key(id), steps: Vec::new(), readable: func.head != func.span, no_return: false };
        let Some(cfg) = Cfg::new(self.package, id) else { return node };
        let live = cfg.reachable(goleash::old::ir::BlockId(0));
        let mut exits = func.block_ids().filter(|b| live[b.at()]).filter_map(|b| cfg.exit(b)).peekable();
        node.no_return = exits.peek().is_some()
            && exits.all(|e| matches!(e, goleash::old::flow::Exit::Call(_) | goleash::old::flow::Exit::Panic));
        for b in func.block_ids().filter(|b| live[b.at()]) {
            let block = func.block(b);
            for op in &block.ops {
                self.op(id, body, &op.kind, op.span, &mut node.steps);
            }
            match &block.term {
                Term::Select { default: None, .. } => node.steps.push((Step::Channel, self.line(id.decl, block.span))),
                Term::Loop { id: l, .. } => {
                    if let LoopKind::Range(over) = &func.loops[l.at()].kind {
                        self.range(id, body, over, func.loops[l.at()].head, &mut node.steps);
                    }
                }
                _ => {}
            }
        }
        node
    }

    fn line(&self, decl: DeclId, span: Span) -> u32 {
        self.package.file(decl).src.line_col(span.start).line
    }

    fn range(&self, id: FnId, body: &Body, over: &Operand, span: Span, steps: &mut Vec<(Step, u32)>) {
        match self.package.structure(&self.package.operand_type(id.decl, body, over)) {
            Ty::Chan(..) => steps.push((Step::Channel, self.line(id.decl, span))),
            Ty::Func(_) => {
                let dest = self.value(id, body, over);
                steps.push((Step::Call { dest, recv: Src::Other, args: Vec::new() }, self.line(id.decl, span)));
            }
            _ => {}
        }
    }

    fn op(&self, id: FnId, body: &Body, op: &OpKind, span: Span, steps: &mut Vec<(Step, u32)>) {
        let line = self.line(id.decl, span);
        match op {
            OpKind::Send { .. } | OpKind::Recv { .. } => steps.push((Step::Channel, line)),
            OpKind::Call(call) | OpKind::Defer(call) => steps.extend(self.call(id, body, call).map(|step| (step, line))),
            OpKind::Spawn(call) => {
                if let Callee::Value(place) = &call.callee
                    && let src @ Src::Param(_) = self.src(id, body, &Operand::Place(place.clone()))
                {
                    steps.push((Step::Start(src), line));
                }
            }
            OpKind::MakeChan { .. } | OpKind::Close { .. } | OpKind::Assign { .. } => {}
        }
    }

    fn call(&self, id: FnId, body: &Body, call: &Call) -> Option<Step> {
        let dest = self.dest(id, body, call)?;
        let recv = match &call.callee {
            Callee::Method { recv, .. } => self.src(id, body, &Operand::Place(recv.clone())),
            _ => Src::Other,
        };
        let args = call.args.iter().map(|a| self.src(id, body, a)).collect();
        Some(Step::Call { dest, recv, args })
    }

    fn dest(&self, id: FnId, body: &Body, call: &Call) -> Option<Dest> {
        let outside = |path, recv, name| Dest::Func(Key { path, recv, name, lit: 0 });
        Some(match self.package.resolve(id.decl, call) {
            Target::Conversion => return None,
            Target::Func(found) => Dest::Func(self.key(found)),
            Target::Model(_, o) | Target::Outside(o) => outside(o.path, o.recv, o.name),
            Target::Dynamic(_) | Target::Unknown => match &call.callee {
                Callee::Name(name) if text_is_predeclared(self.package, *name) => return None,
                Callee::Method { recv, name } => self.method(id, body, recv, *name),
                Callee::Value(place) if self.is_conversion(place) => return None,
                Callee::Value(place) => self.value(id, body, &Operand::Place(place.clone())),
                Callee::Name(name) if self.package.named(*name).is_empty() => return None,
                Callee::Name(name) => self.value(id, body, &Operand::Place(Place::global(*name))),
                _ => Dest::Unknown("a call that cannot be told".to_string()),
            },
        })
    }

    /// Whether what is called is a type: `(*T)(x)`, or a type parameter.
    fn is_conversion(&self, place: &Place) -> bool {
        match place.root {
            Root::Global(name) if place.path.is_empty() => {
                self.package.named(name).is_empty() || self.package.type_decl(name).is_some()
            }
            Root::Import(path, name) if place.path.is_empty() => self.package.models().type_(path, name).is_some(),
            _ => false,
        }
    }

    /// A method that is no function in view: of an interface, or a field that holds a function.
    fn method(&self, id: FnId, body: &Body, recv: &Place, name: Sym) -> Dest {
        let ty = self.package.ty_of(id.decl, body, recv);
        if let Some((path, of)) = self.interface(&ty, 0) {
            return Dest::Interface(path, of, name);
        }
        match self.package.field(&ty, name) {
            Some(_) => self.value(id, body, &Operand::Place(recv.field(name))),
            None => Dest::Any(name),
        }
    }

    /// The interface that a type is, or has as its first embedded field.
    fn interface(&self, ty: &Ty, depth: u8) -> Option<(Sym, Sym)> {
        match ty {
            _ if depth > 6 => None,
            Ty::Ptr(inner) => self.interface(inner, depth),
            Ty::Named { path: None, name: of } if *of == "error" => Some((ustr("builtin"), *of)),
            Ty::Named { path: Some(path), name: of } => Some((*path, *of)),
            Ty::Named { path: None, name: of } => match self.package.underlying(*of) {
                Ty::Interface(_) => Some((self.path, *of)),
                Ty::Struct(fields) => fields.iter().filter(|f| f.embedded).find_map(|f| self.interface(&f.ty, depth + 1)),
                Ty::Named { path: Some(path), name } => Some((path, name)),
                _ => None,
            },
            Ty::Struct(fields) => fields.iter().filter(|f| f.embedded).find_map(|f| self.interface(&f.ty, depth + 1)),
            _ => None,
        }
    }

    /// What calling a function value runs.
    fn value(&self, id: FnId, body: &Body, value: &Operand) -> Dest {
        match self.src(id, body, value) {
            Src::Func(key) => return Dest::Func(key),
            src @ Src::Param(_) => return Dest::Callback(src),
            _ => {}
        }
        let text = value.place().map(|p| self.name_of(body, p)).unwrap_or_default();
        if let Some(Root::Import(path, name)) = value.place().filter(|p| p.path.is_empty()).map(|p| p.root) {
            return Dest::Func(Key { path, recv: None, name, lit: 0 });
        }
        let Some(cell) = value.place().and_then(|p| self.package.cell(id.decl, body, p)) else {
            return Dest::Unknown(format!("calls {text}"));
        };
        let functions = self.package.stored(&cell).and_then(|all| {
            let function = |(at, one): &(FnId, Operand)| match self.package.operand_func(at.decl, one)? {
                Target::Func(found) => Some(self.key(found)),
                Target::Model(_, o) | Target::Outside(o) => Some(Key { path: o.path, recv: o.recv, name: o.name, lit: 0 }),
                _ => None,
            };
            let function = |stored: &(FnId, Operand)| function(stored).or_else(|| self.once(stored));
            all.iter().map(function).collect::<Option<Vec<Key>>>()
        });
        match functions {
            // What nothing fills is a hook of the tests, or filled by the runtime.
            Some(functions) => Dest::OneOf(functions),
            _ if matches!(cell, Cell::Field(..)) => Dest::Unknown(format!("calls what the field {text} holds")),
            _ => Dest::Unknown(format!("calls what {text} holds")),
        }
    }

    /// The function that `sync.OnceFunc` and its like were given.
    fn once(&self, (at, stored): &(FnId, Operand)) -> Option<Key> {
        let Origin::Call { frame, call, target: Target::Model(_, o) | Target::Outside(o), .. } =
            self.package.operand_origin(&Frame::root(*at), stored)
        else {
            return None;
        };
        let given = call.args.first().filter(|_| o.path == "sync" && o.name.starts_with("Once"))?;
        self.package.operand_func(frame.id.decl, given)?.func().map(|found| self.key(found))
    }

    fn name_of(&self, body: &Body, place: &Place) -> String {
        match place.path.last() {
            Some(goleash::old::ir::Proj::Field(name)) => format!("`{name}`"),
            _ => match place.root {
                Root::Local(local) => format!("`{}`", body.local(local).name),
                Root::Global(name) | Root::Import(_, name) => format!("`{name}`"),
            },
        }
    }

    fn src(&self, id: FnId, body: &Body, value: &Operand) -> Src {
        if let Some(Target::Func(found)) = self.package.operand_func(id.decl, value) {
            return Src::Func(self.key(found));
        }
        if let Some(Target::Model(_, o) | Target::Outside(o)) = self.package.operand_func(id.decl, value) {
            return Src::Func(Key { path: o.path, recv: o.recv, name: o.name, lit: 0 });
        }
        let Operand::Place(place) = value else { return Src::Other };
        let ty = self.package.ty_of(id.decl, body, place);
        if self.package.type_kind(&ty).is_some_and(|k| k == "buffer") || self.is_computing(&ty) {
            return Src::Memory;
        }
        self.place_src(id, body, place, 0)
    }

    /// Whether the type is bytes, a buffer, a hash or a cipher: written to and read from, and never waiting.
    fn is_computing(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Ptr(inner) => self.is_computing(inner),
            Ty::Seq(inner) => matches!(&**inner, Ty::Named { path: None, name } if *name == "byte"),
            Ty::Named { path: None, name } if *name == "string" => true,
            Ty::Named { path, name } => {
                let path = path.unwrap_or(self.path);
                let hash = path.split('/').next() == Some("hash") || (path.starts_with("crypto/") && path != "crypto/tls");
                hash || matches!((path.as_str(), name.as_str()), ("bytes" | "strings", "Buffer" | "Builder" | "Reader"))
            }
            _ => false,
        }
    }

    fn place_src(&self, id: FnId, body: &Body, place: &Place, depth: u8) -> Src {
        let Some(local) = place.root_local().filter(|_| depth < 8) else { return Src::Other };
        let entry = body.local(local);
        match entry.kind {
            LocalKind::Recv if entry.func == FuncIdx::TOP => return Src::Recv,
            LocalKind::Param(i) if entry.func == FuncIdx::TOP => return u8::try_from(i).map_or(Src::Other, Src::Param),
            _ => {}
        }
        match self.package.origin(&Frame::root(id), &Place::local(local)) {
            Origin::Param(owner, at) if owner.func == FuncIdx::TOP => match body.local(at).kind {
                LocalKind::Recv => Src::Recv,
                LocalKind::Param(i) => u8::try_from(i).map_or(Src::Other, Src::Param),
                _ => Src::Other,
            },
            Origin::Field(..) | Origin::Member(..) => self.copied(id, body, local, depth),
            Origin::Call { call, target, .. } => self.made(id, body, &call, &target, depth),
            _ => Src::Other,
        }
    }

    /// A local that holds a copy of a field: whose field.
    fn copied(&self, id: FnId, body: &Body, local: goleash::old::ir::LocalId, depth: u8) -> Src {
        match self.package.single_write(id.decl, local) {
            Some(goleash::old::program::Written::Value(Operand::Place(from))) => self.place_src(id, body, from, depth + 1),
            _ => Src::Other,
        }
    }

    /// What a call makes of something, where it wraps it.
    fn made(&self, id: FnId, body: &Body, call: &Call, target: &Target, depth: u8) -> Src {
        match target.model().and_then(|m| m.wraps).and_then(|i| call.args.get(i as usize)) {
            Some(Operand::Place(inner)) => self.place_src(id, body, inner, depth + 1),
            _ => Src::Other,
        }
    }
}

fn text_is_predeclared(package: &Package, name: Sym) -> bool {
    const FUNCTIONS: &[&str] = &[
        "append", "cap", "clear", "close", "complex", "copy", "delete", "imag", "len", "make", "max", "min", "new", "panic",
        "print", "println", "real", "recover",
    ];
    text::is_predeclared(name, package) || (FUNCTIONS.contains(&name.as_str()) && package.named(name).is_empty())
}
