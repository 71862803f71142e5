//! Which declarations may use a name: told by their text, before anything is parsed.
//!
//! Most of what a run costs is lowering what a question leads to, so it matters that few declarations come up that have nothing to do with it.

use super::{DeclId, Package, Slot, exported};
use crate::ir::Sym;
use crate::source::DeclKind;
use std::rc::Rc;

/// How a name stands in the text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Use {
    /// Anyhow.
    Word,
    /// As a field or method: after a dot, or before a colon in a literal. In a type declaration anyhow.
    Member,
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
        let finder = memchr::memmem::Finder::new(name.as_bytes());
        let data = self.data(slot);
        let holds = |i: &u32| {
            let used = if data.decl(*i).kind == DeclKind::Type { Use::Word } else { used };
            mentions_word(data.text(*i), &finder, name.len(), used)
        };
        out.extend((0..data.len()).filter(holds).map(|i| DeclId::new(slot, i)));
    }
}

fn mentions_word(text: &str, finder: &memchr::memmem::Finder<'_>, len: usize, used: Use) -> bool {
    let bytes = text.as_bytes();
    let word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80);
    finder.find_iter(bytes).any(|at| {
        let before = at.checked_sub(1).and_then(|b| bytes.get(b));
        !word(before) && !word(bytes.get(at + len)) && (used == Use::Word || is_member(bytes, at, at + len))
    })
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
        let holds = |text: &str, used| mentions_word(text, &memchr::memmem::Finder::new("done"), 4, used);
        for text in ["<-s.done", "s.\n\tdone()", "&T{done: c}", "{ done\t: c }", "undone.done"] {
            assert!(holds(text, Use::Member), "{text}");
        }
        for text in ["done := 1", "close(done)", "s.undone", "s.doneness"] {
            assert!(!holds(text, Use::Member), "{text}");
        }
        assert!(holds("close(done)", Use::Word) && !holds("undone", Use::Word));
    }
}
