//! Functions that may never return, told by their text: a filter before the question is asked of the lowered function.
//!
//! Every call asks whether it comes back, and nearly all do. Lowering each callee to know that would cost most of a run.

use super::data::PackageData;
use super::{FnId, Package};
use crate::old::ir::{Callee, FuncIdx, Sym};
use crate::source::DeclKind;
use aho_corasick::AhoCorasick;
use rustc_hash::FxHashSet;
use std::sync::LazyLock;

/// Parts of the names of library functions that end the process or the goroutine, and of what people call functions that call them.
pub(crate) const STEMS: [&str; 9] = ["Abort", "Exit", "exit", "Fail", "Fatal", "fatal", "Panic", "Skip", "TestMain"];

/// Names of library methods that end the process for some receivers: what follows `logger.Fatal()` in a chain.
pub(crate) const CHAINED: [&str; 4] = ["Msg", "MsgFunc", "Msgf", "Send"];

static STEM: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(STEMS).ok());

/// Bytes at the end of a function in which the call that ends everything is looked for.
const TAIL: usize = 160;

fn has_stem(text: &str) -> bool {
    STEM.as_ref().is_none_or(|stem| stem.is_match(text))
}

/// Functions of a package whose last statement may be a call that never returns, by what their text ends in.
#[derive(Default)]
pub(super) struct Ending {
    /// In order.
    pub(super) decls: Vec<u32>,
    names: FxHashSet<Sym>,
}

impl Ending {
    pub(super) fn of(data: &PackageData, decls: Vec<u32>) -> Self {
        let names = decls.iter().filter_map(|i| data.decl(*i).names.first().copied()).collect();
        Self { decls, names }
    }
}

impl PackageData {
    fn ending(&self) -> &FxHashSet<Sym> {
        let all = || (0..self.len()).filter(|i| self.ends_in_stem(*i)).collect();
        &self.ending.get_or_init(|| Ending::of(self, all())).names
    }

    /// Whether the end of a declaration's text speaks of ending more than itself.
    pub(super) fn ends_in_stem(&self, index: u32) -> bool {
        let text = self.text(index);
        let mut from = text.len().saturating_sub(TAIL);
        while !text.is_char_boundary(from) {
            from += 1;
        }
        self.decl(index).kind != DeclKind::Type && words(&text[from..]).any(has_stem)
    }

    /// Whether the text of a declaration lets it be that it never returns.
    fn may_end(&self, index: u32) -> bool {
        let text = self.text(index);
        let ending = self.ending();
        let may_end = |word: &str| has_stem(word) || ustr::existing_ustr(word).is_some_and(|word| ending.contains(&word));
        (!ending.is_empty() || has_stem(text)) && words(text).any(may_end)
    }
}

impl Package {
    /// Whether it is worth asking what a call calls, to know if it comes back. Functions are found by their name; for a method the type of
    /// the receiver has to be found first, so its name has to give a reason.
    #[must_use]
    pub fn may_be_ender(&self, callee: &Callee) -> bool {
        match callee {
            Callee::Name(_) | Callee::Lit(_) | Callee::Value(_) => true,
            Callee::Import { name, .. } => has_stem(name) || self.models.user_says_ends(*name),
            Callee::Method { name, .. } => {
                has_stem(name)
                    || CHAINED.contains(&name.as_str())
                    || self.own().ending().contains(name)
                    || self.models.user_says_ends(*name)
            }
            Callee::Opaque => false,
        }
    }

    /// Whether it is worth asking if a function returns.
    #[must_use]
    pub fn may_never_return(&self, id: FnId) -> bool {
        // A literal is part of a declaration that is lowered already.
        id.func != FuncIdx::TOP || self.data(id.decl.slot()).may_end(id.decl.index())
    }
}

/// Words that a parenthesis follows.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    memchr::memchr_iter(b'(', text.as_bytes()).filter_map(move |paren| {
        let before = &text.as_bytes()[..paren];
        let start = before.iter().rposition(|b| !b.is_ascii_alphanumeric() && *b != b'_').map_or(0, |at| at + 1);
        text.get(start..paren).filter(|word| !word.is_empty())
    })
}
