//! GitHub: one review with all comments, by its REST API.
//!
//! A review is all or nothing there, so one look at its comments tells whether it arrived.

use super::http::{Client, Sent};
use super::{Comment, Done, Patience, Plan, ReviewError, Target, marker, text};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use ureq::http::Method;

// The description of the API knows only the second, its documentation asks for the first.
const JSON: &str = "application/vnd.github+json, application/json;q=0.9";
const DIFF: &str = "application/vnd.github.diff";

pub(super) struct Github<'t> {
    client: Client,
    target: &'t Target,
    pull: String,
}

#[derive(Deserialize)]
struct User {
    #[serde(default)]
    login: String,
    #[serde(default, rename = "type")]
    kind: String,
}

/// A comment on a line, or a review as a whole.
#[derive(Deserialize)]
struct Posted {
    id: u64,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    user: Option<User>,
    #[serde(default)]
    in_reply_to_id: Option<u64>,
    #[serde(default)]
    start_line: Option<u32>,
    #[serde(default)]
    line: Option<u32>,
}

/// What goleash has told before.
#[derive(Default)]
struct Told {
    /// Comments on lines, by fingerprint.
    comments: BTreeMap<String, Posted>,
    /// All fingerprints.
    all: BTreeSet<String>,
}

impl<'t> Github<'t> {
    pub(super) fn new(target: &'t Target, patience: Patience) -> Result<Self, ReviewError> {
        let bearer = target.token.as_ref().map(|token| format!("Bearer {}", token.expose())).unwrap_or_default();
        let headers = [("authorization", bearer.as_str()), ("x-github-api-version", "2022-11-28")];
        Ok(Self { client: Client::new(target, &headers, patience)?, target, pull: pull(target) })
    }

    pub(super) fn diff(&self) -> Result<String, ReviewError> {
        Ok(self.client.get(&self.pull, DIFF)?.text())
    }

    pub(super) fn review(&self, plan: &Plan) -> Result<Done, ReviewError> {
        if plan.is_empty() {
            return Ok(Done::default());
        }
        let me = self.me()?;
        let commit = match &self.target.commit {
            Some(commit) => commit.clone(),
            None => self.head()?,
        };
        let before = self.told(me.as_deref())?;
        let mut done = Done { edited: self.edit(plan, &before, &commit)?, ..Done::default() };
        done.known = plan.len() - plan.without(&before.all).len();
        let (mut told, mut refused, mut attempt) = (before.all, false, 0);
        loop {
            let mut new = plan.without(&told);
            if refused {
                new.move_outside(|_| true);
            }
            if new.is_empty() {
                break;
            }
            let path = format!("{}/reviews", self.pull);
            let sent = self.client.send(Method::POST, &path, JSON, &review(&new, self.target, &commit))?;
            (done.commented, done.summarised) = (new.comments.len(), new.outside.len());
            match sent {
                Sent::Done => break,
                // It does not say which line it does not like. In the summary, at least, all are told.
                Sent::Refused(_) if !refused && !new.comments.is_empty() => refused = true,
                Sent::Refused(message) => return Err(self.client.rejected(422, &path, message)),
                Sent::Gone => return Err(self.client.rejected(410, &path, "this pull request no longer exists".to_owned())),
                Sent::Limited => {}
                Sent::Unclear(message) => {
                    self.client.pause(attempt, message)?;
                    attempt += 1;
                }
            }
            told = self.told(me.as_deref())?.all;
        }
        Ok(done)
    }

