//! Messages as they come over a pipe: a header with a length, then JSON.
//!
//! What cannot be read is answered as JSON-RPC asks, and what follows it is read again: an editor, or what stands between it and the server,
//! may have one bad message, and its user still wants to be served.

use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};
use std::io::{self, BufRead, Read as _, Write};

/// A longer message is refused. The longest that editors have reason to send is a file with its escapes.
const MAX_BYTES: u64 = 64 << 20;

/// A longer line of a header is none.
const MAX_LINE: usize = 4096;

const LENGTH: &[u8] = b"content-length:";

/// What came.
#[derive(Debug)]
pub(crate) enum Heard {
    /// A message.
    Message(Message),
    /// None that could be understood.
    Bad(Complaint),
}

/// The answer to what is no message.
#[derive(Debug)]
pub(crate) struct Complaint {
    /// That of the request, or nothing where it cannot be told.
    id: Value,
    code: ErrorCode,
    message: String,
}

/// What goes out.
#[derive(Debug)]
pub(crate) enum Said {
    /// A message.
    Message(Message),
    /// An answer to what was none.
    Complaint(Complaint),
}

impl Said {
    pub(crate) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Message(message) => message.write(out),
            Self::Complaint(Complaint { id, code, message }) => {
                let error = json!({ "code": *code as i32, "message": message });
                let text = json!({ "jsonrpc": "2.0", "id": id, "error": error }).to_string();
                write!(out, "Content-Length: {}\r\n\r\n{text}", text.len())?;
                out.flush()
            }
        }
    }
}

/// A stream of messages.
pub(crate) struct Wire<R> {
    input: R,
    /// Whether it is not known where the next message begins.
    lost: bool,
    /// A line that was read and is to be read again.
    line: Option<Vec<u8>>,
}

/// What a header says.
enum Header {
    Length(u64),
    Bad(String),
    End,
}

impl<R: BufRead> Wire<R> {
    pub(crate) fn new(input: R) -> Self {
        Self { input, lost: false, line: None }
    }

    /// The next message, or the next thing that is none. `None` at the end.
    ///
    /// # Errors
    /// When the stream cannot be read.
    pub(crate) fn next(&mut self) -> io::Result<Option<Heard>> {
        let length = match self.header()? {
            Header::End => return Ok(None),
            Header::Length(length) if length <= MAX_BYTES => length,
            Header::Length(length) => {
                // Whether that much will come nobody knows; the next header is looked for instead.
                self.lost = true;
                let message = format!("a message of {length} bytes is too long, {MAX_BYTES} is the limit");
                return Ok(Some(bad(Value::Null, ErrorCode::InvalidRequest, message)));
            }
            Header::Bad(message) => {
                self.lost = true;
                return Ok(Some(bad(Value::Null, ErrorCode::ParseError, message)));
            }
        };
        let mut body = Vec::new();
        // Grows with what comes and not with what is announced.
        self.input.by_ref().take(length).read_to_end(&mut body)?;
        Ok(if (body.len() as u64) < length { None } else { Some(understood(&body)) })
    }

    fn header(&mut self) -> io::Result<Header> {
        let mut length = None;
        loop {
            let line = match self.line.take() {
                Some(line) => line,
                None => match self.line()? {
                    // A line without an end is the rest of a stream that was cut: no message comes any more.
                    Some(line) if !line.ends_with(b"\n") => return Ok(Header::End),
                    Some(line) => line,
                    None => return Ok(Header::End),
                },
            };
            let text = line.trim_ascii();
            if self.lost {
                // No message has a bare line end in a text, so a line that ends in a length is the line of a header.
                let Some(found) = text.windows(LENGTH.len()).rposition(|at| at.eq_ignore_ascii_case(LENGTH)) else { continue };
                let Some(number) = number(&text[found + LENGTH.len()..]) else { continue };
                self.lost = false;
                length = Some(number);
            } else if text.is_empty() {
                match length {
                    Some(length) => return Ok(Header::Length(length)),
                    None => continue,
                }
            } else if text.len() >= LENGTH.len() && text[..LENGTH.len()].eq_ignore_ascii_case(LENGTH) {
                match number(&text[LENGTH.len()..]) {
                    Some(number) => length = Some(number),
                    None => return Ok(Header::Bad("the length of a message is not a number".to_owned())),
                }
            } else if line.len() >= MAX_LINE || !is_field(text) {
                // The header that is looked for now may begin in this line.
                self.line = Some(line);
                return Ok(Header::Bad("not the header of a message".to_owned()));
            }
        }
    }

    /// The next line with its end, or the last part of it if it is long.
    fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        loop {
            let read = self.input.by_ref().take(MAX_LINE as u64).read_until(b'\n', &mut line)?;
            if read == 0 || line.ends_with(b"\n") {
                return Ok(if line.is_empty() { None } else { Some(line) });
            }
            if line.len() > 2 * MAX_LINE {
                line.drain(..line.len() - MAX_LINE);
            }
        }
    }
}

