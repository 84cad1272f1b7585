//! 6.2.27 discouraged product status and remediation combination.

use crate::csaf::facts::{Facts, StatusGroup};
use crate::csaf::report::Findings;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let (mut status, mut marks) = (facts.marks(), facts.marks());
    facts.each_vulnerability(&mut |vulnerability, path| {
        facts.mark_status(vulnerability, &mut status);
        let list = path.key("remediations");
        for (index, item) in vulnerability.list("remediations").iter().enumerate() {
            let Some(category) = item.text("category") else {
                continue;
            };
            let Some(products) = facts.coverage([item].into_iter(), &mut marks) else {
                return;
            };
            let mut clashes: Vec<_> = products
                .into_iter()
                .filter_map(|product| Some((product, status.get(product.index())?)))
                .filter(|(_, group)| is_discouraged(category, *group))
                .map(|(product, group)| (facts.id(product), group))
                .collect();
            clashes.sort_by_key(|(id, _)| *id);
            for (id, group) in clashes {
                findings.add(
                    "6.2.27",
                    &list.index(index),
                    format!(
                        "`{category}` is discouraged: the product `{id}` is {}",
                        group.name()
                    ),
                );
            }
        }
    });
}

/// The discouraged pairs of table 4.
fn is_discouraged(category: &str, group: StatusGroup) -> bool {
    match group {
        StatusGroup::Affected => false,
        StatusGroup::NotAffected => matches!(category, "fix_planned" | "no_fix_planned"),
        StatusGroup::Fixed => category == "optional_patch",
        StatusGroup::UnderInvestigation | StatusGroup::Unknown => matches!(
            category,
            "workaround" | "mitigation" | "vendor_fix" | "fix_planned"
        ),
    }
}
