//! Which files of a package the go command would build together: file names and `//go:build` lines, for one system after the other.
//!
//! Where several files declare one name, those of linux/amd64 without cgo count. A file that is not built there is read as a part of the
//! first system on which it would be.

use crate::source::FileUnit;

/// The systems on which a file is built, a bit for each. Bit 0 is linux/amd64.
pub(super) type Mask = u64;

/// A file without a constraint.
pub(super) const EVERYWHERE: Mask = Mask::MAX;

/// Operating systems and processors, most wanted first. The upper half of a mask is the same list once more, with cgo and with every tag
/// that nobody knows.
const SYSTEMS: [(&str, &str); 32] = [
    ("linux", "amd64"),
    ("linux", "arm64"),
    ("darwin", "arm64"),
    ("windows", "amd64"),
    ("linux", "386"),
    ("linux", "arm"),
    ("linux", "riscv64"),
    ("linux", "ppc64le"),
    ("linux", "ppc64"),
    ("linux", "s390x"),
    ("linux", "loong64"),
    ("linux", "mips"),
    ("linux", "mipsle"),
    ("linux", "mips64"),
    ("linux", "mips64le"),
    ("darwin", "amd64"),
    ("windows", "386"),
    ("windows", "arm64"),
    ("freebsd", "amd64"),
    ("netbsd", "amd64"),
    ("openbsd", "amd64"),
    ("dragonfly", "amd64"),
    ("solaris", "amd64"),
    ("illumos", "amd64"),
    ("aix", "ppc64"),
    ("plan9", "amd64"),
    ("js", "wasm"),
    ("wasip1", "wasm"),
    ("android", "arm64"),
    ("ios", "arm64"),
    ("freebsd", "arm64"),
    ("openbsd", "arm64"),
];

const OTHER_OS: [&str; 3] = ["hurd", "nacl", "zos"];
const OTHER_ARCH: [&str; 9] = ["amd64p32", "armbe", "arm64be", "mips64p32", "mips64p32le", "ppc", "riscv", "s390", "sparc64"];
const NOT_UNIX: [&str; 4] = ["windows", "plan9", "js", "wasip1"];
/// What the go command builds with where nobody sets `GOEXPERIMENT`.
const EXPERIMENTS: [&str; 7] =
    ["regabiwrappers", "regabiargs", "dwarf5", "randomizedheapbase64", "greenteagc", "jsonv2", "sizespecializedmalloc"];
const NEWEST_GO: u32 = 27;

fn is_os(word: &str) -> bool {
    SYSTEMS.iter().any(|(os, _)| *os == word) || OTHER_OS.contains(&word)
}

fn is_arch(word: &str) -> bool {
    SYSTEMS.iter().any(|(_, arch)| *arch == word) || OTHER_ARCH.contains(&word)
}

/// Where a file is built.
pub(super) fn mask(file: &FileUnit) -> Mask {
    let name = file.src.display.rsplit('/').next().unwrap_or_default();
    let mut mask = by_name(name);
    if let Some(text) = &file.outline.constraint {
        mask &= by_constraint(text);
    }
    if file.outline.cgo {
        mask &= tag("cgo");
    }
    mask
}

/// `x_linux.go`, `x_amd64.go`, `x_linux_amd64.go`, each also before `_test`.
fn by_name(name: &str) -> Mask {
    let stem = name.split('.').next().unwrap_or_default();
    let Some((_, rest)) = stem.split_once('_') else { return EVERYWHERE };
    let mut words: Vec<&str> = rest.split('_').collect();
    if words.last() == Some(&"test") {
        words.pop();
    }
    match words.as_slice() {
        [.., os, arch] if is_os(os) && is_arch(arch) => tag(os) & tag(arch),
        [.., word] if is_os(word) || is_arch(word) => tag(word),
        _ => EVERYWHERE,
    }
}

