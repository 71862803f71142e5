//! Stub.
pub fn serve() -> Result<(), String> {
    Ok(())
}
