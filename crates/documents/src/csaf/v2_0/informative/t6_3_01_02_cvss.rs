//! 6.3.1 CVSS v2 as the only scoring system, 6.3.2 use of CVSS v3.0.

use std::collections::HashSet;

use crate::csaf::json::Node;
use crate::csaf::report::Findings;
use crate::csaf::v2_0::facts::Facts;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_vulnerability(&mut |vulnerability, path| {
        let scores = vulnerability.list("scores");
        // What a newer score covers, in whichever item.
        let newer: HashSet<&str> = scores
            .iter()
            .filter(|score| score.get("cvss_v3").is_some())
            .flat_map(|score| score.list("products"))
            .filter_map(Node::as_str)
            .collect();
        let list = path.key("scores");
        for (index, score) in scores.iter().enumerate() {
            let path = list.index(index);
            if score.get("cvss_v2").is_some()
                && score.get("cvss_v3").is_none()
                && let Some(id) = score
                    .list("products")
                    .iter()
                    .filter_map(Node::as_str)
                    .find(|id| !newer.contains(id))
            {
                findings.add(
                    "6.3.1",
                    &path,
                    format!("CVSS v2 is the only score of `{id}`; add one of v3.1"),
                );
            }
            if let Some(cvss) = score.get("cvss_v3")
                && (cvss.text("version") == Some("3.0")
                    || cvss
                        .text("vectorString")
                        .is_some_and(|vector| vector.starts_with("CVSS:3.0/")))
            {
                findings.add(
                    "6.3.2",
                    &path.key("cvss_v3").key("version"),
                    "CVSS v3.0 is used; v3.1 is its clearer successor",
                );
            }
        }
    });
}
