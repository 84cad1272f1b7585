//! 6.1.55 license text.

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;
use crate::csaf::v2_1::licenses::names_unlisted;
use crate::csaf::v2_1::phrases::is_english;
use crate::csaf::v2_1::titled::one_note;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    if is_english(facts.document.text("lang")) && names_unlisted(facts) {
        one_note("6.1.55", "License", "legal_disclaimer", facts, findings);
    }
}
