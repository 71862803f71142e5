//! Types that code out of view uses: what becomes of their goroutines whatever a decent caller does. Such a caller makes a value, calls methods
//! of it, calls its end last where it has one, and reads what it is given for reading.
//!
//! An *end* is no name: it is a method after which nothing is left of what was started.

use crate::explore::{Explorer, Kind, Leak, Maker, Place as At, Report, Use};
use crate::source::{DeclKind, may_make_channel};
use crate::types::{FuncId, Name, Named, Pkg, Place, Type, World};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How many methods of a type are called.
const METHODS: usize = 8;
/// How many uses of a type are explored.
const USES: usize = 80;

/// A type that code out of view can make values of.
pub(super) struct Usable {
    root: FuncId,
    maker: Maker,
    /// Methods that concern waiting.
    methods: Vec<Name>,
}

/// A leak and how code out of view has part in it.
pub(super) struct Used {
    /// What makes the value.
    pub(super) root: FuncId,
    /// The leak.
    pub(super) leak: Leak,
}

/// What tells leaks of one type apart.
type Key = (At, Kind, Option<At>);

/// What comes of a use.
struct Outcome {
    /// Goroutines that are stuck, by place.
    leaks: FxHashMap<Key, Leak>,
    /// Whether the caller is stuck itself, in a call that nothing else went on beside.
    held: bool,
    whole: bool,
}

impl Outcome {
    fn ends_all(&self) -> bool {
        self.whole && self.leaks.is_empty()
    }
}

struct Client<'e, 'a> {
    explorer: &'e Explorer<'a>,
    maker: Maker,
    known: FxHashMap<Vec<Use>, Option<std::rc::Rc<Outcome>>>,
    reports: Vec<Report>,
}

/// Explores types that code out of view can use.
pub(super) fn clients(explorer: &Explorer<'_>, world: &World, pkg: &Pkg, types: &[Usable]) -> (Vec<Used>, Vec<(FuncId, Report)>) {
    // What leaks though nothing is known of what functions answer may not do so with their answers.
    explorer.prepare(pkg.key, functions(world, types), true);
    let found = used(explorer, types);
    if found.0.is_empty() {
        return found;
    }
    explorer.prepare(pkg.key, functions(world, types), false);
    used(explorer, types)
}

fn used(explorer: &Explorer<'_>, types: &[Usable]) -> (Vec<Used>, Vec<(FuncId, Report)>) {
    let mut out = Vec::new();
    let mut reports = Vec::new();
    for one in types {
        let mut client = Client { explorer, maker: one.maker.clone(), known: FxHashMap::default(), reports: Vec::new() };
        out.extend(client.look(&one.methods).into_iter().map(|leak| Used { root: one.root, leak }));
        reports.extend(client.reports.into_iter().map(|report| (one.root, report)));
    }
    (out, reports)
}

/// The functions that are called where types are used.
fn functions(world: &World, types: &[Usable]) -> Vec<FuncId> {
    let mut out = Vec::new();
    for one in types {
        let named = match &one.maker {
            Maker::Func(func) => {
                out.push(*func);
                let result = world.func(*func).and_then(|decl| decl.signature.results.first().map(|ty| ty.deref().0.clone()));
                let Some(Type::Named(named)) = result else { continue };
                named
            }
            Maker::Zero(named) => Arc::clone(named),
        };
        out.extend(one.methods.iter().map(|name| FuncId { pkg: named.pkg, recv: Some(named.name), name: *name }));
    }
    out
}

