//! A client of ours over standard input and output: what is asked, what comes back.

use super::{LEAK, MENDED, module};
use crate::support::PATIENCE;
use lsp_server::{Message, Notification, Request};
use serde_json::{Value, json};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

pub(super) struct Editor {
    server: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Message>,
    root: PathBuf,
    asked: i32,
    capabilities: Value,
}

impl Editor {
    fn open(root: &Path, capabilities: &Value) -> Self {
        Self::run(Command::new(env!("CARGO_BIN_EXE_goleash")).arg("lsp"), root, capabilities)
    }

    /// Talks to the server that the command starts.
    pub(super) fn run(command: &mut Command, root: &Path, capabilities: &Value) -> Self {
        let mut server = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(server.stdout.take().unwrap());
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            while let Ok(Some(message)) = Message::read(&mut output) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let root = root.canonicalize().unwrap();
        let input = server.stdin.take();
        let mut editor = Self { server, input, messages, root, asked: 0, capabilities: Value::Null };
        let folder = json!({ "uri": editor.uri(""), "name": "m" });
        let params = json!({ "processId": null, "capabilities": capabilities, "workspaceFolders": [folder] });
        let answer = editor.ask("initialize", params).unwrap();
        editor.capabilities = answer["capabilities"].clone();
        editor.tell("initialized", json!({}));
        editor
    }

    fn uri(&self, path: &str) -> String {
        format!("file://{}", self.root.join(path).display())
    }

    fn send(&mut self, message: &Message) {
        message.clone().write(self.input.as_mut().unwrap()).unwrap();
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.send(&Notification::new(method.to_owned(), params).into());
    }

    fn ask(&mut self, method: &str, params: Value) -> Result<Value, i32> {
        self.asked += 1;
        let id = self.asked.into();
        self.send(&Request::new(id, method.to_owned(), params).into());
        let asked = self.asked.into();
        loop {
            match self.messages.recv_timeout(PATIENCE).unwrap() {
                Message::Response(response) if response.id == asked => {
                    return response.response_result.map_err(|error| error.code);
                }
                _ => {}
            }
        }
    }

    /// The next diagnostics of a file for which the test holds.
    pub(super) fn diagnostics(&self, path: &str, test: impl Fn(&Value) -> bool) -> Value {
        let (uri, begin) = (self.uri(path), Instant::now());
        loop {
            let left = PATIENCE.checked_sub(begin.elapsed()).unwrap();
            if let Message::Notification(notice) = self.messages.recv_timeout(left).unwrap()
                && notice.method == "textDocument/publishDiagnostics"
                && notice.params["uri"] == uri.as_str()
                && test(&notice.params)
            {
                return notice.params;
            }
        }
    }

    /// The next message that the user sees.
    pub(super) fn shown(&self) -> String {
        loop {
            if let Message::Notification(notice) = self.messages.recv_timeout(PATIENCE).unwrap()
                && notice.method == "window/showMessage"
            {
                return notice.params["message"].as_str().unwrap().to_owned();
            }
        }
    }

