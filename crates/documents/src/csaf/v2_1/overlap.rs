//! Product version ranges that stand side by side in the product tree and
//! overlap: tests 6.2.50 and 6.3.19.

use std::cell::{Cell, OnceCell};
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use crate::csaf::facts::Facts;
use crate::csaf::json::Node;
use crate::versions::{Comparator, Containment, Range, Version};

/// How many pairs of siblings are compared in a document. Siblings are few;
/// the bound is for documents that were made to take long.
const MOST_PAIRS: usize = 200_000;

/// The category of a branch that is a range.
const RANGE: &str = "product_version_range";

/// What a range overlaps with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Vers,
    /// A list of constraints without scheme and type.
    Vls,
    Version,
}

/// The overlaps of a document.
#[derive(Default)]
pub(super) struct Overlaps<'d> {
    /// For a product below a range: the products of leaves beside that range
    /// which overlap with it.
    pub(super) leaves: HashMap<&'d str, Vec<(&'d str, Kind)>>,
    /// Branches that have branches and overlap with a range beside them: the
    /// place of the name, and whether it is a range.
    pub(super) branches: Vec<(String, bool)>,
    /// There were too many siblings to compare them all.
    pub(super) exhausted: bool,
}

/// The overlaps, found when first asked for.
pub(super) struct Lazy<'d> {
    found: OnceCell<Overlaps<'d>>,
    gave_up: Cell<bool>,
}

impl<'d> Lazy<'d> {
    pub(super) fn new() -> Self {
        Lazy {
            found: OnceCell::new(),
            gave_up: Cell::new(false),
        }
    }

    pub(super) fn of(&self, facts: &Facts<'d>) -> &Overlaps<'d> {
        self.found.get_or_init(|| gather(facts))
    }

    /// Says that not all overlaps were looked at.
    pub(super) fn give_up(&self) {
        self.gave_up.set(true);
    }

    pub(super) fn is_exhausted(&self) -> bool {
        self.gave_up.get() || self.found.get().is_some_and(|found| found.exhausted)
    }
}

/// One branch of a list that is a range or a version.
struct Sibling<'d> {
    node: &'d Node<'d>,
    place: String,
    kind: Kind,
    /// None for a version, and for a range that cannot be read.
    range: Option<Range>,
    segments: Vec<Segment>,
}

fn gather<'d>(facts: &Facts<'d>) -> Overlaps<'d> {
    // By the address of the list of branches; of lists without a range nothing
    // is gathered, as only ranges overlap.
    let mut lists: HashMap<usize, Option<Vec<Sibling<'d>>>> = HashMap::new();
    let mut order = Vec::new();
    let tree = facts.root.get("product_tree");
    facts.each_branch(&mut |branch, above, path| {
        let is_range = match branch.text("category") {
            Some(RANGE) => true,
            Some("product_version") => false,
            _ => return,
        };
        let Some(name) = branch.text("name") else {
            return;
        };
        let parent = above.last().copied().or(tree);
        let list = parent.map_or(&[][..], |parent| parent.list("branches"));
        let key = list.as_ptr().addr();
        let siblings = lists.entry(key).or_insert_with(|| {
            let is_range = |branch: &Node<'_>| branch.text("category") == Some(RANGE);
            let ranges = list.iter().any(is_range);
            ranges.then(|| {
                order.push(key);
                Vec::new()
            })
        });
        let Some(siblings) = siblings else {
            return;
        };
        let (kind, range) = if !is_range {
            (Kind::Version, None)
        } else if name.starts_with("vers:") {
            (Kind::Vers, Range::parse(name).ok())
        } else {
            let name = format!("vers:generic/{name}");
            (Kind::Vls, Range::parse(&name).ok())
        };
        siblings.push(Sibling {
            node: branch,
            place: path.to_string(),
            kind,
            segments: range.as_ref().and_then(segments).unwrap_or_default(),
            range,
        });
    });
    let mut overlaps = Overlaps::default();
    let mut pairs = 0;
    let mut met = HashSet::new();
    for list in order {
        let Some(Some(siblings)) = lists.get(&list) else {
            continue;
        };
        for (index, range) in siblings.iter().enumerate() {
            if range.range.is_none() {
                continue;
            }
            pairs += siblings.len();
            if pairs > MOST_PAIRS {
                overlaps.exhausted = true;
                return overlaps;
            }
            let mut below = None;
            for (other_index, other) in siblings.iter().enumerate() {
                if index == other_index || !overlap(range, other) {
                    continue;
                }
                if other.node.get("branches").is_some() {
                    if met.insert(&other.place) {
                        let place = format!("{}/name", other.place);
                        overlaps.branches.push((place, other.kind != Kind::Version));
                    }
                } else if let Some(id) = other.node.get("product").and_then(id) {
                    let below = below.get_or_insert_with(|| products(range.node));
                    for product in below.iter() {
                        pairs += 1;
                        if pairs > MOST_PAIRS {
                            overlaps.exhausted = true;
                            return overlaps;
                        }
                        overlaps
                            .leaves
                            .entry(product)
                            .or_default()
                            .push((id, other.kind));
                    }
                }
            }
        }
    }
    overlaps
}

fn id<'d>(product: &'d Node<'d>) -> Option<&'d str> {
    product.text("product_id")
}

