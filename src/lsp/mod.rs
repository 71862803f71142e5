//! A language server over standard input and output.
//!
//! One thread reads what the editor says and answers at once from what is known; another analyses (`worker`). The texts of open files go
//! before those on disk.

mod convert;
mod protocol;
mod text;
mod uri;
pub(crate) mod wire;
mod worker;

use crate::lint::{Finding, Level};
use crate::session::{Follower, Heard};
use convert::Client;
use crossbeam_channel::{Receiver, Sender, bounded, select, unbounded};
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use protocol::{
    CodeActionParams, DidChangeConfigurationParams, DidChangeParams, DidChangeWatchedFilesParams,
    DidChangeWorkspaceFoldersParams, DidOpenParams, DocumentParams, HoverParams, InitializeParams, PublishDiagnosticsParams,
    QUICK_FIX, Range, method,
};
use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use text::Encoding;
use uri::Uri;
use wire::{Heard as Incoming, Said as Outgoing, Wire};
use worker::{Inbox, Said, Worker};

/// Why the server could not go on.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// Standard input or output failed.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// An answer could not be put into JSON.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// The thread that analyses is gone.
    #[error("the analysis stopped; please report this")]
    Analysis,
}

/// What a user may set in the editor.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Preferences {
    level: Option<Level>,
}

/// Both ends of the conversation.
struct Connection {
    receiver: Receiver<Incoming>,
    sender: Sender<Outgoing>,
    /// Closed once nothing can be sent any more.
    gone: Receiver<()>,
}

impl Connection {
    fn hear(&self) -> Option<Incoming> {
        select! {
            recv(self.receiver) -> heard => heard.ok(),
            recv(self.gone) -> _ => None,
        }
    }

    fn send(&self, message: impl Into<Message>) {
        self.put(Outgoing::Message(message.into()));
    }

    fn put(&self, said: Outgoing) {
        // That nobody reads any more is heard from the writer.
        let _ = self.sender.send(said);
    }
}

/// Serves until the editor ends it. `false` if it ended without having said that it would.
///
/// # Errors
/// When the editor cannot be reached, or the server cannot go on.
pub fn serve() -> Result<bool, ServerError> {
    let (hear, receiver) = bounded(0);
    // Without a limit: an editor that writes before it reads must not wait for a server that waits for it.
    let (sender, say) = unbounded::<Outgoing>();
    let (writes, gone) = bounded::<()>(0);
    // Nobody waits for this one: it may be reading when all is said.
    std::thread::Builder::new().name("reader".to_owned()).spawn(move || {
        let mut wire = Wire::new(std::io::stdin().lock());
        // An input that fails has ended.
        while let Ok(Some(heard)) = wire.next() {
            if hear.send(heard).is_err() {
                return;
            }
        }
    })?;
    let writer = std::thread::Builder::new().name("writer".to_owned()).spawn(move || {
        let _writes = writes;
        let mut out = std::io::stdout().lock();
        say.into_iter().try_for_each(|said| said.write(&mut out))
    })?;
    let orderly = serve_on(Connection { receiver, sender, gone })?;
    match writer.join() {
        Ok(Err(error)) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(orderly),
    }
}

fn serve_on(connection: Connection) -> Result<bool, ServerError> {
    let Some((id, params)) = introduced(&connection) else { return Ok(false) };
    let encoding = encoding(&params);
    let info = json!({ "name": "goleash", "version": env!("CARGO_PKG_VERSION") });
    let result = json!({ "capabilities": capabilities(encoding), "serverInfo": info });
    connection.send(Response { id, response_result: Ok(result) });
    let inbox = Arc::new(Inbox::default());
    let (sender, said) = unbounded();
    let worker = Worker::new(Arc::clone(&inbox), sender);
    std::thread::Builder::new().name("analysis".to_owned()).spawn(move || worker.run())?;
    let mut server = Server::new(connection, inbox, encoding, &params);
    server.run(&said)
}

/// Waits for the request that begins a conversation. `None` if there will be none.
fn introduced(connection: &Connection) -> Option<(RequestId, InitializeParams)> {
    loop {
        match connection.hear()? {
            Incoming::Bad(complaint) => connection.put(Outgoing::Complaint(complaint)),
            Incoming::Message(Message::Request(request)) if request.method == method::INITIALIZE => match read(request.params) {
                Ok(params) => return Some((request.id, params)),
                Err((code, message)) => connection.send(Response::new_err(request.id, code as i32, message)),
            },
            Incoming::Message(Message::Request(request)) => {
                let message = format!("{} comes before initialize", request.method);
                connection.send(Response::new_err(request.id, ErrorCode::ServerNotInitialized as i32, message));
            }
            Incoming::Message(Message::Notification(notice)) if notice.method == method::EXIT => return None,
            Incoming::Message(_) => {}
        }
    }
}

