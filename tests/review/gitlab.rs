//! Discussions on GitLab.

use super::server::{Fault, Server};
use super::{GO, TOKEN, diff, pull_request, review, run};
use serde_json::json;

#[test]
fn a_discussion_for_each_line_and_a_note_for_the_rest() {
    let (folder, server) = (pull_request(), Server::gitlab());
    let ran = review(folder.path(), &server, &[]);
    assert_eq!((ran.code, ran.out.trim()), (0, "Posted 1 comment and 1 in the summary."), "{ran:?}");
    let state = server.state();
    let posts: Vec<_> = state.asked.iter().filter(|asked| asked.method == "POST").collect();
    let position = json!({
        "position_type": "text", "old_path": "fetch.go", "new_path": "fetch.go", "new_line": 8,
        "base_sha": "b2", "start_sha": "s2", "head_sha": "h2"
    });
    assert_eq!((posts.len(), &posts[0].body["position"]), (2, &position));
    let body = posts[0].body["body"].as_str().unwrap();
    assert!(body.contains("```suggestion:-2+0\n\tresults := make(chan string, 1)\n"), "{body}");
    assert!(body.contains("https://gitlab.com/o/r/-/blob/"), "{body}");
    assert!(posts[1].path.ends_with("/notes") && posts[1].body["body"].as_str().unwrap().contains("1 error outside of it"));
    assert!(state.asked.iter().all(|asked| asked.headers.contains(&("private-token".to_owned(), TOKEN.to_owned()))));
    drop(state);
    let again = review(folder.path(), &server, &[]);
    assert_eq!((again.code, again.out.trim()), (0, "Nothing new to post. 2 posted before."), "{again:?}");
    assert_eq!(server.count("POST"), 2);
}

#[test]
fn lines_that_have_not_changed_have_both_numbers() {
    let (folder, server) = (pull_request(), Server::gitlab());
    let lines: String = GO.lines().skip(5).take(4).map(|line| format!(" {line}\n")).collect();
    let diff = format!("diff --git a/old.go b/fetch.go\nrename from old.go\nrename to fetch.go\n@@ -2,5 +6,4 @@\n{lines}-x\n");
    std::fs::write(folder.path().join("pr.diff"), diff).unwrap();
    review(folder.path(), &server, &[]);
    let position = server.state().discussions[0]["notes"][0]["position"].clone();
    assert_eq!((&position["old_line"], &position["new_line"], &position["old_path"]), (&json!(4), &json!(8), &json!("old.go")));
}

#[test]
fn a_line_that_gitlab_refuses_is_told_in_the_note() {
    let (folder, server) = (pull_request(), Server::gitlab());
    server.state().refused_lines = vec![8];
    let ran = review(folder.path(), &server, &[]);
    assert_eq!((ran.code, ran.out.trim()), (0, "Posted 0 comments and 2 in the summary."), "{ran:?}");
    let note = server.state().discussions[0]["notes"][0]["body"].as_str().unwrap().to_owned();
    assert_eq!(note.matches("goleash:fingerprint:").count(), 2, "{note}");
}

#[test]
fn nothing_is_posted_twice() {
    let limited = Fault::Answer(429, vec![("retry-after", "0".to_owned())], "");
    let faults = [Fault::DoneBut(500), Fault::Broken, Fault::Half, Fault::Dropped, Fault::Answer(502, vec![], ""), limited];
    for fault in faults {
        let (folder, server) = (pull_request(), Server::gitlab());
        server.fault("POST", "/discussions", fault.clone());
        server.fault("POST", "/notes", fault.clone());
        server.fault("GET", "/discussions", fault.clone());
        let ran = review(folder.path(), &server, &[]);
        assert_eq!((ran.code, ran.out.trim()), (0, "Posted 1 comment and 1 in the summary."), "{fault:?}: {ran:?}");
        assert_eq!(server.state().discussions.len(), 2, "{fault:?}");
    }
}

#[test]
fn by_the_environment_with_the_token_of_a_job() {
    let (folder, server) = (pull_request(), Server::gitlab());
    server.state().diff = diff(GO.lines().count());
    let api = server.address();
    let vars = [
        ("GITLAB_CI", "true"),
        ("CI_API_V4_URL", api.as_str()),
        ("CI_PROJECT_PATH", "o/r"),
        ("CI_PROJECT_URL", "https://gl.example/o/r"),
        ("CI_MERGE_REQUEST_IID", "7"),
        ("CI_COMMIT_SHA", super::SHA),
        ("CI_JOB_TOKEN", TOKEN),
    ];
    let ran = run(folder.path(), &["review", "--diff", "pr.diff"], &vars);
    assert_eq!(ran.code, 0, "{ran:?}");
    let again = run(folder.path(), &["review", "--diff", "pr.diff"], &vars);
    assert!(again.code == 0 && again.out.contains("2 posted before"), "{again:?}");
    let state = server.state();
    assert!(state.asked.iter().all(|asked| asked.headers.contains(&("job-token".to_owned(), TOKEN.to_owned()))));
    assert!(state.asked.iter().all(|asked| asked.path != "/user"));
    assert!(state.discussions[0]["notes"][0]["body"].as_str().unwrap().contains("https://gl.example/o/r/-/blob/"));
}

#[test]
fn refusals_say_what_to_do() {
    let (folder, server) = (pull_request(), Server::gitlab());
    server.fault("GET", "/versions", Fault::Answer(403, vec![], "{\"message\":\"403 Forbidden\"}"));
    let ran = review(folder.path(), &server, &[]);
    assert!(ran.code == 2 && ran.err.contains("GitLab does not allow this") && ran.err.contains("`api`"), "{ran:?}");
}
