//! What several tests need to know about a document, gathered once.
//!
//! Nodes of the wrong type count as absent, so every test can judge what is
//! there whatever the schema says.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use super::versions::Version;
use crate::csaf::json::Node;
use crate::csaf::pointer::Path;
use crate::csaf::schema::format::{Instant, instant};

/// How many members of product groups are looked at in one validation.
const MOST_GROUP_MEMBERS: usize = 20_000_000;

/// Stands for whatever is absent.
static ABSENT: Node<'static> = Node::Null;

/// The arrays of `product_status` and the group that each belongs to.
pub(super) const STATUSES: [(&str, Option<StatusGroup>); 8] = [
    ("first_affected", Some(StatusGroup::Affected)),
    ("first_fixed", Some(StatusGroup::Fixed)),
    ("fixed", Some(StatusGroup::Fixed)),
    ("known_affected", Some(StatusGroup::Affected)),
    ("known_not_affected", Some(StatusGroup::NotAffected)),
    ("last_affected", Some(StatusGroup::Affected)),
    ("recommended", None),
    ("under_investigation", Some(StatusGroup::UnderInvestigation)),
];

/// Groups of status that contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StatusGroup {
    Affected,
    NotAffected,
    Fixed,
    UnderInvestigation,
}

impl StatusGroup {
    pub(super) fn name(self) -> &'static str {
        match self {
            StatusGroup::Affected => "affected",
            StatusGroup::NotAffected => "not affected",
            StatusGroup::Fixed => "fixed",
            StatusGroup::UnderInvestigation => "under investigation",
        }
    }
}

/// The facts of one document.
pub(super) struct Facts<'d> {
    pub(super) root: &'d Node<'d>,
    pub(super) document: &'d Node<'d>,
    pub(super) tracking: &'d Node<'d>,
    /// Empty if absent.
    pub(super) category: &'d str,
    /// Empty if absent.
    pub(super) status: &'d str,
    pub(super) version: Option<Version<'d>>,
    pub(super) revisions: Vec<Revision<'d>>,
    pub(super) vulnerabilities: &'d [Node<'d>],
    /// The products of each product group.
    groups: HashMap<&'d str, Vec<&'d str>>,
    budget: Cell<usize>,
    exhausted: Cell<bool>,
}

/// One readable item of the revision history.
pub(super) struct Revision<'d> {
    /// Its index in the document.
    pub(super) index: usize,
    pub(super) version: Version<'d>,
    /// `None` if the date cannot be read.
    pub(super) date: Option<Instant>,
}

impl<'d> Facts<'d> {
    pub(super) fn gather(root: &'d Node<'d>) -> Self {
        let document = root.get("document").unwrap_or(&ABSENT);
        let tracking = document.get("tracking").unwrap_or(&ABSENT);
        let revisions = tracking
            .list("revision_history")
            .iter()
            .enumerate()
            .filter_map(|(index, item)| {
                Some(Revision {
                    index,
                    version: Version::read(item.text("number")?)?,
                    date: item.text("date").and_then(instant),
                })
            })
            .collect();
        let mut groups: HashMap<&str, Vec<&str>> = HashMap::new();
        if let Some(tree) = root.get("product_tree") {
            for group in tree.list("product_groups") {
                if let Some(id) = group.text("group_id") {
                    groups
                        .entry(id)
                        .or_default()
                        .extend(group.list("product_ids").iter().filter_map(Node::as_str));
                }
            }
        }
        Facts {
            root,
            document,
            tracking,
            category: document.text("category").unwrap_or_default(),
            status: tracking.text("status").unwrap_or_default(),
            version: tracking.text("version").and_then(Version::read),
            revisions,
            vulnerabilities: root.list("vulnerabilities"),
            groups,
            budget: Cell::new(MOST_GROUP_MEMBERS),
            exhausted: Cell::new(false),
        }
    }

