//! 6.1.47 inconsistent SSVC target IDs.

use std::collections::HashSet;

use crate::csaf::facts::{Facts, each_text};
use crate::csaf::report::Findings;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let document = facts.tracking.text("id");
    facts.each_vulnerability(&mut |vulnerability, path| {
        let ids: HashSet<&str> = vulnerability
            .list("ids")
            .iter()
            .filter_map(|id| id.text("text"))
            .chain(vulnerability.text("cve"))
            .collect();
        facts.each_score(vulnerability, path, &mut |_, content, _, path| {
            let Some(ssvc) = content.get("ssvc_v2") else {
                return;
            };
            each_text(ssvc, "target_ids", &path.key("ssvc_v2"), &mut |id, path| {
                if document == Some(id) && facts.vulnerabilities.len() > 1 {
                    findings.add(
                        "6.1.47",
                        path,
                        format!(
                            "`{id}` is the whole document, which has more than one vulnerability"
                        ),
                    );
                } else if !ids.contains(id) {
                    findings.add(
                        "6.1.47",
                        path,
                        format!("`{id}` is neither the CVE nor another id of this vulnerability"),
                    );
                }
            });
        });
    });
}
