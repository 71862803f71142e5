//! The table as text: one line an exported name.

use super::facts::{Key, Src};
use super::shape::{Form, Func, Shapes};
use super::solve::{Solved, Wait, is_runtime, show};
use super::{Derived, importable, text};
use goleash::models::{BlockKind, Bound, FnModel, Models};
use goleash::old::ir::Sym;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
use ustr::ustr;

const NOT_LOOKED: &str = "the package is not looked into";

/// Where a person has looked and the model is right.
const RESOLVED: &[(&str, &str)] = &[
    ("crypto/tls.Conn.Close", "a deadline of its own bounds the farewell"),
    ("crypto/tls.Conn.CloseWrite", "a deadline of its own bounds the farewell"),
    ("crypto/tls.QUICConn.Close", "it has cancelled what it waits for"),
    ("database/sql.Conn.Close", "the driver lets go of a connection that nobody uses"),
    ("database/sql.Rows.Close", "the query is cancelled first"),
    ("database/sql.Stmt.Close", "the driver lets go of a statement that nobody uses"),
    ("log/slog.Logger.With", "attributes are formatted into memory"),
    ("net.DialIP", "no name and no handshake"),
    ("net.DialUDP", "no name and no handshake"),
    ("net.DialUnix", "a peer on this machine"),
    ("net.Dialer.DialIP", "no name and no handshake"),
    ("net.Dialer.DialUDP", "no name and no handshake"),
    ("net.ListenConfig.Listen", "an address of this machine"),
    ("net.ListenConfig.ListenPacket", "an address of this machine"),
    ("net.ListenIP", "an address of this machine"),
    ("net.ListenMulticastUDP", "an address of this machine"),
    ("net.ListenTCP", "an address of this machine"),
    ("net.ListenUDP", "an address of this machine"),
    ("net.ListenUnix", "an address of this machine"),
    ("net.ListenUnixgram", "an address of this machine"),
    ("net/http.ClientConn.Close", "it closes what it would wait for"),
    ("net/http.ResponseController.SetReadDeadline", "it waits for a loop that it wakes"),
    ("net/http.ResponseController.SetWriteDeadline", "it waits for a loop that it wakes"),
    ("net/http.Server.Close", "it waits for accept loops whose listeners it has closed"),
    ("net/http/httptest.NewServer", "an address of this machine"),
    ("net/http/httptest.NewTLSServer", "an address of this machine"),
    ("net/http/httptest.NewUnstartedServer", "an address of this machine"),
    ("net/http/httptest.ResponseRecorder.Result", "the body lies in memory"),
    ("net/http/httptest.Server.Client", "it only builds"),
    ("net/http/httptest.Server.Start", "it only starts"),
    ("net/http/httptest.Server.StartTLS", "it only starts"),
    ("os.StartProcess", "the child says at once whether it could start"),
    ("os/exec.Cmd.Start", "the child says at once whether it could start"),
    ("runtime/trace.Stop", "it waits for a writer that it ends"),
    ("sync.WaitGroup.Add", "only inside a test's bubble"),
    ("syscall.Exit", "its end lies in the runtime"),
];

const HEAD: &str =
    "# What goleash's own engines say of the standard library's source, one line an exported name; not to be edited.
# src/models/derived.rs reads it and tells the form; `UPDATE=1 cargo test --test main stdlib::` writes it anew.
";

/// How much is known of the exported functions and methods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them, those of interfaces included.
    pub functions: usize,
    /// With a hand-written entry.
    pub written: usize,
    /// Without one: nothing in them waits, beside what is handed in.
    pub quick: usize,
    /// Without one: what they wait for is known.
    pub waits: usize,
    /// Without one, and not known.
    pub unknown: usize,
    /// Of the unknown, those that a hand-written word about the whole package or type calls quick.
    pub blanket: usize,
}

pub(super) fn emit(shapes: &[Shapes], solved: &Solved, models: &'static Models) -> Derived {
    let mut out = Emitter { solved, models, signatures: signatures(shapes), derived: empty() };
    for shape in shapes.iter().filter(|s| importable(&s.path)) {
        out.package(shape);
    }
    out.derived
}

