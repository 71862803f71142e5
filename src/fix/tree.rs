//! Fixes over a whole run: which go in, round after round until nothing is left to mend, and the files that come of it.
//!
//! Nothing is written on the way. A round's texts are laid over the files for the next run, so that what is written at the end is what the
//! last run has looked at.

use super::overlap;
use crate::lint::{Edit, Finding, Fix, Safety};
use crate::source::{Bounds, Location, SourceFile, decode, outline};
use rustc_hash::{FxHashMap, FxHashSet};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One mending can make room for the next; more rounds than this are a circle.
pub const ROUNDS: usize = 10;

/// A file that fixes change.
#[derive(Debug)]
pub struct Mended {
    /// Its path as it is shown.
    pub display: String,
    /// Where it lies, without links.
    pub real: PathBuf,
    /// The text as it is on disk.
    pub old: String,
    /// The text with the fixes.
    pub new: String,
}

/// What has been mended so far.
#[derive(Debug, Default)]
pub struct Workshop {
    /// Where files may be written.
    bounds: Bounds,
    /// By path.
    files: BTreeMap<PathBuf, Mended>,
    /// Other paths of those files, which are links.
    others: BTreeMap<PathBuf, PathBuf>,
    /// Why a file is left as it is.
    refused: BTreeMap<PathBuf, String>,
    /// The findings that it is left with.
    left: BTreeMap<Place, PathBuf>,
    /// Fixes that went in, so that one that does not help is not tried again.
    tried: FxHashSet<Key>,
    /// Fixes that were taken out again, because their finding was still there.
    useless: BTreeMap<Key, Useless>,
    /// What the last round put in, and the texts before it.
    put: Vec<Put>,
    before: BTreeMap<PathBuf, String>,
    /// How many findings each function had before it.
    counts: FxHashMap<Within, usize>,
    /// What the rounds before it put in.
    done: Vec<Place>,
    /// How many findings were mended.
    pub mended: usize,
}

/// A finding, as it is named to the user.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Its file, as it is shown.
    pub file: String,
    /// Its line in the text on disk, or in what stands in for it.
    pub line: u32,
    /// Its rule.
    pub rule: &'static str,
    /// The fix.
    pub title: String,
}

/// The file of a finding, its fingerprint, and the title of the fix.
type Key = (PathBuf, String, String);

/// The file of a finding and the declared function that it stands in.
type Within = (PathBuf, String);

fn within(finding: &Finding) -> Within {
    let function = finding.function.split(".func").next().unwrap_or_default();
    (finding.at.file.path.clone(), function.to_owned())
}

fn counts(findings: &[&Finding]) -> FxHashMap<Within, usize> {
    let mut out = FxHashMap::default();
    findings.iter().for_each(|finding| *out.entry(within(finding)).or_default() += 1);
    out
}

/// A fix that went in.
#[derive(Debug)]
struct Put {
    key: Key,
    fix: Fix,
    rule: &'static str,
    at: Location,
    place: Place,
    /// How many findings of the rule stood there.
    of: usize,
    within: Within,
}

/// A fix that does not make its finding go away, or brings another.
#[derive(Debug)]
pub struct Useless {
    /// Whether the finding was gone, and another one there.
    pub other: bool,
    /// The rule that offers it.
    pub rule: &'static str,
    /// Where its finding stands.
    pub at: Location,
}

/// Mends in memory, round after round, until nothing is left to mend: gives the texts, and what the first and the last look found. `check`
/// looks at the texts so far, `shown` tells which of its findings are to be mended.
///
/// After each round the result is looked at, and a fix whose finding is still there is taken out again. So it comes to rest whatever the
/// rules offer.
///
/// # Errors
/// What `check` says.
pub fn mend<T: Clone, E>(
    bounds: Bounds,
    unsafe_too: bool,
    mut check: impl FnMut(&Workshop) -> Result<T, E>,
    shown: impl Fn(&T) -> Vec<&Finding>,
) -> Result<(Workshop, T, T), E> {
    let mut workshop = Workshop { bounds, ..Workshop::default() };
    let first = check(&workshop)?;
    let mut last = first.clone();
    for _ in 0..ROUNDS {
        if !workshop.round(&shown(&last), unsafe_too) {
            break;
        }
        last = check(&workshop)?;
        while workshop.take_back(&shown(&last)) {
            last = check(&workshop)?;
        }
    }
    Ok((workshop, first, last))
}

