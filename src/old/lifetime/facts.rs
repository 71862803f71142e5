//! What a way through a function has found out about its conditions: one that held goes on holding until something in it is written.
//!
//! Only conditions that can decide a second branch are kept, so that ways which differ in nothing else stay one.

use crate::old::ir::{Body, Callee, Cond, FuncIdx, Op, OpKind, Operand, Place, Root, Term};
use rustc_hash::{FxHashMap, FxHashSet};

/// More facts than this on one way, and the oldest is forgotten.
const MAX_FACTS: usize = 6;

/// Conditions with their outcome, in the order in which they were found out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Facts(Vec<(Cond, bool)>);

/// Which conditions of a declaration are worth remembering.
#[derive(Debug, Default)]
pub(super) struct Repeated {
    /// Places that are tested, and tested or set to something known a second time.
    places: FxHashSet<Place>,
    /// Other conditions that stand there twice.
    conds: FxHashSet<Cond>,
    /// Variables that more than one function tests and that hold one value for good.
    shared: FxHashSet<Place>,
}

impl Repeated {
    pub(super) fn new(body: &Body) -> Self {
        let mut tests: FxHashMap<Place, Vec<FuncIdx>> = FxHashMap::default();
        let mut settings: FxHashMap<Place, usize> = FxHashMap::default();
        let mut writers: FxHashMap<Root, Vec<FuncIdx>> = FxHashMap::default();
        let mut conds: FxHashMap<Cond, usize> = FxHashMap::default();
        let mut copies: Vec<(Place, Place)> = Vec::new();
        for (f, func) in body.funcs.iter().enumerate() {
            let f = FuncIdx(u32::try_from(f).unwrap_or(u32::MAX));
            for block in &func.blocks {
                if let Term::If { cond, .. } = &block.term {
                    let (base, _) = base(cond);
                    match tested(&base) {
                        Some(place) => tests.entry(place.clone()).or_default().push(f),
                        None => *conds.entry(base).or_default() += 1,
                    }
                }
                for op in &block.ops {
                    for_writes(op, |place| writers.entry(place.root).or_default().push(f));
                    if let Some((place, _)) = set_by(op).first() {
                        *settings.entry(place.clone()).or_default() += 1;
                    }
                    if let OpKind::Assign { dst, src: Operand::Place(src) } = &op.kind {
                        copies.push((dst.clone(), src.clone()));
                    }
                }
            }
        }
        for (dst, _) in &copies {
            *settings.entry(dst.clone()).or_default() += 1;
        }
        // What a literal writes can change between two looks at it.
        let steady = |p: &Place, funcs: &[FuncIdx]| {
            writers.get(&p.root).is_none_or(|w| w.len() == 1 || funcs.iter().all(|f| w.iter().all(|g| g == f)))
        };
        let shared = tests
            .iter()
            .filter(|(p, f)| {
                let once = writers.get(&p.root).is_none_or(|w| w.len() == 1);
                p.as_local().is_some() && once && f.iter().any(|g| *g != f[0])
            })
            .map(|(p, _)| p.clone())
            .collect();
        let mut places: FxHashSet<Place> = tests
            .iter()
            .filter(|(p, f)| f.len() + settings.get(*p).copied().unwrap_or(0) > 1 && (steady(p, f) || is_shared(&shared, p)))
            .map(|(p, _)| p.clone())
            .collect();
        // A value is known by its first name too.
        for (dst, src) in copies.iter().rev() {
            if places.contains(dst) {
                places.insert(src.clone());
            }
        }
        let conds = conds.into_iter().filter(|(c, n)| *n > 1 && *c != Cond::Opaque).map(|(c, _)| c).collect();
        Self { places, conds, shared }
    }

    fn wants(&self, base: &Cond) -> bool {
        match tested(base) {
            Some(place) => self.places.contains(place),
            None => self.conds.contains(base),
        }
    }
}

fn is_shared(shared: &FxHashSet<Place>, p: &Place) -> bool {
    shared.contains(p)
}

impl Facts {
    /// What is known of the condition.
    pub(super) fn says(&self, cond: &Cond) -> Option<bool> {
        let (base, positive) = base(cond);
        self.0.iter().rev().find_map(|(known, outcome)| follows(known, *outcome, &base)).map(|b| b == positive)
    }

    /// The condition turned out so.
    pub(super) fn learn(&mut self, cond: &Cond, outcome: bool, repeated: &Repeated) {
        let (base, positive) = base(cond);
        if !repeated.wants(&base) || self.says(&base) == Some(outcome == positive) {
            return;
        }
        self.0.push((base, outcome == positive));
        if self.0.len() > MAX_FACTS {
            self.0.remove(0);
        }
    }

    /// An operation writes places, some of them to something known.
    pub(super) fn pass(&mut self, op: &Op, repeated: &Repeated) {
        if self.0.is_empty() && repeated.places.is_empty() {
            return;
        }
        let copied = match &op.kind {
            OpKind::Assign { dst, src: Operand::Place(src) } if repeated.places.contains(dst) => {
                [Cond::IsNil(src.clone()), Cond::Truth(src.clone())]
                    .iter()
                    .zip([Cond::IsNil(dst.clone()), Cond::Truth(dst.clone())])
                    .filter_map(|(from, to)| Some((to, self.says(from)?)))
                    .collect()
            }
            _ => Vec::new(),
        };
        for_writes(op, |place| self.forget(place));
        if matches!(op.kind, OpKind::Recv { .. }) {
            self.waited();
        }
        self.0.extend(copied);
        for (place, cond) in set_by(op) {
            if repeated.places.contains(&place) {
                let (base, positive) = base(&cond);
                self.0.push((base, positive));
            }
        }
    }

