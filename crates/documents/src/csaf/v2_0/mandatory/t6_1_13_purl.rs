//! 6.1.13 purl.

use crate::csaf::facts::{Facts, each_text};
use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;
use crate::purl;

pub(in crate::csaf) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_product(&mut |product, path| {
        let Some(helper) = product.get("product_identification_helper") else {
            return;
        };
        let path = path.key("product_identification_helper");
        if let Some(text) = helper.text("purl") {
            judge(text, &path.key("purl"), findings);
        }
        each_text(helper, "purls", &path, &mut |text, path| {
            judge(text, path, findings);
        });
    });
}

fn judge(text: &str, path: &Path<'_>, findings: &mut Findings) {
    if let Err(error) = purl::parse(text) {
        findings.add("6.1.13", path, error.to_string());
    }
}
