//! Engine 1: lifetimes. For every goroutine the package starts: where does it wait, and who can end the wait?
//!
//! [`guards`] judges whether a signal can ever come, [`traps`] finds loops that no live edge leaves, [`lasting`] tells what is meant
//! to live as long as the process, [`balance`] counts sends against receives on channels that stay in one function, and [`readers`]
//! asks of all others who is left to receive, as [`abandoned`] does for senders that are no goroutines.
//!
//! [`hang`] finds calls that can take long with nothing to bound them, [`outlive`] who waits for a goroutine, [`scope`] the context at
//! hand; [`ignored`] puts the three together.

pub mod abandoned;
pub mod askers;
pub mod balance;
pub mod conds;
pub mod count;
pub mod drains;
pub mod facts;
pub mod groups;
pub mod guards;
mod handshake;
pub mod hang;
pub mod ignored;
mod items;
pub mod lasting;
mod latches;
pub mod ledger;
pub mod locks;
mod objects;
mod one_of_few;
pub mod outlive;
mod outnumbered;
pub mod readers;
pub mod replies;
pub mod scope;
pub mod sheets;
pub mod slots;
pub mod startup;
pub mod starved;
mod trace_walk;
pub mod traces;
pub mod traps;
pub mod waits;
pub mod workers;

use crate::lint::{Context, Finding, Fix, Level, Step};
use crate::old::program::{DeclId, FnId, Package, Spawn, SpawnHow};
use crate::source::Span;
use std::cell::OnceCell;

/// Tokens that can start a goroutine, for the scanner.
pub const SPAWN_TOKENS: &[&str] = &["go ", ".Go(", "AfterFunc("];

/// Answers that several rules ask for, worked out at most once a package.
#[derive(Default)]
pub struct Answers {
    sheets: OnceCell<balance::Sheets>,
    lost: OnceCell<(Vec<readers::Lost>, Vec<readers::Passed>)>,
}

/// The balance sheets of the package's channels.
#[must_use]
pub fn sheets<'c>(cx: &'c Context<'_>) -> &'c balance::Sheets {
    cx.answers.sheets.get_or_init(|| balance::sheets(cx.package, spawns(cx)))
}

/// Sends on other channels whose readers may be gone, and those passed over.
#[must_use]
pub fn lost_sends<'c>(cx: &'c Context<'_>) -> &'c (Vec<readers::Lost>, Vec<readers::Passed>) {
    cx.answers.lost.get_or_init(|| readers::lost_sends(cx.package, spawns(cx)))
}

/// All places of the package that start a goroutine.
#[must_use]
pub fn spawns<'p>(cx: &Context<'p>) -> &'p [Spawn] {
    cx.package.spawns(|token| cx.is_token(token, SPAWN_TOKENS))
}

/// A step of an argument before it is bound to a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Clue {
    /// The declaration that holds the bytes.
    pub decl: DeclId,
    /// The bytes.
    pub span: Span,
    /// What the reader should see there.
    pub label: String,
}

impl Clue {
    /// A clue.
    #[must_use]
    pub fn new(decl: DeclId, span: Span, label: impl Into<String>) -> Self {
        Self { decl, span, label: label.into() }
    }

    /// The step that it becomes.
    #[must_use]
    pub fn step(&self, package: &Package) -> Step {
        Step { at: package.location(self.decl, self.span), label: package.shown(self.label.clone()) }
    }
}

/// The head of a spawn statement: `go func()` rather than the whole literal, `go s.run()` whole.
#[must_use]
pub fn spawn_head(package: &Package, spawn: &Spawn) -> Span {
    match spawn.body {
        Some(body) if body.decl == spawn.owner.decl && body.func != crate::old::ir::FuncIdx::TOP => package
            .func(body)
            .map_or(spawn.span, |(_, f)| Span { start: spawn.span.start, end: f.head.end.max(spawn.span.start) }),
        _ => spawn.span,
    }
}

/// The first step of every argument about a goroutine.
#[must_use]
pub fn started(package: &Package, spawn: &Spawn) -> Clue {
    let label = match &spawn.how {
        SpawnHow::Go => "the goroutine is started here".to_string(),
        SpawnHow::Library(name) => format!("`{name}` starts the goroutine here"),
        SpawnHow::Wrapper(id) => format!("`{}` starts the goroutine here", package.fn_name(*id)),
    };
    Clue::new(spawn.owner.decl, spawn_head(package, spawn), label)
}

/// A finding before its places are bound to files.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The rule.
    pub rule: &'static str,
    /// The level.
    pub level: Level,
    /// The function that holds the primary place.
    pub at: FnId,
    /// The primary place.
    pub span: Span,
    /// One sentence.
    pub message: String,
    /// The argument, in order.
    pub clues: Vec<Clue>,
    /// What to do.
    pub help: String,
    /// Mechanical ways to do it.
    pub fixes: Vec<Fix>,
}

impl Draft {
    /// What goes wrong in a function of another package is told where this one leads there: that is the code under review.
    fn bring_home(&mut self, package: &Package) {
        if self.at.decl.is_own() {
            return;
        }
        let away = self.clues.iter().position(|c| !c.decl.is_own()).unwrap_or(self.clues.len());
        let before = self.clues[..away].last();
        let Some(home) = before.or_else(|| self.clues.iter().find(|c| c.decl.is_own())).cloned() else { return };
        let (there, span) = (self.at, self.span);
        if !self.clues.iter().any(|c| c.decl == there.decl && c.span == span) {
            self.clues.push(Clue::new(there.decl, span, "this is where it happens"));
        }
        self.message = format!("{} (in `{}`)", self.message, package.fn_name(there));
        self.at = FnId { decl: home.decl, func: crate::old::ir::FuncIdx::TOP };
        self.span = home.span;
        // An edit of another package's file is not this package's to make.
        self.fixes.clear();
    }

    /// The finding. Steps at the same place with the same words are told once.
    #[must_use]
    pub fn finish(mut self, package: &Package) -> Finding {
        self.bring_home(package);
        let mut clues: Vec<Clue> = Vec::new();
        for clue in self.clues {
            if !clues.contains(&clue) {
                clues.push(clue);
            }
        }
        Finding {
            rule: self.rule,
            level: self.level,
            message: package.shown(self.message),
            at: package.location(self.at.decl, self.span),
            steps: clues.iter().map(|c| c.step(package)).collect(),
            help: package.shown(self.help),
            fixes: self.fixes,
            function: package.fn_name(self.at),
            fingerprint: String::new(),
        }
    }
}
