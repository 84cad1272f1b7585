//! 6.3.14 unregistered SSVC base namespace and 6.3.15 SSVC namespace with
//! extension in a document that is not TLP:CLEAR.

use crate::csaf::facts::Facts;
use crate::csaf::json::Node;
use crate::csaf::report::Findings;
use crate::csaf::v2_1::selections::{each, is_unregistered};

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let label = facts
        .document
        .at(&["distribution", "tlp", "label"])
        .and_then(Node::as_str);
    if label == Some("CLEAR") {
        return;
    }
    each(facts, &mut |_, selection, path| {
        let Some(namespace) = selection.text("namespace") else {
            return;
        };
        let path = path.key("namespace");
        if is_unregistered(namespace) {
            findings.add(
                "6.3.14",
                &path,
                format!("`{namespace}` is not registered, readers may not know its definitions"),
            );
        }
        if namespace.contains('/') {
            findings.add(
                "6.3.15",
                &path,
                format!("`{namespace}` has an extension, whose definitions readers may not know"),
            );
        }
    });
}
