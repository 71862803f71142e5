//! Whatever happens to the files, a session finds what a fresh run finds.

use super::Session;
use crate::config;
use crate::lint::Level;
use crate::pipeline::{self, Options, Progress};
use std::fs;
use std::path::{Path, PathBuf};

struct Silent;
impl Progress for Silent {
    fn start(&self, _: usize) {}
    fn tick(&self) {}
    fn finish(&self) {}
}

fn options(root: &Path) -> Result<Vec<Options>, String> {
    let projects = config::projects(&[PathBuf::from(".")], root).map_err(|error| error.to_string())?;
    let options = |project: config::Project| Options {
        paths: project.paths,
        stdin: None,
        root: root.to_owned(),
        tests: project.settings.tests,
        deps: project.settings.deps,
        exclude: Vec::new(),
        rules: Vec::new(),
        threads: 2,
        trace: None,
        level: Level::Note,
        settings: project.settings,
        overlay: std::sync::Arc::default(),
        baseline: None,
    };
    Ok(projects.into_iter().map(options).collect())
}

fn said(outcome: &pipeline::Outcome) -> Vec<String> {
    let mut out: Vec<String> = outcome
        .findings
        .iter()
        .map(|finding| {
            let steps: Vec<String> = finding
                .steps
                .iter()
                .map(|s| format!("{}:{}:{} {}", s.at.file.display, s.at.start().line, s.at.start().col, s.label))
                .collect();
            let at = finding.at.start();
            format!(
                "{}:{}:{} {} {} {} {} {steps:?}",
                finding.at.file.display, at.line, at.col, finding.level, finding.rule, finding.message, finding.fingerprint
            )
        })
        .collect();
    out.extend(outcome.withheld.iter().map(|w| format!("withheld {} {:?}", w.finding.fingerprint, w.reason)));
    out.extend(outcome.problems.iter().map(|p| format!("{p:?}")));
    out
}

fn open(root: &Path) -> Session {
    let at = root.to_owned();
    Session::open(Box::new(move || options(&at))).unwrap()
}

fn fresh(root: &Path) -> Vec<String> {
    said(&pipeline::run_all(&options(root).unwrap(), &Silent).unwrap())
}

const FILES: [&str; 8] =
    ["a.go", "b.go", "lib/lib.go", "lib/more.go", "internal/pool/pool.go", "internal/pool/run.go", "cmd/x/main.go", "use/use.go"];

/// Texts for a file: the package has to fit, the rest is drawn.
fn text(path: &str, pick: u64) -> String {
    let name = match Path::new(path).parent().unwrap().file_name() {
        None => "m",
        Some(dir) if dir == "x" => "main",
        Some(dir) => dir.to_str().unwrap(),
    };
    let stem = Path::new(path).file_stem().unwrap().to_str().unwrap();
    let tag = format!("{}{stem}", stem.to_uppercase());
    let body = match pick % 8 {
        0 => format!("func F{tag}() int {{\n\tc := make(chan int)\n\tgo func() {{ c <- 1 }}()\n\treturn 0\n}}\n"),
        1 => format!("func F{tag}() int {{\n\tc := make(chan int, 1)\n\tgo func() {{ c <- 1 }}()\n\treturn <-c\n}}\n"),
        2 => format!(
            "import \"m/internal/pool\"\n\nfunc F{tag}() {{\n\tc := make(chan int)\n\tpool.Start(func() {{ c <- 1 }})\n}}\n"
        ),
        3 => "func Start(f func()) { go f() }\n".to_owned(),
        4 => "func Start(f func()) { f() }\n".to_owned(),
        5 => format!(
            "import \"m/lib\"\n\nfunc F{tag}() {{\n\tc := make(chan int)\n\tgo lib.Send(c)\n\tif len(\"x\") > 1 {{\n\t\treturn\n\t}}\n\t<-c\n}}\n"
        ),
        6 => "func Send(c chan int) {\n\tc <- 1\n}\n".to_owned(),
        _ => format!(
            "func Send(c chan int) {{}}\n\n//goleash:ignore blocked-send tried\nfunc G{tag}() {{\n\tc := make(chan int)\n\tgo func() {{ c <- 1 }}()\n}}\n"
        ),
    };
    format!("package {name}\n\n{body}")
}

struct Draw(u64);
impl Draw {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 3
    }
}

#[test]
fn whatever_happens_to_the_files() {
    for seed in 1..=6_u64 {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        fs::write(root.join("go.mod"), "module m\n\ngo 1.22\n").unwrap();
        let write = |path: &str, text: &str| {
            fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            fs::write(root.join(path), text).unwrap();
        };
        let mut draw = Draw(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        for path in FILES {
            write(path, &text(path, draw.next()));
        }
        let mut session = open(&root);
        for step in 0..60 {
            let mut touched = Vec::new();
            for _ in 0..=draw.next() % 3 {
                let path = FILES[usize::try_from(draw.next() % 8).unwrap()];
                let at = root.join(path);
                match draw.next() % 12 {
                    0 => drop(fs::remove_file(&at)),
                    1 => {
                        let other = at.with_file_name("moved.go");
                        drop(fs::rename(&at, &other));
                        touched.push(other);
                    }
                    2 => {
                        let folder = at.parent().unwrap();
                        if folder != root && fs::remove_dir_all(folder).is_ok() {
                            touched.push(folder.to_path_buf());
                        }
                    }
                    3 if draw.next().is_multiple_of(3) => {
                        let level = ["off", "error", "note"][usize::try_from(draw.next() % 3).unwrap()];
                        fs::write(root.join("goleash.toml"), format!("[rules.blocked-send]\nlevel = \"{level}\"\n")).unwrap();
                        touched.push(root.join("goleash.toml"));
                    }
                    _ => write(path, &text(path, draw.next())),
                }
                touched.push(at);
            }
            session.apply(&touched);
            session.settle();
            assert_eq!(said(&session.outcome()), fresh(&root), "seed {seed}, step {step}, {touched:?}");
        }
    }
}

#[test]
fn an_unsaved_text_counts() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    fs::write(root.join("go.mod"), "module m\n\ngo 1.22\n").unwrap();
    fs::write(root.join("a.go"), text("a.go", 1)).unwrap();
    let mut session = open(&root);
    assert!(session.outcome().findings.is_empty());
    let path = root.join("a.go");
    session.lay_over(&path, Some(text("a.go", 0)));
    assert!(session.apply(std::slice::from_ref(&path)));
    assert_eq!(session.outcome().findings.len(), 1);
    session.lay_over(&path, None);
    session.apply(&[path]);
    assert!(session.outcome().findings.is_empty());
    let unsaved = root.join("new.go");
    session.lay_over(&unsaved, Some(text("new.go", 0)));
    session.apply(&[unsaved]);
    assert_eq!(session.outcome().findings.len(), 1);
}

#[test]
fn a_broken_configuration_leaves_the_old_one() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    fs::write(root.join("go.mod"), "module m\n\ngo 1.22\n").unwrap();
    fs::write(root.join("a.go"), text("a.go", 0)).unwrap();
    let mut session = open(&root);
    let config = root.join("goleash.toml");
    fs::write(&config, "[rules.nothing]\n").unwrap();
    session.apply(std::slice::from_ref(&config));
    assert!(session.trouble().is_some());
    assert_eq!(session.outcome().findings.len(), 1);
    fs::write(&config, "[rules.blocked-send]\nlevel = \"off\"\n").unwrap();
    session.apply(&[config]);
    assert!(session.trouble().is_none());
}
