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
    /// Print what the new core makes of a folder
    Core {
        /// A folder or file
        path: PathBuf,
        /// Explore the functions whose names end so, `.` for all, instead of printing the normal form
        #[arg(long, value_name = "NAME")]
        explore: Option<String>,
    },
}

pub(super) fn run(command: &DebugCommand) -> Result<Verdict, Failure> {
    let text = match command {
        DebugCommand::Ir { file } => crate::debug::ir(&super::existing(file)?)?,
        DebugCommand::Core { path, explore } => crate::debug::core(&super::existing(path)?, explore.as_deref())?,
    };
    output::stdout(|out| out.write_all(text.as_bytes()))?;
    Ok(Verdict::Clean)
}
