//! What several tests need to know about a document, gathered once.
//!
//! Nodes of the wrong type count as absent, so every test can judge what is
//! there whatever the schema says.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use super::json::Node;
use super::pointer::Path;
use super::products::{Marks, Product, Products};
use super::schema::format::{Instant, instant};
use super::versions::Version;

/// How many members of product groups are looked at in one validation.
const MOST_GROUP_MEMBERS: usize = 20_000_000;

/// Stands for whatever is absent.
static ABSENT: Node<'static> = Node::Null;

/// Where the versions of the standard keep the same things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standard {
    V2_0,
    V2_1,
}

/// The arrays of `product_status` and the group that each belongs to; the last
/// is new in 2.1.
const STATUSES: [(&str, Option<StatusGroup>); 9] = [
    ("first_affected", Some(StatusGroup::Affected)),
    ("first_fixed", Some(StatusGroup::Fixed)),
    ("fixed", Some(StatusGroup::Fixed)),
    ("known_affected", Some(StatusGroup::Affected)),
    ("known_not_affected", Some(StatusGroup::NotAffected)),
    ("last_affected", Some(StatusGroup::Affected)),
    ("recommended", None),
    ("under_investigation", Some(StatusGroup::UnderInvestigation)),
    ("unknown", Some(StatusGroup::Unknown)),
];

impl Standard {
    /// The arrays of `product_status` and the group that each belongs to.
    pub(crate) fn statuses(self) -> &'static [(&'static str, Option<StatusGroup>)] {
        match self {
            Standard::V2_0 => STATUSES.get(..8).unwrap_or(&STATUSES),
            Standard::V2_1 => &STATUSES,
        }
    }

    /// The lists of a vulnerability whose items name products and groups.
    pub(crate) fn targeted(self) -> &'static [&'static str] {
        match self {
            Standard::V2_0 => &["flags", "remediations", "threats"],
            Standard::V2_1 => &[
                "first_known_exploitation_dates",
                "flags",
                "ids",
                "notes",
                "remediations",
                "threats",
            ],
        }
    }

    /// The list of products that are made of others.
    pub(crate) fn composed(self) -> &'static str {
        match self {
            Standard::V2_0 => "relationships",
            Standard::V2_1 => "product_paths",
        }
    }

    /// The list of scores of a vulnerability.
    pub(crate) fn scores(self) -> &'static str {
        match self {
            Standard::V2_0 => "scores",
            Standard::V2_1 => "metrics",
        }
    }

    /// The CVSS objects of a score.
    pub(crate) fn cvss(self) -> &'static [&'static str] {
        match self {
            Standard::V2_0 => &["cvss_v2", "cvss_v3"],
            Standard::V2_1 => &["cvss_v2", "cvss_v3", "cvss_v4"],
        }
    }
}

/// Groups of status that contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum StatusGroup {
    #[default]
    Affected,
    NotAffected,
    Fixed,
    UnderInvestigation,
    Unknown,
}

impl StatusGroup {
    pub(crate) fn name(self) -> &'static str {
        match self {
            StatusGroup::Affected => "affected",
            StatusGroup::NotAffected => "not affected",
            StatusGroup::Fixed => "fixed",
            StatusGroup::UnderInvestigation => "under investigation",
            StatusGroup::Unknown => "unknown",
        }
    }
}

/// The facts of one document.
pub(crate) struct Facts<'d> {
    pub(crate) standard: Standard,
    /// The time of validation, if it is known.
    pub(crate) now: Option<Instant>,
    pub(crate) root: &'d Node<'d>,
    pub(crate) document: &'d Node<'d>,
    pub(crate) tracking: &'d Node<'d>,
    /// Empty if absent.
    pub(crate) category: &'d str,
    /// Empty if absent.
    pub(crate) status: &'d str,
    pub(crate) version: Option<Version<'d>>,
    pub(crate) revisions: Vec<Revision<'d>>,
    pub(crate) vulnerabilities: &'d [Node<'d>],
    /// The products of each product group.
    groups: HashMap<&'d str, Vec<Product>>,
    /// The products that anything refers to.
    products: Products<'d>,
    budget: Cell<usize>,
    exhausted: Cell<bool>,
}

/// One readable item of the revision history.
pub(crate) struct Revision<'d> {
    /// Its index in the document.
    pub(crate) index: usize,
    pub(crate) version: Version<'d>,
    /// `None` if the date cannot be read.
    pub(crate) date: Option<Instant>,
}

impl<'d> Facts<'d> {
    pub(crate) fn gather(standard: Standard, root: &'d Node<'d>, now: Option<Instant>) -> Self {
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
        let mut facts = Facts {
            standard,
            now,
            root,
            document,
            tracking,
            category: document.text("category").unwrap_or_default(),
            status: tracking.text("status").unwrap_or_default(),
            version: tracking.text("version").and_then(Version::read),
            revisions,
            vulnerabilities: root.list("vulnerabilities"),
            groups: HashMap::new(),
            products: Products::default(),
            budget: Cell::new(MOST_GROUP_MEMBERS),
            exhausted: Cell::new(false),
        };
        facts.products = facts.number_products();
        facts.groups = facts.gather_groups();
        facts
    }

