//! 6.1.7 multiple scores with the same version per product.

use std::collections::HashMap;

use crate::csaf::facts::Facts;
use crate::csaf::json::Node;
use crate::csaf::report::Findings;

pub(in crate::csaf) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_vulnerability(&mut |vulnerability, path| {
        // How many items give a score of a version by a source. Mostly it is
        // one, which cannot contradict itself.
        let mut items: HashMap<_, usize> = HashMap::new();
        facts.each_score(vulnerability, path, &mut |item, content, _, _| {
            for version in versions(facts, content) {
                *items.entry((version, item.text("source"))).or_default() += 1;
            }
        });
        if items.values().all(|count| *count < 2) {
            return;
        }
        // The item that scored a product first, by version and source.
        let mut first = HashMap::new();
        let mut index = 0;
        facts.each_score(vulnerability, path, &mut |item, content, path, _| {
            index += 1;
            let source = item.text("source");
            let versions: Vec<&str> = versions(facts, content)
                .filter(|version| items.get(&(*version, source)).is_some_and(|n| *n > 1))
                .collect();
            if versions.is_empty() {
                return;
            }
            facts.each_id(item, "products", path, &mut |product, path| {
                for version in &versions {
                    if *first.entry((*version, source, product)).or_insert(index) != index {
                        let id = facts.id(product);
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

/// The versions of the scores that an item gives.
fn versions<'d>(facts: &Facts<'d>, content: &'d Node<'d>) -> impl Iterator<Item = &'d str> {
    facts.standard.cvss().iter().filter_map(|key| {
        let cvss = content.get(key)?;
        Some(cvss.text("version").unwrap_or(key))
    })
}
