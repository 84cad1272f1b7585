//! The optional tests, section 6.2 of the standard. A document that fails one
//! is valid, but against the standard's advice.

pub(in crate::csaf) mod t6_2_01_16_products;
pub(in crate::csaf) mod t6_2_02_03_19_coverage;
pub(in crate::csaf) mod t6_2_04_05_06_dates;
pub(in crate::csaf) mod t6_2_07_17_vulnerabilities;
pub(in crate::csaf) mod t6_2_08_09_hashes;
pub(in crate::csaf) mod t6_2_10_to_12_14_15_document;
pub(in crate::csaf) mod t6_2_13_sorting;
pub(in crate::csaf) mod t6_2_18_vers;

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;

/// Runs them all but 6.2.20, which the schema walk yields.
pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    t6_2_01_16_products::run(facts, findings);
    t6_2_02_03_19_coverage::run(facts, findings);
    t6_2_04_05_06_dates::run(facts, findings);
    t6_2_07_17_vulnerabilities::run(facts, findings);
    t6_2_08_09_hashes::run(facts, findings);
    t6_2_10_to_12_14_15_document::run(facts, findings);
    t6_2_13_sorting::run(facts, findings);
    t6_2_18_vers::run(facts, findings);
}
