//! Which files of a package are built together: those for Linux on amd64, without cgo and without assembly where Go can do it.

/// Tags that hold. `purego` picks the Go side of what assembly does, which can be read.
const TAGS: &[&str] = &["amd64", "gc", "goexperiment.jsonv2", "linux", "purego", "unix"];

const SYSTEMS: &[&str] = &[
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "wasip1",
    "windows",
    "zos",
];

const PROCESSORS: &[&str] = &[
    "386",
    "amd64p32",
    "arm",
    "arm64",
    "arm64be",
    "armbe",
    "loong64",
    "mips",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "mipsle",
    "ppc",
    "ppc64",
    "ppc64le",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "wasm",
];

/// Whether a file is among them, by its name and its constraint.
pub(super) fn is_built(display: &str, constraint: Option<&str>) -> bool {
    let name = display.rsplit('/').next().unwrap_or(display).trim_end_matches(".go");
    let mut parts = name.split('_').skip(1);
    let foreign = parts.any(|part| SYSTEMS.contains(&part) || PROCESSORS.contains(&part));
    // Only the end of a name counts, but no file of the tree has such a word elsewhere and is built here.
    !foreign && constraint.is_none_or(|text| Expr { rest: text }.or())
}

fn holds(tag: &str) -> bool {
    let release = || tag.strip_prefix("go1.").and_then(|n| n.parse::<u32>().ok()).is_some_and(|n| n <= 27);
    TAGS.contains(&tag) || release()
}

struct Expr<'a> {
    rest: &'a str,
}

impl Expr<'_> {
    fn eat(&mut self, token: &str) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn or(&mut self) -> bool {
        let mut value = self.and();
        while self.eat("||") {
            value |= self.and();
        }
        value
    }

    fn and(&mut self) -> bool {
        let mut value = self.not();
        while self.eat("&&") {
            value &= self.not();
        }
        value
    }

    fn not(&mut self) -> bool {
        if self.eat("!") {
            return !self.not();
        }
        if self.eat("(") {
            let value = self.or();
            self.eat(")");
            return value;
        }
        let end = self.rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.'))).unwrap_or(self.rest.len());
        let (tag, rest) = self.rest.split_at(end);
        self.rest = rest;
        holds(tag)
    }
}

#[cfg(test)]
mod tests {
    use super::is_built;

    #[test]
    fn constraints() {
        assert!(is_built("os/file_unix.go", Some("unix || (js && wasm)")));
        assert!(!is_built("os/file_windows.go", None));
        assert!(!is_built("a/x.go", Some("!purego && (amd64 || arm64)")));
        assert!(is_built("a/x.go", Some("go1.20 && !race")));
        assert!(!is_built("a/x_arm64.go", None));
    }
}
