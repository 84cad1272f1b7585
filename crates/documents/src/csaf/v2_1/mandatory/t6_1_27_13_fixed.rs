//! 6.1.27.13 corresponding affected products: what was fixed was affected in
//! another version.

use std::collections::HashSet;

use crate::csaf::facts::{Facts, StatusGroup, each_text};
use crate::csaf::json::Node;
use crate::csaf::report::Findings;
use crate::csaf::v2_1::families::{Family, families};

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    if facts.category != "csaf_security_advisory" {
        return;
    }
    let families = families(facts);
    facts.each_vulnerability(&mut |vulnerability, path| {
        let Some(status) = vulnerability.get("product_status") else {
            return;
        };
        let affected: Vec<&str> = facts
            .standard
            .statuses()
            .iter()
            .filter(|(_, group)| *group == Some(StatusGroup::Affected))
            .flat_map(|(key, _)| status.list(key))
            .filter_map(Node::as_str)
            .collect();
        let known: HashSet<&Family> = affected
            .iter()
            .filter_map(|id| families.get(id))
            .flatten()
            .collect();
        each_text(
            status,
            "fixed",
            &path.key("product_status"),
            &mut |id, path| {
                let corresponds = match families.get(id) {
                    Some(own) => own.iter().any(|family| known.contains(family)),
                    // Without a place in the tree nothing tells its versions.
                    None => !affected.is_empty(),
                };
                if !corresponds {
                    findings.add(
                        "6.1.27.13",
                        path,
                        format!("no affected version of the fixed product `{id}` is listed here"),
                    );
                }
            },
        );
    });
}
