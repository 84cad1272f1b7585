//! 6.2.38 usage of a deprecated profile, 6.2.39.2 to 6.2.39.13: advice for
//! profiles.

use crate::csaf::facts::Facts;
use crate::csaf::json::Node;
use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;
use crate::csaf::v2_1::phrases::{Phrase, is_english, translated};
use crate::csaf::v2_1::titled::{one_note, summaries, superseding};

pub(super) fn run(facts: &Facts<'_>, findings: &mut Findings) {
    let root = Path::Root;
    let document = root.key("document");
    if facts.category.starts_with("csaf_deprecated_") {
        findings.add(
            "6.2.38",
            &document.key("category"),
            format!("the profile `{}` is deprecated", facts.category),
        );
    }
    let lang = facts
        .document
        .text("lang")
        .filter(|lang| !is_english(Some(lang)));
    match facts.category {
        "csaf_withdrawn" => {
            no_extensions(facts, findings);
            if let Some(title) = lang.and_then(|l| translated(l, Phrase::ReasoningForWithdrawal)) {
                one_note("6.2.39.2", title, "description", facts, findings);
            }
        }
        "csaf_superseded" => {
            no_extensions(facts, findings);
            if let Some(title) = lang.and_then(|l| translated(l, Phrase::ReasoningForSupersession))
            {
                one_note("6.2.39.3", title, "description", facts, findings);
            }
            if let Some(summary) = lang.and_then(|l| translated(l, Phrase::SupersedingDocument)) {
                superseding("6.2.39.4", summary, facts, findings);
            }
        }
        "csaf_vulnerability_report" => {
            if let Some(lang) = lang {
                let titles: Vec<_> = [
                    (translated(lang, Phrase::VulnerabilitySummary), "summary"),
                    (translated(lang, Phrase::CveDescription), "description"),
                ]
                .into_iter()
                .filter_map(|(title, category)| Some((title?, category)))
                .collect();
                if !titles.is_empty() {
                    summaries("6.2.39.6", &titles, facts, findings);
                }
            }
            report(facts, findings);
        }
        _ => {}
    }
}

fn no_extensions(facts: &Facts<'_>, findings: &mut Findings) {
    let root = Path::Root;
    let document = root.key("document");
    for (node, path) in [(facts.root, &root), (facts.document, &document)] {
        if node.get("x_extensions").is_some() {
            findings.add(
                "6.2.39.5",
                &path.key("x_extensions"),
                format!("`{}` should not hold extensions", facts.category),
            );
        }
    }
}

fn report(facts: &Facts<'_>, findings: &mut Findings) {
    let root = Path::Root;
    let document = root.key("document");
    for (test, key) in [
        ("6.2.39.7", "acknowledgments"),
        ("6.2.39.8", "aggregate_severity"),
    ] {
        if facts.document.get(key).is_none() {
            findings.add(
                test,
                &document.key(key),
                format!("a vulnerability report should have `{key}`"),
            );
        }
    }
    if facts
        .document
        .at(&["distribution", "tlp", "label"])
        .and_then(Node::as_str)
        != Some("AMBER")
    {
        findings.add(
            "6.2.39.9",
            &document.key("distribution").key("tlp").key("label"),
            "a vulnerability report should be TLP:AMBER",
        );
    }
    facts.each_vulnerability(&mut |vulnerability, path| {
        for (test, key) in [
            ("6.2.39.10", "metrics"),
            ("6.2.39.11", "references"),
            ("6.2.39.12", "threats"),
            ("6.2.39.13", "title"),
        ] {
            if vulnerability.get(key).is_none() {
                findings.add(
                    test,
                    &path.key(key),
                    format!("in a vulnerability report a vulnerability should have `{key}`"),
                );
            }
        }
    });
}
