//! 6.3.1 CVSS v2 as the only scoring system, 6.3.2 use of CVSS v3.0.

use std::collections::HashSet;

use crate::csaf::facts::Facts;
use crate::csaf::json::Node;
use crate::csaf::report::Findings;

pub(in crate::csaf) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_vulnerability(&mut |vulnerability, path| {
        let is_newer = |content: &Node<'_>| {
            content.get("cvss_v3").is_some() || content.get("cvss_v4").is_some()
        };
        // What a newer score covers, in whichever item.
        let mut newer = HashSet::new();
        facts.each_score(vulnerability, path, &mut |item, content, _, _| {
            if is_newer(content) {
                newer.extend(item.list("products").iter().filter_map(Node::as_str));
            }
        });
        facts.each_score(vulnerability, path, &mut |item, content, path, inner| {
            if content.get("cvss_v2").is_some()
                && !is_newer(content)
                && let Some(id) = item
                    .list("products")
                    .iter()
                    .filter_map(Node::as_str)
                    .find(|id| !newer.contains(id))
            {
                findings.add(
                    "6.3.1",
                    path,
                    format!("CVSS v2 is the only score of `{id}`; add one of v3.1"),
                );
            }
            if let Some(cvss) = content.get("cvss_v3")
                && (cvss.text("version") == Some("3.0")
                    || cvss
                        .text("vectorString")
                        .is_some_and(|vector| vector.starts_with("CVSS:3.0/")))
            {
                findings.add(
                    "6.3.2",
                    &inner.key("cvss_v3").key("version"),
                    "CVSS v3.0 is used; v3.1 is its clearer successor",
                );
            }
        });
    });
}
