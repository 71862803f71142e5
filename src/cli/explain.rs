//! `goleash explain RULE`, and `--all` of them.

use super::failure::Failure;
use super::{Verdict, output, terminal};
use crate::report::markdown::{self, Page};
use std::io::IsTerminal as _;

#[derive(clap::Args)]
pub(super) struct ExplainArgs {
    /// Id of the rule
    #[arg(required_unless_present = "all")]
    rule: Option<String>,

    /// All rules, one page after the other
    #[arg(long, conflicts_with = "rule")]
    all: bool,
}

pub(super) fn run(args: &ExplainArgs, color: terminal::Color) -> Result<Verdict, Failure> {
    let metas = match &args.rule {
        Some(rule) => vec![super::rule(rule)?],
        None => crate::rules::metas(),
    };
    let color = color.on_stdout();
    let page = |docs: &str| {
        if color || std::io::stdout().is_terminal() {
            markdown::render(docs, Page { width: Some(terminal::width(90)), color })
        } else {
            // Into a pipe goes the document itself, for whatever renders it there.
            docs.to_owned()
        }
    };
    let pages: Vec<String> = metas.iter().map(|meta| page(meta.docs)).collect();
    output::stdout(|out| out.write_all(pages.join("\n").as_bytes()))?;
    Ok(Verdict::Clean)
}
