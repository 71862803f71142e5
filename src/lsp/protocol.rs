//! The part of the language server protocol that goleash speaks, by the names of its specification (3.17).
//!
//! The crate with all types of the protocol is several times as long to build as what is used of it, and brings the host names of the whole
//! world along for names of files.

use super::uri::Uri;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Methods, as messages name them.
pub(super) mod method {
    pub(in crate::lsp) const INITIALIZE: &str = "initialize";
    pub(in crate::lsp) const SHUTDOWN: &str = "shutdown";
    pub(in crate::lsp) const EXIT: &str = "exit";
    pub(in crate::lsp) const REGISTER_CAPABILITY: &str = "client/registerCapability";
    pub(in crate::lsp) const SHOW_MESSAGE: &str = "window/showMessage";
    pub(in crate::lsp) const PUBLISH_DIAGNOSTICS: &str = "textDocument/publishDiagnostics";
    pub(in crate::lsp) const CODE_ACTION: &str = "textDocument/codeAction";
    pub(in crate::lsp) const HOVER: &str = "textDocument/hover";
    pub(in crate::lsp) const DID_OPEN: &str = "textDocument/didOpen";
    pub(in crate::lsp) const DID_CHANGE: &str = "textDocument/didChange";
    pub(in crate::lsp) const DID_CLOSE: &str = "textDocument/didClose";
    pub(in crate::lsp) const DID_SAVE: &str = "textDocument/didSave";
    pub(in crate::lsp) const DID_CHANGE_WATCHED_FILES: &str = "workspace/didChangeWatchedFiles";
    pub(in crate::lsp) const DID_CHANGE_WORKSPACE_FOLDERS: &str = "workspace/didChangeWorkspaceFolders";
    pub(in crate::lsp) const DID_CHANGE_CONFIGURATION: &str = "workspace/didChangeConfiguration";
}

/// The one kind of code action that goleash has.
pub(super) const QUICK_FIX: &str = "quickfix";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Position {
    pub(super) line: u32,
    pub(super) character: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Range {
    pub(super) start: Position,
    pub(super) end: Position,
}

// What the client says.

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InitializeParams {
    pub(super) capabilities: ClientCapabilities,
    pub(super) workspace_folders: Option<Vec<WorkspaceFolder>>,
    /// What older clients name instead of folders.
    pub(super) root_uri: Option<Uri>,
    pub(super) initialization_options: Option<Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ClientCapabilities {
    pub(super) general: Option<GeneralCapabilities>,
    pub(super) workspace: Option<WorkspaceCapabilities>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct GeneralCapabilities {
    pub(super) position_encodings: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct WorkspaceCapabilities {
    pub(super) workspace_edit: Option<WorkspaceEditCapabilities>,
    pub(super) did_change_watched_files: Option<DynamicRegistration>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct WorkspaceEditCapabilities {
    pub(super) document_changes: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct DynamicRegistration {
    pub(super) dynamic_registration: Option<bool>,
}

#[derive(Deserialize)]
pub(super) struct WorkspaceFolder {
    pub(super) uri: Uri,
}

/// A document by its name, in whatever message.
#[derive(Deserialize)]
pub(super) struct Identifier {
    pub(super) uri: Uri,
}

#[derive(Deserialize)]
pub(super) struct TextDocumentItem {
    pub(super) uri: Uri,
    pub(super) version: i32,
    pub(super) text: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DidOpenParams {
    pub(super) text_document: TextDocumentItem,
}

#[derive(Deserialize)]
pub(super) struct VersionedIdentifier {
    pub(super) uri: Uri,
    pub(super) version: i32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DidChangeParams {
    pub(super) text_document: VersionedIdentifier,
    pub(super) content_changes: Vec<ContentChange>,
}

#[derive(Deserialize)]
pub(super) struct ContentChange {
    /// What is replaced; everything if it is not said.
    pub(super) range: Option<Range>,
    pub(super) text: String,
}

/// The parameters of the messages that name a document and nothing else of use.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DocumentParams {
    pub(super) text_document: Identifier,
}

#[derive(Deserialize)]
pub(super) struct DidChangeWatchedFilesParams {
    pub(super) changes: Vec<Identifier>,
}

#[derive(Deserialize)]
pub(super) struct DidChangeWorkspaceFoldersParams {
    pub(super) event: FoldersEvent,
}

#[derive(Deserialize)]
pub(super) struct FoldersEvent {
    pub(super) added: Vec<WorkspaceFolder>,
    pub(super) removed: Vec<WorkspaceFolder>,
}

#[derive(Deserialize)]
pub(super) struct DidChangeConfigurationParams {
    pub(super) settings: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CodeActionParams {
    pub(super) text_document: Identifier,
    pub(super) range: Range,
    pub(super) context: CodeActionContext,
}

#[derive(Deserialize)]
pub(super) struct CodeActionContext {
    pub(super) only: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HoverParams {
    pub(super) text_document: Identifier,
    pub(super) position: Position,
}

// What the server says. The rest of it has one form each, and is written where it is said.

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Diagnostic {
    pub(super) range: Range,
    pub(super) severity: u8,
    pub(super) code: String,
    pub(super) code_description: CodeDescription,
    pub(super) source: &'static str,
    pub(super) message: String,
    pub(super) related_information: Vec<RelatedInformation>,
    pub(super) data: Value,
}

#[derive(Clone, Serialize)]
pub(super) struct CodeDescription {
    pub(super) href: String,
}

#[derive(Clone, Serialize)]
pub(super) struct RelatedInformation {
    pub(super) location: Location,
    pub(super) message: String,
}

#[derive(Clone, Serialize)]
pub(super) struct Location {
    pub(super) uri: Uri,
    pub(super) range: Range,
}

#[derive(Serialize)]
pub(super) struct PublishDiagnosticsParams {
    pub(super) uri: Uri,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<i32>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CodeAction {
    pub(super) title: String,
    pub(super) kind: &'static str,
    pub(super) diagnostics: Vec<Diagnostic>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) is_preferred: Option<bool>,
    pub(super) edit: WorkspaceEdit,
}

/// One of the two forms of an edit of several files.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum WorkspaceEdit {
    /// For clients that know no versions.
    Changes(BTreeMap<Uri, Vec<TextEdit>>),
    DocumentChanges(Vec<TextDocumentEdit>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TextDocumentEdit {
    pub(super) text_document: OptionalVersionedIdentifier,
    pub(super) edits: Vec<TextEdit>,
}

#[derive(Serialize)]
pub(super) struct OptionalVersionedIdentifier {
    pub(super) uri: Uri,
    /// `null` for a file that is not open: the text on disk is meant.
    pub(super) version: Option<i32>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TextEdit {
    pub(super) range: Range,
    pub(super) new_text: String,
}