/// The types that code out of view can make values of, with the methods that concern waiting.
pub(super) fn types(world: &World, explorer: &Explorer<'_>, pkg: &Arc<Pkg>) -> Vec<Usable> {
    let mut out = Vec::new();
    let mut names: Vec<_> = pkg.names().filter(|(_, place)| pkg.is_built(place.file)).collect();
    names.sort_by_key(|(_, place)| *place);
    names.retain(|(_, place)| !pkg.source.files[place.file as usize].is_test);
    let some = pkg.source.files.iter().any(|unit| unit.requested);
    let requested = |place: Place| !some || pkg.source.files[place.file as usize].requested;
    let text = |place: Place| pkg.source.files[place.file as usize].src.slice(pkg.decl(place).span);
    let acts = |place: Place| may_make_channel(text(place)) || starts(text(place));
    let bodies = |ty: Name| pkg.methods_of(ty).iter().filter_map(move |method| pkg.method(ty, *method));
    let mut made = BTreeSet::new();
    for (name, place) in names.iter().filter(|(_, place)| pkg.decl(*place).kind == DeclKind::Func) {
        let id = FuncId { pkg: pkg.key, recv: None, name: *name };
        let Some(decl) = world.func(id) else { continue };
        let Some(Type::Named(named)) = decl.signature.results.first().map(|ty| ty.deref().0) else { continue };
        if named.pkg != pkg.key || named.local.is_some() {
            continue;
        }
        made.insert(named.name);
        // What is behind an interface is known by the function that makes it, and explored from there.
        if !requested(*place) || !is_struct(world, named) {
            continue;
        }
        let maker = Maker::Func(id);
        let plain = decl.signature.type_params.is_empty() && named.args.is_empty();
        // Without goroutines of its own nothing of it is left when it is no longer used.
        let lives = || starts(text(*place)) || bodies(named.name).any(|method| starts(text(method)));
        if plain && exported(*name) && lives() && (acts(*place) || explorer.has_channels(&maker)) {
            let methods = methods(explorer, pkg, &maker, named.name);
            out.extend((!methods.is_empty()).then_some(Usable { root: id, maker, methods }));
        }
    }
    // Of those that no function makes a variable is declared.
    let declared = names.iter().filter(|(name, place)| {
        pkg.decl(*place).kind == DeclKind::Type && exported(*name) && !made.contains(name) && requested(*place)
    });
    for (name, _) in declared {
        if !bodies(*name).any(acts) {
            continue;
        }
        let named = Arc::new(Named { pkg: pkg.key, name: *name, args: Box::default(), local: None });
        // What the package names elsewhere it makes in a way of its own.
        if !is_struct(world, &named) || is_named(pkg, *name) {
            continue;
        }
        let maker = Maker::Zero(named);
        let methods = methods(explorer, pkg, &maker, *name);
        if let Some(first) = methods.first() {
            out.push(Usable { root: FuncId { pkg: pkg.key, recv: Some(*name), name: *first }, maker, methods });
        }
    }
    out
}

/// Whether a text may start a goroutine.
fn starts(text: &str) -> bool {
    text.contains("go ") || text.contains(".Go(") || text.contains("AfterFunc(")
}

fn is_struct(world: &World, named: &Arc<Named>) -> bool {
    matches!(world.underlying(&Type::Named(Arc::clone(named))), Type::Struct(_))
}

/// Whether the name of a type stands anywhere but in its declaration and as the receiver of its methods.
fn is_named(pkg: &Arc<Pkg>, ty: Name) -> bool {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    pkg.source.files.iter().filter(|unit| !unit.is_test).any(|unit| {
        unit.outline.decls.iter().any(|decl| {
            let text = unit.src.slice(decl.span);
            let own = decl.kind == DeclKind::Type && decl.names.contains(&ty);
            // The receiver names it once.
            let free = usize::from(own || decl.recv == Some(ty));
            let whole = |at: usize| !part(text[..at].chars().next_back()) && !part(text[at + ty.len()..].chars().next());
            text.match_indices(ty.as_str()).filter(|(at, _)| whole(*at)).count() > free
        })
    })
}

fn methods(explorer: &Explorer<'_>, pkg: &Arc<Pkg>, maker: &Maker, ty: Name) -> Vec<Name> {
    let all = pkg.methods_of(ty).iter().copied();
    all.filter(|name| exported(*name) && explorer.concerns(maker, *name)).take(METHODS).collect()
}

