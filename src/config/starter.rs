//! What `goleash init` writes.

/// A `goleash.toml` that changes nothing and shows everything.
pub const STARTER: &str = include_str!("starter.toml");

#[cfg(test)]
mod tests {
    use super::STARTER;
    use std::path::Path;

    #[test]
    fn what_the_comments_show_can_be_said() {
        // Examples are comments without a blank after the sign.
        let line = |line: &str| {
            line.strip_prefix('#').filter(|l| !l.starts_with([' ', ':']) && !l.is_empty()).unwrap_or(line).to_owned()
        };
        let text: String = STARTER.lines().map(|l| line(l) + "\n").collect();
        let settings = super::super::parse(&text, Path::new("goleash.toml"), "goleash.toml").unwrap();
        assert!(settings.tests && settings.baseline.is_some() && !settings.exclude.is_empty(), "{text}");
        assert_ne!(text, STARTER);
        let settings = super::super::parse(STARTER, Path::new("goleash.toml"), "goleash.toml").unwrap();
        assert!(!settings.tests && settings.level.is_none());
    }
}
