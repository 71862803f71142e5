//! A checker for the Go type texts in models, so that a slip there is an error and not a silent miss.

/// Tells what is wrong with a type text, if anything.
///
/// Named types are written by full import path (`*net/http.Response`). A lone capital letter is a type parameter.
pub(super) fn check(text: &str) -> Result<(), String> {
    let mut parser = Parser { rest: text };
    parser.ty()?;
    if parser.rest.is_empty() { Ok(()) } else { Err(format!("`{}` is left over", parser.rest)) }
}

/// Tells what is wrong with a parameter's type text: as [`check`], and `...T` is allowed.
pub(super) fn check_param(text: &str) -> Result<(), String> {
    check(text.strip_prefix("...").unwrap_or(text))
}

/// Splits `net/http.Client` into import path and name.
pub(super) fn split(qualified: &str) -> Option<(&str, &str)> {
    let after_slash = qualified.rfind('/').map_or(0, |slash| slash + 1);
    let dot = after_slash + qualified[after_slash..].rfind('.')?;
    let (path, name) = (&qualified[..dot], &qualified[dot + 1..]);
    let named = name.chars().all(|c| c.is_alphanumeric() || c == '_');
    (named && !name.is_empty() && path.starts_with(char::is_alphanumeric)).then_some((path, name))
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn eat(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str) -> Result<(), String> {
        if self.eat(token) { Ok(()) } else { Err(format!("`{token}` is missing before `{}`", self.rest)) }
    }

    fn ty(&mut self) -> Result<(), String> {
        for prefix in ["*", "[]", "<-chan ", "chan<- ", "chan "] {
            if self.eat(prefix) {
                return self.ty();
            }
        }
        if self.eat("struct{}") || self.eat("interface{}") {
            return Ok(());
        }
        if self.eat("map[") {
            self.ty()?;
            self.expect("]")?;
            return self.ty();
        }
        if self.eat("func(") {
            self.list(")")?;
            return self.results();
        }
        if self.eat("[") {
            let digits = self.rest.len() - self.rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            self.rest = &self.rest[digits..];
            self.expect("]")?;
            return self.ty();
        }
        self.named()
    }

    /// What may follow the parameters of a `func` type: nothing, one type, or several in brackets.
    fn results(&mut self) -> Result<(), String> {
        if self.eat(" (") {
            self.list(")")
        } else if self.eat(" ") {
            self.ty()
        } else {
            Ok(())
        }
    }

    fn list(&mut self, end: &str) -> Result<(), String> {
        if self.eat(end) {
            return Ok(());
        }
        loop {
            self.eat("...");
            self.ty()?;
            if self.eat(end) {
                return Ok(());
            }
            self.expect(", ")?;
        }
    }

    fn named(&mut self) -> Result<(), String> {
        let end = self
            .rest
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '/' | '-' | '~')))
            .unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        let parameter = name.len() == 1 && name.chars().all(|c| c.is_ascii_uppercase());
        if split(name).is_none() && !parameter && !crate::old::ir::is_predeclared_type(name) {
            return Err(format!("`{name}` is neither predeclared nor written by its import path"));
        }
        if self.eat("[") { self.list("]") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::{check, check_param, split};

    #[test]
    fn accepts_the_shapes_that_go_has() {
        for text in [
            "error",
            "*net/http.Response",
            "<-chan time.Time",
            "chan<- os.Signal",
            "func(context.Context, ...any) (int, error)",
            "func() func()",
            "map[string][]string",
            "[16]byte",
            "sync/atomic.Pointer[T]",
            "iter.Seq2[K, V]",
            "gopkg.in/yaml.v3.Node",
            "chan struct{}",
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
        assert_eq!(check_param("...google.golang.org/grpc.CallOption"), Ok(()));
    }

    #[test]
    fn refuses_slips() {
        for text in ["", "Conn", "*", "net.Conn ", "func(", "map[string", "[]", "net.", ".Conn", "...int", "chan"] {
            assert!(check(text).is_err(), "{text}");
        }
    }

    #[test]
    fn splits_at_the_last_dot_of_the_last_element() {
        assert_eq!(split("gopkg.in/yaml.v3.Node"), Some(("gopkg.in/yaml.v3", "Node")));
        assert_eq!(split("time.Ticker"), Some(("time", "Ticker")));
        assert_eq!(split("Ticker"), None);
    }
}
