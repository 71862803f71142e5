//! SARIF, beyond what its validator checks (`tests/validate-sarif.sh`).

use super::fake::*;
use goleash::lint::Level;
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
