//! What each function can wait for, through everything that it calls: the least fixed point over all of them.

use super::facts::{Dest, Key, Node, Src, Step};
use super::shape::{Form, Shapes};
use goleash::models::{BlockKind, Bound, FnModel, Models};
use goleash::old::ir::Sym;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use ustr::ustr;

/// One thing that a function can wait for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Wait {
    /// A channel.
    Channel,
    /// As long as a stream that came in takes.
    Stream(Src),
    /// As long as a function that came in takes.
    Callback(Src),
    /// A context that came in as this parameter bounds it.
    Context(&'static str, u8),
    /// A model says so, and what bounds it is nothing that came in.
    Open(&'static str),
    /// Files and the like: the library keeps it short.
    Short,
    /// It cannot be told; why.
    Unknown(String),
}

type Waits = BTreeSet<Wait>;

/// An interface's method: path, type, name.
type Method = (Sym, Sym, Sym);

/// The answer for every function.
pub(super) struct Solved {
    models: &'static Models,
    nodes: Vec<Node>,
    by_key: FxHashMap<Key, usize>,
    waits: Vec<Waits>,
    starts: Vec<BTreeSet<u8>>,
    /// What brought a wait into a function: the line and the callee.
    via: FxHashMap<(usize, Wait), (u32, String)>,
    interfaces: FxHashMap<Method, Waits>,
    implementers: FxHashMap<Method, Vec<Key>>,
    /// By a package and a name: all methods of that name in what the package can see.
    named: FxHashMap<(Sym, Sym), (Vec<usize>, Waits)>,
    types: FxHashMap<(Sym, Sym), TypeRef>,
}

/// What a name of a type stands for, as far as calls of its methods go.
struct TypeRef {
    embedded: Vec<(Sym, Sym)>,
    own: FxHashSet<Sym>,
    interface: bool,
}

impl Solved {
    pub(super) fn new(shapes: &[Shapes], nodes: Vec<Node>, models: &'static Models) -> Self {
        let by_key = nodes.iter().enumerate().rev().map(|(i, n)| (n.key, i)).collect();
        let (waits, starts) = (vec![Waits::new(); nodes.len()], vec![BTreeSet::new(); nodes.len()]);
        let types = shapes.iter().flat_map(type_refs).collect();
        let (via, interfaces, implementers) = (FxHashMap::default(), FxHashMap::default(), FxHashMap::default());
        let named = named(shapes, &nodes);
        let mut solved = Self { named, models, nodes, by_key, waits, starts, via, interfaces, implementers, types };
        solved.find_implementers(shapes);
        while solved.round() {}
        solved
    }

    /// The key of the function that a selector on a type means: its own, or that of what it embeds.
    pub(super) fn method(&self, path: Sym, recv: Sym, name: Sym) -> Option<Key> {
        self.method_within(path, recv, name, 0)
    }

    fn method_within(&self, path: Sym, recv: Sym, name: Sym, depth: u8) -> Option<Key> {
        let key = Key { path, recv: Some(recv), name, lit: 0 };
        let ty = self.types.get(&(path, recv)).filter(|_| depth < 6);
        if self.by_key.contains_key(&key) || ty.is_some_and(|t| t.interface && t.own.contains(&name)) {
            return Some(key);
        }
        ty?.embedded.iter().find_map(|(path, recv)| self.method_within(*path, *recv, name, depth + 1))
    }

    /// The names of all methods of a type, with those of what it embeds.
    pub(super) fn methods(&self, path: Sym, recv: Sym) -> BTreeSet<Sym> {
        let mut out = BTreeSet::new();
        let mut todo = vec![(path, recv)];
        let mut seen = FxHashSet::default();
        while let Some(at) = todo.pop() {
            if let Some(ty) = self.types.get(&at).filter(|_| seen.insert(at)) {
                out.extend(ty.own.iter().copied());
                todo.extend(ty.embedded.iter().copied());
            }
        }
        out
    }

    pub(super) fn is_interface(&self, path: Sym, name: Sym) -> bool {
        self.types.get(&(path, name)).is_some_and(|t| t.interface)
    }

    fn find_implementers(&mut self, shapes: &[Shapes]) {
        let mut wanted: BTreeSet<(Sym, Sym)> = BTreeSet::new();
        wanted.extend(self.types.iter().filter(|(_, t)| t.interface).map(|(k, _)| *k));
        let concrete: Vec<((Sym, Sym), BTreeSet<Sym>)> = shapes
            .iter()
            .flat_map(|s| s.types.iter().map(move |t| (ustr(&s.path), t.name)))
            .filter(|(path, name)| !self.is_interface(*path, *name))
            .map(|(path, name)| ((path, name), self.methods(path, name)))
            .filter(|(_, methods)| !methods.is_empty())
            .collect();
        for (path, name) in wanted {
            let methods = self.methods(path, name);
            for (of, has) in concrete.iter().filter(|(_, has)| !methods.is_empty() && methods.is_subset(has)) {
                let _ = has;
                for method in &methods {
                    if let Some(key) = self.method(of.0, of.1, *method).filter(|k| self.by_key.contains_key(k)) {
                        self.implementers.entry((path, name, *method)).or_default().push(key);
                    }
                }
            }
        }
        for list in self.implementers.values_mut() {
            list.sort_unstable();
            list.dedup();
        }
    }

    fn round(&mut self) -> bool {
        let mut changed = false;
        for i in 0..self.nodes.len() {
            let mut found: Vec<(Wait, u32, String)> = Vec::new();
            let mut started: Vec<u8> = Vec::new();
            for (step, line) in &self.nodes[i].steps {
                for (wait, callee) in self.step(&self.nodes[i], step, &mut started) {
                    if !self.waits[i].contains(&wait) {
                        found.push((wait, *line, callee));
                    }
                }
            }
            for (wait, line, callee) in found {
                // A few reasons do.
                let unknown = matches!(wait, Wait::Unknown(_));
                if unknown && self.waits[i].iter().filter(|w| matches!(w, Wait::Unknown(_))).count() >= 3 {
                    continue;
                }
                changed = true;
                self.via.entry((i, wait.clone())).or_insert((line, callee));
                self.waits[i].insert(wait);
            }
            for arg in started {
                changed |= self.starts[i].insert(arg);
            }
        }
        for (list, at) in self.named.values_mut() {
            let union: Waits = list.iter().flat_map(|i| self.waits[*i].iter().cloned()).collect();
            let mut unknown = 0;
            let few = |w: &Wait| {
                unknown += u8::from(matches!(w, Wait::Unknown(_)));
                !matches!(w, Wait::Unknown(_)) || unknown <= 3
            };
            let union: Waits = union.into_iter().filter(few).collect();
            changed |= *at != union;
            *at = union;
        }
        let mut methods: Vec<Method> = self.implementers.keys().copied().collect();
        methods.sort_unstable();
        for method in methods {
            let union: Waits =
                self.implementers[&method].iter().flat_map(|k| self.waits[self.by_key[k]].iter().cloned()).collect();
            let at = self.interfaces.entry(method).or_default();
            changed |= *at != union;
            *at = union;
        }
        changed
    }

    fn step(&self, node: &Node, step: &Step, started: &mut Vec<u8>) -> Vec<(Wait, String)> {
        match step {
            Step::Channel => vec![(Wait::Channel, "a channel".to_string())],
            Step::Start(Src::Param(i)) => {
                started.push(*i);
                Vec::new()
            }
            Step::Start(_) => Vec::new(),
            Step::Call { dest, recv, args } => {
                let (waits, name) = match dest {
                    Dest::Func(key) => {
                        started.extend(self.started_by(key, args));
                        (self.called(key), show(key))
                    }
                    Dest::Callback(src) => ([Wait::Callback(*src)].into(), "what came in".to_string()),
                    Dest::Interface(path, of, method) => {
                        (self.through_interface((*path, *of, *method)), format!("{path}.{of}.{method}"))
                    }
                    Dest::Any(name) => (self.any(node.key.path, *name), format!("{name} of something")),
                    Dest::OneOf(keys) => (keys.iter().flat_map(|k| self.called(k)).collect(), "one of several".to_string()),
                    Dest::Unknown(why) => ([Wait::Unknown(why.clone())].into(), String::new()),
                };
                // A literal sees the parameters of the function around it as its own.
                let same = matches!(dest, Dest::Callback(_) | Dest::Unknown(_))
                    || matches!(dest, Dest::Func(k) if k.lit > 0 && same_decl(k, &node.key));
                let bound = |wait: Wait| if same { vec![wait] } else { self.bind(node, wait, *recv, args) };
                waits.into_iter().flat_map(bound).map(|w| (w, name.clone())).collect()
            }
        }
    }

    /// What a method of that name waits for, whatever has it.
    fn any(&self, path: Sym, name: Sym) -> Waits {
        if is_quick_by_contract("", &name) {
            return Waits::new();
        }
        match self.named.get(&(path, name)) {
            Some((list, waits)) if !list.is_empty() => waits.clone(),
            _ => [Wait::Unknown(format!("`{name}` of something whose type is not known"))].into(),
        }
    }

    fn started_by(&self, key: &Key, args: &[Src]) -> Vec<u8> {
        let written = self.written(key).and_then(|m| m.starts);
        let known = self.by_key.get(key).map(|i| self.starts[*i].clone()).unwrap_or_default();
        let bound = |i: u8| match args.get(i as usize) {
            Some(Src::Param(outer)) => Some(*outer),
            _ => None,
        };
        written.into_iter().chain(known).filter_map(bound).collect()
    }

    /// A wait of a callee in terms of its caller.
    fn bind(&self, node: &Node, wait: Wait, recv: Src, args: &[Src]) -> Vec<Wait> {
        let came_in = |src: Src| match src {
            Src::Param(i) => args.get(i as usize).copied().unwrap_or(Src::Other),
            Src::Recv => recv,
            other => other,
        };
        match wait {
            Wait::Stream(src) => match came_in(src) {
                at @ (Src::Param(_) | Src::Recv) => vec![Wait::Stream(at)],
                Src::Memory => Vec::new(),
                Src::Func(_) | Src::Other => vec![Wait::Unknown("a stream of its own".to_string())],
            },
            Wait::Callback(src) => match came_in(src) {
                at @ Src::Param(_) => vec![Wait::Callback(at)],
                Src::Func(key) => {
                    let inner = self.called(&key);
                    let outer = |w: Wait| match w {
                        Wait::Stream(_) | Wait::Callback(_) | Wait::Context(..) if !same_decl(&key, &node.key) => {
                            Wait::Unknown("what a function that it hands on waits for".to_string())
                        }
                        other => other,
                    };
                    inner.into_iter().map(outer).collect()
                }
                _ => vec![Wait::Unknown("calls a function value".to_string())],
            },
            Wait::Context(kind, i) => match args.get(i as usize) {
                Some(Src::Param(outer)) => vec![Wait::Context(kind, *outer)],
                _ => vec![Wait::Unknown("a context of its own".to_string())],
            },
            other => vec![other],
        }
    }

    fn written(&self, key: &Key) -> Option<&'static FnModel> {
        if key.lit > 0 { None } else { self.models.written(key.path, key.recv, key.name) }
    }

    /// What a function waits for, in its own terms.
    pub(super) fn called(&self, key: &Key) -> Waits {
        match self.written(key).map(|model| of_model(model, key.recv.is_some())) {
            // A model that only takes a function out of what is called quick leaves the answer to its source.
            Some(waits) if !waits.iter().any(|w| matches!(w, Wait::Unknown(_))) => waits,
            _ => self.of_source(key),
        }
    }

    /// The same by its source alone.
    pub(super) fn of_source(&self, key: &Key) -> Waits {
        if is_runtime(&key.path) || is_cached(key) {
            return Waits::new();
        }
        if is_system_call(key) {
            return [Wait::Short].into();
        }
        if let Some(i) = self.by_key.get(key) {
            return if self.nodes[*i].readable { self.waits[*i].clone() } else { without_body(key) };
        }
        let Some(recv) = key.recv else {
            // A conversion to a type, or a variable that holds a function.
            let is_type = self.types.contains_key(&(key.path, key.name));
            return if is_type { Waits::new() } else { [Wait::Unknown(format!("calls what {} holds", key.name))].into() };
        };
        if self.is_interface(key.path, recv) {
            return self.through_interface((key.path, recv, key.name));
        }
        match self.method(key.path, recv, key.name) {
            Some(promoted) if promoted != *key => self.called(&promoted),
            _ => [Wait::Unknown(format!("calls `{}`, which is not found", show(key)))].into(),
        }
    }

    fn through_interface(&self, (path, of, name): Method) -> Waits {
        if let Some(model) = self.models.written(path, Some(of), name) {
            return of_model(model, true);
        }
        if let Some(Key { path: from, recv: Some(recv), .. }) = self.method(path, of, name)
            && (from, recv) != (path, of)
        {
            return self.through_interface((from, recv, name));
        }
        if is_quick_by_contract(of.as_str(), name.as_str()) {
            return Waits::new();
        }
        if is_runtime(&path) || path.starts_with("hash") {
            return Waits::new();
        }
        if is_stream_method(&name) {
            return [Wait::Stream(Src::Recv)].into();
        }
        match self.interfaces.get(&(path, of, name)) {
            Some(waits) => waits.clone(),
            None if self.implementers.contains_key(&(path, of, name)) => Waits::new(),
            None => [Wait::Unknown(format!("nothing in the tree is a {path}.{of}"))].into(),
        }
    }

    pub(super) fn starts(&self, key: &Key) -> Option<u8> {
        let found = &self.starts[*self.by_key.get(key)?];
        (found.len() == 1).then(|| found.first().copied())?
    }

    pub(super) fn never_returns(&self, key: &Key) -> bool {
        self.by_key.get(key).is_some_and(|i| self.nodes[*i].no_return)
    }

    /// The calls that lead to each thing that a function waits for.
    pub(super) fn why(&self, name: &str) -> String {
        let mut out = String::new();
        let mut keys: Vec<(&Key, &usize)> = self.by_key.iter().filter(|(k, _)| show(k) == name).collect();
        keys.sort();
        for (_, at) in keys {
            for wait in &self.waits[*at] {
                // Writing to a String cannot fail.
                let _ = writeln!(out, "{name}: {wait:?}");
                let mut at = *at;
                for _ in 0..12 {
                    let Some((line, callee)) = self.via.get(&(at, wait.clone())) else { break };
                    let _ = writeln!(out, "    line {line}: {callee}");
                    match self.by_key.iter().find(|(k, _)| show(k) == *callee) {
                        Some((_, next)) if *next != at => at = *next,
                        _ => break,
                    }
                }
            }
        }
        out
    }
}

