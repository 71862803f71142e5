//! From paths to findings: every stage in order. Packages are independent of each other and are spread over threads.

mod world;

use crate::baseline::Baseline;
use crate::config::Settings;
use crate::explore::Cut;
use crate::lint::suppress::{self, Starts};
use crate::lint::{self, Context, Family, Finding, Level, Problem, ProblemKind, Reason, Rule, Sink, Trace, Withheld};
use crate::models::Models;
use crate::old::program::{Asked, Package, PackageData, Spawn, Store};
use crate::source::{DiscoverOptions, PackageInput, Scanner, SourceFile, discover, load_text};
use crate::types::World;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use ustr::Ustr;

/// What to look at, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// Files, folders and `…/...` patterns.
    pub paths: Vec<PathBuf>,
    /// What came through standard input, instead of paths.
    pub stdin: Option<Vec<u8>>,
    /// Paths are shown relative to this folder.
    pub root: PathBuf,
    /// Whether `_test.go` files get findings.
    pub tests: bool,
    /// Whether types of required modules are read in the module cache.
    pub deps: bool,
    /// Globs of paths to leave out.
    pub exclude: Vec<String>,
    /// Ids of the rules to run; empty means all.
    pub rules: Vec<String>,
    /// Threads to use; 0 means one a core.
    pub threads: usize,
    /// Id of the rule whose silence is to be explained.
    pub trace: Option<String>,
    /// The least level that is of interest; less severe findings still are in the outcome.
    pub level: Level,
    /// What the project asks for.
    pub settings: Arc<Settings>,
    /// Texts that stand in for files on disk, by absolute path: what an editor holds, or what is staged.
    pub overlay: Arc<FxHashMap<PathBuf, String>>,
    /// Findings that are known.
    pub baseline: Option<Arc<Baseline>>,
}

/// How much was looked at. All but the times depend on the input alone.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    /// Go files read.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Go packages.
    pub packages: usize,
    /// Top-level declarations.
    pub declarations: usize,
    /// Functions lowered.
    pub functions: usize,
    /// Spawns looked at.
    pub goroutines: usize,
    /// How much the exploration of each root took.
    pub explored: Explored,
    /// Time by phase, in order.
    pub phases: Vec<(&'static str, Duration)>,
    /// Time of the whole run.
    pub elapsed: Duration,
}

/// How much was explored.
#[derive(Clone, Debug, Default)]
pub struct Explored {
    /// States of each root, in no order.
    pub states: Vec<usize>,
    /// How many roots were given up, by the limit that they met.
    pub given_up: BTreeMap<Cut, usize>,
}

impl Explored {
    fn add(&mut self, other: &Self) {
        self.states.extend(&other.states);
        for (why, count) in &other.given_up {
            *self.given_up.entry(*why).or_default() += count;
        }
    }

    /// The number of states that `percent` of the roots do not exceed, 0 without roots.
    #[must_use]
    pub fn percentile(&self, percent: usize) -> usize {
        let mut sorted = self.states.clone();
        sorted.sort_unstable();
        sorted.get((sorted.len() * percent / 100).min(sorted.len().saturating_sub(1))).copied().unwrap_or(0)
    }
}

/// All that a run has to say.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Findings of all levels, sorted.
    pub findings: Vec<Finding>,
    /// Findings that something excuses, sorted.
    pub withheld: Vec<Withheld>,
    /// What there is to say where a run had nothing to look at, or nothing of what it was asked about.
    pub remark: Option<String>,
    /// Whether they were held to a baseline.
    pub compared: bool,
    /// Entries of the baseline that are found no more.
    pub stale: usize,
    /// What could not be looked at.
    pub problems: Vec<Problem>,
    /// Answers to `trace`.
    pub traces: Vec<Trace>,
    /// How much was looked at.
    pub stats: Stats,
}

/// Why nothing could be looked at.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file that was named cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The path as it was given.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The threads of the analysis cannot be started.
    #[error("cannot start the analysis threads: {0}")]
    Threads(String),
}

