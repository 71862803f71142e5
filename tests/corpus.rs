//! Holds goleash to what the Go runtime proved: every leaking variant of the corpus is found where goroutines really were stuck, every
//! mended one is silent. Go is not needed: `corpus/proved.json` is what it answered.
//!
//! What is not right yet stands in `corpus/known-gaps.txt`, one `RULE/CASE VARIANT KIND: REASON` a line. That list only shrinks: a gap that
//! is closed, or that has become another one, fails the test until its line goes. `UPDATE=1` takes closed gaps out and never puts one in.

use crate::support;
use goleash::lint::{Finding, Level};
use goleash::pipeline::Outcome;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

/// One variant of one case, as the prover wrote it down.
#[derive(Deserialize)]
struct Proof {
    rule: String,
    case: String,
    variant: Variant,
    file: String,
    goroutines: Vec<Stuck>,
    #[serde(default)]
    cause_lines: Vec<u32>,
    expect_level: Option<Level>,
    why: String,
    /// Who decided: `goroutineleak`, `alive`, `held`, `ended`.
    #[serde(rename = "judge")]
    judged_by: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Variant {
    Leaking,
    Mended,
}

#[derive(Deserialize)]
struct Stuck {
    lines: Vec<u32>,
    /// 0 where no line of the case created it.
    created_line: u32,
}

/// How goleash can be wrong about a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    /// The leak is not found on any line that the runtime named.
    Missed,
    /// It is found with another level than the rule gives this shape.
    Level,
    /// A mended variant has a finding.
    Noise,
    /// Something could not be looked at.
    Problem,
}

impl Wrong {
    const ALL: [Self; 4] = [Self::Missed, Self::Level, Self::Noise, Self::Problem];

    fn word(self) -> &'static str {
        match self {
            Self::Missed => "missed",
            Self::Level => "level",
            Self::Noise => "noise",
            Self::Problem => "problem",
        }
    }
}

/// What a failing variant gets told about.
struct Fault {
    wrong: Wrong,
    expected: String,
    got: String,
}

impl Proof {
    fn key(&self) -> String {
        let variant = if self.variant == Variant::Leaking { "leaking" } else { "mended" };
        format!("{}/{} {variant}", self.rule, self.case)
    }

    fn lines(&self) -> BTreeSet<u32> {
        let stuck = self.goroutines.iter().flat_map(|g| g.lines.iter().chain([&g.created_line]));
        stuck.chain(&self.cause_lines).copied().filter(|line| *line > 0).collect()
    }

    /// Whether the line is known only as the one that started a goroutine.
    fn is_start(&self, line: u32) -> bool {
        !self.goroutines.iter().any(|g| g.lines.contains(&line)) && !self.cause_lines.contains(&line)
    }

    fn folder(&self) -> &str {
        self.file.rsplit_once('/').map_or(".", |(folder, _)| folder)
    }

    fn judge(&self, outcome: &Outcome) -> Option<Fault> {
        if !outcome.problems.is_empty() {
            let expected = "a case that can be read".to_owned();
            return Some(Fault { wrong: Wrong::Problem, expected, got: format!("{:?}", outcome.problems) });
        }
        match self.variant {
            Variant::Leaking => self.judge_leaking(&outcome.findings),
            Variant::Mended => self.judge_mended(&outcome.findings),
        }
    }

    fn judge_leaking(&self, findings: &[Finding]) -> Option<Fault> {
        let lines = self.lines();
        let level = self.expect_level.unwrap_or_else(|| panic!("{}: a leaking variant has a level", self.key()));
        let expected = format!("{level}[{}] on one of the lines {lines:?}", self.rule);
        // A goroutine that never stands still was met somewhere in its loop; where it was started is as good a proof of which one it is.
        let moves = self.judged_by == "alive";
        let on_line = |f: &&Finding| {
            let here = |at: &goleash::source::Location| at.file.display == self.file && lines.contains(&at.start().line);
            let told = f.steps.iter().any(|s| here(&s.at) && (moves || !self.is_start(s.at.start().line)));
            f.rule == self.rule && (here(&f.at) || told)
        };
        let found: Vec<&Finding> = findings.iter().filter(on_line).collect();
        if found.iter().any(|f| f.level == level) {
            return None;
        }
        let wrong = if found.is_empty() { Wrong::Missed } else { Wrong::Level };
        Some(Fault { wrong, expected, got: told(findings) })
    }

