//! What the text of a declaration tells about its locks before anything is parsed.
//!
//! Most critical sections are short: a lock, a few lines, the unlock, or a `defer` right below. Where nothing in between takes a lock,
//! waits, leaves, or calls something of the package that might, there is nothing to find, and the declaration is never lowered. The text
//! is only ever a reason to look closer or not to.

use super::Locks;
use crate::old::ir::Sym;
use crate::old::program::DeclId;
use crate::source::DeclKind;
use memchr::memmem;
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;
use std::cell::OnceCell;

/// How many calls deep the text is followed.
const DEEP: u8 = 3;

/// Functions of the package by their bare names.
pub(super) type Names = OnceCell<FxHashMap<Sym, SmallVec<[DeclId; 1]>>>;

/// Names of fields that hold functions.
pub(super) type Values = OnceCell<FxHashSet<String>>;

impl Locks<'_> {
    /// Whether the locks of a declaration need more than a look at its text.
    pub(super) fn needs_reading(&self, decl: DeclId) -> bool {
        let text = self.package.text(decl);
        memmem::find_iter(text.as_bytes(), b"Lock(").any(|at| {
            let name = text[..at].trim_end_matches(|c: char| c.is_alphanumeric() || c == '_');
            let method = &text[name.len()..at + "Lock".len()];
            name.ends_with('.') && matches!(method, "Lock" | "RLock") && !self.is_plain(text, name.len() - 1)
        })
    }

    /// Whether what a `Do` of the declaration runs needs more than a look at its text: it waits, or calls something that might.
    #[must_use]
    pub fn once_needs_reading(&self, decl: DeclId) -> bool {
        let text = self.package.text(decl);
        text.match_indices(".Do(").any(|(at, token)| {
            let line = text[..at].rfind('\n').map_or(0, |i| i + 1);
            let indent = depth_of(&text[line..]).unwrap_or(0);
            let mut lines = text[at + token.len()..].lines();
            let first = lines.next().unwrap_or("");
            let Some(literal) = first.strip_prefix("func()") else {
                // A function or method by its name.
                let name = first.split(')').next().unwrap_or("");
                let name = name.rsplit('.').next().unwrap_or("");
                return self.name_touches(name.trim(), DEEP);
            };
            let inside = lines.take_while(|l| depth_of(l).is_none_or(|d| d > indent));
            !std::iter::once(literal).chain(inside).all(|l| self.is_dull(l) && !l.contains(".Do("))
        })
    }

    /// Whether the critical section that begins with the lock at `dot` ends for sure, with nothing of interest in it.
    fn is_plain(&self, text: &str, dot: usize) -> bool {
        let start = text[..dot].rfind('\n').map_or(0, |i| i + 1);
        let end = text[dot..].find('\n').map_or(text.len(), |i| dot + i);
        let line = &text[start..end];
        let indent = line.len() - line.trim_start().len();
        let lock = line.trim().strip_suffix("()");
        let Some((holder, method)) = lock.and_then(|l| l.rsplit_once('.')) else { return false };
        if !holder.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.')) {
            return false;
        }
        let unlock = if method == "Lock" { format!("{holder}.Unlock()") } else { format!("{holder}.RUnlock()") };
        let head = &text[..text.find("{\n").unwrap_or(0)];
        let is_dull = |line: &str| self.is_dull(line) && called(line).all(|name| !self.is_value(head, name));
        let mut rest = text[end..].trim_start_matches('\n').lines();
        let Some(first) = rest.next() else { return false };
        if first.trim().strip_prefix("defer ") == Some(&unlock) {
            // In a loop or a branch it is held until the function ends, in the next round too.
            let opener = text[..start].lines().rev().find(|l| depth_of(l).is_some_and(|d| d < indent)).unwrap_or("");
            let of_function = opener.contains("func") || opener.starts_with(')');
            return of_function && rest.take_while(|l| depth_of(l).is_none_or(|d| d >= indent)).all(is_dull);
        }
        for line in std::iter::once(first).chain(rest) {
            match depth_of(line) {
                Some(depth) if depth < indent => return false,
                Some(depth) if depth == indent && line.trim() == unlock => return true,
                _ => {}
            }
            let leaves = ["return", "break", "continue", "goto", "fallthrough"].iter().any(|word| line.contains(word));
            if leaves || !is_dull(line) {
                return false;
            }
        }
        false
    }

    /// Whether a line neither waits nor locks, nor calls something that might.
    fn is_dull(&self, line: &str) -> bool {
        let waits = line.contains("<-") || line.contains("ock(") || line.contains("Wait(") || line.contains("select");
        !waits && called(line).all(|name| !self.name_touches(name, DEEP))
    }

    /// Whether a name that is called may be a parameter of the function, or a field that holds a function.
    fn is_value(&self, head: &str, name: &str) -> bool {
        let is_param = || {
            head.match_indices(name)
                .any(|(at, _)| head[..at].ends_with(['(', ' ']) && head[at + name.len()..].starts_with([' ', ',']))
        };
        self.function_fields().contains(name) || is_param()
    }

    /// The fields of the package whose text says that they hold a function.
    fn function_fields(&self) -> &FxHashSet<String> {
        self.values.get_or_init(|| {
            let types = || self.package.decls().filter(|d| self.package.decl(*d).kind == DeclKind::Type);
            let mut named: FxHashSet<&str> = FxHashSet::default();
            let holds = |text: &str| memmem::find(text.as_bytes(), b" func(").is_some();
            for decl in types() {
                let text = self.package.text(decl);
                let words = text.lines().filter_map(|l| l.trim_start().trim_start_matches("type ").split_once(" func("));
                named.extend(words.map(|(name, _)| name).filter(|n| holds(text) && !n.contains(' ')));
            }
            let mut out = FxHashSet::default();
            for line in types().flat_map(|d| self.package.text(d).lines()) {
                let Some((name, ty)) = line.trim_start().split_once(' ') else { continue };
                let ty = ty.trim_start();
                let word = ty.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("");
                if ty.starts_with("func(") || !word.is_empty() && named.contains(word) {
                    out.insert(name.to_string());
                }
            }
            out
        })
    }

    fn name_touches(&self, name: &str, deep: u8) -> bool {
        let Some(name) = ustr::existing_ustr(name) else { return false };
        self.names().get(&name).is_some_and(|all| all.iter().any(|d| self.touches_within(*d, deep)))
    }

    /// Whether the function, or one that it calls, may take or let go a lock, as far as the names in the text tell.
    pub(super) fn touches(&self, decl: DeclId, deep: u8) -> bool {
        if deep == 0 { self.names_lock(decl) } else { self.touches_within(decl, deep.min(DEEP)) }
    }

    /// Whether the text itself takes a lock or lets one go.
    fn names_lock(&self, decl: DeclId) -> bool {
        let text = self.package.text(decl).as_bytes();
        self.takers.contains(&decl) || memmem::find(text, b"nlock(").is_some() || memmem::find(text, b"Lock(").is_some()
    }

    fn touches_within(&self, decl: DeclId, deep: u8) -> bool {
        // A no counts as deep as it was looked for.
        if let Some((known, looked)) = self.touches.borrow().get(&decl)
            && (*known || *looked >= deep)
        {
            return *known;
        }
        self.touches.borrow_mut().insert(decl, (false, deep));
        let text = self.package.text(decl);
        let found = self.names_lock(decl) || deep > 0 && called(text).any(|name| self.name_touches(name, deep - 1));
        self.touches.borrow_mut().insert(decl, (found, deep));
        found
    }

    fn names(&self) -> &FxHashMap<Sym, SmallVec<[DeclId; 1]>> {
        self.names.get_or_init(|| {
            let mut out: FxHashMap<Sym, SmallVec<[DeclId; 1]>> = FxHashMap::default();
            for id in self.package.decls() {
                let decl = self.package.decl(id);
                if matches!(decl.kind, DeclKind::Func | DeclKind::Method) {
                    decl.names.iter().for_each(|n| out.entry(*n).or_default().push(id));
                }
            }
            out
        })
    }
}

/// How far a line is indented; `None` for an empty one.
fn depth_of(line: &str) -> Option<usize> {
    let rest = line.trim_start();
    (!rest.is_empty()).then(|| line.len() - rest.len())
}

/// Names right before an opening bracket.
fn called(text: &str) -> impl Iterator<Item = &str> {
    memchr::memchr_iter(b'(', text.as_bytes()).filter_map(move |at| {
        let head = &text[..at];
        let start = head.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_').len();
        (start < at).then(|| &head[start..])
    })
}
