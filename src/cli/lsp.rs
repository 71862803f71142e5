//! `goleash lsp`.

use super::Verdict;
use super::failure::Failure;

#[derive(clap::Args)]
pub(super) struct LspArgs {
    /// Speak over standard input and output, which is what it does anyway
    #[arg(long)]
    stdio: bool,
}

pub(super) fn run(args: &LspArgs) -> Result<Verdict, Failure> {
    // Editors name the way that they speak; there is one.
    let _ = args.stdio;
    crate::lsp::serve().map_err(|error| Failure::Server(error.to_string()))?;
    Ok(Verdict::Clean)
}
