//! 6.2.44 deprecated license identifier, 6.2.45 non-existing license
//! identifier, 6.2.46 language specific license text.

use crate::csaf::facts::Facts;
use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;
use crate::csaf::v2_1::licenses::{Standing, named, names_unlisted};
use crate::csaf::v2_1::phrases::{Phrase, is_english, translated};
use crate::csaf::v2_1::titled::one_note;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let root = Path::Root;
    let document = root.key("document");
    let path = document.key("license_expression");
    for (word, standing) in named(facts) {
        match standing {
            Standing::Deprecated => findings.add(
                "6.2.44",
                &path,
                format!("`{word}` is deprecated; use what replaced it"),
            ),
            Standing::Missing => findings.add(
                "6.2.45",
                &path,
                format!("`{word}` is on neither list of licenses; letter case counts"),
            ),
            Standing::Current | Standing::Foreign => {}
        }
    }
    if let Some(lang) = facts.document.text("lang")
        && !is_english(Some(lang))
        && let Some(title) = translated(lang, Phrase::License)
        && names_unlisted(facts)
    {
        one_note("6.2.46", title, "legal_disclaimer", facts, findings);
    }
}
