//! Reads the gist of an existing advisory, for import and for lists.
//!
//! Tolerant: only what a list cannot do without must be there (the tracking id
//! and the title); everything else is taken where it is and has the right
//! type. Validation is somebody else's work.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::csaf::facts::{Standard, each_text};
use crate::csaf::json::{self, Node};
use crate::csaf::pointer::Path;

/// Why no summary can be made.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ReadError {
    /// The bytes are no JSON.
    #[error("{0}")]
    NotJson(String),
    /// The document has another version than this module reads.
    #[error(
        "/document/csaf_version is `{found}`; this is the reader of CSAF 2.0, convert the document or choose the right reader"
    )]
    OtherVersion {
        /// The version given, empty if there is none.
        found: String,
    },
    /// A property that a summary needs is missing or empty.
    #[error("{path} is missing or no text; it is required, fill it in and read again")]
    Missing {
        /// Where it should be, as a JSON pointer.
        path: &'static str,
    },
}

/// The gist of an advisory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The publisher's id of the document.
    pub tracking_id: String,
    /// The document's version.
    pub version: Option<String>,
    /// The document's title.
    pub title: String,
    /// Who published it.
    pub publisher: Publisher,
    /// First publication, as written.
    pub initial_release_date: Option<String>,
    /// This publication, as written.
    pub current_release_date: Option<String>,
    /// `draft`, `interim` or `final`.
    pub status: Option<String>,
    /// The profile, as `csaf_security_advisory`.
    pub category: Option<String>,
    /// The TLP label.
    pub tlp: Option<String>,
    /// The document's language.
    pub lang: Option<String>,
    /// The vulnerabilities, in the document's order.
    pub vulnerabilities: Vec<Vulnerability>,
    /// The names of all products, in the document's order.
    pub products: Vec<String>,
    /// The document's references.
    pub references: Vec<Reference>,
}

/// Who published an advisory.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Publisher {
    /// Its name.
    pub name: Option<String>,
    /// Its namespace, a URI.
    pub namespace: Option<String>,
    /// `vendor`, `coordinator`, …
    pub category: Option<String>,
}

/// A reference of the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reference {
    /// `self` or `external`.
    pub category: String,
    /// What it is.
    pub summary: Option<String>,
    /// Where it is.
    pub url: String,
}

/// The gist of a vulnerability.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Vulnerability {
    /// Its CVE ID.
    pub cve: Option<String>,
    /// Other ids, with the system that gave them.
    pub ids: Vec<(String, String)>,
    /// Its weakness, as `CWE-79`.
    pub cwe: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// The vector strings of its scores, each once.
    pub scores: Vec<String>,
    /// Product names by product status (`known_affected`, `fixed`, …). A
    /// product without name is listed by its id.
    pub products: BTreeMap<String, Vec<String>>,
}

/// Reads the gist of a CSAF 2.0 document.
///
/// # Errors
/// If the bytes are no JSON, the document is none of CSAF 2.0, or it has
/// neither tracking id nor title.
pub fn read(bytes: &[u8]) -> Result<Summary, ReadError> {
    let parsed = json::parse(bytes).map_err(|error| ReadError::NotJson(error.to_string()))?;
    let root = &parsed.root;
    let text = |keys: &[&str]| root.at(keys).and_then(Node::as_str).map(str::to_owned);
    let version = text(&["document", "csaf_version"]).unwrap_or_default();
    if version != "2.0" {
        return Err(ReadError::OtherVersion { found: version });
    }
    let required = |keys: &[&str], path: &'static str| {
        text(keys)
            .filter(|value| !value.trim().is_empty())
            .ok_or(ReadError::Missing { path })
    };
    let names = product_names(root);
    Ok(Summary {
        tracking_id: required(&["document", "tracking", "id"], "/document/tracking/id")?,
        title: required(&["document", "title"], "/document/title")?,
        version: text(&["document", "tracking", "version"]),
        publisher: Publisher {
            name: text(&["document", "publisher", "name"]),
            namespace: text(&["document", "publisher", "namespace"]),
            category: text(&["document", "publisher", "category"]),
        },
        initial_release_date: text(&["document", "tracking", "initial_release_date"]),
        current_release_date: text(&["document", "tracking", "current_release_date"]),
        status: text(&["document", "tracking", "status"]),
        category: text(&["document", "category"]),
        tlp: text(&["document", "distribution", "tlp", "label"]),
        lang: text(&["document", "lang"]),
        vulnerabilities: root
            .list("vulnerabilities")
            .iter()
            .map(|node| vulnerability(node, &names.by_id))
            .collect(),
        products: names.in_order.into_iter().map(str::to_owned).collect(),
        references: root
            .get("document")
            .map_or(&[][..], |document| document.list("references"))
            .iter()
            .filter_map(reference)
            .collect(),
    })
}