impl Workshop {
    /// Puts in what the findings offer: the best fix of each that is allowed and was not tried, the first of those that overlap. Tells whether
    /// any went in.
    fn round(&mut self, findings: &[&Finding], unsafe_too: bool) -> bool {
        let mut taken = Taken::new();
        self.done.extend(self.put.drain(..).map(|put| put.place));
        self.counts = counts(findings);
        for finding in findings {
            let key = |fix: &Fix| (finding.at.file.path.clone(), finding.fingerprint.clone(), fix.title.clone());
            let allowed = |fix: &&Fix| (unsafe_too || fix.safety == Safety::Safe) && !self.tried.contains(&key(fix));
            let Some(fix) = finding.fixes.iter().find(allowed) else { continue };
            let place = self.place(finding, fix);
            if let Err(refused) = self.usable(fix) {
                self.left.extend(refused.map(|path| (place, path)));
                continue;
            }
            if !fits(fix, &taken) {
                continue;
            }
            take(fix, &mut taken);
            let same = |other: &&&Finding| {
                other.rule == finding.rule
                    && other.at.file.path == finding.at.file.path
                    && other.at.span.start == finding.at.span.start
            };
            let of = findings.iter().filter(same).count();
            self.tried.insert(key(fix));
            self.put.push(Put {
                key: key(fix),
                fix: fix.clone(),
                rule: finding.rule,
                at: finding.at.clone(),
                place,
                of,
                within: within(finding),
            });
        }
        let files = taken.keys().filter_map(|path| Some((path.clone(), self.files.get(path)?.new.clone())));
        self.before = files.collect();
        self.cut(taken);
        self.mended += self.put.len();
        !self.put.is_empty()
    }

    /// Takes out again what the last round put in for findings that are still there. Tells whether there was any.
    fn take_back(&mut self, findings: &[&Finding]) -> bool {
        let mut useless: Vec<Option<bool>> = self.put.iter().map(|put| self.is_left(put, findings).then_some(false)).collect();
        if useless.iter().all(Option::is_none) {
            let now = counts(findings);
            useless = self.put.iter().map(|put| self.brings_others(put, &now).then_some(true)).collect();
        }
        if useless.iter().all(Option::is_none) {
            return false;
        }
        for (path, text) in &self.before {
            if let Some(mended) = self.files.get_mut(path) {
                mended.new.clone_from(text);
            }
        }
        self.mended -= self.put.len();
        let mut kept = Vec::new();
        for (put, useless) in std::mem::take(&mut self.put).into_iter().zip(useless) {
            if let Some(other) = useless {
                self.useless.insert(put.key, Useless { other, rule: put.rule, at: put.at });
            } else {
                kept.push(put);
            }
        }
        let mut taken = Taken::new();
        kept.iter().for_each(|put| take(&put.fix, &mut taken));
        self.cut(taken);
        self.mended += kept.len();
        self.put = kept;
        true
    }

    /// Whether a function has more findings than are left when each fix in it takes one away.
    fn brings_others(&self, put: &Put, now: &FxHashMap<Within, usize>) -> bool {
        let fixed = self.put.iter().filter(|other| other.within == put.within).count();
        let before = self.counts.get(&put.within).copied().unwrap_or(0);
        now.get(&put.within).copied().unwrap_or(0) + fixed > before
    }

    /// Whether as many findings of the rule stand where the fix was to mend one as would without it.
    fn is_left(&self, put: &Put, findings: &[&Finding]) -> bool {
        let (path, start) = (&put.at.file.path, put.at.span.start);
        let mut edits: Vec<&Edit> = Vec::new();
        for edit in self.put.iter().flat_map(|put| &put.fix.edits).filter(|edit| edit.at.file.path == *path) {
            if !edits.contains(&edit) {
                edits.push(edit);
            }
        }
        // What is put in at the place itself may stand before it or after it.
        let (mut low, mut high) = (i64::from(start), i64::from(start));
        for edit in edits {
            let span = edit.at.span;
            let length = i64::try_from(written(edit, has_crlf(&edit.at.file.text)).len()).unwrap_or(i64::MAX);
            if span.end < start {
                let grown = length - i64::from(span.end - span.start);
                (low, high) = (low + grown, high + grown);
            } else if span.start <= start {
                (low, high) = (low - i64::from(start - span.start), high + length);
            }
        }
        let there = |finding: &&&Finding| {
            let at = i64::from(finding.at.span.start);
            finding.rule == put.rule && finding.at.file.path == *path && low <= at && at <= high
        };
        let beside =
            self.put.iter().filter(|other| other.rule == put.rule && other.at.file.path == *path && other.at.span.start == start);
        findings.iter().filter(there).count() > put.of.saturating_sub(beside.count())
    }

