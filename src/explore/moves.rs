//! What can happen next in a state: which waits can go on, and how.

use super::machine::Machine;
use super::state::{At, ObjKind, Rights, State, Status, Wait, Waker, What};
use super::value::{ObjId, Path, Val};
use crate::ir::{BlockId, Comm, Reg, Term};
use crate::types::{Basic, Type};
use rustc_hash::FxHashMap;

/// One goroutine's side of a channel operation: which case of its `select`, if it is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Side {
    /// The goroutine.
    pub(super) g: usize,
    /// The case; 0 for a plain operation.
    pub(super) case: usize,
}

/// Something that can happen next.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Move {
    /// A value goes from a sender to a receiver.
    Meet(Side, Side, ObjId),
    /// A value goes into a channel's room.
    Put(Side, ObjId),
    /// A value comes out of a channel's room.
    Take(Side, ObjId),
    /// A receive from a closed channel.
    Drained(Side, ObjId),
    /// A timer fires.
    Fire(Side, ObjId),
    /// Something out of view, or a deadline, closes the channel.
    Ended(Side, ObjId),
    /// Code out of view is the partner.
    World(Side, ObjId),
    /// The default of a `select`.
    Default(usize),
    /// A lock is taken.
    Lock(usize),
    /// A group's count is zero.
    Pass(usize),
    /// A send on a closed channel.
    Panic(usize),
    /// A close or cancellation is done.
    Resume(usize),
}

impl Move {
    /// The goroutine whose wait it ends.
    pub(super) fn who(&self) -> usize {
        match self {
            Self::Meet(side, ..)
            | Self::Put(side, _)
            | Self::Take(side, _)
            | Self::Drained(side, _)
            | Self::Fire(side, _)
            | Self::Ended(side, _)
            | Self::World(side, _) => side.g,
            Self::Default(g) | Self::Lock(g) | Self::Pass(g) | Self::Panic(g) | Self::Resume(g) => *g,
        }
    }

    /// The other goroutine whose wait it ends.
    pub(super) fn partner(&self) -> Option<usize> {
        match self {
            Self::Meet(_, other, _) => Some(other.g),
            _ => None,
        }
    }
}

/// How often code out of view is a goroutine's partner.
const OUTSIDE: u8 = 2;

/// A channel operation that a goroutine stands at.
struct Offer {
    side: Side,
    ch: ObjId,
    send: bool,
}

fn offers(s: &State, g: usize) -> Vec<Offer> {
    let one = |case, ch: &Val, send| match ch {
        Val::Chan(ch) => Some(Offer { side: Side { g, case }, ch: *ch, send }),
        _ => None,
    };
    match &s.gs[g].status {
        Status::At(Wait::Send { ch, .. }) => one(0, ch, true).into_iter().collect(),
        Status::At(Wait::Recv { ch, .. }) => one(0, ch, false).into_iter().collect(),
        Status::At(Wait::Select { cases, .. }) => {
            cases.iter().enumerate().filter_map(|(i, (ch, val))| one(i, ch, val.is_some())).collect()
        }
        _ => Vec::new(),
    }
}

