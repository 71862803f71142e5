//! Whether a thing that is read was read to its end: what answers tell of it, and what waits for it.

use super::alias::Aliases;
use super::effects::Effect;
use super::walk::Walker;
use crate::models::BlockKind;
use crate::old::ir::{BlockId, Call, Callee, Cond, FuncIdx, OpKind, Operand, Place, Root};
use crate::old::program::{Package, Target};

/// What an answer of a call that reads says when it holds the thing's end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// `for rows.Next()`: no more.
    More,
    /// An error of a reader: it is at its end, or broken for good.
    Error,
    /// An error of a copy: something else stopped it, otherwise it has come to the end.
    Stopped,
}

impl Walker<'_, '_> {
    /// Whether the outcome of a condition says that the thing is at its end, or that it is not.
    pub(super) fn at_end(&self, block: BlockId, cond: &Cond, holds: bool) -> Option<bool> {
        match cond {
            Cond::Not(inner) => self.at_end(block, inner, !holds),
            Cond::Truth(p) => match self.answer(p) {
                Some(Answer::More) => Some(!holds),
                Some(_) => None,
                // `errors.Is(err, io.EOF)`
                None => (holds && self.tells_of_end(block, p)).then_some(true),
            },
            Cond::IsNil(p) => match self.answer(p)? {
                Answer::More => None,
                Answer::Error => Some(!holds),
                Answer::Stopped => Some(holds),
            },
            Cond::Eq(a, b) => {
                let read = [a, b].into_iter().filter_map(|o| o.place()).any(|p| self.answer(p) == Some(Answer::Error));
                let is_eof = |o: &Operand| {
                    o.place().is_some_and(|p| matches!(p.root, Root::Import(path, name) if path == "io" && name == "EOF"))
                };
                (holds && read && (is_eof(a) || is_eof(b))).then_some(true)
            }
            _ => None,
        }
    }

    /// What the place holds, if a call that reads the thing put it there.
    fn answer(&self, place: &Place) -> Option<Answer> {
        self.func().ops().find_map(|(_, _, op)| {
            let OpKind::Call(call) = &op.kind else { return None };
            let index = call.results.iter().position(|r| r.as_ref() == Some(place))?;
            if !matches!(self.effect(&op.kind, op.span), Effect::Drains(_)) {
                return None;
            }
            let Target::Model(model, _) = self.engine.package.resolve(self.id.decl, call) else { return None };
            match model.results.get(index)?.as_str() {
                "bool" => Some(Answer::More),
                "error" if model.drains.is_some() => Some(Answer::Stopped),
                "error" => Some(Answer::Error),
                _ => None,
            }
        })
    }

    fn tells_of_end(&self, block: BlockId, answer: &Place) -> bool {
        self.func().block(block).ops.iter().any(|op| match &op.kind {
            OpKind::Call(call) => {
                call.results.first().is_some_and(|r| r.as_ref() == Some(answer))
                    && matches!(&call.callee, Callee::Import { path, .. } if *path == "errors")
                    && call.args.first().and_then(Operand::place).and_then(|p| self.answer(p)) == Some(Answer::Error)
            }
            _ => false,
        })
    }

    /// Whether a literal of the declaration names the thing: when that runs nobody knows.
    pub(super) fn is_used_beside(&self) -> bool {
        let literals = (1..self.body.funcs.len()).filter_map(|i| u32::try_from(i).ok()).map(FuncIdx);
        self.duty.is_pipe()
            && literals.filter(|lit| !self.body.is_inside(self.id.func, *lit)).any(|lit| self.aliases.named_in(self.body, lit))
    }

    /// Whether an operation reads from the thing or writes to it, and so waits for whoever has the other end.
    pub(super) fn waits_on(&self, op: &OpKind) -> bool {
        let OpKind::Call(call) = op else { return false };
        waits(self.engine.package, self.id.decl, call, &self.aliases)
    }
}

/// Whether a call reads from what the aliases hold, or writes to it.
pub(super) fn waits(package: &Package, decl: crate::old::program::DeclId, call: &Call, aliases: &Aliases) -> bool {
    let own = matches!(&call.callee, Callee::Method { recv, .. } if aliases.is(recv));
    let handed = call.args.iter().any(|a| a.place().is_some_and(|p| aliases.is(p)));
    if !own && !handed {
        return false;
    }
    let model = package.resolve(decl, call).model();
    model.and_then(|m| m.blocks.as_ref()).is_some_and(|b| matches!(b.kind, BlockKind::Io | BlockKind::Network))
}
