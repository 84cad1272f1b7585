//! The informative tests, section 6.3 of the standard: hints. 6.3.6 and 6.3.7
//! need the network and 6.3.8 a dictionary; the report says that they did not
//! run.

pub(in crate::csaf) mod t6_3_01_02_cvss;
pub(in crate::csaf) mod t6_3_03_04_ids;
pub(in crate::csaf) mod t6_3_05_hashes;
pub(in crate::csaf) mod t6_3_09_10_11_branches;

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;

/// Runs them all.
pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    t6_3_01_02_cvss::run(facts, findings);
    t6_3_03_04_ids::run(facts, findings);
    t6_3_05_hashes::run(facts, findings);
    t6_3_09_10_11_branches::run(facts, findings);
}