/// The products at and below a branch.
fn products<'d>(branch: &'d Node<'d>) -> Vec<&'d str> {
    let mut found: Vec<&str> = branch.get("product").and_then(id).into_iter().collect();
    for branch in branch.list("branches") {
        found.extend(products(branch));
    }
    found
}

fn overlap(range: &Sibling<'_>, other: &Sibling<'_>) -> bool {
    let Some(own) = &range.range else {
        return false;
    };
    match (&other.range, other.kind) {
        (None, Kind::Version) => other
            .node
            .text("name")
            .is_some_and(|version| own.contains(version) == Containment::In),
        (Some(_), kind) if kind == range.kind => range
            .segments
            .iter()
            .any(|a| other.segments.iter().any(|b| meet(a, b))),
        _ => false,
    }
}

/// An unbroken part of a range.
struct Segment {
    /// With whether the bound itself is in.
    lower: Option<(Version, bool)>,
    upper: Option<(Version, bool)>,
    /// Versions that are left out.
    without: Vec<Version>,
}

/// The parts of a range; `None` if its versions cannot be read.
fn segments(range: &Range) -> Option<Vec<Segment>> {
    let mut without = Vec::new();
    let mut found = Vec::new();
    let mut lower = None;
    let mut bounded = false;
    let segment = |lower, upper| Segment {
        lower,
        upper,
        without: Vec::new(),
    };
    for constraint in range.constraints() {
        let version = constraint.read()?.ok()?.clone();
        match constraint.comparator {
            Comparator::NotEqual => without.push(version),
            Comparator::Equal => {
                bounded = true;
                found.push(segment(
                    Some((version.clone(), true)),
                    Some((version, true)),
                ));
            }
            Comparator::Less | Comparator::LessOrEqual => {
                bounded = true;
                let closed = constraint.comparator == Comparator::LessOrEqual;
                found.push(segment(lower.take(), Some((version, closed))));
            }
            Comparator::Greater | Comparator::GreaterOrEqual => {
                bounded = true;
                let closed = constraint.comparator == Comparator::GreaterOrEqual;
                lower.get_or_insert((version, closed));
            }
        }
    }
    if lower.is_some() || !bounded {
        found.push(segment(lower, None));
    }
    if !without.is_empty() {
        for segment in &mut found {
            segment.without.clone_from(&without);
        }
    }
    Some(found)
}

/// Whether two parts have a version in common. Between two different versions
/// there may always be another one.
fn meet(a: &Segment, b: &Segment) -> bool {
    (|| {
        let lower = tighter(a.lower.as_ref(), b.lower.as_ref(), Ordering::Greater)?;
        let upper = tighter(a.upper.as_ref(), b.upper.as_ref(), Ordering::Less)?;
        let (Some((low, low_in)), Some((high, high_in))) = (lower, upper) else {
            return Some(true);
        };
        Some(match low.compare(high).ok()? {
            Ordering::Less => true,
            Ordering::Greater => false,
            Ordering::Equal => {
                low_in
                    && high_in
                    && !a
                        .without
                        .iter()
                        .chain(&b.without)
                        .any(|version| version.compare(low) == Ok(Ordering::Equal))
            }
        })
    })()
    .unwrap_or(false)
}

/// A bound with whether it is itself inside; none if it is open.
type Bound<'v> = Option<(&'v Version, bool)>;

/// The bound that leaves less; `None` if that cannot be said.
fn tighter<'v>(
    a: Option<&'v (Version, bool)>,
    b: Option<&'v (Version, bool)>,
    wins: Ordering,
) -> Option<Bound<'v>> {
    let view = |bound: &'v (Version, bool)| (&bound.0, bound.1);
    Some(match (a, b) {
        (None, other) | (other, None) => other.map(view),
        (Some(a), Some(b)) => Some(match a.0.compare(&b.0).ok()? {
            Ordering::Equal => (&a.0, a.1 && b.1),
            order if order == wins => view(a),
            _ => view(b),
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_meet_where_they_share_a_version() {
        let meet = |a: &str, b: &str| {
            let segments = |text: &str| {
                Range::parse(text)
                    .ok()
                    .and_then(|r| segments(&r))
                    .unwrap_or_default()
            };
            let (a, b) = (segments(a), segments(b));
            a.iter().any(|a| b.iter().any(|b| meet(a, b)))
        };
        for (a, b, expected) in [
            ("vers:intdot/>2.1|<4.2", "vers:intdot/>1.2|<2.4", true),
            ("vers:intdot/>2.1|<4.2", "vers:intdot/>1.2|<=2.1", false),
            ("vers:intdot/>=2.1|<4.2", "vers:intdot/>1.2|<=2.1", true),
            ("vers:intdot/>=2.1|<4.2", "vers:intdot/>1.2|<2.1", false),
            ("vers:intdot/<2", "vers:intdot/>3", false),
            ("vers:intdot/*", "vers:intdot/>3", true),
            ("vers:intdot/1|2|3", "vers:intdot/>1|<2|>2|<3", false),
            ("vers:intdot/!=2", "vers:intdot/2", false),
            ("vers:intdot/!=2", "vers:intdot/3", true),
        ] {
            assert_eq!(meet(a, b), expected, "{a} {b}");
            assert_eq!(meet(b, a), expected, "{b} {a}");
        }
    }
}
