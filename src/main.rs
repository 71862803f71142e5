//! The `goleash` binary: arguments in, exit code out.

use std::process::ExitCode;

/// Half of the time goes into syntax trees and what is made of them, many small pieces that are soon gone: a tenth less time over a large
/// tree, a sixth less for a large package. Static binaries need it most, whose own allocator is made to be small.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Returning the code, instead of calling `process::exit`, lets everything on the stack end cleanly:
/// temporary files go, and the progress bar leaves the terminal as it was.
fn main() -> ExitCode {
    goleash::cli::main(std::env::args_os())
}
