//! GitLab: a discussion for each comment and a note for the rest, by its REST API.
//!
//! Each is a request of its own, so what arrived is looked up anew before anything is tried again.

use super::http::{Client, Sent};
use super::{Comment, Done, Patience, Plan, ReviewError, Target, marker, text};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use ureq::http::Method;

const JSON: &str = "application/json";

pub(super) struct Gitlab<'t> {
    client: Client,
    target: &'t Target,
    request: String,
    /// Whether the token is that of a job, which belongs to no user.
    of_job: bool,
}

/// The commits between which a position is meant.
#[derive(Deserialize)]
struct Version {
    base_commit_sha: String,
    start_commit_sha: String,
    head_commit_sha: String,
}

#[derive(Deserialize)]
struct User {
    #[serde(default)]
    username: String,
}

#[derive(Deserialize)]
struct Discussion {
    #[serde(default)]
    notes: Vec<Note>,
}

#[derive(Deserialize)]
struct Note {
    #[serde(default)]
    body: String,
    #[serde(default)]
    author: Option<User>,
}

/// How far one pass over what is new came.
enum Pass {
    Through,
    Again,
}

impl<'t> Gitlab<'t> {
    pub(super) fn new(target: &'t Target, patience: Patience) -> Result<Self, ReviewError> {
        let of_job = target.token.as_ref().is_some_and(|token| token.of_job);
        let header = if of_job { "job-token" } else { "private-token" };
        let value = target.token.as_ref().map_or("", |token| token.expose());
        let client = Client::new(target, &[(header, value)], patience)?;
        Ok(Self { client, target, request: request(target), of_job })
    }

    pub(super) fn diff(&self) -> Result<String, ReviewError> {
        Ok(self.client.get(&format!("{}/raw_diffs", self.request), "text/plain")?.text())
    }

    pub(super) fn review(&self, plan: &Plan) -> Result<Done, ReviewError> {
        if plan.is_empty() {
            return Ok(Done::default());
        }
        let me = self.me()?;
        let version = self.version()?;
        let mut told = self.told(me.as_deref())?;
        let mut done = Done { known: plan.len() - plan.without(&told).len(), ..Done::default() };
        let mut refused = BTreeSet::new();
        let mut attempt = 0;
        let comments = plan.without(&told).comments.len();
        let all = plan.without(&told).len();
        loop {
            let mut new = plan.without(&told);
            if new.is_empty() {
                break;
            }
            match self.pass(&mut new, &version, &mut refused, &mut attempt)? {
                Pass::Through => break,
                Pass::Again => told = self.told(me.as_deref())?,
            }
        }
        done.commented = comments - refused.len();
        done.summarised = all - done.commented;
        Ok(done)
    }

    fn pass(
        &self,
        new: &mut Plan,
        version: &Version,
        refused: &mut BTreeSet<String>,
        attempt: &mut u32,
    ) -> Result<Pass, ReviewError> {
        let commit = self.target.commit.as_deref().unwrap_or(&version.head_commit_sha);
        let path = format!("{}/discussions", self.request);
        for comment in &new.comments {
            let print = &comment.remark.fingerprint;
            if refused.contains(print) {
                continue;
            }
            let body = discussion(comment, self.target, commit, Some(version));
            match self.send(&path, &body, attempt)? {
                Some(Sent::Refused(_)) => {
                    // The line is not one that it shows. The summary tells it instead.
                    refused.insert(print.clone());
                }
                Some(_) => {}
                None => return Ok(Pass::Again),
            }
        }
        new.move_outside(|comment| refused.contains(&comment.remark.fingerprint));
        if new.outside.is_empty() {
            return Ok(Pass::Through);
        }
        let path = format!("{}/notes", self.request);
        match self.send(&path, &json!({ "body": text::summary(new, self.target, commit) }), attempt)? {
            Some(Sent::Refused(message)) => Err(self.client.rejected(400, &path, message)),
            Some(_) => Ok(Pass::Through),
            None => Ok(Pass::Again),
        }
    }

    /// `None` where it has to be looked first.
    fn send(&self, path: &str, body: &Value, attempt: &mut u32) -> Result<Option<Sent>, ReviewError> {
        match self.client.send(Method::POST, path, JSON, body)? {
            Sent::Unclear(message) => {
                self.client.pause(*attempt, message)?;
                *attempt += 1;
                Ok(None)
            }
            Sent::Limited => Ok(None),
            Sent::Gone => Err(self.client.rejected(410, path, "this merge request no longer exists".to_owned())),
            sent => Ok(Some(sent)),
        }
    }

    fn me(&self) -> Result<Option<String>, ReviewError> {
        if self.of_job {
            return Ok(None);
        }
        let answer = self.client.get("/user", JSON)?;
        Ok(Some(self.client.json::<User>(&answer, "/user")?.username))
    }

    fn version(&self) -> Result<Version, ReviewError> {
        let path = format!("{}/versions", self.request);
        let answer = self.client.get(&path, JSON)?;
        let versions: Vec<Version> = self.client.json(&answer, &path)?;
        // The newest comes first.
        let none = || self.client.rejected(0, &path, "the merge request has no diff".to_owned());
        versions.into_iter().next().ok_or_else(none)
    }

    fn told(&self, me: Option<&str>) -> Result<BTreeSet<String>, ReviewError> {
        let path = format!("{}/discussions", self.request);
        let mut told = BTreeSet::new();
        for value in self.client.pages(&path, JSON)? {
            let wrong = |error: serde_json::Error| self.client.rejected(0, &path, error.to_string());
            let discussion: Discussion = serde_json::from_value(value).map_err(wrong)?;
            // What comes after the first note are answers, which may quote it.
            let Some(note) = discussion.notes.first() else { continue };
            if me.is_none_or(|me| note.author.as_ref().is_some_and(|author| author.username == me)) {
                told.extend(marker::read(&note.body).fingerprints.into_iter().map(str::to_owned));
            }
        }
        Ok(told)
    }
}

pub(super) fn rehearse(plan: &Plan, target: &Target) -> Vec<(&'static str, String, Value)> {
    let commit = target.commit.as_deref().unwrap_or_default();
    let address = |what: &str| format!("{}{}/{what}", target.api, request(target));
    let comments = plan.comments.iter().map(|comment| discussion(comment, target, commit, None));
    let mut out: Vec<_> = comments.map(|body| ("POST", address("discussions"), body)).collect();
    if !plan.outside.is_empty() {
        out.push(("POST", address("notes"), json!({ "body": text::summary(plan, target, commit) })));
    }
    out
}

fn request(target: &Target) -> String {
    format!("/projects/{}/merge_requests/{}", target.repository.replace('/', "%2F"), target.number)
}

/// Without a version, which only the service knows, the commits stay out of the position.
fn discussion(comment: &Comment, target: &Target, commit: &str, version: Option<&Version>) -> Value {
    let mut position = json!({
        "position_type": "text",
        "old_path": comment.old_path,
        "new_path": comment.path,
        "new_line": comment.line,
    });
    // A line that has not changed is only found by both its numbers.
    if let Some(old) = comment.old_line {
        position["old_line"] = old.into();
    }
    if let Some(version) = version {
        position["base_sha"] = version.base_commit_sha.clone().into();
        position["start_sha"] = version.start_commit_sha.clone().into();
        position["head_sha"] = version.head_commit_sha.clone().into();
    }
    json!({ "body": text::comment(comment, target, commit, true), "position": position })
}
