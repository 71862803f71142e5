//! A server that keeps what is posted, as GitHub and GitLab do, and does on request what can go wrong on the way.

use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// What happens to one request.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// It is answered so, and not done.
    Answer(u16, Vec<(&'static str, String)>, &'static str),
    /// It is done, but the answer says that it failed.
    DoneBut(u16),
    /// It is done, and the answer comes too late.
    Slow(Duration),
    /// It is done, and the connection breaks.
    Broken,
    /// The connection breaks before anything is done.
    Dropped,
    /// It is done, and the answer breaks off.
    Half,
}

/// One request.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Value,
}

/// What the server holds.
#[derive(Default)]
pub(super) struct State {
    gitlab: bool,
    /// Who owns the token; nobody, for that of a workflow.
    pub(super) me: Option<&'static str>,
    pub(super) comments: Vec<Value>,
    pub(super) reviews: Vec<Value>,
    pub(super) discussions: Vec<Value>,
    /// Method and end of the path, and what happens to the next such request.
    pub(super) faults: VecDeque<(&'static str, &'static str, Fault)>,
    pub(super) asked: Vec<Asked>,
    /// Items on a page.
    pub(super) page: usize,
    /// Lines that take no comment.
    pub(super) refused_lines: Vec<u64>,
    pub(super) diff: String,
}

pub(super) struct Server {
    address: String,
    state: Arc<Mutex<State>>,
    gitlab: bool,
}

impl Server {
    pub(super) fn github() -> Self {
        Self::start(false)
    }

    pub(super) fn gitlab() -> Self {
        Self::start(true)
    }

    fn start(gitlab: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State { gitlab, me: Some("leo"), page: 100, ..State::default() }));
        let shared = Arc::clone(&state);
        // It ends with the test's process.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, &state));
            }
        });
        Self { address, state, gitlab }
    }

    pub(super) fn address(&self) -> String {
        self.address.clone()
    }

    pub(super) fn is_gitlab(&self) -> bool {
        self.gitlab
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(super) fn fault(&self, method: &'static str, end: &'static str, fault: Fault) {
        self.state().faults.push_back((method, end, fault));
    }

    /// How many requests of a method were made.
    pub(super) fn count(&self, method: &str) -> usize {
        self.state().asked.iter().filter(|asked| asked.method == method).count()
    }
}

fn serve(mut stream: TcpStream, state: &Mutex<State>) {
    let Some(asked) = read(&stream) else { return };
    let (status, body, fault, headers) = {
        let mut state = state.lock().unwrap();
        state.asked.push(asked.clone());
        let path = asked.path.split('?').next().unwrap_or_default();
        let hit = state.faults.iter().position(|(method, end, _)| *method == asked.method && path.ends_with(end));
        let fault = hit.and_then(|at| state.faults.remove(at)).map(|(_, _, fault)| fault);
        match &fault {
            Some(Fault::Answer(status, headers, body)) => (*status, (*body).to_owned(), fault.clone(), headers.clone()),
            Some(Fault::Dropped) => return,
            _ => {
                let mut headers = Vec::new();
                let (status, body) = state.answer(&asked, &mut headers);
                (status, body, fault, headers)
            }
        }
    };
    let status = if let Some(Fault::DoneBut(status)) = fault { status } else { status };
    match fault {
        Some(Fault::Broken) => return,
        Some(Fault::Slow(time)) => std::thread::sleep(time),
        _ => {}
    }
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let answer = format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len());
    let end = if matches!(fault, Some(Fault::Half)) { answer.len() - 5 } else { answer.len() };
    let _ = stream.write_all(&answer.as_bytes()[..end]);
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        Some(line.trim_end().to_owned())
    };
    let first = line()?;
    let mut words = first.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let header = line()?;
        let Some((name, value)) = header.split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(Asked { method, path, headers, body: serde_json::from_slice(&body).unwrap_or_default() })
}

