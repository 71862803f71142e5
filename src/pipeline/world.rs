//! The packages of a run as the new core asks for them, and what it says beside the rules.

use super::{Part, Task};
use crate::lint::{Finding, Problem, ProblemKind, Trace};
use crate::old::program::{Package, PackageData, Store};
use crate::source::{Location, PackageSource};
use crate::types::{Pkg, PkgKey, Sources, World, stubs};
use crate::verdict;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

/// Packages out of the store of a run.
struct Stored(Arc<Store>);

impl Sources for Stored {
    fn import(&self, importer: &Pkg, path: &str) -> Option<(PkgKey, Arc<PackageSource>)> {
        self.0.source(importer.source.module.as_ref()?, path)
    }
}

impl Task<'_> {
    /// What exploring the goroutines of a package adds to what the rules found in it, and takes from it.
    pub(super) fn explore(&self, data: &Arc<PackageData>, store: &Arc<Store>, part: &mut Part) {
        let ids = [verdict::BLOCKED_SEND, verdict::BLOCKED_RECEIVE];
        let asked: Vec<Location> = part.findings.iter().filter(|f| ids.contains(&f.rule)).map(|f| f.at.clone()).collect();
        if !ids.iter().any(|id| self.options.wants(id)) || asked.is_empty() && !data.may_use_channels() {
            return;
        }
        let world = self.world.get_or_init(|| World::new(Box::new(Stored(Arc::clone(store)))).with_std(stubs::library));
        // A defect of ours costs this part in one package, never the run.
        let found = std::panic::catch_unwind(AssertUnwindSafe(|| {
            let pkg = world.add(data.source());
            let found = verdict::channels(world, &pkg, self.options.settings.models, self.options.tests, &asked);
            (found, world.imported(&pkg))
        }));
        match found {
            Ok((found, asked)) => {
                part.asked.packages.extend(asked);
                for (_, states, cut) in &found.roots {
                    part.stats.explored.states.push(*states);
                    cut.iter().for_each(|cut| *part.stats.explored.given_up.entry(*cut).or_default() += 1);
                }
                self.weigh(data, store, found, part);
            }
            Err(_) => part.problems.push(Problem {
                path: data.dir_display().to_owned(),
                line: None,
                kind: ProblemKind::Internal,
                message: "exploring the goroutines of this package failed; please report this".into(),
            }),
        }
    }

    fn weigh(&self, data: &Arc<PackageData>, store: &Arc<Store>, found: verdict::Findings, part: &mut Part) {
        let package = Package::within(Arc::clone(data), Arc::clone(store), self.options.settings.models);
        part.findings.retain_mut(|finding| {
            let stands = verdict::stands(finding, &found.settled);
            finding.level = stands.unwrap_or(finding.level);
            if stands.is_none() && self.options.trace.as_deref() == Some(finding.rule) {
                let reason =
                    "every order of the goroutines that share the channel was followed, and the wait ends in each".into();
                part.traces.push(Trace { rule: finding.rule, at: finding.at.clone(), reason });
            }
            stands.is_some()
        });
        let wanted = |finding: &Finding| self.options.wants(finding.rule) && package.wants_finding_at(&finding.at);
        for mut finding in found.findings.into_iter().filter(wanted) {
            let level = self.options.settings.level_of(finding.rule, &finding.at.file.path, finding.level);
            if let Some(level) = level.filter(|_| !verdict::told(&finding, &part.findings)) {
                finding.level = level;
                part.findings.push(finding);
            }
        }
    }
}
