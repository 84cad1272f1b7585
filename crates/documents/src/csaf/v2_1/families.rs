//! Which products are versions of the same one.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::csaf::facts::Facts;
use crate::csaf::products::{Marks, Product};

/// What the versions of a product have in common, as a hash: ways can be long
/// and many.
type Family = u64;

fn hash(value: impl Hash) -> Family {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The families of each product that something refers to, by numbers.
pub(super) struct Families {
    numbers: HashMap<Family, usize>,
    of: Vec<Vec<(Family, usize)>>,
}

impl Families {
    fn add(&mut self, product: Option<Product>, family: Family) {
        let next = self.numbers.len();
        if let Some(own) = product.and_then(|product| self.of.get_mut(product.index())) {
            let number = *self.numbers.entry(family).or_insert(next);
            own.push((family, number));
        }
    }

    /// The families of a product, by their numbers; `None` if it has no place
    /// in the tree.
    pub(super) fn of(&self, product: Product) -> Option<impl Iterator<Item = usize>> {
        self.of
            .get(product.index())
            .filter(|own| !own.is_empty())
            .map(|own| own.iter().map(|(_, number)| *number))
    }

    /// A table of what is known of each family.
    pub(super) fn marks(&self) -> Marks<()> {
        Marks::new(self.numbers.len())
    }
}

/// The families of each product: its branches but for the version; of a product
/// path, the family of its beginning with the same way on, and, for what is
/// installed with something, also those of the way before.
pub(super) fn families(facts: &Facts<'_>) -> Families {
    let mut families = Families {
        numbers: HashMap::new(),
        of: facts.per_product(),
    };
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
        families.add(facts.product(id), hash(names));
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
        let start = facts
            .product(begin)
            .and_then(|product| families.of.get(product.index())?.first())
            .map_or_else(|| hash(begin), |(family, _)| *family);
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
        for family in own {
            families.add(facts.product(id), family);
        }
    }
    families
}
