//! Fixes over a whole run: which go in, round after round until nothing is left to mend, and the files that come of it.
//!
//! Nothing is written on the way. A round's texts are laid over the files for the next run, so that what is written at the end is what the
//! last run has looked at.

use super::overlap;
use crate::lint::{Edit, Finding, Fix, Safety};
use crate::source::{SourceFile, decode, outline};
use rustc_hash::{FxHashMap, FxHashSet};
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
    /// The text as it is on disk.
    pub old: String,
    /// The text with the fixes.
    pub new: String,
}

/// What has been mended so far.
#[derive(Debug, Default)]
pub struct Workshop {
    /// By path.
    files: BTreeMap<PathBuf, Mended>,
    /// Why a file is left as it is.
    refused: BTreeMap<PathBuf, String>,
    /// Fixes that went in, so that one that does not help is not tried again.
    tried: FxHashSet<(PathBuf, String, String)>,
    /// How many findings were mended.
    pub mended: usize,
}

impl Workshop {
    /// Puts in what the findings offer: the best fix of each that is allowed, the first of those that overlap. Tells whether any went in.
    pub fn round(&mut self, findings: &[&Finding], unsafe_too: bool) -> bool {
        let mut taken: BTreeMap<PathBuf, (Arc<SourceFile>, Vec<&Edit>)> = BTreeMap::new();
        let mut any = false;
        for finding in findings {
            let Some(fix) = finding.fixes.iter().find(|fix| unsafe_too || fix.safety == Safety::Safe) else { continue };
            let key = (finding.at.file.path.clone(), finding.fingerprint.clone(), fix.title.clone());
            if self.tried.contains(&key) || !self.usable(fix) || !fits(fix, &taken) {
                continue;
            }
            for edit in &fix.edits {
                let (_, edits) =
                    taken.entry(edit.at.file.path.clone()).or_insert_with(|| (Arc::clone(&edit.at.file), Vec::new()));
                // The same edit twice, as an import that two fixes add, is one edit.
                if !edits.contains(&edit) {
                    edits.push(edit);
                }
            }
            self.tried.insert(key);
            self.mended += 1;
            any = true;
        }
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
        any
    }

    /// Whether all files of a fix are what the analysis saw, and can be written.
    fn usable(&mut self, fix: &Fix) -> bool {
        fix.edits.iter().all(|edit| self.open(&edit.at.file)) && !fix.edits.is_empty()
    }

    fn open(&mut self, file: &SourceFile) -> bool {
        if self.refused.contains_key(&file.path) {
            return false;
        }
        if self.files.contains_key(&file.path) {
            return true;
        }
        match read(file) {
            Ok(old) => {
                let mended = Mended { display: file.display.clone(), new: old.clone(), old };
                self.files.insert(file.path.clone(), mended);
                true
            }
            Err(reason) => {
                self.refused.insert(file.path.clone(), reason);
                false
            }
        }
    }

    /// The texts so far, to look at instead of the files.
    #[must_use]
    pub fn overlay(&self, under: &FxHashMap<PathBuf, String>) -> FxHashMap<PathBuf, String> {
        let mut overlay = under.clone();
        overlay.extend(self.files.iter().map(|(path, mended)| (path.clone(), mended.new.clone())));
        overlay
    }

    /// The files that change, by path.
    pub fn changed(&self) -> impl Iterator<Item = (&Path, &Mended)> {
        self.files.iter().filter(|(_, mended)| mended.old != mended.new).map(|(path, mended)| (path.as_path(), mended))
    }

    /// Files that are left as they are though there is something to mend, and why.
    pub fn refused(&self) -> impl Iterator<Item = (&Path, &str)> {
        self.refused.iter().map(|(path, reason)| (path.as_path(), reason.as_str()))
    }
}

/// Whether a fix can go in beside those that do: as a whole or not at all.
fn fits(fix: &Fix, taken: &BTreeMap<PathBuf, (Arc<SourceFile>, Vec<&Edit>)>) -> bool {
    let others = |path: &Path| taken.get(path).into_iter().flat_map(|(_, edits)| edits.iter().copied());
    fix.edits.iter().enumerate().all(|(index, edit)| {
        let path = edit.at.file.path.as_path();
        let in_text = edit.at.file.text.get(edit.at.span.range()).is_some();
        let own = fix.edits[..index].iter().filter(|other| other.at.file.path == path);
        in_text && !own.chain(others(path)).any(|other| other != edit && overlap(edit, other))
    })
}

/// The text with the edits, whose line ends are those of the text.
fn edited(text: &str, mut edits: Vec<&Edit>) -> String {
    edits.sort_by_key(|edit| (edit.at.span.start, edit.at.span.end));
    let crlf = text.find('\n').is_some_and(|at| text[..at].ends_with('\r'));
    let mut out = String::with_capacity(text.len() + 256);
    let mut at = 0;
    for edit in edits {
        let range = edit.at.span.range();
        out.push_str(text.get(at..range.start).unwrap_or_default());
        if crlf {
            out.push_str(&edit.text.replace("\r\n", "\n").replace('\n', "\r\n"));
        } else {
            out.push_str(&edit.text);
        }
        at = range.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// Why a text is not mended that is another one on disk.
pub const DIFFERS: &str = "differs on disk from the text that was looked at";

/// The text on disk, or why it cannot be mended.
fn read(file: &SourceFile) -> Result<String, String> {
    let bytes = std::fs::read(&file.path).map_err(|error| format!("cannot be read: {error}"))?;
    if std::fs::metadata(&file.path).is_ok_and(|meta| meta.permissions().readonly()) {
        return Err("is read-only".to_owned());
    }
    let text = String::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned())?;
    // A mark at the beginning is blanked out for the analysis, byte for byte.
    if decode(text.clone().into_bytes(), &file.display).0 != file.text {
        return Err(DIFFERS.to_owned());
    }
    Ok(text)
}

/// Writes a file by way of a temporary one beside it, so that it is whole at any time. What a link points to is written, and who may read
/// it stays as it was.
///
/// # Errors
/// When the system says no, or somebody changed the file meanwhile.
pub fn write(path: &Path, mended: &Mended) -> io::Result<()> {
    let target = path.canonicalize()?;
    if std::fs::read(&target)? != mended.old.as_bytes() {
        return Err(io::Error::other("it was changed meanwhile"));
    }
    let folder = target.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".goleash-").suffix(".tmp").tempfile_in(folder)?;
    file.write_all(mended.new.as_bytes())?;
    file.as_file().set_permissions(std::fs::metadata(&target)?.permissions())?;
    file.persist(&target).map_err(|error| error.error)?;
    Ok(())
}
