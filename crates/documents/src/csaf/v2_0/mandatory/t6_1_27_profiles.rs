//! 6.1.27.1 to 6.1.27.11: what the profiles ask for beyond the base. They hold
//! in 2.1 as well, where more is asked.

use crate::csaf::facts::{Facts, Standard};
use crate::csaf::json::Node;
use crate::csaf::pointer::Path;
use crate::csaf::products::Marks;
use crate::csaf::report::Findings;

pub(in crate::csaf) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    match facts.category {
        "csaf_informational_advisory" => {
            notes_and_references(facts, findings);
            no_vulnerabilities(facts, findings);
        }
        "csaf_security_incident_response" => notes_and_references(facts, findings),
        "csaf_security_advisory" => security_advisory(facts, findings),
        "csaf_vex" => {
            tree_and_vulnerabilities(facts, findings);
            vulnerability_notes(facts, findings);
            vex(facts, findings);
        }
        _ => {}
    }
}

/// What 2.1 calls the deprecated one.
pub(in crate::csaf) fn security_advisory(facts: &Facts<'_>, findings: &mut Findings) {
    tree_and_vulnerabilities(facts, findings);
    vulnerability_notes(facts, findings);
    product_status(facts, findings);
}

fn product_status(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_vulnerability(&mut |vulnerability, path| {
        if vulnerability.get("product_status").is_none() {
            findings.add(
                "6.1.27.6",
                &path.key("product_status"),
                "a security advisory must say which products are affected",
            );
        }
    });
}

pub(in crate::csaf) fn no_vulnerabilities(facts: &Facts<'_>, findings: &mut Findings) {
    if facts.root.get("vulnerabilities").is_some() {
        let root = Path::Root;
        findings.add(
            "6.1.27.3",
            &root.key("vulnerabilities"),
            format!(
                "`{}` must not list vulnerabilities; use another category",
                facts.category
            ),
        );
    }
}

/// In 2.0 a reference without category is external, by the schema's default;
/// the test suite of 2.1 wants it said.
pub(in crate::csaf) fn external_reference(facts: &Facts<'_>, findings: &mut Findings) {
    let unsaid = match facts.standard {
        Standard::V2_0 => "external",
        Standard::V2_1 => "",
    };
    let root = Path::Root;
    if !facts
        .document
        .list("references")
        .iter()
        .any(|reference| reference.text("category").unwrap_or(unsaid) == "external")
    {
        findings.add(
            "6.1.27.2",
            &root.key("document").key("references"),
            format!(
                "`{}` must have a reference of category external",
                facts.category
            ),
        );
    }
}

fn notes_and_references(facts: &Facts<'_>, findings: &mut Findings) {
    let root = Path::Root;
    let document = root.key("document");
    let notes = facts.document.list("notes");
    if !notes.iter().any(|note| {
        matches!(
            note.text("category"),
            Some("description" | "details" | "general" | "summary")
        )
    }) {
        findings.add(
            "6.1.27.1",
            &document.key("notes"),
            format!(
                "`{}` must have a note of category description, details, general or summary",
                facts.category
            ),
        );
    }
    external_reference(facts, findings);
}

pub(in crate::csaf) fn tree_and_vulnerabilities(facts: &Facts<'_>, findings: &mut Findings) {
    let root = Path::Root;
    for (test, key) in [
        ("6.1.27.4", "product_tree"),
        ("6.1.27.11", "vulnerabilities"),
    ] {
        if facts.root.get(key).is_none() {
            findings.add(
                test,
                &root.key(key),
                format!("`{}` must have the element `{key}`", facts.category),
            );
        }
    }
}

fn vulnerability_notes(facts: &Facts<'_>, findings: &mut Findings) {
    facts.each_vulnerability(&mut |vulnerability, path| {
        if vulnerability.get("notes").is_none() {
            findings.add(
                "6.1.27.5",
                &path.key("notes"),
                format!(
                    "in `{}` every vulnerability must have notes",
                    facts.category
                ),
            );
        }
    });
}

fn vex(facts: &Facts<'_>, findings: &mut Findings) {
    let mut marks = facts.marks();
    facts.each_vulnerability(&mut |vulnerability, path| {
        vex_status(vulnerability, path, findings);
        if facts.standard == Standard::V2_0
            && vulnerability.get("cve").is_none()
            && vulnerability.get("ids").is_none()
        {
            findings.add("6.1.27.8", path, "needs at least one of `cve`, `ids`");
        }
        statements(facts, vulnerability, path, &mut marks, findings);
    });
}

fn vex_status(vulnerability: &Node<'_>, path: &Path<'_>, findings: &mut Findings) {
    const NEEDED: [&str; 4] = [
        "fixed",
        "known_affected",
        "known_not_affected",
        "under_investigation",
    ];
    let status = vulnerability.get("product_status");
    if !NEEDED
        .iter()
        .any(|key| status.is_some_and(|status| status.get(key).is_some()))
    {
        findings.add(
            "6.1.27.7",
            &path.key("product_status"),
            "needs at least one of `fixed`, `known_affected`, `known_not_affected`, `under_investigation`",
        );
    }
}

fn statements<'d>(
    facts: &Facts<'d>,
    vulnerability: &'d Node<'d>,
    path: &Path<'_>,
    marks: &mut Marks<()>,
    findings: &mut Findings,
) {
    let Some(status) = vulnerability.get("product_status") else {
        return;
    };
    let path = path.key("product_status");
    let impact = facts.coverage(
        vulnerability.list("flags").iter().chain(
            vulnerability
                .list("threats")
                .iter()
                .filter(|threat| threat.text("category") == Some("impact")),
        ),
        marks,
    );
    if impact.is_some() {
        facts.each_id(status, "known_not_affected", &path, &mut |product, path| {
            if !marks.has(product.index()) {
                let id = facts.id(product);
                findings.add(
                    "6.1.27.9",
                    path,
                    format!(
                        "say in a flag or a threat of category impact why `{id}` is not affected"
                    ),
                );
            }
        });
    }
    let action = facts.coverage(vulnerability.list("remediations").iter(), marks);
    if action.is_some() {
        facts.each_id(status, "known_affected", &path, &mut |product, path| {
            if !marks.has(product.index()) {
                let id = facts.id(product);
                findings.add(
                    "6.1.27.10",
                    path,
                    format!("say in a remediation what users of `{id}` should do"),
                );
            }
        });
    }
}
