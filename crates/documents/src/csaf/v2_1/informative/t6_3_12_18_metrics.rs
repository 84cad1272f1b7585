//! 6.3.12 missing CVSS v4.0, 6.3.18 use of qualitative severity rating.

use crate::csaf::facts::{Facts, StatusGroup};
use crate::csaf::report::Findings;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let mut scored = facts.marks();
    facts.each_vulnerability(&mut |vulnerability, path| {
        scored.clear();
        facts.each_score(vulnerability, path, &mut |item, content, _, path| {
            if facts
                .standard
                .cvss()
                .iter()
                .any(|key| content.get(key).is_some())
            {
                for product in facts.products(item, "products") {
                    scored.set(product.index(), ());
                }
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
                let path = path.key("product_status");
                facts.each_id(status, key, &path, &mut |product, path| {
                    if !scored.has(product.index()) {
                        let id = facts.id(product);
                        findings.add("6.3.12", path, format!("no CVSS score names `{id}`"));
                    }
                });
            }
        }
    });
}
