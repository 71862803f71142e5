//! The house rules of the repository, held by a test: every rule has its folder, page, cases and line in the tables; every module says
//! what it is for; no file or function outgrows its reader; nothing speaks of the machine that it was written on.

use crate::support;
use goleash::lint::Meta;
use goleash::source::{DeclKind, outline};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const MAX_FILE_LINES: usize = 600;
const MAX_FUNCTION_LINES: usize = 80;

/// A file of the repository: path from its root, with `/`, and text.
struct File {
    path: String,
    text: String,
}

impl File {
    fn is_rust_in(&self, folders: &[&str]) -> bool {
        self.path.ends_with(".rs") && folders.iter().any(|folder| self.path.starts_with(&format!("{folder}/")))
    }
}

/// All text files that are kept: what `.gitignore` names is not looked at.
fn files() -> Vec<File> {
    let root = support::repository();
    let walk = ignore::WalkBuilder::new(&root).hidden(false).filter_entry(|entry| entry.file_name() != ".git").build();
    let mut out = Vec::new();
    for entry in walk.map(Result::unwrap).filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file())) {
        let path = entry.path().strip_prefix(&root).unwrap();
        let parts: Vec<_> = path.iter().map(|part| part.to_str().unwrap()).collect();
        // What is no text has no words.
        if let Ok(text) = std::fs::read_to_string(entry.path()) {
            out.push(File { path: parts.join("/"), text });
        }
    }
    assert!(out.len() > 100, "this is not the repository: {}", root.display());
    out
}

fn assert_none(what: &str, list: &[String]) {
    assert!(list.is_empty(), "{what}:\n  {}", list.join("\n  "));
}

fn read(path: impl AsRef<Path>) -> String {
    let path = support::repository().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Folders in `rules/`, sorted.
fn rule_folders() -> Vec<String> {
    let entries = std::fs::read_dir(support::repository().join("rules")).unwrap().map(Result::unwrap);
    let folders = entries.filter(|entry| entry.file_type().unwrap().is_dir());
    let mut names: Vec<String> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn every_rule_folder_is_listed() {
    let folders = rule_folders();
    let ids: Vec<String> = folders.iter().map(|name| name.replace('_', "-")).collect();
    let listed: Vec<&str> = goleash::rules::metas().iter().map(|meta| meta.id).collect();
    assert_eq!(listed, ids, "rules/mod.rs lists every folder, sorted, and each META has its folder's name with dashes");
    let text = read("rules/mod.rs");
    let modules: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';')).collect();
    assert_eq!(modules, folders, "the modules of rules/mod.rs");
}

#[test]
fn every_rule_has_a_page_and_a_card() {
    let mut missing = Vec::new();
    for (name, meta) in rule_folders().iter().zip(goleash::rules::metas()) {
        let page = support::repository().join(format!("rules/{name}/README.md"));
        if !page.is_file() || meta.docs != std::fs::read_to_string(&page).unwrap() {
            missing.push(format!("rules/{name}/README.md is not what META.docs includes"));
        }
        if !meta.docs.starts_with(&format!("# {}\n", meta.id)) {
            missing.push(format!("rules/{name}/README.md does not begin with `# {}`", meta.id));
        }
        for heading in ["## Leaks", "## Mended", "## When not to worry"] {
            if !meta.docs.lines().any(|line| line == heading) {
                missing.push(format!("rules/{name}/README.md has no `{heading}`"));
            }
        }
        missing.extend(card(name, meta));
    }
    assert_none("rules without a whole page or card", &missing);
}

/// What is wrong with the card.
fn card(name: &str, meta: &Meta) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut demand = |holds: bool, what: &str| {
        if !holds {
            wrong.push(format!("rules/{name}: {what}"));
        }
    };
    demand(
        !meta.summary.is_empty() && !meta.summary.ends_with('.') && !meta.summary.contains('\n'),
        "the summary is one line without a full stop",
    );
    demand(meta.summary.len() <= 100, "the summary is longer than 100 characters");
    demand(!meta.cwe.is_empty(), "no CWE");
    demand(!meta.triggers.is_empty(), "no triggers");
    demand(meta.since.split('.').count() == 3, "`since` is no version");
    wrong
}

