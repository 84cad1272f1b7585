//! Where a document holds extensions, and which are known here.
//!
//! The lists of official and registered extensions are empty so far: every
//! extension is experimental. Known are those that the standard's own tests use.

use crate::csaf::facts::Facts;
use crate::csaf::json::Node;
use crate::csaf::pointer::Path;

/// An extension that can be judged.
pub(super) struct Known {
    /// What documents name it by.
    addresses: [&'static str; 2],
    /// The schema of its content.
    pub(super) schema: &'static str,
    /// How often it may be at each kind of place, in the order of [`Place`].
    most: [usize; 7],
    /// What an extension that must not stand beside it is named by.
    pub(super) incompatible: &'static str,
}

/// From the metadata of the extensions, of 2026-02-23. Their metadata and
/// schemas name them by another folder than the documents of the test suite.
const KNOWN: [Known; 2] = [
    Known {
        addresses: [
            "https://raw.githubusercontent.com/oasis-tcs/csaf/refs/heads/master/csaf_2.1/extension/data/valid/documentation-11/documentation-11-content_1.0.0.json",
            "https://raw.githubusercontent.com/oasis-tcs/csaf/refs/heads/master/csaf_2.1/test/extension/data/valid/documentation-11/documentation-11-content_1.0.0.json",
        ],
        schema: include_str!(
            "../../../assets/csaf/2.1/extensions/documentation-11-content_1.0.0.json"
        ),
        most: [1, 1, 1, 1, 1, 1, 1],
        incompatible: "documentation-12-content_1.0.0.json",
    },
    Known {
        addresses: [
            "https://raw.githubusercontent.com/oasis-tcs/csaf/refs/heads/master/csaf_2.1/extension/data/valid/documentation-12/documentation-12-content_1.0.0.json",
            "https://raw.githubusercontent.com/oasis-tcs/csaf/refs/heads/master/csaf_2.1/test/extension/data/valid/documentation-12/documentation-12-content_1.0.0.json",
        ],
        schema: include_str!(
            "../../../assets/csaf/2.1/extensions/documentation-12-content_1.0.0.json"
        ),
        most: [4096, 4096, 10, 2, 0, 4096, 4096],
        incompatible: "documentation-11-content_1.0.0.json",
    },
];

impl Known {
    /// How often it may be at a place.
    pub(super) fn most_at(&self, place: Place) -> usize {
        self.most.get(place as usize).copied().unwrap_or_default()
    }
}

/// The extension of an address and its position among the known ones.
pub(super) fn known(address: &str) -> Option<(usize, &'static Known)> {
    KNOWN
        .iter()
        .enumerate()
        .find(|(_, known)| known.addresses.contains(&address))
}

/// The schemas of all known extensions, in their order.
pub(super) fn schemas() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|known| known.schema)
}

/// The kinds of places, in the order of tests 6.3.21.3 to 6.3.21.9.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Document,
    Branch,
    FullProductName,
    ProductPath,
    Metric,
    Vulnerability,
    Root,
}

/// Calls `visit` for every list of extensions.
pub(super) fn each<'d>(facts: &Facts<'d>, visit: &mut dyn FnMut(Place, &'d Node<'d>, &Path<'_>)) {
    const KEY: &str = "x_extensions";
    let root = Path::Root;
    let mut at = |place, node: &'d Node<'d>, path: &Path<'_>| {
        if let Some(list) = node.get(KEY) {
            visit(place, list, &path.key(KEY));
        }
    };
    at(Place::Root, facts.root, &root);
    at(Place::Document, facts.document, &root.key("document"));
    facts.each_product(&mut |product, path| {
        let place = match path.second_key() {
            Some("branches") => Place::Branch,
            Some("full_product_names") => Place::FullProductName,
            _ => Place::ProductPath,
        };
        at(place, product, path);
    });
    facts.each_vulnerability(&mut |vulnerability, path| {
        at(Place::Vulnerability, vulnerability, path);
        facts.each_score(vulnerability, path, &mut |_, content, _, path| {
            at(Place::Metric, content, path);
        });
    });
}
