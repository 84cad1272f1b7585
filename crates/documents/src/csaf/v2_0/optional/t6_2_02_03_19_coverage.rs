//! 6.2.2 missing remediation, 6.2.3 missing score, 6.2.19 CVSS for fixed
//! products.

use std::collections::HashSet;

use crate::csaf::facts::{Facts, StatusGroup, each_text};
use crate::csaf::json::Node;
use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;
use crate::cvss::{self, Score, Vector};

pub(in crate::csaf) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_vulnerability(&mut |vulnerability, path| {
        let Some(status) = vulnerability.get("product_status") else {
            return;
        };
        let remedied = facts.coverage(vulnerability.list("remediations").iter());
        let scored: HashSet<&str> = vulnerability
            .list(facts.standard.scores())
            .iter()
            .flat_map(|score| score.list("products"))
            .filter_map(Node::as_str)
            .collect();
        let path_of_status = path.key("product_status");
        for (key, group) in facts.standard.statuses() {
            let (remedy, score) = match *group {
                Some(StatusGroup::Affected) => (true, true),
                Some(StatusGroup::UnderInvestigation) => (true, false),
                _ => (false, false),
            };
            each_text(status, key, &path_of_status, &mut |id, path| {
                if remedy
                    && remedied
                        .as_ref()
                        .is_some_and(|remedied| !remedied.contains(id))
                {
                    findings.add(
                        "6.2.2",
                        path,
                        format!("no remediation names `{id}`; `none_available` is one too"),
                    );
                }
                if score && !scored.contains(id) {
                    findings.add("6.2.3", path, format!("no score names `{id}`"));
                }
            });
        }
        fixed(facts, vulnerability, status, path, findings);
    });
}

/// What is fixed can hurt nobody any more: its environmental score is 0.
fn fixed<'d>(
    facts: &Facts<'d>,
    vulnerability: &'d Node<'d>,
    status: &Node<'_>,
    path: &Path<'_>,
    findings: &mut Findings,
) {
    let fixed: HashSet<&str> = ["fixed", "first_fixed"]
        .into_iter()
        .flat_map(|key| status.list(key))
        .filter_map(Node::as_str)
        .collect();
    if fixed.is_empty() {
        return;
    }
    facts.each_score(vulnerability, path, &mut |item, content, _, path| {
        let Some(id) = item
            .list("products")
            .iter()
            .filter_map(Node::as_str)
            .find(|id| fixed.contains(id))
        else {
            return;
        };
        for key in facts.standard.cvss() {
            if let Some(given) = content.get(key)
                && !is_harmless(given)
            {
                findings.add(
                    "6.2.19",
                    &path.key(key),
                    format!("`{id}` is fixed, but the environmental score is not 0; set the modified impacts to none"),
                );
            }
        }
    });
}

/// The environmental score is 0, by its property or by the vector completed
/// with the metrics that are given beside it.
fn is_harmless(given: &Node<'_>) -> bool {
    if given.get("environmentalScore").and_then(Node::as_number) == Some(0.0) {
        return true;
    }
    let Some(vector) = given
        .text("vectorString")
        .and_then(|text| cvss::parse(text).ok())
    else {
        // Test 6.1.9 speaks about such a vector.
        return true;
    };
    completed(&vector, given)
        .unwrap_or(vector)
        .scores()
        .environmental
        == Some(Score::ZERO)
}

fn completed(vector: &Vector, given: &Node<'_>) -> Option<Vector> {
    let mut text = vector.canonical();
    for spec in cvss::specs(vector.version()) {
        if vector.value(spec.short).is_none()
            && let Some(value) = given
                .text(spec.json)
                .and_then(|literal| spec.values.iter().find(|value| value.json == literal))
        {
            text.push('/');
            text.push_str(spec.short);
            text.push(':');
            text.push_str(value.short);
        }
    }
    cvss::parse(&text).ok()
}
