//! The JSON report and its schema.

use super::fake::*;
use goleash::lint::Level;
use goleash::report::Format;
use serde_json::Value;

fn schema() -> Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/goleash-report.schema.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Every key and word of JSON Schema that the schema uses; another one is a mistake in it, or has to be added here.
const KNOWN: [&str; 13] = [
    "$schema",
    "$id",
    "$defs",
    "$ref",
    "title",
    "description",
    "type",
    "required",
    "properties",
    "items",
    "const",
    "enum",
    "minimum",
];

/// Checks a value against the part of JSON Schema that the schema uses, and holds it to be complete: a key that it does not name fails.
fn check(root: &Value, schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
    for key in schema.as_object().unwrap().keys() {
        assert!(KNOWN.contains(&key.as_str()) || key == "pattern", "the test does not know `{key}`");
    }
    if let Some(reference) = schema["$ref"].as_str() {
        let target = root.pointer(reference.strip_prefix('#').unwrap()).unwrap_or_else(|| panic!("no {reference}"));
        check(root, target, value, at, wrong);
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let types: Vec<&str> =
        schema["type"].as_array().into_iter().flatten().chain([&schema["type"]]).filter_map(Value::as_str).collect();
    let allowed = schema["enum"].as_array();
    let good = (types.is_empty() || types.contains(&kind))
        && schema.get("const").is_none_or(|c| c == value)
        && allowed.is_none_or(|a| a.contains(value))
        && schema["minimum"].as_i64().is_none_or(|least| value.as_i64().is_none_or(|number| number >= least))
        && schema["pattern"].as_str().is_none_or(|pattern| matches(pattern, value.as_str().unwrap()));
    if !good {
        wrong.push(format!("{at}: {value} is not {schema}"));
    }
    for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.get(required).is_none() {
            wrong.push(format!("{at}: {required} is missing"));
        }
    }
    for (key, inner) in value.as_object().into_iter().flatten().filter(|_| schema.get("properties").is_some()) {
        match schema["properties"].get(key) {
            Some(schema) => check(root, schema, inner, &format!("{at}.{key}"), wrong),
            None => wrong.push(format!("{at}: {key} is not in the schema")),
        }
    }
    for (index, inner) in value.as_array().into_iter().flatten().enumerate() {
        check(root, &schema["items"], inner, &format!("{at}[{index}]"), wrong);
    }
}

fn matches(pattern: &str, text: &str) -> bool {
    match pattern {
        "^[0-9a-f]{32}$" => text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)),
        "^[a-z0-9]+(-[a-z0-9]+)*$" => {
            text.split('-').all(|w| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
        }
        _ => panic!("the test does not know the pattern {pattern}"),
    }
}

fn wrong(value: &Value) -> Vec<String> {
    let (schema, mut wrong) = (schema(), Vec::new());
    check(&schema, &schema, value, "report", &mut wrong);
    wrong
}

#[test]
fn output_follows_the_schema() {
    for outcome in [full(), outcome(vec![]), goleash::pipeline::Outcome::default()] {
        let value: Value = serde_json::from_str(&render(&outcome, Format::Json, Level::Note)).unwrap();
        assert_eq!(wrong(&value), Vec::<String>::new());
    }
}

#[test]
fn the_schema_test_can_fail() {
    let text = render(&full(), Format::Json, Level::Note);
    let spoilt = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        wrong(&serde_json::from_str(&text.replace(from, to)).unwrap())
    };
    assert!(!spoilt("\"version\": 1,", "\"version\": 2,").is_empty());
    assert!(!spoilt("\"utf16_column\"", "\"utf8_column\"").is_empty());
    assert!(!spoilt("\"level\": \"note\"", "\"level\": \"hint\"").is_empty());
    assert!(!spoilt("\"line\": 3", "\"line\": 0").is_empty());
}

#[test]
fn the_whole_report() {
    expect("full.json", &render(&full(), Format::Json, Level::Note));
}

#[test]
fn the_level_hides_and_counts() {
    let value: Value = serde_json::from_str(&render(&full(), Format::Json, Level::Error)).unwrap();
    assert_eq!(value["findings"].as_array().unwrap().len(), 1);
    assert_eq!(
        value["summary"],
        serde_json::json!({"error": 1, "warning": 1, "note": 1, "hidden": 2, "suppressed": 0, "known": 0,
            "rules": [{"id": "blocked-send", "error": 1, "warning": 0, "note": 0}]})
    );
}

#[test]
fn columns_count_bytes_and_utf16() {
    let value: Value = serde_json::from_str(&render(&outcome(vec![odd()]), Format::Json, Level::Note)).unwrap();
    let start = &value["findings"][0]["location"]["start"];
    assert_eq!(*start, serde_json::json!({"line": 3, "column": 25, "utf16_column": 23, "offset": 37}));
    let end = &value["findings"][0]["location"]["end"];
    assert_eq!(*end, serde_json::json!({"line": 3, "column": 43, "utf16_column": 40, "offset": 55}));
}

#[test]
fn crlf_counts_in_offsets_and_not_in_columns() {
    let value: Value = serde_json::from_str(&render(&outcome(vec![endless()]), Format::Json, Level::Note)).unwrap();
    let start = &value["findings"][0]["location"]["start"];
    assert_eq!((start["line"].as_u64(), start["column"].as_u64()), (Some(5), Some(2)));
    assert_eq!(start["offset"].as_u64(), TICKER.find("for {").map(|o| o as u64));
}
