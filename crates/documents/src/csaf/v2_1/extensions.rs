//! Where a document holds extensions.

use crate::csaf::facts::Facts;
use crate::csaf::json::Node;
use crate::csaf::pointer::Path;

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
        let text = path.to_string();
        let place = if text.starts_with("/product_tree/branches") {
            Place::Branch
        } else if text.starts_with("/product_tree/full_product_names") {
            Place::FullProductName
        } else {
            Place::ProductPath
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
