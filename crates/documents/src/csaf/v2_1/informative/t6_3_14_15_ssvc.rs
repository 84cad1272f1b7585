//! 6.3.14 unregistered SSVC base namespace and 6.3.15 SSVC namespace with
//! extension in a document that is not TLP:CLEAR.

use crate::csaf::facts::Facts;
use crate::csaf::json::Node;
use crate::csaf::report::Findings;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let label = facts
        .document
        .at(&["distribution", "tlp", "label"])
        .and_then(Node::as_str);
    if label == Some("CLEAR") {
        return;
    }
    facts.each_vulnerability(&mut |vulnerability, path| {
        facts.each_score(vulnerability, path, &mut |_, content, _, path| {
            let Some(ssvc) = content.get("ssvc_v2") else {
                return;
            };
            let path = path.key("ssvc_v2");
            let selections = path.key("selections");
            for (index, selection) in ssvc.list("selections").iter().enumerate() {
                let Some(namespace) = selection.text("namespace") else {
                    continue;
                };
                if namespace.starts_with("x_") {
                    findings.add(
                        "6.3.14",
                        &selections.index(index).key("namespace"),
                        format!(
                            "`{namespace}` is not registered, readers may not know its definitions"
                        ),
                    );
                }
                if namespace.contains('/') {
                    findings.add(
                        "6.3.15",
                        &selections.index(index).key("namespace"),
                        format!(
                            "`{namespace}` has an extension, whose definitions readers may not know"
                        ),
                    );
                }
            }
        });
    });
}