/// Whether a line is one of a header: a name, a colon, anything.
fn is_field(text: &[u8]) -> bool {
    let name = text.iter().position(|byte| *byte == b':').map(|at| &text[..at]);
    name.is_some_and(|name| !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-'))
}

/// The number in the rest of a line. One that is too large for any message is the largest.
fn number(text: &[u8]) -> Option<u64> {
    let text = str::from_utf8(text).ok()?.trim();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

fn bad(id: Value, code: ErrorCode, message: impl Into<String>) -> Heard {
    Heard::Bad(Complaint { id, code, message: message.into() })
}

/// The message in a body.
fn understood(body: &[u8]) -> Heard {
    let message = match serde_json::from_slice(body) {
        Ok(Value::Object(message)) => message,
        // The protocol has no batches.
        Ok(_) => return bad(Value::Null, ErrorCode::InvalidRequest, "a message is an object"),
        Err(error) => return bad(Value::Null, ErrorCode::ParseError, format!("not JSON: {error}")),
    };
    let id = message.get("id").cloned();
    // Only these can be those of a request.
    let shown = id.clone().filter(|id| id.is_string() || id.is_number()).unwrap_or_default();
    let params = |mut message: serde_json::Map<String, Value>| message.remove("params").unwrap_or_default();
    match (message.get("method"), id) {
        (Some(Value::String(method)), None) => {
            let method = method.clone();
            Heard::Message(Notification { method, params: params(message) }.into())
        }
        (Some(Value::String(method)), Some(id)) => match serde_json::from_value::<RequestId>(id) {
            Ok(id) => {
                let method = method.clone();
                Heard::Message(Request { id, method, params: params(message) }.into())
            }
            Err(_) => bad(shown, ErrorCode::InvalidRequest, "the id of a request is a text or a number of 32 bits"),
        },
        (Some(_), _) => bad(shown, ErrorCode::InvalidRequest, "the method of a message is a text"),
        (None, id) if message.contains_key("result") || message.contains_key("error") => {
            let id = id.and_then(|id| serde_json::from_value(id).ok()).unwrap_or_else(|| RequestId::from(0));
            // Nothing that was asked waits for what an answer says.
            Heard::Message(Response { id, response_result: Ok(Value::Null) }.into())
        }
        (None, _) => bad(shown, ErrorCode::InvalidRequest, "a message has a method or answers a request"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Method or code of all that is heard.
    fn heard(input: &[u8]) -> Vec<String> {
        let mut wire = Wire::new(io::BufReader::with_capacity(16, input));
        let mut out = Vec::new();
        while let Some(heard) = wire.next().unwrap() {
            out.push(match heard {
                Heard::Message(Message::Notification(notice)) => notice.method,
                Heard::Message(Message::Request(request)) => format!("{} {}", request.id, request.method),
                Heard::Message(Message::Response(response)) => format!("{} answered", response.id),
                Heard::Bad(complaint) => format!("{} {}", complaint.id, complaint.code as i32),
            });
        }
        out
    }

    fn framed(body: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }

    const NEXT: &str = r#"{"method":"next"}"#;

    #[test]
    fn bodies() {
        for (body, expected) in [
            (NEXT.to_owned(), "next"),
            (r#"{"id":1,"method":"a","params":{}}"#.to_owned(), "1 a"),
            (r#"{"id":"x","method":"a"}"#.to_owned(), "\"x\" a"),
            (r#"{"id":7,"result":null}"#.to_owned(), "7 answered"),
            (r#"{"id":null,"error":{"code":1,"message":"?"}}"#.to_owned(), "0 answered"),
            ("[]".to_owned(), "null -32600"),
            ("3".to_owned(), "null -32600"),
            ("{}".to_owned(), "null -32600"),
            (r#"{"id":4}"#.to_owned(), "4 -32600"),
            (r#"{"id":4,"method":3}"#.to_owned(), "4 -32600"),
            (r#"{"id":[],"method":"a"}"#.to_owned(), "null -32600"),
            (r#"{"id":null,"method":"a"}"#.to_owned(), "null -32600"),
            (r#"{"id":5000000000,"method":"a"}"#.to_owned(), "5000000000 -32600"),
            (String::new(), "null -32700"),
            ("{".to_owned(), "null -32700"),
            (format!("{}{}", "[".repeat(128), "]".repeat(128)), "null -32700"),
            (format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)), "null -32700"),
        ] {
            assert_eq!(heard(format!("{}{}", framed(&body), framed(NEXT)).as_bytes()), [expected, "next"], "{body:.100}");
        }
        assert_eq!(heard(&[b"Content-Length: 2\r\n\r\n\xff\xfe", framed(NEXT).as_bytes()].concat()), ["null -32700", "next"]);
    }

    #[test]
    fn headers() {
        let next = framed(NEXT);
        for (before, expected) in [
            ("", None),
            ("Content-Type: application/vscode-jsonrpc; charset=utf-8\r\n", None),
            ("\r\n\r\n", None),
            ("Content-Length: 18446744073709551615\r\n\r\n{}", Some("null -32600")),
            ("Content-Length: 99999999999999999999999\r\n\r\n{}", Some("null -32600")),
            ("Content-Length: 3000000000\r\nContent-Type: x\r\n\r\n{\"text\":\"Content-Length: 9\"}", Some("null -32600")),
            ("Content-Length: -1\r\n\r\n{}", Some("null -32700")),
            ("Content-Length: \r\n\r\n{}", Some("null -32700")),
            ("Content-Length: x\r\n\r\n{}\r\n", Some("null -32700")),
            ("garbage\r\n\r\n", Some("null -32700")),
            ("{\"method\":\"bare\"}\n", Some("null -32700")),
            ("{}", Some("null -32700")),
            (&"x".repeat(100_000), Some("null -32700")),
            (&format!("{}\r\n", "x: y".repeat(100_000)), Some("null -32700")),
        ] {
            let expected: Vec<&str> = expected.into_iter().chain(["next"]).collect();
            assert_eq!(heard(format!("{before}{next}").as_bytes()), expected, "{before:.100}");
        }
        assert_eq!(heard(next.to_lowercase().replace("\r\n", "\n").as_bytes()), ["next"]);
        for cut in 0..next.len() {
            assert_eq!(heard(&next.as_bytes()[..cut]), [""; 0]);
        }
    }
}
