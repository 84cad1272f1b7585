//! 6.1.56 use of CVSS and qualitative severity rating for the same product and
//! source.

use std::collections::HashSet;

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_vulnerability(&mut |vulnerability, path| {
        let mut is_any_rated = false;
        facts.each_score(vulnerability, path, &mut |_, content, _, _| {
            is_any_rated |= content.get("qualitative_severity_rating").is_some();
        });
        if !is_any_rated {
            return;
        }
        let mut scored = HashSet::new();
        facts.each_score(vulnerability, path, &mut |item, content, _, _| {
            if facts
                .standard
                .cvss()
                .iter()
                .any(|key| content.get(key).is_some())
            {
                let products = facts.products(item, "products");
                scored.extend(products.map(|product| (item.text("source"), product)));
            }
        });
        facts.each_score(vulnerability, path, &mut |item, content, _, inner| {
            if content.get("qualitative_severity_rating").is_none() {
                return;
            }
            let clash = facts
                .products(item, "products")
                .filter(|product| scored.contains(&(item.text("source"), *product)))
                .last();
            if let Some(product) = clash {
                let id = facts.id(product);
                findings.add(
                    "6.1.56",
                    &inner.key("qualitative_severity_rating"),
                    format!("`{id}` has a CVSS score of the same source; remove the rating"),
                );
            }
        });
    });
}
