//! `goleash init`.

use super::failure::Failure;
use super::{Verdict, output};
use crate::config::{FILE_NAME, STARTER};
use crate::report::plain;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct InitArgs {
    /// The folder to write it into [default: the current folder]
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,

    /// Overwrite an existing file
    #[arg(long)]
    force: bool,
}

pub(super) fn run(args: &InitArgs) -> Result<Verdict, Failure> {
    let path = args.folder.as_ref().map_or_else(|| PathBuf::from(FILE_NAME), |folder| folder.join(FILE_NAME));
    // What it points to is not what was asked for, and may lie anywhere.
    if path.is_symlink() {
        return Err(Failure::Link { path: path.display().to_string() });
    }
    if !args.force && path.symlink_metadata().is_ok() {
        return Err(Failure::Exists { path: path.display().to_string() });
    }
    output::file(&path, |out| out.write_all(STARTER.as_bytes()))?;
    let shown = plain(&path.display().to_string());
    output::stdout(|out| writeln!(out, "Wrote {shown}; everything in it is commented out."))?;
    Ok(Verdict::Clean)
}
