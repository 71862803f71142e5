//! The command line: one file a command, and one place that turns what went wrong into words and an exit code.
//!
//! Exit codes: 0 nothing to report, 1 findings at or above the level, 2 goleash could not do what it was asked. A file inside a tree that
//! cannot be read or parsed is shown as a problem and does not change the code: one broken file must not hide, nor fake, the verdict on
//! the others. A path that was named and cannot be read is an error.

mod baseline;
mod check;
mod debug;
mod explain;
mod failure;
mod foreign;
mod generate;
mod ignore;
mod init;
mod lsp;
mod mend;
mod output;
mod progress;
mod review;
mod rules;
mod scope;
mod show;
mod terminal;
mod watch;
mod whole;

use crate::report::{is_harmful, plain_text};
use crate::words::nearest;
use clap::{Args, CommandFactory as _, Parser, Subcommand};
use failure::Failure;
use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

/// What a word that is no path may have been meant as.
const COMMANDS: [&str; 11] =
    ["baseline", "check", "completions", "explain", "help", "init", "lsp", "man", "review", "rules", "watch"];

const EXAMPLES: &str = "\
Examples:
  goleash                               check the current folder and all below it
  goleash ./internal/... cmd/api        check some of it
  goleash --level note                  show the notes too
  goleash --format sarif --output leaks.sarif
  goleash --rule blocked-send --trace blocked-send server.go
  git show HEAD:server.go | goleash -   check one file from standard input
  goleash explain blocked-send          what a rule means, with examples

Exit codes:
  0  nothing found at or above the level
  1  findings at or above the level (0 with --exit-zero)
  2  wrong arguments or configuration, a named path that cannot be read, or
     a report that cannot be written";

#[derive(Parser)]
#[command(
    name = "goleash",
    version,
    about = "Finds goroutines that never end",
    long_about = "Finds goroutines that never end.\n\ngoleash reads Go source and asks of every goroutine: how does it end? Where the answer \
                  is \"maybe never\", it shows where the goroutine waits, why nothing wakes it, and how to fix it. It needs no Go \
                  toolchain and no build.",
    after_help = EXAMPLES,
    args_conflicts_with_subcommands = true
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    check: check::CheckArgs,
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
struct Common {
    /// When to use colours
    #[arg(long, value_enum, value_name = "WHEN", default_value_t, global = true)]
    color: terminal::Color,
}

#[derive(Subcommand)]
enum Command {
    /// Check Go code; the default when no command is given
    #[command(after_help = EXAMPLES)]
    Check(check::CheckArgs),
    /// Record today's findings, so that only new ones are shown
    Baseline(baseline::BaselineArgs),
    /// Explain what a rule finds, why it matters and how to fix it
    Explain(explain::ExplainArgs),
    /// Write a goleash.toml that shows what can be configured
    Init(init::InitArgs),
    /// Post the findings on a pull request, on the lines that it changes
    Review(review::ReviewArgs),
    /// Check, and check again after every change, until interrupted
    Watch(watch::WatchArgs),
    /// Run a language server for editors, over standard input and output
    Lsp(lsp::LspArgs),
    /// List the rules
    Rules(rules::RulesArgs),
    /// Print a completion script for a shell
    Completions(generate::CompletionsArgs),
    /// Print the manual page, or write those of all commands
    Man(generate::ManArgs),
    /// Views into the analysis, for work on goleash itself
    #[command(subcommand, hide = true)]
    Debug(debug::DebugCommand),
}

/// To be called before [`main`] where the caller gave no standard output.
pub fn close_stdout() {
    output::close_stdout();
}

/// Runs one command line. The first argument is the program's name.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    match run(args) {
        Ok(verdict) => verdict.into(),
        Err(failure) => {
            complain(&failure);
            Verdict::Failed.into()
        }
    }
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Clean = 0,
    Findings = 1,
    Failed = 2,
}

impl From<Verdict> for ExitCode {
    fn from(verdict: Verdict) -> Self {
        Self::from(verdict as u8)
    }
}

fn run(args: impl IntoIterator<Item = OsString>) -> Result<Verdict, Failure> {
    let cli = match Cli::try_parse_from(command_first(args.into_iter().collect())) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let color = cli.common.color;
    match cli.command {
        None => check::run(&cli.check, color),
        Some(Command::Check(args)) => check::run(&args, color),
        Some(Command::Baseline(args)) => baseline::run(&args),
        Some(Command::Explain(args)) => explain::run(&args, color),
        Some(Command::Init(args)) => init::run(&args),
        Some(Command::Review(args)) => review::run(&args),
        Some(Command::Watch(args)) => watch::run(args, color),
        Some(Command::Lsp(args)) => lsp::run(&args),
        Some(Command::Rules(args)) => rules::run(&args, color),
        Some(Command::Completions(args)) => generate::completions(&args),
        Some(Command::Man(args)) => generate::man(&args),
        Some(Command::Debug(command)) => debug::run(&command),
    }
}

