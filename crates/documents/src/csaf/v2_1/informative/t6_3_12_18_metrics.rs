//! 6.3.12 missing CVSS v4.0, 6.3.18 use of qualitative severity rating.

use std::collections::HashSet;

use crate::csaf::facts::{Facts, StatusGroup, each_text};
use crate::csaf::json::Node;
use crate::csaf::report::Findings;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_vulnerability(&mut |vulnerability, path| {
        let mut scored = HashSet::new();
        facts.each_score(vulnerability, path, &mut |item, content, _, path| {
            if facts
                .standard
                .cvss()
                .iter()
                .any(|key| content.get(key).is_some())
            {
                scored.extend(item.list("products").iter().filter_map(Node::as_str));
                if content.get("cvss_v4").is_none() {
                    findings.add("6.3.12", path, "has no CVSS v4.0 score");
                }
            }
            if content.get("qualitative_severity_rating").is_some() {
                findings.add(
                    "6.3.18",
                    &path.key("qualitative_severity_rating"),
                    "a rating does not show what it rests on; a score does",
                );
            }
        });
        let Some(status) = vulnerability.get("product_status") else {
            return;
        };
        for (key, group) in facts.standard.statuses() {
            if *group == Some(StatusGroup::Affected) {
                each_text(status, key, &path.key("product_status"), &mut |id, path| {
                    if !scored.contains(id) {
                        findings.add("6.3.12", path, format!("no CVSS score names `{id}`"));
                    }
                });
            }
        }
    });
}
