//! What comes over the pipe is no message, or none at that time: it is answered, and what follows is served.

use crate::support::{self, PATIENCE};
use serde_json::{Value, json};
use std::io::{BufReader, Read as _, Write as _};
use std::process::{Command, Stdio};

fn framed(body: &str) -> Vec<u8> {
    format!("Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn message(body: &Value) -> Vec<u8> {
    framed(&body.to_string())
}

/// Id, and result or code, of all answers to an input; and how the server ended.
fn answers(input: &[u8]) -> (Vec<(Value, Value)>, Option<i32>) {
    let dir = support::folder(&[]);
    let mut server = assert_cmd::Command::from(support::binary(dir.path(), &["lsp"]));
    let output = server.write_stdin(input).timeout(PATIENCE).output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(err.is_empty(), "{err}");
    let mut out = BufReader::new(output.stdout.as_slice());
    let mut answers = Vec::new();
    loop {
        let mut header = Vec::new();
        while !header.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            if out.read(&mut byte).unwrap() == 0 {
                return (answers, output.status.code());
            }
            header.push(byte[0]);
        }
        let length = String::from_utf8(header).unwrap();
        let mut body = vec![0; length.trim().strip_prefix("Content-Length: ").unwrap().parse().unwrap()];
        out.read_exact(&mut body).unwrap();
        let said: Value = serde_json::from_slice(&body).unwrap();
        if said.get("method").is_none() {
            assert_eq!(said["jsonrpc"], "2.0");
            let answer = if said.get("error").is_some() { &said["error"]["code"] } else { &said["result"] };
            answers
                .push((said["id"].clone(), if answer.get("capabilities").is_some() { json!("hello") } else { answer.clone() }));
        }
    }
}

fn request(id: i32, method: &str) -> Vec<u8> {
    let params = if method == "initialize" { json!({ "capabilities": {} }) } else { Value::Null };
    message(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))
}

fn notice(method: &str) -> Vec<u8> {
    message(&json!({ "jsonrpc": "2.0", "method": method }))
}

#[test]
fn one_bad_message_ends_nothing() {
    let deep = format!("{{\"id\":1,\"method\":\"x\",\"params\":{}{}}}", "[".repeat(128), "]".repeat(128));
    let bad = [
        (framed("[]"), -32600),
        (framed(&deep), -32700),
        (framed("{"), -32700),
        (framed("\"text\""), -32600),
        (framed("{\"jsonrpc\":\"2.0\"}"), -32600),
        (b"Content-Length: 18446744073709551615\r\n\r\n{}".to_vec(), -32600),
        (b"Content-Length: 3000000000\r\n\r\n{}".to_vec(), -32600),
        (b"Content-Length: many\r\n\r\n{}".to_vec(), -32700),
        (b"GET / HTTP/1.1\r\n\r\n".to_vec(), -32700),
        (b"Content-Length: 4\r\n\r\n\xff\xfe\x00\x01".to_vec(), -32700),
    ];
    let mut input = Vec::new();
    let mut expected = Vec::new();
    // Before the beginning, in the middle and at the end.
    for (id, method) in [(1, "initialize"), (2, "shutdown"), (3, "none")] {
        for (bytes, code) in &bad {
            input.extend_from_slice(bytes);
            // Until the next header, all is one thing that is no message.
            input.extend(notice("$/none"));
            expected.push((Value::Null, json!(code)));
        }
        input.extend(request(id, method));
        expected.push((json!(id), [json!("hello"), Value::Null, json!(-32600)][id as usize - 1].clone()));
    }
    input.extend(notice("exit"));
    assert_eq!(answers(&input), (expected, Some(0)));
}

#[test]
fn everything_at_its_time() {
    let wrong = message(&json!({ "id": 2, "method": "initialize", "params": 3 }));
    let hover = message(&json!({ "id": 7, "method": "textDocument/hover", "params": [1] }));
    let steps = [
        (request(1, "textDocument/hover"), Some((1, json!(-32002)))),
        (notice("textDocument/didOpen"), None),
        (message(&json!({ "id": 9, "result": {} })), None),
        (wrong, Some((2, json!(-32602)))),
        (request(3, "initialize"), Some((3, json!("hello")))),
        // A server that insists on `initialized` serves some editors late.
        (request(4, "initialize"), Some((4, json!(-32600)))),
        (notice("initialized"), None),
        (notice("textDocument/didOpen"), None),
        (hover, Some((7, json!(-32602)))),
        (request(8, "unknown"), Some((8, json!(-32601)))),
        (request(9, "shutdown"), Some((9, Value::Null))),
        (request(10, "textDocument/hover"), Some((10, json!(-32600)))),
        (request(11, "shutdown"), Some((11, json!(-32600)))),
        (notice("textDocument/didClose"), None),
    ];
    let input: Vec<u8> = steps.iter().flat_map(|(bytes, _)| bytes.clone()).collect();
    let expected: Vec<(Value, Value)> =
        steps.into_iter().filter_map(|(_, answer)| answer).map(|(id, said)| (json!(id), said)).collect();
    // An editor that closes the pipe after `shutdown` has said all that it wanted.
    assert_eq!(answers(&input), (expected.clone(), Some(0)));
    assert_eq!(answers(&[input, notice("exit")].concat()), (expected, Some(0)));
    for before in [Vec::new(), request(1, "initialize")] {
        assert_eq!(answers(&before).1, Some(1), "gone without a word");
        assert_eq!(answers(&[before, notice("exit")].concat()).1, Some(1));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn answers_that_cannot_be_written() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut server = Command::new(env!("CARGO_BIN_EXE_goleash"));
    let mut server = server.arg("lsp").stdin(Stdio::piped()).stdout(full).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = server.stdin.take().unwrap();
    input.write_all(&request(1, "initialize")).unwrap();
    // It ends though the input goes on.
    assert_eq!(server.wait().unwrap().code(), Some(2));
    let mut err = String::new();
    server.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert!(err.contains("No space left on device"), "{err}");
}

/// Memory follows what comes, not what is announced: this would be refused by the limit of the process otherwise.
#[test]
#[cfg(target_os = "linux")]
fn what_is_announced_is_not_allocated() {
    let dir = support::folder(&[]);
    let mut shell = Command::new("sh");
    shell.current_dir(dir.path()).args(["-c", "ulimit -v 2000000; exec \"$0\" lsp", env!("CARGO_BIN_EXE_goleash")]);
    let mut server = assert_cmd::Command::from(shell);
    let announced = [b"Content-Length: 3000000000\r\n\r\n{}".to_vec(), b"Content-Length: 60000000\r\n\r\n{}".to_vec()].concat();
    let output = server.write_stdin(announced).timeout(PATIENCE).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
}
