//! Objects that stay in the function which makes them: their channels are counted like its own.
//!
//! `s := NewServer()` or `s := &Server{stop: make(chan bool)}`, used through its methods and never stored, sent, returned or handed to code
//! out of view: then the channel in a field is one channel, and whatever happens on it happens on ways that lead from here.

use crate::old::ir::{
    BlockId, Body, Call, Callee, FuncIdx, LocalId, LocalKind, OpKind, Operand, Place, Proj, Root, Sym, Term, Ty,
};
use crate::old::program::{Cell, ChanOpKind, Class, DeclId, FnId, Package, Spawn, Target, functions};
use crate::source::DeclKind;
use rustc_hash::FxHashSet;
use std::rc::Rc;

/// An object that goes by more names is given up.
const MAX_NAMES: usize = 24;

/// Channels of one object.
pub(super) struct Owned {
    /// The function that it stays in.
    pub owner: FnId,
    /// Where the ways to count on begin: the first operation that counts.
    pub start: (BlockId, usize),
    /// Its channels.
    pub classes: Vec<Rc<Class>>,
    /// The functions that have it in hands.
    pub users: FxHashSet<FnId>,
}

/// A name of the object.
type Name = (DeclId, LocalId);

/// Declarations that may make an object and keep it: those that make its channels by hand, and those that call who does. Only types with a
/// method that runs as a goroutine are looked at.
pub(super) fn holders(package: &Package, spawns: &[Spawn]) -> Vec<DeclId> {
    let mut types: Vec<Sym> = spawns
        .iter()
        .filter_map(|s| package.body(s.body.filter(|b| b.decl.is_own())?.decl)?.recv_type)
        .filter(|ty| matches!(package.underlying(*ty), Ty::Struct(fields) if fields.iter().any(|f| is_channel(package, &f.ty))))
        .collect();
    types.sort_unstable();
    types.dedup();
    let mut out: Vec<DeclId> = Vec::new();
    for ty in types {
        for decl in package.own_mentions(ustr::ustr(crate::old::lower::bare(&ty))) {
            if package.decl(decl).kind != DeclKind::Func || !package.text(decl).contains("make(chan") {
                continue;
            }
            out.push(decl);
            let callers = package.callers(FnId { decl, func: FuncIdx::TOP });
            out.extend(callers.sites.iter().map(|s| s.caller.decl).filter(|d| d.is_own()));
        }
    }
    out.sort_unstable();
    out.dedup();
    out
}

fn is_channel(package: &Package, ty: &Ty) -> bool {
    matches!(package.structure(ty), Ty::Chan(..))
}

/// Objects with channels that functions of the declaration make, by hand or through a constructor, and keep to themselves.
pub(super) fn owned(package: &Package, decl: DeclId) -> Vec<Owned> {
    let mut out: Vec<Owned> = Vec::new();
    let Some(body) = package.body(decl) else { return out };
    for (owner, func) in functions(decl, body) {
        for (block, i, op) in func.ops() {
            let (object, start, given, channels) = match &op.kind {
                OpKind::MakeChan { dst, .. } => {
                    let Some((object, made)) = dst.as_local().and_then(|l| holder(func, l).map(|o| (o, l))) else { continue };
                    (object, (block, i), None, vec![made])
                }
                OpKind::Call(call) => {
                    let Some(Some(object)) = call.results.first().map(|r| r.as_ref().and_then(Place::as_local)) else { continue };
                    let Some((inside, channels)) = constructed(package, decl, call) else { continue };
                    // The ways include what the constructor starts.
                    (
                        object,
                        (block, i.wrapping_sub(1)),
                        Some((inside, channels[0].0)),
                        channels.into_iter().map(|c| c.1).collect(),
                    )
                }
                _ => continue,
            };
            let from = given.map_or(decl, |(_, d)| d);
            let Some(names) = stays(package, (decl, object), given.map(|(inside, d)| (d, inside))) else { continue };
            let classes = channels.into_iter().map(|l| package.class_of(Cell::Local(from, l)));
            let classes: Vec<Rc<Class>> = classes.filter(|c| is_its_own(c, &names)).collect();
            if classes.is_empty() {
                continue;
            }
            let users = users(package, &names);
            // Several channels of an object made by hand are one case: the ways begin at the first.
            match out.iter_mut().find(|o| o.owner == owner && o.users == users) {
                Some(known) => known.classes.extend(classes),
                None => out.push(Owned { owner, start, classes, users }),
            }
        }
    }
    out
}

