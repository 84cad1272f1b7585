//! The recommended tests, section 6.2 of the standard. A document that fails
//! one is valid, but against the standard's advice.

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;
use crate::csaf::v2_0::optional as v2_0;

/// Runs those that exist but 6.2.20, which the schema walk yields.
pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    v2_0::t6_2_01_16_products::run(facts, findings);
    v2_0::t6_2_02_03_19_coverage::run(facts, findings);
    v2_0::t6_2_04_05_06_dates::run(facts, findings);
    v2_0::t6_2_07_17_vulnerabilities::run(facts, findings);
    v2_0::t6_2_08_09_hashes::run(facts, findings);
    v2_0::t6_2_10_to_12_14_15_document::run(facts, findings);
    v2_0::t6_2_13_sorting::run(facts, findings);
    v2_0::t6_2_18_vers::run(facts, findings);
}
