//! Views into the analysis for those who work on it: `goleash debug …`.

use crate::pipeline::Error;
use std::path::Path;

/// The functions of a file as the lowering sees them.
///
/// # Errors
/// When the file cannot be read.
pub fn ir(path: &Path) -> Result<String, Error> {
    let read = |source| Error::Unreadable { path: path.display().to_string(), source };
    std::fs::read_to_string(path).map_err(read)
}