    fn judge_mended(&self, findings: &[Finding]) -> Option<Fault> {
        let noise = |f: &Finding| match self.expect_level {
            Some(most) if f.rule == self.rule => f.level > most,
            // Rules beside the case's own may have a remark about the rest of the code.
            _ => f.rule == self.rule || f.level > Level::Note,
        };
        let most = self.expect_level.map_or("nothing".to_owned(), |level| format!("at most {level}"));
        findings.iter().any(noise).then(|| Fault { wrong: Wrong::Noise, expected: most, got: told(findings) })
    }
}

fn told(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return "nothing".to_owned();
    }
    let tell = |f: &Finding| format!("{}[{}] on line {}: {}", f.level, f.rule, f.at.start().line, f.message);
    findings.iter().map(tell).collect::<Vec<_>>().join("\n            ")
}

/// How many of a rule's variants come out right.
#[derive(Default)]
struct Row {
    found: usize,
    leaking: usize,
    silent: usize,
    mended: usize,
    /// Findings in leaking variants, at warning or above, on lines that the runtime did not name.
    elsewhere: usize,
}

fn gaps_path() -> PathBuf {
    support::repository().join("corpus/known-gaps.txt")
}

/// The gaps that are known, by `RULE/CASE VARIANT`: what is wrong, and the whole line.
fn known_gaps() -> BTreeMap<String, (Wrong, String)> {
    let text = std::fs::read_to_string(gaps_path()).unwrap();
    let mut gaps = BTreeMap::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut words = line.splitn(4, ' ');
        let mut word = || words.next().unwrap_or_else(|| panic!("known-gaps.txt: `{line}` is no gap"));
        let (case, variant, kind, reason) = (word(), word(), word().trim_end_matches(':'), word());
        assert!(!reason.trim().is_empty(), "known-gaps.txt: `{line}` gives no reason");
        let wrong = Wrong::ALL.into_iter().find(|wrong| wrong.word() == kind);
        let wrong = wrong.unwrap_or_else(|| panic!("known-gaps.txt: `{kind}` is none of missed, level, noise, problem"));
        let known = gaps.insert(format!("{case} {variant}"), (wrong, line.to_owned()));
        assert!(known.is_none(), "known-gaps.txt: `{case} {variant}` stands there twice");
    }
    gaps
}

