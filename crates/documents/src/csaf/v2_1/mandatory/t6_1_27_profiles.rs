//! 6.1.27.1 to 6.1.27.12 and 6.1.27.14 to 6.1.27.20: what the profiles ask for
//! beyond the base.

use crate::csaf::facts::Facts;
use crate::csaf::json::Node;
use crate::csaf::pointer::Path;
use crate::csaf::products::Marks;
use crate::csaf::report::Findings;
use crate::csaf::v2_0::mandatory::t6_1_27_profiles as v2_0;
use crate::csaf::v2_1::phrases::is_english;
use crate::csaf::v2_1::titled::{one_note, summaries, superseding};

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    v2_0::run(facts, findings);
    let each_ids = |findings: &mut Findings| {
        let mut named = facts.marks();
        facts.each_vulnerability(&mut |vulnerability, path| {
            ids(facts, vulnerability, path, &mut named, findings);
        });
    };
    let english = is_english(facts.document.text("lang"));
    match facts.category {
        "csaf_security_advisory" => {
            affected(facts, findings);
            each_ids(findings);
        }
        "csaf_deprecated_security_advisory" => v2_0::security_advisory(facts, findings),
        "csaf_vex" => each_ids(findings),
        "csaf_withdrawn" => {
            ended(facts, findings);
            if english {
                one_note(
                    "6.1.27.17",
                    "Reasoning for Withdrawal",
                    "description",
                    facts,
                    findings,
                );
            }
        }
        "csaf_superseded" => {
            v2_0::external_reference(facts, findings);
            ended(facts, findings);
            if english {
                one_note(
                    "6.1.27.18",
                    "Reasoning for Supersession",
                    "description",
                    facts,
                    findings,
                );
                superseding("6.1.27.19", "Superseding Document", facts, findings);
            }
        }
        "csaf_vulnerability_report" => {
            v2_0::tree_and_vulnerabilities(facts, findings);
            each_ids(findings);
            if english {
                let titles = [
                    ("Vulnerability Summary", "summary"),
                    ("CVE Description", "description"),
                ];
                summaries("6.1.27.20", &titles, facts, findings);
            }
        }
        _ => {}
    }
}

fn affected(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_vulnerability(&mut |vulnerability, path| {
        if vulnerability
            .at(&["product_status", "known_affected"])
            .is_none()
        {
            findings.add(
                "6.1.27.12",
                &path.key("product_status").key("known_affected"),
                "a security advisory must list the affected products",
            );
        }
    });
}

/// An id that is bound to products speaks of them alone.
fn ids<'d>(
    facts: &Facts<'d>,
    vulnerability: &'d Node<'d>,
    path: &Path<'_>,
    named: &mut Marks<()>,
    findings: &mut Findings,
) {
    if vulnerability.get("cve").is_some() {
        return;
    }
    if vulnerability.get("ids").is_none() {
        findings.add("6.1.27.8", path, "needs at least one of `cve`, `ids`");
        return;
    }
    let ids = vulnerability.list("ids");
    if ids
        .iter()
        .any(|id| id.get("product_ids").is_none() && id.get("group_ids").is_none())
    {
        return;
    }
    let (Some(_), Some(status)) = (
        facts.coverage(ids.iter(), named),
        vulnerability.get("product_status"),
    ) else {
        return;
    };
    let path = path.key("product_status");
    for (key, _) in status.members() {
        facts.each_id(status, key, &path, &mut |product, path| {
            if !named.has(product.index()) {
                let id = facts.id(product);
                findings.add(
                    "6.1.27.8",
                    path,
                    format!("no id of the vulnerability applies to `{id}`"),
                );
            }
        });
    }
}

/// A document that was withdrawn or superseded says why and nothing else.
fn ended(facts: &Facts<'_>, findings: &mut Findings) {
    let root = Path::Root;
    let document = root.key("document");
    v2_0::no_vulnerabilities(facts, findings);
    if !facts
        .document
        .list("notes")
        .iter()
        .any(|note| note.text("category") == Some("description"))
    {
        findings.add(
            "6.1.27.14",
            &document.key("notes"),
            format!(
                "`{}` must have a note of category description",
                facts.category
            ),
        );
    }
    if facts.root.get("product_tree").is_some() {
        findings.add(
            "6.1.27.15",
            &root.key("product_tree"),
            format!("`{}` must not have a product tree", facts.category),
        );
    }
    if facts.tracking.list("revision_history").len() < 2 {
        findings.add(
            "6.1.27.16",
            &document.key("tracking").key("revision_history"),
            format!("`{}` must have at least two revisions", facts.category),
        );
    }
}
