//! 6.1.13 purl.

use crate::csaf::report::Findings;
use crate::csaf::v2_0::facts::Facts;
use crate::purl;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_product(&mut |product, path| {
        if let Some(text) = product
            .get("product_identification_helper")
            .and_then(|helper| helper.text("purl"))
            && let Err(error) = purl::parse(text)
        {
            findings.add(
                "6.1.13",
                &path.key("product_identification_helper").key("purl"),
                error.to_string(),
            );
        }
    });
}
