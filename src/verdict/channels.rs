//! What the rules for channels say of a package: every root is explored, and what was found is held against what callers show.

use super::roots::{Roots, Settled};
use super::{also, clients, finding, location};
use crate::explore::{Cut, Explorer, Known, Leak, Limits, Place, Report};
use crate::lint::{Finding, Level};
use crate::models::Models;
use crate::source::Location;
use crate::store::Bodies;
use crate::types::{FuncId, Pkg, World};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the rules for channels find in a package, and how much was explored for it.
#[derive(Debug, Default)]
pub struct Findings {
    /// The findings, one for each goroutine that is stuck.
    pub findings: Vec<Finding>,
    /// Those that are stuck only when a caller stops to receive from what it was given, who may be known not to.
    pub left: Vec<Finding>,
    /// Waits that were followed in every order, with the greatest level at which one of another opinion can be right.
    pub settled: Vec<Settled>,
    /// How many states were visited for each root, and why not all.
    pub roots: Vec<(FuncId, usize, Option<Cut>)>,
}

/// A leak, the root that it was found from, and what is said of it.
struct Told {
    root: FuncId,
    leak: Leak,
    finding: Finding,
}

/// Explores what concerns channels in a package. `models` are those of the user, `tests` tells whether functions in test files are roots too; `asked` are waits of which an
/// opinion is wanted in any case.
#[must_use]
pub fn channels(world: &World, pkg: &Arc<Pkg>, models: &'static Models, tests: bool, asked: &[Location]) -> Findings {
    let bodies = Bodies::new(world);
    let explorer = Explorer::new(world, &bodies, models, Limits::default());
    let mut out = Findings::default();
    let mut told: Vec<Told> = Vec::new();
    let mut waits: BTreeMap<Place, Vec<(FuncId, Known)>> = BTreeMap::new();
    let mut slow: BTreeSet<Place> = BTreeSet::new();
    let mut roots = Roots::of(&bodies, pkg, tests, asked);
    let types = clients::types(world, &explorer, pkg);
    for (root, report) in explored(&explorer, pkg, &mut roots) {
        out.roots.push((root, report.states, report.cut));
        slow.extend(report.slow);
        for (at, known) in report.waits {
            waits.entry(at).or_default().push((root, known));
        }
        for leak in report.leaks.iter().filter(|leak| leak.undecided && !leak.left) {
            waits.entry(leak.at).or_default().push((root, Known::Part));
        }
        let told_of = |leak: &Leak| !leak.left || outsiders_call(pkg, root);
        let leaks = report.leaks.into_iter().filter(told_of);
        told.extend(leaks.filter_map(|leak| finding(world, &leak).map(|finding| Told { root, leak, finding })));
    }
    told.retain(|one| !denied(&roots, &waits, one));
    let (used, reports) = clients::clients(&explorer, world, pkg, &types);
    out.roots.extend(reports.iter().map(|(root, report)| (*root, report.states, report.cut)));
    for clients::Used { root, leak } in used {
        if let Some(finding) = finding(world, &leak) {
            told.push(Told { root, leak, finding });
        }
    }
    for (at, seen) in &waits {
        let said = told.iter().filter(|one| one.leak.at == *at && !one.leak.left).map(|one| one.finding.level).max();
        let most = match known(&roots, seen) {
            Known::Part => continue,
            // That code out of view stops is what a warning is for.
            Known::Shared => said.max(Some(Level::Warning)),
            Known::Whole => said,
        };
        out.settled.extend(location(world, at).map(|location| Settled { at: location, most, slow: slow.contains(at) }));
    }
    let (left, told): (Vec<Told>, Vec<Told>) = told.into_iter().partition(|one| one.leak.left);
    out.left = grouped(left);
    out.findings = grouped(told);
    out
}

/// Which share of the work functions that make channels may cost, at first.
const FIRST: usize = 2;
/// And their callers.
const CALLERS: usize = 6;

