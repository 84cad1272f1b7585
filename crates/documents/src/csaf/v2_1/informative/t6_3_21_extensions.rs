//! 6.3.21.1 essential extension, 6.3.21.2 experimental extension in a document
//! that is not TLP:CLEAR, 6.3.21.3 to 6.3.21.9 extensions at each kind
//! of place.

use crate::csaf::facts::Facts;
use crate::csaf::json::Node;
use crate::csaf::report::Findings;
use crate::csaf::v2_1::extensions::{self, Place};

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let label = facts.document.at(&["distribution", "tlp", "label"]);
    let clear = label.and_then(Node::as_str) == Some("CLEAR");
    extensions::each(facts, &mut |place, list, path| {
        let test = match place {
            Place::Document => "6.3.21.3",
            Place::Branch => "6.3.21.4",
            Place::FullProductName => "6.3.21.5",
            Place::ProductPath => "6.3.21.6",
            Place::Metric => "6.3.21.7",
            Place::Vulnerability => "6.3.21.8",
            Place::Root => "6.3.21.9",
        };
        findings.add(test, path, "extensions are used here");
        for (index, extension) in list.items().iter().enumerate() {
            if !clear {
                findings.add(
                    "6.3.21.2",
                    &path.index(index),
                    "the extension is experimental, readers may not know what it means",
                );
            }
            if extension.text("category") == Some("essential") {
                findings.add(
                    "6.3.21.1",
                    &path.index(index).key("category"),
                    "without this extension the document cannot be understood",
                );
            }
        }
    });
}