/// A rule is tried on code that it must find and on code that it must not.
#[test]
fn every_rule_is_tested_both_ways() {
    let mut missing = Vec::new();
    for name in rule_folders() {
        let folder = format!("rules/{name}/testdata");
        let cases: Vec<String> =
            files().into_iter().filter(|f| f.path.starts_with(&folder) && f.path.ends_with(".go")).map(|f| f.text).collect();
        let functions: Vec<&str> = cases
            .iter()
            .flat_map(|text| outline(text).decls.into_iter().map(move |decl| (text, decl)))
            .filter(|(_, decl)| matches!(decl.kind, DeclKind::Func | DeclKind::Method))
            .map(|(text, decl)| &text[decl.span.start as usize..decl.span.end as usize])
            .collect();
        let found = functions.iter().filter(|text| text.contains("// want")).count();
        if found == 0 {
            missing.push(format!("{folder} has no function with a `// want`"));
        }
        if functions.len() == found {
            missing.push(format!("{folder} has no function that is passed over"));
        }
    }
    assert_none("rules that are not tested both ways", &missing);
}

#[test]
fn every_rule_has_proof() {
    let proved = read("corpus/proved.json");
    let missing: Vec<String> = goleash::rules::metas()
        .iter()
        // What a comment says, the runtime cannot tell.
        .filter(|meta| meta.id != goleash::lint::suppress::RULE && !proved.contains(&format!("{{\"rule\":\"{}\"", meta.id)))
        .map(|meta| format!("corpus/{}", meta.id))
        .collect();
    assert_none("rules without a case that the Go runtime proved", &missing);
}

#[test]
fn every_module_says_what_it_is_for() {
    let silent = files()
        .into_iter()
        .filter(|f| f.is_rust_in(&["src", "rules", "tests", "examples", "benches", "xtask"]) && !f.text.starts_with("//!"));
    let silent: Vec<String> = silent.map(|f| f.path).collect();
    assert_none("modules that do not begin with `//!`", &silent);
}

/// The lint is `deny`, for a macro of a dependency allows it to itself.
#[test]
fn nothing_allows_what_is_unsafe() {
    let word = concat!("unsafe", "_code");
    let allows = |line: &str| line.contains(word) && !line.contains("\"deny\"") && !line.contains("concat!");
    let code = files().into_iter().filter(|file| file.path.ends_with(".rs") || file.path.ends_with(".toml"));
    let found: Vec<String> = code.filter(|file| file.text.lines().any(allows)).map(|file| file.path).collect();
    assert_none("these speak of unsafe code", &found);
}

#[test]
fn no_file_is_too_long() {
    let written =
        |f: &File| f.is_rust_in(&["src", "rules", "tests", "examples", "benches", "xtask"]) || f.path.starts_with("src/");
    // A table that is derived is as long as what it is derived from.
    let written =
        |f: &File| written(f) && !["src/models/derived/", "src/types/derived/"].iter().any(|folder| f.path.starts_with(folder));
    let long = files()
        .into_iter()
        .filter(written)
        .map(|f| (f.text.lines().count(), f.path))
        .filter(|(lines, _)| *lines > MAX_FILE_LINES);
    let long: Vec<String> = long.map(|(lines, path)| format!("{path}: {lines} lines")).collect();
    assert_none(&format!("files of more than {MAX_FILE_LINES} lines"), &long);
}

#[test]
fn no_function_is_too_long() {
    let mut long = Vec::new();
    let mut functions = 0;
    for file in files().into_iter().filter(|f| f.is_rust_in(&["src", "rules", "tests", "examples", "benches", "xtask"])) {
        let lines: Vec<&str> = file.text.lines().collect();
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| begins_function(line)) {
            functions += 1;
            let length = function_length(&lines[at..]);
            if length > MAX_FUNCTION_LINES {
                long.push(format!("{}:{}: {length} lines: {}", file.path, at + 1, line.trim()));
            }
        }
    }
    assert!(functions > 500, "only {functions} functions seen");
    assert_none(&format!("functions of more than {MAX_FUNCTION_LINES} lines"), &long);
}