fn empty() -> Derived {
    Derived { table: HEAD.to_string(), counts: Counts::default(), unknown: Vec::new(), contradictions: Vec::new() }
}

/// Every signature by key.
fn signatures(shapes: &[Shapes]) -> FxHashMap<Key, &Func> {
    let mut out = FxHashMap::default();
    for shape in shapes {
        let path = ustr(&shape.path);
        for ((recv, name), func) in &shape.funcs {
            out.insert(Key { path, recv: *recv, name: *name, lit: 0 }, func);
        }
        for ty in &shape.types {
            if let Form::Interface(methods) = &ty.form {
                out.extend(methods.iter().map(|(name, func)| (Key { path, recv: Some(ty.name), name: *name, lit: 0 }, func)));
            }
        }
    }
    out
}

struct Emitter<'a> {
    solved: &'a Solved,
    models: &'static Models,
    signatures: FxHashMap<Key, &'a Func>,
    derived: Derived,
}

impl Emitter<'_> {
    fn package(&mut self, shape: &Shapes) {
        let path = ustr(&shape.path);
        let mut lines: Vec<String> = Vec::new();
        for ty in shape.types.iter().filter(|t| text::exported(&t.name)) {
            lines.push(type_line(ty.name, &ty.form));
        }
        lines.extend(shape.vars.iter().map(|(name, ty)| format!("var {name}\t{ty}")));
        let mut keys: BTreeMap<String, (Key, Key)> = BTreeMap::new();
        for (recv, name) in shape.funcs.keys().filter(|(recv, name)| recv.is_none() && text::exported(name)) {
            let key = Key { path, recv: *recv, name: *name, lit: 0 };
            keys.insert(name.to_string(), (key, key));
        }
        for ty in shape.types.iter().filter(|t| text::exported(&t.name) && !matches!(t.form, Form::Name(_, true))) {
            let names: BTreeSet<Sym> = self.solved.methods(path, ty.name);
            for name in names.into_iter().filter(|n| text::exported(n)) {
                let Some(meant) = self.solved.method(path, ty.name, name) else { continue };
                let key = Key { path, recv: Some(ty.name), name, lit: 0 };
                keys.insert(format!("{}.{name}", ty.name), (key, meant));
            }
        }
        for (shown, (key, meant)) in keys {
            lines.push(self.function(&shown, key, meant));
        }
        if !lines.is_empty() {
            let own = format!("{path}.");
            self.derived.table.push_str(&format!("\npackage {path}\n"));
            for line in lines {
                self.derived.table.push_str(&shorten(&line, &own));
                self.derived.table.push('\n');
            }
        }
    }

    fn function(&mut self, shown: &str, key: Key, meant: Key) -> String {
        let written = self.models.written(key.path, key.recv, key.name);
        // What is not looked into is left to what a person says of the package.
        let opaque = is_runtime(&meant.path) || is_runtime(&key.path) || key.path.starts_with("hash");
        let waits = if opaque { [Wait::Unknown(NOT_LOOKED.to_string())].into() } else { self.solved.of_source(&meant) };
        let no_return = self.solved.never_returns(&meant);
        let starts = self.solved.starts(&meant);
        let mut said = if no_return { Some("no_return".to_string()) } else { behaviour(&waits) };
        if let Some(arg) = starts {
            said = Some(said.map(|s| format!("{s} starts={arg}")).unwrap_or(format!("starts={arg}")));
        }
        let counts = &mut self.derived.counts;
        counts.functions += 1;
        match (&said, written) {
            (_, Some(model)) => {
                counts.written += 1;
                let judged = opaque || self.solved.is_interface(meant.path, meant.recv.unwrap_or_default());
                if !judged && RESOLVED.iter().all(|(name, _)| *name != show(&key)) {
                    self.derived.contradictions.extend(contradiction(&show(&key), &said, &waits, no_return, model));
                }
            }
            (Some(said), None) if said.starts_with("quick") || said.starts_with("no_return") || said.starts_with("starts") => {
                counts.quick += 1;
            }
            // It wins over a word about the whole package.
            (Some(_), None) => counts.waits += 1,
            (None, None) => {
                counts.unknown += 1;
                counts.blanket += usize::from(self.models.blanket(key.path, key.recv));
                let why = waits.iter().map(|w| format!("{w:?}")).collect::<Vec<_>>().join(", ");
                self.derived.unknown.push((show(&key), why));
            }
        }
        let signature = self.signatures.get(&meant);
        let results = signature.map(|f| f.results.join(";")).unwrap_or_default();
        let mut line = format!("func {shown}\t{results}\t{}", said.unwrap_or_default());
        if let Some(params) = signature.map(|f| &f.callbacks).filter(|p| !p.is_empty()) {
            line.push_str(&format!("\t{}", params.join(";")));
        }
        line.trim_end().to_string()
    }
}

