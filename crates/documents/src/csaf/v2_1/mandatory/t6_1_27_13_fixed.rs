//! 6.1.27.13 corresponding affected products: what was fixed was affected in
//! another version.

use crate::csaf::facts::{Facts, StatusGroup};
use crate::csaf::report::Findings;
use crate::csaf::v2_1::families::families;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    if facts.category != "csaf_security_advisory" {
        return;
    }
    let families = families(facts);
    let mut known = families.marks();
    facts.each_vulnerability(&mut |vulnerability, path| {
        let Some(status) = vulnerability.get("product_status") else {
            return;
        };
        known.clear();
        let mut is_any_affected = false;
        for (key, group) in facts.standard.statuses() {
            if *group != Some(StatusGroup::Affected) {
                continue;
            }
            for product in facts.products(status, key) {
                is_any_affected = true;
                for family in families.of(product).into_iter().flatten() {
                    known.set(family, ());
                }
            }
        }
        let path = path.key("product_status");
        facts.each_id(status, "fixed", &path, &mut |product, path| {
            let corresponds = match families.of(product) {
                Some(mut own) => own.any(|family| known.has(family)),
                // Without a place in the tree nothing tells its versions.
                None => is_any_affected,
            };
            if !corresponds {
                let id = facts.id(product);
                findings.add(
                    "6.1.27.13",
                    path,
                    format!("no affected version of the fixed product `{id}` is listed here"),
                );
            }
        });
    });
}
