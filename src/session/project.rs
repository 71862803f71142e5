//! One project of a session: what was read of its files, and what the analysis of each folder gave.

use crate::lint::{Problem, Rule};
use crate::old::program::{Asked, Store};
use crate::pipeline::{Options, Outcome, Part, Progress, Task, tokens};
use crate::source::{PackageInput, normal};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use ustr::Ustr;

/// Nobody watches a session's progress.
struct Silent;

impl Progress for Silent {
    fn start(&self, _: usize) {}
    fn tick(&self) {}
    fn finish(&self) {}
}

/// What the analysis of one folder gave.
#[derive(Default)]
struct Results {
    own: Part,
    /// What packages outside the run told of it.
    outside: Part,
    /// What was found because functions elsewhere start what they are handed.
    handed: Part,
}

impl Results {
    fn depends_on(&self, touched: &Asked) -> bool {
        [&self.own, &self.outside, &self.handed].into_iter().any(|part| {
            part.asked.packages.iter().any(|key| touched.packages.contains(key))
                || part.asked.importers.iter().any(|key| touched.importers.contains(key))
        })
    }
}

pub(super) struct Project {
    pub(super) options: Options,
    rules: Vec<&'static dyn Rule>,
    tokens: Vec<&'static str>,
    store: Arc<Store>,
    inputs: Vec<PackageInput>,
    /// Where a folder stands among the inputs.
    index: FxHashMap<PathBuf, usize>,
    problems: Vec<Problem>,
    /// By input.
    results: Vec<Results>,
    starters: FxHashSet<Ustr>,
    /// Inputs to look at again.
    pending: FxHashSet<usize>,
}

impl Project {
    pub(super) fn open(options: Options) -> Self {
        let (inputs, problems) = options.discover();
        let rules = options.chosen();
        let tokens = tokens(&rules, options.settings.models);
        let store = Arc::new(options.store(&tokens, &inputs));
        let index = inputs.iter().enumerate().map(|(i, input)| (input.dir.clone(), i)).collect();
        let results = inputs.iter().map(|_| Results::default()).collect();
        let starters = FxHashSet::default();
        let pending = (0..inputs.len()).collect();
        let mut project = Self { options, rules, tokens, store, inputs, index, problems, results, starters, pending };
        project.settle();
        project
    }

    pub(super) fn lay_over(&mut self, path: &Path, text: Option<String>) {
        let overlay = Arc::make_mut(&mut self.options.overlay);
        match &text {
            Some(text) => overlay.insert(path.to_path_buf(), text.clone()),
            None => overlay.remove(path),
        };
        if let Some(store) = Arc::get_mut(&mut self.store) {
            store.lay_over(path, text);
        }
    }

    pub(super) fn has(&self, path: &Path) -> bool {
        let input = path.parent().and_then(|dir| self.index.get(dir)).map(|at| &self.inputs[*at]);
        input.is_some_and(|input| input.files.iter().any(|file| file.path == path))
    }

    /// Whether the file, which is none of the run's, was read for facts.
    pub(super) fn counts(&self, path: &Path) -> bool {
        self.store.counts(path)
    }

    /// Whether a file of that name can matter.
    pub(super) fn may_hold(&self, path: &Path) -> bool {
        let is_test = path.to_string_lossy().ends_with("_test.go");
        self.has(path) || self.options.tests || !is_test
    }

    /// Whether the findings depend on the file though it is no code.
    pub(super) fn is_governed_by(&self, path: &Path) -> bool {
        self.options.settings.baseline.as_deref() == Some(path)
    }

    /// Whether some of what is looked at lies in the folder or below.
    pub(super) fn reaches_below(&self, dir: &Path) -> bool {
        self.index.contains_key(dir)
            || self.inputs.iter().any(|input| input.dir.starts_with(dir))
            || self.store.has_read_below(dir)
    }

    pub(super) fn folders(&self) -> Vec<PathBuf> {
        let root = normal(&std::path::absolute(&self.options.root).unwrap_or_else(|_| self.options.root.clone()));
        let named = self.options.paths.iter().map(|path| {
            let text = path.to_string_lossy();
            let base =
                text.strip_suffix("...").map_or(path.as_path(), |base| Path::new(if base.is_empty() { "." } else { base }));
            let path = normal(&root.join(base));
            if path.is_file() { path.parent().map_or_else(|| path.clone(), Path::to_path_buf) } else { path }
        });
        let mut out: Vec<PathBuf> = named.collect();
        out.extend(self.inputs.iter().filter_map(|input| input.module.as_ref().map(|module| module.dir.clone())));
        out.extend(self.options.settings.dir().map(Path::to_path_buf));
        out.sort();
        out.dedup();
        out
    }