fn type_line(name: Sym, form: &Form) -> String {
    match form {
        Form::Name(of, true) => format!("type {name}\talias\t{of}"),
        Form::Name(of, false) | Form::Other(of) if of.contains('?') => format!("type {name}"),
        Form::Name(of, false) | Form::Other(of) => format!("type {name}\tis\t{of}"),
        Form::Interface(_) => format!("type {name}\tinterface"),
        Form::Struct(fields) if fields.is_empty() => format!("type {name}"),
        Form::Struct(fields) => {
            let fields: Vec<String> = fields.iter().map(|(name, ty)| format!("{name} {ty}")).collect();
            format!("type {name}\tstruct\t{}", fields.join(";"))
        }
    }
}

/// Names of the own package begin with a dot.
fn shorten(line: &str, own: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(own) {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let joined = before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '/' | '_' | '.' | '-'));
        out.push_str(if joined { own } else { "." });
        rest = &after[own.len()..];
    }
    out.push_str(rest);
    out
}

/// The words for what a function waits for; `None` where they would say more than is known.
fn behaviour(waits: &BTreeSet<Wait>) -> Option<String> {
    let long: Vec<&Wait> = waits.iter().filter(|w| **w != Wait::Short).collect();
    match long.as_slice() {
        [] if waits.is_empty() => Some("quick".to_string()),
        [] => Some("io always".to_string()),
        [Wait::Callback(Src::Param(i))] => Some(format!("quick runs={i}")),
        [Wait::Stream(Src::Param(i))] => Some(format!("io stream={i}")),
        [Wait::Stream(Src::Recv)] => Some("io wrapped".to_string()),
        [Wait::Context(kind, i)] => Some(format!("{kind} context={i}")),
        _ => None,
    }
}

/// Where the source says something else than a person did.
fn contradiction(name: &str, said: &Option<String>, waits: &BTreeSet<Wait>, no_return: bool, model: &FnModel) -> Option<String> {
    let blocks = model.blocks.as_ref();
    let sure = waits.iter().any(|w| !matches!(w, Wait::Short | Wait::Unknown(_) | Wait::Callback(_)));
    if no_return != model.no_return {
        return Some(format!("{name}: never returns by its source: {no_return}, by its model: {}", model.no_return));
    }
    match said {
        _ if no_return => None,
        Some(said)
            if said.starts_with("quick") && blocks.is_some_and(|b| b.bound != Bound::Always && b.kind != BlockKind::Lock) =>
        {
            let kind = blocks.map(|b| format!("{:?} {:?}", b.kind, b.bound)).unwrap_or_default();
            Some(format!("{name}: quick by its source, waits by its model ({kind})"))
        }
        Some(said) if said.contains("runs=") && model.quick && model.runs.is_none() => {
            Some(format!("{name}: runs an argument by its source ({said}), which its model does not say"))
        }
        _ if model.quick && sure => {
            let why = waits.iter().map(|w| format!("{w:?}")).collect::<Vec<_>>().join(", ");
            Some(format!("{name}: waits by its source ({why}), quick by its model"))
        }
        _ => None,
    }
}