/// The local into a field of which a new channel goes.
fn holder(func: &crate::old::ir::Func, made: LocalId) -> Option<LocalId> {
    func.ops().find_map(|(_, _, op)| match &op.kind {
        OpKind::Assign { dst, src } if src.place().and_then(Place::as_local) == Some(made) => match dst.path.as_slice() {
            [Proj::Field(_)] => dst.root_local(),
            _ => None,
        },
        _ => None,
    })
}

/// The object that a constructor in view makes, with the channels that it puts into its fields.
fn constructed(package: &Package, decl: DeclId, call: &Call) -> Option<(LocalId, Vec<(DeclId, LocalId)>)> {
    if !matches!(call.callee, Callee::Name(_)) {
        return None;
    }
    let callee = package.resolve(decl, call).func().filter(|f| f.func == FuncIdx::TOP && f.decl != decl)?;
    if !package.text(callee.decl).contains("make(chan") {
        return None;
    }
    let (_, func) = package.func(callee)?;
    let made = func.ops().filter_map(|(b, _, op)| match &op.kind {
        OpKind::MakeChan { dst, .. } if func.block(b).in_loop.is_none() => dst.as_local(),
        _ => None,
    });
    let mut object = None;
    let mut channels = Vec::new();
    for channel in made {
        let Some(into) = holder(func, channel) else { continue };
        if object.is_some_and(|o| o != into) {
            return None;
        }
        object = Some(into);
        channels.push((callee.decl, channel));
    }
    object.map(|o| (o, channels))
}

/// All names of an object, if it never goes where they could not be told; `made` is its name in the constructor, which returns it.
fn stays(package: &Package, start: Name, made: Option<Name>) -> Option<FxHashSet<Name>> {
    let mut seen: FxHashSet<Name> = FxHashSet::default();
    let mut todo = vec![start];
    todo.extend(made);
    while let Some((decl, local)) = todo.pop() {
        if !seen.insert((decl, local)) {
            continue;
        }
        let body = package.body(decl)?;
        let constructor = made.is_some_and(|(d, _)| d == decl);
        let escape = Scan { package, decl, body, local, constructor }.run(&mut todo);
        if escape || seen.len() > MAX_NAMES {
            return None;
        }
    }
    Some(seen)
}

struct Scan<'p> {
    package: &'p Package,
    decl: DeclId,
    body: &'p Body,
    local: LocalId,
    constructor: bool,
}

impl Scan<'_> {
    /// Whether the object escapes by this name; other names of it are added.
    fn run(&self, todo: &mut Vec<Name>) -> bool {
        let mut writes = 0;
        for (_, func) in functions(self.decl, self.body) {
            for (_, _, op) in func.ops() {
                let escapes = match &op.kind {
                    OpKind::Assign { dst, src } => {
                        writes += usize::from(dst.as_local() == Some(self.local));
                        self.is_method_value(src)
                            || self.is_whole(src) && dst.as_local().is_none_or(|l| todo_push(todo, (self.decl, l)))
                    }
                    OpKind::Send { value, .. } => self.is_whole(value) || self.is_method_value(value),
                    OpKind::Call(call) | OpKind::Defer(call) | OpKind::Spawn(call) => {
                        writes += call.results.iter().flatten().filter(|r| r.as_local() == Some(self.local)).count();
                        self.handed(call, todo)
                    }
                    _ => false,
                };
                if escapes {
                    return true;
                }
            }
            let out = |v: &Operand| self.is_method_value(v) || self.is_whole(v) && !self.constructor;
            if func.blocks.iter().any(|b| matches!(&b.term, Term::Return(values) if values.iter().any(out))) {
                return true;
            }
        }
        // What is named so may be one object or another.
        let given = matches!(self.body.local(self.local).kind, LocalKind::Recv | LocalKind::Param(_));
        writes + usize::from(given) > 1
    }

    fn is_whole(&self, value: &Operand) -> bool {
        value.place().and_then(Place::as_local) == Some(self.local)
    }

    /// Whether the value is a method of the object, or something in it that is an object itself.
    fn is_method_value(&self, value: &Operand) -> bool {
        let Some(place) = value.place().filter(|p| p.root == Root::Local(self.local)) else { return false };
        let Some((base, Proj::Field(name))) = place.split_last() else { return false };
        base.path.is_empty() && self.package.field(&self.package.ty_of(self.decl, self.body, &base), name).is_none()
    }

    /// Whether a call takes the object out of view.
    fn handed(&self, call: &Call, todo: &mut Vec<Name>) -> bool {
        // What a field of it holds is called without it.
        let is_field = |recv: &Place, name| self.package.field(&self.package.ty_of(self.decl, self.body, recv), name).is_some();
        let on_it = matches!(&call.callee, Callee::Method { recv, name }
            if recv.as_local() == Some(self.local) && !is_field(recv, *name));
        if on_it || call.args.iter().any(|a| self.is_whole(a)) {
            match self.package.resolve(self.decl, call) {
                Target::Func(callee) => {
                    let Some((_, func)) = self.package.func(callee) else { return true };
                    if on_it {
                        let Some(recv) = func.recv else { return true };
                        todo.push((callee.decl, recv));
                    }
                    for (i, _) in call.args.iter().enumerate().filter(|(_, a)| self.is_whole(a)) {
                        match func.params.get(i).filter(|_| !func.sig.variadic) {
                            Some(param) => todo.push((callee.decl, *param)),
                            None => return true,
                        }
                    }
                }
                // A lock that the type embeds.
                Target::Model(..) if on_it && !call.args.iter().any(|a| self.is_whole(a)) => {}
                _ => return true,
            }
        }
        call.args.iter().any(|a| self.is_method_value(a))
    }
}

