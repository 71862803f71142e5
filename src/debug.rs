//! Views into the analysis for those who work on it: `goleash debug …`.

use crate::models::Models;
use crate::old::program::Package;
use crate::pipeline::Error;
use crate::source::{Scanner, load_text};
use std::fmt::Write as _;
use std::path::Path;

/// The functions of a file as lowering leaves them, each with the verifier's word where it objects.
///
/// # Errors
/// When the file cannot be read.
pub fn ir(path: &Path) -> Result<String, Error> {
    let display = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|source| Error::Unreadable { path: display.clone(), source })?;
    let (source, _) = load_text(&display, bytes, &Scanner::new(&[]));
    let package = Package::new(source, Models::embedded());
    let mut out = String::new();
    for decl in package.decls() {
        let Some(body) = package.body(decl) else { continue };
        out.push_str(&crate::old::ir::print(body));
        if let Err(defect) = crate::old::ir::verify(body) {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "  DEFECT {defect}");
        }
    }
    Ok(out)
}
