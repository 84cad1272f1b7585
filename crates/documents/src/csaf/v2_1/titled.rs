//! Notes and references that profiles ask for by their title or summary, in
//! English (mandatory) or in the language of the document (recommended).

use crate::csaf::facts::Facts;
use crate::csaf::pointer::Path;
use crate::csaf::report::Findings;

/// There must be exactly one note of a title in the document, and it must have
/// the category.
pub(super) fn one_note(
    test: &'static str,
    title: &str,
    category: &str,
    facts: &Facts<'_>,
    findings: &mut Findings,
) {
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
            if note.text("category") != Some(category) {
                findings.add(
                    test,
                    &notes.index(index).key("category"),
                    format!("the note `{title}` must have the category {category}"),
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

/// There must be a reference whose summary begins so, and all that do must be
/// external.
pub(super) fn superseding(
    test: &'static str,
    summary: &str,
    facts: &Facts<'_>,
    findings: &mut Findings,
) {
    let root = Path::Root;
    let document = root.key("document");
    let references = document.key("references");
    let mut found = false;
    for (index, reference) in facts.document.list("references").iter().enumerate() {
        if !reference
            .text("summary")
            .is_some_and(|given| given.starts_with(summary))
        {
            continue;
        }
        found = true;
        if reference.text("category") != Some("external") {
            findings.add(
                test,
                &references.index(index),
                format!("the reference `{summary}` must say that its category is external"),
            );
        }
    }
    if !found {
        findings.add(
            test,
            &references,
            format!("there must be a reference with a summary that begins with `{summary}`"),
        );
    }
}

/// Every vulnerability must have a note of one of the titles, with its category;
/// letter case and white space around a title do not count.
pub(super) fn summaries(
    test: &'static str,
    titles: &[(&str, &str)],
    facts: &Facts<'_>,
    findings: &mut Findings,
) {
    let wanted: Vec<_> = titles
        .iter()
        .map(|(title, category)| (title.to_lowercase(), *category))
        .collect();
    facts.each_vulnerability(&mut |vulnerability, path| {
        let notes = path.key("notes");
        let mut found = false;
        for (index, note) in vulnerability.list("notes").iter().enumerate() {
            let title = note.text("title").unwrap_or_default().trim().to_lowercase();
            let Some((_, category)) = wanted.iter().find(|(wanted, _)| *wanted == title) else {
                continue;
            };
            found = true;
            if note.text("category") != Some(category) {
                findings.add(
                    test,
                    &notes.index(index).key("category"),
                    format!("a note with this title must have the category {category}"),
                );
            }
        }
        if !found {
            let titles: Vec<_> = titles
                .iter()
                .map(|(title, _)| format!("`{title}`"))
                .collect();
            findings.add(
                test,
                &notes,
                format!(
                    "there must be a note with the title {}",
                    titles.join(" or ")
                ),
            );
        }
    });
}
