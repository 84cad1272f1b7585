//! The mandatory tests, section 6.1 of the standard. A document that fails one
//! is invalid. Tests that 2.1 took over are those of 2.0.

mod t6_1_11_cwe;
mod t6_1_21_history;
mod t6_1_24_64_involvement;
mod t6_1_27_13_fixed;
mod t6_1_27_profiles;
mod t6_1_34_57_58_branches;
mod t6_1_35_36_remediations;
mod t6_1_37_date_time;
mod t6_1_38_to_41_sharing_group;
mod t6_1_42_43_44_61_helpers;
mod t6_1_45_to_53_62_66_dates;
mod t6_1_46_ssvc;
mod t6_1_47_ssvc_targets;
mod t6_1_48_ssvc_points;
mod t6_1_50_version_ranges;
mod t6_1_54_license;
mod t6_1_55_license_text;
mod t6_1_56_rating;
mod t6_1_59_single_version;
mod t6_1_60_extensions;
mod t6_1_63_hash_length;
mod t6_1_65_dl_vuln_ids;

pub(super) use t6_1_54_license::{check as check_expression, words as expression_words};
pub(in crate::csaf) use t6_1_63_hash_length::is_known_algorithm;

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;
use crate::csaf::v2_0::mandatory as v2_0;

/// Runs them all but those that the schema walk yields.
pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    v2_0::t6_1_01_to_05_ids::run(facts, findings);
    v2_0::t6_1_06_status::run(facts, findings);
    v2_0::t6_1_07_scores::run(facts, findings);
    v2_0::t6_1_09_10_cvss::run(facts, findings);
    t6_1_11_cwe::run(facts, findings);
    v2_0::t6_1_12_15_28_language::run(facts, findings);
    v2_0::t6_1_13_purl::run(facts, findings);
    v2_0::t6_1_14_to_22_30_versions::run(facts, findings);
    t6_1_21_history::run(facts, findings);
    v2_0::t6_1_23_24_repeated::run(facts, findings);
    t6_1_24_64_involvement::run(facts, findings);
    v2_0::t6_1_25_hashes::run(facts, findings);
    v2_0::t6_1_26_category::run(facts, findings);
    t6_1_27_13_fixed::run(facts, findings);
    t6_1_27_profiles::run(facts, findings);
    v2_0::t6_1_29_32_33_targets::run(facts, findings);
    v2_0::t6_1_31_version_ranges::run(facts, findings);
    t6_1_34_57_58_branches::run(facts, findings);
    t6_1_35_36_remediations::run(facts, findings);
    t6_1_37_date_time::run(facts, findings);
    t6_1_38_to_41_sharing_group::run(facts, findings);
    t6_1_42_43_44_61_helpers::run(facts, findings);
    t6_1_45_to_53_62_66_dates::run(facts, findings);
    t6_1_46_ssvc::run(facts, findings);
    t6_1_47_ssvc_targets::run(facts, findings);
    t6_1_48_ssvc_points::run(facts, findings);
    t6_1_50_version_ranges::run(facts, findings);
    t6_1_54_license::run(facts, findings);
    t6_1_55_license_text::run(facts, findings);
    t6_1_56_rating::run(facts, findings);
    t6_1_59_single_version::run(facts, findings);
    t6_1_60_extensions::run(facts, findings);
    t6_1_63_hash_length::run(facts, findings);
    t6_1_65_dl_vuln_ids::run(facts, findings);
}
