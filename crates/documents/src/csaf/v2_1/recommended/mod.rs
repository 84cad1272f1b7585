//! The recommended tests, section 6.2 of the standard. A document that fails
//! one is valid, but against the standard's advice.

mod t6_2_21_22_tracking;
mod t6_2_23_to_26_cwe;
mod t6_2_27_remediations;
mod t6_2_28_29_30_sharing_group;
mod t6_2_31_32_helpers;
mod t6_2_33_disclosure;
mod t6_2_34_to_37_ssvc;
mod t6_2_38_39_profiles;
mod t6_2_39_1_fixed;
mod t6_2_40_43_document;
mod t6_2_41_47_metrics;
mod t6_2_42_helpers;
mod t6_2_44_45_46_licenses;
mod t6_2_48_52_products;
mod t6_2_49_51_version_ranges;
mod t6_2_50_overlap;
mod t6_2_53_id_systems;
mod t6_2_54_extensions;
mod t6_2_56_57_involvement;

pub(super) use t6_2_50_overlap::each_pair;
pub(super) use t6_2_56_57_involvement::used;

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;
use crate::csaf::v2_0::optional as v2_0;
use crate::csaf::v2_1::overlap::Lazy;

/// Runs them all but 6.2.20, which the schema walk yields.
pub(super) fn run<'d>(facts: &Facts<'d>, overlaps: &Lazy<'d>, findings: &mut Findings) {
    v2_0::t6_2_01_16_products::run(facts, findings);
    v2_0::t6_2_02_03_19_coverage::run(facts, findings);
    v2_0::t6_2_04_05_06_dates::run(facts, findings);
    v2_0::t6_2_07_17_vulnerabilities::run(facts, findings);
    v2_0::t6_2_08_09_hashes::run(facts, findings);
    v2_0::t6_2_10_to_12_14_15_document::run(facts, findings);
    v2_0::t6_2_13_sorting::run(facts, findings);
    v2_0::t6_2_18_vers::run(facts, findings);
    t6_2_21_22_tracking::run(facts, findings);
    t6_2_23_to_26_cwe::run(facts, findings);
    t6_2_27_remediations::run(facts, findings);
    t6_2_28_29_30_sharing_group::run(facts, findings);
    t6_2_31_32_helpers::run(facts, findings);
    if let Some(now) = facts.now {
        t6_2_33_disclosure::run(facts, now, findings);
    }
    t6_2_34_to_37_ssvc::run(facts, findings);
    t6_2_38_39_profiles::run(facts, findings);
    t6_2_39_1_fixed::run(facts, findings);
    t6_2_40_43_document::run(facts, findings);
    t6_2_41_47_metrics::run(facts, findings);
    t6_2_42_helpers::run(facts, findings);
    t6_2_44_45_46_licenses::run(facts, findings);
    t6_2_48_52_products::run(facts, findings);
    t6_2_49_51_version_ranges::run(facts, findings);
    t6_2_50_overlap::run(facts, overlaps, findings);
    t6_2_53_id_systems::run(facts, findings);
    t6_2_54_extensions::run(facts, findings);
    t6_2_56_57_involvement::run(facts, findings);
}