    fn did_open(&mut self, path: &str, text: &str) {
        let document = json!({ "uri": self.uri(path), "languageId": "go", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    fn did_change(&mut self, path: &str, version: i32, changes: &Value) {
        let document = json!({ "uri": self.uri(path), "version": version });
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    fn actions(&mut self, path: &str, at: &Value) -> Result<Value, i32> {
        let document = json!({ "uri": self.uri(path) });
        let range = json!({ "start": at, "end": at });
        let params = json!({ "textDocument": document, "range": range, "context": { "diagnostics": [] } });
        self.ask("textDocument/codeAction", params)
    }

    pub(super) fn close(mut self) -> Option<i32> {
        self.ask("shutdown", Value::Null).unwrap();
        self.tell("exit", Value::Null);
        drop(self.input.take());
        self.server.wait().unwrap().code()
    }
}

pub(super) fn count(of: usize) -> impl Fn(&Value) -> bool {
    move |params| params["diagnostics"].as_array().unwrap().len() == of
}

fn with_versions() -> Value {
    json!({ "workspace": { "workspaceEdit": { "documentChanges": true } } })
}

#[test]
fn from_a_leak_to_its_fix() {
    let dir = module(&[("a.go", MENDED)]);
    let mut editor = Editor::open(dir.path(), &with_versions());
    assert_eq!(editor.capabilities["positionEncoding"], "utf-16");
    // What is not saved counts.
    editor.did_open("a.go", LEAK);
    let said = editor.diagnostics("a.go", count(1));
    let found = &said["diagnostics"][0];
    assert_eq!((&found["source"], &said["version"]), (&json!("goleash"), &json!(1)));
    assert!(found["codeDescription"]["href"].as_str().unwrap().contains("README.md"), "{found}");
    assert!(!found["relatedInformation"].as_array().unwrap().is_empty());
    assert_eq!(found["data"]["fingerprint"].as_str().unwrap().len(), 32);
    let at = found["range"]["start"].clone();
    let actions = editor.actions("a.go", &at).unwrap();
    let actions = actions.as_array().unwrap();
    assert!(actions.last().unwrap()["title"].as_str().unwrap().starts_with("Ignore"), "{actions:?}");
    let change = &actions[0]["edit"]["documentChanges"][0];
    assert_eq!(change["textDocument"], json!({ "uri": editor.uri("a.go"), "version": 1 }));
    let hover =
        editor.ask("textDocument/hover", json!({ "textDocument": { "uri": editor.uri("a.go") }, "position": at })).unwrap();
    assert!(hover["contents"]["value"].as_str().unwrap().contains("## "), "{hover}");
    let edits: Vec<Value> =
        change["edits"].as_array().unwrap().iter().map(|e| json!({ "range": e["range"], "text": e["newText"] })).collect();
    editor.did_change("a.go", 2, &Value::Array(edits));
    editor.diagnostics("a.go", |params| params["version"] == 2 && count(0)(params));
    assert_eq!(editor.close(), Some(0));
}

#[test]
fn columns_after_a_wide_character() {
    let line = "\tc := /* 😀 */ make(chan int)";
    let text = LEAK
        .replace("\tc := make(chan int)", line)
        .replace("\tgo func() { c <- ask() }()", "\t_ = \"😀\"; go func() { c <- ask() }()");
    let dir = module(&[]);
    let column = |units: &dyn Fn(char) -> usize| -> usize {
        let line = text.lines().find(|line| line.contains("c <- ask")).unwrap();
        line[..line.find("c <-").unwrap()].chars().map(units).sum()
    };
    for (kinds, expected) in
        [(json!(["utf-16"]), column(&char::len_utf16)), (json!(["utf-8", "utf-16"]), column(&char::len_utf8))]
    {
        let mut editor = Editor::open(dir.path(), &json!({ "general": { "positionEncodings": kinds } }));
        assert_eq!(editor.capabilities["positionEncoding"], kinds[0]);
        editor.did_open("a.go", &text);
        let said = editor.diagnostics("a.go", count(1));
        assert_eq!(said["diagnostics"][0]["range"]["start"]["character"], expected, "{said}");
        assert_eq!(editor.close(), Some(0));
    }
}

#[test]
fn typing_and_other_files() {
    let dir = module(&[("a.go", MENDED), ("lib/lib.go", "package lib\n\nfunc F() {}\n")]);
    let mut editor = Editor::open(dir.path(), &json!({}));
    editor.did_open("a.go", MENDED);
    editor.diagnostics("a.go", |params| params["version"] == 1);
    // Take the buffer away, character by character, as a person would.
    let line = MENDED.lines().position(|line| line.contains("make(")).unwrap();
    let column = MENDED.lines().nth(line).unwrap().find(", 1").unwrap();
    for i in 0..3_usize {
        let (start, end) =
            (json!({ "line": line, "character": column + 2 - i }), json!({ "line": line, "character": column + 3 - i }));
        let change = json!([{ "range": { "start": start, "end": end }, "text": "" }]);
        editor.did_change("a.go", i32::try_from(i).unwrap() + 2, &change);
    }
    editor.diagnostics("a.go", |params| params["version"] == 4 && count(1)(params));
    // A file on disk.
    let path = dir.path().join("lib/lib.go");
    std::fs::write(path, LEAK.replace("package m", "package lib")).unwrap();
    let changed = json!({ "changes": [{ "uri": editor.uri("lib/lib.go"), "type": 2 }] });
    editor.tell("workspace/didChangeWatchedFiles", changed);
    editor.diagnostics("lib/lib.go", count(1));
    // The configuration.
    std::fs::write(dir.path().join("goleash.toml"), "level = \"error\"\nexclude = [\"lib/\"]\n").unwrap();
    let changed = json!({ "changes": [{ "uri": editor.uri("goleash.toml"), "type": 1 }] });
    editor.tell("workspace/didChangeWatchedFiles", changed);
    editor.diagnostics("lib/lib.go", count(0));
    editor.tell("textDocument/didClose", json!({ "textDocument": { "uri": editor.uri("a.go") } }));
    editor.diagnostics("a.go", count(0));
    assert_eq!(editor.ask("textDocument/rename", json!({})), Err(-32601));
    assert_eq!(editor.close(), Some(0));
}

#[test]
fn an_exit_without_a_word_is_told() {
    let dir = module(&[]);
    let mut editor = Editor::open(dir.path(), &json!({}));
    editor.tell("exit", Value::Null);
    assert_eq!(editor.server.wait().unwrap().code(), Some(1));
}

#[test]
fn folders_of_the_workspace_come_and_go() {
    let (one, two) = (module(&[("a.go", LEAK)]), module(&[("b.go", &LEAK.replace("Late", "Other"))]));
    let mut editor = Editor::open(one.path(), &json!({}));
    let folders = &editor.capabilities["workspace"]["workspaceFolders"];
    assert_eq!((&folders["supported"], &folders["changeNotifications"]), (&json!(true), &json!(true)));
    editor.diagnostics("a.go", count(1));
    let two = two.path().canonicalize().unwrap();
    let other = two.join("b.go").to_str().unwrap().to_owned();
    let folder = |editor: &Editor, path: &str| json!({ "uri": editor.uri(path), "name": "m" });
    let (first, second) = (folder(&editor, ""), folder(&editor, two.to_str().unwrap()));
    let change = |added: Vec<&Value>, removed: Vec<&Value>| json!({ "event": { "added": added, "removed": removed } });
    editor.tell("workspace/didChangeWorkspaceFolders", change(vec![&second], vec![]));
    editor.diagnostics(&other, count(1));
    // A folder that came is followed like the first.
    std::fs::write(&other, MENDED).unwrap();
    editor.diagnostics(&other, count(0));
    std::fs::write(&other, LEAK).unwrap();
    editor.diagnostics(&other, count(1));
    editor.tell("workspace/didChangeWorkspaceFolders", change(vec![], vec![&second]));
    editor.diagnostics(&other, count(0));
    // One for the other, at once.
    editor.tell("workspace/didChangeWorkspaceFolders", change(vec![&second], vec![&first]));
    let begin = Instant::now();
    let (mut gone, mut there) = (false, false);
    while !(gone && there) {
        let left = PATIENCE.checked_sub(begin.elapsed()).unwrap();
        let Message::Notification(notice) = editor.messages.recv_timeout(left).unwrap() else { continue };
        gone |= notice.params["uri"] == editor.uri("a.go").as_str() && count(0)(&notice.params);
        there |= notice.params["uri"] == editor.uri(&other).as_str() && count(1)(&notice.params);
    }
    assert_eq!(editor.close(), Some(0));
}

#[test]
fn an_excuse_takes_the_finding_away() {
    for text in [LEAK.to_owned(), LEAK.replace('\n', "\r\n")] {
        let dir = module(&[("a.go", &text)]);
        let mut editor = Editor::open(dir.path(), &with_versions());
        editor.did_open("a.go", &text);
        let said = editor.diagnostics("a.go", |params| params["version"] == 1 && count(1)(params));
        let actions = editor.actions("a.go", &said["diagnostics"][0]["range"]["start"]).unwrap();
        let action = actions.as_array().unwrap().last().unwrap().clone();
        assert_eq!(action["title"], "Ignore this blocked-send; a reason is wanted");
        let edits = action["edit"]["documentChanges"][0]["edits"].as_array().unwrap().clone();
        let edits: Vec<Value> = edits.iter().map(|e| json!({ "range": e["range"], "text": e["newText"] })).collect();
        let end = edits[0]["range"]["start"].clone();
        let added = edits[0]["text"].as_str().unwrap().trim_end().to_owned();
        editor.did_change("a.go", 2, &Value::Array(edits));
        // What is left is that a reason is wanted.
        let said = editor.diagnostics("a.go", |params| params["version"] == 2);
        let codes: Vec<&Value> = said["diagnostics"].as_array().unwrap().iter().map(|found| &found["code"]).collect();
        assert_eq!(codes, [&json!("bad-suppression")], "{said}");
        let column = end["character"].as_u64().unwrap() + u64::try_from(added.chars().count()).unwrap();
        let at = json!({ "line": end["line"], "character": column });
        let reason = json!([{ "range": { "start": at, "end": at }, "text": " the caller always receives" }]);
        editor.did_change("a.go", 3, &reason);
        editor.diagnostics("a.go", |params| params["version"] == 3 && count(0)(params));
        assert_eq!(editor.close(), Some(0));
    }
}
