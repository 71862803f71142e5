//! The Common Weakness Enumeration as a SARIF taxonomy, as far as the rules refer to it.

use super::log::{ComponentReference, Relationship, Taxon, TaxonDescriptor, Taxonomy, Text};

/// Titles of what rules may refer to. A number without one is still listed, by its number alone.
const TITLES: [(u16, &str); 19] = [
    (400, "Uncontrolled Resource Consumption."),
    (401, "Missing Release of Memory after Effective Lifetime."),
    (404, "Improper Resource Shutdown or Release."),
    (413, "Improper Resource Locking."),
    (459, "Incomplete Cleanup."),
    (662, "Improper Synchronization."),
    (667, "Improper Locking."),
    (703, "Improper Check or Handling of Exceptional Conditions."),
    (764, "Multiple Locks of a Critical Resource."),
    (770, "Allocation of Resources Without Limits or Throttling."),
    (772, "Missing Release of Resource after Effective Lifetime."),
    (775, "Missing Release of File Descriptor or Handle after Effective Lifetime."),
    (820, "Missing Synchronization."),
    (821, "Incorrect Synchronization."),
    (833, "Deadlock."),
    (834, "Excessive Iteration."),
    (835, "Loop with Unreachable Exit Condition ('Infinite Loop')."),
    (1088, "Synchronous Access of Remote Resource without Timeout."),
    (1116, "Inaccurate Source Code Comments."),
];

/// The taxonomy with these entries; none if there are none.
pub(super) fn taxonomies(numbers: &[u16]) -> Vec<Taxonomy> {
    if numbers.is_empty() {
        return Vec::new();
    }
    vec![Taxonomy {
        name: "CWE",
        organization: "MITRE",
        information_uri: "https://cwe.mitre.org/",
        short_description: Text::new("The MITRE Common Weakness Enumeration."),
        is_comprehensive: false,
        taxa: numbers.iter().map(|&number| taxon(number)).collect(),
    }]
}

fn taxon(number: u16) -> TaxonDescriptor {
    let title = TITLES.iter().find(|(known, _)| *known == number);
    TaxonDescriptor {
        id: format!("CWE-{number}"),
        short_description: title.map_or_else(|| Text::owned(format!("CWE-{number}.")), |(_, text)| Text::new(text)),
        help_uri: format!("https://cwe.mitre.org/data/definitions/{number}.html"),
    }
}

/// How the driver refers to the taxonomy.
pub(super) fn reference() -> ComponentReference {
    ComponentReference { name: "CWE", index: 0 }
}

/// A rule's tie to an entry: whatever the rule finds is an instance of the weakness.
pub(super) fn relationship(number: u16, numbers: &[u16]) -> Option<Relationship> {
    let index = numbers.iter().position(|&known| known == number)?;
    Some(Relationship { target: Taxon { id: format!("CWE-{number}"), index, tool_component: reference() }, kinds: ["superset"] })
}