    /// What others write may have changed while the function waited.
    pub(super) fn waited(&mut self) {
        let own = |p: &Place| p.as_local().is_some();
        self.0.retain(|(cond, _)| {
            let mut all = true;
            for_places(cond, |p| all &= own(p));
            all
        });
    }

    /// The place is written.
    pub(super) fn forget(&mut self, place: &Place) {
        self.0.retain(|(cond, _)| {
            let mut touched = false;
            for_places(cond, |p| {
                let n = p.path.len().min(place.path.len());
                touched |= p.root == place.root && p.path[..n] == place.path[..n];
            });
            !touched
        });
    }

    /// Only what other functions of the declaration ask as well.
    pub(super) fn shared(&self, repeated: &Repeated) -> Self {
        let list = self.0.iter().filter(|(c, _)| tested(c).is_some_and(|p| repeated.shared.contains(p)));
        Self(list.cloned().collect())
    }

    /// Whether both can hold in one run.
    pub(super) fn agree(&self, other: &Self) -> bool {
        self.0.iter().all(|(cond, outcome)| other.says(cond).is_none_or(|o| o == *outcome))
    }
}

/// The condition without negations, and whether it stands for itself.
fn base(cond: &Cond) -> (Cond, bool) {
    match cond {
        Cond::Not(inner) => {
            let (base, positive) = base(inner);
            (base, !positive)
        }
        other => (other.clone(), true),
    }
}

/// The one place whose value the condition compares with something fixed.
fn tested(base: &Cond) -> Option<&Place> {
    match base {
        Cond::Truth(p) | Cond::IsNil(p) => Some(p),
        Cond::Eq(Operand::Place(p), k) | Cond::Eq(k, Operand::Place(p)) if is_fixed(k) => Some(p),
        _ => None,
    }
}

fn is_fixed(value: &Operand) -> bool {
    matches!(value, Operand::Int(_) | Operand::Str(_) | Operand::Bool(_) | Operand::Nil)
}

fn fixed(cond: &Cond) -> Option<(&Place, &Operand)> {
    match cond {
        Cond::Eq(Operand::Place(p), k) | Cond::Eq(k, Operand::Place(p)) if is_fixed(k) => Some((p, k)),
        _ => None,
    }
}

/// What a known condition says of another.
fn follows(known: &Cond, outcome: bool, asked: &Cond) -> Option<bool> {
    if known == asked {
        return Some(outcome);
    }
    match (fixed(known), fixed(asked)) {
        (Some((p, k)), Some((q, l))) if p == q && k != l && outcome => Some(false),
        _ => None,
    }
}

fn for_places<'c>(cond: &'c Cond, mut f: impl FnMut(&'c Place)) {
    fn operand<'c>(value: &'c Operand, f: &mut impl FnMut(&'c Place)) {
        match value {
            Operand::Place(p) => f(p),
            Operand::Expr(e) => match &**e {
                crate::old::ir::Expr::Len(p) | crate::old::ir::Expr::Cap(p) => f(p),
                crate::old::ir::Expr::Add(a, b) | crate::old::ir::Expr::Sub(a, b) | crate::old::ir::Expr::Mul(a, b) => {
                    operand(a, f);
                    operand(b, f);
                }
            },
            _ => {}
        }
    }
    match cond {
        Cond::Truth(p) | Cond::IsNil(p) => f(p),
        Cond::Eq(a, b) | Cond::Less(a, b) => {
            operand(a, &mut f);
            operand(b, &mut f);
        }
        Cond::Not(inner) => for_places(inner, f),
        Cond::Const(_) | Cond::Opaque => {}
    }
}

/// Places that an operation writes.
fn for_writes(op: &Op, mut f: impl FnMut(&Place)) {
    match &op.kind {
        OpKind::Assign { dst, .. } | OpKind::MakeChan { dst, .. } => f(dst),
        OpKind::Call(call) => call.results.iter().flatten().for_each(f),
        OpKind::Recv { dst, ok, .. } => dst.iter().chain(ok).for_each(f),
        OpKind::Spawn(_) | OpKind::Defer(_) | OpKind::Send { .. } | OpKind::Close { .. } => {}
    }
}

/// What an operation makes sure of.
fn set_by(op: &Op) -> Vec<(Place, Cond)> {
    let not_nil = |p: &Place| (p.clone(), Cond::Not(Box::new(Cond::IsNil(p.clone()))));
    match &op.kind {
        OpKind::MakeChan { dst, .. } | OpKind::Assign { dst, src: Operand::Func(_) } => vec![not_nil(dst)],
        OpKind::Assign { dst, src: Operand::Nil } => vec![(dst.clone(), Cond::IsNil(dst.clone()))],
        OpKind::Assign { dst, src: Operand::Bool(true) } => vec![(dst.clone(), Cond::Truth(dst.clone()))],
        OpKind::Assign { dst, src: Operand::Bool(false) } => {
            vec![(dst.clone(), Cond::Not(Box::new(Cond::Truth(dst.clone()))))]
        }
        OpKind::Assign { dst, src: src @ (Operand::Int(_) | Operand::Str(_)) } => {
            vec![(dst.clone(), Cond::Eq(Operand::Place(dst.clone()), src.clone()))]
        }
        OpKind::Call(call) => match (&call.callee, call.results.as_slice()) {
            (Callee::Import { path, name }, [Some(dst)]) if makes_error(path, name) => vec![not_nil(dst)],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Whether the library function always gives an error.
fn makes_error(path: &str, name: &str) -> bool {
    matches!((path, name), ("errors", "New") | ("fmt", "Errorf"))
}
