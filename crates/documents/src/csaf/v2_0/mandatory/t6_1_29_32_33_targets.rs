//! 6.1.29 remediation and 6.1.32 flag without product reference, 6.1.33
//! multiple flags with VEX justification codes per product.

use std::collections::HashMap;

use crate::csaf::facts::{Facts, each_text};
use crate::csaf::pointer::Path;
use crate::csaf::products::Product;
use crate::csaf::report::Findings;

/// The labels that justify "not affected".
const JUSTIFICATIONS: [&str; 5] = [
    "component_not_present",
    "inline_mitigations_already_exist",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_not_present",
];

pub(in crate::csaf) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    for (test, key) in [("6.1.29", "remediations"), ("6.1.32", "flags")] {
        facts.each_in_vulnerabilities(key, &mut |item, path| {
            if item.get("product_ids").is_none() && item.get("group_ids").is_none() {
                findings.add(
                    test,
                    path,
                    "does not say which products it is about; add `product_ids` or `group_ids`",
                );
            }
        });
    }
    let mut justified = facts.marks();
    facts.each_vulnerability(&mut |vulnerability, path| {
        // Where each product, and each group, was justified first.
        justified.clear();
        let mut groups: HashMap<&str, usize> = HashMap::new();
        let list = path.key("flags");
        for (index, flag) in vulnerability.list("flags").iter().enumerate() {
            if !flag
                .text("label")
                .is_some_and(|label| JUSTIFICATIONS.contains(&label))
            {
                continue;
            }
            let path = list.index(index);
            let mut justify = |product: Product, path: &Path<'_>, findings: &mut Findings| {
                if justified.first(product.index(), index) != index {
                    let id = facts.id(product);
                    findings.add(
                        "6.1.33",
                        path,
                        format!("the product `{id}` has another VEX justification; keep one"),
                    );
                }
            };
            facts.each_id(flag, "product_ids", &path, &mut |product, path| {
                justify(product, path, findings);
            });
            each_text(flag, "group_ids", &path, &mut |group, path| {
                if *groups.entry(group).or_insert(index) == index {
                    for product in facts.group(group) {
                        justify(*product, path, findings);
                    }
                } else {
                    findings.add(
                        "6.1.33",
                        path,
                        format!(
                            "the products of `{group}` have another VEX justification; keep one"
                        ),
                    );
                }
            });
        }
    });
}
