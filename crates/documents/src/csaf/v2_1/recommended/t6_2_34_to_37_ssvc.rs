//! 6.2.34 unknown SSVC base namespace, 6.2.35 unregistered one and 6.2.36
//! namespace with extension in a TLP:CLEAR document, 6.2.37 unknown namespace
//! without resource.

use std::collections::HashSet;

use crate::csaf::facts::Facts;
use crate::csaf::json::Node;
use crate::csaf::report::Findings;
use crate::csaf::v2_1::selections::{
    each, each_object, has_known_base, is_registered_whole, is_unregistered,
};

/// How many namespaces and resources of an SSVC object are held against each
/// other: a bound for documents that were made to take long.
const MOST: usize = 1_000;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let label = facts.document.at(&["distribution", "tlp", "label"]);
    let clear = label.and_then(Node::as_str) == Some("CLEAR");
    each(facts, &mut |_, selection, path| {
        let Some(namespace) = selection.text("namespace") else {
            return;
        };
        let path = path.key("namespace");
        if !has_known_base(namespace) {
            findings.add(
                "6.2.34",
                &path,
                format!("the base of `{namespace}` is not registered, or not known here"),
            );
        }
        if clear && is_unregistered(namespace) {
            findings.add(
                "6.2.35",
                &path,
                format!("`{namespace}` is not registered, the public may not know its definitions"),
            );
        }
        if clear && namespace.contains('/') {
            findings.add(
                "6.2.36",
                &path,
                format!(
                    "`{namespace}` has an extension, whose definitions the public may not know"
                ),
            );
        }
    });
    each_object(facts, &mut |ssvc, path| {
        let mut seen = HashSet::new();
        for selection in ssvc.list("selections") {
            let Some(namespace) = selection.text("namespace") else {
                continue;
            };
            if seen.len() < MOST
                && seen.insert(namespace)
                && !is_registered_whole(namespace)
                && !ssvc
                    .list("decision_point_resources")
                    .iter()
                    .take(MOST)
                    .filter_map(|resource| resource.text("summary"))
                    .any(|summary| summary.contains(namespace))
            {
                findings.add(
                    "6.2.37",
                    &path.key("decision_point_resources"),
                    format!("no resource names `{namespace}` in its summary; say where its decision points are defined"),
                );
            }
        }
    });
}