/// Hears how far a run has come.
pub trait Progress: Sync {
    /// There are `total` things to do.
    fn start(&self, total: usize);
    /// One more is done.
    fn tick(&self);
    /// All are done.
    fn finish(&self);
}

/// Stack of an analysis thread, in bytes: lowering walks trees that may nest some thousand levels deep.
const STACK: usize = 32 << 20;

/// What one folder gives.
#[derive(Clone, Default)]
pub(crate) struct Part {
    findings: Vec<Finding>,
    problems: Vec<Problem>,
    traces: Vec<Trace>,
    stats: Stats,
    /// Packages that start what others hand to them.
    pub(crate) starters: Vec<Ustr>,
    /// Files in which suppressions may stand.
    marked: Vec<Arc<SourceFile>>,
    /// Steps of findings that start a goroutine.
    started: Starts,
    /// What was asked of other packages on the way.
    pub(crate) asked: Asked,
}

impl Part {
    fn add(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.problems.extend(other.problems);
        self.traces.extend(other.traces);
        self.stats.goroutines += other.stats.goroutines;
        self.stats.explored.add(&other.stats.explored);
        self.starters.extend(other.starters);
        self.started.extend(other.started);
        self.asked.add(other.asked);
    }
}

/// The threads of an analysis; 0 means one a core.
pub(crate) fn pool(threads: usize) -> Result<rayon::ThreadPool, Error> {
    let builder = rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK);
    builder.build().map_err(|e| Error::Threads(e.to_string()))
}

/// Runs every stage.
///
/// # Errors
/// When the threads cannot be started.
pub fn run(options: &Options, progress: &dyn Progress) -> Result<Outcome, Error> {
    let begin = Instant::now();
    let threads = if options.threads == 0 { 0 } else { options.threads };
    let pool = pool(threads)?;
    let rules = options.chosen();
    let tokens = tokens(&rules, options.settings.models);
    let mut task =
        Task { options, rules: &rules, tokens: &tokens, progress, alone: options.stdin.is_some(), world: OnceLock::new() };
    let mut outcome = pool.install(|| task.all());
    outcome.tidy();
    if let Some(baseline) = &options.baseline {
        outcome.compare(baseline);
    }
    outcome.stats.elapsed = begin.elapsed();
    Ok(outcome)
}

/// Runs every stage for each of several projects, and tells all of it as one.
///
/// # Errors
/// As [`run`].
pub fn run_all(projects: &[Options], progress: &dyn Progress) -> Result<Outcome, Error> {
    let mut all = Outcome::default();
    for options in projects {
        let mut outcome = run(options, progress)?;
        // Where several projects are reported as one, what one of them does not want to see is not among it.
        if projects.iter().any(|other| other.level < options.level) {
            outcome.findings.retain(|finding| finding.level >= options.level);
        }
        all.add(outcome);
    }
    if projects.len() > 1 {
        all.tidy();
    }
    Ok(all)
}

impl Outcome {
    /// Takes out what a baseline knows. It excuses as many findings of a fingerprint as it has.
    pub(crate) fn compare(&mut self, baseline: &Baseline) {
        let mut counts = baseline.counts();
        self.withhold(&Reason::Known(baseline.name.clone()), |finding| match counts.get_mut(finding.fingerprint.as_str()) {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        });
        self.compared = true;
    }

    /// Takes findings out of what is shown, for a reason.
    pub fn withhold(&mut self, reason: &Reason, which: impl FnMut(&Finding) -> bool) {
        let (out, keep): (Vec<Finding>, Vec<Finding>) = std::mem::take(&mut self.findings).into_iter().partition(which);
        self.findings = keep;
        self.withheld.extend(out.into_iter().map(|finding| Withheld { finding, reason: reason.clone() }));
        self.withheld.sort_by(|a, b| lint::order(&a.finding, &b.finding));
    }

