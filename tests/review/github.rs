//! Reviews on GitHub, from the first to the ones that later pushes bring.

use super::server::{Fault, Server};
use super::{GO, SHA, TOKEN, diff, pull_request, review, run};
use serde_json::{Value, json};

#[test]
fn one_review_with_comments_steps_and_suggestions() {
    let (folder, server) = (pull_request(), Server::github());
    let ran = review(folder.path(), &server, &[]);
    assert_eq!((ran.code, ran.out.trim()), (0, "Posted 1 comment and 1 in the summary."), "{ran:?}");
    let state = server.state();
    let post = state.asked.iter().find(|asked| asked.method == "POST").unwrap();
    assert_eq!(post.path, "/repos/o/r/pulls/7/reviews");
    assert_eq!((&post.body["commit_id"], &post.body["event"]), (&json!(SHA), &json!("COMMENT")));
    let comment = &post.body["comments"][0];
    assert_eq!(
        (&comment["path"], &comment["side"], &comment["start_side"]),
        (&json!("fetch.go"), &json!("RIGHT"), &json!("RIGHT"))
    );
    // From the channel that wants a buffer to the send.
    assert_eq!((&comment["start_line"], &comment["line"]), (&json!(6), &json!(8)));
    let body = comment["body"].as_str().unwrap();
    assert!(body.starts_with("<!-- goleash:fingerprint:"), "{body}");
    let link = format!("1. [fetch.go:6](https://github.com/o/r/blob/{SHA}/fetch.go#L6): ");
    assert!(body.contains(&link) && body.contains("\n5. [fetch.go:14]("), "{body}");
    let suggested = "```suggestion\n\tresults := make(chan string, 1)\n\tgo func() {\n\t\tresults <- urls[0]\n```";
    assert!(body.contains(suggested), "{body}");
    let summary = post.body["body"].as_str().unwrap();
    assert!(summary.starts_with("<!-- goleash:fingerprint:") && summary.contains("1 error on the lines"), "{summary}");
    assert!(summary.contains("<summary>1 error outside of it</summary>") && summary.contains("[ticker.go:6]("), "{summary}");
    for asked in &state.asked {
        let header = |name: &str| asked.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone());
        assert_eq!(header("authorization"), Some(format!("Bearer {TOKEN}")));
        assert_eq!(header("x-github-api-version").as_deref(), Some("2022-11-28"));
        assert!(header("user-agent").unwrap().starts_with("goleash/"));
    }
}

#[test]
fn the_same_is_never_told_twice() {
    let (folder, server) = (pull_request(), Server::github());
    server.state().page = 1;
    review(folder.path(), &server, &[]);
    // Others have much to say too.
    let chat = json!({ "id": 77, "body": "<!-- x -->\nhm", "user": { "login": "eve", "type": "User" } });
    server.state().comments.insert(0, chat.clone());
    server.state().reviews.insert(0, chat);
    for _ in 0..2 {
        let again = review(folder.path(), &server, &[]);
        assert_eq!((again.code, again.out.trim()), (0, "Nothing new to post. 2 posted before."), "{again:?}");
    }
    assert_eq!((server.count("POST"), server.count("PATCH")), (1, 0));
    // A new commit changes every link, which nobody needs to hear of.
    let other = review(folder.path(), &server, &["--commit", "fedcba9876543210"]);
    assert_eq!(other.code, 2, "clap takes an option once: {other:?}");
}

#[test]
fn a_push_brings_what_is_new_and_edits_what_reads_differently() {
    let (folder, server) = (pull_request(), Server::github());
    review(folder.path(), &server, &[]);
    let old = server.state().comments[0]["body"].clone();
    // Three lines more at the top move the first finding; a second function has a new one.
    let more = GO.replace("import", "// A\n// B\n// C\nimport") + "\n" + &GO[GO.find("func").unwrap()..].replace("All", "Some");
    std::fs::write(folder.path().join("fetch.go"), &more).unwrap();
    let lines: String = more.lines().map(|line| format!("+{line}\n")).collect();
    let count = more.lines().count();
    let diff = format!("diff --git a/fetch.go b/fetch.go\n--- /dev/null\n+++ b/fetch.go\n@@ -0,0 +1,{count} @@\n{lines}");
    std::fs::write(folder.path().join("pr.diff"), diff).unwrap();
    // Somebody else's comment with the same marker stays as it is.
    let quoted = json!({ "id": 5, "body": old, "user": { "login": "eve", "type": "User" } });
    server.state().comments.insert(0, quoted.clone());
    let answer = json!({ "id": 6, "body": old, "in_reply_to_id": 1, "user": { "login": "leo", "type": "User" } });
    server.state().comments.insert(0, answer.clone());
    let ran = review(folder.path(), &server, &[]);
    assert_eq!(ran.out.trim(), "Posted 1 comment and 0 in the summary. Updated 1 comment. 1 posted before.", "{ran:?}");
    let state = server.state();
    assert_eq!(state.comments[..2], [answer, quoted]);
    assert_eq!(state.comments.len(), 4);
    let edited = state.comments[2]["body"].as_str().unwrap();
    assert!(edited.contains("[fetch.go:9]("), "{edited}");
    // GitHub shows the comment on other lines than the suggestion is for.
    assert!(!edited.contains("```suggestion"), "{edited}");
    assert!(state.comments[3]["body"].as_str().unwrap().contains("`Some` leaves"), "{:?}", state.comments[3]);
}

