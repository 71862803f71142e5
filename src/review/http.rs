//! Requests: patient with services that are slow, busy or limit how often they are asked, and never twice where that could do harm.

use super::{ReviewError, Target, Token};
use serde_json::Value;
use std::cell::Cell;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use ureq::http::{HeaderMap, Method, Request};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// How often a request is tried when nothing clear comes back.
const TRIES: u32 = 5;
/// What GitHub asks for where it limits and does not say how long.
const MINUTE: Duration = Duration::from_secs(60);
/// Longer answers are not read.
const MOST_BYTES: u64 = 64 << 20;

/// How long to wait for what.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For limits and between tries, in all.
    pub at_most: Duration,
    /// Before the second try; each further pause is twice as long.
    pub first_pause: Duration,
    /// For one answer.
    pub timeout: Duration,
}

/// A service that answers.
pub(super) struct Client {
    reader: ureq::Agent,
    writer: ureq::Agent,
    service: &'static str,
    api: String,
    headers: Vec<(&'static str, String)>,
    token: Option<Token>,
    patience: Patience,
    waited: Cell<Duration>,
}

/// An answer.
pub(super) struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// What became of a request that changes something.
pub(super) enum Sent {
    /// Done.
    Done,
    /// Understood and refused, with the reason.
    Refused(String),
    /// Not looked at, because there were too many; now it may be sent again.
    Limited,
    /// Perhaps done: look before it is sent again.
    Unclear(String),
    /// There is no such thing any more.
    Gone,
}

impl Client {
    pub(super) fn new(target: &Target, headers: &[(&'static str, &str)], patience: Patience) -> Result<Self, ReviewError> {
        let service = target.service.name();
        let Some(token) = target.token.clone() else {
            return Err(ReviewError::Unauthorized { service, message: "there is no token in the environment".to_owned() });
        };
        let roots = roots();
        let agent = |redirects| {
            let config = ureq::Agent::config_builder()
                .http_status_as_error(false)
                .timeout_global(Some(patience.timeout))
                .max_redirects(redirects)
                .max_redirects_will_error(false)
                .redirect_auth_headers(ureq::config::RedirectAuthHeaders::SameHost)
                .tls_config(TlsConfig::builder().root_certs(roots.clone()).build())
                .user_agent(concat!("goleash/", env!("CARGO_PKG_VERSION")));
            ureq::Agent::from(config.build())
        };
        Ok(Self {
            reader: agent(3),
            // A write that is sent on somewhere else would arrive without its body, or be another one.
            writer: agent(0),
            service,
            api: target.api.clone(),
            headers: headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
            token: Some(token),
            patience,
            waited: Cell::new(Duration::ZERO),
        })
    }

    fn once(
        &self,
        agent: &ureq::Agent,
        method: Method,
        path: &str,
        accept: &str,
        body: Option<&Value>,
    ) -> Result<Answer, String> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.api)).header("accept", accept);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let sent = match body {
            Some(body) => {
                let request = request.header("content-type", "application/json").body(body.to_string().into_bytes());
                request.map_err(|error| self.clean(&error.to_string())).map(|request| agent.run(request))
            }
            None => request.body(()).map_err(|error| self.clean(&error.to_string())).map(|request| agent.run(request)),
        };
        let answer = sent?.map_err(|error| self.clean(&error.to_string()))?;
        let (parts, body) = answer.into_parts();
        let body = body.into_with_config().limit(MOST_BYTES).read_to_vec().map_err(|error| self.clean(&error.to_string()))?;
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
    }

    /// Asks for something, as often as it takes.
    pub(super) fn get(&self, path: &str, accept: &str) -> Result<Answer, ReviewError> {
        for attempt in 0.. {
            let failure = match self.once(&self.reader, Method::GET, path, accept, None) {
                Ok(answer) if answer.status == 200 => return Ok(answer),
                Ok(answer) => {
                    if let Some(limit) = answer.limit() {
                        self.wait(limit.max(self.patience.first_pause), &self.limited())?;
                        continue;
                    }
                    if answer.status < 500 {
                        return Err(self.error(&answer, path));
                    }
                    format!("it answers {}: {}", answer.status, self.message(&answer))
                }
                Err(message) => message,
            };
            self.pause(attempt, failure)?;
        }
        unreachable!("the pauses come to an end")
    }

    /// Changes something. Only what is clear is an error: who asks looks again where it is not.
    pub(super) fn send(&self, method: Method, path: &str, accept: &str, body: &Value) -> Result<Sent, ReviewError> {
        let answer = match self.once(&self.writer, method, path, accept, Some(body)) {
            Ok(answer) => answer,
            Err(message) => return Ok(Sent::Unclear(message)),
        };
        if let Some(limit) = answer.limit() {
            self.wait(limit.max(self.patience.first_pause), &self.limited())?;
            return Ok(Sent::Limited);
        }
        match answer.status {
            200..=299 => Ok(Sent::Done),
            400 | 422 => Ok(Sent::Refused(self.message(&answer))),
            410 => Ok(Sent::Gone),
            500.. => Ok(Sent::Unclear(format!("it answers {}: {}", answer.status, self.message(&answer)))),
            _ => Err(self.error(&answer, path)),
        }
    }