fn begins_function(line: &str) -> bool {
    let mut words = line.split_whitespace();
    words.find(|word| !word.starts_with("pub") && !matches!(*word, "const" | "async" | "in" | "extern" | "\"C\"")) == Some("fn")
}

/// Formatted code ends a function with a brace that stands as deep as the line it began on.
fn function_length(lines: &[&str]) -> usize {
    let indent = lines[0].len() - lines[0].trim_start().len();
    // A head alone, or a body on the same line.
    let ends = |line: &str| line.ends_with(';') || line.ends_with('}');
    if ends(lines[0]) {
        return 1;
    }
    let last = lines[1..].iter().position(|line| {
        let rest = line.trim_start();
        line.len() - rest.len() == indent && (rest == "}" || rest.starts_with(") ") && ends(rest))
    });
    last.map_or(lines.len(), |at| at + 2)
}

#[test]
fn the_function_counter_counts() {
    let count = |text: &str| function_length(&text.lines().collect::<Vec<_>>());
    assert_eq!(count("fn a() {}\nfn b() {\n}"), 1);
    assert_eq!(count("    fn a(&self) -> u8 {\n        {\n        }\n    }\n}"), 4);
    assert_eq!(count("fn a(\n    b: u8,\n) -> u8 {\n    1\n}\n"), 5);
    assert_eq!(count("    fn a(\n        b: u8,\n    ) -> u8;\n    fn c() {\n    }"), 3);
    assert!(["fn a() {", "    pub(crate) const fn a() {", "pub fn a<T>("].into_iter().all(begins_function));
    assert!(
        ["// fn a", "let f = fn_name;", "type F = fn(u8);", "impl Fn for A {"].into_iter().all(|line| !begins_function(line))
    );
}

#[test]
fn nothing_speaks_of_the_machine_it_was_written_on() {
    // In pieces, so that this file does not speak of them either.
    let mut words = vec![["/wo", "rk/"].concat(), ["/tmp", "/gov"].concat()];
    // A short one, as a container has, may be a word of its own.
    words.extend(Some(support::repository().display().to_string()).filter(|path| path.matches('/').count() > 2));
    let mut found = Vec::new();
    for file in files() {
        for (number, line) in file.text.lines().enumerate() {
            let path = |word: &String| {
                line.match_indices(word.as_str()).any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '.'))
            };
            if words.iter().any(path) || words.iter().any(|word| file.path.contains(word.as_str())) {
                found.push(format!("{}:{}: {}", file.path, number + 1, line.trim()));
            }
        }
    }
    assert_none("text about one machine", &found);
}

/// Labels of hosts that serve packages: where they come from is the business of whoever builds, not of the project.
const PACKAGE_HOSTS: [&str; 10] =
    ["registry", "proxy", "mirror", "artifactory", "nexus", "index", "pypi", "pythonhosted", "npmjs", "crates"];

#[test]
fn no_package_host_is_named() {
    let mut found = Vec::new();
    // Go code is about any host.
    for file in files().into_iter().filter(|f| !f.path.ends_with(".go") && f.path != "tests/tidy.rs") {
        for (number, line) in file.text.lines().enumerate() {
            for host in hosts(line).filter(|host| is_package_host(host)) {
                found.push(format!("{}:{}: {host}", file.path, number + 1));
            }
        }
    }
    assert_none("hosts of packages", &found);
    for line in read("Cargo.lock").lines().filter(|line| line.starts_with("source = ")) {
        assert_eq!(line, "source = \"registry+https://github.com/rust-lang/crates.io-index\"");
    }
}

/// Hosts of the addresses in a line.
fn hosts(line: &str) -> impl Iterator<Item = &str> {
    let after = line.split("://").skip(1);
    after.map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '-').next().unwrap_or_default())
}

fn is_package_host(host: &str) -> bool {
    let private = ["10.", "192.168.", "172.16."].iter().any(|net| host.starts_with(net));
    private || host.ends_with(".internal") || host.split(['.', '-']).any(|label| PACKAGE_HOSTS.contains(&label))
}

