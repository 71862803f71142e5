//! What is known of conditions on a way: one that is asked again gives the same answer, as long as nobody writes its parts.

use crate::old::ir::{BlockId, Body, Callee, Cond, FuncIdx, LocalId, LocalKind, OpKind, Operand, Place, Term};
use crate::old::program::{DeclId, Package};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// What a caller hands in as constants: the index of the parameter, and the value.
pub(crate) type Given = SmallVec<[(u32, Operand); 1]>;

/// Answers that are known, by the number of the question, sorted.
pub(crate) type Known = SmallVec<[(u32, bool); 4]>;

/// A condition as a question: what is not understood is compared by its text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Question {
    Cond(Cond),
    Text(String),
}

/// The questions of one declaration.
pub(crate) struct Facts {
    questions: Vec<Question>,
    places: Vec<Vec<Place>>,
    /// Whether an answer is worth keeping: asked more than once, or told by an assignment.
    kept: Vec<bool>,
    at: FxHashMap<(FuncIdx, BlockId), (u32, bool)>,
}

impl Facts {
    pub(crate) fn new(package: &Package, decl: DeclId, body: &Body) -> Self {
        let same = same_calls(body);
        let mut out = Self { questions: Vec::new(), places: Vec::new(), kept: Vec::new(), at: FxHashMap::default() };
        let mut numbers: FxHashMap<Question, u32> = FxHashMap::default();
        for (f, func) in body.funcs.iter().enumerate() {
            for block in func.block_ids() {
                let Term::If { cond, .. } = &func.block(block).term else { continue };
                let (base, positive) = strip(cond);
                let question = match base {
                    Cond::Const(_) => continue,
                    Cond::Opaque => Question::Text(package.file(decl).src.slice(func.block(block).span).to_string()),
                    other => Question::Cond(rename(other, &same)),
                };
                let number = *numbers.entry(question.clone()).or_insert_with(|| {
                    let mut places = Vec::new();
                    if let Question::Cond(c) = &question {
                        places_of(c, &mut places);
                    }
                    let told = places.iter().any(|p| is_told(body, p));
                    out.questions.push(question);
                    out.places.push(places);
                    out.kept.push(told);
                    u32::try_from(out.questions.len() - 1).unwrap_or(u32::MAX)
                });
                let func = FuncIdx(u32::try_from(f).unwrap_or(u32::MAX));
                if out.at.values().any(|(n, _)| *n == number) {
                    out.kept[number as usize] = true;
                }
                out.at.insert((func, block), (number, positive));
            }
        }
        out
    }

    /// What is known of the branch that ends a block.
    pub(crate) fn answer(&self, func: FuncIdx, block: BlockId, known: &Known) -> Option<bool> {
        let (number, positive) = *self.at.get(&(func, block))?;
        let value = known.iter().find(|(n, _)| *n == number).map(|(_, v)| *v).or_else(|| self.excluded(number, known))?;
        Some(value == positive)
    }

    /// `x == 1` is false where `x == 2` is known to be true.
    fn excluded(&self, number: u32, known: &Known) -> Option<bool> {
        let Question::Cond(Cond::Eq(a, b)) = &self.questions[number as usize] else { return None };
        let other = known.iter().filter(|(_, v)| *v).any(|(n, _)| match &self.questions[*n as usize] {
            Question::Cond(Cond::Eq(x, y)) => x == a && y != b && is_constant(b) && is_constant(y),
            _ => false,
        });
        other.then_some(false)
    }

    /// Takes note of which way was gone.
    pub(crate) fn learn(&self, func: FuncIdx, block: BlockId, taken: bool, known: &mut Known) {
        if let Some((number, positive)) = self.at.get(&(func, block))
            && self.kept[*number as usize]
        {
            set(known, *number, taken == *positive);
        }
    }

    /// The place holds something new.
    pub(crate) fn forget(&self, written: &Place, known: &mut Known) {
        known.retain(|(n, _)| {
            !self.places[*n as usize].iter().any(|p| p.root == written.root && p.path.starts_with(&written.path))
        });
    }

    /// A place gets another value.
    pub(crate) fn assign(&self, place: &Place, value: Option<&Operand>, known: &mut Known) {
        self.forget(place, known);
        if let Some(value) = value.filter(|v| is_constant(v)) {
            self.tell(place, value, known);
        }
    }

    /// The place holds a constant.
    pub(crate) fn tell(&self, place: &Place, value: &Operand, known: &mut Known) {
        for (i, question) in self.questions.iter().enumerate() {
            let Question::Cond(cond) = question else { continue };
            let answer = match (cond, value) {
                (Cond::Truth(p), Operand::Bool(b)) if p == place => Some(*b),
                (Cond::IsNil(p), Operand::Nil) if p == place => Some(true),
                (Cond::Eq(Operand::Place(p), c), value) if p == place && is_constant(c) && is_constant(value) => Some(c == value),
                _ => None,
            };
            if let Some(answer) = answer {
                set(known, u32::try_from(i).unwrap_or(u32::MAX), answer);
            }
        }
    }

