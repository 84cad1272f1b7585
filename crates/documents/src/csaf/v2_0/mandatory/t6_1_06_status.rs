//! 6.1.6 contradicting product status.

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;

pub(in crate::csaf) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let mut seen = facts.marks();
    facts.each_vulnerability(&mut |vulnerability, path| {
        let Some(status) = vulnerability.get("product_status") else {
            return;
        };
        let path = path.key("product_status");
        seen.clear();
        for (key, group) in facts.standard.statuses() {
            let Some(group) = *group else { continue };
            facts.each_id(status, key, &path, &mut |product, path| {
                let first = seen.first(product.index(), group);
                if first != group {
                    let id = facts.id(product);
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
