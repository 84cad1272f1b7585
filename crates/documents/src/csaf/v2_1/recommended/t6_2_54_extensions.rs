//! 6.2.54.1 registered and 6.2.54.2 official extension, 6.2.54.3 critical
//! extension, 6.2.54.4 experimental extension in a TLP:CLEAR document.

use crate::csaf::facts::Facts;
use crate::csaf::json::Node;
use crate::csaf::report::Findings;
use crate::csaf::v2_1::extensions;

/// No extension is official or registered so far, so all are experimental.
pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let label = facts.document.at(&["distribution", "tlp", "label"]);
    let clear = label.and_then(Node::as_str) == Some("CLEAR");
    extensions::each(facts, &mut |_, list, path| {
        for (index, extension) in list.items().iter().enumerate() {
            let path = path.index(index);
            findings.add("6.2.54.1", &path, "the extension is not registered");
            findings.add("6.2.54.2", &path, "the extension is not official");
            if extension.get("critical") == Some(&Node::Bool(true)) {
                findings.add(
                    "6.2.54.3",
                    &path.key("critical"),
                    "the extension is critical: readers that do not know it must refuse the document",
                );
            }
            if clear {
                findings.add(
                    "6.2.54.4",
                    &path,
                    "the extension is experimental, the public may not know what it means",
                );
            }
        }
    });
}