/// Adds a name, which is no escape.
fn todo_push(todo: &mut Vec<Name>, name: Name) -> bool {
    todo.push(name);
    false
}

/// Whether the channel lies in fields of the object and in locals, made once, and is named through the object wherever that is in hands.
fn is_its_own(class: &Class, names: &FxHashSet<Name>) -> bool {
    let mut owner = None;
    let fits = class.cells.iter().all(|c| match c {
        Cell::Local(..) => true,
        Cell::Field(ty, _) => *owner.get_or_insert(*ty) == *ty,
        _ => false,
    });
    let decls: FxHashSet<DeclId> = names.iter().map(|n| n.0).collect();
    let through = |place: &Place, decl: DeclId| match (place.root_local(), place.path.as_slice()) {
        (Some(_), []) => true,
        (Some(l), [Proj::Field(_)]) => names.contains(&(decl, l)),
        _ => false,
    };
    fits && owner.is_some()
        && class.is_closed_world()
        && !class.from_elsewhere
        && !class.fed_by_library
        && class.makes().count() == 1
        && class.ops.iter().filter(|o| decls.contains(&o.id.decl)).all(|o| through(&o.place, o.id.decl))
}

/// The functions in which the object is called by a name.
fn users(package: &Package, names: &FxHashSet<Name>) -> FxHashSet<FnId> {
    let mut out = FxHashSet::default();
    for (decl, local) in names {
        let Some(body) = package.body(*decl) else { continue };
        out.insert(FnId { decl: *decl, func: body.local(*local).func });
        let names_it = |p: &Place| p.root == Root::Local(*local);
        for (id, func) in functions(*decl, body) {
            let used = func.ops().any(|(_, _, op)| match &op.kind {
                OpKind::Call(c) | OpKind::Defer(c) | OpKind::Spawn(c) => {
                    matches!(&c.callee, Callee::Method { recv, .. } if names_it(recv))
                        || c.args.iter().any(|a| a.place().is_some_and(names_it))
                }
                OpKind::Send { ch, .. } | OpKind::Recv { ch, .. } | OpKind::Close { ch } => names_it(ch),
                _ => false,
            });
            if used {
                out.insert(id);
            }
        }
    }
    out
}

/// Whether the ways counted lead through everything that is done with the object and its channels.
pub(super) fn leads_through(users: &FxHashSet<FnId>, classes: &[Rc<Class>], seen: &FxHashSet<FnId>) -> bool {
    let decls: FxHashSet<DeclId> = users.iter().map(|u| u.decl).collect();
    let done = classes.iter().flat_map(|c| &c.ops).filter(|o| !matches!(o.kind, ChanOpKind::Make(_)));
    users.iter().all(|u| seen.contains(u)) && done.filter(|o| decls.contains(&o.id.decl)).all(|o| seen.contains(&o.id))
}
