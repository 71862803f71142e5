//! Which pull request is reviewed, and where it lives: from flags, or from what CI servers tell in the environment.

use super::ReviewError;
use serde_json::Value;
use std::fmt;

/// A kind of service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Service {
    /// GitHub, in the cloud or on a server of one's own
    Github,
    /// GitLab, in the cloud or on a server of one's own
    Gitlab,
}

impl Service {
    /// As people write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Github => "GitHub",
            Self::Gitlab => "GitLab",
        }
    }

    /// What stands before the commit in the address of a file.
    pub(super) fn tree(self) -> &'static str {
        match self {
            Self::Github => "blob",
            Self::Gitlab => "-/blob",
        }
    }

    /// What stands before the last of several lines in an address.
    pub(super) fn line_sign(self) -> &'static str {
        match self {
            Self::Github => "L",
            Self::Gitlab => "",
        }
    }
}

/// A secret, which nothing prints.
#[derive(Clone)]
pub struct Token {
    value: String,
    /// GitLab's own for a job, which has a header of its own.
    pub(super) of_job: bool,
}

impl Token {
    /// `None` for a text that no header can carry.
    #[must_use]
    pub fn new(value: &str, of_job: bool) -> Option<Self> {
        let value = value.trim();
        let fits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| Self { value: value.to_owned(), of_job })
    }

    pub(super) fn expose(&self) -> &str {
        &self.value
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// A pull request.
#[derive(Clone, Debug)]
pub struct Target {
    /// The kind of service.
    pub service: Service,
    /// Where its API is, without a slash at the end.
    pub api: String,
    /// Where people see the repository.
    pub web: String,
    /// `owner/name`, for GitLab also a number.
    pub repository: String,
    /// Of the pull request.
    pub number: u64,
    /// Its newest commit, if that is known.
    pub commit: Option<String>,
    /// What to identify oneself with.
    pub token: Option<Token>,
}

/// What flags say; the rest is looked up.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The kind of service.
    pub service: Option<Service>,
    /// Where its API is.
    pub api: Option<String>,
    /// Where people see the service.
    pub server: Option<String>,
    /// `owner/name`.
    pub repository: Option<String>,
    /// Of the pull request.
    pub number: Option<u64>,
    /// Its newest commit.
    pub commit: Option<String>,
}

impl Target {
    /// From what was asked for, the environment, and the event that GitHub writes into a file.
    ///
    /// # Errors
    /// When something is missing or makes no sense.
    pub fn find(asked: &Asked, env: &dyn Fn(&str) -> Option<String>) -> Result<Self, ReviewError> {
        // Servers set variables to nothing where there is nothing to say.
        let env = |name: &str| env(name).filter(|value| !value.trim().is_empty());
        let in_gitlab = env("GITLAB_CI").is_some() && env("GITHUB_ACTIONS").is_none();
        let service = asked.service.unwrap_or(if in_gitlab { Service::Gitlab } else { Service::Github });
        let mut target = match service {
            Service::Github => github(asked, &env)?,
            Service::Gitlab => gitlab(asked, &env)?,
        };
        target.api.truncate(target.api.trim_end_matches('/').len());
        target.web.truncate(target.web.trim_end_matches('/').len());
        target.check()?;
        Ok(target)
    }

    /// What goes into addresses has to look like it.
    fn check(&self) -> Result<(), ReviewError> {
        let wrong = |what, message: String| Err(ReviewError::Wrong { what, message });
        let parts: Vec<&str> = self.repository.split('/').collect();
        let tame = |part: &&str| {
            let plain = part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'));
            plain && !part.is_empty() && !matches!(*part, "." | "..")
        };
        let is_whole = match self.service {
            Service::Github => parts.len() == 2,
            Service::Gitlab => parts.len() >= 2 || self.repository.bytes().all(|b| b.is_ascii_digit()),
        };
        if !is_whole || !parts.iter().all(tame) {
            return wrong("--repo", format!("`{}` is not of the form OWNER/NAME", self.repository));
        }
        if self.commit.as_ref().is_some_and(|commit| commit.len() < 7 || !commit.bytes().all(|b| b.is_ascii_hexdigit())) {
            return wrong("--commit", "it takes the hexadecimal id of a commit".to_owned());
        }
        for (what, url) in [("--api", &self.api), ("--server", &self.web)] {
            let scheme = url.split_once("://").map(|(scheme, rest)| (scheme, rest.is_empty()));
            if !matches!(scheme, Some(("http" | "https", false))) || url.contains([' ', '@', '?', '#', '\n']) {
                return wrong(what, format!("`{url}` is no address of the form https://HOST"));
            }
        }
        if self.token.is_some() && self.api.starts_with("http://") && !is_loopback(&self.api) {
            return wrong("--api", format!("`{}` would get the token unencrypted; use https", self.api));
        }
        Ok(())
    }
}