/// For each method called on something whose type is not known: what it can be. Unexported ones are the package's own, others those of
/// the packages that it sees through its imports.
fn named(shapes: &[Shapes], nodes: &[Node]) -> FxHashMap<(Sym, Sym), (Vec<usize>, Waits)> {
    let mut imports: FxHashMap<Sym, FxHashSet<Sym>> = FxHashMap::default();
    for shape in shapes {
        imports.entry(ustr(&shape.path)).or_default().extend(shape.imports.iter().copied());
    }
    let mut by_name: FxHashMap<Sym, Vec<usize>> = FxHashMap::default();
    for (i, node) in nodes.iter().enumerate().filter(|(_, n)| n.key.recv.is_some() && n.key.lit == 0) {
        by_name.entry(node.key.name).or_default().push(i);
    }
    let mut out: FxHashMap<(Sym, Sym), (Vec<usize>, Waits)> = FxHashMap::default();
    let mut closures: FxHashMap<Sym, FxHashSet<Sym>> = FxHashMap::default();
    for node in nodes {
        let path = node.key.path;
        for (step, _) in &node.steps {
            let Step::Call { dest: Dest::Any(name), .. } = step else { continue };
            let seen = closures.entry(path).or_insert_with(|| closure(path, &imports));
            out.entry((path, *name)).or_insert_with(|| {
                let open = super::text::exported(name);
                let can_be = |i: &usize| nodes[*i].key.path == path || (open && seen.contains(&nodes[*i].key.path));
                (by_name.get(name).into_iter().flatten().copied().filter(can_be).collect(), Waits::new())
            });
        }
    }
    out
}