    /// Puts everything into its order; what was found twice, because two paths lead there, is told once.
    pub(crate) fn tidy(&mut self) {
        lint::sort(&mut self.findings);
        self.findings.dedup_by(|a, b| a.at.file.path == b.at.file.path && lint::same(a, b));
        self.withheld.sort_by(|a, b| lint::order(&a.finding, &b.finding));
        self.withheld.dedup_by(|a, b| a.finding.at.file.path == b.finding.at.file.path && lint::same(&a.finding, &b.finding));
        self.problems.sort();
        self.problems.dedup();
        self.traces.sort_by(|a, b| (&a.at.file.display, a.at.span, &a.reason).cmp(&(&b.at.file.display, b.at.span, &b.reason)));
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.withheld.extend(other.withheld);
        self.compared |= other.compared;
        self.problems.extend(other.problems);
        self.traces.extend(other.traces);
        self.stats.add(&other.stats);
        for (name, time) in other.stats.phases {
            match self.stats.phases.iter_mut().find(|(known, _)| *known == name) {
                Some((_, sum)) => *sum += time,
                None => self.stats.phases.push((name, time)),
            }
        }
        self.stats.elapsed += other.stats.elapsed;
    }
}

impl Stats {
    fn add(&mut self, other: &Self) {
        self.files += other.files;
        self.bytes += other.bytes;
        self.packages += other.packages;
        self.declarations += other.declarations;
        self.functions += other.functions;
        self.goroutines += other.goroutines;
        self.explored.add(&other.explored);
    }
}

impl Options {
    /// The rules to run.
    pub(crate) fn chosen(&self) -> Vec<&'static dyn Rule> {
        crate::rules::ALL.iter().copied().filter(|r| self.wants(r.meta().id)).collect()
    }

    /// Finds the packages.
    pub(crate) fn discover(&self) -> (Vec<PackageInput>, Vec<Problem>) {
        let settings = &self.settings;
        discover(&DiscoverOptions {
            paths: self.paths.clone(),
            root: self.root.clone(),
            tests: self.tests,
            exclude: self.exclude.clone(),
            exclude_below: settings.dir().map(|dir| (dir.to_owned(), settings.exclude.clone())),
            held: self.overlay.keys().filter(|path| !path.exists()).cloned().collect(),
            threads: self.threads,
        })
    }

    /// A store over what was discovered.
    pub(crate) fn store(&self, tokens: &[&'static str], inputs: &[PackageInput]) -> Store {
        Store::new(self.settings.models, Scanner::new(tokens), inputs, &self.root, self.tests)
            .with_go(self.settings.go_version)
            .with_overlay(Arc::clone(&self.overlay))
    }

    /// Whether the rule is to run.
    #[must_use]
    pub fn wants(&self, rule: &str) -> bool {
        self.settings.runs(rule) && (self.rules.is_empty() || self.rules.iter().any(|r| r == rule))
    }
}

/// The tokens of all rules, and of the user's models, each once, in order.
pub(crate) fn tokens(rules: &[&'static dyn Rule], models: &'static Models) -> Vec<&'static str> {
    let mut tokens: Vec<&'static str> = rules.iter().flat_map(|r| r.meta().triggers).copied().collect();
    let own = models.tokens();
    tokens.extend(own.acquire.iter().chain(&own.start).map(String::as_str));
    // Suppressions count for every rule.
    tokens.push(suppress::WORD);
    tokens.sort_unstable();
    tokens.dedup();
    tokens
}

/// The analysis of single folders, and what it comes to.
pub(crate) struct Task<'a> {
    pub(crate) options: &'a Options,
    pub(crate) rules: &'a [&'static dyn Rule],
    pub(crate) tokens: &'a [&'static str],
    pub(crate) progress: &'a dyn Progress,
    /// Whether there are fewer folders than threads.
    pub(crate) alone: bool,
    /// The packages of the run as the new core asks for them.
    pub(crate) world: OnceLock<World>,
}

