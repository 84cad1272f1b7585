//! 6.3.9 branch categories, 6.3.10 usage of product version range, 6.3.11 usage
//! of `v` as version indicator.

use crate::csaf::facts::Facts;
use crate::csaf::json::Node;
use crate::csaf::report::Findings;

pub(in crate::csaf) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_branch(&mut |branch, above, path| {
        let category = branch.text("category");
        if branch.get("product").is_some() && !has_usual_way(above, branch) {
            findings.add(
                "6.3.9",
                &path.key("product"),
                "the way to it does not pass vendor, product_name and product_version in this order",
            );
        }
        if category == Some("product_version_range") {
            findings.add(
                "6.3.10",
                &path.key("category"),
                "machines can hardly match ranges; list the versions where possible",
            );
        }
        if category == Some("product_version")
            && let Some(name) = branch.text("name")
            && let Some(rest) = name.strip_prefix(['v', 'V'])
            && rest.starts_with(|c: char| c.is_ascii_digit())
        {
            findings.add(
                "6.3.11",
                &path.key("name"),
                format!("the version `{name}` begins with `v`; leave it out"),
            );
        }
    });
}

fn has_usual_way<'d>(above: &[&'d Node<'d>], branch: &'d Node<'d>) -> bool {
    let mut wanted = ["vendor", "product_name", "product_version"]
        .iter()
        .peekable();
    for node in above.iter().copied().chain([branch]) {
        if wanted.peek().copied().copied() == node.text("category") {
            wanted.next();
        }
    }
    wanted.peek().is_none()
}