#[test]
fn package_hosts_are_told_from_others() {
    assert!(
        ["registry.example", "go-proxy.example", "my-mirror.example", "10.0.0.1", "a.internal"].into_iter().all(is_package_host)
    );
    assert!(!["github.com", "staticcheck.dev", "json-schema.org", "127.0.0.1"].into_iter().any(is_package_host));
    assert_eq!(hosts("see https://a.test/x and (http://b.test).").collect::<Vec<_>>(), ["a.test", "b.test"]);
}

/// Words that a Go developer would stumble over, and the field's word for each; CONTRIBUTING.md has the table.
const WORDS: [(&str, &str); 17] = [
    (r"mend(s|ed|ing)?", "fix"),
    (r"let(s|ting)?\s+go", "release, close, stop"),
    (r"ways?\s+out", "path, exit, return"),
    (r"he|his|him|who|whom|whoever|somebody|someone", "reader, sender, owner, caller, it"),
    (r"things?", "resource, goroutine, channel"),
    (r"heed(s|ed|ing)?|heard", "ignored, honoured"),
    (r"blanks?", "space"),
    (r"tells?|telling|told", "reports, says, shows"),
    (r"for\s+ever|for\s+good", "forever, never returns"),
    (r"traps?", "inescapable loop"),
    (r"slots?", "permit, semaphore"),
    (r"latch(es)?", "at-most-once guard"),
    (r"starved|outnumber(s|ed)?|ledger|balance\s+sheet", "unmatched send, unmatched receive, resource balance"),
    (r"enders?", "no-return function"),
    (r"glances?", "prefilter"),
    (r"found\s+no\s+more|nobody\s+is\s+left", "no longer found, nothing does"),
    (r"excuses?|excused", "ignores, suppresses"),
];

/// What is wrong with the words of a text: its name, the line, the word and what to say instead.
fn odd_words(name: &str, text: &str) -> Vec<String> {
    // Code is quoted as it is, and so is what goleash printed.
    let quoted = regex::Regex::new(r"(?s)`[^`\n]+`|<!-- example:begin -->.*?<!-- example:end -->|\]\([^)\s]*\)").unwrap();
    let text = quoted.replace_all(text, |found: &regex::Captures<'_>| {
        found[0].chars().map(|c| if c == '\n' { '\n' } else { '_' }).collect::<String>()
    });
    let mut out = Vec::new();
    for (odd, plain) in WORDS {
        for found in regex::Regex::new(&format!(r"(?i)\b({odd})\b")).unwrap().find_iter(&text) {
            let line = text[..found.start()].matches('\n').count() + 1;
            out.push(format!("{name}:{line}: `{}`: say {plain}", found.as_str().replace('\n', " ")));
        }
    }
    out
}

#[test]
fn the_documents_use_the_words_of_the_field() {
    let mut odd = Vec::new();
    for file in files() {
        let page = matches!(file.path.as_str(), "README.md" | "CONTRIBUTING.md" | "action.yml");
        let folder = ["docs/", "editors/"].iter().any(|folder| file.path.starts_with(folder));
        if page || folder && file.path.ends_with(".md") {
            odd.extend(odd_words(&file.path, &file.text));
        }
    }
    let changelog = read("CHANGELOG.md");
    let begin = changelog.find("## Unreleased").unwrap();
    let end = changelog[begin + 3..].find("\n## ").map_or(changelog.len(), |at| begin + 3 + at);
    odd.extend(odd_words("CHANGELOG.md", &changelog[..end]));
    assert_none("words that are not the field's", &odd);
}

#[test]
fn the_help_uses_the_words_of_the_field() {
    let help = |command: &str| {
        let mut args: Vec<&str> = command.split_whitespace().collect();
        args.push("--help");
        support::goleash(&support::repository(), &args).out
    };
    let main = help("");
    let commands = main.split("Commands:\n").nth(1).unwrap().lines().take_while(|line| !line.is_empty());
    // The first word of a line that is no continuation of the one before.
    let commands = commands.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
    let commands: Vec<&str> = commands.filter(|name| *name != "help").chain(["debug", "debug ir", "debug derive"]).collect();
    assert!(commands.contains(&"check") && commands.contains(&"watch"), "{commands:?}");
    let mut odd = odd_words("goleash --help", &main);
    for command in commands {
        odd.extend(odd_words(&format!("goleash {command} --help"), &help(command)));
    }
    assert_none("words that are not the field's", &odd);
}