struct Names<'d> {
    in_order: Vec<&'d str>,
    by_id: BTreeMap<&'d str, &'d str>,
}

fn product_names<'d>(root: &'d Node<'_>) -> Names<'d> {
    fn add<'d>(product: &'d Node<'_>, names: &mut Names<'d>) {
        let (name, id) = (product.text("name"), product.text("product_id"));
        if let Some(shown) = name.or(id) {
            names.in_order.push(shown);
            if let Some(id) = id {
                names.by_id.entry(id).or_insert(shown);
            }
        }
    }
    fn branches<'d>(node: &'d Node<'_>, names: &mut Names<'d>) {
        for branch in node.list("branches") {
            if let Some(product) = branch.get("product") {
                add(product, names);
            }
            branches(branch, names);
        }
    }
    let mut names = Names {
        in_order: Vec::new(),
        by_id: BTreeMap::new(),
    };
    if let Some(tree) = root.get("product_tree") {
        branches(tree, &mut names);
        for product in tree.list("full_product_names") {
            add(product, &mut names);
        }
        for relationship in tree.list("relationships") {
            if let Some(product) = relationship.get("full_product_name") {
                add(product, &mut names);
            }
        }
    }
    names
}

fn vulnerability(node: &Node<'_>, names: &BTreeMap<&str, &str>) -> Vulnerability {
    let text = |key: &str| node.text(key).map(str::to_owned);
    let mut scores: Vec<String> = Vec::new();
    for score in node.list("scores") {
        for key in ["cvss_v2", "cvss_v3"] {
            if let Some(vector) = score.get(key).and_then(|cvss| cvss.text("vectorString"))
                && !scores.iter().any(|known| known == vector)
            {
                scores.push(vector.to_owned());
            }
        }
    }
    let mut products = BTreeMap::new();
    if let Some(status) = node.get("product_status") {
        for (key, _) in Standard::V2_0.statuses() {
            let mut list = Vec::new();
            each_text(status, key, &Path::Root, &mut |id, _| {
                list.push((*names.get(id).unwrap_or(&id)).to_owned());
            });
            if !list.is_empty() {
                products.insert((*key).to_owned(), list);
            }
        }
    }
    Vulnerability {
        cve: text("cve"),
        ids: node
            .list("ids")
            .iter()
            .filter_map(|id| {
                Some((
                    id.text("system_name")?.to_owned(),
                    id.text("text")?.to_owned(),
                ))
            })
            .collect(),
        cwe: node
            .get("cwe")
            .and_then(|cwe| cwe.text("id"))
            .map(str::to_owned),
        title: text("title"),
        scores,
        products,
    }
}

fn reference(node: &Node<'_>) -> Option<Reference> {
    Some(Reference {
        category: node.text("category").unwrap_or("external").to_owned(),
        summary: node.text("summary").map(str::to_owned),
        url: node.text("url")?.to_owned(),
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_small_document_is_read() {
        let summary = read(
            br#"{"document":{"csaf_version":"2.0","title":"T","tracking":{"id":"A-1"}},
            "product_tree":{"full_product_names":[{"name":"P 1","product_id":"p1"}]},
            "vulnerabilities":[{"cve":"CVE-2026-0001","product_status":{"fixed":["p1","p2"]},
            "scores":[{"products":["p1"],"cvss_v3":{"vectorString":"V"}},{"products":["p2"],"cvss_v3":{"vectorString":"V"}}]}]}"#,
        )
        .unwrap();
        assert_eq!(summary.products, ["P 1"]);
        let vulnerability = summary.vulnerabilities.first().unwrap();
        assert_eq!(vulnerability.scores, ["V"]);
        assert_eq!(vulnerability.products.get("fixed").unwrap(), &["P 1", "p2"]);
    }

    #[test]
    fn errors_name_place_and_remedy() {
        let message = |bytes: &[u8]| read(bytes).unwrap_err().to_string();
        assert!(message(b"{").contains("not JSON"));
        assert!(message(b"{}").contains("/document/csaf_version"));
        assert!(
            message(br#"{"document":{"csaf_version":"2.0","title":"T"}}"#)
                .starts_with("/document/tracking/id")
        );
        assert!(message(b"\xff").contains("not JSON"));
    }
}