    /// Whether the fix of the finding was taken out again.
    #[must_use]
    pub fn is_useless(&self, finding: &Finding, fix: &Fix) -> bool {
        self.useless.contains_key(&(finding.at.file.path.clone(), finding.fingerprint.clone(), fix.title.clone()))
    }

    /// The fixes that were taken out again, by their titles.
    pub fn useless(&self) -> impl Iterator<Item = (&str, &Useless)> {
        self.useless.iter().map(|((_, _, title), useless)| (title.as_str(), useless))
    }

    /// Puts the edits into the texts.
    fn cut(&mut self, taken: Taken<'_>) {
        for (path, (file, edits)) in taken {
            let before = outline(&file.text).problems.len();
            let Some(mended) = self.files.get_mut(&path) else { continue };
            let new = edited(&mended.new, edits);
            if outline(&decode(new.clone().into_bytes(), &file.display).0).problems.len() > before {
                // A defect of a fix must not become one of the code.
                self.refused.insert(path, "the fixes would break its syntax; please report this".to_owned());
                continue;
            }
            mended.new = new;
        }
    }

    /// Whether all files of a fix are what the analysis saw, and can be written; else the one that is not, if it can be named.
    fn usable(&mut self, fix: &Fix) -> Result<(), Option<PathBuf>> {
        if fix.edits.is_empty() {
            return Err(None);
        }
        fix.edits.iter().try_for_each(|edit| self.open(&edit.at.file))
    }

    fn open(&mut self, file: &SourceFile) -> Result<(), Option<PathBuf>> {
        if self.refused.contains_key(&file.path) {
            return Err(Some(file.path.clone()));
        }
        if self.files.contains_key(&file.path) {
            return Ok(());
        }
        match read(file, &self.bounds) {
            Ok((real, old)) => {
                // A file of two names is fixed under one of them.
                if let Some((path, _)) = self.files.iter().find(|(_, mended)| mended.real == real) {
                    self.others.insert(file.path.clone(), path.clone());
                    return Err(None);
                }
                let mended = Mended { display: file.display.clone(), real, new: old.clone(), old };
                self.files.insert(file.path.clone(), mended);
                Ok(())
            }
            Err(reason) => {
                self.refused.insert(file.path.clone(), reason);
                Err(Some(file.path.clone()))
            }
        }
    }

    /// A finding of the last look, by its line in the text before all fixes.
    fn place(&self, finding: &Finding, fix: &Fix) -> Place {
        let line = finding.at.start().line;
        let mended = self.files.get(&finding.at.file.path).filter(|mended| mended.old != mended.new);
        let line = mended.map_or(line, |mended| line_before(mended, line));
        Place { file: finding.at.file.display.clone(), line, rule: finding.rule, title: fix.title.clone() }
    }

    /// The texts so far, to look at instead of the files.
    #[must_use]
    pub fn overlay(&self, under: &FxHashMap<PathBuf, String>) -> FxHashMap<PathBuf, String> {
        let mut overlay = under.clone();
        overlay.extend(self.files.iter().map(|(path, mended)| (path.clone(), mended.new.clone())));
        overlay.extend(self.others.iter().filter_map(|(other, path)| Some((other.clone(), self.files.get(path)?.new.clone()))));
        overlay
    }

    /// The files that change, by path.
    pub fn changed(&self) -> impl Iterator<Item = (&Path, &Mended)> {
        self.files.iter().filter(|(_, mended)| mended.old != mended.new).map(|(path, mended)| (path.as_path(), mended))
    }

    /// Findings that were fixed, by place.
    #[must_use]
    pub fn fixed(&self) -> Vec<&Place> {
        let mut fixed: Vec<&Place> = self.done.iter().chain(self.put.iter().map(|put| &put.place)).collect();
        fixed.sort();
        fixed
    }

    /// Findings that were not fixed because a file is left as it is: that file, and why.
    pub fn refused(&self) -> impl Iterator<Item = (&Place, &Path, &str)> {
        self.left.iter().filter_map(|(place, path)| Some((place, path.as_path(), self.refused.get(path)?.as_str())))
    }
}

/// Edits by the path of their file.
type Taken<'a> = BTreeMap<PathBuf, (Arc<SourceFile>, Vec<&'a Edit>)>;