#[test]
fn a_workflows_token_knows_its_own() {
    let (folder, server) = (pull_request(), Server::github());
    server.state().me = None;
    review(folder.path(), &server, &[]);
    let again = review(folder.path(), &server, &[]);
    assert_eq!((again.code, server.count("POST")), (0, 1), "{again:?}");
    // A person who writes the marker first silences nothing.
    for comment in server.state().comments.iter_mut() {
        comment["user"] = json!({ "login": "eve", "type": "User" });
    }
    review(folder.path(), &server, &[]);
    assert_eq!(server.count("POST"), 2);
}

#[test]
fn everything_by_the_environment() {
    let (folder, server) = (pull_request(), Server::github());
    server.state().diff = diff(GO.lines().count());
    let event = json!({ "pull_request": { "number": 7, "head": { "sha": SHA } } });
    std::fs::write(folder.path().join("event.json"), event.to_string()).unwrap();
    let (api, event) = (server.address(), folder.path().join("event.json"));
    let vars = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_TOKEN", TOKEN),
        ("GITHUB_REPOSITORY", "o/r"),
        ("GITHUB_API_URL", api.as_str()),
        ("GITHUB_SERVER_URL", "https://ghe.example"),
        ("GITHUB_EVENT_PATH", event.to_str().unwrap()),
    ];
    let ran = run(folder.path(), &["review", "--fail", "--only-diff"], &vars);
    assert_eq!((ran.code, ran.out.trim()), (1, "Posted 1 comment and 0 in the summary."), "{ran:?}");
    let body = server.state().comments[0]["body"].as_str().unwrap().to_owned();
    assert!(body.contains(&format!("https://ghe.example/o/r/blob/{SHA}/fetch.go#L6")), "{body}");
}

#[test]
fn findings_from_a_log_and_a_head_from_the_service() {
    let (folder, server) = (pull_request(), Server::github());
    let check = run(folder.path(), &["check", "--format", "sarif", "--output", "x.sarif"], &[]);
    assert_eq!(check.code, 1);
    let args =
        ["review", "x.sarif", "x.sarif", "--diff", "pr.diff", "--prefix", "sub", "--repo", "o/r", "--number", "7", "--all"];
    let api = server.address();
    let ran = run(folder.path(), &[&args, ["--api", api.as_str()].as_slice()].concat(), &[("GITHUB_TOKEN", TOKEN)]);
    assert_eq!((ran.code, ran.out.trim()), (0, "Posted 0 comments and 2 in the summary."), "{ran:?}");
    assert_eq!(server.state().asked.iter().find(|a| a.method == "POST").unwrap().body["commit_id"], SHA);
}

#[test]
fn nothing_to_say_asks_nothing() {
    let (folder, server) = (pull_request(), Server::github());
    std::fs::write(folder.path().join("pr.diff"), "").unwrap();
    let ran = review(folder.path(), &server, &[]);
    assert_eq!((ran.code, ran.out.trim()), (0, "Nothing new to post."), "{ran:?}");
    assert!(server.state().asked.is_empty());
}

