//! Findings out of SARIF logs: those of goleash, whole; others as far as they go.

use super::{Change, Remark, ReviewError, Spot};
use crate::lint::Level;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use xxhash_rust::xxh3::xxh3_128;

#[derive(Deserialize)]
struct Log {
    version: String,
    #[serde(default)]
    runs: Vec<Run>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    #[serde(default)]
    results: Option<Vec<ResultObject>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ResultObject {
    rule_id: String,
    kind: String,
    level: String,
    message: Text,
    locations: Vec<Place>,
    code_flows: Vec<CodeFlow>,
    partial_fingerprints: BTreeMap<String, String>,
    fixes: Vec<FixObject>,
    suppressions: Vec<Suppression>,
    baseline_state: String,
}

impl Default for ResultObject {
    fn default() -> Self {
        Self {
            rule_id: String::new(),
            kind: "fail".to_owned(),
            level: "warning".to_owned(),
            message: Text::default(),
            locations: Vec::new(),
            code_flows: Vec::new(),
            partial_fingerprints: BTreeMap::new(),
            fixes: Vec::new(),
            suppressions: Vec::new(),
            baseline_state: "new".to_owned(),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Text {
    text: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Place {
    physical_location: Option<Physical>,
    message: Text,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Physical {
    artifact_location: Artifact,
    region: Option<Region>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Artifact {
    uri: String,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Region {
    start_line: Option<u32>,
    start_column: Option<u32>,
    end_line: Option<u32>,
    end_column: Option<u32>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct CodeFlow {
    thread_flows: Vec<ThreadFlow>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ThreadFlow {
    locations: Vec<FlowLocation>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FlowLocation {
    location: Place,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct FixObject {
    description: Text,
    artifact_changes: Vec<ArtifactChange>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ArtifactChange {
    artifact_location: Artifact,
    replacements: Vec<Replacement>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Replacement {
    deleted_region: Region,
    inserted_content: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Suppression {
    status: Option<String>,
}

/// The findings of some logs, each once. `names` are for messages, `prefix` is where in the repository their paths begin.
///
/// # Errors
/// When one is no SARIF 2.1.0.
pub fn read(logs: &[(String, Vec<u8>)], prefix: &str) -> Result<Vec<Remark>, ReviewError> {
    let mut seen = BTreeSet::new();
    let mut remarks = Vec::new();
    for (name, bytes) in logs {
        let broken = |message: String| ReviewError::Sarif { name: name.clone(), message };
        // Tools on Windows begin files with a mark.
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let log: Log = serde_json::from_slice(bytes).map_err(|error| broken(error.to_string()))?;
        if log.version != "2.1.0" {
            return Err(broken(format!("its version is `{}`, not 2.1.0", log.version)));
        }
        let results = log.runs.into_iter().flat_map(|run| run.results.unwrap_or_default());
        for remark in results.filter(ResultObject::counts).map(|result| remark(&result, prefix)) {
            if seen.insert(remark.fingerprint.clone()) {
                remarks.push(remark);
            }
        }
    }
    Ok(remarks)
}

impl ResultObject {
    /// Whether anybody should hear of it: not what is excused, known or fine.
    fn counts(&self) -> bool {
        // A suppression that was asked for and refused suppresses nothing.
        let excused = self.suppressions.iter().any(|s| !matches!(s.status.as_deref(), Some("underReview" | "rejected")));
        !excused && !matches!(self.baseline_state.as_str(), "unchanged" | "absent") && self.kind == "fail" && self.level != "none"
    }
}

fn remark(result: &ResultObject, prefix: &str) -> Remark {
    let at = result.locations.first().and_then(|place| spot(place, prefix));
    let flow = result.code_flows.first().and_then(|flow| flow.thread_flows.first());
    let steps = flow.map(|flow| flow.locations.iter().filter_map(|step| spot(&step.location, prefix)).collect());
    let message = shown(&result.message.text);
    let own = result.partial_fingerprints.iter().find(|(key, _)| key.starts_with("goleashFingerprint/"));
    let fingerprint = match own.or_else(|| result.partial_fingerprints.iter().next()) {
        // It goes into a marker, so it must not be able to end it.
        Some((_, value)) if !value.is_empty() && value.len() <= 128 && value.bytes().all(is_tame) => value.clone(),
        other => {
            let path = at.as_ref().map_or("", |spot| spot.path.as_str());
            let key = other.map_or_else(|| format!("{}\0{path}\0{message}", result.rule_id), |(_, value)| value.clone());
            format!("{:032x}", xxh3_128(key.as_bytes()))
        }
    };
    Remark {
        rule: result.rule_id.clone(),
        level: match result.level.as_str() {
            "error" => Level::Error,
            "note" => Level::Note,
            _ => Level::Warning,
        },
        message,
        at,
        steps: steps.unwrap_or_default(),
        fixes: result.fixes.iter().filter_map(|fix| self::fix(fix, prefix)).collect(),
        fingerprint,
    }
}

fn is_tame(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b':' | b'/')
}

fn spot(place: &Place, prefix: &str) -> Option<Spot> {
    let physical = place.physical_location.as_ref()?;
    let region = physical.region.unwrap_or_default();
    let first = region.start_line.unwrap_or(1);
    let last = region.end_line.unwrap_or(first).max(first);
    let path = path(&physical.artifact_location.uri, prefix)?;
    Some(Spot { path, first, last, label: shown(&place.message.text) })
}

/// A fix whose changes are all in one file; no service takes others.
fn fix(fix: &FixObject, prefix: &str) -> Option<Change> {
    let [change] = fix.artifact_changes.as_slice() else { return None };
    let edits = change.replacements.iter().map(|replacement| {
        let region = replacement.deleted_region;
        let line = region.start_line?;
        // Where a region says no more, it ends with its line, and the last column is not known here.
        let start = (line, region.start_column.unwrap_or(1));
        let end = (region.end_line.unwrap_or(line), region.end_column?);
        Some((start, end, replacement.inserted_content.text.clone()))
    });
    let mut edits: Vec<_> = edits.collect::<Option<_>>()?;
    edits.sort_by_key(|edit| (edit.0, edit.1));
    Some(Change { title: shown(&fix.description.text), path: path(&change.artifact_location.uri, prefix)?, edits })
}

/// The path in the repository that a URI reference names, if it names one.
fn path(uri: &str, prefix: &str) -> Option<String> {
    let relative = uri.strip_prefix("./").unwrap_or(uri);
    if relative.is_empty() || relative.starts_with('/') || relative.contains("://") || relative.starts_with("file:") {
        return None;
    }
    let mut bytes = Vec::with_capacity(relative.len());
    let mut rest = relative.bytes();
    while let Some(byte) = rest.next() {
        let escaped = (byte == b'%').then(|| hex(&rest)).flatten();
        match escaped {
            Some(value) => {
                bytes.push(value);
                rest.nth(1);
            }
            None => bytes.push(byte),
        }
    }
    let mut parts: Vec<String> = Vec::new();
    let whole = format!("{prefix}/{}", String::from_utf8_lossy(&bytes));
    for part in whole.split('/').filter(|part| !matches!(*part, "" | ".")) {
        if part == ".." {
            // Out of the repository.
            parts.pop()?;
        } else {
            parts.push(part.to_owned());
        }
    }
    Some(parts.join("/"))
}

/// The byte that the two hexadecimal digits which come next spell.
fn hex(digits: &std::str::Bytes<'_>) -> Option<u8> {
    let mut ahead = digits.clone();
    let mut digit = || char::from(ahead.next()?).to_digit(16);
    let (high, low) = (digit()?, digit()?);
    u8::try_from(high * 16 + low).ok()
}

/// A text without the escapes that keep readers from taking brackets for links. goleash escapes all of them or none.
fn shown(text: &str) -> String {
    if !text.contains("\\](") {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = (c == '\\').then(|| chars.next_if(|next| matches!(next, '\\' | '[' | ']'))).flatten();
        out.push(next.unwrap_or(c));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn log(results: &Value) -> Vec<(String, Vec<u8>)> {
        let log = json!({ "version": "2.1.0", "runs": [{ "tool": {}, "results": results }] });
        vec![("x.sarif".to_owned(), log.to_string().into_bytes())]
    }

    fn result(extra: &Value) -> Value {
        let mut result = json!({ "ruleId": "blocked-send", "message": { "text": "Blocks." } });
        result.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        result
    }

    #[test]
    fn what_is_excused_or_known_is_left_out() {
        let results = json!([
            result(&json!({ "partialFingerprints": { "goleashFingerprint/v1": "a" } })),
            result(&json!({ "partialFingerprints": { "goleashFingerprint/v1": "a" } })),
            result(&json!({ "partialFingerprints": { "x": "b" }, "suppressions": [{ "kind": "inSource" }] })),
            result(
                &json!({ "partialFingerprints": { "x": "c" }, "suppressions": [{ "kind": "external", "status": "rejected" }] })
            ),
            result(&json!({ "partialFingerprints": { "x": "d" }, "baselineState": "unchanged" })),
            result(&json!({ "partialFingerprints": { "x": "e" }, "baselineState": "updated", "level": "note" })),
            result(&json!({ "partialFingerprints": { "x": "f" }, "kind": "pass" })),
            result(&json!({ "partialFingerprints": { "x": "--> <b>" } })),
        ]);
        let remarks = read(&log(&results), "").unwrap();
        let prints: Vec<&str> = remarks.iter().map(|r| r.fingerprint.as_str()).collect();
        assert_eq!(prints[..3], ["a", "c", "e"]);
        assert!(prints.len() == 4 && prints[3].len() == 32, "{prints:?}");
    }

    #[test]
    fn paths_are_of_the_repository() {
        assert_eq!(path("a%20b/c%3Ad%25.go", "").as_deref(), Some("a b/c:d%.go"));
        assert_eq!(path("./x.go", "cmd/api/").as_deref(), Some("cmd/api/x.go"));
        assert_eq!(path("../x.go", "cmd/api").as_deref(), Some("cmd/x.go"));
        assert_eq!(path("100%.go", "").as_deref(), Some("100%.go"));
        assert_eq!((path("../x.go", ""), path("file:///x.go", ""), path("/x.go", ""), path("", "")), (None, None, None, None));
    }

    #[test]
    fn escaped_brackets_are_shown_as_they_were() {
        assert_eq!(shown(r"calls `f\[int\](1)` with `\\d`"), r"calls `f[int](1)` with `\d`");
        assert_eq!(shown(r"matches `[a]\d`"), r"matches `[a]\d`");
    }

    #[test]
    fn other_versions_are_refused() {
        let error = read(&[("x".to_owned(), b"{\"version\":\"2.0.0\"}".to_vec())], "").unwrap_err();
        assert!(error.to_string().contains("2.0.0"), "{error}");
        assert!(read(&[("x".to_owned(), b"{".to_vec())], "").is_err());
    }
}
