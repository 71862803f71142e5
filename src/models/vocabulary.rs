//! The words from which rule ignored-context guesses, for calls that nothing else is known of.

use serde::Deserialize;
use ustr::Ustr;

/// Words for calls whose code cannot be read and that no model names.
///
/// It is the only place where goleash takes a hint from a name, and the hint decides between a note and a warning, never whether
/// there is a finding at all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Vocabulary {
    /// Parts of a name that tell of another machine: `fetch`, `download`, `rpc` …
    pub remote_verbs: Vec<Ustr>,
    /// First parts of a name that tell of memory work whatever follows: `parse` in `parseRequest`.
    pub local_verbs: Vec<Ustr>,
    /// Last parts of a name that begins with `get` that tell of something held in memory: `handler` in `getRequestHandler`.
    pub held_nouns: Vec<Ustr>,
}

impl Vocabulary {
    /// Does the name tell of a call to another machine? `callDownstreamAPI` and `fetch_all` do, `parseRequest` does not.
    pub fn is_remote(&self, name: &str) -> bool {
        let mut remote = false;
        let mut get = false;
        let mut last = "";
        for (index, part) in (Parts { rest: name }).enumerate() {
            get |= index == 0 && part.eq_ignore_ascii_case("get");
            last = part;
            let is = |word: &Ustr| word.as_str().eq_ignore_ascii_case(part);
            if index == 0 && self.local_verbs.iter().any(is) {
                return false;
            }
            remote |= self.remote_verbs.iter().any(is);
        }
        remote && !(get && self.held_nouns.iter().any(|word| word.as_str().eq_ignore_ascii_case(last)))
    }

    /// Does the name tell of memory work whatever follows its first word? `parseRequest` does.
    pub fn is_local(&self, name: &str) -> bool {
        (Parts { rest: name })
            .next()
            .is_some_and(|first| self.local_verbs.iter().any(|word| word.as_str().eq_ignore_ascii_case(first)))
    }

    /// Adds the words of `other`.
    pub(super) fn add(&mut self, other: &Self) {
        self.remote_verbs.extend(&other.remote_verbs);
        self.local_verbs.extend(&other.local_verbs);
        self.held_nouns.extend(&other.held_nouns);
    }
}

/// The words of a Go name: `callHTTPServer_v2` is `call`, `HTTP`, `Server`, `v2`.
struct Parts<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Parts<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        self.rest = self.rest.trim_start_matches('_');
        let bytes = self.rest.as_bytes();
        let mut end = usize::from(!bytes.is_empty());
        while end < bytes.len() && bytes[end] != b'_' {
            let starts_word = bytes[end].is_ascii_uppercase()
                && (!bytes[end - 1].is_ascii_uppercase()
                    || bytes.get(end + 1).is_some_and(u8::is_ascii_lowercase) && !plural(&bytes[end + 1..]));
            if starts_word {
                break;
            }
            end += 1;
        }
        // Only ASCII bytes end a word after the first byte; a first byte that opens a longer character must not be cut off.
        while !self.rest.is_char_boundary(end) {
            end += 1;
        }
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }
}

/// Is the lower-case tail after an initialism only its plural `s`, as in `callAPIs`?
fn plural(tail: &[u8]) -> bool {
    tail.first() == Some(&b's') && tail.get(1).is_none_or(|next| !next.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::{Parts, Vocabulary};
    use ustr::ustr;

    #[test]
    fn cuts_names_at_words() {
        let cut = |rest| Parts { rest }.collect::<Vec<_>>().join(" ");
        assert_eq!(cut("callSlowDownstreamAPI"), "call Slow Downstream API");
        assert_eq!(cut("doHTTPRequest"), "do HTTP Request");
        assert_eq!(cut("_fetch_all_"), "fetch all");
        assert_eq!(cut("callAPIs"), "call APIs");
        assert_eq!(cut("überFetch"), "über Fetch");
        assert_eq!(cut("é"), "é");
        assert_eq!(cut(""), "");
    }

    #[test]
    fn a_local_verb_in_front_wins() {
        let words =
            Vocabulary { remote_verbs: vec![ustr("request")], local_verbs: vec![ustr("parse")], held_nouns: vec![ustr("id")] };
        assert!(words.is_remote("sendRequest"));
        assert!(!words.is_remote("parseRequest"));
        assert!(!words.is_remote("prequest"));
        assert!(!words.is_remote("getRequestID"));
        assert!(words.is_remote("getRequest"));
    }
}