impl State {
    fn answer(&mut self, asked: &Asked, headers: &mut Vec<(&'static str, String)>) -> (u16, String) {
        let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
        let json = |(status, value): (u16, Value)| (status, value.to_string());
        if path == "/user" {
            return json(match self.me {
                Some(me) => (200, json!({ "login": me, "username": me, "type": "User" })),
                None => (403, json!({ "message": "Resource not accessible by integration" })),
            });
        }
        if self.gitlab { json(self.on_gitlab(asked, path, query, headers)) } else { self.on_github(asked, path, query, headers) }
    }

    fn user(&self) -> Value {
        let bot = json!({ "login": "github-actions[bot]", "type": "Bot" });
        self.me.map_or(bot, |me| json!({ "login": me, "username": me, "type": "User" }))
    }

    fn on_github(&mut self, asked: &Asked, path: &str, query: &str, headers: &mut Vec<(&'static str, String)>) -> (u16, String) {
        let (status, value) = match (asked.method.as_str(), path) {
            ("GET", "/repos/o/r/pulls/7") if asked.headers.iter().any(|(n, v)| n == "accept" && v.ends_with(".diff")) => {
                return (200, self.diff.clone());
            }
            ("GET", "/repos/o/r/pulls/7") => (200, json!({ "head": { "sha": super::SHA } })),
            ("GET", "/repos/o/r/pulls/7/comments") => (200, self.paged(&self.comments, query, headers)),
            ("GET", "/repos/o/r/pulls/7/reviews") => (200, self.paged(&self.reviews, query, headers)),
            ("POST", "/repos/o/r/pulls/7/reviews") => self.review(&asked.body),
            ("PATCH", path) => match path.strip_prefix("/repos/o/r/pulls/comments/") {
                Some(id) => self.edit(id, &asked.body),
                None => (404, json!({ "message": "Not Found" })),
            },
            _ => (404, json!({ "message": "Not Found" })),
        };
        (status, value.to_string())
    }

    fn review(&mut self, body: &Value) -> (u16, Value) {
        let comments = body["comments"].as_array().cloned().unwrap_or_default();
        if comments.iter().any(|comment| self.refused_lines.contains(&comment["line"].as_u64().unwrap())) {
            let errors = ["Pull request review thread line must be part of the diff"];
            return (422, json!({ "message": "Unprocessable Entity", "errors": errors }));
        }
        let user = self.user();
        self.reviews.push(json!({ "id": 1000 + self.reviews.len(), "user": user, "body": body["body"] }));
        for mut comment in comments {
            comment["id"] = (self.comments.len() + 1).into();
            comment["user"] = user.clone();
            self.comments.push(comment);
        }
        (200, json!({ "id": 1 }))
    }

    fn edit(&mut self, id: &str, body: &Value) -> (u16, Value) {
        match self.comments.iter_mut().find(|comment| comment["id"].as_u64() == id.parse().ok()) {
            Some(comment) => {
                comment["body"] = body["body"].clone();
                (200, json!({}))
            }
            None => (404, json!({ "message": "Not Found" })),
        }
    }

    fn on_gitlab(&mut self, asked: &Asked, path: &str, query: &str, headers: &mut Vec<(&'static str, String)>) -> (u16, Value) {
        let Some(what) = path.strip_prefix("/projects/o%2Fr/merge_requests/7") else {
            return (404, json!({ "message": "404 Project Not Found" }));
        };
        let body = &asked.body;
        let user = self.user();
        match (asked.method.as_str(), what) {
            ("GET", "/raw_diffs") => (200, Value::String(self.diff.clone())),
            ("GET", "/versions") => {
                let version = |n: u8| json!({ "base_commit_sha": format!("b{n}"), "start_commit_sha": format!("s{n}"), "head_commit_sha": format!("h{n}") });
                (200, json!([version(2), version(1)]))
            }
            ("GET", "/discussions") => (200, self.paged(&self.discussions, query, headers)),
            ("POST", "/discussions" | "/notes") if !gitlab_takes(body, what) => {
                (400, json!({ "error": "a parameter is missing or invalid" }))
            }
            ("POST", "/discussions") => {
                if self.refused_lines.contains(&body["position"]["new_line"].as_u64().unwrap()) {
                    return (400, json!({ "message": "400 Bad request - Note {:line_code=>[\"can't be blank\"]}" }));
                }
                self.discussions
                    .push(json!({ "notes": [{ "body": body["body"], "author": user, "position": body["position"] }] }));
                (201, json!({}))
            }
            ("POST", "/notes") => {
                self.discussions.push(json!({ "notes": [{ "body": body["body"], "author": user }] }));
                (201, json!({}))
            }
            _ => (404, json!({ "message": "404 Not Found" })),
        }
    }

    fn paged(&self, all: &[Value], query: &str, headers: &mut Vec<(&'static str, String)>) -> Value {
        let page: usize = query.split('&').find_map(|part| part.strip_prefix("page=")?.parse().ok()).unwrap_or(1);
        if all.len() > page * self.page {
            headers.push(("link", "<http://127.0.0.1/x?page=9>; rel=\"next\", <x>; rel=\"last\"".to_owned()));
        }
        all.iter().skip((page - 1) * self.page).take(self.page).cloned().collect()
    }
}

/// Whether GitLab's description of its API has these parameters, and all that it requires.
fn gitlab_takes(body: &Value, what: &str) -> bool {
    let is_text: fn(&Value) -> bool = Value::is_string;
    let is_number: fn(&Value) -> bool = Value::is_u64;
    let texts = |keys: &[&'static str]| keys.iter().map(|key| (*key, is_text)).collect::<Vec<_>>();
    let required = texts(&["base_sha", "start_sha", "head_sha", "position_type"]);
    let optional = [texts(&["old_path", "new_path"]), vec![("old_line", is_number), ("new_line", is_number)]].concat();
    let position = |of: &Value| {
        let of = of.as_object().unwrap();
        let fits = |(key, value): (&String, &Value)| required.iter().chain(&optional).any(|(name, is)| name == key && is(value));
        of.iter().all(fits) && required.iter().all(|(key, _)| of.contains_key(*key)) && of["position_type"] == "text"
    };
    let known = |key: &String| key == "body" || (key == "position" && what == "/discussions");
    body["body"].is_string() && body.as_object().unwrap().keys().all(known) && body.get("position").is_none_or(position)
}
