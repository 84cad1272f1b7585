//! 6.1.27.13 corresponding affected products: what was fixed was affected in
//! another version.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::csaf::facts::{Facts, StatusGroup, each_text};
use crate::csaf::json::Node;
use crate::csaf::report::Findings;

/// What the versions of a product have in common, as a hash: ways can be long
/// and many.
type Family = u64;

fn hash(value: impl Hash) -> Family {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    if facts.category != "csaf_security_advisory" {
        return;
    }
    let families = families(facts);
    facts.each_vulnerability(&mut |vulnerability, path| {
        let Some(status) = vulnerability.get("product_status") else {
            return;
        };
        let affected: Vec<&str> = facts
            .standard
            .statuses()
            .iter()
            .filter(|(_, group)| *group == Some(StatusGroup::Affected))
            .flat_map(|(key, _)| status.list(key))
            .filter_map(Node::as_str)
            .collect();
        let known: HashSet<&Family> = affected
            .iter()
            .filter_map(|id| families.get(id))
            .flatten()
            .collect();
        each_text(
            status,
            "fixed",
            &path.key("product_status"),
            &mut |id, path| {
                let corresponds = match families.get(id) {
                    Some(own) => own.iter().any(|family| known.contains(family)),
                    // Without a place in the tree nothing tells its versions.
                    None => !affected.is_empty(),
                };
                if !corresponds {
                    findings.add(
                        "6.1.27.13",
                        path,
                        format!("no affected version of the fixed product `{id}` is listed here"),
                    );
                }
            },
        );
    });
}

/// The families of each product: its branches but for the version; of a product
/// path, the family of its beginning with the same way on, and, for what is
/// installed with something, also those of the way before.
fn families<'d>(facts: &Facts<'d>) -> HashMap<&'d str, Vec<Family>> {
    let mut families: HashMap<&str, Vec<Family>> = HashMap::new();
    facts.each_branch(&mut |branch, above, _| {
        let Some(id) = branch.get("product").and_then(|p| p.text("product_id")) else {
            return;
        };
        let names: Vec<Option<&str>> = above
            .iter()
            .copied()
            .chain([branch])
            .filter(|node| {
                matches!(
                    node.text("category"),
                    Some("vendor" | "product_family" | "product_name")
                )
            })
            .map(|node| node.text("name"))
            .collect();
        families.entry(id).or_default().push(hash(names));
    });
    let paths = facts
        .root
        .get("product_tree")
        .map_or(&[][..], |tree| tree.list("product_paths"));
    for item in paths {
        let (Some(id), Some(begin)) = (
            item.get("full_product_name")
                .and_then(|p| p.text("product_id")),
            item.text("beginning_product_reference"),
        ) else {
            continue;
        };
        let start = families
            .get(begin)
            .and_then(|known| known.first())
            .copied()
            .unwrap_or_else(|| hash(begin));
        let mut way = start;
        let mut own = Vec::new();
        for subpath in item.list("subpaths") {
            if subpath.text("category") == Some("installed_with") {
                own.push(way);
            }
            way = hash((
                way,
                subpath.text("category"),
                subpath.text("next_product_reference"),
            ));
        }
        own.push(way);
        families.entry(id).or_default().extend(own);
    }
    families
}