    /// The dated revisions by date, and by version where dates are equal.
    pub(super) fn revisions_by_date(&self) -> Vec<&Revision<'d>> {
        let mut sorted: Vec<_> = self.revisions.iter().filter(|r| r.date.is_some()).collect();
        sorted.sort_by(|a, b| {
            a.date
                .cmp(&b.date)
                .then_with(|| a.version.precedence(&b.version))
        });
        sorted
    }

    /// Calls `visit` for every full product name: branches first, then the
    /// flat list, then relationships.
    pub(super) fn each_product(&self, visit: &mut dyn FnMut(&'d Node<'d>, &Path<'_>)) {
        let Some(tree) = self.root.get("product_tree") else {
            return;
        };
        let place = Path::Root;
        let place = place.key("product_tree");
        self.each_branch(&mut |branch, _, path| {
            if let Some(product) = branch.get("product") {
                visit(product, &path.key("product"));
            }
        });
        let names = place.key("full_product_names");
        for (index, product) in tree.list("full_product_names").iter().enumerate() {
            visit(product, &names.index(index));
        }
        let relationships = place.key("relationships");
        for (index, item) in tree.list("relationships").iter().enumerate() {
            if let Some(product) = item.get("full_product_name") {
                visit(
                    product,
                    &relationships.index(index).key("full_product_name"),
                );
            }
        }
    }

    /// Calls `visit` for every list of file hashes.
    pub(super) fn each_file_hashes(&self, visit: &mut dyn FnMut(&'d [Node<'d>], &Path<'_>)) {
        self.each_product(&mut |product, path| {
            let Some(helper) = product.get("product_identification_helper") else {
                return;
            };
            let path = path.key("product_identification_helper");
            let path = path.key("hashes");
            for (index, file) in helper.list("hashes").iter().enumerate() {
                visit(
                    file.list("file_hashes"),
                    &path.index(index).key("file_hashes"),
                );
            }
        });
    }

    /// Calls `visit` for every branch with its ancestors, nearest last.
    pub(super) fn each_branch(
        &self,
        visit: &mut dyn FnMut(&'d Node<'d>, &[&'d Node<'d>], &Path<'_>),
    ) {
        fn walk<'d>(
            node: &'d Node<'d>,
            path: &Path<'_>,
            above: &mut Vec<&'d Node<'d>>,
            visit: &mut dyn FnMut(&'d Node<'d>, &[&'d Node<'d>], &Path<'_>),
        ) {
            let path = path.key("branches");
            for (index, branch) in node.list("branches").iter().enumerate() {
                let path = path.index(index);
                visit(branch, above, &path);
                above.push(branch);
                walk(branch, &path, above, visit);
                above.pop();
            }
        }
        if let Some(tree) = self.root.get("product_tree") {
            walk(
                tree,
                &Path::Root.key("product_tree"),
                &mut Vec::new(),
                visit,
            );
        }
    }

    /// Calls `visit` for every reference to a product.
    pub(super) fn each_product_reference(&self, visit: &mut dyn FnMut(&'d str, &Path<'_>)) {
        if let Some(tree) = self.root.get("product_tree") {
            let place = Path::Root;
            let place = place.key("product_tree");
            let groups = place.key("product_groups");
            for (index, group) in tree.list("product_groups").iter().enumerate() {
                each_text(group, "product_ids", &groups.index(index), visit);
            }
            let relationships = place.key("relationships");
            for (index, item) in tree.list("relationships").iter().enumerate() {
                let path = relationships.index(index);
                for key in ["product_reference", "relates_to_product_reference"] {
                    if let Some(id) = item.text(key) {
                        visit(id, &path.key(key));
                    }
                }
            }
        }
        self.each_vulnerability(&mut |vulnerability, path| {
            for key in ["flags", "remediations", "threats"] {
                let list = path.key(key);
                for (index, item) in vulnerability.list(key).iter().enumerate() {
                    each_text(item, "product_ids", &list.index(index), visit);
                }
            }
            if let Some(status) = vulnerability.get("product_status") {
                for (key, _) in STATUSES {
                    each_text(status, key, &path.key("product_status"), visit);
                }
            }
            let scores = path.key("scores");
            for (index, score) in vulnerability.list("scores").iter().enumerate() {
                each_text(score, "products", &scores.index(index), visit);
            }
        });
    }

    /// Calls `visit` for every vulnerability.
    pub(super) fn each_vulnerability(&self, visit: &mut dyn FnMut(&'d Node<'d>, &Path<'_>)) {
        let root = Path::Root;
        let list = root.key("vulnerabilities");
        for (index, vulnerability) in self.vulnerabilities.iter().enumerate() {
            visit(vulnerability, &list.index(index));
        }
    }

    /// Calls `visit` for every item of a list in every vulnerability.
    pub(super) fn each_in_vulnerabilities(
        &self,
        key: &str,
        visit: &mut dyn FnMut(&'d Node<'d>, &Path<'_>),
    ) {
        self.each_vulnerability(&mut |vulnerability, path| {
            let list = path.key(key);
            for (index, item) in vulnerability.list(key).iter().enumerate() {
                visit(item, &list.index(index));
            }
        });
    }

    /// The products that the items name, themselves or through product groups;
    /// `None` where that cannot be said (see [`Facts::group`]).
    pub(super) fn coverage(
        &self,
        items: impl Iterator<Item = &'d Node<'d>>,
    ) -> Option<HashSet<&'d str>> {
        let mut covered = HashSet::new();
        let mut groups = HashSet::new();
        for item in items {
            covered.extend(item.list("product_ids").iter().filter_map(Node::as_str));
            for group in item.list("group_ids").iter().filter_map(Node::as_str) {
                if groups.insert(group) {
                    covered.extend(self.group(group));
                }
            }
        }
        (!self.is_exhausted()).then_some(covered)
    }

    /// The products of a group. A small document can ask for the same big
    /// group so often that it would take hours; past a bound groups count as
    /// empty and the report says so.
    pub(super) fn group(&self, id: &str) -> &[&'d str] {
        let products = self.groups.get(id).map_or(&[][..], Vec::as_slice);
        match self.budget.get().checked_sub(products.len()) {
            Some(left) => {
                self.budget.set(left);
                products
            }
            None => {
                self.exhausted.set(true);
                &[]
            }
        }
    }

    /// Whether [`Facts::group`] gave up.
    pub(super) fn is_exhausted(&self) -> bool {
        self.exhausted.get()
    }
}

/// Calls `visit` for every text of an array member.
pub(super) fn each_text<'d>(
    node: &'d Node<'d>,
    key: &str,
    path: &Path<'_>,
    visit: &mut dyn FnMut(&'d str, &Path<'_>),
) {
    let list = path.key(key);
    for (index, item) in node.list(key).iter().enumerate() {
        if let Some(text) = item.as_str() {
            visit(text, &list.index(index));
        }
    }
}
