//! One pass over the bytes of a file for the few tokens that any rule can start from.
//!
//! A token is spelled as formatted Go spells it: `"go "`, `".Go("`, `"NewTicker("`, `"time.Tick("`. Blanks and line ends that Go allows
//! around the dot and before the bracket are allowed here too. Comments and strings are not known to the scanner: a hit is a reason to
//! look, no more. It must only never miss.

use aho_corasick::{AhoCorasick, AhoCorasickKind, packed};

/// A token found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Offset of the token's first byte.
    pub at: u32,
    /// Index into the tokens that the scanner was made with.
    pub token: u16,
}

/// Names of fewer bytes are searched for together with the byte before them; needles of fewer bytes by themselves.
const SHORT: usize = 4;

/// Finds tokens.
///
/// What is searched for are the tokens' names, because a name has no blanks in it and two names in a text never overlap. Around each one found,
/// the tokens with that name are checked.
#[derive(Debug)]
pub struct Scanner {
    tokens: Vec<Token>,
    parts: Vec<Part>,
}

/// Some of the needles, and what finds them.
#[derive(Debug)]
struct Part {
    needles: Vec<Needle>,
    engine: Engine,
}

#[derive(Debug)]
enum Engine {
    /// Compares 16 or 32 places at once; takes few needles, and not on every machine.
    Packed(packed::Searcher),
    Automaton(AhoCorasick),
}

/// What is searched for: where the name begins in it, and the tokens whose name begins so.
#[derive(Debug)]
struct Needle {
    text: String,
    name_at: usize,
    tokens: Vec<u16>,
}

/// A token taken apart: `time` `.` `Tick` `(`.
#[derive(Debug)]
struct Token {
    /// What stands before the dot; empty for any operand. `None` without a dot.
    before_dot: Option<&'static str>,
    name: &'static str,
    /// Whether `(` follows, maybe after type arguments.
    call: bool,
    /// Whether this is the `go` keyword.
    go: bool,
}

impl Scanner {
    /// A scanner for `tokens`.
    #[must_use]
    pub fn new(tokens: &[&'static str]) -> Self {
        let tokens: Vec<_> = tokens.iter().map(|text| Token::new(text)).collect();
        let parts = parts(needles(&tokens));
        Self { tokens, parts }
    }

    /// [`Scanner::scan`], with the hits of one token left out and told by themselves: whether there are any.
    #[must_use]
    pub fn scan_beside(&self, text: &str, mark: &str) -> (Vec<Hit>, bool) {
        let mut hits = self.scan(text);
        let Some(mark) = self.tokens.iter().position(|t| t.name == mark && t.before_dot.is_none() && !t.call) else {
            return (hits, false);
        };
        let before = hits.len();
        hits.retain(|hit| usize::from(hit.token) != mark);
        let marked = hits.len() < before;
        (hits, marked)
    }

    /// All hits in `text`, in order.
    #[must_use]
    pub fn scan(&self, text: &str) -> Vec<Hit> {
        let mut hits = Vec::new();
        for part in &self.parts {
            match &part.engine {
                Engine::Packed(searcher) => searcher
                    .find_iter(text)
                    .for_each(|hit| self.check(text, &part.needles[hit.pattern().as_usize()], hit.start(), &mut hits)),
                Engine::Automaton(automaton) => automaton
                    .find_iter(text)
                    .for_each(|hit| self.check(text, &part.needles[hit.pattern().as_usize()], hit.start(), &mut hits)),
            }
        }
        hits.sort_unstable();
        hits
    }

    #[inline]
    fn check(&self, text: &str, needle: &Needle, start: usize, hits: &mut Vec<Hit>) {
        let name = start + needle.name_at;
        for &index in &needle.tokens {
            if let Some(at) = self.tokens[usize::from(index)].at(text, name) {
                hits.push(Hit { at: u32::try_from(at).unwrap_or(u32::MAX), token: index });
            }
        }
    }
}

impl Token {
    fn new(text: &'static str) -> Self {
        let call = text.ends_with('(');
        let body = text.trim_end_matches('(').trim();
        let (before_dot, name) = match body.rsplit_once('.') {
            Some((before, name)) => (Some(before), name),
            None => (None, body),
        };
        Self { before_dot, name, call, go: body == "go" && !call }
    }

