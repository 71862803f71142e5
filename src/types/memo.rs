//! Answers that are kept, and the cut through questions that come back to themselves.
//!
//! No lock is held while an answer is worked out: two threads may work out the same one. What a cut made incomplete is not kept, so an answer
//! does not depend on what was asked before.

use super::pkg::Place;
use super::ty::{Named, PkgKey};
use rustc_hash::FxHashMap;
use std::cell::{Cell, RefCell};
use std::hash::Hash;
use std::sync::{Arc, PoisonError, RwLock};

/// Answers by question.
#[derive(Debug)]
pub(super) struct Memo<K, V>(RwLock<FxHashMap<K, V>>);

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<K: Eq + Hash, V: Clone> Memo<K, V> {
    pub(super) fn get(&self, key: &K) -> Option<V> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// Keeps a value, and returns the one that is kept: the first.
    pub(super) fn set(&self, key: K, value: V) -> V {
        self.0.write().unwrap_or_else(PoisonError::into_inner).entry(key).or_insert(value).clone()
    }
}

/// What is being worked out.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Query {
    /// A function's signature.
    Func(PkgKey, Place),
    /// What a type declaration says.
    Type(PkgKey, Place),
    /// The type of a variable.
    Var(PkgKey, Place),
    /// Type and value of a constant.
    Const(PkgKey, Place),
    /// What a type stands for.
    Underlying(Arc<Named>),
    /// A type declared in a function.
    Local(PkgKey, u32, u32),
}

/// More questions inside each other than this are code that nobody writes.
const MAX_DEPTH: usize = 300;

thread_local! {
    static OPEN: RefCell<Vec<Query>> = const { RefCell::new(Vec::new()) };
    /// The outermost open question that an answer was cut short for.
    static CUT: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// Closes a question, also when the thread unwinds.
struct Open(usize);

impl Drop for Open {
    fn drop(&mut self) {
        OPEN.with_borrow_mut(|open| open.truncate(self.0));
    }
}

/// The answer that `memo` keeps, or else what `compute` says; `None` if the question is open already.
pub(super) fn ask<K: Eq + Hash, V: Clone>(memo: &Memo<K, V>, key: K, query: Query, compute: impl FnOnce() -> V) -> Option<V> {
    if let Some(known) = memo.get(&key) {
        return Some(known);
    }
    let depth = OPEN.with_borrow_mut(|open| {
        let at = open.iter().rposition(|other| *other == query);
        let too_deep = (open.len() >= MAX_DEPTH).then_some(0);
        if let Some(at) = at.or(too_deep) {
            CUT.set(CUT.get().min(at));
            return None;
        }
        open.push(query);
        Some(open.len() - 1)
    })?;
    let before = CUT.replace(usize::MAX);
    let open = Open(depth);
    let value = compute();
    drop(open);
    let cut = CUT.get();
    if cut >= depth {
        CUT.set(before);
        return Some(memo.set(key, value));
    }
    CUT.set(before.min(cut));
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(n: u32) -> Query {
        Query::Local(PkgKey::from("p"), n, 0)
    }

    /// 1 asks 2, 2 asks 1 and adds what it gets.
    #[test]
    fn what_was_cut_short_is_not_kept() {
        let memo: Memo<u32, u32> = Memo::default();
        let two = |memo: &Memo<u32, u32>| {
            ask(memo, 2, query(2), || ask(memo, 1, query(1), || unreachable!()).unwrap_or(10) + 2).unwrap()
        };
        let one = ask(&memo, 1, query(1), || two(&memo) + 1).unwrap();
        assert_eq!(one, 13);
        assert_eq!(memo.get(&1), Some(13));
        assert_eq!(memo.get(&2), None);
        assert_eq!(ask(&memo, 2, query(2), || 5), Some(5));
    }
}
