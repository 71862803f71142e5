//! `goleash completions SHELL` and `goleash man`: what packagers put beside the binary.

use super::failure::Failure;
use super::{Cli, Verdict, output};
use clap::CommandFactory as _;
use clap_complete::Shell;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(clap::Args)]
pub(super) struct ManArgs {
    /// Write a page for each command into this folder, instead of the main page to standard output
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

pub(super) fn completions(args: &CompletionsArgs) -> Result<Verdict, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "goleash", &mut script);
    output::stdout(|out| out.write_all(&script))?;
    Ok(Verdict::Clean)
}

pub(super) fn man(args: &ManArgs) -> Result<Verdict, Failure> {
    match &args.folder {
        None => {
            let mut page = Vec::new();
            // A vector takes everything.
            let _ = clap_mangen::Man::new(Cli::command()).render(&mut page);
            output::stdout(|out| out.write_all(&page))?;
        }
        Some(folder) => {
            let fail = |source| Failure::Write { target: folder.display().to_string(), source };
            std::fs::create_dir_all(folder).map_err(fail)?;
            clap_mangen::generate_to(Cli::command(), folder).map_err(fail)?;
        }
    }
    Ok(Verdict::Clean)
}