fn is_loopback(url: &str) -> bool {
    let host = url.trim_start_matches("http://").split('/').next().unwrap_or_default();
    let host =
        host.rsplit_once(':').map_or(host, |(name, port)| if port.bytes().all(|b| b.is_ascii_digit()) { name } else { host });
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

fn github(asked: &Asked, env: &dyn Fn(&str) -> Option<String>) -> Result<Target, ReviewError> {
    let event = env("GITHUB_EVENT_PATH").and_then(|path| std::fs::read(path).ok());
    let event: Value = event.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    let pull = &event["pull_request"];
    // `refs/pull/7/merge`, where the event says nothing.
    let by_ref = || env("GITHUB_REF")?.strip_prefix("refs/pull/")?.split('/').next()?.parse().ok();
    let repository = asked.repository.clone().or_else(|| env("GITHUB_REPOSITORY")).ok_or(ReviewError::Unknown {
        what: "repository",
        help: "give --repo OWNER/NAME, or run in a workflow, which sets GITHUB_REPOSITORY",
    })?;
    let number = asked.number.or_else(|| pull["number"].as_u64()).or_else(by_ref).ok_or(ReviewError::Unknown {
        what: "pull request",
        help: "give --number N, or run on the event `pull_request`, whose file GITHUB_EVENT_PATH names",
    })?;
    let server = asked.server.clone().or_else(|| env("GITHUB_SERVER_URL")).unwrap_or_else(|| "https://github.com".to_owned());
    // GITHUB_SHA is a merge that nobody can comment on. And the event is of this pull request only.
    let of_event = || pull["head"]["sha"].as_str().filter(|_| pull["number"].as_u64() == Some(number)).map(str::to_owned);
    Ok(Target {
        service: Service::Github,
        api: asked.api.clone().or_else(|| env("GITHUB_API_URL")).unwrap_or_else(|| "https://api.github.com".to_owned()),
        web: format!("{}/{repository}", server.trim_end_matches('/')),
        commit: asked.commit.clone().or_else(of_event),
        token: token(env, &["GITHUB_TOKEN"])?,
        repository,
        number,
    })
}

fn gitlab(asked: &Asked, env: &dyn Fn(&str) -> Option<String>) -> Result<Target, ReviewError> {
    let path = env("CI_PROJECT_PATH");
    let repository = asked.repository.clone().or_else(|| path.clone()).or_else(|| env("CI_PROJECT_ID"));
    let repository = repository.ok_or(ReviewError::Unknown {
        what: "project",
        help: "give --repo GROUP/NAME, or run in a pipeline, which sets CI_PROJECT_PATH",
    })?;
    let number = asked.number.or_else(|| env("CI_MERGE_REQUEST_IID")?.parse().ok()).ok_or(ReviewError::Unknown {
        what: "merge request",
        help: "give --number N, or run in a merge request pipeline, which sets CI_MERGE_REQUEST_IID",
    })?;
    let server = asked.server.clone().or_else(|| env("CI_SERVER_URL")).unwrap_or_else(|| "https://gitlab.com".to_owned());
    let server = server.trim_end_matches('/');
    let named = || format!("{server}/{}", path.as_ref().unwrap_or(&repository));
    // In a pipeline of merged results, CI_COMMIT_SHA is a merge that nobody sees.
    let by_ci = || env("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA").or_else(|| env("CI_COMMIT_SHA"));
    Ok(Target {
        service: Service::Gitlab,
        api: asked.api.clone().or_else(|| env("CI_API_V4_URL")).unwrap_or_else(|| format!("{server}/api/v4")),
        web: if asked.repository.is_some() {
            format!("{server}/{repository}")
        } else {
            env("CI_PROJECT_URL").unwrap_or_else(named)
        },
        commit: asked.commit.clone().or_else(by_ci),
        token: token(env, &["GITLAB_TOKEN", "CI_JOB_TOKEN"])?,
        repository,
        number,
    })
}

/// The first that is set. It comes from the environment alone: arguments can be seen by others on the machine.
fn token(env: &dyn Fn(&str) -> Option<String>, names: &[&'static str]) -> Result<Option<Token>, ReviewError> {
    let Some((what, value)) = names.iter().find_map(|name| Some((*name, env(name)?))) else { return Ok(None) };
    let message = || "it has characters that no token has".to_owned();
    Token::new(&value, what == "CI_JOB_TOKEN").ok_or_else(|| ReviewError::Wrong { what, message: message() }).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(asked: &Asked, vars: &[(&str, &str)]) -> Result<Target, ReviewError> {
        Target::find(asked, &|name| vars.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn github_tells_by_its_event() {
        let event = tempfile::NamedTempFile::new().unwrap();
        let sha = "0123456789abcdef0123456789abcdef01234567";
        std::fs::write(event.path(), format!("{{\"pull_request\":{{\"number\":7,\"head\":{{\"sha\":\"{sha}\"}}}}}}")).unwrap();
        let path = event.path().to_str().unwrap();
        let vars = [
            ("GITHUB_EVENT_PATH", path),
            ("GITHUB_REPOSITORY", "o/r"),
            ("GITHUB_SHA", "ffffffff"),
            ("GITHUB_API_URL", "https://ghe.example/api/v3/"),
            ("GITHUB_SERVER_URL", "https://ghe.example"),
            ("GITHUB_TOKEN", "secret\n"),
        ];
        let target = find(&Asked::default(), &vars).unwrap();
        assert_eq!((target.number, target.commit.as_deref()), (7, Some(sha)));
        assert_eq!((target.api.as_str(), target.web.as_str()), ("https://ghe.example/api/v3", "https://ghe.example/o/r"));
        assert!(!format!("{target:?}").contains("secret") && target.token.is_some());
        let other = find(&Asked { number: Some(8), ..Asked::default() }, &vars).unwrap();
        assert_eq!(other.commit, None, "the event is of another pull request");
        let by_ref = find(&Asked::default(), &[("GITHUB_REPOSITORY", "o/r"), ("GITHUB_REF", "refs/pull/9/merge")]).unwrap();
        assert_eq!((by_ref.number, by_ref.commit), (9, None));
    }

    #[test]
    fn gitlab_tells_by_its_variables() {
        let vars = [
            ("GITLAB_CI", "true"),
            ("CI_PROJECT_PATH", "g/sub/p"),
            ("CI_PROJECT_URL", "https://gl.example/g/sub/p"),
            ("CI_API_V4_URL", "https://gl.example/api/v4"),
            ("CI_MERGE_REQUEST_IID", "3"),
            ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", ""),
            ("CI_COMMIT_SHA", "0123456789"),
            ("CI_JOB_TOKEN", "x"),
        ];
        let target = find(&Asked::default(), &vars).unwrap();
        assert_eq!((target.service, target.number, target.repository.as_str()), (Service::Gitlab, 3, "g/sub/p"));
        assert_eq!((target.commit.as_deref(), target.web.as_str()), (Some("0123456789"), "https://gl.example/g/sub/p"));
        assert!(target.token.unwrap().of_job);
    }

    #[test]
    fn nonsense_is_refused() {
        let told = |asked: Asked, vars: &[(&str, &str)]| find(&asked, vars).unwrap_err().to_string();
        assert!(told(Asked::default(), &[]).contains("repository"));
        let asked = |repository: &str| Asked { repository: Some(repository.to_owned()), number: Some(1), ..Asked::default() };
        for name in ["x", "o/r/s", "../r", "o/r?x", "o/"] {
            assert!(told(asked(name), &[]).contains("--repo"), "{name}");
        }
        let plain = Asked { api: Some("http://ghe.example".to_owned()), ..asked("o/r") };
        assert!(told(plain.clone(), &[("GITHUB_TOKEN", "s3cret")]).contains("unencrypted"));
        assert!(find(&plain, &[]).is_ok());
        let near = Asked { api: Some("http://127.0.0.1:8080".to_owned()), ..asked("o/r") };
        assert!(find(&near, &[("GITHUB_TOKEN", "s3cret")]).is_ok());
        let fake = Asked { api: Some("http://127.0.0.1.evil.example".to_owned()), ..asked("o/r") };
        assert!(find(&fake, &[("GITHUB_TOKEN", "s3cret")]).is_err());
        let two = told(asked("o/r"), &[("GITHUB_TOKEN", "s3cret x")]);
        assert!(two.contains("GITHUB_TOKEN") && !two.contains("s3cret"), "{two}");
        let commit = Asked { commit: Some("main".to_owned()), ..asked("o/r") };
        assert!(told(commit, &[]).contains("--commit"));
    }
}
