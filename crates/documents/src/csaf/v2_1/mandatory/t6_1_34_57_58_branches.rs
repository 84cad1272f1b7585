//! 6.1.34 branches recursion depth, 6.1.57 stacked branch categories, 6.1.58
//! `product_version` in one path with `product_version_range`.

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;

/// How often `branches` may be on the way to a product.
const DEEPEST: usize = 30;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_branch(&mut |branch, above, path| {
        if branch.get("product").is_none() {
            return;
        }
        if above.len() + 1 > DEEPEST {
            findings.add(
                "6.1.34",
                &path.key("product"),
                format!(
                    "lies {} branches deep; {DEEPEST} are allowed",
                    above.len() + 1
                ),
            );
        }
        let mut seen = Vec::new();
        let mut stacked = None;
        for node in above.iter().copied().chain([branch]) {
            let Some(category) = node.text("category") else {
                continue;
            };
            if category != "product_family" && seen.contains(&category) {
                stacked = Some(category);
            } else if seen.len() < DEEPEST {
                seen.push(category);
            }
        }
        if let Some(category) = stacked {
            findings.add(
                "6.1.57",
                &path.key("product"),
                format!("the category `{category}` is used twice on the way to this product"),
            );
        }
        if seen.contains(&"product_version") && seen.contains(&"product_version_range") {
            findings.add(
                "6.1.58",
                &path.key("product"),
                "both a version and a version range are on the way to this product; use one",
            );
        }
    });
}
