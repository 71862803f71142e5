//! One test for each case of a folder, named after it: the harness runs them side by side, filters them and names the one that fails.
//!
//! A test has to be known when the binary is compiled, so the names of the cases stand in a file beside the tests. [`hold`] compares that
//! file with the folders, and `UPDATE=1` writes it.

use crate::support;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The tests of a list: `$run(group, name)` for each name of each group.
macro_rules! one_test_each {
    ($run:path; $($group:ident { $($name:ident)* })*) => {
        $(mod $group {
            $(#[test]
            fn $name() {
                $run(stringify!($group), stringify!($name));
            })*
        })*
    };
}
pub(crate) use one_test_each;

/// Names of cases by the name of their group.
pub(crate) type Groups = BTreeMap<String, BTreeSet<String>>;

/// Holds the list of `tests/<part>/cases.rs` to what is there: a case that is not on it would never run.
pub(crate) fn hold(part: &str, what: &str, groups: &Groups) {
    let mut text = format!(
        "//! {what}. Not written by hand: `UPDATE=1 cargo test --test main {part}::` keeps it.\n\n\
         crate::listed::one_test_each! {{\n    crate::{part}::case;\n"
    );
    for (group, names) in groups {
        let _ = writeln!(text, "    {group} {{");
        for name in names {
            let _ = writeln!(text, "        {name}");
        }
        text.push_str("    }\n");
    }
    text.push_str("}\n");
    let path = support::repository().join(format!("tests/{part}/cases.rs"));
    let listed = std::fs::read_to_string(&path).unwrap_or_default();
    if listed == text {
        return;
    }
    if support::update() {
        std::fs::write(&path, text).unwrap();
        support::announce(&format!("tests/{part}/cases.rs has changed: run the tests again, its new cases have not run"));
        return;
    }
    let differ = |a: &str, b: &str| a.lines().filter(|line| !b.lines().any(|l| l == *line)).collect::<Vec<_>>().join("\n");
    panic!(
        "tests/{part}/cases.rs is not what is there: `UPDATE=1 cargo test --test main {part}::` writes it\nmissing:\n{}\ntoo many:\n{}",
        differ(&text, &listed),
        differ(&listed, &text)
    );
}
