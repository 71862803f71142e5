//! Holds goleash to what the Go runtime proved: every leaking variant of the corpus is found where goroutines really were stuck, every
//! mended one is silent. Go is not needed: `corpus/proved.json` is what it answered.
//!
//! What is not right yet stands in `corpus/known-gaps.txt`, one `RULE/CASE VARIANT KIND: REASON` a line. That list only shrinks: a gap that
//! is closed, or that has become another one, fails the test until its line goes. `UPDATE=1` takes closed gaps out and never puts one in.

use crate::listed::{self, Groups};
use crate::support;
use goleash::lint::{Finding, Level};
use goleash::pipeline::Outcome;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex};

mod cases;

/// What the runtime said of every variant, read once for all tests.
static PROOFS: LazyLock<Vec<Proof>> = LazyLock::new(|| {
    let text = std::fs::read_to_string(support::repository().join("corpus/proved.json")).unwrap();
    serde_json::from_str(&text).unwrap()
});

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

/// The list as it was before any test took a line out.
static GAPS: LazyLock<BTreeMap<String, (Wrong, String)>> = LazyLock::new(known_gaps);

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

/// As the tests are called: the rule and the case, with `_` for `-`.
fn words(proof: &Proof) -> (String, String) {
    (proof.rule.replace('-', "_"), proof.case.replace('-', "_"))
}

/// The test of one case: both variants against their proofs.
fn case(group: &str, name: &str) {
    let mut report = String::new();
    let both: Vec<&Proof> = PROOFS.iter().filter(|proof| words(proof) == (group.to_owned(), name.to_owned())).collect();
    assert!(!both.is_empty(), "corpus/proved.json has no case {group}/{name}");
    for proof in both {
        let outcome = support::check(&support::options(&support::repository(), &[proof.folder()]));
        let fault = proof.judge(&outcome);
        score(proof, &outcome, fault.is_none());
        match (fault, GAPS.get(&proof.key())) {
            (None, None) => {}
            (Some(fault), Some((wrong, _))) if fault.wrong == *wrong => {}
            (None, Some((_, line))) => report.push_str(&settle(line)),
            (Some(fault), gap) => {
                let was = gap.map(|(wrong, _)| format!(" (known-gaps.txt says {})", wrong.word())).unwrap_or_default();
                let line = proof.lines().first().copied().unwrap_or(1);
                let _ = writeln!(report, "{}:{line}: {}{was}: {}", proof.file, fault.wrong.word(), proof.why);
                let _ = writeln!(report, "    expected: {}\n    got:      {}", fault.expected, fault.got);
                let _ = writeln!(report, "    see:      cargo run -- --level note --trace {} {}", proof.rule, proof.folder());
            }
        }
    }
    assert!(
        report.is_empty(),
        "the runtime says otherwise:\n{report}    rerun:    cargo test --test main corpus::cases::{group}::{name}"
    );
}

#[test]
fn every_case_is_a_test() {
    let mut groups = Groups::new();
    for (rule, case) in PROOFS.iter().map(words) {
        groups.entry(rule).or_default().insert(case);
    }
    listed::hold("corpus", "The proved cases of the corpus, by rule", &groups);
}

/// What has been judged so far: variants, and the table of them.
static SCORES: Mutex<(usize, BTreeMap<&str, Row>)> = Mutex::new((0, BTreeMap::new()));

/// Counts a variant; the last of all of them has the table printed.
fn score(proof: &'static Proof, outcome: &Outcome, right: bool) {
    let mut scores = SCORES.lock().unwrap();
    scores.0 += 1;
    count(scores.1.entry(&proof.rule).or_default(), proof, outcome, right);
    if scores.0 == PROOFS.len() {
        support::announce(&table(&scores.1));
    }
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

/// A gap that is gone has to go from the list too: takes it out, or says that somebody should.
fn settle(closed: &str) -> String {
    if !support::update() {
        return format!("this gap is closed; take it out of corpus/known-gaps.txt, or let `UPDATE=1` do it:\n  {closed}\n");
    }
    // Other cases may be at it too.
    static LIST: Mutex<()> = Mutex::new(());
    let _alone = LIST.lock().unwrap();
    let text = std::fs::read_to_string(gaps_path()).unwrap();
    let kept: Vec<&str> = text.lines().filter(|line| *line != closed).collect();
    std::fs::write(gaps_path(), kept.join("\n") + "\n").unwrap();
    String::new()
}

#[test]
fn gaps_are_of_cases_that_are_there() {
    let keys: BTreeSet<String> = PROOFS.iter().map(Proof::key).collect();
    let stale: Vec<&String> = GAPS.keys().filter(|key| !keys.contains(*key)).collect();
    assert!(stale.is_empty(), "known-gaps.txt names cases that are not in proved.json: {stale:?}");
}

/// The list speaks of cases as they are; a case without both variants proves nothing.
#[test]
fn every_case_has_both_variants() {
    let mut seen: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for proof in PROOFS.iter() {
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