impl Task<'_> {
    fn all(&mut self) -> Outcome {
        let settings = &self.options.settings;
        if let Some(bytes) = &self.options.stdin {
            let (source, problems) = load_text("<stdin>", bytes.clone(), &Scanner::new(self.tokens));
            let mut part = Part { problems, ..Part::default() };
            part.stats.files = 1;
            part.stats.bytes = bytes.len() as u64;
            part.marked = source.files.iter().map(|file| Arc::clone(&file.src)).collect();
            let store = Arc::new(Store::empty(settings.models).with_go(settings.go_version));
            let data = store.lone(source);
            self.package(&data, &store, &mut part);
            let mut outcome = self.gather(vec![part], Vec::new(), Vec::new());
            outcome.problems.extend(data.take_problems());
            outcome.stats.functions = data.lowered();
            return outcome;
        }
        let begin = Instant::now();
        let (inputs, problems) = self.options.discover();
        let discovered = begin.elapsed();
        self.alone = inputs.len() < rayon::current_num_threads();
        let begin = Instant::now();
        self.progress.start(inputs.len());
        let store = Arc::new(self.options.store(self.tokens, &inputs));
        let mut parts = self.inputs(&inputs, &store);
        // Only now it is known which packages start what others hand to them.
        let mut starters: FxHashSet<Ustr> = parts.iter().flat_map(|p| p.starters.iter().copied()).collect();
        starters.extend(inputs.iter().flat_map(|input| self.outside(input, &store).starters));
        if !starters.is_empty() {
            parts.extend(inputs.par_iter().map(|input| self.handed_over(input, &store, &starters)).collect::<Vec<_>>());
        }
        self.progress.finish();
        let mut outcome = self.gather(parts, problems, vec![("discover", discovered), ("analyse", begin.elapsed())]);
        // What one package asked of another is known only now; who asked first does not matter.
        for data in store.all() {
            outcome.problems.extend(data.take_problems());
            outcome.stats.functions += data.lowered();
        }
        // Taking everything down takes a while, and nobody has to wait for it.
        std::thread::spawn(move || drop(store));
        outcome
    }

    /// What every folder gives, in the order of the folders. They differ in size by a factor of a thousand, so the large ones are handed
    /// out first: the last one to be done is then a small one.
    fn inputs(&self, inputs: &[PackageInput], store: &Arc<Store>) -> Vec<Part> {
        let mut order: Vec<(usize, &PackageInput)> = inputs.iter().enumerate().collect();
        order.sort_by_key(|(i, input)| (std::cmp::Reverse(input.files.len()), *i));
        let looked = order.into_iter().par_bridge().map(|(i, input)| (i, self.input(input, store)));
        let mut parts: Vec<(usize, Part)> = looked.collect();
        parts.sort_by_key(|(i, _)| *i);
        parts.into_iter().map(|(_, part)| part).collect()
    }

    pub(crate) fn input(&self, input: &PackageInput, store: &Arc<Store>) -> Part {
        let loaded = store.looked_at(input);
        let mut part = Part { problems: loaded.problems.clone(), marked: loaded.marked.clone(), ..Part::default() };
        part.stats.files = input.files.len();
        part.stats.bytes = loaded.bytes;
        for data in &loaded.packages {
            self.package(data, store, &mut part);
        }
        self.progress.tick();
        part
    }

    /// A folder in which no rule can start by itself.
    pub(crate) fn handed_over(&self, input: &PackageInput, store: &Arc<Store>, starters: &FxHashSet<Ustr>) -> Part {
        let mut part = Part::default();
        for data in &store.started_elsewhere(input, starters) {
            self.package(data, store, &mut part);
        }
        part
    }

    /// What packages outside the run, imported by a folder of it in which no rule can start, tell of it.
    pub(crate) fn outside(&self, input: &PackageInput, store: &Arc<Store>) -> Part {
        let mut part = Part::default();
        for data in store.imported_from_outside(input) {
            let package = Package::within(data, Arc::clone(store), self.options.settings.models);
            part.starters.extend(package.starts_for_others());
            part.asked.add(package.asked());
        }
        part
    }

    fn package(&self, data: &Arc<PackageData>, store: &Arc<Store>, part: &mut Part) {
        part.stats.packages += 1;
        part.stats.declarations += data.declarations();
        // A package alone would keep one thread busy: then the rules are shared out. What they lower they share anyway.
        let shares = if self.alone { self.shares() } else { vec![self.rules.to_vec()] };
        let shares: Vec<_> = shares.iter().enumerate().collect();
        let looks: Vec<Part> = shares.into_par_iter().map(|(i, rules)| self.look(rules, i == 0, data, store)).collect();
        let mut own = Part::default();
        looks.into_iter().for_each(|look| own.add(look));
        self.explore(data, store, &mut own);
        part.add(own);
    }

    /// The rules for two threads or more. Those about channels are about half of the work, and no engine is asked from two sides.
    fn shares(&self) -> Vec<Vec<&'static dyn Rule>> {
        let (channels, others): (Vec<_>, Vec<_>) = self.rules.iter().copied().partition(|r| r.meta().family == Family::Channels);
        let mut shares = vec![channels];
        if rayon::current_num_threads() > 2 {
            let (locks, duties) = others.into_iter().partition(|r| r.meta().family == Family::Locks);
            shares.extend([locks, duties]);
        } else {
            shares.push(others);
        }
        shares.retain(|share| !share.is_empty());
        shares
    }

    /// What some of the rules say of a package; one share of them also tells of the package as a whole.
    fn look(&self, rules: &[&'static dyn Rule], whole: bool, data: &Arc<PackageData>, store: &Arc<Store>) -> Part {
        let mut part = Part::default();
        let package = Package::within(Arc::clone(data), Arc::clone(store), self.options.settings.models);
        let cx = Context::new(&package, self.tokens);
        for rule in rules {
            let id = rule.meta().id;
            // A defect of ours costs one rule in one package, never the run.
            let run = std::panic::catch_unwind(AssertUnwindSafe(|| {
                let mut sink = Sink::new(self.options.trace.clone());
                rule.check(&cx, &mut sink);
                sink
            }));
            match run {
                Ok(mut done) => {
                    done.findings.retain(|f| package.wants_finding_at(&f.at));
                    done.findings.retain_mut(|f| {
                        let level = self.options.settings.level_of(f.rule, &f.at.file.path, f.level);
                        f.level = level.unwrap_or(f.level);
                        level.is_some()
                    });
                    part.findings.extend(done.findings);
                    part.traces.extend(done.traces);
                }
                Err(_) => part.problems.push(Problem {
                    path: data.dir_display().to_owned(),
                    line: None,
                    kind: ProblemKind::Internal,
                    message: format!("rule {id} failed on this package; please report this"),
                }),
            }
        }
        let spawns = || package.spawns(|t| cx.is_token(t, crate::old::lifetime::SPAWN_TOKENS));
        if !part.findings.is_empty() {
            let place = |spawn: &Spawn| {
                let at = package.location(spawn.owner.decl, spawn.span);
                (at.file.display.clone(), at.span.start)
            };
            part.started.extend(spawns().iter().map(place));
        }
        if whole {
            part.starters.extend(package.starts_for_others());
            part.stats.goroutines = spawns().len();
        }
        part.asked = package.asked();
        part
    }

    pub(crate) fn gather(&self, parts: Vec<Part>, problems: Vec<Problem>, phases: Vec<(&'static str, Duration)>) -> Outcome {
        let mut out = Outcome { problems, ..Outcome::default() };
        let (mut findings, mut marked, mut started) = (Vec::new(), Vec::new(), Starts::default());
        for part in parts {
            findings.extend(part.findings);
            marked.extend(part.marked);
            started.extend(part.started);
            out.problems.extend(part.problems);
            out.traces.extend(part.traces);
            out.stats.add(&part.stats);
        }
        out.stats.phases = phases;
        lint::fingerprint::assign(&mut findings);
        let ran = |rule: &str, file: &SourceFile| {
            self.options.wants(rule) && self.options.settings.level_of(rule, &file.path, Level::Warning).is_some()
        };
        let mut judged = suppress::judge(findings, &marked, &started, &ran);
        lint::fingerprint::assign(&mut judged.own);
        for finding in &mut judged.own {
            let level = self.options.settings.level_of(finding.rule, &finding.at.file.path, finding.level);
            finding.level = level.unwrap_or(finding.level);
        }
        out.findings = judged.findings;
        out.findings.extend(judged.own);
        let excused = judged.excused.into_iter();
        out.withheld = excused.map(|(finding, why)| Withheld { finding, reason: Reason::Suppressed(why) }).collect();
        out
    }
}
