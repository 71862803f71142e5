//! What every rule tells about itself.

use super::Level;

/// A rule's card: enough to list it, to explain it and to decide where it has to look.
#[derive(Debug)]
pub struct Meta {
    /// Id with dashes: the name of the rule's folder.
    pub id: &'static str,
    /// What it finds, in one line without a full stop.
    pub summary: &'static str,
    /// The level that its findings usually have.
    pub level: Level,
    /// Numbers in the Common Weakness Enumeration.
    pub cwe: &'static [u16],
    /// Tokens without which a declaration cannot hold a finding of this rule.
    pub triggers: &'static [&'static str],
    /// The rule's `README.md`: the one text that `explain`, SARIF and hover show.
    pub docs: &'static str,
    /// The version of goleash that first had the rule.
    pub since: &'static str,
}