fn exported(name: Name) -> bool {
    name.as_str().starts_with(char::is_uppercase)
}

impl Client<'_, '_> {
    fn after(&mut self, uses: &[Use]) -> Option<std::rc::Rc<Outcome>> {
        if let Some(known) = self.known.get(uses) {
            return known.clone();
        }
        let report = if self.known.len() < USES { self.explorer.explore_use(&self.maker, uses) } else { None };
        let outcome = report.map(|report| {
            let sure = report.leaks.iter().filter(|leak| !leak.undecided);
            let leaks: FxHashMap<Key, Leak> =
                sure.filter(|leak| leak.born.is_some()).map(|leak| ((leak.at, leak.kind, leak.born), leak.clone())).collect();
            let held = report.leaks.iter().any(|leak| leak.born.is_none());
            let outcome = std::rc::Rc::new(Outcome { leaks, held, whole: report.cut.is_none() });
            self.reports.push(report);
            outcome
        });
        self.known.insert(uses.to_vec(), outcome.clone());
        outcome
    }

    /// The leaks that no decent use avoids.
    fn look(&mut self, methods: &[Name]) -> Vec<Leak> {
        if !self.after(&[]).is_some_and(|base| base.whole) {
            return Vec::new();
        }
        let mut out = self.ended(&[], methods);
        // Methods that go on as long as others are called run beside these.
        let serving: Vec<Name> = methods.iter().copied().filter(|m| self.serves(*m)).take(2).collect();
        for method in serving {
            let others: Vec<Name> = methods.iter().copied().filter(|m| *m != method).collect();
            out.extend(self.ended(&[Use { method, aside: true }], &others));
        }
        out
    }

    /// Whether whoever calls a method, and nothing else, waits there for good to be given something.
    fn serves(&mut self, method: Name) -> bool {
        let Some(after) = self.after(&[Use { method, aside: true }]) else { return false };
        after.leaks.values().any(|leak| leak.caller && matches!(leak.kind, Kind::Receive | Kind::Select))
    }

    /// What is left of what was started, in spite of an end.
    fn ended(&mut self, before: &[Use], methods: &[Name]) -> Vec<Leak> {
        let with = |more: &[Use]| [before, more].concat();
        let plain = |method: Name| Use { method, aside: false };
        let Some(base) = self.after(before) else { return Vec::new() };
        if !base.whole {
            return Vec::new();
        }
        let ends: Vec<Name> = methods
            .iter()
            .copied()
            .filter(|m| self.after(&with(&[plain(*m)])).is_some_and(|after| after.ends_all() && !after.held))
            .collect();
        let quiet = base.leaks.is_empty();
        if !quiet && ends.is_empty() {
            return Vec::new();
        }
        let end = if quiet { None } else { ends.first().copied() };
        let mut out = Vec::new();
        for &method in methods.iter().filter(|m| Some(**m) != end) {
            let last: Vec<Use> = std::iter::once(method).chain(end).map(plain).collect();
            let Some(after) = self.after(&with(&last)) else { continue };
            let stuck: Vec<(Key, Leak)> = after.leaks.iter().map(|(key, leak)| (*key, leak.clone())).collect();
            for (key, leak) in stuck.into_iter().filter(|(_, leak)| !leak.caller) {
                let avoids = |client: &mut Self, m: Name| {
                    let after = client.after(&with(&[plain(method), plain(m)]));
                    after.is_none_or(|after| !after.leaks.contains_key(&key))
                };
                // Without an end that is one, who only waits to be given something may be meant to.
                let counts = !quiet || leak.kind == Kind::Send;
                if counts && !methods.iter().any(|m| avoids(self, *m)) {
                    out.push(leak);
                }
            }
        }
        out.sort_by_key(|leak| (leak.at, leak.born));
        out
    }
}