#[test]
fn a_rehearsal_needs_no_token_and_no_service() {
    let folder = pull_request();
    let args = ["review", "--diff", "pr.diff", "--dry-run", "--repo", "o/r", "--number", "7", "--commit", SHA];
    let dry = |vars: &[(&str, &str)]| run(folder.path(), &args, vars);
    let ran = dry(&[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let (first, body) = ran.out.split_once('\n').unwrap();
    assert_eq!(first, "POST https://api.github.com/repos/o/r/pulls/7/reviews");
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["comments"].as_array().unwrap().len(), 1);
    // `run` looks for the token in what is printed.
    assert_eq!(dry(&[("GITHUB_TOKEN", TOKEN)]).out, ran.out);
    let unknown = run(folder.path(), &args[..args.len() - 2], &[]);
    assert!(unknown.code == 2 && unknown.err.contains("--commit"), "{unknown:?}");
}

#[test]
fn lines_that_github_refuses_are_told_in_the_summary() {
    let (folder, server) = (pull_request(), Server::github());
    server.state().refused_lines = vec![8];
    let ran = review(folder.path(), &server, &[]);
    assert_eq!((ran.code, ran.out.trim()), (0, "Posted 0 comments and 2 in the summary."), "{ran:?}");
    let state = server.state();
    assert_eq!((state.comments.len(), state.reviews.len()), (0, 1));
    let summary = state.reviews[0]["body"].as_str().unwrap();
    assert!(summary.contains("2 errors outside of it") && summary.contains("  5. [fetch.go:14]("), "{summary}");
    drop(state);
    let again = review(folder.path(), &server, &[]);
    assert_eq!((again.code, server.count("POST")), (0, 2), "{again:?}");
}

#[test]
fn a_review_that_is_refused_for_good_is_an_error() {
    let (folder, server) = (pull_request(), Server::github());
    for _ in 0..2 {
        server.fault("POST", "/reviews", Fault::Answer(422, vec![], "{\"message\":\"Validation Failed\",\"errors\":[\"no\"]}"));
    }
    let ran = review(folder.path(), &server, &[]);
    assert!(ran.code == 2 && ran.err.contains("Validation Failed") && server.count("POST") == 2, "{ran:?}");
}

#[test]
fn one_thing_at_most_comes_through_standard_input() {
    let (folder, server) = (pull_request(), Server::github());
    let api = server.address();
    let args = ["--repo", "o/r", "--number", "7", "--commit", SHA, "--api", api.as_str(), "--first-pause", "1"];
    let diff = std::fs::read(folder.path().join("pr.diff")).unwrap();
    let mut command = crate::support::binary(folder.path(), &[&["review", "--diff", "-"], &args[..]].concat());
    command.env("GITHUB_TOKEN", TOKEN).env_remove("GITLAB_CI");
    let ran = assert_cmd::Command::from(command).write_stdin(diff).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "Posted 1 comment and 1 in the summary.\n", "{ran:?}");
    let both = run(folder.path(), &[&["review", "-", "--diff", "-"], &args[..]].concat(), &[("GITHUB_TOKEN", TOKEN)]);
    assert!(both.code == 2 && both.err.contains("read twice"), "{both:?}");
}

#[test]
fn what_the_code_says_stays_text() {
    let (folder, server) = (pull_request(), Server::github());
    let message = "Sends to @octo/team and <img src=x> `a <- @b` \u{1b}[31m --> <!-- goleash:fingerprint:zz -->";
    let place = |line: u8, text: &str| {
        json!({
            "physicalLocation": { "artifactLocation": { "uri": "fetch.go" }, "region": { "startLine": line } },
            "message": { "text": text }
        })
    };
    let result = json!({
        "ruleId": "x](http://evil) @all", "level": "error", "message": { "text": message }, "locations": [place(8, "")],
        "codeFlows": [{ "threadFlows": [{ "locations": [{ "location": place(6, message) }] }] }],
        "fixes": [{ "description": { "text": message }, "artifactChanges": [{
            "artifactLocation": { "uri": "fetch.go" },
            "replacements": [{
                "deletedRegion": { "startLine": 8, "startColumn": 1, "endLine": 8, "endColumn": 3 },
                "insertedContent": { "text": "````\n```suggestion\n" }
            }]
        }] }]
    });
    let log = json!({ "version": "2.1.0", "runs": [{ "tool": {}, "results": [result] }] });
    std::fs::write(folder.path().join("x.sarif"), log.to_string()).unwrap();
    let ran = review(folder.path(), &server, &["x.sarif"]);
    assert_eq!(ran.out.trim(), "Posted 1 comment and 0 in the summary.", "{ran:?}");
    let body = server.state().comments[0]["body"].as_str().unwrap().to_owned();
    assert!(!body.contains("@octo") && !body.contains("<img") && body.contains("x\\](http://evil)"), "{body}");
    assert!(!body.contains('\u{1b}'), "{body}");
    assert!(body.contains("`a <- @b`") && body.contains("\n`````suggestion\n````\n```suggestion\n"), "{body}");
    assert_eq!(body.matches("<!--").count(), 2, "{body}");
    let again = review(folder.path(), &server, &["x.sarif"]);
    assert_eq!(again.out.trim(), "Nothing new to post. 1 posted before.", "{again:?}");
}
