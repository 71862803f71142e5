//! Questions about timers that fire by themselves: do they pile up, do they guard work.

use super::{Acquired, Engine, alias::Aliases};
use crate::models::BlockKind;
use crate::old::flow::Cfg;
use crate::old::ir::{BlockId, Callee, LoopKind, OpKind, Operand, Place, Sym, Term, Ty};
use crate::old::program::Target;
use crate::source::Span;

/// Methods by which Go types are ended, by convention of the standard library.
const ENDS: [&str; 4] = ["Close", "Shutdown", "Stop", "Cancel"];

impl Engine<'_> {
    /// The `select` in a loop that makes a new timer of this call in every round and can go round without waiting for it.
    #[must_use]
    pub fn piles_up(&self, acquired: &Acquired) -> Option<Span> {
        let cfg = Cfg::new(self.package, acquired.id)?;
        if !cfg.on_cycle(acquired.block) {
            return None;
        }
        let holder = acquired.holder.clone()?;
        let aliases = Aliases::new(self, acquired.id.decl, [holder], &acquired.duty);
        let again = |b: BlockId| cfg.reachable(b)[acquired.block.at()];
        cfg.func.blocks.iter().find_map(|block| {
            let Term::Select { cases, default } = &block.term else { return None };
            let mine = cases.iter().find(|c| aliases.touches(c.comm.ch()))?;
            let others = cases.iter().filter(|c| c.span != mine.span).map(|c| c.target).chain(*default);
            others.into_iter().any(again).then_some(mine.span)
        })
    }

    /// A call after the acquiring one, on a way out of the function, whose end nobody can foresee: what the timer guards.
    #[must_use]
    pub fn guarded_work(&self, acquired: &Acquired) -> Option<Span> {
        let (package, decl) = (self.package, acquired.id.decl);
        let body = package.body(decl)?;
        let mut cfg = Cfg::new(package, acquired.id)?;
        // The next round of a loop is other work.
        if let Some(around) = cfg.func.block(acquired.block).in_loop {
            let header = cfg.func.loops[around.at()].header;
            cfg.without(|_, to| to == header);
        }
        let reach = cfg.reachable(acquired.block);
        for (block, i, op) in cfg.func.ops() {
            let later = if block == acquired.block { i > acquired.op } else { reach[block.at()] };
            let OpKind::Call(call) = &op.kind else { continue };
            if !later {
                continue;
            }
            let slow = match package.resolve(decl, call) {
                // A method of an interface is somebody's code; a function value is what this function was given to run.
                Target::Dynamic(_) => matches!(call.callee, Callee::Value(_)),
                Target::Model(model, _) => model
                    .blocks
                    .as_ref()
                    .is_some_and(|b| matches!(b.kind, BlockKind::Network | BlockKind::Process | BlockKind::Wait)),
                _ => false,
            };
            if slow {
                return Some(call.span);
            }
        }
        let is_channel = |p: &Place| matches!(package.structure(&package.ty_of(decl, body, p)), Ty::Chan(..));
        let waits = |b: BlockId| match &cfg.func.block(b).term {
            Term::Select { default: None, .. } => true,
            Term::Loop { id, .. } => matches!(&cfg.func.loops[id.at()].kind, LoopKind::Range(Operand::Place(p)) if is_channel(p)),
            _ => false,
        };
        cfg.func.block_ids().find(|b| reach[b.at()] && waits(*b)).map(|b| cfg.func.block(b).span)
    }

    /// The method by which a type of the package is ended, if it has one of the usual names.
    #[must_use]
    pub fn ending_method(&self, owner: Sym) -> Option<crate::old::program::DeclId> {
        ENDS.iter().find_map(|name| self.package.declared_methods(owner, (*name).into()).first().copied())
    }
}