    /// What stands before the name in a needle. Short names are everywhere inside longer ones, so the byte before them is searched for too.
    fn leads(&self) -> &'static [&'static str] {
        if self.go {
            // The comma is for `nolint:errcheck,goleash`: the longer name shares these needles.
            &["\t", " ", "\n", "\r", "{", ";", ":", "}", ")", "/", ","]
        } else if self.name.len() < SHORT && self.before_dot.is_some() {
            &[".", " ", "\t", "\n", "\r"]
        } else {
            &[""]
        }
    }

    /// Where the token begins, if it stands in `text` with its name at `name`.
    fn at(&self, text: &str, name: usize) -> Option<usize> {
        let bytes = text.as_bytes();
        let after = bytes.get(name..)?.strip_prefix(self.name.as_bytes())?;
        if after.first().is_some_and(|&byte| is_word(byte)) || ends_in_word(&text[..name]) {
            return None;
        }
        if self.go {
            let operand = after.first().is_some_and(|byte| b" \t\n\r([/*&<\"`'+-!^".contains(byte));
            return (operand && begins_statement(&bytes[..name])).then_some(name);
        }
        if self.call && !matches!(after.trim_ascii_start().first(), Some(b'(' | b'[' | b'/')) {
            return None;
        }
        let Some(before) = self.before_dot else { return Some(name) };
        let dot = bytes[..name].trim_ascii_end().len().checked_sub(1).filter(|&dot| bytes[dot] == b'.')?;
        if before.is_empty() {
            return Some(dot);
        }
        let start = bytes[..dot].trim_ascii_end().strip_suffix(before.as_bytes())?.len();
        (!ends_in_word(&text[..start])).then_some(start)
    }
}

/// One needle for each name; a name that begins with another shares its needle.
fn needles(tokens: &[Token]) -> Vec<Needle> {
    let mut needles: Vec<Needle> = Vec::new();
    let mut by_length: Vec<_> = (0_u16..).zip(tokens).filter(|(_, token)| !token.name.is_empty()).collect();
    by_length.sort_by_key(|(_, token)| token.name.len());
    for (index, token) in by_length {
        let mut shared = needles.iter_mut().filter(|needle| token.name.starts_with(&needle.text[needle.name_at..])).peekable();
        if shared.peek().is_some() {
            shared.for_each(|needle| needle.tokens.push(index));
        } else {
            let leads = token.leads();
            needles.extend(leads.iter().map(|lead| Needle {
                text: format!("{lead}{}", token.name),
                name_at: lead.len(),
                tokens: vec![index],
            }));
        }
    }
    needles
}

/// The packed searcher compares as many bytes as the shortest needle has, up to four, and gets slow with many needles: two passes, one for
/// the short ones, take half the time of one, and text is in the cache for the second.
fn parts(needles: Vec<Needle>) -> Vec<Part> {
    const AT_ONCE: usize = 48;
    let (mut short, mut long): (Vec<_>, Vec<_>) = needles.into_iter().partition(|needle| needle.text.len() < SHORT);
    let mut parts = Vec::new();
    while !short.is_empty() || !long.is_empty() {
        let from = if short.is_empty() { &mut long } else { &mut short };
        let needles: Vec<_> = from.drain(..from.len().min(AT_ONCE)).collect();
        parts.extend(engine(&needles).map(|engine| Part { needles, engine }));
    }
    parts
}

fn engine(needles: &[Needle]) -> Option<Engine> {
    let texts = || needles.iter().map(|needle| needle.text.as_bytes());
    let packed = packed::Config::new().only_teddy(true).builder().extend(texts()).build();
    if let Some(searcher) = packed {
        return Some(Engine::Packed(searcher));
    }
    // Building fails only for more needles than 32-bit numbers count.
    AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(texts()).ok().map(Engine::Automaton)
}