    /// Numbers the products of every reference.
    fn number_products(&self) -> Products<'d> {
        let mut products = Products::default();
        for group in self.product_groups() {
            products.add_list(group.list("product_ids"));
        }
        self.each_composed(&mut |_, id, _| {
            products.add(id);
        });
        for note in self.document.list("notes") {
            products.add_list(note.list("product_ids"));
        }
        for vulnerability in self.vulnerabilities {
            for key in self.standard.targeted() {
                for item in vulnerability.list(key) {
                    products.add_list(item.list("product_ids"));
                }
            }
            if let Some(status) = vulnerability.get("product_status") {
                for (_, list) in status.members() {
                    products.add_list(list.items());
                }
            }
            for score in vulnerability.list(self.standard.scores()) {
                products.add_list(score.list("products"));
            }
        }
        products
    }

    fn gather_groups(&self) -> HashMap<&'d str, Vec<Product>> {
        let mut groups: HashMap<&str, Vec<Product>> = HashMap::new();
        for group in self.product_groups() {
            if let Some(id) = group.text("group_id") {
                let members = self.products.of(group.list("product_ids"));
                groups
                    .entry(id)
                    .or_default()
                    .extend(members.map(|(_, product)| product));
            }
        }
        groups
    }

    fn product_groups(&self) -> &'d [Node<'d>] {
        self.root
            .get("product_tree")
            .map_or(&[][..], |tree| tree.list("product_groups"))
    }

    /// A product's id.
    pub(crate) fn id(&self, product: Product) -> &'d str {
        self.products.id(product)
    }

    /// A product by its id, if anything refers to it.
    pub(crate) fn product(&self, id: &str) -> Option<Product> {
        self.products.number(id)
    }

    /// A table of what is known of each product.
    pub(crate) fn marks<T: Copy + Default>(&self) -> Marks<T> {
        Marks::new(self.products.count())
    }

    /// A place for each product.
    pub(crate) fn per_product<T: Clone + Default>(&self) -> Vec<T> {
        vec![T::default(); self.products.count()]
    }

    /// The products of a list that refers to products.
    pub(crate) fn products(&self, node: &Node<'_>, key: &str) -> impl Iterator<Item = Product> {
        self.products.of(node.list(key)).map(|(_, product)| product)
    }

    /// Calls `visit` for every product of a list that refers to products.
    pub(crate) fn each_id(
        &self,
        node: &Node<'_>,
        key: &str,
        path: &Path<'_>,
        visit: &mut dyn FnMut(Product, &Path<'_>),
    ) {
        let list = path.key(key);
        for (index, product) in self.products.of(node.list(key)) {
            visit(product, &list.index(index));
        }
    }

    /// The dated revisions by date, and by version where dates are equal.
    pub(crate) fn revisions_by_date(&self) -> Vec<&Revision<'d>> {
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
    pub(crate) fn each_product(&self, visit: &mut dyn FnMut(&'d Node<'d>, &Path<'_>)) {
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
        let relationships = place.key(self.standard.composed());
        for (index, item) in tree.list(self.standard.composed()).iter().enumerate() {
            if let Some(product) = item.get("full_product_name") {
                visit(
                    product,
                    &relationships.index(index).key("full_product_name"),
                );
            }
        }
    }

    /// Calls `visit` for every list of file hashes.
    pub(crate) fn each_file_hashes(&self, visit: &mut dyn FnMut(&'d [Node<'d>], &Path<'_>)) {
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
    pub(crate) fn each_branch(
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
    pub(crate) fn each_product_reference(&self, visit: &mut dyn FnMut(Product, &Path<'_>)) {
        if let Some(tree) = self.root.get("product_tree") {
            let place = Path::Root;
            let place = place.key("product_tree");
            let groups = place.key("product_groups");
            for (index, group) in tree.list("product_groups").iter().enumerate() {
                self.each_id(group, "product_ids", &groups.index(index), visit);
            }
            self.each_composed(&mut |_, id, path| {
                if let Some(product) = self.product(id) {
                    visit(product, path);
                }
            });
        }
        if self.standard == Standard::V2_1 {
            let root = Path::Root;
            let notes = root.key("document");
            let notes = notes.key("notes");
            for (index, note) in self.document.list("notes").iter().enumerate() {
                self.each_id(note, "product_ids", &notes.index(index), visit);
            }
        }
        self.each_vulnerability(&mut |vulnerability, path| {
            for key in self.standard.targeted() {
                let list = path.key(key);
                for (index, item) in vulnerability.list(key).iter().enumerate() {
                    self.each_id(item, "product_ids", &list.index(index), visit);
                }
            }
            if let Some(status) = vulnerability.get("product_status") {
                for (key, _) in self.standard.statuses() {
                    self.each_id(status, key, &path.key("product_status"), visit);
                }
            }
            let scores = path.key(self.standard.scores());
            for (index, score) in vulnerability
                .list(self.standard.scores())
                .iter()
                .enumerate()
            {
                self.each_id(score, "products", &scores.index(index), visit);
            }
        });
    }

    /// Calls `visit` for every reference by which a product is made of others:
    /// the product it makes, the referenced one, and the place.
    pub(crate) fn each_composed(&self, visit: &mut dyn FnMut(Option<&'d str>, &'d str, &Path<'_>)) {
        let Some(tree) = self.root.get("product_tree") else {
            return;
        };
        let root = Path::Root;
        let list = root.key("product_tree");
        let list = list.key(self.standard.composed());
        for (index, item) in tree.list(self.standard.composed()).iter().enumerate() {
            let made = item
                .get("full_product_name")
                .and_then(|name| name.text("product_id"));
            let path = list.index(index);
            for key in [
                "product_reference",
                "relates_to_product_reference",
                "beginning_product_reference",
            ] {
                if let Some(id) = item.text(key) {
                    visit(made, id, &path.key(key));
                }
            }
            let subpaths = path.key("subpaths");
            for (index, subpath) in item.list("subpaths").iter().enumerate() {
                if let Some(id) = subpath.text("next_product_reference") {
                    visit(
                        made,
                        id,
                        &subpaths.index(index).key("next_product_reference"),
                    );
                }
            }
        }
    }

    /// Calls `visit` for every score of a vulnerability: the item, the object
    /// that holds its CVSS, and the places of both.
    pub(crate) fn each_score(
        &self,
        vulnerability: &'d Node<'d>,
        path: &Path<'_>,
        visit: &mut dyn FnMut(&'d Node<'d>, &'d Node<'d>, &Path<'_>, &Path<'_>),
    ) {
        let key = self.standard.scores();
        let list = path.key(key);
        for (index, item) in vulnerability.list(key).iter().enumerate() {
            let path = list.index(index);
            match self.standard {
                Standard::V2_0 => visit(item, item, &path, &path),
                Standard::V2_1 => {
                    if let Some(content) = item.get("content") {
                        visit(item, content, &path, &path.key("content"));
                    }
                }
            }
        }
    }

    /// Calls `visit` for every vulnerability.
    pub(crate) fn each_vulnerability(&self, visit: &mut dyn FnMut(&'d Node<'d>, &Path<'_>)) {
        let root = Path::Root;
        let list = root.key("vulnerabilities");
        for (index, vulnerability) in self.vulnerabilities.iter().enumerate() {
            visit(vulnerability, &list.index(index));
        }
    }

    /// Calls `visit` for every item of a list in every vulnerability.
    pub(crate) fn each_in_vulnerabilities(
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

    /// The products that the items name, themselves or through product groups,
    /// each once, and marks them; `None` where that cannot be said (see
    /// [`Facts::group`]).
    pub(crate) fn coverage(
        &self,
        items: impl Iterator<Item = &'d Node<'d>>,
        marks: &mut Marks<()>,
    ) -> Option<Vec<Product>> {
        marks.clear();
        let mut covered = Vec::new();
        let mut add = |product: Product| {
            if !marks.has(product.index()) {
                marks.set(product.index(), ());
                covered.push(product);
            }
        };
        let mut groups = HashSet::new();
        for item in items {
            self.products(item, "product_ids").for_each(&mut add);
            for group in item.list("group_ids").iter().filter_map(Node::as_str) {
                if groups.insert(group) {
                    self.group(group).iter().copied().for_each(&mut add);
                }
            }
        }
        (!self.is_exhausted()).then_some(covered)
    }

    /// Marks the products of a vulnerability by the group of the status that is
    /// given first, in the order of the statuses.
    pub(crate) fn mark_status(&self, vulnerability: &Node<'_>, marks: &mut Marks<StatusGroup>) {
        marks.clear();
        if let Some(status) = vulnerability.get("product_status") {
            for (key, group) in self.standard.statuses() {
                if let Some(group) = group {
                    for product in self.products(status, key) {
                        marks.first(product.index(), *group);
                    }
                }
            }
        }
    }

    /// The products of a group. A small document can ask for the same big
    /// group so often that it would take hours; past a bound groups count as
    /// empty and the report says so.
    pub(crate) fn group(&self, id: &str) -> &[Product] {
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
    pub(crate) fn is_exhausted(&self) -> bool {
        self.exhausted.get()
    }
}

/// Calls `visit` for every text of an array member.
pub(crate) fn each_text<'d>(
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