#[test]
fn odd_words_are_seen() {
    let count = |text: &str| odd_words("a", text).len();
    assert_eq!(count("who\nlets\ngo, and Mended things: tell him"), 6);
    assert_eq!(count("`mended`, whose [page](a/mended.md), then, nothing, the path is released"), 0);
    assert_eq!(odd_words("a", "b\n for\n good")[0], "a:2: `for  good`: say forever, never returns");
}

const BEGIN: &str = "<!-- rules:begin -->";
const END: &str = "<!-- rules:end -->";

fn rule_table() -> String {
    let mut table = "| rule | level | what it finds |\n|---|---|---|\n".to_owned();
    for meta in goleash::rules::metas() {
        let folder = meta.id.replace('-', "_");
        let _ = writeln!(table, "| [`{}`](rules/{folder}/README.md) | {} | {} |", meta.id, meta.level, meta.summary);
    }
    table
}

#[test]
fn the_rule_table_of_the_readme_is_current() {
    let path: PathBuf = support::repository().join("README.md");
    let text = read("README.md");
    let (Some(begin), Some(end)) = (text.find(BEGIN), text.find(END)) else { panic!("README.md has no {BEGIN} and {END}") };
    let current = format!("{}{BEGIN}\n{}{}", &text[..begin], rule_table(), &text[end..]);
    if support::update() {
        std::fs::write(path, current).unwrap();
    } else {
        assert_eq!(text, current, "UPDATE=1 cargo test --test main tidy:: writes the rule table of README.md");
    }
}

#[test]
fn the_changelog_says_what_is_unreleased() {
    let text = read("CHANGELOG.md");
    let first = text.lines().find(|line| line.starts_with("## "));
    assert_eq!(first, Some("## Unreleased"), "the first section of CHANGELOG.md");
}

#[test]
fn the_licences_are_there() {
    assert!(read("LICENSE-MIT").contains("Permission is hereby granted, free of charge"));
    assert!(read("LICENSE-APACHE").contains("Version 2.0, January 2004"));
    assert!(read("Cargo.toml").contains("license = \"MIT OR Apache-2.0\""));
}

#[test]
fn nothing_is_kept_that_git_is_told_to_ignore() {
    let git = std::process::Command::new("git")
        .args(["ls-files", "--cached", "--ignored", "--exclude-standard"])
        .current_dir(support::repository())
        .output();
    // An archive of the source has neither git nor anything to hold to this.
    if let Ok(out) = git.as_ref().map(|out| String::from_utf8_lossy(&out.stdout)) {
        let list: Vec<String> = out.lines().take(10).map(str::to_owned).collect();
        assert_none("files that were added by force, as what was built or fetched", &list);
    }
}

/// The modules of the new core, from left to right: each may import from those to its left, from itself, and from what stands before the core.
const LINE: &[&str] = &["types", "ir", "flow", "lower", "store", "effects", "explore", "verdict"];

/// What the core may import besides.
const BEFORE_THE_CORE: &[&str] = &["source", "syntax", "models"];

/// `verdict` makes findings.
const BEHIND: &[(&str, &str)] = &[("verdict", "lint")];

#[test]
fn the_new_core_imports_from_left_to_right() {
    let mut wrong = Vec::new();
    // Tests look at what comes of it further to the right.
    for file in files().iter().filter(|f| f.is_rust_in(&["src"]) && !f.path.ends_with("/tests.rs")) {
        let Some(module) = LINE.iter().position(|m| file.path.starts_with(&format!("src/{m}/"))) else { continue };
        for (i, line) in file.text.lines().enumerate() {
            for part in line.split("crate::").skip(1) {
                let name: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let to_its_left = LINE[..=module].contains(&name.as_str());
                let allowed = to_its_left || BEFORE_THE_CORE.contains(&&*name) || BEHIND.contains(&(LINE[module], &*name));
                if !allowed && !name.is_empty() {
                    wrong.push(format!("{}:{}: crate::{name}", file.path, i + 1));
                }
            }
        }
    }
    assert_none("imports against the line of docs/architecture.md", &wrong);
}