/// Whether a statement can begin after `before`: at the start of a line, or after what ends or opens one. Prose hardly ever fits.
fn begins_statement(before: &[u8]) -> bool {
    let end = before.iter().rposition(|byte| !matches!(byte, b' ' | b'\t' | b'\r')).map_or(0, |at| at + 1);
    let before = &before[..end];
    match before.last() {
        None | Some(b'\n' | b'{' | b';' | b':' | b'}' | b')') => true,
        Some(b'/') => before.ends_with(b"*/"),
        _ => false,
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn ends_in_word(text: &str) -> bool {
    match text.as_bytes().last() {
        Some(byte) if byte.is_ascii() => is_word(*byte),
        _ => text.chars().next_back().is_some_and(char::is_alphanumeric),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(tokens: &[&'static str], text: &str) -> Vec<(&'static str, u32)> {
        Scanner::new(tokens).scan(text).into_iter().map(|hit| (tokens[usize::from(hit.token)], hit.at)).collect()
    }

    fn go(text: &str) -> usize {
        hits(&["go "], text).len()
    }

    #[test]
    fn every_form_of_a_go_statement_is_found() {
        for text in [
            "{\n\tgo f()",
            "\ngo f()",
            "{ go f() }",
            "{go f()}",
            ";go f()",
            "case 1: go f()",
            "L:go f()",
            "}\r\n\tgo\tf()",
            "\tgo\n\t\tf()",
            "\tgo\r\nf()",
            "\tgo(f)()",
            "\tgo[]func(){f}[0]()",
            "\tgo/* now */f()",
            "\tgo func() {}()",
            "/* x */ go f()",
            "{go*p.f()}",
            "\tgo (*p).f()",
            "\tgo \"x\".f()",
            "go f()",
        ] {
            assert_eq!(go(&format!("package p\n{text}")), 1, "{text:?}");
        }
    }

    #[test]
    fn prose_and_names_are_no_go_statement() {
        for text in [
            "// to go to\n",
            "//go:build x\n",
            "\tgoto L\n",
            "// go there\n",
            "ago f()",
            "x.go f()",
            "\tgo.mod\n",
            "\tcargo build",
            "égo f()",
            "\tgo, f()",
            "\"go x\"",
        ] {
            assert_eq!(go(text), 0, "{text:?}");
        }
    }

    #[test]
    fn dotted_tokens_bear_blanks_and_line_ends() {
        let tokens = [".Go(", "time.Tick(", "http.Get(", "NewTicker(", ".Do("];
        assert_eq!(hits(&tokens, "wg.Go(f)"), [(".Go(", 2)]);
        assert_eq!(hits(&tokens, "g.\n\t\tGo(f)"), [(".Go(", 1)]);
        assert_eq!(hits(&tokens, "g . Go (f)"), [(".Go(", 2)]);
        assert_eq!(hits(&tokens, "g.Gone(f); Go(f); g.Go = f"), []);
        assert_eq!(hits(&tokens, "<-time.Tick(d) + mytime.Tick(d)"), [("time.Tick(", 2)]);
        assert_eq!(hits(&tokens, "http.\n\tGet(u)"), [("http.Get(", 0)]);
        assert_eq!(hits(&tokens, "xhttp.Get(u) + x.Get(u)"), []);
        assert_eq!(
            hits(&tokens, "time.NewTicker(d); NewTicker(d); MyNewTicker(d); NewTickers(d)"),
            [("NewTicker(", 5), ("NewTicker(", 19)]
        );
        assert_eq!(hits(&tokens, "c.Do[int](x)"), [(".Do(", 1)]);
    }

    #[test]
    fn a_name_that_begins_another_shares_its_needle() {
        let tokens = ["Tick(", "time.Ticker(", ".Tick(", "Ticker"];
        assert_eq!(hits(&tokens, "time.Tick(1)"), [(".Tick(", 4), ("Tick(", 5)]);
        assert_eq!(hits(&tokens, "time.Ticker(1)"), [("time.Ticker(", 0), ("Ticker", 5)]);
    }

    #[test]
    fn no_tokens_and_too_many_for_the_packed_searcher() {
        assert!(Scanner::new(&[]).scan("go f()").is_empty());
        let names: Vec<String> = (0..300).map(|n| format!("name{}x{n}(", n % 7)).collect();
        let tokens: Vec<&'static str> = names.into_iter().map(|name| &*name.leak()).collect();
        assert_eq!(hits(&tokens, "name1x8(name2x9("), [(tokens[8], 0), (tokens[9], 8)]);
    }
}
