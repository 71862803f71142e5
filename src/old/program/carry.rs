//! What a package keeps when some of its files change: lowered declarations and where words stand.
//!
//! What a declaration lowers to depends on its text, on where it stands, on the imports of its file, and on which of the names in it the
//! package declares. Where all of these are the same, so is the result.

use super::data::{PackageData, Unit};
use super::mentions::{Finder, Use};
use crate::old::ir::{Sig, Sym, Ty};
use crate::source::{Decl, FileUnit};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// More new or lost names than that are no edit but another package.
const MAX_NAMES: usize = 32;

/// What was known of a declaration before a change that did not touch it.
#[derive(Default)]
pub(super) struct Carried {
    pub(super) unit: Option<Arc<Unit>>,
    pub(super) ty: Option<Arc<Ty>>,
    pub(super) head: Option<Arc<Sig>>,
}

/// Declarations that hold a word, by the word and how it stands there.
pub(super) type Words = FxHashMap<(Sym, Use), Arc<[u32]>>;

/// What a package takes over from the one that it was before a change.
pub(super) struct Heritage {
    /// By declaration.
    pub(super) declarations: Vec<Carried>,
    pub(super) words: Words,
    /// Declarations that may end the process, if anybody asked.
    pub(super) ending: Option<Vec<u32>>,
}

/// How the declarations of a package follow from those that it had.
struct Succession<'a> {
    new: &'a PackageData,
    old: &'a PackageData,
    /// By new declaration: the old one with the same text.
    before: Vec<Option<u32>>,
    /// By old declaration: the new one.
    now: Vec<Option<u32>>,
    /// New declarations that none was before.
    fresh: Vec<u32>,
}

/// Takes over from `old`, the same package before a change, what still holds of `new`.
pub(super) fn carry(new: &PackageData, old: &PackageData) -> Heritage {
    let before = before(new, old);
    let mut now = vec![None; old.len() as usize];
    let mut fresh = Vec::new();
    for (at, was) in (0..new.len()).zip(&before) {
        match was {
            Some(was) => now[*was as usize] = Some(at),
            None => fresh.push(at),
        }
    }
    let succession = Succession { new, old, before, now, fresh };
    let ending = old.ending.get().map(|ending| succession.moved(&ending.decls, |at| new.ends_in_stem(at)));
    Heritage { declarations: succession.declarations(), words: succession.words(), ending }
}

impl Succession<'_> {
    fn declarations(&self) -> Vec<Carried> {
        let mut carried: Vec<Carried> = self.before.iter().map(|_| Carried::default()).collect();
        let Some(names) = self.changed_names().filter(|_| self.new.in_view() == self.old.in_view()) else { return carried };
        let finders: Vec<Finder<'_>> = names.iter().map(|name| Finder::new(name)).collect();
        let broken = self.old.broken();
        let same_imports = self.same_imports();
        for (at, was) in self.before.iter().enumerate() {
            let (Some(was), Ok(index)) = (*was, u32::try_from(at)) else { continue };
            let file = self.new.file_of(index);
            let moved = self.new.decl(index).span != self.old.decl(was).span;
            if moved || !same_imports[file] || broken.contains(&was) {
                continue;
            }
            let known = self.old.known(was);
            let is_any = known.unit.is_some() || known.ty.is_some() || known.head.is_some();
            if is_any && !finders.iter().any(|finder| finder.holds(self.new.text(index), Use::Word)) {
                carried[at] = known;
            }
        }
        carried
    }

    /// By file: whether it imports what it did.
    fn same_imports(&self) -> Vec<bool> {
        let known = self.old.src.files.iter().zip(self.old.file_imports());
        let known: FxHashMap<_, _> = known.map(|(file, imports)| (file.src.path.as_os_str(), imports)).collect();
        let files = self.new.src.files.iter().zip(self.new.file_imports());
        files.map(|(file, imports)| known.get(file.src.path.as_os_str()).is_some_and(|old| *old == imports)).collect()
    }

    /// Names that only one of the two declares.
    fn changed_names(&self) -> Option<Vec<Sym>> {
        let (new, old): (FxHashSet<Sym>, FxHashSet<Sym>) = (self.new.names().collect(), self.old.names().collect());
        let mut names: Vec<Sym> = new.symmetric_difference(&old).copied().collect();
        names.sort_unstable_by_key(Sym::as_str);
        (names.len() <= MAX_NAMES).then_some(names)
    }

    fn words(&self) -> Words {
        let moved = |(key, holders): ((Sym, Use), Arc<[u32]>)| {
            let finder = Finder::new(&key.0);
            (key, self.moved(&holders, |at| self.new.holds(at, &finder, key.1)).into())
        };
        self.old.words().into_iter().map(moved).collect()
    }

    /// Declarations of which something is so, which was found of `old`: those that still are the same, and those of the new ones of which
    /// it is found now.
    fn moved(&self, old: &[u32], is_so: impl Fn(u32) -> bool) -> Vec<u32> {
        let mut here: Vec<u32> = old.iter().filter_map(|was| self.now[*was as usize]).collect();
        here.extend(self.fresh.iter().copied().filter(|at| is_so(*at)));
        here.sort_unstable();
        here
    }
}