/// Explores every root, first as if nothing were known of what functions answer: what is not there then, within the limits, is not there at all. What leaks is
/// explored again with the answers. Callers are looked at as far as they have part in what becomes of the channels.
fn explored(explorer: &Explorer<'_>, pkg: &Arc<Pkg>, roots: &mut Roots<'_>) -> Vec<(FuncId, Report)> {
    let mut out: Vec<(FuncId, Report)> = Vec::new();
    while !roots.wave.is_empty() {
        explorer.prepare(pkg.key, roots.wave.iter().copied(), true);
        let from = out.len();
        // What makes a channel shows most; callers of callers are large and show little.
        let share = if from == 0 { FIRST } else { CALLERS };
        out.extend(roots.wave.iter().filter_map(|root| explorer.explore(*root, share).map(|report| (*root, report))));
        let open = out[from..].iter().filter(|(_, report)| report.open || !report.leaks.is_empty());
        roots.climb(&open.map(|(root, _)| *root).collect());
    }
    let leaky = out.iter().filter(|(_, report)| !report.leaks.is_empty()).map(|(root, _)| *root);
    explorer.prepare(pkg.key, leaky, false);
    for (root, report) in out.iter_mut().filter(|(_, report)| !report.leaks.is_empty()) {
        if let Some(again) = explorer.explore(*root, 1) {
            *report = again;
        }
    }
    out
}

/// Whether code out of view calls a function: whoever imports the package, or has it as an interface.
fn outsiders_call(pkg: &Pkg, func: FuncId) -> bool {
    func.name.as_str().starts_with(char::is_uppercase) && (pkg.source.name != "main" || func.recv.is_some())
}

/// How much is known of a wait: who calls knows more of it than who is called, and who makes the channel more than those who are given one.
fn known(roots: &Roots<'_>, seen: &[(FuncId, Known)]) -> Known {
    let topmost =
        |(root, _): &&(FuncId, Known)| !seen.iter().any(|(above, _)| roots.calls(*above, *root) && !roots.calls(*root, *above));
    let least = seen.iter().filter(topmost).map(|(_, known)| *known).min().unwrap_or(Known::Part);
    let whole = seen.iter().any(|(_, known)| *known == Known::Whole);
    if least == Known::Shared && whole { Known::Whole } else { least }
}

/// Whether a leak of a function that only the package can call is in view of all who call it, and they do not have it.
fn denied(roots: &Roots<'_>, waits: &BTreeMap<Place, Vec<(FuncId, Known)>>, one: &Told) -> bool {
    if one.root.name.as_str().starts_with(char::is_uppercase) {
        return false;
    }
    let seen = waits.get(&one.leak.at).map_or(&[][..], Vec::as_slice);
    let mut above = seen.iter().filter(|(root, _)| roots.calls(*root, one.root)).peekable();
    above.peek().is_some() && above.all(|(_, known)| *known == Known::Whole)
}

/// One finding for each place to wait, and one for all places at which a goroutine can be stuck: the surest with the shortest argument speaks.
fn grouped(mut told: Vec<Told>) -> Vec<Finding> {
    told.sort_by(|a, b| {
        let key = |one: &Told| {
            (std::cmp::Reverse(one.finding.level), one.leak.assumed, one.finding.steps.len(), one.leak.at, one.leak.born)
        };
        key(a).cmp(&key(b))
    });
    let mut out: Vec<Told> = Vec::new();
    for one in told {
        let same = |other: &&mut Told| {
            let (a, b) = (&other.leak, &one.leak);
            a.at == b.at || b.born.is_some() && (a.born, a.kind, &a.func) == (b.born, b.kind, &b.func)
        };
        match out.iter_mut().find(same) {
            Some(known) => also(&mut known.finding, &one.finding),
            None => out.push(one),
        }
    }
    out.sort_by_key(|one| one.leak.at);
    out.into_iter().map(|one| one.finding).collect()
}
