//! What the balance sheet says.

use super::count::Count;
use super::traces::End;
use crate::old::program::{Class, FnId, Package};
use crate::source::Span;
use std::rc::Rc;

/// Why the sender is left over.
#[derive(Clone, Debug, PartialEq)]
pub enum Why {
    /// The owner goes this way out with too few receives.
    WayOut(End),
    /// The owner waits here for the goroutine, which waits for somebody to receive; whether the owner would do so after that.
    WaitsFirst(FnId, Span, bool),
    /// The owner itself sends before anybody could receive.
    BeforeReader,
    /// The owner itself sends more than all others receive.
    Outnumbered,
}

/// A send that nobody will ever receive.
#[derive(Clone, Debug)]
pub struct Leak {
    /// The channel.
    pub class: Rc<Class>,
    /// The function that sends.
    pub at: FnId,
    /// The send.
    pub span: Span,
    /// The spawn of the goroutine that sends; `None` where the owner does.
    pub spawn: Option<usize>,
    /// Why.
    pub why: Why,
    /// The owner.
    pub owner: FnId,
    /// Cases that were chosen instead of a receive, on that way.
    pub instead: Vec<(FnId, Span)>,
    /// One of them took something else that the goroutine sends: it goes on to this send though the owner has its answer.
    pub answered: bool,
    /// Receives on that way.
    pub received: Vec<(FnId, Span)>,
    /// How many sends are left over.
    pub left: Count,
    /// How many sends must be received in all.
    pub sent: Count,
    /// Other sends that the same lack of receivers holds.
    pub also: Vec<(FnId, Span)>,
    /// Their channels, where they are others.
    pub beside: Vec<Rc<Class>>,
    /// The sender loops, and the reader leaves on what it read: the two may have agreed on an end.
    pub may_agree: bool,
}

/// A goroutine that ranges over a channel which somebody closes, but not on every way out.
#[derive(Clone, Debug)]
pub struct Unclosed {
    /// The channel.
    pub class: Rc<Class>,
    /// The function that ranges.
    pub at: FnId,
    /// The head of the range.
    pub span: Span,
    /// The spawn of the goroutine that ranges.
    pub spawn: usize,
    /// Who leaves without closing it: the owner, or the goroutine that closes it on its other ways.
    pub closer: FnId,
    /// That way out.
    pub way_out: (FnId, Span),
    /// A close on another way.
    pub close: Option<(FnId, Span)>,
    /// The owner.
    pub owner: FnId,
}

/// A fan-in that comes out even, but whose reader waits for every one of several senders without another way out.
#[derive(Clone, Debug)]
pub struct FanIn {
    /// The channel.
    pub class: Rc<Class>,
    /// The function that sends.
    pub at: FnId,
    /// The send.
    pub span: Span,
    /// The spawn of the senders.
    pub spawn: usize,
    /// Where the owner receives.
    pub receive: (FnId, Span),
    /// The owner.
    pub owner: FnId,
}

/// All that the sheets of a package say.
#[derive(Clone, Debug, Default)]
pub struct Sheets {
    /// Sends left over.
    pub leaks: Vec<Leak>,
    /// Ranges that never end.
    pub unclosed: Vec<Unclosed>,
    /// Readers that wait for every sender.
    pub fan_ins: Vec<FanIn>,
    /// Waits for what never comes.
    pub starved: Vec<super::starved::Starved>,
    /// What could not be counted.
    pub given_up: Vec<GivenUp>,
}

/// A function whose channels could not be counted.
#[derive(Clone, Debug)]
pub struct GivenUp {
    /// The function.
    pub owner: FnId,
    /// Where the channel is made.
    pub span: Span,
    /// Why.
    pub reason: &'static str,
}

/// Keeps the first and best leak of each send: one whose way out says more wins.
pub(super) fn keep(out: &mut Vec<Leak>, leak: Leak) {
    let rank = |l: &Leak| (l.may_agree, l.instead.is_empty(), !l.answered, l.received.len(), !l.left.is_many());
    let better = |a: &Leak, b: &Leak| rank(a) < rank(b);
    match out.iter_mut().find(|l| Rc::ptr_eq(&l.class, &leak.class)) {
        Some(old) => {
            let (mut keep, other) = if better(&leak, old) { (leak, old.clone()) } else { (old.clone(), leak) };
            for place in other.also.into_iter().chain([(other.at, other.span)]) {
                if place != (keep.at, keep.span) && !keep.also.contains(&place) {
                    keep.also.push(place);
                }
            }
            *old = keep;
        }
        None => out.push(leak),
    }
}

/// A goroutine that sends on one of several channels, and a way out on which none of them is read: one cause, one finding.
pub(super) fn one_for_each_cause(leaks: Vec<Leak>) -> Vec<Leak> {
    let mut out: Vec<Leak> = Vec::new();
    for leak in leaks {
        match out
            .iter_mut()
            .find(|l| l.spawn.is_some() && l.spawn == leak.spawn && l.why == leak.why && l.answered == leak.answered)
        {
            Some(first) => {
                first.also.extend(leak.also.into_iter().chain([(leak.at, leak.span)]));
                // Room in one of the channels would not do.
                first.sent = Count::many();
                first.beside.push(leak.class);
            }
            None => out.push(leak),
        }
    }
    out
}

impl Sheets {
    /// Whether the goroutine waits, before it comes to the send, in a range that the same way out of the owner leaves without an end.
    #[must_use]
    pub fn is_behind_range(&self, package: &Package, leak: &Leak) -> bool {
        self.unclosed.iter().any(|u| comes_after(package, leak, u))
    }
}

/// Whether the send is behind a range that the same way out of the owner leaves without an end.
fn comes_after(package: &Package, leak: &Leak, unclosed: &Unclosed) -> bool {
    let same = matches!(&leak.why, Why::WayOut(End::Return(id, span)) if (*id, *span) == unclosed.way_out);
    let Some((_, func)) = package.func(unclosed.at).filter(|_| same && leak.spawn == Some(unclosed.spawn)) else { return false };
    let Some(range) = func.loops.iter().find(|l| l.head == unclosed.span) else { return false };
    let deferred = || {
        let literals = crate::old::flow::deferred_literals(func);
        leak.at.decl == unclosed.at.decl && literals.contains(&leak.at.func)
    };
    leak.at == unclosed.at && range.span.end <= leak.span.start || deferred()
}