fn closure(path: Sym, imports: &FxHashMap<Sym, FxHashSet<Sym>>) -> FxHashSet<Sym> {
    let mut seen = FxHashSet::default();
    let mut todo = vec![path];
    while let Some(at) = todo.pop() {
        if seen.insert(at) {
            todo.extend(imports.get(&at).into_iter().flatten().copied());
        }
    }
    seen
}

fn same_decl(a: &Key, b: &Key) -> bool {
    (a.path, a.recv, a.name) == (b.path, b.recv, b.name)
}

pub(super) fn show(key: &Key) -> String {
    let recv = key.recv.map(|r| format!("{r}.")).unwrap_or_default();
    let lit = if key.lit > 0 { format!(".func{}", key.lit) } else { String::new() };
    format!("{}.{recv}{}{lit}", key.path, key.name)
}

fn type_refs(shapes: &Shapes) -> Vec<((Sym, Sym), TypeRef)> {
    let path = ustr(&shapes.path);
    let split = |text: &String| {
        let text = text.trim_start_matches('*');
        text.rsplit_once('.').map(|(p, n)| (ustr(p), ustr(n)))
    };
    let refer = |t: &super::shape::Type| {
        let mut embedded: Vec<(Sym, Sym)> = t.embedded.iter().filter_map(split).collect();
        // An alias has what it stands for; a defined type over another has it only where that is an interface.
        if let Form::Name(of, _) = &t.form {
            embedded.extend(split(of));
        }
        let mut own: FxHashSet<Sym> = shapes.funcs.keys().filter(|(r, _)| *r == Some(t.name)).map(|(_, n)| *n).collect();
        if let Form::Interface(methods) = &t.form {
            own.extend(methods.iter().map(|(n, _)| *n));
        }
        ((path, t.name), TypeRef { embedded, own, interface: matches!(t.form, Form::Interface(_)) })
    };
    shapes.types.iter().map(refer).collect()
}

