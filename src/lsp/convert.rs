//! Findings as an editor wants them.

use super::protocol::{
    CodeAction, CodeDescription, Diagnostic, Location, OptionalVersionedIdentifier, Position, QUICK_FIX, Range,
    RelatedInformation, TextDocumentEdit, TextEdit, WorkspaceEdit,
};
use super::text::Encoding;
use super::uri::Uri;
use crate::lint::{Edit, Finding, Fix, Level, Meta, Safety};
use crate::report::escape::markdown as markdown_text;
use crate::report::{HOME, plain_text};
use std::collections::BTreeMap;
use std::path::Path;

/// What a client calls a file, and the version of its text if it is open.
type Name = (Uri, Option<i32>);

/// How this client wants things.
pub(super) struct Client<'a> {
    pub(super) encoding: Encoding,
    /// Whether edits may name the version of the document that they are meant for.
    pub(super) versions: bool,
    /// The client's name for a file, and its version if it is open.
    pub(super) name: &'a dyn Fn(&Path) -> Option<Name>,
}

pub(super) fn meta(rule: &str) -> Option<&'static Meta> {
    crate::rules::metas().into_iter().find(|meta| meta.id == rule)
}

impl Client<'_> {
    pub(super) fn diagnostic(&self, finding: &Finding) -> Diagnostic {
        let related = finding.steps.iter().filter_map(|step| {
            let (uri, _) = (self.name)(&step.at.file.path)?;
            let location = Location { uri, range: self.encoding.range(&step.at) };
            Some(RelatedInformation { location, message: plain_text(&step.label) })
        });
        let href = format!("{HOME}/blob/main/rules/{}/README.md", finding.rule.replace('-', "_"));
        Diagnostic {
            range: self.encoding.range(&finding.at),
            severity: match finding.level {
                Level::Error => 1,
                Level::Warning => 2,
                // A piece of information; 4 is a hint, which editors hardly show.
                Level::Note => 3,
            },
            code: finding.rule.to_owned(),
            code_description: CodeDescription { href },
            source: "goleash",
            message: plain_text(&finding.message),
            related_information: related.collect(),
            data: serde_json::json!({ "fingerprint": finding.fingerprint }),
        }
    }

    /// What can be done about a finding: its fixes, best first, and to excuse it.
    pub(super) fn actions(&self, finding: &Finding) -> Vec<CodeAction> {
        let diagnostic = self.diagnostic(finding);
        let mut out = Vec::new();
        for (index, fix) in finding.fixes.iter().enumerate() {
            let Some(edit) = self.edit(&fix.edits.iter().collect::<Vec<_>>()) else { continue };
            out.push(CodeAction {
                title: title(fix),
                kind: QUICK_FIX,
                diagnostics: vec![diagnostic.clone()],
                is_preferred: Some(index == 0 && fix.safety == Safety::Safe),
                edit,
            });
        }
        if let Some((uri, version)) = (self.name)(&finding.at.file.path) {
            let text = finding.at.file.line_text(finding.at.start().line);
            let indent = &text[..text.len() - text.trim_start().len()];
            let at = Position { line: finding.at.start().line.saturating_sub(1), character: 0 };
            let new_text = format!("{indent}//goleash:ignore {} \n", finding.rule);
            let edits = vec![TextEdit { range: Range { start: at, end: at }, new_text }];
            out.push(CodeAction {
                title: format!("Ignore this {}; a reason is wanted", finding.rule),
                kind: QUICK_FIX,
                diagnostics: vec![diagnostic],
                is_preferred: None,
                edit: self.workspace(vec![(uri, version, edits)]),
            });
        }
        out
    }

    fn edit(&self, edits: &[&Edit]) -> Option<WorkspaceEdit> {
        let mut files: BTreeMap<&Path, Vec<TextEdit>> = BTreeMap::new();
        for edit in edits {
            // Line ends are those of the file.
            let crlf = edit
                .at
                .file
                .line_start(2)
                .checked_sub(2)
                .and_then(|at| edit.at.file.text.get(at..))
                .is_some_and(|s| s.starts_with("\r\n"));
            let new_text = edit.text.replace("\r\n", "\n");
            let new_text = if crlf { new_text.replace('\n', "\r\n") } else { new_text };
            files.entry(&edit.at.file.path).or_default().push(TextEdit { range: self.encoding.range(&edit.at), new_text });
        }
        let named = files.into_iter().map(|(path, edits)| (self.name)(path).map(|(uri, version)| (uri, version, edits)));
        Some(self.workspace(named.collect::<Option<Vec<_>>>()?))
    }

    fn workspace(&self, files: Vec<(Uri, Option<i32>, Vec<TextEdit>)>) -> WorkspaceEdit {
        if !self.versions {
            return WorkspaceEdit::Changes(files.into_iter().map(|(uri, _, edits)| (uri, edits)).collect());
        }
        let of = |(uri, version, edits)| TextDocumentEdit { text_document: OptionalVersionedIdentifier { uri, version }, edits };
        WorkspaceEdit::DocumentChanges(files.into_iter().map(of).collect())
    }
}

fn title(fix: &Fix) -> String {
    let mut letters = fix.title.chars();
    let title: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    let title = plain_text(&title);
    if fix.safety == Safety::Safe { title } else { format!("{title} ({})", fix.safety) }
}

/// A finding, its help and its rule's page.
pub(super) fn page(finding: &Finding) -> String {
    let docs = meta(finding.rule).map_or("", |meta| meta.docs);
    // Messages quote the code, and a hover is Markdown.
    format!("**{}**\n\n{}\n\n---\n\n{docs}", markdown_text(&finding.message), markdown_text(&finding.help))
}
