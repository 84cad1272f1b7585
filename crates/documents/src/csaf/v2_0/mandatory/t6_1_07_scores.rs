//! 6.1.7 multiple scores with the same version per product.

use std::collections::HashMap;

use crate::csaf::report::Findings;
use crate::csaf::v2_0::facts::{Facts, each_text};

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_vulnerability(&mut |vulnerability, path| {
        // The item that scored a product first.
        let mut first: HashMap<(&str, &str), usize> = HashMap::new();
        let list = path.key("scores");
        for (index, score) in vulnerability.list("scores").iter().enumerate() {
            let versions = [
                score.get("cvss_v2").map(|_| "2.0"),
                score
                    .get("cvss_v3")
                    .map(|cvss| cvss.text("version").unwrap_or("3")),
            ];
            each_text(score, "products", &list.index(index), &mut |id, path| {
                for version in versions.into_iter().flatten() {
                    if *first.entry((version, id)).or_insert(index) != index {
                        findings.add(
                            "6.1.7",
                            path,
                            format!(
                                "the product `{id}` has another CVSS {version} score; keep one"
                            ),
                        );
                    }
                }
            });
        }
    });
}
