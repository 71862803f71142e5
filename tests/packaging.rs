//! What `packaging/` makes: the plugin for golangci-lint and the tool for `go vet`, where Go and the modules that they stand on are; the mirror
//! for pre-commit; the formula for Homebrew.

use crate::support::{announce, folder, repository};
use std::process::{Command, Output};

/// Go with nothing from outside: neither modules nor another toolchain.
fn go(args: &[&str], folder: &std::path::Path) -> std::io::Result<Output> {
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_goleash"));
    let offline = [("GOPROXY", "off"), ("GOFLAGS", "-mod=readonly"), ("GOTOOLCHAIN", "local"), ("GOWORK", "off")];
    Command::new("go").args(args).current_dir(folder).envs(offline).env("GOLEASH", binary).output()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn the_plugin_says_what_goleash_says() {
    let plugin = repository().join("packaging/golangci");
    if !go(&["list", "-deps", "-test", "./..."], &plugin).is_ok_and(|listed| listed.status.success()) {
        announce("packaging/golangci: skipped, there is no Go or it has not got the modules; `go mod download` there gets them");
        return;
    }
    let tested = go(&["test", "-count=1", "./..."], &plugin).unwrap();
    assert!(tested.status.success(), "{}", text(&tested));

    let tools = tempfile::tempdir().unwrap();
    let tool = tools.path().join(if cfg!(windows) { "goleash-vet.exe" } else { "goleash-vet" });
    let built = go(&["build", "-o", tool.to_str().unwrap(), "./cmd/goleash-vet"], &plugin).unwrap();
    assert!(built.status.success(), "{}", text(&built));

    let shop = folder(&[
        ("go.mod", b"module example.com/shop\n\ngo 1.22\n"),
        ("a.go", b"package shop\n\nfunc Start(ask func() int) {\n\tch := make(chan int)\n\tgo func() { ch <- ask() }()\n}\n"),
        ("clean/b.go", b"package clean\n"),
    ]);
    let vet = |more: &[&str]| {
        let tool = format!("-vettool={}", tool.display());
        let binary = format!("-goleash.binary={}", env!("CARGO_BIN_EXE_goleash"));
        let ran = go(&[&["vet", &tool, &binary], more].concat(), shop.path()).unwrap();
        (ran.status.success(), text(&ran))
    };
    let (clean, said) = vet(&["./..."]);
    assert!(!clean && said.contains("a.go:5:14: blocked-send: ") && said.contains("1 the channel is made here"), "{said}");
    let (clean, said) = vet(&["./clean"]);
    assert!(clean, "{said}");
    let (_, said) = vet(&["-goleash.binary=goleash-of-nobody", "./..."]);
    assert!(said.contains("there is no program goleash-of-nobody"), "{said}");
}

/// Runs a script of `packaging/` as somebody whose git has a name and nothing else.
#[cfg(unix)]
fn script(script: &str, args: &[&str]) -> Output {
    let mut command = Command::new("bash");
    command.arg(repository().join("packaging").join(script)).args(args);
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "Ada").env(format!("GIT_{who}_EMAIL"), "ada@example.com");
    }
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").output().unwrap()
}

#[cfg(unix)]
#[test]
fn the_formula_has_the_checksums_of_the_release() {
    let systems = ["darwin-arm64", "darwin-x64", "linux-arm64", "linux-x64"];
    let sum = |i: usize| format!("{i}").repeat(64);
    let line = |(i, system): (usize, &&str)| format!("{}  goleash-{system}.tar.gz\n", sum(i));
    let sums: String = systems.iter().enumerate().map(line).collect();
    let dir = folder(&[("all", sums.as_bytes()), ("few", &sums.as_bytes()[..sums.len() / 2])]);
    let from = |name: &str| dir.path().join(name).display().to_string();
    let made = script("homebrew/formula.sh", &["v1.2.3", &from("all")]);
    let formula = text(&made);
    assert!(made.status.success() && !formula.contains('@'), "{formula}");
    for (i, system) in systems.iter().enumerate() {
        let at = formula.find(&format!("/v1.2.3/goleash-{system}.tar.gz\"")).unwrap_or_else(|| panic!("{system}: {formula}"));
        let next = formula[at..].lines().nth(1).unwrap().trim();
        assert_eq!(next, format!("sha256 \"{}\"", sum(i)));
    }
    assert!(text(&script("homebrew/formula.sh", &["v1.2.3", &from("few")])).contains("has no checksum of goleash-linux-arm64"));
    assert_eq!(script("homebrew/formula.sh", &["main", &from("all")]).status.code(), Some(2));
}

#[cfg(unix)]
#[test]
fn the_mirror_for_pre_commit_follows_versions() {
    let dir = tempfile::tempdir().unwrap();
    let mirror = dir.path().join("mirror");
    for version in ["1.2.3", "v1.2.4"] {
        let made = script("pre-commit/mirror.sh", &[version, mirror.to_str().unwrap()]);
        assert!(made.status.success(), "{}", text(&made));
    }
    let at = |tag: &str, file: &str| {
        let shown = Command::new("git").args(["show", &format!("{tag}:{file}")]).current_dir(&mirror).output().unwrap();
        assert!(shown.status.success(), "{tag} has no {file}");
        text(&shown)
    };
    for version in ["1.2.3", "1.2.4"] {
        let tag = format!("v{version}");
        assert!(at(&tag, "pyproject.toml").contains(&format!("dependencies = [\"goleash=={version}\"]")));
        assert!(at(&tag, "README.md").contains(&format!("rev: {tag} ")));
        // But for how it is installed, it is the hook of the repository.
        let own = std::fs::read_to_string(repository().join(".pre-commit-hooks.yaml")).unwrap();
        let hook = at(&tag, ".pre-commit-hooks.yaml").replace("language: python", "language: rust");
        assert!(own.starts_with(&hook), "{hook}");
    }
    assert_eq!(script("pre-commit/mirror.sh", &["latest", mirror.to_str().unwrap()]).status.code(), Some(2));
}
