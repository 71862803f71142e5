//! What can go wrong on the way, and that nothing is posted twice for it.

use super::server::{Fault, Server};
use super::{TOKEN, pull_request, review, run};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The review is there once, whatever happened.
fn posted_once(server: &Server) {
    let state = server.state();
    assert_eq!((state.reviews.len(), state.comments.len()), (1, 1), "{:?}", state.asked);
}

#[test]
fn unclear_outcomes_are_looked_up_before_they_are_tried_again() {
    // What happens, and how often the review has to be sent for it.
    let late = Fault::Slow(Duration::from_millis(2500));
    let cases = [
        (Fault::DoneBut(500), 1),
        (Fault::DoneBut(502), 1),
        (late, 1),
        (Fault::Broken, 1),
        (Fault::Half, 1),
        (Fault::Dropped, 2),
        (Fault::Answer(500, vec![], "oops"), 2),
        (Fault::Answer(503, vec![], ""), 2),
    ];
    for (fault, sent) in cases {
        let (folder, server) = (pull_request(), Server::github());
        server.fault("POST", "/reviews", fault.clone());
        let ran = review(folder.path(), &server, &["--timeout", "1"]);
        assert_eq!((ran.code, ran.out.trim()), (0, "Posted 1 comment and 1 in the summary."), "{fault:?}: {ran:?}");
        assert_eq!(server.count("POST"), sent, "{fault:?}");
        posted_once(&server);
    }
}

#[test]
fn questions_are_asked_again() {
    for fault in [Fault::Answer(500, vec![], ""), Fault::Dropped, Fault::Half, Fault::Broken] {
        let (folder, server) = (pull_request(), Server::github());
        for end in ["/user", "/comments", "/reviews", "/comments"] {
            server.fault("GET", end, fault.clone());
        }
        let ran = review(folder.path(), &server, &[]);
        assert_eq!(ran.code, 0, "{fault:?}: {ran:?}");
        posted_once(&server);
    }
}

#[test]
fn a_service_that_stays_away_is_given_up() {
    let (folder, server) = (pull_request(), Server::github());
    for _ in 0..10 {
        server.fault("POST", "/reviews", Fault::Answer(500, vec![], "{\"message\":\"Server Error\"}"));
    }
    let ran = review(folder.path(), &server, &[]);
    assert!(ran.code == 2 && ran.err.contains("cannot be reached: it answers 500: Server Error"), "{ran:?}");
    assert_eq!(server.count("POST"), 5);
    assert!(server.state().reviews.is_empty());
    let args =
        ["review", "--diff", "pr.diff", "--repo", "o/r", "--number", "7", "--api", "http://127.0.0.1:1", "--first-pause", "1"];
    let nobody = run(folder.path(), &args, &[("GITHUB_TOKEN", TOKEN)]);
    assert!(nobody.code == 2 && nobody.err.contains("GitHub cannot be reached"), "{nobody:?}");
}

#[test]
fn refusals_say_what_to_do() {
    let cases = [
        (401, "{\"message\":\"Bad credentials\"}", "does not accept the token: Bad credentials", "GITHUB_TOKEN"),
        (403, "{\"message\":\"Resource not accessible by integration\"}", "not accessible", "pull-requests: write"),
        (404, "{\"message\":\"Not Found\"}", "does not find /repos/o/r/pulls/7/reviews", "--repo"),
        (301, "{\"message\":\"Moved Permanently\"}", "answered 301", ""),
    ];
    for (status, body, message, help) in cases {
        let (folder, server) = (pull_request(), Server::github());
        server.fault("POST", "/reviews", Fault::Answer(status, vec![("location", "/elsewhere".to_owned())], body));
        let ran = review(folder.path(), &server, &[]);
        assert!(ran.code == 2 && ran.err.contains(message) && ran.err.contains(help), "{status}: {ran:?}");
        assert_eq!(server.count("POST"), 1);
    }
    let (folder, server) = (pull_request(), Server::github());
    server.fault("GET", "/user", Fault::Answer(401, vec![], "{\"message\":\"Bad ghs_TopSecret0123456789\\u001b[31m\"}"));
    let ran = review(folder.path(), &server, &[]);
    assert!(ran.code == 2 && ran.err.contains("Bad ***") && !ran.err.contains('\u{1b}'), "{ran:?}");
    let none = run(folder.path(), &["review", "--diff", "pr.diff", "--repo", "o/r", "--number", "7"], &[]);
    assert!(none.code == 2 && none.err.contains("GITHUB_TOKEN"), "{none:?}");
}

#[test]
fn limits_are_kept() {
    let limit = |headers: &[(&'static str, String)]| Fault::Answer(403, headers.to_vec(), "{\"message\":\"slow down\"}");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let reset = |at: u64| [("x-ratelimit-remaining", "0".to_owned()), ("x-ratelimit-reset", at.to_string())];
    for fault in [limit(&[("retry-after", "1".to_owned())]), limit(&reset(now))] {
        let (folder, server) = (pull_request(), Server::github());
        server.fault("POST", "/reviews", fault.clone());
        server.fault("GET", "/comments", fault);
        let ran = review(folder.path(), &server, &[]);
        assert_eq!((ran.code, server.count("POST")), (0, 2), "{ran:?}");
        posted_once(&server);
    }
    let secondary = Fault::Answer(403, vec![], "{\"message\":\"You have exceeded a secondary rate limit\"}");
    let much = Fault::Answer(429, vec![], "");
    for fault in [secondary, much, limit(&[("retry-after", "31".to_owned())]), limit(&reset(now + 3600))] {
        let (folder, server) = (pull_request(), Server::github());
        server.fault("POST", "/reviews", fault);
        let ran = review(folder.path(), &server, &["--wait-at-most", "30"]);
        assert!(ran.code == 2 && ran.err.contains("limits how often") && ran.err.contains("--wait-at-most"), "{ran:?}");
        assert_eq!(server.count("POST"), 1);
    }
}

#[test]
fn edits_are_tried_again_and_may_come_too_late() {
    for fault in [Fault::DoneBut(500), Fault::Broken, Fault::Answer(404, vec![], ""), Fault::Answer(410, vec![], "")] {
        let (folder, server) = (pull_request(), Server::github());
        review(folder.path(), &server, &[]);
        let text = server.state().comments[0]["body"].as_str().unwrap().replace("goleash:text:", "goleash:text:0");
        server.state().comments[0]["body"] = text.into();
        server.fault("PATCH", "/1", fault.clone());
        let ran = review(folder.path(), &server, &[]);
        assert_eq!((ran.code, server.count("POST")), (0, 1), "{fault:?}: {ran:?}");
    }
}