/// Everything that can happen next.
pub(super) fn moves(s: &State) -> Vec<Move> {
    let all: Vec<Offer> = (0..s.gs.len()).flat_map(|g| offers(s, g)).collect();
    let mut by_channel: FxHashMap<ObjId, Vec<&Offer>> = FxHashMap::default();
    all.iter().for_each(|offer| by_channel.entry(offer.ch).or_default().push(offer));
    let mut out = Vec::new();
    let mut from = 0;
    for g in 0..s.gs.len() {
        let mut ready = false;
        let count = all[from..].iter().take_while(|o| o.side.g == g).count();
        let own = &all[from..from + count];
        from += count;
        for offer in own {
            let Some(chan) = s.chan(offer.ch) else { continue };
            let rights = s.obj(offer.ch).rights;
            let partners = by_channel[&offer.ch].iter().filter(|o| o.side.g != g && o.send != offer.send);
            if offer.send {
                if chan.closed {
                    out.push(Move::Panic(g));
                    ready = true;
                } else if chan.buffer.len() < chan.room {
                    out.push(Move::Put(offer.side, offer.ch));
                    ready = true;
                } else if chan.room == 0 {
                    for other in partners {
                        out.push(Move::Meet(offer.side, other.side, offer.ch));
                    }
                }
            } else if !chan.buffer.is_empty() {
                out.push(Move::Take(offer.side, offer.ch));
                ready = true;
            } else if chan.closed {
                out.push(Move::Drained(offer.side, offer.ch));
                ready = true;
            } else {
                // The sender's side lists the meeting. It may come to that later than a default is taken.
                match chan.waker {
                    Waker::Once | Waker::Ticks => out.push(Move::Fire(offer.side, offer.ch)),
                    Waker::Closes | Waker::Deadline => out.push(Move::Ended(offer.side, offer.ch)),
                    Waker::None => {}
                }
            }
            let partner = if offer.send { Rights::RECEIVE } else { Rights::SEND.and(Rights::CLOSE) };
            if rights.meets(partner) && !chan.closed {
                out.push(Move::World(offer.side, offer.ch));
            }
        }
        match &s.gs[g].status {
            Status::At(Wait::Select { default: true, .. }) if !ready => out.push(Move::Default(g)),
            Status::At(Wait::Lock { lock, read }) if lock_is_free(s, g, lock, *read) => out.push(Move::Lock(g)),
            Status::At(Wait::Group { group }) if count_of(s, group) <= 0 => out.push(Move::Pass(g)),
            Status::At(Wait::Pause) => out.push(Move::Resume(g)),
            _ => {}
        }
    }
    out
}

fn number(s: &State, (obj, path): &(ObjId, Path)) -> i64 {
    let ObjKind::Cell(val, _) = &s.obj(*obj).kind else { return 0 };
    let mut val = val;
    for index in path {
        match val {
            Val::Agg(parts) => match parts.get(*index as usize) {
                Some(part) => val = part,
                None => return 0,
            },
            _ => return 0,
        }
    }
    match val {
        Val::Int(n) => *n,
        _ => 0,
    }
}

fn count_of(s: &State, group: &(ObjId, Path)) -> i64 {
    number(s, group)
}

fn lock_is_free(s: &State, g: usize, lock: &(ObjId, Path), read: bool) -> bool {
    let held = number(s, lock);
    if !read {
        return held == 0;
    }
    // A writer that waits keeps new readers out.
    let writer = (0..s.gs.len())
        .any(|h| h != g && matches!(&s.gs[h].status, Status::At(Wait::Lock { lock: other, read: false }) if other == lock));
    held >= 0 && !(writer && held > 0)
}