/// What a hand-written model says.
pub(super) fn of_model(model: &FnModel, method: bool) -> Waits {
    let mut out = Waits::new();
    if model.no_return {
        return out;
    }
    out.extend(model.runs.map(|i| Wait::Callback(Src::Param(i))));
    if let Some(blocks) = model.blocks.as_ref().filter(|_| !model.quick) {
        let kind = kind_name(blocks.kind);
        match blocks.bound {
            _ if blocks.kind == BlockKind::Lock => {}
            Bound::Always => out.extend([Wait::Short]),
            Bound::Context(i) => out.extend([Wait::Context(kind, i)]),
            Bound::Stream(i) => out.extend([Wait::Stream(Src::Param(i))]),
            Bound::Deadline | Bound::Wrapped => out.extend([Wait::Stream(Src::Recv)]),
            Bound::None if blocks.kind == BlockKind::Io && method => out.extend([Wait::Stream(Src::Recv)]),
            Bound::None | Bound::Request(_) | Bound::Client | Bound::Origin | Bound::Duration(_) | Bound::Channel(_) => {
                out.extend([Wait::Open(kind)]);
            }
        }
    }
    let told = model.quick || model.blocks.is_some() || model.runs.is_some() || model.starts.is_some();
    if !told {
        out.insert(Wait::Unknown("a model says that it is not known".to_string()));
    }
    out
}

