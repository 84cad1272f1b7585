//! 6.2.54.3 critical extension.

use crate::csaf::facts::Facts;
use crate::csaf::json::Node;
use crate::csaf::report::Findings;
use crate::csaf::v2_1::extensions;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    extensions::each(facts, &mut |_, list, path| {
        for (index, extension) in list.items().iter().enumerate() {
            if extension.get("critical") == Some(&Node::Bool(true)) {
                findings.add(
                    "6.2.54.3",
                    &path.index(index).key("critical"),
                    "the extension is critical: readers that do not know it must refuse the document",
                );
            }
        }
    });
}
