//! Where results go: standard output, or a file that is either whole or not there.

use super::failure::Failure;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Set where the caller gave no standard output.
static CLOSED: AtomicBool = AtomicBool::new(false);

pub(super) fn close_stdout() {
    CLOSED.store(true, Ordering::Relaxed);
}

/// Fails where there is no standard output: what cannot be read by anybody was asked for in vain.
pub(super) fn has_stdout() -> Result<(), Failure> {
    if CLOSED.load(Ordering::Relaxed) {
        let source = io::Error::other("it is closed");
        return Err(Failure::Write { target: "standard output".to_owned(), source });
    }
    Ok(())
}

/// Writes to standard output. A reader that has gone away has seen what it wanted, and that is no error; a full disk is one.
pub(super) fn stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    read_by_somebody(write).map(|_| ())
}

/// The same; `false` once nobody reads any more.
pub(super) fn read_by_somebody(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<bool, Failure> {
    has_stdout()?;
    let mut out = BufWriter::with_capacity(64 * 1024, io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            // What is still in the buffer has no reader; a flush on drop would only fail again.
            let _ = out.into_parts();
            Ok(false)
        }
        Err(source) => {
            let _ = out.into_parts();
            Err(Failure::Write { target: "standard output".to_owned(), source })
        }
        Ok(()) => Ok(true),
    }
}

/// Writes a file by way of a temporary one beside it, so that nobody ever reads half a report.
pub(super) fn file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    replace(path, write).map_err(|source| Failure::Write { target: path.display().to_string(), source })
}

fn replace(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    // A device or a pipe cannot be replaced; what a link points to can.
    let target: PathBuf = match path.metadata() {
        Ok(meta) if meta.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        Ok(meta) if !meta.is_file() => {
            let mut out = BufWriter::new(std::fs::OpenOptions::new().write(true).open(path)?);
            return write(&mut out).and_then(|()| out.flush());
        }
        Ok(_) => path.canonicalize()?,
        Err(_) => path.to_owned(),
    };
    let folder = target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".goleash-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As any new file: the user's umask decides who may read it.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut out = BufWriter::new(builder.tempfile_in(folder)?);
    write(&mut out)?;
    let temporary = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    temporary.persist(&target).map_err(|error| error.error)?;
    Ok(())
}
