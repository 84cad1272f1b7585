//! 6.1.55 license text.

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;
use crate::csaf::v2_1::licenses::{names_unlisted, text_is_in_notes};
use crate::csaf::v2_1::phrases::is_english;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    if is_english(facts.document.text("lang")) && names_unlisted(facts) {
        text_is_in_notes("6.1.55", "License", facts, findings);
    }
}
