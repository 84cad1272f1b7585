//! 6.1.35 contradicting remediations, 6.1.36 contradicting product status and
//! remediation.

use std::collections::{BTreeMap, HashMap};

use crate::csaf::facts::{Facts, StatusGroup};
use crate::csaf::json::Node;
use crate::csaf::report::Findings;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_vulnerability(&mut |vulnerability, path| {
        let mut status: HashMap<&str, StatusGroup> = HashMap::new();
        if let Some(node) = vulnerability.get("product_status") {
            for (key, group) in facts.standard.statuses() {
                if let Some(group) = group {
                    for id in node.list(key).iter().filter_map(Node::as_str) {
                        status.entry(id).or_insert(*group);
                    }
                }
            }
        }
        let list = path.key("remediations");
        // The categories that a product has had, by the item that gave them.
        let mut had: HashMap<&str, BTreeMap<&str, usize>> = HashMap::new();
        for (index, item) in vulnerability.list("remediations").iter().enumerate() {
            let path = list.index(index);
            let Some(category) = item.text("category") else {
                continue;
            };
            let Some(products) = facts.coverage([item].into_iter()) else {
                return;
            };
            let mut products: Vec<_> = products.into_iter().collect();
            products.sort_unstable();
            for id in products {
                let categories = had.entry(id).or_default();
                if let Some(other) = categories
                    .keys()
                    .find(|other| contradict(category, other) || contradict(other, category))
                {
                    findings.add(
                        "6.1.35",
                        &path,
                        format!(
                            "`{category}` and `{other}` of the product `{id}` contradict each other"
                        ),
                    );
                }
                categories.entry(category).or_insert(index);
                if let Some(group) = status.get(id)
                    && contradicts_status(category, *group)
                {
                    findings.add(
                        "6.1.36",
                        &path,
                        format!(
                            "`{category}` contradicts that the product `{id}` is {}",
                            group.name()
                        ),
                    );
                }
            }
        }
    });
}

/// The prohibited pairs of table 3, each once.
fn contradict(a: &str, b: &str) -> bool {
    a != b
        && match a {
            "optional_patch" | "none_available" => true,
            "vendor_fix" => matches!(b, "fix_planned" | "no_fix_planned"),
            "fix_planned" => b == "no_fix_planned",
            _ => false,
        }
}

/// The prohibited pairs of table 4.
fn contradicts_status(category: &str, group: StatusGroup) -> bool {
    match group {
        StatusGroup::Affected => category == "optional_patch",
        StatusGroup::NotAffected => matches!(
            category,
            "workaround" | "mitigation" | "vendor_fix" | "none_available"
        ),
        StatusGroup::Fixed => category != "optional_patch",
        StatusGroup::UnderInvestigation | StatusGroup::Unknown => false,
    }
}
