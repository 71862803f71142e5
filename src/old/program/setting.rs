//! In which setting code runs: in a goroutine, for a request, in a loop, or once after the other.

use super::{FnId, Package, SiteHow};
use crate::old::flow::Cfg;
use crate::old::ir::{BlockId, Def, Ty};
use crate::source::Span;

/// Callers of callers are followed this far.
const MAX_DEPTH: u8 = 5;

/// The setting of a piece of code; what leads there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// A goroutine runs it; the function and statement that start it.
    Goroutine(FnId, Span),
    /// It answers a request; the function that takes the request.
    Handler(FnId),
    /// A loop runs it again and again; the function with the loop.
    Loop(FnId),
    /// Nothing of these is seen.
    Plain,
}

impl Package {
    /// Whether the code runs in tests alone: its file is one of theirs, or a function around it is handed the test.
    #[must_use]
    pub fn is_in_test(&self, id: FnId) -> bool {
        let Some(body) = self.body(id.decl) else { return false };
        let mut at = Some(id.func);
        while let Some(func) = at.map(|f| body.func(f)) {
            let is_test = |ty: &Ty| self.type_kind(ty).is_some_and(|k| k == "test");
            if func.params.iter().any(|p| matches!(&body.local(*p).def, Def::Typed(ty) if is_test(ty))) {
                return true;
            }
            at = func.parent;
        }
        self.file(id.decl).is_test
    }

    /// The setting in which a block of a function runs.
    #[must_use]
    pub fn setting(&self, id: FnId, block: BlockId) -> Setting {
        self.setting_within(id, block, 0)
    }

    fn setting_within(&self, id: FnId, block: BlockId, depth: u8) -> Setting {
        let Some((body, func)) = self.func(id) else { return Setting::Plain };
        let takes_request = func.params.iter().any(|p| match &body.local(*p).def {
            Def::Typed(ty) => self.type_kind(ty).is_some_and(|k| k == "request" || k == "responsewriter"),
            _ => false,
        });
        if takes_request {
            return Setting::Handler(id);
        }
        let mut found =
            if Cfg::new(self, id).is_some_and(|cfg| cfg.on_cycle(block)) { Setting::Loop(id) } else { Setting::Plain };
        if depth >= MAX_DEPTH {
            return found;
        }
        for site in &self.callers(id).sites {
            if site.how == SiteHow::Spawn {
                return Setting::Goroutine(site.caller, site.span);
            }
            match (found, self.setting_within(site.caller, site.block, depth + 1)) {
                (_, goroutine @ Setting::Goroutine(..)) => return goroutine,
                (Setting::Plain, other) => found = other,
                (Setting::Loop(_), handler @ Setting::Handler(_)) => found = handler,
                _ => {}
            }
        }
        found
    }
}
