//! 6.2.38 usage of a deprecated profile, 6.2.39.2 to 6.2.39.13: advice for
//! profiles.

use crate::csaf::facts::Facts;
use crate::csaf::json::Node;
use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;
use crate::csaf::v2_1::phrases::{Phrase, is_english, translated};

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
                reasoning("6.2.39.2", title, facts, findings);
            }
        }
        "csaf_superseded" => {
            no_extensions(facts, findings);
            if let Some(title) = lang.and_then(|l| translated(l, Phrase::ReasoningForSupersession))
            {
                reasoning("6.2.39.3", title, facts, findings);
            }
            if let Some(summary) = lang.and_then(|l| translated(l, Phrase::SupersedingDocument)) {
                superseding(summary, facts, findings);
            }
        }
        "csaf_vulnerability_report" => {
            if let Some(lang) = lang {
                summaries(lang, facts, findings);
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

fn reasoning(test: &'static str, title: &str, facts: &Facts<'_>, findings: &mut Findings) {
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
        _ => findings.add(
            test,
            &notes,
            format!("there must be exactly one note with the title `{title}`"),
        ),
    }
}

fn superseding(summary: &str, facts: &Facts<'_>, findings: &mut Findings) {
    let root = Path::Root;
    let document = root.key("document");
    let references = document.key("references");
    let mut found = false;
    for (index, reference) in facts.document.list("references").iter().enumerate() {
        if reference
            .text("summary")
            .is_some_and(|s| s.starts_with(summary))
        {
            found = true;
            if reference.text("category") != Some("external") {
                findings.add(
                    "6.2.39.4",
                    &references.index(index),
                    format!("the reference `{summary}` must say that its category is external"),
                );
            }
        }
    }
    if !found {
        findings.add(
            "6.2.39.4",
            &references,
            format!("there must be a reference with a summary that begins with `{summary}`"),
        );
    }
}

fn summaries(lang: &str, facts: &Facts<'_>, findings: &mut Findings) {
    let wanted = [
        (translated(lang, Phrase::VulnerabilitySummary), "summary"),
        (translated(lang, Phrase::CveDescription), "description"),
    ];
    if wanted.iter().all(|(title, _)| title.is_none()) {
        return;
    }
    facts.each_vulnerability(&mut |vulnerability, path| {
        let notes = path.key("notes");
        let mut found = false;
        for (index, note) in vulnerability.list("notes").iter().enumerate() {
            let Some(title) = note.text("title") else {
                continue;
            };
            let Some((_, category)) = wanted.iter().find(|(wanted, _)| *wanted == Some(title))
            else {
                continue;
            };
            found = true;
            if note.text("category") != Some(category) {
                findings.add(
                    "6.2.39.6",
                    &notes.index(index).key("category"),
                    format!("a note with this title must have the category {category}"),
                );
            }
        }
        if !found {
            findings.add(
                "6.2.39.6",
                &notes,
                "there is no note with the title of a summary or CVE description in the document's language",
            );
        }
    });
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
