//! 6.2.39.1 missing fixed product: what is affected is fixed in another
//! version, unless it is clear that there is none.

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
    let ends_before = ends_before(facts);
    facts.each_vulnerability(&mut |vulnerability, path| {
        let Some(status) = vulnerability.get("product_status") else {
            return;
        };
        let in_group = |wanted| {
            facts
                .standard
                .statuses()
                .iter()
                .filter(move |(_, group)| *group == Some(wanted))
                .map(|(key, _)| *key)
        };
        let mut any_fixed = false;
        let fixed: HashSet<&Family> = in_group(StatusGroup::Fixed)
            .flat_map(|key| status.list(key))
            .filter_map(Node::as_str)
            .inspect(|_| any_fixed = true)
            .filter_map(|id| families.get(id))
            .flatten()
            .collect();
        let remedied = |categories: &'static [&'static str]| {
            let items = vulnerability.list("remediations").iter();
            facts.coverage(items.filter(|item| {
                item.text("category")
                    .is_some_and(|category| categories.contains(&category))
            }))
        };
        let (Some(without), Some(with)) = (
            remedied(&["fix_planned", "no_fix_planned", "none_available"]),
            remedied(&["vendor_fix"]),
        ) else {
            return;
        };
        let place = path.key("product_status");
        for key in in_group(StatusGroup::Affected) {
            each_text(status, key, &place, &mut |id, path| {
                let there_is_none =
                    without.contains(id) && !with.contains(id) && !ends_before.contains(id);
                let listed = match families.get(id) {
                    Some(own) => own.iter().any(|family| fixed.contains(family)),
                    // Without a place in the tree nothing tells its versions.
                    None => any_fixed,
                };
                if !there_is_none && !listed {
                    findings.add(
                        "6.2.39.1",
                        path,
                        format!("no fixed version of the affected product `{id}` is listed here"),
                    );
                }
            });
        }
    });
}

/// Products whose version range ends before a version, which then exists.
fn ends_before<'d>(facts: &Facts<'d>) -> HashSet<&'d str> {
    let mut found = HashSet::new();
    facts.each_branch(&mut |branch, above, _| {
        let Some(id) = branch.get("product").and_then(|p| p.text("product_id")) else {
            return;
        };
        let ends = |node: &Node<'_>| {
            node.text("category") == Some("product_version_range")
                && node.text("name").is_some_and(|name| {
                    let last = name.rsplit(['|', '/']).next().unwrap_or_default().trim();
                    last.starts_with('<') && !last.starts_with("<=")
                })
        };
        if above.iter().copied().chain([branch]).any(ends) {
            found.insert(id);
        }
    });
    found
}
