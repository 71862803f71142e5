//! `goleash explain RULE`.

use super::failure::Failure;
use super::{Verdict, output, terminal};
use crate::report::markdown::{self, Page};
use std::io::IsTerminal as _;

#[derive(clap::Args)]
pub(super) struct ExplainArgs {
    /// Id of the rule
    rule: String,
}

pub(super) fn run(args: &ExplainArgs, color: terminal::Color) -> Result<Verdict, Failure> {
    let meta = super::rule(&args.rule)?;
    let color = color.on_stdout();
    let text = if color || std::io::stdout().is_terminal() {
        markdown::render(meta.docs, Page { width: Some(terminal::width(90)), color })
    } else {
        // Into a pipe goes the document itself, for whatever renders it there.
        meta.docs.to_owned()
    };
    output::stdout(|out| out.write_all(text.as_bytes()))?;
    Ok(Verdict::Clean)
}