    /// Finds the files again. `false` where folders came or went, which changes what import paths mean.
    pub(super) fn relist(&mut self, files: &mut FxHashSet<PathBuf>) -> bool {
        let (inputs, problems) = self.options.discover();
        let same = inputs.len() == self.inputs.len() && inputs.iter().zip(&self.inputs).all(|(a, b)| a.dir == b.dir);
        let Some(store) = Arc::get_mut(&mut self.store).filter(|_| same) else { return false };
        self.problems = problems;
        for (new, old) in inputs.into_iter().zip(&mut self.inputs) {
            if new == *old {
                continue;
            }
            for (these, those) in [(&new, &*old), (&*old, &new)] {
                files.extend(these.files.iter().filter(|file| !those.files.contains(file)).map(|file| file.path.clone()));
            }
            store.renew_input(new.clone());
            *old = new;
        }
        true
    }

    /// Takes in that files changed, by folder, and looks at these folders. `false` where everything has to be looked at.
    pub(super) fn change(&mut self, changed: &FxHashMap<PathBuf, FxHashSet<PathBuf>>) -> bool {
        let Some(store) = Arc::get_mut(&mut self.store) else { return false };
        let mut touched = Asked::default();
        for (dir, files) in changed {
            touched.add(store.forget(dir, files));
        }
        let now: FxHashSet<usize> = changed.keys().filter_map(|dir| self.index.get(dir).copied()).collect();
        let others = self.results.iter().enumerate().filter(|(_, results)| results.depends_on(&touched));
        self.pending.extend(others.map(|(at, _)| at));
        self.look_at(&now);
        self.pending.retain(|at| !now.contains(at));
        true
    }

    pub(super) fn is_settled(&self) -> bool {
        self.pending.is_empty()
    }

    pub(super) fn settle(&mut self) -> bool {
        let pending = std::mem::take(&mut self.pending);
        self.look_at(&pending);
        !pending.is_empty()
    }

    fn look_at(&mut self, which: &FxHashSet<usize>) {
        let task = Task {
            options: &self.options,
            rules: &self.rules,
            tokens: &self.tokens,
            progress: &Silent,
            alone: which.len() < rayon::current_num_threads(),
            world: OnceLock::new(),
        };
        let (inputs, store) = (&self.inputs, &self.store);
        let look = |at: &usize| (*at, task.input(&inputs[*at], store), task.outside(&inputs[*at], store));
        let order: Vec<usize> = which.iter().copied().collect();
        let looks: Vec<_> = order.par_iter().with_max_len(1).map(look).collect();
        for (at, own, outside) in looks {
            self.results[at] = Results { own, outside, handed: std::mem::take(&mut self.results[at].handed) };
        }
        let parts = self.results.iter().flat_map(|results| [&results.own, &results.outside]);
        let starters: FxHashSet<Ustr> = parts.flat_map(|part| part.starters.iter().copied()).collect();
        let again: Vec<usize> = if starters == self.starters { order } else { (0..inputs.len()).collect() };
        let handed: Vec<(usize, Part)> =
            again.par_iter().with_max_len(1).map(|at| (*at, task.handed_over(&inputs[*at], store, &starters))).collect();
        for (at, part) in handed {
            self.results[at].handed = part;
        }
        self.starters = starters;
    }

    pub(super) fn outcome(&self) -> Outcome {
        let task = Task {
            options: &self.options,
            rules: &self.rules,
            tokens: &self.tokens,
            progress: &Silent,
            alone: false,
            world: OnceLock::new(),
        };
        let parts = self.results.iter().flat_map(|results| [results.own.clone(), results.handed.clone()]).collect();
        let mut outcome = task.gather(parts, self.problems.clone(), Vec::new());
        for data in self.store.all() {
            outcome.problems.extend(data.problems());
            outcome.stats.functions += data.lowered();
        }
        outcome.tidy();
        if let Some(baseline) = &self.options.baseline {
            outcome.compare(baseline);
        }
        outcome
    }
}
