//! 6.1.56 use of CVSS and qualitative severity rating for the same product and
//! source.

use std::collections::HashSet;

use crate::csaf::facts::{Facts, each_text};
use crate::csaf::report::Findings;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_vulnerability(&mut |vulnerability, path| {
        let mut scored = HashSet::new();
        facts.each_score(vulnerability, path, &mut |item, content, path, _| {
            if facts
                .standard
                .cvss()
                .iter()
                .any(|key| content.get(key).is_some())
            {
                each_text(item, "products", path, &mut |id, _| {
                    scored.insert((item.text("source"), id));
                });
            }
        });
        facts.each_score(vulnerability, path, &mut |item, content, path, inner| {
            if content.get("qualitative_severity_rating").is_none() {
                return;
            }
            let mut clash = None;
            each_text(item, "products", path, &mut |id, _| {
                if scored.contains(&(item.text("source"), id)) {
                    clash = Some(id);
                }
            });
            if let Some(id) = clash {
                findings.add(
                    "6.1.56",
                    &inner.key("qualitative_severity_rating"),
                    format!("`{id}` has a CVSS score of the same source; remove the rating"),
                );
            }
        });
    });
}
