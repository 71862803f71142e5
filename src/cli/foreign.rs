//! What people type who come from other tools, and what it is called here: one table of options, one of commands.

use super::failure::Failure;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Options of ruff, golangci-lint, staticcheck, zizmor and their like, and what to use.
const OPTIONS: &[(&[&str], &str)] = &[
    (&["--output-format", "--out-format", "--report-format", "--reporter"], "use --format, as in `--format json`"),
    (&["--json", "--sarif", "--html", "--markdown", "--concise", "--github"], "use --format, as in `--format sarif`"),
    (&["--quiet", "-q", "--silent"], "use `--format concise` for a line each, or `--statistics` for counts alone"),
    (
        &["--select", "--rules", "--enable", "-E", "--enable-only", "--checks", "--only", "--extend-select", "--include-rule"],
        "use --rule, as in `--rule blocked-send,stuck-lock`",
    ),
    (
        &["--ignore", "--disable", "-D", "--extend-ignore", "--disable-rule", "--exclude-rule", "--skip-rule"],
        "use --rule to name the rules to run; `rules.ID.level = \"off\"` in goleash.toml turns one off, and --exclude takes paths",
    ),
    (
        &["--severity", "--min-severity", "--min-level", "--min-confidence", "--confidence", "--fail-on", "--persona"],
        "use --level, as in `--level error`",
    ),
    (&["--exit-code", "--no-exit-codes", "--issues-exit-code", "--no-fail", "--exit-0"], "use --exit-zero to exit with 0"),
    (&["--unsafe-fixes"], "use `--fix --unsafe`"),
    (&["--fix-only", "--apply", "--autofix", "--write"], "use --fix"),
    (&["--dry-run", "--show-fixes", "--check-only"], "use --diff to see what --fix would change"),
    (
        &["--new", "--new-from-rev", "--new-from-merge-base", "--since", "--diff-base"],
        "use --new-from, as in `--new-from main...`",
    ),
    (&["--cached"], "use --staged"),
    (
        &["--skip-dirs", "--skip-files", "--exclude-dirs", "--exclude-files", "--extend-exclude"],
        "use --exclude, as in `--exclude gen/`",
    ),
    (&["--include-tests", "--with-tests", "--test"], "use --tests"),
    (&["--no-tests"], "tests are left out unless --tests is given"),
    (&["--config-path", "--config-file", "--conf", "-c"], "use --config"),
    (&["--isolated", "--no-conf"], "use --no-config"),
    (&["--show-settings", "--print-config"], "use --show-config"),
    (&["--list-files"], "use --show-files"),
    (&["--list-rules", "--show-rules", "--list", "--linters"], "use `goleash rules`"),
    (&["--explain"], "use `goleash explain RULE`"),
    (&["--init", "--generate-config"], "use `goleash init`"),
    (&["--add-noqa", "--add-nolint", "--add-ignore"], "use `goleash baseline --add-ignore --reason TEXT`"),
    (&["--generate-baseline", "--write-baseline", "--update-baseline"], "use `goleash baseline`"),
    (&["--watch", "-w"], "use `goleash watch`"),
    (&["--jobs", "-j", "--concurrency", "--parallel", "--workers"], "use --threads"),
    (&["--no-color", "--no-colour", "--nocolor"], "use `--color never`"),
    (&["--colour", "--colors", "--colours"], "use --color, as in `--color always`"),
    (&["--output-file", "--out", "--out-file"], "use --output"),
    (&["--stdin", "--stdin-filename", "--stdin-display-name"], "use `-` in the place of a path"),
    (&["--stat", "--show-stats", "--summary", "--count"], "use --statistics for counts by rule, --stats for what was checked"),
    (&["--verbose", "-v", "--debug", "--timing"], "use --stats for what was checked, `--trace RULE` for where a rule is silent"),
    (&["--version-json"], "use --version"),
    (&["--offline", "--no-online-audits"], "it is not needed: checking never asks a network"),
    (&["--no-cache", "--cache-dir"], "it is not needed: goleash keeps no cache"),
    (
        &["--timeout", "--build-tags", "--tags"],
        "there is none: goleash builds nothing, and checks files whatever their build tags",
    ),
];

/// Words in the place of a command, and what to type.
const COMMANDS: &[(&[&str], &str)] = &[
    (&["lint", "run", "analyze", "analyse", "scan", "vet", "audit", "test", "detect"], "check"),
    (&["fix", "format", "autofix"], "check --fix"),
    (&["diff"], "check --diff"),
    (&["linters", "list", "checks"], "rules"),
    (&["rule", "docs"], "explain RULE"),
    (&["config", "settings"], "check --show-config"),
    (&["files"], "check --show-files"),
    (&["server", "serve", "language-server"], "lsp"),
    (&["completion"], "completions SHELL"),
    (&["comment"], "review"),
    (&["version"], "--version"),
];

/// What to say of an option that nobody knows here.
pub(super) fn option(error: &clap::Error) -> Option<Failure> {
    if error.kind() != ErrorKind::UnknownArgument {
        return None;
    }
    let Some(ContextValue::String(typed)) = error.get(ContextKind::InvalidArg) else { return None };
    let name = typed.split('=').next().unwrap_or(typed);
    let advice = looked_up(OPTIONS, name)?;
    Some(Failure::ForeignOption { typed: name.to_owned(), advice })
}

/// The command that a word stands for elsewhere.
pub(super) fn command(word: &str) -> Option<&'static str> {
    looked_up(COMMANDS, word)
}

fn looked_up(table: &[(&[&str], &'static str)], word: &str) -> Option<&'static str> {
    table.iter().find(|(names, _)| names.contains(&word)).map(|(_, advice)| *advice)
}

#[cfg(test)]
mod tests {
    use super::super::Cli;
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn no_word_stands_twice() {
        for table in [OPTIONS, COMMANDS] {
            let mut words: Vec<&str> = table.iter().flat_map(|(names, _)| names.iter().copied()).collect();
            let before = words.len();
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), before, "{words:?}");
        }
    }

    /// What is advised is there, and what is called foreign is not an option of `check`.
    #[test]
    fn the_advice_is_true() {
        let cli = Cli::command();
        let check = cli.find_subcommand("check").unwrap();
        let options = |command: &clap::Command| -> Vec<String> {
            command.get_arguments().filter_map(|arg| Some(format!("--{}", arg.get_long()?))).collect()
        };
        let mut known: Vec<String> = cli.get_subcommands().flat_map(options).collect();
        known.extend(["--help", "--version", "--color"].map(str::to_owned));
        for (names, advice) in OPTIONS.iter().chain(COMMANDS) {
            for word in advice.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').filter(|word| word.starts_with("--")) {
                assert!(known.iter().any(|option| option == word), "{advice}: {word}");
            }
            for name in *names {
                assert!(!options(check).iter().any(|option| option == name), "{name} is an option");
                assert!(cli.find_subcommand(name).is_none(), "{name} is a command");
            }
        }
    }
}
