//! The scopes inside a declaration.

use super::super::info::Const;
use super::super::ty::{Name, Type};
use rustc_hash::FxHashMap;

/// What a local name stands for.
#[derive(Clone, Debug)]
pub(super) enum Entry {
    Local(u32),
    Const(Type, Option<Const>),
    Type(Type),
}

/// Names in scope. Each name has a stack of what it stands for, so that deep nesting costs nothing.
#[derive(Debug, Default)]
pub(super) struct Scopes {
    names: FxHashMap<Name, Vec<(usize, Entry)>>,
    /// Names in the order of their declarations.
    log: Vec<Name>,
    /// Where the open scopes begin in the log.
    marks: Vec<usize>,
}

impl Scopes {
    pub(super) fn open(&mut self) {
        self.marks.push(self.log.len());
    }

    pub(super) fn close(&mut self) {
        let mark = self.marks.pop().unwrap_or(0);
        for name in self.log.drain(mark..) {
            if let Some(entries) = self.names.get_mut(&name) {
                entries.pop();
            }
        }
    }

    pub(super) fn declare(&mut self, name: Name, entry: Entry) {
        if name != "_" && !name.is_empty() {
            self.names.entry(name).or_default().push((self.marks.len(), entry));
            self.log.push(name);
        }
    }

    pub(super) fn get(&self, name: Name) -> Option<&Entry> {
        self.names.get(&name)?.last().map(|(_, entry)| entry)
    }

    /// What the innermost scope itself declares.
    pub(super) fn get_innermost(&self, name: Name) -> Option<&Entry> {
        self.names.get(&name)?.last().filter(|(depth, _)| *depth == self.marks.len()).map(|(_, entry)| entry)
    }
}
