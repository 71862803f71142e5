//! What GitLab, reviewdog and CI servers read.

use super::fake::*;
use goleash::lint::Level;
use goleash::report::Format;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;

fn report(format: Format) -> String {
    render(&full(), format, Level::Note)
}

fn nothing(format: Format) -> String {
    render(&outcome(Vec::new()), format, Level::Note)
}

/// Names and attributes of the elements, in order, as any XML reader gives them back.
fn elements(xml: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut reader = Reader::from_str(xml);
    let mut out = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => return out,
            Event::Start(e) | Event::Empty(e) => {
                let attribute = |a: quick_xml::events::attributes::Attribute<'_>| {
                    let value = a.normalized_value(quick_xml::XmlVersion::Implicit1_0).unwrap().into_owned();
                    (a.key.0.to_string(), value)
                };
                out.push((e.name().0.to_string(), e.attributes().map(|a| attribute(a.unwrap())).collect()));
            }
            _ => {}
        }
    }
}

fn value<'a>(element: &'a (String, Vec<(String, String)>), key: &str) -> &'a str {
    element.1.iter().find(|(k, _)| k == key).map_or("", |(_, v)| v)
}

#[test]
fn whole_reports() {
    expect("full.gitlab.json", &report(Format::Gitlab));
    expect("full.rdjson", &report(Format::Rdjson));
    expect("full.checkstyle.xml", &report(Format::Checkstyle));
    expect("full.junit.xml", &report(Format::Junit));
}

#[test]
fn gitlab_sees_no_fingerprint_twice() {
    let twice = outcome(vec![send(), send()]);
    let issues: Value = serde_json::from_str(&render(&twice, Format::Gitlab, Level::Note)).unwrap();
    let prints: Vec<&str> = issues.as_array().unwrap().iter().map(|i| i["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(prints.len(), 2);
    assert_ne!(prints[0], prints[1]);
    assert_eq!(nothing(Format::Gitlab), "[]\n");
}

/// GitLab reads issues up to the first that is not as its schema says.
#[test]
fn each_issue_has_what_gitlab_requires() {
    let issues: Value = serde_json::from_str(&report(Format::Gitlab)).unwrap();
    for issue in issues.as_array().unwrap() {
        let is_text = |key: &str| issue[key].as_str().is_some_and(|text| !text.is_empty());
        assert!(["description", "check_name", "fingerprint"].into_iter().all(is_text), "{issue}");
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&issue["severity"].as_str().unwrap()), "{issue}");
        let place = &issue["location"];
        assert!(place["path"].as_str().is_some_and(|path| !path.starts_with(['/', '.'])), "{issue}");
        assert!(place["lines"]["begin"].as_u64().is_some_and(|line| line > 0), "{issue}");
    }
}

#[test]
fn rdjson_counts_bytes_and_offers_fixes() {
    let report: Value = serde_json::from_str(&report(Format::Rdjson)).unwrap();
    let all = report["diagnostics"].as_array().unwrap();
    let send = all.iter().find(|d| d["code"]["value"] == "blocked-send").unwrap();
    assert_eq!(send["location"]["range"]["start"]["line"], 11);
    assert!(send["suggestions"].as_array().is_some_and(|s| !s.is_empty()), "{send}");
    assert!(send["related_locations"].as_array().unwrap().len() > 1);
    // The place lies behind an emoji of four bytes.
    let odd = all.iter().find(|d| d["location"]["path"].as_str().unwrap().starts_with("odd dir/")).unwrap();
    assert_eq!(odd["location"]["range"]["start"]["column"], 25);
}

#[test]
fn messages_come_back_from_xml_as_they_went_in() {
    let mut finding = send();
    finding.message = "a < b & \"c\"\nnext\tline \u{1b}[31m".to_owned();
    let text = render(&outcome(vec![finding]), Format::Checkstyle, Level::Note);
    let errors = elements(&text);
    let message = value(&errors[2], "message");
    assert!(message.starts_with("a < b & \"c\"\nnext\tline \\u{1b}[31m\n1. "), "{message:?}");
}

#[test]
fn junit_counts_and_passes_where_there_is_nothing() {
    let all = elements(&report(Format::Junit));
    let count = |name: &str| all.iter().filter(|e| e.0 == name).count().to_string();
    assert_eq!((value(&all[0], "tests"), value(&all[0], "failures")), (count("testcase").as_str(), count("failure").as_str()));
    assert_eq!(value(&all[0], "errors"), count("error"));
    let none = elements(&nothing(Format::Junit));
    assert_eq!(none.iter().map(|e| e.0.as_str()).collect::<Vec<_>>(), ["testsuites", "testsuite", "testcase"]);
    assert_eq!(value(&none[0], "tests"), "1");
}
