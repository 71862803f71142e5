//! From the stops of a lost thing to the steps of a finding.

use super::{Acquired, Engine, LossHow, Lost, Mark, MarkKind};
use crate::ir::{LocalKind, Operand};
use crate::lint::Step;

/// The words for letting go of one kind of thing.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// `stopping`
    pub doing: &'static str,
    /// `stopped`
    pub done: &'static str,
    /// `stops`
    pub does: &'static str,
}

impl Engine<'_> {
    /// The thing as a reader knows it: `ticker t`, `the ticker of time.Tick`.
    #[must_use]
    pub fn thing(&self, acquired: &Acquired, kind: &str) -> String {
        match self.holder_name(acquired) {
            Some(name) => format!("{kind} {name}"),
            None => {
                let callee = self.package.file(acquired.id.decl).src.slice(acquired.call.callee_span);
                format!("the {kind} of {callee}")
            }
        }
    }

    /// The name of the variable or field that holds the thing.
    #[must_use]
    pub fn holder_name(&self, acquired: &Acquired) -> Option<String> {
        let holder = acquired.holder.as_ref()?;
        let body = self.package.body(acquired.id.decl)?;
        let mut name = match holder.root {
            crate::ir::Root::Local(id) if body.local(id).kind == LocalKind::Temp => return None,
            crate::ir::Root::Local(id) => body.local(id).name.to_string(),
            crate::ir::Root::Global(name) | crate::ir::Root::Import(_, name) => name.to_string(),
        };
        for step in &holder.path {
            match step {
                crate::ir::Proj::Field(field) => {
                    name.push('.');
                    name.push_str(field);
                }
                crate::ir::Proj::Elem => name.push_str("[…]"),
            }
        }
        Some(name)
    }

    /// The stops of a lost thing, in order, as steps.
    #[must_use]
    pub fn steps(&self, lost: &Lost, words: Words) -> Vec<Step> {
        let last = lost.marks.len().saturating_sub(1);
        let step = |(i, mark): (usize, &Mark)| Step {
            at: self.package.location(mark.id.decl, mark.span),
            label: self.label(mark, i == last, words),
        };
        lost.marks.iter().enumerate().map(step).collect()
    }

    fn label(&self, mark: &Mark, last: bool, words: Words) -> String {
        let Words { doing, done, does } = words;
        let function = self.package.fn_name(mark.id);
        match &mark.kind {
            MarkKind::Received => format!("{function} gets it here"),
            MarkKind::Stored(owner, name) if last => format!("stored in {owner}.{name}, which no code of the package {does}"),
            MarkKind::Stored(owner, name) => format!("stored in {owner}.{name}"),
            MarkKind::Uncalled => format!("{done} only here, and nothing calls {function}"),
            MarkKind::Forgotten(how) => match how {
                LossHow::Returns => format!("returns here without {doing} it"),
                LossHow::Ends => format!("{function} ends here without {doing} it"),
                LossHow::Again => "the next round makes another one".to_string(),
                LossHow::Overwritten => "another value takes its place here".to_string(),
                LossHow::Dropped => format!("nothing keeps it, so nothing can be {done}"),
            },
        }
    }

    /// Whether the function that acquired the thing is the only one to use it: no goroutine, no stored or handed-on function names it.
    #[must_use]
    pub fn is_private(&self, acquired: &Acquired) -> bool {
        let Some(holder) = &acquired.holder else { return false };
        let Some(body) = self.package.body(acquired.id.decl) else { return false };
        let aliases = super::alias::Aliases::new(self, acquired.id.decl, [holder.clone()], &acquired.duty);
        let literals = 1..body.funcs.len();
        let captured = literals.filter_map(|i| u32::try_from(i).ok()).map(crate::ir::FuncIdx).any(|lit| {
            lit != acquired.id.func && body.is_inside(lit, acquired.id.func) && aliases.named_in(body, lit)
        });
        let spawned = body.func(acquired.id.func).ops().any(|(_, _, op)| match &op.kind {
            crate::ir::OpKind::Spawn(call) => call.args.iter().filter_map(Operand::place).any(|p| aliases.touches(p)),
            _ => false,
        });
        !captured && !spawned
    }
}
