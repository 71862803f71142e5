//! Good code damaged at random, by the same dice every time: the functions that the damage does not touch keep their findings.

use super::leaking;
use crate::support;
use goleash::pipeline::{Options, Outcome};
use goleash::source::outline;
use std::fmt::Write as _;
use std::ops::Range;
use std::path::PathBuf;

/// Cases of many shapes: methods, generics, literals, switches, tickers, groups.
const CASES: [&str; 12] = [
    "blocked-send/generic-merge",
    "blocked-send/reply-channel",
    "blocked-send/timeout-beside-receive",
    "http-without-context/constructor-client",
    "ignored-context/stale-while-revalidate",
    "stuck-connection/coder-read-background",
    "stuck-connection/pinger-outlives-handler",
    "unguarded-loop/debug-server",
    "unguarded-loop/promoted-method",
    "unstopped-ticker/debounce-on-close",
    "unstopped-workers/errgroup-early-error",
    "unstopped-workers/shutdown-not-called",
];

/// A corpus file with a leaking function, which needs nothing around it, before each of its declarations and at its end.
struct Specimen {
    name: &'static str,
    text: String,
    /// The leaking functions: name and bytes.
    witnesses: Vec<(String, Range<usize>)>,
}

impl Specimen {
    fn new(name: &'static str) -> Self {
        let path: PathBuf = support::repository().join("corpus").join(name).join("leaking/case.go");
        let source = std::fs::read_to_string(path).unwrap();
        let mut specimen = Self { name, text: String::new(), witnesses: Vec::new() };
        let mut from = 0;
        for decl in outline(&source).decls.iter().filter(|decl| !decl.grouped) {
            // Comments belong to the declaration after them.
            let blank = source[..decl.span.start as usize].rfind("\n\n").unwrap();
            specimen.text.push_str(&source[from..blank]);
            from = blank;
            specimen.witness();
        }
        specimen.text.push_str(&source[from..]);
        specimen.witness();
        specimen
    }

    fn witness(&mut self) {
        let name = format!("witness{}", self.witnesses.len());
        self.text.push('\n');
        // The blank line before and the line end after the function are no part of it.
        let start = self.text.len() + 1;
        self.text.push_str(&leaking(&name));
        self.witnesses.push((name, start..self.text.len() - 1));
    }

    /// Whether a change of these bytes leaves all witnesses as they are.
    fn is_free(&self, bytes: &Range<usize>) -> bool {
        self.witnesses.iter().all(|(_, at)| bytes.end <= at.start || bytes.start >= at.end)
    }
}

fn check(text: &str) -> Outcome {
    support::check(&Options { stdin: Some(text.as_bytes().to_vec()), ..support::options(&support::repository(), &[]) })
}

/// Says which of the witnesses are not found any more.
fn lost<'w>(text: &str, witnesses: impl Iterator<Item = &'w str>) -> Option<String> {
    let outcome = check(text);
    if let Some(problem) = outcome.problems.iter().find(|p| p.kind == goleash::lint::ProblemKind::Internal) {
        return Some(format!("{problem:?}"));
    }
    let found: Vec<&str> = outcome.findings.iter().filter_map(|f| f.function.strip_suffix(".func1")).collect();
    let lost: Vec<&str> = witnesses.filter(|w| !found.contains(w)).collect();
    (!lost.is_empty()).then(|| format!("{lost:?} lost"))
}

/// Xorshift: no dice that anybody would bet on, and the same on every machine.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(sides).unwrap()).unwrap()
    }
}

/// Panics with the first few failures; the damaged text goes to a file that can be looked at.
fn verdict(failures: &[(String, String)]) {
    let Some((first, text)) = failures.first() else { return };
    let path = std::env::temp_dir().join("goleash-damaged.go");
    std::fs::write(&path, text).unwrap();
    let mut list = String::new();
    for (failure, _) in failures.iter().take(10) {
        let _ = writeln!(list, "  {failure}");
    }
    panic!("{} damaged files come out wrong:\n{list}the text of the first ({first}) is in {}", failures.len(), path.display());
}