    /// The name of the token's user. A workflow's own token has none that it could be told.
    fn me(&self) -> Result<Option<String>, ReviewError> {
        match self.client.get("/user", JSON) {
            Ok(answer) => Ok(Some(self.client.json::<User>(&answer, "/user")?.login)),
            Err(ReviewError::Forbidden { .. } | ReviewError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn head(&self) -> Result<String, ReviewError> {
        let answer = self.client.get(&self.pull, JSON)?;
        let pull: Value = self.client.json(&answer, &self.pull)?;
        let sha = pull["head"]["sha"].as_str().map(str::to_owned);
        sha.ok_or_else(|| self.client.rejected(0, &self.pull, "the pull request has no head".to_owned()))
    }

    fn told(&self, me: Option<&str>) -> Result<Told, ReviewError> {
        let own = |posted: &Posted| {
            // An answer may quote what it answers.
            let Some(user) = posted.user.as_ref().filter(|_| posted.in_reply_to_id.is_none()) else { return false };
            me.map_or(user.kind == "Bot", |me| user.login == me)
        };
        let mut told = Told::default();
        for kind in ["comments", "reviews"] {
            let path = format!("{}/{kind}", self.pull);
            for value in self.client.pages(&path, JSON)? {
                let wrong = |error: serde_json::Error| self.client.rejected(0, &path, error.to_string());
                let posted: Posted = serde_json::from_value(value).map_err(wrong)?;
                if !own(&posted) {
                    continue;
                }
                let body = posted.body.clone().unwrap_or_default();
                let prints: Vec<String> = marker::read(&body).fingerprints.into_iter().map(str::to_owned).collect();
                told.all.extend(prints.iter().cloned());
                if let ([print], "comments") = (prints.as_slice(), kind) {
                    told.comments.entry(print.clone()).or_insert(posted);
                }
            }
        }
        Ok(told)
    }

    /// Brings own comments up to date whose finding reads differently now.
    fn edit(&self, plan: &Plan, told: &Told, commit: &str) -> Result<usize, ReviewError> {
        let mut edited = 0;
        for comment in &plan.comments {
            let Some(old) = told.comments.get(&comment.remark.fingerprint) else { continue };
            // A suggestion replaces the lines that the comment stands on, and it stands where it was put.
            let (first, last) = lines(comment);
            let in_place = old.line == Some(last) && old.start_line.unwrap_or(last) == first;
            let body = text::comment(comment, self.target, commit, in_place);
            if marker::read(&body).digest == marker::read(old.body.as_deref().unwrap_or_default()).digest {
                continue;
            }
            let path = format!("/repos/{}/pulls/comments/{}", self.target.repository, old.id);
            for attempt in 0.. {
                // To write the same twice does no harm.
                let sent = match self.client.send(Method::PATCH, &path, JSON, &json!({ "body": body })) {
                    // Somebody took the comment away in the meantime.
                    Err(ReviewError::NotFound { .. }) => break,
                    sent => sent?,
                };
                match sent {
                    Sent::Done => edited += 1,
                    Sent::Gone => {}
                    Sent::Refused(message) => return Err(self.client.rejected(422, &path, message)),
                    Sent::Limited => continue,
                    Sent::Unclear(message) => {
                        self.client.pause(attempt, message)?;
                        continue;
                    }
                }
                break;
            }
            self.client.breathe()?;
        }
        Ok(edited)
    }
}

pub(super) fn rehearse(plan: &Plan, target: &Target) -> Vec<(&'static str, String, Value)> {
    if plan.is_empty() {
        return Vec::new();
    }
    let commit = target.commit.as_deref().unwrap_or_default();
    vec![("POST", format!("{}{}/reviews", target.api, pull(target)), review(plan, target, commit))]
}

fn pull(target: &Target) -> String {
    format!("/repos/{}/pulls/{}", target.repository, target.number)
}

fn review(plan: &Plan, target: &Target, commit: &str) -> Value {
    let comments: Vec<Value> = plan.comments.iter().map(|comment| on_line(comment, target, commit)).collect();
    json!({ "commit_id": commit, "event": "COMMENT", "body": text::summary(plan, target, commit), "comments": comments })
}

fn on_line(comment: &Comment, target: &Target, commit: &str) -> Value {
    let (first, last) = lines(comment);
    let body = text::comment(comment, target, commit, true);
    let mut value = json!({ "path": comment.path, "line": last, "side": "RIGHT", "body": body });
    if first < last {
        value["start_line"] = first.into();
        value["start_side"] = "RIGHT".into();
    }
    value
}

/// The lines that a comment stands on: those that its suggestion replaces.
fn lines(comment: &Comment) -> (u32, u32) {
    comment.suggestion.as_ref().map_or((comment.line, comment.line), |suggestion| (suggestion.first, suggestion.last))
}
