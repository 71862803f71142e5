//! Which declarations may use a name: told by their text, before anything is parsed.
//!
//! Most of what a run costs is lowering what a question leads to, so it matters that few declarations come up that have nothing to do with it.

use super::{DeclId, Package, Slot, exported};
use crate::old::ir::Sym;
use crate::source::{Decl, DeclKind};
use std::rc::Rc;

/// How a name stands in the text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Use {
    /// Anyhow.
    Word,
    /// As a field or method: after a dot, or before a colon in a literal. In a type declaration anyhow.
    Member,
    /// Anywhere, be it within a word.
    Part,
}

impl Use {
    /// What is looked for in a declaration of that kind.
    pub(super) fn within(self, kind: DeclKind) -> Self {
        if kind == DeclKind::Type && self == Self::Member { Self::Word } else { self }
    }
}

impl Package {
    /// Declarations that may use a name: of a function, variable or type by its name in the program.
    #[must_use]
    pub fn mentions(&self, name: Sym) -> Rc<[DeclId]> {
        match self.locate(name) {
            Some((slot, name)) => self.mentions_in(slot, name, Use::Word),
            None => Rc::from([]),
        }
    }

    /// Declarations that may use a member of a type, given by its name in the program.
    #[must_use]
    pub fn member_mentions(&self, owner: Sym, member: Sym) -> Rc<[DeclId]> {
        match self.locate(owner) {
            Some((slot, _)) => self.mentions_in(slot, member, Use::Member),
            None => Rc::from([]),
        }
    }

    /// Declarations of the package itself whose text holds the word.
    #[must_use]
    pub fn own_mentions(&self, word: Sym) -> Vec<DeclId> {
        let mut found = Vec::new();
        self.holders(0, word, Use::Word, &mut found);
        found
    }

    /// Declarations of the package itself whose text holds another, be it a part of a word.
    #[must_use]
    pub fn own_holding(&self, part: &str) -> Vec<DeclId> {
        let mut found = Vec::new();
        self.holders(0, ustr::ustr(part), Use::Part, &mut found);
        found
    }

    /// Declarations that may use what a declaration declares under that name.
    #[must_use]
    pub fn mentions_near(&self, decl: DeclId, name: Sym) -> Rc<[DeclId]> {
        self.mentions_in(decl.slot(), name, self.use_of(decl))
    }

    fn use_of(&self, decl: DeclId) -> Use {
        if self.decl(decl).kind == DeclKind::Method { Use::Member } else { Use::Word }
    }

    /// Declarations of one package, and of those that import it and can be seen, whose text holds the identifier, in order.
    pub(super) fn mentions_in(&self, slot: Slot, name: Sym, used: Use) -> Rc<[DeclId]> {
        if let Some(found) = self.mentions.borrow().get(&(slot, name, used)) {
            return Rc::clone(found);
        }
        let mut found = Vec::new();
        self.holders(slot, name, used, &mut found);
        if exported(&name) && !self.is_open(slot) {
            for importer in self.importers(slot).iter() {
                self.holders(*importer, name, used, &mut found);
            }
        }
        let found: Rc<[DeclId]> = found.into();
        self.mentions.borrow_mut().insert((slot, name, used), Rc::clone(&found));
        found
    }

    /// What [`Package::mentions_near`] gives, and every use in the packages of the module even where code out of view may hold more.
    #[must_use]
    pub fn module_mentions(&self, decl: DeclId, name: Sym) -> Vec<DeclId> {
        let (slot, used) = (decl.slot(), self.use_of(decl));
        let mut found = self.mentions_in(slot, name, used).to_vec();
        if exported(&name) && self.is_open(slot) {
            for importer in self.importers(slot).iter() {
                self.holders(*importer, name, used, &mut found);
            }
        }
        found
    }

    fn holders(&self, slot: Slot, name: Sym, used: Use, out: &mut Vec<DeclId>) {
        out.extend(self.data(slot).holders(name, used).iter().map(|i| DeclId::new(slot, *i)));
    }
}

/// Looks for one word.
pub(super) struct Finder<'w> {
    finder: memchr::memmem::Finder<'w>,
    len: usize,
}

impl<'w> Finder<'w> {
    pub(super) fn new(word: &'w str) -> Self {
        Self { finder: memchr::memmem::Finder::new(word), len: word.len() }
    }

    /// Whether a declaration's text holds the word.
    pub(super) fn holds(&self, text: &str, used: Use) -> bool {
        self.finder.find_iter(text.as_bytes()).any(|at| self.is_it(text.as_bytes(), at, used))
    }

    /// Which of a file's declarations hold the word, in order. Most files do not hold it at all, so the file is searched as a whole.
    pub(super) fn decls<'t>(&'t self, text: &'t str, decls: &'t [Decl], used: Use) -> impl Iterator<Item = usize> + 't {
        let (mut from, mut next) = (0, 0);
        std::iter::from_fn(move || {
            loop {
                let at = from + self.finder.find(text.as_bytes().get(from..)?)?;
                next += decls[next..].partition_point(|decl| decl.span.end as usize <= at);
                let decl = decls.get(next)?;
                let (start, end) = (decl.span.start as usize, decl.span.end as usize);
                let used = used.within(decl.kind);
                if at >= start && at + self.len <= end && self.is_it(&text.as_bytes()[start..end], at - start, used) {
                    (from, next) = (end, next + 1);
                    return Some(next - 1);
                }
                from = start.max(at + 1);
            }
        })
    }

    fn is_it(&self, bytes: &[u8], at: usize, used: Use) -> bool {
        if used == Use::Part {
            return true;
        }
        let word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80);
        let before = at.checked_sub(1).and_then(|b| bytes.get(b));
        !word(before) && !word(bytes.get(at + self.len)) && (used == Use::Word || is_member(bytes, at, at + self.len))
    }
}

/// Whether what stands there follows a dot, on the same line or the one before, or is the key of a literal.
fn is_member(bytes: &[u8], start: usize, end: usize) -> bool {
    let blank = |b: &&u8| !b.is_ascii_whitespace();
    let before = bytes[..start].iter().rev().find(blank);
    let mut after = bytes[end..].iter().filter(blank);
    // `x := 1` declares a variable; no key is followed by that.
    before == Some(&b'.') || after.next() == Some(&b':') && after.next() != Some(&b'=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_and_words() {
        let holds = |text: &str, used| Finder::new("done").holds(text, used);
        for text in ["<-s.done", "s.\n\tdone()", "&T{done: c}", "{ done\t: c }", "undone.done"] {
            assert!(holds(text, Use::Member), "{text}");
        }
        for text in ["done := 1", "close(done)", "s.undone", "s.doneness"] {
            assert!(!holds(text, Use::Member), "{text}");
        }
        assert!(holds("close(done)", Use::Word) && !holds("undone", Use::Word));
    }

    #[test]
    fn declarations_of_a_file() {
        let text = "package p\n\nvar done = 1 // done\n\nfunc undone() { s.done() }\n\n// done\ntype T struct{ done int }\n";
        let decls = crate::source::outline(text).decls;
        let found = |word, used| Finder::new(word).decls(text, &decls, used).collect::<Vec<_>>();
        assert_eq!(found("done", Use::Word), [0, 1, 2]);
        assert_eq!(found("done", Use::Member), [1, 2]);
        assert_eq!(found("undone", Use::Word), [1]);
        assert_eq!(found("one(", Use::Part), [1]);
        assert!(found("package", Use::Word).is_empty());
    }
}
