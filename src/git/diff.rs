//! Unified diffs, as git and the services write them: which lines of the new side can carry a comment, and what stands on them.
//!
//! Hunks are read by the counts in their heads, never by what a line looks like: a removed `-- x` is spelled `--- x`.

/// A diff that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("line {line} of the diff: {message}")]
pub struct DiffError {
    /// 1-based.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}

/// What a diff says of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileDiff {
    /// Its path before, from the root of the repository. `None` for a new file.
    pub old: Option<String>,
    /// Its path now. `None` for a deleted file.
    pub new: Option<String>,
    /// The parts that are shown, in order. None for a binary file or one that was only renamed.
    pub hunks: Vec<Hunk>,
}

/// Lines of the new side that follow each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hunk {
    /// The number of the first line, or where nothing is left of the hunk, of the line before it.
    pub start: u32,
    /// The lines, without their ends; a carriage return is part of the line.
    pub lines: Vec<Line>,
}

/// A line of the new side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number now.
    pub new: u32,
    /// Its number before, where it has not changed.
    pub old: Option<u32>,
    /// What stands on it.
    pub text: String,
}

impl FileDiff {
    /// First and last line of each run that changed. Where lines are only gone, the ones around the gap are changed.
    #[must_use]
    pub fn changed(&self) -> Vec<(u32, u32)> {
        let mut runs = Vec::new();
        for hunk in &self.hunks {
            if hunk.lines.is_empty() {
                runs.push((hunk.start, hunk.start.saturating_add(1)));
            }
            let changed = hunk.lines.chunk_by(|a, b| a.old.is_none() == b.old.is_none()).filter(|run| run[0].old.is_none());
            runs.extend(changed.map(|run| (run[0].new, run[run.len() - 1].new)));
        }
        runs
    }

    /// The hunk that shows all lines from `first` to `last`.
    #[must_use]
    pub fn hunk(&self, first: u32, last: u32) -> Option<&Hunk> {
        self.hunks.iter().find(|hunk| hunk.line(first).is_some() && hunk.line(last).is_some())
    }

    /// A line of the new side, if the diff shows it.
    #[must_use]
    pub fn line(&self, number: u32) -> Option<&Line> {
        self.hunks.iter().find_map(|hunk| hunk.line(number))
    }
}

impl Hunk {
    /// A line by its number.
    #[must_use]
    pub fn line(&self, number: u32) -> Option<&Line> {
        self.lines.get(number.checked_sub(self.start)? as usize)
    }
}

/// Reads a diff.
///
/// # Errors
/// When a hunk breaks off or its head cannot be read: half a diff would silently lose comments.
pub fn parse(text: &str) -> Result<Vec<FileDiff>, DiffError> {
    let mut lines = Lines { rest: text, number: 0 };
    let mut files: Vec<FileDiff> = Vec::new();
    // Between `diff --git` and the first hunk, names may still come.
    let mut head = false;
    while let Some(line) = lines.next() {
        let bare = line.strip_suffix('\r').unwrap_or(line);
        if let Some(names) = bare.strip_prefix("diff --git ") {
            files.push(FileDiff::default());
            head = true;
            let file = last(&mut files);
            if let Some((old, new)) = same_names(names) {
                (file.old, file.new) = (Some(old), Some(new));
            }
        } else if let Some(name) = bare.strip_prefix("diff --cc ").or_else(|| bare.strip_prefix("diff --combined ")) {
            let name = unquoted(name);
            files.push(FileDiff { old: Some(name.clone()), new: Some(name), hunks: Vec::new() });
            head = true;
        } else if bare.starts_with("@@") {
            let Some(file) = files.last_mut() else { return Err(lines.broken("a hunk comes before the name of its file")) };
            let hunk = hunk(bare, &mut lines)?;
            file.hunks.push(hunk);
            head = false;
        } else if let Some(name) = bare.strip_prefix("--- ") {
            // Without git, this line is where a file begins. Anything else that begins so is text around the diff.
            if !head && lines.rest.starts_with("+++ ") {
                files.push(FileDiff::default());
                head = true;
            }
            if head {
                last(&mut files).old = name_of(name);
            }
        } else if head {
            header(bare, last(&mut files));
        }
    }
    Ok(files)
}

fn last(files: &mut Vec<FileDiff>) -> &mut FileDiff {
    if files.is_empty() {
        files.push(FileDiff::default());
    }
    let at = files.len() - 1;
    &mut files[at]
}

/// One of the lines between a file's first and its hunks.
fn header(line: &str, file: &mut FileDiff) {
    if let Some(name) = line.strip_prefix("+++ ") {
        file.new = name_of(name);
    } else if let Some(name) = line.strip_prefix("rename from ").or_else(|| line.strip_prefix("copy from ")) {
        file.old = Some(unquoted(name));
    } else if let Some(name) = line.strip_prefix("rename to ").or_else(|| line.strip_prefix("copy to ")) {
        file.new = Some(unquoted(name));
    } else if line.starts_with("new file mode ") {
        file.old = None;
    } else if line.starts_with("deleted file mode ") {
        file.new = None;
    }
}

struct Lines<'t> {
    rest: &'t str,
    number: usize,
}

