//! `goleash review` by the real binary, against a server in the test that behaves like the services do, and misbehaves like them.

mod faults;
mod github;
mod gitlab;
mod server;
mod suggestions;

use crate::support::{self, PATIENCE, Ran};
use server::Server;
use std::path::Path;

/// Looks like nothing else, so that it is found wherever it gets out.
const TOKEN: &str = "ghs_TopSecret0123456789";
pub(super) const SHA: &str = "0123456789abcdef0123456789abcdef01234567";

/// A leak on lines that a pull request brings, and one in a file beside it.
const GO: &str = "package fetch

import \"context\"

func All(ctx context.Context, urls []string) (string, error) {
	results := make(chan string)
	go func() {
		results <- urls[0]
	}()
	select {
	case r := <-results:
		return r, nil
	case <-ctx.Done():
		return \"\", ctx.Err()
	}
}
";
const TICKER: &str = "package fetch

import \"time\"

func Poll(d time.Duration, stop chan int) {
	t := time.NewTicker(d)
	for {
		select {
		case <-t.C:
		case <-stop:
			return
		}
	}
}
";

/// A diff that shows the first `shown` lines of a new `fetch.go`, and the first line of `ticker.go`.
fn diff(shown: usize) -> String {
    let lines: String = GO.lines().take(shown).map(|line| format!("+{line}\n")).collect();
    format!(
        "diff --git a/fetch.go b/fetch.go\nnew file mode 100644\n--- /dev/null\n+++ b/fetch.go\n@@ -0,0 +1,{shown} @@\n{lines}\
         diff --git a/ticker.go b/ticker.go\n--- a/ticker.go\n+++ b/ticker.go\n@@ -1,2 +1,2 @@\n-package poll\n+package fetch\n \n"
    )
}

/// The folder of a pull request, with its diff in `pr.diff`.
fn pull_request() -> tempfile::TempDir {
    let diff = diff(GO.lines().count());
    let files = [("go.mod", "module x\n\ngo 1.22\n"), ("fetch.go", GO), ("ticker.go", TICKER), ("pr.diff", &diff)];
    support::folder(&files.map(|(name, text)| (name, text.as_bytes())))
}

/// Runs the binary with these variables and no others.
fn run(folder: &Path, args: &[&str], vars: &[(&str, &str)]) -> Ran {
    let mut command = support::binary(folder, args);
    command.env_clear().envs(vars.iter().copied());
    command.envs(["PATH", "SYSTEMROOT", "LLVM_PROFILE_FILE"].iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    let output = assert_cmd::Command::from(command).timeout(PATIENCE).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    let ran = Ran { code: output.status.code().unwrap_or_else(|| panic!("{args:?}: {err}")), out, err };
    assert!(!ran.err.contains("panicked"), "{ran:?}");
    assert!(!ran.out.contains(TOKEN) && !ran.err.contains(TOKEN), "the token was told: {ran:?}");
    ran
}

/// Reviews a pull request on the server as a person with a token, with `more` arguments.
fn review(folder: &Path, server: &Server, more: &[&str]) -> Ran {
    let api = server.address();
    let first =
        ["review", "--diff", "pr.diff", "--repo", "o/r", "--number", "7", "--commit", SHA, "--api", &api, "--first-pause", "5"];
    let token = if server.is_gitlab() { "GITLAB_TOKEN" } else { "GITHUB_TOKEN" };
    let service: &[&str] = if server.is_gitlab() { &["--service", "gitlab"] } else { &[] };
    run(folder, &[&first, service, more].concat(), &[(token, TOKEN)])
}

/// Name, default and description of each input of the action.
fn inputs() -> String {
    let text = std::fs::read_to_string(support::repository().join("action.yml")).unwrap();
    let inputs = text.split("\ninputs:\n").nth(1).unwrap().split("\noutputs:").next().unwrap();
    let mut table = "| input | default | meaning |\n|---|---|---|\n".to_owned();
    let mut name = "";
    let mut meaning = "";
    for line in inputs.lines() {
        if let Some(text) = line.strip_prefix("    description: ") {
            meaning = text;
        } else if let Some(text) = line.strip_prefix("    default: ") {
            let default = text.trim_matches('"');
            let default = if default.is_empty() { String::new() } else { format!("`{default}`") };
            table.push_str(&format!("| `{name}` | {default} | {meaning} |\n"));
        } else if let Some(text) = line.strip_prefix("  ").and_then(|line| line.strip_suffix(':')) {
            name = text;
        }
    }
    table
}

#[test]
fn the_page_has_the_inputs_of_the_action() {
    let path = support::repository().join("docs/review.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (begin, end) = ("<!-- inputs:begin -->\n", "<!-- inputs:end -->");
    let (Some(at), Some(to)) = (text.find(begin), text.find(end)) else { panic!("docs/review.md has no {begin}") };
    let current = format!("{}{begin}{}{}", &text[..at], inputs(), &text[to..]);
    if support::update() {
        std::fs::write(path, current).unwrap();
    } else {
        assert_eq!(text, current, "UPDATE=1 cargo test --test main review:: writes the inputs into docs/review.md");
    }
}