#[test]
fn undamaged_specimens_have_all_findings() {
    for name in CASES {
        let specimen = Specimen::new(name);
        assert!(specimen.witnesses.len() >= 2, "{name}");
        assert_eq!(lost(&specimen.text, specimen.witnesses.iter().map(|(w, _)| w.as_str())), None, "{name}");
        assert!(check(&specimen.text).problems.is_empty(), "{name}");
    }
}

/// A file that ends anywhere: what stands whole before the end stays.
#[test]
fn truncated_anywhere() {
    let mut failures = Vec::new();
    let step = support::thorough(17, 5);
    for name in CASES {
        let specimen = Specimen::new(name);
        let ends = (0..specimen.text.len()).filter(|at| at % step == 0 && specimen.text.is_char_boundary(*at));
        for end in ends {
            let text = &specimen.text[..end];
            let whole = specimen.witnesses.iter().filter(|(_, at)| at.end <= end).map(|(w, _)| w.as_str());
            if let Some(why) = lost(text, whole) {
                failures.push((format!("{}, first {end} bytes: {why}", specimen.name), text.to_owned()));
            }
        }
    }
    verdict(&failures);
}

/// Lines that are missing: what they belonged to may be lost, and nothing else.
#[test]
fn without_some_lines() {
    let mut failures = Vec::new();
    let mut dice = Dice(0x5eed_0001);
    for name in CASES {
        let specimen = Specimen::new(name);
        let starts = std::iter::once(0).chain(specimen.text.match_indices('\n').map(|(at, _)| at + 1));
        let ends = specimen.text.match_indices('\n').map(|(at, _)| at + 1);
        let lines: Vec<Range<usize>> = starts.zip(ends).map(|(a, b)| a..b).collect();
        for round in 0..support::thorough(25, 80) {
            let count = 1 + dice.below(4);
            let gone: Vec<&Range<usize>> =
                (0..count).map(|_| &lines[dice.below(lines.len())]).filter(|l| specimen.is_free(l)).collect();
            let text: String = lines.iter().filter(|l| !gone.contains(l)).map(|l| &specimen.text[(*l).clone()]).collect();
            if let Some(why) = lost(&text, specimen.witnesses.iter().map(|(w, _)| w.as_str())) {
                failures.push((format!("{}, round {round}: {why}", specimen.name), text));
            }
        }
    }
    verdict(&failures);
}

/// Something that does not belong there, anywhere between the witnesses.
#[test]
fn with_something_put_in() {
    const PIECES: [&str; 22] = [
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "\"",
        "'",
        "`",
        "/*",
        "//",
        "\n",
        "func ",
        "go ",
        ";",
        ",",
        "<-",
        "\u{0}",
        "é",
        "for {",
        "case x:",
        "<<<<<<< HEAD\n",
    ];
    let mut failures = Vec::new();
    let mut dice = Dice(0x5eed_0002);
    for name in CASES {
        let specimen = Specimen::new(name);
        for round in 0..support::thorough(40, 120) {
            let piece = PIECES[dice.below(PIECES.len())];
            let at = dice.below(specimen.text.len());
            // A raw string or comment that closes later is one, whatever stands in it.
            let swallows = specimen.text.contains('`') && piece == "`" || specimen.text.contains("*/") && piece == "/*";
            if swallows || !specimen.text.is_char_boundary(at) || !specimen.is_free(&(at..at + 1)) {
                continue;
            }
            let text = format!("{}{piece}{}", &specimen.text[..at], &specimen.text[at..]);
            if let Some(why) = lost(&text, specimen.witnesses.iter().map(|(w, _)| w.as_str())) {
                failures.push((format!("{}, round {round}, {piece:?} at {at}: {why}", specimen.name), text));
            }
        }
    }
    verdict(&failures);
}

/// Pieces of many files in any order: nothing to be found in particular, and nothing to fall over.
#[test]
fn shuffled_lines() {
    let text: String = CASES.iter().map(|name| Specimen::new(name).text).collect();
    let lines: Vec<&str> = text.lines().collect();
    let mut dice = Dice(0x5eed_0003);
    for _ in 0..60 {
        let shuffled: String = (0..300).map(|_| format!("{}\n", lines[dice.below(lines.len())])).collect();
        assert_eq!(lost(&shuffled, std::iter::empty()), None, "{shuffled}");
    }
}
