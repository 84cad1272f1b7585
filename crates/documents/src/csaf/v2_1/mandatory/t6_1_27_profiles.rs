//! 6.1.27.1 to 6.1.27.12 and 6.1.27.14 to 6.1.27.20: what the profiles ask for
//! beyond the base.

use std::collections::HashSet;

use crate::csaf::facts::{Facts, each_text};
use crate::csaf::json::Node;
use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;
use crate::csaf::v2_0::mandatory::t6_1_27_profiles as v2_0;
use crate::csaf::v2_1::phrases::is_english;

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    match facts.category {
        "csaf_informational_advisory" => {
            v2_0::notes_and_references(facts, findings);
            v2_0::no_vulnerabilities(facts, findings);
        }
        "csaf_security_incident_response" => v2_0::notes_and_references(facts, findings),
        "csaf_security_advisory" => {
            v2_0::tree_and_vulnerabilities(facts, findings);
            v2_0::vulnerability_notes(facts, findings);
            v2_0::product_status(facts, findings);
            affected(facts, findings);
            facts.each_vulnerability(&mut |vulnerability, path| {
                ids(facts, vulnerability, path, findings);
            });
        }
        "csaf_deprecated_security_advisory" => {
            v2_0::tree_and_vulnerabilities(facts, findings);
            v2_0::vulnerability_notes(facts, findings);
            v2_0::product_status(facts, findings);
        }
        "csaf_vex" => {
            v2_0::tree_and_vulnerabilities(facts, findings);
            v2_0::vulnerability_notes(facts, findings);
            facts.each_vulnerability(&mut |vulnerability, path| {
                v2_0::vex_status(vulnerability, path, findings);
                ids(facts, vulnerability, path, findings);
                v2_0::statements(facts, vulnerability, path, findings);
            });
        }
        "csaf_withdrawn" => {
            ended(facts, findings);
            reasoning("6.1.27.17", "Reasoning for Withdrawal", facts, findings);
        }
        "csaf_superseded" => {
            v2_0::external_reference(facts, findings);
            ended(facts, findings);
            reasoning("6.1.27.18", "Reasoning for Supersession", facts, findings);
            superseding(facts, findings);
        }
        "csaf_vulnerability_report" => {
            v2_0::tree_and_vulnerabilities(facts, findings);
            facts.each_vulnerability(&mut |vulnerability, path| {
                ids(facts, vulnerability, path, findings);
            });
            report(facts, findings);
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
    let (Some(named), Some(status)) = (
        facts.coverage(ids.iter()),
        vulnerability.get("product_status"),
    ) else {
        return;
    };
    let path = path.key("product_status");
    for (key, _) in status.members() {
        each_text(status, key, &path, &mut |id, path| {
            if !named.contains(id) {
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

fn reasoning(test: &'static str, title: &str, facts: &Facts<'_>, findings: &mut Findings) {
    if !is_english(facts.document.text("lang")) {
        return;
    }
    let root = Path::Root;
    let document = root.key("document");
    let notes = document.key("notes");
    let mut titled = facts
        .document
        .list("notes")
        .iter()
        .enumerate()
        .filter(|(_, note)| note.text("title") == Some(title));
    match (titled.next(), titled.next()) {
        (Some((index, note)), None) => {
            if note.text("category") != Some("description") {
                findings.add(
                    test,
                    &notes.index(index).key("category"),
                    format!("the note `{title}` must have the category description"),
                );
            }
        }
        (first, _) => findings.add(
            test,
            &notes,
            format!(
                "there must be exactly one note with the title `{title}`, there {}",
                if first.is_some() {
                    "are more"
                } else {
                    "is none"
                }
            ),
        ),
    }
}

fn superseding(facts: &Facts<'_>, findings: &mut Findings) {
    const SUMMARY: &str = "Superseding Document";
    if !is_english(facts.document.text("lang")) {
        return;
    }
    let root = Path::Root;
    let document = root.key("document");
    let references = document.key("references");
    let mut found = false;
    for (index, reference) in facts.document.list("references").iter().enumerate() {
        if !reference
            .text("summary")
            .is_some_and(|summary| summary.starts_with(SUMMARY))
        {
            continue;
        }
        found = true;
        if reference.text("category") != Some("external") {
            findings.add(
                "6.1.27.19",
                &references.index(index),
                format!("the reference `{SUMMARY}` must say that its category is external"),
            );
        }
    }
    if !found {
        findings.add(
            "6.1.27.19",
            &references,
            format!("there must be a reference with a summary that begins with `{SUMMARY}`"),
        );
    }
}

fn report(facts: &Facts<'_>, findings: &mut Findings) {
    if !is_english(facts.document.text("lang")) {
        return;
    }
    let titles: HashSet<(&str, &str)> = [
        ("vulnerability summary", "summary"),
        ("cve description", "description"),
    ]
    .into();
    facts.each_vulnerability(&mut |vulnerability, path| {
        let notes = path.key("notes");
        let mut found = false;
        for (index, note) in vulnerability.list("notes").iter().enumerate() {
            let title = note.text("title").unwrap_or_default().trim().to_lowercase();
            let Some((_, category)) = titles.iter().find(|(wanted, _)| *wanted == title) else {
                continue;
            };
            found = true;
            if note.text("category") != Some(category) {
                findings.add(
                    "6.1.27.20",
                    &notes.index(index).key("category"),
                    format!("a note with this title must have the category {category}"),
                );
            }
        }
        if !found {
            findings.add(
                "6.1.27.20",
                &notes,
                "there must be a note with the title `Vulnerability Summary` or `CVE Description`",
            );
        }
    });
}
