//! 6.2.40 product description without product reference, 6.2.43 missing license
//! expression.

use crate::csaf::facts::Facts;
use crate::csaf::json::Node;
use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;
use crate::csaf::v2_1::phrases::{Phrase, is_english, translated};

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let root = Path::Root;
    let document = root.key("document");
    let license = facts.document.get("license_expression");
    if license.and_then(Node::as_str).is_none_or(str::is_empty) {
        findings.add(
            "6.2.43",
            &document.key("license_expression"),
            if license.is_some() {
                "the license expression is empty"
            } else {
                "the document does not say under which license it is"
            },
        );
    }
    let lang = facts.document.text("lang");
    let title = match lang {
        Some(lang) if !is_english(Some(lang)) => translated(lang, Phrase::ProductDescription),
        _ => Some("Product Description"),
    };
    let Some(title) = title else { return };
    let notes = document.key("notes");
    for (index, note) in facts.document.list("notes").iter().enumerate() {
        if note.text("category") == Some("description")
            && note
                .text("title")
                .is_some_and(|given| given.starts_with(title))
            && note.get("product_ids").is_none()
            && note.get("group_ids").is_none()
        {
            findings.add(
                "6.2.40",
                &notes.index(index),
                "does not say which products it describes; add `product_ids` or `group_ids`",
            );
        }
    }
}