impl<'t> Lines<'t> {
    fn next(&mut self) -> Option<&'t str> {
        if self.rest.is_empty() {
            return None;
        }
        self.number += 1;
        let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        self.rest = rest;
        Some(line)
    }

    fn broken(&self, what: &str) -> DiffError {
        DiffError { line: self.number, message: what.to_owned() }
    }
}

/// The lines under a head such as `@@ -1,2 +3,4 @@` or, with several parents, `@@@ -1 -1 +1,2 @@@`.
fn hunk(head: &str, lines: &mut Lines<'_>) -> Result<Hunk, DiffError> {
    let parents = head.bytes().take_while(|byte| *byte == b'@').count() - 1;
    let mut ranges = head.trim_start_matches('@').split_whitespace();
    let mut range = |sign| ranges.next().and_then(|word| range(word.strip_prefix(sign)?));
    let old: Option<Vec<(u32, u32)>> = (0..parents).map(|_| range('-')).collect();
    let (Some(mut old), Some((mut new, mut left))) = (old, range('+')) else {
        return Err(lines.broken("the head of this hunk cannot be read"));
    };
    let mut hunk = Hunk { start: new, lines: Vec::new() };
    while left > 0 || old.iter().any(|(_, left)| *left > 0) {
        let Some(line) = lines.next() else { return Err(lines.broken("the diff breaks off within a hunk")) };
        if line.starts_with('\\') {
            continue;
        }
        // Some tools take the blank off an empty line that stayed.
        let blank = " ".repeat(parents);
        let line = if line.is_empty() || line == "\r" { &blank } else { line };
        let (Some(signs), Some(text)) = (line.get(..parents), line.get(parents..)) else {
            return Err(lines.broken("this line is shorter than its signs"));
        };
        if !signs.bytes().all(|sign| matches!(sign, b' ' | b'+' | b'-')) {
            return Err(lines.broken("a line of a hunk begins with neither a space nor a sign"));
        }
        let gone = signs.contains('-');
        let stays = !gone && !signs.contains('+');
        if !gone {
            let before = (stays && parents == 1).then_some(old[0].0);
            hunk.lines.push(Line { new, old: before, text: text.to_owned() });
            left = left.checked_sub(1).ok_or_else(|| lines.broken("this hunk is longer than its head says"))?;
            new += 1;
        }
        for (sign, (number, left)) in signs.bytes().zip(&mut old) {
            if sign == b'-' || (sign == b' ' && !gone) {
                *left = left.checked_sub(1).ok_or_else(|| lines.broken("this hunk is longer than its head says"))?;
                *number += 1;
            }
        }
    }
    Ok(hunk)
}

/// `3,4` → from 3, 4 lines. None where the lines could not be counted.
fn range(text: &str) -> Option<(u32, u32)> {
    let (start, count) = text.split_once(',').unwrap_or((text, "1"));
    let (start, count): (u32, u32) = (start.parse().ok()?, count.parse().ok()?);
    start.checked_add(count)?;
    Some((start, count))
}

/// The names of `diff --git a/x b/x`, which can be told apart only where they are the same; others come in later lines.
fn same_names(names: &str) -> Option<(String, String)> {
    if names.starts_with('"') {
        let end = closing(names)?;
        return Some((path(&unquoted(&names[..end])), path(&unquoted(names[end..].trim_start()))));
    }
    let half = names.len() / 2;
    let (old, new) = (names.get(..half)?, names.get(half + 1..)?);
    (names.len() % 2 == 1 && names.as_bytes()[half] == b' ' && path(old) == path(new)).then(|| (path(old), path(new)))
}

/// Where the text in quotes at the beginning ends.
fn closing(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 1;
    while *bytes.get(at)? != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    Some(at + 1)
}

/// The name in a `---` or `+++` line. `/dev/null` is no file.
fn name_of(text: &str) -> Option<String> {
    // Behind a tab stands a time, or nothing where the name has blanks.
    let name = if text.starts_with('"') { text } else { text.split('\t').next().unwrap_or(text) };
    let name = unquoted(name);
    (name != "/dev/null").then(|| path(&name))
}

/// Without the letter that says which side it is.
fn path(name: &str) -> String {
    match name.as_bytes() {
        [b'a' | b'b' | b'c' | b'i' | b'o' | b'w', b'/', _, ..] => name[2..].to_owned(),
        _ => name.strip_prefix("./").unwrap_or(name).to_owned(),
    }
}

/// A name as git writes it: in quotes, with escapes for what is not printable ASCII, or as it is.
fn unquoted(name: &str) -> String {
    let Some(inner) = name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else { return name.to_owned() };
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner.bytes().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest.next() {
            Some(digit @ b'0'..=b'7') => {
                let mut value = u32::from(digit - b'0');
                for _ in 0..2 {
                    if let Some(digit) = rest.next_if(|next| matches!(next, b'0'..=b'7')) {
                        value = value * 8 + u32::from(digit - b'0');
                    }
                }
                bytes.push((value & 0xff) as u8);
            }
            Some(b'n') => bytes.push(b'\n'),
            Some(b't') => bytes.push(b'\t'),
            Some(b'r') => bytes.push(b'\r'),
            Some(b'a') => bytes.push(7),
            Some(b'b') => bytes.push(8),
            Some(b'f') => bytes.push(12),
            Some(b'v') => bytes.push(11),
            Some(other) => bytes.push(other),
            None => {}
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
#[path = "diff_tests.rs"]
mod tests;