fn take<'a>(fix: &'a Fix, taken: &mut Taken<'a>) {
    for edit in &fix.edits {
        let (_, edits) = taken.entry(edit.at.file.path.clone()).or_insert_with(|| (Arc::clone(&edit.at.file), Vec::new()));
        // The same edit twice, as an import that two fixes add, is one edit.
        if !edits.contains(&edit) {
            edits.push(edit);
        }
    }
}

/// Whether a fix can go in beside those that do: as a whole or not at all.
fn fits(fix: &Fix, taken: &Taken<'_>) -> bool {
    let others = |path: &Path| taken.get(path).into_iter().flat_map(|(_, edits)| edits.iter().copied());
    fix.edits.iter().enumerate().all(|(index, edit)| {
        let path = edit.at.file.path.as_path();
        let in_text = edit.at.file.text.get(edit.at.span.range()).is_some();
        let own = fix.edits[..index].iter().filter(|other| other.at.file.path == path);
        in_text && !own.chain(others(path)).any(|other| other != edit && overlap(edit, other))
    })
}

/// The line of the old text that a line of the new one was, or that it stands at.
fn line_before(mended: &Mended, line: u32) -> u32 {
    let at = (line as usize).saturating_sub(1);
    let diff = similar::TextDiff::from_lines(&mended.old, &mended.new);
    let op = diff.ops().iter().find(|op| op.new_range().contains(&at));
    let before = op.map_or(at, |op| match op {
        similar::DiffOp::Equal { old_index, new_index, .. } => old_index + (at - new_index),
        op => op.old_range().start,
    });
    u32::try_from(before + 1).unwrap_or(line)
}

/// The text with the edits, whose line ends are those of the text.
fn edited(text: &str, mut edits: Vec<&Edit>) -> String {
    edits.sort_by_key(|edit| (edit.at.span.start, edit.at.span.end));
    let crlf = has_crlf(text);
    let mut out = String::with_capacity(text.len() + 256);
    let mut at = 0;
    for edit in edits {
        let range = edit.at.span.range();
        out.push_str(text.get(at..range.start).unwrap_or_default());
        out.push_str(&written(edit, crlf));
        at = range.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

fn has_crlf(text: &str) -> bool {
    text.find('\n').is_some_and(|at| text[..at].ends_with('\r'))
}

/// What an edit puts into a text with such line ends.
fn written(edit: &Edit, crlf: bool) -> Cow<'_, str> {
    if crlf { Cow::Owned(edit.text.replace("\r\n", "\n").replace('\n', "\r\n")) } else { Cow::Borrowed(&edit.text) }
}

/// Why a text is not mended that is another one on disk.
pub const DIFFERS: &str = "differs on disk from the text that was checked";

/// Where a file lies without links, and its text on disk; or why it cannot be mended.
fn read(file: &SourceFile, bounds: &Bounds) -> Result<(PathBuf, String), String> {
    let unreadable = |error: io::Error| match error.raw_os_error() {
        Some(_) => format!("cannot be read: {error}"),
        None => error.to_string(),
    };
    let real = bounds.resolve(&file.path).map_err(unreadable)?;
    let bytes = std::fs::read(&real).map_err(unreadable)?;
    if std::fs::metadata(&real).is_ok_and(|meta| meta.permissions().readonly()) {
        return Err("is read-only".to_owned());
    }
    let text = String::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned())?;
    // A mark at the beginning is blanked out for the analysis, byte for byte.
    if decode(text.clone().into_bytes(), &file.display).0 != file.text {
        return Err(DIFFERS.to_owned());
    }
    Ok((real, text))
}

/// Writes a file by way of a temporary one beside it, so that it is whole at any time. What a link inside the tree points to is written, and
/// who may read it stays as it was. A path that now leads elsewhere than when it was read is not written.
///
/// # Errors
/// When the system says no, or somebody changed the file meanwhile.
pub fn write(path: &Path, mended: &Mended) -> io::Result<()> {
    let moved = || io::Error::other("it was moved meanwhile");
    let target = &mended.real;
    if std::fs::read(target)? != mended.old.as_bytes() {
        return Err(io::Error::other("it was changed meanwhile"));
    }
    let folder = target.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".goleash-").suffix(".tmp").tempfile_in(folder)?;
    file.write_all(mended.new.as_bytes())?;
    file.as_file().set_permissions(std::fs::metadata(target)?.permissions())?;
    // A folder may have become a link since, and the temporary file lie behind it.
    let lies = file.path().canonicalize()?;
    if lies.parent() != Some(folder) || path.canonicalize()? != *target {
        return Err(moved());
    }
    file.persist(target).map_err(|error| error.error)?;
    Ok(())
}
