//! Which products are versions of the same one.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::csaf::facts::Facts;

/// What the versions of a product have in common, as a hash: ways can be long
/// and many.
pub(super) type Family = u64;

fn hash(value: impl Hash) -> Family {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The families of each product: its branches but for the version; of a product
/// path, the family of its beginning with the same way on, and, for what is
/// installed with something, also those of the way before.
pub(super) fn families<'d>(facts: &Facts<'d>) -> HashMap<&'d str, Vec<Family>> {
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
