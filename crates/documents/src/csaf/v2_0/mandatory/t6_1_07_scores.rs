//! 6.1.7 multiple scores with the same version per product.

use std::collections::HashMap;

use crate::csaf::facts::{Facts, each_text};
use crate::csaf::report::Findings;

pub(in crate::csaf) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_vulnerability(&mut |vulnerability, path| {
        // The item that scored a product first, by version and source.
        let mut first = HashMap::new();
        let mut index = 0;
        facts.each_score(vulnerability, path, &mut |item, content, path, _| {
            index += 1;
            let source = item.text("source");
            let versions = facts.standard.cvss().iter().filter_map(|key| {
                let cvss = content.get(key)?;
                Some(cvss.text("version").unwrap_or(key))
            });
            let versions: Vec<&str> = versions.collect();
            each_text(item, "products", path, &mut |id, path| {
                for version in &versions {
                    if *first.entry((*version, source, id)).or_insert(index) != index {
                        findings.add(
                            "6.1.7",
                            path,
                            format!(
                                "the product `{id}` has another CVSS {version} score of this source; keep one"
                            ),
                        );
                    }
                }
            });
        });
    });
}