fn kind_name(kind: BlockKind) -> &'static str {
    match kind {
        BlockKind::Sleep => "sleep",
        BlockKind::Io => "io",
        BlockKind::Network => "network",
        BlockKind::Recv => "recv",
        BlockKind::Wait => "wait",
        BlockKind::Lock => "lock",
        BlockKind::Forever => "forever",
        BlockKind::Process => "process",
    }
}

/// Packages that are not looked into. The runtime is below all waiting, and what of it waits is written down by hand. Cryptography
/// computes, through tables of functions and generic code that hide it from view; what it reads and writes is handed in, or the entropy
/// of the system.
pub(super) fn is_runtime(path: &str) -> bool {
    matches!(path, "runtime" | "unsafe" | "internal/abi" | "internal/bytealg" | "internal/race" | "internal/sync")
        || path.starts_with("internal/runtime/")
        || (path.starts_with("crypto/") && !path.starts_with("crypto/tls") && !path.starts_with("crypto/x509"))
}

/// Reads a small file the first time, and never again.
fn is_cached(key: &Key) -> bool {
    matches!((key.path.as_str(), key.name.as_str()), ("time", "initLocal" | "loadLocation") | ("syscall", "copyenv"))
}

/// Calls of the system: what of them waits for long is written down by hand under its own name.
fn is_system_call(key: &Key) -> bool {
    const NAMES: [&str; 6] = ["RawSyscall", "RawSyscall6", "Syscall", "Syscall6", "rawSyscallNoError", "rawVforkSyscall"];
    key.path == "syscall" && NAMES.contains(&key.name.as_str())
}