/// Moves the command before the options that stand before it: `goleash --format json check .` is as clear as the other order, and clap
/// would take `check` for a path.
fn command_first(mut args: Vec<OsString>) -> Vec<OsString> {
    let cli = Cli::command();
    let mut at = 1;
    while let Some(arg) = args.get(at).and_then(|arg| arg.to_str()) {
        if cli.find_subcommand(arg).is_some() {
            args[1..=at].rotate_right(1);
            break;
        }
        let option = cli.get_arguments().find(|known| {
            known.get_long().is_some_and(|long| arg.strip_prefix("--") == Some(long))
                || known.get_short().is_some_and(|short| arg.strip_prefix('-') == Some(short.encode_utf8(&mut [0; 4])))
        });
        match option {
            Some(option) if option.get_action().takes_values() => at += 2,
            _ if arg.len() > 1 && arg != "--" && arg.starts_with('-') => at += 1,
            _ => break,
        }
    }
    args
}

/// The option of `check` that somebody gave to `watch`, which changes no files.
fn mends_while_watching(error: &clap::Error) -> Option<String> {
    use clap::error::{ContextKind, ContextValue};
    let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg) else { return None };
    let watching = error.get(ContextKind::Usage).is_some_and(|usage| usage.to_string().contains("goleash watch"));
    (watching && ["--fix", "--diff", "--unsafe"].contains(&option.as_str())).then(|| option.clone())
}

/// Prints clap's answer: help and version are output like any other, the rest is a complaint.
fn usage(error: &clap::Error) -> Result<Verdict, Failure> {
    if let Some(option) = mends_while_watching(error) {
        return Err(Failure::WatchAndFix { option });
    }
    if let Some(failure) = foreign::option(error) {
        return Err(failure);
    }
    let text = error.render();
    if error.use_stderr() {
        let bare = text.to_string();
        // What was typed is quoted, and clap quotes it as it is.
        let color = terminal::Color::Auto.on_stderr() && !is_harmful(&bare);
        let text = if color { text.ansi().to_string() } else { plain_text(&bare) };
        // Nobody is left to tell if standard error is gone.
        let _ = std::io::stderr().write_all(text.as_bytes());
        return Ok(Verdict::Failed);
    }
    let color = terminal::Color::Auto.on_stdout();
    let text = if color { text.ansi().to_string() } else { text.to_string() };
    output::stdout(|out| out.write_all(text.as_bytes()))?;
    Ok(Verdict::Clean)
}

fn complain(failure: &Failure) {
    // Paths and what other programs said are quoted in it.
    let mut text = format!("error: {}\n", plain_text(&failure.to_string()));
    if let Some(at) = failure.at() {
        text.push_str(&crate::report::excerpt(at, terminal::look_of_errors()));
    }
    if let Some(advice) = failure.advice() {
        text.push_str(&format!("  help: {}\n", plain_text(&advice)));
    }
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// The card of a rule, or a complaint that names the nearest one.
fn rule(id: &str) -> Result<&'static crate::lint::Meta, Failure> {
    let metas = crate::rules::metas();
    metas.iter().find(|meta| meta.id == id).copied().ok_or_else(|| Failure::UnknownRule {
        id: id.to_owned(),
        nearest: nearest(id, metas.iter().map(|meta| meta.id)).map(str::to_owned),
    })
}

/// Checks that a path can be read before the pipeline starts: what was asked for by name is not passed over.
fn existing(path: &std::path::Path) -> Result<PathBuf, Failure> {
    let text = path.to_string_lossy();
    let folder = match text.strip_suffix("...") {
        Some("") => ".",
        Some(folder) if folder.ends_with(['/', '\\']) => folder,
        _ => &text,
    };
    // Only names without odd bytes can end in dots of ours; others are taken as they are.
    let real = if *folder == *text { path } else { std::path::Path::new(folder) };
    match readable(real) {
        // What was asked for by name is not passed over.
        Ok(()) if real.is_file() && real.extension().is_none_or(|ext| ext != "go") => {
            Err(Failure::NotGo { path: text.into_owned() })
        }
        Ok(()) => Ok(path.to_owned()),
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => {
            // A name with a dot or a slash was meant as a path.
            let word = Some(&*text).filter(|text| !text.contains(['.', '/', '\\']));
            let near = |word| foreign::command(word).or_else(|| nearest(word, COMMANDS));
            let command = word.and_then(near).map(str::to_owned);
            Err(Failure::NoSuchPath { path: text.into_owned(), command })
        }
        Err(source) => Err(Failure::Read { path: text.into_owned(), source }),
    }
}

/// Nothing but folders and files is opened: a pipe would wait for a writer.
fn readable(path: &std::path::Path) -> std::io::Result<()> {
    match path.metadata()? {
        meta if meta.is_dir() => path.read_dir().map(|_| ()),
        meta if meta.is_file() => std::fs::File::open(path).map(|_| ()),
        _ => Err(std::io::Error::other("neither a file nor a folder")),
    }
}