    /// What is known of a place that a function is handed: a constant that stands for it.
    pub(crate) fn constant(&self, value: &Operand, known: &Known) -> Option<Operand> {
        if is_constant(value) {
            return Some(value.clone());
        }
        let place = value.place()?;
        known.iter().find_map(|(n, answer)| match &self.questions[*n as usize] {
            Question::Cond(Cond::Truth(p)) if p == place => Some(Operand::Bool(*answer)),
            Question::Cond(Cond::IsNil(p)) if p == place && *answer => Some(Operand::Nil),
            _ => None,
        })
    }

    /// Whether some question is about the place.
    pub(crate) fn asks(&self, place: &Place) -> bool {
        self.places.iter().flatten().any(|p| p == place)
    }
}

fn set(known: &mut Known, number: u32, value: bool) {
    match known.binary_search_by_key(&number, |(n, _)| *n) {
        Ok(at) => known[at].1 = value,
        Err(at) => known.insert(at, (number, value)),
    }
}

fn strip(cond: &Cond) -> (&Cond, bool) {
    match cond {
        Cond::Not(inner) => {
            let (base, positive) = strip(inner);
            (base, !positive)
        }
        other => (other, true),
    }
}

pub(crate) fn is_constant(value: &Operand) -> bool {
    matches!(value, Operand::Bool(_) | Operand::Int(_) | Operand::Str(_) | Operand::Nil)
}

/// Whether an assignment gives the place a constant somewhere.
fn is_told(body: &Body, place: &Place) -> bool {
    let param = place.as_local().is_some_and(|l| matches!(body.local(l).kind, LocalKind::Param(_)));
    param
        || body.funcs.iter().flat_map(crate::old::ir::Func::ops).any(|(_, _, op)| match &op.kind {
            OpKind::Assign { dst, src } => dst == place && is_constant(src),
            // A function that is handed it asks again.
            OpKind::Call(call) | OpKind::Defer(call) => call.args.iter().any(|a| a.place() == Some(place)),
            _ => false,
        })
}

/// Unnamed results of calls that look alike, with the first of each kind: asking `s.isOpen()` twice is one question.
fn same_calls(body: &Body) -> FxHashMap<LocalId, LocalId> {
    let mut first: FxHashMap<(&Callee, &[Operand]), LocalId> = FxHashMap::default();
    let mut out = FxHashMap::default();
    for (_, _, op) in body.funcs.iter().flat_map(crate::old::ir::Func::ops) {
        let OpKind::Call(call) = &op.kind else { continue };
        let Some(result) = call.results.first().and_then(|r| r.as_ref()?.as_local()) else { continue };
        if body.local(result).kind != LocalKind::Temp || tries(&call.callee) {
            continue;
        }
        let one = *first.entry((&call.callee, &call.args)).or_insert(result);
        out.insert(result, one);
    }
    out
}

/// Whether asking again may well give another answer.
fn tries(callee: &Callee) -> bool {
    matches!(callee, Callee::Method { name, .. } if matches!(name.as_str(), "TryLock" | "TryRLock" | "CompareAndSwap" | "Next" | "Scan"))
}

fn rename(cond: &Cond, same: &FxHashMap<LocalId, LocalId>) -> Cond {
    let place = |p: &Place| match p.as_local().and_then(|l| same.get(&l)) {
        Some(first) => Place::local(*first),
        None => p.clone(),
    };
    let operand = |o: &Operand| match o {
        Operand::Place(p) => Operand::Place(place(p)),
        other => other.clone(),
    };
    match cond {
        Cond::Truth(p) => Cond::Truth(place(p)),
        Cond::IsNil(p) => Cond::IsNil(place(p)),
        Cond::Eq(a, b) => Cond::Eq(operand(a), operand(b)),
        Cond::Less(a, b) => Cond::Less(operand(a), operand(b)),
        other => other.clone(),
    }
}

fn places_of(cond: &Cond, out: &mut Vec<Place>) {
    match cond {
        Cond::Truth(p) | Cond::IsNil(p) => out.push(p.clone()),
        Cond::Eq(a, b) | Cond::Less(a, b) => {
            for side in [a, b] {
                match side {
                    Operand::Place(p) => out.push(p.clone()),
                    Operand::Expr(e) => {
                        if let crate::old::ir::Expr::Len(p) | crate::old::ir::Expr::Cap(p) = &**e {
                            out.push(p.clone());
                        }
                    }
                    _ => {}
                }
            }
        }
        Cond::Not(inner) => places_of(inner, out),
        Cond::Const(_) | Cond::Opaque => {}
    }
}
