//! 6.2.31 hardware and software, 6.2.32 the same product identification helper
//! for different products.

use std::collections::{HashMap, HashSet};

use crate::csaf::facts::Facts;
use crate::csaf::json::Node;
use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let mut composed = HashSet::new();
    facts.each_composed(&mut |_, id, _| {
        composed.insert(id);
    });
    // Helper value -> the product that had it first.
    let mut owner: HashMap<(&str, Value<'_>), usize> = HashMap::new();
    let mut number = 0;
    facts.each_product(&mut |product, path| {
        number += 1;
        let Some(helper) = product.get("product_identification_helper") else {
            return;
        };
        let is_hardware =
            helper.get("serial_numbers").is_some() || helper.get("model_numbers").is_some();
        if is_hardware
            && !product
                .text("product_id")
                .is_some_and(|id| composed.contains(id))
        {
            findings.add(
                "6.2.31",
                path,
                "is hardware that no product path names; are hardware and software mixed?",
            );
        }
        let path = path.key("product_identification_helper");
        for (key, value) in helper.members() {
            let path = path.key(key);
            let mut judge = |value, path: &Path<'_>| {
                let first = *owner
                    .entry((key.as_ref(), Value::of(value)))
                    .or_insert(number);
                if first != number {
                    findings.add(
                        "6.2.32",
                        path,
                        "another product has the same identifier; are they one product?",
                    );
                }
            };
            if let Node::Array(items) = value {
                for (index, item) in items.iter().enumerate() {
                    judge(item, &path.index(index));
                }
            } else {
                judge(value, &path);
            }
        }
    });
}

/// A value of a helper, by which equal ones are found.
#[derive(PartialEq, Eq, Hash)]
enum Value<'d> {
    Text(&'d str),
    Other(String),
}

impl<'d> Value<'d> {
    fn of(node: &'d Node<'d>) -> Self {
        node.as_str()
            .map_or_else(|| Value::Other(canonical(node)), Value::Text)
    }
}

/// The same text for equal values: keys sorted, lists as sets.
fn canonical(node: &Node<'_>) -> String {
    match node {
        Node::Array(items) => {
            let mut items: Vec<_> = items.iter().map(canonical).collect();
            items.sort_unstable();
            items.dedup();
            format!("[{}]", items.join(","))
        }
        Node::Object(members) => {
            let mut members: Vec<_> = members
                .iter()
                .map(|(key, value)| format!("{key:?}:{}", canonical(value)))
                .collect();
            members.sort_unstable();
            format!("{{{}}}", members.join(","))
        }
        other => format!("{other:?}"),
    }
}