/// UTF-8 where the client knows it, for that is what is at hand; else UTF-16, which all clients know.
fn encoding(params: &InitializeParams) -> Encoding {
    let general = params.capabilities.general.as_ref();
    let known = general.and_then(|general| general.position_encodings.as_ref());
    // The client lists the ones it likes best first.
    match known.and_then(|known| known.iter().find(|kind| *kind != "utf-32")) {
        Some(kind) if kind == "utf-8" => Encoding::Utf8,
        _ => Encoding::Utf16,
    }
}

fn capabilities(encoding: Encoding) -> serde_json::Value {
    // Changes come piece by piece.
    const INCREMENTAL: u8 = 2;
    json!({
        "positionEncoding": if encoding == Encoding::Utf8 { "utf-8" } else { "utf-16" },
        "textDocumentSync": { "openClose": true, "change": INCREMENTAL, "save": { "includeText": false } },
        "codeActionProvider": { "codeActionKinds": [QUICK_FIX] },
        "hoverProvider": true,
        "workspace": { "workspaceFolders": { "supported": true, "changeNotifications": true } },
    })
}

struct Document {
    uri: Uri,
    version: i32,
    text: String,
}

struct Server {
    connection: Connection,
    inbox: Arc<Inbox>,
    encoding: Encoding,
    /// Whether edits may name versions.
    versions: bool,
    roots: Vec<PathBuf>,
    level: Option<Level>,
    open: FxHashMap<PathBuf, Document>,
    found: FxHashMap<PathBuf, (Option<i32>, Vec<Finding>)>,
    /// Where folders to follow are told; nobody follows where the client does.
    follower: Option<std::sync::mpsc::Sender<ToFollow>>,
    /// Whether the client has said that it will end.
    ending: bool,
}

/// How the conversation goes on.
#[derive(PartialEq, Eq)]
enum Next {
    Go,
    /// Ended, in good order or not.
    End(bool),
}

impl Server {
    fn new(connection: Connection, inbox: Arc<Inbox>, encoding: Encoding, params: &InitializeParams) -> Self {
        let workspace = params.capabilities.workspace.as_ref();
        let edits = workspace.and_then(|workspace| workspace.workspace_edit.as_ref());
        let watched = workspace.and_then(|workspace| workspace.did_change_watched_files.as_ref());
        let preferences =
            params.initialization_options.clone().and_then(|given| serde_json::from_value::<Preferences>(given).ok());
        let mut server = Self {
            connection,
            inbox,
            encoding,
            versions: edits.and_then(|edits| edits.document_changes).unwrap_or(false),
            roots: roots(params),
            level: preferences.and_then(|preferences| preferences.level),
            open: FxHashMap::default(),
            found: FxHashMap::default(),
            follower: None,
            ending: false,
        };
        if watched.and_then(|watched| watched.dynamic_registration) == Some(true) {
            server.register();
        } else {
            server.follower = Some(follow(Arc::clone(&server.inbox)));
        }
        server.renew_roots();
        server
    }

    /// Asks the client to tell of changes on disk.
    fn register(&self) {
        let globs = ["**/*.go", "**/{go.mod,go.work,goleash.toml,.gitignore,.ignore,modules.txt}"];
        let watchers: Vec<_> = globs.iter().map(|glob| json!({ "globPattern": glob })).collect();
        let registration = json!({
            "id": "files", "method": method::DID_CHANGE_WATCHED_FILES, "registerOptions": { "watchers": watchers },
        });
        let params = json!({ "registrations": [registration] });
        self.send(Request::new("files".to_owned().into(), method::REGISTER_CAPABILITY.to_owned(), params));
    }

    fn run(&mut self, said: &Receiver<Said>) -> Result<bool, ServerError> {
        loop {
            select! {
                recv(self.connection.receiver) -> heard => match heard {
                    Ok(Incoming::Message(message)) => if let Next::End(orderly) = self.hear(message) {
                        return Ok(orderly);
                    },
                    Ok(Incoming::Bad(complaint)) => self.connection.put(Outgoing::Complaint(complaint)),
                    Err(_) => return Ok(self.ending),
                },
                recv(self.connection.gone) -> _ => return Ok(self.ending),
                recv(said) -> said => self.pass_on(said.map_err(|_| ServerError::Analysis)?),
            }
        }
    }

    fn send(&self, message: impl Into<Message>) {
        self.connection.send(message);
    }

    fn hear(&mut self, message: Message) -> Next {
        match message {
            Message::Request(request) => {
                let response = self.answer(request);
                self.send(response);
            }
            Message::Notification(notice) if notice.method == method::EXIT => return Next::End(self.ending),
            // A notice that is not as it should be is no reason to leave the user alone.
            Message::Notification(notice) if !self.ending => self.note(notice).unwrap_or_default(),
            Message::Notification(_) | Message::Response(_) => {}
        }
        Next::Go
    }

