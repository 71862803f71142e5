//! Libraries whose source is often out of view, as Go code that does the same to waiting: it is checked and executed like any other.

/// The stand-ins, by import path.
const STUBS: &[(&str, &str)] = &[("golang.org/x/sync/errgroup", include_str!("errgroup.go"))];

/// The stand-in for a package, as Go source.
#[must_use]
pub fn package(path: &str) -> Option<&'static str> {
    STUBS.iter().find(|(known, _)| *known == path).map(|(_, text)| *text)
}

/// The standard library's declarations, and stand-ins for others.
#[must_use]
pub fn library(path: &str) -> Option<&'static str> {
    super::stdlib::package(path).or_else(|| package(path))
}
