//! SARIF, beyond what its validator checks (`tests/validate-sarif.sh`).

use super::fake::*;
use goleash::lint::{Edit, Finding, Fix, Level, Safety};
use goleash::report::Format;
use serde_json::Value;

fn sarif(outcome: &goleash::pipeline::Outcome) -> Value {
    serde_json::from_str(&render(outcome, Format::Sarif, Level::Note)).unwrap()
}

#[test]
fn the_whole_log() {
    expect("full.sarif", &render(&full(), Format::Sarif, Level::Note));
}

#[test]
fn nothing_found_is_a_run_with_no_results() {
    let log = sarif(&outcome(vec![]));
    assert_eq!(log["runs"][0]["results"], Value::Array(vec![]));
    assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], true);
    expect("empty.sarif", &render(&outcome(vec![]), Format::Sarif, Level::Note));
}

/// Names and places at the edges, for the validator: outside the root, from standard input, absolute, empty, over several lines.
#[test]
fn odd_places() {
    let text = "package p\r\n\r\nfunc f() {\r\n\tgo func() {\r\n\t\tch[i] <- f[int](1)\r\n\t}()\r\n}\r\n";
    let names = ["../other/a.go", "<stdin>", "/abs/ü b.go", "C:/abs/c.go", "a\nb.go", "sub/100%25.go"];
    let findings = names.iter().enumerate().map(|(index, name)| {
        let f = file(name, text);
        let lines = span(&f, text.find("go func").unwrap(), text.find("()\r\n}").unwrap() + 2);
        let place = vec![span(&f, 0, 0), lines, span(&f, text.len(), text.len()), at(&f, "f[int](1)")].swap_remove(index % 4);
        let steps = vec![step(place.clone(), "`f[int](1)` waits here: {0}"), step(place.clone(), "…")];
        let edits = vec![Edit { at: place.clone(), text: "x".to_owned() }];
        let fixes = vec![Fix { title: "mend it".to_owned(), safety: Safety::Unsafe("a reason"), edits }];
        Finding { fixes, ..finding("blocked-send", Level::Warning, place, steps) }
    });
    expect("odd.sarif", &render(&outcome(findings.collect()), Format::Sarif, Level::Note));
}

#[test]
fn a_rule_that_did_not_run_has_no_index() {
    let mut finding = send();
    finding.rule = "rule-of-tomorrow";
    let log = sarif(&outcome(vec![finding]));
    assert_eq!(log["runs"][0]["results"][0]["ruleId"], "rule-of-tomorrow");
    assert!(log["runs"][0]["results"][0].get("ruleIndex").is_none());
}

#[test]
fn results_point_at_their_rule_and_taxa_at_their_taxonomy() {
    let log = sarif(&full());
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    let targets = rules.iter().flat_map(|rule| rule["relationships"].as_array().unwrap()).map(|r| &r["target"]);
    let mut seen = 0;
    for target in targets {
        let index = usize::try_from(target["index"].as_u64().unwrap()).unwrap();
        assert_eq!(run["taxonomies"][0]["taxa"][index]["id"], target["id"]);
        seen += 1;
    }
    assert_eq!(seen, 4);
    for notice in run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap() {
        let index = usize::try_from(notice["descriptor"]["index"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["notifications"][index]["id"], notice["descriptor"]["id"]);
    }
}

#[test]
fn steps_are_a_code_flow_in_order() {
    let log = sarif(&outcome(vec![send()]));
    let result = &log["runs"][0]["results"][0];
    let flow = result["codeFlows"][0]["threadFlows"][0]["locations"].as_array().unwrap();
    let lines: Vec<_> = flow.iter().map(|l| l["location"]["physicalLocation"]["region"]["startLine"].as_u64().unwrap()).collect();
    assert_eq!(lines, [7, 9, 11, 22, 28]);
    assert_eq!(flow[1]["location"]["message"]["text"], "Started here, once for each of `urls`.");
}

#[test]
fn columns_are_in_utf16() {
    let log = sarif(&outcome(vec![odd()]));
    let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    let region = &place["region"];
    assert_eq!((region["startColumn"].as_u64(), region["endColumn"].as_u64()), (Some(23), Some(40)));
    assert_eq!(place["artifactLocation"]["uri"], "odd%20dir/a%2Cb%3A100%25%20%C3%A9%F0%9F%98%80%23.go");
}

/// No path of this machine may get in: the same code gives the same bytes everywhere.
#[test]
fn the_root_has_no_address() {
    let base = &sarif(&full())["runs"][0]["originalUriBaseIds"]["%SRCROOT%"];
    assert!(base.get("uri").is_none(), "{base}");
}
