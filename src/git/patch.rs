//! The output of `git diff --raw --patch -z --unified=0`: first the names, apart by zero bytes, then the changes in the same order.

use super::diff::{self, DiffError};
use similar::{DiffOp, TextDiff};

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// Its text or mode changed.
    Changed,
    /// It was a link and is a file, or the other way round: the patch has two parts for it.
    Type,
    /// It is gone.
    Gone,
    /// A merge is under way: the patch has no part for it.
    Unmerged,
    /// Anything else.
    Other,
}

/// One file.
pub(super) struct Entry<'d> {
    pub(super) status: Status,
    /// Id of the text before.
    pub(super) before: &'d str,
    /// Its path now.
    pub(super) name: &'d [u8],
}

/// Lines that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lines {
    All,
    /// First and last of each run.
    Runs(Vec<(u32, u32)>),
}

impl Lines {
    /// Whether one of the lines from `first` to `last` changed.
    pub(super) fn touch(&self, first: u32, last: u32) -> bool {
        match self {
            Self::All => true,
            Self::Runs(runs) => runs.iter().any(|run| run.0 <= last && first <= run.1),
        }
    }
}

/// Runs of lines of the old text where they are in the new one, with what differs between the two.
pub(super) fn moved(runs: &[(u32, u32)], old: &str, new: &str) -> Vec<(u32, u32)> {
    let line = |index: usize| u32::try_from(index).unwrap_or(u32::MAX - 1) + 1;
    let mut out = Vec::new();
    for op in TextDiff::from_lines(old, new).ops() {
        let (before, after) = (op.old_range(), op.new_range());
        if let DiffOp::Equal { .. } = op {
            let (first, last) = (line(before.start), line(before.end) - 1);
            let inside = runs.iter().filter(|run| run.0 <= last && first <= run.1);
            let shift = |at: u32| at - first + line(after.start);
            out.extend(inside.map(|run| (shift(run.0.max(first)), shift(run.1.min(last)))));
        } else if after.is_empty() {
            out.push((line(after.start).saturating_sub(1), line(after.start)));
        } else {
            out.push((line(after.start), line(after.end) - 1));
        }
    }
    out
}

/// The files and their changed lines.
pub(super) fn read(diff: &[u8]) -> Result<Vec<(&[u8], Lines)>, DiffError> {
    let (entries, patch) = entries(diff);
    // The names are known; of the texts only the numbers of their lines are wanted.
    let mut parts = diff::parse(&String::from_utf8_lossy(patch))?.into_iter();
    let mut out = Vec::new();
    for entry in entries {
        let lines = match entry.status {
            Status::Unmerged => Lines::All,
            Status::Type => {
                parts.by_ref().take(2).for_each(drop);
                Lines::All
            }
            Status::Changed | Status::Gone | Status::Other => {
                Lines::Runs(parts.next().map(|part| part.changed()).unwrap_or_default())
            }
        };
        out.push((entry.name, lines));
    }
    Ok(out)
}

/// The names at the beginning, and what follows.
pub(super) fn entries(diff: &[u8]) -> (Vec<Entry<'_>>, &[u8]) {
    let mut rest = diff;
    let mut out = Vec::new();
    while rest.first() == Some(&b':') {
        let Some(head) = field(&mut rest).and_then(|head| std::str::from_utf8(head).ok()) else { break };
        let mut words = head.split(' ').skip(2);
        let before = words.next().unwrap_or_default();
        let status = words.nth(1).unwrap_or_default();
        let Some(mut name) = field(&mut rest) else { break };
        let status = match status.as_bytes().first() {
            Some(b'M') => Status::Changed,
            Some(b'T') => Status::Type,
            Some(b'D') => Status::Gone,
            Some(b'U') => Status::Unmerged,
            Some(b'R' | b'C') => {
                // The old name comes first.
                name = field(&mut rest).unwrap_or(name);
                Status::Other
            }
            _ => Status::Other,
        };
        out.push(Entry { status, before, name });
    }
    (out, rest.strip_prefix(b"\0").unwrap_or(rest))
}

fn field<'d>(rest: &mut &'d [u8]) -> Option<&'d [u8]> {
    let end = memchr::memchr(0, rest)?;
    let (field, tail) = rest.split_at(end);
    *rest = &tail[1..];
    Some(field)
}

#[cfg(test)]
mod tests {
    use super::{Lines, moved, read};

    #[test]
    fn names_and_lines() {
        let id = "1".repeat(40);
        let raw = format!(
            ":100644 100644 {id} {id} M\0a b.go\0:100644 100644 {id} {id} R090\0old.go\0n\"ew.go\0:120000 100644 {id} {id} T\0t.go\0\
             :000000 000000 {id} {id} U\0u.go\0:100644 100644 {id} {id} M\0z.go\0\0"
        );
        let patch = "diff --git a/a b.go b/a b.go\n--- a/a b.go\n+++ b/a b.go\n@@ -1 +1,2 @@ func\n-x\n+diff --git \n+@@ -1 +1 @@\n@@ -9,2 +9,0 @@\n-a\n-b\n\
                     diff --git a/old.go b/n\"ew.go\nrename\n@@ -3,0 +4 @@\n+x\n\
                     diff --git a/t.go b/t.go\n@@ -1 +0,0 @@\n-x\ndiff --git a/t.go b/t.go\n@@ -0,0 +1 @@\n+x\n\
                     diff --git a/z.go b/z.go\nold mode\n";
        let diff = [raw.as_bytes(), patch.as_bytes()].concat();
        let read: Vec<_> =
            read(&diff).unwrap().into_iter().map(|(name, lines)| (String::from_utf8_lossy(name).into_owned(), lines)).collect();
        let expected = [
            ("a b.go", Lines::Runs(vec![(1, 2), (9, 10)])),
            ("n\"ew.go", Lines::Runs(vec![(4, 4)])),
            ("t.go", Lines::All),
            ("u.go", Lines::All),
            ("z.go", Lines::Runs(vec![])),
        ];
        assert_eq!(read, expected.map(|(name, lines)| (name.to_owned(), lines)));
    }

    #[test]
    fn lines_move_with_what_is_put_between_them() {
        let old = "a\nb\nc\nd\ne\n";
        assert_eq!(moved(&[(2, 3)], old, old), [(2, 3)]);
        assert_eq!(moved(&[(2, 3)], old, "x\ny\na\nb\nc\nd\ne\n"), [(1, 2), (4, 5)]);
        assert_eq!(moved(&[(1, 5)], old, "a\nb\nx\nc\nd\ne\n"), [(1, 2), (3, 3), (4, 6)]);
        assert_eq!(moved(&[(5, 5)], old, "a\nd\ne\n"), [(1, 2), (3, 3)]);
        assert_eq!(moved(&[(1, 1)], old, "a\nb\nC\nd\ne\n"), [(1, 1), (3, 3)]);
    }

    #[test]
    fn lines_touch() {
        let lines = Lines::Runs(vec![(4, 6)]);
        assert!(lines.touch(1, 4) && lines.touch(6, 9) && !lines.touch(7, 9) && !lines.touch(1, 3));
    }
}
