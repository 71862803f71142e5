//! Whether a text may make a channel: a gate that is certain where it says no.

/// Whether `make` is called for anything that is not plainly a slice or map. Comments between count as unclear.
#[must_use]
pub fn may_make_channel(text: &str) -> bool {
    memchr::memmem::find_iter(text.as_bytes(), "make").any(|at| {
        let rest = text[at + "make".len()..].trim_start();
        match rest.strip_prefix('(') {
            Some(argument) => {
                let argument = argument.trim_start_matches(|c: char| c.is_whitespace() || c == '(');
                !argument.starts_with('[') && !argument.strip_prefix("map").is_some_and(|rest| rest.trim_start().starts_with('['))
            }
            // The predeclared function in parentheses, or a comment.
            None => rest.starts_with([')', '/']),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::may_make_channel;

    #[test]
    fn what_may_be_a_channel_is_never_denied() {
        for text in [
            "make(chan int)",
            "make (\n\tchan int)",
            "make(Requests, 4)",
            "(make)(chan int)",
            "make/**/(chan int)",
            "make((chan int))",
            "make(mapped)",
        ] {
            assert!(may_make_channel(text), "{text}");
        }
        for text in ["make([]chan int, 4)", "make( map[string]int)", "makeup(x)", "remake"] {
            assert!(!may_make_channel(text), "{text}");
        }
    }
}