/// Functions in assembly, or linked to by name. Most compute; these are where waiting begins.
fn without_body(key: &Key) -> Waits {
    let wait = match (key.path.as_str(), key.name.as_str()) {
        ("time", "Sleep") => Wait::Open("sleep"),
        ("internal/poll", "runtime_pollWait") => Wait::Stream(Src::Recv),
        ("sync" | "internal/sync", "runtime_notifyListWait" | "runtime_SemacquireWaitGroup") => Wait::Open("wait"),
        ("reflect", "chanrecv" | "chansend0" | "rselect") => Wait::Open("recv"),
        ("os/signal", "signal_recv") => Wait::Open("recv"),
        ("testing/synctest" | "internal/synctest", _) => Wait::Open("wait"),
        _ => return Waits::new(),
    };
    [wait].into()
}

/// Methods of interfaces that read from or write to something, whatever implements them.
fn is_stream_method(name: &str) -> bool {
    matches!(
        name,
        "Close"
            | "Flush"
            | "Open"
            | "Peek"
            | "Read"
            | "ReadAt"
            | "ReadByte"
            | "ReadDir"
            | "ReadFile"
            | "ReadFrom"
            | "ReadRune"
            | "Seek"
            | "Write"
            | "WriteAt"
            | "WriteByte"
            | "WriteRune"
            | "WriteString"
            | "WriteTo"
    )
}

/// Methods that code of the user's may implement and that are asked for a value.
fn is_quick_by_contract(of: &str, name: &str) -> bool {
    matches!(
        name,
        "Error"
            | "String"
            | "GoString"
            | "Len"
            | "Less"
            | "Swap"
            | "Unwrap"
            | "Is"
            | "As"
            | "Name"
            | "Size"
            | "Mode"
            | "IsDir"
            | "AppendBinary"
            | "AppendText"
            | "MarshalBinary"
            | "MarshalJSON"
            | "MarshalJSONTo"
            | "MarshalText"
            | "MarshalXML"
            | "MarshalXMLAttr"
            | "UnmarshalBinary"
            | "UnmarshalJSON"
            | "UnmarshalJSONFrom"
            | "UnmarshalText"
            | "UnmarshalXML"
            | "UnmarshalXMLAttr"
            | "GobEncode"
            | "GobDecode"
            | "LogValue"
    ) || matches!((of, name), ("Formatter", "Format") | ("Scanner", "Scan"))
}
