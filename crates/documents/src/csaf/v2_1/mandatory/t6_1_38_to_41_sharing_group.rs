//! 6.1.38 non-public sharing group with max UUID, 6.1.39 public sharing group
//! without it, 6.1.40 invalid and 6.1.41 missing sharing group name.

use crate::csaf::facts::Facts;
use crate::csaf::json::Node;
use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;

const MAX: &str = "ffffffff-ffff-ffff-ffff-ffffffffffff";
const NIL: &str = "00000000-0000-0000-0000-000000000000";
/// Reserved names and the ids that they belong to.
const RESERVED: [(&str, &str); 2] = [("Public", MAX), ("No sharing allowed", NIL)];

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let Some(distribution) = facts.document.get("distribution") else {
        return;
    };
    let Some(group) = distribution.get("sharing_group") else {
        return;
    };
    let id = group.text("id").unwrap_or_default();
    let name = group.text("name");
    let clear = distribution.at(&["tlp", "label"]).and_then(Node::as_str) == Some("CLEAR");
    let root = Path::Root;
    let document = root.key("document");
    let place = document.key("distribution");
    let sharing = place.key("sharing_group");
    if id == MAX && !clear {
        findings.add(
            "6.1.38",
            &place.key("tlp").key("label"),
            "the sharing group is public (max UUID), the TLP label is not CLEAR",
        );
    }
    if clear && id != MAX && !(id == NIL && facts.status == "draft") {
        findings.add(
            "6.1.39",
            &sharing.key("id"),
            "a TLP:CLEAR document is shared with everybody: use the max UUID or no sharing group",
        );
    }
    for (reserved, owner) in RESERVED {
        if name == Some(reserved) && id != owner {
            findings.add(
                "6.1.40",
                &sharing.key("name"),
                format!("the name `{reserved}` is reserved for the id {owner}"),
            );
        }
        if id == owner && name != Some(reserved) {
            findings.add(
                "6.1.41",
                &sharing.key("name"),
                format!("the sharing group {owner} must have the name `{reserved}`"),
            );
        }
    }
}
