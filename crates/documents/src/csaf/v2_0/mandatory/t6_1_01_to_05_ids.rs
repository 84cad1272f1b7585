//! 6.1.1 missing, 6.1.2 multiple and 6.1.3 circular definition of a product
//! ID; 6.1.4 missing and 6.1.5 multiple definition of a product group ID.

use std::collections::{HashMap, HashSet};

use crate::csaf::facts::{Facts, Standard, each_text};
use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;

pub(in crate::csaf) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let mut defined = HashSet::new();
    facts.each_product(&mut |product, path| {
        if let Some(id) = product.text("product_id")
            && !defined.insert(id)
        {
            findings.add(
                "6.1.2",
                &path.key("product_id"),
                format!(
                    "the product id `{id}` is defined more than once; give each product its own"
                ),
            );
        }
    });
    let mut known = facts.marks();
    for product in defined.iter().filter_map(|id| facts.product(id)) {
        known.set(product.index(), ());
    }
    facts.each_product_reference(&mut |product, path| {
        if !known.has(product.index()) {
            let id = facts.id(product);
            findings.add(
                "6.1.1",
                path,
                format!(
                    "the product id `{id}` is not defined in the product tree; define or remove it"
                ),
            );
        }
    });
    circular(facts, findings);
    groups(facts, findings);
}

fn groups(facts: &Facts<'_>, findings: &mut Findings) {
    let root = Path::Root;
    let place = root.key("product_tree");
    let place = place.key("product_groups");
    let mut defined = HashSet::new();
    if let Some(tree) = facts.root.get("product_tree") {
        for (index, group) in tree.list("product_groups").iter().enumerate() {
            if let Some(id) = group.text("group_id")
                && !defined.insert(id)
            {
                findings.add(
                    "6.1.5",
                    &place.index(index).key("group_id"),
                    format!(
                        "the group id `{id}` is defined more than once; give each group its own"
                    ),
                );
            }
        }
    }
    let mut check = |item, path: &Path<'_>| {
        each_text(item, "group_ids", path, &mut |id, path| {
            if !defined.contains(id) {
                findings.add(
                    "6.1.4",
                    path,
                    format!(
                        "the group id `{id}` is not defined in the product tree; define or remove it"
                    ),
                );
            }
        });
    };
    for key in facts.standard.targeted() {
        facts.each_in_vulnerabilities(key, &mut check);
    }
    if facts.standard == Standard::V2_1 {
        let notes = root.key("document");
        let notes = notes.key("notes");
        for (index, note) in facts.document.list("notes").iter().enumerate() {
            check(note, &notes.index(index));
        }
    }
}

/// A relationship defines a product by two others. Walks these definitions
/// depth first, without recursion, and reports each reference that leads back
/// to a product on the way to it.
fn circular(facts: &Facts<'_>, findings: &mut Findings) {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        OnTheWay,
        Done,
    }

    // Product id -> (place, referenced id).
    let mut references: HashMap<&str, Vec<(String, &str)>> = HashMap::new();
    let mut order = Vec::new();
    facts.each_composed(&mut |made, target, path| {
        if let Some(id) = made {
            order.push(id);
            references
                .entry(id)
                .or_default()
                .push((path.to_string(), target));
        }
    });
    let mut marks: HashMap<&str, Mark> = HashMap::new();
    for start in order {
        if marks.contains_key(start) {
            continue;
        }
        marks.insert(start, Mark::OnTheWay);
        let mut way = vec![(start, 0_usize)];
        while let Some((id, position)) = way.last_mut() {
            let Some((place, target)) = references
                .get(id)
                .and_then(|targets| targets.get(*position))
            else {
                marks.insert(id, Mark::Done);
                way.pop();
                continue;
            };
            *position += 1;
            match marks.get(target) {
                Some(Mark::OnTheWay) => findings.add_at(
                    "6.1.3",
                    place.clone(),
                    format!("the product `{target}` is defined by itself; break the circle"),
                ),
                Some(Mark::Done) => {}
                None if references.contains_key(target) => {
                    marks.insert(target, Mark::OnTheWay);
                    way.push((target, 0));
                }
                None => {}
            }
        }
    }
}
