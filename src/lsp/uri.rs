//! Names of files as editors write them: `file:///home/me/a%20b.go`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// A URI in the spelling of whoever named it: editors look their documents up by it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Uri(String);

/// What the path of a URI cannot hold as it is.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl Uri {
    /// The name of a file. `None` where the path does not begin at a root, for such a name would mean another file.
    pub(super) fn of_file(path: &Path) -> Option<Self> {
        if !path.is_absolute() {
            return None;
        }
        let bytes = path.as_os_str().as_encoded_bytes();
        let text = if cfg!(windows) { windows(bytes) } else { percent_encode(bytes, ESCAPED).to_string() };
        Some(Self(format!("file://{text}")))
    }

    /// The file that it names. `None` for whatever is no file of this machine, as a text that was never saved.
    pub(super) fn to_file(&self) -> Option<PathBuf> {
        let (scheme, rest) = self.0.split_once(':')?;
        let rest = rest.split(['?', '#']).next()?;
        let (host, path) = match rest.strip_prefix("//") {
            Some(rest) => rest.split_at(rest.find('/')?),
            None => ("", rest),
        };
        if !scheme.eq_ignore_ascii_case("file") || !path.starts_with('/') {
            return None;
        }
        let bytes: Vec<u8> = percent_decode_str(path).collect();
        if bytes.contains(&0) {
            return None;
        }
        if cfg!(windows) { windows_path(host, &String::from_utf8(bytes).ok()?) } else { unix_path(host, bytes) }
    }
}

/// `C:\x\y` → `/C:/x/y`, `\\host\share` → `host/share`.
fn windows(path: &[u8]) -> String {
    let text = String::from_utf8_lossy(path).replace('\\', "/");
    let text = text.strip_prefix("//?/").unwrap_or(&text);
    let escaped = percent_encode(text.as_bytes(), ESCAPED).to_string().replacen("%3A", ":", 1);
    match escaped.strip_prefix("//") {
        Some(share) => share.to_owned(),
        None => format!("/{escaped}"),
    }
}

fn windows_path(host: &str, path: &str) -> Option<PathBuf> {
    if !host.is_empty() && host != "localhost" {
        return Some(PathBuf::from(format!(r"\\{host}{}", path.replace('/', r"\"))));
    }
    let path = path.strip_prefix('/')?;
    // `/c:/x`; the drive is in capitals everywhere else.
    let (drive, rest) = path.split_once(':')?;
    let is_drive = drive.len() == 1 && drive.starts_with(|c: char| c.is_ascii_alphabetic()) && rest.starts_with('/');
    is_drive.then(|| PathBuf::from(format!("{}:{}", drive.to_ascii_uppercase(), rest.replace('/', r"\"))))
}

#[cfg(unix)]
fn unix_path(host: &str, path: Vec<u8>) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt as _;
    let here = host.is_empty() || host == "localhost";
    here.then(|| std::ffi::OsString::from_vec(path).into())
}

#[cfg(not(unix))]
fn unix_path(_: &str, path: Vec<u8>) -> Option<PathBuf> {
    String::from_utf8(path).ok().map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(uri: &str) -> Option<String> {
        Uri(uri.to_owned()).to_file().map(|path| path.to_string_lossy().into_owned())
    }

    #[cfg(unix)]
    #[test]
    fn names_come_back() {
        for path in ["/", "/a/b.go", "/a b/ä%20#?[x].go", "/c:/x", "/a\\b\"<>|{}^`.go", "/日本"] {
            let uri = Uri::of_file(Path::new(path)).unwrap();
            assert!(uri.0.is_ascii() && !uri.0.contains([' ', '#', '?', '\\', '"']), "{uri:?}");
            assert_eq!(uri.to_file().unwrap(), Path::new(path));
        }
        assert_eq!(Uri::of_file(Path::new("a.go")), None);
    }

    #[cfg(unix)]
    #[test]
    fn what_editors_write() {
        assert_eq!(file("file:///a/b%20c.go").as_deref(), Some("/a/b c.go"));
        assert_eq!(file("file:///a/(b)@c+d.go").as_deref(), Some("/a/(b)@c+d.go"));
        assert_eq!(file("FILE://localhost/a").as_deref(), Some("/a"));
        assert_eq!(file("file:/a").as_deref(), Some("/a"));
        assert_eq!(file("file:///a%2fb?x#y").as_deref(), Some("/a/b"));
        assert_eq!(file("file:///100%").as_deref(), Some("/100%"));
        for other in ["untitled:Untitled-1", "file://elsewhere/a", "file://a", "file:a", "/a", "", "file:///a%00b", "git:/a/b.go"]
        {
            assert_eq!(file(other), None, "{other}");
        }
    }

    #[test]
    fn drives_and_shares() {
        assert_eq!(windows(br"C:\a b\x.go"), "/C:/a%20b/x.go");
        assert_eq!(windows(br"\\?\C:\a"), "/C:/a");
        assert_eq!(windows(br"\\host\share\x"), "host/share/x");
        let path = |host, path| windows_path(host, path).map(|path| path.to_string_lossy().into_owned());
        assert_eq!(path("", "/c:/a b/x.go").as_deref(), Some(r"C:\a b\x.go"));
        assert_eq!(path("host", "/share/x").as_deref(), Some(r"\\host\share\x"));
        assert_eq!(path("", "/a"), None);
        assert_eq!(path("", "/ab:/a"), None);
    }
}
