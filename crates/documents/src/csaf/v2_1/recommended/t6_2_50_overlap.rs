//! 6.2.50.1 to 6.2.50.3 overlapping product version ranges in contradicting
//! product status groups.

use std::collections::HashMap;

use crate::csaf::facts::{Facts, StatusGroup};
use crate::csaf::json::Node;
use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;
use crate::csaf::v2_1::overlap::{Kind, Lazy};

pub(super) fn run<'d>(facts: &Facts<'d>, overlaps: &Lazy<'d>, findings: &mut Findings) {
    let test = |kind| match kind {
        Kind::Vers => "6.2.50.1",
        Kind::Vls => "6.2.50.2",
        Kind::Version => "6.2.50.3",
    };
    each_pair(
        facts,
        overlaps,
        &mut |kind, (a, group), (b, other), path| {
            if group != other {
                findings.add(
                    test(kind),
                    path,
                    format!(
                        "the versions of `{a}` and `{b}` overlap, but one is {} and the other {}",
                        group.name(),
                        other.name()
                    ),
                );
            }
        },
    );
}

/// A product and the group of its status.
type Standing<'d> = (&'d str, StatusGroup);

/// How many pairs of products are looked up in all vulnerabilities.
const MOST_PAIRS: usize = 2_000_000;

/// Calls `visit` for every overlapping pair of products that both have a status
/// in a vulnerability, once.
pub(in crate::csaf::v2_1) fn each_pair<'d>(
    facts: &Facts<'d>,
    overlaps: &Lazy<'d>,
    visit: &mut dyn FnMut(Kind, Standing<'d>, Standing<'d>, &Path<'_>),
) {
    let leaves = &overlaps.of(facts).leaves;
    if leaves.is_empty() {
        return;
    }
    let mut pairs = 0;
    facts.each_vulnerability(&mut |vulnerability, path| {
        let Some(node) = vulnerability.get("product_status") else {
            return;
        };
        let mut status: HashMap<&str, StatusGroup> = HashMap::new();
        let mut listed = Vec::new();
        for (key, group) in facts.standard.statuses() {
            if let Some(group) = group {
                for id in node.list(key).iter().filter_map(Node::as_str) {
                    if status.insert(id, *group).is_none() {
                        listed.push(id);
                    }
                }
            }
        }
        for id in listed {
            let Some(group) = status.get(id) else {
                continue;
            };
            for (other, kind) in leaves.get(id).into_iter().flatten() {
                pairs += 1;
                if pairs > MOST_PAIRS {
                    overlaps.give_up();
                    return;
                }
                // Two ranges overlap both ways; one way is enough.
                let seen = id > *other
                    && leaves.get(other).is_some_and(|others| {
                        others.len() < 64 && others.iter().any(|o| o.0 == id)
                    });
                if let Some(theirs) = status.get(other)
                    && !seen
                {
                    visit(
                        *kind,
                        (id, *group),
                        (other, *theirs),
                        &path.key("product_status"),
                    );
                }
            }
        }
    });
}
