//! The mandatory tests, section 6.1 of the standard. A document that fails one
//! is invalid.

pub(in crate::csaf) mod t6_1_01_to_05_ids;
pub(in crate::csaf) mod t6_1_06_status;
pub(in crate::csaf) mod t6_1_07_scores;
pub(in crate::csaf) mod t6_1_09_10_cvss;
pub(in crate::csaf) mod t6_1_11_cwe;
pub(in crate::csaf) mod t6_1_12_15_28_language;
pub(in crate::csaf) mod t6_1_13_purl;
pub(in crate::csaf) mod t6_1_14_to_22_30_versions;
pub(in crate::csaf) mod t6_1_23_24_repeated;
pub(in crate::csaf) mod t6_1_25_hashes;
pub(in crate::csaf) mod t6_1_26_category;
pub(in crate::csaf) mod t6_1_27_profiles;
pub(in crate::csaf) mod t6_1_29_32_33_targets;
pub(in crate::csaf) mod t6_1_31_version_ranges;

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;

/// Runs them all but 6.1.8, which the schema walk yields.
pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    t6_1_01_to_05_ids::run(facts, findings);
    t6_1_06_status::run(facts, findings);
    t6_1_07_scores::run(facts, findings);
    t6_1_09_10_cvss::run(facts, findings);
    t6_1_11_cwe::run(facts, findings);
    t6_1_12_15_28_language::run(facts, findings);
    t6_1_13_purl::run(facts, findings);
    t6_1_14_to_22_30_versions::run(facts, findings);
    t6_1_23_24_repeated::run(facts, findings);
    t6_1_25_hashes::run(facts, findings);
    t6_1_26_category::run(facts, findings);
    t6_1_27_profiles::run(facts, findings);
    t6_1_29_32_33_targets::run(facts, findings);
    t6_1_31_version_ranges::run(facts, findings);
}