    fn answer(&mut self, request: Request) -> Response {
        let id = request.id.clone();
        let answer = match request.method.as_str() {
            late if self.ending => Err((ErrorCode::InvalidRequest, format!("{late} comes after shutdown"))),
            method::INITIALIZE => Err((ErrorCode::InvalidRequest, "the server is initialized".to_owned())),
            method::SHUTDOWN => {
                self.ending = true;
                Ok(serde_json::Value::Null)
            }
            method::CODE_ACTION => read(request.params).and_then(|params| self.actions(&params)),
            method::HOVER => read(request.params).map(|params| self.hover(&params)),
            other => Err((ErrorCode::MethodNotFound, format!("{other} is not known here"))),
        };
        match answer {
            Ok(value) => Response { id, response_result: Ok(value) },
            Err((code, message)) => Response::new_err(id, code as i32, message),
        }
    }

    fn note(&mut self, notice: Notification) -> Result<(), serde_json::Error> {
        match notice.method.as_str() {
            method::DID_OPEN => {
                let params: DidOpenParams = serde_json::from_value(notice.params)?;
                let document = params.text_document;
                if let Some(path) = path_of(&document.uri) {
                    let document = Document { uri: document.uri, version: document.version, text: document.text };
                    self.open.insert(path.clone(), document);
                    self.hand_over(&path);
                }
            }
            method::DID_CHANGE => {
                let params: DidChangeParams = serde_json::from_value(notice.params)?;
                let path = path_of(&params.text_document.uri);
                if let Some((path, document)) = path.and_then(|path| self.open.get_mut(&path).map(|document| (path, document))) {
                    document.version = params.text_document.version;
                    for change in params.content_changes {
                        self.encoding.change(&mut document.text, change);
                    }
                    self.hand_over(&path);
                }
            }
            method::DID_CLOSE => {
                let params: DocumentParams = serde_json::from_value(notice.params)?;
                if let Some(path) = path_of(&params.text_document.uri) {
                    self.open.remove(&path);
                    self.hand_over(&path);
                }
            }
            method::DID_SAVE => {
                let params: DocumentParams = serde_json::from_value(notice.params)?;
                self.inbox.put(|work| work.paths.extend(path_of(&params.text_document.uri)));
            }
            method::DID_CHANGE_WATCHED_FILES => {
                let params: DidChangeWatchedFilesParams = serde_json::from_value(notice.params)?;
                let paths: Vec<PathBuf> = params.changes.iter().filter_map(|change| path_of(&change.uri)).collect();
                self.inbox.put(|work| work.paths.extend(paths));
            }
            method::DID_CHANGE_WORKSPACE_FOLDERS => {
                let params: DidChangeWorkspaceFoldersParams = serde_json::from_value(notice.params)?;
                let gone: Vec<PathBuf> = params.event.removed.iter().filter_map(|folder| path_of(&folder.uri)).collect();
                self.roots.retain(|root| !gone.contains(root));
                self.roots.extend(params.event.added.iter().filter_map(|folder| path_of(&folder.uri)));
                self.renew_roots();
            }
            method::DID_CHANGE_CONFIGURATION => {
                let params: DidChangeConfigurationParams = serde_json::from_value(notice.params)?;
                let given = params.settings.get("goleash").cloned().unwrap_or(params.settings);
                let level = serde_json::from_value::<Preferences>(given).ok().and_then(|preferences| preferences.level);
                if level.is_some() && level != self.level {
                    self.level = level;
                    self.renew_roots();
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn hand_over(&self, path: &Path) {
        let text = self.open.get(path).map(|document| (document.version, document.text.clone()));
        self.inbox.put(|work| {
            work.texts.insert(path.to_path_buf(), text);
        });
    }

    fn renew_roots(&self) {
        let roots = (self.roots.clone(), self.level);
        self.inbox.put(|work| work.roots = Some(roots));
    }

    fn pass_on(&mut self, said: Said) {
        match said {
            Said::Findings { path, version, findings } => {
                // About a text that is no more: the newest is on its way.
                if version != self.open.get(&path).map(|document| document.version) {
                    return;
                }
                let diagnostics = self.with_client(|client| findings.iter().map(|finding| client.diagnostic(finding)).collect());
                if let Some((uri, _)) = self.name(&path) {
                    let params = PublishDiagnosticsParams { uri, diagnostics, version };
                    self.send(Notification::new(method::PUBLISH_DIAGNOSTICS.to_owned(), params));
                }
                self.found.insert(path, (version, findings));
            }
            Said::Trouble(message) => {
                const WARNING: u8 = 2;
                let params = json!({ "type": WARNING, "message": format!("goleash: {message}") });
                self.send(Notification::new(method::SHOW_MESSAGE.to_owned(), params));
            }
            Said::Folders(folders, since) => {
                if let Some(follower) = &self.follower {
                    // One that could not start follows nothing.
                    let _ = follower.send((folders, since));
                }
            }
        }
    }

    fn name(&self, path: &Path) -> Option<(Uri, Option<i32>)> {
        match self.open.get(path) {
            Some(document) => Some((document.uri.clone(), Some(document.version))),
            None => Uri::of_file(path).map(|uri| (uri, None)),
        }
    }

    fn with_client<T>(&self, run: impl FnOnce(&Client<'_>) -> T) -> T {
        run(&Client { encoding: self.encoding, versions: self.versions, name: &|path| self.name(path) })
    }

    /// Findings of a file that a range touches; `None` where they are about another text than the one that is open.
    fn touched(&self, uri: &Uri, range: Range) -> Option<Vec<&Finding>> {
        let path = path_of(uri)?;
        let Some((version, findings)) = self.found.get(&path) else { return Some(Vec::new()) };
        if *version != self.open.get(&path).map(|document| document.version) {
            return None;
        }
        let touches = |finding: &&Finding| {
            let at = self.encoding.range(&finding.at);
            at.start <= range.end && range.start <= at.end
        };
        Some(findings.iter().filter(touches).collect())
    }

    fn actions(&self, params: &CodeActionParams) -> Result<serde_json::Value, (ErrorCode, String)> {
        let wanted = |kind: &String| QUICK_FIX.starts_with(kind.as_str());
        if params.context.only.as_ref().is_some_and(|only| !only.iter().any(wanted)) {
            return Ok(serde_json::Value::Array(Vec::new()));
        }
        let Some(findings) = self.touched(&params.text_document.uri, params.range) else {
            return Err((ErrorCode::ContentModified, "the text has changed since it was looked at".to_owned()));
        };
        let actions =
            self.with_client(|client| findings.into_iter().flat_map(|finding| client.actions(finding)).collect::<Vec<_>>());
        Ok(serde_json::to_value(actions).unwrap_or_default())
    }

    fn hover(&self, params: &HoverParams) -> serde_json::Value {
        let range = Range { start: params.position, end: params.position };
        let findings = self.touched(&params.text_document.uri, range).unwrap_or_default();
        let Some(first) = findings.first() else { return serde_json::Value::Null };
        let pages: Vec<String> = findings.iter().map(|finding| convert::page(finding)).collect();
        let contents = json!({ "kind": "markdown", "value": pages.join("\n\n---\n\n") });
        json!({ "contents": contents, "range": self.encoding.range(&first.at) })
    }
}

fn read<T: DeserializeOwned>(params: serde_json::Value) -> Result<T, (ErrorCode, String)> {
    serde_json::from_value(params).map_err(|error| (ErrorCode::InvalidParams, error.to_string()))
}

fn path_of(uri: &Uri) -> Option<PathBuf> {
    uri.to_file().map(|path| crate::source::normal(&path))
}

fn roots(params: &InitializeParams) -> Vec<PathBuf> {
    match &params.workspace_folders {
        Some(folders) => folders.iter().filter_map(|folder| path_of(&folder.uri)).collect(),
        None => params.root_uri.iter().filter_map(path_of).collect(),
    }
}

/// Folders, and no later than when they were read.
type ToFollow = (Vec<PathBuf>, SystemTime);

/// Follows the disk for a client that does not.
fn follow(inbox: Arc<Inbox>) -> std::sync::mpsc::Sender<ToFollow> {
    const QUIET: Duration = Duration::from_millis(30);
    const PATIENCE: Duration = Duration::from_millis(500);
    let (sender, folders) = std::sync::mpsc::channel::<ToFollow>();
    let run = move || {
        let Ok((first, since)) = folders.recv() else { return };
        let mut follower = Follower::new(&[], false);
        follower.set_folders(&first, since);
        loop {
            match folders.try_recv() {
                Ok((folders, since)) => follower.set_folders(&folders, since),
                Err(std::sync::mpsc::TryRecvError::Disconnected) => return,
                Err(std::sync::mpsc::TryRecvError::Empty) => {}
            }
            if let Some(remark) = follower.remark() {
                inbox.put(|work| work.remark = Some(remark));
            }
            match follower.wait(QUIET, PATIENCE) {
                Heard::Changed(paths) => inbox.put(|work| work.paths.extend(paths)),
                Heard::Everything => inbox.put(|work| work.everything = true),
                Heard::Nothing => {}
            }
        }
    };
    // Without the thread, only what the editor itself does is seen.
    let _ = std::thread::Builder::new().name("files".to_owned()).spawn(run);
    sender
}
