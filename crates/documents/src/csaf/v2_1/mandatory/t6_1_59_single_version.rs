//! 6.1.59 single version as product version range.

use crate::csaf::facts::Facts;
use crate::csaf::report::Findings;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_branch(&mut |branch, _, path| {
        if branch.text("category") == Some("product_version_range")
            && let Some(name) = branch.text("name")
            && is_single(name)
        {
            findings.add(
                "6.1.59",
                &path.key("name"),
                format!("`{name}` is one version; use the category `product_version`"),
            );
        }
    });
}

/// One constraint without comparator, or with `=`; outside of vers, one word
/// without anything that makes a range.
fn is_single(name: &str) -> bool {
    match name.strip_prefix("vers:") {
        Some(vers) => vers.split_once('/').is_some_and(|(_, constraints)| {
            let mut constraints = constraints.split('|').filter(|c| !c.is_empty());
            constraints.next().is_some_and(|constraint| {
                constraint != "*" && !constraint.starts_with(['<', '>', '!'])
            }) && constraints.next().is_none()
        }),
        None => {
            !name.trim().is_empty()
                && !name.contains(['<', '>', '|', '*', '!', ',', '≤', '≥'])
                && !name.trim().contains(char::is_whitespace)
        }
    }
}