fn proofs() -> Vec<Proof> {
    let text = std::fs::read_to_string(support::repository().join("corpus/proved.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn table(rows: &BTreeMap<&str, Row>) -> String {
    let mut out = format!("{:24} {:>9} {:>9} {:>9}\n", "corpus", "leaking", "mended", "elsewhere");
    let mut sum = Row::default();
    for (rule, row) in rows {
        let _ = writeln!(
            out,
            "{rule:24} {:>4}/{:<4} {:>4}/{:<4} {:>9}",
            row.found, row.leaking, row.silent, row.mended, row.elsewhere
        );
        sum.found += row.found;
        sum.leaking += row.leaking;
        sum.silent += row.silent;
        sum.mended += row.mended;
        sum.elsewhere += row.elsewhere;
    }
    let _ = writeln!(
        out,
        "{:24} {:>4}/{:<4} {:>4}/{:<4} {:>9}",
        "all", sum.found, sum.leaking, sum.silent, sum.mended, sum.elsewhere
    );
    out
}

fn rerun(proof: &Proof) -> String {
    format!(
        "    rerun:    CASE={}/{} cargo test --test main corpus::\n    see:      cargo run -- --level note --trace {} {}",
        proof.rule,
        proof.case,
        proof.rule,
        proof.folder()
    )
}

/// Every variant against its proof. `CASE=RULE[/CASE]` asks for some alone.
#[test]
fn findings_agree_with_the_runtime() {
    let only = std::env::var("CASE").unwrap_or_default();
    let proofs = proofs();
    let asked: Vec<&Proof> =
        proofs.iter().filter(|p| only.is_empty() || p.rule == only || format!("{}/{}", p.rule, p.case) == only).collect();
    assert!(!asked.is_empty(), "no case is called `{only}`");
    let mut gaps = known_gaps();
    let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
    let (mut report, mut closed) = (String::new(), Vec::new());
    for proof in asked {
        let outcome = support::check(&support::options(&support::repository(), &[proof.folder()]));
        let fault = proof.judge(&outcome);
        count(rows.entry(&proof.rule).or_default(), proof, &outcome, fault.is_none());
        match (fault, gaps.remove(&proof.key())) {
            (None, None) => {}
            (Some(fault), Some((wrong, _))) if fault.wrong == wrong => {}
            (None, Some((_, line))) => closed.push(line),
            (Some(fault), gap) => {
                let was = gap.map(|(wrong, _)| format!(" (known-gaps.txt says {})", wrong.word())).unwrap_or_default();
                let line = proof.lines().first().copied().unwrap_or(1);
                let _ = writeln!(
                    report,
                    "{}:{line}: {}{was}: {}\n    expected: {}\n    got:      {}\n{}",
                    proof.file,
                    fault.wrong.word(),
                    proof.why,
                    fault.expected,
                    fault.got,
                    rerun(proof)
                );
            }
        }
    }
    support::announce(&table(&rows));
    if only.is_empty() {
        let stale: Vec<&String> = gaps.keys().collect();
        assert!(stale.is_empty(), "known-gaps.txt names cases that are not in proved.json: {stale:?}");
    }
    let closed = settle(&closed);
    assert!(report.is_empty() && closed.is_empty(), "the runtime says otherwise:\n{report}{closed}");
}

fn count(row: &mut Row, proof: &Proof, outcome: &Outcome, right: bool) {
    match proof.variant {
        Variant::Leaking => {
            row.leaking += 1;
            row.found += usize::from(right);
            let lines = proof.lines();
            row.elsewhere +=
                outcome.findings.iter().filter(|f| f.level > Level::Note && !lines.contains(&f.at.start().line)).count();
        }
        Variant::Mended => {
            row.mended += 1;
            row.silent += usize::from(right);
        }
    }
}

/// Gaps that are gone have to go from the list too: takes them out, or says that somebody should.
fn settle(closed: &[String]) -> String {
    if closed.is_empty() {
        return String::new();
    }
    if support::update() {
        let text = std::fs::read_to_string(gaps_path()).unwrap();
        let kept: Vec<&str> = text.lines().filter(|line| !closed.iter().any(|gone| gone == line)).collect();
        std::fs::write(gaps_path(), kept.join("\n") + "\n").unwrap();
        return String::new();
    }
    format!(
        "these gaps are closed; take them out of corpus/known-gaps.txt, or let `UPDATE=1 cargo test --test main corpus::` do it:\n  {}\n",
        closed.join("\n  ")
    )
}

/// The list speaks of cases as they are; a case without both variants proves nothing.
#[test]
fn every_case_has_both_variants() {
    let mut seen: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for proof in proofs() {
        let both = seen.entry(format!("{}/{}", proof.rule, proof.case)).or_default();
        match proof.variant {
            Variant::Leaking => {
                assert!(!proof.lines().is_empty(), "{}: nothing leaked", proof.file);
                both.0 += 1;
            }
            Variant::Mended => {
                assert!(proof.goroutines.is_empty(), "{}: something leaked", proof.file);
                both.1 += 1;
            }
        }
    }
    assert!(seen.len() >= 85, "{} cases", seen.len());
    for (case, both) in seen {
        assert_eq!(both, (1, 1), "{case}");
    }
}
