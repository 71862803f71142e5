//! `goleash rules`.

use super::failure::Failure;
use super::{Verdict, output, terminal};
use crate::lint::{Level, Meta};
use owo_colors::Style;
use serde::Serialize;
use std::io::{self, Write};

#[derive(clap::Args)]
pub(super) struct RulesArgs {
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: ListFormat,
}

#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum ListFormat {
    /// A table
    #[default]
    Human,
    /// A JSON document
    Json,
}

#[derive(Serialize)]
struct Listing<'a> {
    /// Of this form, not of goleash.
    version: u32,
    tool: Tool,
    rules: Vec<Entry<'a>>,
}

/// What `goleash --version` prints.
#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Entry<'a> {
    id: &'a str,
    summary: &'a str,
    level: Level,
    cwe: &'a [u16],
    since: &'a str,
}

pub(super) fn run(args: &RulesArgs, color: terminal::Color) -> Result<Verdict, Failure> {
    let metas = crate::rules::metas();
    output::stdout(|out| match args.format {
        ListFormat::Human => table(&metas, color.on_stdout(), out),
        ListFormat::Json => json(&metas, out),
    })?;
    Ok(Verdict::Clean)
}

fn table(metas: &[&Meta], color: bool, out: &mut dyn Write) -> io::Result<()> {
    let widest = metas.iter().map(|meta| meta.id.len()).max().unwrap_or(0);
    let bold = if color { Style::new().bold() } else { Style::new() };
    for meta in metas {
        let id = format!("{:widest$}", meta.id);
        writeln!(out, "{}  {:7}  {}", bold.style(id), meta.level.as_str(), meta.summary)?;
    }
    writeln!(out, "\n`goleash explain RULE` prints the page of a rule.")
}

fn json(metas: &[&'static Meta], out: &mut dyn Write) -> io::Result<()> {
    let rules = metas.iter().map(|meta| entry(meta)).collect();
    let tool = Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") };
    serde_json::to_writer_pretty(&mut *out, &Listing { version: 1, tool, rules })?;
    writeln!(out)
}

fn entry(meta: &Meta) -> Entry<'_> {
    Entry { id: meta.id, summary: meta.summary, level: meta.level, cwe: meta.cwe, since: meta.since }
}
