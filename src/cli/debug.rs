//! `goleash debug …`: views for work on goleash itself; their form may change at any time.

use super::failure::Failure;
use super::{Verdict, output};
use std::path::PathBuf;

#[derive(clap::Subcommand)]
pub(super) enum DebugCommand {
    /// Print the functions of a file as the analysis sees them
    Ir {
        /// A Go file
        file: PathBuf,
    },
}

pub(super) fn run(command: &DebugCommand) -> Result<Verdict, Failure> {
    let DebugCommand::Ir { file } = command;
    let text = crate::debug::ir(&super::existing(file)?)?;
    output::stdout(|out| out.write_all(text.as_bytes()))?;
    Ok(Verdict::Clean)
}
