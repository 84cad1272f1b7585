//! 6.2.39.1 missing fixed product: what is affected is fixed in another
//! version, unless it is clear that there is none.

use crate::csaf::facts::{Facts, StatusGroup};
use crate::csaf::json::Node;
use crate::csaf::products::Marks;
use crate::csaf::report::Findings;
use crate::csaf::v2_1::families::families;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    if facts.category != "csaf_security_advisory" {
        return;
    }
    let families = families(facts);
    let ends_before = ends_before(facts);
    let mut fixed = families.marks();
    let (mut without, mut with) = (facts.marks(), facts.marks());
    facts.each_vulnerability(&mut |vulnerability, path| {
        let Some(status) = vulnerability.get("product_status") else {
            return;
        };
        let in_group = |wanted| {
            facts
                .standard
                .statuses()
                .iter()
                .filter(move |(_, group)| *group == Some(wanted))
                .map(|(key, _)| *key)
        };
        let mut any_fixed = false;
        fixed.clear();
        for product in in_group(StatusGroup::Fixed).flat_map(|key| facts.products(status, key)) {
            any_fixed = true;
            for family in families.of(product).into_iter().flatten() {
                fixed.set(family, ());
            }
        }
        let remedied = |categories: &'static [&'static str], marks: &mut Marks<()>| {
            let items = vulnerability.list("remediations").iter();
            let items = items.filter(|item| {
                item.text("category")
                    .is_some_and(|category| categories.contains(&category))
            });
            facts.coverage(items, marks)
        };
        let unfixed = &["fix_planned", "no_fix_planned", "none_available"];
        if remedied(unfixed, &mut without).is_none()
            || remedied(&["vendor_fix"], &mut with).is_none()
        {
            return;
        }
        let place = path.key("product_status");
        for key in in_group(StatusGroup::Affected) {
            facts.each_id(status, key, &place, &mut |product, path| {
                let number = product.index();
                let there_is_none =
                    without.has(number) && !with.has(number) && !ends_before.has(number);
                let listed = match families.of(product) {
                    Some(mut own) => own.any(|family| fixed.has(family)),
                    // Without a place in the tree nothing tells its versions.
                    None => any_fixed,
                };
                if !there_is_none && !listed {
                    let id = facts.id(product);
                    findings.add(
                        "6.2.39.1",
                        path,
                        format!("no fixed version of the affected product `{id}` is listed here"),
                    );
                }
            });
        }
    });
}

/// Products whose version range ends before a version, which then exists.
fn ends_before(facts: &Facts<'_>) -> Marks<()> {
    let mut found = facts.marks();
    facts.each_branch(&mut |branch, above, _| {
        let Some(product) = branch
            .get("product")
            .and_then(|p| facts.product(p.text("product_id")?))
        else {
            return;
        };
        let ends = |node: &Node<'_>| {
            node.text("category") == Some("product_version_range")
                && node.text("name").is_some_and(|name| {
                    let last = name.rsplit(['|', '/']).next().unwrap_or_default().trim();
                    last.starts_with('<') && !last.starts_with("<=")
                })
        };
        if above.iter().copied().chain([branch]).any(ends) {
            found.set(product.index(), ());
        }
    });
    found
}