/// For each declaration the one of `old` that it is: all of a file that did not change, and what stands before and behind an edit.
fn before(new: &PackageData, old: &PackageData) -> Vec<Option<u32>> {
    let mut before = vec![None; new.len() as usize];
    let old_files: FxHashMap<_, _> =
        old.src.files.iter().enumerate().map(|(i, file)| (file.src.path.as_os_str(), (i, file))).collect();
    for (f, file) in new.src.files.iter().enumerate() {
        let Some((o, was)) = old_files.get(file.src.path.as_os_str()) else { continue };
        let (first, first_old) = (new.first_of(f), old.first_of(*o));
        let (ours, theirs) = (&file.outline.decls, &was.outline.decls);
        let all = ours.len().min(theirs.len());
        let is_same = |(a, b): &(&Decl, &Decl)| Arc::ptr_eq(&file.src, &was.src) || same(file, a, was, b);
        let head = ours.iter().zip(theirs).take_while(is_same).count();
        let tail = ours.iter().rev().zip(theirs.iter().rev()).take(all - head).take_while(is_same).count();
        for i in 0..head {
            before[first + i] = u32::try_from(first_old + i).ok();
        }
        for i in 1..=tail {
            before[first + ours.len() - i] = u32::try_from(first_old + theirs.len() - i).ok();
        }
    }
    before
}

fn same(file: &FileUnit, a: &Decl, was: &FileUnit, b: &Decl) -> bool {
    let form = |d: &Decl| (d.kind, d.recv, d.grouped, d.index, d.depth, d.broken, d.span.len());
    form(a) == form(b) && a.names == b.names && file.src.slice(a.span) == was.src.slice(b.span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Scanner, load_text};

    fn package(text: &str, before: &[Arc<PackageData>]) -> Arc<PackageData> {
        let (src, problems) = load_text("a.go", text.as_bytes().to_vec(), &Scanner::new(&["go "]));
        assert_eq!(problems, []);
        Arc::new(PackageData::succeeding(src, None, before))
    }

    fn unit(data: &PackageData, index: u32) -> Arc<Unit> {
        data.unit(index).unwrap();
        data.known(index).unit.unwrap()
    }

    const TEXT: &str = "package p\n\nfunc a() { println(b) }\n\nfunc c() { go a() }\n";

    #[test]
    fn what_no_edit_touches_is_not_lowered_again() {
        let old = package(TEXT, &[]);
        let (a, c) = (unit(&old, 0), unit(&old, 1));
        let new = package(&format!("{TEXT}\nfunc d() {{}}\n"), &[Arc::clone(&old)]);
        assert!(Arc::ptr_eq(&a, &unit(&new, 0)) && Arc::ptr_eq(&c, &unit(&new, 1)));
        // Its places are others.
        let moved = package(&TEXT.replace("(b)", "(b, 1)"), &[old]);
        assert!(!Arc::ptr_eq(&a, &unit(&moved, 0)) && !Arc::ptr_eq(&c, &unit(&moved, 1)));
    }

    #[test]
    fn a_name_that_is_declared_now_may_mean_something_else() {
        let old = package(TEXT, &[]);
        let (a, c) = (unit(&old, 0), unit(&old, 1));
        let new = package(&format!("{TEXT}\nvar b = 1\n"), &[old]);
        assert!(!Arc::ptr_eq(&a, &unit(&new, 0)) && Arc::ptr_eq(&c, &unit(&new, 1)));
    }

    #[test]
    fn other_imports_lower_to_something_else() {
        let with = |import: &str| format!("package p\n\nimport \"{import}/x\"\n\nfunc a() {{ x.F() }}\n");
        let old = package(&with("m"), &[]);
        let a = unit(&old, 0);
        assert!(!Arc::ptr_eq(&a, &unit(&package(&with("n"), &[old]), 0)));
    }

    #[test]
    fn words_follow_the_declarations() {
        let old = package(TEXT, &[]);
        let a = ustr::ustr("a");
        assert_eq!(*old.holders(a, Use::Word), [0, 1]);
        let new = package(&TEXT.replace("func a", "func e() { a() }\n\nfunc a"), &[old]);
        assert_eq!(*new.words()[&(a, Use::Word)], [0, 1, 2]);
        assert_eq!(new.holders(a, Use::Word), new.words()[&(a, Use::Word)]);
    }
}
