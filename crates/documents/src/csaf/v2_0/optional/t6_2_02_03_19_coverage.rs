//! 6.2.2 missing remediation, 6.2.3 missing score, 6.2.19 CVSS for fixed
//! products.

use crate::csaf::facts::{Facts, StatusGroup};
use crate::csaf::json::Node;
use crate::csaf::pointer::Path;
use crate::csaf::products::Marks;
use crate::csaf::report::Findings;
use crate::cvss::{self, Score, Vector};

pub(in crate::csaf) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let (mut remedied, mut scored, mut are_fixed) = (facts.marks(), facts.marks(), facts.marks());
    facts.each_vulnerability(&mut |vulnerability, path| {
        let Some(status) = vulnerability.get("product_status") else {
            return;
        };
        let remediations = vulnerability.list("remediations").iter();
        let is_said = facts.coverage(remediations, &mut remedied).is_some();
        scored.clear();
        for score in vulnerability.list(facts.standard.scores()) {
            for product in facts.products(score, "products") {
                scored.set(product.index(), ());
            }
        }
        let path_of_status = path.key("product_status");
        for (key, group) in facts.standard.statuses() {
            let (remedy, score) = match *group {
                Some(StatusGroup::Affected) => (is_said, true),
                Some(StatusGroup::UnderInvestigation) => (is_said, false),
                _ => continue,
            };
            facts.each_id(status, key, &path_of_status, &mut |product, path| {
                if remedy && !remedied.has(product.index()) {
                    let id = facts.id(product);
                    findings.add(
                        "6.2.2",
                        path,
                        format!("no remediation names `{id}`; `none_available` is one too"),
                    );
                }
                if score && !scored.has(product.index()) {
                    let id = facts.id(product);
                    findings.add("6.2.3", path, format!("no score names `{id}`"));
                }
            });
        }
        are_fixed.clear();
        fixed(
            facts,
            (vulnerability, status),
            path,
            &mut are_fixed,
            findings,
        );
    });
}

/// What is fixed can hurt nobody any more: its environmental score is 0.
fn fixed<'d>(
    facts: &Facts<'d>,
    (vulnerability, status): (&'d Node<'d>, &Node<'_>),
    path: &Path<'_>,
    fixed: &mut Marks<()>,
    findings: &mut Findings,
) {
    let mut is_any_fixed = false;
    for key in ["fixed", "first_fixed"] {
        for product in facts.products(status, key) {
            is_any_fixed = true;
            fixed.set(product.index(), ());
        }
    }
    if !is_any_fixed {
        return;
    }
    facts.each_score(vulnerability, path, &mut |item, content, _, path| {
        let Some(product) = facts
            .products(item, "products")
            .find(|product| fixed.has(product.index()))
        else {
            return;
        };
        let id = facts.id(product);
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
