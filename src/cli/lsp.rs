//! `goleash lsp`.

use super::Verdict;
use super::failure::Failure;

#[derive(clap::Args)]
pub(super) struct LspArgs {
    /// Use standard input and output, as it does without this option
    #[arg(long)]
    stdio: bool,
}

pub(super) fn run(args: &LspArgs) -> Result<Verdict, Failure> {
    // Some editors name the way to speak, and there is just one.
    let LspArgs { stdio: _ } = args;
    super::output::has_stdout()?;
    match crate::lsp::serve() {
        Ok(true) => Ok(Verdict::Clean),
        // The protocol asks for 1 where `exit` comes without `shutdown`.
        Ok(false) => Ok(Verdict::Findings),
        Err(error) => Err(Failure::Server(error.to_string())),
    }
}
