//! 6.2.1 unused definition of a product ID, 6.2.16 missing product
//! identification helper.

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;

pub(in crate::csaf) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let mut used = facts.marks();
    facts.each_product_reference(&mut |product, _| used.set(product.index(), ()));
    // An informational advisory lists products that nothing else names.
    let may_be_unused = facts.category == "csaf_informational_advisory";
    facts.each_product(&mut |product, path| {
        if let Some(id) = product.text("product_id")
            && !may_be_unused
            && !facts
                .product(id)
                .is_some_and(|product| used.has(product.index()))
        {
            findings.add(
                "6.2.1",
                &path.key("product_id"),
                format!("the product `{id}` is defined but never used"),
            );
        }
        if product.get("product_identification_helper").is_none() {
            findings.add(
                "6.2.16",
                path,
                "has no product identification helper; a purl, a CPE or hashes let machines match it",
            );
        }
    });
}
