//! The `goleash` binary: arguments in, exit code out.

use std::process::ExitCode;

/// Returning the code, instead of calling `process::exit`, lets everything on the stack end cleanly:
/// temporary files go, and the progress bar leaves the terminal as it was.
fn main() -> ExitCode {
    goleash::cli::main(std::env::args_os())
}
