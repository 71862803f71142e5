//! The `goleash` binary: arguments in, exit code out.

use std::process::ExitCode;

/// Half of the time goes into syntax trees and what is made of them, many small pieces that are soon gone: a tenth less time over a large
/// tree, a sixth less for a large package. Static binaries need it most, whose own allocator is made to be small.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Rust's runtime opens `/dev/null` in place of a standard output that is closed, before `main`, and a report would be lost without a word. So it
/// is looked at before that.
#[cfg(unix)]
static CLOSED: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);

#[cfg(unix)]
ctor::declarative::ctor! {
    #[ctor(unsafe)]
    fn look_at_stdout() {
        if rustix::io::fcntl_getfd(rustix::stdio::stdout()).is_err() {
            CLOSED.store(true, std::sync::atomic::Ordering::Relaxed);
        }
    }
}

/// Returning the code, instead of calling `process::exit`, lets everything on the stack end cleanly:
/// temporary files go, and the progress bar leaves the terminal as it was.
fn main() -> ExitCode {
    #[cfg(unix)]
    if CLOSED.load(std::sync::atomic::Ordering::Relaxed) {
        goleash::cli::close_stdout();
    }
    goleash::cli::main(std::env::args_os())
}
