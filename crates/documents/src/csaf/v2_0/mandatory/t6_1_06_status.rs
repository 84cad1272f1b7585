//! 6.1.6 contradicting product status.

use std::collections::HashMap;

use crate::csaf::facts::{Facts, each_text};
use crate::csaf::report::Findings;

pub(in crate::csaf) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_vulnerability(&mut |vulnerability, path| {
        let Some(status) = vulnerability.get("product_status") else {
            return;
        };
        let path = path.key("product_status");
        let mut seen = HashMap::new();
        for (key, group) in facts.standard.statuses() {
            let Some(group) = *group else { continue };
            each_text(status, key, &path, &mut |id, path| {
                let first = *seen.entry(id).or_insert(group);
                if first != group {
                    findings.add(
                        "6.1.6",
                        path,
                        format!(
                            "the product `{id}` is {} and {}; decide for one",
                            first.name(),
                            group.name()
                        ),
                    );
                }
            });
        }
    });
}