    /// The lists on all pages, one after the other.
    pub(super) fn pages(&self, path: &str, accept: &str) -> Result<Vec<Value>, ReviewError> {
        let mut out = Vec::new();
        let mut before = Vec::new();
        // More than 20,000 comments: somebody would have noticed.
        for page in 1..=200 {
            let path = format!("{path}?per_page=100&page={page}");
            let answer = self.get(&path, accept)?;
            let list: Vec<Value> = self.json(&answer, &path)?;
            // A server that turns no pages would go on for ever.
            if list.is_empty() || list == before {
                break;
            }
            out.extend(list.iter().cloned());
            if !answer.has_next() {
                break;
            }
            before = list;
        }
        Ok(out)
    }

    pub(super) fn json<T: serde::de::DeserializeOwned>(&self, answer: &Answer, path: &str) -> Result<T, ReviewError> {
        let wrong = |error: serde_json::Error| self.rejected(0, path, format!("not the JSON that goleash expects: {error}"));
        serde_json::from_slice(&answer.body).map_err(wrong)
    }

    /// Refused for good.
    pub(super) fn rejected(&self, status: u16, path: &str, message: String) -> ReviewError {
        ReviewError::Rejected { service: self.service, status, path: path.to_owned(), message }
    }

    /// Waits before the next try, or gives up.
    pub(super) fn pause(&self, attempt: u32, failure: String) -> Result<(), ReviewError> {
        if attempt + 1 >= TRIES {
            return Err(ReviewError::Unreachable { service: self.service, message: failure });
        }
        self.wait(self.patience.first_pause * 2_u32.pow(attempt), &format!("{}: {failure}", self.service))
    }

    /// Between changes, which GitHub wants to be slow.
    pub(super) fn breathe(&self) -> Result<(), ReviewError> {
        self.wait(self.patience.first_pause, "many changes")
    }

    fn wait(&self, pause: Duration, reason: &str) -> Result<(), ReviewError> {
        let all = self.waited.get() + pause;
        let at_most = self.patience.at_most;
        if all > at_most {
            return Err(ReviewError::TooLong { reason: reason.to_owned(), over: all - at_most, at_most });
        }
        self.waited.set(all);
        std::thread::sleep(pause);
        Ok(())
    }

    fn limited(&self) -> String {
        format!("{} limits how often it is asked", self.service)
    }

    fn error(&self, answer: &Answer, path: &str) -> ReviewError {
        let (service, message) = (self.service, self.message(answer));
        match answer.status {
            401 => ReviewError::Unauthorized { service, message },
            403 => ReviewError::Forbidden { service, message },
            404 => ReviewError::NotFound { service, path: path.to_owned() },
            status => self.rejected(status, path, message),
        }
    }

    /// What the service says, as one short line.
    fn message(&self, answer: &Answer) -> String {
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let mut parts: Vec<String> = Vec::new();
        for key in ["message", "error", "errors"] {
            match &body[key] {
                Value::Null => {}
                Value::String(text) => parts.push(text.clone()),
                other => parts.push(other.to_string()),
            }
        }
        if parts.is_empty() { "no reason given".to_owned() } else { self.clean(&parts.join(" ")) }
    }

    /// A text from elsewhere, for a terminal: short, without control characters, and without the token should it be echoed.
    fn clean(&self, text: &str) -> String {
        let text = self.token.as_ref().map_or_else(|| text.to_owned(), |token| text.replace(token.expose(), "***"));
        let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect();
        text.trim().to_owned()
    }
}

/// The authorities that this machine trusts, for companies sign the certificates of their servers themselves. A container that trusts nobody
/// gets the usual ones.
fn roots() -> RootCerts {
    let trusted = rustls_native_certs::load_native_certs().certs;
    if trusted.is_empty() {
        return RootCerts::WebPki;
    }
    trusted.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).into()
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn has_next(&self) -> bool {
        let named = self.header("link").is_some_and(|link| link.split(',').any(|one| one.contains("rel=\"next\"")));
        named || self.header("x-next-page").is_some_and(|page| !page.trim().is_empty())
    }

    /// For how long the service wants to be left alone, if that is why it refuses.
    fn limit(&self) -> Option<Duration> {
        let seconds = |name| self.header(name)?.trim().parse::<u64>().ok();
        let said = seconds("retry-after").map(Duration::from_secs);
        let spent = |name| seconds(name) == Some(0);
        let until = |name| {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            // A second more, for clocks that differ by a little.
            Some(Duration::from_secs(seconds(name)? + 1).saturating_sub(now))
        };
        let reset = if spent("x-ratelimit-remaining") {
            until("x-ratelimit-reset")
        } else if spent("ratelimit-remaining") {
            until("ratelimit-reset")
        } else {
            None
        };
        let named = || String::from_utf8_lossy(&self.body).to_lowercase().contains("rate limit").then_some(MINUTE);
        match self.status {
            429 => said.or(reset).or(Some(MINUTE)),
            403 => said.or(reset).or_else(named),
            _ => None,
        }
    }
}
