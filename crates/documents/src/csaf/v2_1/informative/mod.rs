//! The informative tests, section 6.3 of the standard: hints.

mod t6_3_12_18_metrics;
mod t6_3_13_25_ssvc_versions;
mod t6_3_14_15_ssvc;
mod t6_3_17_licenses;
mod t6_3_19_overlap;
mod t6_3_20_id_systems;
mod t6_3_21_extensions;
mod t6_3_22_23_26_document;

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;
use crate::csaf::v2_0::informative as v2_0;
use crate::csaf::v2_1::overlap::Lazy;

/// Runs all that need neither network nor dictionary.
pub(super) fn run<'d>(facts: &Facts<'d>, overlaps: &Lazy<'d>, findings: &mut Findings) {
    v2_0::t6_3_01_02_cvss::run(facts, findings);
    v2_0::t6_3_03_04_ids::run(facts, findings);
    v2_0::t6_3_05_hashes::run(facts, findings);
    v2_0::t6_3_09_10_11_branches::run(facts, findings);
    t6_3_12_18_metrics::run(facts, findings);
    t6_3_13_25_ssvc_versions::run(facts, findings);
    t6_3_14_15_ssvc::run(facts, findings);
    t6_3_17_licenses::run(facts, findings);
    t6_3_19_overlap::run(facts, overlaps, findings);
    t6_3_20_id_systems::run(facts, findings);
    t6_3_21_extensions::run(facts, findings);
    t6_3_22_23_26_document::run(facts, findings);
}