/// Where a tag holds.
fn tag(word: &str) -> Mask {
    let known = |holds: bool| if holds { EVERYWHERE } else { 0 };
    if let Some(minor) = word.strip_prefix("go1.") {
        return known(minor.parse::<u32>().is_ok_and(|minor| minor <= NEWEST_GO));
    }
    if let Some(experiment) = word.strip_prefix("goexperiment.") {
        return known(EXPERIMENTS.contains(&experiment));
    }
    match word {
        "gc" | "go1" => return EVERYWHERE,
        "gccgo" | "compiler_bootstrap" => return 0,
        _ => {}
    }
    let mut mask = 0;
    for (index, (os, arch)) in SYSTEMS.iter().enumerate() {
        let implied = matches!((*os, word), ("android", "linux") | ("illumos", "solaris") | ("ios", "darwin"));
        if *os == word || *arch == word || implied || (word == "unix" && !NOT_UNIX.contains(os)) {
            mask |= 1 << index | 1 << (index + SYSTEMS.len());
        }
    }
    let system = word == "unix" || is_os(word) || is_arch(word);
    if system { mask } else { Mask::MAX << SYSTEMS.len() }
}

/// `//go:build`'s expression, or the last `// +build` line's.
fn by_constraint(text: &str) -> Mask {
    Parser { rest: text }.or()
}

struct Parser<'t> {
    rest: &'t str,
}

impl Parser<'_> {
    fn eat(&mut self, token: &str) -> bool {
        self.rest = self.rest.trim_start();
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn or(&mut self) -> Mask {
        let mut mask = self.and();
        loop {
            let more = self.eat("||");
            let end = self.rest.is_empty() || self.rest.starts_with(')');
            // Between the words of a `+build` line stands nothing.
            if end || (!more && !self.rest.starts_with(|c: char| c.is_alphanumeric() || c == '!' || c == '(' || c == '_')) {
                return mask;
            }
            mask |= self.and();
        }
    }

    fn and(&mut self) -> Mask {
        let mut mask = self.not();
        while self.eat("&&") || self.eat(",") {
            mask &= self.not();
        }
        mask
    }

    fn not(&mut self) -> Mask {
        // Nobody nests these deeply on purpose.
        let mut negated = false;
        while self.eat("!") {
            negated = !negated;
        }
        let mask = if self.rest.starts_with('(') && self.rest.len() < 4_000 {
            self.eat("(");
            let mask = self.or();
            self.eat(")");
            mask
        } else {
            let end = self.rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).unwrap_or(self.rest.len());
            let (word, rest) = self.rest.split_at(end);
            self.rest = rest;
            tag(word)
        };
        if negated { !mask } else { mask }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINUX: Mask = 1;
    const WINDOWS: Mask = 1 << 3;

    #[test]
    fn names_of_files() {
        assert_eq!(by_name("a.go"), EVERYWHERE);
        assert_eq!(by_name("linux.go"), EVERYWHERE);
        assert_ne!(by_name("a_linux.go") & LINUX, 0);
        assert_eq!(by_name("a_windows_test.go") & LINUX, 0);
        assert_ne!(by_name("a_windows_amd64.go") & WINDOWS, 0);
        assert_eq!(by_name("a_arm64.go") & LINUX, 0);
        assert_eq!(by_name("a_test.go"), EVERYWHERE);
    }

    #[test]
    fn constraints() {
        let linux = |text: &str| by_constraint(text) & LINUX != 0;
        assert!(linux("linux && amd64"));
        assert!(linux("unix && !darwin"));
        assert!(linux("!(windows || plan9)"));
        assert!(linux("windows linux,amd64"));
        assert!(!linux("windows || (darwin && go1.20)"));
        assert!(!linux("cgo"));
        assert!(linux("!cgo && go1.21"));
        assert!(!linux("go1.99"));
        assert!(!linux("mytag"));
        assert_ne!(by_constraint("mytag && linux"), 0);
        assert_eq!(by_constraint("linux darwin") & WINDOWS, 0);
        let _ = by_constraint("((((!!&&||");
    }
}