impl Machine<'_> {
    /// Does a move; the goroutines whose waits it ends run on from there.
    pub(super) fn apply(&self, s: &mut State, next: &Move, all: &[Move]) {
        match next {
            Move::Meet(from, to, ch) => {
                let val = sent(s, *from);
                self.done_sending(s, *from, *ch);
                self.done_receiving(s, *to, *ch, val, true);
            }
            Move::Put(side, ch) => {
                let val = sent(s, *side);
                if s.obj(*ch).shared() {
                    self.share(s, &val);
                }
                if let Some(chan) = s.chan_mut(*ch) {
                    chan.buffer.push(val);
                }
                self.done_sending(s, *side, *ch);
            }
            Move::Take(side, ch) => {
                let val = match s.chan_mut(*ch) {
                    Some(chan) if !chan.buffer.is_empty() => chan.buffer.remove(0),
                    _ => Val::Nil,
                };
                self.done_receiving(s, *side, *ch, val, true);
            }
            Move::Drained(side, ch) => self.receive_zero(s, *side, *ch),
            Move::Fire(side, ch) => {
                // A tick that was due before may be taken all the same; that nothing else is then is an assumption.
                self.overtakes(s, *side, all);
                if s.chan(*ch).is_some_and(|c| c.waker == Waker::Once)
                    && let Some(chan) = s.chan_mut(*ch)
                {
                    chan.waker = Waker::None;
                }
                let val = self.received_value(s, *side);
                self.done_receiving(s, *side, *ch, val, true);
            }
            Move::Ended(side, ch) => {
                if s.chan(*ch).is_some_and(|c| c.waker == Waker::Deadline) {
                    self.overtakes(s, *side, all);
                }
                self.end_context(s, *ch);
                self.receive_zero(s, *side, *ch);
            }
            Move::World(side, ch) => self.world(s, *side, *ch),
            Move::Default(g) => {
                let (target, at) = match self.select_term(s, *g) {
                    Some((Term::Select { default: Some(target), .. }, at)) => (target, at),
                    _ => return,
                };
                self.note(s, *g, What::Default, at);
                self.wake(s, *g);
                self.jump(s, *g, target);
            }
            Move::Lock(g) => {
                if let Status::At(Wait::Lock { lock: (obj, path), read }) = s.gs[*g].status.clone() {
                    let held = number(s, &(obj, path.clone()));
                    self.store(s, obj, &path, Val::Int(if read { held.saturating_add(1) } else { -1 }));
                }
                self.wake(s, *g);
            }
            Move::Pass(g) => self.wake(s, *g),
            Move::Resume(g) => {
                let goroutine = s.g(*g);
                goroutine.status = Status::Running;
                goroutine.stands = None;
                goroutine.paused = true;
            }
            Move::Panic(g) => {
                self.wake(s, *g);
                self.frame(s, *g).panicking = true;
            }
        }
    }

    fn wake(&self, s: &mut State, g: usize) {
        let goroutine = s.g(g);
        goroutine.status = Status::Running;
        goroutine.slow = None;
        goroutine.hangs = false;
        goroutine.stands = None;
    }

    /// Tells in the trace that a timer was faster than a partner who was ready at once.
    fn overtakes(&self, s: &mut State, side: Side, all: &[Move]) {
        let quick = |g: usize| s.gs[g].slow.is_none();
        let ready = all.iter().any(|m| match m {
            Move::Meet(a, b, _) => (a.g == side.g && quick(b.g)) || (b.g == side.g && quick(a.g)),
            Move::Take(a, _) | Move::Drained(a, _) => a.g == side.g,
            _ => false,
        });
        if ready && let Some(at) = s.gs[side.g].stands {
            self.note(s, side.g, What::Overtook, at);
        }
    }

    fn end_context(&self, s: &mut State, ch: ObjId) {
        let owner = (0..s.heap.len()).find(|i| matches!(s.heap[*i].kind, ObjKind::Ctx { done: Some(done), .. } if done == ch));
        match owner {
            Some(i) => self.cancel(s, ObjId(u32::try_from(i).unwrap_or(u32::MAX))),
            None => {
                if let Some(chan) = s.chan_mut(ch) {
                    chan.closed = true;
                }
            }
        }
    }

    fn world(&self, s: &mut State, side: Side, ch: ObjId) {
        if let Some(at) = s.gs[side.g].stands {
            self.note(s, side.g, What::Outside, at);
        }
        // What code out of view does again and again tells nothing new.
        s.g(side.g).outside += 1;
        if s.gs[side.g].outside > OUTSIDE {
            s.g(side.g).status = Status::Cut;
            return;
        }
        if is_send(s, side) {
            let val = sent(s, side);
            self.share(s, &val);
            self.done_sending(s, side, ch);
        } else {
            let val = self.received_value(s, side);
            // Whether it was sent or the channel was closed, code out of view knows.
            let rights = s.obj(ch).rights;
            let ok = match (rights.has(Rights::SEND), rights.has(Rights::CLOSE)) {
                (true, false) => Val::Bool(true),
                (false, true) => Val::Bool(false),
                _ => self.unknown(&Type::Basic(Basic::Bool)),
            };
            self.finish_receive(s, side, ch, val, ok);
        }
    }

    fn receive_zero(&self, s: &mut State, side: Side, ch: ObjId) {
        let ty = self.received_type(s, side);
        let val = self.zero(&ty);
        self.done_receiving(s, side, ch, val, false);
    }

    fn received_value(&self, s: &State, side: Side) -> Val {
        self.unknown(&self.received_type(s, side))
    }

    /// The type of what a receive gives, by the register that it goes into.
    fn received_type(&self, s: &State, side: Side) -> Type {
        let reg = match &s.gs[side.g].status {
            Status::At(Wait::Recv { val, .. }) => *val,
            Status::At(Wait::Select { .. }) => match self.select_term(s, side.g) {
                Some((Term::Select { cases, .. }, _)) => match cases.get(side.case).map(|c| &c.comm) {
                    Some(Comm::Recv { val, .. }) => *val,
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        };
        match (reg, s.gs[side.g].frames.last()) {
            (Some(reg), Some(frame)) => Self::func(frame).regs[reg.at()].ty.clone(),
            _ => Type::Unknown,
        }
    }

    fn select_term(&self, s: &State, g: usize) -> Option<(Term, At)> {
        let frame = s.gs[g].frames.last()?;
        let block = &Self::func(frame).blocks[frame.block.at()];
        Some((block.term.clone(), At { pkg: frame.pkg, file: frame.body.file, span: block.span }))
    }

    fn done_sending(&self, s: &mut State, side: Side, ch: ObjId) {
        match s.gs[side.g].status.clone() {
            Status::At(Wait::Send { .. }) => {
                if let Some(at) = s.gs[side.g].stands {
                    self.note(s, side.g, What::Sent(ch), at);
                }
                self.wake(s, side.g);
                self.frame(s, side.g).pc += 1;
            }
            Status::At(Wait::Select { .. }) => {
                let Some((to, at, _)) = self.case(s, side) else { return };
                self.note(s, side.g, What::Case, at);
                self.note(s, side.g, What::Sent(ch), at);
                self.wake(s, side.g);
                self.jump(s, side.g, to);
            }
            _ => {}
        }
    }

    fn done_receiving(&self, s: &mut State, side: Side, ch: ObjId, val: Val, ok: bool) {
        self.finish_receive(s, side, ch, val, Val::Bool(ok));
    }

    fn finish_receive(&self, s: &mut State, side: Side, ch: ObjId, val: Val, ok: Val) {
        let regs = |s: &mut State, val_reg: Option<Reg>, ok_reg: Option<Reg>| {
            for (reg, val) in [(val_reg, val), (ok_reg, ok)] {
                if let Some(reg) = reg {
                    self.write(s, side.g, reg, val);
                }
            }
        };
        match s.gs[side.g].status.clone() {
            Status::At(Wait::Recv { val, ok, .. }) => {
                if let Some(at) = s.gs[side.g].stands {
                    self.note(s, side.g, What::Received(ch), at);
                }
                self.wake(s, side.g);
                regs(s, val, ok);
                self.frame(s, side.g).pc += 1;
            }
            Status::At(Wait::Select { .. }) => {
                let Some((to, at, comm)) = self.case(s, side) else { return };
                self.note(s, side.g, What::Case, at);
                self.note(s, side.g, What::Received(ch), at);
                self.wake(s, side.g);
                if let Comm::Recv { val, ok, .. } = comm {
                    regs(s, val, ok);
                }
                self.jump(s, side.g, to);
            }
            _ => {}
        }
    }

    fn case(&self, s: &State, side: Side) -> Option<(BlockId, At, Comm)> {
        let (term, at) = self.select_term(s, side.g)?;
        let Term::Select { cases, .. } = term else { return None };
        let case = cases.into_iter().nth(side.case)?;
        Some((case.target, At { span: case.span, ..at }, case.comm))
    }
}

fn is_send(s: &State, side: Side) -> bool {
    match &s.gs[side.g].status {
        Status::At(Wait::Send { .. }) => true,
        Status::At(Wait::Select { cases, .. }) => cases.get(side.case).is_some_and(|c| c.1.is_some()),
        _ => false,
    }
}

fn sent(s: &State, side: Side) -> Val {
    match &s.gs[side.g].status {
        Status::At(Wait::Send { val, .. }) => val.clone(),
        Status::At(Wait::Select { cases, .. }) => cases.get(side.case).and_then(|c| c.1.clone()).unwrap_or(Val::Nil),
        _ => Val::Nil,
    }
}
