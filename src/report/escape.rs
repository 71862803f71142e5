//! Text from outside as nothing but text, in Markdown and in HTML.
//!
//! Messages quote the code under analysis, which its author controls: outside of code spans nothing of it may be taken for markup, a mention or a
//! link.

use super::visible;
use std::fmt::Write as _;

/// A text from the code as nothing but text; code spans stay code.
pub(crate) fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(at) = rest.find('`') {
        let run = rest[at..].len() - rest[at..].trim_start_matches('`').len();
        let (before, tail) = rest.split_at(at);
        out.push_str(&escaped(before));
        let (ticks, tail) = tail.split_at(run);
        let Some(end) = closing(tail, run) else {
            out.push_str(&escaped(ticks));
            rest = tail;
            continue;
        };
        // A line's end would end a list, and with it the span.
        out.push_str(&[ticks, &visible::line(&tail[..end]), ticks].concat());
        rest = &tail[end + run..];
    }
    out.push_str(&escaped(rest));
    out
}

/// Where the next run of exactly so many backticks begins.
fn closing(text: &str, run: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(next) = text[at..].find('`') {
        let start = at + next;
        let length = text[start..].len() - text[start..].trim_start_matches('`').len();
        if length == run {
            return Some(start);
        }
        at = start + length;
    }
    None
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible::line(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            // No one is to be called, and no issue linked, by a name in the code.
            '@' => out.push_str("&#64;"),
            '#' => out.push_str("&#35;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '|' | '!' | '$' => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
    out
}

/// The length of the longest run of a character: a fence or a code span has to be longer.
pub(crate) fn longest_run(text: &str, of: char) -> usize {
    text.split(|c| c != of).map(str::len).max().unwrap_or(0)
}

/// A text from the code as one code span of Markdown.
pub(crate) fn code(text: &str) -> String {
    let text = visible::line(text);
    let ticks = "`".repeat(longest_run(&text, '`') + 1);
    // A span that begins or ends with a backtick needs a space there, which is not shown.
    let pad = if text.starts_with('`') || text.ends_with('`') || text.is_empty() { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// A text for HTML, in an element or an attribute.
pub(crate) fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Within Markdown, as above.
            '@' => out.push_str("&#64;"),
            '#' => out.push_str("&#35;"),
            '\t' => out.push(c),
            '\n' | '\r' => out.push(' '),
            _ if visible::harmful(c) => out.extend(c.escape_unicode()),
            _ => out.push(c),
        }
    }
    out
}

/// A message for HTML: code spans become elements.
pub(crate) fn html_with_code(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 32);
    let mut parts = text.split('`').peekable();
    let mut code = false;
    while let Some(part) = parts.next() {
        // The last backtick of an odd number opens nothing.
        if code && parts.peek().is_some() {
            let _ = write!(out, "<code>{}</code>", html(part));
        } else if code {
            let _ = write!(out, "`{}", html(part));
        } else {
            out.push_str(&html(part));
        }
        code = !code;
    }
    out
}

/// A path as the target of a link: all but unreserved characters and `/` escaped, so that nothing of it is a scheme.
pub(crate) fn link(path: &str) -> String {
    let mut out = String::with_capacity(path.len() + 8);
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_cannot_speak() {
        assert_eq!(markdown("ask @all about <b> in `x <- @y`"), "ask &#64;all about &lt;b> in `x <- @y`");
        assert_eq!(markdown("a `raw ``b`` @c` d"), "a `raw ``b`` @c` d");
        assert_eq!(markdown("open ` @c"), "open \\` &#64;c");
        assert_eq!(markdown("``a` <!-- goleash:fingerprint:x -->"), "\\`\\`a\\` &lt;\\!-- goleash:fingerprint:x -->");
        assert_eq!(markdown("`a\n\n@b`"), "`a  @b`");
        assert_eq!(markdown("a\u{202e}b `c\u{200b}\u{9b}`"), "a\\\\u{202e}b `c\\u{200b}\\u{9b}`");
        assert_eq!(markdown("[x](y) f[int] *p _q_"), "\\[x\\](y) f\\[int\\] \\*p \\_q\\_");
    }

    #[test]
    fn spans_are_longer_than_what_is_in_them() {
        assert_eq!(code("x <- y"), "`x <- y`");
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`a`\n"), "`` `a`  ``");
        assert_eq!(longest_run("a```b`", '`'), 3);
    }

    #[test]
    fn html_is_text() {
        assert_eq!(html("<b a='x'>&\u{1b}\u{202e}"), "&lt;b a=&#39;x&#39;&gt;&amp;\\u{1b}\\u{202e}");
        assert_eq!(html_with_code("wait for `x <- y` or `z"), "wait for <code>x &lt;- y</code> or `z");
    }

    #[test]
    fn paths_are_no_schemes() {
        assert_eq!(link("odd dir/a(b):1.go"), "odd%20dir/a%28b%29%3A1.go");
        assert_eq!(link("javascript:x.go"), "javascript%3Ax.go");
    }
}
