//! What the terminal can show, and what the user wants it to.

use crate::report::Look;
use std::io::{IsTerminal, stderr, stdout};

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always, into pipes and files too
    Always,
    /// Never
    Never,
}

impl Color {
    pub(super) fn on_stdout(self) -> bool {
        self.wanted(stdout().is_terminal())
    }

    pub(super) fn on_stderr(self) -> bool {
        self.wanted(stderr().is_terminal())
    }

    pub(super) fn in_file(self) -> bool {
        self == Self::Always
    }

    fn wanted(self, terminal: bool) -> bool {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto if set("NO_COLOR").is_some() => false,
            Self::Auto if set("CLICOLOR_FORCE").is_some_and(|v| v != "0") => true,
            Self::Auto => terminal && set("TERM").is_none_or(|t| t != "dumb") && set("CLICOLOR").is_none_or(|v| v != "0"),
        }
    }
}

/// How a report on standard output should look. What goes into a pipe does not depend on the terminal the pipe was started from.
pub(super) fn look(color: Color) -> Look {
    if !stdout().is_terminal() {
        return Look { color: color.on_stdout(), ..Look::default() };
    }
    Look {
        color: color.on_stdout(),
        unicode: supports_unicode::on(supports_unicode::Stream::Stdout),
        width: width(120),
        time: true,
    }
}

/// How an excerpt in a complaint should look.
pub(super) fn look_of_errors() -> Look {
    let terminal = stderr().is_terminal();
    let unicode = terminal && supports_unicode::on(supports_unicode::Stream::Stderr);
    Look { color: Color::Auto.on_stderr(), unicode, ..Look::default() }
}

/// Columns of the terminal, within reason.
pub(super) fn width(most: usize) -> usize {
    terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0)).clamp(40, most)
}
