//! 6.2.28 usage of the max UUID, 6.2.29 of the nil UUID, 6.2.30 of a sharing
//! group on TLP:CLEAR.

use crate::csaf::facts::Facts;
use crate::csaf::json::Node;
use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let Some(distribution) = facts.document.get("distribution") else {
        return;
    };
    let Some(group) = distribution.get("sharing_group") else {
        return;
    };
    let root = Path::Root;
    let document = root.key("document");
    let place = document.key("distribution");
    let place = place.key("sharing_group");
    let id = group.text("id").unwrap_or_default();
    for (test, digit) in [("6.2.28", 'f'), ("6.2.29", '0')] {
        if !id.is_empty() && id.chars().all(|c| c == digit || c == '-') {
            findings.add(
                test,
                &place.key("id"),
                "the sharing group has a reserved id; use one of its own, or none",
            );
        }
    }
    if distribution.at(&["tlp", "label"]).and_then(Node::as_str) == Some("CLEAR") {
        findings.add(
            "6.2.30",
            &place,
            "a TLP:CLEAR document is for everybody; leave the sharing group out",
        );
    }
}
