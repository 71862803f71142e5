//! Guesses at what was meant by a word that nobody knows.

/// The nearest of `known` to what was typed, if it is near at all.
pub(crate) fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = known.into_iter().map(|word| (strsim::jaro_winkler(typed, word), word));
    near.filter(|(similarity, _)| *similarity > 0.8).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, word)| word)
}
