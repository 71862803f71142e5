//! One pass over the bytes of a file for the few tokens that any rule can start from.

/// A token found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Offset of the token's first byte.
    pub at: u32,
    /// Index into the tokens that the scanner was made with.
    pub token: u16,
}

/// Finds tokens.
#[derive(Debug)]
pub struct Scanner {
    tokens: Vec<&'static str>,
}

impl Scanner {
    /// A scanner for `tokens`.
    #[must_use]
    pub fn new(tokens: &[&'static str]) -> Self {
        Self { tokens: tokens.to_vec() }
    }

    /// All hits in `text`, in order.
    #[must_use]
    pub fn scan(&self, text: &str) -> Vec<Hit> {
        let mut hits = Vec::new();
        for (index, token) in self.tokens.iter().enumerate() {
            for at in memchr::memmem::find_iter(text.as_bytes(), token) {
                hits.push(Hit { at: u32::try_from(at).unwrap_or(u32::MAX), token: u16::try_from(index).unwrap_or(u16::MAX) });
            }
        }
        hits.sort_unstable();
        hits
    }
}
